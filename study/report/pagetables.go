package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// pageTables are those of the supplement (Table1Of, ResultsTableWith), cut to what has
// room; what is left out is counted.
func (b *builder) pageTables() {
	b.pageTable1()
	b.pageTable2()
}

func (b *builder) pageTable1() {
	columns := []page.Column{page.Names(b.Say("table-characteristic", nil))}
	for _, f := range b.r.Consort.Arms {
		columns = append(columns, page.Numbers(b.Say("page-arm-n", text.Args{"arm": b.shortArm(f.Arm), "n": f.InFile})))
	}
	var rows [][]string
	for _, v := range b.r.Baseline {
		switch {
		case v.Kind != study.Category:
			cells := []string{variableLabel(v)}
			for _, s := range v.Arms {
				cells = append(cells, b.meanSD(s.Mean, s.SD, b.r.VariableDigits(v))+b.fewer(s))
			}
			rows = append(rows, cells)
		case len(v.Levels) <= 3:
			cells := []string{variableLabel(v) + ": " + strings.Join(v.Levels, "; ")}
			for _, s := range v.Arms {
				var counts []string
				for _, n := range s.Counts {
					counts = append(counts, fmt.Sprint(n))
				}
				cells = append(cells, strings.Join(counts, "; ")+b.fewer(s))
			}
			rows = append(rows, cells)
		default:
			for k, level := range v.Levels {
				cells := []string{variableLabel(v) + ": " + level}
				for _, s := range v.Arms {
					cells = append(cells, fmt.Sprint(s.Counts[k])+b.fewer(s))
				}
				rows = append(rows, cells)
			}
		}
	}
	b.Doc.TableWith(b.cut(page.Table{Caption: b.Say("page-table1", nil), Columns: columns, Rows: rows, Compact: true}, b.room.table1))
}

// cut leaves out what has no room on page one, and says how much.
func (b *builder) cut(t page.Table, rows int) page.Table {
	if all := len(t.Rows); all > rows {
		t.Rows = t.Rows[:rows]
		t.Caption = b.Say("page-rows-of", text.Args{"caption": t.Caption, "n": rows, "all": all})
	}
	return t
}

// fewer says how many have a value, where some have none.
func (b *builder) fewer(s study.BaselineSummary) string {
	if s.Missing == 0 {
		return ""
	}
	return b.Say("page-cell-n", text.Args{"n": s.N})
}

// meanSD is "3.80 (1.53)"; nobody has none.
func (b *builder) meanSD(mean, sd float64, decimals int) string {
	if math.IsNaN(mean) {
		return "–"
	}
	return meanSD(b.C, mean, sd, decimals)
}

// pageTable2 shows all comparisons where they are few, and otherwise those that the
// page answers.
func (b *builder) pageTable2() {
	perResult := 1
	if n := len(b.r.Consort.Arms); n > 2 {
		perResult = n
	}
	results := b.r.Results
	left := 0
	if len(results)*perResult > b.room.table2 || b.room.table2 < rooms[0].table2 {
		results = nil
		for _, res := range b.r.Results {
			asked := slices.ContainsFunc(b.asked, func(q question) bool {
				return q.res.Outcome.ID == res.Outcome.ID && q.res.Visit.ID == res.Visit.ID
			})
			if asked && (len(results)+1)*perResult <= max(b.room.table2, perResult) {
				results = append(results, res)
			}
		}
		left = (len(b.r.Results) - len(results)) * perResult
	}
	t := b.table2(results)
	if left > 0 {
		t.Caption = b.Say("page-rows-of", text.Args{"caption": t.Caption, "n": len(t.Rows), "all": len(t.Rows) + left})
	}
	b.Doc.TableWith(t)
}

// table2 holds observed means and the differences that decide: with two arms a row
// a comparison, with more a row an arm.
func (b *builder) table2(results []study.Result) page.Table {
	if len(b.r.Consort.Arms) > 2 {
		return b.table2Arms(results)
	}
	t := page.Table{Columns: []page.Column{page.Names(b.Say("col-outcome", nil)), page.Names(b.Say("col-visit", nil))}, Group: 1, Compact: true}
	same := ""
	for _, res := range results {
		if n := b.observed(res); same == "" || n == same || res.Visit.ID == "" {
			same = n
		} else {
			same = "–"
			break
		}
	}
	if same == "–" || same == "" {
		t.Caption = b.Say(tableCaption("page-table2", results), nil)
		t.Columns = append(t.Columns, page.Numbers(b.Say("col-n", nil)))
	} else {
		t.Caption = b.Say(tableCaption("page-table2-n", results), text.Args{"counts": same})
	}
	for _, f := range b.r.Consort.Arms {
		t.Columns = append(t.Columns, page.Numbers(b.shortArm(f.Arm)))
	}
	ci := b.levelColumn()
	for _, res := range results {
		for _, row := range res.Deciding() {
			ci.addRow(row)
		}
	}
	t.Columns = append(t.Columns, page.Numbers(b.effectHead(results, ci)))
	for _, res := range results {
		cells := []string{b.tableLabel(res.Outcome), b.whereBy(res)}
		if same == "–" || same == "" {
			cells = append(cells, b.observed(res))
		}
		for _, f := range b.r.Consort.Arms {
			cells = append(cells, b.meanAt(res, f.Arm))
		}
		difference := "–"
		for _, row := range res.Deciding() {
			difference = b.differenceCell(res.Outcome, row) + ci.mark(row)
		}
		if res.Visit.ID == "" && difference == "–" { // an average that no plan has an estimate of
			continue
		}
		t.Rows = append(t.Rows, append(cells, difference))
	}
	t.Notes = ci.notes()
	return t
}

