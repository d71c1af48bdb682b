package topics_test

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() { reftest.Register("baseline_table", baselineCase) }

// baselineCase compares the numbers of a table of baseline values; counts and
// the standardized differences of categories have no function.
func baselineCase(c *reftest.Case) error {
	_, kind, _ := strings.Cut(c.ID, "/")
	if c.Has("dataset") {
		t := readCase(c)
		variable, group := c.Str("variable"), c.Str("group")
		values := map[string][]float64{}
		for i, s := range t.col(variable) {
			g := t.col(group)[i]
			values[g] = append(values[g], math.NaN())
			if !missing(s) {
				values[g][len(values[g])-1] = t.floats(variable)[i]
			}
		}
		levels := sortedLevels(t.col(group))
		if strings.HasSuffix(kind, "_smd") {
			return wantStandardized(c, values[levels[1]], values[levels[0]])
		}
		for _, l := range levels {
			if err := wantBaseline(c, l+".", values[l]); err != nil {
				return err
			}
		}
		return nil
	}
	if !c.Has("x") {
		return fmt.Errorf("%w: %s", reftest.ErrNoFunction, kind)
	}
	x := c.Floats("x")
	by := map[string][]float64{}
	if c.Has("arm") {
		for i, a := range c.Strs("arm") {
			by[a] = append(by[a], x[i])
		}
	}
	switch {
	case kind == "smd_numeric":
		return wantStandardized(c, by["B"], by["A"])
	case c.Has("group"):
		return wantBaseline(c, "", by[c.Str("group")])
	}
	return wantBaseline(c, "", x)
}

func wantBaseline(c *reftest.Case, path string, all []float64) error {
	x := present(all)
	c.Want(path+"n", float64(len(x)))
	c.Want(path+"missing", float64(len(all)-len(x)))
	d, err := stats.Describe(x)
	if err != nil {
		return refused(c, err, path+"mean")
	}
	if len(x) == 0 {
		c.Want(path+"mean", d.Mean)
		return nil
	}
	c.Want(path+"mean", d.Mean)
	if len(x) > 1 || c.HasPath(path+"sd") {
		c.Want(path+"sd", d.SD)
	}
	c.Want(path+"median", d.Median)
	c.Want(path+"min", d.Min)
	c.Want(path+"max", d.Max)
	for typ, name := range map[int]string{2: "q_type2", 6: "q_type6", 7: "q_type7"} {
		var q []float64
		for _, p := range []float64{0.25, 0.75} {
			v, err := stats.Quantile(x, p, typ)
			if err != nil {
				return err
			}
			q = append(q, v)
		}
		c.WantVec(path+name, q)
	}
	return nil
}

func wantStandardized(c *reftest.Case, b, a []float64) error {
	d, err := stats.CohenDAverage(present(b), present(a))
	if err != nil {
		return refused(c, err, "smd")
	}
	c.Want("smd", d.Value, reftest.Tol, 1e-12)
	return nil
}
