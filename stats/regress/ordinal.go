package regress

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
)

// mostLevels is the number of categories beyond which an outcome is no scale of
// ordered categories.
const mostLevels = 100

// OrdinalFit is a fitted proportional-odds model.
type OrdinalFit struct {
	d      *design
	c      *cumulative
	levels []float64 // the outcome's values, ascending
	counts []float64 // participants at each
	n      int
	of     []int32 // participant → row; nil where each has one
	est    *estimable
	basis  *basis
	par    []float64 // thresholds, then coefficients in the coordinates of basis but its first
	cov    []float64 // of par
	robust bool
	ll     float64
}

// Ordinal fits the proportional-odds model of an outcome of ordered categories,
//
//	logit P(Y ≤ j) = θⱼ − Xβ,
//
// by maximum likelihood, y independent; its different values are the categories, in
// their order. A coefficient is a log odds ratio of a higher value, the same at every
// cut of the scale, and positive where values are larger. Coefficient is by the normal
// distribution with the observed information (Wald), Profile by the likelihood ratio,
// which is better in small samples: both are approximate. Where the odds are not
// proportional, which Brant and NominalTest look into, the odds ratio is an average over
// the cuts, and Benefit of package rank needs no such assumption.
//
// The iterations run in an orthonormal basis of the columns: neither the origin nor the
// unit of a column changes an answer beyond rounding. Two categories give Logistic.
//
// It refuses fewer than two categories (ErrNoVariation), more than 100 (ErrDomain), a
// variable that others determine (ErrSingular), no more participants than coefficients
// and thresholds (ErrTooFew) and, naming the coefficients, data in which the likelihood
// rises for ever (ErrSeparation: all values of one arm above those of the other).
//
// Source: McCullagh 1980, doi:10.1111/j.2517-6161.1980.tb01109.x; Pratt 1981,
// doi:10.1080/01621459.1981.10477613, for the concave likelihood. Agrees with R's
// ordinal::clm and MASS::polr, SAS PROC LOGISTIC with the sign turned.
func Ordinal(y []float64, terms ...Term) (*OrdinalFit, error) {
	const fn = "Ordinal"
	if err := check.Sample(fn, "y", y, 2); err != nil {
		return nil, err
	}
	d, err := checkedTerms(fn, len(y), terms, true)
	if err != nil {
		return nil, err
	}
	m := &OrdinalFit{n: len(y)}
	m.levels = slices.Clone(y)
	slices.Sort(m.levels)
	m.levels = slices.Compact(m.levels)
	if len(m.levels) < 2 {
		return nil, check.NoVariation(fn, "y")
	}
	if len(m.levels) > mostLevels {
		return nil, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprintf("%d different values, at most %d are categories", len(m.levels), mostLevels)}
	}
	codes := make([]int32, len(y))
	m.counts = make([]float64, len(m.levels))
	for i, v := range y {
		k, _ := slices.BinarySearch(m.levels, v)
		codes[i] = int32(k)
		m.counts[k]++
	}
	g := d.groupBy(codes, len(m.levels))
	if err := g.d.build(); err != nil {
		return nil, err
	}
	m.d, m.of = g.d, g.of
	fit := solveLS(m.d.cols, g.y, g.weights())
	if m.est, err = m.d.estimable(fit); err != nil {
		return nil, err
	}
	p := fit.rank() - 1
	if need := p + len(m.levels); len(y) < need {
		return nil, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("n = %d, need %d: the model has %d coefficients and %d thresholds", len(y), need, p, len(m.levels)-1)}
	}
	m.basis = newBasis(m.est.columns(m.d), g.count, fit)
	m.c = &cumulative{fn: fn, count: g.count, levels: len(m.levels), q: m.basis.q[1:], w: [][]float64{ones(len(g.y))}}
	for _, v := range g.y {
		m.c.level = append(m.c.level, int(v))
	}
	best, err := climb(m.c, m.start(p), false)
	if err != nil {
		return nil, m.separated(err)
	}
	m.par, m.ll = best.par, best.ll
	if m.cov = inverse(best.info, m.c.size()); m.cov == nil {
		return nil, m.c.unsettled("the information vanishes")
	}
	return m, nil
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// start is the model without covariates, whose thresholds are the observed logits.
func (m *OrdinalFit) start(p int) []float64 {
	var out []float64
	below := 0.0
	for _, k := range m.counts[:len(m.counts)-1] {
		below += k
		out = append(out, math.Log(below/(float64(m.n)-below)))
	}
	return append(out, make([]float64, p)...)
}

