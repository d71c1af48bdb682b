package num

import (
	"context"
	"math"
	"sort"
	"sync"

	"gonum.org/v1/gonum/mathext"
)

// The probability of leaving a box is that of a first variable to leave it:
// Σ_i P(T_i outside, T_1 … T_{i−1} inside). Each term is an integral over the
// tail of T_i, of t with one degree of freedom more for those before given T_i,
// and carries the small factor P(T_i outside), which scales its error: lattices
// of a thousandth of the points reach what the integral over the box needs.

// mvtBudget is the number of points of one shift, over all terms, beyond which
// no lattice is enlarged: a second or so for ten variables.
const mvtBudget = 1 << 19

// exit is one term: variable i beyond one of its limits.
type exit struct {
	limit   float64 // T_i > limit, on the scale turned so that this is upward
	mass    float64 // P(T_i > limit)
	weight  float64 // 2 where the other side is its mirror image
	df      float64
	rho, sd []float64 // of the inner variables, given T_i
	lo, hi  []float64
	fixLo   []float64
	fixHi   []float64
	fixRho  []float64
	inner   *genz // nil without inner variables
	tail    *tailTable

	points   uint64
	est      [mvtShifts]float64
	sumError float64
}

// MVTOutside is 1 − MVT: the probability that some T_i lies outside lo_i to
// hi_i, to the absolute error tol (1e-6 for tol ≤ 0), or, where p is below a
// hundredth, to tol times a hundred p: the far tail does not cancel. It takes
// some 0.1 s for five and 1 s for ten variables; a returned error above tol
// says that this was not enough, as happens for limits of one standard
// deviation and ten variables (some 5e-6). The matrix may be singular.
func MVTOutside(lo, hi []float64, corr [][]float64, df, tol float64) (p, err float64) {
	return MVTOutsideContext(context.Background(), lo, hi, corr, df, tol)
}

// MVTOutsideContext is MVTOutside that ends with ctx: its error is then +Inf.
func MVTOutsideContext(ctx context.Context, lo, hi []float64, corr [][]float64, df, tol float64) (p, err float64) {
	if !mvtArguments(lo, hi, corr, df) {
		return math.NaN(), math.NaN()
	}
	if tol <= 0 {
		tol = 1e-6
	}
	g, ok := newGenz(lo, hi, corr, math.Inf(1))
	if !ok {
		return math.NaN(), math.NaN()
	}
	for i := range lo {
		if !(lo[i] < hi[i]) {
			return 1, 0
		}
	}
	terms, ok := exits(lo, hi, corr, df)
	if !ok { // the conditional matrices are rounding; the box itself is not
		if !math.IsInf(df, 1) {
			g.df, g.student, g.chi = df, true, newChiTable(df)
		}
		in, e := g.integrate(ctx, tol)
		if ctx.Err() != nil {
			e = math.Inf(1)
		}
		return math.Max(0, 1-in), e
	}
	for k := range terms {
		terms[k].refine(ctx)
	}
	for {
		var total, square float64
		var spent uint64
		worst := -1
		for k := range terms {
			e := &terms[k]
			total += e.weight * Sum(e.est[:]) / mvtShifts
			square += e.sumError * e.sumError
			spent += e.points
			if e.points < 1<<17 && (worst < 0 || e.sumError > terms[worst].sumError) {
				worst = k
			}
		}
		p, err = math.Min(1, total), math.Sqrt(square)
		if ctx.Err() != nil {
			return p, math.Inf(1)
		}
		if err <= tol*math.Min(1, 100*p) || worst < 0 || terms[worst].sumError == 0 || spent > mvtBudget {
			return p, err
		}
		terms[worst].refine(ctx)
	}
}

