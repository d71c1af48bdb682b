// Package statfile reads the files of statistics programs from their published
// descriptions: SPSS system files (.sav, .zsav; the PSPP developer's guide,
// "System File Format"), SAS transport files of versions 5 and 8 (.xpt; SAS,
// "Record layout of a SAS version 5 or 6 data set in SAS transport (XPORT)
// format" and "… 8 or 9 data set …"), and Stata files of formats 113 to 119 (.dta;
// Stata, "help dta", "help dta_117" and "help dta_115").
//
// # Which function answers which question
//
//	question                                    answer
//	is this file one of these?                  SAV, XPT, DTA
//	what stands in it?                          ReadSAV, ReadXPT, ReadDTA
//
// Every reader holds the file in memory once, checks each size that the file
// states against the bytes there are before it sets memory aside, and answers
// with a *sheet.Fault where a file is cut, damaged or of another version.
package statfile
