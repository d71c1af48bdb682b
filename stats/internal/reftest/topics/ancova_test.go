package topics_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() {
	reftest.Register("ancova", ancovaCase)
	reftest.Exceptions(reftest.Finding{
		Code: "ptukey-upper-tail", Topic: "ancova",
		Text: "R's ptukey is good to about 1e-10 absolute, so emmeans' Tukey p-values lose digits where they are small. " +
			"Truth: Simpson's rule on the survival function of the range, at the reference's own t.",
		Bound: 1e-9,
	})
}

// tukeyTail is P(range of k standard normals ≥ q·S), S² a chi-squared over its
// df, by Simpson's rule in both variables.
func tukeyTail(q, k, df float64) float64 {
	simpson := func(lo, hi float64, n int, f func(float64) float64) float64 {
		h, s := (hi-lo)/float64(n), f(lo)+f(hi)
		for i := 1; i < n; i++ {
			s += float64(2+2*(i%2)) * f(lo+float64(i)*h)
		}
		return s * h / 3
	}
	phi := func(z float64) float64 { return 0.5 * math.Erfc(-z/math.Sqrt2) }
	lg, _ := math.Lgamma(df / 2)
	spread := 12 / math.Sqrt(2*df)
	return simpson(math.Max(1e-9, 1-spread), 1+spread, 400, func(s float64) float64 {
		density := math.Exp(math.Ln2 + df/2*math.Log(df/2) - lg + (df-1)*math.Log(s) - df*s*s/2)
		return density * simpson(-9, 9, 400, func(z float64) float64 {
			inside := phi(z) - phi(z-q*s)
			return k * math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) * (math.Pow(phi(z), k-1) - math.Pow(inside, k-1))
		})
	})
}

// ancovaData reads a case's data set, as far as the id names rows of a long
// file, with complete rows of the formula's variables.
func ancovaData(c *reftest.Case) (f *regress.Formula, t *dataTable, rName map[string]string) {
	t = readCase(c)
	if _, rows, ok := strings.Cut(c.ID, "/"); ok && !c.Has("data") {
		t, _ = t.rowSubset(rows)
	}
	t, text, rName := t.transformed(c.Str("formula"))
	f, err := regress.ParseFormula(text)
	if err != nil {
		panic(err)
	}
	return f, t.complete(formulaNames(f)...), rName
}

