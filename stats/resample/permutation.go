package resample

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
)

// PermStatistic is the statistic whose permutation distribution is taken.
type PermStatistic string

const (
	// PermMean is the difference in means, the default.
	PermMean PermStatistic = ""
	// PermMedian is the difference in medians; |difference| is compared.
	PermMedian PermStatistic = "median"
	// PermStudentized is Welch's t, the estimate still the difference in means:
	// |t| is compared, and the test stays asymptotically valid for equality of
	// means when the arms' variances differ (Janssen 1997, doi
	// 10.1016/S0167-7152(97)00043-6). Where neither arm of an arrangement varies,
	// t is 0 for equal means and otherwise infinite.
	PermStudentized PermStatistic = "studentized"
)

// PermMethod is how the permutation distribution was obtained.
type PermMethod string

const (
	// PermAuto chooses: exact wherever that is affordable. Results never hold it.
	PermAuto PermMethod = ""
	// PermLattice: exact, by convolution of whole-number sums on the grid that
	// the values lie on.
	PermLattice PermMethod = "lattice"
	// PermEnumeration: exact, every arrangement is counted.
	PermEnumeration PermMethod = "enumeration"
	// PermExact asks for an exact distribution, of whichever kind, however long
	// it takes; where there is none, that is an error. Results never hold it.
	PermExact PermMethod = "exact"
	// PermApprox: approximate tails, from the permutation distribution's first six
	// cumulants, its characteristic function, or its sums with nearly equal ones
	// joined (a note says which); asked for where none is good enough, it is an error.
	PermApprox PermMethod = "approximate"
	// PermMonteCarlo: random arrangements; p = (b+1)/(m+1).
	PermMonteCarlo PermMethod = "monte-carlo"
)

// Notes of permutation tests.
const (
	// NotePermBlocks: allocation ratios differ between blocks, so that the
	// difference in means is partly a difference between blocks; estimate, test
	// and interval compare within blocks. Args: plain, the difference in means.
	NotePermBlocks = "permutation-unequal-blocks"
	// NotePermMonteCarlo: p and interval are Monte Carlo. Args: replicates, seed.
	NotePermMonteCarlo = "permutation-monte-carlo"
)

// permEnumerate is the largest number of arrangements counted one by one.
const permEnumerate = 2e7

// permListed is the largest number of arrangements that the options let be
// listed: one costs some 25 additions.
func permListed(opt PermOptions) float64 {
	switch opt.Method {
	case PermLattice:
		return 0
	case PermAuto:
		return min(permEnumerate, opt.additions()/25)
	}
	return permEnumerate
}

// PermOptions are the choices in a permutation test. The zero value is the
// difference in means under complete randomization, exact where affordable.
type PermOptions struct {
	Statistic PermStatistic
	// TreatedBlocks and ControlBlocks name each observation's randomization
	// block or stratum: labels are exchanged within blocks only. Both nil:
	// complete randomization.
	TreatedBlocks, ControlBlocks []string
	// Method forces a method; one that is not affordable is then an error.
	Method PermMethod
	// Additions bounds the work of the exact distribution of the difference in
	// means before an approximation takes its place; 0 means 10⁸, some tenths
	// of a second. It bounds nothing where a method is forced.
	Additions float64
	// Replicates of a Monte Carlo test; 0 means 10,000, fewer than 1,000 panic.
	Replicates int
	// Seed of a Monte Carlo test. The result depends on it and on nothing else.
	Seed uint64
}

func (o PermOptions) additions() float64 {
	if o.Additions == 0 {
		return 1e8
	}
	return o.Additions
}

func (o PermOptions) replicates() int {
	if o.Replicates == 0 {
		return 10_000
	}
	if o.Replicates < 1000 {
		panic(fmt.Sprintf("resample.PermOptions: %d Monte Carlo replicates, need 1000", o.Replicates))
	}
	return o.Replicates
}

