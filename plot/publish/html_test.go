package publish

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study/report"
)

// The figures stand in the page once each, under ids of their own, and their
// fonts once for all.
func TestHTMLHoldsTheFigures(t *testing.T) {
	r, _ := analyzed(t, "hilt", "data.csv")
	files, undrawn := Figures(r, plot.Options{})
	require.Empty(t, undrawn)
	o, err := Attach(report.Options{}, files)
	require.NoError(t, err)
	require.Len(t, o.Figures, len(files)/2)
	for _, f := range o.Figures {
		assert.True(t, strings.HasSuffix(f.Name, ".svg"), f.Name)
		assert.True(t, bytes.HasPrefix(f.PNG, []byte("\x89PNG")) && len(f.SVG) > 0, f.Name)
		assert.NotEmpty(t, f.Alt)
		assert.Contains(t, string(f.SVG[:200]), `width="`)
		assert.Positive(t, f.WidthMM*f.HeightMM)
	}
	file := string(page(t, r, "en"))
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(file, -1) {
		assert.False(t, ids[m[1]], m[1])
		ids[m[1]] = true
	}
	assert.Equal(t, len(o.Figures), strings.Count(file, "<svg "))
	faces := strings.Count(file, "@font-face{")
	assert.True(t, faces == 1 || faces == 2, "regular and bold at most, not one a figure: %d", faces)
	for d := xml.NewDecoder(strings.NewReader(file)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else {
			require.NoError(t, err)
		}
	}
}

// The page beyond the drawing: DESIGN asks for less than 60 ms.
func BenchmarkHTML(b *testing.B) {
	r, _ := analyzed(b, "hilt", "data.csv")
	files, _ := Figures(r, plot.Options{})
	for b.Loop() {
		o, err := Attach(report.Options{}, files)
		require.NoError(b, err)
		require.NoError(b, report.HTML(io.Discard, r, o))
	}
}
