package verify

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/regress"
)

// data are the columns of a case: numbers, or labels where they are not. Rows
// without the outcome are left out, as the cases say.
type data struct {
	c       Case
	rows    int
	numbers map[string][]float64
	labels  map[string][]string
	levels  map[string][]string
}

func (c Case) data() data {
	d := data{c: c, numbers: map[string][]float64{}, labels: map[string][]string{}, levels: map[string][]string{}}
	var columns map[string][]any
	c.in("data", &columns)
	if _, ok := c.Input["levels"]; ok {
		c.in("levels", &d.levels)
	}
	for row := range columns["y"] {
		if columns["y"][row] == nil {
			continue
		}
		d.rows++
		for name, column := range columns {
			switch x := column[row].(type) {
			case float64:
				d.numbers[name] = append(d.numbers[name], x)
				d.labels[name] = append(d.labels[name], fmt.Sprint(x))
			case string:
				d.labels[name] = append(d.labels[name], x)
			default:
				panic(fmt.Sprintf("%s[%d]: %v", name, row, x))
			}
		}
	}
	return d
}

func (d data) frame() *regress.Frame {
	f := &regress.Frame{}
	for name := range d.labels {
		if x := d.numbers[name]; len(x) == d.rows {
			f.Numeric(name, x)
		} else {
			f.Category(name, d.labels[name], d.first(name))
		}
	}
	return f
}

// first is a category's reference: the first of its levels.
func (d data) first(name string) string {
	if l := d.levels[name]; len(l) > 0 {
		return l[0]
	}
	return slices.Min(d.labels[name])
}

// terms are those of a formula over the data.
func (d data) terms(formula string) ([]float64, []regress.Term, error) {
	p, err := regress.ParseFormula(formula)
	if err != nil {
		return nil, nil, err
	}
	return d.frame().Terms(p)
}

// index numbers the labels of a column in a given order, or as they come.
func (d data) index(name string, order []string) (at []int, labels []string) {
	labels = slices.Clone(order)
	for _, l := range d.labels[name] {
		i := slices.Index(labels, l)
		if i < 0 {
			i, labels = len(labels), append(labels, l)
		}
		at = append(at, i)
	}
	return at, labels
}

func linear(c Case, got values) error {
	d := c.data()
	y, terms, err := d.terms(c.str("formula"))
	if err != nil {
		return err
	}
	m, err := regress.LinearWith(y, terms, regress.LinearOptions{Weights: d.numbers[c.str("weights")]})
	if err != nil {
		return err
	}
	for i, b := range m.Coefficients() {
		got["coef."+b.Name] = b.Value
		got[fmt.Sprint("se.", i)] = b.SE
	}
	got["sigma"], got["r2"], got["logLik"] = m.Sigma(), m.R2(), m.LogLik()
	for i, l := range m.LSMeans("a") {
		got[fmt.Sprint("equal.mean.", i)], got[fmt.Sprint("equal.se.", i)] = l.Value, l.SE
	}
	return nil
}

func ancova(c Case, got values) error {
	d := c.data()
	arms := d.levels["arm"]
	fit, err := regress.ANCOVA(regress.ANCOVAData{Y: d.numbers["y"], Baseline: d.numbers["base"], Arm: d.labels["arm"], Control: arms[0]})
	if err != nil {
		return err
	}
	e, err := fit.Difference(arms[1], arms[0])
	if err != nil {
		return err
	}
	ci := e.CI(c.num("conf_level"))
	got["contrast_unadj.estimate"], got["contrast_unadj.SE"], got["contrast_unadj.df"] = e.Value, e.SE, e.DF
	got["contrast_unadj.lower.CL"], got["contrast_unadj.upper.CL"], got["contrast_tukey.p.value"] = ci.Lo, ci.Hi, e.P(0)
	for i, arm := range arms {
		l, err := fit.LSMean(arm)
		if err != nil {
			return err
		}
		got[fmt.Sprint("lsmeans.emmean.", i)], got[fmt.Sprint("lsmeans.SE.", i)] = l.Value, l.SE
	}
	return nil
}

func repeatedANOVA(c Case, got values) error {
	d := c.data()
	fit, err := regress.RepeatedANOVA(regress.RepeatedData{ID: d.labels["id"], Y: d.numbers["y"],
		Within: []regress.Term{regress.Category("t", d.labels["t"], d.first("t"))}})
	if err != nil {
		return err
	}
	t := fit.Test("t")
	gg := t.Corrected()
	got["none.F.0"], got["none.Pr(>F).0"], got["none.ges.0"] = t.F, t.P(), t.GeneralizedEta2
	got["GG.num Df.0"], got["GG.den Df.0"], got["GG.Pr(>F).0"] = gg.DF1, gg.DF2, gg.P()
	return nil
}

