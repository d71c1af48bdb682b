package study

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/files"
)

// The rows of outcomes that are no measurements, of the trials in testdata/studies, agree
// with R: testdata/reference/study_kinds.R.
func TestKindsAgreeWithR(t *testing.T) {
	raw, err := os.ReadFile("../testdata/reference/study_kinds.json")
	require.NoError(t, err)
	var ref struct {
		Rows []struct {
			Study, Outcome, Visit, Method, Effect string
			WithoutStrata                         bool `json:"without_strata"`
			Estimate, SE, Lower, Upper, P         float64
			Tied                                  *float64
		}
	}
	require.NoError(t, json.Unmarshal(raw, &ref))
	reports := map[string]Report{}
	for _, w := range ref.Rows {
		rep, ok := reports[w.Study]
		if !ok {
			ds, err := LoadFiles("../testdata/studies/"+w.Study+"/protocol.yaml", "../testdata/studies/"+w.Study+"/data.csv")
			require.NoError(t, err)
			rep, err = ds.AnalyzeAll()
			require.NoError(t, err)
			reports[w.Study] = rep
		}
		var found []Row
		for _, res := range rep.Results {
			for _, row := range res.Rows {
				if row.Outcome == w.Outcome && row.Visit == w.Visit && string(row.Method) == w.Method && string(row.Measure) == w.Effect && row.WithoutStrata == w.WithoutStrata {
					found = append(found, row)
				}
			}
		}
		at := fmt.Sprintf("%s %s %s %s", w.Study, w.Visit, w.Method, w.Effect)
		require.Len(t, found, 1, at)
		row, near := found[0], 1e-12
		if w.Method != "probability-of-benefit" {
			near = 1e-6 // both iterate
		}
		for _, x := range [][2]float64{{w.Estimate, row.Estimate}, {w.Lower, row.Lower}, {w.Upper, row.Upper}, {w.P, row.P}} {
			assert.InEpsilon(t, x[0], x[1], near, at)
		}
		if w.SE != 0 {
			assert.InEpsilon(t, w.SE, row.SE, near, at)
		} else {
			assert.True(t, math.IsNaN(row.SE), at)
		}
		if w.Tied != nil {
			require.NotNil(t, row.Pairs, at)
			assert.InDelta(t, *w.Tied, row.Pairs.Tied, 1e-12)
			assert.InDelta(t, 1, row.Pairs.Better+row.Pairs.Tied+row.Pairs.Worse, 1e-12)
			assert.InDelta(t, w.Estimate, row.Pairs.Better+row.Pairs.Tied/2, 1e-12)
		}
	}
}

// levelsProtocol has one ordinal outcome at one visit.
func levelsProtocol(plan, more string) string {
	return `
title: Categories
arms: [{id: a}, {id: c, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: y, kind: ordinal, levels: [worse, same, better], better: higher}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {post: y}}
  values: {y: {1: worse, 2: same, 3: better}}
  covariates: {site: {column: site, kind: category}, age: {column: age, kind: number}}
plans: [{outcome: y, visit: post` + plan + `}]
` + more
}

// kindRowsOf are rows of a file for loadBinary: arm, value, site and age.
func kindRowsOf(arm string, values []string, r *rand.Rand) (rows []string) {
	for _, v := range values {
		site, age := "s", 50
		if r != nil {
			site, age = fmt.Sprint("s", r.IntN(2)), 30+r.IntN(40)
		}
		rows = append(rows, fmt.Sprintf("%s,%s,%s,%d", arm, v, site, age))
	}
	return rows
}

