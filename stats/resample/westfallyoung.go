package resample

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/draws"
	"github.com/trialkit/trialkit/stats/regress"
)

// WYEndpoint is one hypothesis of WestfallYoung: an outcome at a visit.
// Participants without a value are left out of it.
type WYEndpoint struct {
	Name        string
	Participant []int // positions in WYData.Arm
	Value       []float64
}

// WYData is a trial's data for WestfallYoung.
type WYData struct {
	Arm              []string // arm of each participant
	Treated, Control string   // the arms compared; participants of others are ignored
	// Block names each participant's randomization block or stratum; nil means
	// complete randomization.
	Block     []string
	Endpoints []WYEndpoint
}

// WYOptions are the choices in WestfallYoung. The zero value takes Student's t,
// enumerated where affordable.
type WYOptions struct {
	// Statistic is Student's t (PermMean; for complete data it orders the
	// arrangements as the difference in means does) or Welch's (PermStudentized).
	Statistic PermStatistic
	// Method, Replicates, Seed: as in PermOptions.
	Method     PermMethod
	Replicates int
	Seed       uint64
}

// WYResult is a finished family of tests.
type WYResult struct {
	Tests        []WYTest // in the order of the endpoints
	Method       PermMethod
	Arrangements float64
	Replicates   int
	Seed         uint64
	Notes        []stats.Note
}

// WYTest is one endpoint's answer: two-sided p-values.
type WYTest struct {
	Name       string
	Difference float64 // in means, treated − control
	T          float64

	p, maxT, stepMaxT, stepMinP float64
}

var _ stats.Test = WYTest{}

// P returns the p-value of this endpoint alone, unadjusted.
func (t WYTest) P() float64 { return t.p }

// PMaxT returns the adjusted p-value of single-step max-T.
func (t WYTest) PMaxT() float64 { return t.maxT }

// PStepMaxT returns the adjusted p-value of step-down max-T.
func (t WYTest) PStepMaxT() float64 { return t.stepMaxT }

// PStepMinP returns the adjusted p-value of step-down min-p.
func (t WYTest) PStepMinP() float64 { return t.stepMinP }

// NoteWYEmptyArm: in some arrangements an endpoint's observed values all fall
// into one arm; its t counts as 0 there. Args: endpoint, arrangements.
const NoteWYEmptyArm = "westfall-young-empty-arm"

// wyCells limits arrangements × endpoints.
const wyCells = 2e7

// WestfallYoung tests many endpoints of one trial (outcomes × visits) and
// adjusts their p-values for multiplicity by re-randomization: whole
// participants, with all their values, exchange arms, so that the endpoints'
// correlation is that of the data. The adjusted p-values control the familywise
// error rate, strongly under subset pivotality (which holds for exchanging
// labels: the values of endpoints without an effect do not depend on the
// others), and exactly in finite samples when all arrangements are enumerated.
//
// Max-T compares each |t| with the largest over the endpoints; the step-down
// versions with the largest over the endpoints not yet rejected, max-T in order
// of |t| and min-p in order of the unadjusted permutation p-values, which
// weighs endpoints equally whatever their distributions (Westfall & Young 1993,
// algorithms 2.8 and 4.1; Ge, Dudoit & Speed 2003, doi 10.1007/BF02595811).
// Min-p is the recommended one where arrangements are many; with few, its ties
// cost power.
//
// All arrangements are counted while they number at most 3·10⁶ and, times the
// endpoints, 2·10⁷; beyond, p-values are (b+1)/(m+1) from seeded random ones. There is
// no series or characteristic function to take their place: the largest of many
// correlated |t| depends on the joint distribution of all endpoints' sums, of which the
// normal approximation is what re-randomizing avoids. With the 10,000 of the default an
// adjusted p of 5 % has a Monte Carlo standard error of 0.002.
// |t| within 1e-10 of each other, relatively, are equal. An endpoint without
// variation has t = 0; perfect separation of two constants has t = ±Inf.
//
// It refuses an endpoint with fewer than three values or without any in an
// arm, and a participant twice in an endpoint. R: multtest::mt.maxT and mt.minP
// (test = "t.equalvar").
func WestfallYoung(data WYData) (WYResult, error) {
	return WestfallYoungContext(context.Background(), data, WYOptions{})
}

