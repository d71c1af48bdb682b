package mmrm

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// Residuals are the differences between the observed and the fitted values, in
// the order of the rows analyzed (Rows.Y; for a Trial its Values, after the
// baselines where the analysis is CLDA).
type Residuals struct {
	Marginal []float64 // y − Xβ̂
	// Normalized residuals are a participant's marginal residuals divided by
	// the Cholesky factor of the fitted covariance, visits in time order:
	// uncorrelated with variance 1 if the model holds. nlme's
	// type = "normalized".
	Normalized []float64
	Fitted     []float64 // Xβ̂
}

// Residuals returns the residuals of every row.
func (f *Fit) Residuals() Residuals {
	pb, o := f.pb, f.o
	n := len(f.rows.Y)
	out := Residuals{Marginal: make([]float64, n), Normalized: make([]float64, n), Fitted: make([]float64, n)}
	chol := make([][]float64, len(pb.pats))
	for i := range pb.pats {
		k := len(pb.pats[i].visit)
		chol[i] = make([]float64, k*k)
		for j, e := range pb.pats[i].elem {
			chol[i][j] = o.sigma[e]
		}
		cholesky(chol[i], k)
	}
	r := pb.r
	for i := 0; i < pb.ft.n; i++ {
		if pb.patOf[i] < 0 {
			continue
		}
		pt, l := &pb.pats[pb.patOf[i]], chol[pb.patOf[i]]
		k := len(pt.visit)
		e := make([]float64, k)
		for a, va := range pt.visit {
			row := pb.at[i*pb.m+va]
			e[a] = pb.y[row] - dot(o.c[va*r:va*r+r], pb.ft.z[i*r:i*r+r])
			w := 1.0
			if f.rows.Weight != nil {
				w = math.Sqrt(f.rows.Weight[row])
			}
			out.Marginal[row] = e[a] / w
			out.Fitted[row] = f.rows.Y[row] - e[a]/w
		}
		forwardSolve(l, e, k)
		for a, va := range pt.visit {
			out.Normalized[pb.at[i*pb.m+va]] = e[a]
		}
	}
	return out
}

// CovarianceTest compares the covariance structures of two fits of the same
// data and means.
type CovarianceTest struct {
	ChiSq float64 // twice the difference of the log-likelihoods
	DF    int     // difference of the numbers of covariance parameters
}

var _ stats.Test = CovarianceTest{}

// P is the upper tail of the chi-squared distribution with DF degrees of
// freedom.
func (t CovarianceTest) P() float64 {
	if t.DF == 0 {
		return math.NaN() // the zero value is no test
	}
	return num.ChiSqSF(t.ChiSq, float64(t.DF))
}

// CompareCovariance is the likelihood ratio test of a simpler covariance
// structure against f's, which must contain it: "cs" within "toep", one matrix
// for all arms within one for each. Both fits need the same rows, method and
// columns; what differs is refused with stats.ErrDomain, as is a simpler model
// without fewer parameters. The chi-squared distribution holds in large
// samples, and where the simpler structure is not on the boundary of the
// other.
func (f *Fit) CompareCovariance(simpler *Fit) (CovarianceTest, error) {
	const fn = "CompareCovariance"
	if f.Observations != simpler.Observations || f.Participants != simpler.Participants || f.Model.Method != simpler.Model.Method {
		return CovarianceTest{}, bad(fn, "simpler", -1, stats.ErrDomain, "the fits differ in their rows or in REML and ML")
	}
	if len(f.Columns) != len(simpler.Columns) {
		return CovarianceTest{}, bad(fn, "simpler", -1, stats.ErrDomain, "the fits differ in their columns")
	}
	for i, c := range f.Columns {
		if c != simpler.Columns[i] {
			return CovarianceTest{}, bad(fn, "simpler", i, stats.ErrDomain, "the fits differ in column %q", c)
		}
	}
	df := f.Parameters - simpler.Parameters
	if df <= 0 {
		return CovarianceTest{}, bad(fn, "simpler", -1, stats.ErrDomain, "%d parameters are not fewer than %d", simpler.Parameters, f.Parameters)
	}
	x := math.Max(2*(f.LogLik-simpler.LogLik), 0)
	return CovarianceTest{ChiSq: x, DF: df}, nil
}
