package check

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// Sample returns an error unless x has at least min values, all finite.
func Sample(fn, arg string, x []float64, min int) error {
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

// Level panics unless 0 < level < 1: a confidence level is written by the
// programmer, not found in data.
func Level(level float64) {
	if !(level > 0 && level < 1) {
		panic(fmt.Sprintf("stats: confidence level %v is not between 0 and 1", level))
	}
}

// Renamed is a data error as the function fn, which the caller called, returns
// it: named after fn instead of the function that fn asked. Other errors are
// returned as they are.
func Renamed(fn string, err error) error {
	var s *SampleError
	if !errors.As(err, &s) {
		return err
	}
	e := *s
	e.Func = fn
	return &e
}

// TooLarge is where squares and their sums would overflow; no measurement is
// near it, and an infinite variance must not become NaN.
const TooLarge = 1e152

// Scale refuses values whose squares, or the squares of their products,
// leave the range of float64: no measurement is near it, and a covariance
// matrix must not become NaN.
func Scale(fn, arg string, x []float64) error {
	const widest = 1e75
	big, at := 0.0, 0
	for i, v := range x {
		if math.Abs(v) > big {
			big, at = math.Abs(v), i
		}
	}
	if big > widest || big > 0 && big < 1/widest {
		return &SampleError{Func: fn, Arg: arg, Index: at, Err: ErrDomain,
			Info: fmt.Sprintf("%v: squares of the values leave the range of float64: change the unit", x[at])}
	}
	return nil
}

// Moments is Sample that also refuses values too large to square.
func Moments(fn, arg string, x []float64, min int) error {
	if err := Sample(fn, arg, x, min); err != nil {
		return err
	}
	for i, v := range x {
		if math.Abs(v) > TooLarge {
			return &SampleError{Func: fn, Arg: arg, Index: i, Err: ErrDomain, Info: fmt.Sprintf("%v, too large to square", v)}
		}
	}
	return nil
}

// Stopped reports whether a question's context has ended; nil never ends.
func Stopped(ctx context.Context) bool { return ctx != nil && ctx.Err() != nil }

// Count refuses n below 1 and events outside 0 … n.
func Count(fn, arg string, events, n int) error {
	if n < 1 {
		return &SampleError{Func: fn, Arg: arg, Index: -1, Err: ErrTooFew, Info: fmt.Sprintf("n = %d", n)}
	}
	if events < 0 || events > n {
		return &SampleError{Func: fn, Arg: arg, Index: -1, Err: ErrDomain, Info: fmt.Sprintf("%d of %d", events, n)}
	}
	return nil
}

// Summary refuses an n below min, a negative or non-finite SD.
func Summary(fn, arg string, n int, mean, sd float64, min int) error {
	bad := func(err error, info string) error {
		return &SampleError{Func: fn, Arg: arg, Index: -1, Err: err, Info: info}
	}
	switch {
	case math.IsNaN(mean) || math.IsInf(mean, 0):
		return bad(ErrNotFinite, fmt.Sprintf("mean = %v", mean))
	case n < min:
		return bad(ErrTooFew, fmt.Sprintf("n = %d, need %d", n, min))
	case n > 1 && (math.IsNaN(sd) || math.IsInf(sd, 0)):
		return bad(ErrNotFinite, fmt.Sprintf("sd = %v", sd))
	case sd < 0:
		return bad(ErrDomain, fmt.Sprintf("sd = %v", sd))
	}
	return nil
}

// NoVariation is the error of an argument whose values are all equal.
func NoVariation(fn, arg string) error {
	return &SampleError{Func: fn, Arg: arg, Index: -1, Err: ErrNoVariation}
}
