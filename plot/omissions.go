package plot

import "github.com/trialkit/trialkit/study"

// A chart draws everything it was given, or says on the figure what it left out.

// leftOut is a note of what has no mark, for want of an estimate with an interval.
func (t *theme) leftOut(what []string) []string {
	if len(what) == 0 {
		return nil
	}
	return []string{t.say("plot-left-out", map[string]any{"list": t.join(what)})}
}

// armAt names an arm at a visit.
func (t *theme) armAt(a study.Arm, v study.Visit) string {
	return t.say("plot-arm-at", map[string]any{"arm": armName(a), "visit": visitName(v)})
}
