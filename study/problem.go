package study

import (
	"fmt"
	"sort"
	"strings"
)

// Problem is one thing wrong with a protocol or a data file, and its place.
// Line and Column count from 1; 0 means that no place exists, as in a protocol
// written as a Go literal. Column counts characters (not bytes, not fields) in
// the line, and points at the first character of the offending field.
type Problem struct {
	File         string
	Line, Column int
	Text         string
}

// Error writes the problem as file:line:column: text, leaving out what is not
// known.
func (p Problem) Error() string {
	place := p.File
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
	if place == "" {
		return p.Text
	}
	return place + ": " + p.Text
}

// Problems is everything wrong with one protocol or data file, in the order of
// their places. It is the error that ParseProtocol, Validate and Load return
// for bad input; errors.As finds it.
type Problems []Problem

// Error writes one problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, q := range p {
		lines[i] = q.Error()
	}
	return strings.Join(lines, "\n")
}

// err returns the problems sorted by place, or nil if there are none (an empty
// Problems in an error would not be nil).
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	sort.SliceStable(p, func(i, j int) bool {
		if p[i].Line != p[j].Line {
			return p[i].Line < p[j].Line
		}
		return p[i].Column < p[j].Column
	})
	return p
}
