package report

import (
	"fmt"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// What is said of binary outcomes: counts with percentages where others have means,
// differences in percentage points, ratios and numbers needed to treat.

// share is "62/78 (79)".
func (b *builder) share(s study.Share) string {
	if s.N == 0 {
		return "–"
	}
	return b.Say("share-cell", text.Args{"events": s.Events, "n": s.N, "percent": b.C.Number(100*s.Value, s.Digits())})
}

// shareLimits are the limits of a share, in percent.
func (b *builder) shareLimits(s study.Share) string {
	d := s.Digits()
	return b.intervalOf(stats.Interval{Lo: s.Lower, Hi: s.Upper}, func(x float64) string { return b.C.Beside(100*x, d) })
}

// shareCell is a cell of the table of results, with its numbers in percent.
func (b *tableBuilder) shareCell(s study.Share) TableCell {
	return TableCell{N: s.N, Text: b.share(s),
		Numbers: existing("count", float64(s.Events), "percent", 100*s.Value, "lower", 100*s.Lower, "upper", 100*s.Upper, "level", s.Level)}
}

// shareCounts are both arms' counts before their difference.
func (b *builder) shareCounts(q question) string {
	var parts []string
	for _, arm := range []string{q.row.Arm, q.row.Control} {
		s, ok := summaryAt(q.res, arm)
		if !ok || s.Share == nil || s.N == 0 {
			return ""
		}
		code := "page-share"
		if len(q.res.Arms) > 2 && arm == q.row.Arm { // its name stands before it
			code = "page-share-plain"
		}
		parts = append(parts, b.Say(code, text.Args{"events": s.Share.Events, "n": s.N,
			"percent": b.C.Number(100*s.Share.Value, s.Share.Digits()), "arm": b.arm(arm)}))
	}
	return b.joined("page-list-and", parts) + "; "
}

// sharesForPatients says how many patients make one more yes, and what ratios come to:
// from the rows of the method that decides.
func (b *builder) sharesForPatients(g []question) []string {
	var out []string
	for _, q := range g {
		var parts []string
		if q.row.NNT != nil && !q.row.IncludesZero() {
			if value, interval := b.nnt(*q.row.NNT); value != "–" {
				parts = append(parts, b.Say("page-nnt", text.Args{"nnt": value, "level": b.Level(q.row.Level), "interval": interval}))
			}
		}
		for _, m := range []study.Measure{study.RiskRatio, study.OddsRatio} {
			if row, ok := ratioBeside(q, m); ok {
				parts = append(parts, b.Say("page-beside-"+string(m), text.Args{"value": b.rowValue(q.res.Outcome, row, row.Estimate),
					"interval": b.limits(q.res.Outcome, row), "target": b.Say("target-"+string(row.Target), nil)}))
			}
		}
		if len(parts) == 0 {
			continue
		}
		s := strings.Join(parts, "; ")
		if len(g) > 1 {
			s = b.Say("page-finding", text.Args{"where": b.named(q, g), "finding": s})
		}
		out = append(out, b.Say("page-beside", text.Args{"list": s}))
	}
	return out
}

// ratioBeside is the ratio of a measure that stands beside a question's row: the
// first, which adjusts as the deciding one does where it can.
func ratioBeside(q question, m study.Measure) (study.Row, bool) {
	for _, row := range q.res.Rows {
		if row.Measure == m && row.Arm == q.row.Arm && row.Visit == q.row.Visit && !row.Decides && row.Effect != nil {
			return row, true
		}
	}
	return study.Row{}, false
}

// shareModel says how the shares were compared.
func (b *builder) shareModel(q question, covariates []string) string {
	terms := append([]string{b.Say("page-term-arm", nil)}, covariates...)
	if b.r.Protocol.Randomization.Stratified() {
		terms = append(terms, b.Say("page-term-strata", text.Args{"strata": b.strata()}))
	}
	measure := b.Say("measure-"+string(q.row.Measure), nil)
	return b.Say(fmt.Sprintf("page-shares-%s", q.row.Method), text.Args{"measure": measure, "level": b.Level(q.row.Level),
		"terms": b.joined("page-list-and", terms), "strata": b.strata()})
}

// effectOf names the effect of a row's numbers where an outcome has several.
func (b *builder) effectOf(row study.Row) string {
	s := b.Say("measure-"+string(row.Measure), nil)
	if row.Target != "" && row.Measure.Scale() == study.ScaleRatio {
		s += ", " + b.Say("target-"+string(row.Target), nil)
	}
	return s
}

// shownNull is what an interval of the row is held against, as it is printed.
func shownNull(o study.Outcome, row study.Row, null float64) float64 {
	if row.Measure.Scale() == study.ScaleRatio {
		return null
	}
	return o.Shown(null)
}

// tableCaption is that of a table of means, of shares, or of both.
func tableCaption(code string, results []study.Result) string {
	means, shares := false, false
	for _, res := range results {
		means, shares = means || !res.Outcome.Binary(), shares || res.Outcome.Binary()
	}
	switch {
	case means && shares:
		return code + "-both"
	case shares:
		return code + "-shares"
	}
	return code
}

// otherSets gives what the plans of other sets of participants came to, beside the
// answers to which they belong.
func (b *builder) otherSets(shown []question) []string {
	var out []string
	for _, q := range shown {
		for _, row := range q.res.Rows {
			if row.Set == "" || row.Arm != q.row.Arm || row.Visit != q.row.Visit || row.Effect == nil {
				continue
			}
			s := b.Say("page-set", text.Args{"set": row.Set, "n": row.N[row.Arm], "control": row.N[row.Control],
				"value":    b.rowValue(q.res.Outcome, row, row.Estimate) + b.rowUnit(q.res.Outcome, row),
				"interval": b.limits(q.res.Outcome, closed(row)), "level": b.Level(row.Level)})
			if len(shown) > 1 {
				s = b.Say("page-finding", text.Args{"where": b.named(q, shown), "finding": s})
			}
			if m := b.margin(q.res.Outcome, row); m != "" {
				s += " " + m
			}
			out = append(out, s)
		}
	}
	return out
}

// margin is the row's answer to its plan's margin, "" where there is none.
func (b *builder) margin(o study.Outcome, row study.Row) string {
	switch {
	case row.NonInferiority != nil:
		return b.note(row.NonInferiority.Note(o, row.Role))
	case row.Equivalence != nil:
		return b.note(row.Equivalence.Note(o, row.Role))
	}
	return ""
}

// ratioName stands before a ratio in a column of differences.
func ratioName(c *text.Catalog, row study.Row) string {
	if row.Measure.Scale() != study.ScaleRatio {
		return ""
	}
	return c.Say("measure-short-"+string(row.Measure), nil) + "\u00a0"
}
