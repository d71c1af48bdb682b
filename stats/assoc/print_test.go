package assoc_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/rank"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var (
	pain  = []float64{62, 48, 71, 55, 30, 44, 80, 39}
	steps = []float64{2, 3, 1, 3, 5, 4, 1, 4}
	rated = [][]float64{{9, 2, 5, 8}, {6, 1, 3, 2}, {8, 4, 6, 8}, {7, 1, 2, 6}, {10, 5, 6, 9}, {6, 2, 4, 7}}
)

func TestResultsPrintAndMarshal(t *testing.T) {
	line := []float64{1, 2, 3, 4, 5, 6}
	pearson := must(assoc.Pearson(pain, steps))
	agreement := must(assoc.BlandAltman(pain[:6], pain[2:]))
	pairs := must(assoc.CountPairs(pain, steps))
	r := must(assoc.ICCs(rated))
	a := must(assoc.ROC([]float64{3, 5, 6, 7, 9}, []float64{1, 2, 4, 5, 2}))
	b := must(assoc.ROC([]float64{2, 6, 4, 7, 5}, []float64{3, 1, 4, 5, 2}))
	statstest.Printed(t, []any{
		pearson, pearson.FisherZ, pearson.Independence,
		must(assoc.PartialCorrelation(pain, steps, []float64{70, 61, 74, 58, 55, 66, 72, 57})),
		must(assoc.Pearson(line, line)), must(assoc.Pearson(line[:3], []float64{1, 3, 2})),
		must(assoc.Spearman(pain, steps)), must(assoc.Spearman(line, line)),
		must(assoc.KendallWith(pain, steps, assoc.Options{Method: rank.Asymptotic})),
		must(assoc.LinConcordance(pain[:6], pain[2:])),
		agreement, must(assoc.BlandAltman(line, line)), agreement.MeasurementError(),
		must(assoc.MeasurementErrorFromICC(8.4, 0.88, math.Inf(1))), must(assoc.MeasurementErrorFromICC(8.4, 1, 9)),
		r, r.ICC(assoc.ICC2), r.ICC(assoc.ICC3k).Zero, must(assoc.ICCs([][]float64{{1, 1}, {2, 2}})).ICC(assoc.ICC1),
		must(assoc.Kappa([][]int{{20, 5}, {10, 15}})), must(assoc.Kappa([][]int{{20, 0}, {0, 15}})),
		pairs, pairs.Gamma(), must(assoc.CountPairs(line, line)).TauB(),
		a, a.Points[0], a.Points[2], a.Points[2].Predictive(0.3), a.Points[0].Predictive(0.3), must(assoc.CompareROC(a, b)),
		must(assoc.ROC([]float64{3}, []float64{1, 2})), must(assoc.ROC([]float64{3, 4}, []float64{1, 2})),
	}, "Options", "AgreementOptions", "KappaOptions")
}

func TestResultsSay(t *testing.T) {
	a := must(assoc.ROC([]float64{3, 5, 5, 7, 9}, []float64{1, 2, 5, 4}))
	for want, r := range map[string]fmt.Stringer{
		"1.00 (no interval: perfect agreement of so few pairs); independence: p = 0.0833 (exact)": must(assoc.Pearson([]float64{1, 2, 3, 4}, []float64{1, 2, 3, 4})),
		"0 (no interval: too few pairs)":                                             must(assoc.Pearson([]float64{1, 2, 3}, []float64{2, 1, 2})).FisherZ,
		"bias 0 (no interval: the differences do not vary)":                          must(assoc.BlandAltman([]float64{1, 2}, []float64{1, 2})),
		"F(5, 15) = 11.03, p = 0.0001":                                               must(assoc.ICCs(rated)).ICC(assoc.ICC3).Zero, // Shrout & Fleiss (1979), table 4
		"AUC 1.00 (no interval: DeLong's variance is 0); 2 cases, 2 controls":        must(assoc.ROC([]float64{3, 4}, []float64{1, 2})),
		"≥ 4.5: sensitivity 0.80, specificity 0.75":                                  a.BestYouden()[0],
		"≥ +Inf: sensitivity 0.00, specificity 1.00":                                 a.Points[0],
		"predictive value of a case not estimable, of a control 0.50; accuracy 0.50": a.Points[0].Predictive(0.5),
	} {
		assert.Equal(t, want, r.String())
	}
	b, err := json.Marshal(a.Points[:2])
	require.NoError(t, err)
	assert.Equal(t, `[{"threshold":"Inf","sensitivity":0,"specificity":1},{"threshold":8,"sensitivity":0.2,"specificity":1}]`, string(b))
}

func TestPanicsSayWhatIsWrong(t *testing.T) {
	for want, f := range map[string]func(){
		"assoc.Spearman: no rank method 7":                                func() { _, _ = assoc.SpearmanWith(nil, nil, assoc.Options{Method: 7}) },
		"assoc.Kendall: no numerical inversion":                           func() { _, _ = assoc.KendallWith(nil, nil, assoc.Options{Method: rank.Inverted}) },
		`assoc.KappaWith: unknown weights "cubic"`:                        func() { _, _ = assoc.KappaWith([][]int{{1, 2}, {3, 4}}, assoc.KappaOptions{Weights: "cubic"}) },
		"assoc.BlandAltmanWith: multiplier -1 of the limits of agreement": func() { _, _ = assoc.BlandAltmanWith(nil, nil, assoc.AgreementOptions{Multiplier: -1}) },
		"assoc.ICCForm: no form 9":                                        func() { must(assoc.ICCs(rated)).ICC(9) },
		"assoc.ROCPoint.Predictive: prevalence 2":                         func() { assoc.ROCPoint{}.Predictive(2) },
		"assoc.ROCCurve.PartialAUC: specificities 0 to 3":                 func() { assoc.ROCCurve{}.PartialAUC(0, 3) },
	} {
		assert.PanicsWithValue(t, want, f)
	}
}

// An area is an effect: both one-sided p-values add to one, and the two-sided one
// and the interval are one question.
func TestAreaIsAnEffect(t *testing.T) {
	a := must(assoc.ROC([]float64{3, 5, 5, 7, 9, 4}, []float64{1, 2, 5, 4, 6}))
	assert.InDelta(t, 1, a.PGreater(0.5)+a.PLess(0.5), 1e-15)
	assert.InDelta(t, 2*a.PGreater(0.5), a.P(0.5), 1e-15)
	assert.Equal(t, a.AUC, a.Point())
	// Fixed from outside: z = (AUC − ½)/√Var and the normal tail.
	assert.InEpsilon(t, math.Erfc((a.AUC-0.5)/math.Sqrt(a.Var)/math.Sqrt2)/2, a.PGreater(0.5), 1e-12)
	one := must(assoc.ROC([]float64{3}, []float64{1, 2}))
	assert.Equal(t, []float64{1, 1, 1}, []float64{one.P(0.5), one.PGreater(0.5), one.PLess(0.5)})
}
