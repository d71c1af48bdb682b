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

// Newcombe's interval and Fisher's test can disagree: 3 of 5 against 0 of 5 gives
// 3 to 88 points with p = 0.17. The report says so, and only then.
func TestReportDoubtsAResponderDifference(t *testing.T) {
	for responders, want := range map[[2]int]string{
		{3, 0}: "leaves out zero, but Fisher's exact test does not rule out that there is no difference",
		{5, 0}: "",
		{3, 2}: "",
	} {
		var rows []string
		for i := range 5 {
			for k, arm := range []string{"a", "c"} {
				follow := 5.0 + 0.1*float64(i)
				if i < responders[k] {
					follow += 2
				}
				rows = append(rows, fmt.Sprintf("%s 5 %.1f", arm, follow))
			}
		}
		var b strings.Builder
		require.NoError(t, report.Text(&b, analyzeAll(t, study.LoadRows(t, study.SmallProtocol, rows...)), report.Options{}))
		report := strings.Join(strings.Fields(b.String()), " ")
		if want == "" {
			assert.NotContains(t, report, "Fisher's exact test does not", responders)
			assert.NotContains(t, report, "do not agree on whether zero")
			continue
		}
		assert.Contains(t, report, want)
		assert.Contains(t, report, "In 2 of these 2 rows the interval and Fisher's exact test do not agree")
	}
}
