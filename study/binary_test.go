package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/files"
)

// binaryProtocol has one outcome, yes or no at one visit; plan goes into its plan,
// more under its top level, site into its arms' allocation.
func binaryProtocol(plan, more string) string {
	return `
title: Yes or no
arms: [{id: a}, {id: c, control: true}]
visits: [{id: pre}, {id: post}]
outcomes: [{id: y, kind: binary, better: higher}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {post: y}}
  values: {y: {ja: yes, nee: no}}
  covariates: {site: {column: site, kind: category}, age: {column: age, kind: number}}
plans: [{outcome: y, visit: post` + plan + `}]
` + more
}

// yesOrNo are rows of an arm's events and others.
func yesOrNo(arm string, events, others int, of func(i int) (site string, age int)) (rows []string) {
	for i := range events + others {
		y, site, age := "ja", "s", 50
		if i >= events {
			y = "nee"
		}
		if of != nil {
			site, age = of(i)
		}
		rows = append(rows, fmt.Sprintf("%s,%s,%s,%d", arm, y, site, age))
	}
	return rows
}

func loadBinary(t testing.TB, protocol string, rows []string) *Dataset {
	t.Helper()
	p, err := ParseProtocol(strings.NewReader(protocol), "protocol.yaml")
	require.NoError(t, err)
	csv := "id,arm,y,site,age\n"
	for i, r := range rows {
		csv += fmt.Sprintf("%03d,%s\n", i+1, r)
	}
	ds, err := Load(strings.NewReader(csv), "data.csv", p)
	require.NoError(t, err)
	return ds
}

func decided(t testing.TB, ds *Dataset) (Row, Result) {
	t.Helper()
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	require.Len(t, rep.Results, 1)
	rows := rep.Results[0].Deciding()
	require.Len(t, rows, 1)
	return rows[0], rep.Results[0]
}

// chanZhang is the exact unconditional p at no difference by another route than the
// package's: every table is visited on a grid of the common probability, ordered by the
// score statistic at Δ = 0, whose restricted estimate is the pooled share.
func chanZhang(x1, n1, x2, n2 int) float64 {
	z := func(a, b int) float64 {
		p := float64(a+b) / float64(n1+n2)
		v := p * (1 - p) * (1/float64(n1) + 1/float64(n2))
		if v == 0 {
			return 0
		}
		return (float64(a)/float64(n1) - float64(b)/float64(n2)) / math.Sqrt(v)
	}
	choose := func(n, k int) float64 {
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(k + 1))
		c, _ := math.Lgamma(float64(n - k + 1))
		return a - b - c
	}
	obs := z(x1, x2)
	var greater, less float64
	for g := 1; g < 20_000; g++ {
		p := float64(g) / 20_000
		var up, down float64
		for a := range n1 + 1 {
			for b := range n2 + 1 {
				prob := math.Exp(choose(n1, a) + choose(n2, b) + float64(a+b)*math.Log(p) + float64(n1+n2-a-b)*math.Log1p(-p))
				if s := z(a, b); s >= obs-1e-9 {
					up += prob
				}
				if s := z(a, b); s <= obs+1e-9 {
					down += prob
				}
			}
		}
		greater, less = max(greater, up), max(less, down)
	}
	return min(1, 2*min(greater, less))
}

