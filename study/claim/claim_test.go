package claim

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/report"
	"github.com/trialkit/trialkit/study/text"
)

// claimOf is a claim of 5 + 5 about pain in cm, MCID 2.26 for one patient.
func claimOf(results ...Result) Claim {
	return Claim{Title: "claim", Contrast: Unstated,
		Arms: []Arm{{ID: "laser", Label: "laser", N: 5}, {ID: "sham", Label: "sham", N: 5, Control: true}},
		Outcomes: []study.Outcome{{ID: "vas", Label: "pain", Unit: "cm", Min: 0, Max: 10, Better: study.LowerIsBetter,
			Thresholds: []study.Threshold{{Kind: study.MCID, Level: study.Individual, Value: 2.26}}}},
		Results: results}
}

// judged is the claim with a margin between arms of the threshold's size: one
// patient's threshold judges no difference of means.
func judged(c Claim) Claim {
	c.Outcomes[0].Thresholds = append(c.Outcomes[0].Thresholds, study.Threshold{Kind: study.Margin, Level: study.BetweenGroup, Value: 2.26})
	return c
}

func read(t *testing.T, c Claim) Reading {
	t.Helper()
	r, err := c.Read()
	require.NoError(t, err)
	for _, lang := range text.Languages() { // whatever is found can be said
		var b bytes.Buffer
		require.NoError(t, r.WriteText(&b, report.Options{Lang: lang}))
		require.NoError(t, r.WriteMarkdown(&b, report.Options{Lang: lang}))
		require.NotContains(t, b.String(), "NaN")
	}
	return r
}

func noteCodes(notes []study.Note) []string {
	out := []string{}
	for _, n := range notes {
		out = append(out, n.Code)
	}
	return out
}

// The blog's 2.66 cm, as a change within and as a difference between.
func TestHeadlineIsReadBothWays(t *testing.T) {
	r := read(t, claimOf(Result{Outcome: "vas", Visit: "after", Change: "-2.66", ControlChanges: []float64{0, -0.3, -0.5, -0.8}}))
	res := r.Results[0]
	require.Len(t, res.Within, 1)
	require.Len(t, res.Between, 1)
	assert.InDelta(t, 2.14, res.Within[0].Needs[0].Below, 0.005)
	assert.InDelta(t, 0.32, res.Within[0].Needs[1].Below, 0.005)
	assert.InDelta(t, 1.82, res.Between[0].Needs[0].Below, 0.005)
	assert.InDelta(t, 0.27, res.Between[0].Needs[1].Below, 0.005)
	assert.Empty(t, res.Between[0].Judgements, "without a spread there is no verdict")

	require.Len(t, res.IfWithin, 4)
	for i, want := range []float64{-2.66, -2.36, -2.16, -1.86} {
		assert.Equal(t, want, res.IfWithin[i].Difference)
		// 95% half-width with 5 v 5 on 8 df: 1.4584 pooled SDs.
		assert.InDelta(t, -want/1.4584, res.IfWithin[i].Needs[0].Below, 1e-4)
	}
	assert.Zero(t, res.IfWithin[2].Needs[1].Below, "2.16 never reaches 2.26")
	assert.Subset(t, noteCodes(r.Flags), []string{"claim-flag-within-mcid-unstated", "claim-flag-individual"})

	// The bounds are those at which Judge and the intervals change their minds.
	th := r.Claim.Outcomes[0].Thresholds[0]
	for _, k := range []float64{1 - 1e-9, 1 + 1e-9} {
		sd := res.Between[0].Needs[1].Below * k
		e, err := stats.StudentSummary(stats.Summary{N: 5, Mean: -2.66, SD: sd}, stats.Summary{N: 5, SD: sd})
		require.NoError(t, err)
		assert.Equal(t, k < 1, study.Judge(e, 0.95, th, study.LowerIsBetter).Benefit == study.Definite)
	}

	require.NotNil(t, r.Floors)
	assert.Equal(t, 2.0/252, r.Floors.Complete)
	assert.Equal(t, 0.0625, r.Floors.SignedRank)
	c := r.Claim
	c.Blocks = 2
	assert.Equal(t, 2.0/32, read(t, c).Floors.Blocked)
	c.Blocks = 4
	assert.Equal(t, 2.0/72, read(t, c).Floors.Blocked)
	assert.InDelta(t, 2.02, r.Power.Detectable, 0.005)
}

