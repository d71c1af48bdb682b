package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// Options are choices of presentation; they change no number. The zero value is
// English, with every figure as SVG and as PNG.
type Options struct {
	// Report is for the text; its language is also the figures'.
	Report report.Options
	// Plot is for the figures.
	Plot plot.Options
	// Figures are the kinds to draw; nil draws DefaultKinds, an empty list none.
	Figures []Kind
	// Formats are those of the figures' files; nil means SVG and PNG. report.html
	// and report.docx hold their figures in any case.
	Formats []plot.Format
	// Tables are files of tables beside those that are always written: tables.tex
	// (report.FormatTeX), ard.csv (report.FormatARD).
	Tables []report.Format
}

// check refuses what there is not, before anything is drawn.
func (o Options) check() error {
	for _, k := range o.Figures {
		if !slices.Contains(Kinds(), k) {
			return fmt.Errorf("publish: no figures %q (there are %v)", k, Kinds())
		}
	}
	for _, f := range o.Formats {
		if !slices.Contains(plot.Formats(), f) {
			return fmt.Errorf("publish: no format %q (there are %v)", f, plot.Formats())
		}
	}
	for _, f := range o.Tables {
		if !slices.Contains(report.Formats(), f) {
			return fmt.Errorf("publish: no format %q of tables (there are %v)", f, report.Formats())
		}
	}
	return nil
}

// Folder writes report.md, report.html, report.docx, tables.csv, results.csv, results.json,
// the tables asked for and the figures into dir, which it makes if needed. The figures that the data cannot give are left out
// with the reason: the report is no worse for it.
//
// Nothing appears before everything has been written, into a hidden folder that
// goes with an error: a new dir is there whole or not at all. In a dir that exists
// each file then takes the place of the one of its name. Every other file stays as
// it is, also a figure that an earlier call wrote and this one does not draw: Folder
// deletes nothing that it has not made itself.
func Folder(dir string, r study.Report, o Options) (undrawn []error, err error) {
	return FolderContext(context.Background(), dir, r, o)
}

// FolderContext is Folder that stops with the context's error, as long as nothing
// has appeared.
func FolderContext(ctx context.Context, dir string, r study.Report, o Options) (undrawn []error, err error) {
	files, undrawn, err := Files(ctx, r, o)
	if err != nil {
		return undrawn, err
	}
	return undrawn, whole{dir, writeFile}.write(ctx, files)
}

// Files makes the files that Folder writes, for a program that writes them elsewhere.
// It stops with the context's error.
func Files(ctx context.Context, r study.Report, o Options) (files []report.File, undrawn []error, err error) {
	if err := o.check(); err != nil {
		return nil, nil, err
	}
	said, err := r.In(o.Report.Lang)
	if err != nil {
		return nil, nil, err
	}
	held := []plot.Format{plot.SVG, plot.PNG} // by report.html and report.docx
	kinds, formats := o.Figures, o.Formats
	if kinds == nil {
		kinds = DefaultKinds()
	}
	if formats == nil {
		formats = held
	}
	draws := slices.Clone(held)
	for _, f := range formats {
		if !slices.Contains(draws, f) {
			draws = append(draws, f)
		}
	}
	o.Plot.Lang = o.Report.Lang
	o.Plot.NoFootnote = true // the reports' captions have it
	drawn, undrawn, err := draw(ctx, said, o.Plot, kinds, draws)
	if err != nil {
		return nil, nil, err
	}
	attached, err := Attach(o.Report, drawn)
	if err != nil {
		return nil, undrawn, err
	}
	for i, f := range attached.Figures[len(o.Report.Figures):] {
		attached.Figures[len(o.Report.Figures)+i].Name = named(f.Name, formats)
	}
	if files, err = report.Files(r, attached, o.Tables...); err != nil {
		return nil, undrawn, err
	}
	for _, f := range drawn {
		if !slices.Contains(formats, formatOf(f.Name)) {
			continue
		}
		data := f.Data
		if formatOf(f.Name) == plot.SVG {
			if data, err = withFonts(data); err != nil {
				return nil, undrawn, err
			}
		}
		files = append(files, report.File{Name: f.Name, Data: data})
	}
	return files, undrawn, nil
}

