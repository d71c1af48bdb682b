package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// reportLSMean is a model's mean with what a table needs beside it.
type reportLSMean struct {
	LSMean
	outcome string
}

// lsMeans are the models' means of every result, each once: a result about all
// visits repeats those of its visits.
func (r Report) lsMeans() []reportLSMean {
	type key struct {
		outcome, visit, arm string
		method              Method
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
func (b *reportBuilder) where(res Result) string {
	if res.Visit.ID == "" {
		models := 0
		for _, other := range b.r.Results {
			if other.Visit.ID == "" && other.Outcome.ID == res.Outcome.ID {
				models++
			}
		}
		if models > 1 {
			return b.visit(OverallVisit) + " (" + b.method(res.Plan.Method()) + ")"
		}
		return b.visit(OverallVisit)
	}
	return labelOr(res.Visit.Label, res.Visit.ID)
}

// lsMeans tabulates the means of the models of all visits, one table per
// outcome and method, then their F tests.
func (b *reportBuilder) lsMeans() {
	started := false
	for _, res := range b.r.Results {
		if res.Visit.ID != "" || len(res.LSMeans) == 0 {
			continue
		}
		if !started {
			b.heading("report-lsmeans")
			b.paragraph("lsmeans-intro", nil)
			started = true
		}
		b.doc.Heading(3, b.outcomeTitle(res.Outcome)+": "+b.method(res.Plan.Method()))
		if res.Plan.Model == MixedANOVA && res.Plan.Baseline != NoBaseline {
			b.paragraph("lsmeans-mixed", nil)
		}
		var visits []string
		for _, l := range res.LSMeans {
			if !slices.Contains(visits, l.Visit) {
				visits = append(visits, l.Visit)
			}
		}
		var rows [][]string
		for _, v := range visits {
			for _, l := range res.LSMeans {
				if l.Visit != v {
					continue
				}
				interval := "–"
				if ci := l.CI(l.Level); !l.Withheld {
					interval = b.say("interval", text.Args{"lower": b.plain(res.Outcome, ci.Lo), "upper": b.plain(res.Outcome, ci.Hi)})
				}
				rows = append(rows, []string{b.lsMeanVisit(res, v), b.arm(l.Arm), b.plain(res.Outcome, l.Value), interval, fmt.Sprint(l.N)})
			}
		}
		b.doc.Table([]page.Column{page.Words(b.say("col-visit", nil)), page.Words(b.say("col-arm", nil)), page.Numbers(b.say("col-mean", nil)),
			page.Numbers(b.say("col-interval", text.Args{"level": b.level(res.Level)})), page.Numbers(b.say("col-n", nil))}, ditto(rows, 1))
		for _, t := range res.Tests {
			s := b.say("f-test", text.Args{"outcome": b.outcome(t.Outcome), "term": b.term(t.Term), "f": t.F,
				"df1": b.freedom(t.DF1), "df2": b.freedom(t.DF2)})
			if !math.IsNaN(t.Epsilon) {
				s += " " + b.say("f-test-epsilon", text.Args{"epsilon": t.Epsilon})
			}
			if b.opt.ShowP {
				s += " " + b.say("p-unadjusted", text.Args{"p": t.P}) + b.simulated()
			}
			b.doc.Item(s)
		}
	}
}

// freedom writes degrees of freedom: whole ones without decimals.
func (b *reportBuilder) freedom(df float64) string {
	switch {
	case math.IsInf(df, 1):
		return "∞"
	case df == math.Round(df):
		return b.c.Number(df, 0)
	}
	return b.c.Number(df, 1)
}

// lsMeanVisit names a mean's visit; a baseline held in a column has no ID.
func (b *reportBuilder) lsMeanVisit(res Result, id string) string {
	if id == res.Baseline.ID {
		return labelOr(res.Baseline.Label, id)
	}
	return b.visit(id)
}

// term writes an F test's term in words, where there are any.
func (b *reportBuilder) term(id string) string {
	if code := strings.ReplaceAll("term-"+id, ":", "-"); b.c.Has(code) {
		return b.say(code, nil)
	}
	return id
}
