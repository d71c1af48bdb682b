package resample

import (
	"cmp"
	"context"
	"math"
	"math/cmplx"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// NotePermInverted: p and interval of a permutation test come from its
// characteristic function, inverted numerically. Args: error and share, as in
// NotePermApprox.
const NotePermInverted = "permutation-inverted"

func invertedNote() stats.Note {
	return stats.Note{Code: NotePermInverted, Args: map[string]any{"error": approxFixed, "share": approxShare}}
}

// invertedANCOVA is PermutationANCOVA's test by its characteristic function.
// An arrangement that treats the set A deviates as far as the trial where
//
//	±S ≥ |t₀|·√v,  S = ΣA s,  v = V₁ − 2M·ε − |ε|²,  ε = ΣA q − M,
//
// with the scores s = resid − δ·contrast, the projected covariates q and M the
// mean of their sum. √v is expanded to second order about V, the mean of v, in
// ζ = v − V, and E e^{itS}, E e^{itS}ζ and E e^{itS}ζ² are exact: with a
// second variable for the size of A, participants are in A independently, so that
// S and ε have cumulants that are sums, and the size is picked out by a sum
// over angles. A tail is then the integral of the characteristic function over t
// (Gil-Pelaez 1951), by the midpoint rule (Davies 1973). What is of third and
// higher order in ζ/V is taken from normal outcomes and covariates, for which
// the t distribution gives the whole.
type invertedANCOVA struct {
	a0, v0          float64
	pick            int
	blocks          []approxBlock // of the participants, in their order
	resid, contrast []float64
	cols            [][]float64 // of q, those that vary, centered
	norm            []float64   // Σ of their squares, a participant
	lean            []float64   // M of these columns
	v, spare        float64     // V, and E|ε|²
	spread          float64     // the variance of ζ/V
	least           float64
	joint           *jointANCOVA  // whose tails hold, or nil
	series          *approxANCOVA // about the same, or nil
	ctx             context.Context
}

// newInvertedANCOVA returns nil where ζ is too large beside V, or sums bunch; sooner
// where the arrangements are few enough to be listed instead.
func newInvertedANCOVA(m *permModel, blocks []labelBlock, least float64, listable bool) *invertedANCOVA {
	f := newInverted(m, blocks, least)
	if !(f.v > 0) || f.spread > invertedSpread || (listable && f.spread > 0.4*invertedSpread) {
		return nil
	}
	if len(blocks) > 1 && (len(f.cols) > seriesColumns || f.seriesCost() > seriesWork) {
		return nil
	}
	wave := invertedWave
	if listable {
		wave *= 0.35
	}
	mid := f.center()
	se := f.sd(mid) / math.Sqrt(f.v0*f.v)
	for _, delta := range []float64{0, mid - 2*se, mid + 2*se} {
		if f.waves(delta, wave) {
			return nil
		}
	}
	return f
}

// waves reports whether sums under δ bunch.
func (f *invertedANCOVA) waves(delta, largest float64) bool {
	s, sd, _ := f.scores(delta)
	var parts [][]float64
	var picks []int
	for _, b := range f.blocks {
		parts, picks = append(parts, s[b.from:b.to]), append(picks, b.pick)
	}
	return !(sd > 0) || bunched(parts, picks, false, sd, 0, invertedFrom, largest)
}

// newInverted is newInvertedANCOVA whatever the waves and the spread.
func newInverted(m *permModel, blocks []labelBlock, least float64) *invertedANCOVA {
	f := &invertedANCOVA{a0: m.a0, v0: m.v0, least: least, series: newApproxANCOVA(m, blocks)}
	var rows []int
	for _, b := range blocks {
		f.blocks = append(f.blocks, approxBlock{len(rows), len(rows) + len(b.rows), b.pick})
		rows = append(rows, b.rows...)
		f.pick += b.pick
	}
	f.norm = make([]float64, len(rows))
	column := func(j int) (c []float64) {
		for _, i := range rows {
			c = append(c, m.cells[i][j])
		}
		return c
	}
	f.resid, f.contrast = column(0), column(1)
	f.v = float64(f.pick) - m.fixed
	var q [][]float64
	var lean []float64
	for j := 2; j < len(m.cells[0]); j++ {
		c := column(j)
		mean := f.recenter(c)
		f.v -= mean * mean
		q, lean = append(q, c), append(lean, mean)
	}
	f.rotate(q, lean)
	for _, c := range f.cols {
		for i, x := range c {
			f.norm[i] += x * x
		}
		f.spare += f.covariance(c, c)
	}
	f.v -= f.spare
	spread := 0.0 // the variance of ζ
	for j, c := range f.cols {
		for l, d := range f.cols {
			cov := f.covariance(c, d)
			spread += 2*cov*cov + 4*f.lean[j]*f.lean[l]*cov
		}
	}
	f.spread = spread / (f.v * f.v)
	return f
}

const (
	// invertedSpread is the largest variance of ζ/V.
	invertedSpread = 0.03
	// invertedFrom is the frequency, times the standard deviation of S, from which
	// waves are left out, and invertedWave the largest that may be left out, which
	// changes a p of 0.05 by a hundredth of it.
	invertedFrom, invertedWave = 14, 2e-2
	// invertedNodes is the most frequencies looked at, and invertedDrop the size of
	// a product that is taken for nothing.
	invertedNodes, invertedDrop = 600, 1e-8
)

func (f *invertedANCOVA) center() float64 { return f.a0 / f.v0 }

// rotate sets cols and lean to as few columns as q needs within blocks, of which
// the sums have the same length: terms for the blocks vary only with the others.
func (f *invertedANCOVA) rotate(q [][]float64, lean []float64) {
	rest := make([][]float64, len(f.resid))
	for i := range rest {
		for _, c := range q {
			rest[i] = append(rest[i], c[i])
		}
	}
	for range q {
		top := slices.MaxFunc(rest, func(x, y []float64) int { return cmp.Compare(dotFloats(x, x), dotFloats(y, y)) })
		norm := math.Sqrt(dotFloats(top, top))
		if norm <= 1e-10 {
			return
		}
		unit := slices.Clone(top)
		for j := range unit {
			unit[j] /= norm
		}
		column := make([]float64, len(rest))
		for i, x := range rest {
			column[i] = dotFloats(x, unit)
			for j, u := range unit {
				x[j] -= column[i] * u
			}
		}
		f.cols, f.lean = append(f.cols, column), append(f.lean, dotFloats(lean, unit))
	}
}

// recenter centers x within blocks, and returns the mean of its sum over the
// treated.
func (f *invertedANCOVA) recenter(x []float64) float64 {
	var sum float64
	for _, b := range f.blocks {
		n, mean := float64(b.to-b.from), 0.0
		for _, v := range x[b.from:b.to] {
			mean += v / n
		}
		for i := b.from; i < b.to; i++ {
			x[i] -= mean
		}
		sum += mean * float64(b.pick)
	}
	return sum
}

// covariance is that of the treated's sums of x and y, centered within blocks.
func (f *invertedANCOVA) covariance(x, y []float64) float64 {
	var c float64
	for _, b := range f.blocks {
		if n, k := float64(b.to-b.from), float64(b.pick); n > 1 {
			c += dotFloats(x[b.from:b.to], y[b.from:b.to]) * k * (n - k) / (n * (n - 1))
		}
	}
	return c
}

// scores are s under δ, centered, the standard deviation of S, and its mean.
func (f *invertedANCOVA) scores(delta float64) (s []float64, sd, mean float64) {
	s = make([]float64, len(f.resid))
	for i, r := range f.resid {
		s[i] = r - delta*f.contrast[i]
	}
	mean = f.recenter(s)
	return s, math.Sqrt(f.covariance(s, s)), mean
}

func (f *invertedANCOVA) sd(delta float64) float64 {
	_, sd, _ := f.scores(delta)
	return sd
}

// tails are the chances that an arrangement deviates at least as far as the
// trial under δ, upwards and downwards.
func (f *invertedANCOVA) tails(delta float64) (up, low float64) {
	if f.joint != nil {
		return f.joint.tails(f.ctx, delta)
	}
	s, sd, mean := f.scores(delta)
	far := math.Abs(f.a0-delta*f.v0) / math.Sqrt(f.v0) // |t₀|
	c := far * math.Sqrt(f.v)
	pairs := 0.0
	for _, b := range f.blocks {
		n := float64(b.to - b.from)
		pairs += float64(b.pick) * (n - float64(b.pick)) / n
	}
	bulk := math.Min(1, bulkSD(s)*math.Sqrt(pairs)/sd)
	largest := 0.0
	for _, x := range s {
		largest = math.Max(largest, math.Abs(x))
	}
	a := largest * jointLog / 3 // see drawnSum.spread
	step := 2 * math.Pi / (c + math.Abs(mean) + math.Min(8*sd, a+math.Sqrt(a*a+2*jointLog*sd*sd)))
	end := invertedFrom / (sd * math.Max(bulk, 0.02))
	nodes := min(invertedNodes, int(1.45*end/step))
	one, two := far/(2*math.Sqrt(f.v)), far/(8*f.v*math.Sqrt(f.v))
	rest := f.rest(far, sd)
	up, low = 0.5+rest, 0.5+rest
	sum := nodeSum(f.newAngleSum(s))
	if len(f.blocks) > 1 {
		sum = f.newSeriesSum(s)
	}
	for j := range nodes {
		if check.Stopped(f.ctx) {
			return 0, 0
		}
		t := (float64(j) + 0.5) * step
		f0, f1, f2 := sum.at(t)
		damp := math.Exp(-math.Pow(t/end, 8)) / (math.Pi * (float64(j) + 0.5))
		tail := func(turn, f0, f1, f2 complex128) float64 {
			x := f0 + complex(-t*t*one*one/2, t*two)*f2 - complex(0, t*one)*f1
			return damp * imag(x*turn)
		}
		up += tail(cmplx.Exp(complex(0, t*(mean-c))), f0, f1, f2)
		low += tail(cmplx.Exp(complex(0, t*(-mean-c))), cmplx.Conj(f0), cmplx.Conj(f1), cmplx.Conj(f2))
	}
	return up, low
}

// rest is what the expansion to second order leaves out of a tail for normal
// outcomes and covariates: S/sd·√n and the columns of ε are then coordinates
// of a point uniform on the sphere of n dimensions, N less the blocks, |t| has its t
// distribution, and the terms of the expansion are known.
func (f *invertedANCOVA) rest(far, sd float64) float64 {
	n, d := float64(len(f.resid)-len(f.blocks)), float64(len(f.cols))
	if d == 0 || n-d < 3 {
		return 0
	}
	all := f.v + f.spare
	radius := sd * math.Sqrt(n)
	u, r := far*math.Sqrt(f.v)/radius, far*math.Sqrt(all)/radius
	beyond := func(u, n float64) float64 { // of one coordinate on the sphere of n dimensions
		if u >= 1 {
			return 0
		}
		return num.TSF(u*math.Sqrt((n-1)/(1-u*u)), n-1)
	}
	whole := beyond(r, n-d)
	if u >= 1 {
		return whole
	}
	one, two := far/(2*math.Sqrt(f.v)), far/(8*f.v*math.Sqrt(f.v))
	// Given u, |ε|² is all·(1 − u²) times a beta variable with these moments.
	b1, b2 := all*d/(n-1), all*all*d*(d+2)/((n-1)*(n+1))
	q := 1 - u*u
	first := f.spare - q*b1
	square := f.spare*f.spare - 2*f.spare*q*b1 + q*q*b2
	h := (n - 3) / 2
	a, _ := math.Lgamma(n / 2)
	b, _ := math.Lgamma((n - 1) / 2)
	density := math.Exp(a-b+h*math.Log(q)) / math.Sqrt(math.Pi)
	// The derivative with u of density times square.
	slope := -2 * u * density / q * (h*f.spare*f.spare - (h+1)*2*f.spare*q*b1 + (h+2)*q*q*b2)
	series := beyond(u, n) - density/radius*(one*first-two*square) - one*one/2*slope/(radius*radius)
	return whole - series
}

// nodeSum gives E e^{itS}ζʲ, j = 0, 1, 2.
type nodeSum interface {
	at(t float64) (f0, f1, f2 complex128)
}

// angleSum is the nodeSum without blocks.
type angleSum struct {
	*invertedANCOVA
	s         []float64
	p         float64
	period    float64
	turn      []complex128
	mu, third []complex128
	cov       []complex128 // a row a column, up to the diagonal
	logTotal  float64
}

func (f *invertedANCOVA) newAngleSum(s []float64) *angleSum {
	n, k := float64(len(s)), float64(f.pick)
	d := len(f.cols)
	a := &angleSum{invertedANCOVA: f, s: s, p: k / n, turn: make([]complex128, len(s)), mu: make([]complex128, d),
		third: make([]complex128, d), cov: make([]complex128, d*(d+1)/2)}
	a.period = math.Min(n+1, math.Ceil(6*math.Sqrt(n*a.p*(1-a.p))+6))
	a.logTotal = logBinomial(len(s), f.pick) + k*math.Log(a.p) + (n-k)*math.Log(1-a.p)
	return a
}

func (a *angleSum) at(t float64) (f0, f1, f2 complex128) {
	var z complex128
	for i, x := range a.s {
		sin, cos := math.Sincos(t * x)
		a.turn[i] = complex(cos, sin)
		z += a.turn[i]
	}
	// Where the product is small at its best angle, nothing is left.
	unit := cmplx.Conj(z) / complex(math.Max(cmplx.Abs(z), 1e-300), 0)
	square := 1.0
	for _, u := range a.turn {
		square *= 1 - 2*a.p*(1-a.p)*(1-real(u*unit))
		if square < invertedDrop*invertedDrop {
			return 0, 0, 0
		}
	}
	h := 2 * math.Pi / a.period
	side := math.Ceil(4.9 / math.Sqrt(math.Max(cmplx.Abs(z)*a.p*(1-a.p), 1e-9)) / h)
	first, count := -cmplx.Phase(z)-side*h, 2*side+1
	if count > a.period {
		first, count = 0, a.period
	}
	turn, by := cmplx.Exp(complex(0, first)), cmplx.Exp(complex(0, h))
	for j := range int(count) {
		product, m1, m2 := a.node(turn)
		product *= cmplx.Exp(complex(0, -(first+float64(j)*h)*float64(a.pick)))
		f0 += product
		f1 += product * m1
		f2 += product * m2
		turn *= by
	}
	scale := complex(math.Exp(-a.logTotal)/a.period, 0)
	return f0 * scale, f1 * scale, f2 * scale
}

// node is the product over participants at one angle of S and one of the size,
// and the mean of ζ and ζ² under it.
func (a *angleSum) node(angle complex128) (product, m1, m2 complex128) {
	product = 1
	clear(a.mu)
	clear(a.third)
	clear(a.cov)
	var trace, fourth complex128
	few := len(a.turn) < seriesNormal
	for i, u := range a.turn {
		e := u * angle
		e = complex(a.p*real(e), a.p*imag(e))
		z := e + complex(1-a.p, 0)
		product *= z
		// r is the chance of i being in.
		scale := 1 / (real(z)*real(z) + imag(z)*imag(z) + 1e-300)
		r := complex((real(e)*real(z)+imag(e)*imag(z))*scale, (imag(e)*real(z)-real(e)*imag(z))*scale)
		w := r - r*r
		norm := a.norm[i]
		trace += complex(real(w)*norm, imag(w)*norm)
		if !few {
			at := 0
			for j, c := range a.cols {
				x := c[i]
				a.mu[j] += complex(real(r)*x, imag(r)*x)
				for _, d := range a.cols[:j+1] {
					y := x * d[i]
					a.cov[at] += complex(real(w)*y, imag(w)*y)
					at++
				}
			}
			continue
		}
		k3 := w * (1 - 2*r)
		k4 := w * (1 - 6*w)
		fourth += complex(real(k4)*norm*norm, imag(k4)*norm*norm)
		at := 0
		for j, c := range a.cols {
			x := c[i]
			a.mu[j] += complex(real(r)*x, imag(r)*x)
			y := x * norm
			a.third[j] += complex(real(k3)*y, imag(k3)*y)
			for _, d := range a.cols[:j+1] {
				y := x * d[i]
				a.cov[at] += complex(real(w)*y, imag(w)*y)
				at++
			}
		}
	}
	// X = |ε|² and Y = M·ε.
	var square, y, yc, ycm, mcm, yt, mt, squares complex128
	at := 0
	for j, mu := range a.mu {
		lean := complex(a.lean[j], 0)
		square += mu * mu
		y += lean * mu
		mt += mu * a.third[j]
		yt += lean * a.third[j]
		for l, nu := range a.mu[:j+1] {
			c, twice := a.cov[at], complex(2, 0)
			if l == j {
				twice = 1
			}
			at++
			squares += twice * c * c
			mcm += twice * mu * c * nu
			yc += twice * lean * c * complex(a.lean[l], 0)
			if l == j {
				ycm += lean * c * mu
			} else {
				ycm += c * (lean*nu + complex(a.lean[l], 0)*mu)
			}
		}
	}
	x := square + trace
	xx := x*x + 2*squares + 4*mcm + 4*mt + fourth
	yx := y*x + 2*ycm + yt
	yy := y*y + yc
	spare := complex(a.spare, 0)
	m1 = spare - x - 2*y
	m2 = 4*yy + 4*yx + xx - 2*spare*(2*y+x) + spare*spare
	return product, m1, m2
}

func (f *invertedANCOVA) under(ctx context.Context) permTest {
	c := *f
	c.ctx = ctx
	return &c
}

// bounded keeps a p-value within what the inversion resolves. A tail is a half less
// an integral of products of which those below invertedDrop count as nothing: the
// digits of a small one beyond that are rounding's and differ between processors.
// Below 0.001, where the note's error exceeds a tenth of it, p is given upwards in
// whole steps of invertedDrop; it is never smaller than one.
func (f *invertedANCOVA) bounded(p float64) float64 {
	if p < 10*approxFixed {
		p = math.Max(1, math.Ceil(p/invertedDrop)) / (1 / invertedDrop)
	}
	return math.Min(1, math.Max(p, f.least))
}

func (f *invertedANCOVA) two(null float64) float64 {
	if null == f.center() {
		return 1
	}
	up, low := f.tails(null)
	return f.bounded(up + low)
}

func (f *invertedANCOVA) greater(null float64) float64 {
	up, low := f.tails(null)
	if f.a0 < null*f.v0 {
		return f.bounded(1 - low)
	}
	return f.bounded(up)
}

func (f *invertedANCOVA) less(null float64) float64 {
	up, low := f.tails(null)
	if f.a0 > null*f.v0 {
		return f.bounded(1 - up)
	}
	return f.bounded(low)
}

// curve is the p-value's, with the cumulants' series as its guide.
func (f *invertedANCOVA) curve() curve {
	c := curve{p: f.two, mid: f.center(), se: f.sd(f.center()) / math.Sqrt(f.v0*f.v), ctx: f.ctx}
	if f.series != nil {
		c.guide = (&approxTest{approxModel: f.series}).smooth
	}
	return c
}

func (f *invertedANCOVA) ends(alpha float64) (lo, hi float64) {
	if math.Max(2*f.least, invertedDrop) >= alpha { // no p is smaller
		return math.Inf(-1), math.Inf(1)
	}
	c := f.curve()
	lo, _ = c.crossing(alpha, -1)
	hi, _ = c.crossing(alpha, 1)
	return lo, hi
}
