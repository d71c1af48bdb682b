// Package study turns one trial, described as data, into a judged result: a
// Protocol says what was done, Load reads and validates the file, Analyze
// answers a Plan, Judge compares the answer with the minimal clinically
// important difference (MCID), and a Report writes all of it.
//
//	ds, err := study.LoadFiles("protocol.yaml", "data.csv")
//	report, err := ds.AnalyzeAll()
//	report.WriteText(os.Stdout, study.ReportOptions{})
//
// LoadFiles reads from the machine, LoadFS from any fs.FS (data embedded in the
// program) and Load from any io.Reader, with a Protocol that was parsed from
// YAML (ParseProtocol) or written as a Go literal. Whatever is wrong with either
// file comes as Problems, all at once, each with its file, line and column; a
// Dataset exists only if nothing is. One question is a Plan, and its answer a
// Result: rows of active arm − control, one a method, of which the plan's own
// carries the verdict. A doubt is a Note in the row that it concerns. What has
// no value is NaN in Go and null in JSON, and a note says why.
//
// The files follow that flow: protocol.go, load.go, dataset.go, plan.go,
// analyze.go (with comparison.go, who is compared, methods.go, one method a
// function, and doubts.go, what a careful reader would object), result.go,
// mcid.go and judge.go, importance.go and bayes.go (what an effect says beside
// its threshold), responders.go and responder_effects.go, classify.go and
// omeract.go (individual change), safety.go, report.go. Instruments, their
// thresholds and scoring: instruments.yaml, instruments.go, scoring.go. Results as data,
// results.json, are a contract: results_json.md.
package study
