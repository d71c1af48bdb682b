package assoc

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/rank"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// FisherZ is a coefficient between −1 and 1 whose inverse hyperbolic tangent Z
// is about normal with standard error SE (Fisher 1921). Interval and p-values
// use that pivot, so they agree with each other. An SE of +Inf means that the
// sample is too small for it: the interval is −1 to 1 with Why = WhySmall. Of a
// coefficient of ±1 Fisher's z says nothing: see WhyPerfect.
type FisherZ struct {
	Value, Z, SE float64
	// perfect is the exact test of independence of ranks that agree perfectly,
	// where the pivot degenerates; else nil.
	perfect *IndependenceTest
}

var _ stats.Effect = FisherZ{}

// WhyPerfect is the reason of a correlation's interval that ends at 0 or at −1
// and 1: the ranks agree perfectly, as they do for points on a line. That happens by
// chance as well, with a probability known for independence only.
const WhyPerfect = "perfect-ranks"

// interval is all that the test of independence says about a coefficient of
// perfectly agreeing ranks: its sign, or nothing.
func (t *IndependenceTest) interval(negative bool, level float64) stats.Interval {
	i := stats.Interval{Lo: -1, Hi: 1, Level: level, Why: WhyPerfect}
	if t.two < 1-level {
		if negative {
			i.Hi, i.HiOpen = 0, true
		} else {
			i.Lo, i.LoOpen = 0, true
		}
	}
	return i
}

// tail is the one-sided p-value of null (sign +1: against at most null). Under
// a coefficient of the other sign perfect agreement is no likelier than under
// independence, whose probability is the bound; of the same sign it may be as
// likely as not.
func (t *IndependenceTest) tail(value, null, sign float64) float64 {
	switch {
	case math.IsNaN(null):
		return math.NaN()
	case value*sign < 0 || null*sign > 0:
		return 1
	}
	return t.two / 2
}

// newFisherZ takes 1 − value² apart, which loses its digits in value near 1.
func newFisherZ(value, oneMinusSquare, se float64) FisherZ {
	z := math.Inf(1)
	if oneMinusSquare > 0 {
		z = math.Log((1 + math.Abs(value)) / math.Sqrt(oneMinusSquare))
	}
	return FisherZ{Value: value, Z: math.Copysign(z, value), SE: se}
}

// Point returns the coefficient.
func (f FisherZ) Point() float64 { return f.Value }

// CI returns tanh(Z ± z·SE).
func (f FisherZ) CI(level float64) stats.Interval {
	check.Level(level)
	switch {
	case f.perfect != nil:
		return f.perfect.interval(math.Signbit(f.Value), level)
	case math.IsInf(f.SE, 1):
		return stats.Interval{Lo: -1, Hi: 1, Level: level, Why: stats.WhySmall}
	}
	h := num.NormQuantileUpper((1-level)/2) * f.SE
	return stats.Interval{Lo: math.Tanh(f.Z - h), Hi: math.Tanh(f.Z + h), Level: level}
}

// P returns the two-sided p-value of the hypothesis that the coefficient is
// null. At null = 0 the test of independence is the better question: see
// Correlation.Independence. A null of ±1 or beyond has p = 0, for of variables on a
// line every sample is on that line; a coefficient of ±1, which chance alone can
// give, has the p-value of that chance as its bound.
func (f FisherZ) P(null float64) float64 {
	return math.Min(1, 2*math.Min(f.PGreater(null), f.PLess(null)))
}

// PGreater is the one-sided p-value against a coefficient of at most null.
func (f FisherZ) PGreater(null float64) float64 { return f.tail(null, 1) }

// PLess is the one-sided p-value against a coefficient of at least null.
func (f FisherZ) PLess(null float64) float64 { return f.tail(null, -1) }

func (f FisherZ) tail(null, sign float64) float64 {
	switch d := sign * (f.Value - null); {
	case f.perfect != nil:
		return f.perfect.tail(f.Value, null, sign)
	case math.Abs(null) >= 1:
		if d > 0 {
			return 0
		}
		return 1
	case math.IsInf(f.SE, 1):
		return 0.5
	}
	return num.NormSF(sign * (f.Z - math.Atanh(null)) / f.SE)
}

