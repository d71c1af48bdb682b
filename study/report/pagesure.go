package report

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/lost"
	"github.com/trialkit/trialkit/study/text"
)

// sure says what the numbers rest on: who is missing, what one patient is worth, and
// how many comparisons there are.
func (b *builder) sure() {
	b.Doc.Section(b.Say("page-sure", nil))
	parts := append(append([]string{b.missing()}, b.atRisk()...), b.askedLines()...)
	parts = append(parts, b.assumed()...)
	// Beyond 50 an arm one patient is less than two points.
	if n, alike := b.smallestArm(); n > 0 && n <= 50 {
		code := "page-one-patient"
		if alike {
			code = "page-one-patient-each"
		}
		parts = append(parts, b.Say(code, text.Args{"n": n, "points": b.beside(100/float64(n), 0, 0)}))
	}
	parts = append(parts, b.howMany()...)
	if b.brief < briefest {
		parts = append(parts, b.treatmentLine()...)
	}
	b.Doc.Paragraph(strings.Join(parts, " "))
}

// missing counts those without a value at the visits that were asked about, of the
// randomized, or of those in the file.
func (b *builder) missing() string {
	var list []string
	code, done := "page-missing", map[string]bool{}
	for _, q := range b.asked[:min(len(b.asked), b.room.answers)] {
		where := b.shortWhere(q, b.asked)
		if done[where] || q.res.Visit.ID == "" {
			continue
		}
		done[where] = true
		n, of := 0, 0
		for _, f := range b.r.Consort.Arms {
			of += f.Randomized
			for _, s := range q.res.Summaries {
				if s.Arm == f.Arm && s.Visit == q.res.Visit.ID {
					n += s.N
				}
			}
		}
		if n < of {
			counts := b.Say("of", text.Args{"n": of - n, "of": of})
			if k := b.setAside(q.res); k > 0 {
				code = "page-missing-used"
				counts += b.Say("page-set-aside", text.Args{"n": k})
			}
			if k := rankWorst(q.res); k > 0 {
				counts += b.Say("page-ranked-worst", text.Args{"n": k})
			}
			list = append(list, b.Say("page-analyzed-at", text.Args{"counts": counts, "where": where}))
		}
	}
	if len(list) == 0 && len(done) > 0 && b.othersMissing() {
		return b.Say("page-nobody-missing-at", text.Args{"where": strings.Join(slices.Sorted(maps.Keys(done)), ", ")})
	}
	if len(list) == 0 && b.shorter() > 0 { // whom atRisk counts
		return b.Say("page-everybody-counted", nil)
	}
	if len(list) == 0 {
		return b.Say("page-nobody-missing", nil)
	}
	return b.Say(code, text.Args{"list": strings.Join(list, "; ")})
}

// rankWorst counts those of all arms who have no value and rank worst in what decides.
func rankWorst(res study.Result) int {
	n, seen := 0, map[string]bool{}
	for _, row := range res.Deciding() {
		for arm := range row.N {
			if !seen[arm] {
				seen[arm] = true
				n += row.RankWorst(arm)
			}
		}
	}
	return n
}

// shorter counts those of the first question about a count who were at risk for less than
// the longest.
func (b *builder) shorter() int {
	for _, q := range b.asked {
		if q.res.Outcome.Counted() {
			n, _, _ := timesAtRisk(q.res)
			return n
		}
	}
	return 0
}

// timesAtRisk are the shortest and the longest of a result's participants with a value, and
// how many have less than the longest.
func timesAtRisk(res study.Result) (n int, least, most float64) {
	least = math.Inf(1)
	for _, r := range res.Records {
		if r.HasFollow && r.HasExposure {
			least, most = min(least, r.Exposure), max(most, r.Exposure)
		}
	}
	for _, r := range res.Records {
		if r.HasFollow && r.HasExposure && r.Exposure < most {
			n++
		}
	}
	return n, least, most
}

// atRisk says, of counts, how many were followed for less than others; alike times once.
func (b *builder) atRisk() (out []string) {
	for _, q := range b.asked[:min(len(b.asked), b.room.answers)] {
		if !q.res.Outcome.Counted() {
			continue
		}
		n, least, most := timesAtRisk(q.res)
		of := 0
		for _, f := range b.r.Consort.Arms {
			if s, ok := summaryAt(q.res, f.Arm); ok {
				of += s.N
			}
		}
		if n > 0 {
			out = appendNew(out, b.Say("page-at-risk", text.Args{"n": n, "of": of, "least": least, "most": most,
				"unit": text.Unit(b.r.Protocol.TimeAtRisk(q.res.Outcome.ID, q.res.Visit.ID, b.C))}))
		}
	}
	return out
}