// Perm is a finished permutation test. Its p-values and interval come from the
// same arrangements, by inversion: a null value is inside the interval exactly
// when its two-sided p-value is at least 1 − level.
type Perm struct {
	Value     float64 // the estimate
	Stat      float64 // the statistic at null 0: Value, or Welch's t
	Statistic PermStatistic
	Method    PermMethod
	// Arrangements is the number of possible arrangements, all equally likely
	// under the hypothesis (+Inf beyond 1e308).
	Arrangements float64
	// MinP is the smallest two-sided p-value against no effect that the exact
	// test can give with these scores, arm sizes and blocks, whatever their
	// arrangement. A Monte Carlo p-value is also at least 1/(Replicates+1).
	MinP float64
	// Replicates and Seed of a Monte Carlo test, otherwise 0.
	Replicates int
	Seed       uint64
	Notes      []stats.Note

	test permTest
	far  float64 // |null| from which on p does not change
}

var _ stats.Effect = Perm{}

// farFrom is a null value so large that beyond it the order of the arrangements'
// statistics is that of how many participants they leave in their arms: a million
// times the values' size.
func farFrom(samples ...[]float64) float64 {
	far := 0.0
	for _, s := range samples {
		for _, v := range s {
			far = math.Max(far, math.Abs(v))
		}
	}
	if far == 0 {
		return 1
	}
	return 1e6 * math.Min(far, 1e300)
}

// near is a null value of which p is that of null: beyond far p is the floor that
// it approaches, which differences of such numbers would lose to rounding.
func (p Perm) near(null float64) float64 { return math.Max(-p.far, math.Min(p.far, null)) }

// Point returns the estimate.
func (p Perm) Point() float64 { return p.Value }

// P returns the two-sided p-value of the hypothesis that treatment adds null
// to every participant's value: the share of arrangements whose statistic lies
// at least as far from its expectation as the trial's. For null values however large
// it is at least the share of the trial's own arrangement.
func (p Perm) P(null float64) float64 { return p.test.two(p.near(null)) }

// PContext is P that stops with the context's error.
func (p Perm) PContext(ctx context.Context, null float64) (float64, error) {
	v := p.test.under(ctx).two(p.near(null))
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return v, nil
}

// PGreater returns the share of arrangements whose statistic is at least the
// trial's, with null taken from every treated value.
func (p Perm) PGreater(null float64) float64 { return p.test.greater(p.near(null)) }

// PLess returns the share of arrangements whose statistic is at most the trial's.
func (p Perm) PLess(null float64) float64 { return p.test.less(p.near(null)) }

// CI returns the nulls whose two-sided p-value is at least 1 − level. An end
// is infinite, with Why = WhyLevel, where no null on that side is rejected: the
// arrangements are too few for the level.
func (p Perm) CI(level float64) stats.Interval {
	iv, _ := p.CIContext(context.Background(), level)
	return iv
}

// CIContext is CI that stops with the context's error.
func (p Perm) CIContext(ctx context.Context, level float64) (stats.Interval, error) {
	check.Level(level)
	lo, hi := p.test.under(ctx).ends(permAlpha(level))
	if err := ctx.Err(); err != nil {
		return stats.Interval{}, err
	}
	iv := stats.Interval{Lo: lo, Hi: hi, Level: level}
	if math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		iv.Why = stats.WhyLevel
	}
	return iv, nil
}

