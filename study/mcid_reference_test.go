package study

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/table"
)

// mcidReference is what testdata/reference/study_mcid.R says.
type mcidReference struct {
	Posteriors []struct{ Value, SE, DF, Mean, SD, Threshold, Benefit, Important, Within float64 }
	Data       []struct {
		Arm, Site string
		Base      float64
		Change    *float64
	}
	Effects []struct {
		Rule, Way    string
		X, N         [2]int
		RD, RR, OR   [3]float64
		Fisher, P    float64
		NNT          [3]float64
		Standardized struct{ RD, RR [3]float64 }
	}
	Stratified struct{ Value, SE, ChiSq, P float64 }
	Area       struct{ Value, SE, DF float64 }
	Curve      []struct {
		Gain         float64
		Events       int
		Lower, Upper float64
		Half         float64
	}
}

func readMCIDReference(t *testing.T) mcidReference {
	t.Helper()
	src, err := os.ReadFile("../testdata/reference/study_mcid.json")
	require.NoError(t, err)
	var ref mcidReference
	require.NoError(t, json.Unmarshal(src, &ref))
	return ref
}

// result is the reference's trial as the loader would have it.
func (ref mcidReference) result() Result {
	r := Result{Outcome: Outcome{ID: "pain", Better: LowerIsBetter}, Visit: Visit{ID: "end"}, Level: 0.95,
		Arms: []Arm{{ID: "a"}, {ID: "c", Control: true}}, Randomized: map[string]int{}}
	for i, d := range ref.Data {
		x := Record{ID: string(rune('A'+i/26)) + string(rune('a'+i%26)), Arm: d.Arm, Baseline: d.Base, HasBaseline: true,
			Categories: map[string]string{"site": d.Site}}
		if d.Change != nil {
			x.HasFollow, x.Change, x.Follow = true, *d.Change, d.Base+*d.Change
		}
		r.Records = append(r.Records, x)
		r.Randomized[d.Arm]++
	}
	return r
}

// Posteriors of normal priors and t likelihoods of 1 to 58 degrees of freedom
// are those of R's integrate.
func TestPosteriorsAgreeWithIntegration(t *testing.T) {
	ref := readMCIDReference(t)
	require.Len(t, ref.Posteriors, 60)
	for _, c := range ref.Posteriors {
		e := stats.Estimate{Value: c.Value, SE: c.SE, DF: c.DF}
		for _, p := range []*Posterior{
			NewPosterior(e, HigherIsBetter, Prior{Mean: c.Mean, SD: c.SD}),
			NewPosterior(e.Neg(), LowerIsBetter, Prior{Mean: c.Mean, SD: c.SD}),
		} {
			assert.InDelta(t, c.Benefit, p.Greater(0), 1e-12, "%+v", c)
			assert.InDelta(t, c.Important, p.Greater(c.Threshold), 1e-12, "%+v", c)
			assert.InDelta(t, c.Within, p.Within(c.Threshold), 1e-12, "%+v", c)
		}
	}
}

