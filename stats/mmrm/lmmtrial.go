package mmrm

import (
	"context"
	"sort"

	"github.com/trialkit/trialkit/stats"
)

// LMMTrialFit is a linear mixed model of a trial, with the means of
// Model.MMRM.
type LMMTrialFit struct {
	*LMMFit
	VisitMeans
}

// Trial fits post-baseline values on visit, arm × visit, baseline × visit
// (where the trial has a baseline) and the covariates, with a random intercept
// of every participant and, where Slope is set, a random slope on Trial.Times.
// A random intercept is compound symmetry without negative correlation: over
// few visits Model.MMRM assumes less. Values are assumed missing at random
// given the observed values and the covariates. Weights are refused. Agrees
// with lme4's lmer(y ~ visit + arm:visit + baseline:visit + … + (1 | id)).
func (m LMM) Trial(t *Trial) (*LMMTrialFit, error) { return m.TrialContext(context.Background(), t) }

// TrialContext is Trial that stops when ctx is done.
func (m LMM) TrialContext(ctx context.Context, t *Trial) (*LMMTrialFit, error) {
	const fn = "LMM.Trial"
	if err := t.check(fn, false); err != nil {
		return nil, err
	}
	if m.Slope && len(t.Times) != len(t.Visits) {
		return nil, bad(fn, "Times", -1, stats.ErrLength, "%d times for %d visits; a random slope needs them", len(t.Times), len(t.Visits))
	}
	without := func(p int) bool { return t.Baseline != nil && t.NoBaseline != nil && t.NoBaseline[p] }
	used := make([]bool, len(t.Arm))
	for _, v := range t.Values {
		used[v.Participant] = !without(v.Participant)
	}
	terms, err := t.terms(fn, used)
	if err != nil {
		return nil, err
	}
	if b := t.Baseline; b != nil {
		terms = append([]term{{BaselineVisit, []string{BaselineVisit}, true, false, false, false, nil, func(p, _ int, o []float64) { o[0] = b[p] }}}, terms...)
	}
	f := &LMMTrialFit{VisitMeans: t.means()}
	rows, fill := f.columns(terms)
	c := &ClusterRows{Columns: rows.Columns}
	cluster := make(map[int]int)
	left := map[int]bool{}
	analyzed := make([]int, len(t.Arms))
	for i, v := range t.Values {
		if v.Weight != 0 && v.Weight != 1 {
			return nil, bad(fn, "Values", i, stats.ErrDomain, "weight %v; the model takes none", v.Weight)
		}
		p := v.Participant
		if without(p) {
			left[p] = true
			continue
		}
		if _, ok := cluster[p]; !ok {
			cluster[p] = len(cluster)
			analyzed[t.Arm[p]]++
		}
		x := make([]float64, len(rows.Columns))
		fill(p, v.Visit, i, x)
		rows.Visit, rows.X, rows.Y = append(rows.Visit, v.Visit), append(rows.X, x), append(rows.Y, v.Y)
		c.Cluster, c.X, c.Y = append(c.Cluster, cluster[p]), append(c.X, x), append(c.Y, v.Y)
		if m.Slope {
			c.T = append(c.T, t.Times[v.Visit])
		}
	}
	for p := range left {
		f.NoBaseline = append(f.NoBaseline, p)
	}
	sort.Ints(f.NoBaseline)
	for a, n := range analyzed {
		if n == 0 {
			return nil, bad(fn, "Arms", a, stats.ErrTooFew, "no participant of %q can be analyzed", t.Arms[a])
		}
	}
	if f.LMMFit, err = m.FitContext(ctx, c); err != nil {
		return nil, err
	}
	f.fit = f.LMMFit
	f.average(rows, terms)
	return f, nil
}
