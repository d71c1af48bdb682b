package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/twobytwo"
)

// Stratum is one 2×2 table of a stratified comparison: a center, a block.
type Stratum struct{ Treated, Control Count }

// StratifiedTest is the Cochran–Mantel–Haenszel test of two binomial arms over
// strata.
type StratifiedTest struct {
	// CMH is the χ² without, Corrected with continuity correction, 1 df.
	CMH, Corrected stats.ChiSquareTest
	// BreslowDay tests whether the strata share one odds ratio, with Tarone's
	// correction; nil with fewer than two informative strata.
	BreslowDay *stats.ChiSquareTest
}

var _ stats.Test = StratifiedTest{}

// P returns the p-value of the test without continuity correction.
func (t StratifiedTest) P() float64 { return t.CMH.P() }

// String formats the test and that of one odds ratio.
func (t StratifiedTest) String() string {
	if t == (StratifiedTest{}) {
		return show.NoResult
	}
	s := "Cochran–Mantel–Haenszel " + t.CMH.String()
	if t.BreslowDay != nil {
		s += "; one odds ratio (Breslow–Day, Tarone) " + t.BreslowDay.String()
	}
	return s
}

// MantelHaenszel tests treated against control over strata, and whether the
// strata agree. Approximate: the sums over strata must be large, the strata
// may be small. It refuses no strata, bad counts and strata of which none is
// informative (ErrNoVariation).
// Source: Mantel & Haenszel (1959), doi 10.1093/jnci/22.4.719; Breslow & Day
// (1980); Tarone (1985), doi 10.1093/biomet/72.1.91.
// It agrees with R's mantelhaen.test and DescTools::BreslowDayTest, SAS
// PROC FREQ CMH.
func MantelHaenszel(strata []Stratum) (StratifiedTest, error) {
	const fn = "MantelHaenszel"
	if err := checkStrata(fn, strata); err != nil {
		return StratifiedTest{}, err
	}
	var d, v float64
	for _, s := range strata {
		t := newTable2(s.Treated, s.Control)
		m, n := t.X1+t.X2, t.N1+t.N2
		if n < 2 {
			continue
		}
		d += t.X1 - t.N1*m/n
		v += t.N1 * t.N2 * m * (n - m) / (n * n * (n - 1))
	}
	if v == 0 {
		return StratifiedTest{}, check.NoVariation(fn, "strata")
	}
	abs := math.Abs(d)
	c := abs - math.Min(0.5, abs)
	out := StratifiedTest{CMH: stats.ChiSquareTest{X2: d * d / v, DF: 1}, Corrected: stats.ChiSquareTest{X2: c * c / v, DF: 1}}
	if or, err := MantelHaenszelOddsRatio(strata); err == nil {
		out.BreslowDay = breslowDay(strata, or.Point(), true)
	}
	return out, nil
}

func checkStrata(fn string, strata []Stratum) error {
	if len(strata) == 0 {
		return &stats.SampleError{Func: fn, Arg: "strata", Index: -1, Err: stats.ErrTooFew, Info: "no strata"}
	}
	for i, s := range strata {
		for _, c := range []Count{s.Treated, s.Control} {
			if c.N < 0 || c.Events < 0 || c.Events > c.N {
				return &stats.SampleError{Func: fn, Arg: "strata", Index: i, Err: stats.ErrDomain, Info: fmt.Sprintf("%d of %d", c.Events, c.N)}
			}
		}
	}
	return nil
}

// informative strata have both arms, events and non-events.
func informative(t table2) bool {
	m := t.X1 + t.X2
	return t.N1 > 0 && t.N2 > 0 && m > 0 && m < t.N1+t.N2
}

