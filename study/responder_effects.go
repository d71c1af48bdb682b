package study

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/table"
)

// ResponderDefinition says who responds: whoever meets every threshold in it.
// One threshold gives change ≥ MCID (or a worsening, where the threshold is
// one for worsening), change ≥ x% of baseline, or a state at or beyond the
// PASS; several give combinations such as MCID and PASS. All are decided in
// the decimals of the data file.
type ResponderDefinition []Threshold

// Met reports whether the definition can be decided for a record, and whether
// it is met. Changes need baseline and follow-up, a PASS follow-up alone; a
// definition is decided as not met as soon as one of its thresholds is.
func (d ResponderDefinition) Met(o Outcome, r Record) (known, met bool) {
	known, met = true, true
	for _, t := range d {
		k, m := meetsRule(o, r, t, t.Rule())
		if t.Kind == Percent && t.Worsening {
			m = k && meetsPercent(r.Baseline, r.Follow, t.Value, -o.Better.Sign())
		}
		if k && !m {
			return true, false
		}
		known, met = known && k, met && m
	}
	return known, known && met
}

// Rule is the rule under which one patient meets the threshold.
func (t Threshold) Rule() string {
	switch {
	case t.Kind == PASS:
		return RulePass
	case t.Kind == Percent:
		return RulePercent
	case t.Worsening:
		return RuleWorsening
	}
	return RuleChange
}

// MissingResponse says what becomes of participants on whom a definition
// cannot be decided, those who never reached the file included.
type MissingResponse string

// Ways to count the undecided.
const (
	// MissingObserved leaves them out.
	MissingObserved MissingResponse = "observed"
	// MissingNonResponder counts them as not meeting the definition.
	MissingNonResponder MissingResponse = "non-responder"
	// MissingBest counts them in favor of the active arm: there as responders
	// and in control not; for worsening the other way round.
	MissingBest MissingResponse = "best-case"
	// MissingWorst counts them against the active arm.
	MissingWorst MissingResponse = "worst-case"
)

// missingWays is the order in which results list them.
var missingWays = []MissingResponse{MissingObserved, MissingNonResponder, MissingBest, MissingWorst}

// ResponderEffect compares an active arm's responders with control's.
// Differences and ratios are active − control and active / control; numbers
// that the counts cannot give are NaN.
type ResponderEffect struct {
	Outcome, Visit, Arm, Control string
	Definition                   ResponderDefinition
	Missing                      MissingResponse
	Active, Ctl                  table.Count
	Level                        float64
	// Difference with its interval and DifferenceP, the two-sided p-value of the same
	// Method, and FisherP, as in ResponderContrast. Where the allocation was
	// stratified (Stratified), the ratios are those of Mantel and Haenszel within
	// strata, too.
	Method                                                       RiskMethod
	Difference, DifferenceLo, DifferenceHi, DifferenceP, FisherP float64
	// LeftOut counts participants who add nothing within strata, as in
	// ResponderContrast.
	LeftOut    int
	Stratified bool
	// Ratio of risks (Katz) and of odds (Woolf), on the log scale.
	RiskRatio, RiskRatioLo, RiskRatioHi float64
	OddsRatio, OddsRatioLo, OddsRatioHi float64
	// NNT of the difference, running through infinity where it includes 0.
	NNT stats.NNT
	// Standardized is the difference adjusted for baseline by g-computation
	// (logistic regression on arm and baseline; Ye et al. 2023 errors), over
	// those with a baseline; NaN where the model has no fit.
	Standardized, StandardizedLo, StandardizedHi float64
	// StandardizedRR is the ratio of the same standardized risks.
	StandardizedRR, StandardizedRRLo, StandardizedRRHi float64
	Notes                                              []Note
}

// RespondersFor compares the responders of an active arm with control's, by
// any definition and any way to count the undecided. Deteriorated participants
// are compared with a threshold for worsening: benefit then is fewer.
// It refuses an unknown arm, an empty definition and thresholds between groups.
func (r Result) RespondersFor(arm string, d ResponderDefinition, missing MissingResponse) (ResponderEffect, error) {
	return r.respondersFor(nil, arm, d, missing)
}

