package regress

import (
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// Standardized returns the internally studentized residuals e/(σ√(1 − h)),
// with e multiplied by √weight: of variance 1, about, where the model holds.
// A row that alone determines a coefficient (h = 1) has residual 0 and stays 0;
// so do all where the residual variance is 0.
// It agrees with R's rstandard.
func (m *Fit) Standardized() []float64 {
	e, h, s := m.Residuals(), m.Leverage(), m.Sigma()
	for i := range e {
		if 1-h[i] < 1e-12 || s == 0 {
			e[i] = 0
			continue
		}
		e[i] *= math.Sqrt(m.weight(i)/(1-h[i])) / s
	}
	return e
}

// QQPoint is one value of a normal quantile plot.
type QQPoint struct {
	Index               int     // of the value in the sample
	Theoretical, Sample float64 // normal quantile of its plotting position, and the value
	// Lower and Upper enclose the order statistic of an independent standard
	// normal sample with the level's probability, one point at a time.
	Lower, Upper float64
}

// NormalQQ sorts a sample of n and sets the i-th smallest value against the
// standard normal quantile of (i − a)/(n + 1 − 2a), a = 3/8 for n ≤ 10 and 1/2
// beyond. Lower and Upper are exact for independent standard normal values:
// the i-th of n uniform values follows the Beta(i, n + 1 − i) distribution. Of
// n points, n·(1 − level) fall outside on average, so a few outside are no
// finding. Ties stand in the order of the sample.
// It refuses an empty sample, NaN and Inf, and panics for a level outside (0, 1).
// Source: Blom (1958); Wilk & Gnanadesikan (1968), doi 10.1093/biomet/55.1.1.
// Positions agree with R's qqnorm.
func NormalQQ(x []float64, level float64) ([]QQPoint, error) {
	check.Level(level)
	if err := check.Sample("NormalQQ", "x", x, 1); err != nil {
		return nil, err
	}
	n := float64(len(x))
	a := 0.5
	if len(x) <= 10 {
		a = 0.375
	}
	out := make([]QQPoint, len(x))
	for i := range x {
		out[i] = QQPoint{Index: i, Sample: x[i]}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Sample < out[j].Sample })
	tail := (1 - level) / 2
	for i := range out {
		k := float64(i + 1)
		out[i].Theoretical = num.NormQuantile((k - a) / (n + 1 - 2*a))
		out[i].Lower = num.NormQuantile(num.BetaQuantile(tail, k, n+1-k))
		out[i].Upper = num.NormQuantile(num.BetaQuantileUpper(tail, k, n+1-k))
	}
	return out, nil
}
