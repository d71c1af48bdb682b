package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
	a, err := simulate()
	require.NoError(t, err)
	b, err := simulate()
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
