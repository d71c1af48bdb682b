package plot

import (
	"bytes"

	"github.com/trialkit/trialkit/plot/internal/render"
)

// FontFaces are the style rules (@font-face) with the fonts of figures written as
// SVG, for an HTML page that holds them: the glyphs that they use, once for all of
// them, where Options.EmbedFonts puts them into every file. The figures' text asks
// for their family, 'Figure Sans', first.
func FontFaces(svgs ...[]byte) (string, error) {
	var b bytes.Buffer
	err := render.FontFaces(&b, svgs...)
	return b.String(), err
}
