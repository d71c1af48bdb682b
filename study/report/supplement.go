package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/lost"
	"github.com/trialkit/trialkit/study/text"
)

// supplement is what a reviewer asks for behind page one. What no reader of a
// report asks for (floors of exact tests, best and worst cases, how arrangements
// were counted) stands in results.json alone.
func (b *builder) supplement() {
	b.Doc.Break()
	b.Doc.Heading(1, b.Say("report-supplement", nil))
	b.tablesInFull()
	b.estimands()
	b.companionRows()
	b.imputations()
	b.assumptionRows()
	b.whoIsLost()
	b.family()
	b.jointIntervals()
	b.lsMeans()
	b.responders()
	b.importance()
	b.within()
	b.summaries()
	b.trendSection()
	b.subgroups()
	b.treatment()
	b.safety()
	b.doubtsInFull()
	b.departuresInFull()
	b.changesInFull()
	b.trial()
	b.Heading("report-flow")
	b.flowText()
	b.whoIsMissing()
	b.account()
}

// tablesInFull are Tables 1 and 2 with all that page one had no room for.
func (b *builder) tablesInFull() {
	b.Heading("report-tables")
	table1, err := Table1Of(b.r, Table1Options{Lang: b.opt.Lang, Overall: true})
	if err != nil { // the language is known: this report is written in it
		panic(err)
	}
	table2, err := ResultsTableWith(b.r, ResultsTableOptions{Lang: b.opt.Lang})
	if err != nil {
		panic(err)
	}
	for i, t := range []Table{table1, table2} { // page one has Tables 1 and 2
		doc := t.page()
		doc.Caption = b.Say(fmt.Sprintf("report-table-%d", i+1), nil)
		if i == 1 {
			doc.Caption = b.Say(tableCaption("report-table-2", b.r.Results), nil)
		}
		b.Doc.TableWith(doc)
	}
}

// jointIntervals are those that hold for all arms together.
func (b *builder) jointIntervals() {
	ci := b.levelColumn()
	t := page.Table{Group: 2, Columns: []page.Column{page.Names(b.Say("col-outcome", nil)), page.Names(b.Say("col-visit", nil)), page.Names(b.Say("col-comparison", nil)),
		page.Numbers(b.Say("col-difference", nil))}}
	own := func(res study.Result) bool { // which hold together as they stand
		return slices.ContainsFunc(res.Deciding(), func(r study.Row) bool { return r.Together.Joint() })
	}
	for _, res := range b.r.Results {
		for _, j := range res.Joint {
			ci.add(j.Level)
		}
	}
	for _, res := range b.r.Results {
		for _, j := range res.Joint {
			if own(res) {
				continue
			}
			t.Rows = append(t.Rows, []string{b.withUnit(res.Outcome), b.where(res), b.versus(j.Arm, res.Arms[len(res.Arms)-1].ID), b.rowValue(res.Outcome, study.Row{Measure: j.Measure}, j.Estimate),
				ci.cell(b.jointLimits(res.Outcome.ID, j), j.Level)})
		}
	}
	if len(t.Rows) == 0 {
		return
	}
	t.Columns = append(t.Columns, page.Numbers(ci.head()))
	b.Heading("report-joint")
	b.Paragraph("joint-intro", nil)
	b.Doc.TableWith(t)
}

// subgroups are those that the protocol declares.
func (b *builder) subgroups() {
	if len(b.r.Subgroups) == 0 {
		return
	}
	t, err := SubgroupsTable(b.r, b.opt.Lang)
	if err != nil { // the language is known
		panic(err)
	}
	b.Heading("report-subgroups")
	b.Doc.TableWith(t.page())
}

// departuresInFull lists what was done otherwise than planned.
func (b *builder) departuresInFull() {
	if len(b.r.Departures) == 0 {
		return
	}
	b.Heading("report-departures")
	for _, s := range b.departureLines(func(study.Note) bool { return true }) {
		b.Doc.Item(s)
	}
}

