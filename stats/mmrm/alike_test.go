package mmrm

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/stats/internal/statstest"
)

// The tests of this file have visits that are nearly alike. With complete data
// and the same design at every visit REML's objective is
// (n − p)·log|Σ| + tr(Σ⁻¹S), S the residual sums of cross-products of the
// regressions of the single visits, and the coefficients are those of these
// regressions. The oracle maximizes it with 300-bit arithmetic by scoring.

// exact is a matrix of big numbers.
type exact [][]*big.Float

func number(x float64) *big.Float      { return new(big.Float).SetPrec(300).SetFloat64(x) }
func plus(a, b *big.Float) *big.Float  { return number(0).Add(a, b) }
func less(a, b *big.Float) *big.Float  { return number(0).Sub(a, b) }
func times(a, b *big.Float) *big.Float { return number(0).Mul(a, b) }
func over(a, b *big.Float) *big.Float  { return number(0).Quo(a, b) }

func zeros(n, m int) exact {
	out := make(exact, n)
	for i := range out {
		out[i] = make([]*big.Float, m)
		for j := range out[i] {
			out[i][j] = number(0)
		}
	}
	return out
}

func (a exact) mul(b exact) exact {
	out := zeros(len(a), len(b[0]))
	for i := range a {
		for j := range b[0] {
			for k := range b {
				out[i][j].Add(out[i][j], times(a[i][k], b[k][j]))
			}
		}
	}
	return out
}

func (a exact) t() exact {
	out := zeros(len(a[0]), len(a))
	for i := range a {
		for j := range a[i] {
			out[j][i] = a[i][j]
		}
	}
	return out
}

func (a exact) trace() *big.Float {
	s := number(0)
	for i := range a {
		s.Add(s, a[i][i])
	}
	return s
}

// inverse is Gauss–Jordan's, without pivoting: the matrices are positive
// definite.
func (a exact) inverse() exact {
	n := len(a)
	w := zeros(n, 2*n)
	for i := range a {
		for j := range a {
			w[i][j].Set(a[i][j])
		}
		w[i][n+i].SetInt64(1)
	}
	for i := range w {
		p := number(0).Set(w[i][i])
		for j := range w[i] {
			w[i][j].Quo(w[i][j], p)
		}
		for k := range w {
			if k == i {
				continue
			}
			f := number(0).Set(w[k][i])
			for j := range w[k] {
				w[k][j].Sub(w[k][j], times(f, w[i][j]))
			}
		}
	}
	out := make(exact, n)
	for i := range out {
		out[i] = w[i][n:]
	}
	return out
}

func float(x *big.Float) float64 { f, _ := x.Float64(); return f }

// sumOfProducts is S, (ZᵀZ)⁻¹ and the coefficients of the regressions on z.
func regressions(y, z exact) (s, bread, beta exact) {
	bread = z.t().mul(z).inverse()
	beta = bread.mul(z.t().mul(y))
	fit := z.mul(beta)
	r := zeros(len(y), len(y[0]))
	for i := range y {
		for j := range y[i] {
			r[i][j] = less(y[i][j], fit[i][j])
		}
	}
	return r.t().mul(r), bread, beta
}

// sigmaOf is Σ of a structure in standard deviations and gaps: κ = 1 − gap.
func sigmaOf(kind Covariance, m int, theta []*big.Float) exact {
	nv := 1
	switch kind {
	case HeterogeneousCS, HeterogeneousAR1, HeterogeneousToep, HeterogeneousAnte:
		nv = m
	}
	one := number(1)
	kappa := func(k int) *big.Float { return less(one, theta[nv+k]) }
	power := func(x *big.Float, n int) *big.Float {
		out := number(1)
		for range n {
			out = times(out, x)
		}
		return out
	}
	out := zeros(m, m)
	for a := range m {
		for b := range a + 1 {
			r := number(1)
			switch lag := a - b; {
			case lag == 0:
			case kind == CompoundSymmetry || kind == HeterogeneousCS:
				r = kappa(0)
			case kind == AR1 || kind == HeterogeneousAR1 || kind == SpatialExponential: // times 1, 2, …
				r = power(kappa(0), lag)
			case kind == SpatialGaussian:
				r = power(kappa(0), lag*lag)
			case kind == Toeplitz || kind == HeterogeneousToep:
				r = kappa(lag - 1)
			default:
				for k := b; k < a; k++ {
					r = times(r, kappa(k))
				}
			}
			r = times(times(r, theta[min(a, nv-1)]), theta[min(b, nv-1)])
			out[a][b], out[b][a] = r, r
		}
	}
	return out
}

