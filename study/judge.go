package study

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
	"github.com/trialkit/trialkit/study/family"
	"github.com/trialkit/trialkit/study/text"
)

// Verdict is Man-Son-Hing's level of clinical importance.
type Verdict string

// Levels (Man-Son-Hing et al. 2002, J Gen Intern Med 17:469), with estimate b,
// interval [l, u] and threshold M > 0, benefit positive.
const (
	Definite      Verdict = "definite"       // l ≥ M
	Probable      Verdict = "probable"       // l < M ≤ b
	Possible      Verdict = "possible"       // b < M ≤ u
	DefinitelyNot Verdict = "definitely-not" // u < M
)

// Judgement is an effect beside a threshold. A level never stands alone:
// IncludesZero belongs to every sentence made of it.
type Judgement struct {
	Benefit, Harm Verdict
	IncludesZero  bool
	// ImportantBoth: the interval reaches both +M and −M.
	ImportantBoth bool
	Threshold     Threshold // for benefit
	HarmThreshold Threshold // declared for worsening, or the mirrored one
	HarmMirrored  bool
	// Benefit-oriented numbers: larger is better for the patient.
	Value, Lower, Upper, Level float64
	Notes                      []Note
}

// Judge compares an effect (active − control, in the outcome's unit) with a
// threshold of clinical importance and gives the level of Man-Son-Hing et al.
// (2002, J Gen Intern Med 17:469, doi 10.1046/j.1525-1497.2002.11206.x) for
// benefit and, with the threshold mirrored, for harm. With the effect turned
// so that benefit is positive, b its estimate, [l, u] its interval at level
// and M the threshold:
//
//	definite        l ≥ M
//	probable        l < M ≤ b
//	possible        b < M ≤ u
//	definitely-not  u < M
//
// A level never stands alone: IncludesZero says whether no effect at all is
// compatible with the data, ImportantBoth whether important benefit and
// important harm both are. An open end of the interval does not belong to it;
// an infinite end is beyond every threshold. Differences from the threshold
// below 1e-12 of it are rounding error and count as none.
//
// A threshold of level Individual is one patient's change; used as a margin
// for a difference between arms it carries a note. Judge panics unless
// threshold is a change greater than 0, better is set and 0 < level < 1:
// loading a protocol checks all of these.
func Judge(effect stats.Effect, level float64, threshold Threshold, better Direction) Judgement {
	harm := threshold
	harm.Worsening = true
	j := judge(effect, level, threshold, harm, better)
	j.HarmMirrored = true
	j.Notes = append(j.Notes, Note{Code: "harm-threshold-mirrored", Args: text.Args{"threshold": threshold.Value}})
	return j
}

// JudgeWorsening is Judge with a threshold of its own for worsening, where one
// is known: patients need not call a loss important at the size of a gain.
func JudgeWorsening(effect stats.Effect, level float64, threshold, worsening Threshold, better Direction) Judgement {
	return judge(effect, level, threshold, worsening, better)
}

// JudgeBoth is Judge, or JudgeWorsening where there is such a threshold.
func JudgeBoth(effect stats.Effect, level float64, benefit Threshold, worsening *Threshold, better Direction) Judgement {
	if worsening != nil {
		return JudgeWorsening(effect, level, benefit, *worsening, better)
	}
	return Judge(effect, level, benefit, better)
}

