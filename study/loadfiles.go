package study

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
)

// This file reads the files that a trial's data stand in and joins them.

// DataFile is one of the files, or sheets of one, that a trial's data stand in.
type DataFile struct {
	// Name is the file's, without a folder: which one it is, who loads it says.
	Name string
	// Sheet is the name of a workbook's sheet; "" is the only one with data.
	Sheet string
	// Header is the line of the columns' names; see DataSpec.
	Header int
}

// Input is a file handed to LoadInputs.
type Input struct {
	// Name is the file's in messages; its last element is what data.files names.
	Name   string
	Reader io.Reader
	// Dictionary: the file describes the columns of the others; see files.NewDictionary.
	// Where the protocol says nothing it gives labels, units, ranges and the words of
	// values, and a note says which; where both say something the protocol's counts, and
	// a note says what contradicts it.
	Dictionary bool
}

// LoadFiles reads a protocol and its data, one file or several, from the file
// system of the machine; see Load and LoadInputs.
func LoadFiles(protocolPath string, dataPaths ...string) (*Dataset, error) {
	return LoadFilesWith(protocolPath, dataPaths, nil)
}

// LoadFilesWith is LoadFiles with files that describe the data's columns; see Input.
func LoadFilesWith(protocolPath string, dataPaths, dictionaryPaths []string) (*Dataset, error) {
	return loadPaths(func(name string) (fs.File, error) { return os.Open(name) }, protocolPath, dataPaths, dictionaryPaths)
}

// LoadFS reads a protocol and its data, one file or several, from a file system,
// embedded ones included; see Load and LoadInputs.
func LoadFS(fsys fs.FS, protocolPath string, dataPaths ...string) (*Dataset, error) {
	return LoadFSWith(fsys, protocolPath, dataPaths, nil)
}

// LoadFSWith is LoadFS with files that describe the data's columns; see Input.
func LoadFSWith(fsys fs.FS, protocolPath string, dataPaths, dictionaryPaths []string) (*Dataset, error) {
	return loadPaths(func(name string) (fs.File, error) { return fsys.Open(path.Clean(name)) }, protocolPath, dataPaths, dictionaryPaths)
}

func loadPaths(open func(string) (fs.File, error), protocolPath string, dataPaths, dictionaryPaths []string) (*Dataset, error) {
	f, err := open(protocolPath)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p, places, err := readProtocol(f, protocolPath)
	if err != nil {
		return nil, err
	}
	var inputs []Input
	for i, name := range slices.Concat(dataPaths, dictionaryPaths) {
		g, err := open(name)
		if err != nil {
			return nil, err
		}
		defer g.Close()
		inputs = append(inputs, Input{name, g, i >= len(dataPaths)})
	}
	ds, err := LoadInputs(p, inputs...)
	if err != nil {
		return nil, err
	}
	ds.protocolFile, ds.randomizationAt = places.File, places.Place("randomization")
	return ds, nil
}

// LoadInputs is Load of several files, or of several sheets of one, joined by
// participant: each has the columns that tell participants apart. One of them may
// have several rows a participant, such as one a visit; what the others say of the
// participant then holds for all of these. A participant who is not in all files is
// kept, and a note counts them. A column that the protocol uses and that stands in
// two of the files is a problem with both places.
//
// Which files there are, and which sheets of them, data.files says; without it each
// file is one table. Every file that is given must be named there, and no other is
// opened.
func LoadInputs(p Protocol, inputs ...Input) (*Dataset, error) { return loadInputs(p, 0, inputs) }

