package family

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
)

// Decision is what a scheme makes of the p-values of its hypotheses, in their order.
type Decision struct {
	// Adjusted is below α where the hypothesis is shown (Shown). Of co-primary ones it
	// is the p-value itself.
	Adjusted []float64
	Shown    []bool
	// Tested is false where the procedure stopped before: Before is then the place of
	// the hypothesis that was not shown and stopped an ordered one, −1 elsewhere.
	Tested []bool
	Before []int
	// Success: all are shown where all must be, else at least one is.
	Success bool
	// P is that of the scheme: the largest of co-primary ones, else the smallest
	// adjusted one.
	P float64
	// Graph is what is left of a graph of hypotheses when those shown are taken out:
	// the shares of α at which the others were tested, and where they would go.
	Graph stats.TestGraph
}

// Decide tests hypotheses together at the level alpha. p are their two-sided p-values,
// those of one-sided tests doubled; NaN is of a hypothesis whose test could not be made: it
// counts as 1, is not shown and keeps its place in the number of hypotheses. joint are
// the adjusted p-values that a method has made from the data (Method.FromData), nil with
// others.
//
// A hypothesis is shown where its adjusted p-value is below alpha, as everywhere in this
// library an interval leaves out a value if and only if the value's p is below what is
// left of the level. Exact transformations of the p-values (stats.AdjustPWith,
// stats.TestGraph.AdjustP); that of a fixed order is the largest up to the place.
//
// It panics for other numbers of names and p-values, and for a graph that Validate of a
// protocol refuses.
func (s Scheme) Decide(names []string, p, joint []float64, alpha float64) (Decision, error) {
	n := len(names)
	if len(p) != n || joint != nil && len(joint) != n || joint == nil != (s.All || !s.Adjust.FromData()) {
		panic(fmt.Sprintf("family: Decide: %d names, %d p-values, %d joint ones", n, len(p), len(joint)))
	}
	known := make([]float64, n)
	for i, x := range p {
		if known[i] = x; math.IsNaN(x) {
			known[i] = 1
		}
	}
	d := Decision{Tested: make([]bool, n), Shown: make([]bool, n), Before: make([]int, n)}
	adjusted, err := s.adjusted(names, known, joint)
	if err != nil {
		return Decision{}, err
	}
	d.Adjusted = adjusted
	shown := 0
	for i := range n {
		d.Tested[i], d.Before[i] = true, -1
		if d.Shown[i] = adjusted[i] < alpha && !math.IsNaN(p[i]); d.Shown[i] {
			shown++
		}
	}
	d.Success = shown > 0
	if s.All {
		d.Success = shown == n
		d.P, err = stats.CoPrimary(known)
		return d, err
	}
	d.P = 1
	for _, x := range adjusted {
		d.P = math.Min(d.P, x)
	}
	switch s.Adjust {
	case Fixed:
		for i := 1; i < n; i++ {
			switch {
			case d.Before[i-1] >= 0:
				d.Before[i] = d.Before[i-1]
			case !d.Shown[i-1]:
				d.Before[i] = i - 1
			}
			d.Tested[i] = d.Before[i] < 0
		}
	case GraphMethod:
		d.Graph = s.TestGraph(names).Without(d.Shown)
		for i := range n {
			d.Tested[i] = d.Shown[i] || d.Graph.Weights[i] > 0
		}
	}
	for i := range n { // what could not be tested was not
		d.Tested[i] = d.Tested[i] && !math.IsNaN(p[i]) && (joint == nil || !math.IsNaN(joint[i]))
	}
	return d, nil
}

// adjusted are the adjusted p-values.
func (s Scheme) adjusted(names []string, p, joint []float64) ([]float64, error) {
	switch {
	case s.All:
		return p, nil
	case joint != nil:
		out := make([]float64, len(joint))
		for i, x := range joint {
			if out[i] = x; math.IsNaN(x) {
				out[i] = 1
			}
		}
		return out, nil
	}
	switch s.Adjust {
	case Bonferroni:
		out := make([]float64, len(p))
		for i, x := range p {
			out[i] = bonferroni(x, s.Weight(names[i], len(names)))
		}
		return out, nil
	case Holm, Hochberg, Hommel:
		return stats.AdjustPWith(p, stats.AdjustOptions{Method: stats.Adjustment(s.Adjust)})
	case Fixed:
		return stats.FixedSequence(len(p)).AdjustP(p)
	case GraphMethod:
		return s.TestGraph(names).AdjustP(p)
	}
	panic(fmt.Sprintf("family: Decide: unknown method %q", s.Adjust))
}

// bonferroni adjusts a p-value tested at the share w of α.
func bonferroni(p, w float64) float64 {
	if p >= w { // w = 0 can never be shown
		return 1
	}
	return p / w
}

// TestGraph is the scheme's graph with the hypotheses in the order of the names.
func (s Scheme) TestGraph(names []string) stats.TestGraph {
	g := stats.TestGraph{}
	for _, a := range names {
		row := make([]float64, len(names))
		for j, b := range names {
			row[j] = s.Graph.Transitions[a][b]
		}
		g.Weights = append(g.Weights, s.Graph.Weights[a])
		g.Transitions = append(g.Transitions, row)
	}
	return g
}
