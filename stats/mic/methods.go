package mic

import (
	"context"
	"math"
	"slices"
	"sort"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/draws"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
)

// micMeans adds the methods that compare means.
func micMeans(out *Estimates, d Data) {
	var slight, unchanged []float64
	var change, group, baseline []float64
	for i, x := range d.Change {
		is := d.Improved[i] && (d.Slight == nil || d.Slight[i])
		no := !d.Improved[i] && (d.Unchanged == nil || d.Unchanged[i])
		switch {
		case is:
			slight, group = append(slight, x), append(group, 1)
		case no:
			unchanged, group = append(unchanged, x), append(group, 0)
		default:
			continue
		}
		change = append(change, x)
		if d.Baseline != nil {
			baseline = append(baseline, d.Baseline[i])
		}
	}
	var notes []stats.Note
	if d.Slight == nil {
		notes = []stats.Note{{Code: NoteAllImproved}}
	}
	add := func(m Method, n int, e stats.Estimate, err error) {
		if err != nil {
			out.Refused = append(out.Refused, Refusal{m, err})
			return
		}
		out.Methods = append(out.Methods, Estimate{Method: m, Value: e.Value, N: n, Notes: notes, estimate: e})
	}
	e, err := stats.Mean(slight)
	add(MeanChange, len(slight), e, err)
	e, err = stats.Welch(slight, unchanged)
	add(MeanDifference, len(change), e, err)
	if d.Baseline == nil {
		return
	}
	m, err := regress.Linear(change, regress.Numeric("improved", group), regress.Numeric("baseline", baseline))
	if err == nil {
		e = m.Coefficient("improved")
	}
	add(MeanDifferenceAdjusted, len(change), e, err)
}

// micTable counts patients by distinct change, ascending: everything the
// remaining methods ask.
type micTable struct {
	v                []float64
	yes, no, neutral []int // improved, not improved, and of these unchanged
	// near is where the regression's line is likely to lie: intercept and slope
	// for the change as it is. Zero: nothing is known.
	near [2]float64
}

// micPatient is a patient's place in a table.
type micPatient struct {
	k              int
	improved, same bool
}

func newMICTable(d Data) (t micTable, patients []micPatient) {
	t.v = slices.Clone(d.Change)
	slices.Sort(t.v)
	t.v = slices.Compact(t.v)
	t.yes, t.no, t.neutral = make([]int, len(t.v)), make([]int, len(t.v)), make([]int, len(t.v))
	for i, x := range d.Change {
		p := micPatient{k: sort.SearchFloat64s(t.v, x), improved: d.Improved[i]}
		p.same = !p.improved && (d.Unchanged == nil || d.Unchanged[i])
		t.add(p)
		patients = append(patients, p)
	}
	// The order of patients shall not show in the resamples.
	rank := func(p micPatient) int {
		r := 4 * p.k
		if p.improved {
			r += 2
		}
		if p.same {
			r++
		}
		return r
	}
	slices.SortFunc(patients, func(a, b micPatient) int { return rank(a) - rank(b) })
	return t, patients
}

func (t micTable) add(p micPatient) {
	if p.improved {
		t.yes[p.k]++
	} else {
		t.no[p.k]++
	}
	if p.same {
		t.neutral[p.k]++
	}
}

func (t micTable) clear() {
	clear(t.yes)
	clear(t.no)
	clear(t.neutral)
}

func sumInts(x []int) (s int) {
	for _, v := range x {
		s += v
	}
	return s
}

// micCut is a set of equally good cut-offs.
type micCut struct {
	sum, lo, hi float64
	count       int
	score       float64
}

func (c *micCut) offer(score, cut float64) {
	if c.count == 0 || score < c.score {
		*c = micCut{sum: cut, lo: cut, hi: cut, count: 1, score: score}
	} else if score == c.score {
		c.sum, c.hi, c.count = c.sum+cut, cut, c.count+1
	}
}

func (c micCut) value() float64 {
	if c.count == 0 {
		return math.NaN()
	}
	return c.sum / float64(c.count)
}

// cutoffs finds the three ROC cut-offs. Scores are products of counts, so that
// ties are exact.
func (t micTable) cutoffs() (youden, corner, balanced micCut) {
	n1, n0 := float64(sumInts(t.yes)), float64(sumInts(t.no))
	if n1 == 0 || n0 == 0 {
		return
	}
	below1, below0, last := 0.0, 0.0, -1
	for k, v := range t.v {
		if t.yes[k]+t.no[k] == 0 {
			continue
		}
		if last >= 0 {
			cut := t.v[last]/2 + v/2
			misses, alarms := below1*n0, (n0-below0)*n1 // (1 − sens), (1 − spec), times n1·n0
			youden.offer(misses+alarms, cut)
			corner.offer(misses*misses+alarms*alarms, cut)
			balanced.offer(math.Abs(misses-alarms), cut)
		}
		below1, below0, last = below1+float64(t.yes[k]), below0+float64(t.no[k]), k
	}
	return
}

