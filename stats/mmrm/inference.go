package mmrm

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
)

// inference holds what questions about the coefficients need, in whitened
// coordinates, where their model-based covariance is the identity.
type inference struct {
	p, ne int
	rr    []float64 // p × p upper: X = X̃·R
	l     []float64 // p × p lower: Cholesky factor of X̃ᵀWX̃
	beta  []float64 // in X̃
	fe    []float64 // variance parameter → p × p: whitened Σ XᵀW(∂Σ)WX
	omega []float64 // ne × ne: covariance of those parameters
	cov   []float64 // p × p: covariance of the coefficients; nil is the identity
	kr    bool      // joint tests by Kenward and Roger

	// special gives degrees of freedom that do not come from omega; w is nil
	// where the contrast belongs to a joint test.
	special func(l, w []float64) (float64, bool)
}

// whiten turns a contrast of the coefficients into whitened coordinates; tl is
// the contrast in X̃.
func (f *inference) whiten(l []float64) (w, tl []float64) {
	p := f.p
	if len(l) != p {
		panic(fmt.Sprintf("mmrm.Contrast: %d values for %d coefficients", len(l), p))
	}
	tl = append([]float64(nil), l...)
	for i := 0; i < p; i++ {
		s := tl[i]
		for k := 0; k < i; k++ {
			s -= f.rr[k*p+i] * tl[k]
		}
		tl[i] = s / f.rr[i*p+i]
	}
	w = append([]float64(nil), tl...)
	forwardSolve(f.l, w, p)
	return w, tl
}

// coefficients are the estimates of the named columns.
func (f *inference) coefficients(names []string) regress.Coefficients {
	out := make(regress.Coefficients, len(names))
	l := make([]float64, len(names))
	for i, name := range names {
		clear(l)
		l[i] = 1
		out[i] = regress.Coefficient{Name: name, Estimate: f.contrast(l)}
	}
	return out
}

func (f *inference) contrast(l []float64) stats.Estimate {
	w, tl := f.whiten(l)
	v := dot(w, w)
	if f.cov != nil {
		v = quad(w, f.cov, w)
	}
	return stats.Estimate{Value: dot(tl, f.beta), SE: math.Sqrt(v), DF: f.df(l, w)}
}

// unadjusted is contrast with the model-based standard error, whatever the
// method adds to it.
func (f *inference) unadjusted(l []float64) stats.Estimate {
	w, tl := f.whiten(l)
	return stats.Estimate{Value: dot(tl, f.beta), SE: math.Sqrt(dot(w, w)), DF: f.df(l, w)}
}

// LeastDF is the fewest degrees of freedom, found by Kenward and Roger's or
// Satterthwaite's approximation, on which a t-test or an interval can rest.
// With fewer the t distribution that the approximation matches has no variance:
// the moments that it was to match say nothing, and an interval is some
// thousand times as wide as the data. F tests need more than LeastDF in the
// denominator, where F has a mean.
const LeastDF = 2

// degenerate reports whether degrees of freedom that a method approximates are
// too few for anything but the estimate; NaN is.
func (d DF) degenerate(df float64) bool {
	return (d.isKR() || d == Satterthwaite) && !(df >= LeastDF)
}

// df is Satterthwaite's unless the method has its own.
func (f *inference) df(l, w []float64) float64 {
	v := dot(w, w)
	if v == 0 {
		return math.Inf(1)
	}
	if df, ok := f.special(l, w); ok {
		return df
	}
	g := make([]float64, f.ne)
	for e := range g {
		g[e] = quad(w, f.fe[e*f.p*f.p:(e+1)*f.p*f.p], w)
	}
	return 2 * v * v / quad(g, f.omega, g)
}

func (f *inference) covariance(cov []float64) [][]float64 {
	p := f.p
	w := make([][]float64, p)
	l := make([]float64, p)
	for i := range w {
		clear(l)
		l[i] = 1
		w[i], _ = f.whiten(l)
	}
	out := make([][]float64, p)
	for i := range out {
		out[i] = make([]float64, p)
		for j := range out[i] {
			if cov == nil {
				out[i][j] = dot(w[i], w[j])
			} else {
				out[i][j] = quad(w[i], cov, w[j])
			}
		}
	}
	return out
}

