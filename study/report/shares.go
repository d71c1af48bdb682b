package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// What is said of outcomes that are no measurements: counts with percentages where others
// have means; differences in percentage points, probabilities of benefit, ratios and
// numbers needed to treat.

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
		for _, m := range []study.Measure{study.RiskDifference, study.RiskRatio, study.OddsRatio} {
			if row, ok := besides(q, m); ok && m != q.row.Measure {
				args := text.Args{"value": b.rowValue(q.res.Outcome, row, row.Estimate) + b.rowUnit(q.res.Outcome, row), "interval": b.limits(q.res.Outcome, row), "target": ""}
				if m != study.RiskDifference {
					args["target"] = b.Say("target-"+string(row.Target), nil)
				}
				parts = append(parts, b.Say("page-beside-"+string(m), args))
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

// besides is what another measure of a question's effect comes to: the first row,
// which adjusts as the deciding one does where it can.
func besides(q question, m study.Measure) (study.Row, bool) {
	for _, row := range q.res.Rows {
		if row.Measure == m && row.Set == q.row.Set && row.Estimand == q.row.Estimand && row.Arm == q.row.Arm && row.Visit == q.row.Visit && !row.Decides && row.Effect != nil {
			return row, true
		}
	}
	return study.Row{}, false
}

// shareModel says how the arms of an outcome that is no measurement were compared.
func (b *builder) shareModel(q question, covariates []string) string {
	terms := append([]string{b.Say("page-term-arm", nil)}, covariates...)
	if b.r.Protocol.Randomization.Stratified() && !q.row.WithoutStrata {
		terms = append(terms, b.Say("page-term-strata", text.Args{"strata": b.strata()}))
	}
	measure := b.Say("measure-"+string(q.row.Measure), nil)
	code := fmt.Sprintf("page-shares-%s", q.row.Method)
	if q.row.Method == study.MethodBenefit {
		if b.r.Protocol.Randomization.Stratified() && !q.row.WithoutStrata {
			code += "-strata"
		}
		if slices.ContainsFunc(q.row.Notes, func(n study.Note) bool { return strings.HasPrefix(n.Code, "benefit-permutation") }) {
			code += "-permuted"
		}
	}
	if (q.row.Method == study.MethodExactRates || q.row.Method == study.MethodImputedBenefit) && b.r.Protocol.Randomization.Stratified() && !q.row.WithoutStrata {
		code += "-strata"
	}
	return b.Say(code, text.Args{"measure": measure, "level": b.Level(q.row.Level), "exposure": b.r.Protocol.TimeAtRisk(q.res.Outcome.ID, q.res.Visit.ID, b.C),
		"terms": b.joined("page-list-and", terms), "strata": b.strata()})
}

// levelNumbers are "5; 12; 13", with percentages "5 (17); 12 (40); 13 (43)".
func (b *builder) levelNumbers(s study.Summary, percent bool) string {
	if s.N == 0 {
		return "–"
	}
	parts := make([]string, len(s.Levels))
	for i, l := range s.Levels {
		parts[i] = fmt.Sprint(l.Count)
		if percent {
			parts[i] = b.levelCell(s, i)
		}
	}
	return strings.Join(parts, "; ")
}

// levelCell is "12 (40)": how many of an arm are in a category.
func (b *builder) levelCell(s study.Summary, i int) string {
	if s.N == 0 {
		return "–"
	}
	of := study.Share{Events: s.Levels[i].Count, N: s.N}
	return b.Say("table-count-cell", text.Args{"n": of.Events, "percent": b.C.Number(100*float64(of.Events)/float64(of.N), of.Digits())})
}

// levelCounts are both arms' categories before the probability of benefit: "worse 5, same
// 12, better 13 of 30 with Laser; …".
func (b *builder) levelCounts(q question) string {
	var parts []string
	for _, arm := range []string{q.row.Arm, q.row.Control} {
		s, ok := summaryAt(q.res, arm)
		if !ok || s.N == 0 {
			return ""
		}
		var levels []string
		for i, l := range s.Levels {
			levels = append(levels, fmt.Sprintf("%s\u00a0%d", q.res.Outcome.Levels[i], l.Count))
		}
		code := "page-levels"
		if len(q.res.Arms) > 2 && arm == q.row.Arm { // its name stands before it
			code = "page-levels-plain"
		}
		parts = append(parts, b.Say(code, text.Args{"levels": strings.Join(levels, ", "), "n": s.N, "arm": b.arm(arm)}))
	}
	return strings.Join(parts, "; ") + "; "
}

// rateCell is "12/340 (0.035)": events in their time at risk, with their rate.
func (b *builder) rateCell(outcome string, r study.Rate) string {
	if r.Exposure == 0 {
		return "–"
	}
	return b.Say("rate-cell", text.Args{"events": r.Events, "exposure": b.exposure(r), "rate": b.rate(outcome, r.Value)})
}

// exposure is a sum of times at risk: whole, or with a decimal.
func (b *builder) exposure(r study.Rate) string {
	if r.Exposure == math.Trunc(r.Exposure) {
		return b.C.Number(r.Exposure, 0)
	}
	return b.C.Number(r.Exposure, 1)
}

// rate is an outcome's rate in its units of time at risk (study.Report.RatePer).
func (b *builder) rate(outcome string, x float64) string {
	return b.C.Number(x*b.r.RatePer(outcome), b.r.Digits(outcome))
}

// ratePer names these units: "100 months"; without a name of the time "100 units".
func (b *builder) ratePer(o study.Outcome) string {
	per := b.Say("number", text.Args{"x": b.r.RatePer(o.ID)})
	for _, res := range b.r.Results {
		if res.Outcome.ID == o.ID {
			return per + text.Unit(b.r.Protocol.TimeAtRisk(o.ID, res.Visit.ID, b.C))
		}
	}
	return per
}

// rateCounts are both arms' events before the ratio of their rates.
func (b *builder) rateCounts(q question) string {
	var parts []string
	for _, arm := range []string{q.row.Arm, q.row.Control} {
		s, ok := summaryAt(q.res, arm)
		if !ok || s.Rate == nil || s.N == 0 {
			return ""
		}
		code := "page-rate"
		if len(q.res.Arms) > 2 && arm == q.row.Arm { // its name stands before it
			code = "page-rate-plain"
		}
		parts = append(parts, b.Say(code, text.Args{"events": s.Rate.Events, "exposure": b.exposure(*s.Rate), "of": b.r.Protocol.TimeAtRisk(q.res.Outcome.ID, q.res.Visit.ID, b.C),
			"rate": b.rate(q.res.Outcome.ID, s.Rate.Value), "per": b.ratePer(q.res.Outcome), "arm": b.arm(arm)}))
	}
	return strings.Join(parts, "; ") + "; "
}

// geometricMeans are both arms' before their ratio.
func (b *builder) geometricMeans(q question) string {
	var parts []string
	for _, arm := range []string{q.row.Arm, q.row.Control} {
		s, ok := summaryAt(q.res, arm)
		if !ok || s.Geometric == nil {
			return ""
		}
		code := "page-geometric"
		if len(q.res.Arms) > 2 && arm == q.row.Arm { // its name stands before it
			code = "page-geometric-plain"
		}
		parts = append(parts, b.Say(code, text.Args{"mean": b.value(q.res.Outcome, s.Geometric.Mean), "unit": q.res.Outcome.Unit, "arm": b.arm(arm)}))
	}
	return strings.Join(parts, "; ") + "; "
}

// pairsForPatients says in how many pairs of patients the one of the active arm fares
// better, and what the other measures come to; several outcomes are named.
func (b *builder) pairsForPatients(g []question, several bool) []string {
	var out []string
	for _, q := range g {
		var parts []string
		for _, row := range q.res.Rows {
			if row.Arm == q.row.Arm && row.Visit == q.row.Visit && row.Pairs != nil && !row.WithoutStrata && row.Set == "" {
				args := text.Args{"arm": b.arm(row.Arm), "control": b.arm(row.Control)}
				for name, x := range map[string]float64{"better": row.Pairs.Better, "tied": row.Pairs.Tied, "worse": row.Pairs.Worse} {
					args[name] = b.C.Number(100*x, 0)
				}
				parts = append(parts, b.Say("page-pairs", args))
				break
			}
		}
		for _, m := range []study.Measure{study.ProbabilityBetter, study.WinOdds, study.OddsRatio} {
			if row, ok := besides(q, m); ok && m != q.row.Measure {
				parts = append(parts, b.Say("page-level-beside-"+string(m), text.Args{"value": b.rowValue(q.res.Outcome, row, row.Estimate), "interval": b.limits(q.res.Outcome, row)}))
			}
		}
		if len(parts) == 0 {
			continue
		}
		s := strings.Join(parts, "; ")
		switch {
		case several:
			s = b.Say("page-finding", text.Args{"where": b.shortWhere(q, b.asked), "finding": s})
		case len(g) > 1:
			s = b.Say("page-finding", text.Args{"where": b.named(q, g), "finding": s})
		}
		out = append(out, b.Say("page-level-list", text.Args{"list": s}))
	}
	return out
}

// effectOf names the effect of a row's numbers where an outcome has several.
func (b *builder) effectOf(row study.Row) string {
	s := b.Say("measure-"+string(row.Measure), nil)
	if o, _ := b.r.Protocol.Outcome(row.Outcome); o.Ordinal() && row.Measure == study.OddsRatio {
		return b.Say("measure-odds-ratio-level", nil)
	}
	if row.Target != "" && row.Measure.Scale() == study.ScaleRatio {
		s += ", " + b.Say("target-"+string(row.Target), nil)
	}
	return s
}

// shownNull is what an interval of the row is held against, as it is printed.
func shownNull(o study.Outcome, row study.Row, null float64) float64 {
	if row.Measure.Plain() {
		return null
	}
	return o.Shown(null)
}

// tableCaption is that of a table of means, of shares, of both, or of other kinds too.
func tableCaption(code string, results []study.Result) string {
	means, shares, others := false, false, false
	for _, res := range results {
		switch o := res.Outcome; {
		case slices.ContainsFunc(res.Deciding(), func(row study.Row) bool { return row.Measure == study.GeometricMeanRatio }):
			others = true
		case o.Measured():
			means = true
		case o.Binary():
			shares = true
		default:
			others = true
		}
	}
	switch {
	case others:
		return code + "-kinds"
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
			if row.Method == study.MethodCACE && row.Arm == q.row.Arm && row.Visit == q.row.Visit && q.row.Role == study.RolePrimary {
				out = append(out, b.compliers(q.res.Outcome, row))
			}
			if row.Set == "" && row.Estimand == q.row.Estimand || row.Arm != q.row.Arm || row.Visit != q.row.Visit || row.Effect == nil {
				continue
			}
			code := "page-set"
			if row.Set == study.SetAsTreated {
				code = "page-as-treated"
			}
			if row.Set == "" {
				code = "page-estimand-other"
			}
			s := b.Say(code, text.Args{"set": row.Set, "estimand": row.Estimand, "n": row.N[row.Arm], "control": row.N[row.Control],
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

// compliers gives the effect in those who receive the treatment because they are
// allocated to it; the data may leave it without bounds.
func (b *builder) compliers(o study.Outcome, row study.Row) string {
	code := "page-cace"
	switch lo, hi := math.IsInf(row.Lower, -1), math.IsInf(row.Upper, 1); {
	case row.Effect == nil:
		code = "page-cace-refused"
	case lo && hi:
		code = "page-cace-unbounded"
	case lo || hi:
		code = "page-cace-half"
	}
	args := text.Args{"arm": b.arm(row.Arm), "n": row.N[row.Arm], "control": row.N[row.Control], "level": b.Level(row.Level), "value": "", "interval": ""}
	if row.Effect != nil {
		args["value"], args["interval"] = b.rowValue(o, row, row.Estimate)+b.rowUnit(o, row), b.limits(o, closed(row))
	}
	return b.Say(code, args)
}

// margin is the row's answer to its plan's margin, "" where there is none.
func (b *builder) margin(o study.Outcome, row study.Row) string {
	if n, ok := row.MarginNote(o); ok {
		return b.note(n)
	}
	return ""
}

// ratioName stands before a ratio or a probability in a column of differences.
func ratioName(c *text.Catalog, row study.Row) string {
	if !row.Measure.Plain() {
		return ""
	}
	return c.Say("measure-short-"+string(row.Measure), nil) + "\u00a0"
}
