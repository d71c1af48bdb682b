package study_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/report"
)

// checkReport holds a report to what every report promises: it writes itself
// in every language, its text fits a terminal, its JSON has every key in every
// row, no number that is none, and unique rows; what is null has a note.
func checkReport(t testing.TB, r study.Report) {
	t.Helper()
	for _, lang := range []string{"en", "nl"} {
		for _, showP := range []bool{false, true} {
			o := report.Options{Lang: lang, ShowP: showP}
			var b bytes.Buffer
			require.NoError(t, report.Text(&b, r, o))
			for _, line := range strings.Split(b.String(), "\n") {
				assert.LessOrEqual(t, utf8.RuneCountInString(line), page.TextWidth, line)
			}
			assert.NotContains(t, b.String(), "NaN")
			assert.NotContains(t, b.String(), "{")
			require.NoError(t, report.Markdown(&b, r, o))
			require.NoError(t, report.CSV(&b, r, o))
		}
	}
	var b bytes.Buffer
	require.NoError(t, report.JSON(&b, r, report.Options{}))
	var f struct{ Results []map[string]any }
	require.NoError(t, json.Unmarshal(b.Bytes(), &f))
	require.NotEmpty(t, f.Results)
	var keys []string
	for k := range f.Results[0] {
		keys = append(keys, k)
	}
	seen := map[string]bool{}
	for _, row := range f.Results {
		for _, k := range keys {
			assert.Contains(t, row, k)
		}
		assert.Len(t, row, len(keys))
		id := fmt.Sprint(row["outcome"], row["visit"], row["method"], row["arm"])
		assert.False(t, seen[id], "two rows %s", id)
		seen[id] = true
		for _, k := range []string{"estimate", "se", "df", "lower", "upper", "p", "verdict", "verdict_harm"} {
			if row[k] == nil {
				assert.NotEmpty(t, row["notes"], "%s: %s is null without a note", id, k)
			}
		}
	}
}

var betweenMethods = []study.Method{"ancova", "permutation-ancova", "welch-change", "permutation-change", "mann-whitney-change"}

func TestAnalyzeDegenerate(t *testing.T) {
	t.Run("two against two", func(t *testing.T) {
		r := analyzeAll(t, study.LoadRows(t, study.SmallProtocol, "a 1 3", "a 2 5", "c 1 1", "c 3 4"))
		assert.Equal(t, 1.0, study.RowOf(t, r, "ancova").DF)
		p := study.RowOf(t, r, "permutation-change")
		assert.Contains(t, study.Codes(p.Notes), "interval-level-unattainable", "six arrangements reach no 95%")
		assert.True(t, math.IsInf(p.Lower, -1))
		assert.True(t, p.IncludesZero())
	})
	t.Run("one in an arm", func(t *testing.T) {
		r := analyzeAll(t, study.LoadRows(t, study.SmallProtocol, "a 1 3", "c 1 1", "c 3 4", "c 2 2"))
		assert.NotNil(t, study.RowOf(t, r, "ancova").Effect)
		w := study.RowOf(t, r, "welch-change")
		assert.Nil(t, w.Effect)
		assert.InDelta(t, 2-1.0/3, w.Estimate, 1e-15, "the estimate exists, its error does not")
		assert.Contains(t, study.Codes(w.Notes), "too-few")
		assert.NotNil(t, study.RowOf(t, r, "permutation-change").Effect)
	})
	t.Run("constant", func(t *testing.T) {
		r := analyzeAll(t, study.LoadRows(t, study.SmallProtocol, "a 2 4", "a 2 4", "a 2 4", "c 2 3", "c 2 3", "c 2 3"))
		for _, m := range []study.Method{"ancova", "welch-change"} {
			row := study.RowOf(t, r, m)
			assert.Nil(t, row.Effect, m)
			assert.Nil(t, row.Judgement, m)
			assert.True(t, math.IsNaN(row.P), m)
			assert.NotEmpty(t, row.Notes, m)
		}
		assert.Equal(t, 1.0, study.RowOf(t, r, "permutation-change").Estimate)
		assert.Equal(t, 2.0, r.Results[0].Within[0].Estimate)
		assert.True(t, math.IsNaN(r.Results[0].Within[0].SE))
	})
	t.Run("an arm empty at the visit", func(t *testing.T) {
		r := analyzeAll(t, study.LoadRows(t, study.SmallProtocol, "a 1 3", "a 2 5", "c 1 ", "c 3 "))
		for _, m := range betweenMethods {
			row := study.RowOf(t, r, m)
			assert.Nil(t, row.Effect, m)
			assert.Contains(t, study.Codes(row.Notes), "empty-arm", m)
			assert.Equal(t, map[string]int{"a": 2, "c": 0}, row.N, m)
		}
		assert.Contains(t, study.Codes(r.Results[0].Notes), "complete-cases")
	})
	t.Run("nobody at the visit", func(t *testing.T) {
		r := analyzeAll(t, study.LoadRows(t, study.SmallProtocol, "a 1 ", "a 2 ", "c 1 ", "c 3 "))
		assert.Contains(t, study.Codes(study.RowOf(t, r, "ancova").Notes), "empty-arm")
	})
}

