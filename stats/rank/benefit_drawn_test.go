package rank

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// A drawn assignment is measured as it is by walking over all values.
func TestBenefitDrawsAreMeasured(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 2))
	for range 400 {
		m, n, values := 1+rng.IntN(9), 1+rng.IntN(9), 2+rng.IntN(12)
		sample := func(n int) (x []float64) {
			for range n {
				x = append(x, float64(rng.IntN(values)))
			}
			return x
		}
		s := newOrdered(sample(m), sample(n))
		d := newDrawnArm(&s)
		p, v := d.draw(rng)
		treated := make([]int, len(s.both))
		for _, k := range d.drawn {
			treated[k]++
		}
		if s.n < s.m {
			for k := range treated {
				treated[k] = s.both[k] - treated[k]
			}
		}
		wantP, wantV, _ := s.measure(treated)
		if p != wantP || math.Abs(v-wantV) > 1e-14*wantV {
			t.Fatalf("%d v %d: p %v, variance %v, want %v, %v", m, n, p, v, wantP, wantV)
		}
	}
}

// Ten participants beside very many are answered as soon as beside a few: random assignments are
// drawn, and looked at, by the smaller arm.
func TestBenefitBesideVeryMany(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 3))
	sample := func(n int) (x []float64) {
		for range n {
			x = append(x, rng.NormFloat64())
		}
		return x
	}
	few, many := sample(10), sample(20_000)
	start := time.Now()
	a, err := Benefit(many, few)
	if err != nil || !a.MonteCarlo {
		t.Fatal(a, err)
	}
	b, err := Benefit(few, many)
	if err != nil || math.Abs(a.Value+b.Value-1) > 1e-12 || math.Abs(a.P(0.5)-b.P(0.5)) > 0.02 {
		t.Errorf("%v, turned round %v (%v)", a, b, err)
	}
	if took := time.Since(start); took > 8*time.Second { // it was a minute and a half; alone 0.2 s
		t.Errorf("took %v", took)
	}
}
