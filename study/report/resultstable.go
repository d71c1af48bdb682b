package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// ResultsTableOptions are choices of the table of results. The zero value shows
// every outcome at every visit, in English.
type ResultsTableOptions struct {
	// Lang is the language: "" or "en", "en-GB", "nl".
	Lang string
	// Planned leaves out what no plan of the protocol names.
	Planned bool
	// Rows gives the arms rows, which three and more arms always have.
	Rows bool
}

// ResultsTable is Table 2: of every outcome at every visit the observed number
// of participants, their mean (SD) in each arm, and the difference between arms
// with its interval, from the row that decides (study.Row.Decides). Two arms
// stand in columns, more of them in rows.
//
// n counts who was observed at the visit; the difference may be of fewer (no
// baseline value) or of more (a model of all visits), and the row's Reason says
// so. p-values stand nowhere.
func ResultsTable(r study.Report) Table {
	t, err := ResultsTableWith(r, ResultsTableOptions{})
	if err != nil { // English is there, and nothing else can fail
		panic(err)
	}
	return t
}

// ResultsTableWith is ResultsTable with choices. It refuses an unknown language.
func ResultsTableWith(r study.Report, o ResultsTableOptions) (Table, error) {
	b, err := newTable(r, o.Lang)
	if err != nil {
		return Table{}, err
	}
	var shown []study.Result
	for _, res := range b.r.Results {
		if estimated(res) && (!o.Planned || r.Protocol.Planned(res.Outcome.ID, res.Visit.ID)) {
			shown = append(shown, res)
		}
	}
	b.Title = b.Say(tableCaption("table2-title", shown), nil)
	inRows := o.Rows || len(b.r.Consort.Arms) > 2
	b.resultColumns(shown, inRows)
	for _, res := range shown {
		if inRows {
			b.armRows(res)
		} else {
			b.armColumns(res)
		}
	}
	b.Notes = append(append(b.Notes, b.ci.notes()...), b.Say(tableCaption("table2-note", shown), nil))
	b.Notes = append(b.Notes, b.estimandNotes(shown)...)
	if s := b.notAsked(); s != "" {
		b.Notes = append(b.Notes, s)
	}
	if slices.ContainsFunc(b.Rows, func(r TableRow) bool { return r.Reason != "" }) {
		b.Notes = append(b.Notes, b.reasons()...)
	}
	b.neverArrived()
	return b.Table, nil
}

// resultColumns are the columns, the level of the intervals in the last one's
// title where all have one.
func (b *tableBuilder) resultColumns(shown []study.Result, inRows bool) {
	b.ci = b.levelColumn()
	adjusted := len(shown) > 0
	for _, res := range shown {
		for _, row := range res.Deciding() {
			b.ci.addRow(row)
			adjusted = adjusted && adjusts(res.Plan, row.Method)
		}
	}
	b.Columns = []TableColumn{{Key: "outcome", Title: b.Say("table-outcome", nil)}, {Key: "visit", Title: b.Say("col-visit", nil)}}
	n := TableColumn{Key: "n", Title: b.Say("col-n", nil)}
	code := "table-difference"
	switch {
	case strings.HasSuffix(tableCaption("", shown), "-kinds"):
		code = "table-effect"
	case adjusted:
		code = "table-adjusted-difference"
	}
	if inRows {
		n.Right = true
		control := b.r.Consort.Arms[len(b.r.Consort.Arms)-1].Arm
		b.Columns = append(b.Columns, TableColumn{Key: "arm", Title: b.Say("col-arm", nil)}, n,
			TableColumn{Key: "value", Title: b.Say(tableCaption("table-means", shown), nil), Right: true},
			TableColumn{Key: "difference", Title: b.Say(code+"-from", text.Args{"control": b.short(control), "interval": b.ci.head()}), Right: true})
		return
	}
	b.Columns = append(b.Columns, n)
	for _, f := range b.r.Consort.Arms {
		b.Columns = append(b.Columns, TableColumn{Key: "value", Arm: f.Arm, N: f.InFile, Right: true, Title: b.short(f.Arm)})
	}
	for _, f := range b.r.Consort.Arms[:max(len(b.r.Consort.Arms)-1, 0)] {
		b.Columns = append(b.Columns, TableColumn{Key: "difference", Arm: f.Arm, Right: true, Title: b.Say(code, text.Args{"interval": b.ci.head()})})
	}
}

