package study

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/lost"
)

// This file answers a plan's comparison once more under other assumptions about the
// values of those lost (Result.Sensitivity): of a measured outcome by a model of all
// visits, or by rules of old papers; of a binary one by counting (proportions.go).

// Assumption is what is assumed of the values after a participant's last one.
type Assumption struct {
	// Assume is a strategy of stats/impute ("mar", "j2r", "cr", "cir", "lmcf", "bocf"),
	// AssumeDelta, or AssumeLOCF or AssumeWOCF; of a binary outcome "mar", AssumeBest, AssumeWorst,
	// AssumeIMOR or AssumeTipping; of an ordinal one "mar".
	Assume string
	// Reference is the arm that J2R, CR and CIR look to; "" is the control. References say
	// it arm by arm.
	Reference  string
	References map[string]string
	// Arm is whose lost are worse than predicted by a delta, Steps its first, last and
	// step in the outcome's unit, positive for worse; Visits is DeltaConstant (also "")
	// or DeltaAddingUp from visit to visit. Of AssumeDelta alone.
	Arm    string
	Steps  []float64
	Visits string
	// Clip holds imputed values, made worse or not, inside the outcome's range. The
	// difference is then not linear in a delta, and comes from completed data sets
	// (impute.Imputations.Clipped). Of AssumeDelta alone.
	Clip bool
	// Odds are, by arm, the odds of yes among those lost over those among the observed,
	// 1 of an arm that is not named. Of AssumeIMOR alone.
	Odds map[string]float64
}

// Words of an Assumption.
const (
	// AssumeDelta makes the lost of an arm worse than predicted, step by step.
	AssumeDelta = "delta"
	// AssumeLOCF and AssumeWOCF carry a participant's last, or worst, value forward as if
	// it had been measured: to reproduce old papers.
	AssumeLOCF = "locf"
	AssumeWOCF = "wocf"
	// AssumeBest lets those lost do well in the active arm and badly in the control arm,
	// AssumeWorst the other way round.
	AssumeBest  = "best"
	AssumeWorst = "worst"
	// AssumeIMOR ties the odds of those lost to those of the observed by ratios (Odds).
	AssumeIMOR = "imor"
	// AssumeTipping lets ever fewer of those lost in an arm do well.
	AssumeTipping = "tipping"

	DeltaConstant = "constant"
	DeltaAddingUp = "adding-up"
)

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
	// Null is the difference that a verdict is against: 0, or a non-inferiority plan's
	// margin on the side of harm. Equivalence is the margin on both sides of a plan of
	// that, else 0.
	Null, Equivalence float64
	// N counts the participants by arm, Lost those of them without a value at the visit.
	N, Lost map[string]int
	// Imputations is how many completed data sets were pooled by Rubin's rules, which
	// give the information-anchored variance; 0: conditional means with the jackknife.
	Imputations int
	// Redrawn counts bootstrap samples without a fit that others took the place of.
	Redrawn int
	// Covariance is the structure of the model that predicted: of an order, the first
	// that converges.
	Covariance string
	// Tipping is the answer of AssumeDelta.
	Tipping *TippingPoint
	// Completed is the plan's own row where every value missing has one put in for it: of
	// AssumeLOCF, AssumeWOCF, AssumeBest, AssumeWorst, AssumeIMOR, AssumeTipping (as
	// observed), and mar of an outcome that is no measurement (multiple imputation). Estimate, Lower and Upper are its.
	Completed *Row
	// Counts is the answer of AssumeTipping.
	Counts *TippingCount
	// Notes say why there is no estimate (NaN).
	Notes []Note
}