// WestfallYoungWith is WestfallYoung with options.
func WestfallYoungWith(data WYData, opt WYOptions) (WYResult, error) {
	return WestfallYoungContext(context.Background(), data, opt)
}

// WestfallYoungContext is WestfallYoungWith that stops with the context's error.
func WestfallYoungContext(ctx context.Context, data WYData, opt WYOptions) (WYResult, error) {
	const fn = "WestfallYoung"
	if opt.Statistic != PermMean && opt.Statistic != PermStudentized {
		panic("resample.WestfallYoungWith: takes Student's or Welch's t")
	}
	ends, err := data.prepare(fn, opt.Statistic == PermStudentized)
	if err != nil {
		return WYResult{}, err
	}
	blocks := labelBlocks(regress.ANCOVAData{Arm: data.Arm, Control: data.Control}, data.Treated, data.Block)
	res := WYResult{Arrangements: 1, Method: PermEnumeration}
	for _, b := range blocks {
		res.Arrangements *= binomial(len(b.rows), b.pick)
	}
	if res.Arrangements == 1 {
		return WYResult{}, &stats.SampleError{Func: fn, Arg: "Block", Index: -1, Err: stats.ErrNoVariation, Info: "no block holds both arms"}
	}
	exact := res.Arrangements <= permStored && res.Arrangements*float64(len(ends)) <= wyCells
	switch {
	case opt.Method == PermLattice, opt.Method == PermEnumeration && !exact:
		return WYResult{}, &stats.SampleError{Func: fn, Arg: "Method", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("%s is not possible for %.3g arrangements", opt.Method, res.Arrangements)}
	case opt.Method == PermMonteCarlo:
		exact = false
	}
	cells := make([][]float64, len(data.Arm))
	for i := range cells {
		cells[i] = make([]float64, 3*len(ends))
	}
	for j, e := range ends {
		for k, i := range e.who {
			cells[i][3*j], cells[i][3*j+1], cells[i][3*j+2] = 1, e.v[k], e.v[k]*e.v[k]
		}
	}
	own := make([]float64, 3*len(ends))
	for i, a := range data.Arm {
		if a == data.Treated {
			for k, x := range cells[i] {
				own[k] += x
			}
		}
	}
	// Row j holds |t| of endpoint j in every arrangement; a Monte Carlo test's
	// first is the trial itself.
	n, first := int(res.Arrangements), 0
	if !exact {
		res.Method, res.Replicates, res.Seed = PermMonteCarlo, PermOptions{Replicates: opt.Replicates}.replicates(), opt.Seed
		n, first = res.Replicates+1, 1
		res.Notes = append(res.Notes, stats.Note{Code: NotePermMonteCarlo,
			Args: map[string]any{"replicates": res.Replicates, "seed": res.Seed}})
	}
	abs := make([][]float64, len(ends))
	for j := range abs {
		abs[j] = make([]float64, n)
	}
	fill := func(at int, sum []float64) {
		for j, e := range ends {
			abs[j][first+at] = math.Abs(e.t(sum[3*j], sum[3*j+1], sum[3*j+2]))
		}
	}
	if exact {
		err = enumerateLabels(ctx, cells, blocks, n, fill)
	} else {
		err = drawLabels(ctx, cells, blocks, res.Replicates, opt.Seed, fill)
	}
	if err != nil {
		return WYResult{}, err
	}
	obs := make([]float64, len(ends))
	for j, e := range ends {
		t := e.t(own[3*j], own[3*j+1], own[3*j+2])
		obs[j] = math.Abs(t)
		if !exact {
			abs[j][0] = obs[j]
		}
		diff := e.step.value(own[3*j+1]/own[3*j]-(e.sum-own[3*j+1])/(e.n-own[3*j]), 1)
		res.Tests = append(res.Tests, WYTest{Name: e.name, Difference: diff, T: t})
		empty := 0
		for i, x := range abs[j] {
			if math.IsNaN(x) {
				abs[j][i] = 0
				empty++
			}
		}
		if empty > 0 {
			res.Notes = append(res.Notes, stats.Note{Code: NoteWYEmptyArm, Args: map[string]any{"endpoint": e.name, "arrangements": empty}})
		}
	}
	return res, res.adjust(ctx, abs, obs)
}

