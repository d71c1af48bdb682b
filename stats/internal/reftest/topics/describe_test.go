package topics_test

import (
	"errors"
	"math"
	"math/big"
	"sort"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/internal/statstest"
)

func init() {
	reftest.Exceptions(
		reftest.Finding{Code: "gcv-cancellation", Topic: "descriptive",
			Text: "R's sqrt(exp(v) - 1) keeps 1e-16 absolute under the root: it is 0 for variances of the logs below that. Truth: the series √v·(1 + v/4 + 5v²/96) of √(eᵛ−1), used for v < 1e-6."},
		reftest.Finding{Code: "sidak-cancellation", Topic: "p_adjust",
			Text: "R's 1 - (1 - p)^m keeps 1e-16 absolute only, times m + 1. Truth: the binomial expansion in 200-bit arithmetic, with the running maximum for the step-down form."})
	for _, topic := range []string{"descriptive", "normality"} {
		reftest.Exceptions(reftest.Finding{Code: "moment-overflow" + map[string]string{"normality": "-jb"}[topic], Topic: topic,
			Text: "R's third and fourth moments of values near 1e150 overflow to NaN. Truth: the plain formulas in 300-bit arithmetic, whose exponents do not end; it is looked for wherever the sum of fourth powers overflows in float64, and there R must have no number."})
	}
	reftest.Exceptions(reftest.Finding{Code: "stouffer-one-minus", Topic: "combine_p",
		Text: "qnorm(1 - p) and 1 - pnorm(z) keep 1e-16 absolute: a p of 1e-17 has an infinite z in R. Truth: z by bisection of the upper tail of math.Erfc."})
	reftest.Register("descriptive", refDescriptive)
	reftest.Register("p_adjust", refAdjustP)
	reftest.Register("combine_p", refCombineP)
}

// statistic compares one number of a sample that may not exist: an error of
// ours stands where R gives NA, NaN or an infinity.
func statistic(c *reftest.Case, path string, got float64, err error, tol ...float64) {
	if err == nil {
		c.Want(path, got, tol...)
		return
	}
	if ref, ok := c.Ref(path); !ok || math.IsNaN(ref) || math.IsInf(ref, 0) {
		c.Skip(path)
		return
	}
	c.Fail("%q: %v", path, err)
}

// overflows reports whether the sum of fourth powers has no float64.
func overflows(x []float64) bool {
	sum, mean := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sum += math.Pow(v-mean, 4)
	}
	return math.IsInf(sum, 1)
}

// plainShape is skewness and kurtosis in 300-bit arithmetic.
func plainShape(x []float64, typ int) (skew, kurt float64) {
	f := func(v float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(v) }
	n := float64(len(x))
	_, _, mean := exactMoments(x)
	m2, m3, m4 := f(0), f(0), f(0)
	for _, v := range x {
		d := f(0).Sub(f(v), mean)
		s := f(0).Mul(d, d)
		m2.Add(m2, s)
		m3.Add(m3, f(0).Mul(s, d))
		m4.Add(m4, f(0).Mul(s, s))
	}
	for _, m := range []*big.Float{m2, m3, m4} {
		m.Quo(m, f(n))
	}
	square := f(0).Mul(m2, m2)
	skew, _ = f(0).Quo(m3, f(0).Mul(m2, f(0).Sqrt(m2))).Float64()
	kurt, _ = f(0).Quo(m4, square).Float64()
	kurt -= 3
	switch typ {
	case 2:
		return skew * math.Sqrt(n*(n-1)) / (n - 2), ((n+1)*kurt + 6) * (n - 1) / ((n - 2) * (n - 3))
	case 3:
		return skew * math.Pow(1-1/n, 1.5), (kurt+3)*(1-1/n)*(1-1/n) - 3
	}
	return skew, kurt
}

