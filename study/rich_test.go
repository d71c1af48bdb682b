package study_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

const richProtocol = `
title: Everything a protocol can say, in one trial with a title that is long enough to need a second line
registration: NCT00000000
estimand: hypothetical, had nobody taken rescue medication
arms:
  - {id: high, label: High dose of the active substance, randomized: 9}
  - {id: low, label: Low dose}
  - {id: none, label: Placebo, control: true}
randomization: {kind: stratified, column: site}
visits: [{id: w0, label: Baseline}, {id: w4, label: Week 4, time: 4w}, {id: w8, label: Week 8, time: 8w}]
outcomes:
  - id: pain
    label: Pain on a visual analog scale, worst of the last week
    unit: mm
    range: [0, 100]
    resolution: 1
    better: lower
    thresholds:
      - {kind: margin, value: 10, level: between, source: s}
      - {kind: MCID, value: 19.9, level: individual, source: s}
      - {kind: MCID, value: 29.1, level: individual, worsening: true, source: s}
      - {kind: MDC, value: 12, level: individual, source: s}
      - {kind: percent, value: 30, level: individual, source: s}
      - {kind: PASS, value: 40, level: individual, source: s}
data:
  layout: wide
  participant: id
  arm: arm
  columns: {pain: {w0: p0, w4: p4, w8: p8}}
  covariates: {age: {column: age, kind: number}, site: {column: site, kind: category}}
  adverse_events: ae
plans:
  - {outcome: pain, visit: w8, primary: true, covariates: [age, site], margin: 5, registered: {where: NCT00000000, date: 2024-02-01}}
  - {outcome: pain}
`

func TestEverythingAtOnce(t *testing.T) {
	p, err := study.ParseProtocol(strings.NewReader(richProtocol), "p.yaml")
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(7, 8))
	csv := "id,arm,site,age,p0,p4,p8,ae\n"
	effect := map[string]int{"high": 25, "low": 10, "none": 0}
	for i := range 24 {
		arm := []string{"high", "low", "none"}[i%3]
		p0 := 40 + rng.IntN(50)
		follow := func() string {
			if rng.IntN(9) == 0 {
				return ""
			}
			return fmt.Sprint(max(0, p0-effect[arm]-rng.IntN(20)+8))
		}
		csv += fmt.Sprintf("%02d,%s,s%d,%d,%d,%s,%s,%s\n", i, arm, i%2, 40+rng.IntN(30), p0, follow(), follow(), []string{"0", "1", ""}[rng.IntN(3)])
	}
	ds, err := study.Load(strings.NewReader(csv), "d.csv", p)
	require.NoError(t, err)
	r := analyzeAll(t, ds)
	require.Len(t, r.Results, 2)
	w8 := r.Results[1]
	adjusted, ok := study.FindRow(w8, "ancova-adjusted", "high")
	require.True(t, ok)
	assert.Equal(t, study.RolePrimary, adjusted.Role)
	require.NotNil(t, adjusted.Judgement)
	assert.Equal(t, 10.0, adjusted.Judgement.Threshold.Value, "a margin between groups comes before an individual threshold")
	assert.True(t, adjusted.Judgement.HarmMirrored, "the threshold for worsening is an individual's")
	plain, _ := study.FindRow(w8, "ancova", "high")
	assert.Nil(t, plain.Judgement, "the primary plan's row decides")
	assert.Equal(t, study.RoleAdditional, plain.Role)
	rules := map[string]int{}
	headline := 0
	for _, row := range w8.Responders {
		rules[row.Rule]++
		if row.Headline {
			headline++
			assert.Equal(t, 19.9, row.Threshold.Value)
		}
	}
	assert.Equal(t, 3, headline, "one row per arm")
	assert.Equal(t, map[string]int{study.RuleChange: 6, study.RuleChangeRandomized: 6, study.RuleWorsening: 3, study.RulePercent: 3,
		study.RulePercentRandomized: 3, study.RulePass: 3, study.RulePassRandomized: 3}, rules)

	var b bytes.Buffer
	require.NoError(t, report.Text(&b, r, report.Options{Supplement: true}))
	flat := strings.Join(strings.Fields(b.String()), " ")
	for _, want := range []string{"registered: NCT00000000, 2024-02-01.", "Estimand: hypothetical",
		"Non-inferiority within the declared margin of 5", "a threshold of 19.9 acts as 20", "Not recorded", "never reached the file",
		"only within the strata or blocks (site)", "4 comparisons between arms", "value ≤ 40 mm (PASS)"} {
		assert.Contains(t, flat, want)
	}
	assert.Contains(t, flat, "Important benefit (10 mm or more)")
	assert.NotContains(t, flat, "Individual threshold used as between-arm margin")
}
