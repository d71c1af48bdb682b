package study

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/table"
)

// This file compares the shares of yes of a binary outcome at a visit. The method is
// chosen by what is known before any event (see MethodProportions); a plan with
// covariates foresees g-computation, and takes the method without them where fewer
// than leastEvents events or non-events, small strata or a model without a fit do not
// carry it, which the row and Report.Departures say.

// leastEvents is how many events, and how many others, a logistic model needs.
const leastEvents = 10

// shares is a comparison of shares by one plan: with the model that it foresees, or
// with the reason why there is none.
type shares struct {
	*comparison
	known *risks
	model *shareModel
	why   []Note
}

// shareModel is the logistic model of a plan with covariates, and what it expects
// with everybody in each arm.
type shareModel struct {
	fit      *regress.LogisticFit
	marginal *regress.Marginal
	n        map[string]int
}

func (c *comparison) newShares(known *risks) (*shares, error) {
	s := &shares{comparison: c, known: known}
	if len(c.covariates) == 0 {
		return s, nil
	}
	used := c.used(true)
	events := 0
	m := &shareModel{n: map[string]int{}}
	y := make([]bool, len(used))
	for i, r := range used {
		y[i] = r.Follow == 1
		m.n[r.Arm]++
		if y[i] {
			events++
		}
	}
	refuse := func(code string, args map[string]any) (*shares, error) {
		s.why = []Note{{Code: code, Args: args}}
		return s, nil
	}
	if least := min(events, len(used)-events); least < leastEvents {
		return refuse("gcomp-few-events", map[string]any{"events": events, "others": len(used) - events, "least": leastEvents})
	}
	if c.smallStratum(used) {
		return refuse("gcomp-small-strata", map[string]any{"least": leastInStratum})
	}
	terms := c.terms(used, true)
	var err error
	if m.fit, err = regress.Logistic(y, terms...); err == nil {
		m.marginal, err = m.fit.Marginal(interactionArm)
	}
	if err != nil {
		if !noFit(err) {
			return nil, err
		}
		return refuse("gcomp-no-fit", map[string]any{"detail": err.Error()})
	}
	s.model = m
	return s, nil
}

// terms are those of a model of all arms: arm, strata and the plan's covariates.
func (c *comparison) terms(used []Record, strata bool) []regress.Term {
	arms, cells := make([]string, len(used)), make([]string, len(used))
	for i, r := range used {
		arms[i], cells[i] = r.Arm, r.Stratum
	}
	terms := []regress.Term{regress.Category(interactionArm, arms, c.control().ID)}
	levels := slices.Compact(slices.Sorted(slices.Values(cells)))
	strata = strata && c.strata.any()
	if strata && len(levels) > 1 {
		terms = append(terms, regress.Category(stratumTerm, cells, levels[0]))
	}
	return append(terms, c.covariateTerms(used, strata)...)
}

// covariateTerms are those of the plan's covariates, but for the strata's own where these are
// in the model.
func (c *comparison) covariateTerms(used []Record, strata bool) []regress.Term {
	var terms []regress.Term
	for _, cov := range c.covariates {
		switch {
		case strata && slices.Contains(c.strata.rand.Strata, cov.ID): // in the strata already
		case cov.Kind == Category:
			terms = append(terms, categoryTerm(cov.ID, used))
		default:
			x := make([]float64, len(used))
			for i, r := range used {
				x[i] = r.Numbers[cov.ID]
			}
			terms = append(terms, regress.Numeric(cov.ID, x))
		}
	}
	return terms
}

// smallStratum reports whether a stratum of randomization has too few of an arm for an
// effect of its own.
func (c *comparison) smallStratum(used []Record) bool {
	if !c.strata.any() {
		return false
	}
	n := map[[2]string]int{}
	for _, r := range used {
		n[[2]string{r.Stratum, r.Arm}]++
	}
	for _, r := range used {
		for _, a := range c.arms {
			if n[[2]string{r.Stratum, a.ID}] < leastInStratum {
				return true
			}
		}
	}
	return false
}

// noFit reports whether the data's shape explains that a model has no fit.
func noFit(err error) bool {
	return errors.Is(err, regress.ErrSeparation) || errors.Is(err, stats.ErrNotConverged) || onlyData(err) == nil
}

// stratumTerm is the name of the strata in a model; no covariate has it.
const stratumTerm = "stratum\x00"

