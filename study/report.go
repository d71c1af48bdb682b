package study

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// ReportOptions are choices of presentation; they change no number. The zero
// value is English and prints p-values of primary comparisons only.
type ReportOptions struct {
	// Lang is the language of sentences: "" or "en", "nl".
	Lang string
	// ShowP also prints the p-values of comparisons that are not primary,
	// labeled unadjusted. Results files hold them always.
	ShowP bool
	// Figures are shown at the end of a Markdown report.
	Figures []FigureFile
}

// FigureFile is a figure beside the report: its file and, for who cannot see
// it, what it shows.
type FigureFile = page.FigureFile

func (o ReportOptions) catalog() (*text.Catalog, error) {
	if o.Lang == "" {
		return text.English(), nil
	}
	c, err := text.In(o.Lang)
	if err != nil {
		return nil, fmt.Errorf("study: %w", err)
	}
	return c, nil
}

// WriteText writes the report for a terminal, at most 100 columns wide.
func (r Report) WriteText(w io.Writer, o ReportOptions) error {
	return r.write(w, o, (*page.Document).Text)
}

// WriteMarkdown writes the report as Markdown: the same sentences and tables.
func (r Report) WriteMarkdown(w io.Writer, o ReportOptions) error {
	return r.write(w, o, (*page.Document).Markdown)
}

func (r Report) write(w io.Writer, o ReportOptions, render func(*page.Document) string) error {
	c, err := o.catalog()
	if err != nil {
		return err
	}
	if r, err = r.In(c.Lang()); err != nil {
		return err
	}
	b := &reportBuilder{r: r, c: c, opt: o}
	b.build()
	_, err = io.WriteString(w, render(&b.doc))
	return err
}

// reportBuilder gathers the report's content; every sentence is the catalog's.
type reportBuilder struct {
	r   Report
	c   *text.Catalog
	opt ReportOptions
	doc page.Document
}

func (b *reportBuilder) say(code string, args text.Args) string { return b.c.Say(code, args) }

func (b *reportBuilder) heading(code string) { b.doc.Heading(2, b.say(code, nil)) }

func (b *reportBuilder) paragraph(code string, args text.Args) { b.doc.Paragraph(b.say(code, args)) }

// build puts first what a clinician asks first.
func (b *reportBuilder) build() {
	p := b.r.Protocol
	title := p.Title
	if p.Simulated {
		title = b.say("simulated", nil) + " · " + title
	}
	b.doc.Heading(1, title)
	if p.Registration != "" {
		b.paragraph("report-registration", text.Args{"registration": p.Registration})
	}
	if p.Simulated {
		b.paragraph("simulated-notice", nil)
	}
	b.headline()
	b.responders()
	b.between()
	b.lsMeans()
	b.importance()
	b.within()
	b.safety()
	b.floors()
	b.sweeps()
	b.trial()
	b.account()
	if len(b.opt.Figures) > 0 {
		b.heading("report-figures")
		for _, f := range b.opt.Figures {
			b.doc.Figure(f)
		}
	}
}

// Labels fall back on IDs.

func labelOr(label, id string) string {
	if label == "" {
		return id
	}
	return label
}

func (b *reportBuilder) arm(id string) string {
	for _, a := range b.r.Protocol.Arms {
		if a.ID == id {
			return labelOr(a.Label, id)
		}
	}
	return id
}

func (b *reportBuilder) visit(id string) string {
	if id == OverallVisit {
		return b.say("visit-overall", nil)
	}
	for _, v := range b.r.Protocol.Visits {
		if v.ID == id {
			return labelOr(v.Label, id)
		}
	}
	return id
}

func (b *reportBuilder) outcome(id string) string {
	for _, o := range b.r.Protocol.Outcomes {
		if o.ID == id {
			return labelOr(o.Label, id)
		}
	}
	return id
}

// outcomeTitle is "Pain (VAS), cm; lower is better".
func (b *reportBuilder) outcomeTitle(o Outcome) string {
	s := labelOr(o.Label, o.ID)
	if o.Unit != "" {
		s += ", " + o.Unit
	}
	return s + "; " + b.say("better-"+o.Better.String(), nil)
}

