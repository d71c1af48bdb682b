package study

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study/files"
)

// This file holds what stands beside a deciding row to say how much hangs on its
// method and on those lost: whether other methods agree with it, what it is under other
// assumptions about missing values, what it is once all arms are covered together, and
// whether it is alike for all baselines. None of it changes a row.

// Agreement says how many of the other ways to compare the arms agree with the
// row that decides: their interval leaves out Null where its does, and holds it
// where its does.
type Agreement struct {
	Arm, Visit string
	// Null is the difference that is asked about: 0 (of a ratio 1), or the margin of a plan that
	// has one, on the side of harm (active − control).
	Null float64
	// Companions are the rows of the same arm, visit and measure that have an effect, but
	// for those of supplementary plans, which ask another question.
	Companions []Row
	// Agree counts those that do; Differ are those that do not.
	Agree  int
	Differ []Row
}

// Few reports whether so few companions differ that the answer itself names them with
// their numbers: fewer than agree, or none. Else they are a doubt of their own.
func (a Agreement) Few() bool { return len(a.Differ) == 0 || len(a.Differ) < a.Agree }

// Agreement has one entry for each deciding row that has an effect, in the order
// of the rows.
func (r Result) Agreement() []Agreement {
	var out []Agreement
	for _, row := range r.Deciding() {
		if row.Effect == nil || row.Equivalence != nil { // which asks about two margins, not one null
			continue
		}
		a := Agreement{Arm: row.Arm, Visit: row.Visit}
		a.Null = row.Measure.Null()
		if ni := row.NonInferiority; ni != nil {
			a.Null = ni.Bound(r.Outcome.Better)
		}
		for _, other := range r.Rows {
			if other.Decides || other.Set != row.Set || other.Contrast != Between || other.Arm != row.Arm || other.Visit != row.Visit ||
				other.Effect == nil || other.Role == RoleSupplementary || other.Measure.Scale() != row.Measure.Scale() || other.Measure == OddsRatio != (row.Measure == OddsRatio) {
				continue
			}
			a.Companions = append(a.Companions, other)
			if other.interval().Contains(a.Null) == row.alone().Contains(a.Null) {
				a.Agree++
			} else {
				a.Differ = append(a.Differ, other)
			}
		}
		out = append(out, a)
	}
	return out
}

// JointInterval is the interval of a deciding row's difference that holds together
// with those of all other arms against control, with probability Level.
type JointInterval struct {
	Arm                           string
	Estimate, Lower, Upper, Level float64
	Method                        string // "dunnett"
	Measure                       Measure
}

// methodDunnett: by the joint t distribution of the arms' differences.
const methodDunnett = string(regress.Dunnett)

// joint are the intervals of Result.Joint.
func (c *comparison) joint(ctx context.Context, fit *armsFit) ([]JointInterval, error) {
	if fit == nil || fit.linear == nil || len(fit.linear.Arms()) < 3 {
		return nil, nil
	}
	cs, err := fit.linear.VersusControl()
	if err != nil {
		return nil, onlyData(err)
	}
	intervals, err := cs.CIContext(ctx, c.plan.Level)
	if err != nil {
		return nil, err
	}
	var out []JointInterval
	for _, a := range c.active() {
		if i := slices.IndexFunc(cs, func(x regress.Comparison) bool { return x.A == a.ID }); i >= 0 {
			j := JointInterval{Arm: a.ID, Estimate: cs[i].Value, Lower: intervals[i].Lo, Upper: intervals[i].Hi, Level: c.plan.Level, Method: methodDunnett, Measure: MeanDifference}
			if c.plan.Scale == ScaleLog {
				j.Measure = GeometricMeanRatio
				j.Estimate, j.Lower, j.Upper = math.Exp(j.Estimate), math.Exp(j.Lower), math.Exp(j.Upper)
			}
			out = append(out, j)
		}
	}
	return out, nil
}

// onlyData is nil for an error that the data's shape explains.
func onlyData(err error) error {
	for _, known := range []error{stats.ErrTooFew, stats.ErrNoVariation, stats.ErrSingular, stats.ErrDomain} {
		if errors.Is(err, known) {
			return nil
		}
	}
	return err
}

// BaselineSlopes says whether the difference varies with baseline: the deciding
// model with a slope on baseline for each arm (regress.ANCOVASlopes), with the same
// participants, strata, covariates and kind of standard errors. Nobody planned it,
// and it decides nothing.
type BaselineSlopes struct {
	// F test that all arms have one slope.
	F, DF1, DF2, P float64
	// Low and High are the 10th and the 90th percentile of the baseline of those
	// analyzed (stats.Quantile, type 7): one in ten is below, one in ten above.
	Low, High float64
	Arms      []BaselineSlope // active arms in the protocol's order
	Method    Method          // of the deciding row
}

