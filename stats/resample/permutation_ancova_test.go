package resample_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
)

func ExamplePermutationANCOVA() {
	p, err := resample.PermutationANCOVA(regress.ANCOVAData{
		Arm:      strings.Fields("hilt hilt hilt hilt hilt sham sham sham sham sham"),
		Control:  "sham",
		Y:        []float64{3.1, 2.4, 4.0, 2.2, 3.5, 5.8, 5.1, 6.6, 4.9, 6.0},
		Baseline: []float64{6.2, 5.5, 7.1, 5.0, 6.4, 6.0, 5.7, 7.2, 5.2, 6.1},
	}, "hilt")
	if err != nil {
		panic(err)
	}
	fmt.Println(p)
	fmt.Printf("%s, %.0f arrangements\n", p.Method, p.Arrangements)
	// Output:
	// -2.64 (95% CI -2.93 to -2.29; p = 0.0079; permutation, exact, 252 arrangements)
	// enumeration, 252 arrangements
}

// permTrial is a small trial with integer arms: 0 control, 1 treated, others.
type permTrial struct {
	Y          []float64
	Arm        []int
	Covariates [][]float64
	Block      []int
	swapped    bool
}

func (d permTrial) run(opt resample.PermANCOVAOptions) (resample.Perm, error) {
	data := regress.ANCOVAData{Y: d.Y, Baseline: d.Covariates[0], Control: "a0"}
	treated := "a1"
	if d.swapped {
		treated, data.Control = "a0", "a1"
	}
	for _, a := range d.Arm {
		data.Arm = append(data.Arm, fmt.Sprintf("a%d", a))
	}
	for j, c := range d.Covariates[1:] {
		data.Covariates = append(data.Covariates, regress.Numeric(fmt.Sprintf("c%d", j), c))
	}
	if d.Block != nil {
		for _, b := range d.Block {
			opt.Block = append(opt.Block, fmt.Sprint(b))
		}
	}
	return resample.PermutationANCOVAWith(data, treated, opt)
}

// slowT fits the model by least squares and returns the arm's coefficient and t.
func slowT(y []float64, z []bool, other []int, covs [][]float64) (coef, t float64) {
	n := len(y)
	arms := slices.Clone(other)
	slices.Sort(arms)
	arms = slices.Compact(arms)
	var rows []float64
	p := 0
	for i := range y {
		r := []float64{1, 0}
		if z[i] {
			r[1] = 1
		}
		for _, a := range arms {
			if a > 1 {
				v := 0.0
				if other[i] == a {
					v = 1
				}
				r = append(r, v)
			}
		}
		for _, c := range covs {
			r = append(r, c[i])
		}
		p = len(r)
		rows = append(rows, r...)
	}
	x := mat.NewDense(n, p, rows)
	yv := mat.NewVecDense(n, slices.Clone(y))
	var xtx, inv mat.Dense
	xtx.Mul(x.T(), x)
	if err := inv.Inverse(&xtx); err != nil {
		return math.NaN(), math.NaN()
	}
	var xty, b, fit mat.VecDense
	xty.MulVec(x.T(), yv)
	b.MulVec(&inv, &xty)
	fit.MulVec(x, &b)
	var rss float64
	for i := range y {
		e := y[i] - fit.AtVec(i)
		rss += e * e
	}
	return b.AtVec(1), b.AtVec(1) / math.Sqrt(rss/float64(n-p)*inv.At(1, 1))
}

// slowANCOVA refits the model to every arrangement.
func slowANCOVA(d permTrial, null float64) (coef, two, greater, less float64) {
	var free []int
	z := make([]bool, len(d.Y))
	y := slices.Clone(d.Y)
	need := map[int]int{}
	block := func(i int) int {
		if d.Block == nil {
			return 0
		}
		return d.Block[i]
	}
	for i, a := range d.Arm {
		if a == 1 {
			y[i] -= null
			z[i] = true
			need[block(i)]++
		}
		if a == 1 || a == 0 {
			free = append(free, i)
		}
	}
	coef, obs := slowT(y, z, d.Arm, d.Covariates)
	var m, c2, cg, cl float64
	for mask := range 1 << len(free) {
		clear(z)
		got := map[int]int{}
		for b, i := range free {
			if mask>>b&1 == 1 {
				z[i] = true
				got[block(i)]++
			}
		}
		ok := len(got) == len(need)
		for l, k := range need {
			ok = ok && got[l] == k
		}
		if !ok {
			continue
		}
		_, t := slowT(y, z, d.Arm, d.Covariates)
		m++
		eps := 1e-9 * math.Max(1, math.Abs(obs))
		if math.Abs(t) >= math.Abs(obs)-eps {
			c2++
		}
		if t >= obs-eps {
			cg++
		}
		if t <= obs+eps {
			cl++
		}
	}
	return coef + null, c2 / m, cg / m, cl / m
}

