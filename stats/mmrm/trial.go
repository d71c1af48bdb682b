package mmrm

import (
	"context"
	"slices"
	"sort"

	"github.com/trialkit/trialkit/stats"
)

// Trial is a parallel-group trial with one outcome measured at several visits.
// TrialFromRows makes it from the labels of a file with a row per participant
// and visit.
type Trial struct {
	Arms    []string // labels
	Control string   // one of Arms
	Arm     []int    // participant → index of Arms

	Visits []string  // after baseline, in time order
	Times  []float64 // visit → time; needed for spatial structures and slopes, else nil

	// Baseline is participant → value of the outcome before treatment, nil
	// where none was measured; NoBaseline is participant → true where it is
	// missing, nil where all have one.
	Baseline   []float64
	NoBaseline []bool

	Participants []string // participant → label; nil where they have none

	Covariates []Covariate
	Values     []Value // the values observed; a missed visit has none
}

// Value is the outcome of a participant at a visit, both by index. A Weight
// w > 0 divides its variance by w; 0 means 1.
type Value struct {
	Participant, Visit int
	Y                  float64
	Weight             float64
}

// Covariate is a number or a category, of participants or of single values.
type Covariate struct {
	Name      string
	Number    []float64 // participant → number, or
	Category  []string  // participant → label
	Reference string    // of a category; "" is the first label in sorted order
	PerValue  bool      // Number or Category runs over Trial.Values instead
	ByVisit   bool      // with an effect of its own at every visit
	// ByArm lets every other arm's difference from the control depend on it, at
	// every visit after baseline: covariate × arm × visit beside arm × visit.
	ByArm bool
}

// TrialFit is a fitted analysis of a trial.
type TrialFit struct {
	*Fit
	VisitMeans

	kind string // "MMRM", "Change" or "CLDA"
	clda bool
	armN []int // arm → participants analyzed
}

// BaselineVisit is the label of the baseline among CLDA's visits.
const BaselineVisit = "baseline"

// Codes of the notes of this package.
const (
	// NoteFew: fewer than 10 participants in an arm, or covariance parameters
	// more than half as many as participants.
	NoteFew = "mmrm-few-participants"
	// NoteDegenerate: differences between arms whose degrees of freedom, by
	// Kenward and Roger's or Satterthwaite's approximation, are below LeastDF.
	NoteDegenerate = "kr-degenerate"
	// NoteEqualCorrelation: cLDA with one correlation for all pairs of visits,
	// baseline among them (cs, csh). Where correlations fade with time, 95 %
	// intervals hold the truth in 90 to 93 %, with one variance for visits whose
	// standard deviation grows in 81 %, at every sample size (evidence.md).
	NoteEqualCorrelation = "clda-equal-correlation"
	// NoteFewCLDA: cLDA with an unstructured matrix and fewer than 20
	// participants, where intervals are somewhat too short (evidence.md).
	NoteFewCLDA = "clda-few-participants"
	// NoteNoBaseline: participants were left out for want of a baseline.
	NoteNoBaseline = "mmrm-no-baseline"
)

// MMRM fits the usual primary analysis of a longitudinal trial: post-baseline
// values on visit, arm × visit, baseline × visit (where the trial has a
// baseline) and the covariates. With complete data and an unstructured
// covariance each visit's difference is that visit's ANCOVA, degrees of
// freedom included. Participants without baseline are left out and listed.
//
// Assumes that values are missing at random given the observed values and the
// covariates, and normal errors. Source: Mallinckrodt et al. 2008,
// doi:10.1177/009286150804200402. Agrees with SAS PROC MIXED
// (REPEATED visit / SUBJECT=id TYPE=UN; DDFM=KR) and, apart from the
// Kenward–Roger variant (see DF), R's mmrm.
func (m Model) MMRM(t *Trial) (*TrialFit, error) {
	return m.fitTrial(context.Background(), "MMRM", t, false, false)
}

// MMRMContext is MMRM that stops when ctx is done.
func (m Model) MMRMContext(ctx context.Context, t *Trial) (*TrialFit, error) {
	return m.fitTrial(ctx, "MMRM", t, false, false)
}

// Change is MMRM of the changes from baseline. With baseline × visit among the
// covariates the arms' differences are the same as MMRM's; LS-means are
// changes.
func (m Model) Change(t *Trial) (*TrialFit, error) {
	return m.fitTrial(context.Background(), "Change", t, true, false)
}

