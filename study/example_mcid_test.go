package study_test

import (
	"fmt"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

func ExampleJudgeWorsening() {
	// Pain, cm: 0.4 worse than control (95% CI 1.6 better to 2.4 worse). After
	// knee replacement a gain matters from 2.26 cm, a loss from 2.91 cm.
	e, err := stats.EstimateFromCI(stats.Interval{Lo: -1.6, Hi: 2.4, Level: 0.95}, 18)
	if err != nil {
		panic(err)
	}
	gain := study.Threshold{Value: 2.26, Kind: study.MCID, Level: study.BetweenGroup}
	loss := study.Threshold{Value: 2.91, Kind: study.MCID, Level: study.BetweenGroup, Worsening: true}
	j := study.JudgeWorsening(e, 0.95, gain, loss, study.LowerIsBetter)
	fmt.Println(j.Benefit, j.Harm, j.IncludesZero)
	fmt.Println("with the gain's threshold mirrored:", study.Judge(e, 0.95, gain, study.LowerIsBetter).Harm)
	// Output:
	// definitely-not definitely-not true
	// with the gain's threshold mirrored: possible
}

func ExampleJudgement_Flips() {
	e := stats.Estimate{Value: -2.49, SE: 0.82, DF: 7}
	m := study.Threshold{Value: 2.26, Kind: study.MCID, Level: study.BetweenGroup}
	benefit, _ := study.Judge(e, 0.95, m, study.LowerIsBetter).Flips()
	fmt.Printf("definite up to %.2f, probable up to %.2f, possible up to %.2f\n", benefit.Definite, benefit.Probable, benefit.Possible)
	// Output: definite up to 0.55, probable up to 2.49, possible up to 4.43
}

func ExampleSweepThresholds() {
	e := stats.Estimate{Value: -2.49, SE: 0.82, DF: 7} // pain, cm
	for _, p := range study.SweepThresholds(e, 0.95, study.LowerIsBetter, 2.26, []float64{0.5, 1.99, 2.26, 5}) {
		fmt.Printf("%.2f: %s, P(more) flat %.2f, skeptical %.2f\n", p.Threshold, p.Benefit, p.Flat, p.Skeptical)
	}
	// Output:
	// 0.50: definite, P(more) flat 0.98, skeptical 0.92
	// 1.99: probable, P(more) flat 0.72, skeptical 0.38
	// 2.26: probable, P(more) flat 0.61, skeptical 0.25
	// 5.00: definitely-not, P(more) flat 0.01, skeptical 0.00
}

func ExampleProbabilityOfBenefit() {
	laser, sham := []float64{-3, -2, -2, 0, -4}, []float64{-1, -2, 0, 1, -1} // changes in pain
	b, err := study.ProbabilityOfBenefit(laser, sham, 0.95, study.LowerIsBetter)
	fmt.Printf("%.2f (%.2f to %.2f) %v\n", b.Value, b.Lower, b.Upper, err)
	// Output: 0.82 (0.28 to 0.98) <nil>
}

func ExampleNorms_Index() {
	// Jacobson and Truax' example: 47.5 before, 32.5 after.
	n := study.Norms{Mean: 40, SD: 7.5, Reliability: 0.8, HealthyMean: 20, HealthySD: 7.5}
	z, _ := n.Index(47.5, 32.5, study.JacobsonTruax, study.LowerIsBetter)
	c, _ := n.CutoffValue(study.CutoffC, study.LowerIsBetter)
	fmt.Printf("reliable change %.2f, functional below %.0f\n", z, c)
	// Output: reliable change 3.16, functional below 30
}

func ExampleWOMACResponse() {
	before := study.WOMACState{Pain: 12, Stiffness: 4, Function: 40}
	after := study.WOMACState{Pain: 6, Stiffness: 4, Function: 19}
	p, pfs, err := study.WOMACResponse(before, after, 50)
	fmt.Println(p, pfs, err)
	// Output: true true <nil>
}

func ExampleInstrumentByID() {
	vas, _ := study.InstrumentByID("VAS-cm")
	for _, condition := range []string{"knee-oa", "after-tka"} {
		t := vas.ThresholdsFor(condition)[0]
		fmt.Printf("%v %s: %s (%s)\n", t.Value, vas.Unit, t.Population, strings.SplitN(t.Source, ",", 2)[0])
	}
	// Output:
	// 1.99 cm: outpatients with knee osteoarthritis, 4 weeks on an NSAID (Tubach et al. 2005)
	// 2.26 cm: inpatients in the days after total knee replacement (Danoff et al. 2018)
}

func ExampleThreshold_ActsAs() {
	// On a scale read in tenths, 2.26 is reached from 2.3.
	fmt.Println(study.Threshold{Value: 2.26, Kind: study.MCID}.ActsAs(0.1))
	// Output: 2.3
}

// The skeptic expects nothing and gives an important benefit 5%; the enthusiast
// expects an important benefit and gives none 5%.
func ExampleEnthusiasticPrior() {
	for _, p := range []study.Prior{study.SkepticalPrior(2.26), study.EnthusiasticPrior(2.26)} {
		fmt.Printf("%-12s mean %.2f, SD %.2f\n", p.Name, p.Mean, p.SD)
	}
	// Output:
	// skeptical    mean 0.00, SD 1.37
	// enthusiastic mean 2.26, SD 1.37
}

func ExampleInstruments() {
	verified, all := 0, 0
	for _, i := range study.Instruments() {
		for _, t := range i.Thresholds {
			all++
			if t.Verified {
				verified++
			}
		}
	}
	fmt.Println(verified > 0, all > verified)
	// Output: true true
}