// spread returns mean and standard deviation of the changes counted by w.
func (t micTable) spread(w ...[]int) (n, mean, sd float64) {
	for _, c := range w {
		for k, m := range c {
			n += float64(m)
			mean += float64(m) * t.v[k]
		}
	}
	mean /= n
	ss := 0.0
	for _, c := range w {
		for k, m := range c {
			ss += float64(m) * (t.v[k] - mean) * (t.v[k] - mean)
		}
	}
	return n, mean, math.Sqrt(ss / (n - 1))
}

// limit95 is mean + 1.645 SD of the unchanged.
func (t micTable) limit95() float64 {
	n, mean, sd := t.spread(t.neutral)
	if n < 2 {
		return math.NaN()
	}
	return mean + 1.645*sd
}

// predictive returns the three predictive values. They are NaN where a change
// separates the groups, where improvement does not rise with the change, or
// where a group is empty.
func (t micTable) predictive(reliability float64) (plain, adjusted, reliable float64) {
	plain, adjusted, reliable = math.NaN(), math.NaN(), math.NaN()
	n1, m1, _ := t.spread(t.yes)
	n0, m0, _ := t.spread(t.no)
	if n1 == 0 || n0 == 0 || !(m1 > m0) || t.separated() {
		return
	}
	n, mean, sd := t.spread(t.yes, t.no)
	logit := math.Log(n1 / n0)
	b0, b1, ok := t.logit(mean, sd)
	if !ok || !(b1 > 0) {
		return
	}
	plain = mean + sd*(logit-b0)/b1
	r := (m1 - m0) / sd * math.Sqrt(n1*n0/(n*(n-1)))
	adjusted = plain - (0.090+0.103*r)*sd*logit
	if reliability > 0 {
		reliable = plain - (0.8/reliability-0.5)*r*sd*logit
	}
	return
}

// line is the regression's intercept and slope for the change as it is, zero
// where there is none.
func (t micTable) line() [2]float64 {
	if t.separated() {
		return [2]float64{}
	}
	_, mean, sd := t.spread(t.yes, t.no)
	b0, b1, ok := t.logit(mean, sd)
	if !ok {
		return [2]float64{}
	}
	return [2]float64{b0 - b1*mean/sd, b1 / sd}
}

// separated reports whether a cut-off parts improved from not improved, apart
// from ties at it: the regression has no finite slope then.
func (t micTable) separated() bool {
	firstYes := slices.IndexFunc(t.yes, func(m int) bool { return m > 0 })
	lastNo := len(t.no) - 1
	for t.no[lastNo] == 0 {
		lastNo--
	}
	return firstYes >= lastNo
}

// logit fits the logistic regression of improvement on (x − mean)/sd, from near
// first: a resample's line is close to that of all patients.
func (t micTable) logit(mean, sd float64) (b0, b1 float64, ok bool) {
	if a, b := t.near[0], t.near[1]; b != 0 {
		if b0, b1, ok = t.newton(mean, sd, a+b*mean, b*sd); ok {
			return b0, b1, true
		}
	}
	return t.newton(mean, sd, math.Log(float64(sumInts(t.yes))/float64(sumInts(t.no))), 0)
}

// newton takes Newton's steps with halving. Once a step is below 1e-8, what it
// leaves is of the order of its square.
func (t micTable) newton(mean, sd, b0, b1 float64) (float64, float64, bool) {
	at := t.logitAt(mean, sd, b0, b1)
	for range 100 {
		det := at.h00*at.h11 - at.h01*at.h01
		if !(det > 0) {
			return b0, b1, false
		}
		d0, d1 := (at.h11*at.u0-at.h01*at.u1)/det, (at.h00*at.u1-at.h01*at.u0)/det
		if math.Abs(d0) <= 1e-8 && math.Abs(d1) <= 1e-8 {
			return b0 + d0, b1 + d1, true
		}
		next := t.logitAt(mean, sd, b0+d0, b1+d1)
		for !(next.ll >= at.ll-1e-12*math.Abs(at.ll)) {
			d0, d1 = d0/2, d1/2
			if math.Abs(d0)+math.Abs(d1) < 1e-14 {
				return b0, b1, true
			}
			next = t.logitAt(mean, sd, b0+d0, b1+d1)
		}
		b0, b1, at = b0+d0, b1+d1, next
		if math.Abs(d0) <= 1e-13*(1+math.Abs(b0)) && math.Abs(d1) <= 1e-13*(1+math.Abs(b1)) {
			return b0, b1, true
		}
	}
	return b0, b1, false
}

// micLogit is the log-likelihood of the logistic regression, its slope and its
// information.
type micLogit struct{ ll, u0, u1, h00, h01, h11 float64 }

