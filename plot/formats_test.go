package plot

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/tiff"
)

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
	all := charts(Options{Width: 85, Style: Style{DPI: 60, MaxHeight: 2000}})
	for name, draw := range plainCharts(Options{Width: 85, Style: Style{DPI: 60, MaxHeight: 2000}}) {
		all[name] = draw
	}
	write := func(name string) (string, error) {
		f, err := all[name](rs)
		if err != nil {
			return "", err
		}
		var b bytes.Buffer
		for _, format := range Formats() {
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

// A TIFF has the pixels of the PNG, by another reader, and says its resolution.
func TestTIFF(t *testing.T) {
	dir := t.TempDir()
	f, err := TrajectoriesWith(smallTrial().results(t), TrajectoriesOptions{Options: Options{Style: Style{DPI: 254.5}}})
	require.NoError(t, err)
	require.NoError(t, f.Save(filepath.Join(dir, "f.tif")))
	raw, err := os.ReadFile(filepath.Join(dir, "f.tif"))
	require.NoError(t, err)
	assert.Equal(t, raw, written(t, f, TIFF))
	got, err := tiff.Decode(bytes.NewReader(raw))
	require.NoError(t, err)
	want, err := png.Decode(bytes.NewReader(written(t, f, PNG)))
	require.NoError(t, err)
	require.Equal(t, want.Bounds(), got.Bounds())
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			require.Equal(t, color.RGBAModel.Convert(want.At(x, y)), color.RGBAModel.Convert(got.At(x, y)))
		}
	}
	assert.Less(t, len(raw), 400_000)
	le := binary.LittleEndian
	fields := map[uint16]uint32{}
	dir0 := raw[le.Uint32(raw[4:]):]
	for i := range int(le.Uint16(dir0)) {
		fields[le.Uint16(dir0[2+12*i:])] = le.Uint32(dir0[10+12*i:])
	}
	assert.Equal(t, uint32(5), fields[259], "LZW")
	assert.Equal(t, uint32(3), fields[277], "no alpha")
	assert.NotContains(t, fields, uint16(338), "no extra samples")
	assert.Equal(t, uint32(2), fields[296], "inches")
	for _, tag := range []uint16{282, 283} {
		at := raw[fields[tag]:]
		assert.InDelta(t, 254.5, float64(le.Uint32(at))/float64(le.Uint32(at[4:])), 1e-12)
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
	assert.Contains(t, title, "SIMULATED DATA")
	assert.Contains(t, string(raw), "sans-serif")
	assert.NotContains(t, string(raw), "NaN")
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
	err = f.Save(filepath.Join(dir, "f.bmp"))
	require.ErrorIs(t, err, ErrFormat)
	assert.ErrorContains(t, err, "png, svg, pdf and tiff")
	require.ErrorIs(t, f.Save(filepath.Join(dir, "noextension")), ErrFormat)
	require.Error(t, f.Save(filepath.Join(dir, "no", "such", "folder.svg")))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left, "nothing is left behind")
	require.NoError(t, f.Save(filepath.Join(dir, "F.SVG")))
}

// Joined lines have round corners in every format: a miter at the peak of a
// curve would stand out over its value.
func TestLinesJoinRound(t *testing.T) {
	f, err := Compatibility(smallTrial().results(t))
	require.NoError(t, err)
	assert.Contains(t, string(written(t, f, SVG)), `stroke-linejoin="round"`)
	assert.Regexp(t, `(?m)^1 j$`, pageContent(t, written(t, f, PDF)))
}
