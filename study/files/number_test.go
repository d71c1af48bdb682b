package files

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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

// The short way of reading equals the long one.
func TestSimpleNumerals(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	tried, simple := 0, 0
	for range 200_000 {
		b := make([]byte, r.IntN(12))
		for i := range b {
			b[i] = "0123456789012345678901234567890123456789.,-'e "[r.IntN(46)]
		}
		s := string(b)
		if r.IntN(3) == 0 {
			s = "-" + s
		}
		tried++
		n, ok := readSimple(s)
		long, isNumber := readNumeral(s)
		if !ok {
			plain := isNumber && !long.hasExp && len(long.marks) <= 1 && !strings.ContainsAny(s, "' +")
			require.False(t, plain, s)
			continue
		}
		simple++
		require.True(t, isNumber, s)
		e := long.evidence()
		require.Equal(t, e == '?', n.open, s)
		if !n.open {
			require.Equal(t, e, n.sign, s)
		}
		sign := n.sign
		if sign == 0 {
			sign = '.'
		}
		want, thousands, ok := long.value(sign)
		require.True(t, ok && !thousands, s)
		require.Equal(t, want, n.value(), s)
		require.False(t, math.Signbit(n.value().Number) && n.value().Number == 0, s)
		if n.open {
			want, thousands, ok = long.value(other(sign))
			require.True(t, ok && thousands, s)
			require.Equal(t, want, n.thousands(), s)
		}
	}
	assert.Greater(t, simple, tried/20)
	for _, s := range []string{"", "-", ".", "-.", "1.2.3", "1,250.5", "5e3", "1234567890123456", "−5.3", "1'250", "--5", "5-"} {
		_, ok := readSimple(s)
		assert.False(t, ok, s)
	}
}
