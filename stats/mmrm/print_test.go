package mmrm_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// results of every exported type: real ones, then zero values.
func allResults(t *testing.T) (real, zero []any) {
	t.Helper()
	fit, err := mmrm.Model{}.MMRM(pain())
	require.NoError(t, err)
	ar1, err := mmrm.Model{Covariance: mmrm.HeterogeneousAR1, DF: mmrm.Normal, Errors: mmrm.CR2, ByArm: true}.CLDA(pain())
	require.NoError(t, err)
	simple, err := mmrm.Model{Covariance: mmrm.HeterogeneousAR1}.MMRM(pain())
	require.NoError(t, err)
	lr, err := fit.CompareCovariance(simple.Fit)
	require.NoError(t, err)
	lmm, err := mmrm.LMM{Slope: true}.Trial(pain())
	require.NoError(t, err)
	real = []any{fit, *fit, fit.Fit, *fit.Fit, fit.VisitMeans, fit.Differences(), fit.Differences()[0], fit.LSMeans(), fit.LSMeans()[0],
		fit.Coefficients(), fit.Coefficients()[0], fit.Cov(), fit.Sigma(0), fit.SigmaSE(0), fit.Criteria(), fit.Residuals(), lr,
		ar1, ar1.Fit, ar1.Model, lmm, *lmm, lmm.LMMFit, *lmm.LMMFit, lmm.Model, lmm.Random, fit.Model}
	zero = []any{mmrm.TrialFit{}, &mmrm.TrialFit{}, mmrm.Fit{}, &mmrm.Fit{}, mmrm.VisitMeans{}, mmrm.Cells{}, mmrm.Cell{},
		stats.Matrix{}, mmrm.Criteria{}, mmrm.Residuals{}, mmrm.CovarianceTest{}, mmrm.LMMTrialFit{},
		&mmrm.LMMTrialFit{}, mmrm.LMMFit{}, &mmrm.LMMFit{}}
	return real, zero
}

func TestResultsPrint(t *testing.T) {
	t.Parallel()
	results, zero := allResults(t)
	for _, x := range results {
		s := fmt.Sprint(x)
		for _, bad := range []string{"0x", "{", "NaN", "Inf", "-0.0 ", "no result", "%!"} {
			assert.NotContains(t, s, bad, "%T", x)
		}
		assert.NotEmpty(t, s, "%T", x)
	}
	for _, x := range zero {
		assert.Equal(t, "no result", fmt.Sprint(x), "%T", x)
	}
}

func TestResultsMarshal(t *testing.T) {
	t.Parallel()
	results, zero := allResults(t)
	for _, x := range append(results, zero...) {
		b, err := json.Marshal(x)
		require.NoError(t, err, "%T", x)
		assert.NotEqual(t, "{}", string(b), "%T", x)
	}
	b, err := json.Marshal(results[0])
	require.NoError(t, err)
	var read struct {
		Analysis    string
		Model       struct{ Covariance, Method, DF, Errors string }
		Differences []struct {
			Arm, Control, Visit            string
			Estimate, SE, DF, Lower, Upper float64
		}
		LSMeans      []any `json:"ls_means"`
		Coefficients []struct {
			Name     string
			Estimate float64
		}
		Sigma      [][][]float64
		Covariance [][]float64
		NoBaseline []any `json:"no_baseline"`
	}
	require.NoError(t, json.Unmarshal(b, &read))
	fit := results[0].(*mmrm.TrialFit)
	assert.Equal(t, "MMRM", read.Analysis)
	assert.Equal(t, [4]string{"us", "REML", "kenward-roger", "model-based"}, [4]string{read.Model.Covariance, read.Model.Method, read.Model.DF, read.Model.Errors})
	require.Len(t, read.Differences, 3)
	d := read.Differences[2]
	want, err := fit.Difference("laser", "placebo", "week 8")
	require.NoError(t, err)
	assert.Equal(t, [3]string{"laser", "placebo", "week 8"}, [3]string{d.Arm, d.Control, d.Visit})
	assert.Equal(t, want, stats.Estimate{Value: d.Estimate, SE: d.SE, DF: d.DF})
	assert.Equal(t, want.CI(0.95), stats.Interval{Lo: d.Lower, Hi: d.Upper, Level: 0.95})
	assert.Len(t, read.LSMeans, 6)
	assert.Equal(t, fit.Columns[0], read.Coefficients[0].Name)
	assert.Equal(t, [][]float64(fit.Sigma(0)), read.Sigma[0])
	assert.Equal(t, [][]float64(fit.Cov()), read.Covariance)
	assert.Empty(t, read.NoBaseline)
}

