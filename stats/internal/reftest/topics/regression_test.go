package topics_test

import (
	"errors"
	"math"
	"math/big"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() {
	reftest.Register("regression", regressionCase)
	reftest.Exceptions(reftest.Finding{
		Code: "lm-alias-1e-7", Topic: "regression",
		Text: "R's lm drops a column whose part outside the others is shorter than 1e-7 of it (x = 1e9 + 1, 2, 3 …) " +
			"and fits the intercept alone, although the float64 data determine the slope. " +
			"Truth: the normal equations in rational arithmetic; the reference must be the fit of the intercept.",
	})
}

// regressionCase: y ~ x, with prediction at mean(x) + 1.
func regressionCase(c *reftest.Case) error {
	x, y := c.Floats("x"), c.Floats("y")
	m, err := regress.Linear(y, regress.Numeric("x", x))
	if err != nil {
		// R reports rounding noise as a standard error where we refuse.
		sigma, _ := c.Ref("sigma")
		if slope, _ := c.Ref("coef.1"); errors.Is(err, stats.ErrSingular) && math.IsNaN(slope) && slices.Min(x) == slices.Max(x) {
			c.Refused(err, "") // R drops the constant x and fits the mean
			return nil
		}
		if errors.Is(err, stats.ErrTooFew) && math.IsNaN(sigma) || errors.Is(err, stats.ErrNoVariation) && sigma < 1e-14 {
			c.Refused(err, "")
			return nil
		}
		return err
	}
	mean := 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	at := regress.At{Numbers: map[string]float64{"x": mean + 1}}
	pred, conf := m.PredictNew(at), m.Predict(at)
	pi, ci := pred.CI(0.95), conf.CI(0.95)
	if slope, _ := c.Ref("coef.1"); math.IsNaN(slope) {
		t := exactLine(x, y, mean+1)
		co := m.Coefficients()
		alone := interceptAlone(y)
		truth := func(path string, got, want float64) {
			c.WantTruthBy(path, got, want, "lm-alias-1e-7", func(ref float64) bool {
				v, ok := alone[path]
				rounding := 8 * 2.3e-16 * largest(y) / alone["sigma"] // of a sum of squares in R
				return reftest.Close(ref, v, reftest.Tol+rounding, 1e-12) && (ok || math.IsNaN(ref))
			})
		}
		truth("coef.0", co[0].Value, t.a)
		truth("coef.1", co[1].Value, t.b)
		truth("se.0", co[0].SE, t.seA)
		truth("p.0", co[0].P(0), stats.Estimate{Value: t.a, SE: t.seA, DF: t.df}.P(0))
		for i, e := range []stats.Estimate{{Value: t.a, SE: t.seA, DF: t.df}, {Value: t.b, SE: t.seB, DF: t.df}} {
			p := []string{"ci.0.", "ci.1."}[i]
			truth(p+"0", co[i].CI(0.95).Lo, e.CI(0.95).Lo)
			truth(p+"1", co[i].CI(0.95).Hi, e.CI(0.95).Hi)
		}
		truth("r2", m.R2(), t.r2)
		truth("sigma", m.Sigma(), t.sigma)
		w := stats.Estimate{Value: t.mu, SE: t.seMu, DF: t.df}
		q := stats.Estimate{Value: t.mu, SE: math.Hypot(t.seMu, t.sigma), DF: t.df}
		for i, v := range [][3]float64{{pred.Value, pi.Lo, pi.Hi}, {conf.Value, ci.Lo, ci.Hi}} {
			p, e := "pred.0.", q
			if i == 1 {
				p, e = "conf.0.", w
			}
			truth(p+"0", v[0], e.Value)
			truth(p+"1", v[1], e.CI(0.95).Lo)
			truth(p+"2", v[2], e.CI(0.95).Hi)
		}
		return nil
	}
	for i, co := range m.Coefficients() {
		k := []string{"0", "1"}[i]
		c.Want("coef."+k, co.Value)
		c.Want("se."+k, co.SE)
		c.Want("p."+k, co.P(0))
		wantInterval(c, "ci."+k, co.CI(0.95))
	}
	c.Want("r2", m.R2())
	c.Want("sigma", m.Sigma())
	c.Want("pred.0.0", pred.Value)
	c.Want("conf.0.0", conf.Value)
	for path, i := range map[string]stats.Interval{"pred.0": pi, "conf.0": ci} {
		c.Want(path+".1", i.Lo, reftest.Tol, reftest.Tol*(i.Hi-i.Lo))
		c.Want(path+".2", i.Hi, reftest.Tol, reftest.Tol*(i.Hi-i.Lo))
	}
	return nil
}

// wantInterval compares an interval; an end near zero is held to the width, since
// subtraction takes R's digits there.
func wantInterval(c *reftest.Case, path string, i stats.Interval) {
	c.WantVec(path, []float64{i.Lo, i.Hi}, reftest.Tol, reftest.Tol*(i.Hi-i.Lo))
}

// interceptAlone is what R reports of the mean as a model: NaN for what is of
// the slope.
func interceptAlone(y []float64) map[string]float64 {
	mean, ss, _ := exactMoments(y)
	n := float64(len(y))
	sigma := math.Sqrt(ss / (n - 1))
	e := stats.Estimate{Value: mean, SE: sigma / math.Sqrt(n), DF: n - 1}
	next := stats.Estimate{Value: mean, SE: sigma * math.Sqrt(1+1/n), DF: n - 1}
	return map[string]float64{
		"coef.0": mean, "coef.1": math.NaN(), "se.0": e.SE, "p.0": e.P(0), "ci.1.0": math.NaN(), "ci.1.1": math.NaN(),
		"ci.0.0": e.CI(0.95).Lo, "ci.0.1": e.CI(0.95).Hi, "r2": 0, "sigma": sigma,
		"pred.0.0": mean, "pred.0.1": next.CI(0.95).Lo, "pred.0.2": next.CI(0.95).Hi,
		"conf.0.0": mean, "conf.0.1": e.CI(0.95).Lo, "conf.0.2": e.CI(0.95).Hi,
	}
}

type line struct{ a, b, seA, seB, sigma, r2, df, mu, seMu float64 }

// exactLine is simple regression in rational arithmetic; only square roots are
// rounded.
func exactLine(x, y []float64, at float64) line {
	r := func(v float64) *big.Rat { return new(big.Rat).SetFloat64(v) }
	mul := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }
	sub := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }
	quo := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Quo(a, b) }
	sum := func(v []float64) *big.Rat {
		s := new(big.Rat)
		for _, e := range v {
			s.Add(s, r(e))
		}
		return s
	}
	n := r(float64(len(x)))
	mx, my := quo(sum(x), n), quo(sum(y), n)
	sxx, sxy, syy := new(big.Rat), new(big.Rat), new(big.Rat)
	for i := range x {
		dx, dy := sub(r(x[i]), mx), sub(r(y[i]), my)
		sxx.Add(sxx, mul(dx, dx))
		sxy.Add(sxy, mul(dx, dy))
		syy.Add(syy, mul(dy, dy))
	}
	b := quo(sxy, sxx)
	a := sub(my, mul(b, mx))
	rss := sub(syy, mul(b, sxy))
	df := float64(len(x) - 2)
	s2 := quo(rss, r(df))
	root := func(v *big.Rat) float64 { f, _ := v.Float64(); return math.Sqrt(f) }
	f := func(v *big.Rat) float64 { f, _ := v.Float64(); return f }
	// Var at x0 is s²(1/n + (x0 − mean)²/Sxx).
	se := func(x0 *big.Rat) float64 {
		d := sub(x0, mx)
		return root(mul(s2, new(big.Rat).Add(quo(r(1), n), quo(mul(d, d), sxx))))
	}
	return line{a: f(a), b: f(b), seA: se(new(big.Rat)), seB: root(quo(s2, sxx)), sigma: root(s2),
		r2: f(quo(mul(b, sxy), syy)), df: df,
		mu: f(new(big.Rat).Add(a, mul(b, r(at)))), seMu: se(r(at))}
}
