package stats_test

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/mmrm"
)

func init() {
	reftest.Register("lmm", lmmCase)
	reftest.Exceptions(reftest.Finding{
		Code: "lme4-stops-short", Topic: "lmm", Bound: 1e-4,
		Text: "lme4's optimizer stops short of the optimum of the random-slope model, and lmerTest's df come from a numerical " +
			"Hessian there. With complete balanced data the coefficients are means of the clusters' own least-squares " +
			"coefficients, which gives variances, standard errors and df (clusters − 1 by REML, clusters by ML) in closed form.",
	})
}

// lmmCase compares with lme4, lmerTest and pbkrtest: 1e-6 for estimates and
// standard errors, which lme4's optimizer reaches, 1e-5 for df.
func lmmCase(c *reftest.Case) error {
	text := c.Str("formula")
	cut := strings.LastIndex(text, " + (")
	random, subject, _ := strings.Cut(strings.TrimSuffix(text[cut+4:], ")"), " | ")
	p, err := stats.ParseFormula(text[:cut])
	if err != nil {
		return err
	}
	names := formulaNames(p)
	coef := refStrings(c, "coef_names")
	t := readTable(c.DataPath(c.Str("dataset"))).complete(names...)
	numeric := map[string]bool{p.Response: true}
	for _, k := range coef {
		for _, part := range strings.Split(k, ":") {
			numeric[part] = true
		}
	}
	f := &stats.Frame{}
	for _, n := range names {
		if numeric[n] {
			f.Numeric(n, t.floats(n))
		} else {
			f.Category(n, t.col(n), "")
		}
	}
	d, err := f.Design(text[:cut])
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
	m := mmrm.LMM{DF: mmrm.Satterthwaite, Slope: random != "1"}
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
	c.Want("logLik", fit.LogLik, 1e-9)
	ic := fit.Criteria()
	c.Want("AIC", ic.AIC, 1e-9)
	c.Want("BIC", ic.BIC, 1e-9)
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
		c.Want("sigma", math.Sqrt(fit.Sigma2), 1e-6)
		c.Want("icc", fit.ICC(), 1e-6)
		c.WantVec("varcomp.vcov", append(vc, fit.Sigma2), 1e-6)
		c.WantVec("varcomp.sdcor", append(sd, math.Sqrt(fit.Sigma2)), 1e-6)
	}
	for i, k := range order {
		at := func(s string) string { return fmt.Sprintf("%s.%d", s, i) }
		e := all[k]
		c.Want(at("estimate"), e.Value, 1e-6, 1e-6*e.SE)
		if exact != nil {
			exact.wantCoefficient(c, at, "df_satterthwaite", k, e)
			continue
		}
		c.Want(at("se"), e.SE, 1e-6)
		c.Want(at("df_satterthwaite"), e.DF, 1e-5)
		c.Want(at("p"), e.P(0), 1e-4)
		c.Want(at("t"), e.T(0), 1e-6)
	}
	return lmmRest(c, p, d, m, rows, fit, order, exact)
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