func judge(effect stats.Effect, level float64, benefit, harm Threshold, better Direction) Judgement {
	for _, t := range []Threshold{benefit, harm} {
		switch {
		case t.Kind == "":
			panic(fmt.Sprintf("study: Judge: a Threshold of %v without Kind; state what it is, such as Kind: MCID", t.Value))
		case !t.Kind.IsChange():
			panic(fmt.Sprintf("study: Judge: a %s is no change, and judges no difference", t.Kind))
		case !(t.Value > 0):
			panic(fmt.Sprintf("study: Judge: the %s is %v; a change is greater than 0, whichever direction is better", t.Kind, t.Value))
		}
	}
	benefitOf(effect, better)
	value, ci := effect.Point(), effect.CI(level)
	includesZero := ci.Contains(0)
	if better == LowerIsBetter {
		value, ci = -value, ci.Neg()
	}
	j := Judgement{
		Benefit:       importance(value, ci, benefit.Value),
		Harm:          importance(-value, ci.Neg(), harm.Value),
		IncludesZero:  includesZero,
		Threshold:     benefit,
		HarmThreshold: harm,
		Value:         value, Lower: ci.Lo, Upper: ci.Hi, Level: level,
	}
	j.ImportantBoth = j.Benefit != DefinitelyNot && j.Harm != DefinitelyNot
	if benefit.Level == Individual {
		j.Notes = append(j.Notes, Note{Code: "individual-threshold-as-margin",
			Args: text.Args{"kind": string(benefit.Kind), "threshold": benefit.Value}})
	}
	return j
}

// importance is the level for one side: value and interval turned so that
// this side is positive.
func importance(value float64, ci stats.Interval, m float64) Verdict {
	// Five changes of exactly 1.1 have a computed mean of 1.0999999999999999:
	// what differs from the threshold by rounding error alone is equal to it.
	same := func(x float64) bool { return math.Abs(x-m) <= judgeRounding*m }
	reaches := func(x float64) bool { return x >= m || same(x) }
	switch {
	case reaches(ci.Lo):
		return Definite
	case reaches(value):
		return Probable
	case reaches(ci.Hi) && !(ci.HiOpen && same(ci.Hi)):
		return Possible
	}
	return DefinitelyNot
}

// judgeRounding is the share of a threshold that counts as rounding error:
// some thousand times that of one operation, far below any digit that is read.
const judgeRounding = 1e-12

// Verdict is what a difference between arms is judged against: the first
// important change that is defined between groups, and the one for worsening,
// if any; nil, nil where the outcome has none. An individual's threshold is a
// change in one patient and judges no difference of means.
func (o Outcome) Verdict() (benefit, worsening *Threshold) {
	return o.firstImportant(BetweenGroup)
}

// TooSmall are the differences active − control, from lo to hi, that are judged
// neither an important benefit nor an important harm: inside the thresholds of
// Verdict, that of benefit mirrored where none is defined for worsening. ok is
// false where nothing judges a difference.
func (o Outcome) TooSmall() (lo, hi float64, ok bool) {
	benefit, worsening := o.Verdict()
	if benefit == nil {
		return 0, 0, false
	}
	if worsening == nil {
		worsening = benefit
	}
	if o.Better == LowerIsBetter {
		return -benefit.Value, worsening.Value, true
	}
	return -worsening.Value, benefit.Value, true
}

// PatientThreshold is what one patient's change is judged against: the first
// important change that is defined for an individual, and the one for
// worsening, if any; nil, nil where the outcome has none.
func (o Outcome) PatientThreshold() (benefit, worsening *Threshold) {
	return o.firstImportant(Individual)
}

// firstImportant are the outcome's first thresholds of a level.
func (o Outcome) firstImportant(level ThresholdLevel) (benefit, worsening *Threshold) {
	for i := range o.Thresholds {
		t := &o.Thresholds[i]
		switch {
		case t.Level != level || !t.Important():
		case t.Worsening && worsening == nil:
			worsening = t
		case !t.Worsening && benefit == nil:
			benefit = t
		}
	}
	return benefit, worsening
}

// Important reports whether the threshold is a change that somebody held
// important: an MDC or SEM is measurement error.
func (t Threshold) Important() bool { return t.Kind.IsChange() && t.Kind != MDC && t.Kind != SEM }

