package assoc_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/internal/statstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestROCCurveProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	draw := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(rng.IntN(8))
		}
		return x
	}
	for range 100 {
		cases, controls := draw(2+rng.IntN(6)), draw(2+rng.IntN(6))
		r, err := assoc.ROC(cases, controls)
		require.NoError(t, err)
		s, err := assoc.ROC(controls, cases)
		require.NoError(t, err)
		assert.InDelta(t, 1-r.AUC, s.AUC, 1e-14, "swapped")
		assert.InDelta(t, r.Var, s.Var, 1e-14)
		assert.InDelta(t, r.AUC, r.PartialAUC(0, 1), 1e-13, "the area is the area under the curve")
		cut := rng.Float64()
		assert.InDelta(t, r.AUC, r.PartialAUC(0, cut)+r.PartialAUC(1, cut), 1e-13)
		slices.Reverse(cases)
		u, err := assoc.ROC(statstest.Affine(cases, 3, 1), statstest.Affine(controls, 3, 1))
		require.NoError(t, err)
		assert.InDelta(t, r.AUC, u.AUC, 1e-14)
		for _, p := range r.Points {
			v := p.Predictive(r.Prevalence())
			tp := p.Sensitivity * float64(r.Cases)
			called := tp + (1-p.Specificity)*float64(r.Controls)
			if called > 0 {
				assert.InDelta(t, tp/called, v.Positive, 1e-13)
			} else {
				assert.True(t, math.IsNaN(v.Positive), "nobody is called a case")
			}
		}
	}
}
