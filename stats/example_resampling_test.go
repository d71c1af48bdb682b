package stats_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/trialkit/trialkit/stats"
)

func ExampleBootstrapMean() {
	x := []float64{4.2, 5.1, 6.3, 2.2, 7.7, 3.9, 4.8}
	b, _ := stats.BootstrapMean(x)
	fmt.Println(b)
	spread := func(v []float64) float64 { return slices.Max(v) - slices.Min(v) }
	s, _ := stats.BootstrapSample(context.Background(), x, spread, stats.BootOptions{Interval: stats.BootBasic, Replicates: 1000})
	fmt.Printf("%.1f\n", s.Point())
	// Output:
	// 4.89 (95% CI 3.76 to 6.16; p = 0.0001)
	// 5.5
}

// Five against five reach 2/252 by complete randomization, 2/32 in pairs.
func ExamplePermutationFloor() {
	x, y := []float64{1, 2, 3, 4, 5}, []float64{6, 7, 8, 9, 10}
	pairs := []string{"a", "b", "c", "d", "e"}
	free, _ := stats.PermutationFloor(x, y, stats.PermOptions{})
	paired, _ := stats.PermutationFloor(x, y, stats.PermOptions{TreatedBlocks: pairs, ControlBlocks: pairs})
	fmt.Printf("%.4f %.4f\n", free, paired)
	p, _ := stats.PermutationWith(x, y, stats.PermOptions{TreatedBlocks: pairs, ControlBlocks: pairs})
	fmt.Printf("%.4f\n", p.P(0))
	// Output:
	// 0.0079 0.0625
	// 0.0625
}

func ExampleAnsariBradley() {
	x := []float64{111, 107, 100, 99, 102, 106, 109, 108, 104, 99}
	y := []float64{107, 108, 106, 98, 105, 103, 110, 105, 104, 101}
	a, _ := stats.AnsariBradley(x, y)
	fmt.Printf("AB %.1f, p = %.3f\n", a.Statistic, a.P)
	// Output:
	// AB 47.0, p = 0.223
}

// Sales of five brands in seven stores (Conover 1999), R's example of quade.test.
func ExampleQuade() {
	q, _ := stats.Quade([][]float64{{5, 4, 7, 10, 12}, {1, 3, 1, 0, 2}, {16, 12, 22, 22, 35}, {5, 4, 3, 5, 4},
		{10, 9, 7, 13, 10}, {19, 18, 28, 37, 58}, {10, 7, 6, 8, 7}})
	fmt.Printf("F %.2f, p = %.3f\n", q.F, q.P())
	// Output:
	// F 3.83, p = 0.015
}
