package report

import (
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// Sentence writes the judgement in words: first whether the data are
// compatible with no difference, then the level for benefit, then for harm.
// Improvement counts as positive. The outcome gives the unit; decimals are those
// of its numbers (see study.Result.Digits).
func Sentence(c *text.Catalog, j study.Judgement, o study.Outcome, decimals int) string {
	var parts []string
	switch {
	case j.ImportantBoth:
		parts = append(parts, c.Say("judge-inconclusive-both", nil))
	case j.IncludesZero:
		parts = append(parts, c.Say("judge-inconclusive", nil))
	case j.Value < 0:
		parts = append(parts, c.Say("judge-favors-control", nil))
	}
	unit := text.Unit(o.ShownUnit(c))
	show := func(x float64) string { return c.Beside(o.Shown(x), decimals, 0, o.Shown(j.Threshold.Value)) + unit }
	parts = append(parts,
		c.Say("judge-benefit-"+string(j.Benefit), text.Args{
			"threshold": c.Say("number", text.Args{"x": o.Shown(j.Threshold.Value)}) + unit,
			"value":     show(j.Value), "lower": show(j.Lower), "upper": show(j.Upper)}),
		c.Say("judge-harm-"+string(j.Harm), text.Args{
			"threshold": c.Say("number", text.Args{"x": o.Shown(j.HarmThreshold.Value)}) + unit}))
	if j.Threshold.Level == study.Individual {
		parts = append(parts, c.Say("individual-threshold-as-margin", text.Args{
			"kind": string(j.Threshold.Kind), "threshold": j.Threshold.Value}))
	}
	return strings.Join(parts, " ")
}
