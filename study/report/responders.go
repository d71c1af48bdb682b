package report

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// responderEffects lists ratios, numbers needed to treat and adjusted
// differences, in every way to count those without the values.
func (b *builder) responderEffects() {
	var rows [][]string
	ci := b.levelColumn()
	for _, res := range b.r.Results {
		for _, e := range res.ResponderEffects {
			ci.add(e.Level)
		}
	}
	notes := map[string]bool{}
	var codes, ratios []string
	for _, res := range b.r.Results {
		for _, e := range res.ResponderEffects {
			where := b.outcome(e.Outcome) + ", " + b.visit(e.Visit)
			if len(res.Arms) > 2 {
				where += ", " + b.versus(e.Arm, e.Control)
			}
			where = ci.cell(where, e.Level)
			t := e.Definition[0]
			rows = append(rows, []string{where, b.rule(res.Outcome, t.Rule(), t), b.Say("missing-"+string(e.Missing), nil),
				b.pointsInterval(e.Difference, e.DifferenceLo, e.DifferenceHi), b.nnt(e.NNT)})
			if e.Missing == study.MissingObserved && !(math.IsNaN(e.RiskRatio) && math.IsNaN(e.OddsRatio) && math.IsNaN(e.Standardized)) {
				ratios = append(ratios, b.Say("responder-ratios", text.Args{"where": where, "rule": b.rule(res.Outcome, t.Rule(), t),
					"rr": b.ratio(e.RiskRatio, e.RiskRatioLo, e.RiskRatioHi), "or": b.ratio(e.OddsRatio, e.OddsRatioLo, e.OddsRatioHi),
					"adjusted": b.pointsInterval(e.Standardized, e.StandardizedLo, e.StandardizedHi)}))
			}
			for _, n := range e.Notes {
				if !notes[n.Code] {
					notes[n.Code] = true
					codes = append(codes, n.Code)
				}
			}
		}
	}
	if len(rows) == 0 {
		return
	}
	b.Paragraph("responder-effects-intro", text.Args{"level": ci.words()})
	b.Doc.Table([]page.Column{page.Words(b.Say("col-outcome-visit", nil)), page.Words(b.Say("col-rule", nil)), page.Words(b.Say("col-missing", nil)),
		page.Numbers(b.Say("col-points", nil)), page.Numbers(b.Say("col-nnt", nil))}, ditto(rows, 2))
	for _, s := range ratios {
		b.Doc.Item(s)
	}
	for _, code := range codes {
		b.Doc.Item(b.Say(code, nil))
	}
}

func (b *builder) ratio(x, lo, hi float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return b.C.Number(x, 2) + " (" + b.Say("interval", text.Args{"lower": b.C.Number(lo, 2), "upper": b.C.Number(hi, 2)}) + ")"
}

func (b *builder) pointsInterval(x, lo, hi float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return b.Points(x) + " (" + b.Say("interval", text.Args{"lower": b.Points(lo), "upper": b.Points(hi)}) + ")"
}

// nnt writes a number needed to treat with its interval, through infinity
// where the difference may be none.
func (b *builder) nnt(n stats.NNT) string {
	if n.CI.Level == 0 {
		return "–" // no comparison
	}
	name := func(x float64) string {
		switch {
		case math.IsInf(x, 0):
			return "∞"
		case x < 0:
			return "NNTH\u00a0" + b.C.Number(-x, 1)
		}
		return "NNTB\u00a0" + b.C.Number(x, 1)
	}
	v, benefit := n.Point()
	if !benefit {
		v = -v
	}
	best, worst := n.Ends()
	lower, upper := name(best), name(worst)
	if n.ThroughInfinity() && !math.IsInf(best, 0) && !math.IsInf(worst, 0) {
		lower = b.Say("interval", text.Args{"lower": lower, "upper": "∞"})
	}
	return name(v) + " (" + b.Say("interval", text.Args{"lower": lower, "upper": upper}) + ")"
}
