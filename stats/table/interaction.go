package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// RiskScale is the scale on which the risks of two arms are compared. It decides
// whether an effect differs between subgroups: what is alike on one scale differs on
// the others.
type RiskScale string

// Scales.
const (
	RiskDifferences RiskScale = "risk-difference"
	RiskRatios      RiskScale = "risk-ratio"
	OddsRatios      RiskScale = "odds-ratio"
)

// RiskInteraction is how much an effect on risks in one level of a characteristic
// differs from that in another: the difference of two risk differences, the ratio of two
// risk ratios or of two odds ratios. It implements Effect: 0 is no difference of
// differences, 1 no ratio of ratios.
type RiskInteraction struct {
	Level, Reference Stratum
	Scale            RiskScale

	point float64 // of ratios its logarithm
	se    float64 // Wald's, where the search for limits begins
}

var _ stats.Effect = RiskInteraction{}

// Interaction compares the effect of treated against control in one level of a
// characteristic with that in another level, the reference, by likelihood ratio: null
// values are those whose maximum of the likelihood of four binomial samples lies less
// than χ²/2 below the largest,
//
//	max Σ x log p + (n − x) log(1 − p) over p with g(p₁) − g(p₀) = g(r₁) − g(r₀) + δ,
//
// where g is the identity (risk differences), the logarithm (risk ratios) or the
// logit (odds ratios). The likelihood is concave in all of these, so that the
// accepted δ are an interval and p(0) < α exactly where it leaves out 0. It assumes
// independent participants; intervals and p-values are approximate (χ² with 1 df), and
// want some ten participants in each arm of each level.
//
// A difference exists for every table with somebody in each of the four. It refuses
// others (ErrTooFew), bad counts (ErrDomain) and, of ratios, an arm of a level without
// events and, of odds ratios, one in which everybody has the event (ErrDomain): their
// ratio is 0, infinite or undefined.
// Source: Miettinen & Nurminen (1985), doi 10.1002/sim.4780040211, for the likelihood
// under a difference; McCullagh & Nelder (1989), chapter 4. Of odds ratios it agrees with
// the profile likelihood of arm:level in R's glm(event ~ arm * level, binomial), of risk
// ratios with that of binomial("log"), of differences with binomial("identity").
func Interaction(level, reference Stratum, scale RiskScale) (RiskInteraction, error) {
	const fn = "Interaction"
	scale.check(fn)
	levels := [][]Count{{reference.Control, reference.Treated}, {level.Control, level.Treated}}
	if err := checkLevels(fn, levels, scale); err != nil {
		return RiskInteraction{}, err
	}
	i := RiskInteraction{Level: level, Reference: reference, Scale: scale}
	v := 0.0
	for _, c := range []struct {
		Count
		sign float64
	}{{level.Treated, 1}, {level.Control, -1}, {reference.Treated, -1}, {reference.Control, 1}} {
		p, n := c.Rate(), float64(c.N)
		switch scale {
		case RiskDifferences:
			i.point += c.sign * p
			v += p * (1 - p) / n
		case RiskRatios:
			i.point += c.sign * math.Log(p)
			v += (1 - p) / (p * n)
		default:
			i.point += c.sign * (math.Log(p) - math.Log1p(-p))
			v += 1 / (p * (1 - p) * n)
		}
	}
	i.se = math.Sqrt(v)
	return i, nil
}