// Small arms are compared exactly. 3 of 5 against 0 of 5: 60 points (−2.98 to 94.73), p
// 0.06185, published beside the definition of the method; the p also by enumeration.
func TestBinaryExact(t *testing.T) {
	for _, x := range [][4]int{{3, 5, 0, 5}, {7, 7, 2, 4}, {4, 9, 6, 8}, {0, 6, 0, 5}} {
		row, res := decided(t, loadBinary(t, binaryProtocol("", ""), append(yesOrNo("a", x[0], x[1]-x[0], nil), yesOrNo("c", x[2], x[3]-x[2], nil)...)))
		assert.Equal(t, MethodExact, row.Method)
		assert.Equal(t, RiskDifference, row.Measure)
		assert.InDelta(t, float64(x[0])/float64(x[1])-float64(x[2])/float64(x[3]), row.Estimate, 1e-15)
		assert.InDelta(t, chanZhang(x[0], x[1], x[2], x[3]), row.P, 1e-7, x)
		if x[0] == 3 {
			assert.InDelta(t, 0.06185, row.P, 5e-6)
			assert.InDelta(t, -0.0298, row.Lower, 5e-5)
			assert.InDelta(t, 0.9473, row.Upper, 5e-5)
			require.NotNil(t, row.NNT)
			assert.InDelta(t, 0.6, row.NNT.Difference, 1e-15)
		}
		for _, s := range res.Summaries {
			require.NotNil(t, s.Share)
			assert.True(t, math.IsNaN(s.Mean) && math.IsNaN(s.SD), "a share is no mean")
		}
		assert.Empty(t, res.Within)
		assert.Empty(t, res.EffectSizes)
	}
}

// The method follows from what is known before any event.
func TestBinaryMethods(t *testing.T) {
	sites := func(i int) (string, int) { return fmt.Sprintf("s%d", i%2), 40 + i%17 }
	stratified := "randomization: {kind: stratified, strata: [site]}\n"
	for _, c := range []struct {
		name, plan, more string
		events, others   int
		want             Method
		note             string
	}{
		{"50 + 50", "", "", 30, 20, MethodExact, ""},
		{"51 + 51", "", "", 30, 21, MethodScore, ""},
		{"51 + 51, margin", ", margin: 0.1", "", 30, 21, MethodFarringtonManning, ""},
		{"strata", "", stratified, 30, 20, MethodMantelHaenszel, ""},
		{"covariate", ", covariates: [age]", "", 30, 20, MethodGComputation, ""},
		{"covariate and strata", ", covariates: [age]", stratified, 30, 20, MethodGComputation, ""},
		{"few events", ", covariates: [age]", "", 4, 20, MethodExact, "gcomp-few-events"},
		{"few others within strata", ", covariates: [age]", stratified, 40, 3, MethodMantelHaenszel, "gcomp-few-events"},
		{"small strata", ", covariates: [age]", stratified, 4, 4, MethodMantelHaenszel, "gcomp-few-events"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows := append(yesOrNo("a", c.events, c.others, sites), yesOrNo("c", c.events-1, c.others+1, sites)...)
			ds := loadBinary(t, binaryProtocol(c.plan, c.more), rows)
			row, res := decided(t, ds)
			assert.Equal(t, c.want, row.Method)
			require.NotNil(t, row.Effect)
			rep, err := ds.AnalyzeAll()
			require.NoError(t, err)
			departed := false
			for _, n := range rep.Departures {
				departed = departed || n.Code == "departure-method"
			}
			if c.note != "" {
				assert.Contains(t, Codes(row.Notes), c.note)
			}
			assert.Equal(t, c.note != "", departed, "what was foreseen and not done is a departure")
			measures := map[Measure]bool{}
			for _, x := range res.Rows {
				measures[x.Measure] = true
				assert.Equal(t, x.Decides, x.Role != RoleCompanion)
			}
			assert.Equal(t, map[Measure]bool{RiskDifference: true, RiskRatio: true, OddsRatio: true}, measures)
		})
	}
}

