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
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() {
	reftest.Register("binary_missing", binaryMissingCase)
	reftest.Register("single_imputation", singleImputationCase)
	reftest.Register("refimp_missing_baseline", missingBaselineCase)
}

// binaryMissingCase compares guesses and informative missingness odds ratios.
func binaryMissingCase(c *reftest.Case) error {
	var control, treated struct{ Events, Nonevents, Missing int }
	c.In("control", &control)
	c.In("treated", &treated)
	t, p := impute.Counts(treated), impute.Counts(control)
	var s impute.Shares
	var err error
	if c.Has("imor_control") {
		s, err = impute.IMORBinary(t, p, impute.IMOR{Treated: c.Num("imor_treated"), Control: c.Num("imor_control"),
			SDTreated: c.Num("sd_log_imor_treated"), SDControl: c.Num("sd_log_imor_control"), Correlation: c.Num("correlation")})
	} else {
		_, kind, _ := strings.Cut(c.ID, "/")
		guess, ok := map[string]impute.Guess{"available_case": impute.AsObserved, "all_nonevent": impute.AllNonevents, "all_event": impute.AllEvents,
			"event_is_good_best": impute.EventsInTreated, "event_is_good_worst": impute.EventsInControl}[kind]
		if !ok {
			return fmt.Errorf("%w: %s", reftest.ErrNoFunction, c.ID)
		}
		s, err = impute.GuessBinary(t, p, guess)
	}
	if err != nil {
		return err
	}
	for i := range 2 {
		for name, x := range map[string]float64{"events": float64(s.Events[i]), "n": float64(s.N[i]), "p_missing": s.Missing[i], "p": s.P[i], "var_p": s.Var[i]} {
			if path := fmt.Sprintf("%s.%d", name, i); c.HasPath(path) {
				c.Want(path, x, 1e-10, 1e-15)
			}
		}
	}
	for name, ask := range map[string]func() (stats.Estimate, error){"rd": s.Difference, "log_rr": s.LogRiskRatio, "log_or": s.LogOddsRatio} {
		e, err := ask()
		if ref, _ := c.Ref(name + ".estimate"); math.IsNaN(ref) || err != nil {
			if !math.IsNaN(ref) || err == nil {
				c.Fail("%s: %v, reference %v", name, err, ref)
			}
			continue
		}
		ci := e.CI(0.95)
		for leaf, x := range map[string]float64{"estimate": e.Value, "se": e.SE, "lower": ci.Lo, "upper": ci.Hi, "p": e.P(0)} {
			c.Want(name+"."+leaf, x, 1e-10, 1e-10*e.SE)
		}
	}
	return nil
}

