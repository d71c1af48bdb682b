package topics_test

import (
	"math"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/internal/statstest"
	"github.com/trialkit/trialkit/stats/table"
)

func init() {
	reftest.Exceptions(
		reftest.Finding{Code: "desctools-uniroot-rd", Topic: "risk_difference", Bound: 1.3e-4,
			Text: "DescTools solves for Mee's limits with uniroot's default tolerance, 1.22e-4. Truth: the score statistic with Farrington and Manning's closed-form restricted estimates, its root by 200 halvings."},
		reftest.Finding{Code: "desctools-score-rd", Topic: "risk_difference", Bound: 2e-6,
			Text: "DescTools halves for Miettinen and Nurminen's limits until a step is below 1e-7 or the squared statistic within 1e-6. Truth: the score statistic with Farrington and Manning's closed-form restricted estimates, its root by 200 halvings."},
		reftest.Finding{Code: "newcombe-beyond-one", Topic: "risk_difference", Bound: 1e-8,
			Text: "Rounding under a square root (1e-16 becomes 1e-8) carries DescTools' Newcombe limit beyond ±1 where it is exactly ±1 (an arm without events against one with nothing else)."},
		reftest.Finding{Code: "ratesci-null-statistic", Topic: "risk_difference", Bound: 3e-8,
			Text: "ratesci's statistic at no difference carries the rounding of its cubic's restricted estimate (a square root of 1e-16: 1e-8 for 1/300 v 0/300). Truth: the pooled chi-square, 1200/1198 there, and erfc of its root."},
		reftest.Finding{Code: "pnorm-complement", Topic: "risk_difference", Bound: 1.2e-16,
			Text: "ratesci takes 1 − pnorm(z) and keeps 1e-16 absolute of a small tail. Truth: erfc(z/√2)/2 at ratesci's own z."})
	reftest.Register("risk_difference", refRiskDifference)
}

// riskLimits is the interval of a risk difference by a method.
func riskLimits(t, k table.Count, level float64, m table.RiskDifferenceMethod) (stats.Interval, error) {
	r, err := table.RiskDifferenceWith(t, k, table.RiskDifferenceOptions{Method: m})
	if err != nil {
		return stats.Interval{}, err
	}
	return r.CI(level), nil
}

// twoCounts reads a table whose rows are treated (a events, b not) and control.
func twoCounts(c *reftest.Case) (t, k table.Count) {
	a, b, cc, d := c.Int("a"), c.Int("b"), c.Int("c"), c.Int("d")
	return table.Count{Events: a, N: a + b}, table.Count{Events: cc, N: cc + d}
}

