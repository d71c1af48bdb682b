package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/along"
	"github.com/trialkit/trialkit/study/text"
)

// TrendTable shows how the adjusted means change along the doses of the arms, for each
// plan that asks for it (study.Result.Trends): the means, the slope of the line and what it
// comes to from the lowest dose to the highest, each with its interval, and the p-values of
// the slope, of a departure from the line and of Jonckheere's test, which are printed of a
// primary plan alone. It is empty where no
// plan asks. It refuses an unknown language.
func TrendTable(r study.Report, lang string) (Table, error) {
	b, err := newTable(r, lang)
	if err != nil {
		return Table{}, err
	}
	b.ci = b.levelColumn()
	for _, res := range b.r.Results {
		for _, t := range res.Trends {
			b.ci.add(t.Level)
		}
	}
	if len(b.ci.levels) == 0 {
		return b.Table, nil
	}
	b.Title = b.Say("trend-caption", nil)
	b.Columns = []TableColumn{{Key: "outcome", Title: b.Say("table-outcome", nil)}, {Key: "visit", Title: b.Say("col-visit", nil)},
		{Key: "label", Title: b.Say("col-quantity", nil)}, {Key: "n", Title: b.Say("col-n", nil), Right: true},
		{Key: "value", Title: b.Say("col-estimate-ci", text.Args{"interval": b.ci.head()}), Right: true}, {Key: "p", Title: b.Say("col-p", nil), Right: true}}
	for _, res := range b.r.Results {
		for _, t := range res.Trends {
			if t.Why == "" {
				b.trend(res, t)
			}
		}
	}
	b.Notes = []string{b.Say("trend-note", nil), b.Say("trend-note-jonckheere", nil)}
	return b.Table, nil
}

// trend adds a trend's rows.
func (b *tableBuilder) trend(res study.Result, t along.Trend) {
	o, d := res.Outcome, b.decimals(res.Outcome.ID)
	add := func(statistic, label, arm string, n int, value, p TableCell) {
		count := TableCell{N: n}
		if n > 0 {
			count.Text = fmt.Sprint(n)
		}
		b.Rows = append(b.Rows, TableRow{Variable: o.ID, Visit: t.Visit, Arm: arm, Statistic: statistic,
			Cells: []TableCell{{Text: shortOutcome(o)}, {Text: b.visit(t.Visit)}, {Text: label}, count, value, p}})
	}
	cell := func(e stats.Estimate, ci stats.Interval, d int, marks ...float64) TableCell {
		return b.intervalCell(0, e.Value, ci.Lo, ci.Hi, t.Level, d, marks...)
	}
	p := func(x float64, more ...any) TableCell {
		if math.IsNaN(x) {
			return TableCell{Text: "–"}
		}
		shown := "" // beside a plan that is not primary no p stands
		if res.Plan.Role == study.RolePrimary && t.Method == string(res.Plan.Method()) {
			shown = strings.TrimPrefix(b.C.P(x), "= ")
		}
		return TableCell{Text: shown, Numbers: existing(append([]any{"p", x}, more...)...)}
	}
	all := 0
	for _, a := range t.Arms {
		all += a.N
		ci := a.Mean.CI(t.Level)
		if t.Withheld {
			ci.Lo, ci.Hi = math.NaN(), math.NaN()
		}
		add("mean", b.Say("trend-mean", text.Args{"arm": b.short(a.Arm), "dose": b.dose(a.Dose)}), a.Arm, a.N, cell(a.Mean, ci, d), TableCell{})
	}
	unit, doses := b.doseUnit(), t.Arms
	add("trend", b.Say("trend-slope", text.Args{"unit": unit}), "", all, cell(t.Slope, t.CI(), study.DigitsFor(t.Slope.SE, 0, 0), 0), p(t.P()))
	add("trend-whole", b.Say("trend-whole", text.Args{"lowest": b.dose(doses[0].Dose), "highest": b.dose(doses[len(doses)-1].Dose)}), "", 0,
		cell(t.Whole, t.WholeCI(), d, study.Row{}.Marks(o)...), TableCell{})
	if x := t.Bend; x != nil {
		add("trend-bend", b.Say("trend-bend", nil), "", 0, TableCell{}, p(x.P(), "f", x.F, "df1", x.DF1, "df2", x.DF2))
	}
	if j := t.Jonckheere; j != nil {
		add("trend-jonckheere", b.Say("trend-jonckheere", nil), "", 0, TableCell{}, p(j.P(), "j", j.J))
	}
}

// dose is an arm's with its unit.
func (b *builder) dose(x float64) string {
	return b.Say("number", text.Args{"x": x}) + text.Unit(b.r.Protocol.DoseUnit)
}

