package study_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// inventedTrial writes the files of a trial with n participants and invented
// values: outcomes read in tenths of a scale, in whole percents, in tenths
// without a scale and with four decimals, in turn; 3 % of the visits missed; one
// MMRM plan.
func inventedTrial(t testing.TB, n, outcomes, visits int) (protocol, data string) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(n), uint64(outcomes)))
	var p, d strings.Builder
	p.WriteString("title: Invented\nsimulated: true\narms: [{id: a}, {id: c, control: true}]\nvisits: [{id: v0}")
	for v := range visits {
		fmt.Fprintf(&p, ", {id: v%d}", v+1)
	}
	p.WriteString("]\noutcomes:\n")
	d.WriteString("id,arm")
	columns := ""
	for o := range outcomes {
		fmt.Fprintf(&p, "  - {id: o%d, label: Outcome %d, unit: u, better: lower%s}\n", o, o, []string{
			", range: [0, 10], resolution: 0.1, thresholds: [{kind: MCID, value: 1.5, level: individual, population: invented, source: invented}]",
			", range: [0, 100], resolution: 1", "", ""}[o%4])
		columns += fmt.Sprintf("    o%d: {", o)
		for v := range visits + 1 {
			fmt.Fprintf(&d, ",o%d_%d", o, v)
			columns += fmt.Sprintf("%sv%d: o%d_%d", []string{"", ", "}[min(v, 1)], v, o, v)
		}
		columns += "}\n"
	}
	fmt.Fprintf(&p, "data:\n  layout: wide\n  participant: id\n  arm: arm\n  columns:\n%splans: [{outcome: o0, visit: v%d, model: mmrm}]\n", columns, visits)
	for i := range n {
		fmt.Fprintf(&d, "\nP%06d,%c", i, "ac"[i%2])
		for o := range outcomes {
			self := r.NormFloat64()
			for v := range visits + 1 {
				z := self + r.NormFloat64() - 0.1*float64(v)*float64(2-i%2)
				switch {
				case v > 0 && r.IntN(33) == 0:
					d.WriteString(",")
				case o%4 == 0:
					fmt.Fprintf(&d, ",%.1f", min(10, max(0, 5+1.6*z)))
				case o%4 == 1:
					fmt.Fprintf(&d, ",%.0f", min(100, max(0, 50+16*z)))
				case o%4 == 2:
					fmt.Fprintf(&d, ",%.1f", 100+20*z)
				default:
					fmt.Fprintf(&d, ",%.4f", 100+20*z)
				}
			}
		}
	}
	dir := t.TempDir()
	protocol, data = filepath.Join(dir, "protocol.yaml"), filepath.Join(dir, "data.csv")
	for name, s := range map[string]string{protocol: p.String(), data: d.String() + "\n"} {
		if err := os.WriteFile(name, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return protocol, data
}

// From the files to results.json: 20 to 1,000 participants with 16 cells, half a
// second at most, and the growth to 200,000 with 10.
func BenchmarkWholeReport(b *testing.B) {
	for _, c := range []struct{ n, outcomes, visits int }{{20, 4, 4}, {24, 4, 4}, {60, 4, 4}, {200, 4, 4}, {400, 4, 4}, {1000, 4, 4},
		{10_000, 2, 5}, {100_000, 2, 5}, {200_000, 2, 5}} {
		b.Run(fmt.Sprintf("n=%d/cells=%d", c.n, c.outcomes*c.visits), func(b *testing.B) {
			if testing.Short() && c.n > 10_000 {
				b.Skip("long")
			}
			protocol, data := inventedTrial(b, c.n, c.outcomes, c.visits)
			b.ReportAllocs()
			for b.Loop() {
				ds, err := study.LoadFiles(protocol, data)
				if err != nil {
					b.Fatal(err)
				}
				r, err := ds.AnalyzeAll()
				if err != nil {
					b.Fatal(err)
				}
				if err := report.JSON(io.Discard, r, report.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
