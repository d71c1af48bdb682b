// Package study turns one trial, described as data, into a judged result: a
// Protocol says what was done, Load reads and validates the file, Analyze
// answers a Plan, Judge compares the answer with the minimal clinically
// important difference (MCID), and a Report writes all of it.
//
// The files follow that flow: protocol.go, load.go, dataset.go, plan.go,
// analyze.go, result.go, mcid.go, responders.go, safety.go, report.go.
package study
