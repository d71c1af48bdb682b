package statfile

import (
	"math"
	"strings"
	"time"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// dtaKind is what a Stata format says of a number: its kind and clock. OfDay is
// a format that writes the hours of a date-time as those of a time.
type dtaKind struct {
	kind   sheet.Kind
	clock  clock
	ofDay  bool
	leaps  bool // the clock counts leap seconds
	period byte // days are counted in weeks, months, quarters or half-years: w m q h
	trade  bool // business days of a calendar that the file does not have
}

// dtaFormat reads a format as "%td" or "%-tcHH:MM".
func dtaFormat(format string) dtaKind {
	k := dtaKind{kind: sheet.Number}
	f := strings.TrimPrefix(strings.TrimPrefix(format, "%"), "-")
	if len(f) == len(format) || f == "" {
		return k
	}
	if f[0] == 'd' { // as %td was called before
		f = "t" + f
	}
	if f[0] != 't' || len(f) < 2 {
		return k
	}
	switch unit := f[1]; unit {
	case 'd':
		k.kind, k.clock = sheet.Date, sasDays
	case 'c', 'C':
		k.kind, k.clock, k.leaps = sheet.DateTime, millis1960, unit == 'C'
		if k.ofDay = timeOnly(f[2:]); k.ofDay {
			k.kind = sheet.Time
		}
	case 'w', 'm', 'q', 'h':
		k.kind, k.clock, k.period = sheet.Date, sasDays, unit
	case 'b':
		k.trade = true
	}
	return k
}

// timeOnly reports whether what a format writes of a date-time is the time of
// day alone: its parts are hours, minutes and seconds, and no others.
func timeOnly(parts string) bool {
	rest := partsOfTime.Replace(parts)
	return parts != rest && !strings.ContainsFunc(rest, func(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' })
}

var partsOfTime = strings.NewReplacer("HH", "", "Hh", "", "hH", "", "hh", "", "H", "", "h", "", "MM", "", "mm", "", "SS", "", "ss", "",
	".sss", "", ".ss", "", ".s", "", "a.m.", "", "A.M.", "", "am", "", "AM", "")

// days turns a count of periods from 1960 into the first day of one. A week of
// Stata begins on January 1 or a multiple of seven days after it, and a year
// has 52.
func days(x float64, period byte) (float64, bool) {
	per := map[byte]int64{'w': 52, 'm': 12, 'q': 4, 'h': 2}[period]
	if x != math.Trunc(x) || math.Abs(x) > 1e6 {
		return 0, false
	}
	n := int64(x)
	year := n / per
	if n -= year * per; n < 0 {
		year, n = year-1, n+per
	}
	if year < 1-1960 || year > 9999-1960 {
		return 0, false
	}
	day := int64(1)
	if period == 'w' {
		day, n = 7*n+1, 0
	}
	at := time.Date(int(1960+year), time.Month(1+12/per*n), int(day), 0, 0, 0, 0, time.UTC)
	return float64(at.Unix()/86400 - day1960), true
}

// leapDays are the days, from 1970-01-01, that ended with a leap second (IERS,
// Bulletin C), up to the last that was announced.
var leapDays = func() (out []int64) {
	for day := range strings.FieldsSeq("720630 721231 731231 741231 751231 761231 771231 781231 791231 810630 820630 830630 850630 871231 891231 901231 920630 930630 940630 " +
		"951231 970630 981231 051231 081231 120630 150630 161231") {
		t, err := time.Parse("060102", day)
		if err != nil {
			panic(err)
		}
		out = append(out, t.Unix()/86400)
	}
	return out
}()

// withoutLeaps turns milliseconds that count leap seconds into those of days of
// 86,400 seconds. Within tells that the moment lies in a leap second: it is
// shown as the second before, with 60 in place of 59.
func withoutLeaps(x float64) (millis float64, within bool) {
	for i := len(leapDays) - 1; i >= 0; i-- {
		// When the leap second begins, by its own count.
		begin := float64(leapDays[i]+1-day1960)*dayMillis + float64(i)*1000
		if x >= begin {
			return x - float64(i+1)*1000, x < begin+1000
		}
	}
	return x, false
}

// stata makes a cell of a number of a format.
func (p *printer) stata(x float64, k *dtaKind) sheet.Cell {
	kind := k.kind
	switch {
	case k.period != 0:
		day, ok := days(x, k.period)
		if !ok {
			kind, day = sheet.Number, x
		}
		x = day
	case k.leaps:
		millis, within := withoutLeaps(x)
		if c := p.stataMoment(millis, k); within && c.Kind == sheet.DateTime {
			return sheet.Cell{Text: c.Text[:len("2006-01-02T15:04:")] + "60" + c.Text[len("2006-01-02T15:04:05"):], Kind: c.Kind}
		} else if c.Kind != sheet.Number {
			return c
		}
		kind = sheet.Number
	case k.ofDay:
		return p.stataMoment(x, k)
	}
	return p.cell(x, k.clock, kind)
}

// stataMoment makes a cell of a date-time; the hours of one beyond the first
// day are no time of day, whatever is shown of it.
func (p *printer) stataMoment(x float64, k *dtaKind) sheet.Cell {
	kind := k.kind
	if k.ofDay && (x < 0 || x >= dayMillis) {
		kind = sheet.DateTime
	}
	return p.cell(x, k.clock, kind)
}
