package num

import (
	"context"
	"math"
	"sort"
)

// Multivariate normal and t probabilities for any correlation. A box is left by
// one of its variables first: its probability, or its complement, is a sum of
// terms (mvn_outside.go), each an integral by Genz's sequence of conditional
// probabilities (1992, doi:10.1080/10618600.1992.10477010; for t Genz and Bretz
// 1999, doi:10.1080/00949659908811962). Where they are smooth, adaptive sparse
// grids of Gauss rules sum them up (sparsegrid.go); where those converge slowly
// or the matrix is singular, embedded rank-one lattices (Cools, Kuo and Nuyens
// 2006, doi:10.1137/06065074X) under the tent map (Hickernell 2002). No random
// numbers and no order of summation that depends on the machine: the same input
// gives the same bytes on any number of cores.

// mvtMost is the largest number of variables: beyond it the errors do not
// become small.
const mvtMost = 20

// MVT is P(lo_i ≤ T_i ≤ hi_i for all i), T multivariate t with correlation
// matrix corr and df degrees of freedom (+Inf: normal). Limits may be infinite.
// It returns the probability and an estimate of its absolute error, as MVTOutside
// does, of which it is the complement. One dimension is Student's t itself, two
// are quadrature good to 1e-12. A singular matrix is allowed: variables that
// others determine narrow the limits of those. NaN for a matrix that is not a
// correlation matrix, or of more than twenty variables.
func MVT(lo, hi []float64, corr [][]float64, df, tol float64) (p, err float64) {
	return MVTContext(context.Background(), lo, hi, corr, df, tol)
}

// MVTContext is MVT that ends with ctx: its error is then +Inf.
func MVTContext(ctx context.Context, lo, hi []float64, corr [][]float64, df, tol float64) (p, err float64) {
	p, _, err = mvtBoth(ctx, lo, hi, corr, df, tol)
	return p, err
}

func mvtArguments(lo, hi []float64, corr [][]float64, df float64) bool {
	n := len(lo)
	if n == 0 || n > mvtMost || len(hi) != n || len(corr) != n || !(df > 0) {
		return false
	}
	for i := range n {
		if math.IsNaN(lo[i]) || math.IsNaN(hi[i]) || len(corr[i]) != n {
			return false
		}
	}
	return true
}

func tBetween(lo, hi, df float64) float64 {
	if lo > 0 {
		return TSF(lo, df) - TSF(hi, df)
	}
	return TCDF(hi, df) - TCDF(lo, df)
}

func normBetween(lo, hi float64) float64 {
	if lo > 0 {
		return NormSF(lo) - NormSF(hi)
	}
	return NormCDF(hi) - NormCDF(lo)
}

// genz holds the ordered limits and the Cholesky factor.
type genz struct {
	n       int
	lo, hi  []float64
	chol    [][]float64
	df      float64
	student bool
	// free counts the variables that the ones before do not determine; they
	// come first. bound[k] lists the determined ones whose last term is y_k.
	free  int
	bound [][]int
	chi   *chiTable
	perm  []int // the places of the variables as given
	// The limits of each variable, standardized, where those before are at
	// their conditional means.
	typical [][2]float64
}

// newGenz factors the matrix with the variable of the smallest conditional
// probability first (Gibson, Glasbey and Elston 1994).
func newGenz(lo, hi []float64, corr [][]float64, df float64) (*genz, bool) {
	n := len(lo)
	g := &genz{n: n, df: df, student: !math.IsInf(df, 1)}
	g.lo, g.hi = append([]float64{}, lo...), append([]float64{}, hi...)
	r := make([][]float64, n)
	l := make([][]float64, n)
	for i := range n {
		r[i] = append([]float64{}, corr[i]...)
		l[i] = make([]float64, n)
	}
	y := make([]float64, n)
	for i := range n {
		g.perm = append(g.perm, i)
	}
	for i := range n {
		best, at := math.Inf(1), i
		for j := i; j < n; j++ {
			v, m := r[j][j], 0.0
			for k := range i {
				v -= l[j][k] * l[j][k]
				m += l[j][k] * y[k]
			}
			if v < -1e-9 || math.IsNaN(v) || math.Abs(r[j][j]-1) > 1e-9 {
				return nil, false
			}
			s := math.Sqrt(math.Max(v, 1e-300))
			if q := normBetween((g.lo[j]-m)/s, (g.hi[j]-m)/s); q < best && v > 1e-12 {
				best, at = q, j
			}
		}
		if at != i {
			g.perm[i], g.perm[at] = g.perm[at], g.perm[i]
			g.lo[i], g.lo[at] = g.lo[at], g.lo[i]
			g.hi[i], g.hi[at] = g.hi[at], g.hi[i]
			l[i], l[at] = l[at], l[i]
			r[i], r[at] = r[at], r[i]
			for k := range n {
				r[k][i], r[k][at] = r[k][at], r[k][i]
			}
		}
		v, m := r[i][i], 0.0
		for k := range i {
			v -= l[i][k] * l[i][k]
			m += l[i][k] * y[k]
		}
		if v < 1e-12 {
			v = 0
		}
		l[i][i] = math.Sqrt(v)
		for j := i + 1; j < n; j++ {
			s := r[j][i]
			for k := range i {
				s -= l[j][k] * l[i][k]
			}
			if v > 0 {
				l[j][i] = s / l[i][i]
			}
		}
		if v > 0 {
			// The conditional mean of a truncated normal.
			a, b := (g.lo[i]-m)/l[i][i], (g.hi[i]-m)/l[i][i]
			g.typical = append(g.typical, [2]float64{a, b})
			if q := normBetween(a, b); q > 1e-300 {
				y[i] = (NormPDF(a) - NormPDF(b)) / q
			} else {
				y[i] = math.Max(math.Min(b, 37), -37)
			}
		}
	}
	g.chol = l
	g.bound = make([][]int, n)
	for i := range n {
		if l[i][i] > 0 {
			g.free = i + 1
		}
	}
	for i := g.free; i < n; i++ {
		for k := g.free - 1; k >= 0; k-- {
			if math.Abs(l[i][k]) > 1e-9 {
				g.bound[k] = append(g.bound[k], i)
				break
			}
			l[i][k] = 0
		}
	}
	if g.student {
		g.chi = newChiTable(df)
	}
	return g, true
}

// plane is the bivariate normal probability of a rectangle: ∫ φ(y) P(lo ≤ ρy +
// √(1−ρ²) E ≤ hi) dy over the first variable's limits.
func (g *genz) plane(s float64) float64 {
	c, r := g.chol[1][1], g.chol[1][0]
	lo, hi := math.Max(g.lo[0]*s, -39), math.Min(g.hi[0]*s, 39)
	if !(lo < hi) {
		return 0
	}
	a, b := g.lo[1]*s, g.hi[1]*s
	f := func(y float64) float64 {
		if c == 0 {
			if r*y >= a && r*y <= b {
				return NormPDF(y)
			}
			return 0
		}
		return NormPDF(y) * normBetween((a-r*y)/c, (b-r*y)/c)
	}
	// Split where the conditional limits cross and about the normal's center.
	at := []float64{lo}
	for _, x := range []float64{-8, 0, 8, a / r, b / r} {
		if x > lo && x < hi {
			at = append(at, x)
		}
	}
	at = append(at, hi)
	sort.Float64s(at)
	sum := 0.0
	for i := 1; i < len(at); i++ {
		sum += Integrate(f, at[i-1], at[i], 1e-13)
	}
	return sum
}
