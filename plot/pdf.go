package plot

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"time"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansbolditalic"
	"codeberg.org/go-fonts/liberation/liberationsansitalic"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-pdf/fpdf"
	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// documentDate stands in every PDF, so that the same figure is the same bytes.
var documentDate = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// writePDF writes a scene as one page of vector graphics with real text and
// the used glyphs of each font embedded.
func writePDF(b *bytes.Buffer, s *scene, title, alt, lang string) error {
	w, h := float64(s.w), float64(s.h)
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
	doc.AddPage()
	p := pdfPage{doc: doc, h: h, fonts: map[string]bool{}, width: -1, alpha: 1}
	for _, m := range s.marks {
		p.draw(m)
	}
	if err := doc.Output(b); err != nil {
		return fmt.Errorf("plot: PDF: %w", err)
	}
	return nil
}

// pdfPage remembers the graphics state, to write changes only.
type pdfPage struct {
	doc    *fpdf.Fpdf
	h      float64
	fonts  map[string]bool
	width  float64
	dashes string
	alpha  float64
	images int
}

func (p *pdfPage) setAlpha(a uint8) {
	if x := float64(a) / 255; x != p.alpha {
		p.doc.SetAlpha(x, "Normal")
		p.alpha = x
	}
}

func (p *pdfPage) draw(m mark) {
	r, g, b := int(m.color.R), int(m.color.G), int(m.color.B)
	switch m.kind {
	case markStroke:
		p.setAlpha(m.color.A)
		p.doc.SetDrawColor(r, g, b)
		if m.width != p.width {
			p.doc.SetLineWidth(m.width)
			p.width = m.width
		}
		if key := fmt.Sprint(m.dashes); key != p.dashes {
			p.doc.SetDashPattern(m.dashes, 0)
			p.dashes = key
		}
		p.path(m.path)
		p.doc.DrawPath("D")
	case markFill:
		p.setAlpha(m.color.A)
		p.doc.SetFillColor(r, g, b)
		p.path(m.path)
		p.doc.DrawPath("F")
	case markText:
		p.setAlpha(m.color.A)
		p.doc.SetTextColor(r, g, b)
		p.text(m)
	case markImage:
		// Charts are vectors; an image comes from a plotter that a researcher
		// added to a panel.
		p.image(m)
	}
}

func (p *pdfPage) path(path vg.Path) {
	xy := func(q vg.Point) (float64, float64) { return float64(q.X), p.h - float64(q.Y) }
	for _, c := range path {
		x, y := xy(c.Pos)
		switch c.Type {
		case vg.MoveComp:
			p.doc.MoveTo(x, y)
		case vg.LineComp:
			p.doc.LineTo(x, y)
		case vg.CurveComp:
			x1, y1 := xy(c.Control[0])
			if len(c.Control) == 1 {
				p.doc.CurveTo(x1, y1, x, y)
			} else {
				x2, y2 := xy(c.Control[1])
				p.doc.CurveBezierCubicTo(x1, y1, x2, y2, x, y)
			}
		case vg.CloseComp:
			p.doc.ClosePath()
		}
	}
}

func (p *pdfPage) text(m mark) {
	style, ttf := pdfFont(m.face.Font)
	if !p.fonts[style] {
		p.doc.AddUTF8FontFromBytes("sans", style, ttf)
		p.fonts[style] = true
	}
	p.doc.SetFont("sans", style, float64(m.face.Font.Size))
	x, y := float64(m.at.X), p.h-float64(m.at.Y)
	if m.angle != 0 {
		p.doc.TransformBegin()
		p.doc.TransformRotate(m.angle*180/math.Pi, x, y)
		defer p.doc.TransformEnd()
	}
	// The page has no kerning of its own: text is written in runs that start
	// where kerning or a combining mark has moved a glyph.
	glyphs, _ := shape(m.face, m.text)
	scale := float64(m.face.Font.Size) / float64(em(m.face))
	start, expect := 0, 0.0
	for i := range glyphs {
		if i > start && math.Abs(glyphs[i].x-expect) > 0.005 {
			p.doc.Text(x+glyphs[start].x, y, runes(glyphs[start:i]))
			start = i
		}
		expect = glyphs[i].x + advance(m.face, glyphs[i])*scale
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

// pdfFont returns fpdf's style letters and the font file.
func pdfFont(f font.Font) (style string, ttf []byte) {
	bold := f.Weight >= xfont.WeightSemiBold
	italic := f.Style == xfont.StyleItalic
	switch {
	case bold && italic:
		return "BI", liberationsansbolditalic.TTF
	case bold:
		return "B", liberationsansbold.TTF
	case italic:
		return "I", liberationsansitalic.TTF
	}
	return "", liberationsansregular.TTF
}

func (p *pdfPage) image(m mark) {
	var raw bytes.Buffer
	if err := png.Encode(&raw, m.img); err != nil {
		p.doc.SetError(err)
		return
	}
	p.images++
	name := fmt.Sprint("image", p.images)
	o := fpdf.ImageOptions{ImageType: "PNG"}
	p.doc.RegisterImageOptionsReader(name, o, &raw)
	size := m.rect.Size()
	p.doc.ImageOptions(name, float64(m.rect.Min.X), p.h-float64(m.rect.Max.Y),
		float64(size.X), float64(size.Y), false, o, 0, "")
}
