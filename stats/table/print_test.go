package table_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/table"
)

// must is the result of a function that does not refuse.
func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// Every type of result prints and marshals, with empty cells, ratios without bound
// and p-values of 1 among them, and so do their zero values.
func TestResultsPrintAndMarshal(t *testing.T) {
	t.Parallel()
	a, b, none := table.Count{Events: 3, N: 5}, table.Count{Events: 1, N: 6}, table.Count{N: 5}
	pairs := table.PairedBinary{Both: 3, First: 4, Second: 1, Neither: 2}
	strata := []table.Stratum{{Treated: a, Control: b}, {Treated: b, Control: a}}
	rate := table.PoissonRate{Events: 4, Exposure: 12.5}
	statstest.Results(t,
		must(table.Proportion(a)), must(table.ClopperPearson(none)), must(table.Binomial(a, 0.4)),
		must(table.RiskDifference(a, b)), must(table.RiskDifference(none, none)), must(table.RiskDifferenceExact(a, none)),
		must(table.RiskDifferenceWith(a, b, table.RiskDifferenceOptions{Method: table.WaldRD})),
		must(table.RiskDifferenceScore(none, b)), must(table.RiskRatioScore(none, b)), must(table.RiskRatioScore(a, none)),
		must(table.OddsRatioScoreWith(a, b, table.ScoreOptions{OddsRatioBias: true})), must(table.RiskRatioFromOdds(a, b)),
		must(table.OddsRatioExact(a, b)), must(table.OddsRatioExact(none, b)), must(table.OddsRatioExact(a, none)),
		must(table.BlakerOddsRatio(a, b)), must(table.StratifiedExactWith(strata, table.ExactOptions{MidP: true})),
		must(table.Fisher(a, b)), must(table.FisherRxC([][]int{{1, 2, 3}, {3, 2, 1}})), must(table.Unconditional(a, b)),
		must(table.MantelHaenszel(strata)), must(table.MantelHaenszel(strata[:1])),
		must(table.RiskDifferenceStratified(strata)), must(table.RiskDifferenceStratifiedWith(strata[:1], table.ScoreOptions{NoBiasCorrection: true})),
		must(table.RiskDifferenceCompliers([]table.UptakeStratum{{Treated: table.Uptake{Received: table.Count{Events: 5, N: 12}, Others: table.Count{Events: 1, N: 6}},
			Control: table.Uptake{Others: table.Count{Events: 3, N: 20}}}})),
		must(table.ContingencyTable([][]int{{1, 2}, {3, 4}})), must(table.ContingencyTable([][]int{{1, 2, 5}, {3, 4, 5}})),
		must(table.Associate(a, b)), must(table.McNemar(pairs)), must(table.McNemarWith(pairs, table.McNemarOptions{MidP: true})),
		must(table.PairedRisk(pairs)), must(table.PairedOddsRatio(pairs)), must(table.PairedOddsRatio(table.PairedBinary{First: 4})),
		must(table.RateRatioStratified([]table.RateStratum{{Treated: rate, Control: table.PoissonRate{Events: 2, Exposure: 10}}, {Treated: rate, Control: rate}})),
		must(table.Blinding(table.Guesses{Right: 7, Wrong: 3, Unsure: 5})), must(table.Blinding(table.Guesses{Right: 7})),
		must(table.Poisson(rate)), must(table.PoissonTest(rate, 0.5)), must(table.RateRatioExact(rate, table.PoissonRate{Exposure: 10})),
	)
}

// What a result answers by default is in its JSON.
func TestResultsAnswerInJSON(t *testing.T) {
	t.Parallel()
	a, b := table.Count{Events: 3, N: 5}, table.Count{N: 5}
	for want, x := range map[string]any{
		`{"estimate":0.6,"treated":{"events":3,"n":5},"control":{"events":0,"n":5},"level":0.95,`:  must(table.RiskDifference(a, b)),
		`{"estimate":"Inf","treated":{"events":3,"n":5},"control":{"events":0,"n":5},"level":0.95`: must(table.OddsRatioExact(a, b)),
		// All three events in one arm, of C(10, 3) = 120 ways 10 and 10.
		`{"p":0.16666`: must(table.Fisher(a, b)),
		`{"estimate":0.6,"level":0.95,"lower":0.14663`: must(table.ClopperPearson(a)),
	} {
		s, err := json.Marshal(x)
		require.NoError(t, err)
		assert.Contains(t, string(s), want)
	}
}

func TestMethodsAreNamedAsPeopleSay(t *testing.T) {
	a, b := table.Count{Events: 6, N: 8}, table.Count{Events: 2, N: 8}
	for m, want := range map[table.RiskDifferenceMethod]string{table.NewcombeScore: "; Newcombe)", table.WaldRDCC: "; Wald with continuity correction)",
		table.MiettinenNurminen: "; Miettinen–Nurminen)", table.BrownLiJeffreys: "; Brown–Li–Jeffreys)"} {
		r, err := table.RiskDifferenceWith(a, b, table.RiskDifferenceOptions{Method: m})
		require.NoError(t, err)
		assert.Contains(t, r.String(), want)
	}
}
