package stats

import (
	"github.com/trialkit/trialkit/stats/internal/check"
)

// Sentinel errors. Every error of this package that is caused by data matches
// one of them with errors.Is; most are wrapped in a *SampleError that names
// the function, the argument and the offending index.
var (
	// ErrTooFew: fewer observations than the method needs.
	ErrTooFew = check.ErrTooFew
	// ErrNotFinite: a NaN or an infinity in the data.
	ErrNotFinite = check.ErrNotFinite
	// ErrNoVariation: all values are equal, so no standard error exists.
	ErrNoVariation = check.ErrNoVariation
	// ErrLength: slices that must be of one length are not.
	ErrLength = check.ErrLength
	// ErrDomain: a number outside the set the method is defined on
	// (a negative count, events above n, a correlation beyond 1), or beyond
	// 1e152, where what is built on means and variances could not square it.
	ErrDomain = check.ErrDomain
	// ErrSingular: the model's columns are linearly dependent.
	ErrSingular = check.ErrSingular
	// ErrNotConverged: an iterative method found no solution.
	ErrNotConverged = check.ErrNotConverged
)

// SampleError says which argument of which function could not be used.
type SampleError = check.SampleError
