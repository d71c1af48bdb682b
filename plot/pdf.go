package plot

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"sort"
	"strconv"
	"unicode/utf16"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansbolditalic"
	"codeberg.org/go-fonts/liberation/liberationsansitalic"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// writePDF writes a scene as one page of PDF 1.7 (ISO 32000-1): vector graphics
// with real text, the used glyphs of each font embedded, opacity, and title and
// description as the document's properties. It holds no date and no identifier,
// so that the same figure is the same bytes. It is a writer of its own because
// a general one spends most of its time on preparing whole fonts, for each
// document anew.
func writePDF(b *bytes.Buffer, s *scene, title, alt, lang string) error {
	p := &pdfPage{scene: s, width: -1, alpha: 255, fonts: map[string]*pdfFace{}}
	p.prepareFonts()
	for _, m := range s.marks {
		p.draw(m)
	}
	var d pdfDocument
	const catalog, pages, page, info, content = 1, 2, 3, 4, 5
	next := 6 // number of the next object
	var fonts, states, images string
	var rest []func() error
	for _, style := range sortedKeys(p.fonts) {
		face, at := p.fonts[style], next
		fonts += fmt.Sprintf("/%s %d 0 R", face.name, at)
		next += 5
		rest = append(rest, func() error { return d.font(at, face) })
	}
	for _, a := range p.alphas {
		states += fmt.Sprintf("/A%d<</CA %s/ca %s>>", a, num3(float64(a)/255), num3(float64(a)/255))
	}
	for i, m := range p.images {
		at := next
		images += fmt.Sprintf("/I%d %d 0 R", i, at)
		next += 2
		rest = append(rest, func() error { return d.image(at, m) })
	}
	d.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	d.object(catalog, "<</Type/Catalog/Pages 2 0 R/Lang("+lang+")/ViewerPreferences<</DisplayDocTitle true>>>>")
	d.object(pages, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
	d.object(page, fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %s %s]/Contents 5 0 R"+
		"/Group<</S/Transparency/CS/DeviceRGB>>/Resources<</Font<<%s>>/ExtGState<<%s>>/XObject<<%s>>>>>>",
		num(float64(s.w)), num(float64(s.h)), fonts, states, images))
	d.object(info, "<</Title "+pdfText(title)+"/Subject "+pdfText(alt)+"/Producer(trialkit)>>")
	if err := d.stream(content, "", p.out.Bytes()); err != nil {
		return err
	}
	for _, write := range rest {
		if err := write(); err != nil {
			return err
		}
	}
	d.finish(catalog, info)
	_, err := d.WriteTo(b)
	return err
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// pdfFace is a font of the document with the characters written in it.
type pdfFace struct {
	name   string
	file   *trueType
	chars  []rune
	code   map[rune]int // of a character, from 1
	subset subset
}

// pdfPage writes the page's content; it remembers the graphics state, to write
// changes only.
type pdfPage struct {
	scene  *scene
	out    bytes.Buffer
	fonts  map[string]*pdfFace
	stroke [3]uint8
	fill   [3]uint8
	width  float64
	dashes string
	alpha  uint8
	alphas []uint8
	images []mark
}

// prepareFonts collects the characters of each font and cuts the fonts.
func (p *pdfPage) prepareFonts() {
	glyphs := map[string]map[rune]int{}
	for _, m := range p.scene.marks {
		if m.kind != markText {
			continue
		}
		style := pdfStyle(m.face.Font)
		if p.fonts[style] == nil {
			p.fonts[style] = &pdfFace{name: style, file: fontFile(style), code: map[rune]int{}}
			glyphs[style] = map[rune]int{}
		}
		gs, _ := shape(m.face, m.text)
		for _, g := range gs {
			glyphs[style][g.char] = int(g.index)
		}
	}
	for style, f := range p.fonts {
		for r := range glyphs[style] {
			f.chars = append(f.chars, r)
		}
		sort.Slice(f.chars, func(i, j int) bool { return f.chars[i] < f.chars[j] })
		list := make([]int, len(f.chars))
		for i, r := range f.chars {
			f.code[r] = i + 1
			list[i] = glyphs[style][r]
		}
		f.subset = f.file.cut(list)
	}
}

func (p *pdfPage) draw(m mark) {
	if m.color.A != p.alpha && m.kind != markImage {
		p.alpha = m.color.A
		if !bytes.Contains(p.alphas, []byte{p.alpha}) {
			p.alphas = append(p.alphas, p.alpha)
		}
		p.words("/A"+strconv.Itoa(int(p.alpha)), "gs")
	}
	rgb := [3]uint8{m.color.R, m.color.G, m.color.B}
	if m.kind == markStroke && rgb != p.stroke {
		p.stroke = rgb
		p.words(pdfColor(rgb), "RG")
	}
	if (m.kind == markFill || m.kind == markText) && rgb != p.fill {
		p.fill = rgb
		p.words(pdfColor(rgb), "rg")
	}
	switch m.kind {
	case markStroke:
		if m.width != p.width {
			p.width = m.width
			p.words(num3(m.width), "w")
		}
		dashes := ""
		for _, d := range m.dashes {
			dashes += num(d) + " "
		}
		if dashes != p.dashes {
			p.dashes = dashes
			p.words("["+dashes+"]", "0", "d")
		}
		p.path(m.path)
		p.words("S")
	case markFill:
		p.path(m.path)
		p.words("f")
	case markText:
		p.text(m)
	case markImage:
		// Charts are vectors; an image comes from a plotter that a researcher
		// added to a panel.
		size := m.rect.Size()
		p.words("q", num(float64(size.X)), "0", "0", num(float64(size.Y)), num(float64(m.rect.Min.X)), num(float64(m.rect.Min.Y)),
			"cm", "/I"+strconv.Itoa(len(p.images)), "Do", "Q")
		p.images = append(p.images, m)
	}
}

