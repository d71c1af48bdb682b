package statfile

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// lowest is what system-missing is, unless record 7/4 says otherwise.
const lowest = -math.MaxFloat64

// savField is where a cell stands in a case: its bytes from at, of a text in
// pieces where it is very long.
type savField struct {
	kind   sheet.Kind
	at, to int
	pieces [][2]int
}

func (f *savFile) fields(columns []sheet.Column) []savField {
	out := make([]savField, 0, len(columns))
	for i := range f.vars {
		v := &f.vars[i]
		if v.merged {
			continue
		}
		field := savField{kind: columns[len(out)].Kind, at: v.at, to: v.at + max(8, v.width)}
		if v.width > 0 {
			field.to = v.at + v.width
		}
		left := v.width
		for j := range v.segments {
			at, used := f.vars[i+j].at, min(255, left)
			field.pieces = append(field.pieces, [2]int{at, at + used})
			left -= used
		}
		out = append(out, field)
	}
	return out
}

func (f *savFile) bits(b []byte) uint64 {
	if f.big {
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}

func (f *savFile) float(b []byte) float64 { return math.Float64frombits(f.bits(b)) }

// number makes a cell of a stored number.
func (f *savFile) number(p *printer, b []byte, kind sheet.Kind) sheet.Cell {
	x := f.float(b)
	if x == f.sysmis {
		return sheet.Cell{}
	}
	return p.cell(x, spssSeconds, kind)
}

// cell makes a cell of a number: what is no number is an error that the cell
// shows.
func (p *printer) cell(x float64, c clock, kind sheet.Kind) sheet.Cell {
	switch {
	case x != x:
		return sheet.Cell{Text: "NaN", Kind: sheet.Error}
	case x > math.MaxFloat64:
		return sheet.Cell{Text: "+Inf", Kind: sheet.Error}
	case x < -math.MaxFloat64:
		return sheet.Cell{Text: "-Inf", Kind: sheet.Error}
	case kind == sheet.Number:
		return sheet.Cell{Text: p.number(x), Kind: sheet.Number}
	}
	return p.moment(x, c, kind)
}

// fill makes the cells of the cases from lo to before hi.
func (f *savFile) fill(p *printer, cases caseReader, fields []savField, lo, hi int, cells []sheet.Cell) *sheet.Fault {
	var joined []byte
	for r := lo; r < hi; r++ {
		b := cases.next()
		if b == nil {
			return &sheet.Fault{Code: "file-stat-damaged", Args: damaged("rows", cases.at).Args, Row: r + 1, Column: 1}
		}
		for i := range fields {
			field := &fields[i]
			c := &cells[(r-lo)*len(fields)+i]
			switch {
			case field.kind != sheet.Text:
				*c = f.number(p, b[field.at:field.at+8], field.kind)
				continue
			case field.pieces == nil:
				c.Text = p.text(b[field.at:field.to])
			default:
				joined = joined[:0]
				for _, piece := range field.pieces {
					joined = append(joined, b[piece[0]:piece[1]]...)
				}
				c.Text = p.text(joined)
			}
			if c.Text != "" {
				c.Kind = sheet.Text
			}
		}
	}
	return nil
}

// savCases are the cases of a file, which several readers may read from where
// blocks begin.
type savCases struct {
	f      *savFile
	stream []byte
	size   int     // of a case
	per    int     // cases a block
	marks  []place // where blocks begin, of cases that are compressed
	texts  []bool  // which of the eight bytes of a case are text
	// values are the eight bytes that a code stands for: of a number, and of a text.
	// There is none where a code has no meaning.
	values [2][256][]byte
}

// meanings says what the codes of a compressed file mean.
func (s *savCases) meanings() {
	f := s.f
	s.texts = make([]bool, len(f.starts))
	for i, v := range f.starts {
		if v >= 0 {
			s.texts[i] = f.vars[v].storage > 0
		} else if i > 0 {
			s.texts[i] = s.texts[i-1]
		}
	}
	numbers, texts := &s.values[0], &s.values[1]
	for code := range 252 {
		numbers[code] = f.put(float64(code) - f.bias)
		if float64(code) == f.bias {
			texts[code] = make([]byte, 8)
		}
	}
	numbers[255], texts[254] = f.put(f.sysmis), []byte("        ")
}

// place is a place in a stream of codes: the group of eight codes, which of
// them comes next, and where the next value stands that no code gives.
type place struct{ group, next, literal int }

// caseReader reads one case after the other.
type caseReader struct {
	cases *savCases
	at    int // of a plain case
	place place
	buf   []byte
}

func (s savCases) from(row int) caseReader {
	r := caseReader{cases: &s, at: row * s.size}
	if s.marks != nil {
		r.place = s.marks[row/s.per]
		r.buf = make([]byte, s.size)
	}
	return r
}

// next returns the bytes of the next case, nil if a code does not fit.
func (r *caseReader) next() []byte {
	s := r.cases
	if s.marks == nil {
		r.at += s.size
		return s.stream[r.at-s.size : r.at]
	}
	stream, at := s.stream, r.place
	for i := 0; i < len(s.texts); {
		if at.next == 8 || at.group+at.next >= len(stream) {
			at = place{group: at.literal, literal: at.literal + 8}
		}
		code := stream[at.group+at.next]
		at.next++
		if code == 0 {
			continue
		}
		var value []byte
		switch {
		case code == 253:
			value = stream[at.literal : at.literal+8]
			at.literal += 8
		case s.texts[i]:
			value = s.values[1][code]
		default:
			value = s.values[0][code]
		}
		if value == nil {
			r.at = at.group
			return nil
		}
		copy(r.buf[8*i:8*i+8], value)
		i++
	}
	r.place = at
	return r.buf
}

// put is a number as the file stores it.
func (f *savFile) put(x float64) []byte {
	b := make([]byte, 8)
	f.order.PutUint64(b, math.Float64bits(x))
	return b
}

// openCases finds the cases and counts them, before memory is set aside for any.
func (f *savFile) openCases() (savCases, int, *sheet.Fault) {
	s := savCases{f: f, stream: f.src[f.data:], size: 8 * len(f.starts)}
	if n := len(f.vars); n == 0 || f.vars[n-1].at+8*elementsOf(f.vars[n-1].storage) != s.size {
		return s, 0, damaged("variable", f.data)
	}
	columns := 0
	for i := range f.vars {
		if !f.vars[i].merged {
			columns++
		}
	}
	s.per = rowsPerBlock(columns)
	var rows int64
	switch f.compression {
	case savPlain:
		rows = int64(len(s.stream) / s.size)
		rest := int64(len(s.stream) % s.size)
		switch {
		case f.cases >= 0 && rows != f.cases:
			return s, 0, wrongCount(f.cases, rows)
		case f.cases < 0 && rest > 0:
			return s, 0, cut("rows", int64(len(f.src))-rest, int64(s.size), rest)
		case len(bytes.Trim(s.stream[rows*int64(s.size):], "\x00\x1a\r\n ")) > 0: // the rows have shifted
			return s, 0, damaged("rows", len(f.src)-int(rest))
		}
		return s, int(rows), nil
	case savZlib:
		stream, fault := f.inflate()
		if fault != nil {
			return s, 0, fault
		}
		s.stream = stream
	}
	s.meanings()
	rows, fault := s.scan()
	if fault == nil {
		fault = tooLarge(rows, int64(columns), int64(len(f.src)))
	}
	return s, int(rows), fault
}

// scan counts the cases of a compressed stream and marks where blocks begin.
// Code 0 fills, 252 ends, 253 stands for eight bytes behind its group; each
// other code is a value by itself.
func (s *savCases) scan() (int64, *sheet.Fault) {
	elements := s.size / 8
	perBlock := elements * s.per
	stream := s.stream
	n, until := 0, 0
	var short bool
walk:
	for group := 0; group < len(stream); {
		literal := group + 8
		for i, code := range stream[group:min(literal, len(stream))] {
			if code == 0 {
				continue
			}
			if code == 252 {
				break walk
			}
			if n == until {
				s.marks = append(s.marks, place{group, i, literal})
				until += perBlock
			}
			if code == 253 {
				if literal+8 > len(stream) {
					short = true
					break walk
				}
				literal += 8
			}
			n++
		}
		group = literal
	}
	if s.marks == nil {
		s.marks = []place{}
	}
	rows, stated := int64(n/elements), s.f.cases
	switch {
	case stated >= 0 && rows != stated:
		return 0, wrongCount(stated, rows)
	case stated < 0 && (short || n%elements > 0):
		return 0, cut("rows", int64(len(s.f.src)), int64(8*(elements-n%elements)), 0)
	case short || n%elements > 0: // there is a part of a row too many: they have shifted
		return 0, damaged("rows", len(s.f.src))
	}
	return rows, nil
}
