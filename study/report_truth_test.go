package study_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// said is the report as one line of words.
func said(t *testing.T, r study.Report, opt report.Options) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, report.Text(&b, r, withSupplement(opt)))
	return strings.Join(strings.Fields(b.String()), " ")
}

func withSupplement(o report.Options) report.Options {
	o.Supplement = true
	return o
}

// A rule for responders is never the comparison on which a trial is decided, so
// that its p-value is printed on request alone.
func TestRespondersShowPOnRequest(t *testing.T) {
	var rows []string
	for i := range 20 {
		rows = append(rows, fmt.Sprintf("%s %d %d", []string{"a", "c"}[i%2], 5+i%3, 5-i%4))
	}
	r := analyzeAll(t, study.LoadRows(t, study.SmallProtocol, rows...))
	for lang, words := range map[string][2]string{"en": {"p is of the same method", "no more adjusted"}, "nl": {"p hoort bij dezelfde methode", "net zomin gecorrigeerd"}} {
		quiet, asked := said(t, r, report.Options{Lang: lang}), said(t, r, report.Options{Lang: lang, ShowP: true})
		for _, w := range words {
			assert.NotContains(t, quiet, w)
			assert.Contains(t, asked, w)
		}
	}
}

// Three randomized to one arm alone never reached the file: no stratum of theirs
// is known, and the difference within strata, 0.8 − 0.4 in both, leaves them
// out. That is said; 8 of 10 and 3 more who did not improve would be 8 of 13.
func TestStrataLeaveOutSomeRandomized(t *testing.T) {
	p, err := study.ParseProtocol(strings.NewReader(`
title: t
simulated: true
arms: [{id: x, label: Laser, randomized: 13}, {id: y, label: Sham, control: true}]
randomization: {kind: stratified, strata: [site]}
visits: [{id: b, label: Late}]
baseline: none
outcomes:
  - {id: o, label: Pain, better: higher, thresholds: [{kind: PASS, value: 5, level: individual, source: s}, {kind: margin, value: 1, level: between, source: s}]}
data: {layout: wide, participant: id, arm: arm, columns: {o: {b: b}}, covariates: {site: {column: site, kind: category}}}
`), "p")
	require.NoError(t, err)
	file := "id,arm,site,b\n"
	for i := range 20 {
		met := i%5 < 4
		if i%2 == 1 {
			met = i%5 < 2
		}
		value := i % 3
		if met {
			value = 6 + i%3
		}
		file += fmt.Sprintf("%d,%s,%s,%d\n", i, []string{"x", "y"}[i%2], []string{"A", "B"}[i/10], value)
	}
	ds, err := study.Load(strings.NewReader(file), "d", p)
	require.NoError(t, err)
	r := analyzeAll(t, ds)
	for _, c := range r.Results[0].ResponderContrasts {
		assert.InDelta(t, 0.4, c.Difference, 1e-12, c.Rule)
		want := 0
		if c.Rule == study.RulePassRandomized {
			want = 3
		}
		assert.Equal(t, want, c.LeftOut, c.Rule)
		assert.True(t, math.IsNaN(c.FisherP))
	}
	en := said(t, r, report.Options{})
	assert.Contains(t, en, "8/13")
	assert.Contains(t, en, "Pain, Late, value ≥ 5 (PASS), of everybody, Laser − Sham: 3.")
	assert.Contains(t, said(t, r, report.Options{Lang: "nl"}), "van iedereen, Laser − Sham: 3.")
	// Nothing was measured before: nobody changed, and no change was given.
	assert.Contains(t, en, "has a better value than one of Sham")
	assert.NotContains(t, en, "changes more for the better")
	assert.NotContains(t, en, "was given")
	// A simulation by another is no placebo's.
	assert.NotContains(t, en, "placebo values")
}

// The one-sided p of non-inferiority is printed for the primary comparison, and
// for others on request; the answer itself stands in all.
func TestNonInferiorityShowsPForThePrimary(t *testing.T) {
	var rows []string
	for i := range 24 {
		rows = append(rows, fmt.Sprintf("%s %d %d", []string{"a", "c"}[i%2], 5+i%3, 5-i%4))
	}
	for _, role := range []study.Role{study.RolePrimary, study.RoleSupplementary, ""} {
		plan := "plans: [{outcome: y, visit: post, margin: 50"
		if role != "" {
			plan += ", role: " + string(role)
		}
		r := analyzeAll(t, study.LoadRows(t, study.SmallProtocol+plan+"}]\n", rows...))
		for lang, p := range map[string][2]string{"en": {"one-sided p <", "shown (one-sided"}, "nl": {"eenzijdige p <", "aangetoond (eenzijdige"}} {
			quiet := said(t, r, report.Options{Lang: lang})
			assert.Contains(t, quiet, p[1], role)
			assert.Equal(t, role == study.RolePrimary, strings.Contains(quiet, p[0]), "%s %s", role, lang)
			assert.Contains(t, said(t, r, report.Options{Lang: lang, ShowP: true}), p[0], role)
		}
	}
}

// What only the data can show to be wrong with a protocol has its place too.
func TestSmallStrataNameTheirPlace(t *testing.T) {
	data := "id,arm,site,b\n"
	for i := range 10 {
		data += fmt.Sprintf("%d,%s,s%d,%d\n", i, []string{"x", "y"}[i%2], i/2, i%5)
	}
	files := fstest.MapFS{"d.csv": {Data: []byte(data)}, "p.yaml": {Data: []byte(`title: t
arms: [{id: x}, {id: y, control: true}]
visits: [{id: b}]
baseline: none
randomization: {kind: stratified, strata: [site]}
outcomes: [{id: o, better: higher}]
data: {layout: wide, participant: id, arm: arm, columns: {o: {b: b}}, covariates: {site: {column: site, kind: category}}}
plans: [{outcome: o, visit: b}]
`)}}
	ds, err := study.LoadFS(files, "p.yaml", "d.csv")
	require.NoError(t, err)
	_, err = ds.AnalyzeAll()
	require.ErrorContains(t, err, `p.yaml:5:16: plan for outcome "o" at visit "b"`)
}

// Plans that one row cannot answer are called the same only where they are, and
// overall says what it needs.
func TestPlanRefusalsSayWhatDiffers(t *testing.T) {
	for plans, want := range map[string]string{
		"{outcome: y, visit: post}, {outcome: y, visit: post, level: 0.95}":                        "plans[1]: the same plan as plans[0]",
		"{outcome: y, visit: post}, {outcome: y, visit: post, level: 0.9}":                         "plans[1]: plans[0] has the same outcome, visit and method (ancova)",
		"{outcome: y, visit: post, role: primary}, {outcome: y, visit: post, role: supplementary}": "plans[1]: plans[0] has the same outcome, visit and method (ancova)",
		"{outcome: y, visit: post}, {outcome: y, visit: post, margin: 1}":                          "plans[1]: plans[0] has the same outcome, visit and method (ancova)",
		"{outcome: y, visit: overall, primary: true}":                                              "plans[0].visit: overall is the average over visits of a model of all visits (mmrm, clda, lmm, mixed-anova), and the plan's model is ancova",
	} {
		_, err := study.ParseProtocol(strings.NewReader(study.SmallProtocol+"plans: ["+plans+"]\n"), "p.yaml")
		assert.ErrorContains(t, err, "p.yaml:18:", plans)
		assert.ErrorContains(t, err, want, plans)
	}
}
