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

func ExamplePermutationPaired() {
	// Hours of extra sleep with one drug less those with the other (Student 1908).
	p, err := resample.PermutationPaired([]float64{1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4})
	if err != nil {
		panic(err)
	}
	fmt.Println(p)
	// Output:
	// 1.58 (95% CI 0.83 to 2.47; p = 0.0039; permutation, exact, 1024 arrangements)
}

func TestPermutationPairedEqualsEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 2))
	for range 300 {
		n := 1 + r.IntN(9)
		_, d := ints(r, n, 7)
		for _, method := range []resample.PermMethod{resample.PermAuto, resample.PermLattice, resample.PermMonteCarlo} {
			p, err := resample.PermutationPairedWith(d, resample.PermOptions{Method: method})
			require.NoError(t, err)
			for _, null := range []float64{0, 1, -0.5, 1.0 / 3} {
				var obs, c2, cg, cl float64
				for _, x := range d {
					obs += x - null
				}
				least := 1.0
				for mask := range 1 << n {
					s := 0.0
					for i, x := range d {
						if mask>>i&1 == 1 {
							s += x - null
						} else {
							s -= x - null
						}
					}
					if math.Abs(s) >= math.Abs(obs)-1e-9 {
						c2++
					}
					if s >= obs-1e-9 {
						cg++
					}
					if s <= obs+1e-9 {
						cl++
					}
				}
				m := float64(int(1) << n)
				if method == resample.PermMonteCarlo {
					assert.InDelta(t, c2/m, p.P(null), 0.03)
					assert.InDelta(t, cg/m, p.PGreater(null), 0.03)
					continue
				}
				assert.InDelta(t, c2/m, p.P(null), 1e-12, "%v null %v", d, null)
				assert.InDelta(t, cg/m, p.PGreater(null), 1e-12)
				assert.InDelta(t, cl/m, p.PLess(null), 1e-12)
				if null == 0 {
					least = math.Min(least, c2/m)
					assert.LessOrEqual(t, p.MinP, least)
				}
			}
			for _, level := range []float64{0.5, 0.75, 0.9} {
				ci := p.CI(level)
				for _, null := range []float64{0, 1, -1, 0.5, p.Value, ci.Lo, ci.Hi} {
					if !math.IsInf(null, 0) {
						require.Equal(t, p.P(null) < math.Round(1000*(1-level))/1000, ci.Excludes(null), "%v level %v null %v p %v ci %v %s", d, level, null, p.P(null), ci, method)
					}
				}
			}
		}
	}
}

func TestPermutationStudentizedAndMedian(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 2))
	for range 30 {
		_, x := ints(r, 3+r.IntN(3), 9)
		_, y := ints(r, 3+r.IntN(3), 9)
		for _, s := range []resample.PermStatistic{resample.PermStudentized, resample.PermMedian} {
			opt := resample.PermOptions{Statistic: s}
			p, err := resample.PermutationWith(x, y, opt)
			require.NoError(t, err)
			for _, null := range []float64{0, 0.5, -2} {
				// shifting the treated and asking about 0 is the same question
				sh := slices.Clone(x)
				for i := range sh {
					sh[i] -= null
				}
				q, err := resample.PermutationWith(sh, y, opt)
				require.NoError(t, err)
				assert.InDelta(t, q.P(0), p.P(null), 1e-12, "%s %v %v null %v", s, x, y, null)
				assert.InDelta(t, q.PGreater(0), p.PGreater(null), 1e-12)
				assert.InDelta(t, slowStat(sh, y, s), q.P(0), 1e-12, "%s %v %v", s, sh, y)
				w, err := resample.PermutationWith(y, sh, opt)
				require.NoError(t, err)
				assert.InDelta(t, q.PGreater(0), w.PLess(0), 1e-12)
				assert.InDelta(t, -q.Stat, w.Stat, 1e-12)
			}
			ci := p.CI(0.8)
			assert.False(t, ci.Excludes(p.Value))
			if !math.IsInf(ci.Lo, 0) && !math.IsInf(ci.Hi, 0) {
				w := 1e-6
				assert.Less(t, p.P(ci.Lo-w), 0.2+1e-12)
				assert.Less(t, p.P(ci.Hi+w), 0.2+1e-12)
			}
		}
	}
}

// slowStat enumerates Welch's t or the difference in medians.
func slowStat(x, y []float64, s resample.PermStatistic) float64 {
	mean := func(v []float64) (m, va float64) {
		for _, a := range v {
			m += a / float64(len(v))
		}
		for _, a := range v {
			va += (a - m) * (a - m) / float64(len(v)-1)
		}
		return m, va
	}
	med := func(v []float64) float64 {
		v = slices.Clone(v)
		slices.Sort(v)
		return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
	}
	stat := func(a, b []float64) float64 {
		if s == resample.PermMedian {
			return med(a) - med(b)
		}
		ma, va := mean(a)
		mb, vb := mean(b)
		if math.Abs(ma-mb) < 1e-12 {
			return 0
		}
		se := math.Sqrt(va/float64(len(a)) + vb/float64(len(b)))
		if se < 1e-9 {
			return math.Inf(int(math.Copysign(1, ma-mb)))
		}
		return (ma - mb) / se
	}
	all := slices.Concat(x, y)
	obs := math.Abs(stat(x, y))
	var m, c float64
	for mask := range 1 << len(all) {
		var a, b []float64
		for i, v := range all {
			if mask>>i&1 == 1 {
				a = append(a, v)
			} else {
				b = append(b, v)
			}
		}
		if len(a) != len(x) {
			continue
		}
		m++
		if got := math.Abs(stat(a, b)); got >= obs || math.Abs(got-obs) < 1e-9 {
			c++
		}
	}
	return c / m
}
