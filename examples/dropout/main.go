// Command dropout is a worked example of a trial in which many participants
// leave before the end. The data are SIMULATED (see testdata/studies/dropout):
// who still hurts tends to stay away, so that the completers of the control arm
// look better than its participants were. The protocol's plan is a mixed model
// for repeated measures (MMRM), which uses every value observed; constrained
// longitudinal data analysis (cLDA) and the analyses of complete cases stand
// beside it.
//
//	go run ./examples/dropout
//
// It prints the report and writes it as report.md, .html and .docx, with
// results.csv, results.json and the figures, into dropout-report/ or the folder named by -out: also the mean
// changes that the model estimates and the differences under them, in pain-lsmeans.
package main

import (
	"io"
	"os"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/plot/publish"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/testdata/studies"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := output.NewFlags("dropout", args, stderr)
	out := flags.String("out", "dropout-report", flags.Say("flag-out"))
	showP := flags.Bool("show-p", false, flags.Say("flag-show-p"))
	if status, done := flags.Parse(args); done {
		return status
	}
	opt := report.Options{Lang: flags.Lang, ShowP: *showP}
	ds, err := study.LoadFS(studies.FS, "dropout/protocol.yaml", "dropout/data.csv")
	if err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	rep, err := ds.AnalyzeAll()
	if err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	if err := output.Write(*out, rep, publish.Options{Report: opt}, stderr); err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	if err := report.Text(stdout, rep, opt); err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	return 0
}
