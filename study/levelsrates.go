package study

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study/along"
	"github.com/trialkit/trialkit/study/text"
)

// This file compares the categories of an ordinal outcome at a visit: by the probability
// that a patient of the active arm fares better than one of control, within the strata of
// randomization, which needs no model; or, where a plan says so, by a proportional-odds
// model, which takes covariates. And it compares the rates of a count outcome: by a
// negative binomial model with the logarithm of exposure, and the strata and covariates
// where every stratum can have an effect of its own; by the conditional exact rate ratio,
// within small strata, where events are few or an arm has none.

// levelRows is a comparison of categories by one plan.
type levelRows struct {
	*comparison
	// model is the plan's, without strata where they are too small for effects of their
	// own; nil where the plan has none, or the model has no fit.
	model         *regress.OrdinalFit
	withoutStrata bool
	why           []Note // there is no fit
}

func (c *comparison) newLevels() (*levelRows, error) {
	s := &levelRows{comparison: c}
	if c.plan.Model != ProportionalOdds {
		return s, nil
	}
	var err error
	s.model, s.withoutStrata, s.why, err = c.proportionalOdds(true)
	return s, err
}

// proportionalOdds fits the model, or says why it has no fit.
func (c *comparison) proportionalOdds(covariates bool) (m *regress.OrdinalFit, withoutStrata bool, why []Note, err error) {
	own := *c
	if !covariates {
		own.covariates = nil
	}
	used := c.used(covariates)
	withoutStrata = c.smallStratum(used)
	y := make([]float64, len(used))
	for i, r := range used {
		y[i] = r.Follow
	}
	m, err = regress.Ordinal(y, own.terms(used, !withoutStrata)...)
	switch {
	case err == nil:
		return m, withoutStrata, nil, nil
	case errors.Is(err, regress.ErrSeparation):
		return nil, withoutStrata, []Note{{Code: "odds-separated", Args: text.Args{"detail": err.Error()}}}, nil
	case noFit(err):
		return nil, withoutStrata, []Note{{Code: "not-computable", Args: text.Args{"detail": err.Error()}}}, nil
	}
	return nil, false, nil, err
}

func (s *levelRows) planned(ctx context.Context, arm string) (Row, error) {
	if s.plan.Model != ProportionalOdds {
		row := s.kindRow(MethodBenefit, arm, s.plan.Effect, false)
		err := s.benefit(ctx, &row, false)
		return s.answer(row), err
	}
	row := s.kindRow(MethodProportionalOdds, arm, OddsRatio, true)
	row.WithoutStrata, row.Target, row.Notes = s.withoutStrata, Conditional, append(row.Notes, s.why...)
	err := fillOdds(ctx, &row, s.model)
	return s.answer(row), err
}

// answer marks a row as the one that answers the plan.
func (c *comparison) answer(row Row) Row {
	row.Role, row.Planned, row.Set = c.plan.Role, c.plan.Method(), c.plan.Set
	return row
}

// kindRow begins a row without estimate.
func (c *comparison) kindRow(m Method, arm string, measure Measure, covariates bool) Row {
	row := c.row(m, Between, arm, covariates)
	row.Planned, row.Role, row.Measure = "", RoleCompanion, measure
	return row
}

func (s *levelRows) beside(ctx context.Context, arm string) ([]Row, error) {
	var out []Row
	crude := []bool{false}
	if s.strata.any() {
		crude = append(crude, true)
	}
	for _, without := range crude {
		for _, m := range []Measure{ProbabilityBetter, WinOdds} {
			row := s.kindRow(MethodBenefit, arm, m, false)
			if err := s.benefit(ctx, &row, without); err != nil {
				return nil, err
			}
			out = append(out, row)
		}
	}
	if s.plan.Model == ProportionalOdds {
		return out, nil
	}
	row := s.kindRow(MethodProportionalOdds, arm, OddsRatio, false)
	m, without, why, err := s.proportionalOdds(false)
	if err != nil {
		return nil, err
	}
	row.WithoutStrata, row.Target, row.Notes = without, Conditional, append(row.Notes, why...)
	if err := fillOdds(ctx, &row, m); err != nil {
		return nil, err
	}
	return append(out, row), nil
}

func (s *levelRows) means() []LSMean { return nil }

