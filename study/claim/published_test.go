package claim

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/study"
)

// Published tables, recomputed. Each number's source is named beside it; the
// tables themselves stand in testdata/published.

func publishedTable(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open("../../testdata/published/" + name)
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, k := range rows[0] {
			m[k] = r[i]
		}
		out = append(out, m)
	}
	return out
}

func whole(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	require.NoError(t, err)
	return n
}

// paper is a two-armed claim about one outcome in its own unit.
func paper(better study.Direction, threshold float64, n1, n2 int, r Result) Claim {
	c := Claim{Contrast: study.Between,
		Arms:     []Arm{{ID: "active", N: n1}, {ID: "control", N: n2, Control: true}},
		Outcomes: []study.Outcome{{ID: "o", Better: better}}}
	if threshold > 0 {
		c.Outcomes[0].Thresholds = []study.Threshold{{Kind: study.Margin, Level: study.BetweenGroup, Value: threshold}}
	}
	r.Outcome = "o"
	c.Results = []Result{r}
	return c
}

// Every t-test and χ² test of the tables recomputes, none is accused, and the
// rank tests are not held against a t-test.
func TestPublishedTablesRecompute(t *testing.T) {
	recomputed := 0
	for _, row := range publishedTable(t, "published_summary.csv") {
		r := Result{Measure: MeasureChange, Groups: []Group{
			{Arm: "active", Mean: integrity.Printed(row["m1"]), SD: integrity.Printed(row["sd1"])},
			{Arm: "control", Mean: integrity.Printed(row["m2"]), SD: integrity.Printed(row["sd2"])}}}
		d := Difference{P: integrity.PrintedP(row["published_p"]), Test: "t"}
		if row["stat"] == "raw" {
			r.Measure = MeasureScore
		}
		if strings.Contains(row["published_test"], "Mann-Whitney") {
			d.Test = "Mann-Whitney"
		}
		if row["published_lo"] != "" {
			// These tables print control − treated.
			d.Value = integrity.Printed("-" + row["published_effect"])
			d.CI = [2]integrity.Printed{integrity.Printed("-" + row["published_hi"]), integrity.Printed("-" + row["published_lo"])}
		}
		r.Difference = d
		reading := read(t, paper(study.LowerIsBetter, 0, whole(t, row["n1"]), whole(t, row["n2"]), r))
		assert.Empty(t, reading.Findings, row["id"])
		if d.P.Stated() && d.Test == "t" {
			recomputed++
		}
		b := reading.Results[0].Between[0]
		require.NotNil(t, b.Effect, row["id"])
		switch row["id"] {
		case "us_fri10": // the table's own note: Welch p = .0172
			assert.InDelta(t, 0.0172, b.Effect.P(0), 0.0001)
		case "us_vas10":
			assert.InDelta(t, 0.297, b.Effect.P(0), 0.001)
		}
	}
	assert.GreaterOrEqual(t, recomputed, 18)
}

func TestPublishedRespondersRecompute(t *testing.T) {
	for _, row := range publishedTable(t, "published_responders.csv") {
		n1, n2 := whole(t, row["n1"]), whole(t, row["n2"])
		r := Result{Measure: MeasureResponders, Groups: []Group{
			{Arm: "active", Events: whole(t, row["x1"])}, {Arm: "control", Events: whole(t, row["x2"])}},
			Difference: Difference{P: integrity.PrintedP(row["published_p"]), NNT: integrity.Printed(row["published_nnt"]),
				NNTCI: [2]integrity.Printed{integrity.Printed(row["nnt_lo"]), integrity.Printed(row["nnt_hi"])}, Test: "chi2"}}
		reading := read(t, paper(study.LowerIsBetter, 0, n1, n2, r))
		assert.Empty(t, reading.Findings, row["id"])
		// The note beside each row says what χ² gives: "chi2 .00443", "chi2
		// uncorrected .00443".
		note := strings.Fields(strings.NewReplacer("uncorrected ", "", ";", "").Replace(row["check"]))
		require.Equal(t, "chi2", note[0])
		want := integrity.Printed(note[1])
		lo, hi := want.Range()
		p := reading.Results[0].Responders[0].ChiSq
		assert.True(t, p >= lo && p <= hi, "%s: %v, want %s", row["id"], p, want)
	}
}

