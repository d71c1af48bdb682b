package study

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/study/lost"
	"github.com/trialkit/trialkit/study/text"
)

// This file compares the arms of outcomes that are no measurements where values are
// missing at random: shares, categories in an order. A share, a rank or a standardized risk
// is not linear in the values, so that conditional means do not serve: values are drawn by
// chained equations (lost.Chain), every completed data set is analyzed as the plan says, by
// an estimator that has a standard error, and the estimates are pooled by Rubin's rules with
// the degrees of freedom of Barnard and Rubin, on the logarithm of a ratio and the logit of a
// probability. With nothing missing what is left is that estimator: a large-sample one, where
// the plan without imputation may have an exact one.

// ChainedImputation says from what missing values of an outcome that is no measurement
// were drawn: from the arm (ByArm: within it, where each has ten participants with
// everything known for every predictor), the strata of randomization, the plan's covariates
// and the outcome at Visits before. Filled counts missing covariates, which are drawn too,
// by ID.
type ChainedImputation struct {
	ByArm                      bool
	Strata, Covariates, Visits []string
	Filled                     map[string]int
}

// completedRows compare the arms of an outcome that is no measurement over data sets that
// chained equations complete, by Rubin's rules.
type completedRows struct {
	*comparison
	known *risks
	// drawn by the first row that asks.
	answers map[answerKey]*completedAnswer
	chained ChainedImputation
	sets    *lost.Chained
	method  Method                      // that analyzes each
	why     []Note                      // it is not the one foreseen, or there is no answer
	shares  map[string][]stats.Estimate // of g-computation, by arm
	// withoutStrata: they were too small for effects of their own.
	withoutStrata bool
}

// answerKey is an active arm, and the measure that it is compared by: the plan's, and
// others that stand beside it.
type answerKey struct {
	arm     string
	measure Measure
}

// completedAnswer are an arm's estimates of the completed data sets, on the scale on which
// they are pooled, and their means of what stands beside.
type completedAnswer struct {
	of                       []stats.Estimate
	pooled                   stats.Pooled
	monteCarlo, better, ties float64
	leftOut                  int
	why                      []Note // there is none
}

func (c *comparison) newCompleted(known *risks) *completedRows {
	return &completedRows{comparison: c, known: known}
}

// observed is the comparison of those with a value, by the same plan.
func (s *completedRows) observed() *comparison {
	own := *s.comparison
	own.plan.Impute, own.found = Imputing{}, map[bool][]Record{}
	return &own
}

// columns of the chained equations: a row a record.
func (s *completedRows) columns() (lost.Chain, ChainedImputation) {
	n := len(s.records)
	out := lost.Chain{Arm: interactionArm, Target: s.outcome.ID + "\x00" + s.visit.ID, Seed: s.plan.Seed}
	used := ChainedImputation{Filled: map[string]int{}}
	arms := impute.Column{Name: interactionArm}
	for _, r := range s.records {
		arms.Category = append(arms.Category, r.Arm)
	}
	out.Columns = append(out.Columns, arms)
	for _, f := range s.strata.factors(s.records, false) {
		out.Columns, used.Strata = append(out.Columns, impute.Column{Name: stratumTerm + f.name, Category: f.labels}), append(used.Strata, f.name)
	}
	for _, cov := range s.covariates {
		if s.strata.any() && s.strata.has(cov.ID) {
			continue
		}
		x := impute.Column{Name: cov.ID, Missing: make([]bool, n)}
		for i, r := range s.records {
			ok := false
			if cov.Kind == Category {
				var label string
				label, ok = r.Categories[cov.ID]
				x.Category = append(x.Category, label)
			} else {
				var y float64
				y, ok = r.Numbers[cov.ID]
				x.Number = append(x.Number, y)
			}
			if x.Missing[i] = !ok; !ok {
				used.Filled[cov.ID]++
			}
		}
		out.Columns, used.Covariates = append(out.Columns, x), append(used.Covariates, cov.ID)
	}
	people := map[string]*subject{}
	for _, x := range s.data.participants {
		people[x.ID] = x
	}
	for _, v := range s.data.PostVisits(s.outcome.ID) {
		if v.ID == s.visit.ID {
			break
		}
		slot, _ := s.data.slot(s.outcome.ID, v.ID)
		x := s.column(s.outcome.ID+"\x00"+v.ID, n, func(i int) (float64, bool) {
			c := people[s.records[i].ID].cells[slot]
			return c.Number, c.ok
		})
		out.Columns, used.Visits = append(out.Columns, x), append(used.Visits, v.ID)
	}
	out.Columns = append(out.Columns, s.column(out.Target, n, func(i int) (float64, bool) { return s.records[i].Follow, s.records[i].HasFollow }))
	return out, used
}

