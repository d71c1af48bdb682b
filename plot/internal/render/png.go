package render

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"math"

	"git.sr.ht/~sbinet/gg"
	"gonum.org/v1/plot/vg"
)

// WritePNG draws a scene at dpi pixels an inch and writes a PNG whose pHYs
// chunk states that resolution, so that it opens at the right size in print.
func WritePNG(b *bytes.Buffer, s *Scene, dpi float64) error {
	return encodePNG(b, s.raster(dpi), dpi)
}

// raster draws a scene at dpi pixels an inch, on white.
func (s *Scene) raster(dpi float64) *image.RGBA {
	k := dpi / 72
	w, h := int(math.Round(float64(s.W)*k)), int(math.Round(float64(s.H)*k))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range min(4*w, len(img.Pix)) {
		img.Pix[i] = 255
	}
	for n := 4 * w; n < len(img.Pix); n *= 2 { // white
		copy(img.Pix[n:], img.Pix[:n])
	}
	ctx := gg.NewContextForRGBA(img)
	ctx.SetLineCapButt()
	r := raster{ctx: ctx, k: k, h: float64(s.H) * k}
	for i, m := range s.Marks {
		if i == 0 && m.isPaper(s) {
			continue // it is white already
		}
		ctx.SetColor(m.Color)
		switch m.Kind {
		case MarkStroke:
			ctx.SetLineWidth(m.Width * k)
			dashes := make([]float64, len(m.Dashes))
			for i, d := range m.Dashes {
				dashes[i] = d * k
			}
			ctx.SetDash(dashes...)
			r.path(m.Path)
			ctx.Stroke()
		case MarkFill:
			r.path(m.Path)
			ctx.Fill()
		case MarkText:
			r.text(m)
		case MarkImage:
			ctx.Push()
			size := m.Image.Bounds().Size()
			ctx.Translate(float64(m.Rect.Min.X)*k, r.h-float64(m.Rect.Max.Y)*k)
			ctx.Scale(float64(m.Rect.Size().X)*k/float64(size.X), float64(m.Rect.Size().Y)*k/float64(size.Y))
			ctx.DrawImage(m.Image, 0, 0)
			ctx.Pop()
		}
	}
	return img
}

// isPaper reports whether a mark paints the whole page white.
func (m Mark) isPaper(s *Scene) bool {
	return m.Kind == MarkFill && m.Color == color.NRGBA{255, 255, 255, 255} && len(m.Path) == 5 &&
		m.Path[0].Pos == (vg.Point{}) && m.Path[2].Pos == (vg.Point{X: Round01(float64(s.W)), Y: Round01(float64(s.H))})
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

// text fills the outlines of the glyphs, at subpixel positions and any angle,
// word by word: the rasterizer walks all that a row of pixels holds for every
// edge that crosses it.
func (r raster) text(m Mark) {
	outline(m, pather{
		gap:  r.ctx.Fill,
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

// encodePNG writes an opaque image as 8-bit RGB. Every row is stored as its
// difference from the row above, which for line art on white is mostly zeros;
// trying the other filters of the format takes more time than all the drawing.
func encodePNG(b *bytes.Buffer, img *image.RGBA, dpi float64) error {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	b.WriteString("\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(nil, uint32(w))
	head = binary.BigEndian.AppendUint32(head, uint32(h))
	pngChunk(b, "IHDR", append(head, 8, 2, 0, 0, 0)) // 8 bits, RGB
	perMeter := uint32(math.Round(dpi / 0.0254))
	phys := binary.BigEndian.AppendUint32(nil, perMeter)
	phys = binary.BigEndian.AppendUint32(phys, perMeter)
	pngChunk(b, "pHYs", append(phys, 1)) // per meter
	var data bytes.Buffer
	z, err := zlib.NewWriterLevel(&data, zlib.BestSpeed)
	if err != nil {
		return fmt.Errorf("plot: PNG: %w", err)
	}
	line := make([]byte, 1+3*w)
	line[0] = 2      // up
	const chunk = 32 // pixels
	above := make([]byte, 4*w)
	for y := range h {
		row := img.Pix[y*img.Stride:][:4*w]
		for x0 := 0; x0 < 4*w; x0 += 4 * chunk { // most chunks are like those above
			x1, k := min(x0+4*chunk, 4*w), 1+x0/4*3
			if bytes.Equal(row[x0:x1], above[x0:x1]) {
				clear(line[k : k+(x1-x0)/4*3])
				continue
			}
			for x := x0; x < x1; x, k = x+4, k+3 {
				line[k], line[k+1], line[k+2] = row[x]-above[x], row[x+1]-above[x+1], row[x+2]-above[x+2]
			}
		}
		if _, err := z.Write(line); err != nil {
			return fmt.Errorf("plot: PNG: %w", err)
		}
		above = row
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("plot: PNG: %w", err)
	}
	pngChunk(b, "IDAT", data.Bytes())
	pngChunk(b, "IEND", nil)
	return nil
}

func pngChunk(b *bytes.Buffer, kind string, data []byte) {
	chunk := binary.BigEndian.AppendUint32(make([]byte, 0, len(data)+12), uint32(len(data)))
	chunk = append(append(chunk, kind...), data...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	b.Write(chunk)
}
