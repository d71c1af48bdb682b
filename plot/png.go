package plot

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"math"

	"git.sr.ht/~sbinet/gg"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// writePNG draws a scene at dpi pixels an inch and writes a PNG whose pHYs
// chunk states that resolution, so that it opens at the right size in print.
func writePNG(b *bytes.Buffer, s *scene, dpi float64) error {
	k := dpi / 72
	w, h := int(math.Round(float64(s.w)*k)), int(math.Round(float64(s.h)*k))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	ctx := gg.NewContextForRGBA(img)
	ctx.SetLineCapButt()
	r := raster{ctx: ctx, k: k, h: float64(s.h) * k}
	for _, m := range s.marks {
		ctx.SetColor(m.color)
		switch m.kind {
		case markStroke:
			ctx.SetLineWidth(m.width * k)
			dashes := make([]float64, len(m.dashes))
			for i, d := range m.dashes {
				dashes[i] = d * k
			}
			ctx.SetDash(dashes...)
			r.path(m.path)
			ctx.Stroke()
		case markFill:
			r.path(m.path)
			ctx.Fill()
		case markText:
			r.text(m)
		case markImage:
			ctx.Push()
			size := m.img.Bounds().Size()
			ctx.Translate(float64(m.rect.Min.X)*k, r.h-float64(m.rect.Max.Y)*k)
			ctx.Scale(float64(m.rect.Size().X)*k/float64(size.X), float64(m.rect.Size().Y)*k/float64(size.Y))
			ctx.DrawImage(m.img, 0, 0)
			ctx.Pop()
		}
	}
	var raw bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&raw, img); err != nil {
		return err
	}
	withResolution(b, raw.Bytes(), dpi)
	return nil
}

// raster maps page coordinates to pixels, y downwards.
type raster struct {
	ctx  *gg.Context
	k, h float64
}

func (r raster) path(p vg.Path) {
	at := func(q vg.Point) (x, y float64) { return float64(q.X) * r.k, r.h - float64(q.Y)*r.k }
	for _, c := range p {
		switch c.Type {
		case vg.MoveComp:
			r.ctx.MoveTo(at(c.Pos))
		case vg.LineComp:
			r.ctx.LineTo(at(c.Pos))
		case vg.CurveComp:
			x, y := at(c.Pos)
			x1, y1 := at(c.Control[0])
			if len(c.Control) == 1 {
				r.ctx.QuadraticTo(x1, y1, x, y)
			} else {
				x2, y2 := at(c.Control[1])
				r.ctx.CubicTo(x1, y1, x2, y2, x, y)
			}
		case vg.CloseComp:
			r.ctx.ClosePath()
		}
	}
}

// text fills the outlines of the glyphs, at subpixel positions and any angle.
func (r raster) text(m mark) {
	glyphs, _ := shape(m.face, m.text)
	sin, cos := math.Sincos(m.angle)
	x0, y0 := float64(m.at.X)*r.k, r.h-float64(m.at.Y)*r.k
	scale := float64(m.face.Font.Size) / float64(em(m.face)) * r.k
	var buf sfnt.Buffer
	for _, g := range glyphs {
		segs, err := m.face.Face.LoadGlyph(&buf, g.index, em(m.face), nil)
		if err != nil {
			continue // missing glyphs were refused before anything was drawn
		}
		gx := g.x * r.k
		at := func(p fixed.Point26_6) (float64, float64) {
			x, y := gx+float64(p.X)*scale, float64(p.Y)*scale
			return x0 + x*cos + y*sin, y0 - x*sin + y*cos
		}
		for _, s := range segs {
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				r.ctx.MoveTo(at(s.Args[0]))
			case sfnt.SegmentOpLineTo:
				r.ctx.LineTo(at(s.Args[0]))
			case sfnt.SegmentOpQuadTo:
				x1, y1 := at(s.Args[0])
				x, y := at(s.Args[1])
				r.ctx.QuadraticTo(x1, y1, x, y)
			case sfnt.SegmentOpCubeTo:
				x1, y1 := at(s.Args[0])
				x2, y2 := at(s.Args[1])
				x, y := at(s.Args[2])
				r.ctx.CubicTo(x1, y1, x2, y2, x, y)
			}
		}
	}
	r.ctx.Fill()
}

// em is the font's units per em, as the size at which sfnt reports font units.
func em(f font.Face) fixed.Int26_6 { return fixed.Int26_6(f.Face.UnitsPerEm()) }

// withResolution copies a PNG and adds the pHYs chunk after IHDR.
func withResolution(b *bytes.Buffer, raw []byte, dpi float64) {
	const afterIHDR = 8 + 4 + 4 + 13 + 4
	chunk := make([]byte, 0, 21)
	chunk = binary.BigEndian.AppendUint32(chunk, 9)
	chunk = append(chunk, "pHYs"...)
	perMeter := uint32(math.Round(dpi / 0.0254))
	chunk = binary.BigEndian.AppendUint32(chunk, perMeter)
	chunk = binary.BigEndian.AppendUint32(chunk, perMeter)
	chunk = append(chunk, 1) // per meter
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	b.Write(raw[:afterIHDR])
	b.Write(chunk)
	b.Write(raw[afterIHDR:])
}