// Baer et al. 2005 (doi 10.1186/1471-2474-6-44): the NNTs are 1/Wald's limits;
// Newcombe's are wider. Pain and its interval follow from the arms.
func TestBaer2005(t *testing.T) {
	c := paper(study.LowerIsBetter, 0, 105, 107, Result{Measure: MeasureResponders,
		Groups: []Group{{Arm: "active", Events: 46}, {Arm: "control", Events: 27}}})
	c.Outcomes[0].Unit = "points" // of pain: responders improved on it
	r := read(t, c)
	x := r.Results[0].Responders[0]
	nnt, benefit := x.NNT.Point()
	assert.True(t, benefit)
	assert.InDelta(t, 5.38, nnt, 0.005)
	best, worst := x.NNTWald.Ends()
	assert.InDelta(t, 3.21, best, 0.005)
	assert.InDelta(t, 16.63, worst, 0.005)
	best, worst = x.NNT.Ends()
	assert.InDelta(t, 3.27, best, 0.005)
	assert.InDelta(t, 17.30, worst, 0.005)

	pain := Result{Measure: MeasureChange, Groups: []Group{
		{Arm: "active", Mean: "-5.2", SD: "5.0"}, {Arm: "control", Mean: "-3.3", SD: "4.3"}},
		Difference: Difference{Value: "-1.9", CI: [2]integrity.Printed{"-3.2", "-0.7"}, P: "0.003", Test: "student"}}
	r = read(t, paper(study.LowerIsBetter, 0, 105, 107, pain))
	assert.Empty(t, r.Findings)
	assert.Equal(t, -1.9, r.Results[0].Between[0].Difference)
	// A wrong digit in any of them is noticed.
	for name, wrong := range map[string]func(*Result){
		"claim-difference-not-means": func(r *Result) { r.Difference.Value = "-2.9" },
		"claim-difference-sign":      func(r *Result) { r.Difference.Value = "1.9" },
		"claim-p-differs":            func(r *Result) { r.Difference.P = "0.03" },
		"claim-ci-differs":           func(r *Result) { r.Difference.CI[0] = "-4.2" },
	} {
		bad := pain
		wrong(&bad)
		assert.Equal(t, []string{name}, noteCodes(read(t, paper(study.LowerIsBetter, 0, 105, 107, bad)).Findings))
	}
}

// Bennell et al. 2005 (Ann Rheum Dis), physiotherapy 73 v placebo 67, VAS on
// movement in cm: both arms pass 1.99 within the group, the difference does
// not come near it.
func TestBennell2005(t *testing.T) {
	week12 := Result{Measure: MeasureChange, Groups: []Group{
		{Arm: "active", Mean: "-2.2", CI: [2]integrity.Printed{"-2.6", "-1.7"}},
		{Arm: "control", Mean: "-2.0", CI: [2]integrity.Printed{"-2.5", "-1.5"}}},
		Difference: Difference{Value: "-0.1", CI: [2]integrity.Printed{"-0.8", "0.5"}, Adjusted: true}}
	c := paper(study.LowerIsBetter, 1.99, 73, 67, week12)
	r := read(t, c)
	res := r.Results[0]
	require.Len(t, res.Within, 2)
	for _, w := range res.Within {
		assert.Less(t, w.Change, -1.99)
		assert.Less(t, w.Effect.P(0), 0.001)
	}
	j := res.Between[0].Judgements[0]
	assert.Equal(t, "ci", res.Between[0].Source)
	assert.Equal(t, study.DefinitelyNot, j.Benefit)
	assert.Equal(t, study.DefinitelyNot, j.Harm)
	assert.True(t, j.IncludesZero)
	assert.Contains(t, noteCodes(r.Flags), "claim-flag-within-mcid")
	// "No difference" is what such an interval does show.
	c.Quotes = []string{"no difference between groups"}
	assert.NotContains(t, noteCodes(read(t, c).Flags), "claim-flag-no-difference")

	week24 := Result{Difference: Difference{Value: "-0.5", CI: [2]integrity.Printed{"-1.2", "0.3"}}}
	assert.Equal(t, study.DefinitelyNot, read(t, paper(study.LowerIsBetter, 1.99, 73, 67, week24)).Results[0].Between[0].Judgements[0].Benefit)
}

