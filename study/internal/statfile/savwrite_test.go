package statfile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// packer writes the pieces of a binary file.
type packer struct {
	bytes.Buffer
	order binary.ByteOrder
}

func (p *packer) put(values ...any) *packer {
	for _, v := range values {
		switch v := v.(type) {
		case string:
			p.WriteString(v)
		case []byte:
			p.Write(v)
		case int:
			p.put(int32(v))
		case float64:
			p.put(math.Float64bits(v))
		default:
			if err := binary.Write(p, p.order, v); err != nil {
				panic(err)
			}
		}
	}
	return p
}

// pad fills a text with blanks.
func pad(s string, n int) string { return s + strings.Repeat(" ", n-len(s)) }

// savVar is a variable of a file to be written: width 0 is a number.
type savVar struct {
	name, label string
	width       int
	format      int
	missing     int // the count as it is written: −2 and −3 are ranges
	codes       []any
}

// savWant is a system file to be written, as the PSPP developer's guide
// describes it.
type savWant struct {
	order       binary.ByteOrder
	compression int
	cases       int
	vars        []savVar
	between     func(p *packer) // records behind the variables
	rows        [][]any         // float64, nil (system-missing) or string
}

func (w savWant) bytes(t testing.TB) []byte {
	p := &packer{order: w.order}
	elements := 0
	for _, v := range w.vars {
		elements += elementsOf(v.width)
	}
	magic := "$FL2"
	if w.compression == 2 {
		magic = "$FL3"
	}
	p.put(magic, pad("@(#) SPSS DATA FILE test", 60), 2, elements, w.compression, 0, w.cases, 100.0,
		pad("01 Jan 26", 9), "12:00:00", pad("", 64), "\x00\x00\x00")
	require.Equal(t, 176, p.Len())
	for _, v := range w.vars {
		labeled := 0
		if v.label != "" {
			labeled = 1
		}
		format := v.format<<16 | 8<<8
		p.put(2, v.width, labeled, v.missing, format, format, pad(v.name, 8))
		if labeled == 1 {
			p.put(len(v.label), v.label, strings.Repeat("\x00", -len(v.label)&3))
		}
		p.put(v.codes...)
		for range elementsOf(v.width) - 1 {
			p.put(2, -1, 0, 0, 0, 0, pad("", 8))
		}
	}
	if w.between != nil {
		w.between(p)
	}
	p.put(999, 0)
	var data packer
	data.order = w.order
	for _, row := range w.rows {
		for i, v := range row {
			switch v := v.(type) {
			case float64:
				data.put(v)
			case nil:
				data.put(-math.MaxFloat64)
			case string:
				data.put(pad(v, 8*elementsOf(w.vars[i].width)))
			}
		}
	}
	switch w.compression {
	case 0:
		p.put(data.Bytes())
	case 1:
		p.put(codes(data.Bytes(), w))
	case 2:
		w.zlib(t, p, codes(data.Bytes(), w))
	}
	return p.Bytes()
}

// codes writes the bytes of cases as a code for each eight.
func codes(data []byte, w savWant) []byte {
	var out, group, literals []byte
	flush := func() {
		if len(group) > 0 {
			out = append(append(append(out, group...), make([]byte, 8-len(group))...), literals...)
			group, literals = nil, nil
		}
	}
	text := []bool{}
	for _, v := range w.vars {
		for range elementsOf(v.width) {
			text = append(text, v.width > 0)
		}
	}
	for i := 0; i < len(data); i += 8 {
		b := data[i : i+8]
		x := math.Float64frombits(w.order.Uint64(b))
		isText := text[i/8%len(text)]
		switch {
		case isText && string(b) == pad("", 8):
			group = append(group, 254)
		case !isText && x == -math.MaxFloat64:
			group = append(group, 255)
		case !isText && x == math.Trunc(x) && x >= -99 && x <= 151:
			group = append(group, byte(x+100))
		default:
			group, literals = append(group, 253), append(literals, b...)
		}
		if len(group) == 8 {
			flush()
		}
	}
	group = append(group, 252)
	flush()
	return out
}

// zlib writes the codes in blocks of 40 bytes.
func (w savWant) zlib(t testing.TB, p *packer, plain []byte) {
	const block = 40
	start := p.Len()
	type entry struct {
		plain, packed int64
		sizes         [2]int32
	}
	var entries []entry
	var packed bytes.Buffer
	for at := 0; at < len(plain); at += block {
		piece := plain[at:min(len(plain), at+block)]
		var z bytes.Buffer
		zw := zlib.NewWriter(&z)
		_, err := zw.Write(piece)
		require.NoError(t, err)
		require.NoError(t, zw.Close())
		entries = append(entries, entry{int64(start + at), int64(start + 24 + packed.Len()), [2]int32{int32(len(piece)), int32(z.Len())}})
		packed.Write(z.Bytes())
	}
	p.put(int64(start), int64(start+24+packed.Len()), int64(24+24*len(entries)), packed.Bytes(), int64(-100), int64(0), block, len(entries))
	for _, e := range entries {
		p.put(e.plain, e.packed, e.sizes)
	}
}

// record writes a record of type 7.
func (p *packer) record(subtype, size int, b []byte) { p.put(7, subtype, size, len(b)/size, b) }

// sized is a text behind its length.
func (p *packer) sized(s string) *packer { return p.put(len(s), s) }
