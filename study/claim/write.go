package claim

import (
	"cmp"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/internal/prose"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
)

// WriteText writes the reading for a terminal, at most 100 columns wide.
func (r Reading) WriteText(w io.Writer, o report.Options) error {
	return r.write(w, o, (*page.Document).Text)
}

// WriteMarkdown writes the reading as Markdown: the same sentences and tables.
func (r Reading) WriteMarkdown(w io.Writer, o report.Options) error {
	return r.write(w, o, (*page.Document).Markdown)
}

// WriteHTML writes the reading as a page, as report.HTML does a report.
func (r Reading) WriteHTML(w io.Writer, o report.Options) error {
	c, err := text.In(o.Lang)
	if err != nil {
		return err
	}
	return r.write(w, o, func(d *page.Document) string {
		d.Meta = page.Meta{Title: cmp.Or(r.translated(c).Claim.Title, r.Claim.Source), Lang: c.Lang(), Software: "trialkit " + study.Version(),
			Labels: page.Labels{Skip: c.Say("nav-skip", nil), Contents: c.Say("nav-contents", nil), Top: c.Say("nav-top", nil)}}
		return d.HTML()
	})
}

func (r Reading) write(w io.Writer, o report.Options, render func(*page.Document) string) error {
	c, err := text.In(o.Lang)
	if err != nil {
		return err
	}
	b := &writing{r: r.translated(c), words: c.Own(r.Claim.Translations), outcomes: r.Claim.Outcomes, Writer: prose.Writer{C: c}}
	b.build()
	b.Paragraph("report-version", text.Args{"version": study.Version()})
	_, err = io.WriteString(w, render(&b.Doc))
	return err
}

// translated returns the reading with the claim's own words in a language.
// Numbers and decisions stay; findings and flags hold IDs, which note says, and
// quotes keep their words, because flags are raised by them.
func (r Reading) translated(c *text.Catalog) Reading {
	words := c.Own(r.Claim.Translations)
	word := func(s string) string { return wordIn(words, s) }
	k := &r.Claim
	k.Title, k.Source = word(k.Title), word(k.Source)
	k.Arms = slices.Clone(k.Arms)
	for i := range k.Arms {
		k.Arms[i].Label = word(k.Arms[i].Label)
	}
	k.Outcomes = slices.Clone(k.Outcomes)
	for i := range k.Outcomes {
		k.Outcomes[i] = k.Outcomes[i].In(words, c)
	}
	r.Results = slices.Clone(r.Results)
	for i := range r.Results {
		x := &r.Results[i]
		x.Outcome, x.Result.Visit = x.Outcome.In(words, c), word(x.Result.Visit)
	}
	return r
}

// writing gathers the page; every sentence is the catalog's.
type writing struct {
	prose.Writer
	r     Reading
	words map[string]string // the claim's own, in the language
	// outcomes in the words of the claim: the registry of instruments knows them
	// by these.
	outcomes []study.Outcome
}

// thresholds lists a note's thresholds in the claim's words.
func (b *writing) thresholds(arg any, unit string) string {
	list := slices.Clone(arg.([]study.Threshold))
	for i := range list {
		list[i].Population, list[i].Source = b.word(list[i].Population), b.word(list[i].Source)
	}
	return prose.Thresholds(b.C, list, unit)
}

// where names a result.
func where(o study.Outcome, visit string) string {
	s := cmp.Or(o.Label, o.ID)
	if visit != "" {
		s += ", " + visit
	}
	return s
}

func whereOf(res ResultReading) string { return where(res.Outcome, res.Result.Visit) }

func (r Reading) armLabel(id string) string {
	a, _ := r.Claim.arm(id)
	return cmp.Or(a.Label, a.ID)
}

// word is one of the claim's own words in the language.
func (b *writing) word(s string) string { return wordIn(b.words, s) }

func wordIn(words map[string]string, s string) string {
	if t, ok := words[s]; ok {
		return t
	}
	return s
}

func (b *writing) item(code string, args text.Args) { b.Doc.Item(b.Say(code, args)) }

