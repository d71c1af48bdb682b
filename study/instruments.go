package study

//go:generate go test -run TestRegistryIsTheFile -update-instruments .

import (
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
)

// Instrument is a scale that the registry knows: how it is read, which way is
// better, how it is scored, and the thresholds that the literature gives.
type Instrument struct {
	ID, Label, Unit string
	Min, Max        float64 // both 0: no fixed range
	Resolution      float64 // 0: not stated
	Better          Direction
	Items           int // of a questionnaire
	Scoring         string
	Thresholds      []RegisteredThreshold
}

// RegisteredThreshold is a threshold from the literature.
type RegisteredThreshold struct {
	Threshold
	// Default: filled into outcomes that name the instrument and no condition.
	Default bool
}

// Conditions lists the kinds of patients the instrument's thresholds were
// found in, sorted: the words that an outcome's condition may be.
func (i Instrument) Conditions() []string {
	var out []string
	for _, t := range i.Thresholds {
		if t.Condition != anyCondition && !slices.Contains(out, t.Condition) {
			out = append(out, t.Condition)
		}
	}
	sort.Strings(out)
	return out
}

// ThresholdsFor returns the thresholds of a condition, with those that hold
// for any; condition "" gives the defaults.
func (i Instrument) ThresholdsFor(condition string) []Threshold {
	var out []Threshold
	for _, t := range i.Thresholds {
		if condition == "" && t.Default || condition != "" && (t.Condition == condition || t.Condition == anyCondition) {
			out = append(out, t.Threshold)
		}
	}
	return out
}

const anyCondition = "any"

// Instruments returns the registry of instruments in musculoskeletal pain, in
// the order of instruments.yaml beside this file, which is compiled into the
// program (instruments_table.go). Its thresholds say what they are: kind, level,
// the patients they were found in, method and source, and whether the value was
// verified in the source itself.
func Instruments() []Instrument {
	out := slices.Clone(instrumentTable)
	for i := range out {
		out[i].Thresholds = slices.Clone(out[i].Thresholds)
	}
	return out
}

// InstrumentByID returns the instrument of an ID such as "VAS-cm".
func InstrumentByID(id string) (Instrument, bool) {
	i := slices.IndexFunc(instrumentTable, func(x Instrument) bool { return x.ID == id })
	if i < 0 {
		return Instrument{}, false
	}
	out := instrumentTable[i]
	out.Thresholds = slices.Clone(out.Thresholds)
	return out, true
}

// WithInstruments returns the protocol with every outcome that names an
// instrument filled from the registry: label, unit, range, resolution,
// direction and thresholds, each where the outcome states none itself
// (thresholds: none of the level, so that a margin between arms leaves the
// patients' thresholds in). A stated unit other than the instrument's keeps the range, the resolution and
// the thresholds out: they are numbers in the instrument's unit. ParseProtocol
// and Load call it; unknown instruments are left for Validate to report.
func (p Protocol) WithInstruments() Protocol {
	p.Outcomes = slices.Clone(p.Outcomes)
	for k := range p.Outcomes {
		o := &p.Outcomes[k]
		in, ok := InstrumentByID(o.Instrument)
		if !ok {
			continue
		}
		if o.Label == "" {
			o.Label = in.Label
		}
		if o.Better == BetterUnset {
			o.Better = in.Better
		}
		if o.Unit == "" {
			o.Unit = in.Unit
		}
		if o.Unit != in.Unit {
			continue
		}
		if !o.HasRange() {
			o.Min, o.Max = in.Min, in.Max
		}
		if o.Resolution == 0 {
			o.Resolution = in.Resolution
		}
		var fill []Threshold
		for _, t := range in.ThresholdsFor(o.Condition) {
			if !slices.ContainsFunc(o.Thresholds, func(own Threshold) bool { return own.level() == t.level() }) {
				fill = append(fill, t)
			}
		}
		o.Thresholds = append(slices.Clone(o.Thresholds), fill...)
	}
	return p
}

// checkInstrument reports unknown instruments and conditions, and a direction
// against the instrument's.
func (o Outcome) checkInstrument(c *yamlfile.Checker, at string) {
	if o.Instrument == "" {
		if o.Condition != "" {
			c.Add(at+".condition", "problem-condition-alone")
		}
		return
	}
	in, ok := InstrumentByID(o.Instrument)
	if !ok {
		c.Add(at+".instrument", "problem-instrument-unknown", o.Instrument,
			yamlfile.ListIDs(instrumentTable, func(i Instrument) string { return i.ID }))
		return
	}
	if o.Better != BetterUnset && o.Better != in.Better {
		c.Add(at+".better", "problem-instrument-better", o.Better, in.ID, in.Better)
	}
	if o.Condition != "" && !slices.Contains(in.Conditions(), o.Condition) {
		c.Add(at+".condition", "problem-instrument-condition", in.ID, o.Condition,
			yamlfile.Phrase("word-or-leave-out", strings.Join(in.Conditions(), ", ")))
	}
}

