package mmrm

import (
	"slices"

	"github.com/trialkit/trialkit/stats"
)

// VisitMeans are the arms' means at the visits that a model estimates, with the
// questions about them: MMRM, Change, CLDA and LMM.Trial answer them alike.
// Arms and visits are named by their labels; one that the trial does not have is
// an error (stats.ErrDomain) that lists those it has.
type VisitMeans struct {
	Arms    []string
	Visits  []string // those of the trial, for CLDA preceded by BaselineVisit
	Control string
	// NoBaseline lists the participants left out because their baseline, a
	// covariate of the model, is missing.
	NoBaseline []int

	trial    *Trial
	post     int                 // index of the first visit after baseline
	at       []float64           // column → value at the covariates' average
	colVisit []int               // column → the visit it belongs to, −1 for all
	colArm   []int               // column → the arm it belongs to, −1 for all
	names    []string            // column → its name
	levels   map[string][]string // category with ByArm → its levels
	keep     []int               // columns of the coefficients; nil is all
	fit      interface {
		Contrast(l []float64) stats.Estimate
		Joint(l [][]float64) (stats.FTest, error)
	}
}

// index finds a label among those known.
func index(fn, arg, name string, known []string) (int, error) {
	if i := slices.Index(known, name); i >= 0 {
		return i, nil
	}
	return 0, bad(fn, arg, -1, stats.ErrDomain, "%q is not among %q", name, known)
}

// pair finds two arms to compare.
func (m *VisitMeans) pair(fn, treated, control string) (t, c int, err error) {
	if t, err = index(fn, "treated", treated, m.Arms); err != nil {
		return 0, 0, err
	}
	if c, err = index(fn, "control", control, m.Arms); err != nil {
		return 0, 0, err
	}
	if t == c {
		return 0, 0, bad(fn, "control", -1, stats.ErrDomain, "arm %q compared with itself", control)
	}
	return t, c, nil
}

// row is an LS-mean as a contrast of the coefficients.
func (m *VisitMeans) row(arm, visit int) []float64 {
	return m.kept(m.fullRow(arm, visit))
}

// kept is a row of all columns in terms of the coefficients.
func (m *VisitMeans) kept(row []float64) []float64 {
	if m.keep == nil {
		return row
	}
	out := make([]float64, len(m.keep))
	for i, c := range m.keep {
		out[i] = row[c]
	}
	return out
}

func minus(a, b []float64) []float64 {
	out := append([]float64(nil), a...)
	axpy(out, -1, b)
	return out
}

func (m *VisitMeans) differenceRow(treated, control, visit int) []float64 {
	return minus(m.row(treated, visit), m.row(control, visit))
}

// others are the arms but the control, and the control.
func (m *VisitMeans) others() (arms []int, control int) {
	for i, a := range m.Arms {
		if a == m.Control {
			control = i
		} else {
			arms = append(arms, i)
		}
	}
	return arms, control
}

// LSMeanRow returns the contrast of coefficients that is the LS-mean of an arm
// at a visit, for use in contrasts of one's own: numeric covariates at their
// mean over the values analyzed, the levels of categories equally weighted.
func (m *VisitMeans) LSMeanRow(arm, visit string) ([]float64, error) {
	return m.named("LSMeanRow", arm, visit)
}

func (m *VisitMeans) named(fn, arm, visit string) ([]float64, error) {
	a, err := index(fn, "arm", arm, m.Arms)
	if err != nil {
		return nil, err
	}
	v, err := index(fn, "visit", visit, m.Visits)
	if err != nil {
		return nil, err
	}
	return m.row(a, v), nil
}

// InteractionRow returns the contrast of coefficients by which the difference of
// treated from the control at a visit depends on a covariate with ByArm: its change
// for each unit of a number (level ""), or the difference in a level of a category
// less that in its reference. What has no such coefficient is refused
// (stats.ErrDomain): another covariate, the reference itself.
func (m *VisitMeans) InteractionRow(treated, visit, covariate, level string) ([]float64, error) {
	const fn = "InteractionRow"
	if _, err := index(fn, "treated", treated, m.Arms); err != nil {
		return nil, err
	}
	if _, err := index(fn, "visit", visit, m.Visits[m.post:]); err != nil {
		return nil, err
	}
	k := slices.Index(m.names, armColumn(levelName(covariate, level), treated, m.Control, visit))
	if k < 0 {
		return nil, bad(fn, "covariate", -1, stats.ErrDomain, "the difference does not depend on %q", levelName(covariate, level))
	}
	row := make([]float64, len(m.at))
	row[k] = 1
	return m.kept(row), nil
}

