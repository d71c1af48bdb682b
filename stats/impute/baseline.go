package impute

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/regress"
)

// MeanBaseline puts the mean of all values observed, whatever the arm, in for missing
// baseline values, and returns it: with randomized arms the adjusted difference stays
// unbiased and its standard error right. The arm and the outcome must play no part
// (means by arm would), and it is no answer for changes from baseline.
//
// It refuses values that are not finite where they are not missing, and no value
// observed. Source: White & Thompson 2005, Adjusting for partially missing baseline
// measurements in randomized trials, Statistics in Medicine 24:993–1007.
func MeanBaseline(values []float64, missing []bool) (filled []float64, mean float64, err error) {
	const fn = "MeanBaseline"
	seen, err := observed(fn, values, missing)
	if err != nil {
		return nil, 0, err
	}
	if len(seen) == 0 {
		return nil, 0, bad(fn, "values", -1, stats.ErrTooFew, "none was observed")
	}
	for _, i := range seen {
		mean += values[i] / float64(len(seen))
	}
	filled = append([]float64(nil), values...)
	for i, m := range missing {
		if m {
			filled[i] = mean
		}
	}
	return filled, mean, nil
}

// RegressionBaseline puts in what a linear regression on other baseline values
// predicts. Arm and outcome must not be among them; see MeanBaseline. It refuses what
// regress.Linear refuses of the participants with a value.
func RegressionBaseline(values []float64, missing []bool, predictors ...[]float64) (filled []float64, err error) {
	const fn = "RegressionBaseline"
	seen, err := observed(fn, values, missing)
	if err != nil {
		return nil, err
	}
	if len(predictors) == 0 {
		return nil, bad(fn, "predictors", -1, stats.ErrTooFew, "none: use MeanBaseline")
	}
	var y []float64
	terms := make([]regress.Term, len(predictors))
	for k, x := range predictors {
		if len(x) != len(values) {
			return nil, bad(fn, "predictors", k, stats.ErrLength, "%d values, not %d", len(x), len(values))
		}
		if err := check.Sample("impute."+fn, "predictors", x, 0); err != nil {
			return nil, err
		}
		var part []float64
		for _, i := range seen {
			part = append(part, x[i])
		}
		terms[k] = regress.Numeric(predictorName(k), part)
	}
	for _, i := range seen {
		y = append(y, values[i])
	}
	fit, err := regress.Linear(y, terms...)
	if err != nil {
		return nil, check.Renamed("impute."+fn, err)
	}
	filled = append([]float64(nil), values...)
	for i, m := range missing {
		if !m {
			continue
		}
		s := fit.Coefficient("(Intercept)").Value
		for k, x := range predictors {
			s += fit.Coefficient(predictorName(k)).Value * x[i]
		}
		filled[i] = s
	}
	return filled, nil
}

func predictorName(k int) string { return string(rune('a'+k%26)) + string(rune('0'+k/26)) }

// observed returns the indices of the values that are not missing.
func observed(fn string, values []float64, missing []bool) ([]int, error) {
	if len(missing) != len(values) {
		return nil, bad(fn, "missing", -1, stats.ErrLength, "%d flags for %d values", len(missing), len(values))
	}
	var out []int
	for i, v := range values {
		if missing[i] {
			continue
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, bad(fn, "values", i, stats.ErrNotFinite, "%v", v)
		}
		out = append(out, i)
	}
	return out, nil
}
