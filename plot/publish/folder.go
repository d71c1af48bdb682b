package publish

import (
	"os"
	"path/filepath"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// Folder writes report.md, report.html, report.docx, tables.csv, results.csv, results.json and
// the figures into dir, which it makes if needed. The figures that the data cannot give are left out
// with the reason: the report is no worse for it.
func Folder(dir string, r study.Report, o report.Options) (undrawn []error, err error) {
	said, err := r.In(o.Lang)
	if err != nil {
		return nil, err
	}
	files, undrawn := Figures(said, plot.Options{Lang: o.Lang})
	if o, err = Attach(o, files); err != nil {
		return undrawn, err
	}
	if err := report.Files(dir, r, o); err != nil {
		return undrawn, err
	}
	return undrawn, save(dir, files)
}

// save writes the figures; each appears whole or not at all.
func save(dir string, files []File) error {
	for _, f := range files {
		tmp, err := os.CreateTemp(dir, ".figure-*")
		if err != nil {
			return err
		}
		_, err = tmp.Write(f.Data)
		if e := tmp.Chmod(0o644); err == nil {
			err = e
		}
		if e := tmp.Close(); err == nil {
			err = e
		}
		if err == nil {
			err = os.Rename(tmp.Name(), filepath.Join(dir, f.Name))
		}
		if err != nil {
			os.Remove(tmp.Name())
			return err
		}
	}
	return nil
}
