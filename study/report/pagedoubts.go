package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// pageDoubts are what changes the reading of the answer. What its own sentence
// says already (Doubt.Said) is not said twice.
func (b *builder) pageDoubts() {
	list := b.doubts(true)
	if len(list) == 0 {
		return
	}
	label := "page-doubts"
	if len(list) == 1 {
		label = "page-doubt"
	}
	b.Doc.Section(b.Say(label, nil))
	if len(list) == 1 || b.room.doubts == 1 {
		if len(list) > 1 {
			list[0] += " " + b.Say("page-doubts-more", text.Args{"n": len(list) - 1})
		}
		b.Doc.Paragraph(list[0])
		return
	}
	var pairs [][2]string
	for i, s := range list[:min(len(list), b.room.doubts)] {
		pairs = append(pairs, [2]string{fmt.Sprintf("%d.", i+1), s})
	}
	b.Doc.Pairs(pairs)
	if more := len(list) - b.room.doubts; more > 0 {
		b.Paragraph("page-doubts-more", text.Args{"n": more})
	}
}

// seeDoubts points to them, by the name that their section has.
func (b *builder) seeDoubts() string {
	if len(b.doubts(true)) == 1 {
		return b.Say("page-see-doubt", nil)
	}
	return b.Say("page-see-doubts", nil)
}

// doubtsInFull lists them all, in the supplement, where page one had no room.
func (b *builder) doubtsInFull() {
	list := b.doubts(false)
	if len(list) <= b.room.doubts && len(list) == len(b.doubts(true)) {
		return
	}
	b.Heading("report-doubts")
	for _, s := range list {
		b.Doc.Item(s)
	}
}

// doubts are the sentences, in the order of their weight, of the comparisons that
// page one answers or of all; thresholds that move the same count at several visits
// are one doubt.
func (b *builder) doubts(asked bool) []string {
	var out []string
	done := map[int]bool{}
	for i, d := range b.r.Doubts {
		if d.Said && asked || done[i] || asked && !b.isAsked(d) {
			continue
		}
		var s string
		switch d.Kind {
		case study.DoubtThreshold:
			same := []study.Doubt{d}
			for k, other := range b.r.Doubts[i+1:] {
				if other.Kind == d.Kind && other.Outcome == d.Outcome && alike(*other.Other, *d.Other) {
					same = append(same, other)
					done[i+1+k] = true
				}
			}
			s = b.thresholdDoubt(same)
		case study.DoubtCompanion:
			s = b.companionDoubt(d)
		case study.DoubtJoint:
			s = b.Say("page-doubt-joint", text.Args{"interval": b.jointLimits(d.Outcome, *d.Joint),
				"null": b.null(d), "control": b.arm(b.r.Consort.Arms[len(b.r.Consort.Arms)-1].Arm)})
		case study.DoubtVaries:
			s = b.slopeDoubt(d)
		case study.DoubtLost:
			same := []study.Doubt{d}
			for k, other := range b.r.Doubts[i+1:] {
				if other.Kind == d.Kind && other.Notes[0].Code == d.Notes[0].Code && (!asked || b.isAsked(other)) && !done[i+1+k] {
					same = append(same, other)
					done[i+1+k] = true
				}
			}
			if len(same) > 1 {
				out = append(out, b.lostDoubt(same))
				continue
			}
			s = b.note(d.Notes[0])
		default:
			var parts []string
			for _, n := range d.Notes {
				parts = append(parts, b.note(n))
			}
			s = strings.Join(parts, " ")
		}
		if where := b.doubtWhere(d, asked); where != "" {
			s = b.Say("page-doubt-where", text.Args{"where": where, "text": s})
		}
		out = appendNew(out, s)
	}
	return out
}

// isAsked reports whether a doubt is about a comparison that page one answers, or
// about the whole trial.
func (b *builder) isAsked(d study.Doubt) bool {
	return d.Outcome == "" || slices.ContainsFunc(b.asked[:min(len(b.asked), b.room.answers)], func(q question) bool {
		return q.res.Outcome.ID == d.Outcome && q.row.Visit == d.Visit && (d.Arm == "" || d.Arm == q.row.Arm)
	})
}

// doubtWhere names the comparison that a doubt is about, as far as there are others.
func (b *builder) doubtWhere(d study.Doubt, asked bool) string {
	var parts []string
	several := func(of func(question) string) bool {
		return !asked || slices.ContainsFunc(b.asked, func(q question) bool { return of(q) != of(b.asked[0]) })
	}
	if d.Outcome != "" && several(func(q question) string { return q.res.Outcome.ID }) {
		parts = append(parts, b.outcome(d.Outcome))
	}
	if d.Kind != study.DoubtThreshold && d.Outcome != "" && several(func(q question) string { return q.res.Visit.ID }) {
		parts = append(parts, b.visit(cmp.Or(d.Visit, study.OverallVisit)))
	}
	if d.Arm != "" && len(b.r.Consort.Arms) > 2 {
		parts = append(parts, b.arm(d.Arm))
	}
	return strings.Join(parts, ", ")
}

