package topics_test

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/trialkit/trialkit/stats"
	"github.com/trialkit/trialkit/stats/internal/reftest"
	"github.com/trialkit/trialkit/stats/regress"
)

func init() {
	reftest.Exceptions(
		reftest.Finding{
			Code: "posthoc-ptukey", Topic: "posthoc", Bound: 1e-4,
			Text: "R's ptukey and qtukey err from the fourth digit on at few degrees of freedom, intervals with them (the bound holds for p-values and for the coverage at an interval's critical value). Truth: nested quadrature of the studentized range, its quantile by one Newton step.",
		},
		reftest.Finding{
			Code: "rstatix-three-digits", Topic: "posthoc", Bound: 6e-4,
			Text: "rstatix prints adjusted p-values to three decimals (5e-4), after ptukey (1e-4). Truth: nested quadrature of the studentized range.",
		},
		reftest.Finding{
			Code: "ptukey-two-df", Topic: "posthoc", None: true,
			Text: "R's ptukey has no answer below two degrees of freedom. Truth: nested quadrature.",
		},
		reftest.Finding{
			Code: "multcomp-monte-carlo", Topic: "posthoc", Bound: 1e-3,
			Text: "multcomp integrates the multivariate t by quasi Monte Carlo, to an absolute error of abseps = 1e-3 in probability, which is the bound for a p-value and for the coverage at its critical value. Truth: nested quadrature over the common factor and the standard deviation.",
		},
		reftest.Finding{
			Code: "dunnett-uniroot", Topic: "posthoc", Bound: 1e-7,
			Text: "the critical value is a uniroot answer with tolerance 1e-9 on R's integrate. Truth: one Newton step with nested quadrature.",
		})
	reftest.Register("posthoc", refPostHoc)
}

// namedGroups splits v by g, groups in the order of their sorted names.
func namedGroups(c *reftest.Case) (names []string, groups [][]float64) {
	v, g := c.Floats("v"), c.Strs("g")
	var labels []any
	c.In("g", &labels)
	names = slices.Clone(g)
	slices.SortFunc(names, func(a, b string) int {
		x, err := strconv.ParseFloat(a, 64)
		y, err2 := strconv.ParseFloat(b, 64)
		if _, text := labels[0].(string); !text && err == nil && err2 == nil {
			return cmp.Compare(x, y) // a factor of numbers has them in order
		}
		return cmp.Compare(a, b)
	})
	names = slices.Compact(names)
	groups = make([][]float64, len(names))
	for i, name := range g {
		k := slices.Index(names, name)
		groups[k] = append(groups[k], v[i])
	}
	return names, groups
}

// leaf is the path of element i of an array, which R writes as a bare value
// when there is only one.
func leaf(c *reftest.Case, path string, i int) string {
	if p := path + "." + strconv.Itoa(i); c.HasPath(p) {
		return p
	}
	if i > 0 {
		c.Fail("no element %d of %s", i, path)
	}
	return path
}

func refPostHoc(c *reftest.Case) error {
	names, groups := namedGroups(c)
	if c.ExpectsError() && kindOf(c) == "dunnett_crit_exact" {
		_, err := regress.DunnettTest(groups[1:], groups[0])
		c.Refused(err, "the reference's expression takes numbers of groups for their places")
		return nil
	}
	switch kind := kindOf(c); {
	case kind == "tukey":
		return refTukeyHSD(c, groups)
	case kind == "games_howell":
		return refGamesHowell(c, groups)
	case kind == "dunnett":
		return refDunnett(c, groups)
	case kind == "dunnett_crit_exact":
		return refDunnettExact(c, groups)
	case kind == "scheffe":
		return refScheffe(c, groups)
	case strings.HasPrefix(kind, "pairwise_t_"):
		return refPairwiseT(c, names, groups, c.Str("adj"))
	}
	return fmt.Errorf("no mapping for %s", c.ID)
}

// wantRange compares a p-value and an interval of the studentized range: with
// the peer, or where that is off with the truth under the finding.
func wantRange(c *reftest.Case, m regress.MeanDifference, k int, p, lo, hi string, pFinding, ciFinding string) {
	df := m.DF
	if m.SE > 0 && !noNumber(c, p) || pFinding == "ptukey-two-df" {
		wantOr(c, p, m.P(0), pFinding, func() float64 {
			return rangeTail(math.Sqrt2*math.Abs(m.T(0)), float64(k), df)
		})
	}
	ci := m.CI(0.95)
	l, ok := c.Ref(lo)
	u, _ := c.Ref(hi)
	if ok && reftest.Close(ci.Lo, l, reftest.Tol, 0) && reftest.Close(ci.Hi, u, reftest.Tol, 0) {
		c.Want(lo, ci.Lo)
		c.Want(hi, ci.Hi)
		return
	}
	q := trueQuantile(0.95, m.Critical(0.95)*math.Sqrt2, func(q float64) float64 { return trueTukey(q, float64(k), df) })
	h := q / math.Sqrt2 * m.SE
	for path, v := range map[string][2]float64{lo: {ci.Lo, m.Value - h}, hi: {ci.Hi, m.Value + h}} {
		c.WantTruthBy(path, v[0], v[1], ciFinding, func(ref float64) bool {
			if math.IsNaN(ref) {
				return ciFinding == "ptukey-two-df"
			}
			q := math.Abs(ref-m.Value) / m.SE * math.Sqrt2
			return math.Abs(trueTukey(q, float64(k), df)-0.95) <= reftest.BoundOf("posthoc-ptukey")
		})
	}
}

