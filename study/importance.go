package study

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/study/family"
)

// turned is an effect turned so that benefit is positive.
type turned struct{ stats.Effect }

func (t turned) Point() float64                  { return -t.Effect.Point() }
func (t turned) CI(level float64) stats.Interval { return t.Effect.CI(level).Neg() }
func (t turned) P(null float64) float64          { return t.Effect.P(-null) }
func (t turned) PGreater(null float64) float64   { return t.Effect.PLess(-null) }
func (t turned) PLess(null float64) float64      { return t.Effect.PGreater(-null) }

// benefitOf panics with words for an effect or a direction that nobody stated.
func benefitOf(e stats.Effect, d Direction) stats.Effect {
	if e == nil {
		panic("study: no Effect (nil): a row without one says in its Notes why")
	}
	switch d {
	case LowerIsBetter:
		return turned{e}
	case HigherIsBetter:
		return e
	}
	panic("study: which direction is better is not stated: LowerIsBetter or HigherIsBetter")
}

// ThresholdTests are one-sided p-values of an effect against a threshold M of
// importance (and Mh for harm), benefit positive; each says what a small one would show.
type ThresholdTests struct {
	// Superiority, H0: δ ≤ 0. Shows some benefit.
	Superiority float64
	// NonInferiority, H0: δ ≤ −Mh. Shows that important harm is absent.
	NonInferiority float64
	// Equivalence, H0: δ ≤ −Mh or δ ≥ M: two one-sided tests, the larger p
	// (Schuirmann 1987, doi 10.1007/BF01068419). Shows that the arms differ by
	// too little to matter.
	Equivalence float64
	// MinimalEffect, H0: δ ≤ M. Shows important benefit.
	MinimalEffect float64
	// MinimalHarm, H0: δ ≥ −Mh. Shows important harm.
	MinimalHarm float64
	// Alpha is the one-sided level that belongs to the two-sided interval:
	// (1 − level)/2. A test has p ≤ Alpha where the interval lies wholly on the
	// test's side. Equivalence is often tested at 5%: that is the 90% interval.
	Alpha float64
}

// TestThreshold tests an effect (treated − control) against thresholds for
// benefit and harm, both positive numbers. Exact where the effect's p-values
// are. It panics unless both are above 0, better is set and 0 < level < 1.
func TestThreshold(effect stats.Effect, level, benefit, harm float64, better Direction) ThresholdTests {
	if !(benefit > 0) || !(harm > 0) || !(level > 0 && level < 1) {
		panic(fmt.Sprintf("study: TestThreshold: thresholds %v and %v at level %v; need both above 0, and a level between 0 and 1", benefit, harm, level))
	}
	e := benefitOf(effect, better)
	t := ThresholdTests{Superiority: e.PGreater(0), NonInferiority: e.PGreater(-harm),
		MinimalEffect: e.PGreater(benefit), MinimalHarm: e.PLess(-harm), Alpha: (1 - level) / 2}
	t.Equivalence = math.Max(t.NonInferiority, e.PLess(benefit))
	return t
}

// SecondGenP is the second-generation p-value: the share of an interval that
// lies in the interval null hypothesis, corrected where the interval is more
// than twice as wide as the hypothesis. 0 says that the data are compatible
// with effects outside the hypothesis alone, 1 with effects inside alone, and
// anything between is inconclusive.
type SecondGenP struct {
	Value float64
	// Gap is the distance between both intervals in units of half the width of
	// the hypothesis; 0 where they touch or overlap (Value then above 0, or
	// touching ends).
	Gap float64
}

// SGPV returns the second-generation p-value of an interval for the null
// hypothesis lo … hi, lo < hi:
//
//	|I ∩ H| / |I| · max(|I| / (2|H|), 1)
//
// An interval without bound counts as wide as can be; one of no width is
// inside or not. The result is approximate as the interval is.
// Source: Blume et al. 2018, PLoS One 13:e0188299,
// doi 10.1371/journal.pone.0188299. Agrees with R's sgpv::sgpvalue.
func SGPV(ci stats.Interval, lo, hi float64) SecondGenP {
	if !(lo < hi) || math.IsInf(hi-lo, 0) {
		panic(fmt.Sprintf("study: SGPV: a null hypothesis from %v to %v; need lo below hi", lo, hi))
	}
	var s SecondGenP
	overlap := math.Min(ci.Hi, hi) - math.Max(ci.Lo, lo)
	switch width, null := ci.Hi-ci.Lo, hi-lo; {
	case overlap < 0:
		s.Gap = -overlap / (null / 2)
	case width == 0:
		s.Value = 1
	case width > 2*null:
		s.Value = overlap / (2 * null)
	default:
		s.Value = overlap / width
	}
	return s
}

