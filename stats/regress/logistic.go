package regress

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// ErrSeparation: the model predicts some outcomes perfectly, so that
// coefficients are infinite.
var ErrSeparation = errors.New("separation: a coefficient is infinite")

// LogisticOptions sets a logistic regression apart from the recommended one,
// maximum likelihood.
type LogisticOptions struct {
	// Firth maximizes the likelihood times the square root of the
	// information's determinant: finite always, less biased with few events.
	Firth bool
	// NoIntercept leaves the intercept out.
	NoIntercept bool
}

// LogisticFit is a fitted logistic regression.
type LogisticFit struct {
	d     *design
	y     []float64 // of the design's rows
	count []float64 // participants that each row stands for
	of    []int32   // participant → row; nil where each has one (see grouped)
	n     int       // participants
	firth bool
	est   *estimable
	basis *basis
	gamma []float64 // coefficients in the coordinates of basis
	eta   []float64
	cov   []float64 // of gamma
	obj   float64   // the (penalized) log-likelihood at its maximum
	ll    float64   // the log-likelihood there
}

// Logistic fits logit P(y) = Xβ by maximum likelihood, y independent. Intervals
// and p-values of its coefficients are approximate: Coefficient by the normal
// distribution (Wald), Profile by the likelihood ratio, which is better with
// few events.
//
// Where columns depend on each other, as an interaction's do for a cell without
// data, it answers what is estimable and names the rest by NotEstimable. It
// refuses an outcome without both values (ErrNoVariation), a variable that
// others determine (ErrSingular), n ≤ p (ErrTooFew) and, naming the
// coefficients, data in which some outcomes are predicted perfectly
// (ErrSeparation: the estimate is infinite and a finite one is where the
// iterations happened to stop). LogisticWith with Firth answers then, from
// n = p on and without events too: of two arms its log odds ratio is
// log((x₁+½)/(n₁−x₁+½)) − log((x₂+½)/(n₂−x₂+½)) for every table.
//
// The iterations run in an orthonormal basis of the columns: neither the
// origin nor the unit of a column changes an answer beyond rounding.
//
// Source: McCullagh & Nelder 1989; Albert & Anderson 1984,
// doi:10.1093/biomet/71.1.1; Firth 1993, doi:10.1093/biomet/80.1.27; Heinze &
// Schemper 2002, doi:10.1002/sim.1047. Agrees with R's glm(family = binomial)
// and logistf.
func Logistic(y []bool, terms ...Term) (*LogisticFit, error) {
	return LogisticWith(y, terms, LogisticOptions{})
}

// LogisticWith is Logistic with options.
func LogisticWith(y []bool, terms []Term, opts LogisticOptions) (*LogisticFit, error) {
	const fn = "Logistic"
	d, err := checkedTerms(fn, len(y), terms, !opts.NoIntercept)
	if err != nil {
		return nil, err
	}
	g := d.group(y)
	if err := g.d.build(); err != nil {
		return nil, err
	}
	d = g.d
	m := &LogisticFit{d: d, firth: opts.Firth, y: g.y, count: g.count, of: g.of, n: len(y)}
	events := 0
	for _, v := range y {
		if v {
			events++
		}
	}
	fit := solveLS(d.cols, m.y, g.weights())
	est, err := d.estimable(fit)
	n, p := len(y), fit.rank()
	if err != nil {
		p = len(d.cols)
	}
	need := p + 1
	if opts.Firth {
		need = p // a saturated model is finite as well
	}
	if n < need {
		return nil, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("n = %d, need %d: the model has %d coefficients", n, need, p)}
	}
	if err != nil {
		return nil, err
	}
	if !opts.Firth && (events == 0 || events == n) {
		return nil, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrNoVariation,
			Info: fmt.Sprintf("%d events of %d", events, n)}
	}
	m.est, m.basis = est, newBasis(est.columns(d), m.count, fit)
	f, err := m.maximize(m.basis, math.NaN(), make([]float64, p))
	if err != nil {
		return nil, err
	}
	m.eta, m.obj, m.ll = f.eta, f.obj, f.ll
	m.gamma = f.gamma
	m.cov = m.basis.information(f.eta).xtxInv()
	return m, nil
}

// logisticFit is a maximum, of all coefficients or of all but one held fixed.
type logisticFit struct {
	gamma, eta []float64
	obj, ll    float64
	penalty    *firthPart
}