// summaries describe the observed values by arm and visit: what meta-analysts and
// planners of the next trial miss in papers.
func (b *builder) summaries() {
	if len(b.r.Results) == 0 {
		return
	}
	b.Heading("report-summaries")
	intro := "summaries-intro"
	if !slices.ContainsFunc(b.r.Results, func(res study.Result) bool { return res.Outcome.HasBaseline() }) {
		intro = "summaries-intro-no-baseline"
	}
	b.Paragraph(intro, nil)
	for _, s := range b.estimandNotes(b.r.Results) {
		b.Doc.Paragraph(s)
	}
	b.eachOutcome(func(o study.Outcome, results []study.Result) {
		t := page.Table{Caption: b.withUnit(o), Group: 1, Columns: []page.Column{page.Names(b.Say("col-visit", nil)), page.Names(b.Say("col-arm", nil)),
			page.Numbers(b.Say("col-n", nil)), page.Numbers(b.Say("col-mean", nil)), page.Numbers(b.Say("col-sd", nil))}}
		if o.Binary() {
			ci := b.levelColumn()
			for _, res := range results {
				ci.add(res.Level)
			}
			t.Columns = append(t.Columns[:3], page.Numbers(b.Say("col-share", nil)), page.Numbers(ci.head()))
		}
		if o.Counted() {
			ci := b.levelColumn()
			for _, res := range results {
				ci.add(res.Level)
			}
			t.Columns = append(t.Columns[:3], page.Numbers(b.Say("col-count-events", nil)), page.Numbers(b.Say("col-risk-time", nil)), page.Numbers(b.Say("col-count-rate", text.Args{"per": b.ratePer(o)})), page.Numbers(ci.head()))
			t.Notes = append(t.Notes, b.Say("rates-limits", nil))
		}
		if o.Ordinal() {
			t.Columns = t.Columns[:3]
			for _, l := range o.Levels {
				t.Columns = append(t.Columns, page.Numbers(b.Say("col-level", text.Args{"level": l})))
			}
		}
		geometric := slices.ContainsFunc(results, func(res study.Result) bool {
			return slices.ContainsFunc(res.Summaries, func(s study.Summary) bool { return s.Geometric != nil })
		})
		if geometric {
			t.Columns = append(t.Columns, page.Numbers(b.Say("col-geometric-mean", nil)), page.Numbers(b.Say("col-geometric-sd", nil)))
		}
		if o.HasBaseline() {
			t.Columns = append(t.Columns, page.Numbers(b.Say("col-n-pairs", nil)), page.Numbers(b.Say("col-mean-change", nil)),
				page.Numbers(b.Say("col-sd-change", nil)), page.Numbers(b.Say("col-r-baseline", nil)))
		}
		seen := map[[2]string]bool{}
		for _, res := range results {
			for _, visit := range []study.Visit{res.Baseline, res.Visit} {
				for _, s := range res.Summaries {
					if key := [2]string{s.Visit, s.Arm}; s.Visit == visit.ID && !seen[key] {
						seen[key] = true
						t.Rows = append(t.Rows, b.summary(o, cmp.Or(visit.Label, visit.ID), s, s.Visit == res.Visit.ID, geometric))
					}
				}
			}
		}
		b.Doc.TableWith(t)
	})
}

// summary is a row of summaries; after baseline it has the changes from it.
func (b *builder) summary(o study.Outcome, visit string, s study.Summary, after, geometric bool) []string {
	d := b.digits[o.ID]
	number := func(x float64, decimals int) string {
		if math.IsNaN(x) {
			return "–"
		}
		return b.C.Number(x, decimals)
	}
	if s.Share != nil {
		return []string{visit, b.arm(s.Arm), fmt.Sprint(s.N), b.share(*s.Share), b.shareLimits(*s.Share)}
	}
	if s.Levels != nil {
		cells := []string{visit, b.arm(s.Arm), fmt.Sprint(s.N)}
		for i := range s.Levels {
			cells = append(cells, b.levelCell(s, i))
		}
		return cells
	}
	if r := s.Rate; r != nil {
		per := b.r.RatePer(o.ID)
		return []string{visit, b.arm(s.Arm), fmt.Sprint(s.N), fmt.Sprint(r.Events), b.exposure(*r), number(per*r.Value, d),
			b.intervalOf(stats.Interval{Lo: per * r.Lower, Hi: per * r.Upper}, func(x float64) string { return b.C.Beside(x, d) })}
	}
	cells := []string{visit, b.arm(s.Arm), fmt.Sprint(s.N), number(s.Mean, d), number(s.SD, d)}
	if g := s.Geometric; geometric && g != nil {
		cells = append(cells, number(g.Mean, d), number(g.SD, ratioDecimals))
	} else if geometric {
		cells = append(cells, "–", "–")
	}
	switch {
	case !o.HasBaseline():
		return cells
	case after:
		return append(cells, fmt.Sprint(s.Pairs), number(s.MeanChange, d), number(s.SDChange, d), number(s.Correlation, 2))
	}
	return append(cells, "", "", "", "")
}

