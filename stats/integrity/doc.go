// Package integrity asks whether the numbers that a paper prints can be right, and
// what they allow once their rounding is taken into account. A number that fails is
// a question to the authors, not a proof: the functions say what cannot be, never
// why.
//
// # Which function answers which question
//
//	can these means, SDs and p-values be right?       GRIM, GRIMMER, DEBIT, CheckP, SDRange
//	                                                                                     integrity.go
//	can these percentages be right, these SDs equal?  CheckPercent, CompareSDs           integrity.go
//	a test as a paper prints it                       ParseReportedTest                  printed.go
//	differences from rounded means and SDs            WelchPrinted, StudentPrinted       printed.go
package integrity
