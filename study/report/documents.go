package report

import (
	"io"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
)

// HTML writes the report as one file that a browser opens: the same sentences
// and tables, the figures inside as SVG. It loads nothing and runs no script, is
// read by the keyboard and by screen readers, prints on A4 and Letter, and gives
// its tables cell by cell to whoever copies them.
func HTML(w io.Writer, r study.Report, o Options) error {
	return write(w, r, o, (*page.Document).HTML)
}

// DOCX writes the report as a file that Word and LibreOffice Writer open: the
// same sentences, tables that are tables, figures as PNG with their words for who
// cannot see them. Every page of a report of simulated data says so. The same
// report gives the same bytes.
func DOCX(w io.Writer, r study.Report, o Options) error {
	d, err := document(r, o)
	if err != nil {
		return err
	}
	file, err := d.DOCX()
	if err != nil {
		return err
	}
	_, err = w.Write(file)
	return err
}
