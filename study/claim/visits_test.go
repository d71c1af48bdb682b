package claim

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// The spread of a change is that of the visits and their correlation: against
// values, whose own correlation is put in.
func TestChangeSDFromVisits(t *testing.T) {
	before, after := []float64{6.1, 5.4, 7.2, 8.0, 6.6}, []float64{4.0, 3.9, 5.5, 4.1, 6.2}
	change := make([]float64, 5)
	for i := range change {
		change[i] = after[i] - before[i]
	}
	a, err := stats.Summarize(before)
	require.NoError(t, err)
	b, err := stats.Summarize(after)
	require.NoError(t, err)
	d, err := stats.Summarize(change)
	require.NoError(t, err)
	cov := 0.0
	for i := range before {
		cov += (before[i] - a.Mean) * (after[i] - b.Mean) / 4
	}
	assert.InDelta(t, d.SD, changeSD(a.SD, b.SD, cov/(a.SD*b.SD)), 1e-12)
	assert.InDelta(t, math.Abs(a.SD-b.SD), changeSD(a.SD, b.SD, 1), 1e-12)
	assert.InDelta(t, a.SD+b.SD, changeSD(a.SD, b.SD, -1), 1e-12)
}

// Means and SDs at both visits: the follow-up comparison carries the verdict,
// the difference of changes stands beside it under stated correlations.
func TestScoresAtTwoVisits(t *testing.T) {
	c := claimOf(Result{Outcome: "vas", Contrast: study.Between, Measure: MeasureScore, Groups: []Group{
		{Arm: "laser", Mean: "3.1", SD: "1.5", Baseline: "6.0", BaselineSD: "1.2"},
		{Arm: "sham", Mean: "5.0", SD: "1.6", Baseline: "5.8", BaselineSD: "1.1"}}})
	c.Arms[0].N, c.Arms[1].N = 20, 20
	r := read(t, judged(c))
	res := r.Results[0]
	require.Len(t, res.Within, 2)
	assert.Equal(t, -2.9, res.Within[0].Change)
	assert.Nil(t, res.Within[0].Effect, "its spread was not printed")
	require.Len(t, res.Between, 2)
	assert.Equal(t, "groups", res.Between[0].Source)
	assert.Equal(t, -1.9, res.Between[0].Difference)
	v := res.Between[1]
	assert.Equal(t, "visits", v.Source)
	assert.Equal(t, -2.1, v.Difference)
	require.Len(t, v.Assumed, 3)
	for i, a := range v.Assumed {
		want, err := stats.WelchSummary(stats.Summary{N: 20, Mean: -2.9, SD: math.Sqrt(1.2*1.2 + 1.5*1.5 - 2*a.Correlation*1.2*1.5)},
			stats.Summary{N: 20, Mean: -0.8, SD: math.Sqrt(1.1*1.1 + 1.6*1.6 - 2*a.Correlation*1.1*1.6)})
		require.NoError(t, err)
		assert.InDelta(t, want.CI(0.95).Lo, a.Effect.CI(0.95).Lo, 1e-12)
		if i > 0 {
			assert.Less(t, a.Effect.CI(0.95).Width(), v.Assumed[i-1].Effect.CI(0.95).Width())
		}
	}
	assert.Contains(t, noteCodes(r.Flags), "claim-flag-within-mcid", "2.9 within is beyond 2.26")
	var b bytes.Buffer
	require.NoError(t, r.WriteMarkdown(&b, report.Options{}))
	assert.Contains(t, b.String(), "Difference of the changes from baseline, laser − sham (20 v 20): −2.10\u00a0cm")
	assert.Contains(t, b.String(), "with 0.3 (important benefit: possible)")

	c.Results[0].Measure = MeasureChange
	_, err := c.Read()
	assert.ErrorContains(t, err, "only scores have a baseline beside them")
}

// "No difference" with nothing printed excludes nothing.
func TestNoDifferenceWithoutInterval(t *testing.T) {
	c := claimOf(Result{Outcome: "vas", Contrast: study.Between, Change: "-0.4"})
	c.Quotes = []string{"no difference was found"}
	assert.Contains(t, noteCodes(read(t, c).Flags), "claim-flag-no-difference-bare")
}

// Needed spreads against R: abs(x - null)*sqrt(5)/qt(.975, 4) and
// abs(x - null)/(qt(.975, 8)*sqrt(2/5)), printed with digits = 15.
func TestNeededSDsAgreeWithR(t *testing.T) {
	res := read(t, claimOf(Result{Outcome: "vas", Change: "-2.66"})).Results[0]
	assert.InDelta(t, 2.142286483177455, res.Within[0].Needs[0].Below, 1e-12)
	assert.InDelta(t, 0.322148343334956, res.Within[0].Needs[1].Below, 1e-12)
	assert.InDelta(t, 1.823860254115101, res.Between[0].Needs[0].Below, 1e-12)
	assert.InDelta(t, 0.274264699866933, res.Between[0].Needs[1].Below, 1e-12)
}

// A printed interval and a printed p-value go back to one standard error, on
// n₁ + n₂ − 2 degrees of freedom: −2 ± 2.30600413520417 (R: qt(.975, 8)) is
// p = 2*pt(-2, 8) = 0.0805162379572626.
func TestPrintedComparisonDegreesOfFreedom(t *testing.T) {
	want := 0.0805162379572626
	for _, d := range []Difference{
		{Value: "-2", CI: [2]integrity.Printed{"-4.30600413520417", "0.30600413520417"}},
		{Value: "-2", P: "0.0805162379572626"}, {Value: "-2", SE: "1"},
	} {
		b := read(t, claimOf(Result{Outcome: "vas", Contrast: study.Between, Difference: d})).Results[0].Between[0]
		assert.InDelta(t, want, b.Effect.P(0), 1e-12)
		assert.InDelta(t, -4.30600413520417, b.Effect.CI(0.95).Lo, 1e-12)
		assert.InDelta(t, -2-3.35538733133340, b.Effect.CI(0.99).Lo, 1e-10, "qt(.995, 8)")
	}
}

// What a model adjusted is not held against the arms' raw numbers.
func TestAdjustedIsNotAccused(t *testing.T) {
	c := claimOf(Result{Outcome: "vas", Contrast: study.Between, Measure: MeasureChange,
		Groups:     []Group{{Arm: "laser", Mean: "-2.6", SD: "1.0"}, {Arm: "sham", Mean: "-0.4", SD: "1.0"}},
		Difference: Difference{Value: "-1.7", CI: [2]integrity.Printed{"-2.4", "-1.0"}, P: "0.001", Adjusted: true}})
	assert.Empty(t, read(t, c).Findings)
	c.Results[0].Difference.Adjusted = false
	assert.NotEmpty(t, read(t, c).Findings)
}
