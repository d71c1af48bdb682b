package num

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The tails at noncentralities to 1e15 and of shapes to 1e12 against the
// 60-digit integrals of testdata/reference/noncentral_large.py: relative error
// at most 1e-8 on that grid. A millisecond an argument is what
// BenchmarkLargeArguments shows; the test allows five seconds, which only time
// proportional to the argument, minutes, goes beyond.
func TestLargeArgumentsTruthAndTime(t *testing.T) {
	b, err := os.ReadFile("../../../testdata/reference/noncentral_large.json")
	require.NoError(t, err)
	var grid map[string][][]float64
	require.NoError(t, json.Unmarshal(b, &grid))
	for name, f := range map[string]func(a []float64) (lower, upper float64){
		"nct": func(a []float64) (float64, float64) { return NCTCDF(a[0], a[1], a[2]), NCTSF(a[0], a[1], a[2]) },
		"ncf": func(a []float64) (float64, float64) {
			return NCFCDF(a[0], a[1], a[2], a[3]), NCFSF(a[0], a[1], a[2], a[3])
		},
		"gamma": func(a []float64) (float64, float64) { return GammaCDF(a[0], a[1]), GammaSF(a[0], a[1]) },
		"beta": func(a []float64) (float64, float64) {
			x, y := a[0]/(1+a[0]), 1/(1+a[0])
			return ibeta(a[1], a[2], x, y, math.FMA(a[2], a[0], -a[1])/(1+a[0]))
		},
	} {
		require.NotEmpty(t, grid[name], name)
		for _, row := range grid[name] {
			n := len(row) - 2
			start := time.Now()
			lower, upper := f(row[:n])
			took := time.Since(start)
			near(t, lower, row[n], 1e-8, name, "lower", row[:n])
			near(t, upper, row[n+1], 1e-8, name, "upper", row[:n])
			if took > 5*time.Second {
				t.Errorf("%s %v takes %v", name, row[:n], took)
			}
		}
	}
}

// Intervals for a statistic as large as data allow: the noncentralities at
// which T = 6e7 on 8 degrees of freedom is a tail of 2.5 %. There Z is nothing
// beside the noncentrality, and δ = T·√(χ²/8) at χ²'s own quantiles.
func TestPivotsOfHugeStatistics(t *testing.T) {
	for _, x := range []float64{6e7, 1e10, 1e13, 1e16, 1e150} {
		start := time.Now()
		near(t, NCTNCP(x, 8, 0.025), x*math.Sqrt(ChiSqQuantileUpper(0.025, 8)/8), 1e-12, x)
		near(t, NCTNCPUpper(x, 8, 0.025), x*math.Sqrt(ChiSqQuantile(0.025, 8)/8), 1e-12, x)
		if x < 1e140 { // λ = x² stays in range
			near(t, NCFNCP(x*x, 1, 8, 0.025), x*x*ChiSqQuantileUpper(0.025, 8)/8, 1e-12, x)
		}
		require.Less(t, time.Since(start), time.Minute) // microseconds, if nothing hangs
	}
	near(t, NCTCDF(-6e7, 8, 6e7), 0, 0)
}

// BenchmarkLargeArguments takes both tails at the slowest arguments of the grid.
func BenchmarkLargeArguments(b *testing.B) {
	for _, a := range [][3]float64{{1000.37, 1e6, 1000}, {6.001272792206489e7, 1e6, 6e7}, {1.0056568542494925e10, 1e6, 1e10}} {
		b.Run(fmt.Sprintf("nct/%g", a[0]), func(b *testing.B) {
			for b.Loop() {
				NCTCDF(a[0], a[1], a[2])
				NCTSF(a[0], a[1], a[2])
			}
		})
	}
}
