package study_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// curveResult has tied, whole-numbered values; lower is better. s is a
// subgroup, "" for participants who have none.
func curveResult() study.Result {
	r := study.Result{Outcome: study.Outcome{ID: "pain", Better: study.LowerIsBetter}, Visit: study.Visit{ID: "v"}, Level: 0.95,
		Arms: []study.Arm{{ID: "a"}, {ID: "c", Control: true}}}
	for i, v := range []struct {
		arm  string
		b, f float64
		s    string
	}{{"a", 6, 3, "f"}, {"a", 7, 4, "f"}, {"a", 5, 3, "m"}, {"a", 8, 4, "m"}, {"a", 6, 6, "m"}, {"a", 4, 3, "f"},
		{"c", 6, 6, "f"}, {"c", 7, 6, "m"}, {"c", 5, 6, "f"}, {"c", 8, 7, "m"}, {"c", 4, 4, "f"}, {"c", 5, 5, "m"}, {"c", 7, 7, ""}} {
		r.Records = append(r.Records, study.Record{ID: string(rune('A' + i)), Arm: v.arm, Baseline: v.b, Follow: v.f, Change: v.f - v.b,
			HasBaseline: true, HasFollow: true, Categories: map[string]string{"sex": v.s}})
	}
	r.Records = append(r.Records, study.Record{ID: "Z", Arm: "a", Baseline: 5, HasBaseline: true})
	return r
}

func TestResponderCurve(t *testing.T) {
	r := curveResult()
	c, err := study.ResponderCurveOf(r, "a")
	require.NoError(t, err)
	assert.Equal(t, 6, c.N, "who was not seen is not counted")
	// Improvements 0 1 2 3 3 4; limits from R: binom.test(5, 6)$conf.int.
	want := [][2]float64{{0, 6}, {1, 5}, {2, 4}, {3, 3}, {4, 1}, {math.Inf(1), 0}}
	require.Len(t, c.Points, len(want))
	for i, p := range c.Points {
		assert.Equal(t, want[i], [2]float64{p.Gain, float64(p.Events)})
		assert.Equal(t, float64(p.Events)/6, p.Share)
		assert.LessOrEqual(t, p.Lower, p.Share)
		assert.LessOrEqual(t, p.Share, p.Upper)
		assert.LessOrEqual(t, p.BandLower, p.Lower, "a simultaneous band holds the pointwise one here")
		assert.GreaterOrEqual(t, p.BandUpper, p.Upper)
	}
	assert.InDelta(t, 0.358765, c.Points[1].Lower, 5e-7)
	assert.InDelta(t, 0.995789, c.Points[1].Upper, 5e-7)
	assert.InDelta(t, math.Sqrt(math.Log(40)/12), c.HalfWidth, 1e-15)
	_, err = study.ResponderCurveOf(r, "nobody")
	assert.ErrorContains(t, err, `unknown arm "nobody"`)
}

func TestBaselineLines(t *testing.T) {
	r := curveResult()
	lines, err := study.BaselineLines(r)
	require.NoError(t, err)
	require.Len(t, lines, 2)
	// The lines are parallel, a distance of the adjusted difference apart, and
	// pass through each arm's means.
	assert.Equal(t, lines[0].Slope, lines[1].Slope)
	for _, l := range lines {
		var b, f []float64
		for _, rec := range r.Records {
			if rec.Arm == l.Arm && rec.HasFollow {
				b, f = append(b, rec.Baseline), append(f, rec.Follow)
			}
		}
		db, _ := stats.Describe(b)
		df, _ := stats.Describe(f)
		assert.InDelta(t, df.Mean, l.Intercept+l.Slope*db.Mean, 1e-12)
		assert.Equal(t, [2]float64{db.Min, db.Max}, [2]float64{l.Lo, l.Hi})
	}
	r.Records = r.Records[:2]
	_, err = study.BaselineLines(r)
	assert.Error(t, err)
}

func TestSubgroups(t *testing.T) {
	r := curveResult()
	s, err := study.SubgroupsOf(r, "sex")
	require.NoError(t, err)
	assert.Equal(t, 1, s.Missing)
	require.Len(t, s.Rows, 2)
	require.NotNil(t, s.Interaction)
	// R: d <- the 12 rows with a sex; car::Anova(lm(f ~ b + s + arm + s:arm),
	// type = 3) with contr.sum; and lm(f ~ b + arm) within each.
	assert.InDelta(t, 0.42951907131, s.Interaction.F, 1e-9)
	assert.InDelta(t, 0.533163632318, s.Interaction.P(), 1e-9)
	for i, want := range []float64{-7.0 / 3, -1.53571428571428} {
		assert.InDelta(t, want, s.Rows[i].Effect.Point(), 1e-9)
	}
	assert.Equal(t, 3, s.Rows[0].Treated.N)
	assert.Equal(t, 7, s.All[0].Reference.N, "all participants, with or without the covariate")

	_, err = study.SubgroupsOf(r, "height")
	assert.ErrorContains(t, err, "height")
	r.Records[6].Categories = map[string]string{"sex": "x"}
	s, err = study.SubgroupsOf(r, "sex")
	require.NoError(t, err)
	assert.Nil(t, s.Rows[2].Effect)
	assert.Error(t, s.Rows[2].Why, "a level of one participant has a row that says why it is empty")
}
