package power_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/power"
)

// Invented designs, with unequal arms, several covariates, correlations that fade and loss
// that grows and differs between the arms, beside what testdata/closed.R prints of them in
// R 4.2.2: its own functions, the papers' formulas written out, integrals and all tables.
func TestDesignsAgreeWithClosedForms(t *testing.T) {
	n := func(x float64, err error) float64 {
		t.Helper()
		require.NoError(t, err)
		return x
	}
	fading := make([][]float64, 4)
	for i := range fading {
		for j := range 4 {
			fading[i] = append(fading[i], math.Pow(0.75, math.Abs(float64(i-j))))
		}
	}
	mmrm := power.MMRMDesign{N: 70, Ratio: 1.5, Effect: 2.9, SD: 6.2, R: fading,
		Treated: []float64{0.98, 0.94, 0.85, 0.71}, Control: []float64{0.97, 0.9, 0.83, 0.79}}
	ordinal := power.OrdinalDesign{Ratio: 1.5, Shares: []float64{0.1, 0.25, 0.3, 0.2, 0.15}, OddsRatio: 1.9}
	counts := power.CountDesign{Ratio: 0.5, Rate: 1.2, RateRatio: 0.65, Dispersion: 0.8, Time: 1.5}
	dunnett, err := power.DunnettDesign{N: 26, Effects: []float64{0.5, 0.8}}.Power()
	require.NoError(t, err)
	both, err := power.CoPrimaryDesign{N: 60, Effects: []float64{0.5, 0.6}, Correlation: [][]float64{{1, 0.35}, {0.35, 1}}}.Power()
	require.NoError(t, err)
	tables := func(test power.ProportionTest) float64 {
		return n(power.ExactProportions{N: 31, P1: 0.78, P2: 0.44, Test: test}.PowerContext(t.Context()))
	}
	precision := power.PrecisionDesign{N: 18, TwoArms: true, SD: 5.5}
	logSD := math.Sqrt(math.Log1p(0.28 * 0.28))
	for _, c := range []struct {
		name      string
		r, ours   float64
		tolerance float64
	}{
		{"t", 0.414626115793372, power.TDesign{N: 37, Effect: 4.1 / 7.3, Alpha: 0.01}.Power(), 1e-9},
		{"t-n", 61.3708317283908, n(power.TDesign{Effect: 4.1 / 7.3}.SolveN(0.87)), 1e-6},
		{"t-effect", 0.977447475122812, n(power.TDesign{N: 23}.SolveEffect(0.9)), 1e-7},
		{"pairs-n", 46.2978794013887, n(power.TDesign{OneSample: true, Effect: 0.45}.SolveN(0.85)), 1e-6},
		{"noninferior", 0.64019985586939, power.Equivalence{N: 44, SD: 2.4, Margin: 1.5, Diff: -0.3, NonInferiority: true}.Power(), 1e-9},
		// f is the SD of the group means, over all 4, by that within groups.
		{"anova", 0.673788192803963, power.ANOVADesign{K: 4, N: 17, F: math.Sqrt(4.6875/4) / 3}.Power(), 1e-9},
		{"proportions-n", 100.14002501422, n(power.ProportionDesign{P1: 0.62, P2: 0.41}.SolveN(0.85)), 1e-6},
		{"ancova", 0.659147026854046, power.ANCOVADesign{N: 14, Ratio: 1.5, Effect: 2.4, SD: 3.3, Correlation: 0.55, Covariates: 2}.Power(), 1e-8},
		{"mmrm-n", 97.31758527957, n(mmrm.SolveN(0.9)), 1e-8},
		{"mmrm", 0.78500395821534, mmrm.Power(), 1e-10},
		{"ordinal-n", 100.560713297563, n(ordinal.SolveN(0.8)), 1e-8},
		{"ranks-n", 77.7176261940874, n(power.MannWhitneyDesign{Ratio: 2, Probability: 0.63}.SolveN(0.9)), 1e-8},
		{"wins-n", 146.637159582121, n(power.WinRatioDesign{WinRatio: 1.6, Ties: 0.15}.SolveN(0.85)), 1e-8},
		{"counts-n", 184.652740618133, n(counts.SolveN(0.8)), 1e-8},
		{"schoenfeld", 317.902505894995, n(power.LogRankDesign{HazardRatio: 0.68, Ratio: 2}.SolveEvents(0.9)), 1e-8},
		{"freedman", 368.498610334429, n(power.LogRankDesign{HazardRatio: 0.68, Ratio: 2, Freedman: true}.SolveEvents(0.9)), 1e-8},
		{"event-share", 0.510295693055524, n(power.Recruitment{Hazard: 0.045, Accrual: 18, Follow: 10, Lost: 0.012}.EventProbability(1)), 1e-10},
		{"clusters", 0.9603055475997, power.ClusterDesign{Clusters: 11, Size: 22, CV: 0.4, ICC: 0.04, Effect: 4, SD: 8}.Power(), 1e-9},
		{"crossover", 0.651985833880878, power.CrossoverDesign{N: 20, Effect: 1.1, SD: 1.4}.Power(), 1e-9},
		{"bioequivalence", 0.639325467373081, power.CrossoverDesign{N: 24, Effect: math.Log(1.05), SD: logSD, Low: -math.Log(1.25), High: math.Log(1.25)}.Power(), 1e-7},
		{"dunnett-any", 0.765007061978937, dunnett.Any, 1e-6},
		{"both", 0.729838687495403, both, 1e-7},
		{"fisher", 0.726068143686749, tables(power.FisherTest), 1e-10},
		{"pooled", 0.806281449638856, tables(power.ScoreTest), 1e-10},
		{"assurance", 0.607485515037422, power.AssuranceDesign{Mean: 1.3, SD: 0.6, SE: 0.55}.Assurance(), 1e-8},
		{"half-width", 3.72578160041582, precision.HalfWidth(), 1e-9},
		{"expected-half-width", 3.69849053639749, precision.ExpectedHalfWidth(), 1e-9},
	} {
		assert.InDelta(t, c.r, c.ours, c.tolerance, c.name)
	}
}
