package table_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/table"
)

var riskScales = map[string]table.RiskScale{"rd": table.RiskDifferences, "rr": table.RiskRatios, "or": table.OddsRatios}

// By table_interaction.R, whose nested maximizations hold nine digits.
func TestInteractionsAreThoseOfR(t *testing.T) {
	raw, err := os.ReadFile("../../testdata/reference/table_interaction.json")
	require.NoError(t, err)
	var ref struct {
		Answers []struct {
			Name, Scale string
			Levels      [][][2]int
			X2, DF      float64
			Interaction []float64
		}
	}
	require.NoError(t, json.Unmarshal(raw, &ref))
	require.Len(t, ref.Answers, 18)
	for _, w := range ref.Answers {
		about := w.Name + " " + w.Scale
		var levels [][]table.Count
		for _, l := range w.Levels {
			var arms []table.Count
			for _, c := range l {
				arms = append(arms, table.Count{Events: c[0], N: c[1]})
			}
			levels = append(levels, arms)
		}
		test, err := table.Homogeneity(levels, riskScales[w.Scale])
		require.NoError(t, err, about)
		assert.Equal(t, w.DF, test.DF, about)
		assert.InDelta(t, w.X2, test.X2, 1e-7*max(1, w.X2), about)
		if len(levels) != 2 || len(levels[0]) != 2 {
			continue
		}
		i, err := table.Interaction(table.Stratum{Treated: levels[1][1], Control: levels[1][0]}, table.Stratum{Treated: levels[0][1], Control: levels[0][0]}, riskScales[w.Scale])
		if w.Interaction == nil {
			assert.ErrorIs(t, err, stats.ErrDomain, about)
			continue
		}
		require.NoError(t, err, about)
		ci := i.CI(0.95)
		for k, got := range []float64{i.Point(), ci.Lo, ci.Hi} {
			if w.Scale != "rd" {
				got = math.Log(got)
			}
			assert.InDelta(t, w.Interaction[k], got, 1e-6, about)
		}
	}
}

// enumerated is the largest log-likelihood on a grid of the risks of two levels under a
// difference of differences, less the largest of all.
func enumerated(x, n [4]int, offset float64) float64 {
	ll := func(k int, p float64) float64 {
		s := 0.0
		if x[k] > 0 {
			s += float64(x[k]) * math.Log(p)
		}
		if n[k] > x[k] {
			s += float64(n[k]-x[k]) * math.Log1p(-p)
		}
		return s
	}
	best := math.Inf(-1)
	const steps = 80
	for a := range steps + 1 {
		for b := range steps + 1 {
			for c := range steps + 1 {
				p := [3]float64{float64(a) / steps, float64(b) / steps, float64(c) / steps}
				if q := p[2] + p[1] - p[0] + offset; q >= 0 && q <= 1 {
					best = max(best, ll(0, p[0])+ll(1, p[1])+ll(2, p[2])+ll(3, q))
				}
			}
		}
	}
	most := 0.0
	for k := range x {
		most += ll(k, float64(x[k])/float64(n[k]))
	}
	return 2 * (most - best)
}

// Random small tables against an enumeration of risks, with zero cells: the test's χ² is
// the smallest of all, and p(0) < 0.05 exactly where the interval leaves out no effect.
// Exchanging levels or arms turns the sign, exchanging yes and no that of differences.
func TestInteractionOfRandomTables(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 8))
	outside, edges := 0, 0
	for k := range 150 {
		var c [4]table.Count
		var x, n [4]int
		for i := range c {
			n[i] = 1 + r.IntN(14)
			x[i] = r.IntN(n[i] + 1)
			if r.IntN(4) == 0 {
				x[i] = []int{0, n[i]}[r.IntN(2)]
			}
			c[i] = table.Count{Events: x[i], N: n[i]}
		}
		about := fmt.Sprintf("%d: %v", k, c)
		reference, level := table.Stratum{Control: c[0], Treated: c[1]}, table.Stratum{Control: c[2], Treated: c[3]}
		for _, scale := range riskScales {
			i, err := table.Interaction(level, reference, scale)
			if err != nil {
				assert.ErrorIs(t, err, stats.ErrDomain, about)
				edges++
				continue
			}
			test, err := table.Homogeneity([][]table.Count{{c[0], c[1]}, {c[2], c[3]}}, scale)
			require.NoError(t, err)
			none, swap := 0.0, func(x float64) float64 { return -x }
			if scale != table.RiskDifferences {
				none, swap = 1, func(x float64) float64 { return 1 / x }
			}
			assert.InDelta(t, test.P(), i.P(none), 1e-12, about)
			ci := i.CI(0.95)
			require.LessOrEqual(t, ci.Lo, i.Point(), about)
			require.GreaterOrEqual(t, ci.Hi, i.Point(), about)
			require.False(t, math.IsNaN(i.P(none)), about)
			require.Equal(t, i.P(none) < 0.05, !ci.Contains(none), "%s %s %v %v", about, scale, i, i.P(none))
			if i.P(none) < 0.05 {
				outside++
			}
			turned, err := table.Interaction(reference, level, scale)
			require.NoError(t, err)
			flip := func(s table.Stratum) table.Stratum { return table.Stratum{Treated: s.Control, Control: s.Treated} }
			arms, err := table.Interaction(flip(level), flip(reference), scale)
			require.NoError(t, err)
			for _, other := range []table.RiskInteraction{turned, arms} {
				o := other.CI(0.95)
				assert.InEpsilon(t, 3+math.Atan(swap(ci.Lo)), 3+math.Atan(o.Hi), 1e-7, about)
				assert.InEpsilon(t, 3+math.Atan(swap(ci.Hi)), 3+math.Atan(o.Lo), 1e-7, about)
				assert.InDelta(t, i.P(none), other.P(none), 1e-6, about)
			}
			if scale == table.RiskRatios {
				continue
			}
			no := func(s table.Stratum) table.Stratum {
				return table.Stratum{Treated: table.Count{Events: s.Treated.N - s.Treated.Events, N: s.Treated.N}, Control: table.Count{Events: s.Control.N - s.Control.Events, N: s.Control.N}}
			}
			others, err := table.Interaction(no(level), no(reference), scale)
			require.NoError(t, err)
			assert.InEpsilon(t, 3+math.Atan(swap(ci.Hi)), 3+math.Atan(others.CI(0.95).Lo), 1e-7, about)
		}
		if k < 25 {
			for _, offset := range []float64{0, 0.25, -0.5} {
				i, err := table.Interaction(level, reference, table.RiskDifferences)
				require.NoError(t, err)
				z := normalQuantileOf(i.P(offset))
				e := enumerated(x, n, offset)
				// The grid misses the maximum by up to half a step.
				assert.LessOrEqual(t, z*z, e+1e-9, "%s offset %v", about, offset)
				assert.InDelta(t, e, z*z, 0.1, "%s offset %v", about, offset)
			}
		}
	}
	assert.Positive(t, outside)
	assert.Positive(t, edges)
}

