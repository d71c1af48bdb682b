package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/estimand"
)

// askedRow is a participant of an invented trial with events.
type askedRow struct {
	id, arm      string
	y            [4]string // baseline and three visits; "" missing
	stop, rescue string    // days
}

func askedTrial(seed uint64, n int) []askedRow {
	r := rand.New(rand.NewPCG(seed, 3))
	out := make([]askedRow, n)
	for i := range out {
		x := askedRow{id: fmt.Sprintf("P%03d", i), arm: []string{"a", "c"}[i%2]}
		level := 60 + 10*r.NormFloat64()
		for v := range x.y {
			level -= float64(v) * (1 + float64(1-i%2)) * 1.5
			if x.y[v] = fmt.Sprintf("%.0f", min(max(level+6*r.NormFloat64(), 0), 100)); v > 0 && r.IntN(9) == 0 {
				x.y[v] = ""
			}
		}
		if r.IntN(4) == 0 {
			x.stop = fmt.Sprint(r.IntN(90))
		}
		if r.IntN(4) == 0 {
			x.rescue = fmt.Sprint(1 + r.IntN(90))
		}
		if r.IntN(25) == 0 {
			x.y[0] = ""
		}
		out[i] = x
	}
	return out
}

func askedText(rows []askedRow) string {
	s := "id,arm,y0,y1,y2,y3,stop,rescue\n"
	for _, x := range rows {
		s += strings.Join([]string{x.id, x.arm, x.y[0], x.y[1], x.y[2], x.y[3], x.stop, x.rescue}, ",") + "\n"
	}
	return s
}

const askedProtocol = `arms: [{id: a, randomized: %d}, {id: c, control: true}]
visits: [{id: v0, time: 0d}, {id: v1, time: 4w}, {id: v2, time: 8w}, {id: v3, time: 12w}]
outcomes: [{id: y, better: lower, range: [0, 100]}]
data:
  layout: wide
  participant: id
  arm: arm
  columns: {y: {v0: y0, v1: y1, v2: y2, v3: y3}}
  intercurrent: {stopped: {day: stop}, rescue: {day: rescue, label: Rescue medication}}
`

// what an estimand makes of a file's values, by hand: of the first event that matters.
func askedByHand(rows []askedRow, change func(x *askedRow, v int)) []askedRow {
	out := make([]askedRow, len(rows))
	for i, x := range rows {
		var day int
		if _, err := fmt.Sscan(x.rescue, &day); err == nil {
			before := x
			for v, at := range []int{0, 28, 56, 84} {
				if v > 0 && at > day {
					y := before
					change(&y, v)
					x.y[v] = y.y[v]
				}
			}
		}
		out[i] = x
	}
	return out
}

