package resample

import (
	"cmp"
	"context"
	"math"
	"math/cmplx"
	"slices"
	"sync"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/trialkit/trialkit/stats/internal/check"
)

// tiedANCOVA is the test of an outcome and a baseline on coarse grids, where many
// arrangements tie with the trial under null values of whole and half steps. |t|
// depends on two sums over the treated, of outcomes and of baselines in whole
// steps, and their joint distribution follows from its characteristic function, to
// 1e-5 in p, by a Fourier sum over periods that are longer than the sums reach. Under
// other null values p is that of a smooth test, but never beyond those of the whole and half
// steps next to it, as an exact one is not.
type tiedANCOVA struct {
	*invertedANCOVA
	y, z   []float64 // outcome in steps; whether treated
	x      []float64 // baseline in steps, from each block's first
	step   permStep
	known  *tiedKnown
	smooth permTest // between half steps
}

// tiedKnown are the answers under half steps that were asked for.
type tiedKnown struct {
	sync.Mutex
	at map[float64]tiedAnswer
}

// tiedAnswer are the shares of arrangements whose t is at least the trial's, at
// most, and as far from 0.
type tiedAnswer struct{ up, low, two float64 }

const (
	// tiedSpread is how many standard deviations of a sum its period has to either side.
	tiedSpread = 6
	// tiedDrop is the size of a characteristic function that is taken for nothing.
	tiedDrop = 1e-7
	// tiedEvery: of the frequencies so many are looked at, each way, for peaks, which are
	// about ten wide.
	tiedEvery = 4
	// tiedFrom is the chance of the commonest pair of sums from which on ties matter, and
	// tiedWork bounds the participants times frequencies of a null value.
	tiedFrom, tiedWork = 5e-4, 4e5
	// tiedDense is how many frequencies of x a frequency of y has, from which on a transform
	// of them all is faster than a sum over each.
	tiedDense = 40
)

// newTiedANCOVA returns nil where other columns than outcome and baseline vary
// within blocks, one of these is off any grid, or the commonest pair of sums has a chance
// below from.
func newTiedANCOVA(m *permModel, blocks []labelBlock, least, from float64) *tiedANCOVA {
	var vary [][]float64
	var z []float64
	for j, raw := range m.raw {
		var all []float64
		varies := false
		for _, b := range blocks {
			for _, i := range b.rows {
				varies = varies || raw[i] != raw[b.rows[0]]
				all = append(all, raw[i])
			}
		}
		switch {
		case j == len(m.raw)-1:
			z = all
		case varies:
			vary = append(vary, all)
		case j == 0:
			return nil
		}
	}
	if len(vary) != 2 {
		return nil
	}
	t := &tiedANCOVA{z: z, known: &tiedKnown{at: map[float64]tiedAnswer{}}}
	var grid [2]bool
	t.y, t.step, grid[0] = permGrid(vary[0], true)
	t.x, _, grid[1] = permGrid(vary[1], true)
	if !grid[0] || !grid[1] {
		return nil
	}
	t.invertedANCOVA = newInverted(m, blocks, least)
	if len(t.cols) != 1 || !(t.v > 0) {
		return nil
	}
	t.fromFirst(t.x)
	t.smooth = t.invertedANCOVA
	sy, sx := math.Sqrt(t.spreadOf(t.y)), math.Sqrt(t.spreadOf(t.x))
	frequencies := tiedSpread * sy * tiedSpread * sx
	if 2*math.Pi*sy*sx*from > 1 || frequencies/(tiedEvery*tiedEvery)*tiedGlance+
		tiedPeak*float64(len(t.y)) > tiedWork {
		return nil
	}
	return t
}

const (
	// tiedGlance is how many participants are looked at, about, until a frequency is
	// found to be nothing, and tiedPeak how many frequencies a peak has.
	tiedGlance, tiedPeak = 30, 300
)

// fromFirst takes each block's first value from its values, and their greatest common
// divisor out of all: sums over the treated keep their order. It returns the divisor.
func (f *invertedANCOVA) fromFirst(v []float64) float64 {
	g := 0.0
	for _, b := range f.blocks {
		first := v[b.from]
		for i := b.from; i < b.to; i++ {
			v[i] -= first
			g = gcdFloat(g, math.Abs(v[i]))
		}
	}
	if g = math.Max(g, 1); g > 1 {
		for i := range v {
			v[i] /= g
		}
	}
	return g
}

