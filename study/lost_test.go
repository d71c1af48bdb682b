package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/lost"
)

// A trial of one visit, by hand: values of those lost are those of least squares among
// the others, plus what they are worse; then least squares once more, and the jackknife
// by doing all of it without each participant. No part of it comes from stats/impute.
type lostByHand struct {
	handTrial
	gone []bool
}

func (d lostByHand) without(i int) lostByHand {
	out := lostByHand{handTrial: handTrial{control: d.control}}
	for k := range d.arm {
		if k != i {
			out.arm, out.base, out.follow, out.gone = append(out.arm, d.arm[k]), append(out.base, d.base[k]), append(out.follow, d.follow[k]), append(out.gone, d.gone[k])
		}
	}
	return out
}

// predict gives the fit of those with a value.
func (d lostByHand) predict(t *testing.T) byHand {
	var seen handTrial
	seen.control = d.control
	for i := range d.arm {
		if !d.gone[i] {
			seen.arm, seen.base, seen.follow = append(seen.arm, d.arm[i]), append(seen.base, d.base[i]), append(seen.follow, d.follow[i])
		}
	}
	return ancovaByHand(t, seen)
}

// effect is the difference where those lost are worse by so much, by arm; jump: the
// active arm's are predicted as control's.
func (d lostByHand) effect(t *testing.T, worse map[string]float64, jump bool) float64 {
	m, all := d.predict(t), d.handTrial
	all.follow = append([]float64(nil), d.follow...)
	for i, a := range d.arm {
		if d.gone[i] {
			all.follow[i] = m.control + m.slope*d.base[i] + worse[a]
			if a != d.control && !jump {
				all.follow[i] += m.effect
			}
		}
	}
	return ancovaByHand(t, all).effect
}

func (d lostByHand) se(t *testing.T, worse map[string]float64) float64 {
	n := float64(len(d.arm))
	var xs []float64
	mean := 0.0
	for i := range d.arm {
		x := d.without(i).effect(t, worse, false)
		xs, mean = append(xs, x), mean+x/n
	}
	ss := 0.0
	for _, x := range xs {
		ss += (x - mean) * (x - mean)
	}
	return math.Sqrt(ss * (n - 1) / n)
}

