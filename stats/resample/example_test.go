package resample_test

import (
	"fmt"
	"slices"

	"github.com/trialkit/trialkit/stats/resample"
)

func ExampleBootstrapMean() {
	x := []float64{4.2, 5.1, 6.3, 2.2, 7.7, 3.9, 4.8}
	b, _ := resample.BootstrapMean(x)
	fmt.Println(b)
	spread := func(v []float64) float64 { return slices.Max(v) - slices.Min(v) }
	s, _ := resample.BootstrapSampleWith(x, spread, resample.BootOptions{Interval: resample.BootBasic, Replicates: 1000})
	fmt.Printf("%.1f\n", s.Point())
	// Output:
	// 4.89 (95% CI 3.76 to 6.16; p = 0.0001; bootstrap, BCa, 10000 draws, seed 0)
	// 5.5
}

// Five against five reach 2/252 by complete randomization, 2/32 in pairs.
func ExamplePermutationFloor() {
	x, y := []float64{1, 2, 3, 4, 5}, []float64{6, 7, 8, 9, 10}
	pairs := []string{"a", "b", "c", "d", "e"}
	free, _ := resample.PermutationFloor(x, y)
	paired, _ := resample.PermutationFloorWith(x, y, resample.PermOptions{TreatedBlocks: pairs, ControlBlocks: pairs})
	fmt.Printf("%.4f %.4f\n", free, paired)
	p, _ := resample.PermutationWith(x, y, resample.PermOptions{TreatedBlocks: pairs, ControlBlocks: pairs})
	fmt.Printf("%.4f\n", p.P(0))
	// Output:
	// 0.0079 0.0625
	// 0.0625
}
