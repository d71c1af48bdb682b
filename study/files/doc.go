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
//
// # What is kept of each format
//
// Names of columns are kept of all of them. Where a format cannot say which codes
// are missing, a code is a number until the protocol's data.missing names it.
//
//	format               type of a column            label  words of values  missing, with its reason           place of a cell
//	text (CSV and alike) judged from the values      no     no               empty only                         line:column
//	.xlsx, .xlsm         stored, dates by style      no     no               empty only                         sheet!B7
//	.ods, .fods          stored value, not its text  no     no               empty only                         sheet!B7
//	.sav, .zsav          stored, dates by format     yes    yes              empty, declared codes and a range  row:column
//	.xpt (5, 8)          stored, dates by format     yes    not in the file  empty, .A to .Z and ._             member:row:column
//	.dta (113 to 119)    stored, dates by format     yes    yes              empty, .a to .z (shown .A to .Z)   row:column
//	Dataset-JSON 1.1     as its metadata say         yes    not in the file  null                               data set:row:column
package files
