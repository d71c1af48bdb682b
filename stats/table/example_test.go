package table_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats/table"
)

// Nobody of 20 had the adverse event.
func ExampleProportion() {
	c := table.Count{Events: 0, N: 20}
	wilson, _ := table.Proportion(c)
	exact, _ := table.ClopperPearson(c)
	fmt.Println(wilson)
	fmt.Println(exact)
	fmt.Printf("one-sided %.3f\n", exact.Upper(0.95).Hi)
	// Output:
	// 0 of 20, 0.000 (95% CI 0.000 to 0.161; Wilson)
	// 0 of 20, 0.000 (95% CI 0.000 to 0.168; Clopper–Pearson)
	// one-sided 0.139
}

func ExampleBinomial() {
	b, _ := table.Binomial(table.Count{Events: 9, N: 12}, 0.5)
	fmt.Println(b)
	fmt.Printf("%.4f, one-sided %.4f\n", b.P(), b.PGreater())
	// Output:
	// exact binomial test: p = 0.15 (one-sided: greater = 0.0730, less = 0.98)
	// 0.1460, one-sided 0.0730
}

// Newcombe (1998), example (a): 56/70 against 48/80.
func ExampleRiskDifferenceWith() {
	t, c := table.Count{Events: 56, N: 70}, table.Count{Events: 48, N: 80}
	for _, m := range []table.RiskDifferenceMethod{table.WaldRD, table.NewcombeScore, table.MiettinenNurminen, table.AgrestiCaffo} {
		r, _ := table.RiskDifferenceWith(t, c, table.RiskDifferenceOptions{Method: m})
		ci := r.CI(0.95)
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
	// Output:
	// 60% (95% CI -3% to 95%; p = 0.0618; Chan–Zhang, exact unconditional)
}

func ExampleRiskRatio() {
	t, c := table.Count{Events: 15, N: 50}, table.Count{Events: 27, N: 50}
	rr, _ := table.RiskRatio(t, c)
	score, _ := table.RiskRatioScore(t, c)
	fmt.Println(rr)
	fmt.Println(score)
	corrected, _ := table.RiskRatioWith(t, c, table.RatioOptions{Method: table.LogHalf})
	fmt.Printf("%.3f\n", corrected.Point())
	converted, _ := table.RiskRatioFromOdds(t, c)
	fmt.Println(converted)
	// Output:
	// 0.56 (95% CI 0.34 to 0.91; p = 0.0199; log normal)
	// 0.556 (95% CI 0.333 to 0.897; p = 0.0156; Miettinen–Nurminen score)
	// 0.564
	// 0.556 (95% CI 0.294 to 0.914; p = 0.0162; from the odds ratio)
}

func ExampleOddsRatioWith() {
	t, c := table.Count{Events: 0, N: 12}, table.Count{Events: 5, N: 12}
	half, _ := table.OddsRatioWith(t, c, table.RatioOptions{Method: table.LogHalf})
	score, _ := table.OddsRatioScore(t, c)
	blaker, _ := table.BlakerOddsRatio(t, c)
	fmt.Println(half)
	fmt.Println(score)
	fmt.Println(blaker)
	// Output:
	// 0.05 (95% CI 0.00 to 1.13; p = 0.0602; log normal)
	// 0.000 (95% CI 0.000 to 0.571; p = 0.0139; Miettinen–Nurminen score)
	// 0.000 (95% CI 0.000 to 0.697; p = 0.0373; Blaker, exact)
}

func ExampleContingencyTable() {
	ct, _ := table.ContingencyTable([][]int{{12, 8}, {5, 15}})
	a, _ := table.Associate(table.Count{Events: 12, N: 20}, table.Count{Events: 5, N: 20})
	fmt.Println(ct)
	fmt.Println(a)
	// Output:
	// 2 × 2: Pearson X²(1) = 5.01, p = 0.0252; Yates X²(1) = 3.68, p = 0.0550; Cramér's V = 0.354; smallest expected count 8.5
	// phi = 0.354, Yule's Q = 0.636
}

// Job satisfaction by income (Agresti 2002), R's example of fisher.test.
func ExampleFisherRxC() {
	f, _ := table.FisherRxC([][]int{{1, 3, 10, 6}, {2, 3, 10, 7}, {1, 6, 14, 12}, {0, 1, 9, 11}})
	fmt.Println(f)
	// Output:
	// Fisher's exact test of 4 × 4, n = 96: p = 0.78
}

// Responders at rising doses.
func ExampleCochranArmitage() {
	trend, _ := table.CochranArmitage([]table.Count{{Events: 2, N: 20}, {Events: 5, N: 20}, {Events: 9, N: 20}})
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
	exact, _ := table.McNemar(tab)
	mid, _ := table.McNemarWith(tab, table.McNemarOptions{MidP: true})
	odds, _ := table.PairedOddsRatio(tab)
	risk, _ := table.PairedRisk(tab)
	fmt.Println(exact)
	fmt.Println(mid)
	fmt.Println(odds)
	fmt.Println(risk)
	// Output:
	// McNemar's exact test: p = 0.0654 (9 against 2 discordant pairs)
	// McNemar's mid-p test: p = 0.0386 (9 against 2 discordant pairs)
	// 4.50 (95% CI 0.93 to 42.80; p = 0.0654; exact, conditional)
	// 16.3% (95% CI 1.3% to 31.8%; p = 0.0348; Tango's score)
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
	exact, _ := table.StratifiedExact(strata)
	bd, _ := table.BreslowDay(strata)
	fmt.Println(test)
	fmt.Println(or)
	fmt.Println(rr)
	fmt.Println(exact)
	fmt.Println(exact.Fisher())
	fmt.Println(bd)
	// Output:
	// Cochran–Mantel–Haenszel X²(1) = 5.46, p = 0.0194; one odds ratio (Breslow–Day, Tarone) X²(1) = 0.01, p = 0.91
	// 0.30 (95% CI 0.11 to 0.83; p = 0.0200; log normal)
	// 0.53 (95% CI 0.31 to 0.92; p = 0.0252; log normal)
	// 0.310 (95% CI 0.097 to 0.925; p = 0.0338; exact)
	// Fisher's exact test: p = 0.0282 (one-sided: greater = 1.00, less = 0.0169)
	// X²(1) = 0.01, p = 0.91
}

// 11 falls in 800 person-days, against 6 in 1083.
func ExamplePoisson() {
	a, b := table.PoissonRate{Events: 11, Exposure: 800}, table.PoissonRate{Events: 6, Exposure: 1083}
	rate, _ := table.Poisson(a)
	test, _ := table.PoissonTest(a, 0.01)
	ratio, _ := table.RateRatioExact(a, b)
	fmt.Println(rate)
	fmt.Println(test)
	fmt.Println(ratio)
	fmt.Println(ratio.Binomial(1))
	// Output:
	// 0.0138 (95% CI 0.0069 to 0.0246; exact Poisson)
	// exact Poisson test: p = 0.28 (one-sided: greater = 0.18, less = 0.89)
	// 2.48 (95% CI 0.84 to 8.17; p = 0.11; exact, conditional)
	// exact binomial test: p = 0.0845 (one-sided: greater = 0.0547, less = 0.98)
}

// A trial randomized in two centers: is the new treatment not worse by 10 points?
func ExampleRiskDifferenceStratified() {
	s, err := table.RiskDifferenceStratified([]table.Stratum{
		{Treated: table.Count{Events: 41, N: 50}, Control: table.Count{Events: 39, N: 50}},
		{Treated: table.Count{Events: 30, N: 42}, Control: table.Count{Events: 29, N: 41}},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(s)
	fmt.Printf("non-inferior by 10 points: one-sided p = %.3f\n", s.PGreater(-0.1))
	// Output:
	// 2.5% (95% CI -10.0% to 14.9%; p = 0.69; Miettinen–Nurminen score in 2 strata)
	// non-inferior by 10 points: one-sided p = 0.025
}
