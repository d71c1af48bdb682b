package regress_test

import (
	"fmt"

	"github.com/trialkit/trialkit/stats/regress"
)

// Arms compared with adjusted means.
func ExampleFit_VersusControl() {
	y := []float64{52, 47, 60, 41, 38, 45, 30, 36, 28}
	arm := []string{"sham", "sham", "sham", "low", "low", "low", "high", "high", "high"}
	m, _ := regress.Linear(y, regress.Category("arm", arm, "sham"))
	cs, _ := m.VersusControl("arm", "sham")
	for _, c := range cs {
		fmt.Println(c, c.PError(0))
	}
	fmt.Println(m.Pairwise("arm"))
	// Output:
	// high − sham: -21.7 (95% CI -33.2 to -10.2; p = 0.0030; Dunnett, 6 df) 0
	// low − sham: -11.7 (95% CI -23.2 to -0.2; p = 0.0475; Dunnett, 6 df) 0
	// Tukey        estimate   SE         95% CI       p  df
	// high − sham     -21.7  4.0  -34.0 to -9.3  0.0040   6
	// low − sham      -11.7  4.0   -24.0 to 0.7  0.0613   6
	// low − high       10.0  4.0   -2.3 to 22.3    0.10   6
}

func ExampleLevene() {
	a := []float64{18, 22, 31, 25, 27}
	b := []float64{40, 12, 55, 33, 8}
	c := []float64{21, 24, 22, 30, 19}
	levene, _ := regress.Levene(a, b, c)
	median, _ := regress.BrownForsythe(a, b, c)
	bartlett, _ := regress.Bartlett(a, b, c)
	fligner, _ := regress.Fligner(a, b, c)
	fmt.Println(levene)
	fmt.Println(median)
	fmt.Println(bartlett)
	fmt.Println(fligner)
	// Output:
	// F(2, 12) = 8.31, p = 0.0054
	// F(2, 12) = 5.12, p = 0.0247
	// X²(2) = 10.29, p = 0.0058
	// X²(2) = 4.35, p = 0.11
}

func ExampleParseFormula() {
	f, err := regress.ParseFormula("score ~ base + arm*site")
	fmt.Println(f.Response, len(f.Terms), err)
	_, err = regress.ParseFormula("score ~ base + log(arm)")
	fmt.Println(err)
	// Output:
	// score 4 <nil>
	// formula column 16: unknown function log: transform the data first (only factor and C are known)
	// 	score ~ base + log(arm)
	// 	               ^
}

func ExampleFit_Tests() {
	m, err := sites().Linear("score ~ base + arm*site")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range m.Tests() {
		fmt.Printf("%s: F(%.0f, %.0f) = %.2f\n", t.Term, t.DF1, t.DF2, t.F)
	}
	// Output:
	// base: F(1, 11) = 222.81
	// arm: F(1, 11) = 155.28
	// site: F(1, 11) = 3.58
	// arm:site: F(1, 11) = 7.02
}

func ExampleFit_LSMeans() {
	m, err := sites().Linear("score ~ base + arm + site")
	if err != nil {
		fmt.Println(err)
		return
	}
	means := m.LSMeans("arm")
	for _, e := range means {
		fmt.Println(e.Levels["arm"], e.Estimate)
	}
	fmt.Println("difference", m.Compare(means[1], means[0]))
	// Output:
	// sham 29.96 (95% CI 29.26 to 30.66; p < 0.0001; t, 12 df)
	// laser 25.17 (95% CI 24.47 to 25.87; p < 0.0001; t, 12 df)
	// difference -4.79 (95% CI -5.83 to -3.75; p < 0.0001; t, 12 df)
}

func ExampleFit_Robust() {
	m, err := sites().Linear("score ~ base + arm")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := m.Robust()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("model-based", m.Coefficient("armlaser"))
	fmt.Println("HC3        ", r.Coefficient("armlaser"))
	// Output:
	// model-based -4.76 (95% CI -5.84 to -3.68; p < 0.0001; t, 13 df)
	// HC3         -4.76 (95% CI -5.88 to -3.65; p < 0.0001; t, 13 df)
}

func ExampleLogisticFit_Marginal() {
	arm := []string{"sham", "sham", "sham", "sham", "sham", "sham", "sham", "sham",
		"laser", "laser", "laser", "laser", "laser", "laser", "laser", "laser"}
	base := []float64{40, 38, 45, 41, 42, 40, 46, 37, 39, 37, 44, 36, 41, 36, 39, 35}
	responded := []bool{false, true, false, false, false, true, false, true, true, true, false, true, true, false, true, true}
	m, err := regress.Logistic(responded, regress.Numeric("base", base), regress.Category("arm", arm, "sham"))
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := m.Marginal("arm")
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := g.Difference("laser", "sham")
	fmt.Println("risk difference", d, err)
	// Output:
	// risk difference 0.13 (95% CI -0.24 to 0.51; p = 0.49; normal) <nil>
}

