package num

import "testing"

func TestGammaTruth(t *testing.T) {
	for _, r := range truth(t, "gammacdf") {
		x, a, p, q := r[0], r[1], r[2], r[3]
		near(t, GammaCDF(x, a), p, 2*tailRel(p), "CDF", x, a)
		near(t, GammaSF(x, a), q, 2*tailRel(q), "SF", x, a)
		cond := 1 / (x * GammaPDF(x, a))
		if p <= 0.5 {
			near(t, GammaQuantile(p, a), x, (1e-14+2*tailRel(p))*(1+p*cond), "quantile", x, a)
		} else {
			near(t, GammaQuantileUpper(q, a), x, (1e-14+2*tailRel(q))*(1+q*cond), "upper quantile", x, a)
		}
	}
}