func TestAnalyzeNamesWhoIsMissing(t *testing.T) {
	p := strings.Replace(study.SmallProtocol, "{id: a, label: Active}", "{id: a, label: Active, randomized: 6}", 1)
	r := analyzeAll(t, study.LoadRows(t, p, "a 1 3", "a 2 5", "a 4 4", "a  5", "a 3 ", "c 1 1", "c 3 4", "c 2 2"))
	row := study.RowOf(t, r, "ancova")
	assert.Equal(t, map[string]int{"a": 3, "c": 3}, row.N)
	assert.Equal(t, map[string]int{"a": 6, "c": 3}, row.Randomized)
	assert.Equal(t, []study.Dropped{{ID: "04", Arm: "a", Reason: "dropped-missing-baseline"}, {ID: "05", Arm: "a", Reason: "dropped-missing-visit"}, {ID: "", Arm: "a", Reason: "dropped-never-in-file"}}, row.Dropped)
	var b bytes.Buffer
	require.NoError(t, report.Text(&b, r, report.Options{Supplement: true}))
	flat := strings.Join(strings.Fields(b.String()), " ")
	assert.Contains(t, flat, "1 without baseline value: 04; 1 without value at this visit: 05; 1 randomized who never reached the file")
	assert.Contains(t, flat, "3 of 6")
}

// Swapping control and active turns every sign and keeps every p; the order of
// the file's rows changes no byte.
func TestAnalyzeProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	swapped := strings.NewReplacer("{id: a, label: Active}", "{id: a, label: Active, control: true}",
		"{id: c, label: Control, control: true}", "{id: c, label: Control}").Replace(study.SmallProtocol)
	for range 10 {
		var rows []string
		for range 4 + rng.IntN(4) {
			rows = append(rows, fmt.Sprintf("a %d %d", rng.IntN(6), rng.IntN(6)), fmt.Sprintf("c %d %d", rng.IntN(6), rng.IntN(6)))
		}
		one, err := study.LoadRows(t, study.SmallProtocol, rows...).Analyze(study.Plan{Outcome: "y", Visit: "post"})
		require.NoError(t, err)
		two, err := study.LoadRows(t, swapped, rows...).Analyze(study.Plan{Outcome: "y", Visit: "post"})
		require.NoError(t, err)
		for _, m := range betweenMethods {
			x, _ := study.FindRow(one, m, "a")
			y, _ := study.FindRow(two, m, "c")
			require.Equal(t, x.Effect == nil, y.Effect == nil, m)
			if x.Effect == nil {
				continue
			}
			assert.InDelta(t, x.Estimate, -y.Estimate, 1e-12, m)
			assert.InDelta(t, x.P, y.P, 1e-12, m)
			if !math.IsNaN(x.Lower) && !math.IsInf(x.Lower, 0) {
				assert.InDelta(t, x.Lower, -y.Upper, 1e-9, m)
			}
			if x.Judgement != nil {
				assert.Equal(t, x.Judgement.Benefit, y.Judgement.Harm)
			}
		}
	}
}

