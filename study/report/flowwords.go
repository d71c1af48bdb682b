package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// FlowTable is the flow of participants as a table: screening, and an arm a column
// what became of those randomized, up to who is analyzed for every outcome at every
// visit; comparisons with the same numbers share a row. A stage of which neither protocol nor file tells has no row. The column of
// all arms together is the last.
func FlowTable(r study.Report) Table {
	t, err := FlowTableWith(r, FlowTableOptions{})
	if err != nil { // English is there, and nothing else can fail
		panic(err)
	}
	return t
}

// FlowTableOptions are choices of the table of the flow. The zero value is English.
type FlowTableOptions struct {
	// Lang is the language: "" or "en", "en-GB", "nl".
	Lang string
}

// FlowTableWith is FlowTable with choices. It refuses an unknown language.
func FlowTableWith(r study.Report, o FlowTableOptions) (Table, error) {
	b, err := newTable(r, o.Lang)
	if err != nil {
		return Table{}, err
	}
	c := b.r.Consort
	b.Title = b.Say("flow-title", nil)
	b.Columns = []TableColumn{{Key: "label", Title: b.Say("flow-stage", nil)}}
	for _, a := range c.Arms {
		b.Columns = append(b.Columns, TableColumn{Key: "value", Title: b.shortArm(a.Arm), Arm: a.Arm, N: a.InFile, Right: true})
	}
	b.Columns = append(b.Columns, TableColumn{Key: "value", Title: b.Say("flow-together", nil), N: b.inFile(""), Right: true})
	b.screeningRows()
	b.conductRows()
	b.eventRows()
	b.setRows()
	b.analyzedRows()
	b.Notes = b.flowUnstated()
	return b.Table, nil
}

func (b *builder) shortArm(id string) string {
	for _, a := range b.r.Protocol.Arms {
		if a.ID == id {
			return a.ShortLabel()
		}
	}
	return id
}

// flowUnstated says what of the flow neither protocol nor file tells.
func (b *builder) flowUnstated() (out []string) {
	for _, n := range b.r.Consort.Unstated() {
		out = append(out, b.Say(n.Code, n.Args))
	}
	return out
}

// count adds a row of counts, an arm each, with their sum.
func (b *tableBuilder) count(r TableRow, label string, of func(study.ConsortArm) int) {
	r.Cells = []TableCell{{Text: label}}
	sum := 0
	for _, a := range b.r.Consort.Arms {
		n := of(a)
		sum += n
		r.Cells = append(r.Cells, countCell(n))
	}
	r.Cells = append(r.Cells, countCell(sum))
	b.Rows = append(b.Rows, r)
}

func countCell(n int) TableCell {
	return TableCell{Text: fmt.Sprint(n), N: n, Numbers: []TableNumber{{"count", float64(n)}}}
}

// screeningRows tell of the time before randomization, when nobody had an arm.
func (b *tableBuilder) screeningRows() {
	c := b.r.Consort
	if !c.HasAssessed {
		return
	}
	row := func(r TableRow, label string, n int) {
		r.Cells = append([]TableCell{{Text: label}}, make([]TableCell, len(c.Arms))...)
		r.Cells = append(r.Cells, countCell(n))
		b.Rows = append(b.Rows, r)
	}
	row(TableRow{Statistic: "assessed"}, b.Say("plot-flow-assessed", nil), c.Assessed)
	row(TableRow{Statistic: "excluded"}, b.Say("plot-flow-excluded", nil), sumOf(c.Excluded))
	for _, x := range c.Excluded {
		row(TableRow{Statistic: "excluded", Level: x.Reason}, deeper+x.Reason, x.N)
	}
}

// deeper begins the label of a row that is part of the one above.
const deeper = "\u2003"

func sumOf(list []study.ReasonCount) int {
	n := 0
	for _, r := range list {
		n += r.N
	}
	return n
}

