package topics_test

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() {
	reftest.Register("mmrm_*", mmrmCase) // a topic a data set
	reftest.Register("mmrm_gls_*", glsCase)
	reftest.Register("gls_*", glsCase)
}

// columnOf finds a coefficient by R's name; the parts of an interaction may
// stand in either order.
func columnOf(list []string, s string) int {
	norm := func(s string) string {
		p := strings.Split(s, ":")
		sort.Strings(p)
		return strings.Join(p, ":")
	}
	for i, x := range list {
		if norm(x) == norm(s) {
			return i
		}
	}
	panic("no coefficient " + s)
}

func indexOf(list []string, s string) int {
	for i, x := range list {
		if x == s {
			return i
		}
	}
	panic("no " + s)
}

// refStrings returns the strings at path.0, path.1, …
func refStrings(c *reftest.Case, path string) []string {
	var out []string
	for i := 0; c.HasPath(fmt.Sprintf("%s.%d", path, i)); i++ {
		p := fmt.Sprintf("%s.%d", path, i)
		s := c.RefString(p)
		if s == "" {
			v, _ := c.Ref(p)
			s = strconv.FormatFloat(v, 'g', -1, 64)
		}
		out = append(out, s)
	}
	return out
}

var mmrmVCov = map[string]mmrm.Errors{"Empirical": mmrm.CR0, "Empirical-Bias-Reduced": mmrm.CR2, "Empirical-Jackknife": mmrm.CR3}

// mmrmCase compares a fit with R's mmrm, whose Kenward–Roger takes second
// derivatives in its own parameters. 1e-6 relative is the bound for iterative
// fits; near-zero numbers are held to 1e-7 of the scale of their array.
func mmrmCase(c *reftest.Case) error {
	s, err := mmrmSpec(c)
	if err != nil {
		return err
	}
	coef := coefNames(refStrings(c, "coef_names"))
	tr := loadTrial(c, s, coef)
	m := mmrm.Model{ByArm: s.group != ""}
	if m.Covariance, err = mmrm.ParseCovariance(s.covariance); err != nil {
		return fmt.Errorf("%w: %v", reftest.ErrNoFunction, err)
	}
	if c.Has("reml") {
		var reml bool
		c.In("reml", &reml)
		if !reml {
			m.Method = mmrm.ML
		}
	}
	vcov := c.RefString("vcov") // what mmrm took where the input leaves it open
	if c.Has("vcov") && c.Str("vcov") != "" {
		vcov = c.Str("vcov")
	}
	switch c.Str("method") {
	case "Satterthwaite":
		m.DF, m.Errors = mmrm.Satterthwaite, mmrmVCov[vcov]
	case "Kenward-Roger":
		m.DF = mmrm.KenwardRogerMMRM
		if vcov == "Kenward-Roger-Linear" {
			m.DF = mmrm.KenwardRogerLinear
		}
	case "Between-Within":
		m.DF, m.Errors = mmrm.BetweenWithin, mmrmVCov[vcov]
	case "Residual":
		m.DF, m.Errors = mmrm.Residual, mmrmVCov[vcov]
	default:
		return fmt.Errorf("method %s", c.Str("method"))
	}
	f, err := m.Fit(tr.rows)
	if err != nil {
		return err
	}
	if err := compareMMRM(c, f, tr, coef); err != nil {
		return err
	}
	if s.time != s.visit || len(tr.mid.factor) > 0 || s.group != "" && s.group != s.arm {
		return nil
	}
	return compareTrial(c, m, tr)
}