// mostLevels is how many levels of an ordinal outcome are drawn by proportional odds; of
// more, one observed near its prediction is taken.
const mostLevels = 10

// column is the outcome at a visit for the chained equations.
func (s *completedRows) column(name string, n int, value func(i int) (float64, bool)) impute.Column {
	x := impute.Column{Name: name, Missing: make([]bool, n)}
	levels := s.outcome.Levels
	if s.outcome.Binary() {
		levels = []string{"0", "1"}
	}
	for i := range n {
		y, ok := value(i)
		x.Missing[i] = !ok
		switch {
		case len(levels) > mostLevels:
			x.Number = append(x.Number, y)
		case !ok:
			x.Category = append(x.Category, "")
		case s.outcome.Binary():
			x.Category = append(x.Category, levels[int(y)])
		default:
			x.Category = append(x.Category, levels[int(y)-1])
		}
	}
	if x.Number != nil {
		x.Matching = true
	} else if s.outcome.Ordinal() {
		x.Levels = levels
	}
	return x
}

// value is the outcome's number of a row of a completed column.
func (s *completedRows) value(x impute.Column, i int) float64 {
	switch {
	case x.Number != nil:
		return x.Number[i]
	case s.outcome.Binary():
		return float64(btoi(x.Category[i] == "1"))
	}
	return float64(slices.Index(s.outcome.Levels, x.Category[i]) + 1)
}

// completed is the plan without imputation over completed data set m.
func (s *completedRows) completed(m int) *comparison {
	own := s.observed()
	own.records = slices.Clone(s.records)
	for _, x := range s.sets.Table(m) {
		cov := slices.IndexFunc(s.covariates, func(c Covariate) bool { return c.ID == x.Name })
		for i := range own.records {
			r := &own.records[i]
			switch {
			case x.Missing == nil || !x.Missing[i]:
			case x.Name == s.outcome.ID+"\x00"+s.visit.ID:
				r.Follow, r.HasFollow = s.value(x, i), true
			case cov < 0:
			case x.Category != nil:
				r.Categories = maps.Clone(r.Categories)
				if r.Categories == nil {
					r.Categories = map[string]string{}
				}
				r.Categories[x.Name] = x.Category[i]
			default:
				r.Numbers = maps.Clone(r.Numbers)
				if r.Numbers == nil {
					r.Numbers = map[string]float64{}
				}
				r.Numbers[x.Name] = x.Number[i]
			}
		}
	}
	return own
}

// errInSet: a completed data set could not be analyzed.
type errInSet struct{ note Note }

func (e *errInSet) Error() string { return e.note.Code }

