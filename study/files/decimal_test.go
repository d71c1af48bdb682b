package files

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// value reads a number with a decimal point.
func value(t testing.TB, s string) Value {
	t.Helper()
	n, ok := readNumeral(s)
	require.True(t, ok, s)
	v, _, ok := n.value('.')
	require.True(t, ok, s)
	return v
}

func TestDecimalDiff(t *testing.T) {
	assert.NotEqual(t, 5.9-4.1+1, 6.2-4.4+1+1e-15) // what floats do
	a := value(t, "5.9").Minus(value(t, "4.1"))
	b := value(t, "6.2").Minus(value(t, "4.4"))
	assert.Equal(t, 1.8, a)
	assert.Equal(t, a, b)
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"0.3", "0.1", 0.2}, {"-0", "0.0", 0}, {"1e3", "0.1e1", 999}, {"1.5e-3", "0.0005", 0.001},
		{"25.271435093399374", "25.271435093399373", 1e-15}, // one float64, two decimals
		{"123456789012345678", "123456789012345677", 1},
		{"1e300", "1e300", 0}, {"1e-300", "0", 1e-300}, {"0.1", "1e-30", 0.1}, {"9.1", "5.1", 4},
		{"999999999999999", "0.1", 999999999999998.9},
	} {
		assert.Equal(t, c.want, value(t, c.a).Minus(value(t, c.b)), "%s - %s", c.a, c.b)
		assert.Equal(t, -c.want, value(t, c.b).Minus(value(t, c.a)), "%s - %s", c.b, c.a)
		assert.False(t, math.Signbit(value(t, c.a).Minus(value(t, c.a))))
	}
}

// Against rational arithmetic on the written digits, rounded once.
func TestDecimalAgainstRationals(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	random := func() string {
		digits := 1 + r.IntN(19)
		s := ""
		for range digits {
			s += strconv.Itoa(r.IntN(10))
		}
		k := r.IntN(digits + 1)
		s = s[:k] + "." + s[k:]
		if r.IntN(2) == 0 {
			s = "-" + s
		}
		if r.IntN(4) == 0 {
			s += "e" + strconv.Itoa(r.IntN(50)-25)
		}
		return s
	}
	exact := func(s string) *big.Rat {
		q, ok := new(big.Rat).SetString(strings.Replace(s, ".e", ".0e", 1))
		require.True(t, ok, s)
		return q
	}
	for range 20000 {
		s, u := random(), random()
		v, w := value(t, s), value(t, u)
		x, y := exact(s), exact(u)
		f, _ := x.Float64()
		require.Equal(t, f, v.Number, s)
		require.Zero(t, v.Rat().Cmp(x), "%s kept as %s", s, v.Text())
		d, _ := new(big.Rat).Sub(x, y).Float64()
		require.Equal(t, d, v.Minus(w), "%s - %s", s, u)
		require.Equal(t, x.Cmp(y), v.Compare(w), "%s %s", s, u)
		step := Decimal([]float64{0.1, 0.25, 1, 0.003}[r.IntN(4)])
		q := new(big.Rat).Sub(x, y)
		require.Equal(t, q.Quo(q, step.Rat()).IsInt(), v.OnGrid(w, step), "%s from %s", s, u)
	}
}
