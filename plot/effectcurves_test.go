package plot

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

func TestEffectCurves(t *testing.T) {
	rs := smallTrial().results(t)
	row := rs[1].Rows[1]
	require.True(t, row.Decides)
	e := row.Effect.(stats.Estimate)

	f, err := Compatibility(rs)
	require.NoError(t, err)
	line := marksOf[*linesMarks](f.panels[1])[0].lines[0]
	best := xy{}
	for _, q := range line {
		assert.InDelta(t, e.P(q.x), q.y, 1e-12)
		if q.y > best.y {
			best = q
		}
	}
	assert.Equal(t, xy{e.Value, 1}, best, "the curve peaks at the estimate")
	bar := marksOf[*intervalMarks](f.panels[1])[0].items[0]
	assert.InDelta(t, 0.05, bar.at, 1e-12)
	assert.InDelta(t, bar.at, e.P(bar.lo), 1e-9, "the bar's ends lie on the curve")

	f, err = ThresholdSweep(rs)
	require.NoError(t, err)
	ci := e.CI(0.95)
	bands := marksOf[*bandMarks](f.panels[1])
	require.Len(t, bands, 4)
	assert.Equal(t, []float64{-ci.Hi, -e.Value, -ci.Lo}, []float64{bands[0].rects[0].x1, bands[1].rects[0].x1, bands[2].rects[0].x1})
	curve := marksOf[*linesMarks](f.panels[1])[0].lines[0]
	for _, q := range curve {
		assert.InDelta(t, 100*(1-e.PLess(-q.x)), q.y, 1e-9)
	}

	f, err = Posterior(rs)
	require.NoError(t, err)
	area := marksOf[*shadeMarks](f.panels[1])[0]
	for _, q := range area.pts {
		assert.LessOrEqual(t, q.x, -1.3+1e-12, "shaded on the side of benefit")
	}
	assert.Contains(t, f.Alt(), f.theme.percent(e.PGreater(-1.3)))
	given := PosteriorCurve{Arm: "hilt", Visit: "h24", Prior: "skeptical", Posterior: stats.Estimate{Value: -2, SE: 0.4, DF: math.Inf(1)}}
	f, err = PosteriorWith(rs, PosteriorOptions{Curves: []PosteriorCurve{given}})
	require.NoError(t, err)
	assert.Contains(t, f.Caption(), "Prior: skeptical")
	assert.Equal(t, -2.0, marksOf[*intervalMarks](f.panels[1])[0].items[0].value)
	for _, bad := range []PosteriorCurve{{}, {Arm: "sham", Visit: "h24", Prior: "x", Posterior: given.Posterior},
		{Arm: "hilt", Visit: "h24", Posterior: given.Posterior}} {
		_, err = PosteriorWith(rs, PosteriorOptions{Curves: []PosteriorCurve{bad}})
		assert.ErrorContains(t, err, "plot: Posterior")
	}
}

// The intervals of several arms stand apart, where one would cover another's ends.
func TestCompatibilityOfSeveralArms(t *testing.T) {
	rs := randomTrial(4, 3, 20, 0).results(t)
	f, err := Compatibility(rs)
	require.NoError(t, err)
	for i := range rs {
		bars := marksOf[*intervalMarks](f.panels[i])
		require.Len(t, bars, 3)
		for k, m := range bars {
			got := strokes(t, f, i, m)[0]
			assert.InDelta(t, m.items[0].lo, got[0].x, 0.01)
			for _, other := range bars[:k] {
				d := m.items[0].at - other.items[0].at
				assert.Greater(t, math.Abs(d)*float64(f.panels[i].height)/(f.Plot(i).Y.Max-f.Plot(i).Y.Min), 0.5*f.theme.style.Size, "half a letter apart")
			}
			assert.Less(t, m.items[0].at, 0.0, "under the curves")
			assert.Greater(t, m.items[0].at, f.Plot(i).Y.Min)
		}
	}
}
