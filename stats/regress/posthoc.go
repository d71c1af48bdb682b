package regress

import (
	"context"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// MeanDifference is the difference of two group means, A − B, as one of a
// family of comparisons: CI, P, PGreater and PLess are simultaneous, so that
// with probability level all intervals of the family hold. The embedded
// Estimate is that of the difference alone: T and SE are its, and
// m.Estimate.CI its interval without adjustment.
type MeanDifference struct {
	A, B int // group numbers, counted from 0 as given
	stats.Estimate

	single Comparison // of the same distribution
}

var _ stats.Effect = MeanDifference{}

// CI returns the simultaneous interval.
func (m MeanDifference) CI(level float64) stats.Interval { return m.single.CI(level) }

// P returns the adjusted two-sided p-value.
func (m MeanDifference) P(null float64) float64 { return m.single.P(null) }

// PGreater returns the adjusted one-sided p-value: for Dunnett's test that of
// its one-sided form, for Tukey, Games–Howell and Scheffé, which have none,
// half the two-sided one on the side of the estimate.
func (m MeanDifference) PGreater(null float64) float64 { return m.single.PGreater(null) }

// PLess is PGreater on the other side.
func (m MeanDifference) PLess(null float64) float64 { return m.single.PLess(null) }

// Critical returns the quantile that |Value − truth|/SE stays below for the
// whole family with probability level.
func (m MeanDifference) Critical(level float64) float64 {
	check.Level(level)
	return m.single.critical(context.Background(), level)
}

// meanDifferenceOf is the comparison of groups a and b by e, in the family of
// c, which carries everything else.
func meanDifferenceOf(a, b int, e stats.Estimate, c Comparison) MeanDifference {
	c.Estimate = e
	return MeanDifference{A: a, B: b, Estimate: e, single: c}
}

// TukeyHSD compares all pairs of group means, each later group minus each
// earlier one, with simultaneous intervals from the studentized range
// distribution. With unequal sizes it is Tukey–Kramer, which is slightly
// conservative (Hayter 1984, doi 10.1214/aos/1176346392). It assumes normal
// groups of one variance; where that is in doubt use GamesHowell.
//
// It refuses fewer than two groups, an empty group, as many groups as values,
// NaN, Inf, and groups that are each constant.
// Source: Tukey (1953); Kramer (1956), doi 10.2307/3001469.
// It agrees with R's TukeyHSD(aov(…)) as far as R's ptukey is right (about
// three digits below 4 degrees of freedom) and with SAS PROC GLM LSMEANS
// ADJUST=TUKEY.
func TukeyHSD(groups ...[]float64) (MeanDifferences, error) {
	return comparePairs("TukeyHSD", groups, Tukey)
}

// PairOptions are the choices in ComparePairs.
type PairOptions struct {
	Adjust stats.Adjustment // "" means Tukey
}

// ComparePairs compares all pairs of group means with the variance pooled over
// all groups, each later group minus each earlier one, with another
// adjustment: NoAdjustment (Fisher's LSD: does not hold the family's error
// rate beyond three groups), Bonferroni, Sidak, Scheffe or Tukey. It panics
// for those of AdjustP that have no intervals: put the P(0) of NoAdjustment
// through AdjustP for them. Assumptions and refusals are those of TukeyHSD.
//
// Intervals are x̄ᵢ − x̄ⱼ ± c·s·√(1/nᵢ + 1/nⱼ), with the pooled SD s on N − k degrees of
// freedom and, at α, c = t(1 − α/2) without adjustment, t(1 − α/(2m)) of m pairs for
// Bonferroni, t((1 + (1 − α)^(1/m))/2) for Sidak and √((k − 1)·F(1 − α; k − 1, N − k))
// for Scheffe. Scheffe's is exact for all contrasts together and wide for pairs alone;
// Bonferroni's and Sidak's are conservative.
// Source: Dunn (1961), doi 10.2307/2282330; Šidák (1967), J Am Stat Assoc 62:626;
// Scheffé (1953), Biometrika 40:87.
// It agrees with R's pairwise.t.test(pool.sd = TRUE), with pairs(emmeans(…), adjust =
// "scheffe") and with SAS PROC GLM MEANS / LSD BON SIDAK SCHEFFE.
func ComparePairs(groups [][]float64, opts PairOptions) (MeanDifferences, error) {
	adjust := opts.Adjust
	if adjust == "" {
		adjust = Tukey
	}
	return comparePairs("ComparePairs", groups, adjust)
}

func comparePairs(fn string, groups [][]float64, adjust stats.Adjustment) (MeanDifferences, error) {
	switch adjust {
	case stats.NoAdjustment, stats.Bonferroni, stats.Sidak, Scheffe, Tukey:
	default:
		panic(fmt.Sprintf("regress.ComparePairs: no simultaneous intervals by %q", adjust))
	}
	means, variance, df, err := pooledGroups(fn, groups)
	if err != nil {
		return nil, err
	}
	k := len(groups)
	fam := Comparison{adjust: adjust, count: k * (k - 1) / 2, means: k}
	var out MeanDifferences
	for b := range groups {
		for a := b + 1; a < k; a++ {
			e := stats.Estimate{Value: means[a].Sub(means[b]).Float(), DF: df,
				SE: math.Sqrt(variance * (1/float64(len(groups[a])) + 1/float64(len(groups[b]))))}
			out = append(out, meanDifferenceOf(a, b, e, fam))
		}
	}
	return out, nil
}

// DunnettTest compares each treated group with one control, treated − control, with
// simultaneous intervals: exact for normal groups of one variance, by
// integration over the one-factor multivariate t distribution (to about 1e-10).
// PGreater and PLess are those of the one-sided test. A of the results numbers
// the treated groups from 0 as given; B is −1, the control.
//
// It refuses no treated group, an empty group, as many groups as values, NaN,
// Inf, and groups that are each constant.
// Source: Dunnett (1955), doi 10.1080/01621459.1955.10501294.
// It agrees with R's multcomp::glht(mcp(… = "Dunnett")), whose p-values are
// Monte Carlo to about 1e-5, DescTools::DunnettTest and SAS PROC GLM LSMEANS
// ADJUST=DUNNETT.
func DunnettTest(treated [][]float64, control []float64) (MeanDifferences, error) {
	groups := append([][]float64{control}, treated...)
	means, variance, df, err := pooledGroups("DunnettTest", groups)
	if err != nil {
		return nil, err
	}
	n0 := float64(len(control))
	var lambda []float64
	for _, g := range treated {
		n := float64(len(g))
		lambda = append(lambda, math.Sqrt(n/(n+n0)))
	}
	fam := Comparison{adjust: Dunnett, count: len(treated), means: len(groups), joint: &jointT{lambda: lambda}}
	var out MeanDifferences
	for i, g := range treated {
		e := stats.Estimate{Value: means[i+1].Sub(means[0]).Float(), DF: df,
			SE: math.Sqrt(variance * (1/float64(len(g)) + 1/n0))}
		out = append(out, meanDifferenceOf(i, -1, e, fam))
	}
	return out, nil
}

// GamesHowell compares all pairs of group means without assuming one variance,
// each later group minus each earlier one: Welch's standard error and degrees
// of freedom for each pair, the studentized range for the family. Approximate;
// a little liberal with fewer than about six values a group.
//
// It refuses fewer than two groups, fewer than two values in a group, NaN, Inf,
// and two groups that are both constant.
// Source: Games & Howell (1976), doi 10.3102/10769986001002113.
// It agrees with R's rstatix::games_howell_test, whose "se" is that of one
// mean, SE/√2, and which has no answer below two degrees of freedom.
func GamesHowell(groups ...[]float64) (MeanDifferences, error) {
	const fn = "GamesHowell"
	if _, err := checkGroups(fn, groups, 2); err != nil {
		return nil, err
	}
	k := len(groups)
	means, ss := make([]num.DD, k), make([]float64, k)
	for i, g := range groups {
		means[i], ss[i] = moments.DD(g)
	}
	fam := Comparison{adjust: Tukey, count: k * (k - 1) / 2, means: k}
	var out MeanDifferences
	for b := range groups {
		for a := b + 1; a < k; a++ {
			na, nb := float64(len(groups[a])), float64(len(groups[b]))
			va, vb := ss[a]/(na-1)/na, ss[b]/(nb-1)/nb
			e := stats.Estimate{Value: means[a].Sub(means[b]).Float(), SE: math.Sqrt(va + vb)}
			if moments.Constant(e.SE, means[a].Float(), means[b].Float()) {
				return nil, &stats.SampleError{Func: fn, Arg: "groups", Index: a, Err: stats.ErrNoVariation,
					Info: fmt.Sprintf("nor in group %d", b)}
			}
			// Shares, not squares of variances: they neither overflow nor vanish.
			sa, sb := va/(va+vb), vb/(va+vb)
			e.DF = 1 / (sa*sa/(na-1) + sb*sb/(nb-1))
			out = append(out, meanDifferenceOf(a, b, e, fam))
		}
	}
	return out, nil
}

// pooledGroups returns the means and the pooled variance on its degrees of
// freedom.
func pooledGroups(fn string, groups [][]float64) (means []num.DD, variance, df float64, err error) {
	n, err := checkGroups(fn, groups, 1)
	if err != nil {
		return nil, 0, 0, err
	}
	k := len(groups)
	if n <= k {
		return nil, 0, 0, &stats.SampleError{Func: fn, Arg: "groups", Index: -1, Err: stats.ErrTooFew,
			Info: fmt.Sprintf("%d values in %d groups", n, k)}
	}
	within := 0.0
	for _, g := range groups {
		m, ss := moments.DD(g)
		means, within = append(means, m), within+ss
	}
	if within == 0 || moments.NoSpread(groups, within, n) {
		return nil, 0, 0, &stats.SampleError{Func: fn, Arg: "groups", Index: -1, Err: stats.ErrNoVariation, Info: "within groups"}
	}
	df = float64(n - k)
	return means, within / df, df, nil
}
