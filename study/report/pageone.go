package report

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
)

// Page one answers before it explains: question, answer, what it means for
// patients, how sure, harms, the two tables, doubts, methods. It says nothing that
// the protocol or the data do not, and every choice among numbers is a rule that
// was fixed before the data were seen (see the sections' files).

// question is a comparison that page one answers: a row that decides.
type question struct {
	res study.Result
	row study.Row
}

// questions are the primary comparisons; where none is, those that a plan names;
// where there is no plan, all.
func questions(r study.Report) []question {
	var all, planned, primary []question
	for _, res := range r.Results {
		for _, row := range res.Deciding() {
			q := question{res, row}
			all = append(all, q)
			switch row.Role {
			case study.RolePrimary:
				primary = append(primary, q)
			case study.RoleDefault:
			default:
				planned = append(planned, q)
			}
		}
	}
	for _, list := range [][]question{primary, namedByPlan(r.Protocol, planned)} {
		if len(list) > 0 {
			return list
		}
	}
	return all
}

// namedByPlan are the comparisons whose visit a plan names. A model of all visits
// that a plan asks for one visit has rows for the others, too; they were not asked
// for.
func namedByPlan(p study.Protocol, planned []question) []question {
	var out []question
	for _, q := range planned {
		if p.Planned(q.res.Outcome.ID, q.res.Visit.ID) {
			out = append(out, q)
		}
	}
	return out
}

// byOutcome groups the questions, in their order.
func byOutcome(list []question) [][]question {
	var out [][]question
	for _, q := range list {
		i := slices.IndexFunc(out, func(g []question) bool { return g[0].res.Outcome.ID == q.res.Outcome.ID })
		if i < 0 {
			out = append(out, nil)
			i = len(out) - 1
		}
		out[i] = append(out[i], q)
	}
	return out
}

// room is how much of each section page one shows.
type room struct{ table1, table2, answers, doubts int }

// rooms are tried in this order, which is fixed and not chosen by the results, until
// the page is one page. What it leaves out stands in the supplement, and the page
// says how much that is. The first shows Table 2 with every comparison; those after
// it show the comparisons that the page answers.
var rooms = []room{
	{8, 1000, 6, 4}, {8, 12, 6, 4}, {8, 12, 6, 3}, {8, 12, 4, 3}, {6, 12, 4, 2}, {6, 8, 4, 2}, {6, 8, 3, 2}, {4, 6, 3, 2},
	{4, 6, 3, 1}, {4, 6, 2, 1}, {3, 4, 2, 1}, {3, 3, 1, 1}, {1, 3, 1, 1},
}

// brevity is what stands beside the answers: other sets of participants and how the
// treatment fared in each arm, the latter in a line, or none of it.
type brevity int

const (
	whole brevity = iota
	brief
	briefest
)

// Lines of page one: of a trial of two or three arms with up to four outcomes at up
// to two visits, and of a larger one.
const (
	pageLines      = 45
	largePageLines = 60 // and of more than two primary hypotheses
)

// pageOne writes the page with as much in it as one page holds.
func (b *builder) pageOne() {
	b.asked = questions(b.r)
	visits := map[string]bool{}
	for _, res := range b.r.Results {
		if res.Visit.ID != "" {
			visits[res.Visit.ID] = true
		}
	}
	most := pageLines
	if len(b.r.Protocol.Outcomes) > 4 || len(visits) > 2 || len(b.r.Protocol.Arms) > 3 || b.r.Family != nil && len(b.r.Family.Hypotheses) > 2 {
		most = largePageLines
	}
	before := b.Doc
	// What stands beside the answers gives way before an answer does.
	for _, b.brief = range []brevity{whole, brief, briefest} {
		for _, b.room = range rooms {
			if b.brief < briefest && b.room.answers < min(len(b.asked), rooms[0].answers) {
				continue
			}
			b.Doc = before
			b.sections()
			if strings.Count(b.Doc.Text(), "\n") <= most {
				return
			}
		}
	}
}

func (b *builder) sections() {
	b.top()
	b.question()
	b.answer()
	b.patients()
	b.sure()
	b.harms()
	b.pageTables()
	b.pageDoubts()
	b.methods()
}

