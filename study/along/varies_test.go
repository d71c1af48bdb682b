package along_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/table"
	"github.com/trialkit/trialkit/study/along"
)

// people are participants of a trial with arms laser and sham, and whether each has the
// event: events and others of each arm in each level.
func people(counts map[[2]string][2]int, levels ...string) (d along.Moderated, y []bool) {
	d = along.Moderated{Active: []string{"laser"}, Control: "sham", Levels: levels}
	for _, l := range levels {
		for _, a := range []string{"laser", "sham"} {
			k := counts[[2]string{a, l}]
			for i := range k[0] + k[1] {
				d.Arm, d.Level, y = append(d.Arm, a), append(d.Level, l), append(y, i < k[0])
			}
		}
	}
	return d, y
}

func logistic(y []bool) func(...regress.Term) (along.Fit, error) {
	return func(terms ...regress.Term) (along.Fit, error) { return regress.Logistic(y, terms...) }
}

var improved = map[[2]string][2]int{{"laser", "women"}: {15, 10}, {"sham", "women"}: {8, 18}, {"laser", "men"}: {9, 14}, {"sham", "men"}: {10, 12}}

// A saturated logistic model has the counts' own odds ratios: the interaction is their
// ratio, Wald's variance the sum of the reciprocals, and the test is of the difference in
// log-likelihood from the table with one odds ratio, which here is found by bisection.
func TestVaryIsTheRatioOfOddsRatios(t *testing.T) {
	d, y := people(improved, "women", "men")
	v, err := along.Vary(d, logistic(y))
	require.NoError(t, err)
	require.Len(t, v.Interactions, 1)
	logOR := func(l string) (or, variance float64) {
		a, c := improved[[2]string{"laser", l}], improved[[2]string{"sham", l}]
		for _, n := range []int{a[0], a[1], c[0], c[1]} {
			variance += 1 / float64(n)
		}
		return math.Log(float64(a[0]*c[1]) / float64(a[1]*c[0])), variance
	}
	w, vw := logOR("women")
	m, vm := logOR("men")
	i := v.Interactions[0]
	assert.Equal(t, [2]string{"laser", "men"}, [2]string{i.Arm, i.Level})
	assert.InDelta(t, m-w, i.Wald.Value, 1e-9)
	assert.InDelta(t, math.Sqrt(vw+vm), i.Wald.SE, 1e-8)
	assert.InDelta(t, m-w, i.Log.Point(), 1e-9)

	// With one odds ratio ψ the expected table of a level keeps its margins, and the ψ of
	// greatest likelihood makes expected events of the laser sum to those observed.
	expected := func(l string, psi float64) (float64, float64) {
		a, c := improved[[2]string{"laser", l}], improved[[2]string{"sham", l}]
		na, nc, events := float64(a[0]+a[1]), float64(c[0]+c[1]), float64(a[0]+c[0])
		lo, hi := math.Max(0, events-nc), math.Min(na, events)
		for range 200 {
			x := (lo + hi) / 2
			if x*(nc-events+x) > psi*(na-x)*(events-x) {
				hi = x
			} else {
				lo = x
			}
		}
		loglik := 0.0
		for _, k := range [][2]float64{{float64(a[0]), lo}, {float64(a[1]), na - lo}, {float64(c[0]), events - lo}, {float64(c[1]), nc - events + lo}} {
			loglik += k[0] * math.Log(k[0]/k[1])
		}
		return lo, 2 * loglik
	}
	lo, hi := 1e-3, 1e3
	for range 200 {
		psi := math.Sqrt(lo * hi)
		x, _ := expected("women", psi)
		z, _ := expected("men", psi)
		if x+z > 15+9 {
			hi = psi
		} else {
			lo = psi
		}
	}
	_, x2 := expected("women", lo)
	_, more := expected("men", lo)
	assert.InDelta(t, x2+more, v.Test.X2, 1e-8)
	assert.Equal(t, 1.0, v.Test.DF)
	assert.InDelta(t, v.Test.P(), i.Log.P(0), 1e-7, "one interaction is the whole test")
	require.NoError(t, v.Settled(t.Context(), 0.95))

	// The other level for a reference turns the interaction and leaves the test.
	d.Levels = []string{"men", "women"}
	turned, err := along.Vary(d, logistic(y))
	require.NoError(t, err)
	assert.InDelta(t, w-m, turned.Interactions[0].Wald.Value, 1e-9)
	assert.InDelta(t, v.Test.X2, turned.Test.X2, 1e-9)
}

