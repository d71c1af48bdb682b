package render

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strconv"
	"time"

	"codeberg.org/go-pdf/fpdf"
	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// documentDate stands in every PDF, so that the same figure is the same bytes.
var documentDate = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// WritePDF writes a scene as one page of vector graphics with real text and
// the used glyphs of each font embedded.
func WritePDF(b *bytes.Buffer, s *Scene, title, alt, lang string) error {
	w, h := float64(s.W), float64(s.H)
	doc := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", OrientationStr: "P", Size: fpdf.SizeType{Wd: w, Ht: h}})
	doc.SetCatalogSort(true)
	doc.SetCreationDate(documentDate)
	doc.SetModificationDate(documentDate)
	doc.SetProducer("trialkit", true)
	doc.SetLang(lang)
	doc.SetTitle(title, true)
	doc.SetSubject(alt, true)
	doc.SetAutoPageBreak(false, 0)
	doc.SetMargins(0, 0, 0)
	doc.SetLineJoinStyle("round") // as in PNG: a mitered peak would stand out over its value
	doc.AddPage()
	p := pdfPage{doc: doc, h: h, fonts: map[string]bool{}, common: s.commonText(), width: -1, alpha: 1}
	for _, m := range s.Marks {
		p.draw(m)
	}
	if err := doc.Output(b); err != nil {
		return fmt.Errorf("plot: PDF: %w", err)
	}
	return nil
}

// pdfPage remembers the graphics state, to write changes only.
type pdfPage struct {
	doc          *fpdf.Fpdf
	h            float64
	fonts        map[string]bool
	common       bool        // the text needs common characters only
	stroke, fill color.NRGBA // the zero value is no color yet
	width        float64
	dashes       []float64
	alpha        float64
	images       int
	buf          []byte
}

func (p *pdfPage) setAlpha(a uint8) {
	if x := float64(a) / 255; x != p.alpha {
		p.doc.SetAlpha(x, "Normal")
		p.alpha = x
	}
}

func (p *pdfPage) draw(m Mark) {
	switch m.Kind {
	case MarkStroke:
		p.setAlpha(m.Color.A)
		p.buf = p.buf[:0]
		if m.Color.A = 255; m.Color != p.stroke {
			p.color(m.Color, " RG\n")
			p.stroke = m.Color
		}
		if m.Width != p.width {
			p.buf = append(appendNum(p.buf, m.Width), " w\n"...)
			p.width = m.Width
		}
		if !slices.Equal(m.Dashes, p.dashes) {
			p.buf = append(p.buf, '[')
			for _, d := range m.Dashes {
				p.buf = append(appendNum(p.buf, d), ' ')
			}
			p.buf = append(p.buf, "] 0 d\n"...)
			p.dashes = m.Dashes
		}
		p.path(m.Path)
		p.write("S")
	case MarkFill:
		p.setAlpha(m.Color.A)
		p.setFill(m.Color)
		p.path(m.Path)
		p.write("f")
	case MarkText:
		p.setAlpha(m.Color.A)
		if p.setFill(m.Color); len(p.buf) > 0 {
			p.write("")
		}
		p.text(m)
	case MarkImage:
		// Charts are vectors; an image comes from a plotter that a researcher
		// added to a panel.
		p.image(m)
	}
}

// setFill starts an operation with the color of fills and text, where that
// changes. fpdf's own text color stays unset: it would compare with a fill that
// it does not know.
func (p *pdfPage) setFill(c color.NRGBA) {
	p.buf = p.buf[:0]
	if c.A = 255; c != p.fill {
		p.color(c, " rg\n")
		p.fill = c
	}
}

// write ends the drawing operation in the buffer and hands it to the page. A
// thousand points are a thousand calls of fpdf's path functions otherwise, each
// with its own strings.
func (p *pdfPage) write(operator string) {
	p.buf = append(p.buf, operator...)
	p.doc.RawWriteBuf(bytes.NewReader(p.buf))
}

