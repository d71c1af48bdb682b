package impute_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
)

// trimmedBest is the mean of the best keep of values, worst values standing for those
// without; −∞ where one of these is among them. Written from the definition.
func trimmedBest(values []float64, worst int, keep float64) float64 {
	v := slices.Clone(values)
	slices.Sort(v)
	slices.Reverse(v)
	for range worst {
		v = append(v, math.Inf(-1))
	}
	sum, left := 0.0, keep
	for _, y := range v {
		w := math.Max(0, math.Min(1, left))
		if w > 0 {
			sum += w * y
		}
		left -= w
	}
	return sum / keep
}

type trimmedPerson struct {
	y       float64
	worst   bool
	treated bool
	block   string
}

// bruteTrimmed counts arrangements one by one at a null value; higher is better. It gives
// the shares at least and at most as large as the trial's difference.
func bruteTrimmed(people []trimmedPerson, share float64, null float64) (greater, less, value float64) {
	n := len(people)
	difference := func(treated func(int) bool) float64 {
		var v [2][]float64
		var worst, size [2]int
		for i, p := range people {
			a := 0
			if treated(i) {
				a = 1
			}
			size[a]++
			if p.worst {
				worst[a]++
				continue
			}
			y := p.y
			if p.treated {
				y -= null
			}
			v[a] = append(v[a], y)
		}
		var m [2]float64
		for a := range m {
			keep := (1 - share) * float64(size[a])
			if share == 0 { // adaptive
				keep = float64(size[a]) * (1 - math.Max(float64(worst[0])/float64(size[0]), float64(worst[1])/float64(size[1])))
			}
			if worst[a] == size[a] {
				m[a] = math.Inf(-1)
				continue
			}
			m[a] = trimmedBest(v[a], worst[a], math.Round(keep*1e12)/1e12)
		}
		if math.IsInf(m[0], -1) { // keep is 0 in the other arm
			return math.Inf(1)
		}
		if math.IsInf(m[1], -1) {
			return math.Inf(-1)
		}
		return m[1] - m[0]
	}
	own := func(i int) bool { return people[i].treated }
	value = difference(own)
	count := map[string]int{}
	for _, p := range people {
		if p.treated {
			count[p.block]++
		}
	}
	var total, ge, le float64
	for set := range 1 << n {
		have := map[string]int{}
		for i, p := range people {
			if set>>i&1 == 1 {
				have[p.block]++
			}
		}
		same := true
		for _, p := range people {
			same = same && have[p.block] == count[p.block]
		}
		if !same {
			continue
		}
		total++
		d := difference(func(i int) bool { return set>>i&1 == 1 })
		if d >= value-1e-10 {
			ge++
		}
		if d <= value+1e-10 {
			le++
		}
	}
	return ge / total, le / total, value
}

func trimmedArms(people []trimmedPerson, blocks bool) (treated, control impute.TrimmedArm) {
	for _, worst := range []bool{false, true} {
		for _, p := range people {
			a := &control
			if p.treated {
				a = &treated
			}
			if p.worst != worst {
				continue
			}
			if worst {
				a.Worst++
			} else {
				a.Values = append(a.Values, p.y)
			}
			if blocks {
				a.Blocks = append(a.Blocks, p.block)
			}
		}
	}
	return treated, control
}

