package regress

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// LinearOptions sets a linear model apart from the recommended one: with an
// intercept, every row of equal weight.
type LinearOptions struct {
	// Weights are relative precisions, > 0: Var(y[i]) = σ²/Weights[i].
	Weights []float64
	// NoIntercept leaves the intercept out; the first category then has a
	// column for each of its levels.
	NoIntercept bool
}

// Fit is a fitted linear model. Its methods do not change it.
type Fit struct {
	d    *design
	y, w []float64
	fit  *lsFit
	est  *estimable
	rss  float64
	df   float64
	opts LinearOptions
	hc   HC // where robust is
	// robust is the covariance matrix of Robust, nil for the model's own; meat its inner part
	// in the basis of lsFit.whiten, in which contrasts do not lose digits to a number's origin.
	robust, meat []float64
}

// Coefficient is one named coefficient: an estimate with n − p degrees of
// freedom.
type Coefficient struct {
	Name string
	stats.Estimate
}

// Linear fits y = Xβ + ε by ordinary least squares, ε independent with one
// variance (and normal, for the intervals to be exact). X is an intercept and
// the terms' columns; see Category for the coding.
//
//	β = (XᵀX)⁻¹Xᵀy,  σ² = ‖y − Xβ‖²/(n − p),  Var(β) = σ²(XᵀX)⁻¹
//
// It is computed by Householder QR in double-double arithmetic: correct to the
// last digits also for designs that are nearly collinear and for data with a
// large offset.
//
// Where columns depend on one another, as an interaction's do for a cell
// without data, it answers what is estimable and gives NaN for the rest, which
// NotEstimable names. It refuses a variable of which nothing is left beside the
// terms before it (ErrSingular, naming its columns), fewer rows than columns
// plus one (ErrTooFew) and an outcome that the model
// reproduces to rounding (ErrNoVariation: no standard error exists).
//
// Source: Householder's transformations for least squares are Golub (1965), Numer. Math.
// 7:206; the model is in any textbook, such as Seber & Lee (2003), ISBN 0-471-41540-5.
// Agrees with R's lm and SAS PROC REG, except that lm drops what it calls aliased from a
// relative length of 1e-7 on, also where the float64 data determine the
// coefficient (x = 1e9 + 1, 2, 3 …).
func Linear(y []float64, terms ...Term) (*Fit, error) {
	return LinearWith(y, terms, LinearOptions{})
}

// LinearWith is Linear with weights or without intercept.
func LinearWith(y []float64, terms []Term, opts LinearOptions) (*Fit, error) {
	return fitLinear("Linear", y, terms, opts)
}

func fitLinear(fn string, y []float64, terms []Term, opts LinearOptions) (*Fit, error) {
	if err := check.Sample(fn, "y", y, 2); err != nil {
		return nil, err
	}
	if opts.Weights != nil {
		if len(opts.Weights) != len(y) {
			return nil, &stats.SampleError{Func: fn, Arg: "Weights", Index: -1, Err: stats.ErrLength,
				Info: fmt.Sprintf("%d weights, %d outcomes", len(opts.Weights), len(y))}
		}
		if err := check.Sample(fn, "Weights", opts.Weights, 0); err != nil {
			return nil, err
		}
		for i, w := range opts.Weights {
			if w <= 0 {
				return nil, &stats.SampleError{Func: fn, Arg: "Weights", Index: i, Err: stats.ErrDomain, Info: fmt.Sprint(w)}
			}
		}
	}
	d, err := newDesign(fn, len(y), terms, !opts.NoIntercept)
	if err != nil {
		return nil, err
	}
	var fit *lsFit
	if opts.Weights == nil {
		from, k, of := d.factor()
		fit = solveWithFactor(d.cols, y, from, k, of)
	}
	if fit == nil {
		fit = solveLS(d.cols, y, opts.Weights)
	}
	est, err := d.estimable(fit)
	n, p := len(y), fit.rank()
	if err != nil && n > len(d.cols) {
		return nil, err
	}
	if n <= p || err != nil {
		p = len(d.cols)
		return nil, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("n = %d, need %d: the model has %d coefficients", n, p+1, p)}
	}
	m := &Fit{d: d, y: y, w: opts.Weights, fit: fit, est: est, rss: fit.rss.Float(), df: float64(n - p), opts: opts}
	if m.perfect() {
		return nil, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrNoVariation,
			Info: "the model reproduces every value"}
	}
	if !(m.rss > 0) || math.IsInf(m.rss, 1) {
		return nil, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrDomain,
			Info: "squares of the values leave the range of float64: change the unit"}
	}
	return m, nil
}