// Homogeneity tests whether an effect on risks is the same in all levels of a
// characteristic, by likelihood ratio: levels[i] are the counts of a level, control
// first and then each treated arm, whose risks the null hypothesis ties by
//
//	g(p_level,arm) = g(p_level,control) + δ_arm,
//
// with g the identity, the logarithm or the logit. Arms share their control in each
// level. χ² with (levels − 1)·(treated arms) degrees of freedom; approximate, as
// Interaction is, whose P with two levels and arms it is. Tables without events have a
// likelihood too: nothing but an empty arm of a level is refused (ErrTooFew), fewer than
// two levels or arms (ErrTooFew), levels of different lengths (ErrLength) and bad
// counts (ErrDomain).
// Source: as Interaction. With logits it is R's anova of glm(event ~ arm + level,
// binomial) against arm * level, test = "LRT".
func Homogeneity(levels [][]Count, scale RiskScale) (stats.ChiSquareTest, error) {
	const fn = "Homogeneity"
	if len(levels) < 2 || len(levels[0]) < 2 {
		return stats.ChiSquareTest{}, &stats.SampleError{Func: fn, Arg: "levels", Index: -1, Err: stats.ErrTooFew, Info: "need two levels and two arms"}
	}
	if err := checkLevels(fn, levels, ""); err != nil {
		return stats.ChiSquareTest{}, err
	}
	scale.check(fn)
	return stats.ChiSquareTest{X2: newCommonEffect(levels, scale).fall(0), DF: float64((len(levels) - 1) * (len(levels[0]) - 1))}, nil
}

func (s RiskScale) check(fn string) {
	if s != RiskDifferences && s != RiskRatios && s != OddsRatios {
		panic(fmt.Sprintf("table.%s: unknown scale %q", fn, s))
	}
}

// checkLevels refuses counts that no effect can be compared of, on the scale where one is
// named.
func checkLevels(fn string, levels [][]Count, scale RiskScale) error {
	bad := func(i int, err error, info string) error {
		return &stats.SampleError{Func: fn, Arg: "levels", Index: i, Err: err, Info: info}
	}
	for i, arms := range levels {
		if len(arms) != len(levels[0]) {
			return bad(i, stats.ErrLength, fmt.Sprintf("%d arms, the first level has %d", len(arms), len(levels[0])))
		}
		for _, c := range arms {
			switch {
			case c.N < 0 || c.Events < 0 || c.Events > c.N:
				return bad(i, stats.ErrDomain, c.String())
			case c.N == 0:
				return bad(i, stats.ErrTooFew, "an arm of the level is empty")
			case (scale == RiskRatios || scale == OddsRatios) && c.Events == 0:
				return bad(i, stats.ErrDomain, "an arm of the level has no events")
			case scale == OddsRatios && c.Events == c.N:
				return bad(i, stats.ErrDomain, "everybody in an arm of the level has the event")
			}
		}
	}
	return nil
}

// Point returns the difference of differences, or the ratio of ratios.
func (i RiskInteraction) Point() float64 { return i.shown(i.point) }

// shown is a value of the scale that effects add up on as it is reported.
func (i RiskInteraction) shown(x float64) float64 {
	if i.Scale == RiskDifferences {
		return x
	}
	return math.Exp(x)
}

// z is the signed root of the likelihood ratio at null, on the scale that effects add up on.
func (i RiskInteraction) z(null float64) float64 {
	switch {
	case math.IsNaN(null):
		return null
	case null == i.point:
		return 0
	case i.Scale == RiskDifferences && math.Abs(null) > 2, math.IsInf(null, 0):
		return math.Copysign(math.Inf(1), -null)
	}
	c := newCommonEffect([][]Count{{i.Reference.Control, i.Reference.Treated}, {i.Level.Control, i.Level.Treated}}, i.Scale)
	return math.Copysign(math.Sqrt(c.fall(null)), i.point-null)
}

// null is a reported value on the scale that effects add up on.
func (i RiskInteraction) null(x float64) float64 {
	if i.Scale == RiskDifferences {
		return x
	}
	return math.Log(math.Max(0, x))
}

// P returns the two-sided p-value of the likelihood ratio test.
func (i RiskInteraction) P(null float64) float64 { return 2 * num.NormSF(math.Abs(i.z(i.null(null)))) }

// PGreater returns the one-sided p-value against "at most null", by the signed root.
func (i RiskInteraction) PGreater(null float64) float64 { return num.NormSF(i.z(i.null(null))) }

