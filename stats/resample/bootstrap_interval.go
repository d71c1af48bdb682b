package resample

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// BootInterval is a way to turn bootstrap replicates into an interval.
type BootInterval string

const (
	// BootBCa corrects the percentiles for bias and acceleration (Efron 1987,
	// doi 10.1080/01621459.1987.10478410), the default.
	BootBCa BootInterval = ""
	// BootPercentile takes the replicates' quantiles.
	BootPercentile BootInterval = "percentile"
	// BootBasic mirrors them at the estimate.
	BootBasic BootInterval = "basic"
	// BootNormal is the estimate less its bootstrap bias, ± z bootstrap standard
	// errors.
	BootNormal BootInterval = "normal"
	// BootStudentized takes the quantiles of (replicate − estimate)/SE, each
	// replicate with its own standard error.
	BootStudentized BootInterval = "studentized"
)

// WhyReplicates: the interval's end lies beyond the extreme replicates: more
// of them are needed for this level.
const WhyReplicates = "too-few-replicates"

// Boot is a bootstrapped statistic. Its p-values invert the chosen interval:
// P(null) is the largest 1 − level at which the interval still holds null, so
// that it is approximate as the interval is, and never below the resolution of
// the replicates.
type Boot struct {
	Value    float64 // the statistic of the data
	Interval BootInterval
	// SE is the replicates' standard deviation, Bias their mean less Value.
	SE, Bias float64
	// Z0 and A are BCa's bias correction and acceleration; otherwise 0.
	Z0, A float64
	// Replicates and Seed that the result depends on.
	Replicates int
	Seed       uint64
	Notes      []stats.Note

	sorted []float64 // replicates, or their studentized deviations
	scale  float64   // standard error of Value, for the studentized interval
}

var _ stats.Effect = Boot{}

// BootOf is the percentile bootstrap of replicates that were made elsewhere, for
// a statistic whose value in the data is value. Replicates without bound on a side may
// be infinite; none may be NaN, which panics. The replicates are kept, not changed.
func BootOf(value float64, replicates []float64) Boot {
	b := Boot{Value: value, Interval: BootPercentile, Replicates: len(replicates), sorted: slices.Clone(replicates)}
	for i, v := range replicates {
		if math.IsNaN(v) {
			panic(fmt.Sprintf("resample.BootOf: replicate %d is NaN", i))
		}
	}
	slices.Sort(b.sorted)
	return b
}

// Draws returns the replicates of the statistic, or their studentized
// deviations, in ascending order.
func (b Boot) Draws() []float64 { return slices.Clone(b.sorted) }

// Point returns the statistic of the data.
func (b Boot) Point() float64 { return b.Value }

// With returns the same replicates seen through another interval than BCa or
// studentized, which need more than the replicates.
func (b Boot) With(kind BootInterval) Boot {
	if kind == BootBCa || kind == BootStudentized || b.Interval == BootStudentized {
		panic("resample.Boot.With: the interval " + string(kind) + " needs its own bootstrap")
	}
	b.Interval = kind
	return b
}

// CI returns the interval at the level. Quantiles are interpolated between
// order statistics on the normal scale (Davison & Hinkley 1997, section 5.2.1),
// as in R's boot.ci. An end is infinite, with Why = WhyReplicates, where it
// would lie beyond the extreme replicates (boot.ci returns the extreme one).
func (b Boot) CI(level float64) stats.Interval {
	check.Level(level)
	alpha := permAlpha(level) / 2
	iv := stats.Interval{Level: level}
	switch b.Interval {
	case BootNormal:
		return stats.Estimate{Value: b.Value - b.Bias, SE: b.SE, DF: math.Inf(1)}.CI(level)
	case BootPercentile:
		iv.Lo, iv.Hi = b.quantile(alpha), b.quantile(1-alpha)
	case BootBasic:
		iv.Lo, iv.Hi = 2*b.Value-b.quantile(1-alpha), 2*b.Value-b.quantile(alpha)
	case BootStudentized:
		iv.Lo, iv.Hi = b.Value-b.scale*b.quantile(1-alpha), b.Value-b.scale*b.quantile(alpha)
	default:
		z := num.NormQuantile(alpha)
		iv.Lo, iv.Hi = b.quantile(b.bcaShare(z)), b.quantile(b.bcaShare(-z))
	}
	if math.IsInf(iv.Lo, 0) || math.IsInf(iv.Hi, 0) {
		iv.Why = WhyReplicates
	}
	return iv
}

// bcaShare is the share of replicates below the BCa end of normal quantile z.
func (b Boot) bcaShare(z float64) float64 {
	den := 1 - b.A*(b.Z0+z)
	if den <= 0 {
		return math.Max(0, math.Copysign(1, z))
	}
	return num.NormCDF(b.Z0 + (b.Z0+z)/den)
}

// bcaTail turns a share of replicates back into the one-sided level of the BCa
// end there.
func (b Boot) bcaTail(share float64) float64 {
	w := num.NormQuantile(share) - b.Z0
	den := 1 + b.A*w
	if den <= 0 {
		return math.Max(0, math.Copysign(1, w))
	}
	return num.NormCDF(w/den - b.Z0)
}

