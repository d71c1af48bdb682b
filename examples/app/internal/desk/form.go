package desk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/examples/app/internal/yamltext"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// Group is a part of the form: what belongs to the arms, to an outcome, …
type Group struct {
	Title string `json:"title"`
	// Why is what was found and on what it rests, by the protocol's own comments.
	Why    string  `json:"why"`
	Check  bool    `json:"check"` // the proposal asks to look at it
	Fields []Field `json:"fields"`
}

// Field is one key of the protocol as the form shows it.
type Field struct {
	// Path is the key: outcomes[0].better. It stands in the protocol as Value.
	Path  string `json:"path"`
	Label string `json:"label"`
	Why   string `json:"why"`
	Value string `json:"value"`
	// Kind is choice (one of Options), list (several), text, number, range (two numbers)
	// or threshold (a number and its source, in Value and More).
	Kind    string   `json:"kind"`
	Options []Option `json:"options"`
	More    string   `json:"more"`
	Values  []string `json:"values"`
	// Open: no answer stands there yet. None: it may be left out. Check: the proposal
	// asks to look at it.
	Open  bool `json:"open"`
	None  bool `json:"none"`
	Check bool `json:"check"`
	// Missing: the key does not stand in the protocol.
	Missing bool `json:"missing"`
}

// Option is an answer to choose, with what it rests on.
type Option struct {
	Value  string `json:"value"`
	Label  string `json:"label"`
	Detail string `json:"detail"`
}

// formed is the answer of form and of set.
type formed struct {
	Groups []Group `json:"groups"`
	// Protocol is the text after the edits; Broken says why it has no form.
	Protocol string `json:"protocol"`
	Broken   string `json:"broken"`
	// Open is how many questions have no answer yet.
	Open int `json:"open"`
}

// Edit is one change of a key by the form: a text, a value of YAML, or deleted.
type Edit struct {
	Path   string `json:"path"`
	Text   string `json:"text"`
	YAML   string `json:"yaml"`
	Delete bool   `json:"delete"`
}

// form changes the protocol by the edits of the form, and shows it as one.
func (d *Desk) form(request []byte, _ []File) (any, []File, error) {
	var q struct {
		Lang     string `json:"lang"`
		Protocol string `json:"protocol"`
		Edits    []Edit `json:"edits"`
		// Missing are values that may stand for a missing one, as the proposal asks.
		Missing []string `json:"missing"`
	}
	if err := json.Unmarshal(request, &q); err != nil {
		return nil, nil, err
	}
	words, err := text.In(q.Lang)
	if err != nil {
		return nil, nil, err
	}
	a := formed{Groups: []Group{}, Protocol: q.Protocol}
	for _, e := range q.Edits {
		if a.Protocol, err = e.apply(a.Protocol); err != nil {
			return nil, nil, err
		}
	}
	t, err := yamltext.Parse(a.Protocol)
	if err != nil {
		a.Broken = words.Say("app-no-form", nil)
		return a, nil, nil
	}
	f := former{words: words, root: t.Root, codes: q.Missing}
	a.Groups = f.groups()
	for _, g := range a.Groups {
		for _, x := range g.Fields {
			if x.Open {
				a.Open++
			}
		}
	}
	return a, nil, nil
}

func (e Edit) apply(protocol string) (string, error) {
	switch {
	case e.Delete:
		return yamltext.Delete(protocol, e.Path)
	case e.YAML != "":
		return yamltext.Set(protocol, e.Path, e.YAML)
	}
	return yamltext.Set(protocol, e.Path, yamltext.Quote(e.Text))
}

// former makes the form of a protocol.
type former struct {
	words *text.Catalog
	root  *yamltext.Node
	codes []string
}

func (f former) say(code string) string { return f.words.Say(code, nil) }

// comment is a comment without the word that marks it for a check, and whether it had
// that, in any language.
func (f former) comment(s string) (string, bool) {
	for _, lang := range text.Languages() {
		if c, err := text.In(lang); err == nil {
			mark := strings.TrimSpace(c.Say("propose-check", text.Args{"text": ""}))
			if rest, ok := strings.CutPrefix(s, mark); ok {
				return strings.TrimSpace(strings.ReplaceAll(rest, " "+mark, "")), true
			}
		}
	}
	return s, false
}

