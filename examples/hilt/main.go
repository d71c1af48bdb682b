// Command hilt analyzes the HILT knee study: ten women, one session of active
// or placebo high-intensity laser, pain, joint position sense and thigh
// strength before, right after and 24 hours later. The data are simulated (see
// testdata/studies/hilt) and the report says so wherever it matters.
//
//	go run ./examples/hilt
//
// With -margin it also judges pain by that margin under other spreads, as the
// data's means were given and their spread was invented.
//
// It prints the report on one page (-supplement: and what stands behind it) and
// writes all of it as report.md, .html and .docx, with tables.csv, results.csv,
// results.json and the figures (-figures, -format, -style, -width;
// -format tex,ard adds tables.tex and ard.csv), into hilt-report/ or the folder named
// by -out: whole or, after an error or an interrupt, not at all.
package main

import (
	"io"
	"os"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/testdata/studies"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := output.NewFlags("hilt", args, stderr)
	out := flags.String("out", "hilt-report", flags.Say("flag-out"))
	showP := flags.Bool("show-p", false, flags.Say("flag-show-p"))
	supplement := flags.Bool("supplement", false, flags.Say("flag-supplement"))
	margin := flags.Float64("margin", 0, flags.Say("flag-spread-margin"))
	drawing := flags.DrawingFlags()
	if status, done := flags.Parse(args); done {
		return status
	}
	opt := report.Options{Lang: flags.Lang, ShowP: *showP, Supplement: *supplement}
	files, status, done := drawing.Options(opt)
	if done {
		return status
	}
	ds, err := study.LoadFS(studies.FS, "hilt/protocol.yaml", "hilt/data.csv")
	if err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	rep, err := ds.AnalyzeAll()
	if err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	if err := output.Write(*out, rep, files, stderr); err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	if err := report.Text(stdout, rep, opt); err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	if *margin > 0 {
		if rep, err = rep.In(flags.Lang); err == nil {
			err = writeSpreads(stdout, rep, *margin, flags.Words)
		}
		if err != nil {
			return output.Fail(stderr, flags.Lang, err)
		}
	}
	return 0
}
