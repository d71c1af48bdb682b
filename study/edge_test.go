package study_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
)

// Mean changes that differ by exactly the threshold reach it, though their
// computed difference is off in the last bit.
func TestExactlyTheThresholdIsReached(t *testing.T) {
	protocol := strings.NewReplacer("value: 1,", "value: 1.1,", "higher", "lower").Replace(study.SmallProtocol) +
		"plans: [{outcome: y, visit: post, model: welch-change}]\n"
	off := 0
	for _, rows := range [][]string{
		{"a 5.98 5.92", "a 5.48 4.77", "a 4.10 3.91", "c 2.86 3.66", "c 2.23 2.88", "c 2.17 3.06"},
		{"a 3.21 0.39", "a 6.60 6.93", "a 6.11 5.47", "c 4.51 4.92", "c 2.47 0.74", "c 6.79 8.28"},
	} {
		for _, row := range analyzeAll(t, study.LoadRows(t, protocol, rows...)).Results[0].Rows {
			if row.Method == "welch-change" {
				require.NotNil(t, row.Judgement)
				assert.Contains(t, []study.Verdict{study.Probable, study.Definite}, row.Judgement.Benefit, "%v: %v", rows, row.Estimate)
				if row.Estimate > -1.1 {
					off++
				}
			}
		}
	}
	assert.Positive(t, off, "no case with rounding error below the threshold")
}

// With three participants no unbiased estimate exists.
func TestHedgesGNeedsTwoDegreesOfFreedom(t *testing.T) {
	g := analyzeAll(t, study.LoadRows(t, study.SmallProtocol, "a 0 5", "a 0 7", "c 0 1")).Results[0].EffectSizes[0]
	assert.True(t, g.Estimate != g.Estimate && g.Lower != g.Lower && g.Upper != g.Upper, "%+v", g)
	assert.Equal(t, []study.Note{{Code: "no-effect-size"}}, g.Notes)
	g = analyzeAll(t, study.LoadRows(t, study.SmallProtocol, "a 0 5", "a 0 7", "c 0 1", "c 0 2")).Results[0].EffectSizes[0]
	assert.Positive(t, g.Estimate)
}

// A column of adverse events without an entry records none, and not zero.
func TestEmptySafetyColumnRecordsNothing(t *testing.T) {
	p := study.Parsed(t, study.SmallProtocol+"  adverse_events: ae\n")
	for _, c := range []struct {
		ae       string
		recorded bool
	}{{"", false}, {"0", true}} {
		ds, err := study.Load(strings.NewReader("id,arm,pre,post,ae\n1,a,1,2,"+c.ae+"\n2,a,1,3,\n3,c,1,1,\n4,c,1,2,\n"), "d.csv", p)
		require.NoError(t, err)
		r := analyzeAll(t, ds)
		assert.Equal(t, c.recorded, r.Safety.Declared)
		var text bytes.Buffer
		require.NoError(t, report.Text(&text, r, report.Options{Supplement: true}))
		assert.Equal(t, !c.recorded, strings.Contains(text.String(), "Not recorded is not zero"))
	}
}

// What a method says about data it cannot use is English; a Dutch report says
// it in its own sentence alone.
func TestDutchReportHasNoEnglishErrors(t *testing.T) {
	r := analyzeAll(t, study.LoadRows(t, study.SmallProtocol, "a 0 5", "c 0 1"))
	for lang, want := range map[string]bool{"en": true, "nl": false} {
		var text bytes.Buffer
		require.NoError(t, report.Text(&text, r, report.Options{Supplement: true, Lang: lang}))
		assert.Equal(t, want, strings.Contains(text.String(), "too few observations"), lang)
	}
}
