package regress

import (
	"fmt"
	"math"
	"sort"

	"gonum.org/v1/gonum/mat"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/labels"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// geeFit is the state of the iterations.
type geeFit struct {
	d        *design
	shift    []float64 // what was subtracted from the columns
	far      float64   // how many times its spread a column is from 0, at least 1
	y        []float64
	wave     []int
	o        GEEOptions
	clusters [][]int // rows, by wave
	waves    int
	labels   []string  // of the waves
	beta     []num.DD  // in full: a column far from 0 makes large parts that cancel
	res, v   []float64 // residuals and variances
	alpha    []float64
	scale    float64

	wx   [][]float64 // whitened columns
	wr   []float64   // whitened residuals
	sign []float64   // of the whitened rows: their working covariance is ±1
	info *lsFit
	q    [][]float64 // whitened rows in orthonormal columns: Q of X = QR

	indefinite bool
}

func newGEE(data GEEData, o GEEOptions) (*geeFit, error) {
	const fn = "GEE"
	n := len(data.Y)
	if err := check.Sample(fn, "Y", data.Y, 2); err != nil {
		return nil, err
	}
	if len(data.ID) != n || (data.Wave != nil && len(data.Wave) != n) {
		return nil, &stats.SampleError{Func: fn, Arg: "ID", Index: -1, Err: stats.ErrLength,
			Info: fmt.Sprintf("%d IDs, %d waves, %d outcomes", len(data.ID), len(data.Wave), n)}
	}
	needWave := false
	switch o.Correlation {
	case Exchangeable, Independence:
	case AR1, Unstructured:
		needWave = true
	default:
		panic(fmt.Sprintf("regress.GEE: unknown working correlation %q", o.Correlation))
	}
	if needWave && data.Wave == nil {
		return nil, &stats.SampleError{Func: fn, Arg: "Wave", Index: -1, Err: stats.ErrLength,
			Info: fmt.Sprintf("%s needs the visits' order", o.Correlation)}
	}
	for i, y := range data.Y {
		bad := false
		switch o.Family {
		case GaussianFamily:
		case BinomialFamily:
			bad = y != 0 && y != 1
		case PoissonFamily:
			bad = y < 0 || y != math.Trunc(y) || y > 1<<53 // beyond, whole numbers are not all there
		default:
			panic(fmt.Sprintf("regress.GEE: unknown family %q", o.Family))
		}
		if bad {
			return nil, &stats.SampleError{Func: fn, Arg: "Y", Index: i, Err: stats.ErrDomain, Info: fmt.Sprintf("%v, %s", y, o.Family)}
		}
	}
	if err := check.Scale(fn, "Y", data.Y); err != nil {
		return nil, err
	}
	d, err := newDesign(fn, n, data.Terms, !o.NoIntercept)
	if err != nil {
		return nil, err
	}
	wave, order, err := placeWaves(data)
	if err != nil {
		return nil, err
	}
	g := &geeFit{d: d, y: data.Y, wave: wave, labels: order, waves: len(order), o: o, res: make([]float64, n), v: make([]float64, n),
		wr: make([]float64, n), sign: make([]float64, n), q: make([][]float64, n)}
	byID := map[string][]int{}
	var ids []string
	for i, id := range data.ID {
		if byID[id] == nil {
			ids = append(ids, id)
		}
		byID[id] = append(byID[id], i)
	}
	sort.Strings(ids)
	for _, id := range ids {
		rows := byID[id]
		if wave != nil {
			sort.SliceStable(rows, func(a, b int) bool { return wave[rows[a]] < wave[rows[b]] })
			for k, r := range rows {
				if k > 0 && wave[r] == wave[rows[k-1]] {
					return nil, &stats.SampleError{Func: fn, Arg: "Wave", Index: r, Err: stats.ErrDomain,
						Info: fmt.Sprintf("%q has %q twice", id, data.Wave[r])}
				}
			}
		}
		g.clusters = append(g.clusters, rows)
	}
	if p := len(d.cols); len(g.clusters) <= p {
		return nil, &stats.SampleError{Func: fn, Arg: "ID", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("%d clusters, need %d: the model has %d coefficients", len(g.clusters), p+1, p)}
	}
	if aliased := solveLS(d.cols, g.y, nil).aliased; len(aliased) > 0 {
		return nil, d.aliasedError(aliased)
	}
	g.center(!o.NoIntercept)
	g.wx = make([][]float64, len(d.cols))
	for j := range g.wx {
		g.wx[j] = make([]float64, n)
	}
	return g, nil
}

// placeWaves turns the waves' labels into places in their order.
func placeWaves(data GEEData) (wave []int, order []string, err error) {
	fail := func(arg string, i int, format string, a ...any) ([]int, []string, error) {
		return nil, nil, &stats.SampleError{Func: "GEE", Arg: arg, Index: i, Err: stats.ErrDomain, Info: fmt.Sprintf(format, a...)}
	}
	if data.Wave == nil {
		return nil, nil, nil
	}
	if order = data.Waves; order == nil {
		all, ok := labels.Distinct(data.Wave), false
		if order, ok = labels.ByValue(all); !ok {
			return fail("Wave", -1, "the labels leave open the order of %q: say Waves", all)
		}
	}
	if len(order) > 1000 {
		return fail("Waves", -1, "%d waves, at most 1000", len(order))
	}
	at := make(map[string]int, len(order))
	for k, l := range order {
		if _, twice := at[l]; twice {
			return fail("Waves", k, "%q twice", l)
		}
		at[l] = k
	}
	wave = make([]int, len(data.Wave))
	for i, l := range data.Wave {
		k, ok := at[l]
		if !ok {
			return fail("Wave", i, "%q is not among %q", l, order)
		}
		wave[i] = k
	}
	return wave, order, nil
}

// center moves columns whose values are all far from 0 to their mean, which an
// intercept takes up: weighing a column by the correlation rounds it, and what
// that loses grows with the distance from 0.
func (g *geeFit) center(intercept bool) {
	g.shift, g.far = make([]float64, len(g.d.cols)), 1
	for j, c := range g.d.cols {
		m, spread := moments.DDMean(c), 0.0
		for _, x := range c {
			spread = math.Max(spread, math.Abs(x-m))
		}
		if spread == 0 || math.Abs(m) <= spread {
			continue
		}
		if !intercept {
			g.far = math.Max(g.far, math.Abs(m)/spread)
			continue
		}
		moved := make([]float64, len(c))
		for i, x := range c {
			moved[i] = x - m
		}
		g.shift[j], g.d.cols[j] = m, moved
	}
}

// predictor is Σ x·coef of row i.
func (g *geeFit) predictor(i int, coef []num.DD) num.DD {
	var s num.DD
	for j, c := range g.d.cols {
		if c[i] != 0 {
			s = s.Add(coef[j].MulFloat(c[i]))
		}
	}
	return s
}

// means fills res and v from beta.
func (g *geeFit) means() {
	for i := range g.res {
		eta := g.predictor(i, g.beta)
		switch g.o.Family {
		case GaussianFamily:
			g.res[i], g.v[i] = num.ToDD(g.y[i]).Sub(eta).Float(), 1
		case BinomialFamily:
			var mu float64
			mu, g.v[i] = logistic(eta.Float())
			g.res[i] = g.y[i] - mu
		default:
			g.v[i] = math.Exp(eta.Float())
			g.res[i] = g.y[i] - g.v[i]
		}
	}
}

func (g *geeFit) solve() error {
	// Start from a common mean, then iterate β given the correlation and the
	// correlation given β.
	m := moments.DDMean(g.y)
	start := make([]float64, len(g.y))
	for i := range start {
		switch g.o.Family {
		case GaussianFamily:
			start[i] = g.y[i]
		case BinomialFamily:
			p := (g.y[i]+m)/4 + 0.25
			start[i] = math.Log(p / (1 - p))
		default:
			start[i] = math.Log((g.y[i]+m)/2 + 0.1)
		}
	}
	g.beta = solveLS(g.d.cols, start, nil).beta
	corr := g.o.Correlation
	for stage := range 2 { // first as if independent, for a start
		if stage == 0 {
			g.o.Correlation = Independence
		} else if corr == Independence {
			break
		} else {
			g.o.Correlation = corr
		}
		settled := false
		for range 500 {
			g.means()
			g.moments()
			if err := g.whiten(); err != nil {
				return err
			}
			step, err := g.step()
			if err != nil {
				return err
			}
			size := 0.0
			for i := range g.y {
				size = math.Max(size, math.Abs(g.predictor(i, step).Float())*math.Sqrt(g.v[i]))
			}
			size /= math.Sqrt(g.scale) // in units of the residual SD
			for j := range step {
				g.beta[j] = g.beta[j].Add(step[j])
			}
			if size <= 1e-13*g.far {
				settled = true
				break
			}
			if math.IsNaN(size) || math.IsInf(size, 0) {
				break
			}
		}
		if !settled {
			return &stats.SampleError{Func: "GEE", Arg: "Y", Index: -1, Err: stats.ErrNotConverged, Info: "500 iterations"}
		}
	}
	g.means()
	g.moments()
	if corr == AR1 && math.Abs(g.alpha[0]) >= ar1Limit {
		return &stats.SampleError{Func: "GEE", Arg: "Correlation", Index: -1, Err: stats.ErrNotConverged,
			Info: fmt.Sprintf("the AR(1) correlation reaches %v", math.Copysign(1, g.alpha[0]))}
	}
	if err := g.whiten(); err != nil {
		return err
	}
	_, err := g.step()
	return err
}

// step solves Σ XᵀV⁻¹X·step = Σ XᵀV⁻¹(y − μ). In whitened rows, S their signs
// and X = QR, it is R⁻¹(QᵀSQ)⁻¹QᵀS·r: least squares where all are positive.
func (g *geeFit) step() ([]num.DD, error) {
	g.info = solveLS(g.wx, g.wr, nil)
	if err := g.identified(); err != nil {
		return nil, err
	}
	if !g.indefinite {
		return g.info.beta, nil
	}
	g.orthonormal()
	p := len(g.beta)
	score := make([]float64, p)
	for i, q := range g.q {
		for j, x := range q {
			score[j] += g.sign[i] * x * g.wr[i]
		}
	}
	inv, err := g.inverseInformation()
	if err != nil {
		return nil, err
	}
	c := make([]float64, p)
	for j := range c {
		for k, x := range score {
			c[j] += inv[j*p+k] * x
		}
	}
	return g.info.unwhiten(c), nil
}

// orthonormal fills q.
func (g *geeFit) orthonormal() {
	row := make([]float64, len(g.wx))
	for i := range g.q {
		for j, c := range g.wx {
			row[j] = c[i]
		}
		z := g.info.whiten(row)
		g.q[i] = make([]float64, len(z))
		for j, v := range z {
			g.q[i][j] = v.Float()
		}
	}
}

// inverseInformation is (QᵀSQ)⁻¹, the identity where all signs are positive.
func (g *geeFit) inverseInformation() ([]float64, error) {
	p := len(g.beta)
	m := mat.NewDense(p, p, nil)
	for i, q := range g.q {
		for j := range p {
			for k := range p {
				m.Set(j, k, m.At(j, k)+g.sign[i]*q[j]*q[k])
			}
		}
	}
	if !g.indefinite {
		for j := range p {
			for k := range p {
				m.Set(j, k, 0)
			}
			m.Set(j, j, 1)
		}
	}
	var inv mat.Dense
	if err := inv.Inverse(m); err != nil {
		return nil, &stats.SampleError{Func: "GEE", Arg: "Correlation", Index: -1, Err: stats.ErrNotConverged,
			Info: fmt.Sprintf("the %s working correlation leaves the coefficients without information", g.o.Correlation)}
	}
	return inv.RawMatrix().Data, nil
}

// identified refuses fitted values so near the family's limits that columns,
// weighed by the variance, are none.
func (g *geeFit) identified() error {
	if len(g.info.aliased) > 0 {
		return &stats.SampleError{Func: "GEE", Arg: "Y", Index: -1, Err: stats.ErrNotConverged,
			Info: "fitted values reach the limits of the family"}
	}
	return nil
}

// moments estimates the scale and the correlation from Pearson residuals.
func (g *geeFit) moments() {
	e := make([]float64, len(g.y))
	g.scale = 0
	for i := range e {
		e[i] = g.res[i] / math.Sqrt(g.v[i])
		g.scale += e[i] * e[i]
	}
	g.scale /= float64(len(e))
	switch g.o.Correlation {
	case Independence:
		g.alpha = nil
	case Exchangeable:
		sum, n := 0.0, 0.0
		for _, rows := range g.clusters {
			for a := range rows {
				for b := range a {
					sum += e[rows[a]] * e[rows[b]]
					n++
				}
			}
		}
		g.alpha = []float64{0}
		if n > 0 {
			g.alpha[0] = sum / n / g.scale
		}
	case Unstructured:
		g.alpha = make([]float64, g.waves*(g.waves-1)/2)
		n := make([]float64, len(g.alpha))
		for _, rows := range g.clusters {
			for b := range rows {
				for a := range b {
					k := pairIndex(g.wave[rows[a]], g.wave[rows[b]], g.waves)
					g.alpha[k] += e[rows[a]] * e[rows[b]]
					n[k]++
				}
			}
		}
		for k := range g.alpha {
			if n[k] > 0 {
				g.alpha[k] /= n[k] * g.scale
			}
		}
	case AR1:
		g.alpha = []float64{g.ar1(e)}
	}
}

// pairIndex numbers the pairs (0,1), (0,2), …, (1,2), ….
func pairIndex(a, b, waves int) int { return a*waves - a*(a+1)/2 + b - a - 1 }

// ar1 solves Σ d·α^(d−1)·(e·e′/scale − α^d) = 0 over the pairs of each
// cluster, d their distance: least squares of the products on α^d.
func (g *geeFit) ar1(e []float64) float64 {
	prod, n := map[int]float64{}, map[int]float64{}
	var dist []int
	for _, rows := range g.clusters {
		for b := range rows {
			for a := range b {
				d := g.wave[rows[b]] - g.wave[rows[a]]
				if n[d] == 0 {
					dist = append(dist, d)
				}
				prod[d] += e[rows[a]] * e[rows[b]] / g.scale
				n[d]++
			}
		}
	}
	sort.Ints(dist)
	slope := func(a float64) float64 {
		s := 0.0
		for _, d := range dist {
			s += float64(d) * math.Pow(a, float64(d-1)) * (prod[d] - n[d]*math.Pow(a, float64(d)))
		}
		return s
	}
	loss := func(a float64) float64 {
		s := 0.0
		for _, d := range dist {
			p := math.Pow(a, float64(d))
			s += p * (n[d]*p - 2*prod[d])
		}
		return s
	}
	// The equation may have several roots: the one wanted minimizes the sum of
	// squares. The ends stand for minima at ±1.
	best := 0.0
	if loss(ar1Limit) < loss(best) {
		best = ar1Limit
	}
	if loss(-ar1Limit) < loss(best) {
		best = -ar1Limit
	}
	const steps = 200
	for i := range steps {
		lo := ar1Limit * (2*float64(i)/steps - 1)
		hi := ar1Limit * (2*float64(i+1)/steps - 1)
		if !(slope(lo) > 0 && slope(hi) <= 0) {
			continue
		}
		for range 100 {
			mid := (lo + hi) / 2
			if mid <= lo || mid >= hi {
				break
			}
			if slope(mid) > 0 {
				lo = mid
			} else {
				hi = mid
			}
		}
		if loss(hi) < loss(best) {
			best = hi
		}
	}
	return best
}

// ar1Limit is the largest AR(1) correlation that the iterations may visit; a
// solution there is refused.
const ar1Limit = 1 - 1e-9

// corr is the working correlation of two observations.
func (g *geeFit) corr(r, s int) float64 {
	switch g.o.Correlation {
	case Exchangeable:
		return g.alpha[0]
	case AR1:
		d := g.wave[s] - g.wave[r]
		if d < 0 {
			d = -d
		}
		return math.Pow(g.alpha[0], float64(d))
	case Unstructured:
		a, b := min(g.wave[r], g.wave[s]), max(g.wave[r], g.wave[s])
		return g.alpha[pairIndex(a, b, g.waves)]
	}
	return 0
}

// whiten fills wx and wr: L⁻¹A^(1/2)X and L⁻¹A^(−1/2)(y − μ), LLᵀ the working
// correlation and A the variances of a cluster. Correlations estimated pair by
// pair need not be positive definite together; the equations hold with any that
// can be inverted, and L is then QΛ^(1/2) of the eigenvalues' sizes, whose signs
// the rows keep.
func (g *geeFit) whiten() error {
	g.indefinite = false
	for _, rows := range g.clusters {
		n := len(rows)
		for _, i := range rows {
			g.sign[i] = 1
		}
		solve := func(b []float64) []float64 { return b }
		if g.o.Correlation != Independence && n > 1 {
			r := make([]float64, n*n)
			for a := range n {
				r[a*n+a] = 1
				for b := range a {
					c := g.corr(rows[b], rows[a])
					r[a*n+b], r[b*n+a] = c, c
				}
			}
			if l, ok := cholesky(r, n); ok {
				solve = func(b []float64) []float64 { return forwardSolve(l, n, b) }
			} else {
				var err error
				if solve, err = g.eigenWhiten(rows, r); err != nil {
					return err
				}
			}
		}
		put := func(dst []float64, value func(i int) float64) {
			b := make([]float64, n)
			for a, i := range rows {
				b[a] = value(i)
			}
			b = solve(b)
			for a, i := range rows {
				dst[i] = b[a]
			}
		}
		for j, c := range g.d.cols {
			put(g.wx[j], func(i int) float64 { return c[i] * math.Sqrt(g.v[i]) })
		}
		put(g.wr, func(i int) float64 { return g.res[i] / math.Sqrt(g.v[i]) })
	}
	return nil
}

// eigenWhiten multiplies by |Λ|^(−1/2)Qᵀ of a correlation matrix r and notes the
// signs of the eigenvalues.
func (g *geeFit) eigenWhiten(rows []int, r []float64) (func(b []float64) []float64, error) {
	n := len(rows)
	var eig mat.EigenSym
	if !eig.Factorize(mat.NewSymDense(n, r), true) {
		return nil, &stats.SampleError{Func: "GEE", Arg: "Y", Index: rows[0], Err: stats.ErrNotConverged, Info: "eigenvalues"}
	}
	val := eig.Values(nil)
	var q mat.Dense
	eig.VectorsTo(&q)
	for k, i := range rows {
		if !(math.Abs(val[k]) > 1e-10) {
			return nil, &stats.SampleError{Func: "GEE", Arg: "Correlation", Index: -1, Err: stats.ErrNotConverged,
				Info: fmt.Sprintf("the %s working correlation is singular", g.o.Correlation)}
		}
		if val[k] < 0 {
			g.sign[i] = -1
			g.indefinite = true
		}
	}
	return func(b []float64) []float64 {
		out := make([]float64, n)
		for k := range out {
			for a, x := range b {
				out[k] += q.At(a, k) * x
			}
			out[k] /= math.Sqrt(math.Abs(val[k]))
		}
		return out
	}, nil
}
