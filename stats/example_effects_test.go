package stats_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
)

var (
	laser   = []float64{-31, -24, -40, -12, -27, -35}
	placebo = []float64{-10, -22, -4, -15, 3, -18}
)

// The name says in which unit the difference is measured.
func ExampleCohenD() {
	d, _ := stats.CohenD(laser, placebo)
	glass, _ := stats.GlassDelta(laser, placebo)
	average, _ := stats.CohenDAverage(laser, placebo, true)
	paper, _ := stats.HedgesGSummary(stats.Summary{N: 6, Mean: -28.2, SD: 9.7}, stats.Summary{N: 6, Mean: -11, SD: 9.3})
	plain, _ := stats.CohenDSummary(stats.Summary{N: 6, Mean: -28.2, SD: 9.7}, stats.Summary{N: 6, Mean: -11, SD: 9.3})
	for _, e := range []stats.SMD{d, glass, average, paper, plain} {
		fmt.Println(e)
	}
	fmt.Printf("SE for a meta-analysis %.3f\n", d.SE(6, 6))
	// Output:
	// Cohen's d = -1.80 (95% CI -3.15 to -0.40)
	// Glass's Δ = -1.85 (95% CI -3.41 to -0.20)
	// Hedges' g (average SD) = -1.66 (95% CI -2.90 to -0.37)
	// Hedges' g = -1.67 (95% CI -2.91 to -0.37)
	// Cohen's d = -1.81 (95% CI -3.16 to -0.40)
	// SE for a meta-analysis 0.685
}

func ExampleCohenDZ() {
	before := []float64{62, 55, 70, 48, 66}
	after := []float64{40, 41, 52, 45, 39}
	z, _ := stats.CohenDZ(after, before, false)
	fmt.Println(z)
	p, _ := stats.PairedEffects(after, before)
	rm, _ := p.DRepeated()
	fmt.Printf("d_av %.2f, d_rm %.2f, r %.2f\n", p.DAverage, rm, p.R)
	r, _ := stats.PairedRankBiserial(after, before)
	fmt.Println(r.Value)
	// Output:
	// d_z (SRM) = -1.85 (95% CI -3.33 to -0.31)
	// d_av -2.31, d_rm -2.27, r 0.24
	// -1
}

// How often a treated person has less pain than an untreated one.
func ExampleCliffDelta() {
	c, _ := stats.CliffDelta(laser, placebo)
	s, _ := stats.SuperiorityNormal(laser, placebo)
	fmt.Printf("%.3f %v; normal model %.3f\n", c.Value, c.CI(0.95), s)
	// Output:
	// -0.833 -0.95 to -0.48; normal model 0.101
}

// From a published F(2, 27) = 4.1.
func ExampleExplainF() {
	v, _ := stats.ExplainF(4.1, 2, 27)
	fmt.Printf("η² %.3f %v, ω² %.3f, ε² %.3f\n", v.Eta2, v.Eta2CI(0.9), v.Omega2, v.Epsilon2)
	fmt.Println(v.Noncentrality(0.9), v.F2CI(0.9))
	_, omega, _, _ := v.SampleScaleCI(0.9) // as R's effectsize prints it
	fmt.Println(omega)
	fmt.Println(stats.FTest{F: 4.1, DF1: 2, DF2: 27}.Explained().Eta2 == v.Eta2)
	// Output:
	// η² 0.233 0.02 to 0.40, ω² 0.171, ε² 0.176
	// 0.47 to 19.95 0.02 to 0.67
	// 0.00 to 0.36
	// true
}

// Fifteen pairs are too many to enumerate; R prints the series.
func ExampleSpearmanEdgeworth() {
	x := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	y := []float64{3, 1, 12, 7, 14, 5, 10, 6, 9, 8, 15, 11, 13, 2, 4}
	e, _ := stats.SpearmanEdgeworth(x, y)
	t, _ := stats.SpearmanWith(x, y, stats.RankAsymptotic)
	k, _ := stats.KendallWith(x, y, stats.RankExact)
	fmt.Printf("ρ %.3f, p %.2g (series) %.2g (t); τ %.3f, p %.2g\n", e.Value, e.Independence.P, t.Independence.P, k.Value, k.Independence.P)
	// Output:
	// ρ 0.150, p 0.59 (series) 0.59 (t); τ 0.124, p 0.56
}

