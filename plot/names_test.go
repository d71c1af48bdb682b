package plot

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// A symbol in a table under an axis has a name: beside it, or in a legend.
func TestSymbolsOfTablesAreNamed(t *testing.T) {
	unnamed := 0
	for _, long := range []string{"", " with supervised strengthening exercise"} {
		tr := smallTrial()
		for i := range tr.arms {
			tr.arms[i].Label += long
		}
		rs := tr.results(t)
		for name, draw := range everyChart(Options{}) {
			f, err := draw(rs)
			if err != nil {
				assert.ErrorIs(t, err, ErrNoRoom, name)
				continue
			}
			for _, p := range f.panels {
				for _, s := range p.below {
					if strip, ok := s.(*numberStrip); ok && !strip.named && !strip.inline {
						unnamed++
						for _, row := range strip.rows {
							assert.Contains(t, drawnWords(f), strings.ReplaceAll(armName(row.look.arm), "\u00a0", " "), name)
							assert.NotEmpty(t, f.legend, name)
						}
					}
				}
			}
		}
	}
	assert.Positive(t, unnamed)
}

// A label longer than its axis takes nothing from the data.
func TestLongAxisLabelsLeaveTheDataTheirRoom(t *testing.T) {
	counts, err := ofKind(smallTrial().results(t), study.KindCount)
	require.NoError(t, err)
	f, err := Differences(counts)
	require.NoError(t, err)
	p := f.panels[0]
	th := f.theme
	data := f.layout().data[0]
	free := th.width - th.rowsWidth(p.rows) - th.columnsWidth(p.columns)
	assert.Greater(t, float64((data.Max.X-data.Min.X)/free), 0.8)
}

// Rates say per what, and how the arms are compared; a curve of a test whose cases
// it tells.
func TestWhatNumbersAreOf(t *testing.T) {
	rs := smallTrial().results(t)
	counts, err := ofKind(rs, study.KindCount)
	require.NoError(t, err)
	f, err := RatesWith(counts, RatesOptions{Time: "months"})
	require.NoError(t, err)
	assert.Contains(t, strings.Join(strings.Fields(f.panels[0].plot.Y.Label.Text), " "), "events per 10 months at risk")
	assert.Contains(t, f.Note(), "The arms are compared by ")
	lines, err := armROC(rs)
	require.NoError(t, err)
	f, err = ROCWith(lines, ROCOptions{Cases: "improved by half"})
	require.NoError(t, err)
	assert.Contains(t, f.Note(), "Cases: improved by half.")
	m, err := changeModel(rs[0])
	require.NoError(t, err)
	f, err = ResidualsWith(m, ResidualsOptions{Response: "Pain, cm"})
	require.NoError(t, err)
	assert.Contains(t, f.panels[1].plot.X.Label.Text, "Pain, cm")
	assert.Contains(t, f.Caption(), "Pain, cm: residuals")
}

// A dashed line is spoken of where there is one.
func TestSweepSpeaksOfItsLine(t *testing.T) {
	with, without := smallTrial(), smallTrial()
	without.outcome.Thresholds = nil
	for _, c := range []struct {
		tr   trial
		said bool
	}{{with, true}, {without, false}} {
		rs := c.tr.results(t)
		f, err := ThresholdSweep(rs)
		require.NoError(t, err)
		assert.Equal(t, margin(rs[0].Outcome) != nil, strings.Contains(f.Note(), "Dashed line"))
	}
}

// Where several verdicts never hold, none is said to reach up to 0.
func TestSweepLeavesOutVerdictsThatNeverHold(t *testing.T) {
	tr := smallTrial()
	rs := tr.results(t)
	for _, c := range []struct {
		value, se       float64
		says, saysNever string
	}{{-1, 2, "important benefit is probable up to 1.00\u00a0cm, possible up to", "definite up"}, {9, 1, "definitely not there at any threshold", "up to"}} {
		for i := range rs[0].Rows {
			rs[0].Rows[i].Effect = stats.Estimate{Value: c.value, SE: c.se, DF: math.Inf(1)}
		}
		f, err := ThresholdSweep(rs[:1])
		require.NoError(t, err)
		assert.Contains(t, f.Description(), c.says)
		assert.NotContains(t, f.Description(), c.saysNever)
	}
}

// What all hypotheses share is said, as the boxes have what differs.
func TestHypothesesSayWhatTheyShare(t *testing.T) {
	rep := anyHypotheses(3, false)
	f, err := Hypotheses(rep)
	require.NoError(t, err)
	assert.Contains(t, f.Note(), "All hypotheses: Week 12.")
	for i := range rep.Family.Hypotheses {
		rep.Family.Hypotheses[i].Outcome = rep.Family.Hypotheses[0].Outcome
	}
	f, err = Hypotheses(rep)
	require.NoError(t, err)
	assert.Contains(t, f.Note(), "All hypotheses: Pain (VAS), Week 12.")
}

