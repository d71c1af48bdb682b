package power

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// CrossoverDesign is an AB/BA trial of N participants in all, half in each sequence,
// without carry-over, analyzed with participants and periods as fixed: a t-test on N − 2
// degrees of freedom whose standard error is SD·√(2/N), SD being that of one measurement
// within a participant. Exact for normal data. Source: Senn (2002), Cross-over Trials in
// Clinical Research, 2nd edition, doi 10.1002/0470854596. Without margins
// it agrees with R's pwr::pwr.t.test(n = N, d = effect/(SD√2), type = "paired") but for one
// degree of freedom.
type CrossoverDesign struct {
	N, Effect, SD float64
	// Low and High are the margins of equivalence of the difference, Low below High; both 0
	// for a test of no difference. On a log scale they are log(0.8) and log(1.25).
	Low, High float64
	// Alpha is two-sided without margins (0 means 0.05), and that of each one-sided test
	// with them (0 means 0.05).
	Alpha float64
}

func (d CrossoverDesign) equivalence() bool { return d.Low != 0 || d.High != 0 }

func (d CrossoverDesign) check(fn string) error {
	_, err := alphaOf(fn, d.Alpha)
	switch {
	case err != nil:
	case !(d.SD > 0) || math.IsInf(d.SD, 0):
		err = domain(fn, "SD", d.SD)
	case d.equivalence() && !(d.Low < d.High):
		err = domain(fn, "Low, High", d.High)
	}
	return err
}

// Power returns the power; NaN for a design that is refused.
func (d CrossoverDesign) Power() float64 {
	df := d.N - 2
	if d.check("CrossoverDesign.Power") != nil || !(df > 0) {
		return math.NaN()
	}
	se := d.SD * math.Sqrt(2/d.N)
	if d.equivalence() {
		return equivalencePower(df, se, d.Effect-d.Low, d.High-d.Effect, defaultAlpha(d.Alpha))
	}
	t := num.TQuantileUpper(defaultAlpha(d.Alpha)/2, df)
	ncp := math.Abs(d.Effect) / se
	return num.NCTSF(t, df, ncp) + num.NCTCDF(-t, df, ncp)
}

// SolveN returns the smallest even number of participants with the power asked for. It
// refuses a difference outside the margins, and none where there are no margins.
func (d CrossoverDesign) SolveN(power float64) (int, error) {
	const fn = "CrossoverDesign.SolveN"
	if err := d.check(fn); err != nil {
		return 0, err
	}
	effect := d.Effect
	if d.equivalence() {
		effect = 1
		if !(d.Effect > d.Low && d.Effect < d.High) {
			return 0, domain(fn, "Effect", d.Effect)
		}
	}
	if err := checkPower(fn, power, defaultAlpha(d.Alpha), effect); err != nil {
		return 0, err
	}
	at := func(n int) bool { e := d; e.N = float64(n); return e.Power() >= power }
	hi := 4
	for !at(hi) {
		if hi *= 2; hi > 1<<29 {
			return 0, &stats.SampleError{Func: fn, Arg: "N", Index: -1, Err: stats.ErrNotConverged}
		}
	}
	lo := hi / 2
	for hi-lo > 2 {
		if mid := (lo + hi) / 4 * 2; at(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi, nil
}

// NormalN is the size by normal quantiles of a test of no difference: 2σ²(z_{1−α/2} +
// z_power)²/δ², too few for small trials.
func (d CrossoverDesign) NormalN(power float64) (float64, error) {
	const fn = "CrossoverDesign.NormalN"
	if err := d.check(fn); err != nil {
		return 0, err
	}
	v := 2 * d.SD * d.SD
	return zDesign{d.Effect, v, v, defaultAlpha(d.Alpha)}.n(fn, power)
}

// equivalencePower is the probability that two one-sided t-tests on df degrees of
// freedom both reject, where the true difference lies below and above its margins by those
// amounts: given the ratio s of the estimated to the true standard error se, the
// estimate must be within both margins by t·s·se. Integrated over s, which is exact: the
// two statistics are bivariate noncentral t (Owen 1965, doi 10.1093/biomet/52.3-4.437).
func equivalencePower(df, se, below, above, alpha float64) float64 {
	t := num.TQuantileUpper(alpha, df)
	given := func(s float64) float64 {
		return math.Max(0, num.NormCDF(above/se-t*s)-num.NormSF(below/se-t*s))
	}
	if df > 1e10 {
		// The estimate of the SD is the SD, to 1e-10, and its density too narrow for float64.
		return given(1)
	}
	top := (below + above) / (2 * t * se)
	f := func(s float64) float64 { return 2 * df * s * num.ChiSqPDF(df*s*s, df) * given(s) }
	// The density peaks near 1 with a width of 1/√(2df).
	w := 1 / math.Sqrt(2*df)
	v, from := 0.0, 0.0
	for _, to := range []float64{1 - 10*w, 1 - 3*w, 1, 1 + 3*w, 1 + 10*w, 1 + 40*w} {
		if to = math.Min(to, top); to > from {
			v += num.Integrate(f, from, to, 1e-12)
			from = to
		}
	}
	return math.Min(1, v)
}
