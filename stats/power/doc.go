// Package power asks what a design can show: power, sample size, the effect that
// can be detected, and what significance in a small trial is worth. Whoever plans
// a trial gives an effect worth finding, such as an MCID, not the one that a small
// trial happened to observe.
//
// # Which function answers which question
//
//	power, n or detectable effect: means              TDesign                            power.go
//	equivalence and non-inferiority of means          Equivalence, TDesign               power.go
//	ANCOVA                                            ANCOVANormalN                      power.go
//	several groups, correlation, chi-square           ANOVADesign, CorrelationDesign, ChiSquareDesign
//	                                                                                     power_f.go
//	any F test; a regression                          FDesign, SolveErrorDF              power_f.go
//	proportions, exact power                          ProportionDesign, ExactPower, CohenH
//	                                                                                     power_prop.go
//	a proportion not much below another               NonInferiorProportions             power_prop.go
//	for any one unknown: n, effect, power, α          TDesign.SolveAlpha and the like    power_solve.go
//	what significance in a small trial is worth       TypeSMGroups, TypeSM, DetectableD  design_errors.go
//	how small must an SD be for significance?         NeededSDDifference, NeededSDMean   design_errors.go
//	limits of a pilot's SD and correlation             UpperSD, LowerCorrelation          pilot.go
//	smallest p-value that a design can give           ArrangementFloor, SignFloor        design_errors.go
package power
