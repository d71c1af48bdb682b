package power

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// TDesign is a trial analyzed by a t-test. Its power is exact for normal data
// of one variance, by the noncentral t distribution. Fix effect and variance
// outside the data: power for the effect that was observed says nothing that
// the p-value does not say.
type TDesign struct {
	// N participants in the treated group (or pairs, or the one sample). It
	// need not be whole: SolveN returns the exact root, to be rounded up.
	N float64
	// Ratio is control participants per treated one; 0 means 1.
	Ratio float64
	// OneSample for one sample or pairs: Effect is then d_z.
	OneSample bool
	// Effect is the true difference in units of the SD. Its sign does not matter.
	Effect float64
	// Alpha is the test's size; 0 means 0.05. OneSided puts all of it into one
	// tail, the one that Effect lies in.
	Alpha    float64
	OneSided bool
	// OneTail leaves out, of a two-sided test, the rejections in the wrong
	// direction, as R's power.t.test does unless strict = TRUE.
	OneTail bool
}

func (d TDesign) alpha() float64 {
	if d.Alpha == 0 {
		return 0.05
	}
	return d.Alpha
}

// Power returns the probability of rejection. It is NaN where the design has
// no degrees of freedom, which the Solve methods refuse.
// It agrees with R's power.t.test (strict = TRUE unless OneTail) and
// pwr::pwr.t.test, pwr.t2n.test, SAS PROC POWER.
func (d TDesign) Power() float64 {
	df, ncp := d.N-1, math.Abs(d.Effect)*math.Sqrt(d.N)
	if !d.OneSample {
		r := d.Ratio
		if r == 0 {
			r = 1
		}
		m := r * d.N
		df, ncp = d.N+m-2, math.Abs(d.Effect)*math.Sqrt(d.N*m/(d.N+m))
	}
	if !(df > 0) {
		return math.NaN()
	}
	a := d.alpha()
	if !d.OneSided {
		a /= 2
	}
	t := num.TQuantileUpper(a, df)
	p := num.NCTSF(t, df, ncp)
	if !d.OneSided && !d.OneTail {
		p += num.NCTCDF(-t, df, ncp)
	}
	return p
}

// SolveN returns the N at which the design has the power asked for; round up.
// It refuses an effect of zero and a power outside (alpha, 1) (ErrDomain), and
// a power that two participants already have (ErrDomain).
func (d TDesign) SolveN(power float64) (float64, error) {
	if err := checkPower("TDesign.SolveN", power, d.alpha(), d.Effect); err != nil {
		return 0, err
	}
	lo := 2.0
	if d.OneSample {
		lo = 1 + 1e-6
	} else if d.Ratio > 0 {
		lo = math.Max(1e-9, 2/(1+d.Ratio)) * (1 + 1e-6)
	} else {
		lo = 1 + 1e-6
	}
	return solveUp("TDesign.SolveN", "N", lo, func(n float64) float64 { e := d; e.N = n; return e.Power() }, power)
}

// SolveEffect returns the effect that the design detects with the power asked
// for: the minimal detectable difference in SDs.
func (d TDesign) SolveEffect(power float64) (float64, error) {
	if err := checkPower("TDesign.SolveEffect", power, d.alpha(), 1); err != nil {
		return 0, err
	}
	return solveUp("TDesign.SolveEffect", "Effect", 1e-12, func(x float64) float64 { e := d; e.Effect = x; return e.Power() }, power)
}

// SolveAlpha returns the size at which the design has the power asked for.
func (d TDesign) SolveAlpha(power float64) (float64, error) {
	if err := checkPower("TDesign.SolveAlpha", power, 0, d.Effect); err != nil {
		return 0, err
	}
	return solveAlpha("TDesign.SolveAlpha", func(a float64) float64 { e := d; e.Alpha = a; return e.Power() }, power)
}

// checkPower refuses what no design can be solved for.
func checkPower(fn string, power, alpha, effect float64) error {
	switch {
	case !(power > alpha && power < 1):
		return &stats.SampleError{Func: fn, Arg: "power", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprintf("%v is not between alpha and 1", power)}
	case effect == 0 || math.IsNaN(effect) || math.IsInf(effect, 0):
		return &stats.SampleError{Func: fn, Arg: "effect", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprint(effect)}
	}
	return nil
}

// solveUp returns the x ≥ lo at which an increasing power reaches the target,
// to the last bits.
func solveUp(fn, arg string, lo float64, power func(x float64) float64, target float64) (float64, error) {
	if p := power(lo); p >= target {
		return 0, &stats.SampleError{Func: fn, Arg: arg, Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("power is %.3g already at the smallest possible value", p)}
	}
	hi := math.Max(4, 2*lo)
	for power(hi) < target {
		if hi *= 2; hi > 1e15 {
			return 0, &stats.SampleError{Func: fn, Arg: arg, Index: -1, Err: stats.ErrNotConverged, Info: "beyond 1e15"}
		}
	}
	return num.Bisect(lo, hi, func(x float64) bool { return !(power(x) >= target) }), nil
}

// Equivalence is a two-group trial that is to show a difference of means
// within ±Margin (or, with NonInferiority, above −Margin).
type Equivalence struct {
	// N per group, the SD, the margin, and the true difference Diff, all in
	// the outcome's unit.
	N, SD, Margin, Diff float64
	// Alpha of each one-sided test; 0 means 0.05 for equivalence and 0.025
	// for non-inferiority.
	Alpha          float64
	NonInferiority bool
	// Correlation of the covariates together with the outcome within an arm, and their
	// number: the difference is adjusted for them by analysis of covariance, as in
	// ANCOVADesign. 0 covariates: it is not.
	Correlation float64
	Covariates  int
}

