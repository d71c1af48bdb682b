package stats

import (
	"github.com/trialkit/trialkit/stats/internal/show"

	"fmt"
	"math"
	"sort"

	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/moments"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// GoodnessOfFit is a test of normality: its statistic and p-value. A large
// p-value is not evidence of normality in a small sample, and no analysis
// should be chosen by it.
type GoodnessOfFit struct {
	Statistic float64
	p         float64
}

// P is the p-value of normality.
func (g GoodnessOfFit) P() float64 { return g.p }

// sortedSample checks a sample and returns it sorted, with its mean and SD,
// for statistics without a unit: extreme values are rescaled.
func sortedSample(fn string, x []float64, min, max int) (s []float64, mean, sd float64, err error) {
	if err = check.Moments(fn, "x", x, min); err != nil {
		return
	}
	if max > 0 && len(x) > max {
		err = &SampleError{Func: fn, Arg: "x", Index: -1, Err: ErrDomain, Info: fmt.Sprintf("n = %d, at most %d", len(x), max)}
		return
	}
	s = append([]float64(nil), moments.Rescaled(x)[0]...)
	sort.Float64s(s)
	mean, ss := moments.Of(s)
	sd = math.Sqrt(ss / float64(len(s)-1))
	if s[0] == s[len(s)-1] {
		err = check.NoVariation(fn, "x")
	}
	return
}

// polynomial returns c[0] + c[1]x + c[2]x² + …
func polynomial(x float64, c ...float64) float64 {
	p := 0.0
	for i := len(c) - 1; i >= 0; i-- {
		p = p*x + c[i]
	}
	return p
}

// ShapiroWilk tests normality by the squared correlation W of the ordered
// sample with approximate normal scores, for 3 to 5000 values. The p-value is
// Royston's approximation (exact for n = 3), accurate to about the second
// digit. It refuses other sizes, NaN, Inf and values that do not vary.
// Source: Shapiro & Wilk (1965), doi 10.1093/biomet/52.3-4.591; Royston (1995),
// algorithm AS R94, doi 10.2307/2986146.
// It agrees with R's shapiro.test and SAS PROC UNIVARIATE NORMAL (n ≤ 2000).
func ShapiroWilk(x []float64) (GoodnessOfFit, error) {
	s, mean, _, err := sortedSample("ShapiroWilk", x, 3, 5000)
	if err != nil {
		return GoodnessOfFit{}, err
	}
	n := len(s)
	a := shapiroWeights(n)
	var num1, ssa, ssx float64
	for i := range n {
		w := 0.0
		switch {
		case i < n/2:
			w = -a[i]
		case i >= n-n/2:
			w = a[n-1-i]
		}
		num1 += w * (s[i] - mean)
		ssa += w * w
		ssx += (s[i] - mean) * (s[i] - mean)
	}
	// 1 − W from the residual sum of squares of the regression on the scores.
	b := num1 / ssa
	rss := 0.0
	for i := range n {
		w := 0.0
		switch {
		case i < n/2:
			w = -a[i]
		case i >= n-n/2:
			w = a[n-1-i]
		}
		r := (s[i] - mean) - b*w
		rss += r * r
	}
	oneMinusW := rss / ssx
	w := 1 - oneMinusW
	return GoodnessOfFit{w, shapiroP(w, oneMinusW, n)}, nil
}

// shapiroWeights returns the weights of the upper half, largest first.
func shapiroWeights(n int) []float64 {
	if n == 3 {
		return []float64{math.Sqrt(0.5)}
	}
	half := n / 2
	m := make([]float64, half)
	sum := 0.0
	for i := range m {
		m[i] = num.NormQuantile((float64(i+1) - 0.375) / (float64(n) + 0.25))
		sum += 2 * m[i] * m[i]
	}
	u, root := 1/math.Sqrt(float64(n)), math.Sqrt(sum)
	a := make([]float64, half)
	a1 := polynomial(u, 0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056) - m[0]/root
	first := 1
	var fac float64
	if n > 5 {
		first = 2
		a2 := polynomial(u, 0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633) - m[1]/root
		fac = math.Sqrt((sum - 2*m[0]*m[0] - 2*m[1]*m[1]) / (1 - 2*a1*a1 - 2*a2*a2))
		a[1] = a2
	} else {
		fac = math.Sqrt((sum - 2*m[0]*m[0]) / (1 - 2*a1*a1))
	}
	a[0] = a1
	for i := first; i < half; i++ {
		a[i] = -m[i] / fac
	}
	return a
}

// shapiroP is Royston's normalizing transformation of 1 − W.
func shapiroP(w, oneMinusW float64, n int) float64 {
	if n == 3 {
		p := 6 / math.Pi * (math.Asin(math.Sqrt(w)) - math.Asin(math.Sqrt(0.75)))
		return math.Max(0, math.Min(1, p))
	}
	y, nn := math.Log(oneMinusW), float64(n)
	var m, s float64
	if n <= 11 {
		gamma := polynomial(nn, -2.273, 0.459)
		if y >= gamma {
			return 1e-99 // beyond what the transformation can tell
		}
		y = -math.Log(gamma - y)
		m = polynomial(nn, 0.544, -0.39978, 0.025054, -6.714e-4)
		s = math.Exp(polynomial(nn, 1.3822, -0.77857, 0.062767, -0.0020322))
	} else {
		l := math.Log(nn)
		m = polynomial(l, -1.5861, -0.31082, -0.083751, 0.0038915)
		s = math.Exp(polynomial(l, -0.4803, -0.082676, 0.0030302))
	}
	return num.NormSF((y - m) / s)
}

// AndersonDarling tests normality with estimated mean and SD, weighing the
// tails; from 8 values. The statistic is A²; the p-value is Stephens's
// approximation of A²(1 + 0.75/n + 2.25/n²). It refuses fewer values, NaN, Inf
// and values that do not vary.
// Source: Anderson & Darling (1954); Stephens (1986) in D'Agostino & Stephens,
// Goodness-of-Fit Techniques, table 4.9.
// It agrees with R's nortest::ad.test.
func AndersonDarling(x []float64) (GoodnessOfFit, error) {
	s, mean, sd, err := sortedSample("AndersonDarling", x, 8, 0)
	if err != nil {
		return GoodnessOfFit{}, err
	}
	n := float64(len(s))
	sum := 0.0
	for i := range s {
		lo := num.NormLogCDF((s[i] - mean) / sd)
		hi := num.NormLogSF((s[len(s)-1-i] - mean) / sd)
		sum += (2*float64(i) + 1) * (lo + hi)
	}
	a := -n - sum/n
	z := a * (1 + 0.75/n + 2.25/(n*n))
	var p float64
	switch {
	case z < 0.2:
		p = -math.Expm1(polynomial(z, -13.436, 101.14, -223.73))
	case z < 0.34:
		p = -math.Expm1(polynomial(z, -8.318, 42.796, -59.938))
	case z < 0.6:
		p = math.Exp(polynomial(z, 0.9177, -4.279, -1.38))
	case z < 10:
		p = math.Exp(polynomial(z, 1.2937, -5.709, 0.0186))
	default:
		p = 3.7e-24 // the approximation's end
	}
	return GoodnessOfFit{a, p}, nil
}

// Lilliefors tests normality with estimated mean and SD by the largest
// distance of the distribution functions; from 5 values. The p-value is Dallal
// and Wilkinson's formula below 0.1 and a polynomial in Stephens's modified
// statistic above. It refuses fewer values, NaN, Inf and values that do not
// vary.
// Source: Lilliefors (1967), doi 10.1080/01621459.1967.10482916; Dallal &
// Wilkinson (1986), doi 10.1080/00031305.1986.10475419; Stephens (1974),
// doi 10.1080/01621459.1974.10480196.
// It agrees with R's nortest::lillie.test.
func Lilliefors(x []float64) (GoodnessOfFit, error) {
	s, mean, sd, err := sortedSample("Lilliefors", x, 5, 0)
	if err != nil {
		return GoodnessOfFit{}, err
	}
	n := float64(len(s))
	d := 0.0
	for i, v := range s {
		p := num.NormCDF((v - mean) / sd)
		d = math.Max(d, math.Max(float64(i+1)/n-p, p-float64(i)/n))
	}
	k, m := d, n
	if n > 100 {
		k, m = d*math.Pow(n/100, 0.49), 100
	}
	p := math.Exp(-7.01256*k*k*(m+2.78019) + 2.99587*k*math.Sqrt(m+2.78019) - 0.122119 + 0.974598/math.Sqrt(m) + 1.67997/m)
	if p > 0.1 {
		z := (math.Sqrt(n) - 0.01 + 0.85/math.Sqrt(n)) * d
		switch {
		case z <= 0.302:
			p = 1
		case z <= 0.5:
			p = polynomial(z, 2.76773, -19.828315, 80.709644, -138.55152, 81.218052)
		case z <= 0.9:
			p = polynomial(z, -4.901232, 40.662806, -97.490286, 94.029866, -32.355711)
		case z <= 1.31:
			p = polynomial(z, 6.198765, -19.558097, 23.186922, -12.234627, 2.423045)
		default:
			p = 0
		}
	}
	return GoodnessOfFit{d, p}, nil
}

// JarqueBera tests normality by skewness and kurtosis: n/6·(g₁² + g₂²/4), χ² on
// 2 df. Asymptotic, and slow to get there: too few rejections below some
// hundred values. It refuses fewer than two values, NaN, Inf and values that
// do not vary.
// Source: Jarque & Bera (1987), doi 10.2307/1403192.
// It agrees with R's DescTools::JarqueBeraTest(robust = FALSE).
func JarqueBera(x []float64) (ChiSquareTest, error) {
	g1, err := Skewness(x, 1)
	if err != nil {
		return ChiSquareTest{}, check.Renamed("JarqueBera", err)
	}
	g2, err := Kurtosis(x, 1)
	if err != nil {
		return ChiSquareTest{}, check.Renamed("JarqueBera", err)
	}
	n := float64(len(x))
	return ChiSquareTest{X2: n / 6 * (g1*g1 + g2*g2/4), DF: 2}, nil
}

// SkewnessTest is a sample's skewness g₁ and the normal deviate Z that it is of
// normal data.
type SkewnessTest struct{ Skewness, Z float64 }

// P is the two-sided p-value of no skewness.
func (t SkewnessTest) P() float64 { return 2 * num.NormSF(math.Abs(t.Z)) }

// DAgostinoSkewness tests whether the skewness is that of normal data, from 8
// values: D'Agostino's transformation of g₁ to a normal deviate, two-sided.
// Approximate, good from its smallest n. It refuses fewer values, NaN, Inf and
// values that do not vary.
// Source: D'Agostino (1970), Biometrika 57:679, doi 10.1093/biomet/57.3.679.
// It agrees with R's moments::agostino.test.
func DAgostinoSkewness(x []float64) (SkewnessTest, error) {
	if err := check.Sample("DAgostinoSkewness", "x", x, 8); err != nil {
		return SkewnessTest{}, err
	}
	skewness, err := Skewness(x, 1)
	if err != nil {
		return SkewnessTest{}, check.Renamed("DAgostinoSkewness", err)
	}
	n := float64(len(x))
	y := skewness * math.Sqrt((n+1)*(n+3)/(6*(n-2)))
	b2 := 3 * (n*n + 27*n - 70) * (n + 1) * (n + 3) / ((n - 2) * (n + 5) * (n + 7) * (n + 9))
	w2 := -1 + math.Sqrt(2*(b2-1))
	d := 1 / math.Sqrt(math.Log(math.Sqrt(w2)))
	a := math.Sqrt(2 / (w2 - 1))
	return SkewnessTest{Skewness: skewness, Z: d * math.Asinh(y/a)}, nil
}

// String formats the test: "statistic 0.840, p = 0.0204".
func (g GoodnessOfFit) String() string {
	return statisticText(g == GoodnessOfFit{}, "statistic", g.Statistic, g.p)
}

// String formats the test: "skewness 1.61, z 2.67, p = 0.0076".
func (t SkewnessTest) String() string {
	if t == (SkewnessTest{}) {
		return show.NoResult
	}
	return fmt.Sprintf("skewness %s, %s", show.Fixed(t.Skewness, show.DecimalsOf(t.Skewness)), statisticText(false, "z", t.Z, t.P()))
}
