package nexttrial

import (
	"context"
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/study"
)

// shares is a comparison of two shares, by the test that study chooses by the numbers
// randomized: the exact unconditional one of small arms, the score test of Miettinen and
// Nurminen of larger ones.
type shares struct {
	control, effect, alpha, margin, sign, lost float64
	adjusted                                   bool // for strata or covariates: no exact test
}

// exactArm is the largest arm whose power is counted table by table.
const exactArm = 250

func (d shares) possible() bool {
	p := d.control + d.effect
	return d.control > 0 && d.control < 1 && p > 0 && p < 1
}

// exact reports whether n analyzed an arm are compared by the exact test.
func (d shares) exact(n int) bool {
	all := randomized(n, d.lost)
	return !d.adjusted && study.RiskMethodOf(all, all) == study.RiskExact
}

// turned are the shares turned so that higher is better.
func (d shares) turned() (treated, control float64) {
	if d.sign < 0 {
		return 1 - d.control - d.effect, 1 - d.control
	}
	return d.control + d.effect, d.control
}

func (d shares) noninferior() power.NonInferiorProportions {
	p1, p2 := d.turned()
	return power.NonInferiorProportions{P1: p1, P2: p2, Margin: d.margin, Alpha: d.alpha}
}

// rough is the size by the normal distribution.
func (d shares) rough(target float64) (float64, error) {
	if d.margin > 0 {
		return d.noninferior().SolveN(target)
	}
	return power.ProportionDesign{P1: d.control + d.effect, P2: d.control, Alpha: d.alpha}.SolveN(target)
}

// size is the smallest size from which on the power is never lost. With a margin it is
// counted only where the exact test may decide.
func (d shares) size(target float64) (int, error) {
	if !d.possible() {
		return 0, errTooMany
	}
	n, err := d.rough(target)
	if err != nil || n > exactArm || d.margin > 0 && (d.adjusted || !d.exact(int(0.7*n))) {
		return whole(n, err)
	}
	s, err := d.sizes(target)
	return s.Lasting, err
}

// sizes are the first size with the power and that from which on it lasts.
func (d shares) sizes(target float64) (power.ExactSize, error) {
	return power.SolveSaw(target, func(n int) (float64, error) {
		// Far below the size of the plain approximation the power is not counted.
		if d.roughly(n) < target/2 && n > 8 {
			return 0, nil
		}
		return d.at(n)
	})
}

func (d shares) roughly(n int) float64 {
	if d.margin > 0 {
		return d.noninferior().PowerAt(float64(n))
	}
	return power.ProportionDesign{N: float64(n), P1: d.control + d.effect, P2: d.control, Alpha: d.alpha}.Power()
}

func (d shares) at(n int) (float64, error) {
	p1, p2 := d.turned()
	q := power.ExactProportions{N: n, P1: p1, P2: p2, Margin: d.margin, Alpha: d.alpha, Test: power.UnconditionalTest}
	if !d.exact(n) {
		if q.Test = power.MiettinenNurminenTest; d.margin > 0 || n > exactArm {
			return d.roughly(n), nil
		}
	}
	return q.PowerContext(context.Background())
}

func (d shares) power(n int) float64 {
	if !d.possible() {
		return math.NaN()
	}
	p, err := d.at(n)
	if err != nil {
		return math.NaN()
	}
	return p
}

func (d shares) se(n int) (se, df float64) {
	p := d.control + d.effect
	return math.Sqrt((p*(1-p) + d.control*(1-d.control)) / float64(n)), math.Inf(1)
}

func (d shares) call(n int, target float64) string {
	p1, p2 := d.turned()
	switch {
	case d.exact(n):
		// z by the estimates with a difference of −margin, which p's largest value over
		// the other share turns into the exact test.
		estimate, from, side := "q <- (a+b)/(2*n); p <- q", "seq(0, 0.5, 0.001)", g(d.alpha)+"/2"
		region := "abs(z) >= crit-1e-9"
		if d.margin > 0 {
			estimate = fmt.Sprintf("q <- optimize(function(q) dbinom(a, n, q-%s, TRUE)+dbinom(b, n, q, TRUE), c(%s, 1), maximum=TRUE, tol=1e-9)$maximum; p <- q-%s", g(d.margin), g(d.margin), g(d.margin))
			from, side, region = fmt.Sprintf("seq(%s, 1, 0.001)", g(d.margin)), g(d.alpha), "z >= crit-1e-9"
		}
		return fmt.Sprintf("n <- %d; x <- 0:n; z <- outer(x, x, Vectorize(function(a, b) { %s; v <- p*(1-p)/n+q*(1-q)/n; if (v > 0) (a/n-b/n+%s)/sqrt(v) else 0 })); "+
			"tail <- function(t) max(sapply(%s, function(q) sum((dbinom(x, n, q-%s) %%o%% dbinom(x, n, q))[z >= t-1e-9]))); "+
			"u <- sort(unique(round(z[z > 0], 8))); crit <- min(u[sapply(u, tail) <= %s]); sum((dbinom(x, n, %s) %%o%% dbinom(x, n, %s))[%s])",
			n, estimate, g(d.margin), from, g(d.margin), side, g(p1), g(p2), region)
	case d.margin > 0:
		return fmt.Sprintf("rpact::getPowerRates(groups=2, thetaH0=-%s, pi1=%s, pi2=%s, sided=1, alpha=%s, maxNumberOfSubjects=%d)$overallReject", g(d.margin), g(p1), g(p2), g(d.alpha), 2*n)
	case n > exactArm:
		return fmt.Sprintf("power.prop.test(n=%d, p1=%s, p2=%s, sig.level=%s)$power", n, g(p1), g(p2), g(d.alpha))
	}
	return fmt.Sprintf("n <- %d; x <- 0:n; z <- outer(x, x, function(a, b) { m <- (a+b)/(2*n); v <- m*(1-m)*2/n*2*n/(2*n-1); ifelse(v > 0, (a-b)/n/sqrt(v), 0) }); "+
		"sum((dbinom(x, n, %s) %%o%% dbinom(x, n, %s))[abs(z) >= qnorm(1-%s/2)-1e-9])", n, g(p1), g(p2), g(d.alpha))
}
