package statfile

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// benchRows is the number of rows of the files that are timed; their columns are
// those of trials: few different values in most, and one of random decimals.
const benchRows = 100_000

func benchTable(row func(id, site, remark string, numbers [6]float64)) {
	r := rand.New(rand.NewPCG(14, 5))
	for i := range benchRows {
		remark := ""
		if i%20 == 0 {
			remark = "left early, see file"
		}
		row(fmt.Sprintf("P%06d", i/4), string([]byte{'0', byte('1' + i%9)}), remark,
			[6]float64{float64(i % 4), float64(23000 + r.IntN(900)), float64(r.IntN(101)) / 10, float64(r.IntN(700)), float64(r.IntN(1e7)) / 1e5, r.NormFloat64()})
	}
}

func benchSAV(b *testing.B, compression int) {
	w := savWant{order: binary.LittleEndian, compression: compression, cases: benchRows, vars: []savVar{{name: "ID", width: 8}, {name: "SITE", width: 2}, {name: "VISIT", format: 5},
		{name: "DAY", format: 20}, {name: "VAS", format: 5}, {name: "WALK", format: 5}, {name: "RATIO", format: 5}, {name: "SCORE", format: 5}, {name: "REMARK", width: 24}}}
	benchTable(func(id, site, remark string, n [6]float64) {
		w.rows = append(w.rows, []any{id, site, n[0], n[1]*86400 + 12219379200, n[2], n[3], n[4], n[5], remark})
	})
	bench(b, w.bytes(b))
}

func bench(b *testing.B, file []byte) {
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		s, err := readAny(file)
		if err != nil || len(s[0].Rows) != benchRows {
			b.Fatal(err)
		}
	}
}

func BenchmarkSAV(b *testing.B)           { benchSAV(b, 0) }
func BenchmarkSAVCompressed(b *testing.B) { benchSAV(b, 1) }

func BenchmarkXPT(b *testing.B) {
	w := xptWant{members: []xptSet{{name: "BENCH", vars: []xptVar{{name: "ID", size: 8, text: true}, {name: "SITE", size: 2, text: true}, {name: "VISIT", size: 8},
		{name: "DAY", size: 8, format: "DATE"}, {name: "VAS", size: 8}, {name: "WALK", size: 8}, {name: "RATIO", size: 8}, {name: "SCORE", size: 8}, {name: "REMARK", size: 24, text: true}}}}}
	file := w.bytes()
	rows := &packer{order: binary.BigEndian}
	benchTable(func(id, site, remark string, n [6]float64) {
		rows.put(pad(id, 8), pad(site, 2))
		for _, x := range n {
			rows.put(ibmOfFloat(x))
		}
		rows.put(pad(remark, 24))
	})
	bench(b, append(file, rows.Bytes()...))
}

// ibmOfFloat is ibmOf of a float64, without whole numbers of any size: the 53
// bits of the fraction lie in the 56 of an IBM number.
func ibmOfFloat(x float64) uint64 {
	if x == 0 {
		return 0
	}
	fraction, exponent := math.Frexp(math.Abs(x))
	sixteens := (exponent+1000*4+3)/4 - 1000
	return math.Float64bits(x)>>63<<63 | uint64(sixteens+64)<<56 | uint64(math.Ldexp(fraction, 56+exponent-4*sixteens))
}

func BenchmarkDTA(b *testing.B) {
	w := dtaWant{release: 118, order: binary.LittleEndian, vars: []dtaVar{{name: "id", kind: 7}, {name: "site", kind: 2}, {name: "visit", kind: asByte}, {name: "day", kind: asInt, format: "%td"},
		{name: "vas", kind: asFloat}, {name: "walk", kind: asInt}, {name: "ratio", kind: asDouble}, {name: "score", kind: asDouble}, {name: "remark", kind: 24}}}
	benchTable(func(id, site, remark string, n [6]float64) {
		w.rows = append(w.rows, []any{id, site, n[0], n[1], n[2], n[3], n[4], n[5], remark})
	})
	bench(b, w.bytes())
}
