package stats

import (
	"github.com/trialkit/trialkit/stats/internal/show"

	"fmt"
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// StandardDeviation is a standard deviation on DF degrees of freedom. Its intervals
// take the data as normal, and are sensitive to departures at every n.
type StandardDeviation struct{ Value, DF float64 }

// SD estimates a standard deviation, with divisor n − 1. It refuses fewer than two
// values, NaN, Inf and values beyond 1e152.
// Source: Fisher (1925), Statistical Methods for Research Workers.
// It agrees with R's sd(x) and the root of DescTools::VarCI, and with SAS PROC
// UNIVARIATE CIBASIC.
func SD(x []float64) (StandardDeviation, error) {
	if err := check.Moments("SD", "x", x, 2); err != nil {
		return StandardDeviation{}, err
	}
	_, ss := moments.Of(x)
	df := float64(len(x) - 1)
	return StandardDeviation{Value: math.Sqrt(ss / df), DF: df}, nil
}

// Point returns the standard deviation.
func (s StandardDeviation) Point() float64 { return s.Value }

// CI returns the interval of the standard deviation, the square roots of
// VarianceCI's ends: exact for normal data. With a Value of 1 its ends are what a
// sample's SD is multiplied with to bound the true one: on 8 df, 0.675 and 1.916 at
// 95%.
func (s StandardDeviation) CI(level float64) Interval {
	v := s.VarianceCI(level)
	return Interval{Lo: math.Sqrt(v.Lo), Hi: math.Sqrt(v.Hi), Level: level}
}

// VarianceCI returns the interval of the variance, df·s²/χ².
func (s StandardDeviation) VarianceCI(level float64) Interval {
	check.Level(level)
	ss, a := s.DF*s.Value*s.Value, (1-level)/2
	return Interval{Lo: ss / num.ChiSqQuantileUpper(a, s.DF), Hi: ss / num.ChiSqQuantile(a, s.DF), Level: level}
}

// CV returns the coefficient of variation SD/mean, for a ratio scale: on a scale
// without a true zero it means nothing. It refuses fewer than two values, NaN,
// Inf, values beyond 1e152 and a mean of zero (ErrDomain), where it does not
// exist. Source: Pearson (1896), doi 10.1098/rsta.1896.0007. It agrees with R's
// sd(x)/mean(x) and SAS PROC MEANS CV (in percent).
func CV(x []float64) (float64, error) {
	d, err := Describe(x)
	if err != nil {
		return 0, check.Renamed("CV", err)
	}
	if d.N < 2 {
		return 0, check.Sample("CV", "x", x, 2)
	}
	if d.Mean == 0 {
		return 0, &SampleError{Func: "CV", Arg: "x", Index: -1, Err: ErrDomain, Info: "mean is 0"}
	}
	return d.SD / d.Mean, nil
}

// IQR returns the third quartile minus the first, of the given quantile type
// (7 is R's default). It refuses and panics as Quantile does. Source: Hyndman &
// Fan (1996), doi 10.1080/00031305.1996.10473566. It agrees with R's
// IQR(x, type = typ) and SAS PROC MEANS QRANGE (type 2).
func IQR(x []float64, typ int) (float64, error) {
	lo, err := Quantile(x, 0.25, typ)
	if err != nil {
		return 0, check.Renamed("IQR", err)
	}
	hi, err := Quantile(x, 0.75, typ)
	return hi - lo, check.Renamed("IQR", err)
}

// MADScale makes MAD estimate the SD of normal data: 1/Φ⁻¹(3/4), in the four
// decimals that R and SAS use.
const MADScale = 1.4826

// MAD returns the median absolute deviation from the median, unscaled; times
// MADScale it estimates the SD of normal data, as R's mad(x) does. It refuses
// an empty sample, NaN and Inf. Source: Hampel (1974),
// doi 10.1080/01621459.1974.10482962. It agrees with R's mad(x, constant = 1)
// and SAS PROC UNIVARIATE ROBUSTSCALE.
func MAD(x []float64) (float64, error) {
	m, err := Quantile(x, 0.5, 7)
	if err != nil {
		return 0, check.Renamed("MAD", err)
	}
	d := make([]float64, len(x))
	for i, v := range x {
		d[i] = math.Abs(v - m)
	}
	mad, err := Quantile(d, 0.5, 7)
	return mad, check.Renamed("MAD", err)
}

// FiveNumbers returns Tukey's minimum, lower hinge, median, upper hinge and
// maximum. It refuses an empty sample, NaN and Inf. Source: Tukey (1977),
// Exploratory Data Analysis. It agrees with R's fivenum.
func FiveNumbers(x []float64) ([5]float64, error) {
	if err := check.Sample("FiveNumbers", "x", x, 1); err != nil {
		return [5]float64{}, err
	}
	s := append([]float64(nil), x...)
	sort.Float64s(s)
	n := len(s)
	h := float64((n+3)/2) / 2
	at := func(pos float64) float64 { // 1-based, halves are averaged
		return (s[int(math.Floor(pos))-1] + s[int(math.Ceil(pos))-1]) / 2
	}
	return [5]float64{s[0], at(h), at(float64(n+1) / 2), at(float64(n+1) - h), s[n-1]}, nil
}

// TrimmedMean returns the mean without the ⌊n·trim⌋ smallest and largest
// values; trim of one half or more gives the median. It panics for a negative
// trim, and refuses an empty sample, NaN, Inf and values beyond 1e152.
// Source: Tukey & McLaughlin (1963), Sankhya A 25:331.
// It agrees with R's mean(x, trim = trim).
func TrimmedMean(x []float64, trim float64) (float64, error) {
	if !(trim >= 0) {
		panic(fmt.Sprintf("stats.TrimmedMean: trim = %v", trim))
	}
	if err := check.Moments("TrimmedMean", "x", x, 1); err != nil {
		return 0, err
	}
	if trim >= 0.5 {
		m, err := Quantile(x, 0.5, 7)
		return m, check.Renamed("TrimmedMean", err)
	}
	s := append([]float64(nil), x...)
	sort.Float64s(s)
	g := int(math.Floor(float64(len(s)) * trim))
	m, _ := moments.Of(s[g : len(s)-g])
	return m, nil
}

// Trimmed estimates the trimmed mean of a population, the mean without the share trim
// at either end, with the standard error s_w/((1 − 2·trim)·√n), where s_w is the SD
// of the values after the g = ⌊n·trim⌋ smallest and largest have become the nearest
// that stay (winsorized), on n − 2g − 1 degrees of freedom. It assumes independent
// values; the t distribution is an approximation that is good for symmetric ones,
// whose trimmed mean is their mean. It panics unless 0 ≤ trim < 0.5, and refuses data
// of which fewer than two values remain or whose winsorized values are equal.
// Source: Tukey & McLaughlin (1963), Sankhya A 25:331; its two-sample form is Yuen
// (1974), doi 10.1093/biomet/61.1.165. The mean is R's mean(x, trim = trim), the
// standard error WRS2::trimse(x, tr = trim); SAS PROC UNIVARIATE TRIMMED= trims
// ⌈n·trim⌉ values and has √((n − 2g)(n − 2g − 1)) for (1 − 2·trim)·√(n(n − 1)).
func Trimmed(x []float64, trim float64) (Estimate, error) {
	if !(trim >= 0 && trim < 0.5) {
		panic(fmt.Sprintf("stats.Trimmed: trim = %v", trim))
	}
	w, g, err := winsorize("Trimmed", "x", x, trim)
	if err != nil {
		return Estimate{}, err
	}
	m, err := TrimmedMean(x, trim)
	if err != nil {
		return Estimate{}, check.Renamed("Trimmed", err)
	}
	n := float64(len(x))
	_, ss := moments.Of(w)
	se := math.Sqrt(ss/(n-1)) / ((1 - 2*trim) * math.Sqrt(n))
	if moments.Constant(se, m) {
		return Estimate{}, check.NoVariation("Trimmed", "x")
	}
	return Estimate{Value: m, SE: se, DF: n - 2*float64(g) - 1}, nil
}

// Winsorized estimates the winsorized mean: the ⌊n·trim⌋ smallest and largest
// values are drawn in to their neighbors; SE = (n−1)/(h−1)·s_w/√n on h − 1
// degrees of freedom, h values being untouched (Dixon & Tukey 1968).
// Approximate. It panics and refuses as Trimmed does.
// Source: Dixon & Tukey (1968), Technometrics 10:83, doi 10.1080/00401706.1968.10490537.
// It agrees with SAS PROC UNIVARIATE WINSORIZED=.
func Winsorized(x []float64, trim float64) (Estimate, error) {
	if !(trim >= 0 && trim < 0.5) {
		panic(fmt.Sprintf("stats.Winsorized: trim = %v", trim))
	}
	w, g, err := winsorize("Winsorized", "x", x, trim)
	if err != nil {
		return Estimate{}, err
	}
	n := float64(len(x))
	h := n - 2*float64(g)
	m, ss := moments.Of(w)
	se := (n - 1) / (h - 1) * math.Sqrt(ss/(n-1)) / math.Sqrt(n)
	if moments.Constant(se, m) {
		return Estimate{}, check.NoVariation("Winsorized", "x")
	}
	return Estimate{Value: m, SE: se, DF: h - 1}, nil
}

// winsorize returns the sorted sample with its g extreme values at each end
// drawn in; at least two values must stay as they were.
func winsorize(fn, arg string, x []float64, trim float64) (w []float64, g int, err error) {
	if err := check.Moments(fn, arg, x, 2); err != nil {
		return nil, 0, err
	}
	w = append([]float64(nil), x...)
	sort.Float64s(w)
	n := len(w)
	g = int(math.Floor(float64(n) * trim))
	if n-2*g < 2 {
		return nil, 0, &SampleError{Func: fn, Arg: arg, Index: -1, Err: ErrTooFew,
			Info: fmt.Sprintf("%d of %d values are left", n-2*g, n)}
	}
	for i := range g {
		w[i], w[n-1-i] = w[g], w[n-1-g]
	}
	return w, g, nil
}

// SampleMedian is a sample's median with its distribution-free interval.
type SampleMedian struct{ sorted []float64 }

// Median estimates the median of a population. It refuses an empty sample, NaN and
// Inf.
// Source: Thompson (1936), Ann Math Stat 7:122, doi 10.1214/aoms/1177732502.
// It agrees with R's DescTools::MedianCI(method = "exact") and SAS
// PROC UNIVARIATE CIPCTLDF.
func Median(x []float64) (SampleMedian, error) {
	if err := check.Sample("Median", "x", x, 1); err != nil {
		return SampleMedian{}, err
	}
	m := SampleMedian{sorted: append([]float64(nil), x...)}
	sort.Float64s(m.sorted)
	return m, nil
}

// N is the size of the sample.
func (m SampleMedian) N() int { return len(m.sorted) }

// Point returns the sample's median.
func (m SampleMedian) Point() float64 {
	if m.N() == 0 {
		return math.NaN()
	}
	return moments.Quantile(m.sorted, 0.5, 7)
}

// CI returns order statistics k and n − k + 1, with the largest k whose two-sided
// binomial(½) tail stays within 1 − level. Exact for continuous data, conservative
// with ties. Where n is too small for the level the interval is the whole line
// (WhyLevel).
func (m SampleMedian) CI(level float64) Interval {
	k, _ := m.rank(level)
	if k == 0 {
		return Interval{Lo: math.Inf(-1), Hi: math.Inf(1), Level: level, Why: WhyLevel}
	}
	return Interval{Lo: m.sorted[k-1], Hi: m.sorted[m.N()-k], Level: level}
}

// Coverage is the coverage that the interval at the level really has.
func (m SampleMedian) Coverage(level float64) float64 {
	_, tail := m.rank(level)
	return 1 - 2*tail
}

// rank is k and P(B ≤ k − 1) for B binomial(n, ½).
func (m SampleMedian) rank(level float64) (k int, tail float64) {
	check.Level(level)
	for n := m.N(); ; k++ {
		next := tail + num.BinomPMF(k, n, 0.5)
		if 2*next > 1-level || k+1 > (n+1)/2 {
			return k, tail
		}
		tail = next
	}
}

// String formats the standard deviation with its 95% interval.
func (s StandardDeviation) String() string {
	if s == (StandardDeviation{}) {
		return show.NoResult
	}
	ci := s.CI(0.95)
	d := show.DecimalsOf(s.Value, ci.Width()/3.92)
	return fmt.Sprintf("%s (95%% CI %s; %s df)", show.Fixed(s.Value, d), ci.Text(d, ""), show.DF(s.DF))
}

// String formats the median with its 95% interval.
func (m SampleMedian) String() string {
	if m.N() == 0 {
		return show.NoResult
	}
	ci := m.CI(0.95)
	d := show.DecimalsOf(m.Point(), ci.Width()/3.92)
	return fmt.Sprintf("%s (95%% CI %s; n = %d)", show.Fixed(m.Point(), d), ci.Text(d, ""), m.N())
}
