package mmrm

import (
	"context"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
)

// Fit is a fitted model. It exists only if the likelihood's maximum was found.
// Its methods are questions: a contrast, a joint test, the fitted covariance.
type Fit struct {
	Model        Model
	Columns      []string // names of the coefficients
	Aliased      []string // columns dropped (Model.DropAliased)
	Observations int
	Participants int // with at least one observation
	Parameters   int // of the covariance

	LogLik     float64 // restricted or full log-likelihood, with its constant
	Iterations int     // of Newton's method; 0 where the closed form is the solution
	Gradient   float64 // distance to the exact optimum in standard errors, ≤ 1e-9
	Condition  float64 // condition number of the covariance parameters' information

	// Notes are doubts: "few-participants" when covariance parameters are many
	// for the participants there are.
	Notes []stats.Note

	rows  *Rows
	pb    *problem
	o     *optimum
	st    *structure
	omega []float64 // covariance of the elements of Σ that the df method uses
	cov   []float64 // p × p in whitened coordinates; nil is the identity
	linv  []float64 // p × p: whitened = linv·coefficients' contrast, lower
	beta  []float64 // in X̃
	sw    *sandwichParts
	withn []bool // column varies within participants
	nbtw  int
}

// Fit fits the model to rows with an explicit design matrix. It refuses NaN
// and infinities, rows of one participant at the same visit, aliased columns
// (unless Model.DropAliased) and fewer observations than coefficients, each
// with a *stats.SampleError; a likelihood without a maximum is a
// *ConvergenceError.
func (m Model) Fit(rows *Rows) (*Fit, error) { return m.FitContext(context.Background(), rows) }

// FitContext is Fit that stops when ctx is done.
func (m Model) FitContext(ctx context.Context, rows *Rows) (*Fit, error) {
	m.check()
	if m.Errors != ModelBased && m.DF.isKR() {
		panic("mmrm: Kenward–Roger adjusts model-based errors; with sandwich errors use Satterthwaite, between-within or residual degrees of freedom")
	}
	pb, err := newProblem(m, rows)
	if err != nil {
		return nil, err
	}
	st := newStructure(m.Covariance, rows.Visits, rows.Times)
	o, err := maximize(ctx, pb, st)
	if err != nil {
		return nil, err
	}
	f := &Fit{Model: m, Aliased: pb.aliased, Observations: pb.rows, Participants: pb.subjects,
		Parameters: st.size() * pb.groups, Iterations: o.iter, Gradient: o.decrement, Condition: o.condition,
		rows: rows, pb: pb, o: o, st: st}
	for _, c := range pb.keep {
		f.Columns = append(f.Columns, rows.Columns[c])
	}
	n := float64(pb.rows)
	if m.Method == REML {
		n -= float64(pb.p)
	}
	f.LogLik = -(o.f + n*math.Log(2*math.Pi)) / 2
	f.beta = append([]float64(nil), pb.beta0...)
	axpy(f.beta, 1, o.beta)
	f.omega = o.omega
	if m.DF == KenwardRogerExpected {
		if f.omega, err = o.expectedOmega(); err != nil {
			return nil, err
		}
	}
	if m.DF.isKR() {
		if f.cov, err = o.kenwardRoger(m.DF, f.omega); err != nil {
			return nil, err
		}
	}
	if m.Errors != ModelBased {
		if f.sw, err = o.sandwich(m.Errors); err != nil {
			return nil, err
		}
		f.cov = f.sw.cov
	}
	if m.DF == BetweenWithin {
		f.classify()
	}
	if pb.subjects < 10*pb.groups || f.Parameters*2 > pb.subjects {
		f.Notes = append(f.Notes, stats.Note{Code: "few-participants", Args: map[string]any{
			"participants": pb.subjects, "parameters": f.Parameters}})
	}
	return f, nil
}

// whiten turns a contrast of the coefficients into coordinates in which their
// model-based covariance is the identity; tl is the contrast in X̃.
func (f *Fit) whiten(l []float64) (w, tl []float64) {
	if len(l) != f.pb.p {
		panic(fmt.Sprintf("mmrm: contrast of %d values for %d coefficients", len(l), f.pb.p))
	}
	tl = f.pb.tilde(l)
	w = append([]float64(nil), tl...)
	forwardSolve(f.o.l, w, f.pb.p)
	return w, tl
}

// Contrast estimates Σ l_c·β_c, one number of l for each of Columns.
func (f *Fit) Contrast(l []float64) stats.Estimate {
	w, tl := f.whiten(l)
	e := stats.Estimate{Value: dot(tl, f.beta)}
	v := dot(w, w)
	if f.cov != nil {
		v = quad(w, f.cov, w)
	}
	e.SE = math.Sqrt(v)
	e.DF = f.df(l, w)
	return e
}

