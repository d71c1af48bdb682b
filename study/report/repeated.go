package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// reportLSMean is a model's mean with what a table needs beside it.
type reportLSMean struct {
	study.LSMean
	outcome string
}

// lsMeans are the models' means of every result, each once: a result about all
// visits repeats those of its visits.
func lsMeansOf(r study.Report) []reportLSMean {
	type key struct {
		outcome, visit, arm string
		method              study.Method
	}
	seen := map[key]bool{}
	var out []reportLSMean
	for _, res := range r.Results {
		for _, l := range res.LSMeans {
			k := key{res.Outcome.ID, l.Visit, l.Arm, l.Method}
			if !seen[k] {
				seen[k] = true
				out = append(out, reportLSMean{l, res.Outcome.ID})
			}
		}
	}
	return out
}

// where names what a result is about: a visit, or the average over visits, with
// the model where an outcome has several.
func (b *builder) where(res study.Result) string {
	if res.Visit.ID == "" {
		models := 0
		for _, other := range b.r.Results {
			if other.Visit.ID == "" && other.Outcome.ID == res.Outcome.ID {
				models++
			}
		}
		if models > 1 {
			return b.visit(study.OverallVisit) + " (" + b.method(res.Plan.Method()) + ")"
		}
		return b.visit(study.OverallVisit)
	}
	return cmp.Or(res.Visit.Label, res.Visit.ID)
}

// whereBy is where, with the method that decides there if it is another than the one
// that decides the outcome's comparisons that the page answers.
func (b *builder) whereBy(res study.Result) string {
	method := func(res study.Result) study.Method {
		for _, row := range res.Deciding() {
			return row.Method
		}
		return ""
	}
	here, usual := method(res), study.Method("")
	for _, q := range questions(b.r) {
		if q.res.Outcome.ID == res.Outcome.ID {
			usual = q.row.Method
			break
		}
	}
	if where := b.where(res); res.Visit.ID == "" || here == "" || usual == "" || here == usual {
		return where
	} else {
		return where + " (" + b.method(here) + ")"
	}
}

// lsMeans tabulates the means of the models of all visits, one table per
// outcome and method, then their F tests.
func (b *builder) lsMeans() {
	started := false
	for _, res := range b.r.Results {
		if res.Visit.ID != "" || len(res.LSMeans) == 0 {
			continue
		}
		if !started {
			b.Heading("report-lsmeans")
			b.Paragraph("lsmeans-intro", nil)
			started = true
		}
		b.Doc.Heading(3, b.outcomeTitle(res.Outcome)+": "+b.method(res.Plan.Method()))
		if res.Plan.Model == study.MixedANOVA && res.Plan.Baseline != study.NoBaseline {
			b.Paragraph("lsmeans-mixed", nil)
		}
		var visits []string
		for _, l := range res.LSMeans {
			if !slices.Contains(visits, l.Visit) {
				visits = append(visits, l.Visit)
			}
		}
		interval := page.Numbers(b.Say("col-interval", text.Args{"level": b.Level(res.Level)}))
		columns := []page.Column{page.Words(b.Say("col-visit", nil)), page.Words(b.Say("col-arm", nil)), page.Numbers(b.Say("col-mean", nil)), interval}
		changes := slices.ContainsFunc(res.LSMeans, func(l study.LSMean) bool { return l.Change != nil })
		if changes {
			columns = append(columns, page.Numbers(b.Say("col-change", nil)), interval)
		}
		var rows [][]string
		for _, v := range visits {
			for _, l := range res.LSMeans {
				if l.Visit != v {
					continue
				}
				row := append([]string{b.lsMeanVisit(res, v), b.arm(l.Arm)}, b.meanCells(res.Outcome, l.Estimate, l.CI(l.Level))...)
				switch {
				case l.Change != nil:
					row = append(row, b.meanCells(res.Outcome, l.Change.Estimate, l.Change.CI(l.Level))...)
				case changes:
					row = append(row, "", "") // baseline, from which nothing has changed
				}
				rows = append(rows, append(row, fmt.Sprint(l.N)))
			}
		}
		b.Doc.TableWith(page.Table{Group: 1, Rows: rows, Columns: append(columns, page.Numbers(b.Say("col-n", nil)))})
		for _, t := range res.Tests {
			s := b.Say("f-test", text.Args{"outcome": b.outcome(t.Outcome), "term": b.term(t.Term), "f": t.F,
				"df1": b.freedom(t.DF1), "df2": b.freedom(t.DF2)})
			if !math.IsNaN(t.Epsilon) {
				s += " " + b.Say("f-test-epsilon", text.Args{"epsilon": t.Epsilon})
			}
			if b.opt.ShowP {
				s += " " + b.Say("p-unadjusted", text.Args{"p": t.P})
			}
			b.Doc.Item(s)
		}
	}
}

// meanCells are a model's mean and its interval, "–" where that is withheld.
func (b *builder) meanCells(o study.Outcome, e stats.Estimate, ci stats.Interval) []string {
	interval := "–"
	if !math.IsNaN(ci.Lo) {
		interval = b.Say("interval", text.Args{"lower": b.estimate(o, ci.Lo), "upper": b.estimate(o, ci.Hi)})
	}
	return []string{b.estimate(o, e.Value), interval}
}

// freedom writes degrees of freedom: whole ones without decimals.
func (b *builder) freedom(df float64) string {
	switch {
	case math.IsInf(df, 1):
		return "∞"
	case df == math.Round(df):
		return b.C.Number(df, 0)
	}
	return b.C.Number(df, 1)
}

// lsMeanVisit names a mean's visit; a baseline held in a column has no ID.
func (b *builder) lsMeanVisit(res study.Result, id string) string {
	if id == res.Baseline.ID {
		return cmp.Or(res.Baseline.Label, id)
	}
	return b.visit(id)
}

// term writes an F test's term in words, where there are any.
func (b *builder) term(id string) string {
	if code := strings.ReplaceAll("term-"+id, ":", "-"); b.C.Has(code) {
		return b.Say(code, nil)
	}
	for _, c := range b.r.Protocol.Data.Covariates {
		if c.ID == id {
			return cmp.Or(c.Label, id)
		}
	}
	return id
}
