package resample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/internal/stoptest"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
)

// ratingTrial has whole-number ratings from 0 to 10.
func ratingTrial(r *rand.Rand, nt, nc int, slope, sd, shift float64) regress.ANCOVAData {
	d := regress.ANCOVAData{Control: "c"}
	rating := func(x float64) float64 { return math.Max(0, math.Min(10, math.Round(x))) }
	for i := range nt + nc {
		b := rating(5 + sd*r.NormFloat64())
		y, arm := slope*b+2+sd*r.NormFloat64(), "c"
		if i < nt {
			y, arm = y+shift, "a"
		}
		d.Arm, d.Baseline, d.Y = append(d.Arm, arm), append(d.Baseline, b), append(d.Y, rating(y))
	}
	return d
}

// Ratings of 22 to 50 an arm: under null values of whole and half steps p is that of all
// arrangements, counted by their sums (PermLattice, which another test holds to
// enumeration), to 1e-5, or, where these are too many, of 1,000,000 random ones, whose error is added; limits
// are within a fraction of a step.
func TestPermutationANCOVAOfRatingsCountsTies(t *testing.T) {
	t.Parallel()
	sizes := [][2]int{{22, 22}, {25, 25}, {24, 35}, {50, 50}}
	if testing.Short() || stoptest.Race {
		sizes = nil
	}
	for j, n := range sizes {
		for rep := range 4 {
			r := rand.New(rand.NewPCG(uint64(n[0]), uint64(rep)))
			d := ratingTrial(r, n[0], n[1], []float64{0, 0.5, 0.6}[(rep+j)%3], []float64{1, 1.7}[rep%2], 0.4*float64(rep))
			name := fmt.Sprint(n, rep)
			got, err := resample.PermutationANCOVAWith(d, "a", resample.PermANCOVAOptions{Arrangements: 8e5})
			require.NoError(t, err, name)
			require.Equal(t, resample.PermApprox, got.Method, name)
			opt, drawn, slack := resample.PermANCOVAOptions{Method: resample.PermLattice}, 0.0, 1e-5
			if j+rep > 1 { // counted by their sums they take seconds
				opt, drawn = resample.PermANCOVAOptions{Method: resample.PermMonteCarlo, Replicates: 1_000_000, Seed: 3}, 1e6
			}
			want, err := resample.PermutationANCOVAWith(d, "a", opt)
			require.NoError(t, err, name)
			for _, null := range []float64{0, 0.5, 1, -0.5, -1, 1.5} {
				for what, p := range map[string][2]float64{
					"two":     {want.P(null), got.P(null)},
					"greater": {want.PGreater(null), got.PGreater(null)},
					"less":    {want.PLess(null), got.PLess(null)},
				} {
					tol := slack
					if drawn > 0 {
						tol += 4 * math.Sqrt(p[0]*(1-p[0])/drawn)
					}
					assert.InDelta(t, p[0], p[1], tol, "%s %s at %v", name, what, null)
				}
			}
			for _, level := range []float64{0.8, 0.95} {
				e, g := want.CI(level), got.CI(level)
				assert.InDelta(t, e.Lo, g.Lo, 0.05, "%s %v", name, level)
				assert.InDelta(t, e.Hi, g.Hi, 0.05, "%s %v", name, level)
			}
		}
	}
}

// p < 1 − level exactly for the nulls that the interval leaves out, and p falls
// on either side of the estimate, through null values at which arrangements tie.
func TestPermutationANCOVAOfRatingsInverts(t *testing.T) {
	for rep := range 6 {
		r := rand.New(rand.NewPCG(70, uint64(rep)))
		d := ratingTrial(r, 24, 23, []float64{0, 0.5, 0.6}[rep%3], []float64{0.7, 1.7}[rep%2], 0.3*float64(rep))
		p, err := resample.PermutationANCOVA(d, "a")
		require.NoError(t, err)
		require.Equal(t, resample.PermApprox, p.Method)
		for _, level := range []float64{0.5, 0.8, 0.95, 0.99} {
			ci := p.CI(level)
			alpha := math.Round((1-level)*1e15) / 1e15
			nulls := []float64{0, 0.5, -0.5, 1, -1, 1.5, 2, p.Value}
			for _, end := range []float64{ci.Lo, ci.Hi} {
				for _, off := range []float64{0, 1e-6, -1e-6, 0.01, -0.01, 0.3, -0.3} {
					nulls = append(nulls, end+off)
				}
			}
			for _, null := range nulls {
				assert.Equal(t, ci.Contains(null), p.P(null) >= alpha, "%d level %v null %v of %v", rep, level, null, ci)
			}
		}
		for _, sign := range []float64{-1, 1} {
			before := 1.0
			for i := range 60 {
				now := p.P(p.Value + sign*float64(i)/20)
				assert.LessOrEqual(t, now, before+1e-7, "%d %v", rep, i)
				before = now
			}
		}
	}
}

// Where most participants stand at an end of the scale no frequency of the sums is nothing,
// and they are transformed together: p is that of all arrangements.
func TestPermutationANCOVAOfBunchedValues(t *testing.T) {
	t.Parallel()
	if testing.Short() || stoptest.Race { // all arrangements take seconds
		return
	}
	d := regress.ANCOVAData{Control: "c"}
	add := func(arm string, n int, before, after float64) {
		for range n {
			d.Arm, d.Baseline, d.Y = append(d.Arm, arm), append(d.Baseline, before), append(d.Y, after)
		}
	}
	add("a", 10, 100, 100)
	add("a", 1, 69, 76)
	add("c", 4, 100, 100)
	for _, v := range [][2]float64{{10, 40}, {14, 51}, {35, 17}, {41, 37}, {48, 49}, {49, 68}, {83, 71}} {
		add("c", 1, v[0], v[1])
	}
	want, err := resample.PermutationANCOVAWith(d, "a", resample.PermANCOVAOptions{Method: resample.PermExact})
	require.NoError(t, err)
	got, err := resample.PermutationANCOVAWith(d, "a", resample.PermANCOVAOptions{Method: resample.PermApprox})
	require.NoError(t, err)
	e, g := want.CI(0.95), got.CI(0.95)
	assert.InDelta(t, e.Lo, g.Lo, 0.5)
	assert.InDelta(t, e.Hi, g.Hi, 0.5)
	for _, null := range []float64{0, -10, 5, 12} {
		assert.InDelta(t, want.P(null), got.P(null), 1e-5, "%v", null)
		assert.InDelta(t, want.PGreater(null), got.PGreater(null), 1e-5, "%v", null)
	}
}
