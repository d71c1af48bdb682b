package num

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/trialkit/trialkit/stats/internal/stoptest"
)

func lower(c float64, n int) (lo, hi []float64) {
	for range n {
		lo, hi = append(lo, math.Inf(-1)), append(hi, c)
	}
	return lo, hi
}

// Orthant probabilities of three variables: 1/8 + Σ asin ρ/(4π), for the
// normal and, because orthants are cones, for any t.
func TestMVTOrthants(t *testing.T) {
	corr := [][]float64{{1, 0.3, -0.5}, {0.3, 1, 0.2}, {-0.5, 0.2, 1}}
	want := 0.125 + (math.Asin(0.3)+math.Asin(-0.5)+math.Asin(0.2))/(4*math.Pi)
	lo, hi := lower(0, 3)
	for _, df := range []float64{1, math.Inf(1)} {
		p, _ := MVT(lo, hi, corr, df, 1e-7)
		assert.InDelta(t, want, p, 2e-7, "df %v", df)
	}
	lo, hi = lower(0, 2)
	for _, df := range []float64{2, math.Inf(1)} {
		p, _ := MVT(lo, hi, [][]float64{{1, 0.6}, {0.6, 1}}, df, 0)
		assert.InDelta(t, 0.25+math.Asin(0.6)/(2*math.Pi), p, 1e-11)
	}
}

// Product correlations have the one-factor quadrature as truth.
func TestMVTEqualsOneFactor(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, c := range []struct {
		n  int
		df float64
	}{{3, 4}, {5, math.Inf(1)}, {6, 30}, {10, math.Inf(1)}} {
		n, df := c.n, c.df
		{
			lambda := make([]float64, n)
			corr := make([][]float64, n)
			for i := range lambda {
				lambda[i] = 0.3 + 0.6*rng.Float64()
			}
			for i := range corr {
				corr[i] = make([]float64, n)
				for j := range corr[i] {
					corr[i][j] = lambda[i] * lambda[j]
				}
				corr[i][i] = 1
			}
			lo, hi := lower(2.2, n)
			for i := range lo {
				lo[i] = -2.2
			}
			p, e := MVT(lo, hi, corr, df, 0)
			truth := OneFactorCDF(2.2, lambda, df, true)
			assert.InDelta(t, truth, p, 1e-6, "n %d df %v (claimed %.1e)", n, df, e)
			assert.LessOrEqual(t, math.Abs(p-truth), e, "n %d df %v: an honest error", n, df)
			assert.Less(t, e, 1e-6)
			if n == 3 {
				c := MVTQuantileUpper(0.05, corr, df, true)
				assert.InEpsilon(t, OneFactorQuantileUpper(0.05, lambda, df, true), c, 2e-5, "df %v", df)
			}
		}
	}
}

// All pairwise differences of k means are a singular problem of rank k − 1,
// whose truth is the studentized range.
func TestMVTOfAllPairsIsTukey(t *testing.T) {
	for _, k := range []int{3, 4} {
		var rows [][]float64
		for i := range k {
			for j := range i {
				r := make([]float64, k)
				r[i], r[j] = math.Sqrt(0.5), -math.Sqrt(0.5)
				rows = append(rows, r)
			}
		}
		corr := make([][]float64, len(rows))
		for a := range rows {
			corr[a] = make([]float64, len(rows))
			for b := range rows {
				for m := range k {
					corr[a][b] += rows[a][m] * rows[b][m]
				}
			}
			corr[a][a] = 1
		}
		for _, df := range []float64{6, math.Inf(1)} {
			const q = 3.4
			lo, hi := lower(q/math.Sqrt2, len(rows))
			for i := range lo {
				lo[i] = -q / math.Sqrt2
			}
			p, e := MVT(lo, hi, corr, df, 0)
			assert.InDelta(t, TukeyCDF(q, k, df), p, 1e-6, "k %d df %v (claimed %.1e)", k, df, e)
		}
	}
}

func TestMVTRefuses(t *testing.T) {
	lo, hi := lower(1, 3)
	p, _ := MVT(lo, hi, [][]float64{{1, 0.9, -0.9}, {0.9, 1, 0.9}, {-0.9, 0.9, 1}}, 5, 0)
	assert.True(t, math.IsNaN(p), "not positive semidefinite")
	a, _ := MVT(lo, hi, [][]float64{{1, .2, .1}, {.2, 1, .3}, {.1, .3, 1}}, 5, 0)
	b, _ := MVT(lo, hi, [][]float64{{1, .2, .1}, {.2, 1, .3}, {.1, .3, 1}}, 5, 0)
	assert.Equal(t, a, b, "the same bytes")
}

func BenchmarkMVT(b *testing.B) {
	lo, hi := lower(2, 5)
	corr := make([][]float64, 5)
	for i := range corr {
		corr[i] = []float64{0.4, 0.4, 0.4, 0.4, 0.4}
		corr[i][i] = 1
	}
	corr[0][1], corr[1][0] = 0.1, 0.1
	for b.Loop() {
		MVT(lo, hi, corr, 12, 1e-6)
	}
}

// Far tails are relative, for one side and for two and for limits that differ.
func TestMVTOutsideFarTail(t *testing.T) {
	lambda := []float64{0.5, 0.6, 0.7, 0.8}
	corr := make([][]float64, 4)
	for i := range corr {
		corr[i] = make([]float64, 4)
		for j := range corr[i] {
			corr[i][j] = lambda[i] * lambda[j]
		}
		corr[i][i] = 1
	}
	for _, two := range []bool{true, false} {
		for _, df := range []float64{7, math.Inf(1)} {
			lo, hi := lower(9, 4)
			if two {
				lo = []float64{-9, -9, -9, -9}
			}
			p, e := MVTOutside(lo, hi, corr, df, 0)
			truth := OneFactorSF(9, lambda, df, two)
			assert.InEpsilon(t, truth, p, 1e-4, "df %v two-sided %v", df, two)
			assert.LessOrEqual(t, e, 1e-4*p)
			assert.LessOrEqual(t, math.Abs(p-truth), e+1e-12*truth)
		}
	}
	// Limits of both sides that are no mirror images: the complement of MVT by
	// the other route.
	lo, hi := []float64{-2, -1, -3, math.Inf(-1)}, []float64{2.5, 1.5, math.Inf(1), 1}
	out, e := MVTOutside(lo, hi, corr, 5, 1e-5)
	g, ok := newGenz(lo, hi, corr, math.Inf(1))
	assert.True(t, ok)
	g.df, g.student, g.chi = 5, true, newChiTable(5)
	box := []exit{{whole: true, inner: g, mass: 1, weight: 1, df: 5}}
	in, e2 := sumTerms(context.Background(), box, func(float64) float64 { return 1e-5 })
	assert.InDelta(t, 1, in+out, e+e2)
}

func TestMVTStopsWithItsContext(t *testing.T) {
	n := 15
	corr := make([][]float64, n)
	for i := range corr {
		corr[i] = make([]float64, n)
		for j := range corr[i] {
			corr[i][j] = math.Pow(0.6, math.Abs(float64(i-j)))
		}
	}
	lo, hi := lower(1.3, n)
	stoptest.Within(t, 20*time.Millisecond, func(ctx context.Context) error {
		if _, e := MVTOutsideContext(ctx, lo, hi, corr, 12, 1e-9); math.IsInf(e, 1) {
			return ctx.Err()
		}
		return nil
	})
}