// BaselineSlope is how an active arm's difference from control varies.
type BaselineSlope struct {
	Arm string
	// Slope: the arm's minus control's, in the outcome's unit for each unit of
	// baseline.
	Slope stats.Estimate
	// AtLow and AtHigh are the differences from control at Low and High.
	AtLow, AtHigh stats.Estimate
}

// baselineSlopes are those of Result.BaselineSlopes.
func (c *comparison) baselineSlopes(fit *armsFit) (*BaselineSlopes, error) {
	if fit == nil || fit.linear == nil || fit.data.Baseline == nil || c.plan.Scale == ScaleLog { // whose slopes are of logarithms
		return nil, nil
	}
	m, err := regress.ANCOVASlopes(fit.data)
	if err == nil && fit.robust {
		m, err = m.Robust()
	}
	if err != nil {
		return nil, onlyData(err)
	}
	test := m.Test()
	if math.IsNaN(test.F) {
		return nil, nil
	}
	s := &BaselineSlopes{F: test.F, DF1: test.DF1, DF2: test.DF2, P: test.P(), Method: c.plan.Method()}
	for _, end := range []struct {
		at *float64
		p  float64
	}{{&s.Low, 0.1}, {&s.High, 0.9}} {
		if *end.at, err = stats.Quantile(fit.data.Baseline, end.p, 7); err != nil {
			return nil, err
		}
	}
	for _, a := range c.active() {
		if fit.n(a.ID) == 0 {
			continue
		}
		b := BaselineSlope{Arm: a.ID}
		var errs [3]error
		b.Slope, errs[0] = m.Slope(a.ID)
		b.AtLow, errs[1] = m.DifferenceAt(a.ID, s.Low)
		b.AtHigh, errs[2] = m.DifferenceAt(a.ID, s.High)
		if err := errors.Join(errs[:]...); err != nil {
			return nil, err
		}
		s.Arms = append(s.Arms, b)
	}
	return s, nil
}

// Diagnostics look for what a model leans on. They add doubts and change no row.
type Diagnostics struct {
	// Cook is the largest of Cook's distances in the deciding linear model, of the
	// participant CookID, and Influential are those with a distance above 1, the
	// bound of Cook and Weisberg (1982, Residuals and Influence in Regression, ISBN
	// 0-412-24280-X): without that participant the coefficients move beyond the edge of
	// their joint 50 % confidence region, for which the distance is the median of
	// F(p, n − p), between 0.45 (p = 1) and 1. That is a yardstick, not a test: the
	// distance is not distributed as F. NaN and "" where the deciding row is no linear
	// model. Source of the distance: Cook (1977), Technometrics 19:15,
	// doi 10.1080/00401706.1977.10489493; R's cooks.distance.
	Cook        float64
	CookID      string
	Influential []string
	// Floor counts, by arm, those with a baseline and a value whose baseline is
	// closer to the scale's better end than the patients' threshold: they cannot
	// improve by it. Empty where no threshold of patients or no range is stated.
	Floor []FloorCount
}

// FloorCount is how many of an arm's participants cannot reach the threshold.
type FloorCount struct {
	Arm   string
	N, Of int
}

// diagnostics looks at the deciding model and the scale.
func (c *comparison) diagnostics(fit *armsFit) Diagnostics {
	d := Diagnostics{Cook: math.NaN()}
	if fit != nil && fit.linear != nil {
		for i, x := range fit.linear.Model().CooksDistance() {
			if !(x <= d.Cook) {
				d.Cook, d.CookID = x, fit.used[i].ID
			}
			if x > 1 {
				d.Influential = append(d.Influential, fit.used[i].ID)
			}
		}
		slices.SortFunc(d.Influential, compareIDs)
	}
	th, _ := c.outcome.PatientThreshold()
	if th == nil || !c.outcome.HasRange() || !c.outcome.HasBaseline() {
		return d
	}
	for _, a := range c.arms {
		count := FloorCount{Arm: a.ID}
		for _, r := range c.complete(a.ID, false) {
			room := files.Decimal(r.Baseline).Minus(files.Decimal(c.outcome.Min))
			if c.outcome.Better == HigherIsBetter {
				room = files.Decimal(c.outcome.Max).Minus(files.Decimal(r.Baseline))
			}
			count.Of++
			if room < th.Value {
				count.N++
			}
		}
		d.Floor = append(d.Floor, count)
	}
	return d
}

