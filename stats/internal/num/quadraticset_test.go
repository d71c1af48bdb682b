package num

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestQuadraticSet(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 9))
	for range 20000 {
		a, b, c := float64(r.IntN(7)-3), float64(r.IntN(7)-3), float64(r.IntN(7)-3)
		lo, hi, gap, some := QuadraticSet(a, b, c)
		x := 12 * (r.Float64() - 0.5)
		if math.Abs(x-lo) < 1e-9 || math.Abs(x-hi) < 1e-9 {
			continue
		}
		in := some && lo <= x && x <= hi
		if gap {
			in = x <= lo || x >= hi
		}
		if want := a*x*x-2*b*x+c <= 0; in != want {
			t.Fatalf("%v %v %v at %v: %v, want %v", a, b, c, x, in, want)
		}
	}
	// Roots of 1 and 1e16, of which the plain formula loses the small one.
	if lo, hi, _, _ := QuadraticSet(1, (1+1e16)/2, 1e16); lo != 1 || hi != 1e16 {
		t.Errorf("%v, %v", lo, hi)
	}
}
