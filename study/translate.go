package study

import (
	"maps"
	"slices"

	"github.com/trialkit/trialkit/study/text"
)

// dictionary says a trial's own words in a language: as its translations have
// them, and a registry's label as the catalog has it.
type dictionary struct {
	words map[string]string
	c     *text.Catalog
}

func (d dictionary) word(s string) string {
	if t, ok := d.words[s]; ok {
		return t
	}
	return s
}

func (d dictionary) outcome(o Outcome) Outcome { return o.In(d.words, d.c) }

// In returns the outcome with its label, unit and the populations and sources of
// its thresholds in a catalog's language: as the words of a trial have them, and
// a registry's label as the catalog has it.
func (o Outcome) In(words map[string]string, c *text.Catalog) Outcome {
	d := dictionary{words, c}
	name := "instrument-" + o.Instrument
	if t, ok := d.words[o.Label]; ok {
		o.Label = t
	} else if in, ok := InstrumentByID(o.Instrument); ok && o.Label != "" && o.Label == in.Label && d.c.Has(name) {
		o.Label = d.c.Say(name, nil)
	}
	o.Unit = d.word(o.Unit)
	o.Thresholds = slices.Clone(o.Thresholds)
	for i := range o.Thresholds {
		o.Thresholds[i] = d.threshold(o.Thresholds[i])
	}
	return o
}

func (d dictionary) threshold(t Threshold) Threshold {
	t.Population, t.Source = d.word(t.Population), d.word(t.Source)
	return t
}

// notes translates the thresholds that notes hold.
func (d dictionary) notes(list []Note) []Note {
	list = slices.Clone(list)
	for i, n := range list {
		for k, v := range n.Args {
			if ts, ok := v.([]Threshold); ok {
				ts = slices.Clone(ts)
				for j := range ts {
					ts[j] = d.threshold(ts[j])
				}
				list[i].Args = maps.Clone(list[i].Args)
				list[i].Args[k] = ts
			}
		}
	}
	return list
}

func (d dictionary) arms(list []Arm) []Arm {
	list = slices.Clone(list)
	for i := range list {
		list[i].Label = d.word(list[i].Label)
	}
	return list
}

func (d dictionary) visit(v Visit) Visit {
	v.Label = d.word(v.Label)
	return v
}

// In returns the report with the trial's own words (title, labels, units) in a
// language, as far as the protocol's Translations and the registry of
// instruments have them; IDs and numbers stay. WriteText and WriteMarkdown call
// it; figures of its results are in the language too. An unknown language is
// an error.
func (r Report) In(lang string) (Report, error) {
	c, err := text.In(lang)
	if err != nil {
		return Report{}, err
	}
	d := dictionary{r.Protocol.Translations[c.Lang()], c}
	p := r.Protocol
	p.Title, p.Estimand, p.Arms = d.word(p.Title), d.word(p.Estimand), d.arms(p.Arms)
	p.Visits, p.Outcomes = slices.Clone(p.Visits), slices.Clone(p.Outcomes)
	for i := range p.Visits {
		p.Visits[i] = d.visit(p.Visits[i])
	}
	for i := range p.Outcomes {
		p.Outcomes[i] = d.outcome(p.Outcomes[i])
	}
	r.Protocol, r.Results = p, slices.Clone(r.Results)
	for i := range r.Results {
		x := &r.Results[i]
		x.Study.Title, x.Outcome, x.Arms = d.word(x.Study.Title), d.outcome(x.Outcome), d.arms(x.Arms)
		x.Visit, x.Baseline, x.Notes = d.visit(x.Visit), d.visit(x.Baseline), d.notes(x.Notes)
	}
	return r, nil
}
