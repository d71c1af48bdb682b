package num

import (
	"context"
	"math"
	"math/cmplx"
	"slices"
)

// ScoreTail answers for tails of the sum of m of N whole-number scores when
// every subset of size m is equally likely, or, with m negative, when every
// score is kept with probability one half. It is the distribution of SubsetSum
// and SignSum, at a cost that grows with the number of different scores
// alone: the generating function is inverted numerically.
//
// A tail is the contour integral of ∏(1 + e^{θ+λa})/(1 − e^{−λ}) over θ and λ,
// by the trapezoidal rule, which is exact for a polynomial but for sums a
// period apart. The contour runs through the saddle point of the sum asked
// about, so that a tiny tail keeps its relative accuracy (Daniels 1954,
// doi 10.1214/aoms/1177728652, by quadrature in place of an expansion). Nodes are left out only where
// the product is small, so that few different scores, whose sums bunch, are
// answered as well as many. From 100 scores on, the error is below 1e-3 of the
// tail and 1e-9; with fewer than 20 scores in the subset and more than 32
// different ones, below 1e-3 of it and 1e-5. A test holds it to the exact counts.
type ScoreTail struct {
	vals  []float64 // different scores, on their lattice from 0
	count []int
	n, m  int
	base  int // the lattice: score = base + step·val
	step  int
	// Logarithm of the number of subsets.
	logTotal float64
	evals    int // products evaluated, for tests
	// Thorough screens all nodes however many different scores there are: slower,
	// and the error is below 1e-4 of the tail.
	Thorough bool
}

// tailDrop sets the error of the quadrature: nodes with a product below
// e^−tailDrop are left out, and sums a period away weigh less than that.
const tailDrop = 13.0

// NewScoreTail prepares the scores, which it does not change.
func NewScoreTail(scores []int, m int) *ScoreTail {
	a := slices.Clone(scores)
	slices.Sort(a)
	t := &ScoreTail{n: len(a), m: m}
	if m < 0 {
		t.logTotal = float64(len(a)) * math.Ln2
	} else {
		t.base = a[0]
		t.logTotal = logChoose(len(a), m)
	}
	g := 0
	for _, v := range a {
		g = gcd(g, v-t.base)
	}
	t.step = max(g, 1)
	for i, v := range a {
		if i > 0 && v == a[i-1] {
			t.count[len(t.count)-1]++
			continue
		}
		t.vals, t.count = append(t.vals, float64((v-t.base)/t.step)), append(t.count, 1)
	}
	return t
}

// Symmetric reports whether the distribution is symmetric about its mean: with
// random signs, with halves, or with symmetric scores, as ranks without ties are.
func (t *ScoreTail) Symmetric() bool {
	k := len(t.vals)
	if t.m < 0 || 2*t.m == t.n {
		return true
	}
	for i := range k {
		if j := k - 1 - i; t.count[i] != t.count[j] || t.vals[i]+t.vals[j] != t.vals[k-1] {
			return false
		}
	}
	return true
}

// GE returns the probability of a sum of at least c.
func (t *ScoreTail) GE(ctx context.Context, c int) (float64, error) {
	return t.upper(ctx, float64(-floorDiv(t.offset()-c, t.step)), 1)
}

// LE returns the probability of a sum of at most c.
func (t *ScoreTail) LE(ctx context.Context, c int) (float64, error) {
	return t.upper(ctx, -float64(floorDiv(c-t.offset(), t.step)), -1)
}

// offset is the sum of the scores' base over a subset.
func (t *ScoreTail) offset() int {
	if t.m < 0 {
		return 0
	}
	return t.m * t.base
}

// Evals is the number of products evaluated so far.
func (t *ScoreTail) Evals() int { return t.evals }

// bounds returns the smallest, mean and largest sum of the scores times sign.
func (t *ScoreTail) bounds(sign float64) (lo, mean, hi float64) {
	all := 0.0
	for i, v := range t.vals {
		all += v * float64(t.count[i])
	}
	if t.m < 0 {
		lo, mean, hi = 0, all/2, all
	} else {
		mean = all * float64(t.m) / float64(t.n)
		left := t.m
		for i := 0; left > 0; i++ {
			k := min(left, t.count[i])
			lo += float64(k) * t.vals[i]
			left -= k
		}
		left = t.m
		for i := len(t.vals) - 1; left > 0; i-- {
			k := min(left, t.count[i])
			hi += float64(k) * t.vals[i]
			left -= k
		}
	}
	if sign < 0 {
		return -hi, -mean, -lo
	}
	return lo, mean, hi
}

