// Package sheet is what every reader of a file format returns: tables of typed
// cells that keep their places, with what the file itself says about its
// columns. It knows no trial and no format. study/files makes a files.Table of
// it, and sentences of its faults.
package sheet

import (
	"fmt"

	"github.com/trialkit/trialkit/study/text"
)

// Kind is what a cell is.
type Kind uint8

// Kinds of cells. An Empty cell is no value: an empty field, a system-missing
// value, a null.
const (
	Empty Kind = iota
	// Number: Text is the shortest decimal that gives the stored float64 (of a
	// stored float32: the shortest that gives the float32).
	Number
	// Text: blanks behind it are cut.
	Text
	Date     // 2006-01-02
	DateTime // 2006-01-02T15:04:05, with decimals of a second only where there are
	Time     // 15:04:05, the same
	// Missing is a special missing value of SAS or Stata: Text is ".A" to ".Z",
	// or "._".
	Missing
	// Error is an error that the workbook shows in the cell: Text is "#DIV/0!".
	Error
	// Uncached is a formula without a stored result: its value is unknown.
	Uncached
)

// Name is the word for the kind of a column: number, text, date, datetime or time.
func (k Kind) Name() string {
	switch k {
	case Number:
		return "number"
	case Date:
		return "date"
	case DateTime:
		return "datetime"
	case Time:
		return "time"
	}
	return "text"
}

// Cell is one cell. Its text belongs to the sheet.
type Cell struct {
	Text string
	Kind Kind
}

// Column is what a file says of a column.
type Column struct {
	Name, Label string
	// Kind is Number, Text, Date, DateTime or Time where the file states it.
	Kind Kind
	// Labels are the words of values, in the file's order. Value is written as a
	// cell's text.
	Labels []Label
	// Missing are the codes that the file declares missing (SPSS), written as a
	// cell's text; Range is the closed range of them, if Ranged.
	Missing []string
	Ranged  bool
	Range   [2]float64
	// Unit and Bounds are what metadata beside the data say, "" and nil where
	// they do not.
	Unit string
	Low  *float64
	High *float64
}

// Label is the word for a value.
type Label struct{ Value, Word string }

// Sheet is one table of a file: a sheet of a workbook, a member of an XPORT
// file, a whole .sav.
type Sheet struct {
	Name string
	// Hidden sheets are listed and told, and never taken in silence.
	Hidden bool
	// Columns are stated by the format. Nil means that the names stand in one of
	// the rows (workbooks).
	Columns []Column
	// Rows are the cells row by row; a row may be shorter than the others.
	Rows []Row
	// Letters tells that places are written as in a workbook, B7; else as row
	// and column.
	Letters bool
	// Encoding is the one of the file's texts, as found or stated.
	Encoding string
	// Notes tell what was decided: messages of the catalog (hidden rows that are
	// data, merged cells that were filled, a code page that was guessed).
	Notes []text.Phrase
}

// Row is one row: Number is its number as the file counts it (a workbook's row,
// a case, a line), from 1.
type Row struct {
	Number int
	Cells  []Cell
}

// Fault is what keeps a file or a cell from being read: a message of the
// catalog, and where. It is the error of every reader.
type Fault struct {
	Code string
	Args text.Args
	// Sheet, Row and Column say where: a name and numbers from 1, or nothing.
	Sheet       string
	Row, Column int
	// Letters: the place is written Sheet!B7.
	Letters bool
}

// Error writes the fault in English, with its place.
func (f *Fault) Error() string {
	s := text.English().Say(f.Code, f.Args)
	if place := f.Place(); place != "" {
		return place + ": " + s
	}
	return s
}

// Place is where the fault is, "" if nowhere: "VAS!B7", "DM:7:2", "7:2".
func (f *Fault) Place() string {
	switch {
	case f.Row == 0:
		return f.Sheet
	case f.Letters:
		return f.Sheet + "!" + Name(f.Row, f.Column)
	case f.Sheet != "":
		return fmt.Sprintf("%s:%d:%d", f.Sheet, f.Row, f.Column)
	}
	return fmt.Sprintf("%d:%d", f.Row, f.Column)
}

// Name is a cell's name in a workbook: Name(7, 2) is "B7". Numbers count from 1.
func Name(row, column int) string {
	var letters []byte
	for c := column; c > 0; c = (c - 1) / 26 {
		letters = append([]byte{byte('A' + (c-1)%26)}, letters...)
	}
	return fmt.Sprintf("%s%d", letters, row)
}
