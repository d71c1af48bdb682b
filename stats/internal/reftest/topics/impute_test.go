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
)

func init() {
	reftest.Register("refimp_condmean", conditionalMeanCase)
	reftest.Register("tipping_point", tippingCase)
	reftest.Register("refimp_bootstrap", imputeBootstrapCase)
}

// imputeTol is the tolerance of iterative fits: 1e-6 relative, or of the scale of what
// stands beside a number near zero.
const imputeTol = 1e-6

// imputeSpec is a case of reference-based imputation: its data and models.
type imputeSpec struct {
	data        *impute.Data
	model       impute.Model
	analysis    impute.Analysis
	ids, visits []string
	strategy    impute.Strategy
}

var strategies = map[string]impute.Strategy{"MAR": impute.MAR, "JR": impute.J2R, "CR": impute.CR, "CIR": impute.CIR, "LMCF": impute.LMCF}

// imputeCase reads the data and the models of a case.
func imputeCase(c *reftest.Case) (*imputeSpec, error) {
	t := readCase(c)
	c.Unused("data_as_in", "prep", "outcome", "subject")
	s := &imputeSpec{strategy: strategies[c.Str("strategy")]}
	subject, visit, y, base := "id", "visit", "y", "base"
	if c.Has("dataset") {
		subject, visit, y, base = "PATIENT", "VISIT", "CHANGE", "BASVAL"
	}
	group := c.Str("group")
	arms := c.Strs("groups")
	d := &impute.Data{}
	d.Arms, d.Control = arms, arms[0]
	cell := func(i int, name string) string { return t.rows[i][t.index(name)] }
	var first []int // participant → row
	for i := range t.rows {
		if id := cell(i, subject); !slices.Contains(s.ids, id) {
			s.ids, first = append(s.ids, id), append(first, i)
			d.Arm = append(d.Arm, indexOf(arms, cell(i, group)))
		}
		if v := cell(i, visit); !slices.Contains(s.visits, v) {
			s.visits = append(s.visits, v)
		}
	}
	slices.Sort(s.visits)
	if c.Has("visits") && !slices.Equal(s.visits, c.Strs("visits")) {
		return nil, fmt.Errorf("visits %q", s.visits)
	}
	d.Visits, d.Participants = s.visits, s.ids
	last := make([]int, len(s.ids)) // participant → visit after the last value
	for i := range t.rows {
		if v := cell(i, y); v != "" {
			x, err := strconv.ParseFloat(v, 64)
			if err != nil {
				return nil, err
			}
			p, at := indexOf(s.ids, cell(i, subject)), indexOf(s.visits, cell(i, visit))
			d.Values = append(d.Values, mmrm.Value{Participant: p, Visit: at, Y: x})
			last[p] = max(last[p], at+1)
		}
	}
	atFit := s.strategy
	if f := c.Str("strategy_at_fit"); f != "" && f != "none" {
		atFit = strategies[f]
	}
	var ice map[string][]string
	switch {
	case c.Has("ice") && c.Input["ice"][0] == '{':
		c.In("ice", &ice)
	case c.Has("ice") && string(c.Input["ice"]) == "null":
		c.Unused("ice")
	default: // as the words of the case say: from the first visit after which nothing follows
		c.Unused("ice")
		ice = map[string][]string{}
		for p, v := range last {
			if v < len(s.visits) {
				ice[subject], ice[visit] = append(ice[subject], s.ids[p]), append(ice[visit], s.visits[v])
			}
		}
	}
	for i, id := range ice[subject] {
		d.Events = append(d.Events, impute.Event{Participant: indexOf(s.ids, id), Visit: indexOf(s.visits, ice[visit][i]), Strategy: atFit})
	}
	model, analysis := formulaTerms(c.Str("imputation_model")), formulaTerms(c.Str("analysis"))
	s.model.Covariates, s.analysis.Covariates = []string{}, []string{}
	add := func(name string, byVisit bool) {
		if slices.ContainsFunc(d.Covariates, func(c mmrm.Covariate) bool { return c.Name == name }) {
			return
		}
		cov := mmrm.Covariate{Name: name, ByVisit: byVisit}
		for _, i := range first {
			if x, err := strconv.ParseFloat(cell(i, name), 64); err == nil && name == base {
				cov.Number = append(cov.Number, x)
			} else {
				cov.Category = append(cov.Category, cell(i, name))
			}
		}
		d.Covariates = append(d.Covariates, cov)
	}
	for _, term := range model {
		name, crossed := strings.CutSuffix(term, "*"+visit)
		if name == group || name == visit || name == "1" {
			continue
		}
		add(name, crossed)
		s.model.Covariates = append(s.model.Covariates, name)
	}
	for _, name := range analysis {
		if name != group {
			add(name, false)
			s.analysis.Covariates = append(s.analysis.Covariates, name)
		}
	}
	var err error
	if s.model.Covariance, err = mmrm.ParseCovariance(c.Str("covariance")); err != nil {
		return nil, err
	}
	yes := func(key string, or bool) bool {
		if c.Has(key) {
			c.In(key, &or)
		}
		return or
	}
	s.model.ByArm = !yes("same_cov", true)
	if !yes("REML", true) {
		s.model.Method = mmrm.ML
	}
	c.In("references", &s.model.References)
	s.analysis.Normal = true
	s.data = d
	return s, nil
}