// upper returns P(sign·S ≥ x), S being the sum on the lattice.
func (t *ScoreTail) upper(ctx context.Context, x, sign float64) (float64, error) {
	lo, mean, hi := t.bounds(sign)
	switch {
	case x <= lo:
		return 1, nil
	case x > hi:
		return 0, nil
	case x <= mean:
		p, err := t.upper(ctx, 1-x, -sign)
		return 1 - p, err
	}
	c := t.contour(x, sign)
	sum, err := c.integrate(ctx, t)
	return math.Min(1, sum*math.Exp(c.logScale-t.logTotal)), err
}

// contour is the path of integration: the saddle point of the tilted scores,
// under which score k is kept with probability p[k].
type contour struct {
	v, p, q       []float64 // scores times the sign, less their tilted center
	count         []int
	theta, lambda float64
	m             int     // subset size, or negative
	x             float64 // the sum asked about, less m times the center
	sd, sdCount   float64 // of the tilted sum and size
	logScale      float64
}

// contour solves Σ p = m, Σ p·v = x for the tilt by Newton's method with halved
// steps (the function is convex), and keeps the path 2.5 standard deviations
// away from the pole at λ = 0.
func (t *ScoreTail) contour(x, sign float64) *contour {
	k := len(t.vals)
	buf := make([]float64, 3*k)
	c := &contour{v: buf[:k], p: buf[k : 2*k], q: buf[2*k:], count: t.count, m: t.m}
	for i, v := range t.vals {
		c.v[i] = sign * v
	}
	// Extreme sums have their saddle at infinity; a sum short of it will do.
	lo, _, hi := t.bounds(sign)
	aim := math.Min(x, hi-math.Min(0.5, 0.01*(hi-lo)))
	free := t.m >= 0
	if free {
		c.theta = math.Log(float64(t.m) / float64(t.n-t.m))
	}
	value := func(theta, lambda float64) float64 {
		s := -lambda * aim
		if free {
			s -= theta * float64(t.m)
		}
		for i, v := range c.v {
			s += float64(c.count[i]) * log1pexp(theta+lambda*v)
		}
		return s
	}
	var var0, cov, var1 float64
	moments := func() (gap0, gap1 float64) {
		var0, cov, var1 = 0, 0, 0
		gap0, gap1 = -float64(t.m), -aim
		for i, v := range c.v {
			e := c.theta + c.lambda*v
			c.p[i], c.q[i] = 1/(1+math.Exp(-e)), 1/(1+math.Exp(e))
			n := float64(c.count[i])
			w := n * c.p[i] * c.q[i]
			gap0 += n * c.p[i]
			gap1 += n * c.p[i] * v
			var0 += w
			cov += w * v
			var1 += w * v * v
		}
		return
	}
	conditional := func() float64 {
		if free {
			return var1 - cov*cov/var0
		}
		return var1
	}
	gap0, gap1 := moments()
	spread := math.Sqrt(conditional()) // untilted
	// Any path right of the pole gives the same integral, so that one near the
	// saddle point will do.
	for range 60 {
		var d0, d1 float64
		if free {
			det := var0*var1 - cov*cov
			d0, d1 = (var1*gap0-cov*gap1)/det, (var0*gap1-cov*gap0)/det
		} else {
			d1 = gap1 / var1
		}
		far := math.Abs(gap1)/math.Sqrt(conditional()) + math.Abs(gap0)/math.Sqrt(var0+1e-300)
		if !free {
			far = math.Abs(gap1) / math.Sqrt(var1)
		}
		if far < 0.1 {
			break
		}
		f := 1.0
		if far > 3 {
			at := value(c.theta, c.lambda)
			for f > 1e-3 && !(value(c.theta-f*d0, c.lambda-f*d1) <= at) {
				f /= 2
			}
			if f <= 1e-3 {
				break
			}
		}
		c.theta, c.lambda = c.theta-f*d0, c.lambda-f*d1
		gap0, gap1 = moments()
	}
	if least := 2.5 / spread; c.lambda < least {
		if free {
			c.theta -= (least - c.lambda) * cov / var0
		}
		c.lambda = least
		moments()
	}
	c.sd, c.sdCount = math.Sqrt(conditional()), math.Sqrt(var0)
	c.logScale = value(c.theta, c.lambda) - c.lambda*(x-aim)
	c.x = x
	if free {
		center := cov / var0
		for i := range c.v {
			c.v[i] -= center
		}
		c.x -= float64(t.m) * center
	}
	return c
}

