package rank

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// StratifiedRankTest is the outcome of VanElteren.
type StratifiedRankTest struct {
	// Z is positive where treated values tend to be larger.
	Z float64
	// Strata is the number of strata that carry information: those with both
	// arms and two different values.
	Strata int
}

var _ stats.Test = StratifiedRankTest{}

// P returns the two-sided p-value of the normal approximation.
func (t StratifiedRankTest) P() float64 { return t.orNone(2 * num.NormSF(math.Abs(t.Z))) }

// PGreater returns the one-sided p-value against "treated values are not larger".
func (t StratifiedRankTest) PGreater() float64 { return t.orNone(num.NormSF(t.Z)) }

// PLess returns the one-sided p-value against "treated values are not smaller".
func (t StratifiedRankTest) PLess() float64 { return t.orNone(num.NormSF(-t.Z)) }

func (t StratifiedRankTest) orNone(p float64) float64 {
	if t.Strata == 0 {
		return math.NaN()
	}
	return math.Min(1, p)
}

// VanElteren combines Mann–Whitney tests over strata, such as centers or
// randomization blocks: treated[i] and control[i] are the values of stratum i
// (van Elteren 1960, Bulletin of the ISI 37:351). Stratum i's rank sum is weighted
// by 1/(Nᵢ + 1), which is best when the effect is alike in all strata:
//
//	Z = Σ(Wᵢ − E Wᵢ)/(Nᵢ+1) / √ΣVar(Wᵢ)/(Nᵢ+1)²
//
// with mid-ranks and tie-corrected variances. Approximate (normal), without
// continuity correction. A stratum without one of the arms, or whose values
// are all equal, adds nothing; if no stratum is left: ErrNoVariation. Slices of
// different lengths are ErrLength, NaN and infinities ErrNotFinite. Agrees with
// SAS PROC FREQ CMH2 SCORES=MODRIDIT.
func VanElteren(treated, control [][]float64) (StratifiedRankTest, error) {
	if len(treated) != len(control) {
		return StratifiedRankTest{}, &stats.SampleError{Func: "VanElteren", Arg: "control", Index: -1, Err: stats.ErrLength,
			Info: fmt.Sprintf("%d strata, treated has %d", len(control), len(treated))}
	}
	var t StratifiedRankTest
	sum, variance := 0.0, 0.0
	for i := range treated {
		if err := check.Sample("VanElteren", fmt.Sprintf("treated[%d]", i), treated[i], 0); err != nil {
			return StratifiedRankTest{}, err
		}
		if err := check.Sample("VanElteren", fmt.Sprintf("control[%d]", i), control[i], 0); err != nil {
			return StratifiedRankTest{}, err
		}
		if len(treated[i]) == 0 || len(control[i]) == 0 {
			continue
		}
		r := num.DoubledRanks(append(append([]float64{}, treated[i]...), control[i]...))
		obs, mean, sd := rankSumMoments(r[:len(treated[i])], r[len(treated[i]):])
		if sd == 0 {
			continue
		}
		w := 1 / float64(len(r)+1)
		sum += w * (obs - mean)
		variance += w * w * sd * sd
		t.Strata++
	}
	if t.Strata == 0 {
		return StratifiedRankTest{}, &stats.SampleError{Func: "VanElteren", Arg: "treated, control", Index: -1, Err: stats.ErrNoVariation,
			Info: "no stratum has both arms and two different values"}
	}
	t.Z = sum / math.Sqrt(variance)
	return t, nil
}
