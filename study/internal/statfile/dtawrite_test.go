package statfile

import (
	"encoding/binary"
	"math"
)

// dtaVar is a variable of a Stata file to be written. Its kind is a length of
// text, or one of the kinds below.
type dtaVar struct {
	name, label, format, set string
	kind                     int
}

// Kinds as formats from 117 on write them; strL is no kind of older ones.
const (
	asDouble = 65526 + iota
	asFloat
	asLong
	asInt
	asByte
	strL = 32768
)

// dot is a missing value: 0 is the single dot, 1 is .a.
type dot int

// dtaWant is a Stata file to be written, as Stata's help describes formats 113
// to 115, 117, 118 and 119 ("help dta").
type dtaWant struct {
	release int
	order   binary.ByteOrder
	vars    []dtaVar
	sets    []dtaSet
	rows    [][]any // float64, dot, string, or []byte for a long text as it is
	n       int64   // observations stated, if not those there are
}

// dtaSet are the words of values.
type dtaSet struct {
	name   string
	values []int
	words  []string
}

func (p *packer) zeros(s string, n int) *packer {
	b := make([]byte, n)
	copy(b[:n-1], s) // a zero ends it
	return p.put(b)
}

func (w dtaWant) bytes() []byte {
	if w.release < 117 {
		return w.old()
	}
	p := &packer{order: w.order}
	name, format, label := 129, 57, 321
	order := map[binary.ByteOrder]string{binary.LittleEndian: "LSF", binary.BigEndian: "MSF"}[w.order]
	n := int64(len(w.rows))
	if w.n != 0 {
		n = w.n
	}
	p.put("<stata_dta><header><release>", string([]byte{'1', '1', byte('0' + w.release%10)}), "</release><byteorder>", order, "</byteorder><K>")
	switch w.release {
	case 117:
		name, format, label = 33, 49, 81
		p.put(int16(len(w.vars)), "</K><N>", int32(n), "</N><label>", uint8(4), "Éte", "</label>")
	case 118:
		p.put(int16(len(w.vars)), "</K><N>", n, "</N><label>", int16(4), "Éte", "</label>")
	case 119:
		p.put(int32(len(w.vars)), "</K><N>", n, "</N><label>", int16(4), "Éte", "</label>")
	}
	const stamp = "01 Jan 2026 12:00"
	p.put("<timestamp>", uint8(len(stamp)), stamp, "</timestamp></header><map>", make([]byte, 14*8), "</map><variable_types>")
	for _, v := range w.vars {
		p.put(uint16(v.kind))
	}
	each := func(tag string, size int, of func(v dtaVar) string) {
		p.put("<" + tag + ">")
		for _, v := range w.vars {
			p.zeros(of(v), size)
		}
		p.put("</" + tag + ">")
	}
	p.put("</variable_types>")
	each("varnames", name, func(v dtaVar) string { return v.name })
	p.put("<sortlist>", make([]byte, (len(w.vars)+1)*map[bool]int{true: 4, false: 2}[w.release == 119]), "</sortlist>")
	each("formats", format, func(v dtaVar) string { return v.format })
	each("value_label_names", name, func(v dtaVar) string { return v.set })
	each("variable_labels", label, func(v dtaVar) string { return v.label })
	p.put("<characteristics><ch>", int32(2*name+5), make([]byte, 2*name), "note\x00", "</ch></characteristics><data>")
	type place struct{ v, o int }
	seen := map[string]place{}
	long := &packer{order: w.order}
	for r, row := range w.rows {
		for i, x := range row {
			v := w.vars[i]
			content, plain := x.([]byte)
			if s, ok := x.(string); ok {
				content = []byte(s)
			}
			if v.kind != strL {
				w.value(p, v.kind, x)
				continue
			}
			at, ok := seen[string(content)]
			if !ok && len(content) > 0 {
				at = place{i + 1, r + 1}
				seen[string(content)] = at
				long.put("GSO", int32(at.v))
				if w.release == 117 {
					long.put(int32(at.o))
				} else {
					long.put(int64(at.o))
				}
				if plain {
					long.put(uint8(129), int32(len(content)), content)
				} else {
					long.put(uint8(130), int32(len(content)+1), content, "\x00")
				}
			}
			// So many bytes of the variable, and the rest of eight of the observation.
			first := map[int]int{117: 4, 118: 2, 119: 3}[w.release]
			var vb, ob [8]byte
			w.order.PutUint64(vb[:], uint64(at.v))
			w.order.PutUint64(ob[:], uint64(at.o))
			if w.order == binary.ByteOrder(binary.BigEndian) {
				p.put(vb[8-first:], ob[first:])
			} else {
				p.put(vb[:first], ob[:8-first])
			}
		}
	}
	p.put("</data><strls>", long.Bytes(), "</strls><value_labels>")
	for _, s := range w.sets {
		p.put("<lbl>")
		w.words(p, s, name)
		p.put("</lbl>")
	}
	p.put("</value_labels></stata_dta>")
	return p.Bytes()
}

