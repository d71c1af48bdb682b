package rank

import (
	"math"
	"math/rand/v2"
	"testing"
)

func benchSamples(n int, tied bool) (x, y []float64) {
	rng := rand.New(rand.NewPCG(11, uint64(n)))
	x, y = make([]float64, n), make([]float64, n)
	for i := range x {
		x[i], y[i] = 50+15*rng.NormFloat64()+5, 50+15*rng.NormFloat64()
		if tied {
			x[i], y[i] = math.Round(x[i]), math.Round(y[i])
		}
	}
	return
}

func benchMannWhitney(b *testing.B, n int, tied, interval bool) {
	x, y := benchSamples(n, tied)
	for b.Loop() {
		s, err := MannWhitney(x, y)
		if err != nil {
			b.Fatal(err)
		}
		s.P(0)
		if interval {
			s.CI(0.95)
		}
	}
}

func BenchmarkMannWhitney5(b *testing.B) { benchMannWhitney(b, 5, true, false) }

func BenchmarkMannWhitney5Interval(b *testing.B) { benchMannWhitney(b, 5, true, true) }

// wilcox.test(exact = TRUE, conf.int = TRUE): 0.6 ms.
func BenchmarkMannWhitney12Interval(b *testing.B) { benchMannWhitney(b, 12, false, true) }

func BenchmarkMannWhitney12TiedInterval(b *testing.B) { benchMannWhitney(b, 12, true, true) }

func BenchmarkMannWhitney300Interval(b *testing.B) { benchMannWhitney(b, 300, false, true) }

func BenchmarkMannWhitney500Interval(b *testing.B) { benchMannWhitney(b, 500, false, true) }

func BenchmarkMannWhitney500TiedInterval(b *testing.B) { benchMannWhitney(b, 500, true, true) }

// coin::wilcox_test(distribution = "exact"): 20 ms for the p-value alone.
func BenchmarkMannWhitney50TiedInterval(b *testing.B) { benchMannWhitney(b, 50, true, true) }

// coin::wilcox_test(distribution = "exact"): 8.2 s.
func BenchmarkMannWhitney200Tied(b *testing.B) { benchMannWhitney(b, 200, true, false) }

// No peer inverts the exact test with ties at this size.
func BenchmarkMannWhitney200TiedInterval(b *testing.B) { benchMannWhitney(b, 200, true, true) }

// wilcox.test(exact = TRUE, conf.int = TRUE): 31 s.
func BenchmarkMannWhitney200(b *testing.B) { benchMannWhitney(b, 200, false, false) }

func BenchmarkMannWhitney200Interval(b *testing.B) { benchMannWhitney(b, 200, false, true) }

// wilcox.test(exact = TRUE, conf.int = TRUE), which takes no ties.
func BenchmarkSignedRank200TiedInterval(b *testing.B) {
	x, y := benchSamples(200, true)
	for i := range x {
		x[i] -= y[i]
	}
	for b.Loop() {
		s, err := SignedRank(x)
		if err != nil {
			b.Fatal(err)
		}
		s.P(0)
		s.CI(0.95)
	}
}
