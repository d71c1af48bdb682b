package plot

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"flag"
	"fmt"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

func written(t *testing.T, f *Figure, format Format) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, f.Write(&b, format))
	require.NotEmpty(t, b.Bytes())
	return b.Bytes()
}

// The same input gives the same bytes, whatever the number of cores and
// however many write at once, in every format.
func TestSameBytes(t *testing.T) {
	rs := smallTrial().results(t)
	all := charts(Options{Width: 85, Style: Style{DPI: 60}})
	for name, draw := range plainCharts(Options{Width: 85, Style: Style{DPI: 60}}) {
		all[name] = draw
	}
	write := func(name string) (string, error) {
		f, err := all[name](rs)
		if err != nil {
			return "", err
		}
		var b bytes.Buffer
		for _, format := range []Format{PNG, SVG, PDF} {
			if err := f.Write(&b, format); err != nil {
				return "", err
			}
		}
		return b.String(), nil
	}
	delete(all, "flow") // 85 mm are too narrow for it
	want := map[string]string{}
	for name := range all {
		got, err := write(name)
		require.NoError(t, err, name)
		want[name] = got
	}
	for _, procs := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(procs)
		var wg sync.WaitGroup
		for name := range all {
			wg.Go(func() {
				got, err := write(name)
				if assert.NoError(t, err, name) {
					assert.True(t, want[name] == got, "%s with %d processors", name, procs)
				}
			})
		}
		wg.Wait()
		runtime.GOMAXPROCS(old)
	}
}

// The decimal sign follows the language, and The Lancet's is raised.
func TestDecimalSigns(t *testing.T) {
	rs := smallTrial().results(t)
	for want, o := range map[string]Options{
		">−2.99 (−3.42 to −2.56)<":  {},
		">−2,99 (−3,42 tot −2,56)<": {Lang: "nl"},
		">−2·99 (−3·42 to −2·56)<":  {Style: Lancet()},
	} {
		f, err := DifferencesWith(rs, DifferencesOptions{Options: o})
		require.NoError(t, err)
		assert.Contains(t, string(written(t, f, SVG)), want)
	}
}

// One figure may be written by many at once.
func TestConcurrentWrites(t *testing.T) {
	f, err := Responders(smallTrial().results(t))
	require.NoError(t, err)
	want := written(t, f, SVG)
	var wg sync.WaitGroup
	got := make([][]byte, 8)
	for i := range got {
		wg.Go(func() {
			var b bytes.Buffer
			if f.Write(&b, SVG) == nil {
				got[i] = b.Bytes()
			}
		})
	}
	wg.Wait()
	for i := range got {
		assert.Equal(t, string(want), string(got[i]))
	}
}

func TestPNGSizeAndResolution(t *testing.T) {
	rs := smallTrial().results(t)
	f, err := Trajectories(rs)
	require.NoError(t, err)
	raw := written(t, f, PNG)
	cfg, err := png.DecodeConfig(bytes.NewReader(raw))
	require.NoError(t, err)
	assert.Equal(t, 1004, cfg.Width, "85 mm at 300 dpi")
	i := bytes.Index(raw, []byte("pHYs"))
	require.Positive(t, i)
	assert.Equal(t, uint32(11811), binary.BigEndian.Uint32(raw[i+4:]), "300 dpi in pixels a meter")
	assert.Equal(t, byte(1), raw[i+12])
	_, err = png.Decode(bytes.NewReader(raw))
	require.NoError(t, err)
	for _, o := range []Options{{Width: 174}, {Width: 60, Style: Style{DPI: 600}}} {
		f, err := TrajectoriesWith(rs, TrajectoriesOptions{Options: o})
		require.NoError(t, err)
		w, _ := f.Size()
		assert.InDelta(t, o.Width, w, 1e-9)
		cfg, err := png.DecodeConfig(bytes.NewReader(written(t, f, PNG)))
		require.NoError(t, err)
		dpi := f.theme.style.DPI
		assert.InDelta(t, o.Width/25.4*dpi, float64(cfg.Width), 0.5)
	}
}

func TestSVGIsWellFormedAndNamed(t *testing.T) {
	tr := smallTrial()
	tr.outcome.Label = `Pain <&> "VAS"`
	f, err := Trajectories(tr.results(t))
	require.NoError(t, err)
	raw := written(t, f, SVG)
	var title, desc string
	dec := xml.NewDecoder(bytes.NewReader(raw))
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		if el, ok := tok.(xml.StartElement); ok {
			switch el.Name.Local {
			case "title":
				require.NoError(t, dec.DecodeElement(&title, &el))
			case "desc":
				require.NoError(t, dec.DecodeElement(&desc, &el))
			case "svg":
				for _, a := range el.Attr {
					if a.Name.Local == "width" {
						assert.Equal(t, "85mm", a.Value)
					}
				}
			}
		}
	}
	assert.Contains(t, title, `Pain <&> "VAS"`)
	assert.Contains(t, desc, "fell by 2.66\u00a0cm")
	assert.Contains(t, desc, "SIMULATED DATA")
	assert.Contains(t, string(raw), "sans-serif")
	assert.NotContains(t, string(raw), "NaN")
}

