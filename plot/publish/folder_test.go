package publish

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study/report"
)

// contents are the files below a folder by their paths; nil where it is not there.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	if _, err := os.Stat(dir); err != nil {
		return nil
	}
	out := map[string]string{}
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, path))
		out[path] = string(b)
		return err
	}))
	return out
}

var three = []report.File{{Name: "a", Data: []byte("1")}, {Name: "b", Data: []byte("2")}, {Name: "c", Data: []byte("3")}}

// A disk that is full in the middle of the second file, or an interrupt behind it, leaves a
// folder as it was: absent, or with the files it had.
func TestFolderAppearsWholeOrNotAtAll(t *testing.T) {
	for _, exists := range []bool{false, true} {
		parent := t.TempDir()
		dir := filepath.Join(parent, "deep", "out")
		if exists {
			require.NoError(t, os.MkdirAll(dir, 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "b"), []byte("old"), 0o644))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "mine.txt"), []byte("kept"), 0o600))
		}
		before := contents(t, dir)
		err := whole{dir, func(name string, data []byte) error {
			require.NoError(t, writeFile(name, data))
			if filepath.Base(name) == "b" {
				return &fs.PathError{Op: "write", Path: name, Err: syscall.ENOSPC}
			}
			return nil
		}}.write(t.Context(), three)
		require.ErrorIs(t, err, syscall.ENOSPC)
		assert.Equal(t, "write "+filepath.Join(dir, "b")+": no space left on device", err.Error(), "the path that the user knows")
		assert.Equal(t, before, contents(t, dir))

		ctx, cancel := context.WithCancel(t.Context())
		err = whole{dir, func(name string, data []byte) error {
			if filepath.Base(name) == "c" { // the last one is written, and nothing shown
				cancel()
			}
			return writeFile(name, data)
		}}.write(ctx, three)
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, before, contents(t, dir))

		require.NoError(t, whole{dir, writeFile}.write(t.Context(), three))
		want := map[string]string{"a": "1", "b": "2", "c": "3"}
		if exists {
			want["mine.txt"] = "kept"
		}
		assert.Equal(t, want, contents(t, dir))
		for _, at := range []string{dir, filepath.Dir(dir)} {
			hidden, err := filepath.Glob(filepath.Join(at, ".*"))
			require.NoError(t, err)
			assert.Empty(t, hidden, "the hidden folder is gone")
		}
		info, err := os.Stat(dir)
		require.NoError(t, err)
		assert.EqualValues(t, 0o055, info.Mode().Perm()&0o055, "as public as any folder")
	}
}

// What stands in the way is named, and stays.
func TestFolderInTheWay(t *testing.T) {
	parent := t.TempDir()
	file := filepath.Join(parent, "file")
	require.NoError(t, os.WriteFile(file, []byte("mine"), 0o644))
	write := func(dir string) error { return whole{dir, writeFile}.write(t.Context(), three) }
	err := write(file)
	require.ErrorIs(t, err, syscall.ENOTDIR)
	assert.Contains(t, err.Error(), file)
	require.Error(t, write(filepath.Join(file, "below")))

	dir := filepath.Join(parent, "dir")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "c"), 0o755))
	err = write(dir)
	require.ErrorIs(t, err, syscall.EISDIR)
	assert.Contains(t, err.Error(), filepath.Join(dir, "c"))
	assert.Empty(t, contents(t, dir), "not a and b either")

	link := filepath.Join(parent, "link")
	require.NoError(t, os.Symlink(filepath.Join(parent, "nowhere"), link))
	require.ErrorIs(t, write(link), fs.ErrNotExist)
	_, err = os.Readlink(link)
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(parent, "nowhere"), 0o755))
	require.NoError(t, write(link+string(filepath.Separator)), "a link to a folder is one")

	if os.Geteuid() == 0 {
		return // root writes into read-only folders; examples/trial tests them as another user
	}
	require.NoError(t, os.Chmod(dir, 0o555))
	defer os.Chmod(dir, 0o755)
	for _, at := range []string{dir, filepath.Join(dir, "new")} {
		err := write(at)
		require.ErrorIs(t, err, fs.ErrPermission)
		assert.Contains(t, err.Error(), at+":")
	}
}

