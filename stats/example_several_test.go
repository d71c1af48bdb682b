package stats_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
)

// Two doses in order: the low dose keeps a share of α of its own, so it can be
// confirmed although the high dose is not.
func ExampleFallback() {
	p := []float64{0.060, 0.008, 0.020}
	fallback, _ := stats.Fallback(0.5, 0.25, 0.25).AdjustP(p)
	fixed, _ := stats.FixedSequence(3).AdjustP(p)
	fmt.Printf("fallback %.3f\nfixed    %.3f\n", fallback, fixed)
	// Output:
	// fallback [0.120 0.032 0.040]
	// fixed    [0.060 0.060 0.060]
}

// Two coefficients of three completed data sets, tested together.
func ExamplePoolWald() {
	values := [][]float64{{1.2, 0.4}, {0.9, 0.6}, {1.4, 0.3}}
	covariances := [][][]float64{
		{{0.20, 0.02}, {0.02, 0.10}},
		{{0.22, 0.01}, {0.01, 0.12}},
		{{0.18, 0.03}, {0.03, 0.11}},
	}
	f, err := stats.PoolWald(values, covariances)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("F(%.0f, %.3f) = %.4f, p = %.4f\n", f.DF1, f.DF2, f.F, f.P())
	// Output:
	// F(2, 35.931) = 2.7496, p = 0.0774
}

// Three bootstrap samples of a trial, each imputed twice.
func ExamplePoolBootstrapped() {
	e, err := stats.PoolBootstrapped([][]float64{{-3.1, -2.6}, {-1.2, -1.9}, {-4.4, -3.8}})
	fmt.Println(e, err)
	// Output:
	// -2.8 (95% CI -7.4 to 1.8; p = 0.14; t, 3 df) <nil>
}

// A term with two degrees of freedom in four completed data sets.
func ExamplePoolChiSquares() {
	f, err := stats.PoolChiSquares([]float64{9.1, 7.4, 12.0, 8.8}, 2)
	fmt.Println(f, err)
	// Output:
	// F(2, 155.4) = 3.98, p = 0.0205 <nil>
}
