package num

import (
	"math"
	"math/bits"
)

// Wide is an unsigned whole number of 128 bits. Sums of squared ranks of n
// values grow with n⁴: they pass 32 bits at a few hundred values and 64 bits at
// some ten thousand, on every machine alike only if neither is relied on.
type Wide struct{ hi, lo uint64 }

// AddMul returns w + a·b.
func (w Wide) AddMul(a, b uint64) Wide {
	hi, lo := bits.Mul64(a, b)
	lo, carry := bits.Add64(w.lo, lo, 0)
	hi, over := bits.Add64(w.hi, hi, carry)
	if over != 0 {
		panic("num: 128 bits are too few")
	}
	return Wide{hi, lo}
}

// AddSquare returns w + a².
func (w Wide) AddSquare(a int64) Wide {
	u := uint64(max(a, -a))
	return w.AddMul(u, u)
}

// Mul returns w·a.
func (w Wide) Mul(a uint64) Wide {
	over, top := bits.Mul64(w.hi, a)
	out := Wide{hi: top}.AddMul(w.lo, a)
	if over != 0 {
		panic("num: 128 bits are too few")
	}
	return out
}

// Sub returns w − v, which must not be negative.
func (w Wide) Sub(v Wide) Wide {
	lo, borrow := bits.Sub64(w.lo, v.lo, 0)
	hi, under := bits.Sub64(w.hi, v.hi, borrow)
	if under != 0 {
		panic("num: negative whole number")
	}
	return Wide{hi, lo}
}

// Float returns w as the float64 next to it, exact below 2^53.
func (w Wide) Float() float64 { return math.Ldexp(float64(w.hi), 64) + float64(w.lo) }
