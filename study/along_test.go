package study

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study/along"
)

// dosed is the lasers study with doses, and one plan.
func dosed(t *testing.T, hilt, lllt, sham, plan string) (*Dataset, error) {
	t.Helper()
	dir := "../testdata/studies/lasers/"
	raw, err := os.ReadFile(dir + "protocol.yaml")
	require.NoError(t, err)
	text := string(raw)
	for id, dose := range map[string]string{"hilt": hilt, "lllt": lllt, "sham": sham} {
		if dose != "" {
			text = strings.Replace(text, "{id: "+id+",", "{id: "+id+", dose: "+dose+",", 1)
		}
	}
	head, rest, _ := strings.Cut(text, "plans:\n")
	_, words, _ := strings.Cut(rest, "primary: {any: [A], adjust: dunnett}\n")
	p, err := ParseProtocol(strings.NewReader(head+"plans:\n  - "+plan+"\n"+words), "p.yaml")
	if err != nil {
		return nil, err
	}
	data, err := os.Open(dir + "data.csv")
	require.NoError(t, err)
	defer data.Close()
	ds, err := Load(data, "data.csv", p)
	require.NoError(t, err)
	return ds, nil
}

// trendOf is the trend of the plan at week 12.
func trendOf(t *testing.T, hilt, lllt, sham, plan string) along.Trend {
	t.Helper()
	ds, err := dosed(t, hilt, lllt, sham, plan)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	for _, res := range r.Results {
		if res.Visit.ID == "w12" {
			require.Len(t, res.Trends, 1)
			return res.Trends[0]
		}
	}
	t.Fatal("no result at week 12")
	return along.Trend{}
}

