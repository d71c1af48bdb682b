package claim

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/study"
)

// neededSDs asks, for no effect and for each threshold of improvement, which
// spread would let the interval exclude it.
func neededSDs(o study.Outcome, value float64, bound func(null float64) (float64, error)) []NeededSD {
	sign := o.Better.Sign()
	add := func(null float64, t *study.Threshold) NeededSD {
		need := NeededSD{Threshold: t, Null: null}
		// Against 0 either direction counts; an important benefit is one-sided.
		if sign*value > null || (t == nil && value != null) {
			if sd, err := bound(sign * null); err == nil {
				need.Below = sd
			}
		}
		return need
	}
	out := []NeededSD{add(0, nil)}
	for _, t := range benefitThresholds(o) {
		out = append(out, add(t.Value, &t))
	}
	return out
}

func (c Claim) neededBetween(difference float64, n1, n2 int, o study.Outcome) []NeededSD {
	if n1+n2 < 3 {
		return nil
	}
	return neededSDs(o, difference, func(null float64) (float64, error) {
		return power.NeededSDDifferenceWith(difference, n1, n2, power.SDOptions{Null: null, Alpha: 1 - c.level()})
	})
}

// floors are the smallest p-values of exact tests with these arms.
func (c Claim) floors(n1, n2 int) *Floors {
	f := &Floors{N1: n1, N2: n2, Block: c.Blocks}
	var err error
	if f.Complete, err = power.ArrangementFloor(power.Allocation{Treated: n1, Control: n2}); err != nil {
		return nil
	}
	if f.SignedRank, err = power.SignFloor(n1); err != nil {
		return nil
	}
	if c.Blocks > 0 && n1 == n2 {
		var blocks []power.Allocation
		for left := n1; left > 0; left -= c.Blocks / 2 {
			k := min(left, c.Blocks/2)
			blocks = append(blocks, power.Allocation{Treated: k, Control: k})
		}
		if f.Blocked, err = power.ArrangementFloor(blocks...); err != nil {
			f.Blocked = 0
		}
	}
	return f
}

// power gives power, type S and type M for the claim's effects. The effect
// that the claim observed is recognized to two decimals and refused.
func (c Claim) power(results []ResultReading, n1, n2 int) *Power {
	const alpha = 0.05
	effects := c.Effects
	if effects == nil {
		effects = []float64{0.5, 0.8, 1}
	}
	p := &Power{N1: n1, N2: n2}
	var err error
	if p.Detectable, err = power.DetectableD(n1, n2, alpha, 0.8); err != nil {
		return nil
	}
	for _, d := range effects {
		row := PowerRow{D: d, Observed: c.Effects != nil && observed(results, d)}
		if !row.Observed {
			if row.DesignErrors, err = power.TypeSMGroups(d, n1, n2, alpha); err != nil {
				continue
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return p
}

// observed reports whether d is the standardized difference of one of the
// results, which effects that come from outside the data hardly are.
func observed(results []ResultReading, d float64) bool {
	if math.Round(100*d) == 100*d && math.Mod(math.Round(100*math.Abs(d)), 10) == 0 {
		return false // a round number of tenths is nobody's estimate
	}
	for _, r := range results {
		for _, b := range r.Between {
			e, ok := b.Effect.(stats.Estimate)
			if p, printed := b.Effect.(printedEffect); printed {
				e, ok = p.Estimate, true
			}
			if ok && e.SE > 0 {
				g := e.Value / (e.SE / math.Sqrt(1/float64(b.N1)+1/float64(b.N2)))
				if math.Abs(math.Abs(g)-math.Abs(d)) < 0.006 {
					return true
				}
			}
		}
	}
	return false
}
