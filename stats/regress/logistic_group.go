package regress

import "slices"

// grouped is a design whose rows stand for several participants each: those
// alike in every variable and in the outcome. Likelihood, score and information
// are sums over participants, so that counting a group as often as it has members
// changes them by rounding alone.
type grouped struct {
	d     *design
	y     []float64
	count []float64 // participants of each row
	of    []int32   // participant → row; nil where every participant has one
}

// weights are the counts; nil where they are all 1.
func (g *grouped) weights() []float64 {
	if g.of == nil {
		return nil
	}
	return g.count
}

// group finds the groups, in the order of their first members. Where it would
// spare less than half of the rows, everybody has their own.
func (d *design) group(y []bool) *grouped {
	codes := make([]int32, len(y))
	for i, v := range y {
		if v {
			codes[i] = 1
		}
	}
	return d.groupBy(codes, 2)
}

// groupBy is group of an outcome that is a whole number from 0 to kinds − 1.
func (d *design) groupBy(y []int32, kinds int) *grouped {
	g := &grouped{d: d, y: make([]float64, len(y)), count: make([]float64, len(y))}
	of, first := d.alike(y, kinds)
	if first == nil {
		for i, v := range y {
			g.count[i] = 1
			g.y[i] = float64(v)
		}
		return g
	}
	g.of = of
	g.y, g.count = g.y[:len(first)], g.count[:len(first)]
	for _, k := range of {
		g.count[k]++
	}
	for k, i := range first {
		g.y[k] = float64(y[i])
	}
	g.d = &design{fn: d.fn, n: len(first), terms: make([]Term, len(d.terms))}
	for k, t := range d.terms {
		for _, v := range t.vars {
			g.d.terms[k].vars = append(g.d.terms[k].vars, v.at(first))
		}
	}
	return g
}

// at is the variable in the rows listed, with all its levels.
func (v variable) at(rows []int32) variable {
	if !v.category() {
		v.x = pick(v.x, rows)
		return v
	}
	v.labels, v.codes = pick(v.labels, rows), pick(v.codes, rows)
	return v
}

func pick[T any](x []T, rows []int32) []T {
	out := make([]T, len(rows))
	for k, i := range rows {
		out[k] = x[i]
	}
	return out
}

// alike numbers the groups of participants, and lists the first member of each;
// nil where there are more than half as many groups as participants.
func (d *design) alike(y []int32, kinds int) (of, first []int32) {
	of = append(of, y...)
	groups := kinds
	values := make([]int32, len(y))
	var done []*variable
	for _, t := range d.terms {
		for i := range t.vars {
			v := &t.vars[i]
			if slices.ContainsFunc(done, v.shares) {
				continue
			}
			done = append(done, v)
			kinds := v.number(values)
			if kinds > len(y)/2 {
				return nil, nil
			}
			if groups, first = refine(of, values, groups, kinds); groups > len(y)/2 {
				return nil, nil
			}
		}
	}
	return of, first
}

// shares reports whether both are the same data, as in a term and its interaction.
func (v *variable) shares(u *variable) bool {
	if v.category() != u.category() {
		return false
	}
	if v.category() {
		return &v.codes[0] == &u.codes[0]
	}
	return &v.x[0] == &u.x[0]
}

// number numbers the variable's values from 0 and returns how many there are, or
// stops beyond half as many as participants.
func (v *variable) number(values []int32) int {
	if v.category() {
		for i, c := range v.codes {
			values[i] = int32(c)
		}
		return len(v.levels)
	}
	index := map[float64]int32{}
	for i, x := range v.x {
		k, ok := index[x]
		if !ok {
			if k = int32(len(index)); int(k) > len(values)/2 {
				break
			}
			index[x] = k
		}
		values[i] = k
	}
	return len(index)
}

// refine splits groups by values, and numbers the parts in the order of their
// first members, or stops beyond half as many as participants.
func refine(of, values []int32, groups, kinds int) (n int, first []int32) {
	// Most pairs do not occur where there are many of them.
	dense := kinds <= (8*len(of)+1024)/groups
	var table []int32
	sparse := map[int64]int32{}
	if dense {
		table = make([]int32, groups*kinds)
	}
	for i, g := range of {
		key := int64(g)*int64(kinds) + int64(values[i])
		var k int32 // one more than the part's number
		if dense {
			k = table[key]
		} else {
			k = sparse[key]
		}
		if k == 0 {
			if first = append(first, int32(i)); len(first) > len(of)/2 {
				break
			}
			if k = int32(len(first)); dense {
				table[key] = k
			} else {
				sparse[key] = k
			}
		}
		of[i] = k - 1
	}
	return len(first), first
}
