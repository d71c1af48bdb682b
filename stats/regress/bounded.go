package regress

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
)

// BoundedFit is a fitted quasi-binomial regression of counts that have an upper bound.
type BoundedFit struct {
	glmResult
	dispersion float64
}

// Bounded fits the odds of counts with an upper bound, y of m: days with pain of 28,
// sessions attended of 10,
//
//	logit p = Xβ,  variance φ·m·p(1 − p),
//
// with φ from Pearson's χ² over n − p. φ takes up that the days of one participant are
// alike; coefficients are log odds ratios with t pivots on n − p degrees of freedom. An
// approximate companion of the difference of means, which is what readers understand.
//
// It refuses counts outside 0 … m or not whole (ErrDomain), nothing or everything in all
// (ErrNoVariation), and what Counts refuses of the terms.
// Source: McCullagh & Nelder 1989, section 4.5. Agrees with R's glm(cbind(y, m − y) ~ …,
// family = quasibinomial).
func Bounded(y, m []float64, terms ...Term) (*BoundedFit, error) {
	const fn = "Bounded"
	if err := check.Sample(fn, "y", y, 2); err != nil {
		return nil, err
	}
	if len(m) != len(y) {
		return nil, &stats.SampleError{Func: fn, Arg: "m", Index: -1, Err: stats.ErrLength, Info: fmt.Sprintf("%d bounds, %d counts", len(m), len(y))}
	}
	if err := check.Sample(fn, "m", m, 0); err != nil {
		return nil, err
	}
	events, trials := 0.0, 0.0
	for i, v := range y {
		if !(m[i] >= 1) || m[i] > 1e6 || m[i] != math.Floor(m[i]) || v < 0 || v > m[i] || v != math.Floor(v) {
			return nil, &stats.SampleError{Func: fn, Arg: "y", Index: i, Err: stats.ErrDomain, Info: fmt.Sprintf("%v of %v", v, m[i])}
		}
		events += v
		trials += m[i]
	}
	if events == 0 || events == trials {
		return nil, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrNoVariation, Info: fmt.Sprintf("%v of %v", events, trials)}
	}
	g, err := newGLM(fn, y, m, nil, terms)
	if err != nil {
		return nil, err
	}
	g.family, g.never = logitFamily, trialsNever
	best, err := climb(g, make([]float64, len(g.q)), false)
	if err != nil {
		return nil, g.separated(err)
	}
	f := &BoundedFit{glmResult: glmResult{g: g, gamma: best.par, cov: inverse(best.info, len(g.q)), df: float64(g.n - len(g.q))}}
	if f.cov == nil {
		return nil, g.unsettled("the information vanishes")
	}
	for i, v := range g.y {
		p, w := logistic(g.eta(best.par, i))
		d := v - g.m[i]*p
		f.dispersion += g.count[i] * d * d / (g.m[i] * w) / f.df
	}
	if !(f.dispersion > 0) {
		return nil, check.NoVariation(fn, "y")
	}
	for i := range f.cov {
		f.cov[i] *= f.dispersion
	}
	return f, nil
}

// Dispersion returns φ.
func (f *BoundedFit) Dispersion() float64 { return f.dispersion }

// OddsRatio returns the exponential of a coefficient. It panics where there is none.
func (f *BoundedFit) OddsRatio(name string) stats.Ratio {
	return stats.Ratio{Log: f.Coefficient(name)}
}

// RiskLink is the scale on which the terms of a RiskRegression add up.
type RiskLink string

// Scales. The zero value is refused: they estimate different things.
const (
	LogRisk      RiskLink = "log"      // risk ratios
	IdentityRisk RiskLink = "identity" // risk differences
)

// RiskFit is a fitted binomial regression of risks on their own or on a log scale.
type RiskFit struct {
	glmResult
	link RiskLink
	ll   float64
}

// RiskRegression fits log P(y) = Xβ or P(y) = Xβ by maximum likelihood with the expected
// information: conditional risk ratios or differences. The likelihood is concave, but
// its largest value can lie where somebody's risk is 0 or 1, where it has no standard
// error: ErrNotConverged, as often with continuous covariates. GComputation answers the
// same question of the arms without that trouble, and CountsWith on 0 and 1 with Robust
// errors that of a risk ratio. It panics unless a link is named.
//
// It refuses an outcome without both values (ErrNoVariation) and what Counts refuses of
// the terms.
// Source: Wacholder 1986, doi:10.1093/oxfordjournals.aje.a114212. Agrees with R's
// glm(family = binomial("log")) and binomial("identity").
func RiskRegression(y []bool, link RiskLink, terms ...Term) (*RiskFit, error) {
	const fn = "RiskRegression"
	if link != LogRisk && link != IdentityRisk {
		panic(fmt.Sprintf("regress.RiskRegression: no link %q, need LogRisk or IdentityRisk", link))
	}
	events := 0.0
	x := make([]float64, len(y))
	for i, v := range y {
		if v {
			x[i] = 1
			events++
		}
	}
	n := float64(len(y))
	if events == 0 || events == n {
		return nil, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrNoVariation, Info: fmt.Sprintf("%v events of %v", events, n)}
	}
	g, err := newGLM(fn, x, nil, nil, terms)
	if err != nil {
		return nil, err
	}
	start := make([]float64, len(g.q))
	g.family, start[0] = logFamily, math.Log(events/n)/g.q[0][0]
	if link == IdentityRisk {
		g.family, start[0] = identityFamily, events/n/g.q[0][0]
	}
	best, err := climb(g, start, false)
	if err != nil {
		return nil, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrNotConverged, Info: "the likelihood is largest where somebody's risk is 0 or 1"}
	}
	f := &RiskFit{glmResult: glmResult{g: g, gamma: best.par, df: math.Inf(1)}, link: link, ll: best.ll}
	f.cov = inverse(g.sums(func(i int) float64 {
		_, _, _, expected, _ := g.family(g.y[i], 1, g.eta(best.par, i))
		return expected
	}), len(g.q))
	if f.cov == nil {
		return nil, g.unsettled("the information vanishes")
	}
	return f, nil
}

// LogLik returns the log-likelihood.
func (f *RiskFit) LogLik() float64 { return f.ll }
