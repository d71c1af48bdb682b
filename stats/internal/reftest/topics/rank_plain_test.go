package topics_test

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// plain is a slow, separate computation to hold the library to.
type plain struct{ less, greater, two, normal, normalCC, off, sd float64 }

func (p plain) tail(alternative string) float64 {
	switch alternative {
	case "less":
		return p.less
	case "greater":
		return p.greater
	default:
		return p.two
	}
}

// normalTail is the normal approximation of an alternative.
func (p plain) normalTail(alternative string, continuity bool) float64 {
	c := 0.0
	if continuity {
		c = 0.5
	}
	switch {
	case alternative != "less" && alternative != "greater" && continuity:
		return p.normalCC
	case alternative != "less" && alternative != "greater":
		return p.normal
	case p.sd == 0:
		return 1
	case alternative == "less":
		return math.Erfc(-(p.off/2+c)/(p.sd/2)/math.Sqrt2) / 2
	}
	return math.Erfc((p.off/2-c)/(p.sd/2)/math.Sqrt2) / 2
}

// settle compares a − b with null: exactly at 0, else to 1e-9, which restores
// ties that subtraction breaks.
func settle(a, b, null float64) int {
	if null == 0 {
		return cmp.Compare(a, b)
	}
	return cmp.Compare(math.Round((a-b-null)*1e9), 0)
}

// plainRankSum tests x − null against y: ranks by counting, the distribution
// by the textbook recursion over (size, sum). Values of one sample are compared
// as given.
func plainRankSum(x, y []float64, null float64, exact bool) plain {
	v := append(slices.Clone(y), x...)
	n, m := len(v), len(x)
	r, sum := make([]int, n), 0
	for i, a := range v {
		for j, b := range v {
			order := cmp.Compare(a, b)
			if i >= len(y) && j < len(y) {
				order = settle(a, b, null)
			} else if i < len(y) && j >= len(y) {
				order = -settle(b, a, null)
			}
			r[i] += order + 1
		}
		sum += r[i]
	}
	obs := 0
	for _, k := range r[len(y):] {
		obs += k
	}
	var p plain
	mid, ss := float64(sum)/float64(n), 0.0
	for _, k := range r {
		ss += (float64(k) - mid) * (float64(k) - mid)
	}
	p.setNormal(float64(obs)-float64(m)*mid, math.Sqrt(float64(m*(n-m))/float64(n*(n-1))*ss))
	if !exact {
		return p
	}
	ways := make([][]float64, m+1)
	for k := range ways {
		ways[k] = make([]float64, sum+1)
	}
	ways[0][0] = 1
	top := 0
	for i, s := range r {
		top += s
		for k := min(i+1, m); k >= 1; k-- {
			for t := top; t >= s; t-- {
				ways[k][t] += ways[k-1][t-s]
			}
		}
	}
	total := 0.0
	abs := func(v int) int { return max(v, -v) }
	for t, w := range ways[m] {
		total += w
		if t <= obs {
			p.less += w
		}
		if t >= obs {
			p.greater += w
		}
		if abs(n*t-m*sum) >= abs(n*obs-m*sum) {
			p.two += w
		}
	}
	p.less, p.greater, p.two = p.less/total, p.greater/total, p.two/total
	return p
}

func (p *plain) setNormal(off, sd float64) {
	p.normal, p.normalCC, p.off, p.sd = 1, 1, off, sd
	if sd > 0 {
		p.normal = math.Erfc(math.Abs(off) / sd / math.Sqrt2)
		p.normalCC = math.Min(1, math.Erfc((math.Abs(off)-1)/sd/math.Sqrt2))
	}
}

// plainSigned tests d − null: pratt keeps zeros while ranking. Differences of
// one sign are compared as given.
func plainSigned(d []float64, null float64, pratt bool) plain {
	var z []float64
	for _, a := range d {
		if settle(a, 0, null) != 0 || pratt {
			z = append(z, a)
		}
	}
	var r []int
	obs, sum := 0, 0
	ss := 0.0
	for _, a := range z {
		sa := settle(a, 0, null)
		if sa == 0 {
			continue
		}
		k := 1
		for _, b := range z {
			switch sb := settle(b, 0, null); {
			case sb == 0:
				k += 2
			case sa == sb:
				k += 1 + sa*cmp.Compare(a, b)
			default: // |a − null| against |b − null| is the sign of a + b − 2·null
				k += 1 + sa*settle(a, -b, 2*null)
			}
		}
		r = append(r, k)
		sum += k
		ss += float64(k * k)
		if sa > 0 {
			obs += k
		}
	}
	ways := make([]float64, sum+1)
	ways[0] = 1
	for _, s := range r {
		for t := sum; t >= s; t-- {
			ways[t] += ways[t-s]
		}
	}
	var p plain
	abs := func(v int) int { return max(v, -v) }
	total := 0.0
	for t, w := range ways {
		total += w
		if t <= obs {
			p.less += w
		}
		if t >= obs {
			p.greater += w
		}
		if abs(2*t-sum) >= abs(2*obs-sum) {
			p.two += w
		}
	}
	p.less, p.greater, p.two = p.less/total, p.greater/total, p.two/total
	p.setNormal(float64(obs)-float64(sum)/2, math.Sqrt(ss)/2)
	return p
}

// plainEnds inverts a test by asking it at every cut and in every gap from the
// outside until one is accepted.
func plainEnds(cuts []float64, p func(null float64) float64, level float64) (lo, hi float64) {
	sort.Float64s(cuts)
	var c []float64
	for _, v := range cuts {
		if v = math.Round(v*1e9) / 1e9; len(c) == 0 || v > c[len(c)-1] {
			c = append(c, v)
		}
	}
	ok := func(null float64) bool { return p(null) >= 1-level-1e-15 }
	lo, hi = math.Inf(-1), math.Inf(1)
	if !ok(c[0] - 1) {
		lo = c[firstOf(len(c), func(i int) bool { return ok(c[i]) || i+1 < len(c) && ok((c[i]+c[i+1])/2) })]
	}
	if n := len(c); !ok(c[n-1] + 1) {
		hi = c[n-1-firstOf(n, func(i int) bool { return ok(c[n-1-i]) || i+1 < n && ok((c[n-1-i]+c[n-2-i])/2) })]
	}
	return lo, hi
}

// firstOf returns the first index that satisfies f: by trying all of few, by
// strides and then one by one among many.
func firstOf(n int, f func(i int) bool) int {
	stride := 1 + n/100
	at := 0
	for at+stride < n && !f(at+stride-1) {
		at += stride
	}
	for at < n-1 && !f(at) {
		at++
	}
	return at
}