// eachOutcome goes through the results outcome by outcome.
func (b *builder) eachOutcome(do func(study.Outcome, []study.Result)) {
	for i, res := range b.r.Results {
		if i > 0 && b.r.Results[i-1].Outcome.ID == res.Outcome.ID {
			continue
		}
		var same []study.Result
		for _, other := range b.r.Results[i:] {
			if other.Outcome.ID == res.Outcome.ID {
				same = append(same, other)
			}
		}
		do(res.Outcome, same)
	}
}

// within stands apart: a change within an arm is no treatment effect.
func (b *builder) within() {
	ci := b.levelColumn()
	some := false
	for _, res := range b.r.Results {
		for _, row := range res.Within {
			ci.add(row.Level)
			some = true
		}
	}
	if !some {
		return
	}
	b.Heading("report-within")
	b.Paragraph("within-intro", nil)
	b.eachOutcome(func(o study.Outcome, results []study.Result) {
		t := page.Table{Caption: b.withUnit(o), Group: 1, Columns: []page.Column{page.Names(b.Say("col-visit", nil)), page.Names(b.Say("col-arm", nil)),
			page.Numbers(b.Say("col-n", nil)), page.Numbers(b.Say("col-change", nil)), page.Numbers(ci.head())}}
		for _, res := range results {
			for _, row := range res.Within {
				t.Rows = append(t.Rows, []string{b.visit(row.Visit), b.arm(row.Arm), fmt.Sprint(row.N[row.Arm]),
					b.estimate(o, row.Estimate), ci.cell(b.limits(o, row), row.Level)})
			}
		}
		b.Doc.TableWith(t)
	})
}

// estimate writes a difference or a change that may not exist.
func (b *builder) estimate(o study.Outcome, x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return b.value(o, x)
}

// assumptionRows are the comparisons under other assumptions about those lost.
func (b *builder) assumptionRows() {
	ci := b.levelColumn()
	t := page.Table{Group: 2, Columns: []page.Column{page.Names(b.Say("col-outcome", nil)), page.Names(b.Say("col-visit", nil)), page.Names(b.Say("col-assumption", nil))}}
	if len(b.r.Protocol.Arms) > 2 {
		t.Columns = append(t.Columns, page.Names(b.Say("col-comparison", nil)))
	}
	var intros []string
	lostHead := "col-lost"
	for _, res := range b.r.Results {
		if len(res.Sensitivity) > 0 && b.setAside(res) > 0 { // who is counted with those lost
			lostHead = "col-lost-aside"
		}
		for _, row := range res.Sensitivity {
			intro := "assumptions-intro"
			switch {
			case !res.Outcome.Measured() && row.Assume == impute.MAR.String():
				intro = "assumptions-intro-drawn"
			case res.Outcome.Binary():
				intro = "assumptions-intro-shares"
			}
			intros = appendNew(intros, intro)
			ci.add(row.Level)
		}
	}
	if len(intros) == 0 {
		return
	}
	t.Columns = append(t.Columns, page.Numbers(b.Say("col-difference", nil)), page.Numbers(ci.head()), page.Names(b.Say("col-favors", nil)), page.Numbers(b.Say(lostHead, nil)))
	var sentences []string
	for _, res := range b.r.Results {
		for _, row := range res.Sensitivity {
			difference, interval := "–", "–"
			if c := row.Completed; c != nil && len(row.Notes) == 0 {
				difference, interval = b.rowValue(res.Outcome, *c, c.Estimate), ci.cell(b.limits(res.Outcome, *c), row.Level)
			} else if len(row.Notes) == 0 {
				difference = b.value(res.Outcome, row.Value)
				interval = ci.cell(b.differenceLimits(res.Outcome.ID, stats.Interval{Lo: row.Lower, Hi: row.Upper}), row.Level)
			}
			what := b.withUnit(res.Outcome)
			if c := row.Completed; c != nil && c.Measure.Plain() {
				what += ", " + b.Say("measure-"+string(c.Measure), nil)
			}
			cells := []string{what, b.where(res), b.assumption(row)}
			if versus := b.versus(row.Arm, row.Control); len(b.r.Protocol.Arms) > 2 {
				cells = append(cells, versus)
			} else {
				t.Caption = versus
			}
			t.Rows = append(t.Rows, append(cells, difference, interval, b.favored(row, res.Outcome), b.Say("of", text.Args{"n": row.Lost[row.Arm], "of": row.N[row.Arm]})+"; "+b.Say("of", text.Args{"n": row.Lost[row.Control], "of": row.N[row.Control]})))
			if row.Redrawn > 0 {
				sentences = append(sentences, b.assumedAs(row, "")+": "+b.Say("imputed-redrawn", text.Args{"n": row.Redrawn, "of": row.Imputations + row.Redrawn}))
			}
			for _, n := range row.Notes {
				args := text.Args{"assumption": b.assumedAs(row, "")}
				maps.Copy(args, n.Args) // of a note of the comparison itself
				sentences = append(sentences, b.Say(n.Code, args))
			}
			for _, s := range []string{b.tipping(res, row), b.tippingCount(res, row)} {
				if s != "" {
					sentences = append(sentences, s)
				}
			}
		}
	}
	b.Heading("report-assumptions")
	for _, intro := range intros {
		b.Paragraph(intro, nil)
	}
	b.Doc.TableWith(t)
	for _, s := range sentences {
		b.Doc.Item(s)
	}
}

