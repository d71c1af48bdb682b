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
