package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// leading returns the results that the report opens with: those that a plan
// names, or else those with a threshold, or else all.
func leading(r study.Report) []study.Result {
	pick := func(keep func(study.Result) bool) []study.Result {
		var out []study.Result
		for _, res := range r.Results {
			if keep(res) {
				out = append(out, res)
			}
		}
		return out
	}
	planned := pick(func(res study.Result) bool {
		return slices.ContainsFunc(r.Protocol.Plans, func(p study.Plan) bool {
			return p.Outcome == res.Outcome.ID && (p.Visit == "" || p.Visit == res.Visit.ID)
		})
	})
	if len(planned) > 0 {
		return planned
	}
	judged := pick(func(res study.Result) bool {
		margin, _ := res.Outcome.Verdict()
		patients, _ := res.Outcome.PatientThreshold()
		return margin != nil || patients != nil
	})
	if len(judged) > 0 {
		return judged
	}
	return r.Results
}

// headline says the answer: patients first, then what decides, then further
// planned analyses under their role.
func (b *builder) headline() {
	b.Heading("report-headline")
	for _, res := range leading(b.r) {
		parts := b.responderSentences(res)
		for _, row := range res.Answers() {
			judged := row.Judgement != nil
			s := b.differenceSentence(res, row, judged)
			if !row.Decides || row.Role == study.RoleDefault {
				s = b.Say("brief-role-"+string(row.Role), text.Args{"text": s})
			}
			parts = append(parts, s)
			if judged {
				parts = append(parts, Sentence(b.C, *row.Judgement, res.Outcome))
			}
			if row.NonInferiority != nil {
				parts = append(parts, b.note(row.NonInferiority.Note(res.Outcome.Unit, row.Role)))
			}
		}
		b.Doc.Item(b.Say("brief", text.Args{"outcome": cmp.Or(res.Outcome.Label, res.Outcome.ID),
			"visit": b.where(res), "text": strings.Join(parts, " ") + b.simulated()}))
	}
}

func (b *builder) responderSentences(res study.Result) []string {
	var arms []string
	var th *study.Threshold
	for _, r := range res.Responders {
		if r.Headline {
			arms = append(arms, b.Say("brief-count", text.Args{"arm": b.arm(r.Arm), "events": r.Events, "n": r.N}))
			t := r.Threshold
			th = &t
		}
	}
	if th == nil {
		return nil
	}
	parts := []string{b.Say("brief-responders", text.Args{"kind": string(th.Kind),
		"threshold": b.Say("number", text.Args{"x": th.Value}) + text.Unit(res.Outcome.Unit), "arms": strings.Join(arms, ", ")})}
	for _, rc := range res.ResponderContrasts {
		if rc.Rule == study.RuleChange && rc.Threshold == *th && !math.IsNaN(rc.Difference) {
			parts = append(parts, b.Say("brief-responder-difference", text.Args{
				"arm": b.arm(rc.Arm), "control": b.arm(rc.Control), "points": b.Points(rc.Difference),
				"level":    b.Level(rc.Level),
				"interval": b.Say("interval", text.Args{"lower": b.Points(rc.Lower), "upper": b.Points(rc.Upper)})}))
		}
	}
	return parts
}

// differenceSentence says the difference and whom it favors. judged: the verdict
// follows, which begins with it where no effect is inside the interval.
func (b *builder) differenceSentence(res study.Result, row study.Row, judged bool) string {
	o := res.Outcome
	args := text.Args{"arm": b.arm(row.Arm), "control": b.arm(row.Control), "method": methodLabel(b.C, row),
		"value": b.plain(o, row.Estimate) + text.Unit(o.Unit), "level": b.Level(row.Level),
		"interval": b.interval(o, row), "n1": row.N[row.Arm], "n2": row.N[row.Control]}
	if row.Withheld() {
		return b.Say("brief-withheld", args)
	}
	if row.Effect == nil {
		return b.Say("brief-no-estimate", args)
	}
	s := b.Say("brief-difference", args)
	if b.showsP(row) {
		code := "p-unadjusted"
		if row.Role == study.RolePrimary {
			code = "p-primary"
		}
		s += " " + b.Say(code, text.Args{"p": row.P})
	}
	switch {
	case row.IncludesZero():
		if !judged {
			s += " " + b.Say("brief-includes-zero", nil)
		}
	case o.Better.Sign()*row.Estimate > 0:
		s += " " + b.Say("brief-favors", text.Args{"arm": b.arm(row.Arm)})
	default:
		s += " " + b.Say("brief-favors", text.Args{"arm": b.arm(row.Control)})
	}
	return s
}