// The contrast is asked for, and each reading appears only where it belongs.
func TestContrastIsMandatory(t *testing.T) {
	c := claimOf(Result{Outcome: "vas", Change: "-2.66"})
	c.Contrast = ""
	_, err := c.Read()
	assert.ErrorContains(t, err, "contrast: missing; write within")

	c.Contrast = study.Within
	res := read(t, c).Results[0]
	assert.Len(t, res.Within, 1)
	assert.Empty(t, res.Between)
	assert.Len(t, res.IfWithin, 4, "0, 10, 20 and 30% of the change")
	assert.InDelta(t, -2.66*0.9, res.IfWithin[1].Difference, 1e-12)

	c.Contrast = study.Between
	res = read(t, c).Results[0]
	assert.Empty(t, res.Within)
	assert.Empty(t, res.IfWithin)
	assert.Len(t, res.Between, 1)

	// A printed interval belongs to whichever the number is.
	c.Contrast = Unstated
	c.Results[0].CI = [2]integrity.Printed{"-3.66", "-1.66"}
	res = read(t, c).Results[0]
	assert.Equal(t, stats.Interval{Lo: -3.66, Hi: -1.66, Level: 0.95}, res.Between[0].Effect.CI(0.95))
	assert.InDelta(t, -3.66, res.Within[0].Effect.CI(0.95).Lo, 1e-12)
}

// One mean and spread, printed four ways, is one estimate.
func TestSpreadFromWhateverIsPrinted(t *testing.T) {
	// mean −2, SD 3, n 9: SE 1, t(8) = −2.
	want, err := stats.MeanSummary(stats.Summary{N: 9, Mean: -2, SD: 3})
	require.NoError(t, err)
	ci := want.CI(0.95)
	p := fmt.Sprintf("%.12f", want.P(0))
	for name, g := range map[string]Group{
		"sd": {SD: "3"}, "se": {SE: "1"}, "p": {P: integrity.PrintedP(p)},
		"ci": {CI: [2]integrity.Printed{integrity.Printed(fmt.Sprintf("%.12f", ci.Lo)), integrity.Printed(fmt.Sprintf("%.12f", ci.Hi))}},
	} {
		g.Arm, g.N, g.Mean = "laser", 9, "-2"
		c := claimOf(Result{Outcome: "vas", Contrast: study.Within, Measure: MeasureChange, Groups: []Group{g}})
		c.Arms[0].N = 9
		w := read(t, c).Results[0].Within[0]
		require.NotNil(t, w.Effect, name)
		assert.Equal(t, name, w.Source)
		assert.InDelta(t, want.P(0), w.Effect.P(0), 1e-9, name)
		assert.InDelta(t, ci.Lo, w.Effect.CI(0.95).Lo, 1e-9, name)
	}
	c := claimOf(Result{Outcome: "vas", Contrast: study.Within, Measure: MeasureChange, Groups: []Group{{Arm: "laser", Mean: "-2", P: "< 0.05"}}})
	w := read(t, c).Results[0].Within[0]
	assert.Equal(t, "p-bound", w.Source)
	assert.InDelta(t, 0, w.Effect.CI(0.95).Hi, 1e-12)
}

// Units rescale: a claim in millimetres needs ten times the spread. Turning
// direction and signs changes no number of benefit.
func TestClaimRescalesAndTurns(t *testing.T) {
	groups := func(a, b integrity.Printed) []Group {
		return []Group{{Arm: "laser", Mean: a, SD: "1.5"}, {Arm: "sham", Mean: b, SD: "1.1"}}
	}
	cm := claimOf(Result{Outcome: "vas", Contrast: study.Between, Measure: MeasureChange, Groups: groups("-2.66", "-0.4")})
	turned := claimOf(Result{Outcome: "vas", Contrast: study.Between, Measure: MeasureChange, Groups: groups("2.66", "0.4")})
	turned.Outcomes[0].Better = study.HigherIsBetter
	assert.Empty(t, read(t, cm).Results[0].Between[0].Judgements)
	a, b := read(t, judged(cm)).Results[0].Between[0], read(t, judged(turned)).Results[0].Between[0]
	ja, jb := a.Judgements[0], b.Judgements[0]
	assert.Equal(t, [3]float64{ja.Value, ja.Lower, ja.Upper}, [3]float64{jb.Value, jb.Lower, jb.Upper})
	assert.Equal(t, ja.Benefit, jb.Benefit)

	mm := cm
	mm.Outcomes = []study.Outcome{{ID: "vas", Unit: "mm", Better: study.LowerIsBetter, Thresholds: []study.Threshold{{Kind: study.MCID, Level: study.Individual, Value: 22.6}, {Kind: study.Margin, Level: study.BetweenGroup, Value: 22.6}}}}
	mm.Results = []Result{{Outcome: "vas", Change: "-26.6"}}
	cm.Results = []Result{{Outcome: "vas", Change: "-2.66"}}
	x, y := read(t, cm).Results[0].Between[0].Needs, read(t, mm).Results[0].Between[0].Needs
	for i := range x {
		assert.InDelta(t, 10*x[i].Below, y[i].Below, 1e-10)
	}
}