// SensitivityRow is a plan's comparison under another assumption about the values of
// those lost: from the visit after a participant's last value on. Everybody with a
// baseline (and the covariates) is in it; a gap between two values is predicted from
// the participant's others.
type SensitivityRow struct {
	Assumption
	Arm, Control, Visit string // of the comparison
	Role                Role   // of the plan
	// Estimate is the difference, active − control, with the interval at Level. Of
	// AssumeDelta it is that without a delta.
	stats.Estimate
	Lower, Upper, Level float64
	// N counts the participants by arm, Lost those of them without a value at the visit.
	N, Lost map[string]int
	// Imputations is how many completed data sets were pooled by Rubin's rules, which
	// give the information-anchored variance; 0: conditional means with the jackknife.
	Imputations int
	// Tipping is the answer of AssumeDelta.
	Tipping *TippingPoint
	// Notes say why there is no estimate (NaN).
	Notes []Note
}

// TippingPoint says how much worse than predicted the lost of an arm would have to be
// for the difference to lose its significance at 1 − Level.
type TippingPoint struct {
	Arm         string
	Significant bool    // without a delta
	Delta       float64 // the least by which they are worse where significance is lost
	Found       bool    // within the steps
	From, To    float64
	SD          float64 // of the baseline, to compare the delta with
}

// errNoMean: somebody lost before the first visit has no mean to carry forward.
var errNoMean = errors.New("study: no mean before the first visit")

// firstImputations is how many completed data sets there are to begin with, moreImputations
// how many where the p-value lies within two Monte Carlo errors of 1 − level.
const firstImputations, moreImputations = 200, 2000

// sensitivity answers a plan's other assumptions.
func (d *Dataset) sensitivity(ctx context.Context, p Plan) ([]SensitivityRow, error) {
	if len(p.Sensitivity) == 0 {
		return nil, nil
	}
	data, people, names := d.imputable(p)
	outcome, _ := d.outcome(p.Outcome)
	n, lost := map[string]int{}, map[string]int{}
	slot, _ := d.slot(p.Outcome, p.Visit)
	for _, x := range people {
		n[x.Arm]++
		if !x.cells[slot].ok {
			lost[x.Arm]++
		}
	}
	var out []SensitivityRow
	for _, x := range p.Sensitivity {
		rows, err := d.assume(ctx, p, x, data, names, outcome)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			rows[i].N, rows[i].Lost = n, lost
		}
		out = append(out, rows...)
	}
	return out, nil
}

// imputable is the plan's outcome at all visits, of everybody with a baseline and the
// covariates, and what its visits are called in it.
func (d *Dataset) imputable(p Plan) (*impute.Data, []*Participant, map[string]string) {
	p.Model = MMRM
	f := &repeatedFit{plan: p, baseline: d.BaselineVisit(p.Outcome), visits: d.PostVisits(p.Outcome), arms: d.armsControlLast(),
		reasons: map[string]string{}, observed: map[string]map[string]int{}, n: map[string]int{}, strata: d.strata}
	data := d.repeatedData(f)
	for _, x := range d.participants { // those without any later value are imputed too
		if f.reasons[x.ID] != reasonNoFollowUp {
			continue
		}
		whole := true
		for _, id := range p.Covariates {
			_, number := x.Numbers[id]
			_, category := x.Categories[id]
			whole = whole && (number || category)
		}
		if !whole {
			continue
		}
		base, _ := d.slot(p.Outcome, f.baseline.ID)
		data.people, data.baseline = append(data.people, x), append(data.baseline, x.cells[base])
		for j := range data.values {
			data.values[j] = append(data.values[j], cell{})
		}
	}
	out := &impute.Data{Trial: *data.trial(f)}
	names := map[string]string{}
	for _, v := range data.visits {
		names[v.ID] = modelVisit(v.ID)
	}
	after := make([]int, len(data.people)) // visit after the last value
	for _, v := range out.Values {
		after[v.Participant] = max(after[v.Participant], v.Visit+1)
	}
	for i, v := range after {
		out.Participants = append(out.Participants, data.people[i].ID)
		if v < len(out.Visits) {
			out.Events = append(out.Events, impute.Event{Participant: i, Visit: v})
		}
	}
	return out, data.people, names
}

