package resample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
)

// approxSample has n values of a kind, in whole steps.
func approxSample(r *rand.Rand, kind string, n int, shift, step float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		switch kind {
		case "normal":
			x[i] = 20*r.NormFloat64() + shift
		case "coarse": // a rating from 0 to 10
			x[i] = math.Min(10, math.Max(0, 4+2.2*r.NormFloat64()+shift/10))
		case "skewed":
			x[i] = 12*r.ExpFloat64() + shift
		case "heavy":
			x[i] = 12*r.NormFloat64()/math.Sqrt((r.ExpFloat64()+r.ExpFloat64())/2+0.1) + shift
		}
		x[i] = math.Round(x[i]) * step
	}
	return x
}

// The approximation against the exact distribution of the same sums, which the
// lattice gives: p within 1e-4 and 1 %, limits within a step, wherever the
// approximation is not refused.
func TestPermutationApproxAgreesWithExact(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 8))
	answered := map[string]int{}
	for _, c := range []struct {
		kind   string
		nt, nc int
	}{{"normal", 30, 30}, {"normal", 45, 60}, {"normal", 100, 100}, {"normal", 40, 120}, {"coarse", 30, 34}, {"coarse", 60, 60},
		{"coarse", 200, 150}, {"skewed", 60, 60}, {"skewed", 120, 110}, {"heavy", 60, 60}, {"heavy", 120, 120}} {
		for rep := range 8 {
			step := []float64{1, 0.1}[rep%2]
			se := 20 * math.Sqrt(1/float64(c.nt)+1/float64(c.nc))
			x := approxSample(r, c.kind, c.nt, float64(rep%8)*se/2, step)
			y := approxSample(r, c.kind, c.nc, 0, step)
			approx, err := resample.PermutationWith(x, y, resample.PermOptions{Method: resample.PermApprox})
			if err != nil {
				require.ErrorIs(t, err, stats.ErrDomain)
				continue
			}
			answered[c.kind]++
			exact, err := resample.PermutationWith(x, y, resample.PermOptions{Method: resample.PermLattice})
			require.NoError(t, err)
			name := fmt.Sprint(c, rep)
			assert.Equal(t, exact.Value, approx.Value, name)
			assert.Equal(t, exact.MinP, approx.MinP, name)
			for _, null := range []float64{0, 2 * step, -2 * step, step / 2, 2.7 * step, -8.3 * step} {
				for what, p := range map[string][2]float64{
					"two":     {exact.P(null), approx.P(null)},
					"greater": {exact.PGreater(null), approx.PGreater(null)},
					"less":    {exact.PLess(null), approx.PLess(null)},
				} {
					assert.InDelta(t, p[0], p[1], 1e-4+0.01*p[0], "%s %s at %v", name, what, null)
				}
			}
			for _, level := range []float64{0.8, 0.95, 0.99} {
				e, a := exact.CI(level), approx.CI(level)
				assert.InDelta(t, e.Lo, a.Lo, step, "%s %v", name, level)
				assert.InDelta(t, e.Hi, a.Hi, step, "%s %v", name, level)
			}
		}
	}
	for kind, least := range map[string]int{"normal": 22, "coarse": 14, "skewed": 4, "heavy": 1} {
		assert.GreaterOrEqual(t, answered[kind], least, kind)
	}
}

// In blocks, and for paired differences, against the lattice.
func TestPermutationApproxInBlocksAndPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 8))
	for rep := range 6 {
		var opt resample.PermOptions
		var x, y []float64
		for b := range 24 { // of eight, now and then with somebody lost
			for i := range 8 - (b*rep)%3 {
				v := math.Round(3*float64(b) + 6*r.NormFloat64())
				if i%2 == 0 {
					x, opt.TreatedBlocks = append(x, v+float64(rep)), append(opt.TreatedBlocks, strconv.Itoa(b))
				} else {
					y, opt.ControlBlocks = append(y, v), append(opt.ControlBlocks, strconv.Itoa(b))
				}
			}
		}
		opt.Method = resample.PermLattice
		exact, err := resample.PermutationWith(x, y, opt)
		require.NoError(t, err)
		opt.Method = resample.PermApprox
		approx, err := resample.PermutationWith(x, y, opt)
		require.NoError(t, err)
		sameAnswers(t, exact, approx, 1, fmt.Sprint("blocks ", rep))

		d := approxSample(r, "normal", 110+10*rep, float64(rep), 1)
		exact, err = resample.PermutationPairedWith(d, resample.PermOptions{Method: resample.PermLattice})
		require.NoError(t, err)
		approx, err = resample.PermutationPairedWith(d, resample.PermOptions{Method: resample.PermApprox})
		require.NoError(t, err)
		sameAnswers(t, exact, approx, 1, fmt.Sprint("pairs ", rep))
	}
}

func sameAnswers(t *testing.T, exact, approx resample.Perm, step float64, name string) {
	t.Helper()
	e, a := exact.CI(0.95), approx.CI(0.95)
	assert.InDelta(t, e.Lo, a.Lo, step, name)
	assert.InDelta(t, e.Hi, a.Hi, step, name)
	for _, null := range []float64{0, step, -step, step / 2} {
		assert.InDelta(t, exact.P(null), approx.P(null), 1e-4+0.01*exact.P(null), "%s at %v", name, null)
	}
}

