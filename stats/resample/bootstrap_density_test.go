package resample_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/resample"
)

// An effect's density has area 1, and its interval holds the level's share.
func TestEffectDensity(t *testing.T) {
	area := func(f func(float64) float64, lo, hi float64) float64 {
		const n = 4000
		var s float64
		for i := range n {
			s += f(lo + (float64(i)+0.5)*(hi-lo)/n)
		}
		return s * (hi - lo) / n
	}
	for _, df := range []float64{3.5, 7, math.Inf(1)} {
		e := stats.Estimate{Value: -1, SE: 0.5, DF: df}
		ci := e.CI(0.9)
		assert.InDelta(t, 0.9, area(e.Density, ci.Lo, ci.Hi), 1e-6)
		assert.InDelta(t, e.PLess(0.3), area(e.Density, 0.3, 400)+e.PLess(400), 1e-3, "beyond a value")
	}
	zero := stats.Estimate{Value: 2, DF: 5}
	assert.Equal(t, 0.0, zero.Density(1))
	assert.True(t, math.IsInf(zero.Density(2), 1))

	opt := resample.BootOptions{Replicates: 500, Interval: resample.BootPercentile}
	b, err := resample.BootstrapWith([]float64{1, 3, 5, 6}, []float64{2, 2, 4}, opt)
	require.NoError(t, err)
	assert.InDelta(t, 1, area(b.Density, -20, 20), 1e-9)
	ci := b.CI(0.9)
	assert.InDelta(t, 0.9, area(b.Density, ci.Lo, ci.Hi), 0.04, "smoothing aside")
	opt.Interval = resample.BootStudentized
	b, err = resample.BootstrapWith([]float64{1, 3, 5, 6}, []float64{2, 2.5, 4}, opt)
	require.NoError(t, err)
	assert.Panics(t, func() { b.Density(0) })
}
