package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/estimand"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

// What was asked of participants to whom something happened after randomization: the
// five attributes of each estimand, and what was done with whom.

type jsonEstimand struct {
	ID         string         `json:"id"`
	Set        string         `json:"set"`
	Strategies []jsonStrategy `json:"strategies"`
	Trim       *jsonTrim      `json:"trim"`
	Asked      []jsonAsked    `json:"asked"`
}

type jsonStrategy struct {
	Event    string  `json:"event"`
	Strategy string  `json:"strategy"`
	Value    *string `json:"value"`
}

// jsonTrim is what trimmed means cut off: Share is null where it is the larger of both
// arms' shares of participants who rank worst.
type jsonTrim struct {
	Share *float64 `json:"share"`
	Lost  string   `json:"lost"`
}

// jsonTrimmed is what a row of trimmed means cut off, by arm.
type jsonTrimmed struct {
	Share    float64           `json:"share"`
	Adaptive bool              `json:"adaptive"`
	Worst    map[string]int    `json:"ranked_worst"`
	Cut      map[string]number `json:"cut"`
	Means    map[string]number `json:"means"`
}

func jsonTrimmedOf(r study.Row) *jsonTrimmed {
	t := r.Trimmed
	if t == nil {
		return nil
	}
	x := &jsonTrimmed{t.Share, t.Adaptive, t.Worst, map[string]number{}, map[string]number{}}
	for arm := range t.Means {
		x.Cut[arm], x.Means[arm] = number(t.Cut[arm]), number(t.Means[arm])
	}
	return x
}

type jsonAsked struct {
	Outcome string        `json:"outcome"`
	Visit   string        `json:"visit"`
	Method  study.Method  `json:"method"`
	Effect  study.Measure `json:"effect"`
	Arms    []jsonAskedOf `json:"arms"`
}

type jsonAskedOf struct {
	Arm        string    `json:"arm"`
	Randomized int       `json:"randomized"`
	Analyzed   int       `json:"analyzed"`
	Uses       []jsonUse `json:"uses"`
	Days       *jsonDays `json:"days_on_treatment"`
}

type jsonUse struct {
	Use         *string `json:"use"`
	Event       *string `json:"event"`
	NotAnalyzed *string `json:"not_analyzed"`
	N           int     `json:"n"`
}

type jsonDays struct {
	N      int    `json:"n"`
	Median number `json:"median"`
	Min    number `json:"min"`
	Max    number `json:"max"`
}

func (f *resultsFile) addEstimands(r study.Report) {
	f.Estimands = []jsonEstimand{}
	for _, e := range r.Protocol.Estimands {
		x := jsonEstimand{ID: e.ID, Set: e.Set, Strategies: []jsonStrategy{}, Asked: []jsonAsked{}}
		if x.Set == "" {
			x.Set = study.SetITT
		}
		if e.Trims() {
			x.Trim = &jsonTrim{nil, string(e.Lost)}
			if !e.Adaptive {
				x.Trim.Share = &e.Trim
			}
		}
		for _, h := range e.Strategies {
			x.Strategies = append(x.Strategies, jsonStrategy{h.Event, string(h.Strategy), orNull(string(h.Value))})
		}
		for _, a := range askedOf(r, e.ID) {
			j := jsonAsked{a.Outcome, a.Visit, a.Method, a.Measure, []jsonAskedOf{}}
			for _, arm := range a.Arms {
				y := jsonAskedOf{Arm: arm.Arm, Randomized: arm.Randomized, Analyzed: arm.Analyzed, Uses: []jsonUse{}}
				for _, u := range arm.Uses {
					y.Uses = append(y.Uses, jsonUse{orNull(string(u.Use)), orNull(u.Event), orNull(u.Reason), u.N})
				}
				if d := arm.Days; d != nil {
					y.Days = &jsonDays{d.N, number(d.Median), number(d.Min), number(d.Max)}
				}
				j.Arms = append(j.Arms, y)
			}
			x.Asked = append(x.Asked, j)
		}
		f.Estimands = append(f.Estimands, x)
	}
}

// askedOf are what an estimand was asked of, in the order of the results.
func askedOf(r study.Report, id string) []study.Asked {
	var out []study.Asked
	for _, res := range r.Results {
		for _, a := range res.Asked {
			if a.Estimand == id {
				out = append(out, a)
			}
		}
	}
	return out
}