// field is a field of a key of a map.
func (f former) field(n *yamltext.Node, path, key, label, kind string) Field {
	x := Field{Path: strings.TrimPrefix(path+"."+key, "."), Label: label, Kind: kind, Options: []Option{}, Values: []string{}, Missing: true}
	if v := n.Get(key); v != nil {
		x.Missing, x.Value, x.Open = false, v.Text, v.Kind == yamltext.Scalar && v.Text == "?"
		x.Why, x.Check = f.comment(v.Comment)
		for _, i := range v.Items {
			x.Values = append(x.Values, i.Text)
		}
	}
	if x.Open {
		x.Value = ""
	}
	return x
}

func (f former) groups() []Group {
	out := []Group{f.trial(), f.arms()}
	if g := f.visits(); len(g.Fields) > 0 {
		out = append(out, g)
	}
	if outcomes := f.root.Get("outcomes"); outcomes != nil {
		for i, o := range outcomes.Items {
			out = append(out, f.outcome(o, fmt.Sprintf("outcomes[%d]", i)))
		}
	}
	if g := f.data(); len(g.Fields) > 0 {
		out = append(out, g)
	}
	if plans := f.root.Get("plans"); plans != nil && len(plans.Items) > 0 {
		out = append(out, f.plans(plans))
	}
	return out
}

func (f former) trial() Group {
	title := f.field(f.root, "", "title", f.say("app-field-title"), "text")
	registration := f.field(f.root, "", "registration", f.say("app-field-registration"), "text")
	registration.None = true
	title.Why, title.Check = "", false
	g := Group{Title: f.say("app-group-trial"), Fields: []Field{title, registration}}
	if p := f.root.Get("data").Get("participant"); p != nil {
		g.Why, g.Check = f.comment(p.Comment)
	}
	return g
}

// label is what a thing with an id is called.
func label(n *yamltext.Node) string {
	if l := n.Get("label"); l != nil && l.Text != "" && l.Text != "?" {
		return l.Text
	}
	if id := n.Get("id"); id != nil {
		return id.Text
	}
	return ""
}

func (f former) arms() Group {
	g := Group{Title: f.say("app-group-arms")}
	arms := f.root.Get("arms")
	if arms == nil {
		return g
	}
	g.Why, g.Check = f.comment(arms.Comment)
	control := Field{Path: "arms", Label: f.say("app-field-control"), Kind: "control", Options: []Option{}, Values: []string{}}
	for i, a := range arms.Items {
		control.Options = append(control.Options, Option{Value: fmt.Sprint(i), Label: label(a)})
		c := a.Get("control")
		switch {
		case c == nil:
		case c.Text == "?":
			control.Open = true
		case c.Text == "true":
			control.Value = fmt.Sprint(i)
		}
		if id := a.Get("id"); id != nil {
			x := f.field(a, fmt.Sprintf("arms[%d]", i), "label", f.words.Say("app-field-arm", text.Args{"id": id.Text}), "text")
			if x.Missing {
				x.Value = id.Text
			}
			g.Fields = append(g.Fields, x)
		}
	}
	if control.Value == "" {
		control.Open = true
	}
	if len(arms.Items) > 0 {
		g.Fields = append([]Field{control}, g.Fields...)
	}
	g.Fields = append(g.Fields, f.randomization()...)
	return g
}

// randomization asks how arms were allocated, and then for what belongs to that: the
// covariates that are the strata, and the size of the blocks.
func (f former) randomization() []Field {
	r := f.root.Get("randomization")
	kind := Field{Path: "randomization", Label: f.say("app-field-randomization"), Kind: "choice", Values: []string{}, Missing: r == nil}
	for _, k := range []string{"unknown", "complete", "blocked", "stratified"} {
		kind.Options = append(kind.Options, Option{Value: k, Label: f.say("app-randomization-" + k)})
	}
	if r == nil {
		return []Field{kind}
	}
	block := f.field(r, "randomization", "block", f.say("app-field-block"), "number")
	strata := f.field(r, "randomization", "strata", f.say("app-field-strata"), "list")
	kind.Value, kind.More, kind.Values = textOf(r.Get("kind")), textOf(r.Get("block")), strata.Values
	if !slices.ContainsFunc(kind.Options, func(o Option) bool { return o.Value == kind.Value }) {
		kind.Options = append(kind.Options, Option{Value: kind.Value, Label: kind.Value})
	}
	out := []Field{kind}
	stratified := kind.Value == "stratified"
	if stratified || !strata.Missing {
		strata.Open = strata.Open || stratified && len(strata.Values) == 0 && r.Get("column") == nil
		strata.Why = f.say("app-strata-why")
		if covariates := f.root.Get("data").Get("covariates"); covariates != nil {
			for _, e := range covariates.Entries {
				if textOf(e.Value.Get("kind")) != "number" {
					strata.Options = append(strata.Options, Option{Value: e.Key, Label: e.Key})
				}
			}
		}
		if len(strata.Options) == 0 {
			strata.Why = f.say("app-strata-none")
		}
		out = append(out, strata)
	}
	if stratified || kind.Value == "blocked" {
		if block.None, block.Why = true, f.say("app-block-why"); block.Value == "unknown" {
			block.Value = ""
		}
		out = append(out, block)
	}
	return out
}

