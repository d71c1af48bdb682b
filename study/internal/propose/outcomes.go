package propose

import (
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// outcome is a series of measurements.
type outcome struct {
	id, label  string
	columns    map[string]string // visit (wide; "" in long files): column
	baseline   string            // column of an own baseline
	instrument string
	unit       string
	low, high  *float64
	better     string
	resolution float64
	sure       Certainty
	instWhy    text.Phrase
	forms      []string // of an instrument, of which the values do not say which
	seenLow    float64
	seenHigh   float64
	threshold  bool   // the instrument brings one
	binary     bool   // 0 and 1 alone, both of them
	few        int    // so few different values that they may be categories; else 0
	ambiguous  string // a numeral of two readings
	value      string
}

// covariateKinds are columns that describe participants, by name.
var covariateKinds = map[string]string{
	"age": "number", "leeftijd": "number", "alter": "number", "bmi": "number", "height": "number", "lengte": "number", "weight": "number", "gewicht": "number", "duration": "number", "education": "category",
	"sex": "category", "gender": "category", "geslacht": "category", "geschlecht": "category", "race": "category", "ethnicity": "category", "smoking": "category", "smoker": "category", "smoke": "category",
	"site": "category", "siteid": "category", "center": "category", "centre": "category", "clinic": "category", "hospital": "category", "centrum": "category", "stratum": "category", "strata": "category", "poolinv": "category",
	"side": "category", "zijde": "category", "knee": "category", "knie": "category", "severity": "category", "kl": "category", "country": "category", "region": "category", "agegr": "category", "asa": "category", "opleiding": "category"}

func covariateKind(name string) string {
	if k := covariateKinds[fold(name)]; k != "" {
		return k
	}
	t := tokens(name) // age_yr, Age (years)
	if len(t) == 2 && unitOf[t[1]] >= 525960 {
		return covariateKinds[t[0]]
	}
	return ""
}

// derivedNames are columns computed from others.
var derivedNames = []string{"chg", "change", "pchg", "delta", "diff", "difference", "verschil", "verandering"}

// findSeries finds the outcomes of a wide file: columns whose names differ in the
// moment alone.
func (p *Proposal) findSeries() {
	type member struct {
		f  *facts
		at moment
	}
	series := map[string][]member{}
	var stems []string
	used := map[*facts]bool{}
	// The way to cut a name that most columns share wins.
	count := map[string]int{}
	for _, f := range p.free() {
		if f.numeric() && !hasToken(f.Name, derivedNames...) {
			for _, s := range splits(f.Name) {
				count[s.stem]++
			}
		}
	}
	for _, f := range p.free() {
		if !f.numeric() || hasToken(f.Name, derivedNames...) {
			continue
		}
		var best *split
		for _, s := range splits(f.Name) {
			if count[s.stem] > 1 && (best == nil || count[s.stem] > count[best.stem]) {
				best = &s
			}
		}
		if best == nil {
			continue
		}
		if !slices.Contains(stems, best.stem) {
			stems = append(stems, best.stem)
		}
		series[best.stem] = append(series[best.stem], member{f, best.at})
	}
	at := map[string]moment{}
	for _, stem := range stems {
		members := series[stem]
		keys := map[string]bool{}
		weak, based := 0, false
		for _, m := range members {
			keys[m.at.key] = true
			based = based || m.at.base
			if m.at.weak {
				weak++
			}
		}
		// Bare numbers from 1 on number questions more often than visits.
		if len(members) < 2 || len(keys) < len(members) || weak == len(members) && (!based && len(members) > 6 || isQuestion(stem)) {
			continue
		}
		o := &outcome{id: stem, columns: map[string]string{}, sure: Safe}
		if weak > 0 {
			o.sure = Likely
		}
		for _, m := range members {
			o.columns[m.at.key] = m.f.Name
			at[m.at.key] = m.at
			used[m.f] = true
			m.f.role = "outcome"
		}
		p.outcomes = append(p.outcomes, o)
	}
	// A column that is called baseline alone belongs to the one series without one.
	if len(p.outcomes) == 1 {
		for _, f := range p.free() {
			if m, ok := readMoment(tokens(f.Name)); ok && m.base && !m.weak && f.numeric() && !slices.ContainsFunc(sortedKeys(p.outcomes[0].columns), func(k string) bool { return at[k].base }) {
				p.outcomes[0].columns[m.key], at[m.key], f.role = f.Name, m, "outcome"
				p.outcomes[0].sure = Likely
			}
		}
	}
	for _, k := range sortedKeys(at) {
		m := at[k]
		p.visits = append(p.visits, level{id: k, label: m.label, order: m.order, base: m.base, time: m.time})
	}
	sort.SliceStable(p.visits, func(i, j int) bool {
		a, b := p.visits[i], p.visits[j]
		if a.base != b.base {
			return a.base
		}
		return a.order < b.order
	})
	for i := range p.visits { // times are written for all visits or for none
		if p.visits[i].time == "" {
			for j := range p.visits {
				p.visits[j].time = ""
			}
			break
		}
	}
	if a := p.answers["outcomes"]; a != "" && len(p.outcomes) == 0 {
		// Measured once: nothing is before, and the visit has no name of its own.
		p.visits = []level{{id: "after"}}
		for _, c := range strings.Split(a, "\x00") {
			p.outcomes = append(p.outcomes, &outcome{id: c, columns: map[string]string{"after": c}, sure: Safe})
			p.take("outcome", c)
		}
		p.visit = field{sure: Likely, why: phrase("propose-answered", nil)}
		p.baseline = field{names: []string{"none"}, sure: Likely, why: phrase("propose-answered", nil)}
		return
	}
	if len(p.outcomes) == 0 {
		p.visit = field{sure: Asked, why: phrase("propose-no-series", nil)}
	} else {
		p.visit = field{sure: Likely, why: phrase("propose-series", text.Args{"outcomes": len(p.outcomes), "visits": len(p.visits)})}
	}
	p.findBaseline()
}

// findBaseline says which visit is the baseline: the first if its name says so;
// else it is asked.
func (p *Proposal) findBaseline() {
	p.baseline = field{sure: Asked, why: phrase("propose-baseline-ask", nil)}
	if len(p.visits) == 0 {
		return
	}
	first := p.visits[0]
	own := true
	for _, o := range p.outcomes {
		own = own && o.baseline != ""
	}
	switch a := p.answers["baseline"]; {
	case a != "":
		p.baseline = field{names: []string{a}, sure: Likely, why: phrase("propose-answered", nil)}
	case own && len(p.outcomes) > 0:
		p.baseline = field{names: []string{"none"}, sure: Likely, why: phrase("propose-baseline-column", nil)}
	case first.base:
		p.baseline = field{names: []string{first.id}, sure: Safe, why: phrase("propose-baseline", text.Args{"visit": first.id})}
	}
}

func isQuestion(stem string) bool {
	return hasToken(stem, "q", "item", "vraag", "question", "v", "x", "var", "col", "attempt", "answer", "antwoord")
}

// findLongOutcomes finds the outcomes of a long file: numbers that differ between
// a participant's visits.
func (p *Proposal) findLongOutcomes() {
	groups := p.groups(p.participant.names...)
	if what, value := p.longNames(); what != "" && value != "" && p.column(what).role == "" && p.column(value).role == "" {
		if c, _ := p.column(what).constantWithin(groups); !c {
			p.outcomeCol, p.valueCol = what, value
			p.take("outcome", what, value)
			for _, id := range p.column(what).order {
				p.outcomes = append(p.outcomes, &outcome{id: id, columns: map[string]string{}, sure: Safe, value: id, label: p.labelOf(what, id)})
			}
			p.findBaseline()
			return
		}
	}
	if a := p.answers["outcomes"]; a != "" {
		for _, c := range strings.Split(a, "\x00") {
			p.outcomes = append(p.outcomes, &outcome{id: c, columns: map[string]string{"": c}, sure: Safe})
			p.take("outcome", c)
		}
		p.findBaseline()
		return
	}
	for _, f := range p.free() {
		constant, _ := f.constantWithin(groups)
		if constant || !f.numeric() || hasToken(f.Name, derivedNames...) || len(f.order) < 3 || p.isClock(f) {
			continue
		}
		o := &outcome{id: f.Name, columns: map[string]string{"": f.Name}, sure: Likely}
		f.role = "outcome"
		p.outcomes = append(p.outcomes, o)
	}
	// A number that is the same at all visits and is called baseline is the outcome's.
	for _, f := range p.free() {
		constant, _ := f.constantWithin(groups)
		if !constant || !f.numeric() || !baselineName(f.Name) {
			continue
		}
		var of *outcome
		for _, s := range splits(f.Name) { // bdi.pre, FEV1_BL
			for _, o := range p.outcomes {
				if s.at.base && strings.ReplaceAll(s.stem, "_", "") == fold(o.id) {
					of = o
				}
			}
		}
		if of == nil {
			of = p.nearest(f)
		}
		if of != nil && of.baseline == "" {
			of.baseline, of.sure, f.role = f.Name, Likely, "outcome"
		}
	}
	p.findBaseline()
}

func baselineName(name string) bool {
	return slices.ContainsFunc(tokens(name), func(t string) bool {
		return slices.Contains([]string{"baseline", "base", "bl", "basval", "basevalue"}, t)
	})
}

// nearest is the one outcome whose values a baseline's lie among, if one alone
// does.
func (p *Proposal) nearest(f *facts) *outcome {
	var found *outcome
	for _, o := range p.outcomes {
		c := p.column(o.columns[""])
		if c == nil || f.decimals > c.decimals || f.high < c.low || f.low > c.high*1.2+1 {
			continue
		}
		if found != nil {
			return nil
		}
		found = o
	}
	return found
}

// isClock reports whether a column counts time along the visits: each visit has
// values of its own.
func (p *Proposal) isClock(f *facts) bool {
	name := fold(f.Name)
	if slices.Contains(visitNames, name) || slices.ContainsFunc([]string{"days", "day", "dag", "dagen", "date", "datum", "time", "visit", "visitn", "week", "weeks"}, func(w string) bool { return strings.HasSuffix(name, w) || w == "visit" && strings.HasPrefix(name, w) }) {
		return true
	}
	if p.visit.sure == Asked {
		return false
	}
	pairs := distinct(p.groups(p.visit.name(), f.Name))
	return pairs == len(f.order) && len(f.order) == len(p.visits)
}

// findCovariates takes the columns that describe participants, by name.
func (p *Proposal) findCovariates() {
	var groups []string
	if p.layout == "long" {
		groups = p.groups(p.participant.names...)
	}
	for _, f := range p.free() {
		switch fold(f.Name) {
		case "adverseevents", "nae", "aes", "aecount", "bijwerkingen":
			if f.numeric() && f.whole() && f.low >= 0 {
				p.events = field{names: []string{f.Name}, sure: Likely}
				f.role = "events"
			}
			continue
		}
		kind := covariateKind(f.Name)
		if kind == "" || len(f.order) < 2 {
			continue
		}
		if groups != nil {
			if constant, _ := f.constantWithin(groups); !constant {
				continue
			}
		}
		if kind == "number" && !f.numeric() || kind == "category" && len(f.order) > 60 {
			continue
		}
		f.role = "covariate"
		p.covariates = append(p.covariates, covariate{f.Name, f.Label, kind})
	}
}

// mayBeOutcomes lists the columns of numbers of which no name tells the visit, for a
// protocol without an outcome.
func (p *Proposal) mayBeOutcomes() text.Phrase {
	var columns []string
	for _, f := range p.free() {
		if !f.numeric() || len(f.order) < 3 || hasToken(f.Name, derivedNames...) || p.isClock(f) {
			continue
		}
		name := f.Name
		if f.Label != "" && f.Label != f.Name {
			name += " (" + f.Label + ")"
		}
		columns = append(columns, name)
	}
	if len(columns) == 0 {
		return phrase("propose-no-outcomes", nil)
	}
	return phrase("propose-outcomes-several", text.Args{"columns": text.List(columns, 12)})
}

// keep leaves the outcomes that an answer names.
func (p *Proposal) keep() {
	a := p.answers["keep"]
	if a == "" {
		return
	}
	kept := strings.Split(a, "\x00")
	p.outcomes = slices.DeleteFunc(p.outcomes, func(o *outcome) bool { return !slices.Contains(kept, o.id) })
}

// Different values that may be categories, among so many values at least.
const (
	mostCategories = 5
	leastAsked     = 20
)

// describe completes the outcomes: instrument, range, direction, resolution.
func (p *Proposal) describe() {
	for _, o := range p.outcomes {
		var label string
		decimals, others, n := 0, 0, 0
		different := map[float64]bool{}
		o.seenLow, o.seenHigh = math.Inf(1), math.Inf(-1)
		see := func(f *facts, only string) {
			for i, s := range f.Cells {
				if only != "" && p.column(p.outcomeCol).Cells[i] != only || slices.Contains(f.Missing, s) {
					continue
				}
				if f.Ambiguous != "" && hasTwoReadings(s) {
					o.ambiguous = f.Ambiguous
					continue
				}
				if x, d, ok := number(s); ok && !p.looksMissing(f, x) {
					o.seenLow, o.seenHigh, decimals = min(o.seenLow, x), max(o.seenHigh, x), max(decimals, d)
					if x != 0 && x != 1 {
						others++
					}
					n++
					if len(different) <= mostCategories {
						different[x] = true
					}
				}
			}
			label += " " + f.Label
			if f.Unit != "" {
				o.unit = f.Unit
			}
			if f.Low != nil && f.High != nil {
				o.low, o.high = f.Low, f.High
			}
			if o.label == "" && p.layout == "long" && p.valueCol == "" {
				o.label = f.Label
			}
		}
		if p.valueCol != "" {
			see(p.column(p.valueCol), o.value)
			label = o.label
		}
		for _, v := range sortedKeys(o.columns) {
			see(p.column(o.columns[v]), "")
		}
		if others == 0 && o.seenLow == 0 && o.seenHigh == 1 {
			o.binary = true // which has no scale to match
			continue
		}
		if n >= leastAsked && len(different) <= mostCategories {
			o.few = len(different)
		}
		if decimals <= 6 && o.ambiguous == "" {
			o.resolution = math.Pow10(-decimals)
		}
		p.match(o, label)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
