package mmrm_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// interceptTrial has participants who differ by a random intercept, some
// without a baseline, and missing values.
func interceptTrial(seed uint64, n int) *mmrm.Trial {
	r := rand.New(rand.NewPCG(seed, 7))
	t := &mmrm.Trial{Arms: []string{"a", "c", "b"}, Control: "c", Visits: []string{"v1", "v2", "v3"}, Times: []float64{1, 2, 4}}
	cov := mmrm.Covariate{Name: "site"}
	for i := range n {
		level := 5 * r.NormFloat64()
		t.Arm = append(t.Arm, i%3)
		t.Baseline = append(t.Baseline, 50+level+3*r.NormFloat64())
		t.NoBaseline = append(t.NoBaseline, r.IntN(12) == 0)
		cov.Category = append(cov.Category, string("xyz"[r.IntN(3)]))
		for v := range 3 {
			if r.IntN(6) > 0 {
				t.Values = append(t.Values, mmrm.Value{Participant: i, Visit: v, Y: 40 + level + float64(v*(i%3)) + 4*r.NormFloat64()})
			}
		}
	}
	t.Covariates = []mmrm.Covariate{cov}
	return t
}

// A random intercept is compound symmetry: the means, errors and degrees of
// freedom are those of the other program.
func TestLMMTrialIsCompoundSymmetry(t *testing.T) {
	trial := interceptTrial(1, 60)
	for _, df := range []mmrm.DF{mmrm.KenwardRoger, mmrm.Satterthwaite} {
		lmm, err := mmrm.LMM{DF: df, Observed: true}.Trial(trial)
		require.NoError(t, err)
		cs, err := mmrm.Model{Covariance: mmrm.CompoundSymmetry, DF: df}.MMRM(trial)
		require.NoError(t, err)
		require.False(t, lmm.Singular)
		assert.Equal(t, cs.NoBaseline, lmm.NoBaseline)
		assert.InDelta(t, cs.LogLik, lmm.LogLik, 1e-6)
		for _, v := range trial.Visits {
			for _, arm := range trial.Arms {
				assert.InEpsilon(t, statstest.Must(cs.LSMean(arm, v)).SE, statstest.Must(lmm.LSMean(arm, v)).SE, 1e-6)
				assert.InEpsilon(t, statstest.Must(cs.LSMean(arm, v)).Value, statstest.Must(lmm.LSMean(arm, v)).Value, 1e-6)
			}
			for _, arm := range []string{"a", "b"} {
				x, y := statstest.Must(cs.Difference(arm, "c", v)), statstest.Must(lmm.Difference(arm, "c", v))
				assert.InEpsilon(t, x.Value, y.Value, 1e-6)
				assert.InEpsilon(t, x.SE, y.SE, 1e-6)
				assert.InEpsilon(t, x.DF, y.DF, 1e-5)
			}
		}
	}
}

func TestLMMTrialRefuses(t *testing.T) {
	refused := func(want error, change func(*mmrm.Trial), m mmrm.LMM) {
		t.Helper()
		trial := interceptTrial(2, 30)
		change(trial)
		_, err := m.Trial(trial)
		assert.ErrorIs(t, err, want)
	}
	refused(stats.ErrDomain, func(x *mmrm.Trial) { x.Values[3].Weight = 2 }, mmrm.LMM{})
	refused(stats.ErrLength, func(x *mmrm.Trial) { x.Times = nil }, mmrm.LMM{Slope: true})
	refused(stats.ErrDomain, func(x *mmrm.Trial) { x.Control = "z" }, mmrm.LMM{})
	refused(stats.ErrTooFew, func(x *mmrm.Trial) { x.Arms = append(x.Arms, "empty") }, mmrm.LMM{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := mmrm.LMM{Slope: true}.TrialContext(ctx, interceptTrial(3, 30))
	assert.True(t, errors.Is(err, context.Canceled))
}

func ExampleLMM_Trial() {
	trial := &mmrm.Trial{Arms: []string{"active", "control"}, Control: "control", Visits: []string{"1 h", "24 h"}}
	for i, y := range [][]float64{{3.1, 2.4}, {4.0, 3.9}, {2.2, 2.0}, {3.6, 2.7}, {5.1, 5.3}, {4.4, 3.8}, {5.9, 5.2}, {4.8, 5.0}} {
		trial.Arm = append(trial.Arm, i/4)
		for v, x := range y {
			trial.Values = append(trial.Values, mmrm.Value{Participant: i, Visit: v, Y: x})
		}
	}
	fit, err := mmrm.LMM{}.Trial(trial)
	if err != nil {
		panic(err)
	}
	fmt.Println(fit.Difference("active", "control", "24 h"))
	// Output: -2.08 (95% CI -3.30 to -0.85; p = 0.0050; t, 7.19 df) <nil>
}

// Clusters that lie on lines of their own leave no residual variance: the error
// says so.
func TestLMMNamesTheVariance(t *testing.T) {
	for _, slope := range []bool{false, true} {
		rows := &mmrm.ClusterRows{Columns: []string{"mean"}}
		for g := 0; g < 6; g++ {
			for j := 0; j < 4; j++ {
				rows.Cluster = append(rows.Cluster, g)
				rows.X = append(rows.X, []float64{1})
				rows.T = append(rows.T, float64(j))
				y := float64(g * g)
				if slope {
					y += float64(j * (g%3 - 1))
				}
				rows.Y = append(rows.Y, y)
			}
		}
		_, err := mmrm.LMM{Slope: slope}.Fit(rows)
		var conv *mmrm.ConvergenceError
		require.ErrorAs(t, err, &conv)
		require.Equal(t, "residual variance", conv.Parameter)
		require.NotEmpty(t, conv.Advice)
	}
}
