package sheet

import (
	"math"
	"strconv"
	"strings"
)

// Shortest reports whether v is a decimal of at most 15 digits without signs
// that could be left out. No other decimal of so few digits gives the same
// float64, so it is the shortest form as it stands.
func Shortest[T ~string | ~[]byte](v T) bool {
	i := 0
	if len(v) > 0 && v[0] == '-' {
		if i = 1; len(v) == 2 && v[1] == '0' {
			return false // −0 is 0
		}
	}
	first, n := i, len(v)-i
	if n == 0 || n > 16 {
		return false
	}
	point := -1
	for ; i < len(v); i++ {
		switch c := v[i]; {
		case c >= '0' && c <= '9':
		case c == '.' && point < 0 && i > first:
			point = i
		default:
			return false
		}
	}
	if v[first] == '0' && n > 1 && point != first+1 {
		return false
	}
	if point >= 0 {
		return point < len(v)-1 && v[len(v)-1] != '0'
	}
	return n <= 15
}

// AppendNumber writes the shortest decimal that gives x: with an exponent only
// where it would be long without.
func AppendNumber(to []byte, x float64) []byte {
	from := len(to)
	to = strconv.AppendFloat(to, x+0, 'f', -1, 64) // + 0 makes 0 of −0
	if len(to)-from > 21 {
		to = strconv.AppendFloat(to[:from], x+0, 'g', -1, 64)
	}
	return to
}

// Decimal is a numeral as the shortest decimal that gives its float64. A
// numeral that no float64 comes near stays as it is written: it is no infinity,
// and no 0.
func Decimal(v string) string {
	if Shortest(v) {
		return v
	}
	x, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsInf(x, 0) || x == 0 && nonzero(v) {
		return v
	}
	return string(AppendNumber(nil, x))
}

// nonzero reports whether a numeral's digits before its exponent are not all 0.
func nonzero(v string) bool {
	if e := strings.IndexAny(v, "eE"); e >= 0 {
		v = v[:e]
	}
	return strings.ContainsAny(v, "123456789")
}
