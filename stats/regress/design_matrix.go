package regress

import (
	"math"

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
