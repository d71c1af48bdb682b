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
//	fmt.Println(e)                          // -3.67 (95% CI -5.72 to -1.62; p = 0.0100; t, 5.6 df)
//	e.CI(0.95)                              // interval
//	e.P(0)                                  // two-sided p-value
//	e.PLess(1.5)                            // non-inferiority by 1.5 where lower is better
//
// # Rooms
//
// This package describes samples and compares means, and holds what all others
// share: [Estimate], [Effect], [Test], [Interval]. Its rooms, by subject:
//
//   - [github.com/trialkit/trialkit/stats/rank]: Mann–Whitney with the Hodges–Lehmann
//     shift, Wilcoxon's signed ranks, sign test, Brunner–Munzel, probability of benefit
//     and win odds in strata, win ratio, van Elteren, Kruskal–Wallis, Jonckheere,
//     Friedman: exact with ties
//   - [github.com/trialkit/trialkit/stats/resample]: permutation tests, re-randomization,
//     Westfall–Young, bootstrap (BCa)
//   - [github.com/trialkit/trialkit/stats/table]: proportions (Clopper–Pearson, Wilson),
//     risk difference (Newcombe, Miettinen–Nurminen), risk and odds ratio, Fisher,
//     Barnard, Boschloo, McNemar, Mantel–Haenszel and score in strata, event rates,
//     blinding
//   - [github.com/trialkit/trialkit/stats/regress]: ANCOVA, ANOVA, linear models with
//     least squares means, Tukey, Dunnett, max-T, Games–Howell, logistic (Firth) and
//     ordinal regression, counts (negative binomial), marginal effects (g-computation),
//     effects in compliers (Anderson–Rubin), GEE
//   - [github.com/trialkit/trialkit/stats/mmrm]: MMRM, cLDA and random effects for
//     repeated measures with missing visits: Kenward–Roger, Satterthwaite
//   - [github.com/trialkit/trialkit/stats/impute]: what is missing, under a stated
//     assumption: missing at random, jump to reference, delta; tipping points
//   - [github.com/trialkit/trialkit/stats/assoc]: Pearson, Spearman, Kendall,
//     Bland–Altman, concordance, ICC, Cronbach's alpha, kappa, ROC
//   - [github.com/trialkit/trialkit/stats/mic]: minimal important change (MIC) from an
//     anchor: ROC cut-off, predictive modeling
//   - [github.com/trialkit/trialkit/stats/power]: sample size, power, detectable effect;
//     what significance in a small trial is worth
//   - [github.com/trialkit/trialkit/stats/integrity]: can these printed numbers be right?
//     GRIM, GRIMMER, DEBIT, rounded means and p-values
//
// The number needed to treat (NNT) is [NewNNT] here, of a risk difference; an
// F test and its share of explained variation are [FTest] and [ExplainF].
//
// # Conventions
//
//   - Differences are treated − control, changes are follow-up − baseline.
//   - F(…) is the recommended analysis. FWith(…, options) sets options, whose
//     zero value is the same recommended analysis. FContext(ctx, …, options)
//     can be stopped. FSummary(…) takes published numbers.
//   - A p-value is P(null) of an effect or P() of a test, an interval CI(level).
//   - Every result prints as a line or a small table and marshals to JSON.
//   - Data errors are returned and match the sentinels in errors.go; a
//     programmer's mistake (a confidence level of 95) panics; a doubt is a Note
//     in the result. Nothing falls back silently to another method.
//   - Inputs are never changed, and NaN or Inf in them is an error.
//
// # Which function answers which question
//
// Read Estimate and Effect in estimate.go first; errors are in errors.go.
//
// Describe one sample:
//
//	size, mean, SD, quantiles and more at once         Describe, Summarize, FiveNumbers   describe.go, ttest.go, spread.go
//	quantiles of types 1 to 9, SAS's PCTLDEF           Quantile, SASQuantileType          describe.go
//	SD with its interval; CV, IQR, MAD                 SD, CV, IQR, MAD                   spread.go
//	how far off can a small sample's SD be?            StandardDeviation                  spread.go
//	median with its exact interval; trimmed mean       Median, Trimmed, TrimmedMean, Winsorized
//	                                                                                      spread.go
//	geometric mean; skewness, kurtosis                 GeometricMean, GeometricSD, Skewness, Kurtosis
//	                                                                                      shape.go
//	is it normal?                                      ShapiroWilk, AndersonDarling       normality.go
//	the same by other tests                            Lilliefors, JarqueBera, DAgostinoSkewness
//	                                                                                      normality.go
//	the shape as a curve                               Density, BandwidthSJ, BandwidthSilverman
//	                                                                                      kde.go
//
// Means of two groups, paired means:
//
//	two groups                                         Welch (Student)                    ttest.go
//	change within participants; one mean               Paired, Mean                       ttest.go
//	their ratio (Fieller); any ratio tested like it    RatioOfMeans, RatioInterval        ratio_means.go
//	from n, mean and SD of a paper                     WelchSummary, MeanSummary          ttest.go
//	from a paper's SE, interval or p-value             SummaryFromSE, SummaryFromCI, EstimateFromCI, EstimateFromP
//	                                                                                      published.go
//	from rounded numbers, with what rounding allows    integrity.WelchPrinted, integrity.StudentPrinted
//	adjusted for baseline                              regress.ANCOVA
//	by ranks, exact with ties                          rank.MannWhitney, rank.SignedRank
//	by the randomization alone                         resample.Permutation
//	trimmed means; two variances; two distributions    Yuen, CompareVariances, KolmogorovSmirnov
//	                                                                                      kolmogorov.go
//	standardized: Hedges' g, Cohen's d, Glass's Δ      HedgesG, CohenD, GlassDelta        effectsize.go
//	the same by the average SD                         CohenDAverage, HedgesGAverage      effectsize.go
//	the same of paired changes                         PairedEffects, CohenDZ, HedgesGZ   effectsize.go
//	what a standardized difference means in words      Translate, SuperiorityNormal       effectsize.go
//	all confidence intervals of an effect as a curve   Compatibility                      curve.go
//	a covariance matrix that prints and marshals       Matrix                             matrix.go
//	share of variation explained (η², ω²)              ExplainF                           effectsize_f.go
//
// Proportions:
//
//	number needed to treat (NNT)                       NewNNT, table.RiskDifference       nnt.go
//
// Several questions, several studies:
//
//	adjust p-values                                    AdjustP, AdjustPWith               multiple.go
//	hypotheses all of which must be shown              CoPrimary                          multiple.go
//	hypotheses in order, or with moving weights        FixedSequence, Fallback, TestGraph graphical.go
//	combine p-values                                   CombineFisher, CombineStouffer     combine.go
//	combine multiply imputed data                      PoolImputations, PoolWald          pool.go
//	the same of bootstrap samples; of test statistics  PoolBootstrapped, PoolChiSquares   pool.go
//	combine studies                                    MetaAnalyze                        meta.go
//
// Whether an effect matters to patients, beside an MCID, is asked of package
// study: Judge takes every Effect of this package.
package stats
