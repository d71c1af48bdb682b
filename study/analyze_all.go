package study

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/study/text"
)

// AnalyzeAll analyzes every outcome at every visit after baseline, whether or
// not a plan names it: plans mark what was specified beforehand and what is
// primary. It adds safety and the account of the data.
func (d *Dataset) AnalyzeAll() (Report, error) {
	return d.AnalyzeAllContext(context.Background())
}

// AnalyzeAllContext is AnalyzeAll that stops with the context's error.
func (d *Dataset) AnalyzeAllContext(ctx context.Context) (Report, error) {
	return d.AnalyzeAllTelling(ctx, func(_, _ int) {})
}

// AnalyzeAllTelling is AnalyzeAllContext that tells how many of its parts are
// done, each time one is, from several goroutines.
func (d *Dataset) AnalyzeAllTelling(ctx context.Context, tell func(done, total int)) (Report, error) {
	r := Report{Protocol: d.Protocol(), Source: d.Source(), Accounting: d.Accounting(), Participants: d.Fingerprints(),
		Notes: append([]Note(nil), d.Notes()...)}
	known := &risks{}
	var parts []func() ([]Result, error)
	for _, o := range r.Protocol.Outcomes {
		fits := newRepeatedCache() // the outcome's own, which goes when its last part is done
		for _, v := range d.PostVisits(o.ID) {
			parts = append(parts, func() ([]Result, error) {
				res, err := d.analyzeVisit(ctx, r.Protocol.plansAt(o.ID, v.ID), newAnalysisCache(fits, known))
				return []Result{res}, err
			})
		}
		parts = append(parts, func() ([]Result, error) { return d.analyzeAverages(ctx, o.ID, fits) })
	}
	done, err := inParallel(parts, tell)
	if err != nil {
		return Report{}, err
	}
	for _, results := range done {
		for _, res := range results {
			r.Results = append(r.Results, res)
			r.Tests = append(r.Tests, res.Tests...)
		}
	}
	if err := r.unanswered(d); err != nil {
		return Report{}, err
	}
	randomized := map[string]int{}
	for _, a := range r.Protocol.Arms {
		randomized[a.ID] = d.Randomized(a.ID)
	}
	r.Safety = safetyOf(r.Protocol, d.armsControlLast(), randomized, d.participants, 0.95, known)
	r.Safety.Listed = d.events
	r.Adherence, r.Blinding = d.treatment(0.95)
	r.Baseline = d.Baseline()
	for i, res := range r.Results { // not before all of them and the baseline are known
		digits := r.Digits(res.Outcome.ID)
		r.Results[i].digits = &digits
	}
	if r.Subgroups, err = declaredSubgroups(ctx, r.Protocol, r.Results); err != nil {
		return Report{}, err
	}
	if r.Consort, err = d.consort(r.Results); err != nil {
		return Report{}, err
	}
	r.Notes = append(r.Notes, r.trialNotes()...)
	r.Doubts, r.Departures = r.doubts(), r.departures()
	return r, nil
}

// maxWorkers bounds how many outcomes × visits are analyzed at a time: an exact
// test may need a hundred megabytes.
const maxWorkers = 4

// inParallel runs the parts, forgets each with what it alone holds, and returns what each gave, in their order: the
// answer does not depend on the number of cores. The error is that of the first
// part that failed.
func inParallel(parts []func() ([]Result, error), tell func(done, total int)) ([][]Result, error) {
	out := make([][]Result, len(parts))
	errs := make([]error, len(parts))
	var next, finished atomic.Int64
	var failed atomic.Bool
	var wg sync.WaitGroup
	for range min(maxWorkers, runtime.GOMAXPROCS(0), len(parts)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(parts) || failed.Load() {
					return
				}
				if out[i], errs[i] = parts[i](); errs[i] != nil {
					failed.Store(true)
				}
				parts[i] = nil
				tell(int(finished.Add(1)), len(parts))
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// trialNotes are the doubts that concern the whole report.
func (r Report) trialNotes() []Note {
	notes := append(r.multiplicityNotes(), r.Protocol.Doubts()...)
	rnd := r.Protocol.Randomization
	if rnd.Kind == RandomizationUnknown && !rnd.Stratified() {
		notes = append(notes, Note{Code: "allocation-unstated"})
	}
	switch {
	case rnd.Stratified():
		notes = append(notes, Note{Code: "exact-within-blocks", Args: text.Args{"strata": newStrata(r.Protocol, nil).list()}})
	case rnd.Kind == RandomizationComplete:
		notes = append(notes, Note{Code: "exact-complete"})
	case rnd.Kind == RandomizationUnknown:
		notes = append(notes, Note{Code: "exact-allocation-unknown"})
	default:
		notes = append(notes, Note{Code: "exact-exchangeability"})
	}
	if r.Protocol.Simulated {
		notes = append(notes, Note{Code: "simulated-beside"})
	}
	return notes
}

// multiplicityNotes say how often something would be found where there is
// nothing. Of primary comparisons the bound is the sum of their alphas, whatever
// they share; it counts where any one of them would be taken as success, and not
// where all must hold.
func (r Report) multiplicityNotes() []Note {
	var notes []Note
	all, primary := 0, 0
	none, sum, most := 1.0, 0.0, 0.0
	for _, res := range r.Results {
		for _, row := range res.Deciding() {
			all++
			none *= row.Level
			most = math.Max(most, 1-row.Level)
			if row.Role == RolePrimary && row.Effect != nil {
				primary++
				sum += row.Alpha
			}
		}
	}
	if all > 1 {
		notes = append(notes, Note{Code: "multiplicity", Args: text.Args{"k": all, "chance": 1 - none, "least": most}})
	}
	if primary > 1 {
		notes = append(notes, Note{Code: "multiplicity-primary", Args: text.Args{"k": primary, "chance": math.Min(sum, 1)}})
	}
	return notes
}

// leastPerVisit is how many participants an arm should have for each visit of an
// unstructured covariance.
const leastPerVisit = 5

// Doubts are what a protocol can be asked about before data are read: an
// unstructured covariance matrix with fewer than five participants an arm for
// each of the model's visits, by the numbers randomized that the arms declare.
func (p Protocol) Doubts() []Note {
	var out []Note
	for _, plan := range p.Plans {
		if plan.Model != MMRM && plan.Model != CLDA {
			continue
		}
		if names := plan.structures(); len(names) > 0 && names[0] != mmrm.Unstructured.String() {
			continue
		}
		visits := len(p.postVisits(plan.Outcome))
		if plan.Model == CLDA {
			visits++
		}
		least, arm := 0, ""
		for _, a := range p.Arms {
			if a.Randomized > 0 && (arm == "" || a.Randomized < least) {
				least, arm = a.Randomized, a.ID
			}
		}
		if arm == "" || visits < 2 || least >= leastPerVisit*visits {
			continue
		}
		n := Note{Code: "unstructured-few", Args: text.Args{"outcome": plan.Outcome, "arm": arm, "n": least, "visits": visits,
			"least": leastPerVisit * visits}}
		if !slices.ContainsFunc(out, func(x Note) bool { return x.Args["outcome"] == plan.Outcome && x.Args["visits"] == visits }) {
			out = append(out, n)
		}
	}
	return out
}
