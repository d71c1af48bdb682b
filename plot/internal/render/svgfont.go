package render

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot/font"
)

// Fonts inside SVG files (Options.EmbedFonts): for each style a TrueType file
// with the glyphs that the figure uses. fpdf cuts the outlines and metrics out.
// Its cut has no kerning, which labels are measured with, a table of characters
// whose stated length is wrong, and still the programs that fit outlines to
// coarse pixels, half of the file.

// usedFont is what a scene's text needs of a style.
type usedFont struct {
	face  font.Face
	chars map[rune]bool
	pairs map[[2]rune]bool // that stand side by side
}

// usedFonts are the fonts of a scene's text by pdfStyle.
func (s *Scene) usedFonts() map[string]usedFont {
	out := map[string]usedFont{}
	for _, m := range s.Marks {
		if m.Kind != MarkText {
			continue
		}
		style := pdfStyle(m.Face.Font)
		u, ok := out[style]
		if !ok {
			u = usedFont{m.Face, map[rune]bool{}, map[[2]rune]bool{}}
			out[style] = u
		}
		last := rune(-1)
		for _, r := range m.Text {
			u.chars[r] = true
			if last >= 0 {
				u.pairs[[2]rune{last, r}] = true
			}
			last = r
		}
	}
	return out
}

// writeFontFaces writes the style sheet with the fonts of a scene.
func writeFontFaces(b *bytes.Buffer, s *Scene) error {
	var rules bytes.Buffer
	if err := writeFontRules(&rules, s); err != nil || rules.Len() == 0 {
		return err
	}
	b.WriteString("<style>" + rules.String() + "</style>\n")
	return nil
}

// writeFontRules writes the rules of that style sheet, one a style.
func writeFontRules(b *bytes.Buffer, s *Scene) error {
	used, common := s.usedFonts(), s.commonText()
	for _, style := range slices.Sorted(maps.Keys(used)) {
		ttf, err := used[style].subset(pdfFont(style, common))
		if err != nil {
			return err
		}
		b.WriteString("@font-face{font-family:'Figure Sans'")
		if style == "B" || style == "BI" {
			b.WriteString(";font-weight:bold")
		}
		if style == "I" || style == "BI" {
			b.WriteString(";font-style:italic")
		}
		b.WriteString(";src:url(data:font/ttf;base64,")
		b.WriteString(base64.StdEncoding.EncodeToString(ttf))
		b.WriteString(")format('truetype')}\n")
	}
	return nil
}

// subset cuts the used characters out of a font file.
func (u usedFont) subset(file []byte) ([]byte, error) {
	chars := slices.Sorted(maps.Keys(u.chars))
	file = fpdf.UTF8CutFont(file, string(chars))
	cut, err := sfnt.Parse(file)
	if err != nil {
		return nil, fmt.Errorf("plot: SVG: font subset: %w", err)
	}
	var buf sfnt.Buffer
	ids := map[rune]uint16{}
	for _, r := range chars {
		g, err := cut.GlyphIndex(&buf, r)
		if err != nil || g == 0 || r > 0xFFFE {
			return nil, fmt.Errorf("plot: SVG: the font subset lacks %q (U+%04X)", r, r)
		}
		ids[r] = uint16(g)
	}
	kerns := map[[2]uint16]int16{}
	t := typefaceOf(u.face)
	for p := range u.pairs {
		g0, _ := t.glyph(&buf, p[0])
		g1, _ := t.glyph(&buf, p[1])
		if k := t.kern(&buf, p[0], p[1], g0, g1); k != 0 {
			kerns[[2]uint16{ids[p[0]], ids[p[1]]}] = int16(k)
		}
	}
	tables := fontTables(file)
	dropHints(tables)
	tables["cmap"] = characterTable(chars, ids)
	if len(kerns) > 0 {
		tables["kern"] = kernTable(kerns)
	}
	return fontFile(tables), nil
}

// fontTables are the tables of a TrueType file by name.
func fontTables(file []byte) map[string][]byte {
	out := map[string][]byte{}
	for i := range int(binary.BigEndian.Uint16(file[4:])) {
		entry := file[12+16*i:]
		at, n := binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		out[string(entry[:4])] = file[at : at+n]
	}
	return out
}

// dropHints removes the programs from a font and from its glyphs.
func dropHints(tables map[string][]byte) {
	for _, name := range []string{"cvt ", "fpgm", "prep", "gasp"} {
		delete(tables, name)
	}
	loca, glyf := tables["loca"], tables["glyf"]
	long := tables["head"][51] == 1
	var newLoca, newGlyf []byte
	mark := func() {
		if long {
			newLoca = binary.BigEndian.AppendUint32(newLoca, uint32(len(newGlyf)))
		} else {
			newLoca = appendUint16s(newLoca, len(newGlyf)/2)
		}
	}
	place := func(i int) int {
		if long {
			return int(binary.BigEndian.Uint32(loca[4*i:]))
		}
		return 2 * int(binary.BigEndian.Uint16(loca[2*i:]))
	}
	for i := range int(binary.BigEndian.Uint16(tables["maxp"][4:])) {
		mark()
		newGlyf = append(newGlyf, withoutHints(glyf[place(i):place(i+1)])...)
		for len(newGlyf)%4 != 0 {
			newGlyf = append(newGlyf, 0)
		}
	}
	mark()
	tables["loca"], tables["glyf"] = newLoca, newGlyf
}

