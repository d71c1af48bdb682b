package main

import (
	"bytes"
	"html"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study/text"
)

func TestGallery(t *testing.T) {
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	require.Zero(t, run([]string{"-out", dir}, &stdout, &stderr), stderr.String())
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	assert.Contains(t, stdout.String(), "index.html")
	want := 0
	for _, id := range []string{"hilt", "large"} {
		for _, c := range charts {
			if c.only != "" && c.only != id {
				continue
			}
			want++
			file := id + "-" + c.name
			assert.Contains(t, string(page), `src="`+file+`.svg"`)
			svg, err := os.ReadFile(filepath.Join(dir, file+".svg"))
			require.NoError(t, err)
			assert.Contains(t, string(svg), "SIMULATED DATA", file)
			raw, err := os.ReadFile(filepath.Join(dir, file+".png"))
			require.NoError(t, err)
			_, err = png.DecodeConfig(bytes.NewReader(raw))
			assert.NoError(t, err, file)
			pdf, err := os.ReadFile(filepath.Join(dir, file+".pdf"))
			require.NoError(t, err)
			assert.True(t, bytes.HasPrefix(pdf, []byte("%PDF-")), file)
		}
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 3*want+1)
	assert.NotContains(t, string(page), `alt=""`)
}

// The simulated trial is the same on every run, and loses participants.
func TestSimulatedTrial(t *testing.T) {
	a, err := simulate(perArm)
	require.NoError(t, err)
	b, err := simulate(perArm)
	require.NoError(t, err)
	assert.Equal(t, a.Source().SHA256, b.Source().SHA256)
	assert.True(t, a.Protocol().Simulated)
	assert.Len(t, a.Participants(), 120)
	seen := map[string]int{}
	for _, v := range a.PostVisits("pain") {
		for _, r := range a.Records("pain", v.ID) {
			if r.HasFollow {
				seen[v.ID]++
			}
		}
	}
	assert.Greater(t, seen["w4"], seen["w26"])
	assert.Greater(t, seen["w26"], 80)
}

func TestGalleryRefusals(t *testing.T) {
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 2, run([]string{"-style", "rainbow"}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "rainbow")
	assert.Equal(t, 2, run([]string{"-lang", "xx", "-out", t.TempDir()}, &stdout, &stderr))
	assert.Zero(t, strings.Count(stdout.String(), "index.html"))
}

// The README shows six figures of the gallery, made by
// go run ./examples/gallery -dpi 130; they stay small.
func TestReadmeFigures(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	files, err := filepath.Glob("figures/*.png")
	require.NoError(t, err)
	assert.Len(t, files, 6)
	var total int64
	for _, f := range files {
		info, err := os.Stat(f)
		require.NoError(t, err)
		total += info.Size()
		assert.Contains(t, string(readme), "(examples/gallery/"+filepath.ToSlash(f)+")")
		name := strings.TrimSuffix(filepath.Base(f), ".png")
		found := false
		for _, c := range charts {
			for _, id := range []string{"hilt", "large"} {
				found = found || name == id+"-"+c.name && (c.only == "" || c.only == id)
			}
		}
		assert.True(t, found, "%s is in the gallery", name)
	}
	assert.Less(t, total, int64(600_000))
}

// The page says and links everything once: a note that is drawn is not repeated
// under the figure, no two links of a list have one name, no file has two links.
func TestPageRepeatsNothing(t *testing.T) {
	for _, lang := range []string{"en", "nl"} {
		dir := t.TempDir()
		var stdout, stderr bytes.Buffer
		require.Zero(t, run([]string{"-out", dir, "-lang", lang}, &stdout, &stderr), stderr.String())
		raw, err := os.ReadFile(filepath.Join(dir, "index.html"))
		require.NoError(t, err)
		page := string(raw)
		for _, list := range strings.Split(page, "<nav>")[1:] {
			list, _, _ = strings.Cut(list, "</nav>")
			names := map[string]bool{}
			for _, m := range regexp.MustCompile(`<a href="#[^"]*">([^<]*)</a>`).FindAllStringSubmatch(list, -1) {
				assert.False(t, names[m[1]], "%s: two links %q", lang, m[1])
				names[m[1]] = true
			}
			assert.Greater(t, len(names), 20)
		}
		files := map[string]int{}
		for _, m := range regexp.MustCompile(`href="([^"#]+)"`).FindAllStringSubmatch(page, -1) {
			files[m[1]]++
			assert.Equal(t, 1, files[m[1]], m[1])
		}
		words, err := text.In(lang)
		require.NoError(t, err)
		trials, err := loadTrials(words)
		require.NoError(t, err)
		figures, err := drawAll(trials, plot.Options{Lang: lang}, "")
		require.NoError(t, err)
		noted := 0
		for _, d := range figures {
			_, here, _ := strings.Cut(page, `<figure id="`+d.file+`">`)
			here, _, _ = strings.Cut(here, "</figure>")
			if note := d.fig.Note(); note != "" {
				noted++
				assert.NotContains(t, html.UnescapeString(here), note, d.file)
			}
			assert.NotContains(t, html.UnescapeString(here), d.fig.Title()+". ", d.file)
		}
		assert.Greater(t, noted, 40)
	}
}

// Where a journal raises decimal points, none is left on the line.
func TestGalleryRaisesEveryDecimalPoint(t *testing.T) {
	words, err := text.In("en")
	require.NoError(t, err)
	trials, err := loadTrials(words)
	require.NoError(t, err)
	figures, err := drawAll(trials, plot.Options{Style: plot.Lancet()}, "")
	require.NoError(t, err)
	raised := 0
	for _, d := range figures {
		_, drawn, _ := strings.Cut(string(d.data[0]), "</desc>")
		for _, m := range regexp.MustCompile(`>([^<>]+)</(?:text|tspan)>`).FindAllStringSubmatch(drawn, -1) {
			assert.NotRegexp(t, `[0-9]\.[0-9]`, m[1], d.file)
			raised += strings.Count(m[1], "·")
		}
	}
	assert.Greater(t, raised, 200)
}

// In Dutch nothing of the trials stays English.
func TestGalleryIsDutchThroughout(t *testing.T) {
	words, err := text.In("nl")
	require.NoError(t, err)
	trials, err := loadTrials(words)
	require.NoError(t, err)
	figures, err := drawAll(trials, plot.Options{Lang: "nl"}, "")
	require.NoError(t, err)
	for _, d := range figures {
		said := d.fig.Title() + " " + d.fig.Caption() + " " + d.fig.Alt() + " " + string(d.data[0])
		assert.NotRegexp(t, `\b(Exercise|Advice|Baseline|Pain|Six-minute|Sex|Woman|woman|Age|Right after|Active|Knee|threshold|participants|difference|favors|the|with|and)\b`, said, d.file)
	}
}

// The chart of every data set is drawn at once; under the race detector this stands for all.
func TestChartsAtOnce(t *testing.T) {
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	require.Zero(t, run([]string{"-out", dir, "-chart", "forest"}, &stdout, &stderr), stderr.String())
	drawn, err := filepath.Glob(filepath.Join(dir, "*-forest.svg"))
	require.NoError(t, err)
	assert.Len(t, drawn, 2)
}
