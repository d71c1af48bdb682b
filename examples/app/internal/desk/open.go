package desk

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/examples/app/internal/yamltext"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/text"
	"github.com/trialkit/trialkit/testdata/studies"
)

// Sheet is a table of one of the files: a sheet or member, or the file itself.
type Sheet struct {
	File    string `json:"file"`
	Sheet   string `json:"sheet"`
	Hidden  bool   `json:"hidden"`
	Rows    int    `json:"rows"`
	Columns int    `json:"columns"`
	Used    bool   `json:"used"`
}

// Table is what is shown of one: its View, with the first rows alone.
type Table struct {
	File string          `json:"file"`
	View json.RawMessage `json:"view"`
	// Lines are the rows' numbers in the file; Total is how many rows there are.
	Lines []int    `json:"lines"`
	Total int      `json:"total"`
	Notes []string `json:"notes"`
}

// shown is how many rows of a table the page gets.
const shown = 200

// opened is the answer of open.
type opened struct {
	Files    []string  `json:"files"`
	Sheets   []Sheet   `json:"sheets"`
	Problems []Problem `json:"problems"`
	Protocol string    `json:"protocol"`
}

// open takes files: those of the page, or with "example" those of the example, which
// comes with its protocol. A protocol among several files is taken as one.
func (d *Desk) open(request []byte, in []File) (any, []File, error) {
	var q struct {
		Lang    string `json:"lang"`
		Example string `json:"example"`
	}
	if err := json.Unmarshal(request, &q); err != nil {
		return nil, nil, err
	}
	var out []File
	a := opened{Files: []string{}, Sheets: []Sheet{}, Problems: []Problem{}}
	if q.Example != "" {
		protocol, err := studies.FS.ReadFile(q.Example + "/protocol.yaml")
		if err != nil {
			return nil, nil, err
		}
		data, err := studies.FS.ReadFile(q.Example + "/data.csv")
		if err != nil {
			return nil, nil, err
		}
		in, a.Protocol = []File{{q.Example + ".csv", data}}, string(protocol)
		out = in
	}
	d.files, d.tables, d.analyzed = in, nil, analysis{}
	for _, f := range d.files {
		a.Files = append(a.Files, f.Name)
		ts, err := files.Tables(files.Bytes(f.Data), int64(len(f.Data)), f.Name, files.Options{})
		if err != nil {
			a.Problems = append(a.Problems, problems(err, q.Lang)...)
			continue
		}
		for _, t := range ts {
			a.Sheets = append(a.Sheets, Sheet{File: f.Name, Sheet: t.Sheet, Hidden: t.Hidden, Rows: t.Len(), Columns: len(t.Columns)})
		}
	}
	// One table with data is the one that is meant; among several the user chooses.
	with := slices.DeleteFunc(slices.Clone(a.Sheets), func(s Sheet) bool { return s.Rows == 0 || s.Hidden })
	for i := range a.Sheets {
		a.Sheets[i].Used = len(with) == 1 && a.Sheets[i] == with[0]
	}
	return a, out, nil
}

// tableOf reads one of the tables.
func (d *Desk) tableOf(name, sheet string) (*files.Table, error) {
	i := slices.IndexFunc(d.files, func(f File) bool { return f.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("desk: %w: %s", fs.ErrNotExist, name)
	}
	return files.Read(files.Bytes(d.files[i].Data), int64(len(d.files[i].Data)), name, files.Options{Sheet: sheet})
}

// view is a table for the page.
func view(t *files.Table, words *text.Catalog) (Table, error) {
	v := t.View()
	out := Table{File: t.File(), Total: len(v.Rows), Notes: []string{}}
	v.Rows, out.Lines = v.Rows[:min(shown, len(v.Rows))], v.Lines[:min(shown, len(v.Lines))]
	for _, n := range v.Notes {
		out.Notes = append(out.Notes, words.Say(n.Code, n.Args))
	}
	var err error
	out.View, err = json.Marshal(v)
	return out, err
}

// question is what no file can tell.
type question struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Options []string `json:"options"`
	None    bool     `json:"none"`
}

// proposed is the answer of propose.
type proposed struct {
	Tables    []Table    `json:"tables"`
	Protocol  string     `json:"protocol"`
	Questions []question `json:"questions"`
	// Open is how many questions have no answer yet, those of later steps too.
	Open     int       `json:"open"`
	Problems []Problem `json:"problems"`
}

