package regress

import (
	"context"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// jointT is the joint distribution of the t statistics of comparisons with one
// control. Where their correlations are products λᵢλⱼ they are independent
// given the control's share, and probabilities are two-dimensional integrals;
// any other correlation goes through the general multivariate t, good to
// 1e-6 (see Comparison.PError).
type jointT struct {
	lambda []float64 // nil: use corr
	corr   [][]float64
}

func newJointT(m *Fit, rows [][]float64) (*jointT, error) {
	k := len(rows)
	cov := m.covKept()
	p := m.fit.rank()
	kept := make([][]float64, k)
	for a, l := range rows {
		var ok bool
		if kept[a], ok = m.est.restrict(l); !ok {
			return nil, &stats.SampleError{Func: "Comparisons", Arg: "rows", Index: a, Err: stats.ErrSingular, Info: "a difference is not estimable"}
		}
	}
	rows = kept
	corr := make([][]float64, k)
	sd := make([]float64, k)
	for a := range rows {
		sd[a] = math.Sqrt(quadForm(cov, p, rows[a]))
		corr[a] = make([]float64, k)
	}
	for a := range rows {
		for b := range rows {
			s := 0.0
			for r := range p {
				for c := range p {
					s += rows[a][r] * cov[r*p+c] * rows[b][c]
				}
			}
			corr[a][b] = s / sd[a] / sd[b]
		}
		corr[a][a] = 1
	}
	const most = 20 // what the lattice rules are made for
	l := oneFactor(corr)
	if l == nil && k > most {
		return nil, &stats.SampleError{Func: "VersusControl", Arg: "Dunnett", Index: -1, Err: stats.ErrDomain,
			Info: "more than 20 differences whose correlations are not of product form"}
	}
	return &jointT{l, corr}, nil
}

// oneFactor returns λ with corr[i][j] = λᵢλⱼ for i ≠ j to rounding and every
// |λ| < 1, nil where there is none.
func oneFactor(corr [][]float64) []float64 {
	k := len(corr)
	switch k {
	case 1:
		return []float64{0}
	case 2:
		r := corr[0][1]
		l := math.Sqrt(math.Abs(r))
		return []float64{l, math.Copysign(l, r)}
	}
	l := make([]float64, k)
	for i := range l {
		a, b := (i+1)%k, (i+2)%k
		s := corr[i][a] * corr[i][b] / corr[a][b]
		if !(s >= 0 && s < 1) {
			return nil
		}
		l[i] = math.Sqrt(s)
	}
	for i := 1; i < k; i++ { // signs relative to the first
		if corr[0][i] < 0 {
			l[i] = -l[i]
		}
	}
	for i := range k {
		for j := range i {
			if math.Abs(corr[i][j]-l[i]*l[j]) > 1e-12 {
				return nil
			}
		}
	}
	return l
}

// tail is the probability that some statistic exceeds q, in absolute value if
// twoSided.
func (j *jointT) tail(q, df float64, twoSided bool) float64 {
	if j.lambda != nil {
		return num.OneFactorSF(q, j.lambda, df, twoSided)
	}
	p, _ := j.general(context.Background(), q, df, twoSided)
	return p
}

// general is the tail by the multivariate t of any correlation, and an estimate
// of its absolute error.
func (j *jointT) general(ctx context.Context, q, df float64, twoSided bool) (p, err float64) {
	lo, hi := make([]float64, len(j.corr)), make([]float64, len(j.corr))
	for i := range lo {
		lo[i], hi[i] = math.Inf(-1), q
		if twoSided {
			lo[i] = -q
		}
	}
	return num.MVTOutsideContext(ctx, lo, hi, j.corr, df, 0)
}

// critical is the value that no statistic exceeds in absolute value with
// probability 1 − p.
func (j *jointT) critical(ctx context.Context, p, df float64) float64 {
	if j.lambda == nil {
		return num.MVTQuantileUpperContext(ctx, p, j.corr, df, true)
	}
	return num.OneFactorQuantileUpper(p, j.lambda, df, true)
}

// MaxT makes a family of estimates that were made together, such as differences of arms
// at several visits of one model or of several doses: the intervals hold and the
// p-values err for all of them together, by the largest |t| of a joint t distribution
// with the correlations of the estimates (single-step max-T). It gains on Bonferroni
// where they are correlated. Exact for normal errors of one variance with a common
// number of degrees of freedom; where the estimates have different numbers the smallest
// stands for all, which is conservative. The names are those of the comparisons, whose B
// is empty.
//
// Correlations of product form have an exact integral, others a numerical one good to
// 1e-6 (Comparison.PError). It refuses no estimates (ErrTooFew), other numbers of names
// or correlations (ErrLength), estimates without a standard error (ErrNoVariation), a
// matrix that is no correlation matrix (ErrDomain), two estimates that are one and the
// same (ErrSingular) and more than 20 that are not of product form (ErrDomain).
// Source: Hothorn, Bretz & Westfall 2008, doi:10.1002/bimj.200810425. Agrees with R's
// multcomp::glht, whose integration is random, and emmeans' adjust = "mvt".
func MaxT(names []string, estimates []stats.Estimate, correlation [][]float64) (Comparisons, error) {
	const fn = "MaxT"
	bad := func(arg string, index int, err error, info string) (Comparisons, error) {
		return nil, &stats.SampleError{Func: fn, Arg: arg, Index: index, Err: err, Info: info}
	}
	k := len(estimates)
	if k == 0 {
		return bad("estimates", -1, stats.ErrTooFew, "none")
	}
	if len(names) != k || len(correlation) != k {
		return bad("names, correlation", -1, stats.ErrLength, fmt.Sprintf("%d names and %d rows for %d estimates", len(names), len(correlation), k))
	}
	df := math.Inf(1)
	for i, e := range estimates {
		if !(e.SE > 0) || math.IsInf(e.SE, 1) || math.IsNaN(e.Value) || !(e.DF > 0) {
			return bad("estimates", i, stats.ErrNoVariation, fmt.Sprintf("%v with standard error %v on %v df", e.Value, e.SE, e.DF))
		}
		df = math.Min(df, e.DF)
	}
	flat := make([]float64, k*k)
	for i, row := range correlation {
		if len(row) != k {
			return bad("correlation", i, stats.ErrLength, fmt.Sprintf("%d elements, need %d", len(row), k))
		}
		for j, r := range row {
			if math.IsNaN(r) || math.Abs(r) > 1+1e-9 || math.Abs(r-correlation[j][i]) > 1e-9 || i == j && math.Abs(r-1) > 1e-9 {
				return bad("correlation", i, stats.ErrDomain, fmt.Sprintf("%v at %d, %d", r, i, j))
			}
			if i != j && math.Abs(r) > 1-1e-9 {
				return bad("correlation", i, stats.ErrSingular, fmt.Sprintf("%s and %s are one estimate", names[i], names[j]))
			}
			flat[i*k+j] = r
		}
	}
	if _, ok := cholesky(flat, k); !ok {
		return bad("correlation", -1, stats.ErrDomain, "not positive definite")
	}
	joint := &jointT{oneFactor(correlation), correlation}
	if joint.lambda == nil && k > 20 {
		return bad("estimates", -1, stats.ErrDomain, "more than 20 estimates whose correlations are not of product form")
	}
	out := make(Comparisons, k)
	for i, e := range estimates {
		e.DF = df
		out[i] = Comparison{A: names[i], Estimate: e, adjust: SingleStepT, count: k, joint: joint}
	}
	return out, nil
}
