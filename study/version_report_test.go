package study_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/claim"
	"github.com/trialkit/trialkit/study/mcid"
	"github.com/trialkit/trialkit/study/report"
)

// Every report says which version computed it, of a trial, a claim or derived
// thresholds, and so does results.json.
func TestVersionIsPrinted(t *testing.T) {
	for lang, want := range map[string]string{"en": "Computed with trialkit " + study.Version(), "nl": "Berekend met trialkit " + study.Version()} {
		var page, results, claimed, derived strings.Builder
		assert.NoError(t, report.Markdown(&page, study.Report{}, report.Options{Supplement: true, Lang: lang}))
		assert.Contains(t, page.String(), want)
		assert.NoError(t, claim.Reading{}.WriteMarkdown(&claimed, report.Options{Lang: lang}))
		assert.Contains(t, claimed.String(), want)
		assert.NoError(t, mcid.Triangulation{}.WriteMarkdown(&derived, report.Options{Lang: lang}))
		assert.Contains(t, derived.String(), want)
		assert.NoError(t, report.JSON(&results, study.Report{}, report.Options{Lang: lang}))
		assert.Contains(t, results.String(), `"version": "`+study.Version()+`"`)
	}
}
