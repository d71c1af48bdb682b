package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// Answers are where theory has them: ANCOVA of 60 + 60, difference 1 with SD 2 and
// correlation .5, has the standard error 2√(.75·2/60) and so on.
func TestRunFindsWhatTheoryHas(t *testing.T) {
	p := pain(study.ANCOVA, "w6")
	r, err := Run(context.Background(), p, believed(p, 60, 1), Options{Trials: 20_000, Seed: 5})
	require.NoError(t, err)
	require.Len(t, r.Comparisons, 2)
	share := r.Comparisons[1]
	assert.Equal(t, study.Method("responders"), share.Method)
	assert.InDelta(t, 0, share.Bias().Value, 4*share.Bias().SE)
	assert.InDelta(t, .95, share.Coverage().Value, .02)
	c := r.Comparisons[0]
	require.NotNil(t, c.Truth)
	assert.Equal(t, -1.0, *c.Truth)
	within := func(want float64, q Quantity, what string) {
		t.Helper()
		assert.InDelta(t, want, q.Value, 4*q.SE, what)
		assert.Greater(t, q.SE, 0.0, what)
	}
	within(0, c.Bias(), "bias")
	within(.95, c.Coverage(), "coverage")
	se := math.Sqrt(4 * .75 * 2 / 60 * 118 / 116) // the regression's share in expectation, nearly
	within(se, c.EmpiricalSE(), "SD of estimates")
	assert.InDelta(t, se, c.ModelSE().Value, 0.002)
	within(se, c.RMSE(), "RMSE")
	within(-1, c.Mean(), "mean")
	all := 0.0
	for _, v := range []study.Verdict{study.Definite, study.Probable, study.Possible, study.DefinitelyNot} {
		q, zero := c.Verdict(v)
		all += q.Value
		assert.LessOrEqual(t, zero.Value, q.Value)
	}
	assert.InDelta(t, 1, all, 1e-12)
	// The truth is at the threshold: half of the estimates reach it, one interval in forty is beyond.
	probable, _ := c.Verdict(study.Probable)
	definite, _ := c.Verdict(study.Definite)
	assert.InDelta(t, .5, probable.Value+definite.Value, .02)
	assert.InDelta(t, .025, definite.Value, .006)
	assert.Greater(t, c.TypeM().Value, 1.0)
	assert.Less(t, c.TypeS().Value, 1e-3)
	assert.Zero(t, c.WholeAnalyses())
}

// With little power, significant estimates mislead as much as the normal distribution has
// it: a difference of half its standard error, judged beyond 1.96596 of them (t on 398).
func TestMisleadingEstimates(t *testing.T) {
	p := pain(study.Welch, "w6")
	r, err := Run(context.Background(), p, believed(p, 200, 0.1), Options{Trials: 200_000, Seed: 11})
	require.NoError(t, err)
	c := r.Comparisons[0]
	tail := func(x float64) float64 { return math.Erfc(x/math.Sqrt2) / 2 }
	density := func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }
	const crit, d = 1.96596, 0.5
	right, wrong := tail(crit-d), tail(crit+d)
	size := d*(right-wrong) + density(crit-d) + density(crit+d) // E|z| where |z| > crit
	power := right + wrong
	assert.InDelta(t, power, c.Power().Value, 4*c.Power().SE)
	assert.InDelta(t, wrong/power, c.TypeS().Value, 4*c.TypeS().SE)
	assert.InDelta(t, size/power/d, c.TypeM().Value, 4*c.TypeM().SE)
	assert.Greater(t, c.TypeS().SE, 0.0)
	assert.Greater(t, c.TypeM().SE, 0.0)
	assert.Empty(t, c.Failures())
}

// The same trials, in the same order of counting or another, on one core or many, whole
// or in shards, give the same bytes.
func TestSameBytesForAnyCoresAndShards(t *testing.T) {
	p := pain(study.ANCOVA, "w2", "w6")
	gridded(&p)
	p.Plans = append(p.Plans, study.Plan{Outcome: "vas", Visit: "w2", Model: study.WelchChange})
	truth := believed(p, 8, 1)
	truth.Loss = Loss{By: map[string]map[string]float64{"sham": {"w6": .3}}}
	const trials = 2001
	whole, err := Run(context.Background(), p, truth, Options{Trials: trials, Seed: 3, Cores: 1})
	require.NoError(t, err)
	want, err := json.Marshal(whole)
	require.NoError(t, err)
	for _, cores := range []int{2, 5} {
		r, err := Run(context.Background(), p, truth, Options{Trials: trials, Seed: 3, Cores: cores})
		require.NoError(t, err)
		got, err := json.Marshal(r)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
	}
	var parts []Result
	for k := 1; k <= 5; k++ {
		r, err := Run(context.Background(), p, truth, Options{Trials: trials, Seed: 3, Shard: k, Shards: 5})
		require.NoError(t, err)
		b, err := json.Marshal(r)
		require.NoError(t, err)
		var again Result
		require.NoError(t, json.Unmarshal(b, &again))
		parts = append(parts, again)
	}
	merge := func(r ...Result) Result {
		m, err := Merge(r...)
		require.NoError(t, err)
		return m
	}
	bytes := func(r Result) string {
		b, err := json.Marshal(r)
		require.NoError(t, err)
		return string(b)
	}
	assert.Equal(t, string(want), bytes(merge(parts...)))
	assert.Equal(t, string(want), bytes(merge(parts[4], parts[2], parts[0], parts[3], parts[1])), "commutative")
	left := merge(merge(merge(parts[3], parts[0]), parts[4]), merge(parts[1], parts[2]))
	right := merge(parts[1], merge(parts[2], merge(parts[0], merge(parts[4], parts[3]))))
	assert.Equal(t, bytes(left), bytes(right), "associative")
	assert.Equal(t, string(want), bytes(left))
	assert.Equal(t, [][2]int{{0, trials}}, left.Ranges)

	_, err = Merge(parts[0], parts[0])
	assert.ErrorContains(t, err, "in two results")
	other := parts[1]
	other.Identity.Truth = "x"
	_, err = Merge(parts[0], other)
	assert.ErrorContains(t, err, "truth")
	other.Identity = parts[1].Identity
	other.Identity.Build = "x"
	_, err = Merge(parts[0], other)
	assert.ErrorContains(t, err, "build")
}

