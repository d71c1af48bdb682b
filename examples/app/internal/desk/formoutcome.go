package desk

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/examples/app/internal/yamltext"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// outcome is the form of one outcome: what it is called, its instrument or its range
// and direction, and what matters to a patient.
func (f former) outcome(o *yamltext.Node, path string) Group {
	g := Group{Title: f.words.Say("app-group-outcome", text.Args{"name": f.outcomeLabel(o)})}
	if id := o.Get("id"); id != nil {
		g.Why, g.Check = f.comment(id.Comment)
	}
	name := f.field(o, path, "label", f.say("app-field-label"), "text")
	if name.Missing {
		name.Value = f.outcomeLabel(o)
	}
	g.Fields = append(g.Fields, name)
	binary := o.Get("kind") != nil && o.Get("kind").Text == "binary"
	instrument := f.field(o, path, "instrument", f.say("app-field-instrument"), "choice")
	instrument.Options = append(instrument.Options, Option{Value: "", Label: f.say("app-instrument-none")})
	for _, in := range study.Instruments() {
		detail := in.Unit
		if in.Min != 0 || in.Max != 0 {
			detail = strings.TrimSpace(f.words.Say("app-instrument-range", text.Args{"low": in.Min, "high": in.Max, "unit": in.Unit}))
		}
		instrument.Options = append(instrument.Options, Option{Value: in.ID, Label: f.instrumentLabel(in), Detail: detail})
	}
	instrument.None = true
	if !binary {
		g.Fields = append(g.Fields, instrument)
	}
	in, known := study.InstrumentByID(instrument.Value)
	if !known || o.Get("better") != nil {
		better := f.field(o, path, "better", f.say("app-field-better"), "choice")
		better.Open = better.Open || better.Missing && !known && !instrument.Open
		better.Why = "" // for who writes YAML
		better.Options = []Option{{Value: "lower", Label: f.say("app-better-lower")}, {Value: "higher", Label: f.say("app-better-higher")}}
		g.Fields = append(g.Fields, better)
	}
	if binary {
		return g
	}
	if !known || o.Get("range") != nil {
		r := f.field(o, path, "range", f.say("app-field-range"), "range")
		r.None, r.Why = true, ""
		unit := f.field(o, path, "unit", f.say("app-field-unit"), "text")
		unit.None = true
		g.Fields = append(g.Fields, unit, r)
	}
	own := o.Get("thresholds")
	if known && len(in.Thresholds) > 0 && (own == nil || own.Text == "?") {
		g.Fields = append(g.Fields, f.condition(o, path, in))
		return g
	}
	g.Fields = append(g.Fields, f.threshold(o, path))
	return g
}

// outcomeLabel is what the report calls an outcome: by its own label, its instrument's,
// or its id.
func (f former) outcomeLabel(o *yamltext.Node) string {
	if l := textOf(o.Get("label")); l != "" && l != "?" {
		return l
	}
	if in, ok := study.InstrumentByID(textOf(o.Get("instrument"))); ok {
		return f.instrumentLabel(in)
	}
	return label(o)
}

// condition asks which patients the registry's thresholds are taken for: with what
// was found in them, and where that stands.
func (f former) condition(o *yamltext.Node, path string, in study.Instrument) Field {
	x := f.field(o, path, "condition", f.say("app-field-condition"), "choice")
	option := func(value string) {
		list := in.ThresholdsFor(value)
		if len(list) == 0 {
			return
		}
		var details []string
		for _, t := range list {
			if t.Worsening {
				continue
			}
			code := "app-threshold"
			if t.Kind == study.Percent {
				code = "app-threshold-percent"
			}
			kind := string(t.Kind)
			if t.Kind == "" {
				kind = string(study.MCID)
			}
			source, _, _ := strings.Cut(t.Source, ", doi ") // which the report prints
			amount := strings.TrimSpace(f.words.Say("app-threshold-amount", text.Args{"value": t.Value, "unit": in.Unit}))
			details = append(details, f.words.Say(code, text.Args{"kind": kind, "value": amount, "percent": t.Value, "population": f.words.Population(t.Population), "source": source}))
		}
		label := f.say("app-condition-default")
		if value != "" {
			if label = strings.ReplaceAll(value, "-", " "); f.words.Has("condition-" + value) {
				label = f.say("condition-" + value)
			}
		}
		x.Options = append(x.Options, Option{Value: value, Label: label, Detail: strings.Join(details, "\n")})
	}
	option("")
	for _, c := range in.Conditions() {
		option(c)
	}
	x.None = true
	return x
}

// threshold asks for a number of one's own, and its source.
func (f former) threshold(o *yamltext.Node, path string) Field {
	x := f.field(o, path, "thresholds", f.say("app-field-threshold"), "threshold")
	x.None, x.Why = true, f.say("app-threshold-why")
	x.Values = []string{}
	t := o.Get("thresholds")
	if t == nil || len(t.Items) == 0 {
		return x
	}
	x.Value = textOf(t.Items[0].Get("value"))
	x.More = textOf(t.Items[0].Get("source"))
	if n := len(t.Items); n > 1 {
		x.Why = f.words.Say("app-threshold-more", text.Args{"n": strconv.Itoa(n)})
		x.Kind = "text-only"
	}
	return x
}

// instruments lists those of the registry, for the form of a claim.
func (d *Desk) instruments(request []byte, _ []File) (any, []File, error) {
	var q struct {
		Lang string `json:"lang"`
	}
	if err := json.Unmarshal(request, &q); err != nil {
		return nil, nil, err
	}
	words, err := text.In(q.Lang)
	if err != nil {
		return nil, nil, err
	}
	f := former{words: words}
	return map[string]any{"instruments": f.outcome(&yamltext.Node{}, "").Fields[1].Options}, nil, nil
}
