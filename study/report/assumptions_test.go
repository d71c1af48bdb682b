package report

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/testdata/studies"
)

// lossReport is an invented trial in which a third of one arm is lost, with a primary plan
// and other assumptions.
func lossReport(t *testing.T, n int, role string) study.Report {
	t.Helper()
	var rows strings.Builder
	rows.WriteString("id,group,pre,w4,w12\n")
	for i := range n {
		arm := i % 2
		pre := 50 + i*i*7%31
		w4, w12 := fmt.Sprint(pre-6-4*arm+i*13%11), fmt.Sprint(pre-10-9*arm+i*17%13)
		if i/2%5 == 0 || arm == 1 && i/2%5 == 1 {
			w12 = ""
		}
		fmt.Fprintf(&rows, "P%02d,%s,%d,%s,%s\n", i, []string{"uc", "ex"}[arm], pre, w4, w12)
	}
	p, err := study.ParseProtocol(strings.NewReader(`
arms: [{id: ex, label: Exercise}, {id: uc, label: Usual care, control: true}]
visits: [{id: pre, label: Before}, {id: w4, label: Week 4}, {id: w12, label: Week 12}]
outcomes: [{id: pain, label: Pain, unit: mm, better: lower, range: [0, 100]}]
data: {layout: wide, participant: id, arm: group, columns: {pain: {pre: pre, w4: w4, w12: w12}}}
plans:
  - {outcome: pain, visit: w12, model: mmrm, `+role+`
     sensitivity: [{assume: mar}, {assume: j2r}, {assume: delta, arm: ex, steps: [0, 60, 1]}]}
`), "p.yaml")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader(rows.String()), "d.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return r
}

func written(t *testing.T, r study.Report, lang string) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, Markdown(&b, r, Options{Lang: lang, Supplement: true}))
	return strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "&lt;", "<")), " ")
}

// Page one has the other assumptions in one sentence and the delta at which significance
// is lost, the supplement a table; a plan that is not primary has no sentence on
// significance.
func TestOtherAssumptions(t *testing.T) {
	primary := "role: primary, registered: {where: X, date: 2026-01-15},"
	r := lossReport(t, 60, primary)
	var tip *study.TippingPoint
	for _, res := range r.Results {
		for _, row := range res.Sensitivity {
			if row.Tipping != nil {
				tip = row.Tipping
			}
		}
	}
	require.NotNil(t, tip)
	require.True(t, tip.Found)
	en := written(t, r, "en")
	assert.Contains(t, en, "Under other assumptions about those lost: jump to reference (then as the control arm): −")
	assert.Contains(t, en, "statistical significance (p < 0.05) would be lost if the 12 of 30 lost in Exercise (the 6 of 30 in Usual care as predicted) were on average at least")
	assert.Contains(t, en, "% of the scale.")
	assert.Contains(t, en, "Other assumptions about those lost")
	assert.Contains(t, en, "jump to reference: from then on as the control arm")
	assert.NotContains(t, en, "no sensitivity analysis is declared")
	nl := written(t, r, "nl")
	assert.Contains(t, nl, "Met andere aannamen over uitvallers: jump-to-reference (daarna zoals de controlegroep): −")
	assert.Contains(t, nl, "zou verdwijnen als de 12 van 30 uitvallers in Exercise (de 6 van 30 in Usual care als voorspeld) gemiddeld minstens")

	other := written(t, lossReport(t, 60, ""), "en")
	assert.NotContains(t, other, "statistical significance (p <")
	assert.Contains(t, other, "Other assumptions about those lost")

	few := written(t, lossReport(t, 18, primary), "en")
	assert.Contains(t, few, "jump to reference (then as the control arm): no estimate; with fewer than 10 participants")
}

