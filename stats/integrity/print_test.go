package integrity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/integrity"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/table"
)

func TestResultsPrintAndMarshal(t *testing.T) {
	keep := func(x any, err error) any {
		require.NoError(t, err)
		return x
	}
	a, b := integrity.PrintedSummary{N: 10, Mean: "3.1", SD: "1.2"}, integrity.PrintedSummary{N: 12, Mean: "3.1", SD: "1.3"}
	f, err := integrity.ParseReportedTest("F(1, 46) = 3.90")
	require.NoError(t, err)
	statstest.Results(t,
		keep(integrity.GRIM("5.19", 28, 1)), keep(integrity.GRIM("0.00", 28, 1)), keep(integrity.GRIMMER("3.44", "2.47", 18, 1)),
		keep(integrity.DEBIT("0.26", "0.45", 50)), keep(integrity.SDRange("3.44", 18, 0, 10, 1)),
		keep(integrity.CheckPercent("33", table.Count{Events: 7, N: 22})), f, integrity.CheckP(f, "P = .004"), integrity.CheckP(f, "P < .06"),
		keep(integrity.CompareSDs(stats.Summary{N: 30, Mean: 5.1, SD: 0.4}, stats.Summary{N: 30, Mean: 5.3, SD: 2.2})),
		keep(integrity.WelchPrinted(a, b)), keep(integrity.StudentPrinted(b, a)),
	)
}
