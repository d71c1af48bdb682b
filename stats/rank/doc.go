// Package rank compares groups by the order of their values: Mann–Whitney,
// Wilcoxon's signed ranks, Kruskal–Wallis and their relatives, exact with ties.
// Ordered categories, floors and ceilings, and outliers do not disturb ranks.
//
// A test and its interval are one: the Hodges–Lehmann shift of [MannWhitney] and the
// pseudomedian of [SignedRank] have the interval of all shifts that the test does not
// reject.
//
// # Which function answers which question
//
//	two groups: test, Hodges–Lehmann shift            MannWhitney                        shift.go
//	paired changes                                    SignedRank                         signedrank.go
//	only the signs of changes                         SignTest                           signtest.go
//	two groups in strata                              VanElteren                         vanelteren.go
//	chance that treated exceeds control, win odds     Benefit, BenefitStratified         benefit.go
//	several outcomes in order of priority             WinRatio                           winratio.go
//	the same chance by t or permutation alone         BrunnerMunzel, BrunnerMunzelPermutation
//	                                                                                     brunnermunzel.go
//	the same as an effect size from −1 to 1           CliffDelta, RankBiserial, PairedRankBiserial
//	                                                                                     biserial.go
//	several groups; which differ                      KruskalWallis, KruskalWallisTest.Dunn
//	                                                                                     kruskal.go
//	several groups in an order (doses)                Jonckheere                         jonckheere.go
//	several treatments of the same participants       Friedman, Quade                    friedman.go
//	do two groups differ in spread?                   Mood, AnsariBradley                scale.go
package rank
