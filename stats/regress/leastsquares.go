package regress

import (
	"math"
	"sync/atomic"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// aliasTol: a column whose part outside the span of the columns before it is
// shorter than this share of its own length is a copy of them up to rounding.
// Sums and conversions done in float64 leave about 1e-16 to 1e-15.
const aliasTol = 1e-13

// lsFit is a least squares solution by Householder QR. Columns are taken in
// their order; one that depends on those before it is left out and listed in
// aliased, so that the later term is the one named.
//
// The factorization is done in double-double arithmetic (num.DD): the answer
// is that of exact arithmetic on the float64 inputs, rounded, for condition
// numbers up to about 1e15.
type lsFit struct {
	kept, aliased []int    // column indices
	r             []num.DD // rank×rank upper triangle, row-major
	qty           []num.DD // Qᵀy: its first rank elements
	rss           num.DD
	beta          []num.DD // one per kept column
	sx            []float64
	factor        *factorFit // in place of r, or nil
	// hat are the rows' leverages, once they were asked for.
	hat atomic.Pointer[[]float64]
}

func (f *lsFit) rank() int { return len(f.kept) }

// solveLS minimizes Σ w(y − Xβ)². w is nil for equal weights. Inputs are
// finite and of one length.
func solveLS(cols [][]float64, y, w []float64) *lsFit {
	n := len(y)
	f := &lsFit{}
	var sw []num.DD
	if w != nil {
		sw = make([]num.DD, n)
		for i := range w {
			sw[i] = num.SqrtDD(w[i])
		}
	}
	load := func(x []float64) ([]num.DD, float64) {
		// A power of two brings the column near 1: squares cannot overflow.
		m := 0.0
		for _, v := range x {
			m = math.Max(m, math.Abs(v))
		}
		s := 1.0
		if m > 0 {
			_, e := math.Frexp(m)
			s = math.Ldexp(1, -max(e, -1000))
		}
		c := make([]num.DD, n)
		for i, v := range x {
			c[i] = num.ToDD(v * s)
			if sw != nil {
				c[i] = c[i].Mul(sw[i])
			}
		}
		return c, s
	}
	var vs [][]num.DD // Householder vectors, vs[k] has elements k…n−1
	var vv []num.DD   // 2/(vᵀv)
	reflect := func(c []num.DD) {
		for k, v := range vs {
			num.AddScaledDD(c[k:], num.DotDD(v, c[k:]).Mul(vv[k]).Neg(), v)
		}
	}
	norm2 := func(c []num.DD) num.DD { return num.DotDD(c, c) }
	var rcols [][]num.DD
	for j, x := range cols {
		c, s := load(x)
		whole := norm2(c)
		reflect(c)
		k := len(vs)
		if k >= n {
			f.aliased = append(f.aliased, j)
			continue
		}
		tail := norm2(c[k:])
		if tail.Hi <= aliasTol*aliasTol*whole.Hi {
			f.aliased = append(f.aliased, j)
			continue
		}
		alpha := tail.Sqrt()
		if c[k].Hi > 0 {
			alpha = alpha.Neg()
		}
		v := append([]num.DD(nil), c[k:]...)
		v[0] = v[0].Sub(alpha)
		vs = append(vs, v)
		vv = append(vv, num.ToDD(2).Div(norm2(v)))
		c[k] = alpha
		rcols = append(rcols, c[:k+1])
		f.kept = append(f.kept, j)
		f.sx = append(f.sx, s)
	}
	p := len(f.kept)
	f.r = make([]num.DD, p*p)
	for j, c := range rcols {
		inv := num.ToDD(1 / f.sx[j])
		for i, v := range c {
			f.r[i*p+j] = v.Mul(inv) // exact: a power of two
		}
	}
	c, s := load(y)
	reflect(c)
	for i := range c {
		c[i] = c[i].MulFloat(1 / s)
	}
	f.qty = c[:p]
	f.rss = norm2(c[p:])
	f.beta = make([]num.DD, p)
	for i := p - 1; i >= 0; i-- {
		v := f.qty[i]
		for j := i + 1; j < p; j++ {
			v = v.Sub(f.r[i*p+j].Mul(f.beta[j]))
		}
		f.beta[i] = v.Div(f.r[i*p+i])
	}
	return f
}

// whiten solves Rᵀz = l: zᵀz = lᵀ(XᵀWX)⁻¹l.
func (f *lsFit) whiten(l []float64) []num.DD {
	if f.factor != nil {
		z, rest := f.factor.plain(l)
		f.factor.reflect(z)
		return append(z, rest...)
	}
	z := make([]num.DD, len(l))
	for i, v := range l {
		z[i] = num.ToDD(v)
	}
	return f.solveT(z)
}

// solveT is whiten in place.
func (f *lsFit) solveT(z []num.DD) []num.DD {
	p := f.rank()
	for i, v := range z {
		for k := range i {
			v = v.Sub(f.r[k*p+i].Mul(z[k]))
		}
		z[i] = v.Div(f.r[i*p+i])
	}
	return z
}

// unwhiten solves Rb = c.
func (f *lsFit) unwhiten(c []float64) []num.DD {
	p := f.rank()
	b := make([]num.DD, p)
	for i := p - 1; i >= 0; i-- {
		v := num.ToDD(c[i])
		for j := i + 1; j < p; j++ {
			v = v.Sub(f.r[i*p+j].Mul(b[j]))
		}
		b[i] = v.Div(f.r[i*p+i])
	}
	return b
}

// norm is √(lᵀ(XᵀWX)⁻¹l), without squares that could leave float64's range.
func (f *lsFit) norm(l []float64) float64 {
	z := f.whiten(l)
	big := 0.0
	for _, v := range z {
		big = math.Max(big, math.Abs(v.Hi))
	}
	if big == 0 {
		return 0
	}
	_, e := math.Frexp(big)
	scale := math.Ldexp(1, -max(e, -1000))
	var s num.DD
	for _, v := range z {
		v = v.MulFloat(scale)
		s = s.Add(v.Mul(v))
	}
	return s.Sqrt().Float() / scale
}

// quad is lᵀ(XᵀWX)⁻¹l.
func (f *lsFit) quad(l []float64) float64 {
	if f.factor != nil {
		return f.factor.quad(l).Float()
	}
	var s num.DD
	for _, v := range f.whiten(l) {
		s = s.Add(v.Mul(v))
	}
	return s.Float()
}

// dot is lᵀβ.
func (f *lsFit) dot(l []float64) float64 {
	var s num.DD
	for i, v := range f.beta {
		if l[i] != 0 {
			s = s.Add(v.MulFloat(l[i]))
		}
	}
	return s.Float()
}

// xtxInv is (XᵀWX)⁻¹, row-major.
func (f *lsFit) xtxInv() []float64 {
	p := f.rank()
	zs := make([][]num.DD, p)
	e := make([]float64, p)
	for i := range p {
		e[i] = 1
		if f.factor != nil {
			zs[i] = f.factor.unit(e)
		} else {
			zs[i] = f.whiten(e)
		}
		e[i] = 0
	}
	out := make([]float64, p*p)
	for i := range p {
		for j := range i + 1 {
			var s num.DD
			if f.factor != nil {
				s = f.factor.product(i, j, zs)
			} else {
				for k := i; k < p; k++ { // Rᵀz = e_i leaves z zero before i
					s = s.Add(zs[i][k].Mul(zs[j][k]))
				}
			}
			out[i*p+j], out[j*p+i] = s.Float(), s.Float()
		}
	}
	return out
}

// residuals are y − Xβ, without the weights.
func (f *lsFit) residuals(cols [][]float64, y []float64) []float64 {
	out := make([]float64, len(y))
	for i := range y {
		s := num.ToDD(y[i])
		if f.factor != nil {
			out[i] = f.factor.residual(i, s, f.beta, cols).Float()
			continue
		}
		for k, j := range f.kept {
			if x := cols[j][i]; x != 0 {
				s = s.Sub(f.beta[k].MulFloat(x))
			}
		}
		out[i] = s.Float()
	}
	return out
}
