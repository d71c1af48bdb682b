package study

import (
	"slices"
)

// translated returns the reading with the claim's own words in a language.
func (r ClaimReading) translated(lang string) ClaimReading {
	words := r.Claim.Translations[lang]
	if len(words) == 0 {
		return r
	}
	in := func(s string) string {
		if t, ok := words[s]; ok {
			return t
		}
		return s
	}
	outcome := func(o Outcome) Outcome {
		o.Label, o.Unit = in(o.Label), in(o.Unit)
		o.Thresholds = slices.Clone(o.Thresholds)
		for i := range o.Thresholds {
			o.Thresholds[i].Population = in(o.Thresholds[i].Population)
		}
		return o
	}
	c := r.Claim
	c.Title, c.Source = in(c.Title), in(c.Source)
	c.Arms = slices.Clone(c.Arms)
	for i := range c.Arms {
		c.Arms[i].Label = in(c.Arms[i].Label)
	}
	c.Outcomes = slices.Clone(c.Outcomes)
	for i := range c.Outcomes {
		c.Outcomes[i] = outcome(c.Outcomes[i])
	}
	c.Results, c.Tests, c.Tallies, c.Quotes = slices.Clone(c.Results), slices.Clone(c.Tests), slices.Clone(c.Tallies), slices.Clone(c.Quotes)
	for i := range c.Results {
		c.Results[i].Visit = in(c.Results[i].Visit)
	}
	for i := range c.Tests {
		c.Tests[i].Label = in(c.Tests[i].Label)
	}
	for i := range c.Tallies {
		c.Tallies[i].Label = in(c.Tallies[i].Label)
	}
	// Reading again puts the words where they belong; quotes keep theirs,
	// because flags are raised by them.
	again, err := c.Read()
	if err != nil {
		return r
	}
	return again
}
