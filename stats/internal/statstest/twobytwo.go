package statstest

import (
	"math"
)

// ScoreStat is the score statistic as a function of the difference.
func ScoreStat(x1, m1, x2, m2 int, bias bool) func(d float64) float64 {
	n1, n2 := float64(m1), float64(m2)
	p1, p2 := float64(x1)/n1, float64(x2)/n2
	return func(d float64) float64 {
		th := n2 / n1
		a := 1 + th
		b := -(1 + th + p1 + th*p2 + d*(th+2))
		c := d*d + d*(2*p1+th+1) + p1 + th*p2
		e := -p1 * d * (1 + d)
		v := math.Pow(b/(3*a), 3) - b*c/(6*a*a) + e/(2*a)
		u := math.Copysign(math.Sqrt(math.Max(0, math.Pow(b/(3*a), 2)-c/(3*a))), v)
		w := math.Pi / 3
		if u != 0 {
			w = (math.Pi + math.Acos(math.Max(-1, math.Min(1, v/(u*u*u))))) / 3
		}
		r1 := 2*u*math.Cos(w) - b/(3*a)
		r1 = math.Max(math.Max(0, d), math.Min(math.Min(1, 1+d), r1))
		r2 := math.Max(0, math.Min(1, r1-d))
		variance := r1*(1-r1)/n1 + r2*(1-r2)/n2
		if bias {
			variance *= (n1 + n2) / (n1 + n2 - 1)
		}
		if num := p1 - p2 - d; num != 0 {
			return num / math.Sqrt(math.Max(1e-300, variance))
		}
		return 0
	}
}

// ZScore is the difference of two proportions over its standard error, pooled
// or not, by numbers of events.
func ZScore(n1, n2 int, pooled bool) func(i, j int) float64 {
	return func(i, j int) float64 {
		p, q := float64(i)/float64(n1), float64(j)/float64(n2)
		v := p*(1-p)/float64(n1) + q*(1-q)/float64(n2)
		if pooled {
			m := float64(i+j) / float64(n1+n2)
			v = m * (1 - m) * (1/float64(n1) + 1/float64(n2))
		}
		if p == q {
			return 0
		}
		return (p - q) / math.Sqrt(v)
	}
}

// MaxNuisance is the largest probability of a set of tables over the common
// event probability, and that probability as a function of it: 4001 points,
// then thirds around the best.
func MaxNuisance(n1, n2 int, in func(i, j int) bool) (largest float64, chance func(p float64) float64) {
	var set [][2]int
	for i := 0; i <= n1; i++ {
		for j := 0; j <= n2; j++ {
			if in(i, j) {
				set = append(set, [2]int{i, j})
			}
		}
	}
	c := make([]float64, n1+n2+1)
	lf := func(n int) float64 { v, _ := math.Lgamma(float64(n + 1)); return v }
	for _, s := range set {
		c[s[0]+s[1]] += math.Exp(lf(n1) - lf(s[0]) - lf(n1-s[0]) + lf(n2) - lf(s[1]) - lf(n2-s[1]))
	}
	f := func(p float64) float64 {
		s := 0.0
		for k, w := range c {
			if w > 0 {
				s += w * math.Pow(p, float64(k)) * math.Pow(1-p, float64(n1+n2-k))
			}
		}
		return s
	}
	const points = 4001
	best, at := 0.0, 0.0
	for i := range points {
		p := float64(i) / (points - 1)
		if v := f(p); v > best {
			best, at = v, p
		}
	}
	lo, hi := math.Max(0, at-1.0/points), math.Min(1, at+1.0/points)
	for range 200 {
		a, b := lo+(hi-lo)/3, hi-(hi-lo)/3
		if f(a) < f(b) {
			lo = a
		} else {
			hi = b
		}
	}
	return math.Min(1, math.Max(best, f((lo+hi)/2))), f
}