// The probability of benefit counts pairs, by hand: of 3 × 4 pairs of (3, 2, 2) and
// (1, 1, 2, 3), 7 are better, 3 tied and 2 worse.
func TestProbabilityOfBenefitCountsPairs(t *testing.T) {
	rows := append(kindRowsOf("a", []string{"3", "2", "2"}, nil), kindRowsOf("c", []string{"1", "1", "2", "3"}, nil)...)
	row, res := decided(t, loadBinary(t, levelsProtocol("", ""), rows))
	assert.Equal(t, ProbabilityBetter, row.Measure)
	assert.Equal(t, ScaleProbability, row.Measure.Scale())
	require.NotNil(t, row.Pairs)
	assert.InDelta(t, 7.0/12, row.Pairs.Better, 1e-15)
	assert.InDelta(t, 3.0/12, row.Pairs.Tied, 1e-15)
	assert.InDelta(t, 8.5/12, row.Estimate, 1e-15)
	assert.Contains(t, Codes(row.Notes), "benefit-permutation")
	assert.Positive(t, row.Gain(res.Outcome))
	counts := map[string][]LevelCount{}
	for _, s := range res.Summaries {
		counts[s.Arm] = s.Levels
		assert.True(t, math.IsNaN(s.Mean), "categories have no mean")
		assert.Nil(t, s.Share)
	}
	assert.Equal(t, []LevelCount{{"worse", 0}, {"same", 2}, {"better", 1}}, counts["a"])
	assert.Equal(t, []LevelCount{{"worse", 2}, {"same", 1}, {"better", 1}}, counts["c"])

	// Turned: where lower is better, the same data favor control.
	lower, res := decided(t, loadBinary(t, strings.Replace(levelsProtocol("", ""), "better: higher", "better: lower", 1), rows))
	assert.InDelta(t, 1-row.Estimate, lower.Estimate, 1e-15)
	assert.InDelta(t, 1-row.Upper, lower.Lower, 1e-12)
	assert.Negative(t, lower.Gain(res.Outcome))
	var odds Row
	for _, x := range res.Rows {
		if x.Method == MethodProportionalOdds {
			odds = x
		}
	}
	require.NotNil(t, odds.Effect)
	assert.Greater(t, odds.Estimate, 1.0, "odds of a higher category, whatever is better")
	assert.Negative(t, odds.Gain(res.Outcome))

	// The levels themselves may stand in the file.
	words := strings.NewReplacer("  values: {y: {1: worse, 2: same, 3: better}}\n", "").Replace(levelsProtocol("", ""))
	asWords := make([]string, len(rows))
	for i, r := range rows {
		asWords[i] = strings.NewReplacer(",1,", ",worse,", ",2,", ",same,", ",3,", ",better,").Replace(r)
	}
	again, _ := decided(t, loadBinary(t, words, asWords))
	assert.Equal(t, row.P, again.P)
}

// What a protocol or a file says of categories that cannot be is refused where it stands.
func TestLevelsRefused(t *testing.T) {
	base := levelsProtocol("", "")
	for _, c := range []struct{ from, to, want string }{
		{"levels: [worse, same, better], ", "", "list its categories"},
		{"[worse, same, better]", "[worse]", "list its categories"},
		{"[worse, same, better]", "[worse, same, better, same]", `category "same" is listed twice`},
		{"1: worse", "1: bad", `"bad" is none of the outcome's levels (worse, same, better)`},
		{"better: higher", "better: higher, range: [1, 3]", "it has no such thing"},
		{"better: higher", "better: higher, baseline: pre", "it has no baseline"},
		{"better: higher", "better: higher, thresholds: [{kind: MCID, value: 1, level: individual}]", "outcomes[0].thresholds[0]: a threshold of outcome \"y\" is not in yet: it is ordinal"},
		{"better: higher", "better: higher, thresholds: [{kind: margin, value: 0.1}]", "a threshold of outcome \"y\" is not in yet"},
		{"visit: post", "visit: post, model: ancova", "model ancova is not for an outcome that is ordinal"},
		{"visit: post", "visit: post, model: proportions", "model proportions is not for an outcome that is ordinal"},
		{"visit: post", "visit: post, effect: risk-difference", "effect risk-difference is not for an outcome that is ordinal (probability-of-benefit, win-odds)"},
		{"visit: post", "visit: post, model: proportional-odds, effect: win-odds", "(odds-ratio)"},
		{"visit: post", "visit: post, covariates: [age]", "model: proportional-odds does"},
		{"visit: post", "visit: post, margin: 0.1", "a margin for probability-of-benefit is not in yet"},
	} {
		_, err := ParseProtocol(strings.NewReader(strings.Replace(base, c.from, c.to, 1)), "protocol.yaml")
		require.Error(t, err, c.to)
		assert.Contains(t, err.Error(), c.want, c.to)
		assert.Contains(t, err.Error(), "protocol.yaml:", "with its place")
	}
	p, err := ParseProtocol(strings.NewReader(base), "p")
	require.NoError(t, err)
	for _, word := range []string{"4", "best", "worse"} { // with values, these alone have a meaning
		_, err = Load(strings.NewReader("id,arm,y,site,age\n1,a,"+word+",s,50\n2,c,1,s,50\n"), "data.csv", p)
		require.Error(t, err, word)
		assert.Contains(t, err.Error(), "data.csv:2:5:")
	}
}

