package study

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
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
	r := Report{Protocol: d.Protocol(), Source: d.Source(), Accounting: d.Accounting(),
		Notes: append([]Note(nil), d.Notes()...)}
	var parts []func() ([]Result, error)
	for _, o := range r.Protocol.Outcomes {
		fits := newRepeatedCache() // the outcome's own, which goes when its last part is done
		for _, v := range d.PostVisits(o.ID) {
			parts = append(parts, func() ([]Result, error) {
				res, err := d.analyzeVisit(ctx, r.Protocol.plansAt(o.ID, v.ID), newAnalysisCache(fits))
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
	r.Safety = safetyOf(r.Protocol, d.armsControlLast(), d.participants, 0.95)
	r.Flow = d.flow()
	r.Baseline = d.Baseline()
	r.Notes = append(r.Notes, r.trialNotes()...)
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
