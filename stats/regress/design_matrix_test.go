package regress_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
)

// The joint test of a design's type III contrasts is the type III test of
// least squares, with unequal cells, three-way terms and numbers.
func TestTypeIIIContrastsAreTheTest(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 3))
	for _, formula := range []string{"y ~ a * b + x", "y ~ a * b * c", "y ~ a * x + b", "y ~ a + a:x + c", "y ~ a + a:b"} {
		f := &regress.Frame{}
		var a, b, c []string
		var x, y []float64
		for i := range 60 {
			a, b = append(a, fmt.Sprint("a", rng.IntN(3))), append(b, fmt.Sprint("b", rng.IntN(2)))
			c = append(c, fmt.Sprint("c", (i/3)%2))
			x, y = append(x, rng.NormFloat64()), append(y, rng.NormFloat64())
		}
		f.Numeric("y", y)
		f.Numeric("x", x)
		f.Category("a", a, "a1")
		f.Category("b", b, "")
		f.Category("c", c, "")
		m, err := f.Linear(formula)
		require.NoError(t, err)
		d, err := f.Design(formula)
		require.NoError(t, err)
		for _, want := range m.Tests() {
			rows, err := d.TypeIII(want.Term)
			require.NoError(t, err)
			got := m.Joint(rows)
			assert.Equal(t, want.DF1, got.DF1, want.Term)
			assert.InEpsilon(t, want.F, got.F, 1e-9, formula+" "+want.Term)
		}
	}
}

func TestTypeIIIRefusesDependentColumns(t *testing.T) {
	f := &regress.Frame{}
	f.Numeric("y", []float64{1, 2, 3, 4})
	f.Category("a", []string{"p", "p", "q", "q"}, "")
	f.Category("b", []string{"u", "u", "v", "v"}, "")
	d, err := f.Design("y ~ a + b")
	require.NoError(t, err)
	_, err = d.TypeIII("a")
	require.ErrorIs(t, err, stats.ErrSingular)
	assert.Panics(t, func() { _, _ = d.TypeIII("c") })
}
