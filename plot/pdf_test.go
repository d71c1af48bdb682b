package plot

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"math"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"
)

// neededText holds every character that the labels of trials need.
const neededText = "Δ ≤ ≥ ± − × μ µ ² ³ ½ x̄ ë ő ° · – — ’ “ ” € α β γ → ← σ"

// Every needed character comes out of the PDF as it went in.
func TestEveryCharacterOfPDF(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext (poppler-utils) is not installed")
	}
	tr := smallTrial()
	for i, text := range []string{neededText, strings.ToUpper("abcçdefghijklmnñopqrstuvwxyzæøåœß"), "Réponse à l’inclusion: 0,5–1 µg·kg^{−1}, T_{max}"} {
		tr.outcome.Label = text
		f, err := TrajectoriesWith(tr.results(t), TrajectoriesOptions{Options: Options{Width: 174, Height: 120}})
		require.NoError(t, err)
		cmd := exec.Command(tool, "-raw", "-", "-")
		cmd.Stdin = bytes.NewReader(written(t, f, PDF))
		out, err := cmd.Output()
		require.NoError(t, err)
		got := strings.Join(strings.Fields(string(out)), "")
		want := strings.Join(strings.Fields(text), "")
		if i == 2 { // scripts are runs of their own
			want = "0,5–1µg·kg"
		}
		assert.Contains(t, got, want)
	}
}

// objectPlace is a line of the table of objects.
var objectPlace = regexp.MustCompile(`(\d{10}) 00000 n \n`)

// The table of objects points at the objects, streams are as long as they say
// and can be read, and nothing in the file tells when it was made.
func TestPDFIsWhole(t *testing.T) {
	rs := smallTrial().results(t)
	for name, draw := range charts(Options{}) {
		f, err := draw(rs)
		require.NoError(t, err)
		raw := written(t, f, PDF)
		places := objectPlace.FindAllSubmatch(raw, -1)
		require.NotEmpty(t, places, name)
		for i, p := range places {
			at, err := strconv.Atoi(string(p[1]))
			require.NoError(t, err)
			assert.True(t, bytes.HasPrefix(raw[at:], fmt.Appendf(nil, "%d 0 obj\n", i+1)), "%s: object %d", name, i+1)
		}
		assert.Equal(t, len(places), bytes.Count(raw, []byte("endobj")), name)
		start := bytes.LastIndex(raw, []byte("startxref\n"))
		at, err := strconv.Atoi(strings.Fields(string(raw[start:]))[1])
		require.NoError(t, err)
		assert.True(t, bytes.HasPrefix(raw[at:], []byte("xref\n")), name)
		assert.NotContains(t, string(raw), "Date")
		assert.NotContains(t, string(raw), "/ID")
		content := pdfStreams(t, raw)[0]
		assert.Contains(t, content, "]TJ", "text is text")
	}
}

// pdfStreams are the streams of a file, in order.
func pdfStreams(t *testing.T, raw []byte) []string {
	t.Helper()
	var out []string
	for _, m := range regexp.MustCompile(`/Length (\d+)[^>]*>>\nstream\n`).FindAllSubmatchIndex(raw, -1) {
		n, err := strconv.Atoi(string(raw[m[2]:m[3]]))
		require.NoError(t, err)
		z, err := zlib.NewReader(bytes.NewReader(raw[m[1] : m[1]+n]))
		require.NoError(t, err)
		data, err := io.ReadAll(z)
		require.NoError(t, err)
		out = append(out, string(data))
	}
	return out
}

// Colors keep their values beside an opacity of their own.
func TestPDFColorsUnderTransparency(t *testing.T) {
	f, err := Trajectories(smallTrial().results(t))
	require.NoError(t, err)
	raw := written(t, f, PDF)
	content := pdfStreams(t, raw)[0]
	assert.Contains(t, content, "0 0.447 0.698 RG", "Okabe and Ito's blue, 0072B2")
	alpha := uint8(fade(rgb(0), opacity(10)).A)
	assert.Contains(t, content, fmt.Sprintf("/A%d gs", alpha))
	assert.Contains(t, string(raw), fmt.Sprintf("/A%d<</CA %s", alpha, num3(float64(alpha)/255)))
}

// A cut font has the outlines and widths of the whole one, accents that are
// composed of two glyphs included.
func TestCutFont(t *testing.T) {
	f := fontFile("R")
	th, err := newTheme(Options{}, false, smallTrial().info)
	require.NoError(t, err)
	face := th.measure.face(th.text().Font)
	var list []int
	text := []rune("aëőΔ½−i ")
	for _, r := range text {
		g, err := face.Face.GlyphIndex(nil, r)
		require.NoError(t, err)
		list = append(list, int(g))
	}
	s := f.cut(list)
	small, err := parseTrueType(s.ttf)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, small.glyphs, len(list)+1, "with what accents are composed of")
	assert.Less(t, len(s.ttf), 6000)
	assert.Empty(t, small.glyph(len(list)), "a space has no outline")
	for i, g := range list {
		w, b := f.metrics(g)
		w2, b2 := small.metrics(i + 1)
		assert.Equal(t, [2]uint16{w, b}, [2]uint16{w2, b2}, "%c", text[i])
		if len(f.glyph(g)) == 0 {
			continue
		}
		assert.Equal(t, f.glyph(g)[:10], small.glyph(i + 1)[:10], "contours and box of %c", text[i])
	}
	a := small.glyph(1)
	n := int(a[0])<<8 | int(a[1])
	assert.Equal(t, []byte{0, 0}, a[10+2*n:12+2*n], "no instructions")
	_, err = parseTrueType([]byte("no font"))
	require.Error(t, err)
}

// Glyphs stand where the layout measured them, kerning and accents included:
// the adjustments of a line add up to the measured places.
func TestPDFGlyphPlaces(t *testing.T) {
	th, err := newTheme(Options{}, false, smallTrial().info)
	require.NoError(t, err)
	face := th.measure.face(th.text().Font)
	s := newScene(100, 100)
	s.FillString(face, vg.Point{X: 10, Y: 10}, "AVATAR To x̄ Week")
	p := &pdfPage{scene: s, width: -1, alpha: 255, fonts: map[string]*pdfFace{}}
	p.prepareFonts()
	p.draw(s.marks[0])
	line := p.out.String()
	line = line[strings.Index(line, "[")+1 : strings.Index(line, "]TJ")]
	f := p.fonts["R"]
	var got []float64
	pen, kerned := 0.0, 0
	for _, part := range regexp.MustCompile(`<([0-9a-f]*)>|(-?\d+)`).FindAllStringSubmatch(line, -1) {
		if part[2] != "" {
			d, err := strconv.ParseFloat(part[2], 64)
			require.NoError(t, err)
			pen -= d
			kerned++
			continue
		}
		for i := 0; i < len(part[1]); i += 4 {
			code, err := strconv.ParseInt(part[1][i:i+4], 16, 32)
			require.NoError(t, err)
			got = append(got, pen/1000*float64(face.Font.Size))
			pen += math.Round(f.subset.width[code-1])
		}
	}
	glyphs, _ := shape(face, s.marks[0].text)
	require.Len(t, got, len(glyphs))
	for i, g := range glyphs {
		assert.InDelta(t, g.x, got[i], 0.006, "glyph %d, %c", i, g.char)
	}
	assert.Greater(t, kerned, 4)
}
