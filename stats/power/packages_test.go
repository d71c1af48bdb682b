package power_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/power"
)

// What the comments say of R, run: testdata/packages.R prints these values with R 4.2.2,
// pwr 1.3-0, rpact 3.3.4, Hmisc 4.8-0 and mvtnorm 1.1-3.
func TestPowerAgreesWithRPackages(t *testing.T) {
	pooled := func(method power.ProportionPower) float64 {
		return power.ProportionDesign{N: 50, P1: 0.7, P2: 0.5, Method: method}.Power()
	}
	events := func(freedman bool) float64 {
		n, err := power.LogRankDesign{HazardRatio: 0.7, Freedman: freedman}.SolveEvents(0.8)
		require.NoError(t, err)
		return n
	}
	recruited := func(ratio float64) float64 {
		// Dropout of 10 % in 12 months is a hazard of −log(0.9)/12.
		p, err := power.Recruitment{Hazard: 0.04, Accrual: 12, Follow: 12, Lost: 0.00878004298}.EventProbability(ratio)
		require.NoError(t, err)
		return p
	}
	ni, err := power.NonInferiorProportions{P1: 0.85, P2: 0.8, Margin: 0.1}.SolveN(0.9)
	require.NoError(t, err)
	dunnett, err := power.DunnettDesign{N: 11, Effects: []float64{0, 0, 0}}.Power()
	require.NoError(t, err)
	both, err := power.CoPrimaryDesign{N: 40, Effects: []float64{0.5, 0.6}, Correlation: [][]float64{{1, 0.3}, {0.3, 1}}}.Power()
	require.NoError(t, err)
	shares := power.OrdinalDesign{Shares: []float64{0.2, 0.5, 0.3}, OddsRatio: 2}
	ordinal, err := shares.SolveN(0.9)
	require.NoError(t, err)
	f2, err := power.SolveErrorDF(3, 0.2, 0.05, 0.653017444357)
	require.NoError(t, err)
	for _, c := range []struct {
		call      string
		r, ours   float64
		tolerance float64
	}{
		{"power.t.test", 0.693404196615, power.TDesign{N: 20, Effect: 0.8}.Power(), 1e-9},
		{"pwr.t2n.test", 0.696097308012, power.TDesign{N: 12, Ratio: 2, Effect: 0.9}.Power(), 1e-9},
		{"pwr.t.test, one sample", 0.580427108883, power.TDesign{N: 15, OneSample: true, Effect: 0.6}.Power(), 1e-9},
		{"power.prop.test", 0.533084396179, pooled(power.PooledZ), 1e-9},
		{"pwr.2p.test", 0.538912479668, pooled(power.ArcsineH), 1e-9},
		{"ES.h", 0.411516846067, power.CohenH(0.7, 0.5), 1e-9},
		{"pwr.anova.test", 0.354884038502, power.ANOVADesign{K: 4, N: 12, F: 0.3}.Power(), 1e-9},
		{"pwr.f2.test", 40, f2, 1e-6},
		{"pwr.r.test", 0.74048594039, power.CorrelationDesign{N: 40, R: 0.4}.Power(), 1e-9},
		{"pwr.chisq.test", 0.663486071751, power.ChiSquareDesign{W: 0.3, N: 100, DF: 4}.Power(), 1e-9},
		{"getSampleSizeRates", 138.670663003, ni, 1e-6},
		{"getPowerRates", 0.783701306888, power.NonInferiorProportions{P1: 0.85, P2: 0.8, Margin: 0.1}.PowerAt(100), 1e-8},
		{"getSampleSizeSurvival, Schoenfeld", 246.787104547, events(false), 1e-7},
		{"getSampleSizeSurvival, Freedman", 252.036249247, events(true), 1e-7},
		{"getEventProbabilities, treated", 0.323695506406, recruited(0.6), 1e-9},
		{"getEventProbabilities, control", 0.474328997378, recruited(1), 1e-9},
		{"posamsize, both arms", 311.927603482, 2 * ordinal, 1e-6},
		// popower has (N + 1)² where the published formula and posamsize have N².
		{"popower", 0.733263526133, power.OrdinalDesign{N: 100 * 200 * 200 / (201. * 201), Shares: shares.Shares, OddsRatio: 2}.Power(), 1e-9},
		{"qmvt, 40 degrees of freedom", 2.44142893991, dunnett.Critical, 1e-4},
		{"pmvnorm", 0.502599823213, both, 1e-6},
		{"power.t.test, one-sided", 0.777266729639, power.Equivalence{N: 50, SD: 2, Margin: 1, Diff: 0.1, NonInferiority: true}.Power(), 1e-9},
	} {
		assert.InDelta(t, c.r, c.ours, c.tolerance, c.call)
	}
}
