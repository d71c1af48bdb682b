package topics_test

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() {
	reftest.Register("lmm", lmmCase)
	reftest.Exceptions(reftest.Finding{
		Code: "kr-at-zero-variance", Topic: "lmm",
		Text: "Where the variance between clusters is 0, pbkrtest's degrees of freedom are those of strata that the model does not have. " +
			"Truth: the model is then one of independent values with n − p; the reference's must lie between the smaller stratum's and n − p, and its p and limits follow from them.",
	}, reftest.Finding{
		Code: "lme4-lower-maximum", Topic: "lmm",
		Text: "lme4 ends where the likelihood is lower. Truth: the likelihood by its definition with dense matrices, at lme4's " +
			"parameters and at ours.",
	}, reftest.Finding{
		Code: "lme4-stops-short", Topic: "lmm", Bound: 1e-4,
		Text: "lme4's optimizer stops short of the optimum of the random-slope model, and lmerTest's df come from a numerical " +
			"Hessian there. With complete balanced data the coefficients are means of the clusters' own least-squares " +
			"coefficients, which gives variances, standard errors and df (clusters − 1 by REML, clusters by ML) in closed form.",
	})
}

// lmmCase compares with lme4, lmerTest and pbkrtest: 1e-6 for estimates and
// standard errors, which lme4's optimizer reaches, 1e-5 for df.
func lmmCase(c *reftest.Case) error {
	fixed, random, subject, err := splitRandom(c.Str("formula"))
	if err != nil {
		return err
	}
	t, text, _ := readCase(c).transformed(fixed)
	p, err := regress.ParseFormula(text)
	if err != nil {
		return err
	}
	if err := words(c, p.Response); err != nil {
		return err
	}
	if s := c.Str("subject"); s != "" && s != subject {
		return fmt.Errorf("subject is %s, but %s in the formula", s, subject)
	}
	if s := c.Str("time"); random != "" && s != "" && s != random {
		return fmt.Errorf("time is %s, but %s in the formula", s, random)
	}
	c.Unused("arm", "random")            // the marginal means and the formula say which
	c.Unused("conf_level", "conf.level") // intervals are of marginal means, which a fit by ML does not have
	names := formulaNames(p)
	need := append(slices.Clone(names), subject)
	if random != "" {
		need = append(need, random)
	}
	t = t.complete(need...)
	coef := coefNames(refStrings(c, "coef_names"))
	d, err := t.frameFor(names, coef).Design(text)
	if err != nil {
		return err
	}
	rows := &mmrm.ClusterRows{Y: d.Y, X: d.X, Columns: d.Names}
	ids := map[string]int{}
	for _, s := range t.col(subject) {
		if _, ok := ids[s]; !ok {
			ids[s] = len(ids)
		}
		rows.Cluster = append(rows.Cluster, ids[s])
	}
	m := mmrm.LMM{DF: mmrm.Satterthwaite, Slope: random != ""}
	if m.Slope {
		rows.T = t.floats(random)
	}
	var reml bool
	if c.In("reml", &reml); !reml {
		m.Method = mmrm.ML
	}
	fit, err := m.Fit(rows)
	if err != nil {
		return err
	}
	order := make([]int, len(coef))
	for i, n := range coef {
		order[i] = columnOf(fit.Columns, n)
	}
	all := fit.Coefficients()
	c.Want("n", float64(fit.Observations))
	ref, _ := c.Ref("logLik")
	if d := fit.LogLik - ref; d > 1e-6 {
		// lme4 ended at a lower point: both points are checked by a likelihood
		// written out apart from the library, and nothing else can be compared.
		if at, ours := denseLogLik(rows, reml, refCovariance(c)), denseLogLik(rows, reml, fitCovariance(fit)); !reftest.Close(at, ref, 1e-8, 0) || !reftest.Close(ours, fit.LogLik, 1e-9, 0) {
			return fmt.Errorf("logLik %v here, %v by definition; reference %v, %v by definition", fit.LogLik, ours, ref, at)
		}
		truth := denseLogLik(rows, reml, fitCovariance(fit))
		c.WantTruthBy("logLik", fit.LogLik, truth, "lme4-lower-maximum", func(ref float64) bool { return ref < truth })
		c.Refused(nil, "lme4's estimates belong to a lower likelihood")
		return nil
	} else if d < -1e-6 {
		c.Fail("logLik %v is lower than the reference %v", fit.LogLik, ref)
	}
	c.Want("logLik", fit.LogLik, 1e-9)
	ic := fit.Criteria()
	c.Want("AIC", ic.AIC, 1e-9)
	c.Want("BIC", ic.BIC, 1e-9)
	tol, tolDF := 1e-6, 1e-5
	if m.Slope {
		// lme4's optimizer ends √(2Δ) standard errors from the optimum, Δ the
		// likelihood it lacks (or rounding hides); its numbers move as much.
		tol = 2 * math.Sqrt(2*math.Max(fit.LogLik-ref, 1e-12*math.Abs(ref)))
		tolDF = math.Max(tol, 1e-5)
	}
	singular := 0.0
	if fit.Singular {
		singular = 1
	}
	c.Want("singular", singular)
	vc, sd := []float64{fit.Random[0][0]}, []float64{math.Sqrt(fit.Random[0][0])}
	if m.Slope {
		r := fit.Random
		vc = append(vc, r[1][1], r[0][1])
		sd = append(sd, math.Sqrt(r[1][1]), r[0][1]/math.Sqrt(r[0][0]*r[1][1]))
	}
	balanced := balancedClusters(rows)
	var exact *balancedSlope
	if m.Slope && balanced {
		exact = newBalancedSlope(rows, reml)
		exact.want(c, fit)
	} else {
		abs := 1e-9 * math.Sqrt(fit.Sigma2) // a variance of zero
		vtol := tol
		if !m.Slope { // the optimizer stops within 1e-5 standard errors
			vtol = math.Max(vtol, 1e-5*fit.RandomSE()[0]/fit.Random[0][0])
			if fit.Random[0][0] == 0 {
				vtol = tol
			}
		}
		if m.Slope {
			abs = tol * math.Sqrt(fit.Random[0][0]*fit.Random[1][1])
			for i, se := range fit.RandomSE() {
				vtol = math.Max(vtol, tol*se/math.Abs([]float64{fit.Random[0][0], math.Inf(1), fit.Random[1][1], fit.Sigma2}[i]))
			}
		}
		c.Want("sigma", math.Sqrt(fit.Sigma2), tol)
		c.Want("icc", fit.ICC(), vtol, 1e-9)
		c.WantVec("varcomp.vcov", append(vc, fit.Sigma2), vtol, abs)
		if m.Slope {
			abs = tol
		}
		c.WantVec("varcomp.sdcor", append(sd, math.Sqrt(fit.Sigma2)), vtol, math.Max(abs, 1e-5*math.Sqrt(fit.Sigma2)*bool01(fit.Singular)))
	}
	for i, k := range order {
		at := func(s string) string { return fmt.Sprintf("%s.%d", s, i) }
		e := all[k].Estimate
		c.Want(at("estimate"), e.Value, tol, tol*e.SE)
		if exact != nil {
			exact.wantCoefficient(c, at, "df_satterthwaite", k, e)
			continue
		}
		c.Want(at("se"), e.SE, tol)
		c.Want(at("df_satterthwaite"), e.DF, tolDF)
		wantTail(c, at("p"), e, tol, tolDF)
		c.Want(at("t"), e.T(0), tol, tol)
	}
	wantLMMMaximum(c, fit, order)
	return lmmRest(c, p, d, newMiddle(d.Names, t, names[1:]), m, rows, fit, order, exact, tol)
}

