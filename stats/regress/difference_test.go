package regress_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
)

// Difference(treated, control) is one word for one thing in every model: with one
// category and complete data all models have the same difference of means, here
// 9 − 5 = 4 by hand, and 20 − 9 = 11.
func TestDifferenceIsOneWord(t *testing.T) {
	t.Parallel()
	arm := []string{"c", "c", "c", "t", "t", "t", "u", "u", "u"}
	y := []float64{4, 5, 6, 7, 9, 11, 19, 20, 21}
	ancova, err := regress.ANCOVA(regress.ANCOVAData{Y: y, Arm: arm, Control: "c"})
	require.NoError(t, err)
	linear, err := regress.Linear(y, regress.Category("arm", arm, "c"))
	require.NoError(t, err)
	robust, err := linear.Robust()
	require.NoError(t, err)
	marginal, err := linear.Marginal("arm")
	require.NoError(t, err)
	type differ interface {
		Difference(treated, control string) (stats.Estimate, error)
	}
	for name, f := range map[string]differ{"ANCOVA": ancova, "linear": linear, "robust": robust, "marginal": marginal} {
		for _, c := range []struct {
			treated, control string
			want             float64
		}{{"t", "c", 4}, {"c", "t", -4}, {"u", "t", 11}} {
			e, err := f.Difference(c.treated, c.control)
			require.NoError(t, err, name)
			assert.InDelta(t, c.want, e.Value, 1e-13, name)
			assert.Positive(t, e.SE, name)
		}
		for _, pair := range [][2]string{{"x", "c"}, {"t", "x"}, {"t", "t"}, {"", "c"}} {
			_, err := f.Difference(pair[0], pair[1])
			require.ErrorIs(t, err, stats.ErrDomain, "%s %q", name, pair)
			if pair[0] != pair[1] {
				assert.Contains(t, err.Error(), `["c" "t" "u"]`, "%s %q", name, pair)
			}
			assert.Contains(t, err.Error(), "regress.", name)
		}
	}
	// The pooled variance is (1 + 4 + 1)/3 = 2: SE² = 2·2/3, with 6 df.
	e, err := linear.Difference("t", "c")
	require.NoError(t, err)
	assert.InDelta(t, 4.0/3, e.SE*e.SE, 1e-13)
	assert.Equal(t, 6.0, e.DF)

	_, err = ancova.LSMean("x")
	require.ErrorIs(t, err, stats.ErrDomain)
	assert.Contains(t, err.Error(), `"x" is not among ["c" "t" "u"]`)
	_, err = marginal.Mean("x")
	assert.ErrorIs(t, err, stats.ErrDomain)
	_, err = marginal.Ratio("x", "c")
	assert.ErrorIs(t, err, stats.ErrDomain)
}

// Levels that two categories share do not say which is meant.
func TestDifferenceOfSharedLevels(t *testing.T) {
	t.Parallel()
	a := []string{"no", "no", "no", "no", "yes", "yes", "yes", "yes"}
	b := []string{"no", "yes", "no", "yes", "no", "yes", "no", "yes"}
	m, err := regress.Linear([]float64{1, 2, 3, 4, 6, 5, 8, 9}, regress.Category("treated", a, "no"), regress.Category("smoker", b, "no"))
	require.NoError(t, err)
	_, err = m.Difference("yes", "no")
	require.ErrorIs(t, err, stats.ErrDomain)
	assert.Contains(t, err.Error(), `treated ["no" "yes"], smoker ["no" "yes"]`)
	means := m.LSMeans("treated")
	assert.InDelta(t, 4.5, m.Compare(means[1], means[0]).Value, 1e-13, "(6+5+8+9)/4 − (1+2+3+4)/4")
}