func (b *reportBuilder) method(m Method) string { return b.say("method-"+string(m), nil) }

func (b *reportBuilder) percent(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return b.c.Number(100*x, 0) + "%"
}

func (b *reportBuilder) level(x float64) string {
	s := b.c.Number(100*x, 1)
	return strings.TrimSuffix(strings.TrimSuffix(s, ",0"), ".0") + "%"
}

// number writes a limit of an interval, with more decimals where rounding
// would make it look like no effect.
func (b *reportBuilder) number(o Outcome, x float64) string {
	return numberBeside(b.c, x, decimalsOf(o), 0)
}

// plain writes an estimate of the outcome.
func (b *reportBuilder) plain(o Outcome, x float64) string { return b.c.Number(x, decimalsOf(o)) }

// interval writes "−3.4 to −0.8"; an end that does not belong is bracketed.
func (b *reportBuilder) interval(o Outcome, r Row) string {
	if math.IsNaN(r.Lower) && math.IsNaN(r.Upper) {
		return "–"
	}
	lo, hi := b.number(o, r.Lower), b.number(o, r.Upper)
	if r.LoOpen {
		lo = ">\u00a0" + lo
	}
	if r.HiOpen {
		hi = "<\u00a0" + hi
	}
	return b.say("interval", text.Args{"lower": lo, "upper": hi})
}

// percentInterval writes the interval of a proportion or its difference.
func (b *reportBuilder) percentInterval(lo, hi float64) string {
	if math.IsNaN(lo) {
		return "–"
	}
	return b.say("interval", text.Args{"lower": b.percent(lo), "upper": b.percent(hi)})
}

// points writes a difference of proportions in percentage points.
func (b *reportBuilder) points(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return b.c.Number(100*x, 0)
}

// note writes a note's sentence; arms and methods in its arguments become
// their labels, numbers keep the outcome's decimals.
func (b *reportBuilder) note(n Note) string {
	if primary, tested := n.Args["primary"].(bool); tested && !primary && !b.opt.ShowP {
		n.Code += "-no-p"
	}
	return noteText(b.c, b.r.Protocol, n)
}

// noteText is a note's sentence in a language.
func noteText(c *text.Catalog, p Protocol, n Note) string {
	if !c.Has(n.Code) {
		// A note from a package that has no sentence yet: the code itself
		// says more than silence.
		return n.Code
	}
	args := text.Args{}
	for k, v := range n.Args {
		args[k] = v
		if name, ok := v.(text.Args); ok {
			args[k] = name["name"] // words already in the report's language
		}
		if ts, ok := v.([]Threshold); ok {
			unit, _ := n.Args["unit"].(string)
			args[k] = thresholdList(c, ts, unit)
		}
		s, ok := v.(string)
		if !ok {
			continue
		}
		switch k {
		case "method", "instead-method":
			args[k] = c.Say("method-"+s, nil)
		case "verdict", "instead":
			args[k] = c.Say("verdict-"+s, nil)
		case "arm", "other":
			if i := slices.IndexFunc(p.Arms, func(a Arm) bool { return a.ID == s }); i >= 0 {
				args[k] = labelOr(p.Arms[i].Label, s)
			}
		}
	}
	return c.Say(n.Code, args)
}

// quiet notes concern readers of the results files; tables show the same.
var quietNotes = []string{"no-standard-error", "no-threshold", "no-margin", "verdict-from-plan", "within-no-evidence",
	"simulated-beside", "individual-threshold-as-margin", "harm-threshold-mirrored"}

func loud(notes []Note) []Note {
	var out []Note
	for _, n := range notes {
		if !slices.Contains(quietNotes, n.Code) {
			out = append(out, n)
		}
	}
	return out
}

// simulated writes the warning that stands beside every p-value and verdict
// of invented data.
func (b *reportBuilder) simulated() string {
	if !b.r.Protocol.Simulated {
		return ""
	}
	return " " + b.say("simulated-beside", nil)
}

// showsP reports whether the row's p-value is printed.
func (b *reportBuilder) showsP(r Row) bool { return r.Role == RolePrimary || b.opt.ShowP }
