package plot

import (
	"io"
	"slices"
	"strconv"
	"strings"
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
	for _, name := range []string{"slopegraph", "waterfall", "differences"} {
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

// Panels of many arms and visits stand closer where they would be higher than a page:
// their axis is named once, all bars are drawn, and a height that is asked for is kept.
func TestPanelsStandCloserOnAPage(t *testing.T) {
	rs := randomTrial(4, 12, 3, 0).results(t)
	f, err := Waterfall(rs)
	require.NoError(t, err)
	assert.False(t, f.TooHigh())
	assert.Less(t, f.theme.opt.dense.lower(), 1.0)
	assert.Len(t, f.panels, 4*len(rs))
	named := 0
	for i, p := range f.panels {
		bars := 0
		for _, m := range marksOf[*bandMarks](p) {
			bars += len(m.rects)
		}
		assert.Equal(t, len(rs[i/4].Records)/4, bars, "panel %d", i)
		assert.Empty(t, p.plot.Y.Label.Text)
	}
	for _, item := range f.legend {
		if item.plain {
			named++
			assert.Contains(t, item.text, "lower is better")
		}
	}
	assert.Equal(t, 1, named)
	assert.Contains(t, f.Note(), "Under each panel")
	f, err = WaterfallWith(rs, WaterfallOptions{Options: Options{Height: 30}})
	require.NoError(t, err)
	assert.True(t, f.TooHigh())
	assert.Equal(t, density{}, f.theme.opt.dense)
}

// A chart of a panel an arm and visit stands in a grid where one column of a journal is
// too low for it: a column an arm, whose name or number is above it once, and a row a
// visit. Every panel is drawn, and the legend explains every number.
func TestGridOfArmsAndVisits(t *testing.T) {
	rs := dutch(randomTrial(3, 6, 200, 0.02)).results(t)
	for _, chart := range []string{"slopegraph", "waterfall", "followup"} {
		f, err := everyChart(Options{Style: BMC(), Width: 85, Lang: "nl"})[chart](rs)
		require.NoError(t, err, chart)
		require.NoError(t, f.Write(io.Discard, SVG), chart)
		assert.Len(t, f.panels, 3*len(rs), chart)
		for i, p := range f.panels {
			assert.Equal(t, []int{i / 3, i % 3}, []int{p.row, p.col}, chart)
			assert.NotEmpty(t, p.marks, chart)
			title, over := "", " "
			if i < 3 {
				title = strconv.Itoa(i + 1)
			}
			if i%3 == 0 {
				over = visitName(rs[i/3].Visit)
			}
			assert.Equal(t, title, p.title, "%s, panel %d", chart, i)
			assert.Contains(t, p.over, over, "%s, panel %d", chart, i)
		}
		var keys []string
		for _, item := range f.legend {
			if !item.plain {
				keys = append(keys, item.text)
			}
		}
		assert.Equal(t, []string{"1: Hoogintensieve lasertherapie 1", "2: Hoogintensieve lasertherapie 2", "3: Schijnbehandeling (placebolaser)"}, keys, chart)
		for i := range rs {
			assert.Equal(t, 1, strings.Count(drawn(f), visitName(rs[i].Visit)), "%s: %s", chart, visitName(rs[i].Visit))
		}
	}
	short := dutch(randomTrial(3, 6, 200, 0.02))
	for k, s := range []string{"HILT 30", "HILT 20", "Schijn"} {
		short.arms[k].Short = s
	}
	f, err := SlopegraphWith(short.results(t), SlopegraphOptions{Options: Options{Style: BMC(), Width: 85, Lang: "nl"}})
	require.NoError(t, err)
	assert.Equal(t, "HILT 30", f.panels[0].title, "short names before numbers")
	assert.Equal(t, "HILT 30: Hoogintensieve lasertherapie 1", f.legend[len(f.legend)-3].text)
}