// benefit estimates the probability of benefit, or its odds: within the strata of
// randomization, unless it is to be without.
func (s *levelRows) benefit(ctx context.Context, row *Row, without bool) error {
	row.WithoutStrata = without
	values := s.byStratum(row, without)
	w, err := rank.BenefitContext(ctx, values[0], values[1], rank.BenefitOptions{Seed: s.plan.Seed})
	switch {
	case errors.Is(err, rank.ErrSeparated):
		row.Notes = append(row.Notes, Note{Code: "benefit-separated"})
		return nil
	case err != nil:
		return row.refuse(err)
	}
	better := w.Value - w.Ties/2
	row.Pairs = &Pairs{Better: better, Tied: w.Ties, Worse: math.Max(0, 1-better-w.Ties)}
	if row.LeftOut = row.N[row.Arm] + row.N[row.Control] - w.Treated - w.Control; row.LeftOut > 0 {
		row.Notes = append(row.Notes, Note{Code: "benefit-one-arm", Args: text.Args{"n": row.LeftOut}})
	}
	if row.Measure == WinOdds {
		row.fill(winOdds{w.WinOdds()})
	} else {
		row.fill(winProbability{w})
	}
	switch {
	case w.Method != rank.BenefitPermutation:
	case w.MonteCarlo:
		row.Notes = append(row.Notes, Note{Code: "benefit-permutation-drawn", Args: text.Args{"n": w.Arrangements}})
	default:
		row.Notes = append(row.Notes, Note{Code: "benefit-permutation", Args: text.Args{"n": w.Arrangements}})
	}
	return nil
}

// byStratum are the values of the active arm and of control by stratum, larger for better.
func (c *comparison) byStratum(row *Row, without bool) (values [2][][]float64) {
	strata := map[string]int{}
	for k, arm := range []string{row.Arm, row.Control} {
		for _, r := range c.complete(arm, false) {
			cell := r.Stratum
			if without {
				cell = ""
			}
			i, ok := strata[cell]
			if !ok {
				i = len(strata)
				strata[cell] = i
				values[0], values[1] = append(values[0], nil), append(values[1], nil)
			}
			values[k][i] = append(values[k][i], c.outcome.Better.Sign()*r.Follow)
		}
	}
	return values
}

// winProbability and winOdds tell rows their standard errors: of the odds that of their
// logarithm.
type winProbability struct{ rank.WinProbability }

func (w winProbability) standardError() float64 { return w.SE }

type winOdds struct{ rank.WinOdds }

func (w winOdds) standardError() float64 { return w.SELog() }

// logitProbability is a probability whose logit is estimated.
type logitProbability struct{ logit stats.Estimate }

func (w logitProbability) standardError() float64 {
	p := w.Point()
	return w.logit.SE * p * (1 - p)
}

// Point returns the probability.
func (w logitProbability) Point() float64 { return 1 / (1 + math.Exp(-w.logit.Value)) }

// CI returns the limits of the logit as probabilities.
func (w logitProbability) CI(level float64) stats.Interval {
	ci := w.logit.CI(level)
	ci.Lo, ci.Hi = 1/(1+math.Exp(-ci.Lo)), 1/(1+math.Exp(-ci.Hi))
	return ci
}

// logitOf is −∞ of 0 and below, ∞ of 1 and above.
func logitOf(p float64) float64 {
	p = math.Min(1, math.Max(0, p))
	return math.Log(p) - math.Log1p(-p)
}

// P returns the two-sided p-value, PGreater and PLess the one-sided ones.
func (w logitProbability) P(null float64) float64 { return w.logit.P(logitOf(null)) }

// PGreater returns that of H0 probability ≤ null.
func (w logitProbability) PGreater(null float64) float64 { return w.logit.PGreater(logitOf(null)) }

// PLess returns that of H0 probability ≥ null.
func (w logitProbability) PLess(null float64) float64 { return w.logit.PLess(logitOf(null)) }

// fillOdds takes the odds ratio of a higher category from the model, if it has a fit, and
// says what its test of proportional odds finds.
func fillOdds(ctx context.Context, row *Row, m *regress.OrdinalFit) error {
	switch {
	case m == nil:
		return nil
	case row.N[row.Arm] == 0 || row.N[row.Control] == 0:
		row.Notes = append(row.Notes, Note{Code: "empty-arm"})
		return nil
	}
	if err := row.fillProfile(ctx, m.Coefficient(interactionArm+row.Arm), m.Profile(interactionArm+row.Arm)); err != nil || row.Effect == nil {
		return err
	}
	if t, err := m.NominalTest(interactionArm); err == nil {
		row.Notes = append(row.Notes, Note{Code: "odds-proportional", Args: text.Args{"chi": t.X2, "df": t.DF, "p": t.P()}})
	}
	return nil
}

