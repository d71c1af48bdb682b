package plot

import (
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// What a figure says to who cannot see it: one sentence with what it shows and its
// main answer (Alt), and the rest (Description). Of a chart of a comparison the
// answer is the difference between the arms that decides, never the arms' own
// changes, at the visit on which the trial is decided, or where none is drawn at
// the last.

// figure begins a figure with its title.
func (t *theme) figure(code string, args map[string]any) *Figure {
	f := &Figure{theme: t}
	f.entitle(code, args)
	return f
}

// entitle gives a figure its title, the caller's own or the catalog's, which also
// says what the figure shows.
func (f *Figure) entitle(code string, args map[string]any) {
	f.what = f.theme.say(code, args)
	f.title = f.what
	if f.theme.opt.Title != "" {
		f.title = f.theme.opt.Title
	}
}

// tell gives a figure its main answer and the sentences that say the rest.
func (f *Figure) tell(answer string, more ...string) {
	f.answer = answer
	f.described = slices.DeleteFunc(more, func(s string) bool { return s == "" })
}

// Alt describes the figure in one sentence for readers who cannot see it: what it
// shows, and its main answer. Description has the rest.
func (f *Figure) Alt() string {
	if f.empty() {
		return ""
	}
	t, s := f.theme, f.what
	if f.answer != "" {
		s = t.say("plot-alt-answer", map[string]any{"what": s, "answer": f.answer})
	}
	if t.study.Simulated {
		s = t.say("plot-alt-simulated", map[string]any{"mark": t.say("simulated", nil), "text": s})
	}
	return sentence(capital(oneLine(s)))
}

// Description says in words what else the figure shows, for readers who cannot see
// it: every result that Alt leaves out. SVG has it as <desc>, PDF among its
// properties.
func (f *Figure) Description() string {
	if f.empty() {
		return ""
	}
	return oneLine(strings.Join(f.described, " "))
}

// oneLine takes the breaks out of a text that a name may bring along.
func oneLine(s string) string { return strings.ReplaceAll(s, "\n", " ") }

// headline is the result that an alt text answers with: the one on which the trial
// is decided, or the last.
func headline(results []study.Result) int {
	for i, r := range results {
		if slices.ContainsFunc(r.Deciding(), func(row study.Row) bool { return row.Role == study.RolePrimary }) {
			return i
		}
	}
	return len(results) - 1
}

// rowsAt are the rows that decide between arms at the visit of result i, also of a
// model of all visits.
func (s *series) rowsAt(i int) []study.Row {
	rows := shownRows(s.results[i], "")
	for _, r := range s.overall {
		for _, row := range shownRows(r, "") {
			if len(rows) == 0 && row.Visit == s.results[i].Visit.ID {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// altDifference is the answer of most charts of a trial: at the headline visit each
// active arm's difference from control.
func (s *series) altDifference(t *theme) string {
	return s.altHeadline(t)
}

// altHeadline is altDifference behind what else a chart says of the headline visit.
func (s *series) altHeadline(t *theme, clauses ...string) string {
	i := headline(s.results)
	return t.altAt(s.results[i].Visit, joined(append(clauses, t.altRows(s.results[i], s.rowsAt(i)))...))
}

// altDifferences says the differences at the other visits, a sentence each.
func (s *series) altDifferences(t *theme) (out []string) {
	head := headline(s.results)
	for i, r := range s.results {
		if i != head && len(s.rowsAt(i)) > 0 {
			out = append(out, sentence(capital(t.altAt(r.Visit, t.altRows(r, s.rowsAt(i))))))
		}
	}
	return out
}

// altAt says when an answer holds.
func (t *theme) altAt(v study.Visit, answer string) string {
	if v.ID == "" || v.ID == study.OverallVisit {
		return t.say("plot-alt-overall", map[string]any{"answer": answer})
	}
	return t.say("plot-alt-at", map[string]any{"visit": visitName(v), "answer": answer})
}

// altRows says differences between arms of a result with their intervals and whom
// they favor, or that there are none.
func (t *theme) altRows(r study.Result, rows []study.Row) string {
	var out []string
	for _, row := range rows {
		out = append(out, t.altRow(r, row))
	}
	if len(out) == 0 {
		return t.say("plot-alt-none", map[string]any{"arms": t.join(armNames(r.Arms))})
	}
	return strings.Join(out, "; ")
}

func (t *theme) altRow(r study.Result, row study.Row) string {
	code := "plot-alt-contrast"
	if row.Measure.Plain() {
		code = "plot-alt-contrast-effect"
	}
	if row.Measure == study.ProbabilityBetter {
		code = "plot-alt-benefit"
	}
	s := t.say(code, map[string]any{"arm": nameOfArm(r.Arms, row.Arm), "control": nameOfArm(r.Arms, row.Control),
		"value": t.altValue(row, r.Outcome, r.Digits()), "measure": t.measure(row.Measure)})
	return s + t.altFavors(r, row)
}

// altFavors says whom a difference favors, or that its interval holds no difference.
func (t *theme) altFavors(r study.Result, row study.Row) string {
	switch gain := row.Gain(r.Outcome); {
	case row.IncludesZero():
		return ", " + t.say("page-holds-null", map[string]any{"null": row.Measure.Null()})
	case row.Effect == nil || row.Withheld():
		return ""
	case gain > 0:
		return ", " + t.say("page-favors", map[string]any{"arm": nameOfArm(r.Arms, row.Arm)})
	default:
		return ", " + t.say("page-favors", map[string]any{"arm": nameOfArm(r.Arms, row.Control)})
	}
}

// altValue writes an estimate with its interval as the report does: "−3.03 cm (95%
// CI −4.80 to −1.25)".
func (t *theme) altValue(row study.Row, o study.Outcome, decimals int) string {
	marks := row.Marks(o)
	unit := o.Unit
	switch row.Measure.Scale() {
	case study.ScaleProportion:
		row, unit = shownRow(o, row), o.ShownUnit(t.cat)
		for i := range marks {
			marks[i] = o.Shown(marks[i])
		}
	case study.ScaleRatio, study.ScaleProbability:
		unit, decimals = "", ratioDecimals
	}
	said := map[string]any{"value": t.num(row.Estimate, decimals), "unit": unit}
	if row.Withheld() || math.IsNaN(row.Lower) || math.IsNaN(row.Upper) {
		return t.say("plot-alt-value-alone", said)
	}
	said["level"], said["lower"], said["upper"] = t.level(row.Level), t.limit(row.Lower, decimals, marks...), t.limit(row.Upper, decimals, marks...)
	return t.say("plot-alt-value", said)
}

// altCurve is altRow of an effect that a chart draws.
func (s *series) altCurve(t *theme, i int, c effectCurve) string {
	ci, control := c.ci(), ""
	for _, a := range s.arms {
		if a.Control {
			control = a.ID
		}
	}
	row := study.Row{Arm: c.look.arm.ID, Control: control, Effect: c.effect, Estimate: c.effect.Point(), Lower: ci.Lo, Upper: ci.Hi,
		LoOpen: ci.LoOpen, HiOpen: ci.HiOpen, Level: c.level}
	return t.altRow(s.results[i], row)
}

// altCurves says the effects that a chart draws: at the headline visit, or where it
// draws none there at the last with one.
func (s *series) altCurves(t *theme, curves [][]effectCurve) string {
	i := s.headCurves(curves)
	var out []string
	for _, c := range curves[i] {
		out = append(out, s.altCurve(t, i, c))
	}
	return t.altAt(s.results[i].Visit, strings.Join(out, "; "))
}

// headCurves is the result whose effects an alt text says.
func (s *series) headCurves(curves [][]effectCurve) int {
	if i := headline(s.results); len(curves[i]) > 0 {
		return i
	}
	last := 0
	for i, cs := range curves {
		if len(cs) > 0 {
			last = i
		}
	}
	return last
}

// altMedians says the arms' medians of sorted values at a visit.
func (t *theme) altMedians(code string, s *series, i int, values func(arm string) []float64) string {
	var out []string
	for _, a := range s.arms {
		m, err := stats.Quantile(values(a.ID), 0.5, 7)
		if err != nil {
			continue // nobody in the arm
		}
		out = append(out, t.say("plot-alt-with", map[string]any{"arm": armName(a), "value": t.num(m, s.results[i].Digits()), "unit": s.outcome.Unit}))
	}
	if out == nil {
		return ""
	}
	return t.say(code, map[string]any{"list": t.join(out)})
}

// altShares says of how many participants of each arm something is true: "3 of 5
// with Active HILT and 0 of 5 with Placebo HILT".
func (t *theme) altShares(arms []study.Arm, count func(arm string) (events, n int)) string {
	var out []string
	for _, a := range arms {
		events, n := count(a.ID)
		out = append(out, t.say("plot-alt-share", map[string]any{"arm": armName(a), "events": events, "n": n}))
	}
	return t.join(out)
}

// altRisks says the differences of the arms' shares of responders.
func (t *theme) altRisks(arms []study.Arm, contrasts []study.ResponderContrast) string {
	out := ""
	for _, x := range contrasts {
		if math.IsNaN(x.Difference) {
			continue
		}
		out += "; " + t.say("plot-alt-risk", map[string]any{"arm": nameOfArm(arms, x.Arm), "control": nameOfArm(arms, x.Control),
			"value": t.num(100*x.Difference, 0), "level": t.level(x.Level), "lower": t.num(100*x.Lower, 0), "upper": t.num(100*x.Upper, 0)})
	}
	return out
}

// altReached says how many of each arm reached the threshold of patients in result
// i, and how the arms differ in that.
func (s *series) altReached(t *theme, i int, th study.Threshold) string {
	shares := t.altShares(s.arms, func(arm string) (int, int) { return s.improved(i, arm), len(s.changes(i, arm)) })
	_, contrasts := s.results[i].RespondersBy(study.RuleChange)
	return t.say("plot-alt-reached", map[string]any{"list": shares, "value": t.shortest(th.Value), "unit": s.outcome.Unit}) + t.altRisks(s.arms, contrasts)
}

// joined joins clauses of one sentence.
func joined(clauses ...string) string {
	return strings.Join(slices.DeleteFunc(clauses, func(s string) bool { return s == "" }), "; ")
}

func armNames(arms []study.Arm) (out []string) {
	for _, a := range arms {
		out = append(out, armName(a))
	}
	return out
}

func nameOfArm(arms []study.Arm, id string) string {
	for _, a := range arms {
		if a.ID == id {
			return armName(a)
		}
	}
	return id
}

// altDistribution says where the halves of the arms' values part, and the
// difference between the arms where the values are of after treatment.
func (s *series) altDistribution(t *theme, of Quantity, code string) string {
	medians := ""
	if code != "" {
		medians = t.altMedians(code, s, 0, func(arm string) []float64 { return s.quantity(of, arm) })
	}
	if of == OfBaseline {
		return medians
	}
	return s.altHeadline(t, medians)
}

// altEstimation says the effects that an estimation plot draws, and the plan's
// estimates of the same differences where those are others.
func (s *series) altEstimation(t *theme, curves [][]effectCurve) string {
	i := s.headCurves(curves)
	out := []string{s.altCurves(t, curves)}
	for _, c := range curves[i] {
		for _, row := range s.rowsAt(i) {
			if row.Arm == c.look.arm.ID && !c.row.Decides {
				out = append(out, t.say("plot-alt-plan", map[string]any{"arm": armName(c.look.arm), "method": t.rowMethod(row),
					"value": t.altValue(row, s.outcome, s.results[i].Digits())}))
			}
		}
	}
	return strings.Join(out, "; ")
}

// mostNamed is how many outcomes an alt text names.
const mostNamed = 3

// tellDifferences answers with the comparison on which the trial is decided, or with
// the first outcome's at its last visit.
func (f *Figure) tellDifferences(results []study.Result, method study.Method, alts []string) {
	t := f.theme
	type place struct{ outcome, visit string }
	var names []string
	var head place
	rows, of := map[place][]study.Row{}, map[place]study.Result{}
	primary := false
	for _, r := range results {
		shown := shownRows(r, method)
		if len(shown) > 0 {
			names = appendNew(names, name(r.Outcome.Label, r.Outcome.ID))
		}
		for _, row := range shown {
			at := place{r.Outcome.ID, row.Visit}
			if head.outcome == "" || !primary && (row.Role == study.RolePrimary || at.outcome == head.outcome) {
				head, primary = at, row.Role == study.RolePrimary
			}
			rows[at], of[at] = append(rows[at], row), r
		}
	}
	if more := len(names) - mostNamed; more > 0 {
		names = append(names[:mostNamed:mostNamed], t.say("plot-alt-more", map[string]any{"n": more}))
	}
	f.what = t.say("plot-alt-differences", map[string]any{"list": t.join(names)})
	r := of[head]
	r.Visit = study.Visit{ID: head.visit, Label: t.visitLabel(head.visit, results)}
	answer := t.altAt(r.Visit, t.altRows(r, rows[head]))
	if len(names) > 1 {
		answer = t.say("plot-alt-outcome", map[string]any{"outcome": name(r.Outcome.Label, r.Outcome.ID), "answer": answer})
	}
	f.tell(answer, alts...)
}
