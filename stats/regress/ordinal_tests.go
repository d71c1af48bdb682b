package regress

import (
	"errors"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
)

// BrantTest is a test of proportional odds: whether the coefficients of the logistic
// regressions at every cut of the scale are the same.
type BrantTest struct {
	stats.ChiSquareTest
	Names []string
	Each  []stats.ChiSquareTest // of each coefficient alone
}

// Brant tests proportional odds by the differences between the coefficients of the
// logistic regressions of Y > j at the cuts j, with their joint covariance. A doubt about
// the model, which chooses no other one: with few participants it sees nothing, with
// many it sees what does not matter. Approximate (χ²).
//
// It refuses two categories, which have one cut (ErrTooFew), coefficients that are not
// estimable (ErrSingular), and cuts at which Logistic has no estimate (ErrSeparation and
// others, naming the cut).
// Source: Brant 1990, doi:10.2307/2532457. Agrees with R's brant::brant.
func (m *OrdinalFit) Brant() (BrantTest, error) {
	const fn = "OrdinalFit.Brant"
	bad := func(arg string, err error, info string) (BrantTest, error) {
		return BrantTest{}, &stats.SampleError{Func: fn, Arg: arg, Index: -1, Err: err, Info: info}
	}
	cuts := len(m.levels) - 1
	if cuts < 2 {
		return bad("y", stats.ErrTooFew, "two categories have one cut")
	}
	if len(m.est.aliased) > 0 {
		return bad("terms", stats.ErrSingular, "not every coefficient is estimable")
	}
	p := len(m.c.q)
	fits := make([]*LogisticFit, cuts)
	inv := make([][]float64, cuts)
	prob := make([][]float64, cuts)
	for j := range cuts {
		f := &LogisticFit{d: m.d, count: m.c.count, n: m.n, est: m.est, basis: m.basis, y: make([]float64, len(m.c.level))}
		for i, l := range m.c.level {
			if l > j {
				f.y[i] = 1
			}
		}
		best, err := f.maximize(m.basis, math.NaN(), make([]float64, p+1))
		if err != nil {
			var s *stats.SampleError
			if errors.As(err, &s) {
				return bad(s.Arg, s.Err, fmt.Sprintf("at the cut %v|%v: %s", m.levels[j], m.levels[j+1], s.Info))
			}
			return BrantTest{}, err
		}
		f.gamma, f.eta = best.gamma, best.eta
		fits[j], inv[j] = f, m.basis.information(best.eta).xtxInv()
		prob[j] = make([]float64, len(f.y))
		for i, e := range best.eta {
			prob[j][i], _ = logistic(e)
		}
	}
	// The covariance of the estimates at two cuts: of the two events one implies the
	// other, so that their covariance is p_l(1 − p_j) with l the higher cut.
	k := p + 1
	cov := make([][]float64, cuts*cuts)
	for j := range cuts {
		for l := j; l < cuts; l++ {
			meat, row := make([]float64, k*k), make([]float64, k)
			for i := range m.c.level {
				w := m.c.count[i] * prob[l][i] * (1 - prob[j][i])
				m.basis.at(i, row)
				for a, x := range row {
					for b, z := range row {
						meat[a*k+b] += w * x * z
					}
				}
			}
			cov[j*cuts+l] = product(product(inv[j], meat, k), inv[l], k)
			cov[l*cuts+j] = transposed(cov[j*cuts+l], k)
		}
	}
	// In the coordinates of the basis a test of all coefficients is the same; of each
	// alone it is that of its own combination.
	all := make([][]float64, p)
	for a := range all {
		all[a] = make([]float64, k)
		all[a][a+1] = 1
	}
	out := BrantTest{Names: m.Names()}
	var ok bool
	if out.ChiSquareTest, ok = brantOf(fits, cov, all, k); !ok {
		return bad("y", stats.ErrSingular, "the covariance of the cuts is singular")
	}
	l := make([]float64, len(m.d.names))
	for a := range p {
		l[a+1] = 1
		t, ok := brantOf(fits, cov, [][]float64{m.basis.coordinates(l)}, k)
		if !ok {
			return bad("y", stats.ErrSingular, "the covariance of the cuts is singular")
		}
		out.Each = append(out.Each, t)
		l[a+1] = 0
	}
	return out, nil
}