// perfect reports whether the residuals are no larger than rounding of y.
func (m *Fit) perfect() bool {
	big, rms := 0.0, 0.0
	for i, e := range m.Residuals() {
		big = math.Max(big, math.Abs(m.y[i]))
		rms = math.Max(rms, math.Abs(e))
	}
	return rms <= 0x1p-50*big
}

// aliasedError names the columns and, where one, their term.
func (d *design) aliasedError(aliased []int) error {
	var names []string
	for _, j := range aliased {
		names = append(names, d.names[j])
	}
	return &stats.SampleError{Func: d.fn, Arg: d.terms[d.assign[aliased[0]]].Name(), Index: -1, Err: stats.ErrSingular,
		Info: "determined by the terms before it: " + strings.Join(names, ", ")}
}

// Names returns the names of the coefficients, as R writes them: a numeric
// variable's own, variable and level for a category ("armhilt"), parts joined
// by ":" for interactions.
func (m *Fit) Names() []string { return append([]string(nil), m.d.names...) }

// Coefficients returns all coefficients in order.
func (m *Fit) Coefficients() Coefficients {
	out := make(Coefficients, len(m.d.names))
	l := make([]float64, len(out))
	for i, name := range m.d.names {
		l[i] = 1
		out[i] = Coefficient{name, m.Contrast(l)}
		l[i] = 0
	}
	return out
}

// Coefficient returns the coefficient of that name. It panics where there is
// none.
func (m *Fit) Coefficient(name string) stats.Estimate {
	l := make([]float64, len(m.d.names))
	for i, s := range m.d.names {
		if s == name {
			l[i] = 1
			return m.Contrast(l)
		}
	}
	panic(fmt.Sprintf("regress.Fit.Coefficient: no coefficient %q; there are %s", name, strings.Join(m.d.names, ", ")))
}

// Contrast returns Σ l[j]·β[j] with its standard error and n − p degrees of
// freedom. It panics unless l has an element per coefficient, one of them not
// zero.
func (m *Fit) Contrast(l []float64) stats.Estimate {
	m.checkContrast(l)
	l, ok := m.est.restrict(l)
	if !ok {
		return notEstimable(m.df)
	}
	if m.robust != nil {
		return stats.Estimate{Value: m.fit.dot(l), SE: math.Sqrt(quadForm(m.meat, len(l), floats(m.fit.whiten(l)))), DF: m.df}
	}
	return stats.Estimate{Value: m.fit.dot(l), SE: m.Sigma() * m.fit.norm(l), DF: m.df}
}

func (m *Fit) checkContrast(l []float64) {
	if len(l) != len(m.d.names) {
		panic(fmt.Sprintf("regress.Fit.Contrast: contrast of %d elements for %d coefficients", len(l), len(m.d.names)))
	}
	for _, v := range l {
		if v != 0 {
			return
		}
	}
	panic("regress.Fit.Contrast: contrast is zero")
}

// N returns the number of rows.
func (m *Fit) N() int { return len(m.y) }

// DF returns the residual degrees of freedom n − p.
func (m *Fit) DF() float64 { return m.df }

// RSS returns the (weighted) residual sum of squares.
func (m *Fit) RSS() float64 { return m.rss }

// Sigma returns the residual standard deviation √(RSS/(n − p)).
func (m *Fit) Sigma() float64 { return math.Sqrt(m.rss / m.df) }

// R2 returns the share of the outcome's variation that the model explains:
// 1 − RSS/TSS, TSS about the (weighted) mean, or about 0 without intercept.
// It is 0 for a model of the intercept alone.
func (m *Fit) R2() float64 {
	ess, tss, _ := m.explained()
	return ess / tss
}

// AdjustedR2 returns 1 − (1 − R²)(n − i)/(n − p), i = 1 with intercept else 0.
func (m *Fit) AdjustedR2() float64 {
	_, tss, i := m.explained()
	return 1 - m.rss/tss*(float64(len(m.y))-i)/m.df
}

