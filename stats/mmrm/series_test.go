package mmrm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// randomSample is a trial of n patients an arm, correlated values with the correlation
// and gaps; the sample and the trial that it stands for.
func randomSample(rng *rand.Rand, n, arms, visits, covariates int, rho, loss, gaps, mean float64, baseline bool) (*Sample, *Trial) {
	s, t := &Sample{}, &Trial{Control: "a0"}
	for a := range arms {
		t.Arms = append(t.Arms, fmt.Sprint("a", a))
	}
	for j := range visits {
		t.Visits = append(t.Visits, fmt.Sprint("v", j))
		s.Y, s.Seen = append(s.Y, nil), append(s.Seen, nil)
	}
	for j := range covariates {
		s.Covariates = append(s.Covariates, nil)
		t.Covariates = append(t.Covariates, Covariate{Name: fmt.Sprint("c", j)})
	}
	for i := range n * arms {
		s.Arm = append(s.Arm, i%arms)
		y := mean + 2*rng.NormFloat64()
		last := visits
		x := []float64{y}
		for j := range visits {
			y = mean + rho*(y-mean) + 2*math.Sqrt(1-rho*rho)*rng.NormFloat64()
			if rng.Float64() < loss/float64(visits) {
				last = min(last, j)
			}
			s.Y[j] = append(s.Y[j], y-float64(i%arms)*float64(j)/4)
			seen := j < last && rng.Float64() >= gaps
			s.Seen[j] = append(s.Seen[j], seen)
			if seen {
				t.Values = append(t.Values, Value{Participant: i, Visit: j, Y: s.Y[j][i]})
			}
		}
		for j := range s.Covariates {
			c := math.Round(x[0]-mean) + float64(2+rng.IntN(3))
			s.Covariates[j], t.Covariates[j].Number = append(s.Covariates[j], c), append(t.Covariates[j].Number, c)
		}
		s.Baseline = append(s.Baseline, x[0])
		s.Based = append(s.Based, rng.Float64() >= gaps/2)
		t.NoBaseline = append(t.NoBaseline, !s.Based[i])
	}
	t.Arm, t.Baseline = s.Arm, s.Baseline
	if !baseline {
		s.Baseline, s.Based, t.Baseline, t.NoBaseline = nil, nil, nil, nil
	}
	return s, t
}

// Series answers as Model.MMRM: estimate, standard error and degrees of freedom.
func TestSeriesIsMMRM(t *testing.T) {
	for _, c := range []struct {
		n, arms, visits, covariates int
		rho, loss, gaps, mean       float64
		baseline                    bool
		model                       Model
		certain                     float64 // share answered at least
	}{
		{60, 2, 4, 0, .6, .15, 0, 5, true, Model{}, .99},
		{25, 2, 3, 0, .5, .3, .05, 5, true, Model{}, .9},
		{10, 2, 3, 0, .5, .2, .1, 5, true, Model{}, .5},
		{40, 3, 4, 2, .5, .2, .05, 100, true, Model{DF: Satterthwaite}, .9},
		{40, 3, 4, 2, .5, .2, .05, 100, true, Model{}, .9},
		{30, 2, 2, 1, .8, .1, 0, 1000, false, Model{DF: KenwardRogerLinear}, .9},
		{30, 2, 1, 0, .8, .1, 0, 5, true, Model{}, .9},
		{50, 2, 6, 0, .9, .3, .1, 5, true, Model{}, .7},
	} {
		name := fmt.Sprintf("%+v", c)
		rng := rand.New(rand.NewPCG(uint64(c.n), uint64(c.visits)))
		s := c.model.Series(c.arms, c.visits, c.covariates, c.baseline)
		require.NotNil(t, s)
		tries, certain, worst := 100, 0, 0.0
		for range tries {
			sample, trial := randomSample(rng, c.n, c.arms, c.visits, c.covariates, c.rho, c.loss, c.gaps, c.mean, c.baseline)
			if !s.Fit(sample) {
				continue
			}
			f, err := c.model.MMRM(trial)
			require.NoError(t, err, name)
			certain++
			for a := 1; a < c.arms; a++ {
				for v := range c.visits {
					weights := make([]float64, c.visits)
					weights[v] = 1
					got, ok := s.Difference(a, weights)
					if !ok {
						continue
					}
					want, err := f.Difference(trial.Arms[a], "a0", trial.Visits[v])
					require.NoError(t, err)
					for _, x := range []float64{(got.Value - want.Value) / want.SE, got.SE/want.SE - 1, got.DF/want.DF - 1} {
						worst = max(worst, math.Abs(x))
						if !(math.Abs(x) < 1e-12) {
							t.Errorf("%s: %v, MMRM has %v (%g)", name, got, want, x)
						}
					}
				}
			}
		}
		t.Logf("%s: %d of %d, worst %.2g", name, certain, tries, worst)
		assert.GreaterOrEqual(t, float64(certain), c.certain*float64(tries), name)
	}
}

// A trial like the one before takes no memory.
func TestSeriesAllocatesNothing(t *testing.T) {
	sample, _ := randomSample(rand.New(rand.NewPCG(1, 2)), 60, 2, 4, 0, .6, .15, 0, 5, true)
	s := Model{}.Series(2, 4, 0, true)
	weights := []float64{0, 0, 0, 1}
	assert.Zero(t, testing.AllocsPerRun(20, func() {
		require.True(t, s.Fit(sample))
		_, ok := s.Difference(1, weights)
		require.True(t, ok)
	}))
}

// Models that Series does not know are left to Model.MMRM.
func TestSeriesKnowsItsModels(t *testing.T) {
	for _, m := range []Model{{Covariance: AR1}, {ByArm: true}, {Method: ML}, {DF: KenwardRogerMMRM}, {DF: Normal}, {DF: Satterthwaite, Errors: CR2}} {
		assert.Nil(t, m.Series(2, 3, 0, true), "%+v", m)
	}
}
