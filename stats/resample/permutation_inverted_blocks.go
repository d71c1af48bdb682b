package resample

import (
	"math"
	"math/cmplx"
)

const (
	// seriesColumns is the most covariates that vary within blocks.
	seriesColumns = 3
	// seriesWork bounds the products of a frequency: a p-value asks for some sixty
	// of these, an interval for twenty p-values.
	seriesWork = 2e5
	// seriesSubsets is as waveSubsets with one column, seriesAngles the products of each
	// participant with more.
	seriesSubsets, seriesAngles = 14, 40
	// seriesNormal is the number of participants from which on the third and fourth
	// cumulants of ε at an angle are left out: they change ζ² by a share of about 1/n.
	seriesNormal = 100
	// seriesListed is the number of arrangements up to which they are listed in blocks:
	// so few sums are not smooth.
	seriesListed = 8e5
)

// seriesCost is the number of products of a frequency.
func (f *invertedANCOVA) seriesCost() float64 {
	products := []float64{1, 15, 70, 210}[len(f.cols)]
	var c float64
	for _, b := range f.blocks {
		n, k := float64(b.to-b.from), float64(min(b.pick, b.to-b.from-b.pick))
		if len(f.cols) <= 1 && k > seriesSubsets {
			c += n * seriesAngles
			continue
		}
		c += n * math.Min(k, waveSubsets) * products
	}
	return c
}

// seriesSum is the nodeSum in blocks. E e^{itS + λ·ε} is the product of those of the blocks,
// as power series in λ up to the fourth power: their coefficients give E e^{itS}
// times every product of up to four ε, of which ζ and ζ² are sums.
type seriesSum struct {
	*invertedANCOVA
	powers     [][]int  // of λ, in each term of a series
	products   [][3]int // terms of two series and that of their product
	one, two   []float64
	factor     [][]float64 // of each participant, e^{λ·q}
	s          []float64
	turn       []complex128
	room       []complex128
	part, over []complex128
	by         []complex128
	listed     [][]listedSum // of blocks with few arrangements
}

// listedSum is an arrangement of a block: its sum of scores, and the series of e^{λ·ε} over
// the number of arrangements.
type listedSum struct {
	s      float64
	powers [5]float64
}

// seriesList is the number of a block's arrangements up to which they are listed, with
// one column.
const seriesList = 20

// list are the arrangements of a block.
func (a *seriesSum) list(b approxBlock) (out []listedSum) {
	ways := binomial(b.to-b.from, b.pick)
	var visit func(i, left int, s, e float64)
	visit = func(i, left int, s, e float64) {
		if left == 0 {
			l := listedSum{s: s}
			for m, x := 0, 1/ways; m < len(l.powers); m++ {
				l.powers[m] = x
				x *= e / float64(m+1)
			}
			out = append(out, l)
			return
		}
		for ; i <= b.to-left; i++ {
			visit(i+1, left-1, s+a.s[i], e+a.cols[0][i])
		}
	}
	visit(b.from, b.pick, 0, 0)
	return out
}

