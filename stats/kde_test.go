package stats_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/trialkit/trialkit/stats/internal/statstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

var vas18 = []float64{12, 15, 15, 21, 22, 30, 31, 33, 40, 41, 41, 47, 52, 58, 60, 61, 75, 80}

// Values of testdata/reference/association.R. R bins the data into 10⁶ cells.
func TestBandwidths(t *testing.T) {
	h, err := stats.BandwidthSilverman(vas18)
	require.NoError(t, err)
	assert.InEpsilon(t, 10.3347126805527, h, 1e-13)
	h, err = stats.BandwidthSJ(vas18)
	require.NoError(t, err)
	assert.InEpsilon(t, 14.375168801779, h, 1e-5)
	for _, f := range []func([]float64) (float64, error){stats.BandwidthSilverman, stats.BandwidthSJ} {
		a, err := f(vas18)
		require.NoError(t, err)
		b, err := f(statstest.Affine(vas18, -10, 3))
		require.NoError(t, err)
		assert.InEpsilon(t, 10*a, b, 1e-9)
		_, err = f([]float64{3, 3, 3})
		assert.ErrorIs(t, err, stats.ErrNoVariation)
		_, err = f([]float64{3, math.Inf(1)})
		assert.ErrorIs(t, err, stats.ErrNotFinite)
		_, err = f([]float64{3})
		assert.ErrorIs(t, err, stats.ErrTooFew)
	}
}

func TestDensityIsOne(t *testing.T) {
	for _, o := range []stats.DensityOptions{{}, {Bandwidth: 4}, {From: -100, To: 200, Points: 2001}} {
		d, err := stats.DensityWith(vas18, o)
		require.NoError(t, err)
		area := 0.0
		for i := 1; i < len(d.X); i++ {
			area += (d.X[i] - d.X[i-1]) * (d.Y[i] + d.Y[i-1]) / 2
		}
		assert.InDelta(t, 1, area, 2e-3)
		assert.Equal(t, d.At(d.X[7]), d.Y[7])
	}
	assert.Panics(t, func() { stats.DensityWith(vas18, stats.DensityOptions{Bandwidth: -1}) })
}

func TestCompatibility(t *testing.T) {
	e := stats.Estimate{Value: -3, SE: 1.2, DF: 18}
	pts := stats.Compatibility(e, 0, 0, 401)
	assert.InDelta(t, 0.001, pts[0].P(), 1e-9)
	assert.InDelta(t, 0.001, pts[400].P(), 1e-9)
	assert.InDelta(t, 1, pts[200].P(), 1e-9, "highest at the estimate")
	ci := e.CI(0.95)
	for _, p := range pts {
		assert.Equal(t, ci.Contains(p.Effect), p.P() >= 0.05)
		assert.InDelta(t, p.P(), math.Exp2(-p.S()), 1e-12)
	}
	assert.Panics(t, func() { stats.Compatibility(e, 1, 0, 10) })
}

func ExampleDensity() {
	d, _ := stats.Density([]float64{12, 15, 15, 21, 22, 30, 31, 33, 40, 41, 41, 47, 52, 58, 60, 61, 75, 80})
	fmt.Printf("bandwidth %.1f mm, density at 40 mm %.4f\n", d.Bandwidth, d.At(40))
	// Output:
	// bandwidth 14.4 mm, density at 40 mm 0.0151
}

func ExampleCompatibility() {
	e := stats.Estimate{Value: -6, SE: 2.5, DF: 18}
	for _, p := range stats.Compatibility(e, -10, 0, 6) {
		fmt.Printf("%5.0f: p = %.3f, S = %.1f bits\n", p.Effect, p.P(), p.S())
	}
	// Output:
	//   -10: p = 0.127, S = 3.0 bits
	//    -8: p = 0.434, S = 1.2 bits
	//    -6: p = 1.000, S = 0.0 bits
	//    -4: p = 0.434, S = 1.2 bits
	//    -2: p = 0.127, S = 3.0 bits
	//     0: p = 0.027, S = 5.2 bits
}

// The bandwidth from distinct values and from classes of distances is that of
// every pair, summed one by one here: the equation's two sides agree at it.
func TestBandwidthSolvesItsEquation(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 8))
	for _, c := range []struct {
		n    int
		step float64
		tol  float64
	}{{60, 1, 1e-9}, {300, 0.1, 1e-9}, {700, 1e-4, 1e-9}, {1500, 1e-6, 1e-4}} {
		x := make([]float64, c.n)
		for i := range x {
			x[i] = math.Round((50+10*rng.NormFloat64()+float64(i%2)*25)/c.step) * c.step
		}
		h, err := stats.BandwidthSJ(x)
		require.NoError(t, err)
		n := float64(c.n)
		pairs := func(h float64, f func(d2 float64) float64) float64 {
			s := 0.0
			for _, a := range x {
				for _, b := range x {
					d2 := (a - b) / h * (a - b) / h
					s += f(d2) * math.Exp(-d2/2)
				}
			}
			return s / math.Sqrt(2*math.Pi)
		}
		sd, err := stats.Describe(x)
		require.NoError(t, err)
		q1, _ := stats.Quantile(x, 0.25, 7)
		q3, _ := stats.Quantile(x, 0.75, 7)
		spread := math.Min(sd.SD, (q3-q1)/1.349)
		a, b := 1.24*spread*math.Pow(n, -1.0/7), 1.23*spread*math.Pow(n, -1.0/9)
		fourth := func(h float64) float64 {
			return pairs(h, func(d float64) float64 { return d*d - 6*d + 3 }) / (n * (n - 1) * math.Pow(h, 5))
		}
		sixth := pairs(b, func(d float64) float64 { return d*d*d - 15*d*d + 45*d - 15 }) / (n * (n - 1) * math.Pow(b, 7))
		g := 1.357 * math.Pow(fourth(a)/-sixth, 1.0/7) * math.Pow(h, 5.0/7)
		assert.InEpsilon(t, math.Pow(1/(2*math.Sqrt(math.Pi)*n*fourth(g)), 0.2), h, c.tol, "%d in steps of %v", c.n, c.step)
	}
}
