package mmrm

import (
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats"
)

// term is one covariate's columns: value gives them for a row, or for an
// average participant when row is −1.
type term struct {
	name     string
	names    []string
	byVisit  bool
	perValue bool
	byArm    bool
	category bool
	levels   []string // of a category
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
			out = append(out, term{c.Name, []string{c.Name}, c.ByVisit, c.PerValue, c.ByArm, false, nil, func(p, v int, o []float64) { o[0] = x[pick(p, v)] }})
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
				names = append(names, levelName(c.Name, l))
			}
		}
		labels := c.Category
		out = append(out, term{c.Name, names, c.ByVisit, c.PerValue, c.ByArm, true, levels, func(p, v int, o []float64) {
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
// then the covariates, then what the differences are by covariates; and returns the
// function that fills a row.
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
	starts, armStarts := make([]int, len(terms)), make([]int, len(terms))
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
	after := visits - m.post
	other := make([]int, len(t.Arms)) // arm → its place among those beside the control
	others := 0
	for a, name := range t.Arms {
		if other[a] = others; name != t.Control {
			others++
		}
	}
	for i, tm := range terms {
		armStarts[i] = len(r.Columns)
		if !tm.byArm {
			continue
		}
		for _, n := range tm.names {
			for _, name := range t.Arms {
				if name == t.Control {
					continue
				}
				for _, v := range m.Visits[m.post:] {
					r.Columns = append(r.Columns, armColumn(n, name, t.Control, v))
				}
			}
		}
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
				if a := t.Arm[p]; tm.byArm && offset[a] >= 0 && v >= m.post {
					x[armStarts[i]+(k*others+other[a])*after+v-m.post] = b
				}
			}
		}
	}
}

// levelName names the column of a category's level, or of a number (level "").
func levelName(covariate, level string) string {
	if level == "" {
		return covariate
	}
	return covariate + "=" + level
}

// armColumn names how the difference of an arm at a visit depends on a covariate.
func armColumn(covariate, arm, control, visit string) string {
	return covariate + ": " + arm + " − " + control + ", " + visit
}

// average sets the covariates' columns to what an LS-mean uses: numbers at
// their mean over the rows analyzed, categories with equal weight to every
// level (as SAS's LSMEANS and emmeans).
func (m *VisitMeans) average(r *Rows, terms []term) {
	visits := len(m.Visits)
	m.at, m.colVisit, m.colArm = make([]float64, len(r.Columns)), make([]int, len(r.Columns)), make([]int, len(r.Columns))
	for k := range m.colArm {
		m.colArm[k] = -1
	}
	m.names, m.levels = r.Columns, map[string][]string{}
	values := make([]float64, len(terms))
	k := visits + (len(m.Arms)-1)*(visits-m.post)
	n := float64(len(r.Y))
	for i, tm := range terms {
		value := 1 / float64(len(tm.names)+1)
		if !tm.category {
			value = 0
			for j, x := range r.X {
				if tm.byVisit {
					value += x[k+r.Visit[j]] / n
				} else {
					value += x[k] / n
				}
			}
		}
		values[i] = value
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
	for i, tm := range terms {
		if !tm.byArm {
			continue
		}
		if tm.category {
			m.levels[tm.name] = tm.levels
		}
		for range tm.names {
			for a, name := range m.Arms {
				if name == m.Control {
					continue
				}
				for v := m.post; v < visits; v++ {
					m.at[k], m.colVisit[k], m.colArm[k] = values[i], v, a
					k++
				}
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
		if c := m.colVisit[k]; (c < 0 || c == v) && (m.colArm[k] < 0 || m.colArm[k] == a) {
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
