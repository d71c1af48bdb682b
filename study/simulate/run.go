package simulate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/trialkit/trialkit/study"
)

// Options of Run. The zero value simulates 10,000 trials of all the protocol's plans from
// their values, on all cores.
type Options struct {
	Trials int    // 0: 10,000
	Seed   uint64 // 0 is a seed like others
	// Plans, instead of the protocol's, all of the same trials.
	Plans []study.Plan
	// Statistics draws sufficient statistics instead of values: of complete normal values
	// without ends or steps, for Welch's t and analysis of covariance, and refused
	// elsewhere. What is found is equal in distribution, not trial by trial; the time does
	// not grow with the patients. Responders are not compared, who are no statistics.
	Statistics bool
	// NoResponders leaves out how many patients of each arm improve by what one patient
	// calls important, which is otherwise compared beside the plans of an outcome that
	// has such a threshold. With 50 against 50 and fewer that is an exact test, and takes
	// most of the time.
	NoResponders bool
	// Shard of Shards, from 1: a part of the trials, to be merged. 0 of 0: all.
	Shard, Shards int
	// Precision ends the run when the Monte Carlo standard error of the first comparison's
	// power is no larger; 0: never. It cannot be asked of a shard.
	Precision float64
	// Cores is how many trials are simulated at once; 0: as many as there are cores. It
	// changes no result.
	Cores int
	// Progress, if not nil, is called about four times a second and at the end.
	Progress func(Progress)
}

// Progress is how far a run has come.
type Progress struct {
	Done, Total int
	Rate        float64 // trials a second
	Left        time.Duration
	Power       Quantity // of the first comparison, so far
}

// chunk is how many trials a core simulates before it hands in what it counted.
const chunk = 256

// round is after how many trials Precision is looked at: always the same, so that where a
// run ends depends on the trials alone.
const round = 2048

// Run simulates trials of a protocol in a world where truth holds, and answers its plans
// in each: how often a difference is shown, which verdicts come, how far estimates and
// intervals are from the truth. The plan's own analysis is used, so that what is planned
// is what will be done.
//
// A trial depends on the seed and its number alone. It stops with the context's error,
// within one trial of any core; nothing is returned of a stopped run.
//
// It refuses a truth that cannot be (Truth.Check), plans that the protocol cannot answer, and
// plans of logarithms or with margins of ratios (Plan.Scale).
// Sources: Morris, White & Crowther 2019, doi 10.1002/sim.8086 (aims, data, estimands,
// methods, performance); Gelman & Carlin 2014, doi 10.1177/1745691614551642 (type S and M).
func Run(ctx context.Context, p study.Protocol, truth Truth, opt Options) (Result, error) {
	s, err := newSimulation(p, truth, opt)
	if err != nil {
		return Result{}, err
	}
	return s.run(ctx)
}

// simulation is a run made ready.
type simulation struct {
	w           *world
	opt         Options
	plans       []study.Plan
	comparisons []Comparison
	judges      [][]*judge // plan → active arm
	result      Result
	from, to    int
}

func newSimulation(p study.Protocol, truth Truth, opt Options) (*simulation, error) {
	if opt.Trials == 0 {
		opt.Trials = 10_000
	}
	switch {
	case opt.Trials < 1 || int64(opt.Trials) > 1<<40:
		return nil, fmt.Errorf("simulate: %d trials", opt.Trials)
	case opt.Shards < 0 || opt.Shard < 0 || opt.Shard > opt.Shards || (opt.Shard == 0) != (opt.Shards == 0):
		return nil, fmt.Errorf("simulate: no shard %d of %d", opt.Shard, opt.Shards)
	case opt.Precision < 0 || opt.Precision > 0 && opt.Shards > 0:
		return nil, errors.New("simulate: a precision is not asked of a shard, nor below 0")
	}
	w, err := newWorld(p, truth)
	if err != nil {
		return nil, err
	}
	s := &simulation{w: w, opt: opt, plans: plansOf(p, opt.Plans), to: opt.Trials}
	if !opt.NoResponders && !opt.Statistics {
		s.plans = append(s.plans, w.responderPlans(s.plans)...)
	}
	if len(s.plans) == 0 {
		return nil, errors.New("simulate: no plan of everybody randomized")
	}
	if opt.Shards > 0 {
		s.from, s.to = shardRange(opt.Trials, opt.Shard, opt.Shards)
	}
	for _, q := range s.plans {
		if q.Scale != "" {
			return nil, fmt.Errorf("simulate: a plan on the scale %q (%s at %s) is not simulated", q.Scale, q.Outcome, q.Visit)
		}
		js := w.judges(q)
		s.judges = append(s.judges, js)
		_, way, err := s.estimatorOf(q, js)
		if err != nil {
			return nil, err
		}
		for a, j := range js {
			c := Comparison{Outcome: q.Outcome, Visit: q.Visit, Arm: w.arms[a].ID, Control: w.arms[len(w.arms)-1].ID,
				Method: methodOf(q), Measure: q.Effect, Role: q.Role, Level: q.Level, Alpha: j.alpha, Margin: q.Margin, Framework: q.Framework, Way: way}
			if x := j.truth; !math.IsNaN(x) {
				c.Truth = &x
			}
			s.comparisons = append(s.comparisons, c)
		}
	}
	if s.result.Identity, err = identityOf(p, truth, opt, s.plans); err != nil {
		return nil, err
	}
	return s, nil
}