// Permutation tests the difference in means by re-randomization: the arms'
// labels are exchanged among the participants in every way that complete
// randomization to these arm sizes could have produced, and the two-sided
// p-value is the share of arrangements whose difference in means lies at least
// as far from its expectation as the trial's. Nothing is assumed of the values'
// distribution; for a null value δ the hypothesis is that treatment adds δ to
// each participant's value.
//
// The result is exact, with ties compared exactly, where the values lie on a
// grid (whole numbers, tenths of a centimeter, …): the joint distribution of
// sums is convolved (Streitberg & Röhmel 1986; Pagano & Tritchler 1983, doi
// 10.1080/01621459.1983.10477990), by default while that takes about 10⁸
// additions (220 v 220 on a scale of 101 steps); Method = PermExact or
// PermLattice goes on to a thousand times that. Values off any grid are
// enumerated while arrangements number at most 4·10⁶ (2·10⁷ where asked for;
// and beyond, to about 17 v 17, as sums of half the participants are listed and
// meet); sums within 1e-12 of the sum of absolute values, relatively, count as
// equal.
//
// Beyond, tails are approximated, to within 1e-4 and 1 % of the exact p. From the
// first six cumulants of the permutation distribution, which are computed exactly
// (inverse Cornish–Fisher expansion, Hill & Davis 1968, doi
// 10.1214/aoms/1177698251), with ties on the grid counted, the limits are within a
// step of the grid, for null values of whole steps and their simple fractions
// and those that are not next to one (there p may be off by half the chance of a
// tie). Where the expansion's last terms are too large for that, or where sums
// bunch, as with outliers or few participants, the distribution's characteristic
// function, computed exactly, is inverted numerically (note NotePermInverted; Gil-Pelaez 1951,
// doi 10.1093/biomet/38.3-4.481), with ties on the grid counted likewise. Where sums
// off any grid tie all the same, as of whole numbers but for a few, they are
// listed as for the exact distribution and those within some 200th of their
// standard deviation joined (note NotePermMerged; up to about 80 v 80, without
// blocks). Beyond, and in blocks, where at least four in five lie on a grid of decimals the
// others are rounded to a part of its step so fine that p changes by less than stated.
// Where nothing of this holds (values that tie on no grid that is found, such as
// multiples of π, in blocks or beyond 150 v 150), 10,000 seeded random arrangements give
// p = (b+1)/(m+1) (Phipson & Smyth 2010, doi 10.2202/1544-6115.1585): a curve through
// such sums is off by half the chance of a tie, 0.2 % at a p of 5 % with 85 v 85 on
// eleven steps. Method says which.
//
// The interval inverts the same two-sided test (Garthwaite 1996, doi
// 10.2307/2532852), its ends found exactly, not searched to a tolerance.
//
// Within blocks, the estimate is the least-squares difference adjusted for
// blocks, Σ w_b (mean treated − mean control) / Σ w_b with w_b = n_t n_c / n of
// each block: the null value at which the treated sum equals its expectation.
// It is the difference in means where all blocks have the same allocation, and
// is always inside the interval.
//
// The other statistics of PermOptions are enumerated up to 3·10⁶ arrangements.
// Their accepted set can have gaps: the interval is its hull, as far as a search
// in 16 steps on either side finds it. Beyond, 10,000 seeded random arrangements are drawn,
// as a median and a ratio of sums to their own standard error are no sums, so that nothing
// of the above holds for them: the p-value's Monte Carlo standard error is at most
// √(p(1 − p)/10,000), 0.002 at a p of 5 %. With random arrangements test and
// interval take some tenths of a second together, up to 3,000 v 3,000. A
// studentized interval by enumeration takes two seconds at 11 v 11 and six at 3·10⁶
// arrangements, as do medians of two against thousands or in blocks: CIContext
// can be stopped, and Method = PermMonteCarlo takes hundredths of a second.
//
// Each arm needs one value. Data without any variation are answered (p = 1).
// R: coin::oneway_test(distribution = exact()) gives the same two-sided p.
func Permutation(treated, control []float64) (Perm, error) {
	return PermutationContext(context.Background(), treated, control, PermOptions{})
}

// PermutationWith is Permutation with options: blocks, another statistic, the
// Monte Carlo seed.
func PermutationWith(treated, control []float64, opt PermOptions) (Perm, error) {
	return PermutationContext(context.Background(), treated, control, opt)
}

