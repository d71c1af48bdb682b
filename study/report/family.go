package report

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/family"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// adjust names the method by which the primary hypotheses are tested together.
func (b *builder) adjust() string { return b.Say("adjust-"+string(b.r.Family.Scheme.Adjust), nil) }

// familyEstimate is the sentence of an estimate that is one of several tested together.
func (b *builder) familyEstimate(row study.Row) string {
	code := "page-estimate-alone"
	if row.Together != "" {
		code = "page-estimate-together"
	}
	switch {
	case !row.Hypothesis.Tested:
		return code + "-untested"
	case row.NonInferiority == nil && row.Equivalence == nil: // whose own p follows
		return code + "-p"
	}
	return code
}

// alone reports whether a doubt is about a row whose interval holds together with others':
// other methods are compared with what it is by itself.
func (b *builder) alone(d study.Doubt) bool {
	return slices.ContainsFunc(b.r.Results, func(res study.Result) bool {
		return res.Outcome.ID == d.Outcome && slices.ContainsFunc(res.Deciding(), func(r study.Row) bool { return r.Visit == d.Visit && r.Arm == d.Arm && r.Alone != nil })
	})
}

// hypothesis names one among the others: by outcome, visit and arm, as far as they differ.
func (b *builder) hypothesis(h study.Hypothesis) string {
	all := b.r.Family.Hypotheses
	differ := func(of func(study.Hypothesis) string) bool {
		return slices.ContainsFunc(all, func(x study.Hypothesis) bool { return of(x) != of(h) })
	}
	var parts []string
	if differ(func(h study.Hypothesis) string { return h.Outcome }) {
		parts = append(parts, b.outcome(h.Outcome))
	}
	if differ(func(h study.Hypothesis) string { return h.Visit }) {
		parts = append(parts, b.visit(h.Visit))
	}
	if differ(func(h study.Hypothesis) string { return h.Arm }) {
		parts = append(parts, b.arm(h.Arm))
	}
	return strings.Join(parts, ", ")
}

// unanswered is the effect of a hypothesis that page one has no room to answer: what is
// said to be shown, or not, stands beside its number.
func (b *builder) unanswered(h study.Hypothesis) string {
	is := func(q question) bool { return q.row.Hypothesis != nil && q.row.Hypothesis.ID == h.ID }
	i := slices.IndexFunc(b.asked, is)
	if i < b.room.answers || b.asked[i].row.Effect == nil || b.asked[i].row.Withheld() {
		return ""
	}
	o, row := b.asked[i].res.Outcome, b.asked[i].row
	return ": " + ratioName(b.C, row) + b.rowValue(o, row, row.Estimate) + b.rowUnit(o, row) + " (" + b.limits(o, row) + ")"
}

// familyLine says which of the hypotheses that were tested together are shown.
func (b *builder) familyLine() []string {
	f := b.r.Family
	if f == nil {
		return nil
	}
	var shown, not, untested, stopped []string
	before, answered := "", true
	for _, h := range f.Hypotheses {
		name := b.hypothesis(h)
		if x := b.unanswered(h); x != "" && !f.Scheme.All {
			name, answered = name+x, false
		}
		switch {
		case h.Against:
			shown = append(shown, b.Say("page-family-against", text.Args{"name": name, "arm": b.arm(h.Control)}))
		case h.Shown:
			shown = append(shown, name)
		case h.Tested || f.Scheme.All:
			not = append(not, name)
		case h.Before != "":
			i := slices.IndexFunc(f.Hypotheses, func(x study.Hypothesis) bool { return x.ID == h.Before })
			stopped, before = append(stopped, name), b.hypothesis(f.Hypotheses[i]) // one stops all that follow
		default:
			untested = append(untested, name)
		}
	}
	args := text.Args{"n": len(f.Hypotheses), "alpha": f.Alpha, "p": f.P, "list": strings.Join(not, "; ")}
	if len(stopped) > 0 {
		untested = append(untested, b.Say("page-family-stopped", text.Args{"name": strings.Join(stopped, "; "), "before": before}))
	}
	if f.Scheme.All {
		code := "page-family-all"
		switch {
		case len(not) > 0:
			code = "page-family-all-not"
		case !f.Success:
			code, args["list"] = "page-family-all-against", strings.Join(shown, "; ")
		}
		return []string{b.Say(code, args)}
	}
	var parts []string
	switch {
	case len(shown) == len(f.Hypotheses) && answered:
		parts = append(parts, b.Say("page-family-every", text.Args{"list": strings.Join(shown, "; ")}))
	case len(shown) == 0 && len(untested) == 0 && answered:
		parts = append(parts, b.Say("page-family-none", nil))
	default:
		for _, x := range []struct {
			code string
			list []string
		}{{"page-family-shown", shown}, {"page-family-not", not}, {"page-family-untested", untested}} {
			if len(x.list) > 0 {
				parts = append(parts, b.Say(x.code, text.Args{"list": strings.Join(x.list, "; ")}))
			}
		}
	}
	args["adjust"], args["findings"] = b.adjust(), strings.Join(parts, "; ")
	return []string{b.Say("page-family", args)}
}

