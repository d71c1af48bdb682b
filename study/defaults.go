package study

import (
	"maps"
	"slices"
)

// clone returns a copy that shares nothing with p.
func (p Protocol) clone() Protocol {
	p.Arms = slices.Clone(p.Arms)
	p.Visits = slices.Clone(p.Visits)
	p.Outcomes = slices.Clone(p.Outcomes)
	for i := range p.Outcomes {
		p.Outcomes[i].Thresholds = slices.Clone(p.Outcomes[i].Thresholds)
	}
	p.Plans = slices.Clone(p.Plans)
	for i := range p.Plans {
		p.Plans[i].Covariates = slices.Clone(p.Plans[i].Covariates)
		p.Plans[i].CovarianceOrder = slices.Clone(p.Plans[i].CovarianceOrder)
	}
	d := &p.Data
	d.Columns = maps.Clone(d.Columns)
	for k, v := range d.Columns {
		d.Columns[k] = maps.Clone(v)
	}
	d.Missing = slices.Clone(d.Missing)
	d.ArmValues = maps.Clone(d.ArmValues)
	d.VisitValues = maps.Clone(d.VisitValues)
	d.OutcomeValues = maps.Clone(d.OutcomeValues)
	d.Baseline = maps.Clone(d.Baseline)
	d.Covariates = slices.Clone(d.Covariates)
	d.Within = slices.Clone(d.Within)
	d.Values = maps.Clone(d.Values)
	for k, v := range d.Values {
		d.Values[k] = maps.Clone(v)
	}
	d.Rows = maps.Clone(d.Rows)
	for k, v := range d.Rows {
		d.Rows[k] = slices.Clone(v)
	}
	return p
}

// withDefaults returns a copy with the stated defaults written out: labels are
// IDs, unknown randomization says so, the first visit is baseline, a PASS is
// individual and a margin between groups.
func (p Protocol) withDefaults() Protocol {
	p = p.clone()
	for i, a := range p.Arms {
		if a.Label == "" {
			p.Arms[i].Label = a.ID
		}
	}
	if p.Randomization.Kind == "" {
		p.Randomization.Kind = RandomizationUnknown
	}
	for i, v := range p.Visits {
		if v.Label == "" {
			p.Visits[i].Label = v.ID
		}
	}
	p.Baseline = p.baselineID()
	for i, o := range p.Outcomes {
		if o.Label == "" {
			p.Outcomes[i].Label = o.ID
		}
		if !p.hasBaseline(o) {
			p.Outcomes[i].Baseline = NoBaseline
		}
		for j, t := range o.Thresholds {
			p.Outcomes[i].Thresholds[j].Level = t.level()
		}
	}
	return p
}

// level returns the threshold's level: the stated one, or the only one its
// kind can have.
func (t Threshold) level() ThresholdLevel {
	switch {
	case t.Level != "":
		return t.Level
	case t.Kind == PASS:
		return Individual
	case t.Kind == Margin:
		return BetweenGroup
	}
	return ""
}

// baselineID is the visit before treatment of outcomes that say nothing else;
// "" where every outcome says where its baseline is, or that it has none.
func (p Protocol) baselineID() string {
	if p.Baseline != "" {
		return p.Baseline
	}
	for _, o := range p.Outcomes {
		if _, ok := p.Data.Baseline[o.ID]; !ok && o.Baseline == "" && len(p.Visits) > 0 {
			return p.Visits[0].ID
		}
	}
	return ""
}

// hasBaseline reports whether the outcome was measured before treatment: at a
// visit, or in a column of its own.
func (p Protocol) hasBaseline(o Outcome) bool {
	if _, column := p.Data.Baseline[o.ID]; column {
		return true
	}
	if o.Baseline == "" {
		return !p.noBaseline()
	}
	return o.Baseline != NoBaseline
}

// hasVisit reports whether a visit has the ID.
func (p Protocol) hasVisit(id string) bool {
	return slices.ContainsFunc(p.Visits, func(v Visit) bool { return v.ID == id })
}

// baselineVisit is the ID of the visit that is an outcome's baseline; "" where
// it has none, or one in a column.
func (p Protocol) baselineVisit(o Outcome) string {
	if _, column := p.Data.Baseline[o.ID]; column || !p.hasBaseline(o) {
		return ""
	}
	if o.Baseline != "" {
		return o.Baseline
	}
	return p.baselineID()
}

// noBaseline reports whether the protocol says that nothing was measured before
// treatment; an outcome may still have a baseline in a column.
func (p Protocol) noBaseline() bool {
	if p.Baseline != NoBaseline {
		return false
	}
	return !p.hasVisit(NoBaseline)
}

// postVisits returns an outcome's visits after its baseline. An outcome that was
// not measured before treatment has those after the protocol's baseline.
func (p Protocol) postVisits(outcome string) []Visit {
	base, after := p.baselineID(), p.noBaseline()
	if o, ok := p.Outcome(outcome); ok && (o.Baseline != "" || p.baselineVisit(o) == "") {
		if v := p.baselineVisit(o); v != "" {
			base = v
		}
		if _, column := p.Data.Baseline[outcome]; column {
			after = true
		}
	}
	after = after || base == ""
	var out []Visit
	for _, v := range p.Visits {
		measured := true
		if p.Data.Layout == Wide {
			_, measured = p.Data.Columns[outcome][v.ID]
		}
		if after && measured {
			out = append(out, v)
		}
		after = after || v.ID == base
	}
	return out
}

func (p Protocol) Outcome(id string) (Outcome, bool) {
	for _, o := range p.Outcomes {
		if o.ID == id {
			return o, true
		}
	}
	return Outcome{}, false
}

// HasBaseline reports whether the outcome was measured before treatment. It is
// true of a Result's or Dataset's outcomes where it holds; an outcome read from a
// protocol alone may leave it to the protocol.
func (o Outcome) HasBaseline() bool { return o.Baseline != NoBaseline }
