package study

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study/along"
	"github.com/trialkit/trialkit/study/estimand"
	"github.com/trialkit/trialkit/study/harms"
	"github.com/trialkit/trialkit/study/text"
)

// This file says how two arms' proportions are compared, wherever they are, also
// under other assumptions about those lost or in compliers, and what harms there were.

// RiskMethod is how a difference of two proportions was compared; p-value and
// interval are always of one method.
type RiskMethod string

// Methods, by what is known before any event: the numbers randomized and whether
// the allocation was stratified.
const (
	// RiskExact: the exact unconditional test of Chan and Zhang
	// (table.RiskDifferenceExact), while the product of the numbers randomized to
	// both arms is at most 2,500 (50 against 50).
	RiskExact RiskMethod = "exact-unconditional"
	// RiskScore: the score test of Miettinen and Nurminen
	// (table.RiskDifferenceScore), beyond that.
	RiskScore RiskMethod = "miettinen-nurminen"
	// RiskWithinStrata: Mantel and Haenszel's difference within the strata of
	// randomization, with Sato's variance (table.MantelHaenszelRiskDifference).
	RiskWithinStrata RiskMethod = "mantel-haenszel"
)

// exactTables is the largest product of numbers randomized for RiskExact.
const exactTables = 2500

// RiskMethodOf is how the proportions of two arms of so many randomized are compared
// where the allocation was not stratified.
func RiskMethodOf(active, control int) RiskMethod {
	if float64(active)*float64(control) <= exactTables {
		return RiskExact
	}
	return RiskScore
}

// risk is a compared difference, active − control.
type risk struct {
	method RiskMethod
	effect stats.Effect
	point  float64
	ci     stats.Interval
	p      float64
	notes  []Note
}

// risks compares the proportions of an analysis, equal tables once: many rules and
// ways to count the missing come to the same counts, and an exact interval of 50
// against 50 takes some ten milliseconds. The zero value is ready, nil holds
// nothing back.
type risks struct{ known sync.Map }

type riskKey struct {
	active, control table.Count
	exact           bool
	level           float64
}

// between compares two counts of arms of which so many were randomized; ok is false
// where one is empty.
func (k *risks) between(active, control table.Count, randomized [2]int, level float64) (r risk, ok bool) {
	if active.N < 1 || control.N < 1 {
		return risk{}, false
	}
	key := riskKey{active, control, RiskMethodOf(randomized[0], randomized[1]) == RiskExact, level}
	if k == nil {
		return key.compare()
	}
	answer, _ := k.known.LoadOrStore(key, sync.OnceValues(key.compare))
	return answer.(func() (risk, bool))()
}

func (k riskKey) compare() (risk, bool) {
	r := risk{method: RiskScore}
	var e stats.Effect
	var err error
	if k.exact {
		r.method = RiskExact
		e, err = table.RiskDifferenceExact(k.active, k.control)
	} else {
		e, err = table.RiskDifferenceScore(k.active, k.control)
	}
	if err != nil {
		return risk{}, false
	}
	r.effect, r.point, r.ci, r.p = e, e.Point(), e.CI(k.level), e.P(0)
	switch r.ci.Why {
	case stats.WhyGaps:
		n := Note{Code: "responders-gaps"}
		if r.ci.Excludes(0) != (r.ci.Lo > 0 || r.ci.Hi < 0) {
			n.Code = "responders-gap-zero"
		}
		r.notes = append(r.notes, n)
	case stats.WhyEmpty:
		r.notes = append(r.notes, Note{Code: "responders-interval-empty"})
	}
	return r, true
}

// compare fills in the difference between two counts.
func (c *ResponderContrast) compare(known *risks, active, control table.Count, randomized map[string]int) {
	r, ok := known.between(active, control, [2]int{randomized[c.Arm], randomized[c.Control]}, c.Level)
	if !ok {
		return // an empty arm: nothing to compare
	}
	c.Method, c.Difference, c.Lower, c.Upper, c.DifferenceP, c.Notes = r.method, r.point, r.ci.Lo, r.ci.Hi, r.p, r.notes
	if f, err := table.Fisher(active, control); err == nil {
		c.FisherP = f.P()
	}
}