// conductRows tell what became of everyone up to the end of follow-up.
func (b *tableBuilder) conductRows() {
	c := b.r.Consort
	b.count(TableRow{Statistic: "randomized"}, b.Say(b.randomizedCode(), nil), func(a study.ConsortArm) int { return a.Randomized })
	if b.someNeverArrived() {
		b.count(TableRow{Statistic: "in-file"}, b.Say("flow-in-file", nil), func(a study.ConsortArm) int { return a.InFile })
	}
	if c.Arms[0].HasReceived {
		b.count(TableRow{Statistic: "received"}, b.Say("plot-flow-received", nil), func(a study.ConsortArm) int { return a.Received })
		notReceived := func(a study.ConsortArm) []study.ReasonCount { return a.NotReceived }
		b.reasonRows("not-received", "plot-flow-not-received", notReceived, study.ReasonCount.NotReceived)
		b.reasonRows("received-unknown", "plot-flow-received-unknown", notReceived, func(r study.ReasonCount) bool { return !r.NotReceived() })
	}
	if c.Arms[0].HasStatus {
		b.count(TableRow{Statistic: "completed"}, b.Say("plot-flow-completed", nil), func(a study.ConsortArm) int { return a.Completed })
		b.reasonRows("lost", "flow-not-completed", func(a study.ConsortArm) []study.ReasonCount { return a.Lost },
			func(study.ReasonCount) bool { return true })
	}
}

// randomizedCode is the word for those whose flow is told.
func (b *builder) randomizedCode() string {
	switch c := b.r.Consort; {
	case !c.Allocated:
		return "plot-flow-in-file"
	case !c.Declared:
		return "plot-flow-randomized-in-file"
	}
	return "plot-flow-randomized"
}

func (b *builder) someNeverArrived() bool {
	return slices.ContainsFunc(b.r.Consort.Arms, func(a study.ConsortArm) bool { return a.InFile < a.Randomized })
}

// reasonRows are a row of those counts of the arms that something holds of, and
// one for each status and reason that any arm has; none where nobody has one.
func (b *tableBuilder) reasonRows(statistic, code string, of func(study.ConsortArm) []study.ReasonCount, is func(study.ReasonCount) bool) {
	keys := b.reasonsOf(of, is)
	if len(keys) == 0 {
		return
	}
	b.count(TableRow{Statistic: statistic}, b.Say(code, nil), func(a study.ConsortArm) int {
		n := 0
		for _, r := range of(a) {
			if is(r) {
				n += r.N
			}
		}
		return n
	})
	for _, k := range keys {
		b.count(TableRow{Statistic: statistic, Level: strings.Trim(k.Status+": "+k.Reason, ": ")}, deeper+b.sayReason(k, keys), func(a study.ConsortArm) int {
			n := 0
			for _, r := range of(a) {
				if r.Status == k.Status && r.Reason == k.Reason {
					n += r.N
				}
			}
			return n
		})
	}
}

// reasonsOf are the statuses and reasons of all arms: statuses in the order in which
// the arms have them, their reasons by the number who have them, then by name.
func (b *builder) reasonsOf(of func(study.ConsortArm) []study.ReasonCount, is func(study.ReasonCount) bool) []study.ReasonCount {
	var out []study.ReasonCount
	var statuses []string
	for _, a := range b.r.Consort.Arms {
		before := 0 // where a status that only this arm has belongs
		for _, r := range of(a) {
			if !is(r) {
				continue
			}
			if i := slices.Index(statuses, r.Status); i >= 0 {
				before = i + 1
			} else {
				statuses = slices.Insert(statuses, before, r.Status)
				before++
			}
			i := slices.IndexFunc(out, func(x study.ReasonCount) bool { return x.Status == r.Status && x.Reason == r.Reason })
			if i < 0 {
				i = len(out)
				out = append(out, study.ReasonCount{Status: r.Status, Reason: r.Reason})
			}
			out[i].N += r.N
		}
	}
	nobody := func(x study.ReasonCount) bool { // a status has somebody: its row of nobody says nothing more
		return x.N == 0 && slices.ContainsFunc(out, func(y study.ReasonCount) bool { return y.Status == x.Status && y.N > 0 })
	}
	kept := slices.DeleteFunc(slices.Clone(out), nobody)
	slices.SortFunc(kept, func(x, y study.ReasonCount) int {
		return cmp.Or(cmp.Compare(slices.Index(statuses, x.Status), slices.Index(statuses, y.Status)), cmp.Compare(y.N, x.N), cmp.Compare(x.Reason, y.Reason))
	})
	return kept
}

