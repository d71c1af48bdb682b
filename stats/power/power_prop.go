package power

import (
	"context"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/twobytwo"
	"github.com/trialkit/trialkit/stats/table"
)

// ProportionDesign compares two proportions in two groups of N.
type ProportionDesign struct {
	N      float64 // per group
	P1, P2 float64
	Alpha  float64 // two-sided; 0 means 0.05
	// Method of the power; the zero value is PooledZ.
	Method ProportionPower
}

// ProportionPower names the approximation.
type ProportionPower string

// Approximations, from the one of the usual χ² test on.
const (
	// PooledZ is the z test with pooled variance, its normal power.
	PooledZ ProportionPower = "pooled-z"
	// PooledZStrict adds rejections in the wrong direction.
	PooledZStrict ProportionPower = "pooled-z-strict"
	// UnpooledZ has the unpooled variance on both sides.
	UnpooledZ ProportionPower = "unpooled-z"
	// Arcsine transforms: h = 2asin√p₁ − 2asin√p₂ (Cohen 1988).
	ArcsineH ProportionPower = "arcsine"
)

// Power returns the power by the named normal approximation; ExactPower counts
// tables. It agrees with R's power.prop.test and pwr::pwr.2p.test.
func (d ProportionDesign) Power() float64 {
	z := num.NormQuantileUpper(defaultAlpha(d.Alpha) / 2)
	diff := math.Abs(d.P1 - d.P2)
	v1 := d.P1*(1-d.P1) + d.P2*(1-d.P2)
	m := (d.P1 + d.P2) / 2
	v0 := 2 * m * (1 - m)
	root := math.Sqrt(d.N)
	switch d.Method {
	case "", PooledZ:
		return num.NormSF((z*math.Sqrt(v0) - root*diff) / math.Sqrt(v1))
	case PooledZStrict:
		s := math.Sqrt(v1)
		return num.NormSF((z*math.Sqrt(v0)-root*diff)/s) + num.NormSF((z*math.Sqrt(v0)+root*diff)/s)
	case UnpooledZ:
		return num.NormSF(z - root*diff/math.Sqrt(v1))
	case ArcsineH:
		h := math.Abs(CohenH(d.P1, d.P2)) * math.Sqrt(d.N/2)
		return num.NormSF(z-h) + num.NormSF(z+h)
	}
	panic("power.ProportionDesign: no method " + string(d.Method))
}

// CohenH is the effect size 2·asin√p₁ − 2·asin√p₂ of two proportions. Source:
// Cohen (1988), chapter 6. It agrees with R's pwr::ES.h.
func CohenH(p1, p2 float64) float64 {
	return 2*math.Asin(math.Sqrt(p1)) - 2*math.Asin(math.Sqrt(p2))
}

// SolveN returns the participants per group; round up.
func (d ProportionDesign) SolveN(power float64) (float64, error) {
	if err := checkPower("ProportionDesign.SolveN", power, defaultAlpha(d.Alpha), d.P1-d.P2); err != nil {
		return 0, err
	}
	return solveUp("ProportionDesign.SolveN", "N", 1e-6, func(n float64) float64 { e := d; e.N = n; return e.Power() }, power)
}

// SolveNContinuity returns Fleiss's number with continuity correction, which
// suits Fisher's and Yates's tests: n/4·(1 + √(1 + 4/(n|p₁ − p₂|)))².
// Source: Fleiss, Tytun & Ury (1980), doi 10.2307/2529990.
func (d ProportionDesign) SolveNContinuity(power float64) (float64, error) {
	n, err := d.SolveN(power)
	if err != nil {
		return 0, err
	}
	r := 1 + math.Sqrt(1+4/(n*math.Abs(d.P1-d.P2)))
	return n / 4 * r * r, nil
}

// ExactPower returns the probability that a test rejects, where the events of two
// independent arms are binomial with probabilities p1 and p2:
//
//	Σ_x Σ_y C(n₁, x)p₁ˣ(1 − p₁)ⁿ¹⁻ˣ · C(n₂, y)p₂ʸ(1 − p₂)ⁿ²⁻ʸ · reject(x of n₁, y of n₂)
//
// It is exact for any test, which reject decides for each table: Fisher's,
// Boschloo's, a score test. Numbers of events in either arm
// that together have a probability below 1e-15 are not asked about. The time is
// that of reject for what is left, about 70·√(n₁·n₂) tables and all of a small
// trial's.
// It refuses sizes below 1 and probabilities outside [0, 1].
// Source: Suissa & Shuster (1985), J R Stat Soc A 148:317, who sum the tables of a test
// so. R's exact2x2::Power2x2(n1, n2, p1, p2, alpha, pvalFunc) is the same sum, for a
// test given as a p-value.
func ExactPower(n1, n2 int, p1, p2 float64, reject func(treated, control table.Count) bool) (float64, error) {
	return ExactPowerContext(context.Background(), n1, n2, p1, p2, reject)
}

