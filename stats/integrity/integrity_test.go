package integrity_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/stats/table"
)

func printed(x float64, decimals int) integrity.Printed {
	return integrity.Printed(strconv.FormatFloat(x, 'f', decimals, 64))
}

func TestPrinted(t *testing.T) {
	lo, hi := integrity.Printed("2.80").Range()
	assert.InDelta(t, 2.795, lo, 1e-15)
	assert.InDelta(t, 2.805, hi, 1e-15)
	assert.Equal(t, -41.4, integrity.Printed(" −41.4").Value())
	assert.Equal(t, 3, integrity.Printed(".004").Decimals())
	for _, bad := range []integrity.Printed{"1,5", "1e3", "x", "-", ".", "1.2.3", "NaN"} {
		assert.ErrorIs(t, bad.Check(), stats.ErrDomain, string(bad))
	}
	assert.True(t, math.IsNaN(integrity.Printed("").Value()))
	for s, want := range map[integrity.PrintedP][2]float64{
		"< 0.001": {0, 0.001}, "P = .004": {0.0035, 0.0045}, "0.05": {0.045, 0.055}, "n.s.": {0.05, 1}, ">0.1": {0.1, 1}, "0.000": {0, 0.0005}, "1.00": {0.995, 1},
	} {
		require.NoError(t, s.Check())
		lo, hi := s.Range()
		assert.InDeltaSlice(t, want[:], []float64{lo, hi}, 1e-15, string(s))
	}
	for _, bad := range []integrity.PrintedP{"1.2", "-0.1", "p", "small"} {
		assert.Error(t, bad.Check(), string(bad))
	}
}

// Whatever data print as can never be called impossible, at any rounding.
func TestIntegrityNeverAccusesRealData(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 7))
	for range 3000 {
		n, decimals := 2+rng.IntN(40), rng.IntN(4)
		top := 1 + rng.IntN(20)
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(rng.IntN(top+1)) * 0.5
		}
		s, err := stats.Summarize(x)
		require.NoError(t, err)
		mean, sd := printed(s.Mean, decimals), printed(s.SD, decimals)
		grim, err := integrity.GRIM(mean, n, 0.5)
		require.NoError(t, err)
		require.True(t, grim.Possible, "%v", x)
		ok, err := integrity.GRIMMER(mean, sd, n, 0.5)
		require.NoError(t, err)
		require.True(t, ok.Possible, "%s ± %s of %v", mean, sd, x)
		sds, err := integrity.SDRange(mean, n, 0, float64(top)*0.5, 0.5)
		require.NoError(t, err)
		require.LessOrEqual(t, sds.Lo, s.SD+1e-9)
		require.GreaterOrEqual(t, sds.Hi, s.SD-1e-9)

		for i := range x {
			x[i] = float64(rng.IntN(2))
		}
		s, err = stats.Summarize(x)
		require.NoError(t, err)
		ok, err = integrity.DEBIT(printed(s.Mean, decimals), printed(s.SD, decimals), n)
		require.NoError(t, err)
		require.True(t, ok.Possible)
	}
}

// GRIMMER against every sample: for few values on a short scale, what it calls
// impossible occurs in no sample, and what occurs is possible.
func TestGRIMMERAgainstEnumeration(t *testing.T) {
	const n, top = 5, 4
	seen := map[string]bool{}
	x := make([]float64, n)
	var walk func(i int)
	walk = func(i int) {
		if i == n {
			s, _ := stats.Summarize(x)
			seen[string(printed(s.Mean, 2))+" "+string(printed(s.SD, 2))] = true
			return
		}
		for v := 0; v <= top; v++ {
			x[i] = float64(v)
			walk(i + 1)
		}
	}
	walk(0)
	refused := 0
	for m := 0; m <= 400; m += 20 {
		for s := 0; s <= 200; s++ {
			mean, sd := printed(float64(m)/100, 2), printed(float64(s)/100, 2)
			ok, err := integrity.GRIMMER(mean, sd, n, 1)
			require.NoError(t, err)
			if !ok.Possible {
				refused++
				require.False(t, seen[string(mean)+" "+string(sd)], "%s ± %s", mean, sd)
			}
		}
	}
	assert.Greater(t, refused, 3000, "most standard deviations are impossible for five whole numbers")
}

