package impute

import (
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
)

// Result is the analysis of conditional means with its variance from samples. It can
// be asked for every mean and difference; all are linear in the delta.
type Result struct {
	Arms, Visits []string
	Analysis     Analysis
	Participants int
	Bootstrap    bool // samples are a bootstrap's, else the jackknife's

	fit      *Fit
	d        *design
	whole    *sums
	full     answer
	samples  []answer
	sizes    []float64 // arm → delta
	residual []float64 // visits × visits, of the completed data
	atRandom []float64 // the same under MAR
	missing  []bool    // visit → somebody's value is imputed
}

// weights of a question: arm × visit.
func (r *Result) weights() []float64 { return make([]float64, len(r.Arms)*len(r.Visits)) }

// Difference estimates an arm's difference from another at a visit: arm − other, least
// squares means. Its standard error is the jackknife's
//
//	SE² = (n−1)/n · Σ_i (θ_i − θ̄)²      θ_i: everything repeated without participant i
//
// or the standard deviation over bootstrap samples, that is the repeated-sampling
// variance: under a reference-based strategy it is smaller than Rubin's
// (information-anchored) one, and neither is wrong; say which. The degrees of freedom
// are Barnard and Rubin's for the observed data,
//
//	ν = (ν_c+1)/(ν_c+3)·ν_c·(1−λ),   λ = max(0, 1 − W/V)
//
// with ν_c those of the analysis of complete data, W its squared standard error
// expected over imputations at random, and V the squared standard error of the same means in the
// imputation model, of the values observed: λ is the fraction of the information that
// is missing, the same under every strategy, and 0 at visits where nothing is missing.
// Analysis.Normal takes infinite degrees of freedom. Approximate: a large-sample
// variance with a t quantile; evidence.md has its coverage.
//
// Sources: Wolbers et al. 2022, Pharmaceutical Statistics 21(6):1246; Barnard & Rubin
// 1999, doi 10.1093/biomet/86.4.948. With Analysis.Normal it agrees with R's rbmi,
// method_condmean(type = "jackknife"), each of its fits brought to convergence.
func (r *Result) Difference(arm, other, visit string) (stats.Estimate, error) {
	w, err := r.difference("Difference", arm, other, visit)
	if err != nil {
		return stats.Estimate{}, err
	}
	return r.estimate(w, r.sizes), nil
}

func (r *Result) difference(fn, arm, other, visit string) ([]float64, error) {
	a, err := index(fn, "arm", arm, r.Arms)
	if err != nil {
		return nil, err
	}
	b, err := index(fn, "other", other, r.Arms)
	if err != nil {
		return nil, err
	}
	if a == b {
		return nil, bad(fn, "other", -1, stats.ErrDomain, "%q against itself", arm)
	}
	v, err := index(fn, "visit", visit, r.Visits)
	if err != nil {
		return nil, err
	}
	w := r.weights()
	w[a*len(r.Visits)+v], w[b*len(r.Visits)+v] = 1, -1
	return w, nil
}

// Mean estimates an arm's least squares mean at a visit, every covariate at its mean
// over all participants; see Difference.
func (r *Result) Mean(arm, visit string) (stats.Estimate, error) {
	w, err := r.mean("Mean", arm, visit)
	if err != nil {
		return stats.Estimate{}, err
	}
	return r.estimate(w, r.sizes), nil
}

func (r *Result) mean(fn, arm, visit string) ([]float64, error) {
	a, err := index(fn, "arm", arm, r.Arms)
	if err != nil {
		return nil, err
	}
	v, err := index(fn, "visit", visit, r.Visits)
	if err != nil {
		return nil, err
	}
	w := r.weights()
	w[a*len(r.Visits)+v] = 1
	return w, nil
}

// Average estimates the mean over all visits of the differences of two arms.
func (r *Result) Average(arm, other string) (stats.Estimate, error) {
	w, err := r.average("Average", arm, other)
	if err != nil {
		return stats.Estimate{}, err
	}
	return r.estimate(w, r.sizes), nil
}

func (r *Result) average(fn, arm, other string) ([]float64, error) {
	sum := r.weights()
	for _, v := range r.Visits {
		w, err := r.difference(fn, arm, other, v)
		if err != nil {
			return nil, err
		}
		axpy(sum, 1/float64(len(r.Visits)), w)
	}
	return sum, nil
}