// favored names the arm that a comparison under another assumption favors.
func (b *builder) favored(row study.SensitivityRow, o study.Outcome) string {
	switch {
	case len(row.Notes) > 0:
		return "–"
	case row.Equivalence > 0:
		return b.Say(map[lost.Verdict]string{lost.Equivalent: "favors-equivalent", lost.Neither: "favors-not-equivalent", lost.Better: "favors-beyond-better", lost.Worse: "favors-beyond"}[row.Verdict(o)], nil)
	case row.Null != 0:
		return b.Say(map[lost.Verdict]string{lost.Better: "favors-not-inferior", lost.Neither: "favors-not-shown", lost.Worse: "favors-beyond"}[row.Verdict(o)], nil)
	case row.Verdict(o) == lost.Better:
		return b.short(row.Arm)
	case row.Verdict(o) == lost.Worse:
		return b.short(row.Control)
	}
	return b.Say("favors-neither", nil)
}

// tipping says how much worse those lost would have to be, where the primary comparison
// shows a difference (of a plan with a margin, non-inferiority or equivalence), and the model
// that predicts the missing values does so too, and anybody is lost; and where one of the
// two shows it and the other does not, that they disagree.
func (b *builder) tipping(res study.Result, row study.SensitivityRow) string {
	p := row.Tipping
	shown, ok := res.Shows(row)
	if p == nil || len(row.Notes) > 0 || row.Role != study.RolePrimary || !ok || row.Lost[p.Arm] == 0 || !shown && !p.Significant {
		return ""
	}
	o, margin := res.Outcome, ""
	switch {
	case row.Equivalence > 0:
		margin = "-equivalence"
	case p.Margin > 0:
		margin = "-margin"
	}
	if shown != p.Significant {
		side := "-model"
		if shown {
			side = "-row"
		}
		return b.Say("tipping-disagrees"+margin+side, text.Args{"where": b.outcome(o.ID) + ", " + b.where(res), "comparison": b.versus(row.Arm, row.Control), "value": b.value(o, row.Value) + text.Unit(o.Unit),
			"interval": b.differenceLimits(o.ID, stats.Interval{Lo: row.Lower, Hi: row.Upper}), "margin": p.Margin, "unit": text.Unit(o.Unit)})
	}
	code, d := "tipping"+margin+"-not", p.To
	if p.Found {
		code, d = "tipping"+margin, p.Delta
	}
	other := row.Control
	if p.Arm == row.Control {
		other = row.Arm
	}
	args := text.Args{"where": b.outcome(o.ID) + ", " + b.where(res), "arm": b.arm(p.Arm), "k": row.Lost[p.Arm], "n": row.N[p.Arm],
		"other": b.arm(other), "j": row.Lost[other], "m": row.N[other], "alpha": math.Round(1e9*(1-row.Level)) / 1e9,
		"margin": p.Margin, "unit": text.Unit(o.Unit)}
	size := func(d float64) {
		args["delta"], args["sd"], args["scale"] = b.value(o, d)+text.Unit(o.Unit), b.C.Number(d/p.SD, 2), ""
		if o.HasRange() {
			args["scale"] = b.Say("tipping-scale", text.Args{"share": d / (o.Max - o.Min)})
		}
	}
	size(d)
	args["lost"] = b.Say("tipping-lost", nil)
	if b.setAside(res) > 0 {
		args["lost"] = b.Say("tipping-lost-aside", nil)
	}
	if s := p.AtMargin; s != nil {
		args["value"] = b.value(o, s.Value) + text.Unit(o.Unit)
		args["interval"] = b.differenceLimits(o.ID, stats.Interval{Lo: s.Lower, Hi: s.Upper})
	}
	s := b.Say(code, args)
	if p.Held != nil {
		s += " " + b.Say("tipping-held", text.Args{"arm": b.arm(p.Arm), "then": b.C.Number(p.HeldAt[p.Arm], 1), "now": b.C.Number(p.Held[p.Arm], 1), "k": row.Lost[p.Arm], "m": row.Imputations})
	}
	switch {
	case p.FoundBetter:
		size(p.Better)
		s += " " + b.Say("tipping-equivalence-better", args)
	case row.Equivalence > 0:
		size(-p.From)
		s += " " + b.Say("tipping-equivalence-better-not", args)
	}
	return s
}