// Within strata it is Mantel and Haenszel's difference with Sato's variance, here by
// their formulas (Sato 1989, Biometrics 45:1323).
func TestBinaryWithinStrata(t *testing.T) {
	type table struct{ x1, n1, x2, n2 float64 }
	tables := []table{{6, 9, 3, 8}, {2, 7, 4, 9}, {5, 5, 1, 6}}
	var rows []string
	var num, den, variance, p, q float64
	for i, s := range tables {
		of := func(int) (string, int) { return fmt.Sprint("s", i), 50 }
		rows = append(rows, yesOrNo("a", int(s.x1), int(s.n1-s.x1), of)...)
		rows = append(rows, yesOrNo("c", int(s.x2), int(s.n2-s.x2), of)...)
		n := s.n1 + s.n2
		num += (s.x1*s.n2 - s.x2*s.n1) / n
		den += s.n1 * s.n2 / n
		p += (s.n1*s.n1*s.x2 - s.n2*s.n2*s.x1 + s.n1*s.n2*(s.n2-s.n1)/2) / (n * n)
		q += (s.x1*(s.n2-s.x2) + s.x2*(s.n1-s.x1)) / (2 * n)
	}
	rd := num / den
	variance = (rd*p + q) / (den * den)
	row, _ := decided(t, loadBinary(t, binaryProtocol("", "randomization: {kind: stratified, strata: [site]}\n"), rows))
	assert.InDelta(t, rd, row.Estimate, 1e-12)
	assert.InDelta(t, math.Sqrt(variance), row.SE, 1e-12)
	assert.Equal(t, Conditional, row.Target)
	assert.False(t, row.WithoutStrata)
}

// Arms swapped turn the sign; rows shuffled change nothing; p is below α where the
// interval leaves out no difference and only there, on every scale.
func TestBinaryProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 1))
	for k := range 60 {
		n1, n2 := 2+r.IntN(12), 2+r.IntN(12)
		x1, x2 := r.IntN(n1+1), r.IntN(n2+1)
		rows := append(yesOrNo("a", x1, n1-x1, nil), yesOrNo("c", x2, n2-x2, nil)...)
		row, res := decided(t, loadBinary(t, binaryProtocol("", ""), rows))
		swapped, _ := decided(t, loadBinary(t, binaryProtocol("", ""), append(yesOrNo("a", x2, n2-x2, nil), yesOrNo("c", x1, n1-x1, nil)...)))
		assert.InDelta(t, -row.Estimate, swapped.Estimate, 1e-12)
		assert.InDelta(t, -row.Upper, swapped.Lower, 1e-9)
		assert.InDelta(t, row.P, swapped.P, 1e-9)
		r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		shuffled, _ := decided(t, loadBinary(t, binaryProtocol("", ""), rows))
		assert.Equal(t, [4]float64{row.Estimate, row.Lower, row.Upper, row.P}, [4]float64{shuffled.Estimate, shuffled.Lower, shuffled.Upper, shuffled.P})
		for _, x := range res.Rows {
			if x.Effect == nil {
				assert.NotEmpty(t, x.Notes, "no number without a reason")
				continue
			}
			gap := x.noted("responders-gap-zero")
			assert.Equal(t, x.P < 0.05, !x.interval().Contains(x.Measure.Null()) || gap, "%d: %s %s of %d/%d v %d/%d", k, x.Method, x.Measure, x1, n1, x2, n2)
		}
	}
}

// Those without a value are counted, and so is the most that they can change.
func TestBinaryMissing(t *testing.T) {
	rows := append(yesOrNo("a", 6, 2, nil), yesOrNo("c", 3, 5, nil)...)
	rows = append(rows, "a,,s,50", "c,,s,50", "c,,s,50")
	row, res := decided(t, loadBinary(t, binaryProtocol("", ""), rows))
	assert.Equal(t, map[string]int{"a": 8, "c": 8}, row.N)
	assert.Equal(t, map[string]int{"a": 9, "c": 10}, row.Randomized)
	require.Len(t, res.MissingCases, 2)
	best, worst := res.MissingCases[0], res.MissingCases[1]
	assert.InDelta(t, 7.0/9-3.0/10, best.Difference, 1e-15)
	assert.InDelta(t, 6.0/9-5.0/10, worst.Difference, 1e-15)
	_, res = decided(t, loadBinary(t, binaryProtocol("", ""), rows[:16]))
	assert.Empty(t, res.MissingCases)
}

