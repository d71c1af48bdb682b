package assoc

import (
	"fmt"
	"math"
)

// PredictiveValues are what a test result means in a population with the given
// share of cases.
type PredictiveValues struct {
	// Positive is P(case | called a case), Negative P(control | called a
	// control); NaN where nobody is called so.
	Positive, Negative float64
	// Accuracy is the share called rightly.
	Accuracy float64
}

// Predictive returns the predictive values of an operating point where the
// share of cases is prevalence, by Bayes' rule. Those of the sample itself, as
// in R's pROC::coords, are Predictive(Prevalence()) of its curve; they mean
// something only if the sample was not drawn by case status. It panics unless
// 0 ≤ prevalence ≤ 1.
func (p ROCPoint) Predictive(prevalence float64) PredictiveValues {
	if !(prevalence >= 0 && prevalence <= 1) {
		panic(fmt.Sprintf("assoc.ROCPoint.Predictive: prevalence %v", prevalence))
	}
	tp, fn := prevalence*p.Sensitivity, prevalence*(1-p.Sensitivity)
	tn, fp := (1-prevalence)*p.Specificity, (1-prevalence)*(1-p.Specificity)
	share := func(a, b float64) float64 {
		if a+b == 0 {
			return math.NaN()
		}
		return a / (a + b)
	}
	return PredictiveValues{Positive: share(tp, fp), Negative: share(tn, fn), Accuracy: tp + tn}
}

// Prevalence returns the share of cases in the sample.
func (r ROCCurve) Prevalence() float64 {
	return float64(r.Cases) / float64(r.Cases+r.Controls)
}

// PartialAUC returns the area under the part of the curve between two
// specificities, not standardized: at most |to − from|. Points are joined by
// straight lines. It panics unless both are within [0, 1].
// Source: McClish (1989), doi 10.1177/0272989X8900900307. It agrees with R's
// pROC::auc(partial.auc = c(to, from)).
func (r ROCCurve) PartialAUC(from, to float64) float64 {
	if !(from >= 0 && from <= 1 && to >= 0 && to <= 1) {
		panic(fmt.Sprintf("assoc.ROCCurve.PartialAUC: specificities %v to %v", from, to))
	}
	lo, hi := math.Min(from, to), math.Max(from, to)
	area := 0.0
	for i := 1; i < len(r.Points); i++ {
		a, b := r.Points[i-1], r.Points[i] // specificity falls from a to b
		left, right := math.Max(lo, b.Specificity), math.Min(hi, a.Specificity)
		if right <= left {
			continue
		}
		at := func(spec float64) float64 {
			return b.Sensitivity + (a.Sensitivity-b.Sensitivity)*(spec-b.Specificity)/(a.Specificity-b.Specificity)
		}
		area += (right - left) * (at(left) + at(right)) / 2
	}
	return area
}
