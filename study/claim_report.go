package study

import (
	"io"
	"maps"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// WriteText writes the reading for a terminal, at most 100 columns wide.
func (r ClaimReading) WriteText(w io.Writer, o ReportOptions) error {
	return r.write(w, o, (*page.Document).Text)
}

// WriteMarkdown writes the reading as Markdown: the same sentences and tables.
func (r ClaimReading) WriteMarkdown(w io.Writer, o ReportOptions) error {
	return r.write(w, o, (*page.Document).Markdown)
}

func (r ClaimReading) write(w io.Writer, o ReportOptions, render func(*page.Document) string) error {
	c, err := o.catalog()
	if err != nil {
		return err
	}
	r = r.translated(c)
	b := &claimReport{r: r, reportBuilder: reportBuilder{c: c, opt: o}}
	b.build()
	_, err = io.WriteString(w, render(&b.doc))
	return err
}

// claimReport gathers the page; every sentence is the catalog's.
type claimReport struct {
	reportBuilder
	r ClaimReading
}

func (b *claimReport) item(code string, args text.Args) { b.doc.Item(b.say(code, args)) }

func (b *claimReport) build() {
	c := b.r.Claim
	b.doc.Heading(1, labelOr(c.Title, b.say("claim-title", nil)))
	var intro []string
	if c.Source != "" {
		intro = append(intro, b.say("claim-source", text.Args{"source": c.Source}))
	}
	intro = append(intro, b.say("claim-contrast-"+string(c.Contrast), nil))
	b.doc.Paragraph(strings.Join(intro, " "))
	if len(b.r.Results) > 0 {
		b.brief()
		b.heading("claim-heading-results")
		if b.anyWithin() {
			b.paragraph("claim-within-is-no-effect", nil)
		}
		b.kinds(c.Outcomes)
		for _, o := range c.Outcomes {
			for _, n := range thresholdChoiceNote(o) {
				b.item(n.Code, text.Args{"used": thresholdList(b.c, n.Args["used"].([]Threshold), unitSuffix(o)),
					"others": thresholdList(b.c, n.Args["others"].([]Threshold), unitSuffix(o))})
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
	b.heading("claim-heading-integrity")
	switch {
	case len(b.r.Findings) > 0:
		for _, n := range b.r.Findings {
			b.doc.Item(b.note(n))
		}
	case b.r.Checked > 0:
		b.paragraph("claim-fits", text.Args{"checked": b.r.Checked})
	default:
		b.paragraph("claim-unchecked", nil)
	}
	if len(b.r.Flags) > 0 {
		b.heading("claim-heading-flags")
		for _, n := range b.r.Flags {
			b.doc.Item(b.note(n))
		}
	}
	b.whatWouldHold()
}

func (b *claimReport) note(n Note) string {
	args := maps.Clone(n.Args)
	if args[beforeTreatment] == true {
		args["where"] = b.say("claim-before-treatment", text.Args{"where": args["where"]})
	}
	// The registry's populations have their words in every language.
	if cond, ok := args["condition"].(string); ok && b.c.Has("condition-"+cond) {
		args["population"] = b.say("condition-"+cond, nil)
	}
	if kind, ok := args["kind"].(string); ok {
		args["kind"] = b.kind(ThresholdKind(kind))
	}
	if low, ok := args["low"].(float64); ok {
		if high, ok := args["high"].(float64); ok {
			args["range"] = b.pRange(low, high)
		}
	}
	return b.say(n.Code, args)
}

// pRange says between which p-values one lies, to four decimals; none is
// printed as 0.
func (b *claimReport) pRange(low, high float64) string {
	const least = 0.0001
	args := text.Args{"low": b.c.Number(low, 4), "high": b.c.Number(high, 4), "least": b.c.Number(least, 4)}
	code := "claim-p-between"
	switch {
	case high < least:
		code = "claim-p-below"
	case low < least:
		code = "claim-p-at-most"
	case args["low"] == args["high"]:
		code = "claim-p-of"
	}
	return b.say(code, args)
}

// kind is a threshold's kind in the text: an abbreviation, or the margin.
func (b *claimReport) kind(k ThresholdKind) string {
	if k == Margin {
		return b.say("claim-margin", nil)
	}
	return string(k)
}

func (b *claimReport) anyWithin() bool {
	for _, res := range b.r.Results {
		if len(res.Within) > 0 {
			return true
		}
	}
	return false
}

// brief says the answer first: the verdicts, or that there can be none.
func (b *claimReport) brief() {
	b.heading("claim-heading-brief")
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
			b.doc.Item(b.say("claim-brief", text.Args{"where": b.whereArm(res, x.Arm), "text": b.verdict(res.Outcome, x)}))
		}
		for _, x := range res.Responders {
			judged = true
			ci := x.Risk.CI(b.r.Claim.level())
			b.doc.Item(b.say("claim-brief", text.Args{"where": b.whereArm(res, x.Arm),
				"text": b.say("brief-responder-difference", text.Args{"arm": b.r.armLabel(x.Arm), "control": b.r.armLabel(x.Control),
					"points": b.points(x.Risk.Point()), "level": b.level(ci.Level),
					"interval": b.say("interval", text.Args{"lower": b.points(ci.Lo), "upper": b.points(ci.Hi)})})}))
		}
		within = within || len(res.Within) > 0 && len(res.Between) == 0
	}
	if judged && !open && !unstated {
		return
	}
	s := b.say("claim-brief-open", nil)
	switch {
	case unstated:
		s += " " + b.say("claim-brief-unstated", nil)
	case within && len(b.r.Claim.Arms) == 1:
		s += " " + b.say("claim-brief-one-arm", nil)
	case within:
		s += " " + b.say("claim-brief-within", nil)
	}
	if open {
		s += " " + b.say("claim-brief-no-spread", nil)
	}
	b.doc.Item(s)
}

// whereArm names a result and, among several active arms, the one compared.
func (b *claimReport) whereArm(res ResultReading, arm string) string {
	if len(b.r.Claim.Arms) > 2 {
		return whereOf(res) + ", " + b.r.armLabel(arm)
	}
	return whereOf(res)
}

// verdict is the judgement's sentences, or whether no effect is excluded.
func (b *claimReport) verdict(o Outcome, x BetweenReading) string {
	var parts []string
	ci := x.Effect.CI(b.r.Claim.level())
	for i, j := range x.Judgements {
		// One patient's threshold beside a mean is said once, as a flag.
		j.Threshold.Level = BetweenGroup
		if i == 0 && !j.IncludesZero && j.Value > 0 {
			parts = append(parts, b.say("claim-excludes-zero", nil))
		}
		parts = append(parts, j.Sentence(b.c, o))
	}
	switch {
	case len(parts) > 0:
	case ci.Contains(0):
		parts = append(parts, b.say("brief-includes-zero", nil))
	default:
		parts = append(parts, b.say("claim-excludes-zero", nil))
	}
	return strings.Join(parts, " ")
}

func (b *claimReport) amount(o Outcome, x float64) string {
	return b.c.Number(x, decimalsOf(o)) + unitSuffix(o)
}

// improved says a change or difference in the patient's direction.
func (b *claimReport) improved(o Outcome, x float64) string {
	x *= o.Better.Sign()
	switch {
	case x > 0:
		return b.say("claim-better", text.Args{"x": b.amount(o, x)})
	case x < 0:
		return b.say("claim-worse", text.Args{"x": b.amount(o, -x)})
	}
	return b.say("claim-same", nil)
}

func (b *claimReport) threshold(o Outcome, t Threshold) string {
	return b.say("number", text.Args{"x": t.Value}) + unitSuffix(o)
}

func (b *claimReport) limits(o Outcome, ci stats.Interval) string {
	return b.say("interval", text.Args{"lower": b.number(o, ci.Lo), "upper": b.number(o, ci.Hi)})
}

func (b *claimReport) result(res ResultReading) {
	o := res.Outcome
	b.doc.Heading(3, whereOf(res))
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

func (b *claimReport) within(o Outcome, w WithinReading) {
	if math.IsNaN(w.Change) {
		return
	}
	args := text.Args{"arm": b.r.armLabel(w.Arm), "n": w.N, "change": b.improved(o, w.Change), "level": b.level(b.r.Claim.level())}
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
	s := b.say("claim-within-unknown", args)
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
		s += " " + b.say(code, nargs)
	}
	b.doc.Item(s + b.assumed(o, w.Assumed))
}

// median repeats a printed median: it can be set beside no threshold of means.
func (b *claimReport) median(o Outcome, g ClaimGroup) {
	args := text.Args{"arm": b.r.armLabel(g.Arm), "n": b.r.Claim.groupN(g), "median": b.amount(o, g.Median.Value())}
	code := "claim-median"
	if g.Quartiles[0].Stated() {
		args["interval"] = b.say("interval", text.Args{"lower": b.number(o, g.Quartiles[0].Value()), "upper": b.number(o, g.Quartiles[1].Value())})
		code = "claim-median-quartiles"
	}
	b.item(code, args)
}

// assumed lists the intervals under assumed correlations between visits.
func (b *claimReport) assumed(o Outcome, readings []AssumedReading) string {
	if len(readings) == 0 {
		return ""
	}
	var parts []string
	for _, a := range readings {
		args := text.Args{"r": a.Correlation, "interval": b.limits(o, a.Effect.CI(b.r.Claim.level())), "verdict": ""}
		code := "claim-assumed"
		if len(a.Judgements) > 0 {
			args["verdict"] = b.say("verdict-"+string(a.Judgements[0].Benefit), nil)
			code = "claim-assumed-verdict"
		}
		parts = append(parts, b.say(code, args))
	}
	return " " + b.say("claim-assumed-list", text.Args{"level": b.level(b.r.Claim.level()), "list": strings.Join(parts, "; ")})
}

func (b *claimReport) between(o Outcome, x BetweenReading, decides bool) {
	args := text.Args{"arm": b.r.armLabel(x.Arm), "control": b.r.armLabel(x.Control), "n1": x.N1, "n2": x.N2,
		"value": b.amount(o, x.Difference), "change": b.improved(o, x.Difference), "level": b.level(b.r.Claim.level())}
	if x.Effect != nil {
		ci := x.Effect.CI(b.r.Claim.level())
		args["interval"], args["p"] = b.limits(o, ci), x.Effect.P(0)
		args["source"] = b.say("claim-from-"+x.Source, nil)
		code := "claim-between-known"
		switch x.Source {
		case "p-bound":
			code = "claim-between-bound"
		case "ci-off-middle":
			code = "claim-between-off-middle"
		}
		s := b.say(code, args)
		if decides {
			s += " " + b.verdict(o, x)
		}
		b.doc.Item(s)
		return
	}
	if x.Source == "visits" {
		b.doc.Item(b.say("claim-between-visits", args) + b.assumed(o, x.Assumed))
		return
	}
	if !decides {
		return
	}
	s := b.say("claim-between-unknown", args)
	for _, n := range x.Needs {
		s += b.neededDifference(o, n)
	}
	b.doc.Item(s)
}

func (b *claimReport) neededDifference(o Outcome, n NeededSD) string {
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
	return " " + b.say(code, args)
}

// ifControl tabulates, for one outcome's headlines, the differences that
// control's unreported change would leave.
func (b *claimReport) ifControl(o Outcome) {
	ctl, _ := b.r.Claim.control()
	alpha := b.r.Claim.alpha()
	columns := []page.Column{
		{Title: b.say("claim-col-visit", nil)},
		{Title: b.say("claim-col-control", text.Args{"control": b.r.armLabel(ctl.ID)}), Right: true},
		{Title: b.say("claim-col-difference", nil), Right: true},
		{Title: b.say("claim-col-zero", text.Args{"alpha": alpha}), Right: true},
	}
	for _, t := range benefitThresholds(o) {
		columns = append(columns, page.Column{Title: b.say("claim-col-definite", text.Args{"threshold": b.threshold(o, t)}), Right: true})
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
					row = append(row, b.say("claim-below", text.Args{"x": b.amount(o, n.Below)}))
				case n.Threshold != nil:
					row = append(row, b.say("claim-at-most-possible", nil))
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
		b.paragraph("claim-if-within", text.Args{"control": b.r.armLabel(ctl.ID), "outcome": labelOr(o.Label, o.ID)})
		b.doc.Table(columns, rows)
	}
}

func (b *claimReport) respond(x ResponderReading) {
	ci := x.Risk.CI(b.r.Claim.level())
	code := "claim-responders"
	if x.Harm {
		code = "claim-harms"
	}
	b.item(code, text.Args{"arm": b.r.armLabel(x.Arm), "control": b.r.armLabel(x.Control),
		"x1": x.X.Events, "n1": x.X.N, "share1": x.X.Rate(), "x2": x.Y.Events, "n2": x.Y.N, "share2": x.Y.Rate(),
		"points": b.points(x.Risk.Point()), "level": b.level(ci.Level),
		"interval": b.say("interval", text.Args{"lower": b.points(ci.Lo), "upper": b.points(ci.Hi)}),
		"chisq":    x.ChiSq, "fisher": x.Fisher, "nnt": b.nnt(x.NNT), "wald": b.nntInterval(x.NNTWald)})
}

// nnt writes a number needed to treat with its interval.
func (b *claimReport) nnt(n stats.NNT) string {
	value, benefit := n.Point()
	if !benefit {
		value = -value
	}
	return b.say("claim-nnt-value", text.Args{"value": b.needed(value), "interval": b.nntInterval(n)})
}

func (b *claimReport) nntInterval(n stats.NNT) string {
	best, worst := n.Ends()
	if n.ThroughInfinity() && !math.IsInf(best, 0) && !math.IsInf(worst, 0) {
		return b.say("interval", text.Args{"lower": b.needed(best),
			"upper": b.say("interval", text.Args{"lower": "∞", "upper": b.needed(worst)})})
	}
	return b.say("interval", text.Args{"lower": b.needed(best), "upper": b.needed(worst)})
}

func (b *claimReport) needed(x float64) string {
	switch {
	case math.IsInf(x, 0):
		return "∞"
	case x < 0:
		return "NNTH\u00a0" + b.c.Number(-x, 1)
	}
	return "NNTB\u00a0" + b.c.Number(x, 1)
}