// leastInStratum is how many of each arm every stratum needs for a model that has an
// effect of strata: with fewer it would exaggerate the arms' difference.
const leastInStratum = 5

// planned is the row that answers the plan for an active arm.
func (s *shares) planned(_ context.Context, arm string) (Row, error) {
	row := s.newRow(arm, s.plan.Effect, s.model != nil)
	row.Role, row.Planned, row.Set, row.Estimand = s.plan.Role, s.plan.Method(), s.plan.Set, s.plan.Estimand
	row.Notes = append(row.Notes, s.why...)
	if s.model != nil {
		s.model.fill(&row)
	} else {
		s.unadjusted(&row)
	}
	return row, nil
}

// beside are the rows of the same arm by other methods and on other scales.
func (s *shares) beside(_ context.Context, arm string) ([]Row, error) {
	var out []Row
	add := func(m Measure, how func(*Row)) {
		row := s.newRow(arm, m, false)
		how(&row)
		out = append(out, row)
	}
	for _, m := range []Measure{RiskDifference, RiskRatio, OddsRatio} {
		if s.model != nil {
			row := s.newRow(arm, m, true)
			s.model.fill(&row)
			out = append(out, row)
		}
		add(m, s.unadjusted)
	}
	if s.model != nil {
		row := s.newRow(arm, OddsRatio, true)
		s.model.conditional(&row)
		out = append(out, row)
	}
	if s.strata.any() {
		add(RiskDifference, s.crude)
	}
	add(RiskDifference, s.score)
	more, err := s.compliers(arm)
	return append(out, more...), err
}

// newRow begins a row without estimate.
func (s *shares) newRow(arm string, m Measure, covariates bool) Row {
	row := s.row(MethodProportions, Between, arm, covariates)
	row.Planned, row.Role, row.Measure = "", RoleCompanion, m
	return row
}

// fill takes the row's estimate from the model.
func (m *shareModel) fill(row *Row) {
	row.Method, row.Target = MethodGComputation, Marginal
	var e stats.Effect
	var err error
	switch row.Measure {
	case RiskDifference:
		e, err = m.marginal.Difference(row.Arm, row.Control)
	case RiskRatio:
		e, err = m.marginal.Ratio(row.Arm, row.Control)
	default:
		e, err = m.marginal.OddsRatio(row.Arm, row.Control)
	}
	if err != nil {
		row.Notes = append(row.Notes, Note{Code: "not-computable", Args: map[string]any{"detail": err.Error()}})
		return
	}
	row.fill(e)
}

// conditional is the odds ratio of the model itself, given the strata and covariates:
// another number than that of everybody together.
func (m *shareModel) conditional(row *Row) {
	row.Method, row.Target = MethodLogistic, Conditional
	if row.N[row.Arm] == 0 || row.N[row.Control] == 0 {
		row.Notes = append(row.Notes, Note{Code: "empty-arm"})
		return
	}
	if e := m.fit.OddsRatio(interactionArm + row.Arm); e.Log.Estimable() {
		row.fill(e)
	} else {
		row.Notes = append(row.Notes, Note{Code: "not-computable", Args: map[string]any{"detail": errConfounded.Error()}})
	}
}

// unadjusted compares without covariates: within the strata of randomization, where
// there are any.
func (s *shares) unadjusted(row *Row) {
	if s.strata.any() {
		s.pooled(row)
		return
	}
	s.crude(row)
}

// counts are the events of both arms among those with a value.
func (s *shares) counts(row *Row) (active, control table.Count) {
	return shareOf(s.complete(row.Arm, false)), shareOf(s.complete(row.Control, false))
}

func shareOf(records []Record) table.Count {
	c := table.Count{N: len(records)}
	for _, r := range records {
		if r.Follow == 1 {
			c.Events++
		}
	}
	return c
}

// crude compares both arms' shares as they are.
func (s *shares) crude(row *Row) {
	active, control := s.counts(row)
	row.Target = Marginal
	row.WithoutStrata = s.strata.any()
	if row.Measure != RiskDifference {
		s.ratio(row, active, control)
		return
	}
	s.crudely(row, active, control)
}

