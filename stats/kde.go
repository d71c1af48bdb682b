package stats

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// DensityCurve is a Gaussian kernel density estimate, as points to draw.
type DensityCurve struct {
	Bandwidth float64
	X, Y      []float64 // ascending, equally spaced

	sample []float64
}

// DensityOptions sets a density estimate. The zero value is the Sheather–Jones
// bandwidth and 512 points from three bandwidths below the smallest value to
// three above the largest.
type DensityOptions struct {
	// Bandwidth is the standard deviation of the kernel.
	Bandwidth float64
	Points    int
	// From and To bound the points where From < To. The curve is not
	// renormalized.
	From, To float64
}

// Density estimates the density of a sample by f(t) = Σφ((t − xᵢ)/h)/(nh) with
// a bandwidth h by Sheather and Jones. Where that has no solution, which happens
// in heavily tied data, it refuses with ErrNotConverged: set BandwidthSilverman.
// Near the limits of a bounded scale the estimate is too low: use an empirical
// distribution there. It shows a shape; no test or interval goes with it.
//
// It refuses fewer than two values, NaN, Inf, and values that do not vary.
// Source: Silverman (1986), doi 10.1201/9781315140919. It agrees with R's
// density(x, bw = h) up to R's interpolation (1e-4).
func Density(x []float64) (DensityCurve, error) { return DensityWith(x, DensityOptions{}) }

// DensityWith is Density with options. It panics for a negative bandwidth or
// fewer than two points.
func DensityWith(x []float64, o DensityOptions) (DensityCurve, error) {
	const fn = "Density"
	if o.Bandwidth < 0 || o.Points < 0 || o.Points == 1 {
		panic(fmt.Sprintf("stats: density with bandwidth %v and %d points", o.Bandwidth, o.Points))
	}
	if o.Points == 0 {
		o.Points = 512
	}
	h := o.Bandwidth
	var err error
	if h == 0 {
		h, err = BandwidthSJ(x)
		err = renamed(fn, err)
	} else {
		err = checkMoments(fn, "x", x, 1)
	}
	if err != nil {
		return DensityCurve{}, err
	}
	lo, hi := o.From, o.To
	if !(lo < hi) {
		lo, hi = math.Inf(1), math.Inf(-1)
		for _, v := range x {
			lo, hi = math.Min(lo, v), math.Max(hi, v)
		}
		lo, hi = lo-3*h, hi+3*h
	}
	d := DensityCurve{Bandwidth: h, sample: append([]float64(nil), x...)}
	for i := range o.Points {
		t := lo + (hi-lo)*float64(i)/float64(o.Points-1)
		d.X, d.Y = append(d.X, t), append(d.Y, d.At(t))
	}
	return d, nil
}

// At returns the density estimate at t.
func (d DensityCurve) At(t float64) float64 {
	s := 0.0
	for _, v := range d.sample {
		s += num.NormPDF((t - v) / d.Bandwidth)
	}
	return s / float64(len(d.sample)) / d.Bandwidth
}

// BandwidthSilverman returns Silverman's rule of thumb, 0.9·min(SD,
// IQR/1.34)·n^(−1/5), with the SD alone where the quartiles are equal. Good
// for one mode; it blurs several. It refuses fewer than two values, NaN, Inf
// and values that do not vary. Source: Silverman (1986), eq. 3.31. It agrees
// with R's bw.nrd0.
func BandwidthSilverman(x []float64) (float64, error) {
	spread, err := kernelSpread("BandwidthSilverman", x, 1.34)
	if err != nil {
		return 0, err
	}
	return 0.9 * spread * math.Pow(float64(len(x)), -0.2), nil
}

// kernelSpread is min(SD, IQR/c), the SD where the quartiles are equal.
func kernelSpread(fn string, x []float64, c float64) (float64, error) {
	if err := checkMoments(fn, "x", x, 2); err != nil {
		return 0, err
	}
	m, ss := moments(x)
	sd := math.Sqrt(ss / float64(len(x)-1))
	if constant(sd, m) {
		return 0, noVariation(fn, "x")
	}
	q1, err := Quantile(x, 0.25, 7)
	if err != nil {
		return 0, err
	}
	q3, err := Quantile(x, 0.75, 7)
	if err != nil {
		return 0, err
	}
	if q3 > q1 {
		sd = math.Min(sd, (q3-q1)/c)
	}
	return sd, nil
}

// BandwidthSJ returns the bandwidth of Sheather and Jones, solving the equation
// for the h that is best for a normal kernel with the curvature of the density
// estimated from the pairs of values (all of them: R bins the data first, and
// is within about a thousandth). It refuses what BandwidthSilverman does, and
// with ErrNotConverged data for which the equation has no solution, such as
// values nearly all tied.
// Source: Sheather & Jones (1991), doi 10.1111/j.2517-6161.1991.tb01857.x. It
// agrees with R's bw.SJ(method = "ste").
func BandwidthSJ(x []float64) (float64, error) {
	const fn = "BandwidthSJ"
	spread, err := kernelSpread(fn, x, 1.349)
	if err != nil {
		return 0, err
	}
	n := float64(len(x))
	// Sums over pairs of the 4th and 6th derivative of the normal density.
	fourth := func(h float64) float64 {
		return pairSum(x, h, 3, func(d float64) float64 { return (d-6)*d + 3 }) / (n * (n - 1) * math.Pow(h, 5))
	}
	sixth := func(h float64) float64 {
		return pairSum(x, h, -15, func(d float64) float64 { return ((d-15)*d+45)*d - 15 }) / (n * (n - 1) * math.Pow(h, 7))
	}
	a, b := 1.24*spread*math.Pow(n, -1.0/7), 1.23*spread*math.Pow(n, -1.0/9) // rounded as in R
	ratio := 1.357 * math.Pow(fourth(a)/-sixth(b), 1.0/7)
	fail := &SampleError{Func: fn, Arg: "x", Index: -1, Err: ErrNotConverged, Info: "no bandwidth solves the equation"}
	if math.IsNaN(ratio) || !(ratio > 0) || math.IsInf(ratio, 0) {
		return 0, fail
	}
	gap := func(h float64) float64 {
		return math.Pow(1/(2*math.Sqrt(math.Pi)*n*fourth(ratio*math.Pow(h, 5.0/7))), 0.2) - h
	}
	hi := 1.144 * spread * math.Pow(n, -0.2)
	lo := 0.1 * hi
	for range 40 {
		l, u := gap(lo), gap(hi)
		if math.IsNaN(l) || math.IsNaN(u) {
			return 0, fail
		}
		if l > 0 && u < 0 {
			h, err := num.Root(gap, lo, hi, 0)
			if err != nil {
				return 0, fail
			}
			return h, nil
		}
		if l <= 0 {
			lo /= 1.5
		}
		if u >= 0 {
			hi *= 1.5
		}
	}
	return 0, fail
}

// pairSum is Σ f(δ²)·φ(δ) over all ordered pairs, δ = (xᵢ − xⱼ)/h, where a
// value with itself gives own·φ(0).
func pairSum(x []float64, h, own float64, f func(d2 float64) float64) float64 {
	s := 0.0
	for i, a := range x {
		for _, b := range x[i+1:] {
			d := (a - b) / h
			if d2 := d * d; d2 < 1000 {
				s += f(d2) * math.Exp(-d2/2)
			}
		}
	}
	return (2*s + own*float64(len(x))) / math.Sqrt(2*math.Pi)
}
