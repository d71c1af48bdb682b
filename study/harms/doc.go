// Package harms counts adverse events: who had which, in which arm, and how large the
// differences between the arms are. It reads the file or sheet in which each event has a
// line, and makes the table by kind of event and by term.
//
// # What answers which question
//
//	question                                          answer
//	where do the events stand?                        Spec, AnswerKeys
//	does a word mean yes or no?                       AnswerOf
//	the events of each participant, from a file       Read, Listing
//	participants and events by arm and term           New, Table
//	how far are two arms apart?                       Row.Contrasts
//	how often in a time of observation?               Count.EventRate, Count.Incidence
package harms