// spreadOf is the variance of the treated's sum of x.
func (f *invertedANCOVA) spreadOf(x []float64) float64 {
	c := slices.Clone(x)
	f.recenter(c)
	return f.covariance(c, c)
}

// next are the half steps at or next to null, below and above.
func (t *tiedANCOVA) next(null float64) (below, above float64) {
	j := math.Round(2 * t.step.steps(null))
	switch v := t.step.value(j, 2); {
	case v == null:
		return j, j
	case v < null:
		return j, j + 1
	}
	return j - 1, j
}

// answer is that under j half steps.
func (t *tiedANCOVA) answer(j float64) tiedAnswer {
	t.known.Lock()
	defer t.known.Unlock()
	a, ok := t.known.at[j]
	if !ok {
		m := 2.0
		if math.Mod(j, 2) == 0 {
			m = 1
		}
		a = t.lattice(j*m/2, m)
		if !check.Stopped(t.ctx) {
			t.known.at[j] = a
		}
	}
	return a
}

func (t *tiedANCOVA) two(null float64) float64 {
	mid := t.center()
	if null == mid {
		return 1
	}
	below, above := t.next(null)
	if below == above {
		return t.bounded(t.answer(below).two)
	}
	inner, outer := below, above
	if null < mid {
		inner, outer = above, below
	}
	p := math.Max(t.smooth.two(null), t.answer(outer).two)
	if (t.step.value(inner, 2)-mid)*(null-mid) > 0 {
		p = math.Min(p, t.answer(inner).two)
	}
	return t.bounded(p)
}

func (t *tiedANCOVA) greater(null float64) float64 {
	below, above := t.next(null)
	p := t.answer(below).up
	if below != above {
		p = math.Min(math.Max(t.smooth.greater(null), p), t.answer(above).up)
	}
	return t.bounded(p)
}

func (t *tiedANCOVA) less(null float64) float64 {
	below, above := t.next(null)
	p := t.answer(above).low
	if below != above {
		p = math.Min(math.Max(t.smooth.less(null), p), t.answer(below).low)
	}
	return t.bounded(p)
}

func (t *tiedANCOVA) ends(alpha float64) (lo, hi float64) {
	if math.Max(2*t.least, invertedDrop) >= alpha { // no p is smaller
		return math.Inf(-1), math.Inf(1)
	}
	return t.end(alpha, -1), t.end(alpha, 1)
}

// end is that of invertedANCOVA, moved out to a half step that is still accepted
// or in front of one that is not.
func (t *tiedANCOVA) end(alpha, sign float64) float64 {
	mid := t.center()
	c := t.curve()
	c.p = t.smooth.two
	end, _ := c.crossing(alpha, sign)
	if math.IsInf(end, 0) || check.Stopped(t.ctx) {
		return end
	}
	below, above := t.next(end)
	outer := above
	if sign < 0 {
		outer = below
	}
	first := outer
	for t.bounded(t.answer(outer).two) >= alpha && !check.Stopped(t.ctx) {
		end = t.step.value(outer, 2)
		outer += sign
	}
	if outer != first {
		return end
	}
	for in := outer - sign; (t.step.value(in, 2)-mid)*sign > 0 && t.bounded(t.answer(in).two) < alpha && !check.Stopped(t.ctx); in -= sign {
		end = math.Nextafter(t.step.value(in, 2), mid)
	}
	return end
}

func (t *tiedANCOVA) under(ctx context.Context) permTest {
	c, f := *t, *t.invertedANCOVA
	f.ctx = ctx
	c.invertedANCOVA, c.smooth = &f, t.smooth.under(ctx)
	return &c
}

