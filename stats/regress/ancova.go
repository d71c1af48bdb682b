package regress

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
)

// ANCOVAData is a randomized comparison at one visit: one element per
// participant in every slice.
type ANCOVAData struct {
	Arm     []string // arm of each participant
	Control string   // the arm that others are compared with
	Y       []float64
	// Baseline is the outcome's value before treatment; nil where there is none,
	// which leaves an analysis of variance with covariates.
	Baseline []float64
	// Covariates are further terms, such as the stratification factors.
	Covariates []Term
}

// ANCOVAFit answers questions about a fitted analysis of covariance.
type ANCOVAFit struct {
	m                 *Fit
	arms              []string // control first
	counts            map[string]int
	armName, baseName string
}

// ANCOVA compares follow-up values between arms adjusted for baseline, in one
// linear model over all arms:
//
//	Y = α + β·Baseline + τ(arm) + covariates + ε
//
// The arms' differences τ are estimated under randomization whatever the true
// relation to baseline; intervals and p-values are exact for independent
// normal errors of one variance and one slope in all arms, and approximate
// otherwise. With the outcome's change in place of Y the differences are the
// same. Without Baseline its term is left out.
//
// It works from two arms and n = p + 1 participants on (5 against 5 leaves 7
// degrees of freedom). Where the levels of a covariate determine one of several
// arms, the others are answered and that one's Difference is NaN (see
// Estimate.Estimable). It refuses fewer (ErrTooFew), a control that is not
// among the arms (ErrDomain), a constant baseline or covariates that
// determine each other or all arms (ErrSingular, naming the term), and an outcome without
// residual variation (ErrNoVariation).
//
// Source: ICH E9 (1998) section 5.7; EMA guideline on adjustment for baseline
// covariates (2015); Vickers & Altman 2001, doi:10.1136/bmj.323.7321.1123.
// Agrees with R's lm(y ~ baseline + arm) and, for LSMean, emmeans.
func ANCOVA(data ANCOVAData) (*ANCOVAFit, error) { return ancova("ANCOVA", data, false) }

// ancova fits the model, with a slope for each arm if slopes.
func ancova(fn string, data ANCOVAData, slopes bool) (*ANCOVAFit, error) {
	n := len(data.Y)
	if err := check.Sample(fn, "Y", data.Y, 2); err != nil {
		return nil, err
	}
	if len(data.Arm) != n {
		return nil, &stats.SampleError{Func: fn, Arg: "Arm", Index: -1, Err: stats.ErrLength,
			Info: fmt.Sprintf("%d arms, %d outcomes", len(data.Arm), n)}
	}
	counts := map[string]int{}
	for _, a := range data.Arm {
		counts[a]++
	}
	if counts[data.Control] == 0 {
		return nil, &stats.SampleError{Func: fn, Arg: "Control", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("no participant in arm %q", data.Control)}
	}
	if len(counts) < 2 {
		return nil, &stats.SampleError{Func: fn, Arg: "Arm", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("only arm %q has participants", data.Control)}
	}
	// The arm comes last, so that a covariate is never named for what the
	// arms determine.
	baseName, armName := "baseline", "arm"
	for _, t := range data.Covariates {
		if t.find(baseName) >= 0 {
			baseName = "(baseline)"
		}
		if t.find(armName) >= 0 {
			armName = "(arm)"
		}
	}
	var terms []Term
	if data.Baseline != nil {
		terms = append(terms, Numeric(baseName, data.Baseline))
	}
	terms = append(terms, data.Covariates...)
	arm := Category(armName, data.Arm, data.Control)
	terms = append(terms, arm)
	if slopes {
		terms = append(terms, Interaction(arm, terms[0]))
	}
	m, err := fitLinear(fn, data.Y, terms, LinearOptions{})
	if err != nil {
		return nil, err
	}
	f := &ANCOVAFit{m: m, counts: counts, armName: armName, baseName: baseName}
	for a := range counts {
		if a != data.Control {
			f.arms = append(f.arms, a)
		}
	}
	sort.Strings(f.arms)
	f.arms = append([]string{data.Control}, f.arms...)
	return f, nil
}

