package mmrm

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

// denseMinus2 is −2·log-likelihood by its definition: one dense matrix per
// participant, no sums of cross-products.
func denseMinus2(r *Rows, reml bool, sigma func(group int) [][]float64) float64 {
	p := len(r.Columns)
	xwx, xwy := mat.NewDense(p, p, nil), mat.NewVecDense(p, nil)
	ywy, logdet, n := 0.0, 0.0, 0
	byID := map[int][]int{}
	for i, id := range r.Participant {
		byID[id] = append(byID[id], i)
	}
	for id, rows := range byID {
		g := 0
		if r.Group != nil {
			g = r.Group[id]
		}
		s := sigma(g)
		k := len(rows)
		v := mat.NewSymDense(k, nil)
		x, y := mat.NewDense(k, p, nil), mat.NewVecDense(k, nil)
		for a, i := range rows {
			x.SetRow(a, r.X[i])
			y.SetVec(a, r.Y[i])
			for b, j := range rows[:a+1] {
				w := 1.0
				if r.Weight != nil {
					w = math.Sqrt(r.Weight[i] * r.Weight[j])
				}
				v.SetSym(a, b, s[r.Visit[i]][r.Visit[j]]/w)
			}
		}
		var ch mat.Cholesky
		if !ch.Factorize(v) {
			return math.Inf(1)
		}
		logdet += ch.LogDet()
		n += k
		var wx mat.Dense
		var wy mat.VecDense
		if ch.SolveTo(&wx, x) != nil || ch.SolveVecTo(&wy, y) != nil {
			return math.Inf(1)
		}
		var t mat.Dense
		t.Mul(x.T(), &wx)
		xwx.Add(xwx, &t)
		var u mat.VecDense
		u.MulVec(x.T(), &wy)
		xwy.AddVec(xwy, &u)
		ywy += mat.Dot(y, &wy)
	}
	var beta mat.VecDense
	if beta.SolveVec(xwx, xwy) != nil {
		return math.Inf(1)
	}
	f := logdet + ywy - mat.Dot(&beta, xwy)
	if reml {
		ld, _ := mat.LogDet(xwx)
		f += ld
		n -= p
	}
	return f + float64(n)*math.Log(2*math.Pi)
}

// awkwardRows has two groups, missing visits, weights, a covariate that
// changes from row to row and one that does not.
func awkwardRows(seed uint64) *Rows {
	r := simRows(60, 4, true, 0.25, seed)
	rng := rand.New(rand.NewPCG(seed, 3))
	r.Columns = append(r.Columns, "moving", "age")
	age := make([]float64, 60)
	for i := range age {
		age[i] = math.Round(50 + 10*rng.NormFloat64())
	}
	for i := range r.Y {
		r.X[i] = append(r.X[i], rng.NormFloat64(), age[r.Participant[i]])
		r.Weight = append(r.Weight, 0.5+rng.Float64())
	}
	return r
}

func allKinds() []Covariance {
	var out []Covariance
	for k := range covarianceNames {
		out = append(out, Covariance(k))
	}
	return out
}

// TestLikelihoodDefinition compares the fitted log-likelihood of every
// structure, with and without groups and weights, with the definition.
func TestLikelihoodDefinition(t *testing.T) {
	for _, kind := range allKinds() {
		for _, byArm := range []bool{false, true} {
			for _, method := range []Method{REML, ML} {
				r := awkwardRows(5)
				if !byArm {
					r.Weight = nil
				}
				f, err := Model{Covariance: kind, ByArm: byArm, Method: method, DF: Satterthwaite}.Fit(r)
				require.NoError(t, err, "%s %v", kind, byArm)
				if !byArm {
					r.Group = nil
				}
				want := denseMinus2(r, method == REML, func(g int) [][]float64 { return f.Sigma(g) })
				require.InEpsilon(t, want, -2*f.LogLik, 1e-11, "%s %v %s", kind, byArm, method)
			}
		}
	}
}

