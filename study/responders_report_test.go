package study_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// 3 of 5 against 0 of 5 by the exact unconditional test of Chan and Zhang is −2.98 to
// 94.73 points with p = 0.06185 (an enumeration in testdata/reference/
// study_proportions.R): one method for both, and Newcombe's 3 to 88 nowhere.
func TestReportHasOneMethodForADifferenceOfResponders(t *testing.T) {
	var rows []string
	for i := range 5 {
		for k, arm := range []string{"a", "c"} {
			follow := 5.0 + 0.1*float64(i)
			if i < []int{3, 0}[k] {
				follow += 2
			}
			rows = append(rows, fmt.Sprintf("%s 5 %.1f", arm, follow))
		}
	}
	rep := analyzeAll(t, study.LoadRows(t, study.SmallProtocol, rows...))
	for _, c := range rep.Results[0].ResponderContrasts {
		assert.Equal(t, study.RiskExact, c.Method)
		assert.InDelta(t, 0.06185, c.P(), 5e-6)
		assert.InDelta(t, -0.0298, c.Lower, 5e-5)
		assert.InDelta(t, 0.9473, c.Upper, 5e-5)
	}
	for lang, words := range map[string][]string{"en": {"(95% CI −3 to 95)", "Chan and Zhang", "p is of the same method"}, "nl": {"(95%-BI −3 tot 95)", "Chan en Zhang", "p hoort bij dezelfde methode"}} {
		var b strings.Builder
		require.NoError(t, report.Text(&b, rep, report.Options{Lang: lang, ShowP: true, Supplement: true}))
		said := strings.Join(strings.Fields(b.String()), " ")
		for _, w := range words {
			assert.Contains(t, said, w)
		}
		assert.NotContains(t, said, "Newcombe")
	}
}
