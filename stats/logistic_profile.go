package stats

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// Profile is a coefficient of a logistic regression with the tests and
// intervals of its profile likelihood: null is rejected where the log-likelihood
// maximized over the other coefficients lies too far below the maximum. With
// Firth the penalized likelihood is meant. It implements Effect on the
// log-odds scale; intervals and p-values are approximate (χ² with 1 df).
type Profile struct {
	m *LogisticModel
	j int
}

var _ Effect = Profile{}

// Profile returns a coefficient for questions by profile likelihood. It panics
// where there is no such coefficient. Agrees with R's confint of a glm, which
// interpolates the profile, and with logistf.
func (m *LogisticModel) Profile(name string) Profile { return Profile{m, m.index(name)} }

// Point returns the estimate, a log odds ratio.
func (p Profile) Point() float64 { return p.m.beta[p.j] }

// root is the signed square root of twice the fall of the log-likelihood at
// null, positive where the estimate is above null.
func (p Profile) root(null float64, start []float64) (r float64, at []float64) {
	f, err := p.m.maximize(p.j, null, start)
	if err != nil {
		// Without the coefficient's freedom the others may diverge; the
		// likelihood then still has a limit, but none that this can reach.
		return math.NaN(), start
	}
	return math.Copysign(math.Sqrt(math.Max(0, 2*(p.m.obj-f.obj))), p.Point()-null), f.beta
}

// P returns the two-sided p-value of the likelihood ratio test.
func (p Profile) P(null float64) float64 { return 2 * num.NormSF(math.Abs(p.z(null))) }

// PGreater returns the one-sided p-value by the signed root.
func (p Profile) PGreater(null float64) float64 { return num.NormSF(p.z(null)) }

// PLess returns the other one-sided p-value.
func (p Profile) PLess(null float64) float64 { return num.NormCDF(p.z(null)) }

func (p Profile) z(null float64) float64 {
	if null == p.Point() {
		return 0
	}
	r, _ := p.root(null, p.m.beta)
	if math.IsNaN(r) {
		return math.Copysign(math.Inf(1), p.Point()-null)
	}
	return r
}

// CI returns the null values that the likelihood ratio test does not reject.
// It panics unless 0 < level < 1.
func (p Profile) CI(level float64) Interval {
	checkLevel(level)
	z := -num.NormQuantile((1 - level) / 2)
	return Interval{Lo: p.limit(z), Hi: p.limit(-z), Level: level}
}

// limit solves root(b) = z by bracketing and the Illinois rule; root is close
// to linear in b.
func (p Profile) limit(z float64) float64 {
	est := p.Point()
	k := len(p.m.beta)
	step := -z * math.Sqrt(p.m.cov[p.j*k+p.j])
	start := p.m.beta
	a, fa := est, -z // root(est) − z
	var b, fb float64
	for i := 0; ; i++ {
		b = a + step
		r, at := p.root(b, start)
		if math.IsNaN(r) || i == 60 {
			return math.Copysign(math.Inf(1), step)
		}
		fb, start = r-z, at
		if fa*fb <= 0 {
			break
		}
		a, fa = b, fb
		step *= 1.5
	}
	for range 100 {
		c := b - fb*(b-a)/(fb-fa)
		if math.Abs(b-a) <= 1e-14*(math.Abs(a)+math.Abs(b)) || c == b || c == a {
			return c
		}
		r, at := p.root(c, start)
		fc := r - z
		start = at
		if math.Abs(fc) <= 1e-13 {
			return c
		}
		if fc*fb < 0 {
			a, fa = b, fb
		} else {
			fa /= 2
		}
		b, fb = c, fc
	}
	return b
}
