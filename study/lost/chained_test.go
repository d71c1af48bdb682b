package lost

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/impute"
)

// trialOf has n patients an arm, of whom every fifth lost the outcome.
func trialOf(n int) Chain {
	c := Chain{Arm: "arm", Target: "better", Seed: 1}
	arm, age := impute.Column{Name: "arm"}, impute.Column{Name: "age"}
	better := impute.Column{Name: "better"}
	for i := range 2 * n {
		arm.Category = append(arm.Category, []string{"laser", "sham"}[i%2])
		age.Number = append(age.Number, float64(40+i*7%31))
		better.Category = append(better.Category, []string{"no", "yes"}[(i*11%23+6*(1-i%2))/15])
		better.Missing = append(better.Missing, i%10 < 2)
	}
	c.Columns = []impute.Column{arm, age, better}
	return c
}

// Arms are imputed apart where each has ten complete participants a predictor, else the
// arm is a predictor; with fewer than ten observed in an arm nothing is imputed. Columns that
// tell nothing are left out.
func TestChainChoosesByNumbers(t *testing.T) {
	for n, by := range map[int]bool{60: true, 15: true, 16: false} { // 15: 12 complete an arm, for age
		c := trialOf(n)
		if n == 16 { // 12 and 13, for age and height
			height := impute.Column{Name: "height"}
			for i := range 2 * n {
				height.Number = append(height.Number, float64(150+i*5%37))
			}
			c.Columns = append(c.Columns, height)
		}
		c.Columns = append(c.Columns, impute.Column{Name: "same", Number: make([]float64, 2*n)})
		sets, err := c.Complete(t.Context(), 5)
		require.NoError(t, err)
		assert.Equal(t, by, sets.ByArm, n)
		assert.Equal(t, 5, sets.Len())
		assert.Len(t, sets.Table(0), len(c.Columns)-1)
	}
	_, err := trialOf(12).Complete(t.Context(), 5)
	assert.ErrorIs(t, err, stats.ErrTooFew)
}

// A p-value is near α where its distance is within two of the errors that leaving out one
// data set after the other gives.
func TestNear(t *testing.T) {
	var es []stats.Estimate
	for i := range 20 {
		es = append(es, stats.Estimate{Value: 2 + 0.1*float64(i%5), SE: 1, DF: 100})
	}
	for alpha, want := range map[float64]bool{0.03: true, 0.2: false, 0.001: false} {
		near, err := Near(es, alpha, 0)
		require.NoError(t, err)
		assert.Equal(t, want, near, alpha)
	}
	near, err := Near(es, 0.2, 0, 3.45) // whose p lies near
	require.NoError(t, err)
	assert.True(t, near)
}

func ExampleChain_Complete() {
	sets, err := trialOf(60).Complete(context.Background(), 20)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sets, "within arms:", sets.ByArm)
	// Output: 20 completed data sets of 3 columns, 24 values imputed in each, by chained equations within arms: true
}