// P is the p-value that belongs to the difference's interval: it is below 1 − Level
// where the interval leaves out 0 and only there, but for unequal arms whose exact
// interval has a gap at 0, which a note says (12 of 32 against 6 of 7).
func (c ResponderContrast) P() float64 { return c.DifferenceP }

// P is the p-value that belongs to the difference's interval.
func (e ResponderEffect) P() float64 { return e.DifferenceP }

// withinStrata is Mantel and Haenszel's risk difference; ok is false where no
// stratum holds both arms or the variance is zero. leftOut are the participants
// of strata that hold one arm alone.
func withinStrata(tables []table.Stratum) (rd stats.Estimate, leftOut int, ok bool) {
	var both []table.Stratum
	for _, s := range tables {
		if s.Treated.N == 0 || s.Control.N == 0 {
			leftOut += s.Treated.N + s.Control.N
		} else {
			both = append(both, s)
		}
	}
	rd, err := table.MantelHaenszelRiskDifference(both)
	return rd, leftOut, err == nil
}

// within replaces the difference by the one within strata.
func (c *ResponderContrast) within(tables []table.Stratum) {
	nan := math.NaN()
	c.Stratified = true
	c.Difference, c.Lower, c.Upper, c.FisherP, c.DifferenceP = nan, nan, nan, nan, nan
	rd, leftOut, ok := withinStrata(tables)
	c.LeftOut = leftOut
	if ok {
		ci := rd.CI(c.Level)
		c.Method = RiskWithinStrata
		c.Difference, c.Lower, c.Upper, c.DifferenceP = rd.Value, ci.Lo, ci.Hi, rd.P(0)
	}
}

// within replaces the unadjusted difference and the ratios by those within
// strata; the number needed to treat follows the difference.
func (e *ResponderEffect) within(tables []table.Stratum, harm bool) {
	nan := math.NaN()
	e.Stratified = true
	e.Method = ""
	e.Difference, e.DifferenceLo, e.DifferenceHi, e.FisherP, e.DifferenceP = nan, nan, nan, nan, nan
	e.RiskRatio, e.RiskRatioLo, e.RiskRatioHi = nan, nan, nan
	e.OddsRatio, e.OddsRatioLo, e.OddsRatioHi = nan, nan, nan
	e.NNT = stats.NNT{}
	e.Notes = nil
	rd, leftOut, ok := withinStrata(tables)
	e.LeftOut = leftOut
	if !ok {
		e.Notes = append(e.Notes, Note{Code: "responders-no-strata"})
		return
	}
	if leftOut > 0 {
		e.Notes = append(e.Notes, Note{Code: "responders-one-arm"})
	}
	ci := rd.CI(e.Level)
	e.Method = RiskWithinStrata
	e.Difference, e.DifferenceLo, e.DifferenceHi, e.DifferenceP = rd.Value, ci.Lo, ci.Hi, rd.P(0)
	benefit := 1
	if harm {
		benefit = -1
	}
	e.NNT = stats.NewNNT(e.Difference, ci, benefit)
	if rr, err := table.MantelHaenszelRiskRatio(tables); err == nil {
		ci := rr.CI(e.Level)
		e.RiskRatio, e.RiskRatioLo, e.RiskRatioHi = rr.Point(), ci.Lo, ci.Hi
	} else {
		e.Notes = append(e.Notes, Note{Code: "responders-no-risk-ratio"})
	}
	if or, err := table.MantelHaenszelOddsRatio(tables); err == nil {
		ci := or.CI(e.Level)
		e.OddsRatio, e.OddsRatioLo, e.OddsRatioHi = or.Point(), ci.Lo, ci.Hi
	} else {
		e.Notes = append(e.Notes, Note{Code: "responders-no-odds-ratio"})
	}
}

