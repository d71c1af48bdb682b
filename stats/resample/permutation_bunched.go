package resample

import (
	"math"
	"math/cmplx"
)

// A sum whose values lie in groups, such as whole numbers with a few others
// among them, bunches, and its tail rises in waves about the smooth curve that
// cumulants describe. A wave of frequency t is as large as the characteristic
// function of the sum is there.
const (
	// bunchedWave is the largest share of a tail's slope that a wave may have: it
	// changes no p by more than a third of approxError.
	bunchedWave = 1e-3
	// bunchedFrom is where the characteristic function of a smooth sum is gone,
	// and bunchedTo where a wave is too short to matter, times the standard
	// deviation of the sum and of the values.
	bunchedFrom, bunchedTo = 5, 40
)

// bunched reports whether the sum over blocks of values has waves; on a lattice
// of step h, apart from those of the lattice. signs: values are kept or not. Waves
// count from the frequency first/sd on where they are larger than largest there,
// and in proportion beyond.
func bunched(blocks [][]float64, picks []int, signs bool, sd, h, first, largest float64) bool {
	var all []float64
	for _, b := range blocks {
		all = append(all, b...)
	}
	if len(all) > bunchedMost {
		return false
	}
	// Of many values a few hundred show whether a wave is possible at all.
	few := make([]float64, 0, 2*bunchedFew)
	for i := 0; i < len(all); i += 1 + len(all)/bunchedFew {
		few = append(few, all[i])
	}
	spread := bulkSD(all)
	if len(all) > 10*bunchedFew {
		spread = bulkSD(few)
	}
	if !(spread > 0) {
		return false
	}
	step := 0.25 / plainSD(all)
	to := bunchedTo / spread
	if h > 0 {
		to = math.Min(to, math.Pi/h)
	}
	from := first / sd
	if (to-from)/step > 1000 { // outliers: the bulk's frequencies are too many
		step = (to - from) / 1000
	}
	turn, by := make([]complex128, len(few)), make([]complex128, len(few))
	for i, x := range few {
		turn[i], by[i] = cmplx.Exp(complex(0, from*x)), cmplx.Exp(complex(0, step*x))
	}
	for t := from; t <= to; t += step {
		var z complex128
		for i, u := range turn {
			z += u
			turn[i] = u * by[i]
		}
		if len(few) < len(all) && len(blocks) == 1 && !signs && cmplx.Abs(z) < 0.7*float64(len(few)) {
			continue
		}
		wave, most := 1.0, largest*t/from // a shorter wave moves p less
		for i, b := range blocks {
			if wave > most {
				wave *= waveOf(b, picks[i], signs, t)
			}
		}
		if wave > most {
			return true
		}
	}
	return false
}

// bunchedMost is the number of values beyond which a wave as long as half their
// standard deviation changes no p by more than its stated error: it is then five
// thousandths of the standard deviation of the sum.
const bunchedMost = 40_000

// bunchedFew is how many values are looked at first.
const bunchedFew = 150

// bunchedExact is the work up to which a wave's size is computed exactly.
const bunchedExact = 2000

// waveOf is the size of a characteristic function at t: of the sum of a random subset of pick of them by the product in which each is in
// independently, at the angle of the subset's size that makes it largest.
func waveOf(x []float64, pick int, signs bool, t float64) float64 {
	n := len(x)
	if !signs && (pick == 0 || pick == n) {
		return 1
	}
	turn := make([]complex128, n)
	for i, v := range x {
		sin, cos := math.Sincos(t * v)
		turn[i] = complex(cos, sin)
	}
	p, unit, sizes := 0.5, complex(1, 0), 1.0
	if !signs {
		if k := min(pick, n-pick); n*k <= bunchedExact {
			return cmplx.Abs(symmetric(turn, k, new([]complex128))) / binomial(n, k)
		}
		p = float64(pick) / float64(n)
		var z complex128
		for _, u := range turn {
			z += u
		}
		size := cmplx.Abs(z)
		if size > 0 {
			unit = complex(real(z)/size, -imag(z)/size)
		}
		// All sizes are as likely at t = 0 as √n; where the product is wide, fewer.
		sizes = math.Sqrt(float64(n) / math.Max(size, 1))
	}
	square, most := 1.0, 2*p*(1-p)
	for _, u := range turn {
		if square *= 1 - most*(1-real(u)*real(unit)+imag(u)*imag(unit)); square < 1e-12 {
			break
		}
	}
	return math.Min(1, sizes*math.Sqrt(math.Max(0, square)))
}

// symmetric is the sum over all subsets of k of the product of their elements,
// made in room.
func symmetric(u []complex128, k int, room *[]complex128) complex128 {
	if len(*room) <= k {
		*room = make([]complex128, k+1)
	}
	e := (*room)[:k+1]
	clear(e)
	e[0] = 1
	for i, x := range u {
		for j := min(i+1, k); j >= max(1, k-len(u)+i+1); j-- { // smaller ones no longer reach k
			e[j] += e[j-1] * x
		}
	}
	return e[k]
}
