package resample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/stoptest"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
)

// awkwardTrial has a baseline and covs further covariates, every second of two values.
func awkwardTrial(r *rand.Rand, kind string, nt, nc, covs int, shift float64) regress.ANCOVAData {
	d := regress.ANCOVAData{Control: "c"}
	extra := make([][]float64, covs)
	for i := range nt + nc {
		b, e := r.NormFloat64(), r.NormFloat64()
		switch kind {
		case "skewed":
			e, b = math.Exp(e), math.Exp(b)
		case "heavy":
			e = math.Max(-20, math.Min(20, e/math.Abs(r.NormFloat64())))
		case "outlier":
			if i == 1 {
				e = 12
			}
			if i == 2 {
				b = 8
			}
		case "bimodal":
			e = 0.3*e + 3*float64(r.IntN(2))
		}
		y, arm := 0.6*b+e, "c"
		if i < nt {
			y, arm = y+shift, "a"
		}
		if kind == "rating" { // whole numbers from 0 to about 10
			b, y = math.Round(2*b), math.Round(2*y)
		}
		d.Arm, d.Baseline, d.Y = append(d.Arm, arm), append(d.Baseline, b), append(d.Y, y)
		for j := range extra {
			x := r.NormFloat64()
			if j%2 == 1 {
				x = float64(r.IntN(2))
			}
			extra[j] = append(extra[j], x)
		}
	}
	for j, x := range extra {
		d.Covariates = append(d.Covariates, regress.Numeric(fmt.Sprint("x", j), x))
	}
	return d
}

var awkwardModels = []string{"normal", "skewed", "heavy", "outlier", "bimodal", "rating"}

// The refitted model's p beyond what is listed: within 1e-4 and 1 % of that of
// all arrangements, listed one by one where that can be done, else of
// 2,000,000 random ones, whose error is added; and never random itself.
func TestPermutationANCOVAUnlistedAgreesWithExact(t *testing.T) {
	t.Parallel()
	sizes := [][3]int{{12, 11, 1}}
	if !testing.Short() && !stoptest.Race {
		sizes = append(sizes, [3]int{12, 12, 3}, [3]int{14, 14, 0}, [3]int{35, 33, 2})
	}
	for _, n := range sizes {
		for k, kind := range awkwardModels {
			r := rand.New(rand.NewPCG(uint64(100*n[0]+n[1]), uint64(k)))
			for rep := range 2 {
				// A null trial or one with an effect of each kind: millions of arrangements
				// take a second or two.
				if n[0] > 13 && rep == 0 || n[0] <= 13 && rep != (n[2]+k)%2 {
					continue
				}
				se := math.Sqrt(1/float64(n[0]) + 1/float64(n[1]))
				d := awkwardTrial(r, kind, n[0], n[1], n[2], 1.3*float64(rep)*se)
				name := fmt.Sprint(n, kind, rep)
				got, err := resample.PermutationANCOVAWith(d, "a", resample.PermANCOVAOptions{Arrangements: 8e5})
				require.NoError(t, err, name)
				require.NotEqual(t, resample.PermMonteCarlo, got.Method, name)
				opt := resample.PermANCOVAOptions{Method: resample.PermEnumeration}
				drawn := 0.0
				if got.Arrangements > 3e6 {
					drawn = 2e6
					opt = resample.PermANCOVAOptions{Method: resample.PermMonteCarlo, Replicates: int(drawn), Seed: 3}
				}
				want, err := resample.PermutationANCOVAWith(d, "a", opt)
				require.NoError(t, err, name)
				assert.Equal(t, want.Value, got.Value, name)
				ci := got.CI(0.95)
				w := (ci.Hi - ci.Lo) / 4
				for _, null := range []float64{0, want.Value + 0.3*w, want.Value - w, want.Value + 1.6*w, ci.Lo, ci.Hi, want.Value - 2.7*w, want.Value + 4*w} {
					p := want.P(null)
					tol := 1e-4 + 0.01*p
					if drawn > 0 {
						tol += 3 * math.Sqrt(p*(1-p)/drawn)
					}
					assert.InDelta(t, p, got.P(null), tol, "%s at %v by %s", name, null, got.Method)
				}
				for _, null := range []float64{0, ci.Lo} {
					p, tol := want.PGreater(null), 1e-4+0.01*want.PGreater(null)
					if drawn > 0 {
						tol += 3 * math.Sqrt(p*(1-p)/drawn)
					}
					assert.InDelta(t, p, got.PGreater(null), tol, "%s at %v", name, null)
					assert.InDelta(t, 1-got.PGreater(null), got.PLess(null), 1e-2, "%s at %v", name, null)
				}
				for _, level := range []float64{0.8, 0.95} {
					e, g := want.CI(level), got.CI(level)
					assert.InDelta(t, e.Lo, g.Lo, 0.02*w, "%s %v", name, level)
					assert.InDelta(t, e.Hi, g.Hi, 0.02*w, "%s %v", name, level)
				}
			}
		}
	}
}

