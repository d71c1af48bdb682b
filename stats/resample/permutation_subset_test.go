package resample

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// Every subset of the size of the smaller arm comes as often as any other: the
// values are powers of two, so that a sum names its subset.
func TestSubsetsAreUniform(t *testing.T) {
	for _, c := range []struct{ n, treated int }{{4, 2}, {6, 1}, {7, 3}, {7, 5}, {9, 4}} {
		v := make([]float64, c.n)
		for i := range v {
			v[i] = math.Ldexp(1, i)
		}
		const draws = 200_000
		sum, kept, err := drawMeans(context.Background(), []permScores{{v: v, nt: c.treated}}, draws, 5)
		require.NoError(t, err)
		seen := map[float64]int{}
		for i, s := range sum {
			seen[s]++
			want := 0
			for j := range c.treated {
				want += int(s) >> j & 1
			}
			require.Equal(t, float64(want), kept[i])
		}
		subsets := binomial(c.n, c.treated)
		require.Len(t, seen, int(subsets))
		expect, x2 := draws/subsets, 0.0
		for _, k := range seen {
			x2 += (float64(k) - expect) * (float64(k) - expect) / expect
		}
		assert.Greater(t, num.ChiSqSF(x2, subsets-1), 1e-4, "%+v", c)
	}
}

// Of any h values a subset holds a hypergeometric number, wherever they stand:
// at the ends of words, and for arms of all shares.
func TestSubsetsAreHypergeometric(t *testing.T) {
	for _, c := range []struct{ n, treated, at, h int }{
		{64, 32, 60, 4}, {65, 20, 62, 3}, {130, 9, 120, 10}, {130, 121, 0, 5}, {300, 3, 200, 90}, {2000, 1000, 1000, 3}, {1000, 260, 500, 6}, {128, 64, 64, 64},
	} {
		v := make([]float64, c.n)
		for i := range c.h {
			v[c.at+i] = 1
		}
		const draws = 100_000
		sum, _, err := drawMeans(context.Background(), []permScores{{v: v, nt: c.treated}}, draws, 9)
		require.NoError(t, err)
		seen := map[int]float64{}
		for _, s := range sum {
			seen[int(s)]++
		}
		x2, df, rest, restSeen := 0.0, -1.0, 1.0, float64(draws)
		for k := range c.h + 1 {
			p := math.Exp(logBinomial(c.h, k) + logBinomial(c.n-c.h, c.treated-k) - logBinomial(c.n, c.treated))
			if c.treated < k || draws*p < 20 {
				continue
			}
			x2 += (seen[k] - draws*p) * (seen[k] - draws*p) / (draws * p)
			df++
			rest -= p
			restSeen -= seen[k]
		}
		if draws*rest > 1 {
			x2 += (restSeen - draws*rest) * (restSeen - draws*rest) / (draws * rest)
			df++
		}
		require.Greater(t, df, 0.0)
		assert.Greater(t, num.ChiSqSF(x2, df), 1e-4, "%+v: %v", c, x2)
	}
}
