package rank_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/rank"
)

// With one value and no margin the odds are Benefit's; arms swapped invert; the order of
// participants does not matter; a second outcome decides the ties alone.
func TestWinRatioProperties(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(51, 1))
	for range 400 {
		n := 16 + r.IntN(30)
		treated, other := make([]bool, n), make([]bool, n)
		value, second, time := make([]float64, n), make([]float64, n), make([]float64, n)
		event := make([]bool, n)
		var x, y []float64
		for i := range n {
			treated[i], other[i] = i%2 == 0, i%2 == 1
			value[i], second[i] = float64(r.IntN(5)), float64(r.IntN(9))
			time[i], event[i] = float64(1+r.IntN(9)), r.IntN(2) == 0
			if treated[i] {
				x = append(x, value[i])
			} else {
				y = append(y, value[i])
			}
		}
		one, err := rank.WinRatio(treated, rank.WinOutcome{Value: value})
		require.NoError(t, err)
		b, err := rank.BenefitWith([][]float64{x}, [][]float64{y}, rank.BenefitOptions{Method: rank.BenefitNormal})
		if err == nil {
			odds, err := one.Odds()
			require.NoError(t, err)
			assert.InDelta(t, b.WinOdds().Point(), odds.Point(), 1e-9)
			assert.InEpsilon(t, b.WinOdds().SELog(), odds.Log.SE, 1e-9)
			assert.InDelta(t, b.P(0.5), odds.P(1), 1e-12)
			assert.InDelta(t, b.Ties, float64(one.Ties)/float64(len(x)*len(y)), 1e-12)
		}
		outcomes := []rank.WinOutcome{{Time: time, Event: event}, {Value: value, Lower: true, Margin: 1}, {Value: second}}
		w, err := rank.WinRatio(treated, outcomes...)
		require.NoError(t, err)
		assert.Equal(t, int64(len(x)*len(y)), w.Wins+w.Losses+w.Ties)
		back, err := rank.WinRatio(other, outcomes...)
		require.NoError(t, err)
		assert.Equal(t, []int64{w.Wins, w.Losses, w.Ties}, []int64{back.Losses, back.Wins, back.Ties})
		assert.InDelta(t, w.FinkelsteinSchoenfeld().Z(), -back.FinkelsteinSchoenfeld().Z(), 1e-9)
		if a, err := w.Ratio(); err == nil {
			c, err := back.Ratio()
			require.NoError(t, err)
			assert.InDelta(t, -a.Log.Value, c.Log.Value, 1e-12)
			assert.InEpsilon(t, a.Log.SE, c.Log.SE, 1e-9)
		}
		if a, err := w.NetBenefit(); err == nil {
			assert.InDelta(t, float64(w.Wins-w.Losses)/float64(len(x)*len(y)), a.Value, 1e-12)
		}
		first, err := rank.WinRatio(treated, outcomes[:2]...)
		require.NoError(t, err)
		assert.LessOrEqual(t, first.Wins, w.Wins)
		assert.LessOrEqual(t, w.Ties, first.Ties)
	}
}

// Who is known to be without the event wins: at equal times an event comes first, and
// after a censored time nothing is known.
func TestWinRatioOfTimes(t *testing.T) {
	treated := []bool{true, true, false, false}
	for name, c := range map[string]struct {
		time       []float64
		event      []bool
		wins, lost int64
	}{
		"later":          {[]float64{9, 9, 3, 3}, []bool{false, false, true, true}, 4, 0},
		"equal, event":   {[]float64{3, 3, 3, 3}, []bool{false, true, true, true}, 2, 0},
		"censored early": {[]float64{2, 2, 3, 3}, []bool{false, false, true, true}, 0, 0},
		"both":           {[]float64{3, 3, 3, 3}, []bool{true, true, true, true}, 0, 0},
	} {
		w, err := rank.WinRatio(treated, rank.WinOutcome{Time: c.time, Event: c.event})
		require.NoError(t, err)
		assert.Equal(t, []int64{c.wins, c.lost}, []int64{w.Wins, w.Losses}, name)
	}
}

func TestWinRatioRefuses(t *testing.T) {
	treated := []bool{true, true, false, false}
	ok := []float64{1, 2, 3, 4}
	for name, c := range map[string]struct {
		treated []bool
		o       []rank.WinOutcome
		want    error
	}{
		"no outcome": {treated, nil, stats.ErrTooFew},
		"one":        {[]bool{true, false, false}, []rank.WinOutcome{{Value: ok[:3]}}, stats.ErrTooFew},
		"neither":    {treated, []rank.WinOutcome{{}}, stats.ErrDomain},
		"both":       {treated, []rank.WinOutcome{{Value: ok, Time: ok, Event: treated}}, stats.ErrDomain},
		"short":      {treated, []rank.WinOutcome{{Value: ok[:3]}}, stats.ErrLength},
		"no events":  {treated, []rank.WinOutcome{{Time: ok}}, stats.ErrLength},
		"margin":     {treated, []rank.WinOutcome{{Value: ok, Margin: -1}}, stats.ErrDomain},
		"NaN":        {treated, []rank.WinOutcome{{Value: []float64{1, 2, math.NaN(), 3}}}, stats.ErrNotFinite},
	} {
		_, err := rank.WinRatio(c.treated, c.o...)
		assert.ErrorIs(t, err, c.want, name)
	}
	w, err := rank.WinRatio(treated, rank.WinOutcome{Value: []float64{5, 5, 1, 1}})
	require.NoError(t, err)
	_, err = w.Ratio()
	assert.ErrorIs(t, err, rank.ErrSeparated)
	_, err = w.NetBenefit()
	assert.ErrorIs(t, err, stats.ErrNoVariation)
	none, err := rank.WinRatio(treated, rank.WinOutcome{Value: []float64{5, 5, 1, math.NaN()}, Missing: []bool{true, true, false, true}})
	require.NoError(t, err)
	assert.Equal(t, 1.0, none.FinkelsteinSchoenfeld().P())
}

func ExampleWinRatio() {
	// Time to a further operation in weeks, then pain, of which less is better.
	treated := []bool{true, true, true, true, true, false, false, false, false, false}
	w, err := rank.WinRatio(treated,
		rank.WinOutcome{Time: []float64{52, 52, 30, 52, 52, 52, 20, 11, 52, 52}, Event: []bool{false, false, true, false, false, false, true, true, false, false}},
		rank.WinOutcome{Value: []float64{2.1, 3.0, 5.2, 1.2, 4.4, 3.9, 6.0, 5.5, 2.4, 4.1}, Lower: true, Margin: 0.5})
	if err != nil {
		panic(err)
	}
	fmt.Println(w)
	fmt.Println(w.FinkelsteinSchoenfeld())
	// Output:
	// 17 pairs won, 6 lost, 2 tied; win ratio 2.8 (95% CI 0.4 to 18.5; p = 0.28; log normal)
	// Finkelstein–Schoenfeld: z = 1.16, p = 0.24
}
