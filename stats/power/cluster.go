package power

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// ClusterDesign is a parallel trial that randomizes clusters (practices, wards), with a
// measured outcome. With mean size m, its coefficient of variation CV and the intracluster
// correlation ICC, the variance of a mean is inflated by the design effect
//
//	1 + ((1 + CV²)·m − 1)·ICC
//
// and the test is a t-test on 2(k − 1) degrees of freedom, k clusters an arm: exact for normal
// clusters of one size, approximate (on the safe side of weighted analyses) otherwise.
// Source: Eldridge, Ashby & Kerry (2006), Int J Epidemiol 35:1292, doi 10.1093/ije/dyl129.
type ClusterDesign struct {
	// Clusters an arm and participants a cluster, of which CV is the coefficient of variation.
	Clusters, Size, CV float64
	// ICC is the correlation within a cluster; Effect and SD, of participants and clusters
	// together, are in the outcome's unit.
	ICC, Effect, SD float64
	Alpha           float64 // two-sided; 0 means 0.05
}

func (d ClusterDesign) check(fn string) error {
	_, err := alphaOf(fn, d.Alpha)
	switch {
	case err != nil:
	case !(d.Size > 0) || math.IsInf(d.Size, 0):
		err = domain(fn, "Size", d.Size)
	case !(d.CV >= 0) || math.IsInf(d.CV, 0):
		err = domain(fn, "CV", d.CV)
	case !(d.ICC >= 0 && d.ICC <= 1):
		err = domain(fn, "ICC", d.ICC)
	case !(d.SD > 0) || math.IsInf(d.SD, 0):
		err = domain(fn, "SD", d.SD)
	}
	return err
}

// DesignEffect is the factor by which clusters inflate the variance.
func (d ClusterDesign) DesignEffect() float64 { return 1 + ((1+d.CV*d.CV)*d.Size-1)*d.ICC }

// Power returns the power of the t-test on the means of clusters, in either direction;
// NaN for a design that is refused or has one cluster an arm.
func (d ClusterDesign) Power() float64 {
	df := 2 * (d.Clusters - 1)
	if d.check("ClusterDesign.Power") != nil || !(df > 0) {
		return math.NaN()
	}
	ncp := math.Abs(d.Effect) / (d.SD * math.Sqrt(2*d.DesignEffect()/(d.Clusters*d.Size)))
	t := num.TQuantileUpper(defaultAlpha(d.Alpha)/2, df)
	return num.NCTSF(t, df, ncp) + num.NCTCDF(-t, df, ncp)
}

// SolveClusters returns the clusters an arm; round up.
func (d ClusterDesign) SolveClusters(power float64) (float64, error) {
	const fn = "ClusterDesign.SolveClusters"
	if err := d.check(fn); err != nil {
		return 0, err
	}
	if err := checkPower(fn, power, defaultAlpha(d.Alpha), d.Effect); err != nil {
		return 0, err
	}
	return solveUp(fn, "Clusters", 1+1e-3, func(k float64) float64 { e := d; e.Clusters = k; return e.Power() }, power)
}

// SolveSize returns the mean size of Clusters clusters an arm. It is an error where no size
// is enough: beyond some size more participants in the same clusters add nothing.
func (d ClusterDesign) SolveSize(power float64) (float64, error) {
	const fn = "ClusterDesign.SolveSize"
	d.Size = 1
	if err := d.check(fn); err != nil {
		return 0, err
	}
	return SolveFor(power, 1e-3, 1e9, func(m float64) float64 { e := d; e.Size = m; return e.Power() })
}

// NormalN returns the participants an arm by normal quantiles, 2σ²(z_{1−α/2} +
// z_power)²/δ² times the design effect: too few where clusters are few.
func (d ClusterDesign) NormalN(power float64) (float64, error) {
	const fn = "ClusterDesign.NormalN"
	if err := d.check(fn); err != nil {
		return 0, err
	}
	v := 2 * d.SD * d.SD * d.DesignEffect()
	return zDesign{d.Effect, v, v, defaultAlpha(d.Alpha)}.n(fn, power)
}
