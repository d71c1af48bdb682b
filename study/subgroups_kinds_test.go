package study

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/table"
)

// subgroupsSeen counts what subgroups of random trials came to.
type subgroupsSeen struct {
	tested, outside, curves int
	reasons                 map[string]int
}

// hold requires of a result's subgroups, by a category, along a number and by its cuts, what
// must be true of all: an estimate or a reason, nothing that is no number, and a p-value
// below α where the one interval of the interaction leaves out no difference, and only there.
func (k *subgroupsSeen) hold(t *testing.T, res Result, about string) {
	t.Helper()
	if k.reasons == nil {
		k.reasons = map[string]int{}
	}
	for _, by := range []struct {
		covariate string
		cuts      []float64
	}{{"site", nil}, {"age", nil}, {"age", []float64{50}}} {
		s, err := SubgroupsOf(res, by.covariate, by.cuts...)
		at := fmt.Sprintf("%s %v: %s", by.covariate, by.cuts, about)
		if err != nil {
			used := 0
			for _, r := range res.Records {
				if r.HasFollow {
					used++
				}
			}
			if used > 0 {
				t.Fatalf("%v: %s", err, at)
			}
			continue
		}
		finiteEffect := func(e stats.Effect, level float64) stats.Interval {
			ci := e.CI(level)
			if math.IsNaN(e.Point()) || math.IsInf(e.Point(), 0) || math.IsNaN(ci.Lo) || math.IsNaN(ci.Hi) || ci.Lo > e.Point()+1e-12 || ci.Hi < e.Point()-1e-12 {
				t.Fatalf("%v, %v: %s", e.Point(), ci, at)
			}
			return ci
		}
		for _, row := range s.Rows {
			switch {
			case row.Effect == nil || row.Withheld:
				if row.Why == nil {
					t.Fatalf("no estimate of %q without a reason: %s", row.Level, at)
				}
			case row.Why != nil:
				t.Fatalf("%v beside an estimate: %s", row.Why, at)
			case math.IsInf(row.Effect.Point(), 1) && row.Method == MethodExactRates && math.IsInf(row.CI(s.Level).Hi, 1): // none in control
			default:
				finiteEffect(row.Effect, s.Level)
			}
		}
		p, tested := s.Tested()
		if !tested {
			if s.Why == nil || len(s.Interactions) > 0 || len(s.Curve) > 0 {
				t.Fatalf("not tested, %v, %v: %s", s.Why, s.Interactions, at)
			}
			if n, ok := s.Reason(); ok {
				k.reasons[n.Code]++
			} else {
				k.reasons[s.Why.Error()]++
			}
			continue
		}
		k.tested++
		if !(p >= 0 && p <= 1) || len(s.Interactions) != 1 {
			t.Fatalf("p = %v, %d interactions: %s", p, len(s.Interactions), at)
		}
		null := 0.0
		if s.Interacts.Scale() == ScaleRatio {
			null = 1
		}
		ci := finiteEffect(s.Interactions[0].Effect, s.Level)
		if out := !ci.Contains(null); out != (p < 0.05) || math.Abs(s.Interactions[0].Effect.P(null)-p) > 1e-7 && s.Interaction == nil {
			t.Fatalf("p = %v and %v, interval %v: %s", p, s.Interactions[0].Effect.P(null), ci, at)
		} else if out {
			k.outside++
		}
		if few := res.Plan.VarianceByArm && len(s.Curve) == 0; by.covariate == "age" && len(s.Curve) != trendPoints && !few { // degrees of freedom at some point
			t.Fatalf("%d points: %s", len(s.Curve), at)
		}
		for _, c := range s.Curve {
			k.curves++
			finiteEffect(c.Effect, s.Level)
		}
	}
}