// formulaTerms are the terms on the right of a formula.
func formulaTerms(f string) []string {
	if _, right, ok := strings.Cut(f, "~"); ok {
		f = right
	}
	var out []string
	for _, t := range strings.Split(f, "+") {
		out = append(out, strings.TrimSpace(t))
	}
	return out
}

// deltaOf reads the delta of a case.
func deltaOf(c *reftest.Case, arms []string) impute.Delta {
	var in struct {
		Delta, Dlag []float64
		MissingOnly *bool `json:"missing_only"`
	}
	c.In("delta", &in)
	d := impute.Delta{Size: map[string]float64{}, Visits: in.Delta, Lags: in.Dlag, Observed: in.MissingOnly != nil && !*in.MissingOnly}
	for _, a := range arms {
		d.Size[a] = 1
	}
	return d
}

// conditionalMeanCase compares rbmi's pipeline, each of its fits polished to a gradient
// below 1e-9.
func conditionalMeanCase(c *reftest.Case) error {
	s, err := imputeCase(c)
	if err != nil {
		return err
	}
	c.Skip("max_abs_gradient", "max_logLik_gain_by_polish", "rbmi_default_max_rel_diff.")
	if c.Has("delta") {
		s.analysis.Delta = deltaOf(c, s.data.Arms)
	}
	c.Unused("variance", "visit") // always the jackknife; the column that imputeCase knows
	fit, err := s.model.Fit(s.data)
	if err != nil {
		return err
	}
	if len(s.data.Events) > 0 {
		if fit, err = fit.Under(s.strategy); err != nil {
			if c.ExpectsError() {
				c.Num("conf_level")
				c.Refused(err, "")
				return nil
			}
			return err
		}
	}
	if c.HasPath("n_obs_in_model") {
		if err := compareImputation(c, s, fit); err != nil {
			return err
		}
	}
	if c.HasPath("delta_applied.delta.0") {
		if err := compareDelta(c, s, fit); err != nil {
			return err
		}
	}
	samples, err := fit.Jackknife()
	if err != nil {
		return err
	}
	r, err := samples.Analyze(s.analysis)
	if err != nil {
		return err
	}
	level := c.Num("conf_level")
	for i, name := range refStrings(c, "pooled.parameter") {
		e, err := pooledParameter(r, s, name)
		if err != nil {
			return err
		}
		at := func(s string) string { return fmt.Sprintf("pooled.%s.%d", s, i) }
		ci := e.CI(level)
		near := imputeTol * e.SE
		c.Want(at("est"), e.Value, imputeTol, near)
		c.Want(at("se"), e.SE, imputeTol)
		c.Want(at("lci"), ci.Lo, imputeTol, near)
		c.Want(at("uci"), ci.Hi, imputeTol, near)
		c.Want(at("pval"), e.P(0), imputeTol*max(1, e.T(0)*e.T(0)))
	}
	ids := refStrings(c, "jackknife_ids")
	for _, path := range c.Paths() {
		name, ok := strings.CutPrefix(path, "jackknife_est:")
		if !ok || !strings.HasSuffix(name, ".0") {
			continue
		}
		name = strings.TrimSuffix(name, ".0")
		values, se, err := replicates(r, s, name)
		if err != nil {
			return err
		}
		for i, id := range ids {
			c.Skip(fmt.Sprintf("jackknife_ids.%d", i))
			c.Want(fmt.Sprintf("jackknife_est:%s.%d", name, i), values[indexOf(s.ids, id)], imputeTol, imputeTol*se)
		}
	}
	return nil
}

