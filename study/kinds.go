package study

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study/files"
	"github.com/trialkit/trialkit/study/internal/yamlfile"
	"github.com/trialkit/trialkit/study/text"
)

// OutcomeKind is what an outcome's values are. It decides how the arms are
// compared, and is never guessed: numbers that could be something else than
// measurements are asked about when the file is read.
type OutcomeKind string

// Kinds of outcomes. The zero value is a measurement, as long as the values do not
// look like something else.
const (
	// KindContinuous: measurements, compared by their means.
	KindContinuous OutcomeKind = "continuous"
	// KindBinary: yes (1) or no (0), compared by the shares of yes.
	KindBinary OutcomeKind = "binary"
	// KindOrdinal: categories in an order (Outcome.Levels), compared by how often a patient
	// of one arm fares better than one of the other.
	KindOrdinal OutcomeKind = "ordinal"
	// KindCount: events without an upper bound in a time at risk (DataSpec.Exposure),
	// compared by their rates.
	KindCount OutcomeKind = "count"
	// KindBounded: so many of a fixed number, such as days of 28 (Outcome.Max), compared
	// by their means with HC3 standard errors, an odds ratio beside.
	KindBounded OutcomeKind = "bounded"
)

// Measure is what an estimate measures. It names its scale: a difference of means or
// of locations is in the outcome's unit, a risk difference is a difference of shares
// (0.1 is ten percentage points), a ratio is one, whose logarithm has the standard
// error, and 1 is no difference.
type Measure string

// Measures of the difference between two arms.
const (
	MeanDifference     Measure = "mean-difference"
	LocationDifference Measure = "location-difference" // Hodges and Lehmann's
	RiskDifference     Measure = "risk-difference"
	RiskRatio          Measure = "risk-ratio"
	OddsRatio          Measure = "odds-ratio"
	// ProbabilityBetter is the probability that a patient of the active arm fares better
	// than one of control, ties counting one half; WinOdds are its odds. Both are turned
	// toward benefit, whichever direction is better; of an ordinal outcome OddsRatio is
	// that of a higher category.
	ProbabilityBetter Measure = "probability-of-benefit"
	WinOdds           Measure = "win-odds"
	// RateRatio is that of events in their time at risk.
	RateRatio Measure = "rate-ratio"
	// GeometricMeanRatio is the exponential of a difference of mean logarithms, of plans with
	// ScaleLog; LocationRatio that of Hodges and Lehmann's shift of logarithms.
	GeometricMeanRatio Measure = "geometric-mean-ratio"
	LocationRatio      Measure = "location-ratio"
	// MeanChange is no difference between arms, but a change within one.
	MeanChange Measure = "mean-change"
)

// Scale is what a measure's numbers are: in the outcome's unit, shares, probabilities or
// ratios.
type Scale string

// Scales.
const (
	ScaleUnit        Scale = "unit"
	ScaleProportion  Scale = "proportion"
	ScaleProbability Scale = "probability"
	ScaleRatio       Scale = "ratio"
	// ScaleLog is no measure's but a plan's (Plan.Scale).
	ScaleLog Scale = "log"
)

// Scale is that of the measure.
func (m Measure) Scale() Scale {
	switch m {
	case RiskDifference:
		return ScaleProportion
	case RiskRatio, OddsRatio, WinOdds, RateRatio, GeometricMeanRatio, LocationRatio:
		return ScaleRatio
	case ProbabilityBetter:
		return ScaleProbability
	}
	return ScaleUnit
}

// Plain reports whether the measure's numbers have neither the outcome's unit nor its
// decimals: probabilities and ratios.
func (m Measure) Plain() bool { return m.Scale() == ScaleRatio || m.Scale() == ScaleProbability }

// Null is the value that means no difference.
func (m Measure) Null() float64 {
	switch m.Scale() {
	case ScaleRatio:
		return 1
	case ScaleProbability:
		return 0.5
	}
	return 0
}

// Gain is how far the row's estimate lies from no difference, positive where it favors
// the active arm.
func (r Row) Gain(o Outcome) float64 {
	d := r.Estimate - r.Measure.Null()
	if r.Measure == ProbabilityBetter || r.Measure == WinOdds {
		return d
	}
	return o.Better.Sign() * d
}

// Target says whom a ratio is about. An odds ratio within strata or given covariates
// is another number than the one of everybody together, though nothing confounds.
type Target string

// Targets.
const (
	Marginal    Target = "marginal"
	Conditional Target = "conditional"
	// Compliers are those who receive the arm's treatment because they are allocated
	// to it (MethodCACE).
	Compliers Target = "compliers"
)