func TestShufflingRowsChangesNothing(t *testing.T) {
	p, err := study.ParseProtocol(strings.NewReader(study.SmallProtocol), "p")
	require.NoError(t, err)
	lines := []string{"1,a,1,3", "2,a,2,5", "3,a,4,4", "4,c,1,1", "5,c,3,4", "6,c,2,", "7,a,2,3"}
	write := func() string {
		ds, err := study.Load(strings.NewReader("id,arm,pre,post\n"+strings.Join(lines, "\n")), "d", p)
		require.NoError(t, err)
		r, err := ds.AnalyzeAll()
		require.NoError(t, err)
		r.Source.SHA256 = ""
		var b bytes.Buffer
		require.NoError(t, report.JSON(&b, r, report.Options{}))
		require.NoError(t, report.Text(&b, r, report.Options{Supplement: true, ShowP: true}))
		return b.String()
	}
	first := write()
	rng := rand.New(rand.NewPCG(5, 6))
	for range 5 {
		rng.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		assert.Equal(t, first, write())
	}
}

// Known blocks of two restrict the enumeration: ten participants in five pairs
// have 2/32 as their floor, complete randomization 2/252.
func TestBlocksRestrictTheEnumeration(t *testing.T) {
	p := strings.Replace(study.SmallProtocol, "randomization: {kind: complete}", "randomization: {kind: blocked, block: 2, column: block}", 1)
	csv := "id,arm,pre,post,block\n"
	for i := range 5 {
		csv += fmt.Sprintf("a%d,a,%d,%d,b%d\nc%d,c,%d,%d,b%d\n", i, i, i+20+i*i, i, i, i+1, i+1+3*i, i)
	}
	parse := func(p string) study.Report {
		proto, err := study.ParseProtocol(strings.NewReader(p), "p")
		require.NoError(t, err)
		ds, err := study.Load(strings.NewReader(csv), "d", proto)
		require.NoError(t, err)
		return analyzeAll(t, ds)
	}
	floor := func(r study.Report, method study.Method) float64 {
		i := slices.IndexFunc(r.Results[0].Floors, func(f study.Floor) bool { return f.Method == method })
		require.GreaterOrEqual(t, i, 0)
		return r.Results[0].Floors[i].MinP
	}
	blocked, complete := parse(p), parse(study.SmallProtocol)
	assert.InDelta(t, 2.0/32, floor(blocked, "permutation-change"), 1e-15)
	assert.InDelta(t, 2.0/252, floor(complete, "permutation-change"), 1e-15)
	assert.Contains(t, study.Codes(blocked.Notes), "exact-within-blocks")
	assert.Contains(t, study.Codes(complete.Notes), "exact-complete")
	assert.Contains(t, study.Codes(study.RowOf(t, blocked, "mann-whitney-change").Notes), "without-strata")
	// Within every pair, c's baseline is one above a's: pairs and arm determine it.
	assert.Contains(t, study.Codes(study.RowOf(t, blocked, "ancova").Notes), "singular")
	assert.Contains(t, study.Codes(study.RowOf(t, complete, "ancova").Notes), "rests-on-normal-model")
}

