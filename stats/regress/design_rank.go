package regress

import (
	"math"

	"github.com/trialkit/trialkit/stats"
)

// estimable tells what a design whose columns depend on each other estimates.
// A combination of coefficients is estimable where it is a combination of the
// design's rows (Searle 1971, Linear Models, section 5.4): then it does not
// depend on which of the dependent columns are left out.
type estimable struct {
	kept, aliased []int
	// comb[a] writes aliased column a by the kept ones.
	comb [][]float64
}

// estimable sorts the columns that a solution left out. It refuses a main
// effect of which nothing is left, which the data cannot speak of at all: a
// copy of another variable, a constant, an arm that is a site. What is missing
// of interactions, for cells without data, and single levels of a category
// stay to be asked for.
func (d *design) estimable(fit *lsFit) (*estimable, error) {
	e := &estimable{kept: fit.kept, aliased: fit.aliased}
	if len(fit.aliased) == 0 {
		return e, nil
	}
	left := map[int]bool{}
	for _, j := range fit.kept {
		left[d.assign[j]] = true
	}
	var lost []int
	for _, j := range fit.aliased {
		if k := d.assign[j]; !left[k] && len(d.terms[k].vars) == 1 {
			lost = append(lost, j)
		}
	}
	if len(lost) > 0 {
		return nil, d.aliasedError(lost)
	}
	cols := e.columns(d)
	for _, j := range fit.aliased {
		comb := solveLS(cols, d.cols[j], nil).betaFloats()
		for k, c := range comb {
			// What rounding leaves of a column that has no part in it.
			if math.Abs(c)*maxAbs(cols[k]) <= 1e-11*maxAbs(d.cols[j]) {
				comb[k] = 0
			}
		}
		e.comb = append(e.comb, comb)
	}
	return e, nil
}

// columns are the kept ones.
func (e *estimable) columns(d *design) [][]float64 {
	cols := make([][]float64, len(e.kept))
	for k, j := range e.kept {
		cols[k] = d.cols[j]
	}
	return cols
}

// restrict returns the elements of a contrast that multiply kept coefficients;
// not ok where the contrast is not estimable.
func (e *estimable) restrict(l []float64) (kept []float64, ok bool) {
	kept = make([]float64, len(e.kept))
	for k, j := range e.kept {
		kept[k] = l[j]
	}
	for a, j := range e.aliased {
		s, size := -l[j], math.Abs(l[j])
		for k, c := range e.comb[a] {
			s += c * kept[k]
			size += math.Abs(c * kept[k])
		}
		if math.Abs(s) > 1e-9*size {
			return nil, false
		}
	}
	return kept, true
}

// names returns the coefficients that are not estimable.
func (e *estimable) names(names []string) []string {
	var out []string
	l := make([]float64, len(names))
	for j, name := range names {
		l[j] = 1
		if _, ok := e.restrict(l); !ok {
			out = append(out, name)
		}
		l[j] = 0
	}
	return out
}

// notEstimable is the estimate of what the data do not determine.
func notEstimable(df float64) stats.Estimate {
	return stats.Estimate{Value: math.NaN(), SE: math.NaN(), DF: df}
}

// NotEstimable returns the names of the coefficients that the data do not
// determine, for cells without data; nil for a design of full rank. Their
// Coefficient, and every contrast and least squares mean that needs them, is
// NaN: see Estimate.Estimable.
func (m *Fit) NotEstimable() []string { return m.est.names(m.d.names) }

// NotEstimable returns the names of the coefficients that the data do not
// determine: see Fit.NotEstimable.
func (m *LogisticFit) NotEstimable() []string { return m.est.names(m.d.names) }

// expand turns a covariance matrix of kept coefficients into rows for all,
// NaN where one is not estimable.
func (e *estimable) expand(cov []float64, names []string) [][]float64 {
	p, rank := len(names), len(e.kept)
	rows := make([][]float64, p)
	l := make([]float64, p)
	unit := make([][]float64, p)
	for i := range p {
		l[i] = 1
		unit[i], _ = e.restrict(l)
		l[i] = 0
	}
	for i := range rows {
		rows[i] = make([]float64, p)
		for j := range rows[i] {
			if unit[i] == nil || unit[j] == nil {
				rows[i][j] = math.NaN()
				continue
			}
			for r, x := range unit[i] {
				for c, y := range unit[j] {
					if x != 0 && y != 0 {
						rows[i][j] += x * y * cov[r*rank+c]
					}
				}
			}
		}
	}
	return rows
}