// scoring maximizes from theta. Derivatives of Σ are differences, of which
// 300 bits leave 40 digits; they only steer the way to the gradient's root.
func scoring(t *testing.T, kind Covariance, m int, df float64, s exact, start []float64) exact {
	theta := make([]*big.Float, len(start))
	for i, x := range start {
		theta[i] = number(x)
	}
	h := number(1e-30)
	for range 400 {
		sigma := sigmaOf(kind, m, theta)
		w := sigma.inverse()
		ws := w.mul(s)
		grad, info := zeros(len(theta), 1), zeros(len(theta), len(theta))
		var slope []exact
		for k := range theta {
			move := times(h, theta[k])
			ends := [2]exact{}
			for side := range ends {
				at := append([]*big.Float(nil), theta...)
				at[k] = plus(at[k], move)
				ends[side] = sigmaOf(kind, m, at)
				move = number(0).Neg(move)
			}
			e := zeros(m, m)
			for a := range e {
				for b := range e[a] {
					e[a][b] = over(less(ends[0][a][b], ends[1][a][b]), times(number(2), h)) // ∂/∂log θ
				}
			}
			we := w.mul(e)
			slope = append(slope, we)
			grad[k][0] = less(we.mul(ws).trace(), times(number(df), we.trace()))
			for l := range slope {
				x := times(number(df), we.mul(slope[l]).trace())
				info[k][l], info[l][k] = x, x
			}
		}
		step := info.inverse().mul(grad)
		size, most := float(step.t().mul(grad).trace()), 0.0
		for k := range step {
			most = math.Max(most, math.Abs(float(step[k][0])))
		}
		if size < 1e-40 {
			return sigma
		}
		for f := math.Min(1, 0.5/most); ; f /= 2 {
			to := make([]*big.Float, len(theta))
			for k := range to {
				to[k] = times(theta[k], plus(number(1), times(number(f), step[k][0])))
			}
			if positiveExact(sigmaOf(kind, m, to)) {
				theta = to
				break
			}
			require.Greater(t, f, 1e-12, "%s: the oracle's step leaves the positive definite matrices", kind)
		}
	}
	t.Fatalf("%s: the oracle did not settle", kind)
	return nil
}

// positiveExact reports whether all pivots are positive.
func positiveExact(a exact) bool {
	w := a.mul(a.inverse()).mul(a) // a copy
	for i := range w {
		if w[i][i].Sign() <= 0 {
			return false
		}
		for k := i + 1; k < len(w); k++ {
			f := over(w[k][i], w[i][i])
			for j := range w {
				w[k][j] = less(w[k][j], times(f, w[i][j]))
			}
		}
	}
	return true
}

// alike has visits with correlation 1 − gap: a level for each participant and,
// around it, noise with the given correlation between neighboring visits.
func alike(seed uint64, n, m int, gap, carry float64) (tr *Trial, y, z exact) {
	rng := rand.New(rand.NewPCG(seed, 41))
	y, z = zeros(n, m), zeros(n, 2)
	level, last := make([]float64, n), 0.0
	for i := range level {
		level[i] = rng.NormFloat64()
	}
	tr = smallTrial(2, n/2, m, func(i, j int) float64 {
		e := rng.NormFloat64()
		if j > 0 {
			e = carry*last + math.Sqrt(1-carry*carry)*e
		}
		last = e
		x := 85 + 15*(level[i]+math.Sqrt(gap)*e)
		y[i][j].SetFloat64(x)
		z[i][0].SetInt64(1)
		z[i][1].SetInt64(int64(i / (n / 2)))
		return x
	})
	return tr, y, z
}

