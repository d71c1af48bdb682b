package topics_test

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() {
	reftest.Register("gee", geeCase)
	reftest.Exceptions(reftest.Finding{
		Code: "geepack-p-tail", Topic: "gee",
		Text:  "geepack computes p as 1 − CDF: digits go below 1e-9, and all below 1e-16. Truth: erfc at the reference's own Wald statistic.",
		Bound: 1e-15,
	})
}

// geeCase: iterative fits are held to 1e-6 relative, as geepack stops there.
func geeCase(c *reftest.Case) error {
	p, err := regress.ParseFormula(c.Str("formula"))
	if err != nil {
		return err
	}
	if err := words(c, p.Response); err != nil {
		return err
	}
	id := c.Str("id")
	if s := c.Str("subject"); s != "" && s != id {
		return fmt.Errorf("subject is %s, but id is %s", s, id)
	}
	c.Unused("arm") // one of the formula's variables
	names := formulaNames(p)
	t := readCase(c).complete(append(names, id)...)
	waves, err := waveOrder(c, t)
	if err != nil {
		return err
	}
	data := regress.GEEData{ID: t.col(id)}
	for _, w := range waves {
		data.Wave = append(data.Wave, strconv.Itoa(w))
	}
	for w := range slices.Max(waves) + 1 { // those without an observation keep their place
		data.Waves = append(data.Waves, strconv.Itoa(w))
	}
	// A yes-or-no outcome written as text is an event at its last level.
	if _, err := strconv.ParseFloat(t.col(p.Response)[0], 64); err != nil {
		k, last := t.index(p.Response), slices.MaxFunc(t.col(p.Response), localeOrder)
		for _, r := range t.rows {
			if r[k] == last {
				r[k] = "1"
			} else {
				r[k] = "0"
			}
		}
	}
	frame := t.frameFor(names, refStrings(c, "coef_names"))
	if data.Y, data.Terms, err = frame.Terms(p); err != nil {
		return err
	}
	if !slices.Contains([]string{"gaussian", "binomial", "poisson"}, c.Str("family")) {
		return fmt.Errorf("%w: family %s", reftest.ErrNoFunction, c.Str("family"))
	}
	o := regress.GEEOptions{Family: regress.GEEFamily(c.Str("family")), Correlation: regress.WorkingCorrelation(c.Str("corstr"))}
	if c.Str("corstr") == "exchangeable" {
		o.Correlation = regress.Exchangeable
	}
	o.Errors = map[string]regress.GEEErrors{"san.se": regress.SandwichErrors, "jack": regress.JackknifeErrors}[c.Str("std.err")]
	m, err := regress.GEE(data, o)
	if err != nil {
		return err
	}
	const tol = 1e-6
	for i, co := range m.Coefficients() {
		k := strconv.Itoa(i)
		if s := factorOf.ReplaceAllString(c.RefString("coef_names."+k), "$1"); s != co.Name {
			c.Fail("coefficient %s is %s in the reference", co.Name, s)
		}
		c.Want("estimate."+k, co.Value, tol)
		c.Want("se."+k, co.SE, tol)
		c.Want("wald."+k, math.Pow(co.T(0), 2), tol)
		if p, _ := c.Ref("p." + k); p < 1e-9 {
			w, _ := c.Ref("wald." + k)
			c.WantTruth("p."+k, co.P(0), math.Erfc(math.Sqrt(w/2)), "geepack-p-tail")
		} else {
			c.Want("p."+k, co.P(0), 1e-5) // the tail magnifies an error of the statistic
		}
	}
	c.WantVec("alpha", m.Alpha(), tol)
	c.WantVec("scale", []float64{m.Scale()}, tol)
	// vcov is the sandwich whatever the errors asked for.
	o.Errors = regress.SandwichErrors
	s, err := regress.GEE(data, o)
	if err != nil {
		return err
	}
	wantMatrix(c, "vcov", s.Cov(), tol)
	wantMatrix(c, "naive", m.NaiveCov(), tol)
	return nil
}

// waveOrder numbers the rows of each cluster: by a column of whole numbers where
// the case names one, which keeps the place of a wave that is missing, else
// 0, 1, 2, … in the order of the visits, or without visits of the rows.
func waveOrder(c *reftest.Case, t *dataTable) ([]int, error) {
	visit, waves := c.Str("visit"), c.Str("waves")
	out := make([]int, len(t.rows))
	if waves != "" && !strings.HasPrefix(waves, "none") {
		for i, v := range t.floats(waves) {
			if v < 0 || v != math.Trunc(v) {
				return nil, fmt.Errorf("%w: wave %v", reftest.ErrNoFunction, v)
			}
			out[i] = int(v)
		}
		first := slices.Min(out)
		for i := range out {
			out[i] -= first
		}
		return out, nil
	}
	order := make([]int, len(t.rows))
	for i := range order {
		order[i] = i
	}
	if visit != "" {
		levels, at := t.levelsOf(visit), t.col(visit)
		sort.SliceStable(order, func(a, b int) bool {
			return slices.Index(levels, at[order[a]]) < slices.Index(levels, at[order[b]])
		})
	}
	count := map[string]int{}
	ids := t.col(c.Str("id"))
	for _, i := range order {
		out[i] = count[ids[i]]
		count[ids[i]]++
	}
	return out, nil
}