// lattice is the answer under a null value of j/m steps.
func (t *tiedANCOVA) lattice(j, m float64) tiedAnswer {
	delta := t.step.value(j, m)
	y := make([]float64, len(t.y))
	for i := range y {
		y[i] = t.y[i]*m - j*t.z[i]
	}
	t.fromFirst(y)
	// The scores are ky·y + kx·x, the covariate kq·x, about their blocks' means.
	scores, _, mean := t.scores(delta)
	cy, cx := slices.Clone(y), slices.Clone(t.x)
	meanY, meanX := t.recenter(cy), t.recenter(cx)
	yy, yx, xx := dotFloats(cy, cy), dotFloats(cy, cx), dotFloats(cx, cx)
	sy, sx := dotFloats(scores, cy), dotFloats(scores, cx)
	ky, kx, kq := (sy*xx-sx*yx)/(yy*xx-yx*yx), (sx*yy-sy*yx)/(yy*xx-yx*yx), dotFloats(t.cols[0], cx)/xx
	own := (t.a0 - delta*t.v0) / math.Sqrt(t.v0)
	tol := 1e-10 * (math.Abs(t.a0) + math.Abs(delta)*t.v0) / math.Sqrt(t.v0)
	var all tiedAnswer
	t.pairSums(y, cy, meanY, cx, meanX, func(x float64, from func(y float64) float64) {
		e := kq * (x - meanX)
		v := t.v + t.spare - 2*t.lean[0]*e - e*e
		if v <= 1e-10*float64(t.pick) { // no t: as far
			p := from(math.Inf(-1))
			all.up, all.low, all.two = all.up+p, all.low+p, all.two+p
			return
		}
		// The sum of y from which on t is at least a.
		least := func(a float64) float64 { return meanY + (a*math.Sqrt(v)-mean-kx*(x-meanX))/ky }
		all.up += from(math.Ceil(least(own - tol)))
		all.low += from(math.Inf(-1)) - from(math.Floor(least(own+tol))+1)
		if far := math.Abs(own) - tol; far > 0 {
			all.two += from(math.Ceil(least(far))) + from(math.Inf(-1)) - from(math.Floor(least(-far))+1)
		} else {
			all.two += from(math.Inf(-1))
		}
	})
	return all
}

// pairSums calls f with each sum of x over the treated and the function that gives the
// chance of it together with a sum of y of at least a value: y and x are whole
// numbers; cy and cx are the same about their blocks' means, of which the means are
// those of the sums. The joint characteristic function is looked at over periods that are
// longer than the sums reach.
func (t *tiedANCOVA) pairSums(y, cy []float64, meanY float64, cx []float64, meanX float64, f func(x float64, from func(y float64) float64)) {
	frame := func(c []float64, mean float64) (first float64, size int) {
		reach := math.Ceil(tiedSpread*math.Sqrt(t.covariance(c, c))) + 1
		return math.Round(mean) - reach, int(2*reach) + 1
	}
	firstY, ny := frame(cy, meanY)
	firstX, nx := frame(cx, meanX)
	rootsY, rootsX := unitRoots(ny), unitRoots(nx)
	sum := t.newPairSum(y, rootsY, rootsX)
	// Frequencies (u, v), half of those of x; from each that is something its neighbors
	// are looked at.
	half := nx/2 + 1
	seen := make([]bool, ny*half)
	type peak struct {
		u, v int
		z    complex128
	}
	var peaks []peak
	var next [][2]int
	look := func(u, v int) {
		u = (u + ny) % ny
		if v < 0 || v >= half || seen[u*half+v] {
			return
		}
		seen[u*half+v] = true
		if z := sum.at(u, v); z != 0 {
			z *= cmplx.Conj(rootsX.at(v*int(firstX)) * rootsY.at(u*int(firstY)))
			if v > 0 { // and the other half of them
				z *= 2
			}
			peaks = append(peaks, peak{u, v, z / complex(float64(nx*ny), 0)})
			next = append(next, [2]int{u, v})
		}
	}
	for u := 0; u < ny; u += tiedEvery {
		if check.Stopped(t.ctx) {
			return
		}
		for v := 0; v < half; v += tiedEvery {
			look(u, v)
			for len(next) > 0 {
				at := next[len(next)-1]
				next = next[:len(next)-1]
				for _, d := range [][2]int{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
					look(at[0]+d[0], at[1]+d[1])
				}
			}
		}
	}
	slices.SortFunc(peaks, func(a, b peak) int { return cmp.Or(cmp.Compare(a.u, b.u), cmp.Compare(a.v, b.v)) })
	row := make([]complex128, ny)
	var us []int
	for _, p := range peaks {
		if len(us) == 0 || us[len(us)-1] != p.u {
			us = append(us, p.u)
		}
	}
	// rows are the sums over v, for each sum of x. Where values are bunched, such as at the
	// end of a scale, no frequency is nothing, and one transform a row does them all.
	rows := func(s int) {
		for _, u := range us {
			row[u] = 0
		}
		for _, p := range peaks {
			row[p.u] += p.z * cmplx.Conj(rootsX.at(p.v*s))
		}
	}
	if len(peaks) > tiedDense*len(us) {
		fft := fourier.NewCmplxFFT(nx)
		of := make(map[int][]complex128, len(us))
		for _, p := range peaks {
			if of[p.u] == nil {
				of[p.u] = make([]complex128, nx)
			}
			of[p.u][p.v] = p.z
		}
		for _, u := range us {
			fft.Coefficients(of[u], of[u])
		}
		rows = func(s int) {
			for _, u := range us {
				row[u] = of[u][s]
			}
		}
	}
	for s := range nx {
		if check.Stopped(t.ctx) {
			return
		}
		rows(s)
		f(firstX+float64(s), func(from float64) float64 {
			k := int(math.Max(0, math.Min(float64(ny), from-firstY)))
			p := 0.0
			for _, u := range us {
				if u == 0 {
					p += real(row[0]) * float64(ny-k)
					continue
				}
				// Σ e^{−2πi·us/ny} over s = k … ny − 1
				p += real(row[u] * (cmplx.Conj(rootsY.at(u*k)) - 1) / (1 - cmplx.Conj(rootsY.at(u))))
			}
			return math.Max(0, p)
		})
	}
}