// quantile interpolates the replicates on the normal scale.
func (b Boot) quantile(u float64) float64 {
	m := len(b.sorted)
	rank := float64(m+1) * u
	// A rank that is whole but for rounding is that order statistic.
	if r := math.Round(rank); math.Abs(rank-r) < 1e-9*math.Max(1, r) {
		rank = r
	}
	k := int(math.Floor(rank))
	switch {
	case rank < 1:
		return math.Inf(-1)
	case rank > float64(m):
		return math.Inf(1)
	case float64(k) == rank:
		return b.sorted[k-1]
	}
	lo, hi := b.sorted[k-1], b.sorted[k]
	if lo == hi || math.IsInf(lo, 0) {
		return lo
	}
	z0, z1 := b.rankZ(k), b.rankZ(k+1)
	return lo + (num.NormQuantile(u)-z0)/(z1-z0)*(hi-lo)
}

func (b Boot) rankZ(k int) float64 {
	return num.NormQuantile(float64(k) / float64(len(b.sorted)+1))
}

// shares inverts quantile: the largest u with quantile(u) ≤ x and the smallest
// with quantile(u) ≥ x; they differ where replicates are tied at x, up to the
// rounding of mirroring and studentizing.
func (b Boot) shares(x float64) (hi, lo float64) {
	m := len(b.sorted)
	tol := 1e-12*b.SE + 0x1p-50*(math.Abs(x)+math.Abs(b.Value))
	if b.Interval == BootStudentized {
		tol = 1e-12*(1+math.Abs(x)) + 0x1p-50*math.Abs(b.Value)/b.scale
	}
	below := sort.SearchFloat64s(b.sorted, x-tol)
	upto := below + sort.Search(m-below, func(i int) bool { return b.sorted[below+i] > x+tol })
	if upto > below { // x is a replicate
		return float64(upto) / float64(m+1), float64(below+1) / float64(m+1)
	}
	switch below {
	case 0:
		return 1 / float64(m+1), 1 / float64(m+1)
	case m:
		return float64(m) / float64(m+1), float64(m) / float64(m+1)
	}
	l, h := b.sorted[below-1], b.sorted[below]
	z0, z1 := b.rankZ(below), b.rankZ(below+1)
	u := num.NormCDF(z0 + (x-l)/(h-l)*(z1-z0))
	return u, u
}

// tails returns the one-sided levels at which the lower and the upper end of
// the interval reach null.
func (b Boot) tails(null float64) (greater, less float64) {
	switch b.Interval {
	case BootNormal:
		e := stats.Estimate{Value: b.Value - b.Bias, SE: b.SE, DF: math.Inf(1)}
		return e.PGreater(null), e.PLess(null)
	case BootPercentile:
		hi, lo := b.shares(null)
		return hi, 1 - lo
	case BootBasic:
		hi, lo := b.shares(2*b.Value - null)
		return 1 - lo, hi
	case BootStudentized:
		hi, lo := b.shares((b.Value - null) / b.scale)
		return 1 - lo, hi
	}
	hi, lo := b.shares(null)
	return b.bcaTail(hi), 1 - b.bcaTail(lo)
}

// P returns the largest 1 − level at which the interval holds null.
func (b Boot) P(null float64) float64 {
	g, l := b.tails(null)
	return math.Min(1, 2*math.Min(g, l))
}

// PGreater returns the largest α at which the lower end of the interval of
// level 1 − 2α is at most null.
func (b Boot) PGreater(null float64) float64 {
	g, _ := b.tails(null)
	return g
}

// PLess is PGreater for the upper end.
func (b Boot) PLess(null float64) float64 {
	_, l := b.tails(null)
	return l
}

// Quantile returns the u-quantile of the replicates (of the studentized
// deviations for the studentized interval), infinite beyond their extremes.
func (b Boot) Quantile(u float64) float64 { return b.quantile(u) }

// setReplicates stores the replicates and their moments.
func (b *Boot) setReplicates(t []float64) {
	var mean float64
	for _, x := range t {
		mean += (x - b.Value) / float64(len(t))
	}
	var ss float64
	for _, x := range t {
		e := x - b.Value - mean
		ss += e * e
	}
	b.Bias, b.SE = mean, math.Sqrt(ss/float64(len(t)-1))
	b.Replicates = len(t)
	b.sorted = slices.Clone(t)
	slices.Sort(b.sorted)
}

// setBCa fills Z0 and A from the replicates and the jackknife influences, one
// slice an independent sample, or says why they do not exist.
func (b *Boot) setBCa(fn string, influence ...[]float64) error {
	below := sort.SearchFloat64s(b.sorted, b.Value)
	if m := len(b.sorted); below == 0 || below == m {
		side := "no bootstrap replicate lies below the estimate"
		if below == m {
			side = "every bootstrap replicate lies below the estimate"
		}
		return &stats.SampleError{Func: fn, Arg: "BCa", Index: -1, Err: stats.ErrDomain, Info: side + ", so its bias correction is infinite"}
	}
	b.Z0 = num.NormQuantile(float64(below) / float64(len(b.sorted)))
	var s2, s3 float64
	// Without a unit, so that cubes neither overflow nor vanish.
	for _, l := range moments.Rescaled(influence...) {
		n := float64(len(l))
		for _, x := range l {
			x /= n
			s2 += x * x
			s3 += x * x * x
		}
	}
	if !(s2 > 0) || math.IsInf(s2, 0) {
		return &stats.SampleError{Func: fn, Arg: "BCa", Index: -1, Err: stats.ErrNoVariation,
			Info: "leaving out any one observation gives the same statistic, so BCa has no acceleration"}
	}
	b.A = s3 / (6 * s2 * math.Sqrt(s2))
	return nil
}