// BreslowDay tests whether strata share one odds ratio, χ² on strata − 1 df,
// without Tarone's correction (MantelHaenszel gives the corrected one). It
// refuses what MantelHaenszelOddsRatio refuses, and fewer than two informative
// strata (ErrTooFew). Approximate: it wants large strata.
// Source: Breslow & Day (1980), Statistical Methods in Cancer Research I,
// section 4.4. It agrees with R's DescTools::BreslowDayTest.
func BreslowDay(strata []Stratum) (stats.ChiSquareTest, error) {
	or, err := MantelHaenszelOddsRatio(strata)
	if err != nil {
		return stats.ChiSquareTest{}, err
	}
	t := breslowDay(strata, or.Point(), false)
	if t == nil {
		return stats.ChiSquareTest{}, &stats.SampleError{Func: "BreslowDay", Arg: "strata", Index: -1, Err: stats.ErrTooFew, Info: "fewer than two informative strata"}
	}
	return *t, nil
}

func breslowDay(strata []Stratum, psi float64, tarone bool) *stats.ChiSquareTest {
	var x, dsum, vsum float64
	k := 0
	for _, s := range strata {
		t := newTable2(s.Treated, s.Control)
		if !informative(t) {
			continue
		}
		k++
		p1, _, _, _ := t.Restricted(twobytwo.OddsRatio, psi)
		e := t.N1 * p1
		m := t.X1 + t.X2
		v := 1 / (1/e + 1/(m-e) + 1/(t.N1-e) + 1/(t.N2-m+e))
		x += (t.X1 - e) * (t.X1 - e) / v
		dsum += t.X1 - e
		vsum += v
	}
	if k < 2 {
		return nil
	}
	if tarone {
		x -= dsum * dsum / vsum
	}
	return &stats.ChiSquareTest{X2: x, DF: float64(k - 1)}
}

// MantelHaenszelOddsRatio estimates the common odds ratio with the variance of
// Robins, Breslow & Greenland. It refuses no strata, bad counts, and strata
// from which the estimate is 0, infinite or undefined (ErrDomain).
// Source: Mantel & Haenszel (1959); Robins, Breslow & Greenland (1986),
// Biometrics 42:311, doi 10.2307/2531052.
// It agrees with R's mantelhaen.test()$estimate and $conf.int, SAS PROC FREQ CMH.
func MantelHaenszelOddsRatio(strata []Stratum) (stats.Ratio, error) {
	const fn = "MantelHaenszelOddsRatio"
	if err := checkStrata(fn, strata); err != nil {
		return stats.Ratio{}, err
	}
	var r, s, pr, psqr, qs float64
	for _, st := range strata {
		t := newTable2(st.Treated, st.Control)
		n := t.N1 + t.N2
		if n == 0 {
			continue
		}
		a, b, c, d := t.X1, t.N1-t.X1, t.X2, t.N2-t.X2
		ri, si := a*d/n, b*c/n
		p, q := (a+d)/n, (b+c)/n
		r += ri
		s += si
		pr += p * ri
		psqr += p*si + q*ri
		qs += q * si
	}
	if r == 0 || s == 0 {
		return stats.Ratio{}, &stats.SampleError{Func: fn, Arg: "strata", Index: -1, Err: stats.ErrDomain, Info: "the common odds ratio is 0, infinite or undefined"}
	}
	v := pr/(2*r*r) + psqr/(2*r*s) + qs/(2*s*s)
	return stats.Ratio{Log: stats.Estimate{Value: math.Log(r / s), SE: math.Sqrt(v), DF: math.Inf(1)}}, nil
}

// MantelHaenszelRiskRatio estimates the common risk ratio with the variance of
// Greenland & Robins. It refuses what MantelHaenszelOddsRatio refuses.
// Source: Greenland & Robins (1985), Biometrics 41:55, doi 10.2307/2530643.
// It agrees with SAS PROC FREQ CMH (relative risk, column 1).
func MantelHaenszelRiskRatio(strata []Stratum) (stats.Ratio, error) {
	const fn = "MantelHaenszelRiskRatio"
	if err := checkStrata(fn, strata); err != nil {
		return stats.Ratio{}, err
	}
	var r, s, v float64
	for _, st := range strata {
		t := newTable2(st.Treated, st.Control)
		n := t.N1 + t.N2
		if n == 0 {
			continue
		}
		r += t.X1 * t.N2 / n
		s += t.X2 * t.N1 / n
		v += (t.N1*t.N2*(t.X1+t.X2) - t.X1*t.X2*n) / (n * n)
	}
	if r == 0 || s == 0 {
		return stats.Ratio{}, &stats.SampleError{Func: fn, Arg: "strata", Index: -1, Err: stats.ErrDomain, Info: "the common risk ratio is 0, infinite or undefined"}
	}
	if v <= 0 {
		return stats.Ratio{}, check.NoVariation(fn, "strata")
	}
	return stats.Ratio{Log: stats.Estimate{Value: math.Log(r / s), SE: math.Sqrt(v / (r * s)), DF: math.Inf(1)}}, nil
}