// Flips are the thresholds at which the verdict on one side changes: definite
// up to Definite, probable up to Probable, possible up to Possible, definitely
// not beyond. They are the interval's lower end, the estimate and the upper
// end, this side positive; where one is not above 0, no threshold has that
// level.
type Flips struct{ Definite, Probable, Possible float64 }

// Flips returns the thresholds at which the verdict on benefit, and on harm,
// would change.
func (j Judgement) Flips() (benefit, harm Flips) {
	return Flips{j.Lower, j.Value, j.Upper}, Flips{-j.Upper, -j.Value, -j.Lower}
}

// ThresholdPoint is what would be concluded with another threshold.
type ThresholdPoint struct {
	Threshold     float64
	Benefit, Harm Verdict
	Tests         ThresholdTests
	SGPV          SecondGenP
	// Flat and Skeptical are posterior probabilities of a benefit above the
	// threshold; NaN for effects without a standard error.
	Flat, Skeptical float64
}

// VerdictBounds are the thresholds of importance at which Judge's verdict on
// benefit changes: an effect is definitely important up to definite, probably
// up to probable and possibly up to possible. They are the lower limit, the
// estimate and the upper limit of its benefit; one below 0 means that the
// verdict is given for no threshold.
func VerdictBounds(effect stats.Effect, level float64, better Direction) (definite, probable, possible float64) {
	e := benefitOf(effect, better)
	ci := e.CI(level)
	return ci.Lo, e.Point(), ci.Hi
}

// SweepThresholds repeats the verdict and its probabilities for other
// thresholds of importance, the same for benefit and harm. The skeptical prior
// is held at the one for the threshold skeptic: what is believed does not
// change with the question.
func SweepThresholds(effect stats.Effect, level float64, better Direction, skeptic float64, thresholds []float64) []ThresholdPoint {
	e := benefitOf(effect, better)
	ci := e.CI(level)
	var flat, skeptical *Posterior
	if est, ok := family.Alone(effect).(stats.Estimate); ok && est.SE > 0 {
		flat = NewPosterior(est, better, FlatPrior())
		skeptical = NewPosterior(est, better, SkepticalPrior(skeptic))
	}
	var out []ThresholdPoint
	for _, m := range thresholds {
		p := ThresholdPoint{Threshold: m, Benefit: importance(e.Point(), ci, m), Harm: importance(-e.Point(), ci.Neg(), m),
			Tests: TestThreshold(effect, level, m, m, better), SGPV: SGPV(ci, -m, m), Flat: math.NaN(), Skeptical: math.NaN()}
		if flat != nil {
			p.Flat, p.Skeptical = flat.Greater(m), skeptical.Greater(m)
		}
		out = append(out, p)
	}
	return out
}

// BenefitProbability estimates the probability that a patient of the treated
// arm fares better than one of the control arm, ties counting one half, with
// the Brunner–Munzel interval on the logit scale. One half is no difference.
type BenefitProbability struct {
	Value, Lower, Upper, Level float64
	// Notes say why the limits are NaN: no overlap between the arms.
	Notes []Note
}

// ProbabilityOfBenefit compares the arms' values (changes or states). It
// refuses what rank.BrunnerMunzel refuses, except samples without overlap,
// whose limits are NaN.
func ProbabilityOfBenefit(treated, control []float64, level float64, better Direction) (BenefitProbability, error) {
	if better == LowerIsBetter {
		treated, control = control, treated
	}
	bm, err := rank.BrunnerMunzel(treated, control)
	if err == nil {
		ci := bm.LogitCI(level)
		return BenefitProbability{Value: bm.Value, Lower: ci.Lo, Upper: ci.Hi, Level: level}, nil
	}
	if !isNoVariation(err) {
		return BenefitProbability{}, err
	}
	mw, err := rank.MannWhitney(treated, control)
	if err != nil {
		return BenefitProbability{}, err
	}
	return BenefitProbability{Value: mw.PSuperior(), Lower: math.NaN(), Upper: math.NaN(), Level: level,
		Notes: []Note{{Code: "benefit-no-interval"}}}, nil
}