// Flags of a part of a composite glyph.
const (
	partWords  = 1 << 0 // its place takes two words, not two bytes
	partScale  = 1 << 3
	partMore   = 1 << 5 // another part follows
	partScales = 1 << 6
	partMatrix = 1 << 7
	partHints  = 1 << 8 // a program follows the parts
)

// withoutHints is a glyph without its program.
func withoutHints(g []byte) []byte {
	if len(g) == 0 {
		return nil // a space
	}
	at := 10 // after the number of contours and the bounds
	if contours := int16(binary.BigEndian.Uint16(g)); contours >= 0 {
		at += 2 * int(contours) // their ends
		n := int(binary.BigEndian.Uint16(g[at:]))
		return append(append(slices.Clone(g[:at]), 0, 0), g[at+2+n:]...)
	}
	out := slices.Clone(g)
	for more := true; more; {
		flags := int(binary.BigEndian.Uint16(out[at:]))
		binary.BigEndian.PutUint16(out[at:], uint16(flags&^partHints))
		at += 6
		if flags&partWords != 0 {
			at += 2
		}
		switch {
		case flags&partScale != 0:
			at += 2
		case flags&partScales != 0:
			at += 4
		case flags&partMatrix != 0:
			at += 8
		}
		more = flags&partMore != 0
	}
	return out[:at]
}

// fontFile puts tables into a TrueType file.
func fontFile(tables map[string][]byte) []byte {
	names := slices.Sorted(maps.Keys(tables))
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	out = appendUint16s(out, len(names))
	out = appendUint16s(out, searchFields(len(names), 16)...)
	head := 0
	at := len(out) + 16*len(names)
	var body []byte
	for _, name := range names {
		table := slices.Clone(tables[name])
		if name == "head" {
			head = at + 8
			clear(table[8:12]) // the checksum of the whole, which comes last
		}
		size := len(table)
		for len(table)%4 != 0 {
			table = append(table, 0)
		}
		out = append(out, name...)
		for _, v := range []uint32{fontChecksum(table), uint32(at), uint32(size)} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		body = append(body, table...)
		at += len(table)
	}
	out = append(out, body...)
	binary.BigEndian.PutUint32(out[head:], 0xB1B0AFBA-fontChecksum(out))
	return out
}

// fontChecksum is the sum of a table's words.
func fontChecksum(table []byte) uint32 {
	var sum uint32
	for i := 0; i < len(table); i += 4 {
		sum += binary.BigEndian.Uint32(table[i:])
	}
	return sum
}

// characterTable is a cmap table of format 4: a segment a run of characters
// whose glyphs follow each other too.
func characterTable(chars []rune, ids map[rune]uint16) []byte {
	type segment struct{ first, last, delta int }
	var segs []segment
	for _, r := range chars {
		c, delta := int(r), (int(ids[r])-int(r))&0xFFFF
		if n := len(segs); n > 0 && segs[n-1].last == c-1 && segs[n-1].delta == delta {
			segs[n-1].last = c
			continue
		}
		segs = append(segs, segment{c, c, delta})
	}
	segs = append(segs, segment{0xFFFF, 0xFFFF, 1}) // ends the list
	out := appendUint16s(nil, 0, 1, 3, 1, 0, 12)    // one table: Unicode, 12 bytes on
	out = appendUint16s(out, 4, 16+8*len(segs), 0, 2*len(segs))
	out = appendUint16s(out, searchFields(len(segs), 2)...)
	for _, s := range segs {
		out = appendUint16s(out, s.last)
	}
	out = appendUint16s(out, 0)
	for _, s := range segs {
		out = appendUint16s(out, s.first)
	}
	for _, s := range segs {
		out = appendUint16s(out, s.delta)
	}
	return append(out, make([]byte, 2*len(segs))...) // no lists of glyphs
}

// kernTable is a kern table of format 0.
func kernTable(kerns map[[2]uint16]int16) []byte {
	pairs := slices.SortedFunc(maps.Keys(kerns), func(a, b [2]uint16) int { return slices.Compare(a[:], b[:]) })
	out := appendUint16s(nil, 0, 1, 0, 14+6*len(pairs), 1, len(pairs))
	out = appendUint16s(out, searchFields(len(pairs), 6)...)
	for _, p := range pairs {
		out = appendUint16s(out, int(p[0]), int(p[1]), int(uint16(kerns[p])))
	}
	return out
}

// searchFields are what TrueType keeps beside a list of n entries of a size, for
// a search by halves: the largest power of two not above n in bytes, its
// logarithm, and the rest in bytes.
func searchFields(n, size int) []int {
	power, log := 1, 0
	for 2*power <= n {
		power, log = 2*power, log+1
	}
	return []int{power * size, log, (n - power) * size}
}

func appendUint16s(b []byte, xs ...int) []byte {
	for _, x := range xs {
		b = binary.BigEndian.AppendUint16(b, uint16(x))
	}
	return b
}
