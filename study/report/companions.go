package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// companionRows lists every method's difference, one line each, per outcome, and says
// what a reader of the deciding one should know.
func (b *builder) companionRows() {
	b.Heading("report-between")
	b.Paragraph("between-intro", nil)
	if slices.ContainsFunc(b.r.Results, func(res study.Result) bool {
		return slices.ContainsFunc(res.Rows, func(r study.Row) bool { return r.LoOpen || r.HiOpen })
	}) {
		b.Paragraph("open-ends", nil)
	}
	b.assumptions()
	b.eachOutcome(func(o study.Outcome, results []study.Result) {
		b.Doc.Heading(3, b.outcomeTitle(o))
		switch {
		case o.Binary():
			b.Paragraph("between-shares", nil)
		case o.Ordinal():
			b.Paragraph("between-levels", nil)
		case o.Counted():
			b.Paragraph("between-rates", nil)
		case slices.ContainsFunc(results, func(res study.Result) bool { return res.Plan.Scale == study.ScaleLog }):
			code := "between-geometric"
			if slices.ContainsFunc(results, func(res study.Result) bool { return res.Plan.Scale != study.ScaleLog }) {
				code = "between-geometric-some" // visits that no plan names
			}
			b.Paragraph(code, nil)
		}
		b.betweenTable(results)
		b.betweenNotes(results)
	})
}

func (b *builder) betweenTable(results []study.Result) {
	several := len(results[0].Arms) > 2
	ci := b.levelColumn()
	showP := false
	for _, res := range results {
		for _, row := range res.Rows {
			ci.addRow(row)
			showP = showP || b.showsP(row) && row.NonInferiority == nil
		}
	}
	t := page.Table{Group: 1, Columns: []page.Column{page.Names(b.Say("col-visit", nil))}}
	if several {
		t.Columns = append(t.Columns, page.Names(b.Say("col-comparison", nil)))
	}
	t.Columns = append(t.Columns, page.Names(b.Say("col-analysis", nil)), page.Numbers(b.Say("col-difference", nil)),
		page.Numbers(ci.head()), page.Numbers(b.Say("col-n", nil)))
	if showP {
		t.Columns = append(t.Columns, page.Numbers(b.Say("col-p", nil)))
	}
	for _, res := range results {
		for _, row := range res.Rows {
			cells := []string{b.where(res)}
			if several {
				cells = append(cells, b.versus(row.Arm, row.Control))
			}
			method := methodLabel(b.C, row)
			switch {
			case row.Decides && row.Role == study.RolePrimary:
				method += " " + b.Say("method-decides-primary", nil)
			case row.Decides:
				method += " " + b.Say("method-decides", nil)
			case row.Role != study.RoleCompanion:
				method += " " + b.Say("method-"+string(row.Role), nil)
			}
			if row.Measure.Scale() != study.ScaleUnit {
				method = b.effectOf(row) + ": " + method
			}
			estimate := "–"
			if !math.IsNaN(row.Estimate) {
				estimate = b.rowValue(res.Outcome, row, row.Estimate)
			}
			cells = append(cells, method, estimate, ci.cell(b.limits(res.Outcome, row), row.Level)+ci.mark(row),
				fmt.Sprintf("%d + %d", row.N[row.Arm], row.N[row.Control]))
			if showP {
				p := ""
				if b.showsP(row) && row.NonInferiority == nil { // whose own p is a note
					p = strings.TrimPrefix(b.C.P(row.P), "= ")
				}
				if h := row.Hypothesis; h != nil && p != "" && !h.Tested {
					p = b.Say("family-untested", nil)
				} else if h != nil && p != "" {
					p = strings.TrimPrefix(b.C.P(row.Adjusted), "= ")
				}
				cells = append(cells, p)
			}
			t.Rows = append(t.Rows, cells)
		}
	}
	t.Notes = append(t.Notes, ci.notes()...)
	if showP {
		if f := b.r.Family; f != nil && !f.Scheme.All {
			t.Notes = append(t.Notes, b.Say("p-column-adjusted", text.Args{"adjust": b.adjust()}))
		} else {
			t.Notes = append(t.Notes, b.Say("p-column", nil))
		}
	}
	b.Doc.TableWith(t)
}