// wyEndpoint is an endpoint in steps of its grid.
type wyEndpoint struct {
	name   string
	who    []int
	v      []float64
	step   permStep
	n      float64
	sum    float64
	sq     float64
	unlike bool // Welch's t
}

// t is the statistic of an arrangement from its treated arm's number of
// values, their sum and sum of squares; NaN where an arm is empty.
func (e wyEndpoint) t(n1, s, q float64) float64 {
	n0 := e.n - n1
	if n1 == 0 || n0 == 0 {
		return math.NaN()
	}
	r := e.sum - s
	d := s/n1 - r/n0
	total := e.sq - e.sum*e.sum/e.n
	if d*d*n1*n0/e.n <= 1e-20*e.sq {
		return 0
	}
	var va float64
	if e.unlike {
		if n1 < 2 || n0 < 2 {
			return math.NaN()
		}
		ss1, ss0 := q-s*s/n1, e.sq-q-r*r/n0
		if ss1 <= 1e-12*e.sq {
			ss1 = 0
		}
		if ss0 <= 1e-12*e.sq {
			ss0 = 0
		}
		va = ss1/(n1-1)/n1 + ss0/(n0-1)/n0
	} else {
		within := total - d*d*n1*n0/e.n
		if within <= 1e-12*total {
			within = 0
		}
		va = within / (e.n - 2) * (1/n1 + 1/n0)
	}
	return d / math.Sqrt(va)
}

func (d WYData) prepare(fn string, unlike bool) ([]wyEndpoint, error) {
	if len(d.Endpoints) == 0 {
		return nil, &stats.SampleError{Func: fn, Arg: "Endpoints", Index: -1, Err: stats.ErrTooFew, Info: "none"}
	}
	if d.Block != nil && len(d.Block) != len(d.Arm) {
		return nil, &stats.SampleError{Func: fn, Arg: "Block", Index: -1, Err: stats.ErrLength,
			Info: fmt.Sprintf("%d labels, %d participants", len(d.Block), len(d.Arm))}
	}
	if d.Treated == d.Control {
		panic("resample.WestfallYoung: compares an arm with itself")
	}
	var out []wyEndpoint
	for j, e := range d.Endpoints {
		arg := fmt.Sprintf("Endpoints[%d]", j)
		if len(e.Value) != len(e.Participant) {
			return nil, &stats.SampleError{Func: fn, Arg: arg, Index: -1, Err: stats.ErrLength,
				Info: fmt.Sprintf("%d values, %d participants", len(e.Value), len(e.Participant))}
		}
		if err := check.Sample(fn, arg, e.Value, 1); err != nil {
			return nil, err
		}
		w := wyEndpoint{name: e.Name, unlike: unlike}
		seen := map[int]bool{}
		treated := 0
		for k, i := range e.Participant {
			if i < 0 || i >= len(d.Arm) || seen[i] {
				return nil, &stats.SampleError{Func: fn, Arg: arg, Index: k, Err: stats.ErrDomain,
					Info: fmt.Sprintf("participant %d is unknown or has two values", i)}
			}
			seen[i] = true
			switch d.Arm[i] {
			case d.Treated:
				treated++
			case d.Control:
			default:
				continue
			}
			w.who, w.v = append(w.who, i), append(w.v, e.Value[k])
		}
		each := 1
		if unlike {
			each = 2
		}
		if len(w.v) < 3 || treated < each || len(w.v)-treated < each {
			return nil, &stats.SampleError{Func: fn, Arg: arg, Index: -1, Err: stats.ErrTooFew,
				Info: fmt.Sprintf("%d treated and %d control values", treated, len(w.v)-treated)}
		}
		v, step, grid := permGrid(w.v, true)
		if grid {
			w.v = v
		}
		w.step = step
		mean := 0.0
		for _, x := range w.v {
			mean += x / float64(len(w.v))
		}
		if grid {
			mean = math.Round(mean)
		}
		for i := range w.v {
			w.v[i] -= mean
			w.n++
			w.sum += w.v[i]
			w.sq += w.v[i] * w.v[i]
		}
		out = append(out, w)
	}
	return out, nil
}