// PLess returns the one-sided p-value against "at least null".
func (i RiskInteraction) PLess(null float64) float64 { return num.NormCDF(i.z(i.null(null))) }

// CI returns the values that the likelihood ratio test does not reject.
func (i RiskInteraction) CI(level float64) stats.Interval {
	check.Level(level)
	z := -num.NormQuantile((1 - level) / 2)
	end := func(side float64) float64 {
		// Beyond ten times z no more is asked than that: at the last difference that can
		// be it is infinite.
		over := func(x float64) float64 { return math.Min(math.Abs(i.z(x)), 10*z) - z }
		far := side * 2
		switch {
		case i.Scale != RiskDifferences:
			far = i.point + side*math.Max(2*z*i.se, 0.1)
			for over(far) <= 0 { // the likelihood falls without bound
				far += 2 * (far - i.point)
			}
		case i.point == far:
			return far // as certain as can be, on that side
		}
		root, err := num.Root(over, math.Min(i.point, far), math.Max(i.point, far), 1e-14)
		if err != nil { // of a function that changes its sign
			panic(err)
		}
		return root
	}
	return stats.Interval{Lo: i.shown(end(-1)), Hi: i.shown(end(1)), Level: level}
}

// SE is the standard error of the difference, or of the logarithm of the ratio, by the
// observed risks; interval and p-value do not use it.
func (i RiskInteraction) SE() float64 { return i.se }

// String formats the interaction with its 95% interval and the p-value of none.
func (i RiskInteraction) String() string {
	switch {
	case i == (RiskInteraction{}):
		return show.NoResult
	case i.Scale == RiskDifferences:
		return percentText(i, interactionMethod)
	}
	return ratioText(i, interactionMethod)
}

const interactionMethod = "interaction, likelihood ratio"

// commonEffect is the likelihood of binomial samples whose effects are alike in all
// levels, with an offset between them. Its parameters are a value a level and one a
// treated arm, whose sum is g(p): the log-likelihood is concave in them.
type commonEffect struct {
	levels [][]Count
	scale  RiskScale
}

func newCommonEffect(levels [][]Count, scale RiskScale) commonEffect {
	return commonEffect{levels, scale}
}

// fall is twice how far the maximum, with the effects of the last level larger by offset
// than those of the others, lies below that of samples without a restriction.
//
// The maximum can lie where a risk is 0 or 1. It is approached from inside: with as many
// more events and others in each sample as shrink from 1 to 10⁻¹², a barrier that keeps
// risks between 0 and 1 and under which Newton's method settles in a few steps. Where the
// maximum lies inside, so few change its height by their square, elsewhere by 10⁻¹² each.
func (c commonEffect) fall(offset float64) float64 {
	k, arms := len(c.levels), len(c.levels[0])-1
	par := c.start(offset)
	if par == nil {
		return math.Inf(1)
	}
	next, score, info := make([]float64, k+arms), make([]float64, k+arms), make([]float64, (k+arms)*(k+arms))
	for barrier := 1.0; barrier > 0.5e-12; barrier /= 100 {
		for range 100 {
			f := c.evaluate(par, offset, barrier, score, info)
			step := solved(info, score, k+arms)
			gain := 0.0
			for j, s := range step {
				gain += s * score[j]
			}
			if !(gain > 1e-20) {
				break
			}
			moved := false
			for t := 1.0; t > 1e-9 && !moved; t /= 2 {
				for j := range next {
					next[j] = par[j] + t*step[j]
				}
				g := c.evaluate(next, offset, barrier, nil, nil)
				moved = g > f
			}
			if !moved {
				break // no rise that float64 could tell
			}
			par, next = next, par
		}
	}
	sum := 0.0
	for l := range c.levels {
		for a, x := range c.levels[l] {
			p, q := c.risk(par, l, a, offset)
			events, others := float64(x.Events), float64(x.N-x.Events)
			if events > 0 {
				sum += events * math.Log(x.Rate()/p)
			}
			if others > 0 {
				sum += others * math.Log(others/float64(x.N)/q)
			}
		}
	}
	if sum < 2e-12*float64(k*(arms+1)) { // what the last barrier leaves of nothing
		return 0
	}
	return 2 * sum
}