// The verdict moves in one direction as the estimate does.
func TestVerdictIsMonotone(t *testing.T) {
	rank := map[study.Verdict]int{study.DefinitelyNot: 0, study.Possible: 1, study.Probable: 2, study.Definite: 3}
	last := -1
	for m := -60; m <= 60; m++ {
		c := claimOf(Result{Outcome: "vas", Contrast: study.Between, Change: integrity.Printed(fmt.Sprintf("%.1f", -float64(m)/10)), SD: "1.2"})
		v := rank[read(t, judged(c)).Results[0].Between[0].Judgements[0].Benefit]
		require.GreaterOrEqual(t, v, last)
		last = v
	}
	assert.Equal(t, 3, last)
}

func TestFlags(t *testing.T) {
	within := func(pa, pb integrity.PrintedP) Result {
		return Result{Outcome: "vas", Measure: MeasureChange, Contrast: study.Within,
			Groups: []Group{{Arm: "laser", Mean: "-2.7", P: pa}, {Arm: "sham", Mean: "-1.9", P: pb}}}
	}
	r := read(t, claimOf(within("0.03", "ns")))
	assert.Contains(t, noteCodes(r.Flags), "claim-flag-nominal")
	assert.Contains(t, noteCodes(r.Flags), "claim-flag-within-mcid")
	assert.NotContains(t, noteCodes(read(t, claimOf(within("0.03", "0.04"))).Flags), "claim-flag-nominal")
	// Where the arms themselves differ, that is said and not the rest.
	different := within("0.03", "ns")
	different.Difference = Difference{Value: "-0.8", CI: [2]integrity.Printed{"-1.2", "-0.4"}}
	assert.NotContains(t, noteCodes(read(t, claimOf(different)).Flags), "claim-flag-nominal")

	wide := Result{Outcome: "vas", Contrast: study.Between, Change: "-1.0", CI: [2]integrity.Printed{"-3.0", "1.0"}}
	narrow := Result{Outcome: "vas", Contrast: study.Between, Change: "-0.1", CI: [2]integrity.Printed{"-0.5", "0.3"}}
	for _, quote := range []string{"There was no significant difference between groups", "geen significant verschil tussen de groepen"} {
		c := judged(claimOf(wide))
		c.Quotes = []string{quote}
		assert.Contains(t, noteCodes(read(t, c).Flags), "claim-flag-no-difference", quote)
		c.Results = []Result{narrow}
		assert.NotContains(t, noteCodes(read(t, c).Flags), "claim-flag-no-difference", "the interval excludes what matters")
	}
	for quote, want := range map[string]string{
		"a trend towards less pain": "claim-flag-trend", "een tendens tot minder pijn": "claim-flag-trend",
		"borderline significant": "claim-flag-trend", "the treatment is safe": "claim-flag-safe-uncounted",
		"de behandeling is veilig": "claim-flag-safe-uncounted",
	} {
		c := claimOf(narrow)
		c.Quotes = []string{quote}
		assert.Contains(t, noteCodes(read(t, c).Flags), want, quote)
	}
	clean := claimOf(narrow)
	clean.Quotes = []string{"pain fell by 0.1 cm more", "tested for linear trend over time", "a safeguard was used"}
	assert.Equal(t, []string{"claim-flag-individual"}, noteCodes(read(t, clean).Flags))

	c := claimOf(narrow)
	c.AdverseEvents = []Count{{Arm: "laser"}, {Arm: "sham"}}
	r = read(t, c)
	assert.Contains(t, noteCodes(r.Flags), "claim-flag-safe")
	assert.InDelta(t, 0.451, r.Safety[0].UpperOneSided, 0.0005)
	assert.InDelta(t, 0.522, r.Safety[0].Upper, 0.0005)

	base := narrow
	base.Baseline, base.P = true, "0.4"
	r = read(t, claimOf(base))
	assert.Equal(t, []string{"claim-flag-baseline"}, noteCodes(r.Flags))
	assert.Empty(t, r.Results[0].Between[0].Judgements, "before treatment there is nothing to judge")
	// A change beyond the MCID is not named where the arms differ by as much.
	large := Result{Outcome: "vas", Measure: MeasureChange, Contrast: study.Between, Groups: []Group{
		{Arm: "laser", Mean: "-4.0", SD: "0.8"}, {Arm: "sham", Mean: "-0.5", SD: "0.8"}}}
	assert.Equal(t, []string{"claim-flag-individual"}, noteCodes(read(t, judged(claimOf(large))).Flags))
	percent := claimOf(Result{Outcome: "vas", Change: "-30", Percent: true})
	assert.Contains(t, noteCodes(read(t, percent).Flags), "claim-flag-percent-change")
	percent.Outcomes[0].Unit = "%"
	assert.Contains(t, noteCodes(read(t, percent).Flags), "claim-flag-percent")
}

