package study_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

const thresholdProtocol = `
title: Thresholds
arms: [{id: a, label: Active}, {id: c, label: Control, control: true, randomized: 6}]
visits: [{id: v0, label: Before}, {id: v1, label: After}]
outcomes:
  - id: vas
    instrument: VAS-cm
    condition: after-tka
    thresholds: [{kind: margin, level: between, value: 2.26, source: s}, {kind: margin, level: between, value: 2.91, worsening: true, source: s}]
data: {layout: wide, participant: id, arm: arm, columns: {vas: {v0: x0, v1: x1}}}
plans: [{outcome: vas, visit: v1, priors: [{name: pilot, mean: 1, sd: 0.5}]}]
`

const thresholdData = `id,arm,x0,x1
1,a,6.0,3.1
2,a,7.0,5.9
3,a,5.0,2.0
4,a,8.0,4.9
5,a,6.5,
6,c,6.0,5.5
7,c,7.0,4.2
8,c,5.5,5.9
9,c,6.5,6.0
10,c,8.0,6.9
`

// An outcome that names its instrument and the patients alone is judged
// against the thresholds found in them, and everything reaches the report.
func TestThresholdsReachTheReport(t *testing.T) {
	p, err := study.ParseProtocol(strings.NewReader(thresholdProtocol), "p.yaml")
	require.NoError(t, err)
	d, err := study.Load(strings.NewReader(thresholdData), "d.csv", p)
	require.NoError(t, err)
	r, err := d.AnalyzeAll()
	require.NoError(t, err)
	res := r.Results[0]
	require.Len(t, res.Importance, 1)
	x := res.Importance[0]
	assert.Equal(t, 2.26, x.Threshold.Value)
	assert.Equal(t, 2.91, x.Judgement.HarmThreshold.Value)
	assert.False(t, x.Judgement.HarmMirrored)
	var priors []string
	for _, q := range x.Posteriors {
		priors = append(priors, q.Prior.Name)
	}
	assert.Equal(t, []string{"flat", "skeptical", "enthusiastic", "pilot"}, priors)
	require.NotNil(t, x.Benefit)
	// By hand: gains 2.9 1.1 3.0 3.1 v 0.5 2.8 −0.4 0.5 1.1; wins 5 + 3½ + 5 + 5 of 20.
	assert.InDelta(t, 18.5/20, x.Benefit.Value, 1e-15)
	for _, s := range x.Thresholds {
		if s.Threshold == 2.26 {
			assert.Equal(t, x.Judgement.Benefit, s.Benefit)
			assert.Equal(t, x.Posteriors[0].Important, s.Flat)
			assert.Equal(t, x.Posteriors[1].Important, s.Skeptical)
		}
	}
	// Two individual thresholds of change, one for each side, four ways each.
	require.Len(t, res.ResponderEffects, 8)
	assert.Equal(t, study.MissingNonResponder, res.ResponderEffects[1].Missing)
	assert.Equal(t, [2]int{3, 5}, [2]int{res.ResponderEffects[1].Active.Events, res.ResponderEffects[1].Active.N})
	assert.Equal(t, 6, res.ResponderEffects[1].Ctl.N, "one never reached the file")

	for _, lang := range []string{"en", "nl"} {
		var b bytes.Buffer
		require.NoError(t, report.Markdown(&b, r, report.Options{Supplement: true, Lang: lang, ShowP: true}))
		s := strings.ReplaceAll(b.String(), "\u00a0", " ")
		if lang == "en" {
			assert.Contains(t, s, "What the threshold decides")
			assert.Contains(t, s, "Used: 2.26 cm (inpatients after knee replacement; Danoff et al. 2018")
			assert.Contains(t, s, "1.99 cm (chronic knee osteoarthritis; Tubach et al. 2005")
			assert.Contains(t, s, "not the probability that the treatment works")
			assert.Contains(t, s, "pilot, mean 1.00, SD 0.50")
			assert.Contains(t, s, "NNTB")
		} else {
			assert.Contains(t, s, "1,99 cm (chronische knieartrose; Tubach")
			assert.Contains(t, s, "niet de kans dat de behandeling werkt")
		}
	}
	var b bytes.Buffer
	require.NoError(t, report.JSON(&b, r, report.Options{}))
	var file struct {
		Importance []struct {
			Threshold  float64 `json:"threshold"`
			Harm       float64 `json:"harm_threshold"`
			Posteriors []struct {
				Prior     string   `json:"prior"`
				SD        *float64 `json:"sd"`
				Important float64  `json:"important"`
			} `json:"posteriors"`
		} `json:"importance"`
		Sweep   []map[string]any `json:"threshold_sweep"`
		Effects []struct {
			Missing string         `json:"missing"`
			N       map[string]int `json:"n"`
		} `json:"responder_effects"`
	}
	require.NoError(t, json.Unmarshal(b.Bytes(), &file))
	require.Len(t, file.Importance, 1)
	assert.Nil(t, file.Importance[0].Posteriors[0].SD, "a flat prior has no SD")
	assert.Equal(t, x.Posteriors[1].Important, file.Importance[0].Posteriors[1].Important)
	assert.Len(t, file.Sweep, len(x.Thresholds))
	assert.Equal(t, map[string]int{"a": 5, "c": 6}, file.Effects[1].N)
}

