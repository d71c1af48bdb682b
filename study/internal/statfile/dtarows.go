package statfile

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// dtaTable is what all workers know of a file while they make its rows.
type dtaTable struct {
	*dtaFile
	kinds []dtaKind
	long  map[longKey]sheet.Cell
}

// longKey is how a cell names a long text.
type longKey struct{ variable, observation uint64 }

// sheet makes the columns and rows. Formats up to 117 state no encoding: texts
// are read as UTF-8 first, which haven writes into them, and as Windows-1252 if
// they are not that.
func (f *dtaFile) sheet() (*sheet.Sheet, *sheet.Fault) {
	guess := f.release < 118
	set := utf8Set
	s, found, fault := f.read(set)
	if guess && fault == nil && !found.isUTF8() {
		set = latin()
		s, found, fault = f.read(set)
	}
	if fault != nil {
		return nil, fault
	}
	s.Encoding = set.name
	s.Notes = append(s.Notes, encodingNotes(set, found, guess)...)
	return s, nil
}

func (f *dtaFile) read(set *charset) (*sheet.Sheet, seen, *sheet.Fault) {
	p := &printer{set: set}
	t := &dtaTable{dtaFile: f, long: make(map[longKey]sheet.Cell, len(f.long))}
	s := &sheet.Sheet{}
	t.columns(p, s)
	for _, l := range f.long {
		t.long[longKey{l.variable, l.observation}] = p.longText(l)
	}
	t.settlePlaces(s)
	rows, found, fault := table(f.rows, len(f.vars), set, t.fill)
	s.Rows = rows
	found.add(p.seen)
	return s, found, fault
}

// settlePlaces finds how cells name long texts. haven and pyreadstat (ReadStat) write
// those of format 119 as format 118 has them, two bytes and six: so they are read where
// only that finds a text for every cell, and a note says so.
func (t *dtaTable) settlePlaces(s *sheet.Sheet) {
	if t.release != 119 || t.allPlaced(t.bits) || !t.allPlaced(16) {
		return
	}
	t.bits = 16
	var names []string
	for i, v := range t.vars {
		if v.kind == dtaLongText {
			names = append(names, s.Columns[i].Name)
		}
	}
	s.Notes = append(s.Notes, text.Phrase{Code: "file-stat-note-long-places", Args: text.Args{"columns": text.List(names, 12)}})
}

// allPlaced reports whether every cell of long texts names one that is there, where the
// variable has so many bits.
func (t *dtaTable) allPlaced(bits int) bool {
	f := *t.dtaFile
	f.bits = bits
	big := t.order == binary.ByteOrder(binary.BigEndian)
	for i := range t.vars {
		v := &t.vars[i]
		if v.kind != dtaLongText {
			continue
		}
		for r := range t.rows {
			at := r*t.size + v.at
			key := f.longKey(word(t.data[at:at+v.size], big), big)
			if _, ok := t.long[key]; !ok && key != (longKey{}) {
				return false
			}
		}
	}
	return true
}

// columns says what the file says of each variable.
func (t *dtaTable) columns(p *printer, s *sheet.Sheet) {
	type key struct {
		set string
		k   dtaKind
	}
	known := map[key][]sheet.Label{}
	var periods, trades, reasonWords []string
	for i := range t.vars {
		v := &t.vars[i]
		c := sheet.Column{Name: p.text(v.name), Label: p.text(v.label), Kind: sheet.Text}
		var k dtaKind
		if v.kind > dtaLongText {
			k = dtaFormat(string(v.format))
			c.Kind = k.kind
			set := t.sets[string(v.set)]
			labels, ok := known[key{string(v.set), k}]
			if !ok {
				for _, l := range set.values {
					labels = append(labels, sheet.Label{Value: p.stata(float64(l.value), &k).Text, Word: p.text(l.word)})
				}
				known[key{string(v.set), k}] = labels
			}
			c.Labels = labels
			for _, l := range set.missing[:min(len(set.missing), 13-len(reasonWords))] {
				reasonWords = append(reasonWords, c.Name+" "+missingText(int64(l.value)-firstMissing)+" = "+p.text(l.word))
			}
		}
		if k.period != 0 {
			periods = append(periods, c.Name)
		}
		if k.trade {
			trades = append(trades, c.Name)
		}
		t.kinds = append(t.kinds, k)
		s.Columns = append(s.Columns, c)
	}
	note := func(code, arg string, names []string) {
		if names != nil {
			s.Notes = append(s.Notes, text.Phrase{Code: code, Args: text.Args{arg: text.List(names, 12)}})
		}
	}
	note("file-stat-note-periods", "columns", periods)
	note("file-stat-note-business-days", "columns", trades)
	note("file-stat-note-missing-words", "words", reasonWords)
}

// longText makes the cell of a long text. Bytes that are no text are an error
// that the cell shows.
func (p *printer) longText(l dtaLong) sheet.Cell {
	if l.binary && (bytes.IndexByte(l.content, 0) >= 0 || !utf8.Valid(l.content)) {
		return sheet.Cell{Text: "(binary)", Kind: sheet.Error}
	}
	if s := p.text(l.content); s != "" {
		return sheet.Cell{Text: s, Kind: sheet.Text}
	}
	return sheet.Cell{}
}

// firstMissing is the single dot among the largest long numbers; .a to .z are
// the 26 behind it.
const firstMissing = math.MaxInt32 - 26

