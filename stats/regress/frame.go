package regress

import (
	"fmt"
	"strconv"
)

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
