package nexttrial

import (
	"cmp"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/assumed"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/internal/prose"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
)

// Text writes the page for a terminal.
func Text(w io.Writer, p Plan, o report.Options) error {
	return write(w, p, o, (*page.Document).Text)
}

// Markdown writes the page as Markdown.
func Markdown(w io.Writer, p Plan, o report.Options) error {
	return write(w, p, o, (*page.Document).Markdown)
}

// HTML writes the page as one HTML file.
func HTML(w io.Writer, p Plan, o report.Options) error {
	return write(w, p, o, (*page.Document).HTML)
}

// DOCX writes the page as a file for Word and LibreOffice Writer.
func DOCX(w io.Writer, p Plan, o report.Options) error {
	d, err := document(p, o)
	if err != nil {
		return err
	}
	file, err := d.DOCX()
	if err == nil {
		_, err = w.Write(file)
	}
	return err
}

func write(w io.Writer, p Plan, o report.Options, render func(*page.Document) string) error {
	d, err := document(p, o)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, render(d))
	return err
}

// writer makes the page; every sentence is the catalog's, the trial's words are in
// its language where the protocol translates them.
type writer struct {
	prose.Writer
	p     Plan
	words map[string]string
}

func document(p Plan, o report.Options) (*page.Document, error) {
	c, err := text.In(o.Lang)
	if err != nil {
		return nil, err
	}
	b := &writer{Writer: prose.Writer{C: c}, p: p, words: c.Own(p.Protocol.Translations)}
	b.p.Outcome = p.Outcome.In(b.words, c)
	b.Doc.Meta = page.Meta{Title: b.title(), Lang: c.Lang(), Software: "trialkit " + study.Version(), Paper: o.Paper, FontFaces: o.FontFaces,
		Labels: page.Labels{Skip: b.Say("nav-skip", nil), Contents: b.Say("nav-contents", nil), Top: b.Say("nav-top", nil)}}
	if p.Protocol.Simulated {
		b.Doc.Meta.Mark, b.Doc.Meta.Banner = b.Say("simulated", nil), b.Say("page-banner", nil)
	}
	if len(p.Comparisons) == 0 {
		b.Paragraph("next-none", nil)
		return &b.Doc, nil
	}
	b.Doc.Heading(1, b.title())
	b.question()
	b.answer()
	b.family()
	b.assumptions()
	b.verdicts()
	b.sensitivity(o)
	b.doubts()
	b.calls()
	b.Paragraph("report-version", text.Args{"version": study.Version()})
	return &b.Doc, nil
}

func (b *writer) word(s string) string {
	if t, ok := b.words[s]; ok {
		return t
	}
	return s
}

func (b *writer) title() string {
	s := b.Say("next-title", text.Args{"trial": b.word(b.p.Protocol.Title)})
	if b.p.Protocol.Simulated {
		s = b.Say("simulated", nil) + " · " + s
	}
	return s
}

func (b *writer) arm(a study.Arm) string { return b.word(cmp.Or(a.Label, a.ID)) }

func (b *writer) control() string {
	for _, a := range b.p.Protocol.Arms {
		if a.Control {
			return b.arm(a)
		}
	}
	return ""
}

func (b *writer) question() {
	p := b.p
	arms := make([]string, len(p.Comparisons))
	for i, c := range p.Comparisons {
		arms[i] = b.arm(c.Arm)
	}
	code := "next-question"
	switch {
	case p.Plan.Framework == study.FrameworkEquivalence:
		code = "next-question-equivalence"
	case p.Plan.Margin > 0:
		code = "next-question-noninferiority"
	}
	b.Paragraph(code, text.Args{"arms": strings.Join(arms, ", "), "control": b.control(), "outcome": cmp.Or(p.Outcome.Label, p.Outcome.ID),
		"visit": b.word(cmp.Or(p.Visit.Label, p.Visit.ID)), "method": b.Say("method-"+string(p.Plan.Method()), nil), "alpha": b.number(p.Alpha), "power": p.Power,
		"margin": b.difference(p.Plan.Margin)})
}

func (b *writer) answer() {
	p := b.p
	code := "next-answer"
	if p.Range != nil && !p.Range.Established {
		code = "next-answer-not-established"
	}
	b.Paragraph(code, text.Args{"randomized": p.Randomized, "total": p.Total, "arms": len(p.Protocol.Arms), "analyzed": p.Analyzed, "lost": p.Lost.Value, "n": p.Assumed.SD.N,
		"low": b.size(b.low()), "high": b.size(b.high())})
	if p.Range != nil && p.Range.Established {
		b.Paragraph("next-range", text.Args{"n": p.Assumed.SD.N, "from": b.measured(p.Range.SDLow), "to": b.measured(p.Range.SDHigh), "low": b.size(p.Range.Low), "high": b.size(p.Range.High)})
	}
}

