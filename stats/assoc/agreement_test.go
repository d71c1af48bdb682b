package assoc_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/trialkit/trialkit/stats/assoc"
	"github.com/trialkit/trialkit/stats/internal/statstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

func TestBlandAltmanProperties(t *testing.T) {
	a, b := []float64{41, 55, 62, 30, 48, 71}, []float64{43, 50, 60, 33, 49, 70}
	g, err := assoc.BlandAltman(a, b)
	require.NoError(t, err)
	r, err := assoc.BlandAltman(b, a)
	require.NoError(t, err)
	assert.InEpsilon(t, -g.Bias, r.Bias, 1e-14)
	lo, hi := g.LimitsCI(0.95)
	rlo, rhi := r.LimitsCI(0.95)
	assert.InEpsilon(t, lo.Lo, -rhi.Hi, 1e-12, "the interval turns with the sign")
	assert.InEpsilon(t, hi.Lo, -rlo.Hi, 1e-12)
	l, u := g.Limits()
	assert.True(t, lo.Contains(l) && hi.Contains(u))
	assert.Greater(t, hi.Hi-u, u-hi.Lo, "it leans outwards")
	// The defining equation: P(T ≥ t) at the ends.
	n := math.Sqrt(float64(g.N))
	assert.InEpsilon(t, 0.025, num.NCTSF((hi.Hi-g.Bias)*n/g.SD, 5, 1.96*n), 1e-8)
	assert.InEpsilon(t, 0.025, num.NCTCDF((hi.Lo-g.Bias)*n/g.SD, 5, 1.96*n), 1e-8)
	e, err := stats.Paired(a, b)
	require.NoError(t, err)
	assert.InEpsilon(t, e.CI(0.9).Lo, g.BiasCI(0.9).Lo, 1e-12)

	k, err := assoc.BlandAltman(statstest.Affine(a, 10, 3), statstest.Affine(b, 10, 3))
	require.NoError(t, err)
	assert.InEpsilon(t, 10*g.SD, k.SD, 1e-12)
	same, err := assoc.BlandAltman(a, statstest.Affine(a, 1, 2))
	require.NoError(t, err)
	l, u = same.Limits()
	assert.Equal(t, []float64{-2, -2}, []float64{l, u}, "differences that do not vary")

	_, err = assoc.BlandAltman(a, b[:5])
	assert.ErrorIs(t, err, stats.ErrLength)
	_, err = assoc.BlandAltman(statstest.With(a, 2, math.NaN()), b)
	assert.ErrorIs(t, err, stats.ErrNotFinite)
}

// The exact interval of a limit covers it at its level.
func TestLimitsCICovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	const runs = 4000
	exact, approximate := 0, 0
	zero := make([]float64, 8)
	for range runs {
		d := make([]float64, 8)
		for i := range d {
			d[i] = 1 + 2*rng.NormFloat64()
		}
		g, err := assoc.BlandAltman(d, zero)
		require.NoError(t, err)
		_, hi := g.LimitsCI(0.95)
		_, rough := g.ApproximateLimitsCI(0.95)
		if hi.Contains(1 + 1.96*2) {
			exact++
		}
		if rough.Contains(1 + 1.96*2) {
			approximate++
		}
	}
	// Four binomial standard errors at 0.95 are 0.0138.
	assert.InDelta(t, 0.95, float64(exact)/runs, 0.0138)
	assert.Less(t, approximate, exact)
}

func TestICCProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 2))
	for range 30 {
		n, k := 3+rng.IntN(6), 2+rng.IntN(3)
		m := make([][]float64, n)
		for i := range m {
			base := rng.IntN(6)
			for range k {
				m[i] = append(m[i], float64(base+rng.IntN(4)))
			}
		}
		r, err := assoc.ICCs(m)
		if err != nil {
			require.ErrorIs(t, err, stats.ErrNoVariation)
			continue
		}
		moved := make([][]float64, n)
		for i := range m {
			moved[i] = statstest.Affine(m[i], -3, 11)
			slices.Reverse(moved[i])
		}
		rng.Shuffle(n, func(i, j int) { moved[i], moved[j] = moved[j], moved[i] })
		r2, err := assoc.ICCs(moved)
		require.NoError(t, err)
		for f := assoc.ICC1; f <= assoc.ICC3k; f++ {
			c, c2 := r.ICC(f), r2.ICC(f)
			assert.InDelta(t, c.Value, c2.Value, 1e-11*math.Max(1, math.Abs(c.Value)), f.String())
			if c.Value < -50 {
				continue // next to no variation between participants
			}
			for _, null := range []float64{-0.3, 0, 0.5, 0.9, 1, 2} {
				for _, level := range []float64{0.8, 0.95} {
					statstest.Agree(t, c, null, level, f.String())
				}
			}
		}
		for f := assoc.ICC1; f <= assoc.ICC3k; f++ {
			c := r.ICC(f)
			assert.Equal(t, []float64{1, 0}, []float64{c.PGreater(1.5), c.PLess(1.5)}, "no reliability exceeds 1")
			if c.Value > -50 {
				assert.InDelta(t, 1, c.PGreater(0.4)+c.PLess(0.4), 1e-9)
				assert.LessOrEqual(t, c.PGreater(0.4), c.PGreater(0.6), "harder to show more")
			}
		}
		// Forms 1 and 3 test zero by the F they print.
		for _, f := range []assoc.ICCForm{assoc.ICC1, assoc.ICC3, assoc.ICC1k, assoc.ICC3k} {
			assert.InDelta(t, r.ICC(f).Zero.P(), r.ICC(f).PGreater(0), 1e-12)
		}
	}
}