// The kinds and formats asked for are written, and the others are not; what is
// not there is refused by name. Files that hold their figures hold them anyway.
func TestFolderWritesWhatIsAskedFor(t *testing.T) {
	r, _ := analyzed(t, "hilt", "data.csv")
	dir := filepath.Join(t.TempDir(), "out")
	_, err := Folder(dir, r, Options{Figures: []Kind{"pie"}})
	assert.ErrorContains(t, err, fmt.Sprintf(`"pie" (there are %v)`, Kinds()))
	for _, k := range []Kind{Trajectories, Responders, LSMeans, Flow, Participants} {
		assert.ErrorContains(t, err, string(k))
	}
	_, err = Folder(dir, r, Options{Formats: []plot.Format{"bmp"}})
	assert.ErrorContains(t, err, `"bmp" (there are [png svg pdf tiff]`)
	_, err = Folder(dir, r, Options{Tables: []report.Format{"xls"}})
	assert.ErrorContains(t, err, `"xls" of tables (there are [tex ard])`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = FolderContext(ctx, dir, r, Options{})
	require.ErrorIs(t, err, context.Canceled)
	assert.Nil(t, contents(t, dir))

	undrawn, err := Folder(dir, r, Options{Figures: []Kind{Flow, Change}, Formats: []plot.Format{plot.PDF, plot.TIFF}, Plot: plot.Options{Width: 120}, Report: report.Options{Lang: "nl"}})
	require.NoError(t, err)
	require.NoError(t, errors.Join(undrawn...))
	files := contents(t, dir)
	var figures []string
	for name, data := range files {
		if base, ok := strings.CutSuffix(name, ".tiff"); ok {
			assert.Contains(t, files, base+".pdf")
			assert.True(t, strings.HasPrefix(data, "II*\x00"), name)
		} else if !strings.HasPrefix(name, "re") && !strings.HasSuffix(name, ".csv") {
			figures = append(figures, name)
			assert.True(t, strings.HasPrefix(data, "%PDF"), name)
		}
	}
	assert.ElementsMatch(t, []string{"vas-change.pdf", "jps-change.pdf", "quad-change.pdf", "ham-change.pdf", "flow.pdf"}, figures)
	assert.Contains(t, files["report.md"], "](vas-change.pdf)\n\nFiguur 2. Pijn (VAS)", "the flag is in the figure and at the report's head")
	assert.Contains(t, files["report.md"], "](flow.pdf)\n\nFiguur 1. ")
	assert.Contains(t, files["report.html"], "<figcaption>Figuur 1. ")
	assert.Contains(t, files["report.html"], `width="120`)
	assert.Equal(t, 5, strings.Count(files["report.html"], "<svg "))

	none := filepath.Join(t.TempDir(), "none")
	_, err = Folder(none, r, Options{Figures: []Kind{}})
	require.NoError(t, err)
	assert.NotContains(t, contents(t, none)["report.html"], "<svg ")
	assert.NotContains(t, contents(t, none), "tables.tex")
	assert.NotContains(t, contents(t, none), "ard.csv")
	_, err = Folder(none, r, Options{Figures: []Kind{}, Report: report.Options{Lang: "nl"},
		Tables: []report.Format{report.FormatTeX, report.FormatARD, report.FormatTeX}})
	require.NoError(t, err)
	var tex, ard bytes.Buffer
	require.NoError(t, report.LaTeX(&tex, r, report.Options{Lang: "nl"}))
	require.NoError(t, report.ARD(&ard, r, report.Options{Lang: "nl"}))
	assert.Equal(t, tex.String(), contents(t, none)["tables.tex"])
	assert.Equal(t, ard.String(), contents(t, none)["ard.csv"])
	assert.Contains(t, tex.String(), `\caption{GESIMULEERDE GEGEVENS`)
	_, err = Folder(dir, r, Options{Figures: []Kind{}})
	require.NoError(t, err)
	assert.Contains(t, contents(t, dir), "flow.pdf", "what an earlier run drew stays, as the doc comment says")
}

// An SVG that stands alone has its fonts inside; the page has those of all its figures
// once, for their text asks for them.
func TestFolderEmbedsFonts(t *testing.T) {
	r, _ := analyzed(t, "hilt", "data.csv")
	dir := filepath.Join(t.TempDir(), "out")
	_, err := Folder(dir, r, Options{Figures: []Kind{Differences, Change}, Formats: []plot.Format{plot.SVG}})
	require.NoError(t, err)
	files := contents(t, dir)
	svgs := 0
	for name, data := range files {
		if strings.HasSuffix(name, ".svg") {
			svgs++
			assert.Contains(t, data, "</desc>\n<style>@font-face{font-family:'Figure Sans'", name)
			assert.NoError(t, xml.Unmarshal([]byte(data), new(struct{})), name)
		}
	}
	assert.Equal(t, 5, svgs)
	page := files["report.html"]
	assert.Equal(t, 2, strings.Count(page, "@font-face"), "regular and bold")
	assert.Equal(t, svgs, strings.Count(page, `font-family="'Figure Sans', `))
	assert.Equal(t, svgs, strings.Count(page, `text-rendering="geometricPrecision"`))
}

// Outcomes whose IDs no file system can tell apart keep their own figures.
func TestFiguresOfOutcomesOfOneName(t *testing.T) {
	r, _ := analyzed(t, "hilt", "data.csv")
	for i, id := range []string{"a/b", "A:b"} {
		for j := range r.Results {
			if r.Results[j].Outcome.ID == r.Protocol.Outcomes[i].ID {
				r.Results[j].Outcome.ID = id
			}
		}
		r.Protocol.Outcomes[i].ID = id
	}
	names := map[string]bool{}
	for _, j := range jobsOf(r, plot.Options{}) {
		assert.False(t, names[strings.ToLower(j.name)], j.name)
		names[strings.ToLower(j.name)] = true
	}
	assert.True(t, names["a-b-change"] && names["a-b-change-2"])
}
