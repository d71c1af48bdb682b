package stats_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
)

// Pain after treatment on a 0–10 scale: whole numbers, so ties abound.
func ExampleMannWhitney() {
	treated := []float64{3, 3, 2, 2, 2}
	control := []float64{0, 1, 1, 2}
	s, err := stats.MannWhitney(treated, control)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s)
	fmt.Println("interval:", s.CI(0.95))
	fmt.Printf("p = %.4f, P(superior) = %.3f\n", s.P(0), s.PSuperior())
	// Output:
	// 1.00 (95% CI 0.00 to 2.00; p = 0.0317)
	// interval: (0.00 to 2.00
	// p = 0.0317, P(superior) = 0.925
}

// Ten changes from baseline in whole points, two of them zero.
func ExampleSignedRank() {
	change := []float64{-4, -3, 0, -2, -3, 1, -5, 0, -1, -2}
	s, err := stats.SignedRank(change)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s)
	fmt.Println(s.Notes[0].Code, s.Notes[0].Args["n"], s.Notes[1].Code)
	// Output:
	// -2.00 (95% CI -3.50 to -0.50; p = 0.0234)
	// rank-zeros 2 rank-ties
}