// loadInputs reads in so many parts at once; 0: as there are processors.
func loadInputs(p Protocol, atOnce int, inputs []Input) (*Dataset, error) {
	if err := p.Validate(); err != nil {
		problems := err.(Problems)
		for i := range problems {
			problems[i].File = "protocol"
		}
		return nil, problems
	}
	var in, dictionaries []input
	for _, x := range inputs {
		src, err := readAll(x.Reader)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", x.Name, err)
		}
		if x.Dictionary {
			dictionaries = append(dictionaries, newInput(x.Name, src))
		} else {
			in = append(in, newInput(x.Name, src))
		}
	}
	l := &loader{p: p.WithInstruments().withDefaults(), dictionaries: dictionaries, atOnce: atOnce}
	if err := l.load(in); err != nil {
		return nil, err
	}
	return l.ds, nil
}

// readAll reads a data file, at once where it tells its size.
func readAll(r io.Reader) ([]byte, error) {
	var buf bytes.Buffer
	if m, ok := r.(interface{ Len() int }); ok && m.Len() <= files.MaxSize {
		buf.Grow(m.Len() + bytes.MinRead)
	}
	if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := f.Stat(); err == nil && info.Size() > 0 && info.Size() <= files.MaxSize {
			buf.Grow(int(info.Size()) + bytes.MinRead)
		}
	}
	if _, err := buf.ReadFrom(io.LimitReader(r, files.MaxSize+1)); err != nil {
		return nil, err
	}
	if buf.Len() > files.MaxSize {
		return nil, files.ErrTooLarge
	}
	return buf.Bytes(), nil
}

// input is a file that was read; sum is its SHA-256 in hexadecimal digits.
type input struct {
	name string
	src  []byte
	sum  func() string
}

// newInput reckons the sum while the file is being looked at.
func newInput(name string, src []byte) input {
	sum := sync.OnceValue(func() string {
		sum := sha256.Sum256(src)
		return hex.EncodeToString(sum[:])
	})
	go sum()
	return input{name, src, sum}
}

// part is one of the tables to join.
type part struct {
	of DataFile
	in int // the input's position
}

// parts says which tables of which inputs are read.
func (l *loader) parts(in []input) ([]part, error) {
	d := l.p.Data
	fail := func(code string, args text.Args) ([]part, error) {
		p := files.NewProblem(0, 0, code, args)
		p.File = "protocol"
		return nil, Problems{p}
	}
	if len(in) == 0 {
		return fail("problem-inputs-none", nil)
	}
	names := make([]string, len(in))
	for i, x := range in {
		names[i] = filepath.Base(x.name)
	}
	events, bad := l.eventsInput(names)
	if bad != nil {
		return nil, bad
	}
	if len(d.Files) == 0 {
		var out []part
		for i, name := range names {
			if i != events || d.Events.Sheet != "" && len(in) == 1 { // another sheet of the data's file
				out = append(out, part{DataFile{name, d.Sheet, d.Header}, i})
			}
		}
		if len(out) == 0 {
			return fail("problem-inputs-none", nil)
		}
		if len(out) > 1 && (d.Sheet != "" || d.Header > 0) {
			return fail("problem-inputs-sheet", nil)
		}
		return out, nil
	}
	used := map[int]bool{}
	var out []part
	for _, f := range d.Files {
		i := slices.Index(names, f.Name)
		switch {
		case i < 0:
			return fail("problem-file-not-given", text.Args{"file": f.Name, "given": text.List(names, 8)})
		case slices.Contains(names[i+1:], f.Name):
			return fail("problem-file-given-twice", text.Args{"file": f.Name})
		}
		used[i] = true
		out = append(out, part{f, i})
	}
	for i, name := range names {
		if !used[i] && i != events {
			return fail("problem-file-not-named", text.Args{"file": name})
		}
	}
	return out, nil
}

