package stats

import (
	"github.com/trialkit/trialkit/stats/internal/show"

	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// HeterogeneityMethod estimates the variance τ² between studies.
type HeterogeneityMethod int

const (
	// REML is restricted maximum likelihood.
	REML HeterogeneityMethod = iota
	// PauleMandel solves Q(τ²) = k − 1, Q with weights 1/(SE² + τ²).
	PauleMandel
	// DerSimonianLaird is the moment estimate from Cochran's Q.
	DerSimonianLaird
)

// MetaOptions chooses the model of a meta-analysis. The zero value is random
// effects with REML and the Hartung–Knapp interval.
type MetaOptions struct {
	// CommonEffect assumes that all studies estimate one effect.
	CommonEffect bool
	Tau          HeterogeneityMethod
	// NormalInterval uses the normal distribution with the model's standard
	// error in place of Hartung and Knapp's t: too narrow with few studies.
	NormalInterval bool
}

// Meta is an inverse-variance meta-analysis: the embedded Estimate is the
// common effect, or the mean of the studies' effects.
type Meta struct {
	Estimate
	Studies []Estimate
	// Tau2 is the variance between studies (0 for a common effect); Weights the
	// studies' shares in the mean.
	Tau2    float64
	Weights []float64
	// Q is Cochran's statistic of heterogeneity on QDF degrees of freedom.
	Q, QDF float64
	Notes  []Note

	common bool
}

// MetaAnalyze combines the estimates of studies, each with its standard error,
// which is taken as known (degrees of freedom are not used): random effects
// with REML and Hartung and Knapp's interval,
//
//	μ̂ = Σwy/Σw, w = 1/(SE² + τ²), SE(μ̂)² = Σw(y − μ̂)²/((k−1)Σw), t on k − 1
//
// Estimates must be on a scale where they are about normal: a difference, a
// log ratio. Where Hartung and Knapp's standard error is below that of the
// model, as can happen with few or very similar studies, there is a note
// "hartung-knapp-narrow". Studies that agree exactly have no such standard
// error and are refused with ErrNoVariation; NormalInterval answers them.
//
// It refuses fewer than two studies, values that are not finite, standard
// errors that are not positive, and numbers whose squares leave the range of
// float64 (ErrDomain).
// Source: Viechtbauer (2005), doi 10.3102/10769986030003261; Hartung & Knapp
// (2001), doi 10.1002/sim.791; DerSimonian & Laird (1986),
// doi 10.1016/0197-2456(86)90046-2; Paule & Mandel (1982),
// doi 10.6028/jres.087.022. It agrees with R's
// metafor::rma(yi, sei = sei, test = "knha").
func MetaAnalyze(studies []Estimate) (Meta, error) { return MetaAnalyzeWith(studies, MetaOptions{}) }

// MetaAnalyzeWith is MetaAnalyze with options. It agrees with
// metafor::rma(method = "REML", "PM", "DL" or "EE").
func MetaAnalyzeWith(studies []Estimate, o MetaOptions) (Meta, error) {
	const fn = "MetaAnalyze"
	if o.Tau < REML || o.Tau > DerSimonianLaird {
		panic(fmt.Sprintf("stats: no heterogeneity method %d", o.Tau))
	}
	k := len(studies)
	if k < 2 {
		return Meta{}, &SampleError{Func: fn, Arg: "studies", Index: -1, Err: ErrTooFew, Info: fmt.Sprintf("%d studies, need 2", k)}
	}
	for i, s := range studies {
		s.DF = math.Inf(1)
		if err := checkEstimate(fn, "studies", i, s); err != nil {
			return Meta{}, err
		}
	}
	m := Meta{Studies: append([]Estimate(nil), studies...), QDF: float64(k - 1), common: o.CommonEffect}
	m.Q = m.at(0).q
	if !o.CommonEffect {
		switch o.Tau {
		case REML:
			m.Tau2 = m.reml()
		case PauleMandel:
			m.Tau2 = m.profile(m.QDF)
		case DerSimonianLaird:
			m.Tau2 = math.Max(0, (m.Q-m.QDF)/m.scale())
		}
	}
	f := m.at(m.Tau2)
	for _, s := range studies {
		m.Weights = append(m.Weights, 1/(s.SE*s.SE+m.Tau2)/f.sum)
	}
	m.Estimate = Estimate{Value: f.mean, SE: 1 / math.Sqrt(f.sum), DF: math.Inf(1)}
	if o.CommonEffect || o.NormalInterval {
		return m, nil
	}
	se := math.Sqrt(f.q / m.QDF / f.sum)
	if moments.Constant(se, f.mean) {
		return Meta{}, &SampleError{Func: fn, Arg: "studies", Index: -1, Err: ErrNoVariation, Info: "the estimates are equal"}
	}
	if se < m.SE {
		m.Notes = append(m.Notes, Note{Code: "hartung-knapp-narrow", Args: map[string]any{"ratio": se / m.SE}})
	}
	m.SE, m.DF = se, m.QDF
	return m, nil
}

// metaFit holds the weighted sums at one τ².
type metaFit struct{ mean, sum, sum2, q, q2 float64 }

func (m Meta) at(tau2 float64) metaFit {
	var f metaFit
	first := m.Studies[0].Value // differences from one study keep their digits
	for _, s := range m.Studies {
		w := 1 / (s.SE*s.SE + tau2)
		f.sum += w
		f.sum2 += w * w
		f.mean += w * (s.Value - first)
	}
	shift := f.mean / f.sum
	for _, s := range m.Studies {
		w, d := 1/(s.SE*s.SE+tau2), s.Value-first-shift
		f.q += w * d * d
		f.q2 += w * w * d * d
	}
	f.mean = first + shift
	return f
}

// scale is Σw − Σw²/Σw of the weights without τ².
func (m Meta) scale() float64 {
	f := m.at(0)
	return f.sum - f.sum2/f.sum
}

// profile solves Q(τ²) = target, 0 where Q(0) is below it: Q falls with τ².
func (m Meta) profile(target float64) float64 {
	f := func(t float64) float64 { return m.at(t).q - target }
	if f(0) <= 0 {
		return 0
	}
	hi := 0.0
	for _, s := range m.Studies {
		hi = math.Max(hi, s.SE*s.SE)
	}
	for f(hi) > 0 {
		hi *= 4
	}
	r, err := num.Root(f, 0, hi, 0)
	if err != nil {
		panic("stats: Q does not fall with the variance between studies") // cannot happen
	}
	return r
}

// reml maximizes the restricted likelihood: the best of a grid of τ², refined
// by the root of the score between its neighbors.
func (m Meta) reml() float64 {
	loglik := func(t float64) float64 {
		f, l := m.at(t), 0.0
		for _, s := range m.Studies {
			l -= math.Log(s.SE*s.SE + t)
		}
		return l - math.Log(f.sum) - f.q
	}
	score := func(t float64) float64 {
		f := m.at(t)
		return f.q2 - f.sum + f.sum2/f.sum
	}
	least, most, lo, hi := math.Inf(1), 0.0, math.Inf(1), math.Inf(-1)
	for _, s := range m.Studies {
		least, most = math.Min(least, s.SE*s.SE), math.Max(most, s.SE*s.SE)
		lo, hi = math.Min(lo, s.Value), math.Max(hi, s.Value)
	}
	grid := []float64{0}
	for t := least * 1e-4; t < 10*(most+(hi-lo)*(hi-lo)); t *= 1.4 {
		grid = append(grid, t)
	}
	best := 0
	for i, t := range grid {
		if loglik(t) > loglik(grid[best]) {
			best = i
		}
	}
	left, right := grid[max(best-1, 0)], grid[min(best+1, len(grid)-1)]
	if score(left) <= 0 {
		return left // the boundary 0: elsewhere the likelihood rises to its best
	}
	r, err := num.Root(score, left, right, 0)
	if err != nil {
		return grid[best]
	}
	return r
}

// QP returns the p-value of Cochran's test that all studies have one effect.
// It has little power with few studies: a large value does not show
// homogeneity.
func (m Meta) QP() float64 { return num.ChiSqSF(m.Q, m.QDF) }

// I2 returns the share of the variation of estimates that is due to
// heterogeneity: τ²/(τ² + s²), s² being the typical variance within studies of
// Higgins & Thompson (2002, doi 10.1002/sim.1186). With DerSimonian and Laird's
// τ² it is max(0, (Q − df)/Q); for a common effect that is returned.
func (m Meta) I2() float64 {
	if !m.common {
		return m.share(m.Tau2)
	}
	if m.Q <= m.QDF {
		return 0
	}
	return (m.Q - m.QDF) / m.Q
}

func (m Meta) share(tau2 float64) float64 { return tau2 / (tau2 + m.QDF/m.scale()) }

// Tau2CI returns the interval of τ² by the Q profile, exact for normal
// estimates with known standard errors (Viechtbauer 2007,
// doi 10.1002/sim.2514); it need not contain the REML estimate.
func (m Meta) Tau2CI(level float64) Interval {
	check.Level(level)
	a := (1 - level) / 2
	return Interval{Lo: m.profile(num.ChiSqQuantileUpper(a, m.QDF)), Hi: m.profile(num.ChiSqQuantile(a, m.QDF)), Level: level}
}

// I2CI returns the interval of I² that goes with Tau2CI.
func (m Meta) I2CI(level float64) Interval {
	ci := m.Tau2CI(level)
	ci.Lo, ci.Hi = m.share(ci.Lo), m.share(ci.Hi)
	return ci
}

// Prediction returns the interval that holds the effect of a further study of
// the same kind: μ̂ ± t·√(τ² + SE²) with k − 2 degrees of freedom (Higgins,
// Thompson & Spiegelhalter 2009, doi 10.1111/j.1467-985X.2008.00552.x). With
// two studies it is the whole line. Approximate, and rough below ten studies.
// It agrees with metafor's predict(pi.type = "riley"), as version 3.8 spells it
// (later ones "Riley"); its default takes the normal or the t distribution on
// k − 1 degrees of freedom and is shorter.
func (m Meta) Prediction(level float64) Interval {
	check.Level(level)
	df := m.QDF - 1
	if df < 1 {
		return Interval{Lo: math.Inf(-1), Hi: math.Inf(1), Level: level, Why: WhySmall}
	}
	h := num.TQuantileUpper((1-level)/2, df) * math.Sqrt(m.Tau2+m.SE*m.SE)
	return Interval{Lo: m.Value - h, Hi: m.Value + h, Level: level}
}

// String formats the combined estimate, the number of studies and the variance
// between them.
func (m Meta) String() string {
	if len(m.Studies) == 0 {
		return show.NoResult
	}
	return fmt.Sprintf("%v; %d studies, τ² %s", m.Estimate, len(m.Studies), show.Fixed(m.Tau2, show.DecimalsOf(m.Tau2)))
}