// Of a number with two values the line goes through both: At is the logarithm of either's
// own odds ratio, and origin and unit do not matter.
func TestVaryAlongANumber(t *testing.T) {
	d, y := people(improved, "women", "men")
	at := func(l string) (from, to float64) {
		a, c := improved[[2]string{"laser", l}], improved[[2]string{"sham", l}]
		return math.Log(float64(a[0]*c[1]) / float64(a[1]*c[0])), math.Sqrt(1/float64(a[0]) + 1/float64(a[1]) + 1/float64(c[0]) + 1/float64(c[1]))
	}
	for _, ages := range [][2]float64{{0, 1}, {40, 60}, {1e5, 1e5 - 8}} {
		of := along.Moderated{Arm: d.Arm, Active: d.Active, Control: d.Control}
		for _, l := range d.Level {
			of.Number = append(of.Number, map[string]float64{"women": ages[0], "men": ages[1]}[l])
		}
		v, err := along.Vary(of, logistic(y))
		require.NoError(t, err)
		for k, l := range []string{"women", "men"} {
			value, se := at(l)
			e, ok := v.At("laser", ages[k])
			require.True(t, ok)
			assert.InDelta(t, value, e.Value, 1e-7, ages)
			assert.InDelta(t, se, e.SE, 1e-6, ages)
		}
		_, ok := v.At("ultrasound", ages[0])
		assert.False(t, ok)
	}
}

func TestVaryNeedsEveryArmInEveryLevel(t *testing.T) {
	d, y := people(map[[2]string][2]int{{"laser", "women"}: {15, 10}, {"sham", "women"}: {8, 18}, {"sham", "men"}: {10, 12}}, "women", "men")
	_, err := along.Vary(d, logistic(y))
	assert.ErrorIs(t, err, along.ErrNotEstimable)
	d, y = people(map[[2]string][2]int{{"laser", "women"}: {15, 10}, {"sham", "women"}: {8, 18}, {"laser", "men"}: {9, 0}, {"sham", "men"}: {10, 12}}, "women", "men")
	_, err = along.Vary(d, logistic(y))
	assert.True(t, errors.Is(err, regress.ErrSeparation) || errors.Is(err, along.ErrNotEstimable), "%v", err)
}

// Risks are the differences of the levels' own shares, and the test of two levels is that of
// their one interaction; swapped arms turn the sign.
func TestRisksAreDifferencesOfDifferences(t *testing.T) {
	d, y := people(improved, "women", "men")
	test, list, err := along.Risks(d, y, table.RiskDifferences)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, [2]string{"laser", "men"}, [2]string{list[0].Arm, list[0].Level})
	assert.InDelta(t, (9.0/23-10.0/22)-(15.0/25-8.0/26), list[0].Point(), 1e-12)
	assert.InDelta(t, test.P(), list[0].P(0), 1e-7)
	assert.Equal(t, 1.0, test.DF)

	turned := d
	turned.Active, turned.Control = []string{"sham"}, "laser"
	again, back, err := along.Risks(turned, y, table.RiskDifferences)
	require.NoError(t, err)
	assert.InDelta(t, -list[0].Point(), back[0].Point(), 1e-12)
	assert.InDelta(t, test.X2, again.X2, 1e-7)

	d, y = people(map[[2]string][2]int{{"laser", "women"}: {15, 10}, {"sham", "women"}: {8, 18}, {"sham", "men"}: {10, 12}}, "women", "men")
	_, _, err = along.Risks(d, y, table.RiskDifferences)
	assert.Error(t, err)
}

// Cochran's Q of levels with the same standard error is the sum of squares about their mean
// in units of the variance; adding the same to all changes neither Q nor a difference.
func TestSeparateIsCochransQ(t *testing.T) {
	levels := []stats.Estimate{{Value: 1, SE: 2}, {Value: 4, SE: 2}, {Value: 7, SE: 2}}
	for _, shift := range []float64{0, 1e6, -0.3} {
		var moved []stats.Estimate
		for _, e := range levels {
			moved = append(moved, stats.Estimate{Value: e.Value + shift, SE: e.SE})
		}
		differences, q := along.Separate(moved)
		assert.InDelta(t, 18.0/4, q.X2, 1e-9)
		assert.Equal(t, 2.0, q.DF)
		require.Len(t, differences, 2)
		for k, want := range []float64{3, 6} {
			assert.InDelta(t, want, differences[k].Value, 1e-9)
			assert.InDelta(t, math.Sqrt(8), differences[k].SE, 1e-12)
		}
	}
	// Of two levels Q is the square of their difference over its error.
	differences, q := along.Separate([]stats.Estimate{{Value: -2, SE: 3}, {Value: 5, SE: 4}})
	assert.InDelta(t, 49.0/25, q.X2, 1e-12)
	assert.InDelta(t, q.P(), differences[0].P(0), 1e-12)
	assert.Panics(t, func() { along.Separate(levels[:1]) })
}

