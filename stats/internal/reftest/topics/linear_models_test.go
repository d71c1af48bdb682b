package topics_test

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() { reftest.Register("linear_models", linearModelsCase) }

// linearModelsCase runs the cases of testdata/reference/linear_models.R.
func linearModelsCase(c *reftest.Case) error {
	var cols map[string][]any
	c.In("data", &cols)
	numbers := map[string][]float64{}
	labels := map[string][]string{}
	var frame regress.Frame
	for name, v := range cols {
		for _, x := range v {
			if f, ok := x.(float64); ok {
				numbers[name] = append(numbers[name], f)
			} else {
				labels[name] = append(labels[name], fmt.Sprint(x))
			}
		}
		if labels[name] != nil {
			frame.Category(name, labels[name], "")
		} else {
			frame.Numeric(name, numbers[name])
		}
	}
	p, err := regress.ParseFormula(c.Str("formula"))
	if err != nil {
		return err
	}
	y, terms, err := frame.Terms(p)
	if err != nil {
		return err
	}
	var ids []string
	for _, v := range numbers["id"] {
		ids = append(ids, strconv.Itoa(int(v)))
	}
	var events []bool
	for _, v := range numbers["e"] {
		events = append(events, v == 1)
	}
	kind, _, _ := strings.Cut(c.ID, "/")
	switch kind {
	case "lm":
		return weightedCase(c, y, terms, numbers[c.Str("weights")])
	case "tests":
		m, err := regress.Linear(y, terms...)
		if err != nil {
			return err
		}
		for path, t := range map[string]regress.SSType{"I": regress.TypeI, "II": regress.TypeII, "III": regress.TypeIII} {
			for i := 0; c.HasPath(fmt.Sprintf("%s.terms.%d", path, i)); i++ {
				u := m.TestWith(c.RefString(fmt.Sprintf("%s.terms.%d", path, i)), regress.TestOptions{Type: t})
				c.Want(fmt.Sprintf("%s.ss.%d", path, i), u.SS)
				c.Want(fmt.Sprintf("%s.f.%d", path, i), u.F)
			}
		}
		return nil
	case "firth":
		m, err := regress.LogisticWith(events, terms, regress.LogisticOptions{Firth: true})
		if err != nil {
			return err
		}
		for i, co := range m.Coefficients() {
			k := strconv.Itoa(i)
			c.Want("coef."+co.Name, co.Value)
			c.Want("se."+k, co.SE)
			ci := m.Profile(co.Name).CI(0.95)
			c.Want("lo."+k, ci.Lo, 1e-8) // uniroot's own accuracy
			c.Want("hi."+k, ci.Hi, 1e-8)
		}
		return nil
	case "gee":
		for path, e := range map[string]regress.GEEErrors{
			"sandwich": regress.SandwichErrors, "md": regress.ManclDeRouenErrors, "kc": regress.KauermannCarrollErrors,
		} {
			m, err := regress.GEE(regress.GEEData{ID: ids, Y: y, Terms: terms}, regress.GEEOptions{Family: regress.GEEFamily(c.Str("family")), Errors: e})
			if err != nil {
				return err
			}
			for i, co := range m.Coefficients() {
				c.Want("coef."+co.Name, co.Value)
				c.Want(fmt.Sprintf("%s.%d", path, i), co.SE)
			}
			c.Want("alpha", m.Alpha()[0])
			c.Want("scale", m.Scale())
		}
		return nil
	case "marginal":
		if strings.HasSuffix(c.ID, "anhecova") {
			g, err := regress.ANHECOVA(regress.ANCOVAData{Arm: labels["a"], Control: "p", Y: numbers["y"], Baseline: numbers["x"],
				Covariates: []regress.Term{regress.Category("b", labels["b"], "")}})
			if err != nil {
				return err
			}
			wantMarginal(c, "", g)
			return nil
		}
		m, err := regress.Logistic(events, terms...)
		if err != nil {
			return err
		}
		for path, e := range map[string]regress.MarginalErrors{"delta.": regress.DeltaErrors, "ye.": regress.YeErrors} {
			g, err := m.MarginalWith("a", regress.MarginalOptions{Errors: e})
			if err != nil {
				return err
			}
			wantMarginal(c, path, g)
			r, err := g.Ratio("q", "p")
			if err != nil {
				return err
			}
			c.Want(path+"ratio_qp", r.Log.Value)
			c.Want(path+"ratio_se", r.Log.SE)
		}
		return nil
	}
	return fmt.Errorf("unknown case kind %s", kind)
}

func wantMarginal(c *reftest.Case, path string, g *regress.Marginal) {
	var means, se []float64
	for _, l := range g.Levels {
		means, se = append(means, statstest.Must(g.Mean(l)).Value), append(se, statstest.Must(g.Mean(l)).SE)
	}
	c.WantVec(path+"means", means)
	c.WantVec(path+"se", se)
	c.Want(path+"diff_qp", statstest.Must(g.Difference("q", "p")).SE)
}

func weightedCase(c *reftest.Case, y []float64, terms []regress.Term, w []float64) error {
	m, err := regress.LinearWith(y, terms, regress.LinearOptions{Weights: w})
	if err != nil {
		return err
	}
	ses := func(m *regress.Fit) (out []float64) {
		for _, co := range m.Coefficients() {
			out = append(out, co.SE)
		}
		return out
	}
	for _, co := range m.Coefficients() {
		c.Want("coef."+co.Name, co.Value)
	}
	c.WantVec("se", ses(m))
	c.Want("sigma", m.Sigma())
	c.Want("r2", m.R2())
	c.Want("logLik", m.LogLik())
	for path, weights := range map[string]regress.MarginWeights{
		"equal": regress.EqualWeights, "proportional": regress.ProportionalWeights, "outer": regress.OuterWeights, "cells": regress.CellWeights,
	} {
		for i, e := range m.LSMeansWith(regress.LSMeansOptions{Weights: weights}, "a") {
			c.Want(fmt.Sprintf("%s.mean.%d", path, i), e.Value)
			c.Want(fmt.Sprintf("%s.se.%d", path, i), e.SE)
		}
	}
	for _, kind := range []regress.HC{regress.HC0, regress.HC3} {
		r, err := m.RobustWith(regress.RobustOptions{Kind: kind})
		if err != nil {
			return err
		}
		c.WantVec(string(kind), ses(r))
	}
	for _, adjust := range []stats.Adjustment{stats.Bonferroni, stats.Sidak, regress.Scheffe, regress.Tukey} {
		for i, e := range m.PairwiseWith("a", regress.CompareOptions{Adjust: adjust}) {
			at := func(col string) string { return fmt.Sprintf("%s.%s.%d", adjust, col, i) }
			if !c.HasPath(at("p")) {
				continue
			}
			c.Want(at("p"), e.P(0))
			c.Want(at("lo"), e.CI(0.95).Lo)
			c.Want(at("hi"), e.CI(0.95).Hi)
		}
	}
	return nil
}
