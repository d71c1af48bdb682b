package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// responders are one table: every rule, the counts of both arms, and the difference.
func (b *builder) responders() {
	ci := b.levelColumn()
	var methods, notes, leftOut []string
	for _, res := range b.r.Results {
		for _, rc := range res.ResponderContrasts {
			ci.add(rc.Level)
			if !math.IsNaN(rc.Difference) {
				methods = appendNew(methods, b.proportions(rc))
			}
			for _, n := range rc.Notes {
				notes = appendNew(notes, b.note(n))
			}
			if rc.LeftOut > 0 && !math.IsNaN(rc.Difference) {
				leftOut = append(leftOut, b.Say("responders-left-out-of", text.Args{
					"where": b.outcome(rc.Outcome) + ", " + b.visit(rc.Visit) + ", " + b.rule(res.Outcome, rc.Rule, rc.Threshold) + ", " + b.versus(rc.Arm, rc.Control),
					"n":     rc.LeftOut}))
			}
		}
	}
	t := page.Table{Group: 2, Columns: []page.Column{page.Names(b.Say("col-outcome", nil)), page.Names(b.Say("col-visit", nil)), page.Names(b.Say("col-rule", nil))}}
	if several := len(b.r.Consort.Arms) > 2; several {
		t.Columns = append(t.Columns, page.Names(b.Say("col-comparison", nil)), page.Numbers(b.Say("col-active", nil)), page.Numbers(b.Say("col-control", nil)))
	} else {
		for _, f := range b.r.Consort.Arms {
			t.Columns = append(t.Columns, page.Numbers(b.shortArm(f.Arm)))
		}
	}
	t.Columns = append(t.Columns, page.Numbers(b.Say("col-points", nil)), page.Numbers(ci.head()))
	if b.opt.ShowP {
		t.Columns = append(t.Columns, page.Numbers(b.Say("col-p", nil)))
	}
	same, differ := false, false
	for _, res := range b.r.Results {
		for _, rc := range res.ResponderContrasts {
			cells := []string{b.outcomeShort(rc.Outcome), b.visit(rc.Visit), b.rule(res.Outcome, rc.Rule, rc.Threshold)}
			if len(b.r.Consort.Arms) > 2 {
				cells = append(cells, b.versus(rc.Arm, rc.Control))
			}
			counts := respondersOf(res, rc)
			if observed, is := strings.CutSuffix(rc.Rule, "-randomized"); is { // nobody lacks the values
				twin := rc
				if twin.Rule = observed; counts == respondersOf(res, twin) && counts[0] != "–" {
					same = true
					continue
				}
			}
			differ = differ || strings.HasSuffix(rc.Rule, "-randomized")
			cells = append(cells, counts[0], counts[1])
			interval := "–"
			if !math.IsNaN(rc.Difference) {
				interval = b.pointsInterval(rc.Lower, rc.Upper)
			}
			cells = append(cells, b.Points(rc.Difference), ci.cell(interval, rc.Level))
			if b.opt.ShowP {
				cells = append(cells, strings.TrimPrefix(b.C.P(rc.P()), "= "))
			}
			t.Rows = append(t.Rows, cells)
		}
	}
	if len(t.Rows) == 0 {
		return
	}
	b.Heading("report-responders")
	if same && !differ {
		b.Paragraph("responders-intro-complete", nil)
	} else {
		b.Paragraph("responders-intro", nil)
	}
	b.Kinds(b.r.Protocol.Outcomes)
	said := map[string]bool{}
	for _, res := range b.r.Results {
		for _, n := range res.Notes {
			s := b.outcome(res.Outcome.ID) + ": " + b.note(n)
			if slices.Contains(thresholdNotes, n.Code) && !said[s] {
				said[s] = true
				b.Doc.Item(s)
			}
		}
	}
	t.Notes = append(t.Notes, b.Say("responders-method", text.Args{"methods": strings.Join(methods, "; ")}))
	t.Notes = append(t.Notes, notes...)
	if b.opt.ShowP {
		t.Notes = append(t.Notes, b.Say("responders-p", nil))
	}
	if len(leftOut) > 0 {
		t.Notes = append(t.Notes, b.Say("responders-left-out", text.Args{"list": strings.Join(leftOut, "; ")}))
	}
	b.Doc.TableWith(t)
	b.needed()
}

// respondersOf counts the responders of a comparison's two arms, "–" where there is no
// count.
func respondersOf(res study.Result, rc study.ResponderContrast) [2]string {
	out := [2]string{"–", "–"}
	for i, arm := range []string{rc.Arm, rc.Control} {
		for _, r := range res.Responders {
			if r.Arm == arm && r.Rule == rc.Rule && r.Threshold == rc.Threshold {
				out[i] = fmt.Sprintf("%d/%d", r.Events, r.N)
			}
		}
	}
	return out
}

// needed are the numbers needed to treat: of the comparisons that page one answers
// alone, each at its visit.
func (b *builder) needed() {
	type number struct{ outcome, value, interval, level string }
	var order []number
	where := map[number][]string{}
	for _, q := range b.asked {
		t, _ := q.res.Outcome.PatientThreshold()
		for _, e := range q.res.ResponderEffects {
			if t != nil && e.Arm == q.row.Arm && e.Missing == study.MissingObserved && len(e.Definition) == 1 && alike(e.Definition[0], *t) {
				if s, interval := b.nnt(e.NNT); s != "–" {
					x := number{b.outcome(e.Outcome), s, interval, b.Level(e.Level)}
					if where[x] == nil {
						order = append(order, x)
					}
					where[x] = append(where[x], b.named(q, b.asked))
				}
			}
		}
	}
	for _, x := range order {
		b.Doc.Item(b.Say("responder-nnt", text.Args{"where": x.outcome + ", " + joinedPlaces(where[x], ", "), "level": x.level, "nnt": x.value, "interval": x.interval}))
	}
}

// rule writes a responder rule: "improved ≥ 2.26 cm, missing = no".
func (b *builder) rule(o study.Outcome, rule string, t study.Threshold) string {
	value := b.Say("number", text.Args{"x": t.Value})
	if t.Kind == study.Percent {
		value += "%"
	} else {
		value += text.Unit(o.Unit)
	}
	relation := "≥"
	if t.Kind == study.PASS && o.Better == study.LowerIsBetter {
		relation = "≤"
	}
	return b.Say("rule-"+rule, text.Args{"threshold": value, "relation": relation})
}

// nnt writes a number needed to treat with its interval, through infinity
// where the difference may be none.
func (b *builder) nnt(n stats.NNT) (value, interval string) {
	if n.CI.Level == 0 {
		return "–", "–" // no comparison
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
	return name(v), b.Say("interval", text.Args{"lower": lower, "upper": upper})
}
