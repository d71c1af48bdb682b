package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study/files"
)

// responderResult builds a result from changes; an absent follow-up is NaN.
func responderResult(better Direction, base, active, control []float64) Result {
	r := Result{Outcome: Outcome{ID: "x", Better: better}, Visit: Visit{ID: "v"}, Level: 0.95,
		Arms: []Arm{{ID: "a"}, {ID: "c", Control: true}}, Randomized: map[string]int{"a": len(active), "c": len(control)}}
	for _, g := range []struct {
		arm string
		x   []float64
	}{{"a", active}, {"c", control}} {
		for i, x := range g.x {
			rec := Record{ID: fmt.Sprint(g.arm, i), Arm: g.arm, Baseline: base[i%len(base)], HasBaseline: true}
			if !math.IsNaN(x) {
				rec.HasFollow, rec.Change = true, x
				rec.Follow = files.Decimal(rec.Baseline).Minus(files.Decimal(-x))
			}
			r.Records = append(r.Records, rec)
		}
	}
	return r
}

var (
	mcid2     = Threshold{Value: 2, Kind: MCID, Level: Individual}
	worse2    = Threshold{Value: 2, Kind: MCID, Level: Individual, Worsening: true}
	percent30 = Threshold{Value: 30, Kind: Percent, Level: Individual}
	pass3     = Threshold{Value: 3, Kind: PASS, Level: Individual}
	missingX  = math.NaN()
)

func TestRespondersForMissing(t *testing.T) {
	r := responderResult(LowerIsBetter, []float64{5, 6, 7}, []float64{-3, -2, -1, missingX, -4}, []float64{-2, 0, 1, missingX, missingX})
	r.Randomized["a"] = 6 // one never reached the file
	for way, want := range map[MissingResponse][2]table.Count{
		MissingObserved:     {{Events: 3, N: 4}, {Events: 1, N: 3}},
		MissingNonResponder: {{Events: 3, N: 6}, {Events: 1, N: 5}},
		MissingBest:         {{Events: 5, N: 6}, {Events: 1, N: 5}},
		MissingWorst:        {{Events: 3, N: 6}, {Events: 3, N: 5}},
	} {
		e, err := r.RespondersFor("a", ResponderDefinition{mcid2}, way)
		require.NoError(t, err)
		assert.Equal(t, want, [2]table.Count{e.Active, e.Ctl}, way)
		assert.InDelta(t, want[0].Rate()-want[1].Rate(), e.Difference, 1e-15)
		rr, err := table.RiskRatio(want[0], want[1])
		require.NoError(t, err)
		assert.Equal(t, rr.Point(), e.RiskRatio)
		v, benefit := e.NNT.Point()
		assert.Equal(t, e.Difference >= 0, benefit)
		assert.Equal(t, 1/math.Abs(e.Difference), v)
	}
	// For worsening, the best case has the active arm's missing unharmed.
	e, err := r.RespondersFor("a", ResponderDefinition{worse2}, MissingBest)
	require.NoError(t, err)
	assert.Equal(t, [2]table.Count{{Events: 0, N: 6}, {Events: 2, N: 5}}, [2]table.Count{e.Active, e.Ctl})
	_, benefit := e.NNT.Point()
	assert.True(t, benefit, "fewer worse is a benefit")
	// Refusals.
	for _, d := range []ResponderDefinition{nil, {mcid2, worse2}, {{Value: 2, Kind: Margin, Level: BetweenGroup}}} {
		_, err := r.RespondersFor("a", d, MissingObserved)
		assert.Error(t, err)
	}
	_, err = r.RespondersFor("c", ResponderDefinition{mcid2}, MissingObserved)
	assert.ErrorContains(t, err, "no active arm")
}

func TestDefinitionsCombine(t *testing.T) {
	o := Outcome{Better: LowerIsBetter}
	rec := func(b, f float64) Record {
		return Record{Baseline: b, Follow: f, HasBaseline: true, HasFollow: true, Change: files.Decimal(f).Minus(files.Decimal(b))}
	}
	met := func(d ResponderDefinition, r Record) bool { _, m := d.Met(o, r); return m }
	// 2.3 − 0.5 is 1.8 in decimals, less in binary; 9.1 − 5.1 is 4.0, and
	// mm turned into cm by 0.91·10 − 0.51·10 too.
	x, y, u, v := 2.3, 0.5, 0.91, 0.51
	assert.Less(t, x-y, 1.8, "in binary")
	for want, d := range map[float64][2]float64{1.8: {x, y}, 4: {u * 10, v * 10}} {
		assert.True(t, met(ResponderDefinition{{Value: want, Kind: MCID, Level: Individual}}, rec(d[0], d[1])), want)
	}
	assert.True(t, met(ResponderDefinition{mcid2, percent30, pass3}, rec(5, 3)))
	assert.False(t, met(ResponderDefinition{mcid2, percent30, pass3}, rec(8, 6)), "25%, and above the PASS")
	assert.False(t, met(ResponderDefinition{mcid2, pass3}, rec(4, 3)))
	assert.True(t, met(ResponderDefinition{percent30}, rec(1, 0.7)), "0.3 of 1 in decimals")
	worse30 := Threshold{Value: 30, Kind: Percent, Level: Individual, Worsening: true}
	assert.True(t, met(ResponderDefinition{worse30}, rec(1, 1.3)))
	assert.False(t, met(ResponderDefinition{worse30}, rec(1, 0.5)))
	// A PASS missed is decided although the baseline is missing.
	known, m := ResponderDefinition{mcid2, pass3}.Met(o, Record{Follow: 5, HasFollow: true})
	assert.True(t, known)
	assert.False(t, m)
	known, _ = ResponderDefinition{mcid2, pass3}.Met(o, Record{Follow: 2, HasFollow: true})
	assert.False(t, known)
}

