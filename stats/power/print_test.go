package power_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/power"
)

func TestResultsPrintAndMarshal(t *testing.T) {
	e, err := power.TypeSMGroups(0.5, 5, 5, 0.05)
	require.NoError(t, err)
	weak, err := power.TypeSMGroups(1e-9, 5, 5, 0.05)
	require.NoError(t, err)
	statstest.Results(t, e, weak, power.TDesign{N: 20, Effect: 0.8}, power.TDesign{Effect: 0.5, OneSample: true, OneSided: true},
		power.Equivalence{N: 50, SD: 10, Margin: 5}, power.Equivalence{SD: 10, Margin: 5, NonInferiority: true},
		power.ANOVADesign{K: 3, N: 20, F: 0.4}, power.ANOVADesign{K: 3}, power.FDesign{DF1: 2, DF2: 30, Lambda: 4}, power.CorrelationDesign{R: 0.4},
		power.CorrelationDesign{N: 40, R: 0.4}, power.ChiSquareDesign{N: 90, W: 0.3, DF: 2}, power.ChiSquareDesign{W: 0.3, DF: 1},
		power.ProportionDesign{N: 60, P1: 0.6, P2: 0.35}, power.ProportionDesign{P1: 0.6, P2: 0.35}, power.NonInferiorProportions{P1: 0.8, P2: 0.8, Margin: 0.1})
	risk, err := power.NewPilotRisk(8, 0.8, 0.05, 0)
	require.NoError(t, err)
	dunnett := power.DunnettDesign{N: 20, Effects: []float64{0.8, 0.5}}
	both, err := dunnett.Power()
	require.NoError(t, err)
	statstest.Results(t, risk, dunnett, both, power.ANCOVADesign{N: 20, Effect: 1.5, SD: 2.3, Correlation: 0.5}, power.ANCOVADesign{Effect: 1.5, SD: 2.3},
		power.MMRMDesign{N: 40, Effect: 1, SD: 2, R: [][]float64{{1, 0.5}, {0.5, 1}}, Treated: []float64{1, 0.8}},
		power.OrdinalDesign{N: 90, Shares: []float64{0.3, 0.7}, OddsRatio: 2}, power.MannWhitneyDesign{N: 40, Probability: 0.65}, power.WinRatioDesign{N: 90, WinRatio: 1.5},
		power.CountDesign{N: 90, Rate: 1, RateRatio: 0.7, Dispersion: 0.4, Time: 1}, power.LogRankDesign{Events: 200, HazardRatio: 0.7},
		power.Recruitment{Hazard: 0.1, Accrual: 12, Follow: 12}, power.ClusterDesign{Clusters: 8, Size: 20, ICC: 0.05, Effect: 0.5, SD: 1},
		power.CrossoverDesign{N: 16, Effect: 1, SD: 1}, power.CrossoverDesign{N: 24, SD: 1, Low: -1, High: 1}, power.PrecisionDesign{N: 20, SD: 10}, power.PrecisionDesign{SD: 10, TwoArms: true},
		power.AssuranceDesign{Mean: 1, SD: 0.5, SE: 0.4}, power.CoPrimaryDesign{N: 40, Effects: []float64{0.5, 0.6}, Correlation: [][]float64{{1, 0.3}, {0.3, 1}}},
		power.ExactProportions{N: 20, P1: 0.7, P2: 0.3}, power.ExactSize{First: 24, Power: 0.81, Lasting: 25, Searched: 45})
	assert.Equal(t, "n = 24 an arm reaches it (0.810), from n = 25 on it is never lost (searched to 45)", power.ExactSize{First: 24, Power: 0.81, Lasting: 25, Searched: 45}.String())
	assert.Equal(t, "t-test, two groups: n = 20, effect 0.8, alpha 0.05: power 0.69", power.TDesign{N: 20, Effect: 0.8}.String())
	assert.Contains(t, power.FDesign{DF1: 2, DF2: 30, Lambda: 4}.String(), ": power 0.3")
	assert.Equal(t, "two proportions: 0.6 against 0.35, alpha 0.05", power.ProportionDesign{P1: 0.6, P2: 0.35}.String(), "no size yet, no power")
}
