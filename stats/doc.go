// Package stats holds the statistics of clinical trials: numbers in, estimates
// out. It knows nothing of arms, visits or thresholds; package study does.
//
// # The idea
//
// A function returns a finished result, and the result is questioned: level,
// tail and null value are arguments of its methods, not options of the
// function.
//
//	e, err := stats.Welch(treated, control) // always treated − control
//	e.CI(0.95)                              // interval
//	e.P(0)                                  // two-sided p-value
//	e.PGreater(-1.5)                        // non-inferiority, margin 1.5
//
// # Conventions
//
//   - Differences are treated − control, changes are follow-up − baseline.
//   - F(…) is the recommended analysis. FWith(…, options) sets options, whose
//     zero value is the same recommended analysis. FContext(ctx, …, options)
//     can be stopped. FSummary(…) takes published numbers.
//   - Data errors are returned and match the sentinels in errors.go; a
//     programmer's mistake (a confidence level of 95) panics; a doubt is a Note
//     in the result. Nothing falls back silently to another method.
//   - Inputs are never changed, and NaN or Inf in them is an error.
package stats