func (b *builder) table2Arms(results []study.Result) page.Table {
	ci := b.levelColumn()
	for _, res := range results {
		for _, row := range res.Deciding() {
			ci.addRow(row)
		}
	}
	t := page.Table{Caption: b.Say("page-table2-arms", nil), Group: 2, Compact: true, Columns: []page.Column{page.Names(b.Say("col-outcome", nil)), page.Names(b.Say("col-visit", nil)), page.Names(b.Say("col-arm", nil)),
		page.Numbers(b.Say("col-n", nil)), page.Numbers(b.Say(tableCaption("page-col-mean-sd", results), nil)),
		page.Numbers(b.effectHead(results, ci))}}
	for _, res := range results {
		for _, f := range b.r.Consort.Arms {
			n := "–"
			for _, s := range res.Summaries {
				if s.Arm == f.Arm && s.Visit == res.Visit.ID {
					n = fmt.Sprint(s.N)
				}
			}
			difference := ""
			for _, row := range res.Deciding() {
				if row.Arm == f.Arm {
					difference = b.differenceCell(res.Outcome, row) + ci.mark(row)
				}
			}
			t.Rows = append(t.Rows, []string{b.tableLabel(res.Outcome), b.whereBy(res), b.shortArm(f.Arm), n, b.meanAt(res, f.Arm), difference})
		}
	}
	t.Notes = ci.notes()
	return t
}

// observed is "5 + 5": how many have a value at the visit, by arm.
func (b *builder) observed(res study.Result) string {
	var n []string
	for _, f := range b.r.Consort.Arms {
		for _, s := range res.Summaries {
			if s.Arm == f.Arm && s.Visit == res.Visit.ID {
				n = append(n, fmt.Sprint(s.N))
			}
		}
	}
	return strings.Join(n, " + ")
}

// meanAt is the mean (SD) of an arm's values at the result's visit.
func (b *builder) meanAt(res study.Result, arm string) string {
	for _, s := range res.Summaries {
		if s.Arm == arm && s.Visit == res.Visit.ID {
			switch {
			case s.Share != nil:
				return b.share(*s.Share)
			case s.Levels != nil:
				return b.levelNumbers(s, false)
			case s.Rate != nil:
				return b.rateCell(res.Outcome.ID, *s.Rate)
			}
			return b.meanSD(s.Mean, s.SD, b.digits[res.Outcome.ID])
		}
	}
	return "–"
}

// differenceCell is "−2.49 (−4.42 to −0.55)".
func (b *builder) differenceCell(o study.Outcome, row study.Row) string {
	if math.IsNaN(row.Estimate) {
		return "–"
	}
	return ratioName(b.C, row) + b.rowValue(o, row, row.Estimate) + " (" + b.limits(o, row) + ")"
}

// tableLabel names an outcome with its unit or its categories.
func (b *builder) tableLabel(o study.Outcome) string {
	if o.Ordinal() {
		return levelLabel(b.outcomeShort(o.ID), o)
	}
	if o.Counted() {
		return b.Say("rate-label", text.Args{"outcome": b.outcomeShort(o.ID), "per": b.ratePer(o)})
	}
	return b.withUnit(o)
}

// effectHead is the head of the column of differences, or of effects of several kinds.
func (b *builder) effectHead(results []study.Result, ci *levelColumn) string {
	code := "page-adjusted-difference"
	if strings.HasSuffix(tableCaption("", results), "-kinds") {
		code = "page-effect"
	}
	return b.Say(code, text.Args{"interval": ci.words()})
}

func (b *builder) withUnit(o study.Outcome) string {
	s := b.outcomeShort(o.ID)
	if o.Unit != "" {
		s += ", " + o.Unit
	}
	return s
}

// outcomeShort is the label for tables.
func (b *builder) outcomeShort(id string) string {
	o, ok := b.r.Protocol.Outcome(id)
	if !ok {
		return id
	}
	return o.ShortLabel()
}
