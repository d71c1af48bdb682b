package plot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot/internal/render/rendertest"
)

// The fonts in every chart's file hold what its text needs, and little more.
func TestEmbedFonts(t *testing.T) {
	rs := smallTrial().results(t)
	for name, draw := range everyChart(Options{EmbedFonts: true}) {
		f, err := draw(rs)
		require.NoError(t, err, name)
		svg := written(t, f, SVG)
		most := 60_000
		if name == "tippingmap" { // of 441 squares
			most = 75_000
		}
		assert.Less(t, len(svg), most, name)
		assert.True(t, string(svg) == string(written(t, f, SVG)), "%s: the same bytes", name)
		assert.Contains(t, string(svg), `font-family="'Figure Sans', 'Liberation Sans', `, name)
		rendertest.SameFonts(t, f.render(), svg)
	}
}

// No font where nobody asked, and none where there is no text.
func TestEmbedFontsOnlyWhereAsked(t *testing.T) {
	rs := smallTrial().results(t)
	for _, o := range []Options{{}, {Outlines: true}, {Outlines: true, EmbedFonts: true}} {
		f, err := TrajectoriesWith(rs, TrajectoriesOptions{Options: o})
		require.NoError(t, err)
		assert.NotContains(t, string(written(t, f, SVG)), "<style>")
	}
}

// Every file names the fonts that have Arial's widths, asks for widths that are not
// rounded to pixels, and says how long each text is. A text that would leave the
// page in a wider font ends where it ends here.
func TestSVGKeepsWidths(t *testing.T) {
	rs := smallTrial().results(t)
	ends := 0
	for name, draw := range everyChart(Options{}) {
		f, err := draw(rs)
		require.NoError(t, err, name)
		svg := string(written(t, f, SVG))
		for _, font := range []string{"'Liberation Sans'", "Arial", "Helvetica", "'Nimbus Sans'", "'TeX Gyre Heros'", "sans-serif"} {
			assert.Contains(t, svg[:strings.IndexByte(svg, '>')], font, name)
		}
		assert.Contains(t, svg, ` text-rendering="geometricPrecision"`, name)
		assert.Equal(t, strings.Count(svg, "<text "), strings.Count(svg, `lengthAdjust="spacingAndGlyphs"`), name)
		ends += strings.Count(svg, `text-anchor="end"`)
	}
	assert.Positive(t, ends)
}