// safetyOf counts the participants of each arm with at least one adverse
// event. Only participants for whom events were recorded count: not recorded
// is not zero. The one-sided limit answers "how common could it be at most",
// the two-sided one is the interval; they differ (0 of 5: 45% and 52%).
func safetyOf(p Protocol, arms []Arm, randomized map[string]int, participants []*subject, level float64, known *risks) Safety {
	s := Safety{Declared: p.Data.AdverseEvents != "" || p.Data.Events.Stated(), Level: level, Set: p.Data.Events.Set}
	if !s.Declared {
		return s
	}
	if s.Set == SetAsTreated {
		var treated []*subject
		for _, x := range participants {
			if x.treated(arms) {
				moved := *x
				moved.Arm = x.Received
				treated = append(treated, &moved)
			}
		}
		participants = treated
	} else if s.Set != "" && s.Set != SetITT {
		participants = slices.DeleteFunc(slices.Clone(participants), func(x *subject) bool { return !x.Sets[s.Set] })
	}
	var pooled SafetyRow
	counts := map[string]table.Count{}
	for _, a := range arms {
		row := SafetyRow{Arm: a.ID}
		for _, x := range participants {
			switch {
			case x.Arm != a.ID:
				continue
			case !x.EventsRecorded:
				row.NotRecorded++
				continue
			}
			row.N++
			row.TotalEvents += x.AdverseEvents
			if x.AdverseEvents > 0 {
				row.Events++
			}
		}
		counts[a.ID] = table.Count{Events: row.Events, N: row.N}
		pooled.Events += row.Events
		pooled.N += row.N
		pooled.TotalEvents += row.TotalEvents
		pooled.NotRecorded += row.NotRecorded
		s.Arms = append(s.Arms, row.WithLimits(level))
	}
	if pooled.N == 0 { // a column without a single entry tells nothing
		return Safety{Level: level}
	}
	if len(arms) > 1 {
		pooled = pooled.WithLimits(level)
		s.Pooled = &pooled
	}
	control := arms[len(arms)-1].ID
	for _, a := range arms[:len(arms)-1] {
		c := SafetyContrast{Arm: a.ID, Control: control, Difference: math.NaN(), Lower: math.NaN(), Upper: math.NaN(),
			WithoutStrata: p.Randomization.Stratified()}
		if rd, ok := known.between(counts[a.ID], counts[control], [2]int{randomized[a.ID], randomized[control]}, level); ok {
			c.Method, c.Difference, c.Lower, c.Upper = rd.method, rd.point, rd.ci.Lo, rd.ci.Hi
		}
		s.Contrasts = append(s.Contrasts, c)
	}
	if spec := p.Data.Events; spec.Stated() {
		o := harms.Options{Spec: spec, Level: level}
		for _, a := range arms {
			o.Arms = append(o.Arms, a.ID)
		}
		o.Compare = func(active, ctl table.Count, arm, against string) (harms.Difference, bool) {
			rd, ok := known.between(active, ctl, [2]int{randomized[arm], randomized[against]}, level)
			return harms.Difference{Method: string(rd.method), Estimate: rd.point, Lower: rd.ci.Lo, Upper: rd.ci.Hi}, ok
		}
		people := make([]harms.Person, len(participants))
		for i, x := range participants {
			people[i] = harms.Person{Arm: x.Arm, Events: x.Events, Exposure: x.Exposure}
		}
		t := harms.New(people, o)
		s.Events = &t
	}
	return s
}

// WithLimits returns the row with the limits of its counts.
func (r SafetyRow) WithLimits(level float64) SafetyRow {
	r.Lower, r.Upper, r.UpperOneSided = math.NaN(), math.NaN(), math.NaN()
	if p, err := table.ClopperPearson(table.Count{Events: r.Events, N: r.N}); err == nil {
		ci := p.CI(level)
		r.Lower, r.Upper, r.UpperOneSided = ci.Lo, ci.Hi, p.Upper(level).Hi
	}
	return r
}

