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
}

// LoadFiles reads a protocol and its data, one file or several, from the file
// system of the machine; see Load and LoadInputs.
func LoadFiles(protocolPath string, dataPaths ...string) (*Dataset, error) {
	return loadPaths(func(name string) (fs.File, error) { return os.Open(name) }, protocolPath, dataPaths)
}

// LoadFS reads a protocol and its data, one file or several, from a file system,
// embedded ones included; see Load and LoadInputs.
func LoadFS(fsys fs.FS, protocolPath string, dataPaths ...string) (*Dataset, error) {
	return loadPaths(func(name string) (fs.File, error) { return fsys.Open(path.Clean(name)) }, protocolPath, dataPaths)
}

func loadPaths(open func(string) (fs.File, error), protocolPath string, dataPaths []string) (*Dataset, error) {
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
	for _, name := range dataPaths {
		g, err := open(name)
		if err != nil {
			return nil, err
		}
		defer g.Close()
		inputs = append(inputs, Input{name, g})
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
func LoadInputs(p Protocol, inputs ...Input) (*Dataset, error) {
	if err := p.Validate(); err != nil {
		problems := err.(Problems)
		for i := range problems {
			problems[i].File = "protocol"
		}
		return nil, problems
	}
	var in []input
	for _, x := range inputs {
		src, err := readAll(x.Reader)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", x.Name, err)
		}
		in = append(in, input{x.Name, src})
	}
	l := &loader{p: p.WithInstruments().withDefaults()}
	if err := l.load(in); err != nil {
		return nil, err
	}
	return l.ds, nil
}

// readAll reads a data file, at once where it tells its size.
func readAll(r io.Reader) ([]byte, error) {
	var buf bytes.Buffer
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

// input is a file that was read.
type input struct {
	name string
	src  []byte
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
	if len(d.Files) == 0 {
		var out []part
		for i, name := range names {
			out = append(out, part{DataFile{name, d.Sheet, d.Header}, i})
		}
		if len(in) > 1 && (d.Sheet != "" || d.Header > 0) {
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
		if !used[i] {
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
		t, err := files.Read(bytes.NewReader(x.src), int64(len(x.src)), x.name, files.Options{Sheet: p.of.Sheet, Encoding: l.p.Data.Encoding,
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
		l.t.Report(l.t.Header(), -1, "problem-no-rows", nil)
		return l.t.Err()
	}
	if len(parts) == 1 {
		l.fitRows()
	}
	l.wholeIDs()
	l.sources(in, parts, tables)
	return nil
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
		sum := sha256.Sum256(x.src)
		sums[i] = hex.EncodeToString(sum[:])
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
