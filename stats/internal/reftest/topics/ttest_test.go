package topics_test

import (
	"math"
	"math/big"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() {
	reftest.Exceptions(reftest.Finding{
		Code: "mean-difference-rounding", Topic: "ttest_twosample, tost, effect_size, effect_size_nct_ci, pingouin, scipy_two_sample",
		Text: "For data like 1e9 + small R and SciPy subtract two rounded means and lose eight digits of their difference (the bound is the spacing of float64 at the data, over the standard error). Truth: means and sums of squares in 300-bit arithmetic on the same float64 values.",
	}, reftest.Finding{
		Code: "ttest-mu-cancellation", Topic: "ttest_onesample, ttest_paired, ttest_twosample", Bound: 4.5e-16,
		Text: "R's t.test builds its interval as mu + SE·(t ± q), which leaves 1e-16 of mu, whatever the size of the data. Truth: estimate ± q·SE from R's own means and standard error.",
	})
	reftest.Register("ttest_onesample", func(c *reftest.Case) error {
		e, err := stats.Mean(present(c.Floats("x")))
		return wantT(c, e, err)
	})
	reftest.Register("ttest_paired", func(c *reftest.Case) error {
		x, y := completePairs(c.Floats("x"), c.Floats("y"))
		e, err := stats.Paired(x, y)
		return wantT(c, e, err)
	})
	reftest.Register("ttest_twosample", func(c *reftest.Case) error {
		c.Unused("dataset", "formula", "subset", "levels") // where x and y come from
		f, equal := stats.Welch, false
		if c.Has("var.equal") && c.Num("var.equal") == 1 {
			f, equal = stats.Student, true
		}
		x, y := present(c.Floats("x")), present(c.Floats("y"))
		e, err := f(x, y)
		if err == nil && lostDigits(c, "statistic.t", x, y) {
			wantExactT(c, e, exactTwoSample(x, y, equal))
			return nil
		}
		return wantT(c, e, err)
	})
	reftest.Register("tost", refTOST)
}

// present drops missing values, which R's functions leave out of a sample.
func present(x []float64) []float64 {
	out := x[:0:0]
	for _, v := range x {
		if !math.IsNaN(v) {
			out = append(out, v)
		}
	}
	return out
}

// wantT compares an estimate with R's htest of t.test.
func wantT(c *reftest.Case, e stats.Estimate, err error) error {
	// Where R divides zero by zero (constant data at 0) it prints NaN; we
	// refuse, as the doc comments say.
	t, _ := c.Ref("statistic.t")
	if c.ExpectsError() || (err != nil && (math.IsNaN(t) || math.IsInf(t, 0))) {
		c.Refused(err, "")
		return nil
	}
	if err != nil {
		return err
	}
	mu, level, alt := 0.0, 0.95, c.Str("alternative")
	if c.Has("mu") {
		mu = c.Num("mu")
	}
	if c.Has("conf.level") {
		level = c.Num("conf.level")
	}
	noise := 0.0 // of a difference that is the rounding of its parts
	for _, key := range []string{"x", "y"} {
		if c.Has(key) {
			noise = math.Max(noise, 1e-15*largest(present(c.Floats(key))))
		}
	}
	c.Want("statistic.t", e.T(mu), reftest.Tol, noise/e.SE)
	c.Want("parameter.df", e.DF)
	c.Want("stderr", e.SE)
	var ci stats.Interval
	switch alt {
	case "less":
		c.Want("p.value", e.PLess(mu))
		ci = stats.Interval{Lo: math.Inf(-1), Hi: e.CI(2*level - 1).Hi}
	case "greater":
		c.Want("p.value", e.PGreater(mu))
		ci = stats.Interval{Lo: e.CI(2*level - 1).Lo, Hi: math.Inf(1)}
	default:
		c.Want("p.value", e.P(mu))
		ci = e.CI(level)
	}
	tail := (1 - level) / 2
	if alt == "less" || alt == "greater" {
		tail = 1 - level
	}
	q := distuv.StudentsT{Nu: e.DF, Sigma: 1}.Quantile(1 - tail)
	wantEnd(c, "conf.int.0", ci.Lo, -q, mu)
	wantEnd(c, "conf.int.1", ci.Hi, q, mu)
	for _, p := range c.Paths() {
		switch p {
		case "estimate.mean of x":
			if !c.HasPath("estimate.mean of y") {
				c.Want(p, e.Value)
				continue
			}
			d, derr := stats.Describe(present(c.Floats("x")))
			if derr != nil {
				return derr
			}
			c.Want(p, d.Mean)
		case "estimate.mean of y":
			d, derr := stats.Describe(present(c.Floats("y")))
			if derr != nil {
				return derr
			}
			c.Want(p, d.Mean)
		case "estimate.mean difference", "estimate.mean of the differences", "estimate.difference in means":
			c.Want(p, e.Value, reftest.Tol, noise)
		}
	}
	c.Skip("conf.level", "null.value.")
	return nil
}

// wantEnd compares an end of R's interval. R computes it as mu + SE·(t ± q),
// which loses the digits of an estimate much smaller than mu.
func wantEnd(c *reftest.Case, path string, got, q, mu float64) {
	ref, ok := c.Ref(path)
	if ok && !math.IsInf(ref, 0) && math.Abs(mu) > 1e6*math.Abs(ref) {
		se, _ := c.Ref("stderr")
		mean, one := c.Ref("estimate.mean of x")
		if y, two := c.Ref("estimate.mean of y"); two {
			mean -= y
		} else if !one {
			mean, _ = c.Ref("estimate.mean difference")
		}
		c.WantTruthOn(path, got, mean+q*se, "ttest-mu-cancellation", func(v float64) float64 { return v / math.Max(1, math.Abs(mu)) })
		return
	}
	c.Want(path, got)
}

// completePairs drops pairs of which one member is missing.
func completePairs(x, y []float64) (a, b []float64) {
	for i := range x {
		if !math.IsNaN(x[i]) && !math.IsNaN(y[i]) {
			a, b = append(a, x[i]), append(b, y[i])
		}
	}
	return a, b
}

// lostDigits reports whether the samples are so far from zero that the
// difference of R's rounded means loses digits.
func lostDigits(c *reftest.Case, _ string, x, y []float64) bool {
	mx, _, _ := exactMoments(x)
	d := exactTwoSample(x, y, true).Value
	return math.Abs(mx) > 1e4*math.Abs(d)
}

// exactMoments returns mean, sum of squares and the mean as a big number.
func exactMoments(x []float64) (mean, ss float64, m *big.Float) {
	b := func(v float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(v) }
	sum := b(0)
	for _, v := range x {
		sum.Add(sum, b(v))
	}
	m = new(big.Float).SetPrec(300).Quo(sum, b(float64(len(x))))
	q := b(0)
	for _, v := range x {
		d := new(big.Float).SetPrec(300).Sub(b(v), m)
		q.Add(q, d.Mul(d, d))
	}
	mean, _ = m.Float64()
	ss, _ = q.Float64()
	return mean, ss, m
}

// exactTwoSample is Student's (equal) or Welch's estimate from exact moments.
func exactTwoSample(x, y []float64, equal bool) stats.Estimate {
	_, sx, mx := exactMoments(x)
	_, sy, my := exactMoments(y)
	d, _ := new(big.Float).SetPrec(300).Sub(mx, my).Float64()
	n, m := float64(len(x)), float64(len(y))
	if equal {
		return stats.Estimate{Value: d, SE: math.Sqrt((sx + sy) / (n + m - 2) * (1/n + 1/m)), DF: n + m - 2}
	}
	v, w := sx/(n-1)/n, sy/(m-1)/m
	return stats.Estimate{Value: d, SE: math.Sqrt(v + w), DF: (v + w) * (v + w) / (v*v/(n-1) + w*w/(m-1))}
}

// meanRounding bounds what rounding two means to float64 does to their
// difference: half a spacing each, relative to 1 or to the standard error where
// that is smaller.
func meanRounding(x, y []float64) float64 {
	return spacing(largest(x, y)) * math.Max(1, 1/exactTwoSample(x, y, len(x)+len(y) == 3 || min(len(x), len(y)) == 1).SE)
}

// wantRounded compares a number with exact arithmetic where the reference has
// lost its digits to an offset.
func wantRounded(c *reftest.Case, path string, got, truth float64, x, y []float64) {
	c.WantTruthWithin(path, got, truth, "mean-difference-rounding", meanRounding(x, y))
}

// wantExactT compares an estimate with exact arithmetic, and R with both to its
// stated error.
func wantExactT(c *reftest.Case, e, truth stats.Estimate) {
	mu, level := 0.0, 0.95
	if c.Has("mu") {
		mu = c.Num("mu")
	}
	if c.Has("conf.level") {
		level = c.Num("conf.level")
	}
	x, y := present(c.Floats("x")), present(c.Floats("y"))
	want := func(path string, got, truth float64) { wantRounded(c, path, got, truth, x, y) }
	want("statistic.t", e.T(mu), truth.T(mu))
	want("parameter.df", e.DF, truth.DF)
	want("stderr", e.SE, truth.SE)
	end := func(path string, got, truth float64) {
		if math.IsInf(got, 0) {
			c.Want(path, got)
			return
		}
		wantRounded(c, path, got, truth, x, y)
	}
	switch c.Str("alternative") {
	case "less":
		want("p.value", e.PLess(mu), truth.PLess(mu))
		end("conf.int.0", math.Inf(-1), 0)
		end("conf.int.1", e.CI(2*level-1).Hi, truth.CI(2*level-1).Hi)
	case "greater":
		want("p.value", e.PGreater(mu), truth.PGreater(mu))
		end("conf.int.0", e.CI(2*level-1).Lo, truth.CI(2*level-1).Lo)
		end("conf.int.1", math.Inf(1), 0)
	default:
		want("p.value", e.P(mu), truth.P(mu))
		end("conf.int.0", e.CI(level).Lo, truth.CI(level).Lo)
		end("conf.int.1", e.CI(level).Hi, truth.CI(level).Hi)
	}
	for path, key := range map[string]string{"estimate.mean of x": "x", "estimate.mean of y": "y"} {
		mean, _, _ := exactMoments(present(c.Floats(key)))
		d, err := stats.Describe(present(c.Floats(key)))
		if err != nil {
			c.Fail("%v", err)
		}
		want(path, d.Mean, mean)
	}
	c.Skip("conf.level", "null.value.")
}

func refTOST(c *reftest.Case) error {
	x, y := present(c.Floats("x")), present(c.Floats("y"))
	e, err := stats.Welch(x, y)
	if err != nil {
		if c.ExpectsError() || noNumber(c, "p") {
			c.Refused(err, "")
			return nil
		}
		return err
	}
	low, high, level := c.Num("low"), c.Num("high"), 1-2*c.Num("alpha")
	at := func(e stats.Estimate) map[string]float64 {
		ci := e.CI(level)
		return map[string]float64{"p_lower": e.PGreater(low), "p_upper": e.PLess(high),
			"p": math.Max(e.PGreater(low), e.PLess(high)), "t_lower": e.T(low), "t_upper": e.T(high),
			"ci90.0": ci.Lo, "ci90.1": ci.Hi}
	}
	truth := at(exactTwoSample(x, y, false))
	for path, got := range at(e) {
		if lostDigits(c, "", x, y) {
			wantRounded(c, path, got, truth[path], x, y)
		} else {
			c.Want(path, got, reftest.Tol, 1e-15*largest(x, y)/e.SE)
		}
	}
	return nil
}
