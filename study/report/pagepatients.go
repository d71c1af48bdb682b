package report

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// patients says how many improved by enough for a patient, and judges means only
// where a margin between arms is declared: a threshold of one patient judges
// patients.
func (b *builder) patients() {
	b.Doc.Section(b.Say("page-patients", nil))
	groups := byOutcome(b.asked[:min(len(b.asked), b.room.answers)])
	var parts, neither, noThreshold, noMargin, noShares, noKind []string
	for _, g := range groups {
		o := g[0].res.Outcome
		threshold, rule := patientRule(o)
		margin, _ := o.Verdict()
		// A plan's margin of non-inferiority is one between arms, too: the answer tests it.
		tested := slices.ContainsFunc(g, func(q question) bool { return q.row.NonInferiority != nil || q.row.Equivalence != nil })
		var said []string
		if o.Binary() {
			said = append(said, b.sharesForPatients(g)...)
		}
		if o.Ordinal() {
			said = append(said, b.pairsForPatients(g, len(groups) > 1)...)
		}
		if threshold != nil {
			if text := b.improved(g, *threshold, rule); text != "" {
				said = append(said, text)
			}
		}
		switch {
		case margin == nil:
		case g[0].row.Measure.Plain():
			for _, n := range g[0].row.Notes {
				if n.Code == "no-margin-scale" {
					said = append(said, b.note(n))
				}
			}
		default:
			said = append(said, b.verdicts(g, *margin))
		}
		if len(groups) == 1 {
			parts = said // one paragraph with what follows
		} else if len(said) > 0 {
			b.Doc.Paragraph(strings.Join(said, " "))
		}
		switch name := b.outcome(o.ID); {
		case o.Binary() && margin == nil && !tested:
			noShares = append(noShares, name)
		case o.Binary(): // yes or no is what a patient has
		case !o.Measured() && tested:
		case !o.Measured():
			noKind = append(noKind, name)
		case threshold == nil && margin == nil && !tested:
			neither = append(neither, name)
		case threshold == nil:
			noThreshold = append(noThreshold, name)
		case margin == nil && !tested:
			noMargin = append(noMargin, name)
		}
	}
	if len(neither) > 0 {
		parts = append(parts, b.Say("page-no-mcid-no-margin", text.Args{"outcomes": b.joined("page-list-and", neither)}))
	}
	if len(noThreshold) > 0 {
		parts = append(parts, b.Say("page-no-mcid", text.Args{"outcomes": b.joined("page-list-and", noThreshold)}))
	}
	if len(noShares) > 0 {
		parts = append(parts, b.Say("page-no-margin-shares", text.Args{"outcomes": b.joined("page-list-and", noShares)}))
	}
	if len(noKind) > 0 {
		parts = append(parts, b.Say("page-no-margin-kind", text.Args{"outcomes": b.joined("page-list-and", noKind)}))
	}
	if len(noMargin) > 0 {
		parts = append(parts, b.Say("page-no-margin", nil))
	}
	if len(parts) > 0 {
		b.Doc.Paragraph(strings.Join(parts, " "))
	}
}

// patientRule is what judges one patient: the outcome's change that patients call
// important; where none is declared, a share of baseline, or a state that they call
// acceptable.
func patientRule(o study.Outcome) (*study.Threshold, string) {
	if t, _ := o.PatientThreshold(); t != nil {
		return t, study.RuleChange
	}
	for _, r := range []struct {
		kind study.ThresholdKind
		rule string
	}{{study.Percent, study.RulePercent}, {study.PASS, study.RulePass}} {
		for i, t := range o.Thresholds {
			if t.Kind == r.kind && t.Level == study.Individual && !t.Worsening {
				return &o.Thresholds[i], r.rule
			}
		}
	}
	return nil, ""
}

