package statfile

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// variable reads a record of type 2: a variable, or eight more bytes of the
// text before it.
func (f *savFile) variable(c *cursor) {
	c.part = "variable"
	width, labeled, missing, format := c.i32(), c.i32(), c.i32(), c.u32()
	c.take(4) // how it is written out
	name := c.take(8)
	if c.fault != nil {
		return
	}
	lacking := 0
	if n := len(f.vars); n > 0 {
		lacking = f.vars[n-1].at/8 + elementsOf(f.vars[n-1].width) - len(f.starts)
	}
	v := savVariable{name: name, width: int(width), storage: int(width), at: 8 * len(f.starts), format: byte(format >> 16)}
	if labeled == 1 {
		n := c.i32()
		v.label = c.take(n)
		c.take(-n & 3) // up to a multiple of four
	}
	// Numbers and texts may have three codes; two and three below zero are a
	// range of numbers, without and with a code.
	switch {
	case missing == -2 || missing == -3:
		v.ranged = true
		missing = -missing
	case missing < 0 || missing > 3:
		c.damage()
		return
	}
	for range missing {
		v.missing = append(v.missing, c.take(8))
	}
	switch {
	case c.fault != nil:
	case width == -1 && lacking > 0:
		f.starts = append(f.starts, -1)
	case width < 0 || width > 255 || lacking > 0 || labeled < 0 || labeled > 1 || v.ranged && width > 0:
		c.damage()
	default:
		f.starts = append(f.starts, len(f.vars))
		f.vars = append(f.vars, v)
	}
}

// elementsOf is how many times eight bytes a value takes.
func elementsOf(width int) int { return max(1, (width+7)/8) }

// wordsAllowed bounds the bytes of words that variables share.
const wordsAllowed = 32 << 20

// valueLabels reads a record of type 3, the words of values, and the record of
// type 4 behind it, which tells whose they are.
func (f *savFile) valueLabels(c *cursor) {
	c.part = "labels"
	var labels []savLabel
	for n := c.i32(); n > 0 && c.fault == nil; n-- {
		l := savLabel{value: c.take(8)}
		size := int64(c.u8())
		l.word = c.take(size)
		c.take(-(size + 1) & 7)
		labels = append(labels, l)
	}
	if c.i32() != 4 {
		c.damage()
	}
	for n := c.i32(); n > 0 && c.fault == nil; n-- {
		i := c.i32() - 1
		if i < 0 || i >= int64(len(f.starts)) || f.starts[i] < 0 {
			c.damage()
			return
		}
		v := &f.vars[f.starts[i]]
		for _, l := range labels {
			// A label of a text that is longer than its field is of no value here.
			if w := v.width; w > 0 && w < 8 {
				if len(bytes.Trim(l.value[w:], " \x00")) > 0 {
					continue
				}
				l.value = l.value[:w]
			}
			// Many variables may share many words: there is a bound to what a
			// small file can become.
			if f.words += 32 + len(l.word); f.words > wordsAllowed+4*len(f.src) {
				c.damage()
				return
			}
			v.labels = append(v.labels, l)
		}
	}
}

// extension reads a record of type 7.
func (f *savFile) extension(c *cursor) {
	c.part = "dictionary"
	subtype, size, count := c.i32(), c.i32(), c.i32()
	if size < 0 || count < 0 || size > 1<<20 {
		c.damage()
		return
	}
	b := c.take(size * count)
	if b == nil {
		return
	}
	in := &cursor{b: b, order: f.order, part: "dictionary"}
	switch subtype {
	case 3: // about the machine: eight numbers, the last is the code page
		if size == 4 && count >= 8 {
			in.take(28)
			f.page = in.i32()
		}
	case 4: // about numbers: system-missing, highest, lowest
		if size == 8 && count >= 1 {
			f.sysmis = in.f64()
		}
	case 13:
		f.long = b
	case 14:
		f.veryLong = b
	case 16: // 1, and the number of cases
		if size == 8 && count >= 2 {
			in.take(8)
			cases := in.i64()
			if cases >= 0 && f.cases >= 0 && cases != f.cases && cases < 1<<31 {
				c.fault = wrongCount(f.cases, cases)
			}
			if cases >= 0 {
				f.cases = cases
			}
		}
	case 20:
		name := strings.Trim(string(b), " \x00")
		if f.set = named(name); f.set == nil {
			c.fault = unknownSet(name)
		}
	case 21:
		f.longLabels = b
	case 22:
		f.longMissing = b
	}
}