// profileRatio is a ratio whose logarithm is judged by profile likelihood.
type profileRatio struct {
	log regress.Profile
	se  float64 // of the logarithm, by the information
}

func (r profileRatio) standardError() float64 { return r.se }

// Point returns the ratio.
func (r profileRatio) Point() float64 { return math.Exp(r.log.Point()) }

// CI returns the ratios that the likelihood ratio test does not reject.
func (r profileRatio) CI(level float64) stats.Interval {
	ci := r.log.CI(level)
	ci.Lo, ci.Hi = math.Exp(ci.Lo), math.Exp(ci.Hi)
	return ci
}

// P returns the two-sided p-value of the likelihood ratio test.
func (r profileRatio) P(null float64) float64 { return r.log.P(logRatio(null)) }

// PGreater and PLess return the one-sided p-values by the signed root.
func (r profileRatio) PGreater(null float64) float64 { return r.log.PGreater(logRatio(null)) }

// PLess returns the other one.
func (r profileRatio) PLess(null float64) float64 { return r.log.PLess(logRatio(null)) }

// logRatio of a ratio below 0, which is as impossible as 0, is −∞.
func logRatio(x float64) float64 { return math.Log(math.Max(0, x)) }

// fillProfile fills the row with the ratio of a coefficient, or says why it has none.
func (r *Row) fillProfile(ctx context.Context, coef stats.Estimate, log regress.Profile) error {
	if !coef.Estimable() {
		r.Notes = append(r.Notes, Note{Code: "not-computable", Args: text.Args{"detail": errConfounded.Error()}})
		return nil
	}
	ci, err := log.CIContext(ctx, r.Level)
	p := math.NaN()
	if err == nil {
		p, err = log.PContext(ctx, 0)
	}
	if err != nil {
		return r.refuse(err)
	}
	ci.Lo, ci.Hi = math.Exp(ci.Lo), math.Exp(ci.Hi)
	r.fillWith(profileRatio{log, coef.SE}, ci, p)
	return nil
}

// levelCounts count the records of each category.
func levelCounts(o Outcome, records []Record) []LevelCount {
	out := make([]LevelCount, len(o.Levels))
	for i, l := range o.Levels {
		out[i].Level = l
	}
	for _, r := range records {
		out[int(r.Follow)-1].Count++
	}
	return out
}

// fewEvents is how many events a model of counts needs, in all.
const fewEvents = 10

// rateRows is a comparison of rates by one plan.
type rateRows struct {
	*comparison
	// model is of all arms with events; nil where few events, small strata or the lack of
	// a fit leave the conditional exact ratio.
	model *regress.CountsFit
	why   []Note
}

func (c *comparison) newRates() (*rateRows, error) {
	s := &rateRows{comparison: c}
	var err error
	s.model, s.why, err = c.countModel()
	return s, err
}

// countModel fits the negative binomial model, or says why not.
func (c *comparison) countModel() (*regress.CountsFit, []Note, error) {
	events, all := map[string]int{}, 0
	used := slices.Clone(c.used(true))
	for _, r := range used {
		events[r.Arm] += int(r.Follow)
		all += int(r.Follow)
	}
	used = slices.DeleteFunc(used, func(r Record) bool { return events[r.Arm] == 0 })
	switch {
	case all < fewEvents:
		return nil, []Note{{Code: "rates-few", Args: text.Args{"events": all, "least": fewEvents}}}, nil
	case events[c.control().ID] == 0, events[c.control().ID] == all: // or no other arm has any
		return nil, []Note{{Code: "rates-none"}}, nil
	case c.smallStratum(c.used(true)):
		return nil, []Note{{Code: "rates-small-strata", Args: text.Args{"least": leastInStratum}}}, nil
	}
	y, exposure := make([]float64, len(used)), make([]float64, len(used))
	for i, r := range used {
		y[i], exposure[i] = r.Follow, r.Exposure
	}
	m, err := regress.Counts(y, exposure, c.terms(used, true)...)
	switch {
	case err == nil:
		return m, nil, nil
	case noFit(err):
		return nil, []Note{{Code: "rates-no-fit", Args: text.Args{"detail": err.Error()}}}, nil
	}
	return nil, nil, err
}

