package impute_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
)

// The p-value of an end is the level's; equal samples, and nulls outside all.
func TestPercentileInverts(t *testing.T) {
	for _, x := range [][]float64{{1, 2, 4, 7, 7, 7, 9, 12, 13, 20, 21, 22, 25, 26, 30, 31, 33, 35, 36}, {-3, -1, 0, 0, 0, 0, 0, 0, 2}} {
		p := impute.Percentile{Value: 5, Samples: x}
		for _, level := range []float64{0.3, 0.5, 0.7, 0.8} {
			ci := p.CI(level)
			for _, end := range []float64{ci.Lo, ci.Hi} {
				assert.GreaterOrEqual(t, p.P(end), 1-level-1e-12)
			}
			assert.LessOrEqual(t, p.P(ci.Lo-1e-9), 1-level+1e-6)
			assert.LessOrEqual(t, p.P(ci.Hi+1e-9), 1-level+1e-6)
			assert.InDelta(t, 1, p.PGreater(ci.Lo)+p.PLess(ci.Lo), 1e-12)
		}
		assert.Zero(t, p.P(x[0]-1))
		assert.Zero(t, p.P(x[len(x)-1]+1))
		assert.Equal(t, stats.WhyLevel, p.CI(0.99).Why)
		assert.True(t, math.IsInf(p.CI(0.99).Lo, -1))
	}
	// R: quantile(c(1, 2, 4, 7, 11), c(.2, .25, .8), type = 6) is 1.2, 1.5, 10.2
	p := impute.Percentile{Samples: []float64{1, 2, 4, 7, 11}}
	assert.InDelta(t, 1.2, p.CI(0.6).Lo, 1e-12)
	assert.InDelta(t, 10.2, p.CI(0.6).Hi, 1e-12)
	assert.InDelta(t, 1.5, p.CI(0.5).Lo, 1e-12)
	assert.Equal(t, "no result", impute.Percentile{}.String())
	assert.Contains(t, impute.Percentile{Value: 3, Samples: []float64{1, 2, 3, 4}}.String(), "p < 0.4")
}

// The same seed gives the same samples, another seed others; the jackknife has no
// percentiles.
func TestBootstrapIsSeeded(t *testing.T) {
	d := invented(80, 3, 17, 0.3).Under(impute.CIR)
	f, err := impute.Model{}.Fit(d)
	require.NoError(t, err)
	run := func(seed uint64) impute.Percentile {
		s, err := f.Bootstrap(impute.BootstrapOptions{Samples: 60, Seed: seed})
		require.NoError(t, err)
		r, err := s.Analyze(impute.Analysis{})
		require.NoError(t, err)
		p, err := r.Percentile("active", "placebo", "week 12")
		require.NoError(t, err)
		jack := difference(t, analyzed(t, impute.Model{}, d, impute.Analysis{}), "active", "placebo", "week 12")
		assert.InEpsilon(t, jack.SE, difference(t, r, "active", "placebo", "week 12").SE, 0.4)
		return p
	}
	assert.Equal(t, run(1), run(1))
	assert.NotEqual(t, run(1), run(2))
	_, err = analyzed(t, impute.Model{}, d, impute.Analysis{}).Percentile("active", "placebo", "week 12")
	require.ErrorIs(t, err, stats.ErrDomain)
}