// PermutationContext is PermutationWith that stops with the context's error.
func PermutationContext(ctx context.Context, treated, control []float64, opt PermOptions) (Perm, error) {
	const fn = "Permutation"
	if err := check.Sample(fn, "treated", treated, 1); err != nil {
		return Perm{}, err
	}
	if err := check.Sample(fn, "control", control, 1); err != nil {
		return Perm{}, err
	}
	blocks, err := splitBlocks(fn, treated, control, opt)
	if err != nil {
		return Perm{}, err
	}
	res := Perm{far: farFrom(treated, control), Statistic: opt.Statistic, Arrangements: countArrangements(blocks)}
	switch opt.Statistic {
	case PermMean:
		err = res.means(ctx, blocks, opt)
		res.Stat = res.Value
	case PermMedian, PermStudentized:
		err = res.refit(ctx, blocks, opt)
	default:
		panic("resample.PermutationWith: no permutation statistic " + string(opt.Statistic))
	}
	if err != nil {
		return Perm{}, err
	}
	if res.Method == PermMonteCarlo {
		res.Replicates, res.Seed = opt.replicates(), opt.Seed
		res.Notes = append(res.Notes, stats.Note{Code: NotePermMonteCarlo,
			Args: map[string]any{"replicates": res.Replicates, "seed": res.Seed}})
	}
	return res, nil
}

// splitBlocks sorts the observations into blocks, in order of their labels.
func splitBlocks(fn string, treated, control []float64, opt PermOptions) ([]permScores, error) {
	if opt.TreatedBlocks == nil && opt.ControlBlocks == nil {
		b := permScores{nt: len(treated), v: slices.Concat(treated, control)}
		return []permScores{b}, nil
	}
	if len(opt.TreatedBlocks) != len(treated) {
		return nil, &stats.SampleError{Func: fn, Arg: "TreatedBlocks", Index: -1, Err: stats.ErrLength,
			Info: fmt.Sprintf("%d labels, %d values", len(opt.TreatedBlocks), len(treated))}
	}
	if len(opt.ControlBlocks) != len(control) {
		return nil, &stats.SampleError{Func: fn, Arg: "ControlBlocks", Index: -1, Err: stats.ErrLength,
			Info: fmt.Sprintf("%d labels, %d values", len(opt.ControlBlocks), len(control))}
	}
	at := map[string]*permScores{}
	var labels []string
	get := func(l string) *permScores {
		if at[l] == nil {
			at[l] = &permScores{}
			labels = append(labels, l)
		}
		return at[l]
	}
	for i, v := range treated {
		b := get(opt.TreatedBlocks[i])
		b.v = append(b.v, v)
		b.nt++
		b.index = append(b.index, i)
	}
	for i, v := range control {
		b := get(opt.ControlBlocks[i])
		b.v = append(b.v, v)
		b.index = append(b.index, len(treated)+i)
	}
	slices.Sort(labels)
	var out []permScores
	mixed := false
	for _, l := range labels {
		b := *at[l]
		mixed = mixed || (b.nt > 0 && b.nt < b.n())
		out = append(out, b)
	}
	if !mixed {
		return nil, &stats.SampleError{Func: fn, Arg: "TreatedBlocks", Index: -1, Err: stats.ErrNoVariation,
			Info: "no block holds both arms"}
	}
	return out, nil
}

// means fills the result for the difference in means. The arm with fewer
// participants is the one whose sums are followed: its rows are shorter.
func (p *Perm) means(ctx context.Context, blocks []permScores, opt PermOptions) error {
	return p.meansOf(ctx, blocks, opt, false)
}

