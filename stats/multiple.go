package stats

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// Adjustment is a way to adjust p-values for multiplicity.
type Adjustment string

// Adjustments. Bonferroni, Holm, Šidák and Holm–Šidák control the family-wise
// error rate (the Šidák forms under independence or positive orthant
// dependence); Hochberg and Hommel do under independence or positive
// dependence (MTP2); Benjamini–Hochberg controls the false discovery rate
// under positive dependence, Benjamini–Yekutieli under any.
const (
	NoAdjustment       Adjustment = "none"
	Bonferroni         Adjustment = "bonferroni"
	Holm               Adjustment = "holm"
	Hochberg           Adjustment = "hochberg"
	Hommel             Adjustment = "hommel"
	BenjaminiHochberg  Adjustment = "BH"
	BenjaminiYekutieli Adjustment = "BY"
	Sidak              Adjustment = "sidak"
	HolmSidak          Adjustment = "holm-sidak"
)

// AdjustOptions chooses the adjustment. The zero value is Holm's.
type AdjustOptions struct{ Method Adjustment }

// CoPrimary returns the p-value of co-primary hypotheses, all of which must be rejected
// for the trial to succeed: the largest of them, each tested at the full α
// (intersection-union test). Exact transformation; it holds the level whatever their
// dependence, and is conservative. It refuses no p-values (ErrTooFew), NaN and values
// outside [0, 1] with their index.
// Source: Berger (1982), doi 10.1080/00401706.1982.10487790.
// It agrees with R's max(p).
func CoPrimary(p []float64) (float64, error) {
	if err := checkPs("CoPrimary", p); err != nil {
		return 0, err
	}
	return slices.Max(p), nil
}

// AdjustP adjusts p-values by Holm's method: see AdjustPWith.
func AdjustP(p []float64) ([]float64, error) { return AdjustPWith(p, AdjustOptions{}) }

// AdjustPWith returns adjusted p-values in the order given: an adjusted value of
// at most α rejects at level α. Exact transformations; see the constants for
// what each assumes. It refuses NaN and values outside [0, 1] with their
// index, and panics for an unknown method.
// Sources: Holm (1979), Scand J Stat 6:65; Hochberg (1988),
// doi 10.1093/biomet/75.4.800; Hommel (1988), doi 10.1093/biomet/75.2.383;
// Benjamini & Hochberg (1995), doi 10.1111/j.2517-6161.1995.tb02031.x;
// Benjamini & Yekutieli (2001), doi 10.1214/aos/1013699998.
// It agrees with R's p.adjust and SAS PROC MULTTEST.
func AdjustPWith(p []float64, o AdjustOptions) ([]float64, error) {
	method := o.Method
	if method == "" {
		method = Holm
	}
	for i, v := range p {
		if math.IsNaN(v) {
			return nil, &SampleError{Func: "AdjustP", Arg: "p", Index: i, Err: ErrNotFinite, Info: "NaN"}
		}
		if v < 0 || v > 1 {
			return nil, &SampleError{Func: "AdjustP", Arg: "p", Index: i, Err: ErrDomain, Info: fmt.Sprint(v)}
		}
	}
	n := len(p)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return p[order[a]] < p[order[b]] })
	s := make([]float64, n)
	for i, k := range order {
		s[i] = p[k]
	}
	m := float64(n)
	// one is the adjusted value of the i-th smallest before monotonicity.
	one := func(f func(i int) float64) []float64 {
		out := make([]float64, n)
		for i := range out {
			out[i] = math.Min(1, f(i))
		}
		return out
	}
	sidak := func(q, k float64) float64 { return -math.Expm1(k * math.Log1p(-q)) }
	var adj []float64
	switch method {
	case NoAdjustment:
		adj = s
	case Bonferroni:
		adj = one(func(i int) float64 { return m * s[i] })
	case Sidak:
		adj = one(func(i int) float64 { return sidak(s[i], m) })
	case Holm:
		adj = stepDown(one(func(i int) float64 { return (m - float64(i)) * s[i] }))
	case HolmSidak:
		adj = stepDown(one(func(i int) float64 { return sidak(s[i], m-float64(i)) }))
	case Hochberg:
		adj = stepUp(one(func(i int) float64 { return (m - float64(i)) * s[i] }))
	case BenjaminiHochberg:
		adj = stepUp(one(func(i int) float64 { return m / float64(i+1) * s[i] }))
	case BenjaminiYekutieli:
		c := 0.0
		for i := n; i >= 1; i-- {
			c += 1 / float64(i)
		}
		adj = stepUp(one(func(i int) float64 { return c * m / float64(i+1) * s[i] }))
	case Hommel:
		adj = hommel(s)
	default:
		panic(fmt.Sprintf("stats.AdjustPWith: unknown method %q", method))
	}
	out := make([]float64, n)
	for i, k := range order {
		out[k] = adj[i]
	}
	return out, nil
}

// stepDown makes values of ascending p-values nondecreasing from the smallest.
func stepDown(a []float64) []float64 {
	for i := 1; i < len(a); i++ {
		a[i] = math.Max(a[i], a[i-1])
	}
	return a
}

// stepUp makes them nondecreasing from the largest.
func stepUp(a []float64) []float64 {
	for i := len(a) - 2; i >= 0; i-- {
		a[i] = math.Min(a[i], a[i+1])
	}
	return a
}

// hommel adjusts sorted p-values by closed testing with Simes' test. The
// intersections of size k that are hardest to reject for p_i hold the k − 1
// largest others; the adjusted value is the largest Simes p-value over k.
func hommel(s []float64) []float64 {
	n := len(s)
	adj := append([]float64(nil), s...)
	for k := 2; k <= n; k++ {
		// Simes over the k−1 largest, which every set of size k shares at
		// worst: min over j of k·s[n−k+1+j]/(j+2).
		rest := math.Inf(1)
		for j := 0; j < k-1; j++ {
			rest = math.Min(rest, float64(k)*s[n-k+1+j]/float64(j+2))
		}
		for i := range s {
			v := math.Min(rest, float64(k)*s[i])
			if i > n-k {
				// s[i] is among the k largest itself; the set of the k
				// largest is the hardest, and its Simes value counts.
				v = math.Min(rest, float64(k)*s[n-k])
			}
			adj[i] = math.Max(adj[i], math.Min(1, v))
		}
	}
	return adj
}
