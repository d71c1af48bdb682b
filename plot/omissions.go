package plot

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
)

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

// withoutEstimate names the comparisons of a result that decide, or are by a method,
// and have no estimate.
func (t *theme) withoutEstimate(r study.Result, method study.Method, visit func(id string) string) (out []string) {
	rows := r.Deciding()
	if method != "" {
		rows = r.RowsBy(method)
	}
	for _, row := range rows {
		if !finite(row.Estimate) {
			out = append(out, t.say("plot-row-at", map[string]any{"outcome": r.Outcome.ShortLabel(), "arm": nameOfArm(r.Arms, row.Arm), "visit": visit(row.Visit)}))
		}
	}
	return out
}

// columnsLeft is a note of the columns of a table for which the figure is too narrow.
func (t *theme) columnsLeft(all, kept []textColumn) []string {
	var out []string
	for _, c := range all {
		empty := !slices.ContainsFunc(c.cells, func(x textCell) bool { return x.text != "" })
		if !empty && !slices.ContainsFunc(kept, func(k textColumn) bool { return k.header == c.header }) {
			out = append(out, "“"+strings.ReplaceAll(strings.Join(strings.Fields(c.header), " "), "/ ", "/")+"”")
		}
	}
	if out == nil {
		return nil
	}
	return []string{t.say("plot-columns-left", map[string]any{"list": t.join(out)})}
}
