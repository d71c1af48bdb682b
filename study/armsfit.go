package study

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/mmrm"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/study/along"
	"github.com/trialkit/trialkit/study/text"
)

// armsFit is a fitted linear model of one visit's values over all arms, with the
// strata of randomization in it.
type armsFit struct {
	difference, mean func(arm string) (stats.Estimate, error)
	n                func(arm string) int
	baseline         float64 // at which the means stand; NaN where it is not in the model
	notes            []Note  // what became of the strata
	// linear is the fit by least squares, of used by data, and robust says that its
	// standard errors are; nil where the strata have a random intercept.
	linear *regress.ANCOVAFit
	data   regress.ANCOVAData
	used   []Record
	robust bool
	// residualDF is the number of participants less that of coefficients; withheld
	// reports whether a difference has too few degrees of freedom (nil: none has).
	residualDF float64
	withheld   func(stats.Estimate) bool
}

// fitLinear fits the model by least squares, or with a residual variance of each arm.
func (c *comparison) fitLinear(used []Record, covariates bool, strata []factor) (*armsFit, error) {
	if c.plan.VarianceByArm {
		return c.fitVarianceByArm(used, covariates, strata)
	}
	return c.fitLeastSquares(used, covariates, factorTerms(strata))
}

// fitLeastSquares fits the model with one residual variance, or HC3.
func (c *comparison) fitLeastSquares(used []Record, covariates bool, strata []regress.Term) (*armsFit, error) {
	data := c.armsData(used, covariates, strata)
	m, err := regress.ANCOVA(data)
	if err != nil {
		return nil, err
	}
	robust := c.plan.SE == StandardErrorHC3
	var notes []Note
	if robust {
		if m, err = m.Robust(); err != nil {
			if errors.Is(err, stats.ErrNoVariation) {
				return nil, &modelError{Note{Code: "hc3-alone"}}
			}
			return nil, err
		}
		notes = []Note{{Code: "hc3-errors", Args: text.Args{"df": m.DF()}}}
	}
	control := m.Arms()[0]
	return &armsFit{difference: func(arm string) (stats.Estimate, error) { return m.Difference(arm, control) },
		mean: m.LSMean, n: m.N, baseline: c.meanBaseline(used), linear: m, data: data, used: used, robust: robust, notes: notes, residualDF: m.DF()}, nil
}

// fitVarianceByArm fits the model with a residual variance of each arm, by restricted
// maximum likelihood: an MMRM of one visit with a covariance matrix, here a variance, by
// arm, and Satterthwaite's degrees of freedom. Differences with fewer than mmrm.LeastDF
// are withheld, as those of other models with such degrees of freedom are.
func (c *comparison) fitVarianceByArm(used []Record, covariates bool, strata []factor) (*armsFit, error) {
	var with []mmrm.Covariate
	for _, f := range strata {
		with = append(with, mmrm.Covariate{Name: f.name, Category: f.labels})
	}
	t, err := c.varianceTrial(used, covariates, strata, with)
	if err != nil {
		return nil, err
	}
	n := map[string]int{}
	for _, r := range used {
		n[r.Arm]++
	}
	fit, err := varianceModel().MMRM(t)
	if err != nil {
		return nil, err
	}
	mean := func(arm string) (stats.Estimate, error) {
		row, err := fit.LSMeanRow(arm, interactionOf)
		if err != nil {
			return stats.Estimate{}, err
		}
		return fit.Contrast(row), nil
	}
	difference := func(arm string) (stats.Estimate, error) { return fit.Difference(arm, t.Control, interactionOf) }
	return &armsFit{difference: difference, mean: mean, n: func(arm string) int { return n[arm] }, baseline: c.meanBaseline(used),
		notes:      append([]Note{{Code: "variance-by-arm"}}, fit.Notes...),
		residualDF: float64(len(used) - len(fit.Columns)), withheld: fit.Degenerate}, nil
}

// varianceModel has a residual variance of each arm.
func varianceModel() mmrm.Model { return mmrm.Model{ByArm: true, DF: mmrm.Satterthwaite} }