// Overall returns the F test that every coefficient but the intercept is 0;
// ok is false for a model of the intercept alone.
func (m *Fit) Overall() (t stats.FTest, ok bool) {
	m.modelBased("Overall")
	ess, _, i := m.explained()
	k := float64(m.fit.rank()) - i
	if k == 0 {
		return stats.FTest{}, false
	}
	return stats.FTest{F: ess / k / (m.rss / m.df), DF1: k, DF2: m.df}, true
}

// explained returns the explained and total sums of squares and 1 where an
// intercept is in the model. The explained part is a sum of squares itself,
// not a difference.
func (m *Fit) explained() (ess, tss, intercept float64) {
	start := 0
	if len(m.d.terms[0].vars) == 0 {
		start, intercept = 1, 1
	}
	for _, q := range m.fit.qty[start:] {
		v := q.Float()
		ess += v * v
	}
	return ess, ess + m.rss, intercept
}

// Cov returns the covariance matrix σ²(XᵀWX)⁻¹ of the coefficients by rows.
func (m *Fit) Cov() [][]float64 {
	return m.est.expand(m.covKept(), m.d.names)
}

// covKept is the covariance matrix of the coefficients that are kept.
func (m *Fit) covKept() []float64 {
	if m.robust != nil {
		return m.robust
	}
	cov := m.fit.xtxInv()
	for i := range cov {
		cov[i] *= m.rss / m.df
	}
	return cov
}

// Residuals returns y − Xβ.
func (m *Fit) Residuals() []float64 { return m.fit.residuals(m.d.cols, m.y) }

// Fitted returns Xβ.
func (m *Fit) Fitted() []float64 {
	r := m.Residuals()
	for i := range r {
		r[i] = m.y[i] - r[i]
	}
	return r
}

// Leverage returns the diagonal of the hat matrix, each in (0, 1], summing to
// the number of coefficients.
func (m *Fit) Leverage() []float64 {
	if known := m.fit.hat.Load(); known != nil {
		return slices.Clone(*known)
	}
	out := make([]float64, len(m.y))
	cols := m.est.columns(m.d)
	row := make([]float64, len(cols))
	for i := range out {
		if m.fit.factor != nil { // of equal weights
			out[i] = m.fit.factor.leverage(i, cols).Float()
			continue
		}
		for j, c := range cols {
			row[j] = c[i]
		}
		out[i] = m.fit.quad(row) * m.weight(i)
	}
	known := slices.Clone(out)
	m.fit.hat.Store(&known)
	return out
}

func (m *Fit) weight(i int) float64 {
	if m.w == nil {
		return 1
	}
	return m.w[i]
}

// CooksDistance returns how far each row moves the fitted values:
// D = e²h/(p·σ²·(1 − h)²), e the (weighted) residual, h the leverage
// (Cook 1977, doi:10.1080/00401706.1977.10489493). A row that alone determines
// a coefficient (h = 1) has +Inf.
func (m *Fit) CooksDistance() []float64 {
	h := m.Leverage()
	r := m.Residuals()
	out := make([]float64, len(h))
	s2 := m.rss / m.df * float64(m.fit.rank())
	for i := range out {
		if 1-h[i] < 1e-12 {
			out[i] = math.Inf(1)
			continue
		}
		out[i] = r[i] * r[i] * m.weight(i) / s2 * h[i] / (1 - h[i]) / (1 - h[i])
	}
	return out
}

// LogLik returns the log-likelihood at the maximum likelihood estimate of β
// and σ² = RSS/n.
func (m *Fit) LogLik() float64 {
	n := float64(len(m.y))
	lw := 0.0
	for _, w := range m.w {
		lw += math.Log(w)
	}
	return 0.5 * (lw - n*(math.Log(2*math.Pi)+1+math.Log(m.rss/n)))
}

// AIC returns −2·LogLik + 2(p + 1): σ² counts as a parameter.
func (m *Fit) AIC() float64 { return -2*m.LogLik() + 2*float64(m.fit.rank()+1) }