func TestPriorsAreChecked(t *testing.T) {
	bad := strings.Replace(thresholdProtocol, "sd: 0.5", "sd: 0", 1)
	_, err := study.ParseProtocol(strings.NewReader(bad), "p.yaml")
	assert.ErrorContains(t, err, "priors[0].sd: a prior is normal")
}

// Millimeters instead of centimeters: the same verdicts and probabilities.
func TestUnitsRescaleThroughout(t *testing.T) {
	run := func(protocol, data string) study.Importance {
		p, err := study.ParseProtocol(strings.NewReader(protocol), "p.yaml")
		require.NoError(t, err)
		d, err := study.Load(strings.NewReader(data), "d.csv", p)
		require.NoError(t, err)
		res, err := d.Analyze(p.Plans[0])
		require.NoError(t, err)
		return res.Importance[0]
	}
	cm := run(thresholdProtocol, thresholdData)
	inMM := strings.NewReplacer("VAS-cm", "VAS-mm", "mean: 1, sd: 0.5", "mean: 10, sd: 5", "2.26", "22.6", "2.91", "29.1").Replace(thresholdProtocol)
	lines := strings.Split(thresholdData, "\n")
	for i := 1; i < len(lines); i++ {
		lines[i] = strings.ReplaceAll(lines[i], ".", "") // one decimal each
	}
	mm := run(inMM, strings.Join(lines, "\n"))
	assert.Equal(t, cm.Judgement.Benefit, mm.Judgement.Benefit)
	assert.Equal(t, cm.Judgement.Harm, mm.Judgement.Harm)
	assert.InDelta(t, cm.Judgement.Value*10, mm.Judgement.Value, 1e-9)
	assert.InDelta(t, cm.SGPV.Value, mm.SGPV.Value, 1e-12)
	assert.InDelta(t, cm.Tests.Equivalence, mm.Tests.Equivalence, 1e-12)
	for i := range cm.Posteriors {
		assert.InDelta(t, cm.Posteriors[i].Important, mm.Posteriors[i].Important, 1e-10)
		assert.InDelta(t, cm.Posteriors[i].Within, mm.Posteriors[i].Within, 1e-10)
	}
	assert.Equal(t, *cm.Benefit, *mm.Benefit)
}

// A model of all visits is questioned at each visit and for the average, which
// has no single change per patient to compare.
func TestImportanceOfRepeatedModels(t *testing.T) {
	protocol := strings.NewReplacer("{id: v1, label: After}", "{id: v1, label: After}, {id: v2, label: Later}",
		"v1: x1}", "v1: x1, v2: x2}", "visit: v1, priors", "model: mmrm, priors").Replace(thresholdProtocol)
	lines := strings.Split(strings.TrimSpace(thresholdData), "\n")
	lines[0] += ",x2"
	for i := 1; i < len(lines); i++ {
		lines[i] += []string{",3.0", ",4.5", ",5.1"}[i%3]
	}
	p, err := study.ParseProtocol(strings.NewReader(protocol), "p.yaml")
	require.NoError(t, err)
	d, err := study.Load(strings.NewReader(strings.Join(lines, "\n")), "d.csv", p)
	require.NoError(t, err)
	r, err := d.AnalyzeAll()
	require.NoError(t, err)
	require.Len(t, r.Results, 3)
	for _, res := range r.Results {
		require.Len(t, res.Importance, 1, res.Visit.ID)
		x := res.Importance[0]
		assert.Equal(t, study.MethodMMRM, x.Method)
		assert.Equal(t, x.Visit == study.OverallVisit, x.Benefit == nil)
		assert.Len(t, x.Posteriors, 4)
	}
	var b bytes.Buffer
	require.NoError(t, report.Text(&b, r, report.Options{Supplement: true}))
}