// A proportional-odds plan takes covariates and, where every stratum has five of each arm,
// the strata; arms that the categories separate have a reason and no number.
func TestProportionalOddsPlan(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 2))
	draw := func(n int) (out []string) {
		for range n {
			out = append(out, strconv.Itoa(1+r.IntN(3)))
		}
		return out
	}
	stratified := "randomization: {kind: stratified, strata: [site]}\n"
	rows := append(kindRowsOf("a", draw(40), r), kindRowsOf("c", draw(40), r)...)
	ds := loadBinary(t, levelsProtocol(", model: proportional-odds, covariates: [age]", stratified), rows)
	row, _ := decided(t, ds)
	assert.Equal(t, OddsRatio, row.Measure)
	assert.False(t, row.WithoutStrata)
	assert.Contains(t, Codes(row.Notes), "odds-proportional")
	few := loadBinary(t, levelsProtocol(", model: proportional-odds, covariates: [age]", stratified), append(rows, "a,1,s9,50", "c,2,s9,60"))
	row, _ = decided(t, few)
	assert.True(t, row.WithoutStrata, "a stratum of two gets no effect of its own")
	rep, err := few.AnalyzeAll()
	require.NoError(t, err)
	assert.Contains(t, Codes(rep.Departures), "departure-without-strata")

	apart := append(kindRowsOf("a", strings.Split(strings.Repeat("3", 16), ""), nil), kindRowsOf("c", strings.Split(strings.Repeat("12", 8), ""), nil)...)
	for plan, code := range map[string]string{"": "benefit-separated", ", model: proportional-odds": "odds-separated"} {
		row, _ = decided(t, loadBinary(t, levelsProtocol(plan, ""), apart))
		assert.Nil(t, row.Effect)
		assert.True(t, math.IsNaN(row.Estimate))
		assert.Contains(t, Codes(row.Notes), code)
	}
}

// countsProtocol has one count outcome at one visit.
func countsProtocol(plan, more string) string {
	return `
title: Counts
arms: [{id: a}, {id: c, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: y, kind: count, better: lower}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {post: y}}
  exposure: {y: months}
  covariates: {site: {column: site, kind: category}, age: {column: age, kind: number}}
plans: [{outcome: y, visit: post` + plan + `}]
` + more
}

// loadCounts loads rows of loadBinary whose value is "events/months".
func loadCounts(t testing.TB, protocol string, rows []string) *Dataset {
	t.Helper()
	p, err := ParseProtocol(strings.NewReader(protocol), "protocol.yaml")
	require.NoError(t, err)
	ds, err := Load(strings.NewReader(countsFile(rows)), "data.csv", p)
	require.NoError(t, err)
	return ds
}

func countsFile(rows []string) string {
	csv := "id,arm,y,months,site,age\n"
	for i, r := range rows {
		csv += fmt.Sprintf("%03d,%s\n", i+1, strings.Replace(r, "/", ",", 1))
	}
	return csv
}

