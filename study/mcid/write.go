package mcid

import (
	"cmp"
	"errors"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/internal/prose"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
)

// WriteText writes the triangulation in plain words for a terminal: whether
// the anchor can be trusted, the table of all methods, how far they lie apart,
// and each doubt once.
func (t Triangulation) WriteText(w io.Writer, o report.Options) error {
	return t.write(w, o, (*page.Document).Text)
}

// WriteMarkdown writes the same as Markdown.
func (t Triangulation) WriteMarkdown(w io.Writer, o report.Options) error {
	return t.write(w, o, (*page.Document).Markdown)
}

func (t Triangulation) write(w io.Writer, o report.Options, render func(*page.Document) string) error {
	c, err := text.In(o.Lang)
	if err != nil {
		return err
	}
	b := derivedBuilder{Writer: prose.Writer{C: c}, t: t, opt: o}
	b.build()
	b.Paragraph("report-version", text.Args{"version": study.Version()})
	_, err = io.WriteString(w, render(&b.Doc))
	return err
}

type derivedBuilder struct {
	prose.Writer
	t   Triangulation
	opt report.Options
}

// number writes a value in the outcome's decimals, and with its unit.
func (b *derivedBuilder) number(x float64) string { return b.C.Number(x, b.t.Outcome.Digits()) }
func (b *derivedBuilder) unit(x float64) string   { return b.number(x) + text.Unit(b.t.Outcome.Unit) }

func (b *derivedBuilder) interval(lo, hi float64) string {
	if math.IsNaN(lo) {
		return "–"
	}
	return b.Say("interval", text.Args{"lower": b.number(lo), "upper": b.number(hi)})
}

func (b *derivedBuilder) method(m string) string { return b.Say("derive-method-"+m, nil) }

func (b *derivedBuilder) build() {
	t := b.t
	title := t.Study.Title
	if title == "" {
		title = cmp.Or(t.Outcome.Label, t.Outcome.ID)
	}
	if t.Study.Simulated {
		title = b.Say("simulated", nil) + " · " + title
	}
	b.Doc.Heading(1, title)
	if t.Study.Simulated {
		b.Doc.Paragraph(b.Say("derive-simulated", nil))
	}
	question := "derive-question-improvement"
	if t.Worsening {
		question = "derive-question-worsening"
	}
	b.Doc.Paragraph(b.Say(question, text.Args{"outcome": cmp.Or(t.Outcome.Label, t.Outcome.ID)}))

	b.Doc.Heading(2, b.Say("derive-anchor", nil))
	events := "derive-events"
	if t.Worsening {
		events = "derive-events-worse"
	}
	b.Doc.Paragraph(b.Say(events, text.Args{"events": t.Events, "n": t.N, "share": float64(t.Events) / float64(t.N)}))
	b.Doc.Paragraph(b.Say("derive-correlation", text.Args{"r": t.Anchor.Value, "lower": t.Anchor.Lower, "upper": t.Anchor.Upper,
		"level": t.Level}) + " " + b.Say("derive-auc", text.Args{"auc": t.AUC.Value, "lower": t.AUC.Lower, "upper": t.AUC.Upper, "level": t.Level}))
	for _, n := range t.Notes {
		if n.Code != "derive-below-mdc" {
			b.Doc.Item(b.note(n))
		}
	}

	b.Doc.Heading(2, b.Say("derive-anchor-rows", nil))
	b.table(AnchorBased)
	if !math.IsNaN(t.AnchorLow) {
		b.Doc.Paragraph(b.Say("derive-range", text.Args{"low": b.unit(t.AnchorLow), "high": b.unit(t.AnchorHigh)}))
	}
	b.doubts()
	b.refusals()

	b.Doc.Heading(2, b.Say("derive-distribution-rows", nil))
	b.Doc.Paragraph(b.Say("derive-no-importance", nil))
	b.table(DistributionBased)
	for _, n := range t.Notes {
		if n.Code == "derive-below-mdc" {
			b.Doc.Paragraph(b.note(n))
		}
	}
	s := b.Say("derive-srm", text.Args{"srm": t.ResponseMean})
	if !math.IsNaN(t.EffectSize) {
		s = b.Say("derive-es", text.Args{"es": t.EffectSize}) + " " + s
	}
	b.Doc.Paragraph(s)
	if len(b.opt.Figures) > 0 {
		b.Doc.Heading(2, b.Say("report-figures", nil))
		for _, f := range b.opt.Figures {
			b.Doc.Figure(page.Figure{Name: f.Name, Alt: f.Alt})
		}
	}
}

func (b *derivedBuilder) table(e Evidence) {
	columns := []page.Column{{Title: b.Say("derive-column-method", nil)}, {Title: b.Say("derive-column-value", nil), Right: true},
		{Title: b.Say("derive-column-interval", text.Args{"level": b.t.Level})}, {Title: "n", Right: true}}
	var rows [][]string
	for _, r := range b.t.Rows {
		if r.Evidence == e {
			rows = append(rows, []string{b.method(r.Method), b.unit(r.Value), b.interval(r.Lower, r.Upper), b.C.Say("number", text.Args{"x": r.N})})
		}
	}
	if len(rows) == 0 {
		b.Doc.Paragraph(b.Say("derive-no-rows", nil))
		return
	}
	b.Doc.Table(columns, rows)
}

// doubts lists each note about rows once, with the methods it is about.
func (b *derivedBuilder) doubts() {
	var sentences []string
	about := map[string][]string{}
	for _, r := range b.t.Rows {
		for _, n := range r.Notes {
			s := b.note(n)
			if _, ok := about[s]; !ok {
				sentences = append(sentences, s)
			}
			about[s] = append(about[s], b.method(r.Method))
		}
	}
	for _, s := range sentences {
		b.Doc.Item(b.Say("derive-doubt", text.Args{"methods": strings.Join(about[s], "; "), "doubt": s}))
	}
}

// refusals lists the methods without an answer, by reason.
func (b *derivedBuilder) refusals() {
	var codes []string
	about := map[string][]string{}
	for _, r := range b.t.Refused {
		code := refusalCode(r.Err)
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
		about[code] = append(about[code], b.method(r.Method))
	}
	for _, code := range codes {
		b.Doc.Item(b.Say("derive-refused", text.Args{"methods": strings.Join(about[code], "; "), "reason": b.Say(code, nil)}))
	}
}

func refusalCode(err error) string {
	switch {
	case errors.Is(err, regress.ErrSeparation):
		return "derive-refused-separated"
	case errors.Is(err, stats.ErrDomain):
		return "derive-refused-reversed"
	case errors.Is(err, stats.ErrTooFew):
		return "derive-refused-few"
	case errors.Is(err, stats.ErrNoVariation), errors.Is(err, stats.ErrSingular):
		return "derive-refused-constant"
	}
	return "derive-refused-other"
}

// note writes a note; sizes in the outcome's unit keep its decimals.
func (b *derivedBuilder) note(n study.Note) string {
	args := text.Args{}
	for k, v := range n.Args {
		args[k] = v
		if x, ok := v.(float64); ok && slices.Contains([]string{"lowest", "highest", "mdc", "low"}, k) {
			args[k] = b.unit(x)
		}
	}
	return b.C.Say(n.Code, args)
}
