package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/estimand"
	"github.com/trialkit/trialkit/study/text"
)

// answer gives the differences that decide, who was analyzed, and in one sentence
// whether other methods agree.
func (b *builder) answer() {
	b.Doc.Section(b.Say("page-answer", nil))
	shown := b.asked[:min(len(b.asked), b.room.answers)]
	var nulls []string // of the questions whose intervals hold them
	for _, g := range byOutcome(shown) {
		for _, same := range byMethod(g) {
			b.Doc.Paragraph(b.answerLead(same))
			var pairs [][2]string
			for _, q := range same {
				pairs = append(pairs, [2]string{b.named(q, same), b.answerOf(q)})
				if q.row.IncludesZero() && q.row.NonInferiority == nil && q.row.Equivalence == nil {
					if null := b.Say("number", text.Args{"x": q.row.Measure.Null()}); !slices.Contains(nulls, null) {
						nulls = append(nulls, null)
					}
				}
			}
			b.Doc.Pairs(pairs)
		}
	}
	var parts []string
	if more := len(b.asked) - len(shown); more > 0 {
		parts = append(parts, b.Say("page-answers-more", text.Args{"n": more}))
	}
	if len(nulls) > 0 {
		parts = append(parts, b.Say("page-not-excluded", text.Args{"null": b.joined("page-list-and", nulls)}))
	}
	for _, q := range shown {
		if s := b.margin(q.res.Outcome, q.row); s != "" {
			if len(shown) > 1 {
				s = b.Say("page-finding", text.Args{"where": b.named(q, shown), "finding": s})
			}
			parts = append(parts, s)
		}
	}
	parts = append(parts, b.familyLine()...)
	parts = append(parts, b.trends(shown)...)
	parts = append(parts, b.whoAnalyzed(shown))
	if b.brief == whole {
		parts = append(parts, b.otherSets(shown)...)
	}
	if s := b.checked(shown); s != "" {
		parts = append(parts, s)
	}
	b.Doc.Paragraph(strings.Join(parts, " "))
}

// byMethod groups the questions about one outcome by what decides them.
func byMethod(list []question) [][]question {
	var out [][]question
	for _, q := range list {
		i := slices.IndexFunc(out, func(g []question) bool {
			return g[0].row.Method == q.row.Method && g[0].row.WithoutStrata == q.row.WithoutStrata && g[0].row.Estimand == q.row.Estimand
		})
		if i < 0 {
			out = append(out, nil)
			i = len(out) - 1
		}
		out[i] = append(out[i], q)
	}
	return out
}

func (b *builder) answerLead(g []question) string {
	q := g[0]
	code := "page-difference"
	switch {
	case q.row.Method == study.MethodWelchChange:
		code = "page-change"
	case q.row.Method == study.MethodTrimmedMeans && q.res.Outcome.HasBaseline():
		code = "page-trimmed-change"
	case q.row.Method == study.MethodTrimmedMeans:
		code = "page-trimmed"
	case q.row.Measure.Scale() != study.ScaleUnit:
		code = fmt.Sprintf("page-%s", q.row.Measure)
		if q.res.Outcome.Ordinal() && q.row.Measure == study.OddsRatio {
			code += "-level"
		}
	}
	if len(q.res.Arms) > 2 {
		code += "-arms"
	}
	return b.Say(code, text.Args{"outcome": b.outcome(q.res.Outcome.ID), "arm": b.arm(q.row.Arm), "control": b.arm(q.row.Control),
		"method": methodLabel(b.C, q.row) + b.hypothetical(q.row)})
}

// hypothetical says which events an answer is without, by its estimand.
func (b *builder) hypothetical(row study.Row) string {
	var events []string
	for _, e := range b.r.Protocol.Estimands {
		for _, h := range e.Strategies {
			if e.ID == row.Estimand && h.Strategy == estimand.Hypothetical {
				events = append(events, b.event(h.Event))
			}
		}
	}
	if len(events) == 0 {
		return ""
	}
	return b.Say("page-hypothetical", text.Args{"events": b.joined("page-list-and", events)})
}

