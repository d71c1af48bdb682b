package integrity

import (
	"fmt"

	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// String writes "impossible: 3.44 ± 2.47 of n = 18 in steps of 1".
func (c Check) String() string {
	switch {
	case c == (Check{}):
		return show.NoResult
	case c.Possible:
		return "possible: " + c.Of
	}
	return "impossible: " + c.Of
}

// MarshalJSON writes the answer and what was asked about.
func (c Check) MarshalJSON() ([]byte, error) { return orNull(c == (Check{}), wire.Fields(c)) }

// String writes "impossible: the nearest means are 5.179 and 5.214".
func (c GRIMCheck) String() string {
	if c == (GRIMCheck{}) {
		return show.NoResult
	}
	s := "impossible"
	if c.Possible {
		s = "possible"
	}
	d := show.DecimalsOf(c.Above, (c.Above-c.Below)/10)
	return fmt.Sprintf("%s: the nearest means are %s and %s", s, show.Fixed(c.Below, d), show.Fixed(c.Above, d))
}

// MarshalJSON writes the answer and the nearest means.
func (c GRIMCheck) MarshalJSON() ([]byte, error) { return orNull(c == (GRIMCheck{}), wire.Fields(c)) }

// String writes "0.026 to 0.075", with two digits of what lies between.
func (b Bounds) String() string {
	if b == (Bounds{}) {
		return show.NoResult
	}
	d := show.DecimalsOf(b.Lo, b.Hi-b.Lo)
	return show.Fixed(b.Lo, d) + " to " + show.Fixed(b.Hi, d)
}

// MarshalJSON writes both ends.
func (b Bounds) MarshalJSON() ([]byte, error) {
	return wire.Pairs("lower", b.Lo, "upper", b.Hi).MarshalJSON()
}

// String writes the estimate and what rounding leaves to it and to its p-value.
func (d PrintedDifference) String() string {
	if d.Estimate.DF == 0 {
		return show.NoResult
	}
	return fmt.Sprintf("%v; with rounding %v, p %v", d.Estimate, d.Difference, d.PRange(0))
}

// MarshalJSON writes the estimate and the ranges that rounding leaves to it, to its
// 95% interval and to its p-value against no difference.
func (d PrintedDifference) MarshalJSON() ([]byte, error) {
	if d.Estimate.DF == 0 {
		return wire.Null, nil
	}
	lower, upper := d.CIRange(0.95)
	return wire.Pairs("estimate", d.Estimate, "difference_range", d.Difference, "level", 0.95, "lower_range", lower, "upper_range", upper,
		"p_range", d.PRange(0)).MarshalJSON()
}

// String writes "not consistent: p is 0.0541 to 0.0545, and the decision at 0.05
// another".
func (c PCheck) String() string {
	if c == (PCheck{}) {
		return show.NoResult
	}
	s := "not consistent"
	if c.Consistent {
		s = "consistent"
	}
	s += ": p is " + c.PRange.String()
	if c.OneSided {
		s += ", of which the printed one is half"
	}
	if c.DecisionChanges {
		s += ", and the decision at 0.05 another"
	}
	return s
}

// MarshalJSON writes the range and the answers.
func (c PCheck) MarshalJSON() ([]byte, error) { return orNull(c == (PCheck{}), wire.Fields(c)) }

// String writes "the SDs differ 5.5 times (F test, p < 0.0001): suspect".
func (c SDComparison) String() string {
	if c == (SDComparison{}) {
		return show.NoResult
	}
	s := fmt.Sprintf("the SDs differ %s times (F test, p %s)", show.Fixed(c.Ratio, 1), show.P(c.p))
	if c.Suspect {
		s += ": suspect"
	}
	return s
}

// MarshalJSON writes the ratio, the p-value and the answers.
func (c SDComparison) MarshalJSON() ([]byte, error) {
	return orNull(c == (SDComparison{}), wire.Fields(c).With("p", c.p))
}

// MarshalJSON writes the test's parts.
func (r ReportedTest) MarshalJSON() ([]byte, error) {
	return orNull(r == (ReportedTest{}), wire.Fields(r))
}

func orNull(none bool, o wire.Object) ([]byte, error) {
	if none {
		return wire.Null, nil
	}
	return o.MarshalJSON()
}