// Another seed, truth, protocol or plan is another simulation.
func TestIdentity(t *testing.T) {
	p := pain(study.ANCOVA, "w6")
	truth := believed(p, 10, 1)
	of := func(p study.Protocol, tr Truth, o Options) Identity {
		s, err := newSimulation(p, tr, o)
		require.NoError(t, err)
		return s.result.Identity
	}
	base := of(p, truth, Options{})
	assert.Equal(t, base, of(p, believed(p, 10, 1), Options{}))
	assert.NotEqual(t, base, of(p, believed(p, 10, 1.1), Options{}))
	assert.NotEqual(t, base, of(p, truth, Options{Seed: 1}))
	assert.NotEqual(t, base, of(p, truth, Options{Trials: 7}))
	assert.NotEqual(t, base, of(p, truth, Options{Plans: []study.Plan{{Outcome: "vas", Visit: "w6", Model: study.WelchChange}}}))
	q := p
	q.Title = "Another"
	assert.NotEqual(t, base, of(q, truth, Options{}))
}

// A run stops within 0.2 s of processor time of a core, whatever answers its trials: half a
// trial of the slowest way, the whole analysis of a file, takes some milliseconds.
func TestStops(t *testing.T) {
	visits := []string{"w2", "w4", "w6", "w8"}
	clda := pain(study.CLDA, visits...)
	shares := pain(study.WelchChange, "w6")
	robust := pain(study.ANCOVA, "w6")
	robust.Plans[0].SE = study.StandardErrorHC3
	for _, c := range []struct {
		name string
		way  string
		n    int
		p    study.Protocol
	}{{"ANCOVA", ByValues, 60, pain(study.ANCOVA, "w6")}, {"MMRM", ByValues, 60, pain(study.MMRM, visits...)}, {"cLDA", ByValues, 300, clda},
		{"responders by the exact test", ByValues, 50, shares}, {"the whole analysis", ByAnalysis, 100, robust}} {
		ctx, cancel := context.WithCancel(context.Background())
		began := make(chan struct{})
		once := false
		var at time.Time
		var before time.Duration
		go func() {
			<-began
			at, before = time.Now(), cpu()
			cancel()
		}()
		s, err := newSimulation(c.p, lost(believed(c.p, c.n, 1), c.p.Visits[len(c.p.Visits)-1].ID, 0.2), Options{Trials: 1 << 30, Cores: 1, Progress: func(Progress) {
			if !once {
				once = true
				close(began)
			}
		}})
		require.NoError(t, err, c.name)
		require.Equal(t, c.way, s.comparisons[0].Way, c.name)
		s.to = 1 << 30
		_, err = s.run(ctx)
		// The clock of a busy machine says little: it is looked at by processor time.
		took, used := time.Since(at), cpu()-before
		require.ErrorIs(t, err, context.Canceled, c.name)
		assert.Less(t, used, time.Second/5, c.name)
		t.Logf("%s: stopped after %v, %v of processor time", c.name, took, used)
	}
}

// A run that may end early ends at the same trial whatever the number of cores.
func TestPrecision(t *testing.T) {
	p := pain(study.WelchChange, "w6")
	truth := believed(p, 40, 1)
	var all []string
	for _, cores := range []int{1, 3} {
		r, err := Run(context.Background(), p, truth, Options{Trials: 200_000, Precision: 0.006, Cores: cores})
		require.NoError(t, err)
		assert.True(t, r.Stopped)
		assert.LessOrEqual(t, r.Comparisons[0].Power().SE, 0.006)
		assert.Less(t, r.Trials(), 12_000)
		assert.Zero(t, r.Trials()%round)
		b, err := json.Marshal(r)
		require.NoError(t, err)
		all = append(all, string(b))
	}
	assert.Equal(t, all[0], all[1])
	_, err := Run(context.Background(), p, truth, Options{Precision: 0.006, Shard: 1, Shards: 2})
	assert.Error(t, err)
}

func TestProgress(t *testing.T) {
	p := pain(study.WelchChange, "w6")
	var last Progress
	r, err := Run(context.Background(), p, believed(p, 10, 1), Options{Trials: 1000, Progress: func(x Progress) { last = x }})
	require.NoError(t, err)
	assert.Equal(t, 1000, last.Done)
	assert.Equal(t, 1000, last.Total)
	assert.Zero(t, last.Left)
	assert.Equal(t, r.Comparisons[0].Power(), last.Power)
}

func TestRunRefuses(t *testing.T) {
	p := pain(study.ANCOVA, "w6")
	for _, o := range []Options{{Trials: -1}, {Shard: 3, Shards: 2}, {Shard: 0, Shards: 2}, {Precision: -1}} {
		_, err := Run(context.Background(), p, believed(p, 10, 1), o)
		assert.Error(t, err, o)
	}
	_, err := Run(context.Background(), p, Truth{}, Options{})
	var problems study.Problems
	assert.True(t, errors.As(err, &problems), err)
}