// What a protocol asks of a binary outcome that it does not have is refused where it
// stands.
func TestKindsRefused(t *testing.T) {
	base := binaryProtocol("", "")
	for _, c := range []struct{ from, to, want string }{
		{"kind: binary", "kind: ordinal", "protocol.yaml:5:12: outcomes[0].levels: outcome \"y\" is ordinal: list its categories"},
		{"kind: binary", "kind: time", "protocol.yaml:5:26: outcomes[0].kind: outcomes of kind time are not in yet"},
		{"kind: binary", "kind: sort", `protocol.yaml:5:26: outcomes[0].kind: unknown kind "sort"`},
		{"better: higher", "better: higher, unit: cm", "it has no such thing"},
		{"better: higher", "better: higher, range: [0, 1]", "it has no such thing"},
		{"better: higher", "better: higher, baseline: pre", "it has no baseline"},
		{"better: higher", "better: higher, thresholds: [{kind: MCID, value: 1, level: individual}]", "judges one patient's value"},
		{"better: higher", "better: higher, thresholds: [{kind: margin, value: 10}]", "ten percentage points are 0.1"},
		{"better: higher", "better: higher, levels: [a, b]", "ordinal"},
		{"ja: yes", "ja: maybe", "neither yes nor no"},
		{"visit: post", "visit: post, model: mmrm", "model mmrm is not for an outcome that is binary"},
		{"visit: post", "visit: post, se: hc3", "has no such choice"},
		{"visit: post", "visit: post, margin: 10", "ten percentage points are 0.1"},
		{"visit: post", "visit: post, effect: odds-ratio, margin: 0.1", "the margin of odds-ratio is a ratio: write scale: ratio"},
		{"visit: post", "visit: post, effect: mean-difference", "effect mean-difference is not for an outcome that is binary"},
		{"kind: binary, ", "", `"yes" is not a number`},
	} {
		_, err := ParseProtocol(strings.NewReader(strings.Replace(base, c.from, c.to, 1)), "protocol.yaml")
		require.Error(t, err, c.to)
		assert.Contains(t, err.Error(), c.want, c.to)
	}
}

// 0 and 1 alone are asked about, and a declared kind is the answer; other values of a
// binary outcome are refused.
func TestKindsAreAsked(t *testing.T) {
	protocol := func(kind string) Protocol {
		p, err := ParseProtocol(strings.NewReader(strings.NewReplacer("id: y\n", "id: y\n    "+kind+"\n", "    unit: cm\n", "",
			"    thresholds: [{kind: MCID, value: 1, level: individual, source: s}, {kind: margin, value: 1, level: between, source: s}]\n", "",
			"{pre: pre, post: post}", "{post: post}").Replace(SmallProtocol)+"baseline: none\n"), "protocol.yaml")
		require.NoError(t, err)
		return p
	}
	csv := "id,arm,pre,post\n1,a,0,1\n2,a,0,0\n3,c,0,1\n4,c,0,0\n"
	_, err := Load(strings.NewReader(csv), "data.csv", protocol("label: Y"))
	require.Error(t, err)
	assert.Contains(t, err.Error(), "data.csv:1:12: outcome y has 0 and 1 alone: is it yes or no? write kind: binary")
	for _, kind := range []string{"kind: binary", "kind: continuous"} {
		ds, err := Load(strings.NewReader(csv), "data.csv", protocol(kind))
		require.NoError(t, err, kind)
		row, _ := decided(t, ds)
		assert.Equal(t, kind == "kind: binary", row.Measure == RiskDifference, kind)
	}
	_, err = Load(strings.NewReader(strings.Replace(csv, "a,0,1", "a,0,2", 1)), "data.csv", protocol("kind: binary"))
	require.Error(t, err)
	assert.Contains(t, err.Error(), "data.csv:2:7: y at post: 2 is neither 0 nor 1")
	ds, err := Load(strings.NewReader(strings.Replace(csv, "a,0,1", "a,0,2", 1)), "data.csv", protocol("label: Y"))
	require.NoError(t, err)
	assert.NotContains(t, Codes(ds.Notes()), "values-few", "four values tell nothing")
	many := "id,arm,pre,post\n"
	for i := range 24 {
		many += fmt.Sprintf("%d,%s,0,%d\n", i+1, []string{"a", "c"}[i%2], 1+i%5)
	}
	ds, err = Load(strings.NewReader(many), "data.csv", protocol("label: Y"))
	require.NoError(t, err)
	assert.Contains(t, Codes(ds.Notes()), "values-few")
	ds, err = Load(strings.NewReader(many), "data.csv", protocol("kind: continuous"))
	require.NoError(t, err)
	assert.NotContains(t, Codes(ds.Notes()), "values-few")
	heaped := "id,arm,pre,post\n"
	for i := range 24 {
		heaped += fmt.Sprintf("%d,%s,0,%d\n", i+1, []string{"a", "c"}[i%2], max(0, i-13))
	}
	ds, err = Load(strings.NewReader(heaped), "data.csv", protocol("label: Y"))
	require.NoError(t, err)
	assert.Contains(t, Codes(ds.Notes()), "values-heaped")
}

