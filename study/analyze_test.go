package study

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/study/internal/page"
	"github.com/trialkit/trialkit/study/text"
)

const smallProtocol = `
title: Small
arms:
  - {id: a, label: Active}
  - {id: c, label: Control, control: true}
randomization: {kind: complete}
visits: [{id: pre}, {id: post}]
outcomes:
  - id: y
    better: higher
    unit: cm
    thresholds: [{kind: MCID, value: 1, level: individual, source: s}, {kind: margin, value: 1, level: between, source: s}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {pre: pre, post: post}}
`

// load makes a dataset of rows "arm pre post", numbered from 1.
func load(t testing.TB, protocol string, rows ...string) *Dataset {
	t.Helper()
	p, err := ParseProtocol(strings.NewReader(protocol), "protocol.yaml")
	require.NoError(t, err)
	csv := "id,arm,pre,post\n"
	for i, r := range rows {
		csv += fmt.Sprintf("%02d,%s\n", i+1, strings.ReplaceAll(r, " ", ","))
	}
	ds, err := Load(strings.NewReader(csv), "data.csv", p)
	require.NoError(t, err)
	return ds
}

func analyzeAll(t testing.TB, ds *Dataset) Report {
	t.Helper()
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	checkReport(t, r)
	return r
}

// checkReport holds a report to what every report promises: it writes itself
// in every language, its text fits a terminal, its JSON has every key in every
// row, no number that is none, and unique rows; what is null has a note.
func checkReport(t testing.TB, r Report) {
	t.Helper()
	for _, lang := range []string{"en", "nl"} {
		for _, showP := range []bool{false, true} {
			o := ReportOptions{Lang: lang, ShowP: showP}
			var b bytes.Buffer
			require.NoError(t, r.WriteText(&b, o))
			for _, line := range strings.Split(b.String(), "\n") {
				assert.LessOrEqual(t, utf8.RuneCountInString(line), page.TextWidth, line)
			}
			assert.NotContains(t, b.String(), "NaN")
			assert.NotContains(t, b.String(), "{")
			require.NoError(t, r.WriteMarkdown(&b, o))
			require.NoError(t, r.WriteCSV(&b, o))
		}
	}
	var b bytes.Buffer
	require.NoError(t, r.WriteJSON(&b, ReportOptions{}))
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

func rowOf(t testing.TB, r Report, method Method) Row {
	t.Helper()
	row, ok := findRow(r.Results[0], method, "a")
	require.True(t, ok, method)
	return row
}

func codes(notes []Note) []string {
	var out []string
	for _, n := range notes {
		out = append(out, n.Code)
	}
	return out
}

var betweenMethods = []Method{"ancova", "permutation-ancova", "welch-change", "permutation-change", "mann-whitney-change"}

// An exact test of few values can reject everything at a low level: the row
// says that its interval is empty, in both languages.
func TestRowNamesEmptyInterval(t *testing.T) {
	s, err := rank.MannWhitney([]float64{0, 0, 0, 0, 0, 0}, []float64{0, 0, 0, 0.5})
	require.NoError(t, err)
	r := Row{Level: 0.5}
	r.fill(s)
	require.Contains(t, codes(r.Notes), "interval-empty")
	for _, lang := range []string{"en", "nl"} {
		c, err := text.In(lang)
		require.NoError(t, err)
		assert.Contains(t, c.Say("interval-empty", text.Args{"level": 0.5}), "50%", lang)
	}
	r = Row{Level: 0.95}
	r.fill(s)
	assert.NotContains(t, codes(r.Notes), "interval-empty")
}

func TestAnalyzeDegenerate(t *testing.T) {
	t.Run("two against two", func(t *testing.T) {
		r := analyzeAll(t, load(t, smallProtocol, "a 1 3", "a 2 5", "c 1 1", "c 3 4"))
		assert.Equal(t, 1.0, rowOf(t, r, "ancova").DF)
		p := rowOf(t, r, "permutation-change")
		assert.Contains(t, codes(p.Notes), "interval-level-unattainable", "six arrangements reach no 95%")
		assert.True(t, math.IsInf(p.Lower, -1))
		assert.True(t, p.IncludesZero())
	})
	t.Run("one in an arm", func(t *testing.T) {
		r := analyzeAll(t, load(t, smallProtocol, "a 1 3", "c 1 1", "c 3 4", "c 2 2"))
		assert.NotNil(t, rowOf(t, r, "ancova").Effect)
		w := rowOf(t, r, "welch-change")
		assert.Nil(t, w.Effect)
		assert.InDelta(t, 2-1.0/3, w.Estimate, 1e-15, "the estimate exists, its error does not")
		assert.Contains(t, codes(w.Notes), "too-few")
		assert.NotNil(t, rowOf(t, r, "permutation-change").Effect)
	})
	t.Run("constant", func(t *testing.T) {
		r := analyzeAll(t, load(t, smallProtocol, "a 2 4", "a 2 4", "a 2 4", "c 2 3", "c 2 3", "c 2 3"))
		for _, m := range []Method{"ancova", "welch-change"} {
			row := rowOf(t, r, m)
			assert.Nil(t, row.Effect, m)
			assert.Nil(t, row.Judgement, m)
			assert.True(t, math.IsNaN(row.P), m)
			assert.NotEmpty(t, row.Notes, m)
		}
		assert.Equal(t, 1.0, rowOf(t, r, "permutation-change").Estimate)
		assert.Equal(t, 2.0, r.Results[0].Within[0].Estimate)
		assert.True(t, math.IsNaN(r.Results[0].Within[0].SE))
	})
	t.Run("an arm empty at the visit", func(t *testing.T) {
		r := analyzeAll(t, load(t, smallProtocol, "a 1 3", "a 2 5", "c 1 ", "c 3 "))
		for _, m := range betweenMethods {
			row := rowOf(t, r, m)
			assert.Nil(t, row.Effect, m)
			assert.Contains(t, codes(row.Notes), "empty-arm", m)
			assert.Equal(t, map[string]int{"a": 2, "c": 0}, row.N, m)
		}
		assert.Contains(t, codes(r.Results[0].Notes), "complete-cases")
	})
	t.Run("nobody at the visit", func(t *testing.T) {
		r := analyzeAll(t, load(t, smallProtocol, "a 1 ", "a 2 ", "c 1 ", "c 3 "))
		assert.Contains(t, codes(rowOf(t, r, "ancova").Notes), "empty-arm")
	})
}

func TestAnalyzeNamesWhoIsMissing(t *testing.T) {
	p := strings.Replace(smallProtocol, "{id: a, label: Active}", "{id: a, label: Active, randomized: 6}", 1)
	r := analyzeAll(t, load(t, p, "a 1 3", "a 2 5", "a 4 4", "a  5", "a 3 ", "c 1 1", "c 3 4", "c 2 2"))
	row := rowOf(t, r, "ancova")
	assert.Equal(t, map[string]int{"a": 3, "c": 3}, row.N)
	assert.Equal(t, map[string]int{"a": 6, "c": 3}, row.Randomized)
	assert.Equal(t, []Dropped{{"04", "a", reasonMissingBaseline}, {"05", "a", reasonMissingVisit}, {"", "a", reasonNeverInFile}}, row.Dropped)
	var b bytes.Buffer
	require.NoError(t, r.WriteText(&b, ReportOptions{}))
	flat := strings.Join(strings.Fields(b.String()), " ")
	assert.Contains(t, flat, "1 without baseline value: 04; 1 without value at this visit: 05; 1 randomized who never reached the file")
	assert.Contains(t, flat, "3 of 6")
}

// Swapping control and active turns every sign and keeps every p; the order of
// the file's rows changes no byte.
func TestAnalyzeProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	swapped := strings.NewReplacer("{id: a, label: Active}", "{id: a, label: Active, control: true}",
		"{id: c, label: Control, control: true}", "{id: c, label: Control}").Replace(smallProtocol)
	for range 10 {
		var rows []string
		for range 4 + rng.IntN(4) {
			rows = append(rows, fmt.Sprintf("a %d %d", rng.IntN(6), rng.IntN(6)), fmt.Sprintf("c %d %d", rng.IntN(6), rng.IntN(6)))
		}
		one, err := load(t, smallProtocol, rows...).Analyze(Plan{Outcome: "y", Visit: "post"})
		require.NoError(t, err)
		two, err := load(t, swapped, rows...).Analyze(Plan{Outcome: "y", Visit: "post"})
		require.NoError(t, err)
		for _, m := range betweenMethods {
			x, _ := findRow(one, m, "a")
			y, _ := findRow(two, m, "c")
			require.Equal(t, x.Effect == nil, y.Effect == nil, m)
			if x.Effect == nil {
				continue
			}
			assert.InDelta(t, x.Estimate, -y.Estimate, 1e-12, m)
			assert.InDelta(t, x.P, y.P, 1e-12, m)
			if finite(x.Lower) {
				assert.InDelta(t, x.Lower, -y.Upper, 1e-9, m)
			}
			if x.Judgement != nil {
				assert.Equal(t, x.Judgement.Benefit, y.Judgement.Harm)
			}
		}
	}
}

