package claim

import "github.com/trialkit/trialkit/study/internal/wire"

// Results write themselves as JSON: a number that does not exist is null, an
// infinite one "Inf" or "-Inf".

// MarshalJSON writes the fields in snake case.
func (x AssumedReading) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x BetweenReading) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Floors) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x IfControlChanged) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x NeededSD) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Power) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x PowerRow) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Reading) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x ResponderReading) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x ResultReading) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x WithinReading) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the interval that was printed.
func (e printedEffect) MarshalJSON() ([]byte, error) {
	return wire.Marshal(struct{ Estimate, SE, DF, Level, Lower, Upper float64 }{e.Value, e.SE, e.DF, e.ci.Level, e.ci.Lo, e.ci.Hi})
}
