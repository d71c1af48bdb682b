package files

import (
	"errors"
	"fmt"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study/text"
)

// This file hands a table's columns to the models of package stats, for an
// analysis without a protocol.

// ColumnOptions say how the fields of a table's columns are read. The zero value
// reads a column whose fields are numbers as numbers, and one without a number as
// labels; only an empty field is missing.
type ColumnOptions struct {
	// Categories are columns of labels though numbers stand in them, such as
	// centers.
	Categories []string
	// Missing are what stands for a missing value beside the empty field: "NA", "-9".
	Missing []string
	// Decimal is the decimal sign, "." or ","; "" is found (see SettleSigns).
	Decimal string
}

// Reading says what became of the rows, and how numbers were read.
type Reading struct {
	Left []Left // rows that were left out, in order
	// Doubts are messages of the catalog on columns that differ in their decimal
	// sign.
	Doubts []text.Phrase
}

// Left is a row that was left out because a column of it is missing.
type Left struct {
	Line   int
	Column string
}

// TrialColumns name the columns of a file with a row per participant and visit.
type TrialColumns struct {
	Participant, Arm, Visit, Value string
	// Baseline is a column with the value before treatment in all of a
	// participant's rows; "" where TrialOptions.Baseline names its visit, or there is
	// none.
	Baseline   string
	Covariates []string
	ByVisit    []string // of the covariates, those with an effect of their own at every visit
	Read       ColumnOptions
	// Trial holds what the rows do not say: control, order of arms and visits, times.
	Trial mmrm.TrialOptions
}

// column is one read column: numbers, or labels where they are nil.
type column struct {
	name    string
	at      int
	label   bool
	missing []bool
	numbers []float64
	labels  []string
	signs   Signs
}

// columnReader reads columns of a table and gathers what is wrong with them.
type columnReader struct {
	t      Table // with problems of its own
	o      ColumnOptions
	rows   []Row
	all    []*column
	doubts []text.Phrase
}

func (t *Table) reader(o ColumnOptions) (*columnReader, error) {
	if err := t.Err(); err != nil {
		return nil, err
	}
	r := &columnReader{t: *t, o: o}
	r.t.problems = problemList{}
	want := len(t.Columns)
	for row := range t.All() {
		switch n := row.Len(); {
		case row.IsEmpty():
			continue
		case n < want:
			r.t.Report(row, -1, "problem-fields-few", text.Args{"n": n, "want": want})
		case n > want:
			r.t.Report(row, -1, "problem-fields-many", text.Args{"n": n, "want": want})
		}
		r.rows = append(r.rows, row)
	}
	return r, r.t.Err()
}

// add asks for a column; label: of labels whatever stands in it.
func (r *columnReader) add(name string, label bool) *column {
	c := &column{name: name, at: -1, label: label || slices.Contains(r.o.Categories, name), signs: Signs{Name: name, Group: -1}}
	var names []string
	header := r.t.Header()
	for i, h := range r.t.Columns {
		names = append(names, h.Name)
		switch {
		case h.Name != name:
		case c.at < 0:
			c.at = i
		default:
			r.t.Report(header, i, "problem-frame-twice", text.Args{"column": name})
		}
	}
	if c.at < 0 {
		r.t.Report(header, -1, "problem-frame-column", text.Args{"column": name, "columns": text.List(names, 12)})
		return c
	}
	numbers := 0
	c.missing = make([]bool, len(r.rows))
	for i, row := range r.rows {
		s := row.Text(c.at)
		c.missing[i] = s == "" || slices.Contains(r.o.Missing, s)
		if c.label || c.missing[i] {
			continue
		}
		if _, ok := row.Number(c.at); ok || c.signs.Count(s, row.Line(), nil) {
			numbers++
		}
	}
	c.label = c.label || numbers == 0
	r.all = append(r.all, c)
	return c
}

// read reads the fields of all columns asked for.
func (r *columnReader) read() error {
	var signs []*Signs
	for _, c := range r.all {
		if !c.label {
			signs = append(signs, &c.signs)
		}
	}
	_, r.doubts = SettleSigns(signs, r.o.Decimal, r.t.Delimiter)
	for _, c := range r.all {
		for i, row := range r.rows {
			s := row.Text(c.at)
			if c.label {
				c.labels = append(c.labels, s)
				continue
			}
			x := 0.0
			if !c.missing[i] {
				v, known := row.Number(c.at)
				var fault text.Phrase
				if !known {
					v, _, fault = c.signs.Read(s)
				}
				switch fault.Code {
				case "":
				case "problem-number-ambiguous":
					fault.Args["subject"], fault.Args["value"] = c.name, s
					r.t.Report(row, c.at, fault.Code, fault.Args)
				default:
					r.t.Report(row, c.at, "problem-frame-number", text.Args{"column": c.name, "value": s})
				}
				x = v.Number
			}
			c.numbers = append(c.numbers, x)
		}
	}
	return r.t.Err()
}