// Of a non-inferiority plan the sentence, the table and results.json are about the margin;
// where the plan's own row and the model that predicts do not agree, the page says that
// instead of a tipping point.
func TestOtherAssumptionsUnderAMargin(t *testing.T) {
	r := lossReport(t, 60, "role: primary, registered: {where: X, date: 2026-01-15}, margin: 5,")
	en, nl := written(t, r, "en"), written(t, r, "nl")
	assert.Contains(t, en, "non-inferiority (margin 5 mm) would no longer be shown if the 12 of 30 lost in Exercise (the 6 of 30 in Usual care as predicted) were on average at least")
	assert.Contains(t, en, "If they were worse by just the margin, the difference would be")
	assert.Contains(t, en, "| not inferior |")
	assert.NotContains(t, en, "statistical significance (p <")
	assert.Contains(t, nl, "niet-inferioriteit (marge 5 mm) zou niet meer zijn aangetoond als de 12 van 30 uitvallers in Exercise")
	var b strings.Builder
	require.NoError(t, JSON(&b, r, Options{}))
	for _, s := range []string{`"judged_by": "sensitivity-model"`, `"row_significant": true`, `"margin": 5`, `"at_margin": {`} {
		assert.Contains(t, b.String(), s)
	}
	for i := range r.Results {
		for _, row := range r.Results[i].Sensitivity {
			if row.Tipping != nil {
				row.Tipping.Significant = false
			}
		}
	}
	assert.Contains(t, written(t, r, "en"), "the primary analysis shows non-inferiority (margin 5 mm), but the model that predicts the missing values, with those lost as predicted, does not: −")
	assert.NotContains(t, written(t, r, "en"), "would no longer be shown")
	r.Protocol.Translations = map[string]map[string]string{"nl": {"mm": "millimeter"}}
	assert.NotRegexp(t, `\d mm\b`, written(t, r, "nl"), "the unit of rows' notes too")
	other := lossReport(t, 60, "role: primary, registered: {where: X, date: 2026-01-15},")
	for i := range other.Results {
		for _, row := range other.Results[i].Sensitivity {
			if row.Tipping != nil {
				row.Tipping.Significant = false
			}
		}
	}
	assert.Contains(t, written(t, other, "en"), "the primary analysis shows a difference, but the model that predicts the missing values, with those lost as predicted, does not")
	assert.Contains(t, written(t, other, "nl"), "de primaire analyse toont een verschil, maar het model dat de ontbrekende waarden voorspelt")
}

// The back-pain trial: significant where values are missing at random, and not if those
// lost had gone on as in usual care, which page one says of that interval alone.
func TestBackPainPage(t *testing.T) {
	ds, err := study.LoadFS(studies.FS, "backpain/protocol.yaml", "backpain/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	for lang, words := range map[string][]string{"en": {", which holds 0)", "## Who was lost", "without one (n = 25): jump to reference"},
		"nl": {", met 0 erin)", "## Wie uitviel", "zonder die waarde (n = 25): jump-to-reference"}} {
		said, err := r.In(lang)
		require.NoError(t, err)
		page := written(t, said, lang)
		for _, w := range words {
			assert.Equal(t, 1, strings.Count(page, w), w)
		}
		assert.NotContains(t, strings.ReplaceAll(page, "trialkit", ""), map[string]string{"en": "punten", "nl": "points"}[lang])
	}
	for _, res := range r.Results {
		if res.Lost == nil {
			continue
		}
		assert.Equal(t, map[string]int{"program": 25, "usual": 23}, res.Lost.Lost)
		for _, row := range res.Sensitivity {
			assert.Equal(t, row.Assume == "j2r", row.Lower < 0 && row.Upper > 0, row.Assume)
		}
	}
}

// Of an arm of which nobody was observed, or all alike, there are no odds: IMOR has no
// interval then (by its formula one of no width for that arm), and the page says why.
func TestOddsOfThoseLostNeedOdds(t *testing.T) {
	for _, of := range [][2][3]int{{{4, 0, 1}, {0, 4, 1}}, {{0, 0, 5}, {2, 3, 0}}, {{3, 0, 27}, {15, 15, 0}}, {{5, 0, 0}, {1, 4, 0}}} {
		rows := "id,group,y\n"
		for i, arm := range []string{"ex", "uc"} {
			for k, y := range []string{"1", "0", ""} {
				for j := range of[i][k] {
					rows += fmt.Sprintf("P%d%d%d,%s,%s\n", i, k, j, arm, y)
				}
			}
		}
		p, err := study.ParseProtocol(strings.NewReader(`
arms: [{id: ex, label: Exercise}, {id: uc, label: Usual care, control: true}]
visits: [{id: pre, label: Before}, {id: w12, label: Week 12}]
outcomes: [{id: y, label: Recovered, kind: binary, better: higher, baseline: none}]
data: {layout: wide, participant: id, arm: group, columns: {y: {w12: y}}}
plans: [{outcome: y, visit: w12, primary: true, sensitivity: [{assume: worst}, {assume: imor, odds: {ex: 0.5}}, {assume: tipping, arm: ex}]}]
`), "p.yaml")
		require.NoError(t, err)
		ds, err := study.Load(strings.NewReader(rows), "d.csv", p)
		require.NoError(t, err)
		r, err := ds.AnalyzeAll()
		require.NoError(t, err)
		assert.True(t, math.IsNaN(r.Results[0].Sensitivity[1].Lower))
		assert.Contains(t, written(t, r, "en"), "Usual care 1: no estimate; in an arm nobody was observed")
		assert.Contains(t, written(t, r, "nl"), "Usual care 1: geen schatting; in een groep is niemand gemeten")
	}
}

