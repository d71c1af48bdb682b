package plot

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

func TestResponderSteps(t *testing.T) {
	// Improvements −1, 2, 2, 5: at least 2 in three of four, at least 5 in one.
	got := responderSteps([]float64{-1, 2, 2, 5}, -2)
	assert.Equal(t, []xy{{-2, 100}, {-1, 100}, {-1, 75}, {2, 75}, {2, 25}, {5, 25}, {5, 0}}, got)
	rs := smallTrial().results(t)
	f, err := Responders(rs)
	require.NoError(t, err)
	for i := range rs {
		var found bool
		for _, m := range marksOf[*refLine](f.panels[i]) {
			found = found || m.upright && m.value == 2.26
		}
		assert.True(t, found, "threshold at 2.26 in panel %d", i)
		for _, m := range marksOf[*stepMarks](f.panels[i]) {
			for _, r := range rs[i].Responders {
				if r.Arm == m.look.arm.ID && r.Headline {
					assert.InDelta(t, 100*float64(r.Events)/float64(r.N), heightAt(m.pts, 2.26), 1e-9)
				}
			}
		}
	}
}

// heightAt reads a step curve at x, where those exactly at x still count.
func heightAt(pts []xy, x float64) float64 {
	y := pts[0].y
	for _, p := range pts {
		if p.x < x {
			y = p.y
		}
	}
	for _, p := range pts {
		if p.x == x {
			return p.y
		}
	}
	if x > pts[len(pts)-1].x {
		return 0
	}
	return y
}

func TestResponderBands(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := RespondersWith(rs, RespondersOptions{Bands: BothBands})
	require.NoError(t, err)
	p := f.panels[0]
	c, err := study.ResponderCurveOf(rs[0], "hilt")
	require.NoError(t, err)
	area, edges := marksOf[*shadeMarks](p)[0], marksOf[*linesMarks](p)[0]
	for i, q := range c.Points {
		to := math.Min(q.Gain, f.Plot(0).X.Max)
		assert.Equal(t, xy{to, 100 * q.Upper}, area.pts[2*i+1])
		assert.Equal(t, xy{to, 100 * q.Lower}, area.pts[len(area.pts)-2-2*i])
		assert.Equal(t, xy{to, 100 * q.BandUpper}, edges.lines[0][2*i+1])
		assert.Equal(t, xy{to, 100 * q.BandLower}, edges.lines[1][2*i+1])
	}
	_, err = RespondersWith(rs, RespondersOptions{Bands: 9})
	assert.Error(t, err)
}

// The share of each arm at the threshold stands at the curve and under the panel.
// By hand: all but 2.2 of five falls after HILT reach 2.26, and none after sham.
func TestRespondersShareAtTheThreshold(t *testing.T) {
	f, err := Responders(smallTrial().results(t))
	require.NoError(t, err)
	got := map[string]xy{}
	for _, m := range marksOf[*intervalMarks](f.panels[0]) {
		got[m.look.arm.ID] = xy{m.items[0].at, m.items[0].value}
	}
	assert.Equal(t, map[string]xy{"hilt": {2.26, 80}, "sham": {2.26, 0}}, got)
	words := f.panels[0].below[0].(*textStrip).text
	assert.Contains(t, words, "Active HILT: 80% at the threshold")
	assert.Contains(t, words, "Placebo HILT: 0% at the threshold")
	f, err = RespondersWith(smallTrial().results(t), RespondersOptions{NoThreshold: true})
	require.NoError(t, err)
	assert.Empty(t, marksOf[*intervalMarks](f.panels[0]))
	assert.NotContains(t, f.panels[0].below[0].(*textStrip).text, "%")
}
