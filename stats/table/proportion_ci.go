package table

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/check"
	"github.com/trialkit/trialkit/stats/internal/num"
)

// ProportionMethod is a way to make an interval for one proportion. The zero
// value is Wilson's score interval.
type ProportionMethod string

// Methods for one proportion, x events among n, p̂ = x/n, z the normal
// quantile, α = 1 − level. All are clipped to [0, 1].
const (
	// WilsonScore: see Wilson.
	WilsonScore ProportionMethod = "wilson"
	// WilsonCC: the score interval with continuity correction (Newcombe 1998,
	// Stat Med 17:857, doi 10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E).
	WilsonCC ProportionMethod = "wilson-cc"
	// ExactCP: see ClopperPearson.
	ExactCP ProportionMethod = "clopper-pearson"
	// AgrestiCoull: Wald's interval after adding z²/2 events and z² participants
	// (Agresti & Coull 1998, doi 10.1080/00031305.1998.10480550).
	AgrestiCoull ProportionMethod = "agresti-coull"
	// Jeffreys: quantiles of Beta(x+½, n−x+½), 0 and 1 at the ends (Brown, Cai &
	// DasGupta 2001, doi 10.1214/ss/1009213286).
	Jeffreys ProportionMethod = "jeffreys"
	// Wald: p̂ ± z√(p̂q̂/n). It covers badly and has no width at 0 and n.
	Wald ProportionMethod = "wald"
	// WaldCC: Wald's widened by 1/(2n) at each end.
	WaldCC ProportionMethod = "wald-cc"
	// MidP: tails count half the observed outcome (Lancaster 1961).
	MidP ProportionMethod = "mid-p"
	// Likelihood: the p whose deviance is at most z².
	Likelihood ProportionMethod = "likelihood"
	// Arcsine: sin² of asin√((x+⅜)/(n+¾)) ± z/(2√n) (Anscombe 1948).
	Arcsine ProportionMethod = "arcsine"
	// Logit: Wald's on the log odds; does not exist at 0 and n (ErrDomain).
	Logit ProportionMethod = "logit"
	// Blaker: exact, within Clopper–Pearson's (Blaker 2000, doi 10.2307/3315916).
	Blaker ProportionMethod = "blaker"
	// ModifiedWilson and ModifiedJeffreys: Brown, Cai & DasGupta's (2001)
	// repairs near 0 and n.
	ModifiedWilson   ProportionMethod = "modified-wilson"
	ModifiedJeffreys ProportionMethod = "modified-jeffreys"
)

// ProportionCI returns the interval of a proportion by the named method; the
// constants say what each is. WilsonScore and Jeffreys are good general
// choices, ExactCP where the coverage may never fall short.
// It refuses n below 1 and events outside 0 … n, and panics for an unknown
// method. It agrees with R's DescTools::BinomCI and SAS PROC FREQ BINOMIAL.
// Source: Newcombe (1998), doi
// 10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E; Brown, Cai &
// DasGupta (2001), doi 10.1214/ss/1009213286.
func ProportionCI(c Count, level float64, method ProportionMethod) (stats.Interval, error) {
	check.Level(level)
	if err := check.Count("ProportionCI", "c", c.Events, c.N); err != nil {
		return stats.Interval{}, err
	}
	lower, ok := proportionLower[method]
	if !ok {
		panic(fmt.Sprintf("stats.ProportionCI: unknown method %q", method))
	}
	if method == Logit && (c.Events == 0 || c.Events == c.N) {
		return stats.Interval{}, &stats.SampleError{Func: "ProportionCI", Arg: "c", Index: -1, Err: stats.ErrDomain,
			Info: fmt.Sprintf("the log odds of %d of %d are infinite", c.Events, c.N)}
	}
	// Every method is symmetric: the upper end for x events is one minus the
	// lower end for the n − x others.
	a := 1 - level
	lo := lower(c, a)
	hi := 1 - lower(Count{c.N - c.Events, c.N}, a)
	return stats.Interval{Lo: num.Clip01(lo), Hi: num.Clip01(hi), Level: level}, nil
}

