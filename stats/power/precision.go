package power

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// PrecisionDesign is a study whose size rests on how wide the confidence interval of a mean,
// or of a difference of two means, will be.
type PrecisionDesign struct {
	// N values of one mean, or N an arm of a difference where TwoArms.
	N       float64
	TwoArms bool
	// SD within an arm, in the outcome's unit; Correlation of a baseline that a difference
	// is adjusted for by analysis of covariance. With it the widths are approximate: they
	// leave out the baseline's chance imbalance between the arms, a factor of about
	// 1 + 1/(8N).
	SD, Correlation float64
	Level           float64 // 0 means 0.95
}

func (d PrecisionDesign) level() float64 {
	if d.Level == 0 {
		return 0.95
	}
	return d.Level
}

func (d PrecisionDesign) check(fn string) error {
	switch {
	case !(d.SD > 0) || math.IsInf(d.SD, 0):
		return domain(fn, "SD", d.SD)
	case !(math.Abs(d.Correlation) < 1) || d.Correlation != 0 && !d.TwoArms:
		return domain(fn, "Correlation", d.Correlation)
	case !(d.level() > 0 && d.level() < 1):
		return domain(fn, "Level", d.Level)
	}
	return nil
}

// shape returns the degrees of freedom, and the standard error where the SD is the
// true one.
func (d PrecisionDesign) shape() (df, se float64) {
	if !d.TwoArms {
		return d.N - 1, d.SD / math.Sqrt(d.N)
	}
	df = 2*d.N - 2
	if d.Correlation != 0 {
		df--
	}
	return df, d.SD * math.Sqrt((1-d.Correlation*d.Correlation)*2/d.N)
}

// HalfWidth returns half the width of the t interval where the sample's SD is the true
// one; NaN for a design that is refused. Half of all studies find a wider one. It agrees
// with R's qt((1 + level)/2, n - 1)*sd/sqrt(n).
func (d PrecisionDesign) HalfWidth() float64 {
	df, se := d.shape()
	if d.check("PrecisionDesign.HalfWidth") != nil || !(df > 0) {
		return math.NaN()
	}
	return num.TQuantileUpper((1-d.level())/2, df) * se
}

// ExpectedHalfWidth is the mean of the half-width over samples of normal data, exact
// without Correlation: HalfWidth
// times E(S)/σ = √(2/df)·Γ((df + 1)/2)/Γ(df/2).
func (d PrecisionDesign) ExpectedHalfWidth() float64 {
	df, _ := d.shape()
	w := d.HalfWidth()
	if math.IsNaN(w) {
		return w
	}
	return w * math.Sqrt(2/df) * math.Exp(num.LogGammaDiff(df/2, 0.5))
}

// Assurance returns the probability that the half-width is at most w: P(χ² ≤
// df·(w/HalfWidth)²). Exact for normal data without Correlation.
// Source: Kelley & Rausch (2006), Psychol Methods 11:363, doi 10.1037/1082-989X.11.4.363.
func (d PrecisionDesign) Assurance(w float64) float64 {
	df, _ := d.shape()
	r := w / d.HalfWidth()
	if !(r > 0) {
		return math.NaN()
	}
	return num.ChiSqCDF(df*r*r, df)
}

// SolveN returns the smallest whole N whose half-width is at most w: with the true SD,
// or, where assurance is above 0, with at least that probability. It refuses a width that
// is not positive and an assurance outside [0, 1) (ErrDomain).
func (d PrecisionDesign) SolveN(w, assurance float64) (int, error) {
	const fn = "PrecisionDesign.SolveN"
	if err := d.check(fn); err != nil {
		return 0, err
	}
	if !(w > 0) {
		return 0, domain(fn, "w", w)
	}
	if !(assurance >= 0 && assurance < 1) {
		return 0, domain(fn, "assurance", assurance)
	}
	return smallestN(fn, 2, func(n int) bool {
		e := d
		e.N = float64(n)
		if assurance > 0 {
			return e.Assurance(w) >= assurance
		}
		return e.HalfWidth() <= w
	})
}

// NormalN is the size by normal quantiles, (z·σ/w)², twice that an arm of a difference.
func (d PrecisionDesign) NormalN(w float64) (float64, error) {
	if err := d.check("PrecisionDesign.NormalN"); err != nil {
		return 0, err
	}
	if !(w > 0) {
		return 0, domain("PrecisionDesign.NormalN", "w", w)
	}
	e := d
	e.N = 1
	_, se := e.shape()
	x := num.NormQuantileUpper((1-d.level())/2) * se / w
	return x * x, nil
}

// smallestN returns the smallest n from lo on for which enough holds; enough holds from
// one n on.
func smallestN(fn string, lo int, enough func(n int) bool) (int, error) {
	if enough(lo) {
		return lo, nil
	}
	hi := 2 * lo
	for !enough(hi) {
		if lo, hi = hi, 2*hi; hi > 1<<29 {
			return 0, &stats.SampleError{Func: fn, Arg: "N", Index: -1, Err: stats.ErrNotConverged}
		}
	}
	for hi-lo > 1 {
		if mid := lo + (hi-lo)/2; enough(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi, nil
}

// PrecisionProportion returns the smallest n whose Wilson interval for a proportion p has a
// half-width of at most w, and Wald's size z²p(1 − p)/w², which is too small near 0 and 1.
// The half-width is that at an observed proportion of p. It refuses p outside (0, 1) and a
// width that is not positive, and panics unless 0 < level < 1.
// Source: Wilson (1927), J Am Stat Assoc 22:209, doi 10.1080/01621459.1927.10502953.
func PrecisionProportion(p, w, level float64) (wilson int, wald float64, err error) {
	const fn = "PrecisionProportion"
	checkShare(fn, "level", level)
	if !(p > 0 && p < 1) {
		return 0, 0, domain(fn, "p", p)
	}
	if !(w > 0) {
		return 0, 0, domain(fn, "w", w)
	}
	z := num.NormQuantileUpper((1 - level) / 2)
	wilson, err = smallestN(fn, 1, func(k int) bool {
		n := float64(k)
		return z/(1+z*z/n)*math.Sqrt(p*(1-p)/n+z*z/(4*n*n)) <= w
	})
	return wilson, z * z * p * (1 - p) / (w * w), err
}

// PrecisionCorrelation returns the smallest n whose interval for a correlation by Fisher's
// z is at most width wide in all, where r is observed. It refuses |r| ≥ 1 and a width that
// is not positive, and panics unless 0 < level < 1.
func PrecisionCorrelation(r, width, level float64) (int, error) {
	const fn = "PrecisionCorrelation"
	checkShare(fn, "level", level)
	if !(math.Abs(r) < 1) {
		return 0, domain(fn, "r", r)
	}
	if !(width > 0) {
		return 0, domain(fn, "width", width)
	}
	z := num.NormQuantileUpper((1 - level) / 2)
	return smallestN(fn, 4, func(n int) bool {
		h := z / math.Sqrt(float64(n-3))
		return math.Tanh(math.Atanh(r)+h)-math.Tanh(math.Atanh(r)-h) <= width
	})
}