// Complete data of visits that correlate up to 1 − 1e-8: variances, variances of
// differences between visits, and the arms' differences with their standard
// errors equal the 300-bit solution, in every structure.
func TestVisitsNearlyAlike(t *testing.T) {
	const n, m = 24, 4
	for _, kind := range allKinds() {
		for i, gap := range []float64{1e-2, 1e-4, 1e-6, 1e-8} {
			for _, carry := range []float64{0, 0.6} {
				name := fmt.Sprint(kind, " ", gap, " ", carry)
				tr, y, z := alike(uint64(i), n, m, gap, carry)
				f, err := Model{Covariance: kind, DF: Satterthwaite}.MMRM(tr)
				require.NoError(t, err, name)
				s, bread, beta := regressions(y, z)
				var want exact
				if kind == Unstructured {
					want = s
					for a := range want {
						for b := range want {
							want[a][b] = over(want[a][b], number(n-2))
						}
					}
				} else {
					st := newStructure(kind, tr.Visits, tr.Times)
					start := make([]float64, st.size())
					for k := range start {
						start[k] = 15
						if k >= st.nv {
							start[k] = gap
						}
						if kind == SpatialGaussian { // the smallest eigenvalue would be gap³
							start[k] = math.Max(start[k], 0.05)
						}
					}
					want = scoring(t, kind, m, n-2, s, start)
				}
				got := f.Sigma(0)
				for a := range got {
					for b := range a {
						g := got[a][a] + got[b][b] - 2*got[a][b]
						w := less(plus(want[a][a], want[b][b]), times(number(2), want[a][b]))
						require.InEpsilon(t, float(w), g, 1e-6, "%s: variance of %d − %d", name, a, b)
					}
					require.InEpsilon(t, float(want[a][a]), got[a][a], 1e-6, "%s: variance at %d", name, a)
					e := statstest.Must(f.Difference("arm 1", "arm 0", tr.Visits[a]))
					se := math.Sqrt(float(times(want[a][a], bread[1][1])))
					require.InEpsilon(t, se, e.SE, 1e-6, "%s: SE at %d", name, a)
					require.InDelta(t, float(beta[1][a]), e.Value, 1e-6*math.Sqrt(gap)*se, "%s: difference at %d", name, a)
				}
			}
		}
	}
}

// 200 participants at 10 visits whose slopes vary by 60 a week with a residual of
// 10: the case of github.com/openpharma/mmrm/issues/380, whose data are not
// published. With complete data and an unstructured matrix each visit's
// difference has the standard error of its t-test and n − 2 degrees of freedom.
func TestSlopesFarAboveTheResidual(t *testing.T) {
	const n = 200
	weeks := []float64{0, 2, 6, 12, 24, 36, 52, 70, 88, 104}
	rng := rand.New(rand.NewPCG(380, 1))
	level, slope := make([]float64, n), make([]float64, n)
	for i := range level {
		u, v := rng.NormFloat64(), rng.NormFloat64()
		level[i], slope[i] = 2000+300*u, 60*(0.2*u+math.Sqrt(1-0.2*0.2)*v)
	}
	y, z := zeros(n, len(weeks)), zeros(n, 2)
	tr := smallTrial(2, n/2, len(weeks), func(i, j int) float64 {
		x := level[i] + slope[i]*weeks[j] + 10*rng.NormFloat64()
		y[i][j].SetFloat64(x)
		z[i][0].SetInt64(1)
		z[i][1].SetInt64(int64(i / (n / 2)))
		return x
	})
	s, bread, beta := regressions(y, z)
	for _, df := range []DF{KenwardRoger, KenwardRogerExpected, Satterthwaite} {
		f, err := Model{DF: df}.MMRM(tr)
		require.NoError(t, err)
		for j, v := range tr.Visits {
			e := statstest.Must(f.Difference("arm 1", "arm 0", v))
			se := math.Sqrt(float(times(s[j][j], bread[1][1])) / (n - 2))
			require.InEpsilon(t, se, e.SE, 1e-7, "%s %s", df, v)
			require.InEpsilon(t, n-2, e.DF, 1e-6, "%s %s", df, v)
			require.InDelta(t, float(beta[1][j]), e.Value, 1e-7*se, "%s %s", df, v)
		}
	}
}

// Body mass: 85 ± 15 kg between and 0.2 kg within participants, read to 10 g,
// one value in eight missing. No structure refuses it, none makes the likelihood
// smaller than its definition at another point nearby.
func TestBodyMass(t *testing.T) {
	const n, m = 40, 4
	for seed := uint64(0); seed < 20; seed++ {
		rng := rand.New(rand.NewPCG(seed, 77))
		tr := smallTrial(2, n/2, m, func() func(i, j int) float64 {
			level := make([]float64, n)
			for i := range level {
				level[i] = 85 + 15*rng.NormFloat64()
			}
			return func(i, j int) float64 {
				x := math.Round(100*(level[i]+0.2*rng.NormFloat64()-0.1*float64(j*(i/(n/2))))) / 100
				if rng.Float64() < 0.125 && seed%2 == 1 {
					return math.NaN()
				}
				return x
			}
		}())
		for _, kind := range allKinds() {
			f, err := Model{Covariance: kind}.MMRM(tr)
			require.NoError(t, err, "%s %d", kind, seed)
			for _, e := range f.Differences() {
				require.True(t, finite(e.Value) && e.SE > 0 && e.DF > 2, "%s %d: %+v", kind, seed, e)
			}
		}
	}
}