// A note says with what threshold, and for whom, participants were counted; those who
// worsened are not called responders.
func TestResponderBarsSayTheirThreshold(t *testing.T) {
	f, err := ResponderBars(smallTrial().results(t))
	require.NoError(t, err)
	assert.Regexp(t, `the threshold \(MCID, one patient: [0-9.]+.cm\) or more`, f.Note())
	c := &responderBars{rule: study.RuleWorsening}
	for _, code := range []string{"plot-responderbars-title", "plot-responderbars-y", "plot-responderbars-strip"} {
		assert.NotContains(t, f.theme.say(c.code(code), map[string]any{"outcome": "Pain"}), "esponder")
	}
}

// Numbers of figures of studies have the effect's unit.
func TestMetaAnalysesSayTheirUnit(t *testing.T) {
	m, err := stats.MetaAnalyze([]stats.Estimate{{Value: -1, SE: 0.2}, {Value: -0.5, SE: 0.4}})
	require.NoError(t, err)
	f, err := FunnelWith(m, FunnelOptions{Unit: "mm", Better: study.LowerIsBetter, Treatment: "Laser", Control: "Sham"})
	require.NoError(t, err)
	assert.Contains(t, drawn(f), "← favors Laser favors Sham →")
	assert.Contains(t, drawn(f), "Standard error, mm")
	assert.Contains(t, f.Description(), "Study 1: −1.00\u00a0mm, standard error 0.20\u00a0mm.")
	f, err = FunnelWith(m, FunnelOptions{Unit: "mm", Ratio: true})
	require.NoError(t, err)
	assert.Contains(t, drawn(f), "Standard error of the logarithm")
	assert.NotContains(t, f.Description(), "mm", "ratios have none")
	f, err = MetaWith([]MetaRow{{"A", -1, -2, 0, 1}}, []MetaPooled{{Estimate: -1, Lower: -2, Upper: 0}}, MetaOptions{Unit: "mm"})
	require.NoError(t, err)
	assert.Contains(t, f.Alt(), "Pooled effect −1.00\u00a0mm (95% CI")
}

// Covariances are told where covariances are drawn.
func TestCovariancesAreTold(t *testing.T) {
	o := study.Outcome{ID: "vas", Label: "Pain", Unit: "mm", Resolution: 1}
	f, err := CorrelationsWith([]string{"A", "B"}, [][]float64{{4, 3}, {3, 9}}, CorrelationsOptions{Outcome: o, Covariances: true})
	require.NoError(t, err)
	assert.Equal(t, "Pain: covariances between visits", f.Title())
	assert.Contains(t, f.Description(), "A: variance 4\u00a0mm². ")
	assert.Contains(t, f.Description(), "A and B: covariance 3, correlation 0.50.")
}

// A figure of one visit says which, wherever its caption may have gone.
func TestOneVisitIsNamed(t *testing.T) {
	none := []string{"consort", "contours", "correlations", "events", "flow", "forest", "funnel", "hypotheses", "love", "meta", "power", "residuals", "roc", "sensitivity", "triangulation"}
	for _, lang := range []string{"en", "nl"} {
		rs := smallTrial().results(t)[1:]
		rs[0].Visit.Label = "Week 52"
		for name, draw := range everyChart(Options{Lang: lang}) {
			f, err := draw(rs)
			if err != nil || slices.Contains(none, name) {
				continue // some charts need more, or tell of none
			}
			assert.Contains(t, strings.ReplaceAll(drawnWords(f), "\u00a0", " "), "Week 52", "%s, %s", name, lang)
		}
	}
}

// Where the lines of visits' names would repeat a word, numbers of time stand.
func TestRepeatedWordsOfVisits(t *testing.T) {
	assert.True(t, repeating(Labels{{Label: "Baseline"}, {Label: "Week\n4"}, {Label: "Week\n8"}}))
	assert.False(t, repeating(Labels{{Label: "Week 4"}, {Label: "Week 8"}}))
	assert.False(t, repeating(Labels{{Label: "Right\nafter"}, {Label: "End of\ntreatment"}}))
}

// Every dashed line of reference has its words on the figure: above or beside it, or in
// the legend. A note can part from its figure.
func TestDashedLinesAreNamed(t *testing.T) {
	dashed := map[string]bool{}
	for name, draw := range everyChart(Options{Width: 174}) {
		f, err := draw(smallTrial().results(t))
		require.NoError(t, err, name)
		keyed := slices.ContainsFunc(f.legend, func(l legendItem) bool { return l.line && l.look.dashes != nil })
		beside := false // of a row of panels, which share the axis, the last has it
		for _, p := range f.panels {
			beside = beside || len(p.side) > 0
		}
		for i, p := range f.panels {
			for _, m := range marksOf[*refLine](p) {
				if m.dashes == nil {
					continue
				}
				dashed[name] = true
				assert.True(t, keyed || len(p.top) > 0 || beside && !m.upright, "%s, panel %d: a dashed line at %v", name, i, m.value)
			}
		}
	}
	assert.Greater(t, len(dashed), 10)
}
