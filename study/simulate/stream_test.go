package simulate

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// xoshiro256++ from the state 1, 2, 3, 4, computed by hand from its definition.
func TestStream(t *testing.T) {
	s := stream{1, 2, 3, 4}
	assert.Equal(t, uint64(41943041), s.next()) // rotl(1+4, 23) + 1
	assert.Equal(t, uint64(58720359), s.next())
	assert.Equal(t, newStream(7, 8), newStream(7, 8))
	seen := map[stream]bool{}
	for seed := range uint64(30) {
		for k := range uint64(300) {
			seen[newStream(seed, k)] = true
		}
	}
	assert.Len(t, seen, 9000)
}

// The layers have one area and end at the top of the curve; what is kept for certain lies
// under it.
func TestZiggurat(t *testing.T) {
	z := normalLayers
	r := z.edge[1]
	assert.InDelta(t, 3.6541528853610088, r, 1e-12) // the paper's, of 256 layers
	area := r*math.Exp(-r*r/2) + math.Sqrt(math.Pi/2)*math.Erfc(r/math.Sqrt2)
	for i := 1; i < layers; i++ {
		top := z.curve[i+1]
		if i == layers-1 {
			top = 1
		}
		assert.InDelta(t, area, z.edge[i]*(top-z.curve[i]), 1e-12, i)
	}
	assert.Equal(t, 0.0, z.edge[layers])
}

// Both ways to draw give the same numbers, of a normal distribution: by Kolmogorov's
// distance, in the tail, by moments, without correlation between neighbors, and in the
// last digits, where a ziggurat of few bits shows its layers.
func TestNormal(t *testing.T) {
	n := 1_000_000
	a, b := newStream(11, 3), newStream(11, 3)
	x := make([]float64, n)
	a.normals(x)
	for i := range 1000 {
		assert.Equal(t, b.normal(), x[i], i)
	}
	var m [5]float64
	neighbors, beyond := 0.0, 0
	for i, v := range x {
		for k := 1; k < 5; k++ {
			m[k] += math.Pow(v, float64(k)) / float64(n)
		}
		if i > 0 {
			neighbors += v * x[i-1] / float64(n)
		}
		if math.Abs(v) > normalLayers.edge[1] {
			beyond++
		}
	}
	root := math.Sqrt(float64(n))
	assert.InDelta(t, 0, m[1], 4/root)
	assert.InDelta(t, 1, m[2], 4*math.Sqrt(2)/root)
	assert.InDelta(t, 0, m[3], 4*math.Sqrt(15)/root)
	assert.InDelta(t, 3, m[4], 4*math.Sqrt(96)/root)
	assert.InDelta(t, 0, neighbors, 4/root)
	tail := math.Erfc(normalLayers.edge[1]/math.Sqrt2) * float64(n)
	assert.InDelta(t, tail, beyond, 4*math.Sqrt(tail))
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	d := 0.0
	for i, v := range sorted {
		d = max(d, math.Abs(phi(v)-float64(i)/float64(n)), math.Abs(phi(v)-float64(i+1)/float64(n)))
	}
	assert.Less(t, d*root, 1.95) // p = .001
}

// Sums are those of exact arithmetic, in any order, and survive being written.
func TestSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		want := new(big.Float).SetPrec(4000)
		var s sum
		var parts [3]sum
		for range 50 {
			x := math.Ldexp(rng.NormFloat64(), rng.IntN(1200)-600)
			if rng.IntN(9) == 0 {
				x = math.Ldexp(rng.NormFloat64(), -1070) // subnormal
			}
			want.Add(want, new(big.Float).SetFloat64(x))
			s.add(x)
			parts[rng.IntN(3)].add(x)
		}
		f, _ := want.Float64()
		assert.Equal(t, f, s.float())
		b, err := json.Marshal(s)
		require.NoError(t, err)
		parts[2].merge(&parts[0])
		parts[1].merge(&parts[2])
		again, err := json.Marshal(parts[1])
		require.NoError(t, err)
		assert.Equal(t, string(b), string(again))
		var read sum
		require.NoError(t, json.Unmarshal(b, &read))
		assert.Equal(t, f, read.float())
	}
	var s sum
	s.add(math.MaxFloat64)
	s.added = 1<<29 - 1
	s.add(-math.MaxFloat64)
	assert.Zero(t, s.float())
	assert.Panics(t, func() { s.add(math.NaN()) })
	assert.Error(t, s.UnmarshalText([]byte("1*2^9999")))
	assert.Error(t, s.UnmarshalText([]byte("xyz")))
}

// Means and SDs of a shape are those of many draws; calibration finds them.
func TestShape(t *testing.T) {
	p := pain("ancova", "w6")
	rng := newStream(4, 4)
	for _, o := range []struct{ min, max, step, mean, sd, skew float64 }{
		{0, 10, 0.1, 6, 2, 0}, {0, 10, 1, 8.5, 2, -1}, {0, 10, 0, 1.2, 1.5, 1.5}, {0, 100, 1, 97, 12, 0}, {0, 0, 0.5, 3, 2, 2}, {-5, 5, 0.25, 0, 4.5, 0}} {
		q := p.Outcomes[0]
		q.Min, q.Max, q.Resolution = o.min, o.max, o.step
		g := newShape(q, o.skew)
		require.True(t, g.calibrate(o.mean, o.sd), o)
		m, s := g.moments(0)
		assert.InDelta(t, o.mean, m, 1e-6, o)
		assert.InDelta(t, o.sd, s, 1e-6, o)
		n, sum, square := 200_000, 0.0, 0.0
		for range n {
			y := g.onScale(g.loc + g.scale*g.h(rng.normal()))
			sum += y
			square += (y - o.mean) * (y - o.mean)
			if o.step > 0 {
				k := math.Round((y - o.min) / o.step)
				assert.InDelta(t, o.min+k*o.step, y, 1e-12)
			}
		}
		assert.InDelta(t, o.mean, sum/float64(n), 4*o.sd/math.Sqrt(float64(n)), o)
		assert.InDelta(t, o.sd, math.Sqrt(square/float64(n)), 0.02*o.sd, o)
	}
	g := newShape(p.Outcomes[0], 1.3)
	sum := 0.0
	const n = 400_000
	for range n {
		sum += math.Pow(g.h(rng.normal()), 3)
	}
	assert.InDelta(t, 1.3, sum/n, 0.06)
	for _, z := range []float64{-3, -.5, 0, 2} {
		assert.InDelta(t, z, g.z(g.h(z)), 1e-10)
	}
	coarse := newShape(p.Outcomes[0], 0)
	coarse.bounded, coarse.floor, coarse.ceil, coarse.step, coarse.top, coarse.first, coarse.stride, coarse.ten = true, 0, 10, 1, 10, 0, 1, 1
	assert.False(t, coarse.calibrate(4.5, 0.2), "values of 4 and 5 vary by .5 at least")
}
