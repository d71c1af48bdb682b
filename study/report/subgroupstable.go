package report

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

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
	b.Columns = []TableColumn{{Key: "outcome", Title: b.Say("table-outcome", nil)}, {Key: "visit", Title: b.Say("col-visit", nil)},
		{Key: "label", Title: b.Say("table-subgroup", nil)}}
	if several {
		b.Columns = append(b.Columns, TableColumn{Key: "arm", Title: b.Say("col-arm", nil)})
	}
	b.Columns = append(b.Columns, TableColumn{Key: "n", Title: b.Say("col-n", nil)},
		TableColumn{Key: "difference", Title: b.Say("table-difference", text.Args{"interval": b.ci.head()}), Right: true},
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
	missing, response := false, false
	var refused []string
	for _, s := range b.r.Subgroups {
		if s.NotOffered {
			refused = appendNew(refused, b.outcome(s.Outcome))
			continue
		}
		along := errors.Is(s.Why, study.ErrBaselineResponse)
		response = response || along
		missing = missing || s.Interaction == nil && !along
		for _, row := range s.Rows {
			missing = missing || row.Effect == nil || row.Withheld
			if !slices.Contains(methods, row.Method) {
				methods = append(methods, row.Method)
			}
			if label := b.outcome(s.Outcome); !slices.Contains(outcomes[row.Method], label) {
				outcomes[row.Method] = append(outcomes[row.Method], label)
			}
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
	if len(refused) > 0 {
		out = append(out, b.Say("table-subgroups-refused", text.Args{"outcomes": strings.Join(refused, ", ")}))
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
	var o study.Outcome
	for _, x := range b.r.Protocol.Outcomes {
		if x.ID == s.Outcome {
			o = x
		}
	}
	add := func(row TableRow, label, arm string, cells ...TableCell) {
		row.Variable, row.Visit = s.Outcome, s.Visit
		row.Cells = []TableCell{{Text: shortOutcome(o)}, {Text: b.visit(s.Visit)}, {Text: label}}
		if several {
			row.Cells = append(row.Cells, TableCell{Text: arm})
		}
		row.Cells = append(row.Cells, cells...)
		b.Rows = append(b.Rows, row)
	}
	test := TableCell{}
	if s.Interaction != nil {
		test.Text = strings.TrimPrefix(b.C.P(s.Interaction.P()), "= ")
		test.Numbers = existing("p", s.Interaction.P(), "f", s.Interaction.F, "df1", s.Interaction.DF1, "df2", s.Interaction.DF2)
	} else {
		test.Text = "–"
	}
	head := TableRow{Statistic: "heading", Subgroup: s.Covariate}
	if s.Missing > 0 {
		head.Reason = b.Say("table-subgroup-missing", text.Args{"n": s.Missing})
	}
	label := cmp.Or(s.Label, s.Covariate)
	if len(s.Cuts) == 0 || len(s.Interactions) == 0 {
		add(head, label, "", TableCell{}, TableCell{}, TableCell{}, test)
	}
	for i, x := range s.Interactions { // of a number: one an arm
		if len(s.Cuts) == 0 {
			break
		}
		if i > 0 {
			test = TableCell{}
		}
		row := head
		row.Arm = x.Arm
		add(row, b.Say("table-per-unit", text.Args{"label": label}), b.short(x.Arm), TableCell{}, TableCell{}, b.interactionCell(s, x, study.DigitsFor(x.SE, 0, 0)), test)
	}
	d, marks := b.decimals(s.Outcome), study.Row{}.Marks(o)
	for _, p := range s.At {
		ci := p.CI(s.Level)
		add(TableRow{Statistic: "effect-at", Subgroup: s.Covariate, Level: strconv.FormatFloat(p.At, 'g', -1, 64), Arm: p.Arm},
			"\u2003"+b.Say("table-subgroup-at", text.Args{"x": p.At}), b.short(p.Arm), TableCell{}, b.intervalCell(0, p.Value, ci.Lo, ci.Hi, s.Level, d, marks...), TableCell{}, TableCell{})
	}
	for i, row := range s.Rows {
		interaction := TableCell{}
		if len(s.Cuts) == 0 && len(s.Interactions) > 0 {
			interaction.Text = b.Say("table-reference", nil)
			for k, x := range ids.Interactions {
				if x.Arm == row.Arm && x.Level == ids.Rows[i].Level {
					interaction = b.interactionCell(s, s.Interactions[k], d)
				}
			}
		}
		n := TableCell{N: row.Treated.N + row.Reference.N, Text: fmt.Sprintf("%d + %d", row.Treated.N, row.Reference.N)}
		difference := TableCell{N: n.N, Text: "–"}
		if row.Effect != nil {
			ci := row.CI(s.Level)
			difference = b.intervalCell(n.N, row.Effect.Point(), ci.Lo, ci.Hi, s.Level, d, marks...)
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

// interactionCell is an estimate of an interaction with its interval.
func (b *tableBuilder) interactionCell(s study.Subgroups, x study.SubgroupInteraction, decimals int) TableCell {
	ci := x.CI(s.Level)
	return b.intervalCell(0, x.Value, ci.Lo, ci.Hi, s.Level, decimals, 0)
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
