package report

import (
	"cmp"
	"io"
	"math"
	"path/filepath"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/internal/prose"
	"github.com/trialkit/trialkit/study/text"
)

// Options are choices of presentation; they change no number. The zero
// value is English and prints p-values of primary comparisons only.
type Options struct {
	// Lang is the language of sentences: "" or "en", "en-GB", "nl".
	Lang string
	// ShowP also prints the p-values of comparisons that are not primary, in the
	// supplement, labeled unadjusted. Results files hold them always.
	ShowP bool
	// Supplement adds what a reviewer asks for behind page one.
	Supplement bool
	// Figures are shown in reports, in their order.
	Figures []Figure
	// Paper is the sheet that DOCX is laid out for: "" or "a4", "letter".
	Paper string
	// FontFaces are the style rules with the fonts of the figures' SVG, for HTML
	// (plot.FontFaces); without them the figures use installed fonts.
	FontFaces string
	// Changes are those of the protocol that were made after results had been shown,
	// in their order.
	Changes []Change
}

// Figure is a figure of the report. Text and Markdown name its file, which stands
// beside the report; HTML holds its SVG, DOCX its PNG.
type Figure struct {
	Name string
	// Alt says what it shows to who cannot see it; Caption stands below it.
	Alt, Caption      string
	SVG, PNG          []byte
	WidthMM, HeightMM float64
}

// Text writes the report for a terminal, at most 100 columns wide.
func Text(w io.Writer, r study.Report, o Options) error {
	return write(w, r, o, (*page.Document).Text)
}

// Markdown writes the report as Markdown: the same sentences and tables.
func Markdown(w io.Writer, r study.Report, o Options) error {
	return write(w, r, o, (*page.Document).Markdown)
}

func write(w io.Writer, r study.Report, o Options, render func(*page.Document) string) error {
	d, err := document(r, o)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, render(d))
	return err
}

// document is the report before it has a form.
func document(r study.Report, o Options) (*page.Document, error) {
	c, err := text.In(o.Lang)
	if err != nil {
		return nil, err
	}
	if r, err = r.In(c.Lang()); err != nil {
		return nil, err
	}
	b := &builder{Writer: prose.Writer{C: c}, r: r, opt: o}
	b.Doc.Meta = b.meta()
	b.build()
	return &b.Doc, nil
}

// meta is what the file says about itself.
func (b *builder) meta() page.Meta {
	m := page.Meta{Title: cmp.Or(b.r.Protocol.Title, filepath.Base(b.r.Source.Name)), Lang: b.C.Lang(), Software: "trialkit " + study.Version(), Paper: b.opt.Paper,
		FontFaces: b.opt.FontFaces,
		Labels:    page.Labels{Skip: b.Say("nav-skip", nil), Contents: b.Say("nav-contents", nil), Top: b.Say("nav-top", nil)}}
	if b.r.Protocol.Simulated {
		m.Mark = b.Say("simulated", nil)
		m.Banner = b.Say("page-banner", nil)
	}
	return m
}

// builder gathers the report's content; every sentence is the catalog's.
type builder struct {
	prose.Writer
	r      study.Report
	opt    Options
	asked  []question     // what page one answers
	brief  brevity        // of what stands beside the answers
	room   room           // how much of it there is room for
	digits map[string]int // the one number of decimals of each outcome
}

// build puts first what a clinician asks first.
func (b *builder) build() {
	b.digits = map[string]int{}
	for _, o := range b.r.Protocol.Outcomes {
		b.digits[o.ID] = b.r.Digits(o.ID)
	}
	b.pageOne()
	if len(b.opt.Figures) > 0 {
		b.Doc.Break()
		b.Doc.Heading(1, b.Say("report-figures", nil))
		for _, f := range b.opt.Figures {
			b.Doc.Figure(page.Figure(f))
		}
	}
	if b.opt.Supplement {
		b.supplement()
	}
}

func (b *builder) arm(id string) string {
	for _, a := range b.r.Protocol.Arms {
		if a.ID == id {
			return cmp.Or(a.Label, id)
		}
	}
	return id
}

func (b *builder) visit(id string) string {
	if id == study.OverallVisit {
		return b.Say("visit-overall", nil)
	}
	for _, v := range b.r.Protocol.Visits {
		if v.ID == id {
			return cmp.Or(v.Label, id)
		}
	}
	return id
}

func (b *builder) outcome(id string) string {
	for _, o := range b.r.Protocol.Outcomes {
		if o.ID == id {
			return cmp.Or(o.Label, id)
		}
	}
	return id
}

// outcomeTitle is "Pain (VAS), cm; lower is better".
func (b *builder) outcomeTitle(o study.Outcome) string {
	s := cmp.Or(o.Label, o.ID)
	if o.Unit != "" {
		s += ", " + o.Unit
	}
	if o.Better == study.BetterUnset { // a result that Analyze did not make
		return s
	}
	return s + "; " + b.Say("better-"+o.Better.String(), nil)
}

func (b *builder) method(m study.Method) string { return b.Say("method-"+string(m), nil) }

func (b *builder) percent(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return b.C.Number(100*x, 0) + "%"
}

// percentInterval writes the interval of a proportion or its difference.
func (b *builder) percentInterval(lo, hi float64) string {
	if math.IsNaN(lo) {
		return "–"
	}
	return b.Say("interval", text.Args{"lower": b.percent(lo), "upper": b.percent(hi)})
}

// showsP reports whether the row's p-value is printed.
func (b *builder) showsP(r study.Row) bool { return r.Role == study.RolePrimary || b.opt.ShowP }
