package regress_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
)

func doseTrial(r *rand.Rand, slope float64) regress.ANCOVAData {
	d := regress.ANCOVAData{Control: "placebo"}
	for i := range 48 {
		k := i % 4
		base := math.Round(60 + 8*r.NormFloat64())
		d.Arm = append(d.Arm, []string{"placebo", "5 J", "10 J", "20 J"}[k])
		d.Baseline = append(d.Baseline, base)
		d.Y = append(d.Y, math.Round(0.5*base+slope*[]float64{0, 5, 10, 20}[k]+6*r.NormFloat64()))
	}
	return d
}

// The slope of the adjusted means over the doses, by least squares of the four means;
// doses turned turn the sign, their origin does not matter and their unit divides.
func TestTrend(t *testing.T) {
	t.Parallel()
	f, err := regress.ANCOVA(doseTrial(rand.New(rand.NewPCG(61, 1)), -0.4))
	require.NoError(t, err)
	arms, dose := []string{"placebo", "5 J", "10 J", "20 J"}, []float64{0, 5, 10, 20}
	e, err := f.Trend(arms, dose)
	require.NoError(t, err)
	var num, den float64
	for i, a := range arms {
		m, err := f.LSMean(a)
		require.NoError(t, err)
		num, den = num+(dose[i]-8.75)*m.Value, den+(dose[i]-8.75)*(dose[i]-8.75)
	}
	assert.InDelta(t, num/den, e.Value, 1e-12)
	assert.Equal(t, f.DF(), e.DF)
	moved, err := f.Trend(arms, []float64{2018, 2018 - 2.5, 2018 - 5, 2018 - 10})
	require.NoError(t, err)
	assert.InDelta(t, -2*e.Value, moved.Value, 1e-10)
	assert.InDelta(t, 2*e.SE, moved.SE, 1e-10)
	back, err := f.Trend([]string{"20 J", "placebo", "10 J", "5 J"}, []float64{20, 0, 10, 5})
	require.NoError(t, err)
	assert.InDelta(t, e.SE, back.SE, 1e-13)
	two, err := f.Trend([]string{"placebo", "10 J"}, []float64{0, 10})
	require.NoError(t, err)
	d, err := f.Difference("10 J", "placebo")
	require.NoError(t, err)
	assert.InDelta(t, d.Value/10, two.Value, 1e-13)
	assert.InDelta(t, d.SE/10, two.SE, 1e-13)
}

// Without a baseline the standard error is that of a combination of independent means.
func TestTrendOfPlainMeans(t *testing.T) {
	d := doseTrial(rand.New(rand.NewPCG(62, 1)), 0)
	d.Baseline = nil
	f, err := regress.ANCOVA(d)
	require.NoError(t, err)
	e, err := f.Trend([]string{"placebo", "5 J", "10 J", "20 J"}, []float64{0, 1, 2, 3})
	require.NoError(t, err)
	assert.InDelta(t, f.ResidualSD()*math.Sqrt(5.0/12/25), e.SE, 1e-12, "Σ(x − x̄)² is 5, n 12 an arm")
}

func TestTrendRefuses(t *testing.T) {
	f, err := regress.ANCOVA(doseTrial(rand.New(rand.NewPCG(61, 1)), 0))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		arms   []string
		scores []float64
		want   error
	}{
		"one":     {[]string{"placebo"}, []float64{0}, stats.ErrTooFew},
		"lengths": {[]string{"placebo", "5 J"}, []float64{0}, stats.ErrLength},
		"unknown": {[]string{"placebo", "7 J"}, []float64{0, 1}, stats.ErrDomain},
		"twice":   {[]string{"placebo", "placebo"}, []float64{0, 1}, stats.ErrDomain},
		"equal":   {[]string{"placebo", "5 J"}, []float64{1, 1}, stats.ErrNoVariation},
		"NaN":     {[]string{"placebo", "5 J"}, []float64{1, math.NaN()}, stats.ErrNotFinite},
	} {
		_, err := f.Trend(c.arms, c.scores)
		assert.ErrorIs(t, err, c.want, name)
	}
}

func ExampleANCOVAFit_Trend() {
	f, err := regress.ANCOVA(regress.ANCOVAData{Control: "0",
		Arm: []string{"0", "0", "0", "4", "4", "4", "8", "8", "8"},
		Y:   []float64{52, 47, 50, 44, 49, 45, 41, 38, 43}})
	if err != nil {
		panic(err)
	}
	e, _ := f.Trend([]string{"0", "4", "8"}, []float64{0, 4, 8})
	fmt.Println("mm per J/cm²:", e)
	// Output:
	// mm per J/cm²: -1.12 (95% CI -1.76 to -0.49; p = 0.0051; t, 6 df)
}
