package num

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIntegrate(t *testing.T) {
	inf := math.Inf(1)
	near(t, Integrate(math.Exp, 0, 1, 1e-13), math.E-1, 1e-14)
	near(t, Integrate(NormPDF, -inf, inf, 1e-13), 1, 1e-13)
	near(t, Integrate(NormPDF, 2, inf, 1e-13), NormSF(2), 1e-12)
	near(t, Integrate(NormPDF, -inf, 2, 1e-13), NormCDF(2), 1e-12)
	near(t, Integrate(math.Log, 0, 1, 1e-11), -1, 1e-10)
	near(t, Integrate(math.Sqrt, 4, 1, 1e-13), -14.0/3, 1e-13)
}

func TestRootAndMinimize(t *testing.T) {
	x, err := Root(func(x float64) float64 { return x*x*x - 2 }, 0, 5, 0)
	require.NoError(t, err)
	near(t, x, math.Cbrt(2), 1e-15)
	_, err = Root(func(x float64) float64 { return x*x + 1 }, -1, 1, 0)
	require.ErrorIs(t, err, ErrNoRoot)
	x, err = RootExpand(func(x float64) float64 { return math.Atan(x - 1e4) }, 0, 1, math.Inf(-1), math.Inf(1), 0)
	require.NoError(t, err)
	near(t, x, 1e4, 1e-14)
	x, fx := Minimize(func(x float64) float64 { return math.Cosh(x-3) + 2 }, -10, 40, 0)
	near(t, x, 3, 1e-7)
	near(t, fx, 3, 1e-15)
}
