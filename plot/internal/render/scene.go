package render

import (
	"image"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// Scene is a vg.Canvas that keeps what is drawn as a list of marks in page
// coordinates (points, origin at the lower left), rounded to 0.01 pt. Every
// output format is written from the same scene, so the formats cannot differ
// in content, the last bits of a processor's arithmetic do not show, and tests
// can ask what was drawn and where.
type Scene struct {
	W, H  vg.Length
	Marks []Mark
	state gstate
	stack []gstate
	// What paths are made of comes from blocks: a chart may have thousands.
	comps  block[vg.PathComp]
	points block[vg.Point]
}

// block hands out slices of one array, a new one when it is used up.
type block[T any] struct{ rest []T }

// take returns an empty slice with room for n; appending more than that moves
// it elsewhere.
func (b *block[T]) take(n int) []T {
	if n > len(b.rest) {
		b.rest = make([]T, max(n, 512))
	}
	out := b.rest[:0:n]
	b.rest = b.rest[n:]
	return out
}

var _ vg.CanvasSizer = (*Scene)(nil)

// Kind is what a mark is.
type Kind int

const (
	MarkStroke Kind = iota
	MarkFill
	MarkText
	MarkImage
)

// Mark is one drawing operation.
type Mark struct {
	Kind   Kind
	Path   vg.Path // strokes and fills: absolute, arcs as cubic curves
	Color  color.NRGBA
	Width  float64
	Dashes []float64
	Text   string
	Face   font.Face
	At     vg.Point // text: start of the baseline
	Angle  float64  // text: radians, counterclockwise
	Image  image.Image
	Rect   vg.Rectangle
}

// gstate is what Push saves.
type gstate struct {
	m      affine
	color  color.NRGBA
	width  float64
	dashes []float64
}

// affine maps (x, y) to (a·x + c·y + e, b·x + d·y + f).
type affine struct{ a, b, c, d, e, f float64 }

func (m affine) apply(p vg.Point) vg.Point {
	x, y := float64(p.X), float64(p.Y)
	return vg.Point{X: Round01(m.a*x + m.c*y + m.e), Y: Round01(m.b*x + m.d*y + m.f)}
}

// then returns the transformation that applies n first, then m.
func (m affine) then(n affine) affine {
	return affine{
		a: m.a*n.a + m.c*n.b, b: m.b*n.a + m.d*n.b,
		c: m.a*n.c + m.c*n.d, d: m.b*n.c + m.d*n.d,
		e: m.a*n.e + m.c*n.f + m.e, f: m.b*n.e + m.d*n.f + m.f,
	}
}

// Round01 rounds to 0.01 pt, a hundredth of what an eye can tell.
func Round01(x float64) vg.Length {
	r := math.Round(x*100) / 100
	if r == 0 {
		r = 0 // no negative zero
	}
	return vg.Length(r)
}

// NewScene returns an empty page of a size in points.
func NewScene(w, h vg.Length) *Scene {
	s := &Scene{W: w, H: h, Marks: make([]Mark, 0, 256)}
	s.state = gstate{m: affine{a: 1, d: 1}, color: color.NRGBA{A: 255}, width: 1}
	return s
}

// Size implements vg.CanvasSizer.
func (s *Scene) Size() (x, y vg.Length) { return s.W, s.H }

// SetLineWidth implements vg.Canvas.
func (s *Scene) SetLineWidth(w vg.Length) { s.state.width = float64(w) }

// SetLineDash implements vg.Canvas; the offset is not used by this package.
func (s *Scene) SetLineDash(pattern []vg.Length, _ vg.Length) {
	s.state.dashes = nil
	for _, d := range pattern {
		s.state.dashes = append(s.state.dashes, float64(d))
	}
}

// SetColor implements vg.Canvas.
func (s *Scene) SetColor(c color.Color) {
	if c == nil {
		c = color.Black
	}
	s.state.color = color.NRGBAModel.Convert(c).(color.NRGBA)
}

// Rotate implements vg.Canvas.
func (s *Scene) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	s.state.m = s.state.m.then(affine{a: cos, b: sin, c: -sin, d: cos})
}

// Translate implements vg.Canvas.
func (s *Scene) Translate(pt vg.Point) {
	s.state.m = s.state.m.then(affine{a: 1, d: 1, e: float64(pt.X), f: float64(pt.Y)})
}

// Scale implements vg.Canvas.
func (s *Scene) Scale(x, y float64) { s.state.m = s.state.m.then(affine{a: x, d: y}) }

// Push implements vg.Canvas.
func (s *Scene) Push() { s.stack = append(s.stack, s.state) }

// Pop implements vg.Canvas.
func (s *Scene) Pop() {
	s.state = s.stack[len(s.stack)-1]
	s.stack = s.stack[:len(s.stack)-1]
}

