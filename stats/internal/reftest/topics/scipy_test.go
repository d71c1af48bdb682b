package topics_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/rank"
	"github.com/trialkit/trialkit/stats/regress"
	"github.com/trialkit/trialkit/stats/resample"
)

// pythonHandlers maps a topic to handlers by the beginning of the id's last
// part ("p_ties/mwu_exact_less" is found under "mwu_exact"). The longest
// prefix wins. Handlers of other files add themselves in their init with
// addPython.
var pythonHandlers = map[string]map[string]reftest.Handler{}

// addPython adds the handler of a method; the first of a topic registers it.
func addPython(topic, prefix string, h reftest.Handler) {
	if pythonHandlers[topic] == nil {
		pythonHandlers[topic] = map[string]reftest.Handler{}
		reftest.Register(topic, func(c *reftest.Case) error {
			kind := c.ID[strings.LastIndex(c.ID, "/")+1:]
			best := ""
			for p := range pythonHandlers[topic] {
				if strings.HasPrefix(kind, p) && len(p) > len(best) {
					best = p
				}
			}
			if best == "" {
				return fmt.Errorf("%w: %s", reftest.ErrNoFunction, c.ID)
			}
			return pythonHandlers[topic][best](c)
		})
	}
	if pythonHandlers[topic][prefix] != nil {
		panic("two handlers for " + topic + " " + prefix)
	}
	pythonHandlers[topic][prefix] = h
}

func init() {
	reftest.Exceptions(
		reftest.Finding{Code: "scipy-all-tied", Topic: "scipy_two_sample", None: true,
			Text: "With all values tied SciPy divides zero by zero. Truth: every arrangement has the same rank sum, so p = 1."},
		reftest.Finding{Code: "scipy-offset", Topic: "scipy_two_sample",
			Text: "SciPy subtracts rounded means, which around 1e9 leaves seven digits (the bound is the spacing of float64 at the data, over the standard error). Truth: means of the values less a common offset, whose subtraction is exact."},
	)
	addPython("scipy_two_sample", "mwu_", refScipyMWU)
	addPython("scipy_two_sample", "brunnermunzel_", refScipyBM)
	addPython("scipy_two_sample", "ttest_welch", func(c *reftest.Case) error {
		e, err := stats.Welch(present(c.Floats("x")), present(c.Floats("y")))
		if t := refOf(c, "t"); errors.Is(err, stats.ErrNoVariation) && (math.IsNaN(t) || math.IsInf(t, 0)) {
			c.Refused(err, "")
			return nil
		}
		if err != nil {
			return err
		}
		if t := refOf(c, "t"); !reftest.Close(t, e.T(0), reftest.Tol, 1e-12) {
			t, df := plainWelch(c.Floats("x"), c.Floats("y"))
			bound := meanRounding(present(c.Floats("x")), present(c.Floats("y")))
			c.WantTruthWithin("t", e.T(0), t, "scipy-offset", bound)
			c.WantTruthWithin("p", e.P(0), 2*distuv.StudentsT{Sigma: 1, Nu: df}.Survival(math.Abs(t)), "scipy-offset", bound)
			return nil
		}
		c.Want("t", e.T(0), reftest.Tol, 1e-12)
		c.Want("p", e.P(0))
		return nil
	})
	addPython("scipy_two_sample", "levene_median", func(c *reftest.Case) error {
		f, err := regress.BrownForsythe(present(c.Floats("x")), present(c.Floats("y")))
		if w := refOf(c, "W"); errors.Is(err, stats.ErrNoVariation) && (math.IsNaN(w) || math.IsInf(w, 0)) {
			c.Refused(err, "")
			return nil
		}
		if err != nil {
			return err
		}
		c.Want("W", f.F)
		c.Want("p", f.P())
		return nil
	})
	addPython("scipy_two_sample", "permutation_test", func(c *reftest.Case) error {
		e, err := resample.Permutation(present(c.Floats("x")), present(c.Floats("y")))
		if err != nil {
			return err
		}
		x, y := present(c.Floats("x")), present(c.Floats("y"))
		diff := 0.0 // of means, without the common offset
		for _, v := range x {
			diff += (v - x[0]) / float64(len(x))
		}
		for _, v := range y {
			diff -= (v - x[0]) / float64(len(y))
		}
		if ref := refOf(c, "statistic"); math.Abs(ref-diff) > 1e-12*math.Max(1, math.Abs(diff)) {
			c.WantTruthWithin("statistic", e.Point(), diff, "scipy-offset", meanRounding(x, y))
		} else {
			c.Want("statistic", e.Point(), reftest.Tol, 1e-12)
		}
		switch alt := c.Str("alternative"); alt {
		case "two-sided": // SciPy doubles the smaller tail
			c.Want("p", math.Min(1, 2*math.Min(e.PLess(0), e.PGreater(0))))
		default:
			c.Want("p", tailOf(e, alt, 0))
		}
		return nil
	})
	addPython("scipy_paired", "wilcoxon_", refScipyWilcoxon)
	addPython("pingouin", "mwu", refPingouinMWU)
	addPython("pingouin", "es_CLES", func(c *reftest.Case) error {
		c.Unused("eftype") // the id has it
		s, err := rank.MannWhitney(present(c.Floats("x")), present(c.Floats("y")))
		if err != nil {
			return err
		}
		c.Want("", s.PSuperior())
		return nil
	})
}