// between lists every method's difference per outcome, then the verdicts of
// the plans' methods and the doubts.
func (b *builder) between() {
	b.Heading("report-between")
	intro := b.Say("between-intro", nil)
	if slices.ContainsFunc(b.r.Results, func(res study.Result) bool {
		return slices.ContainsFunc(res.Rows, func(r study.Row) bool { return r.LoOpen || r.HiOpen })
	}) {
		intro += " " + b.Say("open-ends", nil)
	}
	b.Doc.Paragraph(intro)
	for i, res := range b.r.Results {
		if i > 0 && b.r.Results[i-1].Outcome.ID == res.Outcome.ID {
			continue
		}
		var same []study.Result
		for _, other := range b.r.Results {
			if other.Outcome.ID == res.Outcome.ID {
				same = append(same, other)
			}
		}
		b.Doc.Heading(3, b.outcomeTitle(res.Outcome))
		b.betweenTable(same)
		b.betweenNotes(same)
	}
}

func (b *builder) betweenTable(results []study.Result) {
	several := len(results[0].Arms) > 2
	ci := b.levelColumn()
	for _, res := range results {
		for _, row := range res.Rows {
			ci.add(row.Level)
		}
	}
	columns := []page.Column{{Title: b.Say("col-visit", nil)}}
	if several {
		columns = append(columns, page.Column{Title: b.Say("col-comparison", nil)})
	}
	columns = append(columns, page.Column{Title: b.Say("col-analysis", nil)}, page.Numbers(b.Say("col-difference", nil)),
		page.Numbers(ci.head()), page.Numbers(b.Say("col-n", nil)))
	showP := false
	for _, res := range results {
		showP = showP || slices.ContainsFunc(res.Rows, b.showsP)
	}
	if showP {
		columns = append(columns, page.Numbers(b.Say("col-p", nil)))
	}
	var rows [][]string
	for _, res := range results {
		for i, row := range res.Rows {
			visit := ""
			if i == 0 {
				visit = b.visit(row.Visit)
			}
			cells := []string{visit}
			if several {
				cells = append(cells, b.versus(row.Arm, row.Control))
			}
			method := methodLabel(b.C, row)
			switch {
			case row.Decides && row.Role == study.RolePrimary:
				method += " " + b.Say("method-decides-primary", nil)
			case row.Decides:
				method += " " + b.Say("method-decides", nil)
			case row.Role != study.RoleCompanion:
				method += " " + b.Say("method-"+string(row.Role), nil)
			}
			cells = append(cells, method, b.plain(res.Outcome, row.Estimate), ci.cell(b.interval(res.Outcome, row), row.Level),
				fmt.Sprintf("%d + %d", row.N[row.Arm], row.N[row.Control]))
			if showP {
				p := ""
				if b.showsP(row) {
					p = strings.TrimPrefix(b.C.P(row.P), "= ")
				}
				cells = append(cells, p)
			}
			rows = append(rows, cells)
		}
	}
	b.Doc.Table(columns, rows)
	if showP {
		b.Doc.Paragraph(b.Say("p-column", nil) + b.simulated())
	}
}

func (b *builder) versus(arm, control string) string {
	return b.arm(arm) + " − " + b.arm(control)
}

// betweenNotes writes verdicts, effect sizes and doubts of one outcome's
// visits; what holds for several visits is said once.
func (b *builder) betweenNotes(results []study.Result) {
	var order []armNote
	visits := map[armNote][]string{}
	for _, res := range results {
		where := b.where(res)
		for _, n := range b.resultNotes(res) {
			if visits[n] == nil {
				order = append(order, n)
			}
			if !slices.Contains(visits[n], where) {
				visits[n] = append(visits[n], where)
			}
		}
	}
	for _, n := range order {
		where := strings.Join(visits[n], ", ")
		if len(results[0].Arms) > 2 && n.arm != "" {
			where += "; " + b.arm(n.arm)
		}
		b.Doc.Item(where + ": " + n.text)
	}
}

