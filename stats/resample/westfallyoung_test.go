package resample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/resample"
)

func ExampleWestfallYoung() {
	all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	res, err := resample.WestfallYoung(resample.WYData{
		Arm:     strings.Fields("hilt hilt hilt hilt hilt sham sham sham sham sham"),
		Treated: "hilt", Control: "sham",
		Endpoints: []resample.WYEndpoint{
			{Name: "pain, right after", Participant: all, Value: []float64{-2.1, -3.0, -1.2, -2.7, -0.6, -0.4, -1.3, 0.2, -0.8, -0.1}},
			{Name: "pain, 24 h", Participant: all, Value: []float64{-3.1, -3.4, -2.2, -3.7, -1.6, -0.3, -1.0, -0.2, -1.8, 0.3}},
			{Name: "strength", Participant: all[:9], Value: []float64{1, 4, 2, 0, 3, 1, 2, -1, 3}},
		},
	})
	if err != nil {
		panic(err)
	}
	for _, t := range res.Tests {
		fmt.Printf("%-18s %6.2f  p %.4f, adjusted %.4f\n", t.Name, t.Difference, t.P(), t.PStepMaxT())
	}
	// Output:
	// pain, right after   -1.44  p 0.0397, adjusted 0.0635
	// pain, 24 h          -2.20  p 0.0159, adjusted 0.0317
	// strength             0.75  p 0.5476, adjusted 0.5476
}

// slowWY is the textbook definition over all arrangements.
func slowWY(d resample.WYData, welch bool) (raw, maxT, stepT, stepP []float64) {
	n, e := len(d.Arm), len(d.Endpoints)
	need := map[string]int{}
	own := 0
	block := func(i int) string {
		if d.Block == nil {
			return ""
		}
		return d.Block[i]
	}
	for i, a := range d.Arm {
		if a == d.Treated {
			own |= 1 << i
			need[block(i)]++
		}
	}
	var all [][]float64
	at := -1
	for mask := range 1 << n {
		got := map[string]int{}
		ok := true
		for i := range n {
			if mask>>i&1 == 1 {
				got[block(i)]++
				ok = ok && (d.Arm[i] == d.Treated || d.Arm[i] == d.Control)
			}
		}
		for l, k := range need {
			ok = ok && got[l] == k
		}
		if !ok || len(got) > len(need) {
			continue
		}
		ts := make([]float64, e)
		for j, ep := range d.Endpoints {
			var x, y []float64
			for k, i := range ep.Participant {
				switch {
				case mask>>i&1 == 1:
					x = append(x, ep.Value[k])
				case d.Arm[i] == d.Treated || d.Arm[i] == d.Control:
					y = append(y, ep.Value[k])
				}
			}
			ts[j] = slowAbsT(x, y, welch)
		}
		if mask == own {
			at = len(all)
		}
		all = append(all, ts)
	}
	m := float64(len(all))
	obs := all[at]
	share := func(ok func(ts []float64) bool) float64 {
		c := 0.0
		for _, ts := range all {
			if ok(ts) {
				c++
			}
		}
		return c / m
	}
	geq := func(a, b float64) bool { return a >= b || math.Abs(a-b) < 1e-9*b }
	p := make([][]float64, len(all))
	for b := range all {
		for j := range e {
			p[b] = append(p[b], share(func(ts []float64) bool { return geq(ts[j], all[b][j]) }))
		}
	}
	for j := range e {
		raw = append(raw, p[at][j])
		maxT = append(maxT, share(func(ts []float64) bool { return geq(slices.Max(ts), obs[j]) }))
	}
	step := func(less func(a, b int) bool, in func(b int, set []int, j int) bool) []float64 {
		order := make([]int, e)
		for j := range order {
			order[j] = j
		}
		sort.SliceStable(order, func(a, b int) bool { return less(order[a], order[b]) })
		out := make([]float64, e)
		last := 0.0
		for k, j := range order {
			c := 0.0
			for b := range all {
				if in(b, order[k:], j) {
					c++
				}
			}
			last = math.Max(last, c/m)
			out[j] = last
		}
		return out
	}
	stepT = step(func(a, b int) bool { return obs[a] > obs[b] }, func(b int, set []int, j int) bool {
		for _, k := range set {
			if geq(all[b][k], obs[j]) {
				return true
			}
		}
		return false
	})
	stepP = step(func(a, b int) bool { return raw[a] < raw[b] }, func(b int, set []int, j int) bool {
		for _, k := range set {
			if p[b][k] <= raw[j]+1e-12 {
				return true
			}
		}
		return false
	})
	return raw, maxT, stepT, stepP
}