// propose reads a protocol out of the tables that are used, with the answers given
// so far.
func (d *Desk) propose(request []byte, _ []File) (any, []File, error) {
	var q struct {
		Lang    string                         `json:"lang"`
		Use     []struct{ File, Sheet string } `json:"use"`
		Answers []struct{ ID, Answer string }  `json:"answers"`
	}
	if err := json.Unmarshal(request, &q); err != nil {
		return nil, nil, err
	}
	words, err := text.In(q.Lang)
	if err != nil {
		return nil, nil, err
	}
	a := proposed{Tables: []Table{}, Questions: []question{}, Problems: []Problem{}}
	fail := func(err error) (any, []File, error) {
		a.Problems = append(a.Problems, problems(err, q.Lang)...)
		return a, nil, nil
	}
	var used []*files.Table
	d.tables = nil
	for _, u := range q.Use {
		t, err := d.tableOf(u.File, u.Sheet)
		if err != nil {
			return fail(err)
		}
		v, err := view(t, words)
		if err != nil {
			return nil, nil, err
		}
		a.Tables = append(a.Tables, v)
		d.tables = append(d.tables, t)
		if t, err = d.tableOf(u.File, u.Sheet); err != nil { // a look may leave marks on it
			return fail(err)
		}
		used = append(used, t)
	}
	if len(used) == 0 {
		return a, nil, nil
	}
	table, err := d.joined(used)
	if err != nil {
		return fail(err)
	}
	p, err := study.Propose(table)
	if err != nil {
		return fail(err)
	}
	for _, x := range q.Answers {
		next, err := p.Answer(x.ID, x.Answer, q.Lang)
		if err != nil {
			return fail(err)
		}
		p = next
	}
	open, err := p.Questions(q.Lang)
	if err != nil {
		return nil, nil, err
	}
	for _, x := range open {
		a.Questions = append(a.Questions, question{x.ID, x.Text, append([]string{}, x.Options...), x.None})
	}
	a.Open = p.Open()
	if a.Protocol, err = p.YAML(q.Lang); err != nil {
		return nil, nil, err
	}
	if len(used) > 1 {
		var list []string
		for _, u := range q.Use {
			x := "{name: " + yamltext.Quote(u.File)
			if u.Sheet != "" {
				x += ", sheet: " + yamltext.Quote(u.Sheet)
			}
			list = append(list, x+"}")
		}
		if a.Protocol, err = yamltext.Set(a.Protocol, "data.files", "["+strings.Join(list, ", ")+"]"); err != nil {
			return nil, nil, err
		}
	}
	return a, nil, nil
}

// joined is the table of all that are used, joined by the column that all of them
// have and that the first, or else another, proposes for its participants.
func (d *Desk) joined(used []*files.Table) (*files.Table, error) {
	if len(used) == 1 {
		return used[0], nil
	}
	inAll := func(name string) bool {
		return !slices.ContainsFunc(used, func(t *files.Table) bool {
			return !slices.ContainsFunc(t.Columns, func(c files.Column) bool { return c.Name == name })
		})
	}
	key := ""
	for _, t := range used {
		again, err := d.tableOf(t.File(), t.Sheet)
		if err != nil {
			return nil, err
		}
		p, err := study.Propose(again)
		if err != nil {
			continue // alone it may be no trial: a table of events
		}
		yaml, err := p.YAML("")
		if err != nil {
			return nil, err
		}
		x, err := yamltext.Parse(yaml)
		if err != nil {
			return nil, err
		}
		if n := x.Root.Get("data").Get("participant"); n != nil && n.Text != "" && inAll(n.Text) {
			key = n.Text
			break
		}
	}
	for _, c := range used[0].Columns {
		if key == "" && c.Name != "" && inAll(c.Name) {
			key = c.Name
		}
	}
	if key == "" {
		var names []string
		for _, t := range used {
			names = append(names, t.Name())
		}
		return nil, study.Problems{files.NewProblem(0, 0, "app-no-common-column", text.Args{"files": text.List(names, 8)})}
	}
	return files.Join(used, files.JoinOptions{Key: []string{key}})
}
