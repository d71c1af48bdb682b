package stats_test

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

const findPermOffset = "permutation-offset"

func init() {
	reftest.Register("permutation", permutationCase)
	addPython("scipy_two_sample", "permutation_test_", scipyPermutation)
	reftest.Exceptions(reftest.Finding{
		Code: findPermOffset, Topic: "permutation", Bound: 3e-7,
		Text: "R and SciPy subtract two means rounded to float64 near 1e9, whose spacing is 1.2e-7; the truth is the difference (over the standard error) in exact rational arithmetic",
	})
}

// ratMean is the mean in exact rational arithmetic, ratVar the variance.
func ratMean(x []float64) *big.Rat {
	s := new(big.Rat)
	for _, v := range x {
		s.Add(s, new(big.Rat).SetFloat64(v))
	}
	return s.Quo(s, big.NewRat(int64(len(x)), 1))
}

func ratVar(x []float64) *big.Rat {
	m, s := ratMean(x), new(big.Rat)
	for _, v := range x {
		e := new(big.Rat).SetFloat64(v)
		e.Sub(e, m)
		s.Add(s, e.Mul(e, e))
	}
	return s.Quo(s, big.NewRat(int64(len(x)-1), 1))
}

func ratFloat(r *big.Rat) float64 { f, _ := r.Float64(); return f }

// wantExact compares a difference with the reference, or, where an offset has
// cost the reference its digits, with the truth.
func wantExact(c *reftest.Case, path string, got, truth, offset float64) {
	if offset >= 1e6 {
		c.WantTruth(path, got, truth, findPermOffset)
		return
	}
	c.Want(path, got, reftest.Tol, 1e-13*offset)
}

func largest(xs ...[]float64) float64 {
	m := 0.0
	for _, x := range xs {
		for _, v := range x {
			m = math.Max(m, math.Abs(v))
		}
	}
	return m
}

func permutationCase(c *reftest.Case) error {
	kind := c.ID[strings.LastIndex(c.ID, "/")+1:]
	if strings.HasPrefix(kind, "paired_signflip") {
		return signFlipCase(c)
	}
	x, y := present(c.Floats("x")), present(c.Floats("y"))
	diff := new(big.Rat).Sub(ratMean(x), ratMean(y))
	opt := stats.PermOptions{}
	if strings.HasPrefix(kind, "studentized") {
		opt.Statistic = stats.PermStudentized
	}
	p, err := stats.PermutationWith(x, y, opt)
	if err != nil {
		if c.ExpectsError() {
			c.Refused(err, "")
			return nil
		}
		return err
	}
	switch kind {
	case "mean_diff_enumerated":
		wantExact(c, "obs", p.Value, ratFloat(diff), largest(x, y))
		c.Want("n_perm", p.Arrangements)
		c.Want("p_two_sided_abs", p.P(0))
		c.Want("p_less", p.PLess(0))
		c.Want("p_greater", p.PGreater(0))
		c.Want("p_twice_min", math.Min(1, 2*math.Min(p.PLess(0), p.PGreater(0))))
	case "coin_oneway_exact":
		if c.ExpectsError() {
			c.Refused(nil, "the exact p-value is answered where coin refuses negative or large scores")
			return nil
		}
		// coin standardizes the sum: the difference over its permutation standard deviation.
		all := append(append([]float64(nil), x...), y...)
		n, n1, n0 := float64(len(all)), float64(len(x)), float64(len(y))
		v := ratFloat(ratVar(all))
		c.Want("statistic", p.Value/math.Sqrt(v*n/(n1*n0)), reftest.Tol, 1e-14)
		c.Want("p.value", p.P(0))
	case "studentized_enumerated":
		c.Want("n_perm", p.Arrangements)
		c.Skip("n_nan") // R's arrangements without a statistic; none of ours is NaN
		if ref, ok := c.Ref("p_two_sided_abs"); ok && math.IsNaN(ref) {
			c.Refused(nil, "all values equal: t is 0 and p is 1")
			if p.P(0) != 1 || p.Stat != 0 {
				c.Fail("t %v, p %v", p.Stat, p.P(0))
			}
			return nil
		}
		se := math.Sqrt(ratFloat(ratVar(x))/float64(len(x)) + ratFloat(ratVar(y))/float64(len(y)))
		wantExact(c, "obs", p.Stat, ratFloat(diff)/se, largest(x, y))
		c.Want("p_two_sided_abs", p.P(0))
	default:
		return fmt.Errorf("no function for %s", kind)
	}
	return nil
}

func signFlipCase(c *reftest.Case) error {
	x := c.Floats("x")
	var d []float64
	var y []float64
	if c.Has("y") {
		y = c.Floats("y")
	}
	mu := 0.0
	if c.Has("mu") {
		mu = c.Num("mu")
	}
	sum, size := new(big.Rat), 0.0
	for i, v := range x {
		w := mu
		if y != nil {
			w = y[i]
		}
		if math.IsNaN(v) || math.IsNaN(w) {
			continue
		}
		d = append(d, v-w)
		sum.Add(sum, new(big.Rat).SetFloat64(v-w))
		size = math.Max(size, math.Abs(v))
	}
	p, err := stats.PermutationPaired(d)
	if err != nil {
		return err
	}
	sum.Quo(sum, big.NewRat(int64(len(d)), 1))
	c.Want("obs", p.Value, reftest.Tol, 1e-13*largest(d))
	c.Want("n_perm", p.Arrangements)
	c.Want("p_two_sided_abs", p.P(0))
	c.Want("p_less", p.PLess(0))
	c.Want("p_greater", p.PGreater(0))
	return nil
}

// scipyPermutation: SciPy's two-sided p is twice the smaller one-sided p.
func scipyPermutation(c *reftest.Case) error {
	x, y := present(c.Floats("x")), present(c.Floats("y"))
	p, err := stats.Permutation(x, y)
	if err != nil {
		return err
	}
	diff := new(big.Rat).Sub(ratMean(x), ratMean(y))
	wantExact(c, "statistic", p.Value, ratFloat(diff), largest(x, y))
	switch c.Str("alternative") {
	case "two-sided":
		c.Want("p", math.Min(1, 2*math.Min(p.PLess(0), p.PGreater(0))))
	case "less":
		c.Want("p", p.PLess(0))
	case "greater":
		c.Want("p", p.PGreater(0))
	default:
		return fmt.Errorf("alternative %q", c.Str("alternative"))
	}
	return nil
}
