package study

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
)

// An effect of 0.1 worse with SE 0.4 and 30 df, margin 0.5: t = (0.5 − 0.1)/0.4 = 1.
// The p-value is Student's upper tail there, whichever direction is better.
func TestNonInferiorityIsOneSidedAtTheMargin(t *testing.T) {
	want := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: 30}.Survival(1)
	for _, c := range []struct {
		value  float64
		better Direction
		side   string
	}{{-0.1, HigherIsBetter, "lower"}, {0.1, LowerIsBetter, "upper"}} {
		e := stats.Estimate{Value: c.value, SE: 0.4, DF: 30}
		n := TestNonInferiority(e, 0.95, 0.5, c.better)
		assert.InDelta(t, want, n.P, 1e-12)
		assert.Equal(t, 0.025, n.Alpha)
		assert.Equal(t, c.side, n.Side)
		assert.Equal(t, "difference", n.Scale)
		assert.False(t, n.Shown)
		// The test and the two-sided interval agree at every margin and level.
		for _, level := range []float64{0.8, 0.9, 0.95, 0.99} {
			ci := benefitOf(e, c.better).CI(level)
			for m := 0.05; m < 3; m += 0.05 {
				assert.Equal(t, ci.Lo > -m, TestNonInferiority(e, level, m, c.better).Shown, "level %v margin %v", level, m)
			}
		}
	}
	// Superiority is said only where non-inferiority is shown, and the interval
	// then leaves out 0.
	n := TestNonInferiority(stats.Estimate{Value: 1.5, SE: 0.4, DF: 30}, 0.95, 0.5, HigherIsBetter)
	assert.True(t, n.Shown && n.Superior)
}