func refRiskDifference(c *reftest.Case) error {
	t, k := twoCounts(c)
	kind := c.ID[strings.LastIndex(c.ID, "/")+1:]
	level := levelOf(c)
	ends := func(m table.RiskDifferenceMethod, lo, hi string, tol ...float64) error {
		ci, err := riskLimits(t, k, level, m)
		if err != nil {
			if r, ok := c.Ref(lo); ok && !math.IsNaN(r) {
				return err
			}
			c.Refused(err, "")
			return nil
		}
		if m == table.Haldane && ci.Why == stats.WhyNoError {
			// Nothing but the sizes of the arms moves Beal's limits: z²v/(1 + z²u) twice.
			z2 := math.Pow(distuv.UnitNormal.Quantile((1+level)/2), 2)
			n1, n2 := 1/float64(t.N), 1/float64(k.N)
			far := z2 / 2 * (n1 - n2) / (1 + z2*(n1+n2)/4)
			if t.Events > 0 {
				far = -far
			}
			rounding := func(want float64) func(ref float64) bool {
				return func(ref float64) bool { return reftest.Close(ref, want, 1e-9, 1e-15) }
			}
			c.WantTruthBy(lo, ci.Lo, -1, noError, rounding(math.Min(0, far)))
			c.WantTruthBy(hi, ci.Hi, 1, noError, rounding(math.Max(0, far)))
			return nil
		}
		widened := map[table.RiskDifferenceMethod]float64{table.WaldRDCC: (1/float64(t.N) + 1/float64(k.N)) / 2,
			table.HauckAnderson: 0.5 / float64(min(t.N, k.N))}[m]
		wantEndsOrNone(c, lo, hi, ci, -1, 1, t.Rate()-k.Rate(), widened, tol...)
		return nil
	}
	switch {
	case strings.HasPrefix(kind, "DescTools_"):
		m := map[string]table.RiskDifferenceMethod{"wald": table.WaldRD, "waldcc": table.WaldRDCC, "ac": table.AgrestiCaffo,
			"score": table.NewcombeScore, "scorecc": table.NewcombeCC, "mn": table.MiettinenNurminen, "blj": table.BrownLiJeffreys,
			"ha": table.HauckAnderson, "hal": table.Haldane, "jp": table.JeffreysPerks, "mee": table.Mee}[c.Str("method")]
		if m == "" {
			c.Fail("no method %q", c.Str("method"))
			return nil
		}
		c.Want("est", t.Rate()-k.Rate(), 1e-9, 1e-15)
		switch m {
		case table.MiettinenNurminen, table.Mee:
			ci, err := riskLimits(t, k, level, m)
			if err != nil {
				return err
			}
			lo, hi := truthScoreRD(t, k, level, m == table.MiettinenNurminen)
			finding := "desctools-score-rd"
			if m == table.Mee {
				finding = "desctools-uniroot-rd"
			}
			c.WantTruth("lwr", ci.Lo, lo, finding)
			c.WantTruth("upr", ci.Hi, hi, finding)
			return nil
		case table.NewcombeScore:
			ci, err := riskLimits(t, k, level, m)
			if err != nil {
				return err
			}
			for path, end := range map[string]float64{"lwr": ci.Lo, "upr": ci.Hi} {
				if r, _ := c.Ref(path); math.Abs(r) > 1 {
					c.WantTruth(path, end, math.Copysign(1, r), "newcombe-beyond-one")
				} else {
					c.Want(path, end, 1e-9, 1e-14)
				}
			}
			return nil
		}
		return ends(m, "lwr", "upr", 1e-9, 1e-14)
	case strings.HasPrefix(kind, "MN_ratesci"):
		c.Want("mle", t.Rate()-k.Rate(), 1e-9, 1e-9)
		// precis = 10: ratesci stops at ten digits after the point.
		return ends(table.MiettinenNurminen, "lower", "upper", 1e-9, 1e-10)
	case strings.HasPrefix(kind, "Newcombe_formula"):
		return ends(table.NewcombeScore, "0", "1", 1e-9, 1e-14)
	case kind == "MOVER_jeffreys_ratesci":
		return ends(table.NewcombeJeffreys, "lower", "upper", 1e-9, 1e-12)
	case strings.HasPrefix(kind, "NI_score_test_FM"):
		s, err := table.RiskDifferenceScoreWith(t, k, table.ScoreOptions{NoBiasCorrection: true})
		if err != nil {
			return err
		}
		m := c.Num("margin")
		// At no difference the restricted estimate is the pooled one.
		n1, n2 := float64(t.N), float64(k.N)
		d, pooled := t.Rate()-k.Rate(), float64(t.Events+k.Events)/(n1+n2)
		x2 := d * d / (pooled * (1 - pooled) * (1/n1 + 1/n2))
		if ref, ok := c.Ref("chisq"); ok && x2 > 0 && !reftest.Close(ref, x2, 1e-10, 0) {
			c.WantTruth("chisq", s.Z(0)*s.Z(0), x2, "ratesci-null-statistic")
			c.WantTruth("pval2sided", s.P(0), math.Erfc(math.Sqrt(x2/2)), "ratesci-null-statistic")
		} else {
			c.Want("chisq", s.Z(0)*s.Z(0), 1e-9, 1e-20)
			c.Want("pval2sided", s.P(0))
		}
		c.Want("theta0", m)
		c.Want("scorenull", s.Z(m))
		z, _ := c.Ref("scorenull")
		for path, got := range map[string][2]float64{
			"pval_left":  {s.PLess(m), math.Erfc(-z/math.Sqrt2) / 2},
			"pval_right": {s.PGreater(m), math.Erfc(z/math.Sqrt2) / 2},
		} {
			if got[1] < 1e-6 {
				c.WantTruth(path, got[0], got[1], "pnorm-complement")
			} else {
				// ratesci's z has ten digits; p has fewer by a factor of about z².
				c.Want(path, got[0], 1e-9*(1+z*z))
			}
		}
	}
	return nil
}

// truthScoreRD inverts the score test of the risk difference with the closed
// form of the restricted estimates (Farrington & Manning 1990, appendix).
func truthScoreRD(t, k table.Count, level float64, bias bool) (lo, hi float64) {
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	stat := statstest.ScoreStat(t.Events, t.N, k.Events, k.N, bias)
	d := t.Rate() - k.Rate()
	return statstest.Halve(-1, d, func(x float64) bool { return stat(x) > z }), statstest.Halve(d, 1, func(x float64) bool { return stat(x) > -z })
}
