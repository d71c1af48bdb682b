package regress

import (
	"context"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// Profile is a coefficient of a model fitted by maximum likelihood with the tests and
// intervals of its profile likelihood: null is rejected where the log-likelihood
// maximized over the other coefficients lies too far below the maximum. With Firth's
// logistic regression the penalized likelihood is meant; of a negative binomial model
// the dispersion is maximized over as well. It implements Effect on the coefficient's
// own scale, a logarithm; intervals and p-values are approximate (χ² with 1 df).
//
// Both ends of an interval are finite: a model whose estimate exists, as with
// Firth all do, loses likelihood without bound in both directions. A
// maximization that fails is never read as an end at infinity or a p-value of
// 0: PContext and CIContext return ErrNotConverged, P and the others NaN, CI
// two NaN with Why = WhyFailed.
type Profile struct{ c *profiled }

// profiled is what a model knows of one of its coefficients.
type profiled struct {
	fn, name, how string         // function of errors, coefficient, method
	coef          stats.Estimate // with Wald's standard error
	err           error          // where the coefficient is not estimable
	best          []float64      // where the likelihood is largest, for a start
	concave       bool           // the likelihood falls ever faster
	// again is where to look, in multiples of a limit's distance from the estimate,
	// whether a likelihood that fell has risen again; empty where it cannot.
	again []float64
	// fall is how far the maximum with the coefficient held at null lies below the
	// largest, and where it is.
	fall func(null float64, start []float64) (fall float64, at []float64, err error)
}

var _ stats.Effect = Profile{}

// Point returns the estimate.
func (p Profile) Point() float64 { return p.c.coef.Value }

// P returns the two-sided p-value of the likelihood ratio test.
func (p Profile) P(null float64) float64 {
	v, _ := p.PContext(context.Background(), null)
	return v
}

// PContext is P with the reason where there is none: NaN and ErrNotConverged.
func (p Profile) PContext(ctx context.Context, null float64) (float64, error) {
	z, err := p.z(ctx, null)
	return 2 * num.NormSF(math.Abs(z)), err
}

// PGreater returns the one-sided p-value by the signed root.
func (p Profile) PGreater(null float64) float64 {
	z, _ := p.z(context.Background(), null)
	return num.NormSF(z)
}

// PLess returns the other one-sided p-value.
func (p Profile) PLess(null float64) float64 {
	z, _ := p.z(context.Background(), null)
	return num.NormCDF(z)
}

// z is the signed root at null. A null far from the estimate is approached in
// growing steps from a few standard errors on, each from the fit before it.
func (p Profile) z(ctx context.Context, null float64) (float64, error) {
	if err := p.c.err; err != nil {
		return math.NaN(), err
	}
	if math.IsNaN(null) || math.IsInf(null, 0) {
		return -null, nil
	}
	if null == p.Point() {
		return 0, nil
	}
	start, far := p.c.best, null-p.Point()
	for reach := 4 * p.se(); ; reach *= 1.5 {
		if err := ctx.Err(); err != nil {
			return math.NaN(), err
		}
		to := null
		if reach < math.Abs(far) {
			to = p.Point() + math.Copysign(reach, far)
		}
		z, at, err := p.root(to, start)
		if err != nil {
			return math.NaN(), p.failed(to, err)
		}
		// The profile of the likelihood is concave: farther out z is larger,
		// and its p-value stays below the smallest number.
		if to == null || (p.c.concave && math.Abs(z) > 40) {
			return z, nil
		}
		start = at
	}
}

func (p Profile) se() float64 { return p.c.coef.SE }

// root is the signed square root of twice the fall of the log-likelihood at null,
// positive where the estimate is above null.
func (p Profile) root(null float64, start []float64) (r float64, at []float64, err error) {
	fall, at, err := p.c.fall(null, start)
	if err != nil {
		return math.NaN(), nil, err
	}
	return math.Copysign(math.Sqrt(math.Max(0, 2*fall)), p.Point()-null), at, nil
}

func (p Profile) failed(at float64, err error) error {
	return fmt.Errorf("profile of %s at %.6g: %w", p.c.name, at, err)
}

// CI returns the null values that the likelihood ratio test does not reject.
// It panics unless 0 < level < 1.
func (p Profile) CI(level float64) stats.Interval {
	i, _ := p.CIContext(context.Background(), level)
	return i
}

// CIContext is CI with the reason where there is none: ErrNotConverged.
func (p Profile) CIContext(ctx context.Context, level float64) (stats.Interval, error) {
	check.Level(level)
	z := -num.NormQuantile((1 - level) / 2)
	err := p.c.err
	var lo float64
	if err == nil {
		lo, err = p.limit(ctx, z)
	}
	if err == nil {
		var hi float64
		if hi, err = p.limit(ctx, -z); err == nil {
			i := stats.Interval{Lo: lo, Hi: hi, Level: level}
			if err = p.oneHill(ctx, i, z); err == nil {
				return i, nil
			}
		}
	}
	return stats.Interval{Lo: math.NaN(), Hi: math.NaN(), Level: level, Why: stats.WhyFailed}, err
}

// oneHill looks whether a profile over a second parameter falls, rises and falls again:
// then the accepted values are no interval, and none is given. It looks at 0, the null of
// most questions, and beyond the ends; far out a fit may fail, which says nothing.
func (p Profile) oneHill(ctx context.Context, i stats.Interval, z float64) error {
	if len(p.c.again) == 0 {
		return nil
	}
	nulls := []float64{0}
	for _, end := range []float64{i.Lo, i.Hi} {
		for _, k := range p.c.again {
			nulls = append(nulls, p.Point()+k*(end-p.Point()))
		}
	}
	for _, null := range nulls {
		r, err := p.z(ctx, null)
		switch {
		case err != nil && (null == 0 || ctx.Err() != nil):
			return err
		case err == nil && (math.Abs(r) <= z) != i.Contains(null) && math.Abs(math.Abs(r)-z) > 1e-9:
			return p.failed(null, &stats.SampleError{Func: p.c.fn, Arg: "y", Index: -1, Err: stats.ErrNotConverged, Info: "the likelihood falls, rises and falls again: what it does not reject is no interval"})
		}
	}
	return nil
}

// limit solves root(b) = z by bracketing and the Illinois rule; root is close
// to linear in b.
func (p Profile) limit(ctx context.Context, z float64) (float64, error) {
	step := -z * p.se()
	start := p.c.best
	a, fa := p.Point(), -z // root(Point) − z
	at := func(b float64) (float64, error) {
		if err := ctx.Err(); err != nil {
			return math.NaN(), err
		}
		r, end, err := p.root(b, start)
		if err != nil {
			return math.NaN(), p.failed(b, err)
		}
		start = end
		return r - z, nil
	}
	b := a + step
	fb, err := at(b)
	for i := 0; err == nil && fa*fb > 0; i++ {
		if i == 60 {
			return math.NaN(), p.failed(b, &stats.SampleError{Func: p.c.fn, Arg: "y", Index: -1, Err: stats.ErrNotConverged, Info: "the likelihood does not fall far enough"})
		}
		a, fa = b, fb
		step *= 1.5
		b += step
		fb, err = at(b)
	}
	for range 100 {
		if err != nil {
			return math.NaN(), err
		}
		c := b - fb*(b-a)/(fb-fa)
		if math.Abs(b-a) <= 1e-14*(math.Abs(a)+math.Abs(b)) || c == b || c == a {
			return c, nil
		}
		var fc float64
		if fc, err = at(c); err != nil {
			return math.NaN(), err
		}
		if math.Abs(fc) <= 1e-13 {
			return c, nil
		}
		if fc*fb < 0 {
			a, fa = b, fb
		} else {
			fa /= 2
		}
		b, fb = c, fc
	}
	return b, err
}
