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
// It prints the report and writes report.md, results.csv, results.json and the
// figures into dropout-report/ or the folder named by -out: also the means that
// the model estimates, in pain-lsmeans.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/text"
	"github.com/trialkit/trialkit/testdata/studies"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("dropout", flag.ContinueOnError)
	flags.SetOutput(stderr)
	out := flags.String("out", "dropout-report", "folder for report, results and figures")
	lang := flags.String("lang", "en", "language of the report: en or nl")
	showP := flags.Bool("show-p", false, "print unadjusted p-values of comparisons that are not primary")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if _, err := text.In(*lang); err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	opt := study.ReportOptions{Lang: *lang, ShowP: *showP}
	ds, err := study.LoadFS(studies.FS, "dropout/protocol.yaml", "dropout/data.csv")
	if err != nil {
		return output.Fail(stderr, err)
	}
	report, err := ds.AnalyzeAll()
	if err != nil {
		return output.Fail(stderr, err)
	}
	if err := output.Write(*out, report, opt, stderr); err != nil {
		return output.Fail(stderr, err)
	}
	if err := report.WriteText(stdout, opt); err != nil {
		return output.Fail(stderr, err)
	}
	return 0
}