func (q Equivalence) check(fn string) error {
	switch {
	case !(math.Abs(q.Correlation) < 1) || q.Correlation != 0 && q.Covariates == 0:
		return domain(fn, "Correlation", q.Correlation)
	case q.Covariates < 0:
		return domain(fn, "Covariates", q.Covariates)
	}
	return nil
}

func (q Equivalence) alpha() float64 {
	switch {
	case q.Alpha != 0:
		return q.Alpha
	case q.NonInferiority:
		return 0.025
	}
	return 0.05
}

// Power returns the exact power, with covariates averaged over their chance imbalance
// (Shieh 2020, as ANCOVADesign). For non-inferiority it is that of one
// one-sided t-test; for equivalence both tests must reject, and the power is
// integrated over the distribution of the pooled SD.
// Source: Owen (1965), doi 10.1093/biomet/52.3-4.437; Schuirmann (1987),
// doi 10.1007/BF01068419.
// Non-inferiority agrees with R's power.t.test(delta = Margin + Diff, alternative = "one.sided").
func (q Equivalence) Power() float64 {
	df := 2*q.N - 2 - float64(q.Covariates)
	if !(df > 0) || q.check("Equivalence.Power") != nil {
		return math.NaN()
	}
	plain := q.SD * math.Sqrt((1-q.Correlation*q.Correlation)*2/q.N)
	given := func(b float64) float64 {
		se := plain / math.Sqrt(b)
		if q.NonInferiority {
			return num.NCTSF(num.TQuantileUpper(q.alpha(), df), df, (q.Margin+q.Diff)/se)
		}
		return equivalencePower(df, se, q.Margin+q.Diff, q.Margin-q.Diff, q.alpha())
	}
	if q.Covariates == 0 || df > 1e5 {
		return given(1)
	}
	a, b := (df+1)/2, float64(q.Covariates)/2
	if !q.NonInferiority { // an integral itself, but smooth: some of its values say the others
		given = polynomial(given, num.BetaQuantile(1e-17, a, b), 1)
	}
	return overImbalance(given, a, b)
}

// polynomial is f's interpolation at 17 Chebyshev points between lo and hi, by the second
// barycentric formula (Berrut & Trefethen 2004, doi 10.1137/S0036144502417715).
func polynomial(f func(float64) float64, lo, hi float64) func(float64) float64 {
	const n = 16
	var x, y [n + 1]float64
	for i := range x {
		x[i] = lo + (hi-lo)*(1+math.Cos(math.Pi*float64(i)/n))/2
		y[i] = f(x[i])
	}
	return func(at float64) float64 {
		above, below := 0.0, 0.0
		for i := range x {
			d := at - x[i]
			if d == 0 {
				return y[i]
			}
			w := 1 / d
			if i%2 == 1 {
				w = -w
			}
			if i == 0 || i == n {
				w /= 2
			}
			above, below = above+w*y[i], below+w
		}
		return above / below
	}
}

// SolveN returns the N per group with the power asked for; round up. It
// refuses a true difference outside the margin.
func (q Equivalence) SolveN(power float64) (float64, error) {
	const fn = "Equivalence.SolveN"
	if err := checkPower(fn, power, q.alpha(), q.Margin); err != nil {
		return 0, err
	}
	if err := q.check(fn); err != nil {
		return 0, err
	}
	if q.Diff <= -q.Margin || (!q.NonInferiority && q.Diff >= q.Margin) {
		return 0, &stats.SampleError{Func: fn, Arg: "Diff", Index: -1, Err: stats.ErrDomain, Info: "outside the margin"}
	}
	return solveUp(fn, "N", 1+float64(q.Covariates)/2+1e-3, func(n float64) float64 { e := q; e.N = n; return e.Power() }, power)
}

// NormalN returns the usual normal approximation of SolveN:
// 2σ²(z_α + z_β)²/(Margin − |Diff|)², with β/2 for equivalence around no
// difference. It is named because it is too small for small trials.
func (q Equivalence) NormalN(power float64) float64 {
	zb := num.NormQuantileUpper(1 - power)
	gap := q.Margin + q.Diff
	if !q.NonInferiority {
		gap = q.Margin - math.Abs(q.Diff)
		if q.Diff == 0 {
			zb = num.NormQuantileUpper((1 - power) / 2)
		}
	}
	z := num.NormQuantileUpper(q.alpha()) + zb
	return 2 * q.SD * q.SD * z * z / (gap * gap)
}

// ANCOVANormalN is the normal approximation of the participants per group for
// an ANCOVA on baseline, whose correlation with follow-up is rho:
// 2(1 − ρ²)σ²(z_{α/2} + z_β)²/δ². For a t-based number use TDesign with
// Effect = δ/(σ√(1 − ρ²)) and add one participant for the slope.
// Source: Borm, Fransen & Lemmens (2007), doi 10.1016/j.jclinepi.2007.02.006.
func ANCOVANormalN(delta, sd, rho, alpha, power float64) float64 {
	z := num.NormQuantileUpper(alpha/2) + num.NormQuantileUpper(1-power)
	return 2 * (1 - rho*rho) * z * z * sd * sd / (delta * delta)
}
