package plot

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot/internal/render"
)

// neededText holds every character that the labels of trials need.
const neededText = "Δ ≤ ≥ ± − × μ µ ² ³ ½ x̄ ë ő ° · – — ’ “ ” € α β γ → ← σ"

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

// Every needed character comes out of the PDF as it went in.
func TestEveryCharacterOfPDF(t *testing.T) {
	tool := pdftotext(t)
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

// The words of every chart's PDF come out again as they went in.
func TestWordsOfPDFs(t *testing.T) {
	tool := pdftotext(t)
	rs := dutch(smallTrial()).results(t)
	all := charts(Options{Lang: "nl", Width: 174})
	for k, v := range plainCharts(Options{Lang: "nl", Width: 174}) {
		all[k] = v
	}
	squeeze := regexp.MustCompile(`\s+`)
	for chart, draw := range all {
		f, err := draw(rs)
		require.NoError(t, err, chart)
		var b bytes.Buffer
		require.NoError(t, f.Write(&b, PDF))
		cmd := exec.Command(tool, "-raw", "-", "-")
		cmd.Stdin = &b
		out, err := cmd.Output()
		require.NoError(t, err, chart)
		got := squeeze.ReplaceAllString(string(out), "")
		for _, m := range f.render().Marks {
			if m.Kind == render.MarkText && math.Abs(m.Angle) < 1e-9 {
				want := squeeze.ReplaceAllString(strings.NewReplacer("\u00a0", " ", "\u2003", " ").Replace(m.Text), "")
				assert.Contains(t, got, want, chart)
			}
		}
	}
}

// The language of the text stands in the file, the time it was made does not.
func TestPDFLanguageAndDates(t *testing.T) {
	rs := smallTrial().results(t)
	for name, draw := range charts(Options{Lang: "nl"}) {
		f, err := draw(rs)
		require.NoError(t, err)
		raw := string(written(t, f, PDF))
		assert.Contains(t, raw, "/Lang (nl)", name)
		for _, date := range regexp.MustCompile(`/(?:Creation|Mod)Date [^\n]*`).FindAllString(raw, -1) {
			assert.Contains(t, date, "D:20000101", name)
		}
	}
}

// pageContent is the drawing of a file's one page.
func pageContent(t *testing.T, raw []byte) string {
	t.Helper()
	m := regexp.MustCompile(`<</Filter /FlateDecode /Length \d+>>\nstream\n`).FindIndex(raw)
	require.NotNil(t, m)
	z, err := zlib.NewReader(bytes.NewReader(raw[m[1]:]))
	require.NoError(t, err)
	data, err := io.ReadAll(z)
	require.NoError(t, err)
	return string(data)
}

// Colors keep their values beside an opacity of their own.
func TestPDFColorsUnderTransparency(t *testing.T) {
	f, err := Trajectories(smallTrial().results(t))
	require.NoError(t, err)
	raw := written(t, f, PDF)
	assert.Contains(t, pageContent(t, raw), "0.000 0.447 0.698 RG", "Okabe and Ito's blue, 0072B2")
	alpha := fade(rgb(0), opacity(10)).A
	assert.Contains(t, string(raw), fmt.Sprintf("/CA %.3f", float64(alpha)/255))
}

// Every run of text has the color of its mark, whatever was filled before it.
func TestPDFTextColors(t *testing.T) {
	f, err := Trajectories(smallTrial().results(t))
	require.NoError(t, err)
	var want []string
	for _, m := range f.render().Marks {
		if c := fmt.Sprintf("%.3f %.3f %.3f", float64(m.Color.R)/255, float64(m.Color.G)/255, float64(m.Color.B)/255); m.Kind == render.MarkText &&
			(len(want) == 0 || want[len(want)-1] != c) {
			want = append(want, c)
		}
	}
	require.Greater(t, len(want), 2)
	var got []string
	fill := ""
	for line := range strings.Lines(pageContent(t, written(t, f, PDF))) {
		line = strings.TrimSpace(line)
		if c, ok := strings.CutSuffix(line, " rg"); ok {
			fill = c
		}
		if strings.HasSuffix(line, "Tj ET") && (len(got) == 0 || got[len(got)-1] != fill) {
			got = append(got, fill)
		}
	}
	assert.Equal(t, want, got)
}

// A character beyond the common ones brings the whole font: Cyrillic here.
func TestPDFRareCharacters(t *testing.T) {
	tool := pdftotext(t)
	tr := smallTrial()
	tr.outcome.Label = "Боль Ω ₂ ⅓ №"
	f, err := Trajectories(tr.results(t))
	require.NoError(t, err)
	cmd := exec.Command(tool, "-raw", "-", "-")
	cmd.Stdin = bytes.NewReader(written(t, f, PDF))
	out, err := cmd.Output()
	require.NoError(t, err)
	assert.Contains(t, strings.Join(strings.Fields(string(out)), " "), "Боль Ω")
}

// pdftotext is the program that reads the text of PDF files. The gates install
// it; elsewhere a test without it is skipped.
func pdftotext(t *testing.T) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext (poppler-utils) is not installed")
	}
	return tool
}
