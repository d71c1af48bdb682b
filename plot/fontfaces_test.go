package plot

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/plot/internal/render/rendertest"
)

// The fonts of several figures hold what the text of all of them needs, in less
// room than a font a figure takes.
func TestFontFaces(t *testing.T) {
	rs := smallTrial().results(t)
	all := render.NewScene(1, 1)
	var svgs [][]byte
	embedded := 0
	for name, draw := range everyChart(Options{}) {
		f, err := draw(rs)
		require.NoError(t, err, name)
		svgs = append(svgs, written(t, f, SVG))
		all.Marks = append(all.Marks, f.render().Marks...)
	}
	for name, draw := range everyChart(Options{EmbedFonts: true}) {
		f, err := draw(rs)
		require.NoError(t, err, name)
		embedded += len(written(t, f, SVG))
	}
	for _, svg := range svgs {
		embedded -= len(svg)
	}
	css, err := FontFaces(svgs...)
	require.NoError(t, err)
	again, err := FontFaces(svgs...)
	require.NoError(t, err)
	assert.True(t, css == again, "the same bytes")
	rendertest.SameFonts(t, all, []byte("<style>"+css+"</style>"))
	assert.Less(t, 4*len(css), embedded)
	none, err := FontFaces()
	require.NoError(t, err)
	assert.Empty(t, none)
	_, err = FontFaces([]byte(`<svg><text x="1">cut`))
	assert.Error(t, err)
}
