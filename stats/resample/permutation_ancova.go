package resample

import (
	"context"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
)

// PermANCOVAOptions are the choices in PermutationANCOVA. The zero value is
// complete randomization, enumerated where affordable.
type PermANCOVAOptions struct {
	// Block names each participant's randomization block or stratum, "" being a
	// block like any other; nil means complete randomization. Blocks restrict the
	// exchange of labels; they enter the model only if they are also covariates.
	Block []string
	// Arrangements is the most that are enumerated, up to and by default 3·10⁶;
	// it bounds nothing where a method is forced.
	Arrangements float64
	// Method, Replicates, Seed: as in PermOptions.
	Method     PermMethod
	Replicates int
	Seed       uint64
}

// permStored is the largest number of arrangements of a refitted model that
// are enumerated: each is kept (16 bytes), so that any question can be asked.
const permStored = 3e6

// NotePermSingular: in some arrangements the arms' contrast is a linear
// combination of the covariates, so that the model has no t; they are counted
// as at least as far. Args: share of arrangements.
const NotePermSingular = "permutation-singular"

// PermutationANCOVA is the re-randomization companion of analysis of
// covariance. The estimate is ANCOVA's Difference(treated): the coefficient of
// that arm in the least-squares fit over all arms. The p-value does
// not rest on the normal model: the labels treated and control are exchanged
// among the participants of these two arms in every way the randomization
// could have produced (within Block), the model over all arms is fitted again
// to each arrangement, and p is the share of arrangements whose |t| is at least
// the trial's; |t| within 1e-12 of it, relatively, counts as equal.
//
// For a null value δ, Y − δ·treated takes the place of Y: the hypothesis is
// that treatment adds δ to each participant's outcome (Tukey 1993, doi
// 10.1016/0197-2456(93)90225-3; Rosenbaum 2002, doi 10.1214/ss/1042727942).
// The interval inverts this test; an arrangement's |t| exceeds the trial's on
// an interval of δ whose ends solve two linear equations, so the interval's
// ends are exact order statistics.
//
// All arrangements are counted up to 3·10⁶ of them (12 v 12: 2.7·10⁶; Arrangements asks for
// fewer), and without blocks those of more participants, where outcome and covariates lie on
// grids so coarse that many arrangements tie (ratings from 0 to 10, to about 20 v
// 20): those with equal sums are counted together. Beyond, p is approximated to
// within 1e-4 and 1 %, and limits to a fraction of a step, up to 3,000 participants, in
// the first of these ways that is good enough:
//
//   - An outcome and a baseline on coarse grids (ratings from 0 to 10, to about 120 v 120),
//     within blocks or without: from the characteristic function of the two sums over the
//     treated, under null values of whole and half steps, to 1e-5. Under others p lies
//     between those of the half steps next to them.
//   - Beyond 160 participants, and in blocks: from the first six cumulants of the permutation
//     distribution (note NotePermApprox), where these describe it well. Skewed scores and
//     outliers they do not.
//   - One covariate that varies within blocks, few participants or sums that bunch: from
//     the joint characteristic function of its sum and that of the scores (note
//     NotePermInverted, as all that follow).
//   - From the characteristic function of the scores, expanded in the covariates' sums; in
//     blocks with up to three covariates that vary within them.
//
// Where none is (in blocks, more than three covariates that vary within them, or scores
// that skew or bunch beside two in two blocks of more than 60 v 60; without, sums that bunch
// beside two or more covariates), seeded random arrangements give p = (b+1)/(m+1): nothing
// that is known of the sum of such scores given those covariates is good to 1 %. Method
// says which. MinP is found among the arrangements; for
// a Monte Carlo test it is 1/(Replicates+1), for an approximate one the share of
// one arrangement.
//
// It refuses what ANCOVA refuses, except an outcome without residual variation
// (every |t| is then infinite, 0 or neither, and still compared), an arm treated
// without participants (ErrDomain), and blocks of which none holds both arms
// (ErrNoVariation). It panics where treated is the control.
//
// With two arms, no blocks and all arrangements, p is what R's lm gives when it is
// refitted with the arm of every column of combn(n, n_treated) and its |t| compared
// (Draper & Stoneman 1966, Technometrics 8:695: the variable tested is permuted, the
// others stay); SAS has no procedure for it.
func PermutationANCOVA(data regress.ANCOVAData, treated string) (Perm, error) {
	return PermutationANCOVAContext(context.Background(), data, treated, PermANCOVAOptions{})
}