// TippingPoint says how much worse than predicted the lost of an arm would have to be
// for the difference to lose its significance at 1 − Level, or, with a margin, for
// non-inferiority or equivalence no longer to be shown. It is judged by the model that predicts the
// missing values, at a delta of 0 as at any other, and not by the plan's own row (Result.Shows).
type TippingPoint struct {
	Arm         string
	Significant bool    // without a delta: from no difference, not inferior by Margin, or equivalent
	Delta       float64 // the least by which they are worse where that is lost
	Found       bool    // within the steps
	From, To    float64 // of equivalence on both sides of 0
	// Better is the least by which they are better where equivalence is lost, FoundBetter
	// whether it is within the steps.
	Better      float64
	FoundBetter bool
	SD          float64 // of the baseline, to compare the delta with
	// Margin is the plan's, else 0. AtMargin is of non-inferiority the difference where
	// the lost of the arm are worse than predicted by just the margin: as the hypothesis
	// that it is to refute has them.
	Margin   float64
	AtMargin *lost.Step
	// Held is, by arm and with Clip, how many values at the visit were held at an end of
	// the outcome's range: without a delta, and with Delta in Arm (not Found: with To). They
	// are means over the completed data sets.
	Held, HeldAt map[string]float64
	// Curve is the difference along the steps, the other arm's lost being as predicted;
	// Map where those of both arms are other than predicted.
	Curve []lost.Step
	Map   *lost.Map
}

// TippingCount says how few of those lost in an arm would have to have done well for
// the difference in shares to lose its significance at 1 − Level (with a margin, for
// non-inferiority or equivalence no longer to be shown), while those lost in
// the other arm did as those observed there (Other of OtherLost, rounded).
type TippingCount struct {
	Arm              string
	Lost             int
	Expected         int  // of them do well at the share observed
	Significant      bool // so; with a margin: shown
	Good             int  // the most, below Expected, with which significance is lost
	Found            bool
	Above            int // of equivalence, the fewest above Expected with which it is lost
	FoundAbove       bool
	OtherLost, Other int
}

// errNoMean: somebody lost before the first visit has no mean to carry forward.
var errNoMean = errors.New("study: no mean before the first visit")

// firstImputations is how many completed data sets there are to begin with, moreImputations
// how many where the p-value lies within two Monte Carlo errors of 1 − level.
const firstImputations, moreImputations = 200, 2000