// proportionLower holds each method's lower end for c at α.
var proportionLower = map[ProportionMethod]func(c Count, a float64) float64{
	"":               lowerWilson,
	WilsonScore:      lowerWilson,
	WilsonCC:         lowerWilsonCC,
	ExactCP:          func(c Count, a float64) float64 { return exactLower(c, a/2) },
	AgrestiCoull:     lowerAgrestiCoull,
	Jeffreys:         lowerJeffreys,
	Wald:             func(c Count, a float64) float64 { return lowerWald(c, a, 0) },
	WaldCC:           func(c Count, a float64) float64 { return lowerWald(c, a, 0.5/float64(c.N)) },
	MidP:             lowerMidP,
	Likelihood:       lowerLikelihood,
	Arcsine:          lowerArcsine,
	Logit:            lowerLogit,
	Blaker:           lowerBlaker,
	ModifiedWilson:   lowerModifiedWilson,
	ModifiedJeffreys: lowerModifiedJeffreys,
}

func zUpper(a float64) float64 { return -num.NormQuantile(a / 2) }

func lowerWilson(c Count, a float64) float64 {
	lo, _ := wilsonZ(c, zUpper(a))
	return lo
}

func lowerWilsonCC(c Count, a float64) float64 {
	if c.Events == 0 {
		return 0
	}
	z, n, p := zUpper(a), float64(c.N), c.Rate()
	x := float64(c.Events)
	return (x + z*z/2 - 0.5 - z/2*math.Sqrt(z*z-2-1/n+4*p*(n*(1-p)+1))) / (n + z*z)
}

func lowerAgrestiCoull(c Count, a float64) float64 {
	z := zUpper(a)
	n := float64(c.N) + z*z
	p := (float64(c.Events) + z*z/2) / n
	return p - z*math.Sqrt(p*(1-p)/n)
}

func lowerJeffreys(c Count, a float64) float64 {
	if c.Events == 0 {
		return 0
	}
	return num.BetaQuantile(a/2, float64(c.Events)+0.5, float64(c.N-c.Events)+0.5)
}

func lowerWald(c Count, a, cc float64) float64 {
	p := c.Rate()
	return p - zUpper(a)*math.Sqrt(p*(1-p)/float64(c.N)) - cc
}

// lowerMidP solves P(X > x) + ½P(X = x) = α/2, increasing in p.
func lowerMidP(c Count, a float64) float64 {
	if c.Events == 0 {
		return 0
	}
	tail := func(p float64) float64 {
		return num.BinomSF(c.Events+1, c.N, p) + num.BinomPMF(c.Events, c.N, p)/2
	}
	return num.Bisect(0, c.Rate(), func(p float64) bool { return tail(p) < a/2 })
}

// lowerLikelihood solves deviance(p) = z² below p̂.
func lowerLikelihood(c Count, a float64) float64 {
	if c.Events == 0 {
		return 0
	}
	z := zUpper(a)
	x, n, hat := float64(c.Events), float64(c.N), c.Rate()
	dev := func(p float64) float64 {
		d := x * math.Log(hat/p)
		if c.Events < c.N {
			d += (n - x) * (math.Log1p(-hat) - math.Log1p(-p))
		}
		return 2 * d
	}
	return num.Bisect(0, hat, func(p float64) bool { return p == 0 || dev(p) > z*z })
}

// lowerArcsine keeps the angle within the quadrant where sin² increases.
func lowerArcsine(c Count, a float64) float64 {
	n := float64(c.N)
	t := math.Asin(math.Sqrt((float64(c.Events)+0.375)/(n+0.75))) - zUpper(a)/(2*math.Sqrt(n))
	s := math.Sin(math.Max(0, t))
	return s * s
}

func lowerLogit(c Count, a float64) float64 {
	x, n := float64(c.Events), float64(c.N)
	l := math.Log(x/(n-x)) - zUpper(a)*math.Sqrt(n/(x*(n-x)))
	return 1 / (1 + math.Exp(-l))
}

func lowerBlaker(c Count, a float64) float64 {
	if c.Events == 0 {
		return 0
	}
	return blakerSearch(c.Events, a, exactLower(c, a/2), c.Rate(),
		func(p float64) float64 { return num.BinomSF(c.Events, c.N, p) },
		func(k int, p float64) float64 { return num.BinomCDF(k, c.N, p) })
}

