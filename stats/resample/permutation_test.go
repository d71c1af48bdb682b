package resample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/resample"
)

func ExamplePermutation() {
	laser := []float64{-3.1, -2.4, -3.6, -1.9, -2.3}
	sham := []float64{-0.4, -1.2, 0.3, -0.9, -0.2}
	p, err := resample.Permutation(laser, sham)
	if err != nil {
		panic(err)
	}
	fmt.Println(p)
	fmt.Printf("%s, %.0f arrangements, smallest possible p %.4f\n", p.Method, p.Arrangements, p.MinP)
	// Output:
	// -2.18 (95% CI -3.20 to -1.20; p = 0.0079; permutation, exact, 252 arrangements)
	// enumeration, 252 arrangements, smallest possible p 0.0079
}

// slowPerm lists every arrangement within blocks and counts the deviations from
// their expectation, in whole numbers: sums are multiplied by lcm, so that
// expectations are whole too.
func slowPerm(treated, control []int, bt, bc []string, null float64) (two, greater, less float64) {
	v := make([]float64, 0)
	for _, x := range treated {
		v = append(v, float64(x)-null)
	}
	for _, x := range control {
		v = append(v, float64(x))
	}
	n := len(v)
	b := make([]string, n)
	if bt != nil {
		b = slices.Concat(bt, bc)
	}
	need := map[string]int{}
	size := map[string]int{}
	tot := map[string]float64{}
	for i := range v {
		if i < len(treated) {
			need[b[i]]++
		}
		size[b[i]]++
		tot[b[i]] += v[i]
	}
	expect := 0.0
	for l, t := range tot {
		expect += t * float64(need[l]) / float64(size[l])
	}
	obs := 0.0
	for i := range treated {
		obs += v[i]
	}
	var m, c2, cg, cl float64
	for mask := range 1 << n {
		got := map[string]int{}
		s := 0.0
		for i := range v {
			if mask>>i&1 == 1 {
				got[b[i]]++
				s += v[i]
			}
		}
		ok := true
		for l := range size {
			ok = ok && got[l] == need[l]
		}
		if !ok {
			continue
		}
		m++
		if math.Abs(s-expect) >= math.Abs(obs-expect)-1e-9 {
			c2++
		}
		if s >= obs-1e-9 {
			cg++
		}
		if s <= obs+1e-9 {
			cl++
		}
	}
	return c2 / m, cg / m, cl / m
}

func ints(r *rand.Rand, n, k int) ([]int, []float64) {
	a, f := make([]int, n), make([]float64, n)
	for i := range a {
		a[i] = r.IntN(k) - k/3
		f[i] = float64(a[i])
	}
	return a, f
}

func TestPermutationEqualsEnumeration(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for rep := range 300 {
		n1, n0 := 1+r.IntN(5), 1+r.IntN(5)
		x, fx := ints(r, n1, 6)
		y, fy := ints(r, n0, 6)
		var bt, bc []string
		if rep%2 == 1 {
			bt, bc = make([]string, n1), make([]string, n0)
			for i := range bt {
				bt[i] = fmt.Sprint(r.IntN(3))
			}
			for i := range bc {
				bc[i] = fmt.Sprint(r.IntN(3))
			}
		}
		for _, method := range []resample.PermMethod{resample.PermAuto, resample.PermLattice, resample.PermEnumeration} {
			p, err := resample.PermutationWith(fx, fy, resample.PermOptions{TreatedBlocks: bt, ControlBlocks: bc, Method: method})
			if err != nil {
				assert.ErrorIs(t, err, stats.ErrNoVariation)
				continue
			}
			for _, null := range []float64{0, 1, -0.5, 1.0 / 3, 0.123} {
				two, gr, le := slowPerm(x, y, bt, bc, null)
				assert.InDelta(t, two, p.P(null), 1e-12, "%v %v %v %v null %v %s", x, y, bt, bc, null, method)
				assert.InDelta(t, gr, p.PGreater(null), 1e-12)
				assert.InDelta(t, le, p.PLess(null), 1e-12)
			}
		}
	}
}