func TestPlans(t *testing.T) {
	rows := []string{"a 1 3", "a 2 5", "a 4 4", "a 3 6", "c 1 1", "c 3 4", "c 2 2", "c 5 5"}
	t.Run("primary without a register", func(t *testing.T) {
		r := analyzeAll(t, study.LoadRows(t, study.SmallProtocol+"plans: [{outcome: y, visit: post, primary: true}]\n", rows...))
		row := study.RowOf(t, r, "ancova")
		assert.Equal(t, study.RolePrimary, row.Role)
		assert.Contains(t, study.Codes(row.Notes), "primary-undocumented")
		assert.Equal(t, study.RoleCompanion, study.RowOf(t, r, "welch-change").Role, "a companion is not primary")
		var b bytes.Buffer
		require.NoError(t, report.Text(&b, r, report.Options{Supplement: true}))
		flat := strings.Join(strings.Fields(b.String()), " ")
		assert.Contains(t, flat, "The protocol names this primary; its registration is not stated.")
		assert.Regexp(t, `\(95% CI \S+ to \S+; p = 0\.\d+\)`, flat)
	})
	t.Run("no p unless asked for", func(t *testing.T) {
		r := analyzeAll(t, study.LoadRows(t, study.SmallProtocol, rows...))
		var quiet, asked bytes.Buffer
		require.NoError(t, report.Text(&quiet, r, report.Options{Supplement: true}))
		require.NoError(t, report.Text(&asked, r, report.Options{Supplement: true, ShowP: true}))
		assert.NotContains(t, quiet.String(), "not adjusted for the number")
		assert.NotContains(t, quiet.String(), "p = ")
		assert.Contains(t, strings.Join(strings.Fields(asked.String()), " "), "not adjusted for the number")
	})
	t.Run("Welch decides", func(t *testing.T) {
		res, err := study.LoadRows(t, study.SmallProtocol, rows...).Analyze(study.Plan{Outcome: "y", Visit: "post", Model: study.WelchChange})
		require.NoError(t, err)
		w, _ := study.FindRow(res, "welch-change", "a")
		a, _ := study.FindRow(res, "ancova", "a")
		assert.NotNil(t, w.Judgement)
		assert.Nil(t, a.Judgement, "the plan's method alone gives the verdict")
	})
	t.Run("refused", func(t *testing.T) {
		ds := study.LoadRows(t, study.SmallProtocol, rows...)
		for want, p := range map[string]study.Plan{
			"no such choice":         {Outcome: "y", Visit: "post", DF: "satterthwaite"},
			"unknown structure":      {Outcome: "y", Visit: "post", Model: study.MMRM, Covariance: "un"},
			"takes no covariates":    {Outcome: "y", Visit: "post", Model: study.WelchChange, Covariates: []string{"age"}},
			"unknown model":          {Outcome: "y", Visit: "post", Model: "anova"},
			`unknown outcome "z"`:    {Outcome: "z", Visit: "post"},
			"not after baseline":     {Outcome: "y", Visit: "pre"},
			"name a visit":           {Outcome: "y"},
			"unknown covariate":      {Outcome: "y", Visit: "post", Covariates: []string{"age"}},
			"not a confidence level": {Outcome: "y", Visit: "post", Level: 95},
			"-1 is not above 0":      {Outcome: "y", Visit: "post", Margin: -1},
		} {
			_, err := ds.Analyze(p)
			assert.ErrorContains(t, err, want)
		}
	})
	t.Run("two plans for one visit", func(t *testing.T) {
		two := study.SmallProtocol + "plans: [{outcome: y, visit: post, model: welch-change}, {outcome: y, visit: post, primary: true, registered: {where: NCT1, date: 2020-01-01}}]\n"
		r := analyzeAll(t, study.LoadRows(t, two, rows...))
		assert.NotNil(t, study.RowOf(t, r, "ancova").Judgement)
		assert.Nil(t, study.RowOf(t, r, "welch-change").Judgement, "one row decides")
		assert.Equal(t, study.RolePrimary, study.RowOf(t, r, "ancova").Role)
		assert.Equal(t, study.RoleAdditional, study.RowOf(t, r, "welch-change").Role)
		assert.Contains(t, study.Codes(study.RowOf(t, r, "ancova").Notes), "primary-registered")

		same := study.SmallProtocol + "plans: [{outcome: y, visit: post}, {outcome: y, level: 0.9}]\n"
		_, err := study.ParseProtocol(strings.NewReader(same), "protocol.yaml")
		assert.EqualError(t, err, "protocol.yaml:18:36: plans[1]: plans[0] has the same outcome, visit and method (ancova); one row cannot answer both")
	})
	t.Run("a margin is answered", func(t *testing.T) {
		ds := study.LoadRows(t, study.SmallProtocol, rows...)
		for margin, code := range map[float64]string{0.1: "noninferiority-not-shown", 50: "noninferiority-shown"} {
			res, err := ds.Analyze(study.Plan{Outcome: "y", Visit: "post", Margin: margin})
			require.NoError(t, err)
			row, _ := study.FindRow(res, "ancova", "a")
			assert.Contains(t, study.Codes(row.Notes), code)
		}
	})
}

