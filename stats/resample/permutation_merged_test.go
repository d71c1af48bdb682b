package resample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/internal/stoptest"
	"github.com/trialkit/trialkit/stats/resample"
)

// awkwardSample has n values of a kind whose permutation sums no short series describes.
func awkwardSample(r *rand.Rand, kind string, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		z := r.NormFloat64()
		switch kind {
		case "normal":
			x[i] = z
		case "skewed":
			x[i] = math.Exp(1.3 * z)
		case "heavy":
			x[i] = math.Max(-30, math.Min(30, z/math.Abs(r.NormFloat64())))
		case "bimodal":
			x[i] = 0.3*z + 4*float64(r.IntN(2))
		case "outlier":
			if x[i] = z; i == 0 {
				x[i] = 25
			}
		case "tied": // whole numbers, every fifth not
			if x[i] = math.Round(2 * z); r.IntN(5) == 0 {
				x[i] = 2 * z
			}
		case "one off": // whole numbers but for one
			if x[i] = math.Round(2 * z); i == 1 {
				x[i] = 2 * z
			}
		}
	}
	return x
}

var awkward = []string{"normal", "skewed", "heavy", "bimodal", "outlier", "tied", "one off"}

// onFineGrid rounds samples to a step so fine that the exact distribution is
// just affordable, and returns it.
func onFineGrid(kind string, samples ...[]float64) float64 {
	all := slices.Concat(samples...)
	q := math.Pow(10, math.Ceil(math.Log10((slices.Max(all)-slices.Min(all))/1500)))
	if kind == "tied" || kind == "one off" {
		q = 0.01
	}
	for _, x := range samples {
		for i := range x {
			x[i] = math.Round(x[i]/q) * q
		}
	}
	return q
}

// irrational is a unit in which no value lies on a grid of decimals.
var irrational = math.Pi / 3

func inUnit(x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v * irrational
	}
	return out
}

// Values off any grid: p within 1e-4 and 1 % of the exact one, limits within a
// step, and no random arrangements. The exact distribution is that of the same
// values on a fine grid, all sums counted by PermLattice, which another test
// holds to enumeration; the values asked about are these in an irrational unit.
func TestPermutationOffGridAgreesWithExact(t *testing.T) {
	t.Parallel()
	sizes := [][2]int{{11, 13}, {16, 16}, {5, 40}, {20, 24}, {30, 30}, {45, 45}, {60, 60}}
	if testing.Short() || stoptest.Race {
		sizes = sizes[:4]
	}
	for _, n := range sizes {
		for k, kind := range awkward {
			r := rand.New(rand.NewPCG(uint64(n[0]), uint64(k)))
			for rep := range 3 {
				x, y := awkwardSample(r, kind, n[0]), awkwardSample(r, kind, n[1])
				se := 1.2 * math.Sqrt(1/float64(n[0])+1/float64(n[1]))
				for i := range x {
					x[i] += math.Round(float64(rep)*1.7*se*10) / 10
				}
				q := onFineGrid(kind, x, y)
				name := fmt.Sprint(n, kind, rep)
				exact, err := resample.PermutationWith(x, y, resample.PermOptions{Method: resample.PermLattice})
				require.NoError(t, err, name)
				got, err := resample.PermutationWith(inUnit(x), inUnit(y), resample.PermOptions{Additions: 1e4})
				require.NoError(t, err, name)
				require.Equal(t, resample.PermApprox, got.Method, name)
				assert.InDelta(t, exact.Value*irrational, got.Value, 1e-12, name)
				for _, null := range []float64{0, q, exact.Value, exact.Value + 0.4*se, exact.Value - 1.1*se,
					exact.Value + 1.9*se, exact.Value - 2.6*se, exact.Value + 3.3*se, exact.Value - 5*se} {
					for what, p := range map[string][2]float64{
						"two":     {exact.P(null), got.P(null * irrational)},
						"greater": {exact.PGreater(null), got.PGreater(null * irrational)},
						"less":    {exact.PLess(null), got.PLess(null * irrational)},
					} {
						assert.InDelta(t, p[0], p[1], 1e-4+0.01*p[0], "%s %s at %v", name, what, null)
					}
				}
				for _, level := range []float64{0.8, 0.95, 0.99} {
					e, g := exact.CI(level), got.CI(level)
					if math.IsInf(e.Lo, 0) || math.IsInf(e.Hi, 0) {
						continue
					}
					assert.InDelta(t, e.Lo, g.Lo/irrational, q, "%s %v", name, level)
					assert.InDelta(t, e.Hi, g.Hi/irrational, q, "%s %v", name, level)
				}
			}
		}
	}
}

// The same for paired differences.
func TestPermutationPairedOffGridAgreesWithExact(t *testing.T) {
	t.Parallel()
	for _, n := range []int{24, 30, 45, 70} {
		for k, kind := range awkward {
			r := rand.New(rand.NewPCG(uint64(n), uint64(k)+50))
			for rep := range 3 {
				d := awkwardSample(r, kind, n)
				for i := range d {
					d[i] += math.Round(float64(rep)*15/math.Sqrt(float64(n))) / 10
				}
				q := onFineGrid(kind, d)
				name := fmt.Sprint(n, kind, rep)
				exact, err := resample.PermutationPairedWith(d, resample.PermOptions{Method: resample.PermLattice})
				require.NoError(t, err, name)
				got, err := resample.PermutationPairedWith(inUnit(d), resample.PermOptions{Additions: 1e4})
				require.NoError(t, err, name)
				require.Equal(t, resample.PermApprox, got.Method, name)
				for _, off := range []float64{0, 0.1, -0.2, 0.3, -0.5, 0.8} {
					for _, null := range []float64{off, exact.Value + off} {
						e := exact.P(null)
						assert.InDelta(t, e, got.P(null*irrational), 1e-4+0.01*e, "%s at %v", name, null)
					}
				}
				e, g := exact.CI(0.95), got.CI(0.95)
				assert.InDelta(t, e.Lo, g.Lo/irrational, q, name)
				assert.InDelta(t, e.Hi, g.Hi/irrational, q, name)
			}
		}
	}
}

// p < 1 − level exactly for the nulls that the interval leaves out, and p
// falls on either side of the estimate.
func TestPermutationOffGridInverts(t *testing.T) {
	for k, kind := range awkward {
		r := rand.New(rand.NewPCG(9, uint64(k)))
		x, y := inUnit(awkwardSample(r, kind, 18)), inUnit(awkwardSample(r, kind, 23))
		p, err := resample.PermutationWith(x, y, resample.PermOptions{Additions: 1e4})
		require.NoError(t, err)
		require.Equal(t, resample.PermApprox, p.Method)
		for _, level := range []float64{0.8, 0.95, 0.99} {
			ci := p.CI(level)
			alpha := math.Round((1-level)*1e15) / 1e15
			for _, end := range []float64{ci.Lo, ci.Hi} {
				for _, off := range []float64{0, 1e-6, -1e-6, 0.01, -0.01, 0.3, -0.3} {
					assert.Equal(t, ci.Contains(end+off), p.P(end+off) >= alpha, "%s level %v null %v%+v of %v", kind, level, end, off, ci)
				}
			}
		}
		for _, sign := range []float64{-1, 1} {
			before := 1.0
			for i := range 60 {
				now := p.P(p.Value + sign*float64(i)/20)
				assert.LessOrEqual(t, now, before+1e-7, "%s %v", kind, i) // a characteristic function resolves no less
				before = now
			}
		}
	}
}
