package regress

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// SSType says which hypothesis a term's F test is about.
type SSType string

// Types of sums of squares. The zero value is TypeIII.
const (
	// TypeIII: the term adjusted for every other, with each category's effects
	// summing to zero over its levels: unweighted means are compared.
	TypeIII SSType = ""
	// TypeII: the term adjusted for every term that does not contain it.
	TypeII SSType = "II"
	// TypeI: the term adjusted for the terms before it. The order matters.
	TypeI SSType = "I"
)

// TestOptions are the choices in Fit.Tests.
type TestOptions struct{ Type SSType }

// TermTest is the joint F test of one term.
type TermTest struct {
	Term string
	SS   float64 // sum of squares, DF1 degrees of freedom
	stats.FTest
	n float64
}

// PartialOmega2 returns ω²ₚ = (F − 1)·DF1/((F − 1)·DF1 + n), n the number of
// rows, negative where F < 1.
func (t TermTest) PartialOmega2() float64 {
	return (t.F - 1) * t.DF1 / ((t.F-1)*t.DF1 + t.n)
}

// Tests returns the F test, of type III, of every term but the intercept, against
// the residual variance of the whole model.
//
// A type is a hypothesis about cell means, so the answers depend neither on
// which level is the reference nor on the coding, and, except for TypeI, not
// on the order of terms. A term contains another if it has all its variables;
// with a numeric variable in an interaction, the TypeIII test of the category
// compares its levels where the numeric variable is 0: center it first.
//
// Source: Speed, Hocking & Hackney 1978, doi:10.1080/01621459.1978.10480000.
// Agrees with R's anova (I) and car::Anova (II; III with contr.sum) and SAS
// PROC GLM where every cell has data; where one has none, TypeIII of a term in
// an interaction with it is no hypothesis about means, and F is NaN. It panics for a
// model with robust errors.
func (m *Fit) Tests() TermTests { return m.TestsWith(TestOptions{}) }

// TestsWith is Tests of another type. It panics for one that is unknown.
func (m *Fit) TestsWith(opts TestOptions) TermTests {
	m.modelBased("Tests")
	var out TermTests
	for k := range m.d.terms {
		if len(m.d.terms[k].vars) > 0 {
			out = append(out, m.termTest(k, opts.Type))
		}
	}
	return out
}

// Test returns the F test of one term of Tests; "(Intercept)" is allowed (the
// grand mean of cell means is 0). It panics where the model has no such term.
func (m *Fit) Test(term string) TermTest { return m.TestWith(term, TestOptions{}) }

// TestWith is Test of another type, which "(Intercept)" does not have.
func (m *Fit) TestWith(term string, opts TestOptions) TermTest {
	m.modelBased("Test")
	for k, t := range m.d.terms {
		if t.Name() == term && (len(t.vars) > 0 || opts.Type == TypeIII) {
			return m.termTest(k, opts.Type)
		}
	}
	panic(fmt.Sprintf("regress.Fit.Test: no test of type %q for term %q", opts.Type, term))
}

func (m *Fit) termTest(k int, kind SSType) TermTest {
	t := m.d.terms[k]
	cols, assign := m.d.cols, m.d.assign
	var before func(u int) bool
	switch kind {
	case TypeI:
		before = func(u int) bool { return u < k }
	case TypeII:
		before = func(u int) bool { return u != k && !m.d.terms[u].contains(t) }
	case TypeIII:
		for _, j := range m.est.aliased {
			if u := m.d.assign[j]; u != k && m.d.terms[u].contains(t) {
				// With empty cells the hypothesis depends on the coding.
				return TermTest{Term: t.Name(), SS: math.NaN(), FTest: stats.FTest{F: math.NaN(), DF1: math.NaN(), DF2: m.df}, n: float64(len(m.y))}
			}
		}
		_, cols, assign = m.d.columns(sumCoding)
		before = func(u int) bool { return u != k }
	default:
		panic(fmt.Sprintf("regress.Fit.Tests: unknown type of sums of squares %q", kind))
	}
	var use [][]float64
	for j, a := range assign {
		if before(a) {
			use = append(use, cols[j])
		}
	}
	first := len(use)
	for j, a := range assign {
		if a == k {
			use = append(use, cols[j])
		}
	}
	fit := solveLS(use, m.y, m.w)
	ss, df := 0.0, 0.0
	for i, j := range fit.kept {
		if j >= first {
			q := fit.qty[i].Float()
			ss += q * q
			df++
		}
	}
	return TermTest{Term: t.Name(), SS: ss, FTest: stats.FTest{F: ss / df / (m.rss / m.df), DF1: df, DF2: m.df}, n: float64(len(m.y))}
}