// setRows count the participants in each set of data.sets.
func (b *tableBuilder) setRows() {
	for i, x := range b.r.Consort.Arms[0].Sets {
		b.count(TableRow{Statistic: "in-set", Level: x.Set}, b.Say("flow-in-set", text.Args{"set": x.Set}), func(a study.ConsortArm) int { return a.Sets[i].N })
	}
}

// eventRows count those to whom an intercurrent event happened.
func (b *tableBuilder) eventRows() {
	for i, x := range b.r.Consort.Arms[0].Intercurrent {
		b.count(TableRow{Statistic: "intercurrent", Level: x.Event}, x.Label, func(a study.ConsortArm) int { return a.Intercurrent[i].N })
	}
}

// analyzedRows tell who is analyzed, by outcome and visit, and why others are not.
func (b *tableBuilder) analyzedRows() {
	arms := b.r.Consort.Arms
	for i := 0; i < len(arms[0].Analyzed); {
		x, end := arms[0].Analyzed[i], i+1 // alike up to end
		for end < len(arms[0].Analyzed) && (arms[0].Analyzed[end].Role == study.RolePrimary) == (x.Role == study.RolePrimary) && b.r.Consort.Alike(i, end) {
			end++
		}
		if end < len(arms[0].Analyzed) || i > 0 { // not all: visits of one outcome
			for arms[0].Analyzed[end-1].Outcome != x.Outcome {
				end--
			}
		}
		at := func(a study.ConsortArm) study.ConsortAnalyzed { return a.Analyzed[i] }
		row := TableRow{Statistic: "analyzed", Variable: x.Outcome, Visit: x.Visit}
		name := b.flowComparison(x)
		switch last := arms[0].Analyzed[end-1]; {
		case last.Outcome != x.Outcome:
			row.Variable, row.Visit, name = "", "", b.Say("plot-flow-all", nil)
		case end > i+1:
			row.Visit = ""
			for _, y := range arms[0].Analyzed[i+1 : end] {
				name += "; " + b.visit(y.Visit)
			}
		}
		code := "flow-analyzed"
		if x.Role == study.RolePrimary {
			code = "flow-analyzed-primary"
		}
		b.count(row, b.Say(code, text.Args{"comparison": name}), func(a study.ConsortArm) int { return at(a).N })
		if slices.ContainsFunc(arms, func(a study.ConsortArm) bool { return at(a).Observed < at(a).N }) {
			row.Statistic = "observed"
			b.count(row, deeper+b.Say("plot-flow-observed", nil), func(a study.ConsortArm) int { return at(a).Observed })
		}
		if slices.ContainsFunc(arms, func(a study.ConsortArm) bool { return at(a).LostAnalyzed > 0 }) {
			row.Statistic = "analyzed-incomplete"
			b.count(row, deeper+b.Say("plot-flow-incomplete", nil), func(a study.ConsortArm) int { return at(a).LostAnalyzed })
		}
		first := len(b.Rows)
		b.reasonRows("not-analyzed", "plot-flow-not-analyzed", func(a study.ConsortArm) []study.ReasonCount { return at(a).Left },
			func(r study.ReasonCount) bool { return r.N > 0 })
		for j := first; j < len(b.Rows); j++ { // parts of the row of the comparison
			b.Rows[j].Variable, b.Rows[j].Visit = row.Variable, row.Visit
			b.Rows[j].Cells[0].Text = deeper + b.Rows[j].Cells[0].Text
		}
		i = end
	}
}

// flowComparison names an outcome at a visit.
func (b *builder) flowComparison(x study.ConsortAnalyzed) string {
	return b.outcome(x.Outcome) + ", " + b.visit(x.Visit)
}

// flowText tells the flow of participants in words: a paragraph of screening and
// allocation, an item an arm, and a paragraph of who is analyzed.
func (b *builder) flowText() {
	c := b.r.Consort
	if len(c.Arms) == 0 {
		return
	}
	var said []string
	if c.HasAssessed {
		code := "flow-text-assessed"
		if len(c.Excluded) == 0 {
			code = "flow-text-assessed-all"
		}
		said = append(said, b.Say(code, text.Args{"assessed": c.Assessed, "excluded": sumOf(c.Excluded), "reasons": b.reasonList(c.Excluded)}))
	}
	var arms []string
	for _, a := range c.Arms {
		arms = append(arms, b.Say("flow-text-arm", text.Args{"n": a.Randomized, "arm": b.arm(a.Arm)}))
	}
	code := map[string]string{"plot-flow-in-file": "flow-text-in-file", "plot-flow-randomized-in-file": "flow-text-randomized-in-file",
		"plot-flow-randomized": "flow-text-randomized"}[b.randomizedCode()]
	said = append(said, b.Say(code, text.Args{"n": c.Randomized, "arms": strings.Join(arms, "; ")}))
	b.Doc.Paragraph(strings.Join(append(said, b.flowUnstated()...), " "))
	for _, a := range c.Arms {
		if s := b.armFlow(a); s != "" {
			b.Doc.Item(s)
		}
	}
	b.flowAnalyzed()
}