func isNoVariation(err error) bool { return errors.Is(err, stats.ErrNoVariation) }

// Importance is everything that an effect says beside its threshold: one for
// each row that has a verdict.
type Importance struct {
	Outcome, Visit, Arm, Control string
	Method                       Method
	Threshold                    Threshold
	Judgement                    Judgement
	Tests                        ThresholdTests
	// NonInferiority is the row's answer to the plan's margin, if it has one: a
	// threshold of importance is no margin.
	NonInferiority *NonInferiority
	// SGPV: the interval null hypothesis runs from harm to benefit.
	SGPV SecondGenP
	// Posteriors: flat, skeptical, enthusiastic, then the plan's own; none for
	// effects without a standard error.
	Posteriors []PosteriorSummary
	// Benefit compares patients' changes; nil where it cannot be computed.
	Benefit *BenefitProbability
	// Thresholds is the sweep over thresholds from a tenth of to twice the
	// declared one, those of the registry included.
	Thresholds []ThresholdPoint
}

// PosteriorSummary is a posterior's three probabilities: of any benefit, of
// one beyond the threshold, and of an effect too small to matter either way.
type PosteriorSummary struct {
	Prior                      Prior
	Benefit, Important, Within float64
}

// summarize asks the posterior its three questions.
func summarizePosterior(e stats.Estimate, better Direction, prior Prior, m float64) PosteriorSummary {
	p := NewPosterior(e, better, prior)
	return PosteriorSummary{prior, p.Greater(0), p.Greater(m), p.Within(m)}
}

// sweepSteps is the number of even steps of the threshold sweep.
const sweepSteps = 20

// importanceOf questions every row that has a verdict.
func (c *comparison) importanceOf(rows []Row) []Importance {
	var out []Importance
	for _, r := range rows {
		if r.Judgement == nil {
			continue
		}
		j := *r.Judgement
		o, m := c.outcome, j.Threshold.Value
		ci := stats.Interval{Lo: j.Lower, Hi: j.Upper, Level: j.Level}
		x := Importance{Outcome: r.Outcome, Visit: r.Visit, Arm: r.Arm, Control: r.Control, Method: r.Method,
			Threshold: j.Threshold, Judgement: j, NonInferiority: r.NonInferiority, SGPV: SGPV(ci, -j.HarmThreshold.Value, m),
			Tests: TestThreshold(r.Effect, r.Level, m, j.HarmThreshold.Value, o.Better)}
		if est, ok := family.Alone(r.Effect).(stats.Estimate); ok && est.SE > 0 {
			priors := append([]Prior{FlatPrior(), SkepticalPrior(m), EnthusiasticPrior(m)}, c.plan.Priors...)
			for _, prior := range priors {
				x.Posteriors = append(x.Posteriors, summarizePosterior(est, o.Better, prior, m))
			}
		}
		if c.visit.ID != OverallVisit && o.Measured() { // patients' changes belong to one visit
			treated, _ := c.compared(r.Arm)
			control, _ := c.compared(r.Control)
			if b, err := ProbabilityOfBenefit(treated, control, r.Level, o.Better); err == nil {
				x.Benefit = &b
			}
		}
		x.Thresholds = SweepThresholds(r.Effect, r.Level, o.Better, m, sweepValues(o, m))
		out = append(out, x)
	}
	return out
}

// sweepValues are the thresholds of a sweep, in order: even steps from a tenth
// of the declared one to twice it, and the registry's.
func sweepValues(o Outcome, m float64) []float64 {
	var out []float64
	for k := 1; k <= sweepSteps; k++ {
		out = append(out, m*float64(k)/(sweepSteps/2))
	}
	out = append(out, m)
	if in, ok := InstrumentByID(o.Instrument); ok && in.Unit == o.Unit {
		for _, t := range in.Thresholds {
			if t.Threshold.Important() && !t.Worsening {
				out = append(out, t.Value)
			}
		}
	}
	slices.Sort(out)
	return slices.CompactFunc(out, func(a, b float64) bool { return math.Abs(a-b) < 1e-9*m })
}

// Prior is what is believed of an effect before the data: normal with Mean and
// SD, in the outcome's unit and turned so that benefit is positive. SD = +Inf
// is the flat prior, under which every effect is equally likely, however
// large. A flat prior is never shown without the skeptical one beside it.
type Prior struct {
	Name     string // "flat", "skeptical", "enthusiastic", or the user's own
	Mean, SD float64
}