func (f *invertedANCOVA) newSeriesSum(s []float64) *seriesSum {
	a := &seriesSum{invertedANCOVA: f, s: s, turn: make([]complex128, len(s))}
	d := len(f.cols)
	place := map[[seriesColumns]int]int{}
	key := func(p []int) (k [seriesColumns]int) {
		copy(k[:], p)
		return k
	}
	var grow func(p []int, left int)
	grow = func(p []int, left int) {
		if len(p) == d {
			place[key(p)] = len(a.powers)
			a.powers = append(a.powers, append([]int(nil), p...))
			return
		}
		for e := 0; e <= left; e++ {
			grow(append(p, e), left-e)
		}
	}
	grow(nil, 4)
	n := len(a.powers)
	for i, p := range a.powers {
		for j, q := range a.powers {
			sum := make([]int, d)
			for c := range sum {
				sum[c] = p[c] + q[c]
			}
			if k, ok := place[key(sum)]; ok {
				a.products = append(a.products, [3]int{i, j, k})
			}
		}
	}
	// ζ = E|ε|² − |ε|² − 2M·ε, and its square, by the powers of ε.
	zeta := make([]float64, n)
	a.one, a.two = make([]float64, n), make([]float64, n)
	zeta[place[key(nil)]] = f.spare
	for c := range d {
		var e [seriesColumns]int
		e[c] = 1
		zeta[place[e]] = -2 * f.lean[c]
		e[c] = 2
		zeta[place[e]] = -1
	}
	for _, t := range a.products {
		a.two[t[2]] += zeta[t[0]] * zeta[t[1]]
	}
	factorial := []float64{1, 1, 2, 6, 24}
	for i, p := range a.powers {
		w := 1.0
		for _, e := range p {
			w *= factorial[e]
		}
		a.one[i], a.two[i] = zeta[i]*w, a.two[i]*w
	}
	for i := range s {
		row := make([]float64, n)
		for t, p := range a.powers {
			row[t] = 1
			for c, e := range p {
				row[t] *= math.Pow(f.cols[c][i], float64(e)) / factorial[e]
			}
		}
		a.factor = append(a.factor, row)
	}
	a.part, a.over, a.by = make([]complex128, n), make([]complex128, n), make([]complex128, n)
	a.listed = make([][]listedSum, len(f.blocks))
	for i, b := range f.blocks {
		if size := b.to - b.from; d == 1 && b.pick > 0 && b.pick < size && binomial(size, b.pick) <= seriesList {
			a.listed[i] = a.list(b)
		}
	}
	return a
}

// times multiplies x by the series y.
func (a *seriesSum) times(x, y []complex128) {
	clear(a.over)
	for _, t := range a.products {
		a.over[t[2]] += x[t[0]] * y[t[1]]
	}
	copy(x, a.over)
}

func (a *seriesSum) at(t float64) (f0, f1, f2 complex128) {
	most := 1.0 // the size that is left, about
	for i, b := range a.blocks {
		if b.pick == 0 || b.pick == b.to-b.from || a.listed[i] != nil {
			continue
		}
		for j := b.from; j < b.to; j++ {
			sin, cos := math.Sincos(t * a.s[j])
			a.turn[j] = complex(cos, sin)
		}
		if most *= sizeLeft(a.turn[b.from:b.to], b.pick, invertedDrop/most); most == 0 {
			return 0, 0, 0
		}
	}
	whole := make([]complex128, len(a.powers))
	whole[0] = 1
	for i, b := range a.blocks {
		n := b.to - b.from
		if b.pick == 0 || b.pick == n {
			continue
		}
		if l := a.listed[i]; l != nil {
			clear(a.part)
			for _, x := range l {
				sin, cos := math.Sincos(t * x.s)
				for m, c := range x.powers {
					a.part[m] += complex(cos*c, sin*c)
				}
			}
		} else {
			a.block(b)
		}
		a.times(whole, a.part)
		if cmplx.Abs(whole[0]) < invertedDrop {
			return 0, 0, 0
		}
	}
	for i, m := range whole {
		f1 += complex(a.one[i], 0) * m
		f2 += complex(a.two[i], 0) * m
	}
	return whole[0], f1, f2
}

