package study_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
)

// A note holds IDs, and a report says them in the words of its language: the
// trial's own translations reach the notes about its data, too.
func TestNotesHoldIDs(t *testing.T) {
	protocol := strings.Replace(study.SmallProtocol, "unit: cm", "label: Pain\n    resolution: 0.5\n    unit: cm", 1) + "translations: {nl: {Pain: Pijn}}\n"
	r, err := study.LoadRows(t, protocol, "a 1.25 3", "a 2 5", "c 1 1", "c 3 4").AnalyzeAll()
	require.NoError(t, err)
	require.Equal(t, "off-resolution", r.Notes[0].Code)
	assert.Equal(t, "y", r.Notes[0].Args["outcome"])
	for lang, want := range map[string]string{"en": "Pain: 1 ", "nl": "Pijn: 1 "} {
		var page strings.Builder
		require.NoError(t, report.Markdown(&page, r, report.Options{Supplement: true, Lang: lang}))
		assert.Contains(t, page.String(), "- "+want)
		c, err := text.In(lang)
		require.NoError(t, err)
		said, err := r.In(lang)
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(report.Note(c, said.Protocol, r.Notes[0]), want))
	}
}
