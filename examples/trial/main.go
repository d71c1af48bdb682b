// Command trial analyzes anyone's trial: a protocol in YAML and a data file.
//
//	go run ./examples/trial -protocol protocol.yaml -data data.csv -out report
//
// It prints the report and, with -out, writes report.md, results.csv,
// results.json and the figures into that folder. With -json - it prints
// results.json alone and writes no files. Where the input is bad it writes
// every problem to standard error as file:line:column: problem, writes no
// files and ends with status 1.
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
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("trial", flag.ContinueOnError)
	flags.SetOutput(stderr)
	protocol := flags.String("protocol", "", "the trial's protocol, YAML")
	data := flags.String("data", "", "the trial's data, CSV")
	out := flags.String("out", "", "folder for report, results and figures")
	json := flags.String("json", "", `"-" prints results.json and nothing else, and writes no files`)
	lang := flags.String("lang", "en", "language of the report: en or nl")
	showP := flags.Bool("show-p", false, "print unadjusted p-values of comparisons that are not primary")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	words, err := text.In(*lang)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	if *protocol == "" || *data == "" || flags.NArg() > 0 || (*json != "" && *json != "-") {
		fmt.Fprintln(stderr, words.Say("usage-trial", nil))
		return 2
	}
	opt := study.ReportOptions{Lang: *lang, ShowP: *showP}
	ds, err := study.LoadFiles(*protocol, *data)
	if err != nil {
		return output.Fail(stderr, err)
	}
	report, err := ds.AnalyzeAll()
	if err != nil {
		return output.Fail(stderr, fmt.Errorf("%s: %w", *protocol, err))
	}
	if *json == "-" {
		if err := report.WriteJSON(stdout, opt); err != nil {
			return output.Fail(stderr, err)
		}
		return 0
	}
	if *out != "" {
		if err := output.Write(*out, report, opt, stderr); err != nil {
			return output.Fail(stderr, err)
		}
	}
	if err := report.WriteText(stdout, opt); err != nil {
		return output.Fail(stderr, err)
	}
	return 0
}
