package mcid

import "github.com/trialkit/trialkit/study/internal/wire"

// Results write themselves as JSON: a number that does not exist is null, an
// infinite one "Inf" or "-Inf".

// MarshalJSON writes the fields in snake case.
func (x DerivedRow) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }

// MarshalJSON writes the fields in snake case.
func (x Triangulation) MarshalJSON() ([]byte, error) { return wire.Marshal(x) }