// With few events, or an arm without any, the ratio is the conditional exact one: of m
// events those of the active arm are binomial, here by the binomial's own terms.
func TestExactRatesOfFewEvents(t *testing.T) {
	rows := append(kindRowsOf("a", []string{"2/6", "0/10.5", "1/12"}, nil), kindRowsOf("c", []string{"4/12", "1/3.5", "0/8", "1/1"}, nil)...)
	ds := loadCounts(t, countsProtocol("", ""), rows)
	row, res := decided(t, ds)
	assert.Equal(t, MethodExactRates, row.Method)
	assert.Contains(t, Codes(row.Notes), "rates-few")
	assert.InDelta(t, (3/28.5)/(6/24.5), row.Estimate, 1e-12)
	share := func(theta float64) float64 { return theta * 28.5 / (theta*28.5 + 24.5) }
	tail := func(theta float64, from, to int) (s float64) {
		choose := []float64{1, 9, 36, 84, 126, 126, 84, 36, 9, 1}
		for k := from; k <= to; k++ {
			s += choose[k] * math.Pow(share(theta), float64(k)) * math.Pow(1-share(theta), float64(9-k))
		}
		return s
	}
	assert.InDelta(t, 2*math.Min(tail(1, 3, 9), tail(1, 0, 3)), row.P, 1e-12)
	assert.InDelta(t, 0.025, tail(row.Lower, 3, 9), 1e-9)
	assert.InDelta(t, 0.025, tail(row.Upper, 0, 3), 1e-9)
	require.NotNil(t, res.Summaries[0].Rate)
	assert.Equal(t, 3, res.Summaries[0].Rate.Events)
	assert.InDelta(t, 28.5, res.Summaries[0].Rate.Exposure, 1e-12)
	assert.True(t, math.IsNaN(res.Summaries[0].Mean), "counts in unequal times have no mean here")

	// Nobody's time is taken as known: who has none is left out, and told.
	row, _ = decided(t, loadCounts(t, countsProtocol("", ""), append(rows, "a,5/,s,50")))
	assert.Equal(t, 3, row.N["a"])
	require.NotEmpty(t, row.Dropped)
	assert.Equal(t, reasonMissingExposure, row.Dropped[0].Reason)

	var many []string
	for i := range 12 {
		many = append(many, fmt.Sprintf("%d/%d", 1+i%4, 6+i%3))
	}
	row, _ = decided(t, loadCounts(t, countsProtocol("", ""), append(kindRowsOf("a", []string{"0/12", "0/6"}, nil), kindRowsOf("c", many, nil)...)))
	assert.Equal(t, MethodExactRates, row.Method)
	assert.Contains(t, Codes(row.Notes), "rates-none")
	assert.Zero(t, row.Lower)
	ds = loadCounts(t, countsProtocol(", covariates: [age]", ""), append(kindRowsOf("a", []string{"0/12", "0/6"}, nil), kindRowsOf("c", many, nil)...))
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	assert.Contains(t, Codes(rep.Departures), "departure-method", "the covariates were foreseen")
}

// Times of nothing, and what is no count, are refused where they stand.
func TestCountsRefused(t *testing.T) {
	p, err := ParseProtocol(strings.NewReader(countsProtocol("", "")), "p")
	require.NoError(t, err)
	for row, want := range map[string]string{
		"a,1/0,s,50":      "data.csv:2:9: months: 0 is no time in which y could be counted",
		"a,1/-2,s,50":     "data.csv:2:9: months: -2 is no time",
		"a,1.5/12,s,50":   "data.csv:2:7: y at post: 1.5 is no number of events",
		"a,-1/12,s,50":    "data.csv:2:7: y at post: -1 is no number of events",
		"a,3000000/1,s,1": "data.csv:2:7: y at post: 3000000 is no number of events",
	} {
		_, err := Load(strings.NewReader(countsFile([]string{row, "c,1/2,s,50"})), "data.csv", p)
		require.Error(t, err, row)
		assert.Contains(t, err.Error(), want)
	}
	base := countsProtocol("", "")
	for _, c := range []struct{ from, to, want string }{
		{"  exposure: {y: months}\n", "", "protocol.yaml:5:26: outcomes[0].kind: outcome \"y\" counts events: write under data.exposure"},
		{"{y: months}", "{z: months}", "data.exposure.z"},
		{"{y: months}", "{y: y}", "column \"y\""},
		{"{y: months}", "{y: {pre: months}}", "data.exposure.y.pre"},
		{"kind: count", "kind: binary", "\"y\" is no count"},
		{"better: lower", "better: lower, thresholds: [{kind: margin, value: 1}]", "is not in yet: it is count"},
		{"visit: post", "visit: post, effect: odds-ratio", "(rate-ratio)"},
		{"visit: post", "visit: post, margin: 1.2", "the margin of rate-ratio is a ratio"},
	} {
		_, err := ParseProtocol(strings.NewReader(strings.Replace(base, c.from, c.to, 1)), "protocol.yaml")
		require.Error(t, err, c.to)
		assert.Contains(t, err.Error(), c.want, c.to)
	}
}

