package report

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// The trial and the numbers behind it are those of study_subgroups.R, whose
// answers study's own test compares; here is how they read. Ages are whole, so
// that a cut at 64.5 is one at 65.
const subgroupsTrial = `arms: [{id: act, label: Laser}, {id: ctl, label: Sham, control: true}]
visits: [{id: pre, label: Before}, {id: post, label: After}]
randomization: {kind: stratified, strata: [site]}
outcomes: [{id: y, label: Pain, unit: mm, better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {pre: pre, post: post}}
  covariates: {site: {column: site, kind: category}, sex: {column: sex, label: Sex, kind: category}, bmi: {column: bmi, kind: number},
    age: {column: age, label: Age, kind: number}}
plans: [{outcome: y, visit: post, covariates: [bmi]}]
subgroups: [sex, {age: [55, 64.5]}]
translations: {nl: {Pain: Pijn, After: Na, Sex: Geslacht, Age: Leeftijd, f: vrouw}}
`

// Differences at ages are those of R: emmeans(lm(post ~ pre + site + bmi + age * arm), "arm",
// at = list(age = quantile(age, c(.1, .5, .9)))).
func TestSubgroupsTable(t *testing.T) {
	raw, err := os.ReadFile("../../testdata/reference/study_subgroups.json")
	require.NoError(t, err)
	var ref struct{ Data map[string]string }
	require.NoError(t, json.Unmarshal(raw, &ref))
	p, err := study.ParseProtocol(strings.NewReader(subgroupsTrial), "p.yaml")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader(ref.Data["one"]), "d.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	for lang, want := range map[string]string{"en": `
Pain, mm|After|Sex||||0.78
Pain, mm|After| f|12 + 13|−7.5 (−13.1 to −1.8)|reference|
Pain, mm|After| m|19 + 16|−6.3 (−11.4 to −1.1)|1.0 (−6.3 to 8.2)|
Pain, mm|After|Age, per unit|||0.04 (−0.40 to 0.49)|0.84
Pain, mm|After| at 46.8, along the line||−8.3 (−14.7 to −2.0)||
Pain, mm|After| at 59, along the line||−7.8 (−11.4 to −4.1)||
Pain, mm|After| at 70, along the line||−7.3 (−13.6 to −1.0)||
Pain, mm|After| < 55|8 + 10|−7.9 (−15.8 to 0.004)||
Pain, mm|After| ≥ 55 < 64.5|10 + 15|−9.2 (−14.8 to −3.6)||
Pain, mm|After| ≥ 64.5|12 + 4|−10.4 (−21.4 to 0.7)||`, "nl": `
Pijn, mm|Na|Geslacht||||0,78
Pijn, mm|Na| vrouw|12 + 13|−7,5 (−13,1 tot −1,8)|referentie|
Pijn, mm|Na| m|19 + 16|−6,3 (−11,4 tot −1,1)|1,0 (−6,3 tot 8,2)|
Pijn, mm|Na|Leeftijd, per eenheid|||0,04 (−0,40 tot 0,49)|0,84
Pijn, mm|Na| bij 46,8, langs de lijn||−8,3 (−14,7 tot −2,0)||
Pijn, mm|Na| bij 59, langs de lijn||−7,8 (−11,4 tot −4,1)||
Pijn, mm|Na| bij 70, langs de lijn||−7,3 (−13,6 tot −1,0)||
Pijn, mm|Na| < 55|8 + 10|−7,9 (−15,8 tot 0,004)||
Pijn, mm|Na| ≥ 55 < 64,5|10 + 15|−9,2 (−14,8 tot −3,6)||
Pijn, mm|Na| ≥ 64,5|12 + 4|−10,4 (−21,4 tot 0,7)||`} {
		table, err := SubgroupsTable(r, lang)
		require.NoError(t, err)
		var lines []string
		for _, row := range table.page().Rows {
			lines = append(lines, strings.Join(row, "|"))
		}
		assert.Equal(t, strings.TrimPrefix(want, "\n"), strings.Join(lines, "\n"))
		assert.Equal(t, []string{"f", "y", "sex"}, []string{table.Rows[1].Level, table.Rows[1].Variable, table.Rows[1].Subgroup}, "IDs in every language")
	}
	r.Subgroups = nil
	none, err := SubgroupsTable(r, "")
	require.NoError(t, err)
	assert.Empty(t, none.Rows)
}