// start are parameters at which all risks lie between 0 and 1; nil where rounding leaves
// none.
func (c commonEffect) start(offset float64) []float64 {
	k, arms := len(c.levels), len(c.levels[0])-1
	par := make([]float64, k+arms)
	switch c.scale {
	case RiskDifferences: // as far from 0 and 1 as can be
		for l := range k {
			par[l] = 0.5 + offset/4
		}
		par[k-1] = 0.5 - offset/4
		for a := range arms {
			par[k+a] = -offset / 2
		}
	case RiskRatios:
		for l := range k {
			par[l] = -1 - math.Abs(offset)
		}
	}
	for l := range k {
		for a := range arms + 1 {
			if p, q := c.risk(par, l, a, offset); !(p > 0 && q > 0) {
				return nil
			}
		}
	}
	return par
}

// risk is an arm's in a level, and its complement, each by itself.
func (c commonEffect) risk(par []float64, l, a int, offset float64) (p, q float64) {
	k := len(c.levels)
	eta := par[l]
	if a > 0 {
		eta += par[k+a-1]
		if l == k-1 {
			eta += offset
		}
	}
	switch c.scale {
	case RiskDifferences:
		return eta, 1 - eta
	case RiskRatios:
		return math.Exp(eta), -math.Expm1(eta)
	}
	return 1 / (1 + math.Exp(-eta)), 1 / (1 + math.Exp(eta))
}

// evaluate returns the log-likelihood with barrier, −∞ where a risk is none, and fills in
// its slopes and its curvature, unless they are nil.
func (c commonEffect) evaluate(par []float64, offset, barrier float64, score, info []float64) (f float64) {
	k, n := len(c.levels), len(par)
	clear(score)
	clear(info)
	for l := range c.levels {
		for a, x := range c.levels[l] {
			p, q := c.risk(par, l, a, offset)
			if !(p > 0 && q > 0) {
				return math.Inf(-1)
			}
			events, others := float64(x.Events)+barrier, float64(x.N-x.Events)+barrier
			f += events*math.Log(p) + others*math.Log(q)
			if score == nil {
				continue
			}
			var u, h float64
			switch c.scale {
			case RiskDifferences:
				u, h = events/p-others/q, events/(p*p)+others/(q*q)
			case RiskRatios:
				u, h = events-others*(p/q), others*p/(q*q)
			default:
				u, h = events*q-others*p, (events+others)*p*q
			}
			score[l] += u
			info[l*n+l] += h
			if a > 0 {
				j := k + a - 1
				score[j] += u
				info[j*n+j] += h
				info[j*n+l] += h
				info[l*n+j] += h
			}
		}
	}
	return f
}

// solved is info⁻¹·score of a positive definite matrix by Cholesky's method, scaled to a
// diagonal of ones: near a risk of 0 its elements differ by many powers of ten.
func solved(info, score []float64, n int) []float64 {
	d, l, x := make([]float64, n), make([]float64, n*n), make([]float64, n)
	for i := range n {
		d[i] = 1 / math.Sqrt(info[i*n+i])
	}
	for i := range n {
		for j := range i + 1 {
			s := info[i*n+j] * d[i] * d[j]
			for m := range j {
				s -= l[i*n+m] * l[j*n+m]
			}
			if i == j {
				l[i*n+i] = math.Sqrt(math.Max(s, 1e-16))
			} else {
				l[i*n+j] = s / l[j*n+j]
			}
		}
		s := score[i] * d[i]
		for m := range i {
			s -= l[i*n+m] * x[m]
		}
		x[i] = s / l[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		for m := i + 1; m < n; m++ {
			x[i] -= l[m*n+i] * x[m]
		}
		x[i] /= l[i*n+i]
	}
	for i := range x {
		x[i] *= d[i]
	}
	return x
}