func TestICCRefuses(t *testing.T) {
	_, err := assoc.ICCs([][]float64{{1, 2}})
	assert.ErrorIs(t, err, stats.ErrTooFew)
	_, err = assoc.ICCs([][]float64{{1, 2}, {3}})
	assert.ErrorIs(t, err, stats.ErrLength)
	_, err = assoc.ICCs([][]float64{{1, 2}, {3, math.Inf(1)}})
	assert.ErrorIs(t, err, stats.ErrNotFinite)
	_, err = assoc.ICCs([][]float64{{1, 2}, {2, 1}})
	assert.ErrorIs(t, err, stats.ErrNoVariation)
	r, err := assoc.ICCs([][]float64{{1, 1}, {2, 2}, {5, 5}})
	require.NoError(t, err)
	for f := assoc.ICC1; f <= assoc.ICC3k; f++ {
		assert.Equal(t, 1.0, r.ICC(f).Value)
		assert.Equal(t, stats.WhyNoError, r.ICC(f).CI(0.95).Why)
		assert.Equal(t, 1.0, r.ICC(f).P(0.5))
		assert.Equal(t, 1.0, r.ICC(f).Zero.P())
	}
}

// With two occasions the residual mean square is half the variance of the
// differences.
func TestMeasurementErrorOfTwoOccasions(t *testing.T) {
	a, b := []float64{41, 55, 62, 30, 48, 71}, []float64{43, 50, 60, 33, 49, 70}
	g, err := assoc.BlandAltman(a, b)
	require.NoError(t, err)
	m := make([][]float64, len(a))
	for i := range a {
		m[i] = []float64{a[i], b[i]}
	}
	r, err := assoc.ICCs(m)
	require.NoError(t, err)
	assert.InEpsilon(t, g.MeasurementError().SEM, r.ConsistencyError().SEM, 1e-13)
	assert.Equal(t, g.MeasurementError().DF, r.ConsistencyError().DF)
	e := g.MeasurementError()
	assert.InEpsilon(t, 1.959963984540054*math.Sqrt2*e.SEM, e.MDC(0.95), 1e-13)
	assert.True(t, e.CI(0.95).Contains(e.SEM))
	_, err = assoc.MeasurementErrorFromICC(10, 1.1, 9)
	assert.ErrorIs(t, err, stats.ErrDomain)
}

// α by its definition.
func TestCronbachAlphaDefinition(t *testing.T) {
	items := [][]float64{{3, 4, 3, 5}, {2, 2, 1, 2}, {4, 5, 4, 4}, {1, 2, 2, 1}, {3, 3, 4, 5}}
	a, err := assoc.CronbachAlpha(items)
	require.NoError(t, err)
	variance := func(x []float64) float64 {
		s, err := stats.Summarize(x)
		require.NoError(t, err)
		return s.SD * s.SD
	}
	sum, total := 0.0, []float64{}
	for j := range 4 {
		var col []float64
		for i := range items {
			col = append(col, items[i][j])
		}
		sum += variance(col)
	}
	for _, r := range items {
		total = append(total, r[0]+r[1]+r[2]+r[3])
	}
	assert.InEpsilon(t, 4.0/3*(1-sum/variance(total)), a.Value, 1e-12)
}

func ExampleBlandAltman() {
	first := []float64{41, 55, 62, 30, 48, 71}
	second := []float64{43, 50, 60, 33, 49, 70}
	g, _ := assoc.BlandAltman(first, second)
	lo, hi := g.Limits()
	_, ci := g.LimitsCI(0.95)
	fmt.Printf("bias %.2f, limits %.1f to %.1f (upper: 95%% CI %.1f to %.1f)\n", g.Bias, lo, hi, ci.Lo, ci.Hi)
	e := g.MeasurementError()
	fmt.Printf("SEM %.2f, MDC90 %.1f, MDC95 %.1f\n", e.SEM, e.MDC(0.90), e.MDC(0.95))
	// Output:
	// bias 0.33, limits -5.4 to 6.1 (upper: 95% CI 3.3 to 15.4)
	// SEM 2.08, MDC90 4.8, MDC95 5.8
}

func ExampleICCs() {
	// Six participants rated by four raters (Shrout & Fleiss 1979, table 2).
	r, _ := assoc.ICCs([][]float64{{9, 2, 5, 8}, {6, 1, 3, 2}, {8, 4, 6, 8}, {7, 1, 2, 6}, {10, 5, 6, 9}, {6, 2, 4, 7}})
	fmt.Println(r.ICC(assoc.ICC2))
	fmt.Println(r.ICC(assoc.ICC3))
	// Output:
	// ICC(2,1) = ICC(A,1): 0.29 (95% CI 0.02 to 0.76; p = 0.0225; F)
	// ICC(3,1) = ICC(C,1): 0.71 (95% CI 0.34 to 0.95; p = 0.0003; F)
}

func ExampleCronbachAlpha() {
	a, _ := assoc.CronbachAlpha([][]float64{{3, 4, 3, 5}, {2, 2, 1, 2}, {4, 5, 4, 4}, {1, 2, 2, 1}, {3, 3, 4, 5}})
	fmt.Println(a)
	// Output:
	// Cronbach's α: 0.923 (95% CI 0.683 to 0.991; p = 0.0005; F)
}