// The model's |t| against its 400,000 seeded random re-randomizations.
func TestPermutationANCOVAApproxAgreesWithMonteCarlo(t *testing.T) {
	if testing.Short() {
		t.Skip("draws 6 times 400,000 labels")
	}
	r := rand.New(rand.NewPCG(6, 8))
	for _, kind := range []string{"plain", "unequal", "third arm", "blocks", "covariate"} {
		var d regress.ANCOVAData
		var opt resample.PermANCOVAOptions
		var cov []float64
		d.Control = "c"
		for i := range 120 {
			arm := []string{"a", "c"}[i%2]
			switch {
			case kind == "unequal" && i%3 == 0:
				arm = "c"
			case kind == "third arm" && i >= 90:
				arm = "b"
			case kind == "blocks":
				opt.Block = append(opt.Block, strconv.Itoa(i/9))
			}
			b := math.Round(10 * r.NormFloat64())
			y := math.Round(b/2 + 8*r.NormFloat64())
			if arm == "a" {
				y += 3
			}
			d.Arm, d.Baseline, d.Y, cov = append(d.Arm, arm), append(d.Baseline, b), append(d.Y, y), append(cov, r.NormFloat64())
		}
		if kind == "covariate" {
			d.Covariates = append(d.Covariates, regress.Numeric("x", cov))
		}
		approx, err := resample.PermutationANCOVAWith(d, "a", opt)
		require.NoError(t, err)
		require.Equal(t, resample.PermApprox, approx.Method, kind)
		const m = 400_000
		opt.Method, opt.Replicates = resample.PermMonteCarlo, m
		drawn, err := resample.PermutationANCOVAWith(d, "a", opt)
		require.NoError(t, err)
		assert.Equal(t, drawn.Value, approx.Value, kind)
		for _, null := range []float64{0, 1, -2, approx.Value + 2.5} {
			p := drawn.P(null)
			assert.InDelta(t, p, approx.P(null), 4*math.Sqrt(p*(1-p)/m), "%s at %v", kind, null)
			p = drawn.PGreater(null)
			assert.InDelta(t, p, approx.PGreater(null), 4*math.Sqrt(p*(1-p)/m), "%s at %v", kind, null)
		}
		e, a := drawn.CI(0.95), approx.CI(0.95)
		assert.InDelta(t, e.Lo, a.Lo, 0.004*(e.Hi-e.Lo), kind) // 4 Monte Carlo standard errors
		assert.InDelta(t, e.Hi, a.Hi, 0.004*(e.Hi-e.Lo), kind)
	}
}

// p < 1 − level exactly for the nulls that the interval leaves out, also under
// nulls at which arrangements tie, and p falls on either side of the estimate.
func TestPermutationApproxInverts(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for rep := range 30 {
		x, y := approxSample(r, "coarse", 50+rep, float64(rep), 1), approxSample(r, "coarse", 40+2*rep, 0, 1)
		p, err := resample.PermutationWith(x, y, resample.PermOptions{Method: resample.PermApprox})
		require.NoError(t, err)
		for _, level := range []float64{0.9, 0.95, 0.99} {
			ci := p.CI(level)
			alpha := math.Round((1-level)*1e15) / 1e15
			for _, end := range []float64{ci.Lo, ci.Hi} {
				for _, off := range []float64{0, 1e-9, -1e-9, 1e-4, -1e-4, 0.01, -0.01, 0.3, -0.3} {
					null := end + off
					if off != 0 || null == math.Round(null) {
						assert.Equal(t, ci.Contains(null), p.P(null) >= alpha, "%d level %v null %v of %v", rep, level, null, ci)
					}
				}
			}
			for m := 1; m <= 4; m++ {
				for j := -3 * m; j <= 3*m; j++ {
					null := float64(j) / float64(m)
					assert.Equal(t, ci.Contains(null), p.P(null) >= alpha, "%d level %v null %v of %v", rep, level, null, ci)
				}
			}
		}
		for _, sign := range []float64{-1, 1} {
			before := 1.0
			for i := range 400 {
				now := p.P(p.Value + sign*float64(i)/100)
				assert.LessOrEqual(t, now, before+1e-12, "%d %v", rep, i)
				before = now
			}
		}
	}
}

// One value far from all others makes the sums bimodal: no series holds, and
// it is refused by name and replaced, said so, where nobody asked for it.
func TestPermutationApproxRefusesOutliers(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	x, y := make([]float64, 100), make([]float64, 100)
	for i := range x {
		x[i], y[i] = r.NormFloat64(), r.NormFloat64()
	}
	x[0] = 1e4
	_, err := resample.PermutationWith(x, y, resample.PermOptions{Method: resample.PermApprox})
	require.ErrorIs(t, err, stats.ErrDomain)
	p, err := resample.Permutation(x, y)
	require.NoError(t, err)
	assert.Equal(t, resample.PermMonteCarlo, p.Method)
	x[0] = 0
	p, err = resample.Permutation(x, y)
	require.NoError(t, err)
	assert.Equal(t, resample.PermApprox, p.Method)
	require.Len(t, p.Notes, 1)
	assert.Equal(t, resample.NotePermApprox, p.Notes[0].Code)
	_, err = resample.PermutationWith(x, y, resample.PermOptions{Method: resample.PermExact})
	require.ErrorIs(t, err, stats.ErrDomain)
}
