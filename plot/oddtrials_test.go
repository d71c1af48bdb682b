package plot

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// oddTrials are the shapes that real and unreal files take.
func oddTrials() map[string]trial {
	nan := math.NaN()
	out := map[string]trial{}
	for _, arms := range []int{2, 3, 4} {
		for _, visits := range []int{2, 3, 12} {
			for _, n := range []int{3, 40} {
				out[fmt.Sprintf("%d arms, %d visits, %d each", arms, visits, n)] = randomTrial(arms, visits, n, 0.03)
			}
		}
	}
	out["2,000 participants"] = randomTrial(2, 4, 1000, 0.05)

	identical := smallTrial()
	identical.values = [][][]float64{{{5, 5, 5}, {5, 5, 5}}, {{5, 5, 5}, {5, 5, 5}}}
	out["identical values"] = identical

	zero := smallTrial()
	zero.values = [][][]float64{{{5, 3, 3}, {6, 4, 4}}, {{5, 5, 5}, {7, 7, 7}}}
	out["zero variance of change"] = zero

	one := smallTrial()
	one.values = [][][]float64{{{6, 4, 3}}, {}}
	out["one participant"] = one

	missing := smallTrial()
	missing.values = [][][]float64{{{6, nan, 3}, {5, nan, 2}}, {{6, nan, 6}, {7, nan, 6}}}
	out["a visit without values"] = missing

	gaps := smallTrial()
	gaps.values = [][][]float64{{{6, nan, 3}, {nan, 4, nan}, {5, 4, nan}}, {{6, 5, 6}, {nan, nan, 2}, {7, nan, nan}}}
	out["gaps"] = gaps

	huge := smallTrial()
	huge.outcome.Min, huge.outcome.Max, huge.outcome.Resolution = 0, 0, 0
	for k := range huge.values {
		for i := range huge.values[k] {
			for v := range huge.values[k][i] {
				huge.values[k][i][v] *= 1e7
			}
		}
	}
	out["huge values"] = huge

	tiny := smallTrial()
	tiny.outcome.Min, tiny.outcome.Max, tiny.outcome.Resolution = 0, 0, 0
	tiny.outcome.Thresholds = nil
	tiny.outcome.Unit = ""
	for k := range tiny.values {
		for i := range tiny.values[k] {
			for v := range tiny.values[k][i] {
				tiny.values[k][i][v] *= 1e-4
			}
		}
	}
	out["tiny values, no unit, no range, no threshold"] = tiny
	return out
}

// oddRefusals are the charts that an odd trial gives nothing to draw; it gives
// all others something.
var oddRefusals = func() map[string][]string {
	// Nobody's changes vary, or one arm has too few: no difference has an interval.
	noDifference := []string{"compatibility", "contours", "cumming", "differences", "forest", "funnel", "gardneraltman", "lsmeanchange", "meta", "posterior", "subgroups", "sweep"}
	return map[string][]string{
		"zero variance of change":   noDifference,
		"identical values":          append([]string{"residuals"}, noDifference...),
		"gaps":                      append([]string{"residuals"}, noDifference...),
		"one participant":           append([]string{"agreement", "categories", "love", "rates", "residuals", "roc", "shares"}, noDifference...),
		"a visit without values":    {"roc"},                        // of that visit
		"2 arms, 12 visits, 3 each": {"gardneraltman", "subgroups"}, // dropout leaves nobody at the last visit
		"tiny values, no unit, no range, no threshold": {"responderbars"},
	}
}()

// Each shape draws something in every format; never a panic, never an empty
// file, never NaN. What it cannot draw is refused with an error, and is known.
func TestOddTrials(t *testing.T) {
	trials, everything := oddTrials(), everyChart(Options{Style: Style{MaxHeight: 2000}})
	for name := range oddRefusals {
		require.Contains(t, trials, name)
	}
	for name, tr := range trials {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rs := tr.results(t)
			drawn := 0
			for chart, draw := range everything {
				f, err := draw(rs)
				if slices.Contains(oddRefusals[name], chart) {
					assert.ErrorContains(t, err, "plot: ", chart)
					continue
				}
				if !assert.NoError(t, err, chart) {
					continue
				}
				drawn++
				assert.True(t, f.render().Finite(), chart)
				assert.Empty(t, layoutProblems(f), chart)
				assert.NotContains(t, string(written(t, f, SVG)), "NaN", chart)
				assert.NotContains(t, pageContent(t, written(t, f, PDF)), "NaN", chart)
			}
			assert.Equal(t, len(everything)-len(oddRefusals[name]), drawn, "charts drawn")
		})
	}
}