// meansOf is means, with the values as they are where they are rounded already.
func (p *Perm) meansOf(ctx context.Context, blocks []permScores, opt PermOptions, rounded bool) error {
	excess := 0
	for _, b := range blocks {
		excess += 2*b.nt - b.n()
	}
	if excess > 0 {
		if err := p.meansOf(ctx, swapArms(blocks), opt, rounded); err != nil {
			return err
		}
		p.Value = -p.Value
		p.test = mirrorTest{p.test}
		for _, n := range p.Notes {
			if w, ok := n.Args["plain"].(float64); ok {
				n.Args["plain"] = -w
			}
		}
		return nil
	}
	var nt, nc, kept float64
	for _, b := range blocks {
		t, n := float64(b.nt), float64(b.n())
		nt += t
		nc += n - t
		kept += t * t / n
	}
	scored, step, grid := scoreBlocks(blocks)
	den := 1.0 // the least common multiple of the block sizes, where it is moderate
	for _, b := range scored {
		n := float64(b.n())
		den = den / gcdFloat(den, n) * n
		if !grid || den > 1e9 {
			den = 1
			break
		}
	}
	var st, sc, expect, size float64
	var above, weight float64 // den times the treated sum beyond its expectation, and Σ n_t n_c / n
	for _, b := range scored {
		var tot, own float64
		for i, v := range b.v {
			tot += v
			size += math.Abs(v)
			if i < b.nt {
				st += v
				own += v
			} else {
				sc += v
			}
		}
		t, n := float64(b.nt), float64(b.n())
		expect += tot * t / n
		above += den / n * (own*n - tot*t)
		weight += den / n * t * (n - t)
	}
	p.Value = step.value(st*nc-sc*nt, nt*nc)
	p.MinP = permFloor(scored)
	if within := step.value(above, weight); math.Abs(within-p.Value) > 1e-12*step.value(size, 1) {
		p.Notes = append(p.Notes, stats.Note{Code: NotePermBlocks, Args: map[string]any{"plain": p.Value}})
		p.Value = within
	}
	if opt.Method != PermMonteCarlo && opt.Method != PermApprox {
		d, err := exactMeans(ctx, scored, grid, p.Arrangements, opt)
		if err != nil {
			return err
		}
		if d != nil {
			d.obs, d.e0, d.kobs, d.ke = st, expect, nt, kept
			d.step, d.den = step, den
			d.tol, d.loose = 1e-12*size, !grid
			if grid {
				d.tol = math.Max(1e-9, 1e-14*size)
			}
			p.test = d
			p.Method = PermEnumeration
			if d.lattice {
				p.Method = PermLattice
			}
			return nil
		}
		if p.Arrangements <= permListed(opt) {
			t, err := listMeans(ctx, scored, int(p.Arrangements), expect*den, kept*den, den)
			if err != nil {
				return err
			}
			t.a0, t.g0, t.step = st*den-expect*den, nt*den-kept*den, step
			p.test, p.Method = t, PermEnumeration
			return nil
		}
	}
	if opt.Method == PermAuto || opt.Method == PermApprox {
		m := newApproxMeans(scored, grid, false, st, expect, nt, kept)
		if t := newApproxTest(m, step, p.Arrangements); t != nil {
			p.test, p.Method = t, PermApprox
			p.Notes = append(p.Notes, approxNote())
			return nil
		}
		if w := newWavedMeans(ctx, m); w != nil {
			p.test, p.Method = &approxTest{approxModel: w, step: step, least: 1 / p.Arrangements, steps: waveDrop}, PermApprox
			p.Notes = append(p.Notes, invertedNote())
			return ctx.Err()
		}
		if len(scored) == 1 {
			d := mergedMeans(ctx, scored[0])
			if err := ctx.Err(); err != nil {
				return err
			}
			if d != nil {
				d.obs, d.e0, d.kobs, d.ke = st, expect, nt, kept
				d.step, d.den, d.tol, d.loose = step, 1, 1e-12*size, true
				p.test, p.Method = d, PermApprox
				p.Notes = append(p.Notes, mergedNote())
				return nil
			}
		}
		if !grid && !rounded {
			if done, err := p.snapped(ctx, blocks, opt); done || err != nil {
				return err
			}
		}
	}
	if opt.Method != PermAuto && opt.Method != PermMonteCarlo || rounded {
		return &stats.SampleError{Func: "Permutation", Arg: "Method", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("%s is not possible for these data", opt.Method)}
	}
	sum, k, err := drawMeans(ctx, scored, opt.replicates(), opt.Seed)
	if err != nil {
		return err
	}
	expect, kept = expect*den, kept*den
	if den > 1 {
		expect, kept = math.Round(expect), math.Round(kept)
	}
	for i := range sum {
		sum[i] = sum[i]*den - expect
		k[i] = k[i]*den - kept
	}
	p.Method = PermMonteCarlo
	p.test = &linTest{a: sum, g: k, a0: st*den - expect, g0: nt*den - kept, step: step, rel: 1e-12, loose: den == 1, mc: true}
	return nil
}