func (p *pdfPage) color(c color.NRGBA, operator string) {
	for _, v := range [3]uint8{c.R, c.G, c.B} {
		p.buf = append(strconv.AppendFloat(p.buf, float64(v)/255, 'f', 3, 64), ' ')
	}
	p.buf = append(p.buf[:len(p.buf)-1], operator...)
}

// path writes in the page's own coordinates, which run upwards as a scene's do.
func (p *pdfPage) path(path vg.Path) {
	at := func(q vg.Point) {
		p.buf = append(appendNum(p.buf, float64(q.X)), ' ')
		p.buf = append(appendNum(p.buf, float64(q.Y)), ' ')
	}
	var last vg.Point
	for _, c := range path {
		switch c.Type {
		case vg.MoveComp:
			at(c.Pos)
			p.buf = append(p.buf, 'm', '\n')
		case vg.LineComp:
			at(c.Pos)
			p.buf = append(p.buf, 'l', '\n')
		case vg.CurveComp:
			a, b := c.Control[0], c.Control[len(c.Control)-1]
			if len(c.Control) == 1 { // a quadratic curve, raised to a cubic one
				q := a
				a, b = last.Add(q.Sub(last).Scale(2.0/3)), c.Pos.Add(q.Sub(c.Pos).Scale(2.0/3))
			}
			at(a)
			at(b)
			at(c.Pos)
			p.buf = append(p.buf, 'c', '\n')
		case vg.CloseComp:
			p.buf = append(p.buf, 'h', '\n')
			continue
		}
		last = c.Pos
	}
}

func (p *pdfPage) text(m Mark) {
	style := pdfStyle(m.Face.Font)
	if !p.fonts[style] {
		p.doc.AddUTF8FontFromBytes("sans", style, pdfFont(style, p.common))
		p.fonts[style] = true
	}
	p.doc.SetFont("sans", style, float64(m.Face.Font.Size))
	x, y := float64(m.At.X), p.h-float64(m.At.Y)
	if m.Angle != 0 {
		p.doc.TransformBegin()
		p.doc.TransformRotate(m.Angle*180/math.Pi, x, y)
		defer p.doc.TransformEnd()
	}
	// The page has no kerning of its own: text is written in runs that start
	// where kerning or a combining mark has moved a glyph.
	glyphs, _ := shape(m.Face, m.Text)
	scale := float64(m.Face.Font.Size) / float64(em(m.Face))
	start, expect := 0, 0.0
	for i := range glyphs {
		if i > start && math.Abs(glyphs[i].x-expect) > 0.005 {
			p.doc.Text(x+glyphs[start].x, y, runes(glyphs[start:i]))
			start = i
		}
		expect = glyphs[i].x + advance(m.Face, glyphs[i])*scale
	}
	p.doc.Text(x+glyphs[start].x, y, runes(glyphs[start:]))
}

func runes(gs []glyph) string {
	out := make([]rune, len(gs))
	for i, g := range gs {
		out[i] = g.char
	}
	return string(out)
}

func advance(f font.Face, g glyph) float64 {
	a, err := f.Face.GlyphAdvance(nil, g.index, em(f), 0)
	if err != nil {
		return 0
	}
	return float64(a)
}

// pdfStyle returns fpdf's letters for a font's style.
func pdfStyle(f font.Font) string {
	style := ""
	if f.Weight >= xfont.WeightSemiBold {
		style = "B"
	}
	if f.Style == xfont.StyleItalic {
		style += "I"
	}
	return style
}

func (p *pdfPage) image(m Mark) {
	var raw bytes.Buffer
	if err := png.Encode(&raw, m.Image); err != nil {
		p.doc.SetError(err)
		return
	}
	p.images++
	name := fmt.Sprint("image", p.images)
	o := fpdf.ImageOptions{ImageType: "PNG"}
	p.doc.RegisterImageOptionsReader(name, o, &raw)
	size := m.Rect.Size()
	p.doc.ImageOptions(name, float64(m.Rect.Min.X), p.h-float64(m.Rect.Max.Y),
		float64(size.X), float64(size.Y), false, o, 0, "")
}