func permANCOVAData(r *rand.Rand, n int, arms int, blocks bool) permTrial {
	d := permTrial{Covariates: [][]float64{nil, nil}}
	for i := range n {
		d.Arm = append(d.Arm, i%arms)
		base := float64(r.IntN(40)) / 4
		d.Covariates[0] = append(d.Covariates[0], base)
		d.Covariates[1] = append(d.Covariates[1], r.NormFloat64())
		d.Y = append(d.Y, math.Round(4*(base*0.6+r.NormFloat64()+float64(i%arms)))/4)
		if blocks {
			d.Block = append(d.Block, (i/arms)%2)
		}
	}
	return d
}

func TestPermutationANCOVAEqualsRefitting(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 4))
	for rep := range 12 {
		d := permANCOVAData(r, 8+r.IntN(3)+4*(rep%2), 2+rep%2, rep%3 == 0)
		before := slices.Clone(d.Y)
		p, err := d.run(resample.PermANCOVAOptions{})
		require.NoError(t, err)
		assert.Equal(t, resample.PermEnumeration, p.Method)
		for _, null := range []float64{0, 1, -0.7} {
			coef, two, gr, le := slowANCOVA(d, null)
			assert.InDelta(t, coef, p.Value, 1e-9)
			assert.InDelta(t, two, p.P(null), 1e-12, "%+v null %v", d, null)
			assert.InDelta(t, gr, p.PGreater(null), 1e-12)
			assert.InDelta(t, le, p.PLess(null), 1e-12)
		}
		// the interval's ends are where p crosses alpha
		for _, level := range []float64{0.6, 0.9} {
			ci := p.CI(level)
			if math.IsInf(ci.Lo, 0) || math.IsInf(ci.Hi, 0) {
				assert.Equal(t, stats.WhyLevel, ci.Why)
				continue
			}
			for _, null := range []float64{ci.Lo + 1e-7, ci.Hi - 1e-7, ci.Lo - 1e-7, ci.Hi + 1e-7} {
				_, two, _, _ := slowANCOVA(d, null)
				assert.Equal(t, two < 1-level-1e-12, ci.Excludes(null), "level %v null %v p %v", level, null, two)
			}
		}
		// swapping the arms turns the sign; a shift of everything changes nothing
		s := d
		s.swapped = true
		q, err := s.run(resample.PermANCOVAOptions{})
		require.NoError(t, err)
		assert.InDelta(t, -p.Value, q.Value, 1e-10)
		assert.InDelta(t, p.P(0.5), q.P(-0.5), 1e-12)
		assert.InDelta(t, p.MinP, q.MinP, 1e-12)
		for i := range s.Y {
			s.Y[i] += 1024
		}
		assert.NotEqual(t, before, s.Y)
		o, err := s.run(resample.PermANCOVAOptions{})
		require.NoError(t, err)
		assert.InDelta(t, q.P(0), o.P(0), 1e-12)
	}
}

