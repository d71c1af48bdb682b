package plot

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/trialkit/trialkit/study"
)

// Consort answers "what became of everyone?" from a trial's report: the flow
// diagram of CONSORT 2025, of two arms or more. Read it from the top: who was
// assessed, and excluded for which reason; then down each arm who received the
// intervention, who left and why, and how many were analyzed. A stage of which
// neither protocol nor file tells is left out, never drawn with zeros; the note
// below says what is not stated. Analyzed are those of the primary comparison,
// or, where none is declared, of every outcome and visit. In a narrow figure each
// stage is one box with a column of counts an arm, as in Flow.
//
// Convention: Hopewell et al. 2025, items 22a and 22b (for each group those
// randomly assigned, receiving the intended intervention and analyzed for the
// primary outcome; losses and exclusions with reasons),
// doi:10.1136/bmj-2024-081123.
func Consort(r study.Report) (*Figure, error) { return ConsortWith(r, Options{}) }

// ConsortWith is Consort with choices. The report's words are drawn as they are:
// Report.In has them in another language.
func ConsortWith(r study.Report, o Options) (*Figure, error) {
	c := r.Consort
	if len(c.Arms) == 0 {
		return nil, errors.New("plot: Consort: the report counts no arms; Dataset.AnalyzeAll makes one that does")
	}
	p := r.Protocol
	t, err := newTheme(o, true, study.StudyInfo{Title: p.Title, Registration: p.Registration, Simulated: p.Simulated})
	if err != nil {
		return nil, err
	}
	w := flowWriter{theme: t, r: r}
	notes := []string{t.say("plot-flow-method", map[string]any{"year": "2025"})}
	for _, n := range c.Unstated() {
		notes = append(notes, t.say(n.Code, n.Args))
	}
	return t.flowFigure(w.chart(), notes)
}

// flowWriter writes a report's flow as boxes.
type flowWriter struct {
	theme *theme
	r     study.Report
}

func (w flowWriter) say(code string) string { return w.theme.say(code, nil) }

func (w flowWriter) chart() flowChart {
	t, c := w.theme, w.r.Consort
	randomized := "plot-flow-randomized"
	switch {
	case !c.Allocated:
		randomized = "plot-flow-in-file"
	case !c.Declared:
		randomized = "plot-flow-randomized-in-file"
	}
	out := flowChart{randomized: []flowLine{t.flowHead(w.say(randomized), c.Randomized)}}
	if c.HasAssessed {
		out.assessed = []flowLine{t.flowHead(w.say("plot-flow-assessed"), c.Assessed)}
		out.excluded = w.counts(w.say("plot-flow-excluded"), c.Excluded, 0)
	}
	allocation, follow, analysis := flowRow{stage: w.say("plot-flow-allocation")}, flowRow{stage: w.say("plot-flow-follow-up")},
		flowRow{stage: w.say("plot-flow-analysis")}
	if !c.Allocated {
		allocation.stage = w.say("plot-flow-arms")
	}
	comparisons := c.Comparisons()
	for k, a := range c.Arms {
		allocation.arms = append(allocation.arms, w.allocation(a))
		follow.arms = append(follow.arms, w.followUp(a))
		if len(comparisons) > 0 {
			analysis.arms = append(analysis.arms, append(w.analysis(k, comparisons), w.sets(a)...))
		}
	}
	out.rows = []flowRow{allocation}
	if slices.ContainsFunc(follow.arms, func(b []flowLine) bool { return len(b) > 0 }) {
		out.rows = append(out.rows, follow)
	}
	if len(comparisons) > 0 {
		out.rows = append(out.rows, analysis)
	}
	return out
}

// counts is a count and, below it, what it is the sum of.
func (w flowWriter) counts(head string, list []study.ReasonCount, indent int) []flowLine {
	reasons := make([]Reason, len(list))
	for i, r := range list {
		reasons[i] = Reason{r.Say(w.theme.cat, w.r.Protocol.Arms), r.N}
	}
	return w.theme.flowReasons(head, reasons, indent)
}

func (w flowWriter) allocation(a study.ConsortArm) []flowLine {
	t := w.theme
	label := a.Arm
	for _, x := range w.r.Protocol.Arms {
		switch {
		case x.ID != a.Arm:
		case len(w.r.Consort.Arms) > 3: // narrow boxes
			label = x.ShortLabel()
		default:
			label = armName(x)
		}
	}
	if w.r.Consort.Allocated {
		label = t.say("plot-flow-allocated", map[string]any{"arm": label})
	}
	out := []flowLine{t.flowHead(label, a.Randomized)}
	if !a.HasReceived {
		return out
	}
	out = append(out, t.flowLine(w.say("plot-flow-received"), a.Received, 1))
	if not := keep(a.NotReceived, study.ReasonCount.NotReceived); len(not) > 0 {
		out = append(out, w.counts(w.say("plot-flow-not-received"), not, 1)...)
	}
	if open := keep(a.NotReceived, func(r study.ReasonCount) bool { return !r.NotReceived() && r.N > 0 }); len(open) > 0 {
		out = append(out, w.counts(w.say("plot-flow-received-unknown"), open, 1)...)
	}
	return out
}

// sets counts the participants in each set of data.sets.
func (w flowWriter) sets(a study.ConsortArm) (out []flowLine) {
	for _, x := range a.Sets {
		out = append(out, w.theme.flowLine(w.theme.say("flow-in-set", map[string]any{"set": x.Set}), x.N, 0))
	}
	return out
}