func TestPDFText(t *testing.T) {
	tool := pdftotext(t)
	tr := smallTrial()
	tr.outcome.Label = "Δ pijn ≤ ± × µ ² ½ ë ő é"
	f, err := TrajectoriesWith(tr.results(t), TrajectoriesOptions{Options: Options{Lang: "nl"}})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "f.pdf")
	require.NoError(t, f.Save(file))
	out, err := exec.Command(tool, "-layout", file, "-").Output()
	require.NoError(t, err)
	text := strings.Join(strings.Fields(string(out)), " ")
	for _, want := range []string{"Δ pijn ≤ ± × µ ² ½ ë ő é, cm", "Placebo HILT", "Aantal deelnemers", "GESIMULEERDE GEGEVENS", "95%-BI"} {
		assert.Contains(t, text, want)
	}
	assert.NotContains(t, text, "Â")
	info, err := exec.Command("pdfinfo", file).Output()
	require.NoError(t, err)
	assert.Contains(t, string(info), "240.9")
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Less(t, len(raw), 60_000, "fonts are embedded as subsets")
}

func TestMissingGlyphIsAnError(t *testing.T) {
	tr := smallTrial()
	tr.outcome.Label = "疼痛"
	f, err := Trajectories(tr.results(t))
	require.NoError(t, err)
	for _, format := range []Format{PNG, SVG, PDF} {
		var b bytes.Buffer
		err := f.Write(&b, format)
		var g *GlyphError
		require.ErrorAs(t, err, &g)
		assert.Equal(t, '疼', g.Char)
		assert.Contains(t, err.Error(), "疼")
		assert.Zero(t, b.Len())
	}
	file := filepath.Join(t.TempDir(), "f.png")
	require.Error(t, f.Save(file))
	assert.NoFileExists(t, file)
}

// Every character that medicine needs is in the font, regular and bold.
func TestNeededGlyphs(t *testing.T) {
	tr := smallTrial()
	tr.arms[0].Label = "Δ ≤ ≥ ± − × μ µ ² ³ ½ ¼ x̄ ë ő ı ł ñ ß ø æ ç α β γ δ κ λ π ρ σ τ χ ω ‰ ° ′ ″ – — “ ” ’ … → ← ↑ ↓ ∞ ≈ ≠ √ ∑ † ‡ § ® ™ € £"
	f, err := Change(tr.results(t))
	require.NoError(t, err)
	for _, format := range []Format{PNG, SVG, PDF} {
		written(t, f, format)
	}
}

func TestTextIsComposed(t *testing.T) {
	tr := smallTrial()
	tr.outcome.Label = "me\u0301taal" // e and a combining accent
	f, err := Trajectories(tr.results(t))
	require.NoError(t, err)
	assert.Contains(t, string(written(t, f, SVG)), "métaal")
}

func TestOutlines(t *testing.T) {
	f, err := TrajectoriesWith(smallTrial().results(t), TrajectoriesOptions{Options: Options{Outlines: true}})
	require.NoError(t, err)
	raw := string(written(t, f, SVG))
	assert.NotContains(t, raw, "<text")
	assert.Contains(t, raw, "<title")
	assert.Contains(t, raw, "Q")
}

func TestFormatsRefused(t *testing.T) {
	f, err := Trajectories(smallTrial().results(t))
	require.NoError(t, err)
	dir := t.TempDir()
	err = f.Save(filepath.Join(dir, "f.eps"))
	require.ErrorIs(t, err, ErrFormat)
	assert.ErrorContains(t, err, "transparency")
	err = f.Save(filepath.Join(dir, "f.tiff"))
	require.ErrorIs(t, err, ErrFormat)
	assert.ErrorContains(t, err, "png, svg and pdf")
	require.ErrorIs(t, f.Save(filepath.Join(dir, "noextension")), ErrFormat)
	require.Error(t, f.Save(filepath.Join(dir, "no", "such", "folder.svg")))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left, "nothing is left behind")
	require.NoError(t, f.Save(filepath.Join(dir, "F.SVG")))
}

// A few pictures byte for byte. Run with -update after a change that is meant,
// and look at the pictures.
func TestGolden(t *testing.T) {
	rs := smallTrial().results(t)
	all := charts(Options{})
	for _, name := range []string{"trajectories", "change", "differences", "responders", "cumming", "raincloud",
		"missing", "dropout", "bars"} {
		f, err := all[name](rs)
		require.NoError(t, err)
		got := written(t, f, SVG)
		file := filepath.Join("..", "testdata", "golden", fmt.Sprintf("plot-%s.svg", name))
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, got, 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), file)
	}
}

func TestCaptionSaysSimulated(t *testing.T) {
	tr := smallTrial()
	for name, draw := range charts(Options{NoFootnote: true}) {
		f, err := draw(tr.results(t))
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(f.Caption(), "SIMULATED DATA."), name)
		assert.Contains(t, string(written(t, f, SVG)), ">SIMULATED DATA.", "%s says so in the picture whatever the options", name)
		assert.Contains(t, f.Alt(), "SIMULATED DATA")
	}
	tr.info.Simulated = false
	for name, draw := range charts(Options{}) {
		f, err := draw(tr.results(t))
		require.NoError(t, err)
		assert.NotContains(t, f.Caption()+f.Alt(), "SIMULATED", name)
		assert.NotEmpty(t, f.Title())
	}
}

func TestPlotIsReachable(t *testing.T) {
	f, err := Trajectories(smallTrial().results(t))
	require.NoError(t, err)
	before := written(t, f, SVG)
	f.Plot(0).Y.Label.Text = "Changed by hand"
	after := written(t, f, SVG)
	assert.NotEqual(t, string(before), string(after))
	assert.Contains(t, string(after), "Changed by hand")
	assert.Equal(t, 1, f.Panels())
}

// Joined lines have round corners in every format: a miter at the peak of a
// curve would stand out over its value.
func TestLinesJoinRound(t *testing.T) {
	f, err := Compatibility(smallTrial().results(t))
	require.NoError(t, err)
	assert.Contains(t, string(written(t, f, SVG)), `stroke-linejoin="round"`)
	assert.Regexp(t, `(?m)^1 j$`, pageContent(t, written(t, f, PDF)))
}
