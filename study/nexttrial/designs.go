package nexttrial

import (
	"context"
	"fmt"
	"math"
	"strconv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/power"
	"github.com/trialkit/trialkit/study"
	"github.com/trialkit/trialkit/study/assumed"
)

// designs says how the plan's comparisons are sized: with which spread, of what it is, and
// the effects that are believed.
func (c *planner) designs(out *Plan) (m maker, spread float64, by string, effects []assumed.Effect) {
	a, at := out.Assumed, "assumed."+out.Outcome.ID
	q, sign := out.Plan, out.Outcome.Better.Sign()
	need := func(x assumed.Number, key string) {
		if !x.Stated {
			c.Add(at, "next-missing", key)
		}
	}
	superiority := q.Margin == 0
	switch {
	case out.Outcome.Measured():
		need(a.SD, "sd")
		effects = a.Difference
		c.favorable(out, effects, "difference", superiority, func(e float64) float64 { return sign * e })
		if len(c.Faults) > 0 {
			return nil, 0, "", nil
		}
		out.SD = a.SD.PlannedSD()
		adjusted := out.Outcome.HasBaseline() && q.Baseline != study.NoBaseline
		if adjusted && a.Correlation.Stated {
			out.Correlation = a.Correlation.PlannedCorrelation()
		}
		x := means{alpha: out.Alpha, r: out.Correlation, margin: q.Margin, sign: sign,
			equivalence: q.Framework == study.FrameworkEquivalence, ancova: adjusted && q.Model != study.WelchChange,
			change: adjusted && q.Model == study.WelchChange, covariates: 1 + len(q.Covariates) + len(c.protocol.Randomization.Strata)}
		return func(sd, e float64) design { d := x; d.sd, d.effect = sd, e; return d }, out.SD, "sd", effects
	case out.Outcome.Kind == study.KindBinary:
		need(a.Control, "control")
		effects = a.Difference
		c.favorable(out, effects, "difference", superiority, func(e float64) float64 { return sign * e })
		x := shares{alpha: out.Alpha, margin: q.Margin, sign: sign, equivalence: q.Framework == study.FrameworkEquivalence}
		if x.equivalence {
			c.Add(at, "next-kind-framework")
		}
		return func(p, e float64) design { d := x; d.control, d.effect = p, e; return d }, a.Control.Value, "share", effects
	case out.Outcome.Kind == study.KindOrdinal:
		if len(a.Shares) == 0 {
			c.Add(at, "next-missing", "control")
		}
		effects = a.OddsRatio
		c.favorable(out, effects, "odds_ratio", true, func(e float64) float64 { return sign * math.Log(e) })
		return func(_, e float64) design {
			return categories{power.OrdinalDesign{Shares: a.Shares, OddsRatio: e, Alpha: out.Alpha}}
		}, 0, "", effects
	}
	need(a.Control, "control")
	need(a.Dispersion, "dispersion")
	effects = a.RateRatio
	c.favorable(out, effects, "rate_ratio", true, func(e float64) float64 { return sign * math.Log(e) })
	return func(rate, e float64) design {
		return rates{power.CountDesign{Rate: rate, RateRatio: e, Dispersion: a.Dispersion.Value, Time: 1, Alpha: out.Alpha}}
	}, a.Control.Value, "rate", effects
}

// favorable refuses effects that are missing, none, or to the treated arm's disadvantage.
func (c *planner) favorable(out *Plan, effects []assumed.Effect, key string, superiority bool, benefit func(float64) float64) {
	at := "assumed." + out.Outcome.ID
	if len(effects) == 0 {
		c.Add(at, "next-missing", key)
	}
	for _, e := range effects {
		path := at + "." + key
		if e.Arm != "" {
			path += "." + e.Arm
		}
		switch b := benefit(e.Value); {
		case superiority && b == 0:
			c.Add(path, "next-effect-none")
		case superiority && b < 0:
			c.Add(path, "next-effect-harm", e.Value)
		}
	}
}

// means is a comparison of means: by analysis of covariance, of changes, or of values.
type means struct {
	sd, r, effect, alpha, margin, sign float64
	ancova, change, equivalence        bool
	covariates                         int
}

// residual is the SD of what is compared.
func (d means) residual() float64 {
	switch {
	case d.ancova:
		return d.sd * math.Sqrt(1-d.r*d.r)
	case d.change:
		return d.sd * math.Sqrt(2*(1-d.r))
	}
	return d.sd
}

func (d means) against() power.Equivalence {
	return power.Equivalence{SD: d.residual(), Margin: d.margin, Diff: d.sign * d.effect, Alpha: d.alpha, NonInferiority: !d.equivalence}
}