// varianceTrial are the records as varianceModel reads them, with terms of strata or a
// moderator and the plan's covariates that are no strata.
func (c *comparison) varianceTrial(used []Record, covariates bool, strata []factor, with []mmrm.Covariate) (*mmrm.Trial, error) {
	data := c.armsData(used, false, nil)
	t := &mmrm.Trial{Control: data.Control, Visits: []string{interactionOf}, Arm: make([]int, len(used)), Baseline: data.Baseline, Covariates: with}
	n, place := map[string]int{}, map[string]int{}
	for _, r := range used {
		n[r.Arm]++
	}
	for _, a := range slices.Concat([]Arm{c.control()}, c.active()) {
		if n[a.ID] > 0 {
			place[a.ID] = len(t.Arms)
			t.Arms = append(t.Arms, a.ID)
		}
	}
	switch {
	case n[data.Control] == 0 || len(t.Arms) < 2:
		return nil, errEmpty
	case slices.ContainsFunc(t.Arms, func(a string) bool { return n[a] < 2 }):
		return nil, &modelError{Note{Code: "variance-by-arm-one"}}
	}
	for i, r := range used {
		t.Arm[i] = place[r.Arm]
		t.Values = append(t.Values, mmrm.Value{Participant: i, Y: r.Follow})
	}
	for _, cov := range c.covariates {
		if !covariates || len(strata) > 0 && c.strata.has(cov.ID) {
			continue
		}
		x := mmrm.Covariate{Name: cov.ID}
		for _, r := range used {
			if cov.Kind == Category {
				x.Category = append(x.Category, r.Categories[cov.ID])
			} else {
				x.Number = append(x.Number, r.Numbers[cov.ID])
			}
		}
		t.Covariates = append(t.Covariates, x)
	}
	return t, nil
}

// meanBaseline is the baseline at which a linear model's means stand: the mean of the
// records, where it tells no more than the intercept too; NaN without a baseline.
func (c *comparison) meanBaseline(used []Record) float64 {
	if !c.outcome.HasBaseline() || len(used) == 0 {
		return math.NaN()
	}
	x := make([]float64, len(used))
	for i := range used {
		x[i] = used[i].Baseline
	}
	return meanOf(x)
}

// df are the fit's residual degrees of freedom; none where there is no fit.
func (f *armsFit) df() float64 {
	if f == nil {
		return 0
	}
	return f.residualDF
}

// with adds notes.
func (f *armsFit) with(notes ...Note) *armsFit {
	f.notes = append(f.notes, notes...)
	return f
}

// fitArms fits the value at the visit on baseline (where there is one), strata,
// the plan's covariates and arm. Strata that leave fewer than minStrataDF
// residual degrees of freedom are treated as the protocol says, or refused.
func (c *comparison) fitArms(covariates bool) (*armsFit, error) {
	used := c.used(covariates)
	fit, err := c.fitArmsOf(used, covariates)
	if err == nil && c.outcome.HasBaseline() && oneBaseline(used) {
		fit.notes = append(fit.notes, Note{Code: "baseline-constant", Args: text.Args{"value": used[0].Baseline}})
	}
	return fit, err
}

// oneBaseline reports whether everyone has the same baseline: it then tells
// nothing that the intercept does not, and is no term of the model.
func oneBaseline(used []Record) bool {
	return len(used) > 0 && !slices.ContainsFunc(used, func(r Record) bool { return r.Baseline != used[0].Baseline })
}

func (c *comparison) fitArmsOf(used []Record, covariates bool) (*armsFit, error) {
	fit, err := c.fitLinear(used, covariates, c.strata.factors(used, false))
	if !c.strata.any() {
		return fit, err
	}
	if err != nil && !errors.Is(err, stats.ErrTooFew) {
		return nil, err
	}
	df := fit.df()
	if df >= minStrataDF {
		return fit.with(c.strata.notes(used)...), nil
	}
	say := func(code string) Note {
		return Note{Code: code, Args: text.Args{"strata": c.strata.list(), "df": df, "least": minStrataDF, "reason": c.strata.rand.Reason}}
	}
	switch c.strata.rand.Small {
	case IgnoreStrata:
		fit, err := c.fitLinear(used, covariates, nil)
		if err != nil {
			return nil, err
		}
		return fit.with(say("strata-ignored")), nil
	case MergeStrata:
		fit, err := c.fitLinear(used, covariates, c.strata.factors(used, true))
		if err != nil {
			return nil, err
		}
		if fit.df() >= minStrataDF {
			return fit.with(say("strata-merged")), nil
		}
		df = fit.df()
	case RandomStrata: // Validate refuses HC3 beside it
		return c.fitRandomStrata(used, covariates, say("strata-random"))
	}
	return nil, &modelError{say("strata-too-many")}
}