// One arm's change is significant, the other's is not, and the arms do not
// differ: the report says what that is.
func TestBlandAltman(t *testing.T) {
	r := analyzeAll(t, study.LoadRows(t, study.SmallProtocol, "a 1 3", "a 2 5", "a 4 6", "a 3 6", "c 1 1", "c 3 7", "c 2 3", "c 5 8"))
	row := study.RowOf(t, r, "ancova")
	require.True(t, row.IncludesZero())
	require.Contains(t, study.Codes(row.Notes), "bland-altman")

	// Both changes significant: nothing to warn of.
	r = analyzeAll(t, study.LoadRows(t, study.SmallProtocol, "a 1 3", "a 2 5", "a 4 6", "a 3 6", "c 1 3", "c 3 6", "c 2 4", "c 5 8"))
	row = study.RowOf(t, r, "ancova")
	require.True(t, row.IncludesZero())
	require.NotContains(t, study.Codes(row.Notes), "bland-altman")
}

// The plan's row says where a companion would have come to another verdict,
// and results.json holds the verdict in that row alone.
func TestCompanionsAndVerdictsOfHILT(t *testing.T) {
	r := analyzeAll(t, study.LoadHILT(t, 2.26))
	var methods []any
	row, _ := study.FindRow(r.Results[0], "ancova", "hilt")
	for _, n := range row.Notes {
		assert.NotEqual(t, "companion-excludes-zero", n.Code)
		if n.Code == "companion-includes-zero" {
			methods = append(methods, n.Args["method"])
		}
	}
	assert.Equal(t, []any{"mann-whitney-change"}, methods)
	for _, res := range r.Results[2:] { // strength and position: all agree
		row, _ := study.FindRow(res, "ancova", "hilt")
		assert.True(t, row.IncludesZero())
		assert.NotContains(t, strings.Join(study.Codes(row.Notes), " "), "companion")
	}

	var b bytes.Buffer
	require.NoError(t, report.JSON(&b, r, report.Options{}))
	var f struct{ Results []map[string]any }
	require.NoError(t, json.Unmarshal(b.Bytes(), &f))
	for _, row := range f.Results {
		if row["outcome"] != "vas" || row["visit"] != "post" || row["contrast"] != "between" {
			continue
		}
		if row["method"] == "ancova" {
			assert.Equal(t, true, row["decides"])
			assert.Equal(t, "probable", row["verdict"])
			assert.Equal(t, "definitely-not", row["verdict_harm"])
			assert.Contains(t, row["sentence"], "Important benefit (2.26")
		} else {
			assert.Nil(t, row["verdict"], "%v", row["method"])
		}
		assert.Equal(t, row["method"] == "mann-whitney-change", row["includes_zero"])
		assert.Equal(t, map[string]any{"kind": "margin", "value": 2.26, "level": "between"}, row["threshold"])
	}
}

func TestAnalyzeStopsWithItsContext(t *testing.T) {
	ds := study.LoadRows(t, study.SmallProtocol, "a 1 3", "a 2 5", "c 1 1", "c 3 4")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := ds.AnalyzeAllContext(ctx)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = ds.AnalyzeContext(ctx, study.Plan{Outcome: "y", Visit: "post"})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestMultiplicity(t *testing.T) {
	ds, err := study.LoadFiles("../testdata/studies/hilt/protocol.yaml", "../testdata/studies/hilt/data.csv")
	require.NoError(t, err)
	r := analyzeAll(t, ds)
	i := slices.IndexFunc(r.Notes, func(n study.Note) bool { return n.Code == "multiplicity" })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, 8, r.Notes[i].Args["k"])
	assert.InDelta(t, 1-math.Pow(0.95, 8), r.Notes[i].Args["chance"], 1e-12)
	assert.NotContains(t, study.Codes(r.Notes), "multiplicity-primary")
}

