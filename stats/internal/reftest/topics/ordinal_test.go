package topics_test

import (
	"fmt"
	"math"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/rank"
)

func init() { reftest.Register("ordinal_po", ordinalCase) }

// ordinalCase compares proportional odds, win odds and win ratios.
func ordinalCase(c *reftest.Case) error {
	_, kind, _ := strings.Cut(c.ID, "/")
	switch {
	case strings.HasPrefix(kind, "win_odds"):
		return winOddsCase(c)
	}
	return fmt.Errorf("%w: %s", reftest.ErrNoFunction, kind)
}

// winOddsCase: y over x, by the normal distribution whatever the numbers.
func winOddsCase(c *reftest.Case) error {
	w, err := rank.BenefitWith([][]float64{c.Floats("y")}, [][]float64{c.Floats("x")}, rank.BenefitOptions{Method: rank.BenefitNormal})
	if c.ExpectsError() {
		c.Refused(err, "")
		return nil
	}
	if err != nil {
		return err
	}
	level, odds := levelOf(c), w.WinOdds()
	wald, logit, ci := stats.Estimate{Value: w.Value, SE: w.SE, DF: math.Inf(1)}.CI(level), w.CI(level), odds.CI(level)
	c.Want("theta", w.Value)
	c.Want("se", w.SE)
	c.WantVec("wald", []float64{wald.Lo, wald.Hi})
	c.Want("win_odds", odds.Point())
	c.Want("se_log", odds.SELog())
	c.Want("lower", ci.Lo)
	c.Want("upper", ci.Hi)
	c.WantVec("theta_logit_ci", []float64{logit.Lo, logit.Hi})
	c.Want("p", w.P(0.5))
	return nil
}
