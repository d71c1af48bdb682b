package files

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// A clinic writes decimals, and a computer that subtracts their binary
// neighbors finds 5.9 − 4.1 and 6.2 − 4.4 different. Everything that ranks
// changes or compares them with a threshold goes through this file, which
// computes in the decimals that were written and rounds once, at the end.

// Value is a number as the file wrote it: the nearest float64 and the count of
// digits after the decimal sign, so that differences can be exact.
type Value struct {
	Number   float64
	Decimals int
	// text holds the plain decimal where it has more digits than a float64
	// and Decimals determine; else "".
	text string
}

// exactDigits is the number of significant digits up to which a float64 and
// the count of decimals determine the decimal that was written.
const exactDigits = 15

// pow10 holds the powers of ten that a float64 holds exactly.
var pow10 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// Text returns the value as a plain decimal with the digits of the source and
// a decimal point.
func (v Value) Text() string {
	if v.text != "" {
		return v.text
	}
	return strconv.FormatFloat(v.Number, 'f', v.Decimals, 64)
}

// IsShort reports whether Number and Decimals are all of the value: 15 digits at most.
func (v Value) IsShort() bool { return v.text == "" && v.Decimals < len(pow10) }

// Rat returns the value as an exact rational.
func (v Value) Rat() *big.Rat {
	r, ok := new(big.Rat).SetString(v.Text())
	if !ok {
		return new(big.Rat).SetFloat64(v.Number)
	}
	return r
}

// scaled returns the value times 10^Decimals as a whole number, if that has at
// most 15 digits.
func (v Value) scaled() (int64, bool) {
	if v.text != "" || v.Decimals >= len(pow10) {
		return 0, false
	}
	// Number is within 2⁻⁵³ (relative) of the written decimal and the product
	// within another 2⁻⁵³, so below 10¹⁵ rounding finds the whole number.
	x := math.Round(v.Number * pow10[v.Decimals])
	if math.Abs(x) >= 1e15 {
		return 0, false
	}
	return int64(x), true
}

// Decimal is the shortest decimal that reads back as x: the number a
// protocol or a programmer wrote.
func Decimal(x float64) Value {
	s := strconv.FormatFloat(x, 'f', -1, 64)
	v := Value{Number: x}
	if _, frac, ok := strings.Cut(s, "."); ok {
		v.Decimals = len(frac)
	}
	if significantDigits(s) > exactDigits {
		v.text = s
	}
	return v
}

// significantDigits counts the digits of a plain decimal without leading zeros.
func significantDigits(s string) int {
	n, seen := 0, false
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= '0' && c <= '9' && (seen || c != '0') {
			seen = true
			n++
		}
	}
	return n
}

// Minus is v − w in the decimals that were written, rounded once to the
// nearest float64: equal differences are equal numbers.
func (v Value) Minus(w Value) float64 {
	if x, y, d, ok := commonScale(v, w); ok {
		// |x − y| < 2⁵³ and 10^d are exact, so the division rounds once.
		return float64(x-y) / pow10[d]
	}
	f, _ := new(big.Rat).Sub(v.Rat(), w.Rat()).Float64()
	return f
}

// Compare is −1, 0 or +1 as v is below, equal to or above w in the
// decimals that were written.
func (v Value) Compare(w Value) int {
	if x, y, _, ok := commonScale(v, w); ok {
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	return v.Rat().Cmp(w.Rat())
}

// commonScale returns both values times 10^d as whole numbers below 10¹⁵.
func commonScale(a, b Value) (x, y int64, d int, ok bool) {
	d = max(a.Decimals, b.Decimals)
	x, okx := a.scaledTo(d)
	y, oky := b.scaledTo(d)
	return x, y, d, okx && oky
}

// scaledTo returns the value times 10^d, d ≥ Decimals, as a whole number if
// that is below 10¹⁵.
func (v Value) scaledTo(d int) (int64, bool) {
	x, ok := v.scaled()
	for e := v.Decimals; ok && e < d; e++ {
		x *= 10
		ok = x < 1e15 && x > -1e15
	}
	return x, ok
}

// OnGrid reports whether v − origin is a whole multiple of step > 0, in
// decimals.
func (v Value) OnGrid(origin, step Value) bool {
	if !(step.Number > 0) {
		panic(fmt.Sprintf("files: OnGrid: a step of %v; need one above 0", step.Number))
	}
	d := max(v.Decimals, origin.Decimals, step.Decimals)
	x, okx := v.scaledTo(d)
	o, oko := origin.scaledTo(d)
	s, oks := step.scaledTo(d)
	if okx && oko && oks && s != 0 {
		return (x-o)%s == 0
	}
	q := new(big.Rat).Sub(v.Rat(), origin.Rat())
	return q.Quo(q, step.Rat()).IsInt()
}
