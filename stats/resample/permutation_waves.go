package resample

import (
	"context"
	"math"
	"math/cmplx"
	"slices"

	"github.com/trialkit/trialkit/stats/internal/check"
)

// drawnSum is the sum of the values drawn without replacement within blocks,
// about its mean, known by its characteristic function.
type drawnSum struct {
	blocks  []drawnBlock
	v       []float64 // centered within blocks
	sd      float64
	bulk    float64 // standard deviation without the outliers
	largest float64 // of |v|
	reach   float64 // the largest sum there is, to either side
	subsets []complex128
}

// drawnBlock has the values from…to − 1, of which pick are drawn: at most half
// of them, for as the values add up to 0, those left have the sum of those drawn.
type drawnBlock struct {
	from, to, pick int
	ways           float64 // C(n, pick)
	logChance      float64 // that pick of n are in, where each is independently
}

// newDrawnSum is for values v of blocks, one after another, of the sizes and picks
// given; it centers v.
func newDrawnSum(v []float64, sizes, picks []int) *drawnSum {
	d := &drawnSum{v: v}
	var all []float64
	var vary, pairs, top float64
	at := 0
	for i, n := range sizes {
		x := v[at : at+n]
		at += n
		k := min(picks[i], n-picks[i])
		if k == 0 {
			continue
		}
		var mean, ss float64
		for _, a := range x {
			mean += a / float64(n)
		}
		for j := range x {
			x[j] -= mean
			ss += x[j] * x[j]
			d.largest = max(d.largest, math.Abs(x[j]))
		}
		share := float64(k) * float64(n-k) / float64(n)
		vary += ss * share / float64(n-1)
		pairs += share
		all = append(all, x...)
		s := slices.Clone(x)
		slices.Sort(s)
		var low, high float64
		for j := range k {
			low -= s[j]
			high += s[n-1-j]
		}
		top += max(low, high)
		p := float64(k) / float64(n)
		d.blocks = append(d.blocks, drawnBlock{at - n, at, k, binomial(n, k),
			logBinomial(n, k) + float64(k)*math.Log(p) + float64(n-k)*math.Log(1-p)})
	}
	d.sd, d.reach = math.Sqrt(vary), top
	if len(all) > 0 {
		d.bulk = min(d.sd, bulkSD(all)*math.Sqrt(pairs))
	}
	return d
}

// spread is a distance from 0 that the sum exceeds with a chance of at most
// 2·e^−waveLog, to either side (Bernstein's inequality, which holds for draws
// without replacement).
func (d *drawnSum) spread() float64 {
	a := d.largest * waveLog / 3
	return min(1.0001*d.reach, a+math.Sqrt(a*a+2*d.sd*d.sd*waveLog))
}

const (
	waveLog = 15
	// waveDrop is the size of a characteristic function that is taken for nothing.
	waveDrop = 1e-6
	// waveSubsets is the most that are drawn of a block for sums over subsets.
	waveSubsets = 20
)

// at is E e^{itS}, or 0 where it is less than waveDrop; turn are e^{itv}.
func (d *drawnSum) at(turn []complex128) complex128 {
	most := 1.0 // the size that is left, about
	for i := range d.blocks {
		if b := &d.blocks[i]; b.pick > 3 { // others are as soon computed
			if most *= sizeLeft(turn[b.from:b.to], b.pick, waveDrop/most); most == 0 {
				return 0
			}
		}
	}
	f := complex(1, 0)
	for i := range d.blocks {
		f *= d.blocks[i].at(turn, &d.subsets)
		if re, im := real(f), imag(f); re*re+im*im < waveDrop*waveDrop {
			return 0
		}
	}
	return f
}

// sizeLeft is about how large the characteristic function of the sum of pick values drawn is at
// most, turn being their e^{itv}, or 0 where that is less than drop. Where each is in
// independently with chance p, the square of the product is at no angle of the size larger than
// (1 − 2p(1 − p)(1 − r))ⁿ, r being the size of the mean turn, as the mean of logarithms is at
// most the logarithm of the mean; and it is about √(1/r) times as wide as at t = 0.
func sizeLeft(turn []complex128, pick int, drop float64) float64 {
	var z complex128
	for _, x := range turn {
		z += x
	}
	n := float64(len(turn))
	p, r := float64(pick)/n, math.Max(cmplx.Abs(z), 1)/n
	square := 1 / r
	for k, power := len(turn), 1-2*p*(1-p)*(1-r); k > 0; k >>= 1 {
		if k&1 == 1 {
			square *= power
		}
		power *= power
	}
	if 4*square < drop*drop {
		return 0
	}
	return math.Min(1, math.Sqrt(square))
}

// at is E e^{itS} of a block.
func (b *drawnBlock) at(turn []complex128, room *[]complex128) complex128 {
	u := turn[b.from:b.to]
	var z complex128
	for _, x := range u {
		z += x
	}
	n, k := float64(len(u)), float64(b.pick)
	if b.pick == 1 {
		return z * complex(1/n, 0)
	}
	if b.pick <= waveSubsets {
		z = symmetric(u, b.pick, room)
		return z * complex(1/b.ways, 0)
	}
	p := k / n
	period := math.Min(n+1, math.Ceil(6*math.Sqrt(n*p*(1-p))+6))
	h := 2 * math.Pi / period
	side := math.Ceil(4.9 / math.Sqrt(math.Max(cmplx.Abs(z)*p*(1-p), 1e-9)) / h)
	first, count := -cmplx.Phase(z)-side*h, 2*side+1
	if count > period {
		first, count = 0, period
	}
	angle, by := cmplx.Exp(complex(0, first)), cmplx.Exp(complex(0, h))
	var f complex128
	for j := range int(count) {
		e, product := angle*complex(p, 0), complex(1, 0)
		for _, x := range u {
			product *= x*e + complex(1-p, 0)
		}
		f += product * cmplx.Exp(complex(0, -(first+float64(j)*h)*k))
		angle *= by
	}
	return f * complex(math.Exp(-b.logChance)/period, 0)
}

// scan is waves where sizes of less than small times the larger of 1 and t/from need not be told.
func (d *drawnSum) scan(ctx context.Context, step, end, small, from float64, f func(t float64, z complex128)) {
	var parts [][]float64
	var picks []int
	for _, b := range d.blocks {
		parts, picks = append(parts, d.v[b.from:b.to]), append(picks, b.pick)
	}
	glance := newWaveGlance(parts, picks, false, len(d.v), step/2, step)
	turn := make([]complex128, len(d.v))
	for t := step / 2; t <= end && !check.Stopped(ctx); t += step {
		if glance.next(small*math.Max(1, t/from)) == 0 {
			continue
		}
		for i, x := range d.v {
			sin, cos := math.Sincos(t * x)
			turn[i] = complex(cos, sin)
		}
		if z := d.at(turn); z != 0 {
			f(t, z)
		}
	}
}

// waves walks along frequencies (j + ½)·step up to end and calls f where the
// characteristic function is not nothing.
func (d *drawnSum) waves(ctx context.Context, step, end float64, f func(j int, t float64, z complex128)) {
	n := len(d.v)
	turn, by := make([]complex128, n), make([]complex128, n)
	for i, x := range d.v {
		sin, cos := math.Sincos(step / 2 * x)
		turn[i] = complex(cos, sin)
		by[i] = turn[i] * turn[i]
	}
	for j := 0; ; j++ {
		t := (float64(j) + 0.5) * step
		if t > end || check.Stopped(ctx) {
			return
		}
		if z := d.at(turn); z != 0 {
			f(j, t, z)
		}
		for i := range turn {
			turn[i] *= by[i]
		}
	}
}