// lostDoubt says of several comparisons how many have no value.
func (b *builder) lostDoubt(same []study.Doubt) string {
	var list []string
	for _, d := range same {
		args := maps.Clone(d.Notes[0].Args)
		args["where"] = b.outcome(d.Outcome) + ", " + b.visit(cmp.Or(d.Visit, study.OverallVisit))
		list = append(list, b.Say("page-lost-at", args))
	}
	return b.Say("page-"+same[0].Notes[0].Code, text.Args{"list": strings.Join(list, "; ")})
}

// thresholdDoubt says what another threshold would have counted.
func (b *builder) thresholdDoubt(same []study.Doubt) string {
	d := same[0]
	o, _ := b.r.Protocol.Outcome(d.Outcome)
	value := func(t study.Threshold) string { return b.Say("number", text.Args{"x": t.Value}) + text.Unit(o.Unit) }
	var list []string
	where := map[string][]string{}
	for _, x := range same {
		var counts []string
		for _, r := range x.Counts {
			counts = append(counts, b.Say("page-responders", text.Args{"events": r.Events, "n": r.N, "arm": b.arm(r.Arm)}))
		}
		s := b.joined("page-list-and", counts)
		if where[s] == nil {
			list = append(list, s)
		}
		where[s] = append(where[s], b.visit(x.Visit))
	}
	for i, s := range list {
		list[i] = b.Say("page-analyzed-at", text.Args{"where": strings.Join(where[s], ", "), "counts": s})
	}
	args := text.Args{"used": value(*d.Threshold), "with": value(*d.Other), "other": b.origin(*d.Other), "list": strings.Join(list, "; ")}
	if args["other"] == "" {
		return b.Say("page-doubt-threshold-plain", args)
	}
	return b.Say("page-doubt-threshold", args)
}

// companionDoubt names the methods that answer otherwise, with their intervals.
func (b *builder) companionDoubt(d study.Doubt) string {
	o, _ := b.r.Protocol.Outcome(d.Outcome)
	var list, changes []string
	code := "page-doubt-companions-exclude"
	for _, row := range d.Agreement.Differ {
		s := b.Say("page-doubt-companion", text.Args{"method": b.shortMethod(row), "interval": b.limits(o, closed(row))})
		if short := fmt.Sprintf("page-short-%s", row.Method); b.C.Has(short) && !row.WithoutStrata {
			changes = append(changes, s)
		} else {
			list = append(list, s)
		}
		if (stats.Interval{Lo: row.Lower, Hi: row.Upper, LoOpen: row.LoOpen, HiOpen: row.HiOpen}).Contains(d.Agreement.Null) {
			code = "page-doubt-companions-include"
		}
	}
	k := len(list) + len(changes)
	if len(changes) > 0 { // their kind is said once
		list = append(list, b.Say("page-of-changes", text.Args{"list": strings.Join(changes, "; ")}))
	}
	if b.alone(d) {
		code += "-alone"
	}
	return b.Say(code, text.Args{"list": strings.Join(list, "; "), "null": b.null(d), "k": k, "n": len(d.Agreement.Companions)})
}

// null is what the doubt's intervals are held against: 0, or a margin.
func (b *builder) null(d study.Doubt) string {
	x := 0.0
	if d.Agreement != nil {
		x = d.Agreement.Null
	}
	for _, n := range d.Notes {
		if v, ok := n.Args["null"].(float64); ok {
			x = v
		}
	}
	plain := d.Joint != nil && d.Joint.Measure.Plain() ||
		d.Agreement != nil && slices.ContainsFunc(d.Agreement.Companions, func(row study.Row) bool { return row.Measure.Plain() })
	if o, ok := b.r.Protocol.Outcome(d.Outcome); ok && !plain {
		x = o.Shown(x)
	}
	return b.Say("number", text.Args{"x": x})
}

// slopeDoubt says for whom the difference is what.
func (b *builder) slopeDoubt(d study.Doubt) string {
	o, _ := b.r.Protocol.Outcome(d.Outcome)
	level := 0.95
	for _, q := range b.asked {
		if q.res.Outcome.ID == d.Outcome && q.res.Visit.ID == d.Visit {
			level = q.row.Level
		}
	}
	at := func(estimate func(study.BaselineSlope) stats.Estimate) string {
		var parts []string
		for _, a := range d.Slopes.Arms {
			e := estimate(a)
			s := b.value(o, e.Value) + " (" + b.differenceLimits(o.ID, e.CI(level)) + ")"
			if len(b.r.Consort.Arms) > 2 {
				s = b.arm(a.Arm) + " " + s
			}
			parts = append(parts, s)
		}
		return strings.Join(parts, "; ")
	}
	return b.Say("page-doubt-varies", text.Args{
		"f": d.Slopes.F, "df1": b.freedom(d.Slopes.DF1), "df2": b.freedom(d.Slopes.DF2),
		"low": b.value(o, d.Slopes.Low), "high": b.value(o, d.Slopes.High), "unit": o.Unit,
		"atlow":  at(func(s study.BaselineSlope) stats.Estimate { return s.AtLow }),
		"athigh": at(func(s study.BaselineSlope) stats.Estimate { return s.AtHigh })})
}

