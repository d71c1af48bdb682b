package harms

import "github.com/trialkit/trialkit/study/internal/wire"

// MarshalJSON writes the fields in snake case; a number that does not exist is null.
func (t Table) MarshalJSON() ([]byte, error) { return wire.Marshal(t) }

// MarshalJSON writes the fields in snake case.
func (r Row) MarshalJSON() ([]byte, error) { return wire.Marshal(r) }

// MarshalJSON writes the fields in snake case; a number that does not exist is null.
func (c Count) MarshalJSON() ([]byte, error) { return wire.Marshal(c) }

// MarshalJSON writes the fields in snake case; a number that does not exist is null.
func (c Contrast) MarshalJSON() ([]byte, error) { return wire.Marshal(c) }

// MarshalJSON writes the fields in snake case.
func (l Listing) MarshalJSON() ([]byte, error) { return wire.Marshal(l) }

// MarshalJSON writes the fields in snake case.
func (e Event) MarshalJSON() ([]byte, error) { return wire.Marshal(e) }

// String is yes, no or unknown.
func (a Answer) String() string {
	switch a {
	case Yes:
		return "yes"
	case No:
		return "no"
	}
	return "unknown"
}
