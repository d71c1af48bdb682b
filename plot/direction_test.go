package plot

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// drawn joins what is written on a figure above its note, with plain spaces.
func drawn(f *Figure) string {
	l := f.layout()
	var out []string
	for _, m := range l.render().Marks {
		if m.Kind == render.MarkText && (len(l.note) == 0 || m.At.Y > l.noteY) {
			out = append(out, strings.TrimSpace(m.Text))
		}
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(strings.Join(out, " "), "\u00a0", " ")), " ")
}

// Every chart of an outcome names it on the figure, not in the caption alone.
func TestOutcomeIsNamedOnTheFigure(t *testing.T) {
	for _, lang := range []string{"en", "nl"} {
		tr := randomTrial(3, 4, 30, 0.02)
		tr.outcome.Label = "Quadriceps"
		for name, draw := range everyChart(Options{Lang: lang}) {
			if slices.Contains(altWithoutOutcome, name) {
				continue
			}
			f, err := draw(tr.results(t))
			require.NoError(t, err, name)
			assert.Contains(t, drawn(f), "Quadriceps", "%s, %s", name, lang)
		}
	}
}

// Arms have names: no figure and no caption calls one active or control.
func TestArmsAreNamed(t *testing.T) {
	for _, lang := range []string{"en", "nl"} {
		for _, arms := range []int{2, 4} {
			for name, draw := range everyChart(Options{Lang: lang, Width: 174}) {
				f, err := draw(randomTrial(arms, 4, 30, 0.02).results(t))
				require.NoError(t, err, name)
				assert.NotRegexp(t, `(?i)\b(active|control|actief|actieve|controle|controlegroep)\b`, drawn(f)+" "+f.Caption()+f.Alt()+f.Description(), "%s, %s", name, lang)
			}
		}
	}
}

// Where one side is better an arrow says so: on upright axes ← is down. Differences
// name whom they favor.
func TestWhichWayIsBetter(t *testing.T) {
	none := append([]string{"compose", "consort", "correlations", "dropout", "flow", "forest", "missing", "power", "residuals", "responderbars", "roc", "agreement", "sweep", "events",
		"contours", "hypotheses", "love", "triangulation", "tippingmap"}, "meta")
	for _, better := range []study.Direction{study.LowerIsBetter, study.HigherIsBetter} {
		tr := smallTrial()
		tr.outcome.Better = better
		for name, draw := range everyChart(Options{Width: 174}) {
			if slices.Contains(none, name) {
				continue
			}
			f, err := draw(tr.results(t))
			require.NoError(t, err, name)
			words := drawn(f)
			switch name {
			case "funnel":
				assert.Contains(t, words, "better", name)
			case "responders", "bands": // improvement is better, whatever the direction
				assert.Contains(t, words, "better →", name)
			case "change": // an arrow of its own
				assert.Contains(t, words, "better", name)
			case "differences", "subgroups":
				assert.Contains(t, words, map[study.Direction]string{study.LowerIsBetter: "← favors Active HILT favors Placebo HILT →",
					study.HigherIsBetter: "← favors Placebo HILT favors Active HILT →"}[better], name)
			case "compatibility", "moderator", "posterior", "sensitivity", "tipping":
				assert.Contains(t, words, map[study.Direction]string{study.LowerIsBetter: "← favors Active HILT", study.HigherIsBetter: "favors Active HILT →"}[better], name)
			default:
				assert.Contains(t, words, map[study.Direction]string{study.LowerIsBetter: "← better", study.HigherIsBetter: "better →"}[better], name)
			}
		}
	}
}

// Panels of one figure that favor different sides each say so.
func TestEachPanelSaysWhomItFavors(t *testing.T) {
	q := smallTrial()
	q.outcome = strength()
	f, err := Differences(append(smallTrial().results(t), q.results(t)...))
	require.NoError(t, err)
	require.Len(t, f.panels, 2)
	for i, want := range []string{"favors Active HILT", "favors Placebo HILT"} {
		assert.Equal(t, want, f.panels[i].below[0].(*keyStrip).left)
	}
}

// Meta-analyses name what they compare, or say which way is better.
func TestMetaNamesItsSides(t *testing.T) {
	rows, pooled := metaRows(smallTrial().results(t))
	f, err := MetaWith(rows, pooled, MetaOptions{Better: study.HigherIsBetter, Treatment: "Laser", Control: "Sham"})
	require.NoError(t, err)
	assert.Contains(t, drawn(f), "← favors Sham favors Laser →")
	f, err = MetaWith(rows, pooled, MetaOptions{Better: study.LowerIsBetter})
	require.NoError(t, err)
	assert.Contains(t, drawn(f), "← better")
	assert.NotContains(t, drawn(f), "favors")
}
