// Package files reads the files that trials come in: a file becomes a Table of
// rows and fields that keep their places, numbers keep the digits that were
// written, and what is wrong is a Problem with its line and column. It knows
// nothing of arms, visits or outcomes but what it is asked for; package study does.
//
// # What answers which question
//
//	question                                          answer                                    file
//	what stands in the file, row by row?              Read, Options, Table, Column, Row         read.go, table.go, sheets.go, header.go
//	what is seen in it, before a protocol?            Tables, View, ViewCell, Table.Fit         formats.go, view.go, fit.go
//	what stands in several files of one trial?        Join, JoinOptions                         join.go
//	what do files beside the data say of columns?     NewDictionary, Dictionary                 dictionary.go
//	which encodings may be stated?                    KnownEncoding                             encoding.go
//	is a small file text at all?                      Text                                      read.go
//	which number did the file write?                  Value, ParsePlain, Decimal                decimal.go, number.go
//	is a difference exactly the threshold?            Value.Minus, Value.Compare, Value.OnGrid  decimal.go
//	is 1.250 a thousand and a quarter, or 1.25?       Signs, SettleSigns                        signs.go
//	is it a number, an answer or a missing value?     IsNumeral, PlainDigits, IsWord, AbsentWord, IsSheetError number.go, dialect.go
//	a file that is in memory already                  Bytes                                     read.go
//	what is wrong, and where?                         Problem, NewProblem, Problems, Place      problem.go
//	columns for a formula, without a protocol         Table.Frame, ColumnOptions, Reading, Left frame.go
//	a trial of repeated measures, without one         Table.Trial, TrialColumns                 frame.go
package files
