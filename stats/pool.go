package stats

import (
	"github.com/trialkit/trialkit/stats/internal/show"

	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"gonum.org/v1/gonum/mat"
)

// Pooled is an estimate from multiply imputed data.
type Pooled struct {
	Estimate
	M int // imputations
	// Within is the mean of the squared standard errors, Between the variance
	// of the estimates; SE² = Within + (1 + 1/M)·Between.
	Within, Between float64
	// RelativeIncrease is the increase of variance due to what is missing,
	// (1 + 1/M)·Between/Within; Lambda its share of the total variance.
	RelativeIncrease, Lambda float64
	// FractionMissing is the fraction of information about the estimate that
	// the missing values took.
	FractionMissing float64
	// RubinDF is (M − 1)/Lambda², the degrees of freedom for an infinite sample
	// (Rubin 1987).
	RubinDF float64
}

// PoolImputations combines the estimates of one quantity from M completed data
// sets by Rubin's rules, with the degrees of freedom of Barnard and Rubin:
//
//	ν = 1/(1/ν_m + 1/ν_obs), ν_m = (M−1)/λ², ν_obs = (ν_c+1)/(ν_c+3)·ν_c·(1−λ)
//
// where ν_c is the smallest DF of the estimates (+Inf: ν_m alone). Pool on a
// scale where the estimate is about normal: log odds ratios, Fisher's z.
// Proper imputations are assumed; more of them (20 and more) make the standard
// error itself repeatable.
//
// Estimates that do not differ give λ = 0 and ν_obs; R's mice puts a floor of
// 1e-4 under λ. It refuses fewer than two estimates, and values or standard
// errors that are not finite, an SE that is not positive, a DF that is not, and
// numbers whose squares leave the range of float64 (ErrDomain).
// Source: Rubin (1987), doi 10.1002/9780470316696; Barnard & Rubin (1999),
// doi 10.1093/biomet/86.4.948.
// It agrees with R's mice::pool and mice::pool.scalar, and SAS PROC MIANALYZE
// with EDF=ν_c.
func PoolImputations(estimates []Estimate) (Pooled, error) {
	const fn = "PoolImputations"
	m := float64(len(estimates))
	if m < 2 {
		return Pooled{}, &SampleError{Func: fn, Arg: "estimates", Index: -1, Err: ErrTooFew,
			Info: fmt.Sprintf("%d imputations, need 2", len(estimates))}
	}
	values, variances := make([]float64, len(estimates)), make([]float64, len(estimates))
	complete := math.Inf(1)
	for i, e := range estimates {
		if err := checkEstimate(fn, "estimates", i, e); err != nil {
			return Pooled{}, err
		}
		values[i], variances[i] = e.Value, e.SE*e.SE
		complete = math.Min(complete, e.DF)
	}
	mean, ss := moments.Of(values)
	within, _ := moments.Of(variances)
	p := Pooled{M: len(estimates), Within: within, Between: ss / (m - 1)}
	extra := (1 + 1/m) * p.Between
	total := within + extra
	p.RelativeIncrease, p.Lambda = extra/within, extra/total
	p.RubinDF = (m - 1) / (p.Lambda * p.Lambda)
	df := p.RubinDF
	if !math.IsInf(complete, 1) {
		observed := (complete + 1) / (complete + 3) * complete * within / total
		df = 1 / (1/p.RubinDF + 1/observed)
	}
	p.Estimate = Estimate{Value: mean, SE: math.Sqrt(total), DF: df}
	p.FractionMissing = (p.RelativeIncrease + 2/(df+3)) / (p.RelativeIncrease + 1)
	return p, nil
}

func checkEstimate(fn, arg string, i int, e Estimate) error {
	bad := func(err error, info string) error {
		return &SampleError{Func: fn, Arg: arg, Index: i, Err: err, Info: info}
	}
	switch {
	case math.IsNaN(e.Value) || math.IsInf(e.Value, 0):
		return bad(ErrNotFinite, fmt.Sprintf("value = %v", e.Value))
	case math.IsNaN(e.SE) || math.IsInf(e.SE, 0):
		return bad(ErrNotFinite, fmt.Sprintf("SE = %v", e.SE))
	case !(e.SE > 0):
		return bad(ErrDomain, fmt.Sprintf("SE = %v", e.SE))
	case !(e.DF > 0):
		return bad(ErrDomain, fmt.Sprintf("DF = %v", e.DF))
	}
	for _, v := range []float64{e.Value, e.SE} {
		if err := check.Scale(fn, arg, []float64{v}); err != nil {
			err.(*SampleError).Index = i
			return err
		}
	}
	return nil
}