// answerOf is one difference with its interval and whom it favors.
func (b *builder) answerOf(q question) string {
	o, row := q.res.Outcome, q.row
	value := b.rowValue(o, row, row.Estimate) + b.rowUnit(o, row)
	if row.Withheld() {
		return b.Say("page-estimate-withheld", text.Args{"value": value})
	}
	if row.Effect == nil {
		return b.noEstimate(row)
	}
	code := "page-estimate"
	p := row.P
	if row.Role == study.RolePrimary && row.NonInferiority == nil && row.Equivalence == nil { // whose own p follows
		code = "page-estimate-p"
	}
	if h := row.Hypothesis; h != nil && h.Adjust != "" {
		code, p = b.familyEstimate(row), row.Adjusted
	}
	switch {
	case o.Binary():
		value = b.shareCounts(q) + value
	case o.Ordinal():
		value = b.levelCounts(q) + value
	case o.Counted():
		value = b.rateCounts(q) + value
	case row.Trimmed != nil:
		m := row.Trimmed.Means
		value = b.Say("page-trimmed-of", text.Args{"share": 1 - row.Trimmed.Share, "mean": b.value(o, m[row.Arm]), "other": b.value(o, m[row.Control])}) + value
	case row.Measure == study.GeometricMeanRatio:
		value = b.geometricMeans(q) + value
	}
	s := b.Say(code, text.Args{"value": value, "level": b.Level(row.Level), "interval": b.limits(o, closed(row)), "p": p})
	switch {
	case row.Hypothesis != nil && !row.Hypothesis.Shown && !row.IncludesZero() && row.NonInferiority == nil && row.Equivalence == nil:
		s += ", " + b.Say("page-family-alone", text.Args{"null": row.Measure.Null()})
	case row.IncludesZero():
		s += ", " + b.Say("page-holds-null", text.Args{"null": row.Measure.Null()})
	case row.Gain(o) > 0 && len(q.res.Arms) > 2: // its name stands before it
		s += ", " + b.Say("page-favors-it", nil)
	case row.Gain(o) > 0:
		s += ", " + b.Say("page-favors", text.Args{"arm": b.arm(row.Arm)})
	default:
		s += ", " + b.Say("page-favors", text.Args{"arm": b.arm(row.Control)})
	}
	if a := agreementOf(q); a != nil && !a.Few() {
		s += "; " + b.Say("page-depends", text.Args{"see": b.seeDoubts()})
	}
	return s
}

// noEstimate says why a row has none, by the first of its notes that is not about
// everything.
func (b *builder) noEstimate(row study.Row) string {
	for _, n := range loud(row.Notes) {
		if reason := b.note(n); b.C.Has(n.Code) {
			return b.Say("page-estimate-none", text.Args{"reason": strings.TrimSuffix(reason, ".")})
		}
	}
	return b.Say("page-estimate-none-unexplained", nil)
}

// whoAnalyzed counts the analyzed of the randomized, or of those in the file where
// the protocol does not state how many were randomized.
func (b *builder) whoAnalyzed(shown []question) string {
	declared := !b.undeclared()
	complete := true
	var counts []string
	where := map[string][]string{}
	for _, q := range shown {
		s := ""
		for i, f := range b.r.Consort.Arms {
			n, of := b.analyzedOf(q, f)
			if i > 0 {
				s += " + "
			}
			if n == of {
				s += fmt.Sprint(n)
			} else {
				complete = false
				s += b.Say("of", text.Args{"n": n, "of": of})
			}
		}
		if where[s] == nil {
			counts = append(counts, s)
		}
		where[s] = appendNew(where[s], b.shortWhere(q, shown))
	}
	if len(counts) > 1 {
		for i, s := range counts {
			counts[i] = b.Say("page-analyzed-at", text.Args{"counts": s, "where": joinedPlaces(where[s], "; ")})
		}
	}
	code := "page-analyzed-file"
	switch {
	case declared && complete:
		code = "page-analyzed-every"
	case declared:
		code = "page-analyzed-randomized"
	case complete:
		code = "page-analyzed-all"
	}
	return b.Say(code, text.Args{"counts": strings.Join(counts, "; ")})
}

// analyzedOf counts the analyzed of an arm, and those randomized to it or in the file.
func (b *builder) analyzedOf(q question, f study.ConsortArm) (n, of int) {
	n, ok := q.row.N[f.Arm]
	if !ok { // another active arm's row counts it
		for _, other := range q.res.Deciding() {
			if m, has := other.N[f.Arm]; has {
				n = m
			}
		}
	}
	if b.undeclared() {
		return n, f.InFile
	}
	return n, f.Randomized
}

// undeclared reports whether the protocol leaves open how many were randomized.
func (b *builder) undeclared() bool {
	return slices.ContainsFunc(b.r.Consort.Arms, func(f study.ConsortArm) bool { return !f.Declared })
}

// shortWhere names a question among others about several outcomes.
func (b *builder) shortWhere(q question, among []question) string {
	if slices.ContainsFunc(among, func(x question) bool { return x.res.Outcome.ID != q.res.Outcome.ID }) {
		return b.outcome(q.res.Outcome.ID) + ", " + b.where(q.res)
	}
	return b.where(q.res)
}

