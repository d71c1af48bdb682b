package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// TablesCSV writes the report's tables as one tidy table, tables.csv: a line is one
// number of one cell.
//
//	table      baseline (Table 1), results (Table 2), responders, flow, subgroups,
//	           harms (adverse events by term), harms-rates (the same by time of observation),
//	           adherence, blinding
//	variable   outcome or covariate, visit and arm: IDs of the protocol; arm is empty
//	           for all arms together
//	subgroup   the covariate that level is one of
//	level      of a category or a subgroup; the threshold of responders; the status
//	           and reason of the flow; the term of an adverse event
//	row        what the row of the table is: mean-sd, count, effect … (see TableRow),
//	           of responders their rule
//	statistic  what the number is: mean, sd, count, percent, estimate … (see
//	           TableNumber)
//	value      the number at full precision
//	text       the whole cell as it is printed
//	n          participants behind the cell
//	simulated  true where the data are invented
//
// In English it has commas, decimal points and lines that end in CR LF (RFC 4180).
// Where the language writes a decimal comma, it is the file that Excel opens by a
// double click on a computer set to that language: semicolons, decimal commas and a
// mark of UTF-8 in front, without which Excel takes − and é for other letters; it
// is also what R's read.csv2 reads (with fileEncoding = "UTF-8-BOM").
//
// A text that a spreadsheet would take for a formula, as it begins with =, +, -, @, a
// tab, a carriage return or a null, has a single quote put before it (OWASP ASVS
// 1.2.10). Numbers stay numbers.
func TablesCSV(w io.Writer, r study.Report, o Options) error {
	lines, c, err := tableLines(r, o)
	if err != nil {
		return err
	}
	comma := c.Say("decimal-sign", nil) == ","
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if comma {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
		out.Comma = ';'
	}
	header := []string{"table", "variable", "visit", "arm", "subgroup", "level", "row", "statistic", "value", "text", "n", "simulated"}
	if err := out.Write(header); err != nil {
		return err
	}
	for _, l := range lines {
		value := strconv.FormatFloat(l.value, 'g', -1, 64)
		if comma {
			value = strings.Replace(value, ".", ",", 1)
		}
		if !finiteNumber(l.value) {
			value = ""
		}
		if err := out.Write([]string{l.table, harmless(l.variable), harmless(l.visit), harmless(l.arm), harmless(l.subgroup), harmless(l.level),
			l.row, l.statistic, value, harmless(l.text), strconv.Itoa(l.n), strconv.FormatBool(r.Protocol.Simulated)}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\x00", rune(s[0])) {
		return "'" + s
	}
	return s
}

// tableLine is a number of a table.
type tableLine struct {
	table, variable, visit, arm, subgroup, level, row, statistic string
	value                                                        float64
	text                                                         string
	n                                                            int
}

// namedTable is a table with its name in files.
type namedTable struct {
	name string
	Table
}

// tablesOf are the tables of a report: at baseline (overall: of all arms together,
// too), results, flow, subgroups and harms.
func tablesOf(r study.Report, o Options, overall bool) ([]namedTable, *tableBuilder, error) {
	b, err := newTable(r, o.Lang)
	if err != nil {
		return nil, nil, err
	}
	out := []namedTable{{name: "baseline"}, {name: "results"}, {name: "flow"}, {name: "trend"}, {name: "subgroups"}, {name: "harms"}, {name: "harms-rates"}, {name: "adherence"}, {name: "blinding"}}
	for i, make := range []func() (Table, error){
		func() (Table, error) { return Table1Of(r, Table1Options{Lang: o.Lang, Overall: overall}) },
		func() (Table, error) { return ResultsTableWith(r, ResultsTableOptions{Lang: o.Lang}) },
		func() (Table, error) { return FlowTableWith(r, FlowTableOptions{Lang: o.Lang}) },
		func() (Table, error) { return TrendTable(r, o.Lang) },
		func() (Table, error) { return SubgroupsTable(r, o.Lang) },
		func() (Table, error) { return HarmsTable(r, o.Lang) },
		func() (Table, error) { return HarmRatesTable(r, o.Lang) },
		func() (Table, error) { return AdherenceTable(r, o.Lang) },
		func() (Table, error) { return BlindingTable(r, o.Lang) },
	} {
		if out[i].Table, err = make(); err != nil {
			return nil, nil, err
		}
	}
	return out, b, nil
}

// tableLines are the numbers of all tables of a report, with its responders.
func tableLines(r study.Report, o Options) ([]tableLine, *text.Catalog, error) {
	tables, b, err := tablesOf(r, o, true)
	if err != nil {
		return nil, nil, err
	}
	out := b.responderLines()
	for _, t := range tables {
		out = append(out, t.lines(t.name)...)
	}
	return out, b.C, nil
}

// lines are the numbers of a table.
func (t Table) lines(name string) []tableLine {
	var out []tableLine
	for _, r := range t.Rows {
		for i, cell := range r.Cells {
			arm := r.Arm
			if arm == "" {
				arm = t.Columns[i].Arm
			}
			row := r.Statistic
			if row == "effect" && t.Columns[i].Key == "value" {
				row = "mean-sd" // which stand beside the effect
				if _, ok := cell.Number("percent"); ok {
					row = "count"
				}
			}
			for _, x := range cell.Numbers {
				out = append(out, tableLine{name, r.Variable, r.Visit, arm, r.Subgroup, r.Level, row, x.Name, x.Value, cell.Text, cell.N})
			}
		}
	}
	return out
}

// responderLines are the responders of each rule and arm, and their differences.
func (b *tableBuilder) responderLines() []tableLine {
	var out []tableLine
	level := func(t study.Threshold) string {
		return string(t.Kind) + " " + strconv.FormatFloat(t.Value, 'g', -1, 64)
	}
	for _, res := range b.r.Results {
		for _, x := range res.Responders {
			if x.N == 0 {
				continue
			}
			percent := 100 * float64(x.Events) / float64(x.N)
			l := tableLine{table: "responders", variable: x.Outcome, visit: x.Visit, arm: x.Arm, level: level(x.Threshold), row: x.Rule, n: x.N,
				text: b.Say("table-count-cell", text.Args{"n": x.Events, "percent": b.C.Number(percent, 0)})}
			out = append(out, l.each(existing("count", float64(x.Events), "percent", percent, "lower", 100*x.Lower, "upper", 100*x.Upper, "level", x.Level))...)
		}
		for _, x := range res.ResponderContrasts {
			l := tableLine{table: "responders", variable: x.Outcome, visit: x.Visit, arm: x.Arm, level: level(x.Threshold), row: x.Rule + "-difference",
				n: responderN(res, x.Arm, x.Rule, x.Threshold) + responderN(res, x.Control, x.Rule, x.Threshold), text: b.Points(x.Difference) + " (" + b.pointsInterval(x.Lower, x.Upper) + ")"}
			out = append(out, l.each(existing("estimate", 100*x.Difference, "lower", 100*x.Lower, "upper", 100*x.Upper, "level", x.Level))...)
		}
	}
	return out
}

// responderN is how many participants of an arm a rule was asked of.
func responderN(res study.Result, arm, rule string, t study.Threshold) int {
	for _, x := range res.Responders {
		if x.Arm == arm && x.Rule == rule && x.Threshold == t {
			return x.N
		}
	}
	return 0
}

func (l tableLine) each(numbers []TableNumber) []tableLine {
	var out []tableLine
	for _, x := range numbers {
		l.statistic, l.value = x.Name, x.Value
		out = append(out, l)
	}
	return out
}