// Significance that the primary comparison does not have is not said to be lost: of 3 of 3
// and 15 of 30 (p = 0.17), with 27 more lost of whom all would do well, nor where nobody is
// lost in the arm asked about.
func TestOnlySignificanceThereIsCanBeLost(t *testing.T) {
	rows := "id,group,y\n"
	for i := range 30 {
		y := "1"
		if i >= 3 {
			y = ""
		}
		rows += fmt.Sprintf("E%d,ex,%s\nU%d,uc,%d\n", i, y, i, i%2)
	}
	p, err := study.ParseProtocol(strings.NewReader(`
arms: [{id: ex, label: Exercise}, {id: uc, label: Usual care, control: true}]
visits: [{id: pre, label: Before}, {id: w12, label: Week 12}]
outcomes: [{id: y, label: Recovered, kind: binary, better: higher, baseline: none}]
data: {layout: wide, participant: id, arm: group, columns: {y: {w12: y}}}
plans: [{outcome: y, visit: w12, primary: true, sensitivity: [{assume: tipping, arm: ex}]}]
`), "p.yaml")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader(rows), "d.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	require.True(t, r.Results[0].Sensitivity[0].Counts.Significant, "where the lost do as the observed")
	assert.NotContains(t, written(t, r, "en"), "significance (p < 0.05)")

	r = lossReport(t, 60, "role: primary, registered: {where: X, date: 2026-01-15},")
	require.Contains(t, written(t, r, "en"), "significance (p < 0.05)")
	for i, row := range r.Results[len(r.Results)-1].Sensitivity {
		r.Results[len(r.Results)-1].Sensitivity[i].Lost = map[string]int{"ex": 0, "uc": row.Lost["uc"]}
	}
	assert.NotContains(t, written(t, r, "en"), "significance (p < 0.05)")
}

// The programme study: the answer says what its estimand is without, tables count values
// that are set aside as such, and visits of no estimand say so.
func TestProgrammePage(t *testing.T) {
	ds, err := study.LoadFS(studies.FS, "programme/protocol.yaml", "programme/data.csv")
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	for lang, words := range map[string][]string{
		"en": {"conditional means; in the hypothetical situation without rescue medication):", "Week 3 and Week 5: under no estimand",
			"Active HILT: 4 of 40 without a value; Active HILT: 14 of 40 set aside where recorded", "Active HILT: 18 more in the difference, imputed"},
		"nl": {"in de hypothetische situatie zonder noodmedicatie):", "Week 3 en Week 5: zonder estimand", "Actieve HILT: 18 meer in het verschil, ingevuld"}} {
		said, err := r.In(lang)
		require.NoError(t, err)
		page := written(t, said, lang)
		for _, w := range words {
			assert.Contains(t, page, w)
		}
		assert.NotContains(t, page, "by their values at other visits")
	}
}

// Plans that differ only in what chained equations drew from say the assumption once, with
// both lists.
func TestImputedPlansShareTheirAssumption(t *testing.T) {
	rows := "id,group,age,r6,r12\n"
	for i := range 120 {
		r6, r12 := fmt.Sprint(i*7%10/5), fmt.Sprint(i*11%13/7)
		if i%9 == 0 {
			r12 = ""
			if i%2 == 0 {
				r6 = ""
			}
		}
		rows += fmt.Sprintf("P%03d,%s,%d,%s,%s\n", i, []string{"ex", "uc"}[i/2%2], 30+i*17%31, r6, r12)
	}
	p, err := study.ParseProtocol(strings.NewReader(`
arms: [{id: ex, label: Exercise}, {id: uc, label: Usual care, control: true}]
visits: [{id: pre, label: Before}, {id: w6, label: Week 6}, {id: w12, label: Week 12}]
outcomes: [{id: r, label: Recovered, kind: binary, better: higher, baseline: none}]
data: {layout: wide, participant: id, arm: group, columns: {r: {w6: r6, w12: r12}}, covariates: {age: {column: age, kind: number}}}
plans:
  - {outcome: r, visit: w12, primary: true, impute: {assume: mar}}
  - {outcome: r, visit: w6, primary: true, impute: {assume: mar}, covariates: [age]}
`), "p.yaml")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader(rows), "d.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	page := written(t, r, "en")
	page = page[strings.Index(page, "Two parallel arms"):strings.Index(page, "Software:")]
	page = strings.Join(strings.Fields(page), " ")
	assert.Equal(t, 1, strings.Count(page, "imputed as missing at random"), page)
	assert.Contains(t, page, "Recovered, Week 6, from age, within each arm; Recovered, Week 12, from the outcome at Week 6, within each arm.")
}
