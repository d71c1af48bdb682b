package table

import (
	"errors"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
	"github.com/trialkit/trialkit/stats/internal/show"
)

// ErrNoUptake: the arms are not told apart in what their participants received.
var ErrNoUptake = errors.New("no difference in what was received")

// Uptake is an arm as randomized: the events of those who received the treatment, and
// of the others.
type Uptake struct{ Received, Others Count }

// outcome and uptake are the arm's events, and its participants who received the
// treatment.
func (u Uptake) outcome() Count {
	return Count{Events: u.Received.Events + u.Others.Events, N: u.Received.N + u.Others.N}
}

func (u Uptake) uptake() Count {
	return Count{Events: u.Received.N, N: u.Received.N + u.Others.N}
}

// seen adds whether anybody did not receive the treatment, and whether anybody did.
func (u Uptake) seen(before [2]bool) [2]bool {
	return [2]bool{before[0] || u.Others.N > 0, before[1] || u.Received.N > 0}
}

// UptakeStratum is a stratum of a comparison in which not everybody received what was
// allocated.
type UptakeStratum struct{ Treated, Control Uptake }

// CompliersOptions are the choices of RiskDifferenceCompliers.
type CompliersOptions struct {
	// Level is that of the interval of the difference in uptake which must exclude 0;
	// 0 means 0.95.
	Level float64
}

// CompliersRisk is a risk difference in those who receive the treatment because they are
// allocated to it, by a score test and the set that inverts it. It implements Effect.
type CompliersRisk struct {
	// ITT is the risk difference as randomized, Uptake the difference in the shares of
	// those who received the treatment.
	ITT, Uptake StratifiedScore

	strata []UptakeStratum // with both arms
}

var _ stats.Effect = CompliersRisk{}

// RiskDifferenceCompliers estimates the complier average causal effect on an event:
// how much the treatment changes its probability in those who receive it when allocated
// to it and not otherwise. With Y the event and D whether the treatment was received, a
// difference θ is tested as Anderson and Rubin do, by whether E(Y − θD) is the same in
// both arms. (Y, D) is multinomial in each arm, with four cells; the test is the score
// test
//
//	Z(θ) = (b_Y − θb_D)/√(N/(N − 1)·(Ṽ₁/n₁ + Ṽ₀/n₀)),
//
// b the differences between the arms and Ṽ the variances of Y − θD at the cells'
// probabilities of the largest likelihood under the null: x/(n + λ(Y − θD − μ)) of x in
// the cell and n in the arm, with the common mean μ and multipliers λ that are opposite in
// the arms. A receipt that nobody of an arm had is taken to be impossible in it. At θ = 0
// that is the score test of Miettinen
// and Nurminen: its p-value is that of the arms as randomized, RiskDifferenceScore's,
// whatever the uptake. Over strata it is RiskDifferenceStratified's, with its weights.
// Far out it is the same test of the difference in uptake, unless nobody of an arm
// received the treatment, or everybody did. Where everybody received what was allocated,
// it is RiskDifferenceScore's throughout. Approximate, by the normal distribution, however
// weak the difference in uptake. The estimate is b_Y/b_D.
//
// The variance of all Y − θD in one, without regard to arm, would be simpler and the
// same at 0. Elsewhere the arms' variances differ under the null, for their uptake does,
// and it would be wrong where the arms are not of one size.
//
// It assumes randomization, that being allocated acts only through what is received,
// and that nobody receives the treatment because of being allocated to the control. It
// says nothing of those who would receive it in either arm, or in none. By chance, or
// where an assumption fails, the estimate or an end can lie beyond −1 and 1, where no
// difference of probabilities is; they are not cut off. The accepted set is bounded at
// every level at which the uptake differs; at higher levels it is not: Why is then
// WhyUnbounded, or WhyGaps where values between the ends are rejected.
//
// It refuses arms whose uptake is not told apart (ErrNoUptake), no strata, bad counts,
// and strata of which none has both arms (ErrTooFew).
// Source: Anderson & Rubin 1949, doi:10.1214/aoms/1177730090; Angrist, Imbens & Rubin
// 1996, doi:10.1080/01621459.1996.10476902; Miettinen & Nurminen 1985,
// doi:10.1002/sim.4780040211. No call of R's or SAS's is known; a script in
// testdata/reference finds the constrained maximum by optimize and optim.
func RiskDifferenceCompliers(strata []UptakeStratum) (CompliersRisk, error) {
	return RiskDifferenceCompliersWith(strata, CompliersOptions{})
}

