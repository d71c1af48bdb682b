package mmrm

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// smallTrial has per participants in each of arms groups; y gives their values,
// NaN for none.
func smallTrial(arms, per, visits int, y func(i, j int) float64) *Trial {
	t := &Trial{Control: "arm 0"}
	for a := 0; a < arms; a++ {
		t.Arms = append(t.Arms, fmt.Sprint("arm ", a))
	}
	for j := 0; j < visits; j++ {
		t.Visits = append(t.Visits, fmt.Sprint("week ", j+1))
		t.Times = append(t.Times, float64(j+1))
	}
	for i := 0; i < arms*per; i++ {
		t.Arm = append(t.Arm, i/per)
		for j := 0; j < visits; j++ {
			if v := y(i, j); !math.IsNaN(v) {
				t.Values = append(t.Values, Value{Participant: i, Visit: j, Y: v})
			}
		}
	}
	return t
}

// What cannot be fitted is refused with the parameter to blame.
func TestReasons(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	noise := make([]float64, 400)
	for i := range noise {
		noise[i] = math.Round(10*rng.NormFloat64()) / 10
	}
	plain := func(i, j int) float64 { return noise[i*5+j] }
	nan := math.NaN()
	for _, c := range []struct {
		name              string
		model             Model
		arms, per         int
		visits            int
		y                 func(i, j int) float64
		reason, parameter string
	}{
		{"constant visit", Model{}, 2, 5, 3, func(i, j int) float64 {
			if j == 1 {
				return 3
			}
			return plain(i, j)
		}, "variance of a visit goes to 0", "variance week 2, 10 observations"},
		{"copied visit", Model{}, 2, 6, 3, func(i, j int) float64 {
			if j == 2 {
				return plain(i, 0)
			}
			return plain(i, j)
		}, "combination of visits", "visits week 1, week 3, 12 participants with all of them"},
		{"fewer participants than visits", Model{}, 2, 3, 5, plain, "combination of visits", "6 participants with all of them"},
		{"visits never together", Model{}, 2, 6, 3, func(i, j int) float64 {
			if j > 0 && i%2 == j%2 {
				return nan
			}
			return plain(i, j)
		}, "no participant informs", "covariance week 3, week 2"},
		{"a lag never seen", Model{Covariance: Toeplitz}, 2, 6, 3, func(i, j int) float64 {
			if j == 2*(i%2) {
				return nan
			}
			return plain(i, j)
		}, "no participant informs", "correlation lag 2"},
		{"neighbors never seen", Model{Covariance: HeterogeneousAnte}, 2, 6, 4, func(i, j int) float64 {
			if (j < 2) == (i%2 == 0) {
				return nan
			}
			return plain(i, j)
		}, "no participant informs", "correlation week 2, week 3"},
		{"one observation an arm", Model{Covariance: HeterogeneousCS}, 2, 6, 3, func(i, j int) float64 {
			if j == 2 && i%6 > 0 {
				return nan
			}
			return plain(i, j)
		}, "means take up every observation", "variance week 3, 2 observations"},
		{"no correlation", Model{Covariance: SpatialExponential}, 2, 8, 3, func(i, j int) float64 {
			return []float64{1, -1, 0.2}[j]*noise[i] + 0.1*plain(i, j)
		}, "range tends to 0", "range"},
		{"opposite", Model{Covariance: CompoundSymmetry}, 2, 8, 2, func(i, j int) float64 {
			return float64(1-2*j) * noise[i]
		}, "tends to -1", "correlation"},
		{"in one arm", Model{ByArm: true}, 2, 6, 2, func(i, j int) float64 {
			if i >= 6 && j == 1 {
				return plain(i, 0) + 1
			}
			return plain(i, j)
		}, "combination of visits", "visits week 1, week 2, 6 participants with all of them, arm 1"},
	} {
		_, err := c.model.MMRM(smallTrial(c.arms, c.per, c.visits, c.y))
		var conv *ConvergenceError
		if !errors.As(err, &conv) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		assert.ErrorIs(t, err, stats.ErrNotConverged, c.name)
		assert.Contains(t, conv.Reason, c.reason, c.name)
		assert.Contains(t, conv.Parameter, c.parameter, c.name)
		assert.NotEmpty(t, conv.Advice, c.name)
	}
}

// Random tiny trials of every structure either fit, with finite answers, or
// name what is wrong; none runs out of iterations.
func TestTinyTrialsFitOrSayWhy(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	fitted := 0
	for k := 0; k < 600; k++ {
		visits, per, arms := 2+rng.IntN(4), 2+rng.IntN(5), 1+rng.IntN(3)
		miss, unit := []float64{0, 0, 0.2, 0.5}[rng.IntN(4)], []float64{0.1, 0.5, 1}[rng.IntN(3)]
		common := make([]float64, arms*per)
		for i := range common {
			common[i] = rng.NormFloat64()
		}
		tr := smallTrial(arms, per, visits, func(i, j int) float64 {
			if j > 0 && rng.Float64() < miss {
				return math.NaN()
			}
			return math.Round((common[i]+0.7*rng.NormFloat64())/unit) * unit
		})
		m := Model{Covariance: Covariance(rng.IntN(11)), ByArm: rng.IntN(4) == 0, DF: DF(rng.IntN(5)), Method: Method(rng.IntN(2))}
		f, err := m.MMRM(tr)
		var conv *ConvergenceError
		switch {
		case errors.As(err, &conv):
			require.NotEmpty(t, conv.Parameter, "%d: %v", k, err)
			require.NotContains(t, conv.Reason, "iterations", "%d: %v", k, err)
			continue
		case err != nil:
			require.True(t, errors.Is(err, stats.ErrSingular) || errors.Is(err, stats.ErrTooFew) || errors.Is(err, stats.ErrNoVariation), "%d: %v", k, err)
			continue
		}
		fitted++
		for _, e := range f.Coefficients() {
			require.True(t, finite(e.Value) && finite(e.SE) && e.SE >= 0 && e.DF > 0, "%d: %+v", k, e)
		}
	}
	require.Greater(t, fitted, 150)
}