// resultNotes are one visit's sentences, verdicts first.
func (b *builder) resultNotes(res study.Result) []armNote {
	var out []armNote
	if res.Plan.Role == study.RoleDefault {
		out = append(out, armNote{"", b.Say("default-analysis", nil)})
	}
	if margin, _ := res.Outcome.Verdict(); margin == nil {
		out = append(out, armNote{"", b.note(res.Outcome.NoVerdict())})
	}
	for _, row := range res.Deciding() {
		if row.Judgement != nil {
			out = append(out, armNote{row.Arm, Sentence(b.C, *row.Judgement, res.Outcome) + b.simulated()})
		}
	}
	for _, e := range res.EffectSizes {
		if !math.IsNaN(e.Estimate) {
			code := "effect-size"
			if e.Measure == "hedges-g" {
				code = "effect-size-values"
			}
			out = append(out, armNote{e.Arm, b.Say(code, text.Args{"value": e.Estimate, "lower": e.Lower, "upper": e.Upper, "level": b.Level(e.Level)})})
		}
	}
	out = append(out, b.sharedNotes(res)...)
	for _, n := range loud(res.Notes) {
		if !slices.Contains(thresholdNotes, n.Code) {
			out = append(out, armNote{"", b.note(n)})
		}
	}
	return out
}

// armNote is a sentence about one arm's comparison.
type armNote struct{ arm, text string }

// sharedNotes are the doubts of a result's rows; one that several methods
// share is said once, with the methods that it concerns.
func (b *builder) sharedNotes(res study.Result) []armNote {
	type shared struct {
		armNote
		methods  []string
		inside   bool // the sentence itself names the methods
		decides  bool
		original study.Note
	}
	var all []shared
	for _, row := range res.Rows {
		for _, n := range loud(row.Notes) {
			x := shared{armNote: armNote{arm: row.Arm}, decides: row.Decides, original: n}
			method := row.Method
			if m, ok := n.Args["method"].(string); ok && slices.Contains(companionNotes, n.Code) {
				x.inside, method = true, study.Method(m)
				x.original.Args = maps.Clone(n.Args)
				x.original.Args["method"] = "ancova" // the same for all, to compare
			}
			x.text = b.note(x.original)
			i := slices.IndexFunc(all, func(y shared) bool { return x.armNote == y.armNote && x.inside == y.inside })
			if i < 0 {
				all = append(all, x)
				i = len(all) - 1
			}
			all[i].methods = append(all[i].methods, b.method(method))
		}
	}
	var out []armNote
	for _, x := range all {
		methods := strings.Join(x.methods, ", ")
		switch {
		case x.inside:
			x.original.Args["method"] = text.Args{"name": methods}
			x.text = b.note(x.original)
		case !x.decides:
			x.text = methods + ": " + x.text
		}
		out = append(out, x.armNote)
	}
	return out
}