// maximize runs Newton's method with step halving from start, in the
// coordinates of b. Where fixed is a number the last of them is held there.
func (m *LogisticFit) maximize(b *basis, fixed float64, start []float64) (*logisticFit, error) {
	p := len(b.q)
	gamma := append([]float64(nil), start...)
	free := b.q
	if !math.IsNaN(fixed) {
		free, gamma[p-1] = b.q[:p-1], fixed
	}
	f, err := m.evaluate(b, gamma)
	if err != nil || len(free) == 0 {
		return f, err
	}
	last := math.Inf(1)
	for range 2000 {
		step, gain, err := m.step(free, f)
		if err != nil {
			return nil, err
		}
		move := b.predict(step)
		size := maxAbs(move) // in units of the linear predictor
		small := 1e-13 * (1 + maxAbs(f.eta))
		if size <= small || (gain <= 1e-22 && size > last/2) {
			return f, nil // settled, or as small as rounding lets it get
		}
		last = size
		// With a coefficient held fixed nothing can diverge that does not
		// without.
		if !m.firth && math.IsNaN(fixed) && m.certifies(move, size) {
			return nil, m.separated(b.coefficients(step), size)
		}
		next, err := m.climb(b, f, step, math.Min(1, 5/size))
		if err != nil {
			return nil, err
		}
		if next == nil {
			if gain <= 1e-12 {
				return f, nil // no rise left that float64 could tell
			}
			return nil, m.unsettled("no step raises the likelihood")
		}
		f = next
	}
	return nil, m.unsettled("2000 iterations")
}

// step is Newton's step for the free columns, and gain twice the rise of the
// objective that it promises.
func (m *LogisticFit) step(free [][]float64, f *logisticFit) (step []float64, gain float64, err error) {
	if m.firth {
		step, gain = f.penalty.step(m.y, m.count, f.eta, len(free))
		return step, gain, nil
	}
	if step, gain, ok := m.quickStep(free, f); ok {
		return step, gain, nil
	}
	n := len(m.y)
	w, z := make([]float64, n), make([]float64, n)
	for i := range n {
		_, v := logistic(f.eta[i])
		// An observation fitted to the last bit has no weight left.
		v = math.Max(v, 1e-300)
		z[i] = residual(m.y[i], f.eta[i]) / v
		w[i] = m.count[i] * v
	}
	fit := solveLS(free, z, w)
	if len(fit.aliased) > 0 {
		return nil, 0, m.unsettled("the weights of too many participants vanish")
	}
	step = make([]float64, len(f.gamma))
	for k := range free {
		step[k] = fit.beta[k].Float()
		q := fit.qty[k].Float()
		gain += q * q
	}
	return step, gain, nil
}

// climb halves the step until the objective does not fall; nil where it always
// does.
func (m *LogisticFit) climb(b *basis, f *logisticFit, step []float64, scale float64) (*logisticFit, error) {
	for range 60 {
		gamma := append([]float64(nil), f.gamma...)
		for j := range gamma {
			gamma[j] += scale * step[j]
		}
		g, err := m.evaluate(b, gamma)
		if err != nil {
			return nil, err
		}
		if g.obj >= f.obj-1e-14*math.Abs(f.obj) {
			return g, nil
		}
		scale /= 2
	}
	return nil, nil
}

func (m *LogisticFit) unsettled(why string) error {
	return &stats.SampleError{Func: "Logistic", Arg: "y", Index: -1, Err: stats.ErrNotConverged, Info: why}
}

// certifies reports whether the direction proves separation: no outcome is
// predicted worse along it and some better, for ever (Albert & Anderson 1984).
// Newton's steps turn into such a direction where the data are separated.
func (m *LogisticFit) certifies(move []float64, size float64) bool {
	if size < 0.4 {
		return false
	}
	for i, y := range m.y {
		s := move[i]
		if y == 0 {
			s = -s
		}
		if s < -1e-9*size {
			return false
		}
	}
	return true
}

func (m *LogisticFit) separated(step []float64, size float64) error {
	var names []string
	arg := "y"
	for k, s := range step {
		j := m.est.kept[k]
		// What the coefficient moves: by the column's spread, whatever its
		// origin and unit; the intercept by itself.
		c := m.d.cols[j]
		spread := slices.Max(c) - slices.Min(c)
		if spread == 0 {
			spread = 1
		}
		if math.Abs(s)*spread > 1e-6*size {
			names = append(names, m.d.names[j]+map[bool]string{true: " → +∞", false: " → −∞"}[s > 0])
			arg = m.d.terms[m.d.assign[j]].Name()
		}
	}
	return &stats.SampleError{Func: "Logistic", Arg: arg, Index: -1, Err: ErrSeparation, Info: strings.Join(names, ", ")}
}

func (m *LogisticFit) evaluate(b *basis, gamma []float64) (*logisticFit, error) {
	f := &logisticFit{gamma: gamma, eta: b.predict(gamma)}
	// Compensated: beside 100,000 participants' likelihood a last step's rise is
	// less than the rounding of a plain sum, which would have it refused.
	each := make([]float64, len(f.eta))
	for i, e := range f.eta {
		each[i] = m.count[i] * logOutcome(m.y[i], e)
	}
	f.ll = num.Sum(each)
	f.obj = f.ll
	if !m.firth {
		return f, nil
	}
	part, half, err := m.penalty(b, f.eta)
	if err != nil {
		return nil, err
	}
	f.penalty = part
	f.obj += half
	return f, nil
}

