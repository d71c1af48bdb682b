package regress

import (
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// CountModel is how counts vary around their mean.
type CountModel string

// Models of counts. The zero value of CountsOptions is the negative binomial.
const (
	NegativeBinomial CountModel = "negative-binomial" // variance μ + αμ² (NB2)
	PoissonCounts    CountModel = "poisson"           // variance μ
	QuasiPoisson     CountModel = "quasi-poisson"     // variance φμ, t with n − p df
)

// CountsOptions are the choices in a model of counts.
type CountsOptions struct {
	Model CountModel
	// Exposure is each participant's time at risk; nil where all are alike.
	Exposure []float64
}

// CountsFit is a fitted model of counts. Its coefficients are logarithms of rates and
// of rate ratios.
type CountsFit struct {
	glmResult
	model      CountModel
	ll, alpha  float64
	curvature  float64   // −∂²l/∂α²
	dispersion float64   // φ of QuasiPoisson, else 1
	joint      []float64 // covariance of gamma with α estimated beside it
	chosen     bool      // α was estimated, if only to be 0
}

// Counts fits a model of numbers of events, such as falls,
//
//	log μ = log exposure + Xβ,  variance μ + αμ²,
//
// the negative binomial model (NB2), by maximum likelihood in β and α ≥ 0, participants
// independent. A coefficient of an arm is the logarithm of its rate ratio. Where the
// counts vary no more than Poisson's the best α is 0: the model is Poisson's, and Model
// says so. Profile is by likelihood ratio, maximized over α too, and is the one to
// report; Coefficient is by the normal distribution with the expected information at
// α̂, Observed with the observed information of β and α together. All are approximate.
//
// It refuses counts that are negative or no whole numbers and exposures that are not
// positive (ErrDomain), no events at all (ErrNoVariation), a variable that others
// determine (ErrSingular), n ≤ p (ErrTooFew), counts above a million (ErrDomain) and,
// naming the coefficients, an arm or level without events, whose rate ratio is 0 or
// infinite (ErrSeparation: table.RateRatioExact has an interval for it).
//
// Source: Lawless 1987, doi:10.2307/3314912; Hilbe 2011, Negative Binomial Regression.
// Agrees with R's MASS::glm.nb, and in Observed with SAS PROC GENMOD DIST=NB.
func Counts(y, exposure []float64, terms ...Term) (*CountsFit, error) {
	return CountsWith(y, terms, CountsOptions{Exposure: exposure})
}

// CountsWith is Counts with another model. A Poisson model of an outcome of 0 and 1
// with Robust errors estimates a risk ratio ("modified Poisson": Zou 2004,
// doi:10.1093/aje/kwh090). It panics for an unknown model.
func CountsWith(y []float64, terms []Term, o CountsOptions) (*CountsFit, error) {
	const fn = "Counts"
	if o.Model == "" {
		o.Model = NegativeBinomial
	}
	if !slices.Contains([]CountModel{NegativeBinomial, PoissonCounts, QuasiPoisson}, o.Model) {
		panic(fmt.Sprintf("regress.CountsWith: unknown model %q", o.Model))
	}
	if err := check.Sample(fn, "y", y, 2); err != nil {
		return nil, err
	}
	total := 0.0
	for i, v := range y {
		if v < 0 || v != math.Floor(v) || v > 1e6 {
			return nil, &stats.SampleError{Func: fn, Arg: "y", Index: i, Err: stats.ErrDomain, Info: fmt.Sprintf("%v is no count up to a million", v)}
		}
		total += v
	}
	var off []float64
	if o.Exposure != nil {
		if len(o.Exposure) != len(y) {
			return nil, &stats.SampleError{Func: fn, Arg: "exposure", Index: -1, Err: stats.ErrLength, Info: fmt.Sprintf("%d values, %d counts", len(o.Exposure), len(y))}
		}
		if err := check.Sample(fn, "exposure", o.Exposure, 0); err != nil {
			return nil, err
		}
		for i, v := range o.Exposure {
			if !(v > 0) {
				return nil, &stats.SampleError{Func: fn, Arg: "exposure", Index: i, Err: stats.ErrDomain, Info: fmt.Sprint(v)}
			}
			off = append(off, math.Log(v))
		}
	}
	if total == 0 {
		return nil, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrNoVariation, Info: "no events"}
	}
	g, err := newGLM(fn, y, nil, off, terms)
	if err != nil {
		return nil, err
	}
	g.family, g.never = poissonFamily, zeroCounts
	// The rate of all participants, in the basis: its first column is constant.
	exposed := 0.0
	for i, v := range g.off {
		exposed += g.count[i] * math.Exp(v)
	}
	start := make([]float64, len(g.q))
	start[0] = math.Log(total/exposed) / g.q[0][0]
	enough := 0.0
	if o.Model == NegativeBinomial {
		enough = nearEnough
	}
	best, err := approach(g, start, false, enough)
	if err != nil {
		return nil, g.separated(err)
	}
	m := &CountsFit{glmResult: glmResult{g: g, gamma: best.par, df: math.Inf(1)}, model: o.Model, ll: best.ll, dispersion: 1}
	switch o.Model {
	case NegativeBinomial:
		if err := m.fitAlpha(best); err != nil {
			return nil, g.separated(err)
		}
	case QuasiPoisson:
		m.df = float64(g.n - len(g.q))
		m.dispersion = m.pearson() / m.df
		if !(m.dispersion > 0) {
			return nil, check.NoVariation(fn, "y")
		}
	}
	expected := g.sums(func(i int) float64 {
		_, _, _, w, _ := g.family(g.y[i], 1, g.eta(m.gamma, i))
		return w
	})
	m.ll -= logFactorials(g)
	if m.cov = inverse(expected, len(g.q)); m.cov == nil {
		return nil, g.unsettled("the information vanishes")
	}
	for i := range m.cov {
		m.cov[i] *= m.dispersion
	}
	return m, nil
}