// CLDA fits the constrained longitudinal data analysis: the baseline is the
// first of the responses, with one mean for all arms, as randomization
// implies; visit and arm × post-baseline visits, and the covariates.
// Participants with only a baseline, or without one, take part.
//
// Source: Liang and Zeger 2000, Sankhyā B 62:134; Lu, Luo & Chen 2008,
// doi:10.1002/sim.3230.
func (m Model) CLDA(t *Trial) (*TrialFit, error) {
	return m.fitTrial(context.Background(), "CLDA", t, false, true)
}

// CLDAContext is CLDA that stops when ctx is done.
func (m Model) CLDAContext(ctx context.Context, t *Trial) (*TrialFit, error) {
	return m.fitTrial(ctx, "CLDA", t, false, true)
}

func (t *Trial) means() VisitMeans {
	return VisitMeans{Arms: t.Arms, Visits: t.Visits, Control: t.Control, trial: t}
}

func (t *Trial) check(fn string, needBaseline bool) error {
	n := len(t.Arm)
	control := -1
	for i, a := range t.Arms {
		if a == t.Control {
			control = i
		}
		if slices.Contains(t.Arms[:i], a) {
			return bad(fn, "Arms", i, stats.ErrDomain, "%q twice", a)
		}
	}
	for i, v := range t.Visits {
		if slices.Contains(t.Visits[:i], v) {
			return bad(fn, "Visits", i, stats.ErrDomain, "%q twice", v)
		}
	}
	if control < 0 {
		return bad(fn, "Control", -1, stats.ErrDomain, "%q is not among the arms %q", t.Control, t.Arms)
	}
	for i, a := range t.Arm {
		if a < 0 || a >= len(t.Arms) {
			return bad(fn, "Arm", i, stats.ErrDomain, "no arm %d", a)
		}
	}
	if needBaseline && t.Baseline == nil {
		return bad(fn, "Baseline", -1, stats.ErrTooFew, "the analysis needs a baseline")
	}
	if t.Baseline != nil && len(t.Baseline) != n {
		return bad(fn, "Baseline", -1, stats.ErrLength, "%d values for %d participants", len(t.Baseline), n)
	}
	if t.NoBaseline != nil && len(t.NoBaseline) != n {
		return bad(fn, "NoBaseline", -1, stats.ErrLength, "%d values for %d participants", len(t.NoBaseline), n)
	}
	for i, b := range t.Baseline {
		if !finite(b) && (t.NoBaseline == nil || !t.NoBaseline[i]) {
			return bad(fn, "Baseline", i, stats.ErrNotFinite, "%v", b)
		}
	}
	for i, v := range t.Values {
		if v.Participant < 0 || v.Participant >= n {
			return bad(fn, "Values", i, stats.ErrDomain, "no participant %d", v.Participant)
		}
		if v.Visit < 0 || v.Visit >= len(t.Visits) {
			return bad(fn, "Values", i, stats.ErrDomain, "no visit %d", v.Visit)
		}
	}
	for _, c := range t.Covariates {
		want := n
		if c.PerValue {
			want = len(t.Values)
		}
		if len(c.Number)+len(c.Category) != want || (c.Number != nil && c.Category != nil) {
			return bad(fn, "Covariates", -1, stats.ErrLength, "%s: %d numbers and %d labels for %d", c.Name, len(c.Number), len(c.Category), want)
		}
	}
	return nil
}