// replicates are the samples' estimates of a parameter.
func replicates(r *impute.Result, s *imputeSpec, name string) ([]float64, float64, error) {
	e, err := pooledParameter(r, s, name)
	if err != nil {
		return nil, 0, err
	}
	if visit, ok := strings.CutPrefix(name, "trt_"); ok {
		v, err := r.Replicates(s.data.Arms[1], s.data.Arms[0], visit)
		return v, e.SE, err
	}
	pair, _, ok := strings.Cut(name, "_mean_over_visits")
	if !ok {
		return nil, 0, fmt.Errorf("parameter %s", name)
	}
	arm, other, _ := strings.Cut(pair, "-")
	out := make([]float64, len(s.ids))
	for _, visit := range s.visits {
		v, err := r.Replicates(arm, other, visit)
		if err != nil {
			return nil, 0, err
		}
		for i, x := range v {
			out[i] += x / float64(len(s.visits))
		}
	}
	return out, e.SE, nil
}

// tippingCase compares the grid and the roots.
func tippingCase(c *reftest.Case) error {
	s, err := imputeCase(c)
	if err != nil {
		return err
	}
	c.Unused("delta", "dlag") // in words, and the shape in numbers
	s.analysis.Delta.Shape = map[string]impute.Shape{"constant": impute.Constant, "increasing": impute.AddingUp}[c.Str("delta_shape")]
	fit, err := s.model.Fit(s.data.Under(s.strategy))
	if err != nil {
		return err
	}
	samples, err := fit.Jackknife()
	if err != nil {
		return err
	}
	r, err := samples.Analyze(s.analysis)
	if err != nil {
		return err
	}
	ref, alt := s.data.Arms[0], s.data.Arms[1]
	t, err := r.Tipping(alt, ref, c.Str("visit"))
	if err != nil {
		return err
	}
	want := func(path string, i int, size map[string]float64) error {
		e, err := t.At(size)
		if err != nil {
			return err
		}
		at := func(s string) string {
			if i < 0 {
				return path + "." + s
			}
			return fmt.Sprintf("%s.%s.%d", path, s, i)
		}
		c.Want(at("est"), e.Value, imputeTol, imputeTol*e.SE)
		c.Want(at("se"), e.SE, imputeTol)
		c.Want(at("p"), e.P(0), imputeTol*max(1, e.T(0)*e.T(0)))
		return nil
	}
	if err := want("at_zero", -1, nil); err != nil {
		return err
	}
	for i := 0; c.HasPath(fmt.Sprintf("grid.est.%d", i)); i++ {
		a, _ := c.Ref(fmt.Sprintf("grid.delta_alt.%d", i))
		b, _ := c.Ref(fmt.Sprintf("grid.delta_ref.%d", i))
		if err := want("grid", i, map[string]float64{alt: a, ref: b}); err != nil {
			return err
		}
	}
	c.Skip("grid.delta_alt.", "grid.delta_ref.")
	for path, arm := range map[string]string{"slope_alt": alt, "slope_ref": ref} {
		x, err := t.Slope(arm)
		if err != nil {
			return err
		}
		c.Want(path, x, imputeTol)
	}
	roots, err := t.Roots(alt, 0.95)
	if err != nil {
		return err
	}
	c.WantVec("tipping_roots_delta_alt_at_ref_0", roots, 1e-5)
	point, ok, err := t.Point(alt, 0.95)
	if err != nil {
		return err
	}
	if _, there := c.Ref("tipping_delta_alt"); ok {
		c.Want("tipping_delta_alt", point, 1e-5)
	} else if x, _ := c.Ref("tipping_delta_alt"); there && !math.IsNaN(x) {
		c.Fail("no tipping point")
	}
	null, _, err := t.Null(alt)
	c.Want("delta_alt_to_zero_effect", null, 1e-5)
	return err
}