// Arms returns the arms, control first, the others sorted.
func (f *ANCOVAFit) Arms() []string { return append([]string(nil), f.arms...) }

// N returns the number of participants of an arm.
func (f *ANCOVAFit) N(arm string) int { return f.counts[arm] }

// mark adds k at the column of an arm; the control has none.
func (f *ANCOVAFit) mark(l []float64, arm string, k float64) {
	if arm == f.arms[0] {
		return
	}
	for j, name := range f.m.d.names {
		if name == f.armName+arm && f.m.d.terms[f.m.d.assign[j]].Name() == f.armName {
			l[j] += k
		}
	}
}

// LSMean returns the adjusted mean of an arm: at the mean baseline and mean of
// numeric covariates over all participants, the levels of categories weighing
// equally. An arm that the trial does not have is refused (stats.ErrDomain, listing
// those it has).
func (f *ANCOVAFit) LSMean(arm string) (stats.Estimate, error) {
	return f.LSMeanWith(arm, LSMeansOptions{})
}

// LSMeanWith is LSMean with other weights for the levels of categories, or at other
// values of numbers.
func (f *ANCOVAFit) LSMeanWith(arm string, opts LSMeansOptions) (stats.Estimate, error) {
	if _, err := place("ANCOVAFit.LSMean", "arm", arm, f.arms); err != nil {
		return stats.Estimate{}, err
	}
	return f.lsMean(arm, opts), nil
}

// lsMean is that of an arm known to be there.
func (f *ANCOVAFit) lsMean(arm string, opts LSMeansOptions) stats.Estimate {
	return f.m.lsMeanAt(map[string]string{f.armName: arm}, opts)
}

// MeanRow returns the contrast of the Model's coefficients that is an arm's LSMean, so that
// sums and differences of means can be asked of it. An arm that the trial does not have is
// refused (stats.ErrDomain).
func (f *ANCOVAFit) MeanRow(arm string) ([]float64, error) {
	if _, err := place("ANCOVAFit.MeanRow", "arm", arm, f.arms); err != nil {
		return nil, err
	}
	return f.m.lsMeanRow(map[string]string{f.armName: arm}, LSMeansOptions{}), nil
}

// Slope returns the slope on baseline, one for all arms. It panics for data
// without a baseline.
func (f *ANCOVAFit) Slope() stats.Estimate { return f.m.Coefficient(f.baseName) }

// ResidualSD returns the residual standard deviation.
func (f *ANCOVAFit) ResidualSD() float64 { return f.m.Sigma() }

// DF returns the residual degrees of freedom.
func (f *ANCOVAFit) DF() float64 { return f.m.DF() }

// Robust returns the fit with the heteroscedasticity-consistent errors of
// Fit.Robust (HC3) and the residual degrees of freedom: its answers stay
// approximately valid where the residual variance differs between arms or with
// baseline. It refuses what Fit.Robust refuses.
// Source: MacKinnon & White 1985, doi:10.1016/0304-4076(85)90158-7; Long & Ervin
// 2000, doi:10.1080/00031305.2000.10474549. Agrees with R's sandwich::vcovHC(fit,
// type = "HC3").
func (f *ANCOVAFit) Robust() (*ANCOVAFit, error) {
	m, err := f.m.Robust()
	if err != nil {
		return nil, err
	}
	out := *f
	out.m = m
	return &out, nil
}

// VersusControl returns the differences of all other arms from the control with
// intervals that hold together (Dunnett); see Fit.VersusControl for what it
// costs and refuses.
func (f *ANCOVAFit) VersusControl() (Comparisons, error) {
	return f.m.VersusControl(f.armName, f.arms[0])
}

// Model returns the underlying linear model; its terms are called
// "baseline", the covariates' names, and "arm".
func (f *ANCOVAFit) Model() *Fit { return f.m }

