package num

import "math"

// oneFactor is the distribution of the maximum of correlated t or normal
// statistics with product correlation ρ_ij = λ_i λ_j: T_i = (λ_i Y +
// √(1−λ_i²) E_i)/s. Given Y and s the statistics are independent (Dunnett and
// Sobel 1955, doi:10.1093/biomet/42.1-2.258). Comparisons with a control have
// λ_i² = n_i/(n_i+n_0).
type oneFactor struct {
	load, resid []float64 // distinct loadings λ and √(1−λ²)
	count       []float64 // how many have them
	twoSided    bool
	step        float64
}

func newOneFactor(lambda []float64, twoSided bool) (oneFactor, bool) {
	o := oneFactor{twoSided: twoSided, step: 0.25}
next:
	for _, l := range lambda {
		if !(l > -1 && l < 1) {
			return o, false
		}
		for i := range o.load {
			if o.load[i] == l {
				o.count[i]++
				continue next
			}
		}
		r := math.Sqrt((1 - l) * (1 + l))
		o.load, o.resid, o.count = append(o.load, l), append(o.resid, r), append(o.count, 1)
		if l != 0 {
			o.step = math.Min(o.step, 0.4*r/math.Abs(l))
		}
	}
	return o, len(lambda) > 0
}

// tails are the probabilities that no normal statistic is beyond c, and that some
// is.
func (o *oneFactor) tails(c float64) (inside, outside float64) {
	// Far out the tail of the statistic with the largest loading is reached
	// through y near λc.
	far := 9.0
	for _, l := range o.load {
		far = math.Max(far, 9+math.Min(38, math.Abs(l*c)))
	}
	n := math.Ceil(far / o.step)
	for i := -n; i <= n; i++ {
		y := i * o.step
		logIn := 0.0
		for j, l := range o.load {
			out := NormSF((c - l*y) / o.resid[j])
			if o.twoSided {
				out += NormSF((c + l*y) / o.resid[j])
			}
			logIn += o.count[j] * math.Log1p(-math.Min(out, 1))
		}
		w := NormPDF(y)
		inside += w * math.Exp(logIn)
		outside -= w * math.Expm1(logIn)
	}
	return math.Min(1, inside*o.step), math.Min(1, outside*o.step)
}

func oneFactorTails(q float64, lambda []float64, df float64, twoSided bool) (lower, upper float64) {
	o, ok := newOneFactor(lambda, twoSided)
	switch {
	case !ok || math.IsNaN(q) || !(df > 0):
		return math.NaN(), math.NaN()
	case math.IsInf(q, 1):
		return 1, 0
	case math.IsInf(q, -1) || twoSided && q <= 0:
		return 0, 1
	}
	if q > 1 {
		upper = math.Min(1, chiMixture(df, float64(len(lambda)), func(s float64) float64 { _, out := o.tails(q * s); return out }))
		if upper < 0.9 {
			return 1 - upper, upper
		}
	}
	lower = math.Min(1, chiMixture(df, float64(len(lambda)), func(s float64) float64 { in, _ := o.tails(q * s); return in }))
	return lower, 1 - lower
}

// OneFactorCDF is the probability that no statistic exceeds q, in absolute
// value if twoSided, under product correlation λ_i λ_j, |λ| < 1, and df
// degrees of freedom (+Inf: normal). Absolute error about 1e-12.
func OneFactorCDF(q float64, lambda []float64, df float64, twoSided bool) float64 {
	lo, _ := oneFactorTails(q, lambda, df, twoSided)
	return lo
}

// OneFactorSF is the probability that some statistic exceeds q: the adjusted
// p-value of the Dunnett test. The far tail keeps relative accuracy.
func OneFactorSF(q float64, lambda []float64, df float64, twoSided bool) float64 {
	_, up := oneFactorTails(q, lambda, df, twoSided)
	return up
}

// OneFactorQuantileUpper is the equicoordinate critical value: q with
// OneFactorSF(q) = p.
func OneFactorQuantileUpper(p float64, lambda []float64, df float64, twoSided bool) float64 {
	if _, ok := newOneFactor(lambda, twoSided); !ok || !(df > 0) || !(p >= 0 && p <= 1) {
		return math.NaN()
	}
	if p == 0 {
		return math.Inf(1)
	}
	if p == 1 {
		if twoSided {
			return 0
		}
		return math.Inf(-1)
	}
	share := p / float64(len(lambda))
	if twoSided {
		share /= 2
		start := TQuantileUpper(math.Min(share, 0.45), df)
		return positiveInverse(p, true, start, func(q float64) (float64, float64) {
			return oneFactorTails(q, lambda, df, true)
		})
	}
	want := NormQuantileUpper(p)
	q, err := monotoneRoot(func(q float64) float64 {
		return tailDeviate(oneFactorTails(q, lambda, df, false)) - want
	}, TQuantileUpper(share, df), 0.2)
	if err != nil {
		return math.NaN()
	}
	return q
}

// DunnettSF is P(max |T_i| ≥ q), or one-sided P(max T_i ≥ q), for k balanced
// comparisons with one control: correlation ½.
func DunnettSF(q float64, k int, df float64, twoSided bool) float64 {
	return OneFactorSF(q, balanced(k), df, twoSided)
}

// DunnettCDF is the complement of DunnettSF.
func DunnettCDF(q float64, k int, df float64, twoSided bool) float64 {
	return OneFactorCDF(q, balanced(k), df, twoSided)
}

// DunnettQuantileUpper is the critical value of the balanced Dunnett test.
func DunnettQuantileUpper(p float64, k int, df float64, twoSided bool) float64 {
	return OneFactorQuantileUpper(p, balanced(k), df, twoSided)
}

func balanced(k int) []float64 {
	l := make([]float64, max(k, 0))
	for i := range l {
		l[i] = math.Sqrt2 / 2
	}
	return l
}