// event is what an intercurrent event is called.
func (b *builder) event(id string) string {
	for _, a := range b.r.Consort.Arms {
		for _, e := range a.Intercurrent {
			if e.Event == id {
				return e.Label
			}
		}
	}
	return id
}

// strategy says what is done about an event.
func (b *builder) strategy(h estimand.Handling) string {
	code := fmt.Sprintf("strategy-%s", h.Strategy)
	if h.Value != "" {
		code += "-" + string(h.Value)
	}
	return b.Say(code, nil)
}

// estimands are the supplement's: five attributes, and what was done with whom.
func (b *builder) estimands() {
	for _, e := range b.r.Protocol.Estimands {
		list := askedOf(b.r, e.ID)
		b.Doc.Heading(2, b.Say("report-estimand", text.Args{"id": e.ID}))
		t := page.Table{Columns: []page.Column{page.Names(b.Say("col-attribute", nil)), page.Names(b.Say("col-asked", nil))}}
		population := b.r.Protocol.Population
		if population == "" {
			population = b.Say("estimand-population-unstated", nil)
		}
		who := b.Say("estimand-everybody", nil)
		if e.Set != "" && e.Set != study.SetITT {
			who = b.Say("flow-in-set", text.Args{"set": e.Set})
		}
		t.Rows = append(t.Rows, []string{b.Say("estimand-population", nil), population + "; " + who},
			[]string{b.Say("estimand-treatment", nil), b.treatments()})
		var variables, summaries []string
		for _, a := range list {
			variables = appendNew(variables, b.Say("estimand-at", text.Args{"outcome": b.outcome(a.Outcome), "visit": b.visit(a.Visit)}))
			summaries = appendNew(summaries, b.Say("estimand-summary", text.Args{"measure": b.Say("measure-"+string(a.Measure), nil), "method": b.Say("method-"+string(a.Method), nil)}))
		}
		if len(list) == 0 {
			variables, summaries = []string{b.Say("estimand-no-plan", nil)}, []string{"–"}
		}
		t.Rows = append(t.Rows, []string{b.Say("estimand-variable", nil), strings.Join(variables, "; ")})
		for _, h := range e.Strategies {
			t.Rows = append(t.Rows, []string{b.Say("estimand-event", text.Args{"event": b.event(h.Event)}), b.strategy(h)})
		}
		if e.Trims() {
			code := "estimand-trim"
			if e.Adaptive {
				code += "-adaptive"
			}
			t.Rows = append(t.Rows, []string{b.Say("estimand-trim-row", nil), b.Say(code, text.Args{"share": e.Trim}) + "; " + b.Say("estimand-lost-"+string(e.Lost), nil)})
		}
		t.Rows = append(t.Rows, []string{b.Say("estimand-summary-row", nil), strings.Join(summaries, "; ")})
		b.Doc.TableWith(t)
		for _, a := range list {
			b.askedTable(a)
		}
	}
}

// treatments are the arms that are compared.
func (b *builder) treatments() string {
	var active []string
	control := ""
	for _, a := range b.r.Protocol.Arms {
		if a.Control {
			control = b.arm(a.ID)
		} else {
			active = append(active, b.arm(a.ID))
		}
	}
	return b.Say("estimand-arms", text.Args{"arms": b.joined("page-list-and", active), "control": control})
}

