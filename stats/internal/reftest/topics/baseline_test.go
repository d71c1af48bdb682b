package topics_test

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/table"
)

func init() { reftest.Register("baseline_table", baselineCase) }

// baselineCase compares the numbers of a table of baseline values.
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
		return wantCounts(c, kind)
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

// wantCounts compares counts by level and the standardized differences that are
// made of them. Counting is study's: here the table is counted from the case, and
// R's counts and percentages must be those.
func wantCounts(c *reftest.Case, kind string) error {
	name := "cat"
	if kind == "smd_binary" {
		name = "bin"
	}
	arms, values := c.Strs("arm"), c.Strs(name)
	levels := sortedLevels(values)
	counts, n := map[string][]int{"A": make([]int, len(levels)), "B": make([]int, len(levels))}, map[string]int{}
	for i, a := range arms {
		counts[a][slices.Index(levels, values[i])]++
		n[a]++
	}
	switch kind {
	case "counts":
		for a, list := range counts {
			var events, percent []float64
			for _, k := range list {
				events = append(events, float64(k))
				percent = append(percent, 100*table.Count{Events: k, N: n[a]}.Rate())
			}
			c.WantVec("n_"+a, events)
			c.WantVec("pct_"+a, percent)
		}
		c.Skip("levels.")
		return nil
	case "smd_cat":
		d, err := table.StandardizedCounts(counts["B"], counts["A"])
		if c.ExpectsError() {
			c.Refused(err, "")
			return nil
		}
		if err != nil {
			return refused(c, err, "smd")
		}
		c.Want("smd", d)
		return nil
	case "smd_binary":
		male := slices.Index(levels, "M")
		of := func(a string) table.Count {
			if male < 0 {
				return table.Count{N: n[a]}
			}
			return table.Count{Events: counts[a][male], N: n[a]}
		}
		d, err := table.StandardizedProportion(of("B"), of("A"))
		if err != nil {
			return refused(c, err, "smd")
		}
		c.Want("smd", d)
		return nil
	}
	return fmt.Errorf("%w: %s", reftest.ErrNoFunction, kind)
}

func wantStandardized(c *reftest.Case, b, a []float64) error {
	d, err := stats.CohenDAverage(present(b), present(a))
	if err != nil {
		return refused(c, err, "smd")
	}
	c.Want("smd", d.Value, reftest.Tol, 1e-12)
	return nil
}
