package num

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// doubledMidRanks ranks by counting.
func doubledMidRanks(v []float64) []int {
	r := make([]int, len(v))
	for i, a := range v {
		r[i] = 1
		for _, b := range v {
			switch {
			case b < a:
				r[i] += 2
			case b == a:
				r[i]++
			}
		}
	}
	return r
}

// rankGrid gives samples of n values on k levels: level, skewed, nearly
// regular groups whose sums bunch, and half the values equal.
func rankGrid(f func(n, k, kind int, r []int)) {
	for _, n := range []int{110, 150} {
		for _, k := range []int{2, 3, 5, 8, 20, 33, 70, 100_000} {
			for kind := range 4 {
				rng := rand.New(rand.NewPCG(uint64(n), uint64(10*k+kind)))
				v := make([]float64, n)
				for i := range v {
					switch kind {
					case 0:
						v[i] = float64(rng.IntN(k))
					case 1:
						v[i] = math.Floor(rng.ExpFloat64() * float64(k) / 3)
					case 2:
						v[i] = float64((i + rng.IntN(2)) % k)
					default:
						v[i] = float64(rng.IntN(2) * rng.IntN(k))
					}
				}
				if r := doubledMidRanks(v); !constant(r) {
					f(n, k, kind, r)
				}
			}
		}
	}
}

func constant(r []int) bool {
	for _, v := range r {
		if v != r[0] {
			return false
		}
	}
	return true
}

// The exact counts are those of SubsetSum, which enumeration confirms. The
// error is stated in ScoreTail's comment.
func TestScoreTailEqualsSubsetSum(t *testing.T) {
	ctx := context.Background()
	worst := 0.0
	rankGrid(func(n, k, kind int, r []int) {
		for _, m := range []int{n/2 + 1, n / 5, 12, 13} {
			d, err := NewSubsetSum(ctx, r, m)
			if err != nil {
				t.Fatal(err)
			}
			q := NewScoreTail(r, m)
			q.Thorough = m%2 == 1
			lo, _, hi := q.bounds(1)
			step := max(1, int(hi-lo)/11)
			for u := int(lo) - 1; u <= int(hi)+1; u += step {
				c := m*q.base + q.step*u
				for _, side := range []struct {
					ask  func(context.Context, int) (float64, error)
					want float64
				}{{q.GE, d.GE(c) / d.Total}, {q.LE, d.LE(c) / d.Total}} {
					got, err := side.ask(ctx, c)
					if err != nil || math.IsNaN(got) {
						t.Fatalf("n %d, k %d, kind %d, m %d, c %d: %v, %v", n, k, kind, m, c, got, err)
					}
					relative, absolute := 1e-3, 1e-9
					if q.Thorough {
						relative = 1e-4
					}
					if m < 20 && len(q.vals) > maxScreened && !q.Thorough {
						absolute = 1e-5
					}
					e := math.Abs(got - side.want)
					if e > relative*side.want+absolute {
						t.Errorf("n %d, k %d (%d), kind %d, m %d, c %d: %v, exact %v", n, k, len(q.vals), kind, m, c, got, side.want)
					}
					if side.want > 1e-6 && m >= 20 {
						worst = math.Max(worst, e/side.want)
					}
				}
			}
		}
	})
	t.Logf("largest relative error %.2g above 1e-6 with m of 20 or more", worst)
}

func TestScoreTailEqualsSignSum(t *testing.T) {
	ctx := context.Background()
	worst := 0.0
	rankGrid(func(n, k, kind int, r []int) {
		d, err := NewSignSum(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		q := NewScoreTail(r, -1)
		for c := -1; c <= d.Max+1; c += max(1, d.Max/23) {
			got, err := q.GE(ctx, c)
			if want := d.GE(c) / d.Total; err != nil || math.Abs(got-want) > 1e-4*want+1e-12 {
				t.Errorf("n %d, k %d, kind %d, c %d: %v, exact %v, %v", n, k, kind, c, got, want, err)
			} else if want > 1e-9 {
				worst = math.Max(worst, math.Abs(got/want-1))
			}
		}
	})
	t.Logf("largest relative error %.2g", worst)
}

// The work is counted, not timed: a tail costs some 200 factors a score,
// whatever their number.
func TestScoreTailWorkIsLinear(t *testing.T) {
	for _, n := range []int{200, 1000, 5000} {
		r := make([]int, n)
		for i := range r {
			r[i] = 2*i + 2
		}
		r[3], r[4] = 9, 9 // one tie
		q := NewScoreTail(r, n/2-1)
		sd := 2 * math.Sqrt(float64(n/2)*float64(n/2)*float64(n+1)/12)
		if _, err := q.GE(context.Background(), (n/2-1)*(n+1)+int(2*sd)); err != nil {
			t.Fatal(err)
		}
		if per := q.Evals() / n; per > 300 {
			t.Errorf("n = %d: %d factors a score", n, per)
		}
	}
}
