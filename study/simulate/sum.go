package simulate

import (
	"fmt"
	"math"
	"math/big"
	"strings"
)

// sum adds float64s without rounding: digits of 32 bits from 2⁻¹⁰⁷⁴ on, carried over
// when they fill (a small superaccumulator: Neal 2015, arXiv:1505.05571). An exact sum
// depends on neither the order of its terms nor how they are grouped, which is what makes
// Merge exact.
type sum struct {
	digit [68]int64
	added int // since digits were carried over
}

// add adds a finite number.
func (s *sum) add(x float64) {
	b := math.Float64bits(x)
	m, at := b&(1<<52-1), int(b>>52&0x7ff)
	if at == 0x7ff {
		panic(fmt.Sprintf("simulate: a sum of %v", x))
	}
	if at > 0 {
		m |= 1 << 52
		at--
	}
	i, shift := at>>5, uint(at&31)
	low, high := m<<shift, m>>(64-shift)
	if b>>63 == 0 {
		s.digit[i] += int64(low & 0xffffffff)
		s.digit[i+1] += int64(low >> 32)
		s.digit[i+2] += int64(high)
	} else {
		s.digit[i] -= int64(low & 0xffffffff)
		s.digit[i+1] -= int64(low >> 32)
		s.digit[i+2] -= int64(high)
	}
	if s.added++; s.added == 1<<29 {
		s.carry()
	}
}

func (s *sum) carry() {
	for i := range len(s.digit) - 1 {
		c := s.digit[i] >> 32
		s.digit[i] -= c << 32
		s.digit[i+1] += c
	}
	s.added = 0
}

// merge adds another sum.
func (s *sum) merge(t *sum) {
	u := *t
	u.carry()
	s.carry()
	for i := range s.digit {
		s.digit[i] += u.digit[i]
	}
	s.carry()
}

// whole is the sum over 2⁻¹⁰⁷⁴.
func (s *sum) whole() *big.Int {
	n := new(big.Int)
	for i := len(s.digit) - 1; i >= 0; i-- {
		n.Lsh(n, 32).Add(n, big.NewInt(s.digit[i]))
	}
	return n
}

// float is the sum, rounded once.
func (s *sum) float() float64 {
	f := new(big.Float).SetInt(s.whole())
	x, _ := f.SetMantExp(f, -1074).Float64()
	return x
}

// MarshalText writes the sum exactly: a whole number in hexadecimal times a power of 2,
// as 1a2b*2^-50.
func (s sum) MarshalText() ([]byte, error) {
	n := s.whole()
	if n.Sign() == 0 {
		return []byte("0"), nil
	}
	zeros := n.TrailingZeroBits()
	return fmt.Appendf(nil, "%x*2^%d", n.Rsh(n, zeros), int(zeros)-1074), nil
}

// UnmarshalText reads what MarshalText wrote.
func (s *sum) UnmarshalText(b []byte) error {
	*s = sum{}
	if string(b) == "0" {
		return nil
	}
	digits, power, ok := strings.Cut(string(b), "*2^")
	n, good := new(big.Int).SetString(digits, 16)
	exp := 0
	if ok && good {
		_, err := fmt.Sscanf(power, "%d", &exp)
		good = err == nil && exp >= -1074 && n.BitLen()+exp+1074 < 32*len(s.digit)-2
	}
	if !ok || !good {
		return fmt.Errorf("simulate: %q is no sum", b)
	}
	n.Lsh(n, uint(exp+1074))
	negative := n.Sign() < 0
	n.Abs(n)
	mask := big.NewInt(0xffffffff)
	for i := range s.digit {
		s.digit[i] = new(big.Int).And(n, mask).Int64()
		if negative {
			s.digit[i] = -s.digit[i]
		}
		n.Rsh(n, 32)
	}
	s.carry()
	return nil
}
