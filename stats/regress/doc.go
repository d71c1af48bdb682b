// Package regress fits regression models to a trial: least squares and analysis of
// covariance, analysis of variance, logistic and ordinal regression, generalized
// estimating equations. Models of participants' visits with missing values are package mmrm.
//
// A model is written as terms ([Numeric], [Category], [Interaction]) or as a formula
// over a [Frame]. Differences are treated − control; every coefficient, contrast and
// least squares mean is a [stats.Estimate].
//
// # Which function answers which question
//
// Adjusted comparisons of arms:
//
//	adjusted difference of arms at a visit            ANCOVA                             ancova.go
//	does it vary with baseline?                       ANCOVASlopes                       ancova.go
//	the same, robust to a wrong model                 ANHECOVA                           marginal.go
//	yes-or-no outcome; few events (Firth)             Logistic, LogisticWith             logistic.go
//	marginal risk difference and ratios, adjusted     GComputation                       marginal.go
//	the same of any fitted model                      LogisticFit.Marginal, Fit.Marginal marginal.go
//	ordered categories; are the odds proportional?    Ordinal, OrdinalFit.Brant          ordinal.go, ordinal_tests.go
//	numbers of events; of events with an upper bound  Counts, CountsWith, Bounded        counts.go
//	risk ratios and differences given covariates      RiskRegression                     counts.go
//	effect in those who receive the treatment         CACE                               cace.go
//	clustered or repeated outcomes                    GEE                                gee.go
//	their difference in means or risks                GEEFit.Standardized                gee.go
//
// Linear models:
//
//	any linear model; from a formula                  Linear, Frame, ParseFormula        linear.go, design_matrix.go, formula.go
//	its terms: numbers, categories, interactions      Numeric, Category, Visit, Interaction
//	                                                                                     design.go
//	a design matrix, type III contrasts               ModelMatrix, Frame.Design, Design.TypeIII
//	                                                                                     design_matrix.go
//	its least squares means and their comparisons     Fit.LSMeans, Fit.Pairwise, Fit.VersusControl
//	                                                                                     lsmeans.go, simultaneous.go
//	the difference of two arms, by their names        ANCOVAFit.Difference, Fit.Difference, Fit.Compare
//	                                                                                     ancova.go
//	its F tests of types I, II, III; HC0 to HC4       Fit.Tests, Fit.Robust              termtests.go, robust.go
//	are its residuals normal, its rows ordinary?      NormalQQ                           linear.go
//
// Means of several groups:
//
//	do they differ at all?                            WelchANOVA, OneWayANOVA            anova.go
//	which pairs differ?                               TukeyHSD, GamesHowell, ComparePairs
//	                                                                                     posthoc.go
//	which doses differ from control?                  DunnettTest                        posthoc.go
//	do they rise with the dose?                       ANCOVAFit.Trend; rank.Jonckheere   ancova.go
//	several estimates of one model at once            MaxT                               joint_t.go
//	equal variances in several groups?                BrownForsythe, Levene, Bartlett, Fligner
//	                                                                                     homogeneity.go
//	share of variation explained, with intervals      stats.ExplainF, TermTest.PartialOmega2CI
//	                                                                                     anova.go
//	arm × visit, complete data, sphericity            RepeatedANOVA                      anova_rm.go, anova_rm_data.go
package regress