// An effect to plan with that equals the observed one gets no power.
func TestNoPowerForTheObservedEffect(t *testing.T) {
	c := claimOf(Result{Outcome: "vas", Contrast: study.Between, Measure: MeasureChange,
		Groups: []Group{{Arm: "laser", Mean: "-2.66", SD: "1.7"}, {Arm: "sham", Mean: "-0.4", SD: "1.7"}}})
	c.Effects = []float64{0.5, 1.33} // 2.26/1.7 = 1.329
	r := read(t, c)
	require.Len(t, r.Power.Rows, 2)
	assert.True(t, r.Power.Rows[1].Observed)
	assert.Zero(t, r.Power.Rows[1].Power)
	assert.InDelta(t, 0.1077, r.Power.Rows[0].Power, 1e-4)
	assert.Contains(t, noteCodes(r.Flags), "claim-flag-observed-power")
}

func TestClaimYAMLIsTheGoLiteral(t *testing.T) {
	f := os.DirFS("../../testdata/claims")
	c, err := ParseFS(f, "hilt-blog.yaml")
	require.NoError(t, err)
	assert.Equal(t, Unstated, c.Contrast)
	assert.Equal(t, []Arm{{ID: "hilt", Label: "HILT", N: 5}, {ID: "placebo", Label: "placebo", Control: true, N: 5}}, c.Arms)
	assert.Equal(t, integrity.Printed("-3.24"), c.Results[1].Change)
	assert.Equal(t, []Count{{Arm: "hilt"}, {Arm: "placebo"}}, c.AdverseEvents)
	assert.Equal(t, 2.26, c.Outcomes[0].Thresholds[0].Value)
}

// Everything wrong is reported at once, each with its place.
func TestClaimProblems(t *testing.T) {
	src := `title: x
contrast: maybe
colour: red
arms:
  - {id: a, n: 5}
  - {id: b, n: five}
outcomes:
  - {id: vas, better: lower}
results:
  - outcome: nrs
    change: 2,66
    p: small
    groups: [{arm: c, mean: 1, sd: -2}]
adverse_events: [{arm: a}]
tests: [{label: t, test: F 3.9}]
`
	_, err := Parse(strings.NewReader(src), "c.yaml")
	for _, want := range []string{
		`c.yaml:2:11: contrast: unknown contrast "maybe"`,
		`c.yaml:3:1: unknown key "colour"`,
		`c.yaml:6:16: arms[1].n: "five" is not a whole number`,
		`arms: 0 are declared control; exactly one must be`,
		`c.yaml:10:14: results[0].outcome: unknown outcome "nrs" (vas)`,
		`c.yaml:11:13: results[0].change: "2,66" is not a number as printed, with a decimal point`,
		`c.yaml:12:8: results[0].p: "small" is not a p-value`,
		`results[0].measure: missing`,
		`c.yaml:13:20: results[0].groups[0].arm: unknown arm "c" (a, b)`,
		`c.yaml:13:36: results[0].groups[0].sd: -2 is negative`,
		`adverse_events[0].events: missing; not recorded is not zero`,
		`tests[0].test: "F 3.9" is not a test`,
	} {
		assert.ErrorContains(t, err, want)
	}
	_, err = Parse(strings.NewReader(""), "c.yaml")
	assert.Error(t, err)
}

