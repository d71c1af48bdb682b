package num

import "math"

// Incomplete gamma and beta functions of large shapes. Their series and
// fractions need a number of terms that grows with the shapes; the tail as an
// integral does not: next to its end the density falls like a normal one or
// faster, and 48 Gauss–Legendre nodes settle it at any shape.

// largeShape is where the integral takes over. Its own error is about 1e-15
// from shapes of 1000 on; below a million the fractions are as fast.
const largeShape = 1e5

// fallingIntegral is ∫₀^∞ e^−f(w) dw for a rising, convex f with slope at
// least 0 and curvature about curve at w = 0.
func fallingIntegral(slope, curve float64, f func(w float64) float64) float64 {
	// Beyond w with slope·w + curve·w²/2 = 45 nothing of 1e-17 is left; the
	// tenth more is for the skewness.
	root := math.Sqrt(curve)
	k := slope / root
	end := 1.1 * 90 / (math.Sqrt(k*k+90) + k) / root
	sum := 0.0
	for _, g := range legendre48 {
		sum += g.weight * (math.Exp(-f(end*0.5*(1-g.node))) + math.Exp(-f(end*0.5*(1+g.node))))
	}
	return sum * 0.5 * end
}

// gammaLargeLower is P(a,x) / [x^a e^−x / Γ(a)] for large a and x ≤ a: with
// t = x e^−w the integral of e^(−(a−x)w − x(e^−w − 1 + w)).
func gammaLargeLower(a, x float64) float64 {
	return fallingIntegral(a-x, x, func(w float64) float64 { return (a-x)*w + x*expm1m(-w) })
}

// gammaLargeUpper is Q(a,x) over the same power, for x ≥ a, with t = x e^w.
func gammaLargeUpper(a, x float64) float64 {
	return fallingIntegral(x-a, x, func(w float64) float64 { return (x-a)*w + x*expm1m(w) })
}

// betaLargeLower is I_x(a,b) / [x^a y^b / B(a,b)] for large shapes and
// d = b x − a y ≤ 0, with t/(1−t) = x/y·e^−w.
func betaLargeLower(a, b, x, y, d float64) float64 {
	n := a + b
	return fallingIntegral(-d, n*x*y, func(w float64) float64 {
		// ln(1 − x + x e^−w) + x w, from the smaller of x and y.
		if x < y {
			return -d*w + n*(log1pmx(x*math.Expm1(-w))+x*expm1m(-w))
		}
		return -d*w + n*(log1pmx(y*math.Expm1(w))+y*expm1m(w))
	})
}

// expm1m is e^v − 1 − v.
func expm1m(v float64) float64 { return -2 * halfExpm2(v/2) }

// legendre48 is the half of the Gauss–Legendre rule of 48 points on [−1, 1]
// with positive nodes, computed with mpmath to 20 digits (DLMF 3.5.v).
var legendre48 = [24]struct{ node, weight float64 }{
	{0.9987710072524261186, 0.0031533460523058386327},
	{0.99353017226635075755, 0.0073275539012762621024},
	{0.98412458372282685774, 0.01147723457923453949},
	{0.97059159254624725046, 0.015579315722943848728},
	{0.95298770316043086072, 0.019616160457355527814},
	{0.93138669070655433311, 0.023570760839324379141},
	{0.90587913671556967282, 0.0274265097083569482},
	{0.87657202027424788591, 0.031167227832798088902},
	{0.84358826162439353071, 0.034777222564770438893},
	{0.80706620402944262708, 0.038241351065830706317},
	{0.76715903251574033925, 0.041545082943464749214},
	{0.72403413092381465467, 0.044674560856694280419},
	{0.67787237963266390521, 0.047616658492490474826},
	{0.628867396776513624, 0.050359035553854474958},
	{0.57722472608397270382, 0.052890189485193667096},
	{0.52316097472223303368, 0.055199503699984162868},
	{0.46690290475095840454, 0.057277292100403215705},
	{0.40868648199071672992, 0.059114839698395635746},
	{0.34875588629216073816, 0.060704439165893880053},
	{0.28736248735545557674, 0.062039423159892663904},
	{0.22476379039468906122, 0.063114192286254025657},
	{0.16122235606889171806, 0.063924238584648186624},
	{0.09700469920946269893, 0.064466164435950082207},
	{0.032380170962869362033, 0.064737696812683922503},
}