func slowAbsT(x, y []float64, welch bool) float64 {
	if len(x) == 0 || len(y) == 0 || welch && (len(x) < 2 || len(y) < 2) {
		return 0
	}
	ss := func(v []float64) (m, s float64) {
		for _, a := range v {
			m += a / float64(len(v))
		}
		for _, a := range v {
			s += (a - m) * (a - m)
		}
		return m, s
	}
	mx, sx := ss(x)
	my, sy := ss(y)
	n, k := float64(len(x)), float64(len(y))
	d := math.Abs(mx - my)
	if d < 1e-12 {
		return 0
	}
	va := (sx + sy) / (n + k - 2) * (1/n + 1/k)
	if welch {
		va = sx/(n-1)/n + sy/(k-1)/k
	}
	if va < 1e-18 {
		return math.Inf(1)
	}
	return d / math.Sqrt(va)
}

func wyTrial(r *rand.Rand, n, e int, missing, blocks bool) resample.WYData {
	d := resample.WYData{Treated: "t", Control: "c"}
	for i := range n {
		d.Arm = append(d.Arm, []string{"t", "c", "t", "c", "other"}[i%5])
		if blocks {
			d.Block = append(d.Block, fmt.Sprint(i%10/5))
		}
	}
	for j := range e {
		ep := resample.WYEndpoint{Name: fmt.Sprint(j)}
		for i := range n {
			if missing && i > 4 && r.IntN(6) == 0 {
				continue
			}
			ep.Participant = append(ep.Participant, i)
			ep.Value = append(ep.Value, float64(r.IntN(9)))
		}
		d.Endpoints = append(d.Endpoints, ep)
	}
	return d
}

func TestWestfallYoungEqualsDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(51, 2))
	for rep := range 12 {
		d := wyTrial(r, 10, 1+r.IntN(4), rep%2 == 1, rep%3 == 1)
		welch := rep%4 >= 2
		opt := resample.WYOptions{}
		if welch {
			opt.Statistic = resample.PermStudentized
		}
		res, err := resample.WestfallYoungWith(d, opt)
		require.NoError(t, err)
		raw, maxT, stepT, stepP := slowWY(d, welch)
		for j, w := range res.Tests {
			assert.InDelta(t, raw[j], w.P(), 1e-12)
			assert.InDelta(t, maxT[j], w.PMaxT(), 1e-12)
			assert.InDelta(t, stepT[j], w.PStepMaxT(), 1e-12)
			assert.InDelta(t, stepP[j], w.PStepMinP(), 1e-12)
			assert.LessOrEqual(t, w.P(), w.PStepMaxT())
			assert.LessOrEqual(t, w.PStepMaxT(), w.PMaxT())
			assert.LessOrEqual(t, w.P(), w.PStepMinP())
		}
	}
}

// With one endpoint and complete data, adjustment changes nothing, and the
// p-value is Permutation's.
func TestWestfallYoungOfOneIsPermutation(t *testing.T) {
	r := rand.New(rand.NewPCG(52, 2))
	for range 20 {
		d := wyTrial(r, 14, 1, false, false)
		var x, y []float64
		for i, v := range d.Endpoints[0].Value {
			switch d.Arm[i] {
			case "t":
				x = append(x, v)
			case "c":
				y = append(y, v)
			}
		}
		p, err := resample.Permutation(x, y)
		require.NoError(t, err)
		res, err := resample.WestfallYoung(d)
		require.NoError(t, err)
		w := res.Tests[0]
		assert.InDelta(t, p.P(0), w.P(), 1e-12)
		assert.Equal(t, []float64{w.P(), w.P(), w.P()}, []float64{w.PMaxT(), w.PStepMaxT(), w.PStepMinP()})
		assert.InDelta(t, p.Value, w.Difference, 1e-12)
	}
}

func TestWestfallYoungMonteCarlo(t *testing.T) {
	r := rand.New(rand.NewPCG(53, 2))
	d := wyTrial(r, 20, 4, true, false)
	exact, err := resample.WestfallYoung(d)
	require.NoError(t, err)
	require.Equal(t, resample.PermEnumeration, exact.Method)
	var first []resample.WYTest
	for _, cores := range []int{1, 2} {
		old := runtime.GOMAXPROCS(cores)
		mc, err := resample.WestfallYoungWith(d, resample.WYOptions{Method: resample.PermMonteCarlo, Replicates: 20000})
		runtime.GOMAXPROCS(old)
		require.NoError(t, err)
		if first == nil {
			first = mc.Tests
		}
		assert.Equal(t, first, mc.Tests)
		for j, w := range mc.Tests {
			e := exact.Tests[j]
			// five standard errors of a binomial share
			assert.InDelta(t, e.PStepMaxT(), w.PStepMaxT(), 5*math.Sqrt(0.25/20000))
			assert.InDelta(t, e.PStepMinP(), w.PStepMinP(), 5*math.Sqrt(0.25/20000))
		}
	}
	d.Endpoints[1].Value[2] = math.NaN()
	_, err = resample.WestfallYoung(d)
	assert.ErrorIs(t, err, stats.ErrNotFinite)
	d.Endpoints[1] = d.Endpoints[0]
	d.Endpoints[1].Participant = slices.Repeat([]int{3}, len(d.Endpoints[1].Value))
	_, err = resample.WestfallYoung(d)
	assert.ErrorIs(t, err, stats.ErrDomain)
}