// Correlation is a correlation coefficient. CI, P, PGreater and PLess are those
// of its Fisher z; Independence is the classical test that it is zero, which
// may differ a little from P(0): report it for the question "is there any
// association".
type Correlation struct {
	FisherZ
	N            int
	Independence IndependenceTest
	Notes        []stats.Note
}

// IndependenceTest tests that two variables are not associated.
type IndependenceTest struct {
	Method rank.Method
	// Statistic is Student's t (Pearson; on a line whatever rounding leaves), S = (n³−n)(1−ρ)/6, which is Σd²
	// without ties (Spearman), or for Kendall the number of concordant pairs
	// in the exact test and z in the asymptotic one.
	Statistic float64
	DF        float64 // of Student's t; +Inf for the normal; 0 for exact rank tests

	less, greater, two float64
}

var _ stats.Test = IndependenceTest{}

// P returns the two-sided p-value.
func (t IndependenceTest) P() float64 { return t.orNone(t.two) }

// PGreater returns the one-sided p-value against "no positive association".
func (t IndependenceTest) PGreater() float64 { return t.orNone(t.greater) }

// PLess returns the one-sided p-value against "no negative association".
func (t IndependenceTest) PLess() float64 { return t.orNone(t.less) }

// none is true of a zero value: one of a test's tails is at least one half.
func (t IndependenceTest) none() bool { return t.less == 0 && t.greater == 0 }

func (t IndependenceTest) orNone(p float64) float64 {
	if t.none() {
		return math.NaN()
	}
	return p
}

// Pearson estimates the linear correlation r of pairs x[i], y[i], with Fisher's
// z interval (SE = 1/√(n−3), approximate) and Student's t-test of no
// correlation, t = r·√((n−2)/(1−r²)) on n − 2 degrees of freedom, exact for
// bivariate normal pairs. Sums of squares and 1 − r² are taken in
// double-double arithmetic, so that offsets and r near 1 cost no digits.
//
// Points on a line, r = ±1 up to the rounding of the values, leave neither a
// residual: test and interval are then those of Spearman, exact for values that
// pair at random.
//
// The interval needs four pairs; with three it is −1 to 1. It refuses slices
// of different lengths, fewer than three pairs, NaN, Inf, and a variable that
// does not vary.
// Source: Fisher (1921), Metron 1:3; Student (1908), doi 10.1093/biomet/6.2-3.302.
// It agrees with R's cor.test(x, y) and SAS PROC CORR FISHER(BIASADJ=NO).
func Pearson(x, y []float64) (Correlation, error) {
	if err := checkMomentPairs("Pearson", x, y, 3); err != nil {
		return Correlation{}, err
	}
	return productMoment("Pearson", x, y, 0)
}