// assumed says what the answers are under other assumptions about those lost, and how
// much worse they would have to be.
func (b *builder) assumed() []string {
	var list, tipping []string
	shown := b.asked[:min(len(b.asked), b.room.answers)]
	for _, q := range shown {
		for _, row := range q.res.Sensitivity {
			if row.Arm != q.row.Arm {
				continue
			}
			if len(row.Notes) > 0 {
				list = appendNew(list, b.Say("page-assumption-none", text.Args{"assumption": b.assumedAs(row, "")}))
				continue
			}
			if row.Assume == study.AssumeDelta {
				if s := b.tipping(q.res, row); s != "" {
					tipping = append(tipping, s)
				}
				continue
			}
			if row.Assume == study.AssumeTipping {
				if s := b.tippingCount(q.res, row); s != "" {
					tipping = append(tipping, s)
				}
				continue
			}
			mar := row.Assume == impute.MAR.String() && (q.res.Outcome.Measured() || q.row.Imputed != nil)
			if mar || row.Assume == study.AssumeLOCF || row.Assume == study.AssumeWOCF { // what the answer assumes already, and rules of old papers
				continue
			}
			name := b.assumedAs(row, "")
			if len(shown) > 1 {
				name = b.named(q, shown) + ", " + name
			}
			value, interval := b.value(q.res.Outcome, row.Value)+text.Unit(q.res.Outcome.Unit), b.differenceLimits(q.res.Outcome.ID, stats.Interval{Lo: row.Lower, Hi: row.Upper})
			if c := row.Completed; c != nil {
				value, interval = b.rowValue(q.res.Outcome, *c, c.Estimate)+b.rowUnit(q.res.Outcome, *c), b.limits(q.res.Outcome, *c)
			}
			list = append(list, b.Say("page-assumption", text.Args{"assumption": name, "value": value, "interval": interval, "holds": b.nowHolds(q.row, row, q.res.Outcome)}))
		}
	}
	if len(list) > 0 {
		tipping = append([]string{b.Say("page-assumptions", text.Args{"list": strings.Join(list, "; ")})}, tipping...)
	}
	return tipping
}

// nowHolds says that an interval holds no difference, or reaches the margin, where the
// answer's does not.
func (b *builder) nowHolds(answer study.Row, row study.SensitivityRow, o study.Outcome) string {
	if n := answer.NonInferiority; n != nil && n.Shown && row.Null != 0 && row.Verdict(o) != lost.Better {
		return b.Say("page-assumption-margin", nil)
	}
	if q := answer.Equivalence; q != nil && q.Shown && row.Verdict(o) != lost.Equivalent {
		return b.Say("page-assumption-margin", nil)
	}
	if answer.Effect == nil || answer.IncludesZero() || answer.NonInferiority != nil || answer.Equivalence != nil || row.Verdict(o) != lost.Neither {
		return ""
	}
	return b.Say("page-assumption-holds", nil)
}

// othersMissing reports whether any value of any outcome after baseline is missing.
func (b *builder) othersMissing() bool {
	for _, res := range b.r.Results {
		for _, f := range b.r.Consort.Arms {
			if s, ok := summaryAt(res, f.Arm); ok && s.N < f.Randomized {
				return true
			}
		}
	}
	return false
}

// smallestArm is the fewest analyzed in an arm, and whether all have as many; 0 where
// an arm has nobody, of whom one patient would be no share.
func (b *builder) smallestArm() (least int, alike bool) {
	least = math.MaxInt
	most := 0
	for _, q := range b.asked {
		for arm, n := range q.row.N {
			for _, s := range q.res.Summaries {
				// A model of all visits also uses those whose answer is not in the shares.
				if q.res.Outcome.Binary() && s.Arm == arm && s.Visit == q.res.Visit.ID && s.Share != nil {
					n = min(n, s.N)
				}
			}
			least, most = min(least, n), max(most, n)
		}
	}
	return least, least == most
}

// howMany says how many questions the data were asked.
func (b *builder) howMany() []string {
	k, primary := 0, 0
	for _, res := range b.r.Results {
		for _, row := range res.Deciding() {
			k++
			if row.Role == study.RolePrimary {
				primary++
			}
		}
	}
	code := "page-comparisons"
	switch {
	case k == 1 && primary == 1:
		code = "page-comparison-one"
	case k == 1:
		code = "page-comparison-one-no-p"
	case b.r.Family != nil && b.r.Family.Scheme.All:
		code = "page-comparisons-all"
	case b.r.Family != nil:
		code = "page-comparisons-family"
	case primary == 1:
		code = "page-comparisons-primary"
	case primary > 1:
		code = "page-comparisons-primaries"
	}
	parts := []string{b.Say(code, text.Args{"k": k, "n": primary})}
	if len(b.r.Consort.Arms) > 2 {
		parts = append(parts, b.Say("page-arms-not-compared", nil))
	}
	return parts
}

// harms counts the patients with adverse events in every arm, and says what none
// of n fits.
func (b *builder) harms() {
	b.Doc.Section(b.Say("page-harms", nil))
	if !b.r.Safety.Declared {
		b.Paragraph("page-harms-none-recorded", nil)
		return
	}
	var counts, parts []string
	none := map[int]float64{}
	unknown := 0
	for _, a := range b.r.Safety.Arms {
		counts = append(counts, b.Say("page-responders", text.Args{"events": a.Events, "n": a.N, "arm": b.arm(a.Arm)}))
		if a.Events == 0 && a.N > 0 {
			none[a.N] = a.Upper
		}
		unknown += a.NotRecorded
	}
	if b.r.Safety.Events != nil {
		parts = b.harmsLine()
		b.harmsNone(none)
	} else {
		parts = append(parts, b.Say("page-harms-counts", text.Args{"list": b.joined("page-list-and", counts)}))
	}
	for _, n := range sortedKeys(none) {
		parts = append(parts, b.Say("page-harms-none", text.Args{"n": n, "upper": none[n]}))
	}
	if unknown > 0 {
		parts = append(parts, b.Say("page-harms-not-recorded", text.Args{"n": unknown}))
	}
	b.Doc.Paragraph(strings.Join(parts, " "))
}

func sortedKeys(m map[int]float64) []int {
	var out []int
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
