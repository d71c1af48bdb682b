package statfile

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

// An IBM number is a sign, an exponent of 16 in seven bits, of which 64 is
// taken, and a fraction of up to 56 bits: ±fraction·2^-56·16^(exponent−64). A
// shorter number is the first of its bytes.

// sixteens are what the fraction as a whole number is multiplied with, by
// exponent: all are numbers of float64.
var sixteens = func() (out [128]float64) {
	for i := range out {
		out[i] = math.Ldexp(1, 4*(i-64)-56)
	}
	return out
}()

const ibmFraction = 1<<56 - 1

// ibmFloat is the float64 nearest to an IBM number; exact tells that it is the
// number itself, which every number is that was a float64 before.
func ibmFloat(b uint64) (x float64, exact bool) {
	f := b & ibmFraction
	x = float64(f) * sixteens[b>>56&127]
	if b>>63 != 0 && f != 0 {
		x = -x
	}
	return x, f < 1<<53 || bits.Len64(f)-bits.TrailingZeros64(f) <= 53
}

// ibm is the shortest decimal that is stored as the first size bytes of an IBM
// number. In eight bytes that is the shortest of its float64, for SAS works in
// float64 everywhere but on mainframes. Fewer bytes are the first ones of a
// longer number, so that 6.3 in four bytes is the number 6.29999924.
func (p *printer) ibm(b uint64, size int) string {
	x, exact := ibmFloat(b)
	if exact && (size == 8 || math.Abs(x) < 1<<53 && x == math.Trunc(x)) {
		return p.number(x)
	}
	if p.shorts == nil {
		p.shorts = new([memoSize]shortMemo)
	}
	m := &p.shorts[slot(b)]
	if m.bits != b || m.size != size || m.text == "" {
		p.scratch = appendIBM(p.scratch[:0], b, size)
		*m = shortMemo{b, size, p.keep(p.scratch)}
	}
	return m.text
}

// shortMemo keeps the text of a number that is no float64 of its own.
type shortMemo struct {
	bits uint64
	size int
	text string
}

// appendIBM writes the shortest decimal that is stored as these bytes, either
// because what does not fit is cut off, as SAS does, or because it is rounded.
func appendIBM(out []byte, b uint64, size int) []byte {
	x, exact := ibmFloat(b)
	unit := sixteens[b>>56&127] * float64(uint64(1)<<(64-8*size)) // of the last bit that is stored
	if a := math.Abs(x); size < 8 && exact && a < 1e9 {
		// The number is a float64, and so are those between which the decimal lies.
		// Their products with a power of ten are not: where one is too near to a
		// whole number to tell on which side it is, the slow way decides.
		sign := math.Copysign(1, x)
		for k, ten := range tens {
			y := a * ten
			n, cut := math.Ceil(y), (a+unit)*ten
			if n > cut*(1-0x1p-50) {
				if n < cut*(1+0x1p-50) {
					break
				}
				n, cut = math.Floor(y), (a-unit/2)*ten
				if n < cut*(1+0x1p-50) {
					if n > cut*(1-0x1p-50) {
						break
					}
					continue
				}
			}
			if n >= 1e15 {
				break
			}
			if k == 0 {
				return strconv.AppendInt(out, int64(sign*n), 10)
			}
			return appendDecimal(out, int64(sign*n), k)
		}
	}
	return appendIBMSlowly(out, b, size)
}

// appendIBMSlowly is appendIBM for every number, in whole numbers of any size.
func appendIBMSlowly(out []byte, b uint64, size int) []byte {
	x, _ := ibmFloat(b)
	value := func(halves int64) *big.Rat { // the number, and so many halves of its last bit more
		r := new(big.Rat).SetInt(new(big.Int).SetUint64(b & ibmFraction))
		r.Add(r, new(big.Rat).Mul(big.NewRat(halves, 2), new(big.Rat).SetInt64(1<<(64-8*size))))
		power := 4*(int(b>>56&127)-64) - 56
		two := new(big.Int).Lsh(big.NewInt(1), uint(max(power, -power)))
		if power < 0 {
			return r.Quo(r, new(big.Rat).SetInt(two))
		}
		return r.Mul(r, new(big.Rat).SetInt(two))
	}
	low, at, high := value(-1), value(0), value(2)
	leading := int(math.Floor(math.Log10(math.Abs(x))))
	for digits := 1; ; digits++ {
		k := digits - 1 - leading // decimals, below zero for tens
		ten := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(k, -k))), nil))
		if k < 0 {
			ten.Inv(ten)
		}
		scaled := new(big.Rat).Mul(at, ten)
		floor := new(big.Int).Quo(scaled.Num(), scaled.Denom())
		n := new(big.Int).Set(floor)
		if !scaled.IsInt() {
			n.Add(n, big.NewInt(1))
		}
		if new(big.Rat).Quo(new(big.Rat).SetInt(n), ten).Cmp(high) >= 0 {
			if n = floor; new(big.Rat).Quo(new(big.Rat).SetInt(n), ten).Cmp(low) <= 0 {
				continue
			}
		}
		return appendDigits(out, n.String(), k, x < 0)
	}
}

// appendDigits writes a whole number of so many decimals as appendNumber would.
func appendDigits(out []byte, digits string, k int, negative bool) []byte {
	if negative {
		out = append(out, '-')
	}
	for len(digits) > 1 && digits[len(digits)-1] == '0' {
		digits, k = digits[:len(digits)-1], k-1
	}
	point := len(digits) - k // digits before the point
	switch {
	case point > 21 || point < -5:
		out = append(out, digits[0])
		if len(digits) > 1 {
			out = append(append(out, '.'), digits[1:]...)
		}
		out = append(out, 'e')
		if point > 0 {
			out = append(out, '+')
		} else {
			out = append(out, '-')
		}
		return two(out, int64(max(point-1, 1-point)))
	case k <= 0:
		for out = append(out, digits...); k < 0; k++ {
			out = append(out, '0')
		}
		return out
	case point <= 0:
		for out = append(out, "0."...); point < 0; point++ {
			out = append(out, '0')
		}
		return append(out, digits...)
	}
	return append(append(append(out, digits[:point]...), '.'), digits[point:]...)
}