// modelError says in a note why the model was not fitted.
type modelError struct{ note Note }

func (e *modelError) Error() string { return e.note.Code }

// armsData are the records as the linear model reads them. A covariate of the
// plan that is a stratum is in the model once.
func (c *comparison) armsData(used []Record, covariates bool, strata []regress.Term) regress.ANCOVAData {
	data := regress.ANCOVAData{Control: c.control().ID, Covariates: strata,
		Arm: make([]string, 0, len(used)), Y: make([]float64, 0, len(used))}
	baseline := c.outcome.HasBaseline() && !oneBaseline(used)
	if baseline {
		data.Baseline = make([]float64, 0, len(used))
	}
	for i := range used {
		r := &used[i]
		data.Arm = append(data.Arm, r.Arm)
		data.Y = append(data.Y, r.Follow)
		if baseline {
			data.Baseline = append(data.Baseline, r.Baseline)
		}
	}
	if !covariates {
		return data
	}
	for _, cov := range c.covariates {
		switch {
		case len(strata) > 0 && c.strata.has(cov.ID):
		case cov.Kind == Category:
			data.Covariates = append(data.Covariates, categoryTerm(cov.ID, used))
		default:
			x := make([]float64, len(used))
			for i, r := range used {
				x[i] = r.Numbers[cov.ID]
			}
			data.Covariates = append(data.Covariates, regress.Numeric(cov.ID, x))
		}
	}
	return data
}

// fitRandomStrata gives the cells of the strata a random intercept. Its
// likelihood also uses the comparison between strata, as far as they vary less
// than participants do.
func (c *comparison) fitRandomStrata(used []Record, covariates bool, note Note) (*armsFit, error) {
	d := c.randomStrataRows(used, covariates)
	fit, err := mmrm.LMM{}.Fit(d.rows)
	if err != nil {
		return nil, err
	}
	n := map[string]int{}
	for _, r := range used {
		n[r.Arm]++
	}
	mean := func(arm string) (stats.Estimate, error) { return fit.Contrast(d.meanRow(arm)), nil }
	difference := func(arm string) (stats.Estimate, error) {
		return fit.Contrast(minusRow(d.meanRow(arm), d.meanRow(c.control().ID))), nil
	}
	notes := []Note{note}
	return &armsFit{difference: difference, mean: mean, n: func(arm string) int { return n[arm] }, baseline: c.meanBaseline(used),
		notes: append(notes, fit.Notes...)}, nil
}

// randomStrata are the rows of a mixed model with the arms' columns last.
type randomStrata struct {
	rows  *mmrm.ClusterRows
	means []float64 // of the columns that are no arm's
	arms  []string
}

