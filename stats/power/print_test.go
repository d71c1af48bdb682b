package power_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/power"
)

func TestResultsPrintAndMarshal(t *testing.T) {
	e, err := power.TypeSMGroups(0.5, 5, 5, 0.05)
	require.NoError(t, err)
	weak, err := power.TypeSMGroups(1e-9, 5, 5, 0.05)
	require.NoError(t, err)
	statstest.Results(t, e, weak)
}
