package plot

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot/internal/render"
	"github.com/trialkit/trialkit/study"
)

// drawnWords are the texts of a figure in drawing order, which joins the lines of
// a label again.
func drawnWords(f *Figure) string {
	var out []string
	for _, m := range f.render().Marks {
		if m.Kind == render.MarkText {
			out = append(out, strings.ReplaceAll(strings.TrimSpace(m.Text), "\u00a0", " "))
		}
	}
	return strings.Join(out, " ")
}

// drawnThresholds tells which of the trial's thresholds lines and bands mark in a
// panel, and over the whole panel.
func drawnThresholds(p *panel, o study.Outcome) (patient, between, overMeans bool) {
	patientAt, _ := o.PatientThreshold()
	betweenAt, _ := o.Verdict()
	is := func(v float64, th *study.Threshold) bool { return v == th.Value || v == -th.Value }
	for _, m := range p.marks {
		switch m := m.(type) {
		case *refLine:
			patient = patient || is(m.value, patientAt)
			between = between || is(m.value, betweenAt)
			for _, means := range marksOf[*intervalMarks](p) { // with values on the line's own axis
				overMeans = overMeans || is(m.value, patientAt) && !m.limited && m.upright == means.flat
			}
		case *bandMarks:
			for _, r := range m.rects {
				between = between || is(r.x0, betweenAt) || is(r.x1, betweenAt)
			}
		}
	}
	return patient, between, overMeans
}

// A line or band of a threshold says its kind, whom it was defined for and its
// value, in every chart and both languages: the MCID of one patient and a margin
// between arms are different numbers. Means of arms never stand on the line of one
// patient's threshold.
func TestThresholdsAreLabeled(t *testing.T) {
	tr := smallTrial()
	tr.info.Simulated = false
	rs := tr.results(t)
	labels := map[string][2]string{"en": {"MCID, one patient: 2.26 cm", "margin between arms: 1.3 cm"},
		"nl": {"MCID, één patiënt: 2,26 cm", "marge tussen groepen: 1,3 cm"}}
	for lang, want := range labels {
		patients, betweens := 0, 0
		for name, draw := range everyChart(Options{Lang: lang, NoFootnote: true}) {
			f, err := draw(rs)
			require.NoError(t, err, name)
			words := drawnWords(f)
			for _, p := range f.panels {
				patient, between, overMeans := drawnThresholds(p, tr.outcome)
				if patient {
					assert.Contains(t, words, want[0], name)
					patients++
				}
				if between {
					assert.Contains(t, words, want[1], name)
					betweens++
				}
				assert.False(t, overMeans, "%s: means on the threshold of one patient", name)
			}
			assert.NotRegexp(t, regexp.MustCompile(`MCID[^,]`), words, name)
		}
		assert.GreaterOrEqual(t, patients, 10, "panels with the threshold of one patient")
		assert.GreaterOrEqual(t, betweens, 8, "panels with the margin")
	}
}

// Outcomes of one panel whose bands differ are named beside them.
func TestBandsOfSeveralOutcomes(t *testing.T) {
	a, b := smallTrial(), smallTrial()
	b.outcome.ID, b.outcome.Label = "stiff", "Stiffness"
	b.outcome.Thresholds = []study.Threshold{{Kind: study.MCID, Value: 2, Level: study.BetweenGroup}}
	f, err := Differences(append(a.results(t), b.results(t)...))
	require.NoError(t, err)
	words := drawnWords(f)
	assert.Contains(t, words, "Pain (VAS): margin between arms: 1.3 cm")
	assert.Contains(t, words, "Stiffness: MCID, between arms: 2 cm")
	_, err = Forest(ForestTable{Level: 0.95, Rows: []ForestRow{{Effect: a.results(t)[0].Rows[0].Effect}}, Band: [2]float64{-1, 1}})
	assert.EqualError(t, err, "plot: Forest: the band from -1 to 1 has no label")
}