// Contrast estimates any sum of least squares means: weights arm → visit.
func (r *Result) Contrast(weights [][]float64) (stats.Estimate, error) {
	w := make([]float64, 0, len(r.Arms)*len(r.Visits))
	for a, row := range weights {
		if len(row) != len(r.Visits) {
			return stats.Estimate{}, bad("Contrast", "weights", a, stats.ErrLength, "%d weights for %d visits", len(row), len(r.Visits))
		}
		if err := check.Sample("impute.Contrast", "weights", row, 0); err != nil {
			return stats.Estimate{}, err
		}
		w = append(w, row...)
	}
	if len(weights) != len(r.Arms) {
		return stats.Estimate{}, bad("Contrast", "weights", -1, stats.ErrLength, "%d rows for %d arms", len(weights), len(r.Arms))
	}
	return r.estimate(w, r.sizes), nil
}

// value is a question's answer at deltas of some size. The outcome's origin counts
// where the weights do not sum to 0.
func (r *Result) value(a *answer, w, sizes []float64) float64 {
	s := dot(w, a.means)
	for arm, size := range sizes {
		if size != 0 && a.slopes[arm] != nil {
			s += size * dot(w, a.slopes[arm])
		}
	}
	origin := 0.0
	for _, x := range w {
		origin += x
	}
	if math.Abs(origin) > 1e-12 { // weights such as 1/3 add up to 0 but for rounding
		s += origin * r.fit.y0
	}
	return s
}

// values are the samples' answers.
func (r *Result) values(w, sizes []float64) []float64 {
	out := make([]float64, len(r.samples))
	for i := range r.samples {
		out[i] = r.value(&r.samples[i], w, sizes)
	}
	return out
}

func (r *Result) estimate(w, sizes []float64) stats.Estimate {
	e := stats.Estimate{Value: r.value(&r.full, w, sizes), SE: math.Sqrt(r.covariance(r.values(w, sizes), nil)), DF: math.Inf(1)}
	if !r.Analysis.Normal {
		e.DF = r.df(w)
	}
	return e
}

// covariance is the variance that the samples give an estimate, or the covariance of
// two; y is nil for the variance.
func (r *Result) covariance(x, y []float64) float64 {
	if y == nil {
		y = x
	}
	n := float64(len(x))
	mx, my, s := mean(x), mean(y), 0.0
	for i := range x {
		s += (x[i] - mx) * (y[i] - my)
	}
	if r.Bootstrap {
		return s / (n - 1)
	}
	return s * (n - 1) / n
}

// df are the degrees of freedom of an answer without delta, which moves values and
// brings no information. The weights of arm × visit are those of the imputation model's
// first coefficients, as covariates have mean 0.
func (r *Result) df(w []float64) float64 {
	complete := float64(r.Participants - r.d.p)
	lambda := 0.0
	if r.touched(w) {
		l := make([]float64, len(r.fit.mmrm.Columns))
		copy(l, w)
		se := r.fit.mmrm.Unadjusted(l).SE
		lambda = max(0, 1-r.withinOf(w, r.atRandom)/(se*se))
	}
	return (complete + 1) / (complete + 3) * complete * (1 - lambda)
}

// touched reports whether anything is imputed at the visits of a question.
func (r *Result) touched(w []float64) bool {
	nv := len(r.Visits)
	for i, x := range w {
		if x != 0 && r.missing[i%nv] {
			return true
		}
	}
	return false
}

// withinOf is the squared standard error of the analysis of completed data.
func (r *Result) withinOf(w, residual []float64) float64 {
	nv, p := len(r.Visits), r.d.p
	rows := make([][]float64, nv)
	for v := range nv {
		rows[v] = make([]float64, p)
		for arm := range r.Arms {
			if x := w[arm*nv+v]; x != 0 {
				axpy(rows[v], x, r.d.at(arm, r.whole))
			}
		}
	}
	s := 0.0
	for v := range nv {
		b := slices.Clone(rows[v])
		cholSolve(r.full.inv, b, p)
		for u := range nv {
			s += residual[v*nv+u] * dot(b, rows[u])
		}
	}
	return s
}

// Within returns the squared standard error that Difference's analysis would have on
// average over imputations: what conditional means must not be analyzed with.
func (r *Result) Within(arm, other, visit string) (float64, error) {
	w, err := r.difference("Within", arm, other, visit)
	if err != nil {
		return 0, err
	}
	return r.withinOf(w, r.residual), nil
}

// Replicates returns the samples' estimates of Difference, in the order of the
// participants for the jackknife.
func (r *Result) Replicates(arm, other, visit string) ([]float64, error) {
	w, err := r.difference("Replicates", arm, other, visit)
	if err != nil {
		return nil, err
	}
	return r.values(w, r.sizes), nil
}
