package num

import (
	"context"
	"math"
	"sort"
	"sync"

	"gonum.org/v1/gonum/mathext"
)

// Multivariate normal and t probabilities for any correlation: Genz's
// transformation to the unit cube (1992, doi:10.1080/10618600.1992.10477010;
// for t Genz and Bretz 1999, doi:10.1080/00949659908811962) with variables
// ordered by their conditional probability, integrated by embedded rank-one
// lattices (Cools, Kuo and Nuyens 2006, doi:10.1137/06065074X) under the tent
// map (Hickernell 2002), which makes their error fall with the square of the
// number of points for smooth integrands. No random numbers: the same input
// gives the same bytes.

// mvtMost is the largest number of variables: beyond it the errors do not
// become small.
const mvtMost = 20

// MVT is P(lo_i ≤ T_i ≤ hi_i for all i), T multivariate t with correlation
// matrix corr and df degrees of freedom (+Inf: normal). Limits may be infinite.
// It returns the probability and an estimate of its absolute error from eight
// shifted lattices, refined until below tol (1e-6 for tol ≤ 0) or the largest
// lattices; an error above tol says that tol was not reached. Where leaving the
// box is rarer for each variable, it is that probability which is integrated (see
// MVTOutside). One dimension is Student's t itself, two are quadrature good to
// 1e-12. A singular matrix is allowed: variables that others determine narrow
// the limits of those. NaN for a matrix that is not a correlation matrix, or of
// more than twenty variables.
func MVT(lo, hi []float64, corr [][]float64, df, tol float64) (p, err float64) {
	return MVTContext(context.Background(), lo, hi, corr, df, tol)
}