// ExactPowerContext is ExactPower that stops with the context's error.
func ExactPowerContext(ctx context.Context, n1, n2 int, p1, p2 float64, reject func(treated, control table.Count) bool) (float64, error) {
	if err := checkTable(n1, n2, p1, p2); err != nil {
		return 0, err
	}
	return exactPower(ctx, n1, n2, p1, p2, func(t, c table.Count) (bool, error) { return reject(t, c), nil })
}

func checkTable(n1, n2 int, p1, p2 float64) error {
	for _, c := range []struct {
		arg string
		n   int
		p   float64
	}{{"n1, p1", n1, p1}, {"n2, p2", n2, p2}} {
		if c.n < 1 || !(c.p >= 0 && c.p <= 1) {
			return &stats.SampleError{Func: "ExactPower", Arg: c.arg, Index: -1, Err: stats.ErrDomain}
		}
	}
	return nil
}

// exactPower sums the probabilities of the tables that are rejected; a table that the
// test cannot decide is an error.
func exactPower(ctx context.Context, n1, n2 int, p1, p2 float64, reject func(treated, control table.Count) (bool, error)) (float64, error) {
	lo1, b1 := likelyEvents(n1, p1)
	lo2, b2 := likelyEvents(n2, p2)
	s := 0.0
	for i, p := range b1 {
		for j, q := range b2 {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			in, err := reject(table.Count{Events: lo1 + i, N: n1}, table.Count{Events: lo2 + j, N: n2})
			if err != nil {
				return 0, err
			}
			if in {
				s += p * q
			}
		}
	}
	return math.Min(1, s), nil
}

// likelyEvents returns the probabilities of lo, lo + 1, … events of n, without
// the ends that have less than 1e-15 between them.
func likelyEvents(n int, p float64) (lo int, b []float64) {
	b = twobytwo.NewBinomialRow(n).Fill(p, twobytwo.Tiny)
	hi := n
	for left := 5e-16; lo < hi && b[lo] < left; lo++ {
		left -= b[lo]
	}
	for left := 5e-16; hi > lo && b[hi] < left; hi-- {
		left -= b[hi]
	}
	return lo, b[lo : hi+1]
}

// NonInferiorProportions is a two-group trial that is to show that the treated
// proportion P1 is above the control's P2 by more than −Margin (higher is
// better).
type NonInferiorProportions struct {
	P1, P2, Margin float64
	// Ratio is control participants per treated one; 0 means 1.
	Ratio float64
	Alpha float64 // one-sided; 0 means 0.025
	// Wald has the alternative's variance on both sides, not that of the restricted
	// estimates at the null.
	Wald bool
}

func (d NonInferiorProportions) alpha() float64 {
	if d.Alpha == 0 {
		return 0.025
	}
	return d.Alpha
}

// Restricted returns the limits of the estimates of both proportions that are restricted
// to a difference of −Margin: those of a table with the true proportions.
func (d NonInferiorProportions) Restricted() (p1, p2 float64, err error) {
	r, err := ratioOf("NonInferiorProportions.Restricted", d.Ratio)
	if err != nil {
		return 0, 0, err
	}
	p1, _, p2, _ = twobytwo.Table{X1: d.P1, N1: 1, X2: d.P2 * r, N2: r}.Restricted(twobytwo.RiskDiff, -d.Margin)
	return p1, p2, nil
}

// SolveN returns the participants of the treated group (of each, where Ratio is 1) of the
// score test of Farrington & Manning, with the null variance at the limits of the
// restricted estimates, or of Wald's. Normal approximations.
// Source: Farrington & Manning (1990), Stat Med 9:1447, doi 10.1002/sim.4780091208.
// It agrees with R's rpact::getSampleSizeRates(thetaH0 = −margin).
func (d NonInferiorProportions) SolveN(power float64) (float64, error) {
	const fn = "NonInferiorProportions.SolveN"
	if err := checkPower(fn, power, d.alpha(), d.P1-d.P2+d.Margin); err != nil {
		return 0, err
	}
	return solveAt(fn, d.form, power)
}

// PowerAt returns the power with n participants in the treated group, by the same
// approximation; NaN for a design that is refused.
func (d NonInferiorProportions) PowerAt(n float64) float64 { return powerAt(d.form, n) }

func (d NonInferiorProportions) form(fn string) (zDesign, error) {
	gap := d.P1 - d.P2 + d.Margin
	if !(gap > 0) || !(d.P1 > 0 && d.P1 < 1 && d.P2 > 0 && d.P2 < 1) {
		return zDesign{}, &stats.SampleError{Func: fn, Arg: "P1, P2", Index: -1, Err: stats.ErrDomain, Info: "outside (0, 1) or below the margin"}
	}
	r, err := ratioOf(fn, d.Ratio)
	if err != nil {
		return zDesign{}, err
	}
	v1 := d.P1*(1-d.P1) + d.P2*(1-d.P2)/r
	v0 := v1
	if !d.Wald {
		p1, p2, err := d.Restricted()
		if err != nil {
			return zDesign{}, err
		}
		v0 = p1*(1-p1) + p2*(1-p2)/r
	}
	return zDesign{gap, v0, v1, 2 * d.alpha()}, nil
}