// A set stands beside everybody randomized, by the same method and with its own
// numbers, and never decides; a set that answers the margin otherwise is a doubt.
func TestSetsStandBeside(t *testing.T) {
	protocol := strings.Replace(binaryProtocol(", margin: 0.3, primary: true}, {outcome: y, visit: post, margin: 0.3, set: pp, role: supplementary", ""),
		"  covariates:", "  sets: {pp: {site: [s0], age: [\"50\"]}}\n  covariates:", 1)
	rows := append(yesOrNo("a", 20, 10, func(i int) (string, int) { return fmt.Sprint("s", i%3/2), 50 }), yesOrNo("c", 20, 10, func(i int) (string, int) { return "s0", 50 + i/28 })...)
	ds := loadBinary(t, protocol, rows)
	row, res := decided(t, ds)
	assert.Equal(t, map[string]int{"a": 30, "c": 30}, row.N)
	var pp Row
	for _, x := range res.Rows {
		if x.Set != "" {
			assert.Empty(t, pp.Set, "one row a set")
			pp = x
		}
	}
	in := map[string][2]int{} // events, n by another way
	for _, r := range rows {
		f := strings.Split(r, ",")
		if f[2] == "s0" && f[3] == "50" {
			c := in[f[0]]
			c[1]++
			if f[1] == "ja" {
				c[0]++
			}
			in[f[0]] = c
		}
	}
	assert.Equal(t, map[string]int{"a": in["a"][1], "c": in["c"][1]}, pp.N)
	assert.InDelta(t, float64(in["a"][0])/float64(in["a"][1])-float64(in["c"][0])/float64(in["c"][1]), pp.Estimate, 1e-15)
	assert.False(t, pp.Decides)
	assert.Nil(t, pp.Judgement)
	assert.Contains(t, Codes(pp.Notes), "set-not-randomized")
	require.NotNil(t, pp.NonInferiority)
	for _, a := range res.Agreement() {
		for _, x := range a.Companions {
			assert.Empty(t, x.Set, "another question is no other way to answer this one")
		}
	}
	assert.Len(t, res.RowsBy(row.Method), 1)
	for _, x := range ds.Participants() {
		assert.Equal(t, x.Categories["site"] == "s0" && x.Numbers["age"] == 50, x.Sets["pp"])
	}
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	assert.Empty(t, rep.Departures, "who is not in the set was not asked for")
}

