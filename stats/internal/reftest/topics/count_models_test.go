package topics_test

import (
	"fmt"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() { reftest.Register("counts", countModelCase) }

// countModelCase compares models of counts and of risks.
func countModelCase(c *reftest.Case) error {
	_, kind, _ := strings.Cut(c.ID, "/")
	switch {
	case strings.HasPrefix(kind, "gcomp"):
		return gcompCase(c)
	}
	return fmt.Errorf("%w: %s", reftest.ErrNoFunction, kind)
}

// yesNo turns zeros and ones into events.
func yesNo(x []float64) []bool {
	out := make([]bool, len(x))
	for i, v := range x {
		out[i] = v == 1
	}
	return out
}

// armNames are the labels "0" and "1" of an arm's indicator.
func armNames(x []float64) []string {
	out := make([]string, len(x))
	for i, v := range x {
		out[i] = fmt.Sprint(v)
	}
	return out
}

// gcompCase compares standardized risks with the covariates held fixed. The case
// compares two arms called 0 and 1, as its call says.
func gcompCase(c *reftest.Case) error {
	data := regress.BinaryData{Control: "0", Errors: regress.DeltaErrors}
	if c.Has("dataset") {
		t := readCase(c) // its call: outcome, treatment, and two covariates
		for i, v := range t.col("outcome") {
			data.Y = append(data.Y, v == "1_yes")
			data.Arm = append(data.Arm, fmt.Sprint(bool01(t.col("rx")[i] == "1_indomethacin")))
		}
		data.Covariates = []regress.Term{regress.Numeric("risk", t.floats("risk")), regress.Numeric("age", t.floats("age"))}
	} else {
		if c.Str("vc") == "HC0" {
			data.Errors = regress.DeltaRobustErrors
		}
		data.Y, data.Arm = yesNo(c.Floats("y")), armNames(c.Floats("arm"))
		data.Covariates = []regress.Term{regress.Numeric("z", c.Floats("z")), regress.Numeric("w", c.Floats("w"))}
	}
	g, err := regress.GComputation(data)
	if err != nil {
		return err
	}
	var risk, se []float64
	for _, l := range g.Levels {
		e, _ := g.Mean(l)
		risk, se = append(risk, e.Value), append(se, e.SE)
	}
	c.WantVec("risk", risk)
	c.WantVec("risk_se", se)
	rd, err := g.Difference("1", "0")
	if err != nil {
		return err
	}
	ci := rd.CI(0.95)
	c.Want("rd.estimate", rd.Value)
	c.Want("rd.se", rd.SE)
	c.Want("rd.lower", ci.Lo)
	c.Want("rd.upper", ci.Hi)
	c.Want("rd.p", rd.P(0))
	rr, err := g.Ratio("1", "0")
	if err != nil {
		return err
	}
	or, err := g.OddsRatio("1", "0")
	if err != nil {
		return err
	}
	for path, r := range map[string]stats.Ratio{"rr": rr, "or": or} {
		ci := r.CI(0.95)
		c.Want(path+".estimate", r.Point())
		c.Want(path+".se_log", r.Log.SE)
		c.Want(path+".lower", ci.Lo)
		c.Want(path+".upper", ci.Hi)
	}
	return nil
}
