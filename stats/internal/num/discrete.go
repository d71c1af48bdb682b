package num

import "math"

// Binomial, Poisson and hypergeometric distributions. Probabilities by
// Loader's (2000) saddle-point form, cumulative ones through the incomplete
// beta and gamma functions or, hypergeometric, sums of positive terms from the
// largest: relative error about 1e-14 in both tails.

// BinomPMF is P(X = k) for n trials with probability p.
func BinomPMF(k, n int, p float64) float64 {
	switch {
	case math.IsNaN(p) || p < 0 || p > 1 || n < 0:
		return math.NaN()
	case k < 0 || k > n:
		return 0
	}
	return binomPMF(float64(k), float64(n), p, 1-p)
}

func binomPMF(k, n, p, q float64) float64 {
	switch {
	case p == 0:
		return indicator(k == 0)
	case q == 0:
		return indicator(k == n)
	case k == 0:
		return math.Exp(n * log1mx(p, q))
	case k == n:
		return math.Exp(n * log1mx(q, p))
	}
	m := n - k
	return math.Exp(logBetaPower(k, m, p, q, cross(k, m, p, q))) * (n / (k * m))
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// BinomCDF is P(X ≤ k).
func BinomCDF(k, n int, p float64) float64 { lo, _ := binomTails(k, n, p); return lo }

// BinomSF is P(X ≥ k), the observed count included.
func BinomSF(k, n int, p float64) float64 { _, up := binomTails(k-1, n, p); return up }

// binomTails returns P(X ≤ k) and P(X > k).
func binomTails(k, n int, p float64) (lower, upper float64) {
	switch {
	case math.IsNaN(p) || p < 0 || p > 1 || n < 0:
		return math.NaN(), math.NaN()
	case k < 0:
		return 0, 1
	case k >= n:
		return 1, 0
	}
	a, b := float64(k+1), float64(n-k)
	q := 1 - p
	upper, lower = ibeta(a, b, p, q, cross(a, b, p, q))
	return lower, upper
}

// PoissonPMF is P(X = k) with mean mu ≥ 0.
func PoissonPMF(k int, mu float64) float64 {
	switch {
	case !(mu >= 0) || math.IsInf(mu, 1):
		return math.NaN()
	case k < 0:
		return 0
	case mu == 0:
		return indicator(k == 0)
	case k == 0:
		return math.Exp(-mu)
	}
	return math.Exp(logGammaPower(float64(k), mu)) / float64(k)
}

// PoissonCDF is P(X ≤ k).
func PoissonCDF(k int, mu float64) float64 {
	switch {
	case !(mu >= 0) || math.IsInf(mu, 1):
		return math.NaN()
	case k < 0:
		return 0
	}
	return GammaSF(mu, float64(k)+1)
}

// PoissonSF is P(X ≥ k), the observed count included.
func PoissonSF(k int, mu float64) float64 {
	switch {
	case !(mu >= 0) || math.IsInf(mu, 1):
		return math.NaN()
	case k <= 0:
		return 1
	}
	return GammaCDF(mu, float64(k))
}

// HyperPMF is P(X = k): k marked among n drawn without replacement from m
// marked and rest unmarked.
func HyperPMF(k, m, rest, n int) float64 {
	if m < 0 || rest < 0 || n < 0 || n > m+rest {
		return math.NaN()
	}
	if k < max(0, n-rest) || k > min(m, n) {
		return 0
	}
	if m+rest == 0 {
		return 1
	}
	// The ratio of binomials with the common probability n/(m+rest).
	total := float64(m + rest)
	p, q := float64(n)/total, float64(m+rest-n)/total
	return binomPMF(float64(k), float64(m), p, q) * binomPMF(float64(n-k), float64(rest), p, q) /
		binomPMF(float64(n), total, p, q)
}

// HyperCDF is P(X ≤ k).
func HyperCDF(k, m, rest, n int) float64 { lo, _ := hyperTails(k, m, rest, n); return lo }

// HyperSF is P(X ≥ k), the observed count included.
func HyperSF(k, m, rest, n int) float64 { _, up := hyperTails(k-1, m, rest, n); return up }

// hyperTails returns P(X ≤ k) and P(X > k).
func hyperTails(k, m, rest, n int) (lower, upper float64) {
	if m < 0 || rest < 0 || n < 0 || n > m+rest {
		return math.NaN(), math.NaN()
	}
	lo, hi := max(0, n-rest), min(m, n)
	switch {
	case k < lo:
		return 0, 1
	case k >= hi:
		return 1, 0
	}
	M, R, N := float64(m), float64(rest), float64(n)
	if float64(k)*(M+R) < N*M { // below the mean: downwards from k
		sum, term := 1.0, 1.0
		for j := float64(k); j > float64(lo); j-- {
			term *= j * (R - N + j) / ((M - j + 1) * (N - j + 1))
			sum += term
			if term < 0.01*epsilon*sum {
				break
			}
		}
		lower = math.Min(1, HyperPMF(k, m, rest, n)*sum)
		return lower, 1 - lower
	}
	sum, term := 1.0, 1.0
	for j := float64(k + 1); j < float64(hi); j++ {
		term *= (M - j) * (N - j) / ((j + 1) * (R - N + j + 1))
		sum += term
		if term < 0.01*epsilon*sum {
			break
		}
	}
	upper = math.Min(1, HyperPMF(k+1, m, rest, n)*sum)
	return 1 - upper, upper
}
