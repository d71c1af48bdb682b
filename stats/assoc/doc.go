// Package assoc asks how measurements go together: correlation, agreement of two
// methods, reliability of raters and occasions, and how well a marker tells cases
// from controls.
//
// # Which function answers which question
//
//	two measurements that go together                 Pearson, PartialCorrelation        correlation.go
//	the same by ranks, exact with ties                Spearman, Kendall                  correlation_rank.go
//	ordered categories: gamma, Somers’ D, tau-b       CountPairs                         ordinal.go
//	do two methods give the same value?               BlandAltman, LinConcordance        agreement.go, correlation.go
//	measurement error, minimal detectable change      Agreement.MeasurementError, MeasurementErrorFromICC
//	                                                                                     agreement.go, measurement.go
//	reliability of raters or occasions; a scale’s α   ICCs, CronbachAlpha                icc.go
//	do two raters choose the same category?           Kappa, Bowker, StuartMaxwell       agreement_kappa.go
//	how well a marker tells cases; best cut-off       ROC, CompareROC                    roc.go, roc_point.go
package assoc
