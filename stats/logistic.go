package stats

import (
	"errors"
	"fmt"
	"math"
	"strings"
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

// LogisticModel is a fitted logistic regression.
type LogisticModel struct {
	d     *design
	y     []float64
	firth bool
	beta  []float64
	eta   []float64
	cov   []float64
	obj   float64 // the (penalized) log-likelihood at its maximum
	ll    float64 // the log-likelihood there
}

// Logistic fits logit P(y) = Xβ by maximum likelihood, y independent. Intervals
// and p-values of its coefficients are approximate: Coefficient by the normal
// distribution (Wald), Profile by the likelihood ratio, which is better with
// few events.
//
// It refuses an outcome without both values (ErrNoVariation), columns that
// depend on each other (ErrSingular), n ≤ p (ErrTooFew) and, naming the
// coefficients, data in which some outcomes are predicted perfectly
// (ErrSeparation: the estimate is infinite and a finite one is where the
// iterations happened to stop). LogisticWith with Firth answers then.
//
// Source: McCullagh & Nelder 1989; Albert & Anderson 1984,
// doi:10.1093/biomet/71.1.1; Firth 1993, doi:10.1093/biomet/80.1.27; Heinze &
// Schemper 2002, doi:10.1002/sim.1047. Agrees with R's glm(family = binomial)
// and logistf.
func Logistic(y []bool, terms ...Term) (*LogisticModel, error) {
	return LogisticWith(y, terms, LogisticOptions{})
}

// LogisticWith is Logistic with options.
func LogisticWith(y []bool, terms []Term, opts LogisticOptions) (*LogisticModel, error) {
	const fn = "Logistic"
	d, err := newDesign(fn, len(y), terms, !opts.NoIntercept)
	if err != nil {
		return nil, err
	}
	m := &LogisticModel{d: d, firth: opts.Firth, y: make([]float64, len(y))}
	events := 0
	for i, v := range y {
		if v {
			m.y[i] = 1
			events++
		}
	}
	n, p := len(y), len(d.cols)
	if n <= p {
		return nil, &SampleError{Func: fn, Arg: "y", Index: -1, Err: ErrTooFew,
			Info: fmt.Sprintf("n = %d, need %d: the model has %d coefficients", n, p+1, p)}
	}
	if aliased := solveLS(d.cols, m.y, nil).aliased; len(aliased) > 0 {
		return nil, d.aliasedError(aliased)
	}
	if events == 0 || events == n {
		return nil, &SampleError{Func: fn, Arg: "y", Index: -1, Err: ErrNoVariation,
			Info: fmt.Sprintf("%d events of %d", events, n)}
	}
	f, err := m.maximize(-1, 0, make([]float64, p))
	if err != nil {
		return nil, err
	}
	m.beta, m.eta, m.obj, m.ll = f.beta, f.eta, f.obj, f.ll
	m.cov = m.information(f.eta).xtxInv()
	return m, nil
}

// logisticFit is a maximum, of all coefficients or of all but one held fixed.
type logisticFit struct {
	beta, eta []float64
	obj, ll   float64
	info      *lsFit // the information at beta, which only Firth needs on the way
}

// maximize runs Newton's method with step halving from start, holding
// coefficient fixed (−1: none) at value.
func (m *LogisticModel) maximize(fixed int, value float64, start []float64) (*logisticFit, error) {
	n, p := len(m.y), len(m.d.cols)
	beta := append([]float64(nil), start...)
	var free [][]float64
	var index []int
	for j, c := range m.d.cols {
		if j == fixed {
			beta[j] = value
			continue
		}
		free, index = append(free, c), append(index, j)
	}
	f := m.evaluate(beta)
	for range 200 {
		w, z := make([]float64, n), make([]float64, n)
		h := f.hat(m)
		for i := range n {
			mu, v := logistic(f.eta[i])
			score := residual(m.y[i], f.eta[i])
			if m.firth {
				score += h[i] * (0.5 - mu)
			}
			// An observation fitted to the last bit has no weight left.
			w[i] = math.Max(v, 1e-300)
			z[i] = score / w[i]
		}
		step := make([]float64, p)
		size := 0.0
		if len(free) > 0 {
			fit := solveLS(free, z, w)
			if len(fit.aliased) > 0 {
				return nil, m.separated(step)
			}
			for k, j := range index {
				step[j] = fit.beta[k].Float()
			}
			for i := range n { // the step's size in units of the weighted errors
				s := 0.0
				for j, c := range m.d.cols {
					s += c[i] * step[j]
				}
				size = math.Max(size, math.Abs(s))
			}
		}
		if size <= 1e-13*(1+maxAbs(f.eta)) {
			return f, nil
		}
		if !m.firth && m.certifies(step, size) {
			return nil, m.separated(step)
		}
		scale := math.Min(1, 5/size)
		for range 60 {
			next := append([]float64(nil), f.beta...)
			for j := range next {
				next[j] += scale * step[j]
			}
			g := m.evaluate(next)
			if g.obj >= f.obj-1e-12*math.Abs(f.obj) {
				f = g
				break
			}
			scale /= 2
		}
		if scale*size <= 1e-12*(1+maxAbs(f.eta)) {
			return f, nil
		}
	}
	return nil, &SampleError{Func: "Logistic", Arg: "y", Index: -1, Err: ErrNotConverged, Info: "200 iterations"}
}

// certifies reports whether the direction proves separation: no outcome is
// predicted worse along it and some better, for ever (Albert & Anderson 1984).
// Newton's steps turn into such a direction where the data are separated.
func (m *LogisticModel) certifies(step []float64, size float64) bool {
	if size < 0.4 {
		return false
	}
	for i, y := range m.y {
		s := 0.0
		for j, c := range m.d.cols {
			s += c[i] * step[j]
		}
		if y == 0 {
			s = -s
		}
		if s < -1e-9*size {
			return false
		}
	}
	return true
}

func (m *LogisticModel) separated(step []float64) error {
	var names []string
	arg := "y"
	big := maxAbs(step)
	for j, s := range step {
		if math.Abs(s) > 1e-6*big {
			names = append(names, m.d.names[j]+map[bool]string{true: " → +∞", false: " → −∞"}[s > 0])
			arg = m.d.terms[m.d.assign[j]].Name()
		}
	}
	return &SampleError{Func: "Logistic", Arg: arg, Index: -1, Err: ErrSeparation, Info: strings.Join(names, ", ")}
}

func (m *LogisticModel) evaluate(beta []float64) *logisticFit {
	n := len(m.y)
	f := &logisticFit{beta: beta, eta: make([]float64, n)}
	for i := range n {
		for j, c := range m.d.cols {
			f.eta[i] += c[i] * beta[j]
		}
		f.ll += logOutcome(m.y[i], f.eta[i])
	}
	f.obj = f.ll
	if m.firth {
		f.info = m.information(f.eta)
		p := f.info.rank()
		for k := range p {
			f.obj += math.Log(math.Abs(f.info.r[k*p+k].Float()))
		}
	}
	return f
}

// information is the weighted least squares whose cross-products are the
// Fisher information at linear predictor eta.
func (m *LogisticModel) information(eta []float64) *lsFit {
	w := make([]float64, len(eta))
	for i, e := range eta {
		_, v := logistic(e)
		w[i] = math.Max(v, 1e-300)
	}
	return solveLS(m.d.cols, m.y, w)
}

// hat returns the diagonal of the weighted hat matrix, which only Firth needs.
func (f *logisticFit) hat(m *LogisticModel) []float64 {
	h := make([]float64, len(m.y))
	if !m.firth {
		return h
	}
	row := make([]float64, len(m.d.cols))
	for i := range h {
		for j, c := range m.d.cols {
			row[j] = c[i]
		}
		_, v := logistic(f.eta[i])
		h[i] = f.info.quad(row) * v
	}
	return h
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
func (m *LogisticModel) Names() []string { return append([]string(nil), m.d.names...) }

// N returns the number of participants.
func (m *LogisticModel) N() int { return len(m.y) }

// Coefficients returns all coefficients, on the log-odds scale, with normal
// pivots (Wald).
func (m *LogisticModel) Coefficients() []Coefficient {
	p := len(m.beta)
	out := make([]Coefficient, p)
	for j := range out {
		out[j] = Coefficient{m.d.names[j], Estimate{Value: m.beta[j], SE: math.Sqrt(m.cov[j*p+j]), DF: math.Inf(1)}}
	}
	return out
}

// Coefficient returns the coefficient of that name, a log odds ratio. It
// panics where there is none.
func (m *LogisticModel) Coefficient(name string) Estimate {
	return m.Coefficients()[m.index(name)].Estimate
}

// OddsRatio returns the exponential of a coefficient: the odds ratio of an arm
// against the reference, or of one unit of a number, given the other terms.
// It panics where there is no such coefficient.
func (m *LogisticModel) OddsRatio(name string) Ratio { return Ratio{Log: m.Coefficient(name)} }

func (m *LogisticModel) index(name string) int {
	for j, s := range m.d.names {
		if s == name {
			return j
		}
	}
	panic(fmt.Sprintf("stats: no coefficient %q; there are %s", name, strings.Join(m.d.names, ", ")))
}

// Contrast returns Σ l[j]·β[j] with a normal pivot.
func (m *LogisticModel) Contrast(l []float64) Estimate {
	if len(l) != len(m.beta) {
		panic(fmt.Sprintf("stats: contrast of %d elements for %d coefficients", len(l), len(m.beta)))
	}
	v := 0.0
	for j := range l {
		v += l[j] * m.beta[j]
	}
	return Estimate{Value: v, SE: math.Sqrt(quadForm(m.cov, len(l), l)), DF: math.Inf(1)}
}

// Cov returns the covariance matrix of the coefficients: the inverse
// information at the estimate.
func (m *LogisticModel) Cov() [][]float64 { return scaledRows(m.cov, len(m.beta), 1) }

// LogLik returns the log-likelihood (without Firth's penalty).
func (m *LogisticModel) LogLik() float64 { return m.ll }

// Deviance returns −2·LogLik.
func (m *LogisticModel) Deviance() float64 { return -2 * m.ll }

// NullDeviance returns the deviance of the model of one common probability (or
// of probability 1/2, without intercept).
func (m *LogisticModel) NullDeviance() float64 {
	n, k := float64(len(m.y)), 0.0
	for _, y := range m.y {
		k += y
	}
	if len(m.d.terms[0].vars) > 0 {
		return 2 * n * math.Ln2
	}
	return -2 * (k*math.Log(k/n) + (n-k)*math.Log1p(-k/n))
}

// AIC returns −2·LogLik + 2p.
func (m *LogisticModel) AIC() float64 { return -2*m.ll + 2*float64(len(m.beta)) }

// Fitted returns the estimated probabilities.
func (m *LogisticModel) Fitted() []float64 {
	out := make([]float64, len(m.eta))
	for i, e := range m.eta {
		out[i], _ = logistic(e)
	}
	return out
}