// separated names the coefficients that a likelihood without maximum sends to infinity.
func (m *OrdinalFit) separated(err error) error {
	var s *separation
	if !errors.As(err, &s) {
		return err
	}
	var names []string
	arg := "y"
	for k, b := range m.basis.coefficients(append([]float64{0}, s.step[len(m.levels)-1:]...)) {
		j := m.est.kept[k]
		c := m.d.cols[j]
		if spread := slices.Max(c) - slices.Min(c); math.Abs(b)*spread > 1e-6*s.size {
			names = append(names, m.d.names[j]+map[bool]string{true: " → +∞", false: " → −∞"}[b > 0])
			arg = m.d.terms[m.d.assign[j]].Name()
		}
	}
	return &stats.SampleError{Func: "Ordinal", Arg: arg, Index: -1, Err: ErrSeparation, Info: strings.Join(names, ", ")}
}

// N returns the number of participants.
func (m *OrdinalFit) N() int { return m.n }

// Levels returns the outcome's values, ascending, and how many participants have each.
func (m *OrdinalFit) Levels() (values []float64, counts []int) {
	for _, k := range m.counts {
		counts = append(counts, int(k))
	}
	return slices.Clone(m.levels), counts
}

// Names returns the names of the coefficients, without the thresholds.
func (m *OrdinalFit) Names() []string { return slices.Clone(m.d.names[1:]) }

// Coefficients returns all coefficients, log odds ratios of a higher value, with normal
// pivots (Wald).
func (m *OrdinalFit) Coefficients() Coefficients {
	out := make(Coefficients, len(m.d.names)-1)
	l := make([]float64, len(m.d.names))
	for j := range out {
		l[j+1] = 1
		out[j] = Coefficient{m.d.names[j+1], m.combine(l, -1)}
		l[j+1] = 0
	}
	return out
}

// Coefficient returns the coefficient of that name, a log odds ratio. It panics where
// there is none.
func (m *OrdinalFit) Coefficient(name string) stats.Estimate {
	return m.Coefficients()[m.index(name)-1].Estimate
}

// OddsRatio returns the exponential of a coefficient: the odds ratio of a value above
// any cut, of an arm against the reference or of one unit of a number, given the other
// terms. It panics where there is no such coefficient.
func (m *OrdinalFit) OddsRatio(name string) stats.Ratio {
	return stats.Ratio{Log: m.Coefficient(name)}
}

func (m *OrdinalFit) index(name string) int {
	if j := slices.Index(m.d.names[1:], name); j >= 0 {
		return j + 1
	}
	panic(fmt.Sprintf("regress.OrdinalFit.Coefficient: no coefficient %q; there are %s", name, strings.Join(m.d.names[1:], ", ")))
}

// Contrast returns Σ l[j]·β[j], one element a coefficient, with a normal pivot.
func (m *OrdinalFit) Contrast(l []float64) stats.Estimate {
	if len(l) != len(m.d.names)-1 {
		panic(fmt.Sprintf("regress.OrdinalFit.Contrast: contrast of %d elements for %d coefficients", len(l), len(m.d.names)-1))
	}
	return m.combine(append([]float64{0}, l...), -1)
}

// Thresholds returns the cuts θ, the logit of a value of at most each level but the last
// where all columns are 0, named after the levels below and above.
func (m *OrdinalFit) Thresholds() Coefficients {
	l := make([]float64, len(m.d.names))
	l[0] = 1
	var out Coefficients
	for j := range len(m.levels) - 1 {
		out = append(out, Coefficient{fmt.Sprintf("%v|%v", m.levels[j], m.levels[j+1]), m.combine(l, j)})
	}
	return out
}

