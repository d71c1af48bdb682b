package plot

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"

	"github.com/trialkit/trialkit/plot/internal/chromiumtest"
)

// dejavu is a folder of fonts that are an eighth wider than Arial, of which
// FontStack names none.
const dejavu = "/usr/share/fonts/truetype/dejavu"

// startChromium opens a browser; the test is left out where none is installed.
func startChromium(t *testing.T, environment ...string) *chromiumtest.Browser {
	t.Helper()
	if _, err := exec.LookPath(chromiumtest.Program); err != nil {
		t.Skip("chromium is not installed")
	}
	return chromiumtest.Start(t, environment...)
}

// substituting opens a browser that has no font but DejaVu's.
func substituting(t *testing.T) *chromiumtest.Browser {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dejavu, "DejaVuSans.ttf")); err != nil {
		t.Skip("the DejaVu fonts are not installed")
	}
	dir := t.TempDir()
	conf := filepath.Join(dir, "fonts.conf")
	require.NoError(t, os.WriteFile(conf, []byte(`<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>`+
		dejavu+`</dir><cachedir>`+dir+`</cachedir></fontconfig>`), 0o600))
	return startChromium(t, "FONTCONFIG_FILE="+conf)
}

// shapesOf matches what is not text in a figure's file.
var shapesOf = regexp.MustCompile(`<(path|image)[^>]*/>\n`)

// showTexts opens a page with the texts of figures; css is added to its styles.
func showTexts(t *testing.T, c *chromiumtest.Browser, names []string, svgs map[string][]byte, css string) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(`<!DOCTYPE html><meta charset="utf-8"><style>body{margin:0;background:#fff}
		div{display:inline-block;padding:30px;vertical-align:top}svg{display:block;overflow:visible}` + css + "</style>\n")
	for _, name := range names {
		b.WriteString("<div>")
		b.Write(shapesOf.ReplaceAll(svgs[name], nil))
		b.WriteString("</div>")
	}
	file := filepath.Join(t.TempDir(), "texts.html")
	require.NoError(t, os.WriteFile(file, b.Bytes(), 0o600))
	c.Open(file)
}

// shown is a text as a browser lays it out, in points: its left end in its own
// system, its width, and the system's angle and origin.
type shown struct {
	Text                           string
	X, Y, Width, Size, Angle, W, H float64
	OX, OY                         float64
}

// shownScript lists the texts of every figure on the page.
const shownScript = `[...document.querySelectorAll("svg")].map(s => { const v = s.viewBox.baseVal;
	return [...s.querySelectorAll("text")].map(e => { const b = e.getBBox(), a = e.transform.baseVal;
		const x = e.x.baseVal[0].value, y = e.y.baseVal[0].value;
		return {Text: e.textContent, X: b.x, Y: y, Width: b.width, Size: parseFloat(e.getAttribute("font-size")),
			Angle: a.length ? -a[0].angle*Math.PI/180 : 0, OX: x, OY: y, W: v.width, H: v.height}; }); })`

// box are the corners of a text's ink, as render.Mark.Box has them.
func (s shown) box() [4]vg.Point {
	lo, hi := 0.0, 0.73*s.Size
	if strings.ContainsAny(s.Text, "gjpqy,;()[]{}|/Qµμ") {
		lo = -0.21 * s.Size
	}
	sin, cos := math.Sincos(s.Angle)
	at := func(x, y float64) vg.Point {
		x -= s.OX
		return vg.Point{X: vg.Length(s.OX + x*cos - y*sin), Y: vg.Length(s.H - s.OY + x*sin + y*cos)}
	}
	return [4]vg.Point{at(s.X, lo), at(s.X+s.Width, lo), at(s.X+s.Width, hi), at(s.X, hi)}
}

// shownProblems lists the texts that overlap or leave the page as the browser
// lays them out.
func shownProblems(texts []shown) (out []string) {
	boxes := make([][4]vg.Point, len(texts))
	for i, a := range texts {
		boxes[i] = a.box()
		for _, p := range boxes[i] {
			if p.X < 0 || p.Y < 0 || float64(p.X) > a.W || float64(p.Y) > a.H {
				out = append(out, fmt.Sprintf("%q leaves the page at (%.1f, %.1f)", a.Text, p.X, p.Y))
				break
			}
		}
		for j := range i {
			if d := overlap(boxes[i], boxes[j]); d > 0.1 {
				out = append(out, fmt.Sprintf("%q and %q overlap by %.2f pt", texts[j].Text, a.Text, d))
			}
		}
	}
	return out
}

// inkProblems looks at the pixels of a page whose texts are black at half their
// strength: ink over a figure's edge, within a pixel of it or over other ink.
func inkProblems(page image.Image, frame image.Rectangle) string {
	gray := func(x, y int) uint8 { return color.GrayModel.Convert(page.At(x, y)).(color.Gray).Y }
	const margin = 20
	around, within := frame.Inset(-margin), frame.Inset(2)
	for y := around.Min.Y; y < around.Max.Y; y++ {
		for x := around.Min.X; x < around.Max.X; x++ {
			p := image.Pt(x, y)
			switch g := gray(x, y); {
			case g < 240 && !p.In(frame):
				return fmt.Sprintf("ink outside, at %v of %v", p.Sub(frame.Min), frame.Size())
			case g < 240 && !p.In(within):
				return fmt.Sprintf("ink at the edge, at %v of %v", p.Sub(frame.Min), frame.Size())
			case g < 100:
				return fmt.Sprintf("ink over ink, at %v of %v", p.Sub(frame.Min), frame.Size())
			}
		}
	}
	return ""
}

// Where no font of the stack is installed and none came along, nothing is cut,
// nothing crosses an edge and no text covers another: by pixels, and by the boxes
// that the browser reports.
func TestTextFitsInOtherFonts(t *testing.T) {
	c := substituting(t)
	small := smallTrial()
	for lang, rs := range map[string]trial{"en": small, "nl": dutch(small)} {
		svgs := map[string][]byte{}
		results := rs.results(t)
		for name, draw := range everyChart(Options{Lang: lang}) {
			f, err := draw(results)
			require.NoError(t, err, name)
			svgs[name] = written(t, f, SVG)
		}
		names := slices.Sorted(maps.Keys(svgs))
		c.Window(1600, 900, "light")
		showTexts(t, c, names, svgs, "text{fill:#000;fill-opacity:.5}")
		var texts [][]shown
		c.Evaluate(shownScript, &texts)
		require.Len(t, texts, len(names))
		for i, name := range names {
			require.NotEmpty(t, texts[i], name)
			assert.Empty(t, shownProblems(texts[i]), "%s, %s", name, lang)
		}
		var frames [][4]float64
		c.Evaluate(`[...document.querySelectorAll("svg")].map(e => { const b = e.getBoundingClientRect();
			return [b.left + scrollX, b.top + scrollY, b.right + scrollX, b.bottom + scrollY]; })`, &frames)
		page, err := png.Decode(bytes.NewReader(c.Screenshot()))
		require.NoError(t, err)
		for i, name := range names {
			f := frames[i]
			frame := image.Rect(int(math.Floor(f[0])), int(math.Floor(f[1])), int(math.Ceil(f[2])), int(math.Ceil(f[3])))
			require.True(t, frame.Inset(-20).In(page.Bounds()), "%s is on the picture: %v, %v", name, frame, page.Bounds())
			assert.Empty(t, inkProblems(page, frame), "%s, %s", name, lang)
		}
	}
}