// ANCOVASlopesFit answers how the arms' differences depend on baseline.
type ANCOVASlopesFit struct{ f *ANCOVAFit }

// ANCOVASlopes fits the analysis of covariance with a slope on baseline for
// each arm, in one linear model over all arms:
//
//	Y = α + β·Baseline + τ(arm) + γ(arm)·Baseline + covariates + ε
//
// γ is how an arm's difference from control changes with a unit of baseline, and
// is estimated under randomization. That it differs from 0 need not mean that the
// treatment works differently in other patients: the end of a scale does the same.
// Intervals and p-values are exact for independent normal errors of one variance,
// and approximate otherwise.
//
// It refuses what ANCOVA refuses, and data without a baseline (ErrDomain). An arm
// whose participants have one baseline has no slope: what depends on it is NaN
// (see stats.Estimate.Estimable).
//
// Source: Pocock et al. 2002, doi:10.1002/sim.1296 (tests of interaction). Agrees
// with R's lm(y ~ arm * baseline) and, for DifferenceAt, emmeans with at.
func ANCOVASlopes(data ANCOVAData) (*ANCOVASlopesFit, error) {
	if data.Baseline == nil {
		return nil, &stats.SampleError{Func: "ANCOVASlopes", Arg: "Baseline", Index: -1, Err: stats.ErrDomain, Info: "none"}
	}
	f, err := ancova("ANCOVASlopes", data, true)
	if err != nil {
		return nil, err
	}
	return &ANCOVASlopesFit{f}, nil
}

// Robust is the fit with the errors of Fit.Robust (HC3), which it refuses as that
// does.
func (s *ANCOVASlopesFit) Robust() (*ANCOVASlopesFit, error) {
	f, err := s.f.Robust()
	if err != nil {
		return nil, err
	}
	return &ANCOVASlopesFit{f}, nil
}

// Test is the F test that all arms have one slope; F is NaN where an arm has none.
func (s *ANCOVASlopesFit) Test() stats.FTest {
	var rows [][]float64
	for _, a := range s.f.arms[1:] {
		rows = append(rows, s.slopeRow(a))
	}
	return s.f.m.Joint(rows)
}

// Slope is an arm's slope on baseline minus the control's. An arm that the trial
// does not have, and the control, are refused (stats.ErrDomain).
func (s *ANCOVASlopesFit) Slope(arm string) (stats.Estimate, error) {
	if _, err := place("ANCOVASlopesFit.Slope", "arm", arm, s.f.arms[1:]); err != nil {
		return stats.Estimate{}, err
	}
	return s.f.m.Contrast(s.slopeRow(arm)), nil
}

// DifferenceAt is an arm's difference from control among participants of a
// baseline. An arm that the trial does not have, the control, and a baseline that is
// not a number are refused (stats.ErrDomain).
func (s *ANCOVASlopesFit) DifferenceAt(arm string, baseline float64) (stats.Estimate, error) {
	const fn = "ANCOVASlopesFit.DifferenceAt"
	if _, err := place(fn, "arm", arm, s.f.arms[1:]); err != nil {
		return stats.Estimate{}, err
	}
	if math.IsNaN(baseline) || math.IsInf(baseline, 0) {
		return stats.Estimate{}, &stats.SampleError{Func: fn, Arg: "baseline", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprint(baseline)}
	}
	return s.f.m.Contrast(s.row(arm, baseline)), nil
}

// row is the contrast that is an arm's difference from control at a baseline.
func (s *ANCOVASlopesFit) row(arm string, baseline float64) []float64 {
	at := LSMeansOptions{At: map[string]float64{s.f.baseName: baseline}}
	l := s.f.m.lsMeanRow(map[string]string{s.f.armName: arm}, at)
	for j, x := range s.f.m.lsMeanRow(map[string]string{s.f.armName: s.f.arms[0]}, at) {
		l[j] -= x
	}
	return l
}