// compareTrial runs the model through Trial where its means are arm × visit
// and covariates, and holds LS-means, differences, averages and the test of
// interaction to the same numbers.
func compareTrial(c *reftest.Case, m mmrm.Model, tr *mmrmTrial) error {
	p := tr.parsed
	if !tr.isTrial() {
		return nil
	}
	t := &mmrm.Trial{Arms: tr.arms, Control: tr.arms[0], Visits: tr.visits, Arm: tr.rows.Group}
	for i, y := range tr.rows.Y {
		v := mmrm.Value{Participant: tr.rows.Participant[i], Visit: tr.rows.Visit[i], Y: y}
		if tr.rows.Weight != nil {
			v.Weight = tr.rows.Weight[i]
		}
		t.Values = append(t.Values, v)
	}
	byVisit := map[string]bool{}
	for _, term := range p.Terms {
		if len(term.Vars) == 2 {
			for _, v := range term.Vars {
				byVisit[v.Name] = true
			}
		}
	}
	for _, term := range p.Terms {
		name := term.Vars[0].Name
		if len(term.Vars) > 1 || name == tr.arm || name == tr.visit {
			continue
		}
		cov := mmrm.Covariate{Name: name, ByVisit: byVisit[name], PerValue: tr.changes(name)}
		levels := tr.design.Levels(name)
		seen := map[int]bool{}
		for i, v := range t.Values {
			if seen[v.Participant] && !cov.PerValue {
				continue // one value a participant, numbered by first appearance
			}
			seen[v.Participant] = true
			if levels == nil {
				cov.Number = append(cov.Number, tr.rows.X[i][indexOf(tr.rows.Columns, name)])
				continue
			}
			label := levels[0]
			for _, l := range levels[1:] {
				if tr.rows.X[i][indexOf(tr.rows.Columns, name+l)] == 1 {
					label = l
				}
			}
			cov.Category = append(cov.Category, label)
		}
		t.Covariates = append(t.Covariates, cov)
	}
	f, err := m.MMRM(t)
	if err != nil {
		return err
	}
	c.Want("logLik", f.LogLik, 1e-9)
	arms, visits := refStrings(c, "lsmeans.arm"), refStrings(c, "lsmeans.visit")
	for i, a := range arms {
		wantEstimate(c, "lsmeans", i, "emmean", statstest.Must(f.LSMean(a, visits[i])))
	}
	arm := func(s string) string { return strings.TrimPrefix(s, tr.arm) }
	vs := refStrings(c, "contrasts.visit")
	for i, s := range refStrings(c, "contrasts.contrast") {
		hi, lo, _ := strings.Cut(s, " - ")
		wantEstimate(c, "contrasts", i, "estimate", statstest.Must(f.Difference(arm(hi), arm(lo), vs[i])))
	}
	for i, s := range refStrings(c, "contrast_avg.contrast") {
		hi, lo, _ := strings.Cut(s, " - ")
		wantEstimate(c, "contrast_avg", i, "estimate", statstest.Must(f.Average(arm(hi), arm(lo))))
	}
	test, err := f.Interaction()
	if err != nil {
		return err
	}
	c.Want("interaction_F.denom_df", test.DF2, 1e-5)
	c.Want("interaction_F.F", test.F, 1e-6)
	return nil
}

// isTrial reports whether the means are arm × visit, covariates, and covariates
// × visit, which Trial can say.
func (tr *mmrmTrial) isTrial() bool {
	crossed := false
	names := map[string]bool{}
	for _, t := range tr.parsed.Terms {
		switch len(t.Vars) {
		case 1:
			names[t.Vars[0].Name] = true
		case 2:
			a, b := t.Vars[0].Name, t.Vars[1].Name
			switch {
			case a == tr.arm && b == tr.visit, a == tr.visit && b == tr.arm:
				crossed = true
			case a != tr.visit && b != tr.visit, a == tr.arm, b == tr.arm:
				return false
			}
		default:
			return false
		}
	}
	return tr.parsed.Intercept && crossed && names[tr.arm] && names[tr.visit] && tr.design.Levels(tr.visit) != nil
}

// changes reports whether a covariate changes within a participant.
func (tr *mmrmTrial) changes(name string) bool {
	first := map[int]string{}
	for i, p := range tr.rows.Participant {
		key := ""
		for j, n := range tr.rows.Columns {
			if n == name || slices.ContainsFunc(tr.design.Levels(name), func(l string) bool { return n == name+l }) {
				key += fmt.Sprint(tr.rows.X[i][j], " ")
			}
		}
		if f, ok := first[p]; ok && f != key {
			return true
		}
		first[p] = key
	}
	return false
}

