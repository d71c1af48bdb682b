package table

import (
	"math"

	"github.com/trialkit/trialkit/stats/internal/num"
)

// ProportionMethod is a way to make an interval for one proportion. The zero
// value is Wilson's score interval.
type ProportionMethod string

// Methods for one proportion, x events among n, p̂ = x/n, z the normal
// quantile, α = 1 − level. All are clipped to [0, 1].
const (
	// WilsonScore: see Proportion.
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
	// Wald: p̂ ± z√(p̂q̂/n). It covers badly, and does not exist for 0 and n events,
	// where the standard error is 0: the interval is then 0 to 1 with Why =
	// WhyNoError, that of WaldCC as well.
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

// proportionLower holds each method's lower end for c with a tail beyond it.
var proportionLower = map[ProportionMethod]func(c Count, t tail) float64{
	WilsonScore:      lowerWilson,
	WilsonCC:         lowerWilsonCC,
	ExactCP:          func(c Count, t tail) float64 { return exactLower(c, t.p) },
	AgrestiCoull:     lowerAgrestiCoull,
	Jeffreys:         lowerJeffreys,
	Wald:             func(c Count, t tail) float64 { return lowerWald(c, t, 0) },
	WaldCC:           func(c Count, t tail) float64 { return lowerWald(c, t, 0.5/float64(c.N)) },
	MidP:             lowerMidP,
	Likelihood:       lowerLikelihood,
	Arcsine:          lowerArcsine,
	Logit:            lowerLogit,
	Blaker:           lowerBlaker,
	ModifiedWilson:   lowerModifiedWilson,
	ModifiedJeffreys: lowerModifiedJeffreys,
}

func lowerWilson(c Count, t tail) float64 {
	lo, _ := wilsonZ(c, t.z)
	return lo
}

func lowerWilsonCC(c Count, t tail) float64 {
	if c.Events == 0 {
		return 0
	}
	z, n, p := t.z, float64(c.N), c.Rate()
	x := float64(c.Events)
	return (x + z*z/2 - 0.5 - z/2*math.Sqrt(z*z-2-1/n+4*p*(n*(1-p)+1))) / (n + z*z)
}

func lowerAgrestiCoull(c Count, t tail) float64 {
	z := t.z
	n := float64(c.N) + z*z
	p := (float64(c.Events) + z*z/2) / n
	return p - z*math.Sqrt(p*(1-p)/n)
}

func lowerJeffreys(c Count, t tail) float64 {
	if c.Events == 0 {
		return 0
	}
	return num.BetaQuantile(t.p, float64(c.Events)+0.5, float64(c.N-c.Events)+0.5)
}

func lowerWald(c Count, t tail, cc float64) float64 {
	p := c.Rate()
	return p - t.z*math.Sqrt(p*(1-p)/float64(c.N)) - cc
}

// lowerMidP solves P(X > x) + ½P(X = x) = α/2, increasing in p.
func lowerMidP(c Count, t tail) float64 {
	if c.Events == 0 {
		return 0
	}
	above := func(p float64) float64 {
		return num.BinomSF(c.Events+1, c.N, p) + num.BinomPMF(c.Events, c.N, p)/2
	}
	return num.Bisect(0, c.Rate(), func(p float64) bool { return above(p) < t.p })
}

// lowerLikelihood solves deviance(p) = z² below p̂.
func lowerLikelihood(c Count, t tail) float64 {
	if c.Events == 0 {
		return 0
	}
	z := t.z
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
func lowerArcsine(c Count, t tail) float64 {
	n := float64(c.N)
	angle := math.Asin(math.Sqrt((float64(c.Events)+0.375)/(n+0.75))) - t.z/(2*math.Sqrt(n))
	s := math.Sin(math.Max(0, angle))
	return s * s
}

func lowerLogit(c Count, t tail) float64 {
	x, n := float64(c.Events), float64(c.N)
	l := math.Log(x/(n-x)) - t.z*math.Sqrt(n/(x*(n-x)))
	return 1 / (1 + math.Exp(-l))
}

func lowerModifiedWilson(c Count, t tail) float64 {
	few := 2
	if c.N > 50 {
		few = 3
	}
	if c.Events >= 1 && c.Events <= few {
		return 0.5 * num.ChiSqQuantile(2*t.p, 2*float64(c.Events)) / float64(c.N)
	}
	return lowerWilson(c, t)
}

func lowerModifiedJeffreys(c Count, t tail) float64 {
	switch {
	case c.Events == c.N:
		return math.Pow(t.p, 1/float64(c.N))
	case c.Events <= 1:
		return 0
	}
	return lowerJeffreys(c, t)
}
