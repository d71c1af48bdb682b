package bundle

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// unhinted returns a TrueType font without the programs that fit its glyphs to the
// pixels of old screens, which nothing here runs, and without names: outlines, widths
// and kerning stay as they are. The license reserves the fonts' name for whole ones.
func unhinted(ttf []byte) ([]byte, error) {
	u16 := binary.BigEndian.Uint16
	u32 := binary.BigEndian.Uint32
	if len(ttf) < 12 || u32(ttf) != 0x00010000 {
		return nil, fmt.Errorf("no TrueType font")
	}
	tables := map[string][]byte{}
	var names []string
	for i := range int(u16(ttf[4:])) {
		r := ttf[12+16*i:]
		name := string(r[:4])
		tables[name] = ttf[u32(r[8:]):][:u32(r[12:])]
		if !slices.Contains([]string{"fpgm", "prep", "cvt ", "hdmx", "VDMX", "LTSH", "gasp", "DSIG"}, name) {
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
	var outlines []byte
	places := make([]byte, 0, 4*(count+1))
	for i := range count {
		places = binary.BigEndian.AppendUint32(places, uint32(len(outlines)))
		outlines = append(outlines, bare(glyf[at(i):at(i+1)])...)
		for len(outlines)%4 != 0 {
			outlines = append(outlines, 0)
		}
	}
	places = binary.BigEndian.AppendUint32(places, uint32(len(outlines)))
	binary.BigEndian.PutUint16(head[50:], 1) // places are of four bytes
	binary.BigEndian.PutUint32(head[8:], 0)
	tables["head"], tables["loca"], tables["glyf"] = head, places, outlines
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
	const words, scale, more, twoScales, matrix, program = 1, 8, 32, 64, 128, 256
	g = slices.Clone(g)
	for at := 10; ; {
		flags := u16(g[at:])
		binary.BigEndian.PutUint16(g[at:], flags&^program)
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
		if flags&more == 0 {
			return g[:at]
		}
	}
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
