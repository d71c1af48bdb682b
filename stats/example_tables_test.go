package stats_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
)

// Nobody of 20 had the adverse event.
func ExampleWilson() {
	c := stats.Count{Events: 0, N: 20}
	wilson, _ := stats.Wilson(c, 0.95)
	exact, _ := stats.ClopperPearson(c, 0.95)
	upper, _ := stats.ClopperPearsonUpper(c, 0.95)
	fmt.Printf("%.3f, %.3f, one-sided %.3f\n", wilson.Hi, exact.Hi, upper.Hi)
	// Output:
	// 0.161, 0.168, one-sided 0.139
}

func ExampleBinomial() {
	b, _ := stats.Binomial(stats.Count{Events: 9, N: 12}, 0.5)
	fmt.Printf("%.4f, one-sided %.4f\n", b.Two, b.Greater)
	// Output:
	// 0.1460, one-sided 0.0730
}

// Newcombe (1998), example (a): 56/70 against 48/80.
func ExampleRiskDifferenceCI() {
	t, c := stats.Count{Events: 56, N: 70}, stats.Count{Events: 48, N: 80}
	for _, m := range []stats.RiskDifferenceMethod{stats.WaldRD, stats.NewcombeScore, stats.MiettinenNurminen, stats.AgrestiCaffo} {
		ci, _ := stats.RiskDifferenceCI(t, c, 0.95, m)
		fmt.Printf("%.4f to %.4f\n", ci.Lo, ci.Hi)
	}
	wald, _ := stats.RiskDifferenceWald(t, c)
	fmt.Printf("one-sided p against -0.05: %.5f\n", wald.PGreater(-0.05))
	// Output:
	// 0.0575 to 0.3425
	// 0.0524 to 0.3339
	// 0.0528 to 0.3382
	// 0.0525 to 0.3358
	// one-sided p against -0.05: 0.00029
}

func ExampleRiskDifferenceExact() {
	// The responders of the HILT trial.
	r, err := stats.RiskDifferenceExact(stats.Count{Events: 3, N: 5}, stats.Count{Events: 0, N: 5})
	if err != nil {
		panic(err)
	}
	fmt.Println(r)
	// Output: 60.0% (95% CI -3.0% to 94.7%; p = 0.0618)
}

func ExampleRiskRatio() {
	t, c := stats.Count{Events: 15, N: 50}, stats.Count{Events: 27, N: 50}
	rr, _ := stats.RiskRatio(t, c)
	score, _ := stats.RiskRatioScore(t, c, stats.ScoreOptions{})
	fmt.Println(rr)
	fmt.Println(score)
	corrected, _ := stats.RiskRatioWith(t, c, stats.LogHalf)
	fmt.Printf("%.3f\n", corrected.Point())
	v, _, _ := stats.RiskRatioFromOdds(t, c, 0.95)
	fmt.Printf("%.3f\n", v)
	// Output:
	// 0.56 (95% CI 0.34 to 0.91; p = 0.0199)
	// 0.556 (95% CI 0.333 to 0.897)
	// 0.564
	// 0.556
}

func ExampleOddsRatioWith() {
	t, c := stats.Count{Events: 0, N: 12}, stats.Count{Events: 5, N: 12}
	half, _ := stats.OddsRatioWith(t, c, stats.LogHalf)
	score, _ := stats.OddsRatioScore(t, c, stats.ScoreOptions{})
	p, blaker, _ := stats.BlakerOddsRatio(t, c, 0.95)
	fmt.Println(half)
	fmt.Printf("score 0 to %.3f; Blaker p = %.4f, 0 to %.3f\n", score.CI(0.95).Hi, p, blaker.Hi)
	// Output:
	// 0.05 (95% CI 0.00 to 1.13; p = 0.0602)
	// score 0 to 0.571; Blaker p = 0.0373, 0 to 0.697
}