// crudely is the difference in shares by the method that the numbers randomized choose,
// or the plan's margin.
func (s *shares) crudely(row *Row, active, control table.Count) {
	r, ok := s.known.between(active, control, [2]int{s.randomized[row.Arm], s.randomized[row.Control]}, row.Level)
	if !ok {
		row.Method = MethodScore
		row.Notes = append(row.Notes, Note{Code: "empty-arm"})
		return
	}
	row.Method = Method(r.method)
	if r.method == RiskScore && s.plan.Margin > 0 {
		row.Method = MethodFarringtonManning
		e, err := table.RiskDifferenceScoreWith(active, control, table.ScoreOptions{NoBiasCorrection: true})
		s.take(row, e, err)
		return
	}
	row.fillWith(r.effect, r.ci, r.p)
	row.Notes = append(row.Notes, r.notes...)
}

// score is the score method of a difference, beside another.
func (s *shares) score(row *Row) {
	active, control := s.counts(row)
	row.Method, row.Target, row.WithoutStrata = MethodScore, Marginal, s.strata.any()
	e, err := table.RiskDifferenceScore(active, control)
	s.take(row, e, err)
}

// ratio is the ratio of both arms' risks or odds, by the score method.
func (s *shares) ratio(row *Row, active, control table.Count) {
	row.Method = MethodScore
	e, err := table.RiskRatioScore(active, control)
	if row.Measure == OddsRatio {
		e, err = table.OddsRatioScore(active, control)
	}
	if err == nil && !finite(e.Point()) {
		err = stats.ErrDomain
	}
	s.take(row, e, err)
}

// noRatio says why the arms give no ratio: odds are infinite where everybody has the event.
func (s *shares) noRatio(row *Row) Note {
	active, control := s.counts(row)
	switch {
	case active.Events == 0 || control.Events == 0:
		return Note{Code: "ratio-no-events"}
	case row.Measure == OddsRatio && (active.Events == active.N || control.Events == control.N):
		return Note{Code: "ratio-all-events"}
	}
	return Note{Code: "ratio-no-strata"}
}

// pooled is Mantel and Haenszel's estimate within strata.
func (s *shares) pooled(row *Row) {
	row.Method, row.Target = MethodMantelHaenszel, Conditional
	var people []Record
	for _, a := range []string{row.Arm, row.Control} {
		people = append(people, s.complete(a, false)...)
	}
	tables := respondersByStratum(people, row.Arm, row.Control, nil, RuleChange, func(r Record) (bool, bool) { return true, r.Follow == 1 })
	switch row.Measure {
	case RiskRatio:
		e, err := table.MantelHaenszelRiskRatio(tables)
		s.take(row, e, err)
	case OddsRatio:
		e, err := table.MantelHaenszelOddsRatio(tables)
		s.take(row, e, err)
	default:
		e, leftOut, ok := withinStrata(tables)
		row.LeftOut = leftOut
		if leftOut > 0 {
			row.Notes = append(row.Notes, Note{Code: "shares-one-arm", Args: map[string]any{"n": leftOut}})
		}
		if !ok {
			row.Notes = append(row.Notes, Note{Code: "shares-no-strata"})
			return
		}
		row.fill(e)
	}
}

// take fills the row, or says why not.
func (s *shares) take(row *Row, e stats.Effect, err error) {
	switch {
	case row.N[row.Arm] == 0 || row.N[row.Control] == 0:
		row.Notes = append(row.Notes, Note{Code: "empty-arm"})
	case err != nil && row.Measure == RiskDifference:
		row.Notes = append(row.Notes, Note{Code: "not-computable", Args: map[string]any{"detail": err.Error()}})
	case err != nil:
		row.Notes = append(row.Notes, s.noRatio(row))
	default:
		row.fill(e)
	}
}

// means are the shares that the model expects with everybody in each arm.
func (s *shares) means() []LSMean {
	if s.model == nil {
		return nil
	}
	var out []LSMean
	for _, a := range s.arms {
		if e, err := s.model.marginal.Mean(a.ID); err == nil {
			out = append(out, LSMean{Arm: a.ID, Visit: s.visit.ID, Method: MethodGComputation, Level: s.plan.Level, N: s.model.n[a.ID], Estimate: e})
		}
	}
	return out
}

// visitOdds compares the arms at a visit by a model of all of them.
type visitOdds struct {
	*comparison
	known *risks
	// fit is nil where there is none, and why says so.
	fit           *regress.GEEFit
	why           []Note
	everybody     []int // a row of the model of each participant in it
	withoutStrata bool
	left          map[string]string // participant → why not in the model
}