// A claim that nobody can read does not panic, whatever its numbers.
func FuzzParseClaim(f *testing.F) {
	src, err := os.ReadFile("../../testdata/claims/hilt-blog.yaml")
	require.NoError(f, err)
	f.Add(string(src))
	f.Add("contrast: within\narms: [{id: a, n: 1}]\noutcomes: [{id: v, better: lower}]\nresults: [{outcome: v, change: 0, p: 0}]")
	f.Fuzz(func(t *testing.T, src string) {
		c, err := Parse(strings.NewReader(src), "c.yaml")
		if err != nil {
			return
		}
		r, err := c.Read()
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, r.WriteText(&b, report.Options{}))
	})
}

// Odd numbers have a defined reading.
func TestClaimExtremes(t *testing.T) {
	for _, change := range []integrity.Printed{"0", "-0.00", "1000000", "-0.000001"} {
		for _, n := range []int{1, 2, 3} {
			c := claimOf(Result{Outcome: "vas", Change: change, P: "< 0.001"}, Result{Outcome: "vas", Change: change, SD: "0"},
				Result{Outcome: "vas", Measure: MeasureScore, Groups: []Group{{Arm: "laser", Mean: "3"}, {Arm: "sham", Mean: "4", P: "0.3"}}},
				Result{Outcome: "vas", Measure: MeasureChange, Groups: []Group{{Arm: "laser", P: "0.2"}, {Arm: "sham", Mean: "4", SD: "0"}}})
			c.Arms[0].N, c.Arms[1].N = n, n
			r := read(t, c)
			for _, res := range r.Results {
				for _, b := range res.Between {
					assert.False(t, math.IsNaN(b.Difference))
				}
			}
		}
	}
}

func ExampleClaim_Read() {
	c := Claim{Contrast: Unstated,
		Arms:     []Arm{{ID: "laser", N: 5}, {ID: "sham", N: 5, Control: true}},
		Outcomes: []study.Outcome{{ID: "pain", Unit: "cm", Better: study.LowerIsBetter}},
		Results:  []Result{{Outcome: "pain", Change: "-2.66"}}}
	r, err := c.Read()
	if err != nil {
		panic(err)
	}
	res := r.Results[0]
	fmt.Printf("within: SD below %.2f\nbetween: SD below %.2f\n", res.Within[0].Needs[0].Below, res.Between[0].Needs[0].Below)
	// Output:
	// within: SD below 2.14
	// between: SD below 1.82
}

// Another language says the same reading: nothing is read again. A reading that
// no longer fits its claim (here: of nothing at all) is written, too, and a unit
// in other words does not hide what the registry knows of the instrument. The
// right counts are those set here.
func TestAnotherLanguageReadsNothingAgain(t *testing.T) {
	var b strings.Builder
	for _, lang := range text.Languages() {
		assert.NotPanics(t, func() { require.NoError(t, Reading{}.WriteText(&b, report.Options{Lang: lang})) })
	}
	c := claimOf(Result{Outcome: "vas", Visit: "after", Change: "-2.8", Contrast: study.Within})
	c.Outcomes[0].Instrument, c.Outcomes[0].Condition = "VAS-cm", "knee-oa"
	c.Translations = map[string]map[string]string{"nl": {"after": "erna", "cm": "centimeter", "pain": "pijn", "laser": "de laser"}}
	r := read(t, c)
	r.Checked, r.Findings = 98765, nil
	r.Flags = append(r.Flags, study.Note{Code: "claim-flag-nominal", Args: text.Args{"where": placeOf(r.Results[0]), "arm": "laser", "other": "sham"}})
	en := writtenIn(t, r, "en")
	nl := writtenIn(t, r, "nl")
	assert.Contains(t, en, "98765")
	assert.Contains(t, nl, "98765")
	assert.Contains(t, nl, "pijn, erna: ")
	assert.Contains(t, nl, "de laser")
	assert.Contains(t, nl, "centimeter")
	for lang, page := range map[string]string{"en": en, "nl": nl} {
		words, err := text.In(lang)
		require.NoError(t, err)
		choice, _, _ := strings.Cut(words.Say("threshold-choice", text.Args{"used": "…", "others": "…"}), "…")
		assert.Contains(t, page, strings.TrimSpace(choice), lang)
	}
}

func writtenIn(t *testing.T, r Reading, lang string) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, r.WriteText(&b, report.Options{Lang: lang}))
	return strings.Join(strings.Fields(b.String()), " ")
}