func TestWhoIsLost(t *testing.T) {
	for _, better := range []string{"lower", "higher"} {
		r := rand.New(rand.NewPCG(11, 3))
		sign := map[string]float64{"lower": 1, "higher": -1}[better] // of worse
		d := lostByHand{handTrial: handTrial{control: "c"}}
		text := "id,arm,y0,y1,sex\n"
		sexes := map[string]int{}
		for i := range 50 {
			arm := []string{"a", "c"}[i%2]
			x := math.Round(50 + 10*r.NormFloat64())
			y := math.Round(x - sign*(5+7*float64(1-i%2)) + 6*r.NormFloat64())
			gone := r.IntN(3) == 0
			s, sex := fmt.Sprint(y), []string{"f", "m"}[r.IntN(2)]
			if gone {
				s = ""
				sexes[arm+sex]++
			}
			text += fmt.Sprintf("P%02d,%s,%v,%s,%s\n", i, arm, x, s, sex)
			d.arm, d.base, d.follow, d.gone = append(d.arm, arm), append(d.base, x), append(d.follow, y), append(d.gone, gone)
		}
		ds, err := LoadText(t, `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0, time: 0d}, {id: v1, time: 4w}]
outcomes: [{id: y, better: `+better+`, range: [0, 100]}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {v0: y0, v1: y1}}, covariates: {sex: {column: sex, kind: category}}}
plans: [{outcome: y, visit: v1, primary: true, impute: {assume: mar},
  sensitivity: [{assume: j2r}, {assume: delta, arm: a, steps: [1, 7, 1.5]}, {assume: delta, arm: c, steps: [0, 8, 2]}]}]
`, text)
		require.NoError(t, err)
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err)
		res := rep.Results[0]

		// The curve: the declared steps are on it, each with its own interval.
		curve := res.Sensitivity[1].Tipping.Curve
		at := map[float64]lost.Step{}
		for _, s := range curve {
			at[math.Round(1e6*s.Delta)/1e6] = s
		}
		for _, delta := range []float64{1, 2.5, 4, 5.5, 7} {
			s, ok := at[delta]
			require.True(t, ok, delta)
			worse := map[string]float64{"a": sign * delta}
			assert.InDelta(t, d.effect(t, worse, false), s.Value, 1e-9)
			assert.InDelta(t, d.se(t, worse), s.SE, 1e-8)
			assert.Equal(t, []float64{s.CI(0.95).Lo, s.CI(0.95).Hi}, []float64{s.Lower, s.Upper})
		}
		assert.Equal(t, []float64{1, 7}, []float64{curve[0].Delta, curve[len(curve)-1].Delta})
		assert.Equal(t, 8.0, res.Sensitivity[2].Tipping.Curve[len(res.Sensitivity[2].Tipping.Curve)-1].Delta)

		// The map: rows the active arm's, columns control's.
		m := res.Sensitivity[1].Tipping.Map
		require.Len(t, m.Deltas, 21)
		assert.Equal(t, []float64{-7, 0, 7}, []float64{m.Deltas[0], m.Deltas[10], m.Deltas[20]})
		verdicts := map[lost.Verdict]int{}
		for _, c := range [][2]int{{0, 0}, {20, 0}, {3, 17}, {10, 10}} {
			worse := map[string]float64{"a": sign * m.Deltas[c[0]], "c": sign * m.Deltas[c[1]]}
			e := m.Estimates[c[0]][c[1]]
			assert.InDelta(t, d.effect(t, worse, false), e.Value, 1e-9)
			assert.InDelta(t, d.se(t, worse), e.SE, 1e-8)
		}
		for a, row := range m.Estimates {
			for b, e := range row {
				want := lost.Neither
				if ci := e.CI(0.95); ci.Lo > 0 || ci.Hi < 0 {
					if want = lost.Worse; e.Value*sign < 0 {
						want = lost.Better
					}
				}
				verdicts[want]++
				assert.Equal(t, want, m.Verdicts[a][b])
			}
		}
		assert.Positive(t, verdicts[lost.Better])
		assert.Positive(t, verdicts[lost.Neither])

		// Courses: those lost at their own baselines.
		l := res.Lost
		fit := d.predict(t)
		want := map[string][]float64{}
		for _, arm := range []string{"a", "c"} {
			var base, stayed, end, n float64
			k := 0.0
			for i := range d.arm {
				if d.arm[i] != arm {
					continue
				}
				if d.gone[i] {
					n, base = n+1, base+d.base[i]
				} else {
					k, stayed, end = k+1, stayed+d.base[i], end+d.follow[i]
				}
			}
			assert.Equal(t, int(n), l.Lost[arm])
			assert.Equal(t, int(k+n), l.N[arm])
			assert.Equal(t, lost.Mean{Value: stayed / k, N: int(k)}, l.Stayed[arm][0])
			assert.InDelta(t, end/k, l.Stayed[arm][1].Value, 1e-12)
			assert.Equal(t, int(k), l.Observed[arm][1].N)
			want[arm+"mar"] = []float64{base / n, fit.control + fit.slope*base/n}
			if arm == "a" {
				want["aj2r"] = want["amar"][:1:1]
				want["aj2r"] = append(want["aj2r"], want["amar"][1])
				want["amar"][1] += fit.effect
			}
			assert.Equal(t, base/n, l.Baseline[1].Lost[map[string]int{"a": 0, "c": 1}[arm]].Mean)
			assert.Equal(t, []int{sexes[arm+"f"], sexes[arm+"m"]}, l.Baseline[0].Lost[map[string]int{"a": 0, "c": 1}[arm]].Counts)
		}
		// A delta's course is worse than predicted by the last of its steps, in its arm alone.
		want["adelta"] = []float64{want["amar"][0], want["amar"][1] + sign*7}
		want["cdelta"] = []float64{want["cmar"][0], want["cmar"][1] + sign*8}
		require.Len(t, l.Assumed, 5, "control jumps to nobody")
		assert.Equal(t, []float64{7, 8}, []float64{l.Assumed[3].Delta, l.Assumed[4].Delta})
		for _, c := range l.Assumed {
			assert.InDeltaSlice(t, want[c.Arm+c.Assume], c.Means, 1e-8, c.Arm+c.Assume)
		}
		assert.Equal(t, "c", l.Assumed[2].Reference)
	}
}