// With dropouts, maximum likelihood and means of their own for each arm and
// visit, the unstructured solution is that of regressions of each visit on the
// arms and the earlier visits among those who reached it (Anderson 1957,
// Journal of the American Statistical Association 52:200).
func TestDropoutsNearlyAlike(t *testing.T) {
	const n, m = 60, 4
	for _, gap := range []float64{1e-2, 1e-4, 1e-6, 1e-8} {
		_, y, _ := alike(7, n, m, gap, 0.5)
		reach := func(i, j int) bool { return j == 0 || i%(7-j) != 0 && (j < 2 || i%(8-j) != 0) && (j < 3 || i%6 != 0) }
		tr := smallTrial(2, n/2, m, func(i, j int) float64 {
			for k := 0; k <= j; k++ {
				if !reach(i, k) {
					return math.NaN()
				}
			}
			return float(y[i][j])
		})
		there := make([][]int, m)
		for _, v := range tr.Values {
			there[v.Visit] = append(there[v.Visit], v.Participant)
		}
		mean, sigma := zeros(m, 2), zeros(m, m)
		for j := range m {
			x, out := zeros(len(there[j]), 2+j), zeros(len(there[j]), 1)
			for r, i := range there[j] {
				x[r][tr.Arm[i]].SetInt64(1)
				for k := range j {
					x[r][2+k] = y[i][k]
				}
				out[r][0] = y[i][j]
			}
			s, _, coef := regressions(out, x)
			for a := range 2 {
				mean[j][a].Set(coef[a][0])
				for k := range j {
					mean[j][a].Add(mean[j][a], times(coef[2+k][0], mean[k][a]))
				}
			}
			sigma[j][j] = over(s[0][0], number(float64(len(there[j]))))
			for k := range j {
				for l := range j {
					sigma[j][k] = plus(sigma[j][k], times(coef[2+l][0], sigma[l][k]))
				}
				sigma[k][j] = sigma[j][k]
			}
			for k := range j {
				sigma[j][j] = plus(sigma[j][j], times(coef[2+k][0], sigma[j][k]))
			}
		}
		f, err := Model{Method: ML, DF: Satterthwaite}.MMRM(tr)
		require.NoError(t, err, gap)
		got := f.Sigma(0)
		for a := range m {
			require.InEpsilon(t, float(sigma[a][a]), got[a][a], 1e-6, "gap %v, variance at %d", gap, a)
			for b := range a {
				g := got[a][a] + got[b][b] - 2*got[a][b]
				w := less(plus(sigma[a][a], sigma[b][b]), times(number(2), sigma[a][b]))
				require.InEpsilon(t, float(w), g, 1e-6, "gap %v, variance of %d − %d", gap, a, b)
			}
			e := statstest.Must(f.Difference("arm 1", "arm 0", tr.Visits[a]))
			require.InDelta(t, float(less(mean[a][1], mean[a][0])), e.Value, 1e-6*e.SE, "gap %v, difference at %d", gap, a)
		}
	}
}

// A random intercept that holds all but 1e-8 of the variance: with complete data
// the variances are those of the analysis of variance, here in 300-bit
// arithmetic.
func TestClustersNearlyAlike(t *testing.T) {
	const n, m = 24, 4
	for i, gap := range []float64{1e-2, 1e-4, 1e-6, 1e-8} {
		tr, y, z := alike(uint64(i), n, m, gap, 0)
		s, bread, beta := regressions(y, z)
		all := number(0)
		for a := range s {
			for b := range s {
				all.Add(all, s[a][b])
			}
		}
		// Mean squares of n − 2 participants, and within them of (n − 2)(m − 1).
		between := over(all, number(m*(n-2)))
		within := over(less(s.trace(), over(all, number(m))), number((n-2)*(m-1)))
		random := over(less(between, within), number(m))
		for _, model := range []LMM{{}, {DF: Satterthwaite}} {
			f, err := model.Trial(tr)
			require.NoError(t, err, gap)
			require.InEpsilon(t, float(within), f.Sigma2, 1e-6, "gap %v", gap)
			require.InEpsilon(t, float(random), f.Random[0][0], 1e-6, "gap %v", gap)
			e := statstest.Must(f.Difference("arm 1", "arm 0", tr.Visits[2]))
			se := math.Sqrt(float(times(plus(random, within), bread[1][1])))
			require.InEpsilon(t, se, e.SE, 1e-6, "gap %v", gap)
			require.InDelta(t, float(beta[1][2]), e.Value, 1e-6*se, "gap %v", gap)
		}
	}
}
