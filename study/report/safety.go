package report

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// safety says what the counts can and cannot exclude.
func (b *builder) safety() {
	s := b.r.Safety
	b.Heading("report-safety")
	if !s.Declared {
		b.Paragraph("safety-not-recorded", nil)
		return
	}
	var rows [][]string
	missed := 0
	add := func(label string, r study.SafetyRow) {
		rows = append(rows, []string{label, fmt.Sprintf("%d/%d", r.Events, r.N), fmt.Sprint(r.TotalEvents),
			b.percentInterval(r.Lower, r.Upper), b.percent(r.UpperOneSided), fmt.Sprint(r.NotRecorded)})
	}
	for _, r := range s.Arms {
		add(b.arm(r.Arm), r)
	}
	if s.Pooled != nil {
		add(b.Say("safety-any-procedure", nil), *s.Pooled)
	}
	b.Doc.Table([]page.Column{page.Words(b.Say("col-arm", nil)), page.Numbers(b.Say("col-with-event", nil)), page.Numbers(b.Say("col-events", nil)),
		page.Numbers(b.Say("col-two-sided", text.Args{"level": b.Level(s.Level)})),
		page.Numbers(b.Say("col-one-sided", text.Args{"level": b.Level(s.Level)})), page.Numbers(b.Say("col-not-recorded", nil))}, rows)
	b.harmsByTerm()
	for _, c := range s.Contrasts {
		if !math.IsNaN(c.Difference) {
			b.Doc.Item(b.Say("safety-difference", text.Args{"arm": b.arm(c.Arm), "control": b.arm(c.Control),
				"points": b.Points(c.Difference), "level": b.Level(s.Level), "method": b.Say("risk-"+string(c.Method), nil),
				"interval": b.Say("interval", text.Args{"lower": b.Points(c.Lower), "upper": b.Points(c.Upper)})}))
		}
	}
	var sizes []int // of arms without an event; what holds for several is said once
	none := map[int][]string{}
	like := map[int]study.SafetyRow{}
	for _, r := range s.Arms {
		missed += r.NotRecorded
		if r.Events > 0 || r.N == 0 {
			continue
		}
		if none[r.N] == nil {
			sizes = append(sizes, r.N)
		}
		none[r.N], like[r.N] = append(none[r.N], b.arm(r.Arm)), r
	}
	for _, n := range sizes {
		r := like[n]
		args := text.Args{"arm": none[n][0], "arms": b.joined("page-list-and", none[n]), "n": n, "two": r.Upper, "one": r.UpperOneSided, "level": b.Level(s.Level)}
		if len(none[n]) > 1 {
			b.Doc.Item(b.Say("safety-none-each", args))
		} else {
			b.Doc.Item(b.Say("safety-none", args))
		}
		if n >= 2 {
			times := int(math.Round(1 / missedHarm(n)))
			b.Doc.Item(b.Say("safety-missed", text.Args{"n": b.word(n), "times": b.word(times), "chance": missedHarm(n)}))
		}
	}
	if missed > 0 {
		b.Doc.Item(b.Say("safety-missing", text.Args{"n": missed}))
	}
	if s.Pooled != nil {
		b.Doc.Item(b.Say("safety-pooled", nil))
	}
}

// word writes small numbers in words, as prose does.
func (b *builder) word(n int) string {
	code := fmt.Sprintf("word-%d", n)
	if b.C.Has(code) {
		return b.Say(code, nil)
	}
	return fmt.Sprint(n)
}

// missedHarm is the probability that n patients show none of a harm that
// strikes one in n: (1 − 1/n)^n. With five patients it is 0.33.
func missedHarm(n int) float64 {
	return math.Pow(1-1/float64(n), float64(n))
}
