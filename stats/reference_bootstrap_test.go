package stats_test

import (
	"context"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() { reftest.Register("bootstrap_fixed", bootstrapCase) }

func bootstrapCase(c *reftest.Case) error {
	x := c.Floats("x")
	var idx [][]int
	for _, row := range c.Matrix("indices_1based") {
		var r []int
		for _, v := range row {
			r = append(r, int(v)-1)
		}
		idx = append(idx, r)
	}
	b, err := stats.BootstrapMeanContext(context.Background(), x, stats.BootOptions{Indices: idx})
	if err != nil {
		return err
	}
	c.Want("z0", b.Z0)
	c.Want("a", b.A, reftest.Tol, 1e-13)
	want := func(path string, e stats.Effect) {
		ci := e.CI(0.95)
		c.WantVec(path, []float64{ci.Lo, ci.Hi})
	}
	want("bca", b)
	want("perc", b.With(stats.BootPercentile))
	want("basic", b.With(stats.BootBasic))
	want("norm", b.With(stats.BootNormal))
	// The same through the general path.
	g, err := stats.BootstrapSample(context.Background(), x, func(v []float64) float64 {
		s := 0.0
		for _, a := range v {
			s += a
		}
		return s / float64(len(v))
	}, stats.BootOptions{Indices: idx, Interval: stats.BootPercentile})
	if err != nil {
		return err
	}
	want("perc", g)
	return nil
}