// The answer under an estimand is the analysis of a file whose values were changed by
// hand, and every arm's counts add up.
func TestEstimandsAreAnswered(t *testing.T) {
	rows := askedTrial(5, 80)
	last := func(x *askedRow, v int) {
		var day int
		fmt.Sscan(x.rescue, &day)
		y := ""
		for u, at := range []int{0, 28, 56, 84} {
			if u > 0 && at <= day && x.y[u] != "" {
				y = x.y[u]
			}
		}
		x.y[v] = y
	}
	for _, c := range []struct {
		strategy, model string
		change          func(x *askedRow, v int)
	}{
		{"treatment-policy", "ancova", func(*askedRow, int) {}},
		{"hypothetical", "mmrm", func(x *askedRow, v int) { x.y[v] = "" }},
		{"hypothetical", "clda", func(x *askedRow, v int) { x.y[v] = "" }},
		{"{composite: worst}", "ancova", func(x *askedRow, v int) { x.y[v] = "100" }},
		{"{composite: worst}", "mmrm", func(x *askedRow, v int) { x.y[v] = "100" }},
		{"{composite: 0 change}", "ancova", func(x *askedRow, v int) { x.y[v] = x.y[0] }},
		{"while-on-treatment", "ancova", last},
	} {
		name := c.strategy + ", " + c.model
		base := fmt.Sprintf(askedProtocol, 42)
		plan := fmt.Sprintf("plans: [{outcome: y, visit: v3, model: %s, primary: true", c.model)
		ds, err := LoadText(t, base+"estimands: [{id: main, strategies: {stopped: treatment-policy, rescue: "+c.strategy+"}}]\n"+plan+", estimand: main}]\n", askedText(rows))
		require.NoError(t, err, name)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err, name)
		by, err := LoadText(t, base+plan+"}]\n", askedText(askedByHand(rows, c.change)))
		require.NoError(t, err)
		want, err := by.AnalyzeAll()
		require.NoError(t, err)
		decides := func(r Row) bool { return r.Decides }
		got, hand := rowOf(t, rep, "v3", decides), rowOf(t, want, "v3", decides)
		assert.Equal(t, "main", got.Estimand)
		assert.InDelta(t, hand.Estimate, got.Estimate, 1e-9, name)
		assert.InDelta(t, hand.SE, got.SE, 1e-9, name)
		assert.InDelta(t, hand.DF, got.DF, 1e-6, name)
		assert.Equal(t, hand.N, got.N, name)
		at := func(rep Report) Result {
			for _, res := range rep.Results {
				if res.Visit.ID == "v3" {
					return res
				}
			}
			return Result{}
		}
		res, byHand := at(rep), at(want)
		require.Equal(t, len(byHand.Rows), len(res.Rows), name)
		for i, r := range res.Rows {
			assert.Equal(t, byHand.Rows[i].Method, r.Method)
			if !math.IsNaN(r.Estimate) {
				assert.InDelta(t, byHand.Rows[i].Estimate, r.Estimate, 1e-9, "%s: %s: companions are of the same values", name, r.Method)
			}
		}
		require.Len(t, res.Asked, 1, name)
		for _, arm := range res.Asked[0].Arms {
			all, analyzed := 0, 0
			for _, u := range arm.Uses {
				if all += u.N; u.Reason == "" {
					analyzed += u.N
				}
				if u.Reason == "" && c.model == "ancova" {
					assert.True(t, u.Use.Value(), "%s: %v", name, u)
				}
			}
			assert.Equal(t, arm.Randomized, all, "%s, %s", name, arm.Arm)
			assert.Equal(t, arm.Analyzed, analyzed, "%s, %s", name, arm.Arm)
			assert.Equal(t, got.N[arm.Arm], arm.Analyzed)
			assert.Equal(t, c.strategy == "while-on-treatment", arm.Days != nil)
		}
		for _, other := range rep.Results { // no plan, no estimand
			if other.Visit.ID == "v1" && c.model == "ancova" {
				assert.Empty(t, other.Asked)
				assert.Empty(t, other.Rows[0].Estimand)
			}
		}
	}
}

// Two plans of one visit with two estimands: each has its own row; the primary's decides.
func TestTwoEstimands(t *testing.T) {
	rows := askedTrial(6, 60)
	ds, err := LoadText(t, fmt.Sprintf(askedProtocol, 0)+`estimands:
  - {id: main, strategies: {stopped: treatment-policy, rescue: {composite: worst}}}
  - {id: policy, strategies: {stopped: treatment-policy, rescue: treatment-policy}}
plans: [{outcome: y, visit: v3, primary: true, estimand: main}, {outcome: y, visit: v3, role: supplementary, estimand: policy}]
`, askedText(rows))
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	main := rowOf(t, rep, "v3", func(r Row) bool { return r.Decides })
	other := rowOf(t, rep, "v3", func(r Row) bool { return r.Estimand == "policy" })
	assert.Equal(t, "main", main.Estimand)
	assert.Equal(t, MethodANCOVA, other.Method)
	assert.NotEqual(t, main.Estimate, other.Estimate)
	plain, err := LoadText(t, fmt.Sprintf(askedProtocol, 0)+"plans: [{outcome: y, visit: v3, primary: true}]\n", askedText(rows))
	require.NoError(t, err)
	policy, err := plain.Analyze(Plan{Outcome: "y", Visit: "v3"})
	require.NoError(t, err)
	assert.Equal(t, policy.Deciding()[0].Estimate, other.Estimate, "treatment policy: as if nothing had happened")
	for _, res := range rep.Results {
		for _, a := range res.Agreement() {
			if a.Visit != "v3" {
				continue
			}
			for _, x := range a.Companions {
				assert.Equal(t, "main", x.Estimand, "another estimand is another question")
			}
		}
	}
	for _, n := range rep.Departures {
		assert.Equal(t, "departure-analyzed", n.Code)
	}
}

