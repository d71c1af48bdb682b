package report

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// Table1Options are choices of Table 1. The zero value is a column an arm and
// means (SD), in English.
type Table1Options struct {
	// Lang is the language: "" or "en", "en-GB", "nl".
	Lang string
	// Median are the IDs of the numbers shown as median [quartiles] instead of
	// mean (SD), Both those shown in both ways.
	Median, Both []string
	// Overall adds a column of all arms together; Blinded has that column alone and
	// names no arm.
	Overall, Blinded bool
	// Standardized adds the standardized difference of each active arm from
	// control. With means and SDs of two arms,
	//
	//	(m₁ − m₂)/√((s₁² + s₂²)/2),
	//
	// of a category stats/table.StandardizedProportion (the first of two levels)
	// or StandardizedCounts. Source: Austin (2009), doi 10.1002/sim.3697.
	Standardized bool
}

// Table1 describes who was studied (study.Dataset.Baseline): means (SD) of
// numbers, counts and percentages of categories, and who has no value. Everybody
// in the file is counted. It has no p-values: randomized arms differ by chance
// alone.
func Table1(ds *study.Dataset) Table {
	t, err := Table1With(ds, Table1Options{})
	if err != nil { // English is there, and nothing else can fail
		panic(err)
	}
	return t
}

// Table1With is Table1 with choices. It refuses an unknown language and an
// unknown ID in the options, and standardized differences without arms.
func Table1With(ds *study.Dataset, o Table1Options) (Table, error) {
	return Table1Of(study.Report{Protocol: ds.Protocol(), Consort: ds.Flow(), Baseline: ds.Baseline()}, o)
}

// Table1Of is Table1With of a trial that has been analyzed: an outcome's numbers
// have the decimals that they have elsewhere in the report.
func Table1Of(r study.Report, o Table1Options) (Table, error) {
	b, err := newTable(r, o.Lang)
	if err != nil {
		return Table{}, err
	}
	for _, id := range slices.Concat(o.Median, o.Both) {
		i := slices.IndexFunc(r.Baseline, func(v study.BaselineVariable) bool { return v.ID == id && v.Kind == study.Numeric })
		if i < 0 {
			return Table{}, fmt.Errorf("report: Table1: no number %q at baseline", id)
		}
	}
	if o.Blinded && o.Standardized {
		return Table{}, errors.New("report: Table1: no arms to differ: Blinded and Standardized exclude each other")
	}
	b.blinded = o.Blinded
	b.Title = b.Say("table1-title", nil)
	b.Columns = []TableColumn{{Key: "label", Title: b.Say("table-characteristic", nil)}}
	for _, f := range b.r.Consort.Arms {
		if o.Blinded {
			break
		}
		b.Columns = append(b.Columns, TableColumn{Key: "value", Arm: f.Arm, N: f.InFile, Right: true,
			Title: b.Say("table-arm", text.Args{"arm": b.short(f.Arm), "n": f.InFile})})
	}
	if o.Overall || o.Blinded {
		b.Columns = append(b.Columns, TableColumn{Key: "value", N: b.inFile(""), Right: true,
			Title: b.Say("table-all", text.Args{"n": b.inFile("")})})
	}
	if active := b.r.Consort.Arms[:max(len(b.r.Consort.Arms)-1, 0)]; o.Standardized {
		for _, f := range active {
			title := b.Say("table-standardized", nil)
			if len(active) > 1 {
				title = b.Say("table-standardized-arm", text.Args{"arm": b.short(f.Arm)})
			}
			b.Columns = append(b.Columns, TableColumn{Key: "standardized", Arm: f.Arm, Right: true, Title: title})
		}
	}
	shown := map[string]bool{}
	for i, v := range b.r.Baseline {
		if v.Kind == study.Category {
			b.category(v, r.Baseline[i].Levels)
			shown["table1-category"] = true
		} else {
			if !slices.Contains(o.Median, v.ID) {
				b.number(v, "mean-sd")
			}
			if slices.Contains(o.Median, v.ID) || slices.Contains(o.Both, v.ID) {
				b.number(v, "median-quartiles")
				shown["table1-quartiles"] = true
			}
		}
		if v.All.Missing > 0 {
			b.missing(v)
			shown["table1-missing"] = true
		}
	}
	if o.Standardized {
		shown["table1-standardized"] = true
	}
	for _, code := range []string{"table1-category", "table1-quartiles", "table1-missing", "table1-standardized"} {
		if shown[code] {
			b.Notes = append(b.Notes, b.Say(code, nil))
		}
	}
	if !o.Blinded {
		b.neverArrived()
	}
	return b.Table, nil
}

// short is an arm's short label.
func (b *builder) short(id string) string {
	for _, a := range b.r.Protocol.Arms {
		if a.ID == id {
			return a.ShortLabel()
		}
	}
	return id
}

// variableLabel is a variable's label with its unit: "Pain (VAS), cm".
func variableLabel(v study.BaselineVariable) string {
	s := cmp.Or(v.Short, v.Label, v.ID)
	if v.Unit != "" {
		s += ", " + v.Unit
	}
	return s
}

// summaryOf is a variable's summary of an arm; "" is all arms.
func summaryOf(v study.BaselineVariable, arm string) study.BaselineSummary {
	for _, s := range v.Arms {
		if s.Arm == arm {
			return s
		}
	}
	return v.All
}

