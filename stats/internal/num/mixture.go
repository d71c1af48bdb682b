package num

import "math"

// mixKernel is the conditional distribution in a Poisson mixture, its
// parameter rising by one with the count h: incomplete beta (beta true) with
// first shape a0+h, or incomplete gamma with shape a0+h.
type mixKernel struct {
	beta    bool
	a0, b   float64
	x, y    float64 // beta: the argument and its complement
	odds    float64 // beta: x/y
	logX    float64
	logTail func(a float64, upper bool) float64
}

func betaKernel(a0, b, x, y, odds float64) mixKernel {
	k := mixKernel{beta: true, a0: a0, b: b, x: x, y: y, odds: odds, logX: math.Log(x)}
	k.logTail = func(a float64, upper bool) float64 {
		return logIbeta(a, b, x, y, math.FMA(b, odds, -a)/(1+odds), upper)
	}
	return k
}

func gammaKernel(a0, x float64) mixKernel {
	k := mixKernel{a0: a0, x: x, logX: math.Log(x)}
	k.logTail = func(a float64, upper bool) float64 { return logGammaTail(x, a, upper) }
	return k
}

// logStep is ln of the difference between neighbors, F(a) − F(a+1).
func (k *mixKernel) logStep(a float64) float64 {
	if k.beta {
		d := math.FMA(k.b, k.odds, -a) / (1 + k.odds)
		return logBetaPower(a, k.b, k.x, k.y, d) - math.Log(a)
	}
	return logGammaPower(a, k.x) - math.Log(a)
}

// ratio is step(a+1)/step(a).
func (k *mixKernel) ratio(a float64) float64 {
	if k.beta {
		return k.x * (a + k.b) / (a + 1)
	}
	return k.x / (a + 1)
}

// peak is about the count at which weight × step is largest: the root of
// λ·ratio(a0+h) = h.
func (k *mixKernel) peak(lambda float64) float64 {
	p, c := -k.a0, lambda*k.x
	if k.beta {
		p += c
		c *= k.a0 + k.b
	}
	root := math.Hypot(p, 2*math.Sqrt(c))
	if p < 0 {
		return 2 * c / (root - p)
	}
	return 0.5 * (p + root)
}

// logMixture returns ln Σ e^−λ λ^h/Γ(h+1) · F(a0+h), h = h0, h0+1, …, where F
// is the kernel's lower or upper tail. Every term is positive and the tails are
// carried by sums of positive steps (upwards for the upper tail, which grows
// with h, downwards for the lower), so that no digit is lost however small the
// result. Terms outside a window about the largest product are below 1e-17 of
// the sum: the products are log-concave with at least the Poisson curvature.
func logMixture(lambda, h0 float64, upper bool, k mixKernel) float64 {
	peak := k.peak(lambda)
	if upper {
		peak = math.Max(peak, lambda)
	} else {
		peak = math.Min(peak, lambda)
	}
	if peak > manyCounts {
		return logMixtureStrided(lambda, peak, upper, k)
	}
	steps := math.Floor(math.Max(0, peak-h0))
	root := math.Sqrt(steps)
	if upper {
		h := h0 + math.Max(0, math.Floor(steps-10*root-10))
		return mixUp(lambda, h, k)
	}
	h := h0 + math.Floor(steps+10*root+45)
	if steps < 60 {
		// Close to zero the terms fall faster than that.
		w := 1.0
		for h = h0 + steps; w > 0.01*epsilon; h++ {
			w *= math.Min(1, k.ratio(k.a0+h)) * lambda / (h + 1)
		}
	}
	return mixDown(lambda, h0, h, k)
}

// manyCounts is the count at the peak above which the terms are no longer added
// one by one, of which there would be about 20 times its root.
const manyCounts = 1e4

