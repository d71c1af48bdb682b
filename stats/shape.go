package stats

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// Skewness measures asymmetry from central moments m₂, m₃ (divisor n), in one
// of three types (Joanes & Gill 1998):
//
//	1: g₁ = m₃/m₂^1.5
//	2: G₁ = g₁·√(n(n−1))/(n−2), unbiased for normal data; SAS, SPSS, Excel
//	3: b₁ = g₁·((n−1)/n)^1.5, with the sample SD; Minitab, R's e1071 default
//
// It refuses NaN, Inf, fewer than two values (three for type 2) and values
// that do not vary; it panics for another type.
// Source: Joanes & Gill (1998), J R Stat Soc D 47:183, doi 10.1111/1467-9884.00122.
// It agrees with R's e1071::skewness(x, type = typ).
func Skewness(x []float64, typ int) (float64, error) {
	n, m2, m3, _, err := centralMoments("Skewness", x, typ, 3)
	if err != nil {
		return 0, err
	}
	g := m3 / (m2 * math.Sqrt(m2))
	switch typ {
	case 2:
		g *= math.Sqrt(n*(n-1)) / (n - 2)
	case 3:
		g *= math.Pow((n-1)/n, 1.5)
	}
	return g, nil
}

// Kurtosis measures the weight of the tails as an excess over the normal
// distribution, in the types of Skewness:
//
//	1: g₂ = m₄/m₂² − 3
//	2: G₂ = ((n+1)g₂ + 6)(n−1)/((n−2)(n−3)), unbiased for normal data
//	3: b₂ = (g₂ + 3)(1 − 1/n)² − 3
//
// It refuses NaN, Inf, fewer than two values (four for type 2) and values that
// do not vary; it panics for another type.
// Source: Joanes & Gill (1998), doi 10.1111/1467-9884.00122.
// It agrees with R's e1071::kurtosis(x, type = typ).
func Kurtosis(x []float64, typ int) (float64, error) {
	n, m2, _, m4, err := centralMoments("Kurtosis", x, typ, 4)
	if err != nil {
		return 0, err
	}
	g := m4/(m2*m2) - 3
	switch typ {
	case 2:
		g = ((n+1)*g + 6) * (n - 1) / ((n - 2) * (n - 3))
	case 3:
		g = (g+3)*(1-1/n)*(1-1/n) - 3
	}
	return g, nil
}

func centralMoments(fn string, x []float64, typ, min2 int) (n, m2, m3, m4 float64, err error) {
	min := 2
	switch typ {
	case 2:
		min = min2
	case 1, 3:
	default:
		panic(fmt.Sprintf("stats.%s: type = %d", fn, typ))
	}
	if err = check.Moments(fn, "x", x, min); err != nil {
		return
	}
	x = moments.Rescaled(x)[0]
	mean, ss := moments.Of(x)
	n = float64(len(x))
	if moments.Constant(math.Sqrt(ss/n), mean) {
		return 0, 0, 0, 0, check.NoVariation(fn, "x")
	}
	for _, v := range x {
		d := v - mean
		m3 += d * d * d
		m4 += d * d * d * d
	}
	return n, ss / n, m3 / n, m4 / n, nil
}

// GeometricMean estimates the geometric mean of positive values: the
// exponential of the mean log, with its interval back-transformed. The
// result's PGreater and PLess ask about the geometric mean itself. Exact if
// the logs are normal. It refuses values ≤ 0 (ErrDomain, with the index) and
// what Mean refuses.
// Source: Bland & Altman (1996), doi 10.1136/bmj.312.7038.1079.
// It agrees with R's exp(t.test(log(x))).
func GeometricMean(x []float64) (Ratio, error) {
	l, err := logs("GeometricMean", x, 2)
	if err != nil {
		return Ratio{}, err
	}
	e, err := oneSample("GeometricMean", "x", l)
	return Ratio{Log: e}, err
}

// GeometricSD returns the geometric standard deviation exp(SD of logs) and the
// geometric coefficient of variation √(exp(SD²) − 1), exact for
// log-normal data. It refuses fewer than two values, NaN, Inf and values ≤ 0.
// Source: Kirkwood (1979), Biometrics 35:908, doi 10.2307/2530139.
// It agrees with R's exp(sd(log(x))) and sqrt(exp(var(log(x))) - 1).
func GeometricSD(x []float64) (gsd, gcv float64, err error) {
	l, err := logs("GeometricSD", x, 2)
	if err != nil {
		return 0, 0, err
	}
	_, ss := moments.Of(l)
	v := ss / float64(len(x)-1)
	return math.Exp(math.Sqrt(v)), math.Sqrt(math.Expm1(v)), nil
}

func logs(fn string, x []float64, min int) ([]float64, error) {
	if err := check.Sample(fn, "x", x, min); err != nil {
		return nil, err
	}
	l := make([]float64, len(x))
	for i, v := range x {
		if v <= 0 {
			return nil, &SampleError{Func: fn, Arg: "x", Index: i, Err: ErrDomain, Info: fmt.Sprintf("%v is not positive", v)}
		}
		l[i] = math.Log(v)
	}
	return l, nil
}

// Ratio is an estimate made on the log scale and reported as a ratio (or a
// geometric mean): Point and CI are exponentials of those of Log, and null
// values are given as ratios; 1 is no effect.
type Ratio struct{ Log Estimate }

var _ Effect = Ratio{}

// Point returns the ratio.
func (r Ratio) Point() float64 { return math.Exp(r.Log.Value) }

// CI returns the exponentials of the log interval's ends.
func (r Ratio) CI(level float64) Interval {
	ci := r.Log.CI(level)
	return Interval{Lo: math.Exp(ci.Lo), Hi: math.Exp(ci.Hi), Level: level}
}

// P returns the two-sided p-value of the hypothesis that the ratio is null,
// which must be positive; a ratio of zero or less is impossible and has p = 0.
func (r Ratio) P(null float64) float64 {
	if null <= 0 {
		return 0
	}
	return r.Log.P(math.Log(null))
}

// PGreater is the one-sided p-value against a ratio of at most null.
func (r Ratio) PGreater(null float64) float64 {
	if null <= 0 {
		return 0
	}
	return r.Log.PGreater(math.Log(null))
}

// PLess is the one-sided p-value against a ratio of at least null.
func (r Ratio) PLess(null float64) float64 {
	if null <= 0 {
		return 1
	}
	return r.Log.PLess(math.Log(null))
}

// String formats the ratio with its interval and the p-value against 1.
func (r Ratio) String() string {
	switch {
	case r == Ratio{}:
		return show.NoResult
	case math.IsInf(r.Log.DF, 1):
		return show.Effect(r, 1, 0, "log normal")
	}
	return show.Effect(r, 1, 0, "log t, "+show.DF(r.Log.DF)+" df")
}