// ThresholdChoice names the threshold that judges patients and the
// registry's others, which were found in other patients.
func (o Outcome) ThresholdChoice() []Note {
	in, ok := InstrumentByID(o.Instrument)
	used, _ := o.PatientThreshold()
	if !ok || used == nil || o.Unit != in.Unit {
		return nil
	}
	origin := *used
	var others []Threshold
	for _, t := range in.Thresholds {
		switch {
		case !t.Threshold.Important() || t.Level != Individual || t.Worsening:
		case t.Value == used.Value:
			if origin.Condition == "" && origin.Population == "" && origin.Source == "" {
				origin = t.Threshold // a bare number that the registry knows
			}
		default:
			others = append(others, t.Threshold)
		}
	}
	if len(others) == 0 {
		return nil
	}
	return []Note{{Code: "threshold-choice", Args: text.Args{"used": []Threshold{origin}, "others": others, "unit": o.Unit}}}
}

// clone returns a copy that shares nothing with p.
func (p Protocol) clone() Protocol {
	p.Arms = slices.Clone(p.Arms)
	p.Visits = slices.Clone(p.Visits)
	p.Outcomes = slices.Clone(p.Outcomes)
	for i := range p.Outcomes {
		p.Outcomes[i].Thresholds = slices.Clone(p.Outcomes[i].Thresholds)
		p.Outcomes[i].Levels = slices.Clone(p.Outcomes[i].Levels)
	}
	p.Estimands = slices.Clone(p.Estimands)
	for i := range p.Estimands {
		p.Estimands[i] = p.Estimands[i].Clone()
	}
	p.Plans = slices.Clone(p.Plans)
	for i := range p.Plans {
		p.Plans[i].Covariates = slices.Clone(p.Plans[i].Covariates)
		p.Plans[i].CovarianceOrder = slices.Clone(p.Plans[i].CovarianceOrder)
		p.Plans[i].Impute.Events = slices.Clone(p.Plans[i].Impute.Events)
		p.Plans[i].Impute.References = maps.Clone(p.Plans[i].Impute.References)
	}
	p.Primary = p.Primary.Clone()
	p.Flow.Excluded = slices.Clone(p.Flow.Excluded)
	p.Assumed = p.Assumed.Clone()
	d := &p.Data
	d.Files = slices.Clone(d.Files)
	d.Guess.Values = maps.Clone(d.Guess.Values)
	d.Events.Participant = slices.Clone(d.Events.Participant)
	d.Events.Values = maps.Clone(d.Events.Values)
	for k, v := range d.Events.Values {
		d.Events.Values[k] = maps.Clone(v)
	}
	d.Status.Values = slices.Clone(d.Status.Values)
	d.Columns = maps.Clone(d.Columns)
	for k, v := range d.Columns {
		d.Columns[k] = maps.Clone(v)
	}
	d.Exposure = maps.Clone(d.Exposure)
	for k, v := range d.Exposure {
		d.Exposure[k] = maps.Clone(v)
	}
	d.Missing = slices.Clone(d.Missing)
	d.ArmValues = maps.Clone(d.ArmValues)
	d.VisitValues = maps.Clone(d.VisitValues)
	d.OutcomeValues = maps.Clone(d.OutcomeValues)
	d.Baseline = maps.Clone(d.Baseline)
	d.Covariates = slices.Clone(d.Covariates)
	for i := range d.Covariates {
		d.Covariates[i].Levels = slices.Clone(d.Covariates[i].Levels)
	}
	p.Subgroups = slices.Clone(p.Subgroups)
	for i := range p.Subgroups {
		p.Subgroups[i].Cuts = slices.Clone(p.Subgroups[i].Cuts)
	}
	d.Within = slices.Clone(d.Within)
	d.Intercurrent = slices.Clone(d.Intercurrent)
	for i := range d.Intercurrent {
		d.Intercurrent[i].Columns, d.Intercurrent[i].Values = maps.Clone(d.Intercurrent[i].Columns), maps.Clone(d.Intercurrent[i].Values)
	}
	d.Sets = maps.Clone(d.Sets)
	for id, columns := range d.Sets {
		d.Sets[id] = maps.Clone(columns)
		for k, v := range columns {
			d.Sets[id][k] = slices.Clone(v)
		}
	}
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