// readTables reads the tables, each with its rows under its header, and joins them.
func (l *loader) readTables(in []input) error {
	parts, err := l.parts(in)
	if err != nil {
		return err
	}
	var tables []*files.Table
	for _, p := range parts {
		x := in[p.in]
		t, err := files.Read(files.Bytes(x.src), int64(len(x.src)), x.name, files.Options{Sheet: p.of.Sheet, Encoding: l.p.Data.Encoding,
			Delimiter: l.p.Data.Delimiter, Header: p.of.Header, Columns: l.p.wantedColumns()})
		if err != nil {
			return err
		}
		l.t = t
		for _, n := range t.Notes {
			l.noteFile(n.Code, n.Args)
		}
		if t.EndMark {
			l.noteFile("file-end-mark", nil)
		}
		if t.Above > 0 {
			l.noteFile("lines-above-header", map[string]any{"count": t.Above, "line": p.of.Header})
		}
		if bad := l.noHeader(p.of.Header); bad != nil {
			bad.File = t.File()
			return Problems{*bad}
		}
		if len(parts) > 1 {
			l.quiet = true
			l.findColumns(t.Header())
			l.quiet = false
			l.fitRows()
		}
		tables = append(tables, t)
	}
	if len(parts) > 1 {
		if l.t, err = l.join(tables); err != nil {
			return err
		}
		var names []string
		for _, t := range tables {
			names = append(names, t.Name())
		}
		slices.Sort(names)
		l.noteFile("files-joined", text.Args{"files": text.List(names, 8), "column": l.p.Data.Participant})
		for _, n := range l.t.Notes {
			l.noteFile(n.Code, n.Args)
		}
	}
	l.findColumns(l.t.Header())
	if !l.anyRow() {
		l.report(l.t.Header(), -1, "problem-no-rows", nil)
		return l.t.Err()
	}
	if len(parts) == 1 {
		l.fitRows()
	}
	l.wholeIDs()
	l.sources(in, parts, tables)
	return l.useDictionaries()
}

// useDictionaries lets the files that describe the columns say what the protocol does
// not.
func (l *loader) useDictionaries() error {
	if len(l.dictionaries) == 0 {
		return nil
	}
	fail := func(code string, args text.Args) error {
		p := files.NewProblem(0, 0, code, args)
		p.File = l.dictionaries[0].name
		return Problems{p}
	}
	var tables []*files.Table
	var names []string
	for _, x := range l.dictionaries {
		ts, err := files.Tables(bytes.NewReader(x.src), int64(len(x.src)), x.name, files.Options{})
		if err != nil {
			return err
		}
		tables = append(tables, ts...)
		names = append(names, filepath.Base(x.name))
		l.ds.source.Dictionaries = append(l.ds.source.Dictionaries, SourceFile{Name: filepath.Base(x.name), SHA256: x.sum()})
	}
	d := files.NewDictionary(tables...)
	if d == nil {
		return fail("problem-dictionary-unknown", nil)
	}
	said := len(l.t.Notes)
	l.dictionary = d
	if d.Apply(l.t) == 0 {
		return fail("problem-dictionary-columns", text.Args{"columns": text.List(columnNames(l.t), 8)})
	}
	for _, n := range l.t.Notes[said:] {
		l.noteFile(n.Code, n.Args)
	}
	l.describe(text.List(names, 4))
	return nil
}

func columnNames(t *files.Table) (names []string) {
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	return names
}

// columnsSay is what the columns of one variable say together: nothing where they
// differ.
type columnsSay struct {
	label, unit string
	low, high   float64
	ranged      bool
}

func (l *loader) columnsSay(columns []int) columnsSay {
	var out columnsSay
	for n, i := range slices.DeleteFunc(slices.Clone(columns), func(i int) bool { return i < 0 }) {
		c := l.t.Columns[i]
		x := columnsSay{label: c.Label, unit: c.Unit}
		if c.Low != nil && c.High != nil && *c.Low < *c.High {
			x.low, x.high, x.ranged = *c.Low, *c.High, true
		}
		if x.unit != "" { // which the label then need not repeat
			for _, b := range []string{"(" + x.unit + ")", "[" + x.unit + "]"} {
				x.label = strings.TrimSpace(strings.TrimSuffix(x.label, b))
			}
		}
		if n == 0 {
			out = x
			continue
		}
		if x.label != out.label {
			out.label = ""
		}
		if x.unit != out.unit {
			out.unit = ""
		}
		if x.ranged != out.ranged || x.low != out.low || x.high != out.high {
			out.ranged = false
		}
	}
	return out
}

