package render

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// sans is the figures' font at a size.
func sans(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// What a typeface keeps is what the font's file says.
func TestTypeface(t *testing.T) {
	face := fonts().Lookup(sans(7.5), 7.5)
	kept := typefaceOf(face)
	fresh := &typeface{file: face.Face, em: em(face)}
	kerned := 0
	for range 2 { // the second time from what is kept
		for _, a := range "AVTLPWa1 .é–" {
			g0, adv := fresh.search(nil, a)
			gotG, gotAdv := kept.glyph(nil, a)
			assert.Equal(t, g0, gotG)
			assert.Equal(t, adv, gotAdv)
			for _, b := range "AVTLPWa1 .é–" {
				g1, _ := fresh.search(nil, b)
				want, err := face.Face.Kern(nil, g0, g1, em(face), 0)
				if err != nil {
					want = 0
				}
				if want != 0 {
					kerned++
				}
				assert.Equal(t, want, kept.kern(nil, a, b, g0, g1), "%c%c", a, b)
			}
		}
	}
	assert.Greater(t, kerned, 20)
}
