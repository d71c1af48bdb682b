package stats

import (
	"github.com/trialkit/trialkit/stats/internal/show"

	"context"
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// KolmogorovSmirnovTest compares two distributions by their largest distance.
type KolmogorovSmirnovTest struct {
	// D is the largest distance of the empirical distribution functions.
	D float64
	// Above is the one-sided test by the largest amount by which x's
	// distribution function exceeds y's, as it does where x tends to be smaller;
	// Below is by y's over x's.
	Above, Below KolmogorovSmirnovSide
	N, M         int

	exact, asymptotic float64
}

// P is the permutation p-value, ties taken as they are.
func (t KolmogorovSmirnovTest) P() float64 { return t.exact }

// PAsymptotic is Kolmogorov's limit at √(nm/(n+m))·D.
func (t KolmogorovSmirnovTest) PAsymptotic() float64 { return t.asymptotic }

// KolmogorovSmirnovSide is a one-sided distance with its p-values.
type KolmogorovSmirnovSide struct {
	D float64

	exact, asymptotic float64
}

// P is the permutation p-value of the side, ties taken as they are.
func (s KolmogorovSmirnovSide) P() float64 { return s.exact }

// PAsymptotic is exp(−2·D²·nm/(n+m)).
func (s KolmogorovSmirnovSide) PAsymptotic() float64 { return s.asymptotic }

// KolmogorovSmirnov tests whether two samples come from one distribution,
// two-sided and to either side. Exact counts the arrangements of the pooled values whose distance
// is at least D, by lattice paths that are looked at only where tied values
// end, so it stays exact with ties; its work grows with n·m.
// It refuses empty samples, NaN and Inf.
// Source: Smirnov (1948), doi 10.1214/aoms/1177730256; Hodges (1958) for the
// lattice; Schröer & Trenkler (1995), doi 10.1016/0167-9473(94)00040-P, for ties.
// It agrees with R's ks.test(x, y) (exact = TRUE, FALSE; its "greater" is Above)
// and SciPy's ks_2samp, whose exact p-value ignores ties.
func KolmogorovSmirnov(x, y []float64) (KolmogorovSmirnovTest, error) {
	return KolmogorovSmirnovContext(context.Background(), x, y)
}

// KolmogorovSmirnovContext is KolmogorovSmirnov that stops with the context's
// error: 10,000 against 10,000 values take a second.
func KolmogorovSmirnovContext(ctx context.Context, x, y []float64) (KolmogorovSmirnovTest, error) {
	const fn = "KolmogorovSmirnov"
	if err := check.Sample(fn, "x", x, 1); err != nil {
		return KolmogorovSmirnovTest{}, err
	}
	if err := check.Sample(fn, "y", y, 1); err != nil {
		return KolmogorovSmirnovTest{}, err
	}
	n, m := len(x), len(y)
	type value struct {
		v     float64
		fromX bool
	}
	all := make([]value, 0, n+m)
	for _, v := range x {
		all = append(all, value{v, true})
	}
	for _, v := range y {
		all = append(all, value{v, false})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].v < all[j].v })
	// Distances are whole multiples of 1/(n·m): compare |i·m − j·n|.
	ends := make([]bool, n+m+1) // a block of ties ends after k values
	// The multiples outgrow 32 bits from some 46,000 values a sample on.
	var i, j, above, below int64
	n64, m64 := int64(n), int64(m)
	for k, a := range all {
		if a.fromX {
			i++
		} else {
			j++
		}
		if k+1 == len(all) || all[k+1].v != a.v {
			ends[k+1] = true
			above, below = max(above, i*m64-j*n64), max(below, j*n64-i*m64)
		}
	}
	t := KolmogorovSmirnovTest{N: n, M: m}
	cells, rate := float64(n)*float64(m), float64(n)*float64(m)/float64(n+m)
	t.D = float64(max(above, below)) / cells
	t.asymptotic = kolmogorovSF(math.Sqrt(rate) * t.D)
	side := func(bound int64, far func(int64) int64) (s KolmogorovSmirnovSide, err error) {
		s.D = float64(bound) / cells
		s.asymptotic = math.Exp(-2 * rate * s.D * s.D)
		s.exact, err = ksExact(ctx, n, m, bound, ends, far)
		return s, err
	}
	both, err := side(max(above, below), abs)
	if err != nil {
		return KolmogorovSmirnovTest{}, err
	}
	t.exact = both.exact
	if t.Above, err = side(above, func(k int64) int64 { return k }); err != nil {
		return KolmogorovSmirnovTest{}, err
	}
	if t.Below, err = side(below, func(k int64) int64 { return -k }); err != nil {
		return KolmogorovSmirnovTest{}, err
	}
	return t, nil
}