// describe fills in what the protocol leaves out, and says what contradicts it.
func (l *loader) describe(name string) {
	var labels, units, ranges, against []string
	interval := func(low, high float64) string { return fmt.Sprintf("[%v, %v]", low, high) }
	for i := range l.p.Outcomes {
		o := &l.p.Outcomes[i]
		var columns []int
		for _, c := range slices.Concat(l.where.cells, l.where.baselines) {
			if c.outcome == i {
				columns = append(columns, c.column)
			}
		}
		x := l.columnsSay(columns)
		if x.label != "" && o.Label == o.ID {
			o.Label = x.label
			labels = append(labels, o.ID)
		}
		switch {
		case x.unit == "" || strings.EqualFold(x.unit, o.Unit):
		case o.Unit == "":
			o.Unit = x.unit
			units = append(units, o.ID+": "+x.unit)
		default:
			against = append(against, o.ID+": "+o.Unit+" – "+x.unit)
		}
		switch {
		case !x.ranged || o.HasRange() && o.Min == x.low && o.Max == x.high:
		case !o.HasRange():
			o.Min, o.Max = x.low, x.high
			if l.p.Validate() != nil { // a threshold is wider, or a value of data.values outside
				o.Min, o.Max = 0, 0
				against = append(against, o.ID+": "+interval(x.low, x.high))
				continue
			}
			ranges = append(ranges, o.ID+": "+interval(x.low, x.high))
		default:
			against = append(against, o.ID+": "+interval(o.Min, o.Max)+" – "+interval(x.low, x.high))
		}
	}
	for i := range l.p.Data.Covariates {
		v := &l.p.Data.Covariates[i]
		x := l.columnsSay([]int{l.where.covariates[i]})
		if x.label != "" && v.Label == v.ID {
			v.Label = x.label
			labels = append(labels, v.ID)
		}
		switch {
		case !x.ranged || v.Kind != Numeric || v.HasRange() && v.Min == x.low && v.Max == x.high:
		case !v.HasRange():
			v.Min, v.Max = x.low, x.high
			ranges = append(ranges, v.ID+": "+interval(x.low, x.high))
		default:
			against = append(against, v.ID+": "+interval(v.Min, v.Max)+" – "+interval(x.low, x.high))
		}
	}
	against = append(against, l.labelsAgainst()...)
	for _, n := range []struct {
		code string
		list []string
	}{{"dictionary-labels-used", labels}, {"dictionary-units", units}, {"dictionary-ranges", ranges}, {"dictionary-against", against}} {
		if len(n.list) > 0 {
			l.noteFile(n.code, text.Args{"file": name, "list": strings.Join(n.list, "; ")})
		}
	}
	l.ds.protocol = l.p
	for i, o := range l.p.Outcomes {
		if o.HasRange() {
			l.grids[i].origin = files.Decimal(o.Min)
		}
	}
}

// labelsAgainst lists values to which the protocol gives one meaning and the words of
// the file, or of its dictionary, another that the protocol knows.
func (l *loader) labelsAgainst() []string {
	var out []string
	look := func(column int, meanings []meaning, mapped map[string]string) {
		if column < 0 {
			return
		}
		for _, label := range l.t.Columns[column].Labels {
			id, ok := mapped[label.Value]
			if ids := idsOf(label.Word, meanings, nil); ok && len(ids) == 1 && ids[0] != id {
				out = append(out, l.t.Columns[column].Name+" "+label.Value+": "+id+" – "+label.Word)
			}
		}
	}
	var arms, visits []meaning
	for _, a := range l.p.Arms {
		arms = append(arms, meaning{a.ID, []string{a.Label, a.Short}})
	}
	for _, v := range l.p.Visits {
		visits = append(visits, meaning{v.ID, []string{v.Label}})
	}
	look(l.where.arm, arms, l.p.Data.ArmValues)
	look(l.where.visit, visits, l.p.Data.VisitValues)
	return out
}