// askedTable counts what was done with whom; every column adds up to those randomized.
func (b *builder) askedTable(a study.Asked) {
	t := page.Table{Caption: b.Say("estimand-done", text.Args{"outcome": b.outcome(a.Outcome), "visit": b.visit(a.Visit), "method": b.Say("method-"+string(a.Method), nil)}),
		Columns: []page.Column{page.Names("")}}
	var keys []study.UseCount
	for _, arm := range a.Arms {
		t.Columns = append(t.Columns, page.Numbers(b.arm(arm.Arm)))
		for _, u := range arm.Uses {
			if u.N = 0; !slices.Contains(keys, u) {
				keys = append(keys, u)
			}
		}
	}
	order := estimand.Uses()
	slices.SortStableFunc(keys, func(x, y study.UseCount) int {
		if x.Reason == "" != (y.Reason == "") {
			if x.Reason == "" {
				return -1
			}
			return 1
		}
		return slices.Index(order, x.Use) - slices.Index(order, y.Use)
	})
	row := func(label string, n func(study.AskedArm) int) {
		cells := []string{label}
		for _, arm := range a.Arms {
			cells = append(cells, fmt.Sprint(n(arm)))
		}
		t.Rows = append(t.Rows, cells)
	}
	for _, k := range keys {
		row(b.use(k), func(arm study.AskedArm) int {
			for _, u := range arm.Uses {
				if u.Use == k.Use && u.Event == k.Event && u.Reason == k.Reason {
					return u.N
				}
			}
			return 0
		})
	}
	row(b.Say("estimand-analyzed", nil), func(arm study.AskedArm) int { return arm.Analyzed })
	row(b.Say("estimand-randomized", nil), func(arm study.AskedArm) int { return arm.Randomized })
	b.Doc.TableWith(t)
	for _, res := range b.r.Results {
		for _, r := range res.Rows {
			if c := r.Trimmed; c != nil && r.Effect != nil && r.Estimand == a.Estimand && r.Outcome == a.Outcome && r.Visit == a.Visit {
				b.Doc.Item(b.Say("estimand-cut", text.Args{"arm": b.arm(r.Arm), "control": b.arm(r.Control), "cut": b.partly(c.Cut[r.Arm]), "left": b.partly(c.Cut[r.Control]),
					"n": r.N[r.Arm], "m": r.N[r.Control], "mean": b.value(res.Outcome, c.Means[r.Arm]), "other": b.value(res.Outcome, c.Means[r.Control])}))
			}
		}
	}
	for _, arm := range a.Arms {
		if d := arm.Days; d != nil {
			b.Doc.Item(b.Say("estimand-days", text.Args{"arm": b.arm(arm.Arm), "n": d.N, "median": b.C.Number(d.Median, 0), "min": b.C.Number(d.Min, 0), "max": b.C.Number(d.Max, 0)}))
		}
	}
}

// partly is a number of participants, in parts of one where it is none.
func (b *builder) partly(x float64) string {
	if x == math.Trunc(x) {
		return b.C.Number(x, 0)
	}
	return b.C.Number(x, 1)
}

// use says what was done with participants.
func (b *builder) use(u study.UseCount) string {
	if u.Reason == "" {
		return b.Say("use-"+string(u.Use), text.Args{"event": b.event(u.Event)})
	}
	reason := u.Reason
	if b.C.Has("flow-" + reason) {
		reason = b.Say("flow-"+reason, nil)
	}
	if u.Event != "" {
		reason = b.Say("use-left-event", text.Args{"reason": reason, "event": b.event(u.Event)})
	}
	return b.Say("use-left", text.Args{"reason": reason})
}

// askedLines are page one's: how many had each event of the estimands that the answers
// have, and what was done about it.
func (b *builder) askedLines() []string {
	var out []string
	seen := map[string]bool{}
	for _, q := range b.asked[:min(len(b.asked), b.room.answers)] {
		for _, e := range b.r.Protocol.Estimands {
			if e.ID != q.row.Estimand || seen[e.ID] {
				continue
			}
			seen[e.ID] = true
			var parts []string
			for _, h := range e.Strategies {
				var counts []string
				for _, a := range b.r.Consort.Arms {
					for _, x := range a.Intercurrent {
						if x.Event == h.Event {
							counts = append(counts, b.Say("of", text.Args{"n": x.N, "of": a.Randomized}))
						}
					}
				}
				code := fmt.Sprintf("page-strategy-%s", h.Strategy)
				if h.Value != "" {
					code += "-" + string(h.Value)
				}
				parts = append(parts, b.Say(code, text.Args{"event": b.event(h.Event), "counts": b.joined("page-list-and", counts)}))
			}
			if e.Trims() {
				code := "page-trim"
				if e.Adaptive {
					code += "-adaptive"
				}
				parts = append(parts, b.Say(code, text.Args{"share": e.Trim}), b.Say("page-lost-"+string(e.Lost), nil))
			}
			if len(parts) > 0 {
				out = append(out, b.Say("page-strategies", text.Args{"list": strings.Join(parts, "; ")}))
			}
		}
	}
	if s := b.notAsked(); s != "" && len(out) > 0 {
		out = append(out, s)
	}
	return out
}