// NonInferiority answers a plan's margin: a one-sided test whose hypothesis is
// that the effect is at the margin or beyond it on the side of harm.
type NonInferiority struct {
	// Margin as declared, in the outcome's unit, above 0; with Scale "ratio" a ratio.
	Margin float64
	// P is one-sided: H0 effect ≤ −Margin, benefit positive; of a ratio H0 that it is at
	// the margin or beyond it on the side of harm.
	P float64
	// Alpha is (1 − level)/2, so that the test and the row's two-sided interval
	// agree.
	Alpha float64
	// Side is the side of zero on which the margin lies: "lower" where smaller
	// values are worse, "upper" where larger ones are.
	Side string
	// Scale of the margin: "difference" of means, "risk-difference", or "ratio".
	Scale string
	// Shown: P < Alpha. Superior, which may be said only then (a closed test): the
	// one-sided P of no benefit is below Alpha, too.
	Shown, Superior bool
}

// TestNonInferiority tests an effect (treated − control) against a margin above
// 0, benefit being what better says. Exact where the effect's p-values are. It
// panics for a margin that is not above 0, without a direction, and unless
// 0 < level < 1.
// Source: ICH E9 (1998) section 3.3.2; CONSORT extension, Piaggio et al. 2012,
// doi 10.1001/jama.2012.87802.
func TestNonInferiority(e stats.Effect, level, margin float64, better Direction) NonInferiority {
	if !(margin > 0) || !(level > 0 && level < 1) {
		panic(fmt.Sprintf("study: TestNonInferiority: a margin of %v at level %v; need a margin above 0, and a level between 0 and 1", margin, level))
	}
	turned := benefitOf(e, better)
	n := NonInferiority{Margin: margin, P: turned.PGreater(-margin), Alpha: Plan{Level: level, Margin: margin}.alpha(),
		Side: "lower", Scale: "difference"}
	if better == LowerIsBetter {
		n.Side = "upper"
	}
	n.Shown = n.P < n.Alpha
	n.Superior = n.Shown && turned.PGreater(0) < n.Alpha
	return n
}

// TestNonInferiorityRatio tests a ratio (treated / control) against a margin on the side
// of harm: above 1 where smaller values are better, below 1 where larger ones are. The
// test is the ratio's own: of a score interval its score test at the margin (Miettinen
// & Nurminen 1985, doi 10.1002/sim.4780040211; for the ratio of risks also Gart & Nam
// 1988, doi 10.2307/2531848), of a profile interval the signed root of the likelihood
// ratio. It panics for a margin that is no such ratio, without a direction, and
// unless 0 < level < 1.
func TestNonInferiorityRatio(e stats.Effect, level, margin float64, better Direction) NonInferiority {
	if !(margin > 0) || margin == 1 || math.IsInf(margin, 0) || (margin > 1) != (better == LowerIsBetter) || !(level > 0 && level < 1) {
		panic(fmt.Sprintf("study: TestNonInferiorityRatio: a margin of %v at level %v, %v is better; need a ratio on the side of harm, and a level between 0 and 1", margin, level, better))
	}
	benefitOf(e, better) // an effect, and a direction
	n := NonInferiority{Margin: margin, Alpha: Plan{Level: level, Margin: margin}.alpha(), Side: "lower", Scale: string(ScaleRatio)}
	beyond := e.PGreater
	if better == LowerIsBetter {
		n.Side, beyond = "upper", e.PLess
	}
	n.P = beyond(margin)
	n.Shown = n.P < n.Alpha
	n.Superior = n.Shown && beyond(1) < n.Alpha
	return n
}

// Note is the answer as a note; the report prints p in the primary comparison's
// alone, unless it is asked for others.
func (n NonInferiority) Note(o Outcome, role Role) Note {
	code := "noninferiority-not-shown"
	switch {
	case n.Superior:
		code = "noninferiority-superior"
	case n.Shown:
		code = "noninferiority-shown"
	}
	if n.Scale == string(ScaleRatio) {
		return Note{Code: code + "-ratio", Args: text.Args{"margin": n.Margin, "p": n.P, "alpha": n.Alpha, "primary": role == RolePrimary}}
	}
	return Note{Code: code, Args: text.Args{"margin": o.Shown(n.Margin), "unit": o.unitArg(), "p": n.P, "alpha": n.Alpha, "primary": role == RolePrimary}}
}

