package rank_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/rank"
)

// One answer may be asked by many goroutines at once: what it computes on demand is
// guarded, and everybody hears the same.
func TestMannWhitneyAskedAtOnce(t *testing.T) {
	x, y := []float64{3, 5, 5, 8, 9, 11, 14}, []float64{1, 2, 5, 6, 7, 8}
	alone, err := rank.MannWhitney(x, y)
	require.NoError(t, err)
	p, ci := alone.P(0), alone.CI(0.95)
	shared, err := rank.MannWhitney(x, y)
	require.NoError(t, err)
	ps, cis := make([]float64, 8), make([]stats.Interval, 8)
	var wg sync.WaitGroup
	for i := range ps {
		wg.Go(func() { ps[i], cis[i] = shared.P(0), shared.CI(0.95) })
	}
	wg.Wait()
	for i := range ps {
		assert.Equal(t, p, ps[i])
		assert.Equal(t, ci, cis[i])
	}
}
