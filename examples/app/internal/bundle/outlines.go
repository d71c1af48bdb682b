package bundle

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"unicode"

	"golang.org/x/image/font/sfnt"
)

// inPage are the characters that figures of the page can print: Latin, Greek and
// Cyrillic letters, punctuation, and what formulas are written with. A figure with
// another is refused, as one is with a character that the whole fonts lack.
var inPage = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x20, Hi: 0x24F, Stride: 1}, {Lo: 0x2B0, Hi: 0x4FF, Stride: 1}, {Lo: 0x1E00, Hi: 0x1EFF, Stride: 1},
	{Lo: 0x2000, Hi: 0x23FF, Stride: 1}, {Lo: 0x25A0, Hi: 0x26FF, Stride: 1}, {Lo: 0xFB00, Hi: 0xFB06, Stride: 1},
}}

// unhinted returns a TrueType font without the programs that fit its glyphs to the
// pixels of old screens, which nothing here runs, without the characters that are not
// inPage, and without names: outlines, widths and kerning stay as they are. The
// license reserves the fonts' name for whole ones.
func unhinted(ttf []byte) ([]byte, error) {
	u16 := binary.BigEndian.Uint16
	u32 := binary.BigEndian.Uint32
	if len(ttf) < 12 || u32(ttf) != 0x00010000 {
		return nil, fmt.Errorf("no TrueType font")
	}
	glyphs, err := characters(ttf)
	if err != nil {
		return nil, err
	}
	tables := map[string][]byte{}
	var names []string
	for i := range int(u16(ttf[4:])) {
		r := ttf[12+16*i:]
		name := string(r[:4])
		tables[name] = ttf[u32(r[8:]):][:u32(r[12:])]
		if !slices.Contains([]string{"fpgm", "prep", "cvt ", "hdmx", "VDMX", "LTSH", "gasp", "DSIG", "FFTM", "GDEF", "GPOS", "GSUB"}, name) {
			names = append(names, name)
		}
	}
	head, loca, glyf := slices.Clone(tables["head"]), tables["loca"], tables["glyf"]
	if head == nil || loca == nil || glyf == nil {
		return nil, fmt.Errorf("a font without outlines")
	}
	count := int(u16(tables["maxp"][4:]))
	at := func(i int) int {
		if u16(head[50:]) == 0 {
			return 2 * int(u16(loca[2*i:]))
		}
		return int(u32(loca[4*i:]))
	}
	kept := map[int]bool{}
	var keep func(i int)
	keep = func(i int) {
		if !kept[i] {
			kept[i] = true
			parts(glyf[at(i):at(i+1)], keep)
		}
	}
	keep(0)
	for _, i := range glyphs {
		keep(i)
	}
	var outlines []byte
	places := make([]byte, 0, 4*(count+1))
	for i := range count {
		places = binary.BigEndian.AppendUint32(places, uint32(len(outlines)))
		if !kept[i] {
			continue
		}
		outlines = append(outlines, bare(glyf[at(i):at(i+1)])...)
		for len(outlines)%4 != 0 {
			outlines = append(outlines, 0)
		}
	}
	places = binary.BigEndian.AppendUint32(places, uint32(len(outlines)))
	binary.BigEndian.PutUint16(head[50:], 1) // places are of four bytes
	binary.BigEndian.PutUint32(head[8:], 0)
	tables["head"], tables["loca"], tables["glyf"], tables["cmap"] = head, places, outlines, characterTable(glyphs)
	tables["name"] = []byte{0, 0, 0, 0, 0, 6}
	if post := tables["post"]; len(post) >= 32 { // of version 3: glyphs have no names
		tables["post"] = append([]byte{0, 3, 0, 0}, post[4:32]...)
	}

	n := len(names)
	power := bits.Len(uint(n)) - 1
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, x := range []int{n, 16 << power, power, 16*n - 16<<power} {
		out = binary.BigEndian.AppendUint16(out, uint16(x))
	}
	offset := 12 + 16*n
	var body []byte
	headAt := 0
	for _, name := range names {
		t := tables[name]
		if name == "head" {
			headAt = offset + len(body)
		}
		out = append(out, name...)
		for _, x := range []uint32{sum(t), uint32(offset + len(body)), uint32(len(t))} {
			out = binary.BigEndian.AppendUint32(out, x)
		}
		body = append(body, t...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	out = append(out, body...)
	binary.BigEndian.PutUint32(out[headAt+8:], 0xB1B0AFBA-sum(out))
	return out, nil
}

// characters are the glyphs of those that are inPage.
func characters(ttf []byte) (map[rune]int, error) {
	font, err := sfnt.Parse(ttf)
	if err != nil {
		return nil, err
	}
	out := map[rune]int{}
	var buf sfnt.Buffer
	for _, r := range inPage.R16 {
		for c := rune(r.Lo); c <= rune(r.Hi); c++ {
			g, err := font.GlyphIndex(&buf, c)
			if err != nil {
				return nil, err
			}
			if g != 0 {
				out[c] = int(g)
			}
		}
	}
	return out, nil
}

// characterTable is a cmap table of format 4, with a segment for each run of
// characters whose glyphs follow each other.
func characterTable(glyphs map[rune]int) []byte {
	var first, last, shift []int
	for _, c := range slices.Sorted(maps.Keys(glyphs)) {
		n := len(last)
		if by := glyphs[c] - int(c); n > 0 && last[n-1] == int(c)-1 && shift[n-1] == by {
			last[n-1]++
		} else {
			first, last, shift = append(first, int(c)), append(last, int(c)), append(shift, by)
		}
	}
	first, last, shift = append(first, 0xFFFF), append(last, 0xFFFF), append(shift, 1)
	n := len(last)
	power := bits.Len(uint(n)) - 1
	words := slices.Concat([]int{0, 1, 3, 1, 0, 12, 4, 16 + 8*n, 0, 2 * n, 2 << power, power, 2*n - 2<<power}, last, []int{0}, first, shift, make([]int, n))
	var out []byte
	for _, x := range words {
		out = binary.BigEndian.AppendUint16(out, uint16(x))
	}
	return out
}

// parts calls with the number of each glyph that a composite one is put together of.
func parts(g []byte, call func(int)) {
	if len(g) < 10 || int16(binary.BigEndian.Uint16(g)) >= 0 {
		return
	}
	for at, more := 10, true; more; {
		call(int(binary.BigEndian.Uint16(g[at+2:])))
		at, more = nextPart(g, at)
	}
}

// nextPart is where the part after one of a composite glyph stands, and whether there
// is one.
func nextPart(g []byte, at int) (int, bool) {
	const words, scale, more, twoScales, matrix = 1, 8, 32, 64, 128
	flags := binary.BigEndian.Uint16(g[at:])
	at += 6
	if flags&words != 0 {
		at += 2
	}
	switch {
	case flags&scale != 0:
		at += 2
	case flags&twoScales != 0:
		at += 4
	case flags&matrix != 0:
		at += 8
	}
	return at, flags&more != 0
}

// bare is a glyph without its program.
func bare(g []byte) []byte {
	if len(g) < 10 {
		return g
	}
	u16 := binary.BigEndian.Uint16
	if contours := int16(u16(g)); contours >= 0 {
		at := 10 + 2*int(contours)
		n := int(u16(g[at:]))
		return slices.Concat(g[:at], []byte{0, 0}, g[at+2+n:])
	}
	const program = 256
	g = slices.Clone(g)
	at := 10
	for more := true; more; {
		binary.BigEndian.PutUint16(g[at:], u16(g[at:])&^program)
		at, more = nextPart(g, at)
	}
	return g[:at]
}

// sum is the checksum of a table.
func sum(t []byte) (s uint32) {
	for i := 0; i < len(t); i += 4 {
		var w [4]byte
		copy(w[:], t[i:])
		s += binary.BigEndian.Uint32(w[:])
	}
	return s
}