// Equivalence answers a plan of that framework: two one-sided tests whose hypotheses
// are that the effect is at the margin or beyond it, on the one side and the other.
type Equivalence struct {
	// Margin as declared, symmetric, above 0; with Scale "ratio" it and its inverse are.
	Margin float64
	// PLower is of H0 effect ≤ the lower margin, PUpper of H0 effect ≥ the upper one, P
	// the larger.
	PLower, PUpper, P float64
	// Alpha of each test is (1 − level)/2, so that both are below it where the row's
	// interval lies within the margins.
	Alpha float64
	// Scale of the margin: "difference" of means, "risk-difference", or "ratio".
	Scale string
	Shown bool // P < Alpha
}

// TestEquivalence tests an effect (treated − control) against a margin on both sides of
// no difference. Exact where the effect's p-values are. It panics for a margin that
// is not above 0, and unless 0 < level < 1.
// Source: Schuirmann 1987, doi 10.1007/BF01068419.
func TestEquivalence(e stats.Effect, level, margin float64) Equivalence {
	if !(margin > 0) || !(level > 0 && level < 1) {
		panic(fmt.Sprintf("study: TestEquivalence: a margin of %v at level %v; need a margin above 0, and a level between 0 and 1", margin, level))
	}
	q := Equivalence{Margin: margin, PLower: e.PGreater(-margin), PUpper: e.PLess(margin), Alpha: Plan{Level: level, Margin: margin}.alpha(), Scale: "difference"}
	q.P = math.Max(q.PLower, q.PUpper)
	q.Shown = q.P < q.Alpha
	return q
}

// TestEquivalenceRatio tests a ratio (treated / control) against a margin and its inverse:
// 1.25 and 0.8 are one pair. It panics for a margin that is no ratio other than 1, and
// unless 0 < level < 1. Source: Schuirmann 1987, doi 10.1007/BF01068419.
func TestEquivalenceRatio(e stats.Effect, level, margin float64) Equivalence {
	if !(margin > 0) || margin == 1 || math.IsInf(margin, 0) || !(level > 0 && level < 1) {
		panic(fmt.Sprintf("study: TestEquivalenceRatio: a margin of %v at level %v; need a ratio other than 1, and a level between 0 and 1", margin, level))
	}
	benefitOf(e, HigherIsBetter) // an effect
	q := Equivalence{Margin: margin, Alpha: Plan{Level: level, Margin: margin}.alpha(), Scale: string(ScaleRatio)}
	lower, upper := q.Bounds()
	q.PLower, q.PUpper = e.PGreater(lower), e.PLess(upper)
	q.P = math.Max(q.PLower, q.PUpper)
	q.Shown = q.P < q.Alpha
	return q
}

// Bounds are the margins on both sides of no difference, on the effect's scale.
func (q Equivalence) Bounds() (lower, upper float64) {
	if q.Scale == string(ScaleRatio) {
		return math.Min(q.Margin, 1/q.Margin), math.Max(q.Margin, 1/q.Margin)
	}
	return -q.Margin, q.Margin
}

// Bound is the margin on the side of harm, on the effect's scale (active − control, or
// active / control).
func (n NonInferiority) Bound(better Direction) float64 {
	if n.Scale == string(ScaleRatio) {
		return n.Margin
	}
	return -better.Sign() * n.Margin
}

