package resample

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
)

// PermutationPaired tests the mean of paired differences (treated − control,
// or follow-up − baseline in a crossover) by flipping their signs: under the
// hypothesis each difference was as likely to have come out the other way
// round. The two-sided p-value is the share of the 2ⁿ sign patterns whose mean
// lies at least as far from 0 as the observed one; against a null value δ the
// differences less δ are flipped. The differences' distribution need only be
// symmetric about δ, which randomizing the order within pairs guarantees for
// δ = 0.
//
// As for Permutation, the result is exact where the differences lie on a grid
// or number up to about 40, with ties compared exactly; beyond some tenths of a
// second of work it is approximated as there, and otherwise 10,000 seeded random
// sign patterns give p = (b+1)/(m+1); the interval inverts the test (Fisher 1935, The Design of Experiments, section 21; Tukey's and
// Hartigan's typical values, 1969, doi 10.1080/01621459.1969.10501057).
//
// Zero differences keep their two patterns. It needs one difference and refuses
// NaN and infinities. R: coin::symmetry_test, exactRankTests::perm.test(paired =
// TRUE, exact = TRUE).
func PermutationPaired(differences []float64) (Perm, error) {
	return PermutationPairedContext(context.Background(), differences, PermOptions{})
}

// PermutationPairedWith is PermutationPaired with a method or a seed; the other
// options must be zero.
func PermutationPairedWith(differences []float64, opt PermOptions) (Perm, error) {
	return PermutationPairedContext(context.Background(), differences, opt)
}

// PermutationPairedContext is PermutationPairedWith that stops with the
// context's error.
func PermutationPairedContext(ctx context.Context, differences []float64, opt PermOptions) (Perm, error) {
	const fn = "PermutationPaired"
	if opt.Statistic != PermMean || opt.TreatedBlocks != nil || opt.ControlBlocks != nil {
		panic("resample.PermutationPairedWith: takes no statistic and no blocks")
	}
	if err := check.Moments(fn, "differences", differences, 1); err != nil {
		return Perm{}, err
	}
	n := len(differences)
	v, step, grid := permGrid(differences, false)
	if !grid {
		v = slices.Clone(differences)
		step.num = binaryUnit(math.Max(slices.Max(v), -slices.Min(v)))
		for i := range v {
			v[i] /= step.num
		}
	}
	var sum, size float64
	zeros := 0
	for _, x := range v {
		sum += x
		size += math.Abs(x)
		if x == 0 {
			zeros++
		}
	}
	res := Perm{far: farFrom(differences), Value: step.value(sum, float64(n)), Arrangements: math.Ldexp(1, n)}
	res.Stat = res.Value
	res.MinP = math.Ldexp(1, 1+zeros-n) // all nonzero signs equal, either way
	if zeros == n {
		res.MinP = 1
	}
	if opt.Method != PermMonteCarlo && opt.Method != PermApprox {
		if d := pairSigns(ctx, v, grid, opt); d != nil {
			d.obs, d.e0, d.kobs, d.ke = sum, sum/2, float64(n), float64(n)/2
			d.step, d.den = step, 2
			d.tol, d.loose = 1e-12*size, !grid
			if grid {
				d.tol = math.Max(1e-9, 1e-14*size)
			}
			if !grid {
				d.den = 1
			}
			d.span = slices.Max(v) - slices.Min(v)
			res.test, res.Method = d, PermEnumeration
			if d.lattice {
				res.Method = PermLattice
			}
			return res, nil
		}
		if err := ctx.Err(); err != nil {
			return Perm{}, err
		}
	}
	if opt.Method == PermAuto || opt.Method == PermApprox {
		m := newApproxMeans([]permScores{{v: v, nt: n}}, grid, true, sum, sum/2, float64(n), float64(n)/2)
		if t := newApproxTest(m, step, res.Arrangements); t != nil {
			res.test, res.Method = t, PermApprox
			res.Notes = append(res.Notes, approxNote())
			return res, nil
		}
		d := mergedSigns(ctx, v)
		if err := ctx.Err(); err != nil {
			return Perm{}, err
		}
		if d != nil {
			d.obs, d.e0, d.kobs, d.ke = sum, sum/2, float64(n), float64(n)/2
			d.step, d.den, d.tol, d.loose = step, 1, 1e-12*size, true
			res.test, res.Method = d, PermApprox
			res.Notes = append(res.Notes, mergedNote())
			return res, nil
		}
	}
	if opt.Method != PermAuto && opt.Method != PermMonteCarlo {
		return Perm{}, &stats.SampleError{Func: fn, Arg: "Method", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("%s is not possible for these data", opt.Method)}
	}
	res.Method = PermMonteCarlo
	res.Replicates, res.Seed = opt.replicates(), opt.Seed
	res.Notes = append(res.Notes, stats.Note{Code: NotePermMonteCarlo,
		Args: map[string]any{"replicates": res.Replicates, "seed": res.Seed}})
	a, g, err := drawSigns(ctx, v, res.Replicates, res.Seed)
	if err != nil {
		return Perm{}, err
	}
	for i := range a {
		a[i] = 2*a[i] - sum // the sum with its signs
		g[i] = 2*g[i] - float64(n)
	}
	res.test = &linTest{a: a, g: g, a0: sum, g0: float64(n), step: step, rel: 1e-12, loose: !grid, mc: true}
	return res, nil
}

// pairSigns is the distribution of the sum of the differences that keep their
// sign, by their number: a choice of any size from all differences. Lists are
// made for two halves that meet; a grid needs no halves.
func pairSigns(ctx context.Context, v []float64, grid bool, opt PermOptions) *permDist {
	n := len(v)
	s := slices.Clone(v)
	slices.Sort(s)
	enumerable := n <= 40
	span := s[n-1] - s[0]
	dense := grid && (n > 24 || !enumerable) && opt.Method != PermEnumeration
	switch opt.Method {
	case PermLattice:
		if dense = grid; !dense {
			return nil
		}
	case PermEnumeration:
		if !enumerable {
			return nil
		}
	}
	bud := newSumBudget(ctx, opt)
	if dense && float64(n)*float64(n)*span < permMaxCells {
		if rows, ok := denseRows(s, n, bud); ok {
			d := &permDist{lattice: true}
			zero := &sumRow{w: []float64{1}}
			for k, r := range rows {
				d.add(zero, r, k)
			}
			return d
		}
	}
	if opt.Method == PermLattice || !enumerable {
		return nil
	}
	bud = newSumBudget(ctx, opt)
	a, ok := listRows(s[:n/2], n/2, bud)
	if !ok {
		return nil
	}
	b, ok := listRows(s[n/2:], n-n/2, bud)
	if !ok {
		return nil
	}
	d := &permDist{}
	for i, l := range a {
		for j, r := range b {
			d.add(l, r, i+j)
		}
	}
	return d
}
