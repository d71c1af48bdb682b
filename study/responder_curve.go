package study

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/table"
)

// ResponderCurve is the share of an arm that improved by at least x, for every
// x: a step function that falls after each observed improvement.
type ResponderCurve struct {
	Arm   string
	N     int
	Level float64
	// Points by ascending improvement. A point holds for every x above the
	// previous point's Gain up to and including its own; the last, with Gain
	// +Inf, for every x beyond the largest improvement.
	Points []ResponderPoint
	// HalfWidth of the simultaneous band, a share.
	HalfWidth float64
}

// ResponderPoint is one step of the curve.
type ResponderPoint struct {
	Gain   float64 // improvement, positive is better
	Events int     // participants who improved by at least Gain
	Share  float64
	// Lower and Upper are Clopper–Pearson limits: they hold, at the level, for
	// this amount alone.
	Lower, Upper float64
	// BandLower and BandUpper hold, at the level, for all amounts at once.
	BandLower, BandUpper float64
}

// ResponderCurveOf estimates, among an arm's participants with baseline and
// visit observed, the share who improved by at least x. Pointwise limits are
// Clopper and Pearson's, exact for one x that was chosen beforehand. The
// simultaneous band is share ± √(ln(2/(1 − level))/(2n)), within 0 and 1, of
// Dvoretzky, Kiefer and Wolfowitz with Massart's constant: it holds at least
// at the level for any distribution and all x, so that x may be chosen after
// seeing the curve. Participants are taken as independent.
//
// It refuses an arm with no such participant (stats.ErrTooFew).
// Source: Massart (1990), doi 10.1214/aop/1176990746.
func ResponderCurveOf(r Result, arm string) (ResponderCurve, error) {
	var gains []float64
	for _, rec := range r.Records {
		if rec.Arm == arm && rec.HasBaseline && rec.HasFollow {
			gains = append(gains, r.Outcome.Better.Sign()*rec.Change)
		}
	}
	n := len(gains)
	if !slices.ContainsFunc(r.Arms, func(a Arm) bool { return a.ID == arm }) {
		return ResponderCurve{}, fmt.Errorf("study: responder curve: unknown arm %q (known: %s)", arm, known(r.Arms, func(a Arm) string { return a.ID }))
	}
	if n == 0 {
		return ResponderCurve{}, fmt.Errorf("study: responder curve of arm %q at visit %q: no participant with baseline and visit: %w",
			arm, r.Visit.ID, stats.ErrTooFew)
	}
	sort.Float64s(gains)
	c := ResponderCurve{Arm: arm, N: n, Level: r.Level, HalfWidth: math.Sqrt(math.Log(2/(1-r.Level)) / (2 * float64(n)))}
	for i := 0; i <= n; {
		p := ResponderPoint{Gain: math.Inf(1), Events: n - i, Share: float64(n-i) / float64(n)}
		j := i + 1
		if i < n {
			p.Gain = gains[i]
			for j < n && gains[j] == gains[i] {
				j++
			}
		}
		share, err := table.ClopperPearson(table.Count{Events: p.Events, N: n})
		if err != nil {
			return ResponderCurve{}, err
		}
		ci := share.CI(r.Level)
		p.Lower, p.Upper = ci.Lo, ci.Hi
		p.BandLower, p.BandUpper = math.Max(0, p.Share-c.HalfWidth), math.Min(1, p.Share+c.HalfWidth)
		c.Points = append(c.Points, p)
		i = j
	}
	return c, nil
}

// AreaBetweenCurves is the signed area between an active arm's cumulative
// responder curve and control's, in the outcome's unit. It is the difference
// in mean improvement, benefit positive: every patient's improvement is the
// area of one strip under the curve. Its error is Welch's.
// It refuses an unknown arm and what stats.Welch refuses.
func (r Result) AreaBetweenCurves(arm string) (stats.Estimate, error) {
	control, err := r.controlOf(arm)
	if err != nil {
		return stats.Estimate{}, fmt.Errorf("study: responder curves: %w", err)
	}
	improved := map[string][]float64{}
	for _, x := range r.Records {
		if x.HasBaseline && x.HasFollow {
			improved[x.Arm] = append(improved[x.Arm], r.Outcome.Better.Sign()*x.Change)
		}
	}
	return stats.Welch(improved[arm], improved[control])
}
