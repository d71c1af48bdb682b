package stats_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
)

// sites is a small invented trial at two centers: score at week 8, baseline,
// and whether the participant responded.
func sites() *stats.Frame {
	f := &stats.Frame{}
	f.Numeric("score", []float64{31, 28, 35, 30, 26, 24, 29, 22, 33, 30, 36, 27, 25, 21, 24, 20})
	f.Numeric("base", []float64{40, 38, 45, 41, 39, 37, 44, 36, 42, 40, 46, 37, 41, 36, 39, 35})
	f.Category("arm", []string{"sham", "sham", "sham", "sham", "laser", "laser", "laser", "laser",
		"sham", "sham", "sham", "sham", "laser", "laser", "laser", "laser"}, "sham")
	f.Category("site", []string{"A", "A", "A", "A", "A", "A", "A", "A", "B", "B", "B", "B", "B", "B", "B", "B"}, "")
	return f
}

func ExampleParseFormula() {
	f, err := stats.ParseFormula("score ~ base + arm*site")
	fmt.Println(f.Response, len(f.Terms), err)
	_, err = stats.ParseFormula("score ~ base + log(arm)")
	fmt.Println(err)
	// Output:
	// score 4 <nil>
	// stats: formula column 16: unknown function log: transform the data first (only factor and C are known)
	// 	score ~ base + log(arm)
	// 	               ^
}

func ExampleLinearModel_Tests() {
	m, err := sites().Linear("score ~ base + arm*site")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range m.Tests(stats.TypeIII) {
		fmt.Printf("%s: F(%.0f, %.0f) = %.2f\n", t.Term, t.DF1, t.DF2, t.F)
	}
	// Output:
	// base: F(1, 11) = 222.81
	// arm: F(1, 11) = 155.28
	// site: F(1, 11) = 3.58
	// arm:site: F(1, 11) = 7.02
}

func ExampleLinearModel_LSMeans() {
	m, err := sites().Linear("score ~ base + arm + site")
	if err != nil {
		fmt.Println(err)
		return
	}
	means := m.LSMeans(stats.LSMeansOptions{}, "arm")
	for _, e := range means {
		fmt.Println(e.Levels["arm"], e.Estimate)
	}
	fmt.Println("difference", m.Difference(means[1], means[0]))
	// Output:
	// sham 29.96 (95% CI 29.26 to 30.66; p < 0.0001)
	// laser 25.17 (95% CI 24.47 to 25.87; p < 0.0001)
	// difference -4.79 (95% CI -5.83 to -3.75; p < 0.0001)
}

func ExampleLinearModel_Robust() {
	m, err := sites().Linear("score ~ base + arm")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := m.Robust(stats.HC3)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("model-based", m.Coefficient("armlaser"))
	fmt.Println("HC3        ", r.Coefficient("armlaser"))
	// Output:
	// model-based -4.76 (95% CI -5.84 to -3.68; p < 0.0001)
	// HC3         -4.76 (95% CI -5.88 to -3.65; p < 0.0001)
}

func ExampleLogisticModel_Marginal() {
	arm := []string{"sham", "sham", "sham", "sham", "sham", "sham", "sham", "sham",
		"laser", "laser", "laser", "laser", "laser", "laser", "laser", "laser"}
	base := []float64{40, 38, 45, 41, 42, 40, 46, 37, 39, 37, 44, 36, 41, 36, 39, 35}
	responded := []bool{false, true, false, false, false, true, false, true, true, true, false, true, true, false, true, true}
	m, err := stats.Logistic(responded, stats.Numeric("base", base), stats.Category("arm", arm, "sham"))
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := m.Marginal("arm", stats.YeErrors)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("risk difference", g.Difference("laser", "sham"))
	// Output:
	// risk difference 0.13 (95% CI -0.24 to 0.51; p = 0.49)
}

func ExampleLogisticWith() {
	// Everyone on laser responded: the odds ratio has no finite estimate.
	arm := []string{"sham", "sham", "sham", "sham", "sham", "laser", "laser", "laser", "laser", "laser"}
	responded := []bool{false, true, false, false, true, true, true, true, true, true}
	terms := []stats.Term{stats.Category("arm", arm, "sham")}
	_, err := stats.Logistic(responded, terms...)
	fmt.Println(err)
	m, err := stats.LogisticWith(responded, terms, stats.LogisticOptions{Firth: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("log odds ratio", m.Profile("armlaser").CI(0.95))
	// Output:
	// stats.Logistic: arm: separation: a coefficient is infinite (armlaser → +∞)
	// log odds ratio -0.05 to 7.79
}

func ExampleWelchANOVA() {
	f, err := stats.WelchANOVA([]float64{31, 28, 35, 30}, []float64{26, 24, 29, 22}, []float64{33, 41, 25, 27})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("F(%.0f, %.2f) = %.2f, p = %.3f\n", f.DF1, f.DF2, f.F, f.P())
	// Output:
	// F(2, 5.59) = 3.71, p = 0.094
}

func ExampleBartlett() {
	x, err := stats.Bartlett([]float64{31, 28, 35, 30}, []float64{26, 24, 29, 22}, []float64{33, 41, 25, 27})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("chi-squared(%.0f) = %.2f, p = %.3f\n", x.DF, x.X2, x.P())
	// Output:
	// chi-squared(2) = 2.94, p = 0.230
}

// A design's type III contrasts go to a mixed model's Joint; here the least
// squares model's.
func ExampleDesign_TypeIII() {
	f := sites()
	d, err := f.Design("score ~ arm*site")
	if err != nil {
		fmt.Println(err)
		return
	}
	rows, err := d.TypeIII("arm")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Names)
	fmt.Printf("%.1f\n", rows)
	// Output:
	// [(Intercept) armlaser siteB armlaser:siteB]
	// [[0.0 1.0 0.0 0.5]]
}