// responders lists counts per arm, observed and of all randomized.
func (b *builder) responders() {
	var rows, contrasts [][]string
	var leftOut []string
	var methods, named []string
	ci := b.levelColumn()
	for _, res := range b.r.Results {
		if len(res.Responders) > 0 {
			ci.add(res.Level)
		}
	}
	for _, res := range b.r.Results {
		for _, r := range res.Responders {
			rows = append(rows, []string{b.outcome(r.Outcome) + ", " + b.visit(r.Visit), b.rule(res.Outcome, r.Rule, r.Threshold),
				b.arm(r.Arm), fmt.Sprintf("%d/%d", r.Events, r.N), ci.cell(b.percentInterval(r.Lower, r.Upper), r.Level)})
		}
		for _, r := range res.ResponderContrasts {
			interval := "–"
			if !math.IsNaN(r.Difference) {
				interval = b.Say("interval", text.Args{"lower": b.Points(r.Lower), "upper": b.Points(r.Upper)})
			}
			cells := []string{b.outcome(r.Outcome) + ", " + b.visit(r.Visit), b.rule(res.Outcome, r.Rule, r.Threshold)}
			if len(res.Arms) > 2 {
				cells = append(cells, b.versus(r.Arm, r.Control))
			}
			cells = append(cells, b.Points(r.Difference), ci.cell(interval, r.Level))
			if b.opt.ShowP {
				cells = append(cells, strings.TrimPrefix(b.C.P(r.P()), "= "))
			}
			contrasts = append(contrasts, cells)
			if m := string(r.Method); m != "" && !slices.Contains(methods, m) {
				methods = append(methods, m)
				named = append(named, b.Say("risk-"+m, nil))
			}
			if r.LeftOut > 0 && !math.IsNaN(r.Difference) {
				leftOut = append(leftOut, b.Say("responders-left-out-of", text.Args{
					"where": b.outcome(r.Outcome) + ", " + b.visit(r.Visit) + ", " + b.rule(res.Outcome, r.Rule, r.Threshold) + ", " + b.versus(r.Arm, r.Control),
					"n":     r.LeftOut}))
			}
		}
	}
	if len(rows) == 0 {
		return
	}
	b.Heading("report-responders")
	b.Paragraph("responders-intro", nil)
	b.Kinds(b.r.Protocol.Outcomes)
	said := map[string]bool{}
	for _, res := range b.r.Results {
		for _, n := range res.Notes {
			s := b.outcome(res.Outcome.ID) + ": " + b.note(n)
			if slices.Contains(thresholdNotes, n.Code) && !said[s] {
				said[s] = true
				b.Doc.Item(s)
			}
		}
	}
	b.Doc.Table([]page.Column{page.Words(b.Say("col-outcome-visit", nil)), page.Words(b.Say("col-rule", nil)), page.Words(b.Say("col-arm", nil)),
		page.Numbers(b.Say("col-count", nil)), page.Numbers(ci.head())}, ditto(rows, 2))
	columns := []page.Column{page.Words(b.Say("col-outcome-visit", nil)), page.Words(b.Say("col-rule", nil))}
	if len(b.r.Flow) > 2 {
		columns = append(columns, page.Words(b.Say("col-comparison", nil)))
	}
	columns = append(columns, page.Numbers(b.Say("col-points", nil)), page.Numbers(ci.head()))
	how := b.Say("responders-method", text.Args{"methods": strings.Join(named, "; ")})
	if b.opt.ShowP { // no responder rule is the comparison on which the trial is decided
		columns = append(columns, page.Numbers(b.Say("col-p", nil)))
		how += " " + b.Say("responders-p", nil)
	}
	b.Doc.Table(columns, ditto(contrasts, 1))
	if len(leftOut) > 0 {
		b.Paragraph("responders-left-out", text.Args{"list": strings.Join(leftOut, "; ")})
	}
	b.responderEffects()
	b.Doc.Paragraph(how + b.simulated())
}

// rule writes a responder rule: "improved ≥ 2.26 cm, missing = no".
func (b *builder) rule(o study.Outcome, rule string, t study.Threshold) string {
	value := b.Say("number", text.Args{"x": t.Value})
	if t.Kind == study.Percent {
		value += "%"
	} else {
		value += text.Unit(o.Unit)
	}
	relation := "≥"
	if t.Kind == study.PASS && o.Better == study.LowerIsBetter {
		relation = "≤"
	}
	return b.Say("rule-"+rule, text.Args{"threshold": value, "relation": relation})
}

// within stands apart: a change within an arm is no treatment effect.
func (b *builder) within() {
	if !slices.ContainsFunc(b.r.Results, func(res study.Result) bool { return len(res.Within) > 0 }) {
		return
	}
	b.Heading("report-within")
	b.Paragraph("within-intro", nil)
	var rows [][]string
	ci := b.levelColumn()
	for _, res := range b.r.Results {
		for _, row := range res.Within {
			ci.add(row.Level)
		}
	}
	for _, res := range b.r.Results {
		for _, row := range res.Within {
			rows = append(rows, []string{b.outcome(row.Outcome) + ", " + b.visit(row.Visit), b.arm(row.Arm),
				fmt.Sprint(row.N[row.Arm]), b.plain(res.Outcome, row.Estimate), ci.cell(b.interval(res.Outcome, row), row.Level), res.Outcome.Unit})
		}
	}
	b.Doc.Table([]page.Column{page.Words(b.Say("col-outcome-visit", nil)), page.Words(b.Say("col-arm", nil)), page.Numbers(b.Say("col-n", nil)),
		page.Numbers(b.Say("col-change", nil)), page.Numbers(ci.head()), page.Words(b.Say("col-unit", nil))}, ditto(rows, 1))
}