// blakerSearch finds the smallest parameter whose acceptability exceeds a. The
// acceptability is the smaller tail plus the largest opposite tail not above
// it; where the opposite tail takes in one more outcome it jumps, and between
// jumps it is smooth, so that it exceeds a first either at a jump or at a root
// between two. x is the observed outcome, counted from the smallest; up is
// P(X ≥ x), down(k) is P(X ≤ k); no parameter below start can be accepted.
func blakerSearch(x int, a, start, end float64, up func(float64) float64, down func(int, float64) float64) float64 {
	// enters is the parameter from which outcomes up to k are in the opposite
	// tail: P(X ≤ k) ≤ P(X ≥ x) from there on.
	enters := func(k int) float64 {
		if down(k, start) <= up(start) {
			return start
		}
		return num.Bisect(start, end, func(p float64) bool { return down(k, p) > up(p) })
	}
	k := -1
	for k+1 < x && enters(k+1) <= start {
		k++
	}
	for from := start; ; k++ {
		to := end
		if k+1 < x {
			to = math.Min(to, enters(k+1))
		}
		acc := func(p float64) float64 {
			v := up(p)
			if k >= 0 {
				v += down(k, p)
			}
			return v
		}
		switch {
		case acc(from) > a:
			return from
		case acc(to) > a:
			return num.Bisect(from, to, func(p float64) bool { return acc(p) <= a })
		case k+1 >= x || to >= end:
			return to
		}
		from = to
	}
}

func lowerModifiedWilson(c Count, a float64) float64 {
	few := 2
	if c.N > 50 {
		few = 3
	}
	if c.Events >= 1 && c.Events <= few {
		return 0.5 * num.ChiSqQuantile(a, 2*float64(c.Events)) / float64(c.N)
	}
	return lowerWilson(c, a)
}

func lowerModifiedJeffreys(c Count, a float64) float64 {
	switch {
	case c.Events == c.N:
		return math.Pow(a/2, 1/float64(c.N))
	case c.Events <= 1:
		return 0
	}
	return lowerJeffreys(c, a)
}

// BinomialTest is the exact test of one proportion against p0.
type BinomialTest struct {
	Count
	P0 float64
	// Two sums the outcomes no likelier than the observed; Greater is
	// P(X ≥ x), Less is P(X ≤ x).
	Two, Greater, Less float64
}

// Binomial tests whether the event probability is p0. Exact. Two outcomes count
// as equally likely when their probabilities agree to a relative 1e-7, as in R.
// It refuses n below 1, events outside 0 … n and p0 outside [0, 1].
// It agrees with R's binom.test and SAS PROC FREQ EXACT BINOMIAL (whose
// two-sided value doubles the smaller tail).
func Binomial(c Count, p0 float64) (BinomialTest, error) {
	if err := check.Count("Binomial", "c", c.Events, c.N); err != nil {
		return BinomialTest{}, err
	}
	if !(p0 >= 0 && p0 <= 1) {
		return BinomialTest{}, &stats.SampleError{Func: "Binomial", Arg: "p0", Index: -1, Err: stats.ErrDomain, Info: fmt.Sprint(p0)}
	}
	t := BinomialTest{Count: c, P0: p0}
	t.Greater = num.BinomSF(c.Events, c.N, p0)
	t.Less = num.BinomCDF(c.Events, c.N, p0)
	obs := num.BinomPMF(c.Events, c.N, p0) * (1 + 1e-7)
	mean := float64(c.N) * p0
	// Outcomes beyond the mean on the other side, outermost first, until one
	// is likelier than the observed.
	switch x := float64(c.Events); {
	case x == mean:
		t.Two = 1
	case x < mean:
		k := c.N
		for k >= 0 && float64(k) > mean && num.BinomPMF(k, c.N, p0) <= obs {
			k--
		}
		t.Two = t.Less + num.BinomSF(k+1, c.N, p0)
	default:
		k := 0
		for float64(k) < mean && num.BinomPMF(k, c.N, p0) <= obs {
			k++
		}
		t.Two = t.Greater + num.BinomCDF(k-1, c.N, p0)
	}
	t.Two = math.Min(1, t.Two)
	return t, nil
}