func (c *comparison) randomStrataRows(used []Record, covariates bool) *randomStrata {
	d := &randomStrata{rows: &mmrm.ClusterRows{Columns: []string{"(Intercept)"}}}
	columns := [][]float64{ones(len(used))}
	// Categories weigh their levels equally in an arm's mean, numbers stand at
	// their mean, as in the model with fixed strata.
	d.means = []float64{1}
	add := func(name string, x []float64, mean float64) {
		d.rows.Columns = append(d.rows.Columns, name)
		columns, d.means = append(columns, x), append(d.means, mean)
	}
	number := func(name string, of func(Record) float64) {
		x := make([]float64, len(used))
		for i, r := range used {
			x[i] = of(r)
		}
		add(name, x, meanOf(x))
	}
	if c.outcome.HasBaseline() {
		number("baseline", func(r Record) float64 { return r.Baseline })
	}
	if covariates {
		for _, cov := range c.covariates {
			if c.strata.has(cov.ID) {
				continue
			}
			if cov.Kind != Category {
				number(cov.ID, func(r Record) float64 { return r.Numbers[cov.ID] })
				continue
			}
			levels := map[string]bool{}
			for _, r := range used {
				levels[r.Categories[cov.ID]] = true
			}
			for _, l := range sortedKeys(levels)[1:] {
				x := make([]float64, len(used))
				for i, r := range used {
					if r.Categories[cov.ID] == l {
						x[i] = 1
					}
				}
				add(cov.ID+"="+l, x, 1/float64(len(levels)))
			}
		}
	}
	for _, a := range c.active() {
		x := make([]float64, len(used))
		any := false
		for i, r := range used {
			if r.Arm == a.ID {
				x[i], any = 1, true
			}
		}
		if any {
			d.rows.Columns, columns, d.arms = append(d.rows.Columns, "arm="+a.ID), append(columns, x), append(d.arms, a.ID)
		}
	}
	cluster := map[string]int{}
	for i, r := range used {
		k, ok := cluster[r.Stratum]
		if !ok {
			k = len(cluster)
			cluster[r.Stratum] = k
		}
		row := make([]float64, len(columns))
		for j, x := range columns {
			row[j] = x[i]
		}
		d.rows.Cluster, d.rows.Y, d.rows.X = append(d.rows.Cluster, k), append(d.rows.Y, r.Follow), append(d.rows.X, row)
	}
	return d
}