func (r Result) respondersFor(known *risks, arm string, d ResponderDefinition, missing MissingResponse) (ResponderEffect, error) {
	control, err := r.controlOf(arm)
	if err != nil {
		return ResponderEffect{}, fmt.Errorf("study: responders: %w", err)
	}
	if len(d) == 0 {
		return ResponderEffect{}, fmt.Errorf("study: responders: an empty definition")
	}
	for _, t := range d {
		if t.Level != Individual {
			return ResponderEffect{}, fmt.Errorf("study: responders: threshold %s %v has level %q; one patient's change needs %q", t.Kind, t.Value, t.Level, Individual)
		}
		if t.Worsening != d.harm() {
			return ResponderEffect{}, fmt.Errorf("study: responders: a definition of improvement and worsening at once")
		}
	}
	nan := math.NaN()
	e := ResponderEffect{Outcome: r.Outcome.ID, Visit: r.Visit.ID, Arm: arm, Control: control, Definition: d, Missing: missing,
		Level: r.Level, Difference: nan, DifferenceLo: nan, DifferenceHi: nan, FisherP: nan, DifferenceP: nan,
		RiskRatio: nan, RiskRatioLo: nan, RiskRatioHi: nan, OddsRatio: nan, OddsRatioLo: nan, OddsRatioHi: nan,
		Standardized: nan, StandardizedLo: nan, StandardizedHi: nan, StandardizedRR: nan, StandardizedRRLo: nan, StandardizedRRHi: nan}
	people := r.responses(arm, control, d, missing)
	e.Active, e.Ctl = people.count(arm), people.count(control)
	// Those who never reached the file have no record.
	if missing != MissingObserved {
		for _, c := range []struct {
			id    string
			count *table.Count
		}{{arm, &e.Active}, {control, &e.Ctl}} {
			absent := r.neverInFile(c.id)
			c.count.N += absent
			if assumedResponse(c.id == arm, d.harm(), missing) {
				c.count.Events += absent
			}
		}
	}
	e.compare(known, d, r.Randomized)
	if stratified(r.Records) {
		e.within(people.byStratum(r, arm, control, d.harm(), missing), d.harm())
	}
	e.standardize(people)
	return e, nil
}

// neverInFile counts the arm's randomized who have no record.
func (r Result) neverInFile(arm string) int {
	n := r.Randomized[arm]
	for _, x := range r.Records {
		if x.Arm == arm {
			n--
		}
	}
	return max(n, 0)
}

// harm reports whether meeting the definition is bad for the patient.
func (d ResponderDefinition) harm() bool { return d[0].Worsening }

// assumedResponse is the response of an undecided participant; harm: responding is bad.
func assumedResponse(active, harm bool, missing MissingResponse) bool {
	switch missing {
	case MissingObserved, MissingNonResponder:
		return false
	case MissingBest:
		return active != harm
	case MissingWorst:
		return active == harm
	}
	panic(fmt.Sprintf("study: unknown way to count the undecided %q", missing))
}

// response is one participant's response, decided or assumed.
type response struct {
	record *Record
	met    bool
}

type responses []response

func (p responses) count(arm string) table.Count {
	var c table.Count
	for _, x := range p {
		if x.record.Arm == arm {
			c.N++
			if x.met {
				c.Events++
			}
		}
	}
	return c
}

// responses decides the definition for every record of both arms.
func (r Result) responses(arm, control string, d ResponderDefinition, missing MissingResponse) responses {
	out := make(responses, 0, len(r.Records))
	for i := range r.Records {
		x := &r.Records[i]
		if x.Arm != arm && x.Arm != control {
			continue
		}
		known, met := d.Met(r.Outcome, *x)
		if !known {
			if missing == MissingObserved {
				continue
			}
			met = assumedResponse(x.Arm == arm, d.harm(), missing)
		}
		out = append(out, response{x, met})
	}
	return out
}

// compare fills the unadjusted numbers.
func (e *ResponderEffect) compare(known *risks, d ResponderDefinition, randomized map[string]int) {
	rd, ok := known.between(e.Active, e.Ctl, [2]int{randomized[e.Arm], randomized[e.Control]}, e.Level)
	if !ok {
		e.Notes = append(e.Notes, Note{Code: "responders-empty-arm"})
		return
	}
	e.Method, e.Difference, e.DifferenceLo, e.DifferenceHi, e.DifferenceP = rd.method, rd.point, rd.ci.Lo, rd.ci.Hi, rd.p
	e.Notes = append(e.Notes, rd.notes...)
	benefit := 1
	if d.harm() {
		benefit = -1
	}
	e.NNT = stats.NewNNT(e.Difference, rd.ci, benefit)
	if f, err := table.Fisher(e.Active, e.Ctl); err == nil {
		e.FisherP = f.P()
	}
	if rr, err := table.RiskRatio(e.Active, e.Ctl); err == nil {
		ci := rr.CI(e.Level)
		e.RiskRatio, e.RiskRatioLo, e.RiskRatioHi = rr.Point(), ci.Lo, ci.Hi
	} else {
		e.Notes = append(e.Notes, Note{Code: "responders-no-risk-ratio"})
	}
	if or, err := table.OddsRatio(e.Active, e.Ctl); err == nil {
		ci := or.CI(e.Level)
		e.OddsRatio, e.OddsRatioLo, e.OddsRatioHi = or.Point(), ci.Lo, ci.Hi
	} else {
		e.Notes = append(e.Notes, Note{Code: "responders-no-odds-ratio"})
	}
}

