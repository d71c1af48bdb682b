package study

import (
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
)

// ResponderCurve is an arm's cumulative responder curve: the share of
// participants whose improvement is at least x, for every x.
type ResponderCurve struct {
	Arm    string
	N      int
	Level  float64
	Points []ResponderCurvePoint
}

// ResponderCurvePoint holds the share at an improvement: the curve keeps it
// from the point before (not including it) up to this one. Pointwise limits
// (Wilson) cover the truth at one x with probability Level; simultaneous ones
// cover the whole curve.
type ResponderCurvePoint struct {
	Improvement, Share                   float64
	Lower, Upper                         float64
	SimultaneousLower, SimultaneousUpper float64
}

// ResponderCurves returns the curves of all arms, control last, at the same
// improvements: every value that occurs in any arm. Participants without
// baseline or follow-up are left out. The simultaneous band is that of
// Dvoretzky, Kiefer and Wolfowitz with Massart's constant (1990,
// doi 10.1214/aop/1176990746): share ± √(ln(2/(1−level))/(2n)), valid for every
// n and distribution, conservative in small arms and for tied values. Arms in
// which nobody was observed have no points.
func (r Result) ResponderCurves() []ResponderCurve {
	improved := map[string][]float64{}
	var grid []float64
	for _, x := range r.Records {
		if x.HasBaseline && x.HasFollow {
			v := r.Outcome.Better.Sign() * x.Change
			improved[x.Arm] = append(improved[x.Arm], v+0)
			grid = append(grid, v+0)
		}
	}
	slices.Sort(grid)
	grid = slices.Compact(grid)
	var out []ResponderCurve
	for _, a := range r.Arms {
		c := ResponderCurve{Arm: a.ID, N: len(improved[a.ID]), Level: r.Level}
		if c.N > 0 {
			half := math.Sqrt(math.Log(2/(1-r.Level)) / (2 * float64(c.N)))
			for _, x := range grid {
				n := stats.Count{N: c.N}
				for _, v := range improved[a.ID] {
					if v >= x {
						n.Events++
					}
				}
				p := ResponderCurvePoint{Improvement: x, Share: n.Rate()}
				if ci, err := stats.Wilson(n, r.Level); err == nil {
					p.Lower, p.Upper = ci.Lo, ci.Hi
				}
				p.SimultaneousLower, p.SimultaneousUpper = math.Max(0, p.Share-half), math.Min(1, p.Share+half)
				c.Points = append(c.Points, p)
			}
		}
		out = append(out, c)
	}
	return out
}

// AreaBetweenCurves is the signed area between an active arm's cumulative
// responder curve and control's, in the outcome's unit. It is the difference
// in mean improvement, benefit positive: every patient's improvement is the
// area of one strip under the curve. Its error is Welch's.
// It refuses an unknown arm and what stats.Welch refuses.
func (r Result) AreaBetweenCurves(arm string) (stats.Estimate, error) {
	control := r.Arms[len(r.Arms)-1].ID
	if arm == control || !r.hasArm(arm) {
		return stats.Estimate{}, fmt.Errorf("study: responder curves: %q is no active arm", arm)
	}
	improved := map[string][]float64{}
	for _, x := range r.Records {
		if x.HasBaseline && x.HasFollow {
			improved[x.Arm] = append(improved[x.Arm], r.Outcome.Better.Sign()*x.Change)
		}
	}
	return stats.Welch(improved[arm], improved[control])
}
