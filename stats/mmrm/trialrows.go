package mmrm

import (
	"cmp"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/labels"
)

// TrialOptions say what the rows of a file cannot: the zero value reads them as
// TrialFromRows does.
type TrialOptions struct {
	// Control is the arm that others are compared with. Without it the trial has
	// none, and an analysis asks for it.
	Control string
	// Arms and Visits are the labels in the order in which they are shown, visits
	// after baseline in time order; one that is not listed is refused. Nil: arms in
	// order of their labels; visits by the numbers in their labels, where these
	// differ in nothing else ("week 2", "week 10").
	Arms, Visits []string
	// Times are those of Visits, for spatial structures and slopes.
	Times []float64

	// Baseline is the label of the visit whose rows hold the value before
	// treatment; or, where the file has it in a column of its own,
	// BaselineValues is row → that value, the same in all rows of a participant.
	Baseline       string
	BaselineValues []float64
	// NoBaseline is row → true where BaselineValues has none; nil where all have.
	NoBaseline []bool

	// Covariates have an element a row; whether one is PerValue is found: it is
	// where rows of a participant differ.
	Covariates []Covariate
	Weight     []float64 // row → weight, see Value; nil means 1
}

// TrialFromRows makes a trial of the columns of a file with a row per
// participant and visit: a row says whose value it is, in which arm, at which
// visit, and the value. A missed visit has no row. Participants and arms are put
// in order of their labels, visits in order of the numbers in theirs, so that
// the order of rows does not matter. Trial.Control, which no file states, is left
// to be set.
//
// It refuses columns of different length (stats.ErrLength), values that are NaN or
// infinite (stats.ErrNotFinite), and empty labels, a participant in two arms or
// twice at a visit, and visits whose order their labels leave open
// (stats.ErrDomain; say TrialOptions.Visits).
func TrialFromRows(participant, arm, visit []string, y []float64) (*Trial, error) {
	return trialFromRows("TrialFromRows", participant, arm, visit, y, TrialOptions{})
}

// TrialFromRowsWith is TrialFromRows with a control, orders, baseline, covariates and
// weights. A label that is not among those that the options list, and a
// participant with two baselines, are refused too (stats.ErrDomain).
func TrialFromRowsWith(participant, arm, visit []string, y []float64, o TrialOptions) (*Trial, error) {
	return trialFromRows("TrialFromRowsWith", participant, arm, visit, y, o)
}

// rowReader gathers the rows of a file.
type rowReader struct {
	fn                      string
	participant, arm, visit []string
	y                       []float64
	o                       TrialOptions
	t                       *Trial
	person                  map[string]int
	order                   []int // rows after baseline, by participant and visit
	first                   []int // participant → a row
}

func trialFromRows(fn string, participant, arm, visit []string, y []float64, o TrialOptions) (*Trial, error) {
	r := &rowReader{fn: fn, participant: participant, arm: arm, visit: visit, y: y, o: o, t: &Trial{Control: o.Control, Times: o.Times}}
	for _, step := range []func() error{r.check, r.people, r.visits, r.baseline, r.values, r.covariates} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.t, nil
}

func (r *rowReader) bad(arg string, i int, err error, format string, a ...any) error {
	return bad(r.fn, arg, i, err, format, a...)
}