// improved counts those who reach the threshold of one patient. It returns what is
// said behind the lines of several comparisons, or, without such lines, all of it.
func (b *builder) improved(g []question, t study.Threshold, rule string) string {
	o := g[0].res.Outcome
	kind := string(t.Kind)
	if t.Kind == study.MCID || t.Kind == study.MIC {
		kind = b.Say("page-smallest-change", text.Args{"kind": kind})
	}
	code := "page-improved"
	value, relation := b.Say("number", text.Args{"x": t.Value}), "≥"
	switch rule {
	case study.RulePercent:
		code = "page-improved-percent"
	case study.RulePass:
		code = "page-state"
		if o.Better == study.LowerIsBetter {
			relation = "≤"
		}
		value += text.Unit(o.Unit)
	default:
		value += text.Unit(o.Unit)
	}
	origin := b.origin(t)
	if origin == "" {
		code += "-plain"
	}
	lead := b.Say(code, text.Args{"threshold": value, "relation": relation, "kind": kind, "origin": origin})
	var pairs [][2]string
	var missing []string
	for _, q := range g {
		s, left := b.respondersOf(q, t, rule)
		if s == "" {
			continue
		}
		name := b.named(q, g)
		if left != "" {
			if len(g) > 1 {
				left = b.Say("page-finding", text.Args{"where": name, "finding": left})
			}
			missing = append(missing, left)
		}
		if i := slices.IndexFunc(pairs, func(p [2]string) bool { return p[1] == s }); i >= 0 {
			pairs[i][0] += ", " + name
		} else {
			pairs = append(pairs, [2]string{name, s})
		}
	}
	left := ""
	if len(missing) > 0 {
		left = b.Say("page-missing-left-out", text.Args{"list": strings.Join(missing, "; ")})
	}
	if len(pairs) == 1 && len(g[0].res.Arms) <= 2 { // no line of its own for the visits
		lead += " " + b.Say("page-improved-at", text.Args{"counts": pairs[0][1], "where": pairs[0][0]})
		return strings.TrimSpace(lead + " " + left)
	}
	b.Doc.Paragraph(lead)
	b.Doc.Pairs(pairs)
	return left
}

// respondersOf compares the responders of a question's arm with control's; left
// counts those without the values as not improved, where there are any.
func (b *builder) respondersOf(q question, t study.Threshold, rule string) (s, left string) {
	counts := func(rule, words string) (string, int) {
		var parts []string
		sum := 0
		for _, arm := range []string{q.row.Arm, q.row.Control} {
			for _, r := range q.res.Responders {
				if r.Arm == arm && r.Rule == rule && alike(r.Threshold, t) {
					parts = append(parts, b.Say(b.countWords(q, arm, words), text.Args{"events": r.Events, "n": r.N, "of": r.N, "arm": b.arm(arm)}))
					sum += r.N
				}
			}
		}
		return b.joined("page-list-and", parts), sum
	}
	arms, n := counts(rule, "page-responders")
	if arms == "" {
		return "", ""
	}
	if all, of := counts(rule+"-randomized", "page-count"); of > n {
		left = all
	}
	for _, rc := range q.res.ResponderContrasts {
		if rc.Arm != q.row.Arm || rc.Rule != rule || !alike(rc.Threshold, t) || math.IsNaN(rc.Difference) {
			continue
		}
		code := "page-responder-difference"
		if q.row.Role == study.RolePrimary && q.row.Hypothesis == nil { // responders are no hypothesis of a scheme
			code += "-p"
		}
		s := b.Say(code, text.Args{"arms": arms, "points": b.Points(rc.Difference), "level": b.Level(rc.Level), "p": rc.P(),
			"interval": b.pointsInterval(rc.Lower, rc.Upper)})
		switch {
		case rc.Lower <= 0 && rc.Upper >= 0:
			s += ", " + b.Say("page-holds-zero", nil)
		case rc.Difference > 0 && len(q.res.Arms) > 2:
			s += ", " + b.Say("page-favors-it", nil)
		case rc.Difference > 0:
			s += ", " + b.Say("page-favors", text.Args{"arm": b.arm(rc.Arm)})
		default:
			s += ", " + b.Say("page-favors", text.Args{"arm": b.arm(rc.Control)})
		}
		return s, left
	}
	return b.Say("page-responder-none", text.Args{"arms": arms}), left
}