// normalQuantileOf is |z| of a two-sided p-value, by bisection on erfc.
func normalQuantileOf(p float64) float64 {
	lo, hi := 0.0, 40.0
	for range 200 {
		if mid := (lo + hi) / 2; math.Erfc(mid/math.Sqrt2) > p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

func TestInteractionRefuses(t *testing.T) {
	c := table.Count{Events: 2, N: 5}
	s := table.Stratum{Treated: c, Control: c}
	for _, x := range []struct {
		c    table.Count
		want error
	}{{table.Count{}, stats.ErrTooFew}, {table.Count{Events: 6, N: 5}, stats.ErrDomain}, {table.Count{Events: -1, N: 5}, stats.ErrDomain}} {
		_, err := table.Interaction(table.Stratum{Treated: x.c, Control: c}, s, table.RiskDifferences)
		assert.ErrorIs(t, err, x.want)
		_, err = table.Homogeneity([][]table.Count{{c, c}, {c, x.c}}, table.RiskDifferences)
		assert.ErrorIs(t, err, x.want)
	}
	_, err := table.Homogeneity([][]table.Count{{c, c}}, table.RiskDifferences)
	assert.ErrorIs(t, err, stats.ErrTooFew)
	_, err = table.Homogeneity([][]table.Count{{c, c}, {c, c, c}}, table.RiskDifferences)
	assert.ErrorIs(t, err, stats.ErrLength)
	assert.Panics(t, func() { _, _ = table.Interaction(s, s, "") })
	assert.Panics(t, func() { _, _ = table.Homogeneity([][]table.Count{{c, c}, {c, c}}, "hazard") })
	i, err := table.Interaction(table.Stratum{Treated: table.Count{Events: 3, N: 3}, Control: table.Count{N: 4}}, table.Stratum{Treated: table.Count{N: 3}, Control: table.Count{Events: 4, N: 4}}, table.RiskDifferences)
	require.NoError(t, err)
	assert.Equal(t, []float64{2, 2, 0, 1}, []float64{i.Point(), i.CI(0.95).Hi, i.P(2.5), i.P(2)})
	same, err := table.Interaction(s, s, table.OddsRatios)
	require.NoError(t, err)
	assert.Equal(t, []float64{1, 1, 0}, []float64{same.Point(), same.P(1), same.P(0)})
}

// Does a treatment help women more than men? On which scale?
func ExampleInteraction() {
	women := table.Stratum{Treated: table.Count{Events: 21, N: 38}, Control: table.Count{Events: 12, N: 40}}
	men := table.Stratum{Treated: table.Count{Events: 13, N: 41}, Control: table.Count{Events: 15, N: 35}}
	for _, scale := range []table.RiskScale{table.RiskDifferences, table.OddsRatios} {
		i, err := table.Interaction(women, men, scale)
		if err != nil {
			panic(err)
		}
		fmt.Println(i)
	}
	// Output:
	// 36% (95% CI 6% to 66%; p = 0.0202; interaction, likelihood ratio)
	// 4.66 (95% CI 1.25 to 17.76; p = 0.0214; interaction, likelihood ratio)
}

// One p-value for three age groups, whatever their number.
func ExampleHomogeneity() {
	test, err := table.Homogeneity([][]table.Count{ // control, treated
		{{Events: 12, N: 40}, {Events: 21, N: 38}},
		{{Events: 15, N: 35}, {Events: 13, N: 41}},
		{{Events: 3, N: 20}, {Events: 9, N: 22}},
	}, table.RiskDifferences)
	if err != nil {
		panic(err)
	}
	fmt.Println(test)
	// Output: X²(2) = 6.88, p = 0.0320
}