// log1pexp is log(1 + e^x).
func log1pexp(x float64) float64 {
	if x > 0 {
		return x + math.Log1p(math.Exp(-x))
	}
	return math.Log1p(math.Exp(x))
}

// maxScreened is how many different scores are screened for nodes away from
// the origin. With more of them, bunches lie so close together that they move a
// tail by less than 1/(√N·32) of it; only the node of half the lattice's step, which
// mid-ranks of pairs make, is looked at.
const maxScreened = 32

// integrate sums the product over the nodes of both angles.
func (c *contour) integrate(ctx context.Context, t *ScoreTail) (float64, error) {
	reach := math.Sqrt(2 * tailDrop)
	// Sums below x come back a period higher, weighted by e^(−λ·distance).
	nodes := int(math.Ceil(reach*c.sd + tailDrop/c.lambda + 2))
	period := float64(nodes)
	h := 2 * math.Pi / period
	s := &nodeSum{contour: c, tail: t, weights: make([]float64, len(c.v)), h: h, limit: tailDrop}
	for i, n := range c.count {
		s.weights[i] = float64(n) * c.p[i] * c.q[i]
		s.total += s.weights[i]
	}
	s.turn, s.cosines = make([]complex128, len(c.v)), make([]float64, len(c.v))
	for i := range c.v {
		s.cosines[i] = 2 * c.p[i] * c.q[i]
	}
	if c.m >= 0 {
		s.limit += math.Log(math.Max(1, 2.5*c.sdCount))
	}
	half := nodes / 2
	j := 0
	for ; j <= half && s.add(j, nodes); j++ {
	}
	stride := max(1, int(3/(c.sd*h)))
	if len(c.v) > maxScreened && !t.Thorough {
		for k := half; k > j && s.add(k, nodes); k-- {
		}
		return s.result(), nil
	}
	// A stride of three standard deviations: within it the root of 2·drop, which
	// is a distance from a peak in standard deviations, changes by half of that.
	turn, by := make([]complex128, len(c.v)), make([]complex128, len(c.v))
	s.last = make([]complex128, len(c.v))
	for i, v := range c.v {
		sin, cos := math.Sincos((float64(j) + float64(stride-1)/2) * h * v)
		turn[i] = complex(cos, sin)
		sin, cos = math.Sincos(float64(stride) * h * v)
		by[i] = complex(cos, sin)
	}
	for n := 0; j <= half; n++ {
		if n%256 == 255 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		z := complex(0, 0)
		for i, u := range turn {
			z += complex(s.weights[i]*real(u), s.weights[i]*imag(u))
			s.last[i] = u
			turn[i] = u * by[i]
		}
		end := min(j+stride, half+1)
		if size := s.total - s.limit - 12; size <= 0 || real(z)*real(z)+imag(z)*imag(z) > size*size {
			limit := s.limit + 12 - s.pole((float64(j)+float64(stride-1)/2)*h)
			if s.drop(z, s.last, limit) <= limit {
				for k := j; k < end; k++ {
					s.add(k, nodes)
				}
			}
		}
		j = end
	}
	return s.result(), nil
}

// nodeSum adds up nodes of the sum's angle.
type nodeSum struct {
	*contour
	tail       *ScoreTail
	turn, last []complex128 // e^{itv}, of a node and of a stride
	cosines    []float64    // 2pq
	weights    []float64    // variances of the scores' counts
	total      float64      // of weights
	h          float64
	limit      float64
	sum        float64
}

