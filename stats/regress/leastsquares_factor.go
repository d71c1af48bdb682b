package regress

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// factorLevels is the number of levels from which on a factor is taken out of a
// model before it is solved.
const factorLevels = 12

// factorFit is the part of an lsFit whose model has an intercept and a factor of many
// levels, such as blocks of four. Columns about their means within levels are
// orthogonal to the factor, so that the other coefficients are those of a model of
// these alone (Frisch & Waugh 1933), and the factor's follow from its levels' means: the
// work grows with the number of levels, not with its square or cube.
//
// Coordinates of Qᵀ are the levels, each the indicator over the root of its size, and then
// those of the other columns' own triangle.
type factorFit struct {
	of    []int      // each row's level
	level []int      // of each kept coefficient: 0 the intercept, which is the reference's; −1 another column
	at    []int      // the kept coefficient of each level
	other []int      // kept coefficients of the other columns
	root  []num.DD   // of each level's size
	mean  [][]num.DD // of the other columns in each level
	rest  *lsFit     // of the other columns about them
	turn  []num.DD   // reflects the intercept's direction into the first coordinate
	twice num.DD     // 2/turnᵀturn
}

// solveWithFactor is solveLS of equal weights for a model with an intercept and a factor of
// many levels, or nil where there is none or any column depends on others: which one
// is named then depends on their order. The columns from from on are the indicators of all k
// levels but the first, and of is each row's level.
func solveWithFactor(cols [][]float64, y []float64, from, k int, of []int) *lsFit {
	p, n := len(cols), len(y)
	if k < factorLevels || n <= p || !isConstant(cols[0], 1) {
		return nil
	}
	f := &factorFit{of: of, level: make([]int, p), at: make([]int, k)}
	size := make([]float64, k)
	for j := range cols {
		switch {
		case j == 0:
		case j >= from && j < from+k-1:
			f.level[j] = j - from + 1
			f.at[j-from+1] = j
		default:
			f.level[j] = -1
			f.other = append(f.other, j)
		}
	}
	for _, l := range of {
		size[l]++
	}
	for _, s := range size {
		if s == 0 {
			return nil
		}
		f.root = append(f.root, num.SqrtDD(s))
	}
	means := func(x []float64) []num.DD {
		m := make([]num.DD, k)
		for i, v := range x {
			m[of[i]] = m[of[i]].Add(num.ToDD(v))
		}
		for l := range m {
			m[l] = m[l].Div(num.ToDD(size[l]))
		}
		return m
	}
	f.mean = make([][]num.DD, len(f.other))
	within := make([][]num.DD, len(f.other)+1)
	for c := range within {
		x := y
		if c < len(f.other) {
			x = cols[f.other[c]]
		}
		m := means(x)
		if c < len(f.other) {
			f.mean[c] = m
		}
		within[c] = make([]num.DD, n)
		for i, v := range x {
			within[c][i] = num.ToDD(v).Sub(m[of[i]])
		}
	}
	if f.rest = solveColumns(within[:len(f.other)], within[len(f.other)], f.lengths(cols)); f.rest == nil {
		return nil
	}
	out := &lsFit{factor: f, rss: f.rest.rss, beta: make([]num.DD, p), qty: make([]num.DD, p)}
	for j := range cols {
		out.kept = append(out.kept, j)
	}
	ym := means(y)
	for l, m := range ym {
		out.qty[l] = m.Mul(f.root[l])
		for c, b := range f.rest.beta {
			m = m.Sub(f.mean[c][l].Mul(b))
		}
		out.beta[f.at[l]] = m
	}
	for l := 1; l < k; l++ {
		out.beta[f.at[l]] = out.beta[f.at[l]].Sub(out.beta[0])
	}
	for c, b := range f.rest.beta {
		out.beta[f.other[c]] = b
	}
	copy(out.qty[k:], f.rest.qty)
	f.turn = make([]num.DD, k)
	all := num.SqrtDD(float64(n))
	for l, r := range f.root {
		f.turn[l] = r.Div(all)
	}
	f.turn[0] = f.turn[0].Add(num.ToDD(1))
	f.twice = num.ToDD(2).Div(num.DotDD(f.turn, f.turn))
	f.reflect(out.qty[:k])
	return out
}

// lengths are the squared lengths of the other columns as they came.
func (f *factorFit) lengths(cols [][]float64) []float64 {
	out := make([]float64, len(f.other))
	for c, j := range f.other {
		for _, v := range cols[j] {
			out[c] += v * v
		}
	}
	return out
}

func (f *factorFit) reflect(z []num.DD) {
	num.AddScaledDD(z, num.DotDD(f.turn, z).Mul(f.twice).Neg(), f.turn)
}

// plain is whiten but for the reflection: z of the levels and of the other columns.
func (f *factorFit) plain(l []float64) (levels, rest []num.DD) {
	levels = make([]num.DD, len(f.at))
	return levels, f.each(l, func(k int, z num.DD) { levels[k] = z })
}