// pairSum is the characteristic function of both sums over the treated.
type pairSum struct {
	*tiedANCOVA
	sum            drawnSum
	y, x           []int
	rootsY, rootsX roots
	turn           []complex128
}

func (t *tiedANCOVA) newPairSum(y []float64, rootsY, rootsX roots) *pairSum {
	p := &pairSum{tiedANCOVA: t, rootsY: rootsY, rootsX: rootsX, turn: make([]complex128, len(y))}
	for i := range y {
		p.y, p.x = append(p.y, int(y[i])%len(rootsY)), append(p.x, int(t.x[i])%len(rootsX))
	}
	for _, b := range t.blocks {
		n := b.to - b.from
		if b.pick == 0 || b.pick == n {
			continue // its sums are known
		}
		q := float64(b.pick) / float64(n)
		p.sum.blocks = append(p.sum.blocks, drawnBlock{b.from, b.to, b.pick, binomial(n, b.pick),
			logBinomial(n, b.pick) + float64(b.pick)*math.Log(q) + float64(n-b.pick)*math.Log(1-q)})
	}
	return p
}

// at is 0 where it is less than tiedDrop.
func (p *pairSum) at(u, v int) complex128 {
	most := 1.0 // the size that is left, about
	for k := range p.sum.blocks {
		b := &p.sum.blocks[k]
		for i := b.from; i < b.to; i++ {
			p.turn[i] = p.rootsY.at(u*p.y[i]) * p.rootsX.at(v*p.x[i])
		}
		if b.pick > 3 {
			if most *= sizeLeft(p.turn[b.from:b.to], b.pick, tiedDrop/most); most == 0 {
				return 0
			}
		}
	}
	f := complex(1, 0)
	for k := range p.sum.blocks {
		f *= p.sum.blocks[k].at(p.turn, &p.sum.subsets)
		if re, im := real(f), imag(f); re*re+im*im < tiedDrop*tiedDrop {
			return 0
		}
	}
	return f
}

// roots are the roots of 1.
type roots []complex128

func unitRoots(n int) roots {
	r := make(roots, n)
	for j := range r {
		sin, cos := math.Sincos(2 * math.Pi * float64(j) / float64(n))
		r[j] = complex(cos, sin)
	}
	return r
}

// at is the root to the power j.
func (r roots) at(j int) complex128 {
	if j %= len(r); j < 0 {
		j += len(r)
	}
	return r[j]
}
