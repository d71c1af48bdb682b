package publish

import (
	"bytes"
	"context"
	"io"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study/nexttrial"
	"github.com/trialkit/trialkit/study/report"
)

// planName is the name of the files of a plan but for their endings.
const planName = "plan"

// PlanFiles makes the files of the plan of a trial: plan.md, plan.html and plan.docx with
// its figure, and the figure in the formats asked for (SVG and PNG).
func PlanFiles(ctx context.Context, p nexttrial.Plan, o Options) ([]report.File, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	o.Plot.Lang = o.Report.Lang
	o.Plot.NoFootnote = true // the page's caption has it
	fig, err := plot.SensitivityWith(p, plot.SensitivityOptions{Options: o.Plot})
	if err != nil {
		return nil, err
	}
	formats := o.Formats
	if formats == nil {
		formats = []plot.Format{plot.SVG, plot.PNG}
	}
	held := []plot.Format{plot.SVG, plot.PNG}
	drawn, err := job{name: planName + "-sensitivity", draw: func() (*plot.Figure, error) { return fig, nil }}.files(held)
	if err != nil {
		return nil, err
	}
	attached, err := Attach(o.Report, drawn)
	if err != nil {
		return nil, err
	}
	last := len(attached.Figures) - 1
	attached.Figures[last].Name = named(attached.Figures[last].Name, formats)
	var files []report.File
	for _, w := range []struct {
		ending string
		write  func(io.Writer, nexttrial.Plan, report.Options) error
	}{{".md", nexttrial.Markdown}, {".html", nexttrial.HTML}, {".docx", nexttrial.DOCX}} {
		var b bytes.Buffer
		if err := w.write(&b, p, attached); err != nil {
			return nil, err
		}
		files = append(files, report.File{Name: planName + w.ending, Data: b.Bytes()})
	}
	figures, err := job{name: planName + "-sensitivity", draw: func() (*plot.Figure, error) { return fig, nil }}.files(formats)
	if err != nil {
		return nil, err
	}
	for _, f := range figures {
		data := f.Data
		if formatOf(f.Name) == plot.SVG {
			if data, err = withFonts(data); err != nil {
				return nil, err
			}
		}
		files = append(files, report.File{Name: f.Name, Data: data})
	}
	return files, ctx.Err()
}

// PlanFolder writes the files of PlanFiles into dir, all or none, as Folder does.
func PlanFolder(ctx context.Context, dir string, p nexttrial.Plan, o Options) error {
	files, err := PlanFiles(ctx, p, o)
	if err != nil {
		return err
	}
	return whole{dir, writeFile}.write(ctx, files)
}