// assume answers the plans' other assumptions.
func (res *Result) assume(ctx context.Context, d *Dataset, plans []Plan) error {
	for _, p := range plans {
		rows, err := d.under(p).sensitivity(ctx, p)
		if err != nil {
			return err
		}
		res.Sensitivity = append(res.Sensitivity, rows...)
		if res.Lost == nil {
			if res.Lost, err = d.under(p).lost(ctx, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// sensitivity answers a plan's other assumptions.
func (d *Dataset) sensitivity(ctx context.Context, p Plan) ([]SensitivityRow, error) {
	if len(p.Sensitivity) == 0 {
		return nil, nil
	}
	outcome, _ := d.outcome(p.Outcome)
	if !outcome.Measured() {
		return d.assumedKinds(ctx, p)
	}
	n, without := map[string]int{}, map[string]int{}
	slot, _ := d.slot(p.Outcome, p.Visit)
	for _, x := range d.imputable(p, false, func(loss, string) impute.Strategy { return impute.MAR }).people {
		n[x.Arm]++
		if !x.cells[slot].ok {
			without[x.Arm]++
		}
	}
	var out []SensitivityRow
	for _, x := range p.Sensitivity {
		how := d.assume
		if x.Assume == AssumeLOCF || x.Assume == AssumeWOCF {
			how = d.carry
		}
		rows, err := how(ctx, p, x, outcome)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			rows[i].N, rows[i].Lost = n, without
		}
		out = append(out, rows...)
	}
	return out, nil
}

// assume gives the comparison of every active arm under one assumption.
func (d *Dataset) assume(ctx context.Context, p Plan, x Assumption, o Outcome) ([]SensitivityRow, error) {
	control := d.Control().ID
	out := d.assumptionRows(p, x)
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
	in := d.imputable(p, false, func(why loss, _ string) impute.Strategy {
		if why == lostAside { // the estimand says what is assumed of these
			return impute.MAR
		}
		return strategy
	})
	data := in.data
	visit, ok := in.visits[p.Visit]
	if !ok {
		return fail(stats.ErrTooFew)
	}
	if in.noMean() {
		return fail(errNoMean)
	}
	fit, structure, err := d.fitImputation(ctx, p, x.Reference, x.References, data)
	if err != nil {
		return fail(err)
	}
	for i := range out {
		out[i].Covariance = structure
	}
	if x.Clip {
		return d.assumeHeld(ctx, p, fit, visit, out, o, baselineSD(data), fail)
	}
	if strategy != impute.MAR {
		return d.assumeByDraws(ctx, p, fit, visit, out, fail)
	}
	samples, err := fit.JackknifeContext(ctx)
	if err != nil {
		return fail(err)
	}
	r, err := samples.AnalyzeContext(ctx, impute.Analysis{Delta: x.delta(0)})
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
		if out[i].Tipping, err = out[i].tippingOf(t, o); err != nil {
			return fail(err)
		}
		out[i].Tipping.SD = baselineSD(data)
	}
	return out, nil
}

// assumptionRows begin the rows of an assumption: of one about an arm, those in which the
// arm is compared.
func (d *Dataset) assumptionRows(p Plan, x Assumption) []SensitivityRow {
	control := d.Control().ID
	var out []SensitivityRow
	for _, a := range d.ActiveArms() {
		if x.Arm != "" && x.Arm != a.ID && x.Arm != control {
			continue
		}
		row := SensitivityRow{Assumption: x, Arm: a.ID, Control: control, Visit: p.Visit, Role: p.Role, Level: p.Level, Lower: math.NaN(), Upper: math.NaN()}
		switch o, _ := d.outcome(p.Outcome); {
		case p.nonInferior():
			row.Null = -o.Better.Sign() * p.Margin
		case p.Margin > 0:
			row.Equivalence = p.Margin
		}
		row.Estimate = stats.Estimate{Value: math.NaN(), SE: math.NaN(), DF: math.NaN()}
		out = append(out, row)
	}
	return out
}

// Verdict says what the row's interval leaves: none where it holds no difference, or of
// a non-inferiority plan the margin, of equivalence either.
func (r SensitivityRow) Verdict(o Outcome) lost.Verdict {
	ci, worse := stats.Interval{Lo: r.Lower, Hi: r.Upper, Level: r.Level}, -o.Better.Sign()
	null := r.Null
	if c := r.Completed; c != nil {
		ci, null = c.interval(), c.Measure.Null()+r.Null
		if c.Measure.Scale() == ScaleRatio && r.Null != 0 { // whose margin is a ratio itself
			null = math.Abs(r.Null)
		}
		if c.Measure == ProbabilityBetter || c.Measure == WinOdds { // which are turned toward benefit
			worse = -1
		}
	}
	lower, upper := -r.Equivalence, r.Equivalence
	if c := r.Completed; c != nil && c.Equivalence != nil { // which may be a ratio and its inverse
		lower, upper = c.Equivalence.Bounds()
	}
	switch {
	case math.IsNaN(ci.Lo) || math.IsNaN(ci.Hi):
		return lost.Neither
	case r.Equivalence > 0 && lower < ci.Lo && ci.Hi < upper:
		return lost.Equivalent
	case r.Equivalence > 0 && ci.Lo <= upper && ci.Hi >= lower:
		return lost.Neither
	case r.Equivalence == 0 && ci.Contains(null):
		return lost.Neither
	case (ci.Lo >= null) == (worse > 0):
		return lost.Worse
	}
	return lost.Better
}

func (r *SensitivityRow) settle(e stats.Estimate) {
	ci := e.CI(r.Level)
	r.Estimate, r.Lower, r.Upper = e, ci.Lo, ci.Hi
}

// assumeByDraws pools completed data sets.
func (d *Dataset) assumeByDraws(ctx context.Context, p Plan, fit *impute.Fit, visit string, out []SensitivityRow, fail func(error) ([]SensitivityRow, error)) ([]SensitivityRow, error) {
	for m := firstImputations; ; m = moreImputations {
		draws, err := fit.DrawContext(ctx, impute.DrawOptions{Imputations: m, Seed: p.Seed, Redraws: m / redrawn})
		if err != nil {
			return fail(err)
		}
		for i := range out {
			out[i].Redrawn = draws.Redrawn
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
				near, err := nearAlpha(es, p)
				if err != nil {
					return fail(err)
				}
				close = close || near
			}
		}
		if !close {
			return out, nil
		}
	}
}

// heldImputations is how many completed data sets there are where values are held inside a
// range: at a tipping point the p-value is at its threshold, so that there are more of them.
const heldImputations = 1000

// assumeHeld is assume of a delta with Clip.
func (d *Dataset) assumeHeld(ctx context.Context, p Plan, fit *impute.Fit, visit string, out []SensitivityRow, o Outcome, sd float64, fail func(error) ([]SensitivityRow, error)) ([]SensitivityRow, error) {
	x, worse := out[0].Assumption, -o.Better.Sign()
	draws, err := fit.DrawContext(ctx, impute.DrawOptions{Imputations: heldImputations, Seed: p.Seed, Redraws: heldImputations / redrawn})
	if err != nil {
		return fail(err)
	}
	im, err := draws.ImputeContext(ctx)
	if err != nil {
		return fail(err)
	}
	for i := range out {
		row := &out[i]
		c, err := im.Clipped(impute.Analysis{Delta: x.delta(0)}, row.Arm, row.Control, visit, o.Min, o.Max)
		if err != nil {
			return fail(err)
		}
		now, err := c.AtContext(ctx, nil)
		if err != nil {
			return fail(err)
		}
		row.settle(now.Estimate)
		row.Imputations, row.Redrawn = im.Len(), draws.Redrawn
		if row.Tipping, err = row.tippingOf(lost.Held{Clipped: c}, o); err != nil {
			return fail(err)
		}
		at := row.Tipping.To
		if row.Tipping.Found {
			at = row.Tipping.Delta
		}
		then, err := c.AtContext(ctx, map[string]float64{x.Arm: worse * at})
		if err != nil {
			return fail(err)
		}
		row.Tipping.Held, row.Tipping.HeldAt, row.Tipping.SD = now.Held, then.Held, sd
	}
	return out, nil
}

// tippingOf finds the least delta at which what the row shows is lost, toward worse and of
// equivalence toward better too, with the differences along the steps and for both arms.
func (r SensitivityRow) tippingOf(t lost.Differences, o Outcome) (*TippingPoint, error) {
	first, last, by := r.Steps[0], r.Steps[1], r.Steps[2]
	out := &TippingPoint{Arm: r.Assumption.Arm, From: first, To: last, Margin: math.Abs(r.Null) + r.Equivalence}
	claim := lost.Claim{Level: r.Level, Null: r.Null, Equivalence: r.Equivalence, Worse: -o.Better.Sign()}
	if r.Equivalence > 0 {
		out.From, first = -last, -by*math.Floor(last/by*(1+1e-12)+1e-9)
	}
	now, err := t.At(nil)
	if err != nil {
		return nil, err
	}
	if r.Null != 0 {
		at, err := t.At(map[string]float64{out.Arm: r.Null})
		if err != nil {
			return nil, err
		}
		ci := at.CI(r.Level)
		out.AtMargin = &lost.Step{Delta: out.Margin, Estimate: at, Lower: ci.Lo, Upper: ci.Hi}
	}
	switch claim.Verdict(now) {
	case lost.Better:
		out.Significant = r.Equivalence == 0
	case lost.Worse:
		out.Significant = out.Margin == 0
	case lost.Equivalent:
		out.Significant = true
		if out.Better, out.FoundBetter, err = claim.FirstLost(t, out.Arm, out.From); err != nil {
			return nil, err
		}
		out.Better = math.Abs(out.Better)
	}
	if out.Significant {
		if out.Delta, out.Found, err = claim.FirstLost(t, out.Arm, last); err != nil {
			return nil, err
		}
	}
	if out.Curve, err = lost.Along(t, out.Arm, first, last, by, r.Level, claim.Worse); err != nil {
		return nil, err
	}
	out.Map, err = lost.MapOf(t, r.Arm, r.Control, last, claim)
	return out, err
}

// baselineSD is that of all participants.
func baselineSD(data *impute.Data) float64 {
	s, err := stats.Summarize(data.Baseline)
	if err != nil {
		return math.NaN()
	}
	return s.SD
}

// nearAlpha reports whether the p-value of the plan's hypothesis (no difference, or the
// margin) lies within two Monte Carlo errors of 1 − level.
func nearAlpha(es []stats.Estimate, p Plan) (bool, error) {
	nulls := []float64{0}
	if p.Margin > 0 {
		nulls = []float64{-p.Margin, p.Margin}
	}
	return lost.Near(es, 1-p.Level, nulls...)
}

// carrying is the rule of AssumeLOCF or AssumeWOCF.
func (o Outcome) carrying(x Assumption) impute.Single {
	rule := impute.Single{Rule: impute.LOCF, FromBaseline: true, HigherIsBetter: o.Better != LowerIsBetter}
	if x.Assume == AssumeWOCF {
		rule.Rule = impute.WOCF
	}
	return rule
}

// delta is what AssumeDelta adds of a size, signed, to the values of its arm.
func (x Assumption) delta(size float64) impute.Delta {
	out := impute.Delta{}
	if size != 0 {
		out.Size = map[string]float64{x.Arm: size}
	}
	if x.Visits == DeltaAddingUp {
		out.Shape = impute.AddingUp
	}
	return out
}

// course names AssumeDelta among the courses of those lost.
func (x Assumption) course() string {
	if x.Visits == DeltaAddingUp {
		return AssumeDelta + "-" + DeltaAddingUp
	}
	return AssumeDelta
}

// carry puts the last (or worst) value of a participant in for those missing and analyzes
// them as if they had been measured, to reproduce old papers. Gaps are filled too; of who
// has no value after baseline the baseline is carried.
func (d *Dataset) carry(ctx context.Context, p Plan, x Assumption, o Outcome) ([]SensitivityRow, error) {
	out := d.assumptionRows(p, x)
	in := d.imputable(p, false, func(loss, string) impute.Strategy { return impute.MAR })
	filled, err := o.carrying(x).Fill(in.data)
	if err != nil {
		return nil, err
	}
	slots := map[int]int{}
	for i, v := range filled.Data.Visits {
		for _, w := range d.PostVisits(p.Outcome) {
			if in.visits[w.ID] == v {
				slots[i], _ = d.slot(p.Outcome, w.ID)
			}
		}
	}
	whole := d.clone(d.answers)
	whole.participants = slices.Clone(d.participants)
	for _, v := range filled.Data.Values {
		if !filled.Filled[v.Participant][v.Visit] {
			continue
		}
		k, _ := d.position(in.people[v.Participant].ID)
		if whole.participants[k] == d.participants[k] {
			whole.participants[k] = d.participants[k].copied()
		}
		whole.participants[k].put(slots[v.Visit], files.Decimal(v.Y))
	}
	q := p
	q.Impute, q.Variance, q.Sensitivity = Imputing{}, "", nil
	rows, err := whole.Answer(ctx, q)
	if err != nil {
		return nil, err
	}
	return completedWith(out, rows), nil
}

// completedWith takes the plan's rows on completed values for an assumption's.
func completedWith(out []SensitivityRow, rows []Row) []SensitivityRow {
	for i := range out {
		k := slices.IndexFunc(rows, func(r Row) bool { return r.Arm == out[i].Arm })
		row := rows[k]
		out[i].Completed = &row
		out[i].Estimate = stats.Estimate{Value: row.Estimate, SE: row.SE, DF: row.DF}
		out[i].Lower, out[i].Upper = row.Lower, row.Upper
		if row.Effect == nil {
			out[i].Notes = row.Notes
		}
	}
	return out
}
