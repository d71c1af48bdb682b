// Command beam simulates trials on a cluster: scenarios, each a protocol and what is
// believed of its patients, in shards that workers share, by Apache Beam.
//
//	go -C examples/beam run . -simulate 100000 -shards 16 -out DIR -protocol P.yaml -truth T.yaml,U.yaml
//	go -C examples/beam run . -simulate 100000 -shards 16 -out DIR -protocol P.yaml -patients 40,60,80
//
// It prints what each scenario gives and leaves DIR/SCENARIO.json beside the shards in
// DIR/SCENARIO. A job that was killed is given again: only shards that are missing are
// simulated. Without other flags it runs on Beam's own runner, Prism, in this process; see
// README.md for clusters, and for when one machine does.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/flink"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/spark"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/study/simulate"
	"github.com/trialkit/trialkit/study/text"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	flags := output.NewFlags("beam", args, stderr)
	say := flags.Say
	var protocols, truths output.Paths
	flags.Var(&protocols, "protocol", say("flag-protocol"))
	flags.Var(&truths, "truth", say("flag-truth"))
	patients := flags.String("patients", "", say("flag-beam-patients"))
	var each Scenario
	flags.IntVar(&each.Trials, "simulate", 0, say("flag-simulate"))
	flags.Uint64Var(&each.Seed, "seed", 0, say("flag-seed"))
	flags.BoolVar(&each.Statistics, "sufficient", false, say("flag-sufficient"))
	flags.IntVar(&each.Shards, "shards", 16, say("flag-beam-shards"))
	out := flags.String("out", "", say("flag-beam-out"))
	cores := flags.Int("cores", 0, say("flag-beam-cores"))
	log := flags.String("log", "warn", say("flag-beam-log"))
	beamFlags(flags.FlagSet)
	if status, done := flags.Parse(args); done {
		return status
	}
	fail := func(err error) int { return output.Fail(stderr, flags.Lang, err) }
	switch *log {
	case "debug", "info", "warn", "error":
	default:
		return flags.Refuse("usage-beam", nil)
	}
	beamlog.SetupLogging(*log, "text")
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as trial -simulate
	beam.Init()                                       // a worker on another machine goes no further
	if each.Trials < 1 || each.Shards < 1 || len(protocols) == 0 || *out == "" || *cores < 0 || len(truths) > 0 && *patients != "" || flags.NArg() > 0 {
		return flags.Refuse("usage-beam", nil)
	}
	numbers := []int{0}
	if *patients != "" {
		numbers = nil
		for word := range strings.SplitSeq(*patients, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(word))
			if err != nil || n < 1 {
				return flags.Refuse("usage-beam", nil)
			}
			numbers = append(numbers, n)
		}
	}
	scenarios, err := scenariosOf(each, protocols, truths, numbers)
	if err != nil {
		return fail(err)
	}
	names := map[string]bool{}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for _, s := range scenarios {
		if names[s.Name] {
			return flags.Refuse("beam-twice", text.Args{"scenario": s.Name})
		}
		names[s.Name] = true
		// What cannot be simulated is refused here, before a cluster is asked.
		p, t, err := s.read()
		if err == nil {
			_, err = simulate.Run(ctx, p, t, simulate.Options{Trials: 1, Seed: s.Seed, Statistics: s.Statistics})
		}
		if err != nil {
			return fail(err)
		}
	}
	if !remote(*out) { // workers have another working folder
		if *out, err = filepath.Abs(*out); err != nil {
			return fail(err)
		}
	}
	pipeline, root := beam.NewPipelineWithRoot()
	build(root, scenarios, *out, *cores)
	runner := *runners.Runner
	if runner == "" {
		runner = "prism"
	}
	result, err := beam.Run(ctx, runner, pipeline)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, say("simulate-interrupted"))
		return 1
	case err != nil:
		return fail(err)
	case *jobopts.Async:
		return 0
	}
	fmt.Fprintln(stderr, flags.Words.Say("beam-shards", text.Args{"computed": counted(result, "computed"), "found": counted(result, "found")}))
	for _, s := range scenarios {
		r, err := read(ctx, *out, s.Name+".json")
		if err != nil {
			return fail(err)
		}
		fmt.Fprintf(stdout, "%s\n", s.Name)
		if err := simulate.Text(stdout, r, flags.Lang); err != nil {
			return fail(err)
		}
	}
	return 0
}

// beamFlags offers Beam's flags among the program's own: a worker is given them, too.
func beamFlags(to *flag.FlagSet) {
	flag.VisitAll(func(x *flag.Flag) {
		if to.Lookup(x.Name) != nil || strings.HasPrefix(x.Name, "test.") {
			return
		}
		set := func(s string) error { return flag.Set(x.Name, s) }
		if b, ok := x.Value.(interface{ IsBoolFlag() bool }); ok && b.IsBoolFlag() {
			to.BoolFunc(x.Name, x.Usage, set)
		} else {
			to.Func(x.Name, x.Usage, set)
		}
	})
}

// scenariosOf are all protocols with all truths, or with all numbers of patients.
func scenariosOf(each Scenario, protocols, truths []string, numbers []int) (out []Scenario, err error) {
	file := func(path string) (File, string, error) {
		b, err := os.ReadFile(path)
		base := filepath.Base(path)
		return File{path, b}, strings.TrimSuffix(base, filepath.Ext(base)), err
	}
	for _, path := range protocols {
		s := each
		var name string
		if s.Protocol, name, err = file(path); err != nil {
			return nil, err
		}
		for _, path := range truths {
			truth := ""
			if s.Truth, truth, err = file(path); err != nil {
				return nil, err
			}
			s.Name = name + "-" + truth
			out = append(out, s)
		}
		if len(truths) > 0 {
			continue
		}
		for _, n := range numbers {
			if s.Name, s.Patients = name+"-assumed", n; n > 0 {
				s.Name = name + "-" + strconv.Itoa(n)
			}
			out = append(out, s)
		}
	}
	return out, nil
}

// counted is what a job's counter says, over all workers.
func counted(result beam.PipelineResult, name string) int64 {
	var n int64
	for _, x := range result.Metrics().Query(func(r metrics.SingleResult) bool { return r.Namespace() == namespace && r.Name() == name }).Counters() {
		n += x.Result()
	}
	return n
}
