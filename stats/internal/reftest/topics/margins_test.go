package topics_test

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/table"
)

func init() { reftest.Register("ni_equiv", marginCase) }

// marginCase compares non-inferiority and equivalence: questions to an estimate
// at the margin.
func marginCase(c *reftest.Case) error {
	_, kind, _ := strings.Cut(c.ID, "/")
	if c.Has("a") {
		return scoreMarginCase(c, kind)
	}
	var e stats.Estimate
	var err error
	switch {
	case strings.HasPrefix(kind, "ancova"):
		var m *regress.Fit
		if m, err = regress.Linear(c.Floats("y"), regress.Numeric("arm", c.Floats("arm")), regress.Numeric("base", c.Floats("base"))); err == nil {
			wantNonInferior(c, m.Coefficient("arm"))
		}
		return err
	case kind == "mean_ratio_fieller":
		return fiellerCase(c)
	case kind == "margin_zero":
		// Ours is a question at the margin: of 0 it is superiority, which study, where
		// margins are declared, refuses to call non-inferiority.
		e = stats.Estimate{Value: c.Num("est"), SE: c.Num("se"), DF: c.Num("df")}
		if m := c.Num("margin"); m == 0 && e.PGreater(-m) == e.PGreater(0) {
			c.Refused(nil, "a margin of 0 is the question of superiority, PGreater(0)")
		}
		return nil
	case kind == "tost_log_ratio":
		e, err = stats.Student(logs(c.Floats("y")), logs(c.Floats("x")))
		if err != nil {
			return err
		}
		r := stats.Ratio{Log: e}
		ci := r.CI(0.9)
		c.Want("ratio", r.Point())
		c.WantVec("ci90", []float64{ci.Lo, ci.Hi})
		c.Want("p_lower", r.PGreater(c.Num("low")))
		c.Want("p_upper", r.PLess(c.Num("high")))
		return nil
	case kind == "tost":
		e, err = stats.Paired(c.Floats("y"), c.Floats("x"))
	case strings.HasPrefix(kind, "tost_"):
		f := stats.Welch
		if c.Num("pooled") == 1 {
			f = stats.Student
		}
		e, err = f(c.Floats("y"), c.Floats("x"))
	default:
		return fmt.Errorf("%w: %s", reftest.ErrNoFunction, kind)
	}
	if err != nil {
		return err
	}
	low, high, ci := c.Num("low"), c.Num("high"), e.CI(0.9)
	c.Want("p_lower", e.PGreater(low))
	c.Want("p_upper", e.PLess(high))
	c.Want("p", math.Max(e.PGreater(low), e.PLess(high)))
	c.WantVec("ci90", []float64{ci.Lo, ci.Hi})
	for path, v := range map[string]float64{"t_lower": e.T(low), "t_upper": e.T(high), "df": e.DF} {
		wantIf(c, path, v)
	}
	return nil
}

func fiellerCase(c *reftest.Case) error {
	r, err := stats.RatioOfMeans(c.Floats("y"), c.Floats("x"))
	if err != nil {
		return err
	}
	null, ci := c.Num("ratio"), r.CI(levelOf(c))
	if c.ExpectsError() && (ci.Why == stats.WhyUnbounded || ci.Why == stats.WhyGaps) {
		c.Refused(nil, "the set is no interval, which Why says")
		return nil
	}
	c.Want("ratio", r.Point())
	c.Want("t", r.T(null))
	c.Want("df", r.DF())
	c.Want("p", r.PGreater(null))
	c.Want("lower", ci.Lo)
	c.Want("upper", ci.Hi)
	return nil
}

func logs(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = math.Log(v)
	}
	return out
}

// wantNonInferior asks whether the treated arm is not worse by the margin.
func wantNonInferior(c *reftest.Case, e stats.Estimate) {
	margin, ci := c.Num("margin"), e.CI(0.95)
	t, p := e.T(-margin), e.PGreater(-margin)
	if c.Str("better") == "lower" {
		t, p = -e.T(margin), e.PLess(margin)
	}
	c.Want("estimate", e.Value)
	c.Want("se", e.SE)
	c.Want("df", e.DF)
	c.Want("t", t, reftest.Tol, 1e-12)
	c.Want("p", p)
	c.Want("lower", ci.Lo, reftest.Tol, 1e-12)
	c.Want("upper", ci.Hi, reftest.Tol, 1e-12)
	c.Want("noninferior", bool01(p < 0.025))
}

func scoreMarginCase(c *reftest.Case, kind string) error {
	t, k := table.Count{Events: c.Int("a"), N: c.Int("n1")}, table.Count{Events: c.Int("c"), N: c.Int("n0")}
	c.Skip("restricted.") // the proportions under the null, which only z shows
	switch {
	case strings.HasPrefix(kind, "rd_"):
		s, err := table.RiskDifferenceScoreWith(t, k, table.ScoreOptions{NoBiasCorrection: c.Num("mn") == 0})
		if err != nil {
			return err
		}
		null := -c.Num("margin")
		c.Want("estimate", s.Point(), reftest.Tol, 1e-15)
		c.Want("z", s.Z(null), reftest.Tol, 1e-12)
		c.Want("p", s.PGreater(null))
		return nil
	case strings.HasPrefix(kind, "rr_score"):
		s, err := table.RiskRatioScoreWith(t, k, table.ScoreOptions{NoBiasCorrection: true})
		if err != nil {
			return err
		}
		mn, err := table.RiskRatioScore(t, k)
		if err != nil {
			return err
		}
		null := c.Num("ratio")
		c.Want("estimate", s.Point())
		c.Want("z", s.Z(null), reftest.Tol, 1e-12)
		c.Want("p", s.PGreater(null))
		c.Want("z_mn", mn.Z(null), reftest.Tol, 1e-12)
		return nil
	}
	return fmt.Errorf("%w: %s", reftest.ErrNoFunction, kind)
}
