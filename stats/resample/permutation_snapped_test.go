package resample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/resample"
)

// mixedShare is the share of arrangements whose treated sum lies at least as far from its
// expectation as the trial's, where few values are off the whole numbers: every choice
// of those that is treated, with the distribution of the others' sums counted.
func mixedShare(treated, control []float64) float64 {
	var whole []int
	var off []float64
	var obs, all float64
	for i, v := range append(append([]float64(nil), treated...), control...) {
		if i < len(treated) {
			obs += v
		}
		all += v
		if v == math.Trunc(v) {
			whole = append(whole, int(v))
		} else {
			off = append(off, v)
		}
	}
	n, k := len(treated)+len(control), len(treated)
	most := 0
	for _, v := range whole {
		most += v
	}
	rows := make([][]float64, k+1) // of shares of subsets, by size and sum, times a power
	for j := range rows {
		rows[j] = make([]float64, most+1)
	}
	rows[0][0] = 1
	for _, v := range whole {
		for j := k; j > 0; j-- {
			for s := most; s >= v; s-- {
				rows[j][s] += rows[j-1][s-v]
			}
		}
		for j := range rows {
			for s := range rows[j] {
				rows[j][s] /= 2
			}
		}
	}
	mean := all * float64(k) / float64(n)
	far := math.Abs(obs-mean) - 1e-9
	var beyond, total float64
	for mask := range 1 << len(off) {
		in, sum := 0, 0.0
		for i, v := range off {
			if mask>>i&1 == 1 {
				in, sum = in+1, sum+v
			}
		}
		if in > k {
			continue
		}
		for s, w := range rows[k-in] {
			total += w
			if math.Abs(float64(s)+sum-mean) >= far {
				beyond += w
			}
		}
	}
	return beyond / total
}

// Whole numbers but for a few, in more participants than lists are made of: p is within
// 1e-4 and 1 % of that of all arrangements, and not random.
func TestPermutationOfFewValuesOffTheGrid(t *testing.T) {
	for rep := range 6 {
		r := rand.New(rand.NewPCG(12, uint64(rep)))
		n, off := 160+20*rep, 2
		var x, y []float64
		for i := range 2 * n {
			v := float64(r.IntN(4))
			if i%2 == 0 && r.IntN(4) == 0 {
				v++
			}
			if i%(2*n/off) == 0 {
				v += 0.2 + math.Sqrt(r.Float64())/2
			}
			if i%2 == 0 {
				x = append(x, v)
			} else {
				y = append(y, v)
			}
		}
		name := fmt.Sprint(n, off)
		p, err := resample.PermutationWith(x, y, resample.PermOptions{Additions: 1e7})
		require.NoError(t, err, name)
		require.Equal(t, resample.PermApprox, p.Method, name)
		want := mixedShare(x, y)
		assert.InDelta(t, want, p.P(0), 1e-4+0.01*want, "%s %v", name, p.Notes)
		ci := p.CI(0.95)
		assert.Equal(t, ci.Contains(0), p.P(0) >= 0.05, name)
		assert.True(t, ci.Contains(p.Value), name)
	}
}