// Several primary p-values are not adjusted for each other, and the report
// says so.
func TestSeveralPrimaryComparisons(t *testing.T) {
	protocol := strings.Replace(study.SmallProtocol, "  - {id: c,", "  - {id: b}\n  - {id: c,", 1) +
		"plans: [{outcome: y, visit: post, primary: true}]\n"
	r := analyzeAll(t, study.LoadRows(t, protocol, "a 1 5", "a 2 4", "a 3 9", "b 1 3", "b 2 5", "b 2 3", "c 1 2", "c 2 2", "c 3 4"))
	i := slices.IndexFunc(r.Notes, func(n study.Note) bool { return n.Code == "multiplicity-primary" })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, 2, r.Notes[i].Args["k"])
	var text bytes.Buffer
	require.NoError(t, report.Text(&text, r, report.Options{Supplement: true}))
	assert.Contains(t, strings.Join(strings.Fields(text.String()), " "), "2 comparisons are primary, and their p-values are not adjusted for each other")
}

// The exact test's floor comes from the data: that of an approximate test is
// one arrangement, and says nothing about them.
func TestApproximateTestHasNoFloor(t *testing.T) {
	var rows []string
	for i := range 26 {
		rows = append(rows, fmt.Sprintf("%s %d.%d %d", []string{"a", "c"}[i%2], i%7, i, 20*(i%2)+i*i%11))
	}
	r := analyzeAll(t, study.LoadRows(t, study.SmallProtocol, rows...))
	require.Contains(t, study.Codes(study.RowOf(t, r, "permutation-ancova").Notes), "permutation-inverted")
	for _, f := range r.Results[0].Floors {
		assert.NotEqual(t, "permutation-ancova", f.Method)
	}
	assert.NotContains(t, study.Codes(study.RowOf(t, r, "ancova").Notes), "rests-on-normal-model")
	assert.Less(t, study.RowOf(t, r, "ancova").P, 1e-4)
}

// Many excluded rows are counted by reason, and the first are named.
func TestManyExcludedRows(t *testing.T) {
	p := study.Parsed(t, study.SmallProtocol)
	csv := "id,arm,pre,post\n1,a,1,2\n2,a,1,3\n3,c,1,1\n4,c,1,2\n"
	for i := range 30 {
		csv += fmt.Sprintf("%d,a,,\n", 5+i)
	}
	ds, err := study.Load(strings.NewReader(csv), "d.csv", p)
	require.NoError(t, err)
	r := analyzeAll(t, ds)
	assert.Len(t, r.Accounting.Excluded, 30)
	for lang, want := range map[string]string{
		"en": "30 rows: the row holds no outcome value. Line (participant): 6 (5), 7 (6), ",
		"nl": "30 rijen: de rij bevat geen waarde van een uitkomst. Regel (deelnemer): 6 (5), 7 (6), "} {
		var text bytes.Buffer
		require.NoError(t, report.Text(&text, r, report.Options{Supplement: true, Lang: lang}))
		flat := strings.Join(strings.Fields(text.String()), " ")
		assert.Contains(t, flat, want)
		assert.Contains(t, flat, "25 (24), "+map[string]string{"en": "and 10 more", "nl": "en nog 10"}[lang])
	}
}

// Simulated data are marked at the top of the text, and beside every p and verdict in
// the results files, whose rows travel alone.
func TestSimulatedSaysSoEverywhere(t *testing.T) {
	r := analyzeAll(t, study.LoadHILT(t, 2.26))
	for _, res := range r.Results {
		assert.True(t, res.Study.Simulated)
		for _, row := range append(slices.Clone(res.Rows), res.Within...) {
			assert.Contains(t, study.Codes(row.Notes), "simulated-beside", "%s %s", row.Visit, row.Method)
		}
	}
	var b bytes.Buffer
	require.NoError(t, report.Text(&b, r, report.Options{Supplement: true}))
	assert.True(t, strings.HasPrefix(b.String(), "SIMULATED DATA"))
	b.Reset()
	require.NoError(t, report.Markdown(&b, r, report.Options{Supplement: true, ShowP: true}))
	assert.True(t, strings.HasPrefix(b.String(), "**SIMULATED DATA"))
	assert.Equal(t, 1, strings.Count(b.String(), "SIMULATED"), "once, at the top")
	b.Reset()
	require.NoError(t, report.JSON(&b, r, report.Options{}))
	assert.Contains(t, b.String(), `"simulated": true`)
}

func analyzeAll(t testing.TB, ds *study.Dataset) study.Report {
	t.Helper()
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	checkReport(t, r)
	return r
}
