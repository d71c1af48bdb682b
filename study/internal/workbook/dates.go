package workbook

import (
	"math"
	"strings"
	"time"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// Serials of dates: days since a day before the first, with the time of the
// day behind the point (ECMA-376 part 1, 18.17.4).
const (
	lastSerial     = 2958465 // 9999-12-31 of the 1900 system
	lastSerial1904 = 2957003
	milliseconds   = 24 * 60 * 60 * 1000
)

// noDate is what a workbook shows for a serial that no date has.
const noDate = "########"

// dated makes a date, a time or both of a serial. written is the serial as the
// file has it: its last digit tells how exactly the time is known.
func (b *book) dated(x float64, written []byte, as shown) sheet.Cell {
	last := float64(lastSerial)
	if b.date1904 {
		last = lastSerial1904
	}
	if x < 0 && !(b.flat && as != asElapsed) || x >= last+1 || x <= -last {
		return sheet.Cell{Kind: sheet.Error, Text: noDate}
	}
	ms := wholeSeconds(int64(math.Round(x*milliseconds)), written)
	day, rest := floorDivide(ms, milliseconds)
	if as == asElapsed {
		return sheet.Cell{Kind: sheet.Time, Text: sheet.Clock(ms)}
	}
	if as == asEither {
		as = asDateTime
		if x > 0 && x < 1 {
			as = asTime
		}
	}
	if as == asTime && x >= 0 && x < 1 {
		if day > 0 { // it rounds to midnight
			rest = 0
		}
		return sheet.Cell{Kind: sheet.Time, Text: sheet.Clock(rest)}
	}
	date, exists := b.calendar(day)
	switch {
	case !exists:
		return sheet.Cell{Kind: sheet.Error, Text: date}
	case as == asDate && rest == 0:
		return sheet.Cell{Kind: sheet.Date, Text: date}
	}
	// A format of dates alone, and a value with a time, is both: nothing is cut.
	return sheet.Cell{Kind: sheet.DateTime, Text: date + "T" + sheet.Clock(rest)}
}

// wholeSeconds rounds to the second where the serial is not written exactly
// enough to tell it from one: 45351.4216782 is 10:07:13, not 10:07:12.996.
func wholeSeconds(ms int64, written []byte) int64 {
	rest := ms % 1000
	if rest == 0 {
		return ms
	}
	text := string(written)
	point := strings.IndexByte(text, '.')
	if point < 0 || strings.ContainsAny(text, "eE") {
		return ms
	}
	half := 0.5 * milliseconds * math.Pow(10, -float64(len(text)-point-1))
	near := ms - rest
	if rest >= 500 {
		near += 1000
	}
	if math.Abs(float64(near-ms)) <= half {
		return near
	}
	return ms
}

// calendar is the day of a whole serial, and whether the calendar has it. In
// the 1900 system day 60 is 29 February 1900, which never was, and day 0 is
// shown as 0 January.
func (b *book) calendar(n int64) (day string, exists bool) {
	switch {
	case b.date1904:
		return b.from(1904, time.January, 1, n), true
	case b.flat || n > 60:
		return b.from(1899, time.December, 30, n), true
	case n == 60:
		return "1900-02-29", false
	case n == 0:
		return "1900-01-00", false
	}
	return b.from(1899, time.December, 31, n), true
}

// from is the day so many days behind one, which is the same for equal numbers of
// one workbook: columns of dates repeat few of them.
func (b *book) from(y int, m time.Month, d int, days int64) string {
	memo := &b.days[uint64(days)%uint64(len(b.days))]
	if memo.text == "" || memo.number != days {
		memo.number, memo.text = days, time.Date(y, m, d, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days)).Format("2006-01-02")
	}
	return memo.text
}

func floorDivide(a, b int64) (quotient, rest int64) {
	quotient, rest = a/b, a%b
	if rest < 0 {
		quotient--
		rest += b
	}
	return quotient, rest
}
