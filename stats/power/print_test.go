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
	assert.Equal(t, "t-test, two groups: n = 20, effect 0.8, alpha 0.05: power 0.69", power.TDesign{N: 20, Effect: 0.8}.String())
	assert.Contains(t, power.FDesign{DF1: 2, DF2: 30, Lambda: 4}.String(), ": power 0.3")
	assert.Equal(t, "two proportions: 0.6 against 0.35, alpha 0.05", power.ProportionDesign{P1: 0.6, P2: 0.35}.String(), "no size yet, no power")
}