// DifferenceInRow returns the contrast of coefficients that is the difference of
// treated from the control at a visit among those in one level of a category with
// ByArm, at the average of the other covariates. In a model with covariate × visit
// and covariate × arm × visit, without other covariates and with complete data, it is
// the difference that the participants of that level alone give.
func (m *VisitMeans) DifferenceInRow(treated, visit, covariate, level string) ([]float64, error) {
	const fn = "DifferenceInRow"
	t, c, err := m.pair(fn, treated, m.Control)
	if err != nil {
		return nil, err
	}
	v, err := index(fn, "visit", visit, m.Visits)
	if err != nil {
		return nil, err
	}
	row := minus(m.fullRow(t, v), m.fullRow(c, v))
	levels, known := m.levels[covariate], false
	for _, l := range levels {
		if known = known || l == level; m.post <= v {
			if k := slices.Index(m.names, armColumn(levelName(covariate, l), treated, m.Control, visit)); k >= 0 {
				row[k] = 0
				if l == level {
					row[k] = 1
				}
			}
		}
	}
	if !known {
		return nil, bad(fn, "level", -1, stats.ErrDomain, "%q is not among the levels %q of %q by which the difference varies", level, levels, covariate)
	}
	return m.kept(row), nil
}

// BaselineMean is the baseline at which the LS-means stand, where it is a covariate
// (MMRM, Change, LMM.Trial): its mean over the values analyzed. An LS-mean of values
// less this number is that of the changes, with the same standard error and degrees
// of freedom, as Model.Change estimates it. ok is false for CLDA, whose baseline is
// a response (see TrialFit.Change), and of a trial without baseline.
func (m *VisitMeans) BaselineMean() (mean float64, ok bool) {
	k := slices.IndexFunc(m.names, func(n string) bool { return n == BaselineVisit+", "+m.Visits[0] })
	if m.trial.Baseline == nil || m.post > 0 || k < 0 {
		return 0, false
	}
	return m.at[k], true
}

// LSMean is the mean of an arm at a visit that the model estimates for average
// covariates.
func (m *VisitMeans) LSMean(arm, visit string) (stats.Estimate, error) {
	row, err := m.named("LSMean", arm, visit)
	if err != nil {
		return stats.Estimate{}, err
	}
	return m.fit.Contrast(row), nil
}

// LSMeans returns the LS-mean of every arm at every visit, visits in order and
// arms within them.
func (m *VisitMeans) LSMeans() Cells {
	var out Cells
	for v, visit := range m.Visits {
		for a, arm := range m.Arms {
			out = append(out, Cell{Arm: arm, Visit: visit, Estimate: m.fit.Contrast(m.row(a, v))})
		}
	}
	return out
}

// Difference is the LS-mean of treated less that of control at a visit; any
// two arms may be compared.
func (m *VisitMeans) Difference(treated, control, visit string) (stats.Estimate, error) {
	const fn = "Difference"
	t, c, err := m.pair(fn, treated, control)
	if err != nil {
		return stats.Estimate{}, err
	}
	v, err := index(fn, "visit", visit, m.Visits)
	if err != nil {
		return stats.Estimate{}, err
	}
	return m.fit.Contrast(m.differenceRow(t, c, v)), nil
}

// Differences returns every other arm less the control at every visit after
// baseline.
func (m *VisitMeans) Differences() Cells {
	var out Cells
	arms, control := m.others()
	for v := m.post; v < len(m.Visits); v++ {
		for _, a := range arms {
			out = append(out, Cell{m.Arms[a], m.Control, m.Visits[v], m.fit.Contrast(m.differenceRow(a, control, v))})
		}
	}
	return out
}

