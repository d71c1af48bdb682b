package workbook

import (
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/internal/xmlscan"
)

// shown is what a number format makes of a number.
type shown uint8

const (
	asNumber   shown = iota
	asDate           // days, months, years
	asTime           // hours, minutes, seconds of a day
	asDateTime       // both
	asElapsed        // hours that go on beyond 24
	asEither         // dates or times: the value tells
)

// style is what a cell's style says of its number.
type style struct {
	shown   shown
	percent bool
	// zeros: whole numbers are shown with at least so many digits, as ids are.
	zeros int
}

// readStyles reads the number formats and the styles of cells that use them.
func (b *book) readStyles(part string) error {
	s, err := b.zip.XML(part, spaces)
	if err != nil {
		return err
	}
	formats := map[int]style{}
	within := ""
	for s.Next() {
		if s.Kind != xmlscan.Start || s.Space != mainSpace {
			continue
		}
		if s.Depth() == 2 {
			within = string(s.Name)
		}
		if s.Depth() != 3 {
			continue
		}
		switch {
		case within == "numFmts" && string(s.Name) == "numFmt":
			code, _ := s.Attr("formatCode")
			f := format(string(code))
			id := number(s, "numFmtId")
			if old, twice := formats[id]; twice && old != f {
				f = both(old, f)
			}
			formats[id] = f
		case within == "cellXfs" && string(s.Name) == "xf":
			id := number(s, "numFmtId")
			f, custom := formats[id]
			if !custom {
				f = builtIn(id)
			}
			b.styles = append(b.styles, f)
		}
	}
	return s.Err()
}

// both is a format that the file defines twice, differently: which one is
// meant cannot be known, so a date is taken for what its value is.
func both(a, b style) style {
	if a.shown != asNumber && b.shown != asNumber {
		return style{shown: asEither}
	}
	return b
}

// number reads a whole number of the element just begun; 0 without one.
func number(s *xmlscan.Scanner, name string) int {
	v, _ := s.Attr(name)
	n, err := strconv.Atoi(string(v))
	if err != nil {
		return 0
	}
	return n
}

// builtIn is a format that files use without defining it (ECMA-376 part 1,
// 18.8.30). The numbers 27 to 36 and 50 to 58 are dates or times of East Asian
// languages, 71 to 81 of Thai, which differ between languages.
func builtIn(id int) style {
	switch {
	case id >= 14 && id <= 17:
		return style{shown: asDate}
	case id >= 18 && id <= 21, id == 45, id == 47:
		return style{shown: asTime}
	case id == 22:
		return style{shown: asDateTime}
	case id == 46:
		return style{shown: asElapsed}
	case id >= 27 && id <= 36, id >= 50 && id <= 58, id >= 71 && id <= 81:
		return style{shown: asEither}
	case id == 9, id == 10:
		return style{percent: true}
	}
	return style{}
}

// format reads a number format: up to four sections between semicolons, for
// positive, negative and zero numbers and for texts. Serials of dates are
// positive, so the first counts, but where conditions say otherwise.
func format(code string) style {
	conditional := strings.Contains(code, "[<") || strings.Contains(code, "[>") || strings.Contains(code, "[=")
	var out style
	for i, section := range sections(code) {
		f, text := readSection(section)
		switch {
		case text:
		case i == 0:
			out = f
		case conditional && out.shown != asNumber && f.shown != asNumber && f.shown != out.shown:
			out.shown = asEither
		}
	}
	return out
}

// sections cuts a format at the semicolons outside quotes and escapes.
func sections(code string) []string {
	var out []string
	from := 0
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '\\', '_', '*':
			i++
		case '"':
			if end := strings.IndexByte(code[i+1:], '"'); end >= 0 {
				i += end + 1
			}
		case '[':
			if end := strings.IndexByte(code[i:], ']'); end >= 0 {
				i += end
			}
		case ';':
			out = append(out, code[from:i])
			from = i + 1
		}
	}
	return append(out, code[from:])
}

// readSection reads one section of a format: its letters outside quotes,
// escapes and brackets. text: it is for texts.
func readSection(section string) (out style, text bool) {
	var letters []byte // of dates and times, m as written
	digits, zeros, other := false, 0, false
	s := strings.ToLower(section)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\\', '_', '*':
			i++
			other = true
		case '"':
			end := strings.IndexByte(s[i+1:], '"')
			if end < 0 {
				end = len(s) - i - 2
			}
			i += end + 1
			other = true
		case '[':
			end := strings.IndexByte(s[i:], ']')
			if end < 0 {
				end = len(s) - i - 1
			}
			if inside := s[i+1 : i+max(end, 1)]; strings.Trim(inside, "h") == "" || strings.Trim(inside, "m") == "" || strings.Trim(inside, "s") == "" {
				if inside != "" {
					letters = append(letters, 'E')
				}
			}
			i += end
		case 'g':
			if strings.HasPrefix(s[i:], "general") {
				i += len("general") - 1
				digits = true
				break
			}
			letters = append(letters, 'y') // an era
		case 'a':
			// AM/PM and A/P are times; aaa is a weekday.
			if strings.HasPrefix(s[i:], "am/pm") {
				i += len("am/pm") - 1
				letters = append(letters, 'h')
			} else if strings.HasPrefix(s[i:], "a/p") {
				i += len("a/p") - 1
				letters = append(letters, 'h')
			} else {
				letters = append(letters, 'd')
			}
		case 'e':
			// 0.00E+00 is a number; e is a year of an era.
			if digits && i+1 < len(s) && (s[i+1] == '+' || s[i+1] == '-') {
				break
			}
			letters = append(letters, 'y')
		case 'y', 'b':
			letters = append(letters, 'y')
		case 'd', 'm', 'h', 's':
			letters = append(letters, c)
		case '0':
			// Zeros behind the point of seconds are their decimals.
			if n := len(letters); n > 0 && (letters[n-1] == 's' || letters[n-1] == 'E' || letters[n-1] == '.') && i > 0 && (s[i-1] == '.' || s[i-1] == ',' || letters[n-1] == '.') {
				letters = append(letters, '.')
				break
			}
			digits = true
			zeros++
		case '#', '?':
			digits = true
			other = true
		case '%':
			digits = true
			out.percent = true
		case '@':
			text = true
		default:
			other = true
		}
	}
	if digits {
		// A letter beside digits is a unit that somebody forgot to quote.
		if !other && !out.percent && zeros > 1 && len(letters) == 0 {
			out.zeros = zeros
		}
		return out, text
	}
	out.shown = dateOrTime(letters)
	return out, text
}

// dateOrTime tells what the letters of a format show. An m is minutes behind
// hours and before seconds, else a month.
func dateOrTime(letters []byte) shown {
	date, time := false, false
	var last byte
	for i, c := range letters {
		switch c {
		case 'E':
			return asElapsed
		case 'y', 'd':
			date = true
		case 'h', 's':
			time = true
		case 'm':
			next := byte(0)
			for _, n := range letters[i:] {
				if n != 'm' {
					next = n
					break
				}
			}
			if last == 'h' || next == 's' {
				time = true
			} else {
				date = true
			}
		}
		if c != 'm' {
			last = c
		}
	}
	switch {
	case date && time:
		return asDateTime
	case date:
		return asDate
	case time:
		return asTime
	}
	return asNumber
}
