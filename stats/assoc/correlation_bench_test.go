package assoc_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/trialkit/trialkit/stats/assoc"
)

// BenchmarkRankCorrelations runs the rank correlations over the sizes and steps
// of trials.
func BenchmarkRankCorrelations(b *testing.B) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{15, 30, 60, 100, 200, 500, 1000, 3000} {
		for _, step := range []float64{1, 0.1, 0.0001} {
			x, y := make([]float64, n), make([]float64, n)
			for i := range x {
				x[i] = step * float64(rng.IntN(int(100/step)))
				y[i] = step * float64(rng.IntN(int(100/step)))
			}
			b.Run(fmt.Sprintf("Spearman/n=%d/step=%v", n, step), func(b *testing.B) {
				for b.Loop() {
					if _, err := assoc.Spearman(x, y); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(fmt.Sprintf("Kendall/n=%d/step=%v", n, step), func(b *testing.B) {
				for b.Loop() {
					if _, err := assoc.Kendall(x, y); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
