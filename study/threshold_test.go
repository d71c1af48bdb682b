package study_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// Means are judged by a margin between arms and patients by an individual's
// important change, wherever in the list they stand; measurement error judges
// nothing.
func TestWhichThresholdJudges(t *testing.T) {
	mdc := study.Threshold{Kind: study.MDC, Value: 1.1, Level: study.Individual}
	sem := study.Threshold{Kind: study.SEM, Value: 0.7, Level: study.BetweenGroup}
	worse := study.Threshold{Kind: study.MCID, Value: 2.9, Level: study.Individual, Worsening: true}
	mcid := study.Threshold{Kind: study.MCID, Value: 2.3, Level: study.Individual}
	mic := study.Threshold{Kind: study.MIC, Value: 3, Level: study.Individual}
	pass := study.Threshold{Kind: study.PASS, Value: 4, Level: study.Individual}
	margin := study.Threshold{Kind: study.Margin, Value: 1.3, Level: study.BetweenGroup}
	harm := study.Threshold{Kind: study.Margin, Value: 0.9, Level: study.BetweenGroup, Worsening: true}
	for _, c := range []struct {
		list                 []study.Threshold
		verdict, patient     float64 // 0: none
		verdictBad, patientB float64
	}{
		{nil, 0, 0, 0, 0},
		{[]study.Threshold{mdc, sem, pass}, 0, 0, 0, 0},
		{[]study.Threshold{mdc, mcid, mic}, 0, 2.3, 0, 0},
		{[]study.Threshold{mic, mcid}, 0, 3, 0, 0},
		{[]study.Threshold{worse, sem, mdc, mcid, margin}, 1.3, 2.3, 0, 2.9},
		{[]study.Threshold{harm, margin}, 1.3, 0, 0.9, 0},
		{[]study.Threshold{harm, worse}, 0, 0, 0.9, 2.9},
	} {
		o := study.Outcome{Thresholds: c.list}
		value := func(t *study.Threshold) float64 {
			if t == nil {
				return 0
			}
			return t.Value
		}
		v, vw := o.Verdict()
		p, pw := o.PatientThreshold()
		assert.Equal(t, []float64{c.verdict, c.verdictBad, c.patient, c.patientB}, []float64{value(v), value(vw), value(p), value(pw)}, "%v", c.list)
	}
}

// Patients' thresholds in every order give the same responders and the same
// effects of responders: those of the MCID, of which 4.9 of 5.0 is 2.3 or more.
func TestAnMDCListedFirstIsNotImprovement(t *testing.T) {
	for _, list := range []string{
		"{kind: MDC, value: 1, level: individual, source: s}, {kind: MCID, value: 3, level: individual, source: s}",
		"{kind: MCID, value: 3, level: individual, source: s}, {kind: MDC, value: 1, level: individual, source: s}",
	} {
		protocol := strings.Replace(study.SmallProtocol, "{kind: MCID, value: 1, level: individual, source: s}, {kind: margin, value: 1, level: between, source: s}", list, 1)
		// Changes 2, 3, 4 against 0, 1, 2: by the MCID 2 of 3 and 0 of 3.
		r := analyzeAll(t, study.LoadRows(t, protocol, "a 1 3", "a 2 5", "a 3 7", "c 1 1", "c 2 3", "c 3 5"))
		var counts [][2]int
		for _, row := range r.Results[0].Responders {
			if row.Headline {
				counts = append(counts, [2]int{row.Events, row.N})
			}
		}
		assert.Equal(t, [][2]int{{2, 3}, {0, 3}}, counts, list)
		effect := r.Results[0].ResponderEffects[0]
		assert.Equal(t, []int{2, 0}, []int{effect.Active.Events, effect.Ctl.Events}, list)
		var b bytes.Buffer
		require.NoError(t, report.Text(&b, r, report.Options{Supplement: true}))
		flat := strings.Join(strings.Fields(b.String()), " ")
		assert.Contains(t, flat, "2 of 3 with Active and 0 of 3 with Control; difference")
	}
}

// An individual's threshold alone gives a difference of means no verdict, in
// any output, and the report says why; patients have theirs.
func TestNoVerdictFromAnIndividualThreshold(t *testing.T) {
	r := analyzeAll(t, study.LoadHILT(t, 0))
	for _, res := range r.Results {
		assert.Empty(t, res.Importance)
		for _, row := range res.Rows {
			assert.Nil(t, row.Judgement)
			assert.Nil(t, row.Threshold)
		}
	}
	for lang, want := range map[string][]string{
		"en": {"How large a difference in means must be to matter is not declared; no verdict is given", "Improved by 2.26 cm or more (MCID, the smallest change"},
		"nl": {"is niet opgegeven: geen oordeel", "2,26 cm of meer verbeterd (MCID, de kleinste verandering"},
	} {
		var b bytes.Buffer
		require.NoError(t, report.Text(&b, r, report.Options{Supplement: true, Lang: lang}))
		flat := strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "\u00a0", " ")), " ")
		for _, s := range want {
			assert.Contains(t, flat, s)
		}
		assert.NotContains(t, flat, "Important benefit (")
		assert.NotContains(t, flat, "Belangrijk voordeel (")
	}
}

// A margin leaves the patients' thresholds of the instrument in.
func TestMarginBesideAnInstrument(t *testing.T) {
	own := []study.Threshold{{Kind: study.Margin, Value: 1, Level: study.BetweenGroup}}
	o := study.OneOutcome(study.Outcome{ID: "vas", Instrument: "VAS-cm", Thresholds: own}).WithInstruments().Outcomes[0]
	margin, _ := o.Verdict()
	patients, _ := o.PatientThreshold()
	require.NotNil(t, margin)
	require.NotNil(t, patients)
	assert.Equal(t, []float64{1, 1.99}, []float64{margin.Value, patients.Value})
}

// What is neither important benefit nor important harm, active − control, with
// worsening's own threshold or benefit's mirrored.
func TestTooSmall(t *testing.T) {
	margin := study.Threshold{Kind: study.Margin, Value: 1.3, Level: study.BetweenGroup}
	harm := study.Threshold{Kind: study.Margin, Value: 0.9, Level: study.BetweenGroup, Worsening: true}
	for _, c := range []struct {
		better study.Direction
		list   []study.Threshold
		lo, hi float64
		ok     bool
	}{
		{study.LowerIsBetter, []study.Threshold{margin}, -1.3, 1.3, true},
		{study.LowerIsBetter, []study.Threshold{harm, margin}, -1.3, 0.9, true},
		{study.HigherIsBetter, []study.Threshold{harm, margin}, -0.9, 1.3, true},
		{study.HigherIsBetter, []study.Threshold{harm}, 0, 0, false},
		{study.HigherIsBetter, []study.Threshold{{Kind: study.MCID, Value: 2, Level: study.Individual}}, 0, 0, false},
	} {
		lo, hi, ok := study.Outcome{Better: c.better, Thresholds: c.list}.TooSmall()
		assert.Equal(t, c.ok, ok)
		assert.Equal(t, [2]float64{c.lo, c.hi}, [2]float64{lo, hi})
	}
}
