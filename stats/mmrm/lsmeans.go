package mmrm

import (
	"github.com/trialkit/trialkit/stats"
)

// LSMeanRow returns the contrast of coefficients that is the LS-mean of an arm
// at a visit, for use in contrasts of one's own: numeric covariates at their
// mean over the values analyzed, the levels of categories equally weighted.
// Like every method here that takes labels it panics on an unknown one.
func (f *TrialFit) LSMeanRow(arm, visit string) []float64 {
	row := f.fullRow(arm, visit)
	out := make([]float64, len(f.Columns))
	for i, c := range f.pb.keep {
		out[i] = row[c]
	}
	return out
}

// LSMean is the mean of an arm at a visit that the model estimates for average
// covariates.
func (f *TrialFit) LSMean(arm, visit string) stats.Estimate {
	return f.Contrast(f.LSMeanRow(arm, visit))
}

// Cell is an estimate for an arm at a visit.
type Cell struct {
	Arm, Visit string
	stats.Estimate
}

// LSMeans returns the LS-mean of every arm at every visit, visits in order and
// arms within them.
func (f *TrialFit) LSMeans() []Cell {
	var out []Cell
	for _, v := range f.Visits {
		for _, a := range f.Arms {
			out = append(out, Cell{a, v, f.LSMean(a, v)})
		}
	}
	return out
}

func minus(a, b []float64) []float64 {
	out := append([]float64(nil), a...)
	axpy(out, -1, b)
	return out
}

// Difference is the LS-mean of treated less that of control at a visit; any
// two arms may be compared.
func (f *TrialFit) Difference(treated, control, visit string) stats.Estimate {
	return f.Contrast(f.differenceRow(treated, control, visit))
}

func (f *TrialFit) differenceRow(treated, control, visit string) []float64 {
	return minus(f.LSMeanRow(treated, visit), f.LSMeanRow(control, visit))
}

// Differences returns every other arm less the control at every visit after
// baseline.
func (f *TrialFit) Differences() []Cell {
	var out []Cell
	for _, v := range f.Visits[f.post:] {
		for _, a := range f.Arms {
			if a != f.Control {
				out = append(out, Cell{a, v, f.Difference(a, f.Control, v)})
			}
		}
	}
	return out
}

// Change is an arm's LS-mean at a visit less the common baseline mean; it
// panics unless the analysis is CLDA.
func (f *TrialFit) Change(arm, visit string) stats.Estimate {
	if !f.clda {
		panic("mmrm: only CLDA estimates the baseline mean; fit Model.Change for changes")
	}
	return f.Contrast(minus(f.LSMeanRow(arm, visit), f.LSMeanRow(arm, BaselineVisit)))
}

// Average is the difference treated − control averaged with equal weights over
// the visits named, all after baseline if none is.
func (f *TrialFit) Average(treated, control string, visits ...string) stats.Estimate {
	if len(visits) == 0 {
		visits = f.Visits[f.post:]
	}
	sum := make([]float64, len(f.Columns))
	for _, v := range visits {
		axpy(sum, 1/float64(len(visits)), f.differenceRow(treated, control, v))
	}
	return f.Contrast(sum)
}

// slopeWeights are the least-squares weights of a line through one value per
// visit after baseline.
func (f *TrialFit) slopeWeights() []float64 {
	t := f.trial.Times
	if len(t) < 2 {
		panic("mmrm: a slope needs Trial.Times of at least two visits")
	}
	mean := 0.0
	for _, x := range t {
		mean += x / float64(len(t))
	}
	w, ss := make([]float64, len(t)), 0.0
	for i, x := range t {
		w[i] = x - mean
		ss += w[i] * w[i]
	}
	for i := range w {
		w[i] /= ss
	}
	return w
}

// Slope is the change per unit of Trial.Times in an arm: the slope of the
// least-squares line through its LS-means after baseline.
func (f *TrialFit) Slope(arm string) stats.Estimate { return f.Contrast(f.slopeRow(arm)) }

func (f *TrialFit) slopeRow(arm string) []float64 {
	sum := make([]float64, len(f.Columns))
	for i, w := range f.slopeWeights() {
		axpy(sum, w, f.LSMeanRow(arm, f.Visits[f.post+i]))
	}
	return sum
}

// SlopeDifference is the slope of treated less that of control.
func (f *TrialFit) SlopeDifference(treated, control string) stats.Estimate {
	return f.Contrast(minus(f.slopeRow(treated), f.slopeRow(control)))
}

// AnyDifference tests that no arm differs from the control at any visit after
// baseline.
func (f *TrialFit) AnyDifference() (stats.FTest, error) {
	var l [][]float64
	for _, a := range f.Arms {
		for _, v := range f.Visits[f.post:] {
			if a != f.Control {
				l = append(l, f.differenceRow(a, f.Control, v))
			}
		}
	}
	return f.Joint(l)
}

// Interaction tests that the arms' differences are the same at every visit
// after baseline (arm × visit).
func (f *TrialFit) Interaction() (stats.FTest, error) {
	var l [][]float64
	visits := f.Visits[f.post:]
	for _, a := range f.Arms {
		for i, v := range visits {
			if a != f.Control && i > 0 {
				l = append(l, minus(f.differenceRow(a, f.Control, v), f.differenceRow(a, f.Control, visits[0])))
			}
		}
	}
	return f.Joint(l)
}
