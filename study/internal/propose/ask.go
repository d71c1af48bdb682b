package propose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// ask gathers what the file cannot tell, in the order of the protocol, and counts what is
// open in it.
func (p *Proposal) ask() {
	add := func(id string, kind answerKind, none bool, t text.Phrase, options ...string) {
		if _, ok := p.answers[id]; !ok {
			p.questions = append(p.questions, Question{ID: id, Text: t, Options: options, None: none, kind: kind})
		}
	}
	var names []string
	for _, f := range p.facts {
		if f.n > 0 && f.role != "personal" {
			names = append(names, f.Name)
		}
	}
	if p.rowsAsked && p.rowValues == nil {
		values, counts := p.kinds()
		add("data.rows", list, false, phrase("propose-ask-rows", text.Args{"column": p.rows, "kinds": counts}), values...)
	}
	if p.participant.sure == Asked {
		add("data.participant", choice, false, phrase("propose-ask-participant", nil), names...)
	}
	if p.arm.sure == Asked {
		options := p.arm.names
		if len(options) == 0 {
			options = names
		}
		add("data.arm", choice, false, phrase("propose-ask-arm", nil), options...)
	} else {
		var ids []string
		for _, a := range p.arms {
			ids = append(ids, a.id)
		}
		t := phrase("propose-ask-control", nil)
		if c := p.controlByWords(); c != "" {
			t = phrase("propose-ask-control-word", text.Args{"arm": p.said(c)})
		}
		add("control", choice, false, t, ids...)
		p.nameOptions("control", p.arms)
	}
	if p.layout == "long" && p.visit.sure == Asked {
		var free []string
		for _, f := range p.free() {
			free = append(free, f.Name)
		}
		add("data.visit", choice, false, phrase("propose-ask-visit", nil), append(free, p.visitOptions()...)...)
	}
	if len(p.outcomes) == 0 {
		var numbers []string
		for _, f := range p.free() {
			if f.numeric() {
				numbers = append(numbers, f.Name)
			}
		}
		ask := "propose-ask-outcomes"
		if p.layout == "long" {
			ask = "propose-ask-outcomes-long"
		}
		add("outcomes", list, false, phrase(ask, nil), numbers...)
	}
	first := 0 // so many are asked before the others, which the answer may make needless
	// Twenty outcomes would be sixty questions: which were planned is asked first.
	if _, kept := p.answers["keep"]; len(p.outcomes) > 4 && !kept {
		var ids []string
		for _, o := range p.outcomes {
			ids = append(ids, o.id)
		}
		add("keep", list, true, phrase("propose-ask-keep", text.Args{"n": len(ids)}), ids...)
		first = len(p.questions)
	}
	if p.baseline.sure == Asked && len(p.visits) > 0 {
		var ids []string
		for _, v := range p.visits {
			ids = append(ids, v.id)
		}
		add("baseline", choice, true, phrase("propose-ask-baseline", nil), ids...)
		p.nameOptions("baseline", p.visits)
	}
	for _, o := range p.outcomes {
		if len(o.forms) > 0 {
			add("instrument."+o.id, choice, false, phrase("propose-ask-form", text.Args{"outcome": o.name(), "low": seen(o.seenLow), "high": seen(o.seenHigh)}), o.forms...)
			continue
		}
		if o.instrument == "" {
			args := text.Args{"outcome": o.name(), "low": seen(o.seenLow), "high": seen(o.seenHigh)}
			if o.low == nil && !o.binary {
				add("range."+o.id, twoNumbers, true, phrase("propose-ask-range", args))
			}
			add("better."+o.id, choice, false, phrase("propose-ask-better", args), "lower", "higher")
		}
		if !o.threshold && !o.binary {
			add("threshold."+o.id, threshold, true, phrase("propose-ask-threshold", text.Args{"outcome": o.name()}))
		}
	}
	if len(p.codes) > 0 {
		var values []string
		for _, c := range p.codes {
			values = append(values, c.value)
		}
		add("data.missing", list, true, phrase("propose-ask-missing", nil), values...)
	}
	p.open = len(p.questions)
	if first > 0 {
		p.open, p.questions = p.open-1, p.questions[:first]
	}
}

