package regress

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// cumulative is the likelihood of ordered categories, logit P(Y ≤ j) = αⱼ·w − γ·q: the
// columns w have coefficients of their own at each threshold j, those of q one for all.
// With w a column of ones alone it is the proportional-odds model.
//
// A category between the thresholds a and b has the probability F(a) − F(b) =
// F(a)F(−b)(1 − e^{b−a}), whose logarithm is concave in all coefficients.
type cumulative struct {
	fn     string
	level  []int // of each row, from 0
	count  []float64
	levels int
	w, q   [][]float64
}

func (c *cumulative) size() int { return (c.levels-1)*len(c.w) + len(c.q) }

// ends returns the thresholds a above and b below a row's category.
func (c *cumulative) ends(par []float64, i int) (a, b float64) {
	eta := 0.0
	k := (c.levels - 1) * len(c.w)
	for j, q := range c.q {
		eta += q[i] * par[k+j]
	}
	j := c.level[i]
	a, b = math.Inf(1), math.Inf(-1)
	if j < c.levels-1 {
		a = c.threshold(par, j, i) - eta
	}
	if j > 0 {
		b = c.threshold(par, j-1, i) - eta
	}
	return a, b
}

func (c *cumulative) threshold(par []float64, j, i int) float64 {
	if len(c.w) == 1 {
		return par[j]
	}
	s := 0.0
	for v, w := range c.w {
		s += w[i] * par[j*len(c.w)+v]
	}
	return s
}

// sides returns 1/(1 + eˣ), its derivative's size and log(1/(1 + e⁻ˣ)).
func sides(x float64) (beyond, slope, log float64) {
	e := math.Exp(-math.Abs(x))
	slope = e / ((1 + e) * (1 + e))
	if x > 0 {
		return e / (1 + e), slope, -math.Log1p(e)
	}
	return 1 / (1 + e), slope, x - math.Log1p(e)
}

// between is what the distance of two thresholds adds to a row: h = 1/(eᵈ − 1), and
// log(1 − e⁻ᵈ).
func between(d float64) (h, log float64) { return 1 / math.Expm1(d), math.Log(-math.Expm1(-d)) }

// evaluate returns the log-likelihood, −∞ where thresholds cross, with score and
// information; each is called with the rows' scores.
func (c *cumulative) evaluate(par []float64, each func(i int, s []float64)) (ll float64, score, info []float64) {
	n, kw, kq := c.size(), len(c.w), len(c.q)
	base := (c.levels - 1) * kw
	score, info = make([]float64, n), make([]float64, n*n)
	z, s, x := make([]float64, kw), make([]float64, n), make([]float64, kq)
	logs := make([]float64, len(c.level))
	// With a column of ones alone all rows of a category share their distance.
	var shared [][2]float64
	if kw == 1 {
		shared = make([][2]float64, c.levels)
		for j := 1; j < c.levels-1; j++ {
			if !(par[j] > par[j-1]) {
				return math.Inf(-1), nil, nil
			}
			shared[j][0], shared[j][1] = between(par[j] - par[j-1])
		}
	}
	for i, level := range c.level {
		a, b := c.ends(par, i)
		if !(a > b) {
			return math.Inf(-1), nil, nil
		}
		m := c.count[i]
		hasA, hasB := level < c.levels-1, level > 0
		var h, l float64
		if hasA && hasB {
			if shared != nil {
				h, l = shared[level][0], shared[level][1]
			} else {
				h, l = between(a - b)
			}
		}
		dab := h * (1 + h)
		var da, db, daa, dbb float64
		if hasA {
			p, v, log := sides(a)
			da, daa, l = p+h, -v-dab, l+log
		}
		if hasB {
			p, v, log := sides(-b)
			db, dbb, l = -p-h, -v-dab, l+log
		}
		logs[i] = m * l
		for v, w := range c.w {
			z[v] = w[i]
		}
		for j, q := range c.q {
			x[j] = q[i]
		}
		ia, ib := level*kw, (level-1)*kw
		if each != nil {
			clear(s)
		}
		put := func(at int, v float64) {
			score[at] += m * v
			if each != nil {
				s[at] = v
			}
		}
		if hasA {
			for v := range z {
				put(ia+v, da*z[v])
				for u := range v + 1 {
					info[(ia+v)*n+ia+u] -= m * daa * z[v] * z[u]
				}
				if hasB {
					for u := range z {
						info[(ia+v)*n+ib+u] -= m * dab * z[v] * z[u]
					}
				}
			}
		}
		if hasB {
			for v := range z {
				put(ib+v, db*z[v])
				for u := range v + 1 {
					info[(ib+v)*n+ib+u] -= m * dbb * z[v] * z[u]
				}
			}
		}
		ga, gb := m*(daa+dab), m*(dab+dbb)
		for j := range x {
			put(base+j, -(da+db)*x[j])
			r := info[(base+j)*n:]
			if hasA {
				for v := range z {
					r[ia+v] += ga * x[j] * z[v]
				}
			}
			if hasB {
				for v := range z {
					r[ib+v] += gb * x[j] * z[v]
				}
			}
			t := (ga + gb) * x[j]
			for k := range j + 1 {
				r[base+k] -= t * x[k]
			}
		}
		if each != nil {
			each(i, s)
		}
	}
	for i := range n {
		for j := range i {
			info[j*n+i] = info[i*n+j]
		}
	}
	return num.Sum(logs), score, info
}

