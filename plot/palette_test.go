package plot

import (
	"fmt"
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/trialkit/trialkit/study"
)

func linear(c uint8) float64 {
	x := float64(c) / 255
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}

type rgbLinear [3]float64

func toLinear(c color.NRGBA) rgbLinear { return rgbLinear{linear(c.R), linear(c.G), linear(c.B)} }

// luminance of WCAG 2 and of the gray a printer makes.
func (c rgbLinear) luminance() float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }

// lightness is CIE L*.
func (c rgbLinear) lightness() float64 { return 116*labF(c.luminance()) - 16 }

func labF(t float64) float64 {
	if t > 216.0/24389 {
		return math.Cbrt(t)
	}
	return (24389.0/27*t + 16) / 116
}

// lab is CIE L*a*b* under D65.
func (c rgbLinear) lab() [3]float64 {
	x := (0.4124564*c[0] + 0.3575761*c[1] + 0.1804375*c[2]) / 0.95047
	y := 0.2126729*c[0] + 0.7151522*c[1] + 0.0721750*c[2]
	z := (0.0193339*c[0] + 0.1191920*c[1] + 0.9503041*c[2]) / 1.08883
	return [3]float64{116*labF(y) - 16, 500 * (labF(x) - labF(y)), 200 * (labF(y) - labF(z))}
}

func deltaE(a, b rgbLinear) float64 {
	p, q := a.lab(), b.lab()
	return math.Sqrt((p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]))
}

// deficiencies are full dichromacies as matrices on linear RGB: Machado,
// Oliveira & Fernandes 2009, IEEE TVCG 15:1291, doi:10.1109/TVCG.2009.113.
var deficiencies = map[string][3][3]float64{
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

func see(m [3][3]float64, c rgbLinear) rgbLinear {
	var out rgbLinear
	for i := range out {
		out[i] = clamp(m[i][0]*c[0]+m[i][1]*c[1]+m[i][2]*c[2], 0, 1)
	}
	return out
}

func contrast(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	return (a + 0.05) / (b + 0.05)
}

// Two arms, which nearly every trial has, differ in gray; four arms differ for
// every reader where the palette says so; lines stand out from paper.
func TestPaletteContrast(t *testing.T) {
	for _, p := range []Palette{OkabeIto, PaletteJAMA, PaletteNEJM, PaletteLancet, PaletteGray} {
		control, active, ok := p.colors()
		assert.True(t, ok)
		cols := append([]color.NRGBA{control}, active[:3]...)
		for i, c := range cols {
			l := toLinear(c)
			assert.GreaterOrEqual(t, contrast(1, l.luminance()), 2.1, "%q: color %d on paper", p, i)
			for j := range i {
				assert.Greater(t, deltaE(l, toLinear(cols[j])), 15.0, "%q: colors %d and %d", p, i, j)
			}
		}
		d := math.Abs(toLinear(cols[0]).lightness() - toLinear(cols[1]).lightness())
		assert.Equal(t, d > 25, p.GraySafe(), "%q: two arms in gray differ by %.0f", p, d)
		safe := true
		for _, m := range deficiencies {
			for i := range cols {
				for j := range i {
					safe = safe && deltaE(see(m, toLinear(cols[i])), see(m, toLinear(cols[j]))) > 15
				}
			}
		}
		assert.Equal(t, safe, p.ColorBlindSafe(), "%q says of itself what is measured", p)
	}
}

// Whatever the colors do, markers and dashes tell arms apart.
func TestLooksDiffer(t *testing.T) {
	arms := []study.Arm{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "d"}, {ID: "e"}, {ID: "f"}, {ID: "z", Control: true}}
	th := &theme{style: Style{}.filled()}
	looks := th.looks(arms)
	markers, dashes, colors := map[marker]bool{}, map[string]bool{}, map[color.NRGBA]bool{}
	for _, a := range arms {
		l := looks[a.ID]
		markers[l.marker] = true
		colors[l.color] = true
		key := ""
		for _, d := range l.dashes {
			key += fmt.Sprintf("%.2f", float64(d)) + " "
		}
		dashes[key] = true
	}
	assert.Len(t, markers, len(arms))
	assert.Len(t, dashes, len(arms))
	assert.Len(t, colors, len(arms))
	again := th.looks(arms[:3])
	for _, a := range arms[:3] {
		assert.Equal(t, looks[a.ID], again[a.ID], "an arm keeps its look")
	}
}

// Text in an arm's color must be readable.
func TestLabelContrast(t *testing.T) {
	for _, c := range []color.NRGBA{inkGray} {
		assert.GreaterOrEqual(t, contrast(1, toLinear(c).luminance()), 4.5)
	}
}
