package topics_test

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/resample"
)

const findPermOffset = "permutation-offset"

func init() {
	reftest.Register("permutation", permutationCase)
	addPython("scipy_two_sample", "permutation_test_", scipyPermutation)
	reftest.Exceptions(reftest.Finding{
		Code: "permutation-tolerance", Topic: "permutation",
		Text: "The scripts take statistics closer than 1e-9 for equal, coin rounds scores alike: data of that size are all equal to them, and coin gives NaN for large ones. Truth: enumeration in rational arithmetic; the reference must be the same enumeration with that tolerance (coin: 1 or NaN).",
	}, reftest.Finding{
		Code: findPermOffset, Topic: "permutation",
		Text: "R and SciPy subtract two means rounded to float64 near 1e9, whose spacing is 1.2e-7, which bounds the error of the difference (over the standard error); the truth is the difference (over the standard error) in exact rational arithmetic",
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

// ratShares are the shares of arrangements whose difference in means is as far
// from 0, as small and as large as the trial's, in rational arithmetic.
func ratShares(x, y []float64, tolerance float64) (two, less, greater float64) {
	all := append(append([]float64(nil), x...), y...)
	v := make([]*big.Rat, len(all))
	mean := ratMean(all)
	for i, a := range all {
		v[i] = new(big.Rat).SetFloat64(a)
		v[i].Sub(v[i], mean)
	}
	obs := new(big.Rat)
	for i := range x {
		obs.Add(obs, v[i])
	}
	// A difference of means is the sum over this.
	scale := float64(len(x)) * float64(len(y)) / float64(len(all))
	eps := new(big.Rat).SetFloat64(tolerance * scale)
	far := new(big.Rat).Abs(obs)
	far.Sub(far, eps)
	low, high := new(big.Rat).Sub(obs, eps), new(big.Rat).Add(obs, eps)
	total := 0.0
	var choose func(from, left int, sum *big.Rat)
	choose = func(from, left int, sum *big.Rat) {
		if left == 0 {
			total++
			if sum.Cmp(high) <= 0 {
				less++
			}
			if sum.Cmp(low) >= 0 {
				greater++
			}
			if new(big.Rat).Abs(sum).Cmp(far) >= 0 {
				two++
			}
			return
		}
		for i := from; i <= len(v)-left; i++ {
			choose(i+1, left-1, new(big.Rat).Add(sum, v[i]))
		}
	}
	choose(0, len(x), new(big.Rat))
	return two / total, less / total, greater / total
}

func ratFloat(r *big.Rat) float64 { f, _ := r.Float64(); return f }

// wantExact compares a difference with the reference, or, where an offset has
// cost the reference its digits, with the truth.
func wantExact(c *reftest.Case, path string, got, truth, offset, se float64) {
	if offset >= 1e6 {
		c.WantTruthWithin(path, got, truth, findPermOffset, spacing(offset)*math.Max(1, 1/se))
		return
	}
	c.Want(path, got, reftest.Tol, 1e-13*offset)
}

// spacing is the distance from x to the next float64: a mean rounded once is
// half of it off, the difference of two such means at most one whole.
func spacing(x float64) float64 { return math.Nextafter(x, math.Inf(1)) - x }

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
	opt := resample.PermOptions{}
	if strings.HasPrefix(kind, "studentized") {
		opt.Statistic = resample.PermStudentized
	}
	p, err := resample.PermutationWith(x, y, opt)
	if err != nil {
		if c.ExpectsError() {
			c.Refused(err, "")
			return nil
		}
		if _, ok := c.Ref("p_two_sided_abs"); ok && noNumber(c, "p_two_sided_abs") { // one value in an arm has no t
			c.Refused(err, "")
			return nil
		}
		return err
	}
	switch kind {
	case "mean_diff_enumerated":
		wantExact(c, "obs", p.Value, ratFloat(diff), largest(x, y), 1)
		c.Want("n_perm", p.Arrangements)
		twice := func(less, greater float64) float64 { return math.Min(1, 2*math.Min(less, greater)) }
		if tol := 1e-9 * math.Max(1, largest(x, y)); tol > 1e-6*largest(x, y) {
			// The case's script takes differences of 1e-9 for equal.
			two, less, greater := ratShares(x, y, 1e-12*largest(x, y)) // decimals are ties though their float64 values are not quite
			two9, less9, greater9 := ratShares(x, y, tol)
			for path, v := range map[string][3]float64{"p_two_sided_abs": {p.P(0), two, two9}, "p_less": {p.PLess(0), less, less9},
				"p_greater":   {p.PGreater(0), greater, greater9},
				"p_twice_min": {twice(p.PLess(0), p.PGreater(0)), twice(less, greater), twice(less9, greater9)}} {
				c.WantTruthBy(path, v[0], v[1], "permutation-tolerance", reftest.Is(v[2]))
			}
			return nil
		}
		c.Want("p_two_sided_abs", p.P(0))
		c.Want("p_less", p.PLess(0))
		c.Want("p_greater", p.PGreater(0))
		c.Want("p_twice_min", twice(p.PLess(0), p.PGreater(0)))
	case "coin_oneway_exact":
		if c.ExpectsError() {
			c.Refused(nil, "the exact p-value is answered where coin refuses negative or large scores")
			return nil
		}
		// coin standardizes the sum: the difference over its permutation standard deviation.
		all := append(append([]float64(nil), x...), y...)
		n, n1, n0 := float64(len(all)), float64(len(x)), float64(len(y))
		v := ratFloat(ratVar(all))
		z := math.Sqrt(v * n / (n1 * n0))
		wantExact(c, "statistic", p.Value/z, ratFloat(diff)/z, largest(x, y), z)
		if ref, _ := c.Ref("p.value"); !reftest.Close(ref, p.P(0), reftest.Tol, 0) && (largest(x, y) < 1e-6 || largest(x, y) > 1e6) {
			two, _, _ := ratShares(x, y, 1e-12*largest(x, y))
			c.WantTruthBy("p.value", p.P(0), two, "permutation-tolerance", func(ref float64) bool { return ref == 1 || math.IsNaN(ref) })
			return nil
		}
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
		wantExact(c, "obs", p.Stat, ratFloat(diff)/se, largest(x, y), se)
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
	p, err := resample.PermutationPaired(d)
	if err != nil {
		return err
	}
	sum.Quo(sum, big.NewRat(int64(len(d)), 1))
	c.Want("obs", p.Value, reftest.Tol, 1e-13*largest(d))
	c.Want("n_perm", p.Arrangements)
	if largest(d) < 1e-6 && largest(d) > 0 { // the script's tolerance is 1e-9
		two, less, greater := ratSigns(d, 0)
		two9, less9, greater9 := ratSigns(d, 1e-9)
		for path, v := range map[string][3]float64{"p_two_sided_abs": {p.P(0), two, two9}, "p_less": {p.PLess(0), less, less9},
			"p_greater": {p.PGreater(0), greater, greater9}} {
			c.WantTruthBy(path, v[0], v[1], "permutation-tolerance", reftest.Is(v[2]))
		}
		return nil
	}
	c.Want("p_two_sided_abs", p.P(0))
	c.Want("p_less", p.PLess(0))
	c.Want("p_greater", p.PGreater(0))
	return nil
}

// ratSigns are the same shares over the patterns of signs.
func ratSigns(d []float64, tolerance float64) (two, less, greater float64) {
	obs := new(big.Rat)
	for _, v := range d {
		obs.Add(obs, new(big.Rat).SetFloat64(v))
	}
	eps := new(big.Rat).SetFloat64(tolerance * float64(len(d))) // of the mean
	far := new(big.Rat).Abs(obs)
	far.Sub(far, eps)
	low, high := new(big.Rat).Sub(obs, eps), new(big.Rat).Add(obs, eps)
	n := 1 << len(d)
	for set := range n {
		sum := new(big.Rat)
		for i, v := range d {
			if set>>i&1 == 1 {
				v = -v
			}
			sum.Add(sum, new(big.Rat).SetFloat64(v))
		}
		if sum.Cmp(high) <= 0 {
			less++
		}
		if sum.Cmp(low) >= 0 {
			greater++
		}
		if sum.Abs(sum).Cmp(far) >= 0 {
			two++
		}
	}
	return two / float64(n), less / float64(n), greater / float64(n)
}

// scipyPermutation: SciPy's two-sided p is twice the smaller one-sided p.
func scipyPermutation(c *reftest.Case) error {
	x, y := present(c.Floats("x")), present(c.Floats("y"))
	p, err := resample.Permutation(x, y)
	if err != nil {
		return err
	}
	diff := new(big.Rat).Sub(ratMean(x), ratMean(y))
	wantExact(c, "statistic", p.Value, ratFloat(diff), largest(x, y), 1)
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
