package topics_test

import (
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

// pingouin's tables of repeated measures. It prints probabilities and epsilon
// to 15 decimals.

func init() {
	addPython("pingouin", "rm_anova", refPingouinRepeated)
	addPython("pingouin", "mixed_anova", refPingouinMixed)
	addPython("pingouin", "pairwise_tests", refPingouinPairwise)
}

const fifteenDecimals = 6e-16

// pingouinFits analyzes the case's participants with all values, with and
// without the arms.
func pingouinFits(c *reftest.Case) (pooled, mixed *regress.RepeatedFit, err error) {
	id, dv, within, between := c.Str("subject"), c.Str("dv"), c.Str("within"), c.Str("between")
	columns := []string{id, dv, within}
	if between != "" {
		columns = append(columns, between)
	}
	t := readCase(c).complete(columns...)
	data := regress.RepeatedData{ID: t.col(id), Y: t.floats(dv), Within: []regress.Term{regress.Category(within, t.col(within), "")}}
	o := regress.RepeatedOptions{CompleteOnly: true}
	if pooled, err = regress.RepeatedANOVAWith(data, o); err != nil || between == "" {
		return pooled, nil, err
	}
	data.Between = []regress.Term{regress.Category(between, t.col(between), "")}
	mixed, err = regress.RepeatedANOVAWith(data, o)
	return pooled, mixed, err
}

func wantSphericity(c *reftest.Case, row string, u regress.RepeatedTest) {
	s := u.Sphericity
	spherical := 0.0
	if s.P() > 0.05 {
		spherical = 1
	}
	c.Want(row+".eps", s.GreenhouseGeisser, reftest.Tol, fifteenDecimals)
	c.Want(row+".W_spher", s.W, reftest.Tol, fifteenDecimals)
	p := math.Round(1 / s.LowerBound)
	n := u.DF2 / p
	// pingouin has R's formula, with 3(p + 1) in the second term.
	wantOrBy(c, row+".p_spher", s.P(), mauchlyP(s.W, p, n, p), "mauchly-3p", reftest.Is(mauchlyP(s.W, p, n, p+1)))
	c.Want(row+".sphericity", spherical)
}

func refPingouinRepeated(c *reftest.Case) error {
	f, _, err := pingouinFits(c)
	if err != nil {
		return err
	}
	u := f.Test(c.Str("within"))
	c.Want("0.SS", u.SS)
	c.Want("0.DF", u.DF1)
	c.Want("0.MS", u.SS/u.DF1)
	c.Want("0.F", u.F)
	c.Want("0.p_unc", u.P(), reftest.Tol, fifteenDecimals)
	c.Want("0.ng2", u.GeneralizedEta2, reftest.Tol, fifteenDecimals)
	c.Want("1.SS", u.ErrorSS)
	c.Want("1.DF", u.DF2)
	c.Want("1.MS", u.ErrorSS/u.DF2)
	if u.Sphericity != nil {
		c.Want("0.p_GG_corr", u.Corrected().P(), reftest.Tol, fifteenDecimals)
		wantSphericity(c, "0", u)
	}
	return nil
}

// refPingouinMixed: pingouin's effect within participants and its epsilon are
// those of all participants as one group, tested against the error within arms,
// and its corrected p-value that of the pooled analysis. With equal arms that is
// RepeatedANOVA's own row but for the epsilon.
func refPingouinMixed(c *reftest.Case) error {
	pooled, mixed, err := pingouinFits(c)
	if err != nil {
		return err
	}
	within, between := c.Str("within"), c.Str("between")
	row := func(i, term string, ss float64, u regress.RepeatedTest) {
		f := stats.FTest{F: ss / u.DF1 / (u.ErrorSS / u.DF2), DF1: u.DF1, DF2: u.DF2}
		c.Want(i+".SS", ss)
		c.Want(i+".DF1", u.DF1)
		c.Want(i+".DF2", u.DF2)
		c.Want(i+".MS", ss/u.DF1)
		c.Want(i+".F", f.F)
		c.Want(i+".p_unc", f.P(), reftest.Tol, fifteenDecimals)
		c.Want(i+".np2", ss/(ss+u.ErrorSS), reftest.Tol, fifteenDecimals)
	}
	both := ""
	for _, u := range mixed.Tests {
		if u.Term != within && u.Term != between {
			both = u.Term
		}
	}
	p := pooled.Test(within)
	row("0", between, mixed.Test(between).SS, mixed.Test(between))
	row("1", within, p.SS, mixed.Test(within))
	row("2", both, mixed.Test(both).SS, mixed.Test(both))
	if p.Sphericity != nil {
		c.Want("1.p_GG_corr", p.Corrected().P(), reftest.Tol, fifteenDecimals)
		wantSphericity(c, "1", p)
	}
	return nil
}

// refPingouinPairwise: paired tests of all pairs of visits, the arms' test of
// the participants' means, and the arms' test at each visit; Holm's adjustment
// within each of the first and last.
func refPingouinPairwise(c *reftest.Case) error {
	id, dv, within, between := c.Str("subject"), c.Str("dv"), c.Str("within"), c.Str("between")
	t := readCase(c).complete(id, dv, within, between)
	ids, arms, visits, y := t.col(id), t.col(between), t.col(within), t.floats(dv)
	levels := slices.Compact(slices.Sorted(slices.Values(visits)))
	armLevels := slices.Compact(slices.Sorted(slices.Values(arms)))
	if len(armLevels) != 2 {
		return fmt.Errorf("%w: more than two arms", reftest.ErrNoFunction)
	}
	values, arm := map[string]map[string]float64{}, map[string]string{}
	for i, who := range ids {
		if values[who] == nil {
			values[who] = map[string]float64{}
		}
		values[who][visits[i]], arm[who] = y[i], arms[i]
	}
	var people []string
	for who, v := range values {
		if len(v) == len(levels) {
			people = append(people, who)
		}
	}
	slices.Sort(people)
	at := func(visit, of string) (out []float64) { // "" is all visits' mean, all arms
		for _, who := range people {
			if of != "" && arm[who] != of {
				continue
			}
			v := values[who][visit]
			if visit == "" {
				for _, l := range levels {
					v += values[who][l] / float64(len(levels))
				}
			}
			out = append(out, v)
		}
		return out
	}
	row := 0
	var ps []float64
	adjusted := func(from int) error {
		adj, err := stats.AdjustP(ps)
		if err != nil {
			return err
		}
		for i, p := range adj {
			if path := fmt.Sprintf("%d.p_corr", from+i); len(ps) > 1 {
				c.Want(path, p, reftest.Tol, 6*fifteenDecimals) // adjusts rounded p-values
			}
		}
		ps = nil
		return nil
	}
	compare := func(a, b []float64, e stats.Estimate, err error) error {
		if err != nil {
			return err
		}
		d, err := stats.CohenD(a, b)
		if len(a) == len(b) && e.DF == float64(len(a)-1) { // paired: d_av
			d, err = stats.CohenDAverage(a, b)
		}
		if err != nil {
			return err
		}
		i := fmt.Sprint(row)
		row++
		ps = append(ps, e.P(0))
		c.Want(i+".T", e.T(0))
		c.Want(i+".dof", e.DF)
		c.Want(i+".p_unc", e.P(0), reftest.Tol, fifteenDecimals)
		// Hedges' correction by its approximation 1 − 3/(4N − 9).
		c.Want(i+".hedges", d.Value*(1-3/(4*float64(len(a)+len(b))-9)))
		c.Skip(i+".A", i+".B", i+".Paired", i+".Parametric", i+"."+within)
		return nil
	}
	for i, u := range levels {
		for _, v := range levels[i+1:] {
			a, b := at(u, ""), at(v, "")
			e, err := stats.Paired(a, b)
			if err := compare(a, b, e, err); err != nil {
				return err
			}
		}
	}
	if err := adjusted(0); err != nil {
		return err
	}
	for _, v := range append([]string{""}, levels...) {
		a, b := at(v, armLevels[0]), at(v, armLevels[1])
		test := stats.Student
		if len(a) != len(b) { // pingouin's correction = "auto"
			test = stats.Welch
		}
		e, err := test(a, b)
		if err := compare(a, b, e, err); err != nil {
			return err
		}
		if v == "" {
			ps = nil
		}
	}
	return adjusted(row - len(levels))
}