// assumedShares answers the other assumptions of a plan that compares shares as they are.
func (c *comparison) assumedShares() []SensitivityRow {
	var out []SensitivityRow
	s := &shares{comparison: c, known: &risks{}}
	observed, lost, n := map[string]table.Count{}, map[string]int{}, map[string]int{}
	for _, a := range c.arms {
		observed[a.ID], lost[a.ID] = shareOf(c.complete(a.ID, false)), c.lost(a.ID)
		n[a.ID] = observed[a.ID].N + lost[a.ID]
	}
	for _, x := range c.plan.Sensitivity {
		rows := c.data.assumptionRows(c.plan, x)
		for i := range rows {
			r := &rows[i]
			r.N, r.Lost = n, lost
			row := s.newRow(r.Arm, RiskDifference, false)
			row.N = map[string]int{r.Arm: n[r.Arm], r.Control: n[r.Control]}
			row.Target = Marginal
			switch x.Assume {
			case AssumeIMOR:
				s.informative(&row, x, observed, lost)
			case AssumeTipping:
				s.crudely(&row, observed[r.Arm], observed[r.Control])
				r.Counts = s.tippingCount(row, x.Arm, observed, lost)
			default:
				way := MissingBest
				if x.Assume == AssumeWorst {
					way = MissingWorst
				}
				complete := func(a string) table.Count {
					k := table.Count{Events: observed[a].Events, N: n[a]}
					if assumedResponse(a == r.Arm, c.outcome.Better == LowerIsBetter, way) {
						k.Events += lost[a]
					}
					return k
				}
				s.crudely(&row, complete(r.Arm), complete(r.Control))
			}
			rows[i] = completedWith(rows[i:i+1], []Row{row})[0]
		}
		out = append(out, rows...)
	}
	return out
}

// lost counts those randomized to an arm who have no value, but for those whose value the
// plan's estimand sets aside.
func (c *comparison) lost(arm string) int {
	n := c.randomized[arm] - len(c.complete(arm, false))
	for i := range c.records {
		if r := &c.records[i]; r.Arm == arm && !r.HasFollow && (r.Use == estimand.SetAside || r.Use == estimand.NoneBefore) {
			n--
		}
	}
	return n
}

// informative ties the odds of those lost to those of the observed, of whom some said yes
// and some no in both arms.
func (s *shares) informative(row *Row, x Assumption, observed map[string]table.Count, lost map[string]int) {
	counts := func(a string) impute.Counts {
		k := observed[a]
		return impute.Counts{Events: k.Events, Nonevents: k.N - k.Events, Missing: lost[a]}
	}
	odds := func(a string) float64 {
		if o, ok := x.Odds[a]; ok {
			return o
		}
		return 1
	}
	for _, a := range []string{row.Arm, row.Control} {
		if k := observed[a]; k.Events == 0 || k.Events == k.N { // no odds, and a variance of 0
			row.Notes = append(row.Notes, Note{Code: "assumption-no-odds"})
			return
		}
	}
	shares, err := impute.IMORBinary(counts(row.Arm), counts(row.Control), impute.IMOR{Treated: odds(row.Arm), Control: odds(row.Control)})
	var e stats.Estimate
	if err == nil {
		e, err = shares.Difference()
	}
	if err != nil {
		row.Notes = append(row.Notes, Note{Code: "not-computable", Args: map[string]any{"detail": err.Error()}})
		return
	}
	row.fillWith(e, mover(shares, row.Level), math.NaN())
}

