package study

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// said is the report as one line of words.
func said(t *testing.T, r Report, opt ReportOptions) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, r.WriteText(&b, opt))
	return strings.Join(strings.Fields(b.String()), " ")
}

// A rule for responders is never the comparison on which a trial is decided, so
// that its p-value is printed on request alone.
func TestRespondersShowPOnRequest(t *testing.T) {
	var rows []string
	for i := range 20 {
		rows = append(rows, fmt.Sprintf("%s %d %d", []string{"a", "c"}[i%2], 5+i%3, 5-i%4))
	}
	r := analyzeAll(t, load(t, smallProtocol, rows...))
	for lang, words := range map[string][2]string{"en": {"Fisher p", "p: Fisher's exact test"}, "nl": {"p (Fisher)", "p: exacte toets van Fisher"}} {
		quiet, asked := said(t, r, ReportOptions{Lang: lang}), said(t, r, ReportOptions{Lang: lang, ShowP: true})
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
	p, err := ParseProtocol(strings.NewReader(`
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
	ds, err := Load(strings.NewReader(file), "d", p)
	require.NoError(t, err)
	r := analyzeAll(t, ds)
	for _, c := range r.Results[0].ResponderContrasts {
		assert.InDelta(t, 0.4, c.Difference, 1e-12, c.Rule)
		want := 0
		if c.Rule == RulePassRandomized {
			want = 3
		}
		assert.Equal(t, want, c.LeftOut, c.Rule)
		assert.True(t, math.IsNaN(c.FisherP))
	}
	en := said(t, r, ReportOptions{})
	assert.Contains(t, en, "8/13")
	assert.Contains(t, en, "Pain, Late, value ≥ 5 (PASS), of all randomized, Laser − Sham: 3.")
	assert.Contains(t, said(t, r, ReportOptions{Lang: "nl"}), "van alle gerandomiseerden, Laser − Sham: 3.")
	// Nothing was measured before: nobody changed, and no change was given.
	assert.Contains(t, en, "has a better value than one of Sham")
	assert.NotContains(t, en, "changes more for the better")
	assert.NotContains(t, en, "was given")
	// A simulation by another is no placebo's.
	assert.NotContains(t, en, "placebo values")
}