// complete returns the rows in which none of the columns is missing, and the
// others by name.
func (r *columnReader) complete(columns []*column) (keep []int, left []Left) {
	for i, row := range r.rows {
		k := slices.IndexFunc(columns, func(c *column) bool { return c.missing[i] })
		if k < 0 {
			keep = append(keep, i)
		} else {
			left = append(left, Left{row.Line(), columns[k].name})
		}
	}
	return keep, left
}

func pick[T any](x []T, rows []int) []T {
	if x == nil {
		return nil
	}
	out := make([]T, len(rows))
	for k, i := range rows {
		out[k] = x[i]
	}
	return out
}

// Frame reads columns for a model's formula, all of the header if none is named: a
// column of numbers is numeric (factor(center) in the formula makes it a
// category), one of labels a category whose reference is its first label in sorted
// order. Rows in which one of the columns is missing are left out and listed. A
// column that is not there, and one with numbers and words, are Problems.
func (t *Table) Frame(o ColumnOptions, columns ...string) (*regress.Frame, Reading, error) {
	r, err := t.reader(o)
	if err != nil {
		return nil, Reading{}, err
	}
	if len(columns) == 0 {
		for _, c := range t.Columns {
			columns = append(columns, c.Name)
		}
	}
	for _, name := range columns {
		r.add(name, false)
	}
	if err := r.read(); err != nil {
		return nil, Reading{}, err
	}
	keep, left := r.complete(r.all)
	frame := &regress.Frame{}
	for _, c := range r.all {
		if c.label {
			frame.Category(c.name, pick(c.labels, keep), "")
		} else {
			frame.Numeric(c.name, pick(c.numbers, keep))
		}
	}
	return frame, Reading{left, r.doubts}, nil
}

// Trial reads a file with a row per participant and visit for a model of repeated
// measures; see mmrm.TrialFromRowsWith, whose errors name the line. Rows without
// participant, arm, visit, value or covariate are left out and listed: a missing
// value is a missed visit. A participant without baseline has none.
func (t *Table) Trial(c TrialColumns) (*mmrm.Trial, Reading, error) {
	r, err := t.reader(c.Read)
	if err != nil {
		return nil, Reading{}, err
	}
	participant, arm, visit := r.add(c.Participant, true), r.add(c.Arm, true), r.add(c.Visit, true)
	value := r.add(c.Value, false)
	need := []*column{participant, arm, visit, value}
	for _, name := range c.Covariates {
		need = append(need, r.add(name, false))
	}
	var baseline *column
	if c.Baseline != "" {
		baseline = r.add(c.Baseline, false)
	}
	if err := r.read(); err != nil {
		return nil, Reading{}, err
	}
	for _, x := range []*column{value, baseline} {
		if x != nil && x.label {
			r.t.Report(r.t.Header(), x.at, "problem-frame-words", text.Args{"column": x.name})
		}
	}
	if err := r.t.Err(); err != nil {
		return nil, Reading{}, err
	}
	keep, left := r.complete(need)
	o := c.Trial
	for _, x := range need[4:] {
		o.Covariates = append(slices.Clip(o.Covariates), mmrm.Covariate{Name: x.name, ByVisit: slices.Contains(c.ByVisit, x.name),
			Number: pick(x.numbers, keep), Category: pick(x.labels, keep)})
	}
	if baseline != nil {
		o.BaselineValues, o.NoBaseline = pick(baseline.numbers, keep), pick(baseline.missing, keep)
	}
	trial, err := mmrm.TrialFromRowsWith(pick(participant.labels, keep), pick(arm.labels, keep), pick(visit.labels, keep), pick(value.numbers, keep), o)
	if err != nil {
		var at *stats.SampleError
		if errors.As(err, &at) && at.Index >= 0 && at.Index < len(keep) {
			err = fmt.Errorf("%s:%d: %w", t.file, r.rows[keep[at.Index]].Line(), err)
		}
		return nil, Reading{}, err
	}
	return trial, Reading{left, r.doubts}, nil
}
