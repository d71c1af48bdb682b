package table_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/table"
)

// One stratum is RateRatioExact; arms swapped invert the ratio; the unit of time, the
// order of strata and those without events do not matter; interval and p agree.
func TestRateRatioStratifiedProperties(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	answered := 0
	for range 1500 {
		var strata, swapped, turned []table.RateStratum
		for range 1 + r.IntN(4) {
			s := table.RateStratum{Treated: table.PoissonRate{Events: r.IntN(6) * r.IntN(2), Exposure: 1 + r.Float64()},
				Control: table.PoissonRate{Events: r.IntN(6) * r.IntN(2), Exposure: 1 + r.Float64()}}
			strata = append(strata, s)
			swapped = append(swapped, table.RateStratum{Treated: s.Control, Control: s.Treated})
			s.Treated.Exposure, s.Control.Exposure = 365*s.Treated.Exposure, 365*s.Control.Exposure
			turned = append([]table.RateStratum{s}, turned...)
		}
		turned = append(turned, table.RateStratum{Treated: table.PoissonRate{Exposure: 2}, Control: table.PoissonRate{Exposure: 1}})
		e, err := table.RateRatioStratified(strata)
		if err != nil {
			require.ErrorIs(t, err, stats.ErrDomain)
			continue
		}
		answered++
		name := fmt.Sprint(strata)
		for _, null := range []float64{0, 0.2, 1, 1.7, 9} {
			statstest.Agree(t, e, null, 0.95, name)
		}
		back, err := table.RateRatioStratified(swapped)
		require.NoError(t, err)
		assert.InDelta(t, e.PGreater(1.3), back.PLess(1/1.3), 1e-9, name)
		same, err := table.RateRatioStratified(turned)
		require.NoError(t, err)
		assert.InDelta(t, e.P(0.7), same.P(0.7), 1e-9, name)
		if len(strata) == 1 {
			one, err := table.RateRatioExact(strata[0].Treated, strata[0].Control)
			require.NoError(t, err)
			assert.InDelta(t, one.P(1.3), e.P(1.3), 1e-10, name)
			if one.First > 0 {
				assert.InEpsilon(t, one.CI(0.9).Lo, e.CI(0.9).Lo, 1e-9, name)
			}
		}
	}
	assert.Greater(t, answered, 1000)
	_, err := table.RateRatioStratified(nil)
	assert.ErrorIs(t, err, stats.ErrTooFew)
	_, err = table.RateRatioStratified([]table.RateStratum{{Treated: table.PoissonRate{Events: 1}, Control: table.PoissonRate{Events: 1, Exposure: 2}}})
	assert.ErrorIs(t, err, stats.ErrDomain)
	_, err = table.RateRatioStratified([]table.RateStratum{{Treated: table.PoissonRate{Events: 4000, Exposure: 1}, Control: table.PoissonRate{Events: 1, Exposure: 2}}})
	assert.ErrorIs(t, err, stats.ErrDomain)
}

// Falls in two wards.
func ExampleRateRatioStratified() {
	r, err := table.RateRatioStratified([]table.RateStratum{
		{Treated: table.PoissonRate{Events: 2, Exposure: 310}, Control: table.PoissonRate{Events: 7, Exposure: 295}},
		{Treated: table.PoissonRate{Events: 1, Exposure: 120}, Control: table.PoissonRate{Events: 3, Exposure: 140}},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(r)
	// Output:
	// 0.303 (95% CI 0.054 to 1.179; p = 0.0965; exact, conditional, in 2 strata)
}
