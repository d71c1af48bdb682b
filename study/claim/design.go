package claim

import (
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// smallFloor: above this smallest p-value the floor of exact tests matters.
const smallFloor = 0.001

// design says what a comparison of this size can show at all.
func (b *writing) design() {
	p, f := b.r.Power, b.r.Floors
	if p == nil {
		return
	}
	b.Doc.Heading(2, b.Say("claim-heading-design", text.Args{"n1": p.N1, "n2": p.N2}))
	level := b.r.Claim.level()
	df := float64(p.N1 + p.N2 - 2)
	if half, err := power.NeededSDDifferenceWith(1, p.N1, p.N2, power.SDOptions{Alpha: 1 - level}); err == nil {
		times := stats.StandardDeviation{Value: 1, DF: df}.CI(level)
		b.item("claim-half-width", text.Args{"level": b.Level(level), "half": 1 / half, "lo": times.Lo, "hi": times.Hi})
	}
	if f != nil && f.Complete >= smallFloor {
		code := "claim-floor"
		args := text.Args{"complete": f.Complete, "signed": f.SignedRank, "n": f.N1, "block": f.Block, "blocked": f.Blocked}
		if f.Blocked > 0 {
			code = "claim-floor-blocks"
		}
		b.item(code, args)
	}
	b.item("claim-power", text.Args{"detectable": p.Detectable})
	var rows [][]string
	for _, r := range p.Rows {
		if r.Observed {
			continue
		}
		rows = append(rows, []string{b.Say("number", text.Args{"x": r.D}), b.Say("claim-percent-format", text.Args{"x": r.Power}),
			b.C.Number(100*r.TypeS, 1) + "%", b.C.Number(r.TypeM, 1)})
	}
	b.Doc.Table([]page.Column{{Title: b.Say("claim-col-d", nil), Right: true}, {Title: b.Say("claim-col-power", nil), Right: true},
		{Title: b.Say("claim-col-s", nil), Right: true}, {Title: b.Say("claim-col-m", nil), Right: true}}, rows)
}

func (b *writing) safety() {
	if len(b.r.Safety) == 0 {
		return
	}
	b.Heading("report-safety")
	for i, s := range b.r.Safety {
		args := text.Args{"arm": b.r.armLabel(s.Arm), "events": s.Events, "n": s.N, "level": b.Level(b.r.Claim.level()),
			"lo": s.Lower, "two": s.Upper, "one": s.UpperOneSided}
		if s.Events > 0 {
			b.item("claim-safety-some", args)
			continue
		}
		// Arms of one size without an event are said together.
		same := func(x study.SafetyRow) bool { return x.Events == 0 && x.N == s.N }
		if slices.ContainsFunc(b.r.Safety[:i], same) {
			continue
		}
		arms := []string{b.r.armLabel(s.Arm)}
		for _, x := range b.r.Safety[i+1:] {
			if same(x) {
				arms = append(arms, b.r.armLabel(x.Arm))
			}
		}
		if len(arms) > 1 {
			args["arm"] = b.Say("claim-each", text.Args{"arms": strings.Join(arms, ", ")})
		}
		b.item("safety-none", args)
	}
}

// whatWouldHold says what would have to be true for the headline numbers that
// stand without a spread, and what the authors could print to settle it.
func (b *writing) whatWouldHold() {
	var items []string
	for _, res := range b.r.Results {
		o := res.Outcome
		x, ok := res.decides(b.r.Claim.firstActive().ID)
		if !ok || x.Effect != nil || len(x.Needs) == 0 || x.Needs[0].Below == 0 {
			continue
		}
		args := text.Args{"where": whereOf(res), "change": b.improved(o, x.Difference), "sd": b.amount(o, x.Needs[0].Below)}
		s := b.Say("claim-holds-zero", args)
		for _, n := range x.Needs[1:] {
			if n.Below > 0 {
				s += " " + b.Say("claim-holds-threshold", text.Args{"threshold": b.threshold(o, *n.Threshold),
					"sd": b.amount(o, n.Below)})
			} else {
				s += " " + b.Say("claim-holds-never", text.Args{"threshold": b.threshold(o, *n.Threshold)})
			}
		}
		items = append(items, s)
	}
	if len(items) == 0 {
		return
	}
	b.Heading("claim-heading-holds")
	for _, s := range items {
		b.Doc.Item(s)
	}
	b.Paragraph("claim-settle", nil)
}
