package topics_test

import (
	"fmt"
	"math"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
)

func init() {
	reftest.Exceptions(reftest.Finding{
		Code: "mice-lambda-floor", Topic: "mi_rubin_scalar, mi_pool",
		Text: "mice replaces λ below 1e-4 by 1e-4 in the degrees of freedom: m = 3 equal estimates get 2·10⁸ where Rubin's (m−1)/λ² is infinite. Truth: the formulas of Rubin and of Barnard and Rubin at λ itself.",
	})
	reftest.Exceptions(reftest.Finding{
		Code: "qt-small-df", Topic: "mi_pool_more", Bound: 1e-8,
		Text: "At degrees of freedom below 0.01 R's quantile of t, near 1e155, keeps nine digits. Truth: far out the tail is x^(ν/2)/(ν/2·B(ν/2, ½)) with x = ν/(ν + t²), solved for t.",
	})
	reftest.Register("mi_rubin_scalar", refRubinScalar)
	reftest.Register("mi_pool", refPool)
	reftest.Register("mi_pool_more", refPoolMore)
}

func refRubinScalar(c *reftest.Case) error {
	q, u := c.Floats("q"), c.Floats("u")
	complete := c.Num("n") - c.Num("k")
	var es []stats.Estimate
	for i := range q {
		es = append(es, stats.Estimate{Value: q[i], SE: math.Sqrt(u[i]), DF: complete})
	}
	p, err := stats.PoolImputations(es)
	if err != nil {
		return refused(c, err, "fmi") // without variance within imputations mice has none either
	}
	c.Want("qbar", p.Value)
	c.Want("ubar", p.Within)
	c.Want("b", p.Between)
	c.Want("t", p.SE*p.SE)
	c.Want("r", p.RelativeIncrease)
	if p.Lambda >= 1e-4 {
		c.Want("df_BR", p.DF)
		c.Want("fmi", p.FractionMissing)
		c.Want("df_rubin_old", p.RubinDF)
		return nil
	}
	const finding = "mice-lambda-floor"
	floor := func(lambda float64) (old, barnard, fmi float64) {
		old = float64(len(q)-1) / (lambda * lambda)
		barnard = complete
		if !math.IsInf(complete, 1) {
			barnard = (complete + 1) / (complete + 3) * complete * (1 - lambda)
		}
		if !math.IsInf(old, 1) && !math.IsInf(barnard, 1) {
			barnard = old * barnard / (old + barnard)
		} else if math.IsInf(barnard, 1) {
			barnard = old
		}
		return old, barnard, (p.RelativeIncrease + 2/(barnard+3)) / (1 + p.RelativeIncrease)
	}
	old, br, fmi := floor(p.Lambda)
	oldR, brR, fmiR := floor(1e-4)
	near := func(x float64) func(float64) bool {
		return func(ref float64) bool { return reftest.Close(ref, x, 1e-9, 1e-15) }
	}
	c.WantTruthBy("df_BR", p.DF, br, finding, near(brR))
	c.WantTruthBy("fmi", p.FractionMissing, fmi, finding, near(fmiR))
	c.WantTruthBy("df_rubin_old", p.RubinDF, old, finding, near(oldR))
	return nil
}

func refPool(c *reftest.Case) error {
	var q, u struct {
		Values [][]float64 `json:"values"`
	}
	c.Unused("files", "formula") // where the estimates come from
	c.In("qhat", &q)
	c.In("u", &u)
	if c.Int("m") != len(q.Values) {
		return fmt.Errorf("%d estimates of %d", len(q.Values), c.Int("m"))
	}
	cols := map[string][]float64{}
	for term := range q.Values[0] {
		var es []stats.Estimate
		for i := range q.Values {
			es = append(es, stats.Estimate{Value: q.Values[i][term], SE: math.Sqrt(u.Values[i][term]), DF: c.Num("dfcom")})
		}
		p, err := stats.PoolImputations(es)
		if err != nil {
			return err
		}
		ci := p.CI(0.95)
		for name, v := range map[string]float64{"estimate": p.Value, "se": p.SE, "t": p.T(0), "df": p.DF, "p": p.P(0),
			"lwr": ci.Lo, "upr": ci.Hi, "ubar": p.Within, "b": p.Between, "T": p.SE * p.SE,
			"riv": p.RelativeIncrease, "lambda": p.Lambda, "fmi": p.FractionMissing} {
			cols[name] = append(cols[name], v)
		}
	}
	for name, v := range cols {
		c.WantVec(name, v)
	}
	return nil
}

// refPoolMore compares Rubin's rules; pooled bootstrap imputations and pooled χ²
// statistics have no function.
func refPoolMore(c *reftest.Case) error {
	switch {
	case c.Has("d"):
		t, err := stats.PoolChiSquares(c.Floats("d"), c.Int("k"))
		if err != nil {
			return err
		}
		c.Want("F", t.F)
		c.Want("df1", t.DF1)
		c.Want("df2", t.DF2)
		c.Want("p", t.P())
		c.Skip("r") // a part of F and df2
		return nil
	case c.Has("B"):
		c.Unused("order") // which the next lines follow
		x, d := c.Floats("estimates"), c.Int("D")
		var samples [][]float64
		for i := range c.Int("B") {
			samples = append(samples, x[i*d:i*d+d])
		}
		e, err := stats.PoolBootstrapped(samples)
		if err != nil {
			return err
		}
		ci := e.CI(levelOf(c))
		for path, v := range map[string]float64{"estimate": e.Value, "se": e.SE, "df": e.DF, "p": e.P(0), "lower": ci.Lo, "upper": ci.Hi} {
			c.Want(path, v)
		}
		return nil
	}
	q, u := c.Floats("q"), c.Floats("u")
	var es []stats.Estimate
	for i := range q {
		es = append(es, stats.Estimate{Value: q[i], SE: math.Sqrt(u[i]), DF: c.Num("dfcom")})
	}
	p, err := stats.PoolImputations(es)
	if err != nil {
		return err
	}
	ci := p.CI(levelOf(c))
	for path, v := range map[string]float64{"estimate": p.Value, "within": p.Within, "between": p.Between, "total": p.SE * p.SE, "se": p.SE,
		"riv": p.RelativeIncrease, "lambda": p.Lambda, "fmi": p.FractionMissing, "df_old": p.RubinDF, "df": p.DF, "t": p.T(0), "p": p.P(0),
		"p_less": p.PLess(0), "p_greater": p.PGreater(0), "mcse_estimate": math.Sqrt(p.Between / float64(p.M))} {
		c.Want(path, v, reftest.Tol, 1e-12)
	}
	c.Skip("df_obs") // a part of df
	for path, end := range map[string]float64{"lower": ci.Lo, "upper": ci.Hi} {
		if ref, _ := c.Ref(path); p.DF < 0.01 && !reftest.Close(end, ref, reftest.Tol, 0) {
			a := p.DF / 2
			g, _ := math.Lgamma(a + 1)
			h, _ := math.Lgamma(a + 0.5)
			x := (math.Log(1-levelOf(c)) + g - h + math.Log(math.Pi)/2) / a
			truth := p.Value + math.Copysign(p.SE*math.Exp((math.Log(p.DF)-x)/2), end-p.Value)
			c.WantTruth(path, end, truth, "qt-small-df")
			continue
		}
		c.Want(path, end, reftest.Tol, 1e-12)
	}
	return nil
}