func (s *nodeSum) result() float64 {
	period := 2 * math.Pi / s.h
	return s.sum / period * -math.Expm1(-s.lambda*period)
}

// pole returns the logarithm by which the factor 1/(1 − e^{−λ−it}) is smaller
// than at t = 0: what lies far from the pole hardly counts.
func (s *nodeSum) pole(angle float64) float64 {
	return math.Log(cmplx.Abs(1-cmplx.Exp(complex(-s.lambda, -angle))) / -math.Expm1(-s.lambda))
}

// drop returns d such that the product with angles turn is e^−d in size at the
// best angle of the subset's size, as far as the limit; z = Σ npq·e^{iφ}. Beyond
// the limit few scores need to be looked at: |q + p·e^{iφ}| ≤ exp(−pq(1 − cos φ))
// bounds the whole.
func (s *nodeSum) drop(z complex128, turn []complex128, limit float64) float64 {
	size, unit := real(z), complex(1, 0)
	if s.m >= 0 {
		if size = cmplx.Abs(z); size > 0 {
			unit = complex(real(z)/size, -imag(z)/size)
		}
	}
	if s.total-size > limit {
		return s.total - size
	}
	log := 0.0
	for i, u := range turn {
		w := s.cosines[i] * (1 - (real(u)*real(unit) - imag(u)*imag(unit)))
		if log += float64(s.count[i]) * math.Log(1-math.Min(w, 1-1e-12)); log < -2*limit {
			break
		}
	}
	return -log / 2
}

// add adds node j unless its product is negligible, and says so.
func (s *nodeSum) add(j, nodes int) bool {
	angle := float64(j) * s.h
	z := complex(0, 0)
	for i, v := range s.v {
		sin, cos := math.Sincos(angle * v)
		z += complex(s.weights[i]*cos, s.weights[i]*sin)
		s.turn[i] = complex(cos, sin)
	}
	limit := s.limit - s.pole(angle)
	drop := s.drop(z, s.turn, limit)
	if drop > limit {
		return false
	}
	y := s.overSizes(z, s.turn, limit-drop, s.tail) * cmplx.Exp(complex(0, -angle*s.x)) / (1 - cmplx.Exp(complex(-s.lambda, -angle)))
	if j == 0 || 2*j == nodes {
		s.sum += real(y)
	} else {
		s.sum += 2 * real(y)
	}
	return true
}

// overSizes is the coefficient of the subset size m in the product at one
// angle of the sum, by the trapezoidal rule around the size's best angle as far
// as the product is not smaller by more than e^−left; or the product itself
// where the size is free.
func (c *contour) overSizes(z complex128, turn []complex128, left float64, t *ScoreTail) complex128 {
	k := len(c.v)
	if c.m < 0 {
		t.evals += k
		return c.product(turn)
	}
	reach := math.Sqrt(2 * tailDrop)
	period := math.Ceil((reach+2)*c.sdCount + 8)
	h := 2 * math.Pi / period
	side := int(math.Ceil((math.Sqrt(2*left) + 0.5) / c.sdCount / h))
	span := min(2*side+1, int(period))
	start := -cmplx.Phase(z) - float64(side)*h
	first, by := cmplx.Exp(complex(0, start)), cmplx.Exp(complex(0, h))
	for i := range turn {
		turn[i] *= first
	}
	sum := complex(0, 0)
	for j := range span {
		sum += c.product(turn) * cmplx.Exp(complex(0, -(start+float64(j)*h)*float64(c.m)))
		for i := range turn {
			turn[i] *= by
		}
	}
	t.evals += k * span
	return sum / complex(period, 0)
}

// product is ∏(q + p·e^{iφ})^count.
func (c *contour) product(turn []complex128) complex128 {
	out := complex(1, 0)
	for i, u := range turn {
		z := complex(c.q[i]+c.p[i]*real(u), c.p[i]*imag(u))
		n := c.count[i]
		if n == 1 {
			out *= z
			continue
		}
		for ; n > 0; n >>= 1 {
			if n&1 == 1 {
				out *= z
			}
			z *= z
		}
	}
	return out
}

// logChoose is the logarithm of C(n, k).
func logChoose(n, k int) float64 { return LogFactorial(n) - LogFactorial(k) - LogFactorial(n-k) }
