package stats_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/internal/stoptest"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/resample"
	"github.com/trialkit/trialkit/stats/table"
)

// Questions to a finished permutation test stop with their context, and give
// the same answers under one that has not ended.
func TestPermutationQuestionsStopInTime(t *testing.T) {
	x, y := statstest.RandomVAS(9, 1), statstest.RandomVAS(10, 2)
	p, err := resample.PermutationWith(x, y, resample.PermOptions{Statistic: resample.PermStudentized})
	require.NoError(t, err)
	stoptest.Within(t, 10*time.Millisecond, func(ctx context.Context) error {
		_, err := p.CIContext(ctx, 0.95)
		return err
	})
	stoptest.Within(t, time.Microsecond, func(ctx context.Context) error {
		_, err := p.PContext(ctx, 3)
		return err
	})
	noise := rand.New(rand.NewPCG(1, 1))
	a, b := make([]float64, 60), make([]float64, 60)
	for i := range a {
		a[i], b[i] = noise.NormFloat64(), noise.NormFloat64()
	}
	mc, err := resample.PermutationWith(a, b, resample.PermOptions{Method: resample.PermMonteCarlo, Replicates: 500_000})
	require.NoError(t, err)
	exact, err := resample.Permutation(statstest.RandomVAS(80, 1), statstest.RandomVAS(80, 2))
	require.NoError(t, err)
	for _, p := range []resample.Perm{mc, exact} {
		stoptest.Within(t, time.Millisecond, func(ctx context.Context) error {
			_, err := p.CIContext(ctx, 0.95)
			return err
		})
	}
	ci, err := exact.CIContext(context.Background(), 0.95)
	require.NoError(t, err)
	require.Equal(t, exact.CI(0.95), ci)
	v, err := exact.PContext(context.Background(), 2)
	require.NoError(t, err)
	require.Equal(t, exact.P(2), v)
}

func TestExactTestsStopInTime(t *testing.T) {
	x, y := statstest.RandomVAS(400, 1), statstest.RandomVAS(400, 2)
	var blocks [][]float64
	for i := range 5 {
		blocks = append(blocks, statstest.RandomVAS(7, uint64(i)))
	}
	friedman, err := rank.Friedman(blocks)
	require.NoError(t, err)
	big := make([]float64, 30_000)
	for i := range big {
		big[i] = float64(i * 7919 % 30011)
	}
	for name, run := range map[string]func(ctx context.Context) error{
		"unconditional": func(ctx context.Context) error {
			_, err := table.UnconditionalContext(ctx, table.Count{Events: 1500, N: 3100}, table.Count{Events: 1430, N: 3100}, table.UnconditionalOptions{Order: table.Boschloo})
			return err
		},
		"barnard": func(ctx context.Context) error {
			_, err := table.UnconditionalContext(ctx, table.Count{Events: 1500, N: 3100}, table.Count{Events: 1430, N: 3100}, table.UnconditionalOptions{Order: table.BarnardPooled})
			return err
		},
		"chan-zhang": func(ctx context.Context) error {
			risk, err := table.RiskDifferenceExact(table.Count{Events: 1, N: 3}, table.Count{Events: 1000, N: 3000})
			if err != nil {
				return err
			}
			_, err = risk.CIContext(ctx, 0.95)
			return err
		},
		"mood": func(ctx context.Context) error {
			_, err := rank.MoodContext(ctx, big[:150], big[150:300], rank.Options{Method: rank.Exact})
			return err
		},
		"ansari": func(ctx context.Context) error {
			_, err := rank.AnsariBradleyContext(ctx, x, y, rank.Options{Method: rank.Exact})
			return err
		},
		"friedman": func(ctx context.Context) error { _, err := friedman.ExactContext(ctx); return err },
		"kolmogorov": func(ctx context.Context) error {
			_, err := stats.KolmogorovSmirnovContext(ctx, big, big[:20_000])
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { stoptest.Within(t, 30*time.Millisecond, run) })
	}
}