// logFactorials is what the likelihood of the counts leaves out.
func logFactorials(g *glmData) float64 {
	each := make([]float64, len(g.y))
	var known [64]float64 // most counts are small
	for i, y := range g.y {
		l := 0.0
		if y < 64 {
			l = known[int(y)]
		}
		if l == 0 && y > 1 {
			if l, _ = math.Lgamma(y + 1); y < 64 {
				known[int(y)] = l
			}
		}
		each[i] = g.count[i] * l
	}
	return num.Sum(each)
}

// pearson is Σ(y − μ)²/μ.
func (m *CountsFit) pearson() float64 {
	each := make([]float64, len(m.g.y))
	for i, y := range m.g.y {
		mu := math.Exp(m.g.eta(m.gamma, i))
		each[i] = m.g.count[i] * (y - mu) * (y - mu) / mu
	}
	return num.Sum(each)
}

// Model returns the model that was fitted: PoissonCounts too where the negative
// binomial's α is 0.
func (m *CountsFit) Model() CountModel { return m.model }

// Events returns the number of events.
func (m *CountsFit) Events() int {
	s := 0.0
	for i, y := range m.g.y {
		s += m.g.count[i] * y
	}
	return int(math.Round(s))
}

// RateRatio returns the exponential of a coefficient: the rate ratio of an arm against
// the reference, or of one unit of a number, given the other terms. It panics where
// there is no such coefficient.
func (m *CountsFit) RateRatio(name string) stats.Ratio {
	return stats.Ratio{Log: m.Coefficient(name)}
}

// LogLik returns the log-likelihood. It is Poisson's for QuasiPoisson, which has none.
func (m *CountsFit) LogLik() float64 { return m.ll }

// Deviance returns twice how far the log-likelihood lies below that of means that equal
// the counts, at the model's α.
func (m *CountsFit) Deviance() float64 {
	each := make([]float64, len(m.g.y))
	for i, y := range m.g.y {
		eta := m.g.eta(m.gamma, i)
		mu := math.Exp(eta)
		if y > 0 {
			each[i] = y * (math.Log(y) - eta)
		}
		if m.model == NegativeBinomial {
			each[i] -= (y + 1/m.alpha) * (math.Log1p(m.alpha*y) - math.Log1p(m.alpha*mu))
		} else {
			each[i] += mu - y
		}
		each[i] *= 2 * m.g.count[i]
	}
	return num.Sum(each)
}

