package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
)

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
