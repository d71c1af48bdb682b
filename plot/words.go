package plot

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// say writes a message of the catalog in the figure's language and style.
// Strings among the arguments are written as they are; where the unit is empty
// the space before it goes too.
func (t *theme) say(code string, args text.Args) string {
	if unit, ok := args["unit"]; !ok || unit != "" {
		return t.cat.Say(code, args)
	}
	const gone = "\x00"
	args = maps.Clone(args)
	args["unit"] = gone
	s := strings.ReplaceAll(t.cat.Say(code, args), "\u00a0"+gone, "")
	return strings.ReplaceAll(s, gone, "")
}

// num writes a number with so many decimals.
func (t *theme) num(x float64, decimals int) string {
	return t.midline(t.cat.Number(x, decimals))
}

// midline raises the decimal points of a text where the style does.
func (t *theme) midline(s string) string {
	if !t.style.Midline {
		return s
	}
	b := []byte(s)
	for i := 1; i < len(b)-1; i++ {
		if b[i] == '.' && b[i-1] >= '0' && b[i-1] <= '9' && b[i+1] >= '0' && b[i+1] <= '9' {
			b[i] = 0
		}
	}
	return strings.ReplaceAll(string(b), "\x00", "·")
}

// limit writes an end of an interval, with more decimals where rounding would
// put it onto 0 or onto a mark that it is not on, as a report has it.
func (t *theme) limit(x float64, decimals int, marks ...float64) string {
	return t.midline(t.cat.Beside(x, decimals, append([]float64{0}, marks...)...))
}

// digitsOf is how many decimals the outcome's numbers have in the results: those
// of their report.
func digitsOf(results []study.Result) int {
	d := 0
	for _, r := range results {
		d = max(d, r.Digits())
	}
	return d
}

// shortest writes a number in as few decimals as it has, at most four.
func (t *theme) shortest(x float64) string { return t.num(x, decimalsOf(x)) }

// decimalsOf is how many decimals a number has, at most four.
func decimalsOf(x float64) int {
	for d := range 4 {
		if math.Abs(x-roundTo(x, d)) <= 1e-12*math.Abs(x) {
			return d
		}
	}
	return 4
}

// outcomeLabel names an outcome with its unit: "Pain (VAS), cm".
func outcomeLabel(o study.Outcome) string {
	l := o.Label
	if l == "" {
		l = o.ID
	}
	if o.Unit != "" {
		l += ", " + o.Unit
	}
	return l
}

func name(label, id string) string {
	if label != "" {
		return label
	}
	return id
}

func armName(a study.Arm) string     { return name(a.Label, a.ID) }
func visitName(v study.Visit) string { return name(v.Label, v.ID) }

// level writes a confidence level in percent: 95.
func (t *theme) level(l float64) string { return t.shortest(roundTo(100*l, 6)) }

// join writes a list: "a, b and c".
func (t *theme) join(xs []string) string {
	switch n := len(xs); n {
	case 0:
		return ""
	case 1:
		return xs[0]
	default:
		return strings.Join(xs[:n-1], ", ") + t.say("plot-and", nil) + xs[n-1]
	}
}

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

// notAsked is a note of the visits that no estimand is asked of, where one is asked at
// others of the outcome.
func (t *theme) notAsked(results []study.Result) []string {
	var visits []string
	for _, r := range results {
		under := func(x study.Result) bool {
			return x.Outcome.ID == r.Outcome.ID && slices.ContainsFunc(x.Deciding(), func(row study.Row) bool { return row.Estimand != "" })
		}
		if len(r.Deciding()) > 0 && !under(r) && slices.ContainsFunc(results, under) {
			visits = appendNew(visits, visitName(r.Visit))
		}
	}
	if visits == nil {
		return nil
	}
	return []string{t.say("estimand-none-at", map[string]any{"visits": t.join(visits)})}
}