// settle draws and analyzes until the p-values are settled, or says in why there is no
// answer.
func (s *completedRows) settle(ctx context.Context) error {
	if s.answers != nil {
		return nil
	}
	s.answers = map[answerKey]*completedAnswer{}
	if s.method = s.plan.Method(); s.method == MethodImputedGComputation || s.method == MethodImputedProportions {
		seen, err := s.observed().newShares(s.known)
		if err != nil {
			return err
		}
		s.why = seen.why
		switch {
		case seen.model != nil:
			s.method = MethodImputedGComputation
		case s.strata.any():
			s.method = MethodImputedMantelHaenszel
		default:
			s.method = MethodImputedShares
		}
	}
	refuse := func(err error) error {
		s.answers = map[answerKey]*completedAnswer{}
		if e := ctx.Err(); e != nil {
			return e
		}
		var in *errInSet
		if errors.As(err, &in) {
			s.why = append(s.why, in.note)
			return nil
		}
		if !noFit(err) {
			return err
		}
		s.why = append(s.why, Note{Code: imputationFault(err)})
		return nil
	}
	var chain lost.Chain
	chain, s.chained = s.columns()
	for m := firstImputations; ; m = moreImputations {
		var err error
		if s.sets, err = chain.Complete(ctx, m); err != nil {
			return refuse(err)
		}
		s.chained.ByArm = s.sets.ByArm
		again := false
		for _, key := range s.keys() {
			s.answers[key] = &completedAnswer{}
		}
		s.shares = map[string][]stats.Estimate{}
		for k := range m {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := s.analyze(s.completed(k)); err != nil {
				return refuse(err)
			}
		}
		for _, key := range s.keys() {
			x := s.answers[key]
			if len(x.why) > 0 {
				continue
			}
			if x.pooled, err = stats.PoolImputations(x.of); err != nil {
				return refuse(err)
			}
			first := x.of[:firstImputations]
			mc, err := impute.StabilityOf(first)
			if err != nil {
				return refuse(err)
			}
			x.monteCarlo = mc.Estimate * math.Sqrt(firstImputations/float64(m))
			if key.measure != s.plan.Effect { // which alone is judged
				continue
			}
			near, err := lost.Near(first, 1-s.plan.Level, s.nulls()...)
			if err != nil {
				return refuse(err)
			}
			again = again || near
		}
		if !again || m == moreImputations {
			return nil
		}
	}
}

// keys are the active arms by every measure.
func (s *completedRows) keys() (out []answerKey) {
	for _, a := range s.active() {
		for _, measure := range s.measures() {
			out = append(out, answerKey{a.ID, measure})
		}
	}
	return out
}

// measures are those that one analysis of a completed data set gives.
func (s *completedRows) measures() []Measure {
	switch s.method {
	case MethodImputedBenefit:
		return []Measure{ProbabilityBetter, WinOdds}
	case MethodImputedOdds:
		return []Measure{OddsRatio}
	}
	return []Measure{RiskDifference, RiskRatio, OddsRatio}
}

// add takes an estimate for a measure, or what says that there is none: of the plan's
// measure that is the end.
func (s *completedRows) add(key answerKey, e stats.Estimate, why *Note) error {
	x := s.answers[key]
	switch {
	case why == nil:
		x.of = append(x.of, e)
	case key.measure == s.plan.Effect:
		return &errInSet{*why}
	case len(x.why) == 0:
		x.why = []Note{*why}
	}
	return nil
}

// nulls are the hypotheses, on the scale on which estimates are pooled.
func (s *completedRows) nulls() []float64 {
	switch m := s.plan.Margin; {
	case m == 0:
		return []float64{0}
	case s.plan.Effect.Scale() == ScaleRatio:
		return []float64{-math.Log(m), math.Log(m)}
	default:
		return []float64{-m, m}
	}
}

// analyze adds the estimates of a completed data set.
func (s *completedRows) analyze(c *comparison) error {
	n := len(c.used(true))
	if s.outcome.Ordinal() {
		return s.analyzeLevels(c, n)
	}
	sh, err := c.newShares(nil)
	if err != nil {
		return err
	}
	for _, a := range s.active() {
		both := float64(len(c.complete(a.ID, true)) + len(c.complete(s.control().ID, true)))
		for _, measure := range s.measures() {
			key, df := answerKey{a.ID, measure}, both-2
			row := sh.newRow(a.ID, measure, true)
			var why *Note
			switch {
			case s.method == MethodImputedShares:
				active, control := sh.counts(&row)
				why = row.fillWald(active, control)
			case s.method == MethodImputedMantelHaenszel:
				sh.pooled(&row)
				df = both - 1 - float64(len(slices.Compact(slices.Sorted(strataOf(c.used(true))))))
				s.answers[key].leftOut = row.LeftOut
			case sh.model == nil:
				return &errInSet{Note{Code: "imputed-set-no-model"}}
			default:
				sh.model.fill(&row)
				df = float64(n - len(sh.model.fit.Names()))
			}
			e, ok := row.Effect.(stats.Estimate)
			if r, ratio := row.Effect.(stats.Ratio); ratio {
				e, ok = r.Log, true
			}
			if !ok && why == nil {
				why = &Note{Code: "imputed-set-no-estimate"}
			}
			e.DF = df
			if err := s.add(key, e, why); err != nil {
				return err
			}
		}
	}
	if s.method == MethodImputedGComputation {
		for _, a := range s.arms {
			e, err := sh.model.marginal.Mean(a.ID)
			if err != nil {
				return err
			}
			e.DF = float64(n - len(sh.model.fit.Names()))
			s.shares[a.ID] = append(s.shares[a.ID], e)
		}
	}
	return nil
}