// Joint returns the F test that every row of L times β is 0. It uses the
// model's covariance matrix, robust where the model is; F is NaN where a row is
// not estimable. It panics where a row
// has the wrong length or depends on the others.
func (m *Fit) Joint(rows [][]float64) stats.FTest {
	q := len(rows)
	v := make([]float64, q*q)
	est := make([]float64, q)
	product := m.products()
	kept := make([][]float64, q)
	for i, a := range rows {
		m.checkContrast(a)
		var ok bool
		if kept[i], ok = m.est.restrict(a); !ok {
			return stats.FTest{F: math.NaN(), DF1: float64(q), DF2: m.df}
		}
		est[i] = m.fit.dot(kept[i])
		for j, b := range kept[:i+1] {
			s := product(kept[i], b)
			v[i*q+j], v[j*q+i] = s, s
		}
	}
	l, ok := cholesky(v, q)
	if !ok {
		panic("regress.Fit.Joint: rows of the joint hypothesis depend on each other")
	}
	s := 0.0
	z := forwardSolve(l, q, est)
	for _, x := range z {
		s += x * x
	}
	return stats.FTest{F: s / float64(q), DF1: float64(q), DF2: m.df}
}

// products is the covariance of two contrasts of the coefficients that are kept.
func (m *Fit) products() func(a, b []float64) float64 {
	if m.robust == nil && m.fit.factor != nil { // the matrix may have hundreds of rows
		return func(a, b []float64) float64 {
			return num.DotDD(m.fit.whiten(a), m.fit.whiten(b)).Float() * (m.rss / m.df)
		}
	}
	p, cov := m.fit.rank(), m.covKept()
	return func(a, b []float64) (s float64) {
		for r := range p {
			for c := range p {
				s += a[r] * cov[r*p+c] * b[c]
			}
		}
		return s
	}
}

// cholesky returns the lower triangle L of a = LLᵀ, row-major; ok is false
// where a is not positive definite to rounding.
func cholesky(a []float64, n int) (l []float64, ok bool) {
	l = make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			s := a[i*n+j]
			for k := range j {
				s -= l[i*n+k] * l[j*n+k]
			}
			if i == j {
				if !(s > 1e-14*math.Abs(a[i*n+i])) {
					return nil, false
				}
				l[i*n+i] = math.Sqrt(s)
			} else {
				l[i*n+j] = s / l[j*n+j]
			}
		}
	}
	return l, true
}

// forwardSolve solves Lz = b.
func forwardSolve(l []float64, n int, b []float64) []float64 {
	z := make([]float64, n)
	for i := range n {
		s := b[i]
		for k := range i {
			s -= l[i*n+k] * z[k]
		}
		z[i] = s / l[i*n+i]
	}
	return z
}

// BreuschPagan tests whether the residual variance depends on the model's
// columns: n·R² of the squared residuals regressed on them, approximately
// chi-squared with p − 1 degrees of freedom under one variance.
//
// Source: Koenker 1981, doi:10.1016/0304-4076(81)90062-2 (the studentized
// form). Agrees with R's lmtest::bptest. It returns ErrNoVariation where the
// squared residuals are all equal.
func (m *Fit) BreuschPagan() (stats.ChiSquareTest, error) {
	if m.w != nil {
		return stats.ChiSquareTest{}, &stats.SampleError{Func: "BreuschPagan", Arg: "Weights", Index: -1, Err: stats.ErrDomain, Info: "a weighted model"}
	}
	e2 := m.Residuals()
	for i, e := range e2 {
		e2[i] = e * e
	}
	fit := solveLS(m.d.cols, e2, nil)
	aux := &Fit{d: m.d, y: e2, fit: fit, est: m.est, rss: fit.rss.Float(), df: m.df}
	ess, tss, _ := aux.explained()
	if tss <= 1e-28*float64(len(e2)) || math.IsNaN(ess/tss) {
		return stats.ChiSquareTest{}, &stats.SampleError{Func: "BreuschPagan", Arg: "residuals", Index: -1, Err: stats.ErrNoVariation}
	}
	return stats.ChiSquareTest{X2: float64(len(e2)) * ess / tss, DF: float64(fit.rank() - 1)}, nil
}
