package workbook

import (
	"bytes"
	"math"
	"strconv"

	"github.com/trialkit/trialkit/study/internal/grid"
	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/internal/xmlscan"
	"github.com/trialkit/trialkit/study/text"
)

// cellType is the attribute t of a cell.
type cellType uint8

const (
	typeNumber cellType = iota
	typeBoolean
	typeDate
	typeError
	typeInline
	typeShared
	typeText // of a formula
)

var cellTypes = map[string]cellType{"n": typeNumber, "b": typeBoolean, "d": typeDate, "e": typeError, "inlineStr": typeInline, "s": typeShared, "str": typeText}

// readCell reads one cell: <c r="B7" s="style" t="type"><f/><v/></c>.
func (w *worksheet) readCell() error {
	w.Column++
	kind, look := typeNumber, 0
	for i := range w.Attributes() {
		_, prefixed, name, value := w.Attribute(i)
		if prefixed {
			continue
		}
		switch string(name) {
		case "r":
			row, column, ok := place(value)
			if !ok || row != w.Row || column < w.Column {
				return fault("file-cell-name", text.Args{"name": string(value)})
			}
			w.Column = column
		case "s":
			n, ok := whole(value)
			if !ok || n >= max(len(w.styles), 1) {
				return fault("file-cell-style", text.Args{"style": string(value)})
			}
			look = n
		case "t":
			var known bool
			if kind, known = cellTypes[string(value)]; !known {
				return fault("file-cell-type", text.Args{"type": string(value)})
			}
		}
	}
	if w.Column > grid.MaxColumn {
		return fault("file-cell-name", text.Args{"name": sheet.Name(w.Row, w.Column)})
	}
	w.written, w.rich = w.written[:0], w.rich[:0]
	formula := false
	for w.Next() {
		switch {
		case w.Kind == xmlscan.End:
			return w.value(kind, look, formula)
		case w.Kind != xmlscan.Start:
		case w.Space != mainSpace || string(w.Name) == "extLst":
			w.Skip()
		case string(w.Name) == "v":
			if err := w.readValue(); err != nil {
				return err
			}
		case string(w.Name) == "f":
			formula = true
			w.Skip()
		case string(w.Name) == "is":
			var err error
			if w.rich, err = richText(w.Scanner, w.rich); err != nil {
				return err
			}
		default:
			return w.unexpected()
		}
	}
	return w.Err()
}

// readValue reads the text of <v>.
func (w *worksheet) readValue() error {
	for w.Next() {
		switch w.Kind {
		case xmlscan.Text:
			w.written = append(w.written, w.Text()...)
			if len(w.written) > xmlscan.MaxToken {
				return fault("file-text-long", nil)
			}
		case xmlscan.Start:
			return w.unexpected()
		case xmlscan.End:
			return nil
		}
	}
	return w.Err()
}

// value makes a cell of what was read of it.
func (w *worksheet) value(kind cellType, look int, formula bool) error {
	v := w.written
	if kind != typeText && kind != typeInline {
		v = bytes.TrimSpace(v)
		if len(v) == 0 {
			if formula {
				return w.put(sheet.Cell{Kind: sheet.Uncached})
			}
			return nil // an empty cell, whatever its style
		}
	}
	switch kind {
	case typeNumber:
		return w.number(v, look, formula)
	case typeShared:
		n, ok := whole(v)
		if !ok || n >= len(w.strings) {
			return fault("file-cell-shared", text.Args{"index": string(v), "texts": len(w.strings)})
		}
		return w.text(w.strings[n])
	case typeInline:
		// Some writers put the text of such a cell into <v>.
		if len(w.rich) == 0 {
			return w.text(trim(unescape(string(v))))
		}
		return w.text(trim(string(w.rich)))
	case typeText:
		return w.text(trim(unescape(string(v))))
	case typeBoolean:
		switch string(v) {
		case "1", "true":
			return w.text("TRUE")
		case "0", "false":
			return w.text("FALSE")
		}
	case typeError:
		return w.put(sheet.Cell{Kind: sheet.Error, Text: string(v)})
	case typeDate:
		if c, _, ok := sheet.Moment(string(v)); ok {
			return w.put(c)
		}
	}
	return fault("file-cell-value", text.Args{"value": string(v)})
}

func (w *worksheet) text(s string) error { return asError(w.PutText(s)) }

func (w *worksheet) put(c sheet.Cell) error { return asError(w.Put(c)) }

// asError keeps a nil fault from becoming an error that is not nil.
func asError(f *sheet.Fault) error {
	if f == nil {
		return nil
	}
	return f
}

// number makes a cell of a number as the file writes it.
func (w *worksheet) number(v []byte, look int, formula bool) error {
	var st style
	if look < len(w.styles) {
		st = w.styles[look]
	}
	if formula && w.recalculate {
		// Programs that write formulas without calculating them store 0 and ask
		// for a calculation: such a 0 is no result.
		if len(bytes.Trim(v, "0.")) == 0 {
			return w.put(sheet.Cell{Kind: sheet.Uncached})
		}
		w.Add(&w.Stale)
	}
	if st.percent {
		w.Add(&w.Percent)
	}
	if st.shown == asNumber && sheet.Shortest(v) {
		if st.zeros > len(v) {
			w.Add(&w.Zeros)
			w.ZerosFormat = st.zeros
		}
		return asError(w.PutDigits(v))
	}
	x, ok := parse(v)
	if !ok {
		return fault("file-cell-number", text.Args{"value": string(v)})
	}
	if st.shown != asNumber {
		return w.put(w.dated(x, v, st.shown))
	}
	n, f := w.PutNumber(x)
	if st.zeros > n && x >= 0 && x == math.Trunc(x) {
		w.Add(&w.Zeros)
		w.ZerosFormat = st.zeros
	}
	return asError(f)
}

// parse reads a number: digits with a point and an exponent, and no words.
func parse(v []byte) (float64, bool) {
	for _, c := range v {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	x, err := strconv.ParseFloat(string(v), 64)
	return x + 0, err == nil // + 0 makes 0 of −0
}