func refDescriptive(c *reftest.Case) error {
	c.Unused("dataset", "variable", "group", "level") // where x comes from
	all := c.Floats("x")
	x := present(all)
	kind := c.ID[strings.LastIndex(c.ID, "/")+1:]
	d, err := stats.Describe(x)
	if errors.Is(err, stats.ErrDomain) {
		c.Refused(err, "") // values beyond 1e150, whose variance overflows
		return nil
	}
	if err != nil {
		return err
	}
	level := 0.95
	if c.Has("conf.level") {
		level = c.Num("conf.level")
	}
	switch {
	case kind == "n":
		c.Want("n", float64(d.N))
		c.Want("missing", float64(len(all)-d.N))
	case kind == "mean_sd":
		refMeanSD(c, x, d)
	case strings.HasPrefix(kind, "mean_ci"):
		e, err := stats.Mean(x)
		ci := e.CI(level)
		if wantNaNPair(c, err) {
			return nil
		}
		c.WantVec("", []float64{ci.Lo, ci.Hi})
	case strings.HasPrefix(kind, "quantile_type"):
		var got []float64
		for _, p := range c.Floats("probs") {
			q, err := stats.Quantile(x, p, c.Int("type"))
			if err != nil {
				return err
			}
			got = append(got, q)
		}
		c.WantVec("", got)
	case strings.HasPrefix(kind, "trim"):
		m, err := stats.TrimmedMean(x, c.Num("trim"))
		statistic(c, "", m, err)
	case strings.HasPrefix(kind, "skewness"), strings.HasPrefix(kind, "kurtosis"):
		f := stats.Skewness
		if strings.HasPrefix(kind, "kurtosis") {
			f = stats.Kurtosis
		}
		v, err := f(x, c.Int("type"))
		if c.ExpectsError() {
			c.Refused(err, "")
			return nil
		}
		if err == nil && overflows(x) {
			skew, kurt := plainShape(x, c.Int("type"))
			if strings.HasPrefix(kind, "kurtosis") {
				skew = kurt
			}
			c.WantTruthBy("", v, skew, "moment-overflow", math.IsNaN)
			return nil
		}
		statistic(c, "", v, err, 1e-9, 1e-14)
	case kind == "geometric":
		g, err := stats.GeometricMean(x)
		if c.ExpectsError() || errors.Is(err, stats.ErrDomain) { // values of 0 and below
			c.Refused(err, "")
			return nil
		}
		if errors.Is(err, stats.ErrNoVariation) && len(x) > 1 {
			// Constant data: no interval; the doc comment sends this to an error.
			c.Refused(err, "")
			return nil
		}
		if errors.Is(err, stats.ErrDomain) {
			c.Refused(err, "") // zeros, whose logarithm R lets through as −Inf
			return nil
		}
		one := err != nil && len(x) == 1
		if one {
			c.Want("gmean", math.Exp(math.Log(x[0])))
		} else {
			statistic(c, "gmean", g.Point(), err)
		}
		gsd, gcv, err2 := stats.GeometricSD(x)
		statistic(c, "gsd", gsd, err2)
		if v := math.Pow(math.Log(gsd), 2); err2 == nil && v < 1e-6 {
			truth := math.Sqrt(v) * (1 + v/4 + 5*v*v/96)
			c.WantTruthBy("gcv", gcv, truth, "gcv-cancellation", func(ref float64) bool { return math.Abs(ref*ref-truth*truth) <= 2.3e-16 })
		} else {
			statistic(c, "gcv", gcv, err2)
		}
		ci := g.CI(0.95)
		statistic(c, "gmean_ci95.0", ci.Lo, err)
		statistic(c, "gmean_ci95.1", ci.Hi, err)
	case kind == "median_ci_exact":
		m, err := stats.Median(x)
		ci, cover := stats.Interval{}, math.NaN()
		if err == nil {
			ci, cover = m.CI(level), m.Coverage(level)
		}
		statistic(c, "median", d.Median, err)
		statistic(c, "lwr", ci.Lo, err)
		statistic(c, "upr", ci.Hi, err)
		statistic(c, "actual_conf", cover, err)
	case kind == "var_ci":
		s, err := stats.SD(x)
		if wantNaNPair(c, err) {
			return nil
		}
		ci := s.VarianceCI(level)
		c.WantVec("", []float64{ci.Lo, ci.Hi})
	case c.HasPath("q1_type7"):
		c.Want("n", float64(d.N))
		c.Want("missing", float64(len(all)-d.N))
		for path, v := range map[string]float64{"mean": d.Mean, "sd": d.SD, "se": d.SE, "median": d.Median,
			"q1_type7": d.Q1, "q3_type7": d.Q3, "min": d.Min, "max": d.Max} {
			c.Want(path, v)
		}
		e, err := stats.Mean(x)
		if lo, _ := c.Ref("ci95.0"); errors.Is(err, stats.ErrNoVariation) && lo == d.Mean {
			c.Skip("ci95.") // constant data: R's interval of width zero is refused here
		} else {
			statistic(c, "ci95.0", e.CI(0.95).Lo, err)
			statistic(c, "ci95.1", e.CI(0.95).Hi, err)
		}
		for path, p := range map[string]float64{"q1_type2": 0.25, "q3_type2": 0.75} {
			q, err := stats.Quantile(x, p, 2)
			statistic(c, path, q, err)
		}
		mad, err := stats.MAD(x)
		statistic(c, "mad", stats.MADScale*mad, err)
	}
	return nil
}

// wantNaNPair reports whether err stands beside a reference interval that does
// not exist either.
func wantNaNPair(c *reftest.Case, err error) bool {
	if err == nil {
		return false
	}
	lo, ok := c.Ref("0")
	hi, _ := c.Ref("1")
	if c.ExpectsError() || (ok && math.IsNaN(lo) && math.IsNaN(hi)) || (lo == hi) {
		c.Refused(err, "")
		return true
	}
	return false
}