// Every arrangement counted one by one, at tied whole numbers and others, fixed shares
// and adaptive, in blocks and without, at null values on ties and off them.
func TestTrimmedMeansAgainstEnumeration(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 1))
	tried := 0
	for round := range 120 {
		n := 6 + rng.IntN(5)
		blocks := round%3 == 0
		people := make([]trimmedPerson, n)
		for i := range people {
			people[i] = trimmedPerson{y: float64(rng.IntN(7)), worst: rng.IntN(6) == 0, treated: rng.IntN(2) == 0}
			if round%2 == 0 {
				people[i].y = rng.NormFloat64() * 13
			}
			if blocks {
				people[i].block = []string{"a", "b"}[i%2]
			}
		}
		share := []float64{0, 0.25, 0.3, 0.5}[round%4]
		treated, control := trimmedArms(people, blocks)
		o := impute.TrimmedOptions{Worst: impute.WorstIsLow, Share: share, Adaptive: share == 0}
		got, err := impute.TrimmedMeans(treated, control, o)
		if err != nil {
			continue // refusals have a test of their own
		}
		tried++
		data := fmt.Sprint(people, share)
		require.Zero(t, got.Replicates)
		nulls := []float64{0, 1, -2, 0.5, 100, -100, rng.NormFloat64() * 5}
		if round%2 == 1 { // on ties; off any grid limits are rounded
			nulls = append(nulls, treated.Values[0]-control.Values[0])
		}
		for _, null := range nulls {
			ge, le, value := bruteTrimmed(people, share, null)
			require.InDelta(t, ge, got.PGreater(null), 1e-12, "null %v of %s", null, data)
			require.InDelta(t, le, got.PLess(null), 1e-12, "null %v of %s", null, data)
			require.InDelta(t, value+null, got.Value, 1e-9, data)
			for _, level := range []float64{0.5, 0.8, 0.9, 0.95} {
				assert.Equal(t, got.P(null) < 1-level-1e-12, got.CI(level).Excludes(null), "null %v at %v of %s", null, level, data)
			}
		}
		// the other direction is the mirror image, and arms exchanged
		mirror := func(a impute.TrimmedArm) impute.TrimmedArm {
			a.Values = slices.Clone(a.Values)
			for i := range a.Values {
				a.Values[i] = 50 - a.Values[i]
			}
			return a
		}
		o.Worst = impute.WorstIsHigh
		low, err := impute.TrimmedMeans(mirror(treated), mirror(control), o)
		require.NoError(t, err)
		o.Worst = impute.WorstIsLow
		swapped, err := impute.TrimmedMeans(control, treated, o)
		require.NoError(t, err)
		for _, x := range []impute.Trimmed{low, swapped} {
			require.InDelta(t, -got.Value, x.Value, 1e-9, data)
			require.InDelta(t, got.PGreater(1), x.PLess(-1), 1e-12, data)
			a, b := got.CI(0.8), x.CI(0.8)
			if !math.IsInf(a.Lo, 0) {
				require.InDelta(t, a.Lo, -b.Hi, 1e-6, data)
			}
		}
		// and neither origin nor unit matters
		for i := range people {
			people[i].y = 1e4 + 10*people[i].y
		}
		moved, control := trimmedArms(people, blocks)
		scaled, err := impute.TrimmedMeans(moved, control, o)
		require.NoError(t, err)
		require.InDelta(t, 10*got.Value, scaled.Value, 1e-7, data)
		require.Equal(t, got.P(0), scaled.P(0), data)
		if a, b := got.CI(0.8), scaled.CI(0.8); !math.IsInf(a.Hi, 0) {
			require.InDelta(t, 10*a.Hi, b.Hi, 1e-4, data)
		}
	}
	assert.Greater(t, tried, 60)
}

// Random arrangements come near the exact answer, the same for a seed.
func TestTrimmedMeansRandomArrangements(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 2))
	var treated, control impute.TrimmedArm
	for range 9 {
		treated.Values = append(treated.Values, math.Round(10*(rng.NormFloat64()+0.9)))
		control.Values = append(control.Values, math.Round(10*rng.NormFloat64()))
	}
	treated.Worst, control.Worst = 1, 2
	o := impute.TrimmedOptions{Worst: impute.WorstIsLow, Share: 0.4, Arrangements: 1e6}
	exact, err := impute.TrimmedMeans(treated, control, o)
	require.NoError(t, err)
	require.Zero(t, exact.Replicates)
	o.Arrangements, o.Seed = 1000, 3
	drawn, err := impute.TrimmedMeans(treated, control, o)
	require.NoError(t, err)
	assert.Equal(t, 10_000, drawn.Replicates)
	assert.Len(t, drawn.Notes, 1)
	assert.Equal(t, exact.Value, drawn.Value)
	for _, null := range []float64{0, 5, -3} {
		p := exact.P(null)
		assert.InDelta(t, p, drawn.P(null), 4*2*math.Sqrt(p/2*(1-p/2)/10_000)+1e-3)
	}
	again, err := impute.TrimmedMeans(treated, control, o)
	require.NoError(t, err)
	assert.Equal(t, drawn.CI(0.95), again.CI(0.95))
}

// Under a shift of those who have a value the interval covers it at its level.
func TestTrimmedMeansCover(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 3))
	covered, rejected := 0, 0
	const trials = 300
	for range trials {
		var arms [2]impute.TrimmedArm
		for a := range arms {
			for range 7 {
				if rng.IntN(6) == 0 && arms[a].Worst < 3 {
					arms[a].Worst++
				} else {
					arms[a].Values = append(arms[a].Values, rng.NormFloat64()+float64(a))
				}
			}
		}
		r, err := impute.TrimmedMeans(arms[1], arms[0], impute.TrimmedOptions{Worst: impute.WorstIsLow, Share: 0.5})
		require.NoError(t, err)
		if !r.CI(0.9).Excludes(1) {
			covered++
		}
		if r.P(1) < 0.1 {
			rejected++
		}
	}
	assert.Equal(t, trials, covered+rejected)
	assert.InDelta(t, 0.92, float64(covered)/trials, 0.045) // exact: at least 0.9, by discreteness a little above
}

