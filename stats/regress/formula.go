package regress

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrFormula: a formula that cannot be read.
var ErrFormula = errors.New("formula not understood")

// FormulaError points at the character of a formula that could not be used.
// It matches ErrFormula.
type FormulaError struct {
	Formula string
	Column  int // of the character, from 1
	Msg     string
}

func (e *FormulaError) Error() string {
	return fmt.Sprintf("formula column %d: %s\n\t%s\n\t%s^", e.Column, e.Msg, e.Formula,
		strings.Repeat(" ", e.Column-1))
}

func (e *FormulaError) Unwrap() error { return ErrFormula }

// Formula is a model in the notation of Wilkinson and Rogers. Terms are sorted
// by the number of their variables, otherwise in order of appearance.
type Formula struct {
	Response  string
	Intercept bool
	Terms     []FormulaTerm
	text      string
	respPos   int
}

// FormulaTerm lists the variables of a term; more than one is an interaction.
type FormulaTerm struct{ Vars []FormulaVar }

// FormulaVar is a variable; Factor says that it was written factor(x) or C(x):
// a category whatever its values.
type FormulaVar struct {
	Name   string
	Factor bool
	pos    int
}

// ParseFormula reads "response ~ terms":
//
//	a + b     both terms           a:b        their interaction
//	a*b       a + b + a:b          a/b        a + a:b (b nested in a)
//	(a+b+c)^2 all up to order 2    - a        without that term
//	-1, +0    no intercept         factor(a)  a as a category, also C(a)
//
// Names are letters, digits, dots and underscores, or anything between
// backquotes. Other functions, offsets and arithmetic are refused: transform
// the data first. Every error is a *FormulaError that points at the character.
//
// Source: Wilkinson & Rogers 1973, doi:10.2307/2346786. Agrees with the terms
// of R, patsy and StatsModels.jl.
func ParseFormula(text string) (*Formula, error) {
	p := &formulaParser{text: text}
	f, err := p.parse()
	if err != nil {
		return nil, err
	}
	return f, nil
}

type formulaToken struct {
	kind rune // 'n' name, '0' number, 0 end, else the operator itself
	text string
	pos  int // byte offset
}

type formulaParser struct {
	text string
	toks []formulaToken
	i    int
}

// termList is a set of terms in order, with what was said of the intercept.
type termList struct {
	terms     []FormulaTerm
	intercept int // 1 added, −1 removed, 0 not mentioned
}

func (p *formulaParser) fail(pos int, format string, args ...any) error {
	return &FormulaError{Formula: p.text, Column: utf8.RuneCountInString(p.text[:pos]) + 1, Msg: fmt.Sprintf(format, args...)}
}

func (p *formulaParser) scan() error {
	for i := 0; i < len(p.text); {
		r, w := utf8.DecodeRuneInString(p.text[i:])
		switch {
		case r == utf8.RuneError && w <= 1:
			return p.fail(i, "not UTF-8")
		case unicode.IsSpace(r):
			i += w
		case r == '`':
			end := strings.IndexByte(p.text[i+1:], '`')
			if end <= 0 {
				return p.fail(i, "backquote is not closed or holds no name")
			}
			p.toks = append(p.toks, formulaToken{'n', p.text[i+1 : i+1+end], i})
			i += end + 2
		case unicode.IsLetter(r) || r == '.' || r == '_' || unicode.IsDigit(r):
			j := i
			for j < len(p.text) {
				r, w := utf8.DecodeRuneInString(p.text[j:])
				if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '_' {
					break
				}
				j += w
			}
			word := p.text[i:j]
			kind := 'n'
			if unicode.IsDigit(r) {
				kind = '0'
				if _, err := strconv.Atoi(word); err != nil {
					return p.fail(i, "%q is neither a name nor a whole number", word)
				}
			} else if word == "." {
				return p.fail(i, "name the variables; \".\" is not supported")
			}
			p.toks = append(p.toks, formulaToken{kind, word, i})
			i = j
		case strings.ContainsRune("~+-*:/^()", r):
			p.toks = append(p.toks, formulaToken{r, string(r), i})
			i += w
		default:
			return p.fail(i, "%q has no meaning here", r)
		}
	}
	p.toks = append(p.toks, formulaToken{0, "the end", len(p.text)})
	return nil
}

