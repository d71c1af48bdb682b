package report

import (
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/internal/prose"
	"github.com/trialkit/trialkit/study/internal/wire"
	"github.com/trialkit/trialkit/study/text"
)

// Table is a table as data: what is printed and the numbers behind it.
type Table struct {
	Title   string
	Columns []TableColumn
	Rows    []TableRow
	// Notes stand below the table: what its values are and who is counted.
	Notes []string
	// Simulated marks a table of invented data.
	Simulated bool
}

// TableColumn is a column. Key says what stands in it whatever the language:
// label, outcome, visit, arm, n, value (of one arm, or with Arm "" of all arms
// together), standardized (an arm against control) or difference (an arm minus
// control).
type TableColumn struct {
	Key, Title string
	Arm        string // the arm's ID, where the column is about one
	N          int    // participants of the arm in the file
	Right      bool   // numbers stand right
}

// TableRow is a row, a cell a column. What it is about stands in IDs of the
// protocol; Statistic is mean-sd, median-quartiles, heading (of a category's
// levels, which follow), count, missing, or effect (a difference, beside the means
// where the arms stand in columns). In the table of the flow it is the stage:
// assessed, excluded, randomized, in-file, in-set, received, not-received, received-unknown,
// completed, lost, analyzed, observed, analyzed-incomplete or not-analyzed, with the
// status and reason as Level.
//
// In the tables of adverse events Variable is any, serious, related, withdrawal or
// term, which Level names, and Statistic participants or rate.
//
// Subgroup is the covariate that Level is one of, in the table of subgroups.
type TableRow struct {
	Variable, Subgroup, Level, Visit, Arm string
	Statistic                             string
	Cells                                 []TableCell
	// Reason says who is not counted and why, where n is below the file's.
	Reason string
}

// TableCell is a cell: its text, how many participants are behind it, and the
// numbers that the text was rounded from, by name. A number that does not exist
// is left out.
type TableCell struct {
	Text    string
	N       int
	Numbers []TableNumber
}

// TableNumber is a number of a cell: mean, sd, median, q1, q3, count, percent,
// standardized, estimate, lower, upper, se, df, level, f, df1, df2, p, events,
// event-rate, rate, exposure, min, max, missing, right, wrong, unsure.
type TableNumber struct {
	Name  string
	Value float64
}

// MarshalJSON writes the fields in snake case; an infinite number is "Inf".
func (n TableNumber) MarshalJSON() ([]byte, error) { return wire.Marshal(n) }

// Number is a number of the cell, and whether it has it.
func (c TableCell) Number(name string) (float64, bool) {
	for _, n := range c.Numbers {
		if n.Name == name {
			return n.Value, true
		}
	}
	return 0, false
}

// page is the table for a document; the first columns that repeat what stands
// above are shown once.
func (t Table) page() page.Table {
	out := page.Table{Caption: t.Title, Notes: t.Notes}
	for _, c := range t.Columns {
		switch {
		case c.Right:
			out.Columns = append(out.Columns, page.Numbers(c.Title))
		case c.Key == "n":
			out.Columns = append(out.Columns, page.Words(c.Title))
		default:
			out.Columns = append(out.Columns, page.Names(c.Title))
		}
		if c.Key == "outcome" || c.Key == "visit" {
			out.Group++
		}
	}
	for _, r := range t.Rows {
		cells := make([]string, len(r.Cells))
		for i, c := range r.Cells {
			cells[i] = c.Text
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}

// tableBuilder says a table's words in a language. The trial's own words in the
// report are already in it.
type tableBuilder struct {
	*builder
	Table
	ci      *levelColumn   // of the differences, where the table has any
	blinded bool           // no arm is named
	places  map[string]int // of outcomes, as digits finds them
}

// newTable begins a table of a report, in the language of an option.
func newTable(r study.Report, lang string) (*tableBuilder, error) {
	c, err := text.In(lang)
	if err != nil {
		return nil, err
	}
	if r, err = r.In(c.Lang()); err != nil {
		return nil, err
	}
	return &tableBuilder{builder: &builder{r: r, Writer: prose.Writer{C: c}}, Table: Table{Simulated: r.Protocol.Simulated},
		places: map[string]int{}}, nil
}

// decimals are digits, found once.
func (b *tableBuilder) decimals(outcome string) int {
	d, ok := b.places[outcome]
	if !ok {
		d = b.r.Digits(outcome)
		b.places[outcome] = d
	}
	return d
}

// inFile counts an arm's participants in the file; "" is all arms.
func (b *tableBuilder) inFile(arm string) int {
	n := 0
	for _, f := range b.r.Consort.Arms {
		if arm == "" || f.Arm == arm {
			n += f.InFile
		}
	}
	return n
}

// neverArrived notes the participants randomized who are not in the file.
func (b *tableBuilder) neverArrived() {
	for _, f := range b.r.Consort.Arms {
		if f.Declared && f.Randomized > f.InFile {
			b.Notes = append(b.Notes, b.Say("table-never-in-file", text.Args{"arm": b.arm(f.Arm), "n": f.Randomized - f.InFile, "of": f.Randomized}))
		}
	}
}