// Rules of old papers and a delta that adds up, by hand: c3 is lost from the start, a3 and
// a4 after the first visit, and a2 has a gap.
func TestCoursesOfRules(t *testing.T) {
	text := "id,arm,y0,y1,y2\na1,a,60,50,40\na2,a,50,,42\na3,a,66,50,\na4,a,44,50,\na5,a,52,41,39\na6,a,57,50,38\n" +
		"c1,c,60,58,57\nc2,c,48,50,47\nc3,c,55,,\nc4,c,51,49,50\nc5,c,63,60,55\nc6,c,45,44,46\n"
	ds, err := LoadText(t, `arms: [{id: a}, {id: c, control: true}]
visits: [{id: v0, time: 0d}, {id: v1, time: 4w}, {id: v2, time: 8w}]
outcomes: [{id: y, better: lower, range: [0, 100]}]
data: {layout: wide, participant: id, arm: arm, columns: {y: {v0: y0, v1: y1, v2: y2}}}
plans: [{outcome: y, visit: v2, sensitivity: [{assume: locf}, {assume: wocf}, {assume: delta, arm: c, steps: [0, 4, 1], visits: adding-up},
  {assume: delta, arm: a, steps: [0, 4, 1], clip: true}]}]
`, text)
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	courses := map[string][]float64{}
	for _, res := range rep.Results {
		if res.Lost != nil {
			for _, c := range res.Lost.Assumed {
				courses[c.Arm+" "+c.Assume] = c.Means
			}
		}
	}
	assert.Equal(t, []float64{55, 50, 50}, courses["a locf"])
	assert.Equal(t, []float64{55, 50, (66. + 50) / 2}, []float64{courses["a wocf"][0], courses["a wocf"][1], courses["a wocf"][2]})
	assert.Equal(t, []float64{55, 55, 55}, courses["c locf"])
	predicted := courses["c mar"]
	assert.InDeltaSlice(t, []float64{predicted[0], predicted[1] + 4, predicted[2] + 8}, courses["c delta-adding-up"], 1e-9)
	assert.NotContains(t, courses, "a delta", "values held inside the scale are drawn")
}

// Values that an estimand sets aside are not among those that are used, and are counted.
func TestWhoIsSetAside(t *testing.T) {
	rows := askedTrial(9, 90)
	ds, err := LoadText(t, fmt.Sprintf(askedProtocol, 0)+`estimands: [{id: main, strategies: {stopped: treatment-policy, rescue: hypothetical}}]
plans: [{outcome: y, visit: v3, primary: true, impute: {assume: mar}, estimand: main}, {outcome: y, visit: v2}]
`, askedText(rows))
	require.NoError(t, err)
	rep, err := ds.AnalyzeAll()
	require.NoError(t, err)
	for _, res := range rep.Results {
		if res.Visit.ID != "v3" {
			assert.Nil(t, res.Lost, "its plan assumes nothing")
			continue
		}
		aside, gone := 0, 0
		for _, arm := range res.Asked[0].Arms {
			for _, u := range arm.Uses {
				switch u.Use {
				case "set-aside":
					aside += u.N
				}
			}
			gone += res.Lost.Lost[arm.Arm]
		}
		assert.Equal(t, aside, res.Lost.SetAside)
		assert.Positive(t, aside)
		assert.Equal(t, res.Rows[0].Imputed.Values["a"], res.Lost.Lost["a"])
		assert.Greater(t, gone, aside)
	}
}

