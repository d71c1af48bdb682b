package resample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/resample"
)

// medianOf sorts anew.
func medianOf(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// slowMedianP treats pick of each block's participants in every way, and sorts
// both arms of every arrangement. It returns the shares at least as far out on
// either side, above and below.
func slowMedianP(treated, control [][]float64, null float64) (two, greater, less float64) {
	var all float64
	stat := func(a, b []float64) float64 { return medianOf(a) - medianOf(b) }
	var own1, own0 []float64
	for i := range treated {
		for _, x := range treated[i] {
			own1 = append(own1, x-null)
		}
		own0 = append(own0, control[i]...)
	}
	obs := stat(own1, own0)
	const near = 1e-9
	var visit func(block, from, left int, a, b []float64)
	visit = func(block, from, left int, a, b []float64) {
		if block == len(treated) {
			s := stat(a, b)
			all++
			if math.Abs(s) >= math.Abs(obs)-near {
				two++
			}
			if s >= obs-near {
				greater++
			}
			if s <= obs+near {
				less++
			}
			return
		}
		n1 := len(treated[block])
		n := n1 + len(control[block])
		if from == n {
			next := 0
			if block+1 < len(treated) {
				next = len(treated[block+1])
			}
			visit(block+1, 0, next, a, b)
			return
		}
		var x float64
		if from < n1 {
			x = treated[block][from] - null
		} else {
			x = control[block][from-n1]
		}
		if left > 0 {
			visit(block, from+1, left-1, append(slices.Clone(a), x), b)
		}
		if n-from > left {
			visit(block, from+1, left, a, append(slices.Clone(b), x))
		}
	}
	visit(0, 0, len(treated[0]), nil, nil)
	return two / all, greater / all, less / all
}

// Differences in medians against sorting every arrangement: odd and even arms,
// ties, one block and several, more participants than a word has bits.
func TestPermutationMedianEqualsSorting(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 3))
	for _, sizes := range [][][2]int{
		{{1, 1}}, {{1, 4}}, {{2, 5}}, {{5, 2}}, {{4, 4}}, {{5, 5}}, {{6, 4}}, {{3, 7}}, {{2, 70}}, {{1, 90}}, {{64, 1}},
		{{2, 2}, {2, 2}}, {{1, 3}, {3, 2}, {0, 2}}, {{1, 32}, {1, 33}}, {{1, 10}, {2, 3}, {55, 1}}, {{1, 63}, {1, 2}},
	} {
		for _, step := range []float64{1, 0.001} {
			var x, y [][]float64
			opt := resample.PermOptions{Statistic: resample.PermMedian}
			for b, n := range sizes {
				draw := func(n int) (v []float64) {
					for range n {
						v = append(v, math.Round(r.NormFloat64()*2/step)*step)
					}
					return v
				}
				x, y = append(x, draw(n[0])), append(y, draw(n[1]))
				opt.TreatedBlocks = append(opt.TreatedBlocks, slices.Repeat([]string{string(rune('a' + b))}, n[0])...)
				opt.ControlBlocks = append(opt.ControlBlocks, slices.Repeat([]string{string(rune('a' + b))}, n[1])...)
			}
			p, err := resample.PermutationWith(slices.Concat(x...), slices.Concat(y...), opt)
			require.NoError(t, err)
			for _, null := range []float64{0, 0.5, -3, p.Value, 40} {
				two, greater, less := slowMedianP(x, y, null)
				at := fmt.Sprint(sizes, step, null)
				assert.InDelta(t, two, p.P(null), 1e-12, at)
				assert.InDelta(t, greater, p.PGreater(null), 1e-12, at)
				assert.InDelta(t, less, p.PLess(null), 1e-12, at)
			}
			opt.Method, opt.Replicates, opt.Seed = resample.PermMonteCarlo, 20_000, 5
			mc, err := resample.PermutationWith(slices.Concat(x...), slices.Concat(y...), opt)
			require.NoError(t, err)
			for _, null := range []float64{0, 0.7} {
				two, _, _ := slowMedianP(x, y, null)
				assert.InDelta(t, two, mc.P(null), 5*math.Sqrt(two*(1-two)/20_000)+1e-4, "random, %v %v %v", sizes, step, null)
			}
		}
	}
}

// The search for the interval's ends skips arrangements whose verdict is known
// from a null value nearby; P asks all of them. Just outside an end P rejects,
// at the end it accepts.
func TestPermutationMedianIntervalAgreesWithP(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 3))
	for rep, n := range [][2]int{{12, 12}, {8, 9}, {20, 31}, {64, 64}, {150, 90}, {40, 45}} {
		for _, step := range []float64{1, 0.1, 0.0001} {
			draw := func(n int, off float64) (v []float64) {
				for range n {
					v = append(v, math.Round((r.NormFloat64()*3+off)/step)*step)
				}
				return v
			}
			x, y := draw(n[0], 1e3), draw(n[1], 999.5)
			opt := resample.PermOptions{Statistic: resample.PermMedian, Replicates: 2000, Seed: uint64(rep)}
			if rep%2 == 1 {
				for i := range x {
					opt.TreatedBlocks = append(opt.TreatedBlocks, fmt.Sprint(i%3))
				}
				for i := range y {
					opt.ControlBlocks = append(opt.ControlBlocks, fmt.Sprint(i%3))
				}
			}
			p, err := resample.PermutationWith(x, y, opt)
			require.NoError(t, err)
			for _, level := range []float64{0.8, 0.95} {
				ci := p.CI(level)
				alpha := math.Round((1-level)*100) / 100
				for _, end := range []float64{ci.Lo, ci.Hi} {
					if math.IsInf(end, 0) {
						continue
					}
					assert.GreaterOrEqual(t, p.P(end), alpha, "%v %v %v", n, step, ci)
					out := end + math.Copysign(1e-8, end-p.Value)
					assert.Less(t, p.P(out), alpha, "%v %v %v", n, step, ci)
				}
			}
		}
	}
}
