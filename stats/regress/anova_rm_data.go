package regress

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// gatherRepeated turns the long table into one row per participant, sorted by
// ID, with a value in every cell.
func gatherRepeated(d RepeatedData, o RepeatedOptions) (*RepeatedFit, error) {
	const fn = "RepeatedANOVA"
	n := len(d.Y)
	if err := check.Sample(fn, "Y", d.Y, 2); err != nil {
		return nil, err
	}
	if err := check.Scale(fn, "Y", d.Y); err != nil {
		return nil, err
	}
	if len(d.ID) != n {
		return nil, &stats.SampleError{Func: fn, Arg: "ID", Index: -1, Err: stats.ErrLength,
			Info: fmt.Sprintf("%d IDs, %d outcomes", len(d.ID), n)}
	}
	if len(d.Within) == 0 {
		return nil, &stats.SampleError{Func: fn, Arg: "Within", Index: -1, Err: stats.ErrTooFew, Info: "no factor within participants"}
	}
	f := &RepeatedFit{}
	seen := map[string]bool{}
	factor := func(arg string, t Term) (variable, error) {
		if len(t.vars) != 1 || !t.vars[0].category() {
			return variable{}, &stats.SampleError{Func: fn, Arg: arg, Index: -1, Err: stats.ErrDomain, Info: t.Name() + " is not a category"}
		}
		v := t.vars[0]
		if err := v.check(fn, n); err != nil {
			return v, err
		}
		if len(v.levels) < 2 {
			return v, &stats.SampleError{Func: fn, Arg: v.name, Index: -1, Err: stats.ErrTooFew, Info: "only one level"}
		}
		if seen[v.name] {
			return v, &stats.SampleError{Func: fn, Arg: v.name, Index: -1, Err: stats.ErrSingular, Info: "factor given twice"}
		}
		seen[v.name] = true
		return v, nil
	}
	size := 1
	for _, t := range d.Within {
		v, err := factor("Within", t)
		if err != nil {
			return nil, err
		}
		f.within = append(f.within, v)
		size *= len(v.levels)
	}
	var between []variable
	for _, t := range d.Between {
		v, err := factor("Between", t)
		if err != nil {
			return nil, err
		}
		between = append(between, v)
	}

	type person struct {
		id    string
		first int // row
		sum   []float64
		count []float64
	}
	index := map[string]*person{}
	var people []*person
	for i, id := range d.ID {
		p := index[id]
		if p == nil {
			p = &person{id: id, first: i, sum: make([]float64, size), count: make([]float64, size)}
			index[id] = p
			people = append(people, p)
		}
		for _, v := range between {
			if v.labels[i] != v.labels[p.first] {
				return nil, &stats.SampleError{Func: fn, Arg: v.name, Index: i, Err: stats.ErrDomain,
					Info: fmt.Sprintf("participant %s has %s and %s", id, v.labels[p.first], v.labels[i])}
			}
		}
		cell, stride := 0, 1
		for _, v := range f.within {
			cell += stride * v.codes[i]
			stride *= len(v.levels)
		}
		if p.count[cell] > 0 && !o.Average {
			return nil, &stats.SampleError{Func: fn, Arg: "Y", Index: i, Err: stats.ErrDomain,
				Info: fmt.Sprintf("a second value of participant %s in one cell", id)}
		}
		p.sum[cell] += d.Y[i]
		p.count[cell]++
	}
	sort.Slice(people, func(i, j int) bool { return people[i].id < people[j].id })
	var whole []*person
	for _, p := range people {
		complete := true
		for _, c := range p.count {
			complete = complete && c > 0
		}
		if complete {
			whole = append(whole, p)
		} else {
			f.Dropped = append(f.Dropped, p.id)
		}
	}
	if len(f.Dropped) > 0 && !o.CompleteOnly {
		return nil, &stats.SampleError{Func: fn, Arg: "ID", Index: -1, Err: ErrIncomplete, Info: strings.Join(f.Dropped, ", ")}
	}
	f.N = len(whole)
	f.cells = make([][]float64, size)
	for c := range f.cells {
		for _, p := range whole {
			f.cells[c] = append(f.cells[c], p.sum[c]/p.count[c])
		}
	}
	// The between factors, one row a participant, with all their interactions.
	var mains []Term
	for _, v := range between {
		var labels []string
		for _, p := range whole {
			labels = append(labels, v.labels[p.first])
		}
		mains = append(mains, Visit(v.name, labels, v.levels))
	}
	var terms []Term
	for _, s := range subsetsByDegree(len(mains))[1:] {
		var parts []Term
		for _, i := range s {
			parts = append(parts, mains[i])
		}
		terms = append(terms, Interaction(parts...))
	}
	var err error
	f.between, err = newDesign(fn, f.N, terms, true)
	return f, err
}

// Sphericity says how far the covariance of an effect's within-participant
// contrasts is from equal variances without correlation.
type Sphericity struct {
	GreenhouseGeisser float64 // ε̂, from LowerBound to 1
	HuynhFeldt        float64 // ε̃, may exceed 1; Corrected uses at most 1
	LowerBound        float64 // 1/(number of contrasts)
	// Mauchly's W, of which P is the test; Mauchly is false where there are too
	// few participants for W to exist.
	Mauchly bool
	W       float64
	p       float64
}

var _ stats.Test = Sphericity{}

// P returns the approximate p-value of Mauchly's test, and NaN where there is none.
func (s Sphericity) P() float64 {
	if !s.Mauchly {
		return math.NaN()
	}
	return s.p
}

// sphericity of a k×k matrix of residual sums of products with n degrees of
// freedom.
func sphericity(s []float64, k int, n float64) *Sphericity {
	tr, sq := 0.0, 0.0
	for i := range k {
		tr += s[i*k+i]
		for j := range k {
			sq += s[i*k+j] * s[i*k+j]
		}
	}
	p := float64(k)
	gg := tr * tr / (p * sq)
	out := &Sphericity{GreenhouseGeisser: gg, LowerBound: 1 / p}
	if n > p*gg {
		out.HuynhFeldt = ((n+1)*p*gg - 2) / (p * (n - p*gg))
	} else {
		out.HuynhFeldt = 1
	}
	l, ok := cholesky(s, k)
	if !ok || n < p {
		return out
	}
	logW := -p * math.Log(tr/p)
	for i := range k {
		logW += 2 * math.Log(l[i*k+i])
	}
	// Box's expansion of the distribution of W (Anderson 2003, section 10.7.4).
	rho := 1 - (2*p*p+p+2)/(6*p*n)
	w2 := (p + 2) * (p - 1) * (p - 2) * (2*p*p*p + 6*p*p + 3*p + 2) / (288 * (n * p * rho) * (n * p * rho))
	df := p*(p+1)/2 - 1
	z := -n * rho * logW
	p1, p2 := num.ChiSqSF(z, df), num.ChiSqSF(z, df+4)
	out.Mauchly, out.W = true, math.Exp(logW)
	out.p = math.Min(1, math.Max(0, p1+w2*(p2-p1)))
	return out
}
