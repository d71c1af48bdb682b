// Package report writes the analysis of a whole trial, a study.Report, for its
// readers: as text for a terminal, as Markdown, for Word, and as data (results.csv,
// results.json). It decides nothing: which row decides, which threshold judges
// and who is analyzed is in the report that it is given. Every sentence is the
// catalog's (package text), in each of its languages.
//
//	ds, err := study.LoadFiles("protocol.yaml", "data.csv")
//	rep, err := ds.AnalyzeAll()
//	err = Text(os.Stdout, rep, Options{})
//
// # What answers which question
//
//	question                                          answer
//	the report on a terminal                          Text, Options
//	the report in a document                          Markdown, DOCX, Figure
//	the report in one file for a browser              HTML
//	what loading decided, and which rows it left out  Loaded
//	the results for another program                   JSON (results_json.md), CSV
//	the tables for a spreadsheet, in its language     TablesCSV
//	analysis results data, a line a statistic         ARD
//	what stands in a file, before a protocol          Look
//	what was loaded, without arms                     Check
//	what has changed since an earlier results.json    Compare
//	the tables for LaTeX                              LaTeX
//	all of them in a folder                           Files, Formats
//	who was studied, as a table                       Table1, Table1With, Table1Of
//	means, SDs and differences, as a table            ResultsTable, ResultsTableWith
//	the declared subgroups, as a table                SubgroupsTable
//	the trend along the doses, as a table             TrendTable
//	adverse events by term, and by time observed      HarmsTable, HarmRatesTable
//	how much was taken, and was it recognized?        AdherenceTable, BlindingTable
//	what became of everyone, as a table               FlowTable, FlowTableWith
//	one verdict in words                              Sentence
//	one doubt in words                                Note
package report