// top says what the page is about and from which file it was made.
func (b *builder) top() {
	p := b.r.Protocol
	if p.Simulated {
		b.Doc.Banner(b.Say("page-banner", nil))
	}
	title := cmp.Or(p.Title, filepath.Base(b.r.Source.Name))
	switch {
	case p.Registration != "":
		title = b.Say("page-title", text.Args{"title": title, "registration": p.Registration})
	case !slices.ContainsFunc(p.Plans, func(q study.Plan) bool { return q.Registered.Where != "" }): // else Question says where
		title = b.Say("page-title-unregistered", text.Args{"title": title})
	}
	b.Doc.Title(title)
	if names := b.filesWithHashes(); len(names) > 1 {
		b.Paragraph("page-files", text.Args{"files": strings.Join(names, ", "), "version": study.Version()})
		return
	}
	if f := b.r.Source.Files; len(f) == 1 && f[0].Sheet != "" {
		b.Paragraph("page-file-sheet", text.Args{"name": f[0].Name, "sheet": f[0].Sheet, "hash": shortHash(f[0].SHA256), "version": study.Version()})
		return
	}
	b.Paragraph("page-file", text.Args{"name": filepath.Base(b.r.Source.Name), "hash": shortHash(b.r.Source.SHA256), "version": study.Version()})
}