// logitAt takes one exponential a value: the bootstrap spends its time here.
func (t micTable) logitAt(mean, sd, b0, b1 float64) (at micLogit) {
	odds := 1.0 // product of 1 + exp(−|η|), whose logarithm is taken now and then
	for k, v := range t.v {
		yes, no := float64(t.yes[k]), float64(t.no[k])
		m := yes + no
		if m == 0 {
			continue
		}
		z := (v - mean) / sd
		eta := b0 + b1*z
		e := math.Exp(-math.Abs(eta))
		p := 1 / (1 + e)
		q := e * p
		if eta < 0 {
			p, q = q, p
			at.ll += yes * eta
		} else {
			at.ll -= no * eta
		}
		if m <= 8 {
			for range int(m) {
				odds *= 1 + e
			}
			if odds > 1e250 {
				at.ll -= math.Log(odds)
				odds = 1
			}
		} else {
			at.ll -= m * math.Log1p(e)
		}
		s, w := yes*q-no*p, m*p*q
		at.u0, at.u1 = at.u0+s, at.u1+s*z
		at.h00, at.h01, at.h11 = at.h00+w, at.h01+w*z, at.h11+w*z*z
	}
	at.ll -= math.Log(odds)
	return at
}

// micBooted are the methods with bootstrap intervals.
var micBooted = [...]Method{Youden, Corner, Balanced, Limit95,
	Predictive, PredictiveAdjusted, PredictiveReliable}

// all returns the values of micBooted, NaN where there is none.
func (t micTable) all(reliability float64) (x [len(micBooted)]float64) {
	y, c, b := t.cutoffs()
	x[0], x[1], x[2], x[3] = y.value(), c.value(), b.value(), t.limit95()
	x[4], x[5], x[6] = t.predictive(reliability)
	return x
}

// micCutoffs adds the methods with bootstrap intervals.
func micCutoffs(ctx context.Context, out *Estimates, d Data, opt Options) error {
	reps := 2000
	if opt.Replicates != 0 {
		reps = resample.BootOptions{Replicates: opt.Replicates}.Size()
	}
	t, patients := newMICTable(d)
	value := t.all(opt.AnchorReliability)
	replicates := make([][]float64, len(micBooted))
	for m := range replicates {
		replicates[m] = make([]float64, reps)
	}
	near := t.line()
	err := draws.InChunks(ctx, reps, draws.Chunk, func(id, from, to int) {
		r := draws.New(opt.Seed, id)
		w := micTable{v: t.v, near: near, yes: make([]int, len(t.v)), no: make([]int, len(t.v)), neutral: make([]int, len(t.v))}
		for rep := from; rep < to && ctx.Err() == nil; rep++ {
			w.clear()
			for range patients {
				w.add(patients[r.Below(uint32(len(patients)))])
			}
			for m, x := range w.all(opt.AnchorReliability) {
				replicates[m][rep] = x
			}
		}
	})
	if err != nil {
		return err
	}
	youden, corner, balanced := t.cutoffs()
	cuts := map[Method]micCut{Youden: youden, Corner: corner, Balanced: balanced}
	for m, method := range micBooted {
		if method == PredictiveReliable && opt.AnchorReliability == 0 {
			continue
		}
		if math.IsNaN(value[m]) {
			out.Refused = append(out.Refused, Refusal{method, t.refusal(method)})
			continue
		}
		x := Estimate{Method: method, Value: value[m], N: out.N}
		if method == Limit95 {
			x.N = sumInts(t.neutral)
		}
		undefined := 0
		for i, y := range replicates[m] {
			if math.IsNaN(y) { // anything is possible: half of them on either side
				replicates[m][i] = math.Inf(1 - 2*(undefined%2))
				undefined++
			}
		}
		boot := resample.BootOf(value[m], replicates[m])
		x.boot = &boot
		x.Notes = micNotes(out, method, cuts[method])
		if undefined > 0 {
			x.Notes = append(x.Notes, stats.Note{Code: NoteResamples, Args: map[string]any{"count": undefined, "of": reps}})
		}
		out.Methods = append(out.Methods, x)
	}
	return nil
}

// refusal says why a method has no value.
func (t micTable) refusal(m Method) error {
	e := &stats.SampleError{Func: micFunc, Arg: "Change", Index: -1}
	_, m1, _ := t.spread(t.yes)
	_, m0, _ := t.spread(t.no)
	switch {
	case m == Limit95:
		e.Arg, e.Err, e.Info = "Unchanged", stats.ErrTooFew, "need 2 patients unchanged"
	case !(m1 > m0):
		e.Arg, e.Err, e.Info = "Improved", stats.ErrDomain, "the improved did not change for the better more than the others"
	case t.separated():
		e.Err, e.Info = regress.ErrSeparation, "one cut-off parts the improved from the others"
	default:
		e.Err = stats.ErrNotConverged
	}
	return e
}

func micNotes(out *Estimates, method Method, cut micCut) (notes []stats.Note) {
	if cut.count > 0 && out.ROC.AUC < 0.7 {
		notes = append(notes, stats.Note{Code: NoteLowAUC, Args: map[string]any{"auc": out.ROC.AUC}})
	}
	if cut.count > 1 {
		notes = append(notes, stats.Note{Code: NoteTied, Args: map[string]any{"count": cut.count, "lowest": cut.lo, "highest": cut.hi}})
	}
	// Exact comparison of counts: 4 of 10 is not below 0.4.
	if biased := cut.count > 0 || method == Predictive; biased && (10*out.Improved < 4*out.N || 10*out.Improved > 6*out.N) {
		notes = append(notes, stats.Note{Code: NoteProportion, Args: map[string]any{"share": out.Proportion()}})
	}
	return notes
}