func (b *writing) build() {
	c := b.r.Claim
	b.Doc.Heading(1, cmp.Or(c.Title, b.Say("claim-title", nil)))
	var intro []string
	if c.Source != "" {
		intro = append(intro, b.Say("claim-source", text.Args{"source": c.Source}))
	}
	contrast := "claim-contrast-" + string(c.Contrast)
	if b.C.Has(contrast) { // a reading that Read did not make may have none
		intro = append(intro, b.Say(contrast, nil))
	}
	b.Doc.Paragraph(strings.Join(intro, " "))
	if len(b.r.Results) > 0 {
		b.brief()
		b.Heading("claim-heading-results")
		if b.anyWithin() {
			b.Paragraph("claim-within-is-no-effect", nil)
		}
		b.Kinds(c.Outcomes)
		for i, o := range b.outcomes {
			for _, n := range o.ThresholdChoice() {
				b.item(n.Code, text.Args{"used": b.thresholds(n.Args["used"], c.Outcomes[i].Unit),
					"others": b.thresholds(n.Args["others"], c.Outcomes[i].Unit)})
			}
		}
		for _, res := range b.r.Results {
			b.result(res)
		}
		for _, o := range c.Outcomes {
			b.ifControl(o)
		}
	}
	b.design()
	b.safety()
	b.Heading("claim-heading-integrity")
	switch {
	case len(b.r.Findings) > 0:
		for _, n := range b.r.Findings {
			b.Doc.Item(b.note(n))
		}
	case b.r.Checked > 0:
		b.Paragraph("claim-fits", text.Args{"checked": b.r.Checked})
	default:
		b.Paragraph("claim-unchecked", nil)
	}
	if len(b.r.Flags) > 0 {
		b.Heading("claim-heading-flags")
		for _, n := range b.r.Flags {
			b.Doc.Item(b.note(n))
		}
	}
	b.whatWouldHold()
}

func (b *writing) note(n study.Note) string {
	args := maps.Clone(n.Args)
	for _, k := range []string{"arm", "other"} {
		if id, ok := args[k].(string); ok {
			args[k] = b.r.armLabel(id)
		}
	}
	if id, ok := args["outcome"].(string); ok {
		o, _ := b.r.Claim.outcome(id)
		args["outcome"] = cmp.Or(o.Label, id)
	}
	for _, k := range []string{"population", "label"} {
		if s, ok := args[k].(string); ok {
			args[k] = b.word(s)
		}
	}
	if p, ok := args["where"].(Place); ok {
		o, _ := b.r.Claim.outcome(p.Outcome)
		args["where"] = where(o, b.word(p.Visit))
	}
	if args[beforeTreatment] == true {
		args["where"] = b.Say("claim-before-treatment", text.Args{"where": args["where"]})
	}
	// The registry's populations have their words in every language.
	if cond, ok := args["condition"].(string); ok && b.C.Has("condition-"+cond) {
		args["population"] = b.Say("condition-"+cond, nil)
	}
	if kind, ok := args["kind"].(string); ok {
		args["kind"] = b.kind(study.ThresholdKind(kind))
	}
	if low, ok := args["low"].(float64); ok {
		if high, ok := args["high"].(float64); ok {
			args["range"] = b.pRange(low, high)
		}
	}
	return b.Say(n.Code, args)
}

// pRange says between which p-values one lies, to four decimals; none is
// printed as 0.
func (b *writing) pRange(low, high float64) string {
	const least = 0.0001
	args := text.Args{"low": b.C.Number(low, 4), "high": b.C.Number(high, 4), "least": b.C.Number(least, 4)}
	code := "claim-p-between"
	switch {
	case high < least:
		code = "claim-p-below"
	case low < least:
		code = "claim-p-at-most"
	case args["low"] == args["high"]:
		code = "claim-p-of"
	}
	return b.Say(code, args)
}

// kind is a threshold's kind in the text: an abbreviation, or the margin.
func (b *writing) kind(k study.ThresholdKind) string {
	if k == study.Margin {
		return b.Say("claim-margin", nil)
	}
	return string(k)
}

func (b *writing) anyWithin() bool {
	for _, res := range b.r.Results {
		if len(res.Within) > 0 {
			return true
		}
	}
	return false
}