// plainWelch is Welch's t of values less a common offset.
func plainWelch(x, y []float64) (t, df float64) {
	offset := present(x)[0]
	moments := func(v []float64) (mean, se2, n float64) {
		v = present(v)
		n = float64(len(v))
		for _, a := range v {
			mean += (a - offset) / n
		}
		for _, a := range v {
			se2 += (a - offset - mean) * (a - offset - mean) / (n * (n - 1))
		}
		return
	}
	a, va, m := moments(x)
	b, vb, n := moments(y)
	return (a - b) / math.Sqrt(va+vb), (va + vb) * (va + vb) / (va*va/(m-1) + vb*vb/(n-1))
}

// refScipyMWU: SciPy's "exact" ignores ties; its cases have none.
func refScipyMWU(c *reftest.Case) error {
	x, y := present(c.Floats("x")), present(c.Floats("y"))
	var o rank.Options
	if strings.Contains(c.ID, "mwu_asym") {
		o.Method = rank.Asymptotic
		o.NoContinuity = c.Num("use_continuity") == 0
	}
	s, err := rank.MannWhitneyWith(x, y, o)
	if err != nil {
		return err
	}
	c.Want("U", s.U())
	p := tailOf(s, c.Str("alternative"), 0)
	if all := append(slices.Clone(x), y...); slices.Min(all) == slices.Max(all) {
		c.WantTruth("p", p, 1, "scipy-all-tied")
		return nil
	}
	c.Want("p", p)
	return nil
}

// refScipyBM: SciPy's W is positive where y tends to be larger.
func refScipyBM(c *reftest.Case) error {
	s, err := rank.BrunnerMunzel(present(c.Floats("x")), present(c.Floats("y")))
	if p := refOf(c, "p"); errors.Is(err, stats.ErrNoVariation) && math.IsNaN(p) || c.ExpectsError() {
		c.Refused(err, "")
		return nil
	}
	if err != nil {
		return err
	}
	c.Want("W", -s.T(0.5), reftest.Tol, 1e-12)
	c.Want("p", tailOf(s, c.Str("alternative"), 0.5), reftest.Tol, 1e-15) // SciPy takes 1 − CDF
	return nil
}

func refScipyWilcoxon(c *reftest.Case) error {
	x, y := completePairs(c.Floats("x"), c.Floats("y"))
	d := make([]float64, len(x))
	for i := range x {
		d[i] = x[i] - y[i]
	}
	zeros := map[string]rank.ZeroMethod{"wilcox": rank.ZerosWilcoxon, "pratt": rank.ZerosPratt, "zsplit": rank.ZerosSplit}
	s, err := rank.SignedRankWith(d, rank.SignedRankOptions{
		Zeros: zeros[c.Str("zero_method")], Method: rank.Asymptotic, NoContinuity: c.Num("correction") == 0,
	})
	if err != nil {
		return err
	}
	if c.ExpectsError() {
		c.Refused(nil, "all-zero differences give p = 1; SignedRank's comment says so")
		return nil
	}
	alt := c.Str("alternative")
	v := s.V()
	if alt == "two-sided" { // the smaller of the positive and negative sums
		if r := s.RankBiserial(); r > 0 {
			v *= (1 - r) / (1 + r)
		}
	}
	c.Want("W", v)
	c.Want("p", tailOf(s, alt, 0))
	return nil
}

// refPingouinMWU: pingouin calls SciPy with method "auto": exact when one
// sample has at most 8 values and there are no ties.
func refPingouinMWU(c *reftest.Case) error {
	x, y := present(c.Floats("x")), present(c.Floats("y"))
	var o rank.Options
	if min(len(x), len(y)) > 8 || tiedPool(x, y) {
		o.Method = rank.Asymptotic
	}
	s, err := rank.MannWhitneyWith(x, y, o)
	if err != nil {
		return err
	}
	c.Want("U_val", s.U())
	c.Want("p_val", s.P(0))
	c.Want("RBC", s.RankBiserial(), reftest.Tol, 1e-15) // 1 − 2U/mn rounds near zero
	c.Want("CLES", s.PSuperior())
	return nil
}
