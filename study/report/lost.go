package report

import (
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/lost"
	"github.com/trialkit/trialkit/study/text"
)

// Who was lost: before treatment, beside those who were not, and how they would have gone
// on under what is assumed of them; and from what the values of the missing were drawn.

// whoIsLost are the supplement's tables of the comparisons whose plan says what is assumed
// of those lost.
func (b *builder) whoIsLost() {
	headed := false
	for _, res := range b.r.Results {
		l := res.Lost
		if l == nil || len(l.Assumed) == 0 {
			continue
		}
		if !headed {
			b.Heading("report-lost")
			headed = true
		}
		aside := ""
		if l.SetAside > 0 {
			aside = "-aside"
		}
		b.Paragraph("lost-intro"+aside, nil)
		where := text.Args{"outcome": b.outcome(res.Outcome.ID), "visit": b.visit(res.Visit.ID)}
		t := page.Table{Caption: b.Say("lost-before", where), Columns: []page.Column{page.Names(b.Say("col-characteristic", nil))}}
		for _, a := range res.Arms {
			t.Columns = append(t.Columns, page.Numbers(b.Say("col-stayed", text.Args{"arm": b.short(a.ID), "n": l.N[a.ID] - l.Lost[a.ID]})),
				page.Numbers(b.Say("col-gone"+aside, text.Args{"arm": b.short(a.ID), "n": l.Lost[a.ID]})))
		}
		for _, v := range l.Baseline {
			b.lostVariable(&t, v)
		}
		b.Doc.TableWith(t)
		b.lostCourses(res)
	}
}

// lostVariable adds the rows of a characteristic.
func (b *builder) lostVariable(t *page.Table, v study.LostVariable) {
	row := func(label string, cell func(study.BaselineSummary) string) {
		cells := []string{label}
		for i := range v.Stayed {
			cells = append(cells, cell(v.Stayed[i]), cell(v.Lost[i]))
		}
		t.Rows = append(t.Rows, cells)
	}
	if v.Kind != study.Category {
		d := b.r.VariableDigits(v.BaselineVariable)
		row(b.Say("table-mean-sd", text.Args{"label": variableLabel(v.BaselineVariable)}), func(s study.BaselineSummary) string {
			if s.N == 0 {
				return "–"
			}
			return meanSD(b.C, s.Mean, s.SD, d)
		})
		return
	}
	row(b.Say("table-count", text.Args{"label": variableLabel(v.BaselineVariable)}), func(study.BaselineSummary) string { return "" })
	for k, level := range v.Levels {
		row("\u2003"+level, func(s study.BaselineSummary) string {
			if s.N == 0 {
				return "–"
			}
			return b.Say("table-count-cell", text.Args{"n": s.Counts[k], "percent": b.C.Number(100*float64(s.Counts[k])/float64(s.N), 0)})
		})
	}
}

// lostCourses are the means behind the figure.
func (b *builder) lostCourses(res study.Result) {
	l := res.Lost
	t := page.Table{Caption: b.Say("lost-courses", text.Args{"outcome": b.withUnit(res.Outcome)}), Group: 1,
		Columns: []page.Column{page.Names(b.Say("col-arm", nil)), page.Names(b.Say("col-course", nil))}}
	for _, v := range l.Visits {
		t.Columns = append(t.Columns, page.Numbers(b.visit(v.ID)))
	}
	for _, a := range res.Arms {
		line := func(label string, means []float64) {
			cells := []string{b.arm(a.ID), label}
			for _, m := range means {
				cells = append(cells, b.estimate(res.Outcome, m))
			}
			t.Rows = append(t.Rows, cells)
		}
		line(b.Say("lost-stayed", text.Args{"n": l.N[a.ID] - l.Lost[a.ID]}), meansOf(l.Stayed[a.ID]))
		for _, x := range l.Assumed {
			if x.Arm == a.ID {
				line(b.Say("lost-assumed", text.Args{"n": l.Lost[a.ID], "assumption": b.Say("plot-assume-"+x.Assume, text.Args{"delta": b.value(res.Outcome, x.Delta), "unit": res.Outcome.Unit})}), x.Means)
			}
		}
	}
	b.Doc.TableWith(t)
}

