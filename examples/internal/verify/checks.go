package verify

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
	"github.com/trialkit/trialkit/stats/table"
)

// checks compute a case's numbers with public functions alone.
var checks = map[string]func(c Case, got values) error{
	"mean": func(c Case, got values) error {
		d, err := stats.Describe(c.nist()[0])
		got["certified_mean"], got["certified_sd"] = d.Mean, d.SD
		return err
	},
	"regression": func(c Case, got values) error {
		data := c.nist()
		m, err := regress.Linear(data[0], regress.Numeric("x", data[1]))
		if err != nil {
			return err
		}
		for i, b := range m.Coefficients() {
			got.list("B"+string(rune('0'+i)), b.Value, b.SE)
		}
		got["sd"], got["r2"] = m.Sigma(), m.R2()
		return nil
	},
	"anova": func(c Case, got values) error {
		data := c.nist()
		var groups [][]float64
		for i, g := range data[0] {
			if int(g) > len(groups) {
				groups = append(groups, nil)
			}
			groups[int(g)-1] = append(groups[int(g)-1], data[1][i])
		}
		a, err := regress.OneWayANOVA(groups...)
		if err != nil {
			return err
		}
		got["df_between"], got["ss_between"], got["ms_between"], got["F"] = a.DF1, a.SSBetween, a.SSBetween/a.DF1, a.F
		got["df_within"], got["ss_within"], got["ms_within"] = a.DF2, a.SSWithin, a.SSWithin/a.DF2
		got["r2"], got["resid_sd"] = a.Eta2(), math.Sqrt(a.SSWithin/a.DF2)
		return nil
	},
	"welch": func(c Case, got values) error {
		e, err := stats.Welch(c.floats("x"), c.floats("y"))
		ci := e.CI(0.95)
		got["statistic.t"], got["parameter.df"], got["p.value"], got["stderr"] = e.T(0), e.DF, e.P(0), e.SE
		got.list("conf.int", ci.Lo, ci.Hi)
		return err
	},
	"hedges": func(c Case, got values) error {
		g, err := stats.HedgesG(c.floats("x"), c.floats("y"))
		ci := g.CI(c.num("conf.level"))
		got["t"], got["g"] = g.T, g.Value
		got.list("g_ci", ci.Lo, ci.Hi)
		return err
	},
	"welch-anova": func(c Case, got values) error {
		f, err := regress.WelchANOVA(c.groups()...)
		got["statistic.F"], got["parameter.num df"], got["parameter.denom df"], got["p.value"] = f.F, f.DF1, f.DF2, f.P()
		return err
	},
	"dunnett": func(c Case, got values) error {
		g := c.groups()
		d, err := regress.DunnettTest(g[1:], g[0])
		for i, e := range d {
			got["t."+string(rune('0'+i))], got["p."+string(rune('0'+i))] = e.T(0), e.P(0)
		}
		return err
	},
	"shapiro": func(c Case, got values) error {
		s, err := stats.ShapiroWilk(c.floats("x"))
		got["statistic.W"], got["p.value"] = s.Statistic, s.P()
		return err
	},
	"mann-whitney": func(c Case, got values) error {
		s, err := rank.MannWhitney(c.floats("x"), c.floats("y"))
		ci := s.CI(0.95)
		got["p.value"], got["estimate.difference in location"] = s.P(0), s.Point()
		got.list("conf.int", ci.Lo, ci.Hi)
		return err
	},
	"signed-rank": func(c Case, got values) error {
		s, err := rank.SignedRank(c.differences())
		got["p.value"], got["statistic.V"] = s.P(0), s.V()
		return err
	},
	"sign": func(c Case, got values) error {
		s, err := rank.SignTest(c.differences())
		got["p.value"] = s.P(0)
		return err
	},
	"brunner-munzel": func(c Case, got values) error {
		// The reference's estimate is of y above x.
		s, err := rank.BrunnerMunzel(c.floats("y"), c.floats("x"))
		ci := s.CI(0.95)
		got["parameter.df"], got["p.value"], got["estimate.P(X<Y)+.5*P(X=Y)"] = s.DF, s.P(0.5), s.Value
		got.list("conf.int", ci.Lo, ci.Hi)
		return err
	},
	"kruskal": func(c Case, got values) error {
		k, err := rank.KruskalWallis(c.groups()...)
		got["statistic.Kruskal-Wallis chi-squared"], got["parameter.df"], got["p.value"] = k.X2, k.DF, k.P()
		return err
	},
	"friedman": func(c Case, got values) error {
		f, err := rank.Friedman(c.matrix("m"))
		got["statistic.Friedman chi-squared"], got["parameter.df"], got["p.value"] = f.X2, f.DF, f.P()
		return err
	},
	"permutation": func(c Case, got values) error {
		p, err := resample.Permutation(c.floats("x"), c.floats("y"))
		got["obs"], got["n_perm"] = p.Value, p.Arrangements
		got["p_two_sided_abs"], got["p_less"], got["p_greater"] = p.P(0), p.PLess(0), p.PGreater(0)
		return err
	},
	"clopper-pearson": func(c Case, got values) error {
		return proportion(c, table.ExactCP, got)
	},
	"wilson": func(c Case, got values) error {
		return proportion(c, table.WilsonScore, got)
	},
	"fisher": func(c Case, got values) error {
		f, err := table.Fisher(c.arms())
		got["p.value"] = f.P()
		return err
	},
	"barnard": func(c Case, got values) error {
		treated, control := c.arms()
		u, err := table.UnconditionalWith(treated, control, table.UnconditionalOptions{Order: table.BarnardPooledAbs})
		got["barnard_p"] = u.P()
		return err
	},
	"boschloo": func(c Case, got values) error {
		treated, control := c.arms()
		u, err := table.UnconditionalWith(treated, control, table.UnconditionalOptions{Order: table.Boschloo})
		got["boschloo_p"] = u.P()
		return err
	},
	"newcombe": func(c Case, got values) error {
		r, err := table.RiskDifference(c.arms())
		ci := r.CI(0.95)
		got["est"], got["lwr"], got["upr"] = r.Point(), ci.Lo, ci.Hi
		return err
	},
	"mcnemar": func(c Case, got values) error {
		m, err := table.McNemar(table.PairedBinary{Both: int(c.num("a")), First: int(c.num("b")), Second: int(c.num("c")), Neither: int(c.num("d"))})
		got["p.value"] = m.P()
		return err
	},
	"pearson": func(c Case, got values) error {
		r, err := assoc.Pearson(c.floats("x"), c.floats("y"))
		ci := r.CI(0.95)
		got["estimate.cor"], got["p.value"] = r.Value, r.Independence.P()
		got.list("conf.int", ci.Lo, ci.Hi)
		return err
	},
	"spearman": func(c Case, got values) error {
		r, err := assoc.Spearman(c.floats("x"), c.floats("y"))
		got["p.value"], got["estimate.rho"] = r.Independence.P(), r.Value
		return err
	},
	"kendall": func(c Case, got values) error {
		r, err := assoc.Kendall(c.floats("x"), c.floats("y"))
		got["p.value"], got["estimate.tau"] = r.Independence.P(), r.Value
		return err
	},
	"icc": func(c Case, got values) error {
		r, err := assoc.ICCs(c.matrix("m"))
		for i, form := range []assoc.ICCForm{assoc.ICC1, assoc.ICC2, assoc.ICC3, assoc.ICC1k, assoc.ICC2k, assoc.ICC3k} {
			icc := r.ICC(form)
			ci, at := icc.CI(0.95), "."+string(rune('0'+i))
			got["ICC"+at], got["F"+at], got["lower bound"+at], got["upper bound"+at] = icc.Value, icc.Zero.F, ci.Lo, ci.Hi
		}
		return err
	},
	"agreement": func(c Case, got values) error {
		a, err := assoc.BlandAltman(c.floats("x"), c.floats("y"))
		lo, hi := a.Limits()
		ci := a.BiasCI(0.95)
		got["bias"], got["sd"] = a.Bias, a.SD
		got.list("loa", lo, hi)
		got.list("bias_ci", ci.Lo, ci.Hi)
		return err
	},
	"roc": func(c Case, got values) error {
		var cases, controls []float64
		response := c.floats("response")
		for i, x := range c.floats("predictor") {
			if response[i] == 1 {
				cases = append(cases, x)
			} else {
				controls = append(controls, x)
			}
		}
		r, err := assoc.ROC(cases, controls)
		got["auc"], got["delong_var"] = r.AUC, r.Var
		return err
	},
	"power": func(c Case, got values) error {
		n, err := power.TDesign{Effect: c.num("delta") / c.num("sd"), Alpha: 0.05}.SolveN(c.num("power"))
		got["n"] = n
		return err
	},
	"adjust": func(c Case, got values) error {
		p, err := stats.AdjustPWith(c.floats("p"), stats.AdjustOptions{Method: stats.Hommel})
		for i, x := range p {
			got[string(rune('0'+i))] = x
		}
		return err
	},
	"pool": func(c Case, got values) error {
		var imputed []stats.Estimate
		u, n, k := c.floats("u"), c.num("n"), c.num("k")
		for i, q := range c.floats("q") {
			imputed = append(imputed, stats.Estimate{Value: q, SE: math.Sqrt(u[i]), DF: n - k})
		}
		p, err := stats.PoolImputations(imputed)
		got["qbar"], got["ubar"], got["b"], got["t"] = p.Value, p.Within, p.Between, p.SE*p.SE
		got["r"], got["df_BR"] = p.RelativeIncrease, p.DF
		return err
	},
	"strata": func(c Case, got values) error {
		var strata []table.Stratum
		data := c.floats("data")
		for i := 0; i < len(data); i += 4 {
			strata = append(strata, table.Stratum{Treated: count(data[i], data[i+2]), Control: count(data[i+1], data[i+3])})
		}
		s, err := table.StratifiedExact(strata)
		if err != nil {
			return err
		}
		got["p.value"] = s.Fisher().P()
		return nil
	},

	"anova-repeated": repeatedANOVA,
	"ancova":         ancova,
	"linear":         linear,
	"logistic":       logistic,
	"firth":          logistic,
	"gee":            gee,
	"mmrm":           mixedRepeated,
	"gls":            mixedRepeated,
	"lmm":            mixedClusters,
	"trial":          trial,
}

func proportion(c Case, m table.ProportionMethod, got values) error {
	p, err := table.ProportionWith(c.count(), table.ProportionOptions{Method: m})
	if err != nil {
		return err
	}
	ci := p.CI(c.num("conf.level"))
	got["lwr"], got["upr"] = ci.Lo, ci.Hi
	return nil
}

func count(events, others float64) table.Count {
	return table.Count{Events: int(events), N: int(events + others)}
}

func (c Case) count() table.Count {
	return table.Count{Events: int(c.floats("x")[0]), N: int(c.num("n"))}
}

// arms are a 2 × 2 table, a row an arm: with event, without.
func (c Case) arms() (treated, control table.Count) {
	return count(c.num("a"), c.num("b")), count(c.num("c"), c.num("d"))
}

func (c Case) differences() []float64 {
	d, y := c.floats("x"), c.floats("y")
	for i := range d {
		d[i] -= y[i]
	}
	return d
}
