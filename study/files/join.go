package files

import (
	"fmt"
	"path/filepath"
	"slices"
	"sort"

	"github.com/trialkit/trialkit/study/internal/sheet"
	"github.com/trialkit/trialkit/study/text"
)

// joined is the data of a table that several tables were joined into.
type joined struct {
	parts []*Table
	at    []cellAt // of each column
	// rows holds, row by row, the place of the row in each part; absent where the
	// participant has none there.
	rows []int32
	// ordered rows are those of the driving part, in its order; behind them stand
	// those of participants who have none in it.
	driver, ordered int
	keys            [][]int // by part
}

// cellAt is a column of a part. key is the number, from 1, of a column that tells
// participants apart: every part has it, and a row has the one of the part by which
// it is known.
type cellAt struct{ part, column, key int }

const absent = -1

// JoinOptions say how tables are joined.
type JoinOptions struct {
	// Key are the columns that tell participants apart. Every table has them.
	Key []string
	// Rows is the column that tells the rows of one participant apart, such as the
	// visit; "": none does.
	Rows string
	// Kept reports whether a row of a part is looked at; nil: all are. Others stay,
	// joined to none.
	Kept func(part int, r Row) bool
}

// Join joins tables of one trial by participant: a row of one that has several a
// participant gets what the others say of the participant. At most one table may
// have several rows for a participant; which row says what is then known. A
// participant who is not in all of them has a row all the same, and a note counts
// them. Columns keep their names; where two tables have one of a name, both stay.
// The order of the tables changes nothing but the order of columns and rows.
//
// What is wrong is Problems: a table without a key column, a second table with
// several rows a participant, rows with more or fewer fields than the header.
func Join(tables []*Table, o JoinOptions) (*Table, error) {
	j := &joined{parts: tables, driver: -1}
	t := &Table{Format: tables[0].Format, Delimiter: tables[0].Delimiter, Encoding: tables[0].Encoding, header: -1, joined: j}
	var bad Problems
	keys := make([][]int, len(tables))
	for p, part := range tables {
		t.file += map[bool]string{true: part.Name(), false: ", " + part.Name()}[p == 0]
		if part.Delimiter != t.Delimiter {
			t.Delimiter = 0
		}
		if part.Encoding != t.Encoding {
			t.Encoding = ""
		}
		for _, k := range o.Key {
			i := slices.IndexFunc(part.Columns, func(c Column) bool { return c.Name == k })
			if i < 0 {
				bad = append(bad, part.headerProblem("problem-join-no-key", text.Args{"column": k, "columns": part.names()}))
			}
			keys[p] = append(keys[p], i)
		}
		for i, c := range part.Columns {
			if p > 0 && slices.Contains(o.Key, c.Name) {
				continue // the first one's stands for all
			}
			j.at = append(j.at, cellAt{p, i, 1 + slices.Index(o.Key, c.Name)})
			t.Columns = append(t.Columns, c)
		}
		if err := part.checkWidths(); err != nil {
			bad = append(bad, err.(Problems)...)
		}
	}
	if len(bad) > 0 {
		return nil, bad
	}
	j.keys = keys
	index, err := j.index(keys, o)
	if err != nil {
		return nil, err
	}
	t.Notes = append(t.Notes, j.fill(keys, index, o)...)
	t.problems = problemList{}
	return t, nil
}

// Name is the file's without its folder, with the sheet's where it has one.
func (t *Table) Name() string {
	name := filepath.Base(t.file)
	if t.Sheet != "" {
		name += " (" + t.Sheet + ")"
	}
	return name
}

// headerProblem is a problem with the table's header.
func (t *Table) headerProblem(code string, args text.Args) Problem {
	at := t.Header().place(-1)
	p := NewProblem(at.Line, at.Column, code, args)
	p.File, p.At = t.file, at.At
	return p
}

func (t *Table) names() string {
	var names []string
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	return text.List(names, 12)
}

