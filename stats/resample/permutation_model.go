package resample

import (
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/regress"
)

// permModel is the fitted model with everything but the contrast projected out
// (Frisch & Waugh 1933): an arrangement that treats the set A has the t of
//
//	a/√v with a = Σ_A resid, v = |A| − |Σ_A q|²,
//
// up to factors that all arrangements share, and shifting the outcome by
// δ·treated moves a by δ·Σ_A contrast. Of terms for the blocks themselves Σ_A q is always the same.
type permModel struct {
	cells  [][]float64 // a row a participant: resid, contrast, q…
	raw    [][]float64 // the outcome, the covariates' columns and whether treated
	fixed  float64     // |Σ_A q|² of the terms for blocks, which are not among cells
	a0, v0 float64
}

// blockTerms are the columns, after the intercept, of a category whose levels hold whole
// blocks, and each participant's level, or nil.
func blockTerms(cols [][]float64, data regress.ANCOVAData, treated string, block []string) (at []int, level []int) {
	if block == nil {
		return nil, nil
	}
	level = make([]int, len(data.Y))
	for j := 1; j < len(cols); j++ {
		fits := true
		for i, x := range cols[j] {
			fits = fits && (x == 0 || x == 1 && level[i] == 0)
		}
		if fits {
			at = append(at, j)
			for i, x := range cols[j] {
				if x == 1 {
					level[i] = j
				}
			}
		}
	}
	if !slices.Contains(level, 0) {
		return nil, nil
	}
	own := map[string]int{}
	for i, a := range data.Arm {
		if a != treated && a != data.Control {
			continue
		}
		l, seen := own[block[i]]
		if seen && l != level[i] {
			return nil, nil
		}
		own[block[i]] = level[i]
	}
	return at, level
}

func newPermModel(fn string, data regress.ANCOVAData, treated string, block []string) (*permModel, error) {
	n := len(data.Y)
	if err := check.Moments(fn, "Y", data.Y, 2); err != nil {
		return nil, err
	}
	if len(data.Arm) != n {
		return nil, &stats.SampleError{Func: fn, Arg: "Arm", Index: -1, Err: stats.ErrLength,
			Info: fmt.Sprintf("%d arms, %d outcomes", len(data.Arm), n)}
	}
	if !slices.Contains(data.Arm, data.Control) {
		return nil, &stats.SampleError{Func: fn, Arg: "Control", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("no participant in arm %q", data.Control)}
	}
	if treated == data.Control {
		panic(fmt.Sprintf("resample.PermutationANCOVA: %q is the control", treated))
	}
	if !slices.Contains(data.Arm, treated) {
		return nil, &stats.SampleError{Func: fn, Arg: "treated", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("no participant in arm %q", treated)}
	}
	var terms []regress.Term
	if data.Baseline != nil {
		terms = append(terms, regress.Numeric("(baseline)", data.Baseline))
	}
	terms = append(terms, data.Covariates...)
	terms = append(terms, regress.Category("(arm)", data.Arm, data.Control))
	all, columns, err := regress.ModelMatrix(n, terms...)
	if err != nil {
		return nil, check.Renamed(fn, err)
	}
	var cols [][]float64
	var names []string
	raw := [][]float64{data.Y}
	for j, c := range columns {
		if all[j] != "(arm)"+treated {
			cols, names = append(cols, c), append(names, all[j])
			raw = append(raw, c)
		}
	}
	z := make([]float64, n)
	for i, a := range data.Arm {
		if a == treated {
			z[i] = 1
		}
	}
	if n < len(cols)+2 {
		return nil, &stats.SampleError{Func: fn, Arg: "Y", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("%d participants, %d coefficients", n, len(cols)+1)}
	}
	// Orthogonal to the block terms, and the intercept, is what is centered within their levels.
	whole, level := blockTerms(cols, data, treated, block)
	within := func(x []float64) {
		for range 2 {
			sum, size := make([]float64, len(cols)), make([]float64, len(cols))
			for i, l := range level {
				sum[l] += x[i]
				size[l]++
			}
			for i, l := range level {
				x[i] -= sum[l] / size[l]
			}
		}
	}
	if len(whole) == 0 {
		level, within = nil, func([]float64) {}
	}
	var q [][]float64
	for j, c := range cols {
		if len(whole) > 0 && (j == 0 || slices.Contains(whole, j)) {
			continue
		}
		c = slices.Clone(c)
		spread := plainSD(c)
		within(c)
		if !projectOut(c, q) || len(whole) > 0 && !(plainSD(c) > 1e-10*spread) {
			return nil, &stats.SampleError{Func: fn, Arg: names[j], Index: -1, Err: stats.ErrSingular}
		}
		norm := math.Sqrt(dotFloats(c, c))
		for i := range c {
			c[i] /= norm
		}
		q = append(q, c)
	}
	resid := slices.Clone(data.Y)
	within(resid)
	projectOut(resid, q)
	contrast := slices.Clone(z)
	within(contrast)
	if !projectOut(contrast, q) || dotFloats(contrast, contrast) < 1e-20 {
		return nil, &stats.SampleError{Func: fn, Arg: "Arm", Index: -1, Err: stats.ErrSingular, Info: "arm is a combination of the covariates"}
	}
	if len(whole) > 0 {
		kept := raw[:1]
		for j, c := range raw[1:] {
			if j > 0 && !slices.Contains(whole, j) {
				kept = append(kept, c)
			}
		}
		raw = kept
	}
	m := &permModel{cells: make([][]float64, n), raw: append(raw, z)}
	in, size := make([]float64, len(cols)), make([]float64, len(cols))
	for i, l := range level {
		in[l] += z[i]
		size[l]++
	}
	for l, k := range in {
		if k > 0 {
			m.fixed += k * k / size[l]
		}
	}
	for i := range m.cells {
		row := make([]float64, 0, 2+len(q))
		row = append(row, resid[i], contrast[i])
		for _, c := range q {
			row = append(row, c[i])
		}
		m.cells[i] = row
		m.a0 += resid[i] * contrast[i]
	}
	m.v0 = dotFloats(contrast, contrast)
	return m, nil
}

