package stats_test

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() {
	reftest.Exceptions(reftest.Finding{
		Code: "ttest-mu-cancellation", Topic: "ttest_onesample", Bound: 1e-15,
		Text: "R's t.test builds its interval as mu + SE·(t ± q); for data around 1e-12 and mu = 1.5 only 1e-16 absolute is left. Truth: mean ± q·SE from R's own mean and standard error.",
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
		f := stats.Welch
		if c.Has("var.equal") && c.Num("var.equal") == 1 {
			f = stats.Student
		}
		e, err := f(present(c.Floats("x")), present(c.Floats("y")))
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
	c.Want("statistic.t", e.T(mu))
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
			c.Want(p, e.Value)
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
		mean, _ := c.Ref("estimate.mean of x")
		c.WantTruth(path, got, mean+q*se, "ttest-mu-cancellation")
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

func refTOST(c *reftest.Case) error {
	e, err := stats.Welch(c.Floats("x"), c.Floats("y"))
	if err != nil {
		return err
	}
	low, high := c.Num("low"), c.Num("high")
	c.Want("p_lower", e.PGreater(low))
	c.Want("p_upper", e.PLess(high))
	c.Want("p", math.Max(e.PGreater(low), e.PLess(high)))
	c.Want("t_lower", e.T(low))
	c.Want("t_upper", e.T(high))
	ci := e.CI(1 - 2*c.Num("alpha"))
	c.WantVec("ci90", []float64{ci.Lo, ci.Hi})
	return nil
}
