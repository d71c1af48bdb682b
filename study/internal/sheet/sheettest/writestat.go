package sheettest

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// XPT writes a SAS transport file of version 5 with one member of numbers, as SAS
// describes its records (TS-140); NaN is missing.
func XPT(names []string, rows [][]float64) string {
	var b strings.Builder
	pad := func(s string, n int) string { return s + strings.Repeat(" ", n-len(s)) }
	record := func(parts ...string) { b.WriteString(pad(strings.Join(parts, ""), 80)) }
	header := func(of, rest string) { record("HEADER RECORD*******", pad(of, 8), "HEADER RECORD!!!!!!!", rest) }
	short := func(values ...int) {
		for _, v := range values {
			b.Write(binary.BigEndian.AppendUint16(nil, uint16(v)))
		}
	}
	fill := func() { b.WriteString(strings.Repeat(" ", (80-b.Len()%80)%80)) }
	const zeros, day, sas = "000000000000000000000000000000  ", "01JAN26:12:00:00", "SAS     "
	header("LIBRARY", zeros)
	record(sas, sas, pad("SASLIB", 8), pad("9.4", 8), pad("X64_10PR", 32), day)
	record(day)
	header("MEMBER", "000000000000000001600000000140  ")
	header("DSCRPTR", zeros)
	record(sas, pad("D", 8), pad("SASDATA", 8), pad("9.4", 8), pad("X64_10PR", 32), day)
	record(day)
	header("NAMESTR", fmt.Sprintf("000000%04d00000000000000000000  ", len(names)))
	for i, name := range names {
		short(1, 0, 8, i+1)
		b.WriteString(pad(name, 8) + pad("", 48))
		short(0, 0, 0, 0)
		b.WriteString(pad("", 8))
		short(0, 0, 0, 8*i)
		b.WriteString(strings.Repeat("\x00", 52))
	}
	fill()
	header("OBS", zeros)
	for _, r := range rows {
		for _, x := range r {
			if math.IsNaN(x) {
				b.WriteString("." + strings.Repeat("\x00", 7))
			} else {
				b.Write(binary.BigEndian.AppendUint64(nil, ibm(x)))
			}
		}
	}
	fill()
	return b.String()
}

// ibm is a number as IBM's mainframes hold it: ± 0.f · 16^(e−64), of which the 56 bits
// of f hold all 53 of a float64.
func ibm(x float64) uint64 {
	if x == 0 {
		return 0
	}
	exponent := 64
	a := math.Abs(x)
	for ; a >= 1; exponent++ {
		a /= 16
	}
	for ; a < 1.0/16; exponent-- {
		a *= 16
	}
	return math.Float64bits(x)>>63<<63 | uint64(exponent)<<56 | uint64(math.Ldexp(a, 56))
}

// DTA writes a Stata file of format 113 (Stata 8), whose variables are doubles, as help
// dta describes it; NaN is the missing value ".".
func DTA(names []string, rows [][]float64) string {
	var b strings.Builder
	put := func(s string, n int) { b.WriteString(s + strings.Repeat("\x00", n-len(s))) }
	little := binary.LittleEndian
	b.WriteString("\x71\x02\x01\x00")
	b.Write(little.AppendUint16(nil, uint16(len(names))))
	b.Write(little.AppendUint32(nil, uint32(len(rows))))
	put("", 81)                  // a label
	put("01 Jan 2026 12:00", 18) // when it was written
	put(strings.Repeat("\xff", len(names)), len(names))
	for _, name := range names {
		put(name, 33)
	}
	put("", 2*(len(names)+1)) // sorted by none
	for range names {
		put("%9.0g", 12)
	}
	put("", (33+81)*len(names)+5) // words for values, labels, characteristics: none
	for _, r := range rows {
		for _, x := range r {
			if math.IsNaN(x) {
				x = 0x1p1023
			}
			b.Write(little.AppendUint64(nil, math.Float64bits(x)))
		}
	}
	return b.String()
}
