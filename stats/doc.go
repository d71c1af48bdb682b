// Package stats holds the statistics of clinical trials: numbers in, estimates
// out. It knows nothing of arms, visits or thresholds; package study does.
//
// # The idea
//
// A function returns a finished result, and the result is questioned: level,
// tail and null value are arguments of its methods, not options of the
// function.
//
//	e, err := Welch(treated, control) // always treated − control
//	e.CI(0.95)                              // interval
//	e.P(0)                                  // two-sided p-value
//	e.PLess(1.5)                            // non-inferiority by 1.5 where lower is better
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
// # Which function answers which question
//
// Read Estimate and Effect in estimate.go first; errors are in errors.go.
//
// Describe one sample:
//
//	size, mean, SD, quantiles and more at once         Describe, Summarize, FiveNumbers   describe.go, ttest.go, spread.go
//	quantiles of types 1 to 9, SAS's PCTLDEF           Quantile, SASQuantileType          describe.go
//	interval of an SD; CV, IQR, MAD                    SDCI, VarianceCI, CV, IQR, MAD     spread.go
//	how far off can a small sample's SD be?            SDMultipliers                      shape.go
//	median with its exact interval; trimmed mean       MedianCI, Trimmed, TrimmedMean, Winsorized
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
//	from n, mean and SD of a paper                     WelchSummary, MeanSummary          ttest.go
//	from a paper's SE, interval or p-value             SummaryFromSE, SummaryFromCI, EstimateFromCI, EstimateFromP
//	                                                                                      published.go
//	from rounded numbers, with what rounding allows    WelchPrinted, StudentPrinted       printed.go
//	trimmed means; two variances; two distributions    Yuen, CompareVariances, KolmogorovSmirnov
//	                                                                                      kolmogorov.go
//	equal variances in several groups?                 BrownForsythe, Levene, Bartlett, Fligner
//	                                                                                      homogeneity.go
//	standardized: Hedges' g, Cohen's d, Glass's Δ      HedgesG, CohenD, GlassDelta        effectsize.go
//	the same of paired changes                         PairedEffects, CohenDAverage, CohenDZ
//	                                                                                      effectsize.go
//	what a standardized difference means in words      Translate, SuperiorityNormal       effectsize.go
//	all confidence intervals of an effect as a curve   Compatibility                      curve.go
//
// Means of several groups:
//
//	do they differ at all?                             WelchANOVA, OneWayANOVA            anova.go
//	which pairs differ?                                TukeyHSD, GamesHowell, ComparePairs
//	                                                                                      posthoc.go
//	which doses differ from control?                   DunnettTest                        posthoc.go
//	share of variation explained, with intervals       ExplainF                           effectsize_f.go, etasquared.go
//	arm × visit, complete data, sphericity             RepeatedANOVA                      anova_rm.go, sphericity.go
//
// Linear models:
//
//	adjusted difference of arms at a visit             ANCOVA                             ancova.go
//	the same, robust to a wrong model                  ANHECOVA                           marginal.go
//	any linear model; from a formula                   Linear, Frame, ParseFormula        linear.go, frame.go, formula.go
//	its terms: numbers, categories, interactions       Numeric, Category, Visit, Interaction
//	                                                                                      design.go
//	a formula's design and type III contrasts          Frame.Design, Design.TypeIII       design_matrix.go
//	its least squares means and their comparisons      regress.Fit.LSMeans, regress.Fit.Pairwise
//	                                                                                      lsmeans.go, simultaneous.go
//	its F tests of types I, II, III; HC0 to HC4        regress.Fit.Tests, regress.Fit.Robust
//	                                                                                      termtests.go, robust.go
//	are its residuals normal, its rows ordinary?       NormalQQ                           diagnostics.go
//	yes-or-no outcome; few events (Firth)              Logistic, LogisticWith             logistic.go
//	marginal risk difference and ratio                 Marginal                           marginal.go
//	clustered or repeated outcomes                     GEE                                gee.go
//	repeated measures with missing visits              mmrm.Model                         mmrm/
//	random intercept and slope                         mmrm.LMM                           mmrm/lmm.go
//
// Ranks:
//
//	two groups: test, shift, exact with ties           MannWhitney                        rank.go
//	paired changes                                     SignedRank                         signedrank.go
//	only the signs of changes                          SignTest                           signtest.go
//	two groups in strata                               VanElteren                         vanelteren.go
//	chance that treated exceeds control                BrunnerMunzel, BrunnerMunzelPermutation
//	                                                                                      brunnermunzel.go
//	the same as an effect size from −1 to 1            CliffDelta, RankBiserial, PairedRankBiserial
//	                                                                                      effectsize.go
//	several groups; which differ                       KruskalWallis, KruskalWallisTest.Dunn
//	                                                                                      kruskal.go
//	several groups in an order (doses)                 Jonckheere                         jonckheere.go
//	several treatments of the same participants        Friedman, Quade                    friedman.go
//	do two groups differ in spread?                    Mood, AnsariBradley                rankscale.go
//
// Permutation and bootstrap:
//
//	two groups, means, medians, studentized            Permutation                        permutation.go
//	paired changes                                     PermutationPaired                  permutation_paired.go
//	re-randomization with covariates                   PermutationANCOVA                  permutation_ancova.go
//	many outcomes and visits jointly                   WestfallYoung                      westfallyoung.go
//	smallest p-value that a design can give            ArrangementFloor, SignFloor, PermutationFloor
//	                                                                                      design_errors.go, permutation.go
//	bootstrap interval of any statistic                Bootstrap, BootstrapMean, BootstrapSample, BootstrapStatistic
//	                                                                                      bootstrap.go, bootstrap_statistic.go
//
// Proportions and counts:
//
//	one proportion                                     Wilson, ClopperPearson, ProportionCI
//	                                                                                      proportion.go, proportion_ci.go
//	is a proportion what it should be? none of n       Binomial, ClopperPearsonUpper      proportion_ci.go, proportion.go
//	risk difference of two arms                        RiskDifference, RiskDifferenceScore
//	                                                                                      proportion.go, twobytwo_score.go
//	risk difference of two small arms, exactly         RiskDifferenceExact                riskdiff_exact.go
//	the other intervals of the risk difference         RiskDifferenceCI, RiskDifferenceWald
//	                                                                                      riskdiff.go
//	risk ratio, odds ratio                             RiskRatio, OddsRatio               ratio_risk.go
//	the same by score or exactly                       RiskRatioScore, OddsRatioScore, OddsRatioExact, BlakerOddsRatio
//	                                                                                      twobytwo_score.go, ratio_risk.go
//	a risk ratio by way of the odds ratio              RiskRatioFromOdds                  ratio_risk.go
//	number needed to treat                             NewNNT                             nnt.go
//	is there a difference? exactly                     Unconditional, Fisher, FisherRxC   unconditional.go, fisher.go, fisher_rxc.go
//	is there a difference? in large tables; trend      ContingencyTable, CochranArmitage  chisq.go
//	before and after in the same participants          McNemar, PairedRisk                mcnemar.go
//	three or more times; strength of association       CochranQ, Associate                chisq.go
//	two arms in strata                                 MantelHaenszel, MantelHaenszelRiskDifference, MantelHaenszelRiskRatio, MantelHaenszelOddsRatio
//	                                                                                      stratified.go
//	exactly in strata; do the strata agree?            StratifiedExact, BreslowDay        stratified.go
//	event rates                                        PoissonCI, PoissonTest, RateRatioExact
//	                                                                                      stratified.go
//
// Association, agreement, reliability:
//
//	two measurements that go together                  Pearson, PartialCorrelation        correlation.go
//	the same by ranks, exact with ties                 Spearman, Kendall                  correlation_rank.go
//	ordered categories: gamma, Somers' D, tau-b        CountPairs                         ordinal.go
//	do two methods give the same value?                BlandAltman, LinConcordance        agreement.go, correlation.go
//	measurement error, minimal detectable change       Agreement.MeasurementError, MeasurementErrorFromICC
//	                                                                                      agreement.go
//	reliability of raters or occasions; a scale's α    ICCs, CronbachAlpha                icc.go
//	do two raters choose the same category?            Kappa, Bowker, StuartMaxwell       agreement_kappa.go
//	how well a marker tells cases; best cut-off        ROC, CompareROC                    roc.go, roc_point.go
//	which change do patients call important?           MinimalImportantChange             mic.go, mic_methods.go
//
// Several questions, several studies:
//
//	adjust p-values                                    AdjustP                            multiple.go
//	hypotheses in order, or with moving weights        FixedSequence, Fallback, TestGraph graphical.go
//	combine p-values                                   CombineFisher, CombineStouffer     combine.go
//	combine multiply imputed data                      PoolImputations, PoolWald          pool.go
//	combine studies                                    MetaAnalyze                        meta.go
//
// Planning, and checking what is printed:
//
//	power, n or detectable effect: means               TDesign                            power.go
//	equivalence and non-inferiority of means           Equivalence, TDesign               power.go
//	several groups, correlation, chi-square            ANOVADesign, CorrelationDesign, ChiSquareDesign
//	                                                                                      power_f.go
//	any F test; a regression                           FDesign, SolveErrorDF              power_f.go
//	proportions, exact power                           ProportionDesign, ExactPower, CohenH
//	                                                                                      power_prop.go
//	a proportion not much below another                NonInferiorProportions             power_prop.go
//	ANCOVA                                             ANCOVANormalN                      power.go
//	for any one unknown: n, effect, power, α           TDesign.SolveAlpha and the like    power_solve.go
//	what significance in a small trial is worth        TypeSMGroups, TypeSM, DetectableD  design_errors.go
//	how small must an SD be for significance?          NeededSDDifference, NeededSDMean   design_errors.go
//	can these means, SDs and p-values be right?        GRIM, GRIMMER, DEBIT, CheckP, SDRange
//	                                                                                      integrity.go
//	can these percentages be right, these SDs be one?  CheckPercent, CompareSDs           integrity.go
//	a test as a paper prints it                        ParseReportedTest                  printed.go
//
// Whether an effect matters to patients, beside an MCID, is asked of package
// study: Judge takes every Effect of this package.
package stats