// kindWords are the kinds that a protocol may name, and later those that are
// refused by name: a file that has them is not read as something else.
var (
	kindWords = []string{string(KindContinuous), string(KindBinary), string(KindOrdinal), string(KindCount), string(KindBounded), "time", "composite"}
	kindsIn   = []OutcomeKind{"", KindContinuous, KindBinary, KindOrdinal, KindCount, KindBounded}
)

// kindModel is a model for a kind, and the measures that can decide its plans, the first by default.
type kindModel struct {
	model   Model
	effects []Measure
}

// kindModels are those of kinds that are no measurements, the first the default.
var kindModels = map[OutcomeKind][]kindModel{
	KindBinary:  {{Proportions, []Measure{RiskDifference, RiskRatio, OddsRatio}}, {GEE, []Measure{OddsRatio}}},
	KindOrdinal: {{Benefit, []Measure{ProbabilityBetter, WinOdds}}, {ProportionalOdds, []Measure{OddsRatio}}},
	KindCount:   {{NegativeBinomial, []Measure{RateRatio}}},
}

// ofKind reports whether the model is one of kindModels: its plan foresees a measure, and
// perhaps a choice among methods.
func (m Model) ofKind() bool {
	for _, models := range kindModels {
		if slices.ContainsFunc(models, func(k kindModel) bool { return k.model == m }) {
			return true
		}
	}
	return false
}

// kindDefaults writes out model and effect of a plan for an outcome that is no
// measurement.
func (o Outcome) kindDefaults(q *Plan) {
	models := kindModels[o.Kind]
	if len(models) == 0 {
		return
	}
	q.Model = cmp.Or(q.Model, models[0].model)
	for _, k := range models {
		if k.model == q.Model {
			q.Effect = cmp.Or(q.Effect, k.effects[0])
		}
	}
}

// Measured reports whether the outcome's values are measurements, whose means are
// compared.
func (o Outcome) Measured() bool { return o.Kind == "" || o.Kind == KindContinuous || o.Bounded() }

// Bounded reports whether the outcome's values are so many of a fixed number.
func (o Outcome) Bounded() bool { return o.Kind == KindBounded }

// Binary reports whether the outcome is yes or no.
func (o Outcome) Binary() bool { return o.Kind == KindBinary }

// Ordinal reports whether the outcome's values are categories in an order. Its values
// are then their positions in Levels, counted from 1.
func (o Outcome) Ordinal() bool { return o.Kind == KindOrdinal }

// Counted reports whether the outcome's values are numbers of events.
func (o Outcome) Counted() bool { return o.Kind == KindCount }

// Shown is a difference of the outcome as it is printed: of a binary outcome in
// percentage points.
func (o Outcome) Shown(x float64) float64 {
	if !o.Binary() || math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	// By the decimals, so that 0.07 is 7 and not 7.000000000000001.
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', -1, 64)+"e2", 64)
	if err != nil {
		return 100 * x
	}
	return y
}

// ShownUnit is the unit of Shown: the outcome's, or percentage points.
func (o Outcome) ShownUnit(c *text.Catalog) string {
	if o.Binary() {
		return c.Say("unit-points", nil)
	}
	return o.Unit
}

// unitArg is the unit of Shown as an argument of a note.
func (o Outcome) unitArg() any {
	if o.Binary() {
		return text.Phrase{Code: "unit-points"}
	}
	return o.Unit
}

// checkKind adds what is wrong with the outcome's kind and with the keys that it
// does not take; it reports whether the kind is analyzed.
func (o Outcome) checkKind(c *yamlfile.Checker, at string) bool {
	switch {
	case !slices.Contains(kindWords, string(o.Kind)) && o.Kind != "":
		c.Add(at+".kind", "problem-kind-unknown", string(o.Kind), kindList(kindsIn[1:]))
		return false
	case !slices.Contains(kindsIn, o.Kind):
		c.Add(at+".kind", "problem-kind-later", string(o.Kind), kindList(kindsIn[1:]))
		return false
	}
	if len(o.Levels) > 0 && o.Kind != KindOrdinal {
		c.Add(at+".levels", "problem-kind-levels", o.ID)
	}
	if o.Bounded() && (o.Min != 0 || o.Max < 1 || o.Max != math.Trunc(o.Max) || o.Max > mostCount) {
		c.Add(at+".range", "problem-bounded-range", o.ID)
	}
	if o.Measured() {
		return true
	}
	if o.Ordinal() {
		o.checkLevels(c, at)
	}
	for _, key := range []struct {
		name  string
		given bool
	}{{"unit", o.Unit != ""}, {"range", o.HasRange()}, {"resolution", o.Resolution != 0}, {"instrument", o.Instrument != ""}} {
		if key.given {
			c.Add(at+"."+key.name, "problem-kind-key", o.ID, string(o.Kind))
		}
	}
	if o.Baseline != "" && o.Baseline != NoBaseline {
		c.Add(at+".baseline", "problem-kind-baseline", o.ID, string(o.Kind))
	}
	for i, t := range o.Thresholds {
		place := fmt.Sprintf("%s.thresholds[%d]", at, i)
		switch {
		case !o.Binary():
			c.Add(place, "problem-kind-no-threshold", o.ID, string(o.Kind))
		case t.level() == Individual || !t.Important() && t.Kind != "":
			c.Add(place, "problem-kind-threshold", string(t.Kind), o.ID, string(o.Kind))
		case t.Value >= 1:
			c.Add(place+".value", "problem-kind-share", t.Value)
		}
	}
	return true
}