// Note is the answer as a note, as that of NonInferiority.
func (q Equivalence) Note(o Outcome, role Role) Note {
	code := "equivalence-not-shown"
	if q.Shown {
		code = "equivalence-shown"
	}
	if q.Scale == string(ScaleRatio) {
		lower, upper := q.Bounds()
		return Note{Code: code + "-ratio", Args: text.Args{"lower": lower, "upper": upper, "p": q.P, "alpha": q.Alpha, "primary": role == RolePrimary}}
	}
	return Note{Code: code, Args: text.Args{"margin": o.Shown(q.Margin), "unit": o.unitArg(), "p": q.P, "alpha": q.Alpha, "primary": role == RolePrimary}}
}

// nonInferior reports whether the plan's margin is one of non-inferiority.
func (p Plan) nonInferior() bool { return p.Margin > 0 && p.Framework != FrameworkEquivalence }

// showsMargin reports whether the row shows non-inferiority, or equivalence.
func (r Row) showsMargin() bool {
	return r.Equivalence != nil && r.Equivalence.Shown || r.NonInferiority != nil && r.NonInferiority.Shown
}

// Shows reports whether the plan's own row shows what a tipping point's model is asked of:
// a difference, or of a non-inferiority plan that the arm is not inferior; ok where the
// row has an answer. Where it differs from TippingPoint.Significant the two models
// disagree before anybody is made worse, and no tipping point answers for the row.
func (r Result) Shows(x SensitivityRow) (shown, ok bool) {
	i := slices.IndexFunc(r.Rows, func(y Row) bool {
		return y.Arm == x.Arm && y.Role == x.Role && y.Estimand == r.Plan.Estimand && y.Effect != nil && (y.Decides || x.Role != RolePrimary)
	})
	if i < 0 {
		return false, false
	}
	if r.Rows[i].NonInferiority != nil || r.Rows[i].Equivalence != nil || x.Null != 0 || x.Equivalence > 0 {
		return r.Rows[i].showsMargin(), true
	}
	return !r.Rows[i].IncludesZero(), true
}

// againstMargin is the answer to the plan's margin, of either framework.
func (r Row) againstMargin() (margin float64, shown, ok bool) {
	switch {
	case r.NonInferiority != nil:
		return r.NonInferiority.Margin, r.NonInferiority.Shown, true
	case r.Equivalence != nil:
		return r.Equivalence.Margin, r.Equivalence.Shown, true
	}
	return 0, false, false
}

// Marks are the differences that a row's limits are held against: 0, the margin
// of non-inferiority, and the margins between arms that judge means. A limit that
// is not on one of them is not printed as if it were (text.Catalog.Beside).
func (r Row) Marks(o Outcome) []float64 {
	marks := []float64{r.Measure.Null()}
	if r.NonInferiority != nil {
		marks = append(marks, r.NonInferiority.Bound(o.Better))
	}
	if r.Equivalence != nil {
		lower, upper := r.Equivalence.Bounds()
		marks = append(marks, lower, upper)
	}
	if r.Measure.Plain() {
		return marks
	}
	for _, t := range o.Thresholds {
		if t.Level == BetweenGroup {
			marks = append(marks, t.Value, -t.Value)
		}
	}
	return marks
}

// endpoint is the plan's comparison of an arm with control as a permutation takes it:
// changes for Welch's t, else values with what the plan's model has beside arm.
func (c *comparison) endpoint(id, arm string) family.Endpoint {
	e := family.Endpoint{Name: id}
	adjusted := c.plan.Model == ANCOVA && c.adjusted()
	var used []Record
	for _, r := range c.used(adjusted) {
		if r.Arm != arm && r.Arm != c.control().ID {
			continue
		}
		used = append(used, r)
		e.Participant, e.Arm, e.Block, e.Y = append(e.Participant, r.ID), append(e.Arm, r.Arm), append(e.Block, r.Stratum), append(e.Y, r.Follow)
	}
	if len(used) == 0 {
		return e
	}
	if c.plan.Model == WelchChange {
		for i, r := range used {
			if c.outcome.HasBaseline() {
				e.Y[i] = r.Change
			}
		}
		return e
	}
	var terms []regress.Term
	if c.strata.any() && c.strata.residualDF(used, 3+len(c.covariates), false) >= minStrataDF {
		terms = c.strata.terms(used, false)
	}
	data := c.armsData(used, adjusted, terms)
	e.Beside = data.Covariates
	if data.Baseline != nil {
		e.Beside = append([]regress.Term{regress.Numeric("baseline\x00", data.Baseline)}, e.Beside...)
	}
	return e
}