// z95 is the normal quantile of 95%.
const z95 = 1.6448536269514722

// FlatPrior makes the posterior follow from the data alone.
func FlatPrior() Prior { return Prior{Name: "flat", SD: math.Inf(1)} }

// SkepticalPrior expects no effect and gives an effect beyond the threshold
// m > 0 a probability of 5% (Spiegelhalter, Freedman & Parmar 1994,
// J R Stat Soc A 157:357, doi 10.2307/2983527).
func SkepticalPrior(m float64) Prior { return Prior{Name: "skeptical", SD: priorSD(m)} }

// EnthusiasticPrior expects an effect of m > 0 and gives an effect below 0 a
// probability of 5% (the same source).
func EnthusiasticPrior(m float64) Prior { return Prior{Name: "enthusiastic", Mean: m, SD: priorSD(m)} }

func priorSD(m float64) float64 {
	if !(m > 0) || math.IsInf(m, 1) {
		panic(fmt.Sprintf("study: prior for threshold %v; it must be above 0", m))
	}
	return m / z95
}

// Posterior is the distribution of an effect given the data and a prior,
// turned so that benefit is positive. It is not the probability that the
// treatment works: it is as good as the prior and the model are.
type Posterior struct {
	Prior  Prior
	effect stats.Estimate // benefit positive
	// normal prior and t likelihood
	edges  []float64
	panels []float64 // integrals between the edges
	top    float64   // log of the kernel's largest value met
	tol    float64
	total  float64
}

// NewPosterior combines an estimate (treated − control) with a prior. The
// likelihood of an effect δ is that of its pivot, (Value − δ)/SE on DF degrees
// of freedom. With the flat prior the posterior is Value + SE·t(DF), exact for
// normal data; with a normal prior and DF = +Inf it is normal, and otherwise
// the product of both is integrated by adaptive Gauss–Legendre quadrature
// (relative error about 1e-12). It panics where better is unset, SE is not
// above 0 or the prior's SD is not.
// With DF = +Inf it agrees with the conjugate normal formula.
func NewPosterior(e stats.Estimate, better Direction, prior Prior) *Posterior {
	benefitOf(e, better)
	if !(e.SE > 0) || !(prior.SD > 0) || !finite(prior.Mean) {
		panic(fmt.Sprintf("study: NewPosterior: standard error %v and prior %+v; need both SDs above 0", e.SE, prior))
	}
	if better == LowerIsBetter {
		e = e.Neg()
	}
	p := &Posterior{Prior: prior, effect: e}
	switch {
	case math.IsInf(prior.SD, 1):
	case math.IsInf(e.DF, 1):
		w, v := 1/(e.SE*e.SE), 1/(prior.SD*prior.SD)
		p.effect = stats.Estimate{Value: (w*e.Value + v*prior.Mean) / (w + v), SE: 1 / math.Sqrt(w+v), DF: e.DF}
	default:
		p.prepare()
	}
	return p
}

// logKernel is the log of prior × likelihood, but for a constant.
func (p *Posterior) logKernel(x float64) float64 {
	z, d := (x-p.effect.Value)/p.effect.SE, (x-p.Prior.Mean)/p.Prior.SD
	return -(p.effect.DF+1)/2*math.Log1p(z*z/p.effect.DF) - d*d/2
}

// prepare places panels where the kernel can bend. Beyond 39 prior SDs outside
// both centers the kernel is below 1e-330 of its value at the nearer one.
func (p *Posterior) prepare() {
	v, m := p.effect.Value, p.Prior.Mean
	lo, hi := math.Min(v, m)-39*p.Prior.SD, math.Max(v, m)+39*p.Prior.SD
	p.edges = []float64{lo, hi, v, m}
	for k := 0.25; k < 80; k *= 2 {
		p.edges = append(p.edges, v-k*p.effect.SE, v+k*p.effect.SE, m-k*p.Prior.SD, m+k*p.Prior.SD)
	}
	// Between the centers a panel an SE or prior SD wide, if 64 are enough.
	between := math.Min(64, math.Ceil(math.Abs(v-m)/math.Min(p.effect.SE, p.Prior.SD)))
	for k := 1.0; k < between; k++ {
		p.edges = append(p.edges, m+(v-m)*k/between)
	}
	p.edges = slices.DeleteFunc(p.edges, func(x float64) bool { return x < lo || x > hi })
	slices.Sort(p.edges)
	p.edges = slices.Compact(p.edges)
	p.top = math.Inf(-1)
	for _, x := range p.edges {
		p.top = math.Max(p.top, p.logKernel(x))
	}
	p.panels = make([]float64, len(p.edges)-1)
	rough := 0.0
	for i := range p.panels {
		p.panels[i] = gauss20(p.kernel, p.edges[i], p.edges[i+1])
		rough += p.panels[i]
	}
	p.tol = 1e-14 * rough
	for i, whole := range p.panels {
		p.panels[i] = refine(p.kernel, p.edges[i], p.edges[i+1], whole, p.tol, 30)
		p.total += p.panels[i]
	}
}