// Outcome and baseline on coarse grids: arrangements with equal sums are
// counted together, and that is the same as one by one.
func TestPermutationANCOVAClassesAreExact(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 7))
	for rep := range 12 {
		d := awkwardTrial(r, "rating", 5+rep%4, 6, 0, float64(rep%5))
		if rep%3 == 0 { // a third arm, and a covariate of two values
			var x []float64
			for i := range d.Y {
				x = append(x, float64(i%2))
			}
			for i := range 4 {
				d.Arm, d.Y, d.Baseline, x = append(d.Arm, "b"), append(d.Y, float64(i)), append(d.Baseline, float64(i*i%3)), append(x, float64(i%2))
			}
			d.Covariates = append(d.Covariates, regress.Numeric("x", x))
		}
		one, err := resample.PermutationANCOVAWith(d, "a", resample.PermANCOVAOptions{Method: resample.PermEnumeration})
		require.NoError(t, err)
		all, err := resample.PermutationANCOVAWith(d, "a", resample.PermANCOVAOptions{Method: resample.PermLattice})
		require.NoError(t, err)
		require.Equal(t, resample.PermLattice, all.Method)
		assert.InDelta(t, one.MinP, all.MinP, 1e-12)
		for _, null := range []float64{0, 1, -1, 0.5, one.Value, 0.321} {
			assert.InDelta(t, one.P(null), all.P(null), 1e-12, "%d %v", rep, null)
			assert.InDelta(t, one.PGreater(null), all.PGreater(null), 1e-12)
			assert.InDelta(t, one.PLess(null), all.PLess(null), 1e-12)
		}
		e, a := one.CI(0.9), all.CI(0.9)
		assert.InDelta(t, e.Lo, a.Lo, 1e-8)
		assert.InDelta(t, e.Hi, a.Hi, 1e-8)
	}
	d := awkwardTrial(r, "rating", 14, 15, 0, 1)
	p, err := resample.PermutationANCOVA(d, "a")
	require.NoError(t, err)
	assert.Equal(t, resample.PermLattice, p.Method)
	_, err = resample.PermutationANCOVAWith(awkwardTrial(r, "normal", 6, 6, 0, 0), "a", resample.PermANCOVAOptions{Method: resample.PermLattice})
	require.ErrorIs(t, err, stats.ErrDomain)
}

// p < 1 − level exactly for the nulls that the interval leaves out.
func TestPermutationANCOVAUnlistedInverts(t *testing.T) {
	for k, kind := range awkwardModels {
		r := rand.New(rand.NewPCG(10, uint64(k)))
		p, err := resample.PermutationANCOVA(awkwardTrial(r, kind, 17, 16, 1, 0.7), "a")
		require.NoError(t, err)
		require.Equal(t, resample.PermApprox, p.Method, kind)
		for _, level := range []float64{0.8, 0.95, 0.99} {
			ci := p.CI(level)
			alpha := math.Round((1-level)*1e15) / 1e15
			for _, end := range []float64{ci.Lo, ci.Hi} {
				for _, off := range []float64{0, 1e-6, -1e-6, 0.01, -0.01, 0.3, -0.3} {
					assert.Equal(t, ci.Contains(end+off), p.P(end+off) >= alpha, "%s level %v null %v%+v of %v", kind, level, end, off, ci)
				}
			}
		}
		before := 1.0
		for i := range 40 {
			now := p.P(p.Value + float64(i)/20)
			assert.LessOrEqual(t, now, before+1e-7, "%s %v", kind, i)
			before = now
		}
	}
}

