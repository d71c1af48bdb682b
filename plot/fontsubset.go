package plot

import (
	"encoding/binary"
	"fmt"
	"sort"
)

// subset is a TrueType font cut down to the glyphs that a document uses,
// without hints, which print does not need. Glyph 0 is the font's own mark for
// a missing character; glyph i+1 is that of the i-th character.
type subset struct {
	ttf   []byte
	width []float64 // of the characters, in thousandths of the type size
}

// glyph flags of the TrueType specification.
const (
	compositeWords        = 1 << 0
	compositeScale        = 1 << 3
	compositeMore         = 1 << 5
	compositeTwoScales    = 1 << 6
	compositeMatrix       = 1 << 7
	compositeInstructions = 1 << 8
)

// trueType is a font file and its tables.
type trueType struct {
	tables map[string][]byte
	long   bool // loca holds 32-bit offsets
	glyphs int
	wide   int // glyphs with a width of their own
	em     int
}

func parseTrueType(file []byte) (*trueType, error) {
	f := &trueType{tables: map[string][]byte{}}
	if len(file) < 12 {
		return nil, fmt.Errorf("plot: font: %d bytes are no font", len(file))
	}
	for i := range int(binary.BigEndian.Uint16(file[4:])) {
		rec := 12 + 16*i
		if rec+16 > len(file) {
			return nil, fmt.Errorf("plot: font: the directory is cut off")
		}
		at, n := binary.BigEndian.Uint32(file[rec+8:]), binary.BigEndian.Uint32(file[rec+12:])
		if uint64(at)+uint64(n) > uint64(len(file)) {
			return nil, fmt.Errorf("plot: font: table %q is cut off", file[rec:rec+4])
		}
		f.tables[string(file[rec:rec+4])] = file[at : at+n]
	}
	for name, least := range map[string]int{"head": 54, "hhea": 36, "maxp": 32, "hmtx": 4, "loca": 4, "glyf": 1} {
		if len(f.tables[name]) < least {
			return nil, fmt.Errorf("plot: font: no table %q", name)
		}
	}
	f.em = int(binary.BigEndian.Uint16(f.tables["head"][18:]))
	f.long = binary.BigEndian.Uint16(f.tables["head"][50:]) != 0
	f.glyphs = int(binary.BigEndian.Uint16(f.tables["maxp"][4:]))
	f.wide = int(binary.BigEndian.Uint16(f.tables["hhea"][34:]))
	return f, nil
}

// glyph is the outline of a glyph as the file has it; empty for a space.
func (f *trueType) glyph(i int) []byte {
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	if f.long {
		return glyf[binary.BigEndian.Uint32(loca[4*i:]):binary.BigEndian.Uint32(loca[4*i+4:])]
	}
	return glyf[2*int(binary.BigEndian.Uint16(loca[2*i:])) : 2*int(binary.BigEndian.Uint16(loca[2*i+2:]))]
}

// metrics are a glyph's width and left side bearing, in units of the em.
func (f *trueType) metrics(i int) (width, bearing uint16) {
	hmtx := f.tables["hmtx"]
	if i < f.wide {
		return binary.BigEndian.Uint16(hmtx[4*i:]), binary.BigEndian.Uint16(hmtx[4*i+2:])
	}
	return binary.BigEndian.Uint16(hmtx[4*f.wide-4:]), binary.BigEndian.Uint16(hmtx[4*f.wide+2*(i-f.wide):])
}

// cut makes a font of the given glyphs in order, after glyph 0, and of what
// they are composed of.
func (f *trueType) cut(glyphs []int) subset {
	list := append([]int{0}, glyphs...)
	place := map[int]int{} // of components, in the new font
	var glyf, hmtx, loca []byte
	for i := 0; i < len(list); i++ {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, plainOutline(f.glyph(list[i]), func(component int) int {
			at, ok := place[component]
			if !ok {
				at = len(list)
				place[component] = at
				list = append(list, component)
			}
			return at
		})...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		w, b := f.metrics(list[i])
		hmtx = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(hmtx, w), b)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	copied := func(name string) []byte { return append([]byte{}, f.tables[name]...) }
	head, hhea, maxp := copied("head"), copied("hhea"), copied("maxp")
	binary.BigEndian.PutUint32(head[8:], 0)  // the sum over the file is not checked in documents
	binary.BigEndian.PutUint16(head[50:], 1) // 32-bit offsets
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(list)))
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(list)))
	binary.BigEndian.PutUint16(maxp[26:], 0) // no instructions
	out := subset{ttf: assemble(map[string][]byte{"glyf": glyf, "head": head, "hhea": hhea, "hmtx": hmtx, "loca": loca, "maxp": maxp})}
	for _, g := range glyphs {
		w, _ := f.metrics(g)
		out.width = append(out.width, float64(w)*1000/float64(f.em))
	}
	return out
}

// plainOutline copies an outline without its instructions; at gives the new
// numbers of a composite's components.
func plainOutline(g []byte, at func(component int) int) []byte {
	if len(g) < 10 {
		return nil
	}
	contours := int(int16(binary.BigEndian.Uint16(g)))
	if contours >= 0 {
		i := 10 + 2*contours
		n := int(binary.BigEndian.Uint16(g[i:]))
		out := append([]byte{}, g[:i]...)
		return append(append(out, 0, 0), g[i+2+n:]...)
	}
	out := append([]byte{}, g...)
	for i := 10; ; {
		flags := binary.BigEndian.Uint16(out[i:])
		binary.BigEndian.PutUint16(out[i:], flags&^compositeInstructions)
		binary.BigEndian.PutUint16(out[i+2:], uint16(at(int(binary.BigEndian.Uint16(out[i+2:])))))
		i += 6
		if flags&compositeWords != 0 {
			i += 2
		}
		switch {
		case flags&compositeScale != 0:
			i += 2
		case flags&compositeTwoScales != 0:
			i += 4
		case flags&compositeMatrix != 0:
			i += 8
		}
		if flags&compositeMore == 0 {
			return out[:i]
		}
	}
}

// assemble writes tables as a font file.
func assemble(tables map[string][]byte) []byte {
	names := make([]string, 0, len(tables))
	for n := range tables {
		names = append(names, n)
	}
	sort.Strings(names)
	power, log := 1, 0
	for 2*power <= len(names) {
		power, log = 2*power, log+1
	}
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, v := range []int{len(names), 16 * power, log, 16 * (len(names) - power)} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	offset := len(out) + 16*len(names)
	var body []byte
	for _, n := range names {
		data := tables[n]
		out = append(out, n...)
		out = binary.BigEndian.AppendUint32(out, tableSum(data))
		out = binary.BigEndian.AppendUint32(out, uint32(offset+len(body)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
		body = append(body, data...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	return append(out, body...)
}

func tableSum(data []byte) uint32 {
	var sum uint32
	for i := 0; i < len(data); i += 4 {
		var word [4]byte
		copy(word[:], data[i:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}