func TestShufflingRowsChangesNothing(t *testing.T) {
	p, err := ParseProtocol(strings.NewReader(smallProtocol), "p")
	require.NoError(t, err)
	lines := []string{"1,a,1,3", "2,a,2,5", "3,a,4,4", "4,c,1,1", "5,c,3,4", "6,c,2,", "7,a,2,3"}
	write := func() string {
		ds, err := Load(strings.NewReader("id,arm,pre,post\n"+strings.Join(lines, "\n")), "d", p)
		require.NoError(t, err)
		r, err := ds.AnalyzeAll()
		require.NoError(t, err)
		r.Source.SHA256 = ""
		var b bytes.Buffer
		require.NoError(t, r.WriteJSON(&b, ReportOptions{}))
		require.NoError(t, r.WriteText(&b, ReportOptions{ShowP: true}))
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
	p := strings.Replace(smallProtocol, "randomization: {kind: complete}", "randomization: {kind: blocked, block: 2, column: block}", 1)
	csv := "id,arm,pre,post,block\n"
	for i := range 5 {
		csv += fmt.Sprintf("a%d,a,%d,%d,b%d\nc%d,c,%d,%d,b%d\n", i, i, i+20+i*i, i, i, i+1, i+1+3*i, i)
	}
	parse := func(p string) Report {
		proto, err := ParseProtocol(strings.NewReader(p), "p")
		require.NoError(t, err)
		ds, err := Load(strings.NewReader(csv), "d", proto)
		require.NoError(t, err)
		return analyzeAll(t, ds)
	}
	floor := func(r Report, method Method) float64 {
		i := slices.IndexFunc(r.Results[0].Floors, func(f Floor) bool { return f.Method == method })
		require.GreaterOrEqual(t, i, 0)
		return r.Results[0].Floors[i].MinP
	}
	blocked, complete := parse(p), parse(smallProtocol)
	assert.InDelta(t, 2.0/32, floor(blocked, "permutation-change"), 1e-15)
	assert.InDelta(t, 2.0/252, floor(complete, "permutation-change"), 1e-15)
	assert.Contains(t, codes(blocked.Notes), "exact-within-blocks")
	assert.Contains(t, codes(complete.Notes), "exact-complete")
	assert.Contains(t, codes(rowOf(t, blocked, "mann-whitney-change").Notes), "without-strata")
	// Within every pair, c's baseline is one above a's: pairs and arm determine it.
	assert.Contains(t, codes(rowOf(t, blocked, "ancova").Notes), "singular")
	assert.Contains(t, codes(rowOf(t, complete, "ancova").Notes), "rests-on-normal-model")
}

func TestPlans(t *testing.T) {
	rows := []string{"a 1 3", "a 2 5", "a 4 4", "a 3 6", "c 1 1", "c 3 4", "c 2 2", "c 5 5"}
	t.Run("primary without a register", func(t *testing.T) {
		r := analyzeAll(t, load(t, smallProtocol+"plans: [{outcome: y, visit: post, primary: true}]\n", rows...))
		row := rowOf(t, r, "ancova")
		assert.Equal(t, RolePrimary, row.Role)
		assert.Contains(t, codes(row.Notes), "primary-undocumented")
		assert.Equal(t, RoleCompanion, rowOf(t, r, "welch-change").Role, "a companion is not primary")
		var b bytes.Buffer
		require.NoError(t, r.WriteText(&b, ReportOptions{}))
		flat := strings.Join(strings.Fields(b.String()), " ")
		assert.Contains(t, flat, "declared by the analyst; pre-specification not documented")
		assert.Contains(t, flat, "(primary comparison)")
	})
	t.Run("no p unless asked for", func(t *testing.T) {
		r := analyzeAll(t, load(t, smallProtocol, rows...))
		var quiet, asked bytes.Buffer
		require.NoError(t, r.WriteText(&quiet, ReportOptions{}))
		require.NoError(t, r.WriteText(&asked, ReportOptions{ShowP: true}))
		assert.NotContains(t, quiet.String(), "unadjusted for the number")
		assert.NotContains(t, quiet.String(), "(unadjusted)")
		assert.Contains(t, asked.String(), "(unadjusted)")
	})
	t.Run("Welch decides", func(t *testing.T) {
		res, err := load(t, smallProtocol, rows...).Analyze(Plan{Outcome: "y", Visit: "post", Model: WelchChange})
		require.NoError(t, err)
		w, _ := findRow(res, "welch-change", "a")
		a, _ := findRow(res, "ancova", "a")
		assert.NotNil(t, w.Judgement)
		assert.Nil(t, a.Judgement, "the plan's method alone gives the verdict")
	})
	t.Run("refused", func(t *testing.T) {
		ds := load(t, smallProtocol, rows...)
		for want, p := range map[string]Plan{
			"no such choice":         {Outcome: "y", Visit: "post", DF: "satterthwaite"},
			"unknown structure":      {Outcome: "y", Visit: "post", Model: MMRM, Covariance: "un"},
			"takes no covariates":    {Outcome: "y", Visit: "post", Model: WelchChange, Covariates: []string{"age"}},
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
		two := smallProtocol + "plans: [{outcome: y, visit: post, model: welch-change}, {outcome: y, visit: post, primary: true, registered: {where: NCT1, date: 2020-01-01}}]\n"
		r := analyzeAll(t, load(t, two, rows...))
		assert.NotNil(t, rowOf(t, r, "ancova").Judgement)
		assert.Nil(t, rowOf(t, r, "welch-change").Judgement, "one row decides")
		assert.Equal(t, RolePrimary, rowOf(t, r, "ancova").Role)
		assert.Equal(t, RoleAdditional, rowOf(t, r, "welch-change").Role)
		assert.Contains(t, codes(rowOf(t, r, "ancova").Notes), "primary-registered")

		same := smallProtocol + "plans: [{outcome: y, visit: post}, {outcome: y, level: 0.9}]\n"
		_, err := ParseProtocol(strings.NewReader(same), "protocol.yaml")
		assert.EqualError(t, err, "protocol.yaml:18:36: plans[1]: plans[0] has the same outcome, visit and method (ancova); one row cannot answer both")
	})
	t.Run("a margin is answered", func(t *testing.T) {
		ds := load(t, smallProtocol, rows...)
		for margin, code := range map[float64]string{0.1: "noninferiority-not-shown", 50: "noninferiority-shown"} {
			res, err := ds.Analyze(Plan{Outcome: "y", Visit: "post", Margin: margin})
			require.NoError(t, err)
			row, _ := findRow(res, "ancova", "a")
			assert.Contains(t, codes(row.Notes), code)
		}
	})
}

// One arm's change is significant, the other's is not, and the arms do not
// differ: the report says what that is.
func TestBlandAltman(t *testing.T) {
	r := analyzeAll(t, load(t, smallProtocol, "a 1 3", "a 2 5", "a 4 6", "a 3 6", "c 1 1", "c 3 7", "c 2 3", "c 5 8"))
	row := rowOf(t, r, "ancova")
	require.True(t, row.IncludesZero())
	require.Contains(t, codes(row.Notes), "bland-altman")

	// Both changes significant: nothing to warn of.
	r = analyzeAll(t, load(t, smallProtocol, "a 1 3", "a 2 5", "a 4 6", "a 3 6", "c 1 3", "c 3 6", "c 2 4", "c 5 8"))
	row = rowOf(t, r, "ancova")
	require.True(t, row.IncludesZero())
	require.NotContains(t, codes(row.Notes), "bland-altman")
}

// The plan's row says where a companion would have come to another verdict,
// and results.json holds the verdict in that row alone.
func TestCompanionsAndVerdictsOfHILT(t *testing.T) {
	r := analyzeAll(t, loadHILT(t, 2.26))
	var methods []any
	row, _ := findRow(r.Results[0], "ancova", "hilt")
	for _, n := range row.Notes {
		assert.NotEqual(t, "companion-excludes-zero", n.Code)
		if n.Code == "companion-includes-zero" {
			methods = append(methods, n.Args["method"])
		}
	}
	assert.Equal(t, []any{"mann-whitney-change"}, methods)
	for _, res := range r.Results[2:] { // strength and position: all agree
		row, _ := findRow(res, "ancova", "hilt")
		assert.True(t, row.IncludesZero())
		assert.NotContains(t, strings.Join(codes(row.Notes), " "), "companion")
	}

	var b bytes.Buffer
	require.NoError(t, r.WriteJSON(&b, ReportOptions{}))
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
	ds := load(t, smallProtocol, "a 1 3", "a 2 5", "c 1 1", "c 3 4")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := ds.AnalyzeAllContext(ctx)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = ds.AnalyzeContext(ctx, Plan{Outcome: "y", Visit: "post"})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestMultiplicity(t *testing.T) {
	ds, err := LoadFiles("../testdata/studies/hilt/protocol.yaml", "../testdata/studies/hilt/data.csv")
	require.NoError(t, err)
	r := analyzeAll(t, ds)
	i := slices.IndexFunc(r.Notes, func(n Note) bool { return n.Code == "multiplicity" })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, 8, r.Notes[i].Args["k"])
	assert.InDelta(t, 1-math.Pow(0.95, 8), r.Notes[i].Args["chance"], 1e-12)
	assert.NotContains(t, codes(r.Notes), "multiplicity-primary")
}

// Several primary p-values are not adjusted for each other, and the report
// says so.
func TestSeveralPrimaryComparisons(t *testing.T) {
	protocol := strings.Replace(smallProtocol, "  - {id: c,", "  - {id: b}\n  - {id: c,", 1) +
		"plans: [{outcome: y, visit: post, primary: true}]\n"
	r := analyzeAll(t, load(t, protocol, "a 1 5", "a 2 4", "a 3 9", "b 1 3", "b 2 5", "b 2 3", "c 1 2", "c 2 2", "c 3 4"))
	i := slices.IndexFunc(r.Notes, func(n Note) bool { return n.Code == "multiplicity-primary" })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, 2, r.Notes[i].Args["k"])
	var text bytes.Buffer
	require.NoError(t, r.WriteText(&text, ReportOptions{}))
	assert.Contains(t, strings.Join(strings.Fields(text.String()), " "), "2 comparisons are primary, and their p-values are not adjusted for each other")
}

// The exact test's floor comes from the data: that of an approximate test is
// one arrangement, and says nothing about them.
func TestApproximateTestHasNoFloor(t *testing.T) {
	var rows []string
	for i := range 26 {
		rows = append(rows, fmt.Sprintf("%s %d.%d %d", []string{"a", "c"}[i%2], i%7, i, 20*(i%2)+i*i%11))
	}
	r := analyzeAll(t, load(t, smallProtocol, rows...))
	require.Contains(t, codes(rowOf(t, r, "permutation-ancova").Notes), "permutation-inverted")
	for _, f := range r.Results[0].Floors {
		assert.NotEqual(t, "permutation-ancova", f.Method)
	}
	assert.NotContains(t, codes(rowOf(t, r, "ancova").Notes), "rests-on-normal-model")
	assert.Less(t, rowOf(t, r, "ancova").P, 1e-4)
}

// Many excluded rows are counted by reason, and the first are named.
func TestManyExcludedRows(t *testing.T) {
	p := parsed(t, smallProtocol)
	csv := "id,arm,pre,post\n1,a,1,2\n2,a,1,3\n3,c,1,1\n4,c,1,2\n"
	for i := range 30 {
		csv += fmt.Sprintf("%d,a,,\n", 5+i)
	}
	ds, err := Load(strings.NewReader(csv), "d.csv", p)
	require.NoError(t, err)
	r := analyzeAll(t, ds)
	assert.Len(t, r.Accounting.Excluded, 30)
	for lang, want := range map[string]string{
		"en": "30 rows: the row holds no outcome value. Line (participant): 6 (5), 7 (6), ",
		"nl": "30 rijen: de rij bevat geen waarde van een uitkomst. Regel (deelnemer): 6 (5), 7 (6), "} {
		var text bytes.Buffer
		require.NoError(t, r.WriteText(&text, ReportOptions{Lang: lang}))
		flat := strings.Join(strings.Fields(text.String()), " ")
		assert.Contains(t, flat, want)
		assert.Contains(t, flat, "25 (24), "+map[string]string{"en": "and 10 more", "nl": "en nog 10"}[lang])
	}
}

// Beside every p and verdict of simulated data stands that they say nothing
// about the trial.
func TestSimulatedSaysSoEverywhere(t *testing.T) {
	r := analyzeAll(t, loadHILT(t, 2.26))
	for _, res := range r.Results {
		assert.True(t, res.Study.Simulated)
		for _, row := range append(slices.Clone(res.Rows), res.Within...) {
			assert.Contains(t, codes(row.Notes), "simulated-beside", "%s %s", row.Visit, row.Method)
		}
	}
	var b bytes.Buffer
	require.NoError(t, r.WriteText(&b, ReportOptions{}))
	assert.True(t, strings.HasPrefix(b.String(), "SIMULATED DATA"))
	b.Reset()
	require.NoError(t, r.WriteMarkdown(&b, ReportOptions{ShowP: true}))
	for _, line := range strings.Split(b.String(), "\n") {
		if strings.Contains(line, "Important benefit (") || strings.Contains(line, "(unadjusted)") {
			assert.Contains(t, line, "say nothing about the trial", line)
		}
	}
	sweep := r.Results[0].Sweep
	require.Len(t, sweep, 6)
	assert.Equal(t, 0.5, sweep[0].SD)
	assert.Equal(t, 3.0, sweep[5].SD)
	// −2.32 ± t(0.975, 8)·SD·√0.4, with R's qt.
	assert.InDelta(t, -2.32-2.306004135204166*0.5*math.Sqrt(0.4), sweep[0].Lower, 1e-12)

	b.Reset()
	require.NoError(t, r.WriteJSON(&b, ReportOptions{}))
	assert.Contains(t, b.String(), `"simulated": true`)
}

// Numbers are written as encoding/json writes them; what is none is null.
func TestNumbersAreJSON(t *testing.T) {
	for _, x := range []float64{0, math.Copysign(0, -1), 1, -2.66, 0.1 + 0.2, 1e-6, 9.9e-7, -3e-9, 1e20, 1e21, 5e-324, math.MaxFloat64} {
		want, err := json.Marshal(x)
		require.NoError(t, err)
		got, err := number(x).MarshalJSON()
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
	}
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		got, err := number(x).MarshalJSON()
		require.NoError(t, err)
		assert.Equal(t, "null", string(got))
	}
}

// loadHILT loads the study with a margin between arms for pain, which its own
// protocol does not declare; 0: none.
func loadHILT(t *testing.T, margin float64) *Dataset {
	t.Helper()
	p, err := ReadProtocol(os.DirFS("../testdata/studies/hilt"), "protocol.yaml")
	require.NoError(t, err)
	if margin > 0 {
		p.Outcomes[0].Thresholds = append(p.Outcomes[0].Thresholds, Threshold{Kind: Margin, Level: BetweenGroup, Value: margin})
	}
	f, err := os.Open("../testdata/studies/hilt/data.csv")
	require.NoError(t, err)
	defer f.Close()
	ds, err := Load(f, "data.csv", p)
	require.NoError(t, err)
	return ds
}
