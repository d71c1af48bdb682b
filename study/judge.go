package study

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study/text"
)

// Judge compares an effect (active − control, in the outcome's unit) with a
// threshold of clinical importance and gives the level of Man-Son-Hing et al.
// (2002, J Gen Intern Med 17:469, doi 10.1046/j.1525-1497.2002.11206.x) for
// benefit and, with the threshold mirrored, for harm. With the effect turned
// so that benefit is positive, b its estimate, [l, u] its interval at level
// and M the threshold:
//
//	definite        l ≥ M
//	probable        l < M ≤ b
//	possible        b < M ≤ u
//	definitely-not  u < M
//
// A level never stands alone: IncludesZero says whether no effect at all is
// compatible with the data, ImportantBoth whether important benefit and
// important harm both are. An open end of the interval does not belong to it;
// an infinite end is beyond every threshold.
//
// A threshold of level Individual is one patient's change; used as a margin
// for a difference between arms it carries a note. Judge panics unless
// threshold is a change greater than 0, better is set and 0 < level < 1:
// loading a protocol checks all of these.
func Judge(effect stats.Effect, level float64, threshold Threshold, better Direction) Judgement {
	harm := threshold
	harm.Worsening = true
	j := judge(effect, level, threshold, harm, better)
	j.HarmMirrored = true
	j.Notes = append(j.Notes, Note{Code: "harm-threshold-mirrored", Args: text.Args{"threshold": threshold.Value}})
	return j
}

// JudgeWorsening is Judge with a threshold of its own for worsening, where one
// is known: patients need not call a loss important at the size of a gain.
func JudgeWorsening(effect stats.Effect, level float64, threshold, worsening Threshold, better Direction) Judgement {
	return judge(effect, level, threshold, worsening, better)
}

func judge(effect stats.Effect, level float64, benefit, harm Threshold, better Direction) Judgement {
	for _, t := range []Threshold{benefit, harm} {
		if !(t.Value > 0) || !t.Kind.IsChange() {
			panic(fmt.Sprintf("study: cannot judge against threshold %s %v: need a change greater than 0", t.Kind, t.Value))
		}
	}
	if better == BetterUnset {
		panic("study: cannot judge an effect without a direction of benefit")
	}
	value, ci := effect.Point(), effect.CI(level)
	includesZero := ci.Contains(0)
	if better == LowerIsBetter {
		value, ci = -value, ci.Neg()
	}
	j := Judgement{
		Benefit:       importance(value, ci, benefit.Value),
		Harm:          importance(-value, ci.Neg(), harm.Value),
		IncludesZero:  includesZero,
		Threshold:     benefit,
		HarmThreshold: harm,
		Value:         value, Lower: ci.Lo, Upper: ci.Hi, Level: level,
	}
	j.ImportantBoth = j.Benefit != DefinitelyNot && j.Harm != DefinitelyNot
	if benefit.Level == Individual {
		j.Notes = append(j.Notes, Note{Code: "individual-threshold-as-margin",
			Args: text.Args{"kind": string(benefit.Kind), "threshold": benefit.Value}})
	}
	return j
}

// importance is the level for one side: value and interval turned so that
// this side is positive.
func importance(value float64, ci stats.Interval, m float64) Verdict {
	switch {
	case ci.Lo >= m:
		return Definite
	case value >= m:
		return Probable
	case ci.Hi > m || (ci.Hi == m && !ci.HiOpen):
		return Possible
	}
	return DefinitelyNot
}

// Sentence writes the judgement in words: first whether the data are
// compatible with no effect, then the level for benefit, then for harm.
func (j Judgement) Sentence(c *text.Catalog, unit string) string {
	s := ""
	switch {
	case j.ImportantBoth:
		s = c.Say("judge-inconclusive-both", nil)
	case j.IncludesZero:
		s = c.Say("judge-inconclusive", nil)
	case j.Value < 0:
		s = c.Say("judge-favors-control", nil)
	}
	if s != "" {
		s += " "
	}
	s += c.Say("judge-benefit-"+string(j.Benefit), text.Args{
		"value": round3(j.Value), "lower": round3(j.Lower), "upper": round3(j.Upper),
		"threshold": j.Threshold.Value, "unit": unitSuffix(unit),
		"level": j.Level})
	s += " " + c.Say("judge-harm-"+string(j.Harm), text.Args{
		"value": round3(-j.Value), "lower": round3(-j.Upper), "upper": round3(-j.Lower),
		"threshold": j.HarmThreshold.Value, "unit": unitSuffix(unit)})
	if j.Threshold.Level == Individual {
		s += " " + c.Say("individual-threshold-as-margin", text.Args{
			"kind": string(j.Threshold.Kind), "threshold": j.Threshold.Value})
	}
	return s
}
