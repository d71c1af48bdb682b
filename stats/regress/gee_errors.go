package regress

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"gonum.org/v1/gonum/mat"
)

// covariance of the coefficients in the coordinates of Q, in which nothing
// large cancels: of lᵀβ, whose coordinates are z = R⁻ᵀl, the variance is zᵀCz.
func (g *geeFit) covariance(kind GEEErrors) ([]float64, error) {
	p := len(g.beta)
	g.orthonormal()
	b, err := g.inverseInformation()
	if err != nil {
		return nil, err
	}
	if kind == NaiveErrors {
		for i := range b {
			b[i] *= g.scale
		}
		return b, nil
	}
	meat := make([]float64, p*p)
	for _, rows := range g.clusters {
		r := make([]float64, len(rows))
		for a, i := range rows {
			r[a] = g.wr[i]
		}
		if kind != SandwichErrors {
			var err error
			if r, err = g.inflate(rows, r, b, kind); err != nil {
				return nil, err
			}
		}
		u := make([]float64, p)
		for a, i := range rows {
			for j, x := range g.q[i] {
				u[j] += g.sign[i] * x * r[a]
			}
		}
		for j := range p {
			for k := range p {
				meat[j*p+k] += u[j] * u[k]
			}
		}
	}
	v := sandwich(b, meat, p)
	if kind == JackknifeErrors {
		k := float64(len(g.clusters))
		for i := range v {
			v[i] *= (k - float64(p+1+len(g.alpha))) / k
		}
	}
	return v, nil
}

// inflate multiplies whitened residuals by (I − H)⁻¹, or its square root for
// Kauermann and Carroll. A cluster's leverage is H = QBQᵀS.
func (g *geeFit) inflate(rows []int, r, b []float64, kind GEEErrors) ([]float64, error) {
	n, p := len(rows), len(g.beta)
	m := mat.NewDense(n, n, nil)
	positive := true
	for a := range n {
		positive = positive && g.sign[rows[a]] > 0
		for c := range n {
			s := 0.0
			for j := range p {
				for k := range p {
					s -= g.q[rows[a]][j] * b[j*p+k] * g.q[rows[c]][k]
				}
			}
			s *= g.sign[rows[c]]
			if a == c {
				s++
			}
			m.Set(a, c, s)
		}
	}
	alone := &stats.SampleError{Func: "GEE", Arg: "ID", Index: rows[0], Err: stats.ErrNoVariation,
		Info: "this cluster alone determines a coefficient"}
	power := -1.0
	switch kind {
	case ManclDeRouenErrors, JackknifeErrors:
		if !positive { // not symmetric
			var out mat.VecDense
			if err := out.SolveVec(m, mat.NewVecDense(n, r)); err != nil {
				return nil, alone
			}
			return out.RawVector().Data, nil
		}
	case KauermannCarrollErrors:
		power = -0.5
		if !positive {
			return nil, &stats.SampleError{Func: "GEE", Arg: "Errors", Index: -1, Err: stats.ErrDomain,
				Info: "kauermann-carroll needs a positive definite working correlation: the square root of I − H is not unique"}
		}
	default:
		panic(fmt.Sprintf("regress.GEE: unknown GEE errors %q", kind))
	}
	var eig mat.EigenSym
	sym := mat.NewSymDense(n, nil)
	for a := range n {
		for c := range a + 1 {
			sym.SetSym(a, c, m.At(a, c))
		}
	}
	if !eig.Factorize(sym, true) {
		return nil, &stats.SampleError{Func: "GEE", Arg: "Y", Index: rows[0], Err: stats.ErrNotConverged, Info: "eigenvalues"}
	}
	val := eig.Values(nil)
	var q mat.Dense
	eig.VectorsTo(&q)
	out := make([]float64, n)
	for k, l := range val {
		if l < 1e-10 {
			return nil, alone
		}
		s := 0.0
		for a := range n {
			s += q.At(a, k) * r[a]
		}
		s *= math.Pow(l, power)
		for a := range n {
			out[a] += s * q.At(a, k)
		}
	}
	return out, nil
}
