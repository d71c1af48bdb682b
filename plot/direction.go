package plot

import (
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

// Whom a difference compares, and which way is better: arms by name, and an arrow on
// the axis.

// contrast writes whom differences compare: "Active HILT − Placebo HILT", of several
// active arms "each arm − Placebo".
func (t *theme) contrast(arms []study.Arm) string {
	active, control := sides(arms)
	if len(active) == 1 {
		return t.say("plot-contrast", map[string]any{"arm": active[0].ShortLabel(), "control": control.ShortLabel()})
	}
	return t.say("plot-contrast-many", map[string]any{"control": control.ShortLabel()})
}

// effectAxis names an axis of ratios or probabilities of an outcome.
func (t *theme) effectAxis(o study.Outcome, m study.Measure) string {
	words := strings.Replace(t.say("plot-axis-"+string(m), nil), ": ", ":\u00a0", 1) // "1: no difference" stays together
	return t.say("plot-subgroups-axis", map[string]any{"outcome": o.ShortLabel(), "measure": words})
}

// against is contrast for any measure: a ratio is no arm less another.
func (t *theme) against(m study.Measure, arms []study.Arm) string {
	active, control := sides(arms)
	switch {
	case !m.Plain():
		return t.contrast(arms)
	case len(active) == 1:
		return t.say("plot-against", map[string]any{"arm": active[0].ShortLabel(), "control": control.ShortLabel()})
	}
	return t.say("plot-against-many", map[string]any{"control": control.ShortLabel()})
}

// sides parts the active arms from control.
func sides(arms []study.Arm) (active []study.Arm, control study.Arm) {
	for _, a := range arms {
		if a.Control {
			control = a
		} else {
			active = append(active, a)
		}
	}
	return active, control
}

// differenceAxis names an axis of differences between arms.
func (t *theme) differenceAxis(o study.Outcome, arms []study.Arm) string {
	return t.say("plot-difference-axis", map[string]any{"contrast": t.contrast(arms), "unit": unitAfterComma(o.ShownUnit(t.cat))})
}

// outcomeDifferenceAxis is differenceAxis where nothing else on the figure names
// the outcome.
func (t *theme) outcomeDifferenceAxis(o study.Outcome, arms []study.Arm) string {
	return t.say("plot-difference-axis-of", map[string]any{"outcome": o.ShortLabel(), "contrast": t.contrast(arms), "unit": unitAfterComma(o.ShownUnit(t.cat))})
}

// atVisit is an outcome whose short name says at which visit, for a figure of one.
func atVisit(o study.Outcome, v study.Visit) study.Outcome {
	o.Short = o.ShortLabel() + ", " + visitName(v)
	return o
}

// toward writes a label along an axis, and under it which way is better.
func (t *theme) toward(label string, better study.Direction, room vg.Length) string {
	return t.pointed(label, room, better, t.say("plot-better", nil))
}

// towardArm is toward on an axis of differences, where it names the arm that they
// favor if there is one active arm.
func (t *theme) towardArm(label string, better study.Direction, arms []study.Arm, room vg.Length) string {
	words := t.say("plot-better", nil)
	if active, _ := sides(arms); len(active) == 1 {
		named := t.say("plot-favors", map[string]any{"arm": active[0].ShortLabel()})
		if widestWord(t.text(), named)+t.size()*2 < room { // the label names the arms too
			words = named
		}
	}
	return t.pointed(label, room, better, words)
}

// pointed adds words with an arrow to a label, at the end to which the arrow points
// or on a line of their own. On an upright axis the label is read from below, so that
// ← points down.
func (t *theme) pointed(label string, room vg.Length, better study.Direction, words string) string {
	const apart = "\u2003"
	line := label
	switch better {
	case study.LowerIsBetter:
		words = "←\u00a0" + words
		line = words + apart + label
	case study.HigherIsBetter:
		words += "\u00a0→"
		line += apart + words
	default:
		return t.across(label, room)
	}
	if t.text().Width(line) <= room {
		return line
	}
	return t.across(label, room) + "\n" + t.across(words, room)
}

// favors says on which side of no effect which arm is favored: by name of two arms,
// of more the row's arm; without arms which way is better.
func (t *theme) favors(better study.Direction, null float64, arms []study.Arm) *keyStrip {
	active, control := sides(arms)
	k := &keyStrip{at: null}
	switch len(active) {
	case 0:
		k.right = t.say("plot-better", nil)
	case 1:
		k.left, k.right = t.say("plot-favors", map[string]any{"arm": control.ShortLabel()}), t.say("plot-favors", map[string]any{"arm": active[0].ShortLabel()})
	default:
		k.left, k.right = t.say("plot-favors", map[string]any{"arm": control.ShortLabel()}), t.say("plot-favors-row", nil)
	}
	if better == study.LowerIsBetter {
		k.left, k.right = k.right, k.left
	}
	return k
}

// armColumnHeads name the columns of numbers analyzed and of means, or by valuesOf of
// shares.
func (t *theme) armColumnHeads(arms []study.Arm, values string) []string {
	active, control := sides(arms)
	first := t.say("plot-column-arm", nil)
	if len(active) == 1 {
		first = active[0].ShortLabel()
	}
	mean := func(arm string) string { return t.say("plot-column-mean"+values, map[string]any{"arm": arm}) }
	return []string{t.say("plot-column-n", map[string]any{"arm": first, "control": control.ShortLabel()}), mean(first), mean(control.ShortLabel())}
}