func TestPermutationANCOVAMonteCarlo(t *testing.T) {
	r := rand.New(rand.NewPCG(22, 4))
	d := permANCOVAData(r, 16, 2, false)
	exact, err := d.run(resample.PermANCOVAOptions{})
	require.NoError(t, err)
	opt := resample.PermANCOVAOptions{Method: resample.PermMonteCarlo, Replicates: 20000, Seed: 5}
	var first string
	for _, cores := range []int{1, 2, 5} {
		old := runtime.GOMAXPROCS(cores)
		mc, err := d.run(opt)
		ex, err2 := d.run(resample.PermANCOVAOptions{})
		runtime.GOMAXPROCS(old)
		require.NoError(t, err)
		require.NoError(t, err2)
		// five standard errors of a binomial share
		e := exact.P(0)
		assert.InDelta(t, e, mc.P(0), 5*math.Sqrt(e*(1-e)/20000)+1e-4)
		s := fmt.Sprintf("%x %x %x %x %v %v", mc.P(0), mc.P(1), ex.P(0), ex.P(1), mc.CI(0.95), ex.CI(0.95))
		if first == "" {
			first = s
		}
		assert.Equal(t, first, s)
		assert.Equal(t, 1.0/20001, mc.MinP)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	arm := strings.Fields("a a a b b b")
	x := []float64{1, 2, 4, 3, 5, 1}
	_, err = resample.PermutationANCOVAContext(ctx, regress.ANCOVAData{Arm: arm, Control: "a", Y: x, Baseline: []float64{1, 3, 2, 5, 2, 2}}, "b", resample.PermANCOVAOptions{})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestPermutationANCOVARefuses(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 4))
	d := permANCOVAData(r, 10, 2, false)
	d.Covariates = append(d.Covariates, d.Covariates[0])
	_, err := d.run(resample.PermANCOVAOptions{})
	assert.ErrorIs(t, err, stats.ErrSingular)
	d = permANCOVAData(r, 10, 2, false)
	d.Y[3] = math.NaN()
	_, err = d.run(resample.PermANCOVAOptions{})
	assert.ErrorIs(t, err, stats.ErrNotFinite)
	d = permANCOVAData(r, 4, 2, false)
	_, err = d.run(resample.PermANCOVAOptions{})
	assert.ErrorIs(t, err, stats.ErrTooFew)
	d = permANCOVAData(r, 10, 2, false)
	d.Block = slices.Clone(d.Arm)
	_, err = d.run(resample.PermANCOVAOptions{})
	assert.ErrorIs(t, err, stats.ErrNoVariation)
	// A covariate that some arrangement equals: that arrangement has no t.
	d = permANCOVAData(r, 12, 2, false)
	for i := range d.Covariates[1] {
		d.Covariates[1][i] = float64((i + i/6) % 2)
	}
	p, err := d.run(resample.PermANCOVAOptions{})
	require.NoError(t, err)
	require.Len(t, p.Notes, 1)
	assert.Equal(t, resample.NotePermSingular, p.Notes[0].Code)
	assert.False(t, math.IsNaN(p.P(0)))
}

func BenchmarkPermutationANCOVA(b *testing.B) {
	r := rand.New(rand.NewPCG(24, 4))
	for _, n := range []int{10, 20, 60} {
		d := permANCOVAData(r, n, 2, false)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				p, err := d.run(resample.PermANCOVAOptions{})
				if err != nil {
					b.Fatal(err)
				}
				p.P(0)
				p.CI(0.95)
			}
		})
	}
}

// Terms for the blocks that labels are exchanged in are taken out of the model in one
// step: coded as numbers, which says the same, they are fitted column by column.
func TestPermutationANCOVABlockTermsAreTakenOut(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 2))
	for rep := range 4 {
		d := awkwardTrial(r, []string{"normal", "rating"}[rep%2], 10, 10, rep/2, 0.5)
		var block []string
		for i := range d.Y {
			block = append(block, fmt.Sprint(i%5))
			d.Y[i] += float64(i % 5)
		}
		if rep == 3 { // a third arm
			for i := range 5 {
				d.Arm, d.Y, d.Baseline, block = append(d.Arm, "b"), append(d.Y, float64(i)), append(d.Baseline, float64(i*i%3)), append(block, fmt.Sprint(i))
			}
			d.Covariates = nil
		}
		whole, single := d, d
		whole.Covariates = append(append([]regress.Term(nil), d.Covariates...), regress.Category("block", block, "0"))
		single.Covariates = append([]regress.Term(nil), d.Covariates...)
		for l := range 4 {
			x := make([]float64, len(block))
			for i, b := range block {
				if b == fmt.Sprint(l) {
					x[i] = 2
				}
			}
			single.Covariates = append(single.Covariates, regress.Numeric("block"+fmt.Sprint(l), x))
		}
		for _, method := range []resample.PermMethod{resample.PermAuto, resample.PermApprox} {
			opt := resample.PermANCOVAOptions{Block: block, Method: method}
			a, err := resample.PermutationANCOVAWith(whole, "a", opt)
			if method == resample.PermApprox && err != nil {
				_, also := resample.PermutationANCOVAWith(single, "a", opt)
				require.Error(t, also)
				continue
			}
			require.NoError(t, err)
			b, err := resample.PermutationANCOVAWith(single, "a", opt)
			require.NoError(t, err)
			assert.Equal(t, b.Method, a.Method)
			assert.InDelta(t, b.Value, a.Value, 1e-11)
			for _, null := range []float64{0, 0.5, 1.3, -2} {
				assert.InDelta(t, b.P(null), a.P(null), 1e-9, "%d %s %v", rep, method, null)
			}
			e, g := b.CI(0.9), a.CI(0.9)
			assert.InDelta(t, e.Lo, g.Lo, 1e-8)
			assert.InDelta(t, e.Hi, g.Hi, 1e-8)
		}
	}
}
