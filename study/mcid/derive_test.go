package mcid

import (
	"bytes"
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/mic"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
)

// anchorExample is testdata/studies/anchor: simulated patients who call a fall
// of 20 mm, give or take 3 mm, an important improvement.
func anchorExample(t *testing.T) AnchorStudy {
	t.Helper()
	f, err := os.Open("../../testdata/studies/anchor/data.csv")
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	s := AnchorStudy{Outcome: study.Outcome{ID: "vas", Label: "Pain", Unit: "mm", Resolution: 1, Better: study.LowerIsBetter},
		From: 1, Slight: []float64{1}, Unchanged: []float64{0}, AnchorReliability: 0.8, Simulated: true,
		Population: "invented", Source: "testdata"}
	number := func(x string) float64 {
		v, err := strconv.ParseFloat(x, 64)
		require.NoError(t, err)
		return v
	}
	for _, r := range rows[1:] {
		s.Baseline = append(s.Baseline, number(r[1]))
		s.Change = append(s.Change, number(r[3]))
		s.Rating = append(s.Rating, number(r[4]))
		s.Test = append(s.Test, number(r[1]))
		s.Retest = append(s.Retest, number(r[5]))
	}
	return s
}

func TestTriangulateExample(t *testing.T) {
	tr, err := Triangulate(anchorExample(t))
	require.NoError(t, err)
	require.Len(t, tr.Rows, 17)
	assert.Equal(t, 240, tr.N)
	for _, m := range []mic.Method{mic.PredictiveAdjusted, mic.PredictiveReliable} {
		r, ok := tr.Row(string(m))
		require.True(t, ok)
		assert.True(t, r.Lower < 20 && 20 < r.Upper, "the truth, 20 mm, is within %v to %v (%s)", r.Lower, r.Upper, m)
	}
	th, ok := tr.Threshold("predictive-adjusted")
	require.True(t, ok)
	assert.Equal(t, study.MIC, th.Kind)
	assert.Equal(t, study.Individual, th.Level)
	assert.Equal(t, 240, th.N)
	assert.Equal(t, "testdata", th.Source)
	th, ok = tr.Threshold(MDC95)
	require.True(t, ok)
	assert.Equal(t, study.MDC, th.Kind)
	_, ok = tr.Threshold(SD05)
	assert.False(t, ok, "half an SD is no threshold")
	for _, r := range tr.Rows {
		assert.Equal(t, r.Evidence == DistributionBased, r.Method[:2] == "sd" || r.Method[:2] == "se" || r.Method[:3] == "mdc", r.Method)
	}
}

// Minimal detectable changes of Hurkmans et al. 2007 from their standard
// errors of measurement.
func TestMDCHurkmans(t *testing.T) {
	for sem, want := range map[float64]float64{2.13: 5.90, 2.26: 6.26, 0.43: 1.19, 0.39: 1.08} {
		// Two scores whose difference has SD √2·SEM.
		d := sem
		s := AnchorStudy{Outcome: study.Outcome{Better: study.HigherIsBetter}, Change: []float64{0, 1, 2, 3}, Rating: []float64{0, 0, 1, 1},
			Test: []float64{10, 20}, Retest: []float64{10 + d, 20 - d}}
		tr, err := Triangulate(s)
		require.NoError(t, err)
		r, ok := tr.Row(MDC95)
		require.True(t, ok)
		assert.Equal(t, text.English().Number(want, 2), text.English().Number(r.Value, 2))
		e, _ := tr.Row(SEM1)
		assert.InDelta(t, sem, e.Value, 1e-12)
		e, _ = tr.Row(SEM196)
		assert.InDelta(t, 1.96*sem, e.Value, 1e-12)
		e, _ = tr.Row(MDC90)
		assert.InDelta(t, 1.6448536269514722*math.Sqrt2*sem, e.Value, 1e-12)
	}
}

// Turning the outcome's direction and the data's sign changes nothing; other
// units rescale everything; worsening is improvement turned round.
func TestTriangulateProperties(t *testing.T) {
	base := anchorExample(t)
	want, err := Triangulate(base)
	require.NoError(t, err)
	scale := func(x []float64, k float64) []float64 {
		out := make([]float64, len(x))
		for i, v := range x {
			out[i] = k * v
		}
		return out
	}
	flip := base
	flip.Change, flip.Outcome.Better = scale(base.Change, -1), study.HigherIsBetter
	cm := base
	cm.Change, cm.Baseline, cm.Test, cm.Retest = scale(base.Change, 0.1), scale(base.Baseline, 0.1), scale(base.Test, 0.1), scale(base.Retest, 0.1)
	worse := base
	worse.Worsening, worse.Change, worse.Rating, worse.From = true, scale(base.Change, -1), scale(base.Rating, -1), -1
	worse.Slight, worse.Unchanged = []float64{-1}, []float64{0}
	for name, c := range map[string]struct {
		study AnchorStudy
		k     float64
	}{"flip": {flip, 1}, "cm": {cm, 0.1}, "worsening": {worse, 1}} {
		got, err := Triangulate(c.study)
		require.NoError(t, err, name)
		require.Len(t, got.Rows, len(want.Rows))
		for i, r := range got.Rows {
			assert.Equal(t, want.Rows[i].Method, r.Method)
			assert.InDelta(t, c.k*want.Rows[i].Value, r.Value, 1e-9, "%s %s", name, r.Method)
			assert.InDelta(t, c.k*want.Rows[i].Lower, r.Lower, 1e-7, "%s %s", name, r.Method)
			assert.InDelta(t, c.k*want.Rows[i].Upper, r.Upper, 1e-7, "%s %s", name, r.Method)
		}
		assert.InDelta(t, want.EffectSize, got.EffectSize, 1e-9)
		assert.InDelta(t, want.ResponseMean, got.ResponseMean, 1e-9)
		assert.InDelta(t, want.Anchor.Value, got.Anchor.Value, 1e-9)
	}
}

