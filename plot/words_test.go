package plot

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot/internal/render"
)

// Each figure says what it is about: the visit, the outcome, the numbers.
func TestFiguresSayWhatTheyShow(t *testing.T) {
	rs := smallTrial().results(t)
	texts := func(f *Figure, err error) string {
		require.NoError(t, err)
		var out []string
		for _, m := range f.render().Marks {
			if m.Kind == render.MarkText {
				out = append(out, m.Text)
			}
		}
		return strings.Join(out, "\n")
	}
	assert.Contains(t, texts(GardnerAltman(rs[1])), "24 h")
	assert.Contains(t, texts(FollowUp(rs)), "Pain (VAS), cm")
	assert.Contains(t, texts(FollowUp(rs[:1])), "Right after")
	assert.Contains(t, texts(ECDF(rs[1])), "Active HILT: n\u00a0=\u00a05")
	cumming, err := Cumming(rs)
	require.NoError(t, err)
	for _, m := range marksOf[*intervalMarks](cumming.panels[1]) {
		assert.Zero(t, m.offset, "one difference stands at its visit")
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

// An outcome without a unit leaves no space where the unit would stand, in no
// chart and no language.
func TestNoUnitNoSpace(t *testing.T) {
	tr := smallTrial()
	for _, lang := range []string{"en", "nl"} {
		for _, unit := range []string{"", "cm"} {
			tr.outcome.Unit = unit
			results := tr.results(t)
			for name, draw := range charts(Options{Lang: lang}) {
				f, err := draw(results)
				require.NoError(t, err, name)
				text := f.Alt() + " " + f.Caption()
				for _, m := range f.render().Marks {
					text += " " + strings.TrimRight(m.Text, " ") // upright visits stand clear of their ticks
				}
				plain := strings.Join(strings.FieldsFunc(strings.ReplaceAll(text, "\u00a0", "~"), func(r rune) bool { return r == ' ' }), " ")
				for _, bad := range []string{"~.", "~)", "~,", "~;", "~~", " )", " ,", " ;", "()"} {
					assert.NotContains(t, plain, bad, "%s, unit %q", name, unit)
				}
			}
		}
	}
}

// A limit on either side of zero never reads as zero; zero does.
func TestLimitKeepsItsSide(t *testing.T) {
	th, err := newTheme(Options{}, false, smallTrial().info)
	require.NoError(t, err)
	for x, want := range map[float64]string{0.004: "0.004", -0.004: "−0.004", 0.005: "0.01", 0: "0.00", -1.274: "−1.27", 3e-5: "0.00003"} {
		assert.Equal(t, want, th.limit(x, 2), x)
	}
}

// Every chart speaks British English where a journal does; other varieties are
// refused as unknown.
func TestBritishFigures(t *testing.T) {
	rs := smallTrial().results(t)
	for name, draw := range everyChart(Options{Lang: "en-GB", Style: Lancet(), Width: 174}) {
		f, err := draw(rs)
		require.NoError(t, err, name)
		words := f.Caption() + f.Alt()
		for _, m := range f.render().Marks {
			words += " " + m.Text
		}
		assert.NotRegexp(t, `(?i)favor|randomiz|analyz|color|enrollment`, words, name)
	}
	f, err := DifferencesWith(rs, DifferencesOptions{Options: Options{Lang: "en-GB"}})
	require.NoError(t, err)
	assert.Contains(t, f.panels[0].below[0].(*keyStrip).left, "favours ")
	_, err = DifferencesWith(rs, DifferencesOptions{Options: Options{Lang: "en-US"}})
	assert.ErrorContains(t, err, "no language \"en-US\"")
}
