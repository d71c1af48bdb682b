package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
)

// oddTrial is a trial of arms a (and b) against c, with an outcome at one visit
// before and two after.
type oddTrial struct {
	arms       string // other than those of two
	outcome    string // more of the outcome
	randomized string // how
	covariates string
	plans      string
	lost       func(arm string, i, visit int) bool
}

func (o oddTrial) report(t *testing.T) study.Report {
	t.Helper()
	arms, ids := o.arms, []string{"a", "c"}
	if arms == "" {
		arms = "{id: a, label: Exercise}"
	} else {
		ids = []string{"a", "b", "c", "d"}[:strings.Count(arms, "id:")+1] // the last is control
	}
	how := o.randomized
	if how == "" {
		how = "complete"
	}
	y := "title: Odd\nrandomization: " + how + "\narms: [" + arms + ", {id: " + ids[len(ids)-1] + ", label: Advice, control: true}]\n" +
		"visits: [{id: v0, label: Before}, {id: v1, label: Week 6, time: 6w}, {id: v2, label: Week 12, time: 12w}]\n" +
		"outcomes: [{id: y, label: Pain, unit: mm, range: [0, 200], resolution: 1, better: lower" + o.outcome + "}]\n" +
		"data: {layout: wide, participant: id, arm: arm, columns: {y: {v0: y0, v1: y1, v2: y2}}, covariates: {" + o.covariates + "}}\n"
	if o.plans != "" {
		y += "plans: [" + o.plans + "]\n"
	}
	var d strings.Builder
	d.WriteString("id,arm,age,site,y0,y1,y2\n")
	for i := range 30 {
		arm := ids[i%len(ids)]
		base := 100 + (i*37)%41
		fmt.Fprintf(&d, "%d,%s,%d,S%d,%d", i+1, arm, 40+(i*17)%31, (i/len(ids))%5, base)
		for v := 1; v <= 2; v++ {
			if o.lost != nil && o.lost(arm, i, v) {
				d.WriteString(",")
				continue
			}
			y := base - (i*29*v)%23
			if arm != ids[len(ids)-1] {
				y -= 6
			}
			fmt.Fprintf(&d, ",%d", y)
		}
		d.WriteString("\n")
	}
	p, err := study.ParseProtocol(strings.NewReader(y), "p.yaml")
	require.NoError(t, err, y)
	ds, err := study.Load(strings.NewReader(d.String()), "data.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	return r
}

// What page and supplement say is true for the trial: each case says something that
// a trial's page must hold and must not.
func TestSentencesAreTrueForEveryTrial(t *testing.T) {
	primary := "{outcome: y, visit: v2, primary: true}"
	loses := func(arm string, visits ...int) func(string, int, int) bool {
		return func(a string, _, v int) bool {
			for _, x := range visits {
				if a == arm && v == x {
					return true
				}
			}
			return false
		}
	}
	one := func(a string, i, v int) bool { return i == 0 && v == 1 }
	three := "{id: a, label: Exercise}, {id: b, label: Laser}"
	threshold := func(s string) string { return ", thresholds: [{level: individual, " + s + "}]" }
	for _, c := range []struct {
		name      string
		trial     oddTrial
		lang      string
		says, not []string
	}{
		{"strata that could be ignored and were not", oddTrial{randomized: "{kind: stratified, strata: [site], small: ignore, reason: few}",
			covariates: "site: {column: site, kind: category, label: Center}", plans: primary}, "en",
			[]string{"on arm and baseline value, strata (Center); 95%"}, nil},
		{"several covariates are one list", oddTrial{covariates: "age: {column: age, kind: number, label: Age}, site: {column: site, kind: category, label: Center}",
			plans: "{outcome: y, visit: v2, covariates: [age, site], primary: true}"}, "en",
			[]string{"on arm, baseline value, Age and Center;"}, []string{"value and Age and"}},
		{"a margin of non-inferiority is a margin", oddTrial{plans: "{outcome: y, visit: v2, primary: true, margin: 1}"}, "en",
			[]string{"no improvement that matters to a patient (MCID) is declared"}, []string{"margin between arms is declared", "no verdict is given"}},
		{"a margin of non-inferiority is a margin", oddTrial{plans: "{outcome: y, visit: v2, primary: true, margin: 1}"}, "nl",
			[]string{"geen verbetering opgegeven die voor een patiënt telt (MCID)"}, []string{"noch een marge", "opgegeven: geen oordeel"}},
		{"an arm without anybody", oddTrial{plans: primary, lost: loses("a", 1, 2)}, "en",
			[]string{"nobody has the values", "not everybody in the file is analyzed"},
			[]string{"ANCOVA: Arm", "too few observations", "intervals (normal)", "in the smallest arm", "everybody randomized", "0 randomized to"}},
		{"an arm without anybody", oddTrial{plans: primary, lost: loses("a", 1, 2)}, "nl",
			[]string{"heeft niemand de waarden", "niet iedereen in het bestand is geanalyseerd"}, []string{"Een arm", "too few", "(normaal)"}},
		{"one of two arms without anybody", oddTrial{arms: three, plans: primary, lost: loses("b", 1, 2)}, "en",
			[]string{"other ways: Exercise: "}, []string{"(n = 0))"}},
		{"a model of all visits where one is missing", oddTrial{plans: "{outcome: y, visit: v2, model: mmrm, primary: true}", lost: one}, "en",
			[]string{"Nobody is missing (Week 12).", "(missing at random)"}, []string{"Nothing is missing", "Nobody is missing."}},
		{"one lost is one", oddTrial{plans: "{outcome: y, visit: v1, primary: true}", lost: one}, "en",
			[]string{"Without a value: 1 of 30 participants (3%);"}, []string{"have no value"}},
		{"the lost of several visits are one doubt", oddTrial{lost: func(a string, i, v int) bool { return i < v }}, "nl",
			[]string{"Deelnemers zonder waarde: 1 van 30 (3%; Pijn, Week 6); 2 van 30 (7%; Pijn, Week 12);"}, nil},
		{"a share of baseline", oddTrial{plans: primary, outcome: threshold("kind: percent, value: 10, source: Dworkin 2008")}, "en",
			[]string{"Improved by 10% of baseline or more (Dworkin 2008):", "Improved patients: difference"}, []string{"cannot be said", "10 mm or more"}},
		{"an acceptable state", oddTrial{plans: primary, outcome: threshold("kind: PASS, value: 110")}, "en",
			[]string{"call acceptable (PASS, ≤ 110 mm; source not stated):", "Patients in an acceptable state: difference"}, []string{"Improved patients", "cannot be said"}},
		{"a threshold for worsening alone", oddTrial{plans: primary, outcome: threshold("kind: MCID, value: 5, worsening: true")}, "en",
			[]string{"neither an improvement that matters"}, []string{"Improved by 5"}},
		{"a plan of all visits beside the primary one is no departure", oddTrial{
			plans: "{outcome: y, visit: v2, model: mmrm, primary: true}, {outcome: y, model: mmrm}"}, "en",
			[]string{"Departures from the plan: none."}, []string{"another role", "overall"}},
		{"four arms begin with a word", oddTrial{arms: three + ", {id: c, label: Massage}", plans: primary}, "en", []string{"Four parallel arms"}, []string{"4 parallel"}},
		{"two primary p-values are not called adjusted", oddTrial{arms: three, plans: primary}, "en",
			[]string{"p: two-sided, not adjusted"}, []string{"all others are unadjusted"}},
		{"a method that no plan names is not called planned", oddTrial{}, "en", nil, []string{"fixed beforehand", "planned method", "In the sentences"}},
		{"tables of any visit", oddTrial{arms: three, plans: primary}, "en", []string{"Table 2. At each visit"}, []string{"After treatment"}},
	} {
		t.Run(c.name+" "+c.lang, func(t *testing.T) {
			r := c.trial.report(t)
			if c.lang == "nl" {
				r.Protocol.Outcomes[0].Label = "Pijn"
			}
			said := strings.Join(strings.Fields(pageOf(t, r, Options{Lang: c.lang, Supplement: true})), " ")
			said = strings.ReplaceAll(said, "\u00a0", " ")
			for _, s := range c.says {
				assert.Contains(t, said, s)
			}
			for _, s := range c.not {
				assert.NotContains(t, said, s)
			}
			assert.Empty(t, never[c.lang].FindAllString(said, -1))
		})
	}
}

// Counts of companions agree with their verb, in number, and none is not called "0".
func TestFindingsAgreeInNumber(t *testing.T) {
	q := question{row: study.Row{Effect: nil}}
	q.row.Lower, q.row.Upper = 1, 2
	companions := func(n, differ int) *study.Agreement {
		return &study.Agreement{Agree: n - differ, Companions: make([]study.Row, n), Differ: make([]study.Row, differ)}
	}
	for lang, want := range map[string][]string{
		"en": {"every interval leaves out 0", "1 of 4 leaves out 0, see Doubts", "none of 4 leaves out 0, see Doubts", "2 of 4 leave out 0, see Doubts"},
		"nl": {"elk interval sluit 0 uit", "1 van 4 sluit 0 uit, zie Twijfels", "geen van 4 sluit 0 uit, zie Twijfels", "2 van 4 sluiten 0 uit, zie Twijfels"},
	} {
		b, err := newTable(study.Report{}, lang)
		require.NoError(t, err)
		for i, differ := range []int{0, 3, 4, 2} {
			assert.Equal(t, want[i], b.finding(q, companions(4, differ)))
		}
	}
}

// An outcome named once before its visits.
func TestJoinedPlaces(t *testing.T) {
	assert.Equal(t, "Pain, left, Week 6, Week 12; Function, Week 6", joinedPlaces([]string{"Pain, left, Week 6", "Pain, left, Week 12", "Function, Week 6"}, "; "))
	assert.Equal(t, "Week 6; Week 12", joinedPlaces([]string{"Week 6", "Week 12"}, "; "))
}

// The margin's sentences have the outcome's one number of decimals: the SE of the
// difference here is above 1, so two significant digits are one decimal, as the
// tables have it.
func TestOneNumberOfDecimals(t *testing.T) {
	o := oddTrial{plans: "{outcome: y, visit: v2, primary: true}", outcome: ", thresholds: [{kind: margin, value: 6, level: between, source: agreed}]"}
	r := o.report(t)
	require.Equal(t, 1, r.Digits("y"))
	said := strings.ReplaceAll(pageOf(t, r, Options{Supplement: true}), "\u00a0", " ")
	assert.NotRegexp(t, `\d\.\d\d mm`, said)
}

// HILT's page has room for every comparison, in both languages.
func TestHILTKeepsAllRows(t *testing.T) {
	r := flowStudy(t, "hilt")
	for _, lang := range []string{"en", "nl"} {
		page := pageOf(t, r, Options{Lang: lang})
		assert.NotContains(t, page, map[string]string{"en": "of 8 rows", "nl": "van 8 rijen"}[lang])
		assert.LessOrEqual(t, strings.Count(page, "\n"), pageLines)
	}
}

// A limit that does not reach a margin is not printed as the margin: −14.98 and −15.02
// stay on their sides of 15, on the page and in the table alike.
func TestLimitsStayOnTheirSideOfAMargin(t *testing.T) {
	o := study.Outcome{ID: "y", Better: study.LowerIsBetter, Thresholds: []study.Threshold{{Kind: study.Margin, Value: 15, Level: study.BetweenGroup}}}
	row := study.Row{Decides: true, Contrast: study.Between, Arm: "a", Control: "c", Estimate: -8}
	row.Upper = -1.004
	b, err := newTable(study.Report{Protocol: study.Protocol{Outcomes: []study.Outcome{o}}}, "en")
	require.NoError(t, err)
	b.ci = b.levelColumn()
	for lower, want := range map[float64]string{-14.98: "−14.98", -15.02: "−15.02", -14.6: "−14.6", -14.4: "−14", -15: "−15"} {
		row.Lower = lower
		assert.Equal(t, want+" to −1", b.limits(o, row))
		assert.Contains(t, b.differenceCell(study.Result{Outcome: o, Rows: []study.Row{row}}, "a").Text, want+" to −1")
	}
}

// tippingWords may speak of significance: what would be lost, with its p and what it takes.
var tippingWords = map[string]*regexp.Regexp{
	"en": regexp.MustCompile(`statistical significance \(p < [0-9.]+\) would (not )?be lost if the`),
	"nl": regexp.MustCompile(`de statistische significantie \(p < [0-9,]+\) zou (niet )?verdwijnen als de`),
}

// The words that claim too much stand in no supplement either, of real trials whose
// sentences the invented ones do not need.
func TestSupplementsClaimNoMore(t *testing.T) {
	for _, name := range []string{"hilt", "anorexia", "flow", "dropout"} {
		for lang, words := range never {
			page := strings.Join(strings.Fields(pageOf(t, flowStudy(t, name), Options{Lang: lang, Supplement: true})), " ")
			page = tippingWords[lang].ReplaceAllString(page, "")
			assert.Empty(t, words.FindAllString(page, -1), "%s, %s", name, lang)
		}
	}
	// The change of one arm alone leaves out 0.
	r := oddTrial{}.report(t)
	r.Results[0].Rows[0].Notes = append(r.Results[0].Rows[0].Notes, study.Note{Code: "bland-altman", Args: map[string]any{"arm": "a", "other": "c"}})
	for lang, words := range never {
		page := strings.Join(strings.Fields(pageOf(t, r, Options{Lang: lang, Supplement: true})), " ")
		assert.Contains(t, page, "Bland & Altman")
		assert.Empty(t, words.FindAllString(page, -1), lang)
	}
}
