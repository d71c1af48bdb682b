package resample

import (
	"context"
	"math"
	"math/cmplx"
	"slices"
	"sync"

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
	model  *permModel
	rows   []int
	y, z   []float64 // outcome in steps; whether treated
	x      []float64 // baseline in steps
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
	// tiedFew is how many participants are looked at first.
	tiedFew = 60
	// tiedDrop is the size of a characteristic function that is taken for nothing.
	tiedDrop = 1e-7
	// tiedWork bounds the participants times frequencies of a null value.
	tiedWork = 8e5
)

// newTiedANCOVA returns nil where other columns than outcome and baseline vary,
// or one of these is off any grid or on too fine a one.
func newTiedANCOVA(m *permModel, b labelBlock, least float64) *tiedANCOVA {
	columns := m.columns(b)
	var vary [][]float64
	for _, c := range columns[:len(columns)-1] {
		if slices.Min(c) != slices.Max(c) {
			vary = append(vary, c)
		}
	}
	if len(vary) != 2 || !slices.Equal(vary[0], columns[0]) {
		return nil
	}
	t := &tiedANCOVA{model: m, rows: b.rows, z: columns[len(columns)-1], known: &tiedKnown{at: map[float64]tiedAnswer{}}}
	var grid [2]bool
	t.y, t.step, grid[0] = permGrid(vary[0], true)
	t.x, _, grid[1] = permGrid(vary[1], true)
	n := float64(len(t.y))
	if !grid[0] || !grid[1] || n*n*n/8*4*tiedSpread*tiedSpread/2*plainSD(t.y)*plainSD(t.x)/n > tiedWork {
		return nil
	}
	if t.invertedANCOVA = newInverted(m, []labelBlock{b}, least); t.invertedANCOVA == nil {
		return nil
	}
	t.smooth = t.invertedANCOVA
	return t
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
	c := curve{t.smooth.two, mid, t.sd(mid) / math.Sqrt(t.v0*t.v), t.ctx}
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
	var all tiedAnswer
	delta := t.step.value(j, m)
	y := make([]float64, len(t.y))
	for i := range y {
		y[i] = t.y[i]*m - j*t.z[i]
	}
	g := 0.0
	for _, v := range y {
		g = gcdFloat(g, math.Abs(v-y[0]))
	}
	for i := range y {
		y[i] /= math.Max(g, 1)
	}
	cells := &permClasses{cols: [][]float64{y, t.x}, key: y}
	n, k := len(y), float64(t.pick)
	targets := make([][]float64, len(t.model.cells[0]))
	for c := range targets {
		for _, i := range t.rows {
			v := t.model.cells[i][c]
			if c == 0 {
				v -= delta * t.model.cells[i][1]
			}
			targets[c] = append(targets[c], v)
		}
	}
	targets[1] = make([]float64, n) // how it changes with δ is not asked
	coef, level := cells.linear(targets)
	own := (t.a0 - delta*t.v0) / math.Sqrt(t.v0)
	tol := 1e-10 * (math.Abs(t.a0) + math.Abs(delta)*t.v0) / math.Sqrt(t.v0)
	sum := make([]float64, len(targets))
	pairSums(t.ctx, y, t.x, t.pick, func(sy, sx, p float64) {
		for c := range sum {
			sum[c] = level[c]*k + coef[c][0]*sy + coef[c][1]*sx
		}
		a, _ := t.model.deviation(sum, k)
		if math.IsNaN(a) { // no t: as far
			all.up, all.low, all.two = all.up+p, all.low+p, all.two+p
			return
		}
		if a >= own-tol {
			all.up += p
		}
		if a <= own+tol {
			all.low += p
		}
		if math.Abs(a) >= math.Abs(own)-tol {
			all.two += p
		}
	})
	return all
}

// pairSums calls f with the sums of y and x, whole numbers, over pick of them drawn
// without replacement, and the chance of these.
func pairSums(ctx context.Context, y, x []float64, pick int, f func(sy, sx, p float64)) {
	n := len(y)
	p, k := float64(pick)/float64(n), float64(pick)
	frame := func(v []float64) (first float64, size int) {
		var sum float64
		for _, a := range v {
			sum += a
		}
		sd := plainSD(v) * math.Sqrt(k*float64(n-pick)/float64(n-1))
		reach := math.Ceil(tiedSpread*sd) + 1
		return math.Round(sum*p) - reach, int(2*reach) + 1
	}
	firstY, ny := frame(y)
	firstX, nx := frame(x)
	b := drawnBlock{to: n, pick: pick, ways: binomial(n, pick)}
	b.logChance = logBinomial(n, pick) + k*math.Log(p) + float64(n-pick)*math.Log(1-p)
	rootsY, rootsX := unitRoots(ny), unitRoots(nx)
	turn := make([]complex128, n)
	var room []complex128
	few := min(n, tiedFew)
	first, by := make([]complex128, few), make([]complex128, few)
	for i := range by {
		by[i] = rootsY.at(int(y[i*n/few]))
	}
	// The Fourier sum over the outcome's frequencies, for half of the baseline's.
	rows := make([][]complex128, nx/2+1)
	for v := range rows {
		if check.Stopped(ctx) {
			return
		}
		for i := range first {
			first[i] = rootsX.at(v * int(x[i*n/few]))
		}
		for u := range ny {
			var z complex128
			for i := range first {
				if u > 0 {
					first[i] *= by[i]
				}
				z += first[i]
			}
			// At the best angle of a few, these leave no more.
			size := math.Max(cmplx.Abs(z), 1e-300)
			re, im, square, most := real(z)/size, imag(z)/size, 1.0, 2*p*(1-p)
			for _, w := range first {
				square *= 1 - most*(1-real(w)*re-imag(w)*im)
			}
			if square < tiedDrop*tiedDrop/float64(n) {
				continue
			}
			for i := range turn {
				turn[i] = rootsY.at(u*int(y[i])) * rootsX.at(v*int(x[i]))
			}
			if z = b.at(turn, &room, tiedDrop); z == 0 {
				continue
			}
			if rows[v] == nil {
				rows[v] = make([]complex128, ny)
			}
			if v > 0 { // and the other half of them
				z *= 2
			}
			z *= cmplx.Conj(rootsY.at(u*int(firstY)) * rootsX.at(v*int(firstX)))
			for s := range ny {
				rows[v][s] += z * cmplx.Conj(rootsY.at(u*s))
			}
		}
	}
	chance := make([]float64, ny)
	for s := range nx {
		clear(chance)
		for v, row := range rows {
			back := cmplx.Conj(rootsX.at(v * s))
			for r, z := range row {
				chance[r] += real(z)*real(back) - imag(z)*imag(back)
			}
		}
		for r, q := range chance {
			if q /= float64(nx * ny); q > 1e-12 {
				f(firstY+float64(r), firstX+float64(s), q)
			}
		}
	}
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