// An interval that holds no difference favors nobody; the others their side.
func TestVerdictOfAssumptions(t *testing.T) {
	lower, higher := Outcome{Better: LowerIsBetter}, Outcome{Better: HigherIsBetter}
	for _, c := range []struct {
		lo, hi float64
		o      Outcome
		want   lost.Verdict
	}{
		{-2, -1, lower, lost.Better}, {-2, -1, higher, lost.Worse}, {1, 2, lower, lost.Worse}, {1, 2, higher, lost.Better},
		{-1, 1, lower, lost.Neither}, {0, 2, lower, lost.Neither}, {math.NaN(), math.NaN(), lower, lost.Neither},
	} {
		assert.Equal(t, c.want, SensitivityRow{Lower: c.lo, Upper: c.hi}.Verdict(c.o), "%+v", c)
	}
	ratio := &Row{Lower: 1.2, Upper: 2, Measure: RiskRatio}
	assert.Equal(t, lost.Better, SensitivityRow{Completed: ratio}.Verdict(higher))
	ratio.Lower = 0.9
	assert.Equal(t, lost.Neither, SensitivityRow{Completed: ratio}.Verdict(higher))
}

// Completed data sets hold what was observed and is used as it is, are the same bytes each
// time, and analyzed by hand and pooled give the plan's answer.
func TestWriteImputed(t *testing.T) {
	for _, how := range []struct {
		plan  string
		drawn bool
	}{{"impute: {assume: mar}", false}, {"impute: {assume: mar, engine: bayes}, seed: 3", true}} {
		r := rand.New(rand.NewPCG(5, 5))
		text := "id,arm,y0,y1\n"
		observed := map[string]string{}
		for i := range 60 {
			x, y := 50+r.IntN(20), fmt.Sprint(30+r.IntN(20))
			if r.IntN(4) == 0 {
				y = ""
			}
			id := fmt.Sprintf("P%02d", i)
			text += fmt.Sprintf("%s,%s,%d,%s\n", id, []string{"a", "c"}[i%2], x, y)
			observed[id+"v0"], observed[id+"v1"] = fmt.Sprint(x), y
		}
		ds, err := LoadText(t, oneVisit+"plans: [{id: main, outcome: y, visit: v1, primary: true, "+how.plan+"}]\n", text)
		require.NoError(t, err)
		var a, b strings.Builder
		require.NoError(t, ds.WriteImputed(t.Context(), &a))
		require.NoError(t, ds.WriteImputed(t.Context(), &b))
		assert.Equal(t, a.String(), b.String())
		lines := strings.Split(strings.TrimSpace(a.String()), "\n")
		assert.Equal(t, "plan,outcome,imputation,participant,arm,visit,value,imputed", lines[0])
		sets := map[string]*handTrial{}
		for _, l := range lines[1:] {
			f := strings.Split(l, ",")
			want := observed[f[3]+f[5]]
			assert.Equal(t, fmt.Sprint(want == ""), f[7])
			if want != "" {
				assert.Equal(t, want, f[6])
			}
			s := sets[f[2]]
			if s == nil {
				s = &handTrial{control: "c"}
				sets[f[2]] = s
			}
			y, err := strconv.ParseFloat(f[6], 64)
			require.NoError(t, err)
			if f[5] == "v0" {
				s.arm, s.base = append(s.arm, f[4]), append(s.base, y)
			} else {
				s.follow = append(s.follow, y)
			}
		}
		rep, err := ds.AnalyzeAll()
		require.NoError(t, err)
		row := rep.Results[0].Deciding()[0]
		assert.Len(t, sets, map[bool]int{false: 1, true: row.Imputed.Imputations}[how.drawn])
		mean := 0.0
		for _, s := range sets {
			require.Len(t, s.follow, 60)
			mean += ancovaByHand(t, *s).effect / float64(len(sets))
		}
		assert.InDelta(t, row.Estimate, mean, 1e-9)
	}
	ds, err := LoadText(t, oneVisit+"plans: [{outcome: y, visit: v1}]\n", "id,arm,y0,y1\n1,a,1,2\n2,c,2,3\n")
	require.NoError(t, err)
	var none strings.Builder
	assert.ErrorContains(t, ds.WriteImputed(t.Context(), &none), "no plan imputes")
	assert.Empty(t, none.String())
}
