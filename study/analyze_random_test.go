package study_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// randomTrial is a small valid trial of any shape: two or three arms, few
// participants, missing values and whole missing visits, ties, constant
// columns, blocks, covariates, adverse events and plans of every model.
func randomTrial(r *rand.Rand) (protocol, data string) {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	arms := []string{"a", "b", "c"}[:2+r.IntN(2)]
	control := r.IntN(len(arms))
	visits := 2 + r.IntN(3)
	var p, d strings.Builder
	p.WriteString("title: Random\narms:\n")
	for i, a := range arms {
		fmt.Fprintf(&p, "  - {id: %s, control: %v%s}\n", a, i == control, pick("", ", randomized: 40"))
	}
	p.WriteString(pick("", "simulated: true\n") + "randomization: {kind: " + pick("complete", "unknown", "blocked", "stratified, column: block") + "}\nvisits:\n")
	for v := range visits {
		fmt.Fprintf(&p, "  - {id: v%d, time: %dd}\n", v, v)
	}
	fmt.Fprintf(&p, "outcomes:\n  - {id: y, better: %s, range: [0, 10], resolution: 0.5%s}\n", pick("lower", "higher"), pick("",
		", thresholds: [{kind: MCID, value: 1.3, level: individual}]",
		", thresholds: [{kind: MCID, value: 1, level: between}, {kind: MCID, value: 2, level: individual, worsening: true}]",
		", thresholds: [{kind: MIC, value: 10, level: individual}, {kind: PASS, value: 3}, {kind: percent, value: 30, level: individual}]"))
	columns := ""
	for v := range visits {
		columns += fmt.Sprintf("v%d: y%d, ", v, v)
	}
	fmt.Fprintf(&p, `data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {%s}}
  covariates: {age: {column: age, kind: number}, site: {column: site, kind: category}}
  adverse_events: ae
`, columns)
	post := fmt.Sprintf("v%d", 1+r.IntN(visits-1))
	p.WriteString(pick("",
		"plans: [{outcome: y, visit: "+post+", primary: true, registered: {where: here, date: 2024-01-01}}]\n",
		"plans: [{outcome: y, visit: "+post+", model: welch-change, level: 0.9, margin: 2}]\n",
		"plans: [{outcome: y, covariates: [age, site]}]\n",
		"plans: [{outcome: y, visit: overall, model: mmrm, covariance: "+pick("us", "cs", "ar1", "toeph", "sp_exp")+", primary: true}]\n",
		"plans: [{outcome: y, model: clda, df: satterthwaite}, {outcome: y, visit: "+post+"}]\n",
		"plans: [{outcome: y, model: lmm, covariates: [age]}]\n",
		"plans: [{outcome: y, model: mixed-anova}]\n"))
	d.WriteString("id,arm,block,age,site,ae")
	for v := range visits {
		fmt.Fprintf(&d, ",y%d", v)
	}
	missing, spread := []float64{0, 0.2, 0.7}[r.IntN(3)], []float64{0, 1, 3}[r.IntN(3)]
	gone := -1 // a visit without values
	if r.IntN(5) == 0 {
		gone = 1 + r.IntN(visits-1)
	}
	id := 0
	for _, a := range arms {
		for range 1 + r.IntN(6) {
			id++
			fmt.Fprintf(&d, "\n%d,%s,%s,%s,%s,%s", id, a, pick("1", "2"), pick("50", "61", "72", ""), pick("n", "z", ""), pick("0", "0", "1", "3", ""))
			for v := range visits {
				x := math.Round(2*min(10, max(0, 5+spread*r.NormFloat64()))) / 2
				if v == gone || r.Float64() < missing && !(id == 1 && v == 0) {
					d.WriteString(",")
				} else {
					fmt.Fprintf(&d, ",%.1f", x)
				}
			}
		}
	}
	return p.String(), d.String() + "\n"
}

// FuzzAnalyze: whatever a valid trial's data, its analysis neither fails nor
// panics, and its report keeps the promises of results.json.
func FuzzAnalyze(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		protocol, data := randomTrial(rand.New(rand.NewPCG(seed, 1)))
		p, err := study.ParseProtocol(strings.NewReader(protocol), "p.yaml")
		require.NoError(t, err, protocol)
		ds, err := study.Load(strings.NewReader(data), "d.csv", p)
		require.NoError(t, err, protocol+data)
		a := ds.Accounting()
		require.Equal(t, a.RowsRead, a.RowsUsed+len(a.Excluded))
		r, err := ds.AnalyzeAll()
		if err != nil && strings.Contains(protocol, "column: block") && strings.Contains(err.Error(), "residual degrees of freedom") {
			return // few participants in many blocks are asked about
		}
		require.NoError(t, err, protocol+data)
		checkReport(t, r)
		for _, res := range r.Results {
			for _, row := range slices.Concat(res.Rows, res.Within) {
				dropped := map[string]int{}
				for _, x := range row.Dropped {
					dropped[x.Arm]++
				}
				for arm, n := range row.N {
					require.Equal(t, row.Randomized[arm], n+dropped[arm], "%s %s: everyone is analyzed or has a reason", row.Method, arm)
					require.LessOrEqual(t, row.Observed[arm], n)
				}
				if !math.IsNaN(row.Lower) {
					require.LessOrEqual(t, row.Lower, row.Upper)
				}
				if !math.IsNaN(row.P) {
					require.True(t, row.P >= 0 && row.P <= 1, row.P)
					require.Equal(t, row.P < 1-row.Level-0x1p-52, !row.IncludesZero(), "%s at %s: p %v and interval %v to %v",
						row.Method, row.Visit, row.P, row.Lower, row.Upper)
				}
			}
		}
		// The bytes do not depend on the run or on the order of the rows.
		lines := strings.Split(strings.TrimSpace(data), "\n")
		slices.Reverse(lines[1:])
		again, err := study.Load(strings.NewReader(strings.Join(lines, "\r\n")), "d.csv", p)
		require.NoError(t, err)
		s, err := again.AnalyzeAll()
		require.NoError(t, err)
		require.Equal(t, resultsWithoutSource(t, r), resultsWithoutSource(t, s))
	})
}

// resultsWithoutSource is results.json without what tells of the file itself.
func resultsWithoutSource(t *testing.T, r study.Report) string {
	var b bytes.Buffer
	require.NoError(t, report.JSON(&b, r, report.Options{}))
	var all map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(b.Bytes(), &all))
	delete(all, "data")
	out, err := json.Marshal(all)
	require.NoError(t, err)
	return string(out)
}