// adjusts reports whether a plan's method compares the arms at equal baseline or
// covariates.
func adjusts(p study.Plan, m study.Method) bool {
	switch m {
	case study.MethodANCOVA, study.MethodANCOVAAdjusted, study.MethodLinearAdjusted, study.MethodCLDA:
		return true
	case study.MethodMMRM, study.MethodLMM:
		return p.Baseline != study.NoBaseline || len(p.Covariates) > 0
	}
	return false
}

// estimated reports whether the result has anything to show: the average over visits is
// nobody's observed value, and one that no row decides has no difference.
func estimated(res study.Result) bool { return res.Visit.ID != "" || len(res.Deciding()) > 0 }

// summaryAt is what was observed of an arm at the result's visit.
func summaryAt(res study.Result, arm string) (study.Summary, bool) {
	for _, s := range res.Summaries {
		if s.Arm == arm && s.Visit == res.Visit.ID {
			return s, true
		}
	}
	return study.Summary{}, false // the average over visits is nobody's value
}

// armColumns adds a result's row, the arms in columns.
func (b *tableBuilder) armColumns(res study.Result) {
	r := b.resultRow(res, "effect")
	var counts []string
	var means []TableCell
	for _, a := range res.Arms {
		cell, count := b.meanCell(res, a.ID)
		counts, means = append(counts, count), append(means, cell)
	}
	n := TableCell{Text: strings.Join(counts, " + ")}
	if res.Visit.ID == "" { // the average over visits is nobody's value
		n.Text = "–"
	}
	for _, c := range means {
		n.N += c.N
	}
	r.Cells = append(append(r.Cells, n), means...)
	for _, a := range res.Arms[:max(len(res.Arms)-1, 0)] {
		r.Cells = append(r.Cells, b.differenceCell(res, a.ID))
	}
	var parts []string
	for _, a := range res.Arms {
		parts = append(parts, b.shortfall(res, a.ID)...)
	}
	r.Reason = strings.Join(parts, "; ")
	b.Rows = append(b.Rows, r)
	if res.Outcome.Ordinal() {
		b.levelRows(res)
	}
}

// levelRows add a row a category, the arms in columns.
func (b *tableBuilder) levelRows(res study.Result) {
	for i, level := range res.Outcome.Levels {
		r := TableRow{Variable: res.Outcome.ID, Visit: res.Visit.ID, Statistic: "count", Level: res.Outcome.Levels[i],
			Cells: []TableCell{{Text: "\u2003" + level}, {}, {}}}
		for _, a := range res.Arms {
			c := TableCell{Text: "–"}
			if s, ok := summaryAt(res, a.ID); ok && s.N > 0 {
				r.Level = s.Levels[i].Level // as the protocol has it, in every language
				c = TableCell{N: s.N, Text: b.levelCell(s, i),
					Numbers: existing("count", float64(s.Levels[i].Count), "percent", 100*float64(s.Levels[i].Count)/float64(s.N))}
			}
			r.Cells = append(r.Cells, c)
		}
		for range res.Arms[:max(len(res.Arms)-1, 0)] {
			r.Cells = append(r.Cells, TableCell{})
		}
		b.Rows = append(b.Rows, r)
	}
}

