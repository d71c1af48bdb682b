package propose

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study/text"
)

// writer gathers the lines of the protocol.
type writer struct {
	strings.Builder
	words *text.Catalog
	said  map[string]bool // explanations that stand once
}

// once is an explanation where it first stands, nothing after that.
func (w *writer) once(t text.Phrase) text.Phrase {
	if w.said[t.Code] {
		return text.Phrase{}
	}
	w.said[t.Code] = true
	return t
}

// line writes a line; comments stand above it at the same indent, so that no line
// is longer than a screen.
func (w *writer) line(indent int, s string, sure Certainty, why ...text.Phrase) {
	for _, t := range why {
		if t.Code == "" {
			continue
		}
		said := w.words.Say(t.Code, t.Args)
		if sure == Likely {
			said = w.words.Say("propose-check", text.Args{"text": said})
		}
		w.comment(indent, said)
	}
	fmt.Fprintf(w, "%s%s\n", strings.Repeat(" ", indent), s)
}

func (w *writer) comment(indent int, s string) {
	lead := strings.Repeat(" ", indent) + "#"
	n := 0
	for _, word := range strings.Fields(s) {
		if n == 0 || n+utf8.RuneCountInString(word)+1 > 96 {
			if n > 0 {
				w.WriteString("\n")
			}
			w.WriteString(lead)
			n = len(lead)
		}
		w.WriteString(" " + word)
		n += utf8.RuneCountInString(word) + 1
	}
	w.WriteString("\n")
}

// YAML writes the protocol, in a language's comments. Answered questions are
// filled in; open ones stand as ?, which ParseProtocol refuses.
func (p *Proposal) YAML(words *text.Catalog) string {
	w := &writer{words: words, said: map[string]bool{}}
	w.line(0, "title: "+quote(words.Say("propose-title", text.Args{"file": p.in.File})), Likely, phrase("propose-title-check", nil))
	p.writeArms(w)
	w.line(0, "randomization: {kind: unknown}", Likely, phrase("propose-randomization", text.Args{"blocked": "{kind: blocked, block: 4}", "stratified": "{kind: stratified, strata: [site]}"}))
	p.writeVisits(w)
	p.writeOutcomes(w)
	p.writeData(w)
	p.writePlans(w)
	if len(p.left) > 0 {
		w.comment(0, words.Say("propose-left", nil))
		for _, l := range p.left {
			w.comment(0, "  "+p.called(l.column)+": "+words.Say(l.why.Code, l.why.Args))
		}
	}
	body := w.String()
	w = &writer{words: words}
	w.comment(0, words.Say("propose-head", text.Args{"file": p.in.File, "rows": len(p.given.Columns[0].Cells), "columns": len(p.facts)}))
	if p.open > 0 {
		w.comment(0, words.Say("propose-head-questions", text.Args{"n": p.open}))
	}
	if len(p.personal) > 0 {
		w.comment(0, words.Say("propose-head-personal", text.Args{"columns": strings.Join(p.personal, ", ")}))
	}
	for _, n := range p.in.Notes {
		w.comment(0, words.Say(n.Code, n.Args))
	}
	return w.String() + body
}

// called is a column's name, with the label that the file has for it.
func (p *Proposal) called(column string) string {
	for _, f := range p.facts {
		if f.Name == column && f.Label != "" && f.Label != column {
			return column + " (" + f.Label + ")"
		}
	}
	return column
}

func (p *Proposal) writeArms(w *writer) {
	if len(p.arms) == 0 {
		w.line(0, "arms: ?", Asked, p.arm.why)
		return
	}
	control, answered := p.answers["control"]
	w.line(0, "arms:", p.arm.sure, p.arm.why)
	for _, t := range p.armDoubts() {
		w.comment(2, w.words.Say(t.Code, t.Args))
	}
	if !answered {
		t := phrase("propose-control", nil)
		if c := p.controlByWords(); c != "" {
			t = phrase("propose-control-word", text.Args{"arm": p.said(c)})
		}
		w.comment(2, w.words.Say(t.Code, t.Args))
	}
	for _, a := range p.arms {
		s := "{id: " + quote(a.id)
		if a.label != "" && a.label != a.id {
			s += ", label: " + quote(a.label)
		}
		switch {
		case !answered:
			s += ", control: ?"
		case control == a.id:
			s += ", control: true"
		}
		w.line(2, "- "+s+"}", Safe)
	}
}

func (p *Proposal) writeVisits(w *writer) {
	if len(p.visits) == 0 {
		w.line(0, "visits: ?", Asked, p.visit.why)
		return
	}
	w.line(0, "visits:", p.visit.sure, p.visit.why)
	for _, v := range p.visits {
		s := "{id: " + quote(v.id)
		if v.label != "" && v.label != v.id {
			s += ", label: " + quote(v.label)
		}
		if v.time != "" {
			s += ", time: " + v.time
		}
		w.line(2, "- "+s+"}", Safe)
	}
	switch b := p.baseline; {
	case b.sure == Asked:
		w.line(0, "baseline: "+p.answer("baseline", "none"), Asked, b.why)
	case b.name() != p.visits[0].id && !p.ownBaseline():
		w.line(0, "baseline: "+quote(b.name()), b.sure, b.why)
	}
}

