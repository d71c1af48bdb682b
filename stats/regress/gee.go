package regress

import (
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
	"gonum.org/v1/gonum/mat"
)

// GEEFamily is an outcome's mean–variance relation with its canonical link.
type GEEFamily string

// Families.
const (
	GaussianFamily GEEFamily = "gaussian" // identity link, constant variance
	BinomialFamily GEEFamily = "binomial" // logit link, μ(1 − μ)
	PoissonFamily  GEEFamily = "poisson"  // log link, μ
)

// WorkingCorrelation of the observations of one cluster.
type WorkingCorrelation string

// Working correlations. The zero value is Exchangeable.
const (
	Exchangeable WorkingCorrelation = ""             // one correlation
	Independence WorkingCorrelation = "independence" // none
	AR1          WorkingCorrelation = "ar1"          // α^|difference of places in Waves|
	Unstructured WorkingCorrelation = "unstructured" // one for each pair of waves
)

// GEEErrors says which covariance estimator of the coefficients is used.
type GEEErrors string

// Errors of GEE coefficients. The zero value is ManclDeRouenErrors.
const (
	// ManclDeRouenErrors inflates each cluster's residuals by (I − H)⁻¹:
	// slightly conservative with few clusters (Mancl & DeRouen 2001,
	// doi:10.1111/j.0006-341X.2001.00126.x).
	ManclDeRouenErrors GEEErrors = ""
	// KauermannCarrollErrors inflates by (I − H)^(−1/2): unbiased where the
	// working correlation is right (Kauermann & Carroll 2001,
	// doi:10.1198/016214501753382309).
	KauermannCarrollErrors GEEErrors = "kauermann-carroll"
	// SandwichErrors is Liang and Zeger's own, too small below 40 clusters.
	SandwichErrors GEEErrors = "sandwich"
	// JackknifeErrors is (K − q)/K times ManclDeRouenErrors, q the number of
	// all parameters (coefficients, scale, correlations): the one-step
	// approximation to leaving out each of K clusters (Yan & Fine 2004,
	// doi:10.1002/sim.1650).
	JackknifeErrors GEEErrors = "jackknife"
	// NaiveErrors trusts the working correlation.
	NaiveErrors GEEErrors = "naive"
)

// GEEData has one element per observation, rows in any order.
type GEEData struct {
	ID []string // cluster: observations of one ID may be correlated
	Y  []float64
	// Wave is the label of each observation's visit; needed by AR1 and Unstructured.
	// An ID has at most one observation a wave, of at most 1000.
	Wave []string
	// Waves are the labels in order, those at which nobody was seen among them; nil
	// takes those of Wave by the numbers in them ("week 2" before "week 10").
	Waves []string
	Terms []Term
}

// GEEOptions says what to fit. Family has no default.
type GEEOptions struct {
	Family      GEEFamily
	Correlation WorkingCorrelation
	Errors      GEEErrors
	NoIntercept bool
}

// GEEFit is a fitted marginal model.
type GEEFit struct {
	d     *design
	beta  []num.DD // of the columns less shift
	shift []float64
	info  *lsFit                  // whose R gives a contrast's coordinates
	cov   map[GEEErrors][]float64 // in those coordinates
	opts  GEEOptions
	alpha []float64
	scale float64
	k     int // clusters
	waves []string

	indefinite bool
}

