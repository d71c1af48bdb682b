// Package lost says what is known and what is assumed of the participants of a trial
// who have no value at the visit of a comparison: their mean courses, observed and
// predicted under each assumption, and how the difference between the arms moves where
// they were worse than predicted. It works on package impute's data and fits, with
// visits by their names there; study gives them their own.
//
// # Which function answers which question
//
//	question                                                answer             file
//	who is lost, and what was observed of all?              Observe, Courses   courses.go
//	how would those lost go on under an assumption?         Courses.Assume     courses.go
//	and worse than predicted, or by a rule of old papers?   Courses.Worse, Courses.Carry
//	                                                                           courses.go
//	what is the difference where one arm's lost are worse?  Along, Step        tipping.go
//	and where the lost of both arms are?                    MapOf, Map         tipping.go
//	and where values are held inside a scale?               Held               tipping.go
//	from which delta on is a verdict lost?                  Claim.FirstLost, FirstChange
//	                                                                           tipping.go
//	which verdict has an estimate?                          VerdictOf          tipping.go
//	and which against a non-inferiority margin?             VerdictFrom        tipping.go
//	and which of equivalence?                               Claim.Verdict      tipping.go
//	completed data where the outcome is no measurement      Chain, Chained     chained.go
//	would other draws change what is significant?           Near               chained.go
package lost
