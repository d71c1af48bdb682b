// Command trial analyzes anyone's trial: a protocol in YAML and a data file.
//
//	go run ./examples/trial -protocol protocol.yaml -data data.csv -out report
//
// It prints the report on one page, with -supplement also what stands behind it.
// With -out it writes all of it as report.md, .html and .docx, with tables.csv,
// results.csv, results.json and the figures (-figures, -format, -style, -width;
// -format tex,ard adds tables.tex and ard.csv), into that folder: whole or, after an
// error or an interrupt, not at all. With -json - it prints results.json alone and writes no files. Where the input is bad it writes
// every problem to standard error as file:line:column: problem, writes no
// files and ends with status 1. Doubts about how the file was read, such as
// values that look like codes of missing ones, stand on standard error too.
//
// Several files, -data dm.csv -data vas.xlsx or -data dm.csv,vas.xlsx, are joined by
// participant; data.files in the protocol names them where it has to say more.
//
// With -dictionary FILE a dictionary (REDCap, Castor, Dataset-JSON) says labels, units,
// ranges and words of values that the protocol does not; -init uses it too.
//
//	go run ./examples/trial -protocol protocol.yaml -data data.csv -check
//
// looks at the data without arms, before the analysis and as often as wanted: what
// was read, missing and impossible values, Table 1 of all. It ends with status 2
// where the data cannot be read.
//
//	go run ./examples/trial -protocol protocol.yaml -data data.csv -compare old/results.json
//
// says what has changed since: version, participants, planned estimates.
//
//	go run ./examples/trial -protocol protocol.yaml -data data.csv -imputed sets.csv
//
// writes beside the report the completed data sets of plans that impute, a row a value
// with the number of the imputation and whether it was imputed.
//
//	go run ./examples/trial -init data.xlsx
//
// proposes a protocol: on a terminal it asks what no file tells, question by
// question, and writes the finished protocol beside the data; else it prints the
// proposal with a ? where an answer is needed.
//
//	go run ./examples/trial -table data.xlsx
//
// shows what stands in a file of any format, before a protocol says what it means:
// every sheet, hidden ones too (-sheet: that one), its columns and first rows, what
// the file itself says of them and what was decided in reading. With -json - it
// prints all cells as JSON.
//
//	go run ./examples/trial -simulate 10000 -protocol protocol.yaml -truth truth.yaml
//
// draws so many trials from what is believed of the patients and answers the protocol's
// plans in each: power, bias, coverage, the probability of each verdict. Without -truth
// the protocol's assumed: says what is believed, and -patients how many an arm has. With
// -shard 3/16 -out DIR it computes the third of sixteen parts into a file; -shard 16 -out
// DIR computes those that are missing and prints what all give together.
//
//	go run ./examples/trial -plan -protocol protocol.yaml
//
// plans the trial from what the protocol assumes beforehand (the key assumed, each number
// with its source): participants an arm with loss, what the trial will probably say, how
// far that rests on spread and effect, and the R call that gives the same power. -power
// is what is asked for (0.9); -out writes plan.md, .html, .docx and the figure. No data
// are read.
//
//	go run ./examples/trial -verify
//
// computes reference cases of R, NIST and others on this machine and compares
// them: a record that the installation computes what it should, as JSON with
// -json - or -json FILE. It ends with status 1 where a case fails.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/examples/internal/verify"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