// exits orders the variables by how likely each is to leave, the likeliest
// first, and returns their terms; not ok where the correlations given one of
// them are lost to rounding.
func exits(lo, hi []float64, corr [][]float64, df float64) (terms []exit, ok bool) {
	n := len(lo)
	order := make([]int, n)
	mirror := true
	for i := range order {
		order[i] = i
		mirror = mirror && lo[i] == -hi[i]
	}
	tail := func(i int) float64 { return TSF(hi[i], df) + TCDF(lo[i], df) }
	sort.SliceStable(order, func(a, b int) bool { return tail(order[a]) > tail(order[b]) })
	out := []exit{}
	var chi *chiTable
	for m, i := range order {
		for side := 1.0; side >= -1; side -= 2 {
			limit := hi[i]
			if side < 0 {
				limit = -lo[i]
			}
			if math.IsInf(limit, 1) || side < 0 && mirror {
				continue
			}
			e := exit{limit: limit, mass: TSF(limit, df), weight: 1, df: df}
			if mirror {
				e.weight = 2
			}
			var before []int
			for _, j := range order[:m] {
				r := side * corr[i][j]
				v := (1 - r) * (1 + r)
				if v < 1e-12 {
					e.fixRho = append(e.fixRho, r)
					e.fixLo, e.fixHi = append(e.fixLo, lo[j]), append(e.fixHi, hi[j])
					continue
				}
				before = append(before, j)
				e.rho, e.sd = append(e.rho, r), append(e.sd, math.Sqrt(v))
				e.lo, e.hi = append(e.lo, lo[j]), append(e.hi, hi[j])
			}
			if k := len(before); k > 0 {
				partial := make([][]float64, k)
				a, b := make([]float64, k), make([]float64, k)
				for x := range partial {
					partial[x] = make([]float64, k)
					for y := range partial {
						partial[x][y] = (corr[before[x]][before[y]] - e.rho[x]*e.rho[y]) / e.sd[x] / e.sd[y]
					}
					partial[x][x] = 1
				}
				e.box(e.typical(), a, b)
				e.inner, _ = newGenz(a, b, partial, math.Inf(1))
				if e.inner == nil { // rounding of a matrix that is nearly singular
					return nil, false
				}
				if !math.IsInf(df, 1) && k > 1 {
					if chi == nil { // one table serves all terms
						chi = newChiTable(df + 1)
					}
					e.inner.df, e.inner.student, e.inner.chi = df+1, true, chi
				}
			}
			if last := len(out) - 1; last >= 0 && out[last].limit == limit {
				e.tail = out[last].tail
			} else {
				e.tail = newTailTable(e.limit, e.mass, e.df)
			}
			out = append(out, e)
		}
	}
	return out, true
}

// typical is the median of T_i beyond its limit.
func (e *exit) typical() float64 { return TQuantileUpper(e.mass/2, e.df) }

// box is where the inner variables must be, standardized, given T_i = t.
func (e *exit) box(t float64, lo, hi []float64) {
	scale := 1.0
	if !math.IsInf(e.df, 1) {
		scale = math.Sqrt((e.df + t*t) / (e.df + 1))
	}
	for j := range e.rho {
		lo[j] = (e.lo[j] - e.rho[j]*t) / (e.sd[j] * scale)
		hi[j] = (e.hi[j] - e.rho[j]*t) / (e.sd[j] * scale)
	}
}

// at is the integrand at a point u of the cube: the first coordinate is T_i's.
func (e *exit) at(u []float64, g *genz, lo, hi, y []float64) float64 {
	t := e.tail.quantile(u[0])
	for k, r := range e.fixRho {
		if v := math.Copysign(t, r*t); v < e.fixLo[k] || v > e.fixHi[k] {
			return 0
		}
	}
	if g == nil {
		return e.mass
	}
	e.box(t, lo, hi)
	if len(lo) == 1 {
		return e.mass * tBetween(lo[0], hi[0], e.df+1)
	}
	for k, j := range g.perm {
		g.lo[k], g.hi[k] = lo[j], hi[j]
	}
	return e.mass * g.at(u[1:], y)
}

// tailTable interpolates T given T > limit, as asinh T on the scale of normal
// deviates, on which it is smooth.
type tailTable struct{ v, slope []float64 }

func newTailTable(limit, mass, df float64) *tailTable {
	n := int(2*chiEnd/chiStep) + 1
	t := &tailTable{make([]float64, n), make([]float64, n)}
	for i := range n {
		z := -chiEnd + float64(i)*chiStep
		x := math.Max(limit, TQuantileUpper(mass*NormSF(z), df))
		t.v[i] = math.Asinh(x)
		if d := TPDF(x, df) * math.Hypot(1, x); d > 0 {
			t.slope[i] = mass * NormPDF(z) / d * chiStep
		}
	}
	return t
}

