package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/sheet/sheettest"
	"github.com/trialkit/trialkit/study/report"
)

// checked loads 17 + 21 participants. Everything that could tell the arms apart is
// there: labels in two languages, a title with one, stated numbers, and a plan that
// makes a doubt about the smaller arm.
func checked(t *testing.T) *study.Dataset {
	t.Helper()
	p, err := study.ParseProtocol(strings.NewReader(`
title: Verum Laser against Quiet Lamp
arms:
  - {id: x1, label: Verum Laser, short: VL, randomized: 18}
  - {id: x2, label: Quiet Lamp, short: The lamp, control: true, randomized: 23}
visits: [{id: pre, label: Before}, {id: w1, label: Week 1}, {id: w2, label: Week 2}, {id: w3, label: Week 3}, {id: w4, label: Week 4}]
outcomes: [{id: pain, label: Pain, unit: mm, better: lower, range: [0, 100]}, {id: steps, label: Steps, better: higher}]
data:
  layout: wide
  participant: id
  arm: grp
  arm_values: {blue: x1, red: x2}
  columns: {pain: {pre: p0, w1: p1, w2: p2, w3: p3, w4: p4}, steps: {pre: s0, w4: s4}}
  covariates: {age: {column: age, label: Age, kind: number}}
plans: [{outcome: pain, visit: w4, model: mmrm, primary: true}]
translations: {nl: {Verum Laser: Echte laser, Quiet Lamp: Stille lamp}}
`), "p.yaml")
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString("id,grp,age,p0,p1,p2,p3,p4,s0,s4\n")
	for i := range 38 {
		arm, p4, s4 := "blue", fmt.Sprint(20+i%9), fmt.Sprint(900+i)
		if i >= 17 {
			arm = "red"
		}
		if i%13 == 5 { // 3 of them
			p4 = ""
		}
		if i == 3 {
			s4 = "99999" // a doubt about a value
		}
		fmt.Fprintf(&b, "%d,%s,%d,%d,%d,%d,%d,%s,%d,%s\n", 1000+i, arm, 50+i%5, 60+i%7, 52+i%7, 50+i%8, 51+i%6, p4, 800+i, s4)
	}
	ds, err := study.Load(strings.NewReader(b.String()), "blind.csv", p)
	require.NoError(t, err)
	return ds
}

// The look is blind: no arm by any of its names, no number of an arm; the rest of
// the file is told. Counts are of the table above.
func TestCheckIsBlind(t *testing.T) {
	ds := checked(t)
	doubts := ds.Protocol().Doubts()
	require.NotEmpty(t, doubts, "there is a doubt about an arm to leave out")
	for lang, want := range map[string][]string{
		"en": {"Check of the data: blind.csv", "Rows read: 38; used: 38; excluded: 0.", "99999 lies apart", "Doubts about one arm, which are not shown here: 1.", "All (n = 38)"},
		"nl": {"Controle van de gegevens: blind.csv", "Rijen gelezen: 38; gebruikt: 38; uitgesloten: 0.", "99999 ligt los", "Twijfels over één groep, die hier niet worden getoond: 1.", "Allen (n = 38)"},
	} {
		var b strings.Builder
		require.NoError(t, report.Check(&b, ds, report.Options{Lang: lang}))
		got := b.String()
		for _, w := range want {
			assert.Contains(t, got, w)
		}
		low := strings.ToLower(got)
		for _, w := range []string{"verum", "laser", "lamp", "quiet", "stille", "echte", "placebo", "blue", "red", "x1", "x2"} {
			assert.NotRegexp(t, `\b`+w+`\b`, low)
		}
		assert.NotRegexp(t, `\bVL\b`, got)
		assert.NotRegexp(t, `\b(16|17|18|19|21|23)\b`, got, "no number of an arm")
		row := func(cells ...string) *regexp.Regexp {
			return regexp.MustCompile(`(?m)` + strings.Join(cells, `\s+`) + `$`)
		}
		to := map[string]string{"en": "to", "nl": "tot"}[lang]
		assert.Regexp(t, row("Week 4", "35", "3", "20", "28", "0 "+to+" 100", "0"), got)
		assert.Regexp(t, row("Before", "38", "0", "60", "66", "0 "+to+" 100", "0"), got)
		assert.Regexp(t, row("Week 4", "38", "0", "900", "99999", "–", "–"), got)
		for l := range strings.Lines(got) {
			assert.LessOrEqual(t, len([]rune(strings.TrimRight(l, "\n"))), 100, l)
		}
	}
}

// An arm whose label is a letter does not silence every sentence, and a longer label
// does inside no other word.
func TestCheckOfShortArms(t *testing.T) {
	p, err := study.ParseProtocol(strings.NewReader(`
title: Controlled breathing
arms: [{id: a, label: a}, {id: c, label: Control, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: y, better: lower}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {pre: y0, post: y1}}}
`), "p.yaml")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader("id,arm,y0,y1\n1,a,5,3\n2,a,6,2\n3,a,7,999\n4,c,5,5\n5,c,6,7\n6,c,4,4\n"), "d.csv", p)
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, report.Check(&b, ds, report.Options{}))
	assert.Contains(t, b.String(), "Check of the data: Controlled breathing")
	assert.Contains(t, b.String(), "999 lies apart")
	assert.NotContains(t, b.String(), "not shown here")
	require.Error(t, report.Check(&b, ds, report.Options{Lang: "xx"}))
}

// What the file itself says of the columns that are used stands in the check, but for
// the words that name arms.
func TestCheckSaysWhatTheFileSays(t *testing.T) {
	src := sheettest.SAV([]sheettest.SAVColumn{{Name: "ID", Label: "Number"},
		{Name: "GRP", Label: "Verum or lamp", Values: []float64{1, 2}, Words: []string{"Verum", "Lamp"}},
		{Name: "P0", Label: "Pain before (mm)"}, {Name: "P1", Label: "Pain under Verum", Missing: []float64{-9}},
		{Name: "SEX", Values: []float64{0, 1}, Words: []string{"Female", "Male"}}, {Name: "X", Label: "not used"}},
		[][]float64{{1, 1, 50, 40, 0, 1}, {2, 1, 60, -9, 1, 1}, {3, 2, 55, 50, 1, 1}, {4, 2, 45, 44, 0, 1}})
	p, err := study.ParseProtocol(strings.NewReader(`
arms: [{id: v, label: Verum}, {id: l, label: Lamp, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: pain, better: lower}]
data:
  layout: wide
  participant: ID
  arm: GRP
  columns: {pain: {pre: P0, post: P1}}
  covariates: {sex: {column: SEX, kind: category}}
`), "p.yaml")
	require.NoError(t, err)
	ds, err := study.Load(strings.NewReader(src), "d.sav", p)
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, report.Check(&b, ds, report.Options{}))
	text := b.String()
	assert.Contains(t, text, "What the file, or its dictionary, says of the columns that are used")
	for _, want := range []string{`P0 +Pain before \(mm\)`, `SEX +0 = Female, 1 = Male`, `ID +Number`} {
		assert.Regexp(t, want, text)
	}
	for _, not := range []string{"Verum", "Lamp", "not used"} {
		assert.NotContains(t, text, not)
	}
}