func main() {
	output.LimitMemory()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	flags := output.NewFlags("trial", args, stderr)
	protocol := flags.String("protocol", "", flags.Say("flag-protocol"))
	data := &output.Paths{}
	flags.Var(data, "data", flags.Say("flag-data"))
	dictionary := &output.Paths{}
	flags.Var(dictionary, "dictionary", flags.Say("flag-dictionary"))
	out := flags.String("out", "", flags.Say("flag-out"))
	json := flags.String("json", "", flags.Say("flag-json"))
	showP := flags.Bool("show-p", false, flags.Say("flag-show-p"))
	supplement := flags.Bool("supplement", false, flags.Say("flag-supplement"))
	check := flags.Bool("check", false, flags.Say("flag-check"))
	compare := flags.String("compare", "", flags.Say("flag-compare"))
	initial := flags.String("init", "", flags.Say("flag-init"))
	table := flags.String("table", "", flags.Say("flag-table"))
	sheet := flags.String("sheet", "", flags.Say("flag-sheet"))
	imputed := flags.String("imputed", "", flags.Say("flag-imputed"))
	verifies := flags.Bool("verify", false, flags.Say("flag-verify"))
	var sim simulation
	flags.IntVar(&sim.trials, "simulate", 0, flags.Say("flag-simulate"))
	flags.StringVar(&sim.truth, "truth", "", flags.Say("flag-truth"))
	flags.IntVar(&sim.each, "patients", 0, flags.Say("flag-patients"))
	flags.Uint64Var(&sim.seed, "seed", 0, flags.Say("flag-seed"))
	flags.StringVar(&sim.shard, "shard", "", flags.Say("flag-shard"))
	flags.Float64Var(&sim.precision, "precision", 0, flags.Say("flag-precision"))
	flags.BoolVar(&sim.statistics, "sufficient", false, flags.Say("flag-sufficient"))
	plans := flags.Bool("plan", false, flags.Say("flag-plan"))
	target := flags.Float64("power", 0.9, flags.Say("flag-power"))
	drawing := flags.DrawingFlags()
	if status, done := flags.Parse(args); done {
		return status
	}
	if *imputed != "" && (sim != (simulation{}) || *plans || *table+*initial != "" || *verifies || *check || *json != "" && *imputed == "-") {
		return flags.Refuse("usage-trial", nil)
	}
	if sim != (simulation{}) {
		if sim.trials < 1 || *protocol == "" || data.String()+*compare+*initial+*table != "" || *showP || *supplement || *check || *verifies || flags.NArg() > 0 ||
			*json != "" && *json != "-" || *out != "" && sim.shard == "" {
			return flags.Refuse("usage-simulate", nil)
		}
		sim.protocol, sim.out, sim.json = *protocol, *out, *json
		return runSimulate(sim, flags, stdout, stderr)
	}
	if *plans {
		if *protocol == "" || data.String()+*json+*compare+*initial+*table+*sheet != "" || *showP || *supplement || *check || *verifies || flags.NArg() > 0 {
			return flags.Refuse("usage-plan", nil)
		}
		files, status, done := drawing.Options(report.Options{Lang: flags.Lang})
		if done {
			return status
		}
		return runPlan(*protocol, *out, *target, files, flags, stdout, stderr)
	}
	if *table != "" {
		if *protocol+data.String()+*out+*compare+*initial != "" || *showP || *supplement || *check || *verifies || flags.NArg() > 0 || *json != "" && *json != "-" {
			return flags.Refuse("usage-trial", nil)
		}
		return runTable(*table, *sheet, *json == "-", flags, stdout, stderr)
	}
	if *initial != "" {
		if data.String()+*out+*json+*compare != "" || *showP || *supplement || *check || *verifies || flags.NArg() > 0 {
			return flags.Refuse("usage-trial", nil)
		}
		return runInit(*initial, *sheet, *protocol, *dictionary, flags, terminal(), stdout, stderr)
	}
	if *sheet != "" {
		return flags.Refuse("usage-sheet", nil)
	}
	if *verifies && *protocol+data.String()+*out == "" && !*showP && !*check && *compare == "" && flags.NArg() == 0 {
		cases, err := verify.Cases()
		if err != nil {
			return output.Fail(stderr, flags.Lang, err)
		}
		return runVerify(cases, *json, flags, stdout, stderr)
	}
	if *verifies || *protocol == "" || data.String() == "" || flags.NArg() > 0 || (*json != "" && *json != "-") || *check && *out+*json+*compare != "" || *compare != "" && *json != "" {
		return flags.Refuse("usage-trial", nil)
	}
	opt := report.Options{Lang: flags.Lang, ShowP: *showP, Supplement: *supplement}
	files, status, done := drawing.Options(opt)
	if done {
		return status
	}
	reading := output.NewProgress(stderr, flags.Words)
	reading.Reading(data.String())
	ds, err := study.LoadFilesWith(*protocol, *data, *dictionary)
	reading.Clear()
	if *check {
		if err == nil {
			err = report.Check(stdout, ds, opt)
		}
		if err != nil {
			output.Fail(stderr, flags.Lang, err)
			return 2
		}
		return 0
	}
	if err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	if err := output.Doubts(stderr, ds, data.String(), flags.Lang); err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	if *imputed != "" {
		var sets bytes.Buffer
		if err := ds.WriteImputed(context.Background(), &sets); err != nil {
			return output.Fail(stderr, flags.Lang, fmt.Errorf("%s: %w", *protocol, err))
		}
		if *imputed == "-" {
			if _, err := sets.WriteTo(stdout); err != nil {
				return output.Fail(stderr, flags.Lang, err)
			}
			return 0
		}
		if err := os.WriteFile(*imputed, sets.Bytes(), 0o644); err != nil {
			return output.Fail(stderr, flags.Lang, err)
		}
	}
	var earlier []byte // read before it may be written anew
	if *compare != "" {
		if earlier, err = os.ReadFile(*compare); err != nil {
			return output.Fail(stderr, flags.Lang, err)
		}
	}
	output.LimitMemory()
	progress := output.NewProgress(stderr, flags.Words)
	rep, err := ds.AnalyzeAllTelling(context.Background(), progress.Analyzed)
	progress.Clear()
	if err != nil {
		return output.Fail(stderr, flags.Lang, fmt.Errorf("%s: %w", *protocol, err))
	}
	var changes bytes.Buffer
	if *compare != "" {
		if err := report.Compare(&changes, bytes.NewReader(earlier), rep, opt); err != nil {
			return output.Fail(stderr, flags.Lang, fmt.Errorf("%s: %w", *compare, err))
		}
	}
	if *json == "-" {
		if err := report.JSON(stdout, rep, opt); err != nil {
			return output.Fail(stderr, flags.Lang, err)
		}
		return 0
	}
	if *out != "" {
		if err := output.Write(*out, rep, files, stderr); err != nil {
			return output.Fail(stderr, flags.Lang, err)
		}
	}
	if *compare != "" {
		if _, err := changes.WriteTo(stdout); err != nil {
			return output.Fail(stderr, flags.Lang, err)
		}
		return 0
	}
	if err := report.Text(stdout, rep, opt); err != nil {
		return output.Fail(stderr, flags.Lang, err)
	}
	return 0
}