// logistic returns the probability and its variance p(1 − p).
func logistic(eta float64) (p, v float64) {
	e := math.Exp(-math.Abs(eta))
	v = e / ((1 + e) * (1 + e))
	if eta >= 0 {
		return 1 / (1 + e), v
	}
	return e / (1 + e), v
}

// residual is y − p without cancellation.
func residual(y, eta float64) float64 {
	if y == 1 {
		p, _ := logistic(-eta)
		return p
	}
	p, _ := logistic(eta)
	return -p
}

// logOutcome is the log-probability of y.
func logOutcome(y, eta float64) float64 {
	if y == 1 {
		eta = -eta
	}
	if eta > 0 {
		return -eta - math.Log1p(math.Exp(-eta))
	}
	return -math.Log1p(math.Exp(eta))
}

func maxAbs(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = math.Max(m, math.Abs(v))
	}
	return m
}

// Names returns the names of the coefficients.
func (m *LogisticFit) Names() []string { return append([]string(nil), m.d.names...) }

// N returns the number of participants.
func (m *LogisticFit) N() int { return m.n }

// Coefficients returns all coefficients, on the log-odds scale, with normal
// pivots (Wald).
func (m *LogisticFit) Coefficients() Coefficients {
	p := len(m.d.names)
	out := make(Coefficients, p)
	l := make([]float64, p)
	beta := m.basis.coefficients(m.gamma)
	k := 0
	for j := range out {
		l[j] = 1
		e := m.Contrast(l)
		if k < len(beta) && m.est.kept[k] == j {
			if e.Estimable() {
				e.Value = beta[k]
			}
			k++
		}
		out[j] = Coefficient{m.d.names[j], e}
		l[j] = 0
	}
	return out
}

// Coefficient returns the coefficient of that name, a log odds ratio. It
// panics where there is none.
func (m *LogisticFit) Coefficient(name string) stats.Estimate {
	return m.Coefficients()[m.index(name)].Estimate
}

// OddsRatio returns the exponential of a coefficient: the odds ratio of an arm
// against the reference, or of one unit of a number, given the other terms.
// It panics where there is no such coefficient.
func (m *LogisticFit) OddsRatio(name string) stats.Ratio {
	return stats.Ratio{Log: m.Coefficient(name)}
}

func (m *LogisticFit) index(name string) int {
	for j, s := range m.d.names {
		if s == name {
			return j
		}
	}
	panic(fmt.Sprintf("regress.LogisticFit.Coefficient: no coefficient %q; there are %s", name, strings.Join(m.d.names, ", ")))
}

// Contrast returns Σ l[j]·β[j] with a normal pivot.
func (m *LogisticFit) Contrast(l []float64) stats.Estimate {
	if len(l) != len(m.d.names) {
		panic(fmt.Sprintf("regress.LogisticFit.Contrast: contrast of %d elements for %d coefficients", len(l), len(m.d.names)))
	}
	c, ok := m.coordinates(l)
	if !ok {
		return notEstimable(math.Inf(1))
	}
	v := 0.0
	for j := range c {
		v += c[j] * m.gamma[j]
	}
	return stats.Estimate{Value: v, SE: math.Sqrt(quadForm(m.cov, len(c), c)), DF: math.Inf(1)}
}

// coordinates returns a contrast in the basis; not ok where it is not estimable.
func (m *LogisticFit) coordinates(l []float64) ([]float64, bool) {
	kept, ok := m.est.restrict(l)
	if !ok {
		return nil, false
	}
	return m.basis.coordinates(kept), true
}

// Cov returns the covariance matrix of the coefficients: the inverse
// information at the estimate; NaN for those that are not estimable.
func (m *LogisticFit) Cov() [][]float64 {
	return m.est.expand(m.basis.covariance(m.cov), m.d.names)
}

// LogLik returns the log-likelihood (without Firth's penalty).
func (m *LogisticFit) LogLik() float64 { return m.ll }

// Deviance returns −2·LogLik.
func (m *LogisticFit) Deviance() float64 { return -2 * m.ll }

// NullDeviance returns the deviance of the model of one common probability (or
// of probability 1/2, without intercept).
func (m *LogisticFit) NullDeviance() float64 {
	n, k := float64(m.n), 0.0
	for i, y := range m.y {
		k += m.count[i] * y
	}
	if len(m.d.terms[0].vars) > 0 {
		return 2 * n * math.Ln2
	}
	return -2 * (k*math.Log(k/n) + (n-k)*math.Log1p(-k/n))
}

// AIC returns −2·LogLik + 2p.
func (m *LogisticFit) AIC() float64 { return -2*m.ll + 2*float64(len(m.gamma)) }

// Fitted returns the estimated probabilities.
func (m *LogisticFit) Fitted() []float64 {
	out := make([]float64, m.n)
	for i := range out {
		row := i
		if m.of != nil {
			row = int(m.of[i])
		}
		out[i], _ = logistic(m.eta[row])
	}
	return out
}