func abs(k int64) int64 {
	if k < 0 {
		return -k
	}
	return k
}

// ksExact is the probability that a random lattice path touches far(i·m − j·n) ≥
// bound where ties end. The path's mass that has not touched yet is carried
// along, and what touches is collected, so that small tails keep their digits.
func ksExact(ctx context.Context, n, m int, bound int64, ends []bool, far func(int64) int64) (float64, error) {
	if bound == 0 {
		return 1, nil
	}
	// free[j] is P(the path is at (i, j) and has not touched).
	free := make([]float64, m+1)
	touched := 0.0
	cells := 0
	for i := 0; i <= n; i++ {
		if cells += m; cells > 1e5 {
			if cells = 0; ctx.Err() != nil {
				return 0, ctx.Err()
			}
		}
		for j := 0; j <= m; j++ {
			var p float64
			if i == 0 && j == 0 {
				p = 1
			} else {
				// From (i−1, j): next value is an x with probability
				// (n−i+1)/(n+m−i+1−j).
				if i > 0 {
					p += free[j] * float64(n-i+1) / float64(n+m-i+1-j)
				}
				if j > 0 {
					p += free[j-1] * float64(m-j+1) / float64(n+m-i-j+1)
				}
			}
			if ends[i+j] && far(int64(i)*int64(m)-int64(j)*int64(n)) >= bound {
				touched += p
				p = 0
			}
			free[j] = p
		}
	}
	return math.Min(1, touched), nil
}

// kolmogorovSF is P(K ≥ x) of Kolmogorov's distribution: the alternating
// series for large x, Jacobi's transform of it for small x.
func kolmogorovSF(x float64) float64 {
	switch {
	case x <= 0:
		return 1
	case x < 1:
		s := 0.0
		for k := 1; k < 40; k += 2 {
			s += math.Exp(-float64(k*k) * math.Pi * math.Pi / (8 * x * x))
		}
		return 1 - math.Sqrt(2*math.Pi)/x*s
	}
	s, sign := 0.0, 1.0
	for k := 1; k < 100; k++ {
		t := math.Exp(-2 * float64(k*k) * x * x)
		s += sign * t
		if t < 1e-18*s {
			break
		}
		sign = -sign
	}
	return math.Min(1, 2*s)
}

// VarianceRatio compares two variances by the F distribution: treated over
// control. Exact for normal data and very sensitive to departures; prefer
// BrownForsythe. It implements Effect on the ratio scale, where 1 is no
// difference.
type VarianceRatio struct{ Ratio, DF1, DF2 float64 }

var _ Effect = VarianceRatio{}

// CompareVariances tests the ratio of two variances, treated over control. It
// refuses fewer than two values in a group, NaN, Inf, and a group that does
// not vary.
// Source: Fisher (1925), Statistical Methods for Research Workers.
// It agrees with R's var.test and the folded F of SAS PROC TTEST.
func CompareVariances(treated, control []float64) (VarianceRatio, error) {
	if err := check.Moments("CompareVariances", "treated", treated, 2); err != nil {
		return VarianceRatio{}, err
	}
	if err := check.Moments("CompareVariances", "control", control, 2); err != nil {
		return VarianceRatio{}, err
	}
	x := moments.Rescaled(treated, control)
	a, b, err := twoSummaries("CompareVariances", x[0], x[1])
	if err != nil {
		return VarianceRatio{}, err
	}
	if moments.Constant(a.SD, a.Mean) || moments.Constant(b.SD, b.Mean) {
		return VarianceRatio{}, check.NoVariation("CompareVariances", "treated, control")
	}
	return VarianceRatio{Ratio: a.SD * a.SD / (b.SD * b.SD), DF1: float64(a.N - 1), DF2: float64(b.N - 1)}, nil
}

