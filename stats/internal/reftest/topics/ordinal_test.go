package topics_test

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() { reftest.Register("ordinal_po", ordinalCase) }

// ordinalCase compares proportional odds, win odds and win ratios.
func ordinalCase(c *reftest.Case) error {
	_, kind, _ := strings.Cut(c.ID, "/")
	switch {
	case strings.HasPrefix(kind, "win_odds"):
		return winOddsCase(c)
	case kind == "win_ratio":
		return winRatioCase(c)
	case kind == "profile":
		m, err := regress.Ordinal(c.Floats("y"), regress.Numeric("arm", c.Floats("arm")))
		if err != nil {
			return err
		}
		p := m.Profile("arm")
		ci := p.CI(levelOf(c))
		c.Want("coef", p.Point())
		c.Want("lower", ci.Lo)
		c.Want("upper", ci.Hi)
		return nil
	case kind == "brant":
		return brantCase(c)
	case kind == "nominal_lr":
		m, err := regress.Ordinal(c.Floats("y"), regress.Numeric("arm", c.Floats("arm")), regress.Numeric("age", c.Floats("age")))
		if err != nil {
			return err
		}
		t, err := m.NominalTest("arm")
		if err != nil {
			return err
		}
		c.Want("lr", t.X2)
		c.Want("df", t.DF)
		c.Want("p", t.P())
		return nil
	case strings.HasPrefix(kind, "po"):
		return proportionalOddsCase(c)
	}
	return fmt.Errorf("%w: %s", reftest.ErrNoFunction, kind)
}

// winOddsCase: y over x, by the normal distribution whatever the numbers.
func winOddsCase(c *reftest.Case) error {
	w, err := rank.BenefitWith([][]float64{c.Floats("y")}, [][]float64{c.Floats("x")}, rank.BenefitOptions{Method: rank.BenefitNormal})
	if c.ExpectsError() {
		c.Refused(err, "")
		return nil
	}
	if err != nil {
		return err
	}
	level, odds := levelOf(c), w.WinOdds()
	wald, logit, ci := stats.Estimate{Value: w.Value, SE: w.SE, DF: math.Inf(1)}.CI(level), w.CI(level), odds.CI(level)
	c.Want("theta", w.Value)
	c.Want("se", w.SE)
	c.WantVec("wald", []float64{wald.Lo, wald.Hi})
	c.Want("win_odds", odds.Point())
	c.Want("se_log", odds.SELog())
	c.Want("lower", ci.Lo)
	c.Want("upper", ci.Hi)
	c.WantVec("theta_logit_ci", []float64{logit.Lo, logit.Hi})
	c.Want("p", w.P(0.5))
	return nil
}

// proportionalOddsCase compares a fit: the arm alone, or with covariates.
func proportionalOddsCase(c *reftest.Case) error {
	var y []float64
	var terms []regress.Term
	if c.Has("dataset") { // its call: two age groups of the blood against the first, and age
		t := readCase(c).complete("TVol", "RBC.Age.Group", "Age")
		y = t.floats("TVol")
		group := t.floats("RBC.Age.Group")
		for _, g := range []float64{2, 3} {
			is := make([]float64, len(group))
			for i, v := range group {
				is[i] = bool01(v == g)
			}
			terms = append(terms, regress.Numeric(fmt.Sprint("g", g), is))
		}
		terms = append(terms, regress.Numeric("age", t.floats("Age")))
	} else {
		y = c.Floats("y")
		for _, name := range []string{"arm", "age", "base"} {
			if c.Has(name) {
				terms = append(terms, regress.Numeric(name, c.Floats(name)))
			}
		}
	}
	m, err := regress.Ordinal(y, terms...)
	if c.ExpectsError() {
		c.Refused(err, "")
		return nil
	}
	if err != nil {
		return err
	}
	var thresholds, thresholdSE, coef, se, or, lower, upper, p []float64
	for _, t := range m.Thresholds() {
		thresholds, thresholdSE = append(thresholds, t.Value), append(thresholdSE, t.SE)
	}
	for _, b := range m.Coefficients() {
		r := m.OddsRatio(b.Name)
		ci := r.CI(0.95)
		coef, se, or, p = append(coef, b.Value), append(se, b.SE), append(or, r.Point()), append(p, b.P(0))
		lower, upper = append(lower, ci.Lo), append(upper, ci.Hi)
	}
	c.WantVec("thresholds", thresholds)
	c.WantVec("coef", coef)
	c.WantVec("se", se)
	c.Want("loglik", m.LogLik())
	if !c.HasPath("lr") { // of two categories less is given
		return nil
	}
	c.WantVec("thresholds_se", thresholdSE)
	c.WantVec("or", or)
	c.WantVec("lower", lower)
	c.WantVec("upper", upper)
	c.WantVec("p", p)
	lr := m.LikelihoodRatio()
	c.Want("loglik_null", m.NullLogLik())
	c.Want("lr", lr.X2)
	c.Want("p_lr", lr.P())
	return nil
}

