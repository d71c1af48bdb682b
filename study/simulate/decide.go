package simulate

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// finding is what a trial says of one comparison.
type finding struct {
	failure    string // code of why there is no estimate; "" where there is one
	withheld   bool   // an estimate whose degrees of freedom carry no interval and no p
	value, se  float64
	df         float64
	rejected   bool // no difference is rejected, or the plan's margin held
	gain       float64
	zero       bool // the interval includes no difference
	covers     bool // the interval includes the truth
	judged     bool
	benefit    level
	harm       level
	both       bool
	whole      bool // found by the whole analysis of a data set
	noStandard bool // se says nothing
}

// level is a study.Verdict by position in levels.
type level uint8

var levels4 = [...]study.Verdict{study.Definite, study.Probable, study.Possible, study.DefinitelyNot}

func levelOf(v study.Verdict) level {
	for i, x := range levels4 {
		if x == v {
			return level(i)
		}
	}
	panic("simulate: unknown verdict " + string(v))
}

// judge decides what study would decide of an estimate: rejection, the verdict, whether
// the interval holds the truth. A question about an interval is one about a critical
// value, |value − c| ≥ q(df)·se; where float64 could answer it another way than study
// does, study is asked.
type judge struct {
	plan              study.Plan
	outcome           study.Outcome
	benefit, worse    *study.Threshold
	alpha             float64
	truth             float64 // NaN: not known
	sign              float64 // of benefit
	critical          []float64
	wide              float64 // critical value of the normal distribution
	lowBenefit, lowH  float64 // thresholds
	equivalence, noni bool
}

func newJudge(p study.Protocol, q study.Plan, truth float64) *judge {
	o, _ := p.Outcome(q.Outcome)
	j := &judge{plan: q, outcome: o, alpha: q.Alpha(), truth: truth, sign: o.Better.Sign()}
	if j.benefit, j.worse = o.Verdict(); j.benefit != nil {
		j.lowBenefit, j.lowH = j.benefit.Value, j.benefit.Value
		if j.worse != nil {
			j.lowH = j.worse.Value
		}
	}
	j.equivalence = q.Framework == study.FrameworkEquivalence
	j.noni = !j.equivalence && q.Margin > 0
	j.wide = j.at(math.Inf(1))
	j.critical = make([]float64, 513)
	for i := range j.critical {
		j.critical[i] = math.Inf(1)
		if i > 0 {
			j.critical[i] = j.at(float64(i))
		}
	}
	return j
}

// at is the critical value for degrees of freedom.
func (j *judge) at(df float64) float64 { return stats.Estimate{SE: 1, DF: df}.CI(j.plan.Level).Hi }

// between are bounds of it.
func (j *judge) between(df float64) (lo, hi float64) {
	const slack = 1e-9
	if last := float64(len(j.critical) - 1); !(df < last) {
		return j.wide * (1 - slack), j.critical[len(j.critical)-1] * (1 + slack)
	}
	k := int(df)
	if float64(k) == df {
		return j.critical[k] * (1 - slack), j.critical[k] * (1 + slack)
	}
	return j.critical[k+1] * (1 - slack), j.critical[k] * (1 + slack)
}

// estimate decides of a value with standard error and degrees of freedom.
func (j *judge) estimate(e stats.Estimate) finding {
	f := finding{value: e.Value, se: e.SE, df: e.DF}
	lo, hi := j.between(e.DF)
	sure := e.SE > 0
	// far: (x − c)/se is at least the critical value.
	far := func(d float64) bool {
		if d > hi*e.SE {
			return true
		}
		if !(d < lo*e.SE) {
			sure = false
		}
		return false
	}
	b := j.sign * e.Value
	f.gain = b
	f.zero = !far(math.Abs(b))
	switch {
	case j.noni:
		f.rejected = far(b + j.plan.Margin)
	case j.equivalence:
		f.rejected = far(b+j.plan.Margin) && far(j.plan.Margin-b)
	default:
		f.rejected = !f.zero
	}
	if !math.IsNaN(j.truth) {
		f.covers = !far(math.Abs(e.Value - j.truth))
	}
	if j.benefit != nil {
		f.judged = true
		side := func(b, m float64) level {
			switch {
			case far(b - m):
				return 0
			case math.Abs(b-m) < 1e-9*m:
				sure = false
			case b > m:
				return 1
			case !far(m - b):
				return 2
			}
			return 3
		}
		f.benefit, f.harm = side(b, j.lowBenefit), side(-b, j.lowH)
		f.both = f.benefit != 3 && f.harm != 3
	}
	if !sure {
		g := j.effect(e, nil)
		g.se, g.df, g.noStandard = e.SE, e.DF, false
		return g
	}
	return f
}

// effect decides of any effect as study does. ci is its interval, where it is at hand.
func (j *judge) effect(e stats.Effect, ci *stats.Interval) finding {
	f := finding{value: e.Point(), noStandard: true}
	if ci == nil {
		i := e.CI(j.plan.Level)
		ci = &i
	}
	null := 0.0
	if j.plan.Effect != "" {
		null = j.plan.Effect.Null()
	}
	f.gain = j.sign * (f.value - null)
	if j.plan.Effect == study.ProbabilityBetter || j.plan.Effect == study.WinOdds {
		f.gain = f.value - null
	}
	f.zero = ci.Contains(null)
	switch {
	case j.equivalence:
		f.rejected = study.TestEquivalence(e, j.plan.Level, j.plan.Margin).Shown
	case j.noni:
		f.rejected = study.TestNonInferiority(e, j.plan.Level, j.plan.Margin, j.outcome.Better).Shown
	default:
		f.rejected = e.P(null) < j.alpha
	}
	if !math.IsNaN(j.truth) {
		f.covers = ci.Contains(j.truth)
	}
	if j.benefit != nil && !j.plan.Effect.Plain() {
		v := study.JudgeBoth(e, j.plan.Level, *j.benefit, j.worse, j.outcome.Better)
		f.judged, f.benefit, f.harm, f.both = true, levelOf(v.Benefit), levelOf(v.Harm), v.ImportantBoth
	}
	if j.ratio() {
		f.value = math.Log(f.value)
	}
	return f
}

// ratio reports whether the plan's effect is a ratio: errors are those of its logarithm.
func (j *judge) ratio() bool { return j.plan.Effect.Scale() == study.ScaleRatio }

// origin is what estimates are held against: the truth, 0 where it is not known.
func (j *judge) origin() (x float64, known bool) {
	switch {
	case math.IsNaN(j.truth):
		return 0, false
	case j.ratio():
		return math.Log(j.truth), true
	}
	return j.truth, true
}