// block sets part to the series of a block.
func (a *seriesSum) block(b approxBlock) {
	u := a.turn[b.from:b.to]
	n, terms := len(u), len(a.powers)
	p := float64(b.pick) / float64(n)
	clear(a.part)
	most := waveSubsets
	if len(a.cols) == 1 {
		most = seriesSubsets
	}
	if few := min(b.pick, n-b.pick); few <= most {
		// What is drawn and what is left add up to nothing, in S and in ε.
		a.room = append(a.room[:0], make([]complex128, (few+1)*terms)...)
		e := a.room
		e[0] = 1
		turned := few < b.pick
		for i, x := range u {
			for j := min(i+1, few); j >= max(1, few-n+i+1); j-- {
				from, to := e[(j-1)*terms:j*terms], e[j*terms:(j+1)*terms]
				a.add(to, from, x, a.factor[b.from+i])
			}
		}
		ways := complex(1/binomial(n, few), 0)
		for i, v := range e[few*terms:] {
			v *= ways
			if turned { // the sums of those left are the others' with their sign turned
				v = cmplx.Conj(v)
				if a.degree(i)%2 == 1 {
					v = -v
				}
			}
			a.part[i] = v
		}
		return
	}
	var z complex128
	for _, x := range u {
		z += x
	}
	k, m := float64(b.pick), float64(n)
	period := math.Min(m+1, math.Ceil(6*math.Sqrt(m*p*(1-p))+6))
	h := 2 * math.Pi / period
	side := math.Ceil(4.9 / math.Sqrt(math.Max(cmplx.Abs(z)*p*(1-p), 1e-9)) / h)
	first, count := -cmplx.Phase(z)-side*h, 2*side+1
	if count > period {
		first, count = 0, period
	}
	one := logBinomial(n, b.pick) + k*math.Log(p) + (m-k)*math.Log(1-p)
	x := make([]complex128, terms)
	for j := range int(count) {
		angle := first + float64(j)*h
		by := cmplx.Exp(complex(0, angle)) * complex(p, 0)
		if len(a.cols) == 1 {
			a.angle(x, b, p, by)
		} else {
			clear(x)
			x[0] = 1
			for i, w := range u {
				clear(a.over)
				a.add(a.over, x, w*by, a.factor[b.from+i])
				for c := range x {
					x[c] = x[c]*complex(1-p, 0) + a.over[c]
				}
			}
		}
		back := cmplx.Exp(complex(0, -angle*k)) * complex(math.Exp(-one)/period, 0)
		for c := range x {
			a.part[c] += x[c] * back
		}
	}
}

// angle sets x to the series of one column where each participant of b is in
// independently, at one angle: its logarithm has the sums of their cumulants.
func (a *seriesSum) angle(x []complex128, b approxBlock, p float64, by complex128) {
	product := complex(1, 0)
	var k1, k2, k3, k4 complex128
	few := len(a.s) < seriesNormal
	for i, q := range a.cols[0][b.from:b.to] {
		e := a.turn[b.from+i] * by
		z := e + complex(1-p, 0)
		product *= z
		scale := 1 / (real(z)*real(z) + imag(z)*imag(z) + 1e-300)
		r := complex((real(e)*real(z)+imag(e)*imag(z))*scale, (imag(e)*real(z)-real(e)*imag(z))*scale)
		w := r - r*r
		if !few {
			k1 += complex(real(r)*q, imag(r)*q)
			q *= q
			k2 += complex(real(w)*q, imag(w)*q)
			continue
		}
		third, fourth := w-2*w*r, w-6*w*w
		k1 += complex(real(r)*q, imag(r)*q)
		k2 += complex(real(w)*q*q, imag(w)*q*q)
		k3 += complex(real(third)*q*q*q, imag(third)*q*q*q)
		k4 += complex(real(fourth)*q*q*q*q, imag(fourth)*q*q*q*q)
	}
	x[0] = product
	x[1] = product * k1
	x[2] = product * (k1*k1 + k2) / 2
	x[3] = product * (k1*k1*k1 + 3*k1*k2 + k3) / 6
	x[4] = product * (k1*k1*k1*k1 + 6*k1*k1*k2 + 4*k1*k3 + 3*k2*k2 + k4) / 24
}

// add adds to to from times w and the real series y.
func (a *seriesSum) add(to, from []complex128, w complex128, y []float64) {
	for i, x := range from {
		a.by[i] = x * w
	}
	for _, t := range a.products {
		v, r := a.by[t[0]], y[t[1]]
		to[t[2]] += complex(real(v)*r, imag(v)*r)
	}
}

func (a *seriesSum) degree(i int) int {
	n := 0
	for _, e := range a.powers[i] {
		n += e
	}
	return n
}
