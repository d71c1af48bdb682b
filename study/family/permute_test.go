package family_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
	"github.com/trialkit/trialkit/study/family"
)

func endpoint(name string, ids []string, arm []string, y []float64) family.Endpoint {
	return family.Endpoint{Name: name, Participant: ids, Arm: arm, Block: make([]string, len(ids)), Y: y}
}

// Six participants have C(6, 3) = 20 arrangements, of which the two with all large values
// in one arm have the largest |t| of each endpoint: p is 2/20 of both, whatever else.
func TestPermuteByHand(t *testing.T) {
	ids, arm := []string{"1", "2", "3", "4", "5", "6"}, []string{"a", "a", "a", "c", "c", "c"}
	x, y := endpoint("x", ids, arm, []float64{7, 8, 9, 1, 2, 3}), endpoint("y", ids, arm, []float64{5, 6, 9, 1, 3, 4})
	for _, statistic := range []resample.PermStatistic{resample.PermMean, resample.PermStudentized} {
		r, err := family.Permute(context.Background(), []family.Endpoint{x, y}, "a", "c", resample.WYOptions{Statistic: statistic})
		require.NoError(t, err)
		assert.Equal(t, 20.0, r.Arrangements)
		for _, e := range r.Tests {
			assert.InDelta(t, 0.1, e.PStepMaxT(), 1e-12, e.Name)
		}
	}
	// The order of participants within an endpoint is no part of it.
	turned := endpoint("y", []string{"6", "5", "4", "3", "2", "1"}, []string{"c", "c", "c", "a", "a", "a"}, []float64{4, 3, 1, 9, 6, 5})
	r, err := family.Permute(context.Background(), []family.Endpoint{x, turned}, "a", "c", resample.WYOptions{Statistic: resample.PermMean})
	require.NoError(t, err)
	assert.InDelta(t, 0.1, r.Tests[1].PStepMaxT(), 1e-12)
}

// What the covariates explain is taken out with both arms together: the t is that of the
// residuals, by the closed form of one covariate.
func TestPermuteResiduals(t *testing.T) {
	ids, arm := []string{"1", "2", "3", "4", "5", "6"}, []string{"a", "c", "a", "c", "a", "c"}
	z, y := []float64{1, 2, 3, 4, 5, 7}, []float64{3, 1, 6, 4, 9, 5}
	e := endpoint("y", ids, arm, y)
	e.Beside = []regress.Term{regress.Numeric("z", z)}
	r, err := family.Permute(context.Background(), []family.Endpoint{e}, "a", "c", resample.WYOptions{Statistic: resample.PermMean})
	require.NoError(t, err)
	var mz, my, sxy, sxx float64
	for i := range z {
		mz, my = mz+z[i]/6, my+y[i]/6
	}
	for i := range z {
		sxy, sxx = sxy+(z[i]-mz)*(y[i]-my), sxx+(z[i]-mz)*(z[i]-mz)
	}
	var m, q [2]float64
	for i := range z {
		v := y[i] - my - sxy/sxx*(z[i]-mz)
		m[i%2], q[i%2] = m[i%2]+v/3, q[i%2]+v*v
	}
	pooled := (q[0] - 3*m[0]*m[0] + q[1] - 3*m[1]*m[1]) / 4
	assert.InDelta(t, (m[0]-m[1])/math.Sqrt(pooled*2/3), r.Tests[0].T, 1e-12)
	assert.InDelta(t, m[0]-m[1], r.Tests[0].Difference, 1e-12)
}

func TestPermuteRefused(t *testing.T) {
	ids, arm := []string{"1", "2", "3", "4", "5", "6"}, []string{"a", "a", "a", "c", "c", "c"}
	x := endpoint("x", ids, arm, []float64{7, 8, 9, 1, 2, 3})
	for name, c := range map[string]struct {
		change func(*family.Endpoint)
		why    error
	}{
		"another arm":     {func(e *family.Endpoint) { e.Arm = []string{"c", "a", "a", "c", "c", "a"} }, stats.ErrDomain},
		"another stratum": {func(e *family.Endpoint) { e.Block = []string{"", "s", "", "", "", ""} }, stats.ErrDomain},
		"one arm":         {func(e *family.Endpoint) { e.Participant, e.Arm, e.Y = ids[:3], arm[:3], e.Y[:3] }, stats.ErrTooFew},
		"NaN":             {func(e *family.Endpoint) { e.Y = []float64{7, 8, math.NaN(), 1, 2, 3} }, stats.ErrNotFinite},
		"a covariate of another length": {func(e *family.Endpoint) {
			e.Beside = []regress.Term{regress.Numeric("z", []float64{1, 2})}
		}, stats.ErrLength},
		"as many covariates as participants": {func(e *family.Endpoint) {
			for k := range 6 {
				z := make([]float64, 6)
				z[k] = 1
				e.Beside = append(e.Beside, regress.Numeric(fmt.Sprint("z", k), z))
			}
		}, nil},
	} {
		y := endpoint("y", ids, arm, []float64{5, 6, 9, 1, 3, 4})
		c.change(&y)
		_, err := family.Permute(context.Background(), []family.Endpoint{x, y}, "a", "c", resample.WYOptions{Statistic: resample.PermMean})
		if assert.Error(t, err, name) && c.why != nil {
			assert.ErrorIs(t, err, c.why, name)
		}
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	_, err := family.Permute(stopped, []family.Endpoint{x}, "a", "c", resample.WYOptions{Statistic: resample.PermMean, Method: resample.PermMonteCarlo, Replicates: 1e6})
	assert.ErrorIs(t, err, context.Canceled)
}

// Pain and function of eight participants, of whom one has no value of function, in an
// allocation without strata: all 70 exchanges of the arms are counted.
func ExamplePermute() {
	ids := []string{"1", "2", "3", "4", "5", "6", "7", "8"}
	arm := []string{"laser", "sham", "laser", "sham", "laser", "sham", "laser", "sham"}
	none := make([]string, 8) // no strata
	pain := family.Endpoint{Name: "pain", Participant: ids, Arm: arm, Block: none, Y: []float64{-31, -12, -28, -9, -35, -20, -22, -15}}
	function := family.Endpoint{Name: "function", Participant: ids[:7], Arm: arm[:7], Block: none[:7], Y: []float64{9, 4, 12, 10, 6, 3, 11}}
	r, err := family.Permute(context.Background(), []family.Endpoint{pain, function}, "laser", "sham", resample.WYOptions{Statistic: resample.PermMean})
	if err != nil {
		panic(err)
	}
	for _, t := range r.Tests {
		fmt.Printf("%s: difference %.1f, adjusted p %.3f\n", t.Name, t.Difference, t.PStepMaxT())
	}
	// Output:
	// pain: difference -15.0, adjusted p 0.057
	// function: difference 3.8, adjusted p 0.171
}
