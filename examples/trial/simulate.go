package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/trialkit/trialkit/examples/internal/output"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/simulate"
	"github.com/trialkit/trialkit/study/text"
)

// simulation is what the flags of -simulate say.
type simulation struct {
	trials, each           int
	protocol, truth, shard string
	out, json              string
	seed                   uint64
	precision              float64
	statistics             bool
}

// runSimulate simulates a protocol and prints what its plans would find, or computes a
// shard of that: -shard 3/16 writes one file into -out, -shard 16 all that are missing of
// sixteen and prints what they give together.
func runSimulate(s simulation, flags *output.Flags, stdout, stderr io.Writer) int {
	fail := func(err error) int { return output.Fail(stderr, flags.Lang, err) }
	p, err := study.ReadProtocol(os.DirFS(filepath.Dir(s.protocol)), filepath.Base(s.protocol))
	if err != nil {
		return fail(err)
	}
	opt := simulate.Options{Trials: s.trials, Seed: s.seed, Precision: s.precision, Statistics: s.statistics}
	if s.shard != "" {
		one, all, ok := strings.Cut(s.shard, "/")
		if !ok {
			one, all = "0", s.shard
		}
		k, err1 := strconv.Atoi(one)
		n, err2 := strconv.Atoi(all)
		if err1 != nil || err2 != nil || n < 1 || k < 0 || k > n || ok && k < 1 || s.out == "" {
			return flags.Refuse("flag-no-shard", text.Args{"shard": s.shard})
		}
		opt.Shard, opt.Shards = k, n
	}
	var truth simulate.Truth
	if s.truth != "" {
		truth, err = simulate.ReadTruth(os.DirFS(filepath.Dir(s.truth)), filepath.Base(s.truth), p)
	} else {
		truth, err = simulate.Assumed(p, s.each)
	}
	if err != nil {
		return fail(err)
	}
	// Mixed models leave much behind; collecting it less often costs some tens of MB.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	progress := output.NewProgress(stderr, flags.Words)
	opt.Progress = func(x simulate.Progress) {
		progress.Say("progress-simulated", text.Args{"done": x.Done, "total": x.Total, "rate": x.Rate, "left": x.Left.Round(time.Second).String(),
			"power": 100 * x.Power.Value, "error": 100 * x.Power.SE})
	}
	var r simulate.Result
	if opt.Shards > 0 {
		if err = os.MkdirAll(s.out, 0o755); err == nil {
			r, err = simulate.RunShards(ctx, p, truth, opt, s.out)
		}
	} else {
		r, err = simulate.Run(ctx, p, truth, opt)
	}
	progress.Clear()
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, flags.Words.Say("simulate-interrupted", nil))
		return 1
	}
	if err != nil {
		return fail(err)
	}
	switch {
	case s.json == "-":
		e := json.NewEncoder(stdout)
		e.SetIndent("", " ")
		err = e.Encode(r)
	case opt.Shard > 0:
		_, err = fmt.Fprintln(stdout, filepath.Join(s.out, simulate.ShardFile(opt.Shard, opt.Shards)))
	default:
		err = simulate.Text(stdout, r, flags.Lang)
	}
	if err != nil {
		return fail(err)
	}
	return 0
}
