package regress

import (
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// Sphericity says how far the covariance of an effect's within-participant
// contrasts is from equal variances without correlation.
type Sphericity struct {
	GreenhouseGeisser float64 // ε̂, from LowerBound to 1
	HuynhFeldt        float64 // ε̃, may exceed 1; Corrected uses at most 1
	LowerBound        float64 // 1/(number of contrasts)
	// Mauchly's W, of which P is the test; Mauchly is false where there are too
	// few participants for W to exist.
	Mauchly bool
	W       float64
	p       float64
}

var _ stats.Test = Sphericity{}

// P returns the approximate p-value of Mauchly's test, and NaN where there is none.
func (s Sphericity) P() float64 {
	if !s.Mauchly {
		return math.NaN()
	}
	return s.p
}

// sphericity of a k×k matrix of residual sums of products with n degrees of
// freedom.
func sphericity(s []float64, k int, n float64) *Sphericity {
	tr, sq := 0.0, 0.0
	for i := range k {
		tr += s[i*k+i]
		for j := range k {
			sq += s[i*k+j] * s[i*k+j]
		}
	}
	p := float64(k)
	gg := tr * tr / (p * sq)
	out := &Sphericity{GreenhouseGeisser: gg, LowerBound: 1 / p}
	if n > p*gg {
		out.HuynhFeldt = ((n+1)*p*gg - 2) / (p * (n - p*gg))
	} else {
		out.HuynhFeldt = 1
	}
	l, ok := cholesky(s, k)
	if !ok || n < p {
		return out
	}
	logW := -p * math.Log(tr/p)
	for i := range k {
		logW += 2 * math.Log(l[i*k+i])
	}
	// Box's expansion of the distribution of W (Anderson 2003, section 10.7.4).
	rho := 1 - (2*p*p+p+2)/(6*p*n)
	w2 := (p + 2) * (p - 1) * (p - 2) * (2*p*p*p + 6*p*p + 3*p + 2) / (288 * (n * p * rho) * (n * p * rho))
	df := p*(p+1)/2 - 1
	z := -n * rho * logW
	p1, p2 := num.ChiSqSF(z, df), num.ChiSqSF(z, df+4)
	out.Mauchly, out.W = true, math.Exp(logW)
	out.p = math.Min(1, math.Max(0, p1+w2*(p2-p1)))
	return out
}