// mover is the interval of a difference of shares whose variances are known, from those of
// both shares on the scale of log odds (method of variance estimates recovery), so that it
// stays within −1 and 1. Large-sample.
// Source: Zou & Donner 2008, Statistics in Medicine 27:1693–1702.
func mover(s impute.Shares, level float64) stats.Interval {
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	var below, above [2]float64 // how far the limits of control and treated lie from their share
	for i, p := range s.P {
		at, half := math.Log(p/(1-p)), z*math.Sqrt(s.Var[i])/(p*(1-p))
		below[i], above[i] = p-1/(1+math.Exp(half-at)), 1/(1+math.Exp(-half-at))-p
	}
	d := s.P[1] - s.P[0]
	return stats.Interval{Lo: d - math.Hypot(below[1], above[0]), Hi: d + math.Hypot(above[1], below[0]), Level: level}
}

// tippingCount lets ever fewer of those lost in an arm do well.
func (s *shares) tippingCount(row Row, arm string, observed map[string]table.Count, lost map[string]int) *TippingCount {
	other := row.Control
	if arm == row.Control {
		other = row.Arm
	}
	good := func(a string, n int) int { // at the share observed
		k := observed[a]
		if s.outcome.Better == LowerIsBetter {
			k.Events = k.N - k.Events
		}
		if k.N == 0 {
			return 0
		}
		return int(math.Round(float64(n) * float64(k.Events) / float64(k.N)))
	}
	t := &TippingCount{Arm: arm, Lost: lost[arm], Expected: good(arm, lost[arm]), OtherLost: lost[other], Other: good(other, lost[other])}
	with := func(a string, good int) table.Count {
		k := table.Count{Events: observed[a].Events + good, N: observed[a].N + lost[a]}
		if s.outcome.Better == LowerIsBetter {
			k.Events = observed[a].Events + lost[a] - good
		}
		return k
	}
	significant := func(n int) bool {
		counts := map[string]table.Count{arm: with(arm, n), other: with(other, t.Other)}
		r := row
		r.Notes, r.P = nil, math.NaN()
		s.crudely(&r, counts[row.Arm], counts[row.Control])
		s.testMargin(&r, s.plan)
		if s.plan.Margin > 0 {
			return r.showsMargin()
		}
		return r.P < 1-row.Level
	}
	if t.Significant = significant(t.Expected); !t.Significant {
		return t
	}
	for n := t.Expected + 1; n <= t.Lost && s.plan.Framework == FrameworkEquivalence && !t.FoundAbove; n++ {
		if !significant(n) {
			t.Above, t.FoundAbove = n, true
		}
	}
	for n := t.Expected - 1; n >= 0 && !t.Found; n-- {
		if !significant(n) {
			t.Good, t.Found = n, true
		}
	}
	return t
}

// newShare adds the limits of a count.
func newShare(k table.Count, level float64) *Share {
	s := &Share{Events: k.Events, N: k.N, Value: math.NaN(), Lower: math.NaN(), Upper: math.NaN(), Level: level}
	if p, err := table.ClopperPearson(k); err == nil {
		ci := p.CI(level)
		s.Value, s.Lower, s.Upper = p.Point(), ci.Lo, ci.Hi
	}
	return s
}

