package render

import (
	"bytes"
	"encoding/base64"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/vg"
)

// MMPerPoint converts points to millimeters.
const MMPerPoint = 25.4 / 72

// FontStack names the fonts that a page or EmbedFonts brings along, then those
// with the same widths, so that a label that fits here fits wherever the file is
// opened. Where none of them is installed, writeText keeps the widths.
const FontStack = "'Figure Sans', 'Liberation Sans', Arial, Arimo, 'Nimbus Sans', 'TeX Gyre Heros', Helvetica, sans-serif"

// WriteSVG writes a scene as SVG 1.1: real text, size in millimeters, and a
// title and a description for screen readers; embed brings the fonts along.
func WriteSVG(b *bytes.Buffer, s *Scene, title, desc, lang string, embed bool) error {
	w, h := float64(s.W), float64(s.H)
	b.Grow(1024 + 192*len(s.Marks))
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title" aria-describedby="desc" width="`)
	b.WriteString(num(w*MMPerPoint) + `mm" height="` + num(h*MMPerPoint) + `mm" viewBox="0 0 ` + num(w) + " " + num(h) + `"`)
	// Advances are not rounded to pixels.
	b.WriteString(` xml:lang="` + xmlText(lang) + `" font-family="` + FontStack + `" text-rendering="geometricPrecision"` +
		` stroke-linejoin="round" xml:space="preserve">` + "\n")
	b.WriteString(`<title id="title">` + xmlText(title) + "</title>\n")
	b.WriteString(`<desc id="desc">` + xmlText(desc) + "</desc>\n")
	if embed {
		if err := writeFontFaces(b, s); err != nil {
			return err
		}
	}
	for _, m := range s.Marks {
		switch m.Kind {
		case MarkStroke:
			b.WriteString(`<path d="`)
			svgPath(b, m.Path, h)
			b.WriteString(`" fill="none" stroke="` + hexColor(m.Color) + `" stroke-width="` + num(m.Width) + `"`)
			if len(m.Dashes) > 0 {
				b.WriteString(` stroke-dasharray="`)
				for i, d := range m.Dashes {
					if i > 0 {
						b.WriteByte(' ')
					}
					b.WriteString(num(d))
				}
				b.WriteByte('"')
			}
			if m.Color.A < 255 {
				b.WriteString(` stroke-opacity="` + num(float64(m.Color.A)/255) + `"`)
			}
			b.WriteString("/>\n")
		case MarkFill:
			b.WriteString(`<path d="`)
			svgPath(b, m.Path, h)
			b.WriteString(`" fill="` + hexColor(m.Color) + `"`)
			if m.Color.A < 255 {
				b.WriteString(` fill-opacity="` + num(float64(m.Color.A)/255) + `"`)
			}
			b.WriteString("/>\n")
		case MarkText:
			m.writeText(b, s)
		case MarkImage:
			var img bytes.Buffer
			if err := png.Encode(&img, m.Image); err != nil {
				return err
			}
			b.WriteString(`<image x="` + num(float64(m.Rect.Min.X)) + `" y="` + num(h-float64(m.Rect.Max.Y)) +
				`" width="` + num(float64(m.Rect.Size().X)) + `" height="` + num(float64(m.Rect.Size().Y)) +
				`" preserveAspectRatio="none" href="data:image/png;base64,` +
				base64.StdEncoding.EncodeToString(img.Bytes()) + `"/>` + "\n")
		}
	}
	b.WriteString("</svg>\n")
	return nil
}

// widened is by how much a substitute for the fonts of FontStack may be wider, as
// Verdana and DejaVu Sans are.
const widened = 1.25

// writeText writes a text as long as it was measured: a viewer without the fonts
// sets another one, which is often wider, narrower until it fits. Not every viewer
// does that, so a text that would leave the page if it were wider grows inward.
func (m Mark) writeText(b *bytes.Buffer, s *Scene) {
	w := float64(textWidth(m.Face, m.Text))
	sin, cos := math.Sincos(m.Angle)
	along := func(d float64) (x, y float64) { return float64(m.At.X) + d*cos, float64(m.At.Y) + d*sin }
	inside := func(d float64) bool {
		x, y := along(d)
		return x >= 0 && y >= 0 && x <= float64(s.W) && y <= float64(s.H)
	}
	anchor, at := "", 0.0
	if !inside(widened*w) && inside((1-widened)*w) {
		anchor, at = ` text-anchor="end"`, w
	}
	atX, atY := along(at)
	x, y := num(atX), num(float64(s.H)-atY)
	b.WriteString(`<text x="` + x + `" y="` + y + `" font-size="` + num(float64(m.Face.Font.Size)) + `"` + anchor)
	if w > 0 {
		b.WriteString(` textLength="` + num(w) + `" lengthAdjust="spacingAndGlyphs"`)
	}
	if m.Face.Font.Weight >= xfont.WeightSemiBold {
		b.WriteString(` font-weight="bold"`)
	}
	if m.Face.Font.Style == xfont.StyleItalic {
		b.WriteString(` font-style="italic"`)
	}
	if m.Color != (color.NRGBA{A: 255}) {
		b.WriteString(` fill="` + hexColor(m.Color) + `"`)
	}
	if m.Angle != 0 {
		b.WriteString(` transform="rotate(` + num(-m.Angle*180/math.Pi) + " " + x + " " + y + `)"`)
	}
	b.WriteString(">" + xmlText(m.Text) + "</text>\n")
}

func svgPath(b *bytes.Buffer, p vg.Path, h float64) {
	out := b.AvailableBuffer()
	xy := func(q vg.Point) {
		out = append(appendNum(out, float64(q.X)), ' ')
		out = appendNum(out, h-float64(q.Y))
	}
	for _, c := range p {
		switch c.Type {
		case vg.MoveComp:
			out = append(out, 'M')
			xy(c.Pos)
		case vg.LineComp:
			out = append(out, 'L')
			xy(c.Pos)
		case vg.CurveComp:
			out = append(out, "QC"[len(c.Control)-1])
			for _, q := range c.Control {
				xy(q)
				out = append(out, ' ')
			}
			xy(c.Pos)
		case vg.CloseComp:
			out = append(out, 'Z')
		}
	}
	b.Write(out)
}

// num writes a length with at most two decimals.
func num(x float64) string {
	var buf [24]byte
	return string(appendNum(buf[:0], x))
}

func appendNum(b []byte, x float64) []byte {
	n := int64(math.Round(x * 100))
	if math.Abs(x) > 1e15 || float64(n)/100 != math.Round(x*100)/100 {
		return strconv.AppendFloat(b, x, 'f', 2, 64)
	}
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/100, 10)
	if d := n % 100; d != 0 {
		b = append(b, '.', byte('0'+d/10))
		if d%10 != 0 {
			b = append(b, byte('0'+d%10))
		}
	}
	return b
}

func hexColor(c color.NRGBA) string {
	const digits = "0123456789abcdef"
	return string([]byte{'#', digits[c.R>>4], digits[c.R&15], digits[c.G>>4], digits[c.G&15],
		digits[c.B>>4], digits[c.B&15]})
}

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// xmlText escapes text for XML; control characters, which XML 1.0 does not
// allow, become spaces.
func xmlText(s string) string {
	return xmlEscaper.Replace(strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0xFFFE || r == 0xFFFF {
			return ' '
		}
		return r
	}, s))
}
