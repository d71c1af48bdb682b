package statfile

import (
	"math"
	"time"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// A clock tells how a format counts time: its day 0, as days from 1970-01-01,
// and how many of its units make a day.
type clock struct {
	epoch int64
	units float64
}

const day1960 = -3653 // 1960-01-01

var (
	spssSeconds = clock{epoch: -141428, units: 86400} // from 1582-10-14
	sasDays     = clock{epoch: day1960, units: 1}
	seconds1960 = clock{epoch: day1960, units: 86400}
	millis1960  = clock{epoch: day1960, units: dayMillis}
)

const dayMillis = 86400e3

// moment writes a date, a date-time or a time of day. A date that is stored
// with a time of day becomes a date-time, and what no calendar writes (a part
// of a day, a year beyond 9999) stays the number it is: a reader that asks for
// a date then says so.
func (p *printer) moment(x float64, c clock, kind sheet.Kind) sheet.Cell {
	if p.moments == nil {
		p.moments = new([memoSize]moment)
	}
	m := &p.moments[slot(math.Float64bits(x)+uint64(kind))]
	if m.text == "" || m.value != x || m.kind != kind || m.clock != c {
		out, written := appendMoment(p.scratch[:0], x, c, kind)
		p.scratch = out
		*m = moment{value: x, text: p.keep(out), kind: kind, clock: c, written: written}
	}
	return sheet.Cell{Text: m.text, Kind: m.written}
}

// moment is a memo of one.
type moment struct {
	value         float64
	text          string
	clock         clock
	kind, written sheet.Kind
}

func appendMoment(b []byte, x float64, c clock, kind sheet.Kind) ([]byte, sheet.Kind) {
	asNumber := func() ([]byte, sheet.Kind) { return appendNumber(b, x), sheet.Number }
	// Dates lie within ±4 million days; a product beyond that is no moment.
	if math.Abs(x)/c.units > 4e6 || c.units == 1 && x != math.Trunc(x) {
		return asNumber()
	}
	millis := int64(math.Round(x * (dayMillis / c.units)))
	if kind == sheet.Time {
		if millis < 0 {
			b, millis = append(b, '-'), -millis
		}
		return appendClock(b, millis), sheet.Time
	}
	day := millis / dayMillis
	millis -= day * dayMillis
	if millis < 0 {
		day, millis = day-1, millis+dayMillis
	}
	y, month, d := time.Unix((day+c.epoch)*86400, 0).UTC().Date()
	if y < 1 || y > 9999 {
		return asNumber()
	}
	b = append(b, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-')
	b = append(two(b, int64(month)), '-')
	b = two(b, int64(d))
	if kind == sheet.Date && millis == 0 {
		return b, sheet.Date
	}
	return appendClock(append(b, 'T'), millis), sheet.DateTime
}

// appendClock writes hours, minutes and seconds, with thousandths only where
// there are. Hours may be more than 23: a time may be a span.
func appendClock(b []byte, millis int64) []byte {
	s := millis / 1000
	if h := s / 3600; h > 99 {
		b = appendNumber(b, float64(h))
	} else {
		b = two(b, h)
	}
	b = two(append(b, ':'), s/60%60)
	b = two(append(b, ':'), s%60)
	if f := millis % 1000; f != 0 {
		b = append(b, '.', byte('0'+f/100), byte('0'+f/10%10), byte('0'+f%10))
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return b
}

func two(b []byte, n int64) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
