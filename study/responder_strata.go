package study

import (
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/table"
)

// stratified reports whether the records say in which stratum each participant
// was randomized.
func stratified(records []Record) bool { return len(records) > 0 && records[0].Stratum != "" }

// respondersByStratum makes the 2×2 table of every stratum. known and met are
// those of meetsRule. Participants who never reached the file have no stratum
// that could be known: where the rule counts all randomized, they make one of
// their own.
func respondersByStratum(records []Record, arm, control string, randomized map[string]int, rule string, decide func(Record) (known, met bool)) []table.Stratum {
	tables := map[string]*table.Stratum{}
	var names []string
	side := func(stratum, a string) *table.Count {
		t := tables[stratum]
		if t == nil {
			t = &table.Stratum{}
			tables[stratum] = t
			names = append(names, stratum)
		}
		if a == control {
			return &t.Control
		}
		return &t.Treated
	}
	absent := map[string]int{arm: randomized[arm], control: randomized[control]}
	for _, r := range records {
		if r.Arm != arm && r.Arm != control {
			continue
		}
		absent[r.Arm]--
		known, met := decide(r)
		if !known && !ofAllRandomized(rule) {
			continue
		}
		c := side(r.Stratum, r.Arm)
		c.N++
		if met {
			c.Events++
		}
	}
	if ofAllRandomized(rule) {
		for _, a := range []string{arm, control} {
			if absent[a] > 0 {
				side("", a).N += absent[a]
			}
		}
	}
	slices.Sort(names)
	var out []table.Stratum
	for _, n := range names {
		out = append(out, *tables[n])
	}
	return out
}

// byStratum makes the tables of participants whose response is decided or
// assumed; those who never reached the file make a stratum of their own.
func (p responses) byStratum(r Result, arm, control string, harm bool, missing MissingResponse) []table.Stratum {
	rule := RuleChange // counts those in the list
	tables := respondersByStratum(p.records(), arm, control, nil, rule, p.decide())
	if missing == MissingObserved {
		return tables
	}
	count := func(a string) table.Count {
		c := table.Count{N: r.neverInFile(a)}
		if assumed(a == arm, harm, missing) {
			c.Events = c.N
		}
		return c
	}
	if s := (table.Stratum{Treated: count(arm), Control: count(control)}); s.Treated.N+s.Control.N > 0 {
		tables = append(tables, s)
	}
	return tables
}

func (p responses) records() []Record {
	out := make([]Record, len(p))
	for i, x := range p {
		out[i] = *x.record
	}
	return out
}

// decide looks responses up by participant.
func (p responses) decide() func(Record) (bool, bool) {
	met := make(map[string]bool, len(p))
	for _, x := range p {
		met[x.record.ID] = x.met
	}
	return func(r Record) (bool, bool) { return true, met[r.ID] }
}

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
	c.Difference, c.Lower, c.Upper, c.FisherP, c.StratifiedP = nan, nan, nan, nan, nan
	rd, leftOut, ok := withinStrata(tables)
	c.LeftOut = leftOut
	if ok {
		ci := rd.CI(c.Level)
		c.Difference, c.Lower, c.Upper, c.StratifiedP = rd.Value, ci.Lo, ci.Hi, rd.P(0)
	}
}

// within replaces the unadjusted difference and the ratios by those within
// strata; the number needed to treat follows the difference.
func (e *ResponderEffect) within(tables []table.Stratum, harm bool) {
	nan := math.NaN()
	e.Stratified = true
	e.Difference, e.DifferenceLo, e.DifferenceHi, e.FisherP, e.StratifiedP = nan, nan, nan, nan, nan
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
	e.Difference, e.DifferenceLo, e.DifferenceHi, e.StratifiedP = rd.Value, ci.Lo, ci.Hi, rd.P(0)
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

// enoughForModel reports whether every stratum has at least five participants of
// each arm, below which a logistic model gets no effect of strata: with small
// strata it would exaggerate the arms' difference.
func enoughForModel(people responses, arm, control string) bool {
	n := map[string]map[string]int{}
	for _, x := range people {
		s := x.record.Stratum
		if n[s] == nil {
			n[s] = map[string]int{}
		}
		n[s][x.record.Arm]++
	}
	for _, c := range n {
		if c[arm] < 5 || c[control] < 5 {
			return false
		}
	}
	return true
}

// P is the p-value that stands beside the difference.
func (c ResponderContrast) P() float64 {
	if c.Stratified {
		return c.StratifiedP
	}
	return c.FisherP
}
