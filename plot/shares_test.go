package plot

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// sharesTrial is a trial of a yes-or-no outcome at two visits, shuffled by seed.
func sharesTrial(t testing.TB) []study.Result {
	t.Helper()
	var b strings.Builder
	b.WriteString("id,arm,sex,a,b\n")
	for i := range 40 {
		b.WriteString(fmt.Sprintf("%d,%s,%s,%d,%d\n", i+1, []string{"x", "y"}[i%2], []string{"f", "m"}[i%3%2], i%5/3, (i+i%2)%4/2))
	}
	p, err := study.ParseProtocol(strings.NewReader(`
title: t
simulated: true
arms: [{id: x, label: Laser}, {id: y, label: Sham, control: true}]
visits: [{id: a, label: Week 1}, {id: b, label: Week 2}]
baseline: none
outcomes: [{id: o, label: Free of pain, kind: binary, better: higher}]
data: {layout: wide, participant: id, arm: arm, columns: {o: {a: a, b: b}}, covariates: {sex: {column: sex, kind: category}}}
`), "p")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader(b.String()), "d", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return r.Results
}

// No chart draws the mean of yes and no: it draws shares, or what is missing, or says
// that it draws measurements.
func TestChartsOfBinaryOutcomes(t *testing.T) {
	rs := sharesTrial(t)
	draws := map[string]bool{"missing": true, "dropout": true}
	given := map[string]bool{"flow": true, "power": true, "meta": true, "consort": true, "events": true, "funnel": true, "contours": true, "love": true, "forest": true, "triangulation": true, "hypotheses": true, "sensitivity": true,
		"correlations": true, "doses": true, "moderator": true, "roc": true, "residuals": true, "agreement": true, "differences": true, "shares": true, "subgroups": true, "categories": true, "rates": true} // of every kind, not fed from the outcome's results, or below
	for name, draw := range everyChart(Options{}) {
		if given[name] {
			continue
		}
		f, err := draw(rs)
		if draws[name] {
			require.NoError(t, err, name)
			continue
		}
		require.Error(t, err, name)
		assert.Nil(t, f, name)
		assert.Contains(t, err.Error(), "binary", name)
	}
}

// The marks are the report's shares, on an axis that holds all of 0 to 100.
func TestShares(t *testing.T) {
	rs := sharesTrial(t)
	f, err := Shares(rs)
	require.NoError(t, err)
	marks := marksOf[*intervalMarks](f.panels[0])
	require.Len(t, marks, 2)
	for k, m := range marks {
		require.Len(t, m.items, 2)
		for v, i := range m.items {
			s := rs[v].Summaries[k].Share
			assert.Equal(t, []float64{100 * s.Value, 100 * s.Lower, 100 * s.Upper}, []float64{i.value, i.lo, i.hi})
		}
	}
	assert.Equal(t, [2]float64{0, 100}, [2]float64{f.panels[0].plot.Y.Min, f.panels[0].plot.Y.Max})
	for _, lang := range []string{"en", "nl"} {
		f, err := SharesWith(rs, SharesOptions{Options{Lang: lang}})
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, f.Write(&b, SVG))
		s := rs[1].Summaries[0].Share
		assert.Contains(t, b.String(), fmt.Sprintf(">%d/%d<", s.Events, s.N))
		assert.Contains(t, f.Description(), fmt.Sprint(s.Events))
	}
	_, err = Shares(smallTrial().results(t))
	assert.ErrorContains(t, err, "is not binary")
}

// The forest shows percentage points, as the tables do, and counts beside them.
func TestDifferencesOfShares(t *testing.T) {
	rs := sharesTrial(t)
	f, err := Differences(rs)
	require.NoError(t, err)
	i := marksOf[*intervalMarks](f.panels[0])
	require.Len(t, i, 2)
	row := rs[0].Deciding()[0]
	assert.Equal(t, interval{i[0].items[0].at, rs[0].Outcome.Shown(row.Estimate), rs[0].Outcome.Shown(row.Lower), rs[0].Outcome.Shown(row.Upper)}, i[0].items[0])
	var b bytes.Buffer
	require.NoError(t, f.Write(&b, SVG))
	assert.Contains(t, b.String(), "percentage points")
	assert.Contains(t, f.Alt(), "percentage points")
	rs[0].Rows[0].Measure, rs[0].Rows[0].Estimate, rs[0].Rows[0].Lower, rs[0].Rows[0].Upper = study.OddsRatio, 2, 0.5, 8
	f, err = Differences(rs)
	require.NoError(t, err)
	assert.Len(t, f.panels, 2, "a ratio has no place among differences, but a panel of its own")
	assert.LessOrEqual(t, f.panels[0].plot.X.Min, 0.5)
	assert.GreaterOrEqual(t, f.panels[0].plot.X.Max, 8.0, "its interval is not cut")
	assert.Equal(t, 1.0, marksOf[*refLine](f.panels[0])[0].value)
	assert.Equal(t, "Odds ratio (1: no difference)", f.panels[0].plot.X.Label.Text)
}
