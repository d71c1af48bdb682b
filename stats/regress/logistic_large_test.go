package regress_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/regress"
)

// With 100,000 participants the likelihood's rounding must not keep the fit
// from its maximum, where the score equations hold: in each arm the predicted
// responders are as many as the observed, and their baselines add up alike.
func TestLogisticConvergesInLargeTrials(t *testing.T) {
	const n = 100_000
	for _, seed := range []uint64{2, 10, 11, 12} {
		r := rand.New(rand.NewPCG(seed, 9))
		y, arm, base := make([]bool, n), make([]string, n), make([]float64, n)
		for i := range n {
			arm[i] = []string{"a", "c"}[i%2]
			base[i] = math.Round(50+22*r.NormFloat64()) / 10
			y[i] = r.NormFloat64() < 0.35*(base[i]-6.5)+0.1*float64(i%2)
		}
		m, err := regress.Logistic(y, regress.Category("arm", arm, "c"), regress.Numeric("baseline", base))
		require.NoError(t, err)
		b := m.Coefficients()
		require.Len(t, b, 3)
		var score [3]float64
		for i := range n {
			x := [3]float64{1, 0, base[i]}
			if arm[i] == "a" {
				x[1] = 1
			}
			e := 0.0
			for j := range x {
				e += x[j] * b[j].Value
			}
			d := -1 / (1 + math.Exp(-e))
			if y[i] {
				d++
			}
			for j := range x {
				score[j] += d * x[j]
			}
		}
		for j := range score {
			assert.InDelta(t, 0, score[j], 1e-6, "seed %d, equation %d", seed, j)
		}
	}
}