// ownBaseline: every outcome has its baseline in a column of its own.
func (p *Proposal) ownBaseline() bool {
	return len(p.outcomes) > 0 && !slices.ContainsFunc(p.outcomes, func(o *outcome) bool { return o.baseline == "" })
}

// answer is the answer to a question, none for "" and ? while it is open.
func (p *Proposal) answer(id, none string) string {
	a, ok := p.answers[id]
	switch {
	case !ok:
		return "?"
	case a == "":
		return none
	}
	return a
}

func (p *Proposal) writeOutcomes(w *writer) {
	if len(p.outcomes) == 0 {
		w.line(0, "outcomes: ?", Asked, p.mayBeOutcomes())
		return
	}
	w.line(0, "outcomes:", Safe)
	for _, o := range p.outcomes {
		w.line(2, "- id: "+quote(o.id), o.sure, p.outcomeWhy(o))
		if o.ambiguous != "" {
			w.comment(4, w.words.Say("propose-two-readings", text.Args{"value": o.ambiguous}))
		}
		if o.label != "" && o.label != o.id {
			w.line(4, "label: "+quote(o.label), Safe)
		}
		if o.binary {
			w.line(4, "kind: binary", Likely, phrase("propose-binary", nil))
			a := p.answer("better."+o.id, "")
			w.line(4, "better: "+a, Asked, w.once(openWhy(a, phrase("propose-better", nil))))
			continue
		}
		if o.few > 0 && o.instrument == "" {
			w.comment(4, w.words.Say("propose-few", text.Args{"count": o.few}))
		}
		if len(o.forms) > 0 {
			w.line(4, "instrument: ?", Asked, phrase("propose-form", text.Args{"forms": strings.Join(o.forms, ", "), "low": seen(o.seenLow), "high": seen(o.seenHigh)}))
			continue
		}
		if o.instrument != "" {
			w.line(4, "instrument: "+o.instrument, Likely, o.instWhy)
		} else {
			if o.instWhy.Code != "" {
				w.comment(4, w.words.Say(o.instWhy.Code, o.instWhy.Args))
			}
			p.writeScale(w, o)
		}
		if !o.threshold {
			if a := p.answer("threshold."+o.id, ""); a != "" {
				w.line(4, "thresholds: "+a, Asked, w.once(openWhy(a, phrase("propose-threshold", text.Args{"example": "[{kind: MCID, value: 2, level: individual, source: …}]"}))))
			}
		}
	}
}

// openWhy is the comment of a question that is still open.
func openWhy(answer string, why text.Phrase) text.Phrase {
	if answer != "?" {
		return text.Phrase{}
	}
	return why
}

func (p *Proposal) outcomeWhy(o *outcome) text.Phrase {
	args := text.Args{"low": seen(o.seenLow), "high": seen(o.seenHigh), "columns": len(o.columns)}
	switch {
	case math.IsInf(o.seenLow, 1):
		return phrase("propose-outcome-empty", nil)
	case p.layout == "long" && p.valueCol == "":
		return phrase("propose-outcome-long", args)
	case p.layout == "long":
		return phrase("propose-outcome-value", args)
	}
	return phrase("propose-outcome-wide", args)
}

func (p *Proposal) writeScale(w *writer, o *outcome) {
	if o.unit != "" {
		w.line(4, "unit: "+quote(o.unit), Safe)
	}
	if o.low != nil {
		w.line(4, "range: ["+short(*o.low)+", "+short(*o.high)+"]", Likely, phrase("propose-range-file", nil))
	} else if a := p.answer("range."+o.id, ""); a != "" {
		w.line(4, "range: "+a, Asked, openWhy(a, phrase("propose-range", text.Args{"low": seen(o.seenLow), "high": seen(o.seenHigh)})))
	}
	if o.resolution > 0 {
		w.line(4, "resolution: "+strconv.FormatFloat(o.resolution, 'f', -1, 64), Likely, w.once(phrase("propose-resolution", nil)))
	}
	a := p.answer("better."+o.id, "")
	w.line(4, "better: "+a, Asked, w.once(openWhy(a, phrase("propose-better", nil))))
}