type jsonImputing struct {
	Assume     string            `json:"assume"`
	Engine     *string           `json:"engine"`
	Reference  *string           `json:"reference"`
	References map[string]string `json:"references"`
	Events     []jsonAssumed     `json:"events"`
}

type jsonAssumed struct {
	Event  string `json:"event"`
	Assume string `json:"assume"`
}

func jsonImputingOf(m study.Imputing) *jsonImputing {
	if m.Assume == "" {
		return nil
	}
	x := &jsonImputing{m.Assume, orNull(m.Engine), orNull(m.Reference), map[string]string{}, []jsonAssumed{}}
	maps.Copy(x.References, m.References)
	for _, e := range m.Events {
		x.Events = append(x.Events, jsonAssumed{e.Event, e.Assume})
	}
	return x
}

// jsonImputation is what was imputed of a row; Other is the comparison with the other
// variance.
type jsonImputation struct {
	jsonImputing
	Variance        string         `json:"variance"`
	Values          map[string]int `json:"values"`
	Baselines       int            `json:"baselines"`
	Imputations     int            `json:"imputations"`
	FractionMissing number         `json:"fraction_missing"`
	MonteCarlo      number         `json:"monte_carlo_se"`
	Other           *jsonEstimate  `json:"other_variance"`

	Responders *jsonImputedResponders `json:"responders"`
	Chained    *jsonChained           `json:"chained"`
}

// jsonChained says from what chained equations drew values.
type jsonChained struct {
	ByArm      bool           `json:"by_arm"`
	Strata     []string       `json:"strata"`
	Covariates []string       `json:"covariates"`
	Visits     []string       `json:"visits"`
	Filled     map[string]int `json:"filled"`
}

type jsonImputedResponders struct {
	Threshold  float64           `json:"threshold"`
	N          map[string]int    `json:"n"`
	Shares     map[string]number `json:"shares"`
	Difference jsonEstimate      `json:"difference"`
}

func jsonImputationOf(r study.Row) *jsonImputation {
	m := r.Imputed
	if m == nil {
		return nil
	}
	x := &jsonImputation{*jsonImputingOf(m.Imputing), m.Variance, m.Values, m.Baselines, m.Imputations, number(m.FractionMissing), number(m.MonteCarlo), nil, nil, nil}
	if p := m.Responders; p != nil {
		x.Responders = &jsonImputedResponders{p.Threshold.Value, p.N, map[string]number{}, jsonEstimateOf(p.Difference, r.Level)}
		for arm, share := range p.Shares {
			x.Responders.Shares[arm] = number(share)
		}
	}
	if c := m.Chained; c != nil {
		some := func(list []string) []string { return append([]string{}, list...) } // [] where there is none
		x.Chained = &jsonChained{c.ByArm, some(c.Strata), some(c.Covariates), some(c.Visits), c.Filled}
	}
	if m.Other != nil {
		e := jsonEstimateOf(*m.Other, r.Level)
		x.Other = &e
	}
	return x
}

