package stats_test

import (
	"math"
	"slices"
	"sort"
	"strconv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
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
	p, err := stats.ParseFormula(c.Str("formula"))
	if err != nil {
		return err
	}
	t := readTable(c.DataPath(c.Str("dataset"))).withSubject()
	names := formulaNames(p)
	if !slices.Contains(t.names, names[0]) && slices.Contains(t.names, "status") {
		t = respiratory(t)
	}
	t = t.complete(append(names, c.Str("id"))...)
	// geepack takes the order of a cluster's rows for its visits.
	ids := t.col(c.Str("id"))
	order := make([]int, len(ids))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return ids[order[a]] < ids[order[b]] })
	sorted := &table{names: t.names}
	for _, i := range order {
		sorted.rows = append(sorted.rows, t.rows[i])
	}
	t = sorted
	data := stats.GEEData{ID: t.col(c.Str("id"))}
	count := map[string]int{}
	for _, id := range data.ID {
		data.Wave = append(data.Wave, count[id])
		count[id]++
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
	o := stats.GEEOptions{Family: stats.GEEFamily(c.Str("family")), Correlation: stats.WorkingCorrelation(c.Str("corstr"))}
	if c.Str("corstr") == "exchangeable" {
		o.Correlation = stats.Exchangeable
	}
	o.Errors = map[string]stats.GEEErrors{"san.se": stats.SandwichErrors, "jack": stats.JackknifeErrors}[c.Str("std.err")]
	m, err := stats.GEE(data, o)
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
	o.Errors = stats.SandwichErrors
	s, err := stats.GEE(data, o)
	if err != nil {
		return err
	}
	wantMatrix(c, "vcov", s.Cov(), tol)
	wantMatrix(c, "naive", m.NaiveCov(), tol)
	return nil
}

// respiratory adds y (status at a visit after baseline) and bl (at baseline),
// and leaves the rows of baseline out.
func respiratory(t *table) *table {
	base := map[string]string{}
	id, month, status := t.index("subject"), t.index("month"), t.index("status")
	for _, r := range t.rows {
		if r[month] == "0" {
			base[r[id]] = r[status]
		}
	}
	out := &table{names: append(append([]string(nil), t.names...), "y", "bl")}
	for _, r := range t.rows {
		if r[month] != "0" {
			y := "0"
			if r[status] == "good" {
				y = "1"
			}
			out.rows = append(out.rows, append(append([]string(nil), r...), y, base[r[id]]))
		}
	}
	return out
}