// In the long layout each visit's row has its time; in the wide one each visit a column.
func TestExposureOfVisits(t *testing.T) {
	long := strings.NewReplacer("layout: wide", "layout: long", "columns: {y: {post: y}}", "visit: v\n  columns: {y: y}", "[{id: pre}, {id: post}]", "[{id: pre}, {id: w4}, {id: post}]").Replace(countsProtocol("", ""))
	p, err := ParseProtocol(strings.NewReader(long), "p")
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString("id,arm,v,y,months,site,age\n")
	for i := range 8 {
		fmt.Fprintf(&b, "%d,%s,w4,%d,1,s,50\n%d,%s,post,%d,3,s,50\n", i, []string{"a", "c"}[i%2], i%3, i, []string{"a", "c"}[i%2], i%4)
	}
	ds, err := Load(strings.NewReader(b.String()), "d", p)
	require.NoError(t, err)
	for visit, months := range map[string]float64{"w4": 1, "post": 3} {
		for _, r := range ds.Records("y", visit) {
			assert.True(t, r.HasExposure)
			assert.Equal(t, months, r.Exposure)
		}
	}
	_, err = Load(strings.NewReader(strings.Replace(b.String(), "0,a,post,0,3", "0,a,post,0,3,s,50\n0,a,post,0,4", 1)), "d", p)
	assert.Error(t, err)
	wide := strings.NewReplacer("columns: {y: {post: y}}", "columns: {y: {w4: y4, post: y}}", "[{id: pre}, {id: post}]", "[{id: pre}, {id: w4}, {id: post}]").Replace(countsProtocol("", ""))
	_, err = ParseProtocol(strings.NewReader(wide), "p")
	assert.ErrorContains(t, err, "is counted at several visits")
	_, err = ParseProtocol(strings.NewReader(strings.Replace(wide, "{y: months}", "{y: {w4: m4}}", 1)), "p")
	assert.ErrorContains(t, err, "has no column of its time at risk at post")
	_, err = ParseProtocol(strings.NewReader(strings.Replace(wide, "{y: months}", "{y: {w4: m4, post: m}}", 1)), "p")
	assert.NoError(t, err)
}

