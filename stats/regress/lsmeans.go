package regress

import (
	"fmt"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/moments"
)

// MarginWeights says how the levels of categories that a least squares mean
// averages over are weighed.
type MarginWeights string

// Weights of levels. The zero value is EqualWeights.
const (
	// EqualWeights: every combination of levels counts the same, as if the
	// design had been balanced (emmeans "equal", SAS LSMEANS).
	EqualWeights MarginWeights = ""
	// ProportionalWeights: by how often a combination of the levels averaged
	// over occurs among all rows (emmeans "proportional", SAS LSMEANS OM).
	ProportionalWeights MarginWeights = "proportional"
	// OuterWeights: by the product of each category's own frequencies.
	OuterWeights MarginWeights = "outer"
	// CellWeights: by how often a combination occurs together with the levels
	// that the mean is for: the arms' own mixes, so arms are not comparable.
	CellWeights MarginWeights = "cells"
)

// LSMeansOptions sets least squares means apart from the recommended ones.
type LSMeansOptions struct {
	Weights MarginWeights
	// At holds numeric variables at a value other than their mean.
	At map[string]float64
}

// LSMean is a mean of the model at a combination of levels.
type LSMean struct {
	Levels map[string]string // level of each variable asked for
	stats.Estimate
	names []string // of the variables asked for, in order
	l     []float64
}

// Row returns the weights of the model's coefficients, for Contrast and Joint.
func (e LSMean) Row() []float64 { return append([]float64(nil), e.l...) }

// LSMeans returns the model's mean at each combination of levels of the named
// categories: numeric variables at their mean over all rows, other categories
// averaged over with equal weights. The first category varies fastest. A mean, or
// a difference of means, that needs a cell without data is not estimable: its
// Estimate is NaN (see Estimate.Estimable).
// It panics where a name is not a category of the model.
//
// Source: Searle, Speed & Milliken 1980, doi:10.1080/00031305.1980.10483031.
// Agrees with R's emmeans.
func (m *Fit) LSMeans(categories ...string) LSMeans {
	return m.LSMeansWith(LSMeansOptions{}, categories...)
}

// LSMeansWith is LSMeans with other weights, or at other values of numbers.
func (m *Fit) LSMeansWith(opts LSMeansOptions, categories ...string) LSMeans {
	combos := []map[string]string{{}}
	for _, name := range categories {
		v := m.d.variable(name)
		if v == nil || !v.category() {
			panic(fmt.Sprintf("regress.Fit.LSMeans: no category %q in the model", name))
		}
		var next []map[string]string
		for _, l := range v.levels {
			for _, c := range combos {
				d := map[string]string{name: l}
				for k, s := range c {
					d[k] = s
				}
				next = append(next, d)
			}
		}
		combos = next
	}
	var out LSMeans
	for _, c := range combos {
		if l := m.lsMeanRow(c, opts); l != nil {
			out = append(out, LSMean{Levels: c, Estimate: m.Contrast(l), names: categories, l: l})
		}
	}
	return out
}

func (m *Fit) lsMeanAt(levels map[string]string, opts LSMeansOptions) stats.Estimate {
	return m.Contrast(m.lsMeanRow(levels, opts))
}

// lsMeanRow is the weighted mean of the reference grid's rows; nil where the
// weights of the combination are all zero.
func (m *Fit) lsMeanRow(levels map[string]string, opts LSMeansOptions) []float64 {
	fixed := map[string]int{}
	numbers := map[string]float64{}
	var free []*variable
	for _, v := range m.d.variables() {
		switch l, asked := levels[v.name]; {
		case !v.category():
			x, ok := opts.At[v.name]
			if !ok {
				x = moments.DDMean(v.x)
			}
			numbers[v.name] = x
		case asked:
			k := v.level(l)
			if k < 0 {
				panic(fmt.Sprintf("regress.Fit.LSMeans: %q is not a level of %s", l, v.name))
			}
			fixed[v.name] = k
		default:
			free = append(free, v)
		}
	}
	if opts.Weights == EqualWeights || opts.Weights == OuterWeights {
		return m.d.meanRow(fixed, numbers, opts.Weights)
	}
	weights := m.gridWeights(free, fixed, opts.Weights)
	var sum, row []float64
	total := 0.0
	rows := m.d.rows()
	for g, w := range weights {
		if w == 0 {
			continue
		}
		at := map[string]int{}
		for k, v := range fixed {
			at[k] = v
		}
		rest := g
		for _, v := range free {
			at[v.name] = rest % len(v.levels)
			rest /= len(v.levels)
		}
		row = rows(row[:0], func(v *variable) (int, float64) { return at[v.name], numbers[v.name] })
		if sum == nil {
			sum = make([]float64, len(row))
		}
		for j, x := range row {
			sum[j] += w * x
		}
		total += w
	}
	for j := range sum {
		sum[j] /= total
	}
	return sum
}

// meanRow is the mean of the reference grid's rows where the weight of a combination is the
// product of its levels' weights. A column is then the product of its variables' own
// means, and the grid, which may be of millions, is not walked.
func (d *design) meanRow(fixed map[string]int, numbers map[string]float64, kind MarginWeights) []float64 {
	weight := map[string][]float64{} // of each level of the categories averaged over
	for _, v := range d.variables() {
		if _, ok := fixed[v.name]; ok || !v.category() {
			continue
		}
		w := make([]float64, len(v.levels))
		if kind == EqualWeights {
			for l := range w {
				w[l] = 1
			}
		} else {
			for _, l := range v.codes {
				w[l]++
			}
		}
		weight[v.name] = w
	}
	row := make([]float64, 0, len(d.cols))
	for k, t := range d.terms {
		for _, c := range d.cells(k) {
			x, of := 1.0, 1.0 // weights and what they add up to are whole numbers: rounded once
			for i, v := range t.vars {
				at, asked := fixed[v.name]
				switch {
				case c[i] < 0:
					x *= numbers[v.name]
				case asked && at != c[i]:
					x = 0
				case !asked:
					w := weight[v.name]
					x *= w[c[i]]
					if kind == EqualWeights {
						of *= float64(len(w))
					} else {
						of *= float64(d.n)
					}
				}
			}
			row = append(row, x/of)
		}
	}
	return row
}

// gridWeights returns the weight of each combination of the free categories'
// levels, the first varying fastest.
func (m *Fit) gridWeights(free []*variable, fixed map[string]int, kind MarginWeights) []float64 {
	size := 1
	for _, v := range free {
		size *= len(v.levels)
	}
	w := make([]float64, size)
	switch kind {
	case ProportionalWeights, CellWeights:
		vars := m.d.variables()
	rows:
		for i := range m.y {
			if kind == CellWeights {
				for _, v := range vars {
					if k, ok := fixed[v.name]; ok && v.codes[i] != k {
						continue rows
					}
				}
			}
			g, stride := 0, 1
			for _, v := range free {
				g += stride * v.codes[i]
				stride *= len(v.levels)
			}
			w[g]++
		}
	default:
		panic(fmt.Sprintf("regress.Fit.LSMeans: unknown weights %q", kind))
	}
	return w
}

func (v *variable) level(label string) int {
	for i, l := range v.levels {
		if l == label {
			return i
		}
	}
	return -1
}

func (d *design) variable(name string) *variable {
	for _, v := range d.variables() {
		if v.name == name {
			return v
		}
	}
	return nil
}
