package mmrm

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/trialkit/trialkit/stats/internal/stoptest"
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
			pb, err := newProblem(context.Background(), m, r)
			require.NoError(t, err)
			st := newStructure(kind, r.Visits, r.Times)
			o := newOptimum(pb, st)
			us := kind == Unstructured
			sig, err := o.start(us, 0.95)
			require.NoError(t, err)
			require.True(t, o.value(sig))
			q := st.size() * pb.groups
			grad, hess := make([]float64, q), make([]float64, q*q)
			o.evaluate(us, true, grad, hess)
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
	// In the middle of a long fit.
	r := simRows(300, 20, false, 0.1, 1)
	stoptest.Within(t, 100*time.Millisecond, func(ctx context.Context) error {
		_, err := Model{}.FitContext(ctx, r)
		return err
	})
}

// A random intercept is compound symmetry: the two implementations, which
// share only small kernels, must agree in everything.
func TestLMMEqualsCompoundSymmetry(t *testing.T) {
	r := simRows(70, 4, true, 0.2, 12)
	c := &ClusterRows{Cluster: r.Participant, Y: r.Y, X: r.X, Columns: r.Columns}
	for _, method := range []Method{REML, ML} {
		for _, df := range [][2]DF{{KenwardRogerExpected, KenwardRoger}, {Satterthwaite, Satterthwaite}} {
			a, err := Model{Covariance: CompoundSymmetry, Method: method, DF: df[0]}.Fit(r)
			require.NoError(t, err)
			b, err := LMM{Method: method, DF: df[1]}.Fit(c)
			require.NoError(t, err)
			require.False(t, b.Singular)
			require.InEpsilon(t, a.LogLik, b.LogLik, 1e-11)
			require.InEpsilon(t, a.Sigma(0)[1][0], b.Random[0][0], 1e-7)
			x, y := a.Coefficients(), b.Coefficients()
			for i := range x {
				requireSame(t, x[i].Estimate, y[i].Estimate, 1e-7)
			}
			l := make([][]float64, 4)
			for k := range l {
				l[k] = make([]float64, len(r.Columns))
				l[k][4+k] = 1
			}
			fa, err := a.Joint(l)
			require.NoError(t, err)
			fb, err := b.Joint(l)
			require.NoError(t, err)
			require.InEpsilon(t, fa.F, fb.F, 1e-7)
			require.InEpsilon(t, fa.DF2, fb.DF2, 1e-6)
		}
	}
	a, err := Model{Covariance: CompoundSymmetry}.Fit(r)
	require.NoError(t, err)
	b, err := LMM{Observed: true}.Fit(c)
	require.NoError(t, err)
	requireSame(t, a.Coefficients()[5].Estimate, b.Coefficients()[5].Estimate, 1e-7)
}

// Clusters without any variance between them: the boundary is reported and the
// fit is least squares.
func TestLMMBoundary(t *testing.T) {
	r := simRows(40, 4, false, 0, 13)
	for i := range r.Y { // remove the clusters' means
		m := 0.0
		for j := range r.Y {
			if r.Participant[j] == r.Participant[i] {
				m += r.Y[j] / 4
			}
		}
		r.X[i] = append(r.X[i], m)
	}
	y := make([]float64, len(r.Y))
	for i := range y {
		y[i] = r.Y[i] - r.X[i][len(r.X[i])-1]
	}
	x := make([][]float64, len(y))
	tm := make([]float64, len(y))
	for i := range x {
		x[i] = r.X[i][:8]
		tm[i] = float64(r.Visit[i])
	}
	for _, slope := range []bool{false, true} {
		f, err := LMM{Slope: slope}.Fit(&ClusterRows{Cluster: r.Participant, Y: y, X: x, Columns: r.Columns, T: tm})
		require.NoError(t, err)
		if !slope {
			require.True(t, f.Singular)
			require.Equal(t, NoteSingular, f.Notes[0].Code)
			require.Zero(t, f.Random[0][0])
			for _, e := range f.Coefficients() {
				require.InEpsilon(t, float64(len(y)-8), e.DF, 1e-6)
			}
		}
		for _, e := range f.Coefficients() {
			require.True(t, finite(e.SE) && finite(e.DF) && e.SE > 0)
		}
	}
}

// With visits one unit apart sp_exp is ar1 where the correlation is positive.
func TestSpatialEqualsAR1(t *testing.T) {
	r := simRows(80, 4, true, 0.2, 14)
	for _, df := range []DF{Satterthwaite, KenwardRogerLinear} {
		a, err := Model{Covariance: AR1, DF: df}.Fit(r)
		require.NoError(t, err)
		b, err := Model{Covariance: SpatialExponential, DF: df}.Fit(r)
		require.NoError(t, err)
		require.InEpsilon(t, a.LogLik, b.LogLik, 1e-12)
		for i, e := range a.Coefficients() {
			requireSame(t, e.Estimate, b.Coefficients()[i].Estimate, 1e-7)
		}
	}
}
