package regress

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
)

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
