package publish

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/plot"
	"github.com/trialkit/trialkit/study/report"
)

// drawnTexts are the texts of a figure's SVG, in the order in which they are drawn.
func drawnTexts(t *testing.T, f *plot.Figure) []string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, f.Write(&b, plot.SVG))
	var out []string
	for _, m := range regexp.MustCompile(`(?s)<text[^>]*>(.*?)</text>`).FindAllStringSubmatch(b.String(), -1) {
		plain := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(m[1], "")
		out = append(out, strings.TrimSpace(strings.ReplaceAll(plain, "\u00a0", " ")))
	}
	return out
}

// An outcome's numbers are the same strings in the figures as in the page's
// tables: differences with their limits, and means (SD), in both languages.
func TestFiguresWriteThePagesNumbers(t *testing.T) {
	number := regexp.MustCompile(`^−?\d+([.,]\d+)? \(.*\d\)$`)
	trials := append(slices.Clone(published), struct{ name, data string }{"flow", "data.csv"}, struct{ name, data string }{"return-to-sport", "data.csv"})
	for _, trial := range trials {
		name := trial.name
		r, ok := analyzed(t, name, trial.data)
		if !ok {
			continue
		}
		for _, lang := range []string{"en", "nl"} {
			local, err := r.In(lang)
			require.NoError(t, err)
			f, err := plot.DifferencesWith(local.Results, plot.DifferencesOptions{Options: plot.Options{Lang: lang}})
			require.NoError(t, err, name)
			table, err := report.ResultsTableWith(r, report.ResultsTableOptions{Lang: lang})
			require.NoError(t, err)
			cells := map[string]bool{}
			differences := 0
			// n stands beside the means, of the same participants.
			for _, res := range local.Results {
				for _, row := range res.Rows {
					at := func(arm string) int {
						for _, m := range res.Summaries {
							if m.Arm == arm && m.Visit == row.Visit {
								return m.Description.N
							}
						}
						return row.N[arm] // an average over visits has no means
					}
					if row.Decides {
						assert.Contains(t, drawnTexts(t, f), fmt.Sprintf("%d/%d", at(row.Arm), at(row.Control)), "%s: %s at %s", name, row.Arm, row.Visit)
					}
				}
			}
			for _, row := range table.Rows {
				for i, c := range row.Cells {
					cells[strings.ReplaceAll(c.Text, "\u00a0", " ")] = true
					if table.Columns[i].Key == "difference" && number.MatchString(strings.ReplaceAll(c.Text, "\u00a0", " ")) {
						differences++
						assert.Contains(t, drawnTexts(t, f), strings.ReplaceAll(c.Text, "\u00a0", " "), "%s, %s: %s", name, lang, row.Variable)
					}
				}
			}
			assert.NotZero(t, differences, name)
			for _, s := range drawnTexts(t, f) {
				if number.MatchString(s) {
					assert.True(t, cells[s], "%s, %s: the figure says %q, the page does not", name, lang, s)
				}
			}
		}
	}
}