// The p-value is below alpha exactly when the interval excludes the null, and
// the interval's ends are where the p-value jumps.
func TestPermutationIntervalAgrees(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for rep := range 2000 {
		n1, n0 := 1+r.IntN(7), 1+r.IntN(7)
		_, x := ints(r, n1, 7)
		_, y := ints(r, n0, 7)
		opt := resample.PermOptions{}
		if rep%3 == 1 {
			for range x {
				opt.TreatedBlocks = append(opt.TreatedBlocks, fmt.Sprint(r.IntN(2)))
			}
			for range y {
				opt.ControlBlocks = append(opt.ControlBlocks, fmt.Sprint(r.IntN(2)))
			}
		}
		if rep%5 == 2 {
			opt.Method, opt.Replicates = resample.PermMonteCarlo, 1000
		}
		p, err := resample.PermutationWith(x, y, opt)
		if err != nil {
			require.ErrorIs(t, err, stats.ErrNoVariation)
			continue
		}
		for _, level := range []float64{0.5, 0.8, 0.9, 0.95} {
			ci := p.CI(level)
			alpha := map[float64]float64{0.5: 0.5, 0.8: 0.2, 0.9: 0.1, 0.95: 0.05}[level]
			nulls := []float64{0, 1, -1, 0.5, 2, p.Value, ci.Lo, ci.Hi, ci.Lo - 1e-6, ci.Hi + 1e-6}
			for _, null := range nulls {
				if math.IsInf(null, 0) {
					continue
				}
				require.Equal(t, p.P(null) < alpha, ci.Excludes(null), "%v %v %+v level %v null %v p %v ci %v", x, y, opt, level, null, p.P(null), ci)
			}
			if math.IsInf(ci.Lo, 0) || math.IsInf(ci.Hi, 0) {
				require.Equal(t, stats.WhyLevel, ci.Why)
				if math.IsInf(ci.Lo, -1) {
					require.GreaterOrEqual(t, p.P(-1e6), alpha)
				}
			}
		}
		// swap arms
		opt.TreatedBlocks, opt.ControlBlocks = opt.ControlBlocks, opt.TreatedBlocks
		if opt.Method == resample.PermMonteCarlo {
			continue
		}
		q, err := resample.PermutationWith(y, x, opt)
		require.NoError(t, err)
		assert.InDelta(t, -p.Value, q.Value, 1e-12)
		assert.InDelta(t, p.P(0.25), q.P(-0.25), 1e-12)
		assert.InDelta(t, p.PGreater(0.25), q.PLess(-0.25), 1e-12)
		assert.InDelta(t, p.MinP, q.MinP, 1e-12)
		a, b := p.CI(0.9), q.CI(0.9).Neg()
		if !math.IsInf(a.Lo, 0) {
			assert.InDelta(t, a.Lo, b.Lo, 1e-9)
		}
		if !math.IsInf(a.Hi, 0) {
			assert.InDelta(t, a.Hi, b.Hi, 1e-9)
		}
	}
}

// The lattice and the enumeration of half-sums are the same test.
func TestPermutationMethodsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		_, x := ints(r, 9+r.IntN(3), 60)
		_, y := ints(r, 9+r.IntN(3), 60)
		for i := range x {
			x[i] /= 10
		}
		for i := range y {
			y[i] /= 10
		}
		a, err := resample.PermutationWith(x, y, resample.PermOptions{Method: resample.PermLattice})
		require.NoError(t, err)
		b, err := resample.PermutationWith(x, y, resample.PermOptions{Method: resample.PermEnumeration})
		require.NoError(t, err)
		assert.Equal(t, resample.PermLattice, a.Method)
		assert.Equal(t, resample.PermEnumeration, b.Method)
		assert.InEpsilon(t, a.P(0), b.P(0), 1e-12)
		ca, cb := a.CI(0.95), b.CI(0.95)
		assert.InDelta(t, ca.Lo, cb.Lo, 1e-10)
		assert.InDelta(t, ca.Hi, cb.Hi, 1e-10)
		// Off the grid by an irrational factor, the same arrangements count.
		sx, sy := slices.Clone(x), slices.Clone(y)
		for i := range sx {
			sx[i] *= math.Pi
		}
		for i := range sy {
			sy[i] *= math.Pi
		}
		c, err := resample.Permutation(sx, sy)
		require.NoError(t, err)
		assert.Equal(t, a.P(0), c.P(0))
		cc := c.CI(0.95)
		assert.InDelta(t, ca.Lo*math.Pi, cc.Lo, 1e-9)
		assert.InDelta(t, ca.Hi*math.Pi, cc.Hi, 1e-9)
		mc, err := resample.PermutationWith(x, y, resample.PermOptions{Method: resample.PermMonteCarlo, Replicates: 20000, Seed: 7})
		require.NoError(t, err)
		// five standard errors of a binomial share
		assert.InDelta(t, a.P(0), mc.P(0), 5*math.Sqrt(a.P(0)*(1-a.P(0))/20000)+1e-4)
		assert.InDelta(t, a.P(1), mc.P(1), 5*math.Sqrt(a.P(1)*(1-a.P(1))/20000)+1e-4)
	}
}