// each is plain that calls use with those z of levels that are not 0.
func (f *factorFit) each(l []float64, use func(level int, z num.DD)) (rest []num.DD) {
	own := make([]num.DD, len(f.other))
	for c, j := range f.other {
		own[c] = num.ToDD(l[j])
	}
	take := func(k int, v num.DD) {
		use(k, v.Div(f.root[k]))
		for c := range own {
			own[c] = own[c].Sub(f.mean[c][k].Mul(v))
		}
	}
	reference := num.ToDD(l[0])
	for k := 1; k < len(f.at); k++ {
		if v := l[f.at[k]]; v != 0 {
			reference = reference.Sub(num.ToDD(v))
			take(k, num.ToDD(v))
		}
	}
	if reference.Hi != 0 {
		take(0, reference)
	}
	return f.rest.solveT(own)
}

// quad is lsFit.quad.
func (f *factorFit) quad(l []float64) (s num.DD) {
	rest := f.each(l, func(_ int, z num.DD) { s = s.Add(z.Mul(z)) })
	for _, v := range rest {
		s = s.Add(v.Mul(v))
	}
	return s
}

// leverage is quad of a row of the model's own columns.
func (f *factorFit) leverage(i int, cols [][]float64) num.DD {
	own, l := make([]num.DD, len(f.other)), f.of[i]
	for c, j := range f.other {
		own[c] = num.ToDD(cols[j][i]).Sub(f.mean[c][l])
	}
	z := num.ToDD(1).Div(f.root[l])
	s := z.Mul(z)
	for _, v := range f.rest.solveT(own) {
		s = s.Add(v.Mul(v))
	}
	return s
}

// residual takes row i's fitted value from s.
func (f *factorFit) residual(i int, s num.DD, beta []num.DD, cols [][]float64) num.DD {
	s = s.Sub(beta[0])
	if l := f.of[i]; l > 0 {
		s = s.Sub(beta[f.at[l]])
	}
	for _, j := range f.other {
		if x := cols[j][i]; x != 0 {
			s = s.Sub(beta[j].MulFloat(x))
		}
	}
	return s
}

// unit is z of one kept coefficient: of the other columns, the reference, and the level it
// belongs to.
func (f *factorFit) unit(e []float64) []num.DD {
	var levels [2]num.DD
	rest := f.each(e, func(k int, z num.DD) { levels[min(k, 1)] = z })
	return append(rest, levels[:]...)
}

// product is the product of the z of two coefficients, of which the levels' differ.
func (f *factorFit) product(i, j int, zs [][]num.DD) (s num.DD) {
	c := len(f.other)
	for k := range c + 1 {
		s = s.Add(zs[i][k].Mul(zs[j][k]))
	}
	if i == j {
		s = s.Add(zs[i][c+1].Mul(zs[j][c+1]))
	}
	return s
}

// isConstant reports whether every x is v.
func isConstant(x []float64, v float64) bool {
	for _, a := range x {
		if a != v {
			return false
		}
	}
	return true
}

// solveColumns is solveLS of columns that are centered, or nil where one of them depends on
// others; before are their squared lengths before, which say how small is nothing.
func solveColumns(cols [][]num.DD, y []num.DD, before []float64) *lsFit {
	f := &lsFit{}
	var vs [][]num.DD
	var vv []num.DD
	reflect := func(c []num.DD) {
		for k, v := range vs {
			num.AddScaledDD(c[k:], num.DotDD(v, c[k:]).Mul(vv[k]).Neg(), v)
		}
	}
	p := len(cols)
	f.r = make([]num.DD, p*p)
	for j, c := range cols {
		scale := 1.0 // as in solveLS
		if m := math.Sqrt(before[j]); m > 0 {
			_, e := math.Frexp(m)
			scale = math.Ldexp(1, -max(e, -1000))
		}
		for i := range c {
			c[i] = c[i].MulFloat(scale)
		}
		reflect(c)
		tail := num.DotDD(c[j:], c[j:])
		if !(tail.Hi > aliasTol*aliasTol*before[j]*scale*scale) {
			return nil
		}
		alpha := tail.Sqrt()
		if c[j].Hi > 0 {
			alpha = alpha.Neg()
		}
		v := append([]num.DD(nil), c[j:]...)
		v[0] = v[0].Sub(alpha)
		vs, vv = append(vs, v), append(vv, num.ToDD(2).Div(num.DotDD(v, v)))
		c[j] = alpha
		for i, x := range c[:j+1] {
			f.r[i*p+j] = x.MulFloat(1 / scale)
		}
		f.kept = append(f.kept, j)
	}
	reflect(y)
	f.qty, f.rss = y[:p:p], num.DotDD(y[p:], y[p:])
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
