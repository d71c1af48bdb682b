package resample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/internal/stoptest"
	"github.com/trialkit/trialkit/stats/resample"
)

// blockedTrial puts values into blocks of a size, in which every second one, in
// random order, is treated; size 0: no blocks.
func blockedTrial(r *rand.Rand, v []float64, size int, shift float64) (x, y []float64, opt resample.PermOptions) {
	whole := size == 0
	if whole {
		size = len(v)
	}
	for i := 0; i < len(v); i += size {
		m := min(size, len(v)-i)
		for j, p := range r.Perm(m) {
			label := strconv.Itoa(i / size)
			if p%2 == 1 {
				x, opt.TreatedBlocks = append(x, v[i+j]+shift), append(opt.TreatedBlocks, label)
			} else {
				y, opt.ControlBlocks = append(y, v[i+j]), append(opt.ControlBlocks, label)
			}
		}
	}
	if whole {
		opt.TreatedBlocks, opt.ControlBlocks = nil, nil
	}
	return x, y, opt
}

// The values' kinds in blocks, and beyond 80 an arm without: p within 1e-4 and
// 1 % of the exact one, limits within two steps of a fine grid, and no random arrangements. The
// exact distribution is that of PermLattice, which other tests hold to
// enumeration.
func TestPermutationInBlocksAgreesWithExact(t *testing.T) {
	t.Parallel()
	sizes := [][2]int{{24, 6}, {40, 4}, {40, 10}, {44, 20}, {60, 2}, {90, 6}, {100, 50}, {170, 0}}
	if testing.Short() || stoptest.Race {
		sizes = sizes[:3]
	}
	for _, n := range sizes {
		for k, kind := range awkward {
			r := rand.New(rand.NewPCG(uint64(100*n[0]+n[1]), uint64(k)))
			v := awkwardSample(r, kind, n[0])
			q := onFineGrid(kind, v)
			x, y, opt := blockedTrial(r, v, n[1], q*math.Round(float64(k%3)*1.4/math.Sqrt(float64(n[0]))/q))
			name := fmt.Sprint(n, kind)
			opt.Method = resample.PermLattice
			exact, err := resample.PermutationWith(x, y, opt)
			require.NoError(t, err, name)
			opt.Method, opt.Additions = resample.PermAuto, 1e4
			got, err := resample.PermutationWith(x, y, opt)
			require.NoError(t, err, name)
			require.NotEqual(t, resample.PermMonteCarlo, got.Method, name)
			assert.InDelta(t, exact.Value, got.Value, 1e-12, name)
			e, g := exact.CI(0.95), got.CI(0.95)
			assert.InDelta(t, e.Lo, g.Lo, 2*q, name)
			assert.InDelta(t, e.Hi, g.Hi, 2*q, name)
			se := (e.Hi - e.Lo) / 4
			for _, off := range []float64{-exact.Value, 0.4, -1.1, 1.9, -2.6, 3.3, -5} {
				null := math.Round((exact.Value+off*se)/q) / math.Round(1/q)
				if off == -exact.Value {
					null = 0
				}
				for what, p := range map[string][2]float64{
					"two":     {exact.P(null), got.P(null)},
					"greater": {exact.PGreater(null), got.PGreater(null)},
					"less":    {exact.PLess(null), got.PLess(null)},
				} {
					assert.InDelta(t, p[0], p[1], 1e-4+0.01*p[0], "%s %s at %v", name, what, null)
				}
			}
		}
	}
}

// The same for values off any grid: those of a grid so fine that hardly two
// sums tie, in an irrational unit.
func TestPermutationOffGridInBlocksAgreesWithExact(t *testing.T) {
	t.Parallel()
	sizes := [][2]int{{24, 4}, {24, 10}, {40, 2}, {40, 6}}
	if testing.Short() || stoptest.Race {
		sizes = sizes[:2]
	}
	for _, n := range sizes {
		for k, kind := range awkward[:5] {
			r := rand.New(rand.NewPCG(uint64(100*n[0]+n[1]), uint64(k)+20))
			v := awkwardSample(r, kind, n[0])
			q := onFineGrid(kind, v) / 20
			for i := range v {
				v[i] = math.Round((v[i]+0.4*q*r.Float64()*50)/q) * q
			}
			x, y, opt := blockedTrial(r, v, n[1], q*math.Round(float64(k%3)/math.Sqrt(float64(n[0]))/q))
			name := fmt.Sprint(n, kind)
			opt.Method = resample.PermLattice
			exact, err := resample.PermutationWith(x, y, opt)
			require.NoError(t, err, name)
			opt.Method, opt.Additions = resample.PermAuto, 1e3
			got, err := resample.PermutationWith(inUnit(x), inUnit(y), opt)
			require.NoError(t, err, name)
			require.NotEqual(t, resample.PermMonteCarlo, got.Method, name)
			e, g := exact.CI(0.95), got.CI(0.95)
			se := (e.Hi - e.Lo) / 4
			assert.InDelta(t, e.Lo, g.Lo/irrational, 0.002*se, name)
			assert.InDelta(t, e.Hi, g.Hi/irrational, 0.002*se, name)
			for _, null := range []float64{0, exact.Value + 0.4*se, exact.Value - 1.1*se, exact.Value + 1.9*se, exact.Value - 2.6*se, exact.Value + 3.3*se} {
				p := exact.P(null)
				assert.InDelta(t, p, got.P(null*irrational), 1e-4+0.01*p, "%s at %v", name, null)
				p = exact.PGreater(null)
				assert.InDelta(t, p, got.PGreater(null*irrational), 1e-4+0.01*p, "%s at %v", name, null)
			}
			for _, end := range []float64{g.Lo, g.Hi} {
				for _, off := range []float64{0, 1e-6, -1e-6, 0.1, -0.1} {
					assert.Equal(t, g.Contains(end+off), got.P(end+off) >= 0.05, "%s %v of %v", name, off, g)
				}
			}
		}
	}
}
