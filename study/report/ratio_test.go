package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

const ratioProtocol = `
title: t
arms: [{id: x}, {id: y, control: true}]
visits: [{id: a, label: Week 1}]
baseline: none
outcomes: [{id: o, label: Free of pain, kind: binary, better: higher}]
data: {layout: wide, participant: id, arm: arm, columns: {o: {a: a}}, values: {o: {ja: yes, nee: no}}}
plans: [{outcome: o, visit: a, effect: odds-ratio, primary: true}]
`

// Where a ratio decides, page one holds its interval against 1, and a column of
// differences names the ratio.
func TestARatioIsNoDifference(t *testing.T) {
	p, err := study.ParseProtocol(strings.NewReader(ratioProtocol), "p")
	require.NoError(t, err)
	data := "id,arm,a\n"
	for i := range 40 { // x: 12 of 20, y: 8 of 20; odds ratio 1.5/(2/3) = 2.25
		data += string(rune('A'+i%26)) + string(rune('a'+i/26)) + "," + []string{"x", "y"}[i%2] + "," + []string{"nee", "ja"}[map[bool]int{true: 1}[i/2 < 12-4*(i%2)]] + "\n"
	}
	ds, err := study.Load(strings.NewReader(data), "d.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, report.Text(&b, r, report.Options{}))
	page := strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "\u00a0", " ")), " ")
	assert.Contains(t, page, "Where the interval holds 1, the data do not exclude that there is no difference.")
	assert.NotContains(t, page, "holds 0")
	assert.Contains(t, page, "Beside it: difference of shares 20 percentage points (")
	assert.NotContains(t, page, "Beside it: odds ratio")
	assert.Contains(t, page, "12/20 (60) 8/20 (40) OR 2.25 (")
}

func TestYesWithoutAKindNamesIt(t *testing.T) {
	_, err := study.ParseProtocol(strings.NewReader(strings.Replace(ratioProtocol, "kind: binary, ", "", 1)), "p")
	assert.ErrorContains(t, err, `"yes" is not a number; an outcome of yes and no is kind: binary`)
}