// singleImputationCase compares the values put in and the analysis of the last visit.
func singleImputationCase(c *reftest.Case) error {
	t := inlineTable(c)
	c.Unused("data_as_in", "arms", "visits") // of the first case of a set: what occurs, P first
	_, kind, _ := strings.Cut(c.ID, "/")
	rule, baseline := strings.CutSuffix(kind, "_with_baseline")
	s := impute.Single{FromBaseline: baseline, HigherIsBetter: strings.Contains(rule, "low_is_worse")}
	switch {
	case rule == "LOCF":
	case rule == "BOCF":
		s.Rule = impute.BOCFAll
	case rule == "BOCF_dropout_LOCF_gaps":
		s.Rule = impute.BOCFDropout
	case strings.HasPrefix(rule, "WOCF"):
		s.Rule = impute.WOCF
	default:
		return fmt.Errorf("%w: %s", reftest.ErrNoFunction, c.ID)
	}
	d := &impute.Data{}
	d.Arms, d.Control = []string{"P"}, "P"
	cell := func(i int, name string) string { return t.rows[i][t.index(name)] }
	for i := range t.rows {
		if v := cell(i, "visit"); !slices.Contains(d.Visits, v) {
			d.Visits = append(d.Visits, v)
		}
		if a := cell(i, "arm"); !slices.Contains(d.Arms, a) {
			d.Arms = append(d.Arms, a)
		}
	}
	slices.Sort(d.Visits)
	at := make([][2]int, len(t.rows)) // row → participant, visit
	for i := range t.rows {
		p := slices.Index(d.Participants, cell(i, "id"))
		if p < 0 {
			p = len(d.Participants)
			base, err := strconv.ParseFloat(cell(i, "base"), 64)
			if err != nil {
				return err
			}
			d.Participants, d.Baseline = append(d.Participants, cell(i, "id")), append(d.Baseline, base)
			d.Arm = append(d.Arm, indexOf(d.Arms, cell(i, "arm")))
		}
		at[i] = [2]int{p, indexOf(d.Visits, cell(i, "visit"))}
		if y, err := strconv.ParseFloat(cell(i, "post"), 64); err == nil {
			d.Values = append(d.Values, mmrm.Value{Participant: p, Visit: at[i][1], Y: y})
		}
	}
	f, err := s.Fill(d)
	if err != nil {
		return err
	}
	got := map[[2]int]float64{}
	for _, v := range f.Data.Values {
		got[[2]int{v.Participant, v.Visit}] = v.Y
	}
	for i := range t.rows {
		path := fmt.Sprintf("filled.%d", i)
		y, ok := got[at[i]]
		if ref, _ := c.Ref(path); ok == math.IsNaN(ref) {
			c.Fail("row %d: value %v, reference %v", i, y, ref)
		} else if ok {
			c.Want(path, y, 1e-10)
		}
	}
	c.Want("n_filled", float64(f.Count))
	c.Want("n_still_missing", float64(f.StillMissing))
	data := regress.ANCOVAData{Control: "P"}
	sums, n := map[string]float64{}, map[string]float64{}
	for p := range d.Arm {
		if y, ok := got[[2]int{p, len(d.Visits) - 1}]; ok {
			arm := d.Arms[d.Arm[p]]
			data.Arm, data.Y, data.Baseline = append(data.Arm, arm), append(data.Y, y), append(data.Baseline, d.Baseline[p])
			sums[arm] += y
			n[arm]++
		}
	}
	for arm, sum := range sums {
		c.Want("mean_last."+arm, sum/n[arm], 1e-10)
	}
	m, err := regress.ANCOVA(data)
	if err != nil {
		return err
	}
	wantLinear(c, "ancova.", m.Model(), map[string]string{"base": "baseline"})
	return nil
}

// wantLinear compares a linear model; names are R's terms → ours where they differ.
func wantLinear(c *reftest.Case, prefix string, fit *regress.Fit, names map[string]string) {
	c.Want(prefix+"n", float64(fit.N()))
	c.Want(prefix+"df", fit.DF())
	c.Want(prefix+"sigma", fit.Sigma(), 1e-10)
	for i, name := range refStrings(c, prefix+"coef.term") {
		if ours := names[name]; ours != "" {
			name = ours
		}
		e := fit.Coefficient(name)
		ci := e.CI(0.95)
		for leaf, x := range map[string]float64{"estimate": e.Value, "se": e.SE, "t": e.T(0), "p": e.P(0), "lower": ci.Lo, "upper": ci.Hi} {
			c.Want(fmt.Sprintf("%scoef.%s.%d", prefix, leaf, i), x, 1e-10*max(1, e.T(0)*e.T(0)), 1e-10*e.SE)
		}
	}
}