// Dry needling (PMC3668955): −14.4 mm (−23.5, −5.2), p = .002; MCID 19 mm.
func TestDryNeedling(t *testing.T) {
	b := read(t, paper(study.LowerIsBetter, 19, 40, 40, Result{
		Difference: Difference{Value: "-14.4", CI: [2]integrity.Printed{"-23.5", "-5.2"}, P: ".002", Test: "ANCOVA"}})).Results[0].Between[0]
	j := b.Judgements[0]
	assert.Equal(t, study.Possible, j.Benefit)
	assert.False(t, j.IncludesZero)
	assert.Equal(t, 14.4, j.Value)
	assert.InDelta(t, 0.002, b.Effect.P(0), 0.001)
}

// tDCS with exercise, 15 v 15 (PMC5493377): within −41.4 v −20.7 mm; adjusted
// between −13.0 (−32.6, 6.5), p = .18. The adjusted comparison carries the
// verdict, and the within-arm change beside the MCID is named.
func TestTDCSPilot(t *testing.T) {
	r := read(t, paper(study.LowerIsBetter, 19.9, 15, 15, Result{Measure: MeasureChange, Groups: []Group{
		{Arm: "active", Mean: "-41.4", CI: [2]integrity.Printed{"-52.2", "-30.7"}},
		{Arm: "control", Mean: "-20.7", CI: [2]integrity.Printed{"-34.3", "-7.1"}}},
		Difference: Difference{Value: "-13.0", CI: [2]integrity.Printed{"-32.6", "6.5"}, P: ".18", Test: "ANCOVA", Adjusted: true}}))
	b := r.Results[0].Between
	require.Len(t, b, 2)
	assert.Equal(t, "ci", b[0].Source)
	assert.Equal(t, study.Possible, b[0].Judgements[0].Benefit)
	assert.True(t, b[0].Judgements[0].IncludesZero)
	assert.InDelta(t, 0.18, b[0].Effect.P(0), 0.005)
	assert.Equal(t, "groups", b[1].Source, "the unadjusted difference stands beside it")
	assert.InDelta(t, -20.7, b[1].Difference, 1e-12)
	assert.Contains(t, noteCodes(r.Flags), "claim-flag-within-mcid")
	assert.Empty(t, r.Findings)
}

// Taheri et al. 2024, 26 + 26: adjusted standardized differences, whose printed
// intervals are those of a noncentral t for 26 an arm.
func TestTaheri2024(t *testing.T) {
	for _, c := range [][3]integrity.Printed{{"-1.22", "-1.81", "-0.62"}, {"-1.31", "-1.90", "-0.70"}, {"-0.98", "-1.56", "-0.40"}} {
		// The printed difference is itself rounded.
		var lower, upper [2]float64
		at := [2]float64{}
		at[0], at[1] = c[0].Range()
		for i, d := range at {
			s, err := stats.CohenDSummary(stats.Summary{N: 26, Mean: d, SD: 1}, stats.Summary{N: 26, Mean: 0, SD: 1})
			require.NoError(t, err)
			ci := s.CI(0.95)
			lower[i], upper[i] = ci.Lo, ci.Hi
		}
		assert.True(t, integrity.Bounds{Lo: lower[0], Hi: lower[1]}.Holds(c[1]), "%v, printed %s", lower, c[1])
		assert.True(t, integrity.Bounds{Lo: upper[0], Hi: upper[1]}.Holds(c[2]), "%v, printed %s", upper, c[2])
	}
}

