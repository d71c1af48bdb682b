package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/study"
)

// series is what a chart over visits draws: the results of one outcome at its
// visits after baseline, in the order given.
type series struct {
	results  []study.Result
	outcome  study.Outcome
	arms     []study.Arm
	baseline study.Visit
	overall  []study.Result // of the outcome at all visits at once

	// Of an arm at a visit, kept: panels, their words and a figure that is drawn again
	// for its height ask for them many times. Nobody changes what they get.
	sorted  map[armAt][]float64
	ranked  map[armAt][]improvement
	reached map[armAt]int // participants who improve by the threshold
	curves  map[armAt]study.ResponderCurve
	slopes  map[armAt]slopes
	places  map[armAt][]xy // baseline and visit, sorted
	lines   map[armAt][]study.BaselineLine
}

// armAt is an arm in a result.
type armAt struct {
	result int
	arm    string
}

// kept is what m has of an arm in a result; at first that is worked out.
func kept[V any](m *map[armAt]V, i int, arm string, work func() (V, error)) (V, error) {
	at := armAt{i, arm}
	if v, ok := (*m)[at]; ok {
		return v, nil
	}
	v, err := work()
	if err != nil {
		return v, err
	}
	if *m == nil {
		*m = map[armAt]V{}
	}
	(*m)[at] = v
	return v, nil
}

// newSeries is anySeries for a chart of measurements: it refuses an outcome of
// another kind, whose values have no means to draw.
func newSeries(fn string, all []study.Result, visits ...string) (*series, error) {
	for _, r := range all {
		if !r.Outcome.Measured() {
			return nil, fmt.Errorf("plot: %s: outcome %q is %s: this chart draws measurements", fn, r.Outcome.ID, r.Outcome.Kind)
		}
	}
	return anySeries(fn, all, visits...)
}

// anySeries checks that results belong together. A result about all visits at
// once (repeated measures) is not a visit and is left out.
func anySeries(fn string, all []study.Result, visits ...string) (*series, error) {
	if len(all) == 0 {
		return nil, fmt.Errorf("plot: %s: no results", fn)
	}
	if err := visitsKnown(fn, all, visits); err != nil {
		return nil, err
	}
	var rs, overall []study.Result
	for _, r := range all {
		if r.Visit.ID != "" && len(visits) > 0 && !slices.Contains(visits, r.Visit.ID) {
			continue
		}
		if r.Visit.ID != "" {
			rs = append(rs, r)
		} else {
			overall = append(overall, r)
		}
	}
	if len(rs) == 0 {
		return nil, fmt.Errorf("plot: %s: no result is about one visit", fn)
	}
	s := &series{results: rs, outcome: rs[0].Outcome, arms: rs[0].Arms, baseline: rs[0].Baseline, overall: overall}
	if len(s.arms) == 0 {
		return nil, fmt.Errorf("plot: %s: the result has no arms", fn)
	}
	if s.outcome.Better == study.BetterUnset {
		return nil, fmt.Errorf("plot: %s: outcome %q does not say which direction is better", fn, s.outcome.ID)
	}
	seen := map[string]bool{}
	values := 0
	for i, r := range rs {
		switch {
		case r.Outcome.ID != s.outcome.ID:
			return nil, fmt.Errorf("plot: %s: result %d is about %q, the first about %q; draw one outcome a figure", fn, i, r.Outcome.ID, s.outcome.ID)
		case seen[r.Visit.ID]:
			return nil, fmt.Errorf("plot: %s: two results for visit %q", fn, r.Visit.ID)
		case !(r.Level > 0 && r.Level < 1):
			return nil, fmt.Errorf("plot: %s: result %d has confidence level %v", fn, i, r.Level)
		case !sameArms(r.Arms, s.arms):
			return nil, fmt.Errorf("plot: %s: result %d has other arms than the first", fn, i)
		}
		seen[r.Visit.ID] = true
		for _, rec := range r.Records {
			if rec.HasBaseline {
				values++
			}
			if rec.HasFollow {
				values++
			}
			for _, x := range []float64{rec.Baseline, rec.Follow, rec.Change} {
				if math.IsNaN(x) || math.IsInf(x, 0) {
					return nil, fmt.Errorf("plot: %s: participant %q has the value %v at %q", fn, rec.ID, x, r.Visit.ID)
				}
			}
		}
	}
	if values == 0 {
		return nil, fmt.Errorf("plot: %s: %q has no values to draw", fn, s.outcome.ID)
	}
	return s, nil
}

// visitsKnown refuses a choice of visits that the results do not have.
func visitsKnown(fn string, all []study.Result, visits []string) error {
	var known []string
	for _, r := range all {
		if r.Visit.ID != "" {
			known = appendNew(known, r.Visit.ID)
		}
	}
	for _, v := range visits {
		if !slices.Contains(known, v) {
			return fmt.Errorf("plot: %s: Options.Visits names %q, but the results are of %s", fn, v, strings.Join(known, ", "))
		}
	}
	return nil
}

// drawing is a chart of results while it is made.
type drawing struct {
	s     *series
	t     *theme
	looks map[string]look
	f     *Figure
}

// draw begins a figure of the results, titled after their outcome.
func (s *series) draw(o Options, wide bool, title string) (drawing, error) {
	t, err := newTheme(o, wide, s.results[0].Study)
	if err != nil {
		return drawing{}, err
	}
	t.knowVisits(s.visits())
	f := t.figure(title, map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID)})
	return drawing{s, t, t.looks(s.arms), f}, nil
}

// note writes the sentences under the figure; the caption has more.
func (f *Figure) note(foot []string, more ...string) {
	f.footnote = strings.Join(foot, " ")
	f.caption = append(slices.Clone(foot), more...)
}

