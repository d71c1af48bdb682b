package study_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// The p-value of results.json is the one at the declared margin, not at a
// threshold of importance; without a margin there is none. The truth is Student's
// tail at the row's own difference and standard error, which R gives (TestStrata…,
// TestAnalyze…).
func TestNonInferiorityInFiles(t *testing.T) {
	protocol := func(plan string) string {
		return `
title: t
arms: [{id: a}, {id: c, control: true}]
randomization: complete
visits: [{id: pre}, {id: post}]
outcomes: [{id: y, better: higher, unit: m, thresholds: [{kind: MCID, value: 6, level: individual}, {kind: margin, value: 9, level: between}]}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {pre: pre, post: post}}}
plans: [{outcome: y, visit: post` + plan + `}]
`
	}
	data := "id,arm,pre,post\n"
	for i := range 20 {
		data += fmt.Sprintf("%d,%s,%d,%d\n", i, []string{"a", "c"}[i%2], 20+(i*7)%11, 22+(i*5)%13)
	}
	type file struct {
		Results []struct {
			Contrast         string
			Decides          bool
			Estimate, SE, DF float64
			P_noninferiority *float64
			Noninferiority   *struct {
				Margin, P, Alpha float64
				Side, Scale      string
				Shown            bool
			}
		}
		Importance []struct{ P_noninferiority *float64 }
	}
	read := func(plan string) (file, string) {
		p, err := study.ParseProtocol(strings.NewReader(protocol(plan)), "p")
		require.NoError(t, err)
		ds, err := study.Load(strings.NewReader(data), "d", p)
		require.NoError(t, err)
		r := analyzeAll(t, ds)
		var js, txt bytes.Buffer
		require.NoError(t, report.JSON(&js, r, report.Options{}))
		require.NoError(t, report.Text(&txt, r, report.Options{Supplement: true}))
		var f file
		require.NoError(t, json.Unmarshal(js.Bytes(), &f))
		return f, strings.Join(strings.Fields(txt.String()), " ")
	}
	f, txt := read(", margin: 2")
	for _, row := range f.Results {
		if !row.Decides {
			assert.Nil(t, row.P_noninferiority)
			continue
		}
		want := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: row.DF}.Survival((row.Estimate + 2) / row.SE)
		require.NotNil(t, row.P_noninferiority)
		assert.InDelta(t, want, *row.P_noninferiority, 1e-10)
		require.NotNil(t, row.Noninferiority)
		assert.Equal(t, 2.0, row.Noninferiority.Margin)
		assert.Equal(t, 0.025, row.Noninferiority.Alpha)
		assert.Equal(t, "lower", row.Noninferiority.Side)
		assert.Equal(t, want < 0.025, row.Noninferiority.Shown)
		require.Len(t, f.Importance, 1)
		assert.InDelta(t, want, *f.Importance[0].P_noninferiority, 1e-10)
	}
	brief, _, _ := strings.Cut(txt, "Differences between arms")
	assert.Contains(t, brief, "Non-inferiority within the declared margin of 2 m: not shown")
	f, txt = read("")
	for _, row := range f.Results {
		assert.Nil(t, row.P_noninferiority)
		assert.Nil(t, row.Noninferiority)
	}
	require.Len(t, f.Importance, 1)
	assert.Nil(t, f.Importance[0].P_noninferiority)
	assert.NotContains(t, txt, "Non-inferiority")
}

// Two primaries at 97.5% can be wrong 5% of the time at most; at 95%, 10%.
// Nothing is inflated where all must hold. An estimand is printed only if
// declared, and an unstated allocation is a doubt.
func TestTrialSentences(t *testing.T) {
	text := func(head, plans string) string {
		p, err := study.ParseProtocol(strings.NewReader(`
title: t
`+head+`
arms: [{id: a}, {id: c, control: true}]
visits: [{id: pre}, {id: v1}, {id: v2}]
outcomes: [{id: y, better: higher}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {pre: pre, v1: v1, v2: v2}}}
plans: [`+plans+`]
`), "p")
		require.NoError(t, err)
		data := "id,arm,pre,v1,v2\n"
		for i := range 20 {
			data += fmt.Sprintf("%d,%s,%d,%d,%d\n", i, []string{"a", "c"}[i%2], 20+(i*7)%11, 22+(i*5)%13, 21+(i*3)%17)
		}
		ds, err := study.Load(strings.NewReader(data), "d", p)
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, report.Text(&b, analyzeAll(t, ds), report.Options{Supplement: true}))
		return strings.Join(strings.Fields(b.String()), " ")
	}
	two := func(level string) string {
		return "{outcome: y, visit: v1, primary: true, level: " + level + "}, {outcome: y, visit: v2, primary: true, level: " + level + "}"
	}
	s := text("randomization: complete", two("0.975"))
	assert.Contains(t, s, "where no arm differs from its control at most 5% of the time. If all of them must succeed, nothing is inflated.")
	assert.NotContains(t, s, "10%")
	assert.NotContains(t, s, "Estimand")
	assert.NotContains(t, s, "how participants came into the arms")
	s = text("estimand: treatment policy", two("0.95"))
	assert.Contains(t, s, "at most 10% of the time")
	assert.Contains(t, s, "Estimand: treatment policy")
	assert.Contains(t, s, "does not say how participants came into the arms")
}
