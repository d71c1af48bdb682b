package topics_test

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// edgeworthSpearman is the two-sided p-value of S = Σ(rank x − rank y)² without
// ties that R prints for 10 to 1289 pairs: the Edgeworth series of Best & Roberts
// (1975), algorithm AS 89, doi 10.2307/2347111. The library has no such
// approximation; here it stands for R beside the library's own statistic. S is even,
// so that its tails are from S and from S + 2.
func edgeworthSpearman(s, n float64) float64 {
	small := 1 - edgeworthTail(s+2, n)
	if s > n*(n*n-1)/6 {
		small = edgeworthTail(s, n)
	}
	return math.Min(1, 2*math.Max(0, small))
}

// edgeworthTail is P(S ≥ s) by the series: the normal tail of the standardized s
// with a continuity correction of one, plus φ times a polynomial in odd Hermite
// terms.
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
