package stats_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/rank"
)

// Two interleaved samples: treated 1, 3, 5, …, control 2, 4, 6, …: placements
// are i and i + 1, so that all is known in closed form.
func interleaved(n int) (x, y []float64) {
	x, y = make([]float64, n), make([]float64, n)
	for i := range n {
		x[i], y[i] = float64(2*i+1), float64(2*i+2)
	}
	return
}

// Whole numbers that count pairs, squares of ranks or their products are right
// at any size a trial or registry has, on 32 bits (GOARCH=386) as on 64. Wanted
// values are closed forms in floating point. The old code gave NaN at 80,000 in
// Brunner–Munzel and Quade, on 32 bits wrong numbers in all of them.
func TestNoWholeNumberOverflows(t *testing.T) {
	for _, n := range []int{300, 3000, 80_000, 300_000} {
		N := float64(n)
		x, y := interleaved(n)
		t.Run("BrunnerMunzel", func(t *testing.T) {
			s, err := rank.BrunnerMunzel(x, y)
			require.NoError(t, err)
			// Placements 0 … n−1 and 1 … n have the variance n(n+1)/12.
			assert.InEpsilon(t, 0.5-0.5/N, s.Value, 1e-12)
			assert.InEpsilon(t, math.Sqrt(2*N*(N+1)/12/(N*N*N)), s.SE, 1e-12)
			assert.InEpsilon(t, 2*(N-1), s.DF, 1e-12)
		})
		t.Run("MannWhitney", func(t *testing.T) {
			s, err := rank.MannWhitneyWith(x, y, rank.Options{Method: rank.Asymptotic})
			require.NoError(t, err)
			assert.InEpsilon(t, N*(N-1)/2, s.U(), 1e-12)
			assert.InEpsilon(t, -1/N, s.RankBiserial(), 1e-9)
			assert.Equal(t, -1.0, s.Point())
			assert.InEpsilon(t, -N/2/math.Sqrt(N*N*(2*N+1)/12), s.Z(), 1e-9)
		})
		t.Run("SignedRank", func(t *testing.T) {
			s, err := rank.SignedRankWith(x, rank.SignedRankOptions{Method: rank.Asymptotic})
			require.NoError(t, err)
			assert.InEpsilon(t, N*(N+1)/2, s.V(), 1e-12)
			assert.Equal(t, 1.0, s.RankBiserial())
			assert.Equal(t, N, s.Point())
			assert.InEpsilon(t, N*(N+1)/4/math.Sqrt(N*(N+1)*(2*N+1)/24), s.Z(), 1e-9)
		})
		t.Run("SignedRankZeros", func(t *testing.T) {
			d := make([]float64, 2*n)
			copy(d, x)
			s, err := rank.SignedRankWith(d, rank.SignedRankOptions{Zeros: rank.ZerosSplit, Method: rank.Asymptotic})
			require.NoError(t, err)
			assert.InEpsilon(t, N*(3*N+1)/2+N*(N+1)/4, s.V(), 1e-12)
		})
		t.Run("Jonckheere", func(t *testing.T) {
			s, err := rank.Jonckheere(x, y)
			require.NoError(t, err)
			assert.InEpsilon(t, N*(N+1)/2, s.J, 1e-12)
			assert.InEpsilon(t, N/2/math.Sqrt(N*N*(2*N+1)/12), s.Z, 1e-9)
		})
		t.Run("Friedman", func(t *testing.T) {
			blocks := make([][]float64, n)
			for i := range blocks {
				blocks[i] = []float64{1, 2, 3}
			}
			s, err := rank.Friedman(blocks)
			require.NoError(t, err)
			assert.InEpsilon(t, 2*N, s.X2, 1e-12)
			assert.Equal(t, []float64{1, 2, 3}, s.MeanRanks)
		})
		t.Run("Quade", func(t *testing.T) {
			// Ranges 2, 4, 6, … have the ranks q = 1 … n. All but the last block rank
			// −1, 0, 1 and the last 1, 0, −1: the sums of the scores are ∓(Σq − 2n).
			blocks := make([][]float64, n)
			for i := range blocks {
				r := float64(i + 1)
				blocks[i] = []float64{-r, 0, r}
			}
			blocks[n-1] = []float64{N, 0, -N}
			s, err := rank.Quade(blocks)
			require.NoError(t, err)
			a := 2 * N * (N + 1) * (2*N + 1) / 6
			b := 2 * math.Pow(N*(N+1)/2-2*N, 2) / N
			assert.InEpsilon(t, (N-1)*b/(a-b), s.F, 1e-9)
			assert.Equal(t, 2*(N-1), s.DF2)
		})
		t.Run("Spread", func(t *testing.T) {
			m, err := rank.MoodWith(x, y, rank.Options{Method: rank.Asymptotic})
			require.NoError(t, err)
			// Ranks 1, 3, …, 2n−1 about n + ½: Σ(2i + ½ − n)², i = 0 … n−1.
			assert.InEpsilon(t, N*(4*N*N-1)/12, m.Statistic, 1e-9)
			a, err := rank.AnsariBradleyWith(x, y, rank.Options{Method: rank.Asymptotic})
			require.NoError(t, err)
			assert.InEpsilon(t, N*(N+1)/2, a.Statistic, 1e-12)
			assert.InDelta(t, 0, a.Z, 1e-9)
		})
		t.Run("Moses", func(t *testing.T) {
			s, _ := rank.MannWhitneyWith(x, y, rank.Options{Method: rank.Asymptotic})
			ci, k := s.Moses(0.95)
			assert.InDelta(t, N*N/2-1.959963984540054*math.Sqrt(N*N*(2*N+1)/12), float64(k), 1)
			// The differences are odd; 2d + 1 of them … n − |d + 1| lie at −1 + 2d.
			assert.InEpsilon(t, -2-2*1.96*math.Sqrt((2*N+1)/12), ci.Lo-1, 0.05)
		})
	}
	x, y := interleaved(60_000)
	t.Run("Spearman", func(t *testing.T) {
		// y is x with each neighboring pair changed over: Σd² = n.
		for i := 0; i+1 < len(y); i += 2 {
			y[i], y[i+1] = y[i+1], y[i]
		}
		s, err := assoc.Spearman(x, y)
		require.NoError(t, err)
		assert.InEpsilon(t, 60_000, s.Independence.Statistic, 1e-4)
	})
}

// Mood's scores of tied ranks, multiplied to whole numbers, outgrow 32 bits from
// some 500 values on: the exact p-value is that of the 64 bits and of the count
// of arrangements in floating point.
func TestMoodExactWithManyTies(t *testing.T) {
	x, y := make([]float64, 5), make([]float64, 1500)
	for i := range y {
		y[i] = float64(i / 7)
	}
	for i := range x {
		x[i] = float64(40 * i)
	}
	m, err := rank.Mood(x, y)
	require.NoError(t, err)
	a, err := rank.MoodWith(x, y, rank.Options{Method: rank.Asymptotic})
	require.NoError(t, err)
	assert.InEpsilon(t, a.Statistic, m.Statistic, 1e-12)
	assert.InDelta(t, a.P(), m.P(), 0.05)
	assert.True(t, m.P() > 0 && m.P() <= 1)
}
