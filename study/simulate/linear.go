package simulate

import (
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// estimator answers a plan for one trial: a finding for each active arm.
type estimator interface {
	find(t *trial, out []finding)
}

// place is where a plan's values stand.
type place struct {
	outcome, base, visit int // base −1: none
}

func (w *world) place(q study.Plan) (place, bool) {
	o := slices.IndexFunc(w.outcomes, func(v *variable) bool { return v.ID == q.Outcome })
	if o < 0 {
		return place{}, false
	}
	v := w.outcomes[o]
	p := place{o, -1, slices.IndexFunc(v.cells, func(c cell) bool { return c.visit == q.Visit && !c.base })}
	if v.cells[0].base {
		p.base = 0
	}
	return p, p.visit >= 0
}

// welch is Welch's t of changes or values, as stats.Welch computes it.
type welch struct {
	place
	j      []*judge
	change bool
	ten    float64 // of the grid: changes are rounded once, as decimals are
	mean   []float64
	ss     []float64
	n      []float64
	kept   []float64
	rest   *whole
}

func newWelch(w *world, q study.Plan, at place, j []*judge) *welch {
	e := &welch{place: at, j: j, change: q.Model == study.WelchChange, mean: make([]float64, len(w.arms)), ss: make([]float64, len(w.arms)),
		n: make([]float64, len(w.arms)), kept: make([]float64, w.n), rest: newWhole(w, q, j)}
	if g := w.outcomes[at.outcome].shape[0][0]; g.step > 0 {
		e.ten = g.ten
	}
	return e
}

func (e *welch) find(t *trial, out []finding) {
	w := t.w
	y := t.y[e.outcome][e.visit]
	for a := range w.arms {
		from, to := w.from[a], w.from[a+1]
		x := y[from:to]
		if e.change {
			x = e.kept[:0]
			base := t.y[e.outcome][e.base]
			for p := from; p < to; p++ {
				if t.has(e.place, p) {
					x = append(x, e.minus(y[p], base[p]))
				}
			}
		} else if t.seen[e.outcome] != nil {
			x = e.kept[:0]
			for p := from; p < to; p++ {
				if t.seen[e.outcome][e.visit][p] && (e.base < 0 || t.seen[e.outcome][e.base][p]) {
					x = append(x, y[p])
				}
			}
		}
		e.mean[a], e.ss[a] = squares(x)
		e.n[a] = float64(len(x))
	}
	c := len(w.arms) - 1
	for a := range c {
		vt, vc := e.ss[a]/(e.n[a]-1)/e.n[a], e.ss[c]/(e.n[c]-1)/e.n[c]
		v := vt + vc
		if !(v > 1e-20*(e.mean[a]*e.mean[a]+e.mean[c]*e.mean[c])) || e.n[a] < 2 || e.n[c] < 2 {
			e.rest.find(t, out) // study says why there is no answer
			return
		}
		s, r := vt/v, vc/v
		out[a] = e.j[a].estimate(stats.Estimate{Value: e.mean[a] - e.mean[c], SE: math.Sqrt(v), DF: 1 / (s*s/(e.n[a]-1) + r*r/(e.n[c]-1))})
	}
}

// minus is a change: on a grid the decimal difference, rounded once.
func (e *welch) minus(y, base float64) float64 {
	if e.ten > 0 {
		return math.Round((y-base)*e.ten) / e.ten
	}
	return y - base
}

// has reports whether a participant has the values that a plan at a visit compares.
func (t *trial) has(at place, p int) bool {
	seen := t.seen[at.outcome]
	return seen == nil || seen[at.visit][p] && (at.base < 0 || seen[at.base][p])
}

// squares are the mean and the sum of squares about it, in two passes and corrected for
// the mean's rounding (Chan, Golub & LeVeque 1983, doi 10.1080/00031305.1983.10483115).
func squares(x []float64) (mean, ss float64) {
	if len(x) == 0 {
		return 0, 0
	}
	var a, b, c, d float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		a += x[i]
		b += x[i+1]
		c += x[i+2]
		d += x[i+3]
	}
	for ; i < len(x); i++ {
		a += x[i]
	}
	n := float64(len(x))
	m := (a + b + c + d) / n
	var s, r, s2, r2 float64
	i = 0
	for ; i+2 <= len(x); i += 2 {
		u, v := x[i]-m, x[i+1]-m
		s += u
		r += u * u
		s2 += v
		r2 += v * v
	}
	if i < len(x) {
		u := x[i] - m
		s += u
		r += u * u
	}
	s += s2
	return m + s/n, r + r2 - s*s/n
}

