// Package propose reads a protocol out of a table of data: who the participants
// are, in which arms, when and by what they were measured. It states what the data
// prove, marks what they only suggest, and asks what no file can tell: which arm is
// the control, which way is better, what is a missing value, what matters to a
// patient. It never names a primary comparison. It knows tables alone; package
// study turns a file into one and hands the instruments over.
package propose

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// Column is a column of the table: what the file says of it, and its cells.
type Column struct {
	Name, Label string
	// Ambiguous is a numeral of the column of which nothing tells whether its mark is a
	// decimal sign or separates thousands; "" where there is none.
	Ambiguous string
	Cells     []string // "" is no value
	Labels    []sheet.Label
	Missing   []string // codes that the file itself declares missing
	Unit      string
	Low, High *float64 // range, by metadata of the file
}

// Instrument is one of the registry.
type Instrument struct {
	ID, Unit     string
	Min, Max     float64 // both 0: no fixed range
	Resolution   float64
	HasThreshold bool // without a stated condition
}

// Input is what a protocol is proposed from.
type Input struct {
	File string
	// Sheet is the workbook's sheet that was read, "" where the file is one table.
	Sheet       string
	Columns     []Column
	Lines       []int // of the rows, as messages name them
	Instruments []Instrument
	// Notes tell what was decided when the file was read.
	Notes []text.Phrase
}

// Certainty is how a guess is meant.
type Certainty int

const (
	Safe   Certainty = iota // the data prove it
	Likely                  // marked for a check
	Asked                   // a question
)

// Question is what the file cannot tell. ID names it for Answer.
type Question struct {
	ID string
	// Text asks; Options are answers to choose from, if any; None: "none" is an
	// answer, which leaves the key out.
	Text    text.Phrase
	Options []string
	// Words are the file's words for the options, "" where it has none; nil: for none.
	Words []string
	None  bool
	kind  answerKind
}

// answerKind is the form of an answer.
type answerKind int

const (
	choice answerKind = iota
	list
	twoNumbers
	threshold
)

// Proposal is a protocol proposed from a file. Answers change it.
type Proposal struct {
	given   Input // as received
	in      Input // its rows that count
	answers map[string]string
	facts   []*facts

	layout      string // wide or long
	participant field
	arm         field
	visit       field
	arms        []level
	visits      []level
	baseline    field // a visit, in long files
	outcomes    []*outcome
	covariates  []covariate
	events      field
	rows        string // the column whose values select the rows
	// rowValues are those that count; none as long as that is asked.
	rowValues []string
	rowsAsked bool
	// repeating are, by column, the repeating forms in whose rows alone it holds anything.
	repeating  map[string][]string
	outcomeCol string // long with a row a value
	valueCol   string
	codes      []code // values that may mean missing
	left       []left // columns that the protocol does not use
	// Personal are the columns that may name a person.
	personal  []string
	questions []Question
	fault     *Fault
	kept      []int // places of the rows that count among those given; nil: all
	open      int   // questions whose answers the protocol lacks; a ? may stand at several places
}

// field is a column or value, with how it was found.
type field struct {
	names []string
	sure  Certainty
	why   text.Phrase
}

func (f field) name() string {
	if len(f.names) == 0 {
		return ""
	}
	return f.names[0]
}

// level is an arm or a visit.
type level struct {
	id, label, time string
	order           float64
	base            bool
}

// left is a column that is not used, and why.
type left struct {
	column string
	why    text.Phrase
}

type covariate struct {
	column, label, kind string
}

// Fault is why no protocol is proposed: a message of the catalog about a column, and the
// place among the rows given of the one that shows it.
type Fault struct {
	Row    int
	Column string
	text.Phrase
}

// Fault is nil where a protocol is proposed.
func (p *Proposal) Fault() *Fault { return p.fault }

// New proposes a protocol. Answers to questions of an earlier proposal of the same
// table may be nil.
func New(in Input, answers map[string]string) *Proposal {
	p := &Proposal{in: in, answers: answers, given: in}
	p.keepRows()
	names := map[string]int{}
	for _, c := range p.in.Columns {
		names[c.Name]++
	}
	for i := range p.in.Columns {
		f := newFacts(&p.in.Columns[i])
		if names[f.Name] > 1 || f.Name == "" { // of two of one name nobody knows which is meant
			f.role = "no-name"
		}
		p.facts = append(p.facts, f)
	}
	p.findPersonal()
	p.findPeople()
	p.findArm()
	if p.layout == "long" {
		p.findLongOutcomes()
	} else {
		p.findSeries()
	}
	p.findCovariates()
	p.keep()
	p.describe()
	p.findCodes()
	p.sayLeft()
	p.ask()
	return p
}

// Questions are what must be answered, in the order of the protocol.
func (p *Proposal) Questions() []Question { return slices.Clone(p.questions) }

// Participant are the columns that tell participants apart, none where that is asked.
func (p *Proposal) Participant() []string {
	if p.participant.sure == Asked {
		return nil
	}
	return p.participant.names
}

// Open counts the questions whose answers the protocol lacks.
func (p *Proposal) Open() int { return p.open }

// column finds the facts of a column by name.
func (p *Proposal) column(name string) *facts {
	for _, f := range p.facts {
		if f.Name == name && name != "" {
			return f
		}
	}
	return nil
}

// take marks columns as used.
func (p *Proposal) take(role string, names ...string) {
	for _, n := range names {
		if f := p.column(n); f != nil {
			f.role = role
		}
	}
}

// free lists the columns without a role.
func (p *Proposal) free() []*facts {
	var out []*facts
	for _, f := range p.facts {
		if f.role == "" {
			out = append(out, f)
		}
	}
	return out
}

func phrase(code string, args text.Args) text.Phrase { return text.Phrase{Code: code, Args: args} }

// fold is a name without case and signs: Record ID and record_id are alike.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 0x7f:
			return r
		}
		return -1
	}, s)
}