// logMixtureStrided is logMixture for a peak far from zero: every stride-th
// term, times the stride. The terms are a smooth function of the count h, with
// a curvature of their logarithm between 1/h, the Poisson's, and 2/h, with the
// kernel's; sums of such terms at any spacing up to half of √h are the integral
// over h to e^−48 (Trefethen and Weideman 2014, doi:10.1137/130932132), and so
// one another. The time does not depend on lambda.
func logMixtureStrided(lambda, peak float64, upper bool, k mixKernel) float64 {
	// A power of two, so that counts beyond 2^53 keep an exact spacing.
	_, e := math.Frexp(0.45 * math.Sqrt(peak))
	stride := math.Ldexp(1, e-1)
	center := math.Floor(peak/stride) * stride
	term := func(h float64) float64 { return logPoisson(h, lambda) + k.logTail(k.a0+h, upper) }
	top := term(center)
	// The peak is about the largest term; climb where it is not.
	for _, dir := range []float64{stride, -stride} {
		for range mostClimbs {
			next := term(center + dir)
			if !(next > top) {
				break
			}
			center, top = center+dir, next
		}
	}
	if math.IsInf(top, -1) {
		return top
	}
	sum := 1.0
	for _, dir := range []float64{stride, -stride} {
		for h := center + dir; h > 0; h += dir {
			w := math.Exp(term(h) - top)
			sum += w
			if !(w >= 0.01*epsilon*sum) { // also NaN
				break
			}
		}
	}
	return top + math.Log(sum*stride)
}

// mostClimbs bounds the search for the largest term. Where it would take more
// steps the mixture is below the range of float64.
const mostClimbs = 500

// logPoisson is ln[e^−λ λ^h / Γ(h+1)] for real h ≥ 0.
func logPoisson(h, lambda float64) float64 {
	if h == 0 {
		return -lambda
	}
	return logGammaPower(h, lambda) - math.Log(h)
}

const mixHuge = 0x1p500

func mixUp(lambda, h float64, k mixKernel) float64 {
	a := k.a0 + h
	scale := k.logTail(a, true)
	step := math.Exp(k.logStep(a) - scale)
	shift := logPoisson(h, lambda) + scale
	if math.IsInf(scale, -1) { // the step alone: the tail below it is negligible
		scale = k.logStep(a)
		shift, step = logPoisson(h, lambda)+scale, 1
	}
	tail, weight, sum := 1.0, 1.0, 0.0
	last := 0.0
	for range 200_000_000 {
		term := weight * tail
		sum += term
		// The ratio of terms falls: a geometric series bounds the rest.
		if r := term / last; r < 1 && term*r < 0.1*epsilon*sum*(1-r) || term == 0 || math.IsNaN(sum) {
			break
		}
		last = term
		tail += step
		step *= k.ratio(a)
		a++
		h++
		weight *= lambda / h
		// Keep both factors in range: what one gains the other loses.
		if tail > mixHuge && weight < 1 {
			tail, step, weight = tail/mixHuge, step/mixHuge, weight*mixHuge
		} else if tail > mixHuge || weight > mixHuge {
			if tail > mixHuge {
				tail, step = tail/mixHuge, step/mixHuge
			} else {
				weight /= mixHuge
			}
			sum, last = sum/mixHuge, last/mixHuge
			shift += math.Log(mixHuge)
		}
	}
	return shift + math.Log(sum)
}

func mixDown(lambda, h0, h float64, k mixKernel) float64 {
	a := k.a0 + h
	scale := k.logTail(a, false)
	if math.IsInf(scale, -1) {
		return scale
	}
	shift := logPoisson(h, lambda) + scale
	step := math.Exp(k.logStep(a) - scale)
	tail, weight, sum := 1.0, 1.0, 0.0
	for {
		term := weight * tail
		sum += term
		if h < h0+0.5 {
			break
		}
		weight *= h / lambda
		a--
		h--
		step /= k.ratio(a)
		tail += step
		if r := weight * tail / term; r < 1 && weight*tail < 0.1*epsilon*sum*(1-r) || math.IsNaN(sum) {
			break
		}
		if tail > mixHuge && weight < 1 {
			tail, step, weight = tail/mixHuge, step/mixHuge, weight*mixHuge
		} else if tail > mixHuge || weight > mixHuge {
			if tail > mixHuge {
				tail, step = tail/mixHuge, step/mixHuge
			} else {
				weight /= mixHuge
			}
			sum /= mixHuge
			shift += math.Log(mixHuge)
		}
	}
	return shift + math.Log(sum)
}