// wantDifference compares a difference of two means over a scale with the peer,
// or, where an offset has cost the peer its digits, with exact arithmetic.
func wantDifference(c *reftest.Case, path string, got float64, groups [][]float64, m regress.MeanDifference, scale float64) {
	if ref, _ := c.Ref(path); reftest.Close(got, ref, reftest.Tol, 1e-13) {
		c.Want(path, got, reftest.Tol, 1e-13)
		return
	}
	first, second := m.A, m.B
	if second < 0 { // Dunnett's control, which the cases put first
		first, second = first+1, 0
	}
	_, _, a := exactMoments(groups[first])
	_, _, b := exactMoments(groups[second])
	d, _ := new(big.Float).SetPrec(300).Sub(a, b).Float64()
	truth := math.Copysign(d/scale, got)
	// Two means of groups and that of all, which each is taken from and given
	// back to: six roundings by half a spacing.
	c.WantTruthWithin(path, got, truth, "mean-difference-rounding", 3*spacing(largest(groups...))*math.Max(1, 1/scale))
}

// rangeTail is the upper tail of the studentized range: one minus nested
// quadrature, or where that would cancel the quadrature of the tail itself.
func rangeTail(q, k, df float64) float64 {
	if p := 1 - trueTukey(q, k, df); p > 1e-4 || df < 10 {
		return p
	}
	return tukeyTail(q, k, df)
}

func refTukeyHSD(c *reftest.Case, groups [][]float64) error {
	ms, err := regress.TukeyHSD(groups...)
	if err != nil {
		return refusedConstant(c, groups, err)
	}
	for i, m := range ms {
		wantDifference(c, leaf(c, "diff", i), m.Value, groups, m, 1)
		wantRange(c, m, len(groups), leaf(c, "p", i), leaf(c, "lwr", i), leaf(c, "upr", i), "posthoc-ptukey", "posthoc-ptukey")
	}
	return nil
}

func refGamesHowell(c *reftest.Case, groups [][]float64) error {
	ms, err := regress.GamesHowell(groups...)
	if one := slices.ContainsFunc(groups, func(g []float64) bool { return len(g) == 1 }); one && errors.Is(err, stats.ErrTooFew) {
		c.Refused(err, "")
		return nil
	}
	if err != nil {
		return refusedConstant(c, groups, err)
	}
	for i, m := range ms {
		c.Want(leaf(c, "n1", i), float64(len(groups[m.B])))
		c.Want(leaf(c, "n2", i), float64(len(groups[m.A])))
		wantDifference(c, leaf(c, "estimate", i), m.Value, groups, m, 1)
		c.Want(leaf(c, "se", i), m.SE/math.Sqrt2)
		wantDifference(c, leaf(c, "statistic", i), math.Abs(m.T(0)), groups, m, m.SE)
		c.Want(leaf(c, "df", i), m.DF)
		p, ci := "rstatix-three-digits", "posthoc-ptukey"
		if noNumber(c, leaf(c, "p.adj", i)) {
			p, ci = "ptukey-two-df", "ptukey-two-df"
		}
		wantRange(c, m, len(groups), leaf(c, "p.adj", i), leaf(c, "conf.low", i), leaf(c, "conf.high", i), p, ci)
	}
	return nil
}

// trueDunnett is P(all |T_i| ≤ q) of comparisons with a control, by quadrature
// of the defining integral.
func trueDunnett(q float64, sizes []float64, df float64) float64 {
	return overChi(df, func(s float64) float64 {
		return gauss(func(z float64) float64 {
			r := phi(z)
			for _, n := range sizes[1:] {
				l := math.Sqrt(n / (n + sizes[0]))
				e := math.Sqrt(sizes[0] / (n + sizes[0]))
				r *= cap0((q*s+l*z)/e) - cap0((-q*s+l*z)/e)
			}
			return r
		}, -9, -3, 0, 3, 9)
	})
}