func kindList[T ~string](words []T) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = string(w)
	}
	return strings.Join(parts, ", ")
}

// kindFaults lists what is wrong with a plan's choices for its outcome's kind; done
// where the kind has no other choices to check.
func kindFaults(plan Plan, o Outcome) (faults []yamlfile.Fault, done bool) {
	add := func(key, code string, args ...any) {
		faults = append(faults, yamlfile.Fault{Path: key, Said: yamlfile.Phrase(code, args...)})
	}
	effects, kind := []Measure{MeanDifference}, o.Kind
	if plan.Scale == ScaleLog {
		effects = []Measure{GeometricMeanRatio}
	}
	if kind == "" {
		kind = KindContinuous
	}
	models := kindModels[o.Kind]
	i := slices.IndexFunc(models, func(k kindModel) bool { return k.model == plan.Model })
	switch {
	case plan.Model != "" && i < 0 && (len(models) > 0 || plan.Model.ofKind()):
		add("model", "problem-plan-model-kind", string(plan.Model), string(kind))
	case len(models) > 0:
		effects = models[max(i, 0)].effects
	}
	if plan.Effect != "" && !slices.Contains(effects, plan.Effect) {
		add("effect", "problem-plan-effect", string(plan.Effect), string(kind), kindList(effects))
	}
	faults = append(faults, marginScaleFaults(plan, o, kind)...)
	if len(models) == 0 {
		return faults, len(faults) > 0
	}
	if o.Ordinal() && plan.Model != ProportionalOdds && len(plan.Covariates) > 0 {
		add("covariates", "problem-plan-ordinal-covariates", string(ProportionalOdds))
	}
	for _, key := range []struct {
		name  string
		given bool
	}{{"covariance", plan.Covariance != "" || len(plan.CovarianceOrder) > 0}, {"df", plan.DF != ""}, {"se", plan.SE != ""}, {"variance_by_arm", plan.VarianceByArm},
		{"covariance_by_arm", plan.CovarianceByArm}, {"baseline", plan.Baseline != "" && plan.Baseline != NoBaseline}, {"exact", plan.Exact}} {
		if key.given {
			add(key.name, "problem-plan-kind-choice", string(kind))
		}
	}
	return faults, true
}

// marginScaleFaults lists what is wrong with a plan's scale, and with its margin on it.
func marginScaleFaults(plan Plan, o Outcome, kind OutcomeKind) (faults []yamlfile.Fault) {
	add := func(key, code string, args ...any) {
		faults = append(faults, yamlfile.Fault{Path: key, Said: yamlfile.Phrase(code, args...)})
	}
	q := plan
	o.kindDefaults(&q)
	ratio := q.Effect.Scale() == ScaleRatio || q.Scale == ScaleLog
	switch {
	case q.Scale == ScaleLog && kind != KindContinuous:
		add("scale", "problem-scale-log-kind", string(kind))
	case q.Scale == ScaleLog && o.HasRange() && o.Max <= 0:
		add("scale", "problem-scale-log-range", o.ID)
	case q.Scale == ScaleRatio && !ratio:
		add("scale", "problem-scale-ratio", string(q.Effect))
	case q.Scale == ScaleRatio && q.Margin == 0:
		add("scale", "problem-scale-ratio-margin")
	case q.Scale != "" && q.Scale != ScaleLog && q.Scale != ScaleRatio:
		add("scale", "problem-id-unknown", yamlfile.Phrase("word-choice"), string(q.Scale), kindList([]Scale{ScaleLog, ScaleRatio}))
	case q.Margin == 0:
	case q.Effect.Scale() == ScaleProbability:
		add("margin", "problem-plan-margin-kind", string(q.Effect))
	case q.Scale == "" && ratio:
		add("margin", "problem-plan-margin-ratio", string(q.Effect))
	case !ratio:
	case q.Margin == 1:
		add("margin", "problem-margin-one")
	case q.Framework == FrameworkEquivalence:
	case (q.Margin > 1) != (o.Better == LowerIsBetter && q.Effect != WinOdds):
		add("margin", "problem-margin-side", q.Margin)
	}
	return faults
}