func (r *rowReader) check() error {
	n := len(r.y)
	if n == 0 {
		return r.bad("y", -1, stats.ErrTooFew, "no rows")
	}
	lengths := []struct {
		name   string
		n      int
		absent bool
	}{{"participant", len(r.participant), false}, {"arm", len(r.arm), false}, {"visit", len(r.visit), false},
		{"BaselineValues", len(r.o.BaselineValues), r.o.BaselineValues == nil}, {"NoBaseline", len(r.o.NoBaseline), r.o.NoBaseline == nil},
		{"Weight", len(r.o.Weight), r.o.Weight == nil}}
	for _, l := range lengths {
		if l.n != n && !l.absent {
			return r.bad(l.name, -1, stats.ErrLength, "%d rows, y has %d", l.n, n)
		}
	}
	for _, c := range r.o.Covariates {
		if len(c.Number)+len(c.Category) != n || c.Number != nil && c.Category != nil {
			return r.bad("Covariates", -1, stats.ErrLength, "%s: %d numbers and %d labels, y has %d rows", c.Name, len(c.Number), len(c.Category), n)
		}
	}
	if r.o.Baseline != "" && r.o.BaselineValues != nil || r.o.NoBaseline != nil && r.o.BaselineValues == nil {
		return r.bad("Baseline", -1, stats.ErrDomain, "the baseline is a visit of its own or a column of values with or without gaps, not both")
	}
	for i := range r.y {
		if !finite(r.y[i]) {
			return r.bad("y", i, stats.ErrNotFinite, "%v: a missed visit has no row", r.y[i])
		}
		for _, l := range []struct{ arg, label string }{{"participant", r.participant[i]}, {"arm", r.arm[i]}, {"visit", r.visit[i]}} {
			if l.label == "" {
				return r.bad(l.arg, i, stats.ErrDomain, "no label")
			}
		}
	}
	return nil
}

// people numbers the participants and puts them into arms.
func (r *rowReader) people() error {
	t := r.t
	t.Participants = labels.Distinct(r.participant)
	r.person = make(map[string]int, len(t.Participants))
	for i, p := range t.Participants {
		r.person[p] = i
	}
	occur := labels.Distinct(r.arm)
	if t.Arms = slices.Clone(r.o.Arms); t.Arms == nil {
		t.Arms = occur
	}
	if r.o.Control != "" {
		if _, err := index(r.fn, "Control", r.o.Control, t.Arms); err != nil {
			return err
		}
	}
	at := map[string]int{}
	for i, a := range t.Arms {
		at[a] = i
	}
	t.Arm, r.first = make([]int, len(t.Participants)), make([]int, len(t.Participants))
	for p := range r.first {
		r.first[p] = -1
	}
	for i, a := range r.arm {
		k, ok := at[a]
		if !ok {
			return r.bad("arm", i, stats.ErrDomain, "%q is not among %q", a, t.Arms)
		}
		p := r.person[r.participant[i]]
		if r.first[p] < 0 {
			t.Arm[p], r.first[p] = k, i
		} else if t.Arm[p] != k {
			return r.bad("arm", i, stats.ErrDomain, "participant %q is in %q here and in %q in row %d", r.participant[i], a, t.Arms[t.Arm[p]], r.first[p])
		}
	}
	return nil
}

// visits orders the visits and the rows.
func (r *rowReader) visits() error {
	t := r.t
	if t.Visits = slices.Clone(r.o.Visits); t.Visits == nil {
		after := slices.DeleteFunc(labels.Distinct(r.visit), func(v string) bool { return v == r.o.Baseline })
		ordered, ok := labels.ByValue(after)
		if !ok {
			return r.bad("visit", -1, stats.ErrDomain, "the labels leave open the order of %q: say TrialOptions.Visits", after)
		}
		t.Visits = ordered
	} else if slices.Contains(t.Visits, r.o.Baseline) {
		return r.bad("Visits", -1, stats.ErrDomain, "%q is the baseline, and not among the visits after it", r.o.Baseline)
	}
	if r.o.Times != nil && len(r.o.Times) != len(t.Visits) {
		return r.bad("Times", -1, stats.ErrLength, "%d times for the visits %q", len(r.o.Times), t.Visits)
	}
	at := map[string]int{}
	for i, v := range t.Visits {
		at[v] = i
	}
	place := make([]int, len(r.visit))
	for i, v := range r.visit {
		k, ok := at[v]
		if !ok && v != r.o.Baseline {
			return r.bad("visit", i, stats.ErrDomain, "%q is not among %q", v, t.Visits)
		}
		if ok {
			place[i] = k
			r.order = append(r.order, i)
		}
	}
	slices.SortFunc(r.order, func(a, b int) int {
		return cmp.Or(cmp.Compare(r.person[r.participant[a]], r.person[r.participant[b]]), cmp.Compare(place[a], place[b]), cmp.Compare(a, b))
	})
	t.Values = make([]Value, len(r.order))
	for k, i := range r.order {
		v := Value{Participant: r.person[r.participant[i]], Visit: place[i], Y: r.y[i]}
		if r.o.Weight != nil {
			v.Weight = r.o.Weight[i]
		}
		if k > 0 && t.Values[k-1].Participant == v.Participant && t.Values[k-1].Visit == v.Visit {
			return r.bad("visit", i, stats.ErrDomain, "participant %q has %q twice (also in row %d)", r.participant[i], r.visit[i], r.order[k-1])
		}
		t.Values[k] = v
	}
	return nil
}