func TestIntegrityFinds(t *testing.T) {
	// Brown & Heathers 2017: a mean of 5.19 of 28 whole numbers does not exist.
	grim, err := integrity.GRIM("5.19", 28, 1)
	require.NoError(t, err)
	assert.False(t, grim.Possible)
	assert.InDelta(t, 145.0/28, grim.Below, 1e-12)
	assert.InDelta(t, 146.0/28, grim.Above, 1e-12)
	grim, err = integrity.GRIM("5.18", 28, 1)
	require.NoError(t, err)
	assert.True(t, grim.Possible)

	// The sum is 15 and the SD would need a sum of squares of 48 or 50, but an
	// odd sum has an odd one.
	ok, err := integrity.GRIMMER("3.00", "0.87", 5, 1)
	require.NoError(t, err)
	assert.False(t, ok.Possible)
	ok, err = integrity.GRIMMER("3.00", "1.00", 5, 1)
	require.NoError(t, err)
	assert.True(t, ok.Possible)

	ok, err = integrity.DEBIT("0.50", "0.30", 40)
	require.NoError(t, err)
	assert.False(t, ok.Possible)
	ok, err = integrity.DEBIT("0.50", "0.51", 40)
	require.NoError(t, err)
	assert.True(t, ok.Possible)

	sds, err := integrity.SDRange("1.0", 20, 0, 10, 0)
	require.NoError(t, err)
	assert.Less(t, sds.Hi, 3.2)
	_, err = integrity.SDRange("11.0", 20, 0, 10, 0)
	assert.ErrorIs(t, err, stats.ErrDomain)

	// PMC3537701: F(1, 46) = 3.90 printed with P = .004; 1 − pf(3.90, 1, 46) is
	// .05431 in R.
	f, err := integrity.ParseReportedTest("F(1, 46) = 3.90")
	require.NoError(t, err)
	c := integrity.CheckP(f, "P = .004")
	assert.False(t, c.Consistent)
	assert.True(t, c.DecisionChanges)
	assert.True(t, c.PRange.Lo < 0.05431 && 0.05431 < c.PRange.Hi)
	assert.True(t, integrity.CheckP(f, ".054").Consistent)

	one, err := integrity.ParseReportedTest("t(18) = -1.80")
	require.NoError(t, err)
	c = integrity.CheckP(one, "0.044")
	assert.False(t, c.Consistent)
	assert.True(t, c.OneSided)

	ok, err = integrity.CheckPercent("43.8", table.Count{Events: 46, N: 105})
	require.NoError(t, err)
	assert.True(t, ok.Possible)
	ok, err = integrity.CheckPercent("44.8", table.Count{Events: 46, N: 105})
	require.NoError(t, err)
	assert.False(t, ok.Possible)

	// PMC2972614: SPADI 44.33 ± 2.80 (n 30) v 36.39 ± 20.53 (n 22).
	sd, err := integrity.CompareSDs(stats.Summary{N: 30, Mean: 44.33, SD: 2.80}, stats.Summary{N: 22, Mean: 36.39, SD: 20.53})
	require.NoError(t, err)
	assert.True(t, sd.Suspect)
	assert.True(t, sd.FirstSmaller)
	assert.InDelta(t, 15.34, sd.AsSE, 0.005)
	sd, err = integrity.CompareSDs(stats.Summary{N: 18, SD: 1.06}, stats.Summary{N: 18, SD: 2.63})
	require.NoError(t, err)
	assert.False(t, sd.Suspect)
	sd, err = integrity.CompareSDs(stats.Summary{N: 500, SD: 10}, stats.Summary{N: 500, SD: 15})
	require.NoError(t, err)
	assert.Less(t, sd.P(), 1e-6)
	assert.False(t, sd.Suspect, "a treatment may spread responses")
}

func TestReportedTests(t *testing.T) {
	for s, want := range map[string]integrity.ReportedTest{
		"t(18)=2.10":           {Kind: "t", DF1: 18, Statistic: "2.10"},
		"χ²(2, N = 90) = 0.89": {Kind: "chi2", DF1: 2, Statistic: "0.89"},
		"z = −1.96":            {Kind: "z", Statistic: "−1.96"},
		"F(2, 33.5) = 4.1":     {Kind: "F", DF1: 2, DF2: 33.5, Statistic: "4.1"},
	} {
		got, err := integrity.ParseReportedTest(s)
		require.NoError(t, err, s)
		assert.Equal(t, want, got)
		again, err := integrity.ParseReportedTest(got.String())
		require.NoError(t, err)
		assert.Equal(t, got, again)
	}
	for _, bad := range []string{"", "F(1) = 2", "t = 2", "F(1, 46) = -2", "t(0) = 1", "t(3, 4) = 1", "U = 12", "t(2..3) = 1"} {
		_, err := integrity.ParseReportedTest(bad)
		assert.ErrorIs(t, err, stats.ErrDomain, bad)
	}
}

// Rounding ranges hold the value from the unrounded data.
func TestStudentPrinted(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		x, y := make([]float64, 4+rng.IntN(20)), make([]float64, 4+rng.IntN(20))
		for i := range x {
			x[i] = 2 * rng.NormFloat64()
		}
		for i := range y {
			y[i] = rng.NormFloat64() + 1
		}
		a, _ := stats.Summarize(x)
		b, _ := stats.Summarize(y)
		pa, pb := integrity.PrintedSummary{N: a.N, Mean: printed(a.Mean, 1), SD: printed(a.SD, 1)},
			integrity.PrintedSummary{N: b.N, Mean: printed(b.Mean, 1), SD: printed(b.SD, 1)}
		for _, test := range []struct {
			rounded func(a, b integrity.PrintedSummary) (integrity.PrintedDifference, error)
			exact   func(x, y []float64) (stats.Estimate, error)
		}{{integrity.StudentPrinted, stats.Student}, {integrity.WelchPrinted, stats.Welch}} {
			got, err := test.rounded(pa, pb)
			require.NoError(t, err)
			want, err := test.exact(x, y)
			require.NoError(t, err)
			ci := want.CI(0.95)
			lower, upper := got.CIRange(0.95)
			for _, c := range []struct {
				b integrity.Bounds
				x float64
			}{{got.Difference, want.Value}, {lower, ci.Lo}, {upper, ci.Hi}, {got.PRange(0), want.P(0)}, {got.PRange(-0.7), want.P(-0.7)}} {
				require.GreaterOrEqual(t, c.x, c.b.Lo-1e-12)
				require.LessOrEqual(t, c.x, c.b.Hi+1e-12)
			}
		}
	}
}

func ExampleCheckP() {
	f, _ := integrity.ParseReportedTest("F(1, 46) = 3.90")
	c := integrity.CheckP(f, "P = .004")
	fmt.Printf("consistent %v: p is %.3f\n", c.Consistent, c.PRange.Lo)
	// Output: consistent false: p is 0.054
}

func ExampleGRIM() {
	c, _ := integrity.GRIM("5.19", 28, 1)
	fmt.Printf("possible %v: the nearest means are %.3f and %.3f\n", c.Possible, c.Below, c.Above)
	// Output: possible false: the nearest means are 5.179 and 5.214
}