// adjust fills the p-values from |t| of every endpoint and arrangement.
func (r *WYResult) adjust(ctx context.Context, abs [][]float64, obs []float64) error {
	e, n := len(abs), len(abs[0])
	least := make([]float64, e) // what counts as at least the observed
	for j, x := range obs {
		least[j] = x
		if !math.IsInf(x, 0) {
			least[j] = x * (1 - 1e-10)
		}
	}
	// far[j][b] is the number of arrangements with |t| at least that of b: the
	// unadjusted p-value, as a count.
	far := make([][]int32, e)
	err := draws.InChunks(ctx, e, 1, func(j, _, _ int) { far[j] = countFar(abs[j]) })
	if err != nil {
		return err
	}
	own := make([]int32, e)
	for j := range abs {
		c := 0
		for _, x := range abs[j] {
			if x >= least[j] {
				c++
			}
		}
		own[j] = int32(c)
		r.Tests[j].p = float64(c) / float64(n)
	}
	order := make([]int, e)
	for j := range order {
		order[j] = j
	}
	// Step-down max-T, least significant first; after the last endpoint the
	// running maximum is that over all, which single-step max-T compares with.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(obs[b], obs[a]) })
	top := make([]float64, n)
	for k := e - 1; k >= 0; k-- {
		j := order[k]
		c := 0
		for b, x := range abs[j] {
			top[b] = math.Max(top[b], x)
			if top[b] >= least[j] {
				c++
			}
		}
		r.Tests[j].stepMaxT = float64(c) / float64(n)
	}
	for k := 1; k < e; k++ {
		r.Tests[order[k]].stepMaxT = math.Max(r.Tests[order[k]].stepMaxT, r.Tests[order[k-1]].stepMaxT)
	}
	for j := range obs {
		c := 0
		for _, x := range top {
			if x >= least[j] {
				c++
			}
		}
		r.Tests[j].maxT = float64(c) / float64(n)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(own[a], own[b]) })
	low := make([]int32, n)
	for b := range low {
		low[b] = math.MaxInt32
	}
	for k := e - 1; k >= 0; k-- {
		j := order[k]
		c := 0
		for b, x := range far[j] {
			low[b] = min(low[b], x)
			if low[b] <= own[j] {
				c++
			}
		}
		r.Tests[j].stepMinP = float64(c) / float64(n)
	}
	for k := 1; k < e; k++ {
		r.Tests[order[k]].stepMinP = math.Max(r.Tests[order[k]].stepMinP, r.Tests[order[k-1]].stepMinP)
	}
	return ctx.Err()
}

// countFar returns for each |t| how many are at least as large.
func countFar(abs []float64) []int32 {
	n := len(abs)
	sorted := slices.Clone(abs)
	slices.Sort(sorted)
	out := make([]int32, n)
	for i, x := range abs {
		least := x
		if !math.IsInf(x, 0) {
			least = x * (1 - 1e-10)
		}
		k, _ := slices.BinarySearch(sorted, least)
		out[i] = int32(n - k)
	}
	return out
}
