package study

import (
	"math"
	"slices"

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

// analyzeShares is analyzeVisit of a binary outcome.
func (d *Dataset) analyzeShares(plans []Plan, known *risks) (Result, error) {
	p := plans[0]
	c := d.comparison(p)
	res := Result{
		Study: StudyInfo{d.protocol.Title, d.protocol.Registration, d.protocol.Simulated},
		Plan:  p, Outcome: c.outcome, Visit: c.visit, Arms: c.arms, Level: p.Level, Records: c.records, Randomized: c.randomized, own: c,
		Diagnostics: Diagnostics{Cook: math.NaN()},
	}
	for i, q := range plans {
		own := d.comparisonOf(q, c.records)
		s, err := own.newShares(known)
		if err != nil {
			return Result{}, err
		}
		for _, a := range own.active() {
			row := s.planned(a.ID)
			row.Decides = i == 0
			if row.Decides && row.Measure == RiskDifference && row.Effect != nil {
				row.NNT = new(stats.NewNNT(row.Estimate, row.interval(), int(c.outcome.Better.Sign())))
			}
			res.Rows = append(res.Rows, row)
		}
		res.LSMeans = append(res.LSMeans, s.means()...)
	}
	s, err := c.newShares(known)
	if err != nil {
		return Result{}, err
	}
	for _, a := range c.active() {
		for _, row := range s.beside(a.ID) {
			if !slices.ContainsFunc(res.Rows, func(x Row) bool {
				return x.Arm == row.Arm && x.Method == row.Method && x.Measure == row.Measure && x.Set == row.Set
			}) {
				res.Rows = append(res.Rows, row)
			}
		}
		res.MissingCases = append(res.MissingCases, c.missingCases(a.ID, known)...)
	}
	res.Summaries = c.shareSummaries()
	c.judgeRows(&res)
	c.addDoubts(&res, plans)
	res.Importance = c.importanceOf(res.Rows)
	return res, nil
}

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
	events, cells := 0, map[string]map[string]int{}
	m := &shareModel{n: map[string]int{}}
	y, arms, strata := make([]bool, len(used)), make([]string, len(used)), make([]string, len(used))
	for i, r := range used {
		y[i], arms[i], strata[i] = r.Follow == 1, r.Arm, r.Stratum
		m.n[r.Arm]++
		if y[i] {
			events++
		}
		if cells[r.Stratum] == nil {
			cells[r.Stratum] = map[string]int{}
		}
		cells[r.Stratum][r.Arm]++
	}
	refuse := func(code string, args map[string]any) (*shares, error) {
		s.why = []Note{{Code: code, Args: args}}
		return s, nil
	}
	if least := min(events, len(used)-events); least < leastEvents {
		return refuse("gcomp-few-events", map[string]any{"events": events, "others": len(used) - events, "least": leastEvents})
	}
	if c.strata.any() {
		for _, n := range cells {
			for _, a := range c.arms {
				if n[a.ID] < leastInStratum {
					return refuse("gcomp-small-strata", map[string]any{"least": leastInStratum})
				}
			}
		}
	}
	terms := []regress.Term{regress.Category(interactionArm, arms, c.control().ID)}
	if levels := slices.Compact(slices.Sorted(slices.Values(strata))); len(levels) > 1 {
		terms = append(terms, regress.Category(stratumTerm, strata, levels[0]))
	}
	for _, cov := range c.covariates {
		switch {
		case slices.Contains(c.strata.rand.Strata, cov.ID): // in the strata already
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
	var err error
	if m.fit, err = regress.Logistic(y, terms...); err == nil {
		m.marginal, err = m.fit.Marginal(interactionArm)
	}
	if err != nil {
		if other := onlyData(err); other != nil {
			if _, ok := notConverged(err); !ok {
				return nil, other
			}
		}
		return refuse("gcomp-no-fit", map[string]any{"detail": err.Error()})
	}
	s.model = m
	return s, nil
}

// stratumTerm is the name of the strata in a model; no covariate has it.
const stratumTerm = "stratum\x00"

// leastInStratum is how many of each arm every stratum needs for a model that has an
// effect of strata: with fewer it would exaggerate the arms' difference.
const leastInStratum = 5

// planned is the row that answers the plan for an active arm.
func (s *shares) planned(arm string) Row {
	row := s.newRow(arm, s.plan.Effect, s.model != nil)
	row.Role, row.Planned, row.Set = s.plan.Role, s.plan.Method(), s.plan.Set
	row.Notes = append(row.Notes, s.why...)
	if s.model != nil {
		s.model.fill(&row)
	} else {
		s.unadjusted(&row)
	}
	return row
}

// beside are the rows of the same arm by other methods and on other scales.
func (s *shares) beside(arm string) []Row {
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
	return out
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
		row.Notes = append(row.Notes, Note{Code: "ratio-no-events"})
		return
	}
	s.take(row, e, err)
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
	case err != nil:
		row.Notes = append(row.Notes, Note{Code: "ratio-no-events"})
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

// shareSummaries count the yes of every arm among those with a value.
func (c *comparison) shareSummaries() []Summary {
	nan := math.NaN()
	var out []Summary
	for _, a := range c.arms {
		n := 0
		for i := range c.records {
			if c.records[i].Arm == a.ID {
				n++
			}
		}
		count := shareOf(c.complete(a.ID, false))
		s := Summary{Arm: a.ID, Visit: c.visit.ID, MeanChange: nan, SDChange: nan, Correlation: nan,
			Share: &Share{Events: count.Events, N: count.N, Value: nan, Lower: nan, Upper: nan, Level: c.plan.Level}}
		s.Description = stats.Description{N: count.N, Mean: nan, SD: nan, SE: nan, Min: nan, Q1: nan, Median: nan, Q3: nan, Max: nan}
		s.Missing = n - count.N
		if p, err := table.ClopperPearson(count); err == nil {
			ci := p.CI(c.plan.Level)
			s.Share.Value, s.Share.Lower, s.Share.Upper = p.Point(), ci.Lo, ci.Hi
		}
		out = append(out, s)
	}
	return out
}

// missingCases are the best and the worst that the missing can do to a difference.
func (c *comparison) missingCases(arm string, known *risks) []MissingCase {
	control := c.control().ID
	observed := map[string]table.Count{arm: shareOf(c.complete(arm, false)), control: shareOf(c.complete(control, false))}
	if observed[arm].N == c.randomized[arm] && observed[control].N == c.randomized[control] {
		return nil
	}
	var out []MissingCase
	for _, way := range []MissingResponse{MissingBest, MissingWorst} {
		count := func(a string) table.Count {
			k := table.Count{Events: observed[a].Events, N: c.randomized[a]}
			if assumed(a == arm, c.outcome.Better == LowerIsBetter, way) {
				k.Events += k.N - observed[a].N
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