// differenceLimits writes limits of a difference of an outcome.
func (b *builder) differenceLimits(outcome string, i stats.Interval) string {
	o, _ := b.r.Protocol.Outcome(outcome)
	return b.intervalOf(i, func(x float64) string { return b.value(o, x, 0) })
}

// jointLimits are those of an interval that covers all arms, on its scale.
func (b *builder) jointLimits(outcome string, j study.JointInterval) string {
	o, _ := b.r.Protocol.Outcome(outcome)
	row := study.Row{Measure: j.Measure}
	return b.intervalOf(stats.Interval{Lo: j.Lower, Hi: j.Upper}, func(x float64) string { return b.rowValue(o, row, x, j.Measure.Null()) })
}

// departures say what was done otherwise than planned. That there is none is proved
// by study, which compares every field of every plan (Report.Departures).
func (b *builder) departures() string {
	if len(b.r.Protocol.Plans) == 0 {
		return b.Say("page-departures-no-plan", nil)
	}
	var list []string
	if slices.ContainsFunc(b.r.Departures, isAnalyzed) { // the answer counts them
		code := "page-departure-analyzed"
		if b.undeclared() {
			code = "page-departure-analyzed-file"
		}
		if !slices.ContainsFunc(b.asked[:min(len(b.asked), b.room.answers)], func(q question) bool {
			return slices.ContainsFunc(b.r.Consort.Arms, func(f study.ConsortArm) bool { n, of := b.analyzedOf(q, f); return n != of })
		}) {
			code += "-others"
		}
		list = append(list, b.Say(code, nil))
	}
	list = append(list, b.departureLines(func(n study.Note) bool { return !isAnalyzed(n) })...)
	if len(list) == 0 {
		return b.Say("page-departures-none", nil)
	}
	const most = 3
	if more := len(list) - most; more > 0 {
		list = append(list[:most], b.Say("page-departures-more", text.Args{"n": more}))
	}
	return b.Say("page-departures", text.Args{"list": strings.Join(list, " ")})
}

// isAnalyzed is the departure that not everybody is analyzed.
func isAnalyzed(n study.Note) bool { return n.Code == "departure-analyzed" }

// departureLines are the departures that keep, one sentence for all arms that it
// counts and for all visits at which it is the same.
func (b *builder) departureLines(keep func(study.Note) bool) []string {
	type place struct{ outcome, visit, method, set, estimand any }
	of := func(n study.Note) place {
		return place{n.Args["outcome"], n.Args["visit"], n.Args["method"], n.Args["set"], n.Args["estimand"]}
	}
	counts := map[place][]study.Note{}
	for _, n := range b.r.Departures {
		if at := of(n); isAnalyzed(n) && keep(n) {
			counts[at] = append(counts[at], n)
		}
	}
	var order []study.Note
	visits := map[string][]string{}
	same := func(n study.Note) string { // but for the visit
		args := maps.Clone(n.Args)
		delete(args, "visit")
		return fmt.Sprint(n.Code, args) // fmt sorts a map's keys
	}
	for _, n := range b.r.Departures {
		if !keep(n) {
			continue
		}
		if at := of(n); isAnalyzed(n) {
			if counts[at] == nil {
				continue // said with the first of them
			}
			var list []string
			for _, a := range b.r.Consort.Arms {
				for _, x := range counts[at] {
					if x.Args["arm"] == a.Arm {
						list = append(list, b.Say("departure-analyzed-arm", text.Args{"arm": b.arm(a.Arm), "n": x.Args["n"], "of": x.Args["of"]}))
					}
				}
			}
			counts[at] = nil
			args := maps.Clone(n.Args) // of the place; the arm's are in the list
			args["list"] = strings.Join(list, ", ")
			delete(args, "arm")
			delete(args, "n")
			delete(args, "of")
			n = study.Note{Code: "departure-analyzed-arms", Args: args}
		}
		key := same(n)
		if visits[key] == nil {
			order = append(order, n)
		}
		visit, _ := n.Args["visit"].(string)
		visits[key] = append(visits[key], visit)
	}
	var out []string
	for _, n := range order {
		if at := visits[same(n)]; len(at) > 1 {
			n.Args = maps.Clone(n.Args)
			n.Args["visit"] = text.Args{"name": strings.Join(b.visitsInOrder(at), ", ")}
		}
		out = append(out, b.note(n))
	}
	return out
}

// visitsInOrder names visits in the order of the trial.
func (b *builder) visitsInOrder(ids []string) []string {
	var out []string
	for _, v := range b.r.Protocol.Visits {
		if slices.Contains(ids, v.ID) {
			out = append(out, b.visit(v.ID))
		}
	}
	if slices.Contains(ids, study.OverallVisit) {
		out = append(out, b.visit(study.OverallVisit))
	}
	return out
}

// proportions names the method of a difference of proportions.
func (b *builder) proportions(rc study.ResponderContrast) string {
	return b.Say(fmt.Sprintf("risk-%s", rc.Method), nil)
}