// pooledParameter is the estimate that rbmi names trt_, lsm_ref_ or lsm_alt_ and a
// visit, or ARM-ARM_ and a visit or mean_over_visits.
func pooledParameter(r *impute.Result, s *imputeSpec, name string) (e stats.Estimate, err error) {
	arms := s.data.Arms
	for prefix, ask := range map[string]func(visit string) (stats.Estimate, error){
		"trt_":     func(v string) (stats.Estimate, error) { return r.Difference(arms[1], arms[0], v) },
		"lsm_ref_": func(v string) (stats.Estimate, error) { return r.Mean(arms[0], v) },
		"lsm_alt_": func(v string) (stats.Estimate, error) { return r.Mean(arms[1], v) },
	} {
		if visit, ok := strings.CutPrefix(name, prefix); ok {
			return ask(visit)
		}
	}
	pair, what, _ := strings.Cut(name, "_")
	arm, other, ok := strings.Cut(pair, "-")
	switch {
	case !ok:
		return e, fmt.Errorf("parameter %s", name)
	case what == "mean_over_visits":
		return r.Average(arm, other)
	}
	return r.Difference(arm, other, what)
}

// imputeBootstrapCase compares the same pipeline with given samples.
func imputeBootstrapCase(c *reftest.Case) error {
	s, err := imputeCase(c)
	if err != nil {
		return err
	}
	c.Unused("variance", "visit") // the given samples; the column that imputeCase knows
	c.Skip("max_abs_gradient", "max_logLik_gain_by_polish")
	fit, err := s.model.Fit(s.data)
	if err != nil {
		return err
	}
	if fit, err = fit.Under(s.strategy); err != nil {
		return err
	}
	if err := compareImputation(c, s, fit); err != nil {
		return err
	}
	var resamples [][]int
	c.In("resamples", &resamples)
	ids := c.Strs("ids")
	for _, r := range resamples {
		for i, k := range r {
			r[i] = indexOf(s.ids, ids[k-1])
		}
	}
	samples, err := fit.Bootstrap(impute.BootstrapOptions{Resamples: resamples})
	if err != nil {
		return err
	}
	r, err := samples.Analyze(s.analysis)
	if err != nil {
		return err
	}
	level := c.Num("conf_level")
	for i, name := range refStrings(c, "normal.parameter") {
		e, err := pooledParameter(r, s, name)
		if err != nil {
			return err
		}
		var p impute.Percentile
		if visit, ok := strings.CutPrefix(name, "trt_"); ok {
			p, err = r.Percentile(s.data.Arms[1], s.data.Arms[0], visit)
		} else if visit, ok := strings.CutPrefix(name, "lsm_ref_"); ok {
			p, err = r.MeanPercentile(s.data.Arms[0], visit)
		} else {
			p, err = r.MeanPercentile(s.data.Arms[1], strings.TrimPrefix(name, "lsm_alt_"))
		}
		if err != nil {
			return err
		}
		near := imputeTol * e.SE
		for kind, effect := range map[string]stats.Effect{"normal": e, "percentile": p} {
			at := func(s string) string { return fmt.Sprintf("%s.%s.%d", kind, s, i) }
			ci := effect.CI(level)
			c.Want(at("est"), effect.Point(), imputeTol, near)
			c.Want(at("lci"), ci.Lo, imputeTol, near)
			c.Want(at("uci"), ci.Hi, imputeTol, near)
			if kind == "normal" {
				c.Want(at("se"), e.SE, imputeTol)
				c.Want(at("pval"), e.P(0), imputeTol*max(1, e.T(0)*e.T(0)))
				continue
			}
			c.Want(at("pval"), p.P(0), imputeTol, imputeTol)
			if ref, _ := c.Ref(at("pval_rbmi")); math.Abs(ref-p.P(0)) > 1e-4 {
				c.Fail("%s: rbmi's p is %v, ours %v", name, ref, p.P(0))
			}
			c.Skip(at("pval_rbmi"))
		}
	}
	for _, path := range c.Paths() {
		name, ok := strings.CutPrefix(path, "boot_est:")
		if !ok || !strings.HasSuffix(name, ".0") {
			continue
		}
		name = strings.TrimSuffix(name, ".0")
		values, se, err := replicates(r, s, name)
		if err != nil {
			return err
		}
		for i, x := range values {
			c.Want(fmt.Sprintf("boot_est:%s.%d", name, i), x, imputeTol, imputeTol*se)
		}
	}
	return nil
}
