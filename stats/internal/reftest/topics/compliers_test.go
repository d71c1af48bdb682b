package topics_test

import (
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/table"
)

func init() { reftest.Register("compliers", compliersCase) }

// compliersCase compares the score test of the effect in compliers; the script's
// constrained maximum is that of optim, good to about 1e-6.
func compliersCase(c *reftest.Case) error {
	arm := func(x []float64) table.Uptake {
		n := func(k int) int { return int(x[k]) }
		return table.Uptake{Others: table.Count{Events: n(1), N: n(0) + n(1)}, Received: table.Count{Events: n(3), N: n(2) + n(3)}}
	}
	var strata []table.UptakeStratum
	control := c.Matrix("control")
	for i, x := range c.Matrix("treated") {
		strata = append(strata, table.UptakeStratum{Treated: arm(x), Control: arm(control[i])})
	}
	f, err := table.RiskDifferenceCompliers(strata)
	if err != nil {
		return err
	}
	ci := f.CI(0.95)
	c.Want("estimate", f.Point())
	c.Want("itt", f.ITT.Point())
	c.Want("uptake", f.Uptake.Point())
	var z []float64
	for _, null := range c.Floats("nulls") {
		z = append(z, f.Z(null))
	}
	c.WantVec("z", z, 2e-5)
	c.Want("lower", ci.Lo, 2e-5)
	c.Want("upper", ci.Hi, 2e-5)
	return nil
}
