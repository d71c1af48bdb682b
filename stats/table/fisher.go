package table

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/check"
)

// FisherTest is Fisher's exact test of one 2×2 table: p-values conditional on
// both margins.
type FisherTest struct {
	Treated, Control Count
	// Two is the two-sided p-value: the tables no likelier than the observed.
	// Greater is P(events under treatment ≥ observed), Less is P(≤ observed).
	Two, Greater, Less float64
}

// Fisher tests whether treated and control share one event probability, given
// the table's margins. Exact at every size; conservative, because a small table
// has few possible p-values. Two tables count as equally likely when their
// probabilities agree to a relative 1e-7, as in R.
// A table with an empty margin (no events at all, or nothing else) holds no
// information: all three p-values are 1.
// It refuses n below 1 and events outside 0 … n.
// Source: Fisher (1935), J R Stat Soc 98:39, doi 10.2307/2342435.
// It agrees with R's fisher.test and SAS PROC FREQ EXACT FISHER.
func Fisher(treated, control Count) (FisherTest, error) {
	if err := check.Count("Fisher", "treated", treated.Events, treated.N); err != nil {
		return FisherTest{}, err
	}
	if err := check.Count("Fisher", "control", control.Events, control.N); err != nil {
		return FisherTest{}, err
	}
	lo, w := hypergeometric(treated.N, control.N, treated.Events+control.Events)
	obs := treated.Events - lo
	var total, two, ge, le float64
	for _, v := range w {
		total += v
	}
	for i, v := range w {
		if v <= w[obs]*(1+1e-7) {
			two += v
		}
		if i >= obs {
			ge += v
		}
		if i <= obs {
			le += v
		}
	}
	unit := func(x float64) float64 { return math.Min(1, x/total) }
	return FisherTest{treated, control, unit(two), unit(ge), unit(le)}, nil
}

// hypergeometric returns weights proportional to P(X = lo + i), X being the
// events among n1 when m of n1 + n2 have one. They start at 1 at the mode, so
// nothing overflows and the far tails keep their digits as long as they are
// representable.
func hypergeometric(n1, n2, m int) (lo int, w []float64) {
	lo, hi := max(0, m-n2), min(m, n1)
	w = make([]float64, hi-lo+1)
	mode := int(math.Floor(float64(m+1) * float64(n1+1) / float64(n1+n2+2)))
	mode = max(lo, min(hi, mode))
	w[mode-lo] = 1
	for k := mode; k < hi; k++ { // ratio P(k+1)/P(k)
		w[k+1-lo] = w[k-lo] * float64(n1-k) / float64(k+1) * float64(m-k) / float64(n2-m+k+1)
	}
	for k := mode; k > lo; k-- {
		w[k-1-lo] = w[k-lo] * float64(k) / float64(n1-k+1) * float64(n2-m+k) / float64(m-k+1)
	}
	return lo, w
}