// reasonList writes "declined: 9; no time: 2".
func (b *builder) reasonList(list []study.ReasonCount) string {
	var out []string
	for _, r := range list {
		out = append(out, b.Say("flow-text-reason", text.Args{"reason": b.sayReason(r, list), "n": r.N}))
	}
	return strings.Join(out, "; ")
}

// sayReason writes a status and its reason; where others of the status have one, it
// says that these have none.
func (b *builder) sayReason(r study.ReasonCount, among []study.ReasonCount) string {
	if r.Reason == "" && slices.ContainsFunc(among, func(x study.ReasonCount) bool { return x.Status == r.Status && x.Reason != "" }) {
		r.Reason = b.Say("plot-flow-no-reason", nil)
	}
	return r.Say(b.C, b.r.Protocol.Arms)
}

// armFlow tells what became of an arm's participants; "" where nothing is told.
func (b *builder) armFlow(a study.ConsortArm) string {
	var parts []string
	if a.HasReceived {
		parts = append(parts, b.Say("flow-text-received", text.Args{"n": a.Received, "of": a.Randomized}))
		if a.Received < a.Randomized {
			parts[0] += " (" + b.reasonList(a.NotReceived) + ")"
		}
	}
	for _, x := range a.Intercurrent {
		parts = append(parts, b.Say("flow-text-event", text.Args{"event": x.Label, "n": x.N, "of": a.Randomized}))
	}
	for _, x := range a.Sets {
		parts = append(parts, b.Say("flow-text-set", text.Args{"set": x.Set, "n": x.N, "of": a.Randomized}))
	}
	if a.HasStatus {
		s := b.Say("flow-text-completed", text.Args{"n": a.Completed, "of": a.Randomized})
		if len(a.Lost) > 0 {
			s += " (" + b.reasonList(a.Lost) + ")"
		}
		parts = append(parts, s)
	} else if b.someNeverArrived() {
		parts = append(parts, b.Say("flow-text-never", text.Args{"n": a.Randomized - a.InFile, "of": a.Randomized}))
	}
	if len(parts) == 0 {
		return ""
	}
	return b.Say("flow-text-of-arm", text.Args{"arm": b.arm(a.Arm), "told": strings.Join(parts, "; ")})
}

// flowAnalyzed tells who is analyzed: for the primary comparisons, or for all.
// Those with the same numbers share a sentence.
func (b *builder) flowAnalyzed() {
	c := b.r.Consort
	var said []string
	var names [][]string
	for _, i := range c.Comparisons() {
		var arms []string
		for _, a := range c.Arms {
			x := a.Analyzed[i]
			s := b.Say("flow-text-analyzed-arm", text.Args{"arm": b.arm(a.Arm), "n": x.N, "of": a.Randomized})
			if len(x.Left) > 0 {
				s += " (" + b.reasonList(x.Left) + ")"
			}
			arms = append(arms, s)
		}
		s := strings.Join(arms, "; ")
		k := slices.Index(said, s)
		if k < 0 {
			k = len(said)
			said, names = append(said, s), append(names, nil)
		}
		names[k] = append(names[k], b.flowComparison(c.Arms[0].Analyzed[i]))
	}
	for k, s := range said {
		args := text.Args{"comparison": strings.Join(names[k], "; "), "arms": s}
		switch {
		case len(names[k]) == len(c.Arms[0].Analyzed) && len(names[k]) > 1:
			b.Paragraph("flow-text-analyzed-all", args)
		case c.Arms[0].Analyzed[c.Comparisons()[0]].Role == study.RolePrimary:
			b.Paragraph("flow-text-analyzed-primary", args)
		default:
			b.Paragraph("flow-text-analyzed", args)
		}
	}
}