func TestEstimandsAreChecked(t *testing.T) {
	const plan = "plans: [{outcome: y, visit: v3, primary: true, estimand: main}]\n"
	for _, c := range []struct{ estimands, plan, want string }{
		{"[{id: main, strategies: {stopped: principal-stratum, rescue: treatment-policy}}]", plan, "nobody can tell who is in it"},
		{"[{id: main, strategies: {stopped: composite, rescue: treatment-policy}}]", plan, "needs the value that is given"},
		{"[{id: main, strategies: {stopped: {composite: best}, rescue: treatment-policy}}]", plan, "needs the value that is given"},
		{"[{id: main, strategies: {stopped: ignored, rescue: treatment-policy}}]", plan, "unknown strategy"},
		{"[{id: main, strategies: {rescue: treatment-policy}}]", plan, "stopped of data.intercurrent has no strategy"},
		{"[{id: main, strategies: {stopped: treatment-policy, rescue: treatment-policy, died: treatment-policy}}]", plan, `no event "died"`},
		{"[{id: main, set: pp, strategies: {stopped: treatment-policy, rescue: treatment-policy}}]", plan, "unknown set"},
		{"[{id: main, strategies: {stopped: treatment-policy, rescue: treatment-policy}}, {id: main}]", plan, "main"},
		{"[{id: main, strategies: {stopped: treatment-policy, rescue: hypothetical}}]", plan, "would leave these participants out"},
		{"[{id: main, strategies: {stopped: treatment-policy, rescue: {composite: trimmed mean}}}]", plan, "trimmed means"},
		{"[{id: main, strategies: {stopped: treatment-policy, rescue: treatment-policy}}]", "plans: [{outcome: y, visit: v3, estimand: other}]\n", "other"},
		{"[{id: main, strategies: {stopped: treatment-policy, rescue: treatment-policy}}]", "plans: [{outcome: y, visit: v3, estimand: main, set: itt}]\n", "the set is the estimand's"},
		{"[{id: main, strategies: {stopped: treatment-policy, rescue: treatment-policy}}]\nestimand: words", plan, "exclude each other"},
	} {
		_, err := ParseProtocol(strings.NewReader(fmt.Sprintf(askedProtocol, 0)+"estimands: "+c.estimands+"\n"+c.plan), "p.yaml")
		require.ErrorContains(t, err, c.want, c.estimands)
		assert.ErrorContains(t, err, "p.yaml:1", c.estimands)
	}
	ok := "estimands: [{id: main, strategies: {stopped: treatment-policy, rescue: {composite: worst}}}]\n"
	for from, want := range map[string]string{
		", range: [0, 100]": "the end of the outcome's range",
		", time: 8w":        "visit v2 has no time",
	} {
		_, err := ParseProtocol(strings.NewReader(strings.Replace(fmt.Sprintf(askedProtocol, 0), from, "", 1)+ok+plan), "p.yaml")
		require.ErrorContains(t, err, want)
	}
	_, err := ParseProtocol(strings.NewReader(strings.Replace(fmt.Sprintf(askedProtocol, 0), "rescue: {day: rescue", "rescue: {column: rescue", 1)+
		strings.Replace(ok, "{composite: worst}", "while-on-treatment", 1)+plan), "p.yaml")
	require.ErrorContains(t, err, "when rescue happened is not known")
	_, err = ParseProtocol(strings.NewReader(fmt.Sprintf(askedProtocol, 0)+ok+"plans: [{outcome: y, visit: v3, primary: true, estimand: main}, {outcome: y, visit: v3, role: sensitivity, model: welch-change}]\n"), "p.yaml")
	require.ErrorContains(t, err, "with the same estimand")
	var e estimand.Estimand
	assert.False(t, e.Uses(estimand.Hypothetical))
}
