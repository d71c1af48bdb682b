package stats_test

import (
	"testing"

	"github.com/trialkit/trialkit/stats"
)

// R's t.test(x, y) takes about 90 µs for the same ten values on a two-core
// machine; see testdata/reference/bench.R for how R is timed.
func BenchmarkWelch10(b *testing.B) {
	x, y := []float64{-3.1, -4.0, -2.2, -3.6, -3.3}, []float64{-0.4, 0.2, -1.1, -0.3, -0.5}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := stats.Welch(x, y); err != nil {
			b.Fatal(err)
		}
	}
}
