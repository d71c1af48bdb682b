// Package table compares proportions and counts: yes-or-no outcomes of arms,
// cross tables, event rates. A [Count] is x events among n participants;
// differences are treated − control, ratios treated over control.
//
// With small arms the exact methods hold their level whatever the truth is
// (Clopper–Pearson, the exact unconditional interval of a risk difference, Fisher,
// Barnard); the score methods (Wilson, Newcombe, Miettinen–Nurminen) are close to
// it on average and narrower.
//
// # Which function answers which question
//
// One proportion:
//
//	one proportion                                    Proportion, ProportionWith         proportion.go, proportion_methods.go
//	one proportion, exactly; none of n                ClopperPearson                     proportion.go
//	is a proportion what it should be?                Binomial                           exacttest.go
//
// Two arms:
//
//	risk difference of two arms (Newcombe)            RiskDifference, RiskDifferenceScore
//	                                                                                     risk.go, twobytwo_score.go
//	risk difference of two small arms, exactly        RiskDifferenceExact                riskdiff_exact.go
//	the other methods for the risk difference         RiskDifferenceWith, RiskDifferenceWald
//	                                                                                     riskdiff.go
//	risk ratio, odds ratio                            RiskRatio, OddsRatio               ratio_risk.go
//	the same by score                                 RiskRatioScore, OddsRatioScore     twobytwo_score.go
//	odds ratio, exactly                               OddsRatioExact, BlakerOddsRatio    oddsratio_exact.go, blaker.go
//	a risk ratio by way of the odds ratio             RiskRatioFromOdds                  ratio_risk.go
//	number needed to treat                            stats.NewNNT                       the interval of a risk difference
//	is there a difference? exactly (Fisher, Barnard)  Unconditional, Fisher              unconditional.go, exacttest.go
//	two arms in strata                                MantelHaenszel, MantelHaenszelRiskDifference, MantelHaenszelRiskRatio, MantelHaenszelOddsRatio
//	                                                                                     stratified.go
//	the same by score; non-inferiority in strata      RiskDifferenceStratified           stratified_score.go
//	exactly in strata; do the strata agree?           StratifiedExact, BreslowDay        stratified.go
//	does the effect differ between subgroups?         Interaction, Homogeneity           interaction.go
//	in those who receive what they are allocated to   RiskDifferenceCompliers            compliers.go
//
// Larger tables, and the same participants again:
//
//	is there a difference? in any table               FisherRxC                          fisher_rxc.go
//	is there a difference? in large tables; trend     ContingencyTable, CochranArmitage  chisq.go
//	before and after in the same participants         McNemar, PairedRisk, PairedOddsRatio
//	                                                                                     mcnemar.go
//	three or more times; strength of association      CochranQ, Associate                chisq.go
//	how unlike are two groups in a characteristic?    StandardizedProportion, StandardizedCounts
//	                                                                                     standardized.go
//	did participants know their treatment?            Blinding                           blinding.go
//
// Counts of events:
//
//	event rates                                       Poisson, PoissonTest, RateRatioExact
//	                                                                                     rates.go
//	their ratio in strata                             RateRatioStratified                rates_stratified.go
//	their ratio beside covariates                     regress.Counts
package table
