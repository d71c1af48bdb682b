package report

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// SubgroupsTable shows the subgroups that the protocol declares
// (study.Report.Subgroups): the difference within each level, with its interval
// and no p-value, and how the difference depends on the covariate: the estimates
// of the interaction with intervals, and one p-value for each covariate, in the
// row of its name. It is empty where none is declared. It refuses an unknown
// language.
func SubgroupsTable(r study.Report, lang string) (Table, error) {
	b, err := newTable(r, lang)
	if err != nil {
		return Table{}, err
	}
	b.Title = b.Say("table-subgroups-title", nil)
	b.ci = b.levelColumn()
	for _, s := range b.r.Subgroups {
		b.ci.add(s.Level)
	}
	several := len(b.r.Consort.Arms) > 2
	head := "table-difference"
	if slices.ContainsFunc(b.r.Subgroups, func(s study.Subgroups) bool { return s.Measure.Plain() || s.Interacts.Plain() }) {
		head = "table-effect"
	}
	b.Columns = []TableColumn{{Key: "outcome", Title: b.Say("table-outcome", nil)}, {Key: "visit", Title: b.Say("col-visit", nil)},
		{Key: "label", Title: b.Say("table-subgroup", nil)}}
	if several {
		b.Columns = append(b.Columns, TableColumn{Key: "arm", Title: b.Say("col-arm", nil)})
	}
	b.Columns = append(b.Columns, TableColumn{Key: "n", Title: b.Say("col-n", nil)},
		TableColumn{Key: "difference", Title: b.Say(head, text.Args{"interval": b.ci.head()}), Right: true},
		TableColumn{Key: "interaction", Title: b.Say("table-interaction", text.Args{"interval": b.ci.head()}), Right: true},
		TableColumn{Key: "p", Title: b.Say("table-interaction-p", nil), Right: true})
	for i, s := range b.r.Subgroups {
		b.subgroup(s, r.Subgroups[i], several)
	}
	if len(b.Rows) > 0 {
		b.Notes = append(append(b.Notes, b.subgroupModels()...), b.Say("table-subgroups-note", nil))
	}
	return b.Table, nil
}

// subgroupModels say which model the rows of each outcome come from, and why some have
// no estimate.
func (b *tableBuilder) subgroupModels() []string {
	var methods []study.Method
	outcomes := map[study.Method][]string{}
	missing, response, events, strata := false, false, false, false
	var reasons, scales []string
	for _, s := range b.r.Subgroups {
		label := b.outcome(s.Outcome)
		n, named := s.Reason()
		if named {
			reasons = appendNew(reasons, b.Say("table-subgroups-why", text.Args{"outcome": label, "subgroup": cmp.Or(s.Label, s.Covariate), "reason": b.note(n)}))
		}
		if s.NotOffered {
			continue
		}
		along := errors.Is(s.Why, study.ErrBaselineResponse)
		response = response || along
		_, tested := s.Tested()
		missing = missing || !tested && !along && !named
		o, _ := b.r.Protocol.Outcome(s.Outcome)
		events, strata = events || o.Binary() && len(s.Rows) > 0, strata || s.WithoutStrata
		if by := s.TestedBy(); tested {
			scales = appendNew(scales, b.Say("table-subgroups-scale", text.Args{"outcome": label, "subgroup": cmp.Or(s.Label, s.Covariate), "interaction": b.Say("interaction-"+string(s.Interacts), nil), "test": b.Say("interaction-by-"+by, nil)}))
		} else if len(s.Interactions) > 0 {
			scales = appendNew(scales, b.Say("table-subgroups-untested", text.Args{"outcome": label, "subgroup": cmp.Or(s.Label, s.Covariate), "interaction": b.Say("interaction-"+string(s.Interacts), nil)}))
		}
		for _, row := range s.Rows {
			missing = missing || row.Effect == nil || row.Withheld
			if !slices.Contains(methods, row.Method) {
				methods = append(methods, row.Method)
			}
			outcomes[row.Method] = appendNew(outcomes[row.Method], label)
		}
	}
	var out []string
	for _, m := range methods {
		code := "table-subgroups-own"
		if m == study.MethodMMRM || m == study.MethodCLDA || m == study.MethodLMM {
			code = "table-subgroups-visits"
		}
		which := ""
		if len(methods) > 1 {
			which = b.Say("table-subgroups-outcomes", text.Args{"outcomes": strings.Join(outcomes[m], ", ")})
		}
		out = append(out, b.Say(code, text.Args{"method": b.Say("method-"+string(m), nil), "which": which}))
	}
	if slices.ContainsFunc(b.r.Subgroups, func(s study.Subgroups) bool { return len(s.At) > 0 }) {
		out = append(out, b.Say("table-subgroups-at", nil))
	}
	out = append(append(out, scales...), reasons...)
	if events {
		out = append(out, b.Say("table-subgroups-events", nil))
	}
	if strata {
		out = append(out, b.Say("table-subgroups-strata", nil))
	}
	if missing {
		out = append(out, b.Say("table-subgroups-empty", nil))
	}
	if response {
		out = append(out, b.Say("table-subgroups-response", nil))
	}
	return out
}