// brief says the answer first: the verdicts, or that there can be none.
func (b *writing) brief() {
	b.Heading("claim-heading-brief")
	open, unstated, within, judged := false, false, false, false
	for _, res := range b.r.Results {
		if res.Result.Baseline {
			continue
		}
		seen := map[string]bool{}
		for _, x := range res.Between {
			if seen[x.Arm] {
				continue
			}
			seen[x.Arm] = true
			if x.Effect == nil || res.Contrast == Unstated {
				open = open || x.Effect == nil
				unstated = unstated || res.Contrast == Unstated
				continue
			}
			judged = true
			b.Doc.Item(b.Say("claim-brief", text.Args{"where": b.whereArm(res, x.Arm), "text": b.verdict(res.Outcome, x)}))
		}
		for _, x := range res.Responders {
			judged = true
			ci := x.Risk.CI(b.r.Claim.level())
			b.Doc.Item(b.Say("claim-brief", text.Args{"where": b.whereArm(res, x.Arm),
				"text": b.Say("brief-responder-difference", text.Args{"arm": b.r.armLabel(x.Arm), "control": b.r.armLabel(x.Control),
					"points": b.Points(x.Risk.Point()), "level": b.Level(ci.Level),
					"interval": b.Say("interval", text.Args{"lower": b.Points(ci.Lo), "upper": b.Points(ci.Hi)})})}))
		}
		within = within || len(res.Within) > 0 && len(res.Between) == 0
	}
	if judged && !open && !unstated {
		return
	}
	s := b.Say("claim-brief-open", nil)
	switch {
	case unstated:
		s += " " + b.Say("claim-brief-unstated", nil)
	case within && len(b.r.Claim.Arms) == 1:
		s += " " + b.Say("claim-brief-one-arm", nil)
	case within:
		s += " " + b.Say("claim-brief-within", nil)
	}
	if open {
		s += " " + b.Say("claim-brief-no-spread", nil)
	}
	b.Doc.Item(s)
}

// whereArm names a result and, among several active arms, the one compared.
func (b *writing) whereArm(res ResultReading, arm string) string {
	if len(b.r.Claim.Arms) > 2 {
		return whereOf(res) + ", " + b.r.armLabel(arm)
	}
	return whereOf(res)
}

// verdict is the judgement's sentences, or whether no effect is excluded.
func (b *writing) verdict(o study.Outcome, x BetweenReading) string {
	var parts []string
	ci := x.Effect.CI(b.r.Claim.level())
	for i, j := range x.Judgements {
		// One patient's threshold beside a mean is said once, as a flag.
		j.Threshold.Level = study.BetweenGroup
		if i == 0 && !j.IncludesZero && j.Value > 0 {
			parts = append(parts, b.Say("claim-excludes-zero", nil))
		}
		parts = append(parts, report.Sentence(b.C, j, o, b.decimals(o)))
	}
	switch {
	case len(parts) > 0:
	case ci.Contains(0):
		parts = append(parts, b.Say("brief-includes-zero", nil))
	default:
		parts = append(parts, b.Say("claim-excludes-zero", nil))
	}
	return strings.Join(parts, " ")
}

func (b *writing) amount(o study.Outcome, x float64) string {
	return b.C.Number(x, b.decimals(o)) + text.Unit(o.Unit)
}

// improved says a change or difference in the patient's direction.
func (b *writing) improved(o study.Outcome, x float64) string {
	x *= o.Better.Sign()
	switch {
	case x > 0:
		return b.Say("claim-better", text.Args{"x": b.amount(o, x)})
	case x < 0:
		return b.Say("claim-worse", text.Args{"x": b.amount(o, -x)})
	}
	return b.Say("claim-same", nil)
}

func (b *writing) threshold(o study.Outcome, t study.Threshold) string {
	return b.Say("number", text.Args{"x": t.Value}) + text.Unit(o.Unit)
}

func (b *writing) limits(o study.Outcome, ci stats.Interval) string {
	return b.Say("interval", text.Args{"lower": b.number(o, ci.Lo), "upper": b.number(o, ci.Hi)})
}

func (b *writing) result(res ResultReading) {
	o := res.Outcome
	b.Doc.Heading(3, whereOf(res))
	if res.Contrast != b.r.Claim.Contrast {
		b.item("claim-contrast-"+string(res.Contrast), nil)
	}
	if res.Result.Percent {
		b.item("claim-percent-only", text.Args{"change": digits(res.Result.Change)})
	}
	for _, w := range res.Within {
		b.within(o, w)
	}
	for _, g := range res.Result.Groups {
		if g.Median.Stated() {
			b.median(o, g)
		}
	}
	seen := map[string]bool{}
	for _, x := range res.Between {
		b.between(o, x, !seen[x.Arm] && !res.Result.Baseline)
		seen[x.Arm] = true
	}
	for _, x := range res.Responders {
		b.respond(x)
	}
}