// A plan of a set alone leaves the decision to everybody randomized; measurements have
// sets, too.
func TestSetsNeverDecide(t *testing.T) {
	protocol := strings.Replace(SmallProtocol, "  columns:", "  sets: {pp: {ok: [\"1\"]}}\n  columns:", 1) + "plans: [{outcome: y, visit: post, set: pp}]\n"
	p, err := ParseProtocol(strings.NewReader(protocol), "p")
	require.NoError(t, err)
	var csv strings.Builder
	csv.WriteString("id,arm,pre,post,ok\n")
	for i := range 20 {
		fmt.Fprintf(&csv, "%d,%s,%d,%d,%d\n", i, []string{"a", "c"}[i%2], 5+i%4, 4+i%5+i%3, i%7/6)
	}
	ds, err := Load(strings.NewReader(strings.ReplaceAll(csv.String(), ",0\n", ",1\n")), "d", p)
	require.NoError(t, err)
	row, res := decided(t, ds)
	assert.Equal(t, RoleDefault, row.Role)
	assert.Empty(t, row.Set)
	n := 0
	for _, x := range res.Rows {
		if x.Set == "pp" {
			n++
			assert.Equal(t, MethodANCOVA, x.Method)
			assert.Equal(t, row.Estimate, x.Estimate, "everybody is in this set")
		}
	}
	assert.Equal(t, 1, n)
	for _, c := range []struct{ from, to, want string }{
		{"set: pp", "set: pp, primary: true", "not protected by randomization"},
		{"set: pp", "set: qq", `unknown set "qq" (itt, pp)`},
		{"set: pp", "set: as-treated", "name its column under data.received"},
		{"pp: {ok:", "itt: {ok:", "is no name for a set"},
		{"{ok: [", "{post: [", "makes no set"},
	} {
		_, err := ParseProtocol(strings.NewReader(strings.Replace(protocol, c.from, c.to, 1)), "p")
		require.Error(t, err, c.to)
		assert.Contains(t, err.Error(), c.want)
	}
}

// Equivalence is shown where both one-sided tests are below (1 − level)/2: where the
// interval lies within the margins, and only there.
func TestEquivalenceOfPlans(t *testing.T) {
	shown := map[bool]int{}
	for _, x := range [][2]int{{60, 60}, {66, 58}, {80, 50}, {58, 66}} {
		rows := append(yesOrNo("a", x[0], 100-x[0], nil), yesOrNo("c", x[1], 100-x[1], nil)...)
		row, res := decided(t, loadBinary(t, binaryProtocol(", margin: 0.15, framework: equivalence, primary: true", ""), rows))
		require.NotNil(t, row.Equivalence)
		assert.Nil(t, row.NonInferiority)
		q := *row.Equivalence
		assert.InDelta(t, 0.025, q.Alpha, 1e-15)
		assert.Equal(t, math.Max(q.PLower, q.PUpper), q.P)
		assert.Equal(t, row.Lower > -0.15 && row.Upper < 0.15, q.Shown)
		assert.Equal(t, FrameworkEquivalence, res.Plan.Framework)
		shown[q.Shown]++
	}
	assert.Len(t, shown, 2, "one and the other were seen")
	rows := append(yesOrNo("a", 60, 40, nil), yesOrNo("c", 60, 40, nil)...)
	row, res := decided(t, loadBinary(t, binaryProtocol(", margin: 0.15, framework: equivalence, alpha: 0.05", ""), rows))
	assert.Equal(t, 0.9, res.Plan.Level, "an interval of 1 − 2·alpha")
	assert.Equal(t, 0.05, row.Equivalence.Alpha)
	for plan, want := range map[string]string{
		", framework: equivalence": "equivalence needs a margin",
		", alpha: 0.05":            "alpha is that of each of the two tests",
		", margin: 0.1, framework: equivalence, alpha: 0.05, level: 0.95": "may not disagree",
		", margin: 0.1, framework: equivalence, alpha: 0.5":               "below 0.5",
		", framework: superiority, margin: 0.1":                           "superiority has no margin",
		", framework: better":                                             "better",
		", framework: non-inferiority, margin: 2":                         "ten percentage points are 0.1",
	} {
		_, err := ParseProtocol(strings.NewReader(binaryProtocol(plan, "")), "p")
		require.Error(t, err, plan)
		assert.Contains(t, err.Error(), want)
	}
}