// GEE fits a marginal mean model to clustered or repeated outcomes by
// generalized estimating equations: g(E Y) = Xβ, with a working correlation
// that need not be right for the estimates to be consistent, as long as values
// are missing completely at random. Correlation and scale are estimated by
// moments of the Pearson residuals, without correction for degrees of freedom.
//
// Coefficients have Student's t pivots with K − p degrees of freedom, K the
// number of clusters; with SandwichErrors, NaiveErrors and JackknifeErrors
// normal ones. All are approximate. Where all clusters agree on a coefficient, as
// where nobody changes, its sandwich vanishes, which is no certainty: SE is NaN.
//
// It refuses waves whose order their labels leave open, unknown ones and two
// observations of an ID at one (ErrDomain), clusters fewer than p + 1 (ErrTooFew), columns that depend on
// each other (ErrSingular), outcomes outside the family (ErrDomain), a singular working
// correlation and equations that do not settle (ErrNotConverged), and clusters that alone determine a coefficient, except
// with SandwichErrors and NaiveErrors (ErrNoVariation). A working correlation
// that is not positive definite is used and reported (PositiveDefinite), but not
// with NaiveErrors or KauermannCarrollErrors, which rest on it.
//
// Source: Liang & Zeger 1986, doi:10.1093/biomet/73.1.13. Agrees with R's
// geepack::geeglm (std.err "san.se", "jack").
func GEE(data GEEData, opts GEEOptions) (*GEEFit, error) {
	g, err := newGEE(data, opts)
	if err != nil {
		return nil, err
	}
	if err := g.solve(); err != nil {
		return nil, err
	}
	m := &GEEFit{d: g.d, beta: g.beta, shift: g.shift, info: g.info, alpha: g.alpha, scale: g.scale, k: len(g.clusters), waves: g.labels, opts: opts,
		cov: map[GEEErrors][]float64{}}
	if m.cov[opts.Errors], err = g.covariance(opts.Errors); err != nil {
		return nil, err
	}
	if m.cov[NaiveErrors], err = g.covariance(NaiveErrors); err != nil {
		return nil, err
	}
	if m.indefinite = g.indefinite; m.indefinite && opts.Errors == NaiveErrors {
		return nil, &stats.SampleError{Func: "GEE", Arg: "Correlation", Index: -1, Err: stats.ErrNotConverged,
			Info: fmt.Sprintf("the %s working correlation is not positive definite: trusted, it gives no variances", opts.Correlation)}
	}
	return m, nil
}

// Coefficients returns all coefficients on the link's scale.
func (m *GEEFit) Coefficients() Coefficients {
	out := make(Coefficients, len(m.beta))
	l := make([]float64, len(out))
	for j, name := range m.d.names {
		l[j] = 1
		out[j] = Coefficient{name, m.Contrast(l)}
		l[j] = 0
	}
	return out
}

// Coefficient returns the coefficient of that name. It panics where there is
// none.
func (m *GEEFit) Coefficient(name string) stats.Estimate {
	for _, c := range m.Coefficients() {
		if c.Name == name {
			return c.Estimate
		}
	}
	panic(fmt.Sprintf("regress.GEEFit.Coefficient: no coefficient %q; there are %v", name, m.d.names))
}

// Contrast returns Σ l[j]·β[j] on the link's scale.
func (m *GEEFit) Contrast(l []float64) stats.Estimate {
	if len(l) != len(m.beta) {
		panic(fmt.Sprintf("regress.GEEFit.Contrast: contrast of %d elements for %d coefficients", len(l), len(m.beta)))
	}
	c := m.centered(l)
	var value num.DD
	for j, x := range c {
		value = value.Add(m.beta[j].MulFloat(x))
	}
	return m.pivot(value.Float(), c)
}

// pivot is a value with the error of the contrast that it changes by, which is one of the
// coefficients of the columns less shift.
func (m *GEEFit) pivot(value float64, centered []float64) stats.Estimate {
	z := make([]float64, len(centered))
	for j, v := range m.info.whiten(centered) {
		z[j] = v.Float()
	}
	e := stats.Estimate{Value: value, SE: math.Sqrt(quadForm(m.cov[m.opts.Errors], len(z), z)), DF: math.Inf(1)}
	if e.SE == 0 || e.SE <= 1e-12*math.Sqrt(quadForm(m.cov[NaiveErrors], len(z), z)) {
		e.SE = math.NaN()
	}
	if m.opts.Errors == ManclDeRouenErrors || m.opts.Errors == KauermannCarrollErrors {
		e.DF = float64(m.k - len(m.beta))
	}
	return e
}

