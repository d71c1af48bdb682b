package num

import (
	"context"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// enumSubset counts subsets of size m with sum ≤ c, ≥ c and = c one by one.
func enumSubset(a []int, m, c int) (le, ge, eq float64) {
	for b := 0; b < 1<<len(a); b++ {
		if bits.OnesCount(uint(b)) != m && m >= 0 {
			continue
		}
		s := 0
		for i, v := range a {
			if b>>i&1 == 1 {
				s += v
			}
		}
		if s <= c {
			le++
		}
		if s >= c {
			ge++
		}
		if s == c {
			eq++
		}
	}
	return
}

func TestSubsetSumEqualsEnumeration(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		n := 1 + rng.IntN(11)
		m := rng.IntN(n + 1)
		a := make([]int, n)
		spread := 1 + rng.IntN(12)
		for i := range a {
			a[i] = rng.IntN(spread)*(1+rng.IntN(2)) - 3
			if spread == 12 { // a progression
				a[i] = 4 + 3*i
			}
		}
		d, err := NewSubsetSum(context.Background(), a, m)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewSignSum(context.Background(), abs(a))
		if err != nil {
			t.Fatal(err)
		}
		for c := -40; c < 150; c += 1 + rng.IntN(3) {
			le, ge, eq := enumSubset(a, m, c)
			if d.LE(c) != le || d.GE(c) != ge || d.EQ(c) != eq {
				t.Fatalf("scores %v, m %d, c %d: got %v %v %v, want %v %v %v", a, m, c, d.LE(c), d.GE(c), d.EQ(c), le, ge, eq)
			}
			le, ge, eq = enumSubset(abs(a), -1, c)
			if s.LE(c) != le || s.GE(c) != ge || s.EQ(c) != eq {
				t.Fatalf("signs of %v, c %d: got %v %v %v, want %v %v %v", abs(a), c, s.LE(c), s.GE(c), s.EQ(c), le, ge, eq)
			}
		}
	}
}

func abs(a []int) []int {
	out := make([]int, len(a))
	for i, v := range a {
		out[i] = max(v, -v)
	}
	return out
}

// The two algorithms share nothing: on untied ranks they must agree, also far
// in the tail and where counts exceed 2^53.
func TestSubsetSumProgressionEqualsShift(t *testing.T) {
	const n, m = 90, 40
	a := make([]int, n)
	for i := range a {
		a[i] = i + 1
	}
	p, err := NewSubsetSum(context.Background(), a, m)
	if err != nil {
		t.Fatal(err)
	}
	// The same scores, forced through the shift algorithm.
	q := &SubsetSum{m: m, base: m, step: 1, Total: p.Total}
	b := make([]int, n)
	for i := range b {
		b[i] = i
	}
	q.lower, q.upper = newHalf(b[:45], 0, 40), newHalf(b[45:], 0, 40)
	q.lower.fill(context.Background(), b[:45])
	q.upper.fill(context.Background(), b[45:])
	q.upper.accumulate(context.Background())
	for c := m * (m + 1) / 2; c <= m*(2*n-m+1)/2; c += 37 {
		for _, v := range [][2]float64{{p.LE(c), q.LE(c)}, {p.GE(c), q.GE(c)}} {
			if math.Abs(v[0]-v[1]) > 1e-12*v[1] {
				t.Fatalf("sum %d: progression %v, shift %v", c, v[0], v[1])
			}
		}
	}
}

func TestSubsetSumStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	a := make([]int, 200)
	for i := range a {
		a[i] = i * i
	}
	if _, err := NewSubsetSum(ctx, a, 100); err == nil {
		t.Fatal("no error from an ended context")
	}
}
