package mmrm

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
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
				d := statstest.Must(f.Difference("active", "placebo", tr.Visits[2]))
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

// TestStructureSimulation makes the table of cLDA's covariance structures in
// evidence.md: baseline and three visits, no difference between the arms, a share
// of the values after baseline missing at random.
func TestStructureSimulation(t *testing.T) {
	if os.Getenv("TRIALKIT_SIMULATE") == "" {
		t.Skip("set TRIALKIT_SIMULATE=1 to run 2,000 trials a row")
	}
	const runs, visits = 2000, 4
	truths := []struct {
		name string
		sd   [visits]float64
		rho  func(lag int) float64
	}{
		{"cs, ρ .6", [visits]float64{10, 10, 10, 10}, func(int) float64 { return 0.6 }},
		{"ar1, ρ .7", [visits]float64{10, 10, 10, 10}, func(lag int) float64 { return math.Pow(0.7, float64(lag)) }},
		{"ar1, ρ .7, SD 10 to 25", [visits]float64{10, 15, 20, 25}, func(lag int) float64 { return math.Pow(0.7, float64(lag)) }},
	}
	kinds := []Covariance{Unstructured, CompoundSymmetry, HeterogeneousCS, AR1, HeterogeneousAR1, Toeplitz, HeterogeneousToep}
	for _, truth := range truths {
		sigma := make([]float64, visits*visits)
		for a := range visits {
			for b := range visits {
				if sigma[a*visits+b] = truth.sd[a] * truth.sd[b]; a != b {
					sigma[a*visits+b] *= truth.rho(max(a-b, b-a))
				}
			}
		}
		require.True(t, cholesky(sigma, visits))
		for _, n := range []int{12, 40, 100} {
			for _, loss := range []float64{0, 0.15} {
				covered, withheld, fits := make([]int, len(kinds)), make([]int, len(kinds)), make([]int, len(kinds))
				for run := range runs {
					rng := rand.New(rand.NewPCG(uint64(run), uint64(n)))
					tr := &Trial{Arms: []string{"active", "control"}, Control: "control", Visits: []string{"1", "2", "3"}}
					for i := range n {
						var z, y [visits]float64
						for a := range z {
							z[a] = rng.NormFloat64()
							for b := 0; b <= a; b++ {
								y[a] += sigma[a*visits+b] * z[b]
							}
						}
						tr.Arm, tr.Baseline = append(tr.Arm, i%2), append(tr.Baseline, 50+y[0])
						for j := 1; j < visits; j++ {
							if rng.Float64() >= loss {
								tr.Values = append(tr.Values, Value{Participant: i, Visit: j - 1, Y: 50 + y[j]})
							}
						}
					}
					for k, kind := range kinds {
						f, err := Model{Covariance: kind}.CLDA(tr)
						if err != nil {
							continue
						}
						fits[k]++
						d := statstest.Must(f.Difference("active", "control", "3"))
						switch {
						case f.Degenerate(d):
							withheld[k]++
						case d.CI(0.95).Contains(0):
							covered[k]++
						}
					}
				}
				for k, kind := range kinds {
					fmt.Printf("| %s | %d | %.0f %% | %s | %.4f | %.4f | %.3f |\n", truth.name, n, 100*loss, kind,
						float64(fits[k])/runs, float64(withheld[k])/runs, float64(covered[k])/float64(fits[k]-withheld[k]))
				}
			}
		}
	}
}