// A column of 0 and 1 is proposed as yes or no, to be checked, without a range or a
// threshold to ask for; the finished protocol is read.
func TestProposeBinary(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,group,pain_baseline,pain_week12,sport_week6,sport_week12\n")
	for i := range 20 {
		fmt.Fprintf(&b, "%d,%s,%d,%d,%d,%d\n", i+1, []string{"laser", "sham"}[i%2], 40+i*7%23, 30+i*5%31, i%3/2, i%4/2)
	}
	table, err := files.Read(strings.NewReader(b.String()), int64(b.Len()), "data.csv", files.Options{})
	require.NoError(t, err)
	p, err := Propose(table)
	require.NoError(t, err)
	yaml, err := p.YAML("en")
	require.NoError(t, err)
	i := strings.Index(yaml, "- id: sport")
	require.Positive(t, i, yaml)
	sport, _, _ := strings.Cut(yaml[i:], "\ndata:")
	assert.Contains(t, sport, "# check: 0 and 1 alone, taken as no and yes: write kind: continuous if they are measurements\n    kind: binary\n")
	for _, none := range []string{"range", "resolution", "threshold"} {
		assert.NotContains(t, sport, none)
	}
	questions, err := p.Questions("en")
	require.NoError(t, err)
	for _, q := range questions {
		assert.NotContains(t, []string{"range.sport", "threshold.sport"}, q.ID)
	}
}

// With covariates it is g-computation with the variance of Ye et al. (2023, formula of
// the paper), here from a logistic model fitted by Newton's steps in the test.
func TestBinaryStandardized(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 9))
	var rows []string
	var y, arm, age []float64
	for i := range 120 {
		a, x := float64(i%2), float64(30+r.IntN(40))
		yes := 0.0
		if r.Float64() < 1/(1+math.Exp(-(-3+0.8*a+0.05*x))) {
			yes = 1
		}
		y, arm, age = append(y, yes), append(arm, a), append(age, x)
		rows = append(rows, fmt.Sprintf("%s,%s,s,%v", []string{"c", "a"}[i%2], []string{"nee", "ja"}[int(yes)], x))
	}
	var b [3]float64
	p := func(a, x float64) float64 { return 1 / (1 + math.Exp(-(b[0] + b[1]*a + b[2]*(x-50)))) }
	for range 50 {
		var g [3]float64
		var h [3][4]float64
		for i := range y {
			m := p(arm[i], age[i])
			z := [3]float64{1, arm[i], age[i] - 50}
			for j := range z {
				g[j] += (y[i] - m) * z[j]
				for k := range z {
					h[j][k] += m * (1 - m) * z[j] * z[k]
				}
			}
		}
		for j := range g { // Gauss–Jordan
			h[j][3] = g[j]
		}
		for j := range 3 {
			for k := range 3 {
				if k != j {
					f := h[k][j] / h[j][j]
					for l := range 4 {
						h[k][l] -= f * h[j][l]
					}
				}
			}
		}
		for j := range b {
			b[j] += h[j][3] / h[j][j]
		}
	}
	n := float64(len(y))
	cov := func(in func(int) bool, f, g func(int) float64) float64 {
		var k, mf, mg, s float64
		for i := range y {
			if in(i) {
				k, mf, mg = k+1, mf+f(i), mg+g(i)
			}
		}
		for i := range y {
			if in(i) {
				s += (f(i) - mf/k) * (g(i) - mg/k)
			}
		}
		return s / (k - 1)
	}
	all := func(int) bool { return true }
	of := func(i int) float64 { return y[i] }
	mu := func(a float64) func(int) float64 { return func(i int) float64 { return p(a, age[i]) } }
	in := func(a float64) func(int) bool { return func(i int) bool { return arm[i] == a } }
	v := func(a float64) float64 {
		res := func(i int) float64 { return y[i] - mu(a)(i) }
		return cov(in(a), res, res)/0.5 + 2*cov(in(a), of, mu(a)) - cov(all, mu(a), mu(a))
	}
	v10 := cov(in(1), of, mu(0)) + cov(in(0), of, mu(1)) - cov(all, mu(1), mu(0))
	var means [2]float64
	for i := range y {
		means[0], means[1] = means[0]+mu(0)(i)/n, means[1]+mu(1)(i)/n
	}
	row, res := decided(t, loadBinary(t, binaryProtocol(", covariates: [age]", ""), rows))
	assert.Equal(t, MethodGComputation, row.Method)
	assert.InDelta(t, means[1]-means[0], row.Estimate, 1e-9)
	assert.InDelta(t, math.Sqrt((v(1)+v(0)-2*v10)/n), row.SE, 1e-9)
	found := map[Target]float64{}
	for _, x := range res.Rows {
		if x.Measure == OddsRatio && (x.Method == MethodGComputation || x.Method == MethodLogistic) {
			found[x.Target] = x.Estimate
		}
	}
	assert.InDelta(t, means[1]/(1-means[1])/(means[0]/(1-means[0])), found[Marginal], 1e-8)
	assert.InDelta(t, math.Exp(b[1]), found[Conditional], 1e-8)
	assert.Greater(t, found[Conditional], found[Marginal], "given age it is further from 1")
}