// armRows adds a result's rows, one an arm.
func (b *tableBuilder) armRows(res study.Result) {
	for i, a := range res.Arms {
		r := b.resultRow(res, "effect")
		r.Arm = a.ID
		cell, count := b.meanCell(res, a.ID)
		difference := TableCell{}
		if i < len(res.Arms)-1 {
			difference = b.differenceCell(res, a.ID)
		} else {
			r.Statistic = "mean-sd"
			if !res.Outcome.Measured() {
				r.Statistic = "count"
			}
		}
		r.Cells = append(r.Cells, TableCell{Text: b.short(a.ID)}, TableCell{Text: count, N: cell.N}, cell, difference)
		r.Reason = strings.Join(b.shortfall(res, a.ID), "; ")
		b.Rows = append(b.Rows, r)
	}
}

// resultRow begins a row with the outcome and the visit.
func (b *tableBuilder) resultRow(res study.Result, statistic string) TableRow {
	visit := res.Visit.ID
	if visit == "" {
		visit = study.OverallVisit
	}
	label := shortOutcome(res.Outcome)
	if res.Outcome.Ordinal() && len(res.Arms) > 2 { // whose rows hold all categories
		label = levelLabel(label, res.Outcome)
	}
	if res.Outcome.Counted() {
		label = b.Say("rate-label", text.Args{"outcome": label, "per": b.ratePer(res.Outcome)})
	}
	return TableRow{Variable: res.Outcome.ID, Visit: visit, Statistic: statistic,
		Cells: []TableCell{{Text: label}, {Text: b.whereBy(res)}}}
}

// levelLabel is a label with the categories in order: "Global change: worse; same; better".
func levelLabel(label string, o study.Outcome) string {
	return label + ": " + strings.Join(o.Levels, "; ")
}

// meanCell is an arm's mean (SD) of those observed, and how many they are.
func (b *tableBuilder) meanCell(res study.Result, arm string) (cell TableCell, n string) {
	s, ok := summaryAt(res, arm)
	if !ok {
		return TableCell{Text: "–"}, "–"
	}
	if s.Share != nil {
		return b.shareCell(*s.Share), fmt.Sprint(s.N)
	}
	if r := s.Rate; r != nil {
		per := b.r.RatePer(res.Outcome.ID)
		return TableCell{N: s.N, Text: b.rateCell(res.Outcome.ID, *r),
			Numbers: existing("count", float64(r.Events), "exposure", r.Exposure, "rate", per*r.Value, "lower", per*r.Lower, "upper", per*r.Upper, "per", per, "level", r.Level)}, fmt.Sprint(s.N)
	}
	if s.Levels != nil && len(res.Arms) <= 2 {
		return TableCell{N: s.N}, fmt.Sprint(s.N) // they have rows of their own
	}
	if s.Levels != nil {
		cell = TableCell{N: s.N, Text: b.levelNumbers(s, true)}
		for i, l := range s.Levels {
			cell.Numbers = append(cell.Numbers, TableNumber{fmt.Sprintf("count-%d", i+1), float64(l.Count)})
		}
		return cell, fmt.Sprint(s.N)
	}
	cell = TableCell{N: s.N, Text: "–", Numbers: existing("mean", s.Mean, "sd", s.SD)}
	if s.N > 0 {
		cell.Text = meanSD(b.C, s.Mean, s.SD, b.decimals(res.Outcome.ID))
	}
	return cell, fmt.Sprint(s.N)
}