// RiskDifferenceCompliersWith is RiskDifferenceCompliers with options.
func RiskDifferenceCompliersWith(strata []UptakeStratum, o CompliersOptions) (CompliersRisk, error) {
	const fn = "RiskDifferenceCompliers"
	if o.Level == 0 {
		o.Level = 0.95
	}
	check.Level(o.Level)
	var outcome, uptake []Stratum
	for i, s := range strata {
		for _, u := range []Uptake{s.Treated, s.Control} {
			for _, c := range []Count{u.Received, u.Others} {
				if c.N < 0 || c.Events < 0 || c.Events > c.N {
					return CompliersRisk{}, &stats.SampleError{Func: fn, Arg: "strata", Index: i, Err: stats.ErrDomain, Info: fmt.Sprintf("%d events of %d", c.Events, c.N)}
				}
			}
		}
		outcome = append(outcome, Stratum{s.Treated.outcome(), s.Control.outcome()})
		uptake = append(uptake, Stratum{s.Treated.uptake(), s.Control.uptake()})
	}
	var c CompliersRisk
	var err error
	if c.ITT, err = RiskDifferenceStratified(outcome); err != nil {
		return CompliersRisk{}, err
	}
	if c.Uptake, err = RiskDifferenceStratified(uptake); err != nil {
		return CompliersRisk{}, err
	}
	if c.Uptake.Point() == 0 || !(c.Uptake.P(0) < 1-o.Level) {
		return CompliersRisk{}, &stats.SampleError{Func: fn, Arg: "strata", Index: -1, Err: ErrNoUptake,
			Info: fmt.Sprintf("difference in uptake %.3g, %v%% interval %v", c.Uptake.Point(), 100*o.Level, c.Uptake.CI(o.Level))}
	}
	for i, s := range strata {
		if outcome[i].Treated.N > 0 && outcome[i].Control.N > 0 {
			c.strata = append(c.strata, s)
		}
	}
	return c, nil
}

// Point returns the ratio of the two differences.
func (c CompliersRisk) Point() float64 { return c.ITT.point / c.Uptake.point }

// Z returns the score statistic at null, positive where the estimate is the larger.
func (c CompliersRisk) Z(null float64) float64 {
	sign := math.Copysign(1, c.Uptake.point)
	// In units in which Y and θD are at most 1; far out only D is left.
	y, d := 1/math.Max(1, math.Abs(null)), math.Max(-1, math.Min(1, null))
	var w, diff, v float64
	possible := true
	var treated, control [2]bool
	for _, s := range c.strata {
		treated, control = s.Treated.seen(treated), s.Control.seen(control)
	}
	for _, s := range c.strata {
		a, b := newUptakeCells(s.Treated, treated, y, d), newUptakeCells(s.Control, control, y, d)
		n := a.n + b.n
		h := a.n * b.n / n
		e, ok := scoreVariance(a, b)
		possible = possible && ok
		w += h
		diff += h * (a.mean - b.mean)
		v += h * h * n / (n - 1) * e
	}
	switch {
	case possible && (math.Abs(diff) <= 1e-15*w || null == c.Point()):
		return 0
	case possible && v > 0:
		return sign * diff / math.Sqrt(v)
	}
	return sign * math.Copysign(math.Inf(1), diff)
}

// P returns the two-sided p-value of a difference of null.
func (c CompliersRisk) P(null float64) float64 { return 2 * num.NormSF(math.Abs(c.Z(null))) }

// PGreater is the one-sided p-value against a difference of at most null.
func (c CompliersRisk) PGreater(null float64) float64 { return num.NormSF(c.Z(null)) }

// PLess is the one-sided p-value against a difference of at least null.
func (c CompliersRisk) PLess(null float64) float64 { return num.NormCDF(c.Z(null)) }

// sides is how many steps look for a boundary of the accepted set, from the estimate to
// infinity on either side.
const sides = 100

// CI returns the differences that the test does not reject. It looks for their bounds
// in 100 steps of the angle whose tangent is the difference, on either side of the
// estimate, and finds them to the last digits.
func (c CompliersRisk) CI(level float64) stats.Interval {
	check.Level(level)
	z := -num.NormQuantile((1 - level) / 2)
	accepts := func(angle float64) bool { return math.Abs(c.Z(tangent(angle))) <= z }
	ci := stats.Interval{Level: level}
	var gaps []stats.Gap
	lo, below := c.reach(-math.Pi/2, accepts)
	hi, above := c.reach(math.Pi/2, accepts)
	for i := len(below) - 1; i >= 0; i-- {
		gaps = append(gaps, below[i])
	}
	ci.Lo, ci.Hi = lo, hi
	if math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		ci.Why = stats.WhyUnbounded
	}
	if gaps = append(gaps, above...); len(gaps) > 0 {
		ci = ci.WithGaps(gaps)
	}
	return ci
}

// tangent is that of an angle, infinite at right ones.
func tangent(angle float64) float64 {
	if math.Abs(angle) >= math.Pi/2 {
		return math.Inf(int(math.Copysign(1, angle)))
	}
	return math.Tan(angle)
}

// reach follows the accepted set from the estimate to an angle: to its last value, with
// the gaps on the way, the nearest first.
func (c CompliersRisk) reach(to float64, accepts func(float64) bool) (end float64, gaps []stats.Gap) {
	from := math.Atan(c.Point())
	at := func(k int) float64 {
		if k == sides {
			return to
		}
		return from + (to-from)*float64(k)/sides
	}
	last, inside := from, true
	var edges []float64 // where the set ends and begins again, in turn
	for k := 1; k <= sides; k++ {
		next := at(k)
		if now := accepts(next); now != inside {
			t := num.Bisect(0, 1, func(t float64) bool { return accepts(last+t*(next-last)) == inside })
			edges = append(edges, tangent(last+t*(next-last)))
			inside = now
		}
		last = next
	}
	if !inside {
		end, edges = edges[len(edges)-1], edges[:len(edges)-1]
	} else {
		end = tangent(to)
	}
	for i := 0; i < len(edges); i += 2 {
		gaps = append(gaps, stats.Gap{Lo: math.Min(edges[i], edges[i+1]), Hi: math.Max(edges[i], edges[i+1])})
	}
	return end, gaps
}