func (p *formulaParser) peek() formulaToken { return p.toks[p.i] }

func (p *formulaParser) next() formulaToken {
	t := p.toks[p.i]
	if t.kind != 0 {
		p.i++
	}
	return t
}

func (p *formulaParser) parse() (*Formula, error) {
	if err := p.scan(); err != nil {
		return nil, err
	}
	t := p.next()
	if t.kind != 'n' {
		return nil, p.fail(t.pos, "want the outcome's name, found %s", t.text)
	}
	f := &Formula{Response: t.text, text: p.text, respPos: t.pos}
	if t = p.next(); t.kind != '~' {
		return nil, p.fail(t.pos, "want ~ after the outcome, found %s", t.text)
	}
	s, err := p.sum()
	if err != nil {
		return nil, err
	}
	if t = p.peek(); t.kind != 0 {
		return nil, p.fail(t.pos, "%q is out of place", t.text)
	}
	f.Terms, f.Intercept = s.terms, s.intercept >= 0
	sort.SliceStable(f.Terms, func(i, j int) bool { return len(f.Terms[i].Vars) < len(f.Terms[j].Vars) })
	if len(f.Terms) == 0 && !f.Intercept {
		return nil, p.fail(len(p.text), "the model is empty")
	}
	for _, t := range f.Terms {
		for _, v := range t.Vars {
			if v.Name == f.Response {
				return nil, p.fail(v.pos, "the outcome %s is on both sides", v.Name)
			}
		}
	}
	return f, nil
}

// sum reads terms joined by + and −.
func (p *formulaParser) sum() (termList, error) {
	var out termList
	minus := false
	if k := p.peek().kind; k == '+' || k == '-' {
		minus = p.next().kind == '-'
	}
	for {
		if t := p.peek(); t.kind == '0' {
			p.next()
			if k := p.peek().kind; strings.ContainsRune("*:/^", k) && k != 0 {
				return out, p.fail(t.pos, "a number stands only after + or -")
			}
			switch {
			case t.text == "1" && !minus, t.text == "0" && minus:
				out.intercept = 1
			case t.text == "1", t.text == "0":
				out.intercept = -1
			default:
				return out, p.fail(t.pos, "only 0 and 1 stand alone, found %s", t.text)
			}
		} else {
			s, err := p.product()
			if err != nil {
				return out, err
			}
			if minus {
				out.terms = without(out.terms, s.terms)
			} else {
				out.terms = union(out.terms, s.terms)
			}
			if s.intercept != 0 {
				out.intercept = s.intercept
				if minus {
					out.intercept = -s.intercept
				}
			}
		}
		switch p.peek().kind {
		case '+', '-':
			minus = p.next().kind == '-'
		default:
			return out, nil
		}
	}
}

// product reads a*b and a/b.
func (p *formulaParser) product() (termList, error) {
	a, err := p.colon()
	if err != nil {
		return a, err
	}
	for p.peek().kind == '*' || p.peek().kind == '/' {
		op := p.next()
		b, err := p.colon()
		if err != nil {
			return a, err
		}
		if a.intercept != 0 || b.intercept != 0 {
			return a, p.fail(op.pos, "a number stands only after + or -")
		}
		if op.kind == '*' {
			cross := crossed(a.terms, b.terms)
			a.terms = union(union(a.terms, b.terms), cross)
			continue
		}
		var all FormulaTerm
		for _, t := range a.terms {
			all = joined(all, t)
		}
		a.terms = union(a.terms, crossed([]FormulaTerm{all}, b.terms))
	}
	return a, nil
}

