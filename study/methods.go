package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
	"github.com/trialkit/trialkit/study/estimand"
	"github.com/trialkit/trialkit/study/text"
)

// This file turns records into rows, a method a function. A row that the data
// cannot answer keeps NaN and says why; a returned error stops the analysis.

// categoryTerm takes the first level in sorted order as the reference.
func categoryTerm(id string, used []Record) regress.Term {
	labels := make([]string, len(used))
	for i, r := range used {
		labels[i] = r.Categories[id]
	}
	levels := append([]string(nil), labels...)
	sort.Strings(levels)
	reference := ""
	if len(levels) > 0 {
		reference = levels[0]
	}
	return regress.Category(id, labels, reference)
}

// modelRows fits one linear model over all arms: an analysis of covariance, or
// without a baseline its like without that term.
func (c *comparison) modelRows(method Method, covariates bool) (*armsFit, []Row, error) {
	fit, err := c.fitArms(covariates)
	var rows []Row
	for _, a := range c.active() {
		row := c.row(method, Between, a.ID, covariates)
		var e stats.Estimate
		why := orEmpty(err)
		if fit != nil && row.N[a.ID] > 0 {
			if e, why = fit.difference(a.ID); why == nil && !e.Estimable() {
				why = errConfounded
			} else if why == nil && fit.robust && !(e.SE > 1e-7*math.Abs(e.Value)) { // residuals of 0, but for rounding
				why = &modelError{Note{Code: "hc3-none"}}
			}
		}
		if why == nil {
			if fit.withheld != nil && fit.withheld(e) {
				c.withhold(&row, e)
			} else {
				c.fill(&row, e)
			}
			row.Notes = append(row.Notes, fit.notes...)
		} else if err := row.refuse(why); err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
	}
	return fit, rows, nil
}

// errConfounded: covariates tell the arm apart from all others, so that its
// difference is theirs.
var errConfounded = &stats.SampleError{Func: "ANCOVA", Arg: "arm", Index: -1, Err: stats.ErrSingular}

func orEmpty(err error) error {
	if err == nil {
		return errEmpty
	}
	return err
}

// lsMeans are the model's means for the arms that have participants.
func (c *comparison) lsMeans(method Method, fit *armsFit) []LSMean {
	if fit == nil || c.plan.Scale == ScaleLog { // whose means are of logarithms
		return nil
	}
	var out []LSMean
	for _, a := range c.arms {
		n := fit.n(a.ID)
		if n == 0 {
			continue
		}
		e, err := fit.mean(a.ID)
		if err != nil || !e.Estimable() {
			continue
		}
		m := LSMean{Arm: a.ID, Visit: c.visit.ID, Method: method, Level: c.plan.Level, N: n, Estimate: e}
		if !math.IsNaN(fit.baseline) {
			e.Value -= fit.baseline
			m.Change = &LSMeanChange{Estimate: e}
		}
		out = append(out, m)
	}
	return out
}