func (m Model) fitTrial(ctx context.Context, fn string, t *Trial, change, clda bool) (*TrialFit, error) {
	if err := t.check(fn, change || clda); err != nil {
		return nil, err
	}
	f := &TrialFit{VisitMeans: t.means(), kind: fn, clda: clda}
	times := t.Times
	if clda {
		f.post = 1
		if i := slices.Index(t.Visits, BaselineVisit); i >= 0 {
			return nil, bad(fn, "Visits", i, stats.ErrDomain, "%q is what the baseline among the responses is called: name the visit otherwise", BaselineVisit)
		}
		f.Visits = append([]string{BaselineVisit}, t.Visits...)
		if times != nil {
			times = append([]float64{0}, times...)
		}
		for _, c := range t.Covariates {
			if c.PerValue {
				return nil, bad(fn, "Covariates", -1, stats.ErrDomain, "%s changes from value to value, but the baseline has none", c.Name)
			}
		}
	}
	none := func(p int) bool { return t.Baseline == nil || t.NoBaseline != nil && t.NoBaseline[p] }
	used := make([]bool, len(t.Arm))
	for _, v := range t.Values {
		used[v.Participant] = clda || t.Baseline == nil || !none(v.Participant)
	}
	for p := range used {
		used[p] = used[p] || clda && !none(p)
	}
	terms, err := t.terms(fn, used)
	if err != nil {
		return nil, err
	}
	if t.Baseline != nil && !clda {
		b := t.Baseline
		terms = append([]term{{BaselineVisit, []string{BaselineVisit}, true, false, false, false, nil, func(p, _ int, o []float64) { o[0] = b[p] }}}, terms...)
	}
	r, cols := f.columns(terms)
	r.Times, r.Visits, r.Groups, r.Group = times, f.Visits, t.Arms, t.Arm
	f.armN = make([]int, len(t.Arms))
	seen := make([]bool, len(t.Arm))
	rows := len(t.Values)
	if clda {
		rows += len(t.Arm)
	}
	flat := make([]float64, 0, rows*len(r.Columns))
	r.X, r.Y, r.Weight = make([][]float64, 0, rows), make([]float64, 0, rows), make([]float64, 0, rows)
	r.Participant, r.Visit = make([]int, 0, rows), make([]int, 0, rows)
	weighted := false
	add := func(p, v, value int, y, w float64) {
		if w == 0 {
			w = 1
		}
		weighted = weighted || w != 1
		r.Weight = append(r.Weight, w)
		start := len(flat)
		flat = flat[:start+len(r.Columns)]
		x := flat[start:len(flat):len(flat)]
		cols(p, v, value, x)
		r.Participant, r.Visit = append(r.Participant, p), append(r.Visit, v)
		r.Y, r.X = append(r.Y, y), append(r.X, x)
		if !seen[p] {
			seen[p] = true
			f.armN[t.Arm[p]]++
		}
	}
	if clda {
		for p := range t.Arm {
			if !none(p) {
				add(p, 0, -1, t.Baseline[p], 1)
			}
		}
	}
	left := map[int]bool{}
	for i, v := range t.Values {
		y := v.Y
		if t.Baseline != nil && !clda && none(v.Participant) {
			left[v.Participant] = true
			continue
		}
		if change {
			y -= t.Baseline[v.Participant]
		}
		add(v.Participant, v.Visit+f.post, i, y, v.Weight)
	}
	if !weighted {
		r.Weight = nil
	}
	for p := range left {
		f.NoBaseline = append(f.NoBaseline, p)
	}
	sort.Ints(f.NoBaseline)
	for a, n := range f.armN {
		if n == 0 {
			return nil, bad(fn, "Arms", a, stats.ErrTooFew, "no participant of %q can be analyzed", t.Arms[a])
		}
	}
	if f.Fit, err = m.FitContext(ctx, r); err != nil {
		return nil, err
	}
	f.VisitMeans.fit, f.keep = f.Fit, f.pb.keep
	f.average(r, terms)
	if err := f.estimable(fn); err != nil {
		return nil, err
	}
	if m.DF == BetweenWithin {
		f.between = f.classify(terms)
	}
	f.note()
	return f, nil
}

// note replaces the generic note on size by one that knows the arms.
func (f *TrialFit) note() {
	f.Notes = nil
	least := f.armN[0]
	for _, n := range f.armN {
		least = min(least, n)
	}
	if least < 10 || 2*f.Parameters > f.Participants {
		f.Notes = append(f.Notes, stats.Note{Code: NoteFew, Args: map[string]any{
			"smallest": least, "participants": f.Participants, "parameters": f.Parameters}})
	}
	if f.clda && len(f.Visits) > 2 {
		switch f.Model.Covariance {
		case CompoundSymmetry, HeterogeneousCS:
			f.Notes = append(f.Notes, stats.Note{Code: NoteEqualCorrelation, Args: map[string]any{"structure": f.Model.Covariance.String()}})
		case Unstructured:
			if f.Participants < 20 {
				f.Notes = append(f.Notes, stats.Note{Code: NoteFewCLDA, Args: map[string]any{"participants": f.Participants}})
			}
		}
	}
	for _, d := range f.Differences() {
		if f.Degenerate(d.Estimate) {
			f.Notes = append(f.Notes, stats.Note{Code: NoteDegenerate, Args: map[string]any{"df": d.DF}})
			break
		}
	}
	if n := len(f.NoBaseline); n > 0 {
		f.Notes = append(f.Notes, stats.Note{Code: NoteNoBaseline, Args: map[string]any{"n": n}})
	}
}
