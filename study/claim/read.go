package claim

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study"
)

// Reading is what the numbers of a claim can and cannot support.
type Reading struct {
	Claim   Claim
	Results []ResultReading
	// Floors are what exact tests could have given; nil for one arm.
	Floors *Floors
	// Power of the first active arm against control; nil for one arm.
	Power *Power
	// Safety holds one row per arm with recorded adverse events.
	Safety []study.SafetyRow
	// Findings are numbers that do not fit together, Fits those that do.
	Findings []study.Note
	// Checked counts the comparisons of printed numbers that were possible.
	Checked int
	// Flags are conclusions that the numbers do not carry.
	Flags []study.Note
}

// ResultReading is one result, read as what it says it is; an unstated one
// both as a change within an arm and as a difference between arms.
type ResultReading struct {
	Result   Result
	Outcome  study.Outcome
	Contrast study.Contrast
	Within   []WithinReading
	// Between: the first one carries the verdict, others stand beside it.
	Between []BetweenReading
	// IfWithin turns a within-arm headline into differences, for changes of the
	// control arm that nobody reported.
	IfWithin   []IfControlChanged
	Responders []ResponderReading
}

// WithinReading is a mean change inside one arm. Natural course, regression to
// the mean and placebo response are in it: it says nothing about treatment.
type WithinReading struct {
	Arm    string
	N      int
	Change float64
	// Effect is nil where no spread was printed; Source says what gave it: sd,
	// se, ci, p, or p-bound (the p-value was printed as below a bound, and the
	// interval is the widest that this allows).
	Effect stats.Effect
	Source string
	P      integrity.PrintedP // as printed
	// Needs are the standard deviations of change that would be needed.
	Needs []NeededSD
	// Assumed readings, where only both visits' standard deviations are printed.
	Assumed []AssumedReading
}

// AssumedReading is a change, or a difference of changes, whose spread follows
// from the standard deviations at both visits and an assumed correlation
// between them, because it was not printed.
type AssumedReading struct {
	Correlation float64
	Effect      stats.Effect
	Judgements  []study.Judgement // of a difference
}

// NeededSD is the standard deviation below which an interval excludes Null.
type NeededSD struct {
	// Threshold is nil for no change or no difference.
	Threshold *study.Threshold
	// Null is the excluded value, improvement positive.
	Null float64
	// Below is the bound; 0 where the estimate itself does not exceed Null, so
	// that no standard deviation is small enough.
	Below float64
}

// BetweenReading is a difference between an active arm and control.
type BetweenReading struct {
	Arm, Control string
	N1, N2       int
	Difference   float64
	// Effect is nil where no spread was printed. Source: groups (Welch's t from
	// the groups' numbers), ci, se, sd, p or p-bound (from what is printed
	// beside the difference), visits (changes between two visits), headline (a
	// number with nothing beside it).
	Effect stats.Effect
	Source string
	// Judgements, one for each threshold of improvement.
	Judgements []study.Judgement
	Needs      []NeededSD
	// Assumed readings of Source visits: the difference of changes from
	// baseline, where only the visits' own numbers are printed.
	Assumed []AssumedReading
}

// IfControlChanged is the difference there would be had control changed so.
type IfControlChanged struct {
	ControlChange, Difference float64
	Needs                     []NeededSD
}

// ResponderReading compares proportions of responders, active − control.
type ResponderReading struct {
	Arm, Control string
	// Harm: fewer are better, and the numbers needed to treat are to harm.
	Harm bool
	X, Y table.Count
	Risk table.Risk
	// NNT by Newcombe's interval, and by Wald's, which papers print.
	NNT, NNTWald stats.NNT
	// P-values: χ² uncorrected and with Yates's correction, and Fisher's exact.
	ChiSq, Yates, Fisher float64
}

// Floors are the smallest two-sided p-values that exact tests can give
// with arms of this size.
type Floors struct {
	N1, N2 int
	// Complete randomization; Blocked is 0 where no blocks are known.
	Complete, Blocked float64
	Block             int
	// SignedRank is of the first active arm's own changes.
	SignedRank float64
}

// Power is what a comparison of this size finds, for true effects that
// come from outside the data.
type Power struct {
	N1, N2 int
	Rows   []PowerRow
	// Detectable is the true standardized difference found 80% of the time.
	Detectable float64
}

// PowerRow is one true standardized difference.
type PowerRow struct {
	D float64
	power.DesignErrors
	// Observed: D is the effect that the claim itself observed. Its power says
	// nothing beyond its p-value, so none is given.
	Observed bool
}

