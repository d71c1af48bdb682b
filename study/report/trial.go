package report

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// floors says what this number of participants could have shown at all.
func (b *builder) floors() {
	b.Heading("report-floors")
	var methods []study.Method
	several, none := false, false
	for _, res := range b.r.Results {
		several = several || len(res.Arms) > 2
		for _, f := range res.Floors {
			if !slices.Contains(methods, f.Method) {
				methods = append(methods, f.Method)
			}
		}
	}
	columns := []page.Column{page.Words(b.Say("col-outcome-visit", nil))}
	if several {
		columns = append(columns, page.Words(b.Say("col-arm", nil)))
	}
	for _, m := range methods {
		columns = append(columns, page.Numbers(b.method(m)))
	}
	var rows [][]string
	for _, res := range b.r.Results {
		if res.Visit.ID == "" { // an average over visits has no exact test
			continue
		}
		for _, arm := range res.Arms[:max(len(res.Arms)-1, 0)] {
			cells := []string{b.outcome(res.Outcome.ID) + ", " + b.visit(res.Visit.ID)}
			if several {
				cells = append(cells, b.arm(arm.ID))
			}
			for _, m := range methods {
				p := math.NaN()
				for _, f := range res.Floors {
					if f.Method == m && f.Arm == arm.ID {
						p = f.MinP
					}
				}
				none = none || math.IsNaN(p)
				cells = append(cells, strings.TrimPrefix(b.C.P(p), "= "))
			}
			rows = append(rows, cells)
		}
	}
	if len(methods) > 0 {
		b.Paragraph("floors-intro", nil)
		b.Doc.Table(columns, ditto(rows, 1))
		if none {
			b.Paragraph("floors-none", nil)
		}
	}
	for _, n := range b.r.Notes {
		if slices.Contains(floorNotes, n.Code) {
			b.Doc.Paragraph(b.note(n))
		}
	}
}

// trial says what was asked: estimand, how many questions, which were planned.
func (b *builder) trial() {
	b.Heading("report-trial")
	if e := b.r.Protocol.Estimand; e != "" {
		b.Doc.Item(b.Say("estimand", text.Args{"estimand": e}))
	}
	for _, n := range b.r.Notes {
		if slices.Contains(trialNotes, n.Code) {
			b.Doc.Item(b.note(n))
		}
	}
	if len(b.r.Protocol.Plans) == 0 {
		b.Doc.Item(b.Say("no-plans", nil))
	}
	if !slices.ContainsFunc(b.r.Protocol.Plans, func(p study.Plan) bool { return p.Role == study.RolePrimary }) {
		b.Doc.Item(b.Say("no-primary", nil))
	}
}

// account says where every row of the file and every participant went.
func (b *builder) account() {
	b.Heading("report-data")
	b.Doc.Item(b.Say("report-version", text.Args{"version": study.Version()}))
	src, acc := b.r.Source, b.r.Accounting
	b.Doc.Item(b.Say("data-source", text.Args{"name": filepath.Base(src.Name), "sha256": src.SHA256}))
	if src.Delimiter != "" || src.Decimal != "" || src.Encoding != "" {
		b.Doc.Item(b.Say("data-dialect", text.Args{"delimiter": dialectSign(src.Delimiter), "decimal": dialectSign(src.Decimal), "encoding": cmp.Or(src.Encoding, "–")}))
	}
	b.Doc.Item(b.Say("data-rows", text.Args{"read": acc.RowsRead, "used": acc.RowsUsed, "excluded": len(acc.Excluded)}))
	b.excluded(acc.Excluded)
	elsewhere := slices.Concat(floorNotes, trialNotes, saidOnTop)
	for _, n := range b.r.Notes {
		if !slices.Contains(elsewhere, n.Code) {
			b.Doc.Item(b.note(n))
		}
	}
	var rows [][]string
	for _, f := range b.r.Flow {
		randomized := fmt.Sprint(f.Randomized)
		if !f.Declared {
			randomized = b.Say("not-declared", nil)
		}
		rows = append(rows, []string{b.arm(f.Arm), randomized, fmt.Sprint(f.InFile)})
	}
	b.Doc.Table([]page.Column{page.Words(b.Say("col-arm", nil)), page.Numbers(b.Say("col-randomized", nil)), page.Numbers(b.Say("col-in-file", nil))}, rows)
	b.analyzed()
}

