package stats_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/rank"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

func TestSMDProperties(t *testing.T) {
	a, b := []float64{4.1, 2.2, 5.9, 3.3, 4.4}, []float64{6.4, 7.1, 5.2, 6.0}
	for name, f := range map[string]func(x, y []float64) (stats.SMD, error){
		"d": stats.CohenD, "g": stats.HedgesG,
		"average": func(x, y []float64) (stats.SMD, error) { return stats.HedgesGAverage(x, y) },
	} {
		s, err := f(a, b)
		require.NoError(t, err)
		r, err := f(b, a)
		require.NoError(t, err)
		assert.InEpsilon(t, s.Value, -r.Value, 1e-13, name)
		assert.InEpsilon(t, s.CI(0.95).Lo, -r.CI(0.95).Hi, 1e-10, name)
		// Units do not matter.
		k := func(x []float64) []float64 {
			out := make([]float64, len(x))
			for i := range x {
				out[i] = 1000 + 16*x[i]
			}
			return out
		}
		u, err := f(k(a), k(b))
		require.NoError(t, err)
		assert.InEpsilon(t, s.Value, u.Value, 1e-11, name)
		// p and interval tell the same story, at zero and elsewhere.
		for _, null := range []float64{-3, -1, 0, 0.5} {
			for _, level := range []float64{0.8, 0.95, 0.999} {
				statstest.Agree(t, s, null, level, name)
			}
		}
	}
	// Against no effect the noncentral pivot is Student's test.
	d, err := stats.CohenD(a, b)
	require.NoError(t, err)
	e, err := stats.Student(a, b)
	require.NoError(t, err)
	assert.InEpsilon(t, e.P(0), d.P(0), 1e-10)
}

func TestSMDRefuses(t *testing.T) {
	for _, f := range []func(x, y []float64) (stats.SMD, error){stats.CohenD, stats.HedgesG, stats.GlassDelta} {
		_, err := f([]float64{1, math.NaN()}, []float64{1, 2})
		assert.ErrorIs(t, err, stats.ErrNotFinite)
		_, err = f([]float64{2, 2}, []float64{2, 2})
		assert.ErrorIs(t, err, stats.ErrNoVariation)
	}
	_, err := stats.GlassDelta([]float64{1, 2}, []float64{3, 3})
	assert.ErrorIs(t, err, stats.ErrNoVariation, "the control's SD is the unit")
}

// Cliff's δ by its definition, and the paired form by ranks of 1, 2, 3, 4.
func TestRankBiserial(t *testing.T) {
	r, err := rank.CliffDelta([]float64{3, 3, 5}, []float64{1, 3})
	require.NoError(t, err)
	assert.InDelta(t, (1+0+1+0+1+1)/6.0, r.Value, 1e-15)
	p, err := rank.PairedRankBiserial([]float64{1, 4, 0, 5, 7}, []float64{2, 2, 3, 1, 7})
	require.NoError(t, err)
	assert.InDelta(t, (2+4-1-3)/10.0, p.Value, 1e-15, "the tie of 7 and 7 is left out")
	assert.True(t, p.CI(0.95).Contains(p.Value))
	_, err = rank.PairedRankBiserial([]float64{1}, []float64{1})
	assert.ErrorIs(t, err, stats.ErrNoVariation)
}

func TestExplainF(t *testing.T) {
	v, err := stats.ExplainF(4.2, 2, 27)
	require.NoError(t, err)
	p90 := v.Noncentrality(0.9)
	assert.Greater(t, p90.Lo, 0.0, "p < 0.05: the 90% interval starts above 0")
	assert.Zero(t, v.Noncentrality(0.99).Lo)
	_, err = stats.ExplainF(-1, 2, 27)
	assert.ErrorIs(t, err, stats.ErrDomain)
}

func TestROCProperties(t *testing.T) {
	cases, controls := []float64{3, 5, 5, 7, 9}, []float64{1, 2, 5, 4}
	r, err := assoc.ROC(cases, controls)
	require.NoError(t, err)
	d, err := rank.CliffDelta(cases, controls)
	require.NoError(t, err)
	assert.InDelta(t, (d.Value+1)/2, r.AUC, 1e-15)
	// The curve's trapezoids have the AUC's area.
	area := 0.0
	for i := 1; i < len(r.Points); i++ {
		p, q := r.Points[i-1], r.Points[i]
		area += (p.Specificity - q.Specificity) * (p.Sensitivity + q.Sensitivity) / 2
	}
	assert.InDelta(t, r.AUC, area, 1e-15)
	swapped, err := assoc.ROC(controls, cases)
	require.NoError(t, err)
	assert.InDelta(t, 1-r.AUC, swapped.AUC, 1e-15)
	assert.InDelta(t, r.Var, swapped.Var, 1e-15)
	_, err = assoc.CompareROC(r, r)
	assert.ErrorIs(t, err, stats.ErrNoVariation)
}

func ExampleHedgesG() {
	g, err := stats.HedgesG([]float64{-3.1, -4.0, -2.2, -3.6, -3.3}, []float64{-0.4, 0.2, -1.1, -0.3, -0.5})
	if err != nil {
		panic(err)
	}
	fmt.Println(g)
	// Output: Hedges' g = -4.4 (95% CI -6.8 to -2.0; noncentral t, 8 df)
}

func ExampleTranslate() {
	c := stats.Translate(0.5)
	fmt.Printf("superiority %.2f, U3 %.2f, overlap %.2f\n", c.Superiority, c.U3, c.Overlap)
	// Output: superiority 0.64, U3 0.69, overlap 0.80
}