// assume gives the comparison of every active arm under one assumption.
func (d *Dataset) assume(ctx context.Context, p Plan, x Assumption, data *impute.Data, names map[string]string, o Outcome) ([]SensitivityRow, error) {
	control := d.Control().ID
	var out []SensitivityRow
	for _, a := range d.ActiveArms() {
		if x.Assume == AssumeDelta && x.Arm != a.ID && x.Arm != control {
			continue
		}
		row := SensitivityRow{Assumption: x, Arm: a.ID, Control: control, Visit: p.Visit, Role: p.Role, Level: p.Level, Lower: math.NaN(), Upper: math.NaN()}
		row.Estimate = stats.Estimate{Value: math.NaN(), SE: math.NaN(), DF: math.NaN()}
		out = append(out, row)
	}
	fail := func(err error) ([]SensitivityRow, error) {
		if e := ctx.Err(); e != nil {
			return nil, e
		}
		code := "assumption-no-fit"
		switch {
		case errors.Is(err, errNoMean):
			code = "assumption-no-mean"
		case errors.Is(err, stats.ErrTooFew):
			code = "assumption-too-few"
		}
		for i := range out {
			out[i].Notes = []Note{{Code: code}}
		}
		return out, nil
	}
	strategy, err := impute.ParseStrategy(x.Assume)
	if err != nil { // a delta is one on what is missing at random
		strategy = impute.MAR
	}
	model := impute.Model{ByArm: p.CovarianceByArm}
	if name := cmp.Or(p.Covariance, slices.Concat(p.CovarianceOrder, []string{"us"})[0]); p.Model == MMRM {
		if model.Covariance, err = mmrm.ParseCovariance(name); err != nil {
			return nil, err
		}
	}
	visit, ok := names[p.Visit]
	if !ok {
		return fail(stats.ErrTooFew)
	}
	if strategy == impute.LMCF && slices.ContainsFunc(data.Events, func(e impute.Event) bool { return e.Visit == 0 }) {
		return fail(errNoMean)
	}
	fit, err := model.FitContext(ctx, data.Under(strategy))
	if err != nil {
		return fail(err)
	}
	if strategy != impute.MAR {
		return d.assumeByDraws(ctx, p, fit, visit, out, fail)
	}
	samples, err := fit.JackknifeContext(ctx)
	if err != nil {
		return fail(err)
	}
	delta := impute.Delta{}
	if x.Visits == DeltaAddingUp {
		delta.Shape = impute.AddingUp
	}
	r, err := samples.AnalyzeContext(ctx, impute.Analysis{Delta: delta})
	if err != nil {
		return fail(err)
	}
	for i := range out {
		e, err := r.Difference(out[i].Arm, control, visit)
		if err != nil {
			return fail(err)
		}
		out[i].settle(e)
		if x.Assume != AssumeDelta {
			continue
		}
		t, err := r.Tipping(out[i].Arm, control, visit)
		if err != nil {
			return fail(err)
		}
		if out[i].Tipping, err = tippingOf(t, x, p.Level, -o.Better.Sign()); err != nil {
			return fail(err)
		}
		out[i].Tipping.SD = baselineSD(data)
	}
	return out, nil
}

func (r *SensitivityRow) settle(e stats.Estimate) {
	ci := e.CI(r.Level)
	r.Estimate, r.Lower, r.Upper = e, ci.Lo, ci.Hi
}

// assumeByDraws pools completed data sets.
func (d *Dataset) assumeByDraws(ctx context.Context, p Plan, fit *impute.Fit, visit string, out []SensitivityRow, fail func(error) ([]SensitivityRow, error)) ([]SensitivityRow, error) {
	for m := firstImputations; ; m = moreImputations {
		draws, err := fit.DrawContext(ctx, impute.DrawOptions{Imputations: m, Seed: p.Seed})
		if err != nil {
			return fail(err)
		}
		im, err := draws.ImputeContext(ctx)
		if err != nil {
			return fail(err)
		}
		r, err := im.AnalyzeContext(ctx, impute.Analysis{})
		if err != nil {
			return fail(err)
		}
		close := false
		for i := range out {
			es, err := r.Estimates(out[i].Arm, out[i].Control, visit)
			if err != nil {
				return fail(err)
			}
			pooled, err := stats.PoolImputations(es)
			if err != nil {
				return fail(err)
			}
			out[i].settle(pooled.Estimate)
			out[i].Imputations = m
			if m == firstImputations {
				mc, err := impute.StabilityOf(es)
				if err != nil {
					return fail(err)
				}
				close = close || math.Abs(pooled.P(0)-(1-p.Level)) < 2*mc.P
			}
		}
		if !close {
			return out, nil
		}
	}
}

// tippingOf finds the least delta toward worse, which has the sign, at which
// significance is lost.
func tippingOf(t *impute.Tipping, x Assumption, level, worse float64) (*TippingPoint, error) {
	out := &TippingPoint{Arm: x.Arm, From: x.Steps[0], To: x.Steps[1]}
	now, err := t.At(nil)
	if err != nil {
		return nil, err
	}
	if out.Significant = now.P(0) < 1-level; !out.Significant {
		return out, nil
	}
	roots, err := t.Roots(x.Arm, level)
	if err != nil {
		return nil, err
	}
	least := math.Inf(1)
	for _, r := range roots {
		if r *= worse; r > 0 {
			least = min(least, r)
		}
	}
	if least <= out.To {
		out.Delta, out.Found = least, true
	}
	return out, nil
}

// baselineSD is that of all participants.
func baselineSD(data *impute.Data) float64 {
	s, err := stats.Summarize(data.Baseline)
	if err != nil {
		return math.NaN()
	}
	return s.SD
}