// Slope, line, means and the test of a departure from the line are those of R
// (testdata/reference/study_along.R).
func TestTrendsAgreeWithR(t *testing.T) {
	type estimate struct{ Estimate, SE, DF float64 }
	type from struct {
		Slope, Line estimate
		Means       []float64
		MeanSE      []float64 `json:"mean_se"`
		Bend        struct{ F, DF1, DF2, P float64 }
		N           []int
	}
	var want struct {
		ANCOVA, HC3 from
		MMRM        struct {
			Slope struct{ Estimate, SE float64 }
		}
		Jonckheere struct{ J, Z, P float64 }
	}
	raw, err := os.ReadFile("../testdata/reference/study_along.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &want))
	near := func(want estimate, got stats.Estimate) {
		t.Helper()
		assert.InEpsilon(t, want.Estimate, got.Value, 1e-9)
		assert.InEpsilon(t, want.SE, got.SE, 1e-9)
		assert.Equal(t, want.DF, got.DF)
	}
	for plan, w := range map[string]from{"{outcome: pain, visit: w12, trend: true}": want.ANCOVA, "{outcome: pain, visit: w12, trend: true, se: hc3}": want.HC3} {
		got := trendOf(t, "12", "3", "0", plan)
		near(w.Slope, got.Slope)
		near(w.Line, got.Line[(len(got.Line)-1)/2].Estimate)
		assert.Equal(t, 6.0, got.Line[(len(got.Line)-1)/2].Dose)
		for i, arm := range []string{"sham", "lllt", "hilt"} {
			assert.Equal(t, arm, got.Arms[i].Arm)
			assert.Equal(t, want.ANCOVA.N[i], got.Arms[i].N)
			near(estimate{w.Means[i], w.MeanSE[i], w.Slope.DF}, got.Arms[i].Mean)
		}
		assert.InDelta(t, 12*got.Slope.Value, got.Whole.Value, 1e-12)
		assert.InDelta(t, got.P(), got.Whole.P(0), 1e-12)
		require.NotNil(t, got.Bend)
		if w.Bend.F > 0 {
			assert.InEpsilon(t, w.Bend.F, got.Bend.F, 1e-9)
			assert.Equal(t, []float64{w.Bend.DF1, w.Bend.DF2}, []float64{got.Bend.DF1, got.Bend.DF2})
			assert.InEpsilon(t, w.Bend.P, got.Bend.P(), 1e-9)
		}
		require.NotNil(t, got.Jonckheere)
		assert.Equal(t, want.Jonckheere.J, got.Jonckheere.J)
		assert.InEpsilon(t, want.Jonckheere.Z, got.Jonckheere.Z, 1e-12)
		// Ours is exact given the ties (stats/rank holds it to its own references), R's here the
		// normal approximation with 90 participants.
		assert.InEpsilon(t, want.Jonckheere.P, got.Jonckheere.P(), 0.01)
	}
	got := trendOf(t, "12", "3", "0", "{outcome: pain, visit: w12, model: mmrm, df: normal, trend: true}")
	assert.InEpsilon(t, want.MMRM.Slope.Estimate, got.Slope.Value, 1e-6) // gls stops earlier
	assert.InEpsilon(t, want.MMRM.Slope.SE, got.Slope.SE, 1e-6)
	assert.True(t, math.IsInf(got.Slope.DF, 1))
}

// A dose's unit scales the slope and its origin does nothing; turned doses turn it; neither
// touches the change along the whole line, its p or the other tests.
func TestTrendsKnowNoUnit(t *testing.T) {
	for _, more := range []string{"", ", model: mmrm", ", model: clda", ", model: lmm", ", se: hc3", ", covariates: [age]"} {
		plan := "{outcome: pain, visit: w12, trend: true" + more + "}"
		a := trendOf(t, "12", "3", "0", plan)
		b := trendOf(t, "1.12", "1.03", "1", plan)
		c := trendOf(t, "-12", "-3", "0", plan)
		assert.InEpsilon(t, 100*a.Slope.Value, b.Slope.Value, 1e-9, more)
		assert.InEpsilon(t, -a.Slope.Value, c.Slope.Value, 1e-9, more)
		assert.Equal(t, []string{"hilt", "lllt", "sham"}, []string{c.Arms[0].Arm, c.Arms[1].Arm, c.Arms[2].Arm})
		for _, x := range []along.Trend{b, c} {
			assert.InEpsilon(t, a.P(), x.P(), 1e-9, more)
			assert.InEpsilon(t, a.Bend.P(), x.Bend.P(), 1e-8, more)
			assert.InEpsilon(t, a.Jonckheere.P(), x.Jonckheere.P(), 1e-12, more)
			assert.InEpsilon(t, math.Abs(a.Whole.Value), math.Abs(x.Whole.Value), 1e-9, more)
		}
		assert.Equal(t, a.P() < 0.05, !a.CI().Contains(0), more)
	}
}

func TestTrendsAreRefused(t *testing.T) {
	const plan = "{outcome: pain, visit: w12, trend: true}"
	for _, c := range []struct{ hilt, lllt, sham, plan, want string }{
		{"12", "", "0", plan, `arm "lllt" has none`},
		{"12", "3", "3", plan, `"lllt" and "sham" have the same`},
		{"12", "3", "0", "{outcome: pain, visit: w12, trend: true, model: welch-change}", "a trend along doses is offered for"},
		{"12", "3", "0", "{outcome: pain, visit: w12, trend: true, scale: log}", "a trend along doses is offered for"},
		{"12", "3", "0", "{outcome: pain, visit: w12, trend: true, variance_by_arm: true}", "a trend along doses is offered for"},
		{"12", "3", "0", "{outcome: pain, visit: w12, trend: true, set: pp}", "a trend along doses is offered for"},
		{"12", "3", "0", "{outcome: pain, visit: overall, trend: true, model: mmrm}", "a trend along doses is offered for"},
	} {
		_, err := dosed(t, c.hilt, c.lllt, c.sham, c.plan)
		assert.ErrorContains(t, err, c.want)
		assert.ErrorContains(t, err, "trend")
	}
}

// Where an arm has nobody there is no trend over the others, and the plan was not kept.
func TestATrendNeedsEveryArm(t *testing.T) {
	p, err := ParseProtocol(strings.NewReader(`
arms: [{id: a, dose: 0, control: true}, {id: b, dose: 1}, {id: c, dose: 2}]
visits: [{id: v0}, {id: v1}]
outcomes: [{id: o, better: lower}]
data: {layout: wide, participant: id, arm: arm, columns: {o: {v0: x0, v1: x1}}}
plans: [{outcome: o, visit: v1, trend: true}]
`), "p.yaml")
	require.NoError(t, err)
	ds, err := Load(strings.NewReader("id,arm,x0,x1\n1,a,5,4\n2,a,6,6\n3,a,4,5\n4,b,5,3\n5,b,6,5\n6,b,4,2\n7,c,5,\n"), "d.csv", p)
	require.NoError(t, err)
	r, err := ds.AnalyzeAll()
	require.NoError(t, err)
	require.Len(t, r.Results[0].Trends, 1)
	got := r.Results[0].Trends[0]
	assert.Equal(t, "trend-empty", got.Why)
	assert.True(t, math.IsNaN(got.P()) && math.IsNaN(got.CI().Lo) && math.IsNaN(got.Slope.Value))
	found := 0
	for _, n := range r.Departures {
		if n.Code == "departure-trend" {
			found++
		}
	}
	assert.Equal(t, 1, found)
}

// The difference along age, at its quantiles, is that of R's lm and gls with age in every arm
// (testdata/reference/study_along.R); between them it is a straight line.
func TestDifferencesAlongANumberAgreeWithR(t *testing.T) {
	type place struct {
		Age  float64
		L, H struct{ Estimate, SE float64 }
	}
	var want struct {
		Moderator []place
		MMRM      []place `json:"moderator_mmrm"`
	}
	raw, err := os.ReadFile("../testdata/reference/study_along.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &want))
	for _, c := range []struct {
		plan   string
		places []place
		near   float64
	}{{"{outcome: pain, visit: w12}", want.Moderator, 1e-9}, {"{outcome: pain, visit: w12, model: mmrm, df: normal}", want.MMRM, 1e-6}} { // gls stops earlier
		ds, err := dosed(t, "", "", "", c.plan)
		require.NoError(t, err)
		res, err := ds.Analyze(ds.protocol.Plans[0])
		require.NoError(t, err)
		s, err := SubgroupsOf(res, "age", 60)
		require.NoError(t, err)
		require.Len(t, s.At, 6)
		for i, got := range s.At {
			w := c.places[i%3]
			of := w.H
			if arm := got.Arm; arm == "lllt" {
				of = w.L
			}
			assert.InDelta(t, w.Age, got.At, 1e-12)
			assert.InDelta(t, of.Estimate, got.Effect.Point(), c.near*of.SE, c.plan)
			assert.InEpsilon(t, of.SE, estimateOf(got.Effect).SE, c.near, c.plan)
		}
		require.Len(t, s.Curve, 2*trendPoints)
		for k := range 2 {
			line := s.Curve[k*trendPoints : (k+1)*trendPoints]
			slope := s.Interactions[k]
			assert.Equal(t, slope.Arm, line[0].Arm)
			for _, p := range line {
				assert.InDelta(t, line[0].Effect.Point()+(p.At-line[0].At)*slope.Effect.Point(), p.Effect.Point(), 1e-9)
			}
			assert.Equal(t, []float64{45, 74}, []float64{line[0].At, line[trendPoints-1].At}, "the youngest and the oldest of data.csv")
		}
	}
}