// words writes a line of operands and operator.
func (p *pdfPage) words(ws ...string) {
	for i, w := range ws {
		if i > 0 {
			p.out.WriteByte(' ')
		}
		p.out.WriteString(w)
	}
	p.out.WriteByte('\n')
}

func (p *pdfPage) path(path vg.Path) {
	buf := p.out.AvailableBuffer()
	point := func(q vg.Point) {
		buf = append(appendNum(buf, float64(q.X)), ' ')
		buf = append(appendNum(buf, float64(q.Y)), ' ')
	}
	var last vg.Point
	for _, c := range path {
		switch c.Type {
		case vg.MoveComp:
			point(c.Pos)
			buf = append(buf, "m\n"...)
		case vg.LineComp:
			point(c.Pos)
			buf = append(buf, "l\n"...)
		case vg.CurveComp:
			a, b := c.Control[0], c.Control[len(c.Control)-1]
			if len(c.Control) == 1 { // quadratic
				q := c.Control[0]
				a = last.Add(q.Sub(last).Scale(2.0 / 3))
				b = c.Pos.Add(q.Sub(c.Pos).Scale(2.0 / 3))
			}
			point(a)
			point(b)
			point(c.Pos)
			buf = append(buf, "c\n"...)
		case vg.CloseComp:
			buf = append(buf, "h\n"...)
		}
		if c.Type != vg.CloseComp {
			last = c.Pos
		}
	}
	p.out.Write(buf)
}

// text writes a line in one run: adjustments between the glyphs do the kerning
// and set combining marks over their letters.
func (p *pdfPage) text(m mark) {
	f := p.fonts[pdfStyle(m.face.Font)]
	sin, cos := math.Sincos(m.angle)
	size := float64(m.face.Font.Size)
	glyphs, _ := shape(m.face, m.text)
	buf := p.out.AvailableBuffer()
	buf = append(append(append(buf, "BT/"...), f.name...), ' ')
	buf = append(appendNum(buf, size), " Tf "...)
	for _, v := range []float64{cos, sin, -sin, cos} {
		buf = append(append(buf, num3(v)...), ' ')
	}
	buf = append(appendNum(buf, float64(m.at.X)), ' ')
	buf = append(appendNum(buf, float64(m.at.Y)), " Tm[<"...)
	pen := 0.0 // in thousandths of the type size
	for _, g := range glyphs {
		if d := math.Round(g.x/size*1000 - pen); d != 0 {
			buf = append(strconv.AppendInt(append(buf, '>'), int64(-d), 10), '<')
			pen += d
		}
		code := f.code[g.char]
		buf = hex.AppendEncode(buf, []byte{byte(code >> 8), byte(code)})
		pen += math.Round(f.subset.width[code-1])
	}
	p.out.Write(append(buf, ">]TJ ET\n"...))
}

func pdfColor(c [3]uint8) string {
	return num3(float64(c[0])/255) + " " + num3(float64(c[1])/255) + " " + num3(float64(c[2])/255)
}

// num3 writes a number with at most three decimals.
func num3(x float64) string {
	r := math.Round(x*1000) / 1000
	if r == 0 {
		return "0"
	}
	return strconv.FormatFloat(r, 'f', -1, 64)
}

// pdfStyle names a font of the document.
func pdfStyle(f font.Font) string {
	bold := f.Weight >= xfont.WeightSemiBold
	italic := f.Style == xfont.StyleItalic
	switch {
	case bold && italic:
		return "BI"
	case bold:
		return "B"
	case italic:
		return "I"
	}
	return "R"
}

// fontFile is the font of a style.
func fontFile(style string) *trueType {
	file := map[string][]byte{"R": liberationsansregular.TTF, "B": liberationsansbold.TTF,
		"I": liberationsansitalic.TTF, "BI": liberationsansbolditalic.TTF}[style]
	f, err := parseTrueType(file)
	if err != nil {
		panic(err) // the fonts are part of the program
	}
	return f
}

// pdfText writes a string for the document's properties.
func pdfText(s string) string {
	out := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.BigEndian.AppendUint16(out, u)
	}
	return "<" + hex.EncodeToString(out) + ">"
}

// deflate compresses a stream.
func deflate(data []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := zlib.NewWriterLevel(&b, zlib.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("plot: PDF: %w", err)
	}
	if _, err := z.Write(data); err != nil {
		return nil, fmt.Errorf("plot: PDF: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("plot: PDF: %w", err)
	}
	return b.Bytes(), nil
}