// subgroup adds a covariate's rows; ids has its levels as they are in every
// language.
func (b *tableBuilder) subgroup(s, ids study.Subgroups, several bool) {
	o, _ := b.r.Protocol.Outcome(s.Outcome)
	outcome := shortOutcome(o)
	if s.Measure == study.RiskDifference {
		outcome += ", " + o.ShownUnit(b.C)
	}
	add := func(row TableRow, label, arm string, cells ...TableCell) {
		row.Variable, row.Visit = s.Outcome, s.Visit
		row.Cells = []TableCell{{Text: outcome}, {Text: b.visit(s.Visit)}, {Text: label}}
		if several {
			row.Cells = append(row.Cells, TableCell{Text: arm})
		}
		row.Cells = append(row.Cells, cells...)
		b.Rows = append(b.Rows, row)
	}
	test := TableCell{Text: "–"}
	if p, ok := s.Tested(); ok {
		test.Text = strings.TrimPrefix(b.C.P(p), "= ")
		if f := s.Interaction; f != nil {
			test.Numbers = existing("p", p, "f", f.F, "df1", f.DF1, "df2", f.DF2)
		} else {
			test.Numbers = existing("p", p, "chi2", s.Chi2.X2, "df1", s.Chi2.DF)
		}
	}
	head := TableRow{Statistic: "heading", Subgroup: s.Covariate}
	if s.Missing > 0 {
		head.Reason = b.Say("table-subgroup-missing", text.Args{"n": s.Missing})
	}
	label := cmp.Or(s.Label, s.Covariate)
	if !s.Number() || len(s.Interactions) == 0 {
		add(head, label, "", TableCell{}, TableCell{}, TableCell{}, test)
	}
	for i, x := range s.Interactions { // of a number: one an arm
		if !s.Number() {
			break
		}
		if i > 0 {
			test = TableCell{}
		}
		row := head
		row.Arm = x.Arm
		add(row, b.Say("table-per-unit", text.Args{"label": label}), b.short(x.Arm), TableCell{}, TableCell{}, b.interactionCell(o, s, x, true), test)
	}
	for _, p := range s.At {
		// Percentiles lie between values of the file: digits beyond those are of binary numbers.
		level := strconv.FormatFloat(p.At, 'g', 6, 64)
		at, _ := strconv.ParseFloat(level, 64)
		add(TableRow{Statistic: "effect-at", Subgroup: s.Covariate, Level: level, Arm: p.Arm},
			"\u2003"+b.Say("table-subgroup-at", text.Args{"x": at}), b.short(p.Arm), TableCell{}, b.effectCell(o, s.Interacts, p.Effect, p.Effect.CI(s.Level), 0), TableCell{}, TableCell{})
	}
	for i, row := range s.Rows {
		interaction := TableCell{}
		if !s.Number() && len(s.Interactions) > 0 {
			interaction.Text = b.Say("table-reference", nil)
			for k, x := range ids.Interactions {
				if x.Arm == row.Arm && x.Level == ids.Rows[i].Level {
					interaction = b.interactionCell(o, s, s.Interactions[k], false)
				}
			}
		}
		n := TableCell{N: row.Treated.N + row.Reference.N, Text: fmt.Sprintf("%d + %d", row.Treated.N, row.Reference.N)}
		if o.Binary() && row.Treated.N > 0 && row.Reference.N > 0 {
			events := func(d stats.Description) string { return fmt.Sprintf("%.0f/%d", d.Mean*float64(d.N), d.N) }
			n.Text = events(row.Treated) + " + " + events(row.Reference)
		}
		difference := TableCell{N: n.N, Text: "–"}
		if row.Effect != nil {
			difference = b.effectCell(o, s.Measure, row.Effect, row.CI(s.Level), n.N)
		}
		add(TableRow{Statistic: "effect", Subgroup: s.Covariate, Level: ids.Rows[i].Level, Arm: row.Arm}, "\u2003"+b.levelLabel(row), b.short(row.Arm),
			n, difference, interaction, TableCell{})
	}
}

