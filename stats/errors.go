package stats

import (
	"errors"
	"fmt"
	"math"
)

// Sentinel errors. Every error of this package that is caused by data matches
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
	s := "stats." + e.Func + ": " + e.Arg
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

// checkSample returns an error unless x has at least min values, all finite.
func checkSample(fn, arg string, x []float64, min int) error {
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return &SampleError{Func: fn, Arg: arg, Index: i, Err: ErrNotFinite, Info: fmt.Sprint(v)}
		}
	}
	if len(x) < min {
		return &SampleError{Func: fn, Arg: arg, Index: -1, Err: ErrTooFew,
			Info: fmt.Sprintf("n = %d, need %d", len(x), min)}
	}
	return nil
}

// checkLevel panics unless 0 < level < 1: a confidence level is written by the
// programmer, not found in data.
func checkLevel(level float64) {
	if !(level > 0 && level < 1) {
		panic(fmt.Sprintf("stats: confidence level %v is not between 0 and 1", level))
	}
}

// Note is a doubt about a result, as a code with arguments. Package stats
// never writes the sentence: study/text holds it, in every language, under
// the same code.
type Note struct {
	Code string         `json:"code"`
	Args map[string]any `json:"args,omitempty"`
}

// renamed is a data error as the function fn, which the caller called, returns
// it: named after fn instead of the function that fn asked. Other errors are
// returned as they are.
func renamed(fn string, err error) error {
	var s *SampleError
	if !errors.As(err, &s) {
		return err
	}
	e := *s
	e.Func = fn
	return &e
}
