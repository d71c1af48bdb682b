package family

import (
	"github.com/trialkit/trialkit/stats"
)

// Together is an effect whose interval holds, with the stated level, together with those
// of the other hypotheses of its family, and whose p-values are adjusted for all of them:
// an interval leaves out a value where its p is below what is left of the level.
// One-sided p-values are half the two-sided ones on the estimate's side.
type Together struct {
	// Alone is the effect by itself.
	Alone stats.Effect
	// Method is Bonferroni, Dunnett or MaxT, Weight the share of α of Bonferroni.
	Method Method
	Weight float64
	// Joint is the comparison in its joint distribution, of Dunnett and MaxT.
	Joint stats.Effect
}

// Point is the estimate.
func (t Together) Point() float64 { return t.Alone.Point() }

// CI is the simultaneous interval. That of Bonferroni is the effect's own at what the
// share of α leaves.
func (t Together) CI(level float64) stats.Interval {
	if t.Joint != nil {
		return t.Joint.CI(level)
	}
	ci := t.Alone.CI(1 - (1-level)*t.Weight)
	ci.Level = level
	return ci
}

// P is the adjusted two-sided p-value.
func (t Together) P(null float64) float64 {
	if t.Joint != nil {
		return t.Joint.P(null)
	}
	return bonferroni(t.Alone.P(null), t.Weight)
}

// PGreater is the adjusted one-sided p-value of an effect above null.
func (t Together) PGreater(null float64) float64 { return t.side(null, t.Alone.PGreater(null)) }

// PLess is that of an effect below null.
func (t Together) PLess(null float64) float64 { return t.side(null, t.Alone.PLess(null)) }

func (t Together) side(null, alone float64) float64 {
	if t.Joint == nil {
		return bonferroni(alone, t.Weight)
	}
	if p := t.Joint.P(null) / 2; alone <= 0.5 {
		return p
	} else {
		return 1 - p
	}
}

var _ stats.Effect = Together{}

// Alone is an effect by itself, whether or not its interval holds together with others'.
func Alone(e stats.Effect) stats.Effect {
	if t, ok := e.(Together); ok {
		return t.Alone
	}
	return e
}