// subgroupKinds loads the invented trial of testdata/reference/study_subgroups_kinds.R with a plan
// of one of its outcomes.
func subgroupKinds(t *testing.T, data, outcome, values, plan, subgroups string) Subgroups {
	t.Helper()
	id := strings.TrimSpace(strings.TrimPrefix(strings.Split(outcome, ",")[0], "id:"))
	p := Parsed(t, `arms: [{id: act}, {id: ctl, control: true}]
visits: [{id: post}]
baseline: none
outcomes: [{`+outcome+`}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {`+id+`: {post: `+id+`}}
  `+values+`
  covariates: {sex: {column: sex, kind: category}, age: {column: age, kind: number}}
plans: [{outcome: `+id+`, visit: post`+plan+`}]
subgroups: `+subgroups+`
`)
	ds, err := Load(strings.NewReader(data), "d.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	require.Len(t, r.Subgroups, 1)
	require.NoError(t, r.Subgroups[0].Why)
	return r.Subgroups[0]
}

func TestSubgroupsOfKindsAreThoseOfR(t *testing.T) {
	raw, err := os.ReadFile("../testdata/reference/study_subgroups_kinds.json")
	require.NoError(t, err)
	var ref struct {
		Data    string
		Answers map[string]struct {
			X2  float64
			Log [3]float64
			SE  float64
			At  [][3]float64
		}
		Logs, Variance struct{ Log, Slope [2]float64 }
		Win            map[string][2]float64
	}
	require.NoError(t, json.Unmarshal(raw, &ref))
	outcomes := map[string][2]string{
		"yes":   {"id: yes, kind: binary, better: higher", "values: {yes: {1: yes, 0: no}}"},
		"falls": {"id: falls, kind: count, better: lower", "exposure: {falls: months}"},
		"grade": {"id: grade, kind: ordinal, levels: [none, some, much, full], better: higher", "values: {grade: {1: none, 2: some, 3: much, 4: full}}"},
		"time":  {"id: time, kind: continuous, better: lower", ""},
	}
	subgroups := func(outcome, plan, by string) Subgroups {
		return subgroupKinds(t, ref.Data, outcomes[outcome][0], outcomes[outcome][1], plan, by)
	}
	for _, c := range []struct {
		answer, outcome, plan, by string
		interacts                 Measure
		near                      float64
	}{
		{"logistic", "yes", ", effect: odds-ratio", "[sex]", OddsRatio, 1e-6},
		{"logistic_age", "yes", ", covariates: [age]", "[sex]", OddsRatio, 1e-6},
		{"logistic_line", "yes", "", "[age]", OddsRatio, 1e-6},
		{"nb", "falls", "", "[sex]", RateRatio, 1e-5}, // glm.nb stops earlier
		{"nb_line", "falls", "", "[age]", RateRatio, 1e-5},
		{"polr", "grade", ", model: proportional-odds", "[sex]", OddsRatio, 1e-4}, // polr by BFGS
		{"polr_line", "grade", "", "[age]", OddsRatio, 1e-3},
	} {
		s, want := subgroups(c.outcome, c.plan, c.by), ref.Answers[c.answer]
		require.NotNil(t, s.Chi2, c.answer)
		assert.Equal(t, c.interacts, s.Interacts, c.answer)
		assert.Equal(t, 1.0, s.Chi2.DF, c.answer)
		assert.InEpsilon(t, want.X2, s.Chi2.X2, 10*c.near, c.answer)
		require.Len(t, s.Interactions, 1)
		i := s.Interactions[0]
		ci := i.Effect.CI(0.95)
		se, _ := i.StandardError()
		for k, got := range []float64{i.Effect.Point(), ci.Lo, ci.Hi} {
			assert.InDelta(t, want.Log[k], math.Log(got), 10*c.near*want.SE, c.answer)
		}
		if c.answer != "logistic" { // whose interval is by the table, and its error by the counts
			assert.InEpsilon(t, want.SE, se, 100*c.near, c.answer)
		}
		require.Len(t, s.At, len(want.At), c.answer)
		for k, w := range want.At {
			se, df := s.At[k].StandardError()
			assert.Equal(t, []float64{w[0], math.Inf(1)}, []float64{s.At[k].At, df})
			assert.InDelta(t, w[1], math.Log(s.At[k].Effect.Point()), 10*c.near*w[2], c.answer)
			assert.InEpsilon(t, w[2], se, 10*c.near, c.answer)
		}
		if c.by == "[age]" {
			assert.Empty(t, s.Rows)
			assert.Len(t, s.Curve, trendPoints)
		} else {
			require.Len(t, s.Rows, 2)
		}
	}
	for plan, want := range map[string]struct{ Log, Slope [2]float64 }{", scale: log": ref.Logs, ", scale: log, variance_by_arm: true": ref.Variance} {
		for by, w := range map[string][2]float64{"[sex]": want.Log, "[age]": want.Slope} {
			s := subgroups("time", plan, by)
			require.NotNil(t, s.Interaction)
			assert.Equal(t, GeometricMeanRatio, s.Measure)
			se, _ := s.Interactions[0].StandardError()
			assert.InDelta(t, w[0], math.Log(s.Interactions[0].Effect.Point()), 1e-8)
			assert.InEpsilon(t, w[1], se, 1e-6, plan+by)
			assert.InDelta(t, s.Interaction.P(), s.Interactions[0].Effect.P(1), 1e-12)
		}
	}
	s := subgroups("grade", "", "[sex]")
	require.Len(t, s.Rows, 2)
	for k, l := range []string{"f", "m"} {
		assert.Equal(t, l, s.Rows[k].Level)
		assert.InDelta(t, ref.Win[l][0], math.Log(s.Rows[k].Effect.Point()/(1-s.Rows[k].Effect.Point())), 1e-12)
	}
	d, v := ref.Win["m"][0]-ref.Win["f"][0], math.Hypot(ref.Win["m"][1], ref.Win["f"][1])
	assert.InDelta(t, d, math.Log(s.Interactions[0].Effect.Point()), 1e-12)
	assert.InEpsilon(t, d*d/v/v, s.Chi2.X2, 1e-12)
	assert.Equal(t, []string{"wald", string(WinOdds), string(ProbabilityBetter)}, []string{s.TestedBy(), string(s.Interacts), string(s.Measure)})
}

// Rows of a binary outcome within a level are those of a trial of that level alone, the
// interaction is that of its counts, which stands on the plan's scale, and exchanging the
// levels' order or the arms turns it.
func TestSubgroupsOfSharesAreThoseOfTheirCounts(t *testing.T) {
	rows := func(level string, counts [4]int) (out []string) { // active events, others, control events, others
		of := func(int) (string, int) { return level, 50 }
		return append(yesOrNo("a", counts[0], counts[1], of), yesOrNo("c", counts[2], counts[3], of)...)
	}
	women, men := [4]int{21, 17, 12, 28}, [4]int{13, 28, 15, 20}
	count := func(events, others int) table.Count { return table.Count{Events: events, N: events + others} }
	for _, m := range []Measure{RiskDifference, RiskRatio, OddsRatio} {
		analyzed := func(first, second [4]int) Subgroups {
			ds := loadBinary(t, binaryProtocol(", effect: "+string(m), "subgroups: [site]"), append(rows("p", first), rows("q", second)...))
			rep, err := ds.AnalyzeAll()
			require.NoError(t, err)
			require.Len(t, rep.Subgroups, 1)
			return rep.Subgroups[0]
		}
		s := analyzed(women, men)
		want, err := table.Interaction(table.Stratum{Treated: count(13, 28), Control: count(15, 20)}, table.Stratum{Treated: count(21, 17), Control: count(12, 28)}, table.RiskScale(m))
		require.NoError(t, err)
		require.Len(t, s.Interactions, 1)
		assert.Equal(t, want.CI(0.95), s.Interactions[0].Effect.CI(0.95))
		assert.InDelta(t, want.P(m.Null()), s.Chi2.P(), 1e-12)
		assert.Equal(t, []string{"likelihood-ratio", string(m), string(m)}, []string{s.TestedBy(), string(s.Measure), string(s.Interacts)})
		for k, c := range [][4]int{women, men} {
			alone, _ := decided(t, loadBinary(t, binaryProtocol(", effect: "+string(m), ""), rows("p", c)))
			assert.Equal(t, alone.Method, s.Rows[k].Method)
			assert.Equal(t, [2]float64{alone.Lower, alone.Upper}, [2]float64{s.Rows[k].CI(0.95).Lo, s.Rows[k].CI(0.95).Hi})
			assert.Equal(t, float64(c[0]), math.Round(s.Rows[k].Treated.Mean*float64(s.Rows[k].Treated.N)))
		}
		turned := analyzed(men, women)
		swapped := analyzed([4]int{12, 28, 21, 17}, [4]int{15, 20, 13, 28})
		for _, o := range []Subgroups{turned, swapped} {
			assert.InEpsilon(t, s.Chi2.X2, o.Chi2.X2, 1e-9)
			got, w := o.Interactions[0].Effect.Point(), -want.Point()
			if m != RiskDifference {
				w = 1 / want.Point()
			}
			assert.InEpsilon(t, w, got, 1e-12)
		}
		renamed := analyzed(women, [4]int{0, 41, 15, 20}) // no events in an arm: no ratio, but a difference
		assert.Equal(t, m == RiskDifference, renamed.Chi2 != nil)
		if n, ok := renamed.Reason(); ok {
			assert.Equal(t, "subgroups-separated", n.Code)
		}
	}
}

// Within strata a level's row is Mantel and Haenszel's, and the interaction the difference of
// both, by hand.
func TestSubgroupsWithinStrataAreSeparate(t *testing.T) {
	protocol := strings.Replace(binaryProtocol("", "randomization: {kind: stratified, strata: [site]}\nsubgroups: [age, site]"), "age: {column: age, kind: number}", "age: {column: age, kind: category}", 1)
	var rows []string
	for age, byArm := range map[int]map[string][2][2]int{40: {"a": {{6, 4}, {9, 3}}, "c": {{3, 8}, {5, 6}}}, 60: {"a": {{4, 7}, {5, 6}}, "c": {{5, 5}, {6, 6}}}} {
		for _, arm := range []string{"a", "c"} {
			for k, c := range byArm[arm] {
				rows = append(rows, yesOrNo(arm, c[0], c[1], func(int) (string, int) { return fmt.Sprint("s", k), age })...)
			}
		}
	}
	slices.Sort(rows)
	rep, err := loadBinary(t, protocol, rows).AnalyzeAll()
	require.NoError(t, err)
	s := rep.Subgroups[0]
	mh := func(a, c [2][2]int) (d, v float64) { // Mantel and Haenszel, with Sato's variance
		var w, p, q float64
		for k := range a {
			x1, n1, x0, n0 := float64(a[k][0]), float64(a[k][0]+a[k][1]), float64(c[k][0]), float64(c[k][0]+c[k][1])
			n := n1 + n0
			w += n1 * n0 / n
			d += (x1*n0 - x0*n1) / n
			p += (n1*n1*x0 - n0*n0*x1 + n1*n0*(n0-n1)/2) / (n * n)
			q += (x1*(n0-x0) + x0*(n1-x1)) / (2 * n)
		}
		d /= w
		return d, (d*p + q) / (w * w)
	}
	d40, v40 := mh([2][2]int{{6, 4}, {9, 3}}, [2][2]int{{3, 8}, {5, 6}})
	d60, v60 := mh([2][2]int{{4, 7}, {5, 6}}, [2][2]int{{5, 5}, {6, 6}})
	require.Len(t, s.Rows, 2)
	assert.InDelta(t, d40, s.Rows[0].Effect.Point(), 1e-12)
	assert.InDelta(t, d60, s.Rows[1].Effect.Point(), 1e-12)
	assert.Equal(t, MethodMantelHaenszel, s.Rows[0].Method)
	se, _ := s.Interactions[0].StandardError()
	assert.InDelta(t, d60-d40, s.Interactions[0].Effect.Point(), 1e-12)
	assert.InEpsilon(t, math.Sqrt(v40+v60), se, 1e-12)
	assert.InEpsilon(t, (d60-d40)*(d60-d40)/(v40+v60), s.Chi2.X2, 1e-12)
	assert.Equal(t, "wald", s.TestedBy())
	require.NotNil(t, rep.Subgroups[1].Chi2, "of the stratum itself")
}

// GEE has no subgroups, and few events no model of counts: the reason is named.
func TestSubgroupsRefusedByName(t *testing.T) {
	few := append(kindRowsOf("a", []string{"1/6", "0/10", "1/12", "0/3"}, nil), kindRowsOf("c", []string{"2/12", "1/3", "0/8", "1/1"}, nil)...)
	rep, err := loadCounts(t, countsProtocol("", "subgroups: [age]"), few).AnalyzeAll()
	require.NoError(t, err)
	n, ok := rep.Subgroups[0].Reason()
	assert.True(t, ok)
	assert.Equal(t, "subgroups-few-counts", n.Code)
	assert.Equal(t, 6, n.Args["events"])
	assert.False(t, rep.Subgroups[0].NotOffered)
}