// missingText is the text of the missing value n behind the single dot.
func missingText(n int64) string {
	if n == 0 {
		return "."
	}
	return reasons[n-1]
}

func missingCell(n int64) sheet.Cell {
	if n == 0 {
		return sheet.Cell{}
	}
	return sheet.Cell{Text: reasons[n-1], Kind: sheet.Missing}
}

// fill makes the cells of the rows from lo to before hi.
func (t *dtaTable) fill(p *printer, lo, hi int, cells []sheet.Cell) *sheet.Fault {
	big := t.order == binary.ByteOrder(binary.BigEndian)
	for r := lo; r < hi; r++ {
		row := t.data[r*t.size : (r+1)*t.size]
		for i := range t.vars {
			v := &t.vars[i]
			b := row[v.at : v.at+v.size]
			c := &cells[(r-lo)*len(t.vars)+i]
			switch v.kind {
			case dtaText:
				if c.Text = p.text(untilZero(b)); c.Text != "" {
					c.Kind = sheet.Text
				}
			case dtaLongText:
				key := t.longKey(word(b, big), big)
				cell, ok := t.long[key]
				if !ok && key != (longKey{}) {
					return &sheet.Fault{Code: "file-stat-damaged", Args: damaged("texts", t.at+r*t.size+v.at).Args, Row: r + 1, Column: i + 1}
				}
				*c = cell
			default:
				*c = p.dtaNumber(v.kind, word(b, big), &t.kinds[i])
			}
		}
	}
	return nil
}

// word is a number of 1, 2, 4 or 8 bytes.
func word(b []byte, big bool) uint64 {
	switch {
	case len(b) == 8 && big:
		return binary.BigEndian.Uint64(b)
	case len(b) == 8:
		return binary.LittleEndian.Uint64(b)
	case len(b) == 4 && big:
		return uint64(binary.BigEndian.Uint32(b))
	case len(b) == 4:
		return uint64(binary.LittleEndian.Uint32(b))
	case len(b) == 2 && big:
		return uint64(binary.BigEndian.Uint16(b))
	case len(b) == 2:
		return uint64(binary.LittleEndian.Uint16(b))
	}
	return uint64(b[0])
}

// longKey splits the place of a long text: four bytes and four in format 117,
// two and six in 118, three and five in 119, the variable first.
func (f *dtaFile) longKey(w uint64, big bool) longKey {
	if big {
		return longKey{w >> (64 - f.bits), w << f.bits >> f.bits}
	}
	return longKey{w << (64 - f.bits) >> (64 - f.bits), w >> f.bits}
}

// dtaNumber makes the cell of a number from its bits. The 27 largest values of
// each kind, and for floats 27 behind the largest, are missing ones.
func (p *printer) dtaNumber(kind byte, w uint64, k *dtaKind) sheet.Cell {
	var whole int64
	switch kind {
	case dtaByte:
		if whole = int64(int8(w)); whole > math.MaxInt8-27 {
			return missingCell(whole - (math.MaxInt8 - 26))
		}
	case dtaInt:
		if whole = int64(int16(w)); whole > math.MaxInt16-27 {
			return missingCell(whole - (math.MaxInt16 - 26))
		}
	case dtaLongInt:
		if whole = int64(int32(w)); whole >= firstMissing {
			return missingCell(whole - firstMissing)
		}
	case dtaFloat:
		if n := int64(w) - 0x7f000000; n >= 0 && n%0x800 == 0 && n/0x800 <= 26 {
			return missingCell(n / 0x800)
		}
		x := math.Float32frombits(uint32(w))
		if k.kind == sheet.Number && x-x == 0 { // finite
			return sheet.Cell{Text: p.float32(x), Kind: sheet.Number}
		}
		return p.stata(float64(x), k)
	default:
		if n := w - 0x7fe0<<48; n>>40 <= 26 && n%(1<<40) == 0 {
			return missingCell(int64(n >> 40))
		}
		return p.stata(math.Float64frombits(w), k)
	}
	return p.stata(float64(whole), k)
}

// float32 is the shortest decimal that gives x, which is finite, as a float32.
func (p *printer) float32(x float32) string {
	if p.floats == nil {
		p.floats = new([memoSize]memo)
	}
	bits := uint64(math.Float32bits(x))
	m := &p.floats[slot(bits)]
	if m.bits != bits || m.text == "" {
		p.scratch = appendFloat32(p.scratch[:0], x)
		m.bits, m.text = bits, p.keep(p.scratch)
	}
	return m.text
}

// appendFloat32 writes the shortest decimal that gives x, as appendNumber does
// for a float64: decimals of up to six digits never share a float32.
func appendFloat32(b []byte, x float32) []byte {
	wide := float64(x)
	if a := math.Abs(wide); a < 1e6 {
		if n := int64(wide); float64(n) == wide {
			return strconv.AppendInt(b, n, 10)
		}
		for k := 1; k < len(tens); k++ {
			n := math.Round(wide * tens[k])
			if math.Abs(n) >= 1e6 {
				break
			}
			if float32(n/tens[k]) == x {
				return appendDecimal(b, int64(n), k)
			}
		}
	}
	if a := math.Abs(wide); a >= 1e21 || float32(a) < 1e-6 && a > 0 {
		return strconv.AppendFloat(b, wide, 'e', -1, 32)
	}
	return strconv.AppendFloat(b, wide, 'f', -1, 32)
}