// lmmRest compares type III tests, Kenward–Roger coefficients and estimated
// marginal means.
func lmmRest(c *reftest.Case, p *stats.Formula, d *stats.Design, m mmrm.LMM, rows *mmrm.ClusterRows, fit *mmrm.LMMFit, order []int, exact *balancedSlope) error {
	for i, term := range p.Terms {
		test, err := fit.Joint(typeThree(d, term, fit.Columns))
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
		c.Want(at("DenDF"), test.DF2, 1e-5)
		c.Want(at("F value"), test.F, 1e-6)
		c.Want(at("Mean Sq"), test.F*fit.Sigma2, 1e-6)
		c.Want(at("Sum Sq"), test.F*fit.Sigma2*test.DF1, 1e-6)
		c.Want(at("Pr(>F)"), test.P(), 1e-4)
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
		e := all[k]
		if exact != nil {
			exact.wantCoefficient(c, at, "df", k, e)
			continue
		}
		c.Want(at("se"), e.SE, 1e-6)
		c.Want(at("df"), e.DF, 1e-5)
		c.Want(at("t"), e.T(0), 1e-6)
		c.Want(at("p"), e.P(0), 1e-4)
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
		if scalar { // a numeric variable, at its mean
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
			if !scalar {
				set[by] = l
			}
			e := f.Contrast(d.LSMeanRow(stats.LSMeansOptions{}, set))
			ci := e.CI(0.95)
			c.Want(at("emmean"), e.Value, 1e-6)
			if exact != nil {
				t := exact.contrast(d.LSMeanRow(stats.LSMeansOptions{}, set))
				ct := t.CI(0.95)
				for _, x := range []struct {
					name       string
					got, truth float64
				}{{"SE", e.SE, t.SE}, {"df", e.DF, t.DF}, {"lower.CL", ci.Lo, ct.Lo}, {"upper.CL", ci.Hi, ct.Hi}} {
					c.WantTruth(at(x.name), x.got, x.truth, "lme4-stops-short")
				}
				continue
			}
			c.Want(at("SE"), e.SE, 1e-6)
			c.Want(at("df"), e.DF, 1e-5)
			c.Want(at("lower.CL"), ci.Lo, 1e-6, 1e-6*e.SE)
			c.Want(at("upper.CL"), ci.Hi, 1e-6, 1e-6*e.SE)
		}
	}
	return nil
}

func columnMean(d *stats.Design, name string) float64 {
	j, s := indexOf(d.Names, name), 0.0
	for _, x := range d.X {
		s += x[j]
	}
	return s / float64(len(d.X))
}

// typeThree returns the type III contrasts of a term in designs whose numeric
// variables do not interact: a main effect's are differences of LS-means with
// equal weights, those of the highest interaction its own coefficients.
func typeThree(d *stats.Design, term stats.FormulaTerm, columns []string) [][]float64 {
	var own [][]float64
	for j, n := range columns {
		parts := strings.Split(n, ":")
		match := len(parts) == len(term.Vars)
		for k := 0; match && k < len(parts); k++ {
			v := term.Vars[k].Name
			match = parts[k] == v
			for _, l := range d.Levels(v) {
				match = match || parts[k] == v+l
			}
		}
		if match {
			row := make([]float64, len(columns))
			row[j] = 1
			own = append(own, row)
		}
	}
	if len(term.Vars) > 1 || indexAny(columns, term.Vars[0].Name) {
		return own
	}
	var means [][]float64
	name := term.Vars[0].Name
	for _, l := range d.Levels(name) {
		means = append(means, d.LSMeanRow(stats.LSMeansOptions{}, map[string]string{name: l}))
	}
	var out [][]float64
	for _, m := range means[1:] {
		row := make([]float64, len(m))
		for j := range m {
			row[j] = m[j] - means[0][j]
		}
		out = append(out, row)
	}
	return out
}

