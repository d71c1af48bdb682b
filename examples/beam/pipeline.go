package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/simulate"
)

// Scenario is a protocol and what is believed of its patients, simulated in shards. A job
// carries both in their files' own words, so that a worker needs no file of the machine
// that started it.
type Scenario struct {
	Name            string
	Protocol, Truth File
	Patients        int // in each arm, where there is no Truth
	Trials, Shards  int
	Seed            uint64
	Statistics      bool
}

// File is a file's name, for errors, and what it says.
type File struct {
	Name string
	Text []byte
}

// read understands a scenario's files.
func (s Scenario) read() (p study.Protocol, t simulate.Truth, err error) {
	if p, err = study.ParseProtocol(bytes.NewReader(s.Protocol.Text), s.Protocol.Name); err != nil {
		return p, t, err
	}
	if s.Truth.Name == "" {
		t, err = simulate.Assumed(p, s.Patients)
	} else {
		t, err = simulate.ParseTruth(bytes.NewReader(s.Truth.Text), s.Truth.Name, p)
	}
	return p, t, err
}

func (s Scenario) options() simulate.Options {
	return simulate.Options{Trials: s.Trials, Seed: s.Seed, Statistics: s.Statistics, Shards: s.Shards}
}

// Task is one shard of a scenario, from 1.
type Task struct{ Scenario, Shard int }

func init() {
	register.DoFn3x1[context.Context, Task, func(int, []byte), error](&simulateShard{})
	register.DoFn3x1[context.Context, int, func(*[]byte) bool, error](&mergeScenario{})
	register.Emitter2[int, []byte]()
	register.Iter1[[]byte]()
}

// build makes the pipeline: every shard of every scenario is simulated somewhere, where
// its file is not there yet, and the shards of a scenario become one result.
func build(s beam.Scope, scenarios []Scenario, out string, cores int) {
	var tasks []Task
	for i, x := range scenarios {
		for k := range x.Shards {
			tasks = append(tasks, Task{i, k + 1})
		}
	}
	// Without Reshuffle a runner may keep the tasks where Create made them: on one worker.
	spread := beam.Reshuffle(s, beam.CreateList(s, tasks))
	shards := beam.ParDo(s, &simulateShard{Scenarios: scenarios, Out: out, Cores: cores}, spread)
	beam.ParDo0(s, &mergeScenario{Scenarios: scenarios, Out: out}, beam.GroupByKey(s, shards))
}

const namespace = "trialkit"

// What a job counts: shards that it simulated, and that were there.
var (
	computed = beam.NewCounter(namespace, "computed")
	found    = beam.NewCounter(namespace, "found")
)

// simulateShard turns a task into its shard's result, by its scenario.
type simulateShard struct {
	Scenarios []Scenario
	Out       string
	Cores     int

	read []input
}

type input struct {
	protocol study.Protocol
	truth    simulate.Truth
}

// Setup reads the scenarios, once a worker.
func (f *simulateShard) Setup() error {
	f.read = nil
	for _, s := range f.Scenarios {
		p, t, err := s.read()
		if err != nil {
			return err
		}
		f.read = append(f.read, input{p, t})
	}
	return nil
}

// ProcessElement may be called again for a task, here or elsewhere, whenever a runner
// thinks that one was lost: a shard that is there is read, and one that two workers
// simulate at once has the same bytes from both.
func (f *simulateShard) ProcessElement(ctx context.Context, t Task, emit func(int, []byte)) error {
	s := f.Scenarios[t.Scenario]
	opt := s.options()
	opt.Shard, opt.Cores = t.Shard, f.Cores
	name := simulate.ShardFile(t.Shard, s.Shards)
	r, there, err := stored(ctx, f.Out, s.Name, name, func(dir string) (simulate.Result, error) {
		return simulate.RunShards(ctx, f.read[t.Scenario].protocol, f.read[t.Scenario].truth, opt, dir)
	})
	if err != nil {
		return fmt.Errorf("%s, %s: %w", s.Name, name, err)
	}
	if there {
		found.Inc(ctx, 1)
	} else {
		computed.Inc(ctx, 1)
	}
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	emit(t.Scenario, b)
	return nil
}

// mergeScenario writes one result of a scenario's shards.
type mergeScenario struct {
	Scenarios []Scenario
	Out       string
}

func (f *mergeScenario) ProcessElement(ctx context.Context, scenario int, next func(*[]byte) bool) error {
	s := f.Scenarios[scenario]
	var parts []simulate.Result
	for b := []byte(nil); next(&b); {
		var r simulate.Result
		if err := json.Unmarshal(b, &r); err != nil {
			return err
		}
		parts = append(parts, r)
	}
	r, err := simulate.Merge(parts...)
	if err == nil && r.Trials() != s.Trials {
		err = fmt.Errorf("%d of %d trials", r.Trials(), s.Trials)
	}
	if err == nil {
		err = write(ctx, f.Out, s.Name+".json", r)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	return nil
}