// shardRange are the trials of a shard.
func shardRange(trials, shard, shards int) (from, to int) {
	part := func(k int) int { return trials/shards*k + min(trials%shards, k) }
	return part(shard - 1), part(shard)
}

// worker is one core's memory.
type worker struct {
	t          *trial
	estimators []estimator
	findings   []finding
	counts     []tally
}

func (s *simulation) worker(ctx context.Context) (*worker, error) {
	c := &worker{t: newTrial(s.w), counts: make([]tally, len(s.comparisons)), findings: make([]finding, len(s.w.arms)-1)}
	c.t.ctx = ctx
	if s.opt.Statistics {
		if err := c.t.suffices(); err != nil {
			return nil, err
		}
	}
	for i, q := range s.plans {
		e, _, err := s.estimatorOf(q, s.judges[i])
		if err != nil {
			return nil, err
		}
		c.estimators = append(c.estimators, e)
	}
	return c, nil
}

// estimatorOf chooses how a plan is answered.
func (s *simulation) estimatorOf(q study.Plan, j []*judge) (estimator, string, error) {
	if s.opt.Statistics {
		e, err := newFromStatistics(s.w, q, j)
		return e, ByStatistics, err
	}
	return s.w.estimatorOf(q, j)
}

// one simulates a trial.
func (s *simulation) one(c *worker, k int) {
	if s.opt.Statistics {
		c.t.statistics(s.opt.Seed, uint64(k))
	} else {
		c.t.draw(s.opt.Seed, uint64(k))
	}
	arms := len(s.w.arms) - 1
	for i, e := range c.estimators {
		e.find(c.t, c.findings)
		for a := range arms {
			j := s.judges[i][a]
			origin, known := j.origin()
			c.counts[i*arms+a].add(&c.findings[a], origin, known, j.sign)
		}
	}
}

func (s *simulation) run(ctx context.Context) (Result, error) {
	cores := s.opt.Cores
	if cores < 1 {
		cores = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var stop atomic.Bool
	defer context.AfterFunc(ctx, func() { stop.Store(true) })()
	workers := make([]*worker, min(cores, (s.to-s.from)/chunk+1))
	for i := range workers {
		var err error
		if workers[i], err = s.worker(ctx); err != nil {
			return Result{}, err
		}
	}
	var mu sync.Mutex
	begun, told := time.Now(), time.Now()
	done := 0
	hand := func(c *worker, n int) {
		mu.Lock()
		defer mu.Unlock()
		for i := range c.counts {
			s.comparisons[i].tally.merge(&c.counts[i])
			c.counts[i] = tally{}
		}
		if done += n; s.opt.Progress != nil && (time.Since(told) > time.Second/4 || done == s.to-s.from) {
			told = time.Now()
			p := Progress{Done: done, Total: s.to - s.from, Power: s.comparisons[0].Power()}
			p.Rate = float64(done) / max(time.Since(begun).Seconds(), 1e-9)
			p.Left = time.Duration(float64(p.Total-done) / p.Rate * float64(time.Second))
			s.opt.Progress(p)
		}
	}
	size := s.to - s.from
	if s.opt.Precision > 0 {
		size = round
	}
	at := s.from
	for ; at < s.to && !stop.Load(); at = min(at+size, s.to) {
		end := min(at+size, s.to)
		var next atomic.Int64
		next.Store(int64(at))
		work := func(c *worker) {
			for !stop.Load() {
				first := int(next.Add(chunk)) - chunk
				if first >= end {
					return
				}
				last := min(first+chunk, end)
				for k := first; k < last; k++ {
					if stop.Load() {
						return
					}
					s.one(c, k)
					if c.t.err != nil {
						cancel(c.t.err)
						return
					}
				}
				hand(c, last-first)
			}
		}
		var wg sync.WaitGroup
		for _, c := range workers {
			wg.Go(func() { work(c) })
		}
		wg.Wait()
		// None or all rejected has no error to be estimated, however few there were.
		if x := s.comparisons[0].Power(); s.opt.Precision > 0 && !stop.Load() && x.SE > 0 && x.SE <= s.opt.Precision {
			if at = end; at < s.to {
				s.result.Stopped = true
			}
			break
		}
	}
	if err := context.Cause(ctx); err != nil {
		return Result{}, err
	}
	s.result.Ranges = [][2]int{{s.from, at}}
	s.result.Comparisons = s.comparisons
	return s.result, nil
}