// strataOf yields the records' strata.
func strataOf(records []Record) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := range records {
			if !yield(records[i].Stratum) {
				return
			}
		}
	}
}

// analyzeLevels is analyze of categories in an order.
func (s *completedRows) analyzeLevels(c *comparison, n int) error {
	if s.method == MethodImputedOdds {
		m, without, why, err := c.proportionalOdds(true)
		if err != nil {
			return err
		}
		if s.withoutStrata = without; m == nil {
			return &errInSet{why[0]}
		}
		_, counts := m.Levels()
		for _, a := range s.active() {
			e := m.Coefficient(interactionArm + a.ID)
			if !e.Estimable() {
				return &errInSet{Note{Code: "imputed-set-no-estimate"}}
			}
			e.DF = float64(n - len(m.Names()) - len(counts) + 1)
			if err := s.add(answerKey{a.ID, OddsRatio}, e, nil); err != nil {
				return err
			}
		}
		return nil
	}
	for _, a := range s.active() {
		row := Row{Arm: a.ID, Control: s.control().ID}
		values := c.byStratum(&row, false)
		w, err := rank.BenefitWith(values[0], values[1], rank.BenefitOptions{Method: rank.BenefitNormal})
		if errors.Is(err, rank.ErrSeparated) {
			return &errInSet{Note{Code: "benefit-separated"}}
		}
		if err != nil {
			return err
		}
		e := stats.Estimate{Value: math.Log(w.Value) - math.Log1p(-w.Value), SE: w.SE / (w.Value * (1 - w.Value)), DF: float64(w.Treated + w.Control - 2)}
		for _, measure := range s.measures() {
			x := s.answers[answerKey{a.ID, measure}]
			x.of = append(x.of, e)
			x.better, x.ties = x.better+w.Value-w.Ties/2, x.ties+w.Ties
			x.leftOut = len(c.complete(a.ID, false)) + len(c.complete(s.control().ID, false)) - w.Treated - w.Control
		}
	}
	return nil
}

// planned is the row that answers the plan for an active arm.
func (s *completedRows) planned(ctx context.Context, arm string) (Row, error) {
	if err := s.settle(ctx); err != nil {
		return Row{}, err
	}
	return s.row(arm, s.plan.Effect), nil
}

