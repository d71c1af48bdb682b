package topics_test

import (
	"fmt"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() { reftest.Register("multiplicity_plan", multiplicityCase) }

// multiplicityCase compares adjusted p-values of single tests, of test graphs,
// and Dunnett's comparisons with adjusted means.
func multiplicityCase(c *reftest.Case) error {
	_, kind, _ := strings.Cut(c.ID, "/")
	if c.Has("y") {
		return dunnettCase(c)
	}
	p := c.Floats("p")
	var adjusted []float64
	var err error
	switch {
	case c.Has("method"):
		adjusted, err = stats.AdjustPWith(p, stats.AdjustOptions{Method: stats.Adjustment(c.Str("method"))})
	case c.Has("G"):
		adjusted, err = stats.TestGraph{Weights: c.Floats("w"), Transitions: c.Matrix("G")}.AdjustP(p)
		c.Skip("order.") // of rejection
	case kind == "coprimary":
		all, err := stats.CoPrimary(p)
		c.Want("p", all)
		return err
	case kind == "fixed_sequence":
		adjusted, err = stats.FixedSequence(len(p)).AdjustP(p)
	case kind == "fallback":
		adjusted, err = stats.Fallback(c.Floats("w")...).AdjustP(p)
	case strings.HasPrefix(kind, "weighted_holm"):
		adjusted, err = holmGraph(c.Floats("w")).AdjustP(p)
	case kind == "p_above_1":
		_, err = stats.AdjustP(p)
	case kind == "weights":
		return refusesGraph(c, holmGraph(c.Floats("w")), p)
	default:
		return fmt.Errorf("%w: %s", reftest.ErrNoFunction, kind)
	}
	if c.ExpectsError() && err != nil {
		c.Refused(err, "")
		return nil
	}
	c.WantVec("adjusted", adjusted)
	return err
}

// holmGraph hands a rejected hypothesis's weight to the others by theirs.
func holmGraph(w []float64) stats.TestGraph {
	g := stats.TestGraph{Weights: w}
	for i := range w {
		row := make([]float64, len(w))
		for j := range w {
			if j != i && w[i] < 1 {
				row[j] = w[j] / (1 - w[i])
			}
		}
		g.Transitions = append(g.Transitions, row)
	}
	return g
}

func refusesGraph(c *reftest.Case, g stats.TestGraph, p []float64) (err error) {
	defer func() {
		if recover() != nil {
			c.Refused(nil, "TestGraph panics for weights that are none, as its comment says")
		}
	}()
	_, err = g.AdjustP(p)
	return err
}

func dunnettCase(c *reftest.Case) error {
	arms := c.Strs("arm")
	control := sortedLevels(arms)[0]
	terms := []regress.Term{regress.Category("arm", arms, control)}
	if c.Has("x") {
		terms = append([]regress.Term{regress.Numeric("x", c.Floats("x"))}, terms...)
	}
	m, err := regress.Linear(c.Floats("y"), terms...)
	if err != nil {
		return err
	}
	cs, err := m.VersusControl("arm", control)
	if err != nil {
		return err
	}
	c.Skip("correlation.") // of the comparisons, which only their p-values show
	c.Skip("critical")     // it shows in the limits
	for i, e := range cs {
		at := func(s string) string {
			if len(cs) == 1 {
				return s
			}
			return fmt.Sprintf("%s.%d", s, i)
		}
		c.Want(at("estimate"), e.Value)
		c.Want(at("se"), e.SE)
		c.Want(at("t"), e.T(0), reftest.Tol, 1e-12)
		c.Want("df", e.DF)
		ci := e.CI(levelOf(c))
		c.Want(at("p_two_sided"), e.P(0), 1e-7)
		c.Want(at("p_greater"), e.PGreater(0), 1e-7)
		c.Want(at("lower"), ci.Lo, 1e-7, 1e-7*e.SE)
		c.Want(at("upper"), ci.Hi, 1e-7, 1e-7*e.SE)
	}
	return nil
}