// assumptionNotes say what a kind of analysis assumes of missing values: of the kind, not
// of a comparison.
var assumptionNotes = []string{"missing-at-random", "complete-participants", "complete-cases", "complete-cases-beside", "complete-cases-values", "complete-cases-set-aside", "complete-cases-worst"}

// assumptions says each once, and of which outcomes it holds where not of all.
func (b *builder) assumptions() {
	var order []string
	outcomes := map[string][]string{}
	all := 0
	b.eachOutcome(func(o study.Outcome, results []study.Result) {
		all++
		for _, res := range results {
			var notes []study.Note
			for _, row := range res.Rows {
				notes = append(notes, row.Notes...)
			}
			for _, n := range append(notes, res.Notes...) {
				if !slices.Contains(assumptionNotes, n.Code) {
					continue
				}
				s := b.note(n)
				if outcomes[s] == nil {
					order = append(order, s)
				}
				outcomes[s] = appendNew(outcomes[s], b.outcome(o.ID))
			}
		}
	})
	for _, s := range order {
		if len(outcomes[s]) < all {
			s = strings.Join(outcomes[s], ", ") + ": " + s
		}
		b.Doc.Item(s)
	}
}

// betweenNotes says what is to be known of one outcome's comparisons; what holds
// for several visits is said once.
func (b *builder) betweenNotes(results []study.Result) {
	var order []armNote
	visits := map[armNote][]string{}
	for _, res := range results {
		notes := ofAllArms(b.sharedNotes(res), len(res.Arms)-1)
		for _, n := range loud(res.Notes) {
			if !slices.Contains(thresholdNotes, n.Code) && !slices.Contains(assumptionNotes, n.Code) {
				notes = append(notes, armNote{"", b.note(n)})
			}
		}
		for _, n := range notes {
			if visits[n] == nil {
				order = append(order, n)
			}
			visits[n] = appendNew(visits[n], b.where(res))
		}
	}
	for _, n := range order {
		where := strings.Join(visits[n], ", ")
		if len(results[0].Arms) > 2 && n.arm != "" {
			where += "; " + b.arm(n.arm)
		}
		b.Doc.Item(where + ": " + n.text)
	}
}

// armNote is a sentence about one arm's comparison.
type armNote struct{ arm, text string }

// ofAllArms says once what is said of every active arm.
func ofAllArms(notes []armNote, active int) []armNote {
	arms := map[string]map[string]bool{}
	for _, n := range notes {
		if arms[n.text] == nil {
			arms[n.text] = map[string]bool{}
		}
		arms[n.text][n.arm] = true
	}
	var out []armNote
	for _, n := range notes {
		if len(arms[n.text]) == active {
			n.arm = ""
		}
		out = appendNew(out, n)
	}
	return out
}

func (b *builder) versus(arm, control string) string {
	return b.arm(arm) + " − " + b.arm(control)
}

// sharedNotes are the doubts of a result's rows; one that several methods
// share is said once, with the methods that it concerns.
func (b *builder) sharedNotes(res study.Result) []armNote {
	type shared struct {
		armNote
		methods  []string
		inside   bool // the sentence itself names the methods
		decides  bool
		original study.Note
	}
	var all []shared
	for _, row := range res.Rows {
		for _, n := range loud(row.Notes) {
			if slices.Contains(assumptionNotes, n.Code) {
				continue
			}
			x := shared{armNote: armNote{arm: row.Arm}, decides: row.Decides, original: n}
			method := row.Method
			if m, ok := n.Args["method"].(string); ok && slices.Contains(companionNotes, n.Code) {
				x.inside, method = true, study.Method(m)
				x.original.Args = maps.Clone(n.Args)
				x.original.Args["method"] = "ancova" // the same for all, to compare
			}
			x.text = b.note(x.original)
			i := slices.IndexFunc(all, func(y shared) bool { return x.armNote == y.armNote && x.inside == y.inside })
			if i < 0 {
				all = append(all, x)
				i = len(all) - 1
			}
			all[i].methods = append(all[i].methods, b.method(method))
		}
	}
	var out []armNote
	for _, x := range all {
		methods := strings.Join(x.methods, ", ")
		switch {
		case x.inside:
			x.original.Args["method"] = text.Args{"name": methods}
			x.text = b.note(x.original)
		case !x.decides:
			x.text = methods + ": " + x.text
		}
		out = append(out, x.armNote)
	}
	return out
}