// words writes the words of values, the last one first.
func (w dtaWant) words(p *packer, s dtaSet, name int) {
	offsets, values, words := &packer{order: w.order}, &packer{order: w.order}, &packer{order: w.order}
	at := map[int]int{}
	for i := len(s.words) - 1; i >= 0; i-- {
		at[i] = words.Len()
		words.put(s.words[i], "\x00")
	}
	for i, v := range s.values {
		offsets.put(at[i])
		values.put(v)
	}
	p.put(8+8*len(s.values)+words.Len()).zeros(s.name, name).put("\x00\x00\x00", len(s.values), words.Len(), offsets.Bytes(), values.Bytes(), words.Bytes())
}

// value writes a cell that is no long text.
func (w dtaWant) value(p *packer, kind int, x any) {
	d, missing := x.(dot)
	f, _ := x.(float64)
	switch {
	case kind < asDouble:
		b := make([]byte, kind)
		copy(b, x.(string)) // without a zero where it fills the field
		p.put(b)
	case kind == asDouble && missing:
		p.put(uint64(0x7fe0<<48) + uint64(d)<<40)
	case kind == asDouble:
		p.put(f)
	case kind == asFloat && missing:
		p.put(uint32(0x7f000000) + uint32(d)*0x800)
	case kind == asFloat:
		p.put(math.Float32bits(float32(f)))
	case kind == asLong && missing:
		p.put(int32(2147483621 + int(d)))
	case kind == asLong:
		p.put(int32(f))
	case kind == asInt && missing:
		p.put(int16(32741 + int(d)))
	case kind == asInt:
		p.put(int16(f))
	case missing:
		p.put(int8(101 + int(d)))
	default:
		p.put(int8(f))
	}
}

// old writes format 113, 114 or 115.
func (w dtaWant) old() []byte {
	p := &packer{order: w.order}
	order := map[binary.ByteOrder]uint8{binary.BigEndian: 1, binary.LittleEndian: 2}[w.order]
	n := int64(len(w.rows))
	if w.n != 0 {
		n = w.n
	}
	p.put(uint8(w.release), order, uint8(1), uint8(0), int16(len(w.vars)), int32(n)).zeros("A label", 81).zeros("01 Jan 2026 12:00", 18)
	for _, v := range w.vars {
		if v.kind >= asDouble {
			p.put(uint8(251 + asByte - v.kind))
		} else {
			p.put(uint8(v.kind))
		}
	}
	each := func(size int, of func(v dtaVar) string) {
		for _, v := range w.vars {
			p.zeros(of(v), size)
		}
	}
	each(33, func(v dtaVar) string { return v.name })
	p.put(make([]byte, 2*(len(w.vars)+1)))
	each(map[bool]int{true: 12, false: 49}[w.release == 113], func(v dtaVar) string { return v.format })
	each(33, func(v dtaVar) string { return v.set })
	each(81, func(v dtaVar) string { return v.label })
	p.put(uint8(1), 71, make([]byte, 66), "note\x00", uint8(0), 0)
	for _, row := range w.rows {
		for i, x := range row {
			w.value(p, w.vars[i].kind, x)
		}
	}
	for _, s := range w.sets {
		w.words(p, s, 33)
	}
	return p.Bytes()
}