// PermutationANCOVAWith is PermutationANCOVA with blocks, a method or a seed.
func PermutationANCOVAWith(data regress.ANCOVAData, treated string, opt PermANCOVAOptions) (Perm, error) {
	return PermutationANCOVAContext(context.Background(), data, treated, opt)
}

// PermutationANCOVAContext is PermutationANCOVAWith that stops with the
// context's error.
func PermutationANCOVAContext(ctx context.Context, data regress.ANCOVAData, treated string, opt PermANCOVAOptions) (Perm, error) {
	const fn = "PermutationANCOVA"
	listed := float64(permStored)
	if opt.Arrangements > 0 && opt.Method == PermAuto {
		listed = min(listed, opt.Arrangements)
	}
	if opt.Block != nil && len(opt.Block) != len(data.Y) {
		return Perm{}, &stats.SampleError{Func: fn, Arg: "Block", Index: -1, Err: stats.ErrLength,
			Info: fmt.Sprintf("%d labels, %d outcomes", len(opt.Block), len(data.Y))}
	}
	m, err := newPermModel(fn, data, treated, opt.Block)
	if err != nil {
		return Perm{}, err
	}
	blocks := labelBlocks(data, treated, opt.Block)
	arrangements := 1.0
	for _, b := range blocks {
		arrangements *= binomial(len(b.rows), b.pick)
	}
	if arrangements == 1 {
		return Perm{}, &stats.SampleError{Func: fn, Arg: "Block", Index: -1, Err: stats.ErrNoVariation, Info: "no block holds both arms"}
	}
	res := Perm{far: farFrom(data.Y), Value: m.a0 / m.v0, Arrangements: arrangements}
	t := &linTest{a0: m.a0 / math.Sqrt(m.v0), g0: math.Sqrt(m.v0), step: permStep{1, 1}, rel: 1e-12, loose: true}
	exact := arrangements <= listed && opt.Method != PermMonteCarlo && opt.Method != PermApprox && opt.Method != PermLattice
	if opt.Method == PermEnumeration && !exact {
		return Perm{}, &stats.SampleError{Func: fn, Arg: "Method", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("%.3g arrangements, at most %.0g are enumerated", arrangements, permStored)}
	}
	if !exact && opt.Method != PermMonteCarlo {
		done, err := res.unlisted(ctx, m, blocks, t, opt)
		if done || err != nil {
			return res, err
		}
		exact = arrangements <= permStored && opt.Method == PermAuto
		if opt.Method != PermAuto {
			return Perm{}, &stats.SampleError{Func: fn, Arg: "Method", Index: -1, Err: stats.ErrDomain,
				Info: fmt.Sprintf("%s is not possible for these data", opt.Method)}
		}
	}
	if exact {
		res.Method = PermEnumeration
		n := int(arrangements)
		t.a, t.g = make([]float64, n), make([]float64, n)
		err = enumerateLabels(ctx, m.cells, blocks, n, m.store(t, blocks))
	} else {
		res.Method = PermMonteCarlo
		res.Replicates, res.Seed = PermOptions{Replicates: opt.Replicates}.replicates(), opt.Seed
		res.Notes = append(res.Notes, stats.Note{Code: NotePermMonteCarlo,
			Args: map[string]any{"replicates": res.Replicates, "seed": res.Seed}})
		t.mc = true
		t.a, t.g = make([]float64, res.Replicates), make([]float64, res.Replicates)
		err = drawLabels(ctx, m.cells, blocks, res.Replicates, res.Seed, m.store(t, blocks))
	}
	if err != nil {
		return Perm{}, err
	}
	res.finish(t)
	return res, nil
}

// finish takes t, which holds arrangements, as the test.
func (p *Perm) finish(t *linTest) {
	drawn := t.total()
	t.dropUndefined()
	if t.always > 0 {
		p.Notes = append(p.Notes, stats.Note{Code: NotePermSingular, Args: map[string]any{"share": t.always / drawn}})
	}
	p.MinP = t.floor()
	p.test = t
}

// ancovaSeries is the number of participants from which on the cumulants' series
// is asked before the characteristic function, and ancovaMost that up to which
// the latter is.
const ancovaSeries, ancovaMost = 160, 3000

// ancovaTied is the number of participants from which on the series is good enough
// between null values at which ties are counted, and ancovaJoint that up to which the joint
// characteristic function is asked first.
const ancovaTied, ancovaJoint = 60, 30