// What no ratio is due to is said as it is: no events, only events, or strata of one arm.
func TestNoRatioHasItsReason(t *testing.T) {
	for name, c := range map[string]struct {
		active, control [2]int // events and others
		sites           [2]string
		risk, odds      string // the reason, "" where there is a number
	}{
		"only events":          {[2]int{5, 0}, [2]int{2, 2}, [2]string{"s", "s"}, "", "ratio-all-events"},
		"only events, control": {[2]int{2, 3}, [2]int{5, 0}, [2]string{"s", "s"}, "", ""}, // odds of 0
		"only events, both":    {[2]int{4, 0}, [2]int{5, 0}, [2]string{"s", "s"}, "", "ratio-all-events"},
		"no events":            {[2]int{3, 2}, [2]int{0, 5}, [2]string{"s", "s"}, "ratio-no-events", "ratio-no-events"},
		"apart":                {[2]int{3, 2}, [2]int{2, 3}, [2]string{"s", "z"}, "ratio-no-strata", "ratio-no-strata"},
	} {
		more := ""
		if c.sites[0] != c.sites[1] {
			more = "randomization: {kind: stratified, strata: [site]}\n"
		}
		at := func(site string) func(int) (string, int) { return func(int) (string, int) { return site, 50 } }
		rows := append(yesOrNo("a", c.active[0], c.active[1], at(c.sites[0])), yesOrNo("c", c.control[0], c.control[1], at(c.sites[1]))...)
		_, res := decided(t, loadBinary(t, binaryProtocol("", more), rows))
		seen := 0
		for _, x := range res.Rows {
			want := map[Measure]string{RiskRatio: c.risk, OddsRatio: c.odds}[x.Measure]
			if x.Measure == RiskDifference {
				continue
			}
			if seen++; want == "" {
				assert.NotNil(t, x.Effect, "%s %s", name, x.Measure)
				continue
			}
			assert.Nil(t, x.Effect, "%s %s", name, x.Measure)
			assert.Contains(t, Codes(x.Notes), want, "%s %s", name, x.Measure)
		}
		assert.GreaterOrEqual(t, seen, 2, name)
	}
}
