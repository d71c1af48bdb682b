package power_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/power"
)

// Ten participants whose arms differ by 1 and vary in the eighth decimal: the
// interval of g used to take minutes, and longer the smaller the variation.
// Every answer that pivots or integrates a noncentral distribution is bounded.
func TestNothingHangsOnHugeEffects(t *testing.T) {
	x, y := []float64{1, 1 + 1e-8, 1, 1 - 1e-8, 1}, []float64{0, 1e-8, 0, 0, -1e-8}
	start := time.Now()
	g, err := stats.HedgesG(x, y)
	require.NoError(t, err)
	ci := g.CI(0.95)
	// δ = T·√(χ²₈/8) at this T (R: qchisq(c(.025, .975), 8) = 2.1797307, 17.5345461).
	assert.InEpsilon(t, g.Value*0.5219830882, ci.Lo, 1e-7)
	assert.InEpsilon(t, g.Value*1.4804790669, ci.Hi, 1e-7)
	g.P(5)
	v, err := stats.ExplainF(g.T*g.T, 1, 8)
	require.NoError(t, err)
	v.Eta2CI(0.9)
	assert.Equal(t, 1.0, power.TDesign{N: 5, Effect: 1e9}.Power())
	assert.Equal(t, 1.0, power.TDesign{N: 1e12, Effect: 1}.Power())
	assert.Equal(t, 1.0, power.FDesign{DF1: 3, DF2: 20, Lambda: 1e20}.Power())
	_, err = power.TypeSM(1, 1e-9, 8, 0.05)
	require.NoError(t, err)
	n, err := power.Equivalence{SD: 1, Margin: 1e-6}.SolveN(0.8)
	require.NoError(t, err)
	assert.InEpsilon(t, power.Equivalence{SD: 1, Margin: 1e-6}.NormalN(0.8), n, 1e-6)
	assert.Less(t, time.Since(start), time.Minute) // milliseconds, if nothing hangs
}
