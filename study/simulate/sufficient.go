package simulate

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/study"
)

// sufficient are the statistics of one outcome's values in an arm that Welch's t and the
// analysis of covariance rest on: means, and sums of squares and products about them, over
// the outcome's times. Of normal values they are drawn without the values,
//
//	means ~ N(μ, Σ/n),   products = L A A'Lᵀ,   Σ = LLᵀ
//
// A lower triangular with √χ²(n − 1 − i) on the diagonal and standard normals below it
// (Bartlett 1933, doi 10.1017/S0370164600015637; the matrix is Wishart's).
type sufficient struct {
	mean, product []float64 // cells; cells × cells, the lower triangle
	n             float64
}

// gamma draws from the gamma distribution of a shape ≥ 1 and scale 1 (Marsaglia & Tsang
// 2000, doi 10.1145/358407.358414).
func (s *stream) gamma(shape float64) float64 {
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.normal()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v *= v * v
		u := s.open()
		if x2 := x * x; u < 1-0.0331*x2*x2 || math.Log(u) < x2/2+d*(1-v+math.Log(v)) {
			return d * v
		}
	}
}

// chi is the root of a chi-squared number of degrees of freedom ≥ 1.
func (s *stream) chi(df float64) float64 {
	if df < 2 {
		return math.Abs(s.normal())
	}
	return math.Sqrt(2 * s.gamma(df/2))
}

// statistics draws a trial's sufficient statistics, outcome by outcome and arm by arm.
func (t *trial) statistics(seed, k uint64) {
	t.number, t.rng = k, newStream(seed, k)
	for i, v := range t.w.outcomes {
		k := len(v.cells)
		a, l := t.z[:k*k], t.products
		for arm := range t.w.arms {
			s := &t.stat[i][arm]
			for r := range k {
				for c := range r {
					a[r*k+c] = t.rng.normal()
				}
				a[r*k+r] = t.rng.chi(s.n - 1 - float64(r))
			}
			for r := range k { // L A
				for c := range r + 1 {
					x := 0.0
					for m := c; m <= r; m++ {
						x += v.root[r*k+m] * a[m*k+c]
					}
					l[r*k+c] = x * v.shape[arm][r].scale
				}
			}
			for r := range k {
				for c := range r + 1 {
					x := 0.0
					for m := range c + 1 {
						x += l[r*k+m] * l[c*k+m]
					}
					s.product[r*k+c] = x
				}
			}
			for r := range k {
				a[r] = t.rng.normal()
			}
			for r := range k {
				x := 0.0
				for m := range r + 1 {
					x += v.root[r*k+m] * a[m]
				}
				g := &v.shape[arm][r]
				s.mean[r] = g.loc + g.scale*x/math.Sqrt(s.n)
			}
		}
	}
}

// suffices makes room for the statistics, or says why they are not enough.
func (t *trial) suffices() error {
	w := t.w
	if t.seen[0] != nil || w.truth.Between > 0 {
		return fmt.Errorf("simulate: sufficient statistics are those of complete outcomes that do not correlate with one another")
	}
	most := 0
	for _, v := range w.outcomes {
		k := len(v.cells)
		if !v.plain {
			return fmt.Errorf("simulate: %s is not normal without ends, steps, covariates or events: no statistics suffice", v.ID)
		}
		var row []sufficient
		for _, n := range w.size {
			if n < k+2 {
				return fmt.Errorf("simulate: %d patients in an arm are too few for sufficient statistics of %d times", n, k)
			}
			row = append(row, sufficient{make([]float64, k), make([]float64, k*k), float64(n)})
		}
		t.stat = append(t.stat, row)
		most = max(most, k*k)
	}
	t.z, t.products = make([]float64, most), make([]float64, most)
	return nil
}

// fromStatistics answers Welch's t and the analysis of covariance.
type fromStatistics struct {
	place
	model study.Model
	j     []*judge
}

func newFromStatistics(w *world, q study.Plan, j []*judge) (estimator, error) {
	at, ok := w.place(q)
	v := w.outcomes[max(at.outcome, 0)]
	linear := q.Model == study.ANCOVA && q.SE != study.StandardErrorHC3 && !q.VarianceByArm && len(q.Covariates) == 0
	if !ok || !v.Measured() || !linear && q.Model != study.Welch && q.Model != study.WelchChange || w.protocol.Randomization.Stratified() {
		return nil, fmt.Errorf("simulate: sufficient statistics do not answer the plan for %s at %s (%s)", q.Outcome, q.Visit, q.Method())
	}
	return &fromStatistics{at, q.Model, j}, nil
}

func (e *fromStatistics) find(t *trial, out []finding) {
	s := t.stat[e.outcome]
	k := len(s[0].mean)
	ctl := len(s) - 1
	square := func(x *sufficient) (mean, ss float64) {
		mean, ss = x.mean[e.visit], x.product[e.visit*k+e.visit]
		if e.model == study.WelchChange {
			mean -= x.mean[e.base]
			ss += x.product[e.base*k+e.base] - 2*x.product[e.visit*k+e.base]
		}
		return mean, ss
	}
	if e.model != study.ANCOVA {
		mc, sc := square(&s[ctl])
		vc := sc / (s[ctl].n - 1) / s[ctl].n
		for a := range out {
			m, ss := square(&s[a])
			vt := ss / (s[a].n - 1) / s[a].n
			v := vt + vc
			p, r := vt/v, vc/v
			out[a] = e.j[a].estimate(stats.Estimate{Value: m - mc, SE: math.Sqrt(v), DF: 1 / (p*p/(s[a].n-1) + r*r/(s[ctl].n-1))})
		}
		return
	}
	var xx, xy, yy, df float64
	for a := range s {
		yy += s[a].product[e.visit*k+e.visit]
		df += s[a].n - 1
		if e.base >= 0 {
			xx += s[a].product[e.base*k+e.base]
			xy += s[a].product[e.visit*k+e.base]
		}
	}
	slope := 0.0
	if e.base >= 0 {
		slope = xy / xx
		yy -= slope * xy
		df--
	}
	for a := range out {
		value, v := s[a].mean[e.visit]-s[ctl].mean[e.visit], 1/s[a].n+1/s[ctl].n
		if e.base >= 0 {
			d := s[a].mean[e.base] - s[ctl].mean[e.base]
			value -= slope * d
			v += d * d / xx
		}
		out[a] = e.j[a].estimate(stats.Estimate{Value: value, SE: math.Sqrt(yy / df * v), DF: df})
	}
}