// slopeRow is what a unit of baseline adds to the difference.
func (s *ANCOVASlopesFit) slopeRow(arm string) []float64 {
	l := s.row(arm, 1)
	for j, x := range s.row(arm, 0) {
		l[j] -= x
	}
	return l
}

// This file finds the arms that a question names. What a fit does not have is a
// matter of data: the error lists what it has.

func unknown(fn, arg, format string, a ...any) error {
	return &stats.SampleError{Func: "regress." + fn, Arg: arg, Index: -1, Err: stats.ErrDomain, Info: fmt.Sprintf(format, a...)}
}

// place finds a label among those known.
func place(fn, arg, name string, known []string) (int, error) {
	if i := slices.Index(known, name); i >= 0 {
		return i, nil
	}
	return 0, unknown(fn, arg, "%q is not among %q", name, known)
}

// places finds two labels to compare.
func places(fn, treated, control string, known []string) (t, c int, err error) {
	if t, err = place(fn, "treated", treated, known); err != nil {
		return 0, 0, err
	}
	if c, err = place(fn, "control", control, known); err != nil {
		return 0, 0, err
	}
	if t == c {
		return 0, 0, unknown(fn, "control", "%q compared with itself", control)
	}
	return t, c, nil
}

// Difference returns the mean difference treated − control between two levels of
// a category of the model, such as its arms: numbers at their mean, the levels of
// other categories weighing equally (the difference of two LSMeans). Labels that
// no category has both of, or more than one, are refused (stats.ErrDomain, listing
// the categories): Compare takes means instead. Agrees with R's
// pairs(emmeans(fit, ~ arm)).
func (m *Fit) Difference(treated, control string) (stats.Estimate, error) {
	l, err := m.differenceRow("Fit.Difference", treated, control)
	if err != nil {
		return stats.Estimate{}, err
	}
	return m.Contrast(l), nil
}

func (m *Fit) differenceRow(fn, treated, control string) ([]float64, error) {
	if treated == control {
		return nil, unknown(fn, "control", "%q compared with itself", control)
	}
	var found, all []string
	for _, v := range m.d.variables() {
		if !v.category() {
			continue
		}
		all = append(all, fmt.Sprintf("%s %q", v.name, v.levels))
		if v.level(treated) >= 0 && v.level(control) >= 0 {
			found = append(found, v.name)
		}
	}
	if len(found) != 1 {
		return nil, unknown(fn, "treated", "%q and %q are both levels of %d categories; there are %s", treated, control, len(found), strings.Join(all, ", "))
	}
	a := m.lsMeanRow(map[string]string{found[0]: treated}, LSMeansOptions{})
	for j, x := range m.lsMeanRow(map[string]string{found[0]: control}, LSMeansOptions{}) {
		a[j] -= x
	}
	return a, nil
}

// Compare returns the difference a − b of two least squares means of m.
func (m *Fit) Compare(a, b LSMean) stats.Estimate {
	l := make([]float64, len(a.l))
	for i := range l {
		l[i] = a.l[i] - b.l[i]
	}
	return m.Contrast(l)
}

// Difference returns the adjusted mean difference treated − control of any two
// arms; one that the trial does not have is refused (stats.ErrDomain, listing
// those it has).
func (f *ANCOVAFit) Difference(treated, control string) (stats.Estimate, error) {
	if _, _, err := places("ANCOVAFit.Difference", treated, control, f.arms); err != nil {
		return stats.Estimate{}, err
	}
	return f.difference(treated, control), nil
}

// difference is that of arms known to be there.
func (f *ANCOVAFit) difference(treated, control string) stats.Estimate {
	l := make([]float64, len(f.m.d.names))
	f.mark(l, treated, 1)
	f.mark(l, control, -1)
	return f.m.Contrast(l)
}

