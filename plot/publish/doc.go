// Package publish draws a report's figures and writes them beside it.
//
//	report, err := ds.AnalyzeAll()
//	undrawn, err := publish.Folder("out", report, publish.Options{})
//
// # Which function answers which question
//
//	question                                              answer
//	the report with its figures in a folder               Folder, FolderContext
//	the plan of a trial with its figure                   PlanFolder, PlanFiles
//	which figures there are                               Kinds
//	which of them a report has unasked                    DefaultKinds
//	the same files as bytes                               Files
//	the figures alone, as bytes for a page of your own    Figures, FiguresContext
//	the figures inside report.HTML                        Attach
package publish