// countWords leaves out the arm whose name stands before the counts.
func (b *builder) countWords(q question, arm, words string) string {
	if len(q.res.Arms) > 2 && arm == q.row.Arm {
		return "page-count"
	}
	return words
}

// alike reports whether two thresholds are one; their words may be of different
// languages.
func alike(a, b study.Threshold) bool {
	return a.Kind == b.Kind && a.Value == b.Value && a.Level == b.Level && a.Worsening == b.Worsening
}

// pointsInterval writes limits in percentage points, with decimals where rounding
// would put one onto 0.
func (b *builder) pointsInterval(lo, hi float64) string {
	return b.intervalOf(stats.Interval{Lo: lo, Hi: hi}, func(x float64) string { return b.beside(100*x, 0, 0) })
}

// verdicts judge the differences of an outcome against the margin between arms.
func (b *builder) verdicts(g []question, margin study.Threshold) string {
	type verdict struct {
		text  string
		where []string
	}
	var list []verdict
	used := map[study.Verdict]bool{}
	for _, q := range g {
		j := q.row.Judgement
		if j == nil {
			continue
		}
		used[j.Benefit], used[j.Harm] = true, true
		s := b.Say("page-verdict-of", text.Args{"benefit": b.Say("verdict-"+string(j.Benefit), nil), "harm": b.Say("verdict-"+string(j.Harm), nil)})
		i := slices.IndexFunc(list, func(v verdict) bool { return v.text == s })
		if i < 0 {
			list = append(list, verdict{text: s})
			i = len(list) - 1
		}
		list[i].where = append(list[i].where, b.named(q, g))
	}
	var parts []string
	for _, v := range list {
		if len(list) > 1 {
			v.text = b.Say("page-verdict-where", text.Args{"where": strings.Join(v.where, ", "), "verdict": v.text})
		}
		parts = append(parts, v.text)
	}
	if len(parts) == 0 {
		return b.Say("page-no-margin", nil)
	}
	var meanings []string
	for _, v := range []study.Verdict{study.Definite, study.Probable, study.Possible, study.DefinitelyNot} {
		if used[v] {
			meanings = append(meanings, b.Say(fmt.Sprintf("page-verdict-%s", v), nil))
		}
	}
	return b.Say("page-verdict", text.Args{"margin": g[0].res.Outcome.Shown(margin.Value), "unit": g[0].res.Outcome.ShownUnit(b.C), "list": strings.Join(parts, "; "),
		"meanings": strings.Join(meanings, "; ")})
}

// origin says in whom a threshold was found and by whom; "" where neither is stated.
func (b *builder) origin(t study.Threshold) string {
	var parts []string
	switch code := fmt.Sprintf("condition-%s", t.Condition); {
	case t.Condition != "" && b.C.Has(code):
		parts = append(parts, b.Say(code, nil))
	case t.Population != "":
		parts = append(parts, b.C.Population(t.Population))
	}
	if s := citation(t.Source); s != "" {
		parts = append(parts, s)
	}
	return strings.Join(parts, "; ")
}

var (
	reference = regexp.MustCompile(`^(\p{L}[\p{L}'’-]*)\b[^;]*?(?:19|20)\d\d`)
	year      = regexp.MustCompile(`\b(?:19|20)\d\d\b`)
)

// citation shortens a reference to first author and year, "Danoff 2018"; what is
// short, or has no such form, is left as the protocol writes it.
func citation(source string) string {
	const short = 30
	if utf8.RuneCountInString(source) <= short {
		return source
	}
	who := reference.FindStringSubmatch(source)
	when := year.FindString(source)
	if who == nil || when == "" {
		return source
	}
	return fmt.Sprintf("%s %s", who[1], when)
}
