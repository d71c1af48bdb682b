package regress

import "math"

// maximum is where Newton's method ended.
type maximum struct {
	par  []float64
	ll   float64
	info []float64
}

// separation says that the likelihood rises for ever along step.
type separation struct {
	step []float64
	size float64
}

func (s *separation) Error() string { return ErrSeparation.Error() }

// objective is a log-likelihood of the coordinates par.
type objective interface {
	size() int
	// evaluate returns the log-likelihood, −∞ outside its domain, its score and
	// information.
	evaluate(par []float64) (ll float64, score, info []float64)
	// move is how far a step moves a linear predictor at most, how large these are, and
	// whether no row is ever predicted worse along it (Albert & Anderson 1984).
	move(par, step []float64) (size, most float64, never bool)
	unsettled(why string) error
}

// climb maximizes an objective by Newton's method with step halving from start; with
// fixed the last coordinate stays.
func climb(c objective, start []float64, fixed bool) (*maximum, error) {
	par := append([]float64(nil), start...)
	free := c.size()
	if fixed {
		free--
	}
	ll, score, info := c.evaluate(par)
	if math.IsInf(ll, -1) {
		return nil, c.unsettled("the start is outside the domain")
	}
	last := math.Inf(1)
	for range 500 {
		step, gain, ok := newtonStep(score, info, c.size(), free)
		if !ok {
			return nil, c.unsettled("the information vanishes")
		}
		size, most, never := c.move(par, step)
		if size <= 1e-13*(1+most) || gain <= 1e-22 && size > last/2 {
			return &maximum{par, ll, info}, nil
		}
		last = size
		if never && size >= 0.4 && !fixed {
			return nil, &separation{step, size}
		}
		scale, done := math.Min(1, 5/size), false
		for range 60 {
			next := append([]float64(nil), par...)
			for j := range next {
				next[j] += scale * step[j]
			}
			// So near the top that rounding hides the rise, the step itself is trusted.
			slack := 1e-14 * math.Abs(ll)
			if gain <= 1e-10 {
				slack = 1e-10 * (1 + math.Abs(ll))
			}
			if l, s, i := c.evaluate(next); l >= ll-slack {
				par, ll, score, info, done = next, l, s, i, true
				break
			}
			scale /= 2
		}
		if !done {
			if gain <= 1e-12 {
				return &maximum{par, ll, info}, nil // no rise left that float64 could tell
			}
			return nil, c.unsettled("no step raises the likelihood")
		}
	}
	return nil, c.unsettled("500 iterations")
}

// newtonStep solves info·step = score for the first free of n coefficients; gain is
// twice the rise it promises.
func newtonStep(score, info []float64, n, free int) (step []float64, gain float64, ok bool) {
	a := make([]float64, free*free)
	for i := range free {
		copy(a[i*free:(i+1)*free], info[i*n:i*n+free])
	}
	l, ok := cholesky(a, free)
	if !ok {
		return nil, 0, false
	}
	step = make([]float64, n)
	z := forwardSolve(l, free, score[:free])
	for _, v := range z {
		gain += v * v
	}
	copy(step, backSolve(l, free, z))
	return step, gain, true
}

// backSolve solves Lᵀx = z.
func backSolve(l []float64, n int, z []float64) []float64 {
	x := append([]float64(nil), z...)
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= l[k*n+i] * x[k]
		}
		x[i] /= l[i*n+i]
	}
	return x
}

// inverse inverts a positive definite n × n matrix; nil where it is none.
func inverse(a []float64, n int) []float64 {
	l, ok := cholesky(a, n)
	if !ok {
		return nil
	}
	out, e := make([]float64, n*n), make([]float64, n)
	for j := range n {
		e[j] = 1
		for i, v := range backSolve(l, n, forwardSolve(l, n, e)) {
			out[i*n+j] = v
		}
		e[j] = 0
	}
	return out
}
