package stats

import (
	"github.com/trialkit/trialkit/stats/internal/show"

	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// Combined is a joint test of several independent one-sided p-values.
type Combined struct {
	Statistic float64
	p         float64
}

// P is the joint p-value.
func (c Combined) P() float64 { return c.p }

// CombineFisher combines independent p-values: X = −2·Σ ln pᵢ, χ² on 2k
// degrees of freedom if every null hypothesis holds. Exact for continuous
// p-values. It is sensitive to one small p among many. A p of zero gives
// X = +Inf and p = 0.
// It refuses an empty slice, NaN and values outside [0, 1].
// Source: Fisher (1932), Statistical Methods for Research Workers, 4th ed.
// It agrees with R's metap::sumlog.
func CombineFisher(p []float64) (Combined, error) {
	if err := checkPs("CombineFisher", p); err != nil {
		return Combined{}, err
	}
	x := 0.0
	for _, v := range p {
		x -= 2 * math.Log(v)
	}
	return Combined{x, num.ChiSqSF(x, 2*float64(len(p)))}, nil
}

// CombineStouffer combines independent one-sided p-values as weighted normal
// deviates: Z = Σ wᵢzᵢ/√Σwᵢ². Nil weights are equal ones; √n of each study is
// the usual choice otherwise. Exact for continuous p-values.
// It refuses what CombineFisher refuses, and weights of another length
// (ErrLength), not positive or not finite.
// Source: Stouffer et al. (1949); Lipták (1958).
// It agrees with R's metap::sumz.
func CombineStouffer(p, weights []float64) (Combined, error) {
	if err := checkPs("CombineStouffer", p); err != nil {
		return Combined{}, err
	}
	if weights != nil && len(weights) != len(p) {
		return Combined{}, &SampleError{Func: "CombineStouffer", Arg: "weights", Index: -1, Err: ErrLength,
			Info: fmt.Sprintf("%d weights, %d p-values", len(weights), len(p))}
	}
	z, ww := 0.0, 0.0
	for i, v := range p {
		w := 1.0
		if weights != nil {
			if w = weights[i]; !(w > 0) || math.IsInf(w, 1) {
				return Combined{}, &SampleError{Func: "CombineStouffer", Arg: "weights", Index: i, Err: ErrDomain, Info: fmt.Sprint(w)}
			}
		}
		z += w * num.NormQuantileUpper(v)
		ww += w * w
	}
	z /= math.Sqrt(ww)
	if math.IsNaN(z) { // p-values of 0 and of 1 together
		return Combined{}, &SampleError{Func: "CombineStouffer", Arg: "p", Index: -1, Err: ErrDomain, Info: "p-values of 0 and of 1 together"}
	}
	return Combined{z, num.NormSF(z)}, nil
}

func checkPs(fn string, p []float64) error {
	if err := check.Sample(fn, "p", p, 1); err != nil {
		return err
	}
	for i, v := range p {
		if v < 0 || v > 1 {
			return &SampleError{Func: fn, Arg: "p", Index: i, Err: ErrDomain, Info: fmt.Sprint(v)}
		}
	}
	return nil
}

// String formats the test: "statistic 14.2, p = 0.0067".
func (c Combined) String() string {
	return statisticText(c == Combined{}, "statistic", c.Statistic, c.p)
}

func statisticText(none bool, name string, x, p float64) string {
	if none {
		return show.NoResult
	}
	return fmt.Sprintf("%s %s, p %s", name, show.Fixed(x, show.DecimalsOf(x)), show.P(p))
}
