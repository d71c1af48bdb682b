package rank

import "math"

// split is how a value divides the differences of two samples, or the means of
// two of one sample.
type split struct {
	atMost     int64   // how many are at most the value
	last, next float64 // the largest of them, and the smallest of the rest; or ∓∞
}

// take widens what is known of the two neighbors of the value.
func (s *split) take(last, next float64) {
	if last > s.last {
		s.last = last
	}
	if next < s.next {
		s.next = next
	}
}

// kthOf returns the k-th smallest (from 0) of total values between lo and hi, the
// least and the largest of them. A step divides what is left at the value that a
// straight line through the counts gives, the next one in the middle of the
// floats' order, so that neither outliers nor steps in the counts make it long.
func kthOf(lo, hi float64, total, k int64, at func(float64) split) float64 {
	below, upTo := int64(0), total // values below lo, and values at most hi
	for line := true; lo < hi; line = !line {
		a := floatOrder(lo)
		mid := orderFloat(a + (floatOrder(hi)-a)/2)
		if line {
			mid = lo + (hi-lo)*(float64(k-below)+0.5)/float64(upTo-below)
		}
		if !(mid < hi) { // also where hi − lo overflows
			mid = math.Nextafter(hi, lo)
		}
		if s := at(math.Max(lo, mid)); s.atMost > k {
			hi, upTo = s.last, s.atMost
		} else {
			lo, below = s.next, s.atMost
		}
	}
	return lo + 0 // never −0
}

// middleOf returns the median of the values that kthOf takes.
func middleOf(lo, hi float64, total int64, at func(float64) split) float64 {
	upper := kthOf(lo, hi, total, total/2, at)
	if total%2 == 1 {
		return upper
	}
	lower := upper
	if s := at(math.Nextafter(upper, math.Inf(-1))); s.atMost == total/2 {
		lower = s.last + 0
	}
	return lower + (upper-lower)/2
}

// splitDifferences divides the differences of sorted x and y at v.
func splitDifferences(x, y []float64, v float64) split {
	s := split{last: math.Inf(-1), next: math.Inf(1)}
	j := 0
	for _, b := range y {
		for j < len(x) && x[j]-b <= v {
			j++
		}
		s.atMost += int64(j)
		if j > 0 {
			s.take(x[j-1]-b, s.next)
		}
		if j < len(x) {
			s.take(s.last, x[j]-b)
		}
	}
	return s
}

// differencesBetween lists the differences of sorted x and y in [lo, hi].
func differencesBetween(x, y []float64, lo, hi float64) []float64 {
	var out []float64
	if math.IsInf(lo, -1) && math.IsInf(hi, 1) {
		out = make([]float64, 0, len(x)*len(y))
	}
	from := 0
	for _, b := range y {
		for from < len(x) && x[from]-b < lo {
			from++
		}
		for _, a := range x[from:] {
			if a-b > hi {
				break
			}
			out = append(out, a-b)
		}
	}
	return out
}

// medianDifference returns the median of all differences of sorted x and y.
func medianDifference(x, y []float64) float64 {
	m, n := len(x), len(y)
	return middleOf(x[0]-y[n-1], x[m-1]-y[0], int64(m)*int64(n), func(v float64) split { return splitDifferences(x, y, v) })
}

// kthDifference returns the k-th smallest (from 0) difference of sorted x and y.
func kthDifference(x, y []float64, k int64) float64 {
	m, n := len(x), len(y)
	return kthOf(x[0]-y[n-1], x[m-1]-y[0], int64(m)*int64(n), k, func(v float64) split { return splitDifferences(x, y, v) })
}

// splitWalsh divides the means of two of sorted d, or of one with itself, at v.
func splitWalsh(d []float64, v float64) split {
	s := split{last: math.Inf(-1), next: math.Inf(1)}
	j := len(d)
	for i, a := range d {
		for j > i && (a+d[j-1])/2 > v {
			j--
		}
		if j < len(d) {
			s.take(s.last, (a+d[max(i, j)])/2)
		}
		if j <= i {
			break
		}
		s.atMost += int64(j - i)
		s.take((a+d[j-1])/2, s.next)
	}
	return s
}

// walshBetween lists the means of two of sorted d, or of one with itself, in
// [lo, hi].
func walshBetween(d []float64, lo, hi float64) []float64 {
	var out []float64
	if math.IsInf(lo, -1) && math.IsInf(hi, 1) {
		out = make([]float64, 0, len(d)*(len(d)+1)/2)
	}
	from := len(d)
	for i, a := range d {
		for from > 0 && (a+d[from-1])/2 >= lo {
			from--
		}
		for _, b := range d[max(i, from):] {
			if (a+b)/2 > hi {
				break
			}
			out = append(out, (a+b)/2)
		}
	}
	return out
}

// medianWalsh returns the median of the Walsh averages of sorted d.
func medianWalsh(d []float64) float64 {
	n := int64(len(d))
	return middleOf(d[0], d[n-1], n*(n+1)/2, func(v float64) split { return splitWalsh(d, v) })
}

// kthWalsh returns the k-th smallest (from 0) Walsh average of sorted d.
func kthWalsh(d []float64, k int64) float64 {
	n := int64(len(d))
	return kthOf(d[0], d[n-1], n*(n+1)/2, k, func(v float64) split { return splitWalsh(d, v) })
}

// floatOrder maps floats to unsigned integers in the same order; orderFloat is
// its inverse.
func floatOrder(v float64) uint64 {
	b := math.Float64bits(v + 0) // −0 and 0 are one
	if b>>63 == 1 {
		return ^b
	}
	return b | 1<<63
}

func orderFloat(u uint64) float64 {
	if u>>63 == 1 {
		return math.Float64frombits(u &^ (1 << 63))
	}
	return math.Float64frombits(^u)
}
