package claim

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/prose"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
)

func claimText(t *testing.T, r Reading) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, r.WriteMarkdown(&b, report.Options{}))
	return b.String()
}

// 16.9 (−3.9 to 17.7): the middle is 6.9. The reading keeps the interval as
// printed, and computes neither a standard error nor a p-value (it was .0025,
// beside an interval that includes 0). The numbers do not "fit".
func TestValueOffTheMiddleHasNoP(t *testing.T) {
	r := read(t, claimOf(Result{Outcome: "vas", Contrast: study.Between,
		Difference: Difference{Value: "16.9", CI: [2]integrity.Printed{"-3.9", "17.7"}}}))
	require.Equal(t, []string{"claim-value-off-middle"}, noteCodes(r.Findings))
	assert.InDelta(t, 6.9, r.Findings[0].Args["middle"], 1e-12)
	e := r.Results[0].Between[0].Effect
	assert.Equal(t, stats.Interval{Lo: -3.9, Hi: 17.7, Level: 0.95}, e.CI(0.95))
	assert.True(t, math.IsNaN(e.P(0)), "no p-value follows")
	page := claimText(t, r)
	assert.NotContains(t, page, "p = ")
	assert.Contains(t, page, "not the middle of its interval")

	// A headline number and an arm's own change likewise.
	r = read(t, claimOf(Result{Outcome: "vas", Change: "16.9", CI: [2]integrity.Printed{"-3.9", "17.7"}}))
	assert.Equal(t, []string{"claim-value-off-middle"}, noteCodes(r.Findings))
	assert.True(t, math.IsNaN(r.Results[0].Between[0].Effect.P(0)))
	assert.Equal(t, stats.Interval{Lo: -3.9, Hi: 17.7, Level: 0.95}, r.Results[0].Within[0].Effect.CI(0.95))
}

// Rounding of value, lower and upper end each count: mid 6.9 of −3.9 to 17.7
// may be 6.8 to 7.0, of −4 to 18 (mid 7) 6.5 to 7.5 and half a unit of the value.
func TestMiddleAllowsTheRoundingOfAllThree(t *testing.T) {
	for _, c := range []struct {
		value, lo, hi integrity.Printed
		off           bool
	}{
		{"6.9", "-3.9", "17.7", false}, {"6.8", "-3.9", "17.7", false}, {"7.0", "-3.9", "17.7", false},
		{"6.7", "-3.9", "17.7", true}, {"7.1", "-3.9", "17.7", true}, {"7", "-3.9", "17.7", false},
		{"6.45", "-4", "18", true}, {"6.5", "-4", "18", false}, {"7.55", "-4", "18", true},
		{"7.2", "-3.9", "18", false}, {"7.5", "-3.9", "18", true}, {"6.900", "-3.900", "17.700", false},
		{"6.902", "-3.900", "17.700", true}, {"", "-3.9", "17.7", false},
	} {
		assert.Equal(t, c.off, offMiddle(c.value, [2]integrity.Printed{c.lo, c.hi}), "%v", c)
	}
}