// row adds a row whose cells depend on the column's summary; differ gives the
// standardized difference of two.
func (b *tableBuilder) row(v study.BaselineVariable, r TableRow, label string, value func(study.BaselineSummary) TableCell,
	differ func(arm, control study.BaselineSummary) (float64, bool)) {
	r.Variable = v.ID
	for _, c := range b.Columns {
		switch c.Key {
		case "label":
			r.Cells = append(r.Cells, TableCell{Text: label})
		case "value":
			r.Cells = append(r.Cells, value(summaryOf(v, c.Arm)))
		default:
			arm, control := summaryOf(v, c.Arm), v.Arms[len(v.Arms)-1]
			cell := TableCell{N: arm.N + control.N}
			if differ != nil {
				if d, ok := differ(arm, control); ok {
					cell.Text, cell.Numbers = b.C.Number(d, 2), []TableNumber{{"standardized", d}}
				} else {
					cell.Text = "–"
				}
			}
			r.Cells = append(r.Cells, cell)
		}
	}
	if v.All.Missing > 0 {
		r.Reason = b.whoIsMissing(v)
	}
	b.Rows = append(b.Rows, r)
}

// number adds the row of a number.
func (b *tableBuilder) number(v study.BaselineVariable, statistic string) {
	d := b.r.VariableDigits(v)
	say := func(x float64) string { return b.C.Number(x, d) }
	label := b.Say("table-"+statistic, text.Args{"label": variableLabel(v)})
	b.row(v, TableRow{Statistic: statistic}, label, func(s study.BaselineSummary) TableCell {
		c := TableCell{N: s.N, Text: "–"}
		if statistic == "mean-sd" {
			if c.Numbers = existing("mean", s.Mean, "sd", s.SD); s.N > 0 {
				c.Text = meanSD(b.C, s.Mean, s.SD, d)
			}
			return c
		}
		if c.Numbers = existing("median", s.Median, "q1", s.Q1, "q3", s.Q3); s.N > 0 {
			c.Text = b.Say("table-median-cell", text.Args{"median": say(s.Median), "q1": say(s.Q1), "q3": say(s.Q3)})
		}
		return c
	}, func(arm, control study.BaselineSummary) (float64, bool) {
		x := (arm.Mean - control.Mean) / math.Sqrt((arm.SD*arm.SD+control.SD*control.SD)/2)
		if arm.Mean == control.Mean && !math.IsNaN(arm.SD+control.SD) {
			return 0, true
		}
		return x, finiteNumber(x)
	})
}

// meanSD writes a mean and its SD; the SD of one value does not exist.
func meanSD(c *text.Catalog, mean, sd float64, decimals int) string {
	return c.Number(mean, decimals) + " (" + c.Number(sd, decimals) + ")"
}

// existing are the numbers of a cell that exist, from names and values.
func existing(list ...any) []TableNumber {
	var out []TableNumber
	for i := 0; i < len(list); i += 2 {
		if x := list[i+1].(float64); !math.IsNaN(x) {
			out = append(out, TableNumber{list[i].(string), x})
		}
	}
	return out
}

// category adds a heading and a row a level; ids are the levels as the protocol
// and the file have them, in every language.
func (b *tableBuilder) category(v study.BaselineVariable, ids []string) {
	empty := func(s study.BaselineSummary) TableCell { return TableCell{N: s.N} }
	b.row(v, TableRow{Statistic: "heading"}, b.Say("table-count", text.Args{"label": variableLabel(v)}), empty,
		func(arm, control study.BaselineSummary) (float64, bool) {
			if len(v.Levels) == 2 { // with a sign: of the first level
				d, err := table.StandardizedProportion(table.Count{Events: arm.Counts[0], N: arm.N}, table.Count{Events: control.Counts[0], N: control.N})
				return d, err == nil
			}
			d, err := table.StandardizedCounts(arm.Counts, control.Counts)
			return d, err == nil
		})
	decimals := 0
	for _, s := range v.Arms {
		if s.N >= 100 {
			decimals = 1
		}
	}
	for k, level := range v.Levels {
		b.row(v, TableRow{Statistic: "count", Level: ids[k]}, "\u2003"+level, func(s study.BaselineSummary) TableCell {
			c := TableCell{N: s.N, Numbers: []TableNumber{{"count", float64(s.Counts[k])}}, Text: "–"}
			if s.N > 0 {
				percent := 100 * float64(s.Counts[k]) / float64(s.N)
				c.Numbers = append(c.Numbers, TableNumber{"percent", percent})
				c.Text = b.Say("table-count-cell", text.Args{"n": s.Counts[k], "percent": b.C.Number(percent, decimals)})
			}
			return c
		}, nil)
	}
}

// missing adds the row of those without a value.
func (b *tableBuilder) missing(v study.BaselineVariable) {
	b.row(v, TableRow{Statistic: "missing"}, "\u2003"+b.Say("table-missing", nil), func(s study.BaselineSummary) TableCell {
		return TableCell{N: s.N + s.Missing, Text: fmt.Sprint(s.Missing), Numbers: []TableNumber{{"count", float64(s.Missing)}}}
	}, nil)
}

// whoIsMissing says in which arms a variable has no value of somebody.
func (b *tableBuilder) whoIsMissing(v study.BaselineVariable) string {
	if b.blinded {
		return b.Say("table-without-value-all", text.Args{"n": v.All.Missing, "of": v.All.N + v.All.Missing})
	}
	var parts []string
	for _, s := range v.Arms {
		if s.Missing > 0 {
			parts = append(parts, b.Say("table-without-value", text.Args{"arm": b.arm(s.Arm), "n": s.Missing, "of": s.N + s.Missing}))
		}
	}
	return strings.Join(parts, "; ")
}
