package study

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// thirtyInTwoStrata are 30 invented participants, 12:3 in stratum A and 3:12 in B, whose
// outcomes depend on the stratum and hardly on the arm. R 4.2.2:
//
//	d <- read.csv("thirty.csv"); d$arm <- factor(d$arm, c("control", "active"))
//	a <- lm(vas_w12 ~ vas_pre + arm, d);       confint(a); summary(a) # -11.710 (-18.27 to -5.15), p .0011, 27 df
//	b <- lm(vas_w12 ~ vas_pre + blk + arm, d); confint(b); summary(b) # -0.627 (-3.92 to 2.66), p .698, 26 df
const thirtyInTwoStrata = `id,arm,blk,vas_pre,vas_w12
P01,active,A,42,42.6
P02,active,A,48,44.93
P03,active,A,52,46.15
P04,active,A,41,41.59
P05,active,A,52,42.22
P06,active,A,50,45.24
P07,active,A,51,47.82
P08,active,A,59,46.57
P09,active,A,40,34.92
P10,active,A,60,49.74
P11,active,A,44,43.02
P12,active,A,41,37.77
P13,control,A,44,47.04
P14,control,A,52,41.3
P15,control,A,51,45.05
P16,active,B,50,56.18
P17,active,B,45,61.75
P18,active,B,48,67.71
P19,control,B,62,68.48
P20,control,B,54,63.52
P21,control,B,48,66.93
P22,control,B,45,60.08
P23,control,B,51,66.51
P24,control,B,39,54.2
P25,control,B,49,59.57
P26,control,B,47,62.22
P27,control,B,62,66.37
P28,control,B,61,74.68
P29,control,B,52,69.3
P30,control,B,44,59.75
`

// An analysis that leaves out the strata of the randomization finds an effect where there is
// none; the stratum in the model, wherever it was declared, puts that right.
func TestStrataWorkedExample(t *testing.T) {
	for randomization, want := range map[string]string{
		"kind: complete":                  "−11.710 (−18.27 to −5.15), p 0.0011, 27 df",
		"kind: stratified, strata: [blk]": "−0.627 (−3.92 to 2.66), p 0.698, 26 df",
		"kind: stratified, column: blk":   "−0.627 (−3.92 to 2.66), p 0.698, 26 df",
		"kind: blocked, column: blk":      "−0.627 (−3.92 to 2.66), p 0.698, 26 df",
	} {
		p, err := ParseProtocol(strings.NewReader(`title: Thirty
simulated: true
arms: [{id: active}, {id: control, control: true}]
randomization: {`+randomization+`}
visits: [{id: pre}, {id: w12}]
outcomes: [{id: pain, label: Pain, unit: mm, better: lower, range: [0, 100]}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {pain: {pre: vas_pre, w12: vas_w12}}
  covariates: {blk: {column: blk, kind: category}}
plans: [{outcome: pain, visit: w12, role: primary}]
`), "p.yaml")
		require.NoError(t, err)
		ds, err := Load(strings.NewReader(thirtyInTwoStrata), "thirty.csv", p)
		require.NoError(t, err)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err)
		require.Len(t, rep.Results, 1)
		deciding := rep.Results[0].Deciding()
		require.Len(t, deciding, 1, randomization)
		row := deciding[0]
		digits := 3
		if row.P < 0.01 {
			digits = 4
		}
		got := fmt.Sprintf("%.3f (%.2f to %.2f), p %.*f, %.0f df", row.Estimate, row.Lower, row.Upper, digits, row.P, row.DF)
		assert.Equal(t, want, strings.ReplaceAll(got, "-", "−"), randomization)
		// The re-randomization companion compares within the same strata.
		for _, r := range rep.Results[0].Rows {
			if r.Method == MethodPermutationANCOVA {
				assert.InDelta(t, row.Estimate, r.Estimate, 1e-9, randomization)
				assert.LessOrEqual(t, r.Lower, r.Estimate, randomization)
				assert.LessOrEqual(t, r.Estimate, r.Upper, randomization)
				assert.Equal(t, row.P < 0.05, r.P < 0.05, randomization)
			}
		}
	}
}
