package mmrm

import (
	"errors"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// TestSimulation makes the table of coverage in evidence.md. It runs where
// TRIALKIT_SIMULATE is set; TestCoverage holds the same in small.
func TestSimulation(t *testing.T) {
	if os.Getenv("TRIALKIT_SIMULATE") == "" {
		t.Skip("set TRIALKIT_SIMULATE=1 to run 10,000 trials a row")
	}
	const runs, truth = 10000, -6
	type method struct {
		name string
		fit  func(*Trial) (*TrialFit, error)
	}
	methods := []method{
		{"MMRM us, Kenward–Roger", Model{}.MMRM},
		{"MMRM us, Satterthwaite", Model{DF: Satterthwaite}.MMRM},
		{"MMRM us, normal", Model{DF: Normal}.MMRM},
		{"MMRM cs, CR2 Satterthwaite", Model{Covariance: CompoundSymmetry, Errors: CR2, DF: Satterthwaite}.MMRM},
		{"cLDA us, Kenward–Roger", Model{}.CLDA},
	}
	for _, n := range []int{20, 40, 100, 400} {
		for _, m := range methods {
			covered, fits, sum, width := 0, 0, 0.0, 0.0
			for seed := uint64(0); seed < runs; seed++ {
				tr := simTrial(n, 3, 6, 0.12, 1e6+seed)
				tr.Covariates = nil
				f, err := m.fit(tr)
				var conv *ConvergenceError
				if errors.As(err, &conv) || errors.Is(err, stats.ErrSingular) {
					continue // no estimate exists: an arm without values, an unbounded likelihood
				}
				require.NoError(t, err)
				fits++
				d := f.Difference("active", "placebo", tr.Visits[2])
				ci := d.CI(0.95)
				sum += d.Value - truth
				width += ci.Width()
				if ci.Contains(truth) {
					covered++
				}
			}
			k := float64(fits)
			fmt.Printf("| %d | %s | %.4f | %.4f | %+.3f | %.2f |\n", n, m.name, k/runs, float64(covered)/k, sum/k, width/k)
			require.False(t, math.IsNaN(sum))
		}
	}
}