// differenceCell is the deciding difference of an arm from control.
func (b *tableBuilder) differenceCell(res study.Result, arm string) TableCell {
	for _, row := range res.Deciding() {
		if row.Arm != arm {
			continue
		}
		c := TableCell{N: row.N[row.Arm] + row.N[row.Control], Text: "–",
			Numbers: existing("estimate", row.Estimate, "lower", row.Lower, "upper", row.Upper, "se", row.SE, "df", row.DF, "level", row.Level)}
		if row.Measure == study.RiskDifference { // the numbers that the text is rounded from
			of := res.Outcome.Shown
			c.Numbers = existing("estimate", of(row.Estimate), "lower", of(row.Lower), "upper", of(row.Upper), "se", of(row.SE), "df", row.DF, "level", row.Level)
		}
		d := b.decimals(res.Outcome.ID)
		show := func(x float64, marks ...float64) string {
			if row.Measure.Plain() {
				return b.C.Beside(x, ratioDecimals, marks...)
			}
			return b.C.Beside(res.Outcome.Shown(x), d, shownMarks(res.Outcome, marks)...)
		}
		switch {
		case math.IsNaN(row.Estimate):
		case math.IsNaN(row.Lower) && math.IsNaN(row.Upper): // too few degrees of freedom
			c.Text = show(row.Estimate) + " (–)"
		default:
			marks := row.Marks(res.Outcome)
			lo, hi := show(row.Lower, marks...), show(row.Upper, marks...)
			if row.LoOpen {
				lo = ">\u00a0" + lo
			}
			if row.HiOpen {
				hi = "<\u00a0" + hi
			}
			interval := b.Say("interval", text.Args{"lower": lo, "upper": hi})
			if len(b.ci.levels) > 1 {
				interval = b.Level(row.Level) + ": " + interval
			}
			c.Text = ratioName(b.C, row) + show(row.Estimate) + " (" + interval + ")" + b.ci.mark(row)
		}
		return c
	}
	return TableCell{Text: "–"}
}

// shortfall says who of an arm is not observed at the visit, and who is not in
// the difference, or in it without a value there.
func (b *tableBuilder) shortfall(res study.Result, arm string) []string {
	s, ok := summaryAt(res, arm)
	if !ok {
		return nil
	}
	var out []string
	aside := setAsideOf(res, arm)
	if s.Missing > aside {
		out = append(out, b.Say("table-without-value", text.Args{"arm": b.arm(arm), "n": s.Missing - aside, "of": s.N + s.Missing}))
	}
	if aside > 0 {
		out = append(out, b.Say("table-set-aside", text.Args{"arm": b.arm(arm), "n": aside, "of": s.N + s.Missing}))
	}
	for _, row := range res.Deciding() {
		n, ok := row.N[arm]
		switch {
		case !ok:
			continue
		case n < s.N:
			out = append(out, b.Say("table-not-analyzed", text.Args{"arm": b.arm(arm), "n": s.N - n, "why": b.whyNot(row, arm)}))
		case n > s.N && row.Imputed != nil:
			out = append(out, b.Say("table-imputed", text.Args{"arm": b.arm(arm), "n": n - s.N}))
		case n > s.N && row.Trimmed != nil:
			out = append(out, b.Say("table-ranked-worst", text.Args{"arm": b.arm(arm), "n": row.RankWorst(arm)}))
		case n > s.N:
			out = append(out, b.Say("table-modeled", text.Args{"arm": b.arm(arm), "n": n - s.N}))
		}
		break
	}
	return out
}

// whyNot gives the reasons for which observed participants of an arm are not in a
// row.
func (b *tableBuilder) whyNot(row study.Row, arm string) string {
	var parts []string
	for _, d := range row.Dropped {
		reason := "table-" + d.Reason
		if d.Arm != arm || !b.C.Has(reason) {
			continue
		}
		if s := b.Say(reason, nil); !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// reasons are the rows' reasons, each with the outcomes and visits that it
// concerns.
func (b *tableBuilder) reasons() []string {
	var said []string
	where := map[string][]string{}
	for _, r := range b.Rows {
		if r.Reason == "" {
			continue
		}
		if where[r.Reason] == nil {
			said = append(said, r.Reason)
		}
		where[r.Reason] = append(where[r.Reason], b.outcome(r.Variable)+", "+b.visit(r.Visit))
	}
	var out []string
	for _, s := range said {
		out = append(out, strings.Join(where[s], "; ")+": "+s+".")
	}
	return out
}