// PoolWald tests that p quantities are all zero, from M completed data sets
// with estimates values[i] and their covariance matrices covariances[i]: the
// statistic D1 of Li, Raghunathan and Rubin, with their degrees of freedom for
// a large sample. It assumes that the fraction of missing information is about
// the same for all p.
//
// It refuses fewer than two imputations, sizes that do not fit, values that
// are not finite, and a mean covariance matrix that is not positive definite
// (ErrSingular).
//
//	F  = Q̄ᵀŪ⁻¹Q̄ / (p(1 + r)),  r = (1 + 1/M)·tr(BŪ⁻¹)/p
//	df = 4 + (t − 4)(1 + (1 − 2/t)/r)²,  t = p(M − 1) > 4; else t(1 + 1/p)(1 + 1/r)²/2
//
// with the mean Q̄ of the estimates, the mean Ū of their covariances and the
// covariance B between imputations. The F distribution is an approximation.
// Source: Li, Raghunathan & Rubin (1991), doi 10.1080/01621459.1991.10475152.
// For one quantity F is the square of PoolImputations' t. F is that of R's mice::D1,
// whose degrees of freedom are those of a small sample, and of SAS PROC MIANALYZE
// TEST / MULT.
func PoolWald(values [][]float64, covariances [][][]float64) (FTest, error) {
	const fn = "PoolWald"
	m := len(values)
	bad := func(arg string, i int, err error, info string) (FTest, error) {
		return FTest{}, &SampleError{Func: fn, Arg: arg, Index: i, Err: err, Info: info}
	}
	if m < 2 {
		return bad("values", -1, ErrTooFew, fmt.Sprintf("%d imputations, need 2", m))
	}
	if len(covariances) != m {
		return bad("covariances", -1, ErrLength, fmt.Sprintf("%d, not %d", len(covariances), m))
	}
	p := len(values[0])
	if p == 0 {
		return bad("values", 0, ErrTooFew, "no quantity")
	}
	mean := mat.NewVecDense(p, nil)
	within, between := mat.NewSymDense(p, nil), mat.NewSymDense(p, nil)
	for i, v := range values {
		if len(v) != p || len(covariances[i]) != p {
			return bad("values", i, ErrLength, fmt.Sprintf("%d values, %d rows, not %d", len(v), len(covariances[i]), p))
		}
		if err := check.Sample(fn, fmt.Sprintf("values[%d]", i), v, p); err != nil {
			return FTest{}, err
		}
		for r, row := range covariances[i] {
			if len(row) != p {
				return bad("covariances", i, ErrLength, fmt.Sprintf("%d columns, not %d", len(row), p))
			}
			if err := check.Sample(fn, fmt.Sprintf("covariances[%d][%d]", i, r), row, p); err != nil {
				return FTest{}, err
			}
			for c := r; c < p; c++ {
				within.SetSym(r, c, within.At(r, c)+row[c]/float64(m))
			}
			mean.SetVec(r, mean.AtVec(r)+v[r]/float64(m))
		}
	}
	for _, v := range values {
		for r := range p {
			for c := r; c < p; c++ {
				d := (v[r] - mean.AtVec(r)) * (v[c] - mean.AtVec(c)) / float64(m-1)
				between.SetSym(r, c, between.At(r, c)+d)
			}
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(within) {
		return bad("covariances", -1, ErrSingular, "")
	}
	var x mat.VecDense
	var bw mat.Dense
	if err := chol.SolveVecTo(&x, mean); err != nil {
		return bad("covariances", -1, ErrSingular, err.Error())
	}
	if err := chol.SolveTo(&bw, between); err != nil {
		return bad("covariances", -1, ErrSingular, err.Error())
	}
	k, fm := float64(p), float64(m)
	r := (1 + 1/fm) * mat.Trace(&bw) / k
	return FTest{F: mat.Dot(mean, &x) / (k * (1 + r)), DF1: k, DF2: poolDF(k, fm, r)}, nil
}

// poolDF are the denominator degrees of freedom of D1.
func poolDF(k, m, r float64) float64 {
	t := k * (m - 1)
	switch {
	case r == 0:
		return math.Inf(1)
	case t > 4:
		q := 1 + (1-2/t)/r
		return 4 + (t-4)*q*q
	}
	q := 1 + 1/r
	return t * (1 + 1/k) * q * q / 2
}

// String formats the pooled estimate with the number of imputations and the
// fraction of information that is missing.
func (p Pooled) String() string {
	if p.M == 0 {
		return show.NoResult
	}
	return fmt.Sprintf("%v; %d imputations, %.0f%% of the information missing", p.Estimate, p.M, 100*p.FractionMissing)
}

// PoolChiSquares combines Wald statistics that are chi-squared on k degrees of freedom
// in each of M completed data sets: the statistic D2 of Li, Meng, Raghunathan and
// Rubin, for tests whose estimates and covariances were not kept (else PoolWald, which
// is sharper).
//
//	F  = (d̄/k − (M+1)/(M−1)·r)/(1 + r),  r = (1 + 1/M)·var(√d)
//	df = k^(−3/M)·(M − 1)·(1 + 1/r)²
//
// The F distribution is a rough approximation. F can be negative, which says as little
// against the hypothesis as 0: P is 1. It refuses fewer than two statistics, values
// that are negative or not finite, and k below 1.
// Source: Li, Meng, Raghunathan & Rubin 1991, Significance levels from repeated
// p-values with multiply-imputed data, Statistica Sinica 1:65–92.
// Agrees with R's mice::D2.
func PoolChiSquares(statistics []float64, k int) (FTest, error) {
	const fn = "PoolChiSquares"
	if err := check.Moments(fn, "statistics", statistics, 2); err != nil {
		return FTest{}, err
	}
	if k < 1 {
		return FTest{}, &SampleError{Func: fn, Arg: "k", Index: -1, Err: ErrDomain, Info: fmt.Sprintf("%d degrees of freedom", k)}
	}
	roots := make([]float64, len(statistics))
	for i, d := range statistics {
		if d < 0 {
			return FTest{}, &SampleError{Func: fn, Arg: "statistics", Index: i, Err: ErrDomain, Info: fmt.Sprintf("%v is negative", d)}
		}
		roots[i] = math.Sqrt(d)
	}
	m, fk := float64(len(statistics)), float64(k)
	mean, _ := moments.Of(statistics)
	_, ss := moments.Of(roots)
	r := (1 + 1/m) * ss / (m - 1)
	t := FTest{F: (mean/fk - (m+1)/(m-1)*r) / (1 + r), DF1: fk, DF2: math.Inf(1)}
	if r > 0 {
		q := 1 + 1/r
		t.DF2 = math.Pow(fk, -3/m) * (m - 1) * q * q
	}
	return t, nil
}

// PoolBootstrapped combines estimates of one quantity from B bootstrap samples, each
// imputed D times from parameters estimated in it (no posterior draws): the analysis
// of variance of von Hippel and Bartlett. estimates is sample → its D estimates.
//
//	MSB, MSW  mean squares between and within bootstrap samples
//	SE² = (B+1)/(BD)·MSB − MSW/D
//	df  = SE⁴ / (((B+1)/(BD))²·MSB²/(B−1) + MSW²/(B·D²·(D−1))), at least 3
//
// No standard errors within the imputed data are needed, and the variance is right
// where Rubin's is not (imputation and analysis that do not go together, such as
// reference-based strategies); it is repeated-sampling variance. Large-sample. It
// refuses fewer than two samples or imputations, samples with unequal numbers, values
// that are not finite, and mean squares whose difference leaves no variance
// (ErrNoVariation: draw more).
// Source: von Hippel & Bartlett 2021, doi 10.1214/20-STS793.
// Agrees with R's rbmi (method_bmlmi) and bootImpute.
func PoolBootstrapped(estimates [][]float64) (Estimate, error) {
	const fn = "PoolBootstrapped"
	bad := func(i int, err error, info string) (Estimate, error) {
		return Estimate{}, &SampleError{Func: fn, Arg: "estimates", Index: i, Err: err, Info: info}
	}
	if len(estimates) < 2 {
		return bad(-1, ErrTooFew, fmt.Sprintf("%d bootstrap samples, need 2", len(estimates)))
	}
	b, d := float64(len(estimates)), float64(len(estimates[0]))
	means, within := make([]float64, len(estimates)), 0.0
	for i, x := range estimates {
		if err := check.Moments(fn, fmt.Sprintf("estimates[%d]", i), x, 2); err != nil {
			return Estimate{}, err
		}
		if len(x) != len(estimates[0]) {
			return bad(i, ErrLength, fmt.Sprintf("%d imputations, the first sample has %d", len(x), len(estimates[0])))
		}
		m, ss := moments.Of(x)
		means[i] = m
		within += ss
	}
	mean, ss := moments.Of(means)
	msb, msw := d*ss/(b-1), within/(b*(d-1))
	k := (b + 1) / (b * d)
	v := k*msb - msw/d
	if !(v > 0) {
		return bad(-1, ErrNoVariation, "bootstrap samples differ no more than imputations of one")
	}
	df := v * v / (k*k*msb*msb/(b-1) + msw*msw/(b*d*d*(d-1)))
	return Estimate{Value: mean, SE: math.Sqrt(v), DF: math.Max(3, df)}, nil
}