// checkWidths reports what is wrong with the table's fields, and rows that are no
// rows of its columns.
func (t *Table) checkWidths() error {
	for r := range t.All() {
		if n, want := r.Len(), len(t.Columns); n != want && !r.IsEmpty() {
			code := "problem-fields-many"
			if n < want {
				code = "problem-fields-few"
			}
			t.Report(r, -1, code, text.Args{"n": n, "want": want})
		}
	}
	return t.Err()
}

// joinKey is a row's participant in one text, "" where a part of it is missing.
func joinKey(r Row, columns []int) string {
	key := ""
	for i, c := range columns {
		s := r.Text(c)
		if s == "" {
			return ""
		}
		if i > 0 {
			key += "\x00"
		}
		key += s
	}
	return key
}

// index finds the rows of each participant in every part, and the driver: the part
// with several rows a participant, else the one that has the column of rows, else
// the first.
func (j *joined) index(keys [][]int, o JoinOptions) ([]map[string]int32, error) {
	index := make([]map[string]int32, len(j.parts))
	for p, part := range j.parts {
		index[p] = map[string]int32{}
		twice, line, other := "", 0, 0
		for n := part.begin; n < part.total(); n++ {
			r := Row{part, n}
			key := joinKey(r, keys[p])
			if key == "" || o.Kept != nil && !o.Kept(p, r) {
				continue
			}
			if first, ok := index[p][key]; !ok {
				index[p][key] = int32(n)
			} else if twice == "" {
				twice, line, other = r.Text(keys[p][len(keys[p])-1]), r.Line(), Row{part, int(first)}.Line()
			}
		}
		switch {
		case twice == "":
		case j.driver >= 0:
			return nil, Problems{part.headerProblem("problem-join-two-several", text.Args{"participant": twice, "line": other, "next": line,
				"file": part.Name(), "other": j.parts[j.driver].Name()})}
		default:
			j.driver = p
		}
	}
	if j.driver < 0 {
		j.driver = max(0, slices.IndexFunc(j.parts, func(t *Table) bool {
			return o.Rows != "" && slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == o.Rows })
		}))
	}
	return index, nil
}

// fill makes the joined rows, and notes about who is not in all parts.
func (j *joined) fill(keys [][]int, index []map[string]int32, o JoinOptions) []text.Phrase {
	everyone := map[string]bool{}
	for _, m := range index {
		for k := range m {
			everyone[k] = true
		}
	}
	add := func(p int, n int32, key string, lone bool) {
		for q := range j.parts {
			at, ok := index[q][key]
			switch {
			case q == p:
				at = n
			case lone || !ok || q == j.driver:
				at = absent
			}
			j.rows = append(j.rows, at)
		}
	}
	done := map[string]bool{}
	for i := range j.parts {
		p := (j.driver + i) % len(j.parts)
		part := j.parts[p]
		for n := part.begin; n < part.total(); n++ {
			r := Row{part, n}
			key := joinKey(r, keys[p])
			lone := key == "" || o.Kept != nil && !o.Kept(p, r)
			switch _, driven := index[j.driver][key]; {
			case p == j.driver, lone:
			case driven || done[key]:
				continue // its participant has a row
			default:
				done[key] = true
			}
			add(p, int32(n), key, lone)
		}
		if i == 0 {
			j.ordered = len(j.rows) / len(j.parts)
		}
	}
	var notes []text.Phrase
	for p, m := range index {
		if n := len(everyone) - len(m); n > 0 {
			var ids []string
			for k := range everyone {
				if _, ok := m[k]; !ok {
					ids = append(ids, k)
				}
			}
			sort.Strings(ids)
			notes = append(notes, text.Phrase{Code: "join-absent", Args: text.Args{"file": j.parts[p].Name(), "count": n, "of": len(everyone),
				"participants": text.List(clean(ids), 8)}})
		}
	}
	sort.Slice(notes, func(a, b int) bool { return notes[a].Args["file"].(string) < notes[b].Args["file"].(string) })
	return notes
}

// clean writes keys of several columns as messages do.
func clean(keys []string) []string {
	for i, k := range keys {
		b := []byte(k)
		for c := range b {
			if b[c] == 0 {
				b[c] = '/'
			}
		}
		keys[i] = string(b)
	}
	return keys
}