// Counts of harms: 6 of 20 against 2 of 20, 20 points more, are one harm in
// five, NNTH 5.0; 2 against 6 are NNTB. Responders of a scale that goes down
// stay responders.
func TestHarmsReadNNTH(t *testing.T) {
	claim := func(o study.Outcome, m Measure, x, y int) Claim {
		return Claim{Title: "claim", Contrast: study.Between, Arms: []Arm{{ID: "a", N: 20}, {ID: "b", N: 20, Control: true}},
			Outcomes: []study.Outcome{o},
			Results:  []Result{{Outcome: o.ID, Measure: m, Groups: []Group{{Arm: "a", Events: x}, {Arm: "b", Events: y}}}}}
	}
	bare := study.Outcome{ID: "ae", Label: "adverse events", Better: study.LowerIsBetter}
	binary := study.Outcome{ID: "ae", Label: "adverse events", Better: study.LowerIsBetter, Min: 0, Max: 1, Resolution: 1}
	pain := study.Outcome{ID: "vas", Label: "pain", Unit: "cm", Min: 0, Max: 10, Better: study.LowerIsBetter}
	good := study.Outcome{ID: "better", Label: "better", Better: study.HigherIsBetter}
	for _, c := range []struct {
		claim Claim
		want  string
		harm  bool
	}{
		{claim(bare, MeasureResponders, 6, 2), "NNTH\u00a05.0", true},
		{claim(bare, MeasureResponders, 2, 6), "NNTB\u00a05.0", true},
		{claim(binary, MeasureResponders, 6, 2), "NNTH\u00a05.0", true},
		{claim(good, MeasureHarms, 6, 2), "NNTH\u00a05.0", true},
		{claim(pain, MeasureHarms, 6, 2), "NNTH\u00a05.0", true},
		{claim(pain, MeasureResponders, 6, 2), "NNTB\u00a05.0", false},
		{claim(good, MeasureResponders, 6, 2), "NNTB\u00a05.0", false},
	} {
		r := read(t, c.claim)
		x := r.Results[0].Responders[0]
		assert.Equal(t, c.harm, x.Harm)
		assert.InDelta(t, 0.2, math.Abs(x.Risk.Point()), 1e-12)
		page := claimText(t, r)
		assert.Contains(t, page, "Number needed to treat: "+c.want)
		assert.Equal(t, c.harm, bytes.Contains([]byte(page), []byte("Harms: ")))
	}

	// A printed number needed to harm, 5 (2 to 20), may run either way.
	c := claim(bare, MeasureHarms, 6, 2)
	wald, err := table.RiskDifferenceWith(table.Count{Events: 6, N: 20}, table.Count{Events: 2, N: 20}, table.RiskDifferenceOptions{Method: table.WaldRD})
	require.NoError(t, err)
	assert.InDelta(t, 0.44, wald.CI(0.95).Hi, 0.005) // 0.2 + 1.96·√(.3·.7/20 + .1·.9/20)
	c.Results[0].Difference = Difference{NNT: "5"}
	assert.Empty(t, read(t, c).Findings)
}

// No p-value is printed as 0.0000: those of −2.0 (−2.2 to −1.8) are 19.6
// standard errors out.
func TestNoPIsPrintedAsZero(t *testing.T) {
	r := read(t, claimOf(Result{Outcome: "vas", Contrast: study.Between,
		Difference: Difference{Value: "-2.0", CI: [2]integrity.Printed{"-2.2", "-1.8"}, P: "0.04", Test: "z"}}))
	require.Equal(t, []string{"claim-ci-p"}, noteCodes(r.Findings))
	page := claimText(t, r)
	assert.NotContains(t, page, "0.0000")
	assert.Contains(t, page, "belongs to a p-value below 0.0001; printed is 0.04")

	en, err := text.In("en")
	require.NoError(t, err)
	b := writing{Writer: prose.Writer{C: en}}
	for want, p := range map[string][2]float64{"below 0.0001": {0, 0.00009}, "of at most 0.0123": {0.00001, 0.0123},
		"between 0.0012 and 0.0345": {0.0012, 0.0345}, "of 0.0123": {0.01230, 0.01231}} {
		assert.Equal(t, want, b.pRange(p[0], p[1]))
	}
}

// An adjusted difference on the other side of no effect than the arms' own means is doubted;
// one on their side is not.
func TestAdjustedDifferenceOfTheOtherSignIsDoubted(t *testing.T) {
	for value, want := range map[integrity.Printed]bool{"1.9": true, "-1.9": false, "-0.1": false} {
		r := read(t, paper(study.LowerIsBetter, 0, 105, 107, Result{Measure: MeasureChange, Groups: []Group{
			{Arm: "active", Mean: "-5.2", SD: "5.0"}, {Arm: "control", Mean: "-3.3", SD: "4.3"}},
			Difference: Difference{Value: value, Adjusted: true}}))
		if want {
			assert.Equal(t, []string{"claim-adjusted-sign"}, noteCodes(r.Findings), value)
			assert.Contains(t, claimText(t, r), "has the opposite sign to that of the arms' own means")
		} else {
			assert.NotContains(t, noteCodes(r.Findings), "claim-adjusted-sign", value)
		}
	}
}
