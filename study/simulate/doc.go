// Package simulate runs a trial before it is run: it draws trials of a protocol from what
// is believed of its patients and answers the protocol's own plans in each.
//
// # Which function answers which question
//
//	question                                              answer
//	what is believed of the patients?                     Truth, ParseTruth, ReadTruth, Assumed
//	can that be true?                                     Truth.Check
//	how does the plan fare?                               Run, Options, Progress
//	power, type I error                                   Comparison.Power, Comparison.InFavor
//	bias, coverage, error                                 Comparison.Bias, Comparison.Coverage, Comparison.RMSE
//	standard errors, of the estimates and as reported     Comparison.EmpiricalSE, Comparison.ModelSE
//	which verdict will there be?                          Comparison.Verdict, Comparison.Harm
//	how misleading is a significant estimate?             Comparison.TypeS, Comparison.TypeM
//	in parts, on many machines, or again after a stop     RunShards, ShardFile, Merge
//	keep a result, print it                               WriteResult, ReadResult, Text
//	how often is there no answer, and why?                Comparison.Failures, Comparison.Withheld
//
// # How
//
// A trial is drawn from a stream of random numbers that its number and the seed determine,
// and goes through the plan's deciding analysis. For Welch's t and analysis of covariance
// that analysis is written here once more, without allocations (ByValues), and agrees with
// Dataset.Analyze to 1e-12; the odd trial that has no answer, or one at the edge of
// rounding, is answered by study's whole analysis, and so are plans of other kinds
// (ByAnalysis, which Comparison.Way says). How many patients of each arm improve importantly is
// compared beside, as in a report. What is counted are whole numbers and exact
// sums: cores, shards and their order change nothing.
package simulate
