package power

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// AssuranceDesign is a trial whose true effect is not known, but believed to be normal
// with Mean and SD, in the outcome's unit and turned so that benefit is positive: from
// earlier trials, or from experts. Its assurance is power averaged over that belief.
type AssuranceDesign struct {
	Mean, SD float64
	// SE of the trial's estimate, and its degrees of freedom; 0 and +Inf mean normal.
	SE, DF float64
	// Margin that is to be exceeded; 0 asks for any benefit.
	Margin float64
	Alpha  float64 // two-sided; 0 means 0.05. Only rejections toward benefit count.
}

// Assurance returns the probability that the trial shows a benefit beyond Margin: of a
// normal estimate Φ((Mean − Margin − z·SE)/√(SE² + SD²)), of a t-test the average of its
// power over the belief, by quadrature. Unlike power it cannot exceed the probability
// that the effect is beneficial at all. NaN for a design that is refused.
// Source: O'Hagan, Stevens & Campbell (2005), Pharm Stat 4:187, doi 10.1002/pst.175.
func (d AssuranceDesign) Assurance() float64 {
	a, err := alphaOf("AssuranceDesign.Assurance", d.Alpha)
	if err != nil || !(d.SE > 0) || math.IsInf(d.SE, 0) || !(d.SD >= 0) || math.IsInf(d.SD, 0) || d.DF < 0 || math.IsNaN(d.DF) || math.IsNaN(d.Mean-d.Margin) {
		return math.NaN()
	}
	m := d.Mean - d.Margin
	if d.DF == 0 || math.IsInf(d.DF, 1) {
		return num.NormCDF((m - num.NormQuantileUpper(a/2)*d.SE) / math.Hypot(d.SE, d.SD))
	}
	t := num.TQuantileUpper(a/2, d.DF)
	given := func(effect float64) float64 { return num.NCTSF(t, d.DF, effect/d.SE) }
	if d.SD == 0 {
		return given(m)
	}
	return num.Clip01(num.Integrate(func(u float64) float64 { return num.NormPDF(u) * given(m+d.SD*u) }, -9, 9, 1e-10))
}

// Limit is the assurance of a trial without end: the probability, as believed, that the
// effect is beyond Margin.
func (d AssuranceDesign) Limit() float64 {
	if !(d.SD > 0) {
		return math.NaN()
	}
	return num.NormCDF((d.Mean - d.Margin) / d.SD)
}

// SolveSE returns the largest standard error with the assurance asked for. It refuses one
// that no trial reaches (ErrDomain), which Limit tells.
func (d AssuranceDesign) SolveSE(assurance float64) (float64, error) {
	const fn = "AssuranceDesign.SolveSE"
	if !(assurance > defaultAlpha(d.Alpha)/2 && assurance < 1) {
		return 0, domain(fn, "assurance", assurance)
	}
	if !(d.SD >= 0) || d.Mean == d.Margin && d.SD == 0 {
		return 0, domain(fn, "SD", d.SD)
	}
	unit := math.Hypot(d.Mean-d.Margin, d.SD)
	x, err := SolveFor(assurance, 1e-6, 1e6, func(x float64) float64 { e := d; e.SE = x * unit; return e.Assurance() })
	return x * unit, err
}
