package rank

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stretched adds outliers of the sizes that floats have.
func stretched(rng *rand.Rand, n int, step float64) []float64 {
	v := make([]float64, n)
	for i := range v {
		if v[i] = math.Round(15*rng.NormFloat64()/step) * step; rng.IntN(20) == 0 {
			v[i] *= math.Pow(10, float64(rng.IntN(30)-15))
		}
	}
	slices.Sort(v)
	return v
}

// Every rank of the differences and of the Walsh averages, and their medians,
// against the sorted list of all of them.
func TestSelectionEqualsSorting(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 4))
	for i := range 300 {
		step := []float64{1e-9, 0.0001, 0.1, 1, 20, 60}[i%6]
		x, y := stretched(rng, 1+rng.IntN(40), step), stretched(rng, 1+rng.IntN(40), step)
		var diffs, means []float64
		for i, a := range x {
			for _, b := range y {
				diffs = append(diffs, a-b)
			}
			for _, b := range x[i:] {
				means = append(means, (a+b)/2)
			}
		}
		for _, c := range []struct {
			all    []float64
			kth    func(k int64) float64
			median float64
		}{
			{diffs, func(k int64) float64 { return kthDifference(x, y, k) }, medianDifference(x, y)},
			{means, func(k int64) float64 { return kthWalsh(x, k) }, medianWalsh(x)},
		} {
			slices.Sort(c.all)
			n := len(c.all)
			for k := range n {
				require.Equal(t, c.all[k], c.kth(int64(k)), "rank %d of %v", k, c.all)
			}
			lower, upper := c.all[(n-1)/2], c.all[n/2]
			require.Equal(t, lower+(upper-lower)/2, c.median, "median of %v", c.all)
		}
	}
}

// A run of cuts must be what the list of all cuts has there, also where chains of
// values that subtraction noise alone tells apart cross its ends.
func TestRunOfCutsIsPartOfAll(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 4))
	for i := range 200 {
		step := []float64{0.1, 0.7, 1e-15, 4e-15}[i%4]
		x, y := make([]float64, 30), make([]float64, 25)
		for i := range x {
			x[i] = 4 + float64(rng.IntN(60))*step
		}
		for i := range y {
			y[i] = 3 + float64(rng.IntN(60))*step
		}
		s, err := MannWhitney(x, y)
		require.NoError(t, err)
		w, err := SignedRank(x)
		require.NoError(t, err)
		g, err := SignTest(x)
		require.NoError(t, err)
		for _, v := range []*inversion{s.data.inv, w.data.inv, g.inv} {
			all := v.all()
			for range 40 {
				lo := v.least + (v.most-v.least)*(1.2*rng.Float64()-0.1)
				hi := lo + (v.most-v.least)*0.3*rng.Float64()
				r := v.run(lo, hi)
				if len(r.cuts) > 0 {
					at := slices.Index(all.cuts, r.cuts[0])
					require.GreaterOrEqual(t, at, 0, "%v is no cut", r.cuts[0])
					require.Equal(t, all.cuts[at:at+len(r.cuts)], r.cuts)
					assert.True(t, !r.first || at == 0)
					assert.True(t, !r.last || at+len(r.cuts) == len(all.cuts))
				}
				for _, c := range all.cuts {
					if c.hi >= lo && c.lo <= hi {
						require.Contains(t, r.cuts, c, "[%v, %v]", lo, hi)
					}
				}
			}
		}
	}
}

// With a run of cuts around each limit the interval is that of the list of all.
func TestIntervalByRunsEqualsIntervalByAll(t *testing.T) {
	for i := range 40 {
		step := []float64{1e-9, 0.0001, 0.01, 0.5, 3}[i%5]
		x, y := stepSamples(40+7*i, 130-2*i, step, uint64(i))
		if i%3 == 0 { // many zeros, whose ties move the variance
			for j := range len(x) / 2 {
				x[j] = 50
			}
			for j := range len(y) / 2 {
				y[j] = 50
			}
		}
		o := Options{Method: []Method{Inverted, Asymptotic}[i%2]}
		s, err := MannWhitneyWith(x, y, o)
		require.NoError(t, err)
		w, err := SignedRankWith(x, SignedRankOptions{Method: o.Method})
		require.NoError(t, err)
		for _, level := range []float64{0.5, 0.95, 0.9999} {
			for k, v := range []*inversion{s.data.inv, w.data.inv} {
				t.Run(fmt.Sprint(i, level, k), func(t *testing.T) {
					v.count = 0
					all, err := v.interval(t.Context(), level)
					require.NoError(t, err)
					v.count = math.MaxInt64
					runs, err := v.interval(t.Context(), level)
					require.NoError(t, err)
					assert.Equal(t, all, runs)
				})
			}
		}
	}
}

// With more than a million different differences, too, those that only
// subtraction noise tells apart are one null value.
func TestManyDifferencesAreMergedToo(t *testing.T) {
	x, y := make([]float64, 1100), make([]float64, 1100)
	for i := range x {
		x[i] = 5 + float64(i)/1000
		y[i] = 3.5 + float64(i)/1000 + float64(i%7)/100000
	}
	s, err := MannWhitneyWith(x, y, Options{Method: Asymptotic})
	require.NoError(t, err)
	// The same data in whole numbers of 1/100,000, whose differences are exact.
	for i := range x {
		x[i], y[i] = math.Round(x[i]*1e5), math.Round(y[i]*1e5)
	}
	whole, err := MannWhitneyWith(x, y, Options{Method: Asymptotic})
	require.NoError(t, err)
	for _, null := range []float64{1.5, 1.43, 1.52, 1.6} {
		assert.Equal(t, whole.P(math.Round(null*1e5)), s.P(null), "P(%v)", null)
	}
	ci, want := s.CI(0.95), whole.CI(0.95)
	assert.InDelta(t, want.Lo/1e5, ci.Lo, 1e-12)
	assert.InDelta(t, want.Hi/1e5, ci.Hi, 1e-12)
}