func meansOf(ms []lost.Mean) []float64 {
	var out []float64
	for _, m := range ms {
		out = append(out, m.Value)
	}
	return out
}

// jsonLost is who has no value at a visit.
type jsonLost struct {
	Outcome  string         `json:"outcome"`
	Visit    string         `json:"visit"`
	N        map[string]int `json:"n"`
	Lost     map[string]int `json:"lost"`
	SetAside int            `json:"set_aside"`
	Visits   []string       `json:"visits"`
	Courses  []jsonCourse   `json:"courses"`
	Baseline []jsonLostOf   `json:"baseline"`
}

// jsonCourse is a mean course; assume is null of those who have a value at the visit.
type jsonCourse struct {
	Arm       string   `json:"arm"`
	Assume    *string  `json:"assume"`
	Reference *string  `json:"reference"`
	Delta     *number  `json:"delta"`
	Means     []number `json:"means"`
}

// jsonLostOf describes a group in a variable: counts by level of a category.
type jsonLostOf struct {
	Variable string         `json:"variable"`
	Arm      string         `json:"arm"`
	Lost     bool           `json:"lost"`
	N        int            `json:"n"`
	Mean     number         `json:"mean"`
	SD       number         `json:"sd"`
	Counts   map[string]int `json:"counts"`
}

func (f *resultsFile) addLost(res study.Result) {
	l := res.Lost
	if l == nil {
		return
	}
	x := jsonLost{Outcome: res.Outcome.ID, Visit: res.Visit.ID, N: l.N, Lost: l.Lost, SetAside: l.SetAside, Visits: []string{}, Courses: []jsonCourse{}, Baseline: []jsonLostOf{}}
	for _, v := range l.Visits {
		x.Visits = append(x.Visits, v.ID)
	}
	numbers := func(ms []float64) []number {
		out := []number{}
		for _, m := range ms {
			out = append(out, number(m))
		}
		return out
	}
	for _, a := range res.Arms {
		x.Courses = append(x.Courses, jsonCourse{Arm: a.ID, Means: numbers(meansOf(l.Stayed[a.ID]))})
	}
	for _, c := range l.Assumed {
		y := jsonCourse{c.Arm, orNull(c.Assume), orNull(c.Reference), nil, numbers(c.Means)}
		if delta := number(c.Delta); c.Delta != 0 {
			y.Delta = &delta
		}
		x.Courses = append(x.Courses, y)
	}
	for _, v := range l.Baseline {
		for i, a := range v.Arms {
			for k, s := range []study.BaselineSummary{v.Stayed[i], v.Lost[i]} {
				y := jsonLostOf{Variable: v.ID, Arm: a.Arm, Lost: k == 1, N: s.N, Mean: number(s.Mean), SD: number(s.SD), Counts: map[string]int{}}
				for j, n := range s.Counts {
					y.Counts[v.Levels[j]] = n
				}
				x.Baseline = append(x.Baseline, y)
			}
		}
	}
	f.Lost = append(f.Lost, x)
}

// jsonStep is the difference where those lost in an arm are worse than predicted.
type jsonStep struct {
	Delta    number       `json:"delta"`
	Estimate jsonEstimate `json:"estimate"`
}

// declaredSteps are those of a curve that the plan names.
func declaredSteps(row study.SensitivityRow) []jsonStep {
	out := []jsonStep{}
	by := row.Steps[2]
	for _, s := range row.Tipping.Curve {
		if n := (s.Delta - row.Steps[0]) / by; math.Abs(n-math.Round(n)) < 1e-6 {
			out = append(out, jsonStep{number(s.Delta), jsonEstimateOf(s.Estimate, row.Level)})
		}
	}
	return out
}

// draws says how many data sets were completed, and how far others would move the estimate.
func (b *builder) draws(o study.Outcome, row study.Row) string {
	m := row.Imputed
	code, size := "imputed-draws", b.C.Number(m.MonteCarlo, b.digits[o.ID]+1)+text.Unit(o.Unit)
	switch row.Measure.Scale() {
	case study.ScaleRatio:
		code, size = "imputed-draws-ratio", b.C.Number(m.MonteCarlo, 3)
	case study.ScaleProbability:
		size = b.C.Number(m.MonteCarlo, 4)
	case study.ScaleProportion:
		size = b.C.Number(o.Shown(m.MonteCarlo), 2) + text.Unit(o.ShownUnit(b.C))
	}
	return b.Say(code, text.Args{"m": m.Imputations, "share": m.FractionMissing, "error": size})
}

