package study

import (
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// kinds says once what each kind of threshold of the outcomes is.
func (b *reportBuilder) kinds(outcomes []Outcome) {
	var parts []string
	for _, o := range outcomes {
		for _, t := range o.Thresholds {
			kind := "kind-" + string(t.Kind)
			if b.c.Has(kind) && !slices.Contains(parts, b.say(kind, nil)) {
				parts = append(parts, b.say(kind, nil))
			}
		}
	}
	if len(parts) > 0 {
		b.doc.Paragraph(strings.Join(parts, " "))
	}
}

// importance says what the margins decide: at which margins the verdict would change, what has been shown, and how
// probable it is under priors that are printed beside it.
func (b *reportBuilder) importance() {
	judged := false
	for _, res := range b.r.Results {
		judged = judged || len(res.Importance) > 0
	}
	if !judged {
		return
	}
	b.heading("report-importance")
	b.paragraph("importance-intro", nil)
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
			b.doc.Item(where + ": " + strings.Join(b.importanceSentences(res, x), " ") + b.simulated())
			for _, q := range x.Posteriors {
				rows = append(rows, []string{where, b.prior(res.Outcome, q.Prior), b.chance(q.Benefit), b.chance(q.Important), b.chance(q.Within)})
			}
		}
	}
	if len(rows) == 0 {
		return
	}
	b.paragraph("posterior-intro", nil)
	b.doc.Table([]page.Column{page.Words(b.say("col-outcome-visit", nil)), page.Words(b.say("col-prior", nil)),
		page.Numbers(b.say("col-any-benefit", nil)), page.Numbers(b.say("col-important-benefit", nil)), page.Numbers(b.say("col-trivial", nil))}, ditto(rows, 1))
	if b.r.Protocol.Simulated {
		b.doc.Paragraph(strings.TrimSpace(b.simulated()))
	}
}

func (b *reportBuilder) importanceSentences(res Result, x Importance) []string {
	o := res.Outcome
	show := func(v float64) string {
		return numberBeside(b.c, v, decimalsOf(o), 0, x.Threshold.Value) + unitSuffix(o)
	}
	var out []string
	flips, _ := x.Judgement.Flips()
	var levels []string
	for _, f := range []struct {
		code string
		at   float64
	}{{"flip-definite", flips.Definite}, {"flip-probable", flips.Probable}, {"flip-possible", flips.Possible}} {
		switch {
		case math.IsInf(f.at, 1):
			levels = append(levels, b.say(f.code+"-always", nil))
		case f.at > 0:
			levels = append(levels, b.say(f.code, text.Args{"at": show(f.at)}))
		}
	}
	switch {
	case len(levels) == 0:
		out = append(out, b.say("flip-never", nil))
	case math.IsInf(flips.Possible, 1):
		out = append(out, b.say("flips-unbounded", text.Args{"levels": strings.Join(levels, ", ")}))
	default:
		out = append(out, b.say("flips", text.Args{"levels": strings.Join(levels, ", ")}))
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
		s := b.say(code, text.Args{"threshold": show(x.Threshold.Value), "harm": show(x.Judgement.HarmThreshold.Value)})
		if b.opt.ShowP {
			s += " " + b.say("test-p", text.Args{"p": test.p})
		}
		out = append(out, s)
	}
	out = append(out, b.say("sgpv", text.Args{"value": x.SGPV.Value}))
	if q := x.Benefit; q != nil {
		args := text.Args{"arm": b.arm(x.Arm), "control": b.arm(x.Control), "value": q.Value, "level": b.level(q.Level),
			"lower": q.Lower, "upper": q.Upper}
		values := ""
		if o, ok := b.r.Protocol.outcome(x.Outcome); ok && !o.HasBaseline() { // nothing changed from one
			values = "-values"
		}
		if math.IsNaN(q.Lower) {
			out = append(out, b.say("benefit-probability-point"+values, args), b.say("benefit-no-interval", nil))
		} else {
			out = append(out, b.say("benefit-probability"+values, args))
		}
	}
	return out
}

// prior shows a prior: its name and its distribution.
func (b *reportBuilder) prior(o Outcome, p Prior) string {
	name := p.Name
	if b.c.Has("prior-" + name) {
		name = b.say("prior-"+name, nil)
	}
	if math.IsInf(p.SD, 1) {
		return name
	}
	d := decimalsOf(o)
	return b.say("prior-normal", text.Args{"name": name, "mean": b.c.Number(p.Mean, d), "sd": b.c.Number(p.SD, d)})
}

// chance writes a probability in percent, never as certain.
func (b *reportBuilder) chance(p float64) string {
	switch {
	case p > 0 && p < 0.001:
		return "<\u00a0" + b.c.Number(0.1, 1) + "%"
	case p > 0.999 && p < 1:
		return ">\u00a0" + b.c.Number(99.9, 1) + "%"
	}
	return b.c.Number(100*p, 1) + "%"
}
