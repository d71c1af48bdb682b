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

// No data of a trial of 4 v 4 in complete randomization can give p below 0.029;
// in two blocks of 2 v 2 not below 0.056.
func ExampleArrangementFloor() {
	free, _ := stats.ArrangementFloor(stats.Allocation{Treated: 4, Control: 4})
	blocks, _ := stats.ArrangementFloor(stats.Allocation{Treated: 2, Control: 2}, stats.Allocation{Treated: 2, Control: 2})
	fmt.Printf("%.4f %.4f\n", free, blocks)
	// Output:
	// 0.0286 0.0556
}

// The anchor's ratings are not wholly reliable: the predictive method that
// corrects for it is asked for by naming their reliability.
func ExampleMinimalImportantChangeWith() {
	m, err := stats.MinimalImportantChangeWith(stats.MICData{
		Change:   []float64{-8, -3, 0, 0, 2, 4, 5, 9, 3, 8, 11, 15, 18, 20, 22, 25, 31, 36, 12, 14},
		Improved: []bool{false, false, false, false, false, false, false, false, true, true, true, true, true, true, true, true, true, true, true, true},
	}, stats.MICOptions{AnchorReliability: 0.7, Replicates: 200, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, method := range []stats.MICMethod{stats.MICPredictive, stats.MICPredictiveReliable} {
		x, ok := m.Method(method)
		fmt.Printf("%s: %.2f %v\n", method, x.Value, ok)
	}
	// Output:
	// predictive: 7.67 true
	// predictive-reliability: 5.47 true
}

// As R's eta_squared(afex::aov_ez(...), generalized = TRUE) prints it.
func ExampleRepeatedTest_GeneralizedEta2CI() {
	f, err := stats.RepeatedANOVA(stats.RepeatedData{
		ID:     []string{"1", "1", "1", "2", "2", "2", "3", "3", "3", "4", "4", "4"},
		Y:      []float64{1, 2, 4, 2, 3, 6, 1.5, 4, 3, 2, 5, 7},
		Within: []stats.Term{stats.Visit("visit", []string{"a", "b", "c", "a", "b", "c", "a", "b", "c", "a", "b", "c"}, []string{"a", "b", "c"})},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	t := f.Test("visit")
	ci := t.GeneralizedEta2CI(0.9)
	fmt.Printf("%.4f (90%% CI %.4f to %.4f)\n", t.GeneralizedEta2, ci.Lo, ci.Hi)
	// Output:
	// 0.5932 (90% CI 0.0000 to 0.7996)
}

// As R's omega_squared(car::Anova(m, type = 3), ci = 0.9, alternative =
// "two.sided") prints it.
func ExampleTermTest_PartialOmega2CI() {
	m, err := sites().Linear("score ~ base + arm + site")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range m.Tests(stats.TypeIII) {
		ci := t.PartialOmega2CI(0.9)
		fmt.Printf("%s: %.4f (90%% CI %.4f to %.4f)\n", t.Term, t.PartialOmega2(), ci.Lo, ci.Hi)
	}
	// Output:
	// base: 0.9076 (90% CI 0.7931 to 0.9474)
	// arm: 0.8624 (90% CI 0.6974 to 0.9218)
	// site: 0.0757 (90% CI 0.0000 to 0.3687)
}

// Does the difference between arms depend on age? arm + age + arm:age by
// its terms; as R's lm(y ~ arm*age).
func ExampleInteraction() {
	arm := stats.Category("arm", []string{"a", "a", "a", "a", "c", "c", "c", "c"}, "c")
	age := stats.Numeric("age", []float64{50, 55, 60, 65, 52, 56, 61, 66})
	m, err := stats.Linear([]float64{31, 30, 26, 24, 33, 34, 32, 33}, arm, age, stats.Interaction(arm, age))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range m.Coefficients() {
		fmt.Println(c.Name, c)
	}
	// Output:
	// (Intercept) 35.65 (95% CI 21.57 to 49.73; p = 0.0022)
	// arma 20.85 (95% CI 1.70 to 40.00; p = 0.0391)
	// age -0.05 (95% CI -0.28 to 0.19; p = 0.63)
	// arma:age -0.45 (95% CI -0.78 to -0.13; p = 0.0183)
}