// maximum is where Newton's method ended.
type maximum struct {
	par  []float64
	ll   float64
	info []float64
}

// separation says that the likelihood rises for ever along step.
type separation struct {
	step []float64
	size float64
}

func (s *separation) Error() string { return ErrSeparation.Error() }

// maximize runs Newton's method with step halving from start; with fixed the last
// coefficient stays.
func (c *cumulative) maximize(start []float64, fixed bool) (*maximum, error) {
	par := append([]float64(nil), start...)
	free := c.size()
	if fixed {
		free--
	}
	ll, score, info := c.evaluate(par, nil)
	if math.IsInf(ll, -1) {
		return nil, c.unsettled("the thresholds cross at the start")
	}
	last := math.Inf(1)
	for range 500 {
		step, gain, ok := newtonStep(score, info, c.size(), free)
		if !ok {
			return nil, c.unsettled("the information vanishes")
		}
		size, most, never := c.move(par, step)
		if size <= 1e-13*(1+most) || gain <= 1e-22 && size > last/2 {
			return &maximum{par, ll, info}, nil
		}
		last = size
		if never && size >= 0.4 && !fixed {
			return nil, &separation{step, size}
		}
		scale, done := math.Min(1, 5/size), false
		for range 60 {
			next := append([]float64(nil), par...)
			for j := range next {
				next[j] += scale * step[j]
			}
			if l, s, i := c.evaluate(next, nil); l >= ll-1e-14*math.Abs(ll) {
				par, ll, score, info, done = next, l, s, i, true
				break
			}
			scale /= 2
		}
		if !done {
			if gain <= 1e-12 {
				return &maximum{par, ll, info}, nil // no rise left that float64 could tell
			}
			return nil, c.unsettled("no step raises the likelihood")
		}
	}
	return nil, c.unsettled("500 iterations")
}

// move is how far a step moves the thresholds of a row at most, how large they are, and
// whether no row is ever predicted worse along it (Albert & Anderson 1984).
func (c *cumulative) move(par, step []float64) (size, most float64, never bool) {
	least := 0.0 // the worst move, negative
	for i := range c.level {
		a, b := c.ends(step, i)
		pa, pb := c.ends(par, i)
		if !math.IsInf(a, 1) {
			size, most, least = math.Max(size, math.Abs(a)), math.Max(most, math.Abs(pa)), math.Min(least, a)
		}
		if !math.IsInf(b, -1) {
			size, most, least = math.Max(size, math.Abs(b)), math.Max(most, math.Abs(pb)), math.Min(least, -b)
		}
	}
	return size, most, least >= -1e-9*size
}

func (c *cumulative) unsettled(why string) error {
	return &stats.SampleError{Func: c.fn, Arg: "y", Index: -1, Err: stats.ErrNotConverged, Info: why}
}

// newtonStep solves info·step = score for the first free of n coefficients; gain is
// twice the rise it promises.
func newtonStep(score, info []float64, n, free int) (step []float64, gain float64, ok bool) {
	a := make([]float64, free*free)
	for i := range free {
		copy(a[i*free:(i+1)*free], info[i*n:i*n+free])
	}
	l, ok := cholesky(a, free)
	if !ok {
		return nil, 0, false
	}
	step = make([]float64, n)
	z := forwardSolve(l, free, score[:free])
	for _, v := range z {
		gain += v * v
	}
	copy(step, backSolve(l, free, z))
	return step, gain, true
}

// backSolve solves Lᵀx = z.
func backSolve(l []float64, n int, z []float64) []float64 {
	x := append([]float64(nil), z...)
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= l[k*n+i] * x[k]
		}
		x[i] /= l[i*n+i]
	}
	return x
}

// inverse inverts a positive definite n × n matrix; nil where it is none.
func inverse(a []float64, n int) []float64 {
	l, ok := cholesky(a, n)
	if !ok {
		return nil
	}
	out, e := make([]float64, n*n), make([]float64, n)
	for j := range n {
		e[j] = 1
		for i, v := range backSolve(l, n, forwardSolve(l, n, e)) {
			out[i*n+j] = v
		}
		e[j] = 0
	}
	return out
}
