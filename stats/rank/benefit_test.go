package rank_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/rank"
)

// ordinalStrata draws up to four strata of small arms on a scale of few steps.
func ordinalStrata(r *rand.Rand, most int) (treated, control [][]float64) {
	levels, shift := 1+r.IntN(6), r.IntN(3)
	for range 1 + r.IntN(4) {
		var a, b []float64
		for range r.IntN(most) {
			a = append(a, float64(r.IntN(levels)+shift*r.IntN(2)))
		}
		for range r.IntN(most) {
			b = append(b, float64(r.IntN(levels)))
		}
		treated, control = append(treated, a), append(control, b)
	}
	return treated, control
}

func checkBenefit(t *testing.T, w rank.WinProbability, null, level float64) {
	t.Helper()
	ci, p := w.CI(level), w.P(null)
	name := fmt.Sprintf("%v at %v: p = %v, %v", w, null, p, ci)
	require.False(t, math.IsNaN(p+ci.Lo+ci.Hi+w.SE+w.Ties), name)
	require.True(t, 0 <= ci.Lo && ci.Lo <= w.Value && w.Value <= ci.Hi && ci.Hi <= 1, name)
	if math.Abs(null-ci.Lo) > 1e-12 && math.Abs(null-ci.Hi) > 1e-12 || null == 0.5 {
		require.Equal(t, p < 1-level, ci.Excludes(null), name)
	}
}

// Tiny and separated trials in strata: a result or a named reason; interval and p-value
// are one test; arms swapped invert the odds; the order of strata, of participants and
// any order-preserving change of the scale do not matter.
func TestBenefitOnRandomStrata(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(21, 1))
	kinds := map[string]int{}
	for k := range 6000 {
		treated, control := ordinalStrata(r, []int{3, 6, 30}[k%3])
		o := rank.BenefitOptions{MaxArrangements: 3000, Replicates: 100}
		w, err := rank.BenefitWith(treated, control, o)
		if err != nil {
			var se *stats.SampleError
			require.ErrorAs(t, err, &se)
			kinds[se.Err.Error()]++
			continue
		}
		kinds[fmt.Sprintf("%s %v", w.Method, w.MonteCarlo)]++
		checkBenefit(t, w, 0.5, 0.95)
		checkBenefit(t, w, r.Float64(), 0.9)
		odds := w.WinOdds()
		require.InDelta(t, w.P(0.3), odds.P(0.3/0.7), 1e-12)
		require.InDelta(t, w.CI(0.9).Lo, odds.CI(0.9).Lo/(1+odds.CI(0.9).Lo), 1e-12)
		if w.MonteCarlo {
			continue
		}
		back, err := rank.BenefitWith(control, treated, o)
		require.NoError(t, err)
		require.InDelta(t, 1-w.Value, back.Value, 1e-12)
		require.InDelta(t, w.PGreater(0.4), back.PLess(0.6), 1e-9)
		require.InDelta(t, w.CI(0.9).Lo, 1-back.CI(0.9).Hi, 1e-9)
		var turned, turnedControl [][]float64
		for i := range treated {
			j := len(treated) - 1 - i
			var a, b []float64
			for _, v := range treated[j] {
				a = append([]float64{math.Exp(v) + 1e6}, a...)
			}
			for _, v := range control[j] {
				b = append([]float64{math.Exp(v) + 1e6}, b...)
			}
			turned, turnedControl = append(turned, a), append(turnedControl, b)
		}
		same, err := rank.BenefitWith(turned, turnedControl, o)
		require.NoError(t, err)
		require.InDelta(t, w.P(0.5), same.P(0.5), 1e-9)
		require.InDelta(t, w.SE, same.SE, 1e-12)
		require.Equal(t, w.Dropped, same.Dropped)
	}
	for _, kind := range []string{"normal false", "permutation false", "permutation true", rank.ErrSeparated.Error(), stats.ErrTooFew.Error(), stats.ErrNoVariation.Error()} {
		assert.Greater(t, kinds[kind], 10, "%q of %v", kind, kinds)
	}
}

// By definition: the share of pairs won, and the placements' variance.
func TestBenefitByDefinition(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(22, 1))
	for range 300 {
		x, y := make([]float64, 15+r.IntN(20)), make([]float64, 15+r.IntN(20))
		for i := range x {
			x[i] = float64(r.IntN(5))
		}
		for i := range y {
			y[i] = float64(r.IntN(6))
		}
		w, err := rank.Benefit(x, y)
		require.NoError(t, err)
		bm, err := rank.BrunnerMunzel(x, y)
		require.NoError(t, err)
		assert.InDelta(t, bm.Value, w.Value, 1e-14)
		assert.InDelta(t, bm.SE, w.SE, 1e-14)
		ties := 0.0
		for _, a := range x {
			for _, b := range y {
				if a == b {
					ties += 1 / float64(len(x)*len(y))
				}
			}
		}
		assert.InDelta(t, ties, w.Ties, 1e-12)
		assert.Equal(t, rank.BenefitNormal, w.Method)
	}
}