// Read says what the claim's numbers can and cannot support: it recomputes
// what can be recomputed, solves for the standard deviations that would be
// needed where none is printed, checks that the printed numbers fit together,
// and names the conclusions that they do not carry. It refuses an invalid
// claim with Problems.
//
// Intervals of means are Student's on n − 1 degrees of freedom; differences of
// groups are Welch's; needed standard deviations are pooled ones (Student). A
// printed interval or p-value of a difference is taken back to its standard
// error with n₁ + n₂ − 2 degrees of freedom.
func (c Claim) Read() (Reading, error) {
	c = c.WithInstruments()
	if err := c.Validate(); err != nil {
		return Reading{}, err
	}
	r := Reading{Claim: c}
	for _, res := range c.Results {
		r.Results = append(r.Results, c.readResult(res))
	}
	if ctl, ok := c.control(); ok {
		r.Floors = c.floors(c.firstActive().N, ctl.N)
		r.Power = c.power(r.Results, c.firstActive().N, ctl.N)
	}
	for _, e := range c.AdverseEvents {
		row := study.SafetyRow{Arm: e.Arm, N: e.N, Events: e.Events}
		if a, _ := c.arm(e.Arm); row.N == 0 {
			row.N = a.N
		}
		r.Safety = append(r.Safety, row.WithLimits(c.level()))
	}
	r.checkNumbers()
	r.flag()
	return r, nil
}

func (c Claim) readResult(res Result) ResultReading {
	o, _ := c.outcome(res.Outcome)
	out := ResultReading{Result: res, Outcome: o, Contrast: res.Contrast}
	if out.Contrast == "" {
		out.Contrast = c.Contrast
	}
	if res.Percent {
		return out // not in the unit: nothing to set beside threshold or spread
	}
	switch res.Measure {
	case MeasureResponders, MeasureHarms:
		out.Responders = c.readResponders(res, res.harms(o))
	case MeasureChange:
		for _, g := range res.Groups {
			out.Within = append(out.Within, c.withinGroup(g, o))
		}
	case MeasureScore:
		for _, g := range res.Groups {
			if g.Baseline.Stated() && g.Mean.Stated() {
				out.Within = append(out.Within, c.withinVisits(g, o))
			}
		}
	}
	for _, a := range c.Arms {
		if ctl, ok := c.control(); ok && !a.Control && !res.Measure.counts() {
			out.Between = append(out.Between, c.readBetween(res, o, a, ctl)...)
		}
	}
	if res.Change.Stated() {
		c.readHeadline(&out)
	}
	if res.Baseline { // before treatment there is no effect to judge
		out.Within, out.IfWithin = nil, nil
		for i := range out.Between {
			out.Between[i].Judgements, out.Between[i].Needs, out.Between[i].Assumed = nil, nil, nil
		}
	}
	return out
}

// readHeadline reads the headline number as its contrast says.
func (c Claim) readHeadline(out *ResultReading) {
	res, o := out.Result, out.Outcome
	a, ok := c.arm(res.Arm)
	if !ok {
		a = c.firstActive()
	}
	asWithin := Group{Arm: a.ID, Mean: res.Change}
	if out.Contrast != study.Between {
		asWithin.SD, asWithin.SE, asWithin.CI, asWithin.P = res.SD, res.SE, res.CI, res.P
	}
	if out.Contrast != study.Between {
		out.Within = append(out.Within, c.withinGroup(asWithin, o))
	}
	ctl, ok := c.control()
	if !ok || a.Control {
		return
	}
	if out.Contrast != study.Within {
		b := BetweenReading{Arm: a.ID, Control: ctl.ID, N1: a.N, N2: ctl.N, Difference: res.Change.Value(), Source: "headline"}
		d := Difference{Value: res.Change, SE: res.SE, CI: res.CI, P: res.P}
		if e, source := differenceEffect(d, a.N, ctl.N, c.level()); e != nil {
			b.Effect, b.Source = e, source
		} else if res.SD.Stated() { // as a pooled standard deviation
			s := stats.Summary{N: a.N, SD: res.SD.Value()}
			if e, err := stats.StudentSummary(s, stats.Summary{N: ctl.N, SD: res.SD.Value()}); err == nil {
				e.Value = b.Difference
				b.Effect, b.Source = e, "sd"
			}
		}
		c.finishBetween(&b, o)
		out.Between = append(out.Between, b)
	}
	if out.Contrast != study.Between && len(res.Groups) == 0 {
		changes := res.ControlChanges
		if changes == nil {
			for _, share := range []float64{0, 0.1, 0.2, 0.3} {
				changes = append(changes, share*res.Change.Value())
			}
		}
		for _, x := range changes {
			d := writtenDiff(res.Change.Value(), x)
			out.IfWithin = append(out.IfWithin, IfControlChanged{ControlChange: x, Difference: d,
				Needs: c.neededBetween(d, a.N, ctl.N, o)})
		}
	}
}

