package resample

import (
	"context"
	"math"
	"math/cmplx"

	"github.com/trialkit/trialkit/stats/internal/check"
)

// jointANCOVA is PermutationANCOVA's test with one covariate that varies within
// blocks, or none, from the joint characteristic function φ(t, u) = E e^{itS + iuε},
// which is computed exactly (see invertedANCOVA for S, ε and v). An arrangement
// deviates as far as the trial where ±S ≥ h(ε) = |t₀|·√v(ε), so that
//
//	P(S ≥ h(ε)) = ½ + 1/π ∫ Im(∫ F(t, e) e^{−it·h(e)} de) dt/t,  F(t, e) = 1/2π ∫ φ(t, u) e^{−iue} du
//
// (Gil-Pelaez 1951, with ε given): nothing is expanded, whatever the spread of v and however
// sums bunch. All three integrals are sums over points so close that what lies beyond
// their periods has next to no chance.
type jointANCOVA struct {
	*invertedANCOVA
	end    float64   // frequencies beyond are left out
	reach  float64   // of ε, to either side
	most   int       // frequencies of ε, to either side
	e      []float64 // values of ε
	back   [][]complex128
	picked []int
	sizes  []int
}

const (
	// jointWork is the most products of participants at pairs of frequencies in a p-value.
	jointWork = 1.5e6
	// jointSmall is the size from which on a wave is no longer left out, as waveSmall.
	jointSmall = 3e-3
	// jointAcross is the highest frequency of ε, times its standard deviation: e^{−it·h(e)}
	// has next to none beyond.
	jointAcross = 8
	// jointSmear: waves so short that they vary by so many radians with v are gone.
	jointSmear = 4
	// jointLog: sums farther out than they are with a chance of e^−jointLog are left out.
	jointLog = 12
)

// newJointANCOVA returns nil where more covariates vary, frequencies are too many, or
// sums tie, unless ties are counted elsewhere.
func newJointANCOVA(ctx context.Context, m *permModel, blocks []labelBlock, least float64, counted bool) *invertedANCOVA {
	f := newInverted(m, blocks, least)
	if len(f.cols) > 1 || !(f.v > 0) {
		return nil
	}
	j := &jointANCOVA{invertedANCOVA: f}
	for _, b := range f.blocks {
		j.sizes, j.picked = append(j.sizes, b.to-b.from), append(j.picked, b.pick)
	}
	if len(f.cols) == 1 {
		d := newDrawnSum(append([]float64(nil), f.cols[0]...), j.sizes, j.picked)
		j.reach = d.within(jointLog)
		step := math.Pi / j.reach
		j.most = int(math.Ceil(jointAcross / (d.sd * step)))
		n := 2*j.most + 7
		for l := range n {
			e := (2*float64(l)/float64(n) - 1) * j.reach
			turns := make([]complex128, 2*j.most+1)
			for k := range turns {
				damp := math.Exp(-math.Pow(float64(k-j.most)/float64(j.most+1), 8))
				turns[k] = cmplx.Exp(complex(0, -float64(k-j.most)*step*e)) * complex(damp/float64(n), 0)
			}
			j.e, j.back = append(j.e, e), append(j.back, turns)
		}
	} else {
		j.e, j.back = []float64{0}, [][]complex128{{1}}
	}
	mid := f.center()
	se := f.sd(mid) / math.Sqrt(f.v0*f.v)
	for _, delta := range []float64{0, mid, mid - 2*se, mid + 2*se} {
		end, ok := j.highest(ctx, delta)
		if !ok && !counted {
			return nil
		}
		j.end = math.Max(j.end, end)
	}
	s, _, _ := f.scores(mid + 2*se)
	d := newDrawnSum(s, j.sizes, j.picked)
	nodes := j.end * (d.within(jointLog) + 3*d.sd) / (2 * math.Pi)
	each := 0.0
	for i, n := range j.sizes {
		k := float64(min(j.picked[i], n-j.picked[i]))
		if k > waveSubsets {
			k = 14
		}
		each += float64(n) * (k + 2)
	}
	if nodes*float64(2*j.most+1)*each > jointWork {
		return nil
	}
	f.joint = j
	return f
}