// brantOf tests that combinations of coefficients are those of the first cut at every
// other.
func brantOf(fits []*LogisticFit, cov [][]float64, combos [][]float64, k int) (stats.ChiSquareTest, bool) {
	cuts, c := len(fits), len(combos)
	n := (cuts - 1) * c
	at := func(j, l, a, b int) float64 { // the covariance of two combinations at two cuts
		s := 0.0
		for u, x := range combos[a] {
			for v, z := range combos[b] {
				s += x * cov[j*cuts+l][u*k+v] * z
			}
		}
		return s
	}
	d, v := make([]float64, n), make([]float64, n*n)
	for j := 1; j < cuts; j++ {
		for a := range c {
			for u, x := range combos[a] {
				d[(j-1)*c+a] += x * (fits[0].gamma[u] - fits[j].gamma[u])
			}
			for l := 1; l < cuts; l++ {
				for b := range c {
					v[((j-1)*c+a)*n+(l-1)*c+b] = at(0, 0, a, b) - at(0, l, a, b) - at(j, 0, a, b) + at(j, l, a, b)
				}
			}
		}
	}
	root, ok := cholesky(v, n)
	if !ok {
		return stats.ChiSquareTest{}, false
	}
	x := 0.0
	for _, z := range forwardSolve(root, n, d) {
		x += z * z
	}
	return stats.ChiSquareTest{X2: x, DF: float64(n)}, true
}

func product(a, b []float64, n int) []float64 {
	out := make([]float64, n*n)
	for i := range n {
		for k := range n {
			for j := range n {
				out[i*n+j] += a[i*n+k] * b[k*n+j]
			}
		}
	}
	return out
}

func transposed(a []float64, n int) []float64 {
	out := make([]float64, n*n)
	for i := range n {
		for j := range n {
			out[j*n+i] = a[i*n+j]
		}
	}
	return out
}

// NominalTest is the likelihood ratio test of proportional odds for one term: against
// the model in which its columns have coefficients of their own at every cut. As Brant,
// a doubt and no choice. Approximate (χ²). It panics where the model has no such term.
//
// It refuses two categories (ErrTooFew), a term that is not estimable beside the others
// (ErrSingular) and a wider model without a largest likelihood (ErrSeparation).
// Source: Peterson & Harrell 1990, doi:10.2307/2347760. Agrees with R's
// ordinal::nominal_test.
func (m *OrdinalFit) NominalTest(term string) (stats.ChiSquareTest, error) {
	const fn = "OrdinalFit.NominalTest"
	bad := func(err error, info string) (stats.ChiSquareTest, error) {
		return stats.ChiSquareTest{}, &stats.SampleError{Func: fn, Arg: term, Index: -1, Err: err, Info: info}
	}
	index := -1
	for k, t := range m.d.terms {
		if len(t.vars) > 0 && t.Name() == term {
			index = k
		}
	}
	if index < 0 {
		panic(fmt.Sprintf("regress.OrdinalFit.NominalTest: no term %q in the model", term))
	}
	if len(m.levels) < 3 {
		return bad(stats.ErrTooFew, "two categories have one cut")
	}
	if len(m.est.aliased) > 0 {
		return bad(stats.ErrSingular, "not every coefficient is estimable")
	}
	// A basis in which the term's columns stand next to the intercept: freed of the other
	// columns as well they would set those free at each cut.
	var order []int
	for _, own := range []bool{true, false} {
		for j, a := range m.d.assign {
			if j > 0 && (a == index) == own {
				order = append(order, j)
			}
		}
	}
	cols := [][]float64{m.d.cols[0]}
	for _, j := range order {
		cols = append(cols, m.d.cols[j])
	}
	b := newBasis(cols, m.c.count, solveLS(cols, m.c.count, m.c.count))
	kw := 1 // the columns with coefficients at each cut, the thresholds' among them
	for _, a := range m.d.assign {
		if a == index {
			kw++
		}
	}
	wide := *m.c
	wide.fn = fn
	wide.w = append([][]float64{m.c.w[0]}, b.q[1:kw]...)
	wide.q = b.q[kw:]
	k := len(m.levels) - 1
	// It starts at the narrow model's maximum; at the thresholds the sign is turned.
	start := make([]float64, wide.size())
	gamma := make([]float64, len(b.q))
	for j, q := range b.q {
		for i, x := range q {
			eta := 0.0
			for l, own := range m.c.q {
				eta += own[i] * m.par[k+l]
			}
			gamma[j] += m.c.count[i] * x * eta / float64(m.n)
		}
	}
	for j := range k {
		start[j*kw] = m.par[j]
		for v := range kw - 1 {
			start[j*kw+1+v] = -gamma[1+v]
		}
	}
	copy(start[k*kw:], gamma[kw:])
	best, err := climb(&wide, start, false)
	if err != nil {
		var s *separation
		if errors.As(err, &s) {
			return bad(ErrSeparation, "its coefficients at the cuts")
		}
		return stats.ChiSquareTest{}, err
	}
	return stats.ChiSquareTest{X2: math.Max(0, 2*(best.ll-m.ll)), DF: float64((kw - 1) * (k - 1))}, nil
}
