package num

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// chiTable interpolates the quantiles of s = √(χ²/df) on the scale of normal
// deviates, on which they are smooth.
type chiTable struct{ s, slope []float64 }

const chiStep, chiEnd = 1.0 / 32, 9

func newChiTable(df float64) *chiTable {
	n := int(2*chiEnd/chiStep) + 1
	t := &chiTable{make([]float64, n), make([]float64, n)}
	for i := range n {
		z := -chiEnd + float64(i)*chiStep
		var x float64
		if z < 0 {
			x = ChiSqQuantile(NormCDF(z), df)
		} else {
			x = ChiSqQuantileUpper(NormSF(z), df)
		}
		s := math.Sqrt(x / df)
		t.s[i] = s
		if d := 2 * df * s * ChiSqPDF(x, df); d > 0 {
			t.slope[i] = NormPDF(z) / d * chiStep
		}
	}
	return t
}

func (t *chiTable) quantile(u float64) float64 {
	return hermite(t.s, t.slope, math.Max(-chiEnd, math.Min(chiEnd, mathext.NormalQuantile(u))))
}

// tailTable interpolates T given T > limit, as asinh T on the scale of normal
// deviates, on which it is smooth.
type tailTable struct{ v, slope []float64 }

func newTailTable(limit, mass, df float64) *tailTable {
	n := int(2*chiEnd/chiStep) + 1
	t := &tailTable{make([]float64, n), make([]float64, n)}
	for i := range n {
		z := -chiEnd + float64(i)*chiStep
		x := math.Max(limit, TQuantileUpper(mass*NormSF(z), df))
		t.v[i] = math.Asinh(x)
		if d := TPDF(x, df) * math.Hypot(1, x); d > 0 {
			t.slope[i] = mass * NormPDF(z) / d * chiStep
		}
	}
	return t
}

// quantile is T with the share u of the tail above it.
func (t *tailTable) quantile(u float64) float64 {
	z := -math.Max(-chiEnd, math.Min(chiEnd, mathext.NormalQuantile(u)))
	return math.Sinh(hermite(t.v, t.slope, z))
}

// hermite is cubic Hermite interpolation at the deviate z.
func hermite(v, slope []float64, z float64) float64 {
	x := (z + chiEnd) / chiStep
	i := min(int(x), len(v)-2)
	x -= float64(i)
	h := 1 - x
	return v[i]*h*h*(1+2*x) + v[i+1]*x*x*(3-2*x) + slope[i]*x*h*h - slope[i+1]*x*x*h
}

// normTail is Φ to 1e-15 absolute in little time.
func normTail(z float64) float64 {
	switch {
	case z < -38:
		return 0
	case z > 9:
		return 1
	}
	return 0.5 * math.Erfc(-z/math.Sqrt2)
}

const normStep, normEnd = 1.0 / 64, 6

// normTaylor holds the Taylor coefficients of Φ at multiples of normStep.
var normTaylor = func() (c [2*normEnd*64 + 1][7]float64) {
	for i := range c {
		z := -normEnd + float64(i)*normStep
		d := NormPDF(z)
		// φ^(n) = (−1)^n He_n φ, by the recurrence of Hermite polynomials.
		h0, h1, fact := 1.0, z, 1.0
		c[i][0] = NormCDF(z)
		for n := 1; n < len(c[i]); n++ {
			fact *= float64(n)
			c[i][n] = d * h0 / fact
			h0, h1 = h1, z*h1-float64(n)*h0
			d = -d
		}
	}
	return c
}()

// normFast is Φ to about 1e-16 absolute.
func normFast(z float64) float64 {
	if !(z > -normEnd && z < normEnd) {
		return normTail(z)
	}
	i := int((z+normEnd)*64 + 0.5)
	x := z + normEnd - float64(i)*normStep
	c := &normTaylor[i]
	return c[0] + x*(c[1]+x*(c[2]+x*(c[3]+x*(c[4]+x*(c[5]+x*c[6])))))
}