// Responders by change, percentage, PASS, worsening and combination, counted
// in four ways, and everything that is made of the counts, are R's.
func TestRespondersAgreeWithR(t *testing.T) {
	ref := readMCIDReference(t)
	r := ref.result()
	mcid := Threshold{Value: 20, Kind: MCID, Level: Individual}
	pass := Threshold{Value: 32, Kind: PASS, Level: Individual}
	definitions := map[string]ResponderDefinition{
		"change": {mcid}, "percent": {{Value: 30, Kind: Percent, Level: Individual}}, "pass": {pass},
		"worsening": {{Value: 5, Kind: MCID, Level: Individual, Worsening: true}}, "both": {mcid, pass},
	}
	require.Len(t, ref.Effects, 20)
	for _, c := range ref.Effects {
		e, err := r.RespondersFor("a", definitions[c.Rule], MissingResponse(c.Way))
		require.NoError(t, err)
		where := c.Rule + ", " + c.Way
		assert.Equal(t, table.Count{Events: c.X[0], N: c.N[0]}, e.Active, where)
		assert.Equal(t, table.Count{Events: c.X[1], N: c.N[1]}, e.Ctl, where)
		near := func(want [3]float64, got ...float64) {
			for i := range want {
				assert.InEpsilon(t, want[i], got[i], 1e-9, where)
			}
		}
		near(c.RD, e.Difference, e.DifferenceLo, e.DifferenceHi)
		near(c.RR, e.RiskRatio, e.RiskRatioLo, e.RiskRatioHi)
		near(c.OR, e.OddsRatio, e.OddsRatioLo, e.OddsRatioHi)
		assert.InEpsilon(t, c.Fisher, e.FisherP, 1e-9, where)
		assert.InEpsilon(t, c.P, e.P(), 1e-9, where)
		assert.Equal(t, RiskScore, e.Method, where) // 90 against 90 are too many tables
		near(c.Standardized.RD, e.Standardized, e.StandardizedLo, e.StandardizedHi)
		near(c.Standardized.RR, e.StandardizedRR, e.StandardizedRRLo, e.StandardizedRRHi)
		// NNT: reciprocals; of worsening the other sign is benefit.
		sign := 1.0
		if c.Rule == "worsening" {
			sign = -1
		}
		value, benefit := e.NNT.Point()
		assert.InEpsilon(t, math.Abs(c.NNT[0]), value, 1e-9, where)
		assert.Equal(t, sign*c.NNT[0] > 0, benefit, where)
		best, worst := e.NNT.Ends()
		if sign < 0 {
			best, worst = -worst, -best
		}
		assert.InEpsilon(t, c.NNT[1], best, 1e-9, where)
		assert.InEpsilon(t, c.NNT[2], worst, 1e-9, where)
		assert.Equal(t, c.RD[1] < 0 && c.RD[2] > 0, e.NNT.ThroughInfinity(), where)
	}

	rd, test, err := r.StratifiedResponders("a", definitions["change"], MissingObserved, "site")
	require.NoError(t, err)
	assert.InEpsilon(t, ref.Stratified.Value, rd.Value, 1e-9)
	assert.InEpsilon(t, ref.Stratified.SE, rd.SE, 1e-9)
	assert.InEpsilon(t, ref.Stratified.P, test.CMH.P(), 1e-9)

	area, err := r.AreaBetweenCurves("a")
	require.NoError(t, err)
	assert.InEpsilon(t, ref.Area.Value, area.Value, 1e-9)
	assert.InEpsilon(t, ref.Area.SE, area.SE, 1e-9)
	assert.InEpsilon(t, ref.Area.DF, area.DF, 1e-9)

	curve, err := ResponderCurveOf(r, "a")
	require.NoError(t, err)
	for _, c := range ref.Curve {
		found := false
		for _, p := range curve.Points {
			if p.Gain == c.Gain {
				found = true
				assert.Equal(t, c.Events, p.Events)
				assert.InEpsilon(t, c.Lower, p.Lower, 1e-9)
				assert.InEpsilon(t, c.Upper, p.Upper, 1e-9)
				assert.InEpsilon(t, c.Half, curve.HalfWidth, 1e-9)
				assert.InDelta(t, math.Min(1, p.Share+c.Half), p.BandUpper, 1e-12)
			}
		}
		assert.True(t, found, "%v", c.Gain)
	}
}

// Every triple of limits and estimate on a grid, with every pair of thresholds
// and both directions, against the definition by counting: how many of lower
// limit, estimate and upper limit reach the threshold.
func TestJudgeAgainstCounting(t *testing.T) {
	levels := []Verdict{DefinitelyNot, Possible, Probable, Definite}
	cases := 0
	for l := -4; l <= 4; l++ {
		for b := l; b <= 4; b++ {
			for u := b; u <= 4; u++ {
				for m := 1; m <= 3; m++ {
					for h := 1; h <= 3; h++ {
						for _, better := range []Direction{HigherIsBetter, LowerIsBetter} {
							benefit, harm := 0, 0
							for _, x := range []int{l, b, u} {
								if better == LowerIsBetter {
									x = -x
								}
								if x >= m {
									benefit++
								}
								if x <= -h {
									harm++
								}
							}
							k := 0.1 // 0.1·3 is not 0.3 in binary: equality is decided all the same
							j := JudgeWorsening(effect(k*float64(b), k*float64(l), k*float64(u)), 0.95,
								Threshold{Value: k * float64(m), Kind: MCID, Level: BetweenGroup},
								Threshold{Value: k * float64(h), Kind: MCID, Level: BetweenGroup, Worsening: true}, better)
							require.Equal(t, levels[benefit], j.Benefit, "%d %d %d, %d %d, %v", l, b, u, m, h, better)
							require.Equal(t, levels[harm], j.Harm, "%d %d %d, %d %d, %v", l, b, u, m, h, better)
							require.Equal(t, l <= 0 && u >= 0, j.IncludesZero)
							require.Equal(t, benefit > 0 && harm > 0, j.ImportantBoth)
							cases++
						}
					}
				}
			}
		}
	}
	assert.Greater(t, cases, 2500)
}
