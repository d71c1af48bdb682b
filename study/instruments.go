package study

//go:generate go test -run TestRegistryIsTheFile -update-instruments .

import (
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