// colon reads a:b.
func (p *formulaParser) colon() (termList, error) {
	a, err := p.power()
	if err != nil {
		return a, err
	}
	for p.peek().kind == ':' {
		op := p.next()
		b, err := p.power()
		if err != nil {
			return a, err
		}
		if a.intercept != 0 || b.intercept != 0 {
			return a, p.fail(op.pos, "a number stands only after + or -")
		}
		a.terms = crossed(a.terms, b.terms)
	}
	return a, nil
}

// power reads (a+b)^2.
func (p *formulaParser) power() (termList, error) {
	a, err := p.atom()
	if err != nil {
		return a, err
	}
	for p.peek().kind == '^' {
		p.next()
		t := p.next()
		k, err := strconv.Atoi(t.text)
		if t.kind != '0' || err != nil || k < 1 || k > 20 {
			return a, p.fail(t.pos, "want a power from 1 to 20, found %s", t.text)
		}
		base := a.terms
		for range min(k-1, len(base)) { // further powers add nothing
			a.terms = union(a.terms, crossed(a.terms, base))
			if len(a.terms) > 1000 {
				return a, p.fail(t.pos, "more than 1000 terms")
			}
		}
	}
	return a, nil
}

func (p *formulaParser) atom() (termList, error) {
	t := p.next()
	switch t.kind {
	case '(':
		s, err := p.sum()
		if err != nil {
			return s, err
		}
		if c := p.next(); c.kind != ')' {
			return s, p.fail(c.pos, "want ), found %s", c.text)
		}
		return s, nil
	case 'n':
		v := FormulaVar{Name: t.text, pos: t.pos}
		if p.peek().kind == '(' {
			switch t.text {
			case "factor", "C":
			case "offset":
				return termList{}, p.fail(t.pos, "offsets are not supported: subtract it from the outcome")
			default:
				return termList{}, p.fail(t.pos, "unknown function %s: transform the data first (only factor and C are known)", t.text)
			}
			p.next()
			a := p.next()
			if a.kind != 'n' {
				return termList{}, p.fail(a.pos, "want a variable's name, found %s", a.text)
			}
			if c := p.next(); c.kind != ')' {
				return termList{}, p.fail(c.pos, "want ), found %s", c.text)
			}
			v = FormulaVar{Name: a.text, Factor: true, pos: a.pos}
		}
		return termList{terms: []FormulaTerm{{Vars: []FormulaVar{v}}}}, nil
	case '0':
		return termList{}, p.fail(t.pos, "a number stands only after + or -")
	}
	return termList{}, p.fail(t.pos, "want a variable, found %s", t.text)
}

func (t FormulaTerm) same(u FormulaTerm) bool {
	return len(t.Vars) == len(u.Vars) && len(joined(t, u).Vars) == len(t.Vars)
}

// joined is the term of all variables of both.
func joined(t, u FormulaTerm) FormulaTerm {
	out := FormulaTerm{Vars: append([]FormulaVar(nil), t.Vars...)}
next:
	for _, v := range u.Vars {
		for _, w := range out.Vars {
			if w.Name == v.Name && w.Factor == v.Factor {
				continue next
			}
		}
		out.Vars = append(out.Vars, v)
	}
	return out
}

func union(a, b []FormulaTerm) []FormulaTerm {
	out := append([]FormulaTerm(nil), a...)
	for _, t := range b {
		if !hasTerm(out, t) {
			out = append(out, t)
		}
	}
	return out
}

func without(a, b []FormulaTerm) []FormulaTerm {
	var out []FormulaTerm
	for _, t := range a {
		if !hasTerm(b, t) {
			out = append(out, t)
		}
	}
	return out
}

func crossed(a, b []FormulaTerm) []FormulaTerm {
	var out []FormulaTerm
	for _, t := range a {
		for _, u := range b {
			if j := joined(t, u); !hasTerm(out, j) {
				out = append(out, j)
			}
		}
	}
	return out
}

func hasTerm(list []FormulaTerm, t FormulaTerm) bool {
	for _, u := range list {
		if u.same(t) {
			return true
		}
	}
	return false
}
