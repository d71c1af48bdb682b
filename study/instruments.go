package study

//go:generate go test -run TestRegistryIsTheFile -update-instruments .

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/propose"
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

// Proposal is a protocol proposed from a file. It does not change: an answer makes
// another one.
type Proposal struct{ p *propose.Proposal }

// ProposalQuestion is what no file can tell. ID names it for Answer; Options, if
// any, are the answers to choose from, or their Words; None: "none" is an answer.
type ProposalQuestion struct {
	ID, Text string
	Options  []string
	Words    []string // the file's words for the options, "" where it has none; nil: for none
	None     bool
}

// Propose reads a protocol out of a table: participants, arms, layout, visits,
// outcomes with their baseline, covariates, instruments by their names. It is a
// beginning, not an analysis: what the data prove stands in it with the reason and
// counts; what they only suggest is marked "check"; and what no file tells is a
// question, a ? in the YAML, which ParseProtocol refuses until it is answered:
// which arm is the control, which way is better, the range of an instrument that
// the registry does not know, the change that matters to a patient, which codes
// and words stand for a missing value, and every column of which two may be meant.
//
// It never names a primary comparison, since the data are there. Columns that may
// name a person (names, addresses, dates of birth) are never used, and are listed
// at the head. Columns that are not used are listed at the end, each with why.
//
// Names of rows and empty fields at their ends are left out as Table.Fit does. A table
// without rows, one of which a row has another number of fields than the header, and
// one whose names of columns seem to stand lower are errors.
func Propose(t *files.Table) (*Proposal, error) {
	l := &loader{t: t, where: columns{participant: -1, arm: -1, block: -1, visit: -1, outcome: -1, value: -1, events: -1, day: -1, status: -1, reason: -1, received: -1}}
	t.Fit()
	l.dropHeaders()
	if unitsUnder(t) {
		t.Report(t.Row(0), -1, "problem-second-header", nil)
	}
	for r := range t.All() {
		switch n, want := r.Len(), len(t.Columns); {
		case r.IsEmpty():
		case n == want && repeatsHeader(t, r):
			t.Report(r, -1, "problem-header-again", nil)
		case n == want:
		case n > want:
			t.Report(r, want, extraFields(t, r, want), text.Args{"n": n, "want": want})
		default:
			t.Report(r, -1, "problem-fields-few", text.Args{"n": n, "want": want})
		}
	}
	if err := t.Err(); err != nil {
		return nil, err
	}
	if !l.anyRow() {
		return nil, errors.New(text.English().Say("problem-no-rows", nil))
	}
	if at := headerBelow(t); at > 0 {
		bad := files.NewProblem(t.Header().Line(), 1, "propose-header-lower", text.Args{"line": at})
		bad.File = t.File()
		return nil, Problems{bad}
	}
	in := propose.Input{File: filepath.Base(t.File()), Sheet: t.Sheet, Notes: t.Notes}
	for _, c := range t.Columns {
		in.Columns = append(in.Columns, propose.Column{Name: c.Name, Label: c.Label, Labels: c.Labels, Missing: c.Missing, Unit: c.Unit, Low: c.Low, High: c.High})
	}
	signs := signsOf(t)
	var rows []files.Row
	for r := range t.All() {
		if r.IsEmpty() {
			continue
		}
		rows, in.Lines = append(rows, r), append(in.Lines, r.Line())
		for i := range in.Columns {
			s := ""
			if i < r.Len() && r.Missing(i) == "" {
				s = r.Text(i)
				if _, known := r.Number(i); !known && strings.ContainsAny(s, ".,") {
					v, thousands, fault := signs[i].Read(s)
					switch {
					case fault.Code == "problem-number-ambiguous" && in.Columns[i].Ambiguous == "":
						in.Columns[i].Ambiguous = s
					case fault.Code == "" && thousands:
						s = v.Text()
					}
				}
			}
			in.Columns[i].Cells = append(in.Columns[i].Cells, s)
		}
	}
	for _, x := range instrumentTable {
		in.Instruments = append(in.Instruments, propose.Instrument{ID: x.ID, Unit: x.Unit, Min: x.Min, Max: x.Max, Resolution: x.Resolution,
			HasThreshold: len(x.ThresholdsFor("")) > 0})
	}
	p := propose.New(in, nil)
	if f := p.Fault(); f != nil {
		t.Report(rows[f.Row], slices.IndexFunc(t.Columns, func(c files.Column) bool { return c.Name == f.Column }), f.Code, f.Args)
		return nil, t.Err()
	}
	for _, name := range p.Participant() {
		c := slices.IndexFunc(t.Columns, func(c files.Column) bool { return c.Name == name })
		for _, r := range rows {
			if s := r.Text(c); isSummary(s) {
				t.Report(r, c, "problem-summary-line", text.Args{"value": s})
			}
		}
	}
	if err := t.Err(); err != nil {
		return nil, err
	}
	return &Proposal{p}, nil
}

// Questions are what must be answered, in the order of the protocol, in a
// language of the catalogs.
func (p *Proposal) Questions(lang string) ([]ProposalQuestion, error) {
	words, err := text.In(lang)
	if err != nil {
		return nil, err
	}
	var out []ProposalQuestion
	for _, q := range p.p.Questions() {
		out = append(out, ProposalQuestion{ID: q.ID, Text: words.Say(q.Text.Code, q.Text.Args), Options: q.Options, Words: q.Words, None: q.None})
	}
	return out, nil
}

// Open is how many questions the protocol leaves open: those of Questions, and those that
// wait for an answer to one of them. A ? may stand at several places for one question.
func (p *Proposal) Open() int { return p.p.Open() }

// Answer returns the proposal with a question answered: an option or its number in
// the list, several between commas, two numbers for a range, a number and its
// source for a threshold, or none where the question allows it. What is no answer,
// and a question that is not open, is an error.
func (p *Proposal) Answer(id, answer, lang string) (*Proposal, error) {
	words, err := text.In(lang)
	if err != nil {
		return nil, err
	}
	for _, q := range p.p.Questions() {
		if q.ID == id {
			next, err := p.p.Answer(q, answer, words)
			if err != nil {
				return nil, err
			}
			return &Proposal{next}, nil
		}
	}
	return nil, errors.New(words.Say("propose-no-question", text.Args{"id": id}))
}

// YAML writes the protocol with its comments in a language of the catalogs. Open
// questions stand as ?.
func (p *Proposal) YAML(lang string) (string, error) {
	words, err := text.In(lang)
	if err != nil {
		return "", err
	}
	return strings.TrimRight(p.p.YAML(words), "\n") + "\n", nil
}