// followUp tells who left, by status; who never reached the file is told where any
// arm has such participants.
func (w flowWriter) followUp(a study.ConsortArm) []flowLine {
	t := w.theme
	var out []flowLine
	if a.HasStatus {
		out = append(out, t.flowLine(w.say("plot-flow-completed"), a.Completed, 0))
	}
	lost := keep(a.Lost, func(r study.ReasonCount) bool { return r.Status != study.StatusNoData })
	for i, j := 0, 0; i < len(lost); i = j {
		for j = i + 1; j < len(lost) && lost[j].Status == lost[i].Status; {
			j++
		}
		head := capital(study.ReasonCount{Status: lost[i].Status}.Say(t.cat, nil))
		if j == i+1 && lost[i].Reason == "" {
			out = append(out, t.flowLine(head, lost[i].N, 0))
			continue
		}
		var reasons []Reason
		for _, r := range lost[i:j] {
			reasons = append(reasons, Reason{cmp.Or(r.Reason, w.say("plot-flow-no-reason")), r.N})
		}
		out = append(out, t.flowReasons(head, reasons, 0)...)
	}
	if slices.ContainsFunc(w.r.Consort.Arms, func(a study.ConsortArm) bool { return a.InFile < a.Randomized }) {
		head := study.ReasonCount{Status: study.StatusNoData}.Say(t.cat, nil)
		out = append(out, t.flowLine(capital(head), a.Randomized-a.InFile, 0))
	}
	return out
}

// maxAnalyses is how many lines of comparisons with numbers of their own a box has.
const maxAnalyses = 10

// analysis tells how many of an arm are analyzed. Comparisons with the same numbers
// in every arm share a line: all of them, or all visits of an outcome. Of more lines
// than the box holds the range is told.
func (w flowWriter) analysis(arm int, comparisons []int) []flowLine {
	t, arms := w.theme, w.r.Consort.Arms
	first := arms[arm].Analyzed[comparisons[0]]
	head := w.say("plot-flow-analyzed-2010")
	if first.Role == study.RolePrimary {
		head = w.say("plot-flow-analyzed-2025")
	}
	if !slices.ContainsFunc(comparisons, func(i int) bool { return !w.r.Consort.Alike(i, comparisons[0]) }) {
		out := []flowLine{t.flowHead(head, first.N)}
		switch {
		case len(comparisons) == 1:
			out = append(out, t.flowLine(w.comparison(first), -1, 1))
		case len(comparisons) == len(arms[arm].Analyzed):
			out = append(out, t.flowLine(w.say("plot-flow-all"), -1, 1))
		}
		if slices.ContainsFunc(arms, func(a study.ConsortArm) bool { x := a.Analyzed[comparisons[0]]; return x.Observed < x.N }) {
			out = append(out, t.flowLine(w.say("plot-flow-observed"), first.Observed, 1))
		}
		if slices.ContainsFunc(arms, func(a study.ConsortArm) bool { return a.Analyzed[comparisons[0]].LostAnalyzed > 0 }) {
			out = append(out, t.flowLine(w.say("plot-flow-incomplete"), first.LostAnalyzed, 1))
		}
		left := keep(first.Left, func(r study.ReasonCount) bool { return r.N > 0 })
		return append(out, w.counts(w.say("plot-flow-not-analyzed"), left, 0)...)
	}
	var lines []flowLine
	low, high := first.N, first.N
	for at := 0; at < len(comparisons); {
		i := comparisons[at]
		x := arms[arm].Analyzed[i]
		low, high = min(low, x.N), max(high, x.N)
		end, equal := at, true
		for ; end < len(comparisons) && arms[arm].Analyzed[comparisons[end]].Outcome == x.Outcome; end++ {
			equal = equal && w.r.Consort.Alike(i, comparisons[end])
		}
		switch visits := comparisons[at:end]; {
		case len(visits) == 1:
			lines = append(lines, t.flowLine(w.comparison(x), x.N, 1))
		case equal:
			lines = append(lines, t.flowLine(w.outcome(x.Outcome), x.N, 1))
		default:
			lines = append(lines, t.flowLine(w.outcome(x.Outcome), -1, 1))
			for _, v := range visits {
				y := arms[arm].Analyzed[v]
				low, high = min(low, y.N), max(high, y.N)
				lines = append(lines, t.flowLine(w.visit(y.Visit), y.N, 2))
			}
		}
		at = end
	}
	if len(lines) > maxAnalyses {
		what := t.say("plot-flow-range", map[string]any{"what": head, "low": low, "high": high})
		return []flowLine{{text: what, what: head, span: fmt.Sprintf("%d–%d", low, high), n: -1, bold: true}, t.flowLine(w.say("plot-flow-by-outcome"), -1, 1)}
	}
	return append([]flowLine{t.flowHead(head, -1)}, lines...)
}

// comparison names an outcome at a visit.
func (w flowWriter) comparison(x study.ConsortAnalyzed) string {
	return w.outcome(x.Outcome) + ", " + w.visit(x.Visit)
}

func (w flowWriter) outcome(id string) string {
	for _, o := range w.r.Protocol.Outcomes {
		if o.ID == id {
			return o.ShortLabel()
		}
	}
	return id
}

func (w flowWriter) visit(id string) string {
	if id == study.OverallVisit {
		return w.say("visit-overall")
	}
	for _, v := range w.r.Protocol.Visits {
		if v.ID == id {
			return visitName(v)
		}
	}
	return id
}

// keep returns those counts that something holds of.
func keep(list []study.ReasonCount, is func(study.ReasonCount) bool) []study.ReasonCount {
	return slices.DeleteFunc(slices.Clone(list), func(r study.ReasonCount) bool { return !is(r) })
}

// capital begins a text with a capital.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
