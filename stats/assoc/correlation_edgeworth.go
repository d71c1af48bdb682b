package assoc

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/rank"
)

// SpearmanEdgeworth is Spearman with the p-values of an Edgeworth series for
// S = Σ(rank x − rank y)² without ties, where enumeration is out of reach: the
// first six cumulants' correction of the normal approximation, good to some
// 1e-3 at ten pairs and better with more. It is what R prints by default for
// 10 to 1289 pairs; prefer Spearman, which is exact up to 12.
//
// The estimate and its interval are Spearman's. It refuses what Spearman
// refuses, fewer than six pairs (ErrTooFew), ties, for which the series does not
// hold, and correlations so strong that it sums to nothing, where R prints
// p = 0 (both ErrDomain).
// Source: Best & Roberts (1975), algorithm AS 89, doi 10.2307/2347111.
// It agrees with R's cor.test(method = "spearman", exact = TRUE) from ten
// pairs on.
func SpearmanEdgeworth(x, y []float64) (Correlation, error) {
	const fn = "SpearmanEdgeworth"
	if err := checkPairs(fn, x, y, 6); err != nil {
		return Correlation{}, err
	}
	switch {
	case tiedValues(x):
		return Correlation{}, &stats.SampleError{Func: fn, Arg: "x", Index: -1, Err: stats.ErrDomain, Info: "ties"}
	case tiedValues(y):
		return Correlation{}, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrDomain, Info: "ties"}
	}
	out, err := SpearmanWith(x, y, rank.Asymptotic)
	if err != nil {
		return Correlation{}, err
	}
	n := float64(len(x))
	s := math.Round(out.Independence.Statistic)
	t := IndependenceTest{Method: rank.Asymptotic, Statistic: s, DF: math.Inf(1)}
	// S is even: its upper tail from s and from s + 2.
	atLeast, above := edgeworthTail(s, n), edgeworthTail(s+2, n)
	t.PLess, t.PGreater = atLeast, 1-above // a large S is a negative correlation
	small := 1 - above
	if s > n*(n*n-1)/6 {
		small = atLeast
	}
	if small <= 0 {
		return Correlation{}, &stats.SampleError{Func: fn, Arg: "y", Index: -1, Err: stats.ErrDomain, Info: "too far in the tail for the series"}
	}
	t.P = math.Min(1, 2*small)
	out.Independence = t
	out.Notes = []stats.Note{{Code: "rank-asymptotic"}}
	return out, nil
}

// edgeworthTail is P(S ≥ s) by the series of AS 89: the normal tail of the
// standardized s with a continuity correction of one, plus φ times a
// polynomial in odd Hermite terms.
func edgeworthTail(s, n float64) float64 {
	b := 1 / n
	x := (6*(s-1)*b/(n*n-1) - 1) * math.Sqrt(n-1)
	y := x * x
	inner := 0.0072 - 0.0831*b + y*b*(0.0131-4.6e-4*y)
	inner = 0.0879 + 0.0151*b - y*inner
	inner = -0.0758 + b*(0.1033+0.3932*b) - y*b*inner
	u := x * b * (0.2274 + b*(0.2531+0.1745*b) + y*inner) / math.Exp(y/2)
	return math.Max(0, math.Min(1, u+num.NormSF(x)))
}
