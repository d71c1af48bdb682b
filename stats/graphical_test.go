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

// holmGraph is the graph that spreads a rejected weight evenly.
func holmGraph(n int) stats.TestGraph {
	g := stats.TestGraph{}
	for i := range n {
		g.Weights = append(g.Weights, 1/float64(n))
		row := make([]float64, n)
		for j := range row {
			if j != i {
				row[j] = 1 / float64(n-1)
			}
		}
		g.Transitions = append(g.Transitions, row)
	}
	return g
}

func TestGraphKnownProcedures(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	for range 100 {
		n := 2 + rng.IntN(5)
		p := make([]float64, n)
		for i := range p {
			p[i] = float64(rng.IntN(40)) / 200
		}
		got, err := holmGraph(n).AdjustP(p)
		require.NoError(t, err)
		want, err := stats.AdjustP(p)
		require.NoError(t, err)
		assert.InDeltaSlice(t, want, got, 1e-12)

		got, err = stats.FixedSequence(n).AdjustP(p)
		require.NoError(t, err)
		most := 0.0
		for i := range p {
			most = math.Max(most, p[i])
			assert.InDelta(t, most, got[i], 1e-12, "the largest p so far")
		}
		bonferroni := stats.TestGraph{Weights: holmGraph(n).Weights, Transitions: make([][]float64, n)}
		for i := range n {
			bonferroni.Transitions[i] = make([]float64, n)
		}
		got, err = bonferroni.AdjustP(p)
		require.NoError(t, err)
		want, err = stats.AdjustPWith(p, stats.AdjustOptions{Method: stats.Bonferroni})
		require.NoError(t, err)
		assert.InDeltaSlice(t, want, got, 1e-12)
	}
}

// closedTest adjusts by the closure: weights of every intersection from taking
// the other hypotheses out one after the other, weighted Bonferroni tests.
func closedTest(g stats.TestGraph, p []float64) []float64 {
	n := len(p)
	out := make([]float64, n)
	for set := 1; set < 1<<n; set++ {
		w := append([]float64(nil), g.Weights...)
		m := make([][]float64, n)
		for i := range m {
			m[i] = append([]float64(nil), g.Transitions[i]...)
		}
		gone := make([]bool, n)
		for j := range n {
			if set>>j&1 == 1 {
				continue
			}
			gone[j] = true
			next := make([][]float64, n)
			for l := range n {
				next[l] = make([]float64, n)
				if gone[l] {
					continue
				}
				w[l] += w[j] * m[j][l]
				for k := range n {
					if !gone[k] && k != l && m[l][j]*m[j][l] < 1 {
						next[l][k] = (m[l][k] + m[l][j]*m[j][k]) / (1 - m[l][j]*m[j][l])
					}
				}
			}
			m, w[j] = next, 0
		}
		q := 1.0
		for j := range n {
			if set>>j&1 == 1 && w[j] > 0 {
				q = math.Min(q, p[j]/w[j])
			}
		}
		for j := range n {
			if set>>j&1 == 1 {
				out[j] = math.Max(out[j], q)
			}
		}
	}
	return out
}

func TestGraphIsClosedTest(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 2))
	random := func(n int) stats.TestGraph {
		g := stats.TestGraph{Weights: make([]float64, n), Transitions: make([][]float64, n)}
		fill := func(v []float64, skip int) {
			s := 0.0
			for i := range v {
				if i != skip && rng.IntN(3) > 0 {
					v[i] = float64(1 + rng.IntN(4))
					s += v[i]
				}
			}
			for i := range v {
				v[i] /= math.Max(1, s)
			}
		}
		fill(g.Weights, -1)
		for i := range n {
			g.Transitions[i] = make([]float64, n)
			fill(g.Transitions[i], i)
		}
		return g
	}
	for range 400 {
		n := 2 + rng.IntN(4)
		g := random(n)
		p := make([]float64, n)
		for i := range p {
			p[i] = float64(rng.IntN(60)) / 400
		}
		got, err := g.AdjustP(p)
		require.NoError(t, err)
		assert.InDeltaSlice(t, closedTest(g, p), got, 1e-12, "%+v %v", g, p)
	}
}

func TestGraphRefuses(t *testing.T) {
	g := stats.FixedSequence(2)
	_, err := g.AdjustP([]float64{0.1})
	assert.ErrorIs(t, err, stats.ErrLength)
	_, err = g.AdjustP([]float64{0.1, math.NaN()})
	assert.ErrorIs(t, err, stats.ErrNotFinite)
	_, err = g.AdjustP([]float64{0.1, 1.5})
	assert.ErrorIs(t, err, stats.ErrDomain)
	assert.Equal(t, stats.FixedSequence(2), g, "the graph is unchanged")
	assert.Panics(t, func() { stats.Fallback(0.7, 0.7).AdjustP([]float64{0.1, 0.1}) })
	assert.Panics(t, func() {
		stats.TestGraph{Weights: []float64{1}, Transitions: [][]float64{{1}}}.AdjustP([]float64{0.1})
	})
}

func ExampleTestGraph() {
	// Two primary outcomes share α; each hands its share to its secondary
	// outcome, and from there to the other primary (Bretz et al. 2009, fig. 9).
	g := stats.TestGraph{
		Weights: []float64{0.5, 0.5, 0, 0},
		Transitions: [][]float64{
			{0, 0, 1, 0},
			{0, 0, 0, 1},
			{0, 1, 0, 0},
			{1, 0, 0, 0},
		},
	}
	p, _ := g.AdjustP([]float64{0.01, 0.03, 0.02, 0.20})
	fmt.Printf("%.3f\n", p)
	// Output:
	// [0.020 0.040 0.040 0.200]
}

func ExampleFixedSequence() {
	p, _ := stats.FixedSequence(3).AdjustP([]float64{0.012, 0.060, 0.001})
	fmt.Printf("%.3f\n", p) // the third is not confirmed although its p is small
	// Output:
	// [0.012 0.060 0.060]
}