func groupSizes(groups [][]float64) []float64 {
	var n []float64
	for _, g := range groups {
		n = append(n, float64(len(g)))
	}
	return n
}

func refDunnett(c *reftest.Case, groups [][]float64) error {
	ms, err := regress.DunnettTest(groups[1:], groups[0])
	if err != nil {
		return refusedConstant(c, groups, err)
	}
	const finding = "multcomp-monte-carlo"
	n := groupSizes(groups)
	for i, m := range ms {
		wantDifference(c, leaf(c, "estimate", i), m.Value, groups, m, 1)
		c.Want(leaf(c, "se", i), m.SE)
		wantDifference(c, leaf(c, "t", i), m.T(0), groups, m, m.SE)
		wantOr(c, leaf(c, "p", i), m.P(0), finding, func() float64 { return 1 - trueDunnett(math.Abs(m.T(0)), n, m.DF) })
		q := trueQuantile(0.95, m.Critical(0.95), func(q float64) float64 { return trueDunnett(q, n, m.DF) })
		ci := m.CI(0.95)
		covers := func(ref float64) bool {
			return math.Abs(trueDunnett(math.Abs(ref-m.Value)/m.SE, n, m.DF)-0.95) <= reftest.BoundOf(finding)
		}
		wantOrBy(c, leaf(c, "lwr", i), ci.Lo, m.Value-q*m.SE, finding, covers)
		wantOrBy(c, leaf(c, "upr", i), ci.Hi, m.Value+q*m.SE, finding, covers)
	}
	return nil
}

func refDunnettExact(c *reftest.Case, groups [][]float64) error {
	ms, err := regress.DunnettTest(groups[1:], groups[0])
	if err != nil {
		return refusedConstant(c, groups, err)
	}
	n := groupSizes(groups)
	for i, m := range ms {
		c.Want(leaf(c, "t", i), m.T(0), reftest.Tol, 1e-13)
		// The reference is 1 − a quadrature to 1e-10.
		c.Want(leaf(c, "p", i), m.P(0), reftest.Tol, 1e-10)
	}
	q := ms[0].Critical(0.95)
	wantOr(c, "crit95", q, "dunnett-uniroot", func() float64 {
		return trueQuantile(0.95, q, func(q float64) float64 { return trueDunnett(q, n, ms[0].DF) })
	})
	return nil
}

func refScheffe(c *reftest.Case, groups [][]float64) error {
	ms, err := regress.ComparePairs(groups, regress.PairOptions{Adjust: regress.Scheffe})
	if err != nil {
		return refusedConstant(c, groups, err)
	}
	for i, m := range ms {
		// emmeans subtracts the later group.
		c.Want(leaf(c, "estimate", i), -m.Value, reftest.Tol, 1e-13)
		c.Want(leaf(c, "SE", i), m.SE)
		c.Want(leaf(c, "df", i), m.DF)
		c.Want(leaf(c, "t.ratio", i), -m.T(0), reftest.Tol, 1e-13)
		c.Want(leaf(c, "p.value", i), m.P(0))
	}
	return nil
}

// allMissing reports whether no leaf below the path is a number.
func allMissing(c *reftest.Case, path string) bool {
	for _, p := range c.Paths() {
		if strings.HasPrefix(p, path) && !noNumber(c, p) {
			return false
		}
	}
	return true
}

func refPairwiseT(c *reftest.Case, names []string, groups [][]float64, adjust string) error {
	ms, err := regress.ComparePairs(groups, regress.PairOptions{Adjust: stats.NoAdjustment})
	if err != nil {
		return refusedConstant(c, groups, err)
	}
	var ps []float64
	for _, m := range ms {
		ps = append(ps, m.P(0))
	}
	if adjust == "fdr" { // R's other name
		adjust = "BH"
	}
	if one := slices.ContainsFunc(groups, func(g []float64) bool { return len(g) == 1 }); one && allMissing(c, "values") {
		c.Refused(nil, "R pools sd() of each group, NA for one value; its variance is not used here")
		return nil
	}
	ps, err = stats.AdjustPWith(ps, stats.AdjustOptions{Method: stats.Adjustment(adjust)})
	if err != nil {
		return err
	}
	for i, m := range ms {
		path := fmt.Sprintf("values.%d.%d", m.A-1, m.B)
		for _, p := range []string{path, fmt.Sprintf("values.%d", m.A-1), "values", ""} {
			if c.HasPath(p) {
				path = p
				break
			}
		}
		c.Want(path, ps[i])
		if adjust == "bonferroni" { // the same as simultaneous intervals
			b, err := regress.ComparePairs(groups, regress.PairOptions{Adjust: stats.Bonferroni})
			if err != nil {
				return err
			}
			c.Want(path, b[i].P(0))
		}
	}
	c.Skip("rownames", "colnames")
	_ = names
	return nil
}
