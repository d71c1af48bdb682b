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

func (c *cumulative) evaluate(par []float64) (ll float64, score, info []float64) {
	return c.evaluateEach(par, nil)
}

// evaluateEach returns the log-likelihood, −∞ where thresholds cross, with score and
// information; each is called with the rows' scores.
func (c *cumulative) evaluateEach(par []float64, each func(i int, s []float64)) (ll float64, score, info []float64) {
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
