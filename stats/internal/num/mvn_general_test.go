package num

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type mvtCase struct {
	Corr  [][]float64
	Q, DF float64
	Two   bool
	P     float64
}

func mvtCases(t *testing.T) []mvtCase {
	data, err := os.ReadFile("testdata/mvt_truth.json") // made by mvt_truth.R
	require.NoError(t, err)
	var file struct{ Cases []mvtCase }
	require.NoError(t, json.Unmarshal(data, &file))
	require.NotEmpty(t, file.Cases)
	for i := range file.Cases {
		if c := &file.Cases[i]; c.DF == 0 {
			c.DF = math.Inf(1)
		}
	}
	return file.Cases
}

func (c mvtCase) limits() (lo, hi []float64) {
	lo, hi = lower(c.Q, len(c.Corr))
	for i := range lo {
		if c.Two {
			lo[i] = -c.Q
		}
	}
	return lo, hi
}

// Correlations of no product form, three to twelve variables.
func TestMVTGeneralCorrelation(t *testing.T) {
	for _, c := range mvtCases(t) {
		lo, hi := c.limits()
		p, e := MVTOutside(lo, hi, c.Corr, c.DF, 0)
		// The truths are good to 1e-12.
		assert.LessOrEqual(t, math.Abs(p-c.P), e+1e-12, "k %d df %v: an honest error", len(lo), c.DF)
		assert.LessOrEqual(t, e, 1e-6*math.Min(1, 101*c.P), "k %d df %v", len(lo), c.DF)
	}
}

// The critical value has the probability it is asked for.
func TestMVTQuantileOfGeneralCorrelation(t *testing.T) {
	for _, c := range mvtCases(t) {
		if k := len(c.Corr); k > 5 && k != 9 {
			continue
		}
		q := MVTQuantileUpper(c.P, c.Corr, c.DF, c.Two)
		slope := TPDF(c.Q, c.DF) // less than that of the family's probability
		assert.InDelta(t, c.Q, q, 2e-6*math.Min(1, 100*c.P)/slope, "k %d df %v", len(c.Corr), c.DF)
	}
}

// The order of the variables changes the sums, not what they are good to.
func TestMVTShuffled(t *testing.T) {
	c := mvtCases(t)[2]
	lo, hi := c.limits()
	n := len(lo)
	corr := make([][]float64, n)
	for i := range corr {
		for j := range corr {
			corr[i] = append(corr[i], c.Corr[n-1-i][(n-1-j)%n])
		}
	}
	p, e := MVTOutside(lo, hi, c.Corr, c.DF, 0)
	r, f := MVTOutside(lo, hi, corr, c.DF, 0)
	assert.InDelta(t, p, r, e+f)
	// And the box is the complement, to the same error.
	in, _ := MVT(lo, hi, c.Corr, c.DF, 0)
	assert.InDelta(t, 1-p, in, 1e-15)
}

// The same bytes on one core and on many, by grids and by lattices.
func TestMVTSameOnAnyCores(t *testing.T) {
	at := func(cores int) (out []float64) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		for _, c := range mvtCases(t)[:3] {
			lo, hi := c.limits()
			p, e := MVTOutside(lo, hi, c.Corr, c.DF, 0)
			out = append(out, p, e)
		}
		lo, hi := lower(2, 3) // a singular matrix
		p, e := MVTOutside(lo, hi, [][]float64{{1, 0.5, -0.5}, {0.5, 1, 0.5}, {-0.5, 0.5, 1}}, 8, 0)
		return append(out, p, e)
	}
	assert.Equal(t, at(1), at(5))
}

// Fewer points for a larger tolerance still keep it, and an end by the context
// claims nothing.
func TestMVTCoarse(t *testing.T) {
	for _, c := range mvtCases(t) {
		lo, hi := c.limits()
		for _, tol := range []float64{1e-3, 1e-4} {
			p, e := MVTOutside(lo, hi, c.Corr, c.DF, tol)
			assert.LessOrEqual(t, math.Abs(p-c.P), e+1e-12, "k %d df %v tol %v", len(lo), c.DF, tol)
			assert.LessOrEqual(t, e, tol)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, e := MVTContext(ctx, lo, hi, c.Corr, c.DF, 0)
		assert.True(t, math.IsInf(e, 1))
	}
}

// Gauss rules of n points are exact for polynomials of degree 2n − 1: of the
// whole normal, whose nodes are known, and of a truncated one, whose moments
// follow by parts.
func TestGaussRules(t *testing.T) {
	// The quantile function of the inner loops makes the grid, good to 1e-9.
	r := truncatedRules(math.Inf(-1), math.Inf(1))
	r.grow(3)
	for i, x := range []float64{-math.Sqrt(3), 0, math.Sqrt(3)} {
		assert.InDelta(t, x, r.rules[2][i].x, 5e-9)
		assert.InDelta(t, []float64{1. / 6, 2. / 3, 1. / 6}[i], r.rules[2][i].w, 5e-9)
	}
	const a, b = -0.5, 2.25
	r = truncatedRules(a, b)
	r.grow(8)
	q := normBetween(a, b)
	moment := []float64{1, (NormPDF(a) - NormPDF(b)) / q}
	for n := 2; n < 16; n++ {
		edge := (math.Pow(a, float64(n-1))*NormPDF(a) - math.Pow(b, float64(n-1))*NormPDF(b)) / q
		moment = append(moment, float64(n-1)*moment[n-2]+edge)
	}
	for points, rule := range r.rules {
		for n := range 2*points + 2 {
			sum := 0.0
			for _, p := range rule {
				sum += p.w * math.Pow(p.x, float64(n))
				assert.InDelta(t, 1, p.low+p.high, 1e-14)
			}
			assert.InEpsilon(t, moment[n], sum, 2e-8, "%d points, degree %d", points+1, n)
		}
	}
}

func TestNormFast(t *testing.T) {
	for z := -7.0; z < 7; z += 0.00137 {
		assert.InDelta(t, NormCDF(z), normFast(z), 1e-15, "z %v", z)
	}
}

// Any number of degrees of freedom gives a probability: with very many, χ² is a
// point and has no quadrature of two points.
func TestMVTAnyDF(t *testing.T) {
	corr := [][]float64{{1, .3, .1, .5}, {.3, 1, .2, .4}, {.1, .2, 1, .05}, {.5, .4, .05, 1}}
	lo, hi := []float64{-2, -2, -2, -2}, []float64{2, 2, 2, 2}
	normal, _ := MVTOutside(lo, hi, corr, math.Inf(1), 0)
	for _, df := range []float64{1e14, 1e20, 1e300} {
		p, e := MVTOutside(lo, hi, corr, df, 0)
		assert.InDelta(t, normal, p, 1e-9, df)
		assert.Less(t, e, 1e-6)
	}
}
