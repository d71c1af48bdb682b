package study

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
	a := decimalDiff(value(t, "5.9"), value(t, "4.1"))
	b := decimalDiff(value(t, "6.2"), value(t, "4.4"))
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
		assert.Equal(t, c.want, decimalDiff(value(t, c.a), value(t, c.b)), "%s - %s", c.a, c.b)
		assert.Equal(t, -c.want, decimalDiff(value(t, c.b), value(t, c.a)), "%s - %s", c.b, c.a)
		assert.False(t, math.Signbit(decimalDiff(value(t, c.a), value(t, c.a))))
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
		require.Zero(t, v.rat().Cmp(x), "%s kept as %s", s, v.Text())
		d, _ := new(big.Rat).Sub(x, y).Float64()
		require.Equal(t, d, decimalDiff(v, w), "%s - %s", s, u)
		require.Equal(t, x.Cmp(y), decimalCompare(v, w), "%s %s", s, u)
		step := decimalValue([]float64{0.1, 0.25, 1, 0.003}[r.IntN(4)])
		q := new(big.Rat).Sub(x, y)
		require.Equal(t, q.Quo(q, step.rat()).IsInt(), onGrid(v, w, step), "%s from %s", s, u)
	}
}

func TestThresholdsInDecimals(t *testing.T) {
	// 0.91·10 − 0.51·10: floats find 3.9999999999999996.
	change := decimalDiff(value(t, "5.1"), value(t, "9.1"))
	assert.True(t, meetsThreshold(change, 4, -1))
	assert.False(t, meetsThreshold(change, 4.0001, -1))
	assert.True(t, meetsThreshold(decimalDiff(value(t, "6.4"), value(t, "4.1")), 2.3, 1))
	assert.False(t, meetsThreshold(-2.2, 2.26, -1))
	assert.True(t, meetsThreshold(-2.3, 2.26, -1))

	assert.True(t, meetsPercent(7, 4.9, 30, -1), "floats find 29.999999999999993%")
	assert.False(t, meetsPercent(7, 4.91, 30, -1))
	assert.True(t, meetsPercent(0.3, 0.39, 30, 1))
	assert.True(t, meetsPercent(-10, -13, 30, -1))
	assert.False(t, meetsPercent(0, -13, 30, -1), "no percentage of zero")
	assert.False(t, meetsPercent(7, 9.1, 30, -1))
}

func TestNumerals(t *testing.T) {
	for s, want := range map[string]byte{"5": 0, "12,5": ',', "12.5": '.', "0.125": '.', "1234.567": '.', "1.250": '?',
		"-1,250": '?', "1.250.000": ',', "1,250.5": '.', "1.250,5": ',', "1.2.3": '!', "1,250,5": '!', "1.250e3": '.', ".5": '.', "5.": '.',
		"1'250": 0, "1’250.5": '.', "1 250,5": ',', "1\u00a0250\u00a0000": 0, "1\u202f250.125": '.', "12 5": '!', "1 25": '!', "1'250 000": '!',
		"-1 250": 0, "–5,5": ',', " 250": '!', "1 250.500,5": '!', "0 250": '!'} {
		n, ok := readNumeral(s)
		require.True(t, ok, s)
		assert.Equal(t, string(want), string(n.evidence()), s)
	}
	for _, s := range []string{"", "-", ".", "+.", "1\t250", "0x10", "1_000", "NaN", "Inf", "1e", "1e+", "1e5000", "5%", "<5", "١"} {
		_, ok := readNumeral(s)
		assert.False(t, ok, s)
	}
	for s, want := range map[string]float64{"1,250.5": 1250.5, "+5": 5, "−3.5": -3.5, "1E2": 100, "007": 7, "1,250,000": 1250000, "1'250.5": 1250.5, "−12 250": -12250,
		"–5": -5, "1 250": 1250} {
		assert.Equal(t, want, value(t, s).Number, s)
	}
	for _, s := range []string{"12,3", "1,2,3", "1.250,5", "0,125", "1e309", "1e-310"} {
		n, ok := readNumeral(s)
		require.True(t, ok, s)
		_, _, ok = n.value('.')
		assert.False(t, ok, s)
	}
	assert.Equal(t, "25.271435093399374", value(t, "25.271435093399374").Text())
	assert.Equal(t, "5.0", value(t, "5.0").Text())
}

func TestCompareIDs(t *testing.T) {
	ids := []string{"", "01", "1", "2", "P1", "P2", "P10", "P10a", "p1"}
	for i, a := range ids {
		for j, b := range ids {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			got := compareIDs(a, b)
			assert.Equal(t, want, max(-1, min(1, got)), "%q %q", a, b)
		}
	}
}