// safety says what the counts can and cannot exclude.
func (b *builder) safety() {
	s := b.r.Safety
	b.Heading("report-safety")
	if !s.Declared {
		b.Paragraph("safety-not-recorded", nil)
		return
	}
	var rows [][]string
	missed := 0
	add := func(label string, r study.SafetyRow) {
		rows = append(rows, []string{label, fmt.Sprintf("%d/%d", r.Events, r.N), fmt.Sprint(r.TotalEvents),
			b.percentInterval(r.Lower, r.Upper), b.percent(r.UpperOneSided), fmt.Sprint(r.NotRecorded)})
	}
	for _, r := range s.Arms {
		add(b.arm(r.Arm), r)
	}
	if s.Pooled != nil {
		add(b.Say("safety-any-procedure", nil), *s.Pooled)
	}
	b.Doc.Table([]page.Column{page.Words(b.Say("col-arm", nil)), page.Numbers(b.Say("col-with-event", nil)), page.Numbers(b.Say("col-events", nil)),
		page.Numbers(b.Say("col-two-sided", text.Args{"level": b.Level(s.Level)})),
		page.Numbers(b.Say("col-one-sided", text.Args{"level": b.Level(s.Level)})), page.Numbers(b.Say("col-not-recorded", nil))}, rows)
	for _, c := range s.Contrasts {
		if !math.IsNaN(c.Difference) {
			b.Doc.Item(b.Say("safety-difference", text.Args{"arm": b.arm(c.Arm), "control": b.arm(c.Control),
				"points": b.Points(c.Difference), "level": b.Level(s.Level), "method": b.Say("risk-"+string(c.Method), nil),
				"interval": b.Say("interval", text.Args{"lower": b.Points(c.Lower), "upper": b.Points(c.Upper)})}))
		}
	}
	said := map[string]bool{}
	for _, r := range s.Arms {
		missed += r.NotRecorded
		if r.Events > 0 || r.N == 0 {
			continue
		}
		b.Doc.Item(b.Say("safety-none", text.Args{"arm": b.arm(r.Arm), "n": r.N, "two": r.Upper, "one": r.UpperOneSided, "level": b.Level(s.Level)}))
		if r.N < 2 {
			continue
		}
		times := int(math.Round(1 / missedHarm(r.N)))
		sentence := b.Say("safety-missed", text.Args{"n": b.word(r.N), "times": b.word(times), "chance": missedHarm(r.N)})
		if !said[sentence] {
			said[sentence] = true
			b.Doc.Item(sentence)
		}
	}
	if missed > 0 {
		b.Doc.Item(b.Say("safety-missing", text.Args{"n": missed}))
	}
	if s.Pooled != nil {
		b.Doc.Item(b.Say("safety-pooled", nil))
	}
}

// word writes small numbers in words, as prose does.
func (b *builder) word(n int) string {
	code := fmt.Sprintf("word-%d", n)
	if b.C.Has(code) {
		return b.Say(code, nil)
	}
	return fmt.Sprint(n)
}

// ditto leaves out what the row above already says in the leading columns.
func ditto(rows [][]string, columns int) [][]string {
	out := make([][]string, len(rows))
	for i, r := range rows {
		out[i] = slices.Clone(r)
		for j := 0; j < columns && i > 0 && slices.Equal(r[:j+1], rows[i-1][:j+1]); j++ {
			out[i][j] = ""
		}
	}
	return out
}

// missedHarm is the probability that n patients show none of a harm that
// strikes one in n: (1 − 1/n)^n. With five patients it is 0.33.
func missedHarm(n int) float64 {
	return math.Pow(1-1/float64(n), float64(n))
}