// swapArms returns the blocks with treated and control exchanged.
func swapArms(blocks []permScores) []permScores {
	var out []permScores
	for _, b := range blocks {
		out = append(out, permScores{v: slices.Concat(b.v[b.nt:], b.v[:b.nt]), nt: b.n() - b.nt})
	}
	return out
}

// mirrorTest is the test of an effect with its sign turned.
type mirrorTest struct{ permTest }

func (m mirrorTest) two(null float64) float64     { return m.permTest.two(-null) }
func (m mirrorTest) greater(null float64) float64 { return m.permTest.less(-null) }
func (m mirrorTest) less(null float64) float64    { return m.permTest.greater(-null) }
func (m mirrorTest) under(ctx context.Context) permTest {
	return mirrorTest{m.permTest.under(ctx)}
}
func (m mirrorTest) ends(alpha float64) (lo, hi float64) {
	lo, hi = m.permTest.ends(alpha)
	return -hi, -lo
}

// scoreBlocks returns the blocks with values turned into steps of their grid,
// or, off any grid, centered so that an offset costs no digits and scaled by a
// power of two to a range of 1 to 2, so that the unit costs none either.
func scoreBlocks(blocks []permScores) (out []permScores, step permStep, grid bool) {
	var all []float64
	for _, b := range blocks {
		all = append(all, b.v...)
	}
	w, step, grid := permGrid(all, true)
	if !grid {
		w = all
		low, high := slices.Min(all), slices.Max(all)
		mid, scale := low/2+high/2, binaryUnit(high/2-low/2)
		for i := range w {
			w[i] = (w[i] - mid) / scale
		}
		step.num = scale
	}
	at := 0
	for _, b := range blocks {
		out = append(out, permScores{v: w[at : at+b.n()], nt: b.nt, index: b.index})
		at += b.n()
	}
	return out, step, grid
}

// binaryUnit is the largest power of two up to x, and 1 for 0.
func binaryUnit(x float64) float64 {
	if x == 0 {
		return 1
	}
	_, e := math.Frexp(x)
	return math.Ldexp(1, max(e-1, -1000))
}

// PermutationFloor returns the smallest two-sided p-value against no effect
// that the exact test of the difference in means can give for these scores,
// arm sizes and blocks, whichever participants had been treated: the share of
// arrangements whose difference lies farthest from its expectation. It is
// found among the scores, not taken from the sizes: ties raise it. Five against
// five without ties give 2/252 under complete randomization and 2/32 in blocks
// of two. It refuses what Permutation refuses.
func PermutationFloor(treated, control []float64) (float64, error) {
	return PermutationFloorWith(treated, control, PermOptions{})
}

// PermutationFloorWith is PermutationFloor with options, of which only the blocks
// count.
func PermutationFloorWith(treated, control []float64, opt PermOptions) (float64, error) {
	const fn = "PermutationFloor"
	if err := check.Sample(fn, "treated", treated, 1); err != nil {
		return 0, err
	}
	if err := check.Sample(fn, "control", control, 1); err != nil {
		return 0, err
	}
	blocks, err := splitBlocks(fn, treated, control, opt)
	if err != nil {
		return 0, err
	}
	scored, _, _ := scoreBlocks(blocks)
	return permFloor(scored), nil
}
