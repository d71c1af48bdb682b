package files

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// Problem is one thing wrong with a protocol or a data file, and its place.
// Line and Column count from 1; 0 means that no place exists, as in a protocol
// written as a Go literal. Column counts characters (not bytes, not fields) in
// the line, and points at the first character of the offending field.
//
// What is wrong in many rows for one cause is one Problem: Count says how
// often, and Also where it stands the second and the third time.
type Problem struct {
	File         string
	Line, Column int
	// At is the place in a file that is no text, as its program writes it: VAS!B7.
	// Line and Column are then the numbers of the row and the column.
	At string
	// Text is the sentence in English; In says it in other languages.
	Text string
	// Count is the number of places with this cause; 0 and 1 are this one alone.
	Count int
	// Also holds the second and the third place.
	Also []Place
	// said is what Text says, as a message of the catalog; a problem of another
	// package may have none.
	said text.Phrase
}

// Place is a place in a file, and the value that stands there if it differs
// from the first place's.
type Place struct {
	Line, Column int
	Value        string
	// At is the place in a file that is no text; see Problem.
	At string
}

// NewProblem is a problem with a message of the catalog.
func NewProblem(line, column int, code string, args text.Args) Problem {
	p := Problem{Line: line, Column: column, said: text.Phrase{Code: code, Args: args}}
	p.Text = p.sentence(text.English())
	return p
}

// sentence says the problem in a language, without its place.
func (p Problem) sentence(words *text.Catalog) string {
	if p.said.Code == "" {
		return p.Text
	}
	s := words.Say(p.said.Code, p.said.Args)
	if p.Count <= 1 {
		return s
	}
	lines := []string{cmp.Or(p.At, strconv.Itoa(p.Line))}
	for _, q := range p.Also {
		l := cmp.Or(q.At, strconv.Itoa(q.Line))
		if q.Value != "" {
			l += " (" + strconv.Quote(q.Value) + ")"
		}
		lines = append(lines, l)
	}
	if p.Count > len(lines) {
		lines = append(lines, "…")
	}
	code := "problem-often"
	if p.At != "" {
		code = "problem-often-at"
	}
	return words.Say(code, text.Args{"text": s, "count": p.Count, "lines": strings.Join(lines, ", ")})
}

// Error writes the problem as file:line:column: text, or file:VAS!B7: text, leaving
// out what is not known.
func (p Problem) Error() string {
	place := p.File
	switch {
	case p.At != "":
		place = p.File + ":" + p.At
	case p.Line > 0:
		place = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
	if place == "" {
		return p.Text
	}
	return place + ": " + p.Text
}

// Problems is everything wrong with one protocol or data file, in the order of
// their places. It is the error for bad input; errors.As finds it.
type Problems []Problem

// Error writes one problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, q := range p {
		lines[i] = q.Error()
	}
	return strings.Join(lines, "\n")
}

// In returns the problems with their texts in a language of the catalogs
// (study/text); an unknown language is an error.
func (p Problems) In(lang string) (Problems, error) {
	words, err := text.In(lang)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(p)
	for i := range out {
		out[i].Text = out[i].sentence(words)
	}
	return out, nil
}

// Err returns the problems sorted by place, or nil if there are none (an empty
// Problems in an error would not be nil).
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return p
}