// doseUnit is what a slope is for each of.
func (b *builder) doseUnit() string {
	if u := b.r.Protocol.DoseUnit; u != "" {
		return u
	}
	return b.Say("trend-unit", nil)
}

// trends say on page one how the outcomes that are asked about run along the dose.
func (b *builder) trends(shown []question) (out []string) {
	for _, q := range shown {
		o := q.res.Outcome
		for _, t := range q.res.Trends {
			if t.Why != "" {
				continue // a departure from the plan
			}
			doses := make([]string, len(t.Arms))
			for i, a := range t.Arms {
				doses[i] = b.Say("number", text.Args{"x": a.Dose})
			}
			d, ci := study.DigitsFor(t.Slope.SE, 0, 0), t.CI()
			number := func(x float64) string { return b.C.Beside(x, d, 0) }
			args := text.Args{"doses": strings.Join(doses, ", ") + text.Unit(b.r.Protocol.DoseUnit), "unit": b.doseUnit(), "slope": number(t.Slope.Value) + text.Unit(o.Unit),
				"level": b.Level(t.Level), "interval": b.intervalOf(ci, number)}
			code := "page-trend"
			switch gain := t.Slope.Value * o.Better.Sign(); {
			case t.Withheld:
				code += "-withheld"
			case ci.Contains(0):
				args["words"] = b.Say("page-holds-zero", nil)
			case gain > 0:
				args["words"] = b.Say("trend-higher", nil)
			default:
				args["words"] = b.Say("trend-lower", nil)
			}
			s := b.Say(code, args)
			if where := b.shortWhere(q, shown); len(byVisit(shown)) > 1 {
				s = b.Say("page-finding", text.Args{"where": where, "finding": s})
			}
			out = appendNew(out, s)
		}
	}
	return out
}

// byVisit are the outcomes and visits of questions, each once.
func byVisit(list []question) (out []string) {
	for _, q := range list {
		out = appendNew(out, q.res.Outcome.ID+"\x00"+q.res.Visit.ID)
	}
	return out
}

// trendSection puts the table into the supplement.
func (b *builder) trendSection() {
	t, err := TrendTable(b.r, b.opt.Lang)
	if err != nil { // the language is known
		panic(err)
	}
	if len(t.Rows) > 0 {
		b.Heading("report-trend")
		b.Doc.TableWith(t.page())
	}
}

type jsonTrend struct {
	Outcome    string          `json:"outcome"`
	Visit      string          `json:"visit"`
	Method     string          `json:"method"`
	Level      float64         `json:"level"`
	Unit       *string         `json:"dose_unit"`
	Slope      jsonEstimate    `json:"slope"`
	P          number          `json:"p"`
	Whole      jsonEstimate    `json:"whole"`
	Arms       []jsonDose      `json:"arms"`
	Bend       *jsonF          `json:"departure"`
	Jonckheere *jsonJonckheere `json:"jonckheere"`
	Why        *string         `json:"why"`
}

type jsonDose struct {
	Arm  string `json:"arm"`
	Dose number `json:"dose"`
	N    int    `json:"n"`
	jsonEstimate
}

type jsonJonckheere struct {
	J      number `json:"j"`
	Z      number `json:"z"`
	P      number `json:"p"`
	Method string `json:"method"`
}

// addTrends tells how outcomes run along the doses.
func (f *resultsFile) addTrends(r study.Report) {
	f.Trends = []jsonTrend{}
	for _, res := range r.Results {
		for _, t := range res.Trends {
			of := func(e stats.Estimate, ci stats.Interval) jsonEstimate {
				return jsonEstimate{number(e.Value), number(e.SE), number(e.DF), number(ci.Lo), number(ci.Hi)}
			}
			x := jsonTrend{Outcome: t.Outcome, Visit: t.Visit, Method: t.Method, Level: t.Level, Unit: orNull(r.Protocol.DoseUnit), Slope: of(t.Slope, t.CI()),
				P: number(t.P()), Whole: of(t.Whole, t.WholeCI()), Arms: []jsonDose{}, Why: orNull(t.Why)}
			for _, a := range t.Arms {
				ci := a.Mean.CI(t.Level)
				if t.Withheld {
					ci.Lo, ci.Hi = math.NaN(), math.NaN()
				}
				x.Arms = append(x.Arms, jsonDose{a.Arm, number(a.Dose), a.N, of(a.Mean, ci)})
			}
			if b := t.Bend; b != nil {
				x.Bend = &jsonF{number(b.F), number(b.DF1), number(b.DF2), number(b.P())}
			}
			if j := t.Jonckheere; j != nil {
				x.Jonckheere = &jsonJonckheere{number(j.J), number(j.Z), number(j.P()), j.Method.String()}
			}
			f.Trends = append(f.Trends, x)
		}
	}
}
