package stats_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/rank"
)

var (
	laser   = []float64{-31, -24, -40, -12, -27, -35}
	placebo = []float64{-10, -22, -4, -15, 3, -18}
)

// The name says in which unit the difference is measured.
func ExampleCohenD() {
	d, _ := stats.CohenD(laser, placebo)
	glass, _ := stats.GlassDelta(laser, placebo)
	average, _ := stats.HedgesGAverage(laser, placebo)
	paper, _ := stats.HedgesGSummary(stats.Summary{N: 6, Mean: -28.2, SD: 9.7}, stats.Summary{N: 6, Mean: -11, SD: 9.3})
	plain, _ := stats.CohenDSummary(stats.Summary{N: 6, Mean: -28.2, SD: 9.7}, stats.Summary{N: 6, Mean: -11, SD: 9.3})
	for _, e := range []stats.SMD{d, glass, average, paper, plain} {
		fmt.Println(e)
	}
	fmt.Printf("SE for a meta-analysis %.3f\n", d.SE(6, 6))
	// Output:
	// Cohen's d = -1.80 (95% CI -3.15 to -0.40; noncentral t, 10 df)
	// Glass's Δ = -1.85 (95% CI -3.41 to -0.20; noncentral t, 5 df)
	// Hedges' g (average SD) = -1.66 (95% CI -2.90 to -0.37; noncentral t, 9.98 df)
	// Hedges' g = -1.67 (95% CI -2.91 to -0.37; noncentral t, 10 df)
	// Cohen's d = -1.81 (95% CI -3.16 to -0.40; noncentral t, 10 df)
	// SE for a meta-analysis 0.685
}

func ExampleCohenDZ() {
	before := []float64{62, 55, 70, 48, 66}
	after := []float64{40, 41, 52, 45, 39}
	z, _ := stats.CohenDZ(after, before)
	fmt.Println(z)
	p, _ := stats.PairedEffects(after, before)
	rm, _ := p.DRepeated()
	fmt.Printf("d_av %.2f, d_rm %.2f, r %.2f\n", p.DAverage, rm, p.R)
	r, _ := rank.PairedRankBiserial(after, before)
	fmt.Println(r.Value)
	// Output:
	// d_z (SRM) = -1.85 (95% CI -3.33 to -0.31; noncentral t, 4 df)
	// d_av -2.31, d_rm -2.27, r 0.24
	// -1
}

// From a published F(2, 27) = 4.1.
func ExampleExplainF() {
	v, _ := stats.ExplainF(4.1, 2, 27)
	fmt.Printf("η² %.3f %v, ω² %.3f, ε² %.3f\n", v.Eta2, v.Eta2CI(0.9), v.Omega2, v.Epsilon2)
	fmt.Println(v.Noncentrality(0.9), v.F2CI(0.9))
	fmt.Println(stats.FTest{F: 4.1, DF1: 2, DF2: 27}.Explained().Eta2 == v.Eta2)
	// Output:
	// η² 0.233 0.02 to 0.40, ω² 0.171, ε² 0.176
	// 0.5 to 20.0 0.02 to 0.67
	// true
}

func ExampleMetaAnalyzeWith() {
	m, _ := stats.MetaAnalyzeWith([]stats.Estimate{
		{Value: -8.2, SE: 2.9, DF: 38}, {Value: -3.1, SE: 2.1, DF: 60}, {Value: -11.4, SE: 4, DF: 18}},
		stats.MetaOptions{CommonEffect: true})
	fmt.Println(m)
	fmt.Printf("Q p %.3f, τ² %v, I² %v\n", m.QP(), m.Tau2CI(0.95), m.I2CI(0.95))
	// Output:
	// -5.9 (95% CI -8.9 to -2.8; p = 0.0002; normal); 3 studies, τ² 0
	// Q p 0.117, τ² 0 to 683, I² 0.00 to 0.99
}

func ExampleCombineStouffer() {
	c, _ := stats.CombineStouffer([]float64{0.04, 0.11, 0.02}, []float64{10, 24, 15})
	fmt.Printf("z %.3f, p %.4f\n", c.Statistic, c.P())
	// Output:
	// z 2.590, p 0.0048
}

// Altman (1998): a difference of −5% to +25% reads NNTB 4 to ∞ to NNTH 20.
func ExampleNNT() {
	fmt.Println(stats.NewNNT(0.10, stats.Interval{Lo: -0.05, Hi: 0.25, Level: 0.95}, 1))
	// Output: NNTB 10.0 (95% CI NNTB 4.0 to ∞ to NNTH 20.0)
}
