package table_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/table"
)

// Every table of up to seven answers: right and wrong change places and the sign turns,
// interval and p-value agree, and the standard error is that of the participants' own
// scores 1, −1 and 0.
func TestBlindingOfEveryTable(t *testing.T) {
	t.Parallel()
	for right := range 8 {
		for wrong := range 8 - right {
			for unsure := range 8 - right - wrong {
				g := table.Guesses{Right: right, Wrong: wrong, Unsure: unsure}
				b, err := table.Blinding(g)
				if g.N() == 0 {
					require.ErrorIs(t, err, stats.ErrTooFew)
					continue
				}
				require.NoError(t, err)
				n, d := float64(g.N()), float64(right-wrong)
				ss := 0.0
				for score, k := range map[float64]int{1: right, -1: wrong, 0: unsure} {
					ss += float64(k) * (score - d/n) * (score - d/n)
				}
				assert.InDelta(t, math.Sqrt(ss/n/n), b.SE(), 1e-15)
				for _, null := range []float64{-1.5, -1, -0.4, 0, 0.3, 1, 1.2} {
					statstest.Agree(t, b, null, 0.95, fmt.Sprint(g))
				}
				turned, err := table.Blinding(table.Guesses{Right: wrong, Wrong: right, Unsure: unsure})
				require.NoError(t, err)
				assert.InDelta(t, -b.CI(0.9).Hi, turned.CI(0.9).Lo, 1e-15)
				assert.InDelta(t, b.PGreater(0.2), turned.PLess(-0.2), 1e-15)
				one := right == g.N() || wrong == g.N() || unsure == g.N()
				assert.Equal(t, one, b.CI(0.95).Why == stats.WhyNoError, "%v", g)
			}
		}
	}
	_, err := table.Blinding(table.Guesses{Right: -1, Wrong: 3})
	assert.ErrorIs(t, err, stats.ErrDomain)
}

// Most participants of both arms believe that they had the laser.
func ExampleBlinding() {
	laser, _ := table.Blinding(table.Guesses{Right: 21, Wrong: 4, Unsure: 15})
	sham, _ := table.Blinding(table.Guesses{Right: 6, Wrong: 18, Unsure: 16})
	fmt.Println(laser)
	fmt.Println(sham)
	// Output:
	// 0.42 (95% CI 0.22 to 0.63; 21 right, 4 wrong, 15 unsure; Bang)
	// -0.30 (95% CI -0.52 to -0.08; 6 right, 18 wrong, 16 unsure; Bang)
}