func compareMMRM(c *reftest.Case, f *mmrm.Fit, tr *mmrmTrial, coef []string) error {
	const tol = 1e-6
	c.Skip("max_abs_gradient", "default_fit_logLik", "reml")
	c.Want("n_obs", float64(f.Observations))
	c.Want("n_subjects", float64(f.Participants))
	c.Want("n_theta", float64(f.Parameters))
	c.Want("logLik", f.LogLik, 1e-9)
	if ref, _ := c.Ref("logLik"); f.LogLik < ref-1e-6 {
		c.Fail("logLik %v is lower than the reference %v", f.LogLik, ref)
	}
	c.Want("deviance", -2*f.LogLik, 1e-9)
	ic := f.CriteriaFor(f.Parameters)
	c.Want("AIC", ic.AIC, 1e-9)
	c.Want("BIC", ic.BIC, 1e-9)
	if f.Model.Method == mmrm.ML { // mmrm subtracts the coefficients for ML too
		n, k := float64(f.Observations-len(f.Columns)), float64(f.Parameters)
		ic.AICc = -2*f.LogLik + 2*k*n/(n-k-1)
	}
	c.Want("AICc", ic.AICc, 1e-9)
	order := make([]int, len(coef))
	for i, n := range coef {
		order[i] = columnOf(f.Columns, n)
	}
	all := f.Coefficients()
	pick := func(get func(stats.Estimate) float64) []float64 {
		out := make([]float64, len(order))
		for i, k := range order {
			out[i] = get(all[k].Estimate)
		}
		return out
	}
	c.WantVec("estimate", pick(func(e stats.Estimate) float64 { return e.Value }), tol)
	c.WantVec("std_error", pick(func(e stats.Estimate) float64 { return e.SE }), tol)
	c.WantVec("df", pick(func(e stats.Estimate) float64 { return e.DF }), 1e-5)
	c.WantVec("t", pick(func(e stats.Estimate) float64 { return e.T(0) }), tol)
	c.WantVec("p", pick(func(e stats.Estimate) float64 { return e.P(0) }), 1e-4)
	wantCov(c, "vcov_beta", f.Cov(), order, tol)
	// The reference's component of this name repeats the adjusted matrix.
	wantCov(c, "vcov_beta_unadjusted", f.Cov(), order, tol)
	theta := []float64{}
	groups := 1
	if f.Model.ByArm {
		groups = len(tr.rows.Groups)
	}
	for g := 0; g < groups; g++ {
		path := "cov"
		if f.Model.ByArm {
			path += "." + tr.rows.Groups[g]
		}
		sigma := f.Sigma(g)
		if f.Model.Covariance == mmrm.SpatialExponential { // mmrm gives two visits at distance 1
			rho := math.Pow(sigma[0][1]/sigma[0][0], 1/math.Abs(tr.rows.Times[1]-tr.rows.Times[0]))
			v := sigma[0][0]
			sigma = [][]float64{{v, v * rho}, {v * rho, v}}
		}
		if c.HasPath(path + ".0.0") {
			wantCov(c, path, sigma, nil, tol)
		}
		theta = append(theta, mmrmTheta(f.Model.Covariance, sigma)...)
	}
	c.WantVec("theta", theta, tol, 1e-7)
	means := func(arm, visit string) []float64 {
		return tr.mid.row(tr.design.LSMeanRow(regress.LSMeansOptions{}, map[string]string{tr.arm: arm, tr.visit: visit}))
	}
	arms, visits := refStrings(c, "lsmeans.arm"), refStrings(c, "lsmeans.visit")
	for i, a := range arms {
		wantEstimate(c, "lsmeans", i, "emmean", f.Contrast(means(a, visits[i])))
	}
	c.Skip("lsmeans.arm.", "lsmeans.visit.")
	diff := func(label, visit string) []float64 {
		hi, lo, _ := strings.Cut(label, " - ")
		hi, lo = strings.TrimPrefix(hi, tr.arm), strings.TrimPrefix(lo, tr.arm)
		a, b := means(hi, visit), means(lo, visit)
		for j := range a {
			a[j] -= b[j]
		}
		return a
	}
	labels, vs := refStrings(c, "contrasts.contrast"), refStrings(c, "contrasts.visit")
	for i, s := range labels {
		wantEstimate(c, "contrasts", i, "estimate", f.Contrast(diff(s, vs[i])))
	}
	c.Skip("contrasts.visit.")
	for i, s := range refStrings(c, "contrast_avg.contrast") {
		avg := make([]float64, len(coef))
		visits := tr.design.Levels(tr.visit)
		for _, v := range visits {
			for j, x := range diff(s, v) {
				avg[j] += x / float64(len(visits))
			}
		}
		wantEstimate(c, "contrast_avg", i, "estimate", f.Contrast(avg))
	}
	if err := wantJoint(c, f, order); err != nil {
		return err
	}
	var l [][]float64
	for _, n := range refStrings(c, "interaction_F.rows") {
		row := make([]float64, len(coef))
		row[columnOf(f.Columns, n)] = 1
		l = append(l, row)
	}
	if len(l) == 0 { // no interaction in the model
		return nil
	}
	test, err := f.Joint(l)
	if err != nil {
		return err
	}
	c.Want("interaction_F.num_df", test.DF1)
	c.Want("interaction_F.denom_df", test.DF2, 1e-5)
	c.Want("interaction_F.F", test.F, tol)
	c.Want("interaction_F.p", test.P(), 1e-5)
	return nil
}

// wantJoint compares the further F tests of a case, each with its matrix of
// contrasts in R's order of coefficients.
func wantJoint(c *reftest.Case, f *mmrm.Fit, order []int) error {
	const start = "extra.joint."
	for _, path := range c.Paths() {
		name, ok := strings.CutSuffix(path, ".rows.0.0")
		if !ok || !strings.HasPrefix(name, start) {
			continue
		}
		var l [][]float64
		for i := 0; c.HasPath(fmt.Sprintf("%s.rows.%d.0", name, i)); i++ {
			row := make([]float64, len(order))
			for j, k := range order {
				row[k], _ = c.Ref(fmt.Sprintf("%s.rows.%d.%d", name, i, j))
			}
			l = append(l, row)
		}
		test, err := f.Joint(l)
		if err != nil {
			return err
		}
		c.Want(name+".num_df", test.DF1)
		c.Want(name+".denom_df", test.DF2, 1e-5)
		c.Want(name+".F", test.F, 1e-6)
		c.Want(name+".p", test.P(), 1e-5)
	}
	return nil
}

