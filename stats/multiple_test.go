package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// Hommel's adjusted p-values are those of the closed test with Simes' local
// test: p_i adjusted is the largest Simes p-value over all sets holding i.
func TestHommelIsClosedSimes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		n := 1 + rng.IntN(7)
		p := make([]float64, n)
		for i := range p {
			p[i] = math.Round(rng.Float64()*40) / 40 * math.Pow(10, -float64(rng.IntN(3)))
		}
		got, err := stats.AdjustPWith(p, stats.AdjustOptions{Method: stats.Hommel})
		require.NoError(t, err)
		for i := range p {
			worst := 0.0
			for set := 1; set < 1<<n; set++ {
				if set>>i&1 == 0 {
					continue
				}
				var in []float64
				for j := range p {
					if set>>j&1 == 1 {
						in = append(in, p[j])
					}
				}
				bh, err := stats.AdjustPWith(in, stats.AdjustOptions{Method: stats.BenjaminiHochberg})
				require.NoError(t, err)
				simes := 1.0
				for _, v := range bh {
					simes = math.Min(simes, v)
				}
				worst = math.Max(worst, simes)
			}
			assert.InDelta(t, worst, got[i], 1e-14, "p = %v, i = %d", p, i)
		}
	}
}

func TestAdjustPProperties(t *testing.T) {
	p := []float64{0.04, 0.001, 0.3, 0.04, 1}
	before := append([]float64(nil), p...)
	for _, m := range []stats.Adjustment{stats.NoAdjustment, stats.Bonferroni, stats.Holm, stats.Hochberg, stats.Hommel,
		stats.BenjaminiHochberg, stats.BenjaminiYekutieli, stats.Sidak, stats.HolmSidak} {
		a, err := stats.AdjustPWith(p, stats.AdjustOptions{Method: m})
		require.NoError(t, err)
		assert.Equal(t, before, p, "input changed")
		for i := range p {
			assert.GreaterOrEqual(t, a[i], p[i]-1e-16, string(m))
			assert.LessOrEqual(t, a[i], 1.0)
		}
		assert.Equal(t, a[0], a[3], "equal p-values, equal answers")
		rev, err := stats.AdjustPWith([]float64{1, 0.04, 0.3, 0.001, 0.04}, stats.AdjustOptions{Method: m})
		require.NoError(t, err)
		for i := range a {
			assert.Equal(t, a[i], rev[4-i], string(m))
		}
	}
	_, err := stats.AdjustP([]float64{0.1, math.NaN()})
	assert.ErrorIs(t, err, stats.ErrNotFinite)
	_, err = stats.AdjustP([]float64{0.1, 1.1})
	assert.ErrorIs(t, err, stats.ErrDomain)
	assert.Panics(t, func() { _, _ = stats.AdjustPWith(p, stats.AdjustOptions{Method: "bonf"}) })
}

func TestCombineRefuses(t *testing.T) {
	_, err := stats.CombineFisher(nil)
	assert.ErrorIs(t, err, stats.ErrTooFew)
	_, err = stats.CombineStouffer([]float64{0, 1}, nil)
	assert.ErrorIs(t, err, stats.ErrDomain)
	_, err = stats.CombineStouffer([]float64{0.2}, []float64{1, 2})
	assert.ErrorIs(t, err, stats.ErrLength)
}

func ExampleAdjustP() {
	p, err := stats.AdjustP([]float64{0.012, 0.041, 0.030})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", p)
	// Output: [0.036 0.060 0.060]
}

func ExampleCombineFisher() {
	c, err := stats.CombineFisher([]float64{0.01, 0.2, 0.3})
	if err != nil {
		panic(err)
	}
	fmt.Printf("χ² = %.2f, p = %.4f\n", c.Statistic, c.P())
	// Output: χ² = 14.84, p = 0.0216
}

func TestCoPrimary(t *testing.T) {
	p, err := stats.CoPrimary([]float64{0.01, 0.04, 0.02})
	require.NoError(t, err)
	assert.Equal(t, 0.04, p)
	for _, bad := range [][]float64{nil, {0.2, math.NaN()}, {0.2, 1.2}, {-0.1}} {
		_, err := stats.CoPrimary(bad)
		assert.Error(t, err)
	}
}

// The graph of eight hypotheses that hand on to all others.
func BenchmarkGraph8(b *testing.B) {
	g := stats.TestGraph{}
	p := make([]float64, 8)
	for i := range 8 {
		row := make([]float64, 8)
		for j := range row {
			if j != i {
				row[j] = 1.0 / 7
			}
		}
		g.Weights, g.Transitions, p[i] = append(g.Weights, 1.0/8), append(g.Transitions, row), 0.001*float64(i+1)
	}
	for b.Loop() {
		if _, err := g.AdjustP(p); err != nil {
			b.Fatal(err)
		}
	}
}