func ExampleBlandAltmanWith() {
	a := []float64{10.2, 11.5, 9.8, 13.1, 12.0, 10.9}
	b := []float64{10.0, 11.9, 9.1, 12.8, 12.3, 10.1}
	g, _ := stats.BlandAltmanWith(a, b, stats.AgreementOptions{})
	lower, upper := g.ApproximateLimitsCI(0.95)
	fmt.Println(g.BiasCI(0.95), lower, upper)
	fmt.Printf("SE of a limit %.3f, by the paper of 1986 %.3f\n", g.LimitsSE(), g.LimitsSE1986())
	// Output:
	// -0.30 to 0.74 -1.70 to 0.19 0.24 to 2.13
	// SE of a limit 0.368, by the paper of 1986 0.350
}

func ExampleMeasurementErrorFromICC() {
	m, _ := stats.MeasurementErrorFromICC(8.4, 0.88, 29)
	fmt.Printf("SEM %.2f, MDC95 %v\n", m.SEM, m.MDCCI(0.95, 0.95))
	// Output:
	// SEM 2.91, MDC95 6.42 to 10.84
}

// Do two raters use the categories alike?
func ExampleStuartMaxwell() {
	counts := [][]int{{20, 5, 1}, {2, 15, 7}, {0, 3, 12}}
	s, _ := stats.StuartMaxwell(counts)
	b, _ := stats.Bowker(counts)
	fmt.Printf("margins p %.3f, symmetry p %.3f\n", s.P(), b.P())
	// Output:
	// margins p 0.145, symmetry p 0.274
}

func ExampleCompareROC() {
	a, _ := stats.ROC([]float64{3, 5, 6, 7, 9}, []float64{1, 2, 4, 5, 2})
	b, _ := stats.ROC([]float64{2, 6, 4, 7, 5}, []float64{3, 1, 4, 5, 2})
	d, _ := stats.CompareROC(a, b)
	cov, _ := a.Covariance(b)
	fmt.Println(d)
	fmt.Printf("covariance %.4f, partial area %.3f\n", cov, a.PartialAUC(0.8, 1))
	p := a.ClosestCorner()[0]
	v := p.Predictive(a.Prevalence())
	fmt.Printf("cut at %v: Youden %.2f, predictive %.2f and %.2f\n", p.Threshold, p.Youden(), v.Positive, v.Negative)
	// Output:
	// 0.12 (95% CI -0.05 to 0.29; p = 0.17)
	// covariance 0.0135, partial area 0.140
	// cut at 4.5: Youden 0.60, predictive 0.80 and 0.80
}

func ExampleMetaAnalyzeWith() {
	m, _ := stats.MetaAnalyzeWith([]stats.Estimate{
		{Value: -8.2, SE: 2.9, DF: 38}, {Value: -3.1, SE: 2.1, DF: 60}, {Value: -11.4, SE: 4, DF: 18}},
		stats.MetaOptions{CommonEffect: true})
	fmt.Println(m)
	fmt.Printf("Q p %.3f, τ² %v, I² %v\n", m.QP(), m.Tau2CI(0.95), m.I2CI(0.95))
	// Output:
	// -5.86 (95% CI -8.92 to -2.79; p = 0.0002)
	// Q p 0.117, τ² 0.00 to 682.84, I² 0.00 to 0.99
}

func ExampleCombineStouffer() {
	c, _ := stats.CombineStouffer([]float64{0.04, 0.11, 0.02}, []float64{10, 24, 15})
	fmt.Printf("z %.3f, p %.4f\n", c.Statistic, c.P)
	// Output:
	// z 2.590, p 0.0048
}

// Arms compared with adjusted means.
func ExampleLinearModel_VersusControl() {
	y := []float64{52, 47, 60, 41, 38, 45, 30, 36, 28}
	arm := []string{"sham", "sham", "sham", "low", "low", "low", "high", "high", "high"}
	m, _ := stats.Linear(y, stats.Category("arm", arm, "sham"))
	cs, _ := m.VersusControl("arm", "sham", stats.Dunnett, stats.LSMeansOptions{})
	for _, c := range cs {
		fmt.Println(c, c.PError(0))
	}
	for _, c := range m.Pairwise("arm", stats.Tukey, stats.LSMeansOptions{}) {
		fmt.Println(c)
	}
	// Output:
	// high - sham: -21.67 (95% CI -33.17 to -10.16; p = 0.0030) 0
	// low - sham: -11.67 (95% CI -23.17 to -0.16; p = 0.0475) 0
	// high - sham: -21.67 (95% CI -34.00 to -9.34; p = 0.0040)
	// low - sham: -11.67 (95% CI -24.00 to 0.66; p = 0.0613)
	// low - high: 10.00 (95% CI -2.33 to 22.33; p = 0.10)
}
