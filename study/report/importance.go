package report

import (
	"math"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// enthusiastic is the prior that expects an important benefit.
const enthusiastic = "enthusiastic"

// importance says what the margins decide: at which margins the verdict would change, what has been shown, and how
// probable it is under priors that are printed beside it.
func (b *builder) importance() {
	judged := false
	for _, res := range b.r.Results {
		judged = judged || len(res.Importance) > 0
	}
	if !judged {
		return
	}
	b.Heading("report-importance")
	b.Paragraph("importance-intro", nil)
	var rows [][]string
	for _, res := range b.r.Results {
		for _, x := range res.Importance {
			where := b.outcome(x.Outcome) + ", " + b.visit(x.Visit)
			if len(res.Arms) > 2 {
				where += ", " + b.versus(x.Arm, x.Control)
			}
			if len(res.Importance) > len(res.Arms)-1 { // several plans
				where += ", " + b.method(x.Method)
			}
			b.Doc.Item(where + ": " + strings.Join(b.importanceSentences(res, x), " "))
			for _, q := range x.Posteriors {
				if q.Prior.Name == enthusiastic {
					continue // results.json alone has it: it adds what was hoped
				}
				rows = append(rows, []string{where, b.prior(res.Outcome, q.Prior), b.chance(q.Benefit), b.chance(q.Important), b.chance(q.Within)})
			}
		}
	}
	if len(rows) == 0 {
		return
	}
	b.Paragraph("posterior-intro", nil)
	b.Doc.TableWith(page.Table{Group: 1, Rows: rows, Columns: []page.Column{page.Words(b.Say("col-outcome-visit", nil)), page.Words(b.Say("col-prior", nil)),
		page.Numbers(b.Say("col-any-benefit", nil)), page.Numbers(b.Say("col-important-benefit", nil)), page.Numbers(b.Say("col-trivial", nil))}})
}

func (b *builder) importanceSentences(res study.Result, x study.Importance) []string {
	o := res.Outcome
	show := func(v float64) string {
		return b.value(o, v, 0, x.Threshold.Value) + text.Unit(o.ShownUnit(b.C))
	}
	declared := func(v float64) string {
		return b.Say("number", text.Args{"x": o.Shown(v)}) + text.Unit(o.ShownUnit(b.C))
	} // as the protocol has it
	out := []string{Sentence(b.C, x.Judgement, o, b.digits[o.ID])}
	flips, _ := x.Judgement.Flips()
	var levels []string
	for _, f := range []struct {
		code string
		at   float64
	}{{"flip-definite", flips.Definite}, {"flip-probable", flips.Probable}, {"flip-possible", flips.Possible}} {
		switch {
		case math.IsInf(f.at, 1):
			levels = append(levels, b.Say(f.code+"-always", nil))
		case f.at > 0:
			levels = append(levels, b.Say(f.code, text.Args{"at": show(f.at)}))
		}
	}
	switch {
	case len(levels) == 0:
		out = append(out, b.Say("flip-never", nil))
	case math.IsInf(flips.Possible, 1):
		out = append(out, b.Say("flips-unbounded", text.Args{"levels": strings.Join(levels, ", ")}))
	default:
		out = append(out, b.Say("flips", text.Args{"levels": strings.Join(levels, ", ")}))
	}
	t := x.Tests
	for _, test := range []struct {
		code string
		p    float64
	}{{"test-important", t.MinimalEffect}, {"test-equivalence", t.Equivalence}, {"test-noninferiority", t.NonInferiority}} {
		code := test.code
		if test.p > t.Alpha {
			code += "-not"
		}
		s := b.Say(code, text.Args{"threshold": declared(x.Threshold.Value), "harm": declared(x.Judgement.HarmThreshold.Value)})
		if b.opt.ShowP {
			s += " " + b.Say("test-p", text.Args{"p": test.p})
		}
		out = append(out, s)
	}
	if q := x.Benefit; q != nil {
		args := text.Args{"arm": b.arm(x.Arm), "control": b.arm(x.Control), "value": q.Value, "level": b.Level(q.Level),
			"lower": q.Lower, "upper": q.Upper}
		values := ""
		if o, ok := b.r.Protocol.Outcome(x.Outcome); ok && !o.HasBaseline() { // nothing changed from one
			values = "-values"
		}
		if math.IsNaN(q.Lower) {
			out = append(out, b.Say("benefit-probability-point"+values, args), b.Say("benefit-no-interval", nil))
		} else {
			out = append(out, b.Say("benefit-probability"+values, args))
		}
	}
	return out
}

// prior shows a prior: its name and its distribution.
func (b *builder) prior(o study.Outcome, p study.Prior) string {
	name := p.Name
	if b.C.Has("prior-" + name) {
		name = b.Say("prior-"+name, nil)
	}
	if math.IsInf(p.SD, 1) {
		return name
	}
	d := b.digits[o.ID]
	return b.Say("prior-normal", text.Args{"name": name, "mean": b.C.Number(o.Shown(p.Mean), d), "sd": b.C.Number(o.Shown(p.SD), d)})
}

// chance writes a probability in percent, never as certain.
func (b *builder) chance(p float64) string {
	switch {
	case p > 0 && p < 0.001:
		return "<\u00a0" + b.C.Number(0.1, 1) + "%"
	case p > 0.999 && p < 1:
		return ">\u00a0" + b.C.Number(99.9, 1) + "%"
	}
	return b.C.Number(100*p, 1) + "%"
}