func (b *writing) within(o study.Outcome, w WithinReading) {
	if math.IsNaN(w.Change) {
		return
	}
	args := text.Args{"arm": b.r.armLabel(w.Arm), "n": w.N, "change": b.improved(o, w.Change), "level": b.Level(b.r.Claim.level())}
	if w.Effect != nil {
		args["interval"] = b.limits(o, w.Effect.CI(b.r.Claim.level()))
		args["value"] = b.amount(o, w.Change)
		b.item("claim-within-known", args)
		return
	}
	if len(w.Needs) == 0 {
		b.item("claim-within-bare", args)
		return
	}
	s := b.Say("claim-within-unknown", args)
	for _, n := range w.Needs {
		nargs := text.Args{"sd": b.amount(o, n.Below)}
		code := "claim-own-zero"
		if n.Threshold != nil {
			nargs["kind"], nargs["threshold"] = b.kind(n.Threshold.Kind), b.threshold(o, *n.Threshold)
			code = "claim-own-threshold"
			if n.Below == 0 {
				code = "claim-own-threshold-never"
			}
		} else if n.Below == 0 {
			continue
		}
		s += " " + b.Say(code, nargs)
	}
	b.Doc.Item(s + b.assumed(o, w.Assumed))
}

// median repeats a printed median: it can be set beside no threshold of means.
func (b *writing) median(o study.Outcome, g Group) {
	args := text.Args{"arm": b.r.armLabel(g.Arm), "n": b.r.Claim.groupN(g), "median": b.amount(o, g.Median.Value())}
	code := "claim-median"
	if g.Quartiles[0].Stated() {
		args["interval"] = b.Say("interval", text.Args{"lower": b.number(o, g.Quartiles[0].Value()), "upper": b.number(o, g.Quartiles[1].Value())})
		code = "claim-median-quartiles"
	}
	b.item(code, args)
}

// assumed lists the intervals under assumed correlations between visits.
func (b *writing) assumed(o study.Outcome, readings []AssumedReading) string {
	if len(readings) == 0 {
		return ""
	}
	var parts []string
	for _, a := range readings {
		args := text.Args{"r": a.Correlation, "interval": b.limits(o, a.Effect.CI(b.r.Claim.level())), "verdict": ""}
		code := "claim-assumed"
		if len(a.Judgements) > 0 {
			args["verdict"] = b.Say("verdict-"+string(a.Judgements[0].Benefit), nil)
			code = "claim-assumed-verdict"
		}
		parts = append(parts, b.Say(code, args))
	}
	return " " + b.Say("claim-assumed-list", text.Args{"level": b.Level(b.r.Claim.level()), "list": strings.Join(parts, "; ")})
}

func (b *writing) between(o study.Outcome, x BetweenReading, decides bool) {
	args := text.Args{"arm": b.r.armLabel(x.Arm), "control": b.r.armLabel(x.Control), "n1": x.N1, "n2": x.N2,
		"value": b.amount(o, x.Difference), "change": b.improved(o, x.Difference), "level": b.Level(b.r.Claim.level())}
	if x.Effect != nil {
		ci := x.Effect.CI(b.r.Claim.level())
		args["interval"], args["p"] = b.limits(o, ci), x.Effect.P(0)
		args["source"] = b.Say("claim-from-"+x.Source, nil)
		code := "claim-between-known"
		switch x.Source {
		case "p-bound":
			code = "claim-between-bound"
		case "ci-off-middle":
			code = "claim-between-off-middle"
		}
		s := b.Say(code, args)
		if decides {
			s += " " + b.verdict(o, x)
		}
		b.Doc.Item(s)
		return
	}
	if x.Source == "visits" {
		b.Doc.Item(b.Say("claim-between-visits", args) + b.assumed(o, x.Assumed))
		return
	}
	if !decides {
		return
	}
	s := b.Say("claim-between-unknown", args)
	for _, n := range x.Needs {
		s += b.neededDifference(o, n)
	}
	b.Doc.Item(s)
}

