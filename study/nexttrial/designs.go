package nexttrial

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
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
		x := means{alpha: out.Alpha, r: out.Correlation, margin: q.Margin, sign: sign, gain: 1,
			equivalence: q.Framework == study.FrameworkEquivalence, change: adjusted && q.Model == study.WelchChange}
		if q.Model != study.WelchChange && q.Model != study.Welch {
			if adjusted {
				x.covariates = 1
			}
			x.covariates += c.columns(q)
		}
		c.repeated(out, &x, adjusted)
		return func(sd, e float64) design { d := x; d.sd, d.effect = sd, e; return d }, out.SD, "sd", effects
	case out.Outcome.Kind == study.KindBinary:
		need(a.Control, "control")
		effects = a.Difference
		c.favorable(out, effects, "difference", superiority, func(e float64) float64 { return sign * e })
		x := shares{alpha: out.Alpha, margin: q.Margin, sign: sign, lost: out.Lost.Value, adjusted: c.columns(q) > 0}
		if q.Framework == study.FrameworkEquivalence {
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

// columns are the degrees of freedom of the plan's covariates and strata: one of a number,
// of a category the levels declared but one (one where none are declared), of crossed
// strata those of their cells.
func (c *planner) columns(q study.Plan) int {
	strata := c.protocol.StrataOf(q)
	ids := slices.Clone(strata)
	for _, id := range q.Covariates {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	sum, cells := 0, 1
	for _, id := range ids {
		k := 1
		i := slices.IndexFunc(c.protocol.Data.Covariates, func(x study.Covariate) bool { return x.ID == id })
		if i >= 0 && c.protocol.Data.Covariates[i].Kind == study.Category {
			if levels := len(c.protocol.Data.Covariates[i].Levels); levels > 0 {
				k = levels - 1
			} else {
				c.unlisted = append(c.unlisted, id)
			}
		} else if i < 0 {
			c.unlisted = append(c.unlisted, id) // a column of strata
		}
		if c.protocol.Randomization.Cross && slices.Contains(strata, id) {
			cells *= k + 1
		} else {
			sum += k
		}
	}
	return sum + cells - 1
}

// means is a comparison of means: by analysis of covariance (with covariates), of changes,
// or of values.
type means struct {
	sd, r, effect, alpha, margin, sign float64
	change, equivalence                bool
	covariates                         int
	// gain is the participants with the outcome at the visit that one of them stands for,
	// where those lost inform it through their earlier values; 1 elsewhere.
	gain float64
	// loss and visits are what gain comes from, for the call: the correlation of the
	// visits given the baseline, and the share lost at the last.
	between, lost float64
	visits        int
}

// residual is the SD of what is compared.
func (d means) residual() float64 {
	switch {
	case d.covariates > 0:
		return d.sd * math.Sqrt(1-d.r*d.r)
	case d.change:
		return d.sd * math.Sqrt(2*(1-d.r))
	}
	return d.sd
}

func (d means) against(n float64) power.Equivalence {
	q := power.Equivalence{N: n * d.gain, SD: d.residual(), Margin: d.margin, Diff: d.sign * d.effect, Alpha: d.alpha, NonInferiority: !d.equivalence}
	if d.covariates > 0 {
		q.SD, q.Correlation, q.Covariates = d.sd, d.r, d.covariates
	}
	return q
}

func (d means) covariance(n float64) power.ANCOVADesign {
	return power.ANCOVADesign{N: n * d.gain, Effect: d.effect, SD: d.sd, Correlation: d.r, Covariates: d.covariates, Alpha: d.alpha}
}

// size is the smallest whole size. It is close to that of a t-test with the residual SD,
// where the search begins.
func (d means) size(target float64) (int, error) {
	var near float64
	var err error
	if d.margin > 0 {
		q := d.against(0)
		q.SD, q.Correlation, q.Covariates = d.residual(), 0, 0
		near, err = q.SolveN(target)
	} else {
		near, err = power.TDesign{Effect: d.effect / d.residual(), Alpha: d.alpha}.SolveN(target)
	}
	if near /= d.gain; err != nil || near > maxArm {
		return 0, cmp.Or(err, errTooMany)
	}
	n := max(int(math.Ceil(near-1e-9)), d.covariates/2+2)
	for n > 2 && d.power(n-1) >= target {
		n--
	}
	for !(d.power(n) >= target) {
		n++
	}
	return n, nil
}

// errTooMany: no size up to maxArm is enough.
var errTooMany = errors.New("nexttrial: no size is enough")

func (d means) power(n int) float64 {
	switch {
	case d.margin > 0:
		return d.against(float64(n)).Power()
	case d.covariates > 0:
		return d.covariance(float64(n)).Power()
	}
	return power.TDesign{N: float64(n) * d.gain, Effect: d.effect / d.residual(), Alpha: d.alpha}.Power()
}

func (d means) se(n int) (se, df float64) {
	if d.covariates > 0 {
		q := d.covariance(float64(n))
		return q.SE(), q.DF()
	}
	x := float64(n) * d.gain
	return d.residual() * math.Sqrt(2/x), 2*x - 2
}

// call is in base R: the power given the baseline's imbalance, and its average over it:
// with b = 1 − u², u from 0 to 1.
func (d means) call(n int, target float64) string {
	if d.covariates == 0 && d.gain == 1 {
		switch {
		case d.margin > 0 && !d.equivalence:
			return fmt.Sprintf("power.t.test(n=%d, delta=%s, sd=%s, sig.level=%s, alternative=\"one.sided\")$power", n, g(d.margin+d.sign*d.effect), g(d.residual()), g(d.alpha))
		case d.margin == 0:
			return fmt.Sprintf("power.t.test(n=%d, delta=%s, sd=%s, sig.level=%s, strict=TRUE)$power", n, g(math.Abs(d.effect)), g(d.residual()), g(d.alpha))
		}
	}
	s := fmt.Sprintf("n <- %d; ", n)
	if d.gain != 1 {
		s += fmt.Sprintf("k <- %d; R <- diag(1-%s, k) + %s; s <- 1 - %s*(1:k)/k; I <- matrix(0, k, k); "+
			"for (j in 1:k) I[1:j,1:j] <- I[1:j,1:j] + (s[j]-c(s,0)[j+1])*solve(R[1:j,1:j]); n <- n/s[k]/solve(I)[k,k]; ",
			d.visits, g(d.between), g(d.between), g(d.lost))
	}
	s += fmt.Sprintf("q <- %d; df <- 2*n-2-q; se <- %s*sqrt(2/n); ", d.covariates, g(d.residual()))
	switch {
	case d.equivalence:
		s += fmt.Sprintf("t <- qt(1-%s, df); f <- function(se) integrate(function(s) pmax(0, pnorm((%s)/se-t*s) - pnorm(t*s-(%s)/se))*2*df*s*dchisq(df*s^2, df), 0, %s/se/t)$value; ",
			g(d.alpha), g(d.margin-d.sign*d.effect), g(d.margin+d.sign*d.effect), g(d.margin))
	case d.margin > 0:
		s += fmt.Sprintf("t <- qt(1-%s, df); f <- function(se) pt(t, df, %s/se, lower=FALSE); ", g(d.alpha), g(d.margin+d.sign*d.effect))
	default:
		s += fmt.Sprintf("t <- qt(1-%s/2, df); f <- function(se) pt(t, df, %s/se, lower=FALSE) + pt(-t, df, %s/se); ", g(d.alpha), g(math.Abs(d.effect)), g(math.Abs(d.effect)))
	}
	if d.covariates == 0 {
		return s + "f(se)"
	}
	return s + "integrate(Vectorize(function(u) f(se/sqrt(1-u^2))*2*u*dbeta(1-u^2, (df+1)/2, q/2)), 0, 1)$value"
}

// g writes a number in its shortest form, at most six digits.
func g(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }

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
	return fmt.Sprintf("pnorm(abs(log(%s))*sqrt(%d*(1-sum(c(%s)^3))/6) - qnorm(1-%s/2))", g(d.OddsRatio), n, p, g(d.Alpha))
}

type rates struct{ power.CountDesign }

func (d rates) size(target float64) (int, error) { return whole(d.SolveN(target)) }

func (d rates) power(n int) float64 { d.N = float64(n); return d.Power() }

func (d rates) se(int) (se, df float64) { return math.NaN(), math.NaN() }

func (d rates) call(n int, target float64) string {
	return fmt.Sprintf("pnorm(abs(log(%s))*sqrt(%d/(1/(%s*%s) + 1/%s + 2*%s)) - qnorm(1-%s/2))",
		g(d.RateRatio), n, g(d.RateRatio), g(d.Rate), g(d.Rate), g(d.Dispersion), g(d.Alpha))
}

func whole(n float64, err error) (int, error) {
	if err != nil || !(n <= maxArm) {
		return 0, cmp.Or(err, errTooMany)
	}
	return int(math.Ceil(n - 1e-9)), nil
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
