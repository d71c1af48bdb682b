package statfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// SAV reports whether a file begins as an SPSS system file does.
func SAV(head []byte) bool {
	return bytes.HasPrefix(head, []byte("$FL2")) || bytes.HasPrefix(head, []byte("$FL3"))
}

// Ways a system file keeps its cases.
const (
	savPlain = iota
	savBytes // a byte a value, and more only where that is not enough
	savZlib  // the same, in blocks of zlib
)

// savFile is a system file taken apart.
type savFile struct {
	src         []byte
	order       binary.ByteOrder
	big         bool // the order is that of big endians
	compression int64
	weight      int64 // which eight bytes of a case say how often it counts, from 1; 0: none
	cases       int64 // -1 where the header leaves it open
	bias        float64
	sysmis      float64
	starts      []int // of each eight bytes of a case: the variable that begins there, -1 for the rest of a text
	vars        []savVariable
	set         *charset // nil where the file states none
	page        int64    // code page of record 7/3, 0 without one
	long        []byte   // record 7/13
	veryLong    []byte   // record 7/14
	longLabels  []byte   // record 7/21
	longMissing []byte   // record 7/22
	data        int      // where the cases begin
	words       int      // bytes of the words of values, of all variables
}

// savVariable is a variable of the dictionary, its texts as the file writes them.
type savVariable struct {
	name, label []byte
	width       int // 0: a number
	storage     int // the width of what it holds itself: less for a very long text
	at          int // its first byte in a case
	format      byte
	labels      []savLabel
	missing     [][]byte
	ranged      bool
	segments    int  // of a very long text; else 0
	merged      bool // it is a later segment of a very long text
}

type savLabel struct{ value, word []byte }

// ReadSAV reads an SPSS system file, .sav or .zsav. Codes that the file
// declares missing stay the numbers they are, and the columns name them.
func ReadSAV(r io.ReaderAt, size int64) ([]sheet.Sheet, error) {
	return readWhole("spss", r, size, func(src []byte) ([]sheet.Sheet, *sheet.Fault) {
		f := &savFile{src: src}
		for _, step := range []func() *sheet.Fault{f.dictionary, f.mergeSegments, f.longStrings} {
			if fault := step(); fault != nil {
				return nil, fault
			}
		}
		s, fault := f.sheet()
		if fault != nil {
			return nil, fault
		}
		return []sheet.Sheet{*s}, nil
	})
}

const savHeader = 176

// dictionary reads the header and all records before the data.
func (f *savFile) dictionary() *sheet.Fault {
	c := &cursor{b: f.src, part: "header"}
	head := c.take(savHeader)
	if head == nil {
		return c.fault
	}
	// The layout code is 2 (or 3) in the byte order of the file.
	switch layout := head[64:68]; {
	case binary.LittleEndian.Uint32(layout)-2 < 2:
		f.order = binary.LittleEndian
	case binary.BigEndian.Uint32(layout)-2 < 2:
		f.order, f.big = binary.BigEndian, true
	default:
		return damaged("header", 64)
	}
	c.order = f.order
	c.at = 72
	f.compression = c.i32()
	f.weight = c.i32()
	f.cases = c.i32()
	f.bias = c.f64()
	zlib := string(head[:4]) == "$FL3"
	if f.compression < savPlain || f.compression > savZlib || zlib != (f.compression == savZlib) || f.cases < -1 || f.bias != f.bias {
		return damaged("header", 72)
	}
	f.sysmis = lowest
	c.at = savHeader
	for c.fault == nil {
		c.part = "dictionary"
		switch c.i32() {
		case 2:
			f.variable(c)
		case 3:
			f.valueLabels(c)
		case 6:
			c.take(c.i32() * 80) // a documentation of lines
		case 7:
			f.extension(c)
		case 999:
			c.take(4)
			f.data = c.at
			return c.fault
		default:
			c.damage()
		}
	}
	return c.fault
}

// sheet makes the columns and rows. Texts in an encoding that the file does not
// state are read as UTF-8 first, and as Windows-1252 if they are not that.
func (f *savFile) sheet() (*sheet.Sheet, *sheet.Fault) {
	if f.set == nil && f.page > 4 { // 1 to 4 name kinds of characters, no page
		if f.set = codePage(f.page); f.set == nil {
			return nil, unknownSet(fmt.Sprintf("CP%d", f.page))
		}
	}
	cases, n, fault := f.openCases()
	if fault != nil {
		return nil, fault
	}
	guess := f.set == nil
	set := f.set
	if guess {
		set = utf8Set
	}
	s, found, fault := f.read(set, cases, n)
	if guess && fault == nil && !found.isUTF8() {
		set = latin()
		s, found, fault = f.read(set, cases, n)
	}
	if fault != nil {
		return nil, fault
	}
	s.Encoding = set.name
	s.Notes = append(s.Notes, encodingNotes(set, found, guess)...)
	if name := f.weightColumn(s.Columns); name != "" {
		s.Notes = append(s.Notes, text.Phrase{Code: "file-stat-note-weight", Args: text.Args{"column": name}})
	}
	return s, nil
}

// weightColumn is the name of the column by which SPSS counts the rows, "" where each
// counts once.
func (f *savFile) weightColumn(columns []sheet.Column) string {
	if f.weight < 1 || f.weight > int64(len(f.starts)) || f.starts[f.weight-1] < 0 {
		return ""
	}
	at := f.vars[f.starts[f.weight-1]].at
	if i := slices.IndexFunc(f.fields(columns), func(x savField) bool { return x.at == at }); i >= 0 {
		return columns[i].Name
	}
	return ""
}

func (f *savFile) read(set *charset, cases savCases, n int) (*sheet.Sheet, seen, *sheet.Fault) {
	p := &printer{set: set}
	s := &sheet.Sheet{Columns: f.columns(p)}
	fields := f.fields(s.Columns)
	rows, found, fault := table(n, len(fields), set, func(p *printer, lo, hi int, cells []sheet.Cell) *sheet.Fault {
		return f.fill(p, cases.from(lo), fields, lo, hi, cells)
	})
	s.Rows = rows
	found.add(p.seen)
	return s, found, fault
}

// wrong says that the number of rows is not the one that the header counts.
func wrongCount(stated, found int64) *sheet.Fault {
	return &sheet.Fault{Code: "file-stat-rows-count", Args: text.Args{"stated": stated, "found": found}}
}