// highest is the frequency from which on nothing matters under δ, or false where sums tie.
func (f *jointANCOVA) highest(ctx context.Context, delta float64) (end float64, ok bool) {
	s, _, _ := f.scores(delta)
	d := newDrawnSum(s, f.sizes, f.picked)
	if !(d.bulk > 0) {
		return 0, false
	}
	top, step := waveTo/d.bulk, 0.5/d.bulk
	smear := 1.5 * d.sd * math.Sqrt(f.spread) / 2
	top = math.Min(top, math.Max(waveFrom/d.bulk, jointSmear/math.Max(smear, 1e-300)))
	last, equal := 0.0, 0.0
	d.scan(ctx, step, top, jointSmall, waveFrom/d.bulk, func(t float64, z complex128) {
		size := cmplx.Abs(z)
		if t > last && size > jointSmall*math.Max(1, t*d.bulk/waveFrom) {
			last = t
		}
		if t*d.bulk > waveFrom {
			equal += size * size
		}
	})
	return math.Min(top, 1.3*last+6/d.bulk), equal*step <= waveEqual*(top-waveFrom/d.bulk)
}

// within is a distance from 0 that the sum exceeds with a chance of at most
// 2·e^−log: see spread.
func (d *drawnSum) within(log float64) float64 {
	a := d.largest * log / 3
	return min(1.0001*d.reach, a+math.Sqrt(a*a+2*d.sd*d.sd*log))
}

func (f *jointANCOVA) tails(ctx context.Context, delta float64) (up, low float64) {
	s, _, mean := f.scores(delta)
	d := newDrawnSum(s, f.sizes, f.picked)
	n := len(d.v)
	far := math.Abs(f.a0-delta*f.v0) / math.Sqrt(f.v0) // |t₀|
	h, highest := make([]float64, len(f.e)), 0.0
	lean := 0.0
	if len(f.lean) == 1 {
		lean = f.lean[0]
	}
	for l, e := range f.e {
		h[l] = far * math.Sqrt(math.Max(0, f.v+f.spare-2*lean*e-e*e))
		highest = math.Max(highest, h[l])
	}
	step := 2 * math.Pi / (math.Min(highest+math.Abs(mean), d.within(jointLog)) + d.within(jointLog))
	by, base, turn := make([]complex128, n), make([]complex128, n), make([]complex128, n)
	for i, x := range d.v {
		sin, cos := math.Sincos(step * x)
		by[i] = complex(cos, sin)
		sin, cos = math.Sincos(step / 2 * x)
		base[i] = complex(cos, sin)
	}
	var across []complex128
	if len(f.cols) == 1 {
		across = make([]complex128, n)
		for i, x := range f.cols[0] {
			sin, cos := math.Sincos(math.Pi / f.reach * x)
			across[i] = complex(cos, sin)
		}
	}
	z := make([]complex128, 2*f.most+1)
	up, low = 0.5, 0.5
	for j := 0; ; j++ {
		t := (float64(j) + 0.5) * step
		if t > f.end || check.Stopped(ctx) {
			break
		}
		clear(z)
		some := false
		for _, side := range []int{1, -1} {
			copy(turn, base)
			small := 0
			for k := 0; k <= f.most && small < 2; k++ {
				if k > 0 {
					for i, x := range across {
						if side < 0 {
							x = complex(real(x), -imag(x))
						}
						turn[i] *= x
					}
				}
				if k == 0 && side < 0 {
					continue
				}
				v := d.at(turn)
				z[f.most+side*k] = v
				if v == 0 {
					small++
				} else {
					small, some = 0, true
				}
			}
		}
		for i, x := range by {
			base[i] *= x
		}
		if !some {
			continue
		}
		damp := math.Exp(-math.Pow(t/f.end, 8)) / (math.Pi * (float64(j) + 0.5))
		for l := range f.e {
			var g complex128
			for k, x := range f.back[l] {
				g += x * z[k]
			}
			up += damp * imag(g*cmplx.Exp(complex(0, -t*(h[l]-mean))))
			low += damp * imag(cmplx.Conj(g)*cmplx.Exp(complex(0, -t*(h[l]+mean))))
		}
	}
	return up, low
}