// familyMethods say how the primary hypotheses were tested together, and what is not
// corrected.
func (b *builder) familyMethods() []string {
	f := b.r.Family
	if f == nil {
		return []string{b.Say("page-multiplicity-none", nil)}
	}
	args := text.Args{"n": len(f.Hypotheses), "alpha": f.Alpha}
	if f.Scheme.All {
		return []string{b.Say("page-multiplicity-all", args)}
	}
	args["adjust"] = b.adjust()
	code := "page-multiplicity-steps"
	if f.Scheme.Adjust.Simultaneous() {
		code = "page-multiplicity-together"
	}
	out := []string{b.Say(code, args)}
	if f.Scheme.Adjust == family.WestfallYoung {
		out = append(out, b.Say("page-multiplicity-permuted", args))
	}
	if f.Scheme.Adjust.Assumes() {
		out = append(out, b.Say("page-multiplicity-assumes", args))
	}
	return out
}

// family lists the primary hypotheses: their share of α, p-values and what is shown.
func (b *builder) family() {
	f := b.r.Family
	if f == nil {
		return
	}
	b.Heading("report-family")
	args := text.Args{"n": len(f.Hypotheses), "alpha": f.Alpha}
	if f.Scheme.All {
		b.Paragraph("family-intro-all", args)
	} else {
		args["adjust"] = b.adjust()
		b.Paragraph("family-intro", args)
		if f.Scheme.Adjust == family.WestfallYoung {
			b.Paragraph("page-multiplicity-permuted", args)
		}
		if f.Scheme.Adjust.Assumes() {
			b.Paragraph("page-multiplicity-assumes", args)
		}
	}
	t := page.Table{Columns: []page.Column{page.Names(b.Say("family-hypothesis", nil)), page.Names(b.Say("family-test", nil))}}
	share := f.Scheme.Weight(f.Hypotheses[0].ID, len(f.Hypotheses)) < 1 || len(f.Scheme.Graph.Weights) > 0
	if share = share && (f.Scheme.Adjust == "bonferroni" || f.Scheme.Adjust == "graph"); share {
		t.Columns = append(t.Columns, page.Numbers(b.Say("family-share", nil)))
	}
	t.Columns = append(t.Columns, page.Numbers(b.Say("family-p", nil)))
	if !f.Scheme.All {
		t.Columns = append(t.Columns, page.Numbers(b.Say("family-adjusted", nil)))
	}
	t.Columns = append(t.Columns, page.Names(b.Say("family-answer", nil)))
	for _, h := range f.Hypotheses {
		cells := []string{b.hypothesis(h), b.Say("framework-"+string(h.Framework), nil)}
		if share {
			cells = append(cells, b.C.Number(h.Weight, 3))
		}
		p := func(x float64) string {
			if !finiteNumber(x) {
				return "–"
			}
			return strings.TrimPrefix(b.C.P(x), "= ")
		}
		cells = append(cells, p(h.P))
		if !f.Scheme.All {
			if h.Tested {
				cells = append(cells, p(h.Adjusted))
			} else {
				cells = append(cells, "–")
			}
		}
		code := "family-not-shown"
		switch {
		case h.Against:
			code = "family-against"
		case h.Shown:
			code = "family-shown"
		case !h.Tested && h.Before == "" && !finiteNumber(h.P):
			code = "family-no-test"
		case !h.Tested:
			code = "family-untested"
		}
		t.Rows = append(t.Rows, append(cells, b.Say(code, nil)))
	}
	b.Doc.TableWith(t)
}