// Point returns the ratio of variances.
func (v VarianceRatio) Point() float64 { return v.Ratio }

// CI divides the ratio by quantiles of the F distribution.
func (v VarianceRatio) CI(level float64) Interval {
	check.Level(level)
	a := (1 - level) / 2
	return Interval{Lo: v.Ratio / num.FQuantileUpper(a, v.DF1, v.DF2), Hi: v.Ratio / num.FQuantile(a, v.DF1, v.DF2), Level: level}
}

// P is twice the smaller tail.
func (v VarianceRatio) P(null float64) float64 {
	return math.Min(1, 2*math.Min(v.PGreater(null), v.PLess(null)))
}

// PGreater is the one-sided p-value against a ratio of at most null.
func (v VarianceRatio) PGreater(null float64) float64 {
	if null <= 0 {
		return 0
	}
	return num.FSF(v.Ratio/null, v.DF1, v.DF2)
}

// PLess is the one-sided p-value against a ratio of at least null.
func (v VarianceRatio) PLess(null float64) float64 {
	if null <= 0 {
		return 1
	}
	return num.FCDF(v.Ratio/null, v.DF1, v.DF2)
}

// Yuen estimates the difference of trimmed means, treated − control, with
// Welch's degrees of freedom on the values that are left:
// SE² = Σ (n−1)s_w²/(h(h−1)), s_w the winsorized SD and h = n − 2⌊n·trim⌋.
// Approximate; robust against heavy tails. trim = 0 is Welch's method, 0.2 is
// usual. It panics unless 0 ≤ trim < 0.5, and refuses groups of which fewer
// than two values remain, NaN, Inf and groups that both do not vary.
// Source: Yuen (1974), Biometrika 61:165, doi 10.1093/biomet/61.1.165.
// It agrees with SciPy's ttest_ind(equal_var=False, trim=trim) and R's WRS2::yuen.
func Yuen(treated, control []float64, trim float64) (Estimate, error) {
	if !(trim >= 0 && trim < 0.5) {
		panic("stats.Yuen: trim outside [0, 0.5)")
	}
	// The winsorized sample keeps the middle, whose mean is taken in two parts:
	// the difference of two rounded means would lose the digits of data far
	// from zero.
	part := func(arg string, x []float64) (s varSummary, d float64, err error) {
		if err = check.Moments("Yuen", arg, x, 2); err != nil {
			return s, 0, err
		}
		w, g, err := winsorize("Yuen", arg, x, trim)
		if err != nil {
			return s, 0, err
		}
		_, ss := moments.Of(w)
		s.mean, s.low, _ = moments.Parts(w[g : len(w)-g])
		s.n = float64(len(w) - 2*g)
		return s, ss / (s.n * (s.n - 1)), nil
	}
	t, d1, err := part("treated", treated)
	if err != nil {
		return Estimate{}, err
	}
	c, d2, err := part("control", control)
	if err != nil {
		return Estimate{}, err
	}
	v := d1 + d2
	if moments.Constant(math.Sqrt(v), t.mean, c.mean) {
		return Estimate{}, check.NoVariation("Yuen", "treated, control")
	}
	a, b, h1, h2 := d1/v, d2/v, t.n, c.n
	return Estimate{Value: meanDifference(t, c), SE: math.Sqrt(v), DF: 1 / (a*a/(h1-1) + b*b/(h2-1))}, nil
}

// String formats the two-sided test: "D 0.600, p = 0.36".
func (t KolmogorovSmirnovTest) String() string { return statisticText(t.N == 0, "D", t.D, t.exact) }

// String formats the one-sided test.
func (s KolmogorovSmirnovSide) String() string {
	return statisticText(s == KolmogorovSmirnovSide{}, "D", s.D, s.exact)
}

// String formats the ratio with its 95% interval and the p-value against 1.
func (v VarianceRatio) String() string {
	if v == (VarianceRatio{}) {
		return show.NoResult
	}
	return show.Effect(v, 1, v.CI(0.95).Width()/3.92, "F, "+show.DF(v.DF1)+" and "+show.DF(v.DF2)+" df")
}