func sameArms(a, b []study.Arm) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].ID != b[i].ID || a[i].Control != b[i].Control {
			return false
		}
	}
	return true
}

// summary finds an arm's description at a visit; ok is false where there is
// none. Baseline is taken where most participants are in it.
func (s *series) summary(arm, visit string) (best study.Summary, ok bool) {
	for _, r := range s.results {
		if visit != s.baseline.ID && visit != r.Visit.ID {
			continue
		}
		for _, m := range r.Summaries {
			if m.Arm == arm && m.Visit == visit && m.N > 0 && (!ok || m.N > best.N) {
				best, ok = m, true
			}
		}
	}
	return best, ok
}

// within finds the row of an arm's mean change in result i.
func (s *series) within(i int, arm string) (study.Row, bool) {
	for _, r := range s.results[i].Within {
		if r.Arm == arm && !math.IsNaN(r.Estimate) {
			return r, true
		}
	}
	return study.Row{}, false
}

// participants returns each participant's values at visits(), by arm, in the
// order of IDs; NaN where there is no value.
func (s *series) participants() map[string][][]float64 {
	first := len(s.visits()) - len(s.results) // of the visits after baseline
	type key struct{ arm, id string }
	type course struct {
		key
		values []float64
	}
	var all []course
	at := map[key]int{}
	for i, r := range s.results {
		next := 0 // results list participants in one order, mostly: comparing is quicker than looking up
		for _, rec := range r.Records {
			k := key{rec.Arm, rec.ID}
			if next >= len(all) || all[next].key != k {
				known := false
				if next, known = at[k]; !known {
					next = len(all)
					at[k] = next
					all = append(all, course{k, slices.Repeat([]float64{math.NaN()}, len(s.results)+first)})
				}
			}
			v := all[next].values
			next++
			if rec.HasBaseline && first > 0 {
				v[0] = rec.Baseline
			}
			if rec.HasFollow {
				v[i+first] = rec.Follow
			}
		}
	}
	slices.SortFunc(all, func(a, b course) int { return cmp.Compare(a.id, b.id) })
	out := map[string][][]float64{}
	for _, c := range all {
		out[c.arm] = append(out[c.arm], c.values)
	}
	return out
}

// changing is newSeries for a chart of changes from baseline.
func changing(fn string, all []study.Result, visits ...string) (*series, error) {
	s, err := newSeries(fn, all, visits...)
	if err == nil && !s.outcome.HasBaseline() {
		return nil, fmt.Errorf("plot: %s: %q was not measured before treatment, so nobody's change is known", fn, s.outcome.ID)
	}
	return s, err
}

// changes returns the participants' changes of an arm in result i, sorted, so
// that the order of the file's rows does not show.
func (s *series) changes(i int, arm string) []float64 {
	out, _ := kept(&s.sorted, i, arm, func() ([]float64, error) {
		var out []float64
		for _, rec := range s.results[i].Records {
			if rec.Arm == arm && rec.HasBaseline && rec.HasFollow {
				out = append(out, rec.Change)
			}
		}
		sort.Float64s(out)
		return slices.Clip(out), nil
	})
	return out
}

// paired counts the participants of all arms with baseline and visit in result i.
func (s *series) paired(i int) (n int) {
	for _, r := range s.results[i].Records {
		if r.HasBaseline && r.HasFollow {
			n++
		}
	}
	return n
}

// visits is baseline, where the outcome has one, and the visits after it.
func (s *series) visits() []study.Visit {
	var out []study.Visit
	if s.outcome.HasBaseline() {
		out = append(out, s.baseline)
	}
	for _, r := range s.results {
		out = append(out, r.Visit)
	}
	return out
}

// visitIDs are the visits after baseline, for errors.
func (s *series) visitIDs() (ids []string) {
	for _, r := range s.results {
		ids = append(ids, r.Visit.ID)
	}
	return ids
}

// activeIDs are the active arms, for errors.
func (s *series) activeIDs() (ids []string) {
	for _, a := range s.arms {
		if !a.Control {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// followUps are the visits after baseline, and their places in order.
func (s *series) followUps() (visits []study.Visit, xs []float64) {
	for i, r := range s.results {
		visits, xs = append(visits, r.Visit), append(xs, float64(i))
	}
	return visits, xs
}

// altChanges says each arm's mean change at each visit, from the within-arm rows: a
// fall by so much has the interval of the fall.
func (s *series) altChanges(t *theme) string {
	var out string
	d := digitsOf(s.results)
	for i, r := range s.results {
		for _, a := range s.arms {
			row, ok := s.within(i, a.ID)
			if !ok {
				continue
			}
			code := "plot-alt-rose"
			switch {
			case row.Estimate < 0:
				code = "plot-alt-fell"
				row.Lower, row.Upper = -row.Upper, -row.Lower
			case row.Estimate == 0:
				code = "plot-alt-same"
			}
			if out != "" {
				out += " "
			}
			out += t.say(code, map[string]any{"outcome": name(s.outcome.Label, s.outcome.ID),
				"change": t.num(math.Abs(row.Estimate), d), "unit": s.outcome.Unit,
				"visit": visitName(r.Visit), "arm": armName(a), "interval": t.ci(row.Lower, row.Upper, row.Level, d)})
		}
	}
	return out
}

// ci writes an interval: "95% CI −3.99 to −2.49".
func (t *theme) ci(lower, upper, level float64, decimals int) string {
	if math.IsNaN(lower) || math.IsNaN(upper) {
		return t.say("plot-no-interval", nil)
	}
	return t.say("plot-interval", map[string]any{"level": t.level(level),
		"lower": t.limit(lower, decimals), "upper": t.limit(upper, decimals)})
}
