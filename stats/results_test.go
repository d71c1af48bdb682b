package stats_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
)

// Every result prints a line that a newcomer reads and marshals to JSON that says
// something; a zero value, which is no result, does neither by accident.
func TestResultsPrintAndMarshal(t *testing.T) {
	x, y := []float64{2.1, 3.4, 4.2, 3.9, 5.5, 2.8, 4.4, 3.1}, []float64{3.1, 4.4, 5.9, 4.2, 6.5, 4.8, 5.1, 4.0}
	must := func(v any, err error) any {
		require.NoError(t, err)
		return v
	}
	mean := func(x []float64) stats.Estimate { return must(stats.Mean(x)).(stats.Estimate) }
	welch := must(stats.Welch(x, y)).(stats.Estimate)
	for _, r := range []any{
		welch, welch.CI(0.9), must(stats.Summarize(x)), must(stats.Describe(x)), must(stats.SD(x)), must(stats.Median(x)),
		must(stats.GeometricMean(x)), must(stats.HedgesG(x, y)), must(stats.CohenDZ(x, y)), must(stats.PairedEffects(x, y)),
		stats.Translate(0.5), must(stats.ExplainF(4, 2, 20)), must(stats.Density(x)), must(stats.ShapiroWilk(x)),
		must(stats.DAgostinoSkewness(x)), must(stats.JarqueBera(x)), must(stats.KolmogorovSmirnov(x, y)),
		must(stats.CompareVariances(x, y)), must(stats.CombineFisher([]float64{0.1, 0.2})), stats.FTest{F: 3, DF1: 2, DF2: 9},
		must(stats.RatioOfMeans(x, y)),
		must(stats.MetaAnalyze([]stats.Estimate{mean(x), mean(y)})), must(stats.PoolImputations([]stats.Estimate{mean(x), mean(y)})),
		stats.NewNNT(0.2, stats.Interval{Lo: -0.1, Hi: 0.5, Level: 0.95}, 1), stats.Compatibility(welch, 0, 0, 3)[1],
		must(stats.KolmogorovSmirnov(x, y)).(stats.KolmogorovSmirnovTest).Above,
	} {
		kind := reflect.TypeOf(r)
		t.Run(kind.Name(), func(t *testing.T) {
			s := fmt.Sprint(r)
			assert.Regexp(t, `\d`, s)
			assert.NotContains(t, s, "0.00 (")
			for _, bad := range []string{"0x", "{", "NaN", "-0 ", "-0.0 ", "%!"} {
				assert.NotContains(t, s, bad)
			}
			b, err := json.Marshal(r)
			require.NoError(t, err)
			assert.Greater(t, len(b), 10, "%s", b)
			zero := reflect.Zero(kind).Interface()
			if kind != reflect.TypeFor[stats.CompatibilityPoint]() {
				assert.Equal(t, "no result", fmt.Sprint(zero))
			}
			b, err = json.Marshal(zero)
			require.NoError(t, err)
			assert.NotEqual(t, "{}", string(b))
			assert.False(t, strings.Contains(string(b), "NaN"))
		})
	}
}