func TestPermutationFloorOfDesign(t *testing.T) {
	x := []float64{1, 2, 3, 4, 5}
	y := []float64{6, 7, 8, 9, 10}
	p, err := resample.Permutation(x, y)
	require.NoError(t, err)
	assert.Equal(t, 2.0/252, p.MinP)
	assert.Equal(t, 2.0/252, p.P(0))
	f, err := resample.PermutationFloor(x, y)
	require.NoError(t, err)
	assert.Equal(t, 2.0/252, f)
	f, err = resample.PermutationFloor([]float64{1, 1, 1}, []float64{1, 2, 2})
	require.NoError(t, err)
	// The top three are {1, 2, 2}, four ways; the bottom three {1, 1, 1}, four.
	assert.Equal(t, 8.0/20, f)
	b := []string{"1", "2", "3", "4", "5"}
	p, err = resample.PermutationWith(x, y, resample.PermOptions{TreatedBlocks: b, ControlBlocks: b})
	require.NoError(t, err)
	assert.Equal(t, 2.0/32, p.MinP)
	assert.Equal(t, 2.0/32, p.P(0))
	assert.Equal(t, stats.Interval{Lo: math.Inf(-1), Hi: math.Inf(1), Level: 0.95, Why: stats.WhyLevel}, p.CI(0.95))
	// The floor is the smallest p over all arrangements of the scores.
	r := rand.New(rand.NewPCG(9, 9))
	for range 50 {
		n1, n := 1+r.IntN(4), 7
		pool, _ := ints(r, n, 4)
		least := 1.0
		var minP float64
		for mask := range 1 << n {
			var a, c []int
			var fa, fc []float64
			for i, v := range pool {
				if mask>>i&1 == 1 {
					a, fa = append(a, v), append(fa, float64(v))
				} else {
					c, fc = append(c, v), append(fc, float64(v))
				}
			}
			if len(a) != n1 {
				continue
			}
			two, _, _ := slowPerm(a, c, nil, nil, 0)
			least = math.Min(least, two)
			p, err := resample.Permutation(fa, fc)
			require.NoError(t, err)
			minP = p.MinP
		}
		assert.InDelta(t, least, minP, 1e-12, "%v choose %d", pool, n1)
	}
}

func TestPermutationSameBytesOnAnyCores(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 1))
	x, y := make([]float64, 60), make([]float64, 40)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	for i := range y {
		y[i] = r.NormFloat64()
	}
	run := func(cores int) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		p, err := resample.PermutationWith(x, y, resample.PermOptions{Method: resample.PermMonteCarlo, Seed: 3})
		require.NoError(t, err)
		require.Equal(t, resample.PermMonteCarlo, p.Method)
		ci := p.CI(0.95)
		return fmt.Sprintf("%x %x %x %x %v", p.P(0), p.P(0.3), ci.Lo, ci.Hi, p.Notes)
	}
	one := run(1)
	assert.Equal(t, one, run(2))
	assert.Equal(t, one, run(7))
}