// The standardized difference is g-computation from the logistic model; with
// the direction and signs turned nothing changes; swapped arms swap the sign.
func TestStandardizedResponders(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var base, a, c []float64
	for range 40 {
		base = append(base, float64(40+rng.IntN(50))/10)
	}
	for range 40 {
		a = append(a, -float64(rng.IntN(50))/10)
		c = append(c, -float64(rng.IntN(40))/10)
	}
	r := responderResult(LowerIsBetter, base, a, c)
	e, err := r.RespondersFor("a", ResponderDefinition{mcid2}, MissingObserved)
	require.NoError(t, err)
	assert.False(t, math.IsNaN(e.Standardized))
	assert.InDelta(t, e.Difference, e.Standardized, 0.1, "randomized: close to the raw difference")
	assert.Less(t, e.StandardizedLo, e.Standardized)
	assert.Greater(t, e.StandardizedRR, 1.0)

	turn := func(x []float64) []float64 {
		out := make([]float64, len(x))
		for i := range x {
			out[i] = -x[i]
		}
		return out
	}
	up, err := responderResult(HigherIsBetter, turn(base), turn(a), turn(c)).RespondersFor("a", ResponderDefinition{mcid2}, MissingObserved)
	require.NoError(t, err)
	assert.InDelta(t, e.Standardized, up.Standardized, 1e-9)
	assert.Equal(t, e.Active, up.Active)
	swapped, err := responderResult(LowerIsBetter, base, c, a).RespondersFor("a", ResponderDefinition{mcid2}, MissingObserved)
	require.NoError(t, err)
	assert.InDelta(t, -e.Standardized, swapped.Standardized, 1e-9)
	assert.InDelta(t, -e.DifferenceLo, swapped.DifferenceHi, 1e-12)
	assert.Equal(t, e.FisherP, swapped.FisherP)
}

func TestStratifiedResponders(t *testing.T) {
	r := responderResult(LowerIsBetter, []float64{5}, []float64{-3, -2, 0, -1, -4, -2}, []float64{-2, 0, 1, 0, -3, 0})
	for i := range r.Records {
		r.Records[i].Categories = map[string]string{"site": []string{"north", "south"}[i%2]}
	}
	rd, test, err := r.StratifiedResponders("a", ResponderDefinition{mcid2}, MissingObserved, "site")
	require.NoError(t, err)
	// north: a −3, 0, −4 → 2/3, c −2, 1, −3 → 2/3; south: a −2, −1, −2 → 2/3, c 0/3.
	strata := []table.Stratum{
		{Treated: table.Count{Events: 2, N: 3}, Control: table.Count{Events: 2, N: 3}},
		{Treated: table.Count{Events: 2, N: 3}, Control: table.Count{Events: 0, N: 3}}}
	want, err := table.MantelHaenszelRiskDifference(strata)
	require.NoError(t, err)
	assert.Equal(t, want, rd)
	assert.InDelta(t, 1.0/3, rd.Value, 1e-15)
	cmh, err := table.MantelHaenszel(strata)
	require.NoError(t, err)
	assert.Equal(t, cmh, test)
}

// The area between the steps of both curves is the difference in mean
// improvement; control's curve beyond active's largest gain is 0.
func TestAreaBetweenCurves(t *testing.T) {
	r := responderResult(LowerIsBetter, []float64{5, 6}, []float64{-3, -2, -2, 1, missingX}, []float64{-2, 0, 1, 1})
	share := func(c ResponderCurve, x float64) float64 {
		for _, p := range c.Points {
			if x <= p.Gain {
				return p.Share
			}
		}
		return 0
	}
	active, err := ResponderCurveOf(r, "a")
	require.NoError(t, err)
	control, err := ResponderCurveOf(r, "c")
	require.NoError(t, err)
	area := 0.0
	for x := -1.5; x < 4; x++ { // all gains are whole numbers
		area += share(active, x) - share(control, x)
	}
	e, err := r.AreaBetweenCurves("a")
	require.NoError(t, err)
	assert.InDelta(t, area, e.Value, 1e-14)
	assert.InDelta(t, 1.5, e.Value, 1e-14)
	_, err = r.AreaBetweenCurves("c")
	assert.ErrorContains(t, err, "no active arm")
}

func ExampleResult_RespondersFor() {
	r := responderResult(LowerIsBetter, []float64{5, 6, 7}, []float64{-3, -2, -1, -4, -2}, []float64{-2, 0, -2, -1, 0})
	e, err := r.RespondersFor("a", ResponderDefinition{mcid2}, MissingNonResponder)
	fmt.Println(e.Active.Events, "of", e.Active.N, "v", e.Ctl.Events, "of", e.Ctl.N, err)
	fmt.Println(e.NNT)
	// Output:
	// 4 of 5 v 2 of 5 <nil>
	// NNTB 2.5 (95% CI NNTB 1.2 to ∞ to NNTH 3.3)
}