// PartialCorrelation is Pearson's correlation of what a linear model on the
// controls leaves of x and of y: the association at fixed values of the
// controls. Degrees of freedom and 1/SE² are smaller by the number of controls.
// Assumptions as Pearson. It refuses what Pearson refuses, controls that are
// linearly dependent (ErrSingular), x or y determined by the controls, and y
// determined by x and the controls (ErrNoVariation).
// Source: Fisher (1924), Metron 3:329. It agrees with SAS PROC CORR PARTIAL and
// ppcor::pcor.test in R.
func PartialCorrelation(x, y []float64, controls ...[]float64) (Correlation, error) {
	const fn = "PartialCorrelation"
	if err := checkMomentPairs(fn, x, y, 3+len(controls)); err != nil {
		return Correlation{}, err
	}
	var basis [][]float64
	for k, c := range controls {
		arg := fmt.Sprintf("controls[%d]", k)
		if len(c) != len(x) {
			return Correlation{}, &stats.SampleError{Func: fn, Arg: arg, Index: -1, Err: stats.ErrLength}
		}
		if err := check.Moments(fn, arg, c, 1); err != nil {
			return Correlation{}, err
		}
		r, share := residualsOn(moments.Rescaled(c)[0], basis)
		if share < 1e-12 {
			return Correlation{}, &stats.SampleError{Func: fn, Arg: arg, Index: -1, Err: stats.ErrSingular}
		}
		basis = append(basis, r)
	}
	rx, sx := residualsOn(moments.Rescaled(x)[0], basis)
	ry, sy := residualsOn(moments.Rescaled(y)[0], basis)
	for arg, s := range map[string]float64{"x": sx, "y": sy} {
		if s < 1e-12 {
			return Correlation{}, check.NoVariation(fn, arg)
		}
	}
	r, err := productMoment(fn, rx, ry, len(controls))
	if err == nil && len(controls) > 0 {
		// Taking the controls away leaves some roundings of the values themselves.
		m := moments.NewJoint(rx, ry)
		if _, rest := m.Correlation(); onLine(m, rest/64, moments.Rescaled(x)[0], moments.Rescaled(y)[0]) {
			return Correlation{}, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrNoVariation, Info: "nothing is left of it beside x and the controls"}
		}
	}
	return r, err
}

// residualsOn centers v and takes its projections on the orthogonal basis
// away, twice against rounding; share is what is left of the norm.
func residualsOn(v []float64, basis [][]float64) (r []float64, share float64) {
	hi, lo, ss := moments.Parts(v)
	r = make([]float64, len(v))
	for i := range v {
		r[i] = (v[i] - hi) - lo
	}
	if ss == 0 {
		return r, 0
	}
	for range 2 {
		for _, b := range basis {
			f := dotProduct(r, b) / dotProduct(b, b)
			for i := range r {
				r[i] -= f * b[i]
			}
		}
	}
	return r, math.Sqrt(dotProduct(r, r) / ss)
}

func dotProduct(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

// checkPairs checks two samples that belong together element by element.
func checkPairs(fn string, x, y []float64, min int) error {
	if len(x) != len(y) {
		return &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrLength, Info: fmt.Sprintf("%d and %d", len(x), len(y))}
	}
	if err := check.Sample(fn, "x", x, min); err != nil {
		return err
	}
	return check.Sample(fn, "y", y, min)
}

// checkMomentPairs is checkPairs that also refuses values too large to square.
func checkMomentPairs(fn string, x, y []float64, min int) error {
	if err := checkPairs(fn, x, y, min); err != nil {
		return err
	}
	if err := check.Moments(fn, "x", x, min); err != nil {
		return err
	}
	return check.Moments(fn, "y", y, min)
}

// productMoment is Pearson's correlation with used degrees of freedom taken.
func productMoment(fn string, x, y []float64, used int) (Correlation, error) {
	x, y = moments.Rescaled(x)[0], moments.Rescaled(y)[0]
	m := moments.NewJoint(x, y)
	if moments.Still(m.VX, x) {
		return Correlation{}, check.NoVariation(fn, "x")
	}
	if moments.Still(m.VY, y) {
		return Correlation{}, check.NoVariation(fn, "y")
	}
	r, rest := m.Correlation()
	free := len(x) - used
	se := math.Inf(1)
	if free > 3 {
		se = 1 / math.Sqrt(float64(free-3))
	}
	out := Correlation{FisherZ: newFisherZ(r, rest, se), N: len(x),
		Independence: studentIndependence(r, rest, float64(free-2))}
	if onLine(m, rest, x, y) {
		t := linePairing(x, y, r)
		t.Statistic = out.Independence.Statistic
		out.perfect, out.Independence = &t, t
	}
	return out, nil
}

// onLine reports whether what a line through the pairs leaves of either variable
// is no more than the rounding of its values.
func onLine(m moments.Joint, rest float64, x, y []float64) bool {
	return moments.Still(m.VX.MulFloat(rest), x) || moments.Still(m.VY.MulFloat(rest), y)
}

