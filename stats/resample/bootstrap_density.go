package resample

import (
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// Density returns the replicates' kernel density at x, as estimation plots
// draw it, with a normal kernel and bandwidth 0.9·SE·B^(−1/5) for B replicates
// (Silverman 1986). It shows the resampling, not the interval's corrections. It
// panics for the studentized interval, which keeps no replicates of the
// statistic.
func (b Boot) Density(x float64) float64 {
	if b.Interval == BootStudentized {
		panic("resample.Boot.Density: a studentized bootstrap keeps no replicates of the statistic")
	}
	n := float64(len(b.sorted))
	h := 0.9 * b.SE * math.Pow(n, -0.2)
	if !(h > 0) {
		return 0
	}
	var sum float64 // beyond 39 bandwidths the kernel is below the smallest float64
	for i := sort.SearchFloat64s(b.sorted, x-39*h); i < len(b.sorted) && b.sorted[i] <= x+39*h; i++ {
		sum += num.NormPDF((x - b.sorted[i]) / h)
	}
	return sum / (n * h)
}