// joint is the F test that every contrast is zero.
func (f *inference) joint(l [][]float64) (stats.FTest, error) {
	q, p := len(l), f.p
	if q == 0 {
		return stats.FTest{}, bad("Joint", "l", -1, stats.ErrTooFew, "no contrasts")
	}
	w := make([]float64, q*p)
	val := make([]float64, q)
	for i, row := range l {
		wi, tl := f.whiten(row)
		copy(w[i*p:], wi)
		val[i] = dot(tl, f.beta)
	}
	v, t := make([]float64, q*q), make([]float64, q*p)
	copy(t, w)
	if f.cov != nil {
		mul(t, w, f.cov, q, p, p)
	}
	mulT(v, t, w, q, p, q)
	lv := append([]float64(nil), v...)
	for i := 0; i < q; i++ {
		for j := 0; j < i; j++ {
			lv[i*q+j] = (v[i*q+j] + v[j*q+i]) / 2
		}
	}
	diag := make([]float64, q)
	for i := range diag {
		diag[i] = v[i*q+i]
	}
	ok := cholesky(lv, q)
	for i := 0; ok && i < q; i++ {
		ok = lv[i*q+i]*lv[i*q+i] > 1e-12*diag[i]
	}
	if !ok {
		return stats.FTest{}, bad("Joint", "l", -1, stats.ErrSingular, "contrasts depend on each other")
	}
	x := append([]float64(nil), val...)
	forwardSolve(lv, x, q)
	test := stats.FTest{F: dot(x, x) / float64(q), DF1: float64(q)}
	moments := true // the df are found from moments
	if f.kr {
		lambda, df := f.krMoments(w, q)
		test.F *= lambda
		test.DF2 = df
	} else {
		test.DF2, moments = f.faiCornelius(l, v, q)
	}
	if moments && !(test.DF2 > LeastDF) || !(test.DF2 > 0 && test.F >= 0) {
		return stats.FTest{}, bad("Joint", "l", -1, stats.ErrTooFew, "the moments of the statistic give F %v with %v denominator degrees of freedom", test.F, test.DF2)
	}
	return test, nil
}

// krMoments returns the scale and denominator degrees of freedom of the
// Kenward–Roger F statistic of q contrasts, rows of w.
func (f *inference) krMoments(w []float64, q int) (lambda, df float64) {
	p, ne := f.p, f.ne
	// Orthonormal rows u with the same span: Θ = uᵀu in whitened coordinates.
	g := make([]float64, q*q)
	mulT(g, w, w, q, p, q)
	cholesky(g, q)
	u := append([]float64(nil), w...)
	for i := 0; i < q; i++ {
		for k := 0; k < i; k++ {
			axpy(u[i*p:i*p+p], -g[i*q+k], u[k*p:k*p+p])
		}
		for t := 0; t < p; t++ {
			u[i*p+t] /= g[i*q+i]
		}
	}
	c := make([]float64, ne*q*q)
	tr := make([]float64, ne)
	tmp := make([]float64, q*p)
	for e := 0; e < ne; e++ {
		mul(tmp, u, f.fe[e*p*p:(e+1)*p*p], q, p, p)
		ce := c[e*q*q : (e+1)*q*q]
		mulT(ce, tmp, u, q, p, q)
		for i := 0; i < q; i++ {
			tr[e] += ce[i*q+i]
		}
	}
	a1 := quad(tr, f.omega, tr)
	a2 := 0.0
	for e := 0; e < ne; e++ {
		for h := 0; h < ne; h++ {
			if x := f.omega[e*ne+h]; x != 0 {
				a2 += x * dot(c[e*q*q:(e+1)*q*q], c[h*q*q:(h+1)*q*q])
			}
		}
	}
	l := float64(q)
	b := (a1 + 6*a2) / (2 * l)
	gg := ((l+1)*a1 - (l+4)*a2) / ((l + 2) * a2)
	den := 3*l + 2*(1-gg)
	c1, c2, c3 := gg/den, (l-gg)/den, (l+2-gg)/den
	es := 1 / (1 - a2/l)
	vs := 2 / l * (1 + c1*b) / ((1 - c2*b) * (1 - c2*b) * (1 - c3*b))
	rho := vs / (2 * es * es)
	df = 4 + (l+2)/(l*rho-1)
	return df / (es * (df - 2)), df
}

// faiCornelius is the denominator df of a joint test from those of the
// uncorrelated contrasts that the eigenvectors of its covariance v define, or
// those that the method has without moments.
func (f *inference) faiCornelius(l [][]float64, v []float64, q int) (df2 float64, moments bool) {
	df := math.Inf(1)
	for _, row := range l {
		x, ok := f.special(row, nil)
		if !ok {
			df = -1
			break
		}
		df = math.Min(df, x)
	}
	if df > 0 {
		return df, false
	}
	_, vec := symEigen(v, q)
	dfs := make([]float64, q)
	lo, hi := math.Inf(1), 0.0
	for k := range dfs {
		row := make([]float64, f.p)
		for i := range l {
			axpy(row, vec[i*q+k], l[i])
		}
		w, _ := f.whiten(row)
		dfs[k] = f.df(row, w)
		lo, hi = math.Min(lo, dfs[k]), math.Max(hi, dfs[k])
	}
	if hi-lo < 1e-8*hi {
		return lo, true
	}
	if lo <= LeastDF {
		return LeastDF, true
	}
	e := 0.0
	for _, x := range dfs {
		e += x / (x - 2)
	}
	return 2 * e / (e - float64(q)), true
}