// DF returns the residual degrees of freedom n − p.
func (m *CountsFit) DF() float64 { return float64(m.g.n - len(m.g.q)) }

// Dispersion returns how much larger the variance is than Poisson's: φ of QuasiPoisson,
// by Pearson's χ² over n − p, and 1 for the other models.
func (m *CountsFit) Dispersion() float64 { return m.dispersion }

// Alpha returns the negative binomial's α with a standard error at fixed means; both are
// 0 for Poisson models. R's theta is its inverse.
func (m *CountsFit) Alpha() (value, se float64) {
	if m.model != NegativeBinomial {
		return 0, 0
	}
	return m.alpha, 1 / math.Sqrt(m.curvature)
}

// Observed returns the fit with standard errors from the observed information of all
// coefficients and α together, as SAS prints them; the estimates are the same. Of a
// Poisson model it is the same fit.
func (m *CountsFit) Observed() *CountsFit {
	r := *m
	if m.model == NegativeBinomial {
		r.cov, r.errs = m.joint, "observed information"
	}
	return &r
}

// Robust returns the fit with the sandwich covariance HC0 or HC1, which holds whatever
// the variance of the counts is; the estimates are the same and pivots normal. Profile
// does not use it. It panics for other errors.
func (m *CountsFit) Robust(hc HC) *CountsFit {
	r := *m
	r.cov, r.errs, r.df = m.robustCov("CountsFit", hc), string(hc), math.Inf(1)
	return &r
}

// Profile returns a coefficient for questions by profile likelihood, of a negative
// binomial model maximized over α as well; P(0) is the likelihood ratio test of it. A
// QuasiPoisson model has no likelihood: its interval fails, and so does that of a
// likelihood with two hills, whose accepted values are no interval. It panics where there
// is no such coefficient.
func (m *CountsFit) Profile(name string) Profile {
	c := &profiled{fn: "Counts", name: name, how: "profile likelihood, " + string(m.model), coef: m.Coefficient(name), concave: m.model == PoissonCounts && !m.chosen}
	if m.chosen {
		// Where α is 0 at the maximum, the likelihood falls as Poisson's at first; farther
		// out α grows, and it may rise again.
		c.again = []float64{2}
		if m.model == PoissonCounts {
			c.again = []float64{1.5, 2, 3}
		}
	}
	g := m.g
	last := slices.Index(g.est.kept, m.index(name))
	switch {
	case m.model == QuasiPoisson:
		c.err = &stats.SampleError{Func: "Profile", Arg: name, Index: -1, Err: stats.ErrDomain, Info: "a quasi-likelihood has no profile"}
		return Profile{c}
	case last < 0 || !c.coef.Estimable():
		c.err = &stats.SampleError{Func: "Profile", Arg: name, Index: -1, Err: stats.ErrSingular, Info: "not estimable"}
		return Profile{c}
	}
	b := newBasisWith(g.est.columns(g.d), g.count, last)
	for _, q := range b.q { // orthonormal: γ = Qᵀη/n
		s := 0.0
		for i, x := range q {
			s += g.count[i] * x * (g.eta(m.gamma, i) - g.off[i])
		}
		c.best = append(c.best, s/float64(g.n))
	}
	k := len(b.q)
	perUnit := b.fit.r[k*k-1].Float()
	constant := logFactorials(g)
	poisson := &glm{fn: g.fn, y: g.y, m: g.m, off: g.off, count: g.count, q: b.q, family: poissonFamily}
	alone, enough := m.model == PoissonCounts && !m.chosen, 0.0
	var a *alphaLikelihood
	if !alone {
		a, enough = newAlphaLikelihood(poisson), nearEnough
	}
	c.fall = func(null float64, start []float64) (float64, []float64, error) {
		from := slices.Clone(start)
		from[k-1] = null * perUnit
		f, err := approach(poisson, from, true, enough)
		if err != nil {
			return 0, nil, err
		}
		if alone {
			return m.ll - (f.ll - constant), f.par, nil
		}
		nb, err := a.best(f, m.alpha, true)
		if err != nil {
			return 0, nil, err
		}
		return m.ll - (nb.ll - constant), nb.par[1:], nil
	}
	return Profile{c}
}

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