// Unknown labels are data: the error says which there are, alike for every
// model and question.
func TestUnknownLabelsNameTheKnown(t *testing.T) {
	t.Parallel()
	fit, err := mmrm.Model{}.MMRM(pain())
	require.NoError(t, err)
	clda, err := mmrm.Model{}.CLDA(pain())
	require.NoError(t, err)
	lmm, err := mmrm.LMM{}.Trial(pain())
	require.NoError(t, err)
	type means interface {
		Difference(treated, control, visit string) (stats.Estimate, error)
		LSMean(arm, visit string) (stats.Estimate, error)
		LSMeanRow(arm, visit string) ([]float64, error)
		Average(treated, control string, visits ...string) (stats.Estimate, error)
		Slope(arm string) (stats.Estimate, error)
		SlopeDifference(treated, control string) (stats.Estimate, error)
	}
	for name, m := range map[string]means{"MMRM": fit, "CLDA": clda, "LMM": lmm} {
		for _, f := range []func(arm, visit string) error{
			func(a, v string) error { _, err := m.Difference(a, "placebo", v); return err },
			func(a, v string) error { _, err := m.Difference("placebo", a, v); return err },
			func(a, v string) error { _, err := m.LSMean(a, v); return err },
			func(a, v string) error { _, err := m.LSMeanRow(a, v); return err },
			func(a, v string) error { _, err := m.Average(a, "placebo", "week 2", v); return err },
			func(a, _ string) error { _, err := m.Slope(a); return err },
			func(a, _ string) error { _, err := m.SlopeDifference(a, "placebo"); return err },
			func(a, v string) error { _, err := clda.Change(a, v); return err },
		} {
			assert.NoError(t, f("laser", "week 8"), name)
			err := f("Laser", "week 8")
			require.ErrorIs(t, err, stats.ErrDomain, name)
			assert.Contains(t, err.Error(), `"Laser" is not among ["placebo" "laser"]`)
			if err := f("laser", "week 9"); err != nil { // slopes have no visit
				require.ErrorIs(t, err, stats.ErrDomain, name)
				assert.Contains(t, err.Error(), `"week 9" is not among`)
				assert.Contains(t, err.Error(), `"week 2" "week 4" "week 8"]`)
			}
		}
		_, err := m.Difference("laser", "laser", "week 8")
		assert.ErrorIs(t, err, stats.ErrDomain, name)
	}
	_, err = fit.Change("laser", "week 8")
	assert.ErrorIs(t, err, stats.ErrDomain)
	_, err = fit.Coefficient("site")
	require.ErrorIs(t, err, stats.ErrDomain)
	assert.Contains(t, err.Error(), `"visit week 2"`)
	_, err = (&mmrm.TrialFit{}).Difference("a", "b", "c")
	assert.ErrorIs(t, err, stats.ErrDomain)

	twice := pain()
	twice.Visits = []string{"week 2", "week 4", "week 2"}
	_, err = mmrm.Model{}.MMRM(twice)
	assert.ErrorIs(t, err, stats.ErrDomain)
	first := pain()
	first.Visits = []string{"baseline", "week 4", "week 8"}
	_, err = mmrm.Model{}.CLDA(first)
	assert.ErrorIs(t, err, stats.ErrDomain, "a visit is not to be taken for the baseline")
}

// A choice that does not exist is a programmer's mistake, named with its function.
func TestUnknownChoicesPanic(t *testing.T) {
	t.Parallel()
	for says, f := range map[string]func(){
		"mmrm.Model.Fit: no Covariance(99)": func() { _, _ = mmrm.Model{Covariance: 99}.MMRM(pain()) },
		"mmrm.Model.Fit: no DF(99)":         func() { _, _ = mmrm.Model{DF: 99}.MMRM(pain()) },
		"mmrm.Model.Fit: no Method(7)":      func() { _, _ = mmrm.Model{Method: 7}.MMRM(pain()) },
		"mmrm.Model.Fit: no Errors(9)":      func() { _, _ = mmrm.Model{Errors: 9}.MMRM(pain()) },
		"mmrm.LMM.Fit: no Method(7)":        func() { _, _ = mmrm.LMM{Method: 7}.Trial(pain()) },
	} {
		assert.PanicsWithValue(t, says, f)
	}
}
