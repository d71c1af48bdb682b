package page

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
)

// emuPerTwip: DrawingML measures in English metric units, 914,400 an inch.
const (
	emuPerTwip = 635
	emuPerMM   = 36000
)

func imageRel(n int) string { return fmt.Sprint("rIdImage", n) }

// figure shows a figure at its size, or as wide and high as the page lets it,
// and its caption below on the same page. One without PNG is named.
func (b *docxBody) figure(f Figure) error {
	if len(f.PNG) == 0 {
		b.paragraph("", "", f.Name)
		if f.Caption != "" {
			b.caption("", f.Caption)
		}
		return nil
	}
	width, height, err := figureSize(f, b.paper)
	if err != nil {
		return err
	}
	b.images = append(b.images, f.PNG)
	n := len(b.images)
	keep := keepNext
	if f.Caption == "" {
		keep = `<w:keepNext w:val="0"/>` // the style keeps it with its caption
	}
	b.open(styleFigure, keep, "")
	b.raw(fmt.Sprintf(`<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="%d" cy="%d"/><wp:docPr id="%d" name="`, width, height, n))
	b.text(f.Name)
	b.raw(`" descr="`)
	b.text(f.Alt)
	b.raw(`"/><wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>` +
		`<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>` +
		fmt.Sprintf(`<pic:nvPicPr><pic:cNvPr id="%d" name="`, n))
	b.text(f.Name)
	b.raw(`"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="` + imageRel(n) + `"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>` +
		fmt.Sprintf(`<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%d" cy="%d"/></a:xfrm>`, width, height) +
		`<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>`)
	if f.Caption != "" {
		b.caption("", f.Caption)
	}
	return nil
}

// figureSize is the figure's size in EMU. A figure that does not say it has 300
// dots an inch.
func figureSize(f Figure, p paper) (width, height int, err error) {
	const dpi, mmPerInch = 300, 25.4
	x, y := pngSize(f.PNG)
	if x == 0 || y == 0 {
		return 0, 0, fmt.Errorf("figure %q: no PNG", f.Name)
	}
	w, h := f.WidthMM, f.HeightMM
	if !(w > 0) {
		w = float64(x) / dpi * mmPerInch
	}
	if !(h > 0) {
		h = w * float64(y) / float64(x)
	}
	// Below stay 20 mm for the caption.
	mostWide, mostHigh := float64(p.text()*emuPerTwip)/emuPerMM, float64((p.height-3*docxMargin)*emuPerTwip)/emuPerMM
	scale := min(1, mostWide/w, mostHigh/h)
	return int(math.Round(w * scale * emuPerMM)), int(math.Round(h * scale * emuPerMM)), nil
}

// pngSize reads the size in pixels from a PNG's first chunk; 0 by 0 of what is
// no PNG.
func pngSize(png []byte) (width, height uint32) {
	if len(png) < 24 || !bytes.HasPrefix(png, []byte("\x89PNG\r\n\x1a\n")) || string(png[12:16]) != "IHDR" {
		return 0, 0
	}
	return binary.BigEndian.Uint32(png[16:20]), binary.BigEndian.Uint32(png[20:24])
}