// newVisitOdds fits the generalized estimating equations of all visits after baseline.
func (c *comparison) newVisitOdds(known *risks) (*visitOdds, error) {
	s := &visitOdds{comparison: c, known: known, left: map[string]string{}}
	d := c.data
	people := map[string]*subject{}
	for i := range d.participants {
		people[d.participants[i].ID] = d.participants[i]
	}
	visits := d.PostVisits(c.outcome.ID)
	var rows []Record
	var data regress.GEEData
	seen := map[string]bool{}
	cells := map[[2]string]table.Count{}
	for _, r := range c.records {
		here := r
		here.HasFollow = true // asks for the set and the covariates alone
		why, n := c.missing(&here, true), 0
		for _, v := range visits {
			slot, _ := d.slot(c.outcome.ID, v.ID)
			x := people[r.ID].cells[slot]
			if !x.ok || why != "" {
				continue
			}
			if n++; n == 1 {
				s.everybody = append(s.everybody, len(rows))
			}
			seen[v.ID] = true
			cell := cells[[2]string{r.Arm, v.ID}]
			cell.N, cell.Events = cell.N+1, cell.Events+int(x.Number)
			cells[[2]string{r.Arm, v.ID}] = cell
			rows = append(rows, r)
			data.ID, data.Wave, data.Y = append(data.ID, r.ID), append(data.Wave, v.ID), append(data.Y, x.Number)
		}
		if why == "" && n == 0 {
			why = reasonNoValues
		}
		s.left[r.ID] = why
	}
	s.withoutStrata = c.smallStratum(rows)
	visits = slices.DeleteFunc(visits, func(v Visit) bool { return !seen[v.ID] })
	if len(visits) > 1 {
		data.Terms = append(data.Terms, regress.Category(visitTerm, data.Wave, visits[0].ID))
	}
	for _, v := range visits {
		data.Waves = append(data.Waves, v.ID)
		for _, a := range c.active() {
			x, any := make([]float64, len(rows)), false
			for i, r := range rows {
				if r.Arm == a.ID && data.Wave[i] == v.ID {
					x[i], any = 1, true
				}
			}
			if any {
				data.Terms = append(data.Terms, regress.Numeric(visitArm(a.ID, v.ID), x))
			}
		}
	}
	data.Terms = append(data.Terms, c.terms(rows, !s.withoutStrata)[1:]...) // but the arm, which is by visit
	if len(rows) == 0 {
		return s, nil
	}
	for _, cell := range cells { // whose logit has no estimate, whatever a working correlation makes of it
		if cell.Events == 0 || cell.Events == cell.N {
			s.why = []Note{{Code: "gee-separated"}}
			return s, nil
		}
	}
	fit, err := regress.GEE(data, regress.GEEOptions{Family: regress.BinomialFamily})
	if err != nil {
		if !noFit(err) {
			return nil, err
		}
		s.why = []Note{{Code: "not-computable", Args: map[string]any{"detail": err.Error()}}}
		return s, nil
	}
	s.fit = fit
	return s, nil
}

// visitTerm and visitArm name the model's terms; no covariate has them.
const visitTerm = "visit\x00"

func visitArm(arm, visit string) string { return interactionArm + arm + "\x00" + visit }

func (s *visitOdds) planned(_ context.Context, arm string) (Row, error) {
	row := s.rowWith(MethodGEE, Between, arm, func(r *Record) string { return s.left[r.ID] })
	row.Measure, row.Target, row.WithoutStrata = OddsRatio, Marginal, s.withoutStrata
	row = s.answer(row)
	for a := range row.Observed {
		row.Observed[a] = len(s.complete(a, false))
	}
	row.Notes = append(row.Notes, s.why...)
	switch name := visitArm(arm, s.visit.ID); {
	case s.fit == nil && len(s.why) > 0:
	case s.fit == nil || row.Observed[row.Arm] == 0 || row.Observed[row.Control] == 0:
		row.Notes = append(row.Notes, Note{Code: "empty-arm"})
	default:
		if e := s.fit.Coefficient(name); e.Estimable() && e.SE > 0 {
			row.fill(stats.Ratio{Log: e})
			row.Notes = append(row.Notes, Note{Code: "gee-completely-at-random"})
		} else {
			row.Notes = append(row.Notes, Note{Code: "not-computable", Args: map[string]any{"detail": errConfounded.Error()}})
		}
	}
	return row, nil
}