// standardize fills the baseline-adjusted numbers.
func (e *ResponderEffect) standardize(people responses) {
	y := make([]bool, 0, len(people))
	arms, base := make([]string, 0, len(people)), make([]float64, 0, len(people))
	var cells []string
	for _, x := range people {
		if x.record.HasBaseline {
			y, arms, base = append(y, x.met), append(arms, x.record.Arm), append(base, x.record.Baseline)
			if e.Stratified {
				cells = append(cells, x.record.Stratum)
			}
		}
	}
	fail := func() { e.Notes = append(e.Notes, Note{Code: "responders-not-standardized"}) }
	if len(y) < 4 {
		fail()
		return
	}
	terms := []regress.Term{regress.Category("arm", arms, e.Control), regress.Numeric("baseline", base)}
	if e.Stratified {
		if !enoughForModel(people, e.Arm, e.Control) {
			e.Notes = append(e.Notes, Note{Code: "responders-small-strata"})
			return
		}
		if levels := slices.Compact(slices.Sorted(slices.Values(cells))); len(levels) > 1 {
			terms = append(terms, regress.Category("stratum", cells, levels[0]))
		}
	}
	m, err := regress.Logistic(y, terms...)
	if err != nil {
		fail()
		return
	}
	g, err := m.Marginal("arm")
	if err != nil {
		fail()
		return
	}
	rd, err := g.Difference(e.Arm, e.Control)
	if err != nil {
		fail()
		return
	}
	ci := rd.CI(e.Level)
	e.Standardized, e.StandardizedLo, e.StandardizedHi = rd.Value, ci.Lo, ci.Hi
	if rr, err := g.Ratio(e.Arm, e.Control); err == nil {
		ci := rr.CI(e.Level)
		e.StandardizedRR, e.StandardizedRRLo, e.StandardizedRRHi = rr.Point(), ci.Lo, ci.Hi
	}
}

// StratifiedResponders pools the comparison over the levels of a covariate of
// kind category, or over the strata of randomization (covariate ""), by Mantel and Haenszel: the
// risk difference, and the Cochran–Mantel–Haenszel test. Participants without
// the covariate are left out; strata with one arm alone say nothing.
// It refuses an unknown arm and what table.MantelHaenszelRiskDifference refuses.
func (r Result) StratifiedResponders(arm string, d ResponderDefinition, missing MissingResponse, covariate string) (stats.Estimate, table.StratifiedTest, error) {
	control, err := r.controlOf(arm)
	if err != nil {
		return stats.Estimate{}, table.StratifiedTest{}, fmt.Errorf("study: stratified responders: %w", err)
	}
	var names []string
	strata := map[string]*table.Stratum{}
	for _, x := range r.responses(arm, control, d, missing) {
		name, ok := x.record.Stratum, x.record.Stratum != ""
		if covariate != "" {
			name, ok = x.record.Categories[covariate]
		}
		if !ok {
			continue
		}
		s := strata[name]
		if s == nil {
			s = &table.Stratum{}
			strata[name] = s
			names = append(names, name)
		}
		c := &s.Treated
		if x.record.Arm == control {
			c = &s.Control
		}
		c.N++
		if x.met {
			c.Events++
		}
	}
	var list []table.Stratum
	for _, n := range names {
		if s := *strata[n]; s.Treated.N > 0 && s.Control.N > 0 {
			list = append(list, s)
		}
	}
	rd, err := table.MantelHaenszelRiskDifference(list)
	if err != nil {
		return stats.Estimate{}, table.StratifiedTest{}, err
	}
	test, err := table.MantelHaenszel(list)
	return rd, test, err
}

// headlineDefinitions are the definitions that a result compares by itself:
// patients' improvement and worsening.
func headlineDefinitions(o Outcome) []ResponderDefinition {
	var out []ResponderDefinition
	if !o.HasBaseline() {
		return nil
	}
	benefit, worsening := o.PatientThreshold()
	for _, t := range []*Threshold{benefit, worsening} {
		if t != nil {
			out = append(out, ResponderDefinition{*t})
		}
	}
	return out
}