// joinedPlaces lists "Pain, Week 6" and "Pain, Week 12" as "Pain, Week 6, Week 12".
func joinedPlaces(list []string, between string) string {
	var out []string
	last := ""
	for _, s := range list {
		at := max(strings.LastIndex(s, ", "), 0)
		if at > 0 && s[:at] == last {
			out[len(out)-1] += s[at:]
			continue
		}
		last = s[:at]
		out = append(out, s)
	}
	return strings.Join(out, between)
}

// agreementOf finds how far the companions of the question's row agree with it.
func agreementOf(q question) *study.Agreement {
	for _, a := range q.res.Agreement() {
		if a.Arm == q.row.Arm && a.Visit == q.row.Visit {
			return &a
		}
	}
	return nil
}

// checked says by a fixed rule, not chosen by the result, whether the other methods
// agree: how many intervals lie about 0 (or a margin) as the deciding one does;
// those that do not are named with their numbers.
func (b *builder) checked(shown []question) string {
	type finding struct {
		text  string
		where []string
	}
	var list []finding
	n := 0
	for _, q := range shown {
		a := agreementOf(q)
		if a == nil || len(a.Companions) == 0 {
			continue
		}
		n = max(n, len(a.Companions))
		s := b.finding(q, a)
		name := b.named(q, shown)
		if b.shortWhere(q, shown) != b.where(q.res) {
			name = b.outcome(q.res.Outcome.ID) + ", " + name
		}
		i := slices.IndexFunc(list, func(f finding) bool { return f.text == s })
		if i < 0 {
			list = append(list, finding{text: s})
			i = len(list) - 1
		}
		list[i].where = append(list[i].where, name)
	}
	if n == 0 {
		return ""
	}
	var parts []string
	for _, f := range list {
		if len(list) == 1 && len(f.where) == len(shown) {
			parts = append(parts, f.text)
		} else {
			parts = append(parts, b.Say("page-finding", text.Args{"where": joinedPlaces(f.where, ", "), "finding": f.text}))
		}
	}
	code := "page-checked"
	if n == 1 {
		code = "page-checked-one"
	}
	if slices.ContainsFunc(shown, func(q question) bool { return q.row.Alone != nil }) {
		code += "-alone"
	}
	return b.Say(code, text.Args{"n": n, "findings": strings.Join(parts, "; ")})
}

// finding is what the companions of one row say.
func (b *builder) finding(q question, a *study.Agreement) string {
	own := stats.Interval{Lo: q.row.Lower, Hi: q.row.Upper, LoOpen: q.row.LoOpen, HiOpen: q.row.HiOpen}
	if q.row.Alone != nil { // as the others are
		own = *q.row.Alone
	}
	in := own.Contains(a.Null)
	side := "out"
	if in {
		side = "in"
	}
	null := b.Say("number", text.Args{"x": shownNull(q.res.Outcome, q.row, a.Null)})
	args := text.Args{"null": null, "agree": a.Agree, "n": len(a.Companions)}
	if len(a.Differ) == 0 {
		return b.Say("page-all-"+side, args)
	}
	share := "some"
	switch a.Agree {
	case 0:
		share = "none"
	case 1:
		share = "one"
	}
	s := b.Say(fmt.Sprintf("page-%s-%s", share, side), args)
	if !a.Few() {
		return s + ", " + b.seeDoubts()
	}
	for _, row := range a.Differ {
		s += ", " + b.Say("page-other-holds", text.Args{"method": b.shortMethod(row), "value": b.rowValue(q.res.Outcome, row, row.Estimate),
			"interval": b.limits(q.res.Outcome, closed(row))})
	}
	return s
}

// shortMethod is a method's name in a sentence: "Mann–Whitney".
func (b *builder) shortMethod(row study.Row) string {
	if code := fmt.Sprintf("page-short-%s", row.Method); b.C.Has(code) && !row.WithoutStrata {
		return b.Say(code, nil)
	}
	return methodLabel(b.C, row)
}

// closed leaves the marks of ends that do not belong to an interval to the
// supplement, unless the end is 0, where it matters.
func closed(row study.Row) study.Row {
	row.LoOpen = row.LoOpen && row.Lower == 0
	row.HiOpen = row.HiOpen && row.Upper == 0
	return row
}

// intervalOf writes "−3.4 to −0.8"; an end that does not belong is marked.
func (b *builder) intervalOf(i stats.Interval, number func(float64) string) string {
	if math.IsNaN(i.Lo) && math.IsNaN(i.Hi) {
		return "–"
	}
	lo, hi := number(i.Lo), number(i.Hi)
	if i.LoOpen {
		lo = ">\u00a0" + lo
	}
	if i.HiOpen {
		hi = "<\u00a0" + hi
	}
	return b.Say("interval", text.Args{"lower": lo, "upper": hi})
}