// Without an interaction, logits of probabilities of benefit on a scale of five categories are
// told apart in at most 5 % of trials, small ones too. TRIALKIT_SIMULATE=4000 makes the numbers
// of study.SubgroupsOf; here few trials hold the same within four standard errors.
func TestSeparateHoldsItsSize(t *testing.T) {
	trials := 300
	if n, err := strconv.Atoi(os.Getenv("TRIALKIT_SIMULATE")); err == nil {
		trials = n
	}
	for _, x := range []struct {
		levels, treated, control int
		shift                    float64
	}{
		{2, 8, 8, 0}, {2, 8, 8, 1.2}, {2, 15, 15, 0}, {2, 15, 15, 1.2}, {2, 30, 30, 0}, {2, 30, 30, 1.2}, {2, 8, 24, 1.2},
		{5, 8, 8, 0}, {5, 8, 8, 1.2}, {5, 15, 15, 0}, {5, 15, 15, 1.2}, {5, 30, 30, 0}, {5, 30, 30, 1.2}, {5, 8, 24, 1.2},
	} {
		r := rand.New(rand.NewPCG(uint64(x.levels), uint64(x.treated)))
		arm := func(n int, shift float64) (out []float64) {
			for range n {
				z, category := r.NormFloat64()+shift, 0.0
				for _, cut := range []float64{-0.84, -0.25, 0.25, 0.84} {
					if z > cut {
						category++
					}
				}
				out = append(out, category)
			}
			return out
		}
		below, answered := 0, 0
		for range trials {
			var levels []stats.Estimate
			for range x.levels {
				w, err := rank.BenefitWith([][]float64{arm(x.treated, x.shift)}, [][]float64{arm(x.control, 0)}, rank.BenefitOptions{Method: rank.BenefitNormal})
				if err != nil {
					assert.ErrorIs(t, err, rank.ErrSeparated)
					continue
				}
				levels = append(levels, stats.Estimate{Value: math.Log(w.WinOdds().Point()), SE: w.WinOdds().SELog()})
			}
			if len(levels) < x.levels {
				continue
			}
			answered++
			if _, q := along.Separate(levels); q.P() < 0.05 {
				below++
			}
		}
		size := float64(below) / float64(answered)
		t.Logf("%d levels, %d v %d, shift %.1f: %.3f of %d (%d without an answer)", x.levels, x.treated, x.control, x.shift, size, answered, trials-answered)
		assert.Less(t, size, 0.05+4*math.Sqrt(0.05*0.95/float64(answered)))
	}
}

func ExampleVary() {
	d, y := people(improved, "women", "men")
	v, err := along.Vary(d, logistic(y))
	if err != nil {
		fmt.Println(err)
		return
	}
	i := v.Interactions[0]
	ci := i.Log.CI(0.95)
	fmt.Printf("odds ratio in %s over that in women: %.2f (%.2f to %.2f); p = %.3f\n", i.Level, math.Exp(i.Log.Point()), math.Exp(ci.Lo), math.Exp(ci.Hi), v.Test.P())
	// Output:
	// odds ratio in men over that in women: 0.23 (0.04 to 1.18); p = 0.078
}

func ExampleRisks() {
	d, y := people(improved, "women", "men")
	test, list, err := along.Risks(d, y, table.RiskDifferences)
	if err != nil {
		fmt.Println(err)
		return
	}
	ci := list[0].CI(0.95)
	fmt.Printf("risk difference in %s less that in women: %.3f (%.3f to %.3f); p = %.3f\n", list[0].Level, list[0].Point(), ci.Lo, ci.Hi, test.P())
	// Output:
	// risk difference in men less that in women: -0.356 (-0.733 to 0.038); p = 0.077
}

func ExampleSeparate() {
	differences, q := along.Separate([]stats.Estimate{{Value: -1.5, SE: 0.5}, {Value: 0.3, SE: 0.6}, {Value: -0.8, SE: 0.7}})
	for _, d := range differences {
		fmt.Println(d)
	}
	fmt.Printf("Q = %.2f on %.0f degrees of freedom, p = %.3f\n", q.X2, q.DF, q.P())
	// Output:
	// 1.80 (95% CI 0.27 to 3.33; p = 0.0212; normal)
	// 0.70 (95% CI -0.99 to 2.39; p = 0.42; normal)
	// Q = 5.31 on 2 degrees of freedom, p = 0.070
}