// responderEffects compares the headline definitions in every way to count the
// undecided; where nobody is missing, the ways agree and one is given.
func (r Result) responderEffects(known *risks) ([]ResponderEffect, error) {
	var out []ResponderEffect
	for _, d := range headlineDefinitions(r.Outcome) {
		for _, a := range r.Arms[:len(r.Arms)-1] {
			for _, way := range missingWays {
				e, err := r.respondersFor(known, a.ID, d, way)
				if err != nil {
					return nil, err
				}
				if n := len(out); way != MissingObserved && n > 0 && out[n-1].Missing == MissingObserved &&
					out[n-1].Active == e.Active && out[n-1].Ctl == e.Ctl && out[n-1].Arm == e.Arm {
					break // nobody is missing
				}
				out = append(out, e)
			}
		}
	}
	return out, nil
}

// ResponderCurve is the share of an arm that improved by at least x, for every
// x: a step function that falls after each observed improvement.
type ResponderCurve struct {
	Arm   string
	N     int
	Level float64
	// Points by ascending improvement. A point holds for every x above the
	// previous point's Gain up to and including its own; the last, with Gain
	// +Inf, for every x beyond the largest improvement.
	Points []ResponderPoint
	// HalfWidth of the simultaneous band, a share.
	HalfWidth float64
}

// ResponderPoint is one step of the curve.
type ResponderPoint struct {
	Gain   float64 // improvement, positive is better
	Events int     // participants who improved by at least Gain
	Share  float64
	// Lower and Upper are Clopper–Pearson limits: they hold, at the level, for
	// this amount alone.
	Lower, Upper float64
	// BandLower and BandUpper hold, at the level, for all amounts at once.
	BandLower, BandUpper float64
}

// ResponderCurveOf estimates, among an arm's participants with baseline and
// visit observed, the share who improved by at least x. Pointwise limits are
// Clopper and Pearson's, exact for one x that was chosen beforehand. The
// simultaneous band is share ± √(ln(2/(1 − level))/(2n)), within 0 and 1, of
// Dvoretzky, Kiefer and Wolfowitz with Massart's constant: it holds at least
// at the level for any distribution and all x, so that x may be chosen after
// seeing the curve. Participants are taken as independent.
//
// It refuses an arm with no such participant (stats.ErrTooFew).
// Source: Massart (1990), doi 10.1214/aop/1176990746.
func ResponderCurveOf(r Result, arm string) (ResponderCurve, error) {
	var gains []float64
	for _, rec := range r.Records {
		if rec.Arm == arm && rec.HasBaseline && rec.HasFollow {
			gains = append(gains, r.Outcome.Better.Sign()*rec.Change)
		}
	}
	n := len(gains)
	if !slices.ContainsFunc(r.Arms, func(a Arm) bool { return a.ID == arm }) {
		return ResponderCurve{}, fmt.Errorf("study: responder curve: unknown arm %q (known: %s)", arm, known(r.Arms, func(a Arm) string { return a.ID }))
	}
	if n == 0 {
		return ResponderCurve{}, fmt.Errorf("study: responder curve of arm %q at visit %q: no participant with baseline and visit: %w",
			arm, r.Visit.ID, stats.ErrTooFew)
	}
	sort.Float64s(gains)
	c := ResponderCurve{Arm: arm, N: n, Level: r.Level, HalfWidth: math.Sqrt(math.Log(2/(1-r.Level)) / (2 * float64(n)))}
	for i := 0; i <= n; {
		p := ResponderPoint{Gain: math.Inf(1), Events: n - i, Share: float64(n-i) / float64(n)}
		j := i + 1
		if i < n {
			p.Gain = gains[i]
			for j < n && gains[j] == gains[i] {
				j++
			}
		}
		share, err := table.ClopperPearson(table.Count{Events: p.Events, N: n})
		if err != nil {
			return ResponderCurve{}, err
		}
		ci := share.CI(r.Level)
		p.Lower, p.Upper = ci.Lo, ci.Hi
		p.BandLower, p.BandUpper = math.Max(0, p.Share-c.HalfWidth), math.Min(1, p.Share+c.HalfWidth)
		c.Points = append(c.Points, p)
		i = j
	}
	return c, nil
}

// AreaBetweenCurves is the signed area between an active arm's cumulative
// responder curve and control's, in the outcome's unit. It is the difference
// in mean improvement, benefit positive: every patient's improvement is the
// area of one strip under the curve. Its error is Welch's.
// It refuses an unknown arm and what stats.Welch refuses.
func (r Result) AreaBetweenCurves(arm string) (stats.Estimate, error) {
	control, err := r.controlOf(arm)
	if err != nil {
		return stats.Estimate{}, fmt.Errorf("study: responder curves: %w", err)
	}
	improved := map[string][]float64{}
	for _, x := range r.Records {
		if x.HasBaseline && x.HasFollow {
			improved[x.Arm] = append(improved[x.Arm], r.Outcome.Better.Sign()*x.Change)
		}
	}
	return stats.Welch(improved[arm], improved[control])
}
