package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/text"
)

// floors says what this number of participants could have shown at all.
func (b *reportBuilder) floors() {
	b.heading("report-floors")
	var rows [][]string
	for _, res := range b.r.Results {
		for _, f := range res.Floors {
			rows = append(rows, []string{b.outcome(f.Outcome) + ", " + b.visit(f.Visit), b.arm(f.Arm), b.method(f.Method),
				strings.TrimPrefix(b.c.P(f.MinP), "= ")})
		}
	}
	if len(rows) > 0 {
		b.paragraph("floors-intro", nil)
		b.doc.table([]column{{b.say("col-outcome-visit", nil), false}, {b.say("col-arm", nil), false},
			{b.say("col-analysis", nil), false}, {b.say("col-min-p", nil), true}}, rows)
	}
	for _, n := range b.r.Notes {
		if strings.HasPrefix(n.Code, "exact-") {
			b.doc.paragraph(b.note(n))
		}
	}
}

// sweeps repeat the verdict of simulated data for other spreads.
func (b *reportBuilder) sweeps() {
	started := false
	for _, res := range b.r.Results {
		if len(res.Sweep) == 0 {
			continue
		}
		if !started {
			b.heading("report-sweep")
			b.doc.paragraph(b.say("sweep-intro", nil) + b.simulated())
			started = true
		}
		var rows [][]string
		for _, s := range res.Sweep {
			zero := b.say("zero-excluded", nil)
			if s.Judgement.IncludesZero {
				zero = b.say("zero-included", nil)
			}
			cells := []string{b.c.Number(s.SD, decimalsOf(res.Outcome)),
				b.say("interval", text.Args{"lower": b.number(res.Outcome, s.Lower), "upper": b.number(res.Outcome, s.Upper)}),
				zero, b.say("verdict-"+string(s.Judgement.Benefit), nil), b.say("verdict-"+string(s.Judgement.Harm), nil)}
			if len(res.Arms) > 2 {
				cells = append([]string{b.arm(s.Arm)}, cells...)
			}
			rows = append(rows, cells)
		}
		columns := []column{{b.say("col-sd", nil), true}, {b.say("col-interval", text.Args{"level": b.level(res.Level)}), true},
			{b.say("col-zero", nil), false}, {b.say("col-benefit", nil), false}, {b.say("col-harm", nil), false}}
		if len(res.Arms) > 2 {
			columns = append([]column{{b.say("col-arm", nil), false}}, columns...)
		}
		b.doc.heading(3, labelOr(res.Outcome.Label, res.Outcome.ID)+", "+labelOr(res.Visit.Label, res.Visit.ID)+
			" ("+b.say("simulated", nil)+")")
		b.doc.table(columns, rows)
	}
}

// trial says what was asked: estimand, how many questions, which were planned.
func (b *reportBuilder) trial() {
	b.heading("report-trial")
	estimand := b.r.Protocol.Estimand
	if estimand == "" {
		estimand = b.say("estimand-treatment-policy", nil)
	}
	b.doc.item(b.say("estimand", text.Args{"estimand": estimand}))
	for _, n := range b.r.Notes {
		if strings.HasPrefix(n.Code, "exact-") || n.Code == "simulated-beside" {
			continue
		}
		b.doc.item(b.note(n))
	}
	if len(b.r.Protocol.Plans) == 0 {
		b.doc.item(b.say("no-plans", nil))
	}
	if !slices.ContainsFunc(b.r.Protocol.Plans, func(p Plan) bool { return p.Primary }) {
		b.doc.item(b.say("no-primary", nil))
	}
	for _, t := range b.r.Tests {
		b.doc.item(b.say("f-test", text.Args{"outcome": b.outcome(t.Outcome), "term": t.Term, "f": t.F, "df1": t.DF1, "df2": t.DF2}))
	}
}

// account says where every row of the file and every participant went.
func (b *reportBuilder) account() {
	b.heading("report-data")
	src, acc := b.r.Source, b.r.Accounting
	b.doc.item(b.say("data-source", text.Args{"name": src.Name, "sha256": src.SHA256}))
	if src.Delimiter != "" || src.Decimal != "" || src.Encoding != "" {
		b.doc.item(b.say("data-dialect", text.Args{"delimiter": dialectSign(src.Delimiter), "decimal": dialectSign(src.Decimal), "encoding": labelOr(src.Encoding, "–")}))
	}
	b.doc.item(b.say("data-rows", text.Args{"read": acc.RowsRead, "used": acc.RowsUsed, "excluded": len(acc.Excluded)}))
	for _, e := range acc.Excluded {
		reason := e.Reason
		if b.c.Has(reason) {
			reason = b.say(reason, nil)
		}
		b.doc.item(b.say("data-excluded", text.Args{"line": e.Line, "participant": labelOr(e.Participant, "–"), "reason": reason}))
	}
	var rows [][]string
	for _, f := range b.r.Flow {
		randomized := fmt.Sprint(f.Randomized)
		if !f.Declared {
			randomized = b.say("not-declared", nil)
		}
		rows = append(rows, []string{b.arm(f.Arm), randomized, fmt.Sprint(f.InFile)})
	}
	b.doc.table([]column{{b.say("col-arm", nil), false}, {b.say("col-randomized", nil), true}, {b.say("col-in-file", nil), true}}, rows)
	b.analyzed()
}

// analyzed counts who is in each comparison and names who is not.
func (b *reportBuilder) analyzed() {
	var rows [][]string
	var missing []string
	for _, res := range b.r.Results {
		counted := map[string]bool{}
		for _, row := range planRows(res) {
			for _, arm := range []string{row.Arm, row.Control} {
				if counted[arm] {
					continue
				}
				counted[arm] = true
				rows = append(rows, []string{b.outcome(row.Outcome) + ", " + b.visit(row.Visit), b.arm(arm),
					b.say("of", text.Args{"n": row.N[arm], "of": row.Randomized[arm]})})
				if s := b.dropped(row, arm); s != "" {
					missing = append(missing, b.outcome(row.Outcome)+", "+b.visit(row.Visit)+", "+b.arm(arm)+": "+s)
				}
			}
		}
	}
	b.doc.table([]column{{b.say("col-outcome-visit", nil), false}, {b.say("col-arm", nil), false}, {b.say("col-analyzed", nil), true}}, rows)
	for _, s := range missing {
		b.doc.item(s)
	}
}

// dropped lists an arm's missing participants by reason.
func (b *reportBuilder) dropped(row Row, arm string) string {
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
		args := text.Args{"n": len(ids[reason]), "ids": strings.Join(ids[reason], ", ")}
		parts = append(parts, b.say(reason, args))
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

// finite reports whether x is a number that a table or a file can hold.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
