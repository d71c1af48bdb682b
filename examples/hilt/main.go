// Command hilt analyzes the HILT knee study: ten women, one session of active
// or placebo high-intensity laser, pain, joint position sense and thigh
// strength before, right after and 24 hours later. The data are simulated (see
// testdata/studies/hilt) and the report says so wherever it matters.
//
//	go run ./examples/hilt
//
// It prints the report and writes report.md, results.csv, results.json and the
// figures into hilt-report/ or the folder named by -out.
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
	flags := flag.NewFlagSet("hilt", flag.ContinueOnError)
	flags.SetOutput(stderr)
	out := flags.String("out", "hilt-report", "folder for report, results and figures")
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
	ds, err := study.LoadFS(studies.FS, "hilt/protocol.yaml", "hilt/data.csv")
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
