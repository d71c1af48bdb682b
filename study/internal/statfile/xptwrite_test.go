package statfile

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"strings"
)

// xptVar is a variable of a transport file to be written.
type xptVar struct {
	name, label, format string
	size                int
	text                bool
}

// xptSet is a member. Rows hold a decimal as a number is typed, ".", ".A" and so
// on, or a text.
type xptSet struct {
	name   string
	vars   []xptVar
	rows   [][]string
	counts string // what stands behind the header of the rows; 32 bytes
}

// xptWant is a transport file to be written, as SAS describes the two layouts
// ("Record layout of a SAS version 5 or 6 data set", and "8 or 9 data set", "in
// SAS transport format").
type xptWant struct {
	eight    bool
	labels   string // LABELV8 or LABELV9, behind the descriptions of version 8
	labelsAt string // how their number is written; %d
	round    bool   // numbers are rounded to their length and not cut
	vms      bool
	reverse  bool // variables are listed in the other order
	unfilled bool // the last record stays short
	members  []xptSet
}

const zeros32 = "000000000000000000000000000000  "

func (w xptWant) bytes() []byte {
	p := &packer{order: binary.BigEndian}
	fill := func() { p.put(strings.Repeat(" ", (80-p.Len()%80)%80)) }
	header := func(five, eight, rest string) {
		if w.eight {
			five = eight
		}
		p.put("HEADER RECORD*******"+pad(five, 8)+"HEADER RECORD!!!!!!!", pad(rest, 32))
	}
	const day = "01JAN26:12:00:00"
	header("LIBRARY", "LIBV8", zeros32)
	p.put(pad("SAS", 8), pad("SAS", 8), pad("SASLIB", 8), pad("9.4", 8), pad("X64_10PR", 8), pad("", 24), day, pad(day, 80))
	stride := 140
	if w.vms {
		stride = 136
	}
	for _, m := range w.members {
		header("MEMBER", "MEMBV8", fmt.Sprintf("00000000000000000160000000%04d  ", stride))
		header("DSCRPTR", "DSCPTV8", zeros32)
		if w.eight {
			p.put(pad("SAS", 8), pad(m.name, 32), pad("SASDATA", 8), pad("9.4", 8), pad("X64_10PR", 8), day)
		} else {
			p.put(pad("SAS", 8), pad(m.name[:min(8, len(m.name))], 8), pad("SASDATA", 8), pad("9.4", 8), pad("X64_10PR", 8), pad("", 24), day)
		}
		p.put(pad(day, 32), pad("A label", 40), pad("", 8))
		header("NAMESTR", "NAMSTV8", fmt.Sprintf("000000%04d00000000000000000000  ", len(m.vars)))
		var listed []string
		at := 0
		for i, v := range m.vars {
			kind, cut := int16(1), func(s string, n int) string { return pad(s[:min(n, len(s))], n) }
			if v.text {
				kind = 2
			}
			in := &packer{order: binary.BigEndian}
			in.put(kind, int16(0), int16(v.size), int16(i+1), cut(v.name, 8), cut(v.label, 40), cut(v.format, 8), int16(0), int16(0), int16(0), "\x00\x00",
				pad("", 8), int16(0), int16(0), int32(at))
			if w.eight {
				in.put(pad(v.name, 32), int16(len(v.label)), make([]byte, 18))
			} else {
				in.put(make([]byte, stride-88))
			}
			listed = append(listed, in.String())
			at += v.size
		}
		for i := range listed {
			if w.reverse {
				i = len(listed) - 1 - i
			}
			p.put(listed[i])
		}
		fill()
		if w.labels != "" {
			p.put("HEADER RECORD*******"+pad(w.labels, 8)+"HEADER RECORD!!!!!!!", pad(fmt.Sprintf(w.labelsAt, len(m.vars)), 32))
			for i, v := range m.vars {
				p.put(int16(i+1), int16(len(v.name)), int16(len(v.label)))
				if w.labels == "LABELV9" {
					p.put(int16(len(v.format)), int16(0))
				}
				p.put(v.name, v.label)
				if w.labels == "LABELV9" {
					p.put(v.format)
				}
			}
			fill()
		}
		counts := zeros32
		if m.counts != "" {
			counts = m.counts
		}
		header("OBS", "OBSV8", counts)
		for _, row := range m.rows {
			for i, s := range row {
				v := m.vars[i]
				switch {
				case v.text:
					p.put(pad(s, v.size))
				case s[0] == '.':
					b := make([]byte, v.size)
					b[0] = (s + ".")[min(1, len(s)-1)]
					p.put(b)
				default:
					p.put(ibmOf(s, v.size, w.round))
				}
			}
		}
		if !w.unfilled {
			fill()
		}
	}
	return p.Bytes()
}

// ibmOf stores a decimal as an IBM number of so many bytes, by whole numbers:
// the exponent is the least with a fraction below one, and what does not fit is
// cut off or rounded.
func ibmOf(decimal string, size int, round bool) []byte {
	x, ok := new(big.Rat).SetString(decimal)
	if !ok {
		panic(decimal)
	}
	b := make([]byte, size)
	if x.Sign() == 0 {
		return b
	}
	sign := byte(0)
	if x.Sign() < 0 {
		sign = 128
	}
	x.Abs(x)
	exponent, sixteen := 64, big.NewRat(16, 1)
	for ; x.Cmp(big.NewRat(1, 1)) >= 0; exponent++ {
		x.Quo(x, sixteen)
	}
	for ; x.Cmp(big.NewRat(1, 16)) < 0; exponent-- {
		x.Mul(x, sixteen)
	}
	x.Mul(x, new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(8*size-8))))
	if round {
		x.Add(x, big.NewRat(1, 2))
	}
	f := new(big.Int).Quo(x.Num(), x.Denom())
	if f.BitLen() > 8*size-8 { // rounded up to one
		f.Rsh(f, 4)
		exponent++
	}
	f.FillBytes(b[1:])
	b[0] = sign | byte(exponent)
	return b
}

// float64Of is how a decimal is written where it first becomes a float64.
func float64Of(decimal string) string {
	r, _ := new(big.Rat).SetString(decimal)
	f, _ := r.Float64()
	return new(big.Rat).SetFloat64(f).FloatString(120)
}