func (l *loader) join(tables []*files.Table) (*files.Table, error) {
	rules := make([][]rowRule, len(tables))
	for i, t := range tables {
		for _, c := range sortedKeys(l.p.Data.Rows) {
			if at := slices.IndexFunc(t.Columns, func(x files.Column) bool { return x.Name == c }); at >= 0 {
				rules[i] = append(rules[i], newRowRule(at, c, l.p.Data.Rows[c]))
			}
		}
	}
	rows := l.p.Data.Visit
	if rows == "" {
		rows = l.p.Data.Day
	}
	return files.Join(tables, files.JoinOptions{Key: append(slices.Clone(l.p.Data.Within), l.p.Data.Participant), Rows: rows,
		Kept: func(part int, r files.Row) bool { return keptBy(rules[part], r) }})
}

// sources tells what was read.
func (l *loader) sources(in []input, parts []part, tables []*files.Table) {
	sums := make([]string, len(in))
	for i, x := range in {
		sums[i] = x.sum()
	}
	s := &l.ds.source
	s.Delimiter, s.Encoding = "", l.t.Encoding
	if l.t.Delimiter != 0 {
		s.Delimiter = string(l.t.Delimiter)
	}
	for i, p := range parts {
		s.Files = append(s.Files, SourceFile{Name: filepath.Base(in[p.in].name), Sheet: tables[i].Sheet, SHA256: sums[p.in], Rows: tables[i].Len()})
	}
	if len(in) == 1 {
		s.Name, s.SHA256 = in[0].name, sums[0]
		return
	}
	var names, list []string
	for i, x := range in {
		names = append(names, filepath.Base(x.name))
		list = append(list, sums[i]+"  "+filepath.Base(x.name)+"\n")
	}
	slices.Sort(names)
	slices.Sort(list)
	sum := sha256.Sum256([]byte(strings.Join(list, "")))
	s.Name, s.SHA256 = strings.Join(names, ", "), hex.EncodeToString(sum[:])
}

// checkFiles checks the files that the protocol names.
func (c *checker) checkFiles() {
	seen := map[DataFile]bool{}
	for i, f := range c.Data.Files {
		at := fmt.Sprintf("data.files[%d]", i)
		key := DataFile{Name: f.Name, Sheet: f.Sheet}
		switch {
		case f.Name == "":
			c.Add(at, "problem-file-no-name")
		case strings.ContainsAny(f.Name, `/\`):
			c.Add(at+".name", "problem-file-path", f.Name)
		case seen[key]:
			c.Add(at, "problem-file-twice", f.Name)
		case f.Header < 0:
			c.Add(at+".header", "problem-not-a-line", f.Header)
		}
		seen[key] = true
	}
	if len(c.Data.Files) > 0 && c.Data.Sheet != "" {
		c.Add("data.sheet", "problem-file-keys")
	}
	if len(c.Data.Files) > 0 && c.Data.Header > 0 {
		c.Add("data.header", "problem-file-keys")
	}
}

// files reads [{name, sheet, header}].
func (d *protocolReader) files(dst *[]DataFile) func(*yamlfile.Node, string) {
	return func(n *yamlfile.Node, path string) {
		d.Each(n, path, func(_ int, n *yamlfile.Node, path string) {
			var f DataFile
			d.Fields(n, path, yamlfile.Keys{"name": d.Text(&f.Name), "sheet": d.Raw(&f.Sheet), "header": d.Line(&f.Header)})
			*dst = append(*dst, f)
		})
	}
}