// Difference returns the mean difference treated − control between two levels of
// a between factor at the given levels of within factors (nil: averaged over
// all), other between factors weighing equally. Labels that no between factor, or
// more than one, has both of, and unknown levels of within factors, are refused
// (stats.ErrDomain). SE is NaN where LSMeans has none.
func (f *RepeatedFit) Difference(treated, control string, at map[string]string) (stats.Estimate, error) {
	for name, l := range at {
		var levels []string
		for i := range f.within {
			if f.within[i].name == name {
				levels = f.within[i].levels
			}
		}
		if _, err := place("RepeatedFit.Difference", "at["+name+"]", l, levels); err != nil {
			return stats.Estimate{}, err
		}
	}
	m := f.at(at)
	l, err := m.differenceRow("RepeatedFit.Difference", treated, control)
	if err != nil {
		return stats.Estimate{}, err
	}
	return m.Contrast(l), nil
}

// Difference returns the difference treated − control of standardized means (the
// marginal risk difference), with a normal pivot; a level that the category does
// not have is refused (stats.ErrDomain, listing those it has).
func (g *Marginal) Difference(treated, control string) (stats.Estimate, error) {
	i, j, err := places("Marginal.Difference", treated, control, g.Levels)
	if err != nil {
		return stats.Estimate{}, err
	}
	return g.difference(i, j), nil
}

// Trend estimates how the adjusted mean changes from arm to arm along a dose: with the
// arms' scores x (a dose, or 0, 1, 2 … for arms in an order), the slope
//
//	Σ(xᵢ − x̄)μᵢ / Σ(xᵢ − x̄)²
//
// of the arms' adjusted means μ over their scores, per unit of the score, on the
// residual degrees of freedom. One contrast declared beforehand, which looks for a
// straight rise or fall: an effect that is largest in the middle escapes it. Exact for
// independent normal errors of one variance. With two arms it is their difference over
// that of their scores.
//
// Arms without a score are left out. It refuses fewer than two scores and an arm twice
// (ErrTooFew, ErrDomain), an arm that the trial does not have (ErrDomain, listing those it
// has), scores that are not finite (ErrNotFinite) or all the same (ErrNoVariation).
// Source: Abelson & Tukey 1963, Ann Math Stat 34:1347. Agrees with R's emmeans
// contrast() with these coefficients.
func (f *ANCOVAFit) Trend(arms []string, scores []float64) (stats.Estimate, error) {
	const fn = "ANCOVAFit.Trend"
	bad := func(arg string, index int, err error, info string) (stats.Estimate, error) {
		return stats.Estimate{}, &stats.SampleError{Func: fn, Arg: arg, Index: index, Err: err, Info: info}
	}
	switch {
	case len(arms) != len(scores):
		return bad("scores", -1, stats.ErrLength, fmt.Sprintf("%d scores, %d arms", len(scores), len(arms)))
	case len(arms) < 2:
		return bad("arms", -1, stats.ErrTooFew, fmt.Sprintf("%d arms, need 2", len(arms)))
	}
	mean, seen := 0.0, map[string]bool{}
	for i, a := range arms {
		if _, err := place(fn, "arms", a, f.arms); err != nil {
			return stats.Estimate{}, err
		}
		if seen[a] {
			return bad("arms", i, stats.ErrDomain, fmt.Sprintf("%q stands twice", a))
		}
		seen[a] = true
		if math.IsNaN(scores[i]) || math.IsInf(scores[i], 0) {
			return bad("scores", i, stats.ErrNotFinite, fmt.Sprint(scores[i]))
		}
		mean += scores[i] / float64(len(arms))
	}
	ss := 0.0
	for _, x := range scores {
		ss += (x - mean) * (x - mean)
	}
	if !(ss > 0) || math.IsInf(ss, 1) {
		return bad("scores", -1, stats.ErrNoVariation, "all the same, or too far apart")
	}
	l := make([]float64, len(f.m.d.names))
	for i, a := range arms {
		f.mark(l, a, (scores[i]-mean)/ss)
	}
	return f.m.Contrast(l), nil
}