// imputed says what was assumed of the values that were imputed, and how many baselines
// are the mean of all.
func (b *builder) imputed(row study.Row) string {
	m := row.Imputed
	before, after := b.imputedAs(row)
	if x := m.Chained; x != nil {
		before = append(append(before, b.chained(*x, "")), b.filled(*x)...)
	}
	return strings.Join(append(before, after...), " ")
}

// imputedAs says what was assumed of the values that were imputed, and, to be said
// after what they were drawn from, how many baselines are the mean of all.
func (b *builder) imputedAs(row study.Row) (before, after []string) {
	m := row.Imputed
	before = []string{b.Say("imputed-"+m.Assume, nil)}
	for _, e := range m.Events {
		if e.Assume != m.Assume {
			before = append(before, b.Say("imputed-after", text.Args{"event": b.event(e.Event), "assumption": b.Say("assume-"+e.Assume, nil)}))
		}
	}
	if m.Baselines > 0 {
		after = []string{b.Say("imputed-baselines", text.Args{"n": m.Baselines})}
	}
	return before, after
}

// imputedOf is imputed of questions: of those that differ only in what chained equations
// drew from it says the rest once.
func (b *builder) imputedOf(qs []question) []string {
	var out []string
	said := map[string]bool{}
	for _, q := range qs {
		before, after := b.imputedAs(q.row)
		key := strings.Join(append(slices.Clone(before), after...), " ")
		if q.row.Imputed.Chained == nil {
			out = appendNew(out, key)
			continue
		}
		if said[key] {
			continue
		}
		said[key] = true
		var sources, filled []string
		where := map[string][]string{}
		like := map[string]study.ChainedImputation{}
		for _, x := range qs {
			own, end := b.imputedAs(x.row)
			if x.row.Imputed.Chained == nil || strings.Join(append(own, end...), " ") != key {
				continue
			}
			s := b.chained(*x.row.Imputed.Chained, "")
			sources = appendNew(sources, s)
			where[s] = appendNew(where[s], b.outcome(x.res.Outcome.ID)+", "+b.where(x.res))
			like[s] = *x.row.Imputed.Chained
			for _, f := range b.filled(*x.row.Imputed.Chained) {
				filled = appendNew(filled, f)
			}
		}
		from := sources[0]
		if len(sources) > 1 {
			var list []string
			for _, s := range sources {
				list = append(list, b.chained(like[s], b.joined("page-list-and", where[s])))
			}
			from = b.Say("imputed-chained-each", text.Args{"list": strings.Join(list, "; ")})
		}
		out = append(out, strings.Join(append(append(append(before, from), filled...), after...), " "))
	}
	return out
}

// chained says from what chained equations drew values, of several plans where.
func (b *builder) chained(x study.ChainedImputation, where string) string {
	each := ""
	if where != "" {
		each = "-of"
	}
	var from []string
	if len(x.Strata) > 0 {
		from = append(from, b.Say("imputed-chained-strata", text.Args{"strata": b.strata()}))
	}
	for _, id := range x.Covariates {
		from = append(from, b.covariate(id))
	}
	for _, id := range x.Visits {
		from = append(from, b.Say("imputed-chained-visit", text.Args{"visit": b.visit(id)}))
	}
	if len(from) == 0 {
		return b.Say("imputed-chained-alone"+each, text.Args{"where": where})
	}
	how := "imputed-chained-arm"
	if x.ByArm {
		how = "imputed-chained-by-arm"
	}
	return b.Say("imputed-chained"+each, text.Args{"where": where, "predictors": b.joined("page-list-and", from), "how": b.Say(how, nil)})
}

// filled says how many values of covariates were drawn.
func (b *builder) filled(x study.ChainedImputation) []string {
	var out []string
	for _, id := range x.Covariates {
		if n := x.Filled[id]; n > 0 {
			out = append(out, b.Say("imputed-chained-filled", text.Args{"n": n, "covariate": b.covariate(id)}))
		}
	}
	return out
}