// levelLabel is a level as it is said: the ends of a number's in the language's
// digits.
func (b *tableBuilder) levelLabel(row study.SubgroupRow) string {
	if math.IsNaN(row.From) {
		return row.Level
	}
	var ends []string
	if !math.IsInf(row.From, 0) {
		ends = append(ends, "≥ "+b.Say("number", text.Args{"x": row.From}))
	}
	if !math.IsInf(row.To, 0) {
		ends = append(ends, "< "+b.Say("number", text.Args{"x": row.To}))
	}
	return strings.Join(ends, " ")
}

// effectCell is an effect with its interval; the short name of a ratio or a probability
// stands before it.
func (b *tableBuilder) effectCell(o study.Outcome, m study.Measure, e stats.Effect, ci stats.Interval, n int) TableCell {
	marks := study.Row{Measure: m}.Marks(o)
	if !m.Plain() {
		return b.intervalCell(n, o.Shown(e.Point()), o.Shown(ci.Lo), o.Shown(ci.Hi), ci.Level, b.decimals(o.ID), shownMarks(o, marks)...)
	}
	c := b.intervalCell(n, e.Point(), ci.Lo, ci.Hi, ci.Level, ratioDecimals, marks...)
	c.Text = ratioName(b.C, study.Row{Measure: m}) + c.Text
	return c
}

// interactionCell is an estimate of an interaction with its interval; that of a number is
// one unit's, and often small.
func (b *tableBuilder) interactionCell(o study.Outcome, s study.Subgroups, x study.SubgroupInteraction, unit bool) TableCell {
	ci, null, d := x.Effect.CI(s.Level), 0.0, b.decimals(o.ID)
	of := o.Shown
	se, _ := x.StandardError()
	if s.Interacts.Plain() {
		null, d, of = 1, ratioDecimals, func(x float64) float64 { return x }
		if unit {
			d = max(d, study.DigitsFor(se, 0, 0))
		}
	} else if unit {
		d = study.DigitsFor(of(se), 0, 0)
	}
	return b.intervalCell(0, of(x.Effect.Point()), of(ci.Lo), of(ci.Hi), s.Level, d, null)
}

// intervalCell is "−2.5 (−4.4 to −0.6)"; the level stands before the interval
// where the table has several.
func (b *tableBuilder) intervalCell(n int, estimate, lower, upper, level float64, decimals int, marks ...float64) TableCell {
	interval := b.Say("interval", text.Args{"lower": b.C.Beside(lower, decimals, marks...), "upper": b.C.Beside(upper, decimals, marks...)})
	if len(b.ci.levels) > 1 {
		interval = b.Level(level) + ": " + interval
	}
	c := TableCell{N: n, Text: b.C.Number(estimate, decimals) + " (" + interval + ")",
		Numbers: existing("estimate", estimate, "lower", lower, "upper", upper, "level", level)}
	if math.IsNaN(lower) && math.IsNaN(upper) {
		c.Text = b.C.Number(estimate, decimals) + " (–)"
	}
	return c
}

// shortOutcome is an outcome's short label with its unit.
func shortOutcome(o study.Outcome) string {
	s := o.ShortLabel()
	if o.Unit != "" {
		s += ", " + o.Unit
	}
	return s
}