// permuted are the scheme's adjusted p-values by permutation, NaN where there is none.
// That of the permutation tests that no participant would have had other values in the
// other arm; it never stands below the p of the plan's own test, so that what is shown has
// an interval without 0.
func (r *Report) permuted(ctx context.Context, hs []Hypothesis, rows []*Row) ([]float64, error) {
	out := make([]float64, len(hs))
	var ends []family.Endpoint
	var of []int
	var seed uint64
	for i, h := range hs {
		out[i] = math.NaN()
		for k := range r.Results {
			res := &r.Results[k]
			if rows[i] == nil || math.IsNaN(h.P) || res.own == nil || res.Outcome.ID != h.Outcome || res.Visit.ID != h.Visit {
				continue
			}
			c := res.comparison()
			if len(ends) == 0 {
				seed = c.plan.Seed
			}
			ends, of = append(ends, c.endpoint(h.ID, h.Arm)), append(of, i)
		}
	}
	if len(ends) == 0 {
		return out, nil
	}
	first := rows[of[0]]
	wy, err := family.Permute(ctx, ends, first.Arm, first.Control,
		resample.WYOptions{Statistic: permStatistic(r.Protocol, hs[of[0]]), Seed: seed, Replicates: max(10_000, replicates(len(ends[0].Y)))})
	if err != nil {
		for _, i := range of {
			rows[i].Notes = append(rows[i].Notes, Note{Code: "family-no-permutation", Args: text.Args{"detail": err.Error()}})
		}
		return out, onlyData(err)
	}
	note := Note{Code: "family-permuted-all", Args: text.Args{"n": wy.Arrangements}}
	if wy.Method == resample.PermMonteCarlo {
		note = Note{Code: "family-permuted-drawn", Args: text.Args{"n": wy.Replicates, "seed": wy.Seed}}
	}
	for k, t := range wy.Tests {
		i := of[k]
		out[i] = max(t.PStepMaxT(), rows[i].P)
		if wy.Method == resample.PermMonteCarlo {
			note.Args = text.Args{"n": wy.Replicates, "seed": wy.Seed, "error": math.Sqrt(t.PStepMaxT() * (1 - t.PStepMaxT()) / float64(wy.Replicates))}
		}
		rows[i].Notes = append(rows[i].Notes, note)
	}
	return out, nil
}

// permStatistic is Welch's t of plans that take it, else Student's.
func permStatistic(p Protocol, h Hypothesis) resample.PermStatistic {
	if i, _ := p.memberPlan(h.Plan); i >= 0 && p.Plans[i].Model == WelchChange {
		return resample.PermStudentized
	}
	return resample.PermMean
}

// standardErrorOf is the standard error of an effect, of a ratio that of its logarithm, and
// its degrees of freedom; NaN of one that has none.
func standardErrorOf(e stats.Effect) (se, df float64) {
	switch e := e.(type) {
	case stats.Estimate:
		return e.SE, e.DF
	case stats.Ratio:
		return e.Log.SE, e.Log.DF
	case interface{ standardError() float64 }:
		return e.standardError(), math.Inf(1)
	}
	return math.NaN(), math.NaN()
}

// measure is what the plan's rows of a visit measure.
func (c *comparison) measure() Measure {
	switch {
	case c.plan.Effect != "":
		return c.plan.Effect
	case c.plan.Scale == ScaleLog:
		return GeometricMeanRatio
	case len(kindModels[c.outcome.Kind]) > 0:
		q := c.plan
		c.outcome.kindDefaults(&q)
		return q.Effect
	}
	return MeanDifference
}
