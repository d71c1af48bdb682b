package mic

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/internal/statstest"
)

func TestResultsPrintAndMarshal(t *testing.T) {
	m, err := MinimalImportantChangeWith(micRandom(3, 60, 4, 6, 3, 1, 3), Options{AnchorReliability: 0.6, Replicates: 200})
	require.NoError(t, err)
	// A change that separates the groups: methods that refuse, ends without bound.
	apart, err := MinimalImportantChangeWith(Data{Change: []float64{0, 1, 2, 5, 6, 7}, Improved: []bool{false, false, false, true, true, true}}, Options{Replicates: 100})
	require.NoError(t, err)
	statstest.Results(t, m, apart, m.Methods[0], m.Methods[5], apart.Methods[2], apart.Refused[0])
}
