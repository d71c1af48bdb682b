// Package desk is what the page of examples/app asks of the library, call by call:
// what stands in the files, a proposed protocol, its problems, the report and the
// files to take away. Requests and answers are JSON; it holds the files that were
// opened and the last analysis, and writes nothing anywhere.
package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/files"
)

// File is one that was opened, or one to take away.
type File struct {
	Name string
	Data []byte
}

// Desk holds the files and the analysis of one page. Its methods are called one
// after the other.
type Desk struct {
	// Tell, where it is set, is told how far an analysis is.
	Tell func(done, total int)

	files    []File
	tables   []*files.Table // that are shown
	analyzed analysis
}

// analysis is the last report, and what it was made of.
type analysis struct {
	protocol string
	report   study.Report
	dataset  *study.Dataset
}

// Call answers a request by its name. Files go in beside it, and come out beside the
// answer. An error is one of the program, with English text: what is wrong with files
// and protocols stands in the answer.
func (d *Desk) Call(name string, request []byte, in []File) (answer []byte, out []File, err error) {
	type call func(request []byte, in []File) (any, []File, error)
	calls := map[string]call{"open": d.open, "propose": d.propose, "form": d.form, "check": d.check, "read": d.read, "take": d.take, "claim": d.claim, "instruments": d.instruments}
	do, ok := calls[name]
	if !ok {
		return nil, nil, fmt.Errorf("desk: %q", name)
	}
	a, out, err := do(request, in)
	if err != nil {
		return nil, nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(a); err != nil {
		return nil, nil, err
	}
	return b.Bytes(), out, nil
}

// Problem is one thing that is wrong, with its place.
type Problem struct {
	File string `json:"file"`
	// Line and Column count from 1 (0: no place); Place is a cell's in a file that is
	// no text.
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Place  string `json:"place"`
	Text   string `json:"text"`
	// Whole is the problem as the command line writes it.
	Whole string `json:"whole"`
	// Row and Cell are where it stands in the table that is shown, −1: nowhere there.
	Row  int `json:"row"`
	Cell int `json:"cell"`
	// Key is the key of the protocol to look at, "" where there is none, and At its line.
	Key string `json:"key"`
	At  int    `json:"at"`
}

// problems are what an error says, in a language.
func problems(err error, lang string) []Problem {
	out := []Problem{}
	if err == nil {
		return out
	}
	var list study.Problems
	if !errors.As(err, &list) {
		return append(out, Problem{Text: err.Error(), Whole: err.Error(), Row: -1, Cell: -1})
	}
	if said, err := list.In(lang); err == nil {
		list = said
	}
	for _, p := range list {
		out = append(out, Problem{File: p.File, Line: p.Line, Column: p.Column, Place: p.At, Text: p.Text, Whole: p.Error(), Row: -1, Cell: -1})
	}
	return out
}

// protocolName is what problems call the protocol.
const protocolName = "protocol.yaml"

// load reads the files under a protocol, as the command line does.
func (d *Desk) load(protocol string) (*study.Dataset, error) {
	in := folder{protocolName: []byte(protocol)}
	var names []string
	for _, f := range d.files {
		in[f.Name] = f.Data
		names = append(names, f.Name)
	}
	return study.LoadFS(in, protocolName, names...)
}

// analyze makes the report of a protocol, which is kept until the next.
func (d *Desk) analyze(protocol string) error {
	if d.analyzed.dataset != nil && d.analyzed.protocol == protocol {
		return nil
	}
	d.analyzed = analysis{}
	ds, err := d.load(protocol)
	if err != nil {
		return err
	}
	tell := d.Tell
	if tell == nil {
		tell = func(int, int) {}
	}
	r, err := ds.AnalyzeAllTelling(context.Background(), tell)
	if err != nil {
		return err
	}
	d.analyzed = analysis{protocol, r, ds}
	return nil
}
