package topics_test

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/resample"
)

func init() {
	reftest.Exceptions(
		reftest.Finding{Code: "boot-extreme", Topic: "bootstrap_fixed",
			Text: "Where an end would lie beyond the extreme replicate boot.ci returns that replicate, with a warning. Truth: the replicates do not say, so the end is infinite; the reference must be the extreme replicate."},
		reftest.Finding{Code: "boot-float-ties", Topic: "bootstrap_fixed",
			Text: "boot counts replicates below the estimate as floats, so that rounding decides on means that are equal, and its jackknife subtracts rounded means. Truth: z₀ and a in rational arithmetic on the decimals, the ends from Efron's (1987) formula and interpolation on the normal scale; the reference's z₀ must count some of the equal means, its a be right to the rounding of means, and its ends follow from both."},
	)
	reftest.Register("bootstrap_fixed", bootstrapCase)
}

func bootstrapCase(c *reftest.Case) error {
	x := c.Floats("x")
	var idx [][]int
	for _, row := range c.Matrix("indices_1based") {
		var r []int
		for _, v := range row {
			r = append(r, int(v)-1)
		}
		idx = append(idx, r)
	}
	b, err := resample.BootstrapMeanWith(x, resample.BootOptions{Indices: idx})
	if err != nil {
		return err
	}
	truth := newPlainBoot(x, idx)
	near := func(path string, got, want float64, holds func(ref float64) bool) {
		if ref, _ := c.Ref(path); reftest.Close(got, ref, reftest.Tol, 1e-13) {
			c.Want(path, got, reftest.Tol, 1e-13)
			return
		}
		c.WantTruthBy(path, got, want, "boot-float-ties", holds)
	}
	near("z0", b.Z0, truth.z0, func(ref float64) bool {
		n := distuv.UnitNormal.CDF(ref) * float64(len(idx))
		return math.Abs(n-math.Round(n)) < 1e-6 && float64(truth.below) <= n+0.5 && n-0.5 <= float64(truth.below+truth.equal)
	})
	near("a", b.A, truth.a, func(ref float64) bool {
		return math.Abs(ref-truth.a) <= 4*spacing(largest(x))/truth.spread
	})
	peer := truth
	peer.z0, _ = c.Ref("z0")
	peer.a, _ = c.Ref("a")
	level := levelOf(c)
	tail := (1 - level) / 2
	want := func(path string, e stats.Effect, truths ...[2]float64) {
		ci := e.CI(level)
		for i, end := range []float64{ci.Lo, ci.Hi} {
			at := fmt.Sprint(path, ".", i)
			ref, _ := c.Ref(at)
			switch {
			case math.IsInf(end, 0):
				c.WantTruthBy(at, end, math.Inf(2*i-1), "boot-extreme", func(ref float64) bool {
					return truth.nearest(ref) == []float64{truth.means[0], truth.means[len(idx)-1]}[i]
				})
			case truths != nil && !reftest.Close(end, ref, reftest.Tol, 0):
				c.WantTruthBy(at, end, truths[i][0], "boot-float-ties", reftest.Is(truths[i][1]))
			default:
				c.Want(at, end)
			}
		}
	}
	z := distuv.UnitNormal.Quantile(tail)
	want("bca", b, [2]float64{truth.quantile(truth.share(z)), peer.quantile(peer.share(z))},
		[2]float64{truth.quantile(truth.share(-z)), peer.quantile(peer.share(-z))})
	want("perc", b.With(resample.BootPercentile))
	want("basic", b.With(resample.BootBasic))
	want("norm", b.With(resample.BootNormal))
	// The same through the general path.
	g, err := resample.BootstrapSampleWith(x, func(v []float64) float64 {
		s := 0.0
		for _, a := range v {
			s += a
		}
		return s / float64(len(v))
	}, resample.BootOptions{Indices: idx, Interval: resample.BootPercentile})
	if err != nil {
		return err
	}
	want("perc", g)
	return nil
}

// plainBoot is the BCa interval of a mean from rational arithmetic.
type plainBoot struct {
	means        []float64 // sorted
	z0, a        float64
	below, equal int     // replicates below the estimate, and equal to it
	spread       float64 // root of the sum of squares
}

func newPlainBoot(x []float64, idx [][]int) plainBoot {
	var p plainBoot
	all := make([]int, len(x))
	for i := range all {
		all[i] = i
	}
	mean, below := decimalMean(x, all), 0
	for _, row := range idx {
		m := decimalMean(x, row)
		switch m.Cmp(mean) {
		case -1:
			below++
		case 0:
			p.equal++
		}
		p.means = append(p.means, ratFloat(m))
	}
	slices.Sort(p.means)
	p.z0 = distuv.UnitNormal.Quantile(float64(below) / float64(len(idx)))
	var s2, s3 float64
	for _, v := range x { // a mean's influence values are the distances from it
		d := ratFloat(new(big.Rat).Sub(new(big.Rat).SetFloat64(v), mean))
		s2, s3 = s2+d*d, s3+d*d*d
	}
	p.below, p.spread = below, math.Sqrt(s2)
	p.a = s3 / (6 * math.Pow(s2, 1.5))
	return p
}

// decimalMean is the mean of chosen values as they are written in decimals.
func decimalMean(x []float64, rows []int) *big.Rat {
	sum := new(big.Rat)
	for _, k := range rows {
		v, ok := new(big.Rat).SetString(strconv.FormatFloat(x[k], 'g', -1, 64))
		if !ok {
			panic("not a number")
		}
		sum.Add(sum, v)
	}
	return sum.Quo(sum, big.NewRat(int64(len(rows)), 1))
}

// share is the adjusted quantile level at the normal deviate z.
func (p plainBoot) share(z float64) float64 {
	return distuv.UnitNormal.CDF(p.z0 + (p.z0+z)/(1-p.a*(p.z0+z)))
}

func (p plainBoot) quantile(u float64) float64 {
	n := len(p.means)
	k := int(float64(n+1) * u)
	switch {
	case k < 1:
		return math.Inf(-1)
	case k >= n:
		return math.Inf(1)
	}
	q := func(k int) float64 { return distuv.UnitNormal.Quantile(float64(k) / float64(n+1)) }
	return p.means[k-1] + (distuv.UnitNormal.Quantile(u)-q(k))/(q(k+1)-q(k))*(p.means[k]-p.means[k-1])
}

// nearest is the replicate closest to v.
func (p plainBoot) nearest(v float64) float64 {
	best := p.means[0]
	for _, m := range p.means {
		if math.Abs(m-v) < math.Abs(best-v) {
			best = m
		}
	}
	if math.Abs(best-v) > 1e-9*math.Max(1, math.Abs(v)) {
		return math.NaN()
	}
	return best
}
