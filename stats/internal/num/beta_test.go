package num

import "testing"

func TestBetaTruth(t *testing.T) {
	for _, r := range truth(t, "betacdf") {
		x, a, b, p, q := r[0], r[1], r[2], r[3], r[4]
		near(t, BetaCDF(x, a, b), p, 1e-14+2*tailRel(p), "CDF", x, a, b)
		near(t, BetaSF(x, a, b), q, 1e-14+2*tailRel(q), "SF", x, a, b)
		cond := 1 / (x * BetaPDF(x, a, b)) // of the quantile
		if p <= 0.5 {
			near(t, BetaQuantile(p, a, b), x, (1e-14+2*tailRel(p))*(1+p*cond), "quantile", x, a, b)
		} else {
			near(t, BetaQuantileUpper(q, a, b), x, (1e-14+2*tailRel(q))*(1+q*cond), "upper quantile", x, a, b)
		}
	}
}