// imputations are the supplement's: what was imputed in each comparison, and the same
// comparison with the other variance.
func (b *builder) imputations() {
	ci := b.levelColumn()
	some := false
	for _, res := range b.r.Results {
		for _, row := range res.Rows {
			if row.Imputed != nil && row.Role != study.RoleCompanion {
				some = true
				ci.add(row.Level)
			}
		}
	}
	if !some {
		return
	}
	t := page.Table{Group: 2, Columns: []page.Column{page.Names(b.Say("col-outcome", nil)), page.Names(b.Say("col-visit", nil)), page.Names(b.Say("col-comparison", nil)),
		page.Names(b.Say("col-variance", nil)), page.Numbers(b.Say("col-difference", nil)), page.Numbers(ci.head()), page.Numbers(b.Say("col-imputed", nil))}}
	var lines []string
	for _, res := range b.r.Results {
		for _, row := range res.Rows {
			m := row.Imputed
			if m == nil || row.Role == study.RoleCompanion {
				continue
			}
			counts := b.Say("of", text.Args{"n": m.Values[row.Arm], "of": row.N[row.Arm]}) + "; " + b.Say("of", text.Args{"n": m.Values[row.Control], "of": row.N[row.Control]})
			what := b.withUnit(res.Outcome)
			if row.Measure.Plain() {
				what = b.outcome(res.Outcome.ID) + ", " + b.Say("measure-"+string(row.Measure), nil)
			}
			number := func(x float64) string { return b.rowValue(res.Outcome, row, x, row.Measure.Null()) }
			add := func(variance string, e stats.Estimate, lower, upper float64) {
				t.Rows = append(t.Rows, []string{what, b.visit(row.Visit), b.versus(row.Arm, row.Control), b.Say("variance-"+variance, nil),
					number(e.Value), ci.cell(b.intervalOf(stats.Interval{Lo: lower, Hi: upper}, number), row.Level), counts})
			}
			if row.Effect != nil {
				add(m.Variance, stats.Estimate{Value: row.Estimate, SE: row.SE, DF: row.DF}, row.Lower, row.Upper)
			}
			if m.Other != nil {
				other := study.VarianceInformationAnchored
				if m.Variance == other {
					other = study.VarianceRepeatedSampling
				}
				add(other, *m.Other, m.OtherLower, m.OtherUpper)
			}
			lines = appendNew(lines, b.imputed(row))
			if p := m.Responders; p != nil {
				lines = appendNew(lines, b.Say("imputed-responders", text.Args{"where": b.outcome(res.Outcome.ID) + ", " + b.visit(row.Visit), "rule": b.rule(res.Outcome, study.RuleChange, p.Threshold),
					"arm": b.arm(row.Arm), "share": p.Shares[row.Arm], "n": p.N[row.Arm], "control": b.arm(row.Control), "other": p.Shares[row.Control], "m": p.N[row.Control],
					"points": b.Points(p.Difference.Value), "level": b.Level(row.Level), "interval": b.pointsInterval(p.Lower, p.Upper)}))
			}
			if m.Imputations > 0 && !math.IsNaN(m.FractionMissing) {
				lines = appendNew(lines, b.draws(res.Outcome, row))
			}
		}
	}
	b.Heading("report-imputed")
	b.Paragraph("imputed-intro", nil)
	b.Doc.TableWith(t)
	for _, s := range lines {
		b.Doc.Item(s)
	}
}

// setAside counts those of the answer whose values a hypothetical strategy sets aside.
func (b *builder) setAside(res study.Result) int {
	n := 0
	for _, a := range res.Arms {
		n += setAsideOf(res, a.ID)
	}
	return n
}

// estimandNotes say which values are in what a table calls observed, and which are not,
// by the estimands of its results.
func (b *builder) estimandNotes(results []study.Result) []string {
	var out []string
	for _, x := range []struct {
		code string
		uses []estimand.Use
	}{{"table2-note-aside", []estimand.Use{estimand.SetAside}}, {"table2-note-given", []estimand.Use{estimand.Given, estimand.LastBefore}}} {
		if slices.ContainsFunc(results, func(res study.Result) bool {
			return slices.ContainsFunc(res.Arms, func(a study.Arm) bool { return usedOf(res, a.ID, x.uses...) > 0 })
		}) {
			out = append(out, b.Say(x.code, nil))
		}
	}
	return out
}

// setAsideOf counts them in an arm.
func setAsideOf(res study.Result, of string) int { return usedOf(res, of, estimand.SetAside) }

// usedOf counts the values of an arm that the estimand of the result's plan used so.
func usedOf(res study.Result, of string, uses ...estimand.Use) int {
	n := 0
	for _, a := range res.Asked {
		if a.Estimand != res.Plan.Estimand {
			continue
		}
		for _, arm := range a.Arms {
			for _, u := range arm.Uses {
				if arm.Arm == of && slices.Contains(uses, u.Use) {
					n += u.N
				}
			}
		}
	}
	return n
}

// notAsked names the visits of an outcome that no estimand is asked of, where one is asked
// at others.
func (b *builder) notAsked() string {
	var visits []string
	for _, res := range b.r.Results {
		under := func(x study.Result) bool {
			return x.Outcome.ID == res.Outcome.ID && slices.ContainsFunc(x.Deciding(), func(r study.Row) bool { return r.Estimand != "" })
		}
		if len(res.Deciding()) > 0 && !under(res) && slices.ContainsFunc(b.r.Results, under) {
			visits = appendNew(visits, b.where(res))
		}
	}
	if len(visits) == 0 {
		return ""
	}
	return b.Say("estimand-none-at", text.Args{"visits": b.joined("page-list-and", visits)})
}