// combine is l·β of the design with intercept, whose own coefficient is the part of Xβ
// that the basis takes out of the thresholds: of threshold j, θⱼ − l·β.
func (m *OrdinalFit) combine(l []float64, threshold int) stats.Estimate {
	kept, ok := m.est.restrict(l)
	if !ok {
		return notEstimable(math.Inf(1))
	}
	k := len(m.levels) - 1
	w := make([]float64, len(m.par))
	copy(w[k:], m.basis.coordinates(kept)[1:])
	if threshold >= 0 {
		for j := range w {
			w[j] = -w[j]
		}
		w[threshold] = 1
	}
	v := 0.0
	for j, x := range w {
		v += x * m.par[j]
	}
	return stats.Estimate{Value: v, SE: math.Sqrt(quadForm(m.cov, len(w), w)), DF: math.Inf(1)}
}

// LogLik returns the log-likelihood.
func (m *OrdinalFit) LogLik() float64 { return m.ll }

// NullLogLik returns that of the model without covariates.
func (m *OrdinalFit) NullLogLik() float64 {
	s := 0.0
	for _, k := range m.counts {
		s += k * math.Log(k/float64(m.n))
	}
	return s
}

// LikelihoodRatio tests all coefficients at once against none, χ² with as many df.
func (m *OrdinalFit) LikelihoodRatio() stats.ChiSquareTest {
	return stats.ChiSquareTest{X2: math.Max(0, 2*(m.ll-m.NullLogLik())), DF: float64(len(m.c.q))}
}

// Robust returns the fit with the sandwich covariance HC0, which holds where the odds
// are not proportional too; the estimates are the same. Profile does not use it.
func (m *OrdinalFit) Robust() *OrdinalFit {
	n := m.c.size()
	meat := make([]float64, n*n)
	_, _, info := m.c.evaluateEach(m.par, func(i int, s []float64) {
		for j, a := range s {
			for k, b := range s {
				meat[j*n+k] += m.c.count[i] * a * b
			}
		}
	})
	r := *m
	r.cov, r.robust = sandwiched(inverse(info, n), meat, n), true
	return &r
}

// Profile returns a coefficient for questions by profile likelihood; P(0) is the
// likelihood ratio test of it. It panics where there is no such coefficient. Agrees with
// R's confint of ordinal::clm, which interpolates the profile.
func (m *OrdinalFit) Profile(name string) Profile {
	c := &profiled{fn: "Ordinal", name: name, how: "profile likelihood, proportional odds", coef: m.Coefficient(name), concave: true}
	last := slices.Index(m.est.kept, m.index(name))
	if last < 0 || !c.coef.Estimable() {
		c.err = &stats.SampleError{Func: "Profile", Arg: name, Index: -1, Err: stats.ErrSingular, Info: "not estimable"}
		return Profile{c}
	}
	b := newBasisWith(m.est.columns(m.d), m.c.count, last)
	held := *m.c
	held.q = b.q[1:]
	k := len(m.levels) - 1
	c.best = slices.Clone(m.par[:k])
	for _, q := range held.q { // orthonormal: γ = Qᵀη/n
		s := 0.0
		for i, x := range q {
			eta := 0.0
			for j, own := range m.c.q {
				eta += own[i] * m.par[k+j]
			}
			s += m.c.count[i] * x * eta
		}
		c.best = append(c.best, s/float64(m.n))
	}
	size := len(b.q)
	perUnit := b.fit.r[size*size-1].Float()
	c.fall = func(null float64, start []float64) (float64, []float64, error) {
		from := slices.Clone(start)
		from[len(from)-1] = null * perUnit
		f, err := climb(&held, from, true)
		if err != nil {
			return 0, nil, err
		}
		return m.ll - f.ll, f.par, nil
	}
	return Profile{c}
}
