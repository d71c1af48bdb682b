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
//
// # Linear models
//
//	adjusted difference of arms at a visit     ANCOVA            ancova.go
//	the same, robust to a wrong model          ANHECOVA          marginal.go
//	any linear model; from a formula           Linear; Frame     linear.go, frame.go, formula.go
//	its least squares means, comparisons       LSMeans, Pairwise, VersusControl
//	                                                             lsmeans.go, simultaneous.go
//	its F tests of types I, II, III; HC0–HC4   Tests, Robust     termtests.go, robust.go
//	one-way ANOVA; without equal variances     OneWayANOVA, WelchANOVA
//	                                                             anova.go
//	arm × visit ANOVA, sphericity              RepeatedANOVA     anova_rm.go, sphericity.go
//	equal variances?                           BrownForsythe, Levene, Bartlett, Fligner
//	                                                             homogeneity.go
//	yes-or-no outcome; few events              Logistic, Firth   logistic.go
//	marginal risk difference and ratio         Marginal          marginal.go
//	clustered or repeated outcomes             GEE               gee.go
//	repeated measures with missing visits      mmrm.Model        mmrm/
//	random intercept and slope                 mmrm.LMM          mmrm/lmm.go
package stats