// What printed tables got wrong is found, and said what it may be.
func TestIntegrityFixtures(t *testing.T) {
	// PMC2972614: SPADI after treatment 44.33 ± 2.80 (n 30) v 36.39 ± 20.53 (n 22).
	spadi := Result{Measure: MeasureScore, Groups: []Group{
		{Arm: "active", Mean: "44.33", SD: "2.80"}, {Arm: "control", Mean: "36.39", SD: "20.53"}},
		Difference: Difference{P: ".201", Test: "Mann-Whitney"}}
	r := read(t, paper(study.LowerIsBetter, 0, 30, 22, spadi))
	require.Equal(t, []string{"claim-sd-beside"}, noteCodes(r.Findings))
	assert.InDelta(t, 7.33, r.Findings[0].Args["ratio"], 0.005)
	spadi.Difference.Test = "t" // as a t-test the p-value does not follow either: it is .041
	assert.Equal(t, []string{"claim-sd-beside", "claim-p-differs"}, noteCodes(read(t, paper(study.LowerIsBetter, 0, 30, 22, spadi)).Findings))
	s, err := stats.StudentSummary(stats.Summary{N: 30, Mean: 44.33, SD: 2.80}, stats.Summary{N: 22, Mean: 36.39, SD: 20.53})
	require.NoError(t, err)
	assert.InDelta(t, 0.041, s.P(0), 0.0005)
	spadi.Groups[0].SD = "20.80"
	assert.NotContains(t, noteCodes(read(t, paper(study.LowerIsBetter, 0, 30, 22, spadi)).Findings), "claim-sd-beside")

	// PMC5446739 Table 1: the header says 146 and 137, sex adds to 137 and 146.
	c := Claim{Contrast: study.Between, Arms: []Arm{{ID: "HMWHA", N: 146}, {ID: "XLHA", N: 137, Control: true}},
		Tallies: []Tally{{Label: "sex", Arm: "HMWHA", Parts: []int{100, 37}}, {Label: "sex", Arm: "XLHA", Parts: []int{110, 36}}}}
	r = read(t, c)
	require.Equal(t, []string{"claim-swapped"}, noteCodes(r.Findings))
	c.Tallies[1].Parts = []int{100, 38}
	assert.Equal(t, []string{"claim-tally", "claim-tally"}, noteCodes(read(t, c).Findings))

	// PMC3537701: F(1, 46) = 3.90 printed with "P = .004"; it is .054.
	c = Claim{Contrast: study.Between, Arms: c.Arms, Tests: []Test{{Label: "interaction", Test: "F(1, 46) = 3.90", P: "P = .004"},
		{Label: "right", Test: "F(1, 46) = 3.90", P: "0.05"}}}
	r = read(t, c)
	require.Equal(t, []string{"claim-test-decision"}, noteCodes(r.Findings))
	assert.Equal(t, 2, r.Checked)

	// Standard errors printed as standard deviations: SD 10 and 12, n 25 each,
	// are SE 2.0 and 2.4; the printed p-value gives them away.
	se := Result{Measure: MeasureChange, Groups: []Group{
		{Arm: "active", Mean: "-10.0", SD: "2.00"}, {Arm: "control", Mean: "-4.0", SD: "2.40"}},
		Difference: Difference{Value: "-6.0", CI: [2]integrity.Printed{"-12.3", "0.3"}, P: "0.061", Test: "t"}}
	assert.Equal(t, []string{"claim-sd-is-se"}, noteCodes(read(t, paper(study.LowerIsBetter, 0, 25, 25, se)).Findings))
	se.Groups[0].SD, se.Groups[1].SD = "10.0", "12.0"
	assert.Empty(t, read(t, paper(study.LowerIsBetter, 0, 25, 25, se)).Findings)
	se.Groups[0].SD, se.Groups[1].SD, se.Groups[0].SE, se.Groups[1].SE = "", "", "10.0", "12.0"
	assert.Equal(t, []string{"claim-se-is-sd"}, noteCodes(read(t, paper(study.LowerIsBetter, 0, 25, 25, se)).Findings))

	// Means and spreads that the scale does not allow.
	nrs := paper(study.LowerIsBetter, 0, 12, 12, Result{Measure: MeasureScore, Groups: []Group{
		{Arm: "active", Mean: "1.5", SD: "4.2"}, {Arm: "control", Mean: "10.4", SD: "1.0"}}})
	nrs.Outcomes[0].Max = 10
	assert.Equal(t, []string{"claim-sd-too-large", "claim-mean-outside"}, noteCodes(read(t, nrs).Findings))
	nrs.Outcomes[0].Resolution = 1
	nrs.Results[0].Groups = []Group{{Arm: "active", Mean: "3.45", SD: "1.50"}, {Arm: "control", Mean: "3.42", SD: "1.51"}}
	assert.Equal(t, []string{"claim-grim"}, noteCodes(read(t, nrs).Findings), "41/12 is 3.42, no sum gives 3.45")
}

