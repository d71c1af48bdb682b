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
	spread := bulkSD(all)
	if len(all) > 10*bunchedFew { // of many values a few hundred show it
		var few []float64
		for i := 0; i < len(all); i += 1 + len(all)/bunchedFew {
			few = append(few, all[i])
		}
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
	glance := newWaveGlance(blocks, picks, signs, len(all), from, step)
	for t := from; t <= to; t += step {
		most := largest * t / from // a shorter wave moves p less
		wave := glance.next(most)
		for i, b := range blocks {
			if wave > most {
				wave = math.Min(wave, 1)
				wave *= waveOf(b, picks[i], signs, t)
			}
		}
		if wave > most {
			return true
		}
	}
	return false
}

// waveGlance looks at some of the values, frequency by frequency, for whether a wave is possible at
// all: at whole blocks where these are small, else at values from each block.
type waveGlance struct {
	groups   []glanced
	turn, by []complex128 // e^{itx}, and what it is multiplied by for the next frequency
	signs    bool
	room     []complex128
}

// glanced is a group from…to − 1 of the values looked at.
type glanced struct {
	from, to, pick int
	chance, ways   float64 // of being drawn; 0 ways: not a whole block
}

func newWaveGlance(blocks [][]float64, picks []int, signs bool, all int, from, step float64) *waveGlance {
	g := &waveGlance{signs: signs}
	every, small := 1+all/bunchedFew, 0
	for i, b := range blocks {
		n, at := len(b), len(g.turn)
		by := every
		if n <= bunchedSmall && !signs {
			if small++; small%every != 0 && every > 1 {
				continue
			}
			by = 1
		} else {
			by = min(by, max(1, n/20))
		}
		if !signs && (picks[i] == 0 || picks[i] == n) {
			continue
		}
		for j := 0; j < n; j += by {
			sin, cos := math.Sincos(from * b[j])
			g.turn = append(g.turn, complex(cos, sin))
			sin, cos = math.Sincos(step * b[j])
			g.by = append(g.by, complex(cos, sin))
		}
		group := glanced{from: at, to: len(g.turn), pick: min(picks[i], n-picks[i]), chance: float64(picks[i]) / float64(n)}
		if n <= bunchedSmall {
			group.ways = binomial(n, group.pick)
		}
		g.groups = append(g.groups, group)
	}
	return g
}

// next is 0 where no wave of the frequency whose turn it is can be larger than
// most, and 1 otherwise.
func (g *waveGlance) next(most float64) float64 {
	wave := 1.0
	for _, b := range g.groups {
		if wave < most*most/bunchedSlack {
			break
		}
		u := g.turn[b.from:b.to]
		if g.signs {
			for _, x := range u {
				wave *= (1 + real(x)) / 2
			}
			continue
		}
		if b.ways > 0 {
			z := cmplx.Abs(symmetric(u, b.pick, &g.room)) / b.ways
			wave *= z * z
			continue
		}
		var z complex128
		for _, x := range u {
			z += x
		}
		size := math.Max(cmplx.Abs(z), 1e-300)
		re, im, twice := real(z)/size, imag(z)/size, 2*b.chance*(1-b.chance)
		square := float64(len(u)) // sizes, as in waveOf
		for _, x := range u {
			square *= 1 - twice*(1-real(x)*re-imag(x)*im)
		}
		wave *= math.Min(1, square)
	}
	for i, u := range g.turn {
		g.turn[i] = u * g.by[i]
	}
	if wave < most*most/bunchedSlack {
		return 0
	}
	return 1
}

// bunchedMost is the number of values beyond which a wave as long as half their
// standard deviation changes no p by more than its stated error: it is then five
// thousandths of the standard deviation of the sum.
const bunchedMost = 40_000

// bunchedFew is how many values are looked at first, bunchedSmall the size of blocks that are
// looked at whole, and bunchedSlack how much smaller the square of what they leave has to be.
const (
	bunchedFew, bunchedSmall = 150, 24
	bunchedSlack             = 4
)

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