// filesWithHashes are the files that the data stand in, without their sheets.
func (b *builder) filesWithHashes() []string {
	var out []string
	for _, f := range b.r.Source.Files {
		if s := f.Name + " (" + shortHash(f.SHA256) + ")"; !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// shortHash is enough of a hash to tell two files apart by eye; the supplement and
// results.json have all of it.
func shortHash(h string) string {
	if len(h) <= 20 {
		return h
	}
	return h[:12] + "…" + h[len(h)-4:]
}

// maxAsked is how many outcomes the question names.
const maxAsked = 3

func (b *builder) question() {
	b.Doc.Section(b.Say("page-question", nil))
	groups := byOutcome(b.asked)
	named := min(len(groups), maxAsked, b.room.answers)
	parts := b.questionWords(groups[:named])
	if more := len(groups) - named; more > 0 {
		parts = append(parts, b.Say("page-asked-more", text.Args{"n": more}))
	}
	if who := b.r.Protocol.Population; who != "" {
		parts = append(parts, b.Say("page-population", text.Args{"population": strings.TrimSuffix(who, ".")}))
	}
	b.Doc.Paragraph(strings.Join(append(parts, b.planned()...), " "))
}

// questionWords asks about each outcome, or in one sentence about those that are
// compared alike.
func (b *builder) questionWords(groups [][]question) []string {
	if len(groups) > 1 {
		var names, asked []string
		for _, g := range groups {
			args, code := b.asking(g)
			if strings.HasPrefix(code, "page-asked-margin") || strings.HasSuffix(code, "-geometric") || !g[0].res.Outcome.Measured() {
				names = nil
				break
			}
			names = append(names, fmt.Sprintf("%s (%s)", args["outcome"], args["scale"]))
			asked = appendNew(asked, b.Say("page-asked-better", args))
		}
		if len(names) > 0 && len(asked) == 1 {
			return []string{b.Say("page-asked-several", text.Args{"outcomes": b.joined("page-list-and", names), "asked": asked[0]})}
		}
	}
	var out []string
	for _, g := range groups {
		args, code := b.asking(g)
		out = append(out, b.Say(code, args))
	}
	return out
}

// asking are the words of the question about one outcome.
func (b *builder) asking(g []question) (text.Args, string) {
	o := g[0].res.Outcome
	code := fmt.Sprintf("page-asked-%s", o.Better)
	switch {
	case o.Binary():
		code += "-share"
	case o.Ordinal():
		code += "-level"
	case o.Counted():
		code += "-rate"
	case g[0].row.Measure == study.GeometricMeanRatio:
		code += "-geometric"
	}
	margin, lower, upper := 0.0, 0.0, 0.0
	for _, q := range g {
		if q.row.NonInferiority != nil {
			code, margin = "page-asked-margin", q.row.NonInferiority.Margin
		}
		if q.row.Equivalence != nil {
			code, margin = "page-asked-margin-both", q.row.Equivalence.Margin
		}
		switch {
		case margin == 0:
		case q.row.Measure.Scale() == study.ScaleRatio:
			if !strings.HasSuffix(code, "-ratio") {
				code += "-ratio"
			}
		case o.Binary() && !strings.HasSuffix(code, "-share"):
			code += "-share"
		}
		lower, upper = margin, 1/margin
		if lower > upper {
			lower, upper = upper, lower
		}
	}
	var arms, visits []string
	for _, q := range g {
		arms = appendNew(arms, b.arm(q.row.Arm))
		visits = appendNew(visits, b.where(q.res))
	}
	return text.Args{"outcome": b.outcome(o.ID), "scale": b.scale(o), "arms": b.joined("page-arms-or", arms),
		"control": b.arm(g[0].row.Control), "visits": strings.Join(visits, "; "), "margin": o.Shown(margin), "unit": o.ShownUnit(b.C),
		"ratio": margin, "lower": lower, "upper": upper}, code
}

// scale is "cm, 0 to 10; lower is better".
func (b *builder) scale(o study.Outcome) string {
	code := "page-scale"
	switch {
	case o.Binary():
		code += "-binary"
	case o.Counted():
		code += "-count"
	case o.Ordinal():
		return b.Say("page-scale-ordinal", text.Args{"levels": strings.Join(o.Levels, " < "), "better": b.Say("better-"+o.Better.String(), nil)})
	}
	if o.Unit != "" {
		code += "-unit"
	}
	if o.HasRange() {
		code += "-range"
	}
	return b.Say(code, text.Args{"unit": o.Unit, "min": o.Min, "max": o.Max, "better": b.Say("better-"+o.Better.String(), nil)})
}

// planned says what was specified beforehand, and where that is on record.
func (b *builder) planned() []string {
	if len(b.asked) == 0 || b.asked[0].row.Role == study.RoleDefault {
		return []string{b.Say("page-plans-none", nil)}
	}
	var list []string
	var on study.Registered
	for _, q := range b.asked {
		list = appendNew(list, b.outcome(q.res.Outcome.ID)+", "+b.where(q.res))
		for _, p := range b.r.Protocol.Plans {
			if p.Outcome == q.res.Outcome.ID && (p.Visit == "" || p.Visit == q.res.Visit.ID) && p.Registered != (study.Registered{}) {
				on = p.Registered
			}
		}
	}
	args := text.Args{"n": len(b.asked), "list": strings.Join(list, "; "), "where": on.Where, "date": on.Date}
	registered := on != study.Registered{}
	if b.asked[0].row.Role == study.RolePrimary {
		if len(list) == 1 && !registered { // the question has named it
			return []string{b.Say("page-primary-this", nil)}
		}
		if registered {
			return []string{b.Say("page-primary-registered", args)}
		}
		return []string{b.Say("page-primary", args)}
	}
	code := "page-plans-several"
	if len(b.asked) == 1 {
		code = "page-plans-one"
	}
	where := "page-plans-unregistered"
	if registered {
		where = "page-plans-registered"
	}
	return []string{b.Say(code, args), b.Say(where, args)}
}

// joined lists words, the last behind the word of a message with list and last.
func (b *builder) joined(code string, words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return b.Say(code, text.Args{"list": strings.Join(words[:n], ", "), "last": words[n]})
}

// named is the name of a question beside its answer: its visit, with several
// active arms its arm, or both.
func (b *builder) named(q question, among []question) string {
	visits, arms := map[string]bool{}, map[string]bool{}
	for _, x := range among {
		visits[x.res.Visit.ID], arms[x.row.Arm] = true, true
	}
	switch {
	case len(q.res.Arms) <= 2:
		return b.where(q.res)
	case len(visits) == 1:
		return b.arm(q.row.Arm)
	}
	return b.where(q.res) + ", " + b.arm(q.row.Arm)
}

// value writes a mean, a difference or a limit with the outcome's one number of
// decimals (see study.Report.Digits); a limit takes more where rounding would put it onto a mark.
func (b *builder) value(o study.Outcome, x float64, marks ...float64) string {
	return b.C.Beside(o.Shown(x), b.digits[o.ID], shownMarks(o, marks)...)
}

func shownMarks(o study.Outcome, marks []float64) []float64 {
	out := make([]float64, len(marks))
	for i, m := range marks {
		out[i] = o.Shown(m)
	}
	return out
}

// ratioDecimals are those of ratios and of probabilities of benefit.
const ratioDecimals = 2

// rowValue is value on the scale of a row.
func (b *builder) rowValue(o study.Outcome, row study.Row, x float64, marks ...float64) string {
	if row.Measure.Plain() {
		return b.C.Beside(x, ratioDecimals, marks...)
	}
	return b.value(o, x, marks...)
}

// rowUnit is the unit of a row's numbers; ratios and probabilities have none.
func (b *builder) rowUnit(o study.Outcome, row study.Row) string {
	if row.Measure.Plain() {
		return ""
	}
	return text.Unit(o.ShownUnit(b.C))
}

// limits writes an interval of the outcome's differences; an end that does not
// belong to it is marked.
func (b *builder) limits(o study.Outcome, row study.Row) string {
	marks := row.Marks(o)
	return b.intervalOf(stats.Interval{Lo: row.Lower, Hi: row.Upper, LoOpen: row.LoOpen, HiOpen: row.HiOpen},
		func(x float64) string { return b.rowValue(o, row, x, marks...) })
}

// beside writes a number with more decimals where rounding would put it onto a mark.
func (b *builder) beside(x float64, decimals int, marks ...float64) string {
	return b.C.Beside(x, decimals, marks...)
}

func appendNew[T comparable](list []T, s T) []T {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