// 5.9 − 4.1 and 1.8 are one change, not two with a cut-off between them.
func TestTriangulateDecimals(t *testing.T) {
	a, b := 5.9, 4.1
	s := AnchorStudy{Outcome: study.Outcome{Better: study.HigherIsBetter, Resolution: 0.1}, Change: []float64{a - b, 1.8, 0.2, 2.4, 1.0, 1.2},
		Rating: []float64{1, 0, 0, 1, 0, 0}}
	require.Greater(t, s.Change[0], s.Change[1])
	tr, err := Triangulate(s)
	require.NoError(t, err)
	r, _ := tr.Row("roc-youden")
	s.Change[0] = 1.8
	tr, err = Triangulate(s)
	require.NoError(t, err)
	exact, _ := tr.Row("roc-youden")
	assert.Equal(t, exact.Value, r.Value)
}

// A range that reaches below the minimal detectable change says so, one that
// does not is silent.
func TestTriangulateBelowMDC(t *testing.T) {
	says := func(error float64) bool {
		s := AnchorStudy{Outcome: study.Outcome{Better: study.HigherIsBetter}, Change: []float64{0, 2, 1, 4, 3, 5}, Rating: []float64{0, 0, 1, 1, 0, 1},
			Test: []float64{10, 20}, Retest: []float64{10 + error, 20 - error}}
		tr, err := Triangulate(s)
		require.NoError(t, err)
		for _, n := range tr.Notes {
			if n.Code == "derive-below-mdc" {
				return true
			}
		}
		return false
	}
	assert.True(t, says(3))
	assert.False(t, says(0.01))
	assert.False(t, says(0))
}

func TestTriangulateRefuses(t *testing.T) {
	good := AnchorStudy{Outcome: study.Outcome{ID: "x", Better: study.HigherIsBetter}, Change: []float64{0, 1, 2, 3}, Rating: []float64{0, 0, 1, 1}}
	for name, change := range map[string]func(*AnchorStudy){
		"direction": func(s *AnchorStudy) { s.Outcome.Better = study.BetterUnset },
		"from":      func(s *AnchorStudy) { s.Rating = []float64{0, 2, 1, 3} },
		"lengths":   func(s *AnchorStudy) { s.Rating = s.Rating[1:] },
		"slight":    func(s *AnchorStudy) { s.Slight = []float64{0} },
		"unchanged": func(s *AnchorStudy) { s.Unchanged = []float64{1} },
		"NaN":       func(s *AnchorStudy) { s.Change = []float64{0, math.NaN(), 2, 3} },
		"ICC":       func(s *AnchorStudy) { s.Baseline, s.ICC = []float64{1, 2, 3, 4}, 1.2 },
		"retest":    func(s *AnchorStudy) { s.Test, s.Retest = []float64{1, 2}, []float64{1} },
	} {
		s := good
		change(&s)
		_, err := Triangulate(s)
		assert.ErrorContains(t, err, "study: Triangulate: ", name)
	}
	assert.Panics(t, func() { s := good; s.Level = 95; _, _ = Triangulate(s) })
}

// The report says SIMULATED, holds every method and its doubts in both
// languages, and never NaN.
func TestTriangulationReport(t *testing.T) {
	full := anchorExample(t)
	bare := AnchorStudy{Outcome: study.Outcome{ID: "x", Better: study.HigherIsBetter}, Change: []float64{0, 1, 2, 3, 4, 5},
		Rating: []float64{0, 0, 0, 1, 1, 1}, Worsening: false}
	reversed := bare
	reversed.Rating = []float64{1, 1, 1, 0, 0, 0}
	icc := bare
	icc.Baseline, icc.ICC = []float64{1, 5, 3, 4, 8, 2}, 1
	for _, lang := range text.Languages() {
		for _, s := range []AnchorStudy{full, bare, reversed, icc} {
			tr, err := Triangulate(s)
			require.NoError(t, err)
			c, err := text.In(lang)
			require.NoError(t, err)
			for _, write := range []func(*bytes.Buffer) error{
				func(b *bytes.Buffer) error { return tr.WriteText(b, report.Options{Lang: lang}) },
				func(b *bytes.Buffer) error { return tr.WriteMarkdown(b, report.Options{Lang: lang}) }} {
				var b bytes.Buffer
				require.NoError(t, write(&b))
				assert.NotContains(t, b.String(), "NaN")
				assert.Contains(t, b.String(), c.Say("derive-no-importance", nil)[:60])
				if s.Simulated {
					assert.Contains(t, b.String(), c.Say("simulated", nil))
				}
			}
		}
	}
	tr, err := Triangulate(bare)
	require.NoError(t, err)
	assert.Len(t, tr.Refused, 2)
	assert.Error(t, tr.WriteText(&bytes.Buffer{}, report.Options{Lang: "xx"}))
}