func (s *rateRows) planned(ctx context.Context, arm string) (Row, error) {
	if s.model == nil {
		row := s.exactRates(arm, false)
		row.Notes = append(slices.Clone(s.why), row.Notes...)
		return s.answer(row), nil
	}
	m := s.model
	if !slices.Contains(m.Names(), interactionArm+arm) { // no events, or nobody
		row := s.exactRates(arm, false)
		row.Notes = append([]Note{{Code: "rates-none"}}, row.Notes...)
		return s.answer(row), nil
	}
	row := s.kindRow(MethodNegativeBinomial, arm, RateRatio, true)
	if m.Model() == regress.PoissonCounts {
		row.Method = MethodPoisson
		row.Notes = append(row.Notes, Note{Code: "rates-poisson"})
	} else {
		alpha, _ := m.Alpha()
		row.Notes = append(row.Notes, Note{Code: "rates-alpha", Args: text.Args{"alpha": alpha}})
	}
	err := row.fillProfile(ctx, m.Coefficient(interactionArm+arm), m.Profile(interactionArm+arm))
	return s.answer(row), err
}

func (s *rateRows) beside(_ context.Context, arm string) ([]Row, error) {
	out := []Row{s.exactRates(arm, false)}
	if s.strata.any() {
		out = append(out, s.exactRates(arm, true))
	}
	return out, nil
}

func (s *rateRows) means() []LSMean { return nil }

// exactRates is the conditional exact ratio: within the strata of randomization, unless it
// is to be without.
func (s *rateRows) exactRates(arm string, without bool) Row {
	row := s.kindRow(MethodExactRates, arm, RateRatio, false)
	row.WithoutStrata = without
	order := []string{}
	strata := map[string]*table.RateStratum{}
	n := map[string]int{}
	for k, a := range []string{row.Arm, row.Control} {
		for _, r := range s.complete(a, false) {
			cell := r.Stratum
			if without {
				cell = ""
			}
			x := strata[cell]
			if x == nil {
				x = &table.RateStratum{}
				strata[cell], order = x, append(order, cell)
			}
			rate := &x.Treated
			if k == 1 {
				rate = &x.Control
			}
			rate.Events += int(r.Follow)
			rate.Exposure += r.Exposure
			n[cell]++
		}
	}
	var both []table.RateStratum
	for _, cell := range order {
		if x := strata[cell]; x.Treated.Exposure > 0 && x.Control.Exposure > 0 {
			both = append(both, *x)
		} else {
			row.LeftOut += n[cell]
		}
	}
	if row.LeftOut > 0 && len(both) > 0 {
		row.Notes = append(row.Notes, Note{Code: "rates-one-arm", Args: text.Args{"n": row.LeftOut}})
	}
	var e stats.Effect
	var err error
	switch {
	case len(both) == 0:
		row.Notes = append(row.Notes, Note{Code: "empty-arm"})
		return row
	case !slices.ContainsFunc(both, func(s table.RateStratum) bool { return s.Treated.Events+s.Control.Events > 0 }):
		row.Notes = append(row.Notes, Note{Code: "rates-no-events"})
		return row
	case len(both) == 1: // of any number of events
		e, err = table.RateRatioExact(both[0].Treated, both[0].Control)
	default:
		e, err = table.RateRatioStratified(both)
	}
	if err != nil {
		row.Notes = append(row.Notes, Note{Code: "not-computable", Args: text.Args{"detail": err.Error()}})
		return row
	}
	row.fill(e)
	row.Notes = append(row.Notes, Note{Code: "rates-exact"})
	return row
}

// TimeAtRisk is the column of an outcome's time at risk at a visit, in the words of a
// catalog: a rate is per one of it. It is "" for an outcome that is no count.
func (p Protocol) TimeAtRisk(outcome, visit string, c *text.Catalog) string {
	columns := p.Data.Exposure[outcome]
	name := cmp.Or(columns[visit], columns[""])
	return cmp.Or(c.Own(p.Translations)[name], name)
}

// Rate is how many events an arm had in its time at risk, with exact limits that take the
// counts to vary as Poisson's do.
type Rate struct {
	Events              int
	Exposure            float64
	Value, Lower, Upper float64 // NaN where nobody has a value
	Level               float64
}