// family lists the primary hypotheses where there are several.
func (b *writer) family() {
	if len(b.p.Family) == 0 {
		return
	}
	columns := []page.Column{page.Names(b.Say("next-column-hypothesis", nil))}
	for _, code := range []string{"alpha", "asked", "analyzed", "randomized", "power"} {
		columns = append(columns, page.Numbers(b.Say("next-column-"+code, nil)))
	}
	var rows [][]string
	for _, h := range b.p.Family {
		rows = append(rows, []string{h.ID, b.number(h.Alpha), b.percent(h.Asked), b.size(h.Analyzed), b.size(h.Randomized), b.percent(h.Power)})
	}
	b.Doc.TableWith(page.Table{Caption: b.Say("next-family", text.Args{"n": b.p.Analyzed}), Columns: columns, Rows: rows})
}

func (b *writer) low() int {
	if b.p.Range == nil {
		return 0
	}
	return b.p.Range.Low
}

func (b *writer) high() int {
	if b.p.Range == nil {
		return 0
	}
	return b.p.Range.High
}

// size writes a number of participants, or that no size is enough.
func (b *writer) size(n int) string {
	if n == 0 {
		return b.Say("next-no-n", nil)
	}
	return b.C.Number(float64(n), 0)
}

// value writes a number in the outcome's unit with a decimal more than it is measured in.
func (b *writer) value(x float64) string {
	return b.trim(b.C.Number(x, b.p.Outcome.Digits()+1)) + text.Unit(b.p.Outcome.Unit)
}

// measured writes a number in the outcome's decimals and unit.
func (b *writer) measured(x float64) string {
	return b.C.Number(x, b.p.Outcome.Digits()) + text.Unit(b.p.Outcome.Unit)
}

// number writes a number in its shortest form of at most four decimals.
func (b *writer) number(x float64) string { return b.trim(b.C.Number(x, 4)) }

func (b *writer) trim(s string) string {
	if !strings.ContainsAny(s, ".,") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".,")
}

// difference writes a difference in the outcome's unit, of shares in percentage points.
func (b *writer) difference(x float64) string {
	if b.p.Outcome.Kind == study.KindBinary {
		return b.Say("next-points", text.Args{"x": b.number(100 * x)})
	}
	return b.value(x)
}

// effect writes an effect on its own scale.
func (b *writer) effect(x float64) string {
	if b.p.ratio() {
		return b.trim(b.C.Number(x, 3))
	}
	return b.difference(x)
}

// assumptions lists what is assumed: of the plan's outcome, and then of the other
// hypotheses', each by the name of its outcome.
func (b *writer) assumptions() {
	rows := b.assumed(b.p)
	seen := []string{b.p.Outcome.ID}
	for _, h := range b.p.Family {
		if slices.Contains(seen, h.plan.Outcome.ID) {
			continue
		}
		seen = append(seen, h.plan.Outcome.ID)
		other := *b
		other.p = h.plan
		other.p.Outcome = h.plan.Outcome.In(b.words, b.C)
		for _, row := range other.assumed(other.p) {
			row[0] = cmp.Or(other.p.Outcome.Label, other.p.Outcome.ID) + ": " + row[0]
			rows = append(rows, row)
		}
	}
	lost := b.p.Lost
	if lost.Stated {
		rows = append(rows, []string{b.Say("next-row-lost", nil), b.number(100*lost.Value) + "%", b.source(lost)})
	}
	b.Doc.TableWith(page.Table{Caption: b.Say("next-assumptions", nil), Columns: []page.Column{page.Names(b.Say("next-column-what", nil)), page.Words(b.Say("next-column-value", nil)),
		page.Words(b.Say("next-column-source", nil))}, Rows: rows})
}

func (b *writer) source(n assumed.Number) string {
	s := b.word(n.Source)
	if n.N > 0 {
		s = b.Say("next-source-n", text.Args{"source": s, "n": n.N})
	}
	return s
}

// assumed are the rows of one plan.
func (b *writer) assumed(p Plan) (rows [][]string) {
	a := p.Assumed
	add := func(code, value string, n assumed.Number) {
		if n.Stated {
			rows = append(rows, []string{b.Say(code, nil), value, b.source(n)})
		}
	}
	planned := func(value, limit string, pilot bool) string {
		if pilot {
			return b.Say("next-planned", text.Args{"value": value, "limit": limit})
		}
		return value
	}
	add("next-row-sd", planned(b.value(a.SD.Value), b.value(p.SD), a.SD.Pilot()), a.SD)
	add("next-row-correlation", planned(b.number(a.Correlation.Value), b.trim(b.C.Number(p.Correlation, 2)), a.Correlation.Pilot()), a.Correlation)
	add("next-row-between", planned(b.number(a.BetweenVisits.Value), b.trim(b.C.Number(a.BetweenVisits.PlannedCorrelation(), 2)), a.BetweenVisits.Pilot()), a.BetweenVisits)
	control, shown := "next-row-mean", b.value(a.Control.Value)
	switch p.Outcome.Kind {
	case study.KindBinary:
		control, shown = "next-row-share", b.number(100*a.Control.Value)+"%"
	case study.KindCount:
		control, shown = "next-row-rate", b.number(a.Control.Value)
	}
	add(control, shown, a.Control)
	if len(a.Shares) > 0 {
		parts := make([]string, len(a.Shares))
		for i, x := range a.Shares {
			parts[i] = b.word(p.Outcome.Levels[i]) + " " + b.number(100*x) + "%"
		}
		rows = append(rows, []string{b.Say("next-row-shares", nil), strings.Join(parts, ", "), b.word(a.SharesSource)})
	}
	add("next-row-dispersion", b.number(a.Dispersion.Value), a.Dispersion)
	kind := map[study.OutcomeKind]string{study.KindOrdinal: "next-row-odds", study.KindCount: "next-row-rates"}[p.Outcome.Kind]
	for _, c := range p.Comparisons {
		rows = append(rows, []string{b.Say(cmp.Or(kind, "next-row-difference"), text.Args{"arm": b.arm(c.Arm), "control": b.control()}), b.effect(c.Effect.Value), b.source(c.Effect)})
	}
	return rows
}