// TestDerivatives compares gradient and Hessian in the parameters of every
// structure, away from the optimum, with differences of the likelihood.
func TestDerivatives(t *testing.T) {
	r := awkwardRows(6)
	for _, kind := range allKinds() {
		for _, method := range []Method{REML, ML} {
			m := Model{Covariance: kind, ByArm: true, Method: method}
			pb, err := newProblem(m, r)
			require.NoError(t, err)
			st := newStructure(kind, r.Visits, r.Times)
			o := &optimum{surface: newSurface(pb), st: st}
			us := kind == Unstructured
			sig, err := o.start(us)
			require.NoError(t, err)
			require.True(t, o.value(sig))
			q := st.size() * pb.groups
			grad, hess := make([]float64, q), make([]float64, q*q)
			o.derivatives()
			o.exact()
			o.chain(us, grad, hess)
			at := func(i, j int, di, dj float64) float64 {
				s := make([]float64, q)
				s[i] += di
				s[j] += dj
				_, ok := o.tryStep(us, sig, s)
				require.True(t, ok)
				return o.f
			}
			const h = 1e-4
			for i := 0; i < q; i++ {
				num := (at(i, i, h, 0) - at(i, i, -h, 0)) / (2 * h)
				require.InDelta(t, num, grad[i], 1e-4*(1+math.Abs(num)), "%s gradient %d", kind, i)
				for j := 0; j <= i; j++ {
					num := (at(i, j, h, h) - at(i, j, h, -h) - at(i, j, -h, h) + at(i, j, -h, -h)) / (4 * h * h)
					require.InDelta(t, num, hess[i*q+j], 2e-3*(1+math.Sqrt(math.Abs(hess[i*q+i]*hess[j*q+j]))), "%s Hessian %d %d", kind, i, j)
				}
			}
		}
	}
}

// TestOptimum moves away from the optimum in every parameter: the likelihood
// must fall.
func TestOptimum(t *testing.T) {
	r := awkwardRows(7)
	for _, kind := range allKinds() {
		f, err := Model{Covariance: kind}.Fit(r)
		require.NoError(t, err)
		require.LessOrEqual(t, f.Gradient, 1e-8)
		o := f.o
		sig := append([]float64(nil), o.sigma...)
		best := o.f
		for i := 0; i < f.Parameters; i++ {
			for _, d := range []float64{1e-3, -1e-3} {
				s := make([]float64, f.Parameters)
				s[i] = d
				_, ok := o.tryStep(kind == Unstructured, sig, s)
				require.True(t, ok)
				require.Greater(t, o.f, best, "%s parameter %d", kind, i)
			}
		}
	}
}

// TestScalesOfStructures compares derivatives of Σ in both scales with
// differences.
func TestScalesOfStructures(t *testing.T) {
	visits, times := []string{"a", "b", "c", "d"}, []float64{0, 1, 2.5, 4}
	for _, kind := range allKinds() {
		st := newStructure(kind, visits, times)
		theta := make([]float64, st.size())
		for i := range theta {
			theta[i] = 0.2 + 0.07*float64(i)
		}
		for _, sc := range []scale{fitScale, sasScale} {
			th := theta
			if sc == sasScale {
				th, _ = st.convert(fitScale, sasScale, theta)
				back, _ := st.convert(sasScale, fitScale, th)
				require.InDeltaSlice(t, theta, back, 1e-12, "%s", kind)
			}
			q, d := st.size(), 10
			w := make([]float64, d)
			for e := range w {
				w[e] = 1 / float64(e+2)
			}
			sig, jac, curv := make([]float64, d), make([]float64, q*d), make([]float64, q*q)
			st.eval(sc, th, sig, jac, w, curv)
			shift := func(i int, h float64) []float64 {
				x := append([]float64(nil), th...)
				x[i] += h
				return x
			}
			const h = 1e-5
			for i := 0; i < q; i++ {
				hi, lo := make([]float64, d), make([]float64, d)
				jh, jl := make([]float64, q*d), make([]float64, q*d)
				st.eval(sc, shift(i, h), hi, jh, nil, nil)
				st.eval(sc, shift(i, -h), lo, jl, nil, nil)
				for e := 0; e < d; e++ {
					require.InDelta(t, (hi[e]-lo[e])/(2*h), jac[i*d+e], 1e-7, "%s %d: σ'", kind, sc)
				}
				for j := 0; j < q; j++ {
					num := 0.0
					for e := 0; e < d; e++ {
						num += w[e] * (jh[j*d+e] - jl[j*d+e]) / (2 * h)
					}
					require.InDelta(t, num, curv[i*q+j], 1e-6, "%s %d: curvature %d %d", kind, sc, i, j)
				}
			}
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Model{}.FitContext(ctx, simRows(50, 3, false, 0.1, 1))
	require.ErrorIs(t, err, context.Canceled)
}
