package publish

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study/report"
)

// Every figure stands in the file in the size that it was drawn for (36,000 EMU a
// millimeter; to the tenth of one, as widths are rounded to pixels), or as wide as the
// text, with its words; its dots come as they are, not squeezed.
func TestDOCXHoldsTheFigures(t *testing.T) {
	r, _ := analyzed(t, "hilt", "data.csv")
	files, undrawn := Figures(r, plot.Options{})
	require.Empty(t, undrawn)
	o, err := Attach(report.Options{}, files)
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, report.DOCX(&b, r, o))
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	for i, f := range o.Figures {
		m, err := z.Open("word/media/image" + strconv.Itoa(i+1) + ".png")
		require.NoError(t, err)
		got, err := io.ReadAll(m)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(f.PNG, got), f.Name)
	}
	part, err := z.Open("word/document.xml")
	require.NoError(t, err)
	var widths, heights []float64
	var words []string
	for d := xml.NewDecoder(part); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		start, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range start.Attr {
			mm := func() float64 {
				x, err := strconv.Atoi(a.Value)
				require.NoError(t, err)
				return float64(x) / 36000
			}
			switch start.Name.Local + " " + a.Name.Local {
			case "extent cx":
				widths = append(widths, mm())
			case "extent cy":
				heights = append(heights, mm())
			case "docPr descr":
				words = append(words, a.Value)
			}
		}
	}
	require.Len(t, widths, len(o.Figures))
	for i, f := range o.Figures {
		assert.InDelta(t, min(f.WidthMM, 170.00), widths[i], 0.1, f.Name)
		assert.InDelta(t, f.HeightMM/f.WidthMM, heights[i]/widths[i], 1e-4, f.Name)
		assert.Equal(t, f.Alt, words[i])
	}
}
