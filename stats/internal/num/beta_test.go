package num

import "testing"

func TestBetaTruth(t *testing.T) {
	for _, r := range truth(t, "betacdf") {
		x, a, b, p, q := r[0], r[1], r[2], r[3], r[4]
		near(t, BetaCDF(x, a, b), p, 2*tailRel(p), "CDF", x, a, b)
		near(t, BetaSF(x, a, b), q, 2*tailRel(q), "SF", x, a, b)
	}
}