// The digits of a small p beyond what the inversion resolves were rounding's: an
// outcome changed in its last bits, as another processor's arithmetic would,
// changed a p of 1e-7 in its eighth digit. Arms that differ by so much that
// next to no arrangement reaches them have the smallest p that is told apart, not 0.
func TestPermutationANCOVAUnlistedResolves(t *testing.T) {
	for _, shift := range []float64{1.5, 2, 2.5, 3, 5} {
		d := awkwardTrial(rand.New(rand.NewPCG(21, 3)), "normal", 40, 41, 1, shift)
		p, err := resample.PermutationANCOVA(d, "a")
		require.NoError(t, err)
		require.Equal(t, "permutation-inverted", p.Notes[len(p.Notes)-1].Code)
		one := p.P(0)
		require.Less(t, one, 1e-4)
		assert.GreaterOrEqual(t, one, 1e-8)
		assert.InDelta(t, math.Round(one*1e8), one*1e8, 1e-6, "whole steps")
		for i := range d.Y {
			d.Y[i] *= 1 + 1e-14*float64(i%3-1)
		}
		q, err := resample.PermutationANCOVA(d, "a")
		require.NoError(t, err)
		assert.Equal(t, one, q.P(0), "shift %v", shift)
		if shift == 5 {
			assert.Equal(t, 1e-8, one)
		}
		assert.True(t, math.IsInf(p.CI(1-1e-9).Lo, -1), "no p is so small")
	}
}

// In blocks, terms for which are in the model: against all arrangements where
// they can be listed, else 1,000,000 random ones, whose error is added; and never random itself.
func TestPermutationANCOVAInBlocksAgreesWithExact(t *testing.T) {
	t.Parallel()
	sizes := [][3]int{{24, 12, 0}, {40, 10, 0}, {40, 6, 1}, {30, 5, 2}, {60, 20, 0}, {60, 60, 0}}
	if testing.Short() || stoptest.Race {
		sizes = sizes[:1]
	}
	for j, n := range sizes {
		for k, kind := range awkwardModels {
			if (k+j)%2 == 0 && n[0] > 24 { // a million labels take half a second
				continue
			}
			r := rand.New(rand.NewPCG(uint64(100*n[0]+n[1]), uint64(k)))
			d := awkwardTrial(r, kind, n[0]/2, n[0]/2, n[2], 0)
			var block []string
			for i := range d.Y {
				if i%n[1] == 0 {
					for m, p := range r.Perm(min(n[1], n[0]-i)) {
						d.Arm[i+m] = []string{"c", "a"}[p%2]
					}
				}
				block = append(block, fmt.Sprint(i/n[1]))
				d.Y[i] += math.Round(2 * float64(i/n[1]))
				if d.Arm[i] == "a" && k%3 > 0 {
					d.Y[i]++
				}
			}
			if n[1] < n[0] {
				d.Covariates = append(d.Covariates, regress.Category("block", block, "0"))
			}
			name := fmt.Sprint(n, kind)
			opt := resample.PermANCOVAOptions{Block: block, Arrangements: 8e5}
			got, err := resample.PermutationANCOVAWith(d, "a", opt)
			require.NoError(t, err, name)
			require.NotEqual(t, resample.PermMonteCarlo, got.Method, name)
			drawn := 0.0
			opt.Method = resample.PermEnumeration
			if got.Arrangements > 3e6 {
				drawn = 1e6
				opt.Method, opt.Replicates, opt.Seed = resample.PermMonteCarlo, 1_000_000, 3
			}
			want, err := resample.PermutationANCOVAWith(d, "a", opt)
			require.NoError(t, err, name)
			assert.Equal(t, want.Value, got.Value, name)
			ci := got.CI(0.95)
			w := (ci.Hi - ci.Lo) / 4
			for _, null := range []float64{0, want.Value + 0.3*w, want.Value - 1.2*w, want.Value + 1.9*w, ci.Lo, want.Value - 3*w} {
				for what, p := range map[string][2]float64{
					"two":     {want.P(null), got.P(null)},
					"greater": {want.PGreater(null), got.PGreater(null)},
					"less":    {want.PLess(null), got.PLess(null)},
				} {
					tol := 1e-4 + 0.01*p[0]
					if drawn > 0 {
						tol += 3.5 * math.Sqrt(p[0]*(1-p[0])/drawn)
					}
					assert.InDelta(t, p[0], p[1], tol, "%s %s at %v by %s", name, what, null, got.Method)
				}
			}
			e := want.CI(0.95)
			assert.InDelta(t, e.Lo, ci.Lo, 0.02*w, name)
			assert.InDelta(t, e.Hi, ci.Hi, 0.02*w, name)
		}
	}
}
