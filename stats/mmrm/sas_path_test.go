package mmrm

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSASPath repeats PROC MIXED's own iteration for the unstructured model:
// MIVQUE(0) start, which is one scoring step from Σ = I, then Newton steps in
// the variances and covariances until gᵀH⁻¹g ≤ 1e-8·|−2ℓ|. Where that ends the
// Kenward–Roger numbers are SAS's to all digits, which shows that what TestSAS
// finds between the optimum's numbers and SAS's is SAS's early end.
func TestSASPath(t *testing.T) {
	dir, data, ok := sasTables(t)
	if !ok {
		return
	}
	want := sasRow(t, filepath.Join(dir, "kr_us.csv"))
	f, err := Model{}.Fit(fevRows(t, data, false))
	require.NoError(t, err)
	pb := f.pb
	c := newOptimum(pb, f.st)
	d, p := pb.d, pb.p
	sigma := make([]float64, d)
	for j := 0; j < pb.m; j++ {
		sigma[elem(j, j)] = 1
	}
	grad, hess := make([]float64, d), make([]float64, d*d)
	inverse, work := make([]float64, d*d), make([]float64, d*d)
	step := func(kind information) (criterion float64) {
		require.True(t, c.value(sigma))
		c.evaluate(true, true, grad, hess)
		h := append([]float64(nil), c.hess...)
		if kind == expected {
			c.patternHessian(h, expected)
			for e := 0; e < d; e++ {
				for k := 0; k < d; k++ {
					h[e*d+k] += dot(c.fe[e*p*p:(e+1)*p*p], c.fe[k*p*p:(k+1)*p*p])
				}
			}
		}
		require.True(t, cholesky(h, d))
		cholInverse(h, inverse, work, d)
		s := make([]float64, d)
		mul(s, inverse, c.grad, d, d, 1)
		axpy(sigma, -1, s)
		return dot(s, c.grad) / math.Abs(c.f+float64(pb.rows-p)*math.Log(2*math.Pi))
	}
	step(expected)
	at := make([]float64, d)
	for copy(at, sigma); step(observed) > 1e-8; copy(at, sigma) {
	}
	// SAS's covariance of the parameters: the inverse Hessian in them there.
	omega := make([]float64, d*d)
	axpy(omega, 2, inverse)
	require.True(t, c.value(at))
	c.evaluate(true, true, grad, hess)
	c.omega = omega
	cov, err := c.kenwardRoger(KenwardRoger, omega)
	require.NoError(t, err)
	n := *f.inf
	n.l, n.fe, n.omega, n.cov = c.l, c.fe, omega, cov
	n.beta = append([]float64(nil), pb.beta0...)
	axpy(n.beta, 1, c.beta)
	e := n.contrast([]float64{0, 1})
	t.Logf("%.10g %.10g  %.10g %.10g  %.10g %.10g", e.Value, want[0], e.SE, want[1], e.DF, want[2])
	require.InEpsilon(t, want[0], e.Value, 1e-9)
	require.InEpsilon(t, want[1], e.SE, 1e-8)
	require.InEpsilon(t, want[2], e.DF, 1e-8)
}
