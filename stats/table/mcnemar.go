package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// PairedBinary is a binary outcome seen twice in the same participants: Both
// and Neither agree, First has it only the first time, Second only the second.
type PairedBinary struct {
	Both    int `json:"both"`
	First   int `json:"first"`
	Second  int `json:"second"`
	Neither int `json:"neither"`
}

// N is the number of participants.
func (p PairedBinary) N() int { return p.Both + p.First + p.Second + p.Neither }

// String writes "both 12, first 9, second 2, neither 20".
func (p PairedBinary) String() string {
	return fmt.Sprintf("both %d, first %d, second %d, neither %d", p.Both, p.First, p.Second, p.Neither)
}

// McNemarOptions choose the tails of McNemar's exact test.
type McNemarOptions struct {
	// MidP counts half the observed split: the better all-round choice in small
	// samples (Fagerland 2013).
	MidP bool
}

// McNemarTest compares the two occasions. P is the binomial test of the discordant
// pairs.
type McNemarTest struct {
	PairedBinary
	MidP bool
	// ChiSquare and Corrected are McNemar's χ² without and with Edwards's
	// continuity correction; 0 without discordant pairs, which tell nothing.
	ChiSquare, Corrected stats.ChiSquareTest
}

var _ stats.Test = McNemarTest{}

// McNemar tests whether a binary outcome became commoner or rarer within the
// same participants. P is exact, conditional on the discordant pairs; without any it
// is 1. It refuses negative counts and an empty table.
// Source: McNemar (1947), doi 10.1007/BF02295996; Edwards (1948); Fagerland,
// Lydersen & Laake (2013), doi 10.1186/1471-2288-13-91.
// It agrees with R's mcnemar.test and exact2x2::mcnemar.exact, SAS PROC FREQ AGREE.
func McNemar(p PairedBinary) (McNemarTest, error) { return McNemarWith(p, McNemarOptions{}) }

// McNemarWith is McNemar with options.
func McNemarWith(p PairedBinary, o McNemarOptions) (McNemarTest, error) {
	if err := checkPairedBinary("McNemar", p); err != nil {
		return McNemarTest{}, err
	}
	t := McNemarTest{PairedBinary: p, MidP: o.MidP}
	t.ChiSquare.DF, t.Corrected.DF = 1, 1
	if n := float64(p.First + p.Second); n > 0 {
		d := math.Abs(float64(p.First - p.Second))
		c := math.Max(0, d-1)
		t.ChiSquare.X2, t.Corrected.X2 = d*d/n, c*c/n
	}
	return t, nil
}

// P returns the two-sided p-value.
func (t McNemarTest) P() float64 {
	k, n := min(t.First, t.Second), t.First+t.Second
	if n == 0 {
		return 1
	}
	p := 2 * num.BinomCDF(k, n, 0.5)
	if t.MidP {
		p -= num.BinomPMF(k, n, 0.5)
	}
	return math.Min(1, p)
}

// String formats the test: "McNemar's exact test: p = 0.0654 (9 against 2
// discordant pairs)".
func (t McNemarTest) String() string {
	if t == (McNemarTest{}) {
		return show.NoResult
	}
	tails := "exact"
	if t.MidP {
		tails = "mid-p"
	}
	return fmt.Sprintf("McNemar's %s test: p %s (%d against %d discordant pairs)", tails, show.P(t.P()), t.First, t.Second)
}

// PairedOddsRatio estimates the conditional odds ratio First/Second of the
// discordant pairs with its exact interval (Clopper–Pearson's, as odds). 0 and +Inf
// stand where one side is empty. P(1) is McNemar's exact p-value. It refuses what
// McNemar refuses, and pairs without discordance (ErrDomain).
// Source: Breslow & Day (1980), Statistical Methods in Cancer Research 1, equation
// 5.2. It agrees with R's exact2x2::mcnemar.exact.
func PairedOddsRatio(p PairedBinary) (BinomialRatio, error) {
	if err := checkPairedBinary("PairedOddsRatio", p); err != nil {
		return BinomialRatio{}, err
	}
	if p.First+p.Second == 0 {
		return BinomialRatio{}, &stats.SampleError{Func: "PairedOddsRatio", Arg: "p", Index: -1, Err: stats.ErrDomain, Info: "no discordant pairs"}
	}
	return BinomialRatio{p.First, p.Second, 1, 1}, nil
}

func checkPairedBinary(fn string, p PairedBinary) error {
	if p.Both < 0 || p.First < 0 || p.Second < 0 || p.Neither < 0 {
		return &stats.SampleError{Func: fn, Arg: "p", Index: -1, Err: stats.ErrDomain, Info: p.String()}
	}
	if p.N() == 0 {
		return &stats.SampleError{Func: fn, Arg: "p", Index: -1, Err: stats.ErrTooFew, Info: "no participants"}
	}
	return nil
}

// PairedRiskDifference is the difference first − second of two proportions in
// the same participants, with the score interval of Tango. It implements
// Effect; p-values and interval come from the same score test, which at 0 is
// McNemar's without correction.
type PairedRiskDifference struct{ PairedBinary }

var _ stats.Effect = PairedRiskDifference{}

const tangoMethod = "Tango's score"

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
	if math.Abs(d) > 1 { // no difference is
		return math.Copysign(math.Inf(1), -d)
	}
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

// String formats the difference in percentage points.
func (p PairedRiskDifference) String() string {
	if p == (PairedRiskDifference{}) {
		return show.NoResult
	}
	return percentText(p, tangoMethod)
}