func ExampleLogisticWith() {
	// Everyone on laser responded: the odds ratio has no finite estimate.
	arm := []string{"sham", "sham", "sham", "sham", "sham", "laser", "laser", "laser", "laser", "laser"}
	responded := []bool{false, true, false, false, true, true, true, true, true, true}
	terms := []regress.Term{regress.Category("arm", arm, "sham")}
	_, err := regress.Logistic(responded, terms...)
	fmt.Println(err)
	m, err := regress.LogisticWith(responded, terms, regress.LogisticOptions{Firth: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("log odds ratio", m.Profile("armlaser").CI(0.95))
	// Output:
	// Logistic: arm: separation: a coefficient is infinite (armlaser → +∞)
	// log odds ratio -0.1 to 7.8
}

func ExampleWelchANOVA() {
	f, err := regress.WelchANOVA([]float64{31, 28, 35, 30}, []float64{26, 24, 29, 22}, []float64{33, 41, 25, 27})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("F(%.0f, %.2f) = %.2f, p = %.3f\n", f.DF1, f.DF2, f.F, f.P())
	// Output:
	// F(2, 5.59) = 3.71, p = 0.094
}

func ExampleBartlett() {
	x, err := regress.Bartlett([]float64{31, 28, 35, 30}, []float64{26, 24, 29, 22}, []float64{33, 41, 25, 27})
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

// As R's eta_squared(afex::aov_ez(...), generalized = TRUE) prints it.
func ExampleRepeatedTest_GeneralizedEta2CI() {
	f, err := regress.RepeatedANOVA(regress.RepeatedData{
		ID:     []string{"1", "1", "1", "2", "2", "2", "3", "3", "3", "4", "4", "4"},
		Y:      []float64{1, 2, 4, 2, 3, 6, 1.5, 4, 3, 2, 5, 7},
		Within: []regress.Term{regress.Visit("visit", []string{"a", "b", "c", "a", "b", "c", "a", "b", "c", "a", "b", "c"}, []string{"a", "b", "c"})},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	t := f.Test("visit")
	ci := t.GeneralizedEta2CI(0.9)
	fmt.Printf("%.4f (90%% CI %.4f to %.4f)\n", t.GeneralizedEta2, ci.Lo, ci.Hi)
	// Output:
	// 0.5932 (90% CI 0.0000 to 0.7996)
}

// As R's omega_squared(car::Anova(m, type = 3), ci = 0.9, alternative =
// "two.sided") prints it.
func ExampleTermTest_PartialOmega2CI() {
	m, err := sites().Linear("score ~ base + arm + site")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range m.Tests() {
		ci := t.PartialOmega2CI(0.9)
		fmt.Printf("%s: %.4f (90%% CI %.4f to %.4f)\n", t.Term, t.PartialOmega2(), ci.Lo, ci.Hi)
	}
	// Output:
	// base: 0.9076 (90% CI 0.7931 to 0.9474)
	// arm: 0.8624 (90% CI 0.6974 to 0.9218)
	// site: 0.0757 (90% CI 0.0000 to 0.3687)
}

// Does the difference between arms depend on age? arm + age + arm:age by
// its terms; as R's lm(y ~ arm*age).
func ExampleInteraction() {
	arm := regress.Category("arm", []string{"a", "a", "a", "a", "c", "c", "c", "c"}, "c")
	age := regress.Numeric("age", []float64{50, 55, 60, 65, 52, 56, 61, 66})
	m, err := regress.Linear([]float64{31, 30, 26, 24, 33, 34, 32, 33}, arm, age, regress.Interaction(arm, age))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Coefficients())
	// Output:
	// coefficient  estimate     SE           95% CI       p  df
	// (Intercept)      35.7    5.1     21.6 to 49.7  0.0022   4
	// arma             20.8    6.9      1.7 to 40.0  0.0391   4
	// age            -0.045  0.086  -0.284 to 0.194    0.63   4
	// arma:age        -0.45   0.12   -0.78 to -0.13  0.0183   4
}

// sites is a small invented trial at two centers: score at week 8, baseline,
// and whether the participant responded.
func sites() *regress.Frame {
	f := &regress.Frame{}
	f.Numeric("score", []float64{31, 28, 35, 30, 26, 24, 29, 22, 33, 30, 36, 27, 25, 21, 24, 20})
	f.Numeric("base", []float64{40, 38, 45, 41, 39, 37, 44, 36, 42, 40, 46, 37, 41, 36, 39, 35})
	f.Category("arm", []string{"sham", "sham", "sham", "sham", "laser", "laser", "laser", "laser",
		"sham", "sham", "sham", "sham", "laser", "laser", "laser", "laser"}, "sham")
	f.Category("site", []string{"A", "A", "A", "A", "A", "A", "A", "A", "B", "B", "B", "B", "B", "B", "B", "B"}, "")
	return f
}