func (p *Posterior) kernel(x float64) float64 { return math.Exp(p.logKernel(x) - p.top) }

// panel integrates the kernel within one panel.
func (p *Posterior) panel(a, b float64) float64 {
	return refine(p.kernel, a, b, gauss20(p.kernel, a, b), p.tol, 30)
}

// mass integrates the kernel from a to b: whole panels and the parts of two.
func (p *Posterior) mass(a, b float64) float64 {
	sum := 0.0
	for i, whole := range p.panels {
		lo, hi := math.Max(a, p.edges[i]), math.Min(b, p.edges[i+1])
		switch {
		case lo >= hi:
		case lo == p.edges[i] && hi == p.edges[i+1]:
			sum += whole
		default:
			sum += p.panel(lo, hi)
		}
	}
	return sum
}

// gaussX and gaussW are the nodes and weights of 20-point Gauss–Legendre
// quadrature on −1 … 1.
var gaussX, gaussW = func() (x, w []float64) {
	x, w = make([]float64, 20), make([]float64, 20)
	quad.Legendre{}.FixedLocations(x, w, -1, 1)
	return x, w
}()

func gauss20(f func(float64) float64, a, b float64) float64 {
	mid, half := (a+b)/2, (b-a)/2
	s := 0.0
	for i, x := range gaussX {
		s += gaussW[i] * f(mid+half*x)
	}
	return s * half
}

// refine halves a panel until halves and whole agree.
func refine(f func(float64) float64, a, b, whole, tol float64, depth int) float64 {
	mid := (a + b) / 2
	l, r := gauss20(f, a, mid), gauss20(f, mid, b)
	if depth == 0 || math.Abs(l+r-whole) <= math.Max(tol, 1e-15*math.Abs(whole)) {
		return l + r
	}
	return refine(f, a, mid, l, tol, depth-1) + refine(f, mid, b, r, tol, depth-1)
}

// Greater returns the posterior probability of an effect above c: of benefit
// for c = 0, of important benefit for c = the threshold.
func (p *Posterior) Greater(c float64) float64 {
	if p.edges == nil {
		return p.effect.PLess(c)
	}
	return p.mass(c, math.Inf(1)) / p.total
}

// Less returns the posterior probability of an effect below c.
func (p *Posterior) Less(c float64) float64 {
	if p.edges == nil {
		return p.effect.PGreater(c)
	}
	return p.mass(math.Inf(-1), c) / p.total
}

// Within returns the posterior probability of an effect between −m and m, too
// small to matter either way.
func (p *Posterior) Within(m float64) float64 {
	if !(m > 0) {
		return 0
	}
	if p.edges == nil {
		// The difference of two small tails keeps small probabilities.
		if p.effect.Value >= 0 {
			return math.Max(0, p.Less(m)-p.Less(-m))
		}
		return math.Max(0, p.Greater(-m)-p.Greater(m))
	}
	return p.mass(-m, m) / p.total
}

// CurvePoint is a point of a curve to draw.
type CurvePoint struct{ X, Y float64 }

// Curve returns n ≥ 2 points of the posterior's density from lo to hi.
func (p *Posterior) Curve(lo, hi float64, n int) []CurvePoint {
	if n < 2 || !(lo < hi) {
		panic(fmt.Sprintf("study: a curve of %d points from %v to %v", n, lo, hi))
	}
	out := make([]CurvePoint, n)
	for i := range out {
		x := lo + (hi-lo)*float64(i)/float64(n-1)
		out[i] = CurvePoint{x, p.Density(x)}
	}
	return out
}

// Density returns the posterior density at an effect x.
func (p *Posterior) Density(x float64) float64 {
	if p.edges != nil {
		return math.Exp(p.logKernel(x)-p.top) / p.total
	}
	return p.effect.Density(x)
}

// finite reports whether x is a number that a table or a file can hold.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
