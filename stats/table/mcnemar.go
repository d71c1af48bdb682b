package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// PairedBinary is a binary outcome seen twice in the same participants: Both
// and Neither agree, First has it only the first time, Second only the second.
type PairedBinary struct{ Both, First, Second, Neither int }

// N is the number of participants.
func (p PairedBinary) N() int { return p.Both + p.First + p.Second + p.Neither }

// McNemarTest compares the two occasions.
type McNemarTest struct {
	PairedBinary
	// Exact is the two-sided binomial p-value of the discordant pairs, MidP
	// the same counting half the observed split; both are 1 without any.
	Exact, MidP float64
	// ChiSquare and Corrected are McNemar's χ² without and with Edwards's
	// continuity correction; 0 without discordant pairs, which tell nothing.
	ChiSquare, Corrected stats.ChiSquareTest
}

// McNemar tests whether a binary outcome became commoner or rarer within the
// same participants. Exact and MidP are conditional on the discordant pairs;
// MidP is the better all-round choice in small samples (Fagerland 2013). It
// refuses negative counts and an empty table.
// Source: McNemar (1947), doi 10.1007/BF02295996; Edwards (1948); Fagerland,
// Lydersen & Laake (2013), doi 10.1186/1471-2288-13-91.
// It agrees with R's mcnemar.test and exact2x2::mcnemar.exact, SAS PROC FREQ AGREE.
func McNemar(p PairedBinary) (McNemarTest, error) {
	if err := checkPairedBinary("McNemar", p); err != nil {
		return McNemarTest{}, err
	}
	t := McNemarTest{PairedBinary: p, Exact: 1, MidP: 1}
	t.ChiSquare.DF, t.Corrected.DF = 1, 1
	n := p.First + p.Second
	if n == 0 {
		return t, nil
	}
	k := min(p.First, p.Second)
	tail := num.BinomCDF(k, n, 0.5)
	t.Exact = math.Min(1, 2*tail)
	t.MidP = math.Min(1, 2*tail-num.BinomPMF(k, n, 0.5))
	d := math.Abs(float64(p.First - p.Second))
	t.ChiSquare = stats.ChiSquareTest{X2: d * d / float64(n), DF: 1}
	c := 0.0
	if d > 0 {
		c = d - 1
	}
	t.Corrected = stats.ChiSquareTest{X2: c * c / float64(n), DF: 1}
	return t, nil
}

func checkPairedBinary(fn string, p PairedBinary) error {
	if p.Both < 0 || p.First < 0 || p.Second < 0 || p.Neither < 0 {
		return &stats.SampleError{Func: fn, Arg: "p", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprintf("%+v", p)}
	}
	if p.N() == 0 {
		return &stats.SampleError{Func: fn, Arg: "p", Index: -1, Err: stats.ErrTooFew, Info: "no participants"}
	}
	return nil
}

// OddsRatio returns the conditional odds ratio First/Second of the discordant
// pairs with its exact interval (Clopper–Pearson's, as odds). 0 and +Inf stand
// where one side is empty. It refuses pairs without discordance (ErrDomain).
// It agrees with R's exact2x2::mcnemar.exact.
func (t McNemarTest) OddsRatio(level float64) (value float64, ci stats.Interval, err error) {
	check.Level(level)
	n := t.First + t.Second
	if n == 0 {
		return 0, stats.Interval{}, &stats.SampleError{Func: "McNemar.OddsRatio", Arg: "p", Index: -1, Err: stats.ErrDomain, Info: "no discordant pairs"}
	}
	p, err := ClopperPearson(Count{t.First, n}, level)
	if err != nil {
		return 0, stats.Interval{}, err
	}
	// The complement of the upper end keeps its digits as the lower end of
	// the mirrored count.
	q, err := ClopperPearson(Count{t.Second, n}, level)
	if err != nil {
		return 0, stats.Interval{}, err
	}
	ci = stats.Interval{Lo: p.Lo / (1 - p.Lo), Hi: (1 - q.Lo) / q.Lo, Level: level}
	if t.First == 0 || t.Second == 0 {
		ci.Why = stats.WhyZero
	}
	return float64(t.First) / float64(t.Second), ci, nil
}

// PairedRiskDifference is the difference first − second of two proportions in
// the same participants, with the score interval of Tango. It implements
// Effect; p-values and interval come from the same score test, which at 0 is
// McNemar's without correction.
type PairedRiskDifference struct{ PairedBinary }

var _ stats.Effect = PairedRiskDifference{}

// PairedRisk compares two proportions in the same participants, first − second.
// Approximate, close to nominal from about ten pairs.
// It refuses what McNemar refuses.
// Source: Tango (1998), Stat Med 17:891,
// doi 10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B.
// It agrees with R's PropCIs::scoreci.mp.
func PairedRisk(p PairedBinary) (PairedRiskDifference, error) {
	return PairedRiskDifference{p}, checkPairedBinary("PairedRisk", p)
}

// Point returns (First − Second)/n.
func (p PairedRiskDifference) Point() float64 {
	return float64(p.First-p.Second) / float64(p.N())
}

// z is Tango's score statistic at a difference, decreasing in it.
func (p PairedRiskDifference) z(d float64) float64 {
	n, b, c := float64(p.N()), float64(p.First), float64(p.Second)
	// Restricted estimate of the second discordant probability: the positive
	// root of 2n·q² + B·q + C = 0.
	bb := -b - c + (2*n-b+c)*d
	cc := -c * d * (1 - d)
	q := (math.Sqrt(math.Max(0, bb*bb-8*n*cc)) - bb) / (4 * n)
	if bb > 0 { // the same root without cancellation
		q = -2 * cc / (bb + math.Sqrt(math.Max(0, bb*bb-8*n*cc)))
	}
	numer := b - c - n*d
	v := n * (2*q + d*(1-d))
	if math.Abs(numer) < 1e-13*n {
		return 0
	}
	return numer / math.Sqrt(math.Max(0, v))
}

// CI inverts the score test.
func (p PairedRiskDifference) CI(level float64) stats.Interval {
	check.Level(level)
	z, d := -num.NormQuantile((1-level)/2), p.Point()
	lo := num.Bisect(-1, d, func(x float64) bool { return x <= -1 || p.z(x) > z })
	hi := num.Bisect(d, 1, func(x float64) bool { return x <= d || p.z(x) > -z })
	return stats.Interval{Lo: lo, Hi: hi, Level: level}
}

// P returns the two-sided p-value of the score test.
func (p PairedRiskDifference) P(null float64) float64 { return 2 * num.NormSF(math.Abs(p.z(null))) }

// PGreater is the one-sided p-value against a difference of at most null.
func (p PairedRiskDifference) PGreater(null float64) float64 { return num.NormSF(p.z(null)) }

// PLess is the one-sided p-value against a difference of at least null.
func (p PairedRiskDifference) PLess(null float64) float64 { return num.NormCDF(p.z(null)) }