func (p *Proposal) writeData(w *writer) {
	w.line(0, "data:", Safe)
	if p.in.Sheet != "" {
		w.line(2, "sheet: "+quote(p.in.Sheet), Safe)
	}
	w.line(2, "layout: "+p.layout, Safe)
	switch names := p.participant.names; {
	case p.participant.sure == Asked:
		w.line(2, "participant: ?", Asked, p.participant.why)
	case len(names) > 1:
		w.line(2, "participant: ["+quote(names[0])+", "+quote(names[1])+"]", p.participant.sure, p.participant.why)
	default:
		sure, why := p.participant.sure, []text.Phrase{p.participant.why}
		if n, first := p.alone(p.column(names[0])); n > 0 {
			sure, why = Likely, append(why, phrase("propose-id-alone", text.Args{"n": n, "example": strconv.Quote(first)}))
		}
		w.line(2, "participant: "+quote(names[0]), sure, why...)
	}
	if p.arm.sure == Asked {
		w.line(2, "arm: ?", Asked)
	} else {
		w.line(2, "arm: "+quote(p.arm.name()), Safe)
	}
	if p.layout == "long" && p.visit.sure == Asked {
		w.line(2, "visit: ?", Asked)
	} else if p.layout == "long" {
		w.line(2, "visit: "+quote(p.visit.name()), Safe)
	}
	p.writeRows(w)
	if p.valueCol != "" {
		w.line(2, "outcome: "+quote(p.outcomeCol), Safe)
		w.line(2, "value: "+quote(p.valueCol), Safe)
	} else if len(p.outcomes) == 0 {
		w.line(2, "columns: ?", Asked)
	} else {
		w.line(2, "columns:", Safe)
		for _, o := range p.outcomes {
			if c, ok := o.columns[""]; ok {
				w.line(4, quote(o.id)+": "+quote(c), Safe)
				continue
			}
			var parts []string
			for _, v := range p.visits {
				if c, ok := o.columns[v.id]; ok {
					parts = append(parts, quote(v.id)+": "+quote(c))
				}
			}
			w.line(4, quote(o.id)+": {"+strings.Join(parts, ", ")+"}", Safe)
		}
	}
	if slices.ContainsFunc(p.outcomes, func(o *outcome) bool { return o.baseline != "" }) {
		w.line(2, "baseline:", Likely, phrase("propose-baseline-column", nil))
		for _, o := range p.outcomes {
			if o.baseline != "" {
				w.line(4, quote(o.id)+": "+quote(o.baseline), Safe)
			}
		}
	}
	p.writeMissing(w)
	if len(p.covariates) > 0 {
		w.line(2, "covariates:", Likely, phrase("propose-covariates", nil))
		for _, c := range p.covariates {
			s := "{column: " + quote(c.column)
			if c.label != "" {
				s += ", label: " + quote(c.label)
			}
			w.line(4, quote(c.column)+": "+s+", kind: "+c.kind+"}", Safe)
		}
	}
	if p.events.name() != "" {
		w.line(2, "adverse_events: "+quote(p.events.name()), Likely, phrase("propose-events", nil))
	}
}

func (p *Proposal) writeMissing(w *writer) {
	if len(p.codes) == 0 {
		return
	}
	a, answered := p.answers["data.missing"]
	if answered {
		if a != "" {
			var parts []string
			for _, v := range strings.Split(a, "\x00") {
				parts = append(parts, strconv.Quote(v))
			}
			w.line(2, "missing: ["+strings.Join(parts, ", ")+"]", Safe)
		}
		return
	}
	var whys []text.Phrase
	for _, c := range p.codes {
		args := text.Args{"value": c.value, "count": c.count, "columns": text.List(c.columns, 6), "low": seen(c.low), "high": seen(c.high)}
		switch {
		case c.word && isDate(c.value):
			whys = append(whys, phrase("propose-missing-date", args))
		case c.word:
			whys = append(whys, phrase("propose-missing-word", args))
		default:
			whys = append(whys, phrase("propose-missing-number", args))
		}
	}
	w.line(2, "missing: ?", Asked, append([]text.Phrase{phrase("propose-missing", nil)}, whys...)...)
}

func (p *Proposal) writePlans(w *writer) {
	if len(p.outcomes) == 0 || p.baseline.sure == Asked {
		return
	}
	w.line(0, "plans:", Likely, phrase("propose-plans", nil))
	for _, o := range p.outcomes {
		for _, v := range p.visits {
			_, has := o.columns[v.id]
			if v.id == p.baseline.name() && !p.ownBaseline() || p.layout == "wide" && !has {
				continue
			}
			w.line(2, "- {outcome: "+quote(o.id)+", visit: "+quote(v.id)+"}", Safe)
		}
	}
}

// quote writes a word so that YAML reads it as written.
func quote(s string) string {
	plain := s != "" && s != "?" && s != "-" && strings.TrimSpace(s) == s
	for i, r := range s {
		if strings.ContainsRune(",[]{}#&*!|>'\"%@`:", r) || r < ' ' || i == 0 && strings.ContainsRune("?-<=~", r) {
			plain = false
		}
	}
	if plain {
		return s
	}
	return strconv.Quote(s)
}
