package table_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats/table"
)

// Nobody of 20 had the adverse event.
func ExampleWilson() {
	c := table.Count{Events: 0, N: 20}
	wilson, _ := table.Wilson(c, 0.95)
	exact, _ := table.ClopperPearson(c, 0.95)
	upper, _ := table.ClopperPearsonUpper(c, 0.95)
	fmt.Printf("%.3f, %.3f, one-sided %.3f\n", wilson.Hi, exact.Hi, upper.Hi)
	// Output:
	// 0.161, 0.168, one-sided 0.139
}

func ExampleBinomial() {
	b, _ := table.Binomial(table.Count{Events: 9, N: 12}, 0.5)
	fmt.Printf("%.4f, one-sided %.4f\n", b.Two, b.Greater)
	// Output:
	// 0.1460, one-sided 0.0730
}

// Newcombe (1998), example (a): 56/70 against 48/80.
func ExampleRiskDifferenceCI() {
	t, c := table.Count{Events: 56, N: 70}, table.Count{Events: 48, N: 80}
	for _, m := range []table.RiskDifferenceMethod{table.WaldRD, table.NewcombeScore, table.MiettinenNurminen, table.AgrestiCaffo} {
		ci, _ := table.RiskDifferenceCI(t, c, 0.95, m)
		fmt.Printf("%.4f to %.4f\n", ci.Lo, ci.Hi)
	}
	wald, _ := table.RiskDifferenceWald(t, c)
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
	r, err := table.RiskDifferenceExact(table.Count{Events: 3, N: 5}, table.Count{Events: 0, N: 5})
	if err != nil {
		panic(err)
	}
	fmt.Println(r)
	// Output: 60.0% (95% CI -3.0% to 94.7%; p = 0.0618)
}

func ExampleRiskRatio() {
	t, c := table.Count{Events: 15, N: 50}, table.Count{Events: 27, N: 50}
	rr, _ := table.RiskRatio(t, c)
	score, _ := table.RiskRatioScore(t, c, table.ScoreOptions{})
	fmt.Println(rr)
	fmt.Println(score)
	corrected, _ := table.RiskRatioWith(t, c, table.LogHalf)
	fmt.Printf("%.3f\n", corrected.Point())
	v, _, _ := table.RiskRatioFromOdds(t, c, 0.95)
	fmt.Printf("%.3f\n", v)
	// Output:
	// 0.56 (95% CI 0.34 to 0.91; p = 0.0199)
	// 0.556 (95% CI 0.333 to 0.897)
	// 0.564
	// 0.556
}

func ExampleOddsRatioWith() {
	t, c := table.Count{Events: 0, N: 12}, table.Count{Events: 5, N: 12}
	half, _ := table.OddsRatioWith(t, c, table.LogHalf)
	score, _ := table.OddsRatioScore(t, c, table.ScoreOptions{})
	p, blaker, _ := table.BlakerOddsRatio(t, c, 0.95)
	fmt.Println(half)
	fmt.Printf("score 0 to %.3f; Blaker p = %.4f, 0 to %.3f\n", score.CI(0.95).Hi, p, blaker.Hi)
	// Output:
	// 0.05 (95% CI 0.00 to 1.13; p = 0.0602)
	// score 0 to 0.571; Blaker p = 0.0373, 0 to 0.697
}

func ExampleContingencyTable() {
	ct, _ := table.ContingencyTable([][]int{{12, 8}, {5, 15}})
	a, _ := table.Associate(table.Count{Events: 12, N: 20}, table.Count{Events: 5, N: 20})
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
	p, _ := table.FisherRxC([][]int{{1, 3, 10, 6}, {2, 3, 10, 7}, {1, 6, 14, 12}, {0, 1, 9, 11}})
	fmt.Printf("%.4f\n", p)
	// Output:
	// 0.7827
}

// Responders at rising doses.
func ExampleCochranArmitage() {
	trend, _ := table.CochranArmitage([]table.Count{{Events: 2, N: 20}, {Events: 5, N: 20}, {Events: 9, N: 20}}, nil)
	fmt.Println(trend)
	// Output:
	// X²(1) = 6.26, p = 0.0123
}

// Three occasions of five participants.
func ExampleCochranQ() {
	q, _ := table.CochranQ([][]bool{{true, false, false}, {true, true, false}, {true, false, false}, {false, false, false}, {true, true, true}})
	fmt.Println(q)
	// Output:
	// X²(2) = 4.67, p = 0.0970
}

func ExampleMcNemar() {
	tab := table.PairedBinary{Both: 12, First: 9, Second: 2, Neither: 20}
	m, _ := table.McNemar(tab)
	fmt.Printf("exact %.4f, mid-p %.4f\n", m.Exact, m.MidP)
	d, _ := table.PairedRisk(tab)
	ci := d.CI(0.95)
	fmt.Printf("%.3f (%.3f to %.3f)\n", d.Point(), ci.Lo, ci.Hi)
	// Output:
	// exact 0.0654, mid-p 0.0386
	// 0.163 (0.013 to 0.318)
}

// Two centers.
func ExampleMantelHaenszel() {
	strata := []table.Stratum{
		{Treated: table.Count{Events: 8, N: 20}, Control: table.Count{Events: 14, N: 20}},
		{Treated: table.Count{Events: 3, N: 15}, Control: table.Count{Events: 7, N: 16}},
	}
	test, _ := table.MantelHaenszel(strata)
	or, _ := table.MantelHaenszelOddsRatio(strata)
	rr, _ := table.MantelHaenszelRiskRatio(strata)
	exact, _ := table.StratifiedExact(strata, false)
	bd, _ := table.BreslowDay(strata)
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
	a, b := table.PoissonRate{Events: 11, Exposure: 800}, table.PoissonRate{Events: 6, Exposure: 1083}
	ci, _ := table.PoissonCI(a, 0.95)
	two, _, _, _ := table.PoissonTest(a, 0.01)
	fmt.Printf("%.4f (%.4f to %.4f; p = %.3f)\n", a.Rate(), ci.Lo, ci.Hi, two)
	ratio, ends, test, _ := table.RateRatioExact(a, b, 0.95)
	fmt.Printf("%.2f (%.2f to %.2f; p = %.3f)\n", ratio, ends.Lo, ends.Hi, test.Two)
	// Output:
	// 0.0138 (0.0069 to 0.0246; p = 0.284)
	// 2.48 (0.84 to 8.17; p = 0.085)
}
