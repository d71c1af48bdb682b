package regress

import (
	"fmt"
	"math"
	"strconv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
)

// Design is a formula's design matrix over the rows of a frame, for models
// that are not least squares: package mmrm's Rows takes its Names and X.
type Design struct {
	Y     []float64
	Names []string    // of the columns, as "(Intercept)", "age", "armactive:visitweek 4"
	X     [][]float64 // rows × columns, treatment coding

	m Fit
}

// ModelMatrix is the design matrix of terms over n rows, with an intercept: the
// names of its columns and the columns, in treatment coding, as R's model.matrix
// makes them. It refuses terms of another length and such as hold a value that is
// not finite, and a category of one level; it does not ask whether columns depend
// on each other.
func ModelMatrix(n int, terms ...Term) (names []string, cols [][]float64, err error) {
	d, err := newDesign("ModelMatrix", n, terms, true)
	if err != nil {
		return nil, nil, err
	}
	return d.names, d.cols, nil
}

// Design builds the design matrix of a formula. Unlike Linear it does not ask
// whether the columns are independent.
func (f *Frame) Design(formula string) (*Design, error) {
	p, err := ParseFormula(formula)
	if err != nil {
		return nil, err
	}
	y, terms, err := f.Terms(p)
	if err != nil {
		return nil, err
	}
	d, err := newDesign("Design", len(y), terms, p.Intercept)
	if err != nil {
		return nil, err
	}
	if err := check.Sample("Design", p.Response, y, 1); err != nil {
		return nil, err
	}
	names, cols, _ := d.columns(treatmentCoding)
	x, flat := make([][]float64, len(y)), make([]float64, len(y)*len(cols))
	for i := range x {
		x[i] = flat[i*len(cols) : (i+1)*len(cols) : (i+1)*len(cols)]
		for j, c := range cols {
			x[i][j] = c[i]
		}
	}
	return &Design{Y: y, Names: names, X: x, m: Fit{d: d, y: y}}, nil
}

// LSMeanRow returns the contrast of coefficients that is the least squares
// mean at the given levels: numeric variables at their mean over all rows, the
// other categories averaged over with the weights; nil where these are all
// zero. See Fit.LSMeans.
func (d *Design) LSMeanRow(opts LSMeansOptions, levels map[string]string) []float64 {
	return d.m.lsMeanRow(levels, opts)
}

// Levels returns the levels of a category, the reference first, and nil for a
// numeric variable or a name the design does not have.
func (d *Design) Levels(name string) []string {
	v := d.m.d.variable(name)
	if v == nil || !v.category() {
		return nil
	}
	return append([]string(nil), v.levels...)
}

// TypeIII returns the contrasts of coefficients, one row a degree of freedom,
// whose joint test is the term's type III hypothesis: see Fit.Tests.
// For package mmrm, pass them to Fit.Joint or LMMFit.Joint; R's lmerTest
// tests the same with anova(fit, type = 3). It refuses a design whose columns
// depend on each other (ErrSingular) and panics where it has no such term.
func (d *Design) TypeIII(term string) ([][]float64, error) {
	des := d.m.d
	names, cols, assign := des.columns(sumCoding)
	k := -1
	for i, t := range des.terms {
		if t.Name() == term {
			k = i
		}
	}
	if k < 0 {
		panic("regress.Design.TypeIII: no term " + term + " in the design")
	}
	var own []int
	for j, a := range assign {
		if a == k {
			own = append(own, j)
		}
	}
	rows := make([][]float64, len(own))
	for i := range rows {
		rows[i] = make([]float64, len(cols))
	}
	// X = S·T for the columns S in sum coding, so Sβ' = Xβ for β' = Tβ.
	x := make([]float64, len(d.X))
	for c := range names {
		for i := range x {
			x[i] = d.X[i][c]
		}
		fit := solveLS(cols, x, nil)
		if len(fit.aliased) > 0 {
			return nil, des.aliasedError(fit.aliased)
		}
		for i, b := range fit.betaFloats() {
			for r, j := range own {
				if i == j {
					rows[r][c] = b
				}
			}
		}
	}
	// The degrees of freedom of Fai and Cornelius depend on which contrasts
	// span the hypothesis: take differences from the reference level, as SAS
	// and lmerTest do, by an identity in the term's own coefficients.
	var at []int
	for c, a := range des.assign {
		if a == k {
			at = append(at, c)
		}
	}
	if len(at) == len(rows) {
		reduceRows(rows, at)
	}
	return rows, nil
}