// Below 15 an arm the two-sided p-value of one half is at most α no more often than in
// a share of α of all assignments.
func TestBenefitPermutationHoldsItsLevel(t *testing.T) {
	t.Parallel()
	all := []float64{1, 1, 2, 2, 3, 3, 4, 5, 6}
	total, rejected, separated := 0, map[float64]int{}, 0
	for set := range 1 << len(all) {
		var x, y []float64
		for i, v := range all {
			if set>>i&1 == 1 {
				x = append(x, v)
			} else {
				y = append(y, v)
			}
		}
		if len(x) != 4 {
			continue
		}
		total++
		w, err := rank.Benefit(x, y)
		if err != nil {
			separated++ // which would count as rejections
			continue
		}
		for _, alpha := range []float64{0.05, 0.1, 0.2} {
			if w.P(0.5) <= alpha {
				rejected[alpha]++
			}
		}
	}
	for alpha, k := range rejected {
		assert.LessOrEqual(t, float64(k+separated), alpha*float64(total)+1e-9, "at %v", alpha)
	}
	assert.Equal(t, 126, total)
}

func TestBenefitRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		x, y [][]float64
		want error
	}{
		"separated": {[][]float64{{4, 5, 6}}, [][]float64{{1, 2, 3}}, rank.ErrSeparated},
		"equal":     {[][]float64{{2, 2}}, [][]float64{{2, 2, 2}}, stats.ErrNoVariation},
		"one":       {[][]float64{{2}}, [][]float64{{1, 3}}, stats.ErrTooFew},
		"lengths":   {[][]float64{{2}}, nil, stats.ErrLength},
		"apart":     {[][]float64{{2, 3}, nil}, [][]float64{nil, {1, 2}}, stats.ErrTooFew},
		"NaN":       {[][]float64{{2, math.NaN()}}, [][]float64{{1, 2}}, stats.ErrNotFinite},
	} {
		_, err := rank.BenefitStratified(c.x, c.y)
		assert.ErrorIs(t, err, c.want, name)
	}
	assert.Panics(t, func() {
		_, _ = rank.BenefitWith([][]float64{{1, 3}}, [][]float64{{2, 2}}, rank.BenefitOptions{Method: "bootstrap"})
	})
	ctx, stop := context.WithCancel(context.Background())
	stop()
	_, err := rank.BenefitContext(ctx, [][]float64{{1, 3, 5, 7}}, [][]float64{{2, 4, 6, 8}}, rank.BenefitOptions{})
	assert.ErrorIs(t, err, context.Canceled)
	few, err := rank.Benefit([]float64{1, 3}, []float64{2, 2})
	require.NoError(t, err)
	assert.Equal(t, stats.Interval{Lo: 0, Hi: 1, Level: 0.95, Why: stats.WhyLevel}, few.CI(0.95))
}

// 100,000 participants cost time in proportion to their number, and a counter of pairs
// does not overflow.
func TestBenefitOfManyParticipants(t *testing.T) {
	x, y := make([]float64, 100_000), make([]float64, 100_000)
	for i := range x {
		x[i], y[i] = float64(i%7), float64(i%5)
	}
	start := time.Now()
	w, err := rank.Benefit(x, y)
	require.NoError(t, err)
	assert.Less(t, time.Since(start), 5*time.Second)
	// Each of the 35 pairs of remainders is as frequent as the others, but for the last.
	won := 0.0
	for i := range 7 {
		for j := range 5 {
			if i > j {
				won++
			} else if i == j {
				won += 0.5
			}
		}
	}
	assert.InDelta(t, won/35, w.Value, 1e-4)
}

func BenchmarkBenefit100000(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	x, y := make([]float64, 50_000), make([]float64, 50_000)
	for i := range x {
		x[i], y[i] = r.NormFloat64(), r.NormFloat64()
	}
	for b.Loop() {
		if _, err := rank.Benefit(x, y); err != nil {
			b.Fatal(err)
		}
	}
}

// Global impression of change from 1 (very much worse) to 7 (very much better).
func ExampleBenefit() {
	laser := []float64{6, 5, 7, 4, 6, 6, 5, 3}
	sham := []float64{4, 4, 5, 3, 6, 2, 4, 5}
	w, err := rank.Benefit(laser, sham)
	if err != nil {
		panic(err)
	}
	fmt.Println(w)
	fmt.Println(w.WinOdds())
	fmt.Printf("%.0f%% of pairs are tied\n", 100*w.Ties)
	// Output:
	// 0.74 (95% CI 0.45 to 0.91; p = 0.0956; studentized permutation, 12870 arrangements)
	// 2.9 (95% CI 0.8 to 9.9; p = 0.0956; studentized permutation, 12870 arrangements)
	// 17% of pairs are tied
}

func ExampleBenefitStratified() {
	w, _ := rank.BenefitStratified([][]float64{{6, 5, 7, 4}, {6, 6, 5, 3}}, [][]float64{{4, 4, 5, 3}, {6, 2, 4, 5}})
	fmt.Println(w)
	// Output:
	// 0.75 (95% CI 0.47 to 0.91; p = 0.0865; studentized permutation, 4900 arrangements; 2 strata)
}