func (b *writing) neededDifference(o study.Outcome, n NeededSD) string {
	args := text.Args{"sd": b.amount(o, n.Below), "alpha": b.r.Claim.alpha()}
	code := "claim-diff-zero"
	if n.Threshold != nil {
		args["kind"], args["threshold"] = b.kind(n.Threshold.Kind), b.threshold(o, *n.Threshold)
		code = "claim-diff-threshold"
		if n.Below == 0 {
			code = "claim-diff-threshold-never"
		}
	} else if n.Below == 0 {
		return ""
	}
	return " " + b.Say(code, args)
}

// ifControl tabulates, for one outcome's headlines, the differences that
// control's unreported change would leave.
func (b *writing) ifControl(o study.Outcome) {
	ctl, _ := b.r.Claim.control()
	alpha := b.r.Claim.alpha()
	columns := []page.Column{
		{Title: b.Say("claim-col-visit", nil)},
		{Title: b.Say("claim-col-control", text.Args{"control": b.r.armLabel(ctl.ID)}), Right: true},
		{Title: b.Say("claim-col-difference", nil), Right: true},
		{Title: b.Say("claim-col-zero", text.Args{"alpha": alpha}), Right: true},
	}
	for _, t := range benefitThresholds(o) {
		columns = append(columns, page.Column{Title: b.Say("claim-col-definite", text.Args{"threshold": b.threshold(o, t)}), Right: true})
	}
	sign := o.Better.Sign()
	var rows [][]string
	for _, res := range b.r.Results {
		for i, f := range res.IfWithin {
			if res.Outcome.ID != o.ID {
				continue
			}
			visit := ""
			if i == 0 {
				visit = res.Result.Visit
			}
			row := []string{visit, b.amount(o, sign*f.ControlChange), b.amount(o, sign*f.Difference)}
			for _, n := range f.Needs {
				switch {
				case n.Below > 0:
					row = append(row, b.Say("claim-below", text.Args{"x": b.amount(o, n.Below)}))
				case n.Threshold != nil:
					row = append(row, b.Say("claim-at-most-possible", nil))
				default:
					row = append(row, "–")
				}
			}
			if len(row) == len(columns) {
				rows = append(rows, row)
			}
		}
	}
	if len(rows) > 0 {
		b.Paragraph("claim-if-within", text.Args{"control": b.r.armLabel(ctl.ID), "outcome": cmp.Or(o.Label, o.ID)})
		b.Doc.Table(columns, rows)
	}
}

func (b *writing) respond(x ResponderReading) {
	ci := x.Risk.CI(b.r.Claim.level())
	code := "claim-responders"
	if x.Harm {
		code = "claim-harms"
	}
	b.item(code, text.Args{"arm": b.r.armLabel(x.Arm), "control": b.r.armLabel(x.Control),
		"x1": x.X.Events, "n1": x.X.N, "share1": x.X.Rate(), "x2": x.Y.Events, "n2": x.Y.N, "share2": x.Y.Rate(),
		"points": b.Points(x.Risk.Point()), "level": b.Level(ci.Level),
		"interval": b.Say("interval", text.Args{"lower": b.Points(ci.Lo), "upper": b.Points(ci.Hi)}),
		"chisq":    x.ChiSq, "fisher": x.Fisher, "nnt": b.nnt(x.NNT), "wald": b.nntInterval(x.NNTWald)})
}

// nnt writes a number needed to treat with its interval.
func (b *writing) nnt(n stats.NNT) string {
	value, benefit := n.Point()
	if !benefit {
		value = -value
	}
	return b.Say("claim-nnt-value", text.Args{"value": b.needed(value), "interval": b.nntInterval(n)})
}

func (b *writing) nntInterval(n stats.NNT) string {
	best, worst := n.Ends()
	if n.ThroughInfinity() && !math.IsInf(best, 0) && !math.IsInf(worst, 0) {
		return b.Say("interval", text.Args{"lower": b.needed(best),
			"upper": b.Say("interval", text.Args{"lower": "∞", "upper": b.needed(worst)})})
	}
	return b.Say("interval", text.Args{"lower": b.needed(best), "upper": b.needed(worst)})
}

func (b *writing) needed(x float64) string {
	switch {
	case math.IsInf(x, 0):
		return "∞"
	case x < 0:
		return "NNTH\u00a0" + b.C.Number(-x, 1)
	}
	return "NNTB\u00a0" + b.C.Number(x, 1)
}
