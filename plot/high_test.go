package plot

import (
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot/internal/render"
)

// No chart is written that is higher than a page: it says so, and how to choose. With
// one visit every chart of results fits.
func TestNothingIsHigherThanAPage(t *testing.T) {
	tr := randomTrial(6, 13, 20, 0.01)
	rs := tr.results(t)
	high := []string{}
	for name, draw := range everyChart(Options{}) {
		f, err := draw(rs)
		require.NoError(t, err, name)
		_, h := f.Size()
		err = f.Write(io.Discard, SVG)
		assert.Equal(t, h > 235, f.TooHigh(), name)
		if !f.TooHigh() {
			require.NoError(t, err, name)
			continue
		}
		high = append(high, name)
		require.ErrorIs(t, err, ErrNoRoom, name)
		assert.ErrorContains(t, err, "Options.Visits", name)
	}
	for _, name := range []string{"slopegraph", "waterfall", "responders", "differences"} {
		assert.Contains(t, high, name)
	}
	chosen := charts(Options{Visits: []string{"w24", "w48"}})
	for name, draw := range chosen {
		f, err := draw(rs)
		require.NoError(t, err, name)
		assert.NoError(t, f.Write(io.Discard, SVG), name)
		said := drawn(f) + " " + f.Caption() + f.Description()
		if !slices.Contains([]string{"missing", "dropout"}, name) { // whose axis may be of numbers
			assert.NotRegexp(t, `Week (4|8|12|36)\b`, said, name)
		}
	}
	for name, draw := range charts(Options{Visits: []string{"w24", "w25"}}) {
		_, err := draw(rs)
		assert.ErrorContains(t, err, `Options.Visits names "w25", but the results are of w4, `, name)
	}
	f, err := SlopegraphWith(rs, SlopegraphOptions{Options: Options{Style: Style{MaxHeight: 2000}}})
	require.NoError(t, err)
	assert.NoError(t, f.Write(io.Discard, SVG), "who asks for more gets it")
	assert.Greater(t, float64(f.layout().h)*render.MMPerPoint, 235.0)
}