// checkLevels checks the categories of an ordinal outcome.
func (o Outcome) checkLevels(c *yamlfile.Checker, at string) {
	if len(o.Levels) < 2 {
		c.Add(at+".levels", "problem-levels-few", o.ID)
	}
	for i, l := range o.Levels {
		switch {
		case strings.TrimSpace(l) == "":
			c.Add(at+".levels", "problem-levels-blank", i+1)
		case slices.Contains(o.Levels[:i], l):
			c.Add(at+".levels", "problem-levels-twice", l)
		}
	}
}

// meaning is the value that a word of data.values stands for: a number, of a binary
// outcome yes or no, and of an ordinal one the position of a level.
func (o Outcome) meaning(word string) (Value, bool) {
	if o.Ordinal() {
		i := slices.Index(o.Levels, word)
		return files.Decimal(float64(i + 1)), i >= 0
	}
	if o.Binary() {
		switch word {
		case "yes", "1":
			return files.Decimal(1), true
		case "no", "0":
			return files.Decimal(0), true
		}
		return Value{}, false
	}
	return files.ParsePlain(word)
}

// kindRows compare the arms of an outcome that is no measurement, by one plan.
type kindRows interface {
	// planned is the row that answers the plan for an active arm, beside are those of the
	// same arm by other methods and on other scales.
	planned(ctx context.Context, arm string) (Row, error)
	beside(ctx context.Context, arm string) ([]Row, error)
	// means are what the plan's model expects with everybody in each arm.
	means() []LSMean
}

func (c *comparison) kindRows(known *risks) (kindRows, error) {
	switch {
	case c.plan.Impute.Assume != "":
		return c.newCompleted(known), nil
	case c.outcome.Ordinal():
		return c.newLevels()
	case c.outcome.Counted():
		return c.newRates()
	case c.plan.Model == GEE:
		return c.newVisitOdds(known)
	}
	return c.newShares(known)
}

// analyzeKind is analyzeVisit of an outcome that is no measurement.
func (d *Dataset) analyzeKind(ctx context.Context, plans []Plan, known *risks) (Result, error) {
	p, whole := plans[0], d
	d = whole.under(p)
	c := d.comparison(p)
	res := Result{
		Study: StudyInfo{d.protocol.Title, d.protocol.Registration, d.protocol.Simulated},
		Plan:  p, Outcome: c.outcome, Visit: c.visit, Arms: c.arms, Level: p.Level, Records: c.records, Randomized: c.randomized, own: c,
		Diagnostics: Diagnostics{Cook: math.NaN()},
	}
	var first kindRows
	for i, q := range plans {
		asked, records := d, c.records
		if q.Estimand != p.Estimand {
			asked = whole.under(q)
			records = asked.recordsByArm(q)
		}
		own := asked.comparisonOf(q, records)
		k, err := own.kindRows(known)
		if err != nil {
			return Result{}, err
		}
		first = cmp.Or(first, k)
		var rows []Row
		for _, a := range c.active() {
			row, err := k.planned(ctx, a.ID)
			if err != nil {
				return Result{}, err
			}
			one := []Row{row}
			if err := own.together(ctx, d.protocol, one, nil, nil); err != nil {
				return Result{}, err
			}
			row = one[0]
			row.Decides = i == 0
			if row.Decides && row.Measure == RiskDifference && row.Effect != nil {
				row.NNT = new(stats.NewNNT(row.Estimate, row.interval(), int(c.outcome.Better.Sign())))
			}
			rows = append(rows, row)
		}
		res.Rows = append(res.Rows, rows...)
		res.Asked = append(res.Asked, own.asked(asked, rows)...)
		res.LSMeans = append(res.LSMeans, k.means()...)
	}
	for _, a := range c.active() {
		rows, err := first.beside(ctx, a.ID)
		if err != nil {
			return Result{}, err
		}
		for _, row := range rows {
			if !slices.ContainsFunc(res.Rows, func(x Row) bool {
				return x.Arm == row.Arm && x.Method == row.Method && x.Measure == row.Measure && x.Set == row.Set && x.Estimand == row.Estimand && x.WithoutStrata == row.WithoutStrata
			}) {
				res.Rows = append(res.Rows, row)
			}
		}
		if c.outcome.Binary() {
			res.MissingCases = append(res.MissingCases, c.missingCases(a.ID, known)...)
		}
	}
	if err := res.assume(ctx, whole, plans); err != nil {
		return Result{}, err
	}
	res.Summaries = c.kindSummaries()
	c.judgeRows(&res)
	c.addDoubts(&res, plans)
	res.Importance = c.importanceOf(res.Rows)
	return res, nil
}

