package topics_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
	"github.com/trialkit/trialkit/stats/table"
)

func init() { reftest.Register("strata", strataCase) }

// strataCase compares the analyses that take the strata of randomization into
// account.
func strataCase(c *reftest.Case) error {
	_, kind, _ := strings.Cut(c.ID, "/")
	switch {
	case c.Has("time"):
		return fmt.Errorf("%w: %s", reftest.ErrNoFunction, kind)
	case c.Has("dataset"):
		return strataDataCase(c, kind)
	case strings.HasPrefix(kind, "mn_stratified"):
		return strataScoreCase(c)
	case c.Has("a"):
		return strataTablesCase(c, kind)
	}
	y, strata := c.Floats("y"), c.Strs("stratum")
	arm := c.Floats("arm")
	switch kind {
	case "ancova_strata", "anova_strata":
		terms := []regress.Term{regress.Numeric("arm", arm)}
		if c.Has("base") {
			terms = append(terms, regress.Numeric("base", c.Floats("base")))
		}
		if len(sortedLevels(strata)) > 1 {
			terms = append(terms, regress.Category("stratum", strata, ""))
		}
		m, err := regress.Linear(y, terms...)
		if err != nil {
			return err
		}
		e := m.Coefficient("arm")
		ci := e.CI(0.95)
		c.Want("estimate", e.Value)
		c.Want("se", e.SE)
		c.Want("df", e.DF)
		c.Want("p", e.P(0))
		c.Want("lower", ci.Lo)
		c.Want("upper", ci.Hi)
		return nil
	case "van_elteren":
		return vanElterenCase(c, y, arm, strata)
	case "permutation_strata":
		var o resample.PermOptions
		var treated, control []float64
		for i, v := range y {
			if arm[i] == 1 {
				treated, o.TreatedBlocks = append(treated, v), append(o.TreatedBlocks, strata[i])
			} else {
				control, o.ControlBlocks = append(control, v), append(o.ControlBlocks, strata[i])
			}
		}
		p, err := resample.PermutationWith(treated, control, o)
		if err != nil {
			return err
		}
		c.Skip("statistic", "n_assignments") // of another scale; how many there are
		c.Want("p_two_sided", p.P(0))
		c.Want("p_greater", p.PGreater(0))
		c.Want("p_less", p.PLess(0))
		return nil
	}
	return fmt.Errorf("%w: %s", reftest.ErrNoFunction, kind)
}

func strataTablesCase(c *reftest.Case, kind string) error {
	if !strings.HasPrefix(kind, "mh") && !c.ExpectsError() {
		return fmt.Errorf("%w: %s", reftest.ErrNoFunction, kind)
	}
	return wantMantelHaenszel(c, strataOf(c))
}

// strataOf reads one 2×2 table a stratum.
func strataOf(c *reftest.Case) (strata []table.Stratum) {
	a, n1, x, n0 := c.Floats("a"), c.Floats("n1"), c.Floats("c"), c.Floats("n0")
	for i := range a {
		strata = append(strata, table.Stratum{Treated: table.Count{Events: int(a[i]), N: int(n1[i])}, Control: table.Count{Events: int(x[i]), N: int(n0[i])}})
	}
	return strata
}

// strataScoreCase compares the score method in strata.
func strataScoreCase(c *reftest.Case) error {
	s, err := table.RiskDifferenceStratified(strataOf(c))
	if err != nil {
		return err
	}
	ci := s.CI(levelOf(c))
	c.Want("estimate", s.Point(), reftest.Tol, 1e-15)
	c.Want("lower", ci.Lo)
	c.Want("upper", ci.Hi)
	c.Want("z0", s.Z(0), reftest.Tol, 1e-12)
	c.Want("p0", s.P(0))
	return nil
}

// strataDataCase compares analyses of the indomethacin trial in strata of its sites,
// as far as the case's call names them.
func strataDataCase(c *reftest.Case, kind string) error {
	t := readCase(c)
	arm, site := t.col("rx"), t.col("site")
	const treated = "1_indomethacin"
	switch kind {
	case "van_elteren":
		y, is := make([]float64, len(arm)), make([]float64, len(arm))
		for i, v := range t.floats("age") {
			y[i], is[i] = v, bool01(arm[i] == treated)
		}
		return vanElterenCase(c, y, is, site)
	case "mh":
		outcome := t.col("outcome")
		of := map[string]*table.Stratum{"1_UM": {}, "2_IU": {}}
		for i, s := range site {
			if of[s] == nil {
				continue // the call takes two sites
			}
			k := &of[s].Control
			if arm[i] == treated {
				k = &of[s].Treated
			}
			k.N++
			if outcome[i] == "1_yes" {
				k.Events++
			}
		}
		return wantMantelHaenszel(c, []table.Stratum{*of["1_UM"], *of["2_IU"]})
	}
	return fmt.Errorf("%w: %s", reftest.ErrNoFunction, kind)
}

func vanElterenCase(c *reftest.Case, y, arm []float64, strata []string) error {
	levels := sortedLevels(strata)
	treated, control := make([][]float64, len(levels)), make([][]float64, len(levels))
	for i, v := range y {
		k := slices.Index(levels, strata[i])
		if arm[i] == 1 {
			treated[k] = append(treated[k], v)
		} else {
			control[k] = append(control[k], v)
		}
	}
	v, err := rank.VanElteren(treated, control)
	if err != nil {
		return refused(c, err, "z")
	}
	c.Skip("statistic", "expected", "variance") // z is their quotient
	c.Want("z", v.Z, reftest.Tol, 1e-12)
	c.Want("p", v.P())
	return nil
}

// wantMantelHaenszel compares the test and the three common contrasts.
func wantMantelHaenszel(c *reftest.Case, strata []table.Stratum) error {
	m, err := table.MantelHaenszel(strata)
	if err != nil {
		return refused(c, err, "cmh.chisq")
	}
	if c.ExpectsError() {
		c.Refused(nil, "a stratum without one of the arms has no weight")
		return nil
	}
	level := levelOf(c)
	c.Want("cmh.chisq", m.CMH.X2)
	c.Want("cmh.p", m.CMH.P())
	c.Want("cmh.chisq_cc", m.Corrected.X2, reftest.Tol, 1e-12)
	c.Skip("rd.se_greenland_robins") // another variance than ours
	if rd, err := table.MantelHaenszelRiskDifference(strata); err != nil {
		return err
	} else {
		ci := rd.CI(level)
		c.Want("rd.estimate", rd.Value, reftest.Tol, 1e-15)
		c.Want("rd.se_sato", rd.SE)
		c.Want("rd.lower", ci.Lo)
		c.Want("rd.upper", ci.Hi)
		c.Want("rd.p", rd.P(0))
	}
	for path, f := range map[string]func([]table.Stratum) (stats.Ratio, error){"rr": table.MantelHaenszelRiskRatio, "or": table.MantelHaenszelOddsRatio} {
		r, err := f(strata)
		if err != nil {
			return err
		}
		ci := r.CI(level)
		c.Want(path+".estimate", r.Point())
		c.Want(path+".se_log", r.Log.SE)
		c.Want(path+".lower", ci.Lo)
		c.Want(path+".upper", ci.Hi)
	}
	return nil
}