// uptakeCells are the cells of outcome and receipt of an arm: u = y·Y − d·D with its
// participants, and whether anybody of the arm, in any stratum, has such a D.
type uptakeCells struct {
	u, x      [4]float64
	held      [4]bool
	n, mean   float64
	low, high float64 // the least and largest u that are held possible
}

func newUptakeCells(a Uptake, seen [2]bool, y, d float64) uptakeCells {
	c := uptakeCells{u: [4]float64{0, y, -d, y - d}, low: math.Inf(1), high: math.Inf(-1)}
	for k, received := range []Count{a.Others, a.Received} {
		c.x[2*k], c.x[2*k+1] = float64(received.N-received.Events), float64(received.Events)
		c.held[2*k], c.held[2*k+1] = seen[k], seen[k]
	}
	for k, u := range c.u {
		c.n += c.x[k]
		c.mean += c.x[k] * u
		if c.held[k] {
			c.low, c.high = math.Min(c.low, u), math.Max(c.high, u)
		}
	}
	c.mean = math.Max(c.low, math.Min(c.high, c.mean/c.n))
	return c
}

// multiplier is the λ of the likelihood's maximum at a mean within low and high, where
// the cells have the probabilities x/(n + λ(u − mean)): the slope of the maximum in the
// mean. At a bound, an end of which the arm has nobody takes what is left.
func (c uptakeCells) multiplier(mean float64) float64 {
	lo, hi := -c.n/(c.high-mean), c.n/(mean-c.low)
	slope := func(l float64) (h, fall float64) { // falls in l
		for k, x := range c.x {
			if x > 0 {
				e := c.u[k] - mean
				v := e / (c.n + l*e)
				h, fall = h+x*v, fall+x*v*v
			}
		}
		return h, fall
	}
	if h, _ := slope(hi); !c.somebody(c.low) && h >= 0 {
		return hi
	}
	if h, _ := slope(lo); !c.somebody(c.high) && h <= 0 {
		return lo
	}
	at := 0.0
	for range 200 {
		h, fall := slope(at)
		switch {
		case h > 0:
			lo = at
		case h < 0:
			hi = at
		default:
			return at
		}
		next := at + h/fall
		if !(next > lo && next < hi) {
			next = lo + (hi-lo)/2
		}
		if math.Abs(next-at) <= 1e-15*c.n || next == lo || next == hi {
			return next
		}
		at = next
	}
	return at
}

// somebody reports whether the arm has participants at u.
func (c uptakeCells) somebody(u float64) bool {
	for k, x := range c.x {
		if x > 0 && c.u[k] == u {
			return true
		}
	}
	return false
}

// variance is that of the arm's mean at the probabilities of a multiplier.
func (c uptakeCells) variance(mean, lambda float64) float64 {
	rest, v := 1.0, 0.0
	for k, x := range c.x {
		if x > 0 {
			e := c.u[k] - mean
			p := x / (c.n + lambda*e)
			rest -= p
			v += p * e * e
		}
	}
	if rest > 1e-14 { // of an end of which the arm has nobody
		e := c.low - mean
		if lambda < 0 {
			e = c.high - mean
		}
		v += rest * e * e
	}
	return v / c.n
}

// scoreVariance is that of the difference of the arms' means at the probabilities of
// the largest likelihood among those with one mean; false where none has.
func scoreVariance(a, b uptakeCells) (float64, bool) {
	// The common mean lies between the arms', where each arm can have it.
	lo := math.Max(math.Min(a.mean, b.mean), math.Max(a.low, b.low))
	hi := math.Min(math.Max(a.mean, b.mean), math.Min(a.high, b.high))
	if lo > hi {
		return 0, false
	}
	slope := func(mean float64) float64 { return a.multiplier(mean) + b.multiplier(mean) } // falls
	mean, err := math.NaN(), error(nil)
	if l, h := slope(lo), slope(hi); !math.IsInf(l, 0) && !math.IsInf(h, 0) {
		mean, err = num.Root(slope, lo, hi, 0)
	}
	if err != nil || math.IsNaN(mean) { // an infinite slope at an end, or no slope but at an end
		mean = num.Bisect(lo, hi, func(mean float64) bool { return slope(mean) > 0 })
	}
	return a.variance(mean, a.multiplier(mean)) + b.variance(mean, b.multiplier(mean)), true
}

const compliersMethod = "Anderson–Rubin by score"

// String formats the difference in percentage points.
func (c CompliersRisk) String() string {
	if len(c.strata) == 0 {
		return show.NoResult
	}
	return percentText(c, fmt.Sprintf("%s; uptake %v", compliersMethod, c.Uptake))
}
