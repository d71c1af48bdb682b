// Package nexttrial plans a trial from its protocol and what is believed beforehand
// (the key assumed): how many participants, what the trial will probably say, and how
// far all of it rests on the assumptions. It looks at no data.
//
// # Which function answers which question
//
//	question                                            answer
//	how many participants does the primary plan take?   New, Read, Plan, Comparison
//	what will the trial probably say?                   Comparison.Verdicts, Chance
//	what if the spread or the effect is another?        Plan.Sensitivity, Sensitivity
//	how well is the number established?                 Plan.Range, Range
//	a page for the protocol                             Text, Markdown, HTML, DOCX
package nexttrial