// compliers is caceRows of a risk difference, by the score test of the shares as they
// are or within the strata of randomization; none where everybody received what was
// allocated to them. There is none of ratios, nor with covariates.
func (s *shares) compliers(arm string) ([]Row, error) {
	row := s.rowWith(MethodCACE, Between, arm, func(r *Record) string {
		if why := s.missing(r, false); why != "" || r.Received != "" {
			return why
		}
		return reasonReceivedUnknown
	})
	row.Role, row.Planned, row.Target, row.Measure = RoleSupplementary, "", Compliers, RiskDifference
	strata := map[string]*table.UptakeStratum{}
	all, differs := [2]table.Uptake{}, false
	for _, a := range []string{arm, row.Control} {
		for _, r := range s.complete(a, false) {
			if r.Received == "" {
				continue
			}
			name := ""
			if s.strata.any() {
				name = r.Stratum
			}
			if strata[name] == nil {
				strata[name] = &table.UptakeStratum{}
			}
			mine, total := &strata[name].Treated, &all[0]
			if a == row.Control {
				mine, total = &strata[name].Control, &all[1]
			}
			received := r.Received == arm
			differs = differs || received != (a == arm)
			for _, u := range []*table.Uptake{mine, total} {
				count := &u.Others
				if received {
					count = &u.Received
				}
				count.N++
				count.Events += int(r.Follow)
			}
		}
	}
	if !differs {
		return nil, nil
	}
	row.Notes = append(row.Notes, Note{Code: "cace-received", Args: text.Args{"arm": arm, "other": row.Control, "n": all[0].Received.N, "of": row.N[arm],
		"control-n": all[1].Received.N, "control-of": row.N[row.Control]}})
	var tables []table.UptakeStratum
	for _, name := range slices.Sorted(maps.Keys(strata)) {
		tables = append(tables, *strata[name])
	}
	fit, err := table.RiskDifferenceCompliersWith(tables, table.CompliersOptions{Level: s.plan.Level})
	switch {
	case errors.Is(err, table.ErrNoUptake):
		row.Notes = append(row.Notes, Note{Code: "cace-no-uptake", Args: text.Args{"level": s.plan.Level}})
	case err != nil:
		if err := row.refuse(err); err != nil {
			return nil, err
		}
	default:
		row.fill(fit)
		for _, in := range fit.ITT.Strata {
			row.LeftOut -= in.Treated.N + in.Control.N
		}
		if row.LeftOut += row.N[arm] + row.N[row.Control]; row.LeftOut > 0 {
			row.Notes = append(row.Notes, Note{Code: "shares-one-arm", Args: text.Args{"n": row.LeftOut}})
		}
		row.Notes = append(row.Notes, Note{Code: "cace-assumes-shares"})
		for _, x := range []float64{row.Estimate, row.Lower, row.Upper} {
			if math.Abs(x) > 1 && !math.IsInf(x, 0) {
				row.Notes = append(row.Notes, Note{Code: "cace-beyond"})
				break
			}
		}
	}
	return []Row{row}, nil
}

// sharesVary is the interaction of a binary outcome; model: the plan's decides.
func (s *Subgroups) sharesVary(ctx context.Context, c *comparison, g subgroup, used []Record, model bool) error {
	switch {
	case g.numeric || model:
		s.Interacts = OddsRatio
		y, events := make([]bool, len(used)), 0
		for i, r := range used {
			if y[i] = r.Follow == 1; y[i] {
				events++
			}
		}
		if few := min(events, len(used)-events); few < leastEvents {
			s.Why = reason("subgroups-few-events", text.Args{"events": few, "least": leastEvents})
			return nil
		}
		if !model {
			own := *c
			own.covariates, c = nil, &own
		}
		return s.vary(ctx, c, g, used, !c.smallStratum(used), func(terms ...regress.Term) (along.Fit, error) { return regress.Logistic(y, terms...) })
	case c.strata.any():
		s.separate(c, g)
		return nil
	}
	d := c.moderated(g, used)
	y := make([]bool, len(used))
	for i, r := range used {
		y[i] = r.Follow == 1
	}
	test, list, err := along.Risks(d, y, table.RiskScale(s.Measure))
	if err != nil {
		s.Why = reason("subgroups-separated", nil)
		return onlyData(err)
	}
	s.Chi2 = &test
	for _, i := range list {
		s.Interactions = append(s.Interactions, SubgroupInteraction{i.Arm, c.control().ID, i.Level, g.levels[0], riskInteraction{i.RiskInteraction}})
	}
	return nil
}

// riskInteraction tells its standard error.
type riskInteraction struct{ table.RiskInteraction }

func (r riskInteraction) standardError() float64 { return r.SE() }
