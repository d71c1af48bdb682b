package stats

import (
	"fmt"
	"math"
)

// TestGraph is a graphical multiple test procedure: every hypothesis has a
// share of α, and a rejected one hands its share on along weighted edges.
type TestGraph struct {
	// Weights are the shares of α: not negative, together at most 1.
	Weights []float64
	// Transitions[i][j] is the share of i's weight that goes to j when i is
	// rejected: not negative, 0 on the diagonal, rows at most 1.
	Transitions [][]float64
}

// FixedSequence is the graph that tests n hypotheses in the given order, each
// at the full level, and stops at the first that is not rejected.
// Source: Bretz et al. (2009), doi 10.1002/sim.3495. It agrees with R's
// gMCP::fixedSequence.
func FixedSequence(n int) TestGraph {
	g := emptyGraph(n)
	g.Weights[0] = 1
	for i := range n - 1 {
		g.Transitions[i][i+1] = 1
	}
	return g
}

// Fallback is the graph of Wiens (2003, doi 10.1002/pst.64): hypotheses in the
// given order, each with its own weight, which moves on to the next when
// rejected. Later hypotheses can be tested where earlier ones fail.
func Fallback(weights ...float64) TestGraph {
	g := emptyGraph(len(weights))
	copy(g.Weights, weights)
	for i := range len(weights) - 1 {
		g.Transitions[i][i+1] = 1
	}
	return g
}

func emptyGraph(n int) TestGraph {
	if n < 1 {
		panic(fmt.Sprintf("stats: a test graph of %d hypotheses", n))
	}
	g := TestGraph{Weights: make([]float64, n), Transitions: make([][]float64, n)}
	for i := range g.Transitions {
		g.Transitions[i] = make([]float64, n)
	}
	return g
}

// check panics for a graph that is not one: it is written by the programmer or
// the protocol, not found in data.
func (g TestGraph) check() {
	n := len(g.Weights)
	bad := func(format string, args ...any) { panic("stats: test graph: " + fmt.Sprintf(format, args...)) }
	sum := func(what string, v []float64) {
		s := 0.0
		for j, w := range v {
			if !(w >= 0 && w <= 1) {
				bad("%s %d is %v", what, j, w)
			}
			s += w
		}
		if s > 1+1e-9 {
			bad("%s add up to %v", what, s)
		}
	}
	sum("weights", g.Weights)
	if len(g.Transitions) != n {
		bad("%d rows of transitions for %d weights", len(g.Transitions), n)
	}
	for i, row := range g.Transitions {
		if len(row) != n {
			bad("%d transitions in row %d, need %d", len(row), i, n)
		}
		if row[i] != 0 {
			bad("a transition from %d to itself", i)
		}
		sum(fmt.Sprintf("transitions from %d", i), row)
	}
}

// AdjustP returns the adjusted p-values of the graph's hypotheses, in order: one
// of at most α is rejected at family-wise level α, whatever the dependence of
// the p-values (each intersection is tested by a weighted Bonferroni test). A
// hypothesis that no weight can reach has adjusted p-value 1. Exact
// transformation. It panics for an invalid graph and refuses p-values of
// another number, NaN and values outside [0, 1].
//
// Source: Bretz, Maurer, Brannath & Posch (2009), doi 10.1002/sim.3495.
// It agrees with R's gMCP::gMCP and graphicalMCP::graph_test_shortcut.
func (g TestGraph) AdjustP(p []float64) ([]float64, error) {
	const fn = "TestGraph.AdjustP"
	g.check()
	n := len(g.Weights)
	if len(p) != n {
		return nil, &SampleError{Func: fn, Arg: "p", Index: -1, Err: ErrLength, Info: fmt.Sprintf("%d p-values, %d hypotheses", len(p), n)}
	}
	for i, v := range p {
		if math.IsNaN(v) {
			return nil, &SampleError{Func: fn, Arg: "p", Index: i, Err: ErrNotFinite, Info: "NaN"}
		}
		if v < 0 || v > 1 {
			return nil, &SampleError{Func: fn, Arg: "p", Index: i, Err: ErrDomain, Info: fmt.Sprint(v)}
		}
	}
	g = g.clone()
	out := make([]float64, n)
	left := make([]bool, n)
	for i := range left {
		left[i] = true
	}
	running := 0.0
	for range n {
		next, least := -1, math.Inf(1)
		for i := range p {
			if left[i] && g.Weights[i] > 0 && p[i]/g.Weights[i] < least {
				next, least = i, p[i]/g.Weights[i]
			}
		}
		if next < 0 { // no weight reaches the rest
			break
		}
		running = math.Max(running, math.Min(1, least))
		out[next] = running
		left[next] = false
		g.reject(next, left)
	}
	for i := range out {
		if left[i] {
			out[i] = 1
		}
	}
	return out, nil
}

// reject takes hypothesis j out: its weight goes to the others, and paths
// through it become edges.
func (g TestGraph) reject(j int, left []bool) {
	n := len(g.Weights)
	t := g.Transitions
	rows := make([][]float64, n)
	for l := range n {
		if !left[l] {
			continue
		}
		g.Weights[l] += g.Weights[j] * t[j][l]
		rows[l] = make([]float64, n)
		back := 1 - t[l][j]*t[j][l]
		for k := range n {
			if left[k] && k != l && back > 1e-15 {
				rows[l][k] = (t[l][k] + t[l][j]*t[j][k]) / back
			}
		}
	}
	g.Weights[j] = 0
	for l := range n {
		if rows[l] != nil {
			t[l] = rows[l]
		}
	}
}

// Without is the graph that is left when the hypotheses out are rejected: their shares
// are the others', and their own weights are 0. In which order they go makes no
// difference. It panics for an invalid graph and for another number of hypotheses.
// Source: Bretz, Maurer, Brannath & Posch (2009), doi 10.1002/sim.3495, algorithm 1.
func (g TestGraph) Without(out []bool) TestGraph {
	g.check()
	if len(out) != len(g.Weights) {
		panic(fmt.Sprintf("stats: test graph of %d hypotheses: %d are out or not", len(g.Weights), len(out)))
	}
	g = g.clone()
	left := make([]bool, len(out))
	for i := range left {
		left[i] = true
	}
	for j, gone := range out {
		if !gone {
			continue
		}
		left[j] = false
		g.reject(j, left)
		clear(g.Transitions[j])
		for _, row := range g.Transitions {
			row[j] = 0
		}
	}
	return g
}

func (g TestGraph) clone() TestGraph {
	c := TestGraph{Weights: append([]float64(nil), g.Weights...)}
	for _, row := range g.Transitions {
		c.Transitions = append(c.Transitions, append([]float64(nil), row...))
	}
	return c
}
