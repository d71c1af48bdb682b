package study

import (
	"math"

	"github.com/trialkit/trialkit/stats"
)

// sweep repeats the verdict for other spreads, for simulated data whose means
// were given and whose spread was invented: the difference in mean change is
// kept, its standard error is SD·√(1/n₁ + 1/n₂) with the pooled SD of the
// changes, on n₁ + n₂ − 2 degrees of freedom (Student's t). The SDs run from
// 5 to 30% of the instrument's range (0.5 to 3 cm on a 10-cm VAS), or from a
// quarter to one and a half of the observed pooled SD where no range is stated.
// Outcomes without a margin have no verdict to repeat.
func (c *comparison) sweep() []SweepPoint {
	if b, _ := c.outcome.Verdict(); b == nil {
		return nil
	}
	control, _ := c.compared(c.control().ID)
	var out []SweepPoint
	for _, a := range c.active() {
		treated, _ := c.compared(a.ID)
		if len(treated) == 0 || len(control) == 0 || len(treated)+len(control) < 3 {
			continue
		}
		value := meanOf(treated) - meanOf(control)
		n1, n2 := float64(len(treated)), float64(len(control))
		root := math.Sqrt(1/n1 + 1/n2)
		unit := (c.outcome.Max - c.outcome.Min) / 20
		if !c.outcome.HasRange() {
			e, err := stats.Student(treated, control)
			if err != nil {
				continue
			}
			unit = e.SE / root / 4
		}
		for k := 1; k <= 6; k++ {
			sd := float64(k) * unit
			e := stats.Estimate{Value: value, SE: sd * root, DF: n1 + n2 - 2}
			ci := e.CI(c.plan.Level)
			out = append(out, SweepPoint{Arm: a.ID, SD: sd, Lower: ci.Lo, Upper: ci.Hi, P: e.P(0), Judgement: *c.judgement(e)})
		}
	}
	return out
}
