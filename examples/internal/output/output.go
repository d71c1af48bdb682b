// Package output is what the example programs share: a report's files and
// figures written into a folder, and errors written for a terminal.
package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// Fail writes what is wrong to w: every problem of bad input as
// file:line:column: problem, one a line, in a language, and other errors as
// they are. It returns the exit status 1.
func Fail(w io.Writer, lang string, err error) int {
	var problems study.Problems
	var path *fs.PathError
	switch {
	case errors.As(err, &problems):
		if said, err := problems.In(lang); err == nil {
			problems = said
		}
		for _, p := range problems {
			fmt.Fprintln(w, p.Error())
		}
	case errors.As(err, &path):
		fmt.Fprintf(w, "%s: %v\n", path.Path, path.Err)
	default:
		fmt.Fprintln(w, err)
	}
	return 1
}

// Doubts writes what loading the data left in doubt, a line each.
func Doubts(w io.Writer, ds *study.Dataset, file, lang string) error {
	words, err := text.In(lang)
	if err != nil {
		return err
	}
	for _, n := range ds.Protocol().Doubts() {
		fmt.Fprintln(w, words.Say(n.Code, n.Args))
	}
	for _, n := range ds.Notes() {
		fmt.Fprintf(w, "%s: %s\n", file, words.Say(n.Code, n.Args))
	}
	return nil
}

// Write puts report.md, results.csv, results.json and the figures into dir. A
// figure that the data cannot give, such as the trajectories of an outcome
// that nobody has at a visit, is named on stderr and left out: the report is
// no worse for it.
func Write(dir string, r study.Report, o study.ReportOptions, stderr io.Writer) error {
	said, err := r.In(o.Lang)
	if err != nil {
		return err
	}
	files, problems := drawFigures(said, o.Lang)
	for _, err := range problems {
		fmt.Fprintln(stderr, err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.name, ".svg") {
			o.Figures = append(o.Figures, study.FigureFile{Name: f.name, Alt: f.alt})
		}
	}
	if err := r.WriteFiles(dir, o); err != nil {
		return err
	}
	return files.save(dir)
}