// classesSize is the number of participants up to which arrangements with equal
// sums are counted together unasked.
const classesSize = 42

// unlisted fills the result without listing arrangements one by one, and reports
// whether that was possible: from their classes where these are few and ties
// matter, or by an approximation.
func (p *Perm) unlisted(ctx context.Context, m *permModel, blocks []labelBlock, t *linTest, opt PermANCOVAOptions) (bool, error) {
	n, one := 0, len(blocks) == 1
	for _, b := range blocks {
		n += len(b.rows)
	}
	classes := func(forced bool) (bool, error) { return false, nil }
	smooth := true
	if !one {
		smooth = !m.tied(blocks)
	} else if opt.Method != PermApprox {
		if c := newPermClasses(m.columns(blocks[0]), blocks[0].pick); c != nil {
			smooth = c.chance <= classesChance
			classes = func(forced bool) (bool, error) {
				ok := m.classify(ctx, c, blocks[0], t, forced)
				if err := ctx.Err(); err != nil {
					return false, err
				}
				if ok {
					p.Method = PermLattice
					p.finish(t)
				}
				return ok, nil
			}
		}
	}
	forced := opt.Method == PermExact || opt.Method == PermLattice || opt.Arrangements > permStored
	if forced || !smooth && n <= classesSize {
		if done, err := classes(forced); done || err != nil {
			return done, err
		}
		if opt.Method != PermAuto && opt.Method != PermApprox {
			return false, nil
		}
	}
	least := 1 / p.Arrangements
	take := func(test permTest, note stats.Note) bool {
		p.Method, p.test, p.MinP = PermApprox, test, least
		p.Notes = append(p.Notes, note)
		return true
	}
	approximate := func() *approxTest {
		a := newApproxANCOVA(m, blocks)
		if a == nil {
			return nil
		}
		return newApproxTest(a, permStep{1, 1}, p.Arrangements)
	}
	tied := func(from float64) bool {
		t := newTiedANCOVA(m, blocks, least, from)
		if t == nil {
			return false
		}
		if n > ancovaTied {
			if a := approximate(); a != nil {
				t.smooth = a
			}
		} else if f := newJointANCOVA(ctx, m, blocks, least, true); f != nil {
			t.smooth = f
		}
		return take(t, invertedNote())
	}
	if tied(tiedFrom) {
		return true, nil
	}
	if !smooth {
		return false, nil
	}
	series := func() bool {
		test := approximate()
		return test != nil && take(test, approxNote())
	}
	if (!one || n > ancovaSeries) && series() {
		return true, nil
	}
	if n <= ancovaMost {
		listable := p.Arrangements <= permStored && opt.Method == PermAuto
		if !one && listable && p.Arrangements <= seriesListed {
			return false, nil
		}
		joint := func() *invertedANCOVA { return newJointANCOVA(ctx, m, blocks, least, false) }
		second := func() *invertedANCOVA { return newInvertedANCOVA(m, blocks, least, listable) }
		ways := []func() *invertedANCOVA{joint, second}
		if n > ancovaJoint {
			ways[0], ways[1] = second, joint
		}
		for _, way := range ways {
			if f := way(); f != nil {
				return take(f, invertedNote()), nil
			}
			if err := ctx.Err(); err != nil {
				return false, err
			}
		}
	}
	if one && n <= ancovaSeries && series() || tied(0) {
		return true, nil
	}
	if forced || opt.Method != PermAuto {
		return false, nil
	}
	return classes(false)
}

// dropUndefined moves arrangements without a statistic (NaN) to the counter.
func (t *linTest) dropUndefined() {
	k, all := 0, t.total()
	for i, a := range t.a {
		if math.IsNaN(a) {
			continue
		}
		t.a[k], t.g[k] = a, t.g[i]
		if t.w != nil {
			t.w[k] = t.w[i]
		}
		k++
	}
	t.a, t.g = t.a[:k], t.g[:k]
	if t.w != nil {
		t.w = t.w[:k]
	}
	t.always = all - t.total()
}

// floor is the share of arrangements with the largest deviation at δ = 0.
func (t *linTest) floor() float64 {
	if t.mc {
		return t.share(-t.always)
	}
	var top float64
	for _, a := range t.a {
		top = math.Max(top, math.Abs(a))
	}
	c := 0.0
	for i, a := range t.a {
		if math.Abs(a) >= top*(1-t.rel) {
			c += t.weight(i)
		}
	}
	return t.share(c)
}