func (d means) covariance() power.ANCOVADesign {
	return power.ANCOVADesign{Effect: d.effect, SD: d.sd, Correlation: d.r, Covariates: d.covariates, Alpha: d.alpha}
}

func (d means) size(target float64) (int, error) {
	var n float64
	var err error
	switch {
	case d.margin > 0:
		n, err = d.against().SolveN(target)
		if d.ancova {
			n++ // the degree of freedom of the baseline
		}
	case d.ancova:
		return d.adjusted(target)
	default:
		n, err = power.TDesign{Effect: d.effect / d.residual(), Alpha: d.alpha}.SolveN(target)
	}
	if err != nil || n > 2*maxArm {
		return 2 * maxArm, err
	}
	return int(math.Ceil(n - 1e-9)), nil
}

// adjusted is the smallest whole size of the analysis of covariance. It is close to
// that of a t-test with the residual SD and one degree of freedom less for each covariate,
// where the search begins.
func (d means) adjusted(target float64) (int, error) {
	near, err := power.TDesign{Effect: d.effect / d.residual(), Alpha: d.alpha}.SolveN(target)
	if err != nil || near > 2*maxArm {
		return 2 * maxArm, err
	}
	n := max(int(math.Ceil(near)), d.covariates/2+2)
	for n > 2 && d.power(n-1) >= target {
		n--
	}
	for !(d.power(n) >= target) {
		n++
	}
	return n, nil
}

func (d means) power(n int) float64 {
	switch {
	case d.margin > 0:
		q := d.against()
		q.N = float64(n)
		return q.Power()
	case d.ancova:
		q := d.covariance()
		q.N = float64(n)
		return q.Power()
	}
	return power.TDesign{N: float64(n), Effect: d.effect / d.residual(), Alpha: d.alpha}.Power()
}

func (d means) se(n int) (se, df float64) {
	if d.ancova {
		q := d.covariance()
		q.N = float64(n)
		return q.SE(), q.DF()
	}
	return d.residual() * math.Sqrt(2/float64(n)), float64(2*n - 2)
}

func (d means) call(n int, target float64) string {
	switch {
	case d.margin > 0 && d.equivalence:
		return fmt.Sprintf("PowerTOST::power.TOST(alpha=%s, logscale=FALSE,theta1=-%s, theta2=%s, theta0=%s, CV=%s, n=%d, design=\"parallel\")",
			g(d.alpha), g(d.margin), g(d.margin), g(d.effect), g(d.residual()), 2*n)
	case d.margin > 0:
		return fmt.Sprintf("power.t.test(n=%d, delta=%s, sd=%s, sig.level=%s, alternative=\"one.sided\")", n, g(d.margin+d.sign*d.effect), g(d.residual()), g(d.alpha))
	case !d.ancova:
		return fmt.Sprintf("power.t.test(n=%d, delta=%s, sd=%s, sig.level=%s, strict=TRUE)", n, g(math.Abs(d.effect)), g(d.residual()), g(d.alpha))
	}
	// The average over the baseline's imbalance: with b = 1 − u², u from 0 to 1.
	return fmt.Sprintf("n <- %d; q <- %d; df <- 2*n-2-q; t <- qt(1-%s/2, df); d <- %s/(%s*sqrt((1-%s^2)*2/n)); "+
		"integrate(Vectorize(function(u) (pt(t,df,d*sqrt(1-u^2),lower=FALSE)+pt(-t,df,d*sqrt(1-u^2)))*2*u*dbeta(1-u^2,(df+1)/2,q/2)), 0, 1)$value",
		n, max(1, d.covariates), g(d.alpha), g(math.Abs(d.effect)), g(d.sd), g(d.r))
}

// g writes a number in its shortest form, at most six digits.
func g(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }

// shares is a comparison of two shares.
type shares struct {
	control, effect, alpha, margin, sign float64
	equivalence                          bool
}

func (d shares) possible() bool {
	p := d.control + d.effect
	return d.control > 0 && d.control < 1 && p > 0 && p < 1
}

func (d shares) noninferior() power.NonInferiorProportions {
	// Turned so that higher is better.
	p1, p2 := d.control+d.effect, d.control
	if d.sign < 0 {
		p1, p2 = 1-p1, 1-p2
	}
	return power.NonInferiorProportions{P1: p1, P2: p2, Margin: d.margin, Alpha: d.alpha}
}

