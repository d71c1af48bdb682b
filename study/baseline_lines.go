package study

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
)

// BaselineLine is an arm's line in the analysis of covariance: the follow-up
// value expected at a baseline value is Intercept + Slope·baseline.
type BaselineLine struct {
	Arm              string
	Intercept, Slope float64
	Lo, Hi           float64 // observed baselines: the line says nothing beyond
	N                int
}

// BaselineLines returns the parallel lines that ANCOVA on baseline (see
// regress.ANCOVA) fits to a result's participants with baseline and visit
// observed, in the order of the arms. Their vertical distance is the adjusted
// difference. It returns ANCOVA's error where the model cannot be fitted.
func BaselineLines(r Result) ([]BaselineLine, error) {
	data := regress.ANCOVAData{}
	ends := map[string][2]float64{}
	for _, a := range r.Arms {
		if a.Control {
			data.Control = a.ID
		}
		for _, rec := range r.Records {
			if rec.Arm != a.ID || !rec.HasBaseline || !rec.HasFollow {
				continue
			}
			e, ok := ends[a.ID]
			if !ok {
				e = [2]float64{rec.Baseline, rec.Baseline}
			}
			ends[a.ID] = [2]float64{math.Min(e[0], rec.Baseline), math.Max(e[1], rec.Baseline)}
			data.Arm = append(data.Arm, a.ID)
			data.Y = append(data.Y, rec.Follow)
			data.Baseline = append(data.Baseline, rec.Baseline)
		}
	}
	f, err := regress.ANCOVA(data)
	if err != nil {
		return nil, fmt.Errorf("study: lines of %q at visit %q: %w", r.Outcome.ID, r.Visit.ID, err)
	}
	mean, err := stats.Describe(data.Baseline)
	if err != nil {
		return nil, err
	}
	slope := f.Slope().Value
	var out []BaselineLine
	for _, a := range r.Arms {
		if f.N(a.ID) == 0 {
			continue
		}
		l, err := f.LSMean(a.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, BaselineLine{Arm: a.ID, Slope: slope, Intercept: l.Value - slope*mean.Mean,
			Lo: ends[a.ID][0], Hi: ends[a.ID][1], N: f.N(a.ID)})
	}
	return out, nil
}
