package stats

// Design is a formula's design matrix over the rows of a frame, for models
// that are not least squares: package mmrm's Rows takes its Names and X.
type Design struct {
	Y     []float64
	Names []string    // of the columns, as "(Intercept)", "age", "armactive:visitweek 4"
	X     [][]float64 // rows × columns, treatment coding

	m LinearModel
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
	if err := checkSample("Design", p.Response, y, 1); err != nil {
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
	return &Design{Y: y, Names: names, X: x, m: LinearModel{d: d, y: y}}, nil
}

// LSMeanRow returns the contrast of coefficients that is the least squares
// mean at the given levels: numeric variables at their mean over all rows, the
// other categories averaged over with the weights; nil where these are all
// zero. See LinearModel.LSMeans.
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
