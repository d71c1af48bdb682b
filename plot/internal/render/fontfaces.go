package render

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// FontFaces writes the style rules with the fonts that the text of SVG files of
// WriteSVG needs, once for all of them, for a page that shows them; nothing where
// they have no text.
func FontFaces(b *bytes.Buffer, svgs ...[]byte) error {
	s := NewScene(1, 1)
	cache := NewRich().Cache()
	for _, svg := range svgs {
		rest := string(svg)
		for {
			_, after, found := strings.Cut(rest, "<text ")
			if !found {
				break
			}
			attributes, text, opened := strings.Cut(after, ">")
			text, rest, found = strings.Cut(text, "</text>")
			if !opened || !found {
				return fmt.Errorf("plot: SVG: a text without its end")
			}
			f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: 1}
			if strings.Contains(attributes, ` font-weight="bold"`) {
				f.Weight = xfont.WeightBold
			}
			if strings.Contains(attributes, ` font-style="italic"`) {
				f.Style = xfont.StyleItalic
			}
			s.FillString(cache.Lookup(f, f.Size), vg.Point{}, html.UnescapeString(text))
		}
	}
	if char, in, missing := s.MissingGlyph(); missing {
		return fmt.Errorf("plot: SVG: %s has no glyph for %q (U+%04X) in %q", in.Face.Name(), char, char, in.Text)
	}
	return writeFontRules(b, s)
}