func refMeanSD(c *reftest.Case, x []float64, d stats.Description) {
	c.Want("mean", d.Mean, 1e-9, 1e-15)
	statistic(c, "sd", d.SD, nil, 1e-9, 1e-300)
	c.Want("var", d.SD*d.SD)
	c.Want("se", d.SE)
	c.Want("median", d.Median)
	mad, err := stats.MAD(x)
	statistic(c, "mad", stats.MADScale*mad, err)
	statistic(c, "mad_raw", mad, err)
	iqr, err := stats.IQR(x, 7)
	statistic(c, "iqr", iqr, err)
	c.Want("min", d.Min)
	c.Want("max", d.Max)
	c.Want("range", d.Max-d.Min)
	cv, err := stats.CV(x)
	statistic(c, "cv", cv, err)
	c.Want("sum", d.Mean*float64(d.N), 1e-9, 1e-14)
	f, err := stats.FiveNumbers(x)
	for i := range f {
		statistic(c, "fivenum."+string(rune('0'+i)), f[i], err)
	}
}

func refAdjustP(c *reftest.Case) error {
	methods := map[string]stats.Adjustment{"holm": stats.Holm, "hochberg": stats.Hochberg, "hommel": stats.Hommel,
		"bonferroni": stats.Bonferroni, "BH": stats.BenjaminiHochberg, "fdr": stats.BenjaminiHochberg,
		"BY": stats.BenjaminiYekutieli, "none": stats.NoAdjustment, "sidak": stats.Sidak, "holm_sidak": stats.HolmSidak}
	name := c.Str("method")
	if name == "" {
		name = c.ID[strings.LastIndex(c.ID, "/")+1:]
	}
	m, ok := methods[name]
	if !ok {
		c.Fail("no method %q", name)
		return nil
	}
	all := c.Floats("p")
	adj, err := stats.AdjustPWith(present(all), stats.AdjustOptions{Method: m})
	if err != nil {
		return err
	}
	// R keeps missing values in their places; ours are not there.
	got, k := make([]float64, len(all)), 0
	for i, p := range all {
		got[i] = p
		if !math.IsNaN(p) {
			got[i] = adj[k]
			k++
		}
	}
	if (m == stats.Sidak || m == stats.HolmSidak) && !c.HasPath("") {
		truth := sidakTruth(present(all), m == stats.HolmSidak)
		k := 0
		for i, p := range all {
			path := strconv.Itoa(i)
			switch {
			case math.IsNaN(p):
				c.Want(path, p)
				continue
			case truth[k] < 1e-6:
				c.WantTruthWithin(path, got[i], truth[k], "sidak-cancellation", 1.2e-16*float64(len(truth)+1))
			default:
				c.Want(path, got[i])
			}
			k++
		}
		return nil
	}
	if len(got) == 1 && c.HasPath("") {
		c.Want("", got[0])
		return nil
	}
	c.WantVec("", got)
	return nil
}

// sidakTruth is 1 − (1−p)^k in 200-bit arithmetic, in the order of p.
func sidakTruth(p []float64, stepDown bool) []float64 {
	n := len(p)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return p[order[a]] < p[order[b]] })
	out := make([]float64, n)
	running := 0.0
	for rank, i := range order {
		k := n
		if stepDown {
			k = n - rank
		}
		one := func() *big.Float { return big.NewFloat(1).SetPrec(200) }
		pow := one()
		q := one().Sub(one(), new(big.Float).SetPrec(200).SetFloat64(p[i]))
		for range k {
			pow.Mul(pow, q)
		}
		v, _ := one().Sub(one(), pow).Float64()
		if stepDown {
			running = math.Max(running, v)
			v = running
		}
		out[i] = v
	}
	return out
}

func refCombineP(c *reftest.Case) error {
	p := c.Floats("p")
	switch {
	case c.HasPath("stat"):
		r, err := stats.CombineFisher(p)
		if err != nil {
			return err
		}
		c.Want("stat", r.Statistic)
		c.Want("p", r.P())
	case c.HasPath("z"):
		r, err := stats.CombineStouffer(p, nil)
		if err != nil {
			if _, ok := c.Ref("z"); ok && noNumber(c, "z") {
				c.Refused(err, "")
				return nil
			}
			return err
		}
		z := 0.0
		for _, v := range p {
			z += statstest.Halve(-40, 40, func(z float64) bool { return math.Erfc(z/math.Sqrt2)/2 > v })
		}
		z /= math.Sqrt(float64(len(p)))
		const finding = "stouffer-one-minus"
		// R's qnorm(1 − p) has 1e-16 absolute in 1 − p.
		wantOrBy(c, "z", r.Statistic, z, finding, func(ref float64) bool {
			slack := 0.0
			for _, v := range p {
				if v < 1.2e-16 && math.IsInf(ref, 1) {
					return true
				}
				slack += 1.2e-16 / math.Max(phi(num.NormQuantile(v)), 1e-300)
			}
			return math.Abs(ref-z) <= slack/math.Sqrt(float64(len(p)))
		})
		wantOrBy(c, "p", r.P(), math.Erfc(z/math.Sqrt2)/2, finding, func(ref float64) bool {
			zr, _ := c.Ref("z")
			return math.Abs(ref-math.Erfc(zr/math.Sqrt2)/2) <= 1.2e-16
		})
	}
	return nil
}
