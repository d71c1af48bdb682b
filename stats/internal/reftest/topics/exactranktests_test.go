package topics_test

import (
	"math"
	"slices"
)

// What the package exactRankTests computes, so that a case in which it differs
// from the truth can be shown to be its own rule and no error of reading.

// sumDist is the distribution of a sum of doubled ranks.
type sumDist struct{ ways []float64 }

// chosenSums is that of the sum over m of the ranks chosen at random, signSums
// that of the sum over those with a positive sign.
func chosenSums(r []int, m int) sumDist {
	total := 0
	for _, s := range r {
		total += s
	}
	ways := make([][]float64, m+1)
	for k := range ways {
		ways[k] = make([]float64, total+1)
	}
	ways[0][0] = 1
	for i, s := range r {
		for k := min(i+1, m); k >= 1; k-- {
			for t := total; t >= s; t-- {
				ways[k][t] += ways[k-1][t-s]
			}
		}
	}
	return sumDist{ways[m]}
}

func signSums(r []int) sumDist {
	total := 0
	for _, s := range r {
		total += s
	}
	ways := make([]float64, total+1)
	ways[0] = 1
	for _, s := range r {
		for t := total; t >= s; t-- {
			ways[t] += ways[t-s]
		}
	}
	return sumDist{ways}
}

// share is the probability of the sums that in accepts.
func (d sumDist) share(in func(t int) bool) float64 {
	s, all := 0.0, 0.0
	for t, w := range d.ways {
		all += w
		if in(t) {
			s += w
		}
	}
	return s / all
}

// quantile is the smallest possible sum whose cumulative probability is not
// below p.
func (d sumDist) quantile(p float64) int {
	all, s := 0.0, 0.0
	for _, w := range d.ways {
		all += w
	}
	for t, w := range d.ways {
		if s += w; w > 0 && s/all >= p-1e-12 {
			return t
		}
	}
	return len(d.ways) - 1
}

// DoubledRanks are twice the mid-ranks of float64 values as they stand.
func DoubledRanks(v []float64) []int {
	r := make([]int, len(v))
	for i, a := range v {
		r[i] = 1
		for _, b := range v {
			if b < a {
				r[i] += 2
			} else if b == a {
				r[i]++
			}
		}
	}
	return r
}

// peerSet is exactRankTests' interval and estimate: the statistic w (doubled)
// at each of the sorted differences against quantiles of one distribution.
func peerSet(diffs []float64, w []int, d sumDist, mean float64, alternative string, alpha float64) (lo, hi, estimate float64) {
	first := func(limit int) float64 { // the smallest difference with w ≤ limit
		v := math.Inf(1)
		for i, k := range w {
			if k <= limit {
				v = math.Min(v, diffs[i])
			}
		}
		return v
	}
	last := func(limit int) float64 { // the largest with w > limit
		v := math.Inf(-1)
		for i, k := range w {
			if k > limit {
				v = math.Max(v, diffs[i])
			}
		}
		return v
	}
	lower := func(p float64) float64 {
		q := d.quantile(1 - p)
		if q >= slices.Max(w) {
			return slices.Min(diffs)
		}
		return last(q)
	}
	upper := func(p float64) float64 {
		q := d.quantile(p)
		if q <= slices.Min(w) {
			return slices.Max(diffs)
		}
		return first(q)
	}
	switch alternative {
	case "less":
		lo, hi = math.Inf(-1), upper(alpha)
	case "greater":
		lo, hi = lower(alpha), math.Inf(1)
	default:
		lo, hi = lower(alpha/2), upper(alpha/2)
	}
	estimate = (first(int(2*math.Ceil(mean/2))) + last(int(math.Floor(mean)))) / 2
	return lo, hi, estimate
}

// peerRankSum is its answer for two samples: with ties w is computed from the
// shifted data at each difference, without them it counts down.
func peerRankSum(x, y []float64, mu float64, alternative string, level float64) (lo, hi, estimate float64) {
	m := len(x)
	ranks := func(d float64) []int { return DoubledRanks(append(lessNull(x, d), y...)) }
	sum := func(r []int) (s int) {
		for _, k := range r[:m] {
			s += k
		}
		return s
	}
	var diffs []float64
	for _, a := range x {
		for _, b := range y {
			diffs = append(diffs, a-b)
		}
	}
	slices.Sort(diffs)
	w := make([]int, len(diffs))
	for i, d := range diffs {
		if hasTies(ranks(mu)) {
			w[i] = sum(ranks(d))
		} else {
			w[i] = m*(m+1) + 2*(len(diffs)-i)
		}
	}
	r := ranks(0)
	all := 0
	for _, k := range r {
		all += k
	}
	// In units of U doubled.
	dist := chosenSums(r, m)
	base := m * (m + 1)
	for i := range w {
		w[i] -= base
	}
	shifted := sumDist{dist.ways[min(base, len(dist.ways)):]}
	return peerSet(diffs, w, shifted, float64(m)/float64(m+len(y))*float64(all)-float64(base), alternative, 1-level)
}

// peerSignedRank is its answer for differences d, of which it drops zeros once.
func peerSignedRank(d []float64, mu float64, alternative string, level float64) (lo, hi, estimate float64) {
	d = slices.DeleteFunc(lessNull(d, mu), func(v float64) bool { return v == 0 })
	abs := func(v []float64) []float64 {
		out := slices.Clone(v)
		for i := range out {
			out[i] = math.Abs(out[i])
		}
		return out
	}
	r := DoubledRanks(abs(d))
	for i := range d {
		d[i] += mu
	}
	diffs := walsh(d)
	slices.Sort(diffs)
	all := 0
	for _, k := range r {
		all += k
	}
	w := make([]int, len(diffs))
	for i, at := range diffs {
		if !hasTies(r) {
			w[i] = 2 * (len(diffs) - i)
			continue
		}
		z := lessNull(d, at)
		rank := DoubledRanks(abs(z))
		for j, v := range z {
			if v > 0 {
				w[i] += rank[j]
			}
		}
	}
	return peerSet(diffs, w, signSums(r), float64(all)/2, alternative, 1-level)
}

func hasTies(r []int) bool {
	s := slices.Sorted(slices.Values(r))
	return len(slices.Compact(s)) < len(r)
}

// peerTail is its two-sided p-value of two samples: the mirror of the observed
// sum about its mean is compared as float64, so that sums exactly as far on the
// other side count or not as rounding has it. It returns both.
func peerTail(x, y []float64) (with, without float64) {
	r := DoubledRanks(append(slices.Clone(x), y...))
	n, m, all, obs := len(r), len(x), 0, 0
	for i, k := range r {
		all += k
		if i < m {
			obs += k
		}
	}
	far := func(t int) int { return n*t - m*all }
	d := chosenSums(r, m)
	o := far(obs)
	with = d.share(func(t int) bool { return max(far(t), -far(t)) >= max(o, -o) })
	without = with - d.share(func(t int) bool { return far(t) == -o })
	return with, without
}