// Standardized returns the difference of two mean outcomes of the observations rows (their
// places in GEEData, which may come more than once), as the model has them: had the columns
// in treated and those in control, by the names of their coefficients, these values, all
// others as observed. Of an arm at a visit of a BinomialFamily model it is the risk
// difference there, marginal over the covariates of the participants that rows are of:
//
//	Δ = mean g⁻¹(x₁β) − mean g⁻¹(x₀β),  SE² = ∇ᵀ Cov(β) ∇,  ∇ = mean μ′₁x₁ − mean μ′₀x₀,
//
// the delta method with the fit's errors, given the covariates. Approximate, with the
// pivot of Contrast; an interval may leave what a difference of means can be. Assumptions
// are those of GEE, and with covariates that the model of the means holds. It panics for
// rows that the data do not have or none, and for names that are no coefficients.
// Source: Liang & Zeger 1986, doi:10.1093/biomet/73.1.13; marginal standardization as in
// Muller & MacLehose 2014, doi:10.1093/ije/dyu029. Agrees with equations, sandwich and
// gradient written out in R (testdata/reference/study_gee_risks.R).
func (m *GEEFit) Standardized(rows []int, treated, control map[string]float64) stats.Estimate {
	for _, set := range []map[string]float64{treated, control} {
		for name := range set {
			if !slices.Contains(m.d.names, name) {
				panic(fmt.Sprintf("regress.GEEFit.Standardized: no coefficient %q; there are %v", name, m.d.names))
			}
		}
	}
	if len(rows) == 0 {
		panic("regress.GEEFit.Standardized: no rows")
	}
	var value num.DD
	p := len(m.beta)
	sums := make([]num.DD, p)
	x := make([]float64, p)
	for _, i := range rows {
		for _, side := range []struct {
			set  map[string]float64
			sign float64
		}{{treated, 1}, {control, -1}} {
			var eta num.DD
			for j, name := range m.d.names {
				x[j] = m.d.cols[j][i]
				if v, ok := side.set[name]; ok {
					x[j] = v - m.shift[j]
				}
				eta = eta.Add(m.beta[j].MulFloat(x[j]))
			}
			mu, slope := eta.Float(), 1.0
			switch m.opts.Family {
			case BinomialFamily:
				mu, slope = logistic(mu)
			case PoissonFamily:
				mu = math.Exp(mu)
				slope = mu
			}
			value = value.Add(num.ToDD(side.sign * mu))
			for j, v := range x {
				sums[j] = sums[j].Add(num.ToDD(side.sign * slope * v))
			}
		}
	}
	n := float64(len(rows))
	gradient := make([]float64, p)
	for j, v := range sums {
		gradient[j] = v.Float() / n
	}
	return m.pivot(value.Float()/n, gradient)
}

// centered is a contrast in the coefficients of the columns less shift.
func (m *GEEFit) centered(l []float64) []float64 {
	out := append([]float64(nil), l...)
	for j, s := range m.shift {
		out[j] -= l[0] * s
	}
	return out
}

// coordinates of a contrast in which its covariance is kept.
func (m *GEEFit) coordinates(l []float64) []float64 {
	z := make([]float64, len(l))
	for j, v := range m.info.whiten(m.centered(l)) {
		z[j] = v.Float()
	}
	return z
}

// covariance of the coefficients from that of the coordinates.
func (m *GEEFit) covariance(cov []float64) [][]float64 {
	p := len(m.beta)
	z, l := make([][]float64, p), make([]float64, p)
	for j := range z {
		l[j] = 1
		z[j] = m.coordinates(l)
		l[j] = 0
	}
	out := make([][]float64, p)
	for j := range out {
		out[j] = make([]float64, p)
		for k := range out[j] {
			for a, x := range z[j] {
				for b, y := range z[k] {
					out[j][k] += x * cov[a*p+b] * y
				}
			}
		}
	}
	return out
}

// Names returns the names of the coefficients.
func (m *GEEFit) Names() []string { return append([]string(nil), m.d.names...) }

// Cov returns the covariance matrix of the coefficients with the chosen errors.
func (m *GEEFit) Cov() [][]float64 { return m.covariance(m.cov[m.opts.Errors]) }

// NaiveCov returns the covariance matrix that trusts the working correlation.
func (m *GEEFit) NaiveCov() [][]float64 { return m.covariance(m.cov[NaiveErrors]) }

// Scale returns the mean squared Pearson residual.
func (m *GEEFit) Scale() float64 { return m.scale }

// Alpha returns the parameters of the working correlation: none, one, or for
// Unstructured the pairs of Waves: first and second, first and third, …, second and
// third, ….
func (m *GEEFit) Alpha() []float64 { return append([]float64(nil), m.alpha...) }

// PositiveDefinite reports whether every cluster's working correlation matrix is
// positive definite. Where it is not, as moments of single pairs of waves can
// make it when variances differ between waves, the coefficients and the sandwich
// stay consistent, but no outcomes can be so correlated: NaiveCov is no
// covariance matrix, and another working correlation is likely to be more
// efficient.
func (m *GEEFit) PositiveDefinite() bool { return !m.indefinite }

