package rank_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/rank"
)

// Pain after treatment on a 0–10 scale: whole numbers, so ties abound.
func ExampleMannWhitney() {
	treated := []float64{3, 3, 2, 2, 2}
	control := []float64{0, 1, 1, 2}
	s, err := rank.MannWhitney(treated, control)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s)
	fmt.Println("interval:", s.CI(0.95))
	fmt.Printf("p = %.4f, P(superior) = %.3f\n", s.P(0), s.PSuperior())
	// Output:
	// 1.00 (95% CI 0.00 to 2.00; p = 0.0317; Mann–Whitney, exact)
	// interval: (0.00 to 2.00
	// p = 0.0317, P(superior) = 0.925
}

// Ten changes from baseline in whole points, two of them zero.
func ExampleSignedRank() {
	change := []float64{-4, -3, 0, -2, -3, 1, -5, 0, -1, -2}
	s, err := rank.SignedRank(change)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s)
	fmt.Println(s.Notes[0].Code, s.Notes[0].Args["n"], s.Notes[1].Code)
	// Output:
	// -2.00 (95% CI -3.50 to -0.50; p = 0.0234; Wilcoxon signed ranks, exact)
	// rank-zeros 2 rank-ties
}

func ExampleSignTest() {
	s, err := rank.SignTest([]float64{-4, -3, 0, -2, -3, 1, -5, 0, -1, -2})
	if err != nil {
		fmt.Println(err)
		return
	}
	above, below := s.Signs(0)
	fmt.Println(s)
	fmt.Println(above, "above and", below, "below 0")
	// Output:
	// -2.0 (95% CI -4.0 to 0.0; p = 0.0703; sign test, exact)
	// 1 above and 7 below 0
}

// Three doses of a drug: any difference, and which?
func ExampleKruskalWallis() {
	t, err := rank.KruskalWallis([]float64{1, 2, 3}, []float64{2, 4, 6}, []float64{5, 8, 9})
	if err != nil {
		fmt.Println(err)
		return
	}
	exact := t.Permutation()
	fmt.Printf("H = %.3f, df %g, p = %.4f, exact p = %.4f of %g arrangements\n", t.X2, t.DF, t.P(), exact.P(), exact.Arrangements)
	for _, d := range t.Dunn() {
		fmt.Printf("group %d − group %d: %.2f, unadjusted p = %.4f\n", d.A, d.B, d.Diff, d.P())
	}
	// Output:
	// H = 5.401, df 2, p = 0.0672, exact p = 0.0750 of 1680 arrangements
	// group 0 − group 1: -2.33, unadjusted p = 0.2947
	// group 0 − group 2: -5.17, unadjusted p = 0.0203
	// group 1 − group 2: -2.83, unadjusted p = 0.2032
}

// The same doses in their order: a trend?
func ExampleJonckheere() {
	t, err := rank.Jonckheere([]float64{1, 2, 3}, []float64{2, 4, 6}, []float64{5, 8, 9})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("J = %g, p = %.4f (%v), increasing p = %.4f\n", t.J, t.P(), t.Method, t.PIncreasing())
	// Output:
	// J = 24.5, p = 0.0119 (exact), increasing p = 0.0060
}

// Pain of six patients before treatment, right after and a day later.
func ExampleFriedman() {
	t, err := rank.Friedman([][]float64{{7, 4, 5}, {6, 6, 3}, {8, 5, 4}, {5, 2, 2}, {9, 6, 7}, {4, 3, 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	exact, err := t.Exact()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("mean ranks %.2f, p = %.4f, exact p = %.4f, W = %.2f\n", t.MeanRanks, t.P(), exact.P(), t.KendallW())
	// Output:
	// mean ranks [2.92 1.67 1.42], p = 0.0146, exact p = 0.0118, W = 0.70
}

// Pain scores of two arms (Brunner and Munzel 2000): how often does a treated
// patient have the higher score?
func ExampleBrunnerMunzel() {
	a := []float64{1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1}
	b := []float64{3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4}
	s, err := rank.BrunnerMunzel(b, a)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s)
	fmt.Println(s.LogitCI(0.95))
	// Output:
	// 0.789 (95% CI 0.595 to 0.983; p = 0.0058; Brunner–Munzel t, 17.7 df)
	// 0.539 to 0.923
}

func ExampleBrunnerMunzelPermutation() {
	p, err := rank.BrunnerMunzelPermutation([]float64{2, 3, 3, 4, 4, 5}, []float64{1, 2, 2, 3, 3, 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f, p = %.4f of %g arrangements\n", p.Value, p.P(), p.Arrangements)
	// Output:
	// 0.806, p = 0.0866 of 924 arrangements
}

// Two centers, each ranked by itself.
func ExampleVanElteren() {
	t, err := rank.VanElteren([][]float64{{3, 5, 4, 6}, {7, 9, 8}}, [][]float64{{1, 2, 4}, {2, 6, 7, 5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("z = %.3f, p = %.4f over %d strata\n", t.Z, t.P(), t.Strata)
	// Output:
	// z = 2.523, p = 0.0116 over 2 strata
}

func ExampleMood() {
	t, err := rank.Mood([]float64{-9, -6, 0, 7, 11}, []float64{-1, 0, 0, 1, 2, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("p = %.4f (%v); the treated spread more: p = %.4f\n", t.P(), t.Method, t.PMore())
	// Output:
	// p = 0.0195 (exact); the treated spread more: p = 0.0130
}

var (
	laser   = []float64{-31, -24, -40, -12, -27, -35}
	placebo = []float64{-10, -22, -4, -15, 3, -18}
)

// How often a treated person has less pain than an untreated one.
func ExampleCliffDelta() {
	c, _ := rank.CliffDelta(laser, placebo)
	s, _ := stats.SuperiorityNormal(laser, placebo)
	fmt.Printf("%.3f %v; normal model %.3f\n", c.Value, c.CI(0.95), s)
	// Output:
	// -0.833 -0.95 to -0.48; normal model 0.101
}

func ExampleAnsariBradley() {
	x := []float64{111, 107, 100, 99, 102, 106, 109, 108, 104, 99}
	y := []float64{107, 108, 106, 98, 105, 103, 110, 105, 104, 101}
	a, _ := rank.AnsariBradley(x, y)
	fmt.Printf("AB %.1f, p = %.3f\n", a.Statistic, a.P())
	// Output:
	// AB 47.0, p = 0.223
}

// Sales of five brands in seven stores (Conover 1999), R's example of quade.test.
func ExampleQuade() {
	q, _ := rank.Quade([][]float64{{5, 4, 7, 10, 12}, {1, 3, 1, 0, 2}, {16, 12, 22, 22, 35}, {5, 4, 3, 5, 4},
		{10, 9, 7, 13, 10}, {19, 18, 28, 37, 58}, {10, 7, 6, 8, 7}})
	fmt.Printf("F %.2f, p = %.3f\n", q.F, q.P())
	// Output:
	// F 3.83, p = 0.015
}
