package stats

import (
	"github.com/trialkit/trialkit/stats/internal/show"

	"fmt"
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// DensityCurve is a Gaussian kernel density estimate, as points to draw.
type DensityCurve struct {
	Bandwidth float64
	X, Y      []float64 // ascending, equally spaced

	sample tally
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
		err = check.Renamed(fn, err)
	} else {
		err = check.Moments(fn, "x", x, 1)
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
	d := DensityCurve{Bandwidth: h, sample: distinctValues(x)}
	for i := range o.Points {
		t := lo + (hi-lo)*float64(i)/float64(o.Points-1)
		d.X, d.Y = append(d.X, t), append(d.Y, d.At(t))
	}
	return d, nil
}

// At returns the density estimate at t.
func (d DensityCurve) At(t float64) float64 {
	s, n := 0.0, 0.0
	for i, v := range d.sample.x {
		n += d.sample.times[i]
		s += d.sample.times[i] * num.NormPDF((t-v)/d.Bandwidth)
	}
	return s / n / d.Bandwidth
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
	if err := check.Moments(fn, "x", x, 2); err != nil {
		return 0, err
	}
	m, ss := moments.Of(x)
	sd := math.Sqrt(ss / float64(len(x)-1))
	if moments.Constant(sd, m) {
		return 0, check.NoVariation(fn, "x")
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

// exactBandwidth is the most distinct values whose pairs are all looked at.
const exactBandwidth = 1000

// BandwidthSJ returns the bandwidth of Sheather and Jones, solving the equation
// for the h that is best for a normal kernel with the curvature of the density
// estimated from the pairs of values (R bins the data first, and is within about
// a thousandth). With up to 1,000 distinct values every pair counts as it is;
// beyond, distances are counted in classes of 1/500 of the normal rule's
// bandwidth, which moves h by less than one in ten thousand and takes time in
// proportion to n. It refuses what BandwidthSilverman does, and with
// ErrNotConverged data for which the equation has no solution, such as values
// nearly all tied.
// Source: Sheather & Jones (1991), doi 10.1111/j.2517-6161.1991.tb01857.x. It
// agrees with R's bw.SJ(method = "ste").
func BandwidthSJ(x []float64) (float64, error) {
	const fn = "BandwidthSJ"
	spread, err := kernelSpread(fn, x, 1.349)
	if err != nil {
		return 0, err
	}
	fail := &SampleError{Func: fn, Arg: "x", Index: -1, Err: ErrNotConverged, Info: "no bandwidth solves the equation"}
	rule := sjRule{n: float64(len(x)), spread: spread}
	values := distinctValues(x)
	if len(values.x) <= 200 {
		h, ok := rule.solve(values.pairSum, rule.normal()/10, rule.normal())
		if !ok {
			return 0, fail
		}
		return h, nil
	}
	classes := values.classes(rule.normal() / 500)
	h, ok := rule.solve(classes.pairSum, rule.normal()/10, rule.normal())
	if ok && len(values.x) <= exactBandwidth {
		// The classes' answer is next to that of all pairs.
		h, ok = rule.solve(values.pairSum, h*(1-1e-4), h*(1+1e-4))
	}
	if !ok {
		return 0, fail
	}
	return h, nil
}

// sjRule is Sheather and Jones's equation for a sample of n.
type sjRule struct{ n, spread float64 }

// normal is the bandwidth that the rule starts from.
func (r sjRule) normal() float64 { return 1.144 * r.spread * math.Pow(r.n, -0.2) }

// solve finds the bandwidth from a bracket, which is widened where needed; sum
// is Σ f(δ²)·φ(δ) over all ordered pairs, δ being their distance over h.
func (r sjRule) solve(sum func(h float64, f func(d2 float64) float64) float64, lo, hi float64) (float64, bool) {
	n := r.n
	// Sums over pairs of the 4th and 6th derivative of the normal density.
	fourth := func(h float64) float64 {
		return sum(h, func(d float64) float64 { return (d-6)*d + 3 }) / (n * (n - 1) * math.Pow(h, 5))
	}
	sixth := func(h float64) float64 {
		return sum(h, func(d float64) float64 { return ((d-15)*d+45)*d - 15 }) / (n * (n - 1) * math.Pow(h, 7))
	}
	a, b := 1.24*r.spread*math.Pow(n, -1.0/7), 1.23*r.spread*math.Pow(n, -1.0/9) // rounded as in R
	ratio := 1.357 * math.Pow(fourth(a)/-sixth(b), 1.0/7)
	if math.IsNaN(ratio) || !(ratio > 0) || math.IsInf(ratio, 0) {
		return 0, false
	}
	gap := func(h float64) float64 {
		return math.Pow(1/(2*math.Sqrt(math.Pi)*n*fourth(ratio*math.Pow(h, 5.0/7))), 0.2) - h
	}
	l, u := gap(lo), gap(hi)
	for range 40 {
		if math.IsNaN(l) || math.IsNaN(u) {
			return 0, false
		}
		if l > 0 && u < 0 {
			h, err := num.Root(gap, lo, hi, 0)
			return h, err == nil
		}
		if l <= 0 {
			lo /= 1.5
			l = gap(lo)
		}
		if u >= 0 {
			hi *= 1.5
			u = gap(hi)
		}
	}
	return 0, false
}

// farPair is the squared distance in bandwidths beyond which a pair adds less
// to a sum than rounding does.
const farPair = 160

// tally is a sample as its distinct values, ascending, and how often each is
// there.
type tally struct{ x, times []float64 }

func distinctValues(x []float64) tally {
	sorted := append([]float64(nil), x...)
	sort.Float64s(sorted)
	var t tally
	for i, v := range sorted {
		if i == 0 || v != sorted[i-1] {
			t.x, t.times = append(t.x, v), append(t.times, 0)
		}
		t.times[len(t.times)-1]++
	}
	return t
}

// pairSum is Σ f(δ²)·φ(δ) over all ordered pairs of the sample, a value with
// itself among them.
func (t tally) pairSum(h float64, f func(d2 float64) float64) float64 {
	same, s := 0.0, 0.0
	for i, a := range t.x {
		same += t.times[i] * t.times[i]
		row := 0.0
		for j := i + 1; j < len(t.x); j++ {
			d := (t.x[j] - a) / h
			d2 := d * d
			if d2 > farPair {
				break
			}
			row += t.times[j] * f(d2) * math.Exp(-d2/2)
		}
		s += t.times[i] * row
	}
	return (2*s + same*f(0)) / math.Sqrt(2*math.Pi)
}

// lags counts the ordered pairs of a sample by their distance in classes.
type lags struct {
	width float64
	pairs []float64
}

// classes counts distances up to 25 of the bandwidths that 500 classes make:
// twelve of the widest kernel that the equation can ask for.
func (t tally) classes(width float64) lags {
	const most = 500 * 25
	var at tally
	for i, v := range t.x {
		c := math.Round((v - t.x[0]) / width)
		if last := len(at.x) - 1; last < 0 || at.x[last] != c {
			at.x, at.times = append(at.x, c), append(at.times, 0)
		}
		at.times[len(at.times)-1] += t.times[i]
	}
	l := lags{width, make([]float64, most+1)}
	for i, a := range at.x {
		l.pairs[0] += at.times[i] * at.times[i]
		for j := i + 1; j < len(at.x) && at.x[j]-a <= most; j++ {
			l.pairs[int(at.x[j]-a)] += 2 * at.times[i] * at.times[j]
		}
	}
	return l
}

func (l lags) pairSum(h float64, f func(d2 float64) float64) float64 {
	s := 0.0
	for k, pairs := range l.pairs {
		d := float64(k) * l.width / h
		d2 := d * d
		if d2 > farPair {
			break
		}
		s += pairs * f(d2) * math.Exp(-d2/2)
	}
	return s / math.Sqrt(2*math.Pi)
}

// String says where the curve runs.
func (c DensityCurve) String() string {
	if len(c.X) == 0 {
		return show.NoResult
	}
	d := show.DecimalsOf(c.X[0], c.Bandwidth)
	return fmt.Sprintf("density at %d points from %s to %s, bandwidth %s", len(c.X), show.Fixed(c.X[0], d),
		show.Fixed(c.X[len(c.X)-1], d), show.Fixed(c.Bandwidth, d))
}
