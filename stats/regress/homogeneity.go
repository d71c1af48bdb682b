package regress

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// Levene tests whether groups have one variance: a one-way ANOVA of the
// distances |x − mean of its group|. BrownForsythe, about the median, is more
// robust. It is approximate. It refuses what OneWayANOVA refuses; groups whose
// distances do not vary give ErrNoVariation.
//
// Source: Levene 1960; Brown & Forsythe 1974,
// doi:10.1080/01621459.1974.10482955. Agrees with R's
// car::leveneTest(center = mean).
func Levene(groups ...[]float64) (stats.FTest, error) {
	return spreadANOVA("Levene", groups, func(g []float64) float64 { return moments.DDMean(g) })
}

// BrownForsythe is Levene about each group's median. It refuses what Levene
// refuses. Source: Brown & Forsythe 1974, doi:10.1080/01621459.1974.10482955.
// Agrees with R's car::leveneTest (its default).
func BrownForsythe(groups ...[]float64) (stats.FTest, error) {
	return spreadANOVA("BrownForsythe", groups, medianOf)
}

func medianOf(g []float64) float64 {
	s := slices.Clone(g)
	sort.Float64s(s)
	return moments.Quantile(s, 0.5, 7)
}

func spreadANOVA(fn string, groups [][]float64, center func([]float64) float64) (stats.FTest, error) {
	if _, err := checkGroups(fn, groups, 1); err != nil {
		return stats.FTest{}, err
	}
	groups = moments.Rescaled(groups...)
	dist := make([][]float64, len(groups))
	for i, g := range groups {
		c := center(g)
		for _, v := range g {
			dist[i] = append(dist[i], math.Abs(v-c))
		}
	}
	o, err := OneWayANOVA(dist...)
	if err != nil {
		e := *(err.(*stats.SampleError))
		e.Func = fn
		return stats.FTest{}, &e
	}
	return o.FTest, nil
}

// Bartlett tests whether normal groups have one variance, by the corrected
// likelihood ratio. It is sensitive to departures from normality: prefer
// BrownForsythe. Every group needs two values and variation.
//
// Source: Bartlett 1937, doi:10.1098/rspa.1937.0109. Agrees with R's
// bartlett.test, which gives Inf where one group is constant.
func Bartlett(groups ...[]float64) (stats.ChiSquareTest, error) {
	const fn = "Bartlett"
	n, err := checkGroups(fn, groups, 2)
	if err != nil {
		return stats.ChiSquareTest{}, err
	}
	groups = moments.Rescaled(groups...)
	k := len(groups)
	var pooled, logs, inv float64
	for i, g := range groups {
		_, ss := moments.DD(g)
		if ss == 0 {
			return stats.ChiSquareTest{}, &stats.SampleError{Func: fn, Arg: "groups", Index: i, Err: stats.ErrNoVariation}
		}
		df := float64(len(g) - 1)
		pooled += ss
		logs += df * math.Log(ss/df)
		inv += 1 / df
	}
	df := float64(n - k)
	x2 := (df*math.Log(pooled/df) - logs) / (1 + (inv-1/df)/(3*float64(k-1)))
	return stats.ChiSquareTest{X2: math.Max(0, x2), DF: float64(k - 1)}, nil
}

// Fligner tests whether groups have one scale, by normal scores of the
// mid-ranks of |x − median of its group|; it needs no normality. It is
// approximate (chi-squared). Distances are subtracted without rounding, so that
// the two middle values of an even group are tied as they must be. Groups whose
// distances are all equal give ErrNoVariation.
//
// Source: Fligner & Killeen 1976, doi:10.1080/01621459.1976.10481517, in the
// median-centered form of Conover et al. 1981. Agrees with R's fligner.test but
// where that lets the rounding of x − median break ties.
func Fligner(groups ...[]float64) (stats.ChiSquareTest, error) {
	const fn = "Fligner"
	n, err := checkGroups(fn, groups, 1)
	if err != nil {
		return stats.ChiSquareTest{}, err
	}
	var dist []num.DD
	for _, g := range groups {
		s := append([]float64(nil), g...)
		sort.Float64s(s)
		// Twice the distance, from twice the median: halving can underflow.
		c := num.ToDD(s[(len(s)-1)/2]).Add(num.ToDD(s[len(s)/2]))
		for _, v := range g {
			d := num.ToDD(v).Add(num.ToDD(v)).Sub(c)
			if d.Hi < 0 || d.Hi == 0 && d.Lo < 0 {
				d = d.Neg()
			}
			dist = append(dist, d)
		}
	}
	less := func(a, b num.DD) bool { return a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo }
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(i, j int) bool { return less(dist[order[i]], dist[order[j]]) })
	score := make([]float64, n)
	for i := 0; i < n; {
		j := i
		for j < n && !less(dist[order[i]], dist[order[j]]) {
			j++
		}
		rank := float64(i+j+1) / 2
		for _, o := range order[i:j] {
			score[o] = num.NormQuantile((1 + rank/float64(n+1)) / 2)
		}
		i = j
	}
	mean, ss := moments.DD(score)
	if ss == 0 {
		return stats.ChiSquareTest{}, &stats.SampleError{Func: fn, Arg: "groups", Index: -1, Err: stats.ErrNoVariation,
			Info: fmt.Sprintf("all %d distances from the medians are equal", n)}
	}
	x2, at := 0.0, 0
	for _, g := range groups {
		d := moments.DDMean(score[at:at+len(g)]) - mean.Float()
		x2 += float64(len(g)) * d * d
		at += len(g)
	}
	return stats.ChiSquareTest{X2: x2 / (ss / float64(n-1)), DF: float64(len(groups) - 1)}, nil
}
