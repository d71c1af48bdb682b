package study

import (
	"math"
	"slices"
	"sync"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study/harms"
)

// This file says how two arms' proportions are compared, wherever they are, and what harms there were.

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