// BIC returns −2·LogLik + log(n)(p + 1).
func (m *Fit) BIC() float64 {
	return -2*m.LogLik() + math.Log(float64(len(m.y)))*float64(m.fit.rank()+1)
}

// At says where a mean is predicted: a number for each numeric variable, a
// level for each category.
type At struct {
	Numbers map[string]float64
	Levels  map[string]string
}

// Predict returns the mean outcome at a point. It panics where a variable of
// the model is missing from at or a level is unknown.
func (m *Fit) Predict(at At) stats.Estimate { return m.Contrast(m.rowAt(at)) }

// PredictNew returns the interval of one new outcome of weight 1 at a point:
// its standard error is √(se² + σ²).
func (m *Fit) PredictNew(at At) stats.Estimate {
	e := m.Predict(at)
	e.SE = math.Hypot(e.SE, m.Sigma())
	return e
}

func (m *Fit) rowAt(at At) []float64 {
	return m.d.row(func(v *variable) (int, float64) {
		if v.category() {
			l, ok := at.Levels[v.name]
			for i, s := range v.levels {
				if ok && s == l {
					return i, 0
				}
			}
			panic(fmt.Sprintf("regress.Fit.Predict: %q is not a level of %s", l, v.name))
		}
		x, ok := at.Numbers[v.name]
		if !ok {
			panic(fmt.Sprintf("regress.Fit.Predict: no value for %s", v.name))
		}
		return 0, x
	})
}

// Standardized returns the internally studentized residuals e/(σ√(1 − h)),
// with e multiplied by √weight: of variance 1, about, where the model holds.
// A row that alone determines a coefficient (h = 1) has residual 0 and stays 0;
// so do all where the residual variance is 0.
// It agrees with R's rstandard.
func (m *Fit) Standardized() []float64 {
	e, h, s := m.Residuals(), m.Leverage(), m.Sigma()
	for i := range e {
		if 1-h[i] < 1e-12 || s == 0 {
			e[i] = 0
			continue
		}
		e[i] *= math.Sqrt(m.weight(i)/(1-h[i])) / s
	}
	return e
}

// QQPoint is one value of a normal quantile plot.
type QQPoint struct {
	Index               int     // of the value in the sample
	Theoretical, Sample float64 // normal quantile of its plotting position, and the value

	rank, n float64
}

// Band returns the interval that holds the value's order statistic of an
// independent standard normal sample with the level's probability, one point at a
// time: the i-th of n uniform values follows the Beta(i, n + 1 − i) distribution.
// Of n points, n·(1 − level) fall outside on average, so a few outside are no
// finding. It panics unless 0 < level < 1.
func (q QQPoint) Band(level float64) stats.Interval {
	check.Level(level)
	end := func(tail float64, quantile func(p, a, b float64) float64) float64 {
		return num.NormQuantile(quantile(tail, q.rank, q.n+1-q.rank))
	}
	tail := (1 - level) / 2
	return stats.Interval{Lo: end(tail, num.BetaQuantile), Hi: end(tail, num.BetaQuantileUpper), Level: level}
}

// NormalQQ sorts a sample of n and sets the i-th smallest value against the
// standard normal quantile of (i − a)/(n + 1 − 2a), a = 3/8 for n ≤ 10 and 1/2
// beyond; see QQPoint.Band for how far points stray. Ties stand in the order of
// the sample. It refuses an empty sample, NaN and Inf.
// Source: Blom (1958); Wilk & Gnanadesikan (1968), doi 10.1093/biomet/55.1.1.
// Positions agree with R's qqnorm.
func NormalQQ(x []float64) ([]QQPoint, error) {
	if err := check.Sample("NormalQQ", "x", x, 1); err != nil {
		return nil, err
	}
	n := float64(len(x))
	a := 0.5
	if len(x) <= 10 {
		a = 0.375
	}
	out := make([]QQPoint, len(x))
	for i := range x {
		out[i] = QQPoint{Index: i, Sample: x[i]}
	}
	slices.SortStableFunc(out, func(a, b QQPoint) int { return cmp.Compare(a.Sample, b.Sample) })
	for i := range out {
		out[i].rank, out[i].n = float64(i+1), n
		out[i].Theoretical = num.NormQuantile((out[i].rank - a) / (n + 1 - 2*a))
	}
	return out, nil
}