// add keeps a mark. The list doubles as it grows: thousands of marks would be
// moved many times otherwise.
func (s *Scene) add(m Mark) {
	if len(s.Marks) == cap(s.Marks) {
		s.Marks = slices.Grow(s.Marks, len(s.Marks))
	}
	s.Marks = append(s.Marks, m)
}

// Stroke implements vg.Canvas.
func (s *Scene) Stroke(p vg.Path) {
	if s.state.width <= 0 || s.state.color.A == 0 || len(p) == 0 {
		return
	}
	s.add(Mark{Kind: MarkStroke, Path: s.flatten(p), Color: s.state.color,
		Width: s.state.width, Dashes: s.state.dashes})
}

// Fill implements vg.Canvas.
func (s *Scene) Fill(p vg.Path) {
	if s.state.color.A == 0 || len(p) == 0 {
		return
	}
	s.add(Mark{Kind: MarkFill, Path: s.flatten(p), Color: s.state.color})
}

// FillString implements vg.Canvas.
func (s *Scene) FillString(f font.Face, pt vg.Point, text string) {
	if f.Font.Size == 0 || text == "" {
		return
	}
	s.add(Mark{Kind: MarkText, Text: text, Face: f, At: s.state.m.apply(pt),
		Angle: math.Atan2(s.state.m.b, s.state.m.a), Color: s.state.color})
}

// DrawImage implements vg.Canvas.
func (s *Scene) DrawImage(rect vg.Rectangle, img image.Image) {
	s.add(Mark{Kind: MarkImage, Image: img,
		Rect: vg.Rectangle{Min: s.state.m.apply(rect.Min), Max: s.state.m.apply(rect.Max)}})
}

// Finite reports whether every place on the page is a number.
func (s *Scene) Finite() bool {
	for _, m := range s.Marks {
		if !onPage(m.At) {
			return false
		}
		for _, c := range m.Path {
			if !onPage(c.Pos) {
				return false
			}
		}
	}
	return true
}

// onPage reports whether a point's coordinates are finite: what is not minus
// itself is NaN.
func onPage(p vg.Point) bool { return p.X-p.X == 0 && p.Y-p.Y == 0 }

// flatten maps a path to page coordinates; arcs become cubic curves, which all
// formats know.
func (s *Scene) flatten(p vg.Path) vg.Path {
	room := len(p)
	for _, c := range p {
		if c.Type == vg.ArcComp {
			room += 4 // a circle is a start and four curves
		}
	}
	out := vg.Path(s.comps.take(room))
	m := s.state.m
	for _, c := range p {
		switch c.Type {
		case vg.MoveComp, vg.LineComp:
			out = append(out, vg.PathComp{Type: c.Type, Pos: m.apply(c.Pos)})
		case vg.CurveComp:
			ctl := s.points.take(len(c.Control))
			for _, q := range c.Control {
				ctl = append(ctl, m.apply(q))
			}
			out = append(out, vg.PathComp{Type: vg.CurveComp, Pos: m.apply(c.Pos), Control: ctl})
		case vg.ArcComp:
			out = s.appendArc(out, c)
		case vg.CloseComp:
			out = append(out, vg.PathComp{Type: vg.CloseComp})
		}
	}
	return out
}

// appendArc draws an arc by cubic curves of at most a quarter turn, which
// leave the circle by less than 0.03 % of the radius.
func (s *Scene) appendArc(out vg.Path, c vg.PathComp) vg.Path {
	m := s.state.m
	r, n := float64(c.Radius), int(math.Ceil(math.Abs(c.Angle)/(math.Pi/2)-1e-9))
	if n == 0 {
		return out
	}
	on := func(t float64) (p, tangent vg.Point) {
		sin, cos := math.Sincos(t)
		return vg.Point{X: c.Pos.X + vg.Length(r*cos), Y: c.Pos.Y + vg.Length(r*sin)},
			vg.Point{X: vg.Length(-r * sin), Y: vg.Length(r * cos)}
	}
	step := c.Angle / float64(n)
	k := 4.0 / 3 * math.Tan(step/4)
	p0, t0 := on(c.Start)
	kind := vg.LineComp
	if len(out) == 0 {
		kind = vg.MoveComp
	}
	if last := len(out) - 1; last < 0 || out[last].Type == vg.CloseComp || out[last].Pos != m.apply(p0) {
		out = append(out, vg.PathComp{Type: kind, Pos: m.apply(p0)})
	}
	control := s.points.take(2 * n)
	for i := 1; i <= n; i++ {
		p1, t1 := on(c.Start + float64(i)*step)
		control = append(control, m.apply(p0.Add(t0.Scale(vg.Length(k)))), m.apply(p1.Sub(t1.Scale(vg.Length(k)))))
		out = append(out, vg.PathComp{Type: vg.CurveComp, Pos: m.apply(p1), Control: control[2*i-2 : 2*i : 2*i]})
		p0, t0 = p1, t1
	}
	return out
}
