package plot

import (
	"encoding/base64"
	"encoding/binary"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/study"
)

var embedded = regexp.MustCompile(`@font-face\{font-family:'Figure Sans'((?:;font-[a-z]+:[a-z]+)*);src:url\(data:font/ttf;base64,([^)]*)\)`)

// embeddedFonts are the fonts of an SVG by pdfStyle.
func embeddedFonts(t *testing.T, svg []byte) map[string][]byte {
	t.Helper()
	styles := map[string]string{"": "", ";font-weight:bold": "B", ";font-style:italic": "I",
		";font-weight:bold;font-style:italic": "BI"}
	out := map[string][]byte{}
	for _, m := range embedded.FindAllSubmatch(svg, -1) {
		style, ok := styles[string(m[1])]
		require.True(t, ok, "%s", m[1])
		ttf, err := base64.StdEncoding.DecodeString(string(m[2]))
		require.NoError(t, err)
		out[style] = ttf
	}
	return out
}

// sameGlyphs compares an embedded font with the whole one: every used character
// has its outline and advance, every neighbors' pair its kerning.
func sameGlyphs(t *testing.T, u usedFont, ttf []byte) {
	t.Helper()
	assert.Equal(t, uint32(0xB1B0AFBA), fontChecksum(ttf), "checksum of the file")
	for name, table := range fontTables(ttf) {
		var stated uint32
		for i := range int(binary.BigEndian.Uint16(ttf[4:])) {
			if entry := ttf[12+16*i:]; string(entry[:4]) == name {
				stated = binary.BigEndian.Uint32(entry[4:])
			}
		}
		padded := append([]byte{}, table...)
		for len(padded)%4 != 0 {
			padded = append(padded, 0)
		}
		if name == "head" {
			clear(padded[8:12])
		}
		assert.Equal(t, fontChecksum(padded), stated, "checksum of %s", name)
	}
	cut, err := sfnt.Parse(ttf)
	require.NoError(t, err)
	whole, size := u.face.Face, em(u.face)
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
	for r := range u.chars {
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
	for p := range u.pairs {
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

func TestEmbedFonts(t *testing.T) {
	rs := smallTrial().results(t)
	for name, draw := range everyChart(Options{EmbedFonts: true}) {
		f, err := draw(rs)
		require.NoError(t, err, name)
		svg := written(t, f, SVG)
		assert.Less(t, len(svg), 60_000, name)
		assert.True(t, string(svg) == string(written(t, f, SVG)), "%s: the same bytes", name)
		assert.Contains(t, string(svg), `font-family="'Figure Sans', 'Liberation Sans'`, name)
		used, fonts := f.render().usedFonts(), embeddedFonts(t, svg)
		require.Len(t, fonts, len(used), name)
		for style, u := range used {
			sameGlyphs(t, u, fonts[style])
		}
	}
}

// Characters beyond the common ones, composed letters, kerned pairs, all styles.
func TestEmbedUncommonCharacters(t *testing.T) {
	th, err := newTheme(Options{}, false, study.StudyInfo{})
	require.NoError(t, err)
	for _, text := range []string{"AV To LT “P.” Wätë", "Δ ≤ ≥ ± − × μ ² ½ x̄ ë ő →", "Жуков ﬁ ‰ Ωω ♀ ẃ", "x"} {
		s := newScene(200, 200)
		for i, sty := range []string{"", "B", "I", "BI"} {
			f := th.text().Font
			if strings.Contains(sty, "B") {
				f = th.bold().Font
			}
			if strings.Contains(sty, "I") {
				f.Style = xfont.StyleItalic
			}
			s.FillString(th.measure.of(f).face, vg.Point{X: 10, Y: vg.Length(20 * i)}, text)
		}
		require.NoError(t, missingGlyph(s), text)
		used, common := s.usedFonts(), s.commonText()
		require.Len(t, used, 4)
		for style, u := range used {
			ttf, err := u.subset(pdfFont(style, common))
			require.NoError(t, err, text)
			sameGlyphs(t, u, ttf)
		}
	}
}

// No font where nobody asked, and none where there is no text.
func TestEmbedFontsOnlyWhereAsked(t *testing.T) {
	rs := smallTrial().results(t)
	for _, o := range []Options{{}, {Outlines: true}, {Outlines: true, EmbedFonts: true}} {
		f, err := TrajectoriesWith(rs, TrajectoriesOptions{Options: o})
		require.NoError(t, err)
		assert.NotContains(t, string(written(t, f, SVG)), "<style>")
	}
}