func TestPermutationRefuses(t *testing.T) {
	_, err := resample.Permutation([]float64{1, math.NaN()}, []float64{1})
	assert.ErrorIs(t, err, stats.ErrNotFinite)
	_, err = resample.Permutation([]float64{1}, nil)
	assert.ErrorIs(t, err, stats.ErrTooFew)
	_, err = resample.PermutationWith([]float64{1, 2}, []float64{3}, resample.PermOptions{TreatedBlocks: []string{"1"}, ControlBlocks: []string{"1"}})
	assert.ErrorIs(t, err, stats.ErrLength)
	p, err := resample.Permutation([]float64{2, 2}, []float64{2, 2, 2})
	require.NoError(t, err)
	assert.Equal(t, 1.0, p.P(0))
	assert.Equal(t, 1.0, p.MinP)
}

// Peers, medians on two cores: SciPy 1.8 s for 10 v 10 enumerated; coin 20 ms
// and SciPy 58 ms for 10,000 random permutations of 50 v 50; coin 66 ms for the
// exact p of 100 v 100 (testdata/reference/bench_permutation.R).
func BenchmarkPermutation(b *testing.B) {
	norm := func(n int, seed uint64) []float64 {
		r := rand.New(rand.NewPCG(seed, 1))
		x := make([]float64, n)
		for i := range x {
			x[i] = r.NormFloat64()
		}
		return x
	}
	run := func(name string, x, y []float64, ci bool) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := resample.Permutation(x, y)
				if err != nil {
					b.Fatal(err)
				}
				p.P(0)
				if ci {
					p.CI(0.95)
				}
			}
		})
	}
	run("exact 5v5", norm(5, 1), norm(5, 2), false)
	run("exact 10v10", norm(10, 1), norm(10, 2), false)
	run("exact 10v10 with CI", norm(10, 1), norm(10, 2), true)
	run("lattice 100v100", statstest.RandomVAS(100, 1), statstest.RandomVAS(100, 2), false)
	run("lattice 100v100 with CI", statstest.RandomVAS(100, 1), statstest.RandomVAS(100, 2), true)
	run("Monte Carlo 50v50", norm(50, 1), norm(50, 2), false)
	run("Monte Carlo 1000v1000", norm(1000, 1), norm(1000, 2), false)
}

// The estimate within blocks is the arm's coefficient of R's
// lm(y ~ arm + block), here
//
//	y <- c(14,11,15,9,12, 20,21,25, 13,10, 24,22,27,23,26)
//	arm <- rep(c(1, 0), c(8, 7)); block <- rep(c("a","b","a","b"), c(5, 3, 2, 5))
//	coef(lm(y ~ arm + factor(block)))["arm"]     # -1.059459459
//
// and not the difference in means (-4.839286): it always lies in its own interval.
func TestPermutationEstimateWithinBlocks(t *testing.T) {
	treated := []float64{14, 11, 15, 9, 12, 20, 21, 25}
	control := []float64{13, 10, 24, 22, 27, 23, 26}
	opt := resample.PermOptions{TreatedBlocks: strings.Split("aaaaabbb", ""),
		ControlBlocks: strings.Split("aabbbbb", "")}
	p, err := resample.PermutationWith(treated, control, opt)
	require.NoError(t, err)
	within := (10.0/7*(12.2-11.5) + 15.0/8*(22-24.4)) / (10.0/7 + 15.0/8)
	assert.InDelta(t, -1.059459459, within, 1e-9)
	assert.InDelta(t, within, p.Value, 1e-12)
	assert.Equal(t, 1.0, p.P(p.Value))
	for _, level := range []float64{0.5, 0.8, 0.95} {
		assert.True(t, p.CI(level).Contains(p.Value), "level %v: %v", level, p.CI(level))
	}
	require.Len(t, p.Notes, 1)
	assert.Equal(t, resample.NotePermBlocks, p.Notes[0].Code)
	assert.InDelta(t, 15.875-145.0/7, p.Notes[0].Args["plain"], 1e-12)
	q, err := resample.PermutationWith(control, treated, resample.PermOptions{TreatedBlocks: opt.ControlBlocks, ControlBlocks: opt.TreatedBlocks})
	require.NoError(t, err)
	assert.InDelta(t, -within, q.Value, 1e-12)
}
