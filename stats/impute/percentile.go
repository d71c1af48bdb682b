package impute

import (
	"fmt"
	"math"
	"slices"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/show"
	"github.com/trialkit/trialkit/stats/internal/wire"
)

// Percentile is an estimate whose interval are quantiles of its bootstrap samples.
type Percentile struct {
	Value   float64
	Samples []float64 // ascending
}

var _ stats.Effect = Percentile{}

// Percentile is Difference with an interval from the quantiles of the bootstrap
// samples' estimates, those of type 6 (position (B+1)p), whose exact inverse is the
// p-value. The interval does not assume a symmetric distribution, and is not exact; it
// is too short in small trials. It needs samples of Fit.Bootstrap (else an error).
//
// Agrees with R's rbmi, method_condmean(type = "bootstrap") with pool(type =
// "percentile"), whose p-values are solved to 6e-5.
func (r *Result) Percentile(arm, other, visit string) (Percentile, error) {
	w, err := r.difference("Percentile", arm, other, visit)
	if err != nil {
		return Percentile{}, err
	}
	return r.percentile(w)
}

// MeanPercentile is Mean with an interval as Percentile's.
func (r *Result) MeanPercentile(arm, visit string) (Percentile, error) {
	w, err := r.mean("MeanPercentile", arm, visit)
	if err != nil {
		return Percentile{}, err
	}
	return r.percentile(w)
}

func (r *Result) percentile(w []float64) (Percentile, error) {
	if !r.Bootstrap {
		return Percentile{}, bad("Percentile", "samples", -1, stats.ErrDomain, "quantiles of the jackknife's estimates are no interval: use Bootstrap")
	}
	p := Percentile{Value: r.value(&r.full, w, r.sizes), Samples: r.values(w, r.sizes)}
	slices.Sort(p.Samples)
	return p, nil
}

// Point returns the estimate.
func (p Percentile) Point() float64 { return p.Value }

// CI returns the quantiles at (1 ∓ level)/2 of the samples. Where there are too few
// samples for the level (fewer than 2/(1 − level) − 1) no quantile exists: the
// interval is unbounded, with stats.WhyLevel.
func (p Percentile) CI(level float64) stats.Interval {
	check.Level(level)
	n := len(p.Samples)
	tail := (1 - level) / 2
	h := float64(n+1) * tail
	if h < 1-1e-9 {
		return stats.Interval{Lo: math.Inf(-1), Hi: math.Inf(1), Level: level, Why: stats.WhyLevel}
	}
	at := func(h float64) float64 {
		k := int(h + 1e-9)
		f := max(h-float64(k), 0)
		if k >= n {
			return p.Samples[n-1]
		}
		return p.Samples[k-1] + f*(p.Samples[k]-p.Samples[k-1])
	}
	return stats.Interval{Lo: at(h), Hi: at(float64(n+1) - h), Level: level}
}

// PGreater is the share of the samples at most null, interpolated as the quantiles
// are; 0 says that no sample is, which is less than 1/(B+1), and 1 that all are.
func (p Percentile) PGreater(null float64) float64 {
	n := len(p.Samples)
	if n == 0 {
		return math.NaN()
	}
	// Among equal samples null is as far in as it can be on its own side.
	first, _ := slices.BinarySearch(p.Samples, null)
	after, _ := slices.BinarySearchFunc(p.Samples, null, func(x, t float64) int {
		if x <= t {
			return -1
		}
		return 1
	})
	switch {
	case after == 0:
		return 0
	case first == n:
		return 1
	case after > first: // samples first+1 … after are null itself
		half := float64(n+1) / 2
		h := min(max(half, float64(first+1)), float64(after))
		return h / float64(n+1)
	}
	a, b := p.Samples[after-1], p.Samples[after]
	return (float64(after) + (null-a)/(b-a)) / float64(n+1)
}

// PLess is the share of the samples at least null; see PGreater.
func (p Percentile) PLess(null float64) float64 { return 1 - p.PGreater(null) }

// P is twice the smaller of PGreater and PLess: the level at which an end of the
// interval is null. 0 says that all samples lie on one side: less than 2/(B+1).
func (p Percentile) P(null float64) float64 {
	g := p.PGreater(null)
	return min(1, 2*min(g, 1-g))
}

// String prints the estimate with its 95% interval; a p-value that no sample reaches
// as "< 2/(B+1)".
func (p Percentile) String() string {
	n := len(p.Samples)
	if n == 0 {
		return show.NoResult
	}
	ci := p.CI(0.95)
	d := show.Decimals(ci.Hi - ci.Lo)
	if d < 0 {
		d = show.DecimalsOf(p.Value)
	}
	pv := "p " + show.P(p.P(0))
	if p.P(0) == 0 {
		pv = "p < " + show.Fixed(2/float64(n+1), show.DecimalsOf(2/float64(n+1)))
	}
	return fmt.Sprintf("%s (95%% CI %s; %s; percentiles of %d bootstrap samples)", show.Fixed(p.Value, d), ci.Text(d, ""), pv, n)
}

// MarshalJSON writes the value, the 95% interval, the p-value and the number of samples.
func (p Percentile) MarshalJSON() ([]byte, error) {
	if len(p.Samples) == 0 {
		return wire.Null, nil
	}
	return wire.Pairs("value", p.Value, "ci", p.CI(0.95), "p", p.P(0), "samples", len(p.Samples)).MarshalJSON()
}