// pairs splits "A=x\tB=y" into names and values.
func pairs(b []byte, each func(name, value []byte)) {
	for pair := range bytes.SplitSeq(b, []byte{'\t'}) {
		if name, value, ok := bytes.Cut(pair, []byte{'='}); ok {
			each(bytes.Trim(name, " \x00"), bytes.Trim(value, " \x00"))
		}
	}
}

func trimmed(b []byte) []byte { return bytes.TrimRight(b, " \x00") }

// mergeSegments joins the variables that together hold a text of more than 255
// bytes: each but the last holds 255, and there is one for every 252.
func (f *savFile) mergeSegments() (fault *sheet.Fault) {
	widths := map[string]int{}
	pairs(f.veryLong, func(name, value []byte) {
		if n, err := strconv.Atoi(string(value)); err == nil {
			widths[string(name)] = n
		}
	})
	for i := range f.vars {
		v := &f.vars[i]
		width := widths[string(trimmed(v.name))]
		if v.merged || width <= 255 {
			continue
		}
		n := (width + 251) / 252
		if n > len(f.vars)-i {
			return damaged("variable", f.data)
		}
		left := width
		for j := range n {
			s := &f.vars[i+j]
			used := min(255, left)
			if s.width == 0 || used > 8*elementsOf(s.width) {
				return damaged("variable", f.data)
			}
			s.merged = j > 0
			left -= used
		}
		v.segments, v.width = n, width
	}
	return nil
}

// longStrings reads the labels and missing codes of texts of more than eight
// bytes.
func (f *savFile) longStrings() *sheet.Fault {
	vars := map[string]*savVariable{}
	for i := range f.vars {
		vars[string(trimmed(f.vars[i].name))] = &f.vars[i]
	}
	pairs(f.long, func(short, long []byte) {
		if v := vars[string(short)]; v != nil {
			v.name = long
			vars[string(long)] = v
		}
	})
	c := &cursor{b: f.longLabels, order: f.order, part: "labels"}
	for c.fault == nil && c.at < len(c.b) {
		v := vars[string(trimmed(c.take(c.i32())))]
		c.take(4) // the width
		for n := c.i32(); n > 0 && c.fault == nil; n-- {
			l := savLabel{value: c.take(c.i32())}
			l.word = c.take(c.i32())
			if v != nil && v.width > 0 && c.fault == nil {
				v.labels = append(v.labels, l)
			}
		}
	}
	if c.fault != nil {
		return c.fault
	}
	c = &cursor{b: f.longMissing, order: f.order, part: "dictionary"}
	for c.fault == nil && c.at < len(c.b) {
		v := vars[string(trimmed(c.take(c.i32())))]
		n, size := c.u8(), c.i32()
		for range n {
			if code := c.take(size); v != nil && v.width > 0 && code != nil {
				v.missing = append(v.missing, code)
			}
		}
	}
	return c.fault
}

// kindOf is what a print format says of a number.
func kindOf(format byte) sheet.Kind {
	switch format {
	case 20, 23, 24, 28, 29, 30, 38, 39: // DATE, ADATE, JDATE, MOYR, QYR, WKYR, EDATE, SDATE
		return sheet.Date
	case 22, 41: // DATETIME, YMDHMS
		return sheet.DateTime
	case 21, 25, 40: // TIME, DTIME, MTIME
		return sheet.Time
	}
	return sheet.Number
}

// columns says what the dictionary says of each variable.
func (f *savFile) columns(p *printer) []sheet.Column {
	var out []sheet.Column
	for i := range f.vars {
		v := &f.vars[i]
		if v.merged {
			continue
		}
		c := sheet.Column{Name: p.text(v.name), Label: p.text(v.label), Kind: sheet.Text}
		write := p.text
		if v.width == 0 {
			c.Kind = kindOf(v.format)
			write = func(b []byte) string { return f.number(p, b, c.Kind).Text }
		}
		for _, l := range v.labels {
			if value := write(l.value); value != "" {
				c.Labels = append(c.Labels, sheet.Label{Value: value, Word: p.text(l.word)})
			}
		}
		codes := v.missing
		if v.ranged {
			c.Ranged = true
			c.Range = [2]float64{f.float(codes[0]), f.float(codes[1])}
			codes = codes[2:]
		}
		for _, code := range codes {
			c.Missing = append(c.Missing, write(code))
		}
		out = append(out, c)
	}
	return out
}