// quantile is T with the share u of the tail above it.
func (t *tailTable) quantile(u float64) float64 {
	z := -math.Max(-chiEnd, math.Min(chiEnd, mathext.NormalQuantile(u)))
	return math.Sinh(hermite(t.v, t.slope, z))
}

// hermite is cubic Hermite interpolation at the deviate z.
func hermite(v, slope []float64, z float64) float64 {
	x := (z + chiEnd) / chiStep
	i := min(int(x), len(v)-2)
	x -= float64(i)
	h := 1 - x
	return v[i]*h*h*(1+2*x) + v[i+1]*x*x*(3-2*x) + slope[i]*x*h*h - slope[i+1]*x*x*h
}

// refine evaluates the term on the next larger lattice.
func (e *exit) refine(ctx context.Context) {
	if e.inner == nil && len(e.fixRho) == 0 {
		for sh := range e.est {
			e.est[sh] = e.mass
		}
		return
	}
	if e.points == 0 {
		e.points = 1 << 10
	} else {
		e.points *= 2
	}
	dim := 1
	if e.inner != nil && len(e.rho) > 1 {
		dim += e.inner.free - 1
		if e.inner.student {
			dim++
		}
	}
	var wg sync.WaitGroup
	for sh := range mvtShifts {
		wg.Go(func() {
			k := len(e.rho)
			u, y, lo, hi := make([]float64, dim), make([]float64, k), make([]float64, k), make([]float64, k)
			var g *genz
			if e.inner != nil {
				own := *e.inner
				own.lo, own.hi = make([]float64, k), make([]float64, k)
				g = &own
			}
			sum := 0.0
			for i := range e.points {
				if i%1024 == 0 && ctx.Err() != nil {
					return
				}
				latticePoint(u, i, e.points, sh)
				sum += e.at(u, g, lo, hi, y)
			}
			e.est[sh] = sum / float64(e.points)
		})
	}
	wg.Wait()
	_, v := MeanVar(e.est[:])
	e.sumError = 3 * e.weight * math.Sqrt(v/mvtShifts)
}

// MVTQuantileUpper is the equicoordinate critical value: c with
// P(max T_i > c) = p, or max |T_i| if twoSided, such that the probability is p
// to 1e-6 up to ten variables: a root on coarse lattices, mended by one Newton
// step on fine ones. Use OneFactorQuantileUpper where the correlation is a
// product: it is exact.
func MVTQuantileUpper(p float64, corr [][]float64, df float64, twoSided bool) float64 {
	return MVTQuantileUpperContext(context.Background(), p, corr, df, twoSided)
}

// MVTQuantileUpperContext is MVTQuantileUpper that ends with ctx: the value is
// then not the quantile.
func MVTQuantileUpperContext(ctx context.Context, p float64, corr [][]float64, df float64, twoSided bool) float64 {
	n := len(corr)
	lo, hi := make([]float64, n), make([]float64, n)
	if !mvtArguments(lo, hi, corr, df) || !(p > 0 && p < 1) {
		return math.NaN()
	}
	share := p
	if twoSided {
		share /= 2
	}
	// Between one comparison and Bonferroni's bound.
	a, b := TQuantileUpper(share, df), TQuantileUpper(share/float64(n), df)
	if n == 1 {
		return a
	}
	at := func(c, tol float64) float64 {
		for i := range n {
			lo[i], hi[i] = math.Inf(-1), c
			if twoSided {
				lo[i] = -c
			}
		}
		if p > 0.5 {
			in, _ := MVTContext(ctx, lo, hi, corr, df, tol)
			return in - (1 - p)
		}
		out, _ := MVTOutsideContext(ctx, lo, hi, corr, df, tol)
		return p - out
	}
	if math.IsNaN(at(b, 1)) {
		return math.NaN()
	}
	const coarse = 1e-4
	c, err := Root(func(c float64) float64 { return at(c, coarse) }, a*(1-1e-3)-1e-3, b*(1+1e-3)+1e-3, 1e-5)
	if err != nil {
		return math.NaN()
	}
	h := 2e-2 * (1 + math.Abs(c))
	slope := (at(c+h, coarse) - at(c-h, coarse)) / (2 * h)
	return c - at(c, 1e-6)/slope
}
