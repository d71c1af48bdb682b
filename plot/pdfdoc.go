package plot

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image/color"
	"math"
	"strings"
	"unicode/utf16"
)

// pdfDocument is the file: numbered objects and the table of their places.
type pdfDocument struct {
	bytes.Buffer
	offsets map[int]int
}

func (d *pdfDocument) begin(n int) {
	if d.offsets == nil {
		d.offsets = map[int]int{}
	}
	d.offsets[n] = d.Len()
	fmt.Fprintf(d, "%d 0 obj\n", n)
}

func (d *pdfDocument) object(n int, body string) {
	d.begin(n)
	d.WriteString(body + "\nendobj\n")
}

// stream writes a compressed stream with further entries of its dictionary.
func (d *pdfDocument) stream(n int, entries string, data []byte) error {
	z, err := deflate(data)
	if err != nil {
		return err
	}
	d.begin(n)
	fmt.Fprintf(d, "<</Filter/FlateDecode/Length %d%s>>\nstream\n", len(z), entries)
	d.Write(z)
	d.WriteString("\nendstream\nendobj\n")
	return nil
}

// finish writes the table of objects and the trailer.
func (d *pdfDocument) finish(catalog, info int) {
	at := d.Len()
	fmt.Fprintf(d, "xref\n0 %d\n0000000000 65535 f \n", len(d.offsets)+1)
	for n := 1; n <= len(d.offsets); n++ {
		fmt.Fprintf(d, "%010d 00000 n \n", d.offsets[n])
	}
	fmt.Fprintf(d, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(d.offsets)+1, catalog, info, at)
}

// font writes the five objects of a font: characters are coded by their place
// in the subset, and the map back to Unicode is what search and copying use.
func (d *pdfDocument) font(n int, f *pdfFace) error {
	// Subsets are named by a tag of six letters.
	name := "TRIALK+LiberationSans" + map[string]string{"R": "", "B": "-Bold", "I": "-Italic", "BI": "-BoldItalic"}[f.name]
	d.object(n, fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>",
		name, n+1, n+2))
	var w strings.Builder
	for _, x := range f.subset.width {
		fmt.Fprintf(&w, "%d ", int(math.Round(x)))
	}
	d.object(n+1, fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"+
		"/FontDescriptor %d 0 R/CIDToGIDMap/Identity/DW 0/W[1[%s]]>>", name, n+3, w.String()))
	if err := d.stream(n+2, "", toUnicode(f.chars)); err != nil {
		return err
	}
	per := func(table string, at int) int { // thousandths of the em
		return int(math.Round(float64(int16(binary.BigEndian.Uint16(f.file.tables[table][at:]))) * 1000 / float64(f.file.em)))
	}
	angle := 0
	if strings.HasSuffix(f.name, "I") {
		angle = -12
	}
	// Flags: 4, characters beyond the Latin standard set; 64, italic.
	flags := 4
	if angle != 0 {
		flags += 64
	}
	d.object(n+3, fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags %d/FontBBox[%d %d %d %d]/ItalicAngle %d/Ascent %d/Descent %d/CapHeight 729/StemV 80/FontFile2 %d 0 R>>",
		name, flags, per("head", 36), per("head", 38), per("head", 40), per("head", 42), angle, per("hhea", 4), per("hhea", 6), n+4))
	return d.stream(n+4, fmt.Sprintf("/Length1 %d", len(f.subset.ttf)), f.subset.ttf)
}

// toUnicode is the map from codes to characters.
func toUnicode(chars []rune) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n" +
		"/CMapName/Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n")
	for from := 0; from < len(chars); from += 100 { // at most a hundred a block
		block := chars[from:min(from+100, len(chars))]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for i, r := range block {
			var u []byte
			for _, x := range utf16.Encode([]rune{r}) {
				u = binary.BigEndian.AppendUint16(u, x)
			}
			fmt.Fprintf(&b, "<%04X><%s>\n", from+i+1, hex.EncodeToString(u))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// image writes an image and its opacity.
func (d *pdfDocument) image(n int, m mark) error {
	r := m.img.Bounds()
	var colors, alpha []byte
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c := color.NRGBAModel.Convert(m.img.At(x, y)).(color.NRGBA)
			colors, alpha = append(colors, c.R, c.G, c.B), append(alpha, c.A)
		}
	}
	size := fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8", r.Dx(), r.Dy())
	if err := d.stream(n, size+fmt.Sprintf("/ColorSpace/DeviceRGB/SMask %d 0 R", n+1), colors); err != nil {
		return err
	}
	return d.stream(n+1, size+"/ColorSpace/DeviceGray", alpha)
}
