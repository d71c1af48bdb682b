package study

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// Reference: R 4.2.2, integrate(rel.tol = 1e-13) of dt((x − v)/se, df) ·
// dnorm(x, m, s) between breakpoints around both centers.
func TestPosteriorAgainstR(t *testing.T) {
	for _, c := range []struct{ v, se, df, m, s, th, greater0, greaterM, within float64 }{
		{2.66, 0.95, 8, 0, 2.26 / z95, 2.26, 0.958765074364802, 0.25789110093091, 0.741895414886667},
		{2.66, 0.95, 8, 2.26, 2.26 / z95, 2.26, 0.997922676974368, 0.633218453383475, 0.366780742318984},
		{-1, 0.4, 3.5, 0, 2.26 / z95, 2.26, 0.0459072320147448, 0.000149114391494641, 0.995600328327808},
		{8, 0.2, 6, 0, 1 / z95, 1, 0.706631532034586, 0.143762409141062, 0.840717924964047},
		{0.3, 5, 2, 0.5, 0.1, 0.4, 0.999999713793776, 0.841127153485764, 0.158872846514236},
	} {
		p := NewPosterior(stats.Estimate{Value: c.v, SE: c.se, DF: c.df}, HigherIsBetter, Prior{Mean: c.m, SD: c.s})
		assert.InDelta(t, c.greater0, p.Greater(0), 1e-11, "%+v", c)
		assert.InDelta(t, c.greaterM, p.Greater(c.th), 1e-11, "%+v", c)
		assert.InDelta(t, c.within, p.Within(c.th), 1e-11, "%+v", c)
		assert.InDelta(t, 1, p.Greater(c.th)+p.Less(c.th), 1e-12)
		// The density integrates to the probability.
		sum, pts := 0.0, p.Curve(-c.th, c.th, 4001)
		for i := 1; i < len(pts); i++ {
			sum += (pts[i].X - pts[i-1].X) * (pts[i].Y + pts[i-1].Y) / 2
		}
		assert.InDelta(t, c.within, sum, 1e-4)
	}
}

func TestPosteriorLimits(t *testing.T) {
	e := stats.Estimate{Value: -2.66, SE: 0.95, DF: 8}
	flat := NewPosterior(e, LowerIsBetter, FlatPrior())
	// Exact: with the flat prior P(δ > c) is one minus the one-sided p-value.
	assert.Equal(t, e.PGreater(0), flat.Greater(0))
	assert.InDelta(t, 1-e.P(0)/2, flat.Greater(0), 1e-15)
	// A wide prior is nearly flat, a t of many degrees of freedom nearly normal.
	wide := NewPosterior(e, LowerIsBetter, Prior{SD: 1e6})
	assert.InDelta(t, flat.Greater(2.26), wide.Greater(2.26), 1e-6)
	normal := NewPosterior(stats.Estimate{Value: -2.66, SE: 0.95, DF: math.Inf(1)}, LowerIsBetter, SkepticalPrior(2.26))
	many := NewPosterior(stats.Estimate{Value: -2.66, SE: 0.95, DF: 1e8}, LowerIsBetter, SkepticalPrior(2.26))
	assert.InDelta(t, normal.Greater(2.26), many.Greater(2.26), 1e-7)
	assert.InDelta(t, normal.Within(1), many.Within(1), 1e-7)
	assert.InDelta(t, normal.Density(1), many.Density(1), 1e-6)
	// The priors are what they say.
	big := stats.Estimate{Value: 0, SE: 1e9, DF: math.Inf(1)}
	assert.InDelta(t, 0.05, NewPosterior(big, HigherIsBetter, SkepticalPrior(2.26)).Greater(2.26), 1e-9)
	assert.InDelta(t, 0.05, NewPosterior(big, HigherIsBetter, EnthusiasticPrior(2.26)).Less(0), 1e-9)
}

func TestPosteriorProperties(t *testing.T) {
	for _, df := range []float64{2, 8.5, math.Inf(1)} {
		for _, prior := range []Prior{FlatPrior(), SkepticalPrior(2), EnthusiasticPrior(2), {Mean: -1, SD: 0.3}} {
			e := stats.Estimate{Value: 1.3, SE: 0.7, DF: df}
			p := NewPosterior(e, HigherIsBetter, prior)
			q := NewPosterior(e.Neg(), LowerIsBetter, prior)
			mm := NewPosterior(e.Scale(10), HigherIsBetter, Prior{Mean: 10 * prior.Mean, SD: 10 * prior.SD})
			last := 1.0
			for c := -4.0; c <= 4; c += 0.5 {
				g := p.Greater(c)
				assert.LessOrEqual(t, g, last+1e-15)
				last = g
				assert.InDelta(t, g, q.Greater(c), 1e-13, "direction and sign turned")
				assert.InDelta(t, g, mm.Greater(10*c), 1e-12, "units")
			}
			assert.InDelta(t, 1, p.Within(2)+p.Greater(2)+p.Less(-2), 1e-12)
		}
	}
	require.Panics(t, func() { NewPosterior(stats.Estimate{Value: 1, SE: 0, DF: 5}, HigherIsBetter, FlatPrior()) })
	require.Panics(t, func() { NewPosterior(stats.Estimate{Value: 1, SE: 1, DF: 5}, BetterUnset, FlatPrior()) })
	require.Panics(t, func() { SkepticalPrior(0) })
}

func ExampleNewPosterior() {
	// A fall in pain of 2.66 cm more than placebo, SE 0.95 on 8 degrees of freedom.
	e := stats.Estimate{Value: -2.66, SE: 0.95, DF: 8}
	for _, prior := range []Prior{FlatPrior(), SkepticalPrior(2.26)} {
		p := NewPosterior(e, LowerIsBetter, prior)
		fmt.Printf("%-9s any benefit %.2f, 2.26 cm or more %.2f\n", prior.Name, p.Greater(0), p.Greater(2.26))
	}
	// Output:
	// flat      any benefit 0.99, 2.26 cm or more 0.66
	// skeptical any benefit 0.96, 2.26 cm or more 0.26
}
