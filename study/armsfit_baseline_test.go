package study_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// Where everyone has the same baseline it is no term of the model, and a note
// says so. The numbers are R's, of lm(post ~ pre + arm) and lm(post ~ pre + age +
// arm), which leave pre out.
func TestConstantBaseline(t *testing.T) {
	const data = `id,arm,pre,post,age
1,c,4,5,50
2,c,4,6,61
3,c,4,4,47
4,c,4,7,66
5,c,4,5,58
6,c,4,6,52
7,a,4.0,3,49
8,a,4,4,63
9,a,4,2,45
10,a,4,5,70
11,a,4,4,60
12,a,4,3,51
`
	ds, err := study.LoadText(t, `arms: [{id: a}, {id: c, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: y, range: [0, 10], better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {pre: pre, post: post}}
  covariates: {age: {column: age, kind: number}}
plans: [{outcome: y, visit: post, covariates: [age], primary: true}]
`, data)
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	require.Len(t, rep.Results, 1)
	for method, want := range map[study.Method][4]float64{
		"ancova":          {-2, -3.34920507684, -0.650794923161, 7.97446428774e-03},
		"ancova-adjusted": {-2.074418604651, -2.7013287341028, -1.447508475200, 3.74986239569e-05},
	} {
		i := slices.IndexFunc(rep.Results[0].Rows, func(r study.Row) bool { return r.Method == method })
		require.GreaterOrEqual(t, i, 0, method)
		row := rep.Results[0].Rows[i]
		ci := stats.Interval{Lo: row.Lower, Hi: row.Upper, Level: row.Level}
		for j, got := range []float64{row.Estimate, ci.Lo, ci.Hi, row.P} {
			assert.InEpsilon(t, want[j], got, 1e-10, "%s %d", method, j)
		}
		assert.True(t, slices.ContainsFunc(row.Notes, func(n study.Note) bool { return n.Code == "baseline-constant" }))
	}
	var out strings.Builder
	require.NoError(t, report.Markdown(&out, rep, report.Options{Supplement: true}))
	assert.Contains(t, out.String(), "Everyone has the same baseline, 4:")
}