// withFonts puts the fonts into a figure's file, which stands alone: report.html
// holds those of all its figures once.
func withFonts(svg []byte) ([]byte, error) {
	const after = "</desc>\n"
	i := bytes.Index(svg, []byte(after))
	if i < 0 || bytes.Contains(svg, []byte("@font-face")) {
		return svg, nil
	}
	faces, err := plot.FontFaces(svg)
	if err != nil || faces == "" {
		return svg, err
	}
	return slices.Concat(svg[:i+len(after)], []byte("<style>"+faces+"</style>\n"), svg[i+len(after):]), nil
}

// named is the name of the file that report.md shows: SVG or PNG where written.
func named(file string, formats []plot.Format) string {
	base := strings.TrimSuffix(file, filepath.Ext(file))
	for _, f := range []plot.Format{plot.SVG, plot.PNG} {
		if slices.Contains(formats, f) {
			return base + "." + string(f)
		}
	}
	if len(formats) == 0 {
		return base
	}
	return base + "." + string(formats[0])
}

func formatOf(file string) plot.Format {
	return plot.Format(strings.TrimPrefix(filepath.Ext(file), "."))
}

// whole writes files into dir, all or none; file writes one.
type whole struct {
	dir  string
	file func(name string, data []byte) error
}

func writeFile(name string, data []byte) error { return os.WriteFile(name, data, 0o644) }

func (w whole) write(ctx context.Context, files []report.File) error {
	dir := filepath.Clean(w.dir)
	exists, err := folderExists(dir)
	if err != nil {
		return err
	}
	at := dir // its own file system, whatever holds it
	if !exists {
		at = filepath.Dir(dir)
		if err := os.MkdirAll(at, 0o755); err != nil {
			return err
		}
	}
	for _, f := range files {
		if info, err := os.Stat(filepath.Join(dir, f.Name)); err == nil && info.IsDir() {
			return &fs.PathError{Op: "write", Path: filepath.Join(dir, f.Name), Err: syscall.EISDIR}
		}
	}
	hidden, err := os.MkdirTemp(at, ".trialkit-*")
	if err != nil {
		return placed(err, dir)
	}
	defer os.RemoveAll(hidden)
	// MkdirTemp's folder is private; a report is as public as its folder.
	made := filepath.Join(hidden, "report")
	if err := os.Mkdir(made, 0o755); err != nil {
		return placed(err, dir)
	}
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.file(filepath.Join(made, f.Name), f.Data); err != nil {
			return placed(err, filepath.Join(dir, f.Name))
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if !exists {
		return os.Rename(made, dir)
	}
	for _, f := range files { // from here on nothing stops it
		if err := os.Rename(filepath.Join(made, f.Name), filepath.Join(dir, f.Name)); err != nil {
			return err
		}
	}
	return nil
}

// folderExists refuses what is there and no folder.
func folderExists(dir string) (bool, error) {
	switch info, err := os.Stat(dir); {
	case err == nil && !info.IsDir():
		return false, &fs.PathError{Op: "write", Path: dir, Err: syscall.ENOTDIR}
	case err == nil:
		return true, nil
	case !errors.Is(err, fs.ErrNotExist):
		return false, err
	}
	if _, err := os.Lstat(dir); err == nil { // a link to nowhere
		return false, &fs.PathError{Op: "write", Path: dir, Err: syscall.ENOENT}
	}
	return false, nil
}

// placed names the path that the user knows instead of the hidden one.
func placed(err error, path string) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return &fs.PathError{Op: at.Op, Path: path, Err: at.Err}
	}
	return fmt.Errorf("%s: %w", path, err)
}
