package regress

import (
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats"
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

	rank, n float64
}

// Band returns the interval that holds the value's order statistic of an
// independent standard normal sample with the level's probability, one point at a
// time: the i-th of n uniform values follows the Beta(i, n + 1 − i) distribution.
// Of n points, n·(1 − level) fall outside on average, so a few outside are no
// finding. It panics unless 0 < level < 1.
func (q QQPoint) Band(level float64) stats.Interval {
	check.Level(level)
	end := func(tail float64, quantile func(p, a, b float64) float64) float64 {
		return num.NormQuantile(quantile(tail, q.rank, q.n+1-q.rank))
	}
	tail := (1 - level) / 2
	return stats.Interval{Lo: end(tail, num.BetaQuantile), Hi: end(tail, num.BetaQuantileUpper), Level: level}
}

// NormalQQ sorts a sample of n and sets the i-th smallest value against the
// standard normal quantile of (i − a)/(n + 1 − 2a), a = 3/8 for n ≤ 10 and 1/2
// beyond; see QQPoint.Band for how far points stray. Ties stand in the order of
// the sample. It refuses an empty sample, NaN and Inf.
// Source: Blom (1958); Wilk & Gnanadesikan (1968), doi 10.1093/biomet/55.1.1.
// Positions agree with R's qqnorm.
func NormalQQ(x []float64) ([]QQPoint, error) {
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
	for i := range out {
		out[i].rank, out[i].n = float64(i+1), n
		out[i].Theoretical = num.NormQuantile((out[i].rank - a) / (n + 1 - 2*a))
	}
	return out, nil
}
