package stats

import (
	"github.com/trialkit/trialkit/stats/internal/show"

	"fmt"
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
)

// Description summarizes one sample.
type Description struct {
	// N values; Missing is for callers that know how many were not observed.
	N, Missing int
	// SD has divisor N − 1 and SE = SD/√N; both are NaN for N = 1, and every
	// statistic is NaN for N = 0, because then it does not exist.
	Mean, SD, SE float64
	// Quartiles are of type 7 of Hyndman & Fan (1996, doi
	// 10.1080/00031305.1996.10473566), the default of R.
	Min, Q1, Median, Q3, Max float64
}

// Describe summarizes a sample: mean, SD, SE, median, type-7 quartiles and
// range. An empty sample gives N = 0 and NaN elsewhere: a table shows that
// nobody was measured. The only errors are a NaN or Inf in x (ErrNotFinite) and a
// value beyond 1e152, whose square overflows (ErrDomain).
// Source: Hyndman & Fan (1996), doi 10.1080/00031305.1996.10473566, for the
// quartiles. It agrees with R's mean, sd, quantile(type = 7) and range.
func Describe(x []float64) (Description, error) {
	if err := check.Moments("Describe", "x", x, 0); err != nil {
		return Description{}, err
	}
	nan := math.NaN()
	d := Description{N: len(x), Mean: nan, SD: nan, SE: nan, Min: nan, Q1: nan, Median: nan, Q3: nan, Max: nan}
	if len(x) == 0 {
		return d, nil
	}
	mean, ss := moments.Of(x)
	d.Mean = mean
	if len(x) > 1 {
		d.SD = math.Sqrt(ss / float64(len(x)-1))
		d.SE = d.SD / math.Sqrt(float64(len(x)))
	}
	s := append([]float64(nil), x...)
	sort.Float64s(s)
	d.Min, d.Max = s[0], s[len(s)-1]
	d.Q1, d.Median, d.Q3 = moments.Quantile(s, 0.25, 7), moments.Quantile(s, 0.5, 7), moments.Quantile(s, 0.75, 7)
	return d, nil
}

// Quantile estimates the p-quantile by one of the nine types of Hyndman & Fan
// (1996), Am Stat 50:361, doi 10.1080/00031305.1996.10473566. Type 7 is R's
// default, 6 is Minitab's, SPSS's and Prism's. SAS PCTLDEF 1, 2, 3, 4, 5 are
// types 4, 3, 1, 6, 2 (see SASQuantileType).
//
// It refuses an empty sample, NaN or Inf (typed errors), and panics unless
// 0 ≤ p ≤ 1 and 1 ≤ typ ≤ 9. It agrees with R's quantile(x, p, type = typ).
func Quantile(x []float64, p float64, typ int) (float64, error) {
	if err := check.Sample("Quantile", "x", x, 1); err != nil {
		return 0, err
	}
	if !(p >= 0 && p <= 1) || typ < 1 || typ > 9 {
		panic(fmt.Sprintf("stats.Quantile: p = %v, type = %d", p, typ))
	}
	s := append([]float64(nil), x...)
	sort.Float64s(s)
	return moments.Quantile(s, p, typ), nil
}

// SASQuantileType returns the type of Quantile that equals SAS PCTLDEF (QNTLDEF)
// def, 1 to 5; 5 is SAS's default.
func SASQuantileType(def int) int { return [...]int{4, 3, 1, 6, 2}[def-1] }

// String formats the description: "6.62 (SD 0.65), median 6.60 [6.20 to 7.10], 5.80
// to 7.40, n = 5".
func (d Description) String() string {
	if d.N == 0 {
		return show.NoResult
	}
	k := show.DecimalsOf(d.Mean, d.SE)
	f := func(x float64) string { return show.Fixed(x, k) }
	return fmt.Sprintf("%s (SD %s), median %s [%s to %s], %s to %s, n = %d",
		f(d.Mean), f(d.SD), f(d.Median), f(d.Q1), f(d.Q3), f(d.Min), f(d.Max), d.N)
}