// reduceRows brings the columns at of as many rows to the identity by
// Gauss–Jordan elimination; rows that cannot be are left as they are.
func reduceRows(rows [][]float64, at []int) {
	work := make([][]float64, len(rows))
	for i, r := range rows {
		work[i] = append([]float64(nil), r...)
	}
	for i, c := range at {
		best := i
		for j := i + 1; j < len(work); j++ {
			if math.Abs(work[j][c]) > math.Abs(work[best][c]) {
				best = j
			}
		}
		if math.Abs(work[best][c]) < 1e-8 {
			return
		}
		work[i], work[best] = work[best], work[i]
		p := work[i][c]
		for x := range work[i] {
			work[i][x] /= p
		}
		for j := range work {
			if f := work[j][c]; j != i && f != 0 {
				for x := range work[j] {
					work[j][x] -= f * work[i][x]
				}
			}
		}
	}
	copy(rows, work)
}

// Frame holds named columns for formulas. Its zero value is empty and ready
// for use; columns are held by reference.
type Frame struct{ cols map[string]Term }

// Numeric adds a numeric column.
func (f *Frame) Numeric(name string, values []float64) { f.add(name, Numeric(name, values)) }

// Category adds a category; see the function Category.
func (f *Frame) Category(name string, labels []string, reference string) {
	f.add(name, Category(name, labels, reference))
}

// Visit adds a category with a declared order; see the function Visit.
func (f *Frame) Visit(name string, labels, order []string) { f.add(name, Visit(name, labels, order)) }

func (f *Frame) add(name string, t Term) {
	if f.cols == nil {
		f.cols = map[string]Term{}
	}
	f.cols[name] = t
}

// Terms binds a formula to the frame's columns: the outcome and the terms. A
// name that the frame does not have, and an outcome that is a category, give a
// *FormulaError that points at it.
func (f *Frame) Terms(formula *Formula) (y []float64, terms []Term, err error) {
	fail := func(pos int, format string, args ...any) error {
		return (&formulaParser{text: formula.text}).fail(pos, format, args...)
	}
	r, ok := f.cols[formula.Response]
	switch {
	case !ok:
		return nil, nil, fail(formula.respPos, "the data have no column %s", formula.Response)
	case r.vars[0].category():
		return nil, nil, fail(formula.respPos, "the outcome %s is a category", formula.Response)
	}
	for _, ft := range formula.Terms {
		var parts []Term
		for _, v := range ft.Vars {
			t, ok := f.cols[v.Name]
			if !ok {
				return nil, nil, fail(v.pos, "the data have no column %s", v.Name)
			}
			if v.Factor && !t.vars[0].category() {
				labels := make([]string, len(t.vars[0].x))
				for i, x := range t.vars[0].x {
					labels[i] = strconv.FormatFloat(x, 'g', -1, 64)
				}
				t = Category(fmt.Sprintf("factor(%s)", v.Name), labels, "")
			}
			parts = append(parts, t)
		}
		terms = append(terms, Interaction(parts...))
	}
	return r.vars[0].x, terms, nil
}

// Linear fits the model of a formula to the frame's columns by Linear:
//
//	frame.Linear("fev ~ base + arm*visit")
func (f *Frame) Linear(formula string) (*Fit, error) {
	p, err := ParseFormula(formula)
	if err != nil {
		return nil, err
	}
	y, terms, err := f.Terms(p)
	if err != nil {
		return nil, err
	}
	return fitLinear("Linear", y, terms, LinearOptions{NoIntercept: !p.Intercept})
}

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