// Waves returns the labels of the waves in order; nil where the data have none.
func (m *GEEFit) Waves() []string { return append([]string(nil), m.waves...) }

// Clusters returns the number of clusters.
func (m *GEEFit) Clusters() int { return m.k }

// covariance of the coefficients in the coordinates of Q, in which nothing
// large cancels: of lᵀβ, whose coordinates are z = R⁻ᵀl, the variance is zᵀCz.
func (g *geeFit) covariance(kind GEEErrors) ([]float64, error) {
	p := len(g.beta)
	g.orthonormal()
	b, err := g.inverseInformation()
	if err != nil {
		return nil, err
	}
	if kind == NaiveErrors {
		for i := range b {
			b[i] *= g.scale
		}
		return b, nil
	}
	meat := make([]float64, p*p)
	for _, rows := range g.clusters {
		r := make([]float64, len(rows))
		for a, i := range rows {
			r[a] = g.wr[i]
		}
		if kind != SandwichErrors {
			var err error
			if r, err = g.inflate(rows, r, b, kind); err != nil {
				return nil, err
			}
		}
		u := make([]float64, p)
		for a, i := range rows {
			for j, x := range g.q[i] {
				u[j] += g.sign[i] * x * r[a]
			}
		}
		for j := range p {
			for k := range p {
				meat[j*p+k] += u[j] * u[k]
			}
		}
	}
	v := sandwich(b, meat, p)
	if kind == JackknifeErrors {
		k := float64(len(g.clusters))
		for i := range v {
			v[i] *= (k - float64(p+1+len(g.alpha))) / k
		}
	}
	return v, nil
}

// inflate multiplies whitened residuals by (I − H)⁻¹, or its square root for
// Kauermann and Carroll. A cluster's leverage is H = QBQᵀS.
func (g *geeFit) inflate(rows []int, r, b []float64, kind GEEErrors) ([]float64, error) {
	n, p := len(rows), len(g.beta)
	m := mat.NewDense(n, n, nil)
	positive := true
	for a := range n {
		positive = positive && g.sign[rows[a]] > 0
		for c := range n {
			s := 0.0
			for j := range p {
				for k := range p {
					s -= g.q[rows[a]][j] * b[j*p+k] * g.q[rows[c]][k]
				}
			}
			s *= g.sign[rows[c]]
			if a == c {
				s++
			}
			m.Set(a, c, s)
		}
	}
	alone := &stats.SampleError{Func: "GEE", Arg: "ID", Index: rows[0], Err: stats.ErrNoVariation,
		Info: "this cluster alone determines a coefficient"}
	power := -1.0
	switch kind {
	case ManclDeRouenErrors, JackknifeErrors:
		if !positive { // not symmetric
			var out mat.VecDense
			if err := out.SolveVec(m, mat.NewVecDense(n, r)); err != nil {
				return nil, alone
			}
			return out.RawVector().Data, nil
		}
	case KauermannCarrollErrors:
		power = -0.5
		if !positive {
			return nil, &stats.SampleError{Func: "GEE", Arg: "Errors", Index: -1, Err: stats.ErrDomain,
				Info: "kauermann-carroll needs a positive definite working correlation: the square root of I − H is not unique"}
		}
	default:
		panic(fmt.Sprintf("regress.GEE: unknown GEE errors %q", kind))
	}
	var eig mat.EigenSym
	sym := mat.NewSymDense(n, nil)
	for a := range n {
		for c := range a + 1 {
			sym.SetSym(a, c, m.At(a, c))
		}
	}
	if !eig.Factorize(sym, true) {
		return nil, &stats.SampleError{Func: "GEE", Arg: "Y", Index: rows[0], Err: stats.ErrNotConverged, Info: "eigenvalues"}
	}
	val := eig.Values(nil)
	var q mat.Dense
	eig.VectorsTo(&q)
	out := make([]float64, n)
	for k, l := range val {
		if l < 1e-10 {
			return nil, alone
		}
		s := 0.0
		for a := range n {
			s += q.At(a, k) * r[a]
		}
		s *= math.Pow(l, power)
		for a := range n {
			out[a] += s * q.At(a, k)
		}
	}
	return out, nil
}