// df is the degrees of freedom of one contrast.
func (f *Fit) df(l, w []float64) float64 {
	if dot(w, w) == 0 {
		return math.Inf(1)
	}
	switch f.Model.DF {
	case Normal:
		return math.Inf(1)
	case Residual:
		return float64(f.pb.rows - f.pb.p)
	case BetweenWithin:
		return f.betweenWithin(l)
	}
	if f.sw != nil {
		return f.sw.df(w)
	}
	g := f.gradientOf(w, w)
	v := dot(w, w)
	return 2 * v * v / quad(g, f.omega, g)
}

// gradientOf is a ᵀF_e b for every element e: the derivative of the variance
// of a contrast in the elements of Σ.
func (f *Fit) gradientOf(a, b []float64) []float64 {
	p := f.pb.p
	g := make([]float64, f.pb.groups*f.pb.d)
	for e := range g {
		g[e] = quad(a, f.o.fe[e*p*p:(e+1)*p*p], b)
	}
	return g
}

// Coefficients returns the estimates in the order of Columns.
func (f *Fit) Coefficients() []stats.Estimate {
	out := make([]stats.Estimate, f.pb.p)
	l := make([]float64, f.pb.p)
	for i := range out {
		clear(l)
		l[i] = 1
		out[i] = f.Contrast(l)
	}
	return out
}

// Coefficient returns the estimate of the named column.
func (f *Fit) Coefficient(name string) (stats.Estimate, bool) {
	l := make([]float64, f.pb.p)
	for i, c := range f.Columns {
		if c == name {
			l[i] = 1
			return f.Contrast(l), true
		}
	}
	return stats.Estimate{}, false
}

// Cov returns the covariance matrix of the coefficients that the standard
// errors come from: adjusted for Kenward–Roger, sandwich where asked.
func (f *Fit) Cov() [][]float64 { return f.covariance(f.cov) }

// CovModel returns the unadjusted model-based covariance (XᵀΣ⁻¹X)⁻¹.
func (f *Fit) CovModel() [][]float64 { return f.covariance(nil) }

func (f *Fit) covariance(cov []float64) [][]float64 {
	p := f.pb.p
	w := make([][]float64, p)
	l := make([]float64, p)
	for i := range w {
		clear(l)
		l[i] = 1
		w[i], _ = f.whiten(l)
	}
	out := make([][]float64, p)
	for i := range out {
		out[i] = make([]float64, p)
		for j := range out[i] {
			if cov == nil {
				out[i][j] = dot(w[i], w[j])
			} else {
				out[i][j] = quad(w[i], cov, w[j])
			}
		}
	}
	return out
}

// Sigma returns the fitted covariance matrix of the visits, of the group where
// the model has one for each (Rows.Groups; 0 otherwise).
func (f *Fit) Sigma(group int) [][]float64 {
	m, d := f.pb.m, f.pb.d
	s := full(f.o.sigma[group*d:group*d+d], m)
	out := make([][]float64, m)
	for i := range out {
		out[i] = s[i*m : i*m+m : i*m+m]
	}
	return out
}

// SigmaSE returns the standard errors of the elements of Sigma, from the
// inverse of the observed information.
func (f *Fit) SigmaSE(group int) [][]float64 {
	m, d := f.pb.m, f.pb.d
	ne := d * f.pb.groups
	out := make([][]float64, m)
	for a := range out {
		out[a] = make([]float64, m)
		for b := range out[a] {
			e := group*d + elem(a, b)
			out[a][b] = math.Sqrt(f.o.omega[e*ne+e])
		}
	}
	return out
}

// Criteria are the information criteria −2ℓ + penalty.
type Criteria struct{ AIC, AICc, BIC float64 }

// Criteria returns the information criteria as SAS PROC MIXED forms them: with
// REML the covariance parameters are counted, with ML the coefficients too;
// AICc's sample size is the number of observations (less that of coefficients
// for REML), BIC's the number of participants.
func (f *Fit) Criteria() Criteria {
	k := f.Parameters
	if f.Model.Method == ML {
		k += f.pb.p
	}
	return f.CriteriaFor(k)
}

// CriteriaFor is Criteria with k parameters counted. R's mmrm counts those of
// the covariance for ML too: k = Fit.Parameters.
func (f *Fit) CriteriaFor(k int) Criteria {
	dev, kk := -2*f.LogLik, float64(k)
	n := float64(f.pb.rows)
	if f.Model.Method == REML {
		n -= float64(f.pb.p)
	}
	n = math.Max(n, kk+2)
	return Criteria{AIC: dev + 2*kk, AICc: dev + 2*kk*n/(n-kk-1),
		BIC: dev + kk*math.Log(float64(f.pb.subjects))}
}