// meanRow is the contrast that is an arm's mean; the control has no column.
func (d *randomStrata) meanRow(arm string) []float64 {
	row := make([]float64, len(d.rows.Columns))
	copy(row, d.means)
	for i, a := range d.arms {
		if a == arm {
			row[len(d.means)+i] = 1
		}
	}
	return row
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// refitData are the data of the re-randomized model, which has the strata that
// the model has, and the strata that labels are exchanged in (nil without any).
func (c *comparison) refitData() (regress.ANCOVAData, []string) {
	used := c.used(false)
	if !c.strata.any() {
		return c.armsData(used, false, nil), nil
	}
	terms := c.strata.terms(used, false)
	others := len(c.arms)
	if c.outcome.HasBaseline() && !oneBaseline(used) {
		others++
	}
	if c.strata.residualDF(used, others, false) < minStrataDF {
		terms = nil // exact within strata all the same
		if c.strata.rand.Small == MergeStrata {
			terms = c.strata.terms(used, true)
		}
	}
	blocks := make([]string, len(used))
	for i, r := range used {
		blocks[i] = r.Stratum
	}
	return c.armsData(used, false, terms), blocks
}

// ignoreStrata marks a row whose method cannot take strata.
func (r *Row) ignoreStrata(s strata) {
	if s.any() && !r.Method.takesStrata() {
		r.WithoutStrata = true
		r.Notes = append(r.Notes, Note{Code: "without-strata", Args: text.Args{"strata": s.list()}})
	}
}

// meanContrasts ask about sums and differences of the arms' adjusted means at a visit.
type meanContrasts struct {
	row      func(arm string) ([]float64, error) // the contrast that is an arm's mean
	estimate func(l []float64) stats.Estimate
	withheld func(stats.Estimate) bool
	joint    func(rows [][]float64) (stats.FTest, error)
	n        func(arm string) int
}

// contrasts are those of the fit by least squares; ok is false of others.
func (f *armsFit) contrasts() (m meanContrasts, ok bool) {
	if f == nil || f.linear == nil {
		return m, false
	}
	fit := f.linear.Model()
	return meanContrasts{f.linear.MeanRow, fit.Contrast, func(stats.Estimate) bool { return false },
		func(rows [][]float64) (stats.FTest, error) { return fit.Joint(rows), nil }, f.n}, true
}

// contrasts are those of a model of all visits at one of them.
func (f *repeatedFit) contrasts(visit string) (m meanContrasts, ok bool) {
	model, ok := f.model.(*contrastModel)
	if !ok {
		return m, false
	}
	return meanContrasts{func(arm string) ([]float64, error) { return model.row(arm, visit) }, model.estimate, model.withheld,
		model.fit.Joint, func(arm string) int { return f.observed[visit][arm] }}, true
}

// trend looks along the doses of the arms, by contrasts of the plan's model.
func (c *comparison) trend(ctx context.Context, d *Dataset, fit *armsFit, fits *repeatedCache) (along.Trend, error) {
	nan := math.NaN()
	t := along.Trend{Outcome: c.outcome.ID, Visit: c.visit.ID, Method: string(c.plan.Method()), Level: c.plan.Level,
		Slope: stats.Estimate{Value: nan, SE: nan, DF: nan}, Whole: stats.Estimate{Value: nan, SE: nan, DF: nan}}
	arms := slices.Clone(c.arms)
	slices.SortStableFunc(arms, func(a, b Arm) int { return cmp.Compare(a.Dose, b.Dose) })
	m, ok := fit.contrasts()
	if c.plan.Model.repeated() {
		f, err := fits.fit(ctx, d, c.plan)
		if err != nil {
			return t, err
		}
		f.asking.Lock()
		defer f.asking.Unlock()
		m, ok = f.contrasts(c.visit.ID)
	}
	if !ok {
		t.Why = "trend-none"
		return t, nil
	}
	var doses []float64
	var rows [][]float64
	var values [][]float64
	for _, a := range arms {
		x, _ := c.compared(a.ID)
		values, doses = append(values, x), append(doses, a.Dose)
		row, err := m.row(a.ID)
		if m.n(a.ID) == 0 || err != nil {
			t.Why = "trend-empty"
			return t, nil
		}
		rows = append(rows, row)
		t.Arms = append(t.Arms, along.Arm{Arm: a.ID, Dose: a.Dose, N: m.n(a.ID), Mean: m.estimate(row)})
	}
	sum := func(weights []float64) []float64 {
		out := make([]float64, len(rows[0]))
		for i, w := range weights {
			for j, x := range rows[i] {
				out[j] += w * x
			}
		}
		return out
	}
	w := along.NewContrasts(doses)
	t.Slope = m.estimate(sum(w.Slope))
	if !t.Slope.Estimable() {
		t.Why = "trend-none"
		return t, nil
	}
	t.Withheld = m.withheld(t.Slope)
	lowest, highest := doses[0], doses[len(doses)-1]
	t.Whole = stats.Estimate{Value: t.Slope.Value * (highest - lowest), SE: t.Slope.SE * (highest - lowest), DF: t.Slope.DF}
	for i := range trendPoints {
		x := lowest + (highest-lowest)*float64(i)/(trendPoints-1)
		t.Line = append(t.Line, along.Point{Dose: x, Estimate: m.estimate(sum(w.At(x)))})
	}
	var bends [][]float64
	for _, b := range w.Bends {
		bends = append(bends, sum(b))
	}
	if test, err := m.joint(bends); err == nil && !t.Withheld && !math.IsNaN(test.P()) {
		t.Bend = &test
	}
	j, err := rank.JonckheereContext(ctx, values, rank.Options{})
	if e := ctx.Err(); e != nil {
		return t, e
	}
	if err == nil {
		t.Jonckheere = &j
	} else if err := onlyData(err); err != nil {
		return t, err
	}
	return t, nil
}

// trendPoints are the points of a trend's line: enough for its band, which is a hyperbola.
const trendPoints = 41

// checkTrend holds a plan that looks along doses against the arms and its own model.
func (c *checker) checkTrend(at string, p Plan) {
	if !p.Trend {
		return
	}
	seen := map[float64]string{}
	for _, a := range c.Arms {
		switch {
		case !a.HasDose || !finite(a.Dose):
			c.Add(at+".trend", "problem-trend-dose", a.ID)
		case seen[a.Dose] != "":
			c.Add(at+".trend", "problem-trend-same", seen[a.Dose], a.ID)
		}
		seen[a.Dose] = a.ID
	}
	if len(c.Arms) < 3 {
		c.Add(at+".trend", "problem-trend-arms")
	}
	q := c.planDefaults(p)
	o, known := c.Outcome(p.Outcome)
	switch {
	case !known:
	case !o.Measured(), q.Scale == ScaleLog, q.VarianceByArm, q.Set != "", q.Impute.Assume != "", q.Visit == OverallVisit, c.Randomization.Small == RandomStrata && q.Model == ANCOVA,
		!slices.Contains([]Model{ANCOVA, MMRM, CLDA, LMM}, q.Model):
		c.Add(at+".trend", "problem-trend-plan")
	}
}
