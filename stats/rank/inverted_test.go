package rank

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/trialkit/trialkit/stats"
)

// stepSamples are normal values an eighth of their SD apart, on a grid.
func stepSamples(n, m int, step float64, seed uint64) (x, y []float64) {
	rng := rand.New(rand.NewPCG(seed, uint64(n)))
	draw := func(k int, mean float64) []float64 {
		out := make([]float64, k)
		for i := range out {
			out[i] = math.Round((mean+15*rng.NormFloat64())/step) * step
		}
		return out
	}
	return draw(n, 54), draw(m, 50)
}

// Numerical inversion against the exact counts, over steps that leave none to
// nearly all values tied: p-values, and limits at the same cuts.
func TestInvertedRankSumEqualsExact(t *testing.T) {
	for i, step := range []float64{0.0001, 0.1, 1, 5, 15, 40} {
		for _, size := range [][2]int{{60, 60}, {25, 90}} {
			t.Run(fmt.Sprint(step, size), func(t *testing.T) {
				x, y := stepSamples(size[0], size[1], step, uint64(i))
				exact, err := MannWhitneyWith(x, y, Options{Method: Exact})
				require.NoError(t, err)
				inverted, err := MannWhitneyWith(x, y, Options{Method: Inverted})
				require.NoError(t, err)
				for _, null := range []float64{0, 1, -3, 4.5, 8, 20} {
					assert.InEpsilon(t, exact.P(null), inverted.P(null), 1e-3, "P(%v)", null)
					assert.InDelta(t, exact.PGreater(null), inverted.PGreater(null), 1e-3*exact.PGreater(null)+1e-9)
					assert.InDelta(t, exact.PLess(null), inverted.PLess(null), 1e-3*exact.PLess(null)+1e-9)
				}
				for _, level := range []float64{0.8, 0.95, 0.99} {
					assert.Equal(t, exact.CI(level), inverted.CI(level))
				}
			})
		}
	}
}

func TestInvertedSignedRankEqualsExact(t *testing.T) {
	for i, step := range []float64{0.0001, 0.1, 1, 5, 15, 40} {
		for _, zeros := range []ZeroMethod{ZerosPratt, ZerosWilcoxon, ZerosSplit} {
			d, _ := stepSamples(120, 1, step, uint64(i))
			for j := range d {
				d[j] -= 51 - math.Mod(1, step)
			}
			exact, err := SignedRankWith(d, SignedRankOptions{Zeros: zeros, Method: Exact})
			require.NoError(t, err)
			inverted, err := SignedRankWith(d, SignedRankOptions{Zeros: zeros, Method: Inverted})
			require.NoError(t, err)
			for _, null := range []float64{0, 1, 3, 4.5} {
				assert.InDelta(t, exact.P(null), inverted.P(null), 1e-3*exact.P(null)+1e-9, "step %v, P(%v)", step, null)
			}
			for _, level := range []float64{0.8, 0.95, 0.99} {
				assert.Equal(t, exact.CI(level), inverted.CI(level), "step %v", step)
			}
		}
	}
}

// p < 1 − level if and only if the interval excludes the null, by inversion as
// by counting, on both sides of every limit.
func TestInvertedIntervalAgreesWithP(t *testing.T) {
	for i, step := range []float64{0.0001, 0.1, 1, 5, 20} {
		for seed := range uint64(4) {
			x, y := stepSamples(150+int(seed), 140, step, 100*uint64(i)+seed)
			s, err := MannWhitney(x, y)
			require.NoError(t, err)
			w, err := SignedRankWith(x, SignedRankOptions{Method: Inverted})
			require.NoError(t, err)
			for _, e := range []interface {
				stats.Effect
				InGap(level, null float64) bool
			}{s, w} {
				ci := e.CI(0.95)
				for _, end := range []float64{ci.Lo, ci.Hi} {
					for _, null := range []float64{end, end - 1e-6, end + 1e-6, end - step/2, end + step/2} {
						if p := e.P(null); ci.Excludes(null) != (p < 0.05) && !e.InGap(0.95, null) {
							t.Errorf("step %v: p(%v) = %v, interval %v", step, null, p, ci)
						}
					}
				}
			}
		}
	}
}

// Where Auto changes over, and that it says so.
func TestRankMethodsChangeOver(t *testing.T) {
	for _, c := range []struct {
		m, n int
		step float64
		want Method
	}{
		{74, 74, 1, Exact}, {75, 75, 1, Inverted}, {5, 1000, 1, Exact},
		{200, 200, 1e-9, Exact}, {250, 250, 1e-9, Inverted},
		{5000, 5000, 1, Inverted}, {5100, 5100, 1e-9, Asymptotic},
	} {
		x, y := stepSamples(c.m, c.n, c.step, 5)
		s, err := MannWhitney(x, y)
		require.NoError(t, err)
		assert.Equal(t, c.want, s.Method(), "%+v", c)
		var codes []string
		for _, n := range s.Notes {
			codes = append(codes, n.Code)
		}
		assert.Equal(t, c.want == Inverted, len(codes) > 0 && codes[0] == "rank-inverted", "%+v: %v", c, codes)
		assert.Equal(t, c.want == Asymptotic, len(codes) > 0 && codes[0] == "rank-asymptotic", "%+v: %v", c, codes)
		if c.want == Asymptotic {
			assert.NotContains(t, codes, "rank-ties") // whose sentence names the exact distribution
		}
	}
	for n, want := range map[int]Method{200: Exact, 201: Inverted, 10_001: Asymptotic} {
		d, _ := stepSamples(n, 1, 1e-9, 6)
		s, err := SignedRank(d)
		require.NoError(t, err)
		assert.Equal(t, want, s.Method(), n)
	}
}

// An interval asks few tests, whatever the number of cuts: 90,000 without ties,
// of which the old search counted arrangements a dozen times, a second each.
func TestRankIntervalAsksFewTests(t *testing.T) {
	for _, step := range []float64{1e-9, 20} {
		x, y := stepSamples(300, 300, step, 7)
		for _, method := range []Method{Exact, Inverted} {
			s, err := MannWhitneyWith(x, y, Options{Method: method})
			require.NoError(t, err)
			asked, counted := 0, 0
			decide := s.data.inv.decide
			s.data.inv.decide = func(ctx context.Context, lo, hi, alpha float64) (float64, error) {
				asked++
				return decide(ctx, lo, hi, alpha)
			}
			s.data.counted = func() { counted++ }
			s.CI(0.95)
			if asked > 30 || counted > 2 {
				t.Errorf("step %v, %v: %d tests, %d counts of arrangements", step, method, asked, counted)
			}
		}
	}
}

// A zero difference is found as 0, not as −0.
func TestHodgesLehmannZeroHasNoSign(t *testing.T) {
	x := make([]float64, 1200)
	for i := range x {
		x[i] = float64(i % 3)
	}
	s, err := MannWhitneyWith(x, x, Options{Method: Asymptotic})
	require.NoError(t, err)
	w, err := SignedRank([]float64{-1, 0, 0, 0, 1})
	require.NoError(t, err)
	for _, v := range []float64{s.Point(), s.CI(0.95).Lo, s.CI(0.95).Hi, w.Point()} {
		assert.False(t, v == 0 && math.Signbit(v))
	}
}