// nameOptions puts the file's words beside the options of the last question, if it is the one
// named: who reads 1 and 2 must know which is which.
func (p *Proposal) nameOptions(id string, levels []level) {
	n := len(p.questions) - 1
	if n < 0 || p.questions[n].ID != id || !slices.ContainsFunc(levels, func(l level) bool { return l.label != "" && l.label != l.id }) {
		return
	}
	q := &p.questions[n]
	for _, l := range levels {
		if l.label == l.id {
			l.label = ""
		}
		q.Words = append(q.Words, l.label)
	}
}

// visitOptions are columns that were taken for outcomes and may count visits.
func (p *Proposal) visitOptions() []string {
	var out []string
	for _, o := range p.outcomes {
		for _, c := range sortedKeys(o.columns) {
			out = append(out, o.columns[c])
		}
	}
	return out
}

func (o *outcome) name() string {
	if o.label != "" {
		return o.label
	}
	return o.id
}

// Answer returns the proposal with a question answered: an option or its number,
// several between commas, two numbers, a threshold and its source, or none where
// the question allows it. An answer that is no answer is an error, said in the
// catalog's language.
func (p *Proposal) Answer(q Question, s string, words *text.Catalog) (*Proposal, error) {
	value, err := q.read(strings.TrimSpace(s))
	if err != nil {
		return nil, fmt.Errorf("%s", words.Say(err.Code, err.Args))
	}
	answers := map[string]string{q.ID: value}
	for k, v := range p.answers {
		answers[k] = v
	}
	next := New(p.given, answers)
	if f := next.fault; f != nil {
		return nil, fmt.Errorf("%s", words.Say(f.Code, f.Args))
	}
	return next, nil
}

// read makes an answer canonical; "" is none.
func (q Question) read(s string) (string, *text.Phrase) {
	fault := func(code string) *text.Phrase {
		return &text.Phrase{Code: code, Args: text.Args{"answer": s, "options": strings.Join(q.Options, ", ")}}
	}
	if q.None && slices.Contains([]string{"none", "geen", "no", "nee", "-"}, strings.ToLower(s)) && !slices.Contains(q.Options, s) {
		return "", nil
	}
	switch q.kind {
	case choice:
		if o, ok := q.option(s); ok {
			return o, nil
		}
		return "", fault("propose-answer-choice")
	case list:
		var out []string
		for _, part := range strings.Split(s, ",") {
			o, ok := q.option(strings.TrimSpace(part))
			if !ok {
				return "", fault("propose-answer-choice")
			}
			out = append(out, o)
		}
		return strings.Join(out, "\x00"), nil
	case twoNumbers:
		parts := strings.FieldsFunc(strings.NewReplacer("[", " ", "]", " ", ";", " ", " to ", " ", " tot ", " ", ", ", " ").Replace(s), func(r rune) bool { return r == ' ' })
		if len(parts) == 2 {
			low, _, okLow := number(parts[0])
			high, _, okHigh := number(parts[1])
			if okLow && okHigh && low < high {
				return "[" + short(low) + ", " + short(high) + "]", nil
			}
		}
		return "", fault("propose-answer-range")
	}
	value, source, _ := strings.Cut(s, " ")
	x, _, ok := number(value)
	if !ok || x <= 0 {
		return "", fault("propose-answer-threshold")
	}
	out := "[{kind: MCID, value: " + short(x) + ", level: individual"
	if source = strings.TrimSpace(source); source != "" {
		out += ", source: " + strconv.Quote(source)
	}
	return out + "}]", nil
}

// option finds an answer among the options: as it is written, whatever its case, by the
// file's word for one alone, or by its number in the list where no option is that number
// itself.
func (q Question) option(s string) (string, bool) {
	for _, o := range q.Options {
		if o == s {
			return o, true
		}
	}
	for _, o := range q.Options {
		if strings.EqualFold(o, s) {
			return o, true
		}
	}
	var worded []string
	for i, w := range q.Words {
		if w != "" && strings.EqualFold(w, s) {
			worded = append(worded, q.Options[i])
		}
	}
	if len(worded) == 1 {
		return worded[0], true
	}
	if i, err := strconv.Atoi(strings.TrimSuffix(s, ".")); err == nil && i >= 1 && i <= len(q.Options) {
		return q.Options[i-1], true
	}
	return "", false
}
