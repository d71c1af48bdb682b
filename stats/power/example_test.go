package power_test

import (
	"context"
	"fmt"
	"log"

	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/stats/table"
)

// Any one of n, effect, power and α from the others.
func ExampleTDesign_SolveEffect() {
	d := power.TDesign{N: 20, Effect: 0.8}
	effect, _ := d.SolveEffect(0.9)
	alpha, _ := d.SolveAlpha(0.9)
	fmt.Printf("power %.4f; d %.4f or α %.4f for 90%%\n", d.Power(), effect, alpha)
	// Output:
	// power 0.6934; d 1.0520 or α 0.2211 for 90%
}

func ExampleEquivalence_SolveMargin() {
	q := power.Equivalence{N: 50, SD: 10, Margin: 5, Alpha: 0.025}
	margin, _ := q.SolveMargin(0.9)
	alpha, _ := q.SolveAlpha(0.9)
	fmt.Printf("power %.4f; margin %.3f or α %.4f for 90%%; normal n %.1f\n", q.Power(), margin, alpha, q.NormalN(0.9))
	// Output:
	// power 0.3938; margin 7.281 or α 0.1975 for 90%; normal n 104.0
}

func ExampleANOVADesign_Power() {
	d := power.ANOVADesign{K: 3, N: 20, F: 0.4}
	f, _ := d.SolveEffect(0.9)
	alpha, _ := d.SolveAlpha(0.9)
	fmt.Printf("power %.4f; f %.4f or α %.4f for 90%%\n", d.Power(), f, alpha)
	v, _ := power.SolveErrorDF(2, 0.16, 0.05, 0.9)
	fmt.Printf("error df %.2f: %.4f\n", v, power.FDesign{DF1: 2, DF2: v, Lambda: 0.16 * (2 + v + 1)}.Power())
	// Output:
	// power 0.7757; f 0.4716 or α 0.1428 for 90%
	// error df 79.17: 0.9000
}

func ExampleCorrelationDesign_Power() {
	d := power.CorrelationDesign{N: 50, R: 0.4}
	r, _ := d.SolveEffect(0.9)
	alpha, _ := d.SolveAlpha(0.9)
	fmt.Printf("power %.4f; r %.4f or α %.4f for 90%%\n", d.Power(), r, alpha)
	// Output:
	// power 0.8339; r 0.4372 or α 0.0986 for 90%
}

func ExampleChiSquareDesign_Power() {
	d := power.ChiSquareDesign{N: 100, W: 0.3, DF: 2}
	w, _ := d.SolveEffect(0.9)
	alpha, _ := d.SolveAlpha(0.9)
	fmt.Printf("power %.4f; w %.4f or α %.4f for 90%%\n", d.Power(), w, alpha)
	// Output:
	// power 0.7707; w 0.3557 or α 0.1549 for 90%
}

func ExampleProportionDesign_Power() {
	d := power.ProportionDesign{N: 60, P1: 0.6, P2: 0.35}
	p1, _ := d.SolveP1(0.9)
	alpha, _ := d.SolveAlpha(0.9)
	n, _ := d.SolveNContinuity(0.9)
	fmt.Printf("power %.4f; p1 %.4f, α %.4f or n %.1f (continuity corrected) for 90%%; h %.3f\n", d.Power(), p1, alpha, n, power.CohenH(0.6, 0.35))
	exact, _ := power.ExactPower(20, 20, 0.6, 0.1, func(t, c table.Count) bool {
		f, err := table.Fisher(t, c)
		return err == nil && f.P() <= 0.05
	})
	fmt.Printf("Fisher's test, 20 a group: %.4f\n", exact)
	// Output:
	// power 0.7904; p1 0.6408, α 0.1333 or n 89.6 (continuity corrected) for 90%; h 0.506
	// Fisher's test, 20 a group: 0.9085
}

func ExampleANCOVANormalN() {
	fmt.Printf("%.1f a group\n", power.ANCOVANormalN(5, 12, 0.6, 0.05, 0.9))
	// Output:
	// 77.5 a group
}

// What a small trial could have shown.
func ExampleTypeSM() {
	e, _ := power.TypeSM(4, 3, 18, 0.05)
	fmt.Println(e)
	d, _ := power.DetectableD(10, 10, 0.05, 0.8)
	sd, _ := power.NeededSDMean(-5, 10)
	least, _ := power.SignFloor(5)
	fmt.Printf("d %.3f, SD %.3f, smallest p %.4f\n", d, sd, least)
	// Output:
	// power 0.24, wrong sign in 0.0026 of the significant results, exaggerated 1.91 times
	// d 1.325, SD 6.990, smallest p 0.0625
}

// No data of a trial of 4 v 4 in complete randomization can give p below 0.029;
// in two blocks of 2 v 2 not below 0.056.
func ExampleArrangementFloor() {
	free, _ := power.ArrangementFloor(power.Allocation{Treated: 4, Control: 4})
	blocks, _ := power.ArrangementFloor(power.Allocation{Treated: 2, Control: 2}, power.Allocation{Treated: 2, Control: 2})
	fmt.Printf("%.4f %.4f\n", free, blocks)
	// Output:
	// 0.0286 0.0556
}

func ExampleANCOVADesign() {
	d := power.ANCOVADesign{Effect: 1.5, SD: 2.3, Correlation: 0.5}
	n, err := d.SolveN(0.9)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.1f an arm\n", n)
	// Output: 38.6 an arm
}

func ExampleMMRMDesign() {
	d := power.MMRMDesign{Effect: 2.26, SD: 4, R: [][]float64{{1, 0.6, 0.36}, {0.6, 1, 0.6}, {0.36, 0.6, 1}}, Treated: []float64{1, 0.9, 0.8}}
	n, err := d.SolveN(0.8)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.1f randomized an arm\n", n)
	// Output: 58.3 randomized an arm
}

func ExampleOrdinalDesign() {
	n, err := power.OrdinalDesign{Shares: []float64{0.1, 0.2, 0.3, 0.4}, OddsRatio: 1.8}.SolveN(0.8)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.1f an arm\n", n)
	// Output: 157.2 an arm
}

func ExampleCountDesign() {
	n, err := power.CountDesign{Rate: 0.8, RateRatio: 0.7, Dispersion: 0.4, Time: 1, Variance: power.CountReference}.SolveN(0.9)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.1f an arm\n", n)
	// Output: 289.7 an arm
}

func ExampleRecruitment() {
	d := power.LogRankDesign{HazardRatio: 0.6}
	events, err := d.SolveEvents(0.9)
	if err != nil {
		log.Fatal(err)
	}
	all, err := power.Recruitment{Hazard: 0.08, Accrual: 12, Follow: 12}.Participants(d, 0.9)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.1f events, %.1f participants\n", events, all)
	// Output: 161.1 events, 242.8 participants
}

func ExampleExactProportions_SolveN() {
	s, err := power.ExactProportions{P1: 0.75, P2: 0.3}.SolveN(context.Background(), 0.8)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s)
	// Output: n = 23 an arm reaches it (0.828), from n = 23 on it is never lost (searched to 42)
}

func ExampleNewPilotRisk() {
	r, err := power.NewPilotRisk(8, 0.8, 0.05, 0) // an SD of two arms of five
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r)
	// Output: power 0.73 on average, below the planned one after 57% of pilots
}
