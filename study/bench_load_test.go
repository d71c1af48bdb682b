package study_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/trialkit/trialkit/study"
)

// longText is a file in the long layout: a row a participant and visit, of some 29.5
// bytes. Quoted: all fields in quotes.
func longText(rows int, quoted bool) []byte {
	r := rand.New(rand.NewPCG(1, uint64(rows)))
	var b bytes.Buffer
	line := "%s,%s,%s,%s,%s\n"
	if quoted {
		line = `"%s","%s","%s","%s","%s"` + "\n"
	}
	fmt.Fprintf(&b, line, "participant", "group", "visit", "pain", "age")
	for i := range rows {
		id := i / 4
		fmt.Fprintf(&b, line, fmt.Sprintf("P%07d", id), []string{"laser", "sham"}[id%2], []string{"base", "w4", "w12", "w26"}[i%4],
			fmt.Sprintf("%.2f", 10*r.Float64()), fmt.Sprint(40+id%40))
	}
	return b.Bytes()
}

const longTrial = `arms: [{id: laser}, {id: sham, control: true}]
visits: [{id: base}, {id: w4}, {id: w12}, {id: w26}]
outcomes: [{id: pain, range: [0, 10], better: lower}]
data:
  layout: long
  participant: participant
  arm: group
  visit: visit
  columns: {pain: pain}
  covariates: {age: {column: age, kind: number}}
`

// A file of rows read, validated and keyed by participant; what R and data.table take
// says testdata/reference/bench_read.R. Memory is what is held when it is done, by the
// file's bytes.
func BenchmarkLoadText(b *testing.B) {
	p, err := study.ParseProtocol(strings.NewReader(longTrial), "p.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		rows   int
		quoted bool
	}{{"100k", 100_000, false}, {"1M", 1_000_000, false}, {"1M-quoted", 1_000_000, true}, {"2M", 2_000_000, false}} {
		b.Run(c.name, func(b *testing.B) {
			src := longText(c.rows, c.quoted)
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			var ds *study.Dataset
			for b.Loop() {
				ds = nil
				if ds, err = study.Load(bytes.NewReader(src), "d.csv", p); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapAlloc)/float64(len(src)), "held/B")
			runtime.KeepAlive(ds)
		})
	}
}