// missingBaselineCase compares what is put in for missing baselines, and the model that
// needs none put in.
func missingBaselineCase(c *reftest.Case) error {
	t := inlineTable(c)
	set, kind, _ := strings.Cut(c.ID, "/")
	if set == "clda" {
		return cldaCase(c, t)
	}
	c.Unused("arms", "data_as_in") // P and A
	column := func(name string) (x []float64, missing []bool) {
		for i := range t.rows {
			v, err := strconv.ParseFloat(t.rows[i][t.index(name)], 64)
			x, missing = append(x, v), append(missing, err != nil)
		}
		return x, missing
	}
	y, _ := column("y")
	age, noAge := column("age")
	base, noBase := column("base")
	arm := make([]string, len(y))
	for i := range arm {
		arm[i] = t.rows[i][t.index("arm")]
	}
	terms := map[string][]float64{"base": base, "age": age}
	order := []string{"base", "age"}
	var err error
	switch kind {
	case "complete_case":
	case "mean_imputation", "missing_indicator":
		var mean float64
		if terms["base"], mean, err = impute.MeanBaseline(base, noBase); err != nil {
			return err
		}
		if kind == "mean_imputation" {
			c.Want("mean_base", mean, 1e-10)
		}
		if terms["age"], mean, err = impute.MeanBaseline(age, noAge); err != nil {
			return err
		}
		if kind == "mean_imputation" {
			c.Want("mean_age", mean, 1e-10)
			break
		}
		for name, missing := range map[string][]bool{"base": noBase, "age": noAge} {
			x := make([]float64, len(missing))
			for i, m := range missing {
				x[i] = bool01(m)
			}
			terms["m"+name[:1]] = x
		}
		order = slices.Clone(refStrings(c, "coef.term")[2:])
	case "mean_by_arm_WRONG":
		c.Refused(nil, "means by arm use the arm and are not offered: MeanBaseline knows no arm")
		return nil
	case "baseline_only":
		w, _ := column("w")
		filled, err := impute.RegressionBaseline(base, noBase, age, w)
		if err != nil {
			return err
		}
		var put []float64
		for i, m := range noBase {
			if m {
				put = append(put, filled[i])
			}
		}
		c.WantVec("imputed", put, 1e-10)
		terms["base"], order = filled, []string{"base"}
	default:
		return fmt.Errorf("%w: %s", reftest.ErrNoFunction, c.ID)
	}
	var keep []int
	for i := range y {
		ok := !math.IsNaN(y[i])
		for _, name := range order {
			ok = ok && !(kind == "complete_case" && (noBase[i] || noAge[i])) && !math.IsNaN(terms[name][i])
		}
		if _, missing := column("y"); ok && !missing[i] {
			keep = append(keep, i)
		}
	}
	pick := func(x []float64) (out []float64) {
		for _, i := range keep {
			out = append(out, x[i])
		}
		return out
	}
	var arms []string
	for _, i := range keep {
		arms = append(arms, arm[i])
	}
	model := []regress.Term{regress.Category("arm", arms, "P")}
	for _, name := range order {
		model = append(model, regress.Numeric(name, pick(terms[name])))
	}
	fit, err := regress.Linear(pick(y), model...)
	if err != nil {
		return err
	}
	wantLinear(c, "", fit, nil)
	return nil
}

// cldaCase compares the model in which the baseline is a response with one mean.
func cldaCase(c *reftest.Case, t *dataTable) error {
	c.Unused("model") // visit, arm effects after v0 only, us, REML, in both cases
	names := refStrings(c, "coef_names")
	rows := &mmrm.Rows{Columns: names, Visits: []string{"v0", "v1", "v2", "v3"}}
	var ids []string
	for i := range t.rows {
		cell := func(name string) string { return t.rows[i][t.index(name)] }
		y, err := strconv.ParseFloat(cell("y"), 64)
		if err != nil {
			continue
		}
		p := slices.Index(ids, cell("id"))
		if p < 0 {
			p = len(ids)
			ids = append(ids, cell("id"))
		}
		x := make([]float64, len(names))
		for k, name := range names {
			x[k] = bool01(name == "(Intercept)" || name == "visit"+cell("visit") || name == cell("arm")+"_"+cell("visit"))
		}
		rows.Participant, rows.Visit = append(rows.Participant, p), append(rows.Visit, indexOf(rows.Visits, cell("visit")))
		rows.Y, rows.X = append(rows.Y, y), append(rows.X, x)
	}
	c.Skip("max_abs_gradient")
	for method, df := range map[string]mmrm.DF{"satterthwaite": mmrm.Satterthwaite, "kenward_roger": mmrm.KenwardRogerMMRM, "kenward_roger_linear": mmrm.KenwardRogerLinear} {
		fit, err := mmrm.Model{DF: df}.Fit(rows)
		if err != nil {
			return err
		}
		c.Want("logLik", fit.LogLik)
		sigma := fit.Sigma(0)
		for i, row := range sigma {
			for j, x := range row {
				c.Want(fmt.Sprintf("sigma.%d.%d", i, j), x, imputeTol)
			}
		}
		for k, name := range names {
			e, err := fit.Coefficient(name)
			if err != nil {
				return err
			}
			l := make([]float64, len(names))
			l[k] = 1
			c.Skip(fmt.Sprintf("coef_names.%d", k))
			c.Want(fmt.Sprintf("beta.%d", k), e.Value, imputeTol, imputeTol*e.SE)
			c.Want(fmt.Sprintf("se_asymptotic.%d", k), fit.Unadjusted(l).SE, imputeTol)
			if c.HasPath(method + ".estimate." + name) {
				c.Want(method+".estimate."+name, e.Value, imputeTol, imputeTol*e.SE)
			}
			c.Want(method+".se."+name, e.SE, imputeTol)
			c.Want(method+".df."+name, e.DF, 1e-5)
			c.Want(method+".p."+name, e.P(0), 1e-5*max(1, e.T(0)*e.T(0)))
		}
	}
	return nil
}
