// Package resample compares groups by re-assigning or resampling their values:
// permutation tests, which need nothing but the randomization, and bootstrap
// intervals. Permutation tests are exact where their distribution can be computed;
// a result says by which way it was found ([PermMethod]) and from which seed.
//
// # Which function answers which question
//
//	two groups, means, medians, studentized           Permutation                        permutation.go
//	paired changes                                    PermutationPaired                  permutation_paired.go
//	re-randomization with covariates                  PermutationANCOVA                  permutation_ancova.go
//	many outcomes and visits jointly                  WestfallYoung                      westfallyoung.go
//	smallest p-value that data can give               PermutationFloor                   permutation.go
//	bootstrap interval of any statistic               Bootstrap, BootstrapMean, BootstrapSample, BootstrapStatistic
//	                                                                                     bootstrap.go, bootstrap_statistic.go
//	an interval of replicates made elsewhere          BootOf                             bootstrap_interval.go
package resample
