package plot

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"math"

	"git.sr.ht/~sbinet/gg"
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

// at maps a point to pixels.
func (r raster) at(q vg.Point) (x, y float64) { return float64(q.X) * r.k, r.h - float64(q.Y)*r.k }

func (r raster) path(p vg.Path) {
	for _, c := range p {
		switch c.Type {
		case vg.MoveComp:
			r.ctx.MoveTo(r.at(c.Pos))
		case vg.LineComp:
			r.ctx.LineTo(r.at(c.Pos))
		case vg.CurveComp:
			x, y := r.at(c.Pos)
			x1, y1 := r.at(c.Control[0])
			if len(c.Control) == 1 {
				r.ctx.QuadraticTo(x1, y1, x, y)
			} else {
				x2, y2 := r.at(c.Control[1])
				r.ctx.CubicTo(x1, y1, x2, y2, x, y)
			}
		case vg.CloseComp:
			r.ctx.ClosePath()
		}
	}
}

// text fills the outlines of the glyphs, at subpixel positions and any angle.
func (r raster) text(m mark) {
	outline(m, pather{
		move: func(p vg.Point) { r.ctx.MoveTo(r.at(p)) },
		line: func(p vg.Point) { r.ctx.LineTo(r.at(p)) },
		quad: func(a, p vg.Point) { x1, y1 := r.at(a); x, y := r.at(p); r.ctx.QuadraticTo(x1, y1, x, y) },
		cubic: func(a, b, p vg.Point) {
			x1, y1 := r.at(a)
			x2, y2 := r.at(b)
			x, y := r.at(p)
			r.ctx.CubicTo(x1, y1, x2, y2, x, y)
		},
	})
	r.ctx.Fill()
}

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