// linePairing is the exact test of independence of pairs on a line. Its ties are
// those of the variable in which rounding left more of them.
func linePairing(x, y []float64, r float64) IndependenceTest {
	sign := int(math.Copysign(1, r))
	t, u := perfectPairing(num.DoubledRanks(x), sign), perfectPairing(num.DoubledRanks(y), sign)
	if u.two > t.two {
		return u
	}
	return t
}

// studentIndependence is the t-test of a correlation r with rest = 1 − r².
func studentIndependence(r, rest, df float64) IndependenceTest {
	t := IndependenceTest{Method: rank.Exact, Statistic: r * math.Sqrt(df/rest), DF: df}
	t.greater, t.less = num.TSF(t.Statistic, df), num.TSF(-t.Statistic, df)
	t.two = math.Min(1, 2*math.Min(t.greater, t.less))
	return t
}

// Concordance is Lin's concordance correlation coefficient of two measurements
// of the same quantity: Value = Pearson·Accuracy.
type Concordance struct {
	FisherZ
	N       int
	Pearson float64
	// Accuracy is C_b, 1 where the best-fitting line is the 45° line.
	Accuracy float64
	// ScaleShift is σ_x/σ_y; LocationShift is (μ_y − μ_x)/√(σ_x σ_y).
	ScaleShift, LocationShift float64
}

// LinConcordance estimates how well pairs x[i], y[i] agree on the line of
// identity:
//
//	ρ_c = 2s_xy/(s_x² + s_y² + (x̄ − ȳ)²)
//
// with moments of divisor n, and Lin's asymptotic standard error on the z
// scale. It assumes bivariate normal pairs; approximate. Use BlandAltman to
// see by how much measurements differ in their own unit. Where the pairs lie on a
// line with no shift of location the standard error vanishes, and the interval says
// no more than that of Pearson on a line.
//
// It refuses slices of different lengths, fewer than three pairs, NaN, Inf and
// variables that do not vary.
// Source: Lin (1989), Biometrics 45:255, doi 10.2307/2532051, with the
// correction of 2000 (Biometrics 56:324). It agrees with DescTools::CCC and
// epiR::epi.ccc in R.
func LinConcordance(x, y []float64) (Concordance, error) {
	const fn = "LinConcordance"
	if err := checkMomentPairs(fn, x, y, 3); err != nil {
		return Concordance{}, err
	}
	both := moments.Rescaled(x, y)
	x, y = both[0], both[1]
	m := moments.NewJoint(x, y)
	if moments.Still(m.VX, x) {
		return Concordance{}, check.NoVariation(fn, "x")
	}
	if moments.Still(m.VY, y) {
		return Concordance{}, check.NoVariation(fn, "y")
	}
	r, rest := m.Correlation()
	d := m.MY.Sub(m.MX)
	sum := m.VX.Add(m.VY).Add(d.Mul(d))
	c := m.VXY.MulFloat(2)
	p := c.Div(sum).Float()
	one := sum.Sub(c).Mul(sum.Add(c)).Div(sum.Mul(sum)).Float() // 1 − ρ_c²
	less := sum.Sub(c).Div(sum).Float()                         // 1 − ρ_c
	sx, sy := math.Sqrt(m.VX.Float()), math.Sqrt(m.VY.Float())
	u := d.Float() / math.Sqrt(sx*sy)
	// ρ_c/r = C_b > 0 stays finite where r vanishes.
	cb := 2 * sx * sy / sum.Float()
	v := rest*cb*cb/one + 2*p*p*cb*less*u*u/(one*one) - p*p*cb*cb*u*u*u*u/(2*one*one)
	se := 0.0
	if one > 0 {
		se = math.Sqrt(math.Max(0, v) / float64(len(x)-2))
	}
	out := Concordance{FisherZ: newFisherZ(p, math.Max(0, one), se), N: len(x), Pearson: r,
		Accuracy: cb, ScaleShift: sx / sy, LocationShift: u}
	if se < 1e-8 && onLine(m, rest, x, y) {
		t := linePairing(x, y, r)
		out.perfect = &t
	}
	return out, nil
}