func indexAny(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// balancedSlope is the closed form of y ~ t + (t | cluster) with the same t in
// every cluster: β̂ is the mean of the clusters' own least-squares lines, whose
// covariance matrix S (divisor clusters − 1 by REML, clusters by ML) is
// G + σ²(ZᵀZ)⁻¹, and σ² the pooled residual variance about those lines.
type balancedSlope struct {
	n, df  float64
	sigma2 float64
	g, s   [3]float64 // elements 00, 01, 11
	beta   []float64
}

func newBalancedSlope(r *mmrm.ClusterRows, reml bool) *balancedSlope {
	type sums struct{ n, t, tt, y, ty float64 }
	by := map[int]*sums{}
	most := 0
	for i, g := range r.Cluster {
		if by[g] == nil {
			by[g] = &sums{}
		}
		x, t, y := by[g], r.T[i], r.Y[i]
		x.n, x.t, x.tt, x.y, x.ty = x.n+1, x.t+t, x.tt+t*t, x.y+y, x.ty+t*y
		most = max(most, g+1)
	}
	b := &balancedSlope{n: float64(most), df: float64(most)}
	if reml {
		b.df--
	}
	a, k := make([]float64, most), make([]float64, most)
	ma, mk, rss := 0.0, 0.0, 0.0
	for g := range a {
		x := by[g]
		k[g] = (x.ty - x.t*x.y/x.n) / (x.tt - x.t*x.t/x.n)
		a[g] = (x.y - k[g]*x.t) / x.n
		ma, mk = ma+a[g]/b.n, mk+k[g]/b.n
	}
	for i, g := range r.Cluster {
		e := r.Y[i] - a[g] - k[g]*r.T[i]
		rss += e * e
	}
	x := by[0]
	b.sigma2 = rss / (b.n * (x.n - 2))
	for g := range a {
		b.s[0] += (a[g] - ma) * (a[g] - ma) / b.df
		b.s[1] += (a[g] - ma) * (k[g] - mk) / b.df
		b.s[2] += (k[g] - mk) * (k[g] - mk) / b.df
	}
	det := x.n*x.tt - x.t*x.t
	b.g = [3]float64{b.s[0] - b.sigma2*x.tt/det, b.s[1] + b.sigma2*x.t/det, b.s[2] - b.sigma2*x.n/det}
	b.beta = []float64{ma, mk}
	return b
}

func (b *balancedSlope) contrast(l []float64) stats.Estimate {
	v := (l[0]*l[0]*b.s[0] + 2*l[0]*l[1]*b.s[1] + l[1]*l[1]*b.s[2]) / b.n
	return stats.Estimate{Value: l[0]*b.beta[0] + l[1]*b.beta[1], SE: math.Sqrt(v), DF: b.df}
}

func (b *balancedSlope) want(c *reftest.Case, f *mmrm.LMMFit) {
	truth := func(path string, got, truth float64) { c.WantTruth(path, got, truth, "lme4-stops-short") }
	g := f.Random
	truth("sigma", math.Sqrt(f.Sigma2), math.Sqrt(b.sigma2))
	truth("icc", f.ICC(), b.g[0]/(b.g[0]+b.sigma2))
	for i, x := range [][2]float64{{g[0][0], b.g[0]}, {g[1][1], b.g[2]}, {g[0][1], b.g[1]}, {f.Sigma2, b.sigma2}} {
		truth(fmt.Sprintf("varcomp.vcov.%d", i), x[0], x[1])
		got, want := math.Sqrt(x[0]), math.Sqrt(x[1])
		if i == 2 {
			got, want = x[0]/math.Sqrt(g[0][0]*g[1][1]), x[1]/math.Sqrt(b.g[0]*b.g[2])
		}
		truth(fmt.Sprintf("varcomp.sdcor.%d", i), got, want)
	}
}

func (b *balancedSlope) wantCoefficient(c *reftest.Case, at func(string) string, df string, k int, e stats.Estimate) {
	l := []float64{0, 0}
	l[k] = 1
	t := b.contrast(l)
	c.WantTruth(at("se"), e.SE, t.SE, "lme4-stops-short")
	c.WantTruth(at(df), e.DF, t.DF, "lme4-stops-short")
	c.WantTruth(at("t"), e.T(0), t.T(0), "lme4-stops-short")
	c.WantTruth(at("p"), e.P(0), t.P(0), "lme4-stops-short")
}

func (b *balancedSlope) wantTest(c *reftest.Case, at func(string) string, test stats.FTest) {
	t := b.contrast([]float64{0, 1})
	f := t.T(0) * t.T(0)
	c.WantTruth(at("F value"), test.F, f, "lme4-stops-short")
	c.WantTruth(at("Mean Sq"), test.F*b.sigma2, f*b.sigma2, "lme4-stops-short")
	c.WantTruth(at("Sum Sq"), test.F*b.sigma2, f*b.sigma2, "lme4-stops-short")
	c.WantTruth(at("DenDF"), test.DF2, t.DF, "lme4-stops-short")
	c.WantTruth(at("Pr(>F)"), test.P(), t.P(0), "lme4-stops-short")
}