func (r *rowReader) baseline() error {
	t := r.t
	if r.o.Baseline == "" && r.o.BaselineValues == nil {
		return nil
	}
	n := len(t.Participants)
	row := make([]int, n) // participant → row of the baseline
	for p := range row {
		row[p] = -1
	}
	t.Baseline, t.NoBaseline = make([]float64, n), make([]bool, n)
	for i, v := range r.visit {
		p := r.person[r.participant[i]]
		value := r.y[i]
		switch {
		case r.o.BaselineValues == nil && v != r.o.Baseline, r.o.NoBaseline != nil && r.o.NoBaseline[i]:
			continue
		case r.o.BaselineValues != nil:
			value = r.o.BaselineValues[i]
		}
		if !finite(value) {
			return r.bad("BaselineValues", i, stats.ErrNotFinite, "%v", value)
		}
		if row[p] >= 0 && (r.o.BaselineValues == nil || t.Baseline[p] != value) {
			return r.bad("Baseline", i, stats.ErrDomain, "participant %q has the baseline %v here and %v in row %d", r.participant[i], value, t.Baseline[p], row[p])
		}
		row[p], t.Baseline[p] = i, value
	}
	for p, i := range row {
		t.NoBaseline[p] = i < 0
	}
	if r.o.Baseline != "" && !slices.Contains(t.NoBaseline, false) {
		return r.bad("Baseline", -1, stats.ErrDomain, "no row has the visit %q; there are %q", r.o.Baseline, labels.Distinct(r.visit))
	}
	return nil
}

// values refuses a file of baselines alone.
func (r *rowReader) values() error {
	if len(r.t.Values) == 0 {
		return r.bad("visit", -1, stats.ErrTooFew, "no row after baseline")
	}
	return nil
}

func (r *rowReader) covariates() error {
	for _, c := range r.o.Covariates {
		out := c
		out.Number, out.Category, out.PerValue = nil, nil, false
		differs := func(i, j int) bool {
			if c.Number != nil {
				return c.Number[i] != c.Number[j]
			}
			return c.Category[i] != c.Category[j]
		}
		for i := range r.y {
			if c.Number != nil && !finite(c.Number[i]) {
				return r.bad(c.Name, i, stats.ErrNotFinite, "%v", c.Number[i])
			}
			if c.Category != nil && c.Category[i] == "" {
				return r.bad(c.Name, i, stats.ErrDomain, "no label")
			}
			out.PerValue = out.PerValue || differs(i, r.first[r.person[r.participant[i]]])
		}
		rows := r.first
		if out.PerValue {
			rows = r.order
		}
		for _, i := range rows {
			if c.Number != nil {
				out.Number = append(out.Number, c.Number[i])
			} else {
				out.Category = append(out.Category, c.Category[i])
			}
		}
		r.t.Covariates = append(r.t.Covariates, out)
	}
	return nil
}
