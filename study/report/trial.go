package report

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// trial says what was asked: estimand, how many questions, which were planned.
func (b *builder) trial() {
	b.Heading("report-trial")
	if e := b.r.Protocol.Estimand; e != "" {
		b.Doc.Item(b.Say("estimand", text.Args{"estimand": e}))
	}
	for _, n := range b.r.Notes {
		if n.Code != "allocation-unstated" && slices.Contains(trialNotes, n.Code) || slices.Contains(floorNotes, n.Code) { // that is a doubt
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
	switch {
	case len(src.Files) > 1:
		for _, f := range src.Files {
			code := "data-source"
			if f.Sheet != "" {
				code = "data-source-sheet"
			}
			b.Doc.Item(b.Say(code, text.Args{"name": f.Name, "sheet": f.Sheet, "sha256": f.SHA256}))
		}
	case len(src.Files) == 1 && src.Files[0].Sheet != "":
		b.Doc.Item(b.Say("data-source-sheet", text.Args{"name": filepath.Base(src.Name), "sheet": src.Files[0].Sheet, "sha256": src.SHA256}))
	default:
		b.Doc.Item(b.Say("data-source", text.Args{"name": filepath.Base(src.Name), "sha256": src.SHA256}))
	}
	for _, f := range src.Dictionaries {
		b.Doc.Item(b.Say("data-dictionary", text.Args{"name": f.Name, "sha256": f.SHA256}))
	}
	if src.Delimiter != "" || src.Decimal != "" || src.Encoding != "" {
		b.Doc.Item(b.Say("data-dialect", text.Args{"delimiter": dialectSign(src.Delimiter), "decimal": dialectSign(src.Decimal), "encoding": cmp.Or(src.Encoding, "–")}))
	}
	b.Doc.Item(b.Say("data-rows", text.Args{"read": acc.RowsRead, "used": acc.RowsUsed, "excluded": len(acc.Excluded)}))
	for _, line := range excluded(b.C, acc.Excluded) {
		b.Doc.Item(line)
	}
	elsewhere := slices.Concat(floorNotes, trialNotes, saidOnTop)
	for _, n := range b.r.Notes {
		if !slices.Contains(elsewhere, n.Code) {
			b.Doc.Item(b.note(n))
		}
	}
}

// excluded lists the rows that are not used, by reason; of many, the first.
func excluded(c *text.Catalog, rows []study.Exclusion) []string {
	var out []string
	const few, listed = 5, 20
	line := func(e study.Exclusion) string {
		if e.File == "" {
			return strconv.Itoa(e.Line)
		}
		return c.Say("data-line-of", text.Args{"line": e.Line, "file": e.File})
	}
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
		if c.Has(code) {
			reason = c.Say(code, nil)
		}
		group := by[code]
		if len(group) <= few {
			for _, e := range group {
				out = append(out, c.Say("data-excluded", text.Args{"line": line(e), "participant": cmp.Or(e.Participant, "–"), "reason": reason}))
			}
			continue
		}
		var lines []string
		for _, e := range group[:min(len(group), listed)] {
			lines = append(lines, fmt.Sprintf("%s (%s)", line(e), cmp.Or(e.Participant, "–")))
		}
		args := text.Args{"n": len(group), "reason": reason, "lines": strings.Join(lines, ", "), "more": len(group) - listed}
		if len(group) > listed {
			out = append(out, c.Say("data-excluded-many", args))
		} else {
			out = append(out, c.Say("data-excluded-group", args))
		}
	}
	return out
}

// whoIsMissing names who is not in a comparison and why, once for all the visits
// that it concerns.
func (b *builder) whoIsMissing() {
	type absence struct{ outcome, arm, text string }
	var missing []absence
	visits := map[absence][]string{}
	for _, res := range b.r.Results {
		seen := map[string]bool{}
		for _, row := range res.Deciding() {
			for _, arm := range []string{row.Arm, row.Control} {
				s := b.dropped(row, arm)
				if s == "" || seen[arm] {
					continue
				}
				seen[arm] = true
				m := absence{b.outcome(res.Outcome.ID), b.arm(arm), s}
				if visits[m] == nil {
					missing = append(missing, m)
				}
				visits[m] = append(visits[m], b.where(res))
			}
		}
	}
	if len(missing) == 0 {
		return
	}
	b.Heading("report-missing")
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
