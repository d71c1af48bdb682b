package mmrm

import (
	"context"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/regress"
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
	Gradient   float64 // distance to the exact optimum in standard errors: ≤ 1e-12, or what rounding leaves, ≤ 1e-5
	Condition  float64 // condition number of the covariance parameters' information

	// Notes are doubts; see the Note constants.
	Notes []stats.Note

	rows    *Rows
	pb      *problem
	o       *optimum
	st      *structure
	inf     *inference
	sw      *sandwichParts
	between betweenParts
}

// Fit estimates the coefficients β of y = Xβ + ε, whose errors are normal with
// covariance Σ within a participant, by maximizing the restricted or the full
// likelihood of the values observed; the model is in the package's
// documentation, the computation in algorithm.md. Values may be missing at
// random given the observed ones. Standard errors and degrees of freedom are
// large-sample approximations, exact where the design is complete and
// balanced.
//
// It refuses NaN and infinities, two rows of one participant at the same
// visit, aliased columns (unless Model.DropAliased), means that fit every
// value, and no more observations than coefficients, each with a
// *stats.SampleError. A likelihood without a maximum, or with one at the edge of
// what the structure allows or where a parameter is not determined, is a
// *ConvergenceError that names the parameter; so are Kenward–Roger standard
// errors that would be imaginary, which tiny trials can give.
//
// Sources: Cnaan, Laird & Slasor 1997,
// doi:10.1002/(SICI)1097-0258(19971030)16:20<2349::AID-SIM667>3.0.CO;2-E;
// Kenward & Roger 1997, doi:10.2307/2533558. Agrees with SAS PROC MIXED's
// REPEATED statement with ddfm=kr or kr(linear), and with R's
// mmrm(y ~ x + us(visit | id)).
func (m Model) Fit(rows *Rows) (*Fit, error) { return m.FitContext(context.Background(), rows) }

// FitContext is Fit that stops when ctx is done.
func (m Model) FitContext(ctx context.Context, rows *Rows) (*Fit, error) {
	m.check()
	if m.Errors != ModelBased && m.DF.isKR() {
		panic("mmrm.Model.Fit: Kenward–Roger adjusts model-based errors; with sandwich errors use Satterthwaite, between-within or residual degrees of freedom")
	}
	pb, err := newProblem(ctx, m, rows)
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
	inf := &inference{p: pb.p, ne: pb.groups * o.nc, rr: pb.rr, l: o.l, fe: o.fe, kr: m.DF.isKR(), special: f.df}
	f.inf = inf
	inf.beta = append([]float64(nil), pb.beta0...)
	axpy(inf.beta, 1, o.beta)
	elements := o.sigmaCov
	if m.DF == KenwardRogerExpected {
		if elements, err = o.useExpected(); err != nil {
			return nil, err
		}
	}
	inf.omega = o.omega
	if m.DF.isKR() {
		if inf.cov, err = o.kenwardRoger(m.DF, elements); err != nil {
			return nil, err
		}
		if !cholesky(append([]float64(nil), inf.cov...), pb.p) {
			return nil, o.overAdjusted()
		}
	}
	if m.Errors != ModelBased {
		if f.sw, err = o.sandwich(m.Errors); err != nil {
			return nil, err
		}
		inf.cov = f.sw.cov
	}
	if m.DF == BetweenWithin {
		f.between = f.classify()
	}
	if f.Parameters*2 > pb.subjects {
		f.Notes = append(f.Notes, stats.Note{Code: NoteFew, Args: map[string]any{
			"participants": pb.subjects, "parameters": f.Parameters}})
	}
	return f, nil
}

// Contrast estimates Σ l_c·β_c, one number of l for each of Columns.
func (f *Fit) Contrast(l []float64) stats.Estimate { return f.inf.contrast(l) }

// Unadjusted is Contrast with the model-based standard error (ℓᵀΦℓ)^½, before
// Kenward and Roger's adjustment or the sandwich.
func (f *Fit) Unadjusted(l []float64) stats.Estimate { return f.inf.unadjusted(l) }

// Degenerate reports whether an estimate of the fit has fewer than LeastDF
// degrees of freedom by Kenward and Roger's or Satterthwaite's approximation.
// Its value stands, with the unadjusted standard error; an interval or a
// p-value would rest on nothing.
func (f *Fit) Degenerate(e stats.Estimate) bool { return f.Model.DF.degenerate(e.DF) }

// Joint tests that every contrast (row of l) is zero; regress.Design.TypeIII gives
// those of a term of a formula. Kenward–Roger scales the
// Wald statistic and matches its first two moments (Kenward and Roger 1997,
// doi:10.2307/2533558); the other methods take the moments of the statistic
// from the degrees of freedom of uncorrelated contrasts (Fai and Cornelius
// 1996, doi:10.1080/00949659608811740). Rows that depend on others are refused
// with stats.ErrSingular, moments that no F distribution with a mean has (LeastDF
// denominator degrees of freedom or fewer: a handful of participants) with
// stats.ErrTooFew.
func (f *Fit) Joint(l [][]float64) (stats.FTest, error) { return f.inf.joint(l) }

// df is the degrees of freedom of one contrast where they do not come from
// moments of its variance.
func (f *Fit) df(l, w []float64) (float64, bool) {
	switch f.Model.DF {
	case Normal:
		return math.Inf(1), true
	case Residual:
		return float64(f.pb.rows - f.pb.p), true
	case BetweenWithin:
		return f.betweenWithin(l), true
	}
	if f.sw != nil && w != nil {
		return f.sw.df(w), true
	}
	return 0, false
}

// Coefficients returns the estimates in the order of Columns.
func (f *Fit) Coefficients() regress.Coefficients { return f.inf.coefficients(f.Columns) }

// Coefficient returns the estimate of the named column; for one that is not
// there the error names those that are.
func (f *Fit) Coefficient(name string) (stats.Estimate, error) {
	i, err := index("Coefficient", "name", name, f.Columns)
	if err != nil {
		return stats.Estimate{}, err
	}
	l := make([]float64, f.pb.p)
	l[i] = 1
	return f.Contrast(l), nil
}

// Cov returns the covariance matrix of the coefficients that the standard
// errors come from: adjusted for Kenward–Roger, sandwich where asked.
func (f *Fit) Cov() stats.Matrix { return f.inf.covariance(f.inf.cov) }

// CovModel returns the unadjusted model-based covariance (XᵀΣ⁻¹X)⁻¹.
func (f *Fit) CovModel() stats.Matrix { return f.inf.covariance(nil) }

// Sigma returns the fitted covariance matrix of the visits, of the group where
// the model has one for each (Rows.Groups; 0 otherwise).
func (f *Fit) Sigma(group int) stats.Matrix {
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
func (f *Fit) SigmaSE(group int) stats.Matrix {
	m, d := f.pb.m, f.pb.d
	ne := d * f.pb.groups
	out := make([][]float64, m)
	for a := range out {
		out[a] = make([]float64, m)
		for b := range out[a] {
			e := group*d + elem(a, b)
			out[a][b] = math.Sqrt(f.o.sigmaCov[e*ne+e])
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
