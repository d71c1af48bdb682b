package statfile

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// A number is printed as the shortest decimal that gives it, as a float64 or a
// float32: Go's own, without an exponent from 10^-6 to 10^21.
func TestShortestDecimals(t *testing.T) {
	check := func(x float64, size int, got []byte) {
		form := byte('f')
		if a := math.Abs(x); a >= 1e21 || a > 0 && (a < 1e-6 && size == 64 || float32(a) < 1e-6 && size == 32) {
			form = 'e'
		}
		want := strconv.FormatFloat(x, form, -1, size)
		if x == 0 {
			want = "0"
		}
		require.Equal(t, want, string(got), "%x", math.Float64bits(x))
	}
	both := func(x float64) {
		if x-x == 0 {
			check(x, 64, appendNumber(nil, x))
		}
		if y := float32(x); y-y == 0 {
			check(float64(y), 32, appendFloat32(nil, y))
		}
	}
	r := rand.New(rand.NewPCG(14, 3))
	for range 100_000 {
		both(math.Float64frombits(r.Uint64()))
		both(float64(math.Float32frombits(r.Uint32())))
		for _, size := range []int64{2e3, 2e7, 2e12, 2e16} {
			x := float64(r.Int64N(size)-size/2) / math.Pow10(r.IntN(9))
			both(x)
			both(math.Nextafter(x, 0))
			both(float64(math.Nextafter32(float32(x), 0)))
		}
	}
}