// excluded lists the rows that are not used, by reason; of many, the first.
func (b *builder) excluded(rows []study.Exclusion) {
	const few, listed = 5, 20
	var reasons []string
	by := map[string][]study.Exclusion{}
	for _, e := range rows {
		if by[e.Reason] == nil {
			reasons = append(reasons, e.Reason)
		}
		by[e.Reason] = append(by[e.Reason], e)
	}
	for _, code := range reasons {
		reason := code
		if b.C.Has(code) {
			reason = b.Say(code, nil)
		}
		group := by[code]
		if len(group) <= few {
			for _, e := range group {
				b.Doc.Item(b.Say("data-excluded", text.Args{"line": e.Line, "participant": cmp.Or(e.Participant, "–"), "reason": reason}))
			}
			continue
		}
		var lines []string
		for _, e := range group[:min(len(group), listed)] {
			lines = append(lines, fmt.Sprintf("%d (%s)", e.Line, cmp.Or(e.Participant, "–")))
		}
		args := text.Args{"n": len(group), "reason": reason, "lines": strings.Join(lines, ", "), "more": len(group) - listed}
		if len(group) > listed {
			b.Doc.Item(b.Say("data-excluded-many", args))
		} else {
			b.Doc.Item(b.Say("data-excluded-group", args))
		}
	}
}

// analyzed counts who is in each comparison and names who is not.
func (b *builder) analyzed() {
	columns := []page.Column{page.Words(b.Say("col-outcome-visit", nil))}
	for _, f := range b.r.Flow {
		columns = append(columns, page.Numbers(b.arm(f.Arm)))
	}
	var rows [][]string
	type absence struct{ outcome, arm, text string }
	var missing []absence // each said once, with the visits that it concerns
	visits := map[absence][]string{}
	for _, res := range b.r.Results {
		where := b.outcome(res.Outcome.ID) + ", " + b.where(res)
		cells := make([]string, len(columns))
		cells[0] = where
		for _, row := range res.Deciding() {
			for i, f := range b.r.Flow {
				if n, ok := row.N[f.Arm]; ok && cells[i+1] == "" {
					cells[i+1] = b.Say("of", text.Args{"n": n, "of": row.Randomized[f.Arm]})
					if s := b.dropped(row, f.Arm); s != "" {
						m := absence{b.outcome(res.Outcome.ID), b.arm(f.Arm), s}
						if visits[m] == nil {
							missing = append(missing, m)
						}
						visits[m] = append(visits[m], b.where(res))
					}
				}
			}
		}
		rows = append(rows, cells)
	}
	b.Paragraph("analyzed-intro", nil)
	b.Doc.Table(columns, rows)
	for _, m := range missing {
		b.Doc.Item(m.outcome + ", " + strings.Join(visits[m], ", ") + ", " + m.arm + ": " + m.text)
	}
}

// maxNamed is how many participants a reason names; results.json names all.
const maxNamed = 50

// dropped lists an arm's missing participants by reason.
func (b *builder) dropped(row study.Row, arm string) string {
	var reasons []string
	ids := map[string][]string{}
	for _, d := range row.Dropped {
		if d.Arm != arm {
			continue
		}
		if ids[d.Reason] == nil {
			reasons = append(reasons, d.Reason)
		}
		ids[d.Reason] = append(ids[d.Reason], d.ID)
	}
	var parts []string
	for _, reason := range reasons {
		args := text.Args{"n": len(ids[reason]), "ids": text.List(ids[reason], maxNamed)}
		parts = append(parts, b.Say(reason, args))
	}
	return strings.Join(parts, "; ")
}

func dialectSign(s string) string {
	switch s {
	case "\t":
		return "tab"
	case "":
		return "–"
	}
	return "“" + s + "”"
}