// Days of 28 are compared by their means with HC3 errors, and a quasi-binomial odds ratio
// stands beside: both are R's (testdata/reference/study_kinds.R).
func TestBoundedAgreesWithR(t *testing.T) {
	raw, err := os.ReadFile("../testdata/reference/study_kinds.json")
	require.NoError(t, err)
	type numbers struct{ Estimate, SE, DF, Lower, Upper, P float64 }
	var ref struct {
		Bounded struct {
			CSV        string
			Mean, Odds numbers
		}
	}
	require.NoError(t, json.Unmarshal(raw, &ref))
	protocol := `
title: Days
arms: [{id: a}, {id: c, control: true}]
randomization: {kind: stratified, strata: [site]}
visits: [{id: pre}, {id: post}]
outcomes: [{id: y, kind: bounded, range: [0, 28], better: lower}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {pre: before, post: after}}, covariates: {site: {column: site, kind: category}}}
plans: [{outcome: y, visit: post}]
`
	p, err := ParseProtocol(strings.NewReader(protocol), "protocol.yaml")
	require.NoError(t, err)
	ds, err := Load(strings.NewReader(ref.Bounded.CSV), "d.csv", p)
	require.NoError(t, err)
	row, res := decided(t, ds)
	assert.Equal(t, MethodANCOVA, row.Method)
	assert.Contains(t, Codes(row.Notes), "hc3-errors")
	var odds Row
	for _, x := range res.Rows {
		if x.Method == MethodQuasiBinomial {
			odds = x
			assert.Equal(t, OddsRatio, x.Measure)
			assert.Equal(t, RoleCompanion, x.Role)
		}
	}
	for _, c := range []struct {
		want numbers
		got  Row
		near float64
	}{{ref.Bounded.Mean, row, 1e-10}, {ref.Bounded.Odds, odds, 1e-8}} {
		for _, x := range [][2]float64{{c.want.Estimate, c.got.Estimate}, {c.want.SE, c.got.SE}, {c.want.DF, c.got.DF}, {c.want.Lower, c.got.Lower}, {c.want.Upper, c.got.Upper}, {c.want.P, c.got.P}} {
			assert.InEpsilon(t, x[0], x[1], c.near, string(c.got.Method))
		}
	}
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	assert.Empty(t, rep.Departures)
	for from, want := range map[string]string{"range: [0, 28], ": "outcomes[0].range", "[0, 28]": "outcomes[0].range: outcome \"y\" counts so many of a fixed number"} {
		_, err := ParseProtocol(strings.NewReader(strings.Replace(protocol, from, strings.Replace(strings.Replace(from, "28", "9.5", 1), "range: [0, 9.5], ", "", 1), 1)), "protocol.yaml")
		require.Error(t, err)
		assert.Contains(t, err.Error(), want)
	}
	for value, want := range map[string]string{"2.5": "2.5 is no whole number, and outcome y counts so many of 28", "29": "29"} {
		_, err := Load(strings.NewReader("id,arm,site,before,after\n1,a,x,1,"+value+"\n2,c,x,1,2\n"), "d.csv", p)
		require.Error(t, err)
		assert.Contains(t, err.Error(), "d.csv:2:9:")
		assert.Contains(t, err.Error(), want)
	}
}

// Means of few different values, or of a heap of one, are a doubt, whatever the protocol
// calls them; so many of a fixed number are what they are.
func TestScaleIsADoubt(t *testing.T) {
	load := func(kind string, value func(i int) int) []string {
		protocol := strings.Replace(binaryProtocol("", ""), "kind: binary", kind+", baseline: none", 1)
		protocol = strings.Replace(protocol, "  values: {y: {ja: yes, nee: no}}\n", "", 1)
		var rows []string
		for i := range 40 {
			rows = append(rows, fmt.Sprintf("%s,%d,s,50", []string{"a", "c"}[i%2], value(i)))
		}
		rep, err := loadBinary(t, protocol, rows).AnalyzeAll()
		require.NoError(t, err)
		var codes []string
		for _, d := range rep.Doubts {
			codes = append(codes, Codes(d.Notes)...)
		}
		return codes
	}
	few, heap := func(i int) int { return 1 + i%4 }, func(i int) int { return max(0, i-25) }
	assert.Contains(t, load("kind: continuous", few), "doubt-few-values")
	assert.Contains(t, load("kind: continuous", heap), "doubt-heaped")
	assert.NotContains(t, load("kind: continuous", func(i int) int { return i * 7 % 31 }), "doubt-heaped")
	for _, kind := range []string{"kind: bounded, range: [0, 14]", "kind: ordinal, levels: [\"1\", \"2\", \"3\", \"4\"]"} {
		assert.NotContains(t, load(kind, few), "doubt-few-values", kind)
	}
}

// A column of few different numbers is proposed with the question whether they are
// categories.
func TestProposeFewValues(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,group,gpe_week6,gpe_week12,walk_week6,walk_week12\n")
	for i := range 20 {
		fmt.Fprintf(&b, "%d,%s,%d,%d,%d,%d\n", i+1, []string{"laser", "sham"}[i%2], 1+i%4, 1+i*3%5, 300+i*7%90, 310+i*11%95)
	}
	table, err := files.Read(strings.NewReader(b.String()), int64(b.Len()), "data.csv", files.Options{})
	require.NoError(t, err)
	p, err := Propose(table)
	require.NoError(t, err)
	for lang, want := range map[string]string{"en": "only 5 different values: if they are categories in an order, write kind: ordinal", "nl": "slechts 5 verschillende waarden"} {
		yaml, err := p.YAML(lang)
		require.NoError(t, err)
		assert.Equal(t, 1, strings.Count(yaml, want), yaml)
	}
}
