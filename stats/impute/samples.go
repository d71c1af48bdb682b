package impute

import (
	"context"
	"fmt"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/draws"
	"github.com/trialkit/trialkit/stats/mmrm"
)

// Samples are the imputation model's parameters in samples of the participants: what
// the variance of an estimate is judged by. They do not depend on strategies and
// deltas, so one set serves every assumption (see Under).
type Samples struct {
	f      *Fit
	pars   []*params
	counts [][]int // bootstrap: sample → how often each participant is in it
}

// Jackknife fits the imputation model once without each participant, all rows of whom
// are left out. It is deterministic, the same bytes on any number of cores, and the
// right variance where the summary is linear in the imputed values. Everything is
// refitted from the whole fit's sums (mmrm.Refitter), so that the cost grows
// linearly with the participants.
//
// A refit that fails is an error that names the participant: no sample is left out.
//
// Source: Wolbers, Noci, Delmar, Gower-Page, Yiu & Bartlett 2022, Standard and
// reference-based conditional mean imputation, Pharmaceutical Statistics 21(6):1246.
func (f *Fit) Jackknife() (*Samples, error) { return f.JackknifeContext(context.Background()) }

// JackknifeContext is Jackknife that stops when ctx is done.
func (f *Fit) JackknifeContext(ctx context.Context) (*Samples, error) {
	n := len(f.d.Arm)
	return f.refit(ctx, n, nil, func(r *mmrm.Refitter, i int) (bool, error) {
		if f.rowOf[i] < 0 { // nothing of this participant is in the model
			return true, nil
		}
		if err := r.Without(f.rowOf[i]); err != nil {
			return false, fmt.Errorf("the imputation model without %s: %w", f.d.name(i), err)
		}
		return false, nil
	})
}

// BootstrapOptions says which samples the bootstrap takes. The zero value is 1,000
// samples, drawn within the arms.
type BootstrapOptions struct {
	Samples int // 0 means 1,000
	Seed    uint64
	// Unstratified draws from all participants instead of within each arm.
	Unstratified bool
	// Resamples gives the samples themselves, participants by index, and takes the
	// place of Samples, Seed and Unstratified.
	Resamples [][]int
}

// Bootstrap fits the imputation model to samples of the participants drawn with
// replacement; one who is drawn twice counts as two participants. Draws are seeded,
// a stream a sample, and the same on any number of cores. A sample in which the model
// cannot be fitted is an error that names it.
func (f *Fit) Bootstrap(o BootstrapOptions) (*Samples, error) {
	return f.BootstrapContext(context.Background(), o)
}

// BootstrapContext is Bootstrap that stops when ctx is done.
func (f *Fit) BootstrapContext(ctx context.Context, o BootstrapOptions) (*Samples, error) {
	counts, err := f.resample("Bootstrap", o, 1000)
	if err != nil {
		return nil, err
	}
	return f.refit(ctx, len(counts), counts, func(r *mmrm.Refitter, i int) (bool, error) {
		if err := r.Counted(f.modelCounts(counts[i])); err != nil {
			return false, fmt.Errorf("the imputation model in bootstrap sample %d: %w", i, err)
		}
		return false, nil
	})
}

// modelCounts are the counts of the participants that the model has values of.
func (f *Fit) modelCounts(times []int) []int {
	out := make([]int, f.mmrm.Participants)
	for p, k := range times {
		if r := f.rowOf[p]; r >= 0 {
			out[r] = k
		}
	}
	return out
}

// resample returns sample → participant → times drawn.
func (f *Fit) resample(fn string, o BootstrapOptions, samples int) ([][]int, error) {
	n := len(f.d.Arm)
	if o.Resamples != nil {
		if o.Samples != 0 || o.Seed != 0 || o.Unstratified {
			return nil, bad(fn, "Resamples", -1, stats.ErrDomain, "given samples need no number, seed or strata")
		}
		counts := make([][]int, len(o.Resamples))
		for i, s := range o.Resamples {
			counts[i] = make([]int, n)
			for _, p := range s {
				if p < 0 || p >= n {
					return nil, bad(fn, "Resamples", i, stats.ErrDomain, "no participant %d", p)
				}
				counts[i][p]++
			}
		}
		if len(counts) < 2 {
			return nil, bad(fn, "Resamples", -1, stats.ErrTooFew, "%d samples", len(counts))
		}
		return counts, nil
	}
	if o.Samples != 0 {
		samples = o.Samples
	}
	if samples < 2 {
		return nil, bad(fn, "Samples", -1, stats.ErrTooFew, "%d samples", samples)
	}
	counts := make([][]int, samples)
	for i := range counts {
		counts[i] = f.draw(draws.New(o.Seed, i), o.Unstratified)
	}
	return counts, nil
}

// draw draws one sample.
func (f *Fit) draw(r *draws.Rand, unstratified bool) []int {
	n := len(f.d.Arm)
	out := make([]int, n)
	if unstratified {
		for range n {
			out[r.Below(uint32(n))]++
		}
		return out
	}
	members := make([][]int, len(f.d.Arms))
	for p, a := range f.d.Arm {
		members[a] = append(members[a], p)
	}
	for _, m := range members {
		for range m {
			out[m[r.Below(uint32(len(m)))]]++
		}
	}
	return out
}

// refit runs one refit a sample on all cores; do reports whether the whole fit's
// parameters stand.
func (f *Fit) refit(ctx context.Context, samples int, counts [][]int, do func(r *mmrm.Refitter, i int) (bool, error)) (*Samples, error) {
	s := &Samples{f: f, pars: make([]*params, samples), counts: counts}
	errs := make([]error, samples)
	err := draws.InChunks(ctx, samples, 32, func(_, from, to int) {
		r := f.mmrm.Refitter(ctx)
		for i := from; i < to; i++ {
			whole, err := do(r, i)
			switch {
			case err != nil:
				errs[i] = err
			case whole:
				s.pars[i] = f.par
			default:
				s.pars[i] = f.newParams()
				f.fill(s.pars[i], r.Coefficients(), r.Sigma)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Under returns the samples with the strategy for every event; see Fit.Under.
func (s *Samples) Under(strategy Strategy) (*Samples, error) {
	f, err := s.f.Under(strategy)
	if err != nil {
		return nil, err
	}
	out := *s
	out.f = f
	return &out, nil
}