func (c Claim) groupN(g Group) int {
	if g.N > 0 {
		return g.N
	}
	a, _ := c.arm(g.Arm)
	return a.N
}

// withinGroup reads one arm's mean change.
func (c Claim) withinGroup(g Group, o study.Outcome) WithinReading {
	n := c.groupN(g)
	w := WithinReading{Arm: g.Arm, N: n, Change: g.mean(), P: g.P}
	if s, source, ok := g.summary(n, c.level()); ok {
		if e, err := stats.MeanSummary(s); err == nil {
			w.Effect, w.Source = e, source
			if source == "ci" {
				w.Effect = printedEffect{e, printedInterval(g.CI, c.level())}
			}
		}
	} else if offMiddle(g.Mean, g.CI) {
		w.Effect, w.Source = offMiddleEffect(w.Change, g.CI, c.level()), "ci-off-middle"
	}
	if !math.IsNaN(w.Change) && n > 1 {
		w.Needs = neededSDs(o, w.Change, func(null float64) (float64, error) {
			return power.NeededSDMeanWith(w.Change, n, power.SDOptions{Null: null, Alpha: 1 - c.level()})
		})
	}
	return w
}

// mean is the printed mean, or the middle of the printed interval.
func (g Group) mean() float64 {
	if g.Mean.Stated() || !g.CI[0].Stated() {
		return g.Mean.Value()
	}
	return (g.CI[0].Value() + g.CI[1].Value()) / 2
}

// summary is the group's n, mean and SD from whatever is printed, and what.
func (g Group) summary(n int, level float64) (s stats.Summary, source string, ok bool) {
	mean := g.mean()
	if n < 2 || math.IsNaN(mean) {
		return s, "", false
	}
	switch {
	case g.SD.Stated():
		return stats.Summary{N: n, Mean: mean, SD: g.SD.Value()}, "sd", true
	case g.SE.Stated():
		s, err := stats.SummaryFromSE(n, mean, g.SE.Value())
		return s, "se", err == nil
	case offMiddle(g.Mean, g.CI):
		return s, "", false // no standard deviation follows from it
	case g.CI[0].Stated():
		s, err := stats.SummaryFromCI(n, stats.Interval{Lo: g.CI[0].Value(), Hi: g.CI[1].Value(), Level: level})
		s.Mean = mean
		return s, "ci", err == nil
	}
	e, source, ok := estimateFromPrintedP(mean, g.P, float64(n-1))
	if !ok {
		return s, source, false
	}
	s, err := stats.SummaryFromSE(n, mean, e.SE)
	return s, source, err == nil
}

// estimateFromPrintedP takes a p-value back to its standard error; one printed
// as "< b" gives the largest standard error that this allows.
func estimateFromPrintedP(value float64, p integrity.PrintedP, df float64) (stats.Estimate, string, bool) {
	source := "p"
	x, ok := p.Exact()
	if !ok {
		if x, ok = p.Below(); !ok || x >= 1 {
			return stats.Estimate{}, "", false
		}
		source = "p-bound"
	}
	e, err := stats.EstimateFromP(value, x, df)
	return e, source, err == nil
}

func (c Claim) readResponders(res Result, harms bool) []ResponderReading {
	benefit := 1
	if harms {
		benefit = -1
	}
	ctl, ok := c.control()
	gc, has := res.group(ctl.ID)
	if !ok || !has {
		return nil
	}
	var out []ResponderReading
	for _, a := range c.Arms {
		ga, has := res.group(a.ID)
		if a.Control || !has {
			continue
		}
		r := ResponderReading{Arm: a.ID, Control: ctl.ID, Harm: harms,
			X: table.Count{Events: ga.Events, N: c.groupN(ga)}, Y: table.Count{Events: gc.Events, N: c.groupN(gc)},
			ChiSq: math.NaN(), Yates: math.NaN(), Fisher: math.NaN()}
		var err error
		if r.Risk, err = table.RiskDifference(r.X, r.Y); err != nil {
			continue
		}
		r.NNT = stats.NewNNT(r.Risk.Point(), r.Risk.CI(c.level()), benefit)
		if w, err := table.RiskDifferenceWith(r.X, r.Y, table.RiskDifferenceOptions{Method: table.WaldRD}); err == nil {
			r.NNTWald = stats.NewNNT(r.Risk.Point(), w.CI(c.level()), benefit)
		}
		if t, err := table.ContingencyTable([][]int{{r.X.Events, r.X.N - r.X.Events}, {r.Y.Events, r.Y.N - r.Y.Events}}); err == nil {
			r.ChiSq, r.Yates = t.Pearson.P(), t.Yates.P()
		}
		if f, err := table.Fisher(r.X, r.Y); err == nil {
			r.Fisher = f.P()
		}
		out = append(out, r)
	}
	return out
}
