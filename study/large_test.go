package study_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/resample"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// largeTrial has n participants, three visits after baseline and two outcomes:
// a score read in tenths on a scale from 0 to 10, and a measurement with four
// decimals.
func largeTrial(t testing.TB, n int) *study.Dataset {
	t.Helper()
	p, err := study.ParseProtocol(strings.NewReader(`
title: Large
arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0}, {id: v1}, {id: v2}, {id: v3}]
outcomes: [{id: pain, better: lower, range: [0, 10], resolution: 0.1}, {id: force, better: higher}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {pain: {v0: p0, v1: p1, v2: p2, v3: p3}, force: {v0: f0, v1: f1, v2: f2, v3: f3}}
`), "p.yaml")
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("id,arm,p0,p1,p2,p3,f0,f1,f2,f3\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,%s", i, string("ac"[i%2]))
		base := 6 + r.NormFloat64()
		for v := range 4 {
			fmt.Fprintf(&b, ",%.1f", min(10, max(0, base-0.3*float64(v)-0.1*float64(i%2)+1.2*r.NormFloat64())))
		}
		for range 4 {
			fmt.Fprintf(&b, ",%.4f", 100+20*r.NormFloat64())
		}
		b.WriteString("\n")
	}
	ds, err := study.Load(strings.NewReader(b.String()), "d.csv", p)
	require.NoError(t, err)
	return ds
}

// What a large trial approximates, its rows say: the rank test beyond
// some 74 × 74 with ties, and how many arrangements a Monte Carlo test drew.
func TestLargeTrialSaysWhatItApproximates(t *testing.T) {
	ds := largeTrial(t, 402)
	res, err := ds.Analyze(study.Plan{Outcome: "pain", Visit: "v1"})
	require.NoError(t, err)
	row, _ := study.FindRow(res, "mann-whitney-change", "a")
	assert.Contains(t, study.Codes(row.Notes), "rank-inverted")
	arms := map[string][]float64{}
	for _, r := range ds.Records("pain", "v1") {
		arms[r.Arm] = append(arms[r.Arm], r.Change)
	}
	want, err := rank.MannWhitneyWith(arms["a"], arms["c"], rank.Options{Method: rank.Exact})
	require.NoError(t, err)
	assert.InEpsilon(t, want.P(0), row.P, 1e-3)
	assert.Equal(t, want.Point(), row.Estimate)
	assert.False(t, slices.ContainsFunc(res.Floors, func(f study.Floor) bool { return f.Method == row.Method }),
		"only an exact test has a floor")

	for _, method := range []study.Method{study.MethodPermutationANCOVA, study.MethodPermutationChange} {
		row, _ = study.FindRow(res, method, "a")
		i := slices.IndexFunc(row.Notes, func(n study.Note) bool { return n.Code == resample.NotePermApprox })
		require.GreaterOrEqual(t, i, 0, method)
		assert.Equal(t, 1e-4, row.Notes[i].Args["error"])
		assert.Equal(t, 0.01, row.Notes[i].Args["share"])
	}
}

// exact: true computes a companion that would be approximated, and no other
// number of the trial.
func TestExactPlanForcesExactCompanions(t *testing.T) {
	ds := largeTrial(t, 240)
	plan := study.Plan{Outcome: "pain", Visit: "v1"}
	approx, err := ds.Analyze(plan)
	require.NoError(t, err)
	plan.Exact = true
	exact, err := ds.Analyze(plan)
	require.NoError(t, err)
	require.Len(t, exact.Rows, len(approx.Rows))
	arms := map[string][]float64{}
	for _, r := range ds.Records("pain", "v1") {
		arms[r.Arm] = append(arms[r.Arm], r.Change)
	}
	want, err := resample.PermutationWith(arms["a"], arms["c"], resample.PermOptions{Method: resample.PermLattice})
	require.NoError(t, err)
	ranks, err := rank.MannWhitneyWith(arms["a"], arms["c"], rank.Options{Method: rank.Exact})
	require.NoError(t, err)
	for i, row := range exact.Rows {
		beside := approx.Rows[i]
		if row.Method == "mann-whitney-change" {
			assert.Equal(t, ranks.P(0), row.P)
			assert.NotContains(t, study.Codes(row.Notes), "rank-inverted")
			assert.Contains(t, study.Codes(beside.Notes), "rank-inverted")
			assert.InEpsilon(t, row.P, beside.P, 1e-3)
			assert.Equal(t, row.Lower, beside.Lower)
			continue
		}
		if row.Method != study.MethodPermutationChange {
			assert.Equal(t, beside.P, row.P, row.Method)
			continue
		}
		assert.Equal(t, want.P(0), row.P)
		assert.Equal(t, want.CI(0.95).Lo, row.Lower)
		assert.NotContains(t, study.Codes(row.Notes), resample.NotePermApprox)
		assert.Contains(t, study.Codes(beside.Notes), resample.NotePermApprox)
		assert.NotEqual(t, row.P, beside.P)
		assert.InDelta(t, row.P, beside.P, 1e-4+0.01*row.P)
		assert.InDelta(t, row.Lower, beside.Lower, 0.1)
		assert.InDelta(t, row.Upper, beside.Upper, 0.1)
	}
}

// A report of thousands who left does not name them all.
func TestLargeReportStaysReadable(t *testing.T) {
	csv := "id,arm,pre,post\n"
	for i := range 600 {
		csv += fmt.Sprintf("%d,%s,%d,%s\n", i+1, string("ac"[i%2]), i%9, map[bool]string{true: fmt.Sprint(i % 7), false: ""}[i < 40])
	}
	ds, err := study.Load(strings.NewReader(csv), "d.csv", study.Parsed(t, study.SmallProtocol))
	require.NoError(t, err)
	r := analyzeAll(t, ds)
	var b strings.Builder
	require.NoError(t, report.Text(&b, r, report.Options{Supplement: true}))
	flat := strings.Join(strings.Fields(b.String()), " ")
	assert.Contains(t, flat, "Active: 280 without value at this visit: 41, 43, ")
	assert.Contains(t, flat, " 137, 139, …")
	assert.NotContains(t, flat, "141, ")
}

func BenchmarkAnalyzeAllLarge(b *testing.B) {
	ds := largeTrial(b, 2000)
	for b.Loop() {
		if _, err := ds.AnalyzeAll(); err != nil {
			b.Fatal(err)
		}
	}
}

// looks is a context that ends when it has been looked at so many times.
type looks struct {
	context.Context
	left, after atomic.Int64 // until its end, and since
}

func (l *looks) Err() error {
	if l.left.Add(-1) >= 0 {
		return nil
	}
	l.after.Add(1)
	return context.DeadlineExceeded
}

// Whatever is being computed, a canceled analysis ends soon: wherever the
// context ends, every computation that then looks at it stops.
func TestLargeTrialStops(t *testing.T) {
	ds := largeTrial(t, 2000)
	all := &looks{Context: context.Background()}
	all.left.Store(math.MaxInt64)
	_, err := ds.AnalyzeAllContext(all)
	require.NoError(t, err)
	total := math.MaxInt64 - all.left.Load()
	require.Greater(t, total, int64(10))
	for _, before := range []int64{0, 1, 2, total / 4, total / 2, total * 3 / 4} {
		ctx := &looks{Context: context.Background()}
		ctx.left.Store(before)
		_, err := ds.AnalyzeAllContext(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded, before)
		assert.Less(t, ctx.after.Load(), int64(100), "after %d of %d looks", before, total)
	}
}