// projectOut makes x orthogonal to the orthonormal q, twice over, so that an
// offset costs no orthogonality, and reports whether anything remained.
func projectOut(x []float64, q [][]float64) bool {
	before := math.Sqrt(dotFloats(x, x))
	if len(q) > 0 {
		// Relative to the spread, not to the offset.
		var mean float64
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for i := range x {
			x[i] -= mean
		}
		before = math.Sqrt(dotFloats(x, x))
	}
	for range 2 {
		for _, c := range q {
			k := dotFloats(x, c)
			for i := range x {
				x[i] -= k * c[i]
			}
		}
	}
	return math.Sqrt(dotFloats(x, x)) > 1e-10*before
}

func dotFloats(x, y []float64) float64 {
	var s float64
	for i, v := range x {
		s += v * y[i]
	}
	return s
}

// columns are the raw columns of a block's participants.
func (m *permModel) columns(b labelBlock) [][]float64 {
	out := make([][]float64, len(m.raw))
	for j, x := range m.raw {
		for _, i := range b.rows {
			out[j] = append(out[j], x[i])
		}
	}
	return out
}

// deviation turns an arrangement's sums into the pair (a, g) of linTest, or
// NaN where the contrast vanishes beside the covariates.
func (m *permModel) deviation(sum []float64, treated float64) (a, g float64) {
	v := treated - m.fixed
	for _, s := range sum[2:] {
		v -= s * s
	}
	if v <= 1e-10*treated {
		return math.NaN(), math.NaN()
	}
	r := math.Sqrt(v)
	return sum[0] / r, sum[1] / r
}

// store returns the function that files an arrangement's sums in t.
func (m *permModel) store(t *linTest, blocks []labelBlock) func(at int, sum []float64) {
	treated := 0.0
	for _, b := range blocks {
		treated += float64(b.pick)
	}
	return func(at int, sum []float64) { t.a[at], t.g[at] = m.deviation(sum, treated) }
}

// labelBlocks returns the blocks of the two arms' participants, in order of
// their labels.
func labelBlocks(data regress.ANCOVAData, treated string, block []string) []labelBlock {
	at := map[string]*labelBlock{}
	var labels []string
	for i, a := range data.Arm {
		if a != treated && a != data.Control {
			continue
		}
		l := ""
		if block != nil {
			l = block[i]
		}
		if at[l] == nil {
			at[l] = &labelBlock{}
			labels = append(labels, l)
		}
		at[l].rows = append(at[l].rows, i)
		if a == treated {
			at[l].pick++
		}
	}
	slices.Sort(labels)
	var out []labelBlock
	for _, l := range labels {
		out = append(out, *at[l])
	}
	return out
}