// from is the row of the part that a column stands in; ok is false where the
// participant has none there.
func (j *joined) from(n, column int) (r Row, field int, ok bool) {
	c := j.at[column]
	if c.key > 0 {
		p, r := j.known(n)
		return r, j.keys[p][c.key-1], true
	}
	at := j.rows[n*len(j.parts)+c.part]
	if at == absent {
		return Row{}, 0, false
	}
	return Row{j.parts[c.part], int(at)}, c.column, true
}

// known is the part, and its row, by which a joined row is known: the driver's, else
// the first that has one.
func (j *joined) known(n int) (part int, r Row) {
	at := j.rows[n*len(j.parts) : (n+1)*len(j.parts)]
	if part = j.driver; at[part] == absent {
		part = slices.IndexFunc(at, func(n int32) bool { return n != absent })
	}
	return part, Row{j.parts[part], int(at[part])}
}

// of is the part's row and the field for a column of a joined row; for the header
// that of the part.
func (r Row) of(column int) (Row, int, bool) {
	j := r.t.joined
	if r.n < 0 {
		c := j.at[column]
		return j.parts[c.part].Header(), c.column, true
	}
	return j.from(r.n, column)
}

// Has reports whether a row has a column. In a table that was joined, the row of a
// participant who is not in one of the files has none of its columns.
func (r Row) Has(column int) bool {
	if r.t.joined == nil || r.n < 0 {
		return true
	}
	_, _, ok := r.of(column)
	return ok
}

// LineOf is the line of a column of the row: in a table that was joined, that of the
// file which holds the column.
func (r Row) LineOf(column int) int {
	if r.t.joined != nil {
		if s, _, ok := r.of(column); ok {
			return s.Line()
		}
	}
	return r.Line()
}

// File is the name of the file in which the row's Line is, with the sheet's where it has
// one.
func (r Row) File() string {
	if r.t.joined != nil && r.n >= 0 {
		_, s := r.t.joined.known(r.n)
		return s.t.Name()
	}
	return r.t.Name()
}

// Part is the number of the table, among those joined, that holds a column; 0 in a
// table that was not joined.
func (t *Table) Part(column int) int {
	if t.joined == nil {
		return 0
	}
	return t.joined.at[column].part
}

// Parts are the tables that were joined, or the table itself.
func (t *Table) Parts() []*Table {
	if t.joined == nil {
		return []*Table{t}
	}
	return t.joined.parts
}

// reportJoined is Report for a table that was joined: the place is in the part.
func (t *Table) reportJoined(r Row, column int, code string, args text.Args) {
	j := t.joined
	switch {
	case column >= 0:
		if s, field, ok := r.of(column); ok {
			t.problems.add(s.t.file, column, code, args, func() Place { return s.place(field) })
			return
		}
		fallthrough
	case r.n >= 0:
		_, s := j.known(r.n)
		t.problems.add(s.t.file, column, code, args, func() Place { return s.place(-1) })
	default:
		t.problems.add(t.file, column, code, args, func() Place { return Place{} })
	}
}

// PlaceOf is where a column's name stands, dm.csv:1:3.
func (t *Table) PlaceOf(column int) string {
	r, i := t.Header(), column
	if t.joined != nil {
		r, i, _ = r.of(column)
	}
	at := r.place(i)
	if at.At != "" {
		return r.t.file + ":" + at.At
	}
	return fmt.Sprintf("%s:%d:%d", r.t.file, at.Line, at.Column)
}

// The methods of a row that ask the part.

func (r Row) joinedText(i int) string {
	if r.n < 0 {
		return r.t.Columns[i].Name
	}
	if s, k, ok := r.t.joined.from(r.n, i); ok {
		return s.Text(k)
	}
	return ""
}

func (r Row) joinedKind(i int) sheet.Kind {
	if r.n >= 0 {
		if s, k, ok := r.t.joined.from(r.n, i); ok {
			return s.Kind(k)
		}
		return sheet.Empty
	}
	return sheet.Text
}