func (d shares) size(target float64) (int, error) {
	if !d.possible() {
		return 2 * maxArm, nil
	}
	if d.margin > 0 {
		n, err := d.noninferior().SolveN(target)
		return int(math.Ceil(math.Min(n, 2*maxArm))), err
	}
	rough, err := power.ProportionDesign{P1: d.control + d.effect, P2: d.control, Alpha: d.alpha}.SolveN(target)
	if err != nil || rough > exactArm {
		return int(math.Ceil(math.Min(rough, 2*maxArm))), err
	}
	s, err := d.exact().SolveN(context.Background(), target)
	return s.Lasting, err
}

// exactTables is the largest product of the arms' sizes at which shares are compared by
// the exact test (STATISTICS: proportions).
const exactTables = 2500

// exactArm is the largest arm whose power is counted table by table.
const exactArm = 250

func (d shares) exact() power.ExactProportions {
	return power.ExactProportions{P1: d.control + d.effect, P2: d.control, Test: power.ScoreTest, Alpha: d.alpha}
}

func (d shares) power(n int) float64 {
	switch {
	case !d.possible():
		return math.NaN()
	case d.margin > 0:
		return d.noninferior().PowerAt(float64(n))
	case n > exactArm:
		return power.ProportionDesign{N: float64(n), P1: d.control + d.effect, P2: d.control, Alpha: d.alpha}.Power()
	}
	q := d.exact()
	q.N = n
	p, err := q.Power()
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
	if d.margin > 0 {
		x := d.noninferior()
		return fmt.Sprintf("rpact::getSampleSizeRates(groups=2, thetaH0=-%s, pi1=%s, pi2=%s, sided=1, alpha=%s, beta=%s)", g(d.margin), g(x.P1), g(x.P2), g(d.alpha), g(1-target))
	}
	return fmt.Sprintf("n <- %d; x <- 0:n; p <- outer(x, x, function(a, b) { m <- (a+b)/(2*n); v <- m*(1-m)*2/n; v > 0 & (a-b)^2/n^2 >= qnorm(1-%s/2)^2*v*(1-1e-12) }); "+
		"sum(p * outer(dbinom(x, n, %s), dbinom(x, n, %s)))", n, g(d.alpha), g(d.control+d.effect), g(d.control))
}

// categories is a comparison of ordered categories, rates one of counts.
type categories struct{ power.OrdinalDesign }

func (d categories) size(target float64) (int, error) { return whole(d.SolveN(target)) }

func (d categories) power(n int) float64 { d.N = float64(n); return d.Power() }

func (d categories) se(int) (se, df float64) { return math.NaN(), math.NaN() }

func (d categories) call(n int, target float64) string {
	p := ""
	treated, _ := d.Treated()
	for i := range d.Shares {
		if i > 0 {
			p += ", "
		}
		p += g((d.Shares[i] + treated[i]) / 2)
	}
	return fmt.Sprintf("Hmisc::popower(p=c(%s), odds.ratio=%s, n=%d, alpha=%s)", p, g(d.OddsRatio), 2*n, g(d.Alpha))
}

type rates struct{ power.CountDesign }

func (d rates) size(target float64) (int, error) { return whole(d.SolveN(target)) }

func (d rates) power(n int) float64 { d.N = float64(n); return d.Power() }

func (d rates) se(int) (se, df float64) { return math.NaN(), math.NaN() }

func (d rates) call(n int, target float64) string {
	return fmt.Sprintf("MKpower::power.nb.test(mu0=%s, RR=%s, theta=%s, duration=1, sig.level=%s, power=%s, approach=2)",
		g(d.Rate), g(d.RateRatio), g(1/d.Dispersion), g(d.Alpha), g(target))
}

func whole(n float64, err error) (int, error) {
	return int(math.Ceil(math.Min(n, 2*maxArm) - 1e-9)), err
}

// Chance is the probability of one verdict.
type Chance struct {
	Verdict study.Verdict
	P       float64
}

// chances are those of the verdicts on a difference whose estimate is normal with a standard
// error around a true difference, and whose interval is as wide as that error says:
// study.Judge's definitions, benefit positive. Empty where nothing judges it.
func (p Plan) chances(effect, se, df float64) []Chance {
	m := p.Margin()
	if m == 0 || math.IsNaN(se) {
		return nil
	}
	half := stats.Estimate{SE: se, DF: df}.CI(p.Plan.Level).Hi
	b := p.Outcome.Better.Sign() * effect
	above := func(x float64) float64 { return 0.5 * math.Erfc((x-b)/(se*math.Sqrt2)) }
	definite, probable, possible := above(m+half), above(m), above(m-half)
	return []Chance{{study.Definite, definite}, {study.Probable, probable - definite}, {study.Possible, possible - probable}, {study.DefinitelyNot, 1 - possible}}
}
