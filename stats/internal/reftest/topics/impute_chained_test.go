package topics_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() { reftest.Register("mice_bands", chainedCase) }

// chainedCase compares chained equations with mice within four Monte Carlo errors.
func chainedCase(c *reftest.Case) error {
	c.Unused("prep", "predictors", "analysis") // wide, all other columns, and the id says which analysis
	var methods map[string]string
	c.In("methods", &methods)
	var columns []impute.Column
	if c.Has("dataset") {
		columns = wideAntidepressant(readCase(c))
	} else {
		columns = inlineColumns(inlineTable(c), methods)
	}
	for i := range columns {
		columns[i].Matching = methods[columns[i].Name] == "pmm"
	}
	t, err := impute.Chained(columns, impute.ChainedOptions{Imputations: 300, Iterations: c.Int("maxit"), Seed: 31})
	if err != nil {
		return err
	}
	es := map[string][]stats.Estimate{}
	sums := map[string][]float64{} // imputed column, or column and level, → mean of each imputation
	for m := range t.Len() {
		table := t.Table(m)
		col := func(name string) impute.Column {
			return table[slices.IndexFunc(table, func(c impute.Column) bool { return c.Name == name })]
		}
		num := func(name string) regress.Term { return regress.Numeric(name, col(name).Number) }
		switch c.ID {
		case "antidepressant/norm", "antidepressant/pmm":
			fit, err := regress.Linear(col("v7").Number, num("arm"), num("base"))
			if err != nil {
				return err
			}
			es["arm"] = append(es["arm"], fit.Coefficient("arm"))
		case "mixed/linear":
			fit, err := regress.Linear(col("y").Number, num("arm"), num("base"), regress.Category("smoke", col("smoke").Category, "no"), regress.Category("severity", col("severity").Category, "mild"))
			if err != nil {
				return err
			}
			for _, name := range []string{"arm", "base", "smokeyes", "severitymoderate", "severitysevere"} {
				es[name] = append(es[name], fit.Coefficient(name))
			}
		case "mixed/logistic":
			var y []bool
			for _, s := range col("resp").Category {
				y = append(y, s == "yes")
			}
			fit, err := regress.Logistic(y, num("arm"), num("base"))
			if err != nil {
				return err
			}
			for _, b := range fit.Coefficients() {
				e := b.Estimate
				e.DF = float64(len(y) - 3) // mice takes the residual degrees of freedom
				es[b.Name] = append(es[b.Name], e)
			}
		default:
			return fmt.Errorf("%w: %s", reftest.ErrNoFunction, c.ID)
		}
		for _, column := range table {
			n, counts := 0.0, map[string]float64{}
			for r, missing := range column.Missing {
				switch {
				case !missing:
				case column.Category != nil:
					counts[column.Name+".mean_share."+column.Category[r]]++
					n++
				default:
					counts[column.Name+".mean_imputed"] += column.Number[r]
					n++
				}
			}
			for key, sum := range counts {
				if sums[key] == nil {
					sums[key] = make([]float64, t.Len())
				}
				sums[key][m] = sum / n
			}
		}
	}
	for name, e := range es {
		if c.HasPath(name + ".M") {
			if err := wantBand(c, name, e); err != nil {
				return err
			}
		}
	}
	their := 1000.0 // imputations of mice, as the calls say
	if len(columns) == 7 {
		their = 600
	}
	for key, x := range sums {
		mean := 0.0
		for _, v := range x {
			mean += v / float64(len(x))
		}
		path := "imputed." + key
		column, level, ok := strings.Cut(key, ".mean_share.")
		if !ok {
			column, _, _ = strings.Cut(key, ".mean_imputed")
		}
		err := "imputed." + column + ".mc_error"
		if ok {
			err += "." + level
		}
		mc, _ := c.Ref(err)
		c.Want(path, mean, 0, 4*mc*math.Sqrt(1+their/float64(len(x))))
		c.Skip(err)
	}
	return nil
}

// inlineColumns are the columns of a case's data in the order in which mice visits them.
func inlineColumns(t *dataTable, methods map[string]string) []impute.Column {
	var out []impute.Column
	for _, name := range []string{"arm", "age", "smoke", "severity", "base", "y", "resp"} {
		col := impute.Column{Name: name, Missing: make([]bool, len(t.rows))}
		number := methods[name] != "logreg" && methods[name] != "polyreg"
		for i, r := range t.rows {
			s := r[t.index(name)]
			col.Missing[i] = s == ""
			if !number {
				col.Category = append(col.Category, s)
				continue
			}
			x, _ := strconv.ParseFloat(s, 64)
			col.Number = append(col.Number, x)
		}
		out = append(out, col)
	}
	return out
}

// wideAntidepressant is the data set with a row a participant.
func wideAntidepressant(t *dataTable) []impute.Column {
	names := []string{"arm", "base", "v4", "v5", "v6", "v7"}
	out := make([]impute.Column, len(names))
	row := map[string]int{}
	for _, r := range t.rows {
		id := r[t.index("PATIENT")]
		i, ok := row[id]
		if !ok {
			i = len(row)
			row[id] = i
			for k, name := range names {
				out[k].Name = name
				x := 0.0
				switch name {
				case "arm":
					x = bool01(r[t.index("THERAPY")] == "DRUG")
				case "base":
					x, _ = strconv.ParseFloat(r[t.index("BASVAL")], 64)
				}
				out[k].Number, out[k].Missing = append(out[k].Number, x), append(out[k].Missing, k > 1)
			}
		}
		if x, err := strconv.ParseFloat(r[t.index("CHANGE")], 64); err == nil {
			k := slices.Index(names, "v"+r[t.index("VISIT")])
			out[k].Number[i], out[k].Missing[i] = x, false
		}
	}
	return out
}