func ancovaCase(c *reftest.Case) error {
	f, t, rName := ancovaData(c)
	if err := words(c, f.Response); err != nil {
		return err
	}
	level := levelOf(c)
	var coef []string
	for _, p := range c.Paths() {
		if k, ok := strings.CutPrefix(p, "coef."); ok {
			for name, r := range rName {
				k = strings.ReplaceAll(k, r, name)
			}
			coef = append(coef, k)
		}
	}
	r := func(name string) string { // R's name of ours
		for n, s := range rName {
			name = strings.ReplaceAll(name, n, s)
		}
		return name
	}
	frame := t.frameFor(formulaNames(f), coef)
	arm := c.Str("arm")
	y, terms, err := frame.Terms(f)
	if err != nil {
		return err
	}
	m, err := regress.Linear(y, terms...)
	if err != nil {
		return err
	}
	c.Want("n", float64(m.N()))
	var ts, ps, ses []float64
	for i, co := range m.Coefficients() {
		c.Want("coef."+r(co.Name), co.Value)
		ses, ts, ps = append(ses, co.SE), append(ts, co.T(0)), append(ps, co.P(0))
		ci := co.CI(level)
		c.WantVec(fmt.Sprint("confint.", i), []float64{ci.Lo, ci.Hi})
	}
	c.WantVec("se", ses)
	c.WantVec("t", ts)
	c.WantVec("p", ps)
	c.Want("sigma", m.Sigma())
	c.Want("r2", m.R2())
	c.Want("adj_r2", m.AdjustedR2())
	o, _ := m.Overall()
	c.WantVec("F", []float64{o.F, o.DF1, o.DF2})
	wantMatrix(c, "vcov", m.Cov())
	c.Want("logLik", m.LogLik())
	c.Want("AIC", m.AIC())
	c.Want("BIC", m.BIC())
	two := m.TestsWith(regress.TestOptions{Type: regress.TypeII})
	for i := range two {
		two[i].Term = r(two[i].Term)
	}
	wantTermTests(c, "typeII", m, two)
	wantDrop1(c, m, func(term string) string {
		for n, s := range rName {
			term = strings.ReplaceAll(term, s, n)
		}
		return term
	})

	mid, grid := newMiddle(m.Names(), t, formulaNames(f)[1:]), newGrid(m.Names(), t, rName)
	maps.Copy(mid.factor, grid.factor)
	means := m.LSMeans(arm)
	equal := slices.Clone(means)
	for i := range equal {
		equal[i].Estimate = m.Contrast(mid.row(equal[i].Row()))
	}
	wantMeans(c, "lsmeans", equal)
	proportional := m.LSMeansWith(regress.LSMeansOptions{Weights: regress.ProportionalWeights}, arm)
	for i := range proportional {
		proportional[i].Estimate = m.Contrast(grid.row(proportional[i].Row()))
	}
	wantMeans(c, "lsmeans_prop_weights", proportional)
	wantPairs(c, "contrast_unadj", m, mid, means)
	wantPairs(c, "contrast_tukey", m, mid, means)
	tukey := m.Pairwise(arm)
	if len(tukey) == 1 { // no adjustment
		pair := m.Contrast(mid.row(minusRow(means[1].Row(), means[0].Row())))
		c.Want("contrast_tukey.p.value", pair.P(0))
		tukey = nil
	}
	for i, e := range tukey {
		at := fmt.Sprint("contrast_tukey.p.value.", i)
		if len(tukey) == 1 {
			at = "contrast_tukey.p.value"
		}
		p, _ := c.Ref(at)
		if reftest.Close(e.P(0), p, reftest.Tol, 0) || len(tukey) == 1 {
			c.Want(at, e.P(0))
			continue
		}
		t, _ := c.Ref(fmt.Sprint("contrast_tukey.t.ratio.", i))
		means := len(m.LSMeans(arm))
		c.WantTruth(at, e.P(0), tukeyTail(math.Sqrt2*math.Abs(t), float64(means), e.DF), "ptukey-upper-tail")
	}

	for _, kind := range []regress.HC{regress.HC0, regress.HC1, regress.HC2, regress.HC3, regress.HC4} {
		r, err := m.RobustWith(regress.RobustOptions{Kind: kind})
		if err != nil {
			return err
		}
		p := "HC." + string(kind)
		wantMatrix(c, p+".vcov", r.Cov())
		var se, pv []float64
		for _, co := range r.Coefficients() {
			se, pv = append(se, co.SE), append(pv, co.P(0))
		}
		c.WantVec(p+".se", se)
		c.WantVec(p+".coeftest_p", pv, 1e-8) // the tail magnifies the last digits of R's errors
		wantPairs(c, p+".contrast", r, mid, r.LSMeans(arm))
	}
	bp, err := m.BreuschPagan()
	if err != nil {
		return err
	}
	c.Want("bp", bp.P())
	c.Want("cooks_max", slices.Max(m.CooksDistance()))
	c.Want("hat_max", slices.Max(m.Leverage()))
	return nil
}

func wantMatrix(c *reftest.Case, path string, a [][]float64, tol ...float64) {
	for i, r := range a {
		for j, v := range r {
			// Elements of a covariance that R computes with cancellation are
			// held to its diagonal's size.
			abs := 1e-11 * math.Sqrt(a[i][i]*a[j][j])
			rel := reftest.Tol
			if len(tol) > 0 {
				rel = tol[0]
				abs = rel * math.Sqrt(a[i][i]*a[j][j])
			}
			c.Want(fmt.Sprintf("%s.%d.%d", path, i, j), v, rel, abs)
		}
	}
}