func ExampleContingencyTable() {
	ct, _ := stats.ContingencyTable([][]int{{12, 8}, {5, 15}})
	a, _ := stats.Associate(stats.Count{Events: 12, N: 20}, stats.Count{Events: 5, N: 20})
	fmt.Println(ct.Pearson)
	fmt.Println(*ct.Yates)
	fmt.Printf("phi %.3f, Yule Q %.3f\n", a.Phi, a.YuleQ)
	// Output:
	// X²(1) = 5.01, p = 0.0252
	// X²(1) = 3.68, p = 0.0550
	// phi 0.354, Yule Q 0.636
}

// Job satisfaction by income (Agresti 2002), R's example of fisher.test.
func ExampleFisherRxC() {
	p, _ := stats.FisherRxC([][]int{{1, 3, 10, 6}, {2, 3, 10, 7}, {1, 6, 14, 12}, {0, 1, 9, 11}})
	fmt.Printf("%.4f\n", p)
	// Output:
	// 0.7827
}

// Responders at rising doses.
func ExampleCochranArmitage() {
	trend, _ := stats.CochranArmitage([]stats.Count{{Events: 2, N: 20}, {Events: 5, N: 20}, {Events: 9, N: 20}}, nil)
	fmt.Println(trend)
	// Output:
	// X²(1) = 6.26, p = 0.0123
}

// Three occasions of five participants.
func ExampleCochranQ() {
	q, _ := stats.CochranQ([][]bool{{true, false, false}, {true, true, false}, {true, false, false}, {false, false, false}, {true, true, true}})
	fmt.Println(q)
	// Output:
	// X²(2) = 4.67, p = 0.0970
}

func ExampleMcNemar() {
	table := stats.PairedBinary{Both: 12, First: 9, Second: 2, Neither: 20}
	m, _ := stats.McNemar(table)
	fmt.Printf("exact %.4f, mid-p %.4f\n", m.Exact, m.MidP)
	d, _ := stats.PairedRisk(table)
	ci := d.CI(0.95)
	fmt.Printf("%.3f (%.3f to %.3f)\n", d.Point(), ci.Lo, ci.Hi)
	// Output:
	// exact 0.0654, mid-p 0.0386
	// 0.163 (0.013 to 0.318)
}

// Two centers.
func ExampleMantelHaenszel() {
	strata := []stats.Stratum{
		{Treated: stats.Count{Events: 8, N: 20}, Control: stats.Count{Events: 14, N: 20}},
		{Treated: stats.Count{Events: 3, N: 15}, Control: stats.Count{Events: 7, N: 16}},
	}
	test, _ := stats.MantelHaenszel(strata)
	or, _ := stats.MantelHaenszelOddsRatio(strata)
	rr, _ := stats.MantelHaenszelRiskRatio(strata)
	exact, _ := stats.StratifiedExact(strata, false)
	bd, _ := stats.BreslowDay(strata)
	fmt.Println(test.CMH)
	fmt.Println(or)
	fmt.Println(rr)
	fmt.Printf("exact p = %.4f; homogeneity p = %.2f\n", exact.TwoSided(), bd.P())
	// Output:
	// X²(1) = 5.46, p = 0.0194
	// 0.30 (95% CI 0.11 to 0.83; p = 0.0200)
	// 0.53 (95% CI 0.31 to 0.92; p = 0.0252)
	// exact p = 0.0282; homogeneity p = 0.91
}

// 11 falls in 800 person-days, against 6 in 1083.
func ExamplePoissonCI() {
	a, b := stats.PoissonRate{Events: 11, Exposure: 800}, stats.PoissonRate{Events: 6, Exposure: 1083}
	ci, _ := stats.PoissonCI(a, 0.95)
	two, _, _, _ := stats.PoissonTest(a, 0.01)
	fmt.Printf("%.4f (%.4f to %.4f; p = %.3f)\n", a.Rate(), ci.Lo, ci.Hi, two)
	ratio, ends, test, _ := stats.RateRatioExact(a, b, 0.95)
	fmt.Printf("%.2f (%.2f to %.2f; p = %.3f)\n", ratio, ends.Lo, ends.Hi, test.Two)
	// Output:
	// 0.0138 (0.0069 to 0.0246; p = 0.284)
	// 2.48 (0.84 to 8.17; p = 0.085)
}
