package render_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/plot/internal/render/rendertest"
)

// Characters beyond the common ones, composed letters, kerned pairs, all styles.
func TestEmbedUncommonCharacters(t *testing.T) {
	rich := render.NewRich()
	for _, text := range []string{"AV To LT “P.” Wätë", "Δ ≤ ≥ ± − × μ ² ½ x̄ ë ő →", "Жуков ﬁ ‰ Ωω ♀ ẃ", "x"} {
		s := render.NewScene(200, 200)
		for i, weight := range []xfont.Weight{xfont.WeightNormal, xfont.WeightBold} {
			for j, style := range []xfont.Style{xfont.StyleNormal, xfont.StyleItalic} {
				f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: 7.5, Weight: weight, Style: style}
				s.FillString(rich.Cache().Lookup(f, f.Size), vg.Point{X: 10, Y: vg.Length(40*i + 20*j)}, text)
			}
		}
		char, _, missing := s.MissingGlyph()
		assert.False(t, missing, "%c of %s", char, text)
		var svg bytes.Buffer
		require.NoError(t, render.WriteSVG(&svg, s, text, text, "en", true))
		assert.Len(t, rendertest.Fonts(t, svg.Bytes()), 4)
		rendertest.SameFonts(t, s, svg.Bytes())
	}
}
