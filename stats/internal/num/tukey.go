package num

import "math"

// The studentized range: the range of k standard normals over s = χ/√df,
// df > 0 or +Inf, k ≥ 2. Two nested trapezoidal rules on scales where they
// converge faster than any power of the step; the upper tail is integrated for
// itself. Relative error about 1e-12 in either tail. R's ptukey and qtukey use
// fixed low-order panels and are off in the third digit at 3 degrees of
// freedom. Lund and Lund (1983), doi:10.2307/2347300, define the integral.

// rangeStep is the step in z: 0.7 standard deviations of the narrowest factor,
// box^(k−1) about 0 for short ranges or its Gumbel-like flank for long ones.
func rangeStep(w, k float64) float64 {
	c := 1.0 // −(ln box)″ at 0, 1 in the limit w → 0
	if w > 1e-3 {
		c = NormPDF(w/2) * w / rangeBox(0, w)
	}
	return 0.7 / math.Sqrt(1+math.Max((k-1)*c, 2*math.Log(k)))
}

// rangeBox is Φ(x+w/2) − Φ(x−w/2) for x ≥ 0.
func rangeBox(x, w float64) float64 {
	return NormSF(x-w/2) - NormSF(x+w/2)
}

// rangeCDF is P(W ≤ w) for the range of k standard normals:
// k ∫₀^∞ [φ(x+w/2) + φ(x−w/2)] (Φ(x+w/2) − Φ(x−w/2))^(k−1) dx.
func rangeCDF(w, k float64) float64 {
	if w <= 0 {
		return 0
	}
	h := rangeStep(w, k)
	sum := NormPDF(w/2) * powBox(rangeBox(0, w), k-1) // half of both
	for x := h; x < w/2+9; x += h {
		term := (NormPDF(x+w/2) + NormPDF(x-w/2)) * powBox(rangeBox(x, w), k-1)
		sum += term
		if x > w/2 && term < 0.1*epsilon*sum {
			break
		}
	}
	return math.Min(1, k*sum*h)
}

// powBox is b^n; small whole n by multiplication.
func powBox(b, n float64) float64 {
	switch n {
	case 0:
		return 1
	case 1:
		return b
	case 2:
		return b * b
	case 3:
		return b * b * b
	}
	return math.Pow(b, n)
}

// rangeSF is P(W ≥ w) = k ∫ φ(z) [Φ(z)^(k−1) − (Φ(z)−Φ(z−w))^(k−1)] dz, the
// difference of powers without cancellation.
func rangeSF(w, k float64) float64 {
	if w < 2.5 {
		return 1 - rangeCDF(w, k)
	}
	sum, h := 0.0, rangeStep(w, k)
	for _, dir := range []float64{1, -1} {
		last := 0.0
		z := w / 2
		if dir < 0 {
			z -= h
		}
		for ; math.Abs(z-w/2) < 40; z += dir * h {
			up := NormCDF(z)
			r := NormCDF(z-w) / up
			term := NormPDF(z) * powBox(up, k-1) * -math.Expm1((k-1)*math.Log1p(-r))
			sum += term
			if term <= last && term < 0.1*epsilon*sum || math.Abs(z-w/2) > 20 && term == 0 {
				break
			}
			last = term
		}
	}
	return math.Min(1, k*sum*h)
}

// rangePDF is the density of W: k(k−1)/π · e^(−w²/4) ∫₀^∞ e^(−x²) box^(k−2) dx.
func rangePDF(w, k float64) float64 {
	h := rangeStep(w, k)
	sum := 0.5 * powBox(rangeBox(0, w), k-2)
	for x := h; x < 7; x += h {
		sum += math.Exp(-x*x) * powBox(rangeBox(x, w), k-2)
	}
	return k * (k - 1) / math.Pi * math.Exp(-w*w/4) * sum * h
}

func tukeyTails(q float64, k int, df float64) (lower, upper float64) {
	switch {
	case math.IsNaN(q) || k < 2 || !(df > 0):
		return math.NaN(), math.NaN()
	case q <= 0:
		return 0, 1
	case math.IsInf(q, 1):
		return 1, 0
	}
	n := float64(k)
	// √(2 ln k) times √2 is about the center of the range.
	if q > 1.6*math.Sqrt(2*math.Log(n)) {
		upper = math.Min(1, chiMixture(df, n, func(s float64) float64 { return rangeSF(q*s, n) }))
		if upper < 0.9 {
			return 1 - upper, upper
		}
	}
	lower = math.Min(1, chiMixture(df, n, func(s float64) float64 { return rangeCDF(q*s, n) }))
	return lower, 1 - lower
}

// TukeyCDF is P(Q ≤ q) for the studentized range of k means, df degrees of
// freedom.
func TukeyCDF(q float64, k int, df float64) float64 { lo, _ := tukeyTails(q, k, df); return lo }

// TukeySF is P(Q ≥ q).
func TukeySF(q float64, k int, df float64) float64 { _, up := tukeyTails(q, k, df); return up }

// TukeyPDF is the density.
func TukeyPDF(q float64, k int, df float64) float64 {
	switch {
	case math.IsNaN(q) || k < 2 || !(df > 0):
		return math.NaN()
	case q < 0 || math.IsInf(q, 1):
		return 0
	}
	n := float64(k)
	return chiMixture(df, n, func(s float64) float64 { return s * rangePDF(q*s, n) })
}

// TukeyQuantile returns q with P(Q ≤ q) = p.
func TukeyQuantile(p float64, k int, df float64) float64 { return tukeyInverse(p, k, df, false) }

// TukeyQuantileUpper returns q with P(Q ≥ q) = p.
func TukeyQuantileUpper(p float64, k int, df float64) float64 { return tukeyInverse(p, k, df, true) }

func tukeyInverse(p float64, k int, df float64, upper bool) float64 {
	if k < 2 || !(df > 0) || !(p >= 0 && p <= 1) {
		return math.NaN()
	}
	// Start: √2 times a two-sided t with the k(k−1)/2 comparisons shared out.
	tail := p
	if !upper {
		tail = 1 - p
	}
	share := tail / float64(k*(k-1))
	start := math.Sqrt2 * TQuantileUpper(math.Min(math.Max(share, 1e-280), 0.4), df)
	return positiveInverse(p, upper, start, func(q float64) (float64, float64) { return tukeyTails(q, k, df) })
}

// TukeyMoment is E[Q^m], m ≥ 0, +Inf for m ≥ df: the moment of the range times
// that of 1/s.
func TukeyMoment(m float64, k int, df float64) float64 {
	switch {
	case k < 2 || !(df > 0) || !(m >= 0):
		return math.NaN()
	case m == 0:
		return 1
	case m >= df:
		return math.Inf(1)
	}
	n := float64(k)
	// E[W^m] = ∫ w^m r(w) dw, by the trapezoidal rule in ln w.
	const h = 1.0 / 24
	sum := 0.0
	for v := -60.0; v < 4; v += h {
		w := math.Exp(v)
		sum += math.Pow(w, m) * w * rangePDF(w, n)
	}
	e := sum * h
	if math.IsInf(df, 1) {
		return e
	}
	return e * math.Exp(m/2*math.Log(df/2)+LogGammaDiff(df/2, -m/2))
}
