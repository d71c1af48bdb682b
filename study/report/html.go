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