// wantEstimate compares row i of a table of estimates. The interval's ends and
// p inherit the tolerance of the degrees of freedom; an end near zero is held
// to 1e-6 of the standard error.
func wantEstimate(c *reftest.Case, path string, i int, value string, e stats.Estimate) {
	at := func(k string) string { return fmt.Sprintf("%s.%s.%d", path, k, i) }
	c.Want(at(value), e.Value, 1e-6, 1e-6*e.SE)
	c.Want(at("se"), e.SE, 1e-6)
	c.Want(at("df"), e.DF, 1e-5)
	ci := e.CI(levelOf(c))
	c.Want(at("lower"), ci.Lo, 1e-6, 1e-6*e.SE)
	c.Want(at("upper"), ci.Hi, 1e-6, 1e-6*e.SE)
	// emmeans adjusts families of several differences by Tukey's method.
	arms := 2
	if c.HasPath("contrast_avg.contrast.1") {
		for arms*(arms-1)/2 < len(refStrings(c, "contrast_avg.contrast")) {
			arms++
		}
	}
	for k, v := range map[string]float64{"t": e.T(0), "p_unadjusted": e.P(0), "p_default_adjust": e.P(0)} {
		if !c.HasPath(at(k)) {
			continue
		}
		if arms > 2 && k == "p_default_adjust" {
			v = num.TukeySF(math.Sqrt2*math.Abs(e.T(0)), arms, e.DF)
		}
		c.Want(at(k), v, 1e-5, 1e-6)
	}
}

// wantCov compares a symmetric matrix; elements are relative to the
// geometric mean of their diagonal elements, which is what cancellation
// leaves of them.
func wantCov(c *reftest.Case, path string, got [][]float64, order []int, tol float64) {
	for i := range got {
		for j := range got {
			a, b := i, j
			if order != nil {
				a, b = order[i], order[j]
			}
			c.Want(fmt.Sprintf("%s.%d.%d", path, i, j), got[a][b], tol, tol*math.Sqrt(math.Abs(got[a][a]*got[b][b])))
		}
	}
}

// mmrmTheta is a covariance matrix in the parameters of R's mmrm.
func mmrmTheta(kind mmrm.Covariance, s [][]float64) []float64 {
	m := len(s)
	sd := func(i int) float64 { return math.Sqrt(s[i][i]) }
	rho := func(i, j int) float64 { return s[i][j] / sd(i) / sd(j) }
	cor := func(r float64) float64 { return r / math.Sqrt(1-r*r) }
	var out []float64
	if kind == mmrm.Unstructured {
		l := make([][]float64, m)
		for i := range l {
			l[i] = make([]float64, m)
			for j := 0; j <= i; j++ {
				x := s[i][j]
				for k := 0; k < j; k++ {
					x -= l[i][k] * l[j][k]
				}
				if i == j {
					l[i][i] = math.Sqrt(x)
				} else {
					l[i][j] = x / l[j][j]
				}
			}
			out = append(out, math.Log(l[i][i]))
		}
		for i := range l {
			for j := 0; j < i; j++ {
				out = append(out, l[i][j]/l[i][i])
			}
		}
		return out
	}
	out = append(out, math.Log(sd(0)))
	switch kind {
	case mmrm.HeterogeneousCS, mmrm.HeterogeneousAR1, mmrm.HeterogeneousToep, mmrm.HeterogeneousAnte:
		for i := 1; i < m; i++ {
			out = append(out, math.Log(sd(i)))
		}
	}
	switch kind {
	case mmrm.CompoundSymmetry, mmrm.HeterogeneousCS:
		lo := -1 / float64(m-1)
		p := (rho(1, 0) - lo) / (1 - lo)
		out = append(out, math.Log(p/(1-p)))
	case mmrm.SpatialExponential:
		r := rho(1, 0)
		out[0] *= 2 // mmrm's first parameter is here the log variance
		out = append(out, math.Log(r/(1-r)))
	case mmrm.AR1, mmrm.HeterogeneousAR1:
		out = append(out, cor(rho(1, 0)))
	case mmrm.Toeplitz, mmrm.HeterogeneousToep:
		for k := 1; k < m; k++ {
			out = append(out, cor(rho(k, 0)))
		}
	case mmrm.AnteDependence, mmrm.HeterogeneousAnte:
		for k := 1; k < m; k++ {
			out = append(out, cor(rho(k, k-1)))
		}
	}
	return out
}