// RatePer is in how many units of time at risk an outcome's rates are printed everywhere in a
// report: the power of ten, 10 or more, in which the smallest rate above 0 of any arm at any
// visit is at least 1 (100 where there is none).
func (r Report) RatePer(outcome string) float64 {
	least := math.Inf(1)
	for _, res := range r.Results {
		for _, s := range res.Summaries {
			if res.Outcome.ID == outcome && s.Rate != nil && s.Rate.Value > 0 {
				least = math.Min(least, s.Rate.Value)
			}
		}
	}
	if math.IsInf(least, 1) {
		return 100
	}
	per := 10.0
	for per*least < 1 && per < 1e12 {
		per *= 10
	}
	return per
}

// RatePer is that of the report where AnalyzeAll made the result, and otherwise that which
// the result alone asks for.
func (r Result) RatePer() float64 {
	if r.ratePer > 0 {
		return r.ratePer
	}
	return Report{Results: []Result{r}}.RatePer(r.Outcome.ID)
}

// newRate sums up records.
func newRate(records []Record, level float64) *Rate {
	r := &Rate{Value: math.NaN(), Lower: math.NaN(), Upper: math.NaN(), Level: level}
	for _, x := range records {
		r.Events += int(x.Follow)
		r.Exposure += x.Exposure
	}
	if e, err := table.Poisson(table.PoissonRate{Events: r.Events, Exposure: r.Exposure}); err == nil {
		ci := e.CI(level)
		r.Value, r.Lower, r.Upper = e.Point(), ci.Lo, ci.Hi
	}
	return r
}

// boundedRows are the odds ratios of a quasi-binomial model of arm, baseline, strata and
// covariates, beside the difference of means of a bounded outcome.
func (c *comparison) boundedRows() ([]Row, error) {
	used := c.used(true)
	y, of := make([]float64, len(used)), make([]float64, len(used))
	for i, r := range used {
		y[i], of[i] = r.Follow, c.outcome.Max
	}
	small := c.smallStratum(used)
	terms := c.terms(used, !small)
	if c.outcome.HasBaseline() {
		before := make([]float64, len(used))
		for i, r := range used {
			before[i] = r.Baseline
		}
		terms = append(terms, regress.Numeric(baselineTerm, before))
	}
	m, err := regress.Bounded(y, of, terms...)
	if err != nil && !noFit(err) {
		return nil, err
	}
	var out []Row
	for _, a := range c.active() {
		row := c.kindRow(MethodQuasiBinomial, a.ID, OddsRatio, true)
		row.Target, row.WithoutStrata = Conditional, small
		switch {
		case row.N[row.Arm] == 0 || row.N[row.Control] == 0:
			row.Notes = append(row.Notes, Note{Code: "empty-arm"})
		case err != nil:
			row.Notes = append(row.Notes, Note{Code: "not-computable", Args: text.Args{"detail": err.Error()}})
		default:
			if e := m.OddsRatio(interactionArm + a.ID); e.Log.Estimable() && e.Log.SE > 0 {
				row.fill(e)
			} else {
				row.Notes = append(row.Notes, Note{Code: "not-computable", Args: text.Args{"detail": errConfounded.Error()}})
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// baselineTerm is the name of the baseline in a model; no covariate has it.
const baselineTerm = "baseline\x00"

// levelsVary is the interaction of an ordinal outcome.
func (s *Subgroups) levelsVary(ctx context.Context, c *comparison, g subgroup, used []Record) error {
	if c.plan.Model != ProportionalOdds && !g.numeric {
		s.Interacts = WinOdds
		s.separate(c, g)
		return nil
	}
	s.Interacts = OddsRatio
	y := make([]float64, len(used))
	for i, r := range used {
		y[i] = r.Follow
	}
	return s.vary(ctx, c, g, used, !c.smallStratum(used), func(terms ...regress.Term) (along.Fit, error) { return regress.Ordinal(y, terms...) })
}

// ratesVary is the interaction of counts.
func (s *Subgroups) ratesVary(ctx context.Context, c *comparison, g subgroup, used []Record) error {
	y, exposure, events := make([]float64, len(used)), make([]float64, len(used)), 0
	for i, r := range used {
		y[i], exposure[i], events = r.Follow, r.Exposure, events+int(r.Follow)
	}
	if events < fewEvents {
		s.Why = reason("subgroups-few-counts", text.Args{"events": events, "least": fewEvents})
		return nil
	}
	return s.vary(ctx, c, g, used, !c.smallStratum(used), func(terms ...regress.Term) (along.Fit, error) { return regress.Counts(y, exposure, terms...) })
}
