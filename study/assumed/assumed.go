package assumed

import (
	"math"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats/power"
)

// Spec is what is believed beforehand. Its zero value says nothing.
type Spec struct {
	Outcomes []Outcome // in the protocol's order of writing
	// Lost is the share of participants without the outcome at the plan's visit.
	Lost Number
}

// Outcome is what is believed of one outcome. Which of its numbers mean something
// depends on its kind; Check says so.
type Outcome struct {
	ID string
	// SD within an arm at the plan's visit, and the Correlation of baseline with it:
	// of measurements.
	SD, Correlation Number
	// BetweenVisits is the correlation of any two visits after baseline.
	BetweenVisits Number
	// Control is the control arm's mean, share of yes or rate; Shares are those of the
	// levels of an ordinal outcome, with SharesSource.
	Control      Number
	Shares       []float64
	SharesSource string
	// Effects of the treated arms: Difference treated − control of means or shares,
	// OddsRatio of the higher levels, RateRatio of a count.
	Difference, OddsRatio, RateRatio []Effect
	// Dispersion k of a count, whose variance is μ + k·μ².
	Dispersion Number
}

// Effect is what is believed of one treated arm, or of each where Arm is "".
type Effect struct {
	Arm string
	Number
}

// Number is a value with its source. N participants in Arms arms (0: one) are
// those that an SD or a correlation was found in, where it is stated.
type Number struct {
	Value   float64
	Source  string
	N, Arms int
	// Stated tells a 0 from a number that is not given.
	Stated bool
}

// Outcome returns what is believed of an outcome.
func (s Spec) Outcome(id string) (Outcome, bool) {
	for _, o := range s.Outcomes {
		if o.ID == id {
			return o, true
		}
	}
	return Outcome{}, false
}

// Stated reports whether the protocol says anything.
func (s Spec) Stated() bool { return len(s.Outcomes) > 0 || s.Lost.Stated }

// Clone returns a copy that shares nothing with s.
func (s Spec) Clone() Spec {
	s.Outcomes = slices.Clone(s.Outcomes)
	for i := range s.Outcomes {
		o := &s.Outcomes[i]
		o.Shares = slices.Clone(o.Shares)
		o.Difference, o.OddsRatio, o.RateRatio = slices.Clone(o.Difference), slices.Clone(o.OddsRatio), slices.Clone(o.RateRatio)
	}
	return s
}

// Find returns the effect believed of an arm: its own, or that of each arm.
func Find(effects []Effect, arm string) (Number, bool) {
	for _, e := range effects {
		if e.Arm == arm || e.Arm == "" {
			return e.Number, true
		}
	}
	return Number{}, false
}

// Pilot reports whether the number comes from a pilot: the word stands in its source.
// A pilot's effect is refused; of its SD and correlation a limit is planned with.
func (n Number) Pilot() bool { return strings.Contains(strings.ToLower(n.Source), "pilot") }

// DF are the degrees of freedom of an SD: participants less arms; +Inf where the
// number of participants is not stated.
func (n Number) DF() float64 {
	if n.N == 0 {
		return math.Inf(1)
	}
	return float64(n.N - max(1, n.Arms))
}

// PlannedSD is the SD to plan with: the value, and of a pilot's SD its one-sided upper
// limit at power.PilotLevel (power.UpperSD; Browne 1995, doi 10.1002/sim.4780141709).
func (n Number) PlannedSD() float64 {
	if !n.Pilot() {
		return n.Value
	}
	limit, err := power.UpperSD(n.Value, n.DF(), power.PilotLevel)
	if err != nil {
		return math.NaN() // Check has refused it
	}
	return limit
}

// PlannedCorrelation is the correlation to plan with: its size, and of a pilot's
// Fisher's one-sided lower limit at power.PilotLevel, at least 0.
func (n Number) PlannedCorrelation() float64 {
	if !n.Pilot() {
		return n.Value
	}
	limit, err := power.LowerCorrelation(math.Abs(n.Value), n.N, power.PilotLevel)
	if err != nil {
		return math.NaN() // Check has refused it
	}
	return math.Copysign(math.Max(0, limit), n.Value)
}

// Unsourced lists the paths of numbers without a source, such as
// assumed.pain.correlation: of one outcome and of the loss.
func (s Spec) Unsourced(outcome string) (paths []string) {
	add := func(path string, n Number) {
		if n.Stated && n.Source == "" {
			paths = append(paths, path)
		}
	}
	if o, ok := s.Outcome(outcome); ok {
		at := "assumed." + o.ID
		add(at+".sd", o.SD)
		add(at+".correlation", o.Correlation)
		add(at+".between_visits", o.BetweenVisits)
		for _, list := range []struct {
			key     string
			effects []Effect
		}{{".difference", o.Difference}, {".odds_ratio", o.OddsRatio}, {".rate_ratio", o.RateRatio}} {
			for _, e := range list.effects {
				path := at + list.key
				if e.Arm != "" {
					path += "." + e.Arm
				}
				add(path, e.Number)
			}
		}
		add(at+".control", o.Control)
		if len(o.Shares) > 0 && o.SharesSource == "" {
			paths = append(paths, at+".control")
		}
		add(at+".dispersion", o.Dispersion)
	}
	add("assumed.lost", s.Lost)
	return paths
}
