// Package check holds the errors of stats' rooms and the checks that every
// function makes of its arguments before it computes.
package check

import (
	"errors"
	"fmt"
)

// Sentinel errors. Every error of stats that is caused by data matches
// one of them with errors.Is; most are wrapped in a *SampleError that names
// the function, the argument and the offending index.
var (
	// ErrTooFew: fewer observations than the method needs.
	ErrTooFew = errors.New("too few observations")
	// ErrNotFinite: a NaN or an infinity in the data.
	ErrNotFinite = errors.New("value is not finite")
	// ErrNoVariation: all values are equal, so no standard error exists.
	ErrNoVariation = errors.New("no variation")
	// ErrLength: slices that must be of one length are not.
	ErrLength = errors.New("lengths differ")
	// ErrDomain: a number outside the set the method is defined on
	// (a negative count, events above n, a correlation beyond 1), or beyond
	// 1e152, where what is built on means and variances could not square it.
	ErrDomain = errors.New("value outside the domain")
	// ErrSingular: the model's columns are linearly dependent.
	ErrSingular = errors.New("model is rank deficient")
	// ErrNotConverged: an iterative method found no solution.
	ErrNotConverged = errors.New("no convergence")
)

// SampleError says which argument of which function could not be used.
type SampleError struct {
	Func  string // "Welch"
	Arg   string // "treated"
	Index int    // offending element, −1 where none can be named
	Err   error  // one of the sentinels above
	Info  string // further detail, may be empty: "n = 1, need 2"
}

func (e *SampleError) Error() string {
	s := e.Func + ": " + e.Arg
	if e.Index >= 0 {
		s += fmt.Sprintf("[%d]", e.Index)
	}
	s += ": " + e.Err.Error()
	if e.Info != "" {
		s += " (" + e.Info + ")"
	}
	return s
}

func (e *SampleError) Unwrap() error { return e.Err }
