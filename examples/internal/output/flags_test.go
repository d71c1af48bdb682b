package output

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/plot/publish"
	"github.com/trialkit/trialkit/study/report"
)

// Help and errors are in the language that -lang asks for, wherever it stands
// and whatever else is wrong.
func TestFlagsSpeakTheLanguage(t *testing.T) {
	parse := func(args ...string) (status int, done bool, stderr string) {
		var b bytes.Buffer
		f := NewFlags("trial", args, &b)
		f.String("out", "folder", f.Say("flag-out"))
		status, done = f.Parse(args)
		return status, done, b.String()
	}
	status, done, said := parse("-lang", "nl", "-out", "x")
	assert.False(t, done)
	assert.Zero(t, status)
	assert.Empty(t, said)
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"-h", 0, "Flags of trial:"},
		{"-lang nl -h", 0, "Opties van trial:"},
		{"--lang=nl -help", 0, "(anders folder)"},
		{"-nonsense -lang nl", 2, "De opdracht is niet te lezen: flag provided but not defined: -nonsense"},
		{"-lang xx", 2, "no language “xx” (there are: "},
		{"-lang", 2, "The command cannot be read"},
	} {
		status, done, said := parse(strings.Fields(c.args)...)
		assert.True(t, done, c.args)
		assert.Equal(t, c.status, status, c.args)
		assert.Contains(t, said, c.want, c.args)
		assert.Equal(t, strings.Contains(c.args, "nl"), strings.Contains(said, "map voor verslag"), c.args)
	}
}

// A style, width, format or figure that there is not is refused with those that
// there are, in the language asked for; what is asked for is what publish is told.
func TestDrawingFlags(t *testing.T) {
	ask := func(args ...string) (publish.Options, int, string) {
		var b bytes.Buffer
		f := NewFlags("trial", args, &b)
		d := f.DrawingFlags()
		_, done := f.Parse(args)
		require.False(t, done, b.String())
		o, status, done := d.Options(report.Options{Lang: f.Lang})
		assert.Equal(t, status != 0, done)
		return o, status, b.String()
	}
	o, status, said := ask()
	assert.Zero(t, status)
	assert.Empty(t, said)
	assert.Equal(t, publish.Options{Report: report.Options{Lang: "en"}, Formats: []plot.Format{plot.SVG, plot.PNG}}, o)
	o, status, _ = ask("-style", "bmc", "-width", "120.5", "-format", "PDF, svg,pdf", "-figures", "flow,Change")
	assert.Zero(t, status)
	assert.Equal(t, publish.Options{Report: report.Options{Lang: "en"}, Plot: plot.Options{Style: plot.BMC(), Width: 120.5},
		Figures: []publish.Kind{publish.Flow, publish.Change}, Formats: []plot.Format{plot.PDF, plot.SVG}}, o)
	for _, spelling := range []string{"gray", "grey"} {
		o, status, _ = ask("-style", spelling)
		assert.Zero(t, status)
		assert.Equal(t, plot.Style{Name: "gray", Palette: plot.PaletteGray}, o.Plot.Style, spelling)
	}
	o, status, _ = ask("-format", "tex,pdf,ARD")
	assert.Zero(t, status)
	assert.Equal(t, publish.Options{Report: report.Options{Lang: "en"}, Formats: []plot.Format{plot.PDF},
		Tables: []report.Format{report.FormatTeX, report.FormatARD}}, o)
	o, _, _ = ask("-format", "tex")
	assert.Equal(t, []plot.Format{plot.SVG, plot.PNG}, o.Formats, "of figures nothing was said")
	o, _, _ = ask("-figures", "none")
	assert.NotNil(t, o.Figures)
	assert.Empty(t, o.Figures)
	o, _, _ = ask("-figures", "all")
	assert.Equal(t, publish.Kinds(), o.Figures)
	var names []string
	for _, k := range publish.Kinds() {
		names = append(names, string(k))
	}
	kinds := strings.Join(names, ", ")
	for args, want := range map[string]string{
		"-style rainbow":          "no style “rainbow” (there are: lancet, jama, nejm, bmc, nature, slides, gray)\n",
		"-width 29":               "no width 29 mm (it is from 30 to 1000, or 0)\n",
		"-width -1":               "no width −1 mm",
		"-width NaN":              "no width NaN mm",
		"-format svg,bmp":         "no format “bmp” (there are: png, svg, pdf, tiff, tex, ard)\n",
		"-format ,":               "no format “” (there are: ",
		"-figures flow,pie":       "no figure “pie” (there are: default, all, none, trajectories, shares, " + kinds[strings.Index(kinds, "categories"):] + ")\n",
		"-figures all,flow":       "no figure “all”",
		"-lang nl -style rainbow": "geen stijl “rainbow” (er zijn: ",
		"-lang nl -width 2000":    "geen breedte 2000 mm (mogelijk is 30 tot 1000, of 0)\n",
		"-lang nl -figures pie":   "geen figuur “pie” (er zijn: default, all, none, ",
		"-lang nl -format eps":    "geen formaat “eps” (er zijn: ",
	} {
		_, status, said := ask(strings.Fields(args)...)
		assert.Equal(t, 2, status, args)
		assert.Contains(t, said, want, args)
	}
}