// linear is the analysis of covariance, or without a baseline the linear model: arms and
// q further columns, solved within arms,
//
//	S b = s,   d = (ȳ₁ − ȳ₀) − b'(x̄₁ − x̄₀),   SE² = σ²(1/n₁ + 1/n₀ + (x̄₁ − x̄₀)'S⁻¹(x̄₁ − x̄₀))
//
// S and s being sums of squares and products about the arms' means, which regress.ANCOVA
// answers too, from a decomposition of the whole design.
type linear struct {
	place
	j       []*judge
	numbers []int // factors
	strata  []int
	rest    *whole
	n       []float64
	mean    [][]float64 // arm → column, y last
	s       []float64   // (q+1)²
	rows    [][]float64 // column → participants kept, by arm
	x       [][]float64 // those of the columns that vary
	to      []int       // arm → end of its participants kept
	d, u    []float64
}

// newLinear is nil for plans that need more: robust errors, crossed or random strata.
func newLinear(w *world, q study.Plan, at place, j []*judge) *linear {
	r := w.protocol.Randomization
	if q.SE == study.StandardErrorHC3 || r.Cross {
		return nil
	}
	e := &linear{place: at, j: j, rest: newWhole(w, q, j)}
	ids := w.protocol.StrataOf(q)
	for _, c := range q.Covariates {
		if !slices.Contains(ids, c) {
			ids = append(ids, c)
		}
	}
	for _, id := range ids {
		i := slices.IndexFunc(w.factors, func(f *factor) bool { return f.id == id })
		if i < 0 {
			return nil
		}
		if w.factors[i].category {
			e.strata = append(e.strata, i)
		} else {
			e.numbers = append(e.numbers, i)
		}
	}
	most := len(e.numbers) + 1
	if at.base >= 0 {
		most++
	}
	for _, i := range e.strata {
		most += len(w.factors[i].levels)
	}
	for range w.arms {
		e.mean = append(e.mean, make([]float64, most))
	}
	for range most {
		e.rows = append(e.rows, make([]float64, w.n))
	}
	e.x = make([][]float64, 0, most)
	e.n, e.to = make([]float64, len(w.arms)), make([]int, len(w.arms))
	e.s, e.d, e.u = make([]float64, most*most), make([]float64, most), make([]float64, most)
	return e
}

func (e *linear) find(t *trial, out []finding) {
	if !e.solve(t, out) {
		e.rest.find(t, out)
	}
}

// columns gathers the participants who have values.
func (e *linear) columns(t *trial) (x [][]float64, kept int) {
	w := t.w
	x = e.x[:0]
	y, base := t.y[e.outcome][e.visit], []float64(nil)
	if e.base >= 0 {
		base = t.y[e.outcome][e.base]
	}
	if t.seen[e.outcome] == nil && len(e.numbers)+len(e.strata) == 0 {
		copy(e.to, w.from[1:])
		if base != nil {
			return append(x, base, y), w.n
		}
		return append(x, y), w.n
	}
	at := 0
	all := e.rows
	width := len(all)
	for a := range w.arms {
		for p := w.from[a]; p < w.from[a+1]; p++ {
			if !t.has(e.place, p) {
				continue
			}
			k := 0
			if base != nil {
				all[k][at] = base[p]
				k++
			}
			for _, i := range e.numbers {
				all[k][at] = t.x[i][p]
				k++
			}
			for _, i := range e.strata {
				l := t.level[i][p]
				for m := 1; m < len(w.factors[i].levels); m++ {
					all[k][at] = 0
					if m == l {
						all[k][at] = 1
					}
					k++
				}
			}
			all[width-1][at] = y[p]
			at++
		}
		e.to[a] = at
	}
	k := len(e.numbers)
	if base != nil {
		k++
	}
	for c := range k {
		x = append(x, all[c][:at])
	}
	for _, i := range e.strata {
		for m := 1; m < len(w.factors[i].levels); m++ {
			if c := all[k][:at]; at > 0 && slices.Contains(c, 1) && slices.Contains(c, 0) {
				x = append(x, c)
			}
			k++
		}
	}
	return append(x, all[width-1][:at]), at
}