// Average is the difference treated − control averaged with equal weights over
// the visits named, all after baseline if none is.
func (m *VisitMeans) Average(treated, control string, visits ...string) (stats.Estimate, error) {
	const fn = "Average"
	t, c, err := m.pair(fn, treated, control)
	if err != nil {
		return stats.Estimate{}, err
	}
	if len(visits) == 0 {
		visits = m.Visits[m.post:]
	}
	var sum []float64
	for _, name := range visits {
		v, err := index(fn, "visits", name, m.Visits)
		if err != nil {
			return stats.Estimate{}, err
		}
		row := m.differenceRow(t, c, v)
		if sum == nil {
			sum = make([]float64, len(row))
		}
		axpy(sum, 1/float64(len(visits)), row)
	}
	return m.fit.Contrast(sum), nil
}

// slopeRow is the slope of a line through an arm's LS-means after baseline.
func (m *VisitMeans) slopeRow(fn string, arm int) ([]float64, error) {
	t := m.trial.Times
	if len(t) < 2 {
		return nil, bad(fn, "Times", -1, stats.ErrTooFew, "a slope needs Trial.Times of at least two visits")
	}
	mean := 0.0
	for _, x := range t {
		mean += x / float64(len(t))
	}
	ss := 0.0
	for _, x := range t {
		ss += (x - mean) * (x - mean)
	}
	var sum []float64
	for i, x := range t {
		row := m.row(arm, m.post+i)
		if sum == nil {
			sum = make([]float64, len(row))
		}
		axpy(sum, (x-mean)/ss, row)
	}
	return sum, nil
}

// Slope is the change per unit of Trial.Times in an arm: the slope of the
// least-squares line through its LS-means after baseline. It needs the times
// of two visits (stats.ErrTooFew).
func (m *VisitMeans) Slope(arm string) (stats.Estimate, error) {
	const fn = "Slope"
	a, err := index(fn, "arm", arm, m.Arms)
	if err != nil {
		return stats.Estimate{}, err
	}
	row, err := m.slopeRow(fn, a)
	if err != nil {
		return stats.Estimate{}, err
	}
	return m.fit.Contrast(row), nil
}

// SlopeDifference is the slope of treated less that of control; see Slope.
func (m *VisitMeans) SlopeDifference(treated, control string) (stats.Estimate, error) {
	const fn = "SlopeDifference"
	t, c, err := m.pair(fn, treated, control)
	if err != nil {
		return stats.Estimate{}, err
	}
	a, err := m.slopeRow(fn, t)
	if err != nil {
		return stats.Estimate{}, err
	}
	b, err := m.slopeRow(fn, c)
	if err != nil {
		return stats.Estimate{}, err
	}
	return m.fit.Contrast(minus(a, b)), nil
}

// AnyDifference tests that no arm differs from the control at any visit after
// baseline.
func (m *VisitMeans) AnyDifference() (stats.FTest, error) {
	var l [][]float64
	arms, control := m.others()
	for _, a := range arms {
		for v := m.post; v < len(m.Visits); v++ {
			l = append(l, m.differenceRow(a, control, v))
		}
	}
	return m.joint("AnyDifference", l)
}

// Interaction tests that the arms' differences are the same at every visit
// after baseline (arm × visit).
func (m *VisitMeans) Interaction() (stats.FTest, error) {
	var l [][]float64
	arms, control := m.others()
	for _, a := range arms {
		for v := m.post + 1; v < len(m.Visits); v++ {
			l = append(l, minus(m.differenceRow(a, control, v), m.differenceRow(a, control, m.post)))
		}
	}
	return m.joint("Interaction", l)
}

func (m *VisitMeans) joint(fn string, l [][]float64) (stats.FTest, error) {
	if len(l) == 0 {
		return stats.FTest{}, bad(fn, "Arms", -1, stats.ErrTooFew, "%d arms and %d visits after baseline leave nothing to test", len(m.Arms), len(m.Visits)-m.post)
	}
	return m.fit.Joint(l)
}

// Change is an arm's LS-mean at a visit less the common baseline mean. Only
// CLDA estimates that mean; for changes by another model see Model.Change.
func (f *TrialFit) Change(arm, visit string) (stats.Estimate, error) {
	const fn = "Change"
	row, err := f.named(fn, arm, visit)
	if err != nil {
		return stats.Estimate{}, err
	}
	base, err := f.named(fn, arm, BaselineVisit)
	if !f.clda || err != nil {
		return stats.Estimate{}, bad(fn, "visit", -1, stats.ErrDomain, "only CLDA estimates the baseline mean: fit Model.Change for changes")
	}
	return f.Contrast(minus(row, base)), nil
}