func TestTrimmedMeansRefuses(t *testing.T) {
	five := impute.TrimmedArm{Values: []float64{1, 2, 3, 4, 5}}
	half := impute.TrimmedOptions{Worst: impute.WorstIsLow, Share: 0.5}
	for name, c := range map[string]struct {
		treated impute.TrimmedArm
		o       impute.TrimmedOptions
		err     error
		text    string
	}{
		"more worst than cut": {impute.TrimmedArm{Values: []float64{1, 2}, Worst: 3}, half, stats.ErrDomain, "3 of 5 rank worst"},
		"share of 1":          {five, impute.TrimmedOptions{Worst: impute.WorstIsLow, Share: 1}, stats.ErrDomain, "not between"},
		"a NaN":               {impute.TrimmedArm{Values: []float64{1, math.NaN(), 2}}, half, stats.ErrNotFinite, "1"},
		"labels":              {impute.TrimmedArm{Values: []float64{1, 2}, Blocks: []string{"a"}}, half, stats.ErrLength, "1 labels"},
		"nobody kept":         {impute.TrimmedArm{Values: []float64{1}}, half, stats.ErrTooFew, "not one"},
		"no values":           {impute.TrimmedArm{Worst: 4}, impute.TrimmedOptions{Worst: impute.WorstIsLow, Adaptive: true}, stats.ErrTooFew, "treated"},
	} {
		_, err := impute.TrimmedMeans(c.treated, five, c.o)
		require.ErrorIs(t, err, c.err, name)
		assert.ErrorContains(t, err, c.text, name)
	}
	for _, o := range []impute.TrimmedOptions{{}, {Worst: impute.WorstIsLow}, {Share: 0.5}, {Worst: impute.WorstIsLow, Share: 0.5, Adaptive: true}} {
		assert.Panics(t, func() { _, _ = impute.TrimmedMeans(five, five, o) })
	}
}

// All of one arm's better half is beyond the other's, however large the null value taken
// from it: the numbers that rank worst alone decide, and the interval is empty or
// unbounded, as the p-values are.
func TestTrimmedMeansWorstAlone(t *testing.T) {
	treated := impute.TrimmedArm{Values: []float64{1, 2, 3, 4, 5, 6, 7, 8}}
	control := impute.TrimmedArm{Values: []float64{1, 2, 3, 4}, Worst: 4}
	r, err := impute.TrimmedMeans(treated, control, impute.TrimmedOptions{Worst: impute.WorstIsLow, Share: 0.5})
	require.NoError(t, err)
	ci := r.CI(0.95)
	assert.Equal(t, r.P(1e6) < 0.05, ci.Excludes(1e6))
	assert.Equal(t, r.P(-1e6) < 0.05, ci.Excludes(-1e6))
	assert.Equal(t, 4.0, r.Cut[0])
	assert.Equal(t, [2]float64{2.5, 6.5}, r.Means)
}

// R's counts of all arrangements: testdata/reference/trimmed/trimmed_means.R.
func TestTrimmedMeansAgainstR(t *testing.T) {
	raw, err := os.ReadFile("../../testdata/reference/trimmed/trimmed_means.json")
	require.NoError(t, err)
	var cases []struct {
		Treated, Control     []float64
		TreatedWorst         int `json:"treated_worst"`
		ControlWorst         int `json:"control_worst"`
		Share                *float64
		Higher               bool
		Value                float64
		Nulls, Greater, Less []float64
	}
	require.NoError(t, json.Unmarshal(raw, &cases))
	require.Len(t, cases, 4)
	for _, c := range cases {
		o := impute.TrimmedOptions{Worst: impute.WorstIsHigh, Adaptive: c.Share == nil}
		if c.Share != nil {
			o.Share = *c.Share
		}
		if c.Higher {
			o.Worst = impute.WorstIsLow
		}
		r, err := impute.TrimmedMeans(impute.TrimmedArm{Values: c.Treated, Worst: c.TreatedWorst}, impute.TrimmedArm{Values: c.Control, Worst: c.ControlWorst}, o)
		require.NoError(t, err)
		assert.InDelta(t, c.Value, r.Value, 1e-9)
		for i, null := range c.Nulls {
			assert.InDelta(t, c.Greater[i], r.PGreater(null), 1e-9, "%v at %v", c, null)
			assert.InDelta(t, c.Less[i], r.PLess(null), 1e-9, "%v at %v", c, null)
		}
	}
}
