package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// covariance of the coefficients. In whitened coordinates a cluster's leverage
// H = XB⁻¹Xᵀ is symmetric.
func (g *geeFit) covariance(kind GEEErrors) ([]float64, error) {
	p := len(g.beta)
	b := g.info.xtxInv()
	if kind == NaiveErrors {
		out := make([]float64, len(b))
		for i := range b {
			out[i] = b[i] * g.scale
		}
		return out, nil
	}
	meat := make([]float64, p*p)
	for _, rows := range g.clusters {
		n := len(rows)
		r := make([]float64, n)
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
		for j := range u {
			for a, i := range rows {
				u[j] += g.wx[j][i] * r[a]
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

// inflate multiplies residuals by (I − H)⁻¹, or its square root for Kauermann
// and Carroll.
func (g *geeFit) inflate(rows []int, r, b []float64, kind GEEErrors) ([]float64, error) {
	n, p := len(rows), len(g.beta)
	m := mat.NewSymDense(n, nil)
	for a := range n {
		for c := range a + 1 {
			s := 0.0
			for j := range p {
				for k := range p {
					s -= g.wx[j][rows[a]] * b[j*p+k] * g.wx[k][rows[c]]
				}
			}
			if a == c {
				s++
			}
			m.SetSym(a, c, s)
		}
	}
	power := -1.0
	switch kind {
	case ManclDeRouenErrors, JackknifeErrors:
	case KauermannCarrollErrors:
		power = -0.5
	default:
		panic(fmt.Sprintf("stats: unknown GEE errors %q", kind))
	}
	var eig mat.EigenSym
	if !eig.Factorize(m, true) {
		return nil, &SampleError{Func: "GEE", Arg: "Y", Index: rows[0], Err: ErrNotConverged, Info: "eigenvalues"}
	}
	val := eig.Values(nil)
	var q mat.Dense
	eig.VectorsTo(&q)
	out := make([]float64, n)
	for k, l := range val {
		if l < 1e-10 {
			return nil, &SampleError{Func: "GEE", Arg: "ID", Index: rows[0], Err: ErrNoVariation,
				Info: "this cluster alone determines a coefficient"}
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