func (f former) visits() Group {
	g := Group{Title: f.say("app-group-visits")}
	visits := f.root.Get("visits")
	if visits == nil || len(visits.Items) == 0 {
		return g
	}
	g.Why, g.Check = f.comment(visits.Comment)
	if b := f.root.Get("baseline"); b != nil {
		x := f.field(f.root, "", "baseline", f.say("app-field-baseline"), "choice")
		for _, v := range visits.Items {
			if id := v.Get("id"); id != nil {
				x.Options = append(x.Options, Option{Value: id.Text, Label: label(v)})
			}
		}
		x.Options = append(x.Options, Option{Value: "none", Label: f.say("app-baseline-none")})
		g.Fields = append(g.Fields, x)
	}
	for i, v := range visits.Items {
		if id := v.Get("id"); id != nil {
			x := f.field(v, fmt.Sprintf("visits[%d]", i), "label", f.words.Say("app-field-visit", text.Args{"id": id.Text}), "text")
			if x.Missing {
				x.Value = id.Text
			}
			g.Fields = append(g.Fields, x)
		}
	}
	return g
}

// data is what the file's columns and values mean.
func (f former) data() Group {
	g := Group{Title: f.say("app-group-data")}
	data := f.root.Get("data")
	if data == nil {
		return g
	}
	if m := data.Get("missing"); m != nil || len(f.codes) > 0 {
		x := f.field(data, "data", "missing", f.say("app-field-missing"), "list")
		x.None = true
		for _, lang := range text.Languages() { // the form asks this itself; what it rests on follows
			if c, err := text.In(lang); err == nil {
				x.Why = strings.TrimPrefix(x.Why, c.Say("propose-missing", nil))
			}
		}
		for _, c := range f.codes {
			x.Options = append(x.Options, Option{Value: c, Label: c})
		}
		for _, c := range x.Values {
			if !slices.Contains(f.codes, c) {
				x.Options = append(x.Options, Option{Value: c, Label: c})
			}
		}
		g.Fields = append(g.Fields, x)
	}
	return g
}

// plans are the comparisons to be made: each is kept or not, and one may be primary.
func (f former) plans(plans *yamltext.Node) Group {
	g := Group{Title: f.say("app-group-plans"), Why: f.say("app-plans-why")}
	x := Field{Path: "plans", Label: f.say("app-field-primary"), Kind: "primary", Options: []Option{{Value: "", Label: f.say("app-primary-none")}}, Values: []string{}, None: true}
	planned := Field{Path: "plans", Label: f.say("app-field-plans"), Kind: "planned", Options: []Option{}, Values: []string{}}
	for i, p := range plans.Items {
		o, v := p.Get("outcome"), p.Get("visit")
		if o == nil {
			continue
		}
		name := f.called("outcomes", o.Text)
		if v != nil {
			name += ", " + f.called("visits", v.Text)
		}
		x.Options = append(x.Options, Option{Value: fmt.Sprint(i), Label: name})
		planned.Options = append(planned.Options, Option{Value: fmt.Sprint(i), Label: name})
		if primary := p.Get("primary"); primary != nil && primary.Text == "true" {
			x.Value = fmt.Sprint(i)
			if r := p.Get("registered"); r != nil {
				x.Values = []string{textOf(r.Get("where")), textOf(r.Get("date"))}
			}
		}
	}
	g.Fields = append(g.Fields, planned, x)
	return g
}

func textOf(n *yamltext.Node) string {
	if n == nil {
		return ""
	}
	return n.Text
}

// called is the label of the thing with an id in a list.
func (f former) called(list, id string) string {
	if l := f.root.Get(list); l != nil {
		for _, n := range l.Items {
			if x := n.Get("id"); x != nil && x.Text == id && list == "outcomes" {
				return f.outcomeLabel(n)
			} else if x != nil && x.Text == id {
				return label(n)
			}
		}
	}
	return id
}

// instrumentLabel is an instrument in the language of the form.
func (f former) instrumentLabel(in study.Instrument) string {
	if code := "instrument-" + in.ID; f.words.Has(code) {
		return f.say(code)
	}
	return in.Label
}