// wantTermTests compares a table of car::Anova or anova; the residual row is last.
func wantTermTests(c *reftest.Case, path string, m *regress.Fit, tests []regress.TermTest) {
	if path != "" {
		path += "."
	}
	for i := 0; c.HasPath(fmt.Sprintf("%sterms.%d", path, i)); i++ {
		name := c.RefString(fmt.Sprintf("%sterms.%d", path, i))
		at := func(col string) string { return fmt.Sprintf("%s%s.%d", path, col, i) }
		if name == "Residuals" {
			wantIf(c, at("Sum Sq"), m.RSS())
			wantIf(c, at("Mean Sq"), m.RSS()/m.DF())
			wantIf(c, at("Df"), m.DF())
			continue
		}
		var t regress.TermTest
		found := false
		for _, u := range tests {
			if u.Term == name || u.Term == strings.Trim(name, " ") {
				t, found = u, true
			}
		}
		if name == "(Intercept)" {
			t, found = m.Test(name), true
		}
		if !found {
			c.Fail("%s: no test of %s", path, name)
			continue
		}
		wantIf(c, at("Sum Sq"), t.SS)
		wantIf(c, at("Mean Sq"), t.SS/t.DF1)
		wantIf(c, at("Df"), t.DF1)
		wantIf(c, at("F value"), t.F)
		wantIf(c, at("Pr(>F)"), t.P())
	}
}

func wantIf(c *reftest.Case, path string, v float64) {
	if c.HasPath(path) {
		c.Want(path, v)
	}
}

// wantDrop1 compares drop1: each droppable term's test, with the RSS and AIC
// (n·log(RSS/n) + 2p) of the model without it.
func wantDrop1(c *reftest.Case, m *regress.Fit, term func(string) string) {
	const path = "typeIII_drop1"
	n, p := float64(m.N()), float64(len(m.Names()))
	for i := 0; c.HasPath(fmt.Sprintf("%s.terms.%d", path, i)); i++ {
		at := func(col string) string { return fmt.Sprintf("%s.%s.%d", path, col, i) }
		rss, q := m.RSS(), p
		if name := c.RefString(at("terms")); name != "<none>" {
			t := m.Test(term(name))
			c.Want(at("Df"), t.DF1)
			c.Want(at("Sum of Sq"), t.SS)
			c.Want(at("F value"), t.F)
			c.Want(at("Pr(>F)"), t.P())
			rss, q = rss+t.SS, q-t.DF1
		}
		c.Want(at("RSS"), rss)
		c.Want(at("AIC"), n*math.Log(rss/n)+2*q)
	}
}

func wantMeans(c *reftest.Case, path string, means []regress.LSMean) {
	for i, e := range means {
		at := func(col string) string { return fmt.Sprintf("%s.%s.%d", path, col, i) }
		for name, level := range e.Levels {
			if got := c.RefString(at(name)); got != level {
				c.Fail("%s: level %s, reference %s", path, level, got)
			}
		}
		ci := e.CI(levelOf(c))
		c.Want(at("emmean"), e.Value)
		c.Want(at("SE"), e.SE)
		c.Want(at("df"), e.DF)
		c.Want(at("lower.CL"), ci.Lo)
		c.Want(at("upper.CL"), ci.Hi)
	}
}

// wantPairs compares emmeans' pairs(reverse = TRUE): b − a for each a before b.
func wantPairs(c *reftest.Case, path string, m *regress.Fit, mid middle, means []regress.LSMean) {
	k := 0
	for i := range means {
		for j := i + 1; j < len(means); j++ {
			k++
		}
	}
	row := 0
	for i := range means {
		for j := i + 1; j < len(means); j++ {
			at := func(col string) string {
				if k == 1 { // R writes a table of one row without arrays
					return path + "." + col
				}
				return fmt.Sprintf("%s.%s.%d", path, col, row)
			}
			e := m.Contrast(mid.row(minusRow(means[j].Row(), means[i].Row())))
			c.Want(at("estimate"), e.Value)
			c.Want(at("SE"), e.SE)
			c.Want(at("df"), e.DF)
			wantIf(c, at("t.ratio"), e.T(0))
			wantIf(c, at("lower.CL"), e.CI(levelOf(c)).Lo)
			wantIf(c, at("upper.CL"), e.CI(levelOf(c)).Hi)
			row++
		}
	}
}

func minusRow(a, b []float64) []float64 {
	out := slices.Clone(a)
	for i, x := range b {
		out[i] -= x
	}
	return out
}
