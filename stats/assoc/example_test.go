package assoc_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/rank"
)

// Fifteen pairs are too many to count all pairings by ranks.
func ExampleSpearmanWith() {
	x := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	y := []float64{3, 1, 12, 7, 14, 5, 10, 6, 9, 8, 15, 11, 13, 2, 4}
	t, _ := assoc.SpearmanWith(x, y, assoc.Options{Method: rank.Asymptotic})
	k, _ := assoc.KendallWith(x, y, assoc.Options{Method: rank.Exact})
	fmt.Printf("ρ %.3f, p %.2g (t); τ %.3f, p %.2g\n", t.Value, t.Independence.P(), k.Value, k.Independence.P())
	// Output:
	// ρ 0.150, p 0.59 (t); τ 0.124, p 0.56
}

func ExampleBlandAltmanWith() {
	a := []float64{10.2, 11.5, 9.8, 13.1, 12.0, 10.9}
	b := []float64{10.0, 11.9, 9.1, 12.8, 12.3, 10.1}
	g, _ := assoc.BlandAltmanWith(a, b, assoc.AgreementOptions{})
	lower, upper := g.ApproximateLimitsCI(0.95)
	fmt.Println(g.BiasCI(0.95), lower, upper)
	fmt.Printf("SE of a limit %.3f\n", g.LimitsSE())
	// Output:
	// -0.30 to 0.74 -1.70 to 0.19 0.24 to 2.13
	// SE of a limit 0.368
}

func ExampleMeasurementErrorFromICC() {
	m, _ := assoc.MeasurementErrorFromICC(8.4, 0.88, 29)
	fmt.Printf("SEM %.2f, MDC95 %v\n", m.SEM, m.MDCCI(0.95, 0.95))
	// Output:
	// SEM 2.91, MDC95 6.4 to 10.8
}

// Do two raters use the categories alike?
func ExampleStuartMaxwell() {
	counts := [][]int{{20, 5, 1}, {2, 15, 7}, {0, 3, 12}}
	s, _ := assoc.StuartMaxwell(counts)
	b, _ := assoc.Bowker(counts)
	fmt.Printf("margins p %.3f, symmetry p %.3f\n", s.P(), b.P())
	// Output:
	// margins p 0.145, symmetry p 0.274
}

func ExampleCompareROC() {
	a, _ := assoc.ROC([]float64{3, 5, 6, 7, 9}, []float64{1, 2, 4, 5, 2})
	b, _ := assoc.ROC([]float64{2, 6, 4, 7, 5}, []float64{3, 1, 4, 5, 2})
	d, _ := assoc.CompareROC(a, b)
	fmt.Println(d)
	fmt.Printf("covariance %.4f, partial area %.3f\n", d.Covariance, a.PartialAUC(0.8, 1))
	p := a.ClosestCorner()[0]
	v := p.Predictive(a.Prevalence())
	fmt.Printf("cut at %v: Youden %.2f, predictive %.2f and %.2f\n", p.Threshold, p.Youden(), v.Positive, v.Negative)
	// Output:
	// 0.120 (95% CI -0.053 to 0.293; p = 0.17; DeLong)
	// covariance 0.0135, partial area 0.140
	// cut at 4.5: Youden 0.60, predictive 0.80 and 0.80
}

func ExampleROC() {
	r, err := assoc.ROC([]float64{3, 5, 5, 7, 9}, []float64{1, 2, 5, 4})
	if err != nil {
		panic(err)
	}
	best := r.BestYouden()[0]
	fmt.Printf("AUC %.2f; at %.1f or more: sensitivity %.2f, specificity %.2f\n", r.AUC, best.Threshold, best.Sensitivity, best.Specificity)
	// Output: AUC 0.85; at 4.5 or more: sensitivity 0.80, specificity 0.75
}

func ExampleKappa() {
	k, err := assoc.Kappa([][]int{{20, 5}, {10, 15}})
	if err != nil {
		panic(err)
	}
	fmt.Printf("κ = %.2f\n", k.Value)
	// Output: κ = 0.40
}