// verdicts says what the trial will say, and how often.
func (b *writer) verdicts() {
	p := b.p
	columns := []page.Column{page.Names(b.Say("next-column-comparison", nil)), page.Numbers(b.Say("next-column-power", nil))}
	judged := len(p.Comparisons[0].Verdicts) > 0
	if judged {
		for _, v := range p.Comparisons[0].Verdicts {
			columns = append(columns, page.Numbers(b.Say("next-verdict-"+string(v.Verdict), nil)))
		}
	}
	var rows [][]string
	row := func(name, power string, chances []Chance) {
		cells := []string{name, power}
		for _, c := range chances {
			cells = append(cells, b.percent(c.P))
		}
		rows = append(rows, cells)
	}
	for _, c := range p.Comparisons {
		row(b.Say("next-if", text.Args{"arm": b.arm(c.Arm), "effect": b.effect(c.Effect.Value)}), b.percent(c.Power), c.Verdicts)
	}
	if judged && p.Plan.Margin == 0 {
		row(b.Say("next-if-none", nil), b.percent(p.Alpha), p.Comparisons[0].None)
	}
	var notes []string
	if judged {
		notes = append(notes, b.Say("next-verdict-note", text.Args{"margin": b.difference(p.Margin()), "level": b.Level(p.Plan.Level)}))
	}
	b.Doc.TableWith(page.Table{Caption: b.Say("next-chances", text.Args{"n": p.Analyzed}), Columns: columns, Rows: rows, Notes: notes})
}

// percent writes a probability; what is not 0 or 1 is not written as if it were.
func (b *writer) percent(x float64) string {
	switch {
	case math.IsNaN(x):
		return "–"
	case x > 0 && x < 0.001:
		return "< " + b.C.Number(0.1, 1) + "%"
	case x < 1 && x > 0.999:
		return "> " + b.C.Number(99.9, 1) + "%"
	case x < 0.1 || x > 0.99:
		return b.C.Number(100*x, 1) + "%"
	}
	return b.C.Number(100*x, 0) + "%"
}

func (b *writer) sensitivity(o report.Options) {
	s := b.p.Sensitivity
	columns := []page.Column{page.Names(b.Say(cmp.Or(map[string]string{"sd": "next-row-sd", "share": "next-row-share", "rate": "next-row-rate"}[s.By], "next-column-what"), nil))}
	for _, e := range s.Effects {
		columns = append(columns, page.Numbers(b.effect(e)))
	}
	var rows [][]string
	for i, r := range s.Rows {
		cells := []string{b.spread(r)}
		for _, n := range s.N[i] {
			cells = append(cells, b.size(n))
		}
		rows = append(rows, cells)
	}
	b.Doc.TableWith(page.Table{Caption: b.Say("next-sensitivity", text.Args{"power": b.p.Power, "arm": b.arm(b.p.deciding().Arm)}), Columns: columns, Rows: rows})
	for _, f := range o.Figures {
		b.Doc.Figure(page.Figure(f))
	}
}

// spread writes what a row of the sensitivity is.
func (b *writer) spread(x float64) string {
	switch b.p.Sensitivity.By {
	case "sd":
		return b.value(x)
	case "share":
		return b.number(100*x) + "%"
	case "rate":
		return b.number(x)
	}
	return b.Say("next-as-assumed", nil)
}

func (b *writer) doubts() {
	if b.p.Dunnett > 0 {
		b.Doc.Item(b.Say("next-dunnett", text.Args{"k": len(b.p.Comparisons), "n": b.p.Dunnett}))
	}
	for _, n := range b.p.Notes {
		b.Doc.Item(b.Say(n.Code, n.Args))
	}
}

func (b *writer) calls() {
	c := b.p.deciding()
	b.Paragraph("next-call", text.Args{"call": c.Call, "power": b.trim(b.C.Number(c.Power, 4))})
}