// splitRandom takes "y ~ x + (t | g)" apart; random is "" for an intercept.
func splitRandom(text string) (fixed, random, subject string, err error) {
	cut := strings.Index(text, "(")
	for cut >= 0 && !strings.Contains(text[cut:], "|") {
		cut = -1
	}
	if i := strings.LastIndex(text, "|"); i >= 0 {
		cut = strings.LastIndex(text[:i], "(")
	}
	if cut < 0 || strings.Count(text, "|") != 1 {
		return "", "", "", fmt.Errorf("%w: random effects of %s", reftest.ErrNoFunction, text)
	}
	fixed = strings.TrimRight(text[:cut], " +")
	random, subject, _ = strings.Cut(strings.TrimSuffix(strings.TrimSpace(text[cut+1:]), ")"), "|")
	random, subject = strings.TrimSpace(random), strings.TrimSpace(subject)
	random = strings.TrimSpace(strings.TrimPrefix(strings.ReplaceAll(random, " ", ""), "1+"))
	if random == "1" {
		random = ""
	}
	if strings.HasPrefix(random, "0+") || strings.ContainsAny(random, "+*:") || strings.ContainsAny(subject, "/:") {
		return "", "", "", fmt.Errorf("%w: random effects of %s", reftest.ErrNoFunction, text)
	}
	return fixed, random, subject, nil
}

