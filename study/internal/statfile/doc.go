// Package statfile reads the files of statistics programs: SPSS system files
// (.sav, .zsav), from their published description (the PSPP developer's guide,
// "System File Format").
//
// # Which function answers which question
//
//	question                                    answer
//	is this file one of these?                  SAV
//	what stands in it?                          ReadSAV
//
// Every reader holds the file in memory once, checks each size that the file
// states against the bytes there are before it sets memory aside, and answers
// with a *sheet.Fault where a file is cut, damaged or of another version.
package statfile
