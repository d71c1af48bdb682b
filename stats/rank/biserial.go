package rank

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// RankBiserial is the rank-biserial correlation, for two groups the same as
// Cliff's δ: P(treated > control) − P(treated < control); for pairs
// (W₊ − W₋)/(W₊ + W₋). Its interval is Fisher's z with the null standard
// error: approximate, and at ±1, where z is infinite, none: −1 to 1 with Why =
// WhyNoError.
type RankBiserial struct{ Value, seZ float64 }

// CliffDelta compares every treated value with every control value. It refuses
// empty groups, NaN and Inf.
// Source: Cliff (1993), doi 10.1037/0033-2909.114.3.494; Kerby (2014),
// doi 10.2466/11.IT.3.1.
// It agrees with R's effectsize::rank_biserial(x, y) and cliffs_delta.
func CliffDelta(treated, control []float64) (RankBiserial, error) {
	const fn = "CliffDelta"
	if err := check.Sample(fn, "treated", treated, 1); err != nil {
		return RankBiserial{}, err
	}
	if err := check.Sample(fn, "control", control, 1); err != nil {
		return RankBiserial{}, err
	}
	n1, n2 := float64(len(treated)), float64(len(control))
	s := 0
	for _, x := range treated {
		for _, y := range control {
			switch {
			case x > y:
				s++
			case x < y:
				s--
			}
		}
	}
	return RankBiserial{float64(s) / (n1 * n2), math.Sqrt((n1 + n2 + 1) / (3 * n1 * n2))}, nil
}

// PairedRankBiserial is the matched-pairs rank-biserial correlation of after −
// before; differences of zero are left out of it, and count as pairs in the
// standard error of its interval (Fisher's z scale, approximate). It refuses slices of different
// length, NaN, Inf, and pairs of which none differs.
// Source: Kerby (2014), doi 10.2466/11.IT.3.1.
// It agrees with R's effectsize::rank_biserial(x, y, paired = TRUE).
func PairedRankBiserial(after, before []float64) (RankBiserial, error) {
	const fn = "PairedRankBiserial"
	if len(after) != len(before) {
		return RankBiserial{}, &stats.SampleError{Func: fn, Arg: "before", Index: -1, Err: stats.ErrLength}
	}
	if err := check.Sample(fn, "after", after, 1); err != nil {
		return RankBiserial{}, err
	}
	if err := check.Sample(fn, "before", before, 1); err != nil {
		return RankBiserial{}, err
	}
	var d, abs []float64
	for i := range after {
		if v := after[i] - before[i]; v != 0 {
			d, abs = append(d, v), append(abs, math.Abs(v))
		}
	}
	if len(d) == 0 {
		return RankBiserial{}, check.NoVariation(fn, "after − before")
	}
	r := num.DoubledRanks(abs)
	pos, all := 0.0, 0.0
	for i, v := range d {
		if v > 0 {
			pos += float64(r[i])
		} else {
			pos -= float64(r[i])
		}
		all += float64(r[i])
	}
	n := float64(len(after))
	return RankBiserial{pos / all, math.Sqrt((2*n*n*n+3*n*n+n)/6) / ((n*n + n) / 2)}, nil
}

// Point returns the correlation.
func (r RankBiserial) Point() float64 { return r.Value }

// CI returns tanh(atanh(r) ± z·SE).
func (r RankBiserial) CI(level float64) stats.Interval {
	check.Level(level)
	if math.Abs(r.Value) >= 1 {
		return stats.Interval{Lo: -1, Hi: 1, Level: level, Why: stats.WhyNoError}
	}
	h := -num.NormQuantile((1-level)/2) * r.seZ
	z := math.Atanh(r.Value)
	return stats.Interval{Lo: math.Tanh(z - h), Hi: math.Tanh(z + h), Level: level}
}