// row is an arm's by a measure: of the plan's it answers the plan.
func (s *completedRows) row(arm string, measure Measure) Row {
	row := s.answer(s.rowWith(s.method, Between, arm, func(*Record) string { return "" }))
	if measure != s.plan.Effect {
		row.Role, row.Planned = RoleCompanion, ""
	}
	row.Measure, row.WithoutStrata, row.Target = measure, s.withoutStrata, ""
	switch s.method {
	case MethodImputedGComputation, MethodImputedShares:
		row.Target = Marginal
	case MethodImputedMantelHaenszel, MethodImputedOdds:
		row.Target = Conditional
	}
	used := s.plan.Impute
	used.Engine = EngineChained
	x := &Imputed{Imputing: used, Variance: VarianceInformationAnchored, Values: map[string]int{}, Chained: &s.chained,
		FractionMissing: math.NaN(), MonteCarlo: math.NaN(), OtherLower: math.NaN(), OtherUpper: math.NaN()}
	for a := range row.N {
		for i := range s.records {
			x.Values[a] += btoi(s.records[i].Arm == a && !s.records[i].HasFollow)
		}
		row.Observed[a] = row.N[a] - x.Values[a]
	}
	row.Imputed, row.Notes = x, append(row.Notes, s.why...)
	got := s.answers[answerKey{arm, measure}]
	if got == nil || len(got.why) > 0 {
		if got != nil {
			row.Notes = append(row.Notes, got.why...)
		}
		return row
	}
	row.LeftOut = got.leftOut
	e, m := got.pooled.Estimate, float64(len(got.of))
	x.Imputations, x.FractionMissing, x.MonteCarlo = len(got.of), got.pooled.FractionMissing, got.monteCarlo
	switch {
	case row.Measure == ProbabilityBetter:
		row.fill(logitProbability{e})
		row.DF = e.DF
		x.MonteCarlo *= row.Estimate * (1 - row.Estimate)
	case row.Measure.Scale() == ScaleRatio:
		row.fill(stats.Ratio{Log: e})
	default:
		row.fill(e)
	}
	if s.method == MethodImputedBenefit {
		better, ties := got.better/m, got.ties/m
		row.Pairs = &Pairs{Better: better, Tied: ties, Worse: math.Max(0, 1-better-ties)}
	}
	if row.LeftOut > 0 {
		code := "shares-one-arm"
		if s.outcome.Ordinal() {
			code = "benefit-one-arm"
		}
		row.Notes = append(row.Notes, Note{Code: code, Args: text.Args{"n": row.LeftOut}})
	}
	row.Notes = append(row.Notes, Note{Code: fmt.Sprintf("imputed-%s", used.Assume)})
	return row
}

// beside are the rows on other scales, and those of the participants with a value: the
// plan's without imputation, and what stands beside it.
func (s *completedRows) beside(ctx context.Context, arm string) ([]Row, error) {
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	var out []Row
	for _, measure := range s.measures() {
		if measure != s.plan.Effect && len(s.answers) > 0 {
			out = append(out, s.row(arm, measure))
		}
	}
	k, err := s.observed().kindRows(s.known)
	if err != nil {
		return nil, err
	}
	row, err := k.planned(ctx, arm)
	if err != nil {
		return nil, err
	}
	row.Role, row.Planned = RoleCompanion, ""
	rows, err := k.beside(ctx, arm)
	return append(append(out, row), rows...), err
}

// means are the pooled shares that g-computation expects with everybody in each arm.
func (s *completedRows) means() []LSMean {
	var out []LSMean
	for _, a := range s.arms {
		pooled, err := stats.PoolImputations(s.shares[a.ID])
		if err != nil || len(s.answers) == 0 {
			continue
		}
		n := 0
		for i := range s.records {
			n += btoi(s.records[i].Arm == a.ID)
		}
		out = append(out, LSMean{Arm: a.ID, Visit: s.visit.ID, Method: s.method, Level: s.plan.Level, N: n, Estimate: pooled.Estimate})
	}
	return out
}

// assumedKinds answers the other assumptions of a plan whose outcome is no measurement: that
// values are missing at random by multiple imputation as Imputing describes it, others by
// counting.
func (d *Dataset) assumedKinds(ctx context.Context, p Plan) ([]SensitivityRow, error) {
	var out []SensitivityRow
	for _, x := range p.Sensitivity {
		q := p
		if q.Sensitivity = []Assumption{x}; x.Assume != impute.MAR.String() {
			out = append(out, d.comparison(q).assumedShares()...)
			continue
		}
		q.Impute = Imputing{Assume: x.Assume}
		all := d.assumptionRows(p, x)
		k := d.comparison(q).newCompleted(nil)
		for i := range all {
			row, err := k.planned(ctx, all[i].Arm)
			if err != nil {
				return nil, err
			}
			one := completedWith(all[i:i+1], []Row{row})
			one[0].N, one[0].Lost, one[0].Imputations = row.N, row.Imputed.Values, row.Imputed.Imputations
		}
		out = append(out, all...)
	}
	return out, nil
}
