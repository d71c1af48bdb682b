package render

import (
	"math"
	"strings"
	"sync"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// fonts is the sans part of the Liberation fonts: metrically Arial, with the
// characters that medicine needs, and free to embed.
var fonts = sync.OnceValue(func() *font.Cache {
	var sans font.Collection
	for _, f := range liberation.Collection() {
		if f.Font.Variant == "Sans" {
			sans = append(sans, f)
		}
	}
	return font.NewCache(sans)
})

// LineHeight is the distance of baselines in units of the type size.
const LineHeight = 1.15

// superscripts and subscripts: share of the type size and shift of the baseline.
const (
	scriptSize = 0.7
	superShift = 0.36
	subShift   = -0.16
)

// Rich is a text.Handler for plain text with ^{superscripts} and _{subscripts}
// and line breaks. Text is brought to Unicode's NFC, so that "é" is one
// character however it was typed. It places text exactly: YBottom puts the last
// baseline on the point, YTop the top of the box, YCenter the middle of a
// capital letter.
type Rich struct{ of *measurer }

var _ text.Handler = Rich{}

// NewRich returns a handler that remembers the widths of what it has measured.
func NewRich() Rich { return Rich{&measurer{fonts: fonts()}} }

// Cache implements text.Handler.
func (h Rich) Cache() *font.Cache { return h.of.fonts }

// Extents implements text.Handler.
func (h Rich) Extents(f font.Font) font.Extents {
	return h.of.of(f).extents
}

// Lines implements text.Handler.
func (h Rich) Lines(txt string) []string {
	if strings.IndexByte(txt, '\n') < 0 {
		return []string{norm.NFC.String(txt)}
	}
	return strings.Split(strings.TrimRight(norm.NFC.String(txt), "\n"), "\n")
}

// Box implements text.Handler.
func (h Rich) Box(txt string, f font.Font) (width, height, depth vg.Length) {
	s := h.of.of(f)
	return h.lineWidth(s, txt), s.extents.Ascent, s.extents.Descent
}

// Width is the width of a line with its scripts.
func (h Rich) Width(f font.Font, line string) vg.Length { return h.lineWidth(h.of.of(f), line) }

func (h Rich) lineWidth(s *sized, line string) vg.Length {
	return s.width(line, func() vg.Length {
		var w vg.Length
		for _, p := range richParts(norm.NFC.String(line)) {
			w += textWidth(h.of.of(scripted(p, s.font)).face, p.text)
		}
		return w
	})
}

// scripted is the font of a run: smaller for a superscript or subscript.
func scripted(p richPart, f font.Font) font.Font {
	if p.shift != 0 {
		f.Size *= scriptSize
	}
	return f
}

// Draw implements text.Handler.
func (h Rich) Draw(c vg.Canvas, txt string, sty text.Style, pt vg.Point) {
	lines := h.Lines(txt)
	if len(lines) == 1 && lines[0] == "" {
		return
	}
	c.SetColor(sty.Color)
	if sty.Rotation != 0 {
		c.Push()
		defer c.Pop()
		c.Translate(pt)
		c.Rotate(sty.Rotation)
		pt = vg.Point{}
	}
	e := h.Extents(sty.Font)
	step := vg.Length(LineHeight) * sty.Font.Size
	height := vg.Length(len(lines)-1)*step + e.Ascent + e.Descent
	y := pt.Y + height*vg.Length(sty.YAlign) + vg.Length(len(lines)-1)*step
	for _, line := range lines {
		x := pt.X
		if sty.XAlign != 0 {
			x += vg.Length(sty.XAlign) * h.Width(sty.Font, line)
		}
		for _, p := range richParts(line) {
			face := h.of.of(scripted(p, sty.Font)).face
			c.FillString(face, vg.Point{X: x, Y: y + vg.Length(p.shift)*sty.Font.Size}, p.text)
			x += textWidth(face, p.text)
		}
		y -= step
	}
}

// richPart is a run of text on one baseline.
type richPart struct {
	text  string
	shift float64
}

// richParts splits "R^{2} and x_{i}" into its runs. A brace that does not
// follow ^ or _, or is never closed, is text.
func richParts(s string) []richPart {
	var out []richPart
	add := func(t string, shift float64) {
		if t != "" {
			out = append(out, richPart{t, shift})
		}
	}
	for {
		i := strings.IndexAny(s, "^_")
		for i >= 0 && !strings.HasPrefix(s[i+1:], "{") {
			j := strings.IndexAny(s[i+1:], "^_")
			if j < 0 {
				i = -1
				break
			}
			i += 1 + j
		}
		if i < 0 {
			break
		}
		n := strings.IndexByte(s[i:], '}')
		if n < 0 {
			break
		}
		add(s[:i], 0)
		shift := superShift
		if s[i] == '_' {
			shift = subShift
		}
		add(s[i+2:i+n], shift)
		s = s[i+n+1:]
	}
	add(s, 0)
	return out
}

// glyph is one placed character of a line.
type glyph struct {
	index sfnt.GlyphIndex
	char  rune
	x     float64 // offset of its origin, in points
}

// combining reports the marks that sit on the character before them.
func combining(r rune) bool { return r >= 0x0300 && r <= 0x036F }

// shape places the glyphs of a line: advances and kerning, and combining marks
// centered over the character they belong to. It returns the total width too.
func shape(f font.Face, s string) ([]glyph, float64) {
	out := make([]glyph, 0, len(s))
	width := place(f, s, func(g glyph) { out = append(out, g) })
	return out, width
}

// textWidth is the width of a line of plain text.
func textWidth(f font.Face, s string) vg.Length {
	return vg.Length(place(f, s, func(glyph) {}))
}

// place calls add with every glyph of a line in its place, and returns the
// line's width.
func place(f font.Face, s string, add func(glyph)) float64 {
	var buf sfnt.Buffer
	t := typefaceOf(f)
	scale := float64(f.Font.Size) / float64(t.em)
	var x float64
	var base glyph // the last that is not a combining mark
	for i, r := range s {
		g, advance := t.glyph(&buf, r)
		if i > 0 && combining(r) {
			b, _, err1 := t.file.GlyphBounds(&buf, base.index, t.em, 0)
			m, _, err2 := t.file.GlyphBounds(&buf, g, t.em, 0)
			at := x
			if err1 == nil && err2 == nil {
				at = base.x + (float64(b.Min.X+b.Max.X)-float64(m.Min.X+m.Max.X))/2*scale
			}
			add(glyph{g, r, at})
			continue
		}
		if i > 0 {
			x += float64(t.kern(&buf, base.char, r, base.index, g)) * scale
		}
		base = glyph{g, r, x}
		add(base)
		x += float64(advance) * scale
	}
	return x
}

// MissingGlyph returns the first character of the scene that its font lacks,
// and the text where it stands.
func (s *Scene) MissingGlyph() (char rune, in Mark, missing bool) {
	var buf sfnt.Buffer
	for _, m := range s.Marks {
		if m.Kind != MarkText {
			continue
		}
		for _, r := range m.Text {
			if g, err := m.Face.Face.GlyphIndex(&buf, r); err != nil || g == 0 {
				return r, m, true
			}
		}
	}
	return 0, Mark{}, false
}

// Box returns the corners of a text mark's ink box: width by capital height,
// descenders included where the text has any.
func (m Mark) Box() [4]vg.Point {
	w := float64(textWidth(m.Face, m.Text))
	size := float64(m.Face.Font.Size)
	lo, hi := 0.0, 0.73*size
	if strings.ContainsAny(m.Text, "gjpqy,;()[]{}|/Qµμ") {
		lo = -0.21 * size
	}
	sin, cos := math.Sincos(m.Angle)
	at := func(x, y float64) vg.Point {
		return vg.Point{X: m.At.X + vg.Length(x*cos-y*sin), Y: m.At.Y + vg.Length(x*sin+y*cos)}
	}
	return [4]vg.Point{at(0, lo), at(w, lo), at(w, hi), at(0, hi)}
}
