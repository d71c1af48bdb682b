package simulate

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// Estimates, standard errors and degrees of freedom from drawn statistics have the
// distribution of those from values: Kolmogorov and Smirnov's two-sample test at .001, and
// the same power and coverage within 4 Monte Carlo errors.
func TestStatisticsAreDistributedAsValues(t *testing.T) {
	const trials = 20_000
	for _, m := range []study.Model{study.ANCOVA, study.WelchChange, study.Welch} {
		for _, n := range []int{5, 20} {
			p := pain(m, "w2", "w6")
			if m == study.Welch {
				p.Baseline, p.Visits = study.NoBaseline, p.Visits[1:]
				delete(p.Data.Columns["vas"], "pre")
			}
			truth := believed(p, n, 1)
			truth.Patients["laser"] += 3
			truth.Outcomes["vas"].SDs["laser"]["w6"] = 3
			var values [2][3][]float64
			var found [2]Comparison
			for way := range 2 {
				s, err := newSimulation(p, truth, Options{Seed: uint64(way) + 1, Statistics: way == 1, NoResponders: true})
				require.NoError(t, err)
				c, err := s.worker(context.Background())
				require.NoError(t, err)
				for k := range trials {
					s.one(c, k)
					f := c.findings[0]
					for i, x := range []float64{f.value, f.se, f.df} {
						values[way][i] = append(values[way][i], x)
					}
				}
				found[way] = s.comparisons[0]
				found[way].tally = c.counts[0]
			}
			for i := range 3 {
				assert.Less(t, smirnov(values[0][i], values[1][i])*math.Sqrt(trials/2), 1.95, "%s %d %d", m, n, i)
			}
			for _, q := range []func(Comparison) Quantity{Comparison.Power, Comparison.Coverage, Comparison.Bias, Comparison.ModelSE, Comparison.EmpiricalSE} {
				x, y := q(found[0]), q(found[1])
				assert.InDelta(t, x.Value, y.Value, 4*math.Hypot(x.SE, y.SE), "%s %d", m, n)
			}
			assert.Equal(t, ByStatistics, found[1].Way)
		}
	}
}

// smirnov is the largest distance between two distribution functions.
func smirnov(x, y []float64) float64 {
	slices.Sort(x)
	slices.Sort(y)
	d, j := 0.0, 0
	for i, v := range x {
		if i+1 < len(x) && x[i+1] == v {
			continue
		}
		for j < len(y) && y[j] <= v {
			j++
		}
		d = max(d, math.Abs(float64(i+1)/float64(len(x))-float64(j)/float64(len(y))))
	}
	return d
}

func TestStatisticsRefuse(t *testing.T) {
	p := pain(study.ANCOVA, "w6")
	run := func(p study.Protocol, truth Truth) error {
		_, err := Run(context.Background(), p, truth, Options{Trials: 10, Statistics: true})
		return err
	}
	require.NoError(t, run(p, believed(p, 10, 1)))
	lossy := believed(p, 10, 1)
	lossy.Missing = 0.1
	assert.ErrorContains(t, run(p, lossy), "complete")
	q := pain(study.ANCOVA, "w6")
	gridded(&q)
	assert.ErrorContains(t, run(q, believed(q, 10, 1)), "normal")
	q = pain(study.MMRM, "w6")
	assert.ErrorContains(t, run(q, believed(q, 10, 1)), "do not answer the plan")
	assert.ErrorContains(t, run(p, believed(p, 3, 1)), "too few")
}

func TestGamma(t *testing.T) {
	s := newStream(3, 1)
	for _, df := range []float64{1, 2, 3, 7.5, 40} {
		const n = 200_000
		m, q := 0.0, 0.0
		for range n {
			x := s.chi(df)
			m += x * x / n
			q += x * x * x * x / n
		}
		assert.InDelta(t, df, m, 4*math.Sqrt(2*df/n))
		assert.InDelta(t, df*df+2*df, q, 0.05*(df*df+2*df))
	}
}