// simpleRows fills one row per active arm from the two arms' changes, or values.
func (c *comparison) simpleRows(method Method, f func(row *Row, treated, control []float64, tb, cb []string) error) ([]Row, error) {
	control, cb := c.compared(c.control().ID)
	var rows []Row
	for _, a := range c.active() {
		row := c.row(method, Between, a.ID, false)
		treated, tb := c.compared(a.ID)
		err := error(errEmpty)
		if len(treated) > 0 && len(control) > 0 {
			err = f(&row, treated, control, tb, cb)
		}
		if err := row.refuse(err); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (c *comparison) welchRows(context.Context) ([]Row, []Floor, error) {
	rows, err := c.simpleRows(c.methods().welch, func(row *Row, treated, control []float64, _, _ []string) error {
		row.ignoreStrata(c.strata)
		e, err := stats.Welch(treated, control)
		if err != nil {
			if row.Estimate = meanOf(treated) - meanOf(control); c.plan.Scale == ScaleLog {
				row.Estimate = math.Exp(row.Estimate)
			}
			return err
		}
		c.fill(row, e)
		return nil
	})
	return rows, nil, err
}

// permutationANCOVARows refit the model over all arms to every re-randomization
// of an active arm and control.
func (c *comparison) permutationANCOVARows(ctx context.Context) ([]Row, []Floor, error) {
	data, blocks := c.refitData()
	var rows []Row
	var floors []Floor
	for _, a := range c.active() {
		row := c.row(MethodPermutationANCOVA, Between, a.ID, false)
		err := error(errEmpty)
		if row.N[row.Arm] > 0 && row.N[row.Control] > 0 {
			var p resample.Perm
			p, err = resample.PermutationANCOVAContext(ctx, data, a.ID,
				resample.PermANCOVAOptions{Block: blocks, Seed: c.plan.Seed, Arrangements: c.bound(permutationModels), Replicates: replicates(row.N[row.Arm] + row.N[row.Control])})
			if err == nil {
				c.fill(&row, p)
				row.Notes = append(row.Notes, p.Notes...)
				if p.Method == resample.PermEnumeration || p.Method == resample.PermLattice { // others' MinP is none that these data set
					floors = append(floors, c.floor(&row, p.MinP))
				}
			}
		}
		if err := row.refuse(err); err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
	}
	return rows, floors, nil
}

// A companion is computed for every outcome and visit, so it is exact while that
// takes some ten milliseconds. What is beyond is approximated, unless a plan says
// exact: true, and the row's notes say so.
const (
	// permutationWork bounds the exact permutation test of the changes: about 80
	// against 80 on a scale of 101 steps, 250 against 250 on one of 11, 15
	// against 15 off any grid.
	permutationWork = 1e7
	// permutationModels bounds the arrangements that a model is fitted to, each:
	// 10 against 10.
	permutationModels = 2e5
	// maxLabels bounds the labels drawn by one Monte Carlo test.
	maxLabels = 2e7
	// anyWork is no bound but memory's.
	anyWork = 9e10
)

// replicates are the random arrangements of a Monte Carlo test of n
// participants: 100,000, and beyond 200 participants fewer, down to 2,000.
func replicates(n int) int { return min(100_000, max(2_000, int(maxLabels)/max(n, 1))) }

// bound is the work that a companion may take.
func (c *comparison) bound(work float64) float64 {
	if c.exact {
		return anyWork
	}
	return work
}

func (c *comparison) permutationChangeRows(ctx context.Context) ([]Row, []Floor, error) {
	var floors []Floor
	rows, err := c.simpleRows(c.methods().permutation, func(row *Row, treated, control []float64, tb, cb []string) error {
		p, err := resample.PermutationContext(ctx, treated, control,
			resample.PermOptions{TreatedBlocks: tb, ControlBlocks: cb, Seed: c.plan.Seed, Additions: c.bound(permutationWork),
				Replicates: replicates(len(treated) + len(control))})
		if err != nil {
			return err
		}
		c.fill(row, p)
		row.Notes = append(row.Notes, p.Notes...)
		floors = append(floors, c.floor(row, p.MinP))
		return nil
	})
	return rows, floors, err
}

// Trimmed is what was cut off the arms of a row of MethodTrimmedMeans, by arm.
type Trimmed struct {
	Share    float64 // of each arm
	Adaptive bool
	// Worst ranked worst without a value, Cut were cut off (in parts of a participant where
	// Share times the arm's number is none), Means are of the others.
	Worst      map[string]int
	Cut, Means map[string]float64
}

// RankWorst counts an arm's participants who have no value and rank worst.
func (r Row) RankWorst(arm string) int {
	if r.Trimmed == nil {
		return 0
	}
	return r.Trimmed.Worst[arm]
}

// trimmedRows compare the better part of each arm with that of control.
func (c *comparison) trimmedRows(ctx context.Context, e estimand.Estimand) ([]Row, error) {
	why := func(r *Record) string {
		if reason := c.missing(r, false); reason != reasonRankedWorst {
			return reason
		}
		return ""
	}
	arm := func(id string) (out impute.TrimmedArm) {
		out.Values, out.Blocks = c.compared(id)
		for i := range c.records {
			if r := &c.records[i]; r.Arm == id && c.missing(r, false) == reasonRankedWorst {
				if out.Worst++; c.strata.any() {
					out.Blocks = append(out.Blocks, r.Stratum)
				}
			}
		}
		return out
	}
	o := impute.TrimmedOptions{Worst: impute.WorstIsLow, Share: e.Trim, Adaptive: e.Adaptive, Seed: c.plan.Seed}
	if c.outcome.Better == LowerIsBetter {
		o.Worst = impute.WorstIsHigh
	}
	if c.plan.Exact {
		o.Arrangements = 2e6
	}
	control := arm(c.control().ID)
	var rows []Row
	for _, a := range c.active() {
		row := c.rowWith(MethodTrimmedMeans, Between, a.ID, why)
		treated := arm(a.ID)
		row.Trimmed = &Trimmed{e.Trim, e.Adaptive, map[string]int{a.ID: treated.Worst, row.Control: control.Worst}, map[string]float64{}, map[string]float64{}}
		row.Observed[a.ID], row.Observed[row.Control] = len(treated.Values), len(control.Values)
		if n, ok := row.tooManyWorst(); ok {
			row.Notes = append(row.Notes, n)
			rows = append(rows, row)
			continue
		}
		t, err := impute.TrimmedMeansContext(ctx, treated, control, o)
		if err == nil {
			c.fill(&row, t)
			row.Trimmed.Share = t.Share
			row.Notes = append(row.Notes, Note{Code: "trimmed-means", Args: text.Args{"share": t.Share}})
			row.Notes = append(row.Notes, t.Notes...)
			for i, id := range []string{row.Control, a.ID} {
				row.Trimmed.Cut[id], row.Trimmed.Means[id] = t.Cut[i], t.Means[i]
			}
		} else if err := row.refuse(err); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// tooManyWorst says in which arm more rank worst than are cut off.
func (r *Row) tooManyWorst() (Note, bool) {
	for _, id := range []string{r.Arm, r.Control} {
		n, worst := r.N[id], r.Trimmed.Worst[id]
		if t := r.Trimmed; n > 0 && (worst == n || !t.Adaptive && float64(worst) > t.Share*float64(n)*(1+1e-9)) {
			code := "trimmed-too-many"
			if worst == n {
				code += "-all"
			}
			return Note{Code: code, Args: text.Args{"arm": id, "n": worst, "of": n, "share": t.Share}}, true
		}
	}
	return Note{}, false
}

func (c *comparison) floor(row *Row, minP float64) Floor {
	return Floor{Outcome: row.Outcome, Visit: row.Visit, Arm: row.Arm, Method: row.Method, MinP: minP}
}

// rankRows has no strata: the rank test takes the arms as freely exchangeable.
func (c *comparison) rankRows(ctx context.Context) ([]Row, []Floor, error) {
	var floors []Floor
	rows, err := c.simpleRows(c.methods().rank, func(row *Row, treated, control []float64, _, _ []string) error {
		s, err := c.rankTest(treated, control)
		if err != nil {
			return err
		}
		ci, err := s.CIContext(ctx, row.Level)
		if err != nil {
			return err
		}
		p, err := s.PContext(ctx, 0)
		if err != nil {
			return err
		}
		c.fillWith(row, s, ci, p)
		row.Notes = append(row.Notes, s.Notes...)
		row.ignoreStrata(c.strata)
		if s.Method() != rank.Exact {
			return nil
		}
		a, b := midRanks(treated, control)
		minP, err := resample.PermutationFloor(a, b)
		if err != nil {
			return err
		}
		floors = append(floors, c.floor(row, minP))
		return nil
	})
	return rows, floors, err
}

// rankTest counts arrangements where that is cheap, or where the plan says
// exact: true and their number can be held.
func (c *comparison) rankTest(treated, control []float64) (rank.Shift, error) {
	if c.exact {
		s, err := rank.MannWhitneyWith(treated, control, rank.Options{Method: rank.Exact})
		if !errors.Is(err, stats.ErrDomain) {
			return s, err
		}
	}
	return rank.MannWhitney(treated, control)
}

// midRanks returns twice the mid-ranks of both samples in the pooled one: the
// rank test is the permutation test of these whole numbers.
func midRanks(treated, control []float64) (a, b []float64) {
	pooled := slices.Concat(treated, control)
	slices.Sort(pooled)
	rank := func(x []float64) []float64 {
		out := make([]float64, len(x))
		for i, v := range x {
			first, _ := slices.BinarySearch(pooled, v)
			last := sort.Search(len(pooled), func(k int) bool { return pooled[k] > v })
			out[i] = float64(first + last + 1)
		}
		return out
	}
	return rank(treated), rank(control)
}

// withinRows are the mean changes of each arm, control last.
func (c *comparison) withinRows() ([]Row, error) {
	var rows []Row
	for _, a := range c.arms {
		row := c.row(MethodPairedT, Within, a.ID, false)
		x, _ := c.compared(a.ID)
		if len(x) == 0 {
			if err := row.refuse(errEmpty); err != nil {
				return nil, err
			}
		} else if e, err := stats.Mean(x); err == nil { // of raw values
			row.fill(e)
		} else {
			row.Estimate = meanOf(x)
			if err := row.refuse(err); err != nil {
				return nil, err
			}
		}
		row.Notes = append(row.Notes, Note{Code: "within-no-evidence"})
		rows = append(rows, row)
	}
	return rows, nil
}

// meanOf is the mean of values that are known to be there.
func meanOf(x []float64) float64 { return described(x).Mean }

// summaries describes every arm's observed values at baseline and visit.
func (c *comparison) summaries(baseline Visit) []Summary {
	var out []Summary
	for _, a := range c.arms {
		var before, after, change []float64
		var paired [2][]float64
		n := 0
		for i := range c.records {
			r := &c.records[i]
			if r.Arm != a.ID {
				continue
			}
			n++
			if r.HasBaseline {
				before = append(before, r.Baseline)
			}
			if r.HasFollow {
				after = append(after, r.Follow)
			}
			if r.HasBaseline && r.HasFollow {
				paired[0], paired[1] = append(paired[0], r.Baseline), append(paired[1], r.Follow)
				change = append(change, r.Change)
			}
		}
		if c.outcome.HasBaseline() {
			out = append(out, summaryOf(a.ID, baseline.ID, before, n))
		}
		s := summaryOf(a.ID, c.visit.ID, after, n)
		s.Pairs = len(change)
		d := described(change)
		s.MeanChange, s.SDChange = d.Mean, d.SD
		if r, err := assoc.Pearson(paired[0], paired[1]); err == nil {
			s.Correlation = r.Point()
		}
		out = append(out, s)
	}
	return out
}

// summaryOf describes the values that n participants of an arm have at a visit.
func summaryOf(arm, visit string, values []float64, n int) Summary {
	nan := math.NaN()
	s := Summary{Arm: arm, Visit: visit, Description: described(values), MeanChange: nan, SDChange: nan, Correlation: nan}
	s.Missing = n - len(values)
	return s
}

// described is stats.Describe of values that the loader has checked; every
// statistic is NaN of those that are too large to square.
func described(x []float64) stats.Description {
	d, err := stats.Describe(x)
	if err != nil {
		nan := math.NaN()
		return stats.Description{N: len(x), Mean: nan, SD: nan, SE: nan, Min: nan, Q1: nan, Median: nan, Q3: nan, Max: nan}
	}
	return d
}

// effectSizes are Hedges' g of the changes (of the values without a baseline), with its noncentral-t interval.
func (c *comparison) effectSizes() []EffectSize {
	control, _ := c.compared(c.control().ID)
	measure := "hedges-g-change"
	if !c.outcome.HasBaseline() {
		measure = "hedges-g"
	}
	var out []EffectSize
	for _, a := range c.active() {
		nan := math.NaN()
		s := EffectSize{Outcome: c.outcome.ID, Visit: c.visit.ID, Arm: a.ID, Control: c.control().ID,
			Measure: measure, Estimate: nan, Lower: nan, Upper: nan, Level: c.plan.Level}
		treated, _ := c.compared(a.ID)
		if g, err := stats.HedgesG(treated, control); err == nil {
			ci := g.CI(s.Level)
			s.Estimate, s.Lower, s.Upper = g.Point(), ci.Lo, ci.Hi
		} else {
			s.Notes = append(s.Notes, Note{Code: "no-effect-size"})
		}
		out = append(out, s)
	}
	return out
}

// caceRows estimate, for each active arm of whose participants, or of control's, some
// received the other treatment, the effect in those who receive it because they are
// allocated to it: by the linear model of all arms that the plan has at the visit. At 0
// its test is that of the arms as randomized. Who received a third treatment is taken to
// have received neither; of whom it is not recorded is left out.
func (c *comparison) caceRows() ([]Row, error) {
	control := c.control().ID
	var rows []Row
	for _, a := range c.active() {
		received := func(r *Record) bool { return r.Received == a.ID }
		missing := func(r *Record) string {
			if why := c.missing(r, true); why != "" || r.Received != "" {
				return why
			}
			return reasonReceivedUnknown
		}
		var used []Record
		differs := false
		for i := range c.records {
			r := &c.records[i]
			if missing(r) != "" {
				continue
			}
			used = append(used, *r)
			differs = differs || (r.Arm == a.ID || r.Arm == control) && received(r) != (r.Arm == a.ID)
		}
		if !differs {
			continue
		}
		row := c.rowWith(MethodCACE, Between, a.ID, missing)
		row.Role, row.Planned, row.Target = RoleSupplementary, "", Compliers
		data := c.armsData(used, true, c.strata.terms(used, false))
		d := regress.CACEData{Y: data.Y, Arm: data.Arm, Control: control, Treated: a.ID, Covariates: data.Covariates, Level: c.plan.Level}
		if data.Baseline != nil {
			d.Covariates = append([]regress.Term{regress.Numeric("baseline", data.Baseline)}, d.Covariates...)
		}
		taken := map[string]int{}
		for i := range used {
			x := 0.0
			if received(&used[i]) {
				x = 1
				taken[used[i].Arm]++
			}
			d.Received = append(d.Received, x)
		}
		row.Notes = append(row.Notes, Note{Code: "cace-received", Args: text.Args{"arm": a.ID, "other": control, "n": taken[a.ID], "of": row.N[a.ID],
			"control-n": taken[control], "control-of": row.N[control]}})
		fit, err := regress.CACE(d)
		switch {
		case errors.Is(err, regress.ErrNoUptake):
			row.Notes = append(row.Notes, Note{Code: "cace-no-uptake", Args: text.Args{"level": c.plan.Level}})
		case err != nil:
			if err := row.refuse(err); err != nil {
				return nil, err
			}
		default:
			c.fill(&row, fit)
			row.Notes = append(row.Notes, Note{Code: "cace-assumes"})
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// otherwiseTreated counts who received another arm's treatment than their own, or none,
// as far as it is recorded.
func (c *comparison) otherwiseTreated() (n int) {
	for _, r := range c.records {
		if r.Received != "" && r.Received != r.Arm {
			n++
		}
	}
	return n
}

// kindSubgroup are a level's rows of an outcome that is no measurement: the plan's own
// estimates of its participants, by the numbers randomized in it.
func (c *comparison) kindSubgroup(ctx context.Context, g subgroup, level string, of []Record) []SubgroupRow {
	own := c.varying(of)
	own.records, own.found, own.randomized = nil, map[bool][]Record{}, map[string]int{}
	for _, r := range c.records {
		if g.has(r) && g.level(r) == level {
			own.records = append(own.records, r)
			own.randomized[r.Arm]++
		}
	}
	out := c.described(of)
	k, err := own.kindRows(&risks{})
	for i := range out {
		x := &out[i]
		x.Level, x.Method, x.Why = level, c.plan.Method(), err
		if g.numeric {
			x.From, x.To = g.span(level)
		}
		if err != nil {
			continue
		}
		row, err := k.planned(ctx, x.Arm)
		if x.Method, x.Effect, x.Why = row.Method, row.Effect, err; x.Effect == nil && err == nil {
			x.Why = fmt.Errorf("study: %v: %w", row.Notes, stats.ErrTooFew)
		}
		model := own.adjusted() && row.Method.modelsKind()
		x.Treated, x.Reference = own.describedArm(x.Arm, model), own.describedArm(x.Control, model)
	}
	return out
}

// describedArm describes the values of an arm.
func (c *comparison) describedArm(arm string, covariates bool) stats.Description {
	var x []float64
	for _, r := range c.complete(arm, covariates) {
		x = append(x, r.Follow)
	}
	return described(x)
}

// modelsKind reports whether the method is a model with the plan's covariates, of an outcome
// that is no measurement.
func (m Method) modelsKind() bool {
	return slices.Contains([]Method{MethodGComputation, MethodProportionalOdds, MethodNegativeBinomial, MethodPoisson}, m)
}
