package study

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// leading returns the results that the report opens with: those that a plan
// names, or else those with a threshold, or else all.
func (r Report) leading() []Result {
	pick := func(keep func(Result) bool) []Result {
		var out []Result
		for _, res := range r.Results {
			if keep(res) {
				out = append(out, res)
			}
		}
		return out
	}
	planned := pick(func(res Result) bool {
		return slices.ContainsFunc(r.Protocol.Plans, func(p Plan) bool {
			return p.Outcome == res.Outcome.ID && (p.Visit == "" || p.Visit == res.Visit.ID)
		})
	})
	if len(planned) > 0 {
		return planned
	}
	judged := pick(func(res Result) bool {
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
func (b *reportBuilder) headline() {
	b.heading("report-headline")
	for _, res := range b.r.leading() {
		parts := b.responderSentences(res)
		for _, row := range res.answers() {
			judged := row.Judgement != nil
			s := b.differenceSentence(res, row, judged)
			if !row.Decides || row.Role == RoleDefault {
				s = b.say("brief-role-"+string(row.Role), text.Args{"text": s})
			}
			parts = append(parts, s)
			if judged {
				parts = append(parts, row.Judgement.Sentence(b.c, res.Outcome))
			}
			if row.NonInferiority != nil {
				parts = append(parts, b.note(row.NonInferiority.note(unitSuffix(res.Outcome), row.Role)))
			}
		}
		b.doc.Item(b.say("brief", text.Args{"outcome": labelOr(res.Outcome.Label, res.Outcome.ID),
			"visit": b.where(res), "text": strings.Join(parts, " ") + b.simulated()}))
	}
}

func (b *reportBuilder) responderSentences(res Result) []string {
	var arms []string
	var th *Threshold
	for _, r := range res.Responders {
		if r.Headline {
			arms = append(arms, b.say("brief-count", text.Args{"arm": b.arm(r.Arm), "events": r.Events, "n": r.N}))
			t := r.Threshold
			th = &t
		}
	}
	if th == nil {
		return nil
	}
	parts := []string{b.say("brief-responders", text.Args{"kind": string(th.Kind),
		"threshold": b.say("number", text.Args{"x": th.Value}) + unitSuffix(res.Outcome), "arms": strings.Join(arms, ", ")})}
	for _, rc := range res.ResponderContrasts {
		if rc.Rule == RuleChange && rc.Threshold == *th && !math.IsNaN(rc.Difference) {
			parts = append(parts, b.say("brief-responder-difference", text.Args{
				"arm": b.arm(rc.Arm), "control": b.arm(rc.Control), "points": b.points(rc.Difference),
				"level":    b.level(rc.Level),
				"interval": b.say("interval", text.Args{"lower": b.points(rc.Lower), "upper": b.points(rc.Upper)})}))
			if doubt := b.responderDoubt(rc); doubt != "" {
				parts = append(parts, doubt)
			}
		}
	}
	return parts
}

// differenceSentence says the difference and whom it favors. judged: the verdict
// follows, which begins with it where no effect is inside the interval.
func (b *reportBuilder) differenceSentence(res Result, row Row, judged bool) string {
	o := res.Outcome
	args := text.Args{"arm": b.arm(row.Arm), "control": b.arm(row.Control), "method": row.MethodLabel(b.c),
		"value": b.plain(o, row.Estimate) + unitSuffix(o), "level": b.level(row.Level),
		"interval": b.interval(o, row), "n1": row.N[row.Arm], "n2": row.N[row.Control]}
	if row.Withheld() {
		return b.say("brief-withheld", args)
	}
	if row.Effect == nil {
		return b.say("brief-no-estimate", args)
	}
	s := b.say("brief-difference", args)
	if b.showsP(row) {
		code := "p-unadjusted"
		if row.Role == RolePrimary {
			code = "p-primary"
		}
		s += " " + b.say(code, text.Args{"p": row.P})
	}
	switch {
	case row.IncludesZero():
		if !judged {
			s += " " + b.say("brief-includes-zero", nil)
		}
	case o.Better.Sign()*row.Estimate > 0:
		s += " " + b.say("brief-favors", text.Args{"arm": b.arm(row.Arm)})
	default:
		s += " " + b.say("brief-favors", text.Args{"arm": b.arm(row.Control)})
	}
	return s
}

// between lists every method's difference per outcome, then the verdicts of
// the plans' methods and the doubts.
func (b *reportBuilder) between() {
	b.heading("report-between")
	intro := b.say("between-intro", nil)
	if slices.ContainsFunc(b.r.Results, func(res Result) bool {
		return slices.ContainsFunc(res.Rows, func(r Row) bool { return r.LoOpen || r.HiOpen })
	}) {
		intro += " " + b.say("open-ends", nil)
	}
	b.doc.Paragraph(intro)
	for i, res := range b.r.Results {
		if i > 0 && b.r.Results[i-1].Outcome.ID == res.Outcome.ID {
			continue
		}
		var same []Result
		for _, other := range b.r.Results {
			if other.Outcome.ID == res.Outcome.ID {
				same = append(same, other)
			}
		}
		b.doc.Heading(3, b.outcomeTitle(res.Outcome))
		b.betweenTable(same)
		b.betweenNotes(same)
	}
}

func (b *reportBuilder) betweenTable(results []Result) {
	several := len(results[0].Arms) > 2
	ci := b.levelColumn()
	for _, res := range results {
		for _, row := range res.Rows {
			ci.add(row.Level)
		}
	}
	columns := []page.Column{{Title: b.say("col-visit", nil)}}
	if several {
		columns = append(columns, page.Column{Title: b.say("col-comparison", nil)})
	}
	columns = append(columns, page.Column{Title: b.say("col-analysis", nil)}, page.Numbers(b.say("col-difference", nil)),
		page.Numbers(ci.head()), page.Numbers(b.say("col-n", nil)))
	showP := false
	for _, res := range results {
		showP = showP || slices.ContainsFunc(res.Rows, b.showsP)
	}
	if showP {
		columns = append(columns, page.Numbers(b.say("col-p", nil)))
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
			method := row.MethodLabel(b.c)
			switch {
			case row.Decides && row.Role == RolePrimary:
				method += " " + b.say("method-decides-primary", nil)
			case row.Decides:
				method += " " + b.say("method-decides", nil)
			case row.Role != RoleCompanion:
				method += " " + b.say("method-"+string(row.Role), nil)
			}
			cells = append(cells, method, b.plain(res.Outcome, row.Estimate), ci.cell(b.interval(res.Outcome, row), row.Level),
				fmt.Sprintf("%d + %d", row.N[row.Arm], row.N[row.Control]))
			if showP {
				p := ""
				if b.showsP(row) {
					p = strings.TrimPrefix(b.c.P(row.P), "= ")
				}
				cells = append(cells, p)
			}
			rows = append(rows, cells)
		}
	}
	b.doc.Table(columns, rows)
	if showP {
		b.doc.Paragraph(b.say("p-column", nil) + b.simulated())
	}
}

func (b *reportBuilder) versus(arm, control string) string {
	return b.arm(arm) + " − " + b.arm(control)
}

// betweenNotes writes verdicts, effect sizes and doubts of one outcome's
// visits; what holds for several visits is said once.
func (b *reportBuilder) betweenNotes(results []Result) {
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
		b.doc.Item(where + ": " + n.text)
	}
}

// resultNotes are one visit's sentences, verdicts first.
func (b *reportBuilder) resultNotes(res Result) []armNote {
	var out []armNote
	if res.Plan.Role == RoleDefault {
		out = append(out, armNote{"", b.say("default-analysis", nil)})
	}
	if margin, _ := res.Outcome.Verdict(); margin == nil {
		out = append(out, armNote{"", b.note(noVerdict(res.Outcome))})
	}
	for _, row := range res.Deciding() {
		if row.Judgement != nil {
			out = append(out, armNote{row.Arm, row.Judgement.Sentence(b.c, res.Outcome) + b.simulated()})
		}
	}
	for _, e := range res.EffectSizes {
		if !math.IsNaN(e.Estimate) {
			code := "effect-size"
			if e.Measure == "hedges-g" {
				code = "effect-size-values"
			}
			out = append(out, armNote{e.Arm, b.say(code, text.Args{"value": e.Estimate, "lower": e.Lower, "upper": e.Upper, "level": b.level(e.Level)})})
		}
	}
	out = append(out, b.sharedNotes(res)...)
	for _, n := range loud(res.Notes) {
		if n.Code != "threshold-acts-as" && n.Code != "threshold-choice" { // said once, in sections of their own
			out = append(out, armNote{"", b.note(n)})
		}
	}
	return out
}

// armNote is a sentence about one arm's comparison.
type armNote struct{ arm, text string }

// sharedNotes are the doubts of a result's rows; one that several methods
// share is said once, with the methods that it concerns.
func (b *reportBuilder) sharedNotes(res Result) []armNote {
	type shared struct {
		armNote
		methods  []string
		inside   bool // the sentence itself names the methods
		decides  bool
		original Note
	}
	var all []shared
	for _, row := range res.Rows {
		for _, n := range loud(row.Notes) {
			x := shared{armNote: armNote{arm: row.Arm}, decides: row.Decides, original: n}
			method := row.Method
			if m, ok := n.Args["method"].(string); ok && strings.HasPrefix(n.Code, "companion-") {
				x.inside, method = true, Method(m)
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

// responderDoubt says where the interval and the exact test of one difference in
// responders do not agree, as happens with few participants; "" where they do.
func (b *reportBuilder) responderDoubt(rc ResponderContrast) string {
	outside := rc.Lower > 0 || rc.Upper < 0
	switch {
	case rc.Stratified || math.IsNaN(rc.FisherP) || outside == (rc.FisherP < 1-rc.Level):
		return ""
	case outside:
		return b.say("responder-doubt-outside", nil)
	}
	return b.say("responder-doubt-inside", nil)
}

// responders lists counts per arm, observed and of all randomized.
func (b *reportBuilder) responders() {
	var rows, contrasts [][]string
	var leftOut []string
	doubts := 0
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
				interval = b.say("interval", text.Args{"lower": b.points(r.Lower), "upper": b.points(r.Upper)})
			}
			cells := []string{b.outcome(r.Outcome) + ", " + b.visit(r.Visit), b.rule(res.Outcome, r.Rule, r.Threshold)}
			if len(res.Arms) > 2 {
				cells = append(cells, b.versus(r.Arm, r.Control))
			}
			cells = append(cells, b.points(r.Difference), ci.cell(interval, r.Level))
			if b.opt.ShowP {
				cells = append(cells, strings.TrimPrefix(b.c.P(r.p()), "= "))
			}
			contrasts = append(contrasts, cells)
			if b.responderDoubt(r) != "" {
				doubts++
			}
			if r.LeftOut > 0 && !math.IsNaN(r.Difference) {
				leftOut = append(leftOut, b.say("responders-left-out-of", text.Args{
					"where": b.outcome(r.Outcome) + ", " + b.visit(r.Visit) + ", " + b.rule(res.Outcome, r.Rule, r.Threshold) + ", " + b.versus(r.Arm, r.Control),
					"n":     r.LeftOut}))
			}
		}
	}
	if len(rows) == 0 {
		return
	}
	pColumn, method, pMethod := "col-fisher", "responders-method", "responders-p"
	if b.r.Protocol.Randomization.stratified() {
		pColumn, method, pMethod = "col-p-strata", "responders-stratified", "responders-p-strata"
	}
	b.heading("report-responders")
	b.paragraph("responders-intro", nil)
	b.kinds(b.r.Protocol.Outcomes)
	said := map[string]bool{}
	for _, res := range b.r.Results {
		for _, n := range res.Notes {
			s := b.outcome(res.Outcome.ID) + ": " + b.note(n)
			if (n.Code == "threshold-acts-as" || n.Code == "threshold-choice") && !said[s] {
				said[s] = true
				b.doc.Item(s)
			}
		}
	}
	b.doc.Table([]page.Column{page.Words(b.say("col-outcome-visit", nil)), page.Words(b.say("col-rule", nil)), page.Words(b.say("col-arm", nil)),
		page.Numbers(b.say("col-count", nil)), page.Numbers(ci.head())}, ditto(rows, 2))
	columns := []page.Column{page.Words(b.say("col-outcome-visit", nil)), page.Words(b.say("col-rule", nil))}
	if len(b.r.Flow) > 2 {
		columns = append(columns, page.Words(b.say("col-comparison", nil)))
	}
	columns = append(columns, page.Numbers(b.say("col-points", nil)), page.Numbers(ci.head()))
	how := b.say(method, nil)
	if b.opt.ShowP { // no responder rule is the comparison on which the trial is decided
		columns = append(columns, page.Numbers(b.say(pColumn, nil)))
		how += " " + b.say(pMethod, nil)
	}
	b.doc.Table(columns, ditto(contrasts, 1))
	if len(leftOut) > 0 {
		b.paragraph("responders-left-out", text.Args{"list": strings.Join(leftOut, "; ")})
	}
	if doubts > 0 {
		b.paragraph("responder-doubts", text.Args{"n": doubts, "all": len(contrasts)})
	}
	b.responderEffects()
	b.doc.Paragraph(how + b.simulated())
}

// rule writes a responder rule: "improved ≥ 2.26 cm, missing = no".
func (b *reportBuilder) rule(o Outcome, rule string, t Threshold) string {
	value := b.say("number", text.Args{"x": t.Value})
	if t.Kind == Percent {
		value += "%"
	} else {
		value += unitSuffix(o)
	}
	relation := "≥"
	if t.Kind == PASS && o.Better == LowerIsBetter {
		relation = "≤"
	}
	return b.say("rule-"+rule, text.Args{"threshold": value, "relation": relation})
}

// within stands apart: a change within an arm is no treatment effect.
func (b *reportBuilder) within() {
	if !slices.ContainsFunc(b.r.Results, func(res Result) bool { return len(res.Within) > 0 }) {
		return
	}
	b.heading("report-within")
	b.paragraph("within-intro", nil)
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
	b.doc.Table([]page.Column{page.Words(b.say("col-outcome-visit", nil)), page.Words(b.say("col-arm", nil)), page.Numbers(b.say("col-n", nil)),
		page.Numbers(b.say("col-change", nil)), page.Numbers(ci.head()), page.Words(b.say("col-unit", nil))}, ditto(rows, 1))
}

// safety says what the counts can and cannot exclude.
func (b *reportBuilder) safety() {
	s := b.r.Safety
	b.heading("report-safety")
	if !s.Declared {
		b.paragraph("safety-not-recorded", nil)
		return
	}
	var rows [][]string
	missed := 0
	add := func(label string, r SafetyRow) {
		rows = append(rows, []string{label, fmt.Sprintf("%d/%d", r.Events, r.N), fmt.Sprint(r.TotalEvents),
			b.percentInterval(r.Lower, r.Upper), b.percent(r.UpperOneSided), fmt.Sprint(r.NotRecorded)})
	}
	for _, r := range s.Arms {
		add(b.arm(r.Arm), r)
	}
	if s.Pooled != nil {
		add(b.say("safety-any-procedure", nil), *s.Pooled)
	}
	b.doc.Table([]page.Column{page.Words(b.say("col-arm", nil)), page.Numbers(b.say("col-with-event", nil)), page.Numbers(b.say("col-events", nil)),
		page.Numbers(b.say("col-two-sided", text.Args{"level": b.level(s.Level)})),
		page.Numbers(b.say("col-one-sided", text.Args{"level": b.level(s.Level)})), page.Numbers(b.say("col-not-recorded", nil))}, rows)
	for _, c := range s.Contrasts {
		if !math.IsNaN(c.Difference) {
			b.doc.Item(b.say("safety-difference", text.Args{"arm": b.arm(c.Arm), "control": b.arm(c.Control),
				"points": b.points(c.Difference), "level": b.level(s.Level),
				"interval": b.say("interval", text.Args{"lower": b.points(c.Lower), "upper": b.points(c.Upper)})}))
		}
	}
	said := map[string]bool{}
	for _, r := range s.Arms {
		missed += r.NotRecorded
		if r.Events > 0 || r.N == 0 {
			continue
		}
		b.doc.Item(b.say("safety-none", text.Args{"arm": b.arm(r.Arm), "n": r.N, "two": r.Upper, "one": r.UpperOneSided, "level": b.level(s.Level)}))
		if r.N < 2 {
			continue
		}
		times := int(math.Round(1 / missedHarm(r.N)))
		sentence := b.say("safety-missed", text.Args{"n": b.word(r.N), "times": b.word(times), "chance": missedHarm(r.N)})
		if !said[sentence] {
			said[sentence] = true
			b.doc.Item(sentence)
		}
	}
	if missed > 0 {
		b.doc.Item(b.say("safety-missing", text.Args{"n": missed}))
	}
	if s.Pooled != nil {
		b.doc.Item(b.say("safety-pooled", nil))
	}
}

// word writes small numbers in words, as prose does.
func (b *reportBuilder) word(n int) string {
	code := fmt.Sprintf("word-%d", n)
	if b.c.Has(code) {
		return b.say(code, nil)
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