// tippingCount says with how many good outcomes among those lost a significant primary
// difference would be lost.
func (b *builder) tippingCount(res study.Result, row study.SensitivityRow) string {
	t := row.Counts
	shown, ok := res.Shows(row)
	if t == nil || !t.Significant || t.Lost == 0 || row.Role != study.RolePrimary || len(row.Notes) > 0 || !ok || !shown {
		return ""
	}
	other := row.Control
	if t.Arm == row.Control {
		other = row.Arm
	}
	code := "tipping-count"
	switch plan := res.Plan; {
	case plan.Margin > 0 && plan.Framework == study.FrameworkEquivalence:
		code += "-equivalence"
	case plan.Margin > 0:
		code += "-margin"
	}
	if !t.Found {
		code += "-not"
	}
	above := ""
	if t.FoundAbove {
		above = " " + b.Say("tipping-count-above", text.Args{"good": t.Above, "arm": b.arm(t.Arm)})
	}
	return b.Say(code, text.Args{"margin": res.Outcome.Shown(res.Plan.Margin),
		"where": b.outcome(res.Outcome.ID) + ", " + b.where(res), "alpha": math.Round(1e9*(1-row.Level)) / 1e9, "arm": b.arm(t.Arm), "lost": t.Lost,
		"good": t.Good, "expected": t.Expected, "other": b.arm(other), "otherlost": t.OtherLost, "othergood": t.Other}) + above
}

// assumption says what is assumed of those lost.
func (b *builder) assumption(row study.SensitivityRow) string { return b.assumedAs(row, "-means") }

// assumedAs is assumption in full (-means) or by its name alone.
func (b *builder) assumedAs(row study.SensitivityRow, form string) string {
	args := text.Args{"arm": b.arm(row.Arm), "control": b.arm(row.Control)}
	switch row.Assume {
	case study.AssumeDelta:
		if args["arm"] = b.arm(row.Assumption.Arm); row.Clip && form != "" {
			form += "-held"
		}
	case study.AssumeIMOR:
		var odds []string
		for _, a := range []string{row.Arm, row.Control} {
			x, ok := row.Odds[a]
			if !ok {
				x = 1
			}
			odds = append(odds, b.Say("assume-imor-odds", text.Args{"arm": b.arm(a), "odds": x}))
		}
		args["odds"] = strings.Join(odds, ", ")
	}
	return b.Say("assume-"+row.Assume+form, args)
}