func (e *linear) solve(t *trial, out []finding) bool {
	x, kept := e.columns(t)
	q, arms := len(x)-1, len(e.to)
	df := float64(kept - q - arms)
	if df < 1 || len(e.strata) > 0 && df < 5 {
		return false
	}
	s := e.s[:(q+1)*(q+1)]
	clear(s)
	from := 0
	for a, to := range e.to {
		if to == from {
			return false
		}
		n := float64(to - from)
		e.n[a] = n
		m := e.mean[a]
		if q == 1 {
			m[0], m[1] = pairs(x[0][from:to], x[1][from:to], s)
		} else {
			for c := range x {
				sum := 0.0
				for _, v := range x[c][from:to] {
					sum += v
				}
				m[c] = sum / n
			}
			for c := range x {
				for d := range c + 1 {
					sum := 0.0
					y := x[d][from:to]
					for i, v := range x[c][from:to] {
						sum += (v - m[c]) * (y[i] - m[d])
					}
					s[c*(q+1)+d] += sum
				}
			}
		}
		from = to
	}
	// Cholesky's factor of S, with y as its last row: what is left of y is the residual
	// sum of squares.
	total := s[q*(q+1)+q]
	for c := range q + 1 {
		for d := range c + 1 {
			v := s[c*(q+1)+d]
			all := v
			for k := range d {
				v -= s[c*(q+1)+k] * s[d*(q+1)+k]
			}
			switch {
			case c != d:
				s[c*(q+1)+d] = v / s[d*(q+1)+d]
			case c == q:
				s[c*(q+1)+c] = v
			case !(v > 1e-3*all) || !(all > 0):
				return false // columns that hardly differ are for the whole analysis
			default:
				s[c*(q+1)+c] = math.Sqrt(v)
			}
		}
	}
	rss := s[q*(q+1)+q]
	big := 0.0
	for a := range e.n {
		big = max(big, math.Abs(e.mean[a][q]))
	}
	if !(rss > 1e-3*total) || !(rss > 1e-20*big*big*float64(kept)) {
		return false // so little is left that the sums' rounding shows
	}
	sigma2 := rss / df
	ctl := arms - 1
	for a := range ctl {
		value, v := e.mean[a][q]-e.mean[ctl][q], 1/e.n[a]+1/e.n[ctl]
		for c := range q { // u = L⁻¹(x̄₁ − x̄₀)
			u := e.mean[a][c] - e.mean[ctl][c]
			for k := range c {
				u -= s[c*(q+1)+k] * e.u[k]
			}
			u /= s[c*(q+1)+c]
			e.u[c] = u
			v += u * u
			value -= u * s[q*(q+1)+c]
		}
		out[a] = e.j[a].estimate(stats.Estimate{Value: value, SE: math.Sqrt(sigma2 * v), DF: df})
	}
	return true
}

// pairs adds the sums of squares and products of two columns to the 2 × 2 of s and
// returns their means.
func pairs(x, y []float64, s []float64) (mx, my float64) {
	y = y[:len(x)]
	n := float64(len(x))
	var a, b, c, d float64
	i := 0
	for ; i+2 <= len(x); i += 2 {
		a += x[i]
		b += x[i+1]
		c += y[i]
		d += y[i+1]
	}
	if i < len(x) {
		a += x[i]
		c += y[i]
	}
	mx, my = (a+b)/n, (c+d)/n
	var sx, sy, xx, xy, yy float64
	for i, u := range x {
		u -= mx
		v := y[i] - my
		sx += u
		sy += v
		xx += u * u
		xy += u * v
		yy += v * v
	}
	s[0] += xx - sx*sx/n
	s[2] += xy - sx*sy/n
	s[3] += yy - sy*sy/n
	return mx + sx/n, my + sy/n
}