// logistic is by maximum likelihood, or with Firth's penalty where the case's
// method says so.
func logistic(c Case, got values) error {
	d := c.data()
	y, terms, err := d.terms(c.str("formula"))
	if err != nil {
		return err
	}
	events := make([]bool, len(y))
	for i := range y {
		events[i] = y[i] == c.num("event")
	}
	m, err := regress.LogisticWith(events, terms, regress.LogisticOptions{Firth: strings.HasPrefix(c.str("method"), "Firth")})
	if err != nil {
		return err
	}
	for i, b := range m.Coefficients() {
		ci := m.Profile(b.Name).CI(c.num("conf_level"))
		got["coef."+b.Name] = b.Value
		got[fmt.Sprint("se.", i)] = b.SE
		got.list(fmt.Sprint("profile_ci.", i), ci.Lo, ci.Hi)
	}
	got["deviance"], got["logLik"] = m.Deviance(), m.LogLik()
	return nil
}

func gee(c Case, got values) error {
	d := c.data()
	in := regress.GEEData{ID: d.labels["id"]}
	for _, wave := range d.numbers["wave"] {
		in.Wave = append(in.Wave, fmt.Sprint(wave))
	}
	var err error
	if in.Y, in.Terms, err = d.terms(c.str("formula")); err != nil {
		return err
	}
	m, err := regress.GEE(in, regress.GEEOptions{Family: regress.GEEFamily(c.str("family")), Errors: regress.SandwichErrors}) // exchangeable
	if err != nil {
		return err
	}
	for i, b := range m.Coefficients() {
		got[fmt.Sprint("estimate.", i)], got[fmt.Sprint("se.", i)] = b.Value, b.SE
	}
	got.list("alpha", m.Alpha()...)
	got["scale.0"] = m.Scale()
	return nil
}

// mixedRepeated fits a mixed model for repeated measures with the case's
// covariance: standard errors and degrees of freedom are Kenward and Roger's, as
// R's mmrm has them, or those of the model, as nlme's gls has them.
func mixedRepeated(c Case, got values) error {
	d := c.data()
	fixed, _, _ := strings.Cut(c.str("formula"), " + us(")
	x, err := d.frame().Design(fixed)
	if err != nil {
		return err
	}
	rows := &mmrm.Rows{Y: x.Y, X: x.X, Columns: x.Names}
	rows.Participant, _ = d.index("id", nil)
	rows.Visit, rows.Visits = d.index("visit", d.levels["visit"])
	model := mmrm.Model{DF: mmrm.KenwardRogerMMRM}
	if c.Check == "gls" {
		model.DF = mmrm.Residual
	}
	if model.Covariance, err = mmrm.ParseCovariance(c.str("covariance")); err != nil {
		return err
	}
	fit, err := model.Fit(rows)
	if err != nil {
		return err
	}
	got["logLik"] = fit.LogLik
	for i, b := range inOrder(x.Names, fit.Coefficients()) {
		got[fmt.Sprint("estimate.", i)], got[fmt.Sprint("std_error.", i)], got[fmt.Sprint("df.", i)] = b.Value, b.SE, b.DF
		got[fmt.Sprint("se.", i)] = b.SE
	}
	for i, b := range fit.Coefficients() {
		got["coef."+x.Names[i]] = b.Value
	}
	return nil
}

func mixedClusters(c Case, got values) error {
	d := c.data()
	fixed, _, _ := strings.Cut(c.str("formula"), " + (")
	x, err := d.frame().Design(fixed)
	if err != nil {
		return err
	}
	rows := &mmrm.ClusterRows{Y: x.Y, X: x.X, Columns: x.Names, T: d.numbers["time"]}
	rows.Cluster, _ = d.index("id", nil)
	fit, err := mmrm.LMM{DF: mmrm.Satterthwaite, Slope: strings.Contains(c.str("formula"), "(time |")}.Fit(rows)
	if err != nil {
		return err
	}
	got["logLik"] = fit.LogLik
	for i, b := range inOrder(x.Names, fit.Coefficients()) {
		got[fmt.Sprint("estimate.", i)], got[fmt.Sprint("se.", i)], got[fmt.Sprint("df_satterthwaite.", i)] = b.Value, b.SE, b.DF
	}
	return nil
}

// inOrder puts interactions behind main effects, as R does.
func inOrder(names []string, list regress.Coefficients) regress.Coefficients {
	at := make([]int, len(names))
	for i := range at {
		at[i] = i
	}
	sort.SliceStable(at, func(a, b int) bool { return strings.Count(names[at[a]], ":") < strings.Count(names[at[b]], ":") })
	out := make(regress.Coefficients, len(at))
	for i, k := range at {
		out[i] = list[k]
	}
	return out
}
