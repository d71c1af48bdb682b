package resample_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/internal/stoptest"
	"github.com/trialkit/trialkit/stats/resample"
)

// p below alpha exactly when the interval excludes the null, for nulls at which
// tied data put the ends of intervals.
func requireAgreement(t *testing.T, e stats.Effect, nulls []float64, about string) {
	t.Helper()
	for _, level := range []float64{0.5, 0.8, 0.9, 0.95} {
		ci := e.CI(level)
		alpha := map[float64]float64{0.5: 0.5, 0.8: 0.2, 0.9: 0.1, 0.95: 0.05}[level]
		for _, null := range nulls {
			if p := e.P(null); (p < alpha) != ci.Excludes(null) {
				t.Fatalf("%s: level %v null %v p %v interval %v to %v", about, level, null, p, ci.Lo, ci.Hi)
			}
		}
	}
}

func TestPermutationANCOVAAgreesAtTies(t *testing.T) {
	r := rand.New(rand.NewPCG(61, 2))
	for rep := range 1500 {
		n := 5 + r.IntN(4)
		d := permTrial{Covariates: [][]float64{nil}}
		for i := range n {
			d.Arm = append(d.Arm, i%2)
			d.Covariates[0] = append(d.Covariates[0], float64(r.IntN(4)))
			d.Y = append(d.Y, float64(r.IntN(5)))
		}
		opt := resample.PermANCOVAOptions{}
		if rep%4 == 0 {
			opt.Method, opt.Replicates = resample.PermMonteCarlo, 1000
		}
		p, err := d.run(opt)
		if err != nil {
			require.ErrorIs(t, err, stats.ErrSingular)
			continue
		}
		requireAgreement(t, p, []float64{0, 1, -1, 0.5, p.Value}, fmt.Sprintf("%+v", d))
	}
}

// Multiples of an irrational number are on no grid, but tie as much.
func TestPermutationAgreesOffGrid(t *testing.T) {
	r := rand.New(rand.NewPCG(62, 2))
	for rep := range 1500 {
		_, x := ints(r, 1+r.IntN(6), 5)
		_, y := ints(r, 1+r.IntN(6), 5)
		for i := range x {
			x[i] *= math.E
		}
		for i := range y {
			y[i] *= math.E
		}
		opt := resample.PermOptions{}
		if rep%3 == 0 {
			opt.Method, opt.Replicates = resample.PermMonteCarlo, 1000
		}
		p, err := resample.PermutationWith(x, y, opt)
		require.NoError(t, err)
		nulls := []float64{0, math.E, -math.E, math.E / 2, p.Value}
		requireAgreement(t, p, nulls, fmt.Sprint(x, y, opt))
		q, err := resample.PermutationPairedWith(x, opt)
		require.NoError(t, err)
		requireAgreement(t, q, nulls, fmt.Sprint(x, opt))
	}
}

// The studentized and median tests' accepted sets can have gaps, in which the
// interval, a hull, holds a null that the test rejects; never the reverse.
func TestPermutationHullOfOtherStatistics(t *testing.T) {
	r := rand.New(rand.NewPCG(63, 2))
	inGap, all := 0, 0
	for range 150 {
		_, x := ints(r, 3+r.IntN(3), 6)
		_, y := ints(r, 3+r.IntN(3), 6)
		for _, s := range []resample.PermStatistic{resample.PermStudentized, resample.PermMedian} {
			p, err := resample.PermutationWith(x, y, resample.PermOptions{Statistic: s})
			require.NoError(t, err)
			for _, level := range []float64{0.8, 0.9} {
				ci := p.CI(level)
				for _, null := range []float64{0, 1, -1, p.Value} {
					alpha := math.Round((1-level)*10) / 10
					all++
					if p.P(null) >= alpha {
						require.False(t, ci.Excludes(null), "%s %v %v null %v p %v ci %v", s, x, y, null, p.P(null), ci)
					} else if !ci.Excludes(null) {
						inGap++
					}
				}
			}
		}
	}
	assert.Less(t, inGap, all/50)
}

func TestPermutationStopsInTime(t *testing.T) {
	x, y := statstest.RandomVAS(600, 1), statstest.RandomVAS(600, 2)
	for _, run := range []func(ctx context.Context) error{
		func(ctx context.Context) error {
			_, err := resample.PermutationContext(ctx, x, y, resample.PermOptions{Method: resample.PermLattice})
			return err
		},
		func(ctx context.Context) error {
			_, err := resample.PermutationContext(ctx, x, y, resample.PermOptions{Method: resample.PermMonteCarlo, Replicates: 3_000_000})
			return err
		},
		func(ctx context.Context) error {
			_, err := resample.PermutationContext(ctx, x, y, resample.PermOptions{Statistic: resample.PermMedian, Replicates: 1_000_000})
			return err
		},
	} {
		stoptest.Within(t, 30*time.Millisecond, run)
	}
}
