package mmrm

import (
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats"
)

// term is one covariate's columns: value gives them for a row, or for an
// average participant when row is −1.
type term struct {
	names    []string
	byVisit  bool
	perValue bool
	category bool
	value    func(participant, value int, out []float64)
}

// terms codes the covariates, categories by treatment coding of the levels that
// occur among the participants used.
func (t *Trial) terms(fn string, used []bool) ([]term, error) {
	var out []term
	for _, c := range t.Covariates {
		pick := func(participant, value int) int { return participant }
		if c.PerValue {
			pick = func(participant, value int) int { return value }
		}
		if c.Number != nil {
			x := c.Number
			out = append(out, term{[]string{c.Name}, c.ByVisit, c.PerValue, false, func(p, v int, o []float64) { o[0] = x[pick(p, v)] }})
			continue
		}
		seen := map[string]bool{}
		var levels []string
		for i, s := range c.Category {
			if c.PerValue {
				i = t.Values[i].Participant
			}
			if used[i] && !seen[s] {
				seen[s] = true
				levels = append(levels, s)
			}
		}
		sort.Strings(levels)
		ref := c.Reference
		if ref == "" && len(levels) > 0 {
			ref = levels[0]
		}
		if !seen[ref] {
			return nil, bad(fn, "Covariates", -1, stats.ErrDomain, "%s: reference %q does not occur", c.Name, ref)
		}
		index := map[string]int{ref: -1}
		var names []string
		for _, l := range levels {
			if l != ref {
				index[l] = len(names)
				names = append(names, c.Name+"="+l)
			}
		}
		labels := c.Category
		out = append(out, term{names, c.ByVisit, c.PerValue, true, func(p, v int, o []float64) {
			clear(o)
			if k := index[labels[pick(p, v)]]; k >= 0 {
				o[k] = 1
			}
		}})
	}
	return out, nil
}

// columns names the design: a mean per visit (of the control arm where the
// visit is after baseline), a difference from control per other arm and visit,
// then the covariates; and returns the function that fills a row.
func (m *VisitMeans) columns(terms []term) (*Rows, func(p, v, value int, x []float64)) {
	t := m.trial
	r := &Rows{}
	visits := len(m.Visits)
	for _, v := range m.Visits {
		r.Columns = append(r.Columns, "visit "+v)
	}
	offset := make([]int, len(t.Arms))
	for a, name := range t.Arms {
		offset[a] = -1
		if name == t.Control {
			continue
		}
		offset[a] = len(r.Columns) - m.post
		for _, v := range m.Visits[m.post:] {
			r.Columns = append(r.Columns, name+" − "+t.Control+", "+v)
		}
	}
	starts := make([]int, len(terms))
	width := 0
	for i, tm := range terms {
		starts[i] = len(r.Columns)
		for _, n := range tm.names {
			if !tm.byVisit {
				r.Columns = append(r.Columns, n)
				continue
			}
			for _, v := range m.Visits {
				r.Columns = append(r.Columns, n+", "+v)
			}
		}
		width = max(width, len(tm.names))
	}
	buf := make([]float64, width)
	return r, func(p, v, value int, x []float64) {
		clear(x)
		x[v] = 1
		if o := offset[t.Arm[p]]; o >= 0 && v >= m.post {
			x[o+v] = 1
		}
		for i, tm := range terms {
			o := buf[:len(tm.names)]
			tm.value(p, value, o)
			for k, b := range o {
				if tm.byVisit {
					x[starts[i]+k*visits+v] = b
				} else {
					x[starts[i]+k] = b
				}
			}
		}
	}
}

// average sets the covariates' columns to what an LS-mean uses: numbers at
// their mean over the rows analyzed, categories with equal weight to every
// level (as SAS's LSMEANS and emmeans).
func (m *VisitMeans) average(r *Rows, terms []term) {
	visits := len(m.Visits)
	m.at, m.colVisit = make([]float64, len(r.Columns)), make([]int, len(r.Columns))
	k := visits + (len(m.Arms)-1)*(visits-m.post)
	n := float64(len(r.Y))
	for _, tm := range terms {
		value := 1 / float64(len(tm.names)+1)
		if !tm.category {
			value = 0
			for i, x := range r.X {
				if tm.byVisit {
					value += x[k+r.Visit[i]] / n
				} else {
					value += x[k] / n
				}
			}
		}
		for range tm.names {
			for v := 0; v < visits && (tm.byVisit || v == 0); v++ {
				m.at[k], m.colVisit[k] = value, -1
				if tm.byVisit {
					m.colVisit[k] = v
				}
				k++
			}
		}
	}
}

// fullRow is an LS-mean in terms of all columns, aliased ones too.
func (m *VisitMeans) fullRow(a, v int) []float64 {
	row := make([]float64, len(m.at))
	row[v] = 1
	k := len(m.Visits)
	for i, name := range m.Arms {
		if name == m.Control {
			continue
		}
		if i == a && v >= m.post {
			row[k+v-m.post] = 1
		}
		k += len(m.Visits) - m.post
	}
	for ; k < len(row); k++ {
		if c := m.colVisit[k]; c < 0 || c == v {
			row[k] = m.at[k]
		}
	}
	return row
}

// estimable refuses a fit whose dropped columns leave an LS-mean without an
// estimate: an arm without values at a visit, categories nested in each other.
func (f *TrialFit) estimable(fn string) error {
	for col := range f.at {
		coef, ok := f.pb.aliasOf[col]
		if !ok {
			continue
		}
		for a, arm := range f.Arms {
			for v, visit := range f.Visits {
				row := f.fullRow(a, v)
				x := -row[col]
				for i, c := range coef {
					x += c * row[f.pb.keep[i]]
				}
				if math.Abs(x) > 1e-7 {
					return bad(fn, "Covariates", -1, stats.ErrSingular, "without column %q the mean of %q at %q cannot be estimated", f.rows.Columns[col], arm, visit)
				}
			}
		}
	}
	return nil
}