// MantelHaenszelRiskDifference estimates the common risk difference, treated −
// control, with Sato's variance, good for few large and many small strata. It
// refuses no strata, bad counts, strata without both arms only, and a variance
// of zero.
// Source: Greenland & Robins (1985), doi 10.2307/2530643; Sato (1989),
// Biometrics 45:1323.
// It agrees with R's meta::metabin(sm = "RD", method = "MH") up to the variance
// and SAS PROC FREQ COMMONRISKDIFF(CL=MH).
func MantelHaenszelRiskDifference(strata []Stratum) (stats.Estimate, error) {
	const fn = "MantelHaenszelRiskDifference"
	if err := checkStrata(fn, strata); err != nil {
		return stats.Estimate{}, err
	}
	var w, d, p, q float64
	for _, st := range strata {
		t := newTable2(st.Treated, st.Control)
		n := t.N1 + t.N2
		if t.N1 == 0 || t.N2 == 0 {
			continue
		}
		w += t.N1 * t.N2 / n
		d += (t.X1*t.N2 - t.X2*t.N1) / n
		p += (t.N1*t.N1*t.X2 - t.N2*t.N2*t.X1 + t.N1*t.N2*(t.N2-t.N1)/2) / (n * n)
		q += (t.X1*(t.N2-t.X2) + t.X2*(t.N1-t.X1)) / (2 * n)
	}
	if w == 0 {
		return stats.Estimate{}, &stats.SampleError{Func: fn, Arg: "strata", Index: -1, Err: stats.ErrTooFew, Info: "no stratum has both arms"}
	}
	v := (d/w*p + q) / (w * w)
	if v <= 0 {
		return stats.Estimate{}, check.NoVariation(fn, "strata")
	}
	return stats.Estimate{Value: d / w, SE: math.Sqrt(v), DF: math.Inf(1)}, nil
}

// StratifiedExact estimates the exact common odds ratio, conditional on the margins
// of every stratum: an Effect by the distribution of the sum of treated events (the
// extended hypergeometric), as OddsRatioExact is for one stratum; its Fisher is the
// test by likelihood. It refuses no strata, bad counts, and strata of which none is
// informative (ErrDomain).
// Source: Gart (1970), doi 10.1093/biomet/57.3.471.
// It agrees with R's mantelhaen.test(exact = TRUE), whose interval and
// estimate are uniroot answers.
func StratifiedExact(strata []Stratum) (ExactOddsRatio, error) {
	return StratifiedExactWith(strata, ExactOptions{})
}

// StratifiedExactWith is StratifiedExact with options.
func StratifiedExactWith(strata []Stratum, o ExactOptions) (ExactOddsRatio, error) {
	const fn = "StratifiedExact"
	if err := checkStrata(fn, strata); err != nil {
		return ExactOddsRatio{}, err
	}
	lo, w := 0, []float64{1}
	var sumT, sumC Count
	for _, s := range strata {
		sumT = Count{sumT.Events + s.Treated.Events, sumT.N + s.Treated.N}
		sumC = Count{sumC.Events + s.Control.Events, sumC.N + s.Control.N}
		l, h := hypergeometric(s.Treated.N, s.Control.N, s.Treated.Events+s.Control.Events)
		lo += l
		next := make([]float64, len(w)+len(h)-1)
		for i, a := range w {
			for j, b := range h {
				next[i+j] += a * b
			}
		}
		w = next
	}
	return exactOf(fn, sumT, sumC, o, lo, w)
}