// kindSummaries count what was observed in every arm.
func (c *comparison) kindSummaries() []Summary {
	nan := math.NaN()
	var out []Summary
	for _, a := range c.arms {
		n := 0
		for i := range c.records {
			if c.records[i].Arm == a.ID {
				n++
			}
		}
		observed := c.complete(a.ID, false)
		s := Summary{Arm: a.ID, Visit: c.visit.ID, MeanChange: nan, SDChange: nan, Correlation: nan}
		s.Description = stats.Description{N: len(observed), Mean: nan, SD: nan, SE: nan, Min: nan, Q1: nan, Median: nan, Q3: nan, Max: nan}
		s.Missing = n - len(observed)
		switch {
		case c.outcome.Ordinal():
			s.Levels = levelCounts(c.outcome, observed)
		case c.outcome.Counted():
			s.Rate = newRate(observed, c.plan.Level)
		default:
			s.Share = newShare(shareOf(observed), c.plan.Level)
		}
		out = append(out, s)
	}
	return out
}

// Values of an outcome whose kind is not stated are asked about, where they look like something else
// than measurements: 0 and 1 alone are refused until the kind is stated, or told in a note where a range
// is; few different values, and one that half of the participants share, are told in a note.
const (
	fewValues  = 5  // different values that are few
	askedOf    = 20 // values from which on few or equal ones are told
	heapedPart = 2  // one value in so many makes a heap
)

// countValues counts the different values of an outcome, as the file holds them.
func (l *loader) countValues(outcome int) map[float64]int {
	parts := make([]numberCounts, l.workers())
	l.inPeople(func(k int, people []*person) {
		count := newNumberCounts(16)
		for _, q := range people {
			for slot := slotOf(outcome, -1, len(l.p.Visits)); slot < slotOf(outcome+1, -1, len(l.p.Visits)); slot++ {
				switch c := &q.cells[slot]; {
				case c.ok && c.mean:
					for _, x := range q.more().several[slot] {
						count.add(x.value.Number, 1)
					}
				case c.ok:
					count.add(c.Number, 1)
				}
			}
		}
		parts[k] = count
	})
	all := map[float64]int{}
	for _, count := range parts {
		for i, n := range count.n {
			if n > 0 {
				all[count.number[i]] += n
			}
		}
	}
	return all
}

// checkKinds looks at the values of outcomes whose kind is not stated.
func (l *loader) checkKinds() {
	for i, o := range l.p.Outcomes {
		if o.Kind != "" || o.Instrument != "" || l.spoiled[i] {
			continue
		}
		count := l.countValues(i)
		n, column := 0, -1
		for _, k := range count {
			n += k
		}
		for _, c := range slices.Concat(l.where.cells, l.where.baselines) {
			if c.outcome == i && column < 0 {
				column = c.column
			}
		}
		if l.where.value >= 0 {
			column = l.where.value
		}
		most, heap := heapOf(count)
		switch {
		case len(count) == 2 && count[0] > 0 && count[1] > 0 && o.HasRange(): // a scale, though a short one
			l.noteFile("values-binary", text.Args{"outcome": o.ID})
		case len(count) == 2 && count[0] > 0 && count[1] > 0:
			l.report(l.t.Header(), column, "problem-kind-binary", text.Args{"outcome": o.ID})
		case n < askedOf || len(count) < 2:
		case len(count) <= fewValues:
			l.noteFile("values-few", text.Args{"outcome": o.ID, "count": len(count), "n": n})
		case most*heapedPart >= n:
			l.noteFile("values-heaped", text.Args{"outcome": o.ID, "value": heap, "count": most, "n": n})
		}
	}
}

// heapOf is the commonest value and how often it is there, the smallest of several.
func heapOf(count map[float64]int) (most int, value float64) {
	for x, k := range count {
		if k > most || k == most && x < value {
			most, value = k, x
		}
	}
	return most, value
}
