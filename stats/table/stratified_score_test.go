package table_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/table"
)

// randomStrata are up to five small tables, some without an arm, with few or only
// events as often as not.
func randomStrata(r *rand.Rand) []table.Stratum {
	var out []table.Stratum
	p, most := []float64{0, 0.02, 0.3, 0.5, 0.9, 1}[r.IntN(6)], []int{1, 2, 6, 30}[r.IntN(4)]
	arm := func() table.Count {
		c := table.Count{N: r.IntN(most + 1)}
		for range c.N {
			if r.Float64() < p {
				c.Events++
			}
		}
		return c
	}
	for range 1 + r.IntN(5) {
		s := table.Stratum{Treated: arm()}
		if r.IntN(3) == 0 {
			p = r.Float64()
		}
		s.Control = arm()
		out = append(out, s)
	}
	return out
}

// Interval and p-value of the stratified score come from one test, at every null;
// arms swapped turn the sign; the order of strata and those without an arm do not
// count; nothing is NaN.
func TestStratifiedScoreOnRandomStrata(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	answered, withGaps := 0, 0
	for range 5000 {
		strata := randomStrata(r)
		s, err := table.RiskDifferenceStratified(strata)
		if err != nil {
			require.ErrorIs(t, err, stats.ErrTooFew, "%v", strata)
			continue
		}
		answered++
		name := fmt.Sprint(strata)
		ci := s.CI(0.95)
		require.True(t, ci.Lo >= -1 && ci.Hi <= 1 && ci.Lo <= s.Point() && s.Point() <= ci.Hi, "%s: %v", name, ci)
		gaps := append(ci.Gaps(), stats.Gap{Lo: 2, Hi: 2})
		if len(gaps) > 1 {
			withGaps++
			require.True(t, len(gaps) == 2 && gaps[0].Lo < 0 && gaps[0].Hi > 0, "%s: %v", name, gaps)
		}
		near := func(null float64) bool {
			for _, end := range []float64{ci.Lo, ci.Hi, gaps[0].Lo, gaps[0].Hi} {
				if math.Abs(null-end) < 1e-9 {
					return true
				}
			}
			return false
		}
		for k := -60; k <= 60; k++ {
			null := float64(k) / 60
			z := s.Z(null)
			require.False(t, math.IsNaN(z), "%s at %v", name, null)
			if !near(null) {
				require.Equal(t, s.P(null) < 0.05, ci.Excludes(null), "%s at %v: p = %v, %v", name, null, s.P(null), ci)
			}
		}
		var swapped, turned []table.Stratum
		for i := range strata {
			turned = append(turned, strata[len(strata)-1-i])
			swapped = append(swapped, table.Stratum{Treated: strata[i].Control, Control: strata[i].Treated})
		}
		turned = append(turned, table.Stratum{Treated: table.Count{Events: 1, N: 3}})
		back, err := table.RiskDifferenceStratified(turned)
		require.NoError(t, err)
		assert.InDelta(t, s.Z(0.1), back.Z(0.1), 1e-9*(1+math.Abs(s.Z(0.1))))
		assert.Equal(t, s.Dropped+1, back.Dropped)
		neg, err := table.RiskDifferenceStratified(swapped)
		require.NoError(t, err)
		assert.InDelta(t, -ci.Hi, neg.CI(0.95).Lo, 1e-12, name)
		assert.InDelta(t, s.PGreater(-0.1), neg.PLess(0.1), 1e-9, name)
	}
	assert.Greater(t, answered, 4000)
	assert.Positive(t, withGaps)
}

// One stratum is Miettinen and Nurminen's test, and a stratum split into two alike
// has the point of the whole.
func TestStratifiedScoreOfOneStratum(t *testing.T) {
	t.Parallel()
	everyTable(6, func(a, b table.Count) {
		for _, o := range []table.ScoreOptions{{}, {NoBiasCorrection: true}} {
			s, err := table.RiskDifferenceStratifiedWith([]table.Stratum{{Treated: a, Control: b}}, o)
			require.NoError(t, err)
			plain, err := table.RiskDifferenceScoreWith(a, b, o)
			require.NoError(t, err)
			for _, null := range []float64{-1, -0.5, -0.1, 0, 0.3, 1, 1.2} {
				if z := plain.Z(null); math.IsInf(z, 0) {
					assert.Equal(t, z, s.Z(null))
				} else {
					assert.InDelta(t, z, s.Z(null), 1e-9*(1+math.Abs(z)), "%v v %v at %v", a, b, null)
				}
				statstest.Agree(t, s, null, 0.9, fmt.Sprintf("%v v %v", a, b))
			}
		}
	})
}

func TestStratifiedScoreRefuses(t *testing.T) {
	for _, strata := range [][]table.Stratum{nil, {{Treated: table.Count{N: 3}}}} {
		_, err := table.RiskDifferenceStratified(strata)
		assert.ErrorIs(t, err, stats.ErrTooFew)
	}
	_, err := table.RiskDifferenceStratified([]table.Stratum{{Treated: table.Count{Events: 4, N: 3}, Control: table.Count{N: 2}}})
	assert.ErrorIs(t, err, stats.ErrDomain)
}
