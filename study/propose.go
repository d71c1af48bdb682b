package study

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/propose"
	"github.com/trialkit/trialkit/study/text"
)

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

// repeatsHeader reports whether a row is the header once more, as in files that were put
// one behind another: then two files may number their participants alike.
func repeatsHeader(t *files.Table, r files.Row) bool {
	same := 0
	for i, c := range t.Columns {
		if r.Text(i) != c.Name {
			return false
		}
		if c.Name != "" {
			same++
		}
	}
	return same > 1
}

// signsOf settles how the numerals of each column are read, as far as the file shows it.
func signsOf(t *files.Table) []*files.Signs {
	signs := make([]*files.Signs, len(t.Columns))
	for i, c := range t.Columns {
		signs[i] = &files.Signs{Name: c.Name, Group: -1}
		for r := range t.All() {
			if i >= r.Len() {
				continue
			}
			if _, known := r.Number(i); !known && r.Text(i) != "" {
				signs[i].Count(r.Text(i), r.Line(), nil)
			}
		}
	}
	files.SettleSigns(signs, "", t.Delimiter)
	return signs
}

// unitsUnder reports whether the row under the header holds words in columns of numbers
// alone, two at least, and nothing in the others: units, and nobody's values.
func unitsUnder(t *files.Table) bool {
	if t.Len() < 3 || t.Row(0).Len() != len(t.Columns) {
		return false
	}
	words := 0
	for c := range t.Columns {
		s := t.Row(0).Text(c)
		if s == "" {
			continue
		}
		if files.IsNumeral(s) || files.AbsentWord(s) {
			return false
		}
		for i := 1; i < t.Len(); i++ {
			if r := t.Row(i); c < r.Len() && r.Text(c) != "" && !files.IsNumeral(r.Text(c)) && !files.AbsentWord(r.Text(c)) {
				return false
			}
		}
		words++
	}
	return words > 1
}

// headerBelow is the line under a title in which the names of columns seem to
// stand: the first that names most columns, where the header names fewer than half
// of them; 0 where the header is one.
func headerBelow(t *files.Table) int {
	filled := func(texts []string) int {
		n := 0
		for _, s := range texts {
			if s != "" {
				n++
			}
		}
		return n
	}
	if filled(t.Header().Texts())*2 >= len(t.Columns) {
		return 0
	}
	for i := range min(t.Len(), files.HeaderLines) {
		if filled(t.Row(i).Texts())*2 > len(t.Columns) {
			return t.Row(i).Line()
		}
	}
	return 0
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
