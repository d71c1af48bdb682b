package study

import (
	"errors"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
)

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
		if est, ok := r.Effect.(stats.Estimate); ok && est.SE > 0 {
			priors := append([]Prior{FlatPrior(), SkepticalPrior(m), EnthusiasticPrior(m)}, c.plan.Priors...)
			for _, prior := range priors {
				x.Posteriors = append(x.Posteriors, summarizePosterior(est, o.Better, prior, m))
			}
		}
		if c.visit.ID != OverallVisit { // patients' changes belong to one visit
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