// MVTContext is MVT that ends with ctx: its error is then +Inf.
func MVTContext(ctx context.Context, lo, hi []float64, corr [][]float64, df, tol float64) (p, err float64) {
	n := len(lo)
	if !mvtArguments(lo, hi, corr, df) {
		return math.NaN(), math.NaN()
	}
	outside := 0.0
	for i := range n {
		if !(lo[i] < hi[i]) {
			return 0, 0
		}
		outside = math.Max(outside, TSF(hi[i], df)+TCDF(lo[i], df))
	}
	if tol <= 0 {
		tol = 1e-6
	}
	if n == 1 {
		return tBetween(lo[0], hi[0], df), 0
	}
	g, ok := newGenz(lo, hi, corr, math.Inf(1))
	if !ok {
		return math.NaN(), math.NaN()
	}
	if n > 2 && g.free == n && outside < 0.4 {
		out, e := MVTOutsideContext(ctx, lo, hi, corr, df, tol)
		return 1 - out, e
	}
	if !math.IsInf(df, 1) {
		g.df, g.student, g.chi = df, true, newChiTable(df)
	}
	p, err = g.integrate(ctx, tol)
	if ctx.Err() != nil {
		err = math.Inf(1)
	}
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

// at is the integrand at a point u of the cube: the free variables but the
// last, and for t one more, first, for s.
func (g *genz) at(u, y []float64) float64 {
	s := 1.0
	if g.student {
		s = g.chi.quantile(u[0])
		u = u[1:]
	}
	p := 1.0
	for i := range g.free {
		m := 0.0
		for k := range i {
			m += g.chol[i][k] * y[k]
		}
		c := g.chol[i][i]
		a, b := (g.lo[i]*s-m)/c, (g.hi[i]*s-m)/c
		for _, j := range g.bound[i] {
			d, r := g.chol[j][i], 0.0
			for k := range i {
				r += g.chol[j][k] * y[k]
			}
			x, z := (g.lo[j]*s-r)/d, (g.hi[j]*s-r)/d
			if d < 0 {
				x, z = z, x
			}
			a, b = math.Max(a, x), math.Min(b, z)
		}
		if !(a < b) {
			return 0
		}
		// The tails on the side of the smaller one, so that none cancels.
		up := a > 0
		if up {
			a, b = -b, -a
		}
		pa, pb := normTail(a), normTail(b)
		q := pb - pa
		if p *= q; p == 0 {
			return 0
		}
		if i < g.free-1 {
			v := u[i]
			if up {
				v = 1 - v
			}
			z := mathext.NormalQuantile(math.Min(1, math.Max(0, pa+v*q)))
			if up {
				z = -z
			}
			y[i] = math.Max(-38, math.Min(38, z))
		}
	}
	return p
}

// normTail is Φ to 1e-15 absolute in little time.
func normTail(z float64) float64 {
	switch {
	case z < -38:
		return 0
	case z > 9:
		return 1
	}
	return 0.5 * math.Erfc(-z/math.Sqrt2)
}

const mvtShifts = 8

// latticeVector generates embedded lattices of 2^10 to 2^18 points, good in
// every number of dimensions up to its length; printed by lattice_gen.go.
var latticeVector = [...]uint64{1, 194111, 48285, 197993, 134045, 122301, 170821, 70329, 130297, 45643,
	257431, 32095, 224923, 90923, 37605, 37979, 79349, 199515, 178693, 164975, 56119, 140333, 258959, 118957}

// latticePoint fills u with point i of the lattice of the given number of
// points under shift sh, folded by the tent map.
func latticePoint(u []float64, i, points uint64, sh int) {
	for d := range u {
		x := float64(i*latticeVector[d]%points)/float64(points) + latticeShift[sh][d]
		x -= math.Floor(x)
		u[d] = math.Min(1-0x1p-53, math.Max(1-math.Abs(2*x-1), 0x1p-60))
	}
}

// latticeShift holds shifts without integer relations between coordinates or
// shifts, so that their spread shows the lattice's error: fixed random numbers
// (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
var latticeShift = func() (out [mvtShifts][len(latticeVector)]float64) {
	state := uint64(20091)
	for sh := range out {
		for d := range out[sh] {
			state += 0x9e3779b97f4a7c15
			z := state
			z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
			z = (z ^ z>>27) * 0x94d049bb133111eb
			out[sh][d] = float64((z^z>>31)>>11) * 0x1p-53
		}
	}
	return out
}()

func (g *genz) integrate(ctx context.Context, tol float64) (p, err float64) {
	for points := uint64(1) << 10; ; points *= 4 {
		p, err = g.lattice(ctx, points)
		if err < tol || points >= 1<<16 || ctx.Err() != nil {
			return p, err
		}
	}
}

// lattice is the mean over shifted lattices, and its error by their spread.
// The shifts run on all cores; each fills a place of its own.
func (g *genz) lattice(ctx context.Context, points uint64) (p, err float64) {
	if g.n == 2 && g.free == 2 {
		// One coordinate given s: nested quadrature.
		if !g.student {
			return g.plane(1), 1e-14
		}
		return chiMixture(g.df, 8, g.plane), 1e-12
	}
	dim := g.free - 1
	if g.student {
		dim++
	}
	if dim == 0 {
		return g.at(nil, make([]float64, g.n)), 1e-15
	}
	var est [mvtShifts]float64
	var wg sync.WaitGroup
	for sh := range mvtShifts {
		wg.Go(func() {
			u, y := make([]float64, dim), make([]float64, g.n)
			sum := 0.0
			for i := range points {
				if i%1024 == 0 && ctx.Err() != nil {
					return
				}
				latticePoint(u, i, points, sh)
				sum += g.at(u, y)
			}
			est[sh] = sum / float64(points)
		})
	}
	wg.Wait()
	p = Sum(est[:]) / mvtShifts
	_, v := MeanVar(est[:])
	return p, 3 * math.Sqrt(v/mvtShifts)
}

// chiTable interpolates the quantiles of s = √(χ²/df) on the scale of normal
// deviates, on which they are smooth.
type chiTable struct{ s, slope []float64 }

const chiStep, chiEnd = 1.0 / 64, 9

func newChiTable(df float64) *chiTable {
	n := int(2*chiEnd/chiStep) + 1
	t := &chiTable{make([]float64, n), make([]float64, n)}
	for i := range n {
		z := -chiEnd + float64(i)*chiStep
		var x float64
		if z < 0 {
			x = ChiSqQuantile(NormCDF(z), df)
		} else {
			x = ChiSqQuantileUpper(NormSF(z), df)
		}
		s := math.Sqrt(x / df)
		t.s[i] = s
		if d := 2 * df * s * ChiSqPDF(x, df); d > 0 {
			t.slope[i] = NormPDF(z) / d * chiStep
		}
	}
	return t
}

func (t *chiTable) quantile(u float64) float64 {
	return hermite(t.s, t.slope, math.Max(-chiEnd, math.Min(chiEnd, mathext.NormalQuantile(u))))
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