// Every other kind of finding, from a claim made to have it.
func TestEachFinding(t *testing.T) {
	groups := func(a, b Group) Result {
		a.Arm, b.Arm = "active", "control"
		return Result{Measure: MeasureScore, Groups: []Group{a, b}}
	}
	other := Group{Mean: "4.0", SD: "2.0"}
	counts := Result{Measure: MeasureResponders, Groups: []Group{
		{Arm: "active", Events: 46, Percent: "44.8"}, {Arm: "control", Events: 27, Percent: "25.2"}}}
	nnt := counts
	nnt.Groups = []Group{{Arm: "active", Events: 46}, {Arm: "control", Events: 27}}
	p := nnt
	nnt.Difference = Difference{NNT: "5", NNTCI: [2]integrity.Printed{"2", "9"}, P: "0.004"}
	p.Difference = Difference{P: "0.04"}
	unnamed := groups(Group{Mean: "2.0", SD: "2.0"}, other)
	unnamed.Difference.P = "0.02"
	for want, r := range map[string]Result{
		"claim-se-not-sd":     groups(Group{Mean: "2.0", SD: "2.0", SE: "1.0"}, other),
		"claim-ci-sd-is-se":   groups(Group{Mean: "2.00", SD: "0.20", CI: [2]integrity.Printed{"1.60", "2.40"}}, Group{Mean: "2", SD: "0.2"}),
		"claim-ci-not-spread": groups(Group{Mean: "2.0", SD: "2.0", CI: [2]integrity.Printed{"1.0", "3.5"}}, other),
		"claim-percent":       counts,
		"claim-nnt":           nnt,
		"claim-responders-p":  p,
		"claim-p-not-t":       unnamed,
	} {
		c := paper(study.LowerIsBetter, 0, 105, 107, r)
		assert.Equal(t, []string{want}, noteCodes(read(t, c).Findings))
	}
	c := paper(study.LowerIsBetter, 0, 5, 5, groups(Group{Mean: "3.00", SD: "0.87"}, Group{Mean: "3.00", SD: "1.00"}))
	c.Outcomes[0].Max, c.Outcomes[0].Resolution = 10, 1
	assert.Equal(t, []string{"claim-grimmer"}, noteCodes(read(t, c).Findings))
	c.Results[0].Groups[0] = Group{Arm: "active", Mean: "3.40", SD: "0.10"}
	assert.Equal(t, []string{"claim-sd-too-small"}, noteCodes(read(t, c).Findings)[:1])

	c = paper(study.LowerIsBetter, 0, 20, 20, unnamed)
	c.Results = nil
	c.Tests = []Test{{Test: "t(18) = -1.80", P: "0.044"}, {Test: "chi2(1) = 4.00", P: "0.01"}, {Test: "z = 1.96", P: "0.05"}, {Test: "t(38) = 2.02", P: "ns"}}
	assert.Equal(t, []string{"claim-test-one-sided", "claim-test-p"}, noteCodes(read(t, c).Findings))
}
