// Package statstest holds what the tests of several rooms share.
package statstest

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/trialkit/trialkit/stats"
)

// Affine returns k·x + shift.
func Affine(x []float64, k, shift float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = k*v + shift
	}
	return out
}

// With returns a copy of x whose element i is v.
func With(x []float64, i int, v float64) []float64 {
	out := slices.Clone(x)
	out[i] = v
	return out
}

// Agree checks that p-value and interval of an effect tell the same story.
func Agree(t *testing.T, e stats.Effect, null, level float64, what string) {
	t.Helper()
	p, ci := e.P(null), e.CI(level)
	if math.Abs(p-(1-level)) < 1e-7 {
		return // the null is on the end itself
	}
	assert.Equal(t, p < 1-level, ci.Excludes(null), "%s: p(%v) = %v, %v%% interval %v to %v", what, null, p, 100*level, ci.Lo, ci.Hi)
}

// Draw draws n normal values about mean, of SD 1, in tenths.
func Draw(rng *rand.Rand, n int, mean float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Round(10*(mean+rng.NormFloat64())) / 10
	}
	return x
}

// RandomVAS is a sample of pain scores from 0 to 10 in tenths.
func RandomVAS(n int, seed uint64) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(r.IntN(101)) / 10
	}
	return x
}

// Must is x where there is no error: for values inside longer expressions.
func Must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}
