package impute

import (
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// Data is a trial with one outcome at several visits, and what happened to its
// participants. The trial is mmrm's: arms, visits, a baseline, covariates, the values
// observed; mmrm.TrialFromRows makes it from a file's rows. One visit after baseline
// is enough.
type Data struct {
	mmrm.Trial
	// Change says that the values are changes from baseline: BOCF then puts in 0.
	Change bool
	// Events has at most one event a participant; without one, missing values are
	// imputed as missing at random.
	Events []Event
}

// Event is what ended or changed a participant's treatment, from a visit on (by
// index). Its strategy says what is assumed about the values missing from there on.
type Event struct {
	Participant, Visit int
	Strategy           Strategy
	// SetAside removes the values observed at and after the event and imputes them,
	// as a hypothetical strategy asks. Without it they stay in the analysis; they are
	// in the imputation model too where the strategy is MAR (treatment policy), and
	// not where it is another, whose model is one of the values before the event.
	SetAside bool
	Value    float64 // of Given, in the outcome's unit
	Kind     int     // of Retrieved: which event it was; those of one kind are alike
}

// aside reports whether values at and after the event are removed.
func (e Event) aside() bool { return e.SetAside || e.Strategy == Given }

// Under returns the data with the strategy for every event.
func (d *Data) Under(s Strategy) *Data {
	out := *d
	out.Events = slices.Clone(d.Events)
	for i := range out.Events {
		out.Events[i].Strategy = s
	}
	return &out
}

// bad is a data error of this package.
func bad(fn, arg string, i int, err error, format string, a ...any) error {
	return &stats.SampleError{Func: "impute." + fn, Arg: arg, Index: i, Err: err, Info: fmt.Sprintf(format, a...)}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// name is what a participant is called in messages.
func (d *Data) name(p int) string {
	if p < len(d.Participants) {
		return fmt.Sprintf("participant %q", d.Participants[p])
	}
	return fmt.Sprintf("participant %d", p)
}

// term is a column of the covariates: a number, or one level of a category against
// the reference.
type term struct {
	of      string // covariate
	name    string
	byVisit bool
	x       []float64 // participant → value less the mean
	mean    float64
}

// newTerm takes the mean away: sums of products then keep their digits whatever the
// origin of the scale.
func newTerm(of, name string, byVisit bool, x []float64) term {
	t := term{of: of, name: name, byVisit: byVisit, x: make([]float64, len(x)), mean: mean(x)}
	for i, v := range x {
		t.x[i] = v - t.mean
	}
	return t
}

// terms codes the baseline and the covariates.
func (d *Data) terms(fn string) ([]term, error) {
	var out []term
	n := len(d.Arm)
	if d.Baseline != nil {
		if len(d.Baseline) != n {
			return nil, bad(fn, "Baseline", -1, stats.ErrLength, "%d values for %d participants", len(d.Baseline), n)
		}
		for p, b := range d.Baseline {
			if d.NoBaseline != nil && (len(d.NoBaseline) != n || d.NoBaseline[p]) {
				return nil, bad(fn, "Baseline", p, stats.ErrTooFew, "%s has none: fill it (MeanBaseline), or leave the participant out", d.name(p))
			}
			if !finite(b) {
				return nil, bad(fn, "Baseline", p, stats.ErrNotFinite, "%s: %v", d.name(p), b)
			}
		}
		out = append(out, newTerm(mmrm.BaselineVisit, mmrm.BaselineVisit, true, d.Baseline))
	}
	for k, c := range d.Covariates {
		if c.PerValue || c.ByArm {
			return nil, bad(fn, "Covariates", k, stats.ErrDomain, "%s: only what was known at baseline, and the same in every arm, predicts missing values", c.Name)
		}
		if slices.ContainsFunc(out, func(t term) bool { return t.of == c.Name }) {
			return nil, bad(fn, "Covariates", k, stats.ErrDomain, "%q twice", c.Name)
		}
		if len(c.Number)+len(c.Category) != n || (c.Number != nil && c.Category != nil) {
			return nil, bad(fn, "Covariates", k, stats.ErrLength, "%s: %d numbers and %d labels for %d participants", c.Name, len(c.Number), len(c.Category), n)
		}
		if c.Number != nil {
			for p, x := range c.Number {
				if !finite(x) {
					return nil, bad(fn, "Covariates", k, stats.ErrNotFinite, "%s: %s: %v", c.Name, d.name(p), x)
				}
			}
			out = append(out, newTerm(c.Name, c.Name, c.ByVisit, c.Number))
			continue
		}
		levels := slices.Compact(slices.Sorted(slices.Values(c.Category)))
		ref := c.Reference
		if ref == "" && len(levels) > 0 {
			ref = levels[0]
		}
		if !slices.Contains(levels, ref) {
			return nil, bad(fn, "Covariates", k, stats.ErrDomain, "%s: reference %q does not occur", c.Name, ref)
		}
		for _, l := range levels {
			if l == ref {
				continue
			}
			x := make([]float64, n)
			for p, s := range c.Category {
				if s == l {
					x[p] = 1
				}
			}
			out = append(out, newTerm(c.Name, c.Name+" "+l, c.ByVisit, x))
		}
	}
	return out, nil
}

// choose returns the terms of the named covariates, all where names is nil.
func choose(fn string, all []term, names []string) ([]term, error) {
	if names == nil {
		return all, nil
	}
	var out []term
	for i, name := range names {
		found := false
		for _, t := range all {
			if t.of == name {
				out, found = append(out, t), true
			}
		}
		if !found || slices.Contains(names[:i], name) {
			return nil, bad(fn, "Covariates", i, stats.ErrDomain, "no covariate %q, or named twice", name)
		}
	}
	return out, nil
}

// check refuses data that do not fit together.
func (d *Data) check(fn string) error {
	n := len(d.Arm)
	if n == 0 {
		return bad(fn, "Arm", -1, stats.ErrTooFew, "no participants")
	}
	if len(d.Visits) == 0 {
		return bad(fn, "Visits", -1, stats.ErrTooFew, "no visits")
	}
	if len(d.Arms) < 2 {
		return bad(fn, "Arms", -1, stats.ErrTooFew, "%d arms", len(d.Arms))
	}
	for _, l := range []struct {
		arg    string
		labels []string
	}{{"Arms", d.Arms}, {"Visits", d.Visits}} {
		for i, s := range l.labels {
			if slices.Contains(l.labels[:i], s) {
				return bad(fn, l.arg, i, stats.ErrDomain, "%q twice", s)
			}
		}
	}
	if !slices.Contains(d.Arms, d.Control) {
		return bad(fn, "Control", -1, stats.ErrDomain, "%q is not among the arms %q", d.Control, d.Arms)
	}
	for p, a := range d.Arm {
		if a < 0 || a >= len(d.Arms) {
			return bad(fn, "Arm", p, stats.ErrDomain, "%s: no arm %d", d.name(p), a)
		}
	}
	seen := make([]bool, n*len(d.Visits))
	for i, v := range d.Values {
		switch {
		case v.Participant < 0 || v.Participant >= n:
			return bad(fn, "Values", i, stats.ErrDomain, "no participant %d", v.Participant)
		case v.Visit < 0 || v.Visit >= len(d.Visits):
			return bad(fn, "Values", i, stats.ErrDomain, "%s: no visit %d", d.name(v.Participant), v.Visit)
		case !finite(v.Y):
			return bad(fn, "Values", i, stats.ErrNotFinite, "%s at %q: %v", d.name(v.Participant), d.Visits[v.Visit], v.Y)
		case v.Weight != 0 && v.Weight != 1:
			return bad(fn, "Values", i, stats.ErrDomain, "weights are not used here")
		case seen[v.Participant*len(d.Visits)+v.Visit]:
			return bad(fn, "Values", i, stats.ErrDomain, "%s has two values at %q", d.name(v.Participant), d.Visits[v.Visit])
		}
		seen[v.Participant*len(d.Visits)+v.Visit] = true
	}
	had := make([]bool, n)
	for i, e := range d.Events {
		switch {
		case e.Participant < 0 || e.Participant >= n:
			return bad(fn, "Events", i, stats.ErrDomain, "no participant %d", e.Participant)
		case e.Visit < 0 || e.Visit >= len(d.Visits):
			return bad(fn, "Events", i, stats.ErrDomain, "%s: no visit %d after baseline", d.name(e.Participant), e.Visit)
		case e.Strategy < MAR || int(e.Strategy) >= len(strategyNames):
			return bad(fn, "Events", i, stats.ErrDomain, "%s: no %v", d.name(e.Participant), e.Strategy)
		case had[e.Participant]:
			return bad(fn, "Events", i, stats.ErrDomain, "%s has two events: the first that counts decides", d.name(e.Participant))
		case e.Strategy == Given && !finite(e.Value):
			return bad(fn, "Events", i, stats.ErrNotFinite, "%s: value %v", d.name(e.Participant), e.Value)
		case e.Strategy == LMCF && e.Visit == 0:
			return bad(fn, "Events", i, stats.ErrDomain, "%s: the event is at the first visit, so no mean before it can be carried forward", d.name(e.Participant))
		case e.Strategy == BOCF && d.Baseline == nil && !d.Change:
			return bad(fn, "Events", i, stats.ErrDomain, "%s: no baseline to carry forward", d.name(e.Participant))
		}
		had[e.Participant] = true
	}
	return nil
}
