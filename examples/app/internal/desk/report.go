package desk

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/plot/publish"
	"github.com/trialkit/trialkit/study/report"
)

// reading is the answer of read.
type reading struct {
	Problems []Problem `json:"problems"`
	// Doubts are what loading decided or doubts.
	Doubts []string `json:"doubts"`
	// Undrawn are the figures that the data cannot give, with the reason.
	Undrawn []string `json:"undrawn"`
	// Changes are the log, with those that this report is the first to show.
	Changes []report.Change `json:"changes"`
}

// choice is how a report is made: its protocol and the page's two choices.
type choice struct {
	Lang     string `json:"lang"`
	Style    string `json:"style"`
	Protocol string `json:"protocol"`
	// Changes are those of the protocol after results were shown; Shown is the protocol
	// whose results were shown last, Now the time.
	Changes []report.Change `json:"changes"`
	Shown   string          `json:"shown"`
	Now     string          `json:"now"`
}

// log adds to the changes what this report is the first to show.
func (c *choice) log() (err error) {
	c.Changes, err = changed(c.Changes, c.Shown, c.Protocol, c.Now)
	return err
}

func (c choice) options() publish.Options {
	return publish.Options{Report: report.Options{Lang: c.Lang, Changes: c.Changes}, Plot: plot.Options{Lang: c.Lang, Style: styles[c.Style]}}
}

// styles are the house styles of figures.
var styles = map[string]plot.Style{"": {}, "lancet": plot.Lancet(), "jama": plot.JAMA(), "nejm": plot.NEJM(), "bmc": plot.BMC(), "nature": plot.Nature(),
	"gray": {Name: "gray", Palette: plot.PaletteGray}}

// asked analyzes the files under the protocol of a request; what is wrong with them
// stands in the answer's Problems.
func (d *Desk) asked(request []byte) (choice, reading, error) {
	var q choice
	a := reading{Problems: []Problem{}, Doubts: []string{}, Undrawn: []string{}}
	if err := json.Unmarshal(request, &q); err != nil {
		return q, a, err
	}
	if err := d.analyze(q.Protocol); err != nil {
		a.Problems, a.Changes = d.placed(problems(err, q.Lang), q.Protocol), q.Changes
		return q, a, nil
	}
	err := q.log()
	a.Changes = q.Changes
	return q, a, err
}

// read analyzes the files under a protocol and answers with the report as a page, in
// the file report.html.
func (d *Desk) read(request []byte, _ []File) (any, []File, error) {
	q, a, err := d.asked(request)
	if err != nil || len(a.Problems) > 0 {
		return a, nil, err
	}
	o := q.options()
	o.Formats = []plot.Format{plot.SVG}
	o.Plot.NoFootnote = true // the captions have it
	drawn, undrawn, err := publish.FiguresContext(context.Background(), d.analyzed.report, o)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range undrawn {
		a.Undrawn = append(a.Undrawn, e.Error())
	}
	protocol, data, err := report.Loaded(d.analyzed.dataset, q.Lang)
	if err != nil {
		return nil, nil, err
	}
	a.Doubts = append(append(a.Doubts, protocol...), data...)
	with, err := publish.Attach(o.Report, drawn)
	if err != nil {
		return nil, nil, err
	}
	with.Supplement = true
	var b bytes.Buffer
	if err := report.HTML(&b, d.analyzed.report, with); err != nil {
		return nil, nil, err
	}
	return a, []File{{"report.html", b.Bytes()}}, nil
}

// take makes the files to take away, as one zip.
func (d *Desk) take(request []byte, _ []File) (any, []File, error) {
	q, a, err := d.asked(request)
	if err != nil || len(a.Problems) > 0 {
		return a, nil, err
	}
	made, _, err := publish.Files(context.Background(), d.analyzed.report, q.options())
	if err != nil {
		return nil, nil, err
	}
	var out []File
	for _, f := range made {
		out = append(out, File(f))
	}
	out = append(out, File{protocolName, []byte(q.Protocol)})
	z, err := zipped(out)
	if err != nil {
		return nil, nil, err
	}
	return a, append([]File{{"trialkit.zip", z}}, out...), nil
}

// zipped puts files into one. The same files give the same bytes: their times are
// those of no clock.
func zipped(in []File) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range in {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.Data); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// checked is the answer of check.
type checked struct {
	Problems []Problem `json:"problems"`
	Doubts   []string  `json:"doubts"`
	// Unused are the columns of the tables that the protocol does not name.
	Unused []string `json:"unused"`
}

// check reads the files under a protocol, without an analysis.
func (d *Desk) check(request []byte, _ []File) (any, []File, error) {
	var q choice
	if err := json.Unmarshal(request, &q); err != nil {
		return nil, nil, err
	}
	a := checked{Problems: []Problem{}, Doubts: []string{}, Unused: d.unused(q.Protocol)}
	ds, err := d.load(q.Protocol)
	if err != nil {
		a.Problems = d.placed(problems(err, q.Lang), q.Protocol)
		return a, nil, nil
	}
	protocol, data, err := report.Loaded(ds, q.Lang)
	if err != nil {
		return nil, nil, err
	}
	a.Doubts = append(append(a.Doubts, protocol...), data...)
	return a, nil, nil
}
