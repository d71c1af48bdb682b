package render

import (
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// em is the font's units per em, as the size at which sfnt reports font units.
func em(f font.Face) fixed.Int26_6 { return fixed.Int26_6(f.Face.UnitsPerEm()) }

// pather receives the outlines of glyphs, in page coordinates.
type pather struct {
	move, line func(p vg.Point)
	quad       func(a, p vg.Point)
	cubic      func(a, b, p vg.Point)
	gap        func() // at a space; may be nil
}

// outline walks the outlines of a text mark. Missing glyphs were refused
// before anything was drawn.
func outline(m Mark, to pather) {
	glyphs, _ := shape(m.Face, m.Text)
	sin, cos := math.Sincos(m.Angle)
	scale := float64(m.Face.Font.Size) / float64(em(m.Face))
	var buf sfnt.Buffer
	for _, g := range glyphs {
		segs, err := m.Face.Face.LoadGlyph(&buf, g.index, em(m.Face), nil)
		if err != nil {
			continue
		}
		if len(segs) == 0 && to.gap != nil {
			to.gap()
		}
		at := func(p fixed.Point26_6) vg.Point {
			x, y := g.x+float64(p.X)*scale, -float64(p.Y)*scale
			return vg.Point{X: m.At.X + vg.Length(x*cos-y*sin), Y: m.At.Y + vg.Length(x*sin+y*cos)}
		}
		for _, s := range segs {
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				to.move(at(s.Args[0]))
			case sfnt.SegmentOpLineTo:
				to.line(at(s.Args[0]))
			case sfnt.SegmentOpQuadTo:
				to.quad(at(s.Args[0]), at(s.Args[1]))
			case sfnt.SegmentOpCubeTo:
				to.cubic(at(s.Args[0]), at(s.Args[1]), at(s.Args[2]))
			}
		}
	}
}

// OutlineText turns the scene's letters into shapes.
func (s *Scene) OutlineText() {
	round := func(p vg.Point) vg.Point { return vg.Point{X: Round01(float64(p.X)), Y: Round01(float64(p.Y))} }
	for i, m := range s.Marks {
		if m.Kind != MarkText {
			continue
		}
		var p vg.Path
		outline(m, pather{
			move: func(q vg.Point) {
				if len(p) > 0 {
					p.Close()
				}
				p.Move(round(q))
			},
			line:  func(q vg.Point) { p.Line(round(q)) },
			quad:  func(a, q vg.Point) { p.QuadTo(round(a), round(q)) },
			cubic: func(a, b, q vg.Point) { p.CubeTo(round(a), round(b), round(q)) },
		})
		if len(p) > 0 {
			p.Close()
		}
		s.Marks[i] = Mark{Kind: MarkFill, Path: p, Color: m.Color}
	}
}
