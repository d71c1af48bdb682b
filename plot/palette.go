package plot

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/trialkit/trialkit/study"
)

// Palette names a set of colors for arms.
type Palette string

// Palettes. The zero value is Okabe–Ito, which people with every common form
// of color vision can tell apart. No palette carries a meaning alone: arms
// differ in marker and dash as well.
const (
	OkabeIto    Palette = ""
	PaletteJAMA Palette = "jama"
	// PaletteNEJM is not safe for color-blind readers beyond two arms, and its
	// red and blue are one gray.
	PaletteNEJM Palette = "nejm"
	// PaletteLancet is not safe for color-blind readers beyond two arms.
	PaletteLancet Palette = "lancet"
	PaletteGray   Palette = "gray"
)

// colors returns control's color and those of the active arms in order.
func (p Palette) colors() (control color.NRGBA, active []color.NRGBA, ok bool) {
	switch p {
	case OkabeIto: // Okabe & Ito 2008, https://jfly.uni-koeln.de/color
		return rgb(0x000000), rgbs(0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0x56B4E9, 0xE69F00), true
	case PaletteJAMA:
		return rgb(0x374E55), rgbs(0xDF8F44, 0x00A1D5, 0xB24745, 0x79AF97, 0x6A6599, 0x80796B), true
	case PaletteNEJM:
		return rgb(0x0072B5), rgbs(0xBC3C29, 0xE18727, 0x20854E, 0x7876B1, 0x6F99AD, 0xEE4C97), true
	case PaletteLancet:
		return rgb(0x00468B), rgbs(0xED0000, 0x42B540, 0x0099B4, 0x925E9F, 0xAD002A, 0xADB6B6), true
	case PaletteGray:
		return rgb(0x000000), rgbs(0x6E6E6E, 0x9A9A9A, 0x404040, 0xB4B4B4, 0x2A2A2A, 0x858585), true
	}
	return color.NRGBA{}, nil, false
}

// ColorBlindSafe reports whether the palette's first four colors can be told
// apart by readers who lack one of the three kinds of cones: 15 or more apart in
// CIE L*a*b* as they see them. Where they cannot, marker and dash carry the
// distinction.
func (p Palette) ColorBlindSafe() bool { return p != PaletteLancet && p != PaletteNEJM }

// GraySafe reports whether control and the first active arm differ clearly in
// lightness, and so in gray: by 25 or more of CIE L*'s 100. Where they do not,
// the open symbol and the dash of control carry the distinction.
func (p Palette) GraySafe() bool { return p != PaletteNEJM && p != PaletteLancet }

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}
}

func rgbs(vs ...uint32) []color.NRGBA {
	out := make([]color.NRGBA, len(vs))
	for i, v := range vs {
		out[i] = rgb(v)
	}
	return out
}

// fade returns the color with the given opacity.
func fade(c color.NRGBA, opacity float64) color.NRGBA {
	c.A = uint8(math.Round(255 * opacity))
	return c
}

// look is how an arm appears in every figure of a study: it follows from the
// arm's place in the protocol alone.
type look struct {
	arm    study.Arm
	color  color.NRGBA
	dashes []vg.Length
	marker marker
	// index among the arms, control last.
	index int
}

// What tells arms apart besides color, and lines that are no arm's.
var (
	lineDashes = [][]vg.Length{nil, {5, 2}, {2, 1.5}, {7, 2, 1.5, 2}, {4, 1.5, 1.5, 1.5, 1.5, 1.5}, {9, 2}}
	shapes     = []marker{discMarker, triangleMarker, diamondMarker, invertedMarker, crossMarker, plusMarker}
)

// looks gives every arm of a result its look.
func (t *theme) looks(arms []study.Arm) map[string]look {
	t.knowNames(arms)
	control, active, _ := t.style.Palette.colors()
	out := make(map[string]look, len(arms))
	n := 0
	for i, a := range arms {
		l := look{arm: a, index: i}
		if a.Control {
			l.color, l.marker, l.dashes = control, squareMarker, t.dashes(3, 1.5)
		} else {
			l.color, l.marker = active[n%len(active)], shapes[n%len(shapes)]
			if n > 0 {
				l.dashes = t.dashes(lineDashes[n%len(lineDashes)]...)
			}
			n++
		}
		out[a.ID] = l
	}
	return out
}

// plainGrays are the grays of what belongs to no arm. In an arm's color, or in
// control's black, it would be read as that arm's.
var plainGrays = rgbs(0x4D4D4D, 0x7F7F7F, 0x262626, 0x666666, 0x999999, 0x333333)

// plainLook is the look of what belongs to no arm: the i-th line of a chart
// whose lines are not arms. Dash and marker tell the lines apart.
func (t *theme) plainLook(i int) look {
	return look{color: plainGrays[i%len(plainGrays)], marker: shapes[i%len(shapes)], dashes: t.dashes(lineDashes[i%len(lineDashes)]...)}
}

// dashes are lengths in points at 7.5 pt type, which grow with the type: on a
// slide they would be dots otherwise.
func (t *theme) dashes(lengths ...vg.Length) []vg.Length {
	var out []vg.Length
	for _, d := range lengths {
		out = append(out, t.scaled(d))
	}
	return out
}

// marker is a symbol of equal visual weight; open markers have a white face.
type marker int

const (
	discMarker marker = iota
	squareMarker
	triangleMarker
	diamondMarker
	invertedMarker
	crossMarker
	plusMarker
)

// draw paints the marker at a point, filled with face and outlined.
func (k marker) draw(c draw.Canvas, at vg.Point, r vg.Length, face color.Color, line draw.LineStyle) {
	var p vg.Path
	poly := func(scale vg.Length, xy ...vg.Length) {
		for i := 0; i < len(xy); i += 2 {
			q := vg.Point{X: at.X + xy[i]*r*scale, Y: at.Y + xy[i+1]*r*scale}
			if i == 0 {
				p.Move(q)
			} else {
				p.Line(q)
			}
		}
		p.Close()
	}
	switch k {
	case discMarker:
		p.Move(vg.Point{X: at.X + r, Y: at.Y})
		p.Arc(at, r, 0, 2*math.Pi)
		p.Close()
	case squareMarker:
		poly(0.886, -1, -1, 1, -1, 1, 1, -1, 1)
	case triangleMarker:
		poly(1.25, -0.866, -0.5, 0.866, -0.5, 0, 1)
	case diamondMarker:
		poly(1.25, 0, -1, 1, 0, 0, 1, -1, 0)
	case invertedMarker:
		poly(1.25, -0.866, 0.5, 0.866, 0.5, 0, -1)
	case crossMarker:
		poly(1, -1, -0.6, -0.6, -1, 0, -0.4, 0.6, -1, 1, -0.6, 0.4, 0, 1, 0.6, 0.6, 1, 0, 0.4, -0.6, 1, -1, 0.6, -0.4, 0)
	case plusMarker:
		poly(1, -0.35, -1.1, 0.35, -1.1, 0.35, -0.35, 1.1, -0.35, 1.1, 0.35, 0.35, 0.35, 0.35, 1.1, -0.35, 1.1, -0.35, 0.35, -1.1, 0.35, -1.1, -0.35, -0.35, -0.35)
	}
	if face != nil {
		c.SetColor(face)
		c.Fill(p)
	}
	if line.Width > 0 {
		c.SetLineStyle(line)
		c.Stroke(p)
	}
}
