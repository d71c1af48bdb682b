// Package power asks what a design can show: power, sample size, the effect that
// can be detected, and what significance in a small trial is worth. Whoever plans
// a trial gives the difference between arms that would matter (an MCID is one patient's
// change), not the one that a small trial happened to observe.
//
// # Which function answers which question
//
//	power, n or detectable effect: means              TDesign                            power.go
//	equivalence and non-inferiority of means          Equivalence, TDesign               power.go
//	ANCOVA, its baseline random; roughly              ANCOVADesign, ANCOVANormalN        ancova.go, power.go
//	several visits with loss (MMRM)                   MMRMDesign                         mmrm.go
//	several groups, correlation, chi-square           ANOVADesign, CorrelationDesign, ChiSquareDesign
//	                                                                                     power_f.go
//	any F test; a regression                          FDesign, SolveErrorDF              power_f.go
//	several arms against one control                  DunnettDesign, DunnettPower        arms.go
//	several outcomes, all of which must hold          CoPrimaryDesign                    arms.go
//	proportions, roughly; exact power                 ProportionDesign, ExactPower, CohenH
//	                                                                                     power_prop.go
//	n of exact tests: first, and never lost           ExactProportions, ExactSize, SolveSaw  exact_n.go
//	a proportion not much below another               NonInferiorProportions             power_prop.go
//	ordered categories, ranks, win ratio              OrdinalDesign, MannWhitneyDesign, WinRatioDesign
//	                                                                                     ordinal.go
//	counts of events                                  CountDesign                        counts.go
//	events of a log-rank test, and patients           LogRankDesign, Recruitment         survival.go
//	randomized clusters                               ClusterDesign                      cluster.go
//	crossover, also for equivalence                   CrossoverDesign                    crossover.go
//	how wide will the interval be?                    PrecisionDesign, PrecisionProportion, PrecisionCorrelation
//	                                                                                     precision.go
//	power over what is believed of the effect         AssuranceDesign                    assurance.go
//	for any one unknown: n, effect, power, α          TDesign.SolveAlpha and the like    power_solve.go
//	an SD, an ICC, any other unknown                  SolveFor                           normal_design.go
//	how large a pilot, and what it costs              PilotSize, NewPilotRisk, PilotRisk pilot.go
//	limits of a pilot's SD and correlation            UpperSD, LowerCorrelation          pilot.go
//	what significance in a small trial is worth       TypeSMGroups, TypeSM, DetectableD  design_errors.go
//	how small must an SD be for significance?         NeededSDDifference, NeededSDMean   design_errors.go
//	smallest p-value that a design can give           ArrangementFloor, SignFloor        design_errors.go
package power
