// Package rendertest checks the fonts inside SVG files, for the tests of render
// and of plot.
package rendertest

import (
	"encoding/base64"
	"encoding/binary"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"

	"github.com/trialkit/trialkit/plot/internal/render"
)

var embedded = regexp.MustCompile(`@font-face\{font-family:'Figure Sans'((?:;font-[a-z]+:[a-z]+)*);src:url\(data:font/ttf;base64,([^)]*)\)`)

// Fonts are the font files inside an SVG by their style as CSS writes it, such
// as ";font-weight:bold".
func Fonts(t *testing.T, svg []byte) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, m := range embedded.FindAllSubmatch(svg, -1) {
		ttf, err := base64.StdEncoding.DecodeString(string(m[2]))
		require.NoError(t, err)
		out[string(m[1])] = ttf
	}
	return out
}

// style is a font's style as CSS writes it.
func style(f font.Font) string {
	css := ""
	if f.Weight >= xfont.WeightSemiBold {
		css = ";font-weight:bold"
	}
	if f.Style == xfont.StyleItalic {
		css += ";font-style:italic"
	}
	return css
}

// needs is what a scene's text needs of a style.
type needs struct {
	face  font.Face
	chars map[rune]bool
	pairs map[[2]rune]bool // that stand side by side
}

// SameFonts compares the fonts inside an SVG with the whole ones: every
// character that the scene uses has its outline and advance, every neighbors'
// pair its kerning.
func SameFonts(t *testing.T, s *render.Scene, svg []byte) {
	t.Helper()
	used := map[string]needs{}
	for _, m := range s.Marks {
		if m.Kind != render.MarkText {
			continue
		}
		key := style(m.Face.Font)
		if _, ok := used[key]; !ok {
			used[key] = needs{m.Face, map[rune]bool{}, map[[2]rune]bool{}}
		}
		chars := []rune(m.Text)
		for i, r := range chars {
			used[key].chars[r] = true
			if i > 0 {
				used[key].pairs[[2]rune{chars[i-1], r}] = true
			}
		}
	}
	fonts := Fonts(t, svg)
	require.Len(t, fonts, len(used))
	for key, n := range used {
		require.Contains(t, fonts, key)
		checkSums(t, fonts[key])
		n.compare(t, fonts[key])
	}
}

func (n needs) compare(t *testing.T, ttf []byte) {
	t.Helper()
	cut, err := sfnt.Parse(ttf)
	require.NoError(t, err)
	whole := n.face.Face
	size := fixed.Int26_6(whole.UnitsPerEm())
	assert.Equal(t, whole.UnitsPerEm(), cut.UnitsPerEm())
	var a, b sfnt.Buffer
	index := func(r rune) (w, c sfnt.GlyphIndex) {
		w, err := whole.GlyphIndex(&a, r)
		require.NoError(t, err)
		c, err = cut.GlyphIndex(&b, r)
		require.NoError(t, err)
		require.NotZero(t, c, "%q", r)
		return w, c
	}
	for r := range n.chars {
		w, c := index(r)
		want, err := whole.GlyphAdvance(&a, w, size, 0)
		require.NoError(t, err)
		got, err := cut.GlyphAdvance(&b, c, size, 0)
		require.NoError(t, err)
		assert.Equal(t, want, got, "advance of %q", r)
		outline, err := whole.LoadGlyph(&a, w, size, nil)
		require.NoError(t, err)
		cutOutline, err := cut.LoadGlyph(&b, c, size, nil)
		require.NoError(t, err, "%q", r)
		assert.Equal(t, append(sfnt.Segments{}, outline...), append(sfnt.Segments{}, cutOutline...), "outline of %q", r)
	}
	for p := range n.pairs {
		w0, c0 := index(p[0])
		w1, c1 := index(p[1])
		want, err := whole.Kern(&a, w0, w1, size, 0)
		if err != nil {
			want = 0 // the font does not list the pair
		}
		got, err := cut.Kern(&b, c0, c1, size, 0)
		if err != nil {
			got = 0
		}
		assert.Equal(t, want, got, "kerning of %q", string(p[:]))
	}
}

// checkSums holds a font file to the sums that it states: of each table, and
// 0xB1B0AFBA of the whole (OpenType specification, "Calculating Checksums").
func checkSums(t *testing.T, ttf []byte) {
	t.Helper()
	assert.Equal(t, uint32(0xB1B0AFBA), sum(ttf), "checksum of the file")
	for i := range int(binary.BigEndian.Uint16(ttf[4:])) {
		entry := ttf[12+16*i:]
		name, stated := string(entry[:4]), binary.BigEndian.Uint32(entry[4:])
		from, length := binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		table := append([]byte{}, ttf[from:from+length]...)
		if name == "head" { // without the sum of the whole
			clear(table[8:12])
		}
		assert.Equal(t, stated, sum(table), "checksum of %s", name)
	}
}

// sum adds a table's 32-bit words, zeros after its end.
func sum(table []byte) uint32 {
	for len(table)%4 != 0 {
		table = append(table[:len(table):len(table)], 0)
	}
	var s uint32
	for ; len(table) > 0; table = table[4:] {
		s += binary.BigEndian.Uint32(table)
	}
	return s
}