func brantCase(c *reftest.Case) error {
	terms := []regress.Term{regress.Numeric("arm", c.Floats("arm"))}
	if c.Has("age") {
		terms = append(terms, regress.Numeric("age", c.Floats("age")))
	}
	m, err := regress.Ordinal(c.Floats("y"), terms...)
	if err != nil {
		return err
	}
	b, err := m.Brant()
	if err != nil {
		return err
	}
	var x, df, p []float64
	for _, t := range b.Each {
		x, df, p = append(x, t.X2), append(df, t.DF), append(p, t.P())
	}
	c.Want("chisq", b.X2)
	c.Want("df", b.DF)
	c.Want("p", b.P())
	c.WantVec("each_chisq", x)
	c.WantVec("each_df", df)
	c.WantVec("each_p", p)
	return nil
}

// winRatioCase: arm T against C, outcomes in order of priority.
func winRatioCase(c *reftest.Case) error {
	var outs []struct {
		Type   string
		Time   []float64
		Status []float64
		Value  []*float64
		Margin float64
	}
	c.In("outs", &outs)
	var treated []bool
	for _, a := range c.Strs("arm") {
		treated = append(treated, a == "T")
	}
	var outcomes []rank.WinOutcome
	for _, o := range outs {
		w := rank.WinOutcome{Time: o.Time, Margin: o.Margin, Lower: o.Type == "lower"}
		for _, s := range o.Status {
			w.Event = append(w.Event, s == 1)
		}
		if o.Type != "survival" {
			for _, v := range o.Value {
				w.Missing = append(w.Missing, v == nil)
				if v == nil {
					v = new(float64)
				}
				w.Value = append(w.Value, *v)
			}
		}
		outcomes = append(outcomes, w)
	}
	w, err := rank.WinRatio(treated, outcomes...)
	if err != nil {
		return err
	}
	level := levelOf(c)
	r, err := w.Ratio()
	switch {
	case errors.Is(err, rank.ErrSeparated) && w.Losses == 0: // infinite, without an error
		c.Skip("se_log", "lower", "upper")
	case err != nil:
		return err
	default:
		ci := r.CI(level)
		c.Want("se_log", r.Log.SE)
		c.Want("lower", ci.Lo)
		c.Want("upper", ci.Hi)
	}
	net, err := w.NetBenefit()
	if err != nil {
		return err
	}
	odds, err := w.Odds()
	if err != nil {
		return err
	}
	oci, fs := odds.CI(level), w.FinkelsteinSchoenfeld()
	c.Want("wins", float64(w.Wins))
	c.Want("losses", float64(w.Losses))
	c.Want("ties", float64(w.Ties))
	c.Want("win_ratio", float64(w.Wins)/float64(w.Losses))
	c.Want("net_benefit", net.Value)
	c.Want("net_benefit_se", net.SE)
	c.Want("win_odds", odds.Point())
	c.WantVec("win_odds_ci", []float64{oci.Lo, oci.Hi})
	c.Want("fs_T", fs.T)
	c.Want("fs_var", fs.Variance)
	c.Want("fs_z", fs.Z())
	c.Want("fs_p", fs.P())
	return nil
}
