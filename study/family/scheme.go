package family

import (
	"maps"
	"slices"
)

// Method is how several hypotheses are tested together, where any one of them that is
// shown is a success of the trial.
type Method string

// Methods. The family-wise error rate, the chance of at least one false claim, is at most
// α with each, whatever is true of the other hypotheses.
const (
	// Bonferroni gives every hypothesis its share of α (Scheme.Graph.Weights; equal
	// shares without). It holds whatever the dependence.
	Bonferroni Method = "bonferroni"
	// Holm tests in the order of the p-values and stops at the first that is not shown.
	// It holds whatever the dependence. Holm 1979, Scand J Stat 6:65.
	Holm Method = "holm"
	// Hochberg and Hommel assume that the test statistics are independent or positively
	// dependent (MTP2). Hochberg 1988, doi 10.1093/biomet/75.4.800; Hommel 1988,
	// doi 10.1093/biomet/75.2.383.
	Hochberg Method = "hochberg"
	Hommel   Method = "hommel"
	// Fixed tests in the order of declaration, each at the whole α, and stops at the
	// first that is not shown.
	Fixed Method = "fixed"
	// Dunnett is of several arms against one control in one linear model, by the joint t
	// distribution of their differences. Dunnett 1955, doi 10.1080/01621459.1955.10501294.
	Dunnett Method = "dunnett"
	// MaxT is by the largest |t| of differences that were made together: in one model of
	// all visits or one linear model by their joint t distribution (Hothorn, Bretz &
	// Westfall 2008, doi 10.1002/bimj.200810425).
	MaxT Method = "max-t"
	// WestfallYoung is the step-down max-T of a permutation: see Permute.
	WestfallYoung Method = "westfall-young"
	// GraphMethod hands the share of a hypothesis that is shown on to others, along
	// weighted edges (Scheme.Graph). It holds whatever the dependence. Bretz, Maurer,
	// Brannath & Posch 2009, doi 10.1002/sim.3495.
	GraphMethod Method = "graph"
)

// Methods are all of them, as protocols may name them.
func Methods() []string {
	return []string{string(Bonferroni), string(Holm), string(Hochberg), string(Hommel), string(Fixed), string(Dunnett), string(MaxT), string(WestfallYoung), string(GraphMethod)}
}

// Simultaneous reports whether the method has intervals that hold together; those of
// the others each hold by themselves.
func (m Method) Simultaneous() bool { return m == Bonferroni || m.Joint() }

// Joint reports whether the method takes the differences' joint distribution from their
// model.
func (m Method) Joint() bool { return m == Dunnett || m == MaxT }

// FromData reports whether the method makes the adjusted p-values from the data, not
// from the p-values of each hypothesis by itself.
func (m Method) FromData() bool { return m.Joint() || m == WestfallYoung }

// Assumes reports whether the method's error rate rests on how the test statistics
// depend on each other.
func (m Method) Assumes() bool { return m == Hochberg || m == Hommel }

// Graph holds shares of α and how they travel, by the names of hypotheses.
type Graph struct {
	// Weights are the shares: not negative, together at most 1; absent is 0.
	Weights map[string]float64
	// Transitions[a][b] is the part of a's share that goes to b when a is shown: not
	// negative, none to itself, together at most 1 from each.
	Transitions map[string]map[string]float64
}

// Scheme is what a protocol declares of its primary hypotheses.
type Scheme struct {
	// All: every one of them must be shown, each at the whole α (co-primary). Otherwise
	// any one is a success, and Adjust says how α is divided.
	All bool
	// Members are plans by their ID, or one arm of a plan as PLAN.ARM, in order.
	Members []string
	Adjust  Method
	// Graph has the shares of GraphMethod and, if it is not equal ones, of Bonferroni.
	Graph Graph
	// Alpha is the error that the scheme allows, two-sided; one-sided tests take half
	// of it. 0 is what the plans' level leaves.
	Alpha float64
}

// Clone is a deep copy.
func (s *Scheme) Clone() *Scheme {
	if s == nil {
		return nil
	}
	c := *s
	c.Members = slices.Clone(s.Members)
	c.Graph.Weights = maps.Clone(s.Graph.Weights)
	c.Graph.Transitions = maps.Clone(s.Graph.Transitions)
	for k, v := range c.Graph.Transitions {
		c.Graph.Transitions[k] = maps.Clone(v)
	}
	return &c
}

// Weight is the share of α that a hypothesis, one of n, begins with.
func (s Scheme) Weight(name string, n int) float64 {
	switch {
	case s.All || s.Adjust == "":
		return 1
	case s.Adjust == GraphMethod, s.Adjust == Bonferroni && len(s.Graph.Weights) > 0:
		return s.Graph.Weights[name]
	}
	return 1 / float64(n)
}

// Unreached lists the hypotheses that no share of α can come to, whatever is shown.
func (g Graph) Unreached(names []string) []string {
	reached := map[string]bool{}
	var visit func(string)
	visit = func(a string) {
		if reached[a] {
			return
		}
		reached[a] = true
		for b, x := range g.Transitions[a] {
			if x > 0 {
				visit(b)
			}
		}
	}
	for _, a := range names {
		if g.Weights[a] > 0 {
			visit(a)
		}
	}
	var out []string
	for _, a := range names {
		if !reached[a] {
			out = append(out, a)
		}
	}
	return out
}