// beside are the difference of shares by the same model, and the rows of the visit alone,
// without covariates.
func (s *visitOdds) beside(ctx context.Context, arm string) ([]Row, error) {
	own := *s.comparison
	own.covariates, own.found = nil, map[bool][]Record{}
	rows, err := (&shares{comparison: &own, known: s.known}).beside(ctx, arm)
	if err != nil {
		return nil, err
	}
	row, err := s.planned(ctx, arm)
	if err != nil || row.Effect == nil {
		return rows, err
	}
	row.Notes = nil
	row.Effect, row.Role, row.Planned, row.Measure = nil, RoleCompanion, "", RiskDifference
	treated, control := map[string]float64{}, map[string]float64{}
	for _, name := range s.fit.Names() {
		if strings.HasPrefix(name, visitTerm) || strings.HasPrefix(name, interactionArm) {
			x := 0.0
			if name == visitTerm+s.visit.ID {
				x = 1
			}
			treated[name], control[name] = x, x
		}
	}
	treated[visitArm(arm, s.visit.ID)] = 1
	if e := s.fit.Standardized(s.everybody, treated, control); e.Estimable() && e.SE > 0 {
		row.fill(e)
		row.Notes = append(row.Notes, Note{Code: "gee-difference"})
		rows = append([]Row{row}, rows...)
	}
	return rows, nil
}

func (s *visitOdds) means() []LSMean { return nil }

// missingCases are the best and the worst that the missing can do to a difference.
func (c *comparison) missingCases(arm string, known *risks) []MissingCase {
	control := c.control().ID
	observed := map[string]table.Count{arm: shareOf(c.complete(arm, false)), control: shareOf(c.complete(control, false))}
	lost := map[string]int{arm: c.lost(arm), control: c.lost(control)}
	if lost[arm]+lost[control] == 0 {
		return nil
	}
	var out []MissingCase
	for _, way := range []MissingResponse{MissingBest, MissingWorst} {
		count := func(a string) table.Count {
			k := table.Count{Events: observed[a].Events, N: observed[a].N + lost[a]}
			if assumedResponse(a == arm, c.outcome.Better == LowerIsBetter, way) {
				k.Events += lost[a]
			}
			return k
		}
		x := MissingCase{Outcome: c.outcome.ID, Visit: c.visit.ID, Arm: arm, Control: control, Missing: way, Active: count(arm), Ctl: count(control),
			Difference: math.NaN(), Lower: math.NaN(), Upper: math.NaN(), P: math.NaN(), Level: c.plan.Level}
		if r, ok := known.between(x.Active, x.Ctl, [2]int{c.randomized[arm], c.randomized[control]}, x.Level); ok {
			x.Method, x.Difference, x.Lower, x.Upper, x.P = r.method, r.point, r.ci.Lo, r.ci.Hi, r.p
		}
		out = append(out, x)
	}
	return out
}

// fillWald compares shares as they are by their large-sample variances. That of a
// difference is Agresti and Caffo's (2000, American Statistician 54:280–288), with one
// patient more of each kind in each arm, so that it is not 0 where nobody or everybody has
// the outcome; those of the logarithms of ratios are Katz's and Woolf's.
func (r *Row) fillWald(active, control table.Count) *Note {
	var p, v [2]float64
	for i, k := range []table.Count{active, control} {
		x, n := float64(k.Events), float64(k.N)
		p[i] = x / n
		switch r.Measure {
		case RiskDifference:
			q := (x + 1) / (n + 2)
			v[i] = q * (1 - q) / (n + 2)
		case RiskRatio:
			v[i] = 1/x - 1/n
		default:
			p[i], v[i] = x/(n-x), 1/x+1/(n-x)
		}
	}
	e := stats.Estimate{Value: p[0] - p[1], SE: math.Sqrt(v[0] + v[1]), DF: math.Inf(1)}
	if r.Measure == RiskDifference {
		r.fill(e)
		return nil
	}
	if e.Value = math.Log(p[0] / p[1]); !finite(e.Value) || !(e.SE > 0) || !finite(e.SE) {
		return &Note{Code: "imputed-set-no-events"}
	}
	r.fill(stats.Ratio{Log: e})
	return nil
}