func bool01(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// wantTail compares a p-value as closely as t and df are held to: far in the
// tail it magnifies their difference.
func wantTail(c *reftest.Case, path string, e stats.Estimate, tol, tolDF float64) {
	moved := stats.Estimate{Value: e.Value * (1 - tol), SE: e.SE, DF: e.DF * (1 - tolDF)}
	c.Want(path, e.P(0), math.Max(1e-6, 1.1*(moved.P(0)/e.P(0)-1)), tol)
}

// fitCovariance and refCovariance are G by rows, then σ².
func fitCovariance(f *mmrm.LMMFit) []float64 {
	var out []float64
	for _, r := range f.Random {
		out = append(out, r...)
	}
	return append(out, f.Sigma2)
}

func refCovariance(c *reftest.Case) []float64 {
	v := func(i int) float64 { x, _ := c.Ref(fmt.Sprint("varcomp.vcov.", i)); return x }
	if c.HasPath("varcomp.vcov.3") {
		return []float64{v(0), v(2), v(2), v(1), v(3)}
	}
	return []float64{v(0), v(1)}
}

// denseLogLik is the likelihood of a mixed model by its definition.
func denseLogLik(r *mmrm.ClusterRows, reml bool, g []float64) float64 {
	p, n := len(r.Columns), float64(len(r.Y))
	by := map[int][]int{}
	for i, c := range r.Cluster {
		by[c] = append(by[c], i)
	}
	a := mat.NewSymDense(p, nil)
	xy := mat.NewVecDense(p, nil)
	f := 0.0
	for c := range len(by) {
		rows := by[c]
		k := len(rows)
		v := mat.NewSymDense(k, nil)
		x, y := mat.NewDense(k, p, nil), mat.NewVecDense(k, nil)
		for s, i := range rows {
			y.SetVec(s, r.Y[i])
			x.SetRow(s, r.X[i])
			for t := range s + 1 {
				e := g[0]
				if len(g) == 5 {
					e += g[1]*(r.T[i]+r.T[rows[t]]) + g[3]*r.T[i]*r.T[rows[t]]
				}
				if s == t {
					e += g[len(g)-1]
				}
				v.SetSym(s, t, e)
			}
		}
		var chol mat.Cholesky
		chol.Factorize(v)
		f += chol.LogDet()
		var wx mat.Dense
		var wy mat.VecDense
		_ = chol.SolveTo(&wx, x)
		_ = chol.SolveVecTo(&wy, y)
		f += mat.Dot(y, &wy)
		var xx mat.Dense
		xx.Mul(x.T(), &wx)
		var xv mat.VecDense
		xv.MulVec(x.T(), &wy)
		xy.AddVec(xy, &xv)
		for i := range p {
			for j := range i + 1 {
				a.SetSym(i, j, a.At(i, j)+xx.At(i, j))
			}
		}
	}
	var chol mat.Cholesky
	chol.Factorize(a)
	var b mat.VecDense
	_ = chol.SolveVecTo(&b, xy)
	f -= mat.Dot(&b, xy)
	if reml {
		f += chol.LogDet()
		n -= float64(p)
	}
	return -(f + n*math.Log(2*math.Pi)) / 2
}

// balancedClusters reports whether all clusters have the same rows of X.
func balancedClusters(r *mmrm.ClusterRows) bool {
	by := map[int]string{}
	for i, g := range r.Cluster {
		by[g] += fmt.Sprint(r.X[i])
	}
	for _, s := range by {
		if s != by[0] {
			return false
		}
	}
	return true
}

// wantLMMMaximum compares with another program's numbers at the maximum itself,
// whose degrees of freedom come from numerical derivatives.
func wantLMMMaximum(c *reftest.Case, f *mmrm.LMMFit, order []int) {
	if !c.HasPath("extra.maximum.logLik") {
		return
	}
	const at = "extra.maximum."
	c.Want(at+"logLik", f.LogLik, 1e-9)
	for i, k := range order {
		e := f.Coefficients()[k]
		c.Want(fmt.Sprint(at, "estimate.", i), e.Value, 1e-6, 1e-6*e.SE)
		c.Want(fmt.Sprint(at, "se.", i), e.SE, 1e-6)
		c.Want(fmt.Sprint(at, "df_satterthwaite.", i), e.DF, 1e-5)
	}
}

// lmmRest compares type III tests, Kenward–Roger coefficients and estimated
// marginal means.
func lmmRest(c *reftest.Case, p *regress.Formula, d *regress.Design, mid middle, m mmrm.LMM, rows *mmrm.ClusterRows, fit *mmrm.LMMFit, order []int, exact *balancedSlope, tol float64) error {
	tolDF := math.Max(tol, 1e-5)
	for i, term := range p.Terms {
		var vars []string
		for _, v := range term.Vars {
			vars = append(vars, v.Name)
		}
		l, err := d.TypeIII(strings.Join(vars, ":"))
		if err != nil {
			return err
		}
		test, err := fit.Joint(l)
		if err != nil {
			return err
		}
		at := func(s string) string {
			if len(p.Terms) == 1 {
				return "anova3." + s
			}
			return fmt.Sprintf("anova3.%s.%d", s, i)
		}
		c.Want(at("NumDF"), test.DF1)
		if exact != nil {
			exact.wantTest(c, at, test)
			continue
		}
		c.Want(at("DenDF"), test.DF2, tolDF)
		near := 2 * tol * math.Sqrt(test.F)
		c.Want(at("F value"), test.F, 2*tol, near)
		c.Want(at("Mean Sq"), test.F*fit.Sigma2, 3*tol, near*fit.Sigma2)
		c.Want(at("Sum Sq"), test.F*fit.Sigma2*test.DF1, 3*tol, near*fit.Sigma2*test.DF1)
		moved := stats.FTest{F: test.F * (1 - 2*tol), DF1: test.DF1, DF2: test.DF2 * (1 - tolDF)}
		c.Want(at("Pr(>F)"), test.P(), math.Max(1e-6, 1.1*(moved.P()/test.P()-1)), near)
	}
	if !c.HasPath("kr.se.0") {
		return nil
	}
	m.DF = mmrm.KenwardRoger
	kr, err := m.Fit(rows)
	if err != nil {
		return err
	}
	all := kr.Coefficients()
	for i, k := range order {
		at := func(s string) string { return fmt.Sprintf("kr.%s.%d", s, i) }
		e := all[k].Estimate
		if exact != nil {
			exact.wantCoefficient(c, at, "df", k, e)
			continue
		}
		c.Want(at("se"), e.SE, tol)
		c.Want(at("t"), e.T(0), tol, tol)
		if df, _ := c.Ref(at("df")); fit.Singular && !m.Slope && !reftest.Close(e.DF, df, tolDF, 0) {
			wantBoundary(c, rows, e, at("df"), map[string]func(stats.Estimate) float64{
				at("p"): func(e stats.Estimate) float64 { return e.P(0) }})
			continue
		}
		c.Want(at("df"), e.DF, tolDF)
		wantTail(c, at("p"), e, tol, tolDF)
	}
	for path, f := range map[string]*mmrm.LMMFit{"emm_sat": fit, "emm_kr": kr} {
		var by string
		var levels []string
		scalar := c.HasPath(path + ".emmean")
		for _, q := range c.Paths() {
			name, ok := strings.CutPrefix(q, path+".")
			name, _, _ = strings.Cut(name, ".")
			switch name {
			case "emmean", "SE", "df", "lower", "upper":
			default:
				if ok {
					by = name
				}
			}
		}
		if scalar && by == "1" {
			levels = []string{""}
		} else if scalar { // a numeric variable, at its mean
			c.Want(path+"."+by, columnMean(d, by))
			levels = []string{""}
		} else {
			levels = refStrings(c, path+"."+by)
			c.Skip(path + "." + by + ".")
		}
		for i, l := range levels {
			at := func(s string) string {
				if scalar {
					return path + "." + s
				}
				return fmt.Sprintf("%s.%s.%d", path, s, i)
			}
			set := map[string]string{}
			if !scalar && by != "1" { // "1" is emmeans' name of the overall mean
				set[by] = l
			}
			e := f.Contrast(mid.row(d.LSMeanRow(regress.LSMeansOptions{}, set)))
			ci := e.CI(levelOf(c))
			c.Want(at("emmean"), e.Value, tol)
			if exact != nil {
				t := exact.contrast(d.LSMeanRow(regress.LSMeansOptions{}, set))
				ct := t.CI(levelOf(c))
				for _, x := range []struct {
					name       string
					got, truth float64
				}{{"SE", e.SE, t.SE}, {"df", e.DF, t.DF}, {"lower.CL", ci.Lo, ct.Lo}, {"upper.CL", ci.Hi, ct.Hi}} {
					c.WantTruth(at(x.name), x.got, x.truth, "lme4-stops-short")
				}
				continue
			}
			c.Want(at("SE"), e.SE, tol)
			if df, _ := c.Ref(at("df")); fit.Singular && !m.Slope && !reftest.Close(e.DF, df, tolDF, 0) {
				wantBoundary(c, rows, e, at("df"), map[string]func(stats.Estimate) float64{
					at("lower.CL"): func(e stats.Estimate) float64 { return e.CI(levelOf(c)).Lo },
					at("upper.CL"): func(e stats.Estimate) float64 { return e.CI(levelOf(c)).Hi }})
				continue
			}
			c.Want(at("df"), e.DF, tolDF)
			c.Want(at("lower.CL"), ci.Lo, tol, 2*tol*e.SE)
			c.Want(at("upper.CL"), ci.Hi, tol, 2*tol*e.SE)
		}
	}
	return nil
}

// wantBoundary compares an estimate where the variance between clusters is 0 and
// the model is one of independent values, with n − p degrees of freedom.
// pbkrtest's formula goes on as if that variance were estimated, so it gives the
// degrees of freedom of a stratum, or of a mixture of the two; ask has what
// follows from them.
func wantBoundary(c *reftest.Case, rows *mmrm.ClusterRows, e stats.Estimate, df string, ask map[string]func(stats.Estimate) float64) {
	p := len(rows.Columns)
	clusters, between := 0, p
	for j := range p {
		at := map[int]float64{}
		constant := true
		for i, g := range rows.Cluster {
			if x, ok := at[g]; ok && x != rows.X[i][j] {
				constant = false
			}
			at[g] = rows.X[i][j]
		}
		clusters = len(at)
		if !constant {
			between--
		}
	}
	const finding = "kr-at-zero-variance"
	residual := float64(len(rows.Y) - p)
	stratum := math.Min(float64(clusters-between), residual-float64(clusters-between))
	c.WantTruthBy(df, e.DF, residual, finding, func(ref float64) bool {
		return ref > stratum*(1-1e-9) && ref < residual
	})
	ref, _ := c.Ref(df)
	ours := stats.Estimate{Value: e.Value, SE: e.SE, DF: residual}
	theirs := stats.Estimate{Value: e.Value, SE: e.SE, DF: ref}
	for path, f := range ask {
		c.WantTruthBy(path, f(e), f(ours), finding, reftest.Is(f(theirs), 1e-6, 1e-6*e.SE))
	}
}

func columnMean(d *regress.Design, name string) float64 {
	j, s := indexOf(d.Names, name), 0.0
	for _, x := range d.X {
		s += x[j]
	}
	return s / float64(len(d.X))
}
