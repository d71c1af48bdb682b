package report_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page/htmltest"
	"github.com/trialkit/trialkit/study/report"
)

// Every trial's file is whole, stands alone and can be read aloud; invented data
// say so in its title and at its top.
func TestHTML(t *testing.T) {
	svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc"><title id="title">t</title><desc id="desc">d</desc></svg>`)
	for _, name := range []string{"hilt", "anorexia", "dropout"} {
		dir := filepath.Join("..", "..", "testdata", "studies", name)
		ds, err := study.LoadFiles(filepath.Join(dir, "protocol.yaml"), filepath.Join(dir, "data.csv"))
		require.NoError(t, err)
		r, err := ds.AnalyzeAll()
		require.NoError(t, err)
		for _, lang := range []string{"en", "nl"} {
			var b bytes.Buffer
			o := report.Options{Lang: lang, Figures: []report.Figure{{Name: "a.svg", Alt: "a", SVG: svg}, {Name: "b.svg", Alt: "b", SVG: svg}}}
			require.NoError(t, report.HTML(&b, r, o))
			htmltest.Check(t, b.String())
			root := htmltest.Parse(t, b.String())
			assert.Equal(t, lang, htmltest.Attr(htmltest.All(root, "html")[0], "lang"))
			mark := map[string]string{"en": "SIMULATED DATA", "nl": "GESIMULEERDE GEGEVENS"}[lang]
			title := htmltest.Text(htmltest.All(root, "title")[0])
			assert.Equal(t, r.Protocol.Simulated, strings.HasPrefix(title, mark+" · "), "%s: %s", name, title)
			assert.Len(t, htmltest.All(root, "svg"), 2)
		}
	}
}

// What the report of HILT says in text, its HTML says too.
func TestHTMLSaysWhatTextSays(t *testing.T) {
	dir := filepath.Join("..", "..", "testdata", "studies", "hilt")
	ds, err := study.LoadFiles(filepath.Join(dir, "protocol.yaml"), filepath.Join(dir, "data.csv"))
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	var text, file bytes.Buffer
	require.NoError(t, report.Text(&text, r, report.Options{}))
	require.NoError(t, report.HTML(&file, r, report.Options{}))
	said := strings.ReplaceAll(htmltest.Text(htmltest.All(htmltest.Parse(t, file.String()), "body")[0]), "\u00a0", " ")
	for _, w := range strings.Fields(strings.ReplaceAll(text.String(), "\u00a0", " ")) {
		if strings.Trim(w, "─=-•") != "" {
			assert.Contains(t, said, w)
		}
	}
}
